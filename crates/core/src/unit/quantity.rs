//! How much of what?

use super::{Unit, UnitError, shortened};
use std::fmt;

/// A number with its unit, as in `320mg`, `1.5 mg/kg`.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantity {
    /// The number.
    pub value: f64,
    /// Its unit.
    pub unit: Unit,
}

/// Why a text is no quantity.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuantityError {
    /// It does not begin with a finite number.
    #[error("`{text}` does not begin with a number")]
    NoNumber {
        /// The text, shortened when long.
        text: String,
    },
    /// The unit is refused.
    #[error("the unit of `{text}` cannot be used")]
    Unit {
        /// The text, shortened when long.
        text: String,
        /// Why.
        #[source]
        cause: UnitError,
    },
}

impl QuantityError {
    /// What the reader of the message can do next.
    pub fn hint(&self) -> String {
        match self {
            Self::NoNumber { .. } => "write a number and a unit, `320mg` or `1.5 mg/kg`".to_owned(),
            Self::Unit { cause, .. } => cause.hint(),
        }
    }
}

impl Quantity {
    /// Reads a number followed by a unit, with or without a space.
    pub fn parse(text: &str) -> Result<Self, QuantityError> {
        let trimmed = text.trim();
        let (number, unit) = trimmed.split_at(number_length(trimmed));
        let value = number.parse().ok().filter(|v: &f64| v.is_finite());
        let value = value.ok_or_else(|| QuantityError::NoNumber { text: shortened(trimmed) })?;
        let unit = Unit::parse(unit).map_err(|cause| QuantityError::Unit { text: shortened(trimmed), cause })?;
        Ok(Self { value, unit })
    }
}

/// Bytes of the number at the beginning: sign, digits with a point, exponent. `1e3mg` has an exponent, `1eq` has none.
fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut end = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    end += digits(end);
    if bytes.get(end) == Some(&b'.') {
        end += 1;
        end += digits(end);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let start = (end + 1 + sign).min(bytes.len());
        let exponent = digits(start);
        if exponent > 0 {
            end = start + exponent;
        }
    }
    end
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.value, self.unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantity_is_a_number_and_a_unit() {
        for (text, value, ucum) in [
            ("320mg", 320.0, "mg"),
            ("1.5 mg/kg", 1.5, "mg/kg"),
            ("1e3 ug", 1000.0, "ug"),
            ("2eq", 2.0, "eq"),
            ("-4 C", -4.0, "Cel"),
        ] {
            let read = Quantity::parse(text).unwrap();
            assert!((read.value - value).abs() < 1e-12 && read.unit.ucum() == ucum, "{text}: {read:?}");
        }
        assert!(matches!(Quantity::parse("mg"), Err(QuantityError::NoNumber { .. })));
        assert!(matches!(Quantity::parse("1e999 mg"), Err(QuantityError::NoNumber { .. })));
        assert!(matches!(Quantity::parse("320"), Err(QuantityError::Unit { .. })));
        assert_eq!(Quantity::parse("320 MG").unwrap_err().hint(), "write `mg`");
    }
}
