//! Where columns come from.

mod study;

use croft_query::{Checked, ColumnLineage, Derivation, check, gate::Listed};

fn checked(sql: &str) -> Checked {
    check(sql, study::session().catalog(), &[]).unwrap_or_else(|e| panic!("{sql}\n{}", Listed(&e)))
}

/// `NAME <- T.X T.Y`, with `=` for a copy and nothing behind for what is assigned.
fn line(column: &ColumnLineage) -> String {
    let sign = match column.derivation {
        Derivation::Copied => "=",
        Derivation::Computed => "<-",
        Derivation::Assigned => ":=",
    };
    let sources: Vec<String> = column.sources.iter().map(|s| format!("{}.{}", s.table, s.column)).collect();
    format!("{} {sign} {}", column.name, sources.join(" ")).trim_end().to_owned()
}

#[test]
fn columns_name_their_sources() {
    let cases: &[(&str, &[&str])] = &[
        ("select USUBJID, AGE as A, 'X' as P from DM where SEX = 'F'", &["USUBJID = DM.USUBJID", "A = DM.AGE", "P :="]),
        ("select d.AGE + p.PCSTRESN as X from DM d join PC p on p.USUBJID = d.USUBJID", &["X <- DM.AGE PC.PCSTRESN"]),
        ("select case when SEX = 'F' then AGE end as X from DM", &["X <- DM.AGE DM.SEX"]),
        (
            "with a as (select USUBJID as U, AGE as V from DM), b as (select U, max(V) as M from a group by U) select U, M from b",
            &["U = DM.USUBJID", "M <- DM.AGE"],
        ),
        (
            "select x.V from (select AGE as V from DM union all select PCSTRESN from PC) as x",
            &["V <- DM.AGE PC.PCSTRESN"],
        ),
        ("select x.V from (select USUBJID as V from DM union all select USUBJID from DM) as x", &["V = DM.USUBJID"]),
        (
            "select (select max(PCSTRESN) from PC where PC.USUBJID = DM.USUBJID) as C from DM",
            &["C <- DM.USUBJID PC.PCSTRESN PC.USUBJID"],
        ),
        (
            "select row_number() over (partition by SEX order by USUBJID nulls first) as R from DM",
            &["R <- DM.SEX DM.USUBJID"],
        ),
        ("select missing_reason(PCSTRESN) as R from PC", &["R <- PC.PCSTRESN"]),
        ("select AGE, SEX as AGE__missing from DM", &["AGE = DM.AGE"]),
        ("select count(*) as N from DM", &["N <-"]),
    ];
    for (sql, expected) in cases {
        let lines: Vec<String> = checked(sql).columns().iter().map(line).collect();
        assert_eq!(lines, *expected, "{sql}");
    }
}

#[test]
fn reads_hold_conditions_too() {
    let statement = checked(
        "with s as (select USUBJID from PC where PCSTRESN > 1) select d.USUBJID from DM d where exists (select 1 from s where s.USUBJID = d.USUBJID) order by d.AGE nulls first limit 0",
    );
    let reads: Vec<String> = statement.reads().iter().map(|s| format!("{}.{}", s.table, s.column)).collect();
    assert_eq!(reads, ["DM.AGE", "DM.USUBJID", "PC.PCSTRESN", "PC.USUBJID"]);
    assert_eq!(statement.tables().into_iter().collect::<Vec<_>>(), ["DM", "PC"]);
}

#[test]
fn a_copied_column_keeps_its_metadata() {
    let statement = checked("select USUBJID, AGE as AAGE, AGE + 1 as NEXT from DM");
    let labels: Vec<&str> = statement.variables().iter().map(|v| v.label.as_str()).collect();
    assert_eq!(labels, ["Unique Subject Identifier", "Age", ""]);
}
