//! The manual's statements are let through, and its page of functions is made from their table: `CROFT_BLESS=1 cargo test -p croft-query --test manual` writes it.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use croft_core::{Dataset, Variable};
use croft_query::{Catalog, Session};
use std::path::Path;

/// Tables of the page on derivations: names of numbers end in `#`, keys come first, a bar ends them.
const TABLES: [&str; 8] = [
    "DM: STUDYID USUBJID | RFXSTDTC RFXENDTC DTHDTC",
    "AE: STUDYID USUBJID AESEQ# | AESTDTC AEENDTC",
    "LB: STUDYID USUBJID LBSEQ# | LBTESTCD LBSTRESN# LBSTRESU LBSTNRLO# LBSTNRHI# LBDTC",
    "QS: STUDYID USUBJID QSSEQ# | QSTESTCD QSSTRESN# VISITNUM# QSDTC",
    "ADSL: STUDYID USUBJID | TRTSDT# TRTEDT#",
    "ADAE: STUDYID USUBJID AESEQ# | AEDECOD AESEV ASTDT# TRTEMFL",
    "windows: AVISITN# | AVISIT AWTARGET# AWLO# AWHI#",
    "grades: PARAMCD DIRECTION GRADE# | COMPARATOR LIMIT# REFERENCE UNIT",
];

#[test]
fn each_statement_of_the_page_on_derivations_is_let_through_and_runs() {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/derive.md")).unwrap();
    let (mut catalog, mut session) = (Catalog::new(), Session::new().unwrap());
    for table in TABLES {
        let (name, columns) = table.split_once(": ").unwrap();
        let (keys, others) = columns.split_once(" | ").unwrap();
        let variable = |word: &str| match word.strip_suffix('#') {
            Some(name) => Variable::num(name, ""),
            None => Variable::char(word, ""),
        };
        let words = || keys.split(' ').chain(others.split(' '));
        let mut data = Dataset::new(name, "", words().map(variable).collect());
        data.keys = keys.split(' ').map(|k| k.trim_end_matches('#').to_owned()).collect();
        catalog.add(&data).unwrap();
        session.add(&data).unwrap();
    }
    let blocks: Vec<&str> = page.split("```sql\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert_eq!(blocks.len(), 8, "a shrunken page must not pass in silence");
    for sql in blocks {
        let checked = croft_query::check(sql, &catalog, &[])
            .unwrap_or_else(|e| panic!("{sql}\n{}", croft_query::gate::Listed(&e)));
        assert_eq!(session.run(&checked, "X").unwrap().rows(), 0, "{sql}");
    }
}

#[test]
fn the_page_of_functions_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/sql.md");
    let page = croft_query::functions::markdown();
    if std::env::var_os("CROFT_BLESS").is_some() {
        std::fs::write(&path, &page).expect("docs/ can be written");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == page, "docs/sql.md is out of date: run with CROFT_BLESS=1 and read the difference");
}
