//! What changed between two runs?
//!
//! A finding is the same in both when rule, dataset, keys and values are; its record number may have moved. A record that has
//! no keys is told by its number.

use super::{FindingLine, Report};
use serde::Serialize;
use std::collections::BTreeMap;

/// The difference of two runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Comparison {
    /// Findings that the later run has and the earlier has not.
    pub new: Vec<FindingLine>,
    /// Findings that are gone.
    pub gone: Vec<FindingLine>,
    /// How many are in both.
    pub same: usize,
    /// Rules that ended otherwise: rule, before, after.
    pub rules: Vec<(String, String, String)>,
}

fn identity(finding: &FindingLine) -> String {
    let row = if finding.keys.is_empty() { finding.row } else { None };
    let parts = (&finding.rule, &finding.dataset, &finding.keys, row, &finding.path, &finding.variables);
    serde_json::to_string(&parts).unwrap_or_default()
}

/// Compares an earlier with a later run.
pub fn compare(before: &Report, after: &Report) -> Comparison {
    let mut left: BTreeMap<String, Vec<&FindingLine>> = BTreeMap::new();
    for finding in &before.findings {
        left.entry(identity(finding)).or_default().push(finding);
    }
    let mut result = Comparison::default();
    for finding in &after.findings {
        match left.get_mut(&identity(finding)).and_then(Vec::pop) {
            Some(_) => result.same += 1,
            None => result.new.push(finding.clone()),
        }
    }
    // In the earlier report's order, not that of the identities.
    let remaining: Vec<&FindingLine> = left.into_values().flatten().collect();
    result.gone = before.findings.iter().filter(|f| remaining.iter().any(|r| std::ptr::eq(*r, *f))).cloned().collect();
    let ended: BTreeMap<&str, &str> =
        before.rules.iter().map(|rule| (rule.rule.as_str(), rule.status.as_str())).collect();
    for rule in &after.rules {
        let was = ended.get(rule.rule.as_str()).copied().unwrap_or("absent");
        if was != rule.status {
            result.rules.push((rule.rule.clone(), was.to_owned(), rule.status.clone()));
        }
    }
    result
}
