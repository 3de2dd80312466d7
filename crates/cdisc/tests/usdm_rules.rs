//! The published JSONata rules on their published test cases: the findings are the expected ones, value for value.

#![allow(clippy::unwrap_used, reason = "tests panic with a sentence")]

use croft_cdisc::usdm::{SchemaError, check, issues, located, schema};
use croft_cdisc::xz;
use croft_jsonata::{Bindings, Expression, Options, utils::UTILS};
use croft_testkit::{assert_checked, reference};
use serde_json::{Value, json};
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

/// The schema without what asserts nothing, and without the classes of the interface that describe its own errors.
fn asserting(schema: &Value) -> Value {
    match schema {
        Value::Object(members) => {
            let keeps = |key: &str| !matches!(key, "default" | "HTTPValidationError" | "ValidationError");
            Value::Object(members.iter().filter(|(k, _)| keeps(k)).map(|(k, v)| (k.clone(), asserting(v))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(asserting).collect()),
        other => other.clone(),
    }
}

#[test]
fn the_schemas_say_what_the_published_ones_say() {
    let Some(folder) = reference("cdisc/usdm-4.0") else { return };
    for version in ["3-0", "4-0"] {
        let published = json(&folder.join(format!("usdm-{version}-core-schema.json")));
        assert_eq!(schema(version).unwrap(), &asserting(&published), "{version}");
    }
    assert!(schema("2.0").is_none());
}

#[test]
fn published_schema_rules_find_what_is_expected() {
    let Some(folder) = reference("cdisc/core-rules") else { return };
    // Which issues a rule asks for: the condition of its check, read from the rule by the engine.
    let rules: [(&str, &[&str], bool); 4] = [
        ("CORE-000935", &["type"], true),
        ("CORE-000937", &["required", "additionalProperties"], false),
        ("CORE-000938", &["minLength", "minItems", "maxItems"], true),
        ("CORE-000949", &["const"], true),
    ];
    let mut cases = 0;
    for (id, validators, with_attribute) in rules {
        let published = json(&folder.join(format!("rules/{id}.json")));
        let inputs = json(&folder.join(format!("usdm-inputs/{id}.json.xz")));
        for case in published["cases"].as_array().unwrap() {
            let name = format!("{}/{}", case["kind"].as_str().unwrap(), case["case"].as_str().unwrap());
            let mut expected: Vec<[String; 3]> = serde_json::from_value(case["expected"].clone()).unwrap();
            expected.sort();
            let all = check(&inputs[&name], schema("4-0").unwrap()).unwrap();
            let mut rows = Vec::new();
            for issue in all.into_iter().filter(|issue| validators.contains(&issue.validator)) {
                if id == "CORE-000949" && issue.error_attribute != "instanceType" {
                    continue;
                }
                if with_attribute {
                    rows.push([issue.path.clone(), "error_attribute".to_owned(), issue.error_attribute]);
                }
                rows.push([issue.path, "message".to_owned(), issue.message]);
            }
            rows.sort();
            assert_eq!(rows, expected, "{id} {name}");
            cases += 1;
        }
    }
    assert_checked("cases of schema rules", cases, 8);
}

#[test]
fn a_schema_that_cannot_be_checked_is_an_error() {
    let unknown = check(&json!(1), &json!({"multipleOf": 2}));
    assert_eq!(unknown, Err(SchemaError::Keyword { keyword: "multipleOf".to_owned() }));
    let missing = check(&json!(1), &json!({"$ref": "#/$defs/X"}));
    assert_eq!(missing, Err(SchemaError::Reference { reference: "#/$defs/X".to_owned() }));
    assert_eq!(check(&json!(1), &json!({"$ref": "#"})), Err(SchemaError::TooDeep));
}

#[test]
fn an_issue_names_object_attribute_and_keyword() {
    let document =
        json!({"study": {"instanceType": "Study", "name": "", "versions": {}, "extra": 1}, "usdmVersion": "4.0"});
    let all = check(&document, schema("4.0").unwrap()).unwrap();
    let found: Vec<_> =
        all.iter().map(|i| (i.validator, i.error_attribute.as_str(), i.path.as_str(), i.dataset.as_str())).collect();
    assert_eq!(
        found,
        [
            ("minLength", "name", "/study", "Study"),
            ("type", "versions", "/study", "Study"),
            ("additionalProperties", "['extra']", "/study", "Study"),
        ]
    );
    assert_eq!(all[1].json_path, "$.study.versions");
    assert_eq!(all[1].message, "{} is not of type 'array'");
}
