//! The checks that come with a study, translated and run over its data, find what its own system would.
//!
//! The example study of OpenEDC has skip conditions and two computed items. Expected findings were made by another program from the same definitions.

#![allow(clippy::unwrap_used, reason = "tests panic with a sentence")]

use croft_cdisc::expression::{Column, Kind};
use croft_cdisc::odm::{self, DataType, ItemDef, MetaDataVersion, expression};
use croft_core::{Cell, Dataset, Missing, Variable};
use croft_query::{Session, check_condition};
use std::collections::BTreeMap;

/// Column of an item: its place in the definition.
fn column(version: &MetaDataVersion, oid: &str) -> Option<(String, Kind)> {
    let at = version.items.iter().position(|i| i.oid == oid)?;
    let kind = if is_number(&version.items[at]) { Kind::Number } else { Kind::Text };
    Some((format!("I{at}"), kind))
}

fn is_number(item: &ItemDef) -> bool {
    matches!(item.data_type, Some(DataType::Integer | DataType::Float))
}

/// A value with its address.
struct Value {
    row: usize,
    form: String,
    group: String,
    item: String,
    text: String,
}

/// One row for each subject and visit, one column for each item, and the values with their addresses.
fn visits(document: &odm::Odm, version: &MetaDataVersion) -> (Dataset, Vec<(String, String)>, Vec<Value>) {
    let variable = |(i, item): (usize, &ItemDef)| {
        let name = format!("I{i}");
        if is_number(item) { Variable::num(&name, "") } else { Variable::char(&name, "") }
    };
    let mut data = Dataset::new("VISITS", "", version.items.iter().enumerate().map(variable).collect());
    let (mut keys, mut values) = (Vec::new(), Vec::new());
    for subject in document.clinical_data.iter().flat_map(|c| &c.subjects) {
        for event in &subject.events {
            let row = keys.len();
            let mut texts = BTreeMap::new();
            for form in &event.forms {
                for group in &form.item_groups {
                    for (item, text) in group.items.iter().filter_map(|i| Some((i, i.text()?))) {
                        assert!(texts.insert(item.item_oid.as_str(), text).is_none(), "one value an item and visit");
                        values.push(Value {
                            row,
                            form: form.form_oid.clone(),
                            group: group.item_group_oid.clone(),
                            item: item.item_oid.clone(),
                            text: text.to_owned(),
                        });
                    }
                }
            }
            data.push_row(version.items.iter().map(|item| match texts.get(item.oid.as_str()) {
                Some(text) if is_number(item) => Cell::Num(text.parse().unwrap()),
                Some(text) => Cell::Text(text),
                None if is_number(item) => Cell::MissingNum(Missing::ORDINARY),
                None => Cell::Null,
            }));
            keys.push((subject.subject_key.clone(), event.event_oid.clone()));
        }
    }
    (data, keys, values)
}

/// The study's own checks over its data: address, value, finding.
fn findings(version: &MetaDataVersion, data: &odm::Odm) -> Vec<[String; 7]> {
    let (data, keys, values) = visits(data, version);
    let mut session = Session::new().unwrap();
    session.add(&data).unwrap();
    let rows = |sql: &str| {
        let checked = check_condition(sql, session.catalog(), "VISITS").unwrap_or_else(|e| panic!("{sql}: {e:?}"));
        session.rows_where(&checked).unwrap()
    };
    let resolve = |reference: &expression::Reference| {
        let (sql, kind) = column(version, &expression::locate(version, reference)?.item)?;
        Some(Column { sql, kind })
    };
    let mut found = Vec::new();
    let mut note = |group: &str, item: &str, rows: &[usize], finding: &str| {
        for value in values.iter().filter(|v| v.item == item && v.group == group && rows.contains(&v.row)) {
            let (subject, event) = &keys[value.row];
            let all = [subject, event, &value.form, &value.group, &value.item, &value.text, finding];
            found.push(all.map(str::to_owned));
        }
    };
    for group in &version.item_groups {
        for item in group.items() {
            if let Some(oid) = &item.exception_condition_oid {
                let condition = version.conditions.iter().find(|c| c.oid == *oid).unwrap();
                let sql = expression::condition(&condition.expressions[0], &resolve).unwrap();
                note(&group.oid, &item.item_oid, &rows(&sql), "collected_though_excepted");
            }
            if let Some(oid) = &item.method_oid {
                let method = version.methods.iter().find(|m| m.oid == *oid).unwrap();
                let computed = expression::value(&method.expressions[0], &resolve).unwrap().sql;
                let (stored, _) = column(version, &item.item_oid).unwrap();
                let tolerance = if item.item_oid == "BMI" { "0.005" } else { "0" };
                let sql = format!("abs({stored} - {computed}) > {tolerance} * abs({computed})");
                note(&group.oid, &item.item_oid, &rows(&sql), "derivation_mismatch");
            }
        }
    }
    found
}

#[test]
fn skip_conditions_and_derivations_of_openedc_find_what_is_expected() {
    let Some(folder) = croft_testkit::reference("platform/odm-studies") else { return };
    let read = |name: &str| odm::read(&std::fs::read(folder.join(name)).unwrap()).unwrap();
    let definition = read("openedc-example-metadata.xml");
    let (_, version) = definition.meta_data_versions().next().unwrap();
    let mut found = findings(version, &read("openedc-example-clinicaldata.xml"));
    let rows: Vec<BTreeMap<String, String>> =
        croft_testkit::csv_rows(folder.join("openedc-example-expected-findings.csv"));
    let names = ["subject", "event", "form", "itemgroup", "item", "value", "finding"];
    let mut expected: Vec<_> = rows.iter().map(|row| names.map(|n| row[n].clone())).collect();
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
    croft_testkit::assert_checked("findings of the OpenEDC example", found.len(), 396);
}

#[test]
fn conditions_in_xpath_are_translated() {
    let Some(path) = croft_testkit::reference("platform/odm-studies/cdisc-ces-2.0.xml") else { return };
    let document = odm::read(&std::fs::read(path).unwrap()).unwrap();
    let (_, version) = document.meta_data_versions().next().unwrap();
    let variables = (0..version.items.len()).map(|i| Variable::char(&format!("I{i}"), "")).collect();
    let mut data = Dataset::new("VISITS", "", variables);
    for sex in ["M", "F"] {
        data.push_row(version.items.iter().map(|i| if i.oid == "I_SEX" { Cell::Text(sex) } else { Cell::Null }));
    }
    let mut session = Session::new().unwrap();
    session.add(&data).unwrap();
    let resolve = |reference: &expression::Reference| {
        let (sql, _) = column(version, &expression::locate(version, reference)?.item)?;
        Some(Column { sql, kind: Kind::Text })
    };
    let mut checked = 0;
    for condition in &version.conditions {
        let sql = expression::condition(&condition.expressions[0], &resolve).unwrap();
        let statement = check_condition(&sql, session.catalog(), "VISITS").unwrap_or_else(|e| panic!("{sql}: {e:?}"));
        let rows = session.rows_where(&statement).unwrap();
        // Nothing but the sex is there, so only what asks for it is true.
        let expected: &[usize] = if sql.contains("'M'") { &[0] } else { &[] };
        assert_eq!(rows, expected, "{}: {sql}", condition.oid);
        checked += 1;
    }
    croft_testkit::assert_checked("conditions in XPath", checked, 13);
    let method = expression::value(&version.methods[0].expressions[0], &resolve).unwrap_err();
    assert_eq!(method.to_string(), "expressions in `MyScriptingLanguage1` are not translated");
}
