//! When is what planned? From timings that refer to one another to study days.
//!
//! A timing says how long before or after another instance of its timeline an instance takes place. The instance with a fixed reference is the anchor;
//! its `P1D` says that it is study day 1. There is no day 0: an instance a week before day 1 stands on day −7, one a week after it on day 8.
//!
//! Lengths of encounters are not known, so "end to start" counts as "start to start". Months and years have no fixed number of days: what depends on such a timing
//! has no day. A time of less than a day before or after an instance is on its day.

use super::json::{list, text};
use super::read::ProtocolError;
use serde_json::Value;
use std::collections::BTreeMap;

const DAY: i64 = 24 * 60;

/// Codes of timing types (code list C201264).
pub(super) const AFTER: &str = "C201356";
pub(super) const BEFORE: &str = "C201357";
pub(super) const FIXED: &str = "C201358";

/// Minutes of an ISO 8601 duration of weeks, days, hours, minutes and seconds; nothing for others.
pub(super) fn minutes(duration: &str) -> Option<i64> {
    let body = duration.strip_prefix('P').filter(|body| !body.is_empty() && !body.ends_with('T'))?;
    let (mut total, mut number, mut in_time) = (0_i64, String::new(), false);
    for c in body.chars() {
        if c.is_ascii_digit() {
            number.push(c);
            continue;
        }
        if c == 'T' && !in_time && number.is_empty() {
            in_time = true;
            continue;
        }
        let count: i64 = number.parse().ok()?;
        number.clear();
        let unit = match (c, in_time) {
            ('W', false) => 7 * DAY,
            ('D', false) => DAY,
            ('H', true) => 60,
            ('M', true) => 1,
            ('S', true) if count % 60 == 0 => {
                total = total.checked_add(count / 60)?;
                continue;
            }
            _ => return None,
        };
        total = total.checked_add(count.checked_mul(unit)?)?;
    }
    // Beyond a thousand years is a slip, and days must fit their type.
    (number.is_empty() && total < 366_000 * DAY).then_some(total)
}

/// A duration of whole days.
pub(super) fn days(duration: &str) -> Option<u32> {
    let minutes = minutes(duration)?;
    if minutes % DAY == 0 { u32::try_from(minutes / DAY).ok() } else { None }
}

/// Minutes, positive, as a duration.
pub(super) fn duration(minutes: i64) -> String {
    if minutes % DAY == 0 { format!("P{}D", minutes / DAY) } else { format!("PT{minutes}M") }
}

/// A number of minutes from day 1 as a study day.
pub(super) fn study_day(minutes: i64) -> Option<i32> {
    let days = i32::try_from(minutes / DAY).ok()?;
    Some(if days >= 0 { days + 1 } else { days })
}

/// A study day as minutes from day 1; day 0 does not exist.
pub(super) fn from_study_day(day: i32) -> Option<i64> {
    match day {
        0 => None,
        1.. => Some((i64::from(day) - 1) * DAY),
        _ => Some(i64::from(day) * DAY),
    }
}

/// What a timeline's timings say.
#[derive(Debug, Default)]
pub(super) struct Times {
    /// The instance with the fixed reference.
    pub(super) anchor: Option<String>,
    /// Minutes from day 1 of each instance that has a time.
    pub(super) at: BTreeMap<String, i64>,
}

/// The first timing of an instance, if it has one.
pub(super) fn timing_of<'a>(timeline: &'a Value, instance: &str) -> Option<&'a Value> {
    list(timeline, "timings").iter().find(|t| text(t, "relativeFromScheduledInstanceId") == instance)
}

fn kind(timing: &Value) -> &str {
    timing.get("type").map_or("", |t| text(t, "code"))
}

/// Resolves a timeline's timings; `path` is its JSONPath.
pub(super) fn times(timeline: &Value, path: &str) -> Result<Times, ProtocolError> {
    let timings: BTreeMap<&str, &Value> =
        list(timeline, "timings").iter().rev().map(|t| (text(t, "relativeFromScheduledInstanceId"), t)).collect();
    let fixed = list(timeline, "timings").iter().find(|t| kind(t) == FIXED);
    let mut times = Times::default();
    if let Some(fixed) = fixed {
        let anchor = text(fixed, "relativeFromScheduledInstanceId").to_owned();
        let day = days(text(fixed, "value")).unwrap_or(1).max(1);
        times.at.insert(anchor.clone(), i64::from(day - 1) * DAY);
        times.anchor = Some(anchor);
    }
    for instance in list(timeline, "instances").iter().map(|i| text(i, "id")) {
        resolve(instance, &timings, &mut times, path)?;
    }
    Ok(times)
}

/// Follows references until a time is known, then back.
fn resolve(
    instance: &str,
    timings: &BTreeMap<&str, &Value>,
    times: &mut Times,
    path: &str,
) -> Result<(), ProtocolError> {
    let mut way: Vec<&str> = vec![instance];
    let mut here = instance;
    while !times.at.contains_key(here) {
        let Some(timing) = timings.get(here).filter(|t| [AFTER, BEFORE].contains(&kind(t))) else { return Ok(()) };
        here = text(timing, "relativeToScheduledInstanceId");
        if way.contains(&here) {
            way.push(here);
            return Err(ProtocolError::Circle { path: path.to_owned(), ids: way.join(" → ") });
        }
        way.push(here);
    }
    for pair in way.windows(2).rev() {
        let [from, to] = pair else { continue };
        let (Some(timing), Some(&base)) = (timings.get(from), times.at.get(*to)) else { return Ok(()) };
        let Some(length) = minutes(text(timing, "value")) else { return Ok(()) };
        let at = if kind(timing) == BEFORE { base.checked_sub(length) } else { base.checked_add(length) };
        let Some(at) = at else { return Ok(()) };
        times.at.insert((*from).to_owned(), at);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn durations_without_a_fixed_length_have_no_minutes() {
        assert_eq!(minutes("P2W"), Some(14 * DAY));
        assert_eq!(minutes("P1DT4H30M"), Some(DAY + 270));
        for none in ["P1M", "P1Y", "P", "PT", "2 weeks", "PT1D", "P-1D", ""] {
            assert_eq!(minutes(none), None, "{none}");
        }
    }

    #[test]
    fn there_is_no_day_zero() {
        assert_eq!(study_day(0), Some(1));
        assert_eq!(study_day(-15), Some(1));
        assert_eq!(study_day(-7 * DAY), Some(-7));
        assert_eq!(from_study_day(0), None);
        for day in [-14, -1, 1, 2, 29] {
            assert_eq!(from_study_day(day).and_then(study_day), Some(day));
        }
    }

    fn timing(from: &str, to: &str, kind: &str, value: &str) -> Value {
        json!({ "relativeFromScheduledInstanceId": from, "relativeToScheduledInstanceId": to, "type": { "code": kind }, "value": value })
    }

    #[test]
    fn a_circle_is_named() {
        let instances = json!([{ "id": "A" }, { "id": "B" }]);
        let timeline = json!({ "instances": instances, "timings": [timing("A", "B", AFTER, "P1D"), timing("B", "A", AFTER, "P1D")] });
        let error = times(&timeline, "$.t").unwrap_err();
        assert!(error.to_string().contains("A → B → A"), "{error}");
    }

    #[test]
    fn a_timing_may_refer_to_one_that_refers_to_the_anchor() {
        let instances = json!([{ "id": "C" }, { "id": "A" }, { "id": "B" }]);
        let timings =
            json!([timing("A", "A", FIXED, "P1D"), timing("B", "A", AFTER, "P8W"), timing("C", "B", AFTER, "P2W")]);
        let found = times(&json!({ "instances": instances, "timings": timings }), "$").unwrap();
        assert_eq!(study_day(found.at["C"]), Some(71));
    }
}
