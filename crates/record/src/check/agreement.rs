//! Whether expressions are worked out on their row or by the database, a form has the same outcome.

use super::{Entry, Outcome, Row, RowsError, SubjectRows};
use crate::capture::Place;
use crate::definition::{Compiled, Files};
use croft_core::date::CivilDate;
use croft_design::entry::{Typed, normalise};
use proptest::prelude::*;
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
when = "VISIT = 'V1' or exists (select 1 from vitals v where v.VISIT = 'V1' and v.SEX is not null)"
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
derive = "case when BMI >= 30 then 'Y' when BMI < 30 then nullif(upper(SEX), 'M') end"
[[group.item]]
name = "BMI"
label = "Body mass index"
type = "float"
derive = "round_half_away(WEIGHT / ((HEIGHT / 100) * (HEIGHT / 100)), 1)"
[[group.item]]
name = "CHANGE"
label = "Change from the first visit"
type = "float"
derive = "WEIGHT - (select max(b.WEIGHT) from vitals b where b.VISIT = 'V1')"
[[group.item]]
name = "EVENTS"
label = "Adverse events so far"
type = "integer"
derive = "(select count(*) from events)"
[[group.item]]
name = "DAT"
label = "Date"
type = "partial_date"
[[group.check]]
name = "RANGE"
item = "WEIGHT"
holds = "WEIGHT between 30 and 200"
message = "Weight {WEIGHT}"
[[group.check]]
name = "MISSING"
item = "WEIGHT"
holds = "WEIGHT__missing is distinct from 'ND' and coalesce(DAT__text, '') <> 'UNK'"
message = "Weight is not done"
[[group.check]]
name = "JUMP"
item = "WEIGHT"
holds = "abs(CHANGE) <= 10"
message = "Weight jumps"
[[group.check]]
name = "DATE"
item = "DAT"
holds = "not is_before(DAT, '2024-01') or VISITREP > 1"
message = "Date {DAT}"
[[group]]
name = "lab"
label = "Laboratory"
when = "VISIT = 'V2'"
[[group.item]]
name = "ALT"
label = "ALT"
type = "float"
[[group.check]]
name = "ALT_HIGH"
item = "ALT"
holds = "ALT < 100 or exists (select 1 from events e where e.TERM = 'hepatitis')"
message = "ALT"
"#;

const EVENTS: &str = r#"
form = "AE"
label = "Adverse events"
visits = ["V1"]
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
[[group.item]]
name = "RANKING"
label = "More severe events"
type = "integer"
derive = "(select count(*) from events o where o.GRADE > events.GRADE)"
[[group.item]]
name = "WORD"
label = "In words"
type = "text"
derive = "case when GRADE >= 3 then 'severe' else '' end || coalesce(TERM, '?')"
[[group.check]]
name = "TWICE"
item = "TERM"
holds = "not exists (select 1 from events o where o.TERM = events.TERM and o.SEQ < events.SEQ)"
message = "{TERM} stands twice"
[[group.check]]
name = "GRADED"
item = "GRADE"
holds = "GRADE in (1, 2, 3, 4, 5)"
message = "Grade {GRADE}"
"#;

fn compiled() -> Compiled {
    let text = |(name, text): (&str, &str)| (name.to_owned(), text.to_owned());
    let files: Files = [("study.toml", STUDY), ("forms/vs.toml", VITALS), ("forms/ae.toml", EVENTS)].map(text).into();
    Compiled::compile(&files).map_err(|p| p.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap()
}

struct Rows(BTreeMap<String, Vec<Row>>);

impl SubjectRows for Rows {
    fn rows(&self, group: &str) -> Result<Vec<Row>, RowsError> {
        Ok(self.0.get(group).cloned().unwrap_or_default())
    }
}

const TYPED: [&str; 16] =
    ["", "M", "F", "m", "0", "-1", "31.5", "45", "180", "ND", "UNK", "2023", "3mar24", "2031-01-01", "hepatitis", "x"];

fn today() -> CivilDate {
    CivilDate::new(2024, 3, 5).unwrap()
}

/// A row with something typed into each item that is not computed.
fn row(compiled: &Compiled, form: &str, group: &str, visit: &str, seq: u32, typed: &[usize]) -> Row {
    let items = compiled.group(form, group).unwrap().items.iter().filter(|i| i.derive.is_none());
    let entry = |(item, at): (&croft_design::forms::Item, &usize)| {
        let now = normalise(item, &Typed { text: TYPED[*at].to_owned(), ..Typed::default() }, today());
        let value = if now.missing.is_empty() { now.value } else { String::new() };
        (*at > 0).then(|| (item.name.clone(), Entry { text: now.text, value, unit: now.unit, missing: now.missing }))
    };
    Row {
        visit: visit.to_owned(),
        visit_repeat: 1,
        form: form.to_owned(),
        form_repeat: 1,
        seq,
        values: items.zip(typed).filter_map(entry).collect(),
    }
}

fn outcome(compiled: &Compiled, form: &str, visit: &str, rows: &Rows, rows_alone: bool) -> Outcome {
    let place = Place::first("1001", visit, form);
    compiled.evaluate_by(&[(&place, true)], today(), rows, rows_alone).unwrap().remove(0)
}

type TypedRows = Vec<[usize; 5]>;

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn a_form_has_one_outcome_however_it_is_worked_out(
        subjects in prop::collection::vec(prop::collection::vec(prop::array::uniform5(0..TYPED.len()), 8), 1..4),
    ) {
        let compiled = compiled();
        let mut seen = 0;
        for typed in &subjects {
            let typed: &TypedRows = typed;
            let mut rows = Rows(BTreeMap::new());
            let mut vitals = [("V1", 0), ("V2", 1)].map(|(v, at)| row(&compiled, "VS", "vitals", v, 1, &typed[at])).to_vec();
            vitals.truncate(1 + typed[7][0] % 2);
            rows.0.insert("vitals".into(), vitals);
            rows.0.insert("lab".into(), vec![row(&compiled, "VS", "lab", "V2", 1, &typed[2])]);
            let events = (1..=typed[3][0] as u32 % 5).map(|seq| row(&compiled, "AE", "events", "V1", seq, &typed[3 + seq as usize]));
            rows.0.insert("events".into(), events.collect());
            // Both visits at once, whether or not a row has to be put in for one of them.
            let places = ["V1", "V2"].map(|visit| Place::first("1001", visit, "VS"));
            let at_once = compiled.evaluate_at(&[(&places[0], true), (&places[1], true)], today(), &rows).unwrap();
            for (outcome_at_once, visit) in at_once.iter().zip(["V1", "V2"]) {
                prop_assert_eq!(outcome_at_once, &outcome(&compiled, "VS", visit, &rows, true));
            }
            for (form, visit) in [("VS", "V1"), ("VS", "V2"), ("AE", "V1")] {
                let quick = outcome(&compiled, form, visit, &rows, true);
                let slow = outcome(&compiled, form, visit, &rows, false);
                seen += quick.derived.len() + quick.fired.len() + quick.not_asked.len();
                prop_assert_eq!(&quick, &slow, "{} at {}: {:?}", form, visit, rows.0);
                // A definition that was never used before keeps nothing of another subject.
                prop_assert_eq!(&quick, &outcome(&self::compiled(), form, visit, &rows, true));
            }
        }
        prop_assert!(seen > 0);
    }
}

#[test]
fn an_evaluation_that_stops_leaves_the_next_one_whole() {
    let compiled = compiled();
    let mut rows = Rows(BTreeMap::new());
    rows.0.insert("vitals".into(), vec![row(&compiled, "VS", "vitals", "V1", 1, &[2, 0, 8, 7, 0])]);
    let whole = outcome(&compiled, "VS", "V1", &rows, true);
    let mut broken = Rows(rows.0.clone());
    // Two rows of one address: the database finds that its keys name two rows.
    let twice = broken.0["vitals"][0].clone();
    broken.0.get_mut("vitals").unwrap().push(twice);
    assert!(compiled.evaluate(&Place::first("1001", "V1", "VS"), true, today(), &broken).is_err());
    assert_eq!(outcome(&compiled, "VS", "V1", &rows, true), whole);
}
