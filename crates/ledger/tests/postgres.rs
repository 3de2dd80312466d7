//! The ledger on PostgreSQL: what holds on SQLite holds here, and a lost connection loses nothing.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test fails by panicking, and waits for a server")]
#![cfg(unix)]

mod last;

use croft_ledger::*;
use croft_testkit::postgres::Cluster;
use last::{Last, folder};
use std::path::Path;
use std::time::{Duration, Instant};

fn open(cluster: &Cluster, folder: &Path) -> Result<Ledger, LedgerError> {
    last::open(&Place::parse(&cluster.address()), folder)
}

/// A server gives the lease back a moment after its holder has gone.
fn reopened(cluster: &Cluster, folder: &Path) -> Ledger {
    let end = Instant::now() + Duration::from_secs(10);
    loop {
        match open(cluster, folder) {
            Err(LedgerError::Held { .. }) if Instant::now() < end => std::thread::sleep(Duration::from_millis(20)),
            done => return done.unwrap(),
        }
    }
}

fn note(ledger: &Ledger, stream: &str, kind: &str) -> Result<u64, LedgerError> {
    let event = NewEvent {
        chain: "S1".into(),
        stream: stream.into(),
        kind: kind.into(),
        payload: "{\"a\":1}".into(),
        actor: "ada".into(),
        on_behalf: String::new(),
        reason: "first".into(),
        session: "s".into(),
        offset_min: 60,
    };
    ledger.write(move |tx| tx.append(event).map(|e| e.seq))
}

fn report(cluster: &Cluster, folder: &Path) -> Report {
    verify(&Place::parse(&cluster.address()), &folder.join("keys"), Some(&Last)).unwrap()
}

#[test]
fn what_holds_on_sqlite_holds_on_postgresql() {
    let Some(cluster) = Cluster::start("record") else { return };
    let folder = folder("pg-record");
    let ledger = open(&cluster, &folder).unwrap();
    assert_eq!(note(&ledger, "a", "x/1").unwrap(), 1);
    assert!(note(&ledger, "a", "refused/1").is_err(), "a projector that fails leaves nothing");
    std::thread::scope(|threads| {
        for n in 0..4 {
            let ledger = &ledger;
            threads.spawn(move || {
                for _ in 0..25 {
                    note(ledger, &format!("t{n}"), "x/1").unwrap();
                }
            });
        }
    });
    assert!(matches!(open(&cluster, &folder), Err(LedgerError::Held { .. })), "a second writer");
    drop(ledger);
    let ledger = reopened(&cluster, &folder);
    let mut numbers = Vec::new();
    let read: Result<(), LedgerError> = ledger.read(|view| {
        view.events("S1", 0, &mut |event| {
            numbers.push(event.seq);
            std::ops::ControlFlow::Continue(())
        })
    });
    read.unwrap();
    assert_eq!(numbers, (1..=101).collect::<Vec<u64>>(), "numbers without gaps");
    let whole = report(&cluster, &folder);
    assert!(whole.is_whole() && whole.state_compared, "{:?}", whole.faults);

    // A copy goes to a file of SQLite, and from there anywhere.
    let copy = folder.join("copy.db");
    backup(&Place::parse(&cluster.address()), &copy).unwrap();
    assert!(verify(&Place::Sqlite(copy.clone()), &folder.join("keys"), Some(&Last)).unwrap().is_whole());
    let second = Cluster::start("restored").unwrap();
    restore(&copy, &Place::parse(&second.address())).unwrap();
    assert!(report(&second, &folder).is_whole(), "{:?}", report(&second, &folder).faults);

    let mut client = postgres::Client::connect(&cluster.address(), postgres::NoTls).unwrap();
    for sql in ["UPDATE event SET reason = 'x'", "DELETE FROM event", "TRUNCATE event"] {
        assert!(
            client.batch_execute(sql).unwrap_err().as_db_error().unwrap().message().contains("events are never"),
            "{sql}"
        );
    }
    client
        .batch_execute("ALTER TABLE event DISABLE TRIGGER ALL; UPDATE event SET actor = 'eve' WHERE seq = 7")
        .unwrap();
    let found = report(&cluster, &folder);
    assert_eq!(found.faults.first().map(|f| (f.seq, f.kind)), Some((7, FaultKind::Changed)));
    drop(ledger);
    let _ = std::fs::remove_dir_all(&folder);
}

#[test]
fn a_lost_connection_is_told_and_the_ledger_goes_on() {
    let Some(cluster) = Cluster::start("lost") else { return };
    let folder = folder("pg-lost");
    let ledger = open(&cluster, &folder).unwrap();
    note(&ledger, "a", "x/1").unwrap();
    let mut client = postgres::Client::connect(&cluster.address(), postgres::NoTls).unwrap();
    client.batch_execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'").unwrap();
    let error = note(&ledger, "b", "x/1").unwrap_err();
    assert!(matches!(error, LedgerError::ConnectionLost { .. }), "{error}");
    assert!(!error.hint().is_empty());
    // It connects again by itself.
    let end = Instant::now() + Duration::from_secs(10);
    while note(&ledger, "c", "x/1").is_err() {
        assert!(Instant::now() < end, "the ledger does not come back");
        std::thread::sleep(Duration::from_millis(50));
    }
    // And once more when the whole server was away.
    cluster.kill();
    assert!(note(&ledger, "d", "x/1").is_err());
    cluster.up();
    let end = Instant::now() + Duration::from_secs(20);
    while note(&ledger, "e", "x/1").is_err() {
        assert!(Instant::now() < end, "the ledger does not come back after the server");
        std::thread::sleep(Duration::from_millis(50));
    }
    drop(ledger);
    let whole = report(&cluster, &folder);
    assert!(whole.is_whole(), "{:?}", whole.faults);
    let _ = std::fs::remove_dir_all(&folder);
}
