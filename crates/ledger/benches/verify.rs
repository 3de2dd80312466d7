//! How fast is a record proved? Verification of saves of 20 items each, as `croft audit verify` does it, without the comparison of the state.
//!
//! A plain program that prints a figure: `cargo bench -p croft-ledger --bench verify`.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a bench fails by panicking, and takes the time")]

use croft_ledger::*;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

const EVENTS: usize = 50_000;
const ITEMS: usize = 20;

/// Keeps no state.
struct Nothing;

impl Projector for Nothing {
    fn version(&self) -> u32 {
        1
    }

    fn spaces(&self) -> Vec<Space> {
        Vec::new()
    }

    fn apply(&self, _event: &Event, _state: &mut dyn State) -> Result<(), ProjectError> {
        Ok(())
    }
}

fn main() {
    // `cargo test` calls benches to see that they start.
    if std::env::args().any(|a| a == "--test") {
        return;
    }
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("verify-bench-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let place = Place::Sqlite(folder.join("croft.db"));
    let keys = folder.join("keys");
    let (clock, projector) = (Arc::new(SystemClock), Arc::new(Nothing));
    let ledger = Ledger::open(Options { place: place.clone(), keys: keys.clone(), clock, projector }).unwrap();
    let change = |n: usize| {
        format!(
            r#"{{"group":"vital_signs","row":1,"item":"ITEM{n}","text":"12{n}.5","value":"12{n}.5","unit":"mmHg"}}"#
        )
    };
    let changes: Vec<String> = (0..ITEMS).map(change).collect();
    let payload = format!(r#"{{"study":"LOAD","subject":"101-0001","changes":[{}]}}"#, changes.join(","));
    for _ in 0..EVENTS / 500 {
        let payload = payload.clone();
        let written: Result<(), LedgerError> =
            ledger.write(move |tx| (0..500).try_for_each(|_| tx.append(event(&payload)).map(|_| ())));
        written.unwrap();
    }
    drop(ledger);
    for _ in 0..3 {
        let started = Instant::now();
        let report = verify(&place, &keys, None).unwrap();
        assert!(report.is_whole());
        let seconds = started.elapsed().as_secs_f64();
        let (events, items) = (EVENTS as f64 / seconds, (EVENTS * ITEMS) as f64 / seconds / 1e6);
        println!("verify: {events:.0} events/s, {items:.2} million item changes/s");
    }
    let _ = std::fs::remove_dir_all(&folder);
}

fn event(payload: &str) -> NewEvent {
    NewEvent {
        chain: "LOAD".into(),
        stream: "101-0001".into(),
        kind: "form.saved/1".into(),
        payload: payload.to_owned(),
        actor: "nora".into(),
        on_behalf: String::new(),
        reason: String::new(),
        session: "s".into(),
        offset_min: 60,
    }
}
