//! Traces: what they name, and the law that what they do not name does not matter.

mod study;

use croft_core::{Cell, Dataset};
use croft_query::{Checked, RunError, Session, check, gate::Listed};
use proptest::prelude::*;
use std::collections::BTreeSet;
use study::{dm, lb, pc, session_of, shown_row, txt};

/// Statements with their keys.
const CASES: &[(&str, &[&str])] = &[
    ("select USUBJID, AGE from DM", &["USUBJID"]),
    ("select USUBJID from DM where AGE > 40", &["USUBJID"]),
    ("select d.USUBJID, p.PCSEQ, p.PCSTRESN from DM d join PC p on p.USUBJID = d.USUBJID", &["USUBJID", "PCSEQ"]),
    (
        "select d.USUBJID, p.PCSEQ from DM d left join PC p on p.USUBJID = d.USUBJID and p.PCSTRESN > 5",
        &["USUBJID", "PCSEQ"],
    ),
    ("select USUBJID, max(PCSTRESN) as CMAX, count(*) as N from PC group by USUBJID", &["USUBJID"]),
    ("select count(*) as N, avg(AGE) as A from DM", &["N"]),
    ("select SEX, count(*) as N from DM group by SEX having count(*) > 1", &["SEX"]),
    ("select distinct SEX from DM", &["SEX"]),
    ("select distinct SEX, count(*) as N from DM group by SEX, AGE", &["SEX", "N"]),
    ("select USUBJID, PCSEQ, sum(PCSTRESN) over (partition by USUBJID) as S from PC", &["USUBJID", "PCSEQ"]),
    (
        "select USUBJID, PCSEQ, row_number() over (partition by USUBJID order by PCSTRESN desc nulls last, PCSEQ nulls first) as R from PC",
        &["USUBJID", "PCSEQ"],
    ),
    (
        "select USUBJID, PCSEQ, rank() over (order by PCSTRESN nulls first) as R, dense_rank() over (order by USUBJID nulls first) as D from PC",
        &["USUBJID", "PCSEQ"],
    ),
    (
        "select USUBJID, PCSEQ, lag(PCSTRESN) over (partition by USUBJID order by PCSEQ nulls first) as L, lead(PCSEQ, 2, 0) over (partition by USUBJID order by PCSEQ nulls first) as F from PC",
        &["USUBJID", "PCSEQ"],
    ),
    (
        "select USUBJID, PCSEQ, avg(PCSTRESN) over (partition by USUBJID order by PCSEQ nulls first rows between 1 preceding and current row) as A from PC",
        &["USUBJID", "PCSEQ"],
    ),
    (
        "select SEX, sum(count(*)) over () as N, rank() over (order by count(*) nulls first) as R from DM group by SEX",
        &["SEX"],
    ),
    (
        "with r as (select USUBJID, PCSEQ, PCSTRESN, row_number() over (partition by USUBJID order by PCSTRESN desc nulls last, PCSEQ nulls first) as N from PC) select USUBJID, PCSEQ, PCSTRESN from r where N = 1",
        &["USUBJID"],
    ),
    (
        "with m as (select USUBJID, max(PCSTRESN) as C from PC group by USUBJID), a as (select avg(C) as A from m) select m.USUBJID, m.C - a.A as D from m cross join a",
        &["USUBJID"],
    ),
    (
        "select USUBJID, 'X' as K from DM where AGE > 40 union all select USUBJID, 'Y' from PC where PCSEQ = 1",
        &["USUBJID", "K"],
    ),
    ("select USUBJID from DM union select USUBJID from PC", &["USUBJID"]),
    ("select USUBJID from DM intersect select USUBJID from PC", &["USUBJID"]),
    ("select USUBJID from DM except select USUBJID from PC where PCSTRESN > 10", &["USUBJID"]),
    (
        "select USUBJID from DM union all (select USUBJID || 'x' from PC except select USUBJID || 'x' from LB)",
        &["USUBJID"],
    ),
    ("select d.USUBJID, (select max(PCSTRESN) from PC p where p.USUBJID = d.USUBJID) as C from DM d", &["USUBJID"]),
    ("select d.USUBJID, d.AGE - (select avg(AGE) from DM) as C from DM d", &["USUBJID"]),
    (
        "select d.USUBJID from DM d where exists (select 1 from PC p where p.USUBJID = d.USUBJID and p.PCSTRESN > 10)",
        &["USUBJID"],
    ),
    (
        "select d.USUBJID from DM d where not exists (select 1 from PC p where p.USUBJID = d.USUBJID and p.PCSTRESN > 10)",
        &["USUBJID"],
    ),
    ("select USUBJID from DM where USUBJID in (select USUBJID from PC where PCSTRESN > 5)", &["USUBJID"]),
    (
        "select USUBJID, case when AGE not in (select PCSTRESN from PC where PCSTRESN is not null) then 1 else 0 end as X from DM",
        &["USUBJID"],
    ),
    (
        "select d.USUBJID, (select PCSEQ from PC p where p.USUBJID = d.USUBJID order by PCSTRESN desc nulls last, PCSEQ nulls last limit 1) as T from DM d",
        &["USUBJID"],
    ),
    ("select USUBJID, AGE from DM order by AGE desc nulls last, USUBJID nulls first limit 2", &["USUBJID"]),
    (
        "select USUBJID, string_agg(PCORRES, '/' order by PCSEQ nulls first) as L, count(PCSTRESN) filter (where PCSTRESN > 5) as N from PC group by USUBJID",
        &["USUBJID"],
    ),
    (
        "select p.USUBJID, sum(case when p.PCSTRESN > (select avg(q.PCSTRESN) from PC q where q.USUBJID = p.USUBJID) then 1 else 0 end) as N from PC p group by p.USUBJID",
        &["USUBJID"],
    ),
    ("select SEX, max(AGE) as M from DM group by SEX having max(AGE) in (select AGE from DM)", &["SEX"]),
    (
        "select x.SEX, x.N from (select SEX, count(*) as N from (select distinct SEX, USUBJID from DM) as u group by SEX) as x where x.N > 0",
        &["SEX"],
    ),
    ("select LBSTRESN from LB where LBSTRESN = 2", &[]),
    ("select 1 as X", &["X"]),
];

fn without(data: &Dataset, row: usize) -> Dataset {
    let mut left = Dataset::new(&data.name, &data.label, data.variables().to_vec());
    left.keys = data.keys.clone();
    for kept in (0..data.rows()).filter(|&r| r != row) {
        left.push_row(data.columns().iter().map(|c| c.get(kept)));
    }
    left
}

fn checked(session: &Session, sql: &str, keys: &[&str]) -> Checked {
    check(sql, session.catalog(), keys).unwrap_or_else(|e| panic!("{sql}\n{}", Listed(&e)))
}

fn key_of<'d>(data: &'d Dataset, row: usize, checked: &Checked) -> Vec<Cell<'d>> {
    let names: Vec<&str> = if checked.keys().is_empty() {
        data.variables().iter().map(|v| v.name.as_str()).collect()
    } else {
        checked.keys()
    };
    names.iter().filter_map(|name| data.cell(row, name)).collect()
}

fn trace(session: &Session, checked: &Checked, key: &[Cell<'_>], sql: &str) -> BTreeSet<(String, usize)> {
    let rows =
        session.trace(checked, key).unwrap_or_else(|e| panic!("{sql}\n{e}: {:?}", std::error::Error::source(&e)));
    rows.into_iter().map(|r| (r.table, r.row)).collect()
}

#[test]
fn deleting_a_row_that_the_trace_does_not_name_changes_nothing() {
    let tables = [dm(), pc(), lb()];
    let session = session_of(&tables);
    let mut deletions = 0;
    for (sql, keys) in CASES {
        let statement = checked(&session, sql, keys);
        let result = session.run(&statement, "X").unwrap();
        let traces: Vec<_> =
            (0..result.rows()).map(|row| trace(&session, &statement, &key_of(&result, row, &statement), sql)).collect();
        let at_once: Vec<BTreeSet<(String, usize)>> = session
            .trace_all(&statement)
            .unwrap()
            .into_iter()
            .map(|rows| rows.into_iter().map(|r| (r.table, r.row)).collect())
            .collect();
        // Without keys, equal rows are traced together; the statement without keys here has one row.
        assert_eq!(at_once, traces, "{sql}");
        for (at, table) in tables.iter().enumerate() {
            if !statement.tables().contains(table.name.as_str()) {
                continue;
            }
            for deleted in 0..table.rows() {
                let mut fewer = tables.clone();
                fewer[at] = without(table, deleted);
                let fewer = session_of(&fewer);
                let after = fewer.run(&checked(&fewer, sql, keys), "X").unwrap();
                let left: Vec<String> = (0..after.rows()).map(|r| shown_row(&after, r)).collect();
                for (row, trace) in traces.iter().enumerate() {
                    if !trace.contains(&(table.name.clone(), deleted)) {
                        let line = shown_row(&result, row);
                        assert!(
                            left.contains(&line),
                            "{sql}\nwithout {} row {deleted}: no {line} in {left:?}",
                            table.name
                        );
                        deletions += 1;
                    }
                }
            }
        }
    }
    assert!(deletions > 500, "{deletions} deletions tried");
}

/// A concentration table with the shape of the small study's.
fn random_pc(values: &[(u8, u8, Option<i8>)]) -> Dataset {
    let mut data = Dataset::new("PC", "", pc().variables().to_vec());
    data.keys = pc().keys;
    let mut seen = BTreeSet::new();
    for &(subject, sequence, value) in values {
        if seen.insert((subject, sequence)) {
            let id = format!("S1-0{subject}");
            let value = value.map_or(Cell::Null, |v| Cell::Num(f64::from(v)));
            data.push_row([Cell::Text(&id), Cell::Num(f64::from(sequence)), value, Cell::Text("1"), Cell::Null]);
        }
    }
    data
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    /// The same law on random tables, for one statement and one deleted row a case.
    #[test]
    fn the_law_holds_on_random_tables(
        values in prop::collection::vec((1u8..5, 1u8..5, prop::option::of(0i8..4)), 0..12),
        case in 0usize..CASES.len(),
        deleted in 0usize..12,
    ) {
        let (sql, keys) = CASES[case];
        let full = random_pc(&values);
        let session = session_of(&[dm(), full.clone(), lb()]);
        let statement = checked(&session, sql, keys);
        let result = session.run(&statement, "X").unwrap();
        if deleted < full.rows() {
            let fewer = session_of(&[dm(), without(&full, deleted), lb()]);
            let after = fewer.run(&statement, "X").unwrap();
            let left: Vec<String> = (0..after.rows()).map(|r| shown_row(&after, r)).collect();
            for row in 0..result.rows() {
                let trace = trace(&session, &statement, &key_of(&result, row, &statement), sql);
                let line = shown_row(&result, row);
                prop_assert!(trace.contains(&("PC".to_owned(), deleted)) || left.contains(&line), "{}\n{} in {:?}", sql, line, left);
            }
        }
    }
}

/// Rows named by the trace, as `DM 0, PC 2`.
fn named(sql: &str, keys: &[&str], key: &[Cell<'_>]) -> String {
    let session = session_of(&[dm(), pc(), lb()]);
    let statement = checked(&session, sql, keys);
    let rows = trace(&session, &statement, key, sql);
    rows.iter().map(|(table, row)| format!("{table} {row}")).collect::<Vec<_>>().join(", ")
}

#[test]
fn a_trace_names_no_more_than_it_must() {
    let s1 = txt("S1-01");
    let cases: &[(&str, &[&str], &[Cell<'_>], &str)] = &[
        ("select USUBJID, AGE from DM", &["USUBJID"], &[s1], "DM 1"),
        ("select USUBJID, max(PCSTRESN) as C from PC group by USUBJID", &["USUBJID"], &[s1], "PC 0, PC 1, PC 2"),
        (
            "select d.USUBJID, p.PCSEQ from DM d join PC p on p.USUBJID = d.USUBJID",
            &["USUBJID", "PCSEQ"],
            &[s1, Cell::Num(2.0)],
            "DM 1, PC 1",
        ),
        (
            "select d.USUBJID, count(p.PCSEQ) as N from DM d left join PC p on p.USUBJID = d.USUBJID group by d.USUBJID",
            &["USUBJID"],
            &[txt("S1-02")],
            "DM 2",
        ),
        (
            "select USUBJID, PCSEQ, lag(PCSTRESN) over (partition by USUBJID order by PCSEQ nulls first) as L from PC",
            &["USUBJID", "PCSEQ"],
            &[s1, Cell::Num(3.0)],
            "PC 1, PC 2",
        ),
        (
            "select USUBJID, PCSEQ, row_number() over (partition by USUBJID order by PCSEQ nulls first) as R from PC",
            &["USUBJID", "PCSEQ"],
            &[s1, Cell::Num(2.0)],
            "PC 0, PC 1",
        ),
        (
            "select d.USUBJID, (select max(PCSTRESN) from PC p where p.USUBJID = d.USUBJID) as C from DM d",
            &["USUBJID"],
            &[txt("S1-04")],
            "DM 3, PC 6",
        ),
        (
            "select USUBJID from DM where USUBJID in (select USUBJID from PC where PCSTRESN > 5)",
            &["USUBJID"],
            &[s1],
            "DM 1, PC 1, PC 2",
        ),
        (
            "select USUBJID from DM intersect select USUBJID from PC where PCSTRESN > 5",
            &["USUBJID"],
            &[s1],
            "DM 1, PC 1, PC 2",
        ),
        ("select distinct SEX from DM", &["SEX"], &[txt("F")], "DM 0, DM 2"),
        ("select SEX from DM group by SEX", &["SEX"], &[Cell::Null], "DM 3"),
        ("select 1 as X", &["X"], &[Cell::Num(1.0)], ""),
    ];
    for (sql, keys, key, expected) in cases {
        assert_eq!(named(sql, keys, key), *expected, "{sql}");
    }
}

#[test]
fn a_trace_says_which_columns_were_read() {
    let session = session_of(&[dm(), pc(), lb()]);
    let statement =
        checked(&session, "select USUBJID, max(PCSTRESN) as C from PC where PCSEQ > 1 group by USUBJID", &["USUBJID"]);
    let rows = session.trace(&statement, &[txt("S1-01")]).unwrap();
    assert_eq!(*rows[0].columns, ["PCSEQ", "PCSTRESN", "USUBJID"]);
    let missing = session.trace(&statement, &[txt("S9")]).unwrap_err();
    assert!(matches!(missing, RunError::NoSuchRow { .. }));
    assert!(session.trace(&statement, &[]).is_err(), "a key of the wrong length names no row");
}
