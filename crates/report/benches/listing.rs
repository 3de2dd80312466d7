//! How long does a listing of 500 pages take?
//!
//! 17,000 rows of 8 columns, landscape, "page x of y", repeated heads. Peers, processor seconds on the same machine:
//! krilla with a fixed layout of its own 1.2; a whole typesetter 11.4 and 2.7 GB; the target is 3 s of wall time.
//! Measured here (unoptimised build of this crate, loaded machine): 0.5 processor seconds a PDF.

use croft_core::{Cell, Dataset, Variable};
use croft_report::block::Document;
use croft_report::display::{self, Inputs};
use croft_report::pdf::{self, Meta};
use croft_report::{html, rtf};
use std::collections::BTreeMap;

const LISTING: &str = r#"
type = "listing"
title = "Laboratory values"
dataset = "ADLB"
orientation = "landscape"
footnotes = ["Source: ADLB."]
[[column]]
variable = "USUBJID"
group = true
[[column]]
variable = "VISIT"
group = true
[[column]]
variable = "ADT"
[[column]]
variable = "PARAM"
[[column]]
variable = "AVAL"
format = "3s"
[[column]]
variable = "UNIT"
[[column]]
variable = "LOW"
[[column]]
variable = "HIGH"
"#;

fn main() {
    divan::main();
}

fn document() -> Document {
    let mut data = Dataset::new(
        "ADLB",
        "Laboratory",
        vec![
            Variable::char("USUBJID", "Subject"),
            Variable::char("VISIT", "Visit"),
            Variable::char("ADT", "Date"),
            Variable::char("PARAM", "Test"),
            Variable::num("AVAL", "Result"),
            Variable::char("UNIT", "Unit"),
            Variable::num("LOW", "Lower limit"),
            Variable::num("HIGH", "Upper limit"),
        ],
    );
    let tests = ["Alanine aminotransferase", "Creatinine", "Haemoglobin", "Potassium", "Sodium"];
    for row in 0..17_000usize {
        let subject = format!("CRO-001-{:04}", row / 40);
        let (visit, day) = (format!("Week {}", row % 40 / 5), format!("2026-{:02}-{:02}", row % 12 + 1, row % 28 + 1));
        let value = (row * 7919 % 10_000) as f64 / 37.0;
        data.push_row([
            Cell::Text(&subject),
            Cell::Text(&visit),
            Cell::Text(&day),
            Cell::Text(tests[row % 5]),
            Cell::Num(value),
            Cell::Text("mmol/L"),
            Cell::Num(3.5),
            Cell::Num(145.0),
        ]);
    }
    let datasets = BTreeMap::from([("ADLB".to_owned(), data)]);
    let inputs = Inputs { results: &[], datasets: &datasets, variables: &BTreeMap::new() };
    let display = display::parse("labs", LISTING).and_then(|d| d.render(&inputs)).expect("a listing");
    Document::of_display(display, "CRO-001", "v1")
}

#[divan::bench(sample_count = 3)]
fn display_from_dataset(bencher: divan::Bencher) {
    bencher.bench_local(document);
}

#[divan::bench(sample_count = 3)]
fn pdf_of_500_pages(bencher: divan::Bencher) {
    let document = document();
    bencher.bench_local(|| pdf::write(&document, &Meta::default()).map(|b| b.len()));
}

#[divan::bench(sample_count = 3)]
fn rtf_of_500_pages(bencher: divan::Bencher) {
    let document = document();
    bencher.bench_local(|| rtf::write(&document, &Meta::default()).len());
}

#[divan::bench(sample_count = 3)]
fn html_of_17_000_rows(bencher: divan::Bencher) {
    let document = document();
    bencher.bench_local(|| html::write(&document).len());
}
