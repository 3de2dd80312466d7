//! What came out, in a few lines? Only what results say; a study without a decision has lines and no verdict.

use croft_core::{AnalysisResult, StatValue};
use serde::Serialize;
use std::collections::BTreeMap;

/// A study's outcome.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Verdict {
    /// `bioequivalent`, `not shown to be bioequivalent`, or empty.
    pub words: String,
    /// Whether every primary parameter met its criterion; absent without a decision.
    pub pass: Option<bool>,
    /// One line a parameter.
    pub lines: Vec<String>,
}

/// The outcome of these results.
pub fn verdict(results: &[AnalysisResult]) -> Verdict {
    let mut verdict = Verdict::default();
    let mut decisions = Vec::new();
    for (parameter, statistics) in by_parameter(results, "bioequivalence") {
        let text = |name: &str| statistics.get(name).and_then(|r| text(&r.value));
        let number = |name: &str| statistics.get(name).and_then(|r| r.value.num());
        let decision = text("DECISION").unwrap_or_default();
        let primary = text("PRIMARY").is_some_and(|p| p == "Y");
        if primary {
            decisions.push(decision == "pass");
        }
        if let (Some(pe), Some(lo), Some(hi)) = (number("PE_PCT"), number("CI_LO_PCT"), number("CI_HI_PCT")) {
            let role = if primary { "" } else { " (supportive)" };
            verdict.lines.push(format!("  {parameter:<8} {pe:6.2} %  90% CI {lo:.2} to {hi:.2} %  {decision}{role}"));
        }
    }
    if !decisions.is_empty() {
        let pass = decisions.iter().all(|d| *d);
        verdict.pass = Some(pass);
        verdict.words = if pass { "bioequivalent" } else { "not shown to be bioequivalent" }.to_owned();
        verdict.lines.insert(0, format!("verdict  {}", verdict.words));
    }
    for (parameter, statistics) in by_parameter(results, "dose-proportionality") {
        let number = |name: &str| statistics.get(name).and_then(|r| r.value.num());
        if let (Some(slope), Some(lo), Some(hi)) = (number("SLOPE"), number("CI_LO"), number("CI_HI")) {
            let decision = statistics.get("DECISION").and_then(|r| text(&r.value)).unwrap_or_default();
            verdict.lines.push(format!("  {parameter:<8} slope {slope:.3}  90% CI {lo:.3} to {hi:.3}  {decision}"));
        }
    }
    verdict
}

fn text(value: &StatValue) -> Option<String> {
    match value {
        StatValue::Text(text) => Some(text.clone()),
        _ => None,
    }
}

/// The statistics of each parameter of a method, parameters in the order of the results.
fn by_parameter<'a>(
    results: &'a [AnalysisResult],
    method: &str,
) -> Vec<(&'a str, BTreeMap<&'a str, &'a AnalysisResult>)> {
    let mut parts: Vec<(&str, BTreeMap<&str, &AnalysisResult>)> = Vec::new();
    for result in results.iter().filter(|r| r.method == method) {
        match parts.iter_mut().find(|(parameter, _)| *parameter == result.parameter) {
            Some((_, statistics)) => {
                statistics.insert(&result.statistic, result);
            }
            None => parts.push((&result.parameter, BTreeMap::from([(result.statistic.as_str(), result)]))),
        }
    }
    parts
}
