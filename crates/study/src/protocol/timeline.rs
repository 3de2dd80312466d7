//! How do visits and activities go into a document? As encounters, instances of the main timeline and their timings.
//!
//! A planned visit is an instance of the main timeline. An unscheduled one, and a place for logs that are kept throughout, has a timeline of its own.

mod activities;

use super::json::{DESIGN, Object, find, find_mut, list, list_mut, object_mut, text};
use super::put::{Ids, Items, Put, put_rule, set};
use super::read::ProtocolError;
use super::skeleton::{named, timeline};
use super::view::{Seen, main_timeline};
use super::{terms, timing};
use crate::definition::{Visit, VisitKind};
use croft_design::protocol::Activity;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Puts visits and activities that differ.
pub(super) fn put(put: &mut Put<'_>, epochs: &Ids, activities: &[Activity]) -> Result<(), ProtocolError> {
    let encounters = visits(put)?;
    let main = main(put)?;
    let mut instances = Instances { put, main, encounters, logs: BTreeMap::new() };
    instances.remove_gone()?;
    instances.add_new(epochs)?;
    instances.epochs(epochs)?;
    instances.days()?;
    instances.windows()?;
    instances.activities(activities)
}

fn visits(put: &mut Put<'_>) -> Result<Ids, ProtocolError> {
    let seen = &put.seen.visits;
    let wanted: Vec<Visit> = put.wanted.visits.iter().filter(|v| v.kind != VisitKind::Common).cloned().collect();
    let make = |visit: &Visit, id: &str| {
        let mut object = named("Encounter", id, &visit.code, &visit.name);
        object.insert("type".to_owned(), terms::fixed(terms::ENCOUNTER, &format!("{id}_type"), "C25716"));
        for member in ["previousId", "nextId", "scheduledAtId", "transitionEndRule"] {
            object.insert(member.to_owned(), Value::Null);
        }
        for member in ["environmentalSettings", "contactModes"] {
            object.insert(member.to_owned(), json!([]));
        }
        put_rule(&mut object, "transitionStartRule", id, "start", &visit.start);
        object
    };
    put.items(
        DESIGN,
        "encounters",
        seen,
        &wanted,
        Items {
            class: "Encounter",
            code: |v| &v.code,
            chained: true,
            make: &make,
            edit: &mut |object, old, new| {
                let id = object.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
                set(object, "label", &old.name, &new.name);
                if old.start != new.start {
                    put_rule(object, "transitionStartRule", &id, "start", &new.start);
                }
            },
        },
    )
}

/// The position of the main timeline; one is made where there is none.
fn main(put: &mut Put<'_>) -> Result<usize, ProtocolError> {
    let at = put.document.pointer(DESIGN).and_then(main_timeline).map(|(at, _)| at);
    let planned = put.wanted.visits.iter().any(|v| v.kind == VisitKind::Scheduled);
    if at.is_some() || !planned {
        return Ok(at.unwrap_or(0));
    }
    list_mut(put.design()?, "scheduleTimelines").push(timeline("main", "Main timeline", true));
    Ok(0)
}

struct Instances<'p, 'a> {
    put: &'p mut Put<'a>,
    main: usize,
    encounters: Ids,
    /// Instances of visits that are no encounters.
    logs: Ids,
}

impl Instances<'_, '_> {
    fn pointer(&self) -> String {
        format!("{DESIGN}/scheduleTimelines/{}", self.main)
    }

    fn timeline(&self) -> &Value {
        self.put.document.pointer(&self.pointer()).unwrap_or(&Value::Null)
    }

    fn timeline_mut(&mut self) -> Result<&mut Object, ProtocolError> {
        let pointer = self.pointer();
        object_mut(self.put.document, &pointer)
    }

    /// Instances of a visit on the main timeline.
    fn of_visit(&self, code: &str) -> Vec<String> {
        let Some(encounter) = self.encounters.get(code) else { return Vec::new() };
        let instances = list(self.timeline(), "instances").iter();
        instances.filter(|i| text(i, "encounterId") == encounter).map(|i| text(i, "id").to_owned()).collect()
    }

    fn seen(&self, code: &str) -> Option<&Seen<Visit>> {
        self.put.seen.visits.iter().find(|s| s.item.code == code)
    }

    fn remove_gone(&mut self) -> Result<(), ProtocolError> {
        let gone: Vec<String> = self
            .put
            .seen
            .visits
            .iter()
            .filter(|s| !self.encounters.contains_key(&s.item.code))
            .map(|s| s.id.clone())
            .collect();
        if gone.is_empty() {
            return Ok(());
        }
        let instances = list(self.timeline(), "instances").iter();
        let ids: Vec<String> = instances
            .filter(|i| gone.iter().any(|g| g == text(i, "encounterId")))
            .map(|i| text(i, "id").to_owned())
            .collect();
        for id in ids {
            self.remove_instance(&id)?;
        }
        // A timeline beside the main one that was only such a visit goes with it.
        let main = self.main;
        let design = self.put.design()?;
        let timelines = list_mut(design, "scheduleTimelines");
        let mut at = 0;
        timelines.retain(|timeline| {
            let is_gone = |i: &Value| gone.iter().any(|g| g == text(i, "encounterId"));
            let instances = list(timeline, "instances");
            let keep = at == main || instances.is_empty() || !instances.iter().all(is_gone);
            at += 1;
            keep
        });
        self.main = self.put.document.pointer(DESIGN).and_then(main_timeline).map_or(0, |(at, _)| at);
        Ok(())
    }

    /// Takes an instance out: what led to it leads on, what was timed from it is timed from the anchor.
    fn remove_instance(&mut self, id: &str) -> Result<(), ProtocolError> {
        let times = timing::times(self.timeline(), "$")?;
        let timeline = self.timeline_mut()?;
        let instances = list_mut(timeline, "instances");
        let Some(at) = instances.iter().position(|i| text(i, "id") == id) else { return Ok(()) };
        let gone = instances.remove(at);
        let (next, exit) = (
            gone.get("defaultConditionId").cloned().unwrap_or_default(),
            gone.get("timelineExitId").cloned().unwrap_or_default(),
        );
        for instance in instances.iter_mut().filter_map(Value::as_object_mut) {
            if instance.get("defaultConditionId").and_then(Value::as_str) == Some(id) {
                instance.insert("defaultConditionId".to_owned(), next.clone());
                if next.is_null() {
                    instance.insert("timelineExitId".to_owned(), exit.clone());
                }
            }
            for condition in list_mut_if(instance, "conditionAssignments").iter_mut().filter_map(Value::as_object_mut) {
                if condition.get("conditionTargetId").and_then(Value::as_str) == Some(id) && !next.is_null() {
                    condition.insert("conditionTargetId".to_owned(), next.clone());
                }
            }
        }
        if timeline.get("entryId").and_then(Value::as_str) == Some(id) {
            timeline.insert("entryId".to_owned(), if next.is_null() { json!("") } else { next });
        }
        let timings = list_mut(timeline, "timings");
        let mut removed: Vec<String> = Vec::new();
        timings.retain(|t| {
            let own = text(t, "relativeFromScheduledInstanceId") == id;
            if own {
                removed.push(text(t, "id").to_owned());
            }
            !own
        });
        let Some(anchor) = times.anchor.clone().filter(|a| a != id) else { return Ok(()) };
        let dependent: Vec<String> = timings
            .iter()
            .filter(|t| text(t, "relativeToScheduledInstanceId") == id)
            .map(|t| text(t, "relativeFromScheduledInstanceId").to_owned())
            .collect();
        for instance in dependent {
            if let Some(&at) = times.at.get(&instance) {
                self.time(&instance, at, Some(&anchor))?;
            }
        }
        for encounter in list_mut(self.put.design()?, "encounters").iter_mut().filter_map(Value::as_object_mut) {
            if removed.iter().any(|t| Some(t.as_str()) == encounter.get("scheduledAtId").and_then(Value::as_str)) {
                encounter.insert("scheduledAtId".to_owned(), Value::Null);
            }
        }
        Ok(())
    }

    fn add_new(&mut self, epochs: &Ids) -> Result<(), ProtocolError> {
        let visits = self.put.wanted.visits.clone();
        let mut before: Option<String> = None;
        for visit in &visits {
            let there = self.of_visit(&visit.code);
            let known = self.seen(&visit.code).map(|s| s.item.kind);
            match visit.kind {
                VisitKind::Scheduled if there.is_empty() => before = Some(self.add(visit, epochs, before)?),
                VisitKind::Scheduled => before = there.into_iter().last(),
                VisitKind::Unscheduled if known.is_none() => self.beside(visit, epochs, true)?,
                VisitKind::Common => self.beside(visit, epochs, false)?,
                VisitKind::Unscheduled => {
                    if known == Some(VisitKind::Scheduled) {
                        self.put.remark(
                            format!("visit {}", visit.code),
                            "is unscheduled in study.toml; the document keeps its time",
                        );
                    }
                    before = there.into_iter().last().or(before);
                }
            }
        }
        Ok(())
    }

    fn instance(&mut self, visit: &Visit, epochs: &Ids, encounter: bool) -> Object {
        let id = self.put.fresh("ScheduledActivityInstance", &visit.code);
        let mut instance = named("ScheduledActivityInstance", &id, &visit.code, &visit.name);
        instance.remove("notes");
        for member in ["defaultConditionId", "timelineId", "timelineExitId"] {
            instance.insert(member.to_owned(), Value::Null);
        }
        instance.insert("epochId".to_owned(), json!(epochs.get(&visit.epoch)));
        instance.insert("activityIds".to_owned(), json!([]));
        let encounter = encounter.then(|| self.encounters.get(&visit.code)).flatten();
        instance.insert("encounterId".to_owned(), json!(encounter));
        instance
    }

    /// A new instance of the main timeline, behind the one before it.
    fn add(&mut self, visit: &Visit, epochs: &Ids, before: Option<String>) -> Result<String, ProtocolError> {
        let mut instance = self.instance(visit, epochs, true);
        let id = instance.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        let start = visit.start.clone();
        let timeline = self.timeline_mut()?;
        let first_exit = list_mut(timeline, "exits").first().and_then(|e| e.get("id")).cloned().unwrap_or_default();
        let entry = timeline.get("entryId").cloned().filter(|e| e.as_str().is_some_and(|e| !e.is_empty()));
        let instances = list_mut(timeline, "instances");
        let at = before.and_then(|b| instances.iter().position(|i| text(i, "id") == b));
        match at.and_then(|at| instances.get_mut(at)).and_then(Value::as_object_mut) {
            Some(previous) => {
                let next = previous.insert("defaultConditionId".to_owned(), json!(id)).unwrap_or_default();
                let exit = previous.insert("timelineExitId".to_owned(), Value::Null).unwrap_or_default();
                instance.insert("defaultConditionId".to_owned(), next);
                instance.insert("timelineExitId".to_owned(), exit);
            }
            None => {
                if entry.is_none() {
                    instance.insert("timelineExitId".to_owned(), first_exit);
                }
                instance.insert("defaultConditionId".to_owned(), entry.unwrap_or_default());
            }
        }
        instances.insert(at.map_or(0, |at| at + 1), Value::Object(instance));
        if at.is_none() {
            timeline.insert("entryId".to_owned(), json!(id));
            if timeline.get("entryCondition").and_then(Value::as_str) == Some("") {
                timeline.insert("entryCondition".to_owned(), json!(start));
            }
        }
        Ok(id)
    }

    /// A timeline of its own.
    fn beside(&mut self, visit: &Visit, epochs: &Ids, encounter: bool) -> Result<(), ProtocolError> {
        let mut instance = self.instance(visit, epochs, encounter);
        let id = instance.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        let timeline_id = self.put.fresh("ScheduleTimeline", &visit.code);
        let mut own = timeline(&visit.code, &visit.name, false);
        if let Some(members) = own.as_object_mut() {
            let exit = format!("{timeline_id}_exit");
            instance.insert("timelineExitId".to_owned(), json!(exit));
            members.insert("id".to_owned(), json!(timeline_id));
            members.insert(
                "exits".to_owned(),
                json!([{ "id": exit, "extensionAttributes": [], "instanceType": "ScheduleTimelineExit" }]),
            );
            members.insert("entryId".to_owned(), json!(id));
            members.insert("entryCondition".to_owned(), json!(visit.start));
            members.insert("instances".to_owned(), json!([instance]));
            members.insert(
                "timings".to_owned(),
                json!([new_timing(&format!("Timing_{id}"), &visit.code, &id, &id, timing::FIXED, 24 * 60)]),
            );
        }
        list_mut(self.put.design()?, "scheduleTimelines").push(own);
        if !encounter {
            self.logs.insert(visit.code.clone(), id);
        }
        Ok(())
    }

    fn epochs(&mut self, epochs: &Ids) -> Result<(), ProtocolError> {
        let visits = self.put.wanted.visits.clone();
        for visit in &visits {
            if self.seen(&visit.code).is_none_or(|s| s.item.epoch == visit.epoch) {
                continue;
            }
            for id in self.of_visit(&visit.code) {
                if let Some(instance) = find_mut(self.put.document, &id) {
                    instance.insert("epochId".to_owned(), json!(epochs.get(&visit.epoch)));
                }
            }
        }
        Ok(())
    }

    /// Sets timings until every planned visit is on its day: a visit that others are timed from moves them, and they are set again.
    fn days(&mut self) -> Result<(), ProtocolError> {
        let planned: Vec<(Visit, String)> = self
            .put
            .wanted
            .visits
            .iter()
            .filter(|v| v.kind == VisitKind::Scheduled)
            .filter_map(|v| Some((v.clone(), self.of_visit(&v.code).into_iter().next()?)))
            .collect();
        self.anchor(&planned)?;
        for _ in 0..=planned.len() {
            let mut settled = true;
            for (visit, instance) in &planned {
                let times = timing::times(self.timeline(), "$.study.versions[0].studyDesigns[0].scheduleTimelines")?;
                let day = times.at.get(instance).and_then(|&minutes| timing::study_day(minutes));
                let (Some(wanted), false) = (timing::from_study_day(visit.day), day == Some(visit.day)) else {
                    continue;
                };
                if times.anchor.as_ref() == Some(instance) {
                    if visit.day >= 1
                        && let Some(timing) = self.timing_mut(instance)?
                    {
                        timing.insert("value".to_owned(), json!(format!("P{}D", visit.day)));
                        timing.insert("valueLabel".to_owned(), json!(label(i64::from(visit.day) * 24 * 60)));
                        settled = false;
                    }
                    continue;
                }
                self.time(instance, wanted, None)?;
                settled = false;
            }
            if settled {
                break;
            }
        }
        for (visit, instance) in &planned {
            let times = timing::times(self.timeline(), "$.study.versions[0].studyDesigns[0].scheduleTimelines")?;
            if times.at.get(instance).and_then(|&m| timing::study_day(m)) != Some(visit.day) {
                let message = format!("day {} cannot be said from the timeline's anchor", visit.day);
                self.put.remark(format!("visit {}", visit.code), message);
            }
        }
        Ok(())
    }

    /// Makes the first visit on or after day 1 the anchor, where the timeline has none.
    fn anchor(&mut self, planned: &[(Visit, String)]) -> Result<(), ProtocolError> {
        if timing::times(self.timeline(), "$")?.anchor.is_some() {
            return Ok(());
        }
        let Some((visit, instance)) = planned.iter().find(|(v, _)| v.day >= 1).or_else(|| planned.first()) else {
            return Ok(());
        };
        let id = self.put.fresh("Timing", &visit.code);
        let timing =
            new_timing(&id, &visit.code, instance, instance, timing::FIXED, i64::from(visit.day.max(1)) * 24 * 60);
        let (encounter, timings) =
            (self.encounters.get(&visit.code).cloned(), list_mut(self.timeline_mut()?, "timings"));
        timings.retain(|t| text(t, "relativeFromScheduledInstanceId") != instance);
        timings.push(timing);
        self.scheduled_at(encounter, &id);
        Ok(())
    }

    fn scheduled_at(&mut self, encounter: Option<String>, timing: &str) {
        if let Some(encounter) = encounter.and_then(|id| find_mut(self.put.document, &id))
            && encounter.get("scheduledAtId").is_none_or(Value::is_null)
        {
            encounter.insert("scheduledAtId".to_owned(), json!(timing));
        }
    }

    fn timing_mut(&mut self, instance: &str) -> Result<Option<&mut Object>, ProtocolError> {
        let timings = list_mut(self.timeline_mut()?, "timings").iter_mut();
        let mut own = timings.filter(|t| text(t, "relativeFromScheduledInstanceId") == instance);
        Ok(own.next().and_then(Value::as_object_mut))
    }

    /// Times an instance: `wanted` minutes from day 1, as before or after what it was timed from, or `to`.
    fn time(&mut self, instance: &str, wanted: i64, to: Option<&str>) -> Result<(), ProtocolError> {
        let times = timing::times(self.timeline(), "$")?;
        let Some(anchor) = times.anchor else { return Ok(()) };
        let from =
            timing::timing_of(self.timeline(), instance).map(|t| text(t, "relativeToScheduledInstanceId").to_owned());
        let base =
            to.map(str::to_owned).or(from).filter(|f| times.at.contains_key(f) && f != instance).unwrap_or(anchor);
        let Some(&at) = times.at.get(&base) else { return Ok(()) };
        let difference = wanted - at;
        let kind = if difference < 0 { timing::BEFORE } else { timing::AFTER };
        let length = difference.abs();
        if let Some(timing) = self.timing_mut(instance)? {
            let id = timing.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
            if timing.get("type").is_none_or(|t| text(t, "code") != kind) {
                timing.insert("type".to_owned(), terms::fixed(terms::TIMING, &format!("{id}_type"), kind));
            }
            timing.insert("value".to_owned(), json!(timing::duration(length)));
            timing.insert("valueLabel".to_owned(), json!(label(length)));
            timing.insert("relativeToScheduledInstanceId".to_owned(), json!(base));
            return Ok(());
        }
        let found = find(self.put.document, instance).map_or(&Value::Null, |i| i);
        let (name, encounter) = (text(found, "name").to_owned(), text(found, "encounterId").to_owned());
        let id = self.put.fresh("Timing", &name);
        list_mut(self.timeline_mut()?, "timings").push(new_timing(&id, &name, instance, &base, kind, length));
        self.scheduled_at(Some(encounter), &id);
        Ok(())
    }

    fn windows(&mut self) -> Result<(), ProtocolError> {
        let visits = self.put.wanted.visits.clone();
        for visit in visits.iter().filter(|v| v.kind == VisitKind::Scheduled) {
            let window = (visit.days_before, visit.days_after);
            let before = self.seen(&visit.code).map_or((None, None), |s| (s.item.days_before, s.item.days_after));
            let Some(instance) = self.of_visit(&visit.code).into_iter().next().filter(|_| window != before) else {
                continue;
            };
            let Some(timing) = self.timing_mut(&instance)? else { continue };
            let (lower, upper, label) = match window {
                (None, None) => (Value::Null, Value::Null, json!("")),
                (lower, upper) => {
                    let (lower, upper) = (lower.unwrap_or(0), upper.unwrap_or(0));
                    (json!(format!("P{lower}D")), json!(format!("P{upper}D")), json!(format!("-{lower}..{upper} days")))
                }
            };
            timing.insert("windowLower".to_owned(), lower);
            timing.insert("windowUpper".to_owned(), upper);
            timing.insert("windowLabel".to_owned(), label);
        }
        Ok(())
    }
}

/// A list that is there.
fn list_mut_if<'a>(holder: &'a mut Object, member: &str) -> &'a mut [Value] {
    holder.get_mut(member).and_then(Value::as_array_mut).map(Vec::as_mut_slice).unwrap_or_default()
}

fn new_timing(id: &str, name: &str, from: &str, to: &str, kind: &str, minutes: i64) -> Value {
    json!({
        "id": id, "extensionAttributes": [], "name": name, "label": null, "description": null,
        "type": terms::fixed(terms::TIMING, &format!("{id}_type"), kind), "value": timing::duration(minutes),
        "valueLabel": label(minutes), "relativeToFrom": terms::fixed(terms::RELATIVE, &format!("{id}_relation"), "C201355"),
        "relativeFromScheduledInstanceId": from, "relativeToScheduledInstanceId": to, "windowLower": null,
        "windowUpper": null, "windowLabel": "", "instanceType": "Timing"
    })
}

/// `14 days`.
fn label(minutes: i64) -> String {
    match (minutes / (24 * 60), minutes % (24 * 60)) {
        (1, 0) => "1 day".to_owned(),
        (days, 0) => format!("{days} days"),
        _ => format!("{minutes} minutes"),
    }
}
