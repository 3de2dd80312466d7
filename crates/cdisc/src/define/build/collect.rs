//! What several rows or datasets say together: values of a parameter, terms in use.

use super::{Comparator, Condition, Item, ItemGroup, Standard, Study, Value, codelist, describe_numbers};
use crate::model;
use crate::terminology::PackageName;
use croft_core::{Cell, Column, Dataset, NumColumn};
use std::collections::{BTreeMap, BTreeSet};

/// Adds what `AVAL` holds, parameter by parameter, where there are several.
pub fn add_value_level(group: &mut ItemGroup, data: &Dataset) {
    let (Some(codes), Some(Column::Num(values))) = (data.column("PARAMCD"), data.column("AVAL")) else {
        return;
    };
    let mut rows: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for row in 0..data.rows() {
        if let Cell::Text(code) = codes.get(row) {
            rows.entry(code).or_default().push(row);
        }
    }
    if rows.len() < 2 {
        return;
    }
    let Some(item) = group.items.iter_mut().find(|i| i.name == "AVAL") else { return };
    let template = Item { values: Vec::new(), ..item.clone() };
    for (code, rows) in rows {
        let mut part = NumColumn::default();
        for row in rows {
            match values.get(row) {
                Ok(x) => part.push(x),
                Err(kind) => part.push_missing(kind),
            }
        }
        let mut held = template.clone();
        describe_numbers(&mut held, &part);
        let condition =
            Condition { variable: "PARAMCD".to_owned(), comparator: Comparator::Eq, values: vec![code.to_owned()] };
        item.values.push(Value { conditions: vec![condition], item: held });
    }
}

/// Adds the code lists that items name, with the terms in use, and the terminologies that they are of; a name that croft has no list for is taken
/// off the item. `data` gives the dataset of a name.
pub fn add_codelists<'d>(study: &mut Study, data: impl Fn(&str) -> Option<&'d Dataset>) {
    let mut columns: BTreeMap<String, Vec<&Column>> = BTreeMap::new();
    let mut codes: BTreeMap<String, String> = BTreeMap::new();
    for group in &study.datasets {
        let Some(data) = data(&group.name) else { continue };
        for (item, (variable, column)) in group.items.iter().zip(data.variables().iter().zip(data.columns())) {
            let known = || model::variable(&group.name, &variable.name).and_then(|v| v.codelists.first().cloned());
            if let (Some(list), Some(code)) = (&item.codelist, variable.codelist.clone().or_else(known)) {
                columns.entry(list.clone()).or_default().push(column);
                codes.insert(list.clone(), code);
            }
        }
    }
    let mut known = BTreeSet::new();
    for (list, columns) in columns {
        let Some((code, (_, package))) = codes.get(&list).and_then(|code| Some((code, model::codelist(code)?))) else {
            continue;
        };
        let standard = terminology(package);
        let made = codelist(code, &standard.id, columns.iter().copied());
        if let Some(made) = made.filter(|m| !m.terms.is_empty()) {
            known.insert(made.id.clone());
            if !study.standards.contains(&standard) {
                study.standards.push(standard);
            }
            study.codelists.push(made);
        }
    }
    for item in study.datasets.iter_mut().flat_map(|g| &mut g.items) {
        item.codelist = item.codelist.take().filter(|list| known.contains(list));
    }
}

/// A release of terminology as a standard.
fn terminology(package: &PackageName) -> Standard {
    let set = match package.product() {
        "adamct" => "ADaM",
        _ => "SDTM",
    };
    Standard {
        id: format!("CT.{set}"),
        name: "CDISC/NCI".to_owned(),
        publishing_set: Some(set.to_owned()),
        version: package.date().to_owned(),
    }
}
