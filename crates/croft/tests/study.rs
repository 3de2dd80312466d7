//! The road, as its users walk it: a new study is built, verified, changed and traced.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder of its own for a test, empty.
fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("study").join(name);
    let _ = std::fs::remove_dir_all(&path);
    path
}

fn croft(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_croft")).args(arguments).output().expect("the binary runs")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("test paths are UTF-8")
}

/// Runs a command that must end with this code, and reads its JSON.
fn facts(arguments: &[&str], code: i32) -> Value {
    let output = croft(&[arguments, &["--json"]].concat());
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {told}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{arguments:?}: {e}"))
}

fn new_study(template: &str, name: &str) -> PathBuf {
    let dir = folder(name);
    facts(&["new", template, text(&dir)], 0);
    dir
}

fn copy_tree(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_tree(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

#[test]
fn every_template_builds_and_verifies() {
    for template in ["be-2x2", "be-replicate", "single-dose-pk"] {
        let dir = new_study(template, template);
        let built = facts(&["build", text(&dir)], 0);
        assert!(Path::new(built["report"].as_str().unwrap()).is_file(), "{template} has a report");
        assert_eq!(built["findings"].as_array().unwrap().len(), 0, "{template}");
        let verified = facts(&["verify", text(&dir)], 0);
        assert!(verified["files"].as_u64().unwrap() > 90, "{template}: {verified}");
    }
}

#[test]
fn the_package_is_the_same_in_another_folder_and_after_touching_files() {
    let dir = new_study("be-2x2", "first");
    facts(&["build", text(&dir)], 0);
    let other = folder("second");
    copy_tree(&dir, &other);
    // Copying gave every file a new time; a build finds nothing to do.
    let built = facts(&["build", text(&other)], 0);
    let stale: Vec<&Value> = built["steps"].as_array().unwrap().iter().filter(|s| s["freshness"] == "stale").collect();
    assert!(stale.is_empty(), "{stale:?}");
    facts(&["verify", text(&other)], 0);

    std::fs::remove_dir_all(other.join("out")).unwrap();
    facts(&["build", text(&other)], 0);
    let manifest = "out/package/manifest.json";
    assert_eq!(std::fs::read(dir.join(manifest)).unwrap(), std::fs::read(other.join(manifest)).unwrap());

    let report = other.join("out/document/report.pdf");
    let mut bytes = std::fs::read(&report).unwrap();
    bytes[200] ^= 1;
    std::fs::write(&report, bytes).unwrap();
    let verified = facts(&["verify", text(&other)], 1);
    assert!(verified["differences"]["document/report.pdf"].as_str().unwrap().contains("byte 200"), "{verified}");
}

#[test]
fn changing_one_concentration_changes_what_depends_on_it_and_nothing_else() {
    let dir = new_study("be-2x2", "changed");
    facts(&["build", text(&dir)], 0);
    let values = dir.join("data/values.csv");
    let before = std::fs::read_to_string(&values).unwrap();
    let line =
        before.lines().find(|l| l.starts_with("1005,P1,1,PK,1,pk_results,9,CONC,")).expect("the simulator drew it");
    let after = line.split(',').enumerate().map(|(i, f)| if i == 8 || i == 9 { "999" } else { f }).collect::<Vec<_>>();
    std::fs::write(&values, before.replace(line, &after.join(","))).unwrap();

    let refused = croft(&["build", text(&dir)]);
    assert_eq!(refused.status.code(), Some(2));
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        told.contains("data/values.csv is not the file that was frozen") && told.contains("croft freeze"),
        "{told}"
    );

    // Frozen at the same time as before: nothing but the concentration differs.
    let why = ["--by", "A. Tester", "--at", "2026-03-16T10:00:00Z", "--reason", "trial of a change"];
    let frozen = facts(&[&["freeze", text(&dir)][..], &why].concat(), 0);
    assert_eq!(frozen["changed"], serde_json::json!(["values.csv"]));
    // The value is no longer what its last event set: that is told, and the build goes on.
    let built = facts(&["build", text(&dir)], 1);
    assert_eq!(built["findings"][0]["rule"], "SNAPSHOT-AUDIT");
    let changed: BTreeSet<String> = built["steps"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|s| s["changed"] == true)
        .map(|s| format!("{} {}", s["stage"].as_str().unwrap(), s["step"].as_str().unwrap()))
        .collect();
    let downstream: BTreeSet<String> = [
        "tabulate PC",
        "derive ADPC",
        "derive PP",
        "derive ADPP",
        "analyse concentrations",
        "analyse pk-parameters",
        "analyse be-means",
        "analyse bioequivalence",
        "display concentrations-summary",
        "display mean-profile",
        "display individual-profiles",
        "display lambda-z",
        "display pk-parameters",
        "display bioequivalence",
        "display anova",
        "display forest",
        "display l-concentrations",
        "display l-pk-parameters",
        "document report",
        "package package",
    ]
    .map(str::to_owned)
    .into();
    assert_eq!(changed, downstream);
    facts(&["verify", text(&dir)], 0);

    // A new lock time is in every file, and in no result. Nothing is locked anew without a change.
    let audit = dir.join("data/audit.csv");
    let recorded = std::fs::read_to_string(&audit).unwrap();
    std::fs::write(&audit, recorded.replace("Re-assay:", "Re-assayed:")).unwrap();
    let later = ["--by", "A. Tester", "--at", "2026-04-01T08:00:00Z", "--reason", "locked again"];
    facts(&[&["freeze", text(&dir)][..], &later].concat(), 0);
    let built = facts(&["build", text(&dir)], 1);
    for step in built["steps"].as_array().unwrap().iter().filter(|s| s["stage"] == "analyse") {
        assert_eq!(step["freshness"], "fresh", "{step}");
    }
    facts(&["verify", text(&dir)], 0);
}

#[test]
fn the_confidence_interval_leads_to_the_concentrations_of_each_subject() {
    let dir = new_study("be-2x2", "traced");
    facts(&["build", text(&dir)], 0);
    let displays = facts(&["trace", text(&dir)], 0);
    assert!(displays["displays"]["bioequivalence"].is_string(), "{displays}");
    let cells = facts(&["trace", text(&dir), "bioequivalence"], 0);
    let cell = cells["cells"].as_array().unwrap().iter().find(|c| c["column"] == "90% CI (%)").expect("an interval");
    let address = format!("{}/{}", cell["row"].as_str().unwrap(), cell["column"].as_str().unwrap());
    let walk = facts(&["trace", text(&dir), "bioequivalence", &address], 0);

    let recorded = walk["recorded"].as_array().unwrap();
    let concentrations: Vec<&Value> = recorded.iter().filter(|r| r["address"]["item"] == "CONC").collect();
    let subjects: BTreeSet<&str> = concentrations.iter().map(|r| r["address"]["subject"].as_str().unwrap()).collect();
    assert_eq!(subjects.len(), 23, "24 were treated, one withdrew after the first period");
    for value in &concentrations {
        let last = value["events"].as_array().unwrap().last().expect("each value has its event");
        assert_eq!(last["after"], value["text"]);
        assert!(!last["actor"].as_str().unwrap().is_empty() && last["time"].as_str().unwrap().starts_with("2026-"));
    }
    // The re-assayed sample is told with what it was before, and why.
    let amended =
        concentrations.iter().find(|r| r["events"].as_array().unwrap().len() == 2).expect("one was re-assayed");
    assert!(amended["events"][1]["reason"].as_str().unwrap().contains("Re-assay"));
    assert_ne!(amended["events"][1]["before"], amended["events"][1]["after"]);

    let unknown = croft(&["trace", text(&dir), "bioequivalence", "Cmax/nothing"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("there is no cell `Cmax/nothing`"));
}

#[test]
fn define_xml_is_valid_against_the_schema() {
    let Some(schema) = croft_testkit::reference("cdisc/define-xml/xsd-2.1") else { return };
    let Some(schema) = find(&schema, "arm1-0-0.xsd") else { panic!("no arm1-0-0.xsd in {}", schema.display()) };
    let dir = new_study("be-2x2", "defined");
    facts(&["build", text(&dir)], 0);
    let mut checked = 0;
    for folder in ["tabulations/sdtm", "analysis/adam/datasets"] {
        let file = dir.join("out/package/m5/datasets/crb101").join(folder).join("define.xml");
        let output =
            Command::new("xmllint").args(["--noout", "--nonet", "--schema", text(&schema), text(&file)]).output();
        let output = output.expect("xmllint is installed (Debian: libxml2-utils)");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        checked += 1;
    }
    croft_testkit::assert_checked("define.xml against the schema", checked, 2);
}

fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    std::fs::read_dir(folder)
        .ok()?
        .filter_map(Result::ok)
        .map(|e| e.path())
        .find_map(|path| if path.is_dir() { find(&path, name) } else { (path.file_name()? == name).then_some(path) })
}

/// Each fault of a folder is told with its file and what to do, and nothing panics.
#[test]
fn a_broken_folder_is_told_where_and_how() {
    let cases: [(&str, &str, &str, &str); 6] = [
        ("study.toml", "sponsor = ", "sponsr = ", "study.toml"),
        ("tabulate/dm.sql", "from demographics as d", "from demografics as d", "tabulate/dm.sql"),
        ("derive/adpp.sql", "p.PPSTRESN as AVAL", "p.PPSTRESM as AVAL", "derive/adpp.sql"),
        ("derive/pp.toml", "dose_unit = \"mg\"", "dose_unit = \"mL\"", "derive/pp.toml"),
        ("analyse/bioequivalence.toml", "method = \"abe\"", "method = \"abx\"", "analyse/bioequivalence.toml"),
        ("document/report.md", "![[bioequivalence]]", "![[bioequivalenz]]", "document/report.md"),
    ];
    let dir = new_study("be-2x2", "broken");
    for (file, from, to, named) in cases {
        let path = dir.join(file);
        let whole = std::fs::read_to_string(&path).unwrap();
        assert!(whole.contains(from), "{file} has `{from}`");
        std::fs::write(&path, whole.replacen(from, to, 1)).unwrap();
        let output = croft(&["build", text(&dir)]);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{file}: {told}");
        assert!(told.contains(named) && told.contains("hint:"), "{file}: {told}");
        std::fs::write(&path, whole).unwrap();
    }
    facts(&["build", text(&dir)], 0);
}

/// What a template writes can be published in a record, and its samples and doses are asked for in every period.
#[test]
fn every_template_is_a_definition_that_a_record_takes() {
    for (template, periods) in [("be-2x2", 2), ("be-replicate", 4), ("single-dose-pk", 1)] {
        let files = croft_study::template::files(template).unwrap();
        let texts = files.into_iter().filter(|(name, _)| name == "study.toml" || name.starts_with("forms/"));
        let texts = texts.map(|(name, bytes)| (name, String::from_utf8(bytes).unwrap())).collect();
        let compiled = croft_record::definition::Compiled::compile(&texts)
            .unwrap_or_else(|problems| panic!("{template}: {problems:?}"));
        for form in ["PK", "EX"] {
            assert_eq!(compiled.form(form).unwrap().visits.len(), periods, "{template} {form}");
        }
    }
}
