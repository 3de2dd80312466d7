//! What people keep says what is recorded: read back from the PDF by another program, and never what identifies a person.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use croft_casebook::{CasebookError, Options, blank, completed, inspection_copy, site_copy};
use croft_ledger::{ManualClock, Place as Where};
use croft_record::access::Proof;
use croft_record::capture::{Enrol, Entered, Place, Save, VoidRow};
use croft_record::export::{ExportError, Hashed};
use croft_record::lock::{Freeze, LockStudy, Part};
use croft_record::query::{Answer, Close, Open};
use croft_record::sign::{Covers, Sign};
use croft_record::study::{CreateStudy, OpenSite, Publish};
use croft_record::verify::{At, Verify};
use croft_record::{Caller, Reading, Record, Refusal};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::rc::Rc;
use std::sync::Arc;

const STUDY: &str = "S1";
/// 2026-01-21T10:00:00Z
const BEGIN: i64 = 1_768_989_600_000;
/// What must stand in no file.
const INITIALS: &str = "Q-X-Z";

const DEFINITION: &str = include_str!("study/study.toml");
const VITALS: &str = include_str!("study/vs.toml");
const EVENTS: &str = include_str!("study/ae.toml");
/// What the second version asks more.
const FASTING: &str = "\n[[group.item]]\nname = \"FASTING\"\nlabel = \"Fasting since midnight\"\ntype = \"text\"\ncodes = { Y = \"Yes\", N = \"No\" }\n";

type Memory = BTreeMap<String, Rc<RefCell<Vec<u8>>>>;

struct Scene {
    folder: PathBuf,
    clock: Arc<ManualClock>,
    record: Option<Record>,
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.record.take();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn entry(group: &str, row: u32, item: &str, text: &str, missing: &str) -> Entered {
    let (group, item, text, missing) = (group.into(), item.into(), text.into(), missing.into());
    Entered { group, row, item, text, missing, ..Entered::default() }
}

impl Scene {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("croft-casebook-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let clock = Arc::new(ManualClock::new(BEGIN));
        let record = Record::open(Where::Sqlite(folder.join("croft.db")), &folder.join("keys"), clock.clone()).unwrap();
        Self { folder, clock, record: Some(record) }
    }

    /// A study in two versions at two sites; 101-001 has everything that can happen to a form.
    fn told(name: &str) -> Self {
        let scene = Self::new(name);
        scene.does(CreateStudy { id: STUDY.into(), title: "Velotinib in healthy volunteers".into() });
        scene.publish("first version", "");
        for site in ["101", "102"] {
            let (name, country) = (format!("Clinic {site}"), "GBR".into());
            scene.does(OpenSite { study: STUDY.into(), site: site.into(), name, country });
            scene.does(Enrol { study: STUDY.into(), site: site.into(), subject: None });
        }
        let place = Place::first("101-001", "V1", "VS");
        scene.save(
            &place,
            "",
            &[
                entry("vitals", 1, "SYSBP", "120", ""),
                entry("vitals", 1, "DIABP", "", "ND"),
                entry("vitals", 1, "POSTURE", "SIT", ""),
                entry("vitals", 1, "NOTE", "Sat for 5 minutes; said 你好 and ≥ 2 sneezes", ""),
                entry("vitals", 1, "INITIALS", INITIALS, ""),
            ],
        );
        let item = |item: &str| At { group: "vitals".into(), row: 1, item: item.into() };
        let items = Some(vec![item("SYSBP"), item("POSTURE")]);
        scene.does(Verify { study: STUDY.into(), place: place.clone(), items, verified: true, base: None });
        let (group, asked) = ("vitals".to_owned(), "Is this the second measurement?".to_owned());
        let query = scene.does(Open {
            study: STUDY.into(),
            place: place.clone(),
            group,
            row: 1,
            item: "SYSBP".into(),
            text: asked,
        });
        scene.does(Answer { study: STUDY.into(), query, text: "It is the first: see the worksheet.".into() });
        scene.sign(&place);
        scene.publish("amendment 1: fasting", FASTING);
        scene.save(&place, "misread on the worksheet", &[entry("vitals", 1, "SYSBP", "130", "")]);
        scene.does(Close { study: STUDY.into(), query, text: "Corrected, thank you.".into() });
        scene.save(&place, "", &[entry("vitals", 1, "FASTING", "Y", "")]);
        let log = Place::first("101-001", "LOG", "AE");
        scene.save(
            &log,
            "",
            &[
                entry("events", 1, "AETERM", "Headache", ""),
                entry("events", 1, "AESTDAT", "2026-01-20", ""),
                entry("events", 2, "AETERM", "Nausea", ""),
                entry("events", 2, "AESTDAT", "2026-01", ""),
                entry("events", 3, "AETERM", "Rash", ""),
            ],
        );
        let voids = vec![VoidRow { group: "events".into(), row: 3, reason: "belongs to another subject".into() }];
        scene.does(Save { study: STUDY.into(), place: log.clone(), voids, complete: true, ..Save::default() });
        scene.does(Freeze { study: STUDY.into(), part: Part::Form(log), frozen: true, reason: String::new() });
        let elsewhere = Place::first("102-001", "V1", "VS");
        scene.save(&elsewhere, "", &[entry("vitals", 1, "SYSBP", "141", "")]);
        scene
    }

    fn record(&self) -> &Record {
        self.record.as_ref().unwrap()
    }

    fn does<C: croft_record::Command>(&self, command: C) -> C::Done {
        self.clock.advance(60_000);
        self.record().execute(&Caller::system(), command).unwrap()
    }

    fn publish(&self, note: &str, more: &str) {
        let files = BTreeMap::from([
            ("study.toml".to_owned(), DEFINITION.to_owned()),
            ("forms/vs.toml".to_owned(), format!("{VITALS}{more}")),
            ("forms/ae.toml".to_owned(), EVENTS.to_owned()),
        ]);
        self.does(Publish { study: STUDY.into(), files, note: note.into(), signature: Proof::system() });
    }

    /// Under the newest version.
    fn save(&self, place: &Place, reason: &str, entries: &[Entered]) {
        let version = self.record().view(&Caller::system(), |r| Ok(r.study(STUDY)?.current().unwrap())).unwrap();
        let (place, entries, reason) = (place.clone(), entries.to_vec(), reason.into());
        self.does(Save { study: STUDY.into(), place, entries, reason, version, complete: true, ..Save::default() });
    }

    fn sign(&self, place: &Place) {
        let meaning = "I have reviewed these data and they are accurate".to_owned();
        let covers = Covers::Form(place.clone());
        self.does(Sign { study: STUDY.into(), covers, meaning, signature: Proof::system() });
    }

    fn look<T>(
        &self,
        caller: &Caller,
        look: impl FnOnce(&Reading<'_>) -> Result<T, CasebookError>,
    ) -> Result<T, CasebookError> {
        self.record().view(caller, |reading| Ok(look(reading)))?
    }

    fn book(&self, subject: &str) -> Vec<u8> {
        self.look(&Caller::system(), |r| completed(r, STUDY, subject, Options::default())).unwrap()
    }

    /// What a reader of the PDF sees, its lines joined.
    fn words(&self, pdf: &[u8]) -> Option<String> {
        let path = self.folder.join("read.pdf");
        std::fs::write(&path, pdf).unwrap();
        let output = Command::new("pdftotext").args(["-raw".as_ref(), path.as_os_str(), "-".as_ref()]).output();
        let Ok(output) = output else {
            assert!(
                std::env::var_os("CROFT_REFERENCE_REQUIRED").is_none(),
                "pdftotext is needed to read what was written"
            );
            eprintln!("skipped: there is no pdftotext");
            return None;
        };
        let text = String::from_utf8(output.stdout).unwrap();
        Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

fn text(memory: &Memory, file: &str) -> String {
    String::from_utf8(memory[file].borrow().clone()).unwrap()
}

fn assert_says(words: &str, facts: &[&str]) {
    for fact in facts {
        assert!(words.contains(fact), "{fact:?} is not in:\n{words}");
    }
}

#[test]
fn a_casebook_tells_every_value_change_query_and_signature() {
    let scene = Scene::told("book");
    let pdf = scene.book("101-001");
    assert_eq!(pdf, scene.book("101-001"), "the same state gives the same bytes");
    let Some(words) = scene.words(&pdf) else { return };
    assert_says(
        &words,
        &[
            "Casebook of subject 101-001",
            "Velotinib in healthy volunteers",
            "101, Clinic 101 (GBR)",
            "1 of 2026-01-21 10:02:00 UTC (first version)",
            "amendment 1: fasting",
            "of chain S1",
            // Values.
            "130 mmHg",
            "no value: Not done (ND)",
            "Sitting (SIT) verified",
            "said [U+4F60][U+597D] and ≥ 2 sneezes",
            "kept apart: it identifies a person",
            "Yes (Y)",
            "VOID: belongs to another subject",
            // Changes.
            "120 mmHg 130 mmHg misread on the worksheet",
            "verified against source",
            "frozen",
            // The query's thread.
            "closed",
            "Is this the second measurement?",
            "It is the first: see the worksheet.",
            "Corrected, thank you.",
            // The signature, and what became of it.
            "I have reviewed these data and they are accurate",
            "VOID since 2026-01-21",
            "Vital signs at Screening was changed",
            // Places.
            "Page 2 of",
        ],
    );
    let head = scene.record().view(&Caller::system(), |r| Ok(r.newest(STUDY)?.unwrap().hash.to_string())).unwrap();
    assert!(words.replace(' ', "").contains(&head), "{head} in {words}");
    assert!(!words.contains(INITIALS) && !words.contains("sha256:"), "{words}");
    assert!(!words.contains("141"), "another subject's value");
}

#[test]
fn a_casebook_without_the_audit_trail_has_values_and_no_changes() {
    let scene = Scene::told("short");
    let options = Options { audit: false, ..Options::default() };
    let pdf = scene.look(&Caller::system(), |r| completed(r, STUDY, "101-001", options)).unwrap();
    let Some(words) = scene.words(&pdf) else { return };
    assert_says(&words, &["130 mmHg", "VOID since"]);
    assert!(!words.contains("misread on the worksheet"), "{words}");
}

#[test]
fn a_blank_casebook_asks_what_the_version_asks() {
    let scene = Scene::told("blank");
    let make = |version, names| scene.look(&Caller::system(), |r| blank(r, STUDY, version, names));
    let Some(first) = scene.words(&make(Some(1), false).unwrap()) else { return };
    let second = scene.words(&make(None, true).unwrap()).unwrap();
    assert_says(
        &first,
        &[
            "Blank casebook",
            "Screening (V1)",
            "☐ SIT Sitting",
            "____________________ mmHg",
            "Asked only where SYSBP > 0",
            "no value: ☐ ND not done ☐ REF",
            "identifies a person: kept apart",
            "Repeats: filled once for each entry.",
        ],
    );
    assert!(!first.contains("Fasting since midnight") && !first.contains("SYSBP integer"), "{first}");
    assert_says(
        &second,
        &["Annotated blank casebook", "Fasting since midnight", "SYSBP integer", "amendment 1: fasting"],
    );
    assert!(matches!(make(Some(3), false), Err(CasebookError::Export(ExportError::Refused(Refusal::Absent { .. })))));
}

fn copy(
    scene: &Scene,
    caller: &Caller,
    make: impl FnOnce(&Reading<'_>, &mut Hashed<'_>) -> Result<u64, CasebookError>,
) -> Result<(Memory, String), CasebookError> {
    let mut memory = Memory::new();
    let mut files = Hashed::over(&mut memory);
    scene.look(caller, |r| make(r, &mut files))?;
    let sums = files.sums();
    Ok((memory, sums))
}

/// Every file of a copy is listed in its index and among the hashes, every address of the index is a file.
fn assert_led_to(memory: &Memory, sums: &str) {
    let index = text(memory, "index.html");
    assert!(!index.contains("<script") && !index.contains("http:") && !index.contains("https:"), "{index}");
    for path in memory.keys() {
        assert!(sums.contains(&format!("  {path}\n")), "{path} has no hash");
        let leads =
            index.contains(&format!("href=\"{path}\"")) || ["index.html", "README.txt"].contains(&path.as_str());
        assert!(leads, "nothing leads to {path}");
    }
    for href in index.split("href=\"").skip(1) {
        let path = href.split('"').next().unwrap();
        assert!(memory.contains_key(path), "{path} is not there");
    }
}

#[test]
fn a_site_s_copy_holds_its_subjects_and_nobody_else_s() {
    let scene = Scene::told("site");
    let make = |r: &Reading<'_>, files: &mut Hashed<'_>| site_copy(r, STUDY, "101", files);
    let (memory, sums) = copy(&scene, &Caller::system(), make).unwrap();
    assert_led_to(&memory, &sums);
    assert!(memory.contains_key("casebooks/101-001.pdf") && !memory.contains_key("casebooks/102-001.pdf"));
    for (path, bytes) in &memory {
        let bytes = bytes.borrow();
        let words = if path.ends_with(".pdf") {
            scene.words(&bytes).unwrap_or_default()
        } else {
            String::from_utf8(bytes.clone()).unwrap()
        };
        assert!(
            !words.contains(INITIALS) && !words.contains("102-001") && !words.contains("Clinic 102"),
            "{path}: {words}"
        );
    }
    assert!(text(&memory, "data/vitals.csv").contains("101-001,V1,1,VS,1,1,130,130,mmHg"));
    let history = text(&memory, "history/audit.csv");
    assert!(
        history.contains("misread on the worksheet") && text(&memory, "history/signatures.csv").contains("accurate"),
        "{history}"
    );
    assert!(text(&memory, "README.txt").contains("sha256sum -c SHA256SUMS"));
    let (again, _) = copy(&scene, &Caller::system(), make).unwrap();
    assert_eq!(memory, again, "the same state gives the same bytes");
}

#[test]
fn an_inspection_copy_holds_the_whole_study() {
    let scene = Scene::told("inspection");
    scene.does(LockStudy { study: STUDY.into(), in_spite: "an interim look".into(), signature: Proof::system() });
    let make = |r: &Reading<'_>, files: &mut Hashed<'_>| inspection_copy(r, STUDY, files);
    let (memory, sums) = copy(&scene, &Caller::system(), make).unwrap();
    assert_led_to(&memory, &sums);
    for path in [
        "casebooks/101-001.pdf",
        "casebooks/102-001.pdf",
        "definition/v1/forms/vs.toml",
        "definition/blank-casebook-v2.pdf",
    ] {
        assert!(memory.contains_key(path), "{path}");
    }
    assert!(text(&memory, "definition/differences.csv").contains("1,2,item VS/vitals/FASTING,,"));
    let locks = text(&memory, "study/locks.csv");
    assert!(
        locks.contains(",frozen,101-001/LOG/1/AE/1,")
            && locks.contains("study locked")
            && locks.contains("an interim look"),
        "{locks}"
    );
    assert!(text(&memory, "study/sites.csv").contains("102,Clinic 102,GBR,open,2026-01-21T10:"));
    assert!(text(&memory, "study/obstacles.csv").contains("form not signed"));
    assert!(text(&memory, "people/access-list.csv").starts_with("ACCOUNT,NAME,ROLE,SITE,"));
    let events = memory["events/events.jsonl"].borrow().clone();
    assert!(croft_ledger::verify_file(&mut events.as_slice()).unwrap().is_whole());
    for (path, bytes) in memory.iter().filter(|(path, _)| !path.ends_with(".pdf")) {
        assert!(!String::from_utf8_lossy(&bytes.borrow()).contains(INITIALS), "{path}");
    }
}

/// A group may be called as the file of the subjects is.
#[test]
fn the_index_says_of_each_file_what_it_holds() {
    let scene = Scene::new("index");
    scene.does(CreateStudy { id: STUDY.into(), title: "Names".into() });
    let form = "form = \"VS\"\nlabel = \"Household\"\nvisits = [\"V1\"]\n\n[[group]]\nname = \"subjects\"\nlabel = \"Others at home\"\n\n\
        [[group.item]]\nname = \"AGE\"\nlabel = \"Age\"\ntype = \"integer\"\n";
    let files = [("study.toml", DEFINITION), ("forms/vs.toml", form)];
    let files = files.map(|(file, text)| (file.to_owned(), text.to_owned())).into();
    scene.does(Publish { study: STUDY.into(), files, note: "first".into(), signature: Proof::system() });
    let make = |r: &Reading<'_>, files: &mut Hashed<'_>| inspection_copy(r, STUDY, files);
    let (memory, _) = copy(&scene, &Caller::system(), make).unwrap();
    let told = text(&memory, "README.txt");
    assert!(told.contains("data/group-subjects.csv  Others at home, of the form Household"), "{told}");
    assert!(told.contains("data/subjects.csv  Subjects with site, status and time of enrolment"), "{told}");
}

#[test]
fn who_may_not_export_gets_no_copy() {
    let scene = Scene::told("rights");
    let stranger = Caller::new("stranger", "", 0);
    let refused = scene.look(&stranger, |r| completed(r, STUDY, "101-001", Options::default()));
    assert!(matches!(refused, Err(CasebookError::Export(ExportError::Refused(Refusal::Absent { .. })))), "{refused:?}");
    let site = copy(&scene, &stranger, |r, files| site_copy(r, STUDY, "101", files));
    let whole = copy(&scene, &stranger, |r, files| inspection_copy(r, STUDY, files));
    for refused in [site, whole].map(|made| made.map(|(files, _)| files.len())) {
        assert!(
            matches!(refused, Err(CasebookError::Export(ExportError::Refused(Refusal::Denied { .. })))),
            "{refused:?}"
        );
    }
}
