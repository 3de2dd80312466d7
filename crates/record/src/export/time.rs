//! How times stand in files.

use jiff::Timestamp;
use jiff::tz::Offset;

/// RFC 3339 in UTC: `2026-01-21T10:00:00Z`.
pub fn rfc3339(ms: i64) -> String {
    crate::lock::snapshot::rfc3339(ms)
}

/// RFC 3339 with the offset of where it happened, so that UTC and local time are both told: `2026-01-21T12:00:00+02:00`.
pub fn stamp(ms: i64, offset_min: i32) -> String {
    let zone = Offset::from_seconds(offset_min.saturating_mul(60)).ok().filter(|o| *o != Offset::UTC);
    match (Timestamp::from_millisecond(ms), zone) {
        (Ok(time), Some(zone)) => time.display_with_offset(zone).to_string(),
        _ => rfc3339(ms),
    }
}

#[cfg(test)]
mod tests {
    use super::stamp;

    #[test]
    fn a_stamp_tells_utc_and_local_time() {
        let ms = 1_768_989_600_000;
        assert_eq!(stamp(ms, 0), "2026-01-21T10:00:00Z");
        assert_eq!(stamp(ms, 120), "2026-01-21T12:00:00+02:00");
        assert_eq!(stamp(ms, -210), "2026-01-21T06:30:00-03:30");
        assert_eq!(stamp(ms, i32::MAX), "2026-01-21T10:00:00Z", "no place on earth is there");
    }
}
