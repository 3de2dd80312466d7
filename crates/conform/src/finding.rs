//! What does a rule report?
//!
//! Each finding names the dataset, the record, the subject and sequence number where there are such, and the variables
//! that the rule's author chose, or those that its conditions look at, with their values.

use crate::frame::{Frame, chosen, groups};
use crate::rule::{Rule, RuleType, Sensitivity};
use crate::study::Table;
use crate::value::Value;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What a reported variable holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Shown {
    /// A value.
    Value(Value),
    /// The dataset has no such variable.
    NotInDataset,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Finding {
    /// Dataset; `STUDY` for the study as a whole.
    pub dataset: String,
    /// Record in its file, from 1; `None` for the dataset as a whole.
    pub record: Option<u64>,
    /// What `--` stands for.
    pub prefix: String,
    /// USUBJID.
    pub subject: Option<String>,
    /// --SEQ.
    pub sequence: Option<String>,
    /// Where in a JSON document.
    pub path: Option<String>,
    /// Variables and what they hold.
    pub variables: Vec<(String, Shown)>,
}

/// The findings of a mask, at most so many of them; and how many there are.
pub fn findings(
    rule: &Rule,
    table: &Table,
    frame: &Frame,
    mask: &[bool],
    most: usize,
) -> Result<(Vec<Finding>, usize), String> {
    let names = reported(rule, table, frame, mask);
    let rows = chosen(mask);
    let presence = rule.rule_type == RuleType::DomainPresence;
    let found: Vec<Finding> = match rule.sensitivity {
        Sensitivity::Record | Sensitivity::Study => {
            rows.iter().take(most).map(|&row| record(rule, table, frame, row, &names)).collect()
        }
        Sensitivity::Dataset => {
            let mut first = record(rule, table, frame, rows[0], &names);
            first.record = None;
            (first.subject, first.sequence, first.path) = (None, None, first.path);
            first.dataset = datasets(frame, &rows, table);
            vec![first]
        }
        Sensitivity::Group => grouped(rule, table, frame, &rows, &names)?,
    };
    let of_study = |mut finding: Finding| {
        if presence {
            "STUDY".clone_into(&mut finding.dataset);
            finding.record = None;
        }
        finding
    };
    let total = match rule.sensitivity {
        Sensitivity::Record | Sensitivity::Study => rows.len(),
        Sensitivity::Dataset | Sensitivity::Group => found.len(),
    };
    Ok((found.into_iter().take(most).map(of_study).collect(), total))
}

/// One finding a group of records, shown by its first.
fn grouped(rule: &Rule, table: &Table, frame: &Frame, rows: &[u32], names: &[String]) -> Result<Vec<Finding>, String> {
    if rule.grouping_variables.is_empty() {
        return Err("a rule about groups must name its `Grouping Variables`".to_owned());
    }
    let part = frame.take(rows.to_vec());
    let grouping: Vec<String> = rule.grouping_variables.iter().map(|name| name.replace("--", table.prefix())).collect();
    let columns = grouping
        .iter()
        .map(|name| part.column(name).ok_or_else(|| format!("the grouping variable {name} is not in the dataset")));
    let columns = columns.collect::<Result<Vec<_>, _>>()?;
    let groups = groups(&columns, part.rows());
    let mut all: Vec<String> = names.to_vec();
    all.extend(grouping.into_iter().filter(|name| !names.contains(name)));
    Ok(groups.first.iter().map(|&row| record(rule, table, &part, row, &all)).collect())
}

/// The datasets that rows come from.
fn datasets(frame: &Frame, rows: &[u32], table: &Table) -> String {
    let Some(origin) = &frame.origin else { return table.name.clone() };
    let names: BTreeSet<String> = rows.iter().map(|&row| origin.dataset(row as usize).to_string()).collect();
    names.into_iter().collect::<Vec<_>>().join(", ")
}

fn record(rule: &Rule, table: &Table, frame: &Frame, row: u32, names: &[String]) -> Finding {
    let row = row as usize;
    let cell = |name: &str| frame.column(name).map(|column| column.value(row));
    let number = |value: &Value| value.as_number().filter(|x| *x >= 0.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a record's number is a small count")]
    let record = cell("row_number").and_then(number).map(|x| x as u64).or_else(|| frame.origin.as_ref()?.record(row));
    let text = |name: &str| {
        cell(name).filter(|value| !value.is_missing()).and_then(|v| v.pattern_text().map(std::borrow::Cow::into_owned))
    };
    let shown = |name: &String| {
        let value = cell(name).map_or(Shown::NotInDataset, |value| Shown::Value(value.clone()));
        (name.clone(), value)
    };
    let dataset = frame.origin.as_ref().map_or_else(|| table.name.clone(), |origin| origin.dataset(row).to_string());
    let records = rule.rule_type == RuleType::RecordData;
    Finding {
        dataset,
        record,
        prefix: table.prefix().to_owned(),
        subject: if records { text("USUBJID") } else { None },
        sequence: if records { text(&format!("{}SEQ", table.domain().unwrap_or_default())) } else { None },
        path: text("_path"),
        variables: names.iter().map(shown).collect(),
    }
}

/// The variables to report: the rule's own list, or the conditions' variables; and the columns that a reported list names.
fn reported(rule: &Rule, table: &Table, frame: &Frame, mask: &[bool]) -> Vec<String> {
    let prefix = table.prefix();
    let mut names: Vec<String> = Vec::new();
    let mut add = |name: String| {
        if !names.contains(&name) {
            names.push(name);
        }
    };
    if rule.output_variables.is_empty() {
        rule.conditions().iter().filter_map(|c| c.target.as_ref()).for_each(|name| add(name.replace("--", prefix)));
    } else {
        rule.output_variables.iter().for_each(|name| add(name.replacen("--", prefix, 1)));
    }
    for name in names.clone() {
        let Some(column) = frame.column(&name) else { continue };
        let mut codes: BTreeSet<u32> = BTreeSet::new();
        for (row, code) in column.codes().enumerate() {
            if mask[row] && codes.insert(code) {
                let listed = column.values()[code as usize].as_list().unwrap_or_default();
                for inner in listed.iter().filter_map(Value::as_text).filter(|inner| frame.has(inner)) {
                    if !names.iter().any(|name| name == inner) {
                        names.push(inner.to_owned());
                    }
                }
            }
        }
    }
    names
}
