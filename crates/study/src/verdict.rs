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
    let analysed = by_analysis(results, "bioequivalence");
    let several = analysed.windows(2).any(|w| w[0].0.0 != w[1].0.0);
    for ((analysis, parameter), statistics) in analysed {
        let text = |name: &str| statistics.get(name).and_then(|r| text(&r.value));
        let number = |name: &str| statistics.get(name).and_then(|r| r.value.num());
        let decision = text("DECISION").unwrap_or_default();
        let primary = text("PRIMARY").is_some_and(|p| p == "Y");
        if primary {
            decisions.push(decision == "pass");
        }
        let level = number("LEVEL_PCT").unwrap_or_default();
        if let (Some(pe), Some(lo), Some(hi)) = (number("PE_PCT"), number("CI_LO_PCT"), number("CI_HI_PCT")) {
            let role = if primary { "" } else { " (supportive)" };
            let whose = if several { format!(" [{analysis}]") } else { String::new() };
            verdict.lines.push(format!(
                "  {parameter:<8} {pe:6.2} %  {level}% CI {lo:.2} to {hi:.2} %  {decision}{role}{whose}"
            ));
        }
    }
    if !decisions.is_empty() {
        let pass = decisions.iter().all(|d| *d);
        verdict.pass = Some(pass);
        verdict.words = if pass { "bioequivalent" } else { "not shown to be bioequivalent" }.to_owned();
        verdict.lines.insert(0, format!("verdict  {}", verdict.words));
    }
    for ((_, parameter), statistics) in by_analysis(results, "dose-proportionality") {
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

/// The overall statistics by analysis and parameter.
type ByAnalysis<'a> = Vec<((&'a str, &'a str), BTreeMap<&'a str, &'a AnalysisResult>)>;

/// The statistics of each analysis and parameter of a method, in the order of the results; those of a group (an effect) are left out.
fn by_analysis<'a>(results: &'a [AnalysisResult], method: &str) -> ByAnalysis<'a> {
    let mut parts: ByAnalysis<'a> = Vec::new();
    for result in results.iter().filter(|r| r.method == method && r.groups.is_empty()) {
        let key = (result.analysis.as_str(), result.parameter.as_str());
        match parts.iter_mut().find(|(k, _)| *k == key) {
            Some((_, statistics)) => {
                statistics.insert(&result.statistic, result);
            }
            None => parts.push((key, BTreeMap::from([(result.statistic.as_str(), result)]))),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use croft_core::RowSet;

    fn result(analysis: &str, parameter: &str, statistic: &str, value: StatValue) -> AnalysisResult {
        AnalysisResult {
            analysis: analysis.to_owned(),
            method: "bioequivalence".to_owned(),
            dataset: "ADPP".to_owned(),
            groups: Vec::new(),
            parameter: parameter.to_owned(),
            statistic: statistic.to_owned(),
            value,
            unit: String::new(),
            options: String::new(),
            rows: RowSet::default(),
        }
    }

    #[test]
    fn a_supportive_analysis_does_not_overrule_the_primary_one() {
        let text = |t: &str| StatValue::Text(t.to_owned());
        let results = [
            result("main", "CMAX", "DECISION", text("fail")),
            result("main", "CMAX", "PRIMARY", text("Y")),
            result("sensitivity", "CMAX", "DECISION", text("pass")),
            result("sensitivity", "CMAX", "PRIMARY", text("N")),
        ];
        assert_eq!(verdict(&results).pass, Some(false));
        assert_eq!(verdict(&results[2..]).pass, None);
    }
}
