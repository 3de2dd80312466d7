//! Which tables does a study have, and which subjects?
//!
//! A study's versions differ in their items. A table has the columns of all of them: those of the newest version first, in its order, then
//! those that an earlier one had. So no value that was recorded is without a column.

use super::{ExportError, Extent};
use crate::access::Operation;
use crate::capture::{FormState, Place, RowState, Subject, enrol};
use crate::door::Reading;
use crate::key::key;
use crate::lock::snapshot::SEALED;
use crate::refusal::Refusal;
use crate::space;
use crate::study::{self, Study};
use croft_design::forms::ItemGroup;
use croft_ledger::Head;
use std::ops::ControlFlow;

/// An item group of a study, over all its versions.
#[derive(Clone, Debug)]
pub struct GroupTable {
    /// The group; its items are those of every version.
    pub group: ItemGroup,
    /// Label of the form that it is on.
    pub form_label: String,
}

/// The item groups of a study, in the order of its newest version.
pub fn tables(reading: &Reading<'_>, study: &str) -> Result<Vec<GroupTable>, Refusal> {
    let target = study::study(reading.view, study)?;
    let mut found: Vec<GroupTable> = Vec::new();
    for version in target.versions.iter().rev() {
        let definition = reading.version(study, version.number)?;
        for (form, group) in definition.forms.iter().flat_map(|f| f.groups.iter().map(move |g| (f, g))) {
            match found.iter_mut().find(|t| t.group.name == group.name) {
                None => found.push(GroupTable { group: group.clone(), form_label: form.label.clone() }),
                Some(table) => {
                    let new =
                        group.items.iter().filter(|i| !table.group.items.iter().any(|known| known.name == i.name));
                    let new: Vec<_> = new.cloned().collect();
                    table.group.items.extend(new);
                }
            }
        }
    }
    Ok(found)
}

/// Subjects read at a time.
const PAGE: usize = 500;

impl Reading<'_> {
    /// The study, when this part of it may leave.
    pub(crate) fn leaving(&self, extent: &Extent) -> Result<Study, Refusal> {
        let target = study::study(self.view, &extent.study)?;
        self.may_leave(extent)?;
        if let Some(site) = &extent.site {
            study::site(self.view, &extent.study, site)?;
        }
        Ok(target)
    }

    /// Each subject of what leaves with its forms, for whoever asked already whether it may.
    pub(crate) fn each_subject(
        &self,
        extent: &Extent,
        each: &mut dyn FnMut(Subject, Vec<(Place, FormState)>) -> Result<(), ExportError>,
    ) -> Result<(), ExportError> {
        self.each_leaving(extent, each)
    }

    /// Each subject of what leaves with its forms, in the order of their numbers. Memory: one subject's values.
    pub fn each_leaving<E: From<Refusal>>(
        &self,
        extent: &Extent,
        each: &mut dyn FnMut(Subject, Vec<(Place, FormState)>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.leaving(extent)?;
        let head = key(&[&extent.study]);
        let mut range = head.range();
        loop {
            let mut page: Vec<Subject> = Vec::new();
            self.rows(space::SUBJECT, range, |_, subject: Subject| {
                page.push(subject);
                if page.len() >= PAGE { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })?;
            let Some(last) = page.last().map(|s| s.id.clone()) else { return Ok(()) };
            for subject in page.into_iter().filter(|s| extent.site.as_ref().is_none_or(|only| *only == s.site)) {
                let forms = self.all_forms(&extent.study, &subject.id)?;
                each(subject, forms)?;
            }
            range = key(&[&extent.study, &last]).after(&head);
        }
    }

    /// One subject with its forms, when its site's data may leave. Whoever may not have it is not told whether it exists.
    pub fn leaving_subject(&self, study: &str, id: &str) -> Result<(Subject, Vec<(Place, FormState)>), Refusal> {
        let found = enrol::subject(self.view, study, id)?;
        let extent = Extent::site(study, &found.site);
        if !self.may(Operation::Read, &extent.scope()) {
            return Err(Refusal::absent("subject", id));
        }
        self.may_leave(&extent)?;
        let forms = self.all_forms(study, id)?;
        Ok((found, forms))
    }

    /// The newest event of a study: with its hash, the state that a file shows can be found again.
    pub fn newest(&self, study: &str) -> Result<Option<Head>, Refusal> {
        Ok(self.view.head(study)?)
    }

    /// A subject's forms, without asking and without a note of each look: the export is noted as a whole.
    pub(crate) fn all_forms(&self, study: &str, subject: &str) -> Result<Vec<(Place, FormState)>, Refusal> {
        let mut forms = Vec::new();
        self.rows(space::FORM, key(&[study, subject]).range(), |at, form: FormState| {
            forms.extend(Place::from_key(at).map(|place| (place, form)));
            ControlFlow::Continue(())
        })?;
        Ok(forms)
    }

    /// When the study was last changed: the time of every file that needs one.
    pub(crate) fn last_change_ms(&self, study: &str) -> Result<i64, Refusal> {
        Ok(self.view.head(study)?.map_or(0, |head| head.time_ms))
    }
}

/// What stands in a cell: value, text as entered, unit, why missing. What identifies a person shows only that it is kept apart.
pub(crate) fn cells<'r>(row: &'r RowState, item: &str) -> [&'r str; 4] {
    match row.items.get(item) {
        None => [""; 4],
        Some(item) if item.missing == SEALED => ["", "", "", SEALED],
        Some(item) if !item.missing.is_empty() => ["", &item.text, &item.unit, &item.missing],
        Some(item) => [item.value(), &item.text, &item.unit, ""],
    }
}
