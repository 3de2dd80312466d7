//! What is known of this date?
//!
//! The grammar is SDTM's use of ISO 8601's extended format: each part has its digits or, when a later part is known,
//! a hyphen; unknown parts on the right are left away.
//!
//! ```text
//! date  = year [ "-" month [ "-" day ] ]           year = 4 digits | "-"     month, day = 2 digits | "-"
//! time  = hour [ ":" minute [ ":" second ] ]       hour, minute = 2 digits | "-"     second = 2 digits [ "." digits ]
//! --DTC = date [ "T" time [ "Z" | ("+"|"-") hh [ ":" mm ] ] ]
//! ```
//! Refused, though ISO 8601 knows them: the basic format (`20240305`), week and ordinal dates, 24:00, fractions of
//! hours and minutes. Leap seconds (`:60`) are refused, as no system of the trade can hold them.

use super::{CivilDate, CivilDateTime};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// A part of a date and time, from the largest to the smallest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "words of the calendar")]
pub enum Part {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
}

impl Part {
    /// Smallest and largest value.
    fn range(self) -> (u16, u16) {
        match self {
            Part::Year => (0, 9999),
            Part::Month => (1, 12),
            Part::Day => (1, 31),
            Part::Hour => (0, 23),
            Part::Minute | Part::Second => (0, 59),
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Part::Year => "year",
            Part::Month => "month",
            Part::Day => "day",
            Part::Hour => "hour",
            Part::Minute => "minute",
            Part::Second => "second",
        })
    }
}

/// Minutes by which a local time is ahead of UTC, −1439 to 1439.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct UtcOffset(i16);

impl UtcOffset {
    /// Minutes ahead of UTC.
    pub fn minutes(self) -> i16 {
        self.0
    }
}

/// Why a text is no `--DTC` value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DateError {
    /// The text leaves the grammar.
    #[error("`{text}` is no ISO 8601 date: at character {position}, {expected} is expected")]
    Grammar {
        /// The text, shortened when long.
        text: String,
        /// Character, counted from 1.
        position: usize,
        /// What could stand there.
        expected: &'static str,
    },
    /// A part has digits out of its range.
    #[error("`{text}` is no date: {value} is no {part}")]
    OutOfRange {
        /// The text.
        text: String,
        /// The part.
        part: Part,
        /// Its value.
        value: u16,
    },
    /// The month has no such day.
    #[error("`{text}` is no date: the month has no day {day}")]
    NoSuchDay {
        /// The text.
        text: String,
        /// The day.
        day: u8,
    },
}

impl DateError {
    /// What the reader of the message can do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Grammar { text, .. } if text.to_ascii_uppercase().contains("UN") => {
                "leave unknown parts away (`2024-03`), or write a hyphen before a known part (`2024---15`)"
            }
            Self::Grammar { text, .. } if text.contains('/') || text.contains('.') => {
                "write dates as YYYY-MM-DD; say in the import which order day and month have in the source"
            }
            Self::Grammar { .. } => {
                "write what is known as YYYY-MM-DDThh:mm:ss, unknown parts left away from the right"
            }
            Self::OutOfRange { part: Part::Hour, value: 24, .. } => {
                "write midnight at the end of a day as T00:00 of the next"
            }
            Self::OutOfRange { .. } | Self::NoSuchDay { .. } => {
                "query the site; where a part is not known, leave it away (`2024-03`)"
            }
        }
    }
}

/// A date, with or without a time, of which parts may be unknown; the text as written is kept.
///
/// Two values are equal when their texts are: `2024-03-05T10Z` and `2024-03-05T10+00:00` differ as records.
/// Compare in time with [`PartialDate::compare`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct PartialDate {
    text: String,
    year: Option<u16>,
    month: Option<u8>,
    day: Option<u8>,
    hour: Option<u8>,
    minute: Option<u8>,
    second: Option<u8>,
    nanosecond: u32,
    offset: Option<UtcOffset>,
}

impl PartialDate {
    /// Reads a `--DTC` value. O(length).
    pub fn parse(text: &str) -> Result<Self, DateError> {
        Parser { text, rest: text.as_bytes() }.partial_date()
    }

    /// The text as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// A part's value, if it is known. Fractions of the second are left out.
    pub fn part(&self, part: Part) -> Option<u16> {
        match part {
            Part::Year => self.year,
            Part::Month => self.month.map(u16::from),
            Part::Day => self.day.map(u16::from),
            Part::Hour => self.hour.map(u16::from),
            Part::Minute => self.minute.map(u16::from),
            Part::Second => self.second.map(u16::from),
        }
    }

    /// Nanoseconds within the second; further digits are kept in the text only.
    pub fn nanosecond(&self) -> u32 {
        self.nanosecond
    }

    /// The offset from UTC, if one was written.
    pub fn offset(&self) -> Option<UtcOffset> {
        self.offset
    }

    /// The smallest part up to which all parts are known: `2024-03` gives the month, `--03-05` nothing.
    pub fn precision(&self) -> Option<Part> {
        PARTS.into_iter().take_while(|&p| self.part(p).is_some()).last()
    }

    /// The day, when year, month and day are known.
    pub fn date(&self) -> Option<CivilDate> {
        CivilDate::new(self.year?, self.month?, self.day?).ok()
    }

    /// The local moment, when all is known to the minute. Seconds that were not recorded count as 0:
    /// times of trials are collected to the minute.
    pub fn moment(&self) -> Option<CivilDateTime> {
        CivilDateTime::new(self.date()?, self.hour?, self.minute?, self.second.unwrap_or(0), self.nanosecond)
    }

    /// The first day it can have been; `None` without a year.
    pub fn earliest(&self) -> Option<CivilDate> {
        // January has 31 days, so an unknown month takes any day.
        CivilDate::new(self.year?, self.month.unwrap_or(1), self.day.unwrap_or(1)).ok()
    }

    /// The last day it can have been; `None` without a year.
    pub fn latest(&self) -> Option<CivilDate> {
        let (year, month) = (self.year?, self.month.unwrap_or(12));
        CivilDate::new(year, month, self.day.unwrap_or_else(|| CivilDate::days_in_month(year, month))).ok()
    }

    /// The order in time at the precision that both have, `Equal` when all parts known in both agree; `None` when
    /// not even the years can be compared.
    ///
    /// `2024-03` and `2024-03-05` are equal here. Parts are compared from the year down to the first that is unknown
    /// in one of the two. With an offset in both and minutes known in both, the moments are compared in UTC;
    /// an offset in one only is ignored, since the other's zone is unknown.
    ///
    /// Where packages differ: SAS programs compare the texts, so that `2024-03` lies before `2024-03-01`.
    pub fn compare_at_common_precision(&self, other: &Self) -> Option<Ordering> {
        if let (Some(a), Some(b)) = (self.utc_moment(), other.utc_moment()) {
            let seconds_in_both = self.second.is_some() && other.second.is_some();
            let order = if seconds_in_both { a.cmp(&b) } else { minute_of(a).cmp(&minute_of(b)) };
            return Some(order);
        }
        let mut order = None;
        for part in PARTS {
            let (Some(a), Some(b)) = (self.part(part), other.part(part)) else { return order };
            if a != b {
                return Some(a.cmp(&b));
            }
            order = Some(Ordering::Equal);
        }
        Some(self.nanosecond.cmp(&other.nanosecond))
    }

    /// The order in time, or `None` when it cannot be known: `2024-03` lies before `2024-04-01`, but may lie before,
    /// on or after `2024-03-05`.
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        match self.compare_at_common_precision(other)? {
            Ordering::Equal if !self.knows_what(other) => None,
            order => Some(order),
        }
    }

    /// Whether both know the same parts.
    fn knows_what(&self, other: &Self) -> bool {
        PARTS.into_iter().all(|p| self.part(p).is_some() == other.part(p).is_some())
    }

    /// The moment in UTC, when an offset was written and all is known to the minute.
    fn utc_moment(&self) -> Option<CivilDateTime> {
        self.moment()?.plus_seconds(-60 * i64::from(self.offset?.0))
    }
}

const PARTS: [Part; 6] = [Part::Year, Part::Month, Part::Day, Part::Hour, Part::Minute, Part::Second];

fn minute_of(moment: CivilDateTime) -> i64 {
    moment.seconds_since_1960().div_euclid(60)
}

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for PartialDate {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        Self::parse(text)
    }
}

impl From<PartialDate> for String {
    fn from(date: PartialDate) -> Self {
        date.text
    }
}

impl TryFrom<String> for PartialDate {
    type Error = DateError;

    fn try_from(text: String) -> Result<Self, DateError> {
        Self::parse(&text)
    }
}

/// Eats a text from the left.
struct Parser<'a> {
    text: &'a str,
    rest: &'a [u8],
}

impl Parser<'_> {
    fn partial_date(mut self) -> Result<PartialDate, DateError> {
        let year = self.part(Part::Year)?;
        let mut date = [year, None, None];
        let mut parts = 1;
        for part in [Part::Month, Part::Day] {
            if !self.eat(b'-') {
                break;
            }
            date[parts] = self.part(part)?;
            parts += 1;
        }
        let mut time = [None; 3];
        let mut nanosecond = 0;
        let mut offset = None;
        if self.eat(b'T') {
            if parts < 3 {
                return self.wrong("a hyphen for each unknown part of the date before `T`");
            }
            (time, nanosecond) = self.time()?;
            offset = self.offset()?;
        } else if date[parts - 1].is_none() {
            return self.wrong("a known part at the end");
        }
        if !self.rest.is_empty() {
            return self.wrong(if parts == 3 { "`T` and a time, or the end" } else { "`-` or the end" });
        }
        let small = |value: Option<u16>| value.and_then(|v| u8::try_from(v).ok());
        let read = PartialDate {
            text: self.text.to_owned(),
            year,
            month: small(date[1]),
            day: small(date[2]),
            hour: small(time[0]),
            minute: small(time[1]),
            second: small(time[2]),
            nanosecond,
            offset,
        };
        self.check_day(read)
    }

    /// The day exists in the month; in an unknown year February may have 29.
    fn check_day(&self, read: PartialDate) -> Result<PartialDate, DateError> {
        if let (Some(month), Some(day)) = (read.month, read.day)
            && day > CivilDate::days_in_month(read.year.unwrap_or(2000), month)
        {
            return Err(DateError::NoSuchDay { text: excerpt(self.text), day });
        }
        Ok(read)
    }

    fn time(&mut self) -> Result<([Option<u16>; 3], u32), DateError> {
        let mut time = [self.part(Part::Hour)?, None, None];
        let mut parts = 1;
        while parts < 3 && self.eat(b':') {
            time[parts] = if parts == 1 { self.part(Part::Minute)? } else { self.known(Part::Second)? };
            parts += 1;
        }
        if time[parts - 1].is_none() {
            return self.wrong("a known part at the end of the time");
        }
        let nanosecond = if time[2].is_some() && (self.eat(b'.') || self.eat(b',')) { self.fraction()? } else { 0 };
        Ok((time, nanosecond))
    }

    fn fraction(&mut self) -> Result<u32, DateError> {
        let digits = self.rest.iter().take_while(|b| b.is_ascii_digit()).count();
        if digits == 0 {
            return self.wrong("digits after the decimal mark");
        }
        let nanosecond =
            (0..9).fold(0, |sum, i| sum * 10 + if i < digits { u32::from(self.rest[i] - b'0') } else { 0 });
        self.rest = &self.rest[digits..];
        Ok(nanosecond)
    }

    fn offset(&mut self) -> Result<Option<UtcOffset>, DateError> {
        if self.eat(b'Z') {
            return Ok(Some(UtcOffset(0)));
        }
        let sign: i16 = match self.rest.first() {
            Some(b'+') => 1,
            Some(b'-') => -1,
            _ => return Ok(None),
        };
        self.rest = &self.rest[1..];
        let hours = self.known(Part::Hour)?.unwrap_or(0);
        let minutes = if self.eat(b':') { self.known(Part::Minute)?.unwrap_or(0) } else { 0 };
        let ahead = i16::try_from(hours * 60 + minutes).unwrap_or(0);
        Ok(Some(UtcOffset(sign * ahead)))
    }

    /// Digits, or a hyphen for an unknown part.
    fn part(&mut self, part: Part) -> Result<Option<u16>, DateError> {
        if self.eat(b'-') { Ok(None) } else { self.known(part) }
    }

    /// Digits.
    fn known(&mut self, part: Part) -> Result<Option<u16>, DateError> {
        let width = if part == Part::Year { 4 } else { 2 };
        let digits = self.rest.iter().take(width).take_while(|b| b.is_ascii_digit()).count();
        if digits < width || self.rest.get(width).is_some_and(u8::is_ascii_digit) {
            return self.wrong(match part {
                Part::Year => "a year of 4 digits or `-`",
                Part::Second => "a second of 2 digits",
                _ => "2 digits or `-`",
            });
        }
        let value = self.rest[..width].iter().fold(0, |sum, b| sum * 10 + u16::from(b - b'0'));
        let (least, most) = part.range();
        if !(least..=most).contains(&value) {
            return Err(DateError::OutOfRange { text: excerpt(self.text), part, value });
        }
        self.rest = &self.rest[width..];
        Ok(Some(value))
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.rest.first() == Some(&byte);
        if found {
            self.rest = &self.rest[1..];
        }
        found
    }

    fn wrong<T>(&self, expected: &'static str) -> Result<T, DateError> {
        // Everything eaten so far is ASCII, so bytes are characters.
        let position = self.text.len() - self.rest.len() + 1;
        Err(DateError::Grammar { text: excerpt(self.text), position, expected })
    }
}

/// The text as a message shows it: at most 40 characters.
pub(super) fn excerpt(text: &str) -> String {
    match text.char_indices().nth(40) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn date(text: &str) -> PartialDate {
        PartialDate::parse(text).unwrap_or_else(|e| panic!("{e}"))
    }

    /// The examples of SDTMIG 3.4, section 4.4.2 (date and time precision), and of partial dates in between.
    #[test]
    fn each_pattern_of_the_guide_is_read() {
        for (text, known) in [
            ("2003-12-15T13:14:17.123", [true; 6]),
            ("2003-12-15T13:14:17", [true; 6]),
            ("2003-12-15T13:14", [true, true, true, true, true, false]),
            ("2003-12-15T13", [true, true, true, true, false, false]),
            ("2003-12-15", [true, true, true, false, false, false]),
            ("2003-12", [true, true, false, false, false, false]),
            ("2003", [true, false, false, false, false, false]),
            ("2003---15", [true, false, true, false, false, false]),
            ("--12-15", [false, true, true, false, false, false]),
            ("----15", [false, false, true, false, false, false]),
            ("2003-12-15T-:15", [true, true, true, false, true, false]),
            ("2003-12-15T13:-:17", [true, true, true, true, false, true]),
            ("2003-12--T13:15", [true, true, false, true, true, false]),
            ("-----T07:15", [false, false, false, true, true, false]),
        ] {
            let read = date(text);
            assert_eq!(PARTS.map(|p| read.part(p).is_some()), known, "{text}");
            assert_eq!(read.to_string(), text);
        }
        assert_eq!(date("2003-12-15T13:14:17.123").nanosecond(), 123_000_000);
        assert_eq!(date("--02-29").part(Part::Day), Some(29), "an unknown year may be a leap year");
    }

    #[test]
    fn precision_is_the_last_part_before_a_gap() {
        assert_eq!(date("2024-03").precision(), Some(Part::Month));
        assert_eq!(date("2024---15").precision(), Some(Part::Year));
        assert_eq!(date("--03-15").precision(), None);
        assert_eq!(date("2024-03-05T10:30").precision(), Some(Part::Minute));
    }

    #[test]
    fn what_is_no_date_is_refused_with_place_and_remedy() {
        for (text, message, hint) in [
            ("", "at character 1, a year of 4 digits or `-` is expected", "YYYY-MM-DD"),
            ("2024-UN-UN", "at character 6", "leave unknown parts away"),
            ("05/03/2024", "at character 1", "which order day and month"),
            ("20240305", "at character 1, a year of 4 digits", "YYYY-MM-DD"),
            ("2024-03-", "at character 9, 2 digits or `-` is expected", "YYYY-MM-DD"),
            ("2024--", "a known part at the end", "left away"),
            ("2024-13", "13 is no month", "query the site"),
            ("2023-02-29", "the month has no day 29", "query the site"),
            ("2024-03-05T24:00", "24 is no hour", "T00:00 of the next"),
            ("2024-03-05T10:60", "60 is no minute", "query the site"),
            ("2024-03T10:00", "a hyphen for each unknown part", "left away"),
            ("2024-03-05 10:00", "`T` and a time, or the end", "left away"),
            ("2024-03-05T", "2 digits or `-`", "left away"),
            ("2024-03-05T10:00:00.", "digits after the decimal mark", "day and month"),
            ("2024-03-05T-", "a known part at the end of the time", "left away"),
            ("ä", "at character 1", "left away"),
        ] {
            let error = PartialDate::parse(text).expect_err(text);
            assert!(error.to_string().contains(message), "{text}: {error}");
            assert!(error.hint().contains(hint), "{text}: {}", error.hint());
        }
    }

    #[test]
    fn dates_compare_where_both_know() {
        use Ordering::{Equal, Greater, Less};
        for (a, b, common, sure) in [
            ("2024-03", "2024-04-01", Some(Less), Some(Less)),
            ("2024-03", "2024-03-05", Some(Equal), None),
            ("2024-03", "2024-03", Some(Equal), Some(Equal)),
            ("2024---15", "2024-03-15", Some(Equal), None),
            ("--03-05", "2024-03-05", None, None),
            ("2024-03-05T10:30", "2024-03-05T10:29:59", Some(Greater), Some(Greater)),
            ("2024-03-05T10:30:00", "2024-03-05T10:30:00.5", Some(Less), Some(Less)),
            ("2024-03-05T10:30+02:00", "2024-03-05T09:30+00:00", Some(Less), Some(Less)),
            ("2024-03-05T10:30+01:00", "2024-03-05T09:30Z", Some(Equal), Some(Equal)),
            ("2024-03-05T10:30+01:00", "2024-03-05T10:30", Some(Equal), Some(Equal)),
        ] {
            assert_eq!(date(a).compare_at_common_precision(&date(b)), common, "{a} {b}");
            assert_eq!(date(a).compare(&date(b)), sure, "{a} {b}");
        }
    }

    #[test]
    fn a_partial_date_lies_between_its_earliest_and_latest_day() {
        for (text, earliest, latest) in [
            ("2024", "2024-01-01", "2024-12-31"),
            ("2024-02", "2024-02-01", "2024-02-29"),
            ("2024---31", "2024-01-31", "2024-12-31"),
            ("2024-03-05", "2024-03-05", "2024-03-05"),
        ] {
            let read = date(text);
            assert_eq!(read.earliest().unwrap().to_string(), earliest);
            assert_eq!(read.latest().unwrap().to_string(), latest);
        }
        assert_eq!(date("--03-05").earliest(), None);
    }

    #[test]
    fn json_keeps_the_text() {
        let json = serde_json::to_string(&date("2024---15")).unwrap();
        assert_eq!(json, "\"2024---15\"");
        assert_eq!(serde_json::from_str::<PartialDate>(&json).unwrap(), date("2024---15"));
        assert!(serde_json::from_str::<PartialDate>("\"soon\"").is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in "[-0-9TZ:.+/é]{0,24}") {
            if let Ok(read) = PartialDate::parse(&text) {
                prop_assert_eq!(read.as_str(), &text);
            }
        }

        #[test]
        fn comparing_backwards_gives_the_reverse(a in "202[0-4](-0[1-3](-0[1-3])?)?", b in "202[0-4](-0[1-3](-0[1-3])?)?") {
            let (a, b) = (date(&a), date(&b));
            prop_assert_eq!(a.compare(&b), b.compare(&a).map(Ordering::reverse));
        }

        #[test]
        fn a_complete_day_is_its_own_text(days in -700_000_i64..2_900_000) {
            if let Some(day) = CivilDate::from_days_since_1960(days) {
                prop_assert_eq!(PartialDate::parse(&day.to_string()).unwrap().date(), Some(day));
            }
        }
    }
}
