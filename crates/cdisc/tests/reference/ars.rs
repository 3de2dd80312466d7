//! The published reporting events: read, checked, written back to the same JSON; valid against the published schema before and after.

use super::{folder, json};
use croft_cdisc::{ars, usdm};
use serde_json::Value;

const EVENTS: [(&str, usize, usize); 2] =
    [("common-safety-displays", 31, 3735), ("fda-standard-safety-tables-and-figures", 6, 74)];

/// The schema without the keywords that say nothing of a document's form.
fn schema(path: &std::path::Path) -> Value {
    let mut schema = json(path);
    if let Some(members) = schema.as_object_mut() {
        members.retain(|name, _| !matches!(name.as_str(), "metamodel_version" | "version"));
    }
    schema
}

#[test]
fn published_events_come_back_as_they_were() {
    let Some(folder) = folder("ars") else { return };
    let schema = schema(&folder.join("ars_ldm.schema.json"));
    let mut results = 0;
    for (name, analyses, expected) in EVENTS {
        let path = folder.join(format!("{name}.json"));
        let event = ars::read(&std::fs::read(&path).unwrap()).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(event.analyses.len(), analyses, "{name}");
        let found: usize = event.analyses.iter().map(|a| a.results.len()).sum();
        assert_eq!(found, expected, "{name}");
        results += found;
        assert_eq!(ars::to_json(&event), json(&path), "{name}: all that was read is written");
        assert_eq!(ars::read(ars::write(&event).as_bytes()).unwrap(), event, "{name}");
        let issues = usdm::check(&ars::to_json(&event), &schema).unwrap();
        assert!(issues.is_empty(), "{name}: {:?}", issues.first());
    }
    croft_testkit::assert_checked("results of published reporting events", results, 3735 + 74);
}

/// What the published events themselves get wrong, by rule.
#[test]
fn published_events_hold_together() {
    let Some(folder) = folder("ars") else { return };
    for (name, ..) in EVENTS {
        let event = ars::read(&std::fs::read(folder.join(format!("{name}.json"))).unwrap()).unwrap();
        let told: Vec<String> = ars::check(&event).iter().map(ToString::to_string).collect();
        assert_eq!(told, Vec::<String>::new(), "{name}");
    }
}

/// A member taken away or of another type is refused with its place.
#[test]
fn what_does_not_fit_is_refused_with_its_path() {
    let Some(folder) = folder("ars") else { return };
    let document = json(&folder.join("fda-standard-safety-tables-and-figures.json"));
    let told = |pointer: &str, value: Option<Value>| {
        let mut document = document.clone();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let members = document.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        match value {
            Some(value) => members.insert(name.to_owned(), value),
            None => members.remove(name),
        };
        ars::read(document.to_string().as_bytes()).unwrap_err().to_string()
    };
    assert_eq!(told("/analyses/3/methodId", None), "$.analyses[3]: `methodId` is missing");
    assert_eq!(
        told("/analyses/0/results/1/rawValue", Some(84.into())),
        "$.analyses[0].results[1].rawValue: a number stands where a text is expected"
    );
    assert_eq!(
        told("/analysisSets/0/condition/comparator", Some("LIKE".into())),
        "$.analysisSets[0].condition.comparator: `LIKE` is not one of EQ, NE, GT, GE, LT, LE, IN, NOTIN"
    );
    assert_eq!(told("/mainListOfContents", None), "$: `mainListOfContents` is missing");
}
