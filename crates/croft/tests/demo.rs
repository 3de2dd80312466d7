//! `croft demo`: recorded through the interface, locked, built; the same each time, and the same as the simulated study it plays.

#![allow(clippy::unwrap_used, reason = "tests panic with a sentence")]

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

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
        let read = |root: &Path| std::fs::read(root.join("studies/CRB101").join(file));
        if let (Ok(a), Ok(b)) = (read(&one), read(&two)) {
            assert!(a == b, "{file} differs between two demonstrations");
        } else {
            assert!(file.ends_with(".xpt"), "{file} is missing");
        }
    }
    let verified: Value =
        serde_json::from_str(&out(&croft(&["audit", "verify", one.to_str().unwrap(), "--json"]))).unwrap();
    assert_eq!(verified["report"]["faults"].as_array().map(Vec::len), Some(0), "{verified}");
    out(&croft(&["verify", study.to_str().unwrap()]));

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
