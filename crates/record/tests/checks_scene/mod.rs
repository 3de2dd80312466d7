//! A study with one subject, on a disk of its own.

#![allow(dead_code, reason = "each test uses what it needs")]

use croft_ledger::{ManualClock, Place as Where};
use croft_record::access::Proof;
use croft_record::capture::{Enrol, Entered, FormState, Place, Save, Saved, VoidRow};
use croft_record::definition::Files;
use croft_record::study::{CreateStudy, OpenSite, Publish};
use croft_record::{Caller, Command, Record, Refusal};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

pub const STUDY: &str = "S1";
/// 2026-01-21T10:00:00Z
const BEGIN: i64 = 1_768_989_600_000;

pub struct Scene {
    folder: PathBuf,
    clock: Arc<ManualClock>,
    record: Option<Record>,
    pub subject: String,
}

impl Scene {
    /// A published study with one site and one subject.
    pub fn new(name: &str, files: Files) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("croft-{name}-{}-{number}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let clock = Arc::new(ManualClock::new(BEGIN));
        let record = Record::open(Where::Sqlite(folder.join("croft.db")), &folder.join("keys"), clock.clone()).unwrap();
        let mut scene = Self { folder, clock, record: Some(record), subject: String::new() };
        scene.does(CreateStudy { id: STUDY.into(), title: "One".into() }).unwrap();
        let signature = Proof::system();
        scene.does(Publish { study: STUDY.into(), files, note: "first".into(), signature }).unwrap();
        let (site, name, country) = ("101".into(), "Clinic".into(), "GBR".into());
        scene.does(OpenSite { study: STUDY.into(), site, name, country }).unwrap();
        scene.subject = scene.does(Enrol { study: STUDY.into(), site: "101".into(), subject: None }).unwrap();
        scene
    }

    pub fn does<C: Command>(&self, command: C) -> Result<C::Done, Refusal> {
        self.clock.advance(60_000);
        self.record().execute(&Caller::system(), command)
    }

    pub fn save(&self, visit: &str, form: &str, values: &[(&str, u32, &str, &str)]) -> Saved {
        let entry = |(group, row, item, text): &(&str, u32, &str, &str)| Entered {
            group: (*group).into(),
            row: *row,
            item: (*item).into(),
            text: (*text).into(),
            ..Entered::default()
        };
        let entries = values.iter().map(entry).collect();
        let place = Place::first(&self.subject, visit, form);
        self.does(Save { study: STUDY.into(), place, entries, complete: true, ..Save::default() }).unwrap()
    }

    pub fn void(&self, visit: &str, form: &str, group: &str, row: u32) -> Result<Saved, Refusal> {
        let place = Place::first(&self.subject, visit, form);
        let voids = vec![VoidRow { group: group.into(), row, reason: "by mistake".into() }];
        self.does(Save { study: STUDY.into(), place, voids, complete: true, ..Save::default() })
    }

    pub fn record(&self) -> &Record {
        self.record.as_ref().unwrap()
    }

    pub fn forms(&self) -> Vec<(Place, FormState)> {
        self.record().view(&Caller::system(), |r| r.forms(STUDY, &self.subject)).unwrap()
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.record.take();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
