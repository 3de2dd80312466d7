//! How fast are subjects randomised? 64 callers at once, each answered when its allocation is on the disk; lists and minimisation.
//!
//! A plain program that prints figures: `cargo bench -p croft-record --bench vault`. What was measured stands in `docs/performance.md`.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a bench fails by panicking, and takes the time")]

#[path = "../tests/vault_scene/mod.rs"]
mod vault_scene;

use croft_ledger::{Place as Where, SystemClock};
use croft_record::access::Proof;
use croft_record::capture::Enrol;
use croft_record::study::{CreateStudy, OpenSite, Publish};
use croft_record::vault::{MasterKeys, NewScheme, Vault};
use croft_record::{Caller, Record};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Instant;
use vault_scene::{STUDY, definition};

const SUBJECTS: usize = 10_000;
const CALLERS: usize = 64;

const BLOCKS: &str = r#"
study = "any"
arms = [{ code = "VERUM" }, { code = "PLACEBO" }]
factors = [{ name = "site", levels = ["101", "102"] }]
design = { kind = "random_block", lengths = [2, 4, 6] }
"#;

const MINIMISED: &str = r#"
study = "any"
arms = [{ code = "VERUM" }, { code = "PLACEBO" }]
[design]
kind = "minimisation"
probability = 0.8
factors = [{ name = "site", levels = ["101", "102"] }]
"#;

fn main() {
    // `cargo test` calls benches to see that they start.
    if std::env::args().any(|a| a == "--test") {
        return;
    }
    for (name, scheme, subjects) in [("blocks in two strata", BLOCKS, SUBJECTS), ("minimisation", MINIMISED, SUBJECTS)]
    {
        let folder = std::env::temp_dir().join(format!("croft-bench-vault-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let (record, vault) = prepare(&folder, scheme, subjects);
        let begin = Instant::now();
        std::thread::scope(|threads| {
            for caller in 0..CALLERS {
                let vault = &vault;
                threads.spawn(move || {
                    for at in (caller..subjects).step_by(CALLERS) {
                        vault.randomise(&Caller::system(), STUDY, &subject(at), Proof::system()).unwrap();
                    }
                });
            }
        });
        let rate = subjects as f64 / begin.elapsed().as_secs_f64();
        println!("{name}: {subjects} subjects, {CALLERS} callers: {rate:.0} randomisations a second, durable");
        drop((vault, record));
        let _ = std::fs::remove_dir_all(&folder);
    }
}

fn subject(at: usize) -> String {
    format!("{}-{:05}", ["101", "102"][at % 2], at / 2 + 1)
}

fn prepare(folder: &Path, scheme: &str, subjects: usize) -> (Record, Vault) {
    let place = Where::Sqlite(folder.join("croft.db"));
    let record = Record::open(place, &folder.join("keys"), Arc::new(SystemClock)).unwrap();
    let vault = Vault::new(&record, MasterKeys::in_folder(&folder.join("keys/vault")).unwrap());
    let system = Caller::system();
    record.execute(&system, CreateStudy { id: STUDY.into(), title: "A study".into() }).unwrap();
    let note = "first".to_owned();
    let publish = Publish { study: STUDY.into(), files: definition(), note, signature: Proof::system() };
    record.execute(&system, publish).unwrap();
    for site in ["101", "102"] {
        let (site, name, country) = (site.to_owned(), "Clinic".to_owned(), "GBR".to_owned());
        record.execute(&system, OpenSite { study: STUDY.into(), site, name, country }).unwrap();
    }
    let (tell, told) = channel();
    for at in 0..subjects {
        let site = subject(at)[..3].to_owned();
        let tell = tell.clone();
        let enrol = Enrol { study: STUDY.into(), site, subject: None };
        record.execute_then(&system, enrol, move |done| drop(tell.send(done.unwrap())));
    }
    assert_eq!(told.iter().take(subjects).count(), subjects);
    let setup = "number = \"R{number:5}\"\nfactor = [{ name = \"site\", from = \"SITE\" }]".to_owned();
    let new = NewScheme {
        study: STUDY.into(),
        scheme: scheme.to_owned(),
        setup,
        note: String::new(),
        signature: Proof::system(),
    };
    vault.seal_scheme(&system, new).unwrap();
    (record, vault)
}
