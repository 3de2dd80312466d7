//! Killed at random moments while it writes, a record loses nothing that it has acknowledged.
//!
//! A child process writes from four threads and tells each acknowledgement; the parent kills it (SIGKILL) after a drawn time, opens the record again
//! and asks: is every acknowledged event there, does every hash and link hold, is the state what a rebuild makes? `CROFT_TORTURE_KILLS` is how often (20
//! unless told otherwise), `CROFT_TORTURE_SEED` what is drawn; `cargo xtask torture` sets both. On PostgreSQL the server is killed too, each fourth time.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and measures its own patience"
)]

mod last;

use croft_ledger::*;
use last::{Last, folder, open};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

const CHAIN: &str = "S1";
const WRITERS: u64 = 4;

fn event(stream: String, payload: String) -> NewEvent {
    NewEvent {
        chain: CHAIN.into(),
        stream,
        kind: "written/1".into(),
        payload,
        actor: "ada".into(),
        on_behalf: String::new(),
        reason: String::new(),
        session: "s".into(),
        offset_min: 0,
    }
}

/// The child: writes until it is killed. Does nothing when it is run as a test.
#[test]
fn child() {
    let (Ok(place), Ok(folder)) = (std::env::var("CROFT_TORTURE_PLACE"), std::env::var("CROFT_TORTURE_FOLDER")) else {
        return;
    };
    let run: u64 = std::env::var("CROFT_TORTURE_RUN").unwrap().parse().unwrap();
    let ledger = open(&Place::parse(&place), Path::new(&folder)).unwrap();
    std::thread::scope(|threads| {
        for writer in 0..WRITERS {
            let ledger = ledger.clone();
            threads.spawn(move || {
                for n in 0_u64.. {
                    let (stream, payload) = (format!("w{writer}"), format!("{{\"run\":{run},\"n\":{n}}}"));
                    let (s, p) = (stream.clone(), payload.clone());
                    let done: Result<(), LedgerError> = ledger.write(move |tx| tx.append(event(s, p)).map(|_| ()));
                    // The server may be killed before this process is: then nothing more is acknowledged.
                    if done.is_err() {
                        return;
                    }
                    let mut out = std::io::stdout().lock();
                    let _ = writeln!(out, "ack {stream} {payload}");
                    let _ = out.flush();
                }
            });
        }
    });
}

/// A small generator of its own: what is drawn is a delay.
struct Draw(u64);

impl Draw {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// Lets a child write and kills it; what it had acknowledged.
fn killed(place: &str, folder: &Path, run: u64, after: Duration, before_kill: impl FnOnce()) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["child", "--exact", "--nocapture"])
        .env("CROFT_TORTURE_PLACE", place)
        .env("CROFT_TORTURE_FOLDER", folder)
        .env("CROFT_TORTURE_RUN", run.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let (tell, told) = channel();
    let out = child.stdout.take().unwrap();
    let reader = std::thread::spawn(move || {
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            // The harness writes its own words before the first line of ours.
            if let Some(at) = line.find("ack ") {
                let _ = tell.send(line[at + 4..].to_owned());
            }
        }
    });
    let mut acknowledged = Vec::new();
    let end = Instant::now() + after;
    while let Ok(line) = told.recv_timeout(end.saturating_duration_since(Instant::now())) {
        acknowledged.push(line);
    }
    before_kill();
    let _ = child.kill();
    child.wait().unwrap();
    reader.join().unwrap();
    // What stood in the pipe was acknowledged as well; a line that was cut off was not read by anybody.
    acknowledged.extend(told.try_iter());
    acknowledged.retain(|line| line.ends_with('}'));
    acknowledged
}

/// A database server takes a moment to notice that its client is gone, and to give back the writer's lease.
fn patiently(mut open: impl FnMut() -> Result<Ledger, LedgerError>) -> Result<Ledger, LedgerError> {
    let end = Instant::now() + Duration::from_secs(10);
    loop {
        match open() {
            Err(LedgerError::Held { .. }) if Instant::now() < end => std::thread::sleep(Duration::from_millis(20)),
            done => return done,
        }
    }
}

fn torture(name: &str, place: &str, folder: &Path, mut server: impl FnMut(bool)) {
    let kills = number("CROFT_TORTURE_KILLS", 20);
    let mut draw = Draw(number("CROFT_TORTURE_SEED", 20_260_316));
    let mut all: BTreeSet<String> = BTreeSet::new();
    let address = Place::parse(place);
    for run in 0..kills {
        let after = Duration::from_millis(5 + draw.below(300));
        let with_server = run % 4 == 3;
        let acknowledged = killed(place, folder, run, after, || {
            if with_server {
                server(false);
            }
        });
        if with_server {
            server(true);
        }
        all.extend(acknowledged);
        // Opening mends what a kill leaves; nothing else may.
        let ledger =
            patiently(|| open(&address, folder)).unwrap_or_else(|e| panic!("after kill {run}: {e}: {}", e.hint()));
        let mut there = BTreeSet::new();
        let read: Result<(), LedgerError> = ledger.read(|view| {
            view.events(CHAIN, 0, &mut |event| {
                there.insert(format!("{} {}", event.stream, event.payload));
                ControlFlow::Continue(())
            })
        });
        read.unwrap();
        let lost: Vec<_> = all.difference(&there).take(3).collect();
        assert!(lost.is_empty(), "kill {run} lost what was acknowledged: {lost:?}");
        drop(ledger);
        let report = verify(&address, &folder.join("keys"), Some(&Last)).unwrap();
        assert!(report.is_whole() && report.state_compared, "kill {run}: {:?}", report.faults);
    }
    assert!(kills == 0 || !all.is_empty(), "nothing was written before the kills");
    println!(
        "{name}: {kills} kills, {} acknowledged events, none lost, every chain whole, every state as rebuilt",
        all.len()
    );
}

#[test]
fn sqlite_loses_nothing_that_it_acknowledged() {
    let folder = folder("torture-sqlite");
    torture("sqlite", folder.join("croft.db").to_str().unwrap(), &folder, |_| {});
    let _ = std::fs::remove_dir_all(&folder);
}

#[test]
#[cfg(unix)]
fn postgresql_loses_nothing_that_it_acknowledged() {
    let Some(cluster) = croft_testkit::postgres::Cluster::start("torture") else { return };
    let folder = folder("torture-postgres");
    torture("postgresql", &cluster.address(), &folder, |up| if up { cluster.up() } else { cluster.kill() });
    let _ = std::fs::remove_dir_all(&folder);
}
