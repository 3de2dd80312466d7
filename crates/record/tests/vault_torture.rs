//! 64 clients randomise on one stratified list, and the program is killed while they do: no place of a list is given twice, none is left out.
//!
//! A child process randomises and tells each number that it was given; the parent kills it (SIGKILL) after a drawn time, `CROFT_TORTURE_KILLS` times (20
//! unless told otherwise), then lets it end. What the record holds is then held against the list that scheme and seed make, and against what was told.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and measures its own patience"
)]

mod vault_scene;

use croft_ledger::{Place as Where, SystemClock};
use croft_record::access::Proof;
use croft_record::capture::Enrol;
use croft_record::study::{CreateStudy, OpenSite, Publish};
use croft_record::vault::{MasterKeys, NewScheme, Vault};
use croft_record::{Caller, Record};
use croft_trial::randomisation::{Length, List, Randomisation, Scheme, Seed};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};
use vault_scene::{STUDY, definition};

const CLIENTS: usize = 64;
const SUBJECTS: usize = 10_000;
const SITES: [&str; 2] = ["101", "102"];

const SCHEME: &str = r#"
study = "any"
arms = [{ code = "VERUM" }, { code = "PLACEBO" }]
factors = [{ name = "site", levels = ["101", "102"] }]
design = { kind = "random_block", lengths = [2, 4, 6] }
"#;

fn open(folder: &Path) -> (Record, Vault) {
    let place = Where::Sqlite(folder.join("croft.db"));
    let record = Record::open(place, &folder.join("keys"), Arc::new(SystemClock)).unwrap();
    let vault = Vault::new(&record, MasterKeys::in_folder(&folder.join("keys/vault")).unwrap());
    (record, vault)
}

/// The child: randomises what is not randomised yet, until it is killed or done. Does nothing when it is run as a test.
#[test]
fn child() {
    let Ok(folder) = std::env::var("CROFT_TORTURE_FOLDER") else { return };
    let (record, vault) = open(Path::new(&folder));
    let system = Caller::system();
    let done: Vec<String> =
        record.view(&system, |r| r.randomised(STUDY)).unwrap().into_iter().map(|r| r.subject).collect();
    let left: Vec<String> = subjects().into_iter().filter(|s| done.binary_search(s).is_err()).collect();
    let left = &left;
    std::thread::scope(|threads| {
        for client in 0..CLIENTS {
            let vault = vault.clone();
            threads.spawn(move || {
                for subject in left.iter().skip(client).step_by(CLIENTS) {
                    if let Ok(given) = vault.randomise(&Caller::system(), STUDY, subject, Proof::system()) {
                        let mut out = std::io::stdout().lock();
                        let _ = writeln!(out, "ack {subject} {}.", given.number);
                        let _ = out.flush();
                    }
                }
            });
        }
    });
    println!("ack all done.");
}

fn subjects() -> Vec<String> {
    let mut all: Vec<String> = (0..SUBJECTS).map(|at| format!("{}-{:05}", SITES[at % 2], at / 2 + 1)).collect();
    all.sort();
    all
}

/// A study with its subjects enrolled and its scheme sealed.
fn prepare(folder: &Path) {
    let (record, vault) = open(folder);
    let system = Caller::system();
    record.execute(&system, CreateStudy { id: STUDY.into(), title: "A study".into() }).unwrap();
    let note = "first".to_owned();
    let publish = Publish { study: STUDY.into(), files: definition(), note, signature: Proof::system() };
    record.execute(&system, publish).unwrap();
    for site in SITES {
        let (site, name, country) = (site.to_owned(), "Clinic".to_owned(), "GBR".to_owned());
        record.execute(&system, OpenSite { study: STUDY.into(), site, name, country }).unwrap();
    }
    let (tell, told) = channel();
    for subject in subjects() {
        let enrol = Enrol { study: STUDY.into(), site: subject[..3].to_owned(), subject: None };
        let tell = tell.clone();
        record.execute_then(&system, enrol, move |done| drop(tell.send(done.unwrap())));
    }
    assert_eq!(told.iter().take(SUBJECTS).count(), SUBJECTS);
    let setup = "number = \"R{number:5}\"\nfactor = [{ name = \"site\", from = \"SITE\" }]".to_owned();
    let (scheme, note) = (SCHEME.to_owned(), String::new());
    let new = NewScheme { study: STUDY.into(), scheme, setup, note, signature: Proof::system() };
    vault.seal_scheme(&system, new).unwrap();
}

/// Lets a child work, and kills it after this time unless it ends before; what it told, and whether it was done.
fn run(folder: &Path, after: Option<Duration>) -> (Vec<String>, bool) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["child", "--exact", "--nocapture"])
        .env("CROFT_TORTURE_FOLDER", folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let (tell, told) = channel();
    let out = child.stdout.take().unwrap();
    let reader = std::thread::spawn(move || {
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            if let Some(at) = line.find("ack ") {
                let _ = tell.send(line[at + 4..].to_owned());
            }
        }
    });
    let mut lines = Vec::new();
    // The time counts from the first number, so that a slow start is not all that is killed.
    lines.extend(told.recv_timeout(Duration::from_secs(120)).ok());
    let end = after.map(|after| Instant::now() + after);
    loop {
        let patience = end.map_or(Duration::from_secs(300), |end| end.saturating_duration_since(Instant::now()));
        match told.recv_timeout(patience) {
            Ok(line) => lines.push(line),
            Err(_) => break,
        }
    }
    let _ = child.kill();
    child.wait().unwrap();
    reader.join().unwrap();
    lines.extend(told.try_iter());
    lines.retain(|line| line.ends_with('.'));
    let done = lines.iter().any(|line| line == "all done.");
    lines.retain(|line| line != "all done.");
    (lines, done)
}

#[test]
fn no_place_is_given_twice_and_none_is_left_out() {
    let folder: PathBuf = std::env::temp_dir().join(format!("croft-vault-torture-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    prepare(&folder);
    let kills = std::env::var("CROFT_TORTURE_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(20_u64);
    let mut told: BTreeMap<String, String> = BTreeMap::new();
    let mut draw = 7_u64;
    for kill in 0..=kills {
        draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let after = (kill < kills).then(|| Duration::from_millis((draw >> 33) % 120));
        let (lines, done) = run(&folder, after);
        for line in lines {
            let (subject, number) = line.trim_end_matches('.').split_once(' ').unwrap();
            let before = told.insert(subject.to_owned(), number.to_owned());
            assert!(before.is_none(), "{subject} was given two numbers");
        }
        if done {
            break;
        }
    }
    let (_record, vault) = open(&folder);
    let codes = vault.codes(&Caller::system(), STUDY, "test", Proof::system()).unwrap();
    assert_eq!(codes.codes.len(), SUBJECTS, "every subject is randomised");
    let orders: Vec<u32> = codes.codes.iter().map(|code| code.order).collect();
    assert_eq!(orders, (1..=SUBJECTS as u32).collect::<Vec<_>>(), "the order has no gap and nothing twice");
    for code in &codes.codes {
        assert_eq!(code.number, format!("R{:05}", code.order));
        if let Some(number) = told.get(&code.subject) {
            assert_eq!(*number, code.number, "what was told is what is recorded");
        }
    }
    let (_, secret) = &codes.schemes[0];
    let randomisation = Randomisation::new(Scheme::from_toml(&secret.scheme).unwrap()).unwrap();
    let length = Length::Exactly(SUBJECTS as u32);
    let list = List::make(&randomisation, &Seed::from_hex(&secret.seed).unwrap(), length).unwrap();
    for site in SITES {
        let given: Vec<&str> = codes.codes.iter().filter(|c| c.levels == [site]).map(|c| c.arm.as_str()).collect();
        let listed: Vec<&str> = list.slots.iter().filter(|s| s.stratum == site).map(|s| s.arm.as_str()).collect();
        assert_eq!(given.len(), SUBJECTS / 2);
        assert!(given[..] == listed[..given.len()], "the list of {site} is given place by place");
    }
    assert!(told.len() > SUBJECTS / 2, "most numbers were told: {}", told.len());
    let _ = std::fs::remove_dir_all(&folder);
}
