//! Which day is this, and how many days lie between two?
//!
//! Days are counted in the proleptic Gregorian calendar by whole 400-year cycles of 146,097 days, with years that
//! begin in March so that the leap day is the last. Integer arithmetic, exact, O(1).
//! Source: Richards EG, "Calendars", in Urban SE, Seidelmann PK (eds), Explanatory Supplement to the Astronomical
//! Almanac, 3rd ed. 2013, section 15.11.

use std::fmt;

/// Days from 0000-03-01 to 1960-01-01, SAS's day 0.
const DAYS_TO_1960: i64 = 715_815;

/// A day that does not exist, `2023-02-29`, or lies outside the years 0000 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no day {year:04}-{month:02}-{day:02} in the years 0000 to 9999")]
pub struct NotADate {
    /// The year asked for.
    pub year: i64,
    /// The month asked for.
    pub month: u8,
    /// The day asked for.
    pub day: u8,
}

impl NotADate {
    /// What the reader of the message can do next.
    pub fn hint(&self) -> &'static str {
        "query the site; where the day is not known, record the part that is, like `2023-02`"
    }
}

/// A complete day, ordered in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CivilDate {
    year: u16,
    month: u8,
    day: u8,
}

impl CivilDate {
    /// 1960-01-01, SAS's day 0.
    pub const SAS_EPOCH: Self = Self { year: 1960, month: 1, day: 1 };

    /// The day, when there is such a day.
    pub fn new(year: u16, month: u8, day: u8) -> Result<Self, NotADate> {
        let exists = year <= 9999 && (1..=12).contains(&month) && (1..=Self::days_in_month(year, month)).contains(&day);
        if exists { Ok(Self { year, month, day }) } else { Err(NotADate { year: year.into(), month, day }) }
    }

    /// Year, 0 to 9999.
    pub fn year(self) -> u16 {
        self.year
    }

    /// Month, 1 to 12.
    pub fn month(self) -> u8 {
        self.month
    }

    /// Day of the month, 1 to 31.
    pub fn day(self) -> u8 {
        self.day
    }

    /// Days in a month, 28 to 31; 31 for a number that is no month.
    pub fn days_in_month(year: u16, month: u8) -> u8 {
        let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        match month {
            4 | 6 | 9 | 11 => 30,
            2 => 28 + u8::from(leap),
            _ => 31,
        }
    }

    /// Days since 1960-01-01; negative before.
    pub fn days_since_1960(self) -> i64 {
        let from_march = (i64::from(self.month) + 9) % 12;
        let year = i64::from(self.year) - i64::from(from_march >= 10);
        let cycle = year.div_euclid(400);
        let year_of_cycle = year.rem_euclid(400);
        let day_of_year = (153 * from_march + 2) / 5 + i64::from(self.day) - 1;
        let day_of_cycle = year_of_cycle * 365 + year_of_cycle / 4 - year_of_cycle / 100 + day_of_year;
        cycle * 146_097 + day_of_cycle - DAYS_TO_1960
    }

    /// The day this many days after 1960-01-01; `None` outside the years 0000 to 9999.
    pub fn from_days_since_1960(days: i64) -> Option<Self> {
        let days = days.checked_add(DAYS_TO_1960)?;
        let cycle = days.div_euclid(146_097);
        let day_of_cycle = days.rem_euclid(146_097);
        let year_of_cycle =
            (day_of_cycle - day_of_cycle / 1_460 + day_of_cycle / 36_524 - day_of_cycle / 146_096) / 365;
        let day_of_year = day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
        let from_march = (5 * day_of_year + 2) / 153;
        let day = u8::try_from(day_of_year - (153 * from_march + 2) / 5 + 1).ok()?;
        let month = u8::try_from((from_march + 2) % 12 + 1).ok()?;
        let year = u16::try_from(cycle * 400 + year_of_cycle + i64::from(month <= 2)).ok()?;
        Self::new(year, month, day).ok()
    }

    /// The day this many days later (earlier when negative); `None` outside the years 0000 to 9999.
    pub fn plus_days(self, days: i64) -> Option<Self> {
        Self::from_days_since_1960(self.days_since_1960().checked_add(days)?)
    }
}

impl fmt::Display for CivilDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// A complete day and time of day, to the nanosecond, without a time zone; ordered in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CivilDateTime {
    date: CivilDate,
    second_of_day: u32,
    nanosecond: u32,
}

impl CivilDateTime {
    /// The moment, when hour, minute, second and nanosecond are in range (a day ends before 24:00, a minute before its 60th second).
    pub fn new(date: CivilDate, hour: u8, minute: u8, second: u8, nanosecond: u32) -> Option<Self> {
        let second_of_day = u32::from(hour) * 3600 + u32::from(minute) * 60 + u32::from(second);
        let valid = hour < 24 && minute < 60 && second < 60 && nanosecond < 1_000_000_000;
        valid.then_some(Self { date, second_of_day, nanosecond })
    }

    /// Midnight at the beginning of a day.
    pub fn midnight(date: CivilDate) -> Self {
        Self { date, second_of_day: 0, nanosecond: 0 }
    }

    /// The day.
    pub fn date(self) -> CivilDate {
        self.date
    }

    /// Hour, minute and second of the day.
    pub fn time(self) -> (u8, u8, u8) {
        let part = |n: u32| u8::try_from(n).unwrap_or(u8::MAX);
        (part(self.second_of_day / 3600), part(self.second_of_day / 60 % 60), part(self.second_of_day % 60))
    }

    /// Nanoseconds within the second.
    pub fn nanosecond(self) -> u32 {
        self.nanosecond
    }

    /// Whole seconds since 1960-01-01T00:00:00, rounded down; negative before.
    pub fn seconds_since_1960(self) -> i64 {
        self.date.days_since_1960() * 86_400 + i64::from(self.second_of_day)
    }

    /// The moment this many seconds and nanoseconds after 1960-01-01T00:00:00; `None` outside the years 0000 to 9999.
    pub fn from_seconds_since_1960(seconds: i64, nanosecond: u32) -> Option<Self> {
        let date = CivilDate::from_days_since_1960(seconds.div_euclid(86_400))?;
        let second_of_day = u32::try_from(seconds.rem_euclid(86_400)).ok()?;
        (nanosecond < 1_000_000_000).then_some(Self { date, second_of_day, nanosecond })
    }

    /// The moment this many seconds later (earlier when negative); `None` outside the years 0000 to 9999.
    pub fn plus_seconds(self, seconds: i64) -> Option<Self> {
        Self::from_seconds_since_1960(self.seconds_since_1960().checked_add(seconds)?, self.nanosecond)
    }

    /// Seconds from `earlier` to `self`; negative when `earlier` is later.
    /// Exact to the nanosecond for spans under 104 days (2⁵³ ns), correctly rounded beyond.
    pub fn seconds_after(self, earlier: Self) -> f64 {
        let whole = i128::from(self.seconds_since_1960()) - i128::from(earlier.seconds_since_1960());
        let nanoseconds = whole * 1_000_000_000 + i128::from(self.nanosecond) - i128::from(earlier.nanosecond);
        nanoseconds as f64 / 1e9
    }
}

impl fmt::Display for CivilDateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hour, minute, second) = self.time();
        write!(f, "{}T{hour:02}:{minute:02}:{second:02}", self.date)?;
        if self.nanosecond > 0 {
            let digits = format!("{:09}", self.nanosecond);
            write!(f, ".{}", digits.trim_end_matches('0'))?;
        }
        Ok(())
    }
}

/// Days from `from` to `to`: 0 for the same day, negative when `to` is earlier.
pub fn days_between(from: CivilDate, to: CivilDate) -> i64 {
    to.days_since_1960() - from.days_since_1960()
}

/// Study day (`--DY`): 1 on the reference day, 2 on the next, −1 on the day before. There is no day 0.
///
/// ```text
/// date ≥ reference:  date − reference + 1
/// date < reference:  date − reference
/// ```
/// Where packages differ: ADaM's `ADY` follows the same rule; relative days counted from 0 (SEND's nominal
/// days in some laboratories) are not study days. Source: SDTMIG 3.4, section 4.4.4.
pub fn study_day(date: CivilDate, reference: CivilDate) -> i64 {
    let days = days_between(reference, date);
    if days >= 0 { days + 1 } else { days }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "exact by design")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> CivilDate {
        let part = |range: std::ops::Range<usize>| text[range].parse::<u16>().unwrap();
        CivilDate::new(part(0..4), part(5..7) as u8, part(8..10) as u8).unwrap()
    }

    /// SAS day numbers of these dates as SAS documents and prints them.
    #[test]
    fn days_count_from_1960() {
        for (text, days) in [
            ("1960-01-01", 0),
            ("1959-12-31", -1),
            ("1970-01-01", 3653),
            ("2000-01-01", 14610),
            ("1582-10-15", -137774),
        ] {
            assert_eq!(day(text).days_since_1960(), days, "{text}");
        }
    }

    #[test]
    fn february_has_29_days_in_leap_years_only() {
        assert!(CivilDate::new(2000, 2, 29).is_ok() && CivilDate::new(2024, 2, 29).is_ok());
        for year in [1900, 2023, 2100] {
            assert!(CivilDate::new(year, 2, 29).is_err(), "{year}");
        }
        assert!(CivilDate::new(2024, 13, 1).is_err() && CivilDate::new(2024, 0, 1).is_err());
        assert_eq!(
            CivilDate::new(2023, 2, 29).unwrap_err().to_string(),
            "there is no day 2023-02-29 in the years 0000 to 9999"
        );
    }

    #[test]
    fn each_day_from_0000_to_9999_follows_the_one_before() {
        let mut days = day("0000-01-01").days_since_1960();
        let last = day("9999-12-31").days_since_1960();
        let mut previous = CivilDate::from_days_since_1960(days).unwrap();
        while days < last {
            days += 1;
            let next = CivilDate::from_days_since_1960(days).unwrap();
            let expected = if previous.day < CivilDate::days_in_month(previous.year, previous.month) {
                CivilDate { day: previous.day + 1, ..previous }
            } else if previous.month < 12 {
                CivilDate { month: previous.month + 1, day: 1, ..previous }
            } else {
                CivilDate { year: previous.year + 1, month: 1, day: 1 }
            };
            assert_eq!(next, expected);
            assert_eq!(next.days_since_1960(), days);
            previous = next;
        }
        assert_eq!(CivilDate::from_days_since_1960(last + 1), None);
    }

    #[test]
    fn there_is_no_study_day_zero() {
        let reference = day("2024-03-01");
        assert_eq!(study_day(day("2024-03-01"), reference), 1);
        assert_eq!(study_day(day("2024-02-29"), reference), -1);
        assert_eq!(study_day(day("2024-03-02"), reference), 2);
        assert_eq!(study_day(day("2023-03-01"), reference), -366);
    }

    #[test]
    fn a_span_of_time_keeps_its_nanoseconds() {
        let dose = CivilDateTime::new(day("2024-03-01"), 8, 0, 0, 0).unwrap();
        let sample = CivilDateTime::new(day("2024-03-02"), 8, 30, 0, 500_000_000).unwrap();
        assert_eq!(sample.seconds_after(dose), 88_200.5);
        assert_eq!(dose.seconds_after(sample), -88_200.5);
        assert_eq!(sample.to_string(), "2024-03-02T08:30:00.5");
        assert!(CivilDateTime::new(day("2024-03-01"), 24, 0, 0, 0).is_none());
    }

    proptest! {
        #[test]
        fn seconds_are_read_back(seconds in -60_000_000_000_i64..250_000_000_000) {
            let moment = CivilDateTime::from_seconds_since_1960(seconds, 7).unwrap();
            prop_assert_eq!(moment.seconds_since_1960(), seconds);
            let (h, m, s) = moment.time();
            prop_assert_eq!(CivilDateTime::new(moment.date(), h, m, s, 7), Some(moment));
        }

        #[test]
        fn any_day_number_is_a_day_or_none(days in any::<i64>()) {
            if let Some(date) = CivilDate::from_days_since_1960(days) {
                prop_assert_eq!(date.days_since_1960(), days);
            }
        }
    }
}
