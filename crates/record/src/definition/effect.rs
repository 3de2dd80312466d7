//! What would a version of a definition do to what is recorded?
//!
//! Publishing rewrites nothing: a form keeps the version under which it was filled until it is saved under a later one. What is told here is
//! what that save would meet: values for which the version has no place any more, or whose type or codes no longer take them; items that it
//! wants and that are not filled; checks that would ask anew, or no longer; computed values that would be others. Each with how many values,
//! forms and subjects it concerns. Nothing is recorded, and no value is told.

use super::Compiled;
use crate::access::{Operation, Scope};
use crate::capture::{FormState, Forms, ItemState, Place, Subject, local_day};
use crate::check::{EvaluateError, Fired, Outcome};
use crate::door::Reading;
use crate::key::key;
use crate::lock::snapshot::SEALED;
use crate::refusal::Refusal;
use crate::space;
use croft_core::date::CivilDate;
use croft_design::entry::{Typed, normalise};
use croft_design::forms::{Item, Severity};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

/// What a version would do to what is recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Effect {
    /// Subjects that were looked at.
    pub subjects: usize,
    /// Recorded forms that were looked at.
    pub forms: usize,
    /// Whether there are subjects that were not looked at.
    pub partial: bool,
    /// What was found: by kind, then by name.
    pub concerns: Vec<Concern>,
}

/// Something that the version would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Concern {
    /// What.
    pub kind: Consequence,
    /// To what: `item DM/demographics/SEX`, `check WEIGHT_RANGE`.
    pub what: String,
    /// Values, or rows of a check.
    pub values: usize,
    /// Forms.
    pub forms: usize,
    /// Subjects.
    pub subjects: usize,
    /// Some of the forms, for those who may read the study's data.
    pub places: Vec<Place>,
}

/// What happens to what is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Consequence {
    /// The version has no place for it: it stays in the record, and is no longer asked or shown for entry.
    NoPlace,
    /// It could be read, and under the version cannot.
    NoLongerFits,
    /// A complete form is not complete under the version.
    Wanted,
    /// A check asks anew.
    Asks,
    /// A check refuses: the form cannot be saved as it stands.
    Refuses,
    /// A check asks no longer: its query closes.
    Settles,
    /// A computed value is another.
    Computes,
}

/// Forms named with each concern.
const NAMED: usize = 5;

#[derive(Default)]
struct Tally {
    values: usize,
    places: BTreeSet<Place>,
}

/// What was found, by kind and name.
type Found = BTreeMap<(Consequence, String), Tally>;

/// What publishing a version would do to the study's recorded data, by the first so many subjects.
///
/// Cost: two evaluations of each recorded form of these subjects.
pub fn effect(reading: &Reading<'_>, study: &str, version: &Compiled, subjects: usize) -> Result<Effect, Refusal> {
    reading.allow(Operation::StudyPublish, &Scope::study(study))?;
    let named = reading.may(Operation::Read, &Scope::study(study));
    let mut effect = Effect::default();
    let mut found = Found::new();
    let mut all: Vec<Subject> = Vec::new();
    reading.rows(space::SUBJECT, key(&[study]).range(), |_, subject: Subject| {
        all.push(subject);
        if all.len() > subjects { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    effect.partial = all.len() > subjects;
    for subject in all.iter().take(subjects) {
        effect.subjects += 1;
        effect.forms += of_subject(reading, study, version, subject, &mut found)?;
    }
    let concern = |((kind, what), tally): ((Consequence, String), Tally)| Concern {
        kind,
        what,
        values: tally.values,
        forms: tally.places.len(),
        subjects: tally.places.iter().map(|p| p.subject.as_str()).collect::<BTreeSet<_>>().len(),
        places: if named { tally.places.into_iter().take(NAMED).collect() } else { Vec::new() },
    };
    effect.concerns = found.into_iter().map(concern).collect();
    Ok(effect)
}

/// How many forms of a subject were looked at.
fn of_subject(
    reading: &Reading<'_>,
    study: &str,
    version: &Compiled,
    subject: &Subject,
    found: &mut Found,
) -> Result<usize, Refusal> {
    let today = local_day(reading.now_ms, reading.caller.offset_min);
    let forms = Forms::all(reading.view, study, subject)?;
    let mut looked_at = 0;
    let mut batches: BTreeMap<(&str, u32), Vec<(&Place, &FormState)>> = BTreeMap::new();
    for (place, form) in forms.iter().filter(|(_, f)| f.version > 0) {
        looked_at += 1;
        batches.entry((&place.form, form.version)).or_default().push((place, form));
    }
    for ((name, number), recorded) in batches {
        let own = reading.version(study, number)?;
        for (place, form) in &recorded {
            values(&own, version, place, form, today, found);
        }
        let Some(planned) = version.form(name) else { continue };
        let recorded: Vec<_> = recorded.into_iter().filter(|(p, _)| planned.visits.contains(&p.visit)).collect();
        let at: Vec<(&Place, bool)> = recorded.iter().map(|(place, form)| (*place, form.complete)).collect();
        let told = |e: EvaluateError| Refusal::state(e.to_string(), e.hint());
        let before = own.evaluate_at(&at, today, &forms).map_err(told)?;
        let after = version.evaluate_at(&at, today, &forms).map_err(told)?;
        for ((place, form), (before, after)) in recorded.iter().zip(before.iter().zip(&after)) {
            outcomes(place, form, before, after, found);
        }
    }
    Ok(looked_at)
}

/// Recorded values that have no place, or no longer fit.
fn values(own: &Compiled, version: &Compiled, place: &Place, form: &FormState, today: CivilDate, found: &mut Found) {
    let here = version.form(&place.form).is_some_and(|f| f.visits.contains(&place.visit));
    for (group, rows) in &form.groups {
        for row in rows.values().filter(|r| !r.void) {
            for (name, item) in row.items.iter().filter(|(_, i)| !i.is_blank()) {
                let what = || format!("item {}/{group}/{name}", place.form);
                let Some(planned) = version.item(&place.form, group, name).filter(|_| here) else {
                    tally(found, Consequence::NoPlace, if here { what() } else { gone(version, place) }, place);
                    continue;
                };
                let read_before = own.item(&place.form, group, name).is_some_and(|i| fits(i, item, today));
                if planned.derive.is_none() && read_before && !fits(planned, item, today) {
                    tally(found, Consequence::NoLongerFits, what(), place);
                }
            }
        }
    }
}

fn gone(version: &Compiled, place: &Place) -> String {
    match version.form(&place.form) {
        None => format!("form {}", place.form),
        Some(_) => format!("form {} at {}", place.form, place.visit),
    }
}

/// Whether an item takes what is recorded.
fn fits(planned: &Item, item: &ItemState, today: CivilDate) -> bool {
    if item.missing == SEALED {
        return true;
    }
    // A date without a year was completed on the day it was typed: what counts is what was read then.
    let text = if item.value().is_empty() { &item.text } else { item.value() };
    let typed = Typed { text: text.to_owned(), unit: item.unit.clone(), missing: item.missing.clone() };
    normalise(planned, &typed, today).problem.is_none()
}

/// What the checks and computations would say otherwise.
fn outcomes(place: &Place, form: &FormState, before: &Outcome, after: &Outcome, found: &mut Found) {
    let fires = |fired: &[Fired], f: &Fired| {
        fired.iter().any(|o| o.check == f.check && o.group == f.group && o.seq == f.seq && o.item == f.item)
    };
    let item = |f: &Fired| format!("item {}/{}/{}", place.form, f.group, f.item);
    for fired in after.fired.iter().filter(|f| !fires(&before.fired, f)) {
        match (fired.check.as_str(), fired.severity) {
            ("croft.required", _) => tally(found, Consequence::Wanted, item(fired), place),
            ("croft.not_asked" | "croft.future", _) => {
                tally(found, Consequence::Asks, format!("{} ({})", item(fired), fired.check), place);
            }
            // What an item no longer takes is told by its values.
            (own, _) if own.starts_with("croft.") => {}
            (check, Severity::Query) => tally(found, Consequence::Asks, format!("check {check}"), place),
            (check, Severity::Refuse) => tally(found, Consequence::Refuses, format!("check {check}"), place),
        }
    }
    for fired in before.fired.iter().filter(|f| !f.check.starts_with("croft.") && !fires(&after.fired, f)) {
        tally(found, Consequence::Settles, format!("check {}", fired.check), place);
    }
    for derived in &after.derived {
        let stands = form.item(&derived.group, derived.seq, &derived.item).map_or("", |i| i.text.as_str());
        if stands != derived.value.as_deref().unwrap_or_default() {
            tally(
                found,
                Consequence::Computes,
                format!("item {}/{}/{}", place.form, derived.group, derived.item),
                place,
            );
        }
    }
}

fn tally(found: &mut Found, kind: Consequence, what: String, place: &Place) {
    let tally = found.entry((kind, what)).or_default();
    tally.values += 1;
    tally.places.insert(place.clone());
}
