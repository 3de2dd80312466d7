//! How is a number printed?
//!
//! Rounding happens here and nowhere before: half away from zero on the decimal value (the shortest decimal that
//! reads back as the same double), the rule of SAS's and of most trade tables.
//!
//! | spec | meaning | 0.0449 | 1234.5 |
//! |---|---|---|---|
//! | `.2` | two decimals | 0.04 | 1234.50 |
//! | `3s` | three significant digits, but whole digits are kept | 0.0449 | 1235 |
//! | `+1` | the parameter's decimals and one more | | |
//! | `p3` | a p-value: three decimals, `<0.001`, `>0.999` | 0.045 | |
//! | `n` | a count with its noun: `n subject subjects`, `n subject was/subjects were` | | |
//! | none | whole numbers whole, others with three significant digits | 0.0449 | 1235 |
//!
//! Where packages differ: three significant digits of 1234.5 are 1230 by the letter; tables of the trade keep whole
//! digits (1235), since a zero that was not measured misleads. Half to even would print 0.125 as 0.12, here 0.13.

use croft_core::round::{Rounding, format_fixed};

/// Most decimals that a spec may ask for: doubles have no more to tell.
const MOST_DECIMALS: usize = 15;

/// How a number is printed.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Spec {
    /// Whole numbers whole, others with three significant digits.
    #[default]
    Plain,
    /// `.2`
    Fixed(usize),
    /// `3s`
    Significant(usize),
    /// `+1`: more decimals than the parameter has.
    Relative(usize),
    /// `p3`
    PValue(usize),
    /// `n subject subjects`: a whole number with its noun.
    Counted {
        /// For one.
        one: String,
        /// For none and for more.
        many: String,
    },
}

impl Spec {
    /// Reads a spec; the error says what was expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        let digits = |s: &str| s.parse::<usize>().ok().filter(|&n| n <= MOST_DECIMALS);
        let spec = match text {
            "" => Some(Self::Plain),
            _ => None
                .or_else(|| digits(text.strip_prefix('.')?).map(Self::Fixed))
                .or_else(|| digits(text.strip_suffix('s')?).filter(|&n| n > 0).map(Self::Significant))
                .or_else(|| digits(text.strip_prefix('+')?).map(Self::Relative))
                .or_else(|| digits(text.strip_prefix('p')?).filter(|&n| n > 0).map(Self::PValue))
                .or_else(|| counted(text)),
        };
        spec.ok_or_else(|| {
            format!("`{text}` is no number format: use .2 (decimals), 3s (significant digits), +1 (the parameter's decimals and one), p3 (p-value) or `n subject subjects`")
        })
    }

    /// Prints a number; `decimals` are the parameter's own, for [`Spec::Relative`].
    pub fn print(&self, value: f64, decimals: usize) -> String {
        match self {
            Self::Plain if value.fract() == 0.0 && value.abs() < 1e15 => fixed(value, 0),
            Self::Plain => significant(value, 3),
            Self::Fixed(digits) => fixed(value, *digits),
            Self::Significant(digits) => significant(value, *digits),
            Self::Relative(more) => fixed(value, (decimals + more).min(MOST_DECIMALS)),
            Self::PValue(digits) => p_value(value, *digits),
            Self::Counted { one, many } => {
                let count = fixed(value, 0);
                let noun = if count == "1" { one } else { many };
                format!("{count} {noun}")
            }
        }
    }
}

fn counted(text: &str) -> Option<Spec> {
    let text = text.strip_prefix("n ")?;
    if let Some((one, many)) = text.split_once('/') {
        return Some(Spec::Counted { one: one.trim().to_owned(), many: many.trim().to_owned() });
    }
    let mut words = text.split_whitespace();
    let (one, many) = (words.next()?, words.next()?);
    words.next().is_none().then(|| Spec::Counted { one: one.to_owned(), many: many.to_owned() })
}

/// A fixed number of decimals, half away from zero. Zero has no sign.
pub fn fixed(value: f64, decimals: usize) -> String {
    format_fixed(value, decimals.min(400) as u32, Rounding::HalfAwayFromZero)
}

/// So many significant digits, whole digits kept.
pub fn significant(value: f64, digits: usize) -> String {
    if value == 0.0 {
        return fixed(value, digits.saturating_sub(1));
    }
    // Printing in scientific form gives the exponent without a logarithm; a carry (9.996 -> 10.0) is seen after rounding.
    let exponent = exponent_of(value);
    let decimals_at = |exponent: i32| usize::try_from(digits as i32 - 1 - exponent).unwrap_or(0).min(300);
    let first = fixed(value, decimals_at(exponent));
    let carried = first.parse::<f64>().map_or(exponent, exponent_of);
    if carried > exponent { fixed(value, decimals_at(carried)) } else { first }
}

fn exponent_of(value: f64) -> i32 {
    format!("{value:e}").rsplit_once('e').and_then(|(_, e)| e.parse().ok()).unwrap_or(0)
}

fn p_value(value: f64, digits: usize) -> String {
    let rounded = fixed(value, digits);
    let smallest = format!("0.{}1", "0".repeat(digits - 1));
    let zero = rounded.bytes().all(|b| b == b'0' || b == b'.');
    if zero {
        format!("<{smallest}")
    } else if rounded.starts_with('1') {
        format!(">0.{}", "9".repeat(digits))
    } else {
        rounded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn print(spec: &str, value: f64) -> String {
        Spec::parse(spec).unwrap().print(value, 1)
    }

    #[test]
    fn numbers_are_printed_as_the_table_of_the_module_says() {
        let cases = [
            (".2", 0.0449, "0.04"),
            (".2", 1234.5, "1234.50"),
            (".2", 0.125, "0.13"),
            (".2", -0.125, "-0.13"),
            (".2", 1.005, "1.01"),
            (".2", -0.001, "0.00"),
            ("3s", 0.0449, "0.0449"),
            ("3s", 1234.5, "1235"),
            ("3s", 9.996, "10.0"),
            ("3s", 99.96, "100"),
            ("3s", 0.09996, "0.100"),
            ("3s", 0.0, "0.00"),
            ("+1", 2.345, "2.35"),
            ("p3", 0.0449, "0.045"),
            ("p3", 0.0004, "<0.001"),
            ("p3", 0.9998, ">0.999"),
            ("p3", 0.0005, "0.001"),
            ("n subject subjects", 1.0, "1 subject"),
            ("n subject subjects", 24.0, "24 subjects"),
            ("", 24.0, "24"),
            ("", 0.123456, "0.123"),
        ];
        for (spec, value, expected) in cases {
            assert_eq!(print(spec, value), expected, "{value} as `{spec}`");
        }
    }

    #[test]
    fn what_is_no_format_is_refused_with_the_choices() {
        for bad in [".", ".99", "s", "0s", "x", "n one", "p0", "-1"] {
            assert!(Spec::parse(bad).unwrap_err().contains("significant digits"), "{bad}");
        }
    }
}
