//! Which rows of a dataset are listed, and how?
//!
//! ```toml
//! type = "listing"
//! title = "Plasma concentrations"
//! dataset = "ADPC"
//! where = { PARAMCD = "DRUGX", APERIOD = [1, 2] }
//! sort = ["USUBJID", "APERIOD", "ATPTN"]        # ascending; missing first; else the dataset's order
//! missing = { B = "BLQ", N = "ND" }             # how special missing numbers are shown; else `.B`
//!
//! [[column]]
//! variable = "USUBJID"
//! label = "Subject"                             # else the variable's label
//! group = true                                  # printed once, and again with "(continued)" after a page break
//! [[column]]
//! variable = "AVAL"
//! label = "Concentration (ng/mL)"
//! format = "3s"                                 # a number format
//! if-missing = "AVALC"                          # a text variable shown when the number is missing
//! width = 2                                     # share of the page relative to other columns with a width
//! ```
//! The label by which a row is addressed is the values of its group columns and the row's number in the dataset.

use super::{DisplayError, Place};
use crate::block::{Align, Cell, CellSource, Column, HeadCell, Inline, Row, RowKind, Table, plain};
use crate::number::Spec;
use crate::select::Filter;
use croft_core::{Cell as Value, Dataset, Kind, Missing};
use serde::Deserialize;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The keys of a listing.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Keys {
    pub(crate) dataset: String,
    #[serde(default, rename = "where")]
    filter: Filter,
    #[serde(default)]
    sort: Vec<String>,
    #[serde(default)]
    missing: BTreeMap<String, String>,
    column: Vec<ColumnKeys>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ColumnKeys {
    variable: String,
    label: Option<String>,
    #[serde(default)]
    group: bool,
    format: Option<String>,
    if_missing: Option<String>,
    width: Option<f32>,
    align: Option<AlignKey>,
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum AlignKey {
    Left,
    Center,
    Right,
    Decimal,
}

/// A column ready to print.
struct Printer<'a> {
    variable: Arc<str>,
    column: &'a croft_core::Column,
    instead: Option<(Arc<str>, &'a croft_core::Column)>,
    /// Without a format a number is listed as it is stored.
    spec: Option<Spec>,
}

/// The rows of a dataset that a filter lets through; numbers are compared as they are written.
pub(crate) fn rows(at: &Place<'_>, data: &Dataset, filter: &Filter) -> Result<Vec<usize>, DisplayError> {
    let mut terms = Vec::new();
    for (name, allowed) in filter.terms() {
        terms.push((at.column("where", data, name)?, allowed));
    }
    let fits = |row: usize| terms.iter().all(|(column, allowed)| allowed.contains(&text_of(column.get(row))));
    Ok((0..data.rows()).filter(|&row| fits(row)).collect())
}

/// A value as it is written in filters and group labels.
pub(crate) fn text_of(value: Value<'_>) -> String {
    match value {
        Value::Num(x) => x.to_string(),
        Value::Text(text) => text.to_owned(),
        Value::MissingNum(_) | Value::Null => String::new(),
    }
}

/// Lists the rows.
pub(crate) fn render(keys: &Keys, at: &Place<'_>) -> Result<(Table, Vec<Vec<Inline>>), DisplayError> {
    let data = at.dataset("dataset", &keys.dataset)?;
    let missing = missing_texts(keys, at)?;
    let mut rows = rows(at, data, &keys.filter)?;
    sort(keys, at, data, &mut rows)?;
    let printers = printers(keys, at, data)?;
    let groups: Vec<usize> = keys.column.iter().enumerate().filter(|(_, c)| c.group).map(|(i, _)| i).collect();
    let dataset: Arc<str> = Arc::from(keys.dataset.as_str());

    let mut out = Vec::with_capacity(rows.len());
    let mut previous: Vec<String> = Vec::new();
    for row in rows {
        let cells: Vec<Cell> = printers.iter().map(|p| p.cell(row, &dataset, &missing)).collect();
        let group: Vec<String> = groups.iter().map(|&i| cells[i].words().into_owned()).collect();
        let kind = if group == previous { RowKind::Data } else { RowKind::Start };
        let name =
            group.iter().map(String::as_str).chain([format!("{}", row + 1).as_str()]).collect::<Vec<_>>().join(" ");
        previous = group;
        out.push(Row { kind, name, indent: 0, cells });
    }
    let (columns, head) = columns(keys, at, data)?;
    Ok((Table { columns, head: vec![head], rows: out }, Vec::new()))
}

fn missing_texts(keys: &Keys, at: &Place<'_>) -> Result<BTreeMap<Missing, String>, DisplayError> {
    let mut texts = BTreeMap::new();
    for (letter, text) in &keys.missing {
        let mut letters = letter.chars();
        let kind = letters.next().filter(|_| letters.next().is_none()).and_then(Missing::from_letter);
        let kind = kind.ok_or_else(|| {
            at.problem("missing", format!("`{letter}` is no missing kind: use `.`, `_` or a letter A to Z"))
        })?;
        texts.insert(kind, text.clone());
    }
    Ok(texts)
}

fn sort(keys: &Keys, at: &Place<'_>, data: &Dataset, rows: &mut [usize]) -> Result<(), DisplayError> {
    let mut columns = Vec::new();
    for name in &keys.sort {
        columns.push(at.column("sort", data, name)?);
    }
    rows.sort_by(|&a, &b| {
        columns.iter().map(|c| compare(c.get(a), c.get(b))).find(|o| o.is_ne()).unwrap_or(Ordering::Equal)
    });
    Ok(())
}

/// Missing before present, numbers by value, texts by their bytes.
fn compare(a: Value<'_>, b: Value<'_>) -> Ordering {
    match (a, b) {
        (Value::Num(x), Value::Num(y)) => x.total_cmp(&y),
        (Value::Text(x), Value::Text(y)) => x.cmp(y),
        (Value::MissingNum(x), Value::MissingNum(y)) => x.cmp(&y),
        (Value::MissingNum(_) | Value::Null, Value::Num(_) | Value::Text(_)) => Ordering::Less,
        (Value::Num(_) | Value::Text(_), Value::MissingNum(_) | Value::Null) => Ordering::Greater,
        _ => Ordering::Equal,
    }
}

fn printers<'d>(keys: &Keys, at: &Place<'_>, data: &'d Dataset) -> Result<Vec<Printer<'d>>, DisplayError> {
    let mut printers = Vec::new();
    for (i, column) in keys.column.iter().enumerate() {
        let key = format!("column {}", i + 1);
        let spec =
            column.format.as_deref().map(Spec::parse).transpose().map_err(|problem| at.problem(&key, problem))?;
        let instead = match &column.if_missing {
            None => None,
            Some(name) => Some((Arc::from(name.as_str()), at.column(&key, data, name)?)),
        };
        printers.push(Printer {
            variable: Arc::from(column.variable.as_str()),
            column: at.column(&key, data, &column.variable)?,
            instead,
            spec,
        });
    }
    if printers.is_empty() {
        return Err(at.problem("column", "the listing has no columns: write [[column]]"));
    }
    Ok(printers)
}

impl Printer<'_> {
    fn cell(&self, row: usize, dataset: &Arc<str>, missing: &BTreeMap<Missing, String>) -> Cell {
        let (variable, text) = match self.column.get(row) {
            Value::Num(x) => (&self.variable, self.spec.as_ref().map_or_else(|| x.to_string(), |s| s.print(x, 0))),
            Value::Text(text) => (&self.variable, text.to_owned()),
            Value::Null => (&self.variable, String::new()),
            Value::MissingNum(kind) => match &self.instead {
                Some((name, column)) => (name, text_of(column.get(row))),
                None => (&self.variable, missing_text(kind, missing)),
            },
        };
        let source = CellSource::Row { dataset: dataset.clone(), row, variable: variable.clone() };
        Cell { sources: vec![source], ..Cell::text(text) }
    }
}

fn missing_text(kind: Missing, texts: &BTreeMap<Missing, String>) -> String {
    match texts.get(&kind) {
        Some(text) => text.clone(),
        None if kind == Missing::ORDINARY => String::new(),
        None => kind.to_string(),
    }
}

fn columns(keys: &Keys, at: &Place<'_>, data: &Dataset) -> Result<(Vec<Column>, Vec<HeadCell>), DisplayError> {
    let mut columns = Vec::new();
    let mut head = Vec::new();
    for column in &keys.column {
        let variable = data.variables().iter().find(|v| v.name == column.variable);
        let stored = variable.map_or("", |v| if v.label.is_empty() { &v.name } else { &v.label });
        let label = at.label("column", column.label.as_deref().unwrap_or(stored))?;
        let align = match column.align {
            Some(AlignKey::Left) => Align::Left,
            Some(AlignKey::Center) => Align::Center,
            Some(AlignKey::Right) => Align::Right,
            Some(AlignKey::Decimal) => Align::Decimal,
            None if variable.is_some_and(|v| v.kind == Kind::Num) && !column.group => Align::Decimal,
            None => Align::Left,
        };
        columns.push(Column { name: plain(&label), align, width: column.width, group: column.group });
        head.push(HeadCell { content: label, span: 1 });
    }
    Ok((columns, head))
}
