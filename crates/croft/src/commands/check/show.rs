//! The report in a terminal: rules with findings first, each with what to do and a few records.

use croft_conform::report::accept::Acceptance;
use croft_conform::report::compare::Comparison;
use croft_conform::report::{FindingLine, Report};
use croft_conform::run::Status;
use std::collections::BTreeMap;

/// Prints the findings to standard output, what was done to standard error.
pub fn print(report: &Report, all: bool, show: usize) {
    let mut by_rule: BTreeMap<&str, Vec<&FindingLine>> = BTreeMap::new();
    for finding in &report.findings {
        by_rule.entry(&finding.rule).or_default().push(finding);
    }
    for rule in report.rules.iter().filter(|rule| rule.count > 0) {
        let findings = by_rule.get(rule.rule.as_str()).map(Vec::as_slice).unwrap_or_default();
        let mut datasets: BTreeMap<&str, usize> = BTreeMap::new();
        for finding in findings {
            *datasets.entry(&finding.dataset).or_default() += 1;
        }
        let datasets: Vec<String> = datasets.into_iter().map(|(name, n)| format!("{name} {n}")).collect();
        let accepted = if rule.accepted > 0 { format!(", {} accepted", rule.accepted) } else { String::new() };
        println!("{}  {}{accepted}  {}", rule.rule, rule.count, datasets.join(", "));
        println!("  {}", rule.message);
        for finding in findings.iter().filter(|finding| finding.accepted.is_none()).take(show) {
            println!("    {}", line(finding));
        }
        let open = findings.iter().filter(|finding| finding.accepted.is_none()).count();
        if open > show && show > 0 {
            println!("    and {} more", open - show);
        }
    }
    for rule in report.rules.iter().filter(|rule| rule.status == Status::Failed.word() || all && rule.count == 0) {
        println!("{}  {}  {:.3} s  {}", rule.rule, rule.status, rule.seconds, rule.why.as_deref().unwrap_or_default());
    }
    let records: usize = report.datasets.iter().map(|dataset| dataset.records).sum();
    eprintln!(
        "{} datasets, {records} records against {} ({}), terminology {}",
        report.datasets.len(),
        report.against.standard,
        report.against.standard_from,
        report.against.terminology
    );
    let accepted = report.findings.len() - report.open().count();
    eprintln!(
        "{} rules: {} with findings, {} passed, {} skipped, {} failed; {} findings{}; numbers compared at 15 significant digits",
        report.rules.len(),
        report.ended(Status::Findings),
        report.ended(Status::Passed),
        report.ended(Status::Skipped),
        report.ended(Status::Failed),
        report.findings.len(),
        if accepted > 0 { format!(", {accepted} accepted") } else { String::new() }
    );
    for note in &report.notes {
        eprintln!("note: {note}");
    }
}

fn line(finding: &FindingLine) -> String {
    let mut parts = vec![finding.dataset.clone()];
    parts.extend(finding.row.map(|row| format!("record {row}")));
    parts.extend(finding.path.clone());
    parts.extend(finding.keys.iter().map(|(key, value)| format!("{key}={value}")));
    let shown = |(name, value): (&String, &serde_json::Value)| match value {
        serde_json::Value::Null => format!("{name} is empty"),
        serde_json::Value::String(text) => format!("{name}={text}"),
        other => format!("{name}={other}"),
    };
    let values: Vec<String> = finding.variables.iter().map(shown).collect();
    let text = format!("{}: {}", parts.join(" "), values.join(", "));
    if text.chars().count() > 300 { text.chars().take(299).chain(['…']).collect() } else { text }
}

/// Prints what changed since an earlier report.
pub fn changes(comparison: &Comparison) {
    eprintln!(
        "since the earlier report: {} new findings, {} gone, {} the same",
        comparison.new.len(),
        comparison.gone.len(),
        comparison.same
    );
    for (sign, findings) in [('+', &comparison.new), ('-', &comparison.gone)] {
        for finding in findings.iter().take(20) {
            println!("{sign} {}  {}", finding.rule, line(finding));
        }
        if findings.len() > 20 {
            println!("{sign} and {} more", findings.len() - 20);
        }
    }
    for (rule, before, after) in &comparison.rules {
        println!("  {rule}: was {before}, is {after}");
    }
}

/// Prints acceptances that met no finding.
pub fn stale(acceptances: &[Acceptance]) {
    for one in acceptances {
        eprintln!("note: the acceptance of {} ({}) meets no finding any more", one.rule, one.reason);
    }
}
