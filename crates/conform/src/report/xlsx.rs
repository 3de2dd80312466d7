//! The report as a workbook: what was checked, rules, findings, each a sheet.

use super::{FindingLine, Report};
use croft_cdisc::xlsx::{XlsxError, write_book};
use croft_core::dataset::{Cell, Dataset, Variable};
use std::io::Write;

/// Rows that a sheet can hold beside its head; findings beyond are counted in the first sheet.
const MOST_ROWS: usize = 1_000_000;

/// Writes the workbook.
pub fn write(report: &Report, out: impl Write) -> Result<(), XlsxError> {
    write_book(&[summary(report), rules(report), findings(report)], out)
}

fn sheet(name: &str, columns: &[&str]) -> Dataset {
    Dataset::new(name, "", columns.iter().map(|column| Variable::char(column, "")).collect())
}

fn summary(report: &Report) -> Dataset {
    let mut sheet = sheet("Summary", &["What", "Value"]);
    let mut line = |what: &str, value: &str| sheet.push_row([Cell::Text(what), Cell::Text(value)]);
    line("Program", &format!("croft {}", report.croft));
    line("Standard", &format!("{} ({})", report.against.standard, report.against.standard_from));
    line("Terminology", &report.against.terminology);
    line("define.xml", report.against.define.as_deref().unwrap_or("none"));
    for rules in &report.against.rules {
        line("Rules", rules);
    }
    for dataset in &report.datasets {
        line(
            "Dataset",
            &format!(
                "{}: {} records, {} variables ({})",
                dataset.name, dataset.records, dataset.variables, dataset.file
            ),
        );
    }
    line("Findings", &report.findings.len().to_string());
    if report.findings.len() > MOST_ROWS {
        line("Note", &format!("the sheet Findings holds the first {MOST_ROWS}; all are in the JSON report"));
    }
    for note in &report.notes {
        line("Note", note);
    }
    sheet
}

fn rules(report: &Report) -> Dataset {
    let columns =
        ["Rule", "Status", "Findings", "Accepted", "Seconds", "Datasets", "Message", "Description", "Sources", "Why"];
    let mut sheet = sheet("Rules", &columns);
    for rule in &report.rules {
        let cells = [
            rule.rule.clone(),
            rule.status.clone(),
            rule.count.to_string(),
            rule.accepted.to_string(),
            format!("{:.4}", rule.seconds),
            rule.datasets.join(", "),
            rule.message.clone(),
            rule.description.clone(),
            rule.cites.join("; "),
            rule.why.clone().unwrap_or_default(),
        ];
        sheet.push_row(cells.iter().map(|cell| Cell::Text(cut(cell))));
    }
    sheet
}

/// At most what a cell of a workbook holds.
fn cut(text: &str) -> &str {
    match text.char_indices().nth(32_000) {
        Some((at, _)) => &text[..at],
        None => text,
    }
}

fn findings(report: &Report) -> Dataset {
    let mut sheet = sheet("Findings", &["Rule", "Dataset", "Record", "Keys", "Variables", "Message", "Accepted"]);
    for finding in report.findings.iter().take(MOST_ROWS) {
        let cells = [
            finding.rule.clone(),
            finding.dataset.clone(),
            finding.row.map_or_else(|| finding.path.clone().unwrap_or_default(), |row| row.to_string()),
            finding.keys.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(" "),
            variables(finding),
            finding.message.clone(),
            finding.accepted.clone().unwrap_or_default(),
        ];
        sheet.push_row(cells.iter().map(|cell| Cell::Text(cut(cell))));
    }
    sheet
}

/// `AESTDTC=2012-01-03, AEENDTC=`.
pub(crate) fn variables(finding: &FindingLine) -> String {
    let text = |value: &serde_json::Value| match value {
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    finding.variables.iter().map(|(name, value)| format!("{name}={}", text(value))).collect::<Vec<_>>().join(", ")
}
