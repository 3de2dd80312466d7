//! `croft be` as a user meets it.
#![allow(clippy::unwrap_used, reason = "tests")]

use croft_testkit::{assert_checked, assert_close, csv_rows, reference};
use serde::Deserialize;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn croft(file: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_croft")).arg("be").arg(file).args(args).output().unwrap()
}

fn json(file: &Path, args: &[&str]) -> Value {
    let output = croft(file, &[args, &["--json"]].concat());
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{}: {errors}", file.display());
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A file of this text, and its removal at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str, bytes: &[u8]) -> Self {
        let path = std::env::temp_dir().join(format!("croft-be-{}-{name}", std::process::id()));
        std::fs::write(&path, bytes).unwrap();
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[derive(Deserialize)]
#[allow(non_snake_case, reason = "the table's column names")]
struct Case {
    file: String,
    #[serde(default)]
    method: String,
    PE_pct: f64,
    CI90_lo_pct: f64,
    CI90_hi_pct: f64,
    df: f64,
}

#[test]
fn crossovers_and_parallel_groups_give_the_contract_keys() {
    let Some(folder) = reference("pk-be") else { return };
    let mut checked = 0;
    for set in ["be-2x2-crossover", "be-parallel"] {
        for case in csv_rows::<Case>(folder.join(set).join("expected.csv")) {
            let pooled: &[&str] = if case.method == "pooled" { &["--pooled"] } else { &[] };
            let facts = json(&folder.join(set).join(&case.file), pooled);
            let number = |key: &str| facts[key].as_f64().unwrap();
            assert_close(&case.file, number("pe_pct"), case.PE_pct, 1e-8);
            assert_close(&case.file, number("ci90_lo_pct"), case.CI90_lo_pct, 1e-8);
            assert_close(&case.file, number("ci90_hi_pct"), case.CI90_hi_pct, 1e-8);
            assert_close(&case.file, number("df"), case.df, 1e-8);
            assert_eq!(facts["cv_wr_pct"].is_null(), set == "be-parallel");
            checked += 1;
        }
    }
    assert_checked("crossover and parallel sets by the command", checked, 30);
}

#[test]
fn each_method_answers() {
    let Some(folder) = reference("pk-be/be-replicate") else { return };
    let file = folder.join("rds01.csv");
    let a = json(&file, &["--method", "abel-a"]);
    assert_close("A", a["ci90_lo_pct"].as_f64().unwrap(), 107.1056653, 1e-8);
    assert_close("CVwR", a["cv_wr_pct"].as_f64().unwrap(), 46.96430716, 1e-8);
    assert_eq!(a["decision"], "pass");
    let b = json(&file, &["--method", "abel-b", "--df", "satterthwaite"]);
    assert_close("B", b["df"].as_f64().unwrap(), 216.9386142, 1e-5);
    let c = json(&file, &["--method", "c"]);
    assert_close("C", c["analysis"]["mixed"]["minus_two_reml"].as_f64().unwrap(), 530.1445186, 1e-8);
    let rsabe = json(&file, &["--method", "rsabe"]);
    assert_close("RSABE", rsabe["criterion_bound"].as_f64().unwrap(), -0.09207633223, 1e-8);
    let ntid = json(&file, &["--method", "ntid"]);
    assert_close("ratio", ntid["ratio_hi"].as_f64().unwrap(), 0.9323568172, 1e-8);
    assert_eq!(ntid["decision"], "pass");
    let answers = json(&file, &["--compare"]);
    assert_eq!(answers["answers"].as_array().unwrap().len(), 4);
}

#[test]
fn a_failed_criterion_is_still_a_done_analysis() {
    let Some(folder) = reference("pk-be/be-parallel") else { return };
    let output = croft(&folder.join("dataset_P01.csv"), &[]);
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8(output.stdout).unwrap().contains("FAIL"));
}

const STUDY: &str = "Subject,SEQUENCE,Period,Treatment,note,AUC\n\
    1,TR,1,T,a,10.1\n1,TR,2,R,b,11.2\n2,RT,1,R,c,9.3\n2,RT,2,T,d,9.9\n\
    3,TR,1,t,e,12.0\n3,TR,2,r,f,12.5\n4,RT,1,R,g,8.8\n4,RT,2,T,h,9.1\n";

#[test]
fn columns_are_found_whatever_their_case_and_the_first_numeric_one_is_the_value() {
    let file = Scratch::new("case.csv", STUDY.as_bytes());
    let facts = json(&file.0, &[]);
    assert_eq!(facts["analysis"]["parameter"], "AUC");
    assert_eq!(facts["subjects"], 4);
    let semicolons = Scratch::new("semicolons.csv", STUDY.replace(',', ";").as_bytes());
    assert_eq!(json(&semicolons.0, &[])["pe_pct"], facts["pe_pct"]);
}

#[test]
fn other_names_and_encodings_can_be_given() {
    let text = STUDY.replace(",T,", ",Prüf,").replace(",t,", ",PRÜF,").replace(",r,", ",R,");
    let latin: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let file = Scratch::new("latin.csv", &latin);
    let refused = croft(&file.0, &[]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8(refused.stderr).unwrap().contains("--encoding"));
    let facts = json(&file.0, &["--encoding", "windows-1252", "--test", "Prüf"]);
    assert_eq!(facts["subjects"], 4);
}

#[test]
fn bad_input_is_named_with_its_row_and_a_remedy() {
    let broken = [
        ("empty.csv", String::new(), "the file is empty"),
        ("heading.csv", "subject,treatment,PK\n".to_owned(), "no rows"),
        ("column.csv", STUDY.replace("Treatment", "drug"), "no column `treatment`"),
        ("half.csv", STUDY.replace("Period", "visit"), "no column `period`"),
        ("text.csv", STUDY.replace("9.3", "<LLOQ"), "row 4, subject 2: `AUC` is \"<LLOQ\", not a number"),
        ("sequences.csv", STUDY.replace("1,TR,2", "1,RT,2"), "row 3, subject 1: sequence \"RT\", but \"TR\" in row 2"),
        ("mismatch.csv", STUDY.replace("2,RT,2,T", "2,RT,2,R"), "row 5, subject 2: treatment R in period 2"),
        ("beyond.csv", format!("{STUDY}1,TR,3,R,x,10\n"), "row 10, subject 1: period 3 is beyond the end"),
        (
            "duplicate.csv",
            format!("{STUDY}1,TR,2,R,x,10\n"),
            "row 10, subject 1: period \"2\" is given in row 3 already",
        ),
        ("negative.csv", STUDY.replace("9.3", "-9.3"), "row 4, subject 2: value -9.3 is not a positive number"),
        ("zero.csv", STUDY.replace("9.3", "0"), "value 0 is not a positive number"),
        ("unknown.csv", STUDY.replace("1,R,c", "1,X,c"), "unknown treatment \"X\""),
        ("ragged.csv", format!("{STUDY}5,TR\n"), "ragged.csv"),
        (
            "noperiods.csv",
            "subject,treatment,PK\n1,T,3\n1,R,4\n".to_owned(),
            "row 3, subject 1: the subject is given in row 2 already",
        ),
    ];
    let mut checked = 0;
    for (name, text, expected) in broken {
        let file = Scratch::new(name, text.as_bytes());
        let output = croft(&file.0, &[]);
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{name}: {errors}");
        assert!(errors.contains(expected), "{name}: {errors}");
        assert!(errors.contains("hint: "), "{name}: {errors}");
        assert!(output.stdout.is_empty(), "{name}");
        checked += 1;
    }
    assert_checked("kinds of bad input", checked, 14);
}

#[test]
fn a_method_that_does_not_fit_is_refused_with_a_remedy() {
    let file = Scratch::new("fit.csv", STUDY.as_bytes());
    for (args, expected) in [
        (vec!["--method", "rsabe"], "needs a replicate design"),
        (vec!["--method", "abel-a", "--regulator", "fda"], "FDA has no rule"),
        (vec!["--df", "satterthwaite"], "--df is for the mixed models"),
        (vec!["--alpha", "0.7"], "alpha 0.7"),
    ] {
        let output = croft(&file.0, &args);
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {errors}");
        assert!(errors.contains(expected) && errors.contains("hint: "), "{args:?}: {errors}");
    }
}

#[test]
fn columns_are_never_chosen_by_chance() {
    let refused = |name: &str, text: &[u8], args: &[&str], part: &str| {
        let file = Scratch::new(name, text);
        let output = croft(&file.0, args);
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{errors}");
        assert!(errors.contains(part), "{errors}");
    };
    let twice = STUDY.replacen("AUC", "Subject", 1);
    refused("twice.csv", twice.as_bytes(), &[], "two columns have one name");
    refused("wide.csv", b"\xff\xfes\0u\0", &[], "UTF-16");
    refused("key.csv", STUDY.as_bytes(), &["--value", "subject"], "cannot be the value");
    refused("absent.csv", STUDY.as_bytes(), &["--value", "foo"], "with --value");
    refused("same.csv", STUDY.as_bytes(), &["--test", "R"], "both named `R`");
    let blank = Scratch::new("blank.csv", format!("\n{}", STUDY.replace(',', ";")).as_bytes());
    assert_eq!(croft(&blank.0, &[]).status.code(), Some(0));
    let two = b"subject,treatment,age,auc\n1,T,30,9\n2,T,31,10\n3,T,33,12\n4,R,32,9\n5,R,35,11\n6,R,30,12\n";
    let two = Scratch::new("two.csv", two);
    let errors = String::from_utf8_lossy(&croft(&two.0, &[]).stderr).into_owned();
    assert!(errors.contains("value column: age (also: auc); choose with --value"), "{errors}");
}
