//! Received datasets beside a record: a lock of the record keeps them frozen as they were.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use croft_study::freeze::{FromRecord, from_record};
use croft_study::{Freeze, road};
use std::path::{Path, PathBuf};

fn folder(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("received").join(name);
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(dir.join("data")).unwrap();
    std::fs::write(dir.join("study.toml"), "[study]\nid = \"S\"\ntitle = \"T\"\n").unwrap();
    std::fs::write(dir.join("data/lb.csv"), "STUDYID,USUBJID,LBSEQ,LBSTRESN\nS,S-1,1,4.5\n").unwrap();
    dir
}

fn frozen_files(dir: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(dir.join("data/manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
    manifest["files"].as_object().unwrap().keys().cloned().collect()
}

#[test]
fn a_lock_keeps_what_was_received_frozen() {
    let dir = folder("lock");
    let by = |at: &str| Freeze { by: "A. Tester".into(), at: at.into(), reason: "received".into() };
    assert_eq!(road::freeze(&dir, &by("2024-01-01T00:00:00Z")).unwrap(), ["lb.csv"]);
    assert_eq!(frozen_files(&dir), ["lb.csv"]);
    assert!(road::freeze(&dir, &by("2024-01-02T00:00:00Z")).unwrap().is_empty(), "nothing changed");

    let lock = FromRecord {
        values: Vec::new(),
        allocations: vec![],
        audit: Vec::new(),
        locked_at: "2024-02-01T00:00:00Z".into(),
        locked_by: "A. Tester".into(),
        source: "chain S, event 1".into(),
        reason: "lock".into(),
    };
    from_record(&dir, "S", &lock).unwrap();
    assert_eq!(frozen_files(&dir), ["audit.csv", "lb.csv", "values.csv"]);
    road::make(&dir, "derive", &mut |_, _| {}).unwrap();

    std::fs::write(dir.join("data/lb.csv"), "STUDYID,USUBJID,LBSEQ,LBSTRESN\nS,S-1,1,5.4\n").unwrap();
    let error = road::make(&dir, "derive", &mut |_, _| {}).err().unwrap();
    assert!(error.to_string().contains("data/lb.csv is not the file that was frozen"), "{error}");
}

#[test]
fn a_dataset_that_cannot_be_read_is_not_frozen() {
    let dir = folder("broken");
    std::fs::write(dir.join("data/lb.csv"), "STUDYID,USUBJID\nS,S-1,1\n").unwrap();
    let by = Freeze { by: "A. Tester".into(), at: "2024-01-01T00:00:00Z".into(), reason: "received".into() };
    let error = road::freeze(&dir, &by).unwrap_err();
    assert!(error.to_string().starts_with("data/lb.csv: line 2 has 3 fields"), "{error}");
    assert!(!dir.join("data/manifest.json").exists());

    std::fs::remove_file(dir.join("data/lb.csv")).unwrap();
    assert!(road::freeze(&dir, &by).is_err(), "a folder without any data has nothing to freeze");
}
