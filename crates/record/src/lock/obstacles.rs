//! What stands in the way of a lock?

use super::Part;
use crate::capture::{FormState, Place, Subject, SubjectStatus};
use crate::door::{self, Record};
use crate::key::key;
use crate::refusal::Refusal;
use crate::{space, study, verify};
use croft_design::definition::VisitKind;
use croft_ledger::View;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

/// One thing in the way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Obstacle {
    /// `open query`, `answered query`, `form not complete`, `form not signed`, `items not verified`, `form not filled`.
    pub kind: &'static str,
    /// Where.
    pub place: Place,
    /// How many on this form.
    pub count: usize,
}

/// All of them, in the order of their places.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Obstacles(pub Vec<Obstacle>);

impl Obstacles {
    /// Whether nothing is in the way.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many of each kind.
    pub fn counts(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for obstacle in &self.0 {
            *counts.entry(obstacle.kind.to_owned()).or_insert(0) += obstacle.count;
        }
        counts
    }

    /// In words: `3 open query, 12 form not signed`.
    pub fn words(&self) -> String {
        self.counts().iter().map(|(kind, n)| format!("{kind}: {n}")).collect::<Vec<_>>().join(", ")
    }
}

/// Walks all forms of the study. O(values).
pub(super) fn find(view: &dyn View, record: &Record, id: &str, _now_ms: i64) -> Result<Obstacles, Refusal> {
    let target = study::study(view, id)?;
    let Some(current) = target.current() else { return Ok(Obstacles::default()) };
    let newest = record.version(view, id, current)?;
    let mut subjects: Vec<Subject> = Vec::new();
    door::rows(view, space::SUBJECT, key(&[id]).range(), |_, subject: Subject| {
        subjects.push(subject);
        ControlFlow::Continue(())
    })?;
    let mut found = Vec::new();
    for subject in subjects {
        let mut forms: Vec<(Place, FormState)> = Vec::new();
        door::rows(view, space::FORM, key(&[id, &subject.id]).range(), |at, form: FormState| {
            forms.extend(Place::from_key(at).map(|place| (place, form)));
            ControlFlow::Continue(())
        })?;
        let filled: BTreeSet<(&str, &str)> =
            forms.iter().filter(|(_, f)| f.event > 0).map(|(p, _)| (p.visit.as_str(), p.form.as_str())).collect();
        if subject.status == SubjectStatus::Enrolled {
            let planned = newest.definition.visits.iter().filter(|v| v.kind == VisitKind::Scheduled);
            for (visit, form) in planned.flat_map(|v| newest.forms_at(&v.code).map(move |f| (v, f))) {
                // A form with a condition may rightly be empty.
                if form.when.is_none() && !filled.contains(&(visit.code.as_str(), form.form.as_str())) {
                    let place = Place::first(&subject.id, &visit.code, &form.form);
                    found.push(Obstacle { kind: "form not filled", place, count: 1 });
                }
            }
        }
        for (place, form) in &forms {
            let counts = form.counts();
            let definition = if form.version == 0 { None } else { Some(record.version(view, id, form.version)?) };
            let due = definition.map_or_else(Vec::new, |d| verify::due(&d, id, place, form));
            let unverified =
                due.iter().filter(|a| form.item(&a.group, a.row, &a.item).is_some_and(|i| i.verified == 0)).count();
            for (kind, count) in [
                ("open query", counts.open as usize),
                ("answered query", counts.answered as usize),
                ("form not complete", usize::from(form.event > 0 && !form.complete)),
                ("form not signed", usize::from(form.event > 0 && form.signatures.is_empty())),
                ("items not verified", unverified),
            ] {
                if count > 0 {
                    found.push(Obstacle { kind, place: place.clone(), count });
                }
            }
        }
    }
    found.sort_by(|a, b| (&a.place, a.kind).cmp(&(&b.place, b.kind)));
    Ok(Obstacles(found))
}

impl Part {
    /// In words.
    pub fn words(&self) -> String {
        match self {
            Self::Form(place) => format!("form {} of {} at {}", place.form, place.subject, place.visit),
            Self::Visit { subject, visit, .. } => format!("visit {visit} of {subject}"),
            Self::Subject { subject } => format!("subject {subject}"),
            Self::Site { site } => format!("site {site}"),
        }
    }
}
