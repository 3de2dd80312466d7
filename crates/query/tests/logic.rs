//! Unknown stays unknown: the truth tables of three-valued logic (ISO/IEC 9075-2, 8.20), and what stands on them.

mod study;

use proptest::prelude::*;
use study::run;

const VALUES: [(&str, Option<bool>); 3] =
    [("(1 = 1)", Some(true)), ("(1 = 0)", Some(false)), ("(1 = cast(null as double))", None)];

fn value(condition: &str) -> Option<bool> {
    let sql = format!("select case when {condition} then 'T' when not ({condition}) then 'F' else 'U' end as X");
    match run(&sql, &[])[0].as_str() {
        "T" => Some(true),
        "F" => Some(false),
        _ => None,
    }
}

#[test]
fn the_connectives_follow_their_truth_tables() {
    for (a, x) in VALUES {
        assert_eq!(value(&format!("not {a}")), x.map(|x| !x), "not {a}");
        assert_eq!(value(&format!("{a} is true")), Some(x == Some(true)));
        assert_eq!(value(&format!("{a} is not true")), Some(x != Some(true)));
        assert_eq!(value(&format!("{a} is false")), Some(x == Some(false)));
        assert_eq!(value(&format!("{a} is unknown")), Some(x.is_none()));
        for (b, y) in VALUES {
            let and = if x == Some(false) || y == Some(false) { Some(false) } else { x.zip(y).map(|_| true) };
            let or = if x == Some(true) || y == Some(true) { Some(true) } else { x.zip(y).map(|_| false) };
            assert_eq!(value(&format!("{a} and {b}")), and, "{a} and {b}");
            assert_eq!(value(&format!("{a} or {b}")), or, "{a} or {b}");
        }
    }
}

#[test]
fn nulls_are_neither_equal_nor_different() {
    let null = "cast(null as double)";
    let cases = [
        (format!("{null} = {null}"), None),
        (format!("{null} <> 1"), None),
        (format!("{null} is distinct from 1"), Some(true)),
        (format!("{null} is not distinct from {null}"), Some(true)),
        (format!("{null} in (1, 2)"), None),
        (format!("1 in (1, {null})"), Some(true)),
        (format!("3 not in (1, {null})"), None),
        ("1 in (select AGE from DM)".to_owned(), None),
        ("34 in (select AGE from DM)".to_owned(), Some(true)),
        (format!("{null} between 1 and 2"), None),
        (format!("3 between {null} and 2"), Some(false)),
        (format!("exists (select 1 from DM where AGE = {null})"), Some(false)),
    ];
    for (condition, expected) in cases {
        assert_eq!(value(&condition), expected, "{condition}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// The bits of a number in the statement are the bits of the result.
    #[test]
    fn a_number_passes_through_unchanged(x in any::<f64>().prop_filter("finite", |x| x.is_finite())) {
        let session = study::session();
        let checked = croft_query::check(&format!("select {x:?} as X, number(text({x:?})) as Y"), session.catalog(), &[]).unwrap();
        let result = session.run(&checked, "X").unwrap();
        for name in ["X", "Y"] {
            let got = result.cell(0, name).and_then(croft_core::Cell::num).unwrap();
            // Minus zero is written as zero.
            prop_assert_eq!((got + 0.0).to_bits(), (x + 0.0).to_bits());
        }
    }

    #[test]
    fn a_text_passes_through_unchanged(text in "[^\0]{0,40}") {
        let sql = format!("select '{}' as X", text.replace('\'', "''"));
        prop_assert_eq!(run(&sql, &[]), vec![text]);
    }
}
