//! Which arm does the next subject get? The sealed scheme opened, and what was drawn from it so far.
//!
//! An allocation follows from scheme, seed, the subject's levels and the allocations before it; nothing random is drawn here. Lists are made as far as
//! they are needed, and kept in memory; the history of a minimisation is kept too, and opened anew from the record when it does not agree with it.
//! So one allocation costs O(factors) when the histories agree, O(subjects) when they do not.

use super::kit_name;
use super::scheme::SchemeSecret;
use super::seal::{Coded, StudyKeys};
use super::state::{Randomised, SealedScheme};
use crate::door;
use crate::key::key;
use crate::refusal::Refusal;
use crate::space;
use croft_ledger::View;
use croft_trial::randomisation::minimisation::Subject;
use croft_trial::randomisation::{Design, Randomisation, RandomisationError, Scheme, Seed};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};

not_shown!(Allocation);

/// What is sealed of an allocation.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allocation {
    /// The arm's code.
    pub arm: String,
    /// The subject's place in its stratum, from 1.
    pub place: u32,
}

/// The name under which the allocation of a subject is sealed.
pub(super) fn allocation_name(study: &str, subject: &str) -> String {
    format!("allocation\u{0}{study}\u{0}{subject}")
}

/// The name under which a scheme is sealed.
pub(super) fn scheme_name(study: &str, version: u32) -> String {
    format!("scheme\u{0}{study}\u{0}{version}")
}

/// A study's vault, opened.
pub struct StudyVault {
    study: String,
    keys: StudyKeys,
    schemes: Mutex<BTreeMap<u32, Arc<OpenScheme>>>,
    /// What is in each kit that was looked at: it never changes.
    kits: Mutex<BTreeMap<String, KitSecret>>,
}

/// What only the vault knows of a kit.
#[derive(Clone)]
pub(crate) struct KitSecret {
    /// The arm's code.
    pub arm: Arc<str>,
    /// Its place among kits that expire on the same day. Were they taken in the order of their numbers, whoever sees the numbers would know of every kit
    /// passed over that it is of another arm.
    pub rank: u64,
}

/// A scheme, opened.
pub(super) struct OpenScheme {
    /// Proven.
    pub randomisation: Randomisation,
    seed: Seed,
    /// By stratum.
    drawn: Mutex<BTreeMap<String, Drawn>>,
}

/// What was drawn in a stratum.
#[derive(Default)]
struct Drawn {
    /// A list, as far as it was made.
    list: Vec<usize>,
    /// The subjects of a minimisation so far.
    subjects: Vec<Subject>,
}

impl StudyVault {
    pub(super) fn new(study: &str, keys: StudyKeys) -> Self {
        Self { study: study.to_owned(), keys, schemes: Mutex::default(), kits: Mutex::default() }
    }

    /// Its keys.
    pub(crate) fn keys(&self) -> &StudyKeys {
        &self.keys
    }

    /// The scheme of this version.
    pub(super) fn scheme(&self, view: &dyn View, version: u32) -> Result<Arc<OpenScheme>, Refusal> {
        let lock = |schemes: &Mutex<BTreeMap<u32, Arc<OpenScheme>>>| {
            schemes.lock().unwrap_or_else(PoisonError::into_inner).get(&version).map(Arc::clone)
        };
        if let Some(open) = lock(&self.schemes) {
            return Ok(open);
        }
        let secret = self.secret(view, version)?;
        let open = Arc::new(OpenScheme::new(&secret)?);
        let mut schemes = self.schemes.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(schemes.entry(version).or_insert(open)))
    }

    /// What was sealed of a scheme.
    pub(super) fn secret(&self, view: &dyn View, version: u32) -> Result<SchemeSecret, Refusal> {
        let at = key(&[&self.study]).number(u64::from(version));
        let row: SealedScheme =
            door::row(view, space::SCHEME, &at)?.ok_or_else(|| Refusal::absent("scheme", version.to_string()))?;
        self.keys.open(&scheme_name(&self.study, version), &row.sealed)
    }

    /// The allocation of a randomised subject.
    pub(crate) fn allocation(&self, subject: &str, code: &Coded) -> Result<Allocation, Refusal> {
        self.keys.open(&allocation_name(&self.study, subject), code)
    }

    /// What is in a kit.
    pub(crate) fn kit(&self, view: &dyn View, kit: &str) -> Result<KitSecret, Refusal> {
        let found = self.kits.lock().unwrap_or_else(PoisonError::into_inner).get(kit).cloned();
        if let Some(found) = found {
            return Ok(found);
        }
        let coded: Coded =
            door::row(view, space::KIT_CODE, &key(&[&self.study, kit]))?.ok_or_else(|| Refusal::absent("kit", kit))?;
        let name = kit_name(&self.study, kit);
        let arm: String = self.keys.open(&name, &coded)?;
        let secret = KitSecret { arm: arm.into(), rank: self.keys.rank(&name, &coded)? };
        self.kits.lock().unwrap_or_else(PoisonError::into_inner).insert(kit.to_owned(), secret.clone());
        Ok(secret)
    }

    /// The allocations of one stratum of a scheme, in their order.
    fn history(&self, view: &dyn View, version: u32, stratum: &str) -> Result<Vec<(Randomised, Allocation)>, Refusal> {
        let mut rows = Vec::new();
        door::rows(view, space::RANDOMISED, key(&[&self.study]).range(), |_, row: Randomised| {
            rows.push(row);
            ControlFlow::Continue(())
        })?;
        rows.retain(|row| row.version == version && row.stratum == stratum);
        rows.sort_by_key(|row| row.order);
        let mut history = Vec::new();
        for row in rows {
            let allocation = self.allocation(&row.subject, &row.code)?;
            history.push((row, allocation));
        }
        Ok(history)
    }

    /// The allocation of the next subject with these levels, `before` having been allocated in its stratum.
    pub(super) fn next(
        &self,
        view: &dyn View,
        (version, stratum): (u32, &str),
        levels: &[String],
        before: u32,
    ) -> Result<Allocation, Refusal> {
        let open = self.scheme(view, version)?;
        let before = before as usize;
        let arm = if open.is_minimised(stratum)? {
            open.minimised(self, view, (version, stratum), levels, before)?
        } else {
            open.listed(stratum, before)?
        };
        let place = u32::try_from(before + 1).unwrap_or(u32::MAX);
        Ok(Allocation { arm: open.randomisation.code(arm).to_owned(), place })
    }
}

impl OpenScheme {
    fn new(secret: &SchemeSecret) -> Result<Self, Refusal> {
        let damaged = |_: RandomisationError| Refusal::Damaged("a sealed scheme is not one that was proven".to_owned());
        let scheme = Scheme::from_toml(&secret.scheme).map_err(damaged)?;
        let randomisation = Randomisation::new(scheme).map_err(damaged)?;
        let seed = Seed::from_hex(&secret.seed).map_err(damaged)?;
        Ok(Self { randomisation, seed, drawn: Mutex::default() })
    }

    /// The stratum of these levels: those of the factors of stratification stand first.
    pub(super) fn stratum_of(&self, levels: &[String]) -> String {
        let strata = self.randomisation.scheme().factors.len();
        levels.get(..strata).unwrap_or(levels).join("-")
    }

    fn is_minimised(&self, stratum: &str) -> Result<bool, Refusal> {
        let stratum = self.randomisation.stratum(stratum).map_err(told)?;
        Ok(matches!(stratum.rule.design(), Design::Minimisation(_)))
    }

    /// The place of the list after `before`.
    fn listed(&self, stratum: &str, before: usize) -> Result<usize, Refusal> {
        let mut all = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
        let drawn = all.entry(stratum.to_owned()).or_default();
        if drawn.list.len() <= before {
            // Twice as far as needed, so that a list of n places is made in O(n) all in all; a design may end earlier.
            let mut allocator = self.randomisation.allocator(&self.seed, stratum).map_err(told)?;
            let mut list = Vec::with_capacity(2 * before + 64);
            while list.len() < 2 * before + 64 {
                match allocator.allocate() {
                    Ok(allocation) => list.push(allocation.arm),
                    Err(RandomisationError::Exhausted { .. }) => break,
                    Err(error) => return Err(told(error)),
                }
            }
            drawn.list = list;
        }
        drawn.list.get(before).copied().ok_or_else(ended)
    }

    /// The arm that minimisation gives after `before` subjects.
    fn minimised(
        &self,
        vault: &StudyVault,
        view: &dyn View,
        (version, stratum): (u32, &str),
        levels: &[String],
        before: usize,
    ) -> Result<usize, Refusal> {
        let mut subjects = {
            let mut all = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut all.entry(stratum.to_owned()).or_default().subjects)
        };
        if subjects.len() != before {
            // Another program wrote, or a write was not kept: the record is asked again.
            subjects.clear();
            for (row, allocation) in vault.history(view, version, stratum)? {
                let arm = self.randomisation.arm(&allocation.arm).ok_or_else(ended)?;
                subjects.push(Subject { levels: self.positions(stratum, &row.levels)?, arm });
            }
        }
        let positions = self.positions(stratum, levels)?;
        let drawn = self.randomisation.minimise(&self.seed, stratum, &subjects, &positions).map_err(told)?;
        subjects.push(Subject { levels: positions, arm: drawn.arm });
        let mut all = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(stratum.to_owned()).or_default().subjects = subjects;
        Ok(drawn.arm)
    }

    /// The positions of the levels of the factors that are balanced: they stand after those of the strata.
    fn positions(&self, stratum: &str, levels: &[String]) -> Result<Vec<usize>, Refusal> {
        let stratum = self.randomisation.stratum(stratum).map_err(told)?;
        let Design::Minimisation(minimisation) = stratum.rule.design() else { return Ok(Vec::new()) };
        let strata = self.randomisation.scheme().factors.len();
        let names: Vec<&str> = levels.iter().skip(strata).map(String::as_str).collect();
        minimisation.levels(&names).map_err(told)
    }
}

/// The design's own words never reach who randomises: they could tell of it.
fn told(error: RandomisationError) -> Refusal {
    match error {
        RandomisationError::UnknownLevel { factor, level } => Refusal::invalid(
            factor,
            format!("the scheme has no level `{level}`"),
            "correct the recorded value, or ask the statistician who sealed the scheme",
        ),
        RandomisationError::Exhausted { .. } => ended(),
        _ => Refusal::state("nobody can be randomised here", "ask the statistician who sealed the scheme"),
    }
}

fn ended() -> Refusal {
    Refusal::state("no more subjects can be randomised here", "ask the statistician who sealed the scheme")
}
