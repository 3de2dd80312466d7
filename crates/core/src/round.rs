//! How is this number rounded for print?
//!
//! A tie is a tie of the *decimal* number that people see, not of its binary neighbour: the double nearest to 1.005
//! lies a little below it, and yet a statistician expects 1.01. So rounding works on the shortest decimal that reads
//! back as the same double, digit by digit, without further arithmetic:
//!
//! ```text
//! half away from zero:  1.005 → 1.01   2.5 → 3   −2.5 → −3       (the default for displays)
//! half to even:         1.005 → 1.00   2.5 → 2    3.5 → 4
//! ```
//! Where packages differ: SAS `ROUND` rounds half away from zero after a small fuzz, `ROUNDE` half to even; R `round`
//! is half to even on candidate decimals (since 4.0.0); most languages' formatting rounds the binary value, which gives
//! 1.00 here. A value that arithmetic left at 1.0049999999999997 is below the tie in every rule here; SAS's fuzz would
//! lift it. Rounding happens once, at display, unless a guideline decides on the rounded figure.
//!
//! All functions are exact, take O(digits), and return a number that is not finite unchanged; a
//! [`Dataset`](crate::Dataset) holds none.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What happens to a number halfway between two neighbours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rounding {
    /// To the neighbour farther from zero: the trade's habit, SAS `ROUND`.
    #[default]
    HalfAwayFromZero,
    /// To the neighbour with an even last digit: IEEE 754, SAS `ROUNDE`, R `round`.
    HalfToEven,
}

impl fmt::Display for Rounding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::HalfAwayFromZero => "half-away-from-zero",
            Self::HalfToEven => "half-to-even",
        })
    }
}

/// A name that is no rounding rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is no rounding rule")]
pub struct UnknownRounding {
    /// The name.
    pub name: String,
}

impl UnknownRounding {
    /// What the reader of the message can do next.
    pub fn hint(&self) -> &'static str {
        "choose `half-away-from-zero` (the default) or `half-to-even`"
    }
}

impl FromStr for Rounding {
    type Err = UnknownRounding;

    fn from_str(name: &str) -> Result<Self, UnknownRounding> {
        match name {
            "half-away-from-zero" => Ok(Self::HalfAwayFromZero),
            "half-to-even" => Ok(Self::HalfToEven),
            _ => Err(UnknownRounding { name: name.to_owned() }),
        }
    }
}

/// `x` rounded to this many decimals; negative ones round to tens, hundreds, ….
pub fn round(x: f64, decimals: i32, rule: Rounding) -> f64 {
    match Decimal::new(x) {
        Some(decimal) => decimal.rounded_at(-i64::from(decimals), rule).to_f64(),
        None => x,
    }
}

/// `x` rounded to this many significant digits; 0 digits count as 1.
pub fn round_significant(x: f64, digits: u32, rule: Rounding) -> f64 {
    match Decimal::new(x) {
        Some(decimal) => decimal.rounded_significant(digits, rule).to_f64(),
        None => x,
    }
}

/// `x` in fixed notation with exactly this many decimals: `1.005` with 2 is `1.01`. A number that rounds to zero has no sign.
pub fn format_fixed(x: f64, decimals: u32, rule: Rounding) -> String {
    match Decimal::new(x) {
        Some(decimal) => decimal.rounded_at(-i64::from(decimals), rule).fixed(decimals as usize),
        None => x.to_string(),
    }
}

/// `x` in fixed notation with this many significant digits, trailing zeros kept: with 3, `0.0120`, `1.20`, `123`, `12300`.
/// 0 digits count as 1. Zero is shown as `0.00`, the decimals that a number of size 1 would have.
pub fn format_significant(x: f64, digits: u32, rule: Rounding) -> String {
    let Some(decimal) = Decimal::new(x) else { return x.to_string() };
    let rounded = decimal.rounded_significant(digits, rule);
    let leading = if rounded.digits.is_empty() { 0 } else { rounded.leading_place() };
    let decimals = i64::from(digits.max(1)) - 1 - leading;
    rounded.fixed(usize::try_from(decimals).unwrap_or(0))
}

/// `±0.d₁d₂… · 10^point`: the shortest decimal that reads back as the same double.
#[derive(Clone, Debug, PartialEq)]
struct Decimal {
    negative: bool,
    /// 0 to 9 each, the first not 0; empty for zero.
    digits: Vec<u8>,
    point: i64,
}

impl Decimal {
    fn new(x: f64) -> Option<Self> {
        if !x.is_finite() {
            return None;
        }
        let text = format!("{:e}", x.abs());
        let (mantissa, exponent) = text.split_once('e')?;
        let digits: Vec<u8> = mantissa.bytes().filter(u8::is_ascii_digit).map(|b| b - b'0').collect();
        let exponent: i64 = exponent.parse().ok()?;
        let zero = digits.iter().all(|&d| d == 0);
        Some(Self {
            negative: x.is_sign_negative() && !zero,
            digits: if zero { Vec::new() } else { digits },
            point: if zero { 0 } else { exponent + 1 },
        })
    }

    /// The power of ten of the first digit.
    fn leading_place(&self) -> i64 {
        self.point - 1
    }

    fn rounded_significant(self, digits: u32, rule: Rounding) -> Self {
        let place = self.point - i64::from(digits.max(1));
        self.rounded_at(place, rule)
    }

    /// Keeps digits down to 10^place.
    fn rounded_at(mut self, place: i64, rule: Rounding) -> Self {
        let kept = self.point - place;
        if kept >= self.digits.len() as i64 {
            return self;
        }
        let Ok(kept) = usize::try_from(kept) else { return Self::zero() };
        let dropped = &self.digits[kept..];
        let half = dropped[0] == 5 && dropped[1..].iter().all(|&d| d == 0);
        let up = match rule {
            Rounding::HalfToEven if half => kept > 0 && self.digits[kept - 1] % 2 == 1,
            _ => dropped[0] >= 5,
        };
        self.digits.truncate(kept);
        if up {
            self.increment(place);
        }
        if self.digits.iter().all(|&d| d == 0) { Self::zero() } else { self }
    }

    /// Adds one unit in the last kept place.
    fn increment(&mut self, place: i64) {
        for digit in self.digits.iter_mut().rev() {
            if *digit < 9 {
                *digit += 1;
                return;
            }
            *digit = 0;
        }
        // All nines (or nothing) carried out: 99 → 100, and nothing → 1 in the rounding place.
        if self.digits.is_empty() {
            self.point = place + 1;
            self.digits.push(1);
        } else {
            self.point += 1;
            self.digits.insert(0, 1);
        }
    }

    fn zero() -> Self {
        Self { negative: false, digits: Vec::new(), point: 0 }
    }

    /// The nearest double. The standard library's parser is correctly rounded.
    fn to_f64(&self) -> f64 {
        if self.digits.is_empty() {
            return 0.0;
        }
        let digits: String = self.digits.iter().map(|&d| char::from(b'0' + d)).collect();
        let sign = if self.negative { "-" } else { "" };
        let parsed = format!("{sign}0.{digits}e{}", self.point).parse();
        // Only rounding up near the largest double overflows; the largest is then the nearest.
        parsed.unwrap_or(f64::MAX).clamp(-f64::MAX, f64::MAX)
    }

    /// Fixed notation; digits beyond `decimals` must have been rounded away.
    fn fixed(&self, decimals: usize) -> String {
        let digit_at = |place: i64| {
            let index = usize::try_from(self.point - 1 - place).ok();
            char::from(b'0' + index.and_then(|i| self.digits.get(i)).copied().unwrap_or(0))
        };
        let mut text = String::new();
        if self.negative {
            text.push('-');
        }
        let highest = if self.digits.is_empty() { 0 } else { self.leading_place().max(0) };
        text.extend((0..=highest).rev().map(digit_at));
        if decimals > 0 {
            text.push('.');
            text.extend((1..=decimals as i64).map(|place| digit_at(-place)));
        }
        text
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "exact by design")]
mod tests {
    use super::*;
    use Rounding::{HalfAwayFromZero, HalfToEven};
    use proptest::prelude::*;

    #[test]
    fn a_tie_is_a_tie_of_the_decimal_number() {
        for (x, decimals, away, even) in [
            (1.005, 2, "1.01", "1.00"),
            (2.675, 2, "2.68", "2.68"),
            (0.285, 2, "0.29", "0.28"),
            (2.5, 0, "3", "2"),
            (3.5, 0, "4", "4"),
            (-2.5, 0, "-3", "-2"),
            (0.5, 0, "1", "0"),
            (0.15, 1, "0.2", "0.2"),
            (0.25, 1, "0.3", "0.2"),
            (0.05, 1, "0.1", "0.0"),
            (9.995, 2, "10.00", "10.00"),
            (99.95, 1, "100.0", "100.0"),
            (80.0, 2, "80.00", "80.00"),
            (79.995, 2, "80.00", "80.00"),
            (1.004_999_999_999_999_7, 2, "1.00", "1.00"),
        ] {
            assert_eq!(format_fixed(x, decimals, HalfAwayFromZero), away, "{x}");
            assert_eq!(format_fixed(x, decimals, HalfToEven), even, "{x}");
        }
    }

    #[test]
    fn zero_has_no_sign() {
        for x in [-0.0, -0.004, -1e-300, -f64::MIN_POSITIVE] {
            assert_eq!(format_fixed(x, 2, HalfAwayFromZero), "0.00");
            assert!(round(x, 2, HalfAwayFromZero).is_sign_positive());
        }
        assert_eq!(format_fixed(-0.005, 2, HalfAwayFromZero), "-0.01");
    }

    #[test]
    fn large_and_small_numbers_keep_their_digits() {
        assert_eq!(format_fixed(1e22, 1, HalfAwayFromZero), "10000000000000000000000.0");
        assert_eq!(format_fixed(123_456_789.125, 2, HalfAwayFromZero), "123456789.13");
        assert_eq!(format_fixed(5e-324, 3, HalfAwayFromZero), "0.000");
        assert_eq!(round(f64::MAX, -308, HalfAwayFromZero), f64::MAX, "2e308 is no double; the largest one is nearest");
        assert_eq!(round(1234.5, -2, HalfAwayFromZero), 1200.0);
        assert_eq!(round(1250.0, -2, HalfToEven), 1200.0);
        assert_eq!(round(1e300, i32::MIN, HalfAwayFromZero), 0.0);
        assert_eq!(round(1e-300, i32::MAX, HalfAwayFromZero), 1e-300);
        assert!(round(f64::NAN, 2, HalfAwayFromZero).is_nan());
    }

    #[test]
    fn significant_digits_keep_trailing_zeros() {
        for (x, shown) in [
            (0.012, "0.0120"),
            (1.2, "1.20"),
            (123.4, "123"),
            (12_345.0, "12300"),
            (99.95, "100"),
            (0.09995, "0.100"),
            (9.995, "10.0"),
            (-0.001_234_5, "-0.00123"),
            (0.0, "0.00"),
        ] {
            assert_eq!(format_significant(x, 3, HalfAwayFromZero), shown, "{x}");
        }
        assert_eq!(round_significant(12_345.0, 3, HalfAwayFromZero), 12_300.0);
        assert_eq!(round_significant(0.000_123_45, 4, HalfAwayFromZero), 0.000_123_5);
        assert_eq!(round_significant(7.0, 0, HalfAwayFromZero), 7.0);
    }

    #[test]
    fn a_rule_is_known_by_its_name() {
        for rule in [HalfAwayFromZero, HalfToEven] {
            assert_eq!(rule.to_string().parse(), Ok(rule));
            assert_eq!(serde_json::to_value(rule).unwrap(), rule.to_string());
        }
        assert!("nearest".parse::<Rounding>().unwrap_err().hint().contains("half-away-from-zero"));
    }

    proptest! {
        #[test]
        fn rounding_twice_changes_nothing_and_signs_mirror(x in any::<f64>().prop_filter("finite", |x| x.is_finite()), decimals in 0_u32..12) {
            for rule in [HalfAwayFromZero, HalfToEven] {
                let once = round(x, decimals as i32, rule);
                prop_assert_eq!(round(once, decimals as i32, rule).to_bits(), once.to_bits());
                prop_assert_eq!(round(-x, decimals as i32, rule), -once);
                let shown = format_fixed(x, decimals, rule);
                prop_assert_eq!(shown.parse::<f64>().unwrap(), once);
                prop_assert!(!shown.starts_with("-0") || once != 0.0);
            }
        }

        #[test]
        fn no_other_number_with_these_decimals_is_nearer(x in -1e6_f64..1e6, decimals in 0_i32..6) {
            let rounded = round(x, decimals, HalfAwayFromZero);
            let step = 1.0 / f64::from(10_u32.pow(decimals as u32));
            prop_assert!((rounded - x).abs() <= step / 2.0 * (1.0 + 1e-9) + 1e-12);
        }
    }
}
