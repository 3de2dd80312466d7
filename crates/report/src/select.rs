//! Which results are meant?
//!
//! A filter is a list of fields with the values allowed: `{ analysis = "be", parameter = ["CMAX", "AUCLST"], TRTA = "T" }`.
//! `analysis`, `method`, `dataset`, `parameter`, `statistic` are the result's own; any other word names a group variable.
//! The empty value means that the result has no such group: `{ TRTA = "" }` is "over all treatments".

use croft_core::AnalysisResult;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;

/// One value or several: `"T"`, `["T", "R"]`, `1`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(Scalar),
    More(Vec<Scalar>),
}

/// A text, or a number or truth value as it is written.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
enum Scalar {
    Text(String),
    Whole(i64),
    Number(f64),
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Whole(n) => write!(f, "{n}"),
            Self::Number(x) => write!(f, "{x}"),
        }
    }
}

/// Fields and the values allowed for each; all must hold.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(from = "BTreeMap<String, OneOrMore>")]
pub struct Filter {
    terms: BTreeMap<String, Vec<String>>,
}

impl From<BTreeMap<String, OneOrMore>> for Filter {
    fn from(map: BTreeMap<String, OneOrMore>) -> Self {
        let values = |v: OneOrMore| match v {
            OneOrMore::One(one) => vec![one.to_string()],
            OneOrMore::More(more) => more.iter().map(Scalar::to_string).collect(),
        };
        Self { terms: map.into_iter().map(|(k, v)| (k, values(v))).collect() }
    }
}

impl Filter {
    /// A filter of one field with one value.
    pub fn of(field: &str, value: &str) -> Self {
        Self::default().and(field, value)
    }

    /// This filter with another term; it replaces one of the same field.
    pub fn and(mut self, field: &str, value: &str) -> Self {
        self.terms.insert(field.to_owned(), vec![value.to_owned()]);
        self
    }

    /// Whether a result has an allowed value in every field.
    pub fn matches(&self, result: &AnalysisResult) -> bool {
        self.terms.iter().all(|(name, allowed)| {
            let value = field(result, name).unwrap_or("");
            allowed.iter().any(|a| a == value)
        })
    }

    /// The terms.
    pub fn terms(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.terms.iter().map(|(name, values)| (name.as_str(), values.as_slice()))
    }

    /// The first term that no result fulfils by itself: most likely a slip of the pen.
    pub fn unknown<'a>(&'a self, results: &[&AnalysisResult]) -> Option<(&'a str, &'a str)> {
        self.terms.iter().find_map(|(name, allowed)| {
            let seen = |value: &str| results.iter().any(|r| field(r, name).unwrap_or("") == value);
            allowed.iter().find(|a| !seen(a)).map(|a| (name.as_str(), a.as_str()))
        })
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (name, values)) in self.terms.iter().enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            write!(f, "{comma}{name} = {}", values.join("|"))?;
        }
        Ok(())
    }
}

/// A field of a result by the word used in filters; `None` when it has no such group.
pub fn field<'a>(result: &'a AnalysisResult, name: &str) -> Option<&'a str> {
    match name {
        "analysis" => Some(&result.analysis),
        "method" => Some(&result.method),
        "dataset" => Some(&result.dataset),
        "parameter" => Some(&result.parameter),
        "statistic" => Some(&result.statistic),
        group => result.groups.iter().find(|g| g.variable == group).map(|g| g.value.as_str()),
    }
}

/// The values of a field over some results, each once, in order of first appearance.
pub fn levels<'a>(results: &[&'a AnalysisResult], name: &str) -> Vec<&'a str> {
    let mut seen = std::collections::BTreeSet::new();
    results.iter().filter_map(|r| field(r, name)).filter(|v| seen.insert(*v)).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use croft_core::{Group, RowSet, StatValue};

    /// A result for tests.
    pub(crate) fn result(parameter: &str, statistic: &str, groups: &[(&str, &str)], value: f64) -> AnalysisResult {
        AnalysisResult {
            analysis: "pk".into(),
            method: "summary".into(),
            dataset: "ADPP".into(),
            groups: groups.iter().map(|(k, v)| Group { variable: (*k).into(), value: (*v).into() }).collect(),
            parameter: parameter.into(),
            statistic: statistic.into(),
            value: StatValue::Num(value),
            unit: String::new(),
            options: "{}".into(),
            rows: RowSet::default(),
        }
    }

    #[test]
    fn a_filter_reads_texts_numbers_and_lists() {
        let filter: Filter = toml::from_str("parameter = ['CMAX', 'TMAX']\nAPERIOD = 1\nTRTA = ''").unwrap();
        assert!(filter.matches(&result("CMAX", "N", &[("APERIOD", "1")], 1.0)));
        assert!(!filter.matches(&result("CMAX", "N", &[("APERIOD", "1"), ("TRTA", "T")], 1.0)));
        assert!(!filter.matches(&result("AUC", "N", &[("APERIOD", "1")], 1.0)));
        assert_eq!(filter.to_string(), "APERIOD = 1, TRTA = , parameter = CMAX|TMAX");
    }
}
