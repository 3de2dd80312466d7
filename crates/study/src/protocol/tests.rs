//! The two laws of import and export, on the published examples and on studies of our own.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::*;
use crate::definition::VisitKind;
use croft_cdisc::usdm;

const BE: &str = include_str!("../../templates/be-2x2/study.toml");
const PHASE2: &str = include_str!("../../templates/phase2-parallel/study.toml");

/// The published examples, by name.
fn examples() -> Vec<(String, Vec<u8>)> {
    let Some(folder) = croft_testkit::reference("cdisc/usdm-4.0/examples") else {
        eprintln!("skipped: no reference data");
        return Vec::new();
    };
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    files.iter().map(|f| (f.file_stem().unwrap().to_string_lossy().into_owned(), std::fs::read(f).unwrap())).collect()
}

fn through_text(definition: &Definition) -> Definition {
    Definition::parse(&toml::to_string_pretty(definition).unwrap()).unwrap()
}

#[test]
fn an_import_followed_by_an_export_gives_an_equal_document() {
    let mut checked = 0;
    for (name, bytes) in examples() {
        let imported = import(&bytes).unwrap_or_else(|e| panic!("{name}: {e}"));
        let definition = through_text(&imported.definition);
        assert_eq!(definition, imported.definition, "{name}");
        let exported = export(&definition, &[], Some(&bytes)).unwrap();
        let kept: Value = serde_json::from_slice(&bytes).unwrap();
        assert!(exported.document == kept, "{name}: the document differs");
        checked += 1;
    }
    assert!(checked == 0 || checked == 5, "{checked}");
}

/// An edit of each kind of item, one after the other, on each example: what the export says is what was edited.
#[test]
fn what_an_edit_changed_is_read_from_the_export() {
    type Edit = (&'static str, fn(&mut Definition));
    let edits: [Edit; 22] = [
        ("title", |d| d.study.title = "Another <title> & more".to_owned()),
        ("phase", |d| d.study.phase = "PHASE III TRIAL".to_owned()),
        ("sponsor", |d| d.study.sponsor = "Another Sponsor".to_owned()),
        ("rationale", |d| d.study.rationale = "Because <of> more & less.".to_owned()),
        ("arm", |d| d.arms[0].name = "First arm".to_owned()),
        ("element", |d| d.elements[0].end = "Another end".to_owned()),
        ("criterion", |d| d.criteria[0].text = "Aged 18 or more".to_owned()),
        ("criterion gone", |d| drop(d.criteria.remove(1))),
        ("criterion new", |d| {
            let mut new = d.criteria[0].clone();
            new.code = "INCL99".to_owned();
            new.text = "One more".to_owned();
            d.criteria.insert(1, new);
        }),
        ("objective", |d| d.objectives[0].text = "To learn".to_owned()),
        ("objective new", |d| {
            let mut new = d.objectives[0].clone();
            new.code = "ZOBJ".to_owned();
            new.endpoints.truncate(1);
            if let Some(endpoint) = new.endpoints.first_mut() {
                endpoint.code = "ZEND".to_owned();
            }
            d.objectives.push(new);
        }),
        ("visit day", |d| shift(d, 3)),
        ("visit window", |d| {
            let visit = d.visits.iter_mut().filter(|v| v.kind == VisitKind::Scheduled).nth(2).unwrap();
            (visit.days_before, visit.days_after) = (Some(5), Some(6));
        }),
        ("visit name", |d| d.visits[1].name = "Another name".to_owned()),
        ("visit new", |d| {
            let mut new = d.visits.iter().rfind(|v| v.kind == VisitKind::Scheduled).unwrap().clone();
            (new.code, new.name, new.day) = ("NEW".to_owned(), "New visit".to_owned(), new.day + 7);
            d.activities[0].visits.push("NEW".to_owned());
            new.number = d.visits.len() as u32 + 1;
            d.visits.push(new);
        }),
        ("activity", |d| d.activities[0].name = "Another activity".to_owned()),
        ("activity gone", |d| drop(d.activities.remove(0))),
        ("activity visits", |d| d.activities[0].visits = vec![d.visits[1].code.clone()]),
        ("activity new", |d| {
            let mut new = d.activities[0].clone();
            (new.code, new.name, new.group) = ("NEWACT".to_owned(), "New".to_owned(), Some("Group".to_owned()));
            d.activities.push(new);
        }),
        ("planned number", |d| set_fact(d, "PLANSUB", "321")),
        ("ages", |d| {
            set_fact(d, "AGEMIN", "P21Y");
            set_fact(d, "AGEMAX", "P70Y");
        }),
        ("intent", |d| set_fact(d, "TINDTP", "PREVENTION")),
    ];
    let mut checked = 0;
    for (name, bytes) in examples() {
        let imported = import(&bytes).unwrap().definition;
        for (what, edit) in &edits {
            let mut wanted = imported.clone();
            edit(&mut wanted);
            let wanted = through_text(&wanted);
            let exported = export(&wanted, &[], Some(&bytes)).unwrap_or_else(|e| panic!("{name}, {what}: {e}"));
            let text = exported.document.to_string();
            let again = import(text.as_bytes()).unwrap_or_else(|e| panic!("{name}, {what}: {e}")).definition;
            same(&format!("{name}, {what}"), &wanted, &again);
            checked += 1;
        }
    }
    assert!(checked == 0 || checked == 110, "{checked}");
}

fn set_fact(d: &mut Definition, code: &str, value: &str) {
    match d.facts.iter_mut().find(|f| f.code == code) {
        Some(fact) => fact.value = Some(value.to_owned()),
        None => d.facts.push(crate::definition::Fact {
            code: code.to_owned(),
            name: String::new(),
            value: Some(value.to_owned()),
            value_null: None,
        }),
    }
}

/// Moves the third planned visit.
fn shift(d: &mut Definition, days: i32) {
    let visit = d.visits.iter_mut().filter(|v| v.kind == VisitKind::Scheduled && v.day > 1).nth(1).unwrap();
    visit.day += days;
}

/// Equal but for what the document gives anew: codes of criteria, numbers of visits, and the order of facts.
fn same(what: &str, wanted: &Definition, again: &Definition) {
    let texts = |d: &Definition| d.criteria.iter().map(|c| (c.category.clone(), c.text.clone())).collect::<Vec<_>>();
    assert_eq!(texts(wanted), texts(again), "{what}");
    let facts = |d: &Definition| {
        let mut facts: Vec<_> = d.facts.iter().map(|f| (f.code.clone(), f.value.clone())).collect();
        facts.sort();
        facts
    };
    assert_eq!(facts(wanted), facts(again), "{what}");
    let plain = |d: &Definition| {
        let mut d = d.clone();
        d.criteria.clear();
        d.facts.clear();
        d.visits.iter_mut().for_each(|v| v.number = 0);
        let words: Vec<Vec<String>> = d
            .activities
            .iter()
            .map(|a| {
                a.visits.iter().filter_map(|c| d.visits.iter().find(|v| v.code == *c)).map(|v| v.name.clone()).collect()
            })
            .collect();
        for (activity, visits) in d.activities.iter_mut().zip(words) {
            activity.visits = visits;
            activity.code.clear();
        }
        d.visits.iter_mut().for_each(|v| v.code.clear());
        d
    };
    let (wanted, again) = (plain(wanted), plain(again));
    assert_eq!(wanted.visits, again.visits, "{what}");
    assert_eq!(wanted.activities, again.activities, "{what}");
    assert_eq!(wanted, again, "{what}");
}

#[test]
fn a_study_written_by_hand_gives_a_valid_document_that_says_it() {
    for (name, text) in [("be-2x2", BE), ("phase2", PHASE2)] {
        let definition = Definition::parse(text).unwrap();
        let exported = export(&definition, &[], None).unwrap();
        let issues = usdm::check(&exported.document, usdm::schema("4.0").unwrap()).unwrap();
        let shown: Vec<String> = issues.iter().map(|i| format!("{}: {}", i.json_path, i.message)).collect();
        assert!(shown.is_empty(), "{name}: {shown:#?}");
        assert_eq!(exported.document, export(&definition, &[], None).unwrap().document, "{name}: not the same twice");
        let again = import(exported.document.to_string().as_bytes()).unwrap().definition;
        assert_eq!(definition.arms, again.arms, "{name}");
        assert_eq!(definition.cells, again.cells, "{name}");
        assert_eq!(definition.objectives, again.objectives, "{name}");
        assert_eq!(definition.criteria, again.criteria, "{name}");
        let days = |d: &Definition| -> Vec<(String, i32, Option<u32>)> {
            let visits = d.visits.iter().filter(|v| v.kind == VisitKind::Scheduled);
            visits.map(|v| (v.code.clone(), v.day, v.days_before)).collect()
        };
        assert_eq!(days(&definition), days(&again), "{name}");
        let treatments = |d: &Definition| {
            d.treatments
                .iter()
                .map(|t| (t.code.clone(), t.dose, t.dose_unit.clone(), t.route.clone(), t.form.clone()))
                .collect::<Vec<_>>()
        };
        assert_eq!(treatments(&definition), treatments(&again), "{name}");
        assert_eq!(definition.study.title, again.study.title, "{name}");
        assert_eq!((&definition.study.id, &definition.study.phase), (&again.study.id, &again.study.phase), "{name}");
    }
}

fn example(edit: impl FnOnce(&mut Value)) -> Vec<u8> {
    let definition = Definition::parse(BE).unwrap();
    let mut document = export(&definition, &[], None).unwrap().document;
    edit(&mut document);
    document.to_string().into_bytes()
}

fn refused(edit: impl FnOnce(&mut Value)) -> String {
    let error = import(&example(edit)).unwrap_err();
    assert!(!error.hint().is_empty());
    error.to_string()
}

#[test]
fn bad_documents_are_refused_with_their_place() {
    let broken = import(b"{\"study\": {,}}").unwrap_err().to_string();
    assert!(broken.starts_with("line 1, column 12"), "{broken}");
    assert!(refused(|d| d["usdmVersion"] = "3.0.0".into()).contains("`3.0.0`"));
    assert!(refused(|d| drop(d.as_object_mut().unwrap().remove("study"))).contains("no `study`"));
    assert!(
        refused(|d| d["study"]["versions"][0]["studyDesigns"] = serde_json::json!([]))
            .contains("$.study.versions[0].studyDesigns[0]")
    );
    let design = "/study/versions/0/studyDesigns/0";
    let no_id =
        refused(|d| drop(d.pointer_mut(&format!("{design}/arms/1")).unwrap().as_object_mut().unwrap().remove("id")));
    assert_eq!(no_id, "$.study.versions[0].studyDesigns[0].arms[1]: the StudyArm has no `id`");
    let twice = refused(|d| *d.pointer_mut(&format!("{design}/arms/1/id")).unwrap() = "StudyArm_TR".into());
    assert!(twice.contains("`StudyArm_TR` is taken by $.study.versions[0].studyDesigns[0].arms[0]"), "{twice}");
    let dangling = refused(|d| *d.pointer_mut(&format!("{design}/studyCells/0/armId")).unwrap() = "nobody".into());
    assert!(dangling.contains("studyCells[0].armId") && dangling.contains("`nobody`"), "{dangling}");
    let circle = refused(|d| {
        let timings = d.pointer_mut(&format!("{design}/scheduleTimelines/0/timings")).unwrap().as_array_mut().unwrap();
        let timings: Vec<&mut Value> =
            timings.iter_mut().filter(|t| t["type"]["code"] != timing::FIXED).take(2).collect();
        let ids: Vec<Value> = timings.iter().map(|t| t["relativeFromScheduledInstanceId"].clone()).collect();
        for (timing, to) in timings.into_iter().zip(ids.into_iter().rev()) {
            timing["relativeToScheduledInstanceId"] = to;
        }
    });
    assert!(circle.contains("scheduleTimelines[0]") && circle.contains("circle"), "{circle}");
}

#[test]
fn an_item_that_others_name_is_not_taken_out_in_silence() {
    let bytes =
        example(|d| d["study"]["versions"][0]["roles"][0]["appliesToIds"] = serde_json::json!(["StudyElement_FUP"]));
    let mut definition = import(&bytes).unwrap().definition;
    definition.elements.retain(|e| e.code != "FUP");
    for cell in &mut definition.cells {
        cell.path.retain(|step| !step.ends_with(":FUP"));
    }
    let error = export(&definition, &[], Some(&bytes)).unwrap_err().to_string();
    assert!(error.contains("roles[0].appliesToIds[0]") && error.contains("StudyElement_FUP"), "{error}");
}
