//! Which visits does a document plan, when, and what is done at them?

use super::{Codes, Seen, remark};
use crate::definition::{Visit, VisitKind};
use crate::protocol::json::{chained, list, plain, text, texts, words};
use crate::protocol::read::ProtocolError;
use crate::protocol::{Remark, timing};
use croft_design::protocol::Activity;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The main timeline's position and itself.
pub(in crate::protocol) fn main_timeline(design: &Value) -> Option<(usize, &Value)> {
    let timelines = || list(design, "scheduleTimelines").iter().enumerate();
    timelines().find(|(_, t)| t.get("mainTimeline") == Some(&Value::Bool(true))).or_else(|| timelines().next())
}

pub(super) fn visits(
    design: &Value,
    epochs: &[Seen<String>],
    remarks: &mut Vec<Remark>,
) -> Result<Vec<Seen<Visit>>, ProtocolError> {
    let empty = Value::Null;
    let (at, main) = main_timeline(design).unwrap_or((0, &empty));
    let times = timing::times(main, &format!("$.study.versions[0].studyDesigns[0].scheduleTimelines[{at}]"))?;
    let mut codes = Codes::new("V", 8);
    let mut visits = Vec::new();
    for (i, encounter) in chained(list(design, "encounters")).into_iter().enumerate() {
        let id = text(encounter, "id");
        let code = codes.code(text(encounter, "name"), i + 1);
        let planned = list(main, "instances").iter().find(|instance| text(instance, "encounterId") == id);
        let elsewhere = || {
            let timelines = list(design, "scheduleTimelines").iter();
            timelines.flat_map(|t| list(t, "instances")).find(|instance| text(instance, "encounterId") == id)
        };
        let epoch = planned.or_else(elsewhere).map_or("", |instance| text(instance, "epochId"));
        let timing = planned.and_then(|instance| timing::timing_of(main, text(instance, "id")));
        let day = planned.and_then(|i| times.at.get(text(i, "id"))).and_then(|&minutes| timing::study_day(minutes));
        if let (Some(_), None) = (planned, day) {
            let value = timing.map_or("", |t| text(t, "value"));
            remark(
                remarks,
                format!("visit {code}"),
                format!("its day does not follow from the timings (`{value}`): it is taken as unscheduled"),
            );
        }
        let (days_before, days_after) = window(timing, &code, remarks);
        let item = Visit {
            number: u32::try_from(i + 1).unwrap_or(u32::MAX),
            name: words(encounter, &["label", "name"]).to_owned(),
            day: day.unwrap_or(1),
            epoch: epochs.iter().find(|e| e.id == epoch).map_or_else(String::new, |e| e.item.clone()),
            start: plain(encounter.get("transitionStartRule").map_or("", |r| text(r, "text"))),
            period: None,
            days_before,
            days_after,
            kind: if day.is_some() { VisitKind::Scheduled } else { VisitKind::Unscheduled },
            repeating: false,
            oid: None,
            code,
        };
        visits.push(Seen { id: id.to_owned(), item });
    }
    Ok(visits)
}

/// A window of whole days.
fn window(timing: Option<&Value>, code: &str, remarks: &mut Vec<Remark>) -> (Option<u32>, Option<u32>) {
    let Some(timing) = timing else { return (None, None) };
    let (lower, upper) = (text(timing, "windowLower"), text(timing, "windowUpper"));
    if lower.is_empty() && upper.is_empty() {
        return (None, None);
    }
    match (timing::days(lower), timing::days(upper)) {
        (Some(before), Some(after)) => (Some(before), Some(after)),
        _ => {
            let message = format!(
                "its window `{}` is not of whole days: it is kept",
                words(timing, &["windowLabel", "windowLower"])
            );
            remark(remarks, format!("visit {code}"), message);
            (None, None)
        }
    }
}

pub(super) fn activities(design: &Value, visits: &[Seen<Visit>], remarks: &mut Vec<Remark>) -> Vec<Seen<Activity>> {
    let empty = Value::Null;
    let main = main_timeline(design).map_or(&empty, |(_, t)| t);
    let all = chained(list(design, "activities"));
    let mut done: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for timeline in list(design, "scheduleTimelines") {
        for instance in list(timeline, "instances") {
            let encounter = text(instance, "encounterId");
            // A timeline beside the main one is carried out where an activity calls it: its times are no visits.
            if encounter.is_empty() && !std::ptr::eq(timeline, main) {
                continue;
            }
            for activity in texts(instance, "activityIds") {
                done.entry(activity).or_default().insert(encounter);
            }
        }
    }
    let mut codes = Codes::new("A", 8);
    let mut seen = Vec::new();
    for (i, activity) in all.iter().enumerate() {
        let id = text(activity, "id");
        let at = done.get(id).cloned().unwrap_or_default();
        if texts(activity, "childIds").next().is_some() && at.is_empty() {
            continue;
        }
        let code = codes.code(text(activity, "name"), i + 1);
        if at.contains("") {
            remark(remarks, format!("activity {code}"), "is planned at a time that is no visit, too: that is kept");
        }
        let parent = all.iter().find(|p| texts(p, "childIds").any(|child| child == id));
        let item = Activity {
            name: words(activity, &["label", "name"]).to_owned(),
            group: parent.map(|p| words(p, &["label", "name"]).to_owned()),
            forms: Vec::new(),
            visits: visits.iter().filter(|v| at.contains(v.id.as_str())).map(|v| v.item.code.clone()).collect(),
            code,
        };
        seen.push(Seen { id: id.to_owned(), item });
    }
    seen
}
