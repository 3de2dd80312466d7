//! What happens to one outpatient of a parallel Phase II study, in its order. Everything follows from the subject's random stream, and a few have something of
//! their own. Which treatment somebody takes is nowhere: the study is blind.

mod play;

pub use play::{LOCKED_AT, play};

use crate::snapshot::{Allocation, AuditEntry, Value};
use croft_core::date::CivilDate;
use croft_num::random::Stream;
use std::collections::BTreeMap;

/// Subjects who come to screening.
pub const SUBJECTS: usize = 24;
/// Whose pressure at screening is too low.
pub const NOT_ELIGIBLE: usize = 7;
const WITHDRAWS: usize = 10;
const HIGH_POTASSIUM: usize = 3;
const WRONG_UNIT: usize = 12;
const OTHER_UNIT: usize = 15;
const LATE_AT_WEEK_4: usize = 5;
const DIGITS_SWAPPED: usize = 1;
const NOT_MEASURED: usize = 13;

const MINUTE_MS: i64 = 60_000;
/// 2026-03-18, in days since 1970: the first screening.
const FIRST_DAY: i64 = 20_530;
const DAY_MS: i64 = 86_400_000;
/// Days from 1960-01-01 to 1970-01-01.
const EPOCH: i64 = 3653;
/// The item that holds the randomisation number.
const NUMBER: &str = "RNDNUM";
/// Visits under treatment: code and days after randomisation.
const VISITS: [(&str, i64); 5] = [("W2", 14), ("W4", 28), ("W8", 56), ("W12", 84), ("FUP", 98)];

/// Something that somebody does about a subject.
pub struct Step {
    /// When.
    pub at_ms: i64,
    /// Who it is about, by order of entry.
    pub subject: usize,
    /// What.
    pub what: What,
}

/// What is done.
pub enum What {
    /// The subject comes in.
    Enrol,
    /// A visit takes place.
    Visit {
        /// Its code.
        visit: &'static str,
        /// Its date.
        date: String,
    },
    /// A form is saved.
    Save(Sheet),
    /// The subject leaves, and why.
    Leave(&'static str),
}

/// A form as it is saved.
pub struct Sheet {
    /// The visit's code.
    pub visit: &'static str,
    /// Which of its repeats.
    pub repeat: u32,
    /// The form's code.
    pub form: &'static str,
    /// What is typed.
    pub fields: Vec<Typed>,
    /// Whether it is said to be complete.
    pub complete: bool,
    /// Why recorded values are changed; empty for a first entry.
    pub reason: &'static str,
}

/// A typed field.
pub struct Typed {
    /// Its group.
    pub group: &'static str,
    /// Its row.
    pub row: u32,
    /// Its item.
    pub item: &'static str,
    /// As typed.
    pub text: String,
    /// Another unit than the item's own.
    pub unit: &'static str,
}

fn typed(group: &'static str, row: u32, item: &'static str, text: impl Into<String>) -> Typed {
    Typed { group, row, item, text: text.into(), unit: "" }
}

fn date(day: i64) -> String {
    // The days of this study are days of the calendar.
    CivilDate::from_days_since_1960(day + EPOCH)
        .map_or_else(String::new, |d| format!("{:04}-{:02}-{:02}", d.year(), d.month(), d.day()))
}

/// Nobody comes on a Saturday or Sunday.
fn weekday(day: i64) -> i64 {
    match (day + 4).rem_euclid(7) {
        6 => day + 2,
        0 => day + 1,
        _ => day,
    }
}

/// A subject's life in the study as it is written down.
struct Story {
    index: usize,
    stream: Stream,
    steps: Vec<Step>,
    clock_ms: i64,
    /// The first day of which the tablets taken are not recorded yet.
    taken_up_to: i64,
    pressure: f64,
    /// What twelve weeks of treatment make of the pressure.
    effect: f64,
    weight: f64,
}

/// Everything that happens to a subject, up to the end of its participation.
pub fn steps(seed: u64, study: &str, index: usize) -> Vec<Step> {
    let mut stream = Stream::new(seed, study, "subject", &index.to_string());
    let pressure = if index == NOT_ELIGIBLE { 128.0 } else { (150.0 + 4.0 * stream.normal()).clamp(141.0, 158.0) };
    let effect = if stream.below(2) == 0 { -12.0 } else { -4.0 } + 3.0 * stream.normal();
    let weight = (81.0 + 11.0 * stream.normal()).clamp(52.0, 120.0);
    let mut story = Story { index, stream, steps: Vec::new(), clock_ms: 0, taken_up_to: 0, pressure, effect, weight };
    let screened = weekday(FIRST_DAY + 4 * index as i64);
    story.screening(screened);
    if index != NOT_ELIGIBLE {
        story.treatment(weekday(screened + 13));
    }
    story.steps
}

impl Story {
    /// A day at the site begins.
    fn comes(&mut self, day: i64) {
        self.clock_ms = day * DAY_MS + (8 * 60 + 35 * (self.index as i64 % 6)) * MINUTE_MS;
    }

    /// The visit takes place.
    fn visits(&mut self, visit: &'static str, day: i64) {
        self.does(What::Visit { visit, date: date(day) });
    }

    fn does(&mut self, what: What) {
        self.steps.push(Step { at_ms: self.clock_ms, subject: self.index, what });
        self.clock_ms += 4 * MINUTE_MS;
    }

    fn saves(&mut self, visit: &'static str, form: &'static str, fields: Vec<Typed>) {
        self.does(What::Save(Sheet { visit, repeat: 1, form, fields, complete: true, reason: "" }));
    }

    fn number(&mut self, mean: f64, sd: f64, decimals: usize) -> String {
        format!("{:.decimals$}", mean + sd * self.stream.normal())
    }

    fn screening(&mut self, day: i64) {
        self.comes(day);
        self.does(What::Enrol);
        self.visits("SCR", day);
        let eligible = self.index != NOT_ELIGIBLE;
        let mut consent = vec![
            typed("consent", 1, "RFICDAT", date(day)),
            typed("consent", 1, "IEYN", if eligible { "Y" } else { "N" }),
        ];
        if !eligible {
            consent.push(typed("consent", 1, "IETESTCD", "INCL01"));
        }
        self.saves("SCR", "IC", consent);
        self.demographics();
        self.vitals("SCR", day, self.pressure);
        self.laboratory("SCR", 1, day);
        if !eligible {
            self.leaves(day, "SCREEN FAILURE", "Not eligible at screening");
        }
    }

    fn demographics(&mut self) {
        let woman = self.stream.below(2) == 0;
        let born = format!("{}-{:02}", 1954 + self.stream.below(44), 1 + self.stream.below(12));
        let race = ["WHITE", "WHITE", "WHITE", "ASIAN", "BLACK OR AFRICAN AMERICAN"][self.stream.below(5) as usize];
        let mut fields = vec![
            typed("demographics", 1, "BRTHDAT", born),
            typed("demographics", 1, "SEX", if woman { "F" } else { "M" }),
            typed("demographics", 1, "RACE", race),
        ];
        if woman {
            fields.push(typed("demographics", 1, "CHILDPOT", if self.stream.below(3) == 0 { "Y" } else { "N" }));
        }
        let since = format!("{}", 2012 + self.stream.below(13));
        fields.push(typed("history", 1, "MHTERM", "Hypertension"));
        fields.push(typed("history", 1, "MHSTDAT", since));
        fields.push(typed("history", 1, "MHONGO", "Y"));
        self.saves("SCR", "DM", fields);
    }

    fn vitals(&mut self, visit: &'static str, day: i64, pressure: f64) {
        let systolic = if visit == "SCR" { format!("{pressure:.0}") } else { self.number(pressure, 4.0, 0) };
        let diastolic = self.number(0.6 * pressure, 3.0, 0);
        let pulse = self.number(72.0, 6.0, 0);
        let weight = self.number(self.weight, 0.5, 1);
        let missed = self.index == NOT_MEASURED && visit == "W2";
        let mut fields = vec![
            typed("vitals", 1, "VSDAT", date(day)),
            typed("vitals", 1, "SYSBP", if missed { "ND".to_owned() } else { systolic }),
            typed("vitals", 1, "DIABP", if missed { "ND".to_owned() } else { diastolic }),
            typed("vitals", 1, "PULSE", pulse),
            typed("vitals", 1, "WEIGHT", weight.clone()),
        ];
        if visit == "SCR" {
            let height = self.number(171.0, 8.0, 0);
            fields.push(typed("vitals", 1, "HEIGHT", height));
        }
        let swapped = self.index == DIGITS_SWAPPED && visit == "BL";
        if swapped && let Some(field) = fields.last_mut() {
            field.text = format!("1{weight}");
        }
        self.saves(visit, "VS", fields);
        if swapped {
            self.clock_ms += 90 * MINUTE_MS;
            let fields = vec![typed("vitals", 1, "WEIGHT", weight)];
            let reason = "A digit too many: the source sheet shows this weight";
            self.does(What::Save(Sheet { visit, repeat: 1, form: "VS", fields, complete: true, reason }));
        }
    }

    fn laboratory(&mut self, visit: &'static str, repeat: u32, day: i64) {
        let potassium = if self.index == HIGH_POTASSIUM && visit == "W4" {
            "5.9".to_owned()
        } else {
            format!("{:.1}", (4.2 + 0.3 * self.stream.normal()).clamp(3.5, 5.2))
        };
        let micromoles = (78.0 + 11.0 * self.stream.normal()).clamp(50.0, 110.0);
        let (creatinine, unit) = match self.index {
            WRONG_UNIT if visit == "BL" => (format!("{:.2}", micromoles / 88.42), ""),
            OTHER_UNIT => (format!("{:.2}", micromoles / 88.42), "mg/dL"),
            _ => (format!("{micromoles:.0}"), ""),
        };
        let alt = format!("{:.0}", (26.0 + 8.0 * self.stream.normal()).clamp(9.0, 60.0));
        let glucose = self.number(5.3, 0.4, 1);
        let haemoglobin = self.number(141.0, 9.0, 0);
        let mut fields: Vec<Typed> = [
            ("LBDAT", date(day)),
            ("LBFAST", "Y".to_owned()),
            ("ALT", alt),
            ("CREAT", creatinine),
            ("K", potassium),
            ("GLUC", glucose),
            ("HGB", haemoglobin),
        ]
        .into_iter()
        .map(|(item, text)| typed("laboratory", 1, item, text))
        .collect();
        fields[3].unit = unit;
        self.does(What::Save(Sheet { visit, repeat, form: "LB", fields, complete: true, reason: "" }));
    }

    fn treatment(&mut self, randomised: i64) {
        self.comes(randomised);
        self.visits("BL", randomised);
        self.vitals("BL", randomised, self.pressure);
        self.laboratory("BL", 1, randomised);
        self.saves(
            "BL",
            "RND",
            vec![
                typed("randomisation", 1, "RNDDAT", date(randomised)),
                typed("randomisation", 1, NUMBER, format!("{}", 40_017 + 13 * self.index)),
            ],
        );
        self.kit("BL", randomised);
        for (visit, after) in VISITS {
            let late = if self.index == LATE_AT_WEEK_4 && visit == "W4" { 6 } else { 0 };
            let day = weekday(randomised + after + late);
            self.comes(day);
            if self.index == WITHDRAWS && visit == "W8" {
                self.leaves(day, "WITHDRAWAL BY SUBJECT", "Moves to another town");
                return;
            }
            self.visits(visit, day);
            let share = (after as f64 / 84.0).min(1.0);
            self.vitals(visit, day, self.pressure + self.effect * share);
            if visit == "W4" || visit == "W12" {
                self.laboratory(visit, 1, day);
            }
            if visit != "W2" && visit != "FUP" {
                self.kit(visit, day);
            }
            self.logs(visit, day);
            if visit == "FUP" {
                self.ends(day, "COMPLETED");
            }
        }
    }

    fn kit(&mut self, visit: &'static str, day: i64) {
        let since = std::mem::replace(&mut self.taken_up_to, day + 1);
        let mut fields = vec![typed("treatment", 1, "EXDSPDAT", date(day))];
        if visit != "W12" {
            fields.push(typed("treatment", 1, "EXKIT", format!("K{:05}", 20_000 + self.stream.below(9000))));
        }
        if visit != "BL" {
            fields.push(typed("treatment", 1, "EXRET", format!("{}", self.stream.below(7))));
            fields.push(typed("intake", 1, "ECSTDAT", date(since)));
            fields.push(typed("intake", 1, "ECENDAT", date(day)));
        } else {
            // The first tablet is taken at the site.
            self.taken_up_to = day;
        }
        self.saves(visit, "EX", fields);
    }

    /// What the logs hold of some subjects.
    fn logs(&mut self, visit: &'static str, day: i64) {
        match (self.index, visit) {
            (2, "W2") => {
                self.event(day - 3, "Headache", "MILD", "Y", Some(day - 2));
                self.medication("Paracetamol", "500", "ADVERSE EVENT", day - 3);
            }
            (HIGH_POTASSIUM, "W4") => {
                self.comes(day + 2);
                self.visits("UNS", day + 2);
                self.laboratory("UNS", 1, day + 2);
            }
            (6, "W2") => self.medication("Ramipril", "5", "HISTORY", day - 40),
            (8, "W4") => self.serious(day - 9),
            (9, "W4") => self.event(day - 5, "Dizziness", "MODERATE", "N", None),
            (14, "W2") => self.event(day - 6, "Dry cough", "MILD", "N", Some(day - 1)),
            _ => {}
        }
    }

    fn event(&mut self, day: i64, term: &str, severity: &str, medication: &str, end: Option<i64>) {
        let mut fields: Vec<Typed> = [
            ("AETERM", term.to_owned()),
            ("AESTDAT", date(day)),
            ("AESEV", severity.to_owned()),
            ("AEREL", "RELATED".to_owned()),
            ("AESER", "N".to_owned()),
            ("AECONTRT", medication.to_owned()),
            ("AEOUT", "RECOVERED/RESOLVED".to_owned()),
        ]
        .into_iter()
        .map(|(item, text)| typed("adverse_events", 1, item, text))
        .collect();
        // Where no end is known the check asks for it.
        fields.extend(end.map(|end| typed("adverse_events", 1, "AEENDAT", date(end))));
        self.saves("LOG", "AE", fields);
    }

    fn serious(&mut self, day: i64) {
        let fields = [
            ("AETERM", "Appendicitis".to_owned()),
            ("AESTDAT", date(day)),
            ("AEENDAT", date(day + 4)),
            ("AESEV", "SEVERE".to_owned()),
            ("AEREL", "NOT RELATED".to_owned()),
            ("AESER", "Y".to_owned()),
            ("AESHOSP", "Y".to_owned()),
            ("AECONTRT", "N".to_owned()),
            ("AEOUT", "RECOVERED/RESOLVED".to_owned()),
        ];
        let fields = fields.into_iter().map(|(item, text)| typed("adverse_events", 1, item, text)).collect();
        self.saves("LOG", "AE", fields);
    }

    fn medication(&mut self, name: &str, dose: &str, indication: &str, day: i64) {
        let fields = [
            ("CMTRT", name.to_owned()),
            ("CMDOSE", dose.to_owned()),
            ("CMDOSU", "mg".to_owned()),
            ("CMINDC", indication.to_owned()),
            ("CMSTDAT", date(day)),
        ];
        let fields = fields.into_iter().map(|(item, text)| typed("medications", 1, item, text)).collect();
        self.saves("LOG", "CM", fields);
    }

    fn ends(&mut self, day: i64, how: &str) {
        let fields = vec![typed("disposition", 1, "DSDECOD", how), typed("disposition", 1, "DSDAT", date(day))];
        self.saves("FUP", "DS", fields);
    }

    fn leaves(&mut self, day: i64, how: &str, reason: &'static str) {
        self.ends(day, how);
        self.does(What::Leave(reason));
    }
}
/// Who was randomised, as the vault of a record would hand it over: each recorded number with when it was entered and by whom.
pub fn allocations(values: &[Value], audit: &[AuditEntry]) -> Vec<Allocation> {
    let entered: BTreeMap<u64, &AuditEntry> = audit.iter().map(|entry| (entry.event, entry)).collect();
    let numbers = values.iter().filter(|value| value.item == NUMBER);
    let mut rows: Vec<Allocation> = numbers
        .map(|value| {
            let event = entered.get(&value.event);
            Allocation {
                subject: value.subject.clone(),
                number: value.value.clone(),
                time: event.map_or_else(String::new, |e| e.time.clone()),
                actor: event.map_or_else(String::new, |e| e.actor.clone()),
                arm: String::new(),
            }
        })
        .collect();
    rows.sort_by(|a, b| (&a.time, &a.number).cmp(&(&b.time, &b.number)));
    rows
}
