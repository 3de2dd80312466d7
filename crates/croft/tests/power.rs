//! `croft power` through the built binary.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use serde_json::Value;
use std::process::{Command, Output};

fn croft(arguments: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_croft")).args(arguments.split_whitespace()).output().unwrap()
}

fn json(arguments: &str) -> Value {
    let output = croft(&format!("{arguments} --json"));
    assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn refused(arguments: &str) -> String {
    let output = croft(arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments}: {}", String::from_utf8_lossy(&output.stdout));
    assert!(output.stdout.is_empty(), "{arguments}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_sample_size_is_that_of_the_textbook() {
    // Hauschke et al. 2007 table 5.1
    let found = json("power be --design 2x2 --cv 0.2 --theta0 0.95");
    assert_eq!(found["n"], 20);
    assert!((found["power"].as_f64().unwrap() - 0.834_680).abs() < 1e-6);
    let found = json("power be --design 2x2 --cv 20% --theta0 95% --limits 80-125 --power 0.9");
    assert_eq!(found["n"], 26);
}

#[test]
fn subjects_by_sequence_are_taken() {
    // Reference set, power_TOST_unbalanced.csv
    let found = json("power be --design parallel --cv 0.2 --n 13,11");
    assert_eq!(found["n"], 24);
    assert!((found["power"].as_f64().unwrap() - 0.606_721_798_2).abs() < 1e-8);
}

#[test]
fn scaled_methods_answer_and_repeat_themselves() {
    let arguments = "power be --design 2x2x4 --cv 0.4 --method abel --n 36 --simulations 2e5 --seed 7 --regulator EMA";
    let found = json(arguments);
    assert!((found["power"].as_f64().unwrap() - 0.863_781).abs() < 0.004);
    assert_eq!(found, json(arguments));
    assert_eq!(json("power be --design 2x2x4 --cv 0.5 --method abel --regulator gcc --n 42")["regulator"], "GCC");
    let found = json("power be --design 2x2x4 --cv 0.1 --method ntid");
    assert!([16, 18, 20].contains(&found["n"].as_u64().unwrap()));
    let found = json("power be --design 2x3x3 --cv 0.4,0.5 --method rsabe --n 30");
    assert!(found["power_of_parts"]["point_estimate"].as_f64().unwrap() > found["power"].as_f64().unwrap());
}

#[test]
fn the_sentence_names_its_assumptions() {
    let output = croft("power be --design 2x2 --cv 0.3");
    let text = String::from_utf8(output.stdout).unwrap();
    for part in [
        "40 evaluable subjects",
        "80.00-125.00%",
        "within-subject CV of 30%",
        "ratio of test to reference of 95%",
        "Owen's Q",
    ] {
        assert!(text.contains(part), "{part} is missing in: {text}");
    }
}

#[test]
fn type_one_errors_are_controlled() {
    let found = json("power type1 --design 2x2x4 --cv 0.35 --n 34 --adjust iterative --simulations 200000");
    assert!((found["type1_error"].as_f64().unwrap() - 0.0656).abs() < 0.0025);
    assert!((found["adjusted_alpha"].as_f64().unwrap() - 0.0363).abs() < 0.0016);
}

#[test]
fn two_stages_and_doses_are_planned() {
    let found = json("power two-stage --method B --n1 12 --cv 0.2");
    assert!((found["power"].as_f64().unwrap() - 0.8426).abs() < 0.007);
    let found = json("power proportionality --doses 1,2,8 --cv 0.2 --slope 1.02");
    assert_eq!(found["n"], 18);
}

#[test]
fn misuse_is_told_with_a_remedy() {
    for (arguments, said) in [
        ("power be --design 2x2 --cv 30", "30%"),
        ("power be --design 5x5 --cv 0.3", "known designs"),
        ("power be --design 2x2 --cv 0.3 --theta0 1.25", "theta0"),
        ("power be --design 2x2 --cv 0.3 --n 12,12,12", "2 sequences"),
        ("power be --design 2x2 --cv 0.3 --n 1", "at least"),
        ("power be --design 2x2 --cv 0.3 --method abel", "replicate"),
        ("power be --design 2x3x3 --cv 0.1 --method ntid", "2x2x4"),
        ("power be --design 2x2x4 --cv 0.3 --method rsabe --regulator ema", "abel"),
        ("power be --design 2x2x4 --cv 0.3 --method abel --regulator fda", "rsabe"),
        ("power be --design 2x2x4 --cv 0.3 --method abel --simulations 0", "simulations"),
        ("power be --design 2x2 --cv 0.3 --alpha 0.6", "alpha"),
        ("power be --design 2x2 --cv 0.3 --power 1", "target"),
        ("power be --design 2x2 --cv 0.3 --limits 125-80", "lower limit"),
        ("power be --design 2x2 --cv 0.4,0.3", "one CV"),
        ("power two-stage --n1 13 --cv 0.2", "even"),
        ("power proportionality --doses 5 --cv 0.2", "doses"),
    ] {
        let told = refused(arguments);
        assert!(told.contains(said), "{arguments}: {told}");
    }
}
