//! `croft data` through the built binary: files shown, converted, and refused with a remedy.

#![allow(clippy::unwrap_used, reason = "tests panic with a sentence")]

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn croft(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_croft")).arg("data").args(args).output().unwrap()
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("data").join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn file(folder: &Path, name: &str, bytes: &[u8]) -> String {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

const CONCENTRATIONS: &[u8] = b"USUBJID,TIME,CONC\n01,0,.\n01,0.5,4.9e-7\n02,0,1.25\n";

#[test]
fn a_file_is_shown_with_metadata_and_first_rows() {
    let path = file(&folder("show"), "pc.csv", CONCENTRATIONS);
    let output = croft(&["show", &path, "--rows", "2"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    for part in ["PC\n", "3 rows, 3 variables", "USUBJID   Char", "CONC      Num", "rows 1 to 2 of 3"] {
        assert!(text.contains(part), "{part:?} in\n{text}");
    }
    let output = croft(&["show", &path, "--json"]);
    let facts: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(facts["datasets"][0]["rows"], 3);
    assert_eq!(facts["datasets"][0]["variables"][2]["name"], "CONC");
    assert_eq!(facts["datasets"][0]["first_rows"][1][2], 4.9e-7);
    assert_eq!(facts["datasets"][0]["first_rows"][0][2], Value::Null);
}

#[test]
fn a_dataset_goes_through_every_format_and_comes_back() {
    let folder = folder("convert");
    let mut from = file(&folder, "pc.csv", CONCENTRATIONS);
    for extension in ["xpt", "json", "ndjson", "dsjc", "xlsx", "csv"] {
        let to = folder.join(format!("out/pc.{extension}"));
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        let to = to.to_str().unwrap().to_owned();
        let output = croft(&["convert", &from, &to]);
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        assert!(said(&output).contains("3 rows, 3 variables"), "{}", said(&output));
        from = to;
    }
    let text = String::from_utf8(std::fs::read(&from).unwrap()).unwrap();
    assert_eq!(text, "USUBJID,TIME,CONC\n01,0,\n01,0.5,0.00000049\n02,0,1.25\n");
}

#[test]
fn a_long_name_needs_version_8() {
    let folder = folder("version");
    let path = file(&folder, "pc.csv", b"CONCENTRATION\n1\n");
    let out = folder.join("pc.xpt").to_str().unwrap().to_owned();
    let output = croft(&["convert", &path, &out]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("`CONCENTRATION` cannot be written to version 5"), "{}", said(&output));
    assert!(said(&output).contains("--version 8"), "{}", said(&output));
    let output = croft(&["convert", &path, &out, "--version", "8", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let facts: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(facts["findings"][0]["rule"], "XPT-NAME-LENGTH");
    assert_eq!(croft(&["show", &out]).status.code(), Some(0));
}

#[test]
fn what_cannot_be_read_names_the_file_and_the_remedy() {
    let folder = folder("bad");
    let cases: [(&str, &[u8], &[&str]); 7] = [
        ("empty.xpt", b"", &["empty.xpt cannot be read", "the file is empty", "hint"]),
        ("latin.csv", b"x\ncaf\xe9\n", &["line 2 is not UTF-8", "--encoding"]),
        ("short.csv", b"a,b\n1\n", &["line 2 has 1 fields", "delimiter"]),
        ("cut.json", b"{\"columns\": [", &["line 1, column", "cut short"]),
        ("text.xpt", b"USUBJID,AGE\n", &["not a SAS transport file"]),
        ("broken.xlsx", b"PK", &["not an XLSX workbook"]),
        ("data.sas7bdat", b"", &["no format that croft reads", "xpt"]),
    ];
    for (name, bytes, parts) in cases {
        let path = file(&folder, name, bytes);
        let output = croft(&["show", &path]);
        assert_eq!(output.status.code(), Some(2), "{name}");
        for part in parts {
            assert!(said(&output).contains(part), "{part:?} for {name} in\n{}", said(&output));
        }
    }
    let output = croft(&["show", folder.join("absent.xpt").to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("absent.xpt cannot be opened"));
    assert_eq!(croft(&["show", "x.csv", "--encoding", "klingon"]).status.code(), Some(2));
}

#[test]
fn a_truncated_transport_file_names_its_row() {
    let Some(source) = croft_testkit::reference("cdisc/pilot-sdtm/dm.xpt") else { return };
    let bytes = std::fs::read(source).unwrap();
    let path = file(&folder("cut"), "dm.xpt", &bytes[..bytes.len() / 2]);
    let output = croft(&["show", &path]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("within dataset DM, row"), "{}", said(&output));
}

#[test]
fn a_file_in_windows_1252_is_read_reported_and_written_back_the_same() {
    let Some(source) = croft_testkit::reference("cdisc/pilot-sdtm/ts.xpt") else { return };
    let folder = folder("encoding");
    let source = source.to_str().unwrap();
    let output = croft(&["show", source]);
    assert_eq!(output.status.code(), Some(2));
    for part in ["dataset TS, row", "variable TSVAL", "0x92", "--encoding windows-1252"] {
        assert!(said(&output).contains(part), "{part:?} in\n{}", said(&output));
    }
    let out = folder.join("ts.xpt").to_str().unwrap().to_owned();
    let output = croft(&["convert", source, &out, "--encoding", "windows-1252"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(said(&output).contains("XPT-ENCODING"), "{}", said(&output));
    assert!(std::fs::read(&out).unwrap() == std::fs::read(source).unwrap());
}

#[test]
fn a_packed_archive_is_read() {
    let Some(source) = croft_testkit::reference("cdisc/pilot-sdtm/ae.xpt.xz") else { return };
    let output = croft(&["show", source.to_str().unwrap(), "--json", "--rows", "0"]);
    let facts: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(facts["datasets"][0]["rows"], 1191);
}
