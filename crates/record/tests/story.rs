//! A study from its definition to its lock, through the record's doors.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use croft_ledger::{ManualClock, Place as Where, verify};
use croft_record::access::Proof;
use croft_record::audit::AuditFilter;
use croft_record::capture::read::MatrixFilter;
use croft_record::capture::{Enrol, Entered, KeepDraft, Place, Save, Saved, VoidRow};
use croft_record::lock::{AgreeUnlock, AskUnlock, Freeze, LockStudy, Part};
use croft_record::query::{Answer, Close, Open, Status};
use croft_record::sign::{Covers, Sign};
use croft_record::study::{CreateStudy, OpenSite, Publish};
use croft_record::verify::Verify;
use croft_record::{Caller, Projection, Record, Refusal};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

const STUDY: &str = "CRB101";
/// 2026-01-21T10:00:00Z
const BEGIN: i64 = 1_768_989_600_000;

struct Scene {
    folder: PathBuf,
    clock: Arc<ManualClock>,
    record: Option<Record>,
}

impl Scene {
    /// A published study with one site.
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("croft-record-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let clock = Arc::new(ManualClock::new(BEGIN));
        let record = Record::open(Where::Sqlite(folder.join("croft.db")), &folder.join("keys"), clock.clone()).unwrap();
        let scene = Self { folder, clock, record: Some(record) };
        let files = definition();
        scene.does(CreateStudy { id: STUDY.into(), title: "Velotinib".into() }).unwrap();
        let note = "first version".to_owned();
        scene.does(Publish { study: STUDY.into(), files, note, signature: proof() }).unwrap();
        let (site, name, country) = ("101".into(), "Clinic".into(), "GBR".into());
        scene.does(OpenSite { study: STUDY.into(), site, name, country }).unwrap();
        scene
    }

    fn record(&self) -> &Record {
        self.record.as_ref().unwrap()
    }

    fn does<C: croft_record::Command>(&self, command: C) -> Result<C::Done, Refusal> {
        self.clock.advance(60_000);
        self.record().execute(&Caller::system(), command)
    }

    fn enrol(&self) -> String {
        self.does(Enrol { study: STUDY.into(), site: "101".into(), subject: None }).unwrap()
    }

    fn save(
        &self,
        place: &Place,
        values: &[(&str, &str, &str)],
        complete: bool,
        reason: &str,
    ) -> Result<Saved, Refusal> {
        let entries = values.iter().map(|(group, item, text)| entered(group, 1, item, text)).collect();
        let save = Save {
            study: STUDY.into(),
            place: place.clone(),
            complete,
            entries,
            reason: reason.into(),
            ..Save::default()
        };
        self.does(save)
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.record.take();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn entered(group: &str, row: u32, item: &str, text: &str) -> Entered {
    Entered { group: group.into(), row, item: item.into(), text: text.into(), ..Entered::default() }
}

fn proof() -> Proof {
    Proof::system()
}

/// The bioequivalence template's texts.
fn definition() -> BTreeMap<String, String> {
    let templates = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../study/templates"));
    let mut files = BTreeMap::new();
    files.insert("study.toml".to_owned(), std::fs::read_to_string(templates.join("be-2x2/study.toml")).unwrap());
    for entry in std::fs::read_dir(templates.join("common/forms")).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("forms/{}", path.file_name().unwrap().to_str().unwrap());
        files.insert(name, std::fs::read_to_string(path).unwrap());
    }
    files
}

const SUBJECT: [(&str, &str, &str); 5] = [
    ("demographics", "RFICDAT", "2026-01-21"),
    ("demographics", "BRTHDAT", "1995-03"),
    ("demographics", "SEX", "M"),
    ("demographics", "RACE", "ASIAN"),
    ("demographics", "ETHNIC", "NOT HISPANIC OR LATINO"),
];

#[test]
fn a_change_needs_a_reason_and_keeps_what_stood_there() {
    let scene = Scene::new("change");
    let subject = scene.enrol();
    assert_eq!(subject, "101-001");
    let place = Place::first(&subject, "SCR", "DM");
    let saved = scene.save(&place, &SUBJECT, true, "").unwrap();
    assert_eq!((saved.changed, saved.counts.items), (5, 5));
    assert_eq!(scene.save(&place, &SUBJECT, true, "").unwrap().event, None, "nothing new is no event");
    let corrected = [("demographics", "SEX", "F")];
    assert!(matches!(scene.save(&place, &corrected, true, ""), Err(Refusal::Invalid { .. })));
    scene.save(&place, &corrected, true, "misread on the source sheet").unwrap();
    let history =
        scene.record().view(&Caller::system(), |r| r.history(STUDY, &place, "demographics", 1, "SEX")).unwrap();
    let told: Vec<_> =
        history.iter().map(|h| (h.action, h.before.as_str(), h.after.as_str(), h.reason.as_str())).collect();
    assert_eq!(told, [("enter", "", "M", ""), ("amend", "M", "F", "misread on the source sheet")]);
}

#[test]
fn two_people_do_not_overwrite_each_other_unseen() {
    let scene = Scene::new("two");
    let subject = scene.enrol();
    let place = Place::first(&subject, "SCR", "DM");
    let seen = scene.save(&place, &SUBJECT, false, "").unwrap().event;
    scene.save(&place, &[("demographics", "SEX", "F")], false, "first").unwrap();
    let save = |item: &str, text: &str| Save {
        study: STUDY.into(),
        place: place.clone(),
        base: seen,
        entries: vec![entered("demographics", 1, item, text)],
        reason: "second".into(),
        ..Save::default()
    };
    match scene.does(save("SEX", "U")) {
        Err(Refusal::Conflict { places, .. }) => assert_eq!(places, ["demographics/1/SEX"]),
        other => panic!("{other:?}"),
    }
    // Another item of the same form is nobody's loss.
    scene.does(save("RACE", "WHITE")).unwrap();
}

#[test]
fn a_change_takes_the_verification_of_its_item_and_the_signature() {
    let scene = Scene::new("verified");
    let subject = scene.enrol();
    let place = Place::first(&subject, "SCR", "DM");
    scene.save(&place, &SUBJECT, true, "").unwrap();
    let all = Verify { study: STUDY.into(), place: place.clone(), items: None, verified: true, base: None };
    assert_eq!(scene.does(all).unwrap(), 5);
    let covers = Covers::Form(place.clone());
    let sign = Sign { study: STUDY.into(), covers, meaning: "reviewed".into(), signature: proof() };
    let number = scene.does(sign.clone()).unwrap();
    let look = |number| scene.record().view(&Caller::system(), |r| r.signature_holds(STUDY, number)).unwrap();
    assert!(look(number));
    let saved = scene.save(&place, &[("demographics", "SEX", "F")], true, "misread").unwrap();
    assert_eq!((saved.counts.items, saved.counts.verified, saved.counts.signed), (5, 4, 0));
    assert!(!look(number));
    let again = scene.does(sign).unwrap();
    assert!(look(again));
    let of = |subject: &str| {
        let found = scene.record().view(&Caller::system(), |r| r.signatures(STUDY, subject)).unwrap();
        found.into_iter().map(|s| (s.number, s.void.is_some())).collect::<Vec<_>>()
    };
    assert_eq!(of(&subject), [(number, true), (again, false)], "the one that fell is there too");
    assert!(of(&scene.enrol()).is_empty(), "another subject has none");
}

#[test]
fn a_query_goes_from_open_to_closed_and_what_was_said_stays() {
    let scene = Scene::new("query");
    let subject = scene.enrol();
    let place = Place::first(&subject, "SCR", "DM");
    scene.save(&place, &SUBJECT, true, "").unwrap();
    let (group, item, text) = ("demographics".to_owned(), "SEX".to_owned(), "Is this so?".to_owned());
    let open = Open { study: STUDY.into(), place: place.clone(), group, row: 1, item, text };
    let query = scene.does(open).unwrap();
    scene.does(Answer { study: STUDY.into(), query, text: "It is.".into() }).unwrap();
    scene.does(Close { study: STUDY.into(), query, text: "Thank you.".into() }).unwrap();
    assert!(matches!(
        scene.does(Answer { study: STUDY.into(), query, text: "Still.".into() }),
        Err(Refusal::State { .. })
    ));
    let found = scene.record().view(&Caller::system(), |r| r.query(STUDY, query)).unwrap();
    assert_eq!(found.status, Status::Closed);
    let said: Vec<_> = found.thread.iter().map(|m| m.text.as_str()).collect();
    assert_eq!(said, ["Is this so?", "It is.", "Thank you."]);
}

#[test]
fn a_voided_row_is_no_value_and_keeps_its_history() {
    let scene = Scene::new("void");
    let subject = scene.enrol();
    scene.save(&Place::first(&subject, "SCR", "DM"), &SUBJECT, true, "").unwrap();
    let place = Place::first(&subject, "P1", "SAFETY");
    scene.save(&place, &[("adverse_events", "AETERM", "Headache")], false, "").unwrap();
    let voids = vec![VoidRow { group: "adverse_events".into(), row: 1, reason: "wrong subject".into() }];
    let save = Save { study: STUDY.into(), place: place.clone(), voids, ..Save::default() };
    assert_eq!(scene.does(save).unwrap().counts.items, 0);
    lock(&scene).unwrap();
    let locked = scene.record().view(&Caller::system(), |r| r.locked(STUDY)).unwrap();
    assert!(locked.values.iter().all(|v| v.group != "adverse_events"));
    let last = locked.audit.last().unwrap();
    assert_eq!(
        (last.action.as_str(), last.before.as_str(), last.reason.as_str()),
        ("void", "Headache", "wrong subject")
    );
}

#[test]
fn what_identifies_a_person_is_in_no_event_and_no_snapshot() {
    let scene = Scene::new("sealed");
    let mut files = definition();
    let form = files.get_mut("forms/subject.toml").unwrap();
    *form += "\n[[group.item]]\nname = \"INITIALS\"\nlabel = \"Initials\"\ntype = \"text\"\nidentifying = true\n";
    let publish = Publish { study: STUDY.into(), files, note: "initials".into(), signature: proof() };
    scene.does(publish).unwrap();
    let subject = scene.enrol();
    let place = Place::first(&subject, "SCR", "DM");
    let initials = [("demographics", "INITIALS", "Q-X-Z")];
    scene.save(&place, &SUBJECT, false, "").unwrap();
    scene.save(&place, &initials, false, "").unwrap();
    assert_eq!(scene.save(&place, &initials, false, "").unwrap().event, None, "the same again is nothing new");
    let look = |r: &croft_record::Reading<'_>| r.identified(STUDY, &place, "demographics", 1, "INITIALS");
    assert_eq!(scene.record().view(&Caller::system(), look).unwrap().as_deref(), Some("Q-X-Z"));
    lock(&scene).unwrap();
    let locked = scene.record().view(&Caller::system(), |r| r.locked(STUDY)).unwrap();
    assert_eq!(locked.values.len(), 5);
    assert!(locked.audit.iter().all(|a| a.item != "INITIALS"));
    for name in ["croft.db", "croft.db-wal"] {
        let bytes = std::fs::read(scene.folder.join(name)).unwrap();
        assert!(!bytes.windows(5).any(|w| w == b"Q-X-Z"), "{name}");
    }
}

fn lock(scene: &Scene) -> Result<u64, Refusal> {
    scene.does(LockStudy { study: STUDY.into(), in_spite: "a test".into(), signature: proof() })
}

#[test]
fn a_frozen_form_and_a_locked_study_take_no_change() {
    let scene = Scene::new("locked");
    let subject = scene.enrol();
    let place = Place::first(&subject, "SCR", "DM");
    scene.save(&place, &SUBJECT, true, "").unwrap();
    let freeze = |frozen, reason: &str| Freeze {
        study: STUDY.into(),
        part: Part::Site { site: "101".into() },
        frozen,
        reason: reason.into(),
    };
    assert_eq!(scene.does(freeze(true, "")).unwrap(), 1);
    let change = [("demographics", "SEX", "F")];
    assert!(matches!(scene.save(&place, &change, true, "why"), Err(Refusal::State { .. })));
    assert!(matches!(scene.does(freeze(false, "")), Err(Refusal::Invalid { .. })));
    assert_eq!(scene.does(freeze(false, "a correction is due")).unwrap(), 1);
    let without_words = LockStudy { study: STUDY.into(), in_spite: String::new(), signature: proof() };
    let told = scene.does(without_words).unwrap_err().to_string();
    assert!(told.contains("form not signed: 1"), "{told}");
    lock(&scene).unwrap();
    assert!(matches!(scene.save(&place, &change, true, "why"), Err(Refusal::State { .. })));
    scene.does(AskUnlock { study: STUDY.into(), reason: "late laboratory data".into() }).unwrap();
    // The same account asks and agrees: refused.
    let agree = AgreeUnlock { study: STUDY.into(), signature: proof() };
    assert!(matches!(scene.does(agree), Err(Refusal::State { .. })));
}

#[test]
fn the_state_is_what_a_rebuild_makes() {
    let mut scene = Scene::new("rebuild");
    for _ in 0..3 {
        let subject = scene.enrol();
        scene.save(&Place::first(&subject, "SCR", "DM"), &SUBJECT, true, "").unwrap();
    }
    let filter = MatrixFilter { limit: 2, ..MatrixFilter::default() };
    let page = scene.record().view(&Caller::system(), |r| r.matrix(STUDY, &filter)).unwrap();
    assert_eq!(page.iter().map(|s| s.id.as_str()).collect::<Vec<_>>(), ["101-001", "101-002"]);
    assert_eq!(page[0].visits[0].sums.items, 5);
    scene.record.take();
    let place = Where::Sqlite(scene.folder.join("croft.db"));
    let report = verify(&place, &scene.folder.join("keys"), Some(&Projection)).unwrap();
    assert!(report.is_whole() && report.state_compared, "{report:?}");
}

#[test]
fn events_are_searched_from_the_newest_back() {
    let scene = Scene::new("audit");
    let (first, second) = (scene.enrol(), scene.enrol());
    for subject in [&first, &second] {
        scene.save(&Place::first(subject, "SCR", "DM"), &SUBJECT, true, "").unwrap();
    }
    let search = |filter: AuditFilter| scene.record().view(&Caller::system(), |r| r.audit(STUDY, &filter)).unwrap();
    let all = search(AuditFilter { limit: 1000, ..AuditFilter::default() });
    assert!(all.events.windows(2).all(|pair| pair[0].seq == pair[1].seq + 1) && all.next.is_none());
    assert_eq!(all.events.last().unwrap().kind, "study.created/1");
    let two = search(AuditFilter { limit: 2, ..AuditFilter::default() });
    assert_eq!(two.next, Some(two.events[1].seq));
    let rest = search(AuditFilter { limit: 1000, before: two.next, ..AuditFilter::default() });
    assert_eq!(two.events.len() + rest.events.len(), all.events.len());
    let of_item =
        AuditFilter { stream: second, item: "SEX".into(), kind: "form.".into(), limit: 9, ..AuditFilter::default() };
    assert_eq!(search(of_item).events.len(), 1);
}

#[test]
fn a_draft_is_its_accounts_own_and_gone_with_the_save() {
    let scene = Scene::new("draft");
    let place = Place::first(&scene.enrol(), "SCR", "DM");
    let entries = vec![entered("demographics", 1, "SEX", "M"), entered("demographics", 1, "NOSUCH", "x")];
    scene.does(KeepDraft { study: STUDY.into(), place: place.clone(), base: 0, entries }).unwrap();
    let draft = || scene.record().view(&Caller::system(), |r| r.draft(STUDY, &place)).unwrap();
    assert_eq!(draft().unwrap().fields.iter().map(|f| f.item.as_str()).collect::<Vec<_>>(), ["SEX"]);
    let other = Caller::new("somebody", "", 0);
    assert_eq!(scene.record().view(&other, |r| r.draft(STUDY, &place)).unwrap(), None);
    scene.save(&place, &SUBJECT, false, "").unwrap();
    assert_eq!(draft(), None);
}

#[test]
fn a_check_asks_and_its_query_closes_by_itself_when_it_holds_again() {
    let scene = Scene::new("checks");
    let subject = scene.enrol();
    scene.save(&Place::first(&subject, "SCR", "DM"), &SUBJECT, true, "").unwrap();
    let place = Place::first(&subject, "P1", "SAFETY");
    let pulse = |beats: &'static str| [("vital_signs", "PULSE", beats)];
    let saved = scene.save(&place, &pulse("180"), false, "").unwrap();
    assert_eq!((saved.opened.len(), saved.counts.open), (1, 1));
    let number = saved.opened[0];
    let look = |number| scene.record().view(&Caller::system(), |r| r.query(STUDY, number)).unwrap();
    assert_eq!(look(number).thread[0].text, "Pulse rate 180 beats/min is outside 35 to 140");
    // The same values again ask nothing new; a correction closes it and keeps what was said.
    assert_eq!(scene.save(&place, &pulse("180"), true, "").unwrap().opened, Vec::<u64>::new());
    let saved = scene.save(&place, &pulse("80"), true, "typed into the wrong field").unwrap();
    assert_eq!((saved.closed, saved.counts.open), (vec![number], 0));
    assert_eq!(look(number).status, Status::Closed);
    assert_eq!(look(number).thread.len(), 2);
    // A value that a person accepted is not asked about again; another value is.
    let saved = scene.save(&place, &pulse("150"), true, "as on the worksheet").unwrap();
    scene.does(Close { study: STUDY.into(), query: saved.opened[0], text: "Confirmed.".into() }).unwrap();
    assert!(
        scene
            .save(&place, &[("vital_signs", "SYSBP", "120"), ("vital_signs", "DIABP", "80")], true, "")
            .unwrap()
            .opened
            .is_empty()
    );
    assert_eq!(scene.save(&place, &pulse("151"), true, "again").unwrap().opened.len(), 1);
    // Another check of the form refuses what cannot be.
    let wrong = [("vital_signs", "SYSBP", "80"), ("vital_signs", "DIABP", "120")];
    assert!(matches!(scene.save(&place, &wrong, true, "again"), Err(Refusal::Invalid { .. })));
}
