//! Statements that the gate refuses, with the words in which it does.

mod study;

use croft_query::{check, check_condition, gate::Listed};
use std::fmt::Write;

/// Statement and the keys asked of its result.
const CASES: &[(&str, &[&str])] = &[
    // not one SELECT
    ("", &[]),
    ("-- only a comment", &[]),
    ("selec USUBJID from DM", &[]),
    ("select USUBJID,\n  from DM", &[]),
    ("select 'open from DM", &[]),
    ("delete from DM", &[]),
    ("insert into DM values (1)", &[]),
    ("update DM set AGE = 1", &[]),
    ("drop table DM", &[]),
    ("attach 'x.db' as x", &[]),
    ("pragma user_version", &[]),
    ("select 1 as X; select 2 as X", &[]),
    ("with recursive r as (select 1 as X) select X from r", &[]),
    ("values (1)", &[]),
    // names
    ("select USUBJD from DM", &[]),
    ("select USUBJID from DN", &[]),
    ("select x.USUBJID from DM", &[]),
    ("select SUPPDM.X from DM", &[]),
    ("select USUBJID from DM where SEX = \"F\"", &[]),
    ("select USUBJID from DM join PC on DM.USUBJID = PC.USUBJID", &[]),
    ("select a.USUBJID from DM a join PC a on 1 = 1", &[]),
    ("select AGE as X from DM where X > 1", &[]),
    ("select main.DM.AGE as A from DM", &[]),
    ("select AGE from main.DM", &[]),
    ("select AGE, AGE from DM", &[]),
    ("select AGE, SEX as age from DM", &[]),
    ("select AGE + 1 from DM", &[]),
    ("select AGE from DM", &["USUBJID"]),
    ("with a as (select AGE + 1 from DM) select 1 as X from a", &[]),
    // types
    ("select USUBJID from DM where AGE = '34'", &[]),
    ("select USUBJID from DM where AGE in (34, 'x')", &[]),
    ("select USUBJID from DM where USUBJID between 1 and 2", &[]),
    ("select USUBJID from DM where AGE in (select USUBJID from PC)", &[]),
    ("select USUBJID from DM where AGE", &[]),
    ("select USUBJID from DM where not AGE", &[]),
    ("select USUBJID + 1 as X from DM", &[]),
    ("select AGE || 'x' as X from DM", &[]),
    ("select AGE > 40 as OLD from DM", &[]),
    ("select case when AGE > 40 then 1 else 'no' end as X from DM", &[]),
    ("select case when AGE then 1 end as X from DM", &[]),
    ("select null as X", &[]),
    ("select USUBJID from DM where AGE = null", &[]),
    ("select USUBJID from DM where AGE not in (1, null)", &[]),
    ("select cast(AGE as text) as X from DM", &[]),
    ("select AGE::text as X from DM", &[]),
    ("select 1e999 as X", &[]),
    ("select coalesce(AGE, 'none') as X from DM", &[]),
    ("select AGE as X from DM union select SEX from DM", &[]),
    ("select AGE, SEX from DM union select AGE from DM", &[]),
    // functions
    ("select now() as X", &[]),
    ("select current_date as X", &[]),
    ("select random() as X", &[]),
    ("select round(AGE) as X from DM", &[]),
    ("select load_extension('x') as X", &[]),
    ("select substr(AGE, 1) as X from DM", &[]),
    ("select upper() as X", &[]),
    ("select study_day(RFSTDTC) as X from DM", &[]),
    ("select matches(SEX, '(') as X from DM", &[]),
    ("select AGE from DM where SEX like 'F%'", &[]),
    ("select AGE % 2 as X from DM", &[]),
    ("select AGE & 2 as X from DM", &[]),
    ("select missing_reason(AGE + 1) as X from DM", &[]),
    ("select missing_reason(SEX) as X from DM", &[]),
    ("select AGE, 1 as AGE__missing from DM", &[]),
    ("select AGE as __row from DM", &[]),
    // groups
    ("select SEX, AGE, count(*) as N from DM group by SEX", &[]),
    ("select AGE, max(AGE) as M from DM", &[]),
    ("select * from DM group by SEX", &[]),
    ("select SEX, count(*) as N from DM group by 1", &[]),
    ("select SEX from DM where count(*) > 1 group by SEX", &[]),
    ("select sum(max(AGE)) as X from DM", &[]),
    ("select max(AGE) as X from DM having max(AGE) > 1", &[]),
    ("select SEX, (select max(PCSEQ) from PC where USUBJID = DM.USUBJID) as X from DM group by SEX", &[]),
    ("select USUBJID, (select max(DM.AGE) from PC) as X from DM", &[]),
    ("select string_agg(SEX, ',') as X from DM", &[]),
    ("select sum(distinct AGE) as X from DM", &[]),
    ("select sum(*) as X from DM", &[]),
    // order and ties
    ("select AGE from DM limit 1", &[]),
    ("select USUBJID, AGE from DM order by AGE limit 1", &[]),
    ("select USUBJID, AGE from DM order by AGE nulls first limit 1", &[]),
    ("select USUBJID, LBSTRESN from LB order by USUBJID nulls first limit 1", &[]),
    ("select AGE from DM order by 1 nulls first limit 1", &[]),
    ("select AGE from DM order by USUBJID nulls first limit 1 offset 1", &[]),
    ("select USUBJID, row_number() over (partition by USUBJID order by PCSTRESN nulls first) as R from PC", &[]),
    ("select USUBJID, row_number() over (order by LBSTRESN nulls first) as R from LB", &[]),
    ("select USUBJID, lag(PCSTRESN) over (partition by USUBJID order by PCSEQ) as R from PC", &[]),
    (
        "select p.USUBJID, row_number() over (partition by p.USUBJID order by p.PCSEQ nulls first) as R from PC p join LB l on l.USUBJID = p.USUBJID",
        &[],
    ),
    ("select rank() over () as R from DM", &[]),
    ("select last_value(AGE) over (order by USUBJID nulls first) as R from DM", &[]),
    ("select last_known(PCSTRESN) over (partition by USUBJID order by PCDTC nulls first) as R from PC", &[]),
    (
        "select USUBJID, sum(PCSTRESN) over (order by USUBJID nulls first rows between unbounded preceding and current row) as R from PC",
        &[],
    ),
    ("select USUBJID from DM where row_number() over (order by USUBJID nulls first) = 1", &[]),
    ("select std(AGE) over () as R from DM", &[]),
    ("select upper(SEX) over () as R from DM", &[]),
    ("select USUBJID, (select PCSTRESN from PC where PC.USUBJID = DM.USUBJID) as X from DM", &[]),
    ("select (select AGE, SEX from DM limit 1) as X", &[]),
    // joins and the rest
    ("select AGE from DM, PC", &[]),
    ("select AGE from DM natural join PC", &[]),
    ("select AGE from DM join PC using (USUBJID)", &[]),
    ("select AGE from DM right join PC on 1 = 1", &[]),
    ("select AGE from DM join PC", &[]),
    ("select AGE from (select AGE from DM)", &[]),
    ("select distinct on (SEX) SEX from DM", &[]),
    ("select AGE from DM where AGE > ?", &[]),
    ("select x'00' as X", &[]),
    ("select AGE from generate_series(1, 3)", &[]),
    ("select SEX from DM except all select SEX from DM", &[]),
    ("select USUBJD, AEG from DM where SEX = 1 order by AGE", &["USUBJID"]),
];

#[test]
fn each_refusal_names_the_place_and_the_remedy() {
    let session = study::session();
    let mut told = String::new();
    for (sql, keys) in CASES {
        let errors = check(sql, session.catalog(), keys).err().unwrap_or_else(|| panic!("accepted: {sql}"));
        writeln!(told, "{sql}\n{}\n", Listed(&errors)).unwrap();
    }
    insta::assert_snapshot!(told);
}

#[test]
fn a_condition_alone_is_checked_and_run() {
    let session = study::session();
    let rows = |text: &str| {
        let condition =
            check_condition(text, session.catalog(), "DM").unwrap_or_else(|e| panic!("{text}\n{}", Listed(&e)));
        session.rows_where(&condition).unwrap()
    };
    assert_eq!(rows("AGE > 40"), [0, 3]);
    assert_eq!(rows("SEX = 'F' and AGE is null"), [2]);
    assert_eq!(rows("not (AGE > 40)"), [1], "unknown is not false");
    assert_eq!(rows("exists (select 1 from PC where PC.USUBJID = DM.USUBJID and PCSTRESN > 10)"), [0, 1]);
    let refused = |text: &str| check_condition(text, session.catalog(), "DM").unwrap_err()[0].to_string();
    assert_eq!(
        refused("AGE > 40 order by AGE"),
        "1:10: the text is not SQL: there is more after the end of the condition: order"
    );
    assert_eq!(refused("AGE"), "1:1: WHERE must be a condition, this is a number");
}

#[test]
fn a_long_or_deep_statement_is_refused_before_it_costs_anything() {
    let session = study::session();
    let first = |sql: &str| check(sql, session.catalog(), &[]).unwrap_err()[0].to_string();
    let deep = format!("select {}1{} as X", "(".repeat(5_000), ")".repeat(5_000));
    assert_eq!(first(&deep), "1:1: expressions or queries are nested more than 200 deep");
    let chain = format!("select 1{} as X", " + 1".repeat(9_000));
    assert_eq!(first(&chain), "1:8: expressions or queries are nested more than 200 deep");
    let words = format!("select {}1 as X", "1 as A, ".repeat(9_000));
    assert!(first(&words).contains("too long: 36004 words, at most 20000"), "{}", first(&words));
    let doubled = |steps: usize| {
        let mut sql = "with s0 as (select USUBJID from DM)".to_owned();
        for step in 1..steps {
            let before = step - 1;
            write!(sql, ", s{step} as (select a.USUBJID from s{before} a join s{before} b on a.USUBJID = b.USUBJID)")
                .unwrap();
        }
        format!("{sql} select USUBJID from s{}", steps - 1)
    };
    assert!(first(&doubled(40)).contains("tables once WITH is written out, at most 500"));
    assert!(check(&doubled(6), session.catalog(), &[]).is_ok());
}
