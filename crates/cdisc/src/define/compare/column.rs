//! A column against a definition, in some of its rows.

use super::{Walk, at, on};
use crate::define::condition::rounded;
use crate::define::{ItemDef, Variable};
use crate::odm::DataType;
use croft_core::{Cell, Column, Kind, PartialDate, Severity};
use std::collections::{BTreeMap, BTreeSet};

/// The first row of a kind, its value, and how many there are.
#[derive(Default)]
struct Count {
    first: Option<(usize, String)>,
    rows: usize,
}

impl Count {
    fn add(&mut self, row: usize, value: impl FnOnce() -> String) {
        self.rows += 1;
        self.first.get_or_insert_with(|| (row, value()));
    }
}

/// ` (and 3 rows more)`.
fn more(rows: usize) -> String {
    match rows {
        0 | 1 => String::new(),
        2 => " (and one row more)".to_owned(),
        n => format!(" (and {} rows more)", n - 1),
    }
}

pub(super) fn shown(cell: Cell<'_>) -> String {
    match cell {
        Cell::Num(x) => format!("{x}"),
        Cell::Text(text) => text.to_owned(),
        _ => String::new(),
    }
}

/// Missing, or a text of nothing: a transport file cannot tell them apart.
pub(super) fn is_empty(cell: Cell<'_>) -> bool {
    cell.is_missing() || matches!(cell, Cell::Text(text) if text.trim().is_empty())
}

impl<'d> Walk<'d> {
    /// A whole variable.
    pub(super) fn variable(&mut self, variable: &Variable<'d>) {
        let name = variable.name();
        let data = self.data;
        let Some((own, column)) =
            data.index_of(name).and_then(|i| Some((data.variables().get(i)?, data.columns().get(i)?)))
        else {
            return;
        };
        let label = variable.label();
        if !own.label.is_empty() && own.label != label {
            let message = format!("its label is `{}` in the data and `{label}` in define.xml", own.label);
            self.push("DEFINE-DATA-LABEL", Severity::Warning, on(name), message, "give both the standard's label");
        }
        self.storage(variable, own.kind, own.format.as_deref());
        let empty = (0..column.len()).filter(|row| is_empty(column.get(*row))).count();
        if variable.is_mandatory() && empty > 0 {
            let row = (0..column.len()).find(|row| is_empty(column.get(*row))).unwrap_or_default();
            let message = format!("it is mandatory and missing{}", more(empty));
            self.push(
                "DEFINE-DATA-MANDATORY",
                Severity::Error,
                at(name, row, String::new()),
                message,
                "fill it in, or say Mandatory=\"No\"",
            );
        }
        if variable.has_no_data() && empty < column.len() {
            let message = format!("define.xml says that it has no data, and {} rows have some", column.len() - empty);
            self.push("DEFINE-DATA-EMPTY", Severity::Error, on(name), message, "take def:HasNoData out");
        }
        let rows: Vec<usize> = (0..column.len()).collect();
        self.column(name, variable.definition, column, &rows, "");
        self.slack(variable, column);
    }

    /// Whether a column of texts is defined as numbers or the reverse. Numeric dates have a display format and may be called integers.
    fn storage(&mut self, variable: &Variable<'d>, kind: Kind, format: Option<&str>) {
        let Some(defined) = variable.data_type() else { return };
        let number = matches!(defined, DataType::Integer | DataType::Float);
        let dated = matches!(defined, DataType::Date | DataType::Time | DataType::Datetime) && format.is_some();
        let message = match kind {
            Kind::Char if number => format!("it is a text in the data and {defined} in define.xml"),
            Kind::Num if !number && !dated => format!("it is a number in the data and {defined} in define.xml"),
            _ => return,
        };
        self.push(
            "DEFINE-DATA-TYPE",
            Severity::Error,
            on(variable.name()),
            message,
            "correct the DataType, or store it as defined",
        );
    }

    /// Values in some rows against a definition: type, length, digits, code list. `whose` tells a value-level definition.
    pub(super) fn column(&mut self, name: &str, item: &ItemDef, column: &Column, rows: &[usize], whose: &str) {
        let codes = self.codes(item);
        let (mut wrong, mut partial, mut long, mut fine) =
            (Count::default(), Count::default(), Count::default(), Count::default());
        let (mut longest, mut most) = (0, 0);
        let mut unlisted: BTreeMap<String, Count> = BTreeMap::new();
        let limit = item.length.map_or(usize::MAX, |n| n as usize);
        let digits = item.significant_digits.map_or(usize::MAX, |n| n as usize);
        let is_text = matches!(column, Column::Char(_));
        for &row in rows {
            let cell = column.get(row);
            if is_empty(cell) {
                continue;
            }
            if !is_of_type(cell, item.data_type.as_ref(), is_text) {
                let rough = matches!(item.data_type, Some(DataType::Date | DataType::Datetime))
                    && matches!(cell, Cell::Text(text) if PartialDate::parse(text).is_ok());
                if rough { &mut partial } else { &mut wrong }.add(row, || shown(cell));
            }
            let length = length(cell, item.data_type.as_ref());
            if length > limit {
                long.add(row, || shown(cell));
                longest = longest.max(length);
            }
            if item.data_type == Some(DataType::Float) {
                let decimals = decimals(cell);
                if decimals > digits {
                    fine.add(row, || shown(cell));
                    most = most.max(decimals);
                }
            }
            if let Some(codes) = &codes {
                let text = match cell {
                    Cell::Num(x) => format!("{}", rounded(x)),
                    other => shown(other),
                };
                if !codes.contains(text.trim_end()) {
                    unlisted.entry(text).or_default().add(row, String::new);
                }
            }
        }
        if let Some((row, value)) = wrong.first {
            let kind = item.data_type.as_ref().map_or("", |k| k.as_str());
            let message = format!("{whose}it is no {kind}{}", more(wrong.rows));
            self.push(
                "DEFINE-DATA-TYPE",
                Severity::Error,
                at(name, row, value),
                message,
                "correct the value, or the DataType",
            );
        }
        if let Some((row, value)) = partial.first {
            let kind = item.data_type.as_ref().map_or("", |k| k.as_str());
            let message = format!("{whose}it is no complete {kind}{}", more(partial.rows));
            let hint = "say partialDate or partialDatetime, or complete the value";
            self.push("DEFINE-DATA-TYPE", Severity::Warning, at(name, row, value), message, hint);
        }
        if let Some((row, value)) = long.first {
            let message =
                format!("{whose}it is longer than the Length {limit}{}; the longest has {longest}", more(long.rows));
            self.push(
                "DEFINE-DATA-LENGTH",
                Severity::Error,
                at(name, row, value),
                message,
                "the Length is that of the longest value",
            );
        }
        if let Some((row, value)) = fine.first {
            let message = format!(
                "{whose}it has more decimals than the {digits} of SignificantDigits{}; the most are {most}",
                more(fine.rows)
            );
            self.push(
                "DEFINE-DATA-DIGITS",
                Severity::Warning,
                at(name, row, value),
                message,
                "SignificantDigits is the largest number of decimals",
            );
        }
        for (value, count) in unlisted {
            let row = count.first.map_or(0, |(row, _)| row);
            let list = item.code_list_oid().unwrap_or_default();
            let message = format!("{whose}it is not in the code list {list}{}", more(count.rows));
            self.push(
                "DEFINE-DATA-CODELIST",
                Severity::Error,
                at(name, row, value),
                message,
                "correct the value, or add the term",
            );
        }
    }

    /// The terms of an item's code list; `None` for none, or a dictionary elsewhere. Numbers as they are shown.
    fn codes(&self, item: &ItemDef) -> Option<BTreeSet<String>> {
        let list = item.code_list_oid().and_then(|oid| self.index.code_lists.get(oid))?;
        let numeric = matches!(list.data_type, Some(DataType::Integer | DataType::Float));
        let code = |text: &str| match text.trim().parse::<f64>() {
            Ok(x) if numeric => format!("{}", rounded(x)),
            _ => text.trim_end().to_owned(),
        };
        let terms: BTreeSet<String> = list.terms().map(|t| code(t.value)).collect();
        (!terms.is_empty()).then_some(terms)
    }

    /// Whether a text variable is defined longer than any of its values.
    fn slack(&mut self, variable: &Variable<'d>, column: &Column) {
        let (Column::Char(texts), Some(length)) = (column, variable.definition.length) else { return };
        let longest = texts.longest();
        if variable.data_type() == Some(&DataType::Text) && longest > 0 && longest < length as usize {
            let message = format!("the Length is {length}, the longest value has {longest}");
            self.push(
                "DEFINE-DATA-LENGTH",
                Severity::Note,
                on(variable.name()),
                message,
                "regulators ask for the length of the longest value",
            );
        }
    }
}

/// Whether a value that is there is of a type. A number in a column of texts is read as one.
fn is_of_type(cell: Cell<'_>, kind: Option<&DataType>, is_text: bool) -> bool {
    let date = |text: &str| PartialDate::parse(text);
    match (cell, kind) {
        (Cell::Num(x), Some(DataType::Integer)) => rounded(x).fract() == 0.0,
        (Cell::Text(text), Some(DataType::Integer)) if is_text => text.trim().parse::<i64>().is_ok(),
        (Cell::Text(text), Some(DataType::Float)) if is_text => text.trim().parse::<f64>().is_ok_and(f64::is_finite),
        (Cell::Text(text), Some(DataType::Date)) => text.len() == 10 && date(text).is_ok_and(|d| d.date().is_some()),
        (Cell::Text(text), Some(DataType::Datetime)) => date(text).is_ok_and(|d| d.moment().is_some()),
        (
            Cell::Text(text),
            Some(
                DataType::PartialDate
                | DataType::PartialDatetime
                | DataType::IncompleteDatetime
                | DataType::IncompleteDate,
            ),
        ) => date(text).is_ok() || text.contains('/'),
        (Cell::Text(text), Some(DataType::DurationDatetime)) => text.trim_start_matches(['-', '+']).starts_with('P'),
        _ => true,
    }
}

/// Bytes of a text, digits of a number with its point; of types that have no length, nothing.
fn length(cell: Cell<'_>, kind: Option<&DataType>) -> usize {
    match (cell, kind) {
        (Cell::Text(text), Some(DataType::Text | DataType::Integer | DataType::Float)) => text.len(),
        (Cell::Num(x), Some(DataType::Integer | DataType::Float)) => format!("{}", rounded(x).abs()).len(),
        _ => 0,
    }
}

fn decimals(cell: Cell<'_>) -> usize {
    let text = match cell {
        Cell::Num(x) => format!("{}", rounded(x)),
        Cell::Text(text) => text.trim().to_owned(),
        _ => String::new(),
    };
    text.split_once('.').map_or(0, |(_, tail)| tail.bytes().take_while(u8::is_ascii_digit).count())
}
