//! Are the results those that the file brought?
//!
//! A raw value agrees when it differs by no more than 1e-6 of it, or when the file prints fewer digits: the computed value, rounded to as many decimals as the file has (to four
//! where it has fewer: writers drop zeros at the end), is the file's. A formatted value agrees letter for letter. A result without a number agrees with one whose raw value is empty.

use super::run::{Computed, Datasets, Run, Runner};
use croft_cdisc::ars::{OperationResult, ReportingEvent, ResultGroup};
use croft_core::round::{Rounding, round};
use std::collections::BTreeMap;

/// How far a raw value may be from the file's, relative to it.
const NEAR: f64 = 1e-6;

/// A result of the file that was computed otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The result in the file.
    pub in_file: OperationResult,
    /// What was computed.
    pub computed: Computed,
    /// Whether the raw values differ; if not, only the formatted ones do.
    pub raw: bool,
}

/// Results of the file that were not computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotComputed {
    /// Id of the analysis.
    pub analysis: String,
    /// Id of the operation.
    pub operation: String,
    /// Why.
    pub reason: String,
    /// How many results.
    pub results: usize,
}

/// What a comparison found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparison {
    /// Results of the file.
    pub in_file: usize,
    /// Those that agree: raw value to 1e-6 of it, formatted value to the letter.
    pub equal: usize,
    /// Of these, the raw values that agree at the digits that the file prints.
    pub as_printed: usize,
    /// Those that were computed otherwise.
    pub differences: Vec<Difference>,
    /// Those that were not computed, by operation and reason.
    pub not_computed: Vec<NotComputed>,
    /// Results that were computed and are not in the file.
    pub more: usize,
}

enum Raw {
    Equal,
    AsPrinted,
    Different,
}

/// Compares a run with the results that an event brought.
pub fn compare(event: &ReportingEvent, datasets: &Datasets, run: &Run) -> Comparison {
    let mut found = Comparison::default();
    let key = |groups: &[ResultGroup]| -> Vec<String> {
        let mut named: Vec<String> = groups
            .iter()
            .filter(|g| g.group_id.is_some() || g.group_value.is_some())
            .map(|g| format!("{}\u{1}{:?}\u{1}{:?}", g.grouping_id, g.group_id, g.group_value))
            .collect();
        named.sort();
        named
    };
    let mut known: BTreeMap<(&str, &str, Vec<String>), &Computed> = BTreeMap::new();
    for result in &run.results {
        known.insert((&result.analysis, &result.operation, key(&result.groups)), result);
    }
    let mut matched = 0;
    let mut runner = Runner::new(event, datasets);
    let mut not_computed: BTreeMap<(usize, &str, String), usize> = BTreeMap::new();
    for (i, analysis) in event.analyses.iter().enumerate() {
        for result in &analysis.results {
            found.in_file += 1;
            let computed =
                match known.get(&(analysis.id.as_str(), result.operation_id.as_str(), key(&result.result_groups))) {
                    Some(computed) => {
                        matched += 1;
                        Ok((*computed).clone())
                    }
                    None => {
                        let operation = event
                            .method(&analysis.method_id)
                            .and_then(|m| m.operations.iter().find(|o| o.id == result.operation_id));
                        match operation {
                            Some(operation) => runner.value_at(analysis, operation, &result.result_groups),
                            None => Err("it is no operation of the analysis's method".to_owned()),
                        }
                    }
                };
            match computed {
                Ok(computed) => found.hold(result, computed),
                Err(reason) => *not_computed.entry((i, &result.operation_id, reason)).or_default() += 1,
            }
        }
    }
    found.more = run.results.len() - matched.min(run.results.len());
    found.not_computed = not_computed
        .into_iter()
        .map(|((i, operation, reason), results)| NotComputed {
            analysis: event.analyses[i].id.clone(),
            operation: operation.to_owned(),
            reason,
            results,
        })
        .collect();
    found
}

impl Comparison {
    fn hold(&mut self, in_file: &OperationResult, computed: Computed) {
        let raw = match (&computed.value, in_file.raw_value.as_deref().map(str::trim)) {
            // Only a formatted value is there to compare.
            (Ok(_), None) => Raw::Equal,
            (Ok(value), Some(text)) => agrees(*value, text),
            (Err(_), None | Some("")) => Raw::Equal,
            (Err(_), Some(_)) => Raw::Different,
        };
        let formatted = in_file.formatted_value.is_none() || in_file.formatted_value == computed.formatted;
        match (raw, formatted) {
            (Raw::Equal, true) => self.equal += 1,
            (Raw::AsPrinted, true) => {
                self.equal += 1;
                self.as_printed += 1;
            }
            (raw, _) => {
                let raw = matches!(raw, Raw::Different);
                self.differences.push(Difference { in_file: in_file.clone(), computed, raw });
            }
        }
    }
}

fn agrees(value: f64, text: &str) -> Raw {
    let Ok(stated) = text.parse::<f64>() else { return Raw::Different };
    if (value - stated).abs() <= NEAR * stated.abs() {
        return Raw::Equal;
    }
    let decimals = match text.split_once('.') {
        _ if text.contains(['e', 'E']) => return Raw::Different,
        Some((_, decimals)) => decimals.len().max(4),
        None => 4,
    };
    let rounded = round(value, i32::try_from(decimals).unwrap_or(i32::MAX), Rounding::HalfAwayFromZero);
    if (rounded - stated).abs() <= 1e-12 * stated.abs() { Raw::AsPrinted } else { Raw::Different }
}
