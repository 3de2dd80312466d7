//! What an expression gives on one row without a database is what the database gives.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use croft_core::{Cell, Dataset, Variable};
use croft_query::functions::Arg;
use croft_query::{Catalog, Checked, RowExpr, Seen, Session, check, check_condition};
use proptest::prelude::*;

const NUMBERS: [&str; 9] = ["0", "1", "-1", "2.5", "0.1", "1e308", "-1e308", "37", "5e-324"];
const TEXTS: [&str; 11] = ["", "a", "A", "b", " a ", "é", "10", "2.50", "2024-03-05", "2024-03", "kg"];

/// An expression of a kind: 0 number, 1 text, 2 condition.
fn expression(kind: usize, depth: u32) -> BoxedStrategy<String> {
    let null_number = "(nullif(1, 1))";
    let leaf = match kind {
        0 => prop_oneof![
            Just("N".to_owned()),
            Just("M".to_owned()),
            Just(null_number.to_owned()),
            prop::sample::select(NUMBERS.to_vec()).prop_map(|n| format!("({n})")),
        ]
        .boxed(),
        1 => prop_oneof![
            Just("C".to_owned()),
            Just("D".to_owned()),
            prop::sample::select(TEXTS.to_vec()).prop_map(|t| format!("'{t}'")),
        ]
        .boxed(),
        _ => prop_oneof![
            Just("true".to_owned()),
            Just("false".to_owned()),
            Just("(N = nullif(1, 1))".to_owned()),
            Just("(N > 1)".to_owned()),
            Just("(C = 'a')".to_owned()),
        ]
        .boxed(),
    };
    if depth == 0 {
        return leaf;
    }
    // Made only when it is drawn: all at once would be a great many.
    let e = move |kind| Just(()).prop_flat_map(move |()| expression(kind, depth - 1)).boxed();
    let case = (e(2), e(kind), e(2), e(kind), e(kind))
        .prop_map(|(w, a, v, b, c)| format!("(case when {w} then {a} when {v} then {b} else {c} end)"));
    let chosen = (e(0), e(0), e(kind)).prop_map(|(x, y, a)| format!("(case {x} when {y} then {a} end)"));
    match kind {
        0 => prop_oneof![
            leaf,
            (e(0), prop::sample::select(vec!["+", "-", "*", "/"]), e(0)).prop_map(|(a, o, b)| format!("({a} {o} {b})")),
            e(0).prop_map(|a| format!("(- {a})")),
            case,
            chosen,
            (e(0), e(0)).prop_map(|(a, b)| format!("coalesce({a}, {b})")),
            (e(0), e(0)).prop_map(|(a, b)| format!("nullif({a}, {b})")),
            e(1).prop_map(|a| format!("length({a})")),
            e(1).prop_map(|a| format!("number({a})")),
            e(1).prop_map(|a| format!("try_number({a})")),
            (e(0), 0..4_u8).prop_map(|(a, d)| format!("round_half_away({a}, {d})")),
            (e(0), e(0)).prop_map(|(a, b)| format!("least({a}, {b})")),
            (e(1), e(1)).prop_map(|(a, b)| format!("study_day({a}, {b})")),
        ]
        .boxed(),
        1 => prop_oneof![
            leaf,
            case,
            chosen,
            (e(1), e(1)).prop_map(|(a, b)| format!("({a} || {b})")),
            (e(1), e(1)).prop_map(|(a, b)| format!("coalesce({a}, {b})")),
            (e(1), e(1)).prop_map(|(a, b)| format!("nullif({a}, {b})")),
            e(1).prop_map(|a| format!("upper({a})")),
            e(1).prop_map(|a| format!("trim({a})")),
            (e(1), e(0)).prop_map(|(a, n)| format!("substr({a}, {n}, 2)")),
            e(0).prop_map(|a| format!("text({a})")),
        ]
        .boxed(),
        _ => {
            let op = || {
                prop::sample::select(vec!["=", "<>", "<", "<=", ">", ">=", "is distinct from", "is not distinct from"])
            };
            prop_oneof![
                leaf,
                case,
                (e(0), op(), e(0)).prop_map(|(a, o, b)| format!("({a} {o} {b})")),
                (e(1), op(), e(1)).prop_map(|(a, o, b)| format!("({a} {o} {b})")),
                (e(2), op(), e(2)).prop_map(|(a, o, b)| format!("({a} {o} {b})")),
                (e(2), prop::sample::select(vec!["and", "or"]), e(2)).prop_map(|(a, o, b)| format!("({a} {o} {b})")),
                e(2).prop_map(|a| format!("(not {a})")),
                (e(2), prop::sample::select(vec!["is true", "is not true", "is false", "is unknown"]))
                    .prop_map(|(a, o)| format!("({a} {o})")),
                (0..3_usize).prop_flat_map(e).prop_map(|a| format!("({a} is null)")),
                (e(0), e(0), e(0)).prop_map(|(a, b, c)| format!("({a} between {b} and {c})")),
                (e(1), e(1), e(1)).prop_map(|(a, b, c)| format!("({a} not between {b} and {c})")),
                (e(0), e(0), e(0)).prop_map(|(a, b, c)| format!("({a} in ({b}, {c}))")),
                (e(1), e(1), e(1)).prop_map(|(a, b, c)| format!("({a} not in ({b}, {c}))")),
                (e(1), e(1)).prop_map(|(a, b)| format!("is_before({a}, {b})")),
                e(1).prop_map(|a| format!("matches({a}, '^[a-z]')")),
            ]
            .boxed()
        }
    }
}

#[derive(Clone, Debug)]
struct Row {
    numbers: [Option<f64>; 2],
    texts: [Option<String>; 2],
}

fn row() -> impl Strategy<Value = Row> {
    let number = || prop::option::of(prop::sample::select(NUMBERS.map(|n| n.parse::<f64>().unwrap_or(0.0)).to_vec()));
    let text = || prop::option::of(prop::sample::select(TEXTS.to_vec()).prop_map(str::to_owned));
    ((number(), number()), (text(), text())).prop_map(|((n, m), (c, d))| Row { numbers: [n, m], texts: [c, d] })
}

fn table(rows: &[Row]) -> Dataset {
    let variables = vec![
        Variable::num("K", ""),
        Variable::num("N", ""),
        Variable::num("M", ""),
        Variable::char("C", ""),
        Variable::char("D", ""),
    ];
    let mut data = Dataset::new("T", "", variables);
    data.keys = vec!["K".to_owned()];
    for (at, row) in rows.iter().enumerate() {
        let number = |n: Option<f64>| n.map_or(Cell::Null, Cell::Num);
        data.push_row([
            Cell::Num(at as f64),
            number(row.numbers[0]),
            number(row.numbers[1]),
            row.texts[0].as_deref().map_or(Cell::Null, Cell::Text),
            row.texts[1].as_deref().map_or(Cell::Null, Cell::Text),
        ]);
    }
    data
}

fn on<'a>(expr: &'a RowExpr, row: &'a Row) -> Option<Seen<'a>> {
    expr.on(&|at| match expr.columns()[at].as_str() {
        "N" => row.numbers[0].map_or(Arg::Null, Arg::Num),
        "M" => row.numbers[1].map_or(Arg::Null, Arg::Num),
        "C" => row.texts[0].as_deref().map_or(Arg::Null, Arg::Text),
        "D" => row.texts[1].as_deref().map_or(Arg::Null, Arg::Text),
        other => panic!("{other} is not read"),
    })
}

fn session(rows: &[Row]) -> Session {
    let mut session = Session::new().unwrap();
    session.add(&table(rows)).unwrap();
    session
}

/// The statement gives one number or text a row, named `X`, and the row's key `K`.
fn column(catalog: &Catalog, kind: usize, sql: &str) -> Checked {
    let neutral = if kind == 0 { "null + 0" } else { "nullif('', '')" };
    check(&format!("select K, coalesce(({sql}), {neutral}) as X from T"), catalog, &["K"]).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn a_condition_holds_on_the_rows_on_which_the_database_finds_it(
        sql in expression(2, 3), rows in prop::collection::vec(row(), 4),
    ) {
        let session = session(&rows);
        // What the gate refuses (a null compared) is nobody's question.
        let Ok(checked) = check_condition(&sql, session.catalog(), "T") else { return Ok(()) };
        let expr = checked.row_condition().expect("it looks at its row alone");
        let here: Option<Vec<Seen<'_>>> = rows.iter().map(|r| on(&expr, r)).collect();
        let Some(here) = here else { return Ok(()) };
        let holds: Vec<usize> = (0..rows.len()).filter(|&at| here[at] == Seen::Bool(true)).collect();
        let database = session.rows_where(&checked);
        prop_assert!(database.is_ok(), "{sql}: answered here, refused there: {database:?}");
        prop_assert_eq!(holds, database.unwrap(), "{} on {:?}", sql, rows);
    }

    #[test]
    fn a_value_is_the_one_of_the_database((kind, sql) in (0..2_usize).prop_flat_map(|k| (Just(k), expression(k, 3))), row in row()) {
        let rows = [row];
        let session = session(&rows);
        let checked = column(session.catalog(), kind, &sql);
        let expr = checked.row_column("X").expect("it looks at its row alone");
        let Some(here) = on(&expr, &rows[0]) else { return Ok(()) };
        let database = session.run(&checked, "X");
        prop_assert!(database.is_ok(), "{sql}: answered here, refused there: {database:?}");
        let database = database.unwrap();
        let there = match database.cell(0, "X") {
            Some(Cell::Num(x)) => Seen::Num(x),
            Some(Cell::Text(text)) => Seen::Text(text.to_owned().into()),
            _ => Seen::Null,
        };
        let bits = |s: &Seen<'_>| match s { Seen::Num(x) => Some(x.to_bits()), _ => None };
        prop_assert_eq!(bits(&here), bits(&there), "{} on {:?}", sql, rows);
        prop_assert_eq!(here, there, "{} on {:?}", sql, rows);
    }
}

#[test]
fn what_looks_elsewhere_is_left_to_the_database() {
    let rows = [Row { numbers: [Some(1.0), None], texts: [Some("x".to_owned()), None] }];
    let session = session(&rows);
    let condition = |sql: &str| check_condition(sql, session.catalog(), "T").unwrap().row_condition();
    assert!(condition("N = (select max(t.N) from T t)").is_none());
    assert!(condition("exists (select 1 from T t where t.N = T.N)").is_none());
    assert!(condition("N in (select t.N from T t)").is_none());
    let fails = condition("number(C) = 1").unwrap();
    assert_eq!(on(&fails, &rows[0]), None, "what a function stops is worded by the database");
    let endless = column(session.catalog(), 0, "1e308 * 10").row_column("X").unwrap();
    assert_eq!(on(&endless, &rows[0]), None, "so is what is not finite");
    let grouped = check("select C, max(N) as X from T group by C", session.catalog(), &[]).unwrap();
    assert!(grouped.row_column("X").is_none());
}
