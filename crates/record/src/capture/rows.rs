//! What do checks see of a subject? All rows of a group, at every visit, as they would be after the save.

use super::state::{FormState, Place, RowState, Subject};
use crate::check::{self, RowsError, SubjectRows};
use crate::door;
use crate::key::key;
use crate::refusal::Refusal;
use crate::space;
use croft_ledger::View;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

/// Forms of one subject, some of them as they would be.
pub(crate) struct Forms<'s> {
    study: &'s str,
    subject: &'s Subject,
    forms: BTreeMap<Place, FormState>,
    /// Forms that were read, at every visit.
    read: BTreeSet<String>,
}

impl<'s> Forms<'s> {
    /// None yet.
    pub fn new(study: &'s str, subject: &'s Subject) -> Self {
        Self { study, subject, forms: BTreeMap::new(), read: BTreeSet::new() }
    }

    /// Every form of the subject. O(values of the subject).
    pub fn all(view: &dyn View, study: &'s str, subject: &'s Subject) -> Result<Self, Refusal> {
        let mut all = Self::new(study, subject);
        door::rows(view, space::FORM, key(&[study, &subject.id]).range(), |at, form: FormState| {
            all.forms.extend(Place::from_key(at).map(|place| (place, form)));
            ControlFlow::Continue(())
        })?;
        Ok(all)
    }

    /// Reads every occurrence of a form that was not read before; what was put in stays.
    ///
    /// Cost: one look for each visit of the subject that has begun, besides what is there.
    pub fn read(&mut self, view: &dyn View, form: &str) -> Result<(), Refusal> {
        if !self.read.insert(form.to_owned()) {
            return Ok(());
        }
        for visit in &self.subject.visits {
            let head = key(&[self.study, &self.subject.id, &visit.visit]).number(u64::from(visit.repeat)).text(form);
            door::rows(view, space::FORM, head.range(), |at, state: FormState| {
                if let Some(place) = Place::from_key(at) {
                    self.forms.entry(place).or_insert(state);
                }
                ControlFlow::Continue(())
            })?;
        }
        Ok(())
    }

    /// Puts a form in its place.
    pub fn put(&mut self, place: &Place, form: FormState) {
        self.forms.insert(place.clone(), form);
    }

    /// What stands in a place, as far as it was read.
    pub fn get(&self, place: &Place) -> Option<&FormState> {
        self.forms.get(place)
    }

    /// Every form that was read or put in, in the order of their places.
    pub fn iter(&self) -> impl Iterator<Item = (&Place, &FormState)> {
        self.forms.iter()
    }
}

impl SubjectRows for Forms<'_> {
    fn rows(&self, group: &str) -> Result<Vec<check::Row>, RowsError> {
        Ok(self
            .forms
            .iter()
            .flat_map(|(place, form)| {
                let rows = form.groups.get(group).into_iter().flatten();
                rows.filter(|(_, row)| !row.void).map(move |(seq, row)| as_row(place, *seq, row))
            })
            .collect())
    }
}

fn as_row(place: &Place, seq: u32, row: &RowState) -> check::Row {
    let entry = |item: &super::state::ItemState| check::Entry {
        text: item.text.clone(),
        value: if item.missing.is_empty() { item.value().to_owned() } else { String::new() },
        unit: item.unit.clone(),
        missing: item.missing.clone(),
    };
    check::Row {
        visit: place.visit.clone(),
        visit_repeat: place.visit_repeat,
        form: place.form.clone(),
        form_repeat: place.form_repeat,
        seq,
        values: row.items.iter().map(|(name, item)| (name.clone(), entry(item))).collect(),
    }
}
