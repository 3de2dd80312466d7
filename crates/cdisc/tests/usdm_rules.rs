//! The published JSONata rules on their published test cases: the findings are the expected ones, value for value.

#![allow(clippy::unwrap_used, reason = "tests panic with a sentence")]

use croft_cdisc::usdm::{issues, located};
use croft_cdisc::xz;
use croft_jsonata::{Bindings, Expression, Options, utils::UTILS};
use croft_testkit::{assert_checked, reference};
use serde_json::Value;
use std::path::Path;

fn json(path: &Path) -> Value {
    let bytes = std::fs::read(path).unwrap();
    let bytes = if xz::is_xz(&bytes) { xz::unpack(&bytes).unwrap() } else { bytes };
    serde_json::from_slice(&bytes).unwrap()
}

/// Path, attribute and value of each finding, sorted.
fn found(expression: &Expression, document: &Value, variables: &[String]) -> Vec<[String; 3]> {
    let mut bindings = Bindings::default();
    bindings.libraries.insert("utils".to_owned(), UTILS);
    let result = expression.evaluate(&located(document), &bindings, &Options::default()).unwrap();
    let mut rows = Vec::new();
    for issue in issues(result.as_ref(), variables).unwrap() {
        let path = issue.path.unwrap_or_default();
        rows.extend(issue.values.into_iter().map(|(attribute, value)| [path.clone(), attribute, value]));
    }
    rows.sort();
    rows
}

#[test]
fn published_jsonata_rules_find_what_is_expected() {
    let Some(folder) = reference("cdisc/core-rules") else { return };
    let mut files: Vec<_> = std::fs::read_dir(folder.join("rules")).unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    let (mut rules, mut cases, mut rows) = (0, 0, 0);
    for file in files {
        let published = json(&file);
        if published["rule"]["Rule Type"] != "JSONata" {
            continue;
        }
        rules += 1;
        let id = published["id"].as_str().unwrap();
        let inputs = json(&folder.join(format!("usdm-inputs/{id}.json.xz")));
        let expression = Expression::parse(published["rule"]["Check"].as_str().unwrap()).unwrap();
        let variables: Vec<String> =
            serde_json::from_value(published["rule"]["Outcome"]["Output Variables"].clone()).unwrap();
        for case in published["cases"].as_array().unwrap() {
            let name = format!("{}/{}", case["kind"].as_str().unwrap(), case["case"].as_str().unwrap());
            let mut expected: Vec<[String; 3]> = serde_json::from_value(case["expected"].clone()).unwrap();
            expected.sort();
            assert_eq!(found(&expression, &inputs[&name], &variables), expected, "{id} {name}");
            cases += 1;
            rows += expected.len();
        }
    }
    assert_checked("JSONata rules", rules, 96);
    assert_checked("cases of JSONata rules", cases, 250);
    assert_checked("expected rows", rows, 2056);
}
