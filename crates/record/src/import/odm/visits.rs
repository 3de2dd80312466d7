//! Visits, in the order of the protocol, and which forms they have.

use super::super::name::Names;
use super::super::note::Note;
use super::super::text;
use super::{REDCAP, dangling, in_order, words};
use crate::vendor;
use croft_cdisc::odm::{EventMember, EventType, FormRef, ItemGroupRef, MetaDataVersion, Odm, Repeating, StudyEventDef};
use croft_design::definition::{Visit, VisitKind};
use std::collections::BTreeSet;

/// A visit's code and the forms that the document puts there.
pub(super) struct At<'a> {
    pub code: String,
    pub forms: Vec<&'a FormRef>,
    /// Forms of 2.0.
    pub groups: Vec<&'a ItemGroupRef>,
}

/// The place of forms that have no visit.
const STUDY: &str = "STUDY";

/// The visits, and what is at each.
pub(super) fn visits<'a>(odm: &Odm, version: &'a MetaDataVersion, notes: &mut Vec<Note>) -> (Vec<Visit>, Vec<At<'a>>) {
    let mut names = Names::default();
    let (mut visits, mut places) = (Vec::new(), Vec::new());
    for (number, event) in (1..).zip(ordered(version, notes)) {
        let code = names.take(vendor::said(&event.extra, "Name").unwrap_or(&event.oid), "VISIT");
        visits.push(visit(number, &code, event, notes));
        places.push(At {
            code,
            forms: in_order(event.forms.iter().collect(), |f| f.order_number),
            groups: in_order(event.item_groups.iter().collect(), |g| g.order_number),
        });
    }
    if visits.is_empty() {
        for event in super::infer::visits_of(odm) {
            let code = names.take(&event.oid, "VISIT");
            let number = u32::try_from(visits.len()).unwrap_or(u32::MAX).saturating_add(1);
            visits.push(visit(number, &code, &event, notes));
            places.push(At { code, forms: Vec::new(), groups: Vec::new() });
            let message =
                format!("visit {} is not defined, but the data name it: every form can be filled there", event.oid);
            notes.push(Note::new(0, &event.oid, message, "correct the visits in study.toml and in the forms"));
        }
    }
    if visits.is_empty() {
        let mut common = text::visit(1, names.take(STUDY, STUDY), STUDY, "Study");
        common.kind = VisitKind::Common;
        places.push(At { code: common.code.clone(), forms: Vec::new(), groups: Vec::new() });
        let message = "the document has no visits: its forms stand at one place, STUDY";
        notes.push(Note::new(0, STUDY, message, "add visits to study.toml and name them in the forms"));
        visits.push(common);
    } else if visits.iter().all(|v| v.day == 0) {
        let message = "the document has no days of visits in a form that is read here: each has day 0 and no window";
        notes.push(Note::new(0, "", message, "set day, days_before and days_after in study.toml"));
    }
    (visits, places)
}

/// As the protocol lists them, then those that it does not list.
fn ordered<'a>(version: &'a MetaDataVersion, notes: &mut Vec<Note>) -> Vec<&'a StudyEventDef> {
    let mut oids: Vec<(&str, u32)> = Vec::new();
    if let Some(protocol) = &version.protocol {
        for event in in_order(protocol.events.iter().collect(), |e| e.order_number) {
            if event.exception_condition_oid.is_some() {
                left_out(&event.event_oid, event.place.line, notes);
            }
            oids.push((&event.event_oid, event.place.line));
        }
        for group in in_order(protocol.event_groups.iter().collect(), |g| g.order_number) {
            of_group(version, &group.event_group_oid, &mut BTreeSet::new(), &mut oids);
        }
    }
    let mut found: Vec<&StudyEventDef> = Vec::new();
    for (oid, line) in oids {
        match version.events.iter().find(|e| e.oid == oid) {
            Some(event) if !found.iter().any(|f| f.oid == oid) => found.push(event),
            Some(_) => {}
            None => notes.push(dangling(line, "StudyEventDef", oid, "the visit is left out")),
        }
    }
    for event in &version.events {
        if !found.iter().any(|f| f.oid == event.oid) {
            found.push(event);
        }
    }
    found
}

fn left_out(oid: &str, line: u32, notes: &mut Vec<Note>) {
    let message = format!("the condition of visit {oid} has no place: the visit is planned for every subject");
    notes.push(Note::new(line, oid, message, "make the visit unscheduled, or put the condition on its forms"));
}

/// The visits of a group of visits (2.0), groups within it included.
fn of_group<'a>(
    version: &'a MetaDataVersion,
    oid: &'a str,
    seen: &mut BTreeSet<&'a str>,
    oids: &mut Vec<(&'a str, u32)>,
) {
    if !seen.insert(oid) {
        return;
    }
    let Some(group) = version.event_groups.iter().find(|g| g.oid == oid) else { return };
    for member in &group.members {
        match member {
            EventMember::Event(event) => oids.push((&event.event_oid, event.place.line)),
            EventMember::Group(inner) => of_group(version, &inner.event_group_oid, seen, oids),
        }
    }
}

fn visit(number: u32, code: &str, event: &StudyEventDef, notes: &mut Vec<Note>) -> Visit {
    let name = event.name.clone().or_else(|| words(event.description.as_ref()));
    let mut visit = text::visit(number, code.to_owned(), &event.oid, name.as_deref().unwrap_or_default());
    let redcap = |local: &str| event.extra.attribute(REDCAP, local);
    visit.kind = match &event.kind {
        Some(EventType::Common) if redcap("UniqueEventName").is_none() => VisitKind::Common,
        Some(EventType::Unscheduled) => VisitKind::Unscheduled,
        Some(EventType::Other(word)) => {
            let message = format!("the type `{word}` of visit {} is not of the standard: it is scheduled", event.oid);
            notes.push(Note::new(event.place.line, &event.oid, message, "correct the kind in study.toml"));
            VisitKind::Scheduled
        }
        _ => VisitKind::Scheduled,
    };
    visit.repeating = event.repeating.as_ref().is_some_and(|r| *r != Repeating::No);
    visit.day = redcap("DayOffset").and_then(|d| d.parse().ok()).unwrap_or(0);
    let window = |local| redcap(local).and_then(|d| d.parse().ok()).filter(|days| *days > 0);
    visit.days_before = window("OffsetMin");
    visit.days_after = window("OffsetMax");
    planned(&mut visit, event);
    visit
}

/// When it is planned, as croft's own documents say it.
fn planned(visit: &mut Visit, event: &StudyEventDef) {
    let said = |local| vendor::said(&event.extra, local);
    let number = |local| said(local).and_then(|n| n.parse().ok());
    if let Some(day) = said("Day").and_then(|d| d.parse().ok()) {
        visit.day = day;
        visit.days_before = number("DaysBefore");
        visit.days_after = number("DaysAfter");
        visit.period = number("Period");
        visit.epoch = said("Epoch").unwrap_or_default().to_owned();
        visit.start = said("Start").unwrap_or_default().to_owned();
    }
}
