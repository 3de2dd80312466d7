//! A dataset's own part of define.xml, from its columns and from what the standard says.

use super::{CodeList, Item, ItemGroup, Term};
use crate::model;
use croft_core::{Cell, Column, DataType, Dataset, NumColumn, TextColumn, Variable};
use std::collections::BTreeSet;

/// Describes a dataset: class, structure and keys from the standard (the dataset's own keys where it has any), lengths and digits from the
/// data. A variable's code list is named by its short name (`NY`); origins, methods and comments are for the caller to add, who knows them.
///
/// Cost: one look at each value.
pub fn describe(dataset: &Dataset, standard: Option<&str>) -> ItemGroup {
    let known = model::dataset(&dataset.name);
    let keys = if dataset.keys.is_empty() {
        let has = |key: &&String| dataset.index_of(key).is_some();
        known.map_or_else(Vec::new, |m| m.keys.iter().filter(has).cloned().collect())
    } else {
        dataset.keys.clone()
    };
    let label = match (known, dataset.name.strip_prefix("SUPP")) {
        (Some(model), Some(parent)) => format!("{} for {parent}", model.label),
        (Some(model), None) => model.label.clone(),
        (None, _) => String::new(),
    };
    ItemGroup {
        name: dataset.name.clone(),
        label: if dataset.label.is_empty() { label } else { dataset.label.clone() },
        class: known.map_or_else(|| "ADAM OTHER".to_owned(), |m| m.class.clone()),
        subclass: known.and_then(|m| m.subclass.clone()),
        structure: known.map_or_else(|| format!("One record per {}", keys.join(", ")), |m| m.structure.clone()),
        analysis: known.map_or_else(|| dataset.name.starts_with("AD"), |m| m.analysis),
        repeating: known.is_none_or(|m| m.repeating),
        reference: known.is_some_and(|m| m.reference),
        no_data: dataset.rows() == 0,
        keys,
        standard: standard.map(str::to_owned),
        comment: None,
        file: format!("{}.xpt", dataset.name.to_lowercase()),
        items: dataset.variables().iter().zip(dataset.columns()).map(|(v, c)| item(dataset, v, c)).collect(),
    }
}

fn item(dataset: &Dataset, variable: &Variable, column: &Column) -> Item {
    let known = model::variable(&dataset.name, &variable.name);
    let label = known.as_ref().filter(|_| variable.label.is_empty()).map_or(&variable.label, |k| &k.label);
    let mut item = Item::new(&variable.name, label, variable.data_type);
    item.format.clone_from(&variable.format);
    // Required variables may be empty where the guide says so (TRT01P of a subject who failed screening): Mandatory says of each record that it has a value.
    let complete = !(0..column.len()).any(|row| column.get(row).is_missing());
    item.mandatory = complete && known.as_ref().is_some_and(|k| k.core == "Req");
    item.role = known.as_ref().map(|k| k.role.clone()).filter(|role| !role.is_empty());
    item.non_standard = known.is_none() && model::dataset(&dataset.name).is_some_and(|m| !m.analysis);
    item.no_data = (0..column.len()).all(|row| column.get(row).is_missing());
    let code = variable.codelist.clone().or_else(|| known.and_then(|k| k.codelists.first().cloned()));
    item.codelist = code.map(|code| model::codelist(&code).map_or(code, |(list, _)| list.submission_value.clone()));
    match column {
        Column::Num(numbers) => describe_numbers(&mut item, numbers),
        Column::Char(texts) => describe_texts(&mut item, texts),
    }
    item.significant_digits = variable.significant_digits.or(item.significant_digits);
    item
}

/// Lengths of dates and durations are not given: their format says them.
fn has_length(data_type: DataType) -> bool {
    matches!(data_type, DataType::Text | DataType::Integer | DataType::Float | DataType::Double | DataType::Decimal)
}

fn describe_texts(item: &mut Item, texts: &TextColumn) {
    if !has_length(item.data_type) {
        item.data_type = narrowed(item.data_type, texts);
    } else {
        item.length = Some(texts.longest().max(1) as u32);
    }
}

/// A date of which some values are partial is a partial date; likewise times and date-times.
fn narrowed(data_type: DataType, texts: &TextColumn) -> DataType {
    let all = |lengths: &[usize]| texts.iter().flatten().filter(|t| !t.is_empty()).all(|t| lengths.contains(&t.len()));
    match data_type {
        DataType::Date | DataType::Datetime if all(&[10]) && !texts.is_empty() => DataType::Date,
        DataType::Date if all(&[4, 7, 10]) => DataType::PartialDate,
        DataType::Datetime if all(&[16, 19]) => DataType::Datetime,
        DataType::Datetime if texts.iter().flatten().any(|t| t.contains("--") || t.contains("-T")) => {
            DataType::IncompleteDatetime
        }
        DataType::Datetime => DataType::PartialDatetime,
        other => other,
    }
}

/// Sets type, length and digits of an item from numbers: digits are those of the shortest decimal that reads back to the same double.
pub fn describe_numbers(item: &mut Item, numbers: &NumColumn) {
    let (mut whole, mut decimals) = (1, 0);
    for row in 0..numbers.len() {
        let Ok(x) = numbers.get(row) else { continue };
        let text = format!("{}", x.abs());
        let (head, tail) = text.split_once('.').unwrap_or((&text, ""));
        whole = whole.max(head.len());
        decimals = decimals.max(tail.len());
    }
    if matches!(item.data_type, DataType::Integer | DataType::Float | DataType::Double | DataType::Decimal) {
        let is_integer = decimals == 0 && item.data_type == DataType::Integer;
        item.data_type = if is_integer { DataType::Integer } else { DataType::Float };
        let point = usize::from(decimals > 0);
        item.length = Some((whole + point + decimals) as u32);
        item.significant_digits = (!is_integer).then_some(decimals as u32);
    } else {
        // Numeric dates and times: stored numbers, shown by their format.
        item.data_type = DataType::Integer;
        item.length = Some(whole as u32);
    }
}

/// CDISC's code list by its NCI code with the terms that occur in these columns, each with its NCI code; what the standard lacks is marked
/// as an extension. `None`: croft does not know the list.
pub fn codelist<'d>(nci_code: &str, standard: &str, columns: impl IntoIterator<Item = &'d Column>) -> Option<CodeList> {
    let (list, _) = model::codelist(nci_code)?;
    let mut used = BTreeSet::new();
    for column in columns {
        for row in 0..column.len() {
            if let Cell::Text(text) = column.get(row)
                && !text.is_empty()
            {
                used.insert(text.to_owned());
            }
        }
    }
    let term = |value: String| match list.term(&value) {
        Some(known) => Term { value, decode: None, nci_code: known.code.clone(), extended: false },
        None => Term { value, decode: None, nci_code: None, extended: true },
    };
    Some(CodeList {
        id: list.submission_value.clone(),
        name: list.name.clone(),
        numeric: false,
        nci_code: Some(list.code.clone()),
        standard: Some(standard.to_owned()),
        terms: used.into_iter().map(term).collect(),
        dictionary: None,
    })
}
