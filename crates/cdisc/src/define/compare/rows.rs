//! Rows: keys that name them, and conditions of value-level metadata that they meet.

use super::column::{is_empty, shown};
use super::{Walk, at, on};
use crate::define::condition::{Compiled, words_of};
use crate::define::{Variable, WhereClauseDef};
use croft_core::{Column, Severity};
use std::collections::HashMap;

impl<'d> Walk<'d> {
    /// Whether the keys name one row each.
    pub(super) fn keys(&mut self) {
        let keys = self.index.keys(self.definition);
        let columns: Option<Vec<&Column>> = keys.iter().map(|key| self.data.column(key)).collect();
        // A key that the data do not have is told as a missing variable.
        let Some(columns) = columns.filter(|columns| !columns.is_empty()) else { return };
        let mut seen: HashMap<String, usize> = HashMap::with_capacity(self.data.rows());
        let (mut first, mut count) = (None, 0);
        for row in 0..self.data.rows() {
            let key = columns.iter().map(|c| shown(c.get(row))).collect::<Vec<_>>().join("\u{1f}");
            if let Some(before) = seen.get(&key) {
                count += 1;
                first.get_or_insert((row, *before, key));
            } else {
                seen.insert(key, row);
            }
        }
        if let Some((row, before, key)) = first {
            let names = keys.join(", ");
            let message = match count {
                1 => format!("it has the keys ({names}) of row {}", before + 1),
                n => format!("it has the keys ({names}) of row {}; {n} rows repeat the keys of another", before + 1),
            };
            let value = key.replace('\u{1f}', ", ");
            self.push(
                "DEFINE-DATA-KEY",
                Severity::Error,
                at("", row, value),
                message,
                "take the double out, or add the variable that tells them apart",
            );
        }
    }

    /// The value-level metadata of a variable, each against the rows that meet its condition.
    pub(super) fn values(&mut self, variable: &Variable<'d>, all: &[Variable<'d>]) {
        let values = self.index.values(variable.definition);
        let name = variable.name();
        let data = self.data;
        let Some(column) = data.column(name).filter(|_| !values.is_empty()) else { return };
        let own: Vec<&str> = all.iter().map(|v| v.definition.oid.as_str()).collect();
        // The value that each row was found to be, from 1; 0: none yet.
        let mut taken = vec![0_usize; data.rows()];
        let mut evaluated = true;
        for (i, value) in values.iter().enumerate() {
            let clauses: Vec<&WhereClauseDef> = value
                .reference
                .where_clauses
                .iter()
                .filter_map(|r| self.index.where_clauses.get(r.where_clause_oid.as_str()).copied())
                .collect();
            let told = clauses.iter().map(|c| words_of(c, self.index)).collect::<Vec<_>>().join(" or ");
            let compiled: Option<Vec<Compiled<'_>>> =
                clauses.iter().map(|c| Compiled::of(c, self.index, &own, data)).collect();
            let Some(compiled) = compiled.filter(|c| !c.is_empty()) else {
                evaluated = false;
                let message = format!(
                    "the condition `{told}` is not evaluated: it needs a variable that the dataset does not have"
                );
                self.push(
                    "DEFINE-DATA-VALUE",
                    Severity::Note,
                    on(name),
                    message,
                    "look at the comment that says how the datasets are joined",
                );
                continue;
            };
            let rows: Vec<usize> = (0..data.rows()).filter(|row| compiled.iter().any(|c| c.holds(*row))).collect();
            if rows.is_empty() && data.rows() > 0 {
                let message = format!("no row meets the condition `{told}`");
                self.push(
                    "DEFINE-DATA-VALUE",
                    Severity::Warning,
                    on(name),
                    message,
                    "take the value out, or correct its condition",
                );
            }
            if let Some((row, before)) =
                rows.iter().find_map(|row| Some((*row, taken.get(*row).copied().filter(|t| *t > 0)?)))
            {
                let other = values.get(before - 1).map_or("", |v| v.definition.oid.as_str());
                let message = format!("it meets the condition `{told}`, and that of {other}");
                self.push(
                    "DEFINE-DATA-VALUE",
                    Severity::Error,
                    at(name, row, shown(column.get(row))),
                    message,
                    "conditions must exclude each other",
                );
            }
            for row in &rows {
                if let Some(place) = taken.get_mut(*row) {
                    *place = i + 1;
                }
            }
            let mandatory = rows.iter().filter(|row| is_empty(column.get(**row)));
            if value.is_mandatory()
                && let Some(row) = mandatory.clone().next()
            {
                let message = format!("where {told}: it is mandatory and missing in {} rows", mandatory.count());
                self.push(
                    "DEFINE-DATA-MANDATORY",
                    Severity::Error,
                    at(name, *row, String::new()),
                    message,
                    "fill it in, or say Mandatory=\"No\"",
                );
            }
            self.column(name, value.definition, column, &rows, &format!("where {told}: "));
        }
        let bare = |row: &usize| taken.get(*row) == Some(&0) && !is_empty(column.get(*row));
        let count = (0..data.rows()).filter(bare).count();
        if let Some(row) = (0..data.rows()).find(bare).filter(|_| evaluated) {
            let message = format!("no value-level metadata apply to it, nor to {} rows in all", count);
            let message = if count == 1 { "no value-level metadata apply to it".to_owned() } else { message };
            self.push(
                "DEFINE-DATA-VALUE",
                Severity::Note,
                at(name, row, shown(column.get(row))),
                message,
                "describe it too, unless the variable's own metadata do",
            );
        }
    }
}
