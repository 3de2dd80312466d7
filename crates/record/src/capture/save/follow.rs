//! What follows from a save: computed values, queries, fallen signatures, and another look at forms that read what changed?
//!
//! A form is looked at again when an expression of it reads a column that changed, or a group of which a row appeared or was voided. What is
//! computed there anew may concern further forms; forms that compute in a circle are left after some rounds, as they then stand.

use super::super::project::{Before, Change, FormSaved};
use super::super::rows::Forms;
use super::super::state::{FormState, Place};
use super::{Saved, Saving};
use crate::check::{Fired, Outcome};
use crate::definition::Compiled;
use crate::definition::reach::Touched;
use crate::door;
use crate::query::{Opened, Said};
use crate::refusal::{Fault, Refusal};
use crate::{sign, space};
use croft_design::forms::Severity;
use std::collections::{BTreeMap, VecDeque};

/// How often one save may lead to new computed values on the same form.
const ROUNDS: u32 = 4;

impl Saving<'_, '_, '_, '_> {
    /// What follows from the values of occurrences of one form, with the forms read that its expressions look at.
    pub(super) fn evaluate(
        &self,
        definition: &Compiled,
        places: &[(&Place, bool)],
        forms: &mut Forms<'_>,
    ) -> Result<Vec<Outcome>, Refusal> {
        for form in places.first().into_iter().flat_map(|(place, _)| definition.forms_read(&place.form)) {
            forms.read(self.work.tx, form)?;
        }
        let outcomes = definition.evaluate_at(places, self.today(), forms);
        outcomes.map_err(|e| Refusal::state(e.to_string(), e.hint()))
    }

    /// The form as the projection has it.
    pub(super) fn stands(&self, place: &Place) -> Result<FormState, Refusal> {
        Ok(door::row(self.work.tx, space::FORM, &place.key(&self.save.study))?.unwrap_or_default())
    }

    /// Signatures on a changed form fall; queries are opened and closed by the checks. The form as it stands then.
    pub(super) fn follow_up(
        &mut self,
        place: &Place,
        form: FormState,
        outcome: &Outcome,
        saved: &mut Saved,
    ) -> Result<FormState, Refusal> {
        sign::void_by_change(self.work, &self.save.study, place, &form)?;
        let settled = self.settle_queries(place, &form, outcome, saved)?;
        if settled || !form.signatures.is_empty() { self.stands(place) } else { Ok(form) }
    }

    /// Other forms of the subject whose expressions read what changed are looked at again; whether any was.
    pub(super) fn check_others(
        &mut self,
        forms: &mut Forms<'_>,
        touched: Touched,
        saved: &mut Saved,
    ) -> Result<bool, Refusal> {
        let mut rounds: BTreeMap<Place, u32> = BTreeMap::new();
        let mut waiting = VecDeque::from([(self.save.place.clone(), touched)]);
        while let Some((source, touched)) = waiting.pop_front() {
            let concerned = self.definition.affected(&touched);
            for form in &concerned {
                forms.read(self.work.tx, form)?;
            }
            // Occurrences of one form under one version are looked at together.
            let mut batches: BTreeMap<(&str, u32), Vec<Place>> = BTreeMap::new();
            for (place, form) in forms.iter().filter(|(p, f)| **p != source && f.event > 0 && !f.frozen) {
                if let Some(name) = concerned.get(place.form.as_str()) {
                    batches.entry((name, form.version)).or_default().push(place.clone());
                }
            }
            for ((_, version), places) in batches {
                for (place, touched) in self.look_again(version, places, forms, saved)? {
                    let round = rounds.entry(place.clone()).or_default();
                    *round += 1;
                    if let Some(touched) = touched.filter(|_| *round <= ROUNDS) {
                        waiting.push_back((place, touched));
                    }
                }
            }
        }
        Ok(!rounds.is_empty())
    }

    /// Evaluates forms that did not change themselves; for each, what was computed anew, when anything was.
    fn look_again(
        &mut self,
        version: u32,
        places: Vec<Place>,
        forms: &mut Forms<'_>,
        saved: &mut Saved,
    ) -> Result<Vec<(Place, Option<Touched>)>, Refusal> {
        let definition = self.work.version(&self.save.study, version)?;
        let at: Vec<(&Place, bool)> = places.iter().map(|p| (p, forms.get(p).is_some_and(|f| f.complete))).collect();
        let outcomes = self.evaluate(&definition, &at, forms)?;
        let mut done = Vec::new();
        for (place, outcome) in places.into_iter().zip(outcomes) {
            let touched = self.take_outcome(version, &place, &outcome, forms, saved)?;
            done.push((place, touched));
        }
        Ok(done)
    }

    fn take_outcome(
        &mut self,
        version: u32,
        place: &Place,
        outcome: &Outcome,
        forms: &mut Forms<'_>,
        saved: &mut Saved,
    ) -> Result<Option<Touched>, Refusal> {
        let Some(form) = forms.get(place) else { return Ok(None) };
        let changes = derived_changes(outcome, form);
        if changes.is_empty() {
            if self.settle_queries(place, form, outcome, saved)? {
                forms.put(place, self.stands(place)?);
            }
            return Ok(None);
        }
        let (study, at) = (self.save.study.clone(), place.clone());
        let event = FormSaved { study, place: at, version, complete: form.complete, changes, ..FormSaved::default() };
        let touched = Touched::of(&event, form);
        self.work.append_system(&event.study, &place.subject, "form.saved/1", &event)?;
        let now = self.follow_up(place, self.stands(place)?, outcome, saved)?;
        forms.put(place, now);
        Ok(Some(touched))
    }

    /// Opens a query for each check that fires anew, and closes those whose check holds again; whether there was any.
    fn settle_queries(
        &mut self,
        place: &Place,
        form: &FormState,
        outcome: &Outcome,
        saved: &mut Saved,
    ) -> Result<bool, Refusal> {
        let study = &self.save.study;
        let before = saved.opened.len() + saved.closed.len();
        let asks = |f: &&Fired| f.severity == Severity::Query;
        for fired in outcome.fired.iter().filter(asks) {
            let known = form.query_of(&fired.check, &fired.group, fired.seq, &fired.item).is_some()
                || form.is_accepted(&fired.check, &fired.group, fired.seq, &fired.item);
            if known {
                continue;
            }
            let opened = Opened {
                study: study.clone(),
                site: self.subject.site.clone(),
                place: place.clone(),
                group: fired.group.clone(),
                row: fired.seq,
                item: fired.item.clone(),
                check: fired.check.clone(),
                text: fired.message.clone(),
            };
            saved.opened.push(self.work.append_system(study, &place.subject, "query.opened/1", &opened)?.seq);
        }
        for (number, mark) in form.queries.iter().filter(|(_, m)| !m.check.is_empty()) {
            let fires = outcome
                .fired
                .iter()
                .any(|f| f.check == mark.check && f.group == mark.group && f.seq == mark.row && f.item == mark.item);
            if !fires {
                let text = "The check holds again.".to_owned();
                let said = Said { study: study.clone(), query: *number, text, check_holds: true };
                self.work.append_system(study, &place.subject, "query.closed/1", &said)?;
                saved.closed.push(*number);
            }
        }
        Ok(saved.opened.len() + saved.closed.len() > before)
    }
}

/// Computed values that differ from what stands there.
pub(super) fn derived_changes(outcome: &Outcome, form: &FormState) -> Vec<Change> {
    let mut changes = Vec::new();
    for derived in &outcome.derived {
        let before = form.item(&derived.group, derived.seq, &derived.item);
        let text = derived.value.clone().unwrap_or_default();
        if before.map_or("", |b| b.text.as_str()) == text {
            continue;
        }
        let stood = before.filter(|b| !b.is_blank());
        changes.push(Change {
            group: derived.group.clone(),
            row: derived.seq,
            item: derived.item.clone(),
            text,
            unit: derived.unit.clone(),
            before: stood.map(|b| Before { text: b.text.clone(), unit: b.unit.clone(), missing: b.missing.clone() }),
            derived: true,
            ..Change::default()
        });
    }
    changes
}

/// What a check of the definition refuses cannot be saved.
pub(super) fn refuse_what_must_not_be(outcome: &Outcome) -> Result<(), Refusal> {
    let faults: Vec<Fault> = outcome
        .fired
        .iter()
        .filter(|f| f.severity == Severity::Refuse)
        .map(|f| Fault::new(format!("{}/{}/{}", f.group, f.seq, f.item), &f.message, "correct the value"))
        .collect();
    if faults.is_empty() { Ok(()) } else { Err(Refusal::Invalid { faults }) }
}
