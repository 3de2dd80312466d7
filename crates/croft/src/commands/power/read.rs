//! How the numbers of a plan are written on the command line.
//!
//! CVs and ratios are fractions (`0.3`) or percentages with their sign (`30%`); a bare number above 5 can only be a percentage
//! that was meant and is refused. Limits are a pair, as fractions or in percent (`0.80-1.25`, `80-125`).

use crate::output::Failure;
use clap::ValueEnum;
use croft_pk::power::{ScaledCriterion, Subjects};

/// Whose rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Regulator {
    /// European Medicines Agency
    Ema,
    /// U.S. Food and Drug Administration
    Fda,
    /// Health Canada
    Hc,
    /// Gulf Cooperation Council
    Gcc,
}

/// Expanded limits of a regulator.
pub fn expanded_limits(regulator: Option<Regulator>) -> Result<ScaledCriterion, Failure> {
    match regulator {
        None | Some(Regulator::Ema) => Ok(ScaledCriterion::ema()),
        Some(Regulator::Hc) => Ok(ScaledCriterion::health_canada()),
        Some(Regulator::Gcc) => Ok(ScaledCriterion::gcc()),
        Some(Regulator::Fda) => Err(Failure::misuse("FDA does not expand limits").hint("use --method rsabe")),
    }
}

/// FDA is the only regulator with this method.
pub fn only_fda(regulator: Option<Regulator>, method: &str, hint: &str) -> Result<(), Failure> {
    match regulator {
        None | Some(Regulator::Fda) => Ok(()),
        Some(_) => Err(Failure::misuse(format!("the method {method} is FDA's")).hint(hint)),
    }
}

/// A CV or a ratio: `0.3` or `30%`.
pub fn fraction(text: &str) -> Result<f64, String> {
    let (digits, percent) = match text.trim().strip_suffix('%') {
        Some(digits) => (digits.trim(), true),
        None => (text.trim(), false),
    };
    let number: f64 = digits.parse().map_err(|_| format!("`{text}` is not a number"))?;
    if !(number > 0.0 && number.is_finite()) {
        return Err(format!("`{text}` is not a positive number"));
    }
    match (percent, number > 5.0) {
        (true, _) => Ok(number / 100.0),
        (false, true) => Err(format!("{number} is read as {}%; write {} or {number}%", number * 100.0, number / 100.0)),
        (false, false) => Ok(number),
    }
}

/// A whole number, also written as `1e6`.
pub fn count(text: &str) -> Result<u64, String> {
    if let Ok(number) = text.parse() {
        return Ok(number);
    }
    let number: f64 = text.parse().map_err(|_| format!("`{text}` is not a number"))?;
    // Whole numbers up to 2^53 are exact as floating point.
    if (0.0..=9e15).contains(&number) && number.fract() <= 0.0 {
        Ok(number as u64)
    } else {
        Err(format!("`{text}` is not a whole number of studies"))
    }
}

/// Within-subject CVs: one, or those of test and reference.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cvs {
    pub test: f64,
    pub reference: f64,
}

impl Cvs {
    /// One CV, where the method knows no difference.
    pub fn one(self, method: &str) -> Result<f64, Failure> {
        if self.test.to_bits() == self.reference.to_bits() {
            return Ok(self.test);
        }
        Err(Failure::misuse(format!("{method} assumes one CV, two were given"))
            .hint("give one CV, pooled over treatments"))
    }
}

/// `0.3`, or `0.4,0.3` for test and reference.
pub fn cvs(text: &str) -> Result<Cvs, String> {
    let numbers = text.split(',').map(fraction).collect::<Result<Vec<_>, _>>()?;
    match numbers[..] {
        [cv] => Ok(Cvs { test: cv, reference: cv }),
        [test, reference] => Ok(Cvs { test, reference }),
        _ => Err("give one CV, or two: test, reference".into()),
    }
}

/// `0.80-1.25`, `80-125`, `80%-125%`.
pub fn limits(text: &str) -> Result<(f64, f64), String> {
    let parts: Vec<&str> =
        text.split(['-', '–', ',', ':']).map(|part| part.trim().trim_end_matches('%').trim()).collect();
    let [lower, upper] = parts[..] else { return Err("give two limits, 0.80-1.25 or 80-125".into()) };
    let number = |part: &str| part.parse::<f64>().map_err(|_| format!("`{part}` is not a number"));
    let (lower, upper) = (number(lower)?, number(upper)?);
    // The upper limit of a ratio is never above 500%, in percent never below 100.
    let scale = if upper > 5.0 { 100.0 } else { 1.0 };
    let (lower, upper) = (lower / scale, upper / scale);
    if lower > 0.0 && lower < upper && upper.is_finite() {
        Ok((lower, upper))
    } else {
        Err(format!("{text} is not a range of ratios; the lower limit comes first, both in the same unit"))
    }
}

/// `20 + 20` for a sentence.
pub fn spread(subjects: &Subjects) -> String {
    let counts: Vec<String> = subjects.counts().iter().map(u32::to_string).collect();
    counts.join(" + ")
}

/// A fraction in percent without needless zeros: `30%`, `99.5%`.
pub fn percent(fraction: f64) -> String {
    let text = format!("{:.4}", fraction * 100.0);
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}

/// Limits in percent to two decimals, as guidelines print them.
pub fn percent_limits(lower: f64, upper: f64) -> String {
    format!("{:.2}-{:.2}%", lower * 100.0, upper * 100.0)
}

/// `1,000,000`
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_need_their_sign() {
        assert_eq!(fraction("0.3"), Ok(0.3));
        assert_eq!(fraction("30%"), Ok(0.3));
        assert!(fraction("30").unwrap_err().contains("30%"));
        for bad in ["", "-0.3", "abc", "NaN", "inf", "0"] {
            assert!(fraction(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn limits_are_read_in_both_units() {
        assert_eq!(limits("0.80-1.25"), Ok((0.8, 1.25)));
        assert_eq!(limits("80-125"), Ok((0.8, 1.25)));
        assert_eq!(limits("90.00%–111.11%"), Ok((0.9, 1.1111)));
        for bad in ["125-80", "0.8", "0.8-1.25-3", "80-1.25", "a-b"] {
            assert!(limits(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn counts_may_be_powers_of_ten() {
        assert_eq!(count("1e6"), Ok(1_000_000));
        assert_eq!(count("250"), Ok(250));
        for bad in ["-1", "1.5", "many", "1e300", "NaN"] {
            assert!(count(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn one_cv_or_two() {
        assert_eq!(cvs("0.3"), Ok(Cvs { test: 0.3, reference: 0.3 }));
        assert_eq!(cvs("40%,0.3"), Ok(Cvs { test: 0.4, reference: 0.3 }));
        assert!(cvs("0.1,0.2,0.3").is_err());
    }

    #[test]
    fn numbers_are_printed_as_protocols_do() {
        assert_eq!(percent(0.3), "30%");
        assert_eq!(percent(0.995), "99.5%");
        assert_eq!(thousands(1_000_000), "1,000,000");
        assert_eq!(thousands(999), "999");
    }
}
