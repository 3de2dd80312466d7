//! A record with what exports must carry: visits that repeat, forms and rows that repeat, partial dates, missing reasons, changes with
//! reasons, voided rows, queries, marks, signatures, what identifies a person, and two versions of the definition.

use croft_ledger::{ManualClock, Place as Where};
use croft_record::access::Proof;
use croft_record::capture::{AddVisit, Enrol, Entered, Place, Save, VoidRow};
use croft_record::definition::Files;
use croft_record::query::{Answer, Close, Open};
use croft_record::sign::{Covers, Sign};
use croft_record::study::{CreateStudy, OpenSite, Publish};
use croft_record::verify::{At, Verify};
use croft_record::{Caller, Record};
use std::path::PathBuf;
use std::sync::Arc;

pub const STUDY: &str = "S1";
/// 2026-01-21T10:00:00Z
pub const BEGIN: i64 = 1_768_989_600_000;

const DEFINITION: &str = include_str!("study.toml");
const VITALS: &str = include_str!("vs.toml");
const EVENTS: &str = include_str!("ae.toml");

pub struct Scene {
    folder: PathBuf,
    clock: Arc<ManualClock>,
    pub record: Record,
}

/// Group, row, item, text, missing reason.
pub type Field<'f> = (&'f str, u32, &'f str, &'f str, &'f str);

/// The first version, and the second: an item more, and another label.
pub fn versions() -> [Files; 2] {
    let first = Files::from([
        ("study.toml".to_owned(), DEFINITION.to_owned()),
        ("forms/vs.toml".to_owned(), VITALS.to_owned()),
        ("forms/ae.toml".to_owned(), EVENTS.to_owned()),
    ]);
    let mut second = first.clone();
    let more = "\n[[group.item]]\nname = \"CAUSE\"\nlabel = \"Suspected cause\"\ntype = \"text\"\n";
    let label = VITALS.replace("Pulse rate", "Pulse rate, resting");
    second.insert("forms/vs.toml".to_owned(), label);
    second.insert("forms/ae.toml".to_owned(), format!("{EVENTS}{more}"));
    [first, second]
}

impl Scene {
    /// A record with an empty study.
    pub fn empty(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("croft-leave-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let clock = Arc::new(ManualClock::new(BEGIN));
        let record = Record::open(Where::Sqlite(folder.join("croft.db")), &folder.join("keys"), clock.clone()).unwrap();
        let scene = Self { folder, clock, record };
        scene.does(CreateStudy { id: STUDY.into(), title: "A study that leaves".into() });
        scene
    }

    /// With all that is told above.
    pub fn new(name: &str) -> Self {
        let scene = Self::empty(name);
        let [first, second] = versions();
        scene.publish(&first, "first");
        for site in ["101", "102"] {
            let (name, country) = (format!("Clinic <{site}> & more"), "GBR".into());
            scene.does(OpenSite { study: STUDY.into(), site: site.into(), name, country });
            scene.does(Enrol { study: STUDY.into(), site: site.into(), subject: None });
        }
        scene.under_the_first();
        scene.publish(&second, "an item more");
        scene.under_the_second();
        scene
    }

    fn under_the_first(&self) {
        let screening = Place::first("101-001", "V1", "VS");
        self.does(AddVisit {
            study: STUDY.into(),
            subject: "101-001".into(),
            visit: "V1".into(),
            date: "21jan2026".into(),
        });
        self.save(
            &screening,
            &[
                ("visit_facts", 1, "VISDAT", "jan 2026", ""),
                ("visit_facts", 1, "SAMPLED", "2026-01-21 09:5", ""),
                ("vitals", 1, "TEMP", "36.50", ""),
                ("vitals", 1, "PULSE", "61", ""),
                ("vitals", 1, "INITIALS", "Q-X-Z", ""),
                ("vitals", 2, "TEMP", "", "ND"),
                ("vitals", 2, "PULSE", "250", ""),
                ("vitals", 3, "NOTE", "another subject's, \"odd\" <row>", ""),
            ],
            "",
        );
        let voids = vec![VoidRow { group: "vitals".into(), row: 3, reason: "another subject's".into() }];
        self.does(Save { study: STUDY.into(), place: screening.clone(), voids, ..Save::default() });
        self.save(&screening, &[("vitals", 1, "PULSE", "62", "")], "misread on the source sheet");
        let mark = |verified, item: &str| Verify {
            study: STUDY.into(),
            place: screening.clone(),
            items: Some(vec![At { group: "vitals".into(), row: 1, item: item.into() }]),
            verified,
            base: None,
        };
        self.does(mark(true, "TEMP"));
        self.does(mark(true, "PULSE"));
        self.does(mark(false, "PULSE"));
        let (group, item, text) = ("vitals".into(), "TEMP".into(), "Is this so?".into());
        let query = self.does(Open { study: STUDY.into(), place: screening, group, row: 1, item, text });
        self.does(Answer { study: STUDY.into(), query, text: "It is.".into() });
        self.does(Close { study: STUDY.into(), query, text: "Thank you.".into() });
        let other = Place::first("102-001", "V1", "VS");
        self.save(&other, &[("vitals", 1, "TEMP", "about 37", ""), ("vitals", 1, "NOTE", "-5, then\nbetter", "")], "");
        let (group, item, text) = (String::new(), String::new(), "Is the form whole?".into());
        self.does(Open { study: STUDY.into(), place: other, group, row: 1, item, text });
    }

    fn under_the_second(&self) {
        let twice = Place { visit_repeat: 2, ..Place::first("101-001", "UNS", "VS") };
        self.save(&Place::first("101-001", "UNS", "VS"), &[("vitals", 1, "TEMP", "38.1", "")], "");
        self.save(&twice, &[("vitals", 1, "TEMP", "99.5", ""), ("visit_facts", 1, "AT", "08:15", "")], "");
        let unit = Entered {
            group: "vitals".into(),
            row: 1,
            item: "TEMP".into(),
            text: "99.5".into(),
            unit: "F".into(),
            ..Entered::default()
        };
        let reason = "the thermometer shows Fahrenheit".to_owned();
        self.does(Save { study: STUDY.into(), place: twice, entries: vec![unit], reason, ..Save::default() });
        let log = Place::first("101-001", "LOG", "AE");
        self.save(
            &log,
            &[
                ("ae", 1, "TERM", "Headache", ""),
                ("ae", 1, "START", "2026-01", ""),
                ("ae", 1, "SEVERITY", "MILD", ""),
                ("ae", 1, "CAUSE", "", "UNK"),
            ],
            "",
        );
        let second = Place { form_repeat: 2, ..log.clone() };
        self.save(&second, &[("ae", 1, "TERM", "Nausea", ""), ("ae", 1, "SEVERITY", "MODERATE", "")], "");
        self.does(Save { study: STUDY.into(), place: log.clone(), complete: true, ..Save::default() });
        self.does(Save { study: STUDY.into(), place: second.clone(), complete: true, ..Save::default() });
        let sign = |covers| Sign {
            study: STUDY.into(),
            covers,
            meaning: "I have reviewed these data".into(),
            signature: Proof::system(),
        };
        self.does(sign(Covers::Form(log)));
        self.does(sign(Covers::Form(second.clone())));
        self.save(&second, &[("ae", 1, "TERM", "", "")], "belongs to the first");
    }

    pub fn publish(&self, files: &Files, note: &str) {
        self.does(Publish { study: STUDY.into(), files: files.clone(), note: note.into(), signature: Proof::system() });
    }

    pub fn does<C: croft_record::Command>(&self, command: C) -> C::Done {
        self.clock.advance(60_000);
        self.record.execute(&Caller::system(), command).unwrap()
    }

    pub fn save(&self, place: &Place, fields: &[Field<'_>], reason: &str) {
        let entry = |&(group, row, item, text, missing): &Field<'_>| Entered {
            group: group.into(),
            row,
            item: item.into(),
            text: text.into(),
            missing: missing.into(),
            ..Entered::default()
        };
        let entries = fields.iter().map(entry).collect();
        self.does(Save {
            study: STUDY.into(),
            place: place.clone(),
            entries,
            reason: reason.into(),
            ..Save::default()
        });
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
