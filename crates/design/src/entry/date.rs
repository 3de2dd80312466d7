//! Dates and times as people type them.

use super::{EntryProblem, problem};
use croft_core::PartialDate;
use croft_core::date::{CivilDate, Part};

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
/// How an unknown part is typed.
const UNKNOWN: [&str; 6] = ["un", "unk", "uk", "nk", "--", "xx"];

fn not() -> EntryProblem {
    problem(
        "format",
        "is not a date",
        "write it like 3mar24, 03.03.2024, 0303 or 2024-03-03; UN for an unknown day or month",
    )
}

/// The date in ISO 8601, as far as it is known; with a time when one may stand there.
pub(super) fn read(text: &str, today: CivilDate, with_time: bool) -> Result<String, EntryProblem> {
    if let Ok(iso) = PartialDate::parse(text)
        && text.len() >= 4
        && (with_time || iso.part(Part::Hour).is_none())
        // `0303` and `030324` are a day and a month, not a year; a year alone is given as four digits from 1900 on.
        && (!text.bytes().all(|b| b.is_ascii_digit()) || is_year(text))
    {
        return in_calendar(&iso).map(|()| iso.as_str().to_owned());
    }
    let (date, clock) = if with_time { split_time(text) } else { (text, None) };
    let iso = match PartialDate::parse(date) {
        Ok(iso) if clock.is_some() && date.len() == 10 => {
            in_calendar(&iso)?;
            date.to_owned()
        }
        _ => iso_date(&date_parts(date).ok_or_else(not)?, today)?,
    };
    let Some(clock) = clock else { return Ok(iso) };
    let clock =
        time(clock).ok_or_else(|| problem("format", "its time is not a time", "write it like 08:30 or 0830"))?;
    if iso.len() < 10 || iso.contains("--") {
        return Err(problem(
            "format",
            "a time stands beside a date that is not complete",
            "give the day, or leave the time out",
        ));
    }
    Ok(format!("{iso}T{clock}"))
}

/// A date that must be known to the day.
pub(super) fn complete(iso: &str) -> Result<String, EntryProblem> {
    let known = PartialDate::parse(iso).is_ok_and(|d| d.date().is_some());
    if known {
        Ok(iso.to_owned())
    } else {
        Err(problem("format", "is not a complete date", "give day, month and year, or a reason why they are not known"))
    }
}

fn is_year(text: &str) -> bool {
    text.len() == 4 && text.parse::<u16>().is_ok_and(|y| (1900..=2100).contains(&y))
}

/// A day that its month does not have is refused; an incomplete date has none to check.
fn in_calendar(iso: &PartialDate) -> Result<(), EntryProblem> {
    match (iso.part(Part::Year), iso.part(Part::Month), iso.part(Part::Day)) {
        (Some(_), Some(_), Some(_)) if iso.date().is_none() => Err(not()),
        _ => Ok(()),
    }
}

/// The date and, behind a blank or a `T`, the time.
fn split_time(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once([' ', 'T', 't']) {
        Some((date, clock))
            if clock.starts_with(|c: char| c.is_ascii_digit()) && time(clock).is_some() && !date.is_empty() =>
        {
            (date.trim_end(), Some(clock))
        }
        _ => (text, None),
    }
}

/// Day, month, year as typed; an unknown part is empty, a year that was left out is `None`.
struct Parts {
    day: String,
    month: String,
    year: Option<String>,
}

fn date_parts(text: &str) -> Option<Parts> {
    let tokens = tokens(&text.to_lowercase());
    let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
    let own = |t: &str| if UNKNOWN.contains(&t) { String::new() } else { t.to_owned() };
    match tokens.as_slice() {
        [digits] if digits.bytes().all(|b| b.is_ascii_digit()) => {
            let (day, month, year) = match digits.len() {
                4 => (&digits[..2], &digits[2..4], None),
                6 => (&digits[..2], &digits[2..4], Some(&digits[4..])),
                8 => (&digits[..2], &digits[2..4], Some(&digits[4..])),
                _ => return None,
            };
            Some(Parts { day: day.to_owned(), month: month.to_owned(), year: year.map(str::to_owned) })
        }
        // `mar24`, `mar 2024`: no day.
        [month, year] if MONTHS.iter().any(|m| month.starts_with(m)) => {
            Some(Parts { day: String::new(), month: (*month).to_owned(), year: Some((*year).to_owned()) })
        }
        // `3mar`, `3.3.`: this year.
        [day, month] => Some(Parts { day: own(day), month: own(month), year: None }),
        [day, month, year] => Some(Parts { day: own(day), month: own(month), year: Some((*year).to_owned()) }),
        _ => None,
    }
}

/// Runs of digits and of letters.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut last = ' ';
    for c in text.chars() {
        let kind = if c.is_ascii_digit() {
            '0'
        } else if c.is_alphabetic() {
            'a'
        } else {
            ' '
        };
        if kind == ' ' {
            if !matches!(c, '.' | '/' | '-' | ' ' | ',') {
                return Vec::new();
            }
        } else if kind == last {
            if let Some(token) = tokens.last_mut() {
                token.push(c);
            }
        } else {
            tokens.push(c.to_string());
        }
        last = kind;
    }
    tokens
}

fn iso_date(parts: &Parts, today: CivilDate) -> Result<String, EntryProblem> {
    let year = match &parts.year {
        None => today.year(),
        Some(text) => full_year(text, today).ok_or_else(not)?,
    };
    let month = match parts.month.as_str() {
        "" => None,
        word => Some(month(word).ok_or_else(not)?),
    };
    let day: Option<u8> = match parts.day.as_str() {
        "" => None,
        digits => Some(digits.parse().ok().filter(|_| digits.len() <= 2).ok_or_else(not)?),
    };
    match (month, day) {
        (Some(month), Some(day)) => {
            CivilDate::new(year, month, day).map_err(|_| not())?;
            Ok(format!("{year:04}-{month:02}-{day:02}"))
        }
        (Some(month), None) => Ok(format!("{year:04}-{month:02}")),
        (None, Some(day)) if (1..=31).contains(&day) => Ok(format!("{year:04}---{day:02}")),
        (None, Some(_)) => Err(not()),
        (None, None) => Ok(format!("{year:04}")),
    }
}

fn month(word: &str) -> Option<u8> {
    if let Ok(number) = word.parse::<u8>() {
        return (1..=12).contains(&number).then_some(number);
    }
    // `sept`, `march`: three letters say it, more must be the beginning of a month's English name.
    const NAMES: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let index = NAMES.iter().position(|name| word.len() >= 3 && name.starts_with(word))?;
    u8::try_from(index + 1).ok()
}

/// Two digits: of this century up to ten years ahead of today, else of the last.
fn full_year(text: &str, today: CivilDate) -> Option<u16> {
    let number: u16 = text.parse().ok()?;
    match text.len() {
        4 => Some(number),
        2 => {
            let century = today.year() / 100 * 100;
            Some(if century + number > today.year() + 10 { century + number - 100 } else { century + number })
        }
        _ => None,
    }
}

/// `8:30`, `0830`, `08:30:15`: hours, minutes and seconds in two digits each.
pub(super) fn time(text: &str) -> Option<String> {
    let parts: Vec<&str> = match text.split([':', '.', 'h']).collect::<Vec<_>>().as_slice() {
        [digits] if digits.len() == 4 && digits.is_ascii() => vec![&digits[..2], &digits[2..]],
        [digits] if digits.len() == 3 && digits.is_ascii() => vec![&digits[..1], &digits[1..]],
        parts @ ([_, _] | [_, _, _]) => parts.to_vec(),
        _ => return None,
    };
    let read = |text: &str, most: u8| -> Option<u8> {
        let fits = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        text.parse().ok().filter(|n| fits && *n <= most)
    };
    let (hour, minute) = (read(parts[0], 23)?, read(parts[1], 59)?);
    match parts.get(2) {
        None => Some(format!("{hour:02}:{minute:02}")),
        Some(second) => Some(format!("{hour:02}:{minute:02}:{:02}", read(second, 59)?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> CivilDate {
        CivilDate::new(2024, 3, 5).unwrap()
    }

    #[test]
    fn dates_are_read_as_people_type_them() {
        for (typed, iso) in [
            ("3mar24", "2024-03-03"),
            ("03MAR2024", "2024-03-03"),
            ("3 March 2024", "2024-03-03"),
            ("3-sept-2023", "2023-09-03"),
            ("2024-03-03", "2024-03-03"),
            ("3.3.2024", "2024-03-03"),
            ("03/04/2024", "2024-04-03"),
            ("0303", "2024-03-03"),
            ("030324", "2024-03-03"),
            ("03032024", "2024-03-03"),
            ("3mar", "2024-03-03"),
            ("3.3.", "2024-03-03"),
            ("mar24", "2024-03"),
            ("2024-03", "2024-03"),
            ("UN-MAR-2024", "2024-03"),
            ("unk/unk/2019", "2019"),
            ("2024---15", "2024---15"),
            ("15-UN-2024", "2024---15"),
            ("1995", "1995"),
            ("1jan34", "2034-01-01"),
            ("1jan35", "1935-01-01"),
            ("29feb2024", "2024-02-29"),
        ] {
            assert_eq!(read(typed, today(), false).as_deref(), Ok(iso), "{typed}");
        }
        for bad in [
            "30feb2024",
            "29.2.2023",
            "32.1.2024",
            "3.13.2024",
            "tomorrow",
            "3mar241",
            "",
            "3",
            "3mar24x",
            "2024-03-03T10:00",
        ] {
            assert!(read(bad, today(), false).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_time_may_stand_behind_a_date() {
        for (typed, iso) in [
            ("3mar24 830", "2024-03-03T08:30"),
            ("03.03.2024 08:30", "2024-03-03T08:30"),
            ("2024-03-03T08:30", "2024-03-03T08:30"),
            ("2024-03-03 0830", "2024-03-03T08:30"),
            ("0303 2359", "2024-03-03T23:59"),
            ("3mar24", "2024-03-03"),
        ] {
            assert_eq!(read(typed, today(), true).as_deref(), Ok(iso), "{typed}");
        }
        assert!(read("3mar24 2460", today(), true).is_err());
        for (typed, clock) in [
            ("8:30", Some("08:30")),
            ("0830", Some("08:30")),
            ("08:30:15", Some("08:30:15")),
            ("24:00", None),
            ("8", None),
            ("8:3x", None),
        ] {
            assert_eq!(time(typed).as_deref(), clock, "{typed}");
        }
    }

    #[test]
    fn what_must_be_complete_is_asked_to_be() {
        assert!(complete("2024-03-03").is_ok() && complete("2024-03-03T08:30").is_ok());
        assert!(complete("2024-03").is_err() && complete("2024").is_err());
    }
}
