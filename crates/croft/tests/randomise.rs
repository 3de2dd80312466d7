//! `croft randomise` through the built binary.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use croft_testkit::reference;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn croft(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_croft")).args(arguments).output().unwrap()
}

fn json(arguments: &[&str]) -> Value {
    let output = croft(&[arguments, &["--json"]].concat());
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{arguments:?}: {}", String::from_utf8_lossy(&output.stderr)))
}

fn refused(arguments: &[&str]) -> String {
    let output = croft(arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", String::from_utf8_lossy(&output.stdout));
    assert!(output.stdout.is_empty(), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// A folder of this test's own.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("randomise-{name}"));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

const SCHEME: &str = r#"study = "CROFT-201"
[[arms]]
code = "A"
[[arms]]
code = "B"
[[factors]]
name = "site"
levels = ["01", "02"]
[design]
kind = "random_block"
lengths = [2, 4]
"#;

#[test]
fn designs_are_compared() {
    let found =
        json(&["randomise", "properties", "--n", "6", "--design", "big_stick, tolerance = 2", "--design", "simple"]);
    let stick = &found["designs"][0];
    // Reference set, expected.csv: BSD, N=6, mti=2
    assert!((stick["mean_max_abs_imbalance"]["value"].as_f64().unwrap() - 1.875).abs() < 1e-9);
    assert!((stick["correct_guesses_convergence"]["value"].as_f64().unwrap() - 0.583_333_333_3).abs() < 1e-9);
    assert_eq!(stick["method"]["kind"], "exact");
    assert_eq!(found["designs"][1]["mean_loss"]["value"], 1.0);
    let output = croft(&["randomise", "properties", "--n", "60"]);
    let text = String::from_utf8(output.stdout).unwrap();
    for part in ["60 subjects", "big stick, tolerance 3", "maximal procedure", "simple randomisation", "exact"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    // three arms: only what is defined for them
    let found = json(&["randomise", "properties", "--n", "12", "--ratio", "1:1:1"]);
    assert!(
        found["designs"].as_array().unwrap().iter().all(|design| !design["design"].as_str().unwrap().contains("coin"))
    );
}

#[test]
fn the_page_has_the_table_and_the_figures() {
    let page = folder("page").join("designs.html");
    let output = croft(&["randomise", "properties", "--n", "40", "--html", page.to_str().unwrap()]);
    assert!(output.status.success());
    let text = std::fs::read_to_string(&page).unwrap();
    for part in ["<svg", "Mean absolute imbalance", "7 Wei's urn", "All numbers are exact", "Data of this figure"] {
        assert!(text.contains(part), "{part}");
    }
    let again = page.with_file_name("again.html");
    croft(&["randomise", "properties", "--n", "40", "--html", again.to_str().unwrap()]);
    assert_eq!(text, std::fs::read_to_string(&again).unwrap());
}

#[test]
fn a_list_is_made_made_again_and_verified() {
    let folder = folder("list");
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    std::fs::write(path("scheme.toml"), SCHEME).unwrap();
    let (scheme, seed) = (path("scheme.toml"), path("seed"));
    let make = |more: &[&str]| {
        let asked = ["randomise", "list", "--scheme", &scheme, "--n", "20", "--seed-file", &seed];
        croft(&[&asked[..], more].concat())
    };
    let first = make(&["--new-seed", "--out", &path("list.csv")]);
    let told = String::from_utf8(first.stderr).unwrap();
    assert!(first.status.success() && told.contains("digest") && told.contains("open-label"), "{told}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&seed).unwrap().permissions().mode() & 0o077, 0);
    }
    // the same list again, now on standard output
    assert_eq!(make(&[]).stdout, std::fs::read(path("list.csv")).unwrap());
    let again = make(&["--new-seed"]);
    assert_eq!(again.status.code(), Some(2));
    assert!(String::from_utf8(again.stderr).unwrap().contains("there already"));
    // the seed is in no output
    let secret = std::fs::read_to_string(&seed).unwrap();
    assert!(!told.contains(secret.trim()));

    let verify = |list: &str| croft(&["randomise", "verify", list, "--scheme", &scheme, "--seed-file", &seed]);
    let right = verify(&path("list.csv"));
    assert!(right.status.success(), "{}", String::from_utf8_lossy(&right.stdout));
    assert!(String::from_utf8(right.stdout).unwrap().contains("keeps to the scheme"));
    let text = std::fs::read_to_string(path("list.csv")).unwrap();
    let row = text.lines().nth(1).unwrap();
    let other = match row.strip_suffix('A') {
        Some(start) => format!("{start}B"),
        None => format!("{}A", row.strip_suffix('B').unwrap()),
    };
    std::fs::write(path("wrong.csv"), text.replacen(row, &other, 1)).unwrap();
    let wrong = verify(&path("wrong.csv"));
    assert_eq!(wrong.status.code(), Some(1));
    let told = String::from_utf8(wrong.stdout).unwrap();
    assert!(told.contains("row 2, stratum 01: block 1 is not balanced") && told.contains("the seed gives"), "{told}");
}

#[test]
fn the_wrong_block_of_the_reference_list_is_named() {
    let Some(folder) = reference("platform/randomisation") else { return };
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let found = json(&["randomise", "verify", &path("stratified-block-list-one-error.csv")]);
    let findings = found["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1);
    assert!(findings[0]["message"].as_str().unwrap().contains("S01-F-B2"));
    let right = croft(&["randomise", "verify", &path("three-arm-block-list.csv")]);
    assert!(right.status.success());
}

#[test]
fn what_cannot_be_is_said_with_a_remedy() {
    let folder = folder("refused");
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let says = |arguments: &[&str], parts: &[&str]| {
        let told = refused(arguments);
        for part in parts.iter().chain(&["hint"]) {
            assert!(told.contains(part), "{arguments:?}: {told}");
        }
    };
    std::fs::write(path("coin.toml"), SCHEME.replace("lengths = [2, 4]", "lengths = [2, 5]")).unwrap();
    says(
        &["randomise", "properties", "--n", "6", &path("coin.toml")],
        &["coin.toml", "`design.lengths[1]` is 5", "use 4 or 6"],
    );
    says(&["randomise", "properties", "--n", "6", "--design", "coin"], &["unknown variant"]);
    says(
        &["randomise", "properties", "--n", "6", "--ratio", "1:1:1", "--design", "big_stick, tolerance = 3"],
        &["two arms"],
    );
    says(&["randomise", "properties", "--n", "0"], &["`subjects` is 0"]);
    says(&["randomise", "properties", "--n", "6", &path("none.toml")], &["none.toml"]);
    std::fs::write(path("scheme.toml"), SCHEME).unwrap();
    std::fs::write(path("seed"), "secret").unwrap();
    let list = ["randomise", "list", "--n", "4", "--scheme", &path("scheme.toml"), "--seed-file", &path("seed")]
        .map(str::to_owned);
    let told = refused(&list.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(told.contains("64 hexadecimal digits") && !told.contains("secret"), "{told}");
    std::fs::write(path("list.csv"), "number,arm\n1,A\n?,B\n").unwrap();
    says(&["randomise", "verify", &path("list.csv")], &["row 3, column `number`"]);
    std::fs::write(path("list.csv"), "arm\nA\nB\n").unwrap();
    says(&["randomise", "verify", &path("list.csv")], &["names no blocks", "--scheme"]);
}
