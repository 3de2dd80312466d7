//! A randomisation scheme as a study states it, and what is proven of it before anything is drawn.
//!
//! ```toml
//! study = "CROFT-201"
//! version = 1                      # a changed scheme is a new version: it draws from other streams
//! [[arms]]
//! code = "A"
//! ratio = 2
//! [[arms]]
//! code = "B"
//! [[factors]]                      # their combinations are the strata; none: one stratum
//! name = "site"
//! levels = ["01", "02"]
//! [design]
//! kind = "random_block"
//! lengths = [3, 6]
//! [[strata]]                       # a stratum of another design
//! levels = ["02"]
//! design = { kind = "simple" }
//! ```
//! A stratum is called by its levels in the order of the factors, joined by `-`; the only stratum of a scheme without factors has the
//! empty name.

use super::design::Design;
use super::error::RandomisationError;
use super::law::Rule;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Most arms, and the largest number in a ratio.
const MOST_ARMS: usize = 100;
const LARGEST_RATIO: u32 = 1_000;
/// Most strata: each has a list.
const MOST_STRATA: u64 = 100_000;

/// An arm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Arm {
    /// As lists write it.
    pub code: String,
    /// Its share of the ratio.
    #[serde(default = "one")]
    pub ratio: u32,
}

fn one() -> u32 {
    1
}

/// A factor by which subjects are stratified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Factor {
    /// Its name.
    pub name: String,
    /// Its levels.
    pub levels: Vec<String>,
}

/// A stratum with a design of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StratumDesign {
    /// A level of each factor, in their order.
    pub levels: Vec<String>,
    /// The design there.
    pub design: Design,
}

/// How the subjects of a study are allocated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scheme {
    /// The study; part of the name of every stream.
    pub study: String,
    /// The scheme's version, counted from 1; part of the name of every stream.
    #[serde(default = "one")]
    pub version: u32,
    /// The arms.
    pub arms: Vec<Arm>,
    /// The design of every stratum that has none of its own.
    pub design: Design,
    /// The factors of stratification.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub factors: Vec<Factor>,
    /// Strata with a design of their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub strata: Vec<StratumDesign>,
}

impl Scheme {
    /// Reads a scheme from TOML, as text: whether it makes sense says [`Randomisation::new`].
    ///
    /// # Errors
    /// With line and column where the text is no scheme; a setting that is not known is one.
    pub fn from_toml(text: &str) -> Result<Self, RandomisationError> {
        toml::from_str(text)
            .map_err(|error| RandomisationError::Text { message: error.to_string().trim_end().to_owned() })
    }

    /// The scheme as TOML.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).unwrap_or_default()
    }

    /// The same scheme always in the same letters, for digests.
    pub fn canonical(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The ratio as sentences write it: `2:1`.
    pub fn ratio(&self) -> String {
        ratio_text(&self.ratios())
    }

    pub(crate) fn ratios(&self) -> Vec<u32> {
        self.arms.iter().map(|arm| arm.ratio).collect()
    }
}

pub(crate) fn ratio_text(ratio: &[u32]) -> String {
    ratio.iter().map(u32::to_string).collect::<Vec<_>>().join(":")
}

/// A stratum of a proven scheme.
#[derive(Clone, Debug)]
pub struct Stratum {
    /// Its name.
    pub name: String,
    /// Its levels, one a factor.
    pub levels: Vec<String>,
    /// Its design, proven.
    pub rule: Arc<Rule>,
}

/// A scheme that is proven: every stratum has a design that its arms allow.
#[derive(Clone, Debug)]
pub struct Randomisation {
    scheme: Scheme,
    strata: Vec<Stratum>,
    by_name: BTreeMap<String, usize>,
}

impl Randomisation {
    /// Proves a scheme.
    ///
    /// # Errors
    /// Names the field that cannot be, and what to do.
    pub fn new(scheme: Scheme) -> Result<Self, RandomisationError> {
        name("study", &scheme.study)?;
        within("version", scheme.version, 1, u32::MAX)?;
        check_arms(&scheme.arms)?;
        check_factors("factors", scheme.factors.iter().map(|f| (&f.name, &f.levels)))?;
        let count = scheme.factors.iter().fold(1u64, |all, f| all.saturating_mul(f.levels.len() as u64));
        if count > MOST_STRATA {
            return Err(RandomisationError::TooLarge { what: "the number of strata", asked: count, most: MOST_STRATA });
        }
        let ratio = scheme.ratios();
        let usual = Arc::new(Rule::new(&ratio, &scheme.design)?);
        let own = own_designs(&scheme, &ratio)?;
        let mut strata = Vec::new();
        let mut by_name = BTreeMap::new();
        for levels in combinations(&scheme.factors) {
            let rule = own.get(&levels).unwrap_or(&usual).clone();
            let name = levels.join("-");
            if by_name.insert(name.clone(), strata.len()).is_some() {
                return Err(RandomisationError::StratumNames { stratum: name });
            }
            strata.push(Stratum { name, levels, rule });
        }
        Ok(Self { scheme, strata, by_name })
    }

    /// The scheme.
    pub fn scheme(&self) -> &Scheme {
        &self.scheme
    }

    /// The strata, in the order of the factors' levels, the first factor slowest.
    pub fn strata(&self) -> &[Stratum] {
        &self.strata
    }

    /// The stratum of this name.
    ///
    /// # Errors
    /// When there is none.
    pub fn stratum(&self, name: &str) -> Result<&Stratum, RandomisationError> {
        self.by_name
            .get(name)
            .and_then(|&at| self.strata.get(at))
            .ok_or_else(|| RandomisationError::UnknownStratum { stratum: name.to_owned() })
    }

    /// Position of an arm by its code.
    pub fn arm(&self, code: &str) -> Option<usize> {
        self.scheme.arms.iter().position(|arm| arm.code == code)
    }

    /// Code of an arm; empty where there is none.
    pub fn code(&self, arm: usize) -> &str {
        self.scheme.arms.get(arm).map_or("", |arm| &arm.code)
    }
}

fn own_designs(scheme: &Scheme, ratio: &[u32]) -> Result<BTreeMap<Vec<String>, Arc<Rule>>, RandomisationError> {
    let mut own = BTreeMap::new();
    for (at, stratum) in scheme.strata.iter().enumerate() {
        let field = format!("strata[{at}].levels");
        if stratum.levels.len() != scheme.factors.len() {
            let (given, expected) = (stratum.levels.len(), scheme.factors.len());
            return Err(RandomisationError::EntryCount { field, given, expected });
        }
        for (level, factor) in stratum.levels.iter().zip(&scheme.factors) {
            if !factor.levels.contains(level) {
                let (factor, level) = (factor.name.clone(), level.clone());
                return Err(RandomisationError::UnknownLevel { factor, level });
            }
        }
        let rule = Arc::new(Rule::new(ratio, &stratum.design)?);
        if own.insert(stratum.levels.clone(), rule).is_some() {
            return Err(RandomisationError::Twice { field: "strata".into(), value: stratum.levels.join("-") });
        }
    }
    Ok(own)
}

/// All combinations of levels, the first factor slowest; one empty combination where there are no factors.
fn combinations(factors: &[Factor]) -> Vec<Vec<String>> {
    let mut all = vec![Vec::new()];
    for factor in factors {
        let longer = |start: &Vec<String>| {
            let start = start.clone();
            factor.levels.iter().map(move |level| start.iter().cloned().chain([level.clone()]).collect())
        };
        all = all.iter().flat_map(longer).collect();
    }
    all
}

fn check_arms(arms: &[Arm]) -> Result<(), RandomisationError> {
    if arms.len() < 2 {
        return Err(RandomisationError::TooFewArms { given: arms.len() });
    }
    if arms.len() > MOST_ARMS {
        let (asked, most) = (arms.len() as u64, MOST_ARMS as u64);
        return Err(RandomisationError::TooLarge { what: "the number of arms", asked, most });
    }
    let mut seen = BTreeSet::new();
    for (at, arm) in arms.iter().enumerate() {
        name(&format!("arms[{at}].code"), &arm.code)?;
        within(&format!("arms[{at}].ratio"), arm.ratio, 1, LARGEST_RATIO)?;
        if !seen.insert(&arm.code) {
            return Err(RandomisationError::Twice { field: "arms".into(), value: arm.code.clone() });
        }
    }
    Ok(())
}

/// Names and levels of factors: each there, each once.
pub(super) fn check_factors<'a>(
    field: &str,
    factors: impl Iterator<Item = (&'a String, &'a Vec<String>)>,
) -> Result<(), RandomisationError> {
    let mut names = BTreeSet::new();
    for (at, (factor, levels)) in factors.enumerate() {
        name(&format!("{field}[{at}].name"), factor)?;
        if !names.insert(factor) {
            return Err(RandomisationError::Twice { field: field.into(), value: factor.clone() });
        }
        let field = format!("{field}[{at}].levels");
        if levels.is_empty() {
            return Err(RandomisationError::Empty { field });
        }
        let mut seen = BTreeSet::new();
        for level in levels {
            name(&field, level)?;
            if !seen.insert(level) {
                return Err(RandomisationError::Twice { field, value: level.clone() });
            }
        }
    }
    Ok(())
}

/// A name that people and files can carry: not empty, no control characters, no blanks at its ends.
fn name(field: &str, value: &str) -> Result<(), RandomisationError> {
    if value.trim().is_empty() {
        return Err(RandomisationError::Empty { field: field.into() });
    }
    if value.trim() != value || value.chars().any(char::is_control) {
        return Err(RandomisationError::Characters { field: field.into(), value: value.into() });
    }
    Ok(())
}

/// A whole number between two bounds.
pub(super) fn within(field: &str, value: u32, least: u32, most: u32) -> Result<(), RandomisationError> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    let requirement = if most == u32::MAX { format!("at least {least}") } else { format!("{least} to {most}") };
    Err(RandomisationError::OutOfRange { field: field.into(), value: value.to_string(), requirement })
}

/// A probability between two bounds.
pub(super) fn probability(field: &str, value: f64, least: f64, requirement: &str) -> Result<(), RandomisationError> {
    if value >= least && value <= 1.0 {
        return Ok(());
    }
    let requirement = requirement.to_owned();
    Err(RandomisationError::OutOfRange { field: field.into(), value: value.to_string(), requirement })
}
