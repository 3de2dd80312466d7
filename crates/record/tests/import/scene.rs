//! A record in a folder of its own, and reference documents.

use croft_cdisc::odm::{self, Odm};
use croft_ledger::{ManualClock, Place};
use croft_record::access::Proof;
use croft_record::definition::{Compiled, Files};
use croft_record::import::{Imported, data};
use croft_record::study::{CreateStudy, Publish};
use croft_record::{Caller, Record};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub const STUDY: &str = "IMPORT-1";

pub struct Scene {
    folder: PathBuf,
    pub record: Record,
}

impl Scene {
    /// A study with this definition.
    pub fn new(name: &str, files: &Files) -> Self {
        let folder = std::env::temp_dir().join(format!("croft-import-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let record = Record::open(
            Place::Sqlite(folder.join("croft.db")),
            &folder.join("keys"),
            Arc::new(ManualClock::new(1_768_989_600_000)),
        )
        .unwrap();
        let scene = Self { folder, record };
        let caller = Caller::system();
        scene.record.execute(&caller, CreateStudy { id: STUDY.into(), title: "Imported".into() }).unwrap();
        let publish =
            Publish { study: STUDY.into(), files: files.clone(), note: "imported".into(), signature: Proof::system() };
        scene.record.execute(&caller, publish).unwrap();
        scene
    }

    /// Plans and records the data of a document.
    pub fn import(&self, files: &Files, document: &Odm) -> data::Report {
        let options = options();
        let compiled = Compiled::compile(files).map_err(|p| format!("{p:?}")).unwrap();
        let units = data::units(&odm::read(files["source/odm.xml"].as_bytes()).unwrap());
        let plan = data::plan(document, &compiled, &units, &options);
        data::run(&self.record, &Caller::system(), &options, plan).unwrap()
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

pub fn options() -> data::Options {
    data::Options { study: STUDY.into(), site: "001".into(), country: "XXX".into(), source: "test.xml".into() }
}

pub fn read(path: &Path) -> Result<Odm, String> {
    odm::read(&std::fs::read(path).unwrap()).map_err(|e| e.to_string())
}

pub fn definition(document: &Odm) -> Result<Imported, String> {
    croft_record::import::odm::definition(document, None, STUDY, None).map_err(|e| e.to_string())
}
