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
use croft_record::supply::{Keeper, NewKits, OpenDepot, PlanSupply, Receive, Ship, SupplyPlan};
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

const FACTOR: &str = r#"factors = [{ name = "site", levels = ["101", "102"] }]"#;

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
    forecast();
}

/// What a depot should send to 200 sites with 50 subjects and 20 kits each.
fn forecast() {
    const SITES: usize = 200;
    const OF_EACH: usize = 50;
    let folder = std::env::temp_dir().join(format!("croft-bench-supply-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let (record, vault) = prepare(&folder, &BLOCKS.replace(FACTOR, ""), 0);
    let system = Caller::system();
    record.execute(&system, OpenDepot { study: STUDY.into(), depot: "D".into(), name: "Central".into() }).unwrap();
    let visits = vec!["BL".to_owned()];
    let plan =
        SupplyPlan { trigger: 8, level: 12, lead_days: 14, dispense_margin_days: 14, ship_margin_days: 30, visits };
    record.execute(&system, PlanSupply { study: STUDY.into(), plan }).unwrap();
    let register = |of_each: u32| {
        let arms = ["VERUM", "PLACEBO"].map(|arm| (arm.to_owned(), of_each)).into();
        let (depot, lot, expires) = ("D".to_owned(), "L".to_owned(), "2099-12-31".to_owned());
        let new = NewKits { study: STUDY.into(), depot, lot, expires, arms };
        vault.register_kits(&system, new).unwrap().into_iter().map(|kit| kit.number).collect::<Vec<_>>()
    };
    let kits = register(SITES as u32 * 10);
    register(5000);
    for (at, kits) in kits.chunks(20).enumerate() {
        let site = format!("{:03}", 300 + at);
        let open = OpenSite { study: STUDY.into(), site: site.clone(), name: "Clinic".into(), country: "GBR".into() };
        record.execute(&system, open).unwrap();
        let (from, to, kits) = (Keeper::Depot("D".into()), Keeper::Site(site), kits.to_vec());
        let shipment = record.execute(&system, Ship { study: STUDY.into(), from, to, kits }).unwrap();
        record.execute(&system, Receive { study: STUDY.into(), shipment, ..Receive::default() }).unwrap();
    }
    let (tell, told) = channel();
    for at in 0..SITES * OF_EACH {
        let site = format!("{:03}", 300 + at % SITES);
        let (tell, vault) = (tell.clone(), vault.clone());
        let enrol = Enrol { study: STUDY.into(), site, subject: None };
        record.execute_then(&system, enrol, move |done| {
            let subject = done.unwrap();
            let tell = tell.clone();
            vault.randomise_then(&Caller::system(), (STUDY, &subject), Proof::system(), move |done| {
                drop(tell.send(done.unwrap()));
            });
        });
        // No more than the writer lets wait: its own thread must not wait for itself.
        if at % 200 == 199 {
            assert_eq!(told.iter().take(200).count(), 200);
        }
    }
    for turn in ["first, every kit opened", "then"] {
        let begin = Instant::now();
        let proposals = vault.resupply(&system, STUDY, "D").unwrap();
        let took = begin.elapsed().as_secs_f64();
        let kits: usize = proposals.iter().map(|p| p.kits.len()).sum();
        println!("forecast for {SITES} sites, {} subjects, {turn}: {took:.2} s, {kits} kits to send", SITES * OF_EACH);
    }
    drop((vault, record));
    let _ = std::fs::remove_dir_all(&folder);
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
    let factor = if scheme.contains(FACTOR) { "factor = [{ name = \"site\", from = \"SITE\" }]" } else { "" };
    let setup = format!("number = \"R{{number:5}}\"\n{factor}");
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
