//! What would make a submission wrong without a word: each is refused, told, or computed anew.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn croft(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_croft")).args(arguments).output().expect("the binary runs")
}

/// A new study of the 2x2 template in a folder of its own.
fn study(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("traps").join(name);
    let _ = std::fs::remove_dir_all(&dir);
    assert!(croft(&["new", "be-2x2", dir.to_str().unwrap()]).status.success());
    dir
}

/// Runs a command of the study; its exit code, JSON (if any) and talk.
fn run(command: &str, dir: &Path) -> (i32, Value, String) {
    let output = croft(&[command, dir.to_str().unwrap(), "--json"]);
    let facts = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    (output.status.code().unwrap(), facts, String::from_utf8_lossy(&output.stderr).into_owned())
}

fn replace(dir: &Path, file: &str, from: &str, to: &str) {
    let path = dir.join(file);
    let whole = std::fs::read_to_string(&path).unwrap();
    assert!(whole.contains(from), "{file} has `{from}`");
    std::fs::write(path, whole.replacen(from, to, 1)).unwrap();
}

/// Keeps the lines of the two data files that pass, and freezes the folder at the same time as before.
fn keep(dir: &Path, keeps: impl Fn(&str) -> bool) {
    for file in ["data/values.csv", "data/audit.csv"] {
        let path = dir.join(file);
        let whole = std::fs::read_to_string(&path).unwrap();
        let kept: Vec<&str> = whole.lines().filter(|line| keeps(line)).collect();
        std::fs::write(path, kept.join("\n") + "\n").unwrap();
    }
    freeze(dir);
}

fn freeze(dir: &Path) {
    let why = ["--by", "A. Tester", "--at", "2026-03-16T10:00:00Z", "--reason", "trial"];
    let output = croft(&[&["freeze", dir.to_str().unwrap()][..], &why].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_study_without_adverse_events_says_so() {
    let dir = study("no-events");
    keep(&dir, |line| !line.contains(",adverse_events,"));
    let (code, _, told) = run("build", &dir);
    assert_eq!(code, 0, "{told}");
    let page = std::fs::read_to_string(dir.join("out/display/adverse-events.html")).unwrap();
    assert!(page.contains("No adverse event was recorded"));
}

#[test]
fn a_condition_that_reads_another_dataset_makes_its_analysis_stale() {
    let dir = study("condition");
    let condition = "COMPLFL = 'Y' and USUBJID in (select USUBJID from ADSL where AGE > 20) and PARAMCD";
    replace(&dir, "analyse/bioequivalence.toml", "COMPLFL = 'Y' and PARAMCD", condition);
    assert_eq!(run("build", &dir).0, 0);
    replace(&dir, "derive/adsl.sql", "m.AGE as AGE", "m.AGE - 15 as AGE");
    assert_eq!(run("build", &dir).0, 0);
    let (code, facts, _) = run("verify", &dir);
    assert_eq!(code, 0, "{facts}");
}

#[test]
fn a_label_that_a_later_dataset_copies_is_content() {
    let dir = study("label");
    assert_eq!(run("build", &dir).0, 0);
    replace(&dir, "derive/adex.sql", "Actual Treatment (Code)", "Treatment Given (Code)");
    assert_eq!(run("build", &dir).0, 0);
    let (code, facts, _) = run("verify", &dir);
    assert_eq!(code, 0, "{facts}");
}

#[test]
fn a_unit_that_is_not_the_declared_one_is_refused() {
    let dir = study("units");
    let values = dir.join("data/values.csv");
    let whole = std::fs::read_to_string(&values).unwrap();
    std::fs::write(&values, whole.replace(",ng/mL,", ",ug/mL,")).unwrap();
    freeze(&dir);
    let (code, _, told) = run("build", &dir);
    assert_eq!(code, 2, "{told}");
    assert!(told.contains("AVALU is `ug/mL`, and this file declares `ng/mL`"), "{told}");
}

#[test]
fn a_primary_parameter_without_results_is_refused() {
    let dir = study("primary");
    replace(&dir, "analyse/bioequivalence.toml", "primary = [\"AUCLST\"", "primary = [\"AUCLAST\"");
    let (code, _, told) = run("build", &dir);
    assert_eq!(code, 2, "{told}");
    assert!(told.contains("AUCLAST") && told.contains("AUCLST"), "{told}");
}

#[test]
fn a_supportive_analysis_does_not_change_the_verdict() {
    let dir = study("supportive");
    let main = std::fs::read_to_string(dir.join("analyse/bioequivalence.toml")).unwrap();
    std::fs::write(dir.join("analyse/sensitivity.toml"), main.replace("primary = [\"AUCLST\", \"CMAX\"]\n", ""))
        .unwrap();
    replace(&dir, "analyse/bioequivalence.toml", "[options]", "[options]\nalpha = 0.0001");
    let (code, facts, told) = run("build", &dir);
    assert_eq!(code, 0, "{told}");
    assert_eq!(facts["verdict"]["pass"], false, "{}", facts["verdict"]);
    assert!(facts["verdict"]["lines"][1].as_str().unwrap().contains("99.98% CI"), "{}", facts["verdict"]);
}

#[test]
fn a_result_that_was_not_obtained_is_not_a_concentration_of_zero() {
    let dir = study("no-result");
    let path = dir.join("data/values.csv");
    let whole = std::fs::read_to_string(&path).unwrap();
    let line = whole.lines().find(|l| l.starts_with("1005,P1,1,PK,1,pk_results,9,CONC,")).unwrap();
    let fields: Vec<&str> = line.split(',').collect();
    let absent = [&fields[..8], &["ND", "", fields[10], "NOT DONE", fields[12]]].concat().join(",");
    std::fs::write(&path, whole.replace(line, &absent)).unwrap();
    freeze(&dir);
    run("build", &dir);
    let pc = dir.join("out/package/m5/datasets/crb101/tabulations/sdtm/pc.xpt");
    let output = croft(&["data", "convert", pc.to_str().unwrap(), dir.join("pc.csv").to_str().unwrap()]);
    assert!(output.status.success());
    let pc = std::fs::read_to_string(dir.join("pc.csv")).unwrap();
    let row = pc.lines().find(|l| l.contains("1005-P1-09")).unwrap();
    assert!(row.contains(",NOT DONE,NOT DONE,"), "{row}");
}

#[test]
fn a_value_that_is_not_what_was_entered_is_told() {
    let dir = study("normalised");
    let path = dir.join("data/values.csv");
    let whole = std::fs::read_to_string(&path).unwrap();
    let line = whole.lines().find(|l| l.starts_with("1005,P1,1,PK,1,pk_results,9,CONC,")).unwrap();
    let mut fields: Vec<&str> = line.split(',').collect();
    fields[9] = "1680";
    std::fs::write(&path, whole.replace(line, &fields.join(","))).unwrap();
    freeze(&dir);
    let (code, facts, _) = run("build", &dir);
    assert_eq!(code, 1);
    assert!(facts["findings"][0]["message"].as_str().unwrap().contains("1680"), "{}", facts["findings"]);
}

#[test]
fn a_recorded_value_that_is_gone_is_told() {
    let dir = study("gone");
    let path = dir.join("data/values.csv");
    let whole = std::fs::read_to_string(&path).unwrap();
    let kept: Vec<&str> = whole.lines().filter(|l| !l.starts_with("1005,P1,1,PK,1,pk_results,9,CONC,")).collect();
    std::fs::write(&path, kept.join("\n") + "\n").unwrap();
    freeze(&dir);
    let (code, facts, _) = run("build", &dir);
    assert_eq!(code, 1);
    assert!(facts["findings"][0]["message"].as_str().unwrap().contains("no value is there"), "{}", facts["findings"]);
}

#[test]
fn a_freeze_without_a_reason_or_set_back_is_refused() {
    let dir = study("freeze");
    for (by, at, reason) in [
        ("A. Tester", "2026-03-16T10:00:00Z", " "),
        ("", "2026-03-16T10:00:00Z", "why"),
        ("A. Tester", "1990-01-01T00:00:00Z", "why"),
    ] {
        let output = croft(&["freeze", dir.to_str().unwrap(), "--by", by, "--at", at, "--reason", reason]);
        assert_eq!(output.status.code(), Some(2), "{by} {at} {reason}");
    }
}

#[cfg(unix)]
#[test]
fn what_a_link_leads_to_is_not_the_folders() {
    let dir = study("link");
    let elsewhere = dir.parent().unwrap().join("elsewhere");
    std::fs::create_dir_all(&elsewhere).unwrap();
    std::fs::write(elsewhere.join("keep.txt"), "precious").unwrap();
    std::fs::create_dir_all(dir.join("out")).unwrap();
    std::os::unix::fs::symlink(&elsewhere, dir.join("out/link")).unwrap();
    assert_eq!(run("build", &dir).0, 0);
    assert!(elsewhere.join("keep.txt").is_file());
}
