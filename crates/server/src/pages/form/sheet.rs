//! What must be known to draw a form, gathered from one state of the record.

use crate::enter::{Content, Filled, Sent, Spot};
use crate::nav::StudyPart;
use crate::pages::place::{Inside, Rights, form_address, inside, subject_address};
use croft_design::forms::{Form, Item};
use croft_record::access::Operation;
use croft_record::capture::read::FormView;
use croft_record::capture::{Draft, ItemState, Place};
use croft_record::check::NotAsked;
use croft_record::lock::snapshot::SEALED;
use croft_record::query::Query;
use croft_record::sign::Signature;
use croft_record::{Reading, Refusal, verify};
use std::collections::BTreeMap;

/// A form with all that its page shows.
pub(crate) struct Sheet {
    pub inside: Inside,
    pub view: FormView,
    pub rights: Rights,
    /// What identifies a person, for those who may read it.
    pub identified: BTreeMap<Spot, String>,
    pub not_asked: Vec<NotAsked>,
    /// Queries that wait, in the order in which they were opened.
    pub queries: Vec<Query>,
    pub signatures: Vec<Signature>,
    pub draft: Option<Draft>,
    /// The forms of the visit.
    pub siblings: Vec<Place>,
}

impl Sheet {
    /// Everything of a form. O(values of the subject): conditions may read other forms.
    pub fn gather(r: &Reading<'_>, study: &str, place: &Place) -> Result<Self, Refusal> {
        let view = r.form(study, place)?;
        let inside = inside(r, study, StudyPart::Subjects)?;
        let rights = Rights::at(r, study, &view.subject.site);
        let queries = view.state.queries.keys().map(|number| r.query(study, *number)).collect::<Result<_, _>>()?;
        let signatures =
            view.state.signatures.iter().map(|number| r.signature(study, *number)).collect::<Result<_, _>>()?;
        let identified =
            if rights.has(Operation::ReadIdentifying) { identified(r, study, &view)? } else { BTreeMap::new() };
        let siblings = siblings(&view);
        let not_asked = r.not_asked(study, &view)?;
        let draft = r.draft(study, place)?;
        Ok(Self { inside, view, rights, identified, not_asked, queries, signatures, draft, siblings })
    }

    /// The form's definition.
    pub fn form(&self) -> Option<&Form> {
        self.view.definition.form(&self.view.place.form)
    }

    pub fn item(&self, group: &str, item: &str) -> Option<&Item> {
        self.view.definition.item(&self.view.place.form, group, item)
    }

    /// Whether a group has rows.
    pub fn repeats(&self, group: &str) -> bool {
        self.form().is_some_and(|f| f.groups.iter().any(|g| g.name == group && g.repeating))
    }

    /// Whether the caller can enter something.
    pub fn is_open(&self) -> bool {
        self.rights.has(Operation::Enter) && !self.view.state.frozen && !self.inside.study.is_locked()
    }

    /// Whether the definition's conditions leave this out.
    pub fn is_not_asked(&self, group: &str, row: u32, item: &str) -> bool {
        self.not_asked.iter().any(|n| {
            (n.group.is_empty() || n.group == group)
                && (n.seq == 0 || n.seq == row)
                && (n.item.is_empty() || n.item == item)
        })
    }

    /// What is recorded of an item.
    pub fn state(&self, spot: &Spot) -> Option<&ItemState> {
        self.view.state.item(&spot.group, spot.row, &spot.item)
    }

    /// Whether the item is kept apart and the caller may not read it.
    pub fn is_hidden(&self, spot: &Spot) -> bool {
        self.state(spot).is_some_and(|item| item.missing == SEALED) && !self.identified.contains_key(spot)
    }

    /// What is recorded of an item, as its fields hold it.
    pub fn recorded(&self, spot: &Spot) -> Content {
        if let Some(text) = self.identified.get(spot) {
            return Content { text: text.clone(), ..Content::default() };
        }
        self.state(spot).map_or_else(Content::default, |item| Content {
            text: item.text.clone(),
            unit: item.unit.clone(),
            missing: item.missing.clone(),
        })
    }

    /// Items that are due for verification and not verified.
    pub fn due(&self) -> usize {
        let due = verify::due(&self.view.definition, self.inside.id(), &self.view.place, &self.view.state);
        due.iter()
            .filter(|at| self.view.state.item(&at.group, at.row, &at.item).is_some_and(|item| item.verified == 0))
            .count()
    }

    /// The caller's draft as typed, when nobody saved the form since.
    pub fn drafted(&self) -> Option<Filled> {
        let draft = self
            .draft
            .as_ref()
            .filter(|d| self.is_open() && d.base == self.view.state.event && !d.fields.is_empty())?;
        let mut filled = Filled {
            base: draft.base,
            version: self.view.version,
            complete: self.view.state.complete,
            ..Filled::default()
        };
        for field in &draft.fields {
            let spot = Spot::new(&field.group, field.row, &field.item);
            let now = Content { text: field.text.clone(), unit: field.unit.clone(), missing: field.missing.clone() };
            let was = self.recorded(&spot);
            filled.items.insert(spot, Sent::of(now, was));
        }
        Some(filled)
    }

    /// Where to go after this form: the next one of the visit, or the subject.
    pub fn next_address(&self) -> String {
        let at = self.siblings.iter().position(|place| *place == self.view.place);
        let next = at.and_then(|at| self.siblings.get(at + 1));
        let study = self.inside.id();
        next.map_or_else(|| subject_address(study, &self.view.place.subject), |place| form_address(study, place))
    }
}

/// What identifying items hold.
fn identified(r: &Reading<'_>, study: &str, view: &FormView) -> Result<BTreeMap<Spot, String>, Refusal> {
    let mut found = BTreeMap::new();
    for (group, rows) in &view.state.groups {
        for (row, state) in rows {
            for name in state.items.iter().filter(|(_, item)| item.missing == SEALED).map(|(name, _)| name) {
                if let Some(text) = r.identified(study, &view.place, group, *row, name)? {
                    found.insert(Spot::new(group, *row, name), text);
                }
            }
        }
    }
    Ok(found)
}

/// The forms of the visit, in the order of the definition.
fn siblings(view: &FormView) -> Vec<Place> {
    let at = |form: &Form| Place { form: form.form.clone(), form_repeat: 1, ..view.place.clone() };
    let mut places: Vec<Place> = view.definition.forms_at(&view.place.visit).map(at).collect();
    if let Some(own) = places.iter_mut().find(|place| place.form == view.place.form) {
        own.form_repeat = view.place.form_repeat;
    }
    places
}
