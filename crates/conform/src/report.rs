//! What did a check give, in a form to read, to keep and to compare?
//!
//! A report is plain data: what was checked against what, each rule and how it ended, each finding. It is written as JSON and
//! read back ([`Report::of_json`]), shown as a page ([`html`]) or a workbook ([`xlsx`]), compared with an earlier one ([`compare`]),
//! and marked with findings that people accepted with a reason ([`accept`]).

pub mod accept;
pub mod compare;
pub mod html;
pub mod xlsx;

use crate::finding::Shown;
use crate::rule::Rule;
use crate::run::{Outcome, Status};
use crate::study::Study;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// A check of a study.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Program version.
    pub croft: String,
    /// What was checked against.
    pub against: Against,
    /// Datasets in file order.
    pub datasets: Vec<DatasetLine>,
    /// What the reader must know of how it was done.
    pub notes: Vec<String>,
    /// Rules in order.
    pub rules: Vec<RuleLine>,
    /// Findings by rule, dataset, record.
    pub findings: Vec<FindingLine>,
}

/// What a study was checked against.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Against {
    /// `sdtmig-3.4`.
    pub standard: String,
    /// How the standard was known.
    pub standard_from: String,
    /// `sdtmct-2025-03-28`.
    pub terminology: String,
    /// The file of define.xml, if there was one.
    pub define: Option<String>,
    /// Where the rules came from, and how many.
    pub rules: Vec<String>,
}

/// A dataset checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatasetLine {
    /// Name.
    pub name: String,
    /// Label.
    pub label: String,
    /// File.
    pub file: String,
    /// Records.
    pub records: usize,
    /// Variables.
    pub variables: usize,
}

/// A rule and how it ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RuleLine {
    /// Id.
    pub rule: String,
    /// `passed`, `findings`, `skipped`, `failed`.
    pub status: String,
    /// Why it did not look at some datasets.
    pub why: Option<String>,
    /// Time taken.
    pub seconds: f64,
    /// Number of findings.
    pub count: usize,
    /// Of them accepted.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub accepted: usize,
    /// Datasets that it looked at.
    pub datasets: Vec<String>,
    /// What it is about.
    pub description: String,
    /// What to tell the reader.
    pub message: String,
    /// Numbers and sections in the standards.
    pub cites: Vec<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(n: &usize) -> bool {
    *n == 0
}

/// A finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingLine {
    /// Rule.
    pub rule: String,
    /// Dataset.
    pub dataset: String,
    /// Record, from 1; `None` for the dataset.
    pub row: Option<u64>,
    /// What identifies the record: subject and sequence number.
    pub keys: BTreeMap<String, String>,
    /// Where in a JSON document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Variables and what they hold; `Not in dataset` for one that is not there.
    pub variables: Map<String, Json>,
    /// What to tell the reader.
    pub message: String,
    /// Why it was accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<String>,
}

/// What stands for a variable that the dataset does not have.
pub const NOT_IN_DATASET: &str = "Not in dataset";

impl Report {
    /// The report of a run: `rules` and `outcomes` pair by pair.
    pub fn new(study: &Study, against: Against, rules: &[&Rule], outcomes: Vec<Outcome>, croft: &str) -> Self {
        let datasets = study.tables.iter().map(|table| DatasetLine {
            name: table.name.clone(),
            label: table.label.clone(),
            file: table.filename.clone(),
            records: table.frame().rows(),
            variables: table.variables().len(),
        });
        let mut report = Self {
            croft: croft.to_owned(),
            against,
            datasets: datasets.collect(),
            notes: study.notes(),
            rules: Vec::new(),
            findings: Vec::new(),
        };
        for (rule, outcome) in rules.iter().zip(outcomes) {
            report.rules.push(rule_line(rule, &outcome));
            if outcome.total > outcome.findings.len() {
                let kept = outcome.findings.len();
                report.notes.push(format!("{}: the first {kept} of {} findings are listed", rule.id, outcome.total));
            }
            report.findings.extend(finding_lines(rule, outcome));
        }
        report
    }

    /// Reads a report back.
    pub fn of_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// How many rules ended so.
    pub fn ended(&self, status: Status) -> usize {
        self.rules.iter().filter(|rule| rule.status == status.word()).count()
    }

    /// Findings that nobody accepted.
    pub fn open(&self) -> impl Iterator<Item = &FindingLine> {
        self.findings.iter().filter(|finding| finding.accepted.is_none())
    }
}

fn rule_line(rule: &Rule, outcome: &Outcome) -> RuleLine {
    let mut cites: Vec<String> = Vec::new();
    for citation in &rule.citations {
        let parts = [&citation.organization, &citation.rule_id, &citation.section];
        let line = parts.into_iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(", ");
        if !line.is_empty() && !cites.contains(&line) {
            cites.push(line);
        }
    }
    RuleLine {
        rule: rule.id.clone(),
        status: outcome.status.word().to_owned(),
        why: (!outcome.why.is_empty()).then(|| outcome.why.join("; ")),
        seconds: outcome.seconds,
        count: outcome.total,
        accepted: 0,
        datasets: outcome.datasets.clone(),
        description: rule.description.clone(),
        message: rule.message.clone(),
        cites,
    }
}

fn finding_lines(rule: &Rule, outcome: Outcome) -> impl Iterator<Item = FindingLine> + '_ {
    outcome.findings.into_iter().map(|finding| {
        let prefix = finding.prefix;
        let mut keys = BTreeMap::new();
        keys.extend(finding.subject.map(|subject| ("USUBJID".to_owned(), subject)));
        keys.extend(finding.sequence.map(|number| (format!("{prefix}SEQ"), number)));
        let shown = |(name, shown): (String, Shown)| {
            let value = match shown {
                Shown::Value(value) => value.to_json(),
                Shown::NotInDataset => Json::from(NOT_IN_DATASET),
            };
            (name, value)
        };
        FindingLine {
            rule: rule.id.clone(),
            dataset: finding.dataset,
            row: finding.record,
            keys,
            path: finding.path,
            variables: finding.variables.into_iter().map(shown).collect(),
            message: rule.message.replace("--", &prefix),
            accepted: None,
        }
    })
}
