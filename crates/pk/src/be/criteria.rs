//! What does each regulator ask for?
//!
//! The rules are data (`data/be_criteria.toml`): name, regulator, guideline, date, limits, rounding. A guideline that changes
//! is a new entry beside the old one, so that a study is judged by the edition that held for it.
//!
//! # Where regulators differ
//! * EMA widens limits for Cmax only, Health Canada for AUC only; both by exp(∓0.760 s_wR), capped at CV_wR 50 % and 57.4 %.
//! * GCC's guideline has fixed limits 75.00–133.33 % for Cmax above 30 %; an edition of 2022 is reported to follow EMA.
//! * FDA does not widen limits but bounds (μ_T − μ_R)² − θ s²_wR, see [`super::scaled`].
//! * Health Canada rounds to one decimal and of Cmax judges the point estimate only; the others round to two.

use serde::{Deserialize, Serialize};
use std::sync::OnceLock;

/// A regulator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Regulator {
    /// European Medicines Agency.
    Ema,
    /// U.S. Food and Drug Administration.
    Fda,
    /// Health Canada.
    Hc,
    /// Gulf Cooperation Council.
    Gcc,
}

impl Regulator {
    /// All, in the order in which they are shown.
    pub const ALL: [Self; 4] = [Self::Ema, Self::Fda, Self::Hc, Self::Gcc];

    /// Its usual name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ema => "EMA",
            Self::Fda => "FDA",
            Self::Hc => "Health Canada",
            Self::Gcc => "GCC",
        }
    }
}

/// The kind of pharmacokinetic parameter that is compared, where rules differ by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Metric {
    /// Extent: an area under the curve.
    Auc,
    /// Rate: the highest concentration.
    Cmax,
}

/// The kind of rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rule {
    /// The interval within fixed limits.
    Abe,
    /// The interval within the narrower limits for narrow therapeutic index drugs.
    Narrow,
    /// Limits expanded with the reference's variability.
    Abel,
    /// Fixed wider limits for a highly variable reference.
    Widened,
    /// FDA's reference-scaled average bioequivalence.
    Rsabe,
    /// FDA's criterion for narrow therapeutic index drugs.
    Ntid,
}

/// One dated rule of one regulator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    /// Stable name, `ema-abel`.
    pub id: String,
    /// Whose rule it is.
    pub regulator: Regulator,
    /// What kind of rule it is.
    pub rule: Rule,
    /// Document and section.
    pub guideline: String,
    /// Date of the document (year, month, day as far as it is known).
    pub dated: String,
    /// Where the numbers were read: the document itself, or who quotes it.
    pub source: String,
    /// Parameters that the rule is for; empty: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<Metric>,
    /// Limits of the ratio, in percent, before any widening.
    pub limits_pct: [f64; 2],
    /// Decimals of a percentage to which interval and estimate are rounded before they are judged.
    pub round_decimals: u8,
    /// Regulatory constant of expanded limits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub k: Option<f64>,
    /// CV_wR in percent above which limits widen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub switch_cv_pct: Option<f64>,
    /// CV_wR in percent at which limits stop widening.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap_cv_pct: Option<f64>,
    /// Fixed wider limits, in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub widened_limits_pct: Option<[f64; 2]>,
    /// Limits of the point estimate, in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pe_limits_pct: Option<[f64; 2]>,
    /// Parameters of which only the point estimate is judged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub point_estimate_only: Vec<Metric>,
    /// Regulatory standard deviation of FDA's criteria.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sigma_w0: Option<f64>,
    /// s_wR from which FDA's scaling is allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub switch_s_w: Option<f64>,
    /// Limit of the upper bound of σ_wT/σ_wR.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ratio_upper_limit: Option<f64>,
    /// What a reader of the decision should know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
}

#[derive(Deserialize)]
struct Table {
    criterion: Vec<Criterion>,
}

/// All criteria, in the order of the table.
pub fn all() -> &'static [Criterion] {
    static TABLE: OnceLock<Vec<Criterion>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let text = include_str!("../../data/be_criteria.toml");
        let table: Table = toml::from_str(text)
            .unwrap_or_else(|e| panic!("be_criteria.toml is part of croft and must be readable: {e}"));
        table.criterion
    })
}

/// The latest rule of this kind of a regulator, if it has one for this kind of parameter. Without a parameter the first entry of that date.
pub fn find(regulator: Regulator, rule: Rule, metric: Option<Metric>) -> Option<&'static Criterion> {
    let fits = |c: &&Criterion| metric.is_none_or(|m| c.metrics.is_empty() || c.metrics.contains(&m));
    let of = all().iter().filter(|c| c.regulator == regulator && c.rule == rule).filter(fits);
    of.reduce(|best, c| if c.dated > best.dated { c } else { best })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_regulator_has_average_bioequivalence_and_names_are_unique() {
        for regulator in Regulator::ALL {
            assert!(find(regulator, Rule::Abe, None).is_some(), "{}", regulator.name());
        }
        let mut ids: Vec<_> = all().iter().map(|c| &c.id).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), all().len());
    }

    #[test]
    fn each_rule_has_the_numbers_that_it_needs() {
        for c in all() {
            let complete = match c.rule {
                Rule::Abe | Rule::Narrow => true,
                Rule::Abel => {
                    c.k.is_some() && c.switch_cv_pct.is_some() && c.cap_cv_pct.is_some() && c.pe_limits_pct.is_some()
                }
                Rule::Widened => {
                    c.switch_cv_pct.is_some() && c.widened_limits_pct.is_some() && c.pe_limits_pct.is_some()
                }
                Rule::Rsabe => c.sigma_w0.is_some() && c.switch_s_w.is_some() && c.pe_limits_pct.is_some(),
                Rule::Ntid => c.sigma_w0.is_some() && c.ratio_upper_limit.is_some(),
            };
            assert!(complete, "{}", c.id);
        }
    }
}
