//! When was the record locked? The only time that any output carries.

use crate::error::StudyError;
use croft_cdisc::xpt::Stamp;
use croft_report::pdf::Timestamp;
use jiff::tz::TimeZone;

/// The lock time in UTC, as the files' formats need it.
#[derive(Clone, Copy, Debug)]
pub struct LockTime(Timestamp);

impl LockTime {
    /// Reads RFC 3339 in UTC.
    pub fn parse(text: &str) -> Result<Self, StudyError> {
        let fault = || StudyError::Text {
            file: "data/manifest.json".to_owned(),
            message: format!("the lock time `{text}` is not RFC 3339 in UTC"),
            hint: "write it like 2026-03-16T10:00:00Z".to_owned(),
        };
        if !text.ends_with('Z') {
            return Err(fault());
        }
        let time = text.parse::<jiff::Timestamp>().map_err(|_| fault())?.to_zoned_datetime(TimeZone::UTC);
        let part = |n: i8| u8::try_from(n).map_err(|_| fault());
        let parts = Timestamp {
            year: u16::try_from(time.year()).map_err(|_| fault())?,
            month: part(time.month())?,
            day: part(time.day())?,
            hour: part(time.hour())?,
            minute: part(time.minute())?,
            second: part(time.second())?,
        };
        Ok(Self(parts))
    }

    /// For PDF.
    pub fn timestamp(self) -> Timestamp {
        self.0
    }

    /// For transport files.
    pub fn stamp(self) -> Stamp {
        let t = self.0;
        Stamp::new(t.year, t.month, t.day, t.hour, t.minute, t.second).unwrap_or(Stamp::ZERO)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_without_its_zone_is_refused() {
        assert!(LockTime::parse("2026-03-16T10:00:00").is_err());
        assert!(LockTime::parse("2026-03-16T10:00:00+01:00").is_err());
        assert_eq!(LockTime::parse("2026-03-16T10:00:07Z").unwrap().timestamp().second, 7);
    }
}
