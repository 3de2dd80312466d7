//! From when to when?
//!
//! SDTM keeps an interval of uncertainty, or of collection, as two ISO 8601 values with a solidus: `2024-03-05/2024-03-07`.

use super::{DateError, PartialDate};
use std::cmp::Ordering;

/// The two ends; see [`Interval::is_reversed`] for their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interval {
    /// Beginning.
    pub from: PartialDate,
    /// End.
    pub to: PartialDate,
}

impl Interval {
    /// Reads `from/to`. Errors: one side is no date, or there is no solidus.
    pub fn parse(text: &str) -> Result<Self, DateError> {
        let Some((from, to)) = text.split_once('/') else {
            return Err(DateError::Grammar {
                text: super::partial::excerpt(text),
                position: text.chars().count() + 1,
                expected: "`/` and the end of the interval",
            });
        };
        Ok(Self { from: PartialDate::parse(from)?, to: PartialDate::parse(to)? })
    }

    /// Whether the end is known to lie before the beginning.
    pub fn is_reversed(&self) -> bool {
        self.to.compare(&self.from) == Some(Ordering::Less)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_has_two_ends() {
        let interval = Interval::parse("2024-03-05T10:00/2024-03-07").unwrap();
        assert_eq!(interval.to.as_str(), "2024-03-07");
        assert!(!interval.is_reversed());
        assert!(Interval::parse("2024-03/2024-02").unwrap().is_reversed());
        assert!(Interval::parse("2024-03-05").unwrap_err().to_string().contains("`/` and the end"));
        assert!(Interval::parse("2024-03-05/").is_err());
    }
}
