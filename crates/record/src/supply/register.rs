//! How do kits come in? Counted by arm by who is unblinded; numbered at random, so that a number tells nothing of what is inside.

use super::project::{DepotOpened, KitsRegistered, NewKit};
use crate::access::{Operation, Scope};
use crate::door::{self, Caller, Command, Work};
use crate::key::key;
use crate::refusal::Refusal;
use crate::space;
use crate::vault::draw::StudyVault;
use crate::vault::{Vault, kit_name};
use croft_core::PartialDate;
use croft_ledger::View;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Most kits of one registration.
const MOST: u32 = 10_000;
/// Digits of a kit's number.
const DIGITS: u32 = 6;

/// Opens a depot.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the words say it")]
pub struct OpenDepot {
    pub study: String,
    pub depot: String,
    pub name: String,
}

impl Command for OpenDepot {
    type Done = ();
    const OPERATION: Operation = Operation::SupplyManage;

    fn scope(&self, _view: &dyn View) -> Result<Scope, Refusal> {
        Ok(Scope::study(&self.study))
    }

    fn run(self, work: &mut Work<'_, '_>) -> Result<(), Refusal> {
        work.open_study(&self.study)?;
        let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if self.depot.is_empty() || !self.depot.chars().all(letters) {
            return Err(Refusal::invalid("depot", "is no code", "take letters, digits and hyphens"));
        }
        let opened = DepotOpened { study: self.study.clone(), depot: self.depot, name: self.name };
        work.append(&self.study, "supply", "depot.opened/1", &opened, "")?;
        Ok(())
    }
}

/// Kits that were packed.
#[derive(Clone)]
pub struct NewKits {
    /// The study.
    pub study: String,
    /// The depot that has them.
    pub depot: String,
    /// The packaging run: the same for kits of all arms, or it would tell them apart.
    pub lot: String,
    /// The last day on which they may be used, ISO 8601; the same for all arms.
    pub expires: String,
    /// How many of each arm, by its code.
    pub arms: BTreeMap<String, u32>,
}

struct Register {
    new: NewKits,
    vault: Arc<StudyVault>,
}

/// A kit with what is in it: for who packs.
pub struct PackedKit {
    /// Its number.
    pub number: String,
    /// The arm's code.
    pub arm: String,
}

impl Vault {
    /// Registers kits; their numbers with what is in them, for the labels, in the order of the numbers. That they were told is an event.
    pub fn register_kits(&self, caller: &Caller, new: NewKits) -> Result<Vec<PackedKit>, Refusal> {
        let vault = self.opened(&new.study)?;
        self.record().execute(caller, Register { new, vault })
    }
}

impl Command for Register {
    type Done = Vec<PackedKit>;
    const OPERATION: Operation = Operation::SupplyManage;

    fn scope(&self, _view: &dyn View) -> Result<Scope, Refusal> {
        Ok(Scope::study(&self.new.study))
    }

    fn run(self, work: &mut Work<'_, '_>) -> Result<Vec<PackedKit>, Refusal> {
        let Self { new, vault } = self;
        let study = work.open_study(&new.study)?;
        let (_, definition) = work.current_version(&study)?;
        super::depot(work.tx, &new.study, &new.depot)?;
        let day = PartialDate::parse(&new.expires).ok().and_then(|date| date.date());
        if day.is_none_or(|day| day.to_string() != new.expires) {
            return Err(Refusal::invalid(
                "expires",
                format!("`{}` is no day", new.expires),
                "write it like 2027-06-30",
            ));
        }
        let known: Vec<&str> = definition.definition.arms.iter().map(|arm| arm.code.as_str()).collect();
        if let Some(strange) = new.arms.keys().find(|arm| !known.contains(&arm.as_str())) {
            let message = format!("study.toml has no arm `{strange}`");
            return Err(Refusal::invalid("arms", message, format!("the study's arms are {}", known.join(", "))));
        }
        let count: u32 = new.arms.values().fold(0, |all, n| all.saturating_add(*n));
        if count == 0 || count > MOST {
            return Err(Refusal::invalid(
                "arms",
                format!("are {count} kits"),
                format!("register 1 to {MOST} kits at a time"),
            ));
        }
        let mut arms: Vec<&String> =
            new.arms.iter().flat_map(|(arm, n)| std::iter::repeat_n(arm, *n as usize)).collect();
        shuffle(&mut arms)?;
        let mut numbers = BTreeSet::new();
        while numbers.len() < arms.len() {
            let number = number()?;
            if door::row::<super::Kit>(work.tx, space::KIT, &key(&[&new.study, &number]))?.is_none() {
                numbers.insert(number);
            }
        }
        let mut packed = Vec::new();
        let mut kits = Vec::new();
        // Numbers in their order, arms in a random one: neither tells of the other.
        for (number, arm) in numbers.into_iter().zip(arms) {
            let code = vault.keys().seal_code(&kit_name(&new.study, &number), arm)?;
            kits.push(NewKit { kit: number.clone(), code });
            packed.push(PackedKit { number, arm: arm.clone() });
        }
        let event =
            KitsRegistered { study: new.study.clone(), depot: new.depot, lot: new.lot, expires: new.expires, kits };
        work.append(&new.study, "supply", "kits.registered/1", &event, "")?;
        Ok(packed)
    }
}

/// A random number below `n`, each equally likely.
fn below(n: u64) -> Result<u64, Refusal> {
    // Draws from the incomplete last stretch are thrown away, so that none is likelier.
    let whole = u64::MAX - u64::MAX % n;
    loop {
        let mut bytes = [0_u8; 8];
        getrandom::fill(&mut bytes).map_err(|e| Refusal::Random(e.to_string()))?;
        let drawn = u64::from_le_bytes(bytes);
        if drawn < whole {
            return Ok(drawn % n);
        }
    }
}

/// Fisher and Yates.
fn shuffle<T>(items: &mut [T]) -> Result<(), Refusal> {
    for at in (1..items.len()).rev() {
        let other = below(at as u64 + 1)? as usize;
        items.swap(at, other);
    }
    Ok(())
}

/// Random digits and a check digit (ISO/IEC 7064, mod 11,10), so that a slip of the pen names no other kit.
fn number() -> Result<String, Refusal> {
    let digits = format!("{:0width$}", below(10_u64.pow(DIGITS))?, width = DIGITS as usize);
    Ok(format!("{digits}{}", check_digit(&digits)))
}

/// ISO/IEC 7064, mod 11,10.
fn check_digit(digits: &str) -> u32 {
    let mut product = 10;
    for digit in digits.chars().filter_map(|c| c.to_digit(10)) {
        let sum = (digit + product) % 10;
        product = (if sum == 0 { 10 } else { sum }) * 2 % 11;
    }
    (11 - product) % 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_digit_is_that_of_the_standard() {
        // ISO/IEC 7064:2003, example of mod 11,10: 0794 has the check digit 5.
        assert_eq!(check_digit("0794"), 5);
        let number = number().unwrap();
        assert_eq!(number.len(), 7);
        assert_eq!(check_digit(&number[..6]).to_string(), number[6..]);
    }

    #[test]
    fn a_shuffle_keeps_every_item() {
        let mut items: Vec<u32> = (0..100).collect();
        shuffle(&mut items).unwrap();
        assert_ne!(items, (0..100).collect::<Vec<_>>());
        items.sort_unstable();
        assert_eq!(items, (0..100).collect::<Vec<_>>());
    }
}
