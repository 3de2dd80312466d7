//! Which complete date stands in for a partial one, and what of it was made up?
//!
//! ```text
//! rule    month and day unknown   day unknown        time unknown
//! first   01-01                   01                 00:00:00
//! mid     06-30                   15                 12:30:30
//! last    12-31                   last of the month  23:59:59
//! ```
//! Everything below the largest unknown part is imputed, also what was known there, unless `preserve` is set.
//! Flags name the largest part imputed: `--DTF` Y, M or D; `--TMF` H, M or S (ADaMIG 1.3, sections 3.3.2 and 3.3.3).
//! A reference (`not_before`: first dose; `not_after`: death, cut-off) replaces the imputed moment when that lies beyond it,
//! provided that the reference agrees with every part that is known: it may sharpen, never contradict, the record.
//! A wholly unknown date is imputed only by such a reference, and only if `highest` is [`Part::Year`].
//!
//! Where packages differ: the numbers above are those of the R package admiral; SAS macros of sponsors differ most in
//! `mid` (07-01, 06-15) and in whether an adverse event's start is pulled to the first dose. ADaM asks no seconds flag when
//! seconds were never collected: `flag_seconds` is off by default.

use super::{CivilDate, CivilDateTime, Part, PartialDate};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What stands in for unknown months and days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DateRule {
    /// The first day that it can have been.
    First,
    /// The middle of the month, or of the year.
    Mid,
    /// The last day that it can have been.
    Last,
}

/// What stands in for unknown hours, minutes and seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TimeRule {
    /// The first second.
    First,
    /// 12:30:30, or the middle of the hour or minute.
    Mid,
    /// The last second.
    Last,
}

/// How partial dates are made complete. The default: first day and second, months and smaller parts, no reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Imputer {
    /// For months and days.
    pub date: DateRule,
    /// For hours, minutes and seconds.
    pub time: TimeRule,
    /// The largest part that may be made up.
    pub highest: Part,
    /// Keep a known day under an unknown month, and likewise for smaller parts.
    pub preserve: bool,
    /// The moment is not before this, where the record allows it.
    pub not_before: Option<CivilDateTime>,
    /// The moment is not after this, where the record allows it.
    pub not_after: Option<CivilDateTime>,
    /// Flag imputed seconds (`--TMF` = S); for studies that collect seconds.
    pub flag_seconds: bool,
}

impl Default for Imputer {
    fn default() -> Self {
        Self {
            date: DateRule::First,
            time: TimeRule::First,
            highest: Part::Month,
            preserve: false,
            not_before: None,
            not_after: None,
            flag_seconds: false,
        }
    }
}

/// `--DTF`: the largest part of the date that was imputed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "words of the calendar")]
pub enum DateFlag {
    #[serde(rename = "Y")]
    Year,
    #[serde(rename = "M")]
    Month,
    #[serde(rename = "D")]
    Day,
}

impl fmt::Display for DateFlag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Year => "Y",
            Self::Month => "M",
            Self::Day => "D",
        })
    }
}

/// `--TMF`: the largest part of the time that was imputed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "words of the clock")]
pub enum TimeFlag {
    #[serde(rename = "H")]
    Hour,
    #[serde(rename = "M")]
    Minute,
    #[serde(rename = "S")]
    Second,
}

impl fmt::Display for TimeFlag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hour => "H",
            Self::Minute => "M",
            Self::Second => "S",
        })
    }
}

/// A complete moment and what of it was made up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Imputed {
    /// The moment; its [`date`](CivilDateTime::date) where no time is wanted.
    pub moment: CivilDateTime,
    /// `--DTF`; `None` when the day was known.
    pub date_flag: Option<DateFlag>,
    /// `--TMF`; `None` when the time was known.
    pub time_flag: Option<TimeFlag>,
}

/// Why a partial date stays partial.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImputeError {
    /// More is unknown than the rule may make up.
    #[error("`{text}`: the {part} is unknown, and the rule imputes nothing above the {highest}")]
    TooPartial {
        /// The text.
        text: String,
        /// The largest unknown part.
        part: Part,
        /// The rule's limit.
        highest: Part,
    },
    /// The year is unknown, and no reference gives one.
    #[error("`{text}`: the year is unknown, and no reference date agrees with what is known")]
    NoYear {
        /// The text.
        text: String,
    },
}

impl ImputeError {
    /// What the reader of the message can do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::TooPartial { .. } => "leave the numeric date empty, or choose a rule that may impute more",
            Self::NoYear { .. } => "leave the numeric date empty, or give a reference date",
        }
    }
}

/// Makes a partial date complete. O(1).
///
/// Errors: [`ImputeError`], when more is unknown than `rule.highest` allows or no year can be had.
pub fn impute(date: &PartialDate, rule: &Imputer) -> Result<Imputed, ImputeError> {
    let gap = [Part::Year, Part::Month, Part::Day, Part::Hour, Part::Minute, Part::Second]
        .into_iter()
        .find(|&part| date.part(part).is_none());
    if let Some(part) = gap
        && part < rule.highest
    {
        return Err(ImputeError::TooPartial { text: date.to_string(), part, highest: rule.highest });
    }
    let no_year = || ImputeError::NoYear { text: date.to_string() };
    let filled = if date.part(Part::Year).is_some() {
        let moment = fill(date, gap, rule).ok_or_else(no_year)?;
        within_references(moment, date, gap, rule)
    } else {
        let reference = match rule.date {
            DateRule::First => rule.not_before,
            DateRule::Last => rule.not_after,
            DateRule::Mid => None,
        };
        reference.filter(|r| agrees(*r, date, Some(Part::Hour))).ok_or_else(no_year)?
    };
    Ok(Imputed { moment: filled, date_flag: date_flag(gap), time_flag: time_flag(date, gap, rule) })
}

/// The rule's values in all parts from the gap down, known ones kept above it (and below it with `preserve`).
fn fill(date: &PartialDate, gap: Option<Part>, rule: &Imputer) -> Option<CivilDateTime> {
    let known = |part: Part| {
        let keep = rule.preserve || gap.is_none_or(|g| part < g);
        date.part(part).filter(|_| keep).and_then(|v| u8::try_from(v).ok())
    };
    let year = date.part(Part::Year)?;
    let day = match (known(Part::Month), known(Part::Day)) {
        (Some(month), Some(day)) => CivilDate::new(year, month, day),
        (Some(month), None) => CivilDate::new(year, month, day_of_month(year, month, rule.date)),
        (None, Some(day)) => CivilDate::new(year, month_with_day(day, rule.date), day),
        (None, None) => match rule.date {
            DateRule::First => CivilDate::new(year, 1, 1),
            DateRule::Mid => CivilDate::new(year, 6, 30),
            DateRule::Last => CivilDate::new(year, 12, 31),
        },
    };
    let [hour, minute, second] = match rule.time {
        TimeRule::First => [0, 0, 0],
        TimeRule::Mid => [12, 30, 30],
        TimeRule::Last => [23, 59, 59],
    };
    let nanosecond = if known(Part::Second).is_some() { date.nanosecond() } else { 0 };
    CivilDateTime::new(
        day.ok()?,
        known(Part::Hour).unwrap_or(hour),
        known(Part::Minute).unwrap_or(minute),
        known(Part::Second).unwrap_or(second),
        nanosecond,
    )
}

fn day_of_month(year: u16, month: u8, rule: DateRule) -> u8 {
    match rule {
        DateRule::First => 1,
        DateRule::Mid => 15,
        DateRule::Last => CivilDate::days_in_month(year, month),
    }
}

/// A month that has this day: January, December, or June, and July for its 31st.
fn month_with_day(day: u8, rule: DateRule) -> u8 {
    match rule {
        DateRule::First => 1,
        DateRule::Mid => 6 + u8::from(day > 30),
        DateRule::Last => 12,
    }
}

fn within_references(moment: CivilDateTime, date: &PartialDate, gap: Option<Part>, rule: &Imputer) -> CivilDateTime {
    if gap.is_none() {
        return moment;
    }
    // Without `preserve`, parts below the gap are made up anyway and need not agree.
    let usable = |reference: &CivilDateTime| agrees(*reference, date, if rule.preserve { None } else { gap });
    if let Some(least) = rule.not_before.filter(|r| moment < *r).filter(usable) {
        return least;
    }
    rule.not_after.filter(|r| moment > *r).filter(usable).unwrap_or(moment)
}

/// Whether a moment has the same value in each known part, above `below` when that is given.
fn agrees(moment: CivilDateTime, date: &PartialDate, below: Option<Part>) -> bool {
    let (hour, minute, second) = moment.time();
    let day = moment.date();
    [
        (Part::Year, day.year()),
        (Part::Month, day.month().into()),
        (Part::Day, day.day().into()),
        (Part::Hour, hour.into()),
        (Part::Minute, minute.into()),
        (Part::Second, second.into()),
    ]
    .into_iter()
    .filter(|(part, _)| below.is_none_or(|limit| *part < limit))
    .all(|(part, value)| date.part(part).is_none_or(|known| known == value))
}

fn date_flag(gap: Option<Part>) -> Option<DateFlag> {
    match gap? {
        Part::Year => Some(DateFlag::Year),
        Part::Month => Some(DateFlag::Month),
        Part::Day => Some(DateFlag::Day),
        _ => None,
    }
}

fn time_flag(date: &PartialDate, gap: Option<Part>, rule: &Imputer) -> Option<TimeFlag> {
    let first_made_up = [Part::Hour, Part::Minute, Part::Second]
        .into_iter()
        .find(|&part| date.part(part).is_none() || (!rule.preserve && gap.is_some_and(|g| g < part)))?;
    match first_made_up {
        Part::Hour => Some(TimeFlag::Hour),
        Part::Minute => Some(TimeFlag::Minute),
        _ => rule.flag_seconds.then_some(TimeFlag::Second),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> CivilDateTime {
        PartialDate::parse(text).unwrap().moment().unwrap()
    }

    fn shown(text: &str, rule: &Imputer) -> String {
        match impute(&PartialDate::parse(text).unwrap(), rule) {
            Ok(i) => {
                let flag = |f: Option<String>| f.unwrap_or_else(|| "-".to_owned());
                format!(
                    "{} {} {}",
                    i.moment,
                    flag(i.date_flag.map(|f| f.to_string())),
                    flag(i.time_flag.map(|f| f.to_string()))
                )
            }
            Err(e) => e.to_string(),
        }
    }

    /// Worked by hand from the table above; the same table as admiral's documentation of `impute_dtc_dtm`.
    #[test]
    fn each_rule_fills_what_is_unknown_and_says_so() {
        use DateRule as D;
        use TimeRule as T;
        for (text, date, time, expected) in [
            ("2024-03-05T10:30:15", D::First, T::First, "2024-03-05T10:30:15 - -"),
            ("2024-03-05T10:30", D::First, T::First, "2024-03-05T10:30:00 - -"),
            ("2024-03-05T10", D::First, T::Last, "2024-03-05T10:59:59 - M"),
            ("2024-03-05", D::First, T::Mid, "2024-03-05T12:30:30 - H"),
            ("2024-03", D::First, T::First, "2024-03-01T00:00:00 D H"),
            ("2024-02", D::Last, T::Last, "2024-02-29T23:59:59 D H"),
            ("2023-02", D::Last, T::Last, "2023-02-28T23:59:59 D H"),
            ("2024-02", D::Mid, T::First, "2024-02-15T00:00:00 D H"),
            ("2024", D::First, T::First, "2024-01-01T00:00:00 M H"),
            ("2024", D::Mid, T::First, "2024-06-30T00:00:00 M H"),
            ("2024", D::Last, T::Last, "2024-12-31T23:59:59 M H"),
            ("2024---15", D::Last, T::First, "2024-12-31T00:00:00 M H"),
        ] {
            assert_eq!(shown(text, &Imputer { date, time, ..Imputer::default() }), expected, "{text}");
        }
    }

    #[test]
    fn known_parts_below_a_gap_are_kept_on_demand() {
        let keep = Imputer { preserve: true, ..Imputer::default() };
        assert_eq!(shown("2024---15", &keep), "2024-01-15T00:00:00 M H");
        assert_eq!(shown("2024---31T-:20", &Imputer { date: DateRule::Mid, ..keep }), "2024-07-31T00:20:00 M H");
        assert_eq!(shown("2003-12--T13:15", &keep), "2003-12-01T13:15:00 D -");
        assert_eq!(shown("2003-12--T13:15", &Imputer::default()), "2003-12-01T00:00:00 D H");
    }

    #[test]
    fn a_reference_sharpens_but_never_contradicts() {
        let dose = Some(moment("2024-03-10T08:00"));
        let rule = Imputer { not_before: dose, ..Imputer::default() };
        assert_eq!(shown("2024-03", &rule), "2024-03-10T08:00:00 D H", "pulled to the first dose");
        assert_eq!(shown("2024-04", &rule), "2024-04-01T00:00:00 D H", "already after it");
        assert_eq!(shown("2024-02", &rule), "2024-02-01T00:00:00 D H", "February cannot be 10 March");
        assert_eq!(shown("2024-03-09", &rule), "2024-03-09T00:00:00 - H", "a known day stays");
        let death = Imputer { date: DateRule::Last, not_after: dose, ..Imputer::default() };
        assert_eq!(shown("2024", &death), "2024-03-10T08:00:00 M H");
    }

    #[test]
    fn a_wholly_unknown_date_needs_a_reference() {
        let rule = Imputer { highest: Part::Year, not_before: Some(moment("2024-03-10T08:00")), ..Imputer::default() };
        assert_eq!(shown("-----T07:15", &rule), "2024-03-10T08:00:00 Y H");
        assert!(shown("-----T07:15", &Imputer { not_before: None, ..rule }).contains("the year is unknown"));
        assert!(shown("--12-15", &rule).contains("the year is unknown"), "a known month may not be overwritten");
    }

    #[test]
    fn too_partial_is_an_error_that_names_the_part() {
        let days_only = Imputer { highest: Part::Day, ..Imputer::default() };
        assert_eq!(
            shown("2024", &days_only),
            "`2024`: the month is unknown, and the rule imputes nothing above the day"
        );
        assert_eq!(shown("2024-03", &days_only), "2024-03-01T00:00:00 D H");
    }

    #[test]
    fn seconds_are_flagged_only_where_they_are_collected() {
        let rule = Imputer { flag_seconds: true, ..Imputer::default() };
        assert_eq!(shown("2024-03-05T10:30", &rule), "2024-03-05T10:30:00 - S");
    }
}
