//! Do the references of a document lead somewhere, and is each name given once?
//!
//! ```text
//! ODM-REF        a definition refers to one that is not there
//! ODM-DATA-REF   data refer to a definition that their version does not have
//! ODM-DUPLICATE  two definitions of one kind have the same OID, or two codes of a list are the same
//! ODM-VALUE      an attribute has a value that is not of its type or list
//! ODM-EMPTY-REF  a reference without a name
//! ```
//!
//! A version that includes another (`<Include>`) may refer to what stands there, so what it refers to is not asked for. Data whose definition is in another
//! document are not held against it, but for their units: what unit a number is in is part of the value, and the data must say so.
//!
//! An item may be referred to before it is defined; the order of definitions does not matter. Unused definitions are allowed (libraries of forms).

mod data;

use super::model::study::{CodeList, ItemDef, ItemRef, MetaDataVersion};
use super::node::{Extra, Place};
use super::{DataType, Odm};
use croft_core::{Finding, Severity};
use std::collections::{BTreeMap, BTreeSet};

/// What is wrong with a document, in document order.
pub fn check(odm: &Odm) -> Vec<Finding> {
    let mut found = Found::default();
    let units = units(odm);
    found.duplicates("Study", odm.studies.iter().map(|s| (s.oid.as_str(), s.place)));
    for study in &odm.studies {
        if let Some(basic) = &study.basic_definitions {
            found.duplicates("MeasurementUnit", basic.units.iter().map(|u| (u.oid.as_str(), u.place)));
        }
        found.duplicates("MetaDataVersion", study.versions.iter().map(|v| (v.oid.as_str(), v.place)));
        for version in &study.versions {
            definitions(version, &units, &mut found);
        }
    }
    data::check(odm, &units, &mut found);
    found.findings
}

/// The units of all studies.
fn units(odm: &Odm) -> BTreeSet<&str> {
    let basic = odm.studies.iter().filter_map(|s| s.basic_definitions.as_ref());
    basic.flat_map(|b| b.units.iter().map(|u| u.oid.as_str())).collect()
}

#[derive(Default)]
struct Found {
    findings: Vec<Finding>,
    /// References already told.
    told: BTreeSet<(String, String)>,
}

impl Found {
    fn push(&mut self, rule: &str, place: Place, variable: &str, value: &str, message: String, hint: &str) {
        let mut finding = Finding::new(rule, Severity::Error, "ODM", message).hint(hint);
        finding.row = usize::try_from(place.line).ok().filter(|line| *line > 0);
        finding.variable = Some(variable.to_owned());
        finding.value = Some(value.to_owned());
        self.findings.push(finding);
    }

    /// A reference to a definition; told once, at its first place.
    fn reference(&mut self, what: &str, oid: &str, known: &BTreeSet<&str>, place: Place) {
        if known.contains(oid) || !self.told.insert((what.to_owned(), oid.to_owned())) {
            return;
        }
        if oid.is_empty() {
            let message = format!("{place}: a {what} without a name");
            return self.push(
                "ODM-EMPTY-REF",
                place,
                what,
                oid,
                message,
                "leave the attribute out, or name a definition",
            );
        }
        let message = format!("{place}: {what} {oid} is not defined");
        self.push("ODM-REF", place, what, oid, message, "add the definition, or correct the reference");
    }

    fn duplicates<'a>(&mut self, what: &str, all: impl IntoIterator<Item = (&'a str, Place)>) {
        let mut seen: BTreeMap<&str, Place> = BTreeMap::new();
        for (oid, place) in all {
            if let Some(first) = seen.get(oid) {
                let message = format!("{place}: {what} {oid} is there already at line {}", first.line);
                self.push("ODM-DUPLICATE", place, what, oid, message, "give each its own name");
            } else {
                seen.insert(oid, place);
            }
        }
    }

    /// Values that are not of their attribute's type were kept as extra attributes without a prefix.
    fn values(&mut self, element: &str, extra: &Extra, names: &[&str], place: Place) {
        for attribute in extra.attributes.iter().filter(|a| a.prefix.is_empty() && names.contains(&a.local.as_str())) {
            let message =
                format!("{place}: {} of {element} is `{}`, which is no whole number", attribute.local, attribute.value);
            self.push("ODM-VALUE", place, &attribute.local, &attribute.value, message, "write digits only");
        }
    }
}

/// Names of the definitions of a version.
struct Known<'a> {
    events: BTreeSet<&'a str>,
    forms: BTreeSet<&'a str>,
    groups: BTreeSet<&'a str>,
    items: BTreeSet<&'a str>,
    code_lists: BTreeSet<&'a str>,
    conditions: BTreeSet<&'a str>,
    methods: BTreeSet<&'a str>,
    comments: BTreeSet<&'a str>,
    presentations: BTreeSet<&'a str>,
    value_lists: BTreeSet<&'a str>,
    where_clauses: BTreeSet<&'a str>,
    event_groups: BTreeSet<&'a str>,
    workflows: BTreeSet<&'a str>,
}

macro_rules! oids {
    ($of:expr) => {
        $of.iter().map(|d| d.oid.as_str())
    };
}

impl<'a> Known<'a> {
    fn of(version: &'a MetaDataVersion) -> Self {
        let imputations = oids!(version.imputation_methods);
        Self {
            events: oids!(version.events).collect(),
            forms: oids!(version.forms).collect(),
            groups: oids!(version.item_groups).collect(),
            items: oids!(version.items).collect(),
            code_lists: oids!(version.code_lists).collect(),
            conditions: oids!(version.conditions).collect(),
            methods: oids!(version.methods).chain(imputations).collect(),
            comments: oids!(version.comments).collect(),
            presentations: oids!(version.presentations).collect(),
            value_lists: oids!(version.value_lists).collect(),
            where_clauses: oids!(version.where_clauses).collect(),
            event_groups: oids!(version.event_groups).collect(),
            workflows: oids!(version.workflows).collect(),
        }
    }
}

fn definitions(version: &MetaDataVersion, units: &BTreeSet<&str>, found: &mut Found) {
    names(version, found);
    for list in &version.code_lists {
        code_list(list, found);
    }
    if version.include.is_some() {
        return;
    }
    let known = Known::of(version);
    plan(version, &known, found);
    visits_and_forms(version, &known, found);
    for group in &version.item_groups {
        found.values("ItemGroupDef", &group.extra, &["RepeatingLimit"], group.place);
        group.items().for_each(|r| item_ref(r, &known, found));
        for inner in group.groups() {
            found.reference("ItemGroupRef", &inner.item_group_oid, &known.groups, inner.place);
            exception(inner.exception_condition_oid.as_deref(), inner.place, &known, found);
        }
    }
    for list in &version.value_lists {
        list.items.iter().for_each(|r| item_ref(r, &known, found));
    }
    for item in &version.items {
        item_def(item, &known, units, found);
    }
}

fn names(version: &MetaDataVersion, found: &mut Found) {
    macro_rules! unique {
        ($what:literal, $of:expr) => {
            found.duplicates($what, $of.iter().map(|d| (d.oid.as_str(), d.place)))
        };
    }
    unique!("StudyEventDef", version.events);
    unique!("FormDef", version.forms);
    unique!("ItemGroupDef", version.item_groups);
    unique!("ItemDef", version.items);
    unique!("CodeList", version.code_lists);
    unique!("ConditionDef", version.conditions);
    unique!("MethodDef", version.methods);
    unique!("Presentation", version.presentations);
    unique!("ImputationMethod", version.imputation_methods);
    unique!("CommentDef", version.comments);
    unique!("ValueListDef", version.value_lists);
    unique!("WhereClauseDef", version.where_clauses);
    unique!("StudyEventGroupDef", version.event_groups);
    unique!("WorkflowDef", version.workflows);
}

fn code_list(list: &CodeList, found: &mut Found) {
    let codes = list.items.iter().map(|i| (i.coded_value.as_str(), i.place));
    let enumerated = list.enumerated.iter().map(|i| (i.coded_value.as_str(), i.place));
    found.duplicates(&format!("code in {}", list.oid), codes.chain(enumerated));
}

fn exception(oid: Option<&str>, place: Place, known: &Known<'_>, found: &mut Found) {
    if let Some(oid) = oid {
        found.reference("CollectionExceptionConditionOID", oid, &known.conditions, place);
    }
}

fn plan(version: &MetaDataVersion, known: &Known<'_>, found: &mut Found) {
    let Some(protocol) = &version.protocol else { return };
    for event in &protocol.events {
        found.reference("StudyEventRef", &event.event_oid, &known.events, event.place);
        exception(event.exception_condition_oid.as_deref(), event.place, known, found);
    }
    for group in &protocol.event_groups {
        found.reference("StudyEventGroupRef", &group.event_group_oid, &known.event_groups, group.place);
        exception(group.exception_condition_oid.as_deref(), group.place, known, found);
    }
    if let Some(workflow) = &protocol.workflow {
        found.reference("WorkflowRef", &workflow.workflow_oid, &known.workflows, workflow.place);
    }
}

fn visits_and_forms(version: &MetaDataVersion, known: &Known<'_>, found: &mut Found) {
    for event in &version.events {
        for form in &event.forms {
            found.reference("FormRef", &form.form_oid, &known.forms, form.place);
            exception(form.exception_condition_oid.as_deref(), form.place, known, found);
        }
        for group in &event.item_groups {
            found.reference("ItemGroupRef", &group.item_group_oid, &known.groups, group.place);
            exception(group.exception_condition_oid.as_deref(), group.place, known, found);
        }
    }
    for form in &version.forms {
        for group in &form.item_groups {
            found.reference("ItemGroupRef", &group.item_group_oid, &known.groups, group.place);
            exception(group.exception_condition_oid.as_deref(), group.place, known, found);
        }
        for layout in &form.archive_layouts {
            if let Some(oid) = &layout.presentation_oid {
                found.reference("PresentationOID", oid, &known.presentations, layout.place);
            }
        }
    }
}

fn item_ref(item: &ItemRef, known: &Known<'_>, found: &mut Found) {
    found.reference("ItemRef", &item.item_oid, &known.items, item.place);
    found.values("ItemRef", &item.extra, &["OrderNumber", "KeySequence"], item.place);
    exception(item.exception_condition_oid.as_deref(), item.place, known, found);
    let optional = [
        ("MethodOID", &item.method_oid, &known.methods),
        ("ImputationMethodOID", &item.imputation_method_oid, &known.methods),
        ("RoleCodeListOID", &item.role_code_list_oid, &known.code_lists),
        ("UnitsItemOID", &item.units_item_oid, &known.items),
    ];
    for (what, oid, names) in optional {
        if let Some(oid) = oid {
            found.reference(what, oid, names, item.place);
        }
    }
    for clause in &item.where_clauses {
        found.reference("WhereClauseRef", &clause.where_clause_oid, &known.where_clauses, clause.place);
    }
}

fn item_def(item: &ItemDef, known: &Known<'_>, units: &BTreeSet<&str>, found: &mut Found) {
    found.values("ItemDef", &item.extra, &["Length", "SignificantDigits"], item.place);
    if let Some(DataType::Other(word)) = &item.data_type {
        let message = format!("{}: the data type `{word}` of item {} is not of the standard", item.place, item.oid);
        found.push("ODM-VALUE", item.place, "DataType", word, message, "use one of the standard's data types");
    }
    if let Some(list) = &item.code_list {
        found.reference("CodeListRef", &list.code_list_oid, &known.code_lists, list.place);
    }
    if let Some(list) = &item.value_list {
        found.reference("ValueListRef", &list.value_list_oid, &known.value_lists, list.place);
    }
    if let Some(oid) = &item.comment_oid {
        found.reference("CommentOID", oid, &known.comments, item.place);
    }
    let of_checks = item.range_checks.iter().filter_map(|c| c.unit.as_ref());
    for unit in item.units.iter().chain(of_checks) {
        found.reference("MeasurementUnitRef", &unit.unit_oid, units, unit.place);
    }
}
