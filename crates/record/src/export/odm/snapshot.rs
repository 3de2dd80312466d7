//! What stands of a subject, as a snapshot has it?

use super::data::{self, Filled, Stands, Under};
use crate::capture::{FormState, Place, Subject, SubjectStatus};
use crate::vendor::say;
use croft_cdisc::odm::{StudyEventData, SubjectData};
use std::collections::BTreeMap;

/// The subject's data by version, the earliest first: each form stands under the version under which it was last saved.
pub(super) fn subject(
    subject: &Subject,
    forms: &[(Place, FormState)],
    versions: &BTreeMap<u32, Under>,
) -> Vec<(String, SubjectData)> {
    let mut parts = Vec::new();
    for under in versions.values() {
        let mut own: Vec<_> = forms.iter().filter_map(|(p, f)| Some((p, filled(versions, under, p, f)?))).collect();
        own.sort_by_key(|(place, _)| order(under, place));
        let mut events: Vec<(&str, u32, StudyEventData)> = Vec::new();
        for (place, filled) in own {
            let at = (place.visit.as_str(), place.visit_repeat);
            if events.last().is_none_or(|(visit, repeat, _)| (*visit, *repeat) != at) {
                let mut event = under.visit(at.0, at.1);
                let known = subject.visits.iter().find(|v| (v.visit.as_str(), v.repeat) == at);
                say(&mut event.extra, "Date", known.map_or("", |v| &v.date));
                events.push((at.0, at.1, event));
            }
            if let Some((_, _, event)) = events.last_mut() {
                under.put(event, place, filled);
            }
        }
        if !events.is_empty() {
            let events = events.into_iter().map(|(_, _, event)| event).collect();
            parts.push((under.oid.clone(), SubjectData { events, ..of(subject) }));
        }
    }
    if let Some((_, last)) = versions.last_key_value().filter(|_| parts.is_empty()) {
        parts.push((last.oid.clone(), of(subject)));
    }
    if let Some((_, last)) = parts.last_mut().filter(|_| subject.status == SubjectStatus::Withdrawn) {
        say(&mut last.extra, "Status", "withdrawn");
    }
    parts
}

fn of(subject: &Subject) -> SubjectData {
    data::subject(&subject.id, &subject.site)
}

/// Visits and forms as the definition has them.
fn order(under: &Under, place: &Place) -> (usize, u32, usize, u32) {
    let visit = under.compiled.definition.visits.iter().position(|v| v.code == place.visit);
    let form = under.compiled.forms.iter().position(|f| f.form == place.form);
    (visit.unwrap_or(usize::MAX), place.visit_repeat, form.unwrap_or(usize::MAX), place.form_repeat)
}

/// What of a form stands under this version: all of it under its own; an item that its own no longer has under the newest one that has it.
fn filled(versions: &BTreeMap<u32, Under>, under: &Under, place: &Place, form: &FormState) -> Option<Filled> {
    let has = |u: &Under, group: &str, item: &str| u.compiled.item(&place.form, group, item).is_some();
    let home = |group: &str, item: &str| {
        let known = versions.range(..=form.version).rev().find(|(_, u)| has(u, group, item));
        known.is_some_and(|(number, _)| *number == under.number)
    };
    let mut filled = Filled::default();
    let groups = under.compiled.form(&place.form).map(|f| f.groups.as_slice()).unwrap_or_default();
    for group in groups {
        for (number, row) in form.groups.get(&group.name).into_iter().flatten().filter(|(_, r)| !r.void) {
            let mut made = under.row(place, &group.name, *number);
            for item in group.items.iter().filter(|i| home(&group.name, &i.name)) {
                let Some(stands) = row.items.get(&item.name).filter(|i| !i.is_blank()) else { continue };
                let (text, value, unit, missing) = (&stands.text, stands.value(), &stands.unit, &stands.missing);
                made.items.extend(under.items(&group.name, &item.name, &Stands { text, value, unit, missing }));
            }
            if !made.items.is_empty() {
                filled.groups.push(made);
            }
        }
    }
    let own = form.version == under.number;
    if own {
        say(&mut filled.extra, "Complete", if form.complete { "Yes" } else { "" });
        say(&mut filled.extra, "Frozen", if form.frozen { "Yes" } else { "" });
    }
    (own || !filled.groups.is_empty()).then_some(filled)
}
