//! When are two ISO 8601 texts of a dataset dates, and how do they compare?
//!
//! SDTM dates may lack parts: from the right (`2003-12`), in the middle (`2003---15`, `2003-12-15T-:15`), or be an interval
//! (`2003-12-01/2003-12-10`). Two dates compare at the precision they share: the one that stops earlier decides how many
//! leading parts are looked at. Equal means equal at the same precision; an offset from UTC is taken into account.
//!
//! SDTMIG 3.4, section 4.4.2 (date and time variables) and 4.4.3 (intervals).

/// Year, month, day, hour, minute, second, fraction: a part that is absent is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Parts {
    values: [Option<i64>; 7],
    /// Offset from UTC in minutes.
    offset: Option<i64>,
}

/// A date as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date {
    parts: Parts,
    /// How many leading parts are known, 0 to 7.
    precision: usize,
}

/// Defaults of absent parts when a time line is needed.
const DEFAULTS: [i64; 7] = [1970, 1, 1, 0, 0, 0, 0];

impl Date {
    /// Reads a complete, partial or interval date; `None` if the text is none of them.
    pub fn read(text: &str) -> Option<Self> {
        let (first, second) = match text.split_once('/') {
            Some((first, second)) => (first, Some(second)),
            None => (text, None),
        };
        let mut parts = read_one(first)?;
        if let Some(second) = second {
            let until = read_one(second)?;
            for (part, later) in parts.values.iter_mut().zip(until.values) {
                *part = part.or(later);
            }
        }
        // A text without any gap must be a day of the calendar; and a time stands behind a day, or behind hyphens for what
        // of its date is not known: `2019T10:30` says neither.
        let gaps = text.contains('/') || text.contains("--") || text.contains("-:");
        let [_, _, day, hour, ..] = parts.values;
        if !gaps && (!in_calendar(&parts) || (hour.is_some() && day.is_none())) {
            return None;
        }
        let precision = parts.values.iter().position(Option::is_none).unwrap_or(7);
        Some(Self { parts, precision })
    }

    /// How many leading parts are known: 1 is a year, 3 a day.
    pub fn precision(&self) -> usize {
        self.precision
    }

    /// A part: 0 the year, 1 the month, ...
    pub fn part(&self, index: usize) -> i64 {
        self.parts.values.get(index).copied().flatten().unwrap_or(DEFAULTS[index.min(6)])
    }

    /// The day, if it is known as far as the day: days since 1970-01-01.
    pub fn day(&self) -> Option<i64> {
        (self.precision >= 3).then(|| days(self.part(0), self.part(1), self.part(2)))
    }

    /// A number that orders dates on the time line, looking at so many leading parts: microseconds.
    pub fn at(&self, precision: usize) -> i128 {
        let part = |index: usize| if index < precision { self.part(index) } else { DEFAULTS[index] };
        let day = days(part(0), part(1), part(2));
        let minutes = i128::from(day) * 1440 + i128::from(part(3) * 60 + part(4));
        // An offset moves the instant before it is cut, so it counts only where minutes do.
        let offset = if precision > 4 { self.parts.offset.unwrap_or(0) } else { 0 };
        ((minutes - i128::from(offset)) * 60 + i128::from(part(5))) * 1_000_000 + i128::from(part(6))
    }

    /// Compares at the precision both have; `None` if one has none.
    pub fn compare(&self, other: &Self) -> Option<std::cmp::Ordering> {
        let shared = self.precision.min(other.precision);
        (shared > 0).then(|| self.at(shared).cmp(&other.at(shared)))
    }
}

/// Days since 1970-01-01, in the proleptic Gregorian calendar; here a year may be negative and a day past its month's end.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // The year begins in March, so that the leap day is its last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    365 * year + leap_days + (153 * month + 2) / 5 + day - 1 - 719_468
}

fn in_calendar(parts: &Parts) -> bool {
    let [Some(year), Some(month), Some(day), ..] = parts.values else { return true };
    (1..=9999).contains(&year) && day <= month_length(year, month)
}

fn month_length(year: i64, month: i64) -> i64 {
    let (next_year, next) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    days(next_year, next, 1) - days(year, month, 1)
}

/// One date: `YYYY[-MM[-DD]][Thh[:mm[:ss[.f]]][zone]]`, a part may be `-`.
fn read_one(text: &str) -> Option<Parts> {
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let mut parts = Parts::default();
    let mut rest = date;
    // A time alone stands behind hyphens for every part of its date.
    let time_alone = time.is_some() && (4..=8).contains(&date.len()) && date.bytes().all(|b| b == b'-');
    if !time_alone {
        rest = match year(rest) {
            Some((year, rest)) => {
                parts.values[0] = Some(year);
                rest
            }
            None => rest.strip_prefix('-')?,
        };
        for (index, most) in [(1, 12), (2, 31)] {
            if rest.is_empty() {
                break;
            }
            rest = rest.strip_prefix('-')?;
            (parts.values[index], rest) = field(rest, 1, most)?;
        }
        if !rest.is_empty() {
            return None;
        }
    }
    if let Some(time) = time {
        read_time(time, &mut parts)?;
    }
    Some(parts)
}

fn year(text: &str) -> Option<(i64, &str)> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let year = digits.get(..4).filter(|d| d.bytes().all(|b| b.is_ascii_digit()))?;
    Some((sign * year.parse::<i64>().ok()?, &digits[4..]))
}

/// Two digits in a range, or a hyphen for "not known".
fn field(text: &str, least: i64, most: i64) -> Option<(Option<i64>, &str)> {
    if let Some(digits) = text.get(..2).filter(|d| d.bytes().all(|b| b.is_ascii_digit())) {
        let value: i64 = digits.parse().ok()?;
        return (least..=most).contains(&value).then_some((Some(value), &text[2..]));
    }
    text.strip_prefix('-').map(|rest| (None, rest))
}

fn read_time(text: &str, parts: &mut Parts) -> Option<()> {
    let (clock, zone) = split_zone(text);
    let mut rest = clock;
    for (index, most) in [(3, 23), (4, 59), (5, 59)] {
        if index > 3 {
            if rest.is_empty() {
                break;
            }
            rest = rest.strip_prefix(':')?;
        }
        (parts.values[index], rest) = field(rest, 0, most)?;
    }
    if let Some(fraction) = rest.strip_prefix('.') {
        let digits = !fraction.is_empty() && fraction.bytes().all(|b| b.is_ascii_digit());
        let six: String = fraction.chars().chain("000000".chars()).take(6).collect();
        parts.values[6] = Some(digits.then(|| six.parse().ok()).flatten()?);
        rest = "";
    }
    if !rest.is_empty() {
        return None;
    }
    parts.offset = match zone {
        None => None,
        Some("Z") => Some(0),
        Some(zone) => Some(offset(zone)?),
    };
    Some(())
}

/// A zone begins at `Z`, or at a sign that two digits and a colon follow at the end.
fn split_zone(text: &str) -> (&str, Option<&str>) {
    if let Some(clock) = text.strip_suffix('Z') {
        return (clock, Some("Z"));
    }
    let at = text.len().checked_sub(6).filter(|&at| text.is_char_boundary(at));
    match at.map(|at| text.split_at(at)) {
        Some((clock, zone)) if zone.starts_with(['+', '-']) && offset(zone).is_some() && !clock.is_empty() => {
            (clock, Some(zone))
        }
        _ => (text, None),
    }
}

fn offset(zone: &str) -> Option<i64> {
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let two = |digits: &str, most| match field(digits, 0, most)? {
        (Some(value), "") => Some(value),
        _ => None,
    };
    Some(sign * (two(hours, 23)? * 60 + two(minutes, 59)?))
}

/// Whether a text is a full date (with or without a time), as a calendar knows it: `2003-12-15`, `20031215`,
/// `2003-12-15T13:14`, `2003-W01-1`.
pub fn is_complete(text: &str) -> bool {
    let (date, time) = match text.char_indices().nth(if text.as_bytes().get(4) == Some(&b'-') { 10 } else { 8 }) {
        Some((at, _)) => (&text[..at], Some(&text[at..])),
        None => (text, None),
    };
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    let day = match date.as_bytes() {
        [_, _, _, _, b'-', b'W', ..] => iso_week(&date.replace('-', "")),
        [_, _, _, _, b'W', ..] => iso_week(date),
        [_, _, _, _, b'-', _, _, b'-', _, _] => calendar(&date.replace('-', "")),
        _ if date.len() == 8 && digits(date) => calendar(date),
        _ => false,
    };
    day && time.is_none_or(|time| {
        let mut letters = time.chars();
        letters.next().is_some() && is_clock(letters.as_str())
    })
}

fn calendar(digits: &str) -> bool {
    let part = |range: std::ops::Range<usize>| {
        digits.get(range).filter(|d| d.bytes().all(|b| b.is_ascii_digit())).and_then(|d| d.parse::<i64>().ok())
    };
    match (digits.len(), part(0..4), part(4..6), part(6..8)) {
        (8, Some(year), Some(month), Some(day)) => {
            (1..=9999).contains(&year) && (1..=12).contains(&month) && (1..=month_length(year, month)).contains(&day)
        }
        _ => false,
    }
}

fn iso_week(compact: &str) -> bool {
    let number = |range: std::ops::Range<usize>| compact.get(range).and_then(|d| d.parse::<u32>().ok());
    let week = number(5..7).is_some_and(|week| (1..=53).contains(&week)) && number(0..4).is_some();
    week && match compact.len() {
        7 => true,
        8 => number(7..8).is_some_and(|day| (1..=7).contains(&day)),
        _ => false,
    }
}

/// `hh[:mm[:ss[.f]]]` or without colons, and a zone.
fn is_clock(text: &str) -> bool {
    let (clock, zone_reads) = match text.strip_suffix('Z') {
        Some(clock) => (clock, true),
        None => match text.rfind(['+', '-']) {
            Some(at) => {
                let digits = text[at + 1..].replace(':', "");
                (&text[..at], matches!(digits.len(), 2 | 4 | 6) && digits.bytes().all(|b| b.is_ascii_digit()))
            }
            None => (text, true),
        },
    };
    let (whole, fraction) = match clock.split_once(['.', ',']) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (clock, None),
    };
    let parts: Vec<&str> = if whole.contains(':') {
        whole.split(':').collect()
    } else {
        whole.as_bytes().chunks(2).filter_map(|pair| std::str::from_utf8(pair).ok()).collect()
    };
    let limits = [23, 59, 59];
    let reads = |(part, most): (&&str, i64)| {
        part.len() == 2 && part.parse::<i64>().is_ok_and(|value| (0..=most).contains(&value))
    };
    let fraction_reads =
        fraction.is_none_or(|f| parts.len() == 3 && !f.is_empty() && f.bytes().all(|b| b.is_ascii_digit()));
    zone_reads && (1..=3).contains(&parts.len()) && parts.iter().zip(limits).all(reads) && fraction_reads
}

/// Whether a text is an ISO 8601 duration: `P1Y2M`, `PT36H`, `P2W`, a sign only where allowed; only the smallest part may
/// have decimals.
pub fn is_duration(text: &str, negative: bool) -> bool {
    let unsigned = if negative { text.strip_prefix('-').unwrap_or(text) } else { text };
    let Some(rest) = unsigned.strip_prefix('P') else { return false };
    let (date, time) = match rest.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (rest, None),
    };
    let mut decimals = Vec::new();
    let whole =
        if date.ends_with('W') { components(date, "W", &mut decimals) } else { components(date, "YMD", &mut decimals) };
    let clock = time.is_none_or(|time| !time.is_empty() && components(time, "HMS", &mut decimals));
    let smallest_only = decimals.iter().rev().skip(1).all(|&has| !has);
    whole && clock && !decimals.is_empty() && smallest_only && !(date.ends_with('W') && time.is_some())
}

/// Numbers each before one of the letters, in their order; commas may stand between.
fn components(text: &str, letters: &str, decimals: &mut Vec<bool>) -> bool {
    let mut rest = text;
    let mut allowed = letters;
    while !rest.is_empty() {
        let end = rest.find(|c: char| c.is_ascii_alphabetic());
        let Some(end) = end else { return false };
        let number = &rest[..end];
        let letter = &rest[end..=end];
        let Some(at) = allowed.find(letter) else { return false };
        let (whole, fraction) = number.split_once(['.', ',']).map_or((number, None), |(w, f)| (w, Some(f)));
        let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !fraction.is_none_or(digits) {
            return false;
        }
        decimals.push(fraction.is_some());
        allowed = &allowed[at + 1..];
        rest = &rest[end + 1..];
        if !rest.is_empty() {
            rest = rest.strip_prefix(',').unwrap_or(rest);
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cmp::Ordering;

    #[test]
    fn sdtm_dates_with_gaps_are_dates_and_others_are_not() {
        for text in [
            "2003",
            "2003-12",
            "2003-12-15",
            "2003-12-15T13:14:17",
            "2003---15",
            "--12-15",
            "2003-12-15T-:15",
            "-----T07:15",
            "2003-12-15T13:14:17.123Z",
            "2003-12-15T13:14+02:00",
            "2003-12-01/2003-12-10",
            "2003-12-15T13:-:17",
        ] {
            assert!(Date::read(text).is_some(), "{text}");
        }
        for text in [
            "",
            "12/15/2003",
            "2003-13",
            "2003-02-30",
            "15DEC2003",
            "2003-12-15 13:14",
            "2003-1-5",
            "2003-12-15T25:00",
            "2003-12-15T",
            "2003T10:30",
            "2003-12T10:30",
        ] {
            assert!(Date::read(text).is_none(), "{text}");
        }
    }

    #[test]
    fn dates_compare_at_the_precision_they_share() {
        let date = |text| Date::read(text).expect("a date");
        assert_eq!(date("2003-12").compare(&date("2003-12-15")), Some(Ordering::Equal));
        assert_eq!(date("2003-11").compare(&date("2003-12-15")), Some(Ordering::Less));
        assert_eq!(date("2003---15").precision(), 1);
        assert_eq!(date("2003-12-15T10:00+02:00").compare(&date("2003-12-15T08:00Z")), Some(Ordering::Equal));
    }

    #[test]
    fn complete_dates_are_days_of_the_calendar() {
        for text in ["2003-12-15", "20031215", "2003-12-15T13:14", "2003-12-15T13:14:17.5Z", "2003-W05-1"] {
            assert!(is_complete(text), "{text}");
        }
        for text in ["2003", "2003-12", "2003-12-32", "2003---15", "", "2003-12-15T"] {
            assert!(!is_complete(text), "{text}");
        }
    }

    #[test]
    fn durations_have_decimals_in_the_smallest_part_only() {
        for text in ["P1Y", "PT36H", "P2W", "P1Y2M3DT4H5M6.5S", "-P1D"] {
            assert!(is_duration(text, true), "{text}");
        }
        for text in ["", "P", "PT", "1D", "P1.5Y2M", "P1D2Y", "P1WT1H"] {
            assert!(!is_duration(text, true), "{text}");
        }
        assert!(!is_duration("-P1D", false));
    }
}
