//! How is a result printed? By the operation's result pattern.
//!
//! A pattern is what a table shell shows: letters `X` (or `Y`, `Z`, in either case) where digits stand, other text as it is.
//!
//! | pattern | value | printed |
//! |---|---|---|
//! | `XX.X` | 75.2093, 3.1, -3.3012, -0.02 | `75.2`, ` 3.1`, `- 3.3`, ` 0.0` |
//! | `(XX.XX)`, `( XX.X)` | 8.5902, 16.279 | `( 8.59)`, `( 16.3)` |
//! | `(N=XX)`, `XXX` | 86, 8 | `(N=86)`, `8` |
//! | `XX` for a minimum | -0.78 | `-0.78` |
//! | `n`, `(%)` | 33, 38.3721 | `33`, `(38.4)` |
//! | `X.XXXX` for a p-value | 0.00001 | `<0.0001` |
//!
//! With a decimal point the number has as many decimals as the pattern, and is filled with blanks to its width between sign and digits; a larger one is not cut. Without a point
//! it is a whole number, not filled; but a minimum or maximum is a value that was observed, and is printed as it was. A number that rounds to zero has no sign.
//! A pattern that is the word `n` or `N` stands for a count, one with `%` and no digits for a percentage with one decimal: so the published reporting events print theirs.
//! Rounding is half away from zero on the decimal number, as in all of croft's displays.

use super::operation::{Computation, Statistic};
use croft_core::round::{Rounding, format_fixed};

/// What stands for the number in a pattern.
struct Place {
    start: usize,
    end: usize,
    /// Digits before the point, and after it when there is one.
    digits: Option<(usize, Option<usize>)>,
}

/// The printed value; `None` where the pattern shows no number, or several.
pub fn format(pattern: Option<&str>, value: f64, computation: Computation) -> Option<String> {
    let Some(pattern) = pattern else { return Some(plain(value)) };
    let place = place(pattern, computation)?;
    let printed = match place.digits {
        None => plain(value),
        Some((_, None)) => match computation {
            Computation::Summary(Statistic::Minimum | Statistic::Maximum) => plain(value),
            _ => format_fixed(value, 0, Rounding::HalfAwayFromZero),
        },
        Some((whole, Some(decimals))) => fixed(value, whole, decimals, computation),
    };
    Some(format!("{}{printed}{}", &pattern[..place.start], &pattern[place.end..]))
}

fn fixed(value: f64, whole: usize, decimals: usize, computation: Computation) -> String {
    let digits = u32::try_from(decimals).unwrap_or(u32::MAX).min(30);
    let text = format_fixed(value, digits, Rounding::HalfAwayFromZero);
    let is_zero = !text.bytes().any(|b| (b'1'..=b'9').contains(&b));
    if matches!(computation, Computation::PValue(_)) && is_zero && value > 0.0 {
        return format!("<0.{}1", "0".repeat(decimals.saturating_sub(1)));
    }
    let (sign, number) = match text.strip_prefix('-') {
        Some(number) if is_zero => ("", number),
        Some(number) => ("-", number),
        None => ("", text.as_str()),
    };
    format!("{sign}{number:>width$}", width = whole + 1 + decimals)
}

/// The shortest decimal that reads back as the same number. Never with an exponent.
pub(super) fn plain(value: f64) -> String {
    let text = value.to_string();
    if text == "-0" { "0".to_owned() } else { text }
}

fn place(pattern: &str, computation: Computation) -> Option<Place> {
    let found = digits(pattern);
    if found.len() > 1 {
        return None;
    }
    if let Some(place) = found.into_iter().next() {
        return Some(place);
    }
    let one = |c: char| {
        let mut at = pattern.char_indices().filter(|(_, x)| *x == c).map(|(i, _)| i);
        at.next().filter(|_| at.next().is_none())
    };
    match computation {
        Computation::Percent => one('%').map(|i| Place { start: i, end: i + 1, digits: Some((1, Some(1))) }),
        Computation::Subjects | Computation::Records | Computation::Values | Computation::Missing => {
            let letters = pattern.chars().filter(|c| c.is_alphabetic()).count();
            let place = one('n').or_else(|| one('N')).filter(|_| letters == 1);
            place.map(|i| Place { start: i, end: i + 1, digits: None })
        }
        _ => None,
    }
}

/// Runs of X, Y and Z that are no part of a word.
fn digits(pattern: &str) -> Vec<Place> {
    let is_digit = |b: u8| matches!(b, b'X' | b'x' | b'Y' | b'y' | b'Z' | b'z');
    let bytes = pattern.as_bytes();
    let run = |from: usize| bytes[from..].iter().take_while(|b| is_digit(**b)).count();
    let (mut found, mut i) = (Vec::new(), 0);
    while i < bytes.len() {
        let whole = run(i);
        if whole == 0 {
            i += 1;
            continue;
        }
        let start = i;
        i += whole;
        let decimals = if bytes.get(i) == Some(&b'.') { run(i + 1) } else { 0 };
        if decimals > 0 {
            i += 1 + decimals;
        }
        let alone = |neighbour: Option<char>| neighbour.is_none_or(|c| !c.is_alphanumeric());
        if alone(pattern[..start].chars().next_back()) && alone(pattern[i..].chars().next()) {
            found.push(Place { start, end: i, digits: Some((whole, (decimals > 0).then_some(decimals))) });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::operation::Test;
    use super::*;

    const MEAN: Computation = Computation::Summary(Statistic::Mean);
    const MIN: Computation = Computation::Summary(Statistic::Minimum);

    fn printed(pattern: &str, value: f64, computation: Computation) -> String {
        format(Some(pattern), value, computation).unwrap_or_else(|| "nothing".to_owned())
    }

    #[test]
    fn decimals_and_width_are_those_of_the_pattern() {
        for (pattern, value, expected) in [
            ("XX.X", 75.2093, "75.2"),
            ("XX.X", 3.1, " 3.1"),
            ("XX.X", -3.3012, "- 3.3"),
            ("XX.X", -10.2083, "-10.2"),
            ("XX.X", -0.0255, " 0.0"),
            ("XX.X", 162.6, "162.6"),
            ("XX.X", 172.85, "172.9"),
            ("(XX.XX)", 8.590_167_1, "( 8.59)"),
            ("( XX.X)", 16.279, "( 16.3)"),
            ("xx.x%", 16.279, "16.3%"),
            ("Max: X.X", 1.25, "Max: 1.3"),
        ] {
            assert_eq!(printed(pattern, value, MEAN), expected, "{pattern} {value}");
        }
    }

    #[test]
    fn without_a_point_a_number_is_whole_unless_it_was_observed() {
        assert_eq!(printed("(N=XX)", 86.0, Computation::Subjects), "(N=86)");
        assert_eq!(printed("N = XXX", 8.0, Computation::Subjects), "N = 8");
        assert_eq!(printed("XX", 75.5, MEAN), "76");
        assert_eq!(printed("XX", -0.78, MIN), "-0.78");
        assert_eq!(printed("Y.Y", 52.0, MIN), "52.0");
    }

    #[test]
    fn words_stand_for_counts_and_percentages() {
        assert_eq!(printed("n", 33.0, Computation::Subjects), "33");
        assert_eq!(printed("(%)", 9.523_8, Computation::Percent), "(9.5)");
        assert_eq!(printed("(%)", 9.5, MEAN), "nothing");
        assert_eq!(printed("mean", 9.5, Computation::Subjects), "nothing");
        assert_eq!(printed("XX.X (XX.X)", 9.5, MEAN), "nothing");
        assert_eq!(format(None, 9.25, MEAN).as_deref(), Some("9.25"));
    }

    #[test]
    fn a_small_p_value_is_below_the_last_digit() {
        let p = Computation::PValue(Test::Anova);
        assert_eq!(printed("X.XXXX", 0.593_435, p), "0.5934");
        assert_eq!(printed("X.XXXX", 0.000_01, p), "<0.0001");
        assert_eq!(printed("X.XXXX", 1.0, p), "1.0000");
    }
}
