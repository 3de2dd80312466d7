//! A save looks again only at forms that read what it changed: what stands then is what a look at everything would find.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod checks_scene;

use checks_scene::Scene;
use croft_core::date::CivilDate;
use croft_record::capture::{FormState, Place};
use croft_record::check::{Entry, Row, RowsError, SubjectRows};
use croft_record::definition::{Compiled, Files};
use proptest::prelude::*;
use std::collections::BTreeSet;

const STUDY_TOML: &str = r#"
[study]
id = "S1"
title = "One"
[capture]
reason_for_change = false
[[visit]]
number = 1
code = "V1"
name = "Visit 1"
day = 1
epoch = "T"
start = "x"
[[visit]]
number = 2
code = "V2"
name = "Visit 2"
day = 8
epoch = "T"
start = "x"
[[visit]]
number = 3
code = "LOG"
name = "Throughout"
day = 1
epoch = "T"
start = "x"
"#;

const VITALS: &str = r#"
form = "VS"
label = "Vital signs"
visits = ["V1", "V2"]
[[group]]
name = "vitals"
label = "Vital signs"
[[group.item]]
name = "WEIGHT"
label = "Weight"
type = "float"
[[group.item]]
name = "HEIGHT"
label = "Height"
type = "float"
[[group.item]]
name = "CHANGE"
label = "Change from the first visit"
type = "float"
derive = "WEIGHT - (select max(b.WEIGHT) from vitals b where b.VISIT = 'V1')"
[[group.check]]
name = "RANGE"
item = "WEIGHT"
holds = "WEIGHT between 30 and 200"
message = "Weight {WEIGHT}"
[[group.check]]
name = "JUMP"
item = "WEIGHT"
holds = "abs(CHANGE) <= 10"
message = "Weight jumps by {CHANGE}"
[[group.check]]
name = "TALL"
item = "HEIGHT"
holds = "not exists (select 1 from vitals b where b.VISIT <> vitals.VISIT and b.HEIGHT <> vitals.HEIGHT)"
message = "Height differs"
"#;

const EVENTS: &str = r#"
form = "AE"
label = "Adverse events"
visits = ["LOG"]
[[group]]
name = "events"
label = "Adverse events"
repeating = true
[[group.item]]
name = "TERM"
label = "Term"
type = "text"
[[group.item]]
name = "GRADE"
label = "Grade"
type = "integer"
[[group.check]]
name = "TWICE"
item = "TERM"
holds = "not exists (select 1 from events o where o.TERM = events.TERM and o.SEQ < events.SEQ)"
message = "{TERM} stands twice"
[[group.check]]
name = "LOSS"
item = "TERM"
holds = "TERM <> 'loss' or exists (select 1 from vitals v where v.CHANGE < 0)"
message = "No weight was lost"
"#;

const SUMMARY: &str = r#"
form = "SUM"
label = "Summary"
visits = ["V2"]
[[group]]
name = "summary"
label = "Summary"
[[group.item]]
name = "NOTE"
label = "Note"
type = "text"
[[group.item]]
name = "EVENTS"
label = "Events"
type = "integer"
derive = "(select count(*) from events)"
[[group.item]]
name = "WORST"
label = "Worst grade"
type = "integer"
derive = "(select max(e.GRADE) from events e)"
[[group.item]]
name = "LARGEST"
label = "Largest change"
type = "float"
derive = "(select max(abs(v.CHANGE)) from vitals v)"
[[group.check]]
name = "SERIOUS"
item = "NOTE"
holds = "WORST < 4 or NOTE is not null"
message = "Please explain"
[[group]]
name = "closing"
label = "Closing"
when = "exists (select 1 from summary s where s.EVENTS > 1)"
[[group.item]]
name = "SEEN"
label = "Seen"
type = "text"
required = true
[[group.check]]
name = "LARGE"
item = "SEEN"
holds = "(select max(s.LARGEST) from summary s) < 50 or SEEN = 'Y'"
message = "Large"
"#;

fn files() -> Files {
    let text = |(name, text): (&str, &str)| (name.to_owned(), text.to_owned());
    [("study.toml", STUDY_TOML), ("forms/vs.toml", VITALS), ("forms/ae.toml", EVENTS), ("forms/sum.toml", SUMMARY)]
        .map(text)
        .into()
}

/// Everything that stands, as a look at everything has it.
fn is_as_if_all_were_looked_at(scene: &Scene) -> Result<(), TestCaseError> {
    let compiled = Compiled::compile(&files()).ok().unwrap();
    let forms = scene.forms();
    let all = All(&forms);
    for (place, form) in &forms {
        let today = CivilDate::new(2026, 1, 21).unwrap();
        let outcome = compiled.evaluate(place, form.complete, today, &all).unwrap();
        let fired: BTreeSet<_> =
            outcome.fired.iter().map(|f| (f.check.as_str(), f.group.as_str(), f.seq, f.item.as_str())).collect();
        let open: BTreeSet<_> =
            form.queries.values().map(|q| (q.check.as_str(), q.group.as_str(), q.row, q.item.as_str())).collect();
        prop_assert_eq!(open.len(), form.queries.len(), "one query a check and row");
        prop_assert_eq!(fired, open, "queries of {:?}", place);
        for derived in &outcome.derived {
            let stands = form.item(&derived.group, derived.seq, &derived.item).map_or("", |i| i.text.as_str());
            prop_assert_eq!(derived.value.as_deref().unwrap_or_default(), stands, "{} of {:?}", derived.item, place);
        }
    }
    Ok(())
}

/// All that is recorded of a subject.
struct All<'f>(&'f [(Place, FormState)]);

impl SubjectRows for All<'_> {
    fn rows(&self, group: &str) -> Result<Vec<Row>, RowsError> {
        let mut rows = Vec::new();
        for (place, form) in self.0 {
            for (seq, row) in form.groups.get(group).into_iter().flatten().filter(|(_, r)| !r.void) {
                let values = row.items.iter().map(|(name, item)| {
                    let value = if item.missing.is_empty() { item.value().to_owned() } else { String::new() };
                    let (text, unit, missing) = (item.text.clone(), item.unit.clone(), item.missing.clone());
                    (name.clone(), Entry { text, value, unit, missing })
                });
                rows.push(Row {
                    visit: place.visit.clone(),
                    visit_repeat: place.visit_repeat,
                    form: place.form.clone(),
                    form_repeat: place.form_repeat,
                    seq: *seq,
                    values: values.collect(),
                });
            }
        }
        Ok(rows)
    }
}

#[derive(Clone, Debug)]
enum Step {
    Vitals { visit: &'static str, weight: Option<u8>, height: Option<u8> },
    Event { row: u32, term: Option<&'static str>, grade: Option<u8> },
    Summary { note: bool, seen: bool },
    Void { row: u32 },
}

fn step() -> impl Strategy<Value = Step> {
    let visit = prop::sample::select(vec!["V1", "V2"]);
    let weight = prop::option::of(prop::sample::select(vec![20_u8, 60, 65, 80, 150]));
    let height = prop::option::of(prop::sample::select(vec![170_u8, 171]));
    let term = prop::option::of(prop::sample::select(vec!["pain", "loss", "rash"]));
    prop_oneof![
        4 => (visit, weight, height).prop_map(|(visit, weight, height)| Step::Vitals { visit, weight, height }),
        4 => (1..4_u32, term, prop::option::of(1..6_u8)).prop_map(|(row, term, grade)| Step::Event { row, term, grade }),
        2 => (any::<bool>(), any::<bool>()).prop_map(|(note, seen)| Step::Summary { note, seen }),
        1 => (1..4_u32).prop_map(|row| Step::Void { row }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn what_stands_is_what_a_look_at_everything_finds(steps in prop::collection::vec(step(), 1..14)) {
        let scene = Scene::new("follow", files());
        for step in &steps {
            let number = |n: &Option<u8>| n.map(|n| n.to_string()).unwrap_or_default();
            match step {
                Step::Vitals { visit, weight, height } => {
                    let values = [("vitals", 1, "WEIGHT", &*number(weight)), ("vitals", 1, "HEIGHT", &*number(height))];
                    scene.save(visit, "VS", &values);
                }
                Step::Event { row, term, grade } => {
                    let values = [("events", *row, "TERM", term.unwrap_or_default()), ("events", *row, "GRADE", &*number(grade))];
                    scene.save("LOG", "AE", &values);
                }
                Step::Summary { note, seen } => {
                    let values = [("summary", 1, "NOTE", if *note { "x" } else { "" }), ("closing", 1, "SEEN", if *seen { "Y" } else { "" })];
                    scene.save("V2", "SUM", &values);
                }
                // There may be no such row.
                Step::Void { row } => drop(scene.void("LOG", "AE", "events", *row)),
            }
            is_as_if_all_were_looked_at(&scene)?;
        }
    }
}

#[test]
fn a_change_at_one_visit_asks_and_settles_at_another() {
    let scene = Scene::new("follow", files());
    scene.save("V1", "VS", &[("vitals", 1, "WEIGHT", "60")]);
    assert!(scene.save("V2", "VS", &[("vitals", 1, "WEIGHT", "65")]).opened.is_empty());
    let changed = scene.save("V1", "VS", &[("vitals", 1, "WEIGHT", "80")]);
    assert_eq!(changed.opened.len(), 1, "the second visit's weight now jumps");
    let second = Place::first(&scene.subject, "V2", "VS");
    let state = |place: &Place| scene.forms().into_iter().find(|(p, _)| p == place).unwrap().1;
    assert_eq!(state(&second).item("vitals", 1, "CHANGE").unwrap().text, "-15");
    let back = scene.save("V1", "VS", &[("vitals", 1, "WEIGHT", "60")]);
    assert_eq!((back.opened.len(), back.closed.len()), (0, 1));
}

#[test]
fn what_is_computed_there_is_followed_further() {
    let scene = Scene::new("follow", files());
    scene.save("V2", "SUM", &[("summary", 1, "NOTE", "x")]);
    scene.save("V1", "VS", &[("vitals", 1, "WEIGHT", "60")]);
    scene.save("V2", "VS", &[("vitals", 1, "WEIGHT", "60")]);
    scene.save("LOG", "AE", &[("events", 1, "TERM", "loss")]);
    // The first visit changes what is computed at the second, and that the summary and the event's check.
    let saved = scene.save("V1", "VS", &[("vitals", 1, "WEIGHT", "70")]);
    assert_eq!(saved.closed.len(), 1, "weight was lost after all");
    let summary = scene.forms().into_iter().find(|(p, _)| p.form == "SUM").unwrap().1;
    assert_eq!(summary.item("summary", 1, "LARGEST").unwrap().text, "10");
}
