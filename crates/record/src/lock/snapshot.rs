//! The record as a study folder takes it: values, the history of each, and where they come from.
//!
//! The form is [`croft_design::snapshot`]'s. Voided rows and blank items are no values, but their history is in the audit file. What identifies
//! a person is in neither. O(values + events of the study).

use crate::access;
use crate::access::{Operation, Scope};
use crate::capture::read::action_of;
use crate::capture::{FormSaved, FormState, Place};
use crate::door::{self, Reading};
use crate::key::key;
use crate::refusal::Refusal;
use crate::space;
use crate::study::{self, Lock};
use crate::vault::RandomisedFacts;
use croft_design::snapshot::{Allocation, AuditEntry, Value};
use croft_ledger::{Event, View};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// Missing reason of an item whose value is kept apart because it identifies a person.
pub const SEALED: &str = "SEALED";

/// A locked study's record.
#[derive(Clone, Debug)]
pub struct Locked {
    /// Values in the order of their addresses.
    pub values: Vec<Value>,
    /// Changes in the order of events.
    pub audit: Vec<AuditEntry>,
    /// Randomised subjects in the order of randomisation, without arms.
    pub allocations: Vec<Allocation>,
    /// When it was locked, RFC 3339 in UTC.
    pub locked_at: String,
    /// Who locked it, as printed.
    pub locked_by: String,
    /// Chain, event and hash of the lock: where the snapshot hangs in the record.
    pub source: String,
    /// The texts of the newest version of the definition.
    pub files: BTreeMap<String, String>,
}

impl Reading<'_> {
    /// The record of a locked study.
    pub fn locked(&self, id: &str) -> Result<Locked, Refusal> {
        self.allow(Operation::Export, &Scope::study(id))?;
        let target = study::study(self.view, id)?;
        let Lock::Locked { at_ms, by, event, .. } = &target.lock else {
            return Err(Refusal::state(format!("study {id} is not locked"), "lock it first"));
        };
        let lock = self.event(id, *event)?;
        let files = match target.current() {
            Some(number) => self.version_files(id, number)?,
            None => BTreeMap::new(),
        };
        Ok(Locked {
            values: values(self.view, id)?,
            audit: audit(self.view, id)?,
            allocations: self.randomised(id)?.into_iter().map(blind).collect(),
            locked_at: rfc3339(*at_ms),
            locked_by: by.clone(),
            source: format!("record of croft: chain {id}, event {event}, hash {}", lock.hash),
            files,
        })
    }
}

/// A randomised subject as the snapshot holds it while the study is blind.
fn blind(row: RandomisedFacts) -> Allocation {
    let RandomisedFacts { subject, number, at_ms, by, .. } = row;
    Allocation { subject, number, time: rfc3339(at_ms), actor: by, arm: String::new() }
}

fn values(view: &dyn View, study: &str) -> Result<Vec<Value>, Refusal> {
    let mut values = Vec::new();
    door::rows(view, space::FORM, key(&[study]).range(), |at, form: FormState| {
        if let Some(place) = Place::from_key(at) {
            values.extend(form_values(&place, &form).filter(|v| v.missing != SEALED));
        }
        ControlFlow::Continue(())
    })?;
    values.sort_by_cached_key(Value::address);
    Ok(values)
}

/// What stands in a form, sealed values with the digest that stands for them.
pub(crate) fn form_values<'f>(place: &'f Place, form: &'f FormState) -> impl Iterator<Item = Value> + 'f {
    form.groups.iter().flat_map(move |(group, rows)| {
        rows.iter().filter(|(_, r)| !r.void).flat_map(move |(row, state)| {
            let filled = state.items.iter().filter(|(_, i)| !i.is_blank());
            filled.map(move |(name, item)| Value {
                subject: place.subject.clone(),
                visit: place.visit.clone(),
                visit_repeat: place.visit_repeat,
                form: place.form.clone(),
                form_repeat: place.form_repeat,
                group: group.clone(),
                group_repeat: *row,
                item: name.clone(),
                text: item.text.clone(),
                value: if item.missing.is_empty() { item.value().to_owned() } else { String::new() },
                unit: item.unit.clone(),
                missing: item.missing.clone(),
                event: item.event,
            })
        })
    })
}

#[derive(Deserialize)]
struct Role {
    role: String,
}

fn audit(view: &dyn View, study: &str) -> Result<Vec<AuditEntry>, Refusal> {
    let mut names = BTreeMap::new();
    let mut entries = Vec::new();
    let mut failed = None;
    // What stands at each address of a row, to say what a void took away.
    let mut standing: BTreeMap<(Place, String, u32, String), String> = BTreeMap::new();
    view.events(study, 1, &mut |event| {
        if event.kind == "form.saved/1" {
            match changes(view, &event, &mut names, &mut standing) {
                Ok(found) => entries.extend(found),
                Err(error) => {
                    failed = Some(error);
                    return ControlFlow::Break(());
                }
            }
        }
        ControlFlow::Continue(())
    })?;
    failed.map_or(Ok(entries), Err)
}

type Standing = BTreeMap<(Place, String, u32, String), String>;

fn changes(
    view: &dyn View,
    event: &Event,
    names: &mut BTreeMap<String, String>,
    standing: &mut Standing,
) -> Result<Vec<AuditEntry>, Refusal> {
    let damaged = |e: serde_json::Error| Refusal::Damaged(format!("event {} of {}: {e}", event.seq, event.chain));
    let saved: FormSaved = serde_json::from_str(&event.payload).map_err(damaged)?;
    let Role { role } = serde_json::from_str(&event.payload).map_err(damaged)?;
    if !names.contains_key(&event.actor) {
        names.insert(event.actor.clone(), access::printed_name(view, &event.actor)?);
    }
    let by = names[&event.actor].clone();
    let place = &saved.place;
    let entry =
        |action: &str, group: &str, row: u32, item: &str, before: String, after: String, reason: &str| AuditEntry {
            event: event.seq,
            time: rfc3339(event.time_ms),
            actor: by.clone(),
            role: role.clone(),
            action: action.to_owned(),
            subject: place.subject.clone(),
            visit: place.visit.clone(),
            visit_repeat: place.visit_repeat,
            form: place.form.clone(),
            form_repeat: place.form_repeat,
            group: group.to_owned(),
            group_repeat: row,
            item: item.to_owned(),
            before,
            after,
            reason: reason.to_owned(),
        };
    let mut found = Vec::new();
    for change in saved.changes.iter().filter(|c| c.missing != SEALED) {
        let reason = if change.before.is_some() && change.reason.is_empty() { &event.reason } else { &change.reason };
        let before = change.before.as_ref().map_or(String::new(), |b| b.text.clone());
        standing.insert((place.clone(), change.group.clone(), change.row, change.item.clone()), change.text.clone());
        let action = action_of(saved.imported, change);
        found.push(entry(action, &change.group, change.row, &change.item, before, change.text.clone(), reason));
    }
    for voided in &saved.voids {
        let from = (place.clone(), voided.group.clone(), voided.row, String::new());
        let to = (place.clone(), voided.group.clone(), voided.row, "\u{10ffff}".to_owned());
        for ((_, group, row, item), text) in standing.range(from..to).map(|(k, v)| (k.clone(), v.clone())) {
            found.push(entry("void", &group, row, &item, text, String::new(), &voided.reason));
        }
    }
    Ok(found)
}

/// A time as files have it.
pub(crate) fn rfc3339(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).map_or_else(|_| ms.to_string(), |t| t.to_string())
}
