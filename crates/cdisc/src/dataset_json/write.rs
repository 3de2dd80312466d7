//! Writing JSON, NDJSON and DSJC: the same bytes for the same data and metadata.

use super::JsonError;
use super::meta::{ColumnMeta, JsonType, Meta, TargetType};
use crate::sas_time;
use croft_core::{Cell, Column, DataType, Dataset, Finding, Kind, Missing, Severity, Variable};
use serde::Serialize;
use serde_json::Map;
use std::io::{BufWriter, Write};

/// Whole numbers below this are written without a point; from here on a double's neighbours are not 1 apart.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Writes one JSON object, a row a line. Gives what could not be written as declared.
pub fn write_json(dataset: &Dataset, meta: &Meta, out: impl Write) -> Result<Vec<Finding>, JsonError> {
    let plan = Plan::new(dataset, meta);
    let mut out = BufWriter::new(out);
    let outcome = plan.head(dataset, meta).and_then(|head| {
        let opened = head.strip_suffix(b"}").unwrap_or(&head);
        out.write_all(opened)?;
        out.write_all(b",\"rows\":[")?;
        for row in 0..dataset.rows() {
            out.write_all(if row == 0 { b"\n" } else { b",\n" })?;
            plan.row(dataset, row, &mut out)?;
        }
        out.write_all(b"\n]}\n")?;
        out.flush()
    });
    outcome.map_err(|source| JsonError::Write { source })?;
    Ok(plan.findings)
}

/// Writes NDJSON: metadata on the first line, a row on each other.
pub fn write_ndjson(dataset: &Dataset, meta: &Meta, out: impl Write) -> Result<Vec<Finding>, JsonError> {
    let plan = Plan::new(dataset, meta);
    let mut out = BufWriter::new(out);
    let outcome = plan.head(dataset, meta).and_then(|head| {
        out.write_all(&head)?;
        for row in 0..dataset.rows() {
            out.write_all(b"\n")?;
            plan.row(dataset, row, &mut out)?;
        }
        out.write_all(b"\n")?;
        out.flush()
    });
    outcome.map_err(|source| JsonError::Write { source })?;
    Ok(plan.findings)
}

/// Writes DSJC: NDJSON in a zlib stream of the highest level, as the specification recommends.
pub fn write_dsjc(dataset: &Dataset, meta: &Meta, out: impl Write) -> Result<Vec<Finding>, JsonError> {
    let mut packed = flate2::write::ZlibEncoder::new(out, flate2::Compression::best());
    let findings = write_ndjson(dataset, meta, &mut packed)?;
    packed.finish().and_then(|mut out| out.flush()).map_err(|source| JsonError::Write { source })?;
    Ok(findings)
}

/// How a column's cells become JSON values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Writing {
    Text,
    Number,
    Decimal,
    Boolean,
    Date,
    Time,
    Datetime,
}

impl Writing {
    fn of(variable: &Variable) -> Self {
        match (variable.kind, variable.data_type) {
            (Kind::Char, _) => Self::Text,
            (Kind::Num, DataType::Date) => Self::Date,
            (Kind::Num, DataType::Time) => Self::Time,
            (Kind::Num, DataType::Datetime) => Self::Datetime,
            (Kind::Num, DataType::Boolean) => Self::Boolean,
            (Kind::Num, DataType::Decimal) => Self::Decimal,
            (Kind::Num, _) => Self::Number,
        }
    }

    /// The text of a number that is not written as a number; `None`: it has none.
    fn text(self, x: f64) -> Option<String> {
        match self {
            Self::Date => sas_time::date_text(x),
            Self::Time => sas_time::time_text(x),
            Self::Datetime => sas_time::datetime_text(x),
            Self::Decimal => Some(number_text(x)),
            Self::Boolean => (x == 0.0 || x.to_bits() == 1.0_f64.to_bits()).then(String::new),
            Self::Text | Self::Number => Some(String::new()),
        }
    }
}

struct Plan {
    writings: Vec<Writing>,
    columns: Vec<ColumnMeta>,
    findings: Vec<Finding>,
}

impl Plan {
    fn new(dataset: &Dataset, meta: &Meta) -> Self {
        let mut plan = Self { writings: Vec::new(), columns: Vec::new(), findings: Vec::new() };
        for (i, (variable, column)) in dataset.variables().iter().zip(dataset.columns()).enumerate() {
            let mut writing = Writing::of(variable);
            if let Some((row, x)) = first_without_text(writing, column) {
                let text = format!("a number is no {writing:?} in ISO 8601, so the column is written as numbers")
                    .to_lowercase();
                plan.remark(dataset, "JSON-DATE", row, &variable.name, &x.to_string(), &text);
                writing = Writing::Number;
            }
            if let Some((row, kind)) = first_special(column) {
                let text = "special missing numbers are written as null: the format has no letters for them";
                plan.remark(dataset, "JSON-MISSING-KIND", row, &variable.name, &kind.to_string(), text);
            }
            let read = meta.columns.get(i).filter(|column| column.name == variable.name);
            plan.columns.push(column_meta(dataset, variable, writing, read));
            plan.writings.push(writing);
        }
        plan
    }

    fn remark(&mut self, dataset: &Dataset, rule: &str, row: usize, variable: &str, value: &str, text: &str) {
        let finding = Finding::new(rule, Severity::Warning, &dataset.name, text).at(row + 1, variable, value);
        self.findings.push(finding);
    }

    /// The metadata as one JSON object, in the order of the standard's text.
    fn head(&self, dataset: &Dataset, meta: &Meta) -> std::io::Result<Vec<u8>> {
        #[derive(Serialize)]
        struct Head<'a> {
            #[serde(flatten)]
            meta: &'a Meta,
            records: usize,
            name: &'a str,
            label: &'a str,
            columns: &'a [ColumnMeta],
        }
        let mut meta = meta.clone();
        if meta.item_group_oid.is_empty() {
            meta.item_group_oid = format!("IG.{}", dataset.name);
        }
        let (records, columns) = (dataset.rows(), &self.columns[..]);
        let head = Head { meta: &meta, records, name: &dataset.name, label: &dataset.label, columns };
        Ok(serde_json::to_vec(&head)?)
    }

    fn row(&self, dataset: &Dataset, row: usize, out: &mut impl Write) -> std::io::Result<()> {
        for (i, (writing, column)) in self.writings.iter().zip(dataset.columns()).enumerate() {
            out.write_all(if i == 0 { b"[" } else { b"," })?;
            cell(*writing, column.get(row), out)?;
        }
        out.write_all(if self.writings.is_empty() { b"[]" } else { b"]" })
    }
}

fn cell(writing: Writing, cell: Cell<'_>, out: &mut impl Write) -> std::io::Result<()> {
    match (cell, writing) {
        (Cell::MissingNum(_) | Cell::Null, _) => out.write_all(b"null"),
        (Cell::Text(text), _) => Ok(serde_json::to_writer(out, text)?),
        (Cell::Num(x), Writing::Number | Writing::Text) => number(x, out),
        (Cell::Num(x), Writing::Boolean) => out.write_all(if x == 0.0 { b"false" } else { b"true" }),
        (Cell::Num(x), writing) => match writing.text(x) {
            Some(text) => Ok(serde_json::to_writer(out, &text)?),
            None => number(x, out),
        },
    }
}

/// The fewest digits that read back to the same double; no point for whole numbers, but `-0.0` keeps its sign.
fn number(x: f64, out: &mut impl Write) -> std::io::Result<()> {
    let whole = x.fract() == 0.0 && x.abs() < EXACT && !(x == 0.0 && x.is_sign_negative());
    if whole { write!(out, "{}", x as i64) } else { Ok(serde_json::to_writer(out, &x)?) }
}

fn number_text(x: f64) -> String {
    format!("{x}")
}

fn first_without_text(writing: Writing, column: &Column) -> Option<(usize, f64)> {
    let Column::Num(numbers) = column else { return None };
    if matches!(writing, Writing::Number | Writing::Decimal) {
        return None;
    }
    (0..numbers.len()).find_map(|row| numbers.get(row).ok().filter(|&x| writing.text(x).is_none()).map(|x| (row, x)))
}

fn first_special(column: &Column) -> Option<(usize, Missing)> {
    let Column::Num(numbers) = column else { return None };
    let special = |row: usize| numbers.get(row).err().filter(|&kind| kind != Missing::ORDINARY);
    (0..numbers.len()).find_map(|row| special(row).map(|kind| (row, kind)))
}

fn column_meta(dataset: &Dataset, variable: &Variable, writing: Writing, read: Option<&ColumnMeta>) -> ColumnMeta {
    let (data_type, target) = json_type(variable, writing, read);
    let key = dataset.keys.iter().position(|key| *key == variable.name);
    let is_text = writing == Writing::Text;
    ColumnMeta {
        item_oid: read.map_or_else(|| format!("IT.{}.{}", dataset.name, variable.name), |c| c.item_oid.clone()),
        name: variable.name.clone(),
        label: variable.label.clone(),
        data_type,
        target_data_type: read.and_then(|c| c.target_data_type).filter(|_| target.is_none() && is_text).or(target),
        length: if is_text { variable.length.or_else(|| read?.length) } else { read.and_then(|c| c.length) },
        display_format: variable.format.clone(),
        key_sequence: key.map(|position| position as u32 + 1),
        extra: read.map_or_else(Map::new, |c| c.extra.clone()),
    }
}

/// Types of define.xml that Dataset-JSON lacks (partial and incomplete dates, durations) are texts there. Text in a column that was
/// read as declared a number stays so declared.
fn json_type(variable: &Variable, writing: Writing, read: Option<&ColumnMeta>) -> (JsonType, Option<TargetType>) {
    let integer = Some(TargetType::Integer);
    match (writing, variable.data_type) {
        (Writing::Date, _) => (JsonType::Date, integer),
        (Writing::Time, _) => (JsonType::Time, integer),
        (Writing::Datetime, _) => (JsonType::Datetime, integer),
        (Writing::Decimal, _) | (Writing::Text, DataType::Decimal) => (JsonType::Decimal, Some(TargetType::Decimal)),
        (Writing::Boolean, _) => (JsonType::Boolean, None),
        (Writing::Number, DataType::Integer) => (JsonType::Integer, None),
        (Writing::Number, DataType::Double) => (JsonType::Double, None),
        (Writing::Number, _) => (JsonType::Float, None),
        (Writing::Text, DataType::Date) => (JsonType::Date, None),
        (Writing::Text, DataType::Time) => (JsonType::Time, None),
        (Writing::Text, DataType::Datetime) => (JsonType::Datetime, None),
        (Writing::Text, DataType::Uri) => (JsonType::Uri, None),
        (Writing::Text, DataType::Integer | DataType::Float | DataType::Double) => {
            (read.map_or(JsonType::String, |column| column.data_type), None)
        }
        (Writing::Text, _) => (JsonType::String, None),
    }
}
