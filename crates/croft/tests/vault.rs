//! `croft vault` through the built binary: sealed, randomised, broken, read, and kept.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod vault_house;

use std::io::Write as _;
use std::process::{Command, Stdio};
use vault_house::{PASSWORD, STUDY, croft, prepare};

const PHRASE: &str = "nine grey herons at the weir";

/// What a command said on both streams; it must end with this code.
fn said(arguments: &[&str], input: &str, code: i32) -> String {
    let output = croft(arguments, input);
    let told = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {told}");
    told
}

/// The arguments of a subcommand on the study, as somebody.
fn on<'a>(what: &'a str, dir: &'a str, by: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["vault", what, dir, "--study", STUDY, "--by", by], more].concat()
}

#[test]
fn the_vault_at_work() {
    let (folder, subjects) = prepare("work");
    let dir = folder.to_str().unwrap();
    let file = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (scheme, setup) = (file("scheme.toml"), file("setup.toml"));
    let password = format!("{PASSWORD}\n");
    let with_phrase = format!("{PASSWORD}\n\n{PHRASE}\n");
    let seal = ["--scheme", &scheme, "--setup", &setup];
    assert!(said(&on("seal", dir, "inv", &seal), &password, 2).contains("may not seal a randomisation scheme"));
    assert!(said(&on("seal", dir, "stat", &seal), "wrong\n", 2).contains("do not fit together"));
    assert!(said(&on("seal", dir, "stat", &seal), &password, 0).contains("scheme 1 of CRV301 is sealed"));
    let mut blinded = String::new();
    for subject in &subjects {
        blinded += &said(&on("randomise", dir, "inv", &[subject]), &password, 0);
    }
    blinded += &said(&on("randomise", dir, "inv", &[&subjects[0]]), &password, 2);
    assert!(blinded.contains("R0004") && blinded.contains("randomised already: R0001"), "{blinded}");
    let codes = file("codes.csv");
    let read = ["--for", "a check", "--out", &codes];
    blinded += &said(&on("codes", dir, "inv", &read), &password, 2);
    for word in ["VERUM", "PLACEBO", "block"] {
        assert!(!blinded.contains(word), "{blinded}");
    }
    said(&on("codes", dir, "stat", &read), &password, 0);
    let table = std::fs::read_to_string(&codes).unwrap();
    assert_eq!(table.lines().count(), 5);
    assert!(said(&on("codes", dir, "stat", &read), &password, 2).contains("name a file that is not there yet"));
    let arm = table.lines().nth(1).unwrap().split(',').nth(4).unwrap();
    let name = if arm == "VERUM" { "Active 20 mg" } else { "Placebo" };
    let broken = on("break", dir, "inv", &[&subjects[0], "--reason", "overdose"]);
    assert!(said(&broken, &password, 0).contains(name));
    assert!(said(&on("break", dir, "stat", &[&subjects[0], "--reason", "x"]), &password, 2).contains("may not break"));
    assert!(
        said(&on("remake", dir, "stat", &[]), &password, 0).contains("4 allocations of 1 schemes made again: 0 differ")
    );
    // For when the server is down.
    let list = file("list.json");
    said(&on("emergency-list", dir, "stat", &["--out", &list]), &with_phrase, 0);
    assert!(!std::fs::read_to_string(&list).unwrap().contains(arm));
    let open = ["vault", "open-list", &list, &subjects[0]];
    assert!(said(&open, &format!("{PHRASE}\n"), 0).contains(arm));
    assert!(said(&open, "another phrase altogether\n", 2).contains("does not open the file"));
    // A stratum is closed in public.
    let close = on("stratum", dir, "stat", &["M", "--reason", "enough"]);
    said(&close, &password, 0);
}

#[test]
fn a_key_is_changed_lost_and_brought_back() {
    let (folder, subjects) = prepare("keys");
    let dir = folder.to_str().unwrap();
    let file = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (scheme, setup, recovery) = (file("scheme.toml"), file("setup.toml"), file("recovery.json"));
    let password = format!("{PASSWORD}\n");
    said(&on("seal", dir, "stat", &["--scheme", &scheme, "--setup", &setup]), &password, 0);
    said(&on("randomise", dir, "inv", &[&subjects[0]]), &password, 0);
    said(&["vault", "change-key", dir, "--by", "adm"], &password, 0);
    assert!(said(&["vault", "change-key", dir, "--by", "inv"], &password, 2).contains("may not change the keys"));
    said(&["vault", "recovery-file", dir, "--out", &recovery], &format!("{PHRASE}\n"), 0);
    assert!(said(&["vault", "recovery-file", dir, "--out", &file("x")], "short\n", 2).contains("fewer than 12"));
    std::fs::remove_dir_all(folder.join("keys/vault")).unwrap();
    let lost = said(&on("randomise", dir, "inv", &[&subjects[1]]), &password, 2);
    assert!(lost.contains("the vault of CRV301 is closed") && lost.contains("recovery file"), "{lost}");
    said(&["vault", "recover", dir, &recovery], &format!("{PHRASE}\n"), 0);
    said(&on("randomise", dir, "inv", &[&subjects[1]]), &password, 0);
    // The key may come from a program that asks a store of keys.
    let all: Vec<String> = std::fs::read_dir(folder.join("keys/vault"))
        .unwrap()
        .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap().trim().to_owned())
        .collect();
    std::fs::rename(folder.join("keys/vault"), folder.join("away")).unwrap();
    std::fs::write(folder.join("store"), all.join(",")).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_croft"))
        .args(on("remake", dir, "stat", &[]))
        .env("CROFT_VAULT_KEY_COMMAND", format!("cat {}", file("store")))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(password.as_bytes()).unwrap();
    assert!(child.wait_with_output().unwrap().status.success());
}

#[test]
fn two_people_unblind_a_locked_study_into_its_folder() {
    let (folder, subjects) = prepare("unblind");
    let dir = folder.to_str().unwrap();
    let file = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (scheme, setup) = (file("scheme.toml"), file("setup.toml"));
    let password = format!("{PASSWORD}\n");
    said(&on("seal", dir, "stat", &["--scheme", &scheme, "--setup", &setup]), &password, 0);
    for subject in &subjects {
        said(&on("randomise", dir, "inv", &[subject]), &password, 0);
    }
    let unblind = |by: &str, reason: &str, code: i32| {
        let arguments = ["unblind", dir, "--study", STUDY, "--by", by, "--reason", reason];
        said(&arguments, &password, code)
    };
    assert!(unblind("stat", "final analysis", 2).contains("is not locked"));
    let lock = ["lock", dir, "--study", STUDY, "--by", "dm", "--in-spite", "a test"];
    said(&lock, &password, 0);
    let study = folder.join("studies").join(STUDY);
    let allocations = || std::fs::read_to_string(study.join("data/allocations.csv")).unwrap();
    let blind = allocations();
    assert_eq!(blind.lines().count(), 5);
    assert!(!blind.contains("VERUM") && !blind.contains("PLACEBO"), "{blind}");
    let path = study.to_str().unwrap();
    let dummies = said(&["build", path, "--dummy-codes"], "", 1);
    assert!(dummies.contains("DUMMY TREATMENT CODES"), "{dummies}");
    assert!(said(&["verify", path], "", 0).contains("equal byte for byte"));

    assert!(unblind("stat", "", 2).contains("reason"));
    assert!(unblind("stat", "final analysis", 0).contains("another person agrees"));
    assert_eq!(allocations(), blind, "nothing is told before the second");
    assert!(unblind("stat", "final analysis", 2).contains("may not agree"));
    assert!(unblind("inv", "", 2).contains("may not agree"));
    assert!(unblind("dm", "", 0).contains("4 codes are in"));
    let coded = allocations();
    assert!(coded.lines().skip(1).all(|line| line.ends_with(",VERUM") || line.ends_with(",PLACEBO")), "{coded}");
    assert_eq!(unblind("dm", "", 0).lines().count(), 2, "once more gives the same");
    assert_eq!(allocations(), coded);
    assert!(said(&lock, &password, 2).contains("holds this lock already, with its codes"));
    assert_eq!(allocations(), coded);
    let built = said(&["build", path], "", 1);
    assert!(!built.contains("DUMMY"), "{built}");
    assert!(said(&["verify", path], "", 0).contains("equal byte for byte"));
    assert!(said(&["build", path, "--dummy-codes"], "", 2).contains("the study is unblinded"));
    // Each reading stands in the record.
    assert!(said(&["audit", "verify", dir], "", 0).contains("whole"));
    let place = croft_ledger::Place::Sqlite(folder.join("croft.db"));
    let clock = std::sync::Arc::new(croft_ledger::SystemClock);
    let record = croft_record::Record::open(place, &folder.join("keys"), clock).unwrap();
    let mut read = 0;
    let seen = record.ledger().read(|view| {
        view.events(STUDY, 1, &mut |event| {
            read += usize::from(event.kind == "codes.read/1");
            std::ops::ControlFlow::Continue(())
        })
    });
    seen.unwrap();
    assert_eq!(read, 2);
}
