//! What data does a rule's example hold, and which of it should the rule find?
//!
//! ```text
//! **ADLB** (Laboratory Analysis Data)
//!
//! |   | USUBJID | PARAMCD | AVAL | AVALC $ | ADT DATE9. |
//! |---|---|---|---|---|---|
//! |   | 01 | ALT | 12.1 | 12.1 | 2014-01-02 |
//! | ✗ | 01 | ALT | 12.1 | 12.2 | 2014-01-03 |
//! ```
//!
//! The first column marks what must be found. A column is numeric where all of its filled cells read as numbers, unless its head ends in
//! `$`; a head may name a SAS format instead, and dates and times are written in ISO 8601 then. `**ADLB** ✗` marks the dataset as a
//! whole, `**STUDY** ✗` the study. `**ADLB** variables` heads a table of the dataset's variables with the columns `Variable`, `Label`, `Type`, `Length`
//! and `Format`, as many as matter; marks there are findings about variables.

use super::page::{Lines, OwnRule, PageError};
use crate::column::Column;
use crate::finding::Finding;
use crate::frame::Frame;
use crate::rule::Rule;
use crate::run::{Status, check};
use crate::study::{Study, Table, TableVariable};
use crate::value::Value;
use croft_cdisc::sas_time;
use std::collections::BTreeSet;

/// What marks a record.
const MARK: &str = "✗";

/// A place that a rule finds: a dataset, and a record of it or the whole.
pub type Place = (String, Option<u64>);

/// Datasets, and what must be found in them.
#[derive(Clone, Debug, Default)]
pub struct Example {
    /// In their order.
    pub tables: Vec<Table>,
    /// Where something must be found.
    pub marked: BTreeSet<Place>,
}

/// A dataset as it is being read.
#[derive(Default)]
struct Draft {
    name: String,
    label: String,
    variables: Vec<TableVariable>,
    frame: Option<Frame>,
}

/// Reads the tables of an example; other lines are for people.
pub(super) fn read(lines: &Lines<'_>) -> Result<Example, PageError> {
    let mut drafts: Vec<Draft> = Vec::new();
    let mut marked = BTreeSet::new();
    let mut rest = lines.as_slice();
    let mut about_variables = false;
    while let [(_, text), after @ ..] = rest {
        if let Some(caption) = text.strip_prefix("**") {
            about_variables = head(caption, &mut drafts, &mut marked);
            rest = after;
        } else if text.starts_with('|') {
            let end = rest.iter().position(|(_, line)| !line.starts_with('|')).unwrap_or(rest.len());
            let (table, after) = rest.split_at(end);
            let draft = drafts.last_mut().ok_or_else(|| wrong(table, "no `**NAME**` stands before the table"))?;
            let rows = cells(table)?;
            for (i, row) in (1..).zip(&rows[1..]) {
                if row.cells[0].starts_with(MARK) {
                    marked.insert((draft.name.clone(), Some(i)));
                }
            }
            if about_variables {
                draft.variables = variables(&rows)
            } else {
                draft.records(&rows)?
            }
            rest = after;
        } else {
            rest = after;
        }
    }
    let table = |draft: Draft| {
        let file = format!("{}.xpt", draft.name.to_lowercase());
        Table::new(&draft.name, &draft.label, &file, 0, draft.variables, draft.frame.unwrap_or_default())
    };
    Ok(Example { tables: drafts.into_iter().map(table).collect(), marked })
}

fn wrong(lines: &[(usize, &str)], message: &str) -> PageError {
    PageError::Table { line: lines.first().map_or(1, |(line, _)| *line), message: message.to_owned() }
}

/// Takes a caption, `ADSL** (Label) ✗`; whether its table is one of variables.
fn head(caption: &str, drafts: &mut Vec<Draft>, marked: &mut BTreeSet<Place>) -> bool {
    let (name, rest) = caption.split_once("**").unwrap_or((caption, ""));
    let name = name.trim();
    if rest.contains(MARK) {
        marked.insert((name.to_owned(), None));
    }
    if name != "STUDY" && drafts.last().is_none_or(|draft| draft.name != name) {
        drafts.push(Draft { name: name.to_owned(), ..Draft::default() });
    }
    let label = rest.split_once('(').and_then(|(_, label)| label.rsplit_once(')')).map(|(label, _)| label);
    if let (Some(draft), Some(label)) = (drafts.last_mut(), label) {
        label.clone_into(&mut draft.label);
    }
    rest.trim_start_matches([' ', ',']).starts_with("variables")
}

/// A line of a table.
struct Row<'t> {
    line: usize,
    cells: Vec<&'t str>,
}

/// The head and the rows.
fn cells<'t>(lines: &[(usize, &'t str)]) -> Result<Vec<Row<'t>>, PageError> {
    let row = |&(line, text): &(usize, &'t str)| {
        let inner = text.trim().trim_start_matches('|');
        let inner = inner.strip_suffix('|').unwrap_or(inner);
        Row { line, cells: inner.split('|').map(str::trim).collect() }
    };
    let mut rows: Vec<Row<'_>> = lines.iter().map(row).collect();
    let dashes = rows.get(1).is_some_and(|row| row.cells.iter().all(|cell| cell.contains('-')));
    if !dashes {
        return Err(wrong(lines, "a table has a line of heads and a line of dashes"));
    }
    rows.remove(1);
    let width = rows[0].cells.len();
    match rows.iter().find(|row| row.cells.len() != width) {
        Some(row) => {
            let message = format!("{} cells stand under {width} heads", row.cells.len());
            Err(PageError::Table { line: row.line, message })
        }
        None => Ok(rows),
    }
}

/// A table of variables.
fn variables(rows: &[Row<'_>]) -> Vec<TableVariable> {
    let place = |head: &str| rows[0].cells.iter().position(|cell| *cell == head);
    let places = ["Variable", "Label", "Type", "Length", "Format"].map(place);
    let variable = |row: &Row<'_>| {
        let text = |i: usize| places[i].map_or("", |place| row.cells[place]).to_owned();
        let data_type = if text(2).is_empty() { "Char".to_owned() } else { text(2) };
        TableVariable { name: text(0), label: text(1), data_type, length: text(3).parse().ok(), format: text(4) }
    };
    rows[1..].iter().map(variable).collect()
}

impl Draft {
    /// A table of records.
    fn records(&mut self, rows: &[Row<'_>]) -> Result<(), PageError> {
        let mut frame = Frame::of_rows(rows.len() - 1);
        for (i, head) in rows[0].cells.iter().enumerate().skip(1) {
            let (name, kind) = head.split_once(' ').unwrap_or((head, ""));
            let column = rows[1..].iter().map(|row| (row.line, row.cells[i]));
            let filled = || column.clone().map(|(_, cell)| cell).filter(|cell| !cell.is_empty());
            let numeric = kind != "$" && filled().next().is_some() && (!kind.is_empty() || filled().all(is_number));
            let values: Result<Column, PageError> =
                column.clone().map(|(line, cell)| value(cell, numeric, line)).collect();
            frame.set(name, values?);
            if !self.variables.iter().any(|variable| variable.name == name) {
                self.variables.push(TableVariable {
                    name: name.to_owned(),
                    label: String::new(),
                    data_type: if numeric { "Num" } else { "Char" }.to_owned(),
                    length: None,
                    format: if numeric { kind.to_owned() } else { String::new() },
                });
            }
        }
        self.frame = Some(frame);
        Ok(())
    }
}

fn is_number(cell: &str) -> bool {
    cell.parse::<f64>().is_ok()
}

fn value(cell: &str, numeric: bool, line: usize) -> Result<Value, PageError> {
    if !numeric || cell.is_empty() {
        return Ok(Value::text(cell));
    }
    let number = cell.parse().ok().or_else(|| sas_time::parse_datetime(cell)).or_else(|| sas_time::parse_date(cell));
    let number = number.or_else(|| sas_time::parse_time(cell));
    let message = format!("`{cell}` is neither a number nor a date or time in ISO 8601");
    number.map(Value::number).ok_or(PageError::Table { line, message })
}

impl OwnRule {
    /// Where the rule's examples and what it finds in them disagree; nothing, if the rule does what its page says.
    pub fn mismatches(&self) -> Vec<String> {
        let mut found = self.failing.mismatches(&self.rule, "failing");
        found.extend(self.passing.mismatches(&self.rule, "passing"));
        if self.failing.marked.is_empty() {
            found.push("the failing example marks nothing".to_owned());
        }
        if !self.passing.marked.is_empty() {
            found.push("the passing example marks something".to_owned());
        }
        found
    }
}

impl Example {
    fn mismatches(&self, rule: &Rule, which: &str) -> Vec<String> {
        let standard = rule.citations.first().map(|citation| citation.standard.as_str()).unwrap_or_default();
        let version = match standard {
            "adamig" => "1.3",
            "sendig" => "3.1.1",
            _ => "3.4",
        };
        let standard = if standard.is_empty() { "sdtmig" } else { standard };
        let outcome = check(&Study::new(self.tables.clone(), standard, version), rule);
        let place = |finding: &Finding| (finding.dataset.clone(), finding.record);
        let found: BTreeSet<Place> = outcome.findings.iter().map(place).collect();
        let mut wrong = Vec::new();
        let words = |(dataset, record): &Place| match record {
            Some(record) => format!("{dataset} {record}"),
            None => dataset.clone(),
        };
        wrong.extend(
            self.marked.difference(&found).map(|p| format!("{which} example: {} is marked and not found", words(p))),
        );
        wrong.extend(
            found.difference(&self.marked).map(|p| format!("{which} example: {} is found and not marked", words(p))),
        );
        if matches!(outcome.status, Status::Failed | Status::Skipped) {
            wrong.push(format!("{which} example: {} ({})", outcome.status.word(), outcome.why.join("; ")));
        }
        wrong
    }
}
