//! What stands, and how it came to stand there, leaves as tables.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod export_scene;

use croft_design::snapshot::{Row, Value, read_values};
use croft_record::Caller;
use croft_record::export::csv::Guard;
use croft_record::export::{self, ExportError, Extent};
use export_scene::{STUDY, Scene};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

type Memory = BTreeMap<String, Rc<RefCell<Vec<u8>>>>;

fn history(scene: &Scene, extent: &Extent) -> (u64, Memory) {
    let mut memory = Memory::new();
    let write = |r: &croft_record::Reading<'_>| export::history::write(r, extent, Guard::Off, &mut memory);
    let rows = scene.record.export(&Caller::system(), write).unwrap();
    (rows, memory)
}

fn text(memory: &Memory, file: &str) -> String {
    String::from_utf8(memory[file].borrow().clone()).unwrap()
}

/// The rows of a file, by column.
fn rows(memory: &Memory, file: &str) -> Vec<BTreeMap<String, String>> {
    let bytes = memory[file].borrow().clone();
    let data = croft_cdisc::csv::read(&bytes, &croft_cdisc::csv::CsvOptions::default()).unwrap().dataset;
    let cell = |row: usize, name: &str| match data.cell(row, name).unwrap() {
        croft_core::Cell::Text(text) => text.to_owned(),
        croft_core::Cell::Num(x) => x.to_string(),
        _ => String::new(),
    };
    let names: Vec<String> = data.variables().iter().map(|v| v.name.clone()).collect();
    (0..data.rows()).map(|row| names.iter().map(|n| (n.clone(), cell(row, n))).collect()).collect()
}

/// These columns of the rows where this column has this text.
fn told<const N: usize>(
    rows: &[BTreeMap<String, String>],
    (column, is): (&str, &str),
    columns: [&str; N],
) -> Vec<[String; N]> {
    rows.iter().filter(|r| r[column] == is).map(|r| columns.map(|c| r[c].clone())).collect()
}

#[test]
fn every_value_and_every_change_is_a_row() {
    let scene = Scene::new("history");
    let (all, memory) = history(&scene, &Extent::study(STUDY));
    let count: usize = memory.keys().map(|file| rows(&memory, file).len()).sum();
    assert_eq!(all, count as u64);
    assert!(text(&memory, "values.csv").starts_with(&Value::COLUMNS.join(",")));
    let values = read_values(&memory["values.csv"].borrow()).unwrap();
    let told_values: Vec<_> = values
        .iter()
        .filter(|v| v.subject == "101-001" && v.visit == "V1" && v.group == "vitals")
        .map(|v| (v.group_repeat, v.item.as_str(), v.text.as_str(), v.unit.as_str(), v.missing.as_str()))
        .collect();
    let expected = [
        (1, "DOUBLE", "124", "", ""),
        (1, "INITIALS", "", "", "SEALED"),
        (1, "PULSE", "62", "/min", ""),
        (1, "TEMP", "36.50", "C", ""),
        (2, "DOUBLE", "500", "", ""),
        (2, "PULSE", "250", "/min", ""),
        (2, "TEMP", "", "C", "ND"),
    ];
    assert_eq!(told_values, expected);
    let audit = rows(&memory, "audit.csv");
    let pulse = told(&audit, ("action", "amend"), ["item", "before", "after", "reason", "unit"]);
    assert_eq!(pulse[0], ["PULSE", "61", "62", "misread on the source sheet", "/min"]);
    let units =
        told(&audit, ("reason", "the thermometer shows Fahrenheit"), ["before", "before_unit", "after", "unit"]);
    assert_eq!(units, [["99.5", "C", "99.5", "F"]]);
    let voided = told(&audit, ("action", "void"), ["group_repeat", "item", "before", "after", "reason"]);
    assert_eq!(voided, [["3", "NOTE", "another subject's, \"odd\" <row>", "", "another subject's"]]);
    let missing = told(&audit, ("missing", "ND"), ["group_repeat", "item", "after"]);
    assert_eq!(missing, [["2", "TEMP", ""]]);
    let dates = told(&audit, ("action", "date of visit"), ["subject", "visit", "after", "form"]);
    assert_eq!(dates, [["101-001", "V1", "2026-01-21", ""]]);
    let complete = told(&audit, ("action", "complete"), ["form", "form_repeat", "item"]);
    assert_eq!(complete, [["AE", "1", ""], ["AE", "2", ""]]);
    assert!(audit.windows(2).all(|w| w[0]["event"].parse::<u64>().unwrap() <= w[1]["event"].parse().unwrap()));
    let none =
        memory.keys().all(|file| !text(&memory, file).contains("Q-X-Z") && !text(&memory, file).contains("sha256:"));
    assert!(none, "what identifies a person does not leave");
    let (_, again) = history(&scene, &Extent::study(STUDY));
    assert_eq!(memory, again, "the same state gives the same bytes");
}

#[test]
fn what_was_asked_marked_and_signed_is_told() {
    let scene = Scene::new("told");
    let (_, memory) = history(&scene, &Extent::study(STUDY));
    let queries = rows(&memory, "queries.csv");
    let asked = told(&queries, ("check", ""), ["status", "form", "group", "group_repeat", "item", "state", "text"]);
    let expected = [
        ["closed", "VS", "vitals", "1", "TEMP", "open", "Is this so?"],
        ["closed", "VS", "vitals", "1", "TEMP", "answered", "It is."],
        ["closed", "VS", "vitals", "1", "TEMP", "closed", "Thank you."],
        ["open", "VS", "", "", "", "open", "Is the form whole?"],
    ];
    assert_eq!(asked, expected);
    let checks = told(&queries, ("check", "PULSE_RANGE"), ["status", "item", "text", "asked_by_role"]);
    assert_eq!(checks, [["open", "PULSE", "Pulse 250 is outside 30 to 200", "system"]]);
    let marks = rows(&memory, "verification.csv");
    assert_eq!(told(&marks, ("item", "TEMP"), ["action", "stands"]), [["verify", "Y"]]);
    assert_eq!(told(&marks, ("item", "PULSE"), ["action", "stands"]), [["verify", "N"], ["unverify", "N"]]);
    let signatures = rows(&memory, "signatures.csv");
    let signed = told(&signatures, ("signer", "croft"), ["covers", "form_repeat", "meaning", "forms"]);
    let meaning = "I have reviewed these data";
    assert_eq!(signed, [["form", "1", meaning, "LOG/1/AE/1"], ["form", "2", meaning, "LOG/1/AE/2"]]);
    let standing: Vec<bool> = signatures.iter().map(|s| s["void_event"].is_empty()).collect();
    assert_eq!(standing, [true, false]);
}

#[test]
fn one_sites_history_leaves_alone() {
    let scene = Scene::new("one-site");
    let (_, memory) = history(&scene, &Extent::site(STUDY, "102"));
    for file in memory.keys() {
        assert!(!text(&memory, file).contains("101-001"), "{file}");
        assert!(rows(&memory, file).iter().all(|r| r["subject"] == "102-001"), "{file}");
    }
    assert_eq!(told(&rows(&memory, "audit.csv"), ("item", "TEMP"), ["after"]), [["about 37"]]);
    assert_eq!(rows(&memory, "queries.csv").len(), 2, "one of a check or reader, one of a person");
}

#[test]
fn who_may_not_see_who_did_what_gets_no_history() {
    let scene = Scene::new("denied");
    let stranger = Caller::new("stranger", "", 0);
    let mut memory = Memory::new();
    let write =
        |r: &croft_record::Reading<'_>| export::history::write(r, &Extent::study(STUDY), Guard::Off, &mut memory);
    let refused = scene.record.export(&stranger, write);
    assert!(matches!(refused, Err(ExportError::Refused(_))), "{refused:?}");
    assert!(memory.is_empty());
}
