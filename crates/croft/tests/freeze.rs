//! What a build and a freeze refuse, so that nothing beyond the folder and nothing recorded is lost silently.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::path::{Path, PathBuf};
use std::process::Command;

/// A new study of its own for a test.
fn new_study(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("freeze").join(name);
    let _ = std::fs::remove_dir_all(&path);
    told(&["new", "be-2x2", text(&path)], 0);
    path
}

fn text(path: &Path) -> &str {
    path.to_str().expect("test paths are UTF-8")
}

/// The arguments of a freeze.
fn freeze<'a>(dir: &'a Path, by: &'a str, at: &'a str, reason: &'a str) -> [&'a str; 8] {
    ["freeze", text(dir), "--by", by, "--at", at, "--reason", reason]
}

/// Runs a command that must end with this code; what it said on both streams.
fn told(arguments: &[&str], code: i32) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_croft")).args(arguments).output().expect("the binary runs");
    let told = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {told}");
    told
}

#[cfg(unix)]
#[test]
fn a_link_in_out_never_lets_a_build_reach_beyond_the_folder() {
    use std::os::unix::fs::symlink;
    let dir = new_study("linked");
    told(&["build", text(&dir)], 0);
    let outside = dir.with_file_name("linked-outside");
    let _ = std::fs::remove_dir_all(&outside);
    std::fs::create_dir_all(&outside).unwrap();
    std::fs::write(outside.join("precious.txt"), "precious").unwrap();

    // A link to a folder nobody made, one in place of a folder, one in place of a file.
    let out = dir.join("out");
    symlink(&outside, out.join("elsewhere")).unwrap();
    std::fs::remove_dir_all(out.join("manifests")).unwrap();
    symlink(&outside, out.join("manifests")).unwrap();
    std::fs::remove_file(out.join("document/report.pdf")).unwrap();
    symlink(outside.join("precious.txt"), out.join("document/report.pdf")).unwrap();
    let verified = told(&["verify", text(&dir)], 1);
    assert!(verified.contains("document/report.pdf: is a link"), "{verified}");
    told(&["build", text(&dir)], 0);
    let left: Vec<_> = std::fs::read_dir(&outside).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, ["precious.txt"]);
    assert_eq!(std::fs::read_to_string(outside.join("precious.txt")).unwrap(), "precious");
    assert!(!out.join("elsewhere").is_symlink() && !out.join("document/report.pdf").is_symlink());
    told(&["verify", text(&dir)], 0);

    std::fs::remove_dir_all(&out).unwrap();
    symlink(&outside, &out).unwrap();
    let refused = told(&["build", text(&dir)], 2);
    assert!(refused.contains("out: it is a link"), "{refused}");
    assert!(outside.join("precious.txt").is_file());
}

#[test]
fn what_is_not_a_study_folder_is_told_so() {
    let dir = new_study("misnamed");
    let empty = dir.join("nothing-here");
    std::fs::create_dir_all(&empty).unwrap();
    let file = dir.join("study.toml");
    for path in [&empty, &dir.join("absent"), &file] {
        for command in ["build", "verify", "status", "trace"] {
            let said = told(&[command, text(path)], 2);
            assert!(said.contains("is not a study folder: it has no study.toml"), "{command}: {said}");
            assert!(said.contains("hint: croft new TEMPLATE"), "{command}: {said}");
        }
        let said = told(&freeze(path, "A. Tester", "2026-03-16T10:00:00Z", "why"), 2);
        assert!(said.contains("is not a study folder"), "{said}");
    }
    let said = told(&["new", "be-2x2", text(&file)], 2);
    assert!(said.contains("is a file, not a folder"), "{said}");

    std::fs::remove_file(dir.join("data/manifest.json")).unwrap();
    let said = told(&["build", text(&dir)], 2);
    assert!(said.contains("never frozen") && said.contains("hint: croft freeze"), "{said}");
    told(&freeze(&dir, "A. Tester", "2026-03-16T10:00:00Z", "first lock"), 0);
    told(&["build", text(&dir)], 0);

    std::fs::write(&file, b"\xff").unwrap();
    let said = told(&freeze(&dir, "A. Tester", "2026-03-16T10:00:00Z", "why"), 2);
    assert!(said.contains("study.toml: byte 0 is not UTF-8"), "{said}");
}

#[test]
fn a_stale_step_says_why() {
    let dir = new_study("stale");
    let said = told(&["status", text(&dir)], 1);
    assert!(said.contains("stale: tabulate DM: it was never made"), "{said}");
}

#[test]
fn a_freeze_keeps_what_it_replaces_and_writes_nothing_without_a_change() {
    let dir = new_study("kept");
    let manifest = dir.join("data/manifest.json");
    let first = std::fs::read(&manifest).unwrap();
    let said = told(&freeze(&dir, "A. Tester", "2026-04-01T08:00:00Z", "nothing"), 0);
    assert!(said.contains("nothing was written"), "{said}");
    assert_eq!(std::fs::read(&manifest).unwrap(), first);

    let audit = dir.join("data/audit.csv");
    let recorded = std::fs::read_to_string(&audit).unwrap();
    std::fs::write(&audit, recorded.replace("Re-assay:", "Re-assayed:")).unwrap();
    told(&freeze(&dir, "A. Tester", "2026-04-01T08:00:00Z", "wording"), 0);
    let frozen: serde_json::Value = serde_json::from_slice(&std::fs::read(&manifest).unwrap()).unwrap();
    assert_eq!(frozen["locked_by"], "A. Tester");
    assert_eq!(frozen["history"][0]["reason"], "wording");
    assert_eq!(frozen["history"][0]["replaced_locked_at"], "2026-03-16T10:00:00Z");
    assert_eq!(frozen["history"][0]["replaced_locked_by"], "Mara Lindqvist, data manager (simulated)");
    told(&["build", text(&dir)], 0);
}

#[test]
fn a_freeze_refuses_what_a_build_could_not_read() {
    let dir = new_study("unreadable");
    let refused = |file: &str, change: &dyn Fn(&str) -> String, part: &str| {
        let (path, manifest) = (dir.join(file), dir.join("data/manifest.json"));
        let (whole, frozen) = (std::fs::read_to_string(&path).unwrap(), std::fs::read(&manifest).unwrap());
        std::fs::write(&path, change(&whole)).unwrap();
        let there = std::fs::read(&manifest).unwrap();
        let said = told(&freeze(&dir, "A. Tester", "2026-04-01T08:00:00Z", "why"), 2);
        assert!(said.contains(part) && said.contains("hint:"), "{file}: {said}");
        assert_eq!(std::fs::read(&manifest).unwrap(), there, "nothing is written");
        std::fs::write(&path, &whole).unwrap();
        std::fs::write(&manifest, frozen).unwrap();
    };
    refused("data/values.csv", &|_| String::new(), "the file is empty");
    refused("data/values.csv", &|t| t.replacen(",unit,", ",einheit,", 1), "these columns are missing: unit");
    refused("data/audit.csv", &|t| t.replacen("\n1,", "\none,", 1), "data/audit.csv, row 1");
    refused("data/audit.csv", &|t| t.replacen("2026-03-09T14:00:00Z", "2027-01-01T00:00:00Z", 1), "is before event");
    refused("data/audit.csv", &|t| t.replacen("2026-03-09T14:00:00Z", "yesterday", 1), "`yesterday` of event");
    refused("data/manifest.json", &|_| "{".to_owned(), "data/manifest.json");
    refused("data/manifest.json", &|t| t.replacen("\"format\": 1", "\"format\": 2", 1), "its format is 2");
}
