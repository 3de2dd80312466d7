//! What do checks see of a subject? All rows of a group, at every visit, as they would be after the save.

use super::state::{FormState, Place, RowState};
use crate::check::{self, RowsError, SubjectRows};
use crate::door;
use crate::key::key;
use crate::refusal::Refusal;
use crate::space;
use croft_ledger::View;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// The forms of one subject, with one of them as it would be.
pub(crate) struct Forms {
    forms: BTreeMap<Place, FormState>,
}

impl Forms {
    /// Only this form: enough when its checks read nothing else.
    pub fn only(place: &Place, form: FormState) -> Self {
        Self { forms: BTreeMap::from([(place.clone(), form)]) }
    }

    /// Every form of the subject. O(values of the subject).
    pub fn all(view: &dyn View, study: &str, subject: &str) -> Result<Self, Refusal> {
        let mut forms = BTreeMap::new();
        door::rows(view, space::FORM, key(&[study, subject]).range(), |at, form: FormState| {
            forms.extend(Place::from_key(at).map(|place| (place, form)));
            ControlFlow::Continue(())
        })?;
        Ok(Self { forms })
    }

    /// Puts a form in its place.
    pub fn put(&mut self, place: &Place, form: FormState) {
        self.forms.insert(place.clone(), form);
    }

    /// Every form, in the order of their places.
    pub fn iter(&self) -> impl Iterator<Item = (&Place, &FormState)> {
        self.forms.iter()
    }
}

impl SubjectRows for Forms {
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
