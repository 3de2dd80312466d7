//! A study definition laid out as datasets.

#![allow(clippy::unwrap_used, reason = "tests panic with a sentence")]

use croft_cdisc::usdm::{Cell, EntityDataset, METADATA_COLUMNS, entities, is_usdm};
use croft_testkit::{assert_checked, reference};
use serde_json::{Value, json};

fn dataset<'a>(all: &'a [EntityDataset<'a>], name: &str) -> &'a EntityDataset<'a> {
    all.iter().find(|d| d.name == name).unwrap_or_else(|| panic!("no dataset {name}"))
}

fn cell<'a>(data: &'a EntityDataset<'a>, row: usize, column: &str) -> &'a Cell<'a> {
    let index = data.columns.iter().position(|c| c == column).unwrap_or_else(|| panic!("no column {column}"));
    &data.rows[row].cells[index]
}

fn text(text: &str) -> Cell<'_> {
    Cell::Text(text.into())
}

#[test]
fn an_object_is_a_row_of_its_class_and_shows_the_objects_within() {
    let document = json!({"study": {"id": "S1", "instanceType": "Study", "versions": [
        {"id": "V1", "instanceType": "StudyVersion", "notes": [], "titles": [
            {"id": "T1", "instanceType": "StudyTitle", "text": "A", "type": {"id": "C1", "instanceType": "Code", "code": "C1"}},
            {"id": "T2", "instanceType": "StudyTitle", "text": null, "length": 2, "final": false}]}]}});
    assert!(is_usdm(&document));
    let all = entities(&document);
    let titles = dataset(&all, "StudyTitle");
    assert_eq!(titles.columns[..4], METADATA_COLUMNS);
    let paths: Vec<_> = titles.rows.iter().map(|r| r.path.as_str()).collect();
    assert_eq!(paths, ["/study/versions/0/titles/0", "/study/versions/0/titles/1"]);
    assert_eq!(cell(titles, 0, "parent_entity"), &text("StudyVersion"));
    assert_eq!(cell(titles, 0, "parent_id"), &text("V1"));
    assert_eq!(cell(titles, 0, "parent_rel"), &text("titles"));
    assert_eq!(cell(titles, 0, "rel_type"), &text("definition"));
    assert_eq!(cell(titles, 0, "type"), &Cell::Boolean(true), "an object is there or not");
    assert_eq!(cell(titles, 0, "type.code"), &text("C1"));
    assert_eq!(cell(titles, 1, "type.code"), &Cell::Absent);
    assert_eq!(cell(titles, 0, "length"), &Cell::Absent, "a column of a later row");
    assert_eq!(cell(titles, 1, "text"), &Cell::Null);
    assert_eq!(cell(titles, 1, "length"), &Cell::Number(&2.into()));
    assert_eq!(cell(titles, 1, "final"), &Cell::Boolean(false));
    let versions = dataset(&all, "StudyVersion");
    assert_eq!(cell(versions, 0, "notes"), &Cell::Boolean(false), "an empty list");
    assert_eq!(cell(versions, 0, "titles"), &Cell::Boolean(true));
    assert!(!versions.columns.iter().any(|c| c.starts_with("titles.")), "lists are not entered");
    assert_eq!(cell(dataset(&all, "Study"), 0, "parent_entity"), &text("Wrapper"));
    assert_eq!(dataset(&all, "Code").rows[0].path, "/study/versions/0/titles/0/type");
}

#[test]
fn a_reference_is_a_row_of_the_object_that_it_names() {
    let document = json!({"study": {"id": "S", "instanceType": "Study", "activities": [
        {"id": "A1", "instanceType": "Activity", "name": "one", "nextId": "A2", "childIds": ["A2", "A9"]},
        {"id": "A2", "instanceType": "Activity", "name": "two", "nextId": null}]}});
    let all = entities(&document);
    let activities = dataset(&all, "Activity");
    let seen: Vec<_> = (0..activities.rows.len())
        .map(|row| {
            (activities.rows[row].path.as_str(), cell(activities, row, "rel_type"), cell(activities, row, "name"))
        })
        .collect();
    let (definition, referred) = (text("definition"), text("reference"));
    assert_eq!(
        seen,
        [
            ("/study/activities/0", &definition, &text("one")),
            ("/study/activities/1", &definition, &text("two")),
            ("/study/activities/0/nextId", &referred, &text("two")),
            ("/study/activities/0/childIds/0", &referred, &text("two")),
        ]
    );
    assert_eq!(cell(activities, 3, "parent_id"), &text("A1"));
    assert_eq!(cell(activities, 3, "parent_rel"), &text("childIds"));
    let texts = dataset(&all, "string");
    let dangling = texts.rows.iter().position(|r| r.path == "/study/activities/0/childIds/1").unwrap();
    assert_eq!(cell(texts, dangling, "value"), &text("A9"), "an id that nothing has stays a text");
    assert_eq!(dataset(&all, "null").rows[0].path, "/study/activities/1/nextId");
}

#[test]
fn an_object_without_instance_type_goes_by_its_attribute() {
    let document = json!({"study": {"studyPhase": {"standardCode": {"code": "C1"}}, "odd": {"x": 1.5}}});
    let all = entities(&document);
    assert_eq!(dataset(&all, "AliasCode").rows[0].path, "/study/studyPhase");
    assert_eq!(dataset(&all, "Code").rows[0].path, "/study/studyPhase/standardCode");
    assert_eq!(dataset(&all, "odd").rows.len(), 1);
    assert_eq!(cell(dataset(&all, "float"), 0, "value"), &Cell::Number(&serde_json::Number::from_f64(1.5).unwrap()));
    assert_eq!(cell(dataset(&all, "Code"), 0, "parent_id"), &text(""));
}

#[test]
fn what_is_no_object_has_no_datasets() {
    for document in [json!(null), json!([]), json!([{"id": "A"}]), json!("study"), json!({})] {
        assert_eq!(entities(&document), [], "{document}");
        assert!(!is_usdm(&document));
    }
    assert!(!is_usdm(&json!({"study": {}, "datasetJSONVersion": "1.1.0"})));
    assert_eq!(entities(&json!({"a": [[{"b": 1}]], "id": [1], "nextId": ""})).len(), 2);
}

/// Datasets and rows of the published studies, as the reference engine (CDISC CORE 0.16.0 with jsonpath-ng 1.8.0) lays them out;
/// its cells were compared once, with those of the inputs of all JSONata rules, and were all equal.
#[test]
fn published_studies_have_the_datasets_and_rows_of_the_reference_engine() {
    const STUDIES: [(&str, usize, usize); 5] = [
        ("Alexion_NCT04573309_Wilsons", 63, 12840),
        ("CDISC_Pilot_Study", 62, 14307),
        ("EliLilly_NCT03421379_Diabetes", 51, 12374),
        ("devices", 63, 13516),
        ("observational", 59, 5042),
    ];
    let Some(folder) = reference("cdisc/usdm-4.0/examples") else { return };
    for (name, datasets, rows) in STUDIES {
        let document: Value =
            serde_json::from_slice(&std::fs::read(folder.join(name).with_extension("json")).unwrap()).unwrap();
        let all = entities(&document);
        let counted = (all.len(), all.iter().map(|d| d.rows.len()).sum::<usize>());
        assert_eq!(counted, (datasets, rows), "{name}");
    }
    assert_checked("studies laid out", STUDIES.len(), 5);
}
