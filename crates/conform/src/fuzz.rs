//! Entry points of the fuzzer, what a stranger can hand in: none may panic.

use crate::column::Column;
use crate::frame::Frame;
use crate::own::page;
use crate::rule::read;
use crate::run::check;
use crate::study::{Study, Table, TableVariable};

/// A rule's text, then lines of a small dataset: reading and checking must end, with findings or an error.
pub fn fuzz_rule(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (rule, rows) = text.split_once("\n---data\n").unwrap_or((&text, ""));
    let Ok(rule) = read::rule(rule) else { return };
    let mut lines = rows.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let names = lines.next().unwrap_or_default();
    let rows: Vec<Vec<&str>> = lines.take(64).collect();
    let mut frame = Frame::of_rows(rows.len());
    for (i, name) in names.iter().enumerate() {
        frame.set(name, Column::of_texts(rows.iter().map(|row| row.get(i).copied().unwrap_or_default())));
    }
    let variables = names.iter().map(|name| TableVariable {
        name: (*name).to_owned(),
        label: String::new(),
        data_type: "Char".to_owned(),
        length: None,
        format: String::new(),
    });
    let table = Table::new("AE", "", "ae.xpt", 0, variables.collect(), frame);
    let study = Study::new(vec![table], "sdtmig", "3.4");
    check(&study, &rule);
}

/// A page of a rule is read, or refused with a place; its examples run.
pub fn fuzz_own_page(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match page::read(text) {
        Ok(own) => drop(own.mismatches()),
        Err(error) => assert!(!error.to_string().is_empty() && !error.hint().is_empty(), "an error says what to do"),
    }
}
