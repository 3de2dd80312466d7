//! Which findings did people look at and accept, and why?
//!
//! Acceptances are kept in a text file beside the study and applied to every later run. Each names a rule and a reason, and
//! may be narrowed by dataset, subject, sequence number or values; it does not name a record number, which moves when data
//! change. One that meets no finding any more is reported, so that the file does not rot.
//!
//! ```toml
//! [[accept]]
//! rule = "CORE-000183"
//! dataset = "PC"
//! reason = "Concentrations only: parameters are reported by the sponsor"
//! by = "A. Verhoeven"
//! date = "2026-11-20"
//! ```

use super::{Report, RuleLine};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One acceptance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acceptance {
    /// Rule.
    pub rule: String,
    /// Only findings of this dataset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset: Option<String>,
    /// Only findings whose keys have these values: `{ USUBJID = "01-701-1015", AESEQ = "3" }`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub keys: BTreeMap<String, String>,
    /// Only findings whose variables have these values.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, String>,
    /// Why.
    pub reason: String,
    /// Who.
    #[serde(default)]
    pub by: String,
    /// When.
    #[serde(default)]
    pub date: String,
}

/// The file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acceptances {
    /// In the file's order; the first that fits a finding counts.
    #[serde(default)]
    pub accept: Vec<Acceptance>,
}

impl Acceptances {
    /// Reads the file's text. An acceptance without a reason is refused.
    pub fn read(text: &str) -> Result<Self, String> {
        let read: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        match read.accept.iter().position(|one| one.reason.trim().is_empty()) {
            Some(index) => Err(format!("acceptance {} of {} gives no reason", index + 1, read.accept[index].rule)),
            None => Ok(read),
        }
    }

    /// Marks the findings that fit; returns the acceptances that met none although their rule looked.
    pub fn apply(&self, report: &mut Report) -> Vec<Acceptance> {
        let mut met = vec![false; self.accept.len()];
        let mut accepted: BTreeMap<&str, usize> = BTreeMap::new();
        for finding in &mut report.findings {
            let text = |value: &serde_json::Value| match value {
                serde_json::Value::Null => String::new(),
                serde_json::Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            let fits = |one: &Acceptance| {
                one.rule == finding.rule
                    && one.dataset.as_ref().is_none_or(|dataset| *dataset == finding.dataset)
                    && one.keys.iter().all(|(key, value)| finding.keys.get(key) == Some(value))
                    && one
                        .variables
                        .iter()
                        .all(|(key, value)| finding.variables.get(key).map(text).as_ref() == Some(value))
            };
            if let Some(index) = self.accept.iter().position(fits) {
                met[index] = true;
                finding.accepted = Some(self.accept[index].reason.clone());
                *accepted.entry(&self.accept[index].rule).or_default() += 1;
            }
        }
        for rule in &mut report.rules {
            rule.accepted = accepted.get(rule.rule.as_str()).copied().unwrap_or(0);
        }
        let looked = |one: &Acceptance| {
            let looked =
                |rule: &RuleLine| rule.rule == one.rule && matches!(rule.status.as_str(), "passed" | "findings");
            report.rules.iter().any(looked)
        };
        self.accept.iter().zip(met).filter(|(one, met)| !met && looked(one)).map(|(one, _)| one.clone()).collect()
    }
}
