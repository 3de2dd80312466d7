//! How does an item group become a dataset: a sheet of a workbook, a Dataset-JSON file?
//!
//! Columns are those of the CSV file. In Dataset-JSON a decimal number is kept digit for digit (type `decimal`); in a workbook it is a number,
//! so that it can be computed with, and `X__text` has it as entered. A value that is not of its item's type leaves the column empty: its text
//! stands in `X__text`. Memory: one item group's values.

use super::rows::{GroupTable, cells, tables};
use super::{ExportError, Extent, Files, rfc3339};
use crate::capture::{FormState, Place};
use crate::door::Reading;
use croft_cdisc::{dataset_json, xlsx};
use croft_core::{Cell, DataType, Dataset, Kind, Missing, Variable};
use croft_design::forms::{Item, ItemType};
use std::io::Write;

/// How numbers with decimals are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decimals {
    /// As text, digit for digit.
    Exact,
    /// As numbers.
    Numbers,
}

/// Writes a Dataset-JSON 1.1 file a group; gives the number of rows.
pub fn write_json(reading: &Reading<'_>, extent: &Extent, files: &mut dyn Files) -> Result<u64, ExportError> {
    let study = reading.leaving(extent)?;
    let when = rfc3339(reading.last_change_ms(&extent.study)?);
    let mut rows = 0;
    for table in tables(reading, &extent.study)? {
        let name = table.group.name.clone();
        let dataset = dataset(reading, extent, &table, Decimals::Exact)?;
        rows += dataset.rows() as u64;
        let mut meta = dataset_json::Meta::new(&when);
        meta.db_last_modified_date_time = Some(when.clone());
        meta.study_oid = Some(study.id.clone());
        meta.metadata_version_oid = study.current().map(|n| format!("V{n}"));
        meta.item_group_oid = table.group.oid.clone().unwrap_or_else(|| name.clone());
        meta.originator = Some("croft".to_owned());
        let mut file = files.create(&format!("{name}.json"))?;
        dataset_json::write_json(&dataset, &meta, &mut file)
            .map_err(|source| ExportError::DatasetJson { group: name, source })?;
        file.flush()?;
    }
    Ok(rows)
}

/// Writes one workbook, a sheet a group; gives the number of rows. Memory: all values of the study.
pub fn write_xlsx(reading: &Reading<'_>, extent: &Extent, out: &mut dyn Write) -> Result<u64, ExportError> {
    reading.leaving(extent)?;
    let mut sheets = Vec::new();
    for table in tables(reading, &extent.study)? {
        sheets.push(dataset(reading, extent, &table, Decimals::Numbers)?);
    }
    xlsx::write_book(&sheets, &mut *out)?;
    Ok(sheets.iter().map(|s| s.rows() as u64).sum())
}

/// A group's rows as a dataset.
pub fn dataset(
    reading: &Reading<'_>,
    extent: &Extent,
    table: &GroupTable,
    decimals: Decimals,
) -> Result<Dataset, ExportError> {
    let group = &table.group;
    let mut variables = group.variables();
    variables.truncate(croft_design::forms::KEYS.len());
    for item in &group.items {
        variables.push(variable(item, decimals));
        for companion in ["text", "unit", "missing"] {
            variables.push(Variable::char(&format!("{}__{companion}", item.name), ""));
        }
    }
    let kinds: Vec<Variable> = variables.clone();
    let mut dataset = Dataset::new(&group.name, &group.label, variables);
    reading.each_subject(extent, &mut |_, forms| {
        for (place, form) in &forms {
            push_rows(place, form, table, &kinds, &mut dataset);
        }
        Ok(())
    })?;
    Ok(dataset)
}

fn variable(item: &Item, decimals: Decimals) -> Variable {
    let (kind, data_type) = match item.kind {
        ItemType::Text => (Kind::Char, DataType::Text),
        ItemType::Integer => (Kind::Num, DataType::Integer),
        ItemType::Float if decimals == Decimals::Exact => (Kind::Char, DataType::Decimal),
        ItemType::Float => (Kind::Num, DataType::Float),
        ItemType::Date => (Kind::Char, DataType::Date),
        ItemType::PartialDate => (Kind::Char, DataType::PartialDate),
        ItemType::Datetime => (Kind::Char, DataType::Datetime),
        ItemType::PartialDatetime => (Kind::Char, DataType::PartialDatetime),
        ItemType::Time => (Kind::Char, DataType::Time),
    };
    Variable::new(&item.name, &item.label, kind, data_type)
}

fn push_rows(place: &Place, form: &FormState, table: &GroupTable, variables: &[Variable], dataset: &mut Dataset) {
    let number = |n: u32| Cell::Num(f64::from(n));
    for (seq, row) in form.groups.get(&table.group.name).into_iter().flatten().filter(|(_, r)| !r.void) {
        let keys = [
            Cell::Text(&place.subject),
            Cell::Text(&place.visit),
            number(place.visit_repeat),
            Cell::Text(&place.form),
            number(place.form_repeat),
            number(*seq),
        ];
        let values = table.group.items.iter().flat_map(|item| cells(row, &item.name));
        let values = values.zip(&variables[keys.len()..]).map(|(text, variable)| cell(text, variable));
        dataset.push_row(keys.into_iter().chain(values));
    }
}

fn cell<'t>(text: &'t str, variable: &Variable) -> Cell<'t> {
    // Text that Rust reads as a number but the trade does not (`inf`, `nan`) is none.
    let number = || text.parse::<f64>().ok().filter(|x| x.is_finite());
    match (variable.kind, variable.data_type) {
        (Kind::Num, _) => number().map_or(Cell::MissingNum(Missing::ORDINARY), Cell::Num),
        (Kind::Char, _) if text.is_empty() => Cell::Null,
        (Kind::Char, DataType::Decimal) if number().is_none() => Cell::Null,
        (Kind::Char, _) => Cell::Text(text),
    }
}
