//! The language, feature by feature: an expression, and what it makes of one document.
//!
//! Expected results were made by the reference implementation (jsonata 2.2.2 for JavaScript).

#![allow(clippy::unwrap_used, reason = "tests panic with a sentence")]

use croft_jsonata::{Bindings, Error, Expression, Options};
use serde_json::{Value, json};

fn document() -> Value {
    json!({
        "study": {"id": "S1", "arms": [
            {"id": "A1", "name": "Placebo", "n": 3, "visits": [{"day": 1}, {"day": 8}]},
            {"id": "A2", "name": "Active", "n": 7, "visits": [{"day": 1}]},
            {"id": "A3", "name": "Open", "n": 7, "visits": []}
        ], "tags": ["x"], "note": null, "nested": [[1, 2], [3]]},
        "text": "see <ref id=\"I1\" k=\"K1\"/> and <ref id=\"I2\" k=\"K2\"/>"
    })
}

fn evaluate(expression: &str) -> Result<Option<Value>, Error> {
    let options = Options { now: Some(1_700_000_000_000), ..Options::default() };
    Expression::parse(expression)?.evaluate(&document(), &Bindings::default(), &options)
}

const RESULTS: &str = include_str!("data/results.txt");

#[test]
fn expressions_give_what_the_reference_implementation_gives() {
    let mut checked = 0;
    for line in RESULTS.lines().filter(|line| !line.is_empty() && !line.starts_with("# ")) {
        let (expression, expected) = line.split_once("  =>  ").unwrap_or_else(|| panic!("no result: {line}"));
        let got = match evaluate(expression) {
            Ok(None) => "undefined".to_owned(),
            Ok(Some(value)) => value.to_string(),
            Err(error) => error.code.to_owned(),
        };
        assert_eq!(got, expected, "{expression}");
        checked += 1;
    }
    croft_testkit::assert_checked("expressions", checked, EXPRESSIONS);
}

const EXPRESSIONS: usize = 187;

#[test]
fn an_error_has_a_code_a_place_and_a_remedy() {
    let error = evaluate("study.arms[\n  name = ]").unwrap_err();
    assert_eq!((error.code, error.line_column("study.arms[\n  name = ]")), ("S0211", (2, 11)));
    let error = evaluate("study.id + 1").unwrap_err();
    assert_eq!(error.to_string(), "T2001 at character 10: the left side of + must be a number");
    assert!(!error.hint().is_empty());
}

#[test]
fn what_does_not_end_meets_a_bound() {
    let hostile = [
        "($f := function($n){$f($n + 1)}; $f(0))",
        "($f := function($n){1 + $f($n)}; $f(0))",
        "($a := function($s, $n){$n = 0 ? $s : $a($s & $s, $n - 1)}; $a('0123456789', 60))",
        "$reduce([1..1000000], function($a, $b){[[$a]]}, [])",
        "$reduce([1..1000000], function($a, $b){{'a': $a}}, {})",
        "$reduce([1..1000000], function($f, $b){function($x){$f($x)}})",
        "($x := $reduce([1..60], function($a, $b){[[$a], [$a]]}, [0]); $x = $x & '')",
        "($x := $reduce([1..60], function($a, $b){[[$a], [$a]]}, [0]); $x)",
        "[1..1000000].[1..1000000]",
        "$match($pad('', 40, 'a') & 'b', /(a+)+$/)",
        "$pad('', 1e12)",
    ];
    let options = Options { steps: 5_000_000, ..Options::default() };
    for expression in hostile {
        let result = Expression::parse(expression).unwrap().evaluate(&document(), &Bindings::default(), &options);
        let error = result.expect_err(expression);
        assert!(error.code.starts_with('L'), "{expression}: {error}");
    }
    let deep = format!("{}1{}", "(".repeat(100_000), ")".repeat(100_000));
    assert_eq!(evaluate(&deep).unwrap_err().code, "L0002");
    assert_eq!(evaluate(&"-".repeat(100_000)).unwrap_err().code, "L0002");
    let long = vec!["1"; 50_000].join("+");
    assert!(
        evaluate(&long).is_ok_and(|sum| sum == Some(json!(50_000)))
            || evaluate(&long).is_err_and(|e| e.code == "L0002")
    );
}

#[test]
fn a_value_of_the_document_leaves_as_it_was_written() {
    let document = json!({"a": [10.0, 10, 2.5], "b": {"c": 1.0}});
    let result = |expression: &str| {
        Expression::parse(expression).unwrap().evaluate(&document, &Bindings::default(), &Options::default()).unwrap()
    };
    assert_eq!(result("{'x': a[0], 'y': a[1], 'z': b}").unwrap().to_string(), r#"{"x":10.0,"y":10,"z":{"c":1.0}}"#);
    assert_eq!(result("a[0] + 1").unwrap().to_string(), "11");
    assert_eq!(result("a[0] = a[1]"), Some(json!(true)));
}

#[test]
fn bindings_and_the_time_come_from_the_caller() {
    let limit = json!(5);
    let mut bindings = Bindings::default();
    bindings.values.insert("limit".to_owned(), &limit);
    let expression = Expression::parse("study.arms[n > $limit].id").unwrap();
    let result = expression.evaluate(&document(), &bindings, &Options::default()).unwrap();
    assert_eq!(result, Some(json!(["A2", "A3"])));
    let no_time = Expression::parse("$millis()").unwrap().evaluate(&json!({}), &bindings, &Options::default());
    assert_eq!(no_time.unwrap_err().code, "D3143");
}
