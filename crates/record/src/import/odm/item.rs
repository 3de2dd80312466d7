//! Items: what a value is, in which unit, by which codes, under which label.

use super::super::name::Names;
use super::super::note::Note;
use super::forms::{FormPlan, GroupPlan};
use super::{REDCAP, dangling, in_order, words};
use crate::vendor;
use croft_cdisc::odm::{CodeList, DataType, ItemDef, ItemRef, MeasurementUnitRef, MetaDataVersion, Study, YesNo};
use croft_design::forms::{Form, Item, ItemGroup, ItemType, KEYS};

/// Names that tables of groups must not have: the study's own tables.
pub(in crate::import) const TABLES: [&str; 10] = [
    "study",
    "treatments",
    "arms",
    "elements",
    "cells",
    "visits",
    "criteria",
    "facts",
    "populations",
    crate::definition::program::FORM_ROW,
];

/// The forms with their groups and items, without conditions, checks and derivations.
pub(super) fn forms(
    study: &Study,
    version: &MetaDataVersion,
    plans: &[FormPlan<'_>],
    notes: &mut Vec<Note>,
) -> Vec<Form> {
    let mut form_names = Names::default();
    let mut group_names = Names::without(&TABLES);
    let mut forms = Vec::new();
    for plan in plans {
        let name = form_names.take(plan.name.unwrap_or(plan.oid), "FORM");
        let groups = plan.groups.iter().map(|g| group(study, version, g, &mut group_names, notes)).collect();
        forms.push(Form {
            oid: (plan.oid != name).then(|| plan.oid.to_owned()),
            form: name,
            label: plan.label.clone(),
            visits: plan.visits.clone(),
            each_period: false,
            repeating: plan.repeating,
            when: None,
            groups,
        });
    }
    forms
}

fn group(
    study: &Study,
    version: &MetaDataVersion,
    plan: &GroupPlan<'_>,
    names: &mut Names,
    notes: &mut Vec<Note>,
) -> ItemGroup {
    let definition = plan.definition;
    let name = names.take(plan.name.unwrap_or(&definition.oid), "GROUP");
    let label = words(definition.description.as_ref());
    let label = definition.name.as_deref().map(crate::import::text::one_line).filter(|l| !l.is_empty()).or(label);
    let mut item_names = Names::without(&KEYS);
    let mut items: Vec<Item> = Vec::new();
    // In 2.0 the unit of an item is an item beside it, and no question of its own.
    let is_unit = |oid: &str| plan.items.iter().any(|r| r.units_item_oid.as_deref() == Some(oid));
    for reference in plan.items.iter().filter(|r| !is_unit(&r.item_oid)) {
        let (oid, line) = (&reference.item_oid, reference.place.line);
        let Some(item) = version.items.iter().find(|i| i.oid == *oid) else {
            notes.push(dangling(line, "ItemDef", oid, "the item is left out"));
            continue;
        };
        if items.iter().any(|i| super::super::column::oid(&i.oid, &i.name) == oid) {
            let message = format!("item {oid} stands in group {} twice: it is asked once", definition.oid);
            notes.push(Note::new(line, oid, message, ""));
            continue;
        }
        let name = item_names.take(vendor::said(&reference.extra, "Name").unwrap_or(oid), "ITEM");
        items.push(self::item(study, version, reference, item, name, notes));
    }
    ItemGroup {
        oid: (definition.oid != name).then(|| definition.oid.clone()),
        label: label.unwrap_or_else(|| definition.oid.clone()),
        name,
        repeating: plan.repeating,
        source: vendor::said(&definition.extra, "Source").map(str::to_owned),
        when: None,
        sdtm: None,
        items,
        checks: Vec::new(),
    }
}

fn item(
    study: &Study,
    version: &MetaDataVersion,
    reference: &ItemRef,
    definition: &ItemDef,
    name: String,
    notes: &mut Vec<Note>,
) -> Item {
    let kind = kind(definition, notes);
    let texts = [&definition.question, &definition.prompt, &definition.description];
    let label = texts.into_iter().find_map(|t| words(t.as_ref()));
    let named = definition.name.as_deref().map(crate::import::text::one_line).filter(|n| !n.is_empty());
    let mut units: Vec<String> = Vec::new();
    for reference in &definition.units {
        units.push(unit(study, reference, notes));
    }
    units.extend(reference.units_item_oid.iter().flat_map(|oid| units_listed(version, oid)));
    let mut units = units.into_iter();
    let said = |local| vendor::said(&definition.extra, local);
    let measured = matches!(kind, ItemType::Text | ItemType::Integer | ItemType::Float);
    let list = definition.code_list.as_ref().and_then(|r| {
        let found = version.code_lists.iter().find(|c| c.oid == r.code_list_oid);
        if found.is_none() {
            notes.push(dangling(r.place.line, "CodeList", &r.code_list_oid, "any text can be entered"));
        }
        found
    });
    Item {
        oid: (definition.oid != name).then(|| definition.oid.clone()),
        label: label.or(named).unwrap_or_else(|| definition.oid.clone()),
        hint: words(definition.completion_instructions.as_ref()).or_else(|| said("Hint").map(str::to_owned)),
        name,
        unit: units.next(),
        other_units: units.collect(),
        length: definition.length.filter(|n| measured && *n > 0),
        decimals: definition
            .significant_digits
            .or_else(|| said("Decimals")?.parse().ok())
            .filter(|_| kind == ItemType::Float),
        required: reference.mandatory == Some(YesNo::Yes),
        critical: said("Critical") == Some("Yes"),
        identifying: definition.extra.attribute(REDCAP, "Identifier").is_some_and(|v| v.eq_ignore_ascii_case("y"))
            || said("Identifying") == Some("Yes"),
        when: None,
        derive: None,
        missing: said("Missing").unwrap_or_default().split_whitespace().map(str::to_owned).collect(),
        codes: list.map(|l| codes(l, notes)).unwrap_or_default(),
        sdtm: Vec::new(),
        not_submitted: None,
        kind,
    }
}

/// The units that an item of units lists (2.0).
fn units_listed(version: &MetaDataVersion, oid: &str) -> Vec<String> {
    let item = version.items.iter().find(|i| i.oid == oid);
    let list = item.and_then(|i| i.code_list.as_ref());
    let list = list.and_then(|r| version.code_lists.iter().find(|c| c.oid == r.code_list_oid));
    list.iter()
        .flat_map(|l| in_order(l.items.iter().collect(), |i| i.order_number))
        .map(|i| i.coded_value.clone())
        .collect()
}

fn kind(definition: &ItemDef, notes: &mut Vec<Note>) -> ItemType {
    use DataType as D;
    let mut text = |word: &str| {
        let message = format!("values of {} are of type {word}: they are kept as text", definition.oid);
        notes.push(Note::new(definition.place.line, &definition.oid, message, ""));
        ItemType::Text
    };
    match &definition.data_type {
        Some(D::Integer) => ItemType::Integer,
        Some(D::Float | D::Double | D::Decimal) => ItemType::Float,
        Some(D::Date) => ItemType::Date,
        Some(D::PartialDate | D::IncompleteDate) => ItemType::PartialDate,
        Some(D::Datetime) => ItemType::Datetime,
        Some(D::PartialDatetime | D::IncompleteDatetime) => ItemType::PartialDatetime,
        Some(D::Time) => ItemType::Time,
        Some(D::Text | D::String) => ItemType::Text,
        Some(other) => text(other.as_str()),
        None => text("none"),
    }
}

fn unit(study: &Study, reference: &MeasurementUnitRef, notes: &mut Vec<Note>) -> String {
    let units = study.basic_definitions.iter().flat_map(|b| &b.units);
    let Some(unit) = units.into_iter().find(|u| u.oid == reference.unit_oid) else {
        notes.push(dangling(
            reference.place.line,
            "MeasurementUnit",
            &reference.unit_oid,
            "its identifier stands for it",
        ));
        return reference.unit_oid.clone();
    };
    symbol(unit)
}

/// A unit as people read it.
pub(in crate::import) fn symbol(unit: &croft_cdisc::odm::MeasurementUnit) -> String {
    let name = unit.name.as_deref().map(crate::import::text::one_line).filter(|n| !n.is_empty());
    words(unit.symbol.as_ref()).or(name).unwrap_or_else(|| unit.oid.clone())
}

fn codes(list: &CodeList, notes: &mut Vec<Note>) -> indexmap::IndexMap<String, String> {
    let decoded = in_order(list.items.iter().collect(), |i| i.order_number).into_iter().map(|item| {
        let meaning = words(item.decode.as_ref()).or_else(|| words(item.description.as_ref()));
        (item.coded_value.clone(), meaning.unwrap_or_else(|| item.coded_value.clone()), item.place.line)
    });
    let enumerated = in_order(list.enumerated.iter().collect(), |i| i.order_number).into_iter();
    let enumerated = enumerated.map(|item| (item.coded_value.clone(), item.coded_value.clone(), item.place.line));
    let mut codes = indexmap::IndexMap::new();
    for (code, meaning, line) in decoded.chain(enumerated) {
        if codes.contains_key(&code) {
            let message = format!("code {code} stands in list {} twice: the first meaning counts", list.oid);
            notes.push(Note::new(line, &list.oid, message, ""));
        } else {
            codes.insert(code, meaning);
        }
    }
    if let Some(external) = &list.external {
        let dictionary = external.dictionary.as_deref().unwrap_or("a dictionary elsewhere");
        let message = format!("list {} is {dictionary}: any text can be entered", list.oid);
        notes.push(Note::new(list.place.line, &list.oid, message, ""));
    }
    codes
}
