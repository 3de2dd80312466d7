//! How long does a check of a study take?
//!
//! A study of the CDISC pilot's size and shape (254 subjects; laboratory 59,580 records, questionnaires 121,749, supplemental
//! qualifiers 64,403) is made from a fixed sequence and checked with rules of each kind: values of a record, joins, counts of
//! groups, keys, dates. Prints records, cells a second and the peak of memory. `CROFT_BENCH_TIMES` makes the study larger.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a bench measures time and fails by panicking")]

use croft_conform::column::{Column, NumberBuilder, TextBuilder};
use croft_conform::frame::Frame;
use croft_conform::rule::{Rule, read};
use croft_conform::run::{Options, run};
use croft_conform::study::{Study, Table, TableVariable};
use std::time::Instant;

const RULES: [&str; 5] = [
    "Core: {Id: B-1}\nRule Type: Record Data\nCheck: {all: [{name: --STRESC, operator: matches_regex, value: '^-?\\d+(\\.\\d+)?$'}, {name: --STRESN, operator: not_equal_to, value: --STRESC, type_insensitive: true}]}\nOutcome: {Message: m}",
    "Core: {Id: B-2}\nRule Type: Record Data\nMatch Datasets: [{Name: DM, Keys: [USUBJID]}]\nCheck: {all: [{name: --DTC, operator: date_less_than, value: RFSTDTC}, {name: VISITNUM, operator: greater_than, value: 3}]}\nOutcome: {Message: m}",
    "Core: {Id: B-3}\nRule Type: Record Data\nOperations: [{id: $n, operator: record_count, group: [USUBJID, --TESTCD, VISITNUM]}]\nCheck: {all: [{name: $n, operator: greater_than, value: 1}]}\nOutcome: {Message: m}",
    "Core: {Id: B-4}\nRule Type: Record Data\nCheck: {all: [{name: --SEQ, operator: is_not_unique_set, value: [USUBJID, --TESTCD]}]}\nOutcome: {Message: m}",
    "Core: {Id: B-5}\nRule Type: Value Check with Variable Metadata\nCheck: {all: [{name: variable_value, operator: matches_regex, value: '^\\s'}]}\nOutcome: {Message: m}",
];

fn main() {
    let times: usize = std::env::var("CROFT_BENCH_TIMES").ok().and_then(|n| n.parse().ok()).unwrap_or(1);
    let subjects = 254 * times;
    let tables = vec![
        demographics(subjects),
        findings("LB", subjects, 59_580 * times, 40),
        findings("QS", subjects, 121_749 * times, 90),
    ];
    let records: usize = tables.iter().map(|table| table.frame().rows()).sum();
    let cells: usize = tables.iter().map(|table| table.frame().rows() * table.variables().len()).sum();
    let study = Study::new(tables, "sdtmig", "3.4");
    let rules: Vec<Rule> = RULES.iter().map(|text| read::rule(text).unwrap()).collect();
    for rule in &rules {
        let start = Instant::now();
        let outcome = run(&study, &[rule], Options { threads: 1, most_findings: 1000 }, &|| 0.0);
        let seconds = start.elapsed().as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "a count far below 2^53")]
        let speed = cells as f64 / seconds / 1e6;
        println!(
            "{}: {records} records, {seconds:.3} s, {speed:.0} million cells/s of the study, {} findings",
            rule.id, outcome[0].total
        );
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    println!("{}", status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default());
}

fn table(name: &str, columns: Vec<(&str, Column)>) -> Table {
    let mut frame = Frame::of_rows(columns[0].1.len());
    for (variable, column) in &columns {
        frame.set(variable, column.clone());
    }
    let variable = |(variable, _): &(&str, Column)| TableVariable {
        name: (*variable).to_owned(),
        label: String::new(),
        data_type: "Char".to_owned(),
        length: None,
        format: String::new(),
    };
    Table::new(name, "", "", 0, columns.iter().map(variable).collect(), frame)
}

fn texts(rows: usize, each: impl Fn(usize) -> String) -> Column {
    let mut builder = TextBuilder::default();
    (0..rows).for_each(|row| builder.push(&each(row)));
    builder.finish()
}

fn numbers(rows: usize, each: impl Fn(usize) -> f64) -> Column {
    let mut builder = NumberBuilder::default();
    (0..rows).for_each(|row| builder.push(Some(each(row))));
    builder.finish()
}

fn subject(number: usize) -> String {
    format!("01-{:03}-{number:06}", 701 + number % 17)
}

fn demographics(subjects: usize) -> Table {
    table(
        "DM",
        vec![
            ("STUDYID", texts(subjects, |_| "CDISCPILOT01".to_owned())),
            ("DOMAIN", texts(subjects, |_| "DM".to_owned())),
            ("USUBJID", texts(subjects, subject)),
            ("RFSTDTC", texts(subjects, |i| format!("2013-{:02}-{:02}", 1 + i % 12, 1 + i % 28))),
        ],
    )
}

#[expect(clippy::cast_precision_loss, reason = "small whole numbers")]
fn findings(domain: &'static str, subjects: usize, rows: usize, tests: usize) -> Table {
    let per_subject = rows.div_ceil(subjects);
    let names = ["SEQ", "TESTCD", "STRESC", "STRESN", "DTC", "CAT", "ORRESU"].map(|suffix| format!("{domain}{suffix}"));
    let value = |row: usize| ((row * 7919) % 1000) as f64 / 10.0;
    table(
        domain,
        vec![
            ("STUDYID", texts(rows, |_| "CDISCPILOT01".to_owned())),
            ("DOMAIN", texts(rows, |_| domain.to_owned())),
            ("USUBJID", texts(rows, |row| subject(row / per_subject))),
            (&names[0], numbers(rows, |row| (row % per_subject + 1) as f64)),
            (&names[1], texts(rows, |row| format!("TEST{:03}", row % tests))),
            (&names[2], texts(rows, |row| value(row).to_string())),
            (&names[3], numbers(rows, value)),
            (&names[4], texts(rows, |row| format!("2013-{:02}-{:02}T{:02}:00", 1 + row % 12, 1 + row % 28, row % 24))),
            (&names[5], texts(rows, |row| ["CHEMISTRY", "HEMATOLOGY", "URINALYSIS"][row % 3].to_owned())),
            (&names[6], texts(rows, |row| ["g/L", "U/L", "mmol/L", "10^9/L"][row % 4].to_owned())),
            ("VISITNUM", numbers(rows, |row| (row % 12) as f64)),
        ],
    )
}
