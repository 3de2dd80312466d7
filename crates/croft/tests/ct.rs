//! `croft ct` through the built binary: terminology looked up, compared, installed, and refused with a remedy.

#![allow(clippy::unwrap_used, reason = "tests panic with a sentence")]

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder for installed packages that no other test uses.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ct").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn croft(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_croft"));
    command.arg("ct").args(args).env("XDG_DATA_HOME", folder.join("data")).output().unwrap()
}

fn text(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", said(output));
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn facts(output: &Output) -> Value {
    serde_json::from_str(&text(output)).unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

const EVS: &str = "Code\tCodelist Code\tCodelist Extensible (Yes/No)\tCodelist Name\tCDISC Submission Value\tCDISC Synonym(s)\tCDISC Definition\tNCI Preferred Term
C66731\t\tYes\tSex\tSEX\tSex\tWords.\tCDISC Sex Terminology
C16576\tC66731\t\tSex\tF\tWoman\tWords.\tFemale
C20197\tC66731\t\tSex\tMALE\tMan\tWords.\tMale
C99999\tC66731\t\tSex\tOTHER\t\tWords.\tOther Sex
";

#[test]
fn packages_code_lists_and_terms_are_shown() {
    let folder = folder("show");
    let all = croft(&folder, &["show"]);
    assert!(text(&all).contains("  sdtmct-2025-03-28              1158  43698  croft\n"), "{}", text(&all));
    assert!(said(&all).contains("note: sdtmct: 2025-09-26, 2026-03-27 are published"), "{}", said(&all));
    let newest = text(&croft(&folder, &["show", "sdtmct"]));
    assert!(newest.starts_with("SDTM CT 2025-03-28: 1158 code lists, 43698 terms\n"), "{newest}");
    assert!(newest.contains("  SEX              C66731   no              4  Sex\n"), "{newest}");
    let sex = text(&croft(&folder, &["show", "SDTM", "sex"]));
    let expected = "SEX  Sex  (C66731)\nSDTM CT 2025-03-28: 4 terms, not extensible\n\n  submission value  code    preferred term  synonyms\n  F                 C16576  Female          Female\n";
    assert!(sex.starts_with(expected), "{sex}");
    let by_code = facts(&croft(&folder, &["show", "sdtmct-2025-03-28", "C66742", "--json"]));
    assert_eq!(by_code["submission_value"], "NY");
    assert_eq!(by_code["terms"][0]["code"], "C49487");
}

#[test]
fn a_text_is_found_in_every_product_or_in_one_list() {
    let folder = folder("find");
    let found = facts(&croft(&folder, &["show", "--find", "SEVERITY RESPONSE", "--json"]));
    let packages: Vec<&str> =
        found["packages"].as_array().unwrap().iter().filter_map(|p| p["package"].as_str()).collect();
    assert!(packages.contains(&"sdtmct-2025-03-28"), "{packages:?}");
    let within = text(&croft(&folder, &["show", "sdtmct", "UNIT", "--find", "milligram per kilogram"]));
    assert!(within.contains("  mg/kg "), "{within}");
    let nothing = croft(&folder, &["show", "sendct", "--find", "no such words"]);
    assert_eq!(
        (text(&nothing).as_str(), said(&nothing).as_str()),
        ("", "`no such words` stands in none of sendct-2026-03-27\n")
    );
}

#[test]
fn two_packages_are_compared() {
    let folder = folder("diff");
    let file = folder.join("SDTM Terminology 2030-01-01.txt");
    std::fs::write(&file, EVS).unwrap();
    let file = file.to_str().unwrap();
    let dir = folder.join("packages");
    let dir = dir.to_str().unwrap();
    text(&croft(&folder, &["import", file, "--ct-dir", dir]));
    let args = ["diff", "sdtmct-2025-03-28", "sdtmct", "--codelist", "SEX", "--ct-dir", dir];
    let told = text(&croft(&folder, &args));
    let expected = "SDTM CT 2025-03-28 → SDTM CT 2030-01-01

                          added  removed  changed
  code lists                  0        0        1
  terms of lists in both      1        2        2

changed code lists

  SEX  (C66731)  1 term added, 2 terms removed, 2 terms changed
    extensible: `no` → `yes`
    +  OTHER     C99999  Other Sex
    -  INTERSEX  C45908  Intersex
    -  U         C17998  Unknown
    ~  F         C16576  synonyms: `Female` → `Woman`
    ~  MALE      C20197  submission value: `M` → `MALE`; synonyms: `Male` → `Man`
";
    assert_eq!(told, expected);
    let facts = facts(&croft(&folder, &[&args[..], &["--json"]].concat()));
    assert_eq!(facts["counts"]["terms_removed"], 2);
    assert_eq!(facts["code_lists_changed"][0]["terms_changed"][1]["changes"][0]["to"], "MALE");
    assert!(text(&croft(&folder, &["diff", "ddfct", "ddfct"])).ends_with("nothing differs\n"));
}

#[test]
fn an_installed_package_stands_ahead_of_the_one_that_comes_with_croft() {
    let folder = folder("import");
    let file = folder.join("SDTM Terminology.txt");
    std::fs::write(&file, EVS).unwrap();
    let file = file.to_str().unwrap();
    let unnamed = croft(&folder, &["import", file]);
    assert_eq!(unnamed.status.code(), Some(2));
    assert!(said(&unnamed).contains("neither the file nor its name tells which package it is"), "{}", said(&unnamed));
    assert!(said(&unnamed).contains("--package sdtmct-2025-03-28"), "{}", said(&unnamed));
    let named = ["import", file, "--package", "SDTM 2025-03-28", "--json"];
    let first = facts(&croft(&folder, &named));
    assert_eq!(first["packages"][0]["was"], "absent");
    assert_eq!(first["packages"][0]["date_known"], true);
    assert_eq!(facts(&croft(&folder, &named))["packages"][0]["was"], "same");
    let all = text(&croft(&folder, &["show"]));
    assert!(all.contains("  sdtmct-2025-03-28                 1      3  installed\n"), "{all}");
    std::fs::write(file, EVS.replace("OTHER", "ANOTHER")).unwrap();
    let other = croft(&folder, &named[..4]);
    assert_eq!(other.status.code(), Some(2));
    assert!(said(&other).contains("is installed already, with another content"), "{}", said(&other));
    let replaced = facts(&croft(&folder, &[&named[..], &["--replace"]].concat()));
    assert_eq!(replaced["packages"][0]["was"], "other");
    let names: Vec<_> =
        std::fs::read_dir(folder.join("data/croft/ct")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names, ["sdtmct-2025-03-28.ct"], "nothing unfinished is left");
}

#[test]
fn a_bad_file_leaves_nothing_and_says_where() {
    let folder = folder("bad");
    let good = folder.join("sdtmct-2030-01-01.txt");
    std::fs::write(&good, EVS).unwrap();
    let bad = folder.join("sdtmct-2030-02-01.txt");
    std::fs::write(&bad, EVS.replace("C20197\tC66731", "C20197\tC66732")).unwrap();
    let output = croft(&folder, &["import", good.to_str().unwrap(), bad.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    let said_of = said(&output);
    assert!(said_of.contains("line 4: a term of the code list C66732, which is not in the file"), "{said_of}");
    assert!(!folder.join("data").exists(), "the good file is not written either");
}

#[test]
fn what_is_not_at_hand_is_told_with_what_is() {
    let folder = folder("absent");
    let refused = |args: &[&str], words: [&str; 2]| {
        let output = croft(&folder, args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        for word in words {
            assert!(said(&output).contains(word), "{word:?} in {}", said(&output));
        }
    };
    refused(
        &["show", "sdtmct-2024-09-27"],
        ["sdtmct-2024-09-27 is not at hand", "at hand: sdtmct-2022-09-30, sdtmct-2025-03-28"],
    );
    refused(&["show", "SEX"], ["`SEX` names no package", "croft ct show sdtmct SEX"]);
    refused(&["show", "sdtmct", "SEVERITY"], ["has no code list `SEVERITY`", "near it:"]);
    refused(
        &["diff", "adamct", "sdtmct", "--codelist", "NONE"],
        ["neither adamct-2026-03-27 nor sdtmct-2025-03-28", "lists them"],
    );
    refused(&["show", "--ct-dir", "/no/such/folder"], ["/no/such/folder cannot be read", "--ct-dir"]);
}

#[test]
fn a_damaged_package_is_told_and_does_not_hide_the_others() {
    let folder = folder("damaged");
    let packages = folder.join("data/croft/ct");
    std::fs::create_dir_all(&packages).unwrap();
    std::fs::write(packages.join("sdtmct-2030-01-01.ct"), b"not gzip at all").unwrap();
    std::fs::write(packages.join("notes.txt"), b"no package").unwrap();
    let all = croft(&folder, &["show"]);
    assert_eq!(all.status.code(), Some(1));
    let table = String::from_utf8(all.stdout.clone()).unwrap();
    assert!(table.contains("sendct-2026-03-27"), "{table}");
    assert!(table.contains("installed, damaged"), "{table}");
    assert!(said(&all).contains("error: the installed package sdtmct-2030-01-01: part 1 is damaged"), "{}", said(&all));
    let newest = croft(&folder, &["show", "sdtmct", "SEX"]);
    assert_eq!(newest.status.code(), Some(2), "the newest is the damaged one; another is not taken in its place");
    assert_eq!(croft(&folder, &["show", "sdtmct-2025-03-28", "SEX"]).status.code(), Some(0));
}
