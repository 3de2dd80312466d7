//! What is recorded leaves as files that others read, and reads back as it stood.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use croft_cdisc::{dataset_json, xlsx};
use croft_core::Cell;
use croft_ledger::{ManualClock, Place as Where, verify, verify_file};
use croft_record::access::Proof;
use croft_record::capture::{Enrol, Entered, Place, Save, VoidRow};
use croft_record::export::csv::{Guard, unguarded};
use croft_record::export::{self, ExportError, Extent, Hashed, Made};
use croft_record::study::{CreateStudy, OpenSite, Publish};
use croft_record::{Caller, Projection, Record, Refusal};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

const STUDY: &str = "S1";
/// 2026-01-21T10:00:00Z
const BEGIN: i64 = 1_768_989_600_000;

const DEFINITION: &str = r#"
[study]
id = "S1"
title = "A small study"

[[visit]]
number = 1
code = "V1"
name = "Screening"
day = 1
epoch = "SCREENING"
start = "informed consent"
"#;

const FORM: &str = r#"
form = "VS"
label = "Vital signs"
visits = ["V1"]

[[group]]
name = "vitals"
label = "Vital signs"
repeating = true

[[group.item]]
name = "TEMP"
label = "Body temperature"
type = "float"
unit = "C"

[[group.item]]
name = "PULSE"
label = "Pulse"
type = "integer"
unit = "/min"

[[group.item]]
name = "NOTE"
label = "Remark"
type = "text"

[[group.item]]
name = "INITIALS"
label = "Initials"
type = "text"
identifying = true
"#;

struct Scene {
    folder: PathBuf,
    record: Option<Record>,
}

type Memory = BTreeMap<String, Rc<RefCell<Vec<u8>>>>;

fn proof() -> Proof {
    Proof::system()
}

impl Scene {
    /// Two subjects at two sites: a decimal with a zero at its end, a formula, a missing value, a voided row, initials.
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("croft-export-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let record = Record::open(
            Where::Sqlite(folder.join("croft.db")),
            &folder.join("keys"),
            Arc::new(ManualClock::new(BEGIN)),
        )
        .unwrap();
        let scene = Self { folder, record: Some(record) };
        scene.does(CreateStudy { id: STUDY.into(), title: "A small study".into() });
        let files = BTreeMap::from([
            ("study.toml".to_owned(), DEFINITION.to_owned()),
            ("forms/vs.toml".to_owned(), FORM.to_owned()),
        ]);
        scene.does(Publish { study: STUDY.into(), files, note: "first".into(), signature: proof() });
        for site in ["101", "102"] {
            let (name, country) = ("Clinic".into(), "GBR".into());
            scene.does(OpenSite { study: STUDY.into(), site: site.into(), name, country });
            scene.does(Enrol { study: STUDY.into(), site: site.into(), subject: None });
        }
        scene.save("101-001", &[(1, "TEMP", "36.50", ""), (1, "PULSE", "", "ND"), (1, "NOTE", "=1+1", "")]);
        scene.save("101-001", &[(2, "NOTE", "wrong, \"row\"", ""), (1, "INITIALS", "Q-X-Z", "")]);
        let voids = vec![VoidRow { group: "vitals".into(), row: 2, reason: "another subject's".into() }];
        let place = Place::first("101-001", "V1", "VS");
        scene.does(Save { study: STUDY.into(), place, voids, ..Save::default() });
        scene.save("102-001", &[(1, "TEMP", "37", ""), (1, "PULSE", "61", ""), (1, "NOTE", "-5, then\nbetter", "")]);
        scene
    }

    fn record(&self) -> &Record {
        self.record.as_ref().unwrap()
    }

    fn does<C: croft_record::Command>(&self, command: C) -> C::Done {
        self.record().execute(&Caller::system(), command).unwrap()
    }

    fn save(&self, subject: &str, values: &[(u32, &str, &str, &str)]) {
        let entry = |&(row, item, text, missing): &(u32, &str, &str, &str)| Entered {
            group: "vitals".into(),
            row,
            item: item.into(),
            text: text.into(),
            missing: missing.into(),
            ..Entered::default()
        };
        let entries = values.iter().map(entry).collect();
        let place = Place::first(subject, "V1", "VS");
        self.does(Save { study: STUDY.into(), place, entries, ..Save::default() });
    }

    fn csv(&self, extent: &Extent, guard: Guard) -> (u64, Memory) {
        let mut memory = Memory::new();
        let write = |r: &croft_record::Reading<'_>| export::csv::write(r, extent, guard, &mut memory);
        let rows = self.record().export(&Caller::system(), write).unwrap();
        (rows, memory)
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.record.take();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn text(memory: &Memory, file: &str) -> String {
    String::from_utf8(memory[file].borrow().clone()).unwrap()
}

#[test]
fn a_csv_file_says_what_is_recorded() {
    let scene = Scene::new("csv");
    let (rows, memory) = scene.csv(&Extent::study(STUDY), Guard::default());
    assert_eq!(rows, 2);
    assert_eq!(
        text(&memory, "vitals.csv"),
        "SUBJECT,VISIT,VISITREP,FORM,FORMREP,SEQ,TEMP,TEMP__text,TEMP__unit,TEMP__missing,PULSE,PULSE__text,PULSE__unit,\
         PULSE__missing,NOTE,NOTE__text,NOTE__unit,NOTE__missing,INITIALS,INITIALS__text,INITIALS__unit,INITIALS__missing\r\n\
         101-001,V1,1,VS,1,1,36.50,36.50,C,,,,/min,ND,'=1+1,'=1+1,,,,,,SEALED\r\n\
         102-001,V1,1,VS,1,1,37,37,C,,61,61,/min,,\"'-5, then\nbetter\",\"'-5, then\nbetter\",,,,,,\r\n"
    );
    assert_eq!(
        text(&memory, "subjects.csv"),
        "SUBJECT,SITE,STATUS,ENROLLED\r\n101-001,101,enrolled,2026-01-21T10:00:00Z\r\n102-001,102,enrolled,2026-01-21T10:00:00Z\r\n"
    );
    let (_, again) = scene.csv(&Extent::study(STUDY), Guard::default());
    assert_eq!(memory, again, "the same state gives the same bytes");
}

#[test]
fn a_csv_file_reads_back_as_the_state() {
    let scene = Scene::new("back");
    let (_, memory) = scene.csv(&Extent::study(STUDY), Guard::default());
    let bytes = memory["vitals.csv"].borrow().clone();
    let read = croft_cdisc::csv::read(&bytes, &croft_cdisc::csv::CsvOptions::default()).unwrap().dataset;
    let mut compared = 0;
    for row in 0..read.rows() {
        let cell = |name: &str| match read.cell(row, name).unwrap() {
            Cell::Text(text) => unguarded(text).to_owned(),
            Cell::Num(x) => x.to_string(),
            _ => String::new(),
        };
        let place = Place::first(&cell("SUBJECT"), "V1", "VS");
        let form = scene.record().view(&Caller::system(), |r| r.form(STUDY, &place)).unwrap().state;
        let note = form.item("vitals", 1, "NOTE").unwrap();
        assert_eq!((cell("NOTE"), cell("NOTE__text")), (note.value().to_owned(), note.text.clone()));
        compared += 1;
    }
    assert_eq!(compared, 2);
}

#[test]
fn one_site_leaves_alone_and_what_identifies_a_person_not_at_all() {
    let scene = Scene::new("site");
    let (rows, memory) = scene.csv(&Extent::site(STUDY, "102"), Guard::Off);
    assert_eq!(rows, 1);
    let all: String = memory.keys().map(|file| text(&memory, file)).collect();
    assert!(!all.contains("101-001"), "{all}");
    assert!(all.contains(",\"-5, then\nbetter\","), "{all}");
    let (_, memory) = scene.csv(&Extent::study(STUDY), Guard::Off);
    let all: String = memory.keys().map(|file| text(&memory, file)).collect();
    assert!(all.contains(",=1+1,") && !all.contains("Q-X-Z") && !all.contains("sha256:"), "{all}");
}

#[test]
fn dataset_json_keeps_each_digit_and_a_workbook_has_numbers() {
    let scene = Scene::new("datasets");
    let mut memory = Memory::new();
    let write = |r: &croft_record::Reading<'_>| export::dataset::write_json(r, &Extent::study(STUDY), &mut memory);
    assert_eq!(scene.record().export(&Caller::system(), write).unwrap(), 2);
    let read = dataset_json::read_json(memory["vitals.json"].borrow().as_slice()).unwrap();
    assert_eq!(read.dataset.cell(0, "TEMP"), Some(Cell::Text("36.50")));
    assert_eq!(read.dataset.cell(1, "PULSE"), Some(Cell::Num(61.0)));
    assert_eq!(read.dataset.cell(0, "PULSE__missing"), Some(Cell::Text("ND")));
    let mut book = Vec::new();
    let write = |r: &croft_record::Reading<'_>| export::dataset::write_xlsx(r, &Extent::study(STUDY), &mut book);
    assert_eq!(scene.record().export(&Caller::system(), write).unwrap(), 2);
    let read = xlsx::read(&book, &xlsx::XlsxOptions::default()).unwrap();
    assert_eq!(read.sheets, ["vitals"]);
    assert_eq!(read.dataset.cell(0, "TEMP"), Some(Cell::Num(36.5)));
    assert_eq!(read.dataset.cell(0, "NOTE"), Some(Cell::Text("=1+1")), "a text, not a formula");
}

#[test]
fn events_leave_whole_and_can_be_proved_elsewhere() {
    let scene = Scene::new("events");
    let mut lines = Vec::new();
    let write = |r: &croft_record::Reading<'_>| export::events::write(r, STUDY, &mut lines);
    let events = scene.record().export(&Caller::system(), write).unwrap();
    assert!(events > 8, "{events}");
    let report = verify_file(&mut lines.as_slice()).unwrap();
    assert!(report.is_whole() && report.events() == events, "{report:?}");
    let changed = String::from_utf8(lines).unwrap().replacen("36.50", "36.51", 1);
    assert!(!verify_file(&mut changed.as_bytes()).unwrap().is_whole());
}

#[test]
fn who_may_not_export_gets_nothing_and_what_was_handed_out_is_known() {
    let mut scene = Scene::new("rights");
    let stranger = Caller::new("stranger", "", 0);
    let mut memory = Memory::new();
    let write =
        |r: &croft_record::Reading<'_>| export::csv::write(r, &Extent::study(STUDY), Guard::default(), &mut memory);
    let refused = scene.record().export(&stranger, write);
    assert!(matches!(refused, Err(ExportError::Refused(Refusal::Denied { .. }))), "{refused:?}");
    assert!(memory.is_empty());
    let mut files = Hashed::over(&mut memory);
    let write =
        |r: &croft_record::Reading<'_>| export::csv::write(r, &Extent::study(STUDY), Guard::default(), &mut files);
    let rows = scene.record().export(&Caller::system(), write).unwrap();
    let sha256 = files.done()["vitals.csv"].sha256.clone();
    let made = Made { extent: Extent::study(STUDY), what: "csv".into(), rows, sha256: sha256.clone() };
    assert!(scene.record().execute(&stranger, made.clone()).is_err());
    scene.does(made);
    let mut log = Vec::new();
    let write = |r: &croft_record::Reading<'_>| export::events::write_access(r, STUDY, &mut log);
    scene.record().export(&Caller::system(), write).unwrap();
    let log = String::from_utf8(log).unwrap();
    assert!(log.contains("export.made/1") && log.contains(&sha256), "{log}");
    scene.record.take();
    let place = Where::Sqlite(scene.folder.join("croft.db"));
    assert!(verify(&place, &scene.folder.join("keys"), Some(&Projection)).unwrap().is_whole());
}
