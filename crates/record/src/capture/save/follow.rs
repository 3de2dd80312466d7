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
    /// What follows from a form's values, with the forms read that its expressions look at.
    pub(super) fn evaluate(
        &self,
        definition: &Compiled,
        place: &Place,
        complete: bool,
        forms: &mut Forms<'_>,
    ) -> Result<Outcome, Refusal> {
        for form in definition.forms_read(&place.form) {
            forms.read(self.work.tx, form)?;
        }
        let outcome = definition.evaluate(place, complete, self.today(), forms);
        outcome.map_err(|e| Refusal::state(e.to_string(), e.hint()))
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
            let others =
                forms.iter().filter(|(p, f)| **p != source && concerned.contains(p.form.as_str()) && f.event > 0);
            let places: Vec<Place> = others.filter(|(_, f)| !f.frozen).map(|(p, _)| p.clone()).collect();
            for place in places {
                let computed = self.look_again(&place, forms, saved)?;
                let round = rounds.entry(place.clone()).or_default();
                *round += 1;
                if let Some(touched) = computed.filter(|_| *round <= ROUNDS) {
                    waiting.push_back((place, touched));
                }
            }
        }
        Ok(!rounds.is_empty())
    }

    /// Evaluates a form that did not change itself; what was computed anew, when anything was.
    fn look_again(
        &mut self,
        place: &Place,
        forms: &mut Forms<'_>,
        saved: &mut Saved,
    ) -> Result<Option<Touched>, Refusal> {
        let Some((version, complete)) = forms.get(place).map(|f| (f.version, f.complete)) else { return Ok(None) };
        let definition = self.work.version(&self.save.study, version)?;
        let outcome = self.evaluate(&definition, place, complete, forms)?;
        let Some(form) = forms.get(place) else { return Ok(None) };
        let changes = derived_changes(&outcome, form);
        if changes.is_empty() {
            if self.settle_queries(place, form, &outcome, saved)? {
                forms.put(place, self.stands(place)?);
            }
            return Ok(None);
        }
        let (study, at) = (self.save.study.clone(), place.clone());
        let event = FormSaved { study, place: at, version, complete, changes, ..FormSaved::default() };
        let touched = Touched::of(&event, form);
        self.work.append_system(&event.study, &place.subject, "form.saved/1", &event)?;
        let now = self.follow_up(place, self.stands(place)?, &outcome, saved)?;
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
