//! Reading the reference studies.

use croft_pk::be::{BeData, BeOptions, BeResult, Method, Record, TreatmentNames};
use std::path::Path;

/// The rows of a study's file; the value is the first column that is none of the others.
pub fn records(path: &Path) -> Vec<Record> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let headers: Vec<String> = reader.headers().unwrap().iter().map(str::to_lowercase).collect();
    let position = |name: &str| headers.iter().position(|h| h == name);
    let named = ["subject", "sequence", "period", "treatment"].map(position);
    let value = (0..headers.len()).find(|i| !named.contains(&Some(*i))).unwrap();
    let cell = |row: &csv::StringRecord, at: Option<usize>| at.map(|i| row[i].to_owned()).unwrap_or_default();
    reader
        .records()
        .enumerate()
        .map(|(i, row)| {
            let row = row.unwrap();
            Record {
                row: i + 2,
                subject: cell(&row, named[0]),
                sequence: cell(&row, named[1]),
                period: cell(&row, named[2]),
                treatment: cell(&row, named[3]),
                value: row[value].parse().ok(),
            }
        })
        .collect()
}

pub fn data(path: &Path) -> BeData {
    let name = path.file_name().unwrap().to_str().unwrap();
    BeData::new(name, "PK", &records(path), &TreatmentNames::default()).unwrap_or_else(|e| panic!("{e}"))
}

pub fn options(method: Method) -> BeOptions {
    BeOptions::new(method)
}

pub fn analyse(data: &BeData, options: &BeOptions) -> BeResult {
    croft_pk::be::analyse(data, options).unwrap_or_else(|e| {
        let cause = std::error::Error::source(&e).map(ToString::to_string).unwrap_or_default();
        panic!("{}: {e}: {cause}", data.dataset())
    })
}
