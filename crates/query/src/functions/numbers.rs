//! Numbers: arithmetic, rounding, conversion from text.

use super::{Arg, Body, Function, FunctionError, Gives, Kind, Use, Value, num, text};
use croft_num::math;

const X: &[(&str, Kind)] = &[("x", Kind::Num)];

const fn of_x(
    name: &'static str,
    doc: &'static str,
    source: &'static str,
    body: fn(&[Arg<'_>]) -> Result<Value, FunctionError>,
) -> Function {
    Function {
        name,
        used: Use::Row,
        params: X,
        optional: 0,
        repeats: false,
        gives: Gives::Num,
        doc,
        source,
        body: Body::Strict(body),
    }
}

const BASE: Function =
    of_x("abs", "The number without its sign.", "IEEE 754-2019, 5.5.1", |a| Ok(Value::Num(num(a[0]).abs())));

pub(super) const FUNCTIONS: &[Function] = &[
    BASE,
    of_x("ceil", "The smallest whole number that is not below x.", "IEEE 754-2019, 5.9", |a| {
        Ok(Value::Num(num(a[0]).ceil()))
    }),
    of_x("floor", "The largest whole number that is not above x.", "IEEE 754-2019, 5.9", |a| {
        Ok(Value::Num(num(a[0]).floor()))
    }),
    of_x("sqrt", "Square root; null below zero.", "IEEE 754-2019, 5.4.1", |a| Ok(Value::Num(num(a[0]).sqrt()))),
    of_x("exp", "e to the power x.", "croft_num::math", |a| Ok(Value::Num(math::exp(num(a[0]))))),
    of_x("ln", "Natural logarithm; null for x ≤ 0.", "croft_num::math", |a| Ok(Value::Num(math::ln(num(a[0]))))),
    of_x("log10", "Logarithm to base 10; null for x ≤ 0.", "croft_num::math", |a| {
        Ok(Value::Num(math::log10(num(a[0]))))
    }),
    Function {
        name: "pow",
        params: &[("x", Kind::Num), ("y", Kind::Num)],
        doc: "x to the power y; null where there is no real value.",
        source: "croft_num::math",
        body: Body::Strict(|a| Ok(Value::Num(math::pow(num(a[0]), num(a[1]))))),
        ..BASE
    },
    Function {
        name: "div",
        params: &[("a", Kind::Num), ("b", Kind::Num)],
        doc: "The whole part of a / b, towards zero; null when b is zero. `/` keeps the fraction.",
        source: "PostgreSQL `div`; SAS `INT(a / b)`",
        body: Body::Strict(|a| {
            let (a, b) = (num(a[0]), num(a[1]));
            // The remainder is exact, so the quotient of what is left is a whole number but for one rounding.
            Ok(Value::Num(((a - a % b) / b).round()))
        }),
        ..BASE
    },
    Function {
        name: "mod",
        params: &[("a", Kind::Num), ("b", Kind::Num)],
        doc: "What div(a, b) leaves, exact, with the sign of a; null when b is zero.",
        source: "IEEE 754-2019, 5.3.1 (truncated); PostgreSQL `mod`, SAS `MOD`",
        body: Body::Strict(|a| Ok(Value::Num(num(a[0]) % num(a[1])))),
        ..BASE
    },
    Function {
        name: "sign",
        doc: "-1, 0 or 1.",
        source: "PostgreSQL and SAS `sign`",
        body: Body::Strict(|a| {
            let x = num(a[0]);
            Ok(Value::Num(f64::from(i8::from(x > 0.0) - i8::from(x < 0.0))))
        }),
        ..BASE
    },
    Function {
        name: "least",
        params: &[("a", Kind::Same), ("b", Kind::Same)],
        repeats: true,
        gives: Gives::Same,
        doc: "The smallest of the arguments that are not null; null when all are.",
        source: "PostgreSQL `least`, SAS `MIN`",
        body: Body::Nulls(|a| Ok(extreme(a, std::cmp::Ordering::Less))),
        ..BASE
    },
    Function {
        name: "greatest",
        params: &[("a", Kind::Same), ("b", Kind::Same)],
        repeats: true,
        gives: Gives::Same,
        doc: "The largest of the arguments that are not null; null when all are.",
        source: "PostgreSQL `greatest`, SAS `MAX`",
        body: Body::Nulls(|a| Ok(extreme(a, std::cmp::Ordering::Greater))),
        ..BASE
    },
    Function {
        name: "coalesce",
        params: &[("a", Kind::Same), ("b", Kind::Same)],
        repeats: true,
        gives: Gives::Same,
        doc: "The first argument that is not null.",
        source: "ISO/IEC 9075-2, 6.12",
        body: Body::Native("coalesce"),
        ..BASE
    },
    Function {
        name: "nullif",
        params: &[("a", Kind::Same), ("b", Kind::Same)],
        gives: Gives::Same,
        doc: "Null when a = b, else a.",
        source: "ISO/IEC 9075-2, 6.12",
        body: Body::Native("nullif"),
        ..BASE
    },
    Function {
        name: "number",
        params: &[("s", Kind::Char)],
        doc: "The number that a text writes in decimal: `12`, `-0.5`, `.5`, `1e3`, blanks around it allowed. The nearest double. \
              A text that is no number, the empty text too, stops the statement: say nullif(X, '') where empty means missing.",
        source: "IEEE 754-2019, 5.12 (correctly rounded)",
        body: Body::Strict(|a| {
            parse(text(a[0])).map(Value::Num).ok_or_else(|| FunctionError {
                function: "number",
                problem: format!("{:?} is no number (nullif(…, '') makes empty texts null, try_number gives null for all such texts)", text(a[0])),
            })
        }),
        ..BASE
    },
    Function {
        name: "try_number",
        params: &[("s", Kind::Char)],
        doc: "As number(text), but null for a text that is no number.",
        source: "IEEE 754-2019, 5.12 (correctly rounded)",
        body: Body::Strict(|a| Ok(parse(text(a[0])).into())),
        ..BASE
    },
];

fn extreme(args: &[Arg<'_>], wanted: std::cmp::Ordering) -> Value {
    let mut best = Arg::Null;
    for &arg in args {
        let better = match (arg, best) {
            (Arg::Null, _) => false,
            (_, Arg::Null) => true,
            (Arg::Num(a), Arg::Num(b)) => a.total_cmp(&b) == wanted,
            (Arg::Text(a), Arg::Text(b)) => a.cmp(b) == wanted,
            _ => false,
        };
        if better {
            best = arg;
        }
    }
    match best {
        Arg::Null => Value::Null,
        Arg::Num(x) => Value::Num(x),
        Arg::Text(s) => Value::Text(s.to_owned()),
    }
}

/// Sign, digits with at most one point, exponent; at least one digit; finite.
pub(crate) fn parse(text: &str) -> Option<f64> {
    let text = text.trim_matches(' ');
    let body = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match body.split_once(['e', 'E']) {
        Some((m, e)) => (m, Some(e.strip_prefix(['+', '-']).unwrap_or(e))),
        None => (body, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let well_formed = digits(whole)
        && digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|e| !e.is_empty() && digits(e));
    if !well_formed {
        return None;
    }
    text.parse().ok().filter(|x: &f64| x.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(name: &str, args: &[Arg<'_>]) -> Result<Value, FunctionError> {
        match super::super::find(name).unwrap().body {
            Body::Strict(f) | Body::Nulls(f) => f(args),
            _ => panic!("{name} is not computed here"),
        }
    }

    #[test]
    fn a_text_is_a_number_or_is_not() {
        let cases = [
            ("12", Some(12.0)),
            (" -0.5 ", Some(-0.5)),
            (".5", Some(0.5)),
            ("5.", Some(5.0)),
            ("+1e3", Some(1000.0)),
            ("1E-2", Some(0.01)),
            ("0.1", Some(0.1)),
            ("", None),
            (" ", None),
            (".", None),
            ("e5", None),
            ("1e", None),
            ("1e999", None),
            ("<5", None),
            ("1,5", None),
            ("nan", None),
            ("inf", None),
            ("0x10", None),
            ("1 2", None),
            ("1_000", None),
            ("--1", None),
            ("1\t", None),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text), expected, "{text:?}");
        }
    }

    #[test]
    fn number_names_the_text_that_is_none() {
        let error = call("number", &[Arg::Text("<0.5")]).unwrap_err();
        assert!(error.to_string().starts_with("number: \"<0.5\" is no number"), "{error}");
    }

    #[test]
    fn div_and_mod_put_the_number_together_again() {
        let cases = [(7.0, 2.0, 3.0, 1.0), (-7.0, 2.0, -3.0, -1.0), (7.0, -2.0, -3.0, 1.0), (7.5, 0.5, 15.0, 0.0)];
        for (a, b, quotient, rest) in cases {
            assert_eq!(call("div", &[Arg::Num(a), Arg::Num(b)]), Ok(Value::Num(quotient)), "{a} {b}");
            assert_eq!(call("mod", &[Arg::Num(a), Arg::Num(b)]), Ok(Value::Num(rest)), "{a} {b}");
        }
    }

    #[test]
    fn the_extremes_skip_nulls() {
        assert_eq!(call("least", &[Arg::Null, Arg::Num(2.0), Arg::Num(1.0)]), Ok(Value::Num(1.0)));
        assert_eq!(call("greatest", &[Arg::Text("a"), Arg::Text("b")]), Ok(Value::Text("b".to_owned())));
        assert_eq!(call("greatest", &[Arg::Null, Arg::Null]), Ok(Value::Null));
    }
}
