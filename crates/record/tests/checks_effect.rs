//! What a version would do to recorded data is told before it is published.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod checks_scene;

use checks_scene::{STUDY, Scene};
use croft_record::access::{CreateAccount, GiveGrant};
use croft_record::definition::{Compiled, Consequence, Effect, Files, effect};
use croft_record::{Caller, Refusal};

const STUDY_TOML: &str = r#"
[study]
id = "S1"
title = "One"
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
"#;

const VITALS: &str = r#"
form = "VS"
label = "Vital signs"
visits = ["V1", "V2"]
[[group]]
name = "vitals"
label = "Vital signs"
[[group.item]]
name = "ARM"
label = "Arm"
type = "text"
codes = { L = "Left", R = "Right" }
[[group.item]]
name = "WEIGHT"
label = "Weight"
type = "float"
[[group.item]]
name = "NOTE"
label = "Note"
type = "text"
[[group.item]]
name = "DOUBLE"
label = "Twice"
type = "float"
derive = "WEIGHT * 2"
[[group.check]]
name = "HEAVY"
item = "WEIGHT"
holds = "WEIGHT < 100"
message = "Heavy"
"#;

fn files(vitals: &str) -> Files {
    [("study.toml", STUDY_TOML), ("forms/vs.toml", vitals)].map(|(n, t)| (n.to_owned(), t.to_owned())).into()
}

fn compiled(vitals: &str) -> Compiled {
    Compiled::compile(&files(vitals)).map_err(|p| p.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap()
}

/// Two visits: one with everything in order, one that is heavy and has a note.
fn scene() -> Scene {
    let scene = Scene::new("effect", files(VITALS));
    scene.save("V1", "VS", &[("vitals", 1, "ARM", "L"), ("vitals", 1, "WEIGHT", "70.5")]);
    scene.save("V2", "VS", &[("vitals", 1, "ARM", "R"), ("vitals", 1, "WEIGHT", "120"), ("vitals", 1, "NOTE", "seen")]);
    scene
}

fn told(scene: &Scene, caller: &Caller, from: &str, to: &str) -> Result<Effect, Refusal> {
    assert!(VITALS.contains(from), "{from}");
    let version = compiled(&VITALS.replacen(from, to, 1));
    scene.record().view(caller, |r| effect(r, STUDY, &version, 100))
}

/// Kind, name, values, forms.
type Line<'e> = (Consequence, &'e str, usize, usize);

fn lines(effect: &Effect) -> Vec<Line<'_>> {
    effect.concerns.iter().map(|c| (c.kind, c.what.as_str(), c.values, c.forms)).collect()
}

#[test]
fn each_change_tells_what_it_does_to_what_is_recorded() {
    let scene = scene();
    let note = "[[group.item]]\nname = \"NOTE\"\nlabel = \"Note\"\ntype = \"text\"\n";
    let cases: [(&str, &str, &[Line<'_>]); 10] = [
        ("label = \"Arm\"", "label = \"Which arm\"", &[]),
        (note, "", &[(Consequence::NoPlace, "item VS/vitals/NOTE", 1, 1)]),
        (
            "visits = [\"V1\", \"V2\"]",
            "visits = [\"V1\"]",
            // Arm, weight, note and the computed value.
            &[(Consequence::NoPlace, "form VS at V2", 4, 1)],
        ),
        ("R = \"Right\"", "X = \"Other\"", &[(Consequence::NoLongerFits, "item VS/vitals/ARM", 1, 1)]),
        (
            "name = \"WEIGHT\"\nlabel = \"Weight\"\ntype = \"float\"",
            "name = \"WEIGHT\"\nlabel = \"Weight\"\ntype = \"integer\"",
            &[(Consequence::NoLongerFits, "item VS/vitals/WEIGHT", 1, 1)],
        ),
        (
            "name = \"NOTE\"\nlabel = \"Note\"",
            "name = \"NOTE\"\nlabel = \"Note\"\nrequired = true",
            &[(Consequence::Wanted, "item VS/vitals/NOTE", 1, 1)],
        ),
        (
            "holds = \"WEIGHT < 100\"",
            "holds = \"WEIGHT > 100\"",
            &[(Consequence::Asks, "check HEAVY", 1, 1), (Consequence::Settles, "check HEAVY", 1, 1)],
        ),
        (
            "holds = \"WEIGHT < 100\"",
            "severity = \"refuse\"\nholds = \"WEIGHT > 100\"",
            &[(Consequence::Refuses, "check HEAVY", 1, 1), (Consequence::Settles, "check HEAVY", 1, 1)],
        ),
        ("WEIGHT * 2", "WEIGHT * 3", &[(Consequence::Computes, "item VS/vitals/DOUBLE", 2, 2)]),
        (
            "label = \"Note\"",
            "label = \"Note\"\nwhen = \"ARM = 'L'\"",
            &[(Consequence::Asks, "item VS/vitals/NOTE (croft.not_asked)", 1, 1)],
        ),
    ];
    for (from, to, expected) in cases {
        let effect = told(&scene, &Caller::system(), from, to).unwrap();
        assert_eq!(lines(&effect), expected, "{from} -> {to}");
        assert_eq!((effect.subjects, effect.forms, effect.partial), (1, 2, false));
        for concern in &effect.concerns {
            assert_eq!((concern.subjects, concern.places.len()), (1, concern.forms));
        }
    }
}

#[test]
fn so_many_subjects_are_looked_at_and_it_is_said() {
    let scene = scene();
    let version = compiled(VITALS);
    let none = scene.record().view(&Caller::system(), |r| effect(r, STUDY, &version, 0)).unwrap();
    assert_eq!((none.subjects, none.forms, none.partial), (0, 0, true));
}

#[test]
fn whoever_builds_definitions_sees_counts_and_no_subject() {
    let scene = scene();
    for (login, role) in [("dora", "study_designer"), ("mona", "monitor")] {
        scene.does(CreateAccount { login: login.into(), name: login.into(), email: String::new() }).unwrap();
        let study = Some(STUDY.to_owned());
        scene.does(GiveGrant { account: login.into(), role: role.into(), study, ..GiveGrant::default() }).unwrap();
    }
    let caller = |login: &str| Caller::new(login, "s", 0);
    let seen = told(&scene, &caller("dora"), "WEIGHT * 2", "WEIGHT * 3").unwrap();
    assert_eq!((seen.concerns[0].forms, seen.concerns[0].places.len()), (2, 0));
    let refused = told(&scene, &caller("mona"), "WEIGHT * 2", "WEIGHT * 3");
    assert!(matches!(refused, Err(Refusal::Denied { .. })));
}
