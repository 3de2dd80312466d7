//! `croft ars` through the built binary: shown, run, compared, written; a study folder exported and shown again.

#![allow(clippy::unwrap_used, reason = "tests panic with a sentence")]

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn croft(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_croft")).args(args).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ars").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

const ADSL: &str = "USUBJID,TRT,SAFFL,AGE\nX-01,A,Y,41\nX-02,A,Y,45.5\nX-03,B,Y,61\nX-04,B,N,64\n";

const EVENT: &str = r#"{
  "id": "RE", "name": "Demography",
  "mainListOfContents": { "name": "All", "contentsList": { "listItems": [
    { "name": "Demography", "level": 1, "order": 1, "outputId": "OUT", "sublist": { "listItems": [
      { "name": "Age (years)", "level": 2, "order": 1, "analysisId": "AGE" } ] } } ] } },
  "analysisSets": [{ "id": "SAF", "name": "Safety", "level": 1, "order": 1,
    "condition": { "dataset": "ADSL", "variable": "SAFFL", "comparator": "EQ", "value": ["Y"] } }],
  "analysisGroupings": [{ "id": "ARM", "name": "Treatment", "dataDriven": true, "groupingDataset": "ADSL", "groupingVariable": "TRT" }],
  "methods": [{ "id": "SUM", "name": "Summary", "operations": [
    { "id": "SUM.n", "name": "n", "order": 1, "resultPattern": "XX" },
    { "id": "SUM.mean", "name": "Mean", "label": "Mean", "order": 2, "resultPattern": "XX.XX" },
    { "id": "SUM.hl", "name": "Hodges-Lehmann estimate", "order": 3 } ] }],
  "analyses": [{ "id": "AGE", "name": "Age by treatment", "reason": { "controlledTerm": "SPECIFIED IN SAP" },
    "purpose": { "controlledTerm": "PRIMARY OUTCOME MEASURE" }, "methodId": "SUM", "dataset": "ADSL", "variable": "AGE", "analysisSetId": "SAF",
    "orderedGroupings": [{ "order": 1, "groupingId": "ARM", "resultsByGroup": true }],
    "results": [
      { "operationId": "SUM.n", "resultGroups": [{ "groupingId": "ARM", "groupValue": "A" }], "rawValue": "2", "formattedValue": "2" },
      { "operationId": "SUM.mean", "resultGroups": [{ "groupingId": "ARM", "groupValue": "A" }], "rawValue": "43.3", "formattedValue": "43.30" } ] }],
  "outputs": [{ "id": "OUT", "name": "Table 1", "displays": [{ "order": 1, "display": { "id": "D1", "name": "T1", "displaySections": [
    { "sectionType": "Title", "orderedSubSections": [{ "order": 1, "subSection": { "id": "T", "text": "Table 1. Demography" } }] },
    { "sectionType": "Footnote", "orderedSubSections": [{ "order": 1, "subSection": { "id": "F", "text": "Arithmetic means." } }] } ] } }] }]
}"#;

fn written(name: &str) -> (PathBuf, String) {
    let folder = folder(name);
    std::fs::write(folder.join("adsl.csv"), ADSL).unwrap();
    let file = folder.join("event.json");
    std::fs::write(&file, EVENT).unwrap();
    (folder, file.to_string_lossy().into_owned())
}

#[test]
fn results_are_computed_compared_and_written() {
    let (folder, file) = written("run");
    let at = |name: &str| folder.join(name).to_string_lossy().into_owned();
    let output = croft(&[
        "ars",
        "run",
        &file,
        "--data",
        folder.to_str().unwrap(),
        "--compare",
        "--results",
        &at("out.json"),
        "--csv",
        &at("out.csv"),
        "--html",
        &at("out.html"),
    ]);
    let told = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{told}{}", stderr(&output));
    for line in [
        "read ADSL (4 rows)",
        "  AGE                                      4 results",
        "not run: AGE: SUM.hl: the operation `Hodges-Lehmann estimate` is not one that croft knows by name",
        "differs (value): AGE: SUM.mean: A: 43.3 \"43.30\" in the file, computed 43.25 \"43.25\"",
        "2 results in the file: 1 agree (0 of them at the digits that the file prints), 1 differ, 0 not computed; 2 more were computed",
    ] {
        assert!(told.contains(line), "{line}\n{told}");
    }
    let csv = std::fs::read_to_string(at("out.csv")).unwrap();
    assert_eq!(csv.lines().nth(3), Some("AGE,Age by treatment,ADSL,AGE,SAF,,SUM,SUM.mean,ARM=A,43.25,43.25"));
    let page = std::fs::read_to_string(at("out.html")).unwrap();
    assert!(page.contains("43.25") && page.contains("Arithmetic means.") && !page.contains("<script"), "{page}");
    // What was computed agrees with itself.
    let output = croft(&["ars", "run", &at("out.json"), "--data", &at("adsl.csv"), "--compare", "--json"]);
    let facts: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&facts["comparison"]["equal"], &facts["comparison"]["more"]), (&4.into(), &0.into()));
}

#[test]
fn what_an_event_holds_and_lacks_is_shown() {
    let (folder, file) = written("show");
    let output = croft(&["ars", "show", &file]);
    let told = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{told}{}", stderr(&output));
    assert!(told.contains("1 analyses with 2 results") && told.contains("reads ADSL: AGE SAFFL TRT"), "{told}");
    assert!(stderr(&output).contains("ARS-OPERATION: SUM.hl"), "{}", stderr(&output));
    let output = croft(&["ars", "show", &file, "--output", "OUT"]);
    let told = stdout(&output);
    for line in ["Table 1  Demography", "Age (years)", "  Mean", "43.30", "Arithmetic means."] {
        assert!(told.contains(line), "{line}\n{told}");
    }
    let output = croft(&["ars", "show", &file, "--output", "X"]);
    assert_eq!(output.status.code(), Some(2));
    std::fs::write(folder.join("broken.json"), EVENT.replace("\"methodId\": \"SUM\", ", "")).unwrap();
    let output = croft(&["ars", "show", folder.join("broken.json").to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("$.analyses[0]: `methodId` is missing"), "{}", stderr(&output));
    let output = croft(&["ars", "run", &file, "--data", folder.parent().unwrap().join("none").to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2), "{}", stdout(&output));
}

#[test]
fn a_study_folder_is_an_event_that_loads_again() {
    let folder = folder("export");
    let study = folder.join("study");
    let output = croft(&["new", "be-2x2", study.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let file = folder.join("event.json").to_string_lossy().into_owned();
    let output = croft(&["ars", "export", study.to_str().unwrap(), "--out", &file]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let output = croft(&["ars", "show", &file, "--json"]);
    let facts: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{:#}", facts["findings"]);
    let errors = facts["findings"].as_array().unwrap().iter().filter(|f| f["severity"] != "note").count();
    assert_eq!(errors, 0, "{:#}", facts["findings"]);
    let results: u64 = facts["analyses"].as_array().unwrap().iter().filter_map(|a| a["results"].as_u64()).sum();
    assert!(results > 100, "{results}");
    if let Some(path) = croft_testkit::reference("cdisc/ars/ars_ldm.schema.json") {
        let read = |path: &Path| -> Value { serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap() };
        let mut schema = read(&path);
        schema.as_object_mut().unwrap().retain(|name, _| !matches!(name.as_str(), "metamodel_version" | "version"));
        let issues = croft_cdisc::usdm::check(&read(Path::new(&file)), &schema).unwrap();
        assert!(issues.is_empty(), "{:?}", issues.first());
    }
}
