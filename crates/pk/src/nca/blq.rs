//! What does a sample below the limit of quantification count as?
//!
//! It depends on where it stands: before the first measurable sample, between measurable ones, or after the last.
//! The rules are named and versioned; a study names one in its analysis plan, and each result carries the name.
//! With samples at 0, 1, 2, 4, 8, 12, 24 h measured as `BLQ 5 BLQ 3 1 BLQ BLQ`:
//! ```text
//! time (h)                  0    1    2    4    8   12   24
//! measured                BLQ    5  BLQ    3    1  BLQ  BLQ
//! zero                      0    5    0    3    1    0    0
//! drop-middle               0    5    ·    3    1    0    0
//! missing-after             0    5    ·    3    1    ·    ·
//! half-lloq-middle          0    5    ½    3    1    ·    ·      ½ = LLOQ/2
//! missing                   ·    5    ·    3    1    ·    ·
//! ```
//! Where packages differ: Phoenix WinNonlin reads zeros as zeros (`zero`); PKNCA drops the middle ones and keeps the others
//! (`drop-middle`). The same profile can have areas of 18 and 23. A dropped middle sample is bridged by the
//! trapezium of its neighbours. Values imputed between measurable ones are in the areas, never in the regression for lambda_z;
//! the last measurable sample (t_last) is always a measured one.

use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// A rule for samples below the limit of quantification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BlqRule {
    /// 0 everywhere.
    Zero,
    /// 0 before, missing between, 0 after.
    DropMiddle,
    /// 0 before, missing between, missing after.
    MissingAfter,
    /// 0 before, half the limit between, missing after.
    HalfLloqMiddle,
    /// Missing everywhere.
    Missing,
}

/// What a BLQ sample counts as at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CountsAs {
    /// A concentration of 0.
    Zero,
    /// No sample.
    Missing,
    /// Half the lower limit of quantification.
    HalfLloq,
}

/// A rule as the table has it.
#[derive(Clone, Copy, Debug)]
pub struct BlqEntry {
    /// The rule.
    pub rule: BlqRule,
    /// Its name on the command line and in results.
    pub name: &'static str,
    /// Raised when the meaning of the name changes.
    pub version: u32,
    /// Before the first measurable sample.
    pub before: CountsAs,
    /// Between measurable samples.
    pub between: CountsAs,
    /// After the last measurable sample.
    pub after: CountsAs,
}

/// All rules.
pub const BLQ_RULES: [BlqEntry; 5] = {
    use CountsAs::{HalfLloq, Missing, Zero};
    const fn entry(rule: BlqRule, name: &'static str, places: [CountsAs; 3]) -> BlqEntry {
        BlqEntry { rule, name, version: 1, before: places[0], between: places[1], after: places[2] }
    }
    [
        entry(BlqRule::Zero, "zero", [Zero, Zero, Zero]),
        entry(BlqRule::DropMiddle, "drop-middle", [Zero, Missing, Zero]),
        entry(BlqRule::MissingAfter, "missing-after", [Zero, Missing, Missing]),
        entry(BlqRule::HalfLloqMiddle, "half-lloq-middle", [Zero, HalfLloq, Missing]),
        entry(BlqRule::Missing, "missing", [Missing, Missing, Missing]),
    ]
};

impl BlqRule {
    /// The rule's row in the table.
    pub fn entry(self) -> &'static BlqEntry {
        &BLQ_RULES[self as usize]
    }

    /// The rule's name.
    pub fn name(self) -> &'static str {
        self.entry().name
    }
}

impl FromStr for BlqRule {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        BLQ_RULES.iter().find(|e| e.name == name).map(|e| e.rule).ok_or_else(|| {
            let names: Vec<_> = BLQ_RULES.iter().map(|e| e.name).collect();
            format!("no BLQ rule is named `{name}`; there are {}", names.join(", "))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_is_found_by_its_name() {
        for (at, entry) in BLQ_RULES.iter().enumerate() {
            assert_eq!(entry.name.parse::<BlqRule>(), Ok(entry.rule));
            assert_eq!(entry.rule as usize, at, "{} stands at another place than its variant", entry.name);
        }
        assert!("keep".parse::<BlqRule>().unwrap_err().contains("drop-middle"));
    }
}
