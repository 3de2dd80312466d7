//! Running: order, keys, guards.

mod study;

use croft_core::{Cell, Dataset, Variable};
use croft_query::{Limits, RunError, Session, check, gate::Listed};
use study::{dm, lb, num, pc, run, session, shown, txt};

fn error(session: &Session, sql: &str, keys: &[&str]) -> RunError {
    let checked = check(sql, session.catalog(), keys).unwrap_or_else(|e| panic!("{sql}\n{}", Listed(&e)));
    session.run(&checked, "X").expect_err(sql)
}

#[test]
fn a_key_that_names_two_rows_is_an_error() {
    let error = error(&session(), "select USUBJID, LBSTRESN from LB", &["USUBJID", "LBSTRESN"]);
    assert_eq!(error.to_string(), "two rows have the same key: USUBJID=S1-01, LBSTRESN=1");
}

#[test]
fn an_order_that_relies_on_keys_checks_that_they_are_unique() {
    let mut bad = lb();
    bad.keys = vec!["USUBJID".to_owned()];
    let session = study::session_of(&[bad]);
    let error = error(&session, "select USUBJID, row_number() over (order by USUBJID nulls first) as R from LB", &[]);
    assert_eq!(
        error.to_string(),
        "LB: rows 1 and 2 have the same key (USUBJID=S1-01), and the statement's order relies on it"
    );
}

#[test]
fn rows_are_sorted_by_bytes_with_nulls_first() {
    let mut data = Dataset::new("T", "", vec![Variable::char("K", ""), Variable::num("N", "")]);
    for (k, n) in [
        (txt("b"), num(1.0)),
        (txt("B"), num(10.0)),
        (txt("ä"), num(9.0)),
        (Cell::Null, Cell::Null),
        (txt(""), num(-1.0)),
        (txt("a"), num(2.0)),
    ] {
        data.push_row([k, n]);
    }
    let session = study::session_of(&[data]);
    let by = |key: &str| {
        let checked = check("select K, N from T", session.catalog(), &[key]).unwrap();
        shown(&session.run(&checked, "X").unwrap())
    };
    assert_eq!(by("K"), ["null|.", "|-1", "B|10", "a|2", "b|1", "ä|9"]);
    assert_eq!(by("N"), ["null|.", "|-1", "b|1", "a|2", "ä|9", "B|10"]);
}

#[test]
fn a_function_that_stops_the_statement_names_the_value() {
    let session = session();
    let cases = [
        ("select number(PCORRES) as X from PC", "number: \"<0.5\" is no number"),
        ("select study_day(SEX, RFSTDTC) as X from DM", "study_day: `F`"),
        ("select convert_unit(AGE, 'kg', 'mL') as X from DM", "convert_unit: `kg`"),
        ("select 1e308 * 10 as X", "row 1: X is not a finite number"),
        ("select AGE, 'QQ' as AGE__missing from DM where AGE is null", "row 1: AGE__missing is \"QQ\""),
        (
            "select AGE, 'B' as AGE__missing from DM where AGE = 34",
            "row 1: AGE__missing is \"B\" although there is a value",
        ),
    ];
    for (sql, expected) in cases {
        let told = error(&session, sql, &[]).to_string();
        assert!(told.starts_with(expected), "{sql}: {told}");
    }
}

#[test]
fn a_runaway_statement_is_stopped() {
    let mut session = Session::with_limits(Limits { steps: 2_000_000, rows: 1_000 }).unwrap();
    for table in [dm(), pc()] {
        session.add(&table).unwrap();
    }
    let runaway = "select count(*) as N from PC a cross join PC b cross join PC c cross join PC d cross join PC e cross join PC f cross join PC g cross join PC h";
    assert!(matches!(error(&session, runaway, &[]), RunError::TooLong { steps: 2_000_000 }));
    let many = "select a.PCSEQ from PC a cross join PC b cross join PC c cross join PC d";
    assert!(matches!(error(&session, many, &[]), RunError::TooManyRows { rows: 1_000 }));
    let checked = check("select count(*) as N from DM", session.catalog(), &[]).unwrap();
    assert_eq!(shown(&session.run(&checked, "X").unwrap()), ["4"], "the session goes on");
}

#[test]
fn clinical_functions_work_in_statements() {
    let cases: &[(&str, &[&str])] = &[
        (
            "select p.USUBJID, p.PCSEQ, study_day(p.PCDTC, d.RFSTDTC) as PCDY, hours_between('2024-01-08T08:00', p.PCDTC) as H from PC p join DM d on d.USUBJID = p.USUBJID where p.PCSEQ > 1",
            &["S1-01|2|1|1", "S1-01|3|1|4", "S1-03|2|1|49", "S1-03|3|1|."],
        ),
        (
            "select USUBJID, impute_date(RFSTDTC, 'last') as D, impute_date_flag(RFSTDTC, 'last') as F from DM where is_complete_date(RFSTDTC) is not true",
            &["S1-02|null|null", "S1-04|2024-02-29|D"],
        ),
        (
            "select round_half_away(2.5) as A, round_half_even(2.5) as E, convert_unit(1, 'ug/mL', 'ng/mL') as U",
            &["3|2|1000"],
        ),
        ("select ln(0) as L, exp(1000) as E, sqrt(-1) as S, log10(1000) as T, pow(2, 10) as P", &[".|.|.|3|1024"]),
        (
            "select geomean(PCSTRESN) as G, std(PCSTRESN) as S, median(PCSTRESN) as M from PC where PCSTRESN = 12.5",
            &["12.500000000000002|0|12.5"],
        ),
        (
            "select USUBJID, PCSEQ, last_known(PCSTRESN) over (partition by USUBJID order by PCSEQ nulls first) as L from PC where PCSEQ <> 2",
            &["S1-01|1|.", "S1-01|3|7.25", "S1-03|1|0.75", "S1-03|3|0.75", "S1-04|1|3"],
        ),
        (
            "with v as (select 1 as N, 'a' as X union select 2, null union select 3, null union select 4, 'b') \
             select distinct N, last_known(X) over (order by N nulls first, X nulls first rows between 1 preceding and current row) as L from v",
            &["1|a", "2|a", "3|null", "4|b"],
        ),
        (
            "select case when in_window(5, null, 7) and is_treatment_emergent(null, null, '2024-01-01', null, null) then initcap('WEEK 8') end as W, number_within('WEEK 8') as N",
            &["Week 8|8"],
        ),
        (
            "select ceil(1.2) as C, floor(-1.2) as F, trim('  x ') as T, substr('abcdef', 2, 3) as S, least(2, 1, null) as L",
            &["2|-2|x|bcd|1"],
        ),
    ];
    for (sql, rows) in cases {
        assert_eq!(run(sql, &[]), *rows, "{sql}");
    }
}

#[test]
fn a_statement_runs_only_where_its_tables_are() {
    let full = session();
    let checked = check("select AGE from DM", full.catalog(), &[]).unwrap();
    let empty = Session::new().unwrap();
    assert!(matches!(empty.run(&checked, "X").unwrap_err(), RunError::NoTable { .. }));
    let mut other = Dataset::new("DM", "", vec![Variable::char("AGE", "")]);
    other.push_row([txt("34")]);
    let error = study::session_of(&[other]).run(&checked, "X").unwrap_err();
    assert_eq!(error.to_string(), "DM has no number column AGE in this session");
}

#[test]
fn what_the_gate_lets_through_is_not_too_much_for_the_database() {
    let chain = format!("select {}1 as X", "1 + ".repeat(150));
    assert_eq!(run(&chain, &[]), ["151"]);
    let nested = format!("select {}-2{} as X", "abs(".repeat(60), ")".repeat(60));
    assert_eq!(run(&nested, &[]), ["2"]);
    let parts = format!("select 0 as X{}", " union all select 1".repeat(450));
    assert_eq!(run(&parts, &[]).len(), 451);
    let columns: Vec<String> = (0..900).map(|c| format!("AGE as A{c}")).collect();
    assert_eq!(run(&format!("select {} from DM where AGE = 34", columns.join(", ")), &[]).len(), 1);
    let joins: String = (0..63).map(|t| format!(" join DM d{t} on d{t}.USUBJID = d.USUBJID")).collect();
    assert_eq!(run(&format!("select d.USUBJID from DM d{joins}"), &[]).len(), 4);
    let session = session();
    let chain = check(&chain, session.catalog(), &[]).unwrap();
    assert!(session.trace(&chain, &[num(151.0)]).unwrap().is_empty());
}

#[test]
fn odd_names_are_names_like_others() {
    let mut data = Dataset::new("sqlite_x", "", vec![Variable::num("select", ""), Variable::char("a\"b", "")]);
    data.push_row([num(1.0), txt("x")]);
    let session = study::session_of(&[data]);
    let checked = check("select \"select\" as N, \"a\"\"b\" as T from sqlite_x", session.catalog(), &[]).unwrap();
    assert_eq!(shown(&session.run(&checked, "X").unwrap()), ["1|x"]);
    let reserved = Dataset::new("T", "", vec![Variable::num("__row", "")]);
    assert!(Session::new().unwrap().add(&reserved).is_err());
    let mut twice = Session::new().unwrap();
    let clash = Dataset::new("T", "", vec![Variable::num("a", ""), Variable::num("A", "")]);
    assert!(matches!(twice.add(&clash), Err(RunError::Catalog(_))));
}
