//! `croft define` through the built binary: a define.xml is made from data, shown, checked, held against the data, compared.

#![allow(clippy::unwrap_used, reason = "tests panic with a sentence")]

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn croft(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_croft")).arg("define").args(args).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn json(args: &[&str]) -> Value {
    let output = croft(&[args, &["--json"]].concat());
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {}", stderr(&output)))
}

const DM: &str =
    "STUDYID,DOMAIN,USUBJID,SUBJID,AGE,AGEU,SEX\nX-1,DM,X-1-01,01,33,YEARS,F\nX-1,DM,X-1-02,02,41,YEARS,M\n";

/// A folder with a dataset and the define.xml that is made from it.
fn made(name: &str) -> (PathBuf, String) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("define").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("dm.csv"), DM).unwrap();
    let output = croft(&["make", folder.to_str().unwrap(), "--id", "X-1", "--created", "2024-04-01T12:00:00Z"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stdout(&output).contains("1 datasets, 7 variables"), "{}", stdout(&output));
    let file = folder.join("define.xml").to_str().unwrap().to_owned();
    (folder, file)
}

#[test]
fn what_is_made_from_data_is_valid_and_agrees_with_them() {
    let (folder, file) = made("make");
    let facts = json(&["check", &file, "--data", folder.to_str().unwrap()]);
    assert_eq!(facts["errors"], 0, "{facts:#}");
    assert_eq!(facts["datasets"], serde_json::json!(["DM"]));
    let facts = json(&["show", &file]);
    assert_eq!(facts["version"], "2.1");
    assert_eq!(facts["datasets"][0]["keys"], serde_json::json!(["STUDYID", "USUBJID"]));
    assert_eq!(facts["datasets"][0]["variables"][4]["name"], "AGE");
    assert_eq!(facts["datasets"][0]["variables"][4]["label"], "Age");
}

#[test]
fn data_that_changed_are_found_at_their_row() {
    let (folder, file) = made("changed");
    std::fs::write(folder.join("dm.csv"), format!("{DM}X-1,DM,X-1-02,0003,41,YEARS,FEMALE\n")).unwrap();
    let output = croft(&["check", &file, "--data", folder.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let told = stdout(&output);
    for part in [
        "DEFINE-DATA-KEY: DM, row 3 = \"X-1, X-1-02\": it has the keys (STUDYID, USUBJID) of row 2",
        "DEFINE-DATA-LENGTH: DM, row 3, SUBJID = \"0003\": it is longer than the Length 2",
        "DEFINE-DATA-CODELIST: DM, row 3, SEX = \"FEMALE\": it is not in the code list CL.SEX",
        "hint:",
    ] {
        assert!(told.contains(part), "{part} in\n{told}");
    }
}

#[test]
fn a_fault_is_told_with_its_line_and_a_broken_file_is_no_crash() {
    let (folder, file) = made("fault");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("Repeating=\"No\"", "Repeating=\"Perhaps\"")).unwrap();
    let output = croft(&["check", &file]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains("Repeating of <ItemGroupDef> is `Perhaps`, but must be one of `Yes`, `No`"));
    let broken = folder.join("broken.xml");
    std::fs::write(&broken, &text[..text.rfind("<ItemDef").unwrap()]).unwrap();
    let output = croft(&["check", broken.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains("DEFINE-XML"), "{}", stdout(&output));
    let output = croft(&["show", broken.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("the document ends within") && stderr(&output).contains("hint:"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn two_files_are_compared_and_one_is_written_as_a_page() {
    let (folder, file) = made("diff");
    let text = std::fs::read_to_string(&file).unwrap();
    let later = folder.join("later.xml").to_str().unwrap().to_owned();
    std::fs::write(&later, text.replace("One record per subject", "One record per animal")).unwrap();
    let output = croft(&["diff", &file, &later]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains(
        "changed  dataset DM\n           structure: \"One record per subject\" -> \"One record per animal\""
    ));
    assert_eq!(croft(&["diff", &file, &file]).status.code(), Some(0));
    let page = folder.join("define.html").to_str().unwrap().to_owned();
    let output = croft(&["show", &file, "--html", &page]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let text = std::fs::read_to_string(&page).unwrap();
    assert!(text.contains("default-src 'none'") && text.contains("Unique Subject Identifier"));
}

#[test]
fn what_is_missing_is_asked_for() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("define/asked");
    std::fs::create_dir_all(&folder).unwrap();
    let output = croft(&["make", folder.to_str().unwrap(), "--id", "X-1"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("give --created"), "{}", stderr(&output));
    let output = croft(&["make", folder.to_str().unwrap(), "--id", "X-1", "--created", "2024-04-01T12:00:00Z"]);
    assert!(stderr(&output).contains("holds no dataset"), "{}", stderr(&output));
}
