//! Data that do not agree with define.xml are found, row by row.

use croft_cdisc::define::{self, Define};
use croft_core::{Cell, DataType, Dataset, Finding, Kind, Variable};
use std::collections::BTreeMap;

fn good() -> Define {
    define::read(include_bytes!("good.xml")).unwrap()
}

/// The dataset that the small file defines, with a value for each cell.
fn adx() -> Dataset {
    let variable = |name: &str, label: &str, kind, data_type| Variable::new(name, label, kind, data_type);
    let mut data = Dataset::new(
        "ADX",
        "Analysis of X",
        vec![
            variable("USUBJID", "Unique Subject Identifier", Kind::Char, DataType::Text),
            variable("PARAMCD", "Parameter Code", Kind::Char, DataType::Text),
            variable("AVAL", "Analysis Value", Kind::Num, DataType::Float),
            variable("ADT", "Analysis Date", Kind::Char, DataType::Date),
            variable("ANL01FL", "Analysis Flag 01", Kind::Char, DataType::Text),
        ],
    );
    use Cell::{Num, Text};
    data.push_row([Text("X-1-01"), Text("A"), Num(123.45), Text("2024-03-01"), Text("Y")]);
    data.push_row([Text("X-1-01"), Text("B"), Num(12.0), Text("2024-03-01"), Text("")]);
    data.push_row([Text("X-1-02"), Text("A"), Num(8.549_999_999_999_999), Text(""), Text("Y")]);
    data
}

fn rules(findings: &[Finding]) -> Vec<String> {
    findings.iter().map(|f| format!("{} {}", f.rule, f.row.map_or(String::new(), |r| r.to_string()))).collect()
}

fn with_row(row: [Cell<'_>; 5]) -> Vec<Finding> {
    let mut data = adx();
    data.push_row(row);
    define::compare(&good(), &data)
}

#[test]
fn data_that_agree_have_no_findings_but_a_length_that_is_too_large() {
    let found = define::compare(&good(), &adx());
    assert_eq!(rules(&found), ["DEFINE-DATA-LENGTH "], "PARAMCD has 8, its values 1: {found:#?}");
    assert_eq!(define::compare_presence(&good(), &["adx"]), []);
    let found = define::compare_presence(&good(), &["ADY"]);
    assert_eq!(found.iter().map(|f| f.dataset.as_str()).collect::<Vec<_>>(), ["ADX", "ADY"]);
}

#[test]
fn each_disagreement_is_found_at_its_row() {
    use Cell::{Null, Num, Text};
    let cases: [([Cell<'_>; 5], &str); 8] = [
        ([Text("X-1-01"), Text("A"), Num(1.0), Null, Null], "DEFINE-DATA-KEY 4"),
        ([Text("X-1-003"), Text("A"), Num(1.0), Null, Null], "DEFINE-DATA-LENGTH 4"),
        ([Text("X-1-03"), Text("B"), Num(1.5), Null, Null], "DEFINE-DATA-TYPE 4"),
        ([Text("X-1-03"), Text("B"), Num(100.0), Null, Null], "DEFINE-DATA-LENGTH 4"),
        ([Text("X-1-03"), Text("A"), Num(1.125), Null, Null], "DEFINE-DATA-DIGITS 4"),
        ([Text("X-1-03"), Text("C"), Num(1.0), Null, Null], "DEFINE-DATA-CODELIST 4"),
        ([Text("X-1-03"), Text("A"), Num(1.0), Text("2024-02-30"), Null], "DEFINE-DATA-TYPE 4"),
        ([Text(""), Text("A"), Num(1.0), Null, Null], "DEFINE-DATA-MANDATORY 4"),
    ];
    for (row, expected) in cases {
        let found = with_row(row);
        assert!(rules(&found).iter().any(|r| r == expected), "{row:?}: {found:#?}");
    }
    let found = with_row([Text("X-1-03"), Text("C"), Num(1.0), Null, Null]);
    assert!(found.iter().any(|f| f.message == "no value-level metadata apply to it"), "{found:#?}");
}

#[test]
fn labels_order_and_variables_are_compared() {
    let data = adx();
    let mut variables = data.variables().to_vec();
    variables.swap(1, 2);
    variables[0].label = "Subject".to_owned();
    variables[4] = Variable::char("ANL02FL", "Analysis Flag 02");
    variables[3] = Variable::num("ADT", "Analysis Date");
    let found = define::compare(&good(), &Dataset::new("ADX", "Analysis of Y", variables));
    let rules: Vec<&str> = found.iter().map(|f| f.rule.as_str()).collect();
    let expected = [
        "DEFINE-DATA-LABEL",
        "DEFINE-DATA-EMPTY",
        "DEFINE-DATA-VARIABLE",
        "DEFINE-DATA-VARIABLE",
        "DEFINE-DATA-ORDER",
        "DEFINE-DATA-LABEL",
        "DEFINE-DATA-TYPE",
    ];
    assert_eq!(rules, expected, "{found:#?}");
}

/// CDISC's own example data against their define.xml.
#[test]
fn published_data_are_held_against_their_define() {
    let Some(folder) = croft_testkit::reference("cdisc/datasetjson-1.1/adam") else { return };
    let define = define::read(&std::fs::read(folder.join("define.xml")).unwrap()).unwrap();
    let mut paths: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    let mut checked = 0;
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for path in paths.iter().filter(|p| p.extension().is_some_and(|e| e == "json")) {
        let bytes = std::fs::read(path).unwrap();
        let Ok(document) = croft_cdisc::dataset_json::read_json(&bytes) else { continue };
        let found = define::compare(&define, &document.dataset);
        for finding in found {
            *counts.entry(finding.rule).or_default() += 1;
        }
        checked += 1;
    }
    assert!(checked > 0);
    // Lengths that are larger than any value; two variables that are called datetime and hold dates.
    let expected = [("DEFINE-DATA-LENGTH", 7), ("DEFINE-DATA-TYPE", 2)];
    assert_eq!(counts, expected.into_iter().map(|(rule, count)| (rule.to_owned(), count)).collect());
}
