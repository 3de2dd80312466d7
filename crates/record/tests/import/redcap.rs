//! REDCap's dictionaries give the expected fields, logic and calculations.

use super::definitions::statements_hold;
use super::scene::STUDY;
use croft_cdisc::redcap::{Dictionary, events};
use croft_design::forms::{Form, Item, ItemType};
use croft_record::definition::Compiled;
use croft_record::import::Note;
use croft_record::import::redcap::{Project, definition};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Expected {
    fields: usize,
    forms: Vec<String>,
    field_types: BTreeMap<String, usize>,
    with_branching_logic: Vec<String>,
    calc_fields: BTreeMap<String, String>,
    validation_types: BTreeMap<String, usize>,
    identifiers: Vec<String>,
    required: Vec<String>,
}

fn project(name: &str) -> Option<Project> {
    let folder = croft_testkit::reference("platform/redcap")?;
    let bytes = std::fs::read(folder.join(name)).unwrap();
    let mut project = Project { dictionary: Dictionary::read(&bytes).unwrap(), ..Project::default() };
    project.sources.push(("redcap.csv".into(), String::from_utf8(bytes).unwrap()));
    if name.starts_with("longitudinal") {
        project.events = events::read_events(&std::fs::read(folder.join("longitudinal-event.csv")).unwrap()).unwrap();
        project.arms = events::read_arms(&std::fs::read(folder.join("longitudinal-arm.csv")).unwrap()).unwrap();
    }
    Some(project)
}

fn imported(name: &str) -> Option<(Project, Compiled, Vec<Note>)> {
    let project = project(name)?;
    let imported = definition(&project, STUDY, name).unwrap();
    let compiled = Compiled::compile(&imported.files).map_err(|p| format!("{name}: {p:?}")).unwrap();
    Some((project, compiled, imported.notes))
}

fn oid(item: &Item) -> &str {
    item.oid.as_deref().unwrap_or(&item.name)
}

/// The field of each item, in order, once.
fn fields(forms: &[Form], of: impl Fn(&Item) -> bool) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for item in forms.iter().flat_map(|f| &f.groups).flat_map(|g| &g.items).filter(|i| of(i)) {
        let field = oid(item).split("___").next().unwrap_or_default().to_owned();
        if !found.contains(&field) {
            found.push(field);
        }
    }
    found
}

#[test]
fn dictionaries_give_the_expected_fields_logic_and_calculations() {
    let Some(path) = croft_testkit::reference("platform/redcap/expected.json") else { return };
    let expected: BTreeMap<String, Expected> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let (mut checked, mut statements) = (0, 0);
    for (name, expected) in &expected {
        let (_, compiled, _) = imported(name).unwrap();
        let forms = &compiled.forms;
        statements += statements_hold(name, &compiled);
        let named: Vec<_> = forms.iter().map(|f| f.oid.clone().unwrap_or_else(|| f.form.clone())).collect();
        assert_eq!(named, expected.forms, "{name}");
        let count = |kind: &str| expected.field_types.get(kind).copied().unwrap_or(0);
        // Files and text on the form are no items; every other field is one, or one for each choice.
        assert_eq!(fields(forms, |_| true).len() + count("file") + count("descriptive"), expected.fields, "{name}");
        assert_eq!(fields(forms, |i| i.when.is_some()), expected.with_branching_logic, "{name}");
        let computed: Vec<_> = expected.calc_fields.keys().cloned().collect();
        let mut derived = fields(forms, |i| i.derive.is_some());
        derived.sort();
        assert_eq!(derived, computed, "{name}");
        assert_eq!(fields(forms, |i| i.identifying), expected.identifiers, "{name}");
        let mut required = fields(forms, |i| i.required);
        required.sort();
        let mut wanted = expected.required.clone();
        wanted.sort();
        assert_eq!(required, wanted, "{name}");
        let typed = |kinds: &[ItemType]| {
            forms.iter().flat_map(|f| &f.groups).flat_map(|g| &g.items).filter(|i| kinds.contains(&i.kind)).count()
        };
        let validated = |starts: &[&str]| -> usize {
            let of = |name: &&String| starts.iter().any(|s| name.starts_with(s)) && name.as_str() != "time_mm_ss";
            expected.validation_types.iter().filter(|(name, _)| of(name)).map(|(_, n)| n).sum()
        };
        assert_eq!(typed(&[ItemType::Integer]), validated(&["integer"]) + count("slider"), "{name}");
        assert_eq!(typed(&[ItemType::Float]), validated(&["number"]) + count("calc"), "{name}");
        assert_eq!(typed(&[ItemType::Date]), validated(&["date_"]), "{name}");
        assert_eq!(typed(&[ItemType::Datetime]), validated(&["datetime"]), "{name}");
        assert_eq!(typed(&[ItemType::Time]), validated(&["time"]), "{name}");
        checked += expected.fields;
    }
    croft_testkit::assert_checked("conditions, checks and derivations of dictionaries", statements, 42);
    croft_testkit::assert_checked("fields of dictionaries", checked, 244);
}

#[test]
fn a_longitudinal_project_has_its_events_as_visits_and_choices_as_items() {
    let Some((project, compiled, notes)) = imported("longitudinal-dictionary.csv") else { return };
    let visits: Vec<_> = compiled.definition.visits.iter().map(|v| v.code.as_str()).collect();
    assert_eq!(visits.len(), project.events.len());
    assert_eq!((visits[0], compiled.definition.visits[0].name.as_str()), ("enrollment_arm_1", "Enrollment (Drug A)"));
    let arms: Vec<_> = compiled.definition.arms.iter().map(|a| a.name.as_str()).collect();
    assert_eq!(arms, ["Drug A", "Drug B"]);
    let items: Vec<&Item> = compiled.forms.iter().flat_map(|f| &f.groups).flat_map(|g| &g.items).collect();
    let gym = items.iter().find(|i| oid(i) == "gym___1").unwrap();
    assert_eq!(gym.name, "gym_1");
    assert_eq!(gym.codes.keys().collect::<Vec<_>>(), ["0", "1"]);
    let bmi = items.iter().find(|i| i.name == "bmi").unwrap();
    assert_eq!(bmi.derive.as_deref(), Some("round_half_away(((weight * 10000) / pow(height, 2)), 1)"));
    assert!(notes.iter().any(|n| n.oid == "patient_document" && n.message.contains("file")), "{notes:?}");
}

#[test]
fn a_dictionary_with_a_field_twice_is_refused_with_its_line() {
    let Some(mut project) = project("repeating-instruments-dictionary.csv") else { return };
    let again = project.dictionary.fields[0].clone();
    project.dictionary.fields.push(again);
    let told = definition(&project, STUDY, "twice").unwrap_err().to_string();
    assert!(told.contains("line 2"), "{told}");
}
