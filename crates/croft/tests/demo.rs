//! `croft demo`: recorded through the interface, locked, built; the same each time, and the same as the simulated study it plays.

#![allow(clippy::unwrap_used, reason = "tests panic with a sentence")]

use croft_ledger::{ManualClock, Place};
use croft_record::capture::read::MatrixFilter;
use croft_record::query::Status;
use croft_record::query::read::Filter;
use croft_record::supply::{KitState, accounts};
use croft_record::{Caller, Record};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

fn croft(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_croft")).args(args).output().unwrap()
}

fn out(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("demo").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    folder
}

/// Address, text, value, unit and missing reason of each recorded value: all but the number of its event.
fn values(study: &Path) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(study.join("data/values.csv")).unwrap();
    let mut lines = csv::Reader::from_reader(text.as_bytes());
    let event = lines.headers().unwrap().iter().position(|name| name == "event").unwrap();
    let cells = |line: csv::StringRecord| {
        line.iter().enumerate().filter(|(n, _)| *n != event).map(|(_, c)| c.to_owned()).collect()
    };
    lines.records().map(|line| cells(line.unwrap())).collect()
}

fn record(home: &Path) -> Record {
    // 2026-07-06T08:00:00Z: the Monday after.
    Record::open(
        Place::Sqlite(home.join("croft.db")),
        &home.join("keys"),
        Arc::new(ManualClock::new(1_783_324_800_000)),
    )
    .unwrap()
}

/// What the vault drew, and how it sealed it, is another in each demonstration: sealed events go without their content, kit numbers without their digits.
fn without_secrets(kind: &str, payload: String) -> String {
    if matches!(kind, "vault.keyed/1" | "scheme.sealed/1" | "subject.randomised/1" | "kits.registered/1") {
        return String::new();
    }
    let is_kit = |part: &&str| part.len() == 7 && part.bytes().all(|b| b.is_ascii_digit());
    payload
        .split('"')
        .map(|part| Some(part).filter(|part| !is_kit(part)).unwrap_or("kit"))
        .collect::<Vec<_>>()
        .join("\"")
}

/// Kind, time, who, why and what of each event of a study.
fn events(record: &Record, study: &str) -> Vec<(String, i64, String, String, String)> {
    let told = |e: croft_ledger::Event| {
        let payload = without_secrets(&e.kind, e.payload);
        (e.kind, e.time_ms, e.actor, e.reason, payload)
    };
    record.view(&Caller::system(), |r| r.feed(study, false, 0, usize::MAX)).unwrap().into_iter().map(told).collect()
}

/// The Phase II study is as far as its calendar lets it be, and open.
fn is_at_work(record: &Record) {
    let system = Caller::system();
    let study = record.view(&system, |r| r.study("CRB204")).unwrap();
    assert!(!study.is_locked());
    let filter = MatrixFilter { limit: 100, ..MatrixFilter::default() };
    let subjects = record.view(&system, |r| r.matrix("CRB204", &filter)).unwrap();
    assert_eq!(subjects.len(), 24);
    for site in ["101-", "201-", "301-"] {
        assert_eq!(subjects.iter().filter(|s| s.id.starts_with(site)).count(), 8, "{site}");
    }
    let queries = record.view(&system, |r| r.queries("CRB204", &Filter { limit: 1000, ..Filter::default() })).unwrap();
    let mut by_status: BTreeMap<&str, usize> = BTreeMap::new();
    for query in &queries {
        *by_status.entry(query.status.word()).or_default() += 1;
    }
    for status in [Status::Open, Status::Answered, Status::Closed] {
        assert!(by_status.get(status.word()).is_some_and(|n| *n > 1), "{by_status:?}");
    }
    let asked: Vec<&str> = queries.iter().map(|q| q.check.as_str()).collect();
    for check in
        ["LB_K_RANGE", "LB_CREAT_UNIT", "VS_IN_WINDOW", "AE_MEDICATION", "AE_RECOVERED_WITHOUT_END", "CM_FORBIDDEN", ""]
    {
        assert!(asked.contains(&check), "nothing asked {check}: {asked:?}");
    }
    let obstacles = record.view(&system, |r| r.obstacles("CRB204")).unwrap().counts();
    assert!(obstacles.contains_key("form not signed") && obstacles.contains_key("items not verified"), "{obstacles:?}");
}

/// The Phase II study is randomised and supplied: every deed has been done, and no kit is unaccounted for.
fn is_supplied(record: &Record) {
    let system = Caller::system();
    let (randomised, kits, shipments, breaks) = record
        .view(&system, |r| {
            Ok((r.randomised("CRB204")?, r.kits("CRB204")?, r.shipments("CRB204")?, r.code_breaks("CRB204")?))
        })
        .unwrap();
    assert_eq!(randomised.len(), 23, "one of 24 was not eligible");
    let states: BTreeSet<KitState> = kits.iter().map(|kit| kit.state).collect();
    let all: BTreeSet<KitState> = KitState::ALL.into_iter().collect();
    assert_eq!(states, all, "each state has its kits");
    assert!(accounts(&kits).values().all(|account| account.balance() == 0));
    assert!(shipments.iter().any(|s| s.excursion) && shipments.iter().any(|s| s.received_ms.is_none()));
    assert_eq!(breaks.len(), 1);
    // What the site wrote down is what the vault gave.
    let written = record
        .view(&system, |r| r.feed("CRB204", false, 0, usize::MAX))
        .unwrap()
        .into_iter()
        .filter(|event| event.kind == "form.saved/1" && event.payload.contains("EXKIT"));
    let given = kits.iter().filter(|kit| kit.visit.is_some());
    assert_eq!(written.count(), given.count());
}

#[test]
fn the_study_is_recorded_by_its_staff_locked_and_built_the_same_each_time() {
    let (one, two, simulated) = (folder("one"), folder("two"), folder("simulated"));
    let told = out(&croft(&["demo", one.to_str().unwrap(), "--once"]));
    assert!(told.contains("verdict  bioequivalent") && told.contains("nora.sarin"), "{told}");
    out(&croft(&["demo", two.to_str().unwrap(), "--once"]));
    out(&croft(&["new", "be-2x2", simulated.to_str().unwrap()]));
    let study = one.join("studies/CRB101");
    let recorded = values(&study);
    assert!(recorded.len() > 5_000, "{}", recorded.len());
    assert_eq!(recorded, values(&simulated), "what was typed is what the simulator knows");
    for file in ["data/values.csv", "data/audit.csv", "out/package/m5/datasets/crb101/analysis/adam/datasets/adpp.xpt"]
    {
        let read = |root: &Path| std::fs::read(root.join("studies/CRB101").join(file)).unwrap();
        assert!(read(&one) == read(&two), "{file} differs between two demonstrations");
    }
    let verified: Value =
        serde_json::from_str(&out(&croft(&["audit", "verify", one.to_str().unwrap(), "--json"]))).unwrap();
    assert_eq!(verified["report"]["faults"].as_array().map(Vec::len), Some(0), "{verified}");
    out(&croft(&["verify", study.to_str().unwrap()]));

    {
        let (one, two) = (record(&one), record(&two));
        is_at_work(&one);
        is_supplied(&one);
        for study in ["CRB101", "CRB204"] {
            assert!(
                events(&one, study) == events(&two, study),
                "the events of {study} differ between two demonstrations"
            );
        }
    }

    // A number of a display leads to the event, who made it, when, and what was before.
    let cells = out(&croft(&["trace", study.to_str().unwrap(), "bioequivalence"]));
    let cell = cells
        .lines()
        .filter_map(|line| line.split('\t').next())
        .find(|cell| cell.starts_with("Cmax") && cell.contains("90% CI"))
        .unwrap();
    let traced = out(&croft(&["trace", study.to_str().unwrap(), "bioequivalence", cell, "--values"]));
    assert!(traced.contains("Lena Brandt") && traced.contains("440"), "{traced}");

    let refused = croft(&["demo", one.to_str().unwrap(), "--once"]);
    assert_eq!(refused.status.code(), Some(2), "a folder in use is left alone");
}
