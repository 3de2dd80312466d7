//! Which number does SAS keep for this date?
//!
//! SAS counts a date in days and a datetime in seconds since 1960-01-01; ADaM's `ADT` and `ADTM` hold these numbers.

use super::{CivilDate, CivilDateTime};

/// A number that is no SAS date or datetime.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum SasNumberError {
    /// Not finite, or beyond the years 0000 to 9999.
    #[error("{number} lies outside the years 0000 to 9999 when read as a SAS date or datetime")]
    OutOfRange {
        /// The number.
        number: f64,
    },
    /// A date with a fraction of a day.
    #[error("{number} is no SAS date: it has a fraction of a day")]
    FractionOfDay {
        /// The number.
        number: f64,
    },
}

impl SasNumberError {
    /// What the reader of the message can do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::OutOfRange { .. } => "check whether the column holds days (a date) or seconds (a datetime)",
            Self::FractionOfDay { .. } => "a SAS date counts whole days; a datetime counts seconds",
        }
    }
}

/// The day of a SAS date number. Errors: not a whole number of days, or beyond the years 0000 to 9999.
pub fn sas_date(number: f64) -> Result<CivilDate, SasNumberError> {
    // 2^53 days are far beyond year 9999, so the conversion below is exact.
    if number.is_nan() || number.abs() > 9e15 {
        return Err(SasNumberError::OutOfRange { number });
    }
    if number.fract() != 0.0 {
        return Err(SasNumberError::FractionOfDay { number });
    }
    CivilDate::from_days_since_1960(number as i64).ok_or(SasNumberError::OutOfRange { number })
}

/// The SAS date number of a day.
pub fn to_sas_date(date: CivilDate) -> f64 {
    date.days_since_1960() as f64
}

/// The moment of a SAS datetime number, to the nearest microsecond (a double near today's seconds resolves 0.24 µs).
/// Errors: beyond the years 0000 to 9999.
pub fn sas_datetime(number: f64) -> Result<CivilDateTime, SasNumberError> {
    let out_of_range = SasNumberError::OutOfRange { number };
    if number.is_nan() || number.abs() >= 1e12 {
        return Err(out_of_range);
    }
    let seconds = number.floor();
    let microseconds = ((number - seconds) * 1e6).round() as u32;
    let (seconds, microseconds) =
        if microseconds == 1_000_000 { (seconds as i64 + 1, 0) } else { (seconds as i64, microseconds) };
    CivilDateTime::from_seconds_since_1960(seconds, microseconds * 1000).ok_or(out_of_range)
}

/// The SAS datetime number of a moment.
pub fn to_sas_datetime(moment: CivilDateTime) -> f64 {
    moment.seconds_since_1960() as f64 + f64::from(moment.nanosecond()) / 1e9
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "exact by design")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sas_numbers_of_a_day_and_a_moment() {
        let date = CivilDate::new(2024, 3, 5).unwrap();
        assert_eq!(to_sas_date(date), 23_440.0);
        assert_eq!(sas_date(23_440.0), Ok(date));
        let moment = CivilDateTime::new(date, 10, 30, 0, 250_000_000).unwrap();
        assert_eq!(to_sas_datetime(moment), 23_440.0 * 86_400.0 + 37_800.25);
        assert_eq!(sas_datetime(to_sas_datetime(moment)), Ok(moment));
    }

    #[test]
    fn a_number_that_is_no_date_is_refused() {
        assert_eq!(sas_date(0.5), Err(SasNumberError::FractionOfDay { number: 0.5 }));
        for number in [f64::NAN, f64::INFINITY, 1e9, -1e300] {
            assert!(matches!(sas_date(number), Err(SasNumberError::OutOfRange { .. })), "{number}");
        }
        assert!(sas_datetime(1e12).is_err() && sas_datetime(f64::NAN).is_err());
    }

    proptest! {
        #[test]
        fn a_moment_survives_its_number(seconds in -10_000_000_000_i64..10_000_000_000, micro in 0_u32..1_000_000) {
            let moment = CivilDateTime::from_seconds_since_1960(seconds, micro * 1000).unwrap();
            let number = to_sas_datetime(moment);
            // A double of this size resolves 2 µs; the whole second must be right and the fraction near.
            let back = sas_datetime(number).unwrap();
            prop_assert!(back.seconds_after(moment).abs() <= 2e-6);
        }
    }
}
