//! Laws of Dataset-JSON: what is written is read back, and what cannot be written as declared is told.

#![allow(clippy::unwrap_used, reason = "tests panic with a sentence")]

use croft_cdisc::dataset_json::{self, JsonError, Meta, TargetType};
use croft_core::{Cell, DataType, Dataset, Kind, Missing, Variable};
use proptest::prelude::*;

fn json(dataset: &Dataset) -> String {
    let mut bytes = Vec::new();
    dataset_json::write_json(dataset, &Meta::new("2024-01-02T13:05:00"), &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn one_column(variable: Variable, cells: &[Cell<'_>]) -> Dataset {
    let mut data = Dataset::new("D", "Data", vec![variable]);
    cells.iter().for_each(|&cell| data.push_row([cell]));
    data
}

#[test]
fn a_small_file_looks_like_the_standard_says() {
    let mut data = Dataset::new(
        "DM",
        "Demographics",
        vec![
            Variable::char("USUBJID", "Subject"),
            Variable::new("AGE", "Age", Kind::Num, DataType::Integer),
            Variable::new("TRTSDT", "First dose", Kind::Num, DataType::Date),
        ],
    );
    data.keys = vec!["USUBJID".to_owned()];
    data.push_row([Cell::Text("01"), Cell::Num(33.0), Cell::Num(23_450.0)]);
    data.push_row([Cell::Null, Cell::MissingNum(Missing::ORDINARY), Cell::MissingNum(Missing::ORDINARY)]);
    assert_eq!(
        json(&data),
        r#"{"datasetJSONCreationDateTime":"2024-01-02T13:05:00","datasetJSONVersion":"1.1.0","itemGroupOID":"IG.DM","records":2,"name":"DM","label":"Demographics","columns":[{"itemOID":"IT.DM.USUBJID","name":"USUBJID","label":"Subject","dataType":"string","keySequence":1},{"itemOID":"IT.DM.AGE","name":"AGE","label":"Age","dataType":"integer"},{"itemOID":"IT.DM.TRTSDT","name":"TRTSDT","label":"First dose","dataType":"date","targetDataType":"integer"}],"rows":[
["01",33,"2024-03-15"],
[null,null,null]
]}
"#
    );
    assert_eq!(dataset_json::read_json(json(&data).as_bytes()).unwrap().dataset, data);
}

#[test]
fn small_numbers_keep_every_digit() {
    let values = [4.9e-7, 5e-324, 0.1, 1.0 / 3.0, 1e300, -0.0, 123_456_789.123_456_79, 9_007_199_254_740_993.0];
    let data = one_column(Variable::num("X", ""), &values.map(Cell::Num));
    let read = dataset_json::read_json(json(&data).as_bytes()).unwrap().dataset;
    for (row, x) in values.iter().enumerate() {
        assert_eq!(read.cell(row, "X").and_then(Cell::num).map(f64::to_bits), Some(x.to_bits()), "{x:e}");
    }
}

#[test]
fn what_cannot_be_written_as_declared_is_told() {
    let date = Variable::new("ADT", "", Kind::Num, DataType::Date);
    let kind = Missing::from_letter('A').unwrap();
    let data = one_column(date, &[Cell::Num(1.0), Cell::Num(1.5), Cell::MissingNum(kind)]);
    let mut bytes = Vec::new();
    let findings = dataset_json::write_ndjson(&data, &Meta::new("2024-01-02T13:05:00"), &mut bytes).unwrap();
    let rules: Vec<_> = findings.iter().map(|f| (f.rule.as_str(), f.row)).collect();
    assert_eq!(rules, [("JSON-DATE", Some(2)), ("JSON-MISSING-KIND", Some(3))]);
    assert!(String::from_utf8(bytes).unwrap().ends_with("[1]\n[1.5]\n[null]\n"));
}

#[test]
fn a_decimal_is_written_as_text() {
    let data = one_column(Variable::new("X", "", Kind::Num, DataType::Decimal), &[Cell::Num(1.3)]);
    let document = dataset_json::read_json(json(&data).as_bytes()).unwrap();
    assert_eq!(document.dataset.cell(0, "X"), Some(Cell::Text("1.3")));
    assert_eq!(document.meta.columns[0].target_data_type, Some(TargetType::Decimal));
}

fn with_rows(data_type: &str, rows: &str) -> String {
    format!(
        r#"{{"datasetJSONCreationDateTime":"2024-01-02T00:00:00","datasetJSONVersion":"1.1.0","itemGroupOID":"IG.D",
"records":1,"name":"D","label":"d","columns":[{{"itemOID":"IT","name":"X","label":"x","dataType":{data_type}}}],
"rows":[{rows}]}}"#
    )
}

#[test]
fn wrong_values_name_row_and_column() {
    let error = |data_type: &str, rows: &str| {
        dataset_json::read_json(with_rows(data_type, rows).as_bytes()).unwrap_err().to_string()
    };
    assert_eq!(
        error(r#""float""#, r#"[1],["two"]"#),
        r#"row 2, column X: the text "two" stands where a number is declared"#
    );
    assert!(error(r#""string""#, "[\"a\"],[3]").starts_with("row 2, column X: the number 3 stands"));
    assert_eq!(error(r#""float""#, "[1],[1,2]"), "row 2 has 2 values, but there are 1 columns");
    assert_eq!(error(r#""text""#, "[1]"), "column X: there is no data type `text`");
    let date = r#""date","targetDataType":"integer""#;
    assert_eq!(
        error(date, r#"["2024-03"]"#),
        r#"row 1, column X: "2024-03" is no complete iso 8601 date, so it has no number"#
    );
    assert!(error(r#""float""#, "[1").starts_with("line 3, column"));
    assert!(matches!(dataset_json::read_json(b" "), Err(JsonError::Empty)));
    assert!(matches!(dataset_json::read_json(b"{}"), Err(JsonError::Lacks { attribute: "columns" })));
    assert!(matches!(dataset_json::read_json(b"{\"a\":\n\"\x92\"}"), Err(JsonError::NotUtf8 { line: 2 })));
    assert!(matches!(dataset_json::read_dsjc(&b"{}"[..]), Err(JsonError::NotPacked)));
}

#[test]
fn rows_may_stand_before_their_columns() {
    let text = with_rows(r#""float""#, "[1.5]");
    let (head, rows) = text.split_once("\"rows\"").unwrap();
    let turned =
        format!("{{\"rows\"{},{}", rows.trim_end_matches('}'), head.trim_start_matches('{').trim_end_matches(",\n"));
    let document = dataset_json::read_json(format!("{turned}}}").as_bytes()).unwrap();
    assert_eq!(document.dataset.cell(0, "X"), Some(Cell::Num(1.5)));
}

#[test]
fn a_cut_dsjc_file_is_an_error() {
    let data = one_column(Variable::num("X", ""), &[Cell::Num(1.0); 50]);
    let mut bytes = Vec::new();
    dataset_json::write_dsjc(&data, &Meta::new("2024-01-02T13:05:00"), &mut bytes).unwrap();
    for cut in 0..bytes.len() {
        assert!(dataset_json::read_dsjc(&bytes[..cut]).is_err(), "cut at {cut}");
    }
}

proptest! {
    #[test]
    fn written_then_read_is_the_same(rows in prop::collection::vec((any::<f64>(), "\\PC{0,8}", any::<bool>()), 0..9)) {
        let mut data = Dataset::new("D", "d", vec![Variable::num("N", ""), Variable::char("T", "")]);
        for (x, text, null) in &rows {
            let number = if x.is_finite() { Cell::Num(*x) } else { Cell::MissingNum(Missing::ORDINARY) };
            data.push_row([number, if *null { Cell::Null } else { Cell::Text(text) }]);
        }
        let meta = Meta::new("2024-01-02T13:05:00");
        let mut lines = Vec::new();
        dataset_json::write_ndjson(&data, &meta, &mut lines).unwrap();
        prop_assert_eq!(&dataset_json::read_ndjson(&lines[..]).unwrap().dataset, &data);
        prop_assert_eq!(&dataset_json::read_json(json(&data).as_bytes()).unwrap().dataset, &data);
    }
}
