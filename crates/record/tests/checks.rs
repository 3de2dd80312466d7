//! Skip logic, computations and checks of a definition, over a subject's rows.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use croft_core::date::CivilDate;
use croft_design::entry::{Typed, normalise};
use croft_record::capture::Place;
use croft_record::check::{Entry, Outcome, Row, RowsError, SubjectRows};
use croft_record::definition::{Compiled, Files, diff, digest};
use std::collections::BTreeMap;

const STUDY: &str = r#"
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
name = "SEX"
label = "Sex"
type = "text"
required = true
codes = { M = "Male", F = "Female" }
[[group.item]]
name = "PREG"
label = "Pregnant"
type = "text"
when = "SEX = 'F'"
required = true
codes = { Y = "Yes", N = "No" }
[[group.item]]
name = "HEIGHT"
label = "Height"
type = "float"
unit = "cm"
[[group.item]]
name = "WEIGHT"
label = "Weight"
type = "float"
unit = "kg"
[[group.item]]
name = "OBESE"
label = "Obese"
type = "text"
derive = "case when BMI >= 30 then 'Y' when BMI < 30 then 'N' end"
[[group.item]]
name = "BMI"
label = "Body mass index"
type = "float"
unit = "kg/m2"
derive = "round_half_away(WEIGHT / ((HEIGHT / 100) * (HEIGHT / 100)), 1)"
[[group.item]]
name = "DAT"
label = "Date"
type = "date"
[[group.check]]
name = "WEIGHT_RANGE"
item = "WEIGHT"
holds = "WEIGHT between 30 and 200"
message = "Weight {WEIGHT} kg is outside 30 to 200 kg"
case = [{ values = { WEIGHT = "20" }, fires = true }, { values = { WEIGHT = "UNK" }, fires = false }, { values = { WEIGHT = "70" }, fires = false }]
[[group.check]]
name = "WEIGHT_CHANGE"
item = "WEIGHT"
holds = "abs(WEIGHT - (select max(b.WEIGHT) from vitals b where b.VISIT = 'V1')) <= 10"
message = "Weight differs by more than 10 kg from the first visit"
"#;

fn files() -> Files {
    BTreeMap::from([("study.toml".to_owned(), STUDY.to_owned()), ("forms/vs.toml".to_owned(), VITALS.to_owned())])
}

struct Rows(Vec<Row>);

impl SubjectRows for Rows {
    fn rows(&self, _group: &str) -> Result<Vec<Row>, RowsError> {
        Ok(self.0.clone())
    }
}

fn today() -> CivilDate {
    CivilDate::new(2024, 3, 5).unwrap()
}

fn row(compiled: &Compiled, visit: &str, values: &[(&str, &str)]) -> Row {
    let entry = |(name, text): &(&str, &str)| {
        let item = compiled.item("VS", "vitals", name).unwrap();
        let now = normalise(item, &Typed { text: (*text).to_owned(), ..Typed::default() }, today());
        ((*name).to_owned(), Entry { text: now.text, value: now.value, unit: now.unit, missing: now.missing })
    };
    Row {
        visit: visit.into(),
        visit_repeat: 1,
        form: "VS".into(),
        form_repeat: 1,
        seq: 1,
        values: values.iter().map(entry).collect(),
    }
}

fn outcome(visit: &str, complete: bool, rows: &[(&str, &[(&str, &str)])]) -> Outcome {
    let compiled =
        Compiled::compile(&files()).map_err(|p| p.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap();
    let rows = Rows(rows.iter().map(|(visit, values)| row(&compiled, visit, values)).collect());
    compiled.evaluate(&Place::first("1", visit, "VS"), complete, today(), &rows).unwrap()
}

fn fired(outcome: &Outcome) -> Vec<&str> {
    outcome.fired.iter().map(|f| f.check.as_str()).collect()
}

#[test]
fn computed_values_follow_from_what_they_read_in_any_order() {
    let found = outcome("V1", false, &[("V1", &[("HEIGHT", "180"), ("WEIGHT", "100")])]);
    let values: BTreeMap<_, _> = found.derived.iter().map(|d| (d.item.as_str(), d.value.as_deref())).collect();
    assert_eq!(values, BTreeMap::from([("BMI", Some("30.9")), ("OBESE", Some("Y"))]));
    let found = outcome("V1", false, &[("V1", &[("HEIGHT", "UNK"), ("WEIGHT", "100")])]);
    assert!(found.derived.iter().all(|d| d.value.is_none()), "missing in, missing out: {found:?}");
}

#[test]
fn a_check_fires_where_it_is_broken_and_not_where_it_is_unknown() {
    let check = |weight: &str| outcome("V1", false, &[("V1", &[("WEIGHT", weight)])]);
    let low = check("20");
    assert_eq!(fired(&low), ["WEIGHT_RANGE"]);
    assert_eq!(low.fired[0].message, "Weight 20 kg is outside 30 to 200 kg");
    assert!(fired(&check("UNK")).is_empty() && fired(&check("70")).is_empty());
    let visits: [(&str, &[(&str, &str)]); 2] = [("V1", &[("WEIGHT", "70")]), ("V2", &[("WEIGHT", "85")])];
    assert_eq!(fired(&outcome("V2", false, &visits)), ["WEIGHT_CHANGE"]);
    assert!(fired(&outcome("V1", false, &visits)).is_empty(), "the first visit is not its own change");
}

#[test]
fn what_is_not_asked_is_neither_required_nor_expected() {
    let found = outcome("V1", true, &[("V1", &[("SEX", "M")])]);
    assert!(fired(&found).is_empty(), "{found:?}");
    assert_eq!(fired(&outcome("V1", true, &[("V1", &[("SEX", "F")])])), ["croft.required"]);
    assert_eq!(fired(&outcome("V1", false, &[("V1", &[("SEX", "M"), ("PREG", "N")])])), ["croft.not_asked"]);
    assert_eq!(
        fired(&outcome("V1", true, &[("V1", &[])])),
        ["croft.required"],
        "unknown sex: the question is not asked yet"
    );
}

#[test]
fn what_cannot_be_read_is_asked_about_and_the_future_too() {
    assert_eq!(fired(&outcome("V1", false, &[("V1", &[("WEIGHT", "seventy")])])), ["croft.format"]);
    assert_eq!(fired(&outcome("V1", false, &[("V1", &[("SEX", "X")])])), ["croft.code"]);
    assert_eq!(fired(&outcome("V1", false, &[("V1", &[("DAT", "6mar24")])])), ["croft.future"]);
    assert!(fired(&outcome("V1", false, &[("V1", &[("DAT", "5mar24")])])).is_empty());
}

#[test]
fn examples_of_checks_are_run() {
    let compiled = Compiled::compile(&files()).ok().unwrap();
    let results = compiled.run_cases();
    assert_eq!(results.len(), 3);
    assert!(results.iter().all(|r| r.passed()), "{results:?}");
    let mut wrong = files();
    let text = wrong.get_mut("forms/vs.toml").unwrap();
    *text = text
        .replace("{ values = { WEIGHT = \"20\" }, fires = true }", "{ values = { WEIGHT = \"20\" }, fires = false }");
    let compiled = Compiled::compile(&wrong).ok().unwrap();
    let failed: Vec<_> = compiled.run_cases().into_iter().filter(|r| !r.passed()).collect();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0].message(), "it fires, and its example says that it does not fire");
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    let told = |from: &str, to: &str| -> String {
        let mut files = files();
        let text = files.get_mut("forms/vs.toml").unwrap();
        assert!(text.contains(from), "{from}");
        *text = text.replacen(from, to, 1);
        let problems = Compiled::compile(&files).err().unwrap_or_default();
        problems.iter().map(|p| format!("{} {}", p.place(), p.message)).collect::<Vec<_>>().join("\n")
    };
    for (from, to, expected) in [
        ("WEIGHT between 30", "WIGHT between 30", "forms/vs.toml:47 check WEIGHT_RANGE"),
        ("WEIGHT between 30 and 200", "WEIGHT", "check WEIGHT_RANGE"),
        ("name = \"vitals\"", "name = \"visits\"", "the name of group `visits` is taken"),
        (
            "item = \"WEIGHT\"\nholds = \"WEIGHT b",
            "item = \"MASS\"\nholds = \"WEIGHT b",
            "is on item `MASS`, which its group lacks",
        ),
        ("[\"V1\", \"V2\"]", "[\"V1\", \"V9\"]", "names visit `V9`"),
        ("WEIGHT / ((HEIGHT", "length(OBESE) + WEIGHT / ((HEIGHT", "computed from each other"),
        ("when = \"SEX = 'F'\"", "when = \"SEX\"", "the condition of item PREG"),
    ] {
        assert!(told(from, to).contains(expected), "{from} -> {to}: {}", told(from, to));
    }
}

#[test]
fn a_later_version_is_told_apart_line_by_line() {
    let old = Compiled::compile(&files()).ok().unwrap();
    let mut later = files();
    let text = later.get_mut("forms/vs.toml").unwrap();
    *text = text
        .replace("F = \"Female\"", "F = \"Female\", U = \"Unknown\"")
        .replace("between 30 and 200", "between 25 and 250");
    assert_ne!(digest(&files()), digest(&later));
    let new = Compiled::compile(&later).ok().unwrap();
    let changes: Vec<_> = diff(&old, &new).into_iter().map(|c| (c.what, c.from.is_empty())).collect();
    assert_eq!(changes, [("check WEIGHT_RANGE".to_owned(), false), ("code VS/vitals/SEX=U".to_owned(), true)]);
    assert!(diff(&old, &old).is_empty());
}
