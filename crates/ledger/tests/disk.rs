//! A disk that is full, and a copy that is made while people write.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and measures its own patience"
)]
#![cfg(unix)]

mod last;

use croft_ledger::*;
use last::{Last, folder, open};
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

fn note(ledger: &Ledger, payload: String) -> Result<u64, LedgerError> {
    let event = NewEvent {
        chain: "S1".into(),
        stream: "s".into(),
        kind: "noted/1".into(),
        payload,
        actor: "ada".into(),
        ..NewEvent::default()
    };
    ledger.write(move |tx| tx.append(event).map(|e| e.seq))
}

fn numbers(ledger: &Ledger) -> BTreeSet<u64> {
    let mut all = BTreeSet::new();
    let read: Result<(), LedgerError> = ledger.read(|view| {
        view.events("S1", 0, &mut |event| {
            all.insert(event.seq);
            ControlFlow::Continue(())
        })
    });
    read.unwrap();
    all
}

/// Within a file system of 3 MiB. Does nothing when it is run as a test.
#[test]
fn on_a_small_disk() {
    let Ok(small) = std::env::var("CROFT_SMALL_DISK") else { return };
    let folder = PathBuf::from(small);
    let place = Place::Sqlite(folder.join("croft.db"));
    let ballast = folder.join("ballast");
    std::fs::write(&ballast, vec![1; 512 * 1024]).unwrap();
    let ledger = open(&place, &folder).unwrap();
    let mut acknowledged = BTreeSet::new();
    let refused = loop {
        match note(&ledger, format!("{{\"a\":\"{}\"}}", "x".repeat(10_000))) {
            Ok(seq) => assert!(acknowledged.insert(seq)),
            Err(error) => break error,
        }
        assert!(acknowledged.len() < 1_000, "10 MB went onto a disk of 3");
    };
    assert_eq!(refused, LedgerError::DiskFull);
    assert_eq!(refused.hint(), "free space on the disk, then save again");
    assert_eq!(note(&ledger, "{}".repeat(4_000)).unwrap_err(), LedgerError::DiskFull, "it stays so");
    assert_eq!(numbers(&ledger), acknowledged, "what was acknowledged is there, and what was refused is not");
    // Somebody makes room: the same ledger goes on, without being opened again.
    std::fs::remove_file(&ballast).unwrap();
    acknowledged.insert(note(&ledger, "{\"a\":1}".into()).unwrap());
    assert_eq!(numbers(&ledger), acknowledged);
    drop(ledger);
    let ledger = open(&place, &folder).unwrap();
    acknowledged.insert(note(&ledger, "{\"a\":2}".into()).unwrap());
    assert_eq!(numbers(&ledger), acknowledged);
    drop(ledger);
    let report = verify(&place, &folder.join("keys"), Some(&Last)).unwrap();
    assert!(report.is_whole() && report.state_compared, "{:?}", report.faults);
    println!("{} events on a full disk", acknowledged.len());
}

#[test]
fn a_full_disk_is_told_and_loses_nothing() {
    // A file system of its own in a name space of its own: no rights are needed where the system lets users have such.
    let folder = folder("disk-full");
    let script = r#"mount -t tmpfs -o size=3m croft "$1" && CROFT_SMALL_DISK="$1" exec "$2" on_a_small_disk --exact --nocapture"#;
    let output = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", script, "sh"])
        .arg(&folder)
        .arg(std::env::current_exe().unwrap())
        .output()
        .unwrap();
    let (out, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if error.contains("unshare failed") || error.contains("mount:") {
        eprintln!("skipped: this system gives no file system to a test: {error}");
        return;
    }
    assert!(output.status.success() && out.contains("events on a full disk"), "{out}\n{error}");
    let _ = std::fs::remove_dir_all(&folder);
}

/// Copies a record while four people write, five times; each copy is whole, has all that was acknowledged before it was begun, and can be put back.
fn copied_under_load(place: &Place, folder: &Path) {
    let ledger = open(place, folder).unwrap();
    note(&ledger, "{}".into()).unwrap();
    let (stop, newest) = (AtomicBool::new(false), AtomicU64::new(1));
    let copies = Mutex::new(Vec::new());
    std::thread::scope(|threads| {
        for _ in 0..4 {
            threads.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    newest.fetch_max(note(&ledger, "{\"a\":1}".into()).unwrap(), Ordering::Relaxed);
                }
            });
        }
        for n in 0..5 {
            let begin = newest.load(Ordering::Relaxed);
            let end = Instant::now() + Duration::from_secs(30);
            while newest.load(Ordering::Relaxed) < begin + 40 && Instant::now() < end {
                std::thread::yield_now();
            }
            let (copy, before) = (folder.join(format!("copy-{n}.db")), newest.load(Ordering::Relaxed));
            backup(place, &copy).unwrap();
            copies.lock().unwrap().push((copy, before));
        }
        stop.store(true, Ordering::Relaxed);
    });
    let last = newest.load(Ordering::Relaxed);
    drop(ledger);
    // A copy is older than the anchors beside the record: it is verified by itself, with the record's public key.
    let keys = folder.join("keys");
    std::fs::rename(keys.join("anchors.jsonl"), folder.join("anchors.jsonl")).unwrap();
    for (copy, before) in copies.into_inner().unwrap() {
        let back = Place::Sqlite(copy.with_extension("back.db"));
        restore(&copy, &back).unwrap();
        for place in [Place::Sqlite(copy), back] {
            let report = verify(&place, &keys, Some(&Last)).unwrap();
            assert!(report.is_whole() && report.state_compared, "{:?}", report.faults);
            assert!((before..=last).contains(&report.events()), "{before} ≤ {} ≤ {last}", report.events());
        }
    }
    let _ = std::fs::remove_dir_all(folder);
}

#[test]
fn a_copy_made_under_load_is_whole_on_sqlite() {
    let folder = folder("disk-sqlite");
    copied_under_load(&Place::Sqlite(folder.join("croft.db")), &folder);
}

#[test]
fn a_copy_made_under_load_is_whole_on_postgresql() {
    let Some(cluster) = croft_testkit::postgres::Cluster::start("copied") else { return };
    copied_under_load(&Place::parse(&cluster.address()), &folder("disk-postgres"));
}
