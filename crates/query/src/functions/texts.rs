//! Texts: parts, patterns, conversion from numbers.
//!
//! Characters are Unicode scalar values; comparison and order are by bytes of UTF-8, as in SAS and C. Capital and
//! small letters follow Unicode without regard to a language.

use super::{Arg, Body, Function, FunctionError, Gives, Kind, Use, Value, num, text};
use croft_core::round::{Rounding, format_fixed};
use std::cell::RefCell;

const BASE: Function = Function {
    name: "lower",
    used: Use::Row,
    params: &[("s", Kind::Char)],
    optional: 0,
    repeats: false,
    gives: Gives::Char,
    doc: "In small letters.",
    source: "Unicode 3.13, toLowercase",
    body: Body::Strict(|a| Ok(Value::Text(text(a[0]).to_lowercase()))),
};

pub(super) const FUNCTIONS: &[Function] = &[
    BASE,
    Function {
        name: "upper",
        doc: "In capital letters.",
        source: "Unicode 3.13, toUppercase",
        body: Body::Strict(|a| Ok(Value::Text(text(a[0]).to_uppercase()))),
        ..BASE
    },
    Function {
        name: "initcap",
        doc: "Each word with a capital letter first and small ones after; a word is a run of letters and digits: `WEEK 8` gives `Week 8`.",
        source: "PostgreSQL `initcap`; SAS `PROPCASE` with its own list of separators",
        body: Body::Strict(|a| Ok(Value::Text(initcap(text(a[0]))))),
        ..BASE
    },
    Function {
        name: "number_within",
        gives: Gives::Num,
        doc: "The first number that stands in the text, digits with a decimal fraction: 8 for `WEEK 8`, 4.1 for `UNSCHEDULED 4.1`. Null when there is none. A hyphen \
              is no sign.",
        source: "ADaMIG 1.3, BDS, Timing (AVISITN from AVISIT)",
        body: Body::Strict(|a| Ok(number_within(text(a[0])).into())),
        ..BASE
    },
    Function {
        name: "trim",
        doc: "Without blanks at both ends.",
        source: "ISO/IEC 9075-2, 6.31",
        body: Body::Strict(|a| Ok(Value::Text(text(a[0]).trim_matches(' ').to_owned()))),
        ..BASE
    },
    Function {
        name: "ltrim",
        doc: "Without blanks at the beginning.",
        source: "ISO/IEC 9075-2, 6.31",
        body: Body::Strict(|a| Ok(Value::Text(text(a[0]).trim_start_matches(' ').to_owned()))),
        ..BASE
    },
    Function {
        name: "rtrim",
        doc: "Without blanks at the end.",
        source: "ISO/IEC 9075-2, 6.31",
        body: Body::Strict(|a| Ok(Value::Text(text(a[0]).trim_end_matches(' ').to_owned()))),
        ..BASE
    },
    Function {
        name: "length",
        gives: Gives::Num,
        doc: "Number of characters, blanks at the end counted.",
        source: "ISO/IEC 9075-2, 6.29 CHAR_LENGTH",
        body: Body::Strict(|a| Ok(Value::Num(text(a[0]).chars().count() as f64))),
        ..BASE
    },
    Function {
        name: "substr",
        params: &[("s", Kind::Char), ("from", Kind::Num), ("length", Kind::Num)],
        optional: 1,
        doc: "Characters `from` (the first is 1) to `from + length - 1`, or to the end; places outside the text give nothing.",
        source: "ISO/IEC 9075-2, 6.31 SUBSTRING; not SQLite's, which counts negative places from the end",
        body: Body::Strict(substr),
        ..BASE
    },
    Function {
        name: "replace",
        params: &[("s", Kind::Char), ("part", Kind::Char), ("by", Kind::Char)],
        doc: "Each `part` in the text replaced, from left to right; an empty part changes nothing.",
        source: "PostgreSQL and SQLite `replace`",
        body: Body::Strict(|a| {
            let (whole, part, by) = (text(a[0]), text(a[1]), text(a[2]));
            Ok(Value::Text(if part.is_empty() { whole.to_owned() } else { whole.replace(part, by) }))
        }),
        ..BASE
    },
    Function {
        name: "strpos",
        params: &[("s", Kind::Char), ("part", Kind::Char)],
        gives: Gives::Num,
        doc: "Place of the first `part` in the text, counted from 1; 0 when it is not there.",
        source: "PostgreSQL `strpos`",
        body: Body::Strict(|a| {
            let (whole, part) = (text(a[0]), text(a[1]));
            Ok(Value::Num(whole.find(part).map_or(0, |byte| whole[..byte].chars().count() + 1) as f64))
        }),
        ..BASE
    },
    Function {
        name: "starts_with",
        params: &[("s", Kind::Char), ("part", Kind::Char)],
        gives: Gives::Bool,
        doc: "Whether the text begins with `part`.",
        source: "PostgreSQL `starts_with`",
        body: Body::Strict(|a| Ok(Value::Bool(text(a[0]).starts_with(text(a[1]))))),
        ..BASE
    },
    Function {
        name: "split_part",
        params: &[("s", Kind::Char), ("separator", Kind::Char), ("n", Kind::Num)],
        doc: "Field n, counted from 1, between separators; empty when there are fewer.",
        source: "PostgreSQL `split_part`",
        body: Body::Strict(split_part),
        ..BASE
    },
    Function {
        name: "lpad",
        params: &[("s", Kind::Char), ("length", Kind::Num), ("fill", Kind::Char)],
        doc: "Filled on the left to this many characters; a longer text is left as it is.",
        source: "PostgreSQL `lpad`, which cuts a longer text",
        body: Body::Strict(lpad),
        ..BASE
    },
    Function {
        name: "like_cs",
        params: &[("s", Kind::Char), ("pattern", Kind::Char), ("escape", Kind::Char)],
        optional: 1,
        gives: Gives::Bool,
        doc: "Whether the whole text fits the pattern: `%` any characters, `_` one character, capital and small letters distinct. \
              The character after `escape` stands for itself.",
        source: "ISO/IEC 9075-2, 8.5 LIKE",
        body: Body::Strict(like),
        ..BASE
    },
    Function {
        name: "matches",
        params: &[("s", Kind::Char), ("pattern", Kind::Char)],
        gives: Gives::Bool,
        doc: "Whether the regular expression is found somewhere in the text; `^…$` ties it to the whole. `\\d`, `\\w`, `\\s` are ASCII. \
              Time grows with text length times pattern length, never faster.",
        source: "syntax of the Rust crate regex-lite",
        body: Body::Strict(matches),
        ..BASE
    },
    Function {
        name: "text",
        params: &[("x", Kind::Num), ("decimals", Kind::Num)],
        optional: 1,
        doc: "The shortest decimal that reads back as the same number (`0.1`, `100`, `1e21`), or with this many decimals, halves rounded away \
              from zero on the decimal value.",
        source: "IEEE 754-2019, 5.12; rounding as croft_core::round",
        body: Body::Strict(|a| number_text(num(a[0]), a.get(1).map(|&d| num(d)))),
        ..BASE
    },
];

fn refuse(function: &'static str, problem: String) -> FunctionError {
    FunctionError { function, problem }
}

/// A whole number in a range, or an error naming it.
fn whole(function: &'static str, what: &str, x: f64, least: f64, most: f64) -> Result<usize, FunctionError> {
    if x.fract().abs() > 0.0 || x < least || x > most {
        return Err(refuse(function, format!("{what} must be a whole number from {least} to {most}, not {x}")));
    }
    Ok(x as usize)
}

fn substr(a: &[Arg<'_>]) -> Result<Value, FunctionError> {
    let from = num(a[1]);
    let end = match a.get(2) {
        None => f64::INFINITY,
        Some(&length) if num(length) < 0.0 => {
            return Err(refuse("substr", format!("the length {} is below zero", num(length))));
        }
        Some(&length) => from + num(length),
    };
    if from.fract().abs() > 0.0 || (end.is_finite() && end.fract().abs() > 0.0) {
        return Err(refuse("substr", format!("places are whole numbers, not {from} to {end}")));
    }
    let kept = text(a[0]).chars().zip(1u32..).filter(|&(_, at)| f64::from(at) >= from && f64::from(at) < end);
    Ok(Value::Text(kept.map(|(c, _)| c).collect()))
}

fn split_part(a: &[Arg<'_>]) -> Result<Value, FunctionError> {
    let separator = text(a[1]);
    let n = whole("split_part", "n", num(a[2]), 1.0, 1e6)?;
    if separator.is_empty() {
        return Err(refuse("split_part", "the separator is empty".to_owned()));
    }
    Ok(Value::Text(text(a[0]).split(separator).nth(n - 1).unwrap_or("").to_owned()))
}

fn lpad(a: &[Arg<'_>]) -> Result<Value, FunctionError> {
    let (whole_text, fill) = (text(a[0]), text(a[2]));
    let length = whole("lpad", "the length", num(a[1]), 0.0, 32_767.0)?;
    let have = whole_text.chars().count();
    if have >= length {
        return Ok(Value::Text(whole_text.to_owned()));
    }
    if fill.is_empty() {
        return Err(refuse("lpad", "the fill is empty".to_owned()));
    }
    let mut padded: String = fill.chars().cycle().take(length - have).collect();
    padded.push_str(whole_text);
    Ok(Value::Text(padded))
}

/// One place of a LIKE pattern.
#[derive(Clone, Copy, PartialEq)]
enum Piece {
    Any,
    One,
    Char(char),
}

fn like(a: &[Arg<'_>]) -> Result<Value, FunctionError> {
    let escape = match a.get(2).map(|&e| text(e)) {
        None => None,
        Some(e) => {
            let mut chars = e.chars();
            match (chars.next(), chars.next()) {
                (Some(c), None) => Some(c),
                _ => return Err(refuse("like_cs", format!("the escape {e:?} is not one character"))),
            }
        }
    };
    let mut pieces = Vec::new();
    let mut chars = text(a[1]).chars();
    while let Some(c) = chars.next() {
        pieces.push(if Some(c) == escape {
            Piece::Char(chars.next().ok_or_else(|| refuse("like_cs", "the pattern ends in its escape".to_owned()))?)
        } else {
            match c {
                '%' => Piece::Any,
                '_' => Piece::One,
                c => Piece::Char(c),
            }
        });
    }
    Ok(Value::Bool(fits(text(a[0]), &pieces)))
}

/// Greedy with one step back to the last `%`: time at most text length times pattern length.
fn fits(text: &str, pieces: &[Piece]) -> bool {
    let text: Vec<char> = text.chars().collect();
    let (mut t, mut p) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while t < text.len() {
        match pieces.get(p) {
            Some(Piece::Any) => {
                back = Some((t, p));
                p += 1;
            }
            Some(&piece) if piece == Piece::One || piece == Piece::Char(text[t]) => {
                t += 1;
                p += 1;
            }
            _ => match back {
                Some((from, any)) => {
                    back = Some((from + 1, any));
                    t = from + 1;
                    p = any + 1;
                }
                None => return false,
            },
        }
    }
    pieces[p..].iter().all(|&piece| piece == Piece::Any)
}

thread_local! {
    /// The compiled forms of the last patterns: a statement has few, and uses each for every row.
    static PATTERNS: RefCell<Vec<(String, regex_lite::Regex)>> = const { RefCell::new(Vec::new()) };
}

/// Compiles a pattern, to see whether it can be.
pub(crate) fn compile(pattern: &str) -> Result<regex_lite::Regex, String> {
    regex_lite::RegexBuilder::new(pattern)
        .size_limit(1 << 20)
        .nest_limit(50)
        .build()
        .map_err(|e| format!("{pattern:?} is no regular expression: {e}"))
}

fn matches(a: &[Arg<'_>]) -> Result<Value, FunctionError> {
    let pattern = text(a[1]);
    PATTERNS.with_borrow_mut(|known| {
        if let Some((_, regex)) = known.iter().find(|(p, _)| p == pattern) {
            return Ok(Value::Bool(regex.is_match(text(a[0]))));
        }
        let regex = compile(pattern).map_err(|problem| refuse("matches", problem))?;
        let found = regex.is_match(text(a[0]));
        if known.len() >= 16 {
            known.remove(0);
        }
        known.push((pattern.to_owned(), regex));
        Ok(Value::Bool(found))
    })
}

fn number_text(x: f64, decimals: Option<f64>) -> Result<Value, FunctionError> {
    let x = if x == 0.0 { 0.0 } else { x };
    let Some(decimals) = decimals else { return Ok(Value::Text(shortest(x))) };
    let decimals = whole("text", "decimals", decimals, 0.0, 20.0)?;
    Ok(Value::Text(format_fixed(x, decimals as u32, Rounding::HalfAwayFromZero)))
}

/// The shortest decimal that reads back the same; with an exponent from 1e21 up and below 1e-7.
pub(crate) fn shortest(x: f64) -> String {
    let size = x.abs();
    if size > 0.0 && !(1e-7..1e21).contains(&size) { format!("{x:e}") } else { format!("{x}") }
}

fn initcap(s: &str) -> String {
    let mut out = String::with_capacity(s.len());
    let mut inside = false;
    for c in s.chars() {
        if inside {
            out.extend(c.to_lowercase())
        } else {
            out.extend(c.to_uppercase())
        }
        inside = c.is_alphanumeric();
    }
    out
}

fn number_within(s: &str) -> Option<f64> {
    let from = s.find(|c: char| c.is_ascii_digit())?;
    let digits = |s: &str| s.bytes().take_while(u8::is_ascii_digit).count();
    let whole = digits(&s[from..]);
    let after = s[from + whole..].strip_prefix('.').map_or(0, digits);
    let end = from + whole + if after > 0 { 1 + after } else { 0 };
    s[from..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn like_of(text: &str, pattern: &str) -> bool {
        like(&[Arg::Text(text), Arg::Text(pattern)]) == Ok(Value::Bool(true))
    }

    #[test]
    fn like_tells_capital_from_small() {
        let cases = [
            ("HEADACHE", "HEAD%", true),
            ("headache", "HEAD%", false),
            ("HEADACHE", "%ACHE", true),
            ("HEADACHE", "%D_C%", true),
            ("HEADACHE", "HEAD", false),
            ("", "%", true),
            ("", "_", false),
            ("ä", "_", true),
            ("aaab", "%ab", true),
            ("a%b", "a%b", true),
        ];
        for (text, pattern, expected) in cases {
            assert_eq!(like_of(text, pattern), expected, "{text} like {pattern}");
        }
        let escaped = |t| like(&[Arg::Text(t), Arg::Text("50!%"), Arg::Text("!")]);
        assert_eq!(escaped("50%"), Ok(Value::Bool(true)));
        assert_eq!(escaped("500"), Ok(Value::Bool(false)));
    }

    #[test]
    fn like_stays_quick_where_a_naive_matcher_explodes() {
        let text = "a".repeat(2_000);
        let pattern = "%a".repeat(100) + "b";
        assert!(!like_of(&text, &pattern));
    }

    #[test]
    fn decimals_are_rounded_half_away_on_what_is_written() {
        let cases = [
            (0.125, 2.0, "0.13"),
            (-0.125, 2.0, "-0.13"),
            (2.675, 2.0, "2.68"),
            (1.005, 2.0, "1.01"),
            (0.4, 0.0, "0"),
            (-0.4, 0.0, "0"),
            (0.5, 0.0, "1"),
            (99.95, 1.0, "100.0"),
            (1e-9, 3.0, "0.000"),
            (12.0, 3.0, "12.000"),
            (1e22, 1.0, "10000000000000000000000.0"),
        ];
        for (x, decimals, expected) in cases {
            assert_eq!(number_text(x, Some(decimals)), Ok(Value::Text(expected.to_owned())), "{x} to {decimals}");
        }
    }

    #[test]
    fn the_shortest_text_reads_back_the_same() {
        for x in [0.1, 1.0 / 3.0, 1e21, 1e20, 5e-324, f64::MAX, -2.5e-8, 100.0, 0.0] {
            let written = shortest(x);
            assert_eq!(super::super::numbers::parse(&written).map(f64::to_bits), Some(x.to_bits()), "{written}");
        }
        assert_eq!(shortest(100.0), "100");
        assert_eq!(shortest(1e21), "1e21");
    }

    #[test]
    fn parts_of_a_text_count_characters_from_one() {
        let sub = |t, f: f64, n: f64| substr(&[Arg::Text(t), Arg::Num(f), Arg::Num(n)]);
        assert_eq!(sub("Größe", 3.0, 2.0), Ok(Value::Text("öß".to_owned())));
        assert_eq!(sub("abc", 0.0, 2.0), Ok(Value::Text("a".to_owned())));
        assert_eq!(sub("abc", -5.0, 2.0), Ok(Value::Text(String::new())));
        assert!(sub("abc", 1.0, -1.0).is_err());
        assert_eq!(
            split_part(&[Arg::Text("S1-01-007"), Arg::Text("-"), Arg::Num(3.0)]),
            Ok(Value::Text("007".to_owned()))
        );
        assert_eq!(lpad(&[Arg::Text("7"), Arg::Num(3.0), Arg::Text("0")]), Ok(Value::Text("007".to_owned())));
    }

    #[test]
    fn a_bad_pattern_is_named() {
        assert!(matches(&[Arg::Text("a"), Arg::Text("(")]).unwrap_err().to_string().contains("\"(\" is no regular"));
        assert_eq!(matches(&[Arg::Text("S1-007"), Arg::Text(r"^S\d+-\d{3}$")]), Ok(Value::Bool(true)));
    }

    #[test]
    fn visits_are_read_and_written() {
        assert_eq!(initcap("WEEK 8"), "Week 8");
        assert_eq!(initcap("naming objects and fingers (refer to 5 c"), "Naming Objects And Fingers (Refer To 5 C");
        for (text, expected) in [
            ("WEEK 8", Some(8.0)),
            ("UNSCHEDULED 4.1", Some(4.1)),
            ("DAY 1.", Some(1.0)),
            ("-7 DAYS", Some(7.0)),
            ("SCREENING", None),
        ] {
            assert_eq!(number_within(text), expected, "{text}");
        }
    }
}
