//! `croft nca` as a reader of a CSV file meets it.

#![allow(clippy::unwrap_used, reason = "helpers of tests may unwrap as tests do")]

use croft_testkit::{assert_close, csv_rows, reference};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn croft(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_croft")).arg("nca").args(args).output().unwrap()
}

/// A file of the test's own folder.
fn file(name: &str, content: &[u8]) -> String {
    let path = folder().join(name);
    std::fs::write(&path, content).unwrap();
    path.display().to_string()
}

fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("nca");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn json(args: &[&str]) -> Value {
    let output = croft(&[args, &["--json"]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The error of a run that must be refused as misuse.
fn refused(args: &[&str]) -> String {
    let output = croft(args);
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(output.stdout.is_empty(), "data of a refused file");
    told
}

const TWO: &[u8] =
    b"subject,time,conc\n1,0,0\n1,1,8\n1,2,6\n1,4,3\n1,8,0.75\n2,0,0\n2,1,6\n2,2,7\n2,4,4\n2,8,1\n2,12,BLQ\n";

#[test]
fn theophylline_is_told_as_json_by_the_contract() {
    let Some(data) = reference("pk-be/nca-theoph/theoph.csv") else { return };
    let told = json(&[
        data.to_str().unwrap(),
        "--dose",
        "320mg",
        "--rule",
        "linear",
        "--time",
        "time_h",
        "--conc",
        "conc_mg_per_L",
    ]);
    let expected = reference("pk-be/nca-theoph/expected_winnonlin_linear_dose320.csv").unwrap();
    let mut checked = 0;
    for (row, profile) in
        csv_rows::<BTreeMap<String, String>>(expected).iter().zip(told["profiles"].as_array().unwrap())
    {
        assert_eq!(profile["subject"], row["Subject"]);
        let columns = [
            ("CMAX", "Cmax"),
            ("TMAX", "Tmax"),
            ("AUCLST", "AUClast"),
            ("AUCIFO", "AUCINF_obs"),
            ("LAMZ", "Lambda_z"),
            ("LAMZHL", "HL_Lambda_z"),
        ];
        for (code, column) in columns {
            let value = profile["parameters"][code].as_f64().unwrap();
            assert_close(&format!("{code} of {}", row["Subject"]), value, row[column].parse().unwrap(), 1e-6);
            checked += 1;
        }
    }
    croft_testkit::assert_checked("theophylline by the command", checked, 72);
}

#[test]
fn people_get_a_summary_and_remarks() {
    let path = file("two.csv", TWO);
    let output = croft(&[&path, "--dose", "100"]);
    assert!(output.status.success());
    let summary = String::from_utf8(output.stdout).unwrap();
    assert!(summary.starts_with("2 profiles, "), "{summary}");
    assert!(summary.contains("AUCLST") && summary.contains("CLFO"), "{summary}");
    let undosed = croft(&[&path]);
    assert!(undosed.status.success());
    assert!(String::from_utf8_lossy(&undosed.stderr).contains("no dose was given"));
}

#[test]
fn a_value_is_traced_to_rows_of_the_file() {
    let told = json(&[&file("rows.csv", TWO), "--dose", "100"]);
    let second = &told["profiles"][1];
    assert_eq!(second["rows_used"]["CLST"], serde_json::json!([11]));
    assert_eq!(second["rows_used"]["AUCLST"], serde_json::json!([7, 8, 9, 10, 11]));
    assert_eq!(told["input"]["sha256"].as_str().unwrap().len(), 64);
}

#[test]
fn what_was_analysed_is_written_with_options_and_hash() {
    let out = folder().join("out");
    let path = file("written.csv", TWO);
    let output =
        croft(&[&path, "--dose", "100mg", "--conc-unit", "ng/mL", "--time-unit", "h", "--out", out.to_str().unwrap()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told: Value = serde_json::from_slice(&std::fs::read(out.join("nca.json")).unwrap()).unwrap();
    assert_eq!(told["profiles"][0]["options"]["rule"], "linear-up-log-down");
    assert_eq!(told["profiles"][0]["units"]["CLFO"], "L/h");
    let rows = csv_rows::<BTreeMap<String, String>>(out.join("pp.csv"));
    let half_life = rows.iter().find(|r| r["SUBJECT"] == "1" && r["PPTESTCD"] == "LAMZHL").unwrap();
    assert_eq!(half_life["PPTEST"], "Half-Life Lambda z");
    // 6, 3, 0.75 at 2, 4, 8 h: halved every 2 h
    assert_close("half-life", half_life["PPSTRESN"].parse().unwrap(), 2.0, 1e-9);
    // mg over h*ng/mL is 1000 L/h
    let clearance = rows.iter().find(|r| r["SUBJECT"] == "1" && r["PPTESTCD"] == "CLFO").unwrap();
    let area: f64 =
        rows.iter().find(|r| r["SUBJECT"] == "1" && r["PPTESTCD"] == "AUCIFO").unwrap()["PPSTRESN"].parse().unwrap();
    assert_close("clearance", clearance["PPSTRESN"].parse().unwrap(), 1000.0 * 100.0 / area, 1e-9);
}

#[test]
fn points_by_hand_and_exclusions_carry_their_reason() {
    let path = file("hand.csv", TWO);
    let told = json(&[&path, "--dose", "1", "--half-life-points", "2=4,8", "--half-life-reason", "two phases"]);
    assert_eq!(told["profiles"][1]["not_calculable"]["LAMZ"]["code"], "TOO_FEW_POINTS");
    let told = json(&[&path, "--dose", "1", "--half-life-points", "2=1-8", "--half-life-reason", "flat peak"]);
    assert_eq!(told["profiles"][1]["lambda_z"]["rows"], serde_json::json!([8, 9, 10, 11]));
    assert_eq!(told["profiles"][1]["lambda_z"]["chosen_by_hand"], "flat peak");
    let told = json(&[&path, "--dose", "1", "--exclude", "1=1", "--exclude-reason", "haemolysed"]);
    assert_eq!(told["profiles"][0]["parameters"]["CMAX"], 6.0);
    assert_eq!(told["profiles"][0]["excluded"][0]["reason"], "haemolysed");
    refused(&[&path, "--half-life-points", "2=4,8"]);
    assert!(refused(&[&path, "--exclude", "3=1", "--exclude-reason", "x"]).contains("no subject `3`"));
}

#[test]
fn periods_are_separate_profiles_with_their_own_dose() {
    let text =
        b"subject,period,time,conc,amount\n1,1,0,0,100\n1,1,1,8,100\n1,1,2,4,100\n1,2,0,0,50\n1,2,1,4,50\n1,2,2,2,50\n";
    let told = json(&[&file("periods.csv", text), "--dose-column", "amount", "--by", "period"]);
    let by_dose = |i: usize| told["profiles"][i]["parameters"]["CMAXD"].as_f64().unwrap();
    assert_eq!(told["profiles"][1]["period"], "2");
    assert_close("CMAXD", by_dose(0), by_dose(1), 1e-12);
}

#[test]
fn steady_state_partial_areas_and_conventions_are_asked_for_by_name() {
    let Some(data) = reference("pk-be/nca-winnonlin-pkdata2/pkdata2.csv") else { return };
    let args =
        ["--time", "time_h", "--dose", "100", "--dose-time", "0.25", "--tau", "9", "--rule", "linear-up-log-down"];
    let told = json(&[&[data.to_str().unwrap(), "--as", "winnonlin", "--partial", "0.25-9.25"], &args[..]].concat());
    let first = &told["profiles"][0];
    assert_close("AUCTAU", first["parameters"]["AUCTAU"].as_f64().unwrap(), 1268.27563070553, 1e-9);
    assert_close("partial", first["partial"][0]["AUCINT"].as_f64().unwrap(), 1268.27563070553, 1e-9);
    assert_eq!(first["parameters"]["TMAX"], 1.0);
    let told = json(&[&[data.to_str().unwrap()], &args[..]].concat());
    assert_eq!(told["profiles"][0]["parameters"]["TMAX"], 0.75, "croft tells times since the dose");
}

#[test]
fn bad_input_is_refused_with_file_row_and_remedy() {
    let cases: [(&str, &[u8], &str, &str); 9] = [
        ("empty.csv", b"", "the file is empty", "heading"),
        ("header.csv", b"subject,time,conc\n", "no rows", "row"),
        ("column.csv", b"subject,time_h,conc\n1,0,0\n", "no column `time`", "--time time_h"),
        ("text.csv", b"subject,time,conc\n1,0,0\n1,1,abc\n", "row 3, column conc: `abc` is not a number", "BLQ"),
        ("negative.csv", b"subject,time,conc\n1,0,0\n1,1,-3\n", "row 3, column conc: negative concentration -3", "BLQ"),
        (
            "twice.csv",
            b"subject,time,conc\n1,0,0\n1,1,3\n1,1,4\n",
            "subject 1: rows 3 and 4: two samples at time 1",
            "--by",
        ),
        ("latin.csv", b"subject,time,conc\nM\xfcller,0,0\n", "row 2: not UTF-8", "--encoding"),
        ("comma.csv", b"subject;time;conc\n1;0;0,5\n", "row 2, column conc: `0,5` is not a number", "decimal point"),
        ("ragged.csv", b"subject,time,conc\n1,0\n", "line: 2", "cells"),
    ];
    for (name, content, what, remedy) in cases {
        let told = refused(&[&file(name, content), "--dose", "1"]);
        assert!(told.contains(name) && told.contains(what) && told.contains(remedy), "{name}: {told}");
    }
    assert!(refused(&["no-such-file.csv"]).contains("no-such-file.csv"));
}

#[test]
fn doses_and_routes_that_cannot_be_are_refused() {
    let path = file("dose.csv", TWO);
    assert!(refused(&[&path, "--dose", "320mL"]).contains("not an amount"));
    assert!(refused(&[&path, "--dose", "320 zorkmids"]).contains("zorkmids"));
    assert!(refused(&[&path, "--dose", "-1"]).contains("greater than 0"));
    assert!(refused(&[&path, "--dose", "1mg", "--conc-unit", "nmol/L"]).contains("no volume"));
    assert!(refused(&[&path, "--dose", "5umol", "--conc-unit", "ng/mL", "--time-unit", "h"]).contains("no volume"));
    for (option, told) in [("--tau", "dosing interval -3"), ("--lloq", "-3 is not a positive number")] {
        let refusal = refused(&[&path, "--dose", "1", option, "-3"]);
        assert!(refusal.contains(told), "{refusal}");
    }
    assert!(refused(&[&path, "--dose", "1", "--route", "infusion"]).contains("--duration"));
    assert!(refused(&[&path, "--dose", "1", "--tau", "0"]).contains("dosing interval 0"));
    assert!(refused(&[&path, "--dose", "1", "--blq", "keep"]).contains("drop-middle"));
    assert!(refused(&[&path, "--dose", "1", "--partial", "9-1"]).contains("does not end after its start"));
}

#[test]
fn a_clearance_without_a_unit_is_dose_over_area() {
    let told = json(&[&file("timeless.csv", TWO), "--dose", "100mg", "--conc-unit", "ng/mL"]);
    let first = &told["profiles"][0];
    let value = |code: &str| first["parameters"][code].as_f64().unwrap();
    assert_close("CLFO", value("CLFO"), 100.0 / value("AUCIFO"), 1e-12);
    assert!(first["units"].get("CLFO").is_none());
}

#[test]
fn blank_reasons_and_too_few_points_are_refused() {
    let path = file("reasons.csv", TWO);
    for reason in ["", "  "] {
        let told = refused(&[&path, "--exclude", "1=1", "--exclude-reason", reason]);
        assert!(told.contains("--exclude-reason is blank"), "{told}");
        let told = refused(&[&path, "--half-life-points", "2=1-8", "--half-life-reason", reason]);
        assert!(told.contains("--half-life-reason is blank"), "{told}");
    }
    let told = refused(&[&path, "--half-life-max-points", "2"]);
    assert!(told.contains("at least 3 points"), "{told}");
}
