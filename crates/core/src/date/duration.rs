//! How long did it last?
//!
//! `--DUR`, `--ELTM` and `--STINT` are ISO 8601 durations: `PT2H`, `P14D`, `P1Y2M10DT2H30M`, `P4W`; CDISC also writes
//! `-PT15M` for a time before the reference. Years and months have no fixed length, so a duration in seconds exists only without them.

use super::partial::excerpt;
use std::fmt;
use std::str::FromStr;

/// A text that is no ISO 8601 duration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no ISO 8601 duration")]
pub struct DurationError {
    /// The text, shortened when long.
    pub text: String,
}

impl DurationError {
    /// What the reader of the message can do next.
    pub fn hint(&self) -> &'static str {
        "write `PT1H30M`, `P14D` or, before the reference, `-PT15M`; only the last number may have decimals"
    }
}

/// An ISO 8601 duration; the text as written is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Duration {
    text: String,
    negative: bool,
    /// Years, months, weeks, days, hours, minutes, seconds.
    parts: [Option<f64>; 7],
}

const DATE_LETTERS: [(u8, usize); 4] = [(b'Y', 0), (b'M', 1), (b'W', 2), (b'D', 3)];
const TIME_LETTERS: [(u8, usize); 3] = [(b'H', 4), (b'M', 5), (b'S', 6)];

impl Duration {
    /// Reads a duration. Weeks stand alone; parts come in order, each once; only the last may have decimals. O(length).
    pub fn parse(text: &str) -> Result<Self, DurationError> {
        let error = || DurationError { text: excerpt(text) };
        let (negative, body) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let body = body.strip_prefix('P').ok_or_else(error)?;
        let (date, time) = match body.split_once('T') {
            Some((date, time)) if !time.is_empty() => (date, time),
            Some(_) => return Err(error()),
            None => (body, ""),
        };
        let mut parts = [None; 7];
        read_parts(date, &DATE_LETTERS, &mut parts).ok_or_else(error)?;
        read_parts(time, &TIME_LETTERS, &mut parts).ok_or_else(error)?;
        let given = parts.iter().flatten().count();
        let weeks_alone = parts[2].is_none() || given == 1;
        let whole_but_last = parts.iter().flatten().take(given.saturating_sub(1)).all(|n| n.fract() == 0.0);
        if given == 0 || !weeks_alone || !whole_but_last {
            return Err(error());
        }
        Ok(Self { text: text.to_owned(), negative, parts })
    }

    /// The text as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Seconds; `None` with years or months, whose length is not fixed. A day has 86,400 seconds.
    pub fn seconds(&self) -> Option<f64> {
        let [years, months, weeks, days, hours, minutes, seconds] = self.parts;
        if years.is_some() || months.is_some() {
            return None;
        }
        let sum = weeks.unwrap_or(0.0) * 604_800.0
            + days.unwrap_or(0.0) * 86_400.0
            + hours.unwrap_or(0.0) * 3600.0
            + minutes.unwrap_or(0.0) * 60.0
            + seconds.unwrap_or(0.0);
        sum.is_finite().then_some(if self.negative { -sum } else { sum })
    }
}

/// Numbers with their letters, in the letters' order; `None` when the text is anything else.
fn read_parts(mut text: &str, letters: &[(u8, usize)], parts: &mut [Option<f64>; 7]) -> Option<()> {
    for &(letter, index) in letters {
        let end = text.bytes().take_while(|b| b.is_ascii_digit() || *b == b'.' || *b == b',').count();
        if end == 0 || text.as_bytes().get(end) != Some(&letter) {
            continue;
        }
        let number = text[..end].replace(',', ".");
        let both_sides = !number.starts_with('.') && !number.ends_with('.');
        parts[index] = Some(number.parse().ok().filter(|n: &f64| both_sides && n.is_finite())?);
        text = &text[end + 1..];
    }
    text.is_empty().then_some(())
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Duration {
    type Err = DurationError;

    fn from_str(text: &str) -> Result<Self, DurationError> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_of_the_guide_have_these_seconds() {
        for (text, seconds) in [
            ("PT15M", Some(900.0)),
            ("-PT15M", Some(-900.0)),
            ("PT0.5H", Some(1800.0)),
            ("P14D", Some(1_209_600.0)),
            ("P4W", Some(2_419_200.0)),
            ("P1DT2H30M5.25S", Some(95_405.25)),
            ("PT0,5H", Some(1800.0)),
            ("P1Y2M10DT2H30M", None),
            ("P2M", None),
            ("PT2M", Some(120.0)),
        ] {
            let read = Duration::parse(text).unwrap();
            assert_eq!(read.seconds(), seconds, "{text}");
            assert_eq!(read.to_string(), text);
        }
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in
            ["", "P", "PT", "2H", "P2H", "PT2", "P1W2D", "PT1.5H30M", "PT30M1H", "P1D2D", "PT.5H", "P-1D", "é", "P1DT"]
        {
            assert!(Duration::parse(text).is_err(), "{text}");
        }
    }
}
