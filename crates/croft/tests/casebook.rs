//! `croft export casebook`, `site-copy` and `inspection-copy` through the built binary: files whose hashes hold, each export noted, misuse told.

#![allow(clippy::unwrap_used, reason = "tests panic with a sentence")]

use croft_ledger::{ManualClock, Place as Where};
use croft_record::access::Proof;
use croft_record::capture::{Enrol, Entered, Place, Save};
use croft_record::study::{CreateStudy, OpenSite, Publish};
use croft_record::{Caller, Record};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

const STUDY: &str = "S1";

const DEFINITION: &str = "[study]\nid = \"S1\"\ntitle = \"A small study\"\n\n[[visit]]\nnumber = 1\ncode = \"V1\"\nname = \"Screening\"\n\
    day = 1\nepoch = \"SCREENING\"\nstart = \"informed consent\"\n";
const FORM: &str = "form = \"VS\"\nlabel = \"Vital signs\"\nvisits = [\"V1\"]\n\n[[group]]\nname = \"vitals\"\nlabel = \"Vital signs\"\n\n\
    [[group.item]]\nname = \"PULSE\"\nlabel = \"Pulse\"\ntype = \"integer\"\nunit = \"/min\"\n";

/// A record in a folder: two sites with a subject each.
fn home(name: &str) -> PathBuf {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("casebook").join(name);
    let _ = std::fs::remove_dir_all(&home);
    std::fs::create_dir_all(&home).unwrap();
    // 2026-01-21T10:00:00Z
    let record = Record::open(
        Where::Sqlite(home.join("croft.db")),
        &home.join("keys"),
        Arc::new(ManualClock::new(1_768_989_600_000)),
    )
    .unwrap();
    let system = Caller::system();
    record.execute(&system, CreateStudy { id: STUDY.into(), title: "A small study".into() }).unwrap();
    let files = [("study.toml", DEFINITION), ("forms/vs.toml", FORM)];
    let files = BTreeMap::from(files.map(|(file, text)| (file.to_owned(), text.to_owned())));
    let publish = Publish { study: STUDY.into(), files, note: "first".into(), signature: Proof::system() };
    record.execute(&system, publish).unwrap();
    for site in ["101", "102"] {
        let (name, country) = ("Clinic".to_owned(), "GBR".to_owned());
        record.execute(&system, OpenSite { study: STUDY.into(), site: site.into(), name, country }).unwrap();
        let enrol = Enrol { study: STUDY.into(), site: site.into(), subject: None };
        let subject = record.execute(&system, enrol).unwrap();
        let (group, item, text) = ("vitals".to_owned(), "PULSE".to_owned(), "64".to_owned());
        let entries = vec![Entered { group, row: 1, item, text, ..Entered::default() }];
        let place = Place::first(&subject, "V1", "VS");
        record.execute(&system, Save { study: STUDY.into(), place, entries, ..Save::default() }).unwrap();
    }
    home
}

fn export(home: &Path, kind: &str, out: &str, more: &[&str]) -> Output {
    let out = home.join(out);
    Command::new(env!("CARGO_BIN_EXE_croft"))
        .args(["export", kind])
        .arg(home)
        .args(["--study", STUDY, "--out"])
        .arg(out)
        .args(more)
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The paths in `SHA256SUMS`, every one of which has the hash that is told.
fn checked(folder: &Path) -> Vec<String> {
    let sums = std::fs::read_to_string(folder.join("SHA256SUMS")).unwrap();
    let mut paths = Vec::new();
    for line in sums.lines() {
        let (hash, path) = line.split_once("  ").unwrap();
        let bytes = std::fs::read(folder.join(path)).unwrap();
        assert_eq!(croft_core::manifest::sha256_hex(&bytes), hash, "{path}");
        paths.push(path.to_owned());
    }
    paths
}

#[test]
fn casebooks_are_written_for_all_for_some_and_blank() {
    let home = home("books");
    let output = export(&home, "casebook", "all", &[]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(String::from_utf8_lossy(&output.stdout).contains("2 casebooks in 2 files"));
    assert_eq!(checked(&home.join("all")), ["101-001.pdf", "102-001.pdf"]);
    let output = export(&home, "casebook", "one", &["--subject", "102-001", "--json"]);
    let facts: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&facts["export"], &facts["rows"]), (&Value::from("casebook of 102-001"), &Value::from(1)));
    assert_eq!(checked(&home.join("one")), ["102-001.pdf"]);
    let pdf = std::fs::read(home.join("one/102-001.pdf")).unwrap();
    assert!(pdf.starts_with(b"%PDF-1.7") && pdf == std::fs::read(home.join("all/102-001.pdf")).unwrap());
    let output = export(&home, "casebook", "blank", &["--blank", "--version", "1"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(checked(&home.join("blank")), ["blank-casebook-v1-annotated.pdf", "blank-casebook-v1.pdf"]);
}

#[test]
fn copies_are_whole_and_noted_in_the_access_log() {
    let home = home("copies");
    let output = export(&home, "site-copy", "site", &["--site", "101"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let paths = checked(&home.join("site"));
    for path in ["index.html", "README.txt", "casebooks/101-001.pdf", "data/vitals.csv", "history/audit.csv"] {
        assert!(paths.iter().any(|p| p == path), "{path} is not in {paths:?}");
    }
    assert!(!paths.iter().any(|p| p.contains("102-001")), "{paths:?}");
    let output = export(&home, "inspection-copy", "whole", &[]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let paths = checked(&home.join("whole"));
    for path in [
        "casebooks/102-001.pdf",
        "definition/v1/study.toml",
        "people/access-list.csv",
        "study/obstacles.csv",
        "events/events.jsonl",
    ] {
        assert!(paths.iter().any(|p| p == path), "{path} is not in {paths:?}");
    }
    let looks = std::fs::read_to_string(home.join("whole/access/access.jsonl")).unwrap();
    assert!(looks.contains("export.made/1") && looks.contains("site copy"), "{looks}");
}

#[test]
fn what_does_not_fit_is_told_with_a_remedy() {
    let home = home("misuse");
    for (kind, more, words) in [
        ("site-copy", &[][..], "--site"),
        ("inspection-copy", &["--site", "101"], "site-copy"),
        ("casebook", &["--subject", "999"], "there is no subject `999`"),
        ("casebook", &["--blank", "--version", "7"], "there is no version `7 of S1`"),
        ("site-copy", &["--site", "999"], "there is no site `999`"),
    ] {
        let output = export(&home, kind, "out", more);
        assert_eq!(output.status.code(), Some(2), "{kind} {more:?}: {}", said(&output));
        assert!(said(&output).contains(words), "{kind} {more:?}: {}", said(&output));
        let _ = std::fs::remove_dir_all(home.join("out"));
    }
}
