//! Statements that the gate lets through, and what they give.

mod study;
use study::run;

/// Statement, keys, rows.
const CASES: &[(&str, &[&str], &[&str])] = &[
    ("select USUBJID, AGE from DM", &["USUBJID"], &["S1-01|34", "S1-02|.", "S1-03|61", "S1-04|47.5"]),
    (
        "select * from dm",
        &["USUBJID"],
        &["S1-01|34|M|2024-01-08", "S1-02|.|F|null", "S1-03|61|F|2024-01-10", "S1-04|47.5|null|2024-02"],
    ),
    ("-- a header\n/* and\nanother */ select count(*) as N from DM;", &[], &["4"]),
    // special missings travel with a column that is taken over
    (
        "select USUBJID, PCSEQ, PCSTRESN from PC where PCSEQ = 1 or PCSTRESN is null",
        &["USUBJID", "PCSEQ"],
        &["S1-01|1|.B", "S1-03|1|0.75", "S1-03|3|.", "S1-04|1|3"],
    ),
    (
        "with p as (select USUBJID, PCSEQ, PCSTRESN as AVAL from PC) select q.* from (select * from p) as q where PCSEQ = 1",
        &["USUBJID"],
        &["S1-01|1|.B", "S1-03|1|0.75", "S1-04|1|3"],
    ),
    ("select PCSEQ, PCSTRESN + 1 as X from PC where USUBJID = 'S1-01' and PCSEQ = 1", &["PCSEQ"], &["1|."]),
    (
        "select PCSEQ, missing_reason(PCSTRESN) as R from PC where USUBJID <> 'S1-04' and PCSEQ in (1, 3)",
        &[],
        &["1|null", "1|B", "3|null", "3|."],
    ),
    (
        "select USUBJID, AGE, case when AGE is null then 'N' end as AGE__missing from DM where SEX = 'F'",
        &["USUBJID"],
        &["S1-02|.N", "S1-03|61"],
    ),
    (
        "select USUBJID, PCSTRESN as V from PC where PCSEQ = 1 union all select USUBJID, AGE from DM where AGE is null",
        &["USUBJID"],
        &["S1-01|.B", "S1-02|.", "S1-03|0.75", "S1-04|3"],
    ),
    // arithmetic is in doubles
    (
        "select 1/2 as H, 7/0 as Z, div(7, 2) as D, mod(7, 2) as M, -3 as N, 1e3 as E, 0.1 + 0.2 as S",
        &[],
        &["0.5|.|3|1|-3|1000|0.30000000000000004"],
    ),
    ("select 'it''s' || ' ' || 'so' as T, length('Größe') as L, upper('ä') as U", &[], &["it's so|5|Ä"]),
    // joins
    (
        "select d.USUBJID, count(p.PCSEQ) as N from DM d left join PC p on p.USUBJID = d.USUBJID group by d.USUBJID",
        &["USUBJID"],
        &["S1-01|3", "S1-02|0", "S1-03|3", "S1-04|1"],
    ),
    (
        "select d.USUBJID, p.PCSEQ from DM as d inner join PC as p on d.USUBJID = p.USUBJID and p.PCSTRESN > 5",
        &["USUBJID", "PCSEQ"],
        &["S1-01|2", "S1-01|3", "S1-03|2"],
    ),
    (
        "select a.USUBJID, b.SEX from DM a cross join (select distinct SEX from DM) b where a.AGE > 50",
        &["USUBJID", "SEX"],
        &["S1-03|null", "S1-03|F", "S1-03|M"],
    ),
    // groups
    (
        "select SEX, count(*) as N, sum(AGE) as S, avg(AGE) as A, min(AGE) as L, max(AGE) as H from DM group by SEX",
        &["SEX"],
        &["null|1|47.5|47.5|47.5|47.5", "F|2|61|61|61|61", "M|1|34|34|34|34"],
    ),
    ("select USUBJID from PC group by USUBJID having count(*) > 1", &["USUBJID"], &["S1-01", "S1-03"]),
    (
        "select substr(USUBJID, 1, 2) as SITE, count(distinct SEX) as N from DM group by substr(USUBJID, 1, 2)",
        &["SITE"],
        &["S1|2"],
    ),
    (
        "select string_agg(USUBJID, ',' order by AGE desc nulls last) as L, median(AGE) as M, std(AGE) as S from DM where AGE <> 47.5",
        &[],
        &["S1-03,S1-01|47.5|19.091883092036785"],
    ),
    ("select count(*) filter (where SEX = 'F') as F, count(SEX) as K from DM", &[], &["2|3"]),
    // windows
    (
        "select USUBJID, PCSEQ, row_number() over (partition by USUBJID order by PCSTRESN desc nulls last, PCSEQ asc nulls first) as R from PC where USUBJID = 'S1-01'",
        &["PCSEQ"],
        &["S1-01|1|3", "S1-01|2|1", "S1-01|3|2"],
    ),
    (
        "select PCSEQ, lag(PCSTRESN) over (order by PCSEQ nulls first) as L, sum(PCSTRESN) over (order by PCSEQ nulls first rows between unbounded preceding and current row) as C from PC where USUBJID = 'S1-01'",
        &["PCSEQ"],
        &["1|.|.", "2|.|12.5", "3|12.5|19.75"],
    ),
    (
        "select USUBJID, rank() over (order by SEX nulls first) as R from DM",
        &["USUBJID"],
        &["S1-01|4", "S1-02|2", "S1-03|2", "S1-04|1"],
    ),
    ("select USUBJID, max(AGE) over () as M from DM", &["USUBJID"], &["S1-01|61", "S1-02|61", "S1-03|61", "S1-04|61"]),
    ("select SEX, sum(count(*)) over () as N from DM group by SEX", &["SEX"], &["null|4", "F|4", "M|4"]),
    (
        "select USUBJID, PCSEQ, last_value(PCSEQ) over (partition by USUBJID order by PCSEQ nulls first rows between unbounded preceding and unbounded following) as L from PC where PCSEQ = 1",
        &["USUBJID"],
        &["S1-01|1|1", "S1-03|1|1", "S1-04|1|1"],
    ),
    // a join on all keys of the other table leaves the order without ties
    (
        "select p.USUBJID, p.PCSEQ, row_number() over (partition by p.USUBJID order by p.PCSEQ nulls first) as R, d.AGE from PC p left join DM d on d.USUBJID = p.USUBJID where p.PCSEQ < 2",
        &["USUBJID"],
        &["S1-01|1|1|34", "S1-03|1|1|61", "S1-04|1|1|47.5"],
    ),
    // set operations
    ("select USUBJID from DM except select USUBJID from PC", &["USUBJID"], &["S1-02"]),
    ("select USUBJID from DM intersect select USUBJID from PC where PCSEQ = 2", &["USUBJID"], &["S1-01", "S1-03"]),
    ("select 'a' as X union select 'b' union all (select 'a' union all select 'c')", &[], &["a", "a", "b", "c"]),
    ("select 'b' as X union select 'a' intersect select 'a'", &[], &["a", "b"]),
    // subqueries
    (
        "select USUBJID from DM d where exists (select 1 from PC p where p.USUBJID = d.USUBJID and p.PCSTRESN > 10)",
        &["USUBJID"],
        &["S1-01", "S1-03"],
    ),
    ("select USUBJID from DM where USUBJID not in (select USUBJID from PC)", &["USUBJID"], &["S1-02"]),
    (
        "select d.USUBJID, (select max(PCSTRESN) from PC where USUBJID = d.USUBJID) as CMAX from DM d",
        &["USUBJID"],
        &["S1-01|12.5", "S1-02|.", "S1-03|12.5", "S1-04|3"],
    ),
    (
        "select p.USUBJID, (select AGE from DM d where d.USUBJID = p.USUBJID) as AGE from PC p where PCSEQ = 1",
        &["USUBJID"],
        &["S1-01|34", "S1-03|61", "S1-04|47.5"],
    ),
    (
        "select d.USUBJID, (select PCSEQ from PC p where p.USUBJID = d.USUBJID order by PCSTRESN desc nulls last, PCSEQ nulls last limit 1) as T from DM d",
        &["USUBJID"],
        &["S1-01|2", "S1-02|.", "S1-03|2", "S1-04|1"],
    ),
    (
        "select USUBJID, AGE from DM order by AGE desc nulls last, USUBJID nulls first limit 2",
        &["USUBJID"],
        &["S1-03|61", "S1-04|47.5"],
    ),
    (
        "select USUBJID from DM union select USUBJID from PC order by USUBJID desc nulls last limit 2",
        &["USUBJID"],
        &["S1-03", "S1-04"],
    ),
    ("select AGE, cast(null as text) as AGE__missing from DM where SEX = 'M'", &[], &["34"]),
    // conditions
    ("select USUBJID from DM where AGE between 30 and 50 and SEX is not distinct from null", &["USUBJID"], &["S1-04"]),
    (
        "select USUBJID, case SEX when 'F' then 1 when 'M' then 2 end as SEXN from DM",
        &["USUBJID"],
        &["S1-01|2", "S1-02|1", "S1-03|1", "S1-04|."],
    ),
    ("select USUBJID from DM where not (SEX = 'F') is true", &["USUBJID"], &["S1-01", "S1-04"]),
    ("select USUBJID from DM where (SEX = 'F') is unknown", &["USUBJID"], &["S1-04"]),
    (
        "select USUBJID from DM where like_cs(USUBJID, '%-03') or matches(USUBJID, '-0[12]$')",
        &["USUBJID"],
        &["S1-01", "S1-02", "S1-03"],
    ),
    ("select cast(null as text) as T, cast(null as double) as N, coalesce(null, 'x') as X", &[], &["null|.|x"]),
    ("select \"USUBJID\" as \"My Column\" from \"DM\" where USUBJID = 'S1-01'", &[], &["S1-01"]),
    (
        "select PCSEQ, number(PCORRES) as X, text(PCSTRESN) as T, text(PCSTRESN, 1) as D from PC where USUBJID = 'S1-01' and PCSEQ > 1",
        &[],
        &["2|12.5|12.5|12.5", "3|7.25|7.25|7.3"],
    ),
    ("select try_number(PCORRES) as X from PC where USUBJID = 'S1-01'", &[], &[".", "7.25", "12.5"]),
    (
        "with a as (select USUBJID, 'X' as PARAMCD, AGE as AVAL from DM union all select USUBJID, 'Y', 1 from DM), r as (select USUBJID, PARAMCD, AVAL, row_number() over (partition by USUBJID order by AVAL nulls last, PARAMCD nulls last) as N from a) select USUBJID, PARAMCD from r where N = 1",
        &["USUBJID"],
        &["S1-01|Y", "S1-02|Y", "S1-03|Y", "S1-04|Y"],
    ),
];

#[test]
fn accepted_statements_give_these_rows() {
    for (sql, keys, rows) in CASES {
        assert_eq!(run(sql, keys), *rows, "{sql}");
    }
}

/// Names alone, before any table is known; what only a comment, a step or a `*` says is not a column.
#[test]
fn a_statement_names_its_columns() {
    let cases: [(&str, &[&str]); 5] = [
        ("-- no RFSTDTC\nselect d.subject, AGE, AGE + 1 as next_age from X as d", &["AGE", "NEXT_AGE", "SUBJECT"]),
        ("with a as (select FIRST as RFSTDTC from X) select USUBJID from a", &["USUBJID"]),
        ("select A as B from X union all select C from Y union all select D from Z", &["B"]),
        ("(select A from X) union all (select B from Y)", &["A"]),
        ("select *, 1 as ONE, AGE + 1 from X", &["ONE"]),
    ];
    for (sql, names) in cases {
        assert_eq!(croft_query::columns_named(sql).unwrap().iter().collect::<Vec<_>>(), *names, "{sql}");
    }
    assert!(croft_query::columns_named("select from").is_err());
}
