//! Which day is SAS day 12345?
//!
//! SAS counts dates in days and date-times in seconds from 1 January 1960, times in seconds from midnight, in the proleptic Gregorian
//! calendar. Dataset-JSON and displays write them in ISO 8601. Here is the way from one to the other, only where it loses nothing:
//! `None` means that the value has no such text, or the text no such value (a partial date, a fraction of a day).
//!
//! The calendar arithmetic shifts the year's start to March, so that the leap day ends it (the civil-from-days method,
//! H. Hinnant, "chrono-compatible low-level date algorithms", 2013; ISO 8601-1:2019, 4.2.1 for the calendar).

/// Days from 1 January 1960 to 1 January 1970.
const TO_1970: i64 = 3653;
const DAY: i64 = 86_400;

/// Year, month and day of a SAS date.
pub fn civil(sas_day: i64) -> (i64, u8, u8) {
    let z = sas_day - TO_1970 + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month as u8, day as u8)
}

/// The SAS date of a day of the calendar; `None` when there is no such day.
pub fn days(year: i64, month: u8, day: u8) -> Option<i64> {
    if !(1..=12).contains(&month) || !(0..=9999).contains(&year) {
        return None;
    }
    let (m, d) = (i64::from(month), i64::from(day));
    let y = year - i64::from(m <= 2);
    let era = y.div_euclid(400);
    let year_of_era = y.rem_euclid(400);
    let day_of_year = (153 * (if m > 2 { m - 3 } else { m + 9 }) + 2) / 5 + d - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let sas_day = era * 146_097 + day_of_era - 719_468 + TO_1970;
    (civil(sas_day) == (year, month, day)).then_some(sas_day)
}

/// `2024-03-15` of a SAS date.
pub fn date_text(sas_day: f64) -> Option<String> {
    let (whole, 0) = split(sas_day, 0)? else { return None };
    let (year, month, day) = civil(whole);
    (0..=9999).contains(&year).then(|| format!("{year:04}-{month:02}-{day:02}"))
}

/// `13:05:00` of a SAS time within one day, with as many digits of a second as it has.
pub fn time_text(seconds: f64) -> Option<String> {
    let (whole, fraction) = split(seconds, 9)?;
    (0..DAY).contains(&whole).then(|| clock(whole, fraction))
}

/// `2024-03-15T13:05:00` of a SAS date-time.
pub fn datetime_text(seconds: f64) -> Option<String> {
    let (whole, fraction) = split(seconds, 9)?;
    let date = date_text(whole.div_euclid(DAY) as f64)?;
    Some(format!("{date}T{}", clock(whole.rem_euclid(DAY), fraction)))
}

/// The SAS date of `2024-03-15`.
pub fn parse_date(text: &str) -> Option<f64> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    days(number(&bytes[..4])?, number(&bytes[5..7])? as u8, number(&bytes[8..])? as u8).map(|d| d as f64)
}

/// The SAS time of `13:05:00` or `13:05:00.25`.
pub fn parse_time(text: &str) -> Option<f64> {
    let (whole, fraction) = parse_clock(text)?;
    joined(whole, fraction)
}

/// The SAS date-time of `2024-03-15T13:05:00`, without a time zone.
pub fn parse_datetime(text: &str) -> Option<f64> {
    let (date, time) = text.split_once('T')?;
    let (whole, fraction) = parse_clock(time)?;
    joined(parse_date(date)? as i64 * DAY + whole, fraction)
}

/// Whole part and billionths, when they tell the number exactly.
fn split(x: f64, digits: usize) -> Option<(i64, u32)> {
    let whole = x.floor();
    if !(-1e14..1e14).contains(&whole) {
        return None;
    }
    let fraction = format!("{:.*}", digits, x - whole);
    let billionths: u32 = match fraction.split_once('.') {
        Some(("0", digits)) => digits.parse().ok()?,
        _ => 0,
    };
    let back = joined_billionths(whole as i64, billionths)?;
    (back.to_bits() == x.to_bits() || (x == 0.0 && back == 0.0)).then_some((whole as i64, billionths))
}

fn joined_billionths(whole: i64, billionths: u32) -> Option<f64> {
    joined(whole, &format!("{billionths:09}"))
}

/// Whole seconds and decimal digits as the nearest double.
fn joined(whole: i64, fraction: &str) -> Option<f64> {
    if fraction.is_empty() {
        return Some(whole as f64);
    }
    format!("0.{fraction}").parse::<f64>().ok().map(|f| whole as f64 + f)
}

fn clock(seconds: i64, billionths: u32) -> String {
    let text = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    match billionths {
        0 => text,
        _ => format!("{text}.{}", format!("{billionths:09}").trim_end_matches('0')),
    }
}

fn parse_clock(text: &str) -> Option<(i64, &str)> {
    let (clock, fraction) = text.split_once('.').map_or((text, ""), |(c, f)| (c, f));
    let bytes = clock.as_bytes();
    let digits_only = fraction.bytes().all(|b| b.is_ascii_digit());
    if bytes.len() != 8
        || bytes[2] != b':'
        || bytes[5] != b':'
        || !digits_only
        || (text.len() > 8 && fraction.is_empty())
    {
        return None;
    }
    let (hour, minute, second) = (number(&bytes[..2])?, number(&bytes[3..5])?, number(&bytes[6..])?);
    (hour < 24 && minute < 60 && second < 60).then_some((hour * 3600 + minute * 60 + second, fraction))
}

fn number(digits: &[u8]) -> Option<i64> {
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// SAS documentation, "About SAS date, time, and datetime values": 1 January 1960 is 0, 4 July 1776 is −67019,
    /// 31 December 2006 is 17166.
    #[test]
    fn known_days_have_their_numbers() {
        for (text, day) in
            [("1960-01-01", 0.0), ("1776-07-04", -67_019.0), ("2006-12-31", 17_166.0), ("2000-02-29", 14_669.0)]
        {
            assert_eq!(parse_date(text), Some(day));
            assert_eq!(date_text(day).as_deref(), Some(text));
        }
        assert_eq!(datetime_text(1.25).as_deref(), Some("1960-01-01T00:00:01.25"));
        assert_eq!(datetime_text(-1.0).as_deref(), Some("1959-12-31T23:59:59"));
        assert_eq!(parse_time("13:05:00.1"), Some(47_100.1));
    }

    #[test]
    fn what_has_no_exact_counterpart_has_none() {
        for text in ["2024-03", "2023-02-29", "2024-3-15", "20240315", "2024-13-01", "", "2024-03-15T10:00"] {
            assert_eq!(parse_date(text), None, "{text}");
        }
        assert_eq!(date_text(0.5), None);
        assert_eq!(date_text(f64::MAX), None);
        assert_eq!(time_text(86_400.0), None);
        assert_eq!(time_text(-1.0), None);
        assert_eq!(parse_datetime("2024-03-15T24:00:00"), None);
        assert_eq!(parse_datetime("2024-03-15T10:00:00Z"), None);
    }

    proptest! {
        #[test]
        fn a_date_comes_back(day in -715_876_i64..2_936_549) {
            let text = date_text(day as f64).unwrap();
            prop_assert_eq!(parse_date(&text), Some(day as f64));
        }

        #[test]
        fn a_datetime_that_has_a_text_comes_back(seconds in -5e10..5e10_f64) {
            if let Some(text) = datetime_text(seconds) {
                prop_assert_eq!(parse_datetime(&text).map(f64::to_bits), Some(seconds.to_bits()));
            }
        }
    }
}
