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
