//! A file's datasets as tables for people or as JSON for programs.

use crate::output::print_json;
use croft_cdisc::csv::number_text;
use croft_cdisc::dataset_json::Packing;
use croft_cdisc::files::{Loaded, Source};
use croft_cdisc::xpt::Version;
use croft_core::{Cell, DataType, Dataset, Kind};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

/// Characters of a cell that are shown.
const WIDEST: usize = 32;

pub fn print(file: &Path, all: &[Loaded], rows: usize, as_json: bool) {
    if as_json {
        let datasets: Vec<Value> = all.iter().map(|loaded| facts(loaded, rows)).collect();
        print_json(&json!({ "file": file.display().to_string(), "datasets": datasets }));
        return;
    }
    let mut text = String::new();
    for (i, loaded) in all.iter().enumerate() {
        if i > 0 {
            text.push('\n');
        }
        describe(&mut text, file, loaded, rows);
    }
    // A reader that has seen enough (`| head`) closes the pipe; that is no failure.
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}

/// What kind of file it is, in words.
fn kind(source: &Source) -> String {
    match source {
        Source::Xpt(member) => {
            let version = if member.version == Version::V8 { 8 } else { 5 };
            let encoding = member.charset.map_or_else(String::new, |charset| format!(", {}", charset.name()));
            format!("SAS transport file, version {version}{encoding}")
        }
        Source::Json(meta, None) => format!("Dataset-JSON {}", meta.version),
        Source::Json(meta, Some(Packing::Zlib)) => format!("Dataset-JSON {}, packed (zlib)", meta.version),
        Source::Json(meta, Some(Packing::Gzip)) => format!("Dataset-JSON {}, packed (gzip)", meta.version),
        Source::Csv => "delimited text".to_owned(),
        Source::Xlsx(sheets) if sheets.len() > 1 => format!("workbook with the sheets {}", sheets.join(", ")),
        Source::Xlsx(_) => "workbook".to_owned(),
    }
}

fn describe(text: &mut String, file: &Path, loaded: &Loaded, rows: usize) {
    let dataset = &loaded.dataset;
    let label = if dataset.label.is_empty() { String::new() } else { format!("  {}", dataset.label) };
    let _ = writeln!(text, "{}{label}", dataset.name);
    let _ = writeln!(text, "{}: {}", file.display(), kind(&loaded.source));
    if let Source::Xpt(member) = &loaded.source {
        let _ = writeln!(text, "created {}, modified {}", member.origin.created, member.origin.modified);
    }
    let _ = writeln!(text, "{} rows, {} variables", dataset.rows(), dataset.variables().len());
    if !dataset.keys.is_empty() {
        let _ = writeln!(text, "keys {}", dataset.keys.join(", "));
    }
    let mut table = Table::new(&["#", "variable", "type", "length", "format", "label"], &[true, false, false, true]);
    for (i, variable) in dataset.variables().iter().enumerate() {
        table.row(vec![
            (i + 1).to_string(),
            variable.name.clone(),
            type_words(variable.kind, variable.data_type),
            variable.length.map_or_else(String::new, |n| n.to_string()),
            variable.format.clone().unwrap_or_default(),
            variable.label.clone(),
        ]);
    }
    text.push('\n');
    table.write(text);
    let shown = rows.min(dataset.rows());
    if shown > 0 && !dataset.variables().is_empty() {
        let _ = writeln!(text, "\nrows 1 to {shown} of {}", dataset.rows());
        first_rows(dataset, shown).write(text);
    }
}

fn type_words(kind: Kind, data_type: DataType) -> String {
    let word = match serde_json::to_value(data_type) {
        Ok(Value::String(word)) => word,
        _ => String::new(),
    };
    match (kind, data_type) {
        (Kind::Char, DataType::Text) => "Char".to_owned(),
        (Kind::Num, DataType::Float) => "Num".to_owned(),
        _ => format!("{kind:?} {word}"),
    }
}

fn first_rows(dataset: &Dataset, shown: usize) -> Table {
    let names: Vec<&str> = dataset.variables().iter().map(|v| v.name.as_str()).collect();
    let right: Vec<bool> = dataset.variables().iter().map(|v| v.kind == Kind::Num).collect();
    let mut table = Table::new(&names, &right);
    for row in 0..shown {
        let cells = dataset.variables().iter().zip(dataset.columns());
        table.row(cells.map(|(variable, column)| cell_text(column.get(row), variable.data_type)).collect());
    }
    table
}

fn cell_text(cell: Cell<'_>, data_type: DataType) -> String {
    let text = match cell {
        Cell::Num(x) => number_text(x, data_type),
        Cell::MissingNum(kind) => kind.to_string(),
        Cell::Text(text) => text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect(),
        Cell::Null => "null".to_owned(),
    };
    if text.chars().count() <= WIDEST {
        return text;
    }
    text.chars().take(WIDEST - 1).chain(['…']).collect()
}

/// A table whose columns are as wide as their longest cell.
struct Table {
    rows: Vec<Vec<String>>,
    right: Vec<bool>,
}

impl Table {
    /// Columns beyond `right` stand to the left.
    fn new(head: &[&str], right: &[bool]) -> Self {
        Self { rows: vec![head.iter().map(|&h| h.to_owned()).collect()], right: right.to_vec() }
    }

    fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    fn write(&self, text: &mut String) {
        let columns = self.rows[0].len();
        let width = |column: usize| self.rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for row in &self.rows {
            let mut line = String::from(" ");
            for ((cell, &width), column) in row.iter().zip(&widths).zip(0..) {
                let right = self.right.get(column).copied().unwrap_or(false);
                let _ = if right { write!(line, " {cell:>width$} ") } else { write!(line, " {cell:<width$} ") };
            }
            let _ = writeln!(text, "{}", line.trim_end());
        }
    }
}

/// The same facts for programs.
fn facts(loaded: &Loaded, rows: usize) -> Value {
    let dataset = &loaded.dataset;
    let shown = rows.min(dataset.rows());
    let first: Vec<Vec<Value>> =
        (0..shown).map(|row| dataset.columns().iter().map(|column| cell_value(column.get(row))).collect()).collect();
    let mut facts = json!({
        "name": dataset.name,
        "label": dataset.label,
        "kind": kind(&loaded.source),
        "rows": dataset.rows(),
        "keys": dataset.keys,
        "variables": dataset.variables(),
        "first_rows": first,
        "findings": loaded.findings,
    });
    if let Source::Xpt(member) = &loaded.source {
        facts["created"] = json!(member.origin.created.to_string());
        facts["modified"] = json!(member.origin.modified.to_string());
        facts["encoding"] = json!(member.charset.map_or_else(|| "utf-8".to_owned(), |charset| charset.name()));
    }
    facts
}

/// An ordinary missing number and an absent text are null; a special missing number is its letter.
fn cell_value(cell: Cell<'_>) -> Value {
    match cell {
        Cell::Num(x) => json!(x),
        Cell::Text(text) => json!(text),
        Cell::MissingNum(croft_core::Missing::ORDINARY) | Cell::Null => Value::Null,
        Cell::MissingNum(kind) => json!(kind.to_string()),
    }
}
