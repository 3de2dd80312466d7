//! Rows of the database as a dataset.

use crate::checked::Checked;
use crate::plan::Field;
use crate::session::RunError;
use croft_core::{Cell, Column, Dataset, Kind, Missing};
use rusqlite::Row;
use rusqlite::types::ValueRef;
use std::cmp::Ordering;

/// Collects rows, then sorts them by the keys.
pub(crate) struct Collector<'c> {
    checked: &'c Checked,
    /// Fields that become columns.
    fields: Vec<usize>,
    columns: Vec<Column>,
    rows: usize,
    limit: usize,
}

impl<'c> Collector<'c> {
    pub(crate) fn new(checked: &'c Checked, limit: usize) -> Self {
        let columns = checked.variables().iter().map(|v| Column::empty(v.kind)).collect();
        Self { checked, fields: checked.output_fields(), columns, rows: 0, limit }
    }

    pub(crate) fn push(&mut self, row: &Row<'_>) -> Result<(), RunError> {
        self.rows += 1;
        if self.rows > self.limit {
            return Err(RunError::TooManyRows { rows: self.limit });
        }
        for (column, &index) in self.columns.iter_mut().zip(&self.fields) {
            let field = &self.checked.plan.root.fields[index];
            match column.kind() {
                Kind::Num => column.push(number(row, index, field, self.rows)?),
                Kind::Char => column.push(text(row, index)?),
            }
        }
        Ok(())
    }

    /// The rows in the order of the result, found to have keys of their own.
    pub(crate) fn order(&self) -> Result<Vec<usize>, RunError> {
        let keys: Vec<usize> =
            self.checked.keys.iter().filter_map(|k| self.fields.iter().position(|f| f == k)).collect();
        let by: Vec<usize> = if keys.is_empty() { (0..self.columns.len()).collect() } else { keys.clone() };
        let compare = |&a: &usize, &b: &usize| {
            by.iter()
                .map(|&c| compare(self.columns[c].get(a), self.columns[c].get(b)))
                .find(|o| o.is_ne())
                .unwrap_or(Ordering::Equal)
        };
        let mut order: Vec<usize> = (0..self.rows).collect();
        order.sort_by(compare);
        if !keys.is_empty()
            && let Some(pair) = order.windows(2).find(|pair| compare(&pair[0], &pair[1]).is_eq())
        {
            return Err(RunError::DuplicateKey { key: self.key_of(&keys, pair[0]) });
        }
        Ok(order)
    }

    pub(crate) fn finish(self, name: &str) -> Result<Dataset, RunError> {
        let order = self.order()?;
        let mut data = Dataset::new(name, "", self.checked.variables().to_vec());
        data.keys = self.checked.keys().into_iter().map(str::to_owned).collect();
        for (into, from) in data.columns_mut().iter_mut().zip(&self.columns) {
            for &row in &order {
                into.push(from.get(row));
            }
        }
        Ok(data)
    }

    fn key_of(&self, keys: &[usize], row: usize) -> String {
        let part = |&column: &usize| {
            format!("{}={}", self.checked.variables()[column].name, shown_cell(self.columns[column].get(row)))
        };
        keys.iter().map(part).collect::<Vec<_>>().join(", ")
    }
}

fn number<'r>(row: &Row<'r>, index: usize, field: &Field, at: usize) -> Result<Cell<'r>, RunError> {
    let kind = field.companion.map(|c| row.get::<_, Option<String>>(c)).transpose()?.flatten();
    let x = match row.get_ref(index)? {
        ValueRef::Real(x) => Some(x),
        ValueRef::Integer(n) => Some(n as f64),
        _ => None,
    };
    let refuse =
        |value, beside_value| RunError::MissingKind { row: at, column: field.name.clone(), value, beside_value };
    match (x, kind) {
        (Some(_), Some(value)) => Err(refuse(value, true)),
        (Some(x), None) if x.is_finite() => Ok(Cell::Num(if x == 0.0 { 0.0 } else { x })),
        (Some(_), None) => Err(RunError::NotFinite { row: at, column: field.name.clone() }),
        (None, None) => Ok(Cell::MissingNum(Missing::ORDINARY)),
        (None, Some(value)) => missing(&value).map(Cell::MissingNum).ok_or_else(|| refuse(value, false)),
    }
}

fn missing(value: &str) -> Option<Missing> {
    let mut chars = value.chars();
    match (chars.next(), chars.next()) {
        (Some(letter), None) => Missing::from_letter(letter),
        _ => None,
    }
}

fn text<'r>(row: &'r Row<'_>, index: usize) -> Result<Cell<'r>, RunError> {
    match row.get_ref(index)? {
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Cell::Text(text)),
            Err(error) => Err(rusqlite::Error::Utf8Error(index, error).into()),
        },
        _ => Ok(Cell::Null),
    }
}

/// Nulls first, missing kinds in SAS's order, then numbers, or texts by their bytes.
pub(crate) fn compare(a: Cell<'_>, b: Cell<'_>) -> Ordering {
    match (a, b) {
        (Cell::Num(a), Cell::Num(b)) => a.total_cmp(&b),
        (Cell::MissingNum(a), Cell::MissingNum(b)) => a.cmp(&b),
        (Cell::Text(a), Cell::Text(b)) => a.as_bytes().cmp(b.as_bytes()),
        (Cell::Num(_) | Cell::Text(_), _) => Ordering::Greater,
        (_, Cell::Num(_) | Cell::Text(_)) => Ordering::Less,
        _ => Ordering::Equal,
    }
}

pub(crate) fn shown_cell(cell: Cell<'_>) -> String {
    match cell {
        Cell::Num(x) => crate::functions::shortest(x),
        Cell::Text(text) => text.to_owned(),
        Cell::MissingNum(kind) => kind.to_string(),
        Cell::Null => "null".to_owned(),
    }
}

/// A database value as a message shows it.
pub(crate) fn shown(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "null".to_owned(),
        ValueRef::Integer(n) => n.to_string(),
        ValueRef::Real(x) => crate::functions::shortest(x),
        ValueRef::Text(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        ValueRef::Blob(bytes) => format!("{} bytes", bytes.len()),
    }
}
