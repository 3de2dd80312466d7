//! `croft check` and `croft rules` through the built binary: rules taken in, a study checked, findings accepted and compared.

#![allow(clippy::unwrap_used, reason = "tests panic with a sentence")]

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("check").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Runs in a home of its own, so that nobody's imported rules matter.
fn croft(home: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_croft")).env("XDG_DATA_HOME", home).args(args).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn shown(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

const RULE: &str = "\
Core: {Id: TEST-000001, Status: Published, Version: '1'}
Authorities:
  - Organization: CDISC
    Standards:
      - Name: SDTMIG
        Version: '3.4'
        References:
          - Rule Identifier: {Id: CG9001, Version: '1'}
            Citations: [{Document: IG v3.4, Section: '6.2.1'}]
Description: An adverse event ends after it starts.
Sensitivity: Record
Executability: Fully Executable
Rule Type: Record Data
Scope: {Classes: {Include: [EVENTS]}, Domains: {Include: [AE]}}
Check:
  all:
    - {name: AESTDTC, operator: non_empty}
    - {name: AEENDTC, operator: date_less_than, value: AESTDTC}
Outcome: {Message: AEENDTC is before AESTDTC, Output Variables: [AESTDTC, AEENDTC]}
";

const AE: &str = "STUDYID,DOMAIN,USUBJID,AESEQ,AETERM,AESTDTC,AEENDTC\n\
    S1,AE,S1-001,1,Headache,2020-01-05,2020-01-07\n\
    S1,AE,S1-001,2,Nausea,2020-02-05,2020-02-01\n\
    S1,AE,S1-002,1,Rash,2020-03,2020-02-28\n";

/// A study of one dataset, and a rule for it.
fn study(name: &str) -> (PathBuf, String, String) {
    let home = folder(name);
    let data = home.join("data");
    std::fs::create_dir_all(&data).unwrap();
    write(&data, "ae.csv", AE);
    let rules = home.join("published");
    std::fs::create_dir_all(&rules).unwrap();
    write(&rules, "rule.yml", RULE);
    let text = |path: PathBuf| path.to_str().unwrap().to_owned();
    (home.clone(), text(data), text(rules))
}

#[test]
fn a_finding_names_record_keys_values_and_what_to_do() {
    let (home, data, rules) = study("finding");
    let output = croft(&home, &["check", &data, "--rules", &rules, "--json"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["rules"][0]["rule"], "TEST-000001");
    assert_eq!(report["rules"][0]["status"], "findings");
    assert!(report["rules"][0]["seconds"].is_f64());
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 2);
    assert_eq!(findings[0]["dataset"], "AE");
    assert_eq!(findings[0]["row"], 2);
    assert_eq!(findings[0]["keys"], serde_json::json!({"AESEQ": "2", "USUBJID": "S1-001"}));
    assert_eq!(findings[0]["variables"], serde_json::json!({"AESTDTC": "2020-02-05", "AEENDTC": "2020-02-01"}));
    assert_eq!(findings[0]["message"], "AEENDTC is before AESTDTC");
    assert_eq!(findings[1]["row"], 3, "a partial date compares at the precision both have");
    let output = croft(&home, &["check", &data, "--rules", &rules]);
    for part in ["TEST-000001  2", "AEENDTC is before AESTDTC", "AE record 2 AESEQ=2 USUBJID=S1-001"] {
        assert!(shown(&output).contains(part), "{part:?} in\n{}", shown(&output));
    }
    assert!(said(&output).contains("15 significant digits"), "{}", said(&output));
}

#[test]
fn published_rules_are_taken_in_listed_and_explained() {
    let (home, data, rules) = study("import");
    write(Path::new(&rules), "broken.yml", &RULE.replace("non_empty", "is_nearly"));
    let output = croft(&home, &["rules", "import", &rules]);
    assert_eq!(output.status.code(), Some(1), "a refused rule is a finding");
    for part in ["imported 1 rules", "broken.yml", "Check.all[0].operator: operator `is_nearly` is not known", "hint:"]
    {
        assert!(said(&output).contains(part), "{part:?} in\n{}", said(&output));
    }
    let output = croft(&home, &["rules", "explain", "CG9001"]);
    for part in ["TEST-000001", "An adverse event ends after it starts.", "AEENDTC date less than AESTDTC", "6.2.1"] {
        assert!(shown(&output).contains(part), "{part:?} in\n{}", shown(&output));
    }
    let output = croft(&home, &["check", &data, "--only", "TEST-000001", "--json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["findings"].as_array().unwrap().len(), 2, "the imported rules serve without being named");
}

#[test]
fn an_accepted_finding_stays_accepted_and_a_stale_acceptance_is_told() {
    let (home, data, rules) = study("accept");
    let accepted = write(
        &home,
        "accepted.toml",
        "[[accept]]\nrule = \"TEST-000001\"\nkeys = { USUBJID = \"S1-001\", AESEQ = \"2\" }\nreason = \"Confirmed by the site\"\n\
         [[accept]]\nrule = \"TEST-000001\"\nkeys = { USUBJID = \"S1-009\" }\nreason = \"Left the study\"\n",
    );
    let output = croft(&home, &["check", &data, "--rules", &rules, "--accepted", &accepted]);
    assert_eq!(output.status.code(), Some(1), "one finding is still open");
    assert!(shown(&output).contains("2, 1 accepted"), "{}", shown(&output));
    assert!(said(&output).contains("(Left the study) meets no finding any more"), "{}", said(&output));
    // The record moves; the acceptance finds it by its keys.
    write(Path::new(&data), "ae.csv", &AE.replacen("S1,AE,S1-001,1,", "S1,AE,S1-000,1,Cough,,\nS1,AE,S1-001,1,", 1));
    let output = croft(&home, &["check", &data, "--rules", &rules, "--accepted", &accepted]);
    assert!(shown(&output).contains("2, 1 accepted"), "{}", shown(&output));
    let bad = write(&home, "bad.toml", "[[accept]]\nrule = \"TEST-000001\"\nreason = \"\"\n");
    let output = croft(&home, &["check", &data, "--rules", &rules, "--accepted", &bad]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("gives no reason"), "{}", said(&output));
}

#[test]
fn two_runs_are_compared_by_keys_and_values() {
    let (home, data, rules) = study("compare");
    let before = home.join("before.json");
    let before = before.to_str().unwrap();
    croft(&home, &["check", &data, "--rules", &rules, "--save", before]);
    write(
        Path::new(&data),
        "ae.csv",
        &AE.replace("2020-02-01", "2020-02-09").replace("S1-001,1,Headache,2020-01-05", "S1-001,1,Headache,2020-01-09"),
    );
    let output = croft(&home, &["check", &data, "--rules", &rules, "--since", before]);
    assert!(said(&output).contains("1 new findings, 1 gone, 1 the same"), "{}", said(&output));
    let text = shown(&output);
    assert!(text.contains("+ TEST-000001  AE record 1") && text.contains("- TEST-000001  AE record 2"), "{text}");
}

#[test]
fn a_run_that_remembers_asks_what_changed_and_reports_the_same() {
    let folder = folder("memory");
    let rules = write(&folder, "rule.yml", RULE);
    let data = folder.join("data");
    std::fs::create_dir(&data).unwrap();
    write(&data, "ae.csv", AE);
    write(&data, "cm.csv", "STUDYID,DOMAIN,USUBJID,CMSEQ,CMTRT\nS1,CM,S1-001,1,ASPIRIN\n");
    let memory = folder.join("memory.json");
    let (data, memory) = (data.to_str().unwrap(), memory.to_str().unwrap());
    let plain = ["check", data, "--rules", &rules];
    let remembering = ["check", data, "--rules", &rules, "--memory", memory];
    let first = croft(&folder, &remembering);
    assert!(said(&first).contains("0 of 2 answers"), "{}", said(&first));
    let second = croft(&folder, &remembering);
    assert!(said(&second).contains("2 of 2 answers"), "{}", said(&second));
    assert_eq!(shown(&second), shown(&first));
    write(Path::new(data), "ae.csv", &AE.replace("2020-02-01", "2020-02-06"));
    let edited = croft(&folder, &remembering);
    assert!(said(&edited).contains("1 of 2 answers"), "{}", said(&edited));
    assert_eq!(shown(&edited), shown(&croft(&folder, &plain)));
    assert_ne!(shown(&edited), shown(&first));
    write(&folder, "memory.json", "{}");
    let broken = croft(&folder, &remembering);
    assert!(said(&broken).contains("memory.json is no memory"), "{}", said(&broken));
}

#[test]
fn the_page_and_the_workbook_hold_the_findings() {
    let (home, data, rules) = study("page");
    let (page, book) = (home.join("report.html"), home.join("report.xlsx"));
    let output = croft(
        &home,
        &["check", &data, "--rules", &rules, "--html", page.to_str().unwrap(), "--xlsx", book.to_str().unwrap()],
    );
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let page = std::fs::read_to_string(page).unwrap();
    for part in ["Content-Security-Policy", "id=\"TEST-000001\"", "S1-001", "<dt>AETERM</dt><dd>Nausea</dd>"] {
        assert!(page.contains(part), "{part:?}");
    }
    let output = croft(&home, &["data", "show", book.to_str().unwrap(), "--member", "Findings", "--json"]);
    let facts: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(facts["datasets"][0]["rows"], 2, "{}", said(&output));
}

#[test]
fn bad_input_is_refused_with_place_and_remedy() {
    let (home, data, rules) = study("bad");
    let refused = |args: &[&str], parts: &[&str]| {
        let output = croft(&home, args);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", said(&output));
        for part in parts {
            assert!(said(&output).contains(part), "{part:?} in\n{}", said(&output));
        }
    };
    refused(&["check", "nowhere", "--rules", &rules], &["nowhere is not there", "hint:"]);
    refused(&["check", &data, "--rules", &data], &["holds no rule", "hint:"]);
    refused(&["check", &data, "--rules", &rules, "--ct", "sdtmct-1900-01-01"], &["sdtmct-1900-01-01", "hint:"]);
    refused(&["check", &data, "--rules", &rules, "--only", "CORE-1"], &["there is no rule CORE-1"]);
    refused(&["check", &data, "--rules", &rules, "--standard", "3.4"], &["names no standard", "sdtmig-3.4"]);
    write(Path::new(&data), "dm.xpt", "not a transport file");
    refused(&["check", &data, "--rules", &rules], &["dm.xpt cannot be read"]);
    std::fs::remove_file(Path::new(&data).join("dm.xpt")).unwrap();
    write(Path::new(&data), "define.xml", "<ODM><broken");
    refused(&["check", &data, "--rules", &rules], &["define.xml", "hint:"]);
}

/// A study folder is checked part by part, with the acceptances that stand in it; before it is built there is nothing to check.
#[test]
fn a_study_folder_is_checked_part_by_part() {
    let folder = folder("study-folder");
    let (home, dir) = (folder.join("home"), folder.join("study"));
    let dir = dir.to_str().unwrap();
    assert!(croft(&home, &["new", "single-dose-pk", dir]).status.success());
    let output = croft(&home, &["check", dir]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("make them first: croft build"), "{}", said(&output));
    // A rule of the standard that the example meets, but for a finding that its file accepts.
    let accepted = Path::new(dir).join("check/accepted.toml");
    std::fs::write(&accepted, "[[accept]]\nrule = \"CROFT-ADAM-0001\"\nreason = \"none such\"\n").unwrap();
    assert!(croft(&home, &["build", dir]).status.success());
    let output = croft(&home, &["check", dir, "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let parts: Value = serde_json::from_slice(&output.stdout).unwrap();
    let names: Vec<&str> = parts.as_object().unwrap().keys().map(|name| name.rsplit('/').next().unwrap()).collect();
    assert_eq!(names, ["datasets", "sdtm"]);
    let output = croft(&home, &["check", dir]);
    assert!(said(&output).contains("meets no finding any more"), "{}", said(&output));
    let output = croft(&home, &["check", dir, "--html", "x.html"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("name one part"), "{}", said(&output));
}

#[test]
fn a_folder_may_hold_other_json() {
    let (home, data, rules) = study("other-json");
    write(Path::new(&data), "notes.json", "[{\"written\": \"by somebody\"}]");
    let output = croft(&home, &["check", &data, "--rules", &rules]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("notes.json is JSON and no dataset: it was left out"), "{}", said(&output));
    write(Path::new(&data), "vs.json", "{\"datasetJSONVersion\": \"1.1.0\", \"rows\": []}");
    assert_eq!(
        croft(&home, &["check", &data, "--rules", &rules]).status.code(),
        Some(2),
        "a damaged dataset is no other file"
    );
    let named = Path::new(&data).join("notes.json");
    assert_eq!(croft(&home, &["check", named.to_str().unwrap(), "--rules", &rules]).status.code(), Some(2));
}

/// The published SEND studies: each dataset is read whole, and the rules that come with croft look at them.
#[test]
fn send_studies_are_loaded_and_checked() {
    let Some(send) = croft_testkit::reference("cdisc/send") else { return };
    let home = folder("send");
    let mut datasets = 0;
    for study in ["cber-poc-study2", "cjugsend00", "pc201708", "pds2014-tumor"] {
        let dir = send.join(study);
        let output = croft(&home, &["check", dir.to_str().unwrap(), "--json"]);
        let report: Value =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{study}: {e}: {}", said(&output)));
        let read = report["datasets"].as_array().unwrap();
        let expected: Vec<Value> = serde_json::from_slice(&std::fs::read(dir.join("expected.json")).unwrap()).unwrap();
        for dataset in &expected {
            let file = dataset["file"].as_str().unwrap().trim_end_matches(".xz");
            let found = read.iter().find(|d| d["file"].as_str().unwrap().trim_end_matches(".xz") == file);
            let found = found.unwrap_or_else(|| panic!("{study}: {file} was not read"));
            assert_eq!(found["records"], dataset["rows"], "{study}: {file}");
            datasets += 1;
        }
        let failed: Vec<_> = report["rules"].as_array().unwrap().iter().filter(|r| r["status"] == "failed").collect();
        assert!(failed.is_empty(), "{study}: {failed:?}");
    }
    croft_testkit::assert_checked("datasets of SEND studies", datasets, 74);
}
