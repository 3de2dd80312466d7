//! Which results stand in which cell of a table?
//!
//! A cell is the meeting of a row and a column: the base filter `results`, the row's `where` and the column's `where`
//! must all hold, and the cell's template picks statistics among what is left. Exactly one result may be left for each.
//!
//! ```toml
//! type = "table"
//! title = "Pharmacokinetic parameters by treatment"
//! stub = "Parameter"                          # head of the first column
//! results = { analysis = "pk-summary" }
//! decimals = { CMAX = 1, AUCLST = 0 }         # by parameter, for {MEAN:+1}
//!
//! [columns]                                   # a column for each level of a group, in the order of the results
//! by = "TRTA"
//! order = ["T", "R"]                          # these levels only, in this order
//! labels = { T = "Test", R = "Reference" }    # a level's head; else the level itself
//! span = "Treatment"                          # a head over all of them
//!
//! [rows]                                      # a group of rows for each parameter
//! by = "parameter"
//! labels = { CMAX = "C~max~ (ng/mL)" }
//! lines = [
//!   { label = "n", cell = "{N}" },
//!   { label = "Mean (SD)", cell = "{MEAN:+1} ({SD:+1})" },
//! ]
//! ```
//! Under a row's levels those of a second field may stand, such as preferred terms under body systems; the `cell` is theirs:
//! ```toml
//! [rows]
//! by = "AEBODSYS"
//! within = "AEDECOD"
//! cell = "{NSUBJ} ({PCT:.1})"
//! lines = [{ label = "Any", where = { parameter = "AEBODSYS" }, cell = "{NSUBJ} ({PCT:.1})" }]
//! ```
//! `empty = "No adverse event was recorded"` is a row of its own when no result has a level of `by`; else that is an error.
//! Columns and rows may be written one by one instead, which suits tables of comparisons:
//! ```toml
//! [[column]]
//! label = "Ratio (%)"
//! cell = "{PE_PCT:.2}"
//! [[column]]
//! label = "90% CI (%)"
//! cell = "{CI_LO_PCT:.2}–{CI_HI_PCT:.2}"
//! where = { method = "abe" }
//! [[row]]
//! label = "C~max~"
//! group = "Primary"                           # neighbouring rows of a group stand under its label
//! where = { parameter = "CMAX" }
//! ```
//! The template comes from the column, the line or the row, whichever has one; two of them are an error.
//! A cell without any result is empty; a statistic missing beside others is a dash; a value not calculable is `NC` with
//! the reason as a footnote. A code or level that no result has is an error, since it is a slip of the pen.

use super::{DisplayError, Place};
use crate::block::{Align, Cell, CellSource, Column, HeadCell, Inline, Row, RowKind, Table, plain};
use crate::inline;
use crate::select::{Filter, levels};
use crate::template::{Piece, Template};
use crate::value::differences;
use croft_core::{AnalysisResult, StatValue};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The keys of a table.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Keys {
    #[serde(default)]
    results: Filter,
    #[serde(default)]
    stub: String,
    #[serde(default)]
    decimals: BTreeMap<String, usize>,
    #[serde(default, rename = "column")]
    column: Vec<ColumnKeys>,
    columns: Option<Levels>,
    #[serde(default, rename = "row")]
    row: Vec<RowKeys>,
    rows: Option<Levels>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnKeys {
    label: String,
    span: Option<String>,
    #[serde(default, rename = "where")]
    filter: Filter,
    cell: Option<String>,
    width: Option<f32>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct RowKeys {
    label: String,
    group: Option<String>,
    #[serde(default, rename = "where")]
    filter: Filter,
    cell: Option<String>,
    #[serde(default)]
    lines: Vec<LineKeys>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct LineKeys {
    label: String,
    cell: Option<String>,
    #[serde(default, rename = "where")]
    filter: Filter,
}

/// Rows or columns made from the levels of a field.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Levels {
    by: String,
    /// A second field whose levels stand under each level, in rows only.
    within: Option<String>,
    /// What is said in a row of its own when no result has a level; without it that is an error.
    empty: Option<String>,
    #[serde(default)]
    order: Vec<String>,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    span: Option<String>,
    cell: Option<String>,
    #[serde(default)]
    lines: Vec<LineKeys>,
    width: Option<f32>,
}

/// A table being filled.
struct Filling<'a> {
    at: &'a Place<'a>,
    keys: &'a Keys,
    /// Results of the base filter with their positions.
    base: Vec<(usize, &'a AnalysisResult)>,
    notes: Notes,
}

/// Reasons why values are not there, each with its letter.
#[derive(Default)]
pub(crate) struct Notes {
    reasons: Vec<String>,
}

impl Notes {
    /// The letter of a reason.
    pub(crate) fn mark(&mut self, reason: &str) -> char {
        let reason = reason.strip_prefix("NC: ").unwrap_or(reason);
        let at = self.reasons.iter().position(|r| r == reason).unwrap_or_else(|| {
            self.reasons.push(reason.to_owned());
            self.reasons.len() - 1
        });
        // More than 26 reasons in one display share the last letter's footnote list; nobody reads a 27th.
        char::from(b'a' + u8::try_from(at.min(25)).unwrap_or(25))
    }

    /// The footnotes.
    pub(crate) fn footnotes(self) -> Vec<Vec<Inline>> {
        let mut notes = Vec::new();
        if !self.reasons.is_empty() {
            notes.push(vec![Inline::Text("NC: not calculable.".to_owned())]);
        }
        for (i, reason) in self.reasons.into_iter().enumerate() {
            let letter = char::from(b'a' + u8::try_from(i.min(25)).unwrap_or(25));
            let mut sentence = reason;
            if let Some(first) = sentence.get(..1) {
                sentence = format!("{}{}", first.to_uppercase(), &sentence[1..]);
            }
            if !sentence.ends_with('.') {
                sentence.push('.');
            }
            notes.push(vec![
                Inline::Superscript(vec![Inline::Text(letter.to_string())]),
                Inline::Text(format!("\u{a0}{sentence}")),
            ]);
        }
        notes
    }
}

/// Fills the table; also gives the footnotes that its cells refer to.
pub(crate) fn render(keys: &Keys, at: &Place<'_>) -> Result<(Table, Vec<Vec<Inline>>), DisplayError> {
    let base: Vec<_> = at.inputs.results.iter().enumerate().filter(|(_, r)| keys.results.matches(r)).collect();
    if base.is_empty() {
        let all: Vec<_> = at.inputs.results.iter().collect();
        let filter = match keys.results.unknown(&all) {
            Some((name, value)) => format!("{name} = {value}"),
            None => keys.results.to_string(),
        };
        return Err(DisplayError::NoResult { display: at.display.to_owned(), key: "results".to_owned(), filter });
    }
    let mut filling = Filling { at, keys, base, notes: Notes::default() };
    let columns = filling.columns()?;
    let rows = filling.rows(&columns)?;
    let table = Table { columns: filling.block_columns(&columns)?, head: filling.head(&columns)?, rows };
    Ok((table, filling.notes.footnotes()))
}

impl<'a> Filling<'a> {
    fn results(&self) -> Vec<&'a AnalysisResult> {
        self.base.iter().map(|(_, r)| *r).collect()
    }

    fn columns(&self) -> Result<Vec<ColumnKeys>, DisplayError> {
        let mut columns = Vec::new();
        if let Some(levels) = &self.keys.columns {
            if !levels.lines.is_empty() {
                return Err(self.at.problem("columns.lines", "columns have no lines; write them under [rows]"));
            }
            for (level, label) in self.expand("columns", levels)? {
                columns.push(ColumnKeys {
                    label,
                    span: levels.span.clone(),
                    filter: Filter::of(&levels.by, &level),
                    cell: levels.cell.clone(),
                    width: levels.width,
                });
            }
        }
        columns.extend(self.keys.column.iter().cloned());
        if columns.is_empty() {
            return Err(self.at.problem("columns", "the table has no columns: write [columns] or [[column]]"));
        }
        for (i, column) in columns.iter().enumerate() {
            self.check(&format!("column {}", i + 1), &column.filter)?;
        }
        Ok(columns)
    }

    /// The levels of a field with their labels.
    fn expand(&self, key: &str, levels_of: &Levels) -> Result<Vec<(String, String)>, DisplayError> {
        let found = levels(&self.results(), &levels_of.by);
        if found.is_empty() {
            return Err(self.at.problem(&format!("{key}.by"), format!("no result has a group `{}`", levels_of.by)));
        }
        for named in levels_of.order.iter().chain(levels_of.labels.keys()) {
            if !found.contains(&named.as_str()) {
                return Err(self.at.unknown(&format!("{key}.order"), "level", named, found.iter().copied()));
            }
        }
        let ordered: Vec<&str> = match levels_of.order.is_empty() {
            true => found,
            false => levels_of.order.iter().map(String::as_str).collect(),
        };
        Ok(ordered
            .into_iter()
            .map(|level| (level.to_owned(), levels_of.labels.get(level).map_or(level, String::as_str).to_owned()))
            .collect())
    }

    /// Refuses a filter with a term that none of the table's results fulfils.
    fn check(&self, key: &str, filter: &Filter) -> Result<(), DisplayError> {
        match filter.unknown(&self.results()) {
            None => Ok(()),
            Some((name, value)) => Err(DisplayError::NoResult {
                display: self.at.display.to_owned(),
                key: key.to_owned(),
                filter: format!("{name} = {value}"),
            }),
        }
    }

    fn block_columns(&self, columns: &[ColumnKeys]) -> Result<Vec<Column>, DisplayError> {
        let mut out = vec![Column { name: self.keys.stub.clone(), align: Align::Left, width: None, group: false }];
        for column in columns {
            let label = plain(&self.at.label("column", &column.label)?);
            let name = match &column.span {
                Some(span) if columns.iter().filter(|c| c.label == column.label).count() > 1 => {
                    format!("{}: {label}", plain(&inline::parse(span)))
                }
                _ => label,
            };
            out.push(Column { name, align: Align::Decimal, width: column.width, group: false });
        }
        Ok(out)
    }

    fn head(&self, columns: &[ColumnKeys]) -> Result<Vec<Vec<HeadCell>>, DisplayError> {
        let cell = |content, span| HeadCell { content, span };
        let mut head = Vec::new();
        if columns.iter().any(|c| c.span.is_some()) {
            let mut row: Vec<HeadCell> = vec![cell(Vec::new(), 1)];
            let mut previous: Option<&str> = None;
            for column in columns {
                let span = column.span.as_deref();
                match row.last_mut() {
                    Some(last) if span.is_some() && span == previous => last.span += 1,
                    _ => row.push(cell(self.at.label("span", span.unwrap_or(""))?, 1)),
                }
                previous = span;
            }
            head.push(row);
        }
        let mut row = vec![cell(self.at.label("stub", &self.keys.stub)?, 1)];
        for column in columns {
            row.push(cell(self.at.label("column", &column.label)?, 1));
        }
        head.push(row);
        Ok(head)
    }

    fn row_keys(&self) -> Result<Vec<RowKeys>, DisplayError> {
        let mut rows = Vec::new();
        if let Some(Levels { by, empty: Some(words), .. }) = &self.keys.rows
            && levels(&self.results(), by).is_empty()
        {
            rows.push(RowKeys { label: words.clone(), cell: Some(String::new()), ..RowKeys::default() });
        } else if let Some(levels) = &self.keys.rows {
            for (level, label) in self.expand("rows", levels)? {
                let filter = Filter::of(&levels.by, &level);
                let mut row = RowKeys {
                    label,
                    group: levels.span.clone(),
                    filter,
                    cell: levels.cell.clone(),
                    lines: levels.lines.clone(),
                };
                if let Some(within) = &levels.within {
                    row.lines.extend(self.lines_within(within, levels, &row.filter));
                    row.cell = None;
                }
                rows.push(row);
            }
        }
        rows.extend(self.keys.row.iter().cloned());
        if rows.is_empty() {
            return Err(self.at.problem("rows", "the table has no rows: write [rows] or [[row]]"));
        }
        Ok(rows)
    }

    /// A line for each level of a second field that occurs together with a row's level.
    fn lines_within(&self, within: &str, levels_of: &Levels, filter: &Filter) -> Vec<LineKeys> {
        let together: Vec<&AnalysisResult> = self.results().into_iter().filter(|r| filter.matches(r)).collect();
        let line = |level: &str| LineKeys {
            label: levels_of.labels.get(level).map_or(level, String::as_str).to_owned(),
            cell: levels_of.cell.clone(),
            filter: Filter::of(within, level),
        };
        levels(&together, within).into_iter().map(line).collect()
    }

    fn rows(&mut self, columns: &[ColumnKeys]) -> Result<Vec<Row>, DisplayError> {
        let mut out: Vec<Row> = Vec::new();
        let mut group: Option<String> = None;
        for (i, row) in self.row_keys()?.iter().enumerate() {
            let key = format!("row {}", i + 1);
            self.check(&key, &row.filter)?;
            if row.group.is_some() && row.group != group {
                out.push(self.group_row(row.group.as_deref().unwrap_or(""), 0)?);
            }
            group.clone_from(&row.group);
            let indent = u8::from(group.is_some());
            if row.lines.is_empty() {
                let under = row.group.as_deref().unwrap_or("");
                out.push(self.data_row(
                    &key,
                    &row.label,
                    under,
                    indent,
                    row.cell.as_deref(),
                    &[&row.filter],
                    columns,
                )?);
                continue;
            }
            out.push(self.group_row(&row.label, indent)?);
            for line in &row.lines {
                self.check(&key, &line.filter)?;
                let cell = match (&line.cell, &row.cell) {
                    (Some(_), Some(_)) => {
                        return Err(self.at.problem(&key, "both the row and its line have a `cell`: leave one out"));
                    }
                    (cell, other) => cell.as_deref().or(other.as_deref()),
                };
                let filters = [&row.filter, &line.filter];
                out.push(self.data_row(&key, &line.label, &row.label, indent + 1, cell, &filters, columns)?);
            }
        }
        name_apart(&mut out);
        Ok(out)
    }

    fn group_row(&self, label: &str, indent: u8) -> Result<Row, DisplayError> {
        let content = self.at.label("row", label)?;
        Ok(Row { kind: RowKind::Group, name: plain(&content), indent, cells: vec![Cell::rich(content)] })
    }

    #[expect(clippy::too_many_arguments, reason = "a row is where everything meets")]
    fn data_row(
        &mut self,
        key: &str,
        label: &str,
        under: &str,
        indent: u8,
        cell: Option<&str>,
        filters: &[&Filter],
        columns: &[ColumnKeys],
    ) -> Result<Row, DisplayError> {
        let content = self.at.label(key, label)?;
        let under = plain(&self.at.label(key, under)?);
        let name = if under.is_empty() { plain(&content) } else { format!("{under}: {}", plain(&content)) };
        let mut cells = vec![Cell::rich(content)];
        for (i, column) in columns.iter().enumerate() {
            let key = format!("{key}, column {}", i + 1);
            let text = match (cell, column.cell.as_deref()) {
                (Some(_), Some(_)) => {
                    return Err(self.at.problem(&key, "both the row and the column have a `cell`: leave one out"));
                }
                (None, None) => return Err(self.at.problem(&key, "neither the row nor the column has a `cell`")),
                (row, column) => row.or(column).unwrap_or(""),
            };
            let template = Template::parse(text).map_err(|problem| self.at.problem(&key, problem))?;
            let mut all = filters.to_vec();
            all.push(&column.filter);
            cells.push(self.cell(&key, &template, &all)?);
        }
        Ok(Row { kind: RowKind::Data, name, indent, cells })
    }

    fn cell(&mut self, key: &str, template: &Template, filters: &[&Filter]) -> Result<Cell, DisplayError> {
        let here: Vec<(usize, &AnalysisResult)> =
            self.base.iter().copied().filter(|(_, r)| filters.iter().all(|f| f.matches(r))).collect();
        let mut cell = Cell::default();
        let mut text = String::new();
        for piece in &template.pieces {
            match piece {
                Piece::Text(plain) => text.push_str(plain),
                Piece::Statistic { code, spec } => match self.one(key, code, &here, filters)? {
                    None => text.push('–'),
                    Some((index, result)) => {
                        cell.sources.push(CellSource::Result(index));
                        match &result.value {
                            StatValue::Num(x) => {
                                let decimals = self.keys.decimals.get(&result.parameter).copied().unwrap_or(0);
                                text.push_str(&spec.print(*x, decimals));
                            }
                            StatValue::Text(word) => text.push_str(word),
                            StatValue::NotCalculable(reason) => {
                                text.push_str("NC");
                                cell.mark = Some(self.notes.mark(reason));
                            }
                        }
                    }
                },
            }
        }
        if template.codes().next().is_some() && cell.sources.is_empty() {
            text.clear();
        }
        cell.content = crate::block::Content::Plain(text);
        Ok(cell)
    }

    /// The one result of a statistic among those of a cell.
    fn one<'r>(
        &self,
        key: &str,
        code: &str,
        here: &[(usize, &'r AnalysisResult)],
        filters: &[&Filter],
    ) -> Result<Option<(usize, &'r AnalysisResult)>, DisplayError> {
        let found: Vec<_> = here.iter().copied().filter(|(_, r)| r.statistic == code).collect();
        match found[..] {
            [one] => Ok(Some(one)),
            [] if self.base.iter().any(|(_, r)| r.statistic == code) => Ok(None),
            [] => {
                let known = levels(&self.results(), "statistic");
                Err(self.at.unknown(key, "statistic", code, known.into_iter()))
            }
            _ => Err(DisplayError::Several {
                display: self.at.display.to_owned(),
                key: key.to_owned(),
                filter: filters
                    .iter()
                    .map(ToString::to_string)
                    .filter(|f| !f.is_empty())
                    .chain([format!("statistic = {code}")])
                    .collect::<Vec<_>>()
                    .join(", "),
                found: found.len(),
                differ: differences(&found.iter().map(|(_, r)| *r).collect::<Vec<_>>()),
            }),
        }
    }
}

/// Makes the labels of rows with values unique, so that a cell has one address.
pub(crate) fn name_apart(rows: &mut [Row]) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for row in rows.iter_mut().filter(|r| r.kind != RowKind::Group) {
        let count = seen.entry(row.name.clone()).or_insert(0);
        *count += 1;
        if *count > 1 {
            row.name = format!("{} ({count})", row.name);
        }
    }
}
