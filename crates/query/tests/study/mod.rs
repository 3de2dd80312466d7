//! A small study for the tests.
#![allow(dead_code, clippy::unwrap_used, reason = "each test file uses some of it, and a broken set-up must fail")]

use croft_core::{Cell, Dataset, Missing, Variable};
use croft_query::{Session, check};

pub fn num(x: f64) -> Cell<'static> {
    Cell::Num(x)
}

pub fn txt(text: &'static str) -> Cell<'static> {
    Cell::Text(text)
}

fn special(letter: char) -> Cell<'static> {
    Cell::MissingNum(Missing::from_letter(letter).unwrap())
}

pub fn dm() -> Dataset {
    let variables = vec![
        Variable::char("USUBJID", "Unique Subject Identifier"),
        Variable::num("AGE", "Age"),
        Variable::char("SEX", "Sex"),
        Variable::char("RFSTDTC", "First dose"),
    ];
    let mut data = Dataset::new("DM", "Demographics", variables);
    data.keys = vec!["USUBJID".to_owned()];
    data.push_row([txt("S1-03"), num(61.0), txt("F"), txt("2024-01-10")]);
    data.push_row([txt("S1-01"), num(34.0), txt("M"), txt("2024-01-08")]);
    data.push_row([txt("S1-02"), Cell::Null, txt("F"), Cell::Null]);
    data.push_row([txt("S1-04"), num(47.5), Cell::Null, txt("2024-02")]);
    data
}

pub fn pc() -> Dataset {
    let variables = vec![
        Variable::char("USUBJID", "Unique Subject Identifier"),
        Variable::num("PCSEQ", "Sequence"),
        Variable::num("PCSTRESN", "Concentration"),
        Variable::char("PCORRES", "Result as collected"),
        Variable::char("PCDTC", "Date/time"),
    ];
    let mut data = Dataset::new("PC", "Concentrations", variables);
    data.keys = vec!["USUBJID".to_owned(), "PCSEQ".to_owned()];
    data.push_row([txt("S1-01"), num(1.0), special('B'), txt("<0.5"), txt("2024-01-08T08:00")]);
    data.push_row([txt("S1-01"), num(2.0), num(12.5), txt("12.5"), txt("2024-01-08T09:00")]);
    data.push_row([txt("S1-01"), num(3.0), num(7.25), txt("7.25"), txt("2024-01-08T12:00")]);
    data.push_row([txt("S1-03"), num(1.0), num(0.75), txt("0.75"), txt("2024-01-10T08:00")]);
    data.push_row([txt("S1-03"), num(2.0), num(12.5), txt("12.5"), txt("2024-01-10T09:00")]);
    data.push_row([txt("S1-03"), num(3.0), Cell::Null, txt(""), txt("2024-01-10")]);
    data.push_row([txt("S1-04"), num(1.0), num(3.0), txt("3"), Cell::Null]);
    data
}

/// A table without declared keys.
pub fn lb() -> Dataset {
    let mut data = Dataset::new("LB", "Laboratory", vec![Variable::char("USUBJID", ""), Variable::num("LBSTRESN", "")]);
    data.push_row([txt("S1-01"), num(1.0)]);
    data.push_row([txt("S1-01"), num(1.0)]);
    data.push_row([txt("S1-02"), num(2.0)]);
    data
}

pub fn session() -> Session {
    session_of(&[dm(), pc(), lb()])
}

pub fn session_of(tables: &[Dataset]) -> Session {
    let mut session = Session::new().unwrap();
    for table in tables {
        session.add(table).unwrap();
    }
    session
}

/// The result as text: a line a row, cells separated by `|`, special missings as SAS writes them.
pub fn shown(data: &Dataset) -> Vec<String> {
    (0..data.rows()).map(|row| shown_row(data, row)).collect()
}

pub fn shown_row(data: &Dataset, row: usize) -> String {
    let cell = |name: &str| match data.cell(row, name).unwrap() {
        Cell::Num(x) => format!("{x}"),
        Cell::Text(text) => text.to_owned(),
        Cell::MissingNum(kind) => kind.to_string(),
        Cell::Null => "null".to_owned(),
    };
    data.variables().iter().map(|v| cell(&v.name)).collect::<Vec<_>>().join("|")
}

/// Checks and runs a statement on the small study.
pub fn run(sql: &str, keys: &[&str]) -> Vec<String> {
    let session = session();
    let checked =
        check(sql, session.catalog(), keys).unwrap_or_else(|e| panic!("{sql}\n{}", croft_query::gate::Listed(&e)));
    shown(&session.run(&checked, "X").unwrap_or_else(|e| {
        panic!("{sql}\n{e}\n{:?}\n{}", std::error::Error::source(&e), Session::explain_sql(&checked))
    }))
}
