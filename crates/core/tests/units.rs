//! CDISC's unit code lists against the unit reader.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use croft_core::Unit;
use croft_testkit::{assert_checked, reference};
use std::io::Cursor;

/// The terms of a code list in SEND's controlled terminology of 2026-03-27.
fn terms(codelist: &str) -> Option<Vec<String>> {
    let path = reference("cdisc/ct/sendct-2026-03-27.csv.xz")?;
    let mut text = Vec::new();
    lzma_rs::xz_decompress(&mut Cursor::new(std::fs::read(path).unwrap()), &mut text).unwrap();
    let mut reader = csv::Reader::from_reader(&text[..]);
    let headers = reader.headers().unwrap().clone();
    let column = |name: &str| headers.iter().position(|h| h == name).unwrap();
    let (list, term) = (column("codelist_submission_value"), column("term_submission_value"));
    let rows = reader.records().map(Result::unwrap);
    Some(rows.filter(|r| &r[list] == codelist).map(|r| r[term].to_owned()).collect())
}

#[test]
fn each_unit_of_pharmacokinetic_parameters_is_read() {
    let Some(terms) = terms("PKUNIT") else { return };
    let refused: Vec<_> = terms.iter().filter_map(|t| Unit::parse(t).err().map(|e| format!("{t}: {e}"))).collect();
    assert!(refused.is_empty(), "{}", refused.join("\n"));
    assert_checked("PKUNIT terms", terms.len(), 608);
}

/// The general list holds much that has no UCUM code (`/100 HPFs`, `HAND UNIT`): those are refused, not guessed.
#[test]
fn most_units_of_findings_are_read() {
    let Some(terms) = terms("UNIT") else { return };
    let read = terms.iter().filter(|t| Unit::parse(t).is_ok()).count();
    assert_checked("UNIT terms", terms.len(), 950);
    assert_checked("UNIT terms read", read, 715);
}
