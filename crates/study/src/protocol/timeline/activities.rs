//! How do activities go into a document, and at which instances are they done?

use super::Instances;
use crate::protocol::json::{DESIGN, Object, find_mut, list, list_mut, text, texts, words};
use crate::protocol::put::{Items, relink, set};
use crate::protocol::read::ProtocolError;
use crate::protocol::skeleton::named;
use croft_design::protocol::Activity;
use serde_json::{Value, json};
use std::collections::BTreeSet;

impl Instances<'_, '_> {
    pub(super) fn activities(&mut self, wanted: &[Activity]) -> Result<(), ProtocolError> {
        let seen = &self.put.seen.activities;
        let make = |activity: &Activity, id: &str| new_activity(id, &activity.code, &activity.name);
        let ids = self.put.items(
            DESIGN,
            "activities",
            seen,
            wanted,
            Items {
                class: "Activity",
                code: |a| &a.code,
                chained: true,
                make: &make,
                edit: &mut |object, old, new| set(object, "label", &old.name, &new.name),
            },
        )?;
        let gone: BTreeSet<&str> =
            seen.iter().filter(|s| !ids.contains_key(&s.item.code)).map(|s| s.id.as_str()).collect();
        if !gone.is_empty() {
            forget(self.put.document, &gone);
        }
        for activity in wanted {
            let Some(id) = ids.get(&activity.code) else { continue };
            let old = seen.iter().find(|s| s.item.code == activity.code).map(|s| &s.item);
            let group = old.and_then(|o| o.group.as_deref());
            if group != activity.group.as_deref() {
                self.group(id, activity.group.as_deref())?;
            }
            let before: BTreeSet<&str> =
                old.map_or_else(BTreeSet::new, |o| o.visits.iter().map(String::as_str).collect());
            let after: BTreeSet<&str> = activity.visits.iter().map(String::as_str).collect();
            for visit in before.difference(&after) {
                self.undo(id, visit);
            }
            for visit in activity.visits.iter().filter(|v| !before.contains(v.as_str())) {
                self.plan(id, visit);
            }
        }
        Ok(())
    }

    /// Moves an activity under a heading, which is an activity that holds it.
    fn group(&mut self, id: &str, group: Option<&str>) -> Result<(), ProtocolError> {
        let own = self.put.fresh("Activity", group.unwrap_or("group"));
        let activities = list_mut(self.put.design()?, "activities");
        for holder in activities.iter_mut().filter(|a| texts(a, "childIds").any(|child| child == id)) {
            if let Some(holder) = holder.as_object_mut() {
                list_mut(holder, "childIds").retain(|child| child != id);
            }
        }
        let Some(group) = group else { return Ok(()) };
        let is_group = |a: &&mut Value| text(a, "id") != id && words(a, &["label", "name"]) == group;
        if let Some(holder) = activities.iter_mut().find(is_group).and_then(Value::as_object_mut) {
            list_mut(holder, "childIds").push(json!(id));
            return Ok(());
        }
        let mut holder = new_activity(&own, group, group);
        holder.insert("childIds".to_owned(), json!([id]));
        let at = activities.iter().position(|a| text(a, "id") == id).unwrap_or(activities.len());
        activities.insert(at, Value::Object(holder));
        relink(activities);
        Ok(())
    }

    /// Takes an activity off a visit.
    fn undo(&mut self, activity: &str, visit: &str) {
        let Some(encounter) = self.encounters.get(visit).cloned() else { return };
        let timelines = self.put.document.pointer_mut(DESIGN).and_then(|d| d.get_mut("scheduleTimelines"));
        for timeline in timelines.and_then(Value::as_array_mut).into_iter().flatten().filter_map(Value::as_object_mut) {
            for instance in list_mut(timeline, "instances").iter_mut().filter(|i| text(i, "encounterId") == encounter) {
                if let Some(instance) = instance.as_object_mut() {
                    list_mut(instance, "activityIds").retain(|a| a != activity);
                }
            }
        }
    }

    /// Plans an activity at a visit: at its first instance.
    fn plan(&mut self, activity: &str, visit: &str) {
        let elsewhere = || -> Option<String> {
            let encounter = self.encounters.get(visit)?;
            let timelines = list(self.put.document.pointer(DESIGN)?, "scheduleTimelines").iter();
            let mut instances = timelines.flat_map(|t| list(t, "instances"));
            instances.find(|i| text(i, "encounterId") == encounter).map(|i| text(i, "id").to_owned())
        };
        let own = self.of_visit(visit).into_iter().next();
        let Some(id) = own.or_else(elsewhere).or_else(|| self.logs.get(visit).cloned()) else { return };
        if let Some(instance) = find_mut(self.put.document, &id) {
            list_mut(instance, "activityIds").push(json!(activity));
        }
    }
}

/// Takes activities out of the lists that name them.
fn forget(value: &mut Value, gone: &BTreeSet<&str>) {
    match value {
        Value::Object(members) => {
            for (member, inner) in members.iter_mut() {
                match inner {
                    Value::Array(ids) if member == "activityIds" || member == "childIds" => {
                        ids.retain(|id| id.as_str().is_none_or(|id| !gone.contains(id)));
                    }
                    inner => forget(inner, gone),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|v| forget(v, gone)),
        _ => {}
    }
}

fn new_activity(id: &str, code: &str, name: &str) -> Object {
    let mut object = named("Activity", id, code, name);
    for member in ["previousId", "nextId", "timelineId"] {
        object.insert(member.to_owned(), Value::Null);
    }
    for member in ["childIds", "definedProcedures", "biomedicalConceptIds", "bcCategoryIds", "bcSurrogateIds"] {
        object.insert(member.to_owned(), json!([]));
    }
    object
}
