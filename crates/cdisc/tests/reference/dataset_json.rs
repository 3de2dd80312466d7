use super::{bytes, folder};
use croft_cdisc::dataset_json::{self, Document, Packing};
use croft_cdisc::xpt;
use croft_core::{Cell, Column, DataType, Dataset, Kind};
use croft_testkit::assert_checked;
use serde_json::Value;
use std::path::{Path, PathBuf};

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let all = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<_> = all
        .filter(|p| p.extension().is_some_and(|e| e == extension) && !p.ends_with("expected.json"))
        .filter(|p| !p.to_string_lossy().contains("schema"))
        .collect();
    found.sort();
    found
}

fn read(path: &Path) -> Document {
    let source = bytes(path);
    let document = match path.extension().and_then(|e| e.to_str()) {
        Some("json") => dataset_json::read_json(&source),
        Some("ndjson") => dataset_json::read_ndjson(&source[..]),
        _ => dataset_json::read_dsjc(&source[..]),
    };
    document.unwrap_or_else(|e| panic!("{path:?}: {e}"))
}

/// The same JSON values, however numbers and spaces are written.
fn assert_same(path: &Path, a: &Value, b: &Value) {
    match (a, b) {
        (Value::Number(x), Value::Number(y)) => {
            assert_eq!(x.as_f64().map(f64::to_bits), y.as_f64().map(f64::to_bits), "{path:?}")
        }
        (Value::Array(x), Value::Array(y)) => {
            assert_eq!(x.len(), y.len(), "{path:?}");
            x.iter().zip(y).for_each(|(x, y)| assert_same(path, x, y));
        }
        (Value::Object(x), Value::Object(y)) => {
            let keys = |o: &serde_json::Map<String, Value>| {
                let mut keys: Vec<_> = o.keys().cloned().collect();
                keys.sort();
                keys
            };
            assert_eq!(keys(x), keys(y), "{path:?}");
            x.iter().for_each(|(key, x)| assert_same(path, x, &y[key]));
        }
        _ => assert_eq!(a, b, "{path:?}"),
    }
}

const FOLDERS: [&str; 5] = ["sdtm", "adam", "send", "i18n", "extensions"];

#[test]
fn every_published_json_file_comes_back_as_it_was() {
    let (mut checked, mut miscounted) = (0, 0);
    for name in FOLDERS {
        let Some(folder) = folder(&format!("datasetjson-1.1/{name}")) else { return };
        for path in files(&folder, "json") {
            let document = read(&path);
            let mut written = Vec::new();
            dataset_json::write_json(&document.dataset, &document.meta, &mut written).unwrap();
            let mut source: Value = serde_json::from_slice(&bytes(&path)).unwrap();
            if document.findings.iter().any(|f| f.rule == "JSON-RECORDS") {
                // The extension example declares 72 records and shows 2; what is written counts.
                source["records"] = document.dataset.rows().into();
                miscounted += 1;
            }
            assert_same(&path, &source, &serde_json::from_slice(&written).unwrap());
            assert_eq!(dataset_json::read_json(&written).unwrap().dataset, document.dataset);
            checked += 1;
        }
    }
    assert_checked("Dataset-JSON files", checked, 53);
    assert_eq!(miscounted, 1);
}

#[test]
fn every_published_ndjson_and_dsjc_file_comes_back_as_it_was() {
    let (mut lines, mut packed) = (0, 0);
    for name in FOLDERS {
        let Some(folder) = folder(&format!("datasetjson-1.1/{name}")) else { return };
        for path in files(&folder, "ndjson") {
            let document = read(&path);
            let mut written = Vec::new();
            dataset_json::write_ndjson(&document.dataset, &document.meta, &mut written).unwrap();
            let source = bytes(&path);
            let split = |text: &[u8]| -> Vec<Value> {
                let text = std::str::from_utf8(text).unwrap();
                text.lines().filter(|l| !l.is_empty()).map(|l| serde_json::from_str(l).unwrap()).collect()
            };
            assert_same(&path, &Value::Array(split(&source)), &Value::Array(split(&written)));
            lines += 1;
        }
        for path in files(&folder, "dsjc") {
            let document = read(&path);
            assert_eq!(document.packing, Some(Packing::Gzip));
            let mut written = Vec::new();
            dataset_json::write_dsjc(&document.dataset, &document.meta, &mut written).unwrap();
            let again = dataset_json::read_dsjc(&written[..]).unwrap();
            assert_eq!(again.packing, Some(Packing::Zlib));
            assert_eq!(again.dataset, document.dataset);
            assert_eq!(again.meta, document.meta);
            packed += 1;
        }
    }
    assert_checked("Dataset-NDJSON files", lines, 44);
    assert_checked("DSJC files", packed, 56);
}

fn assert_same_data(what: &Path, json: &Dataset, xpt: &Dataset) {
    assert_eq!(json.name, xpt.name, "{what:?}");
    assert_eq!(json.rows(), xpt.rows(), "{what:?}");
    assert_eq!(json.variables().len(), xpt.variables().len(), "{what:?}");
    for (i, (a, b)) in json.variables().iter().zip(xpt.variables()).enumerate() {
        assert_eq!((&a.name, a.kind), (&b.name, b.kind), "{what:?}");
        for row in 0..json.rows() {
            let cell = json.columns()[i].get(row);
            match (cell, xpt.columns()[i].get(row)) {
                (Cell::Num(x), Cell::Num(y)) => {
                    assert!((x - y).abs() <= 1e-9 * y.abs(), "{what:?} {} {row}: {x} {y}", a.name)
                }
                (Cell::Text(x), Cell::Text(y)) => assert_eq!(x.trim_end_matches(' '), y, "{what:?} {} {row}", a.name),
                (x, y) => assert!(x.is_missing() && y.is_missing(), "{what:?} {} {row}: {x:?} {y:?}", a.name),
            }
        }
    }
}

#[test]
fn json_ndjson_dsjc_and_transport_files_hold_the_same() {
    let (mut json, mut with_xpt) = (0, 0);
    for name in ["sdtm", "adam", "send"] {
        let Some(folder) = folder(&format!("datasetjson-1.1/{name}")) else { return };
        for path in files(&folder, "dsjc") {
            let packed = read(&path).dataset;
            for other in ["json", "ndjson"] {
                let other = path.with_extension(other);
                if other.exists() {
                    assert_eq!(read(&other).dataset, packed, "{other:?}");
                    json += 1;
                }
            }
            for other in ["xpt", "xpt.xz"] {
                let other = path.with_extension(other);
                if other.exists() {
                    let read = xpt::read(&bytes(&other)[..], &xpt::ReadOptions::default()).unwrap().remove(0);
                    assert_same_data(&path, &packed, &read.dataset);
                    with_xpt += 1;
                }
            }
        }
    }
    assert_checked("json and ndjson against dsjc", json, 95);
    assert_checked("dsjc against xpt", with_xpt, 51);
}

#[test]
fn decimals_in_integer_columns_are_kept_and_told() {
    let Some(folder) = folder("datasetjson-1.1/adam") else { return };
    let document = read(&folder.join("adadas.dsjc"));
    let told: Vec<_> = document.findings.iter().filter(|f| f.rule == "JSON-INTEGER").collect();
    let variables: Vec<_> = told.iter().filter_map(|f| f.variable.as_deref()).collect();
    assert_eq!(variables.len(), 4);
    assert!(variables.contains(&"AVAL") && variables.contains(&"PCHG"));
    let Some(Column::Num(values)) = document.dataset.column("AVAL") else { panic!("AVAL is a number") };
    assert!((0..values.len()).any(|row| values.get(row).is_ok_and(|x| x.fract() != 0.0)));
}

#[test]
fn numeric_dates_are_days_and_decimals_are_digits() {
    let Some(folder) = folder("datasetjson-1.1/adam") else { return };
    let document = read(&folder.join("adlbc.dsjc"));
    let date = &document.dataset.variables()[document.dataset.index_of("ADT").unwrap()];
    assert_eq!((date.kind, date.data_type), (Kind::Num, DataType::Date));
    assert_eq!(document.dataset.cell(0, "R2A1LO"), Some(Cell::Text("1.03703703703703")));
}
