//! Events of subjects, visits and forms, and the state that they make.

use super::state::{FormState, ItemState, Place, Subject, SubjectStatus, VisitSummary};
use crate::key::key;
use crate::project::{Change as _, Failure, payload};
use crate::{space, study};
use croft_ledger::{Event, State};
use serde::{Deserialize, Serialize};

/// `subject.enrolled/1`
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Enrolled {
    pub study: String,
    pub site: String,
    pub subject: String,
    /// Among the subjects of the site.
    pub number: u32,
}

/// `subject.withdrawn/1`
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Withdrawn {
    pub study: String,
    pub subject: String,
}

/// `visit.added/1`: an occurrence of a visit that is not scheduled, or a visit's date.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct VisitAdded {
    pub study: String,
    pub subject: String,
    pub visit: String,
    pub visit_repeat: u32,
    pub date: String,
}

/// `form.saved/1`: one save of one form.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct FormSaved {
    /// The study.
    pub study: String,
    /// The form.
    #[serde(flatten)]
    pub place: Place,
    /// The version of the definition under which it was filled.
    pub version: u32,
    /// Whether it was said to be complete.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub complete: bool,
    /// Whether the values were imported.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub imported: bool,
    /// What changed.
    pub changes: Vec<Change>,
    /// Rows that were entered by mistake.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub voids: Vec<Voided>,
}

/// A change of one item.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the words are the address's and the value's")]
pub struct Change {
    pub group: String,
    pub row: u32,
    pub item: String,
    pub text: String,
    /// Normalised, when that differs from the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub unit: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub missing: String,
    /// What stood there, when anything did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Before>,
    /// Why it was changed.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// Whether it was computed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub derived: bool,
}

/// What stood before a change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the words are the value's")]
pub struct Before {
    pub text: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub unit: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub missing: String,
}

/// A row that was entered by mistake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the words are the address's")]
pub struct Voided {
    pub group: String,
    pub row: u32,
    pub reason: String,
}

impl Change {
    /// The item that it makes.
    pub(crate) fn state(&self, event: u64) -> ItemState {
        let value = self.value.clone().unwrap_or_else(|| self.text.clone());
        ItemState::new(self.text.clone(), value, self.unit.clone(), self.missing.clone(), event)
    }
}

impl FormSaved {
    /// Puts the changes into the form. An item that changes loses its verification; others keep theirs.
    pub(crate) fn apply(&self, form: &mut FormState, event: u64, time_ms: i64) {
        form.version = self.version;
        form.complete = self.complete;
        form.event = event;
        form.saved_ms = time_ms;
        for change in &self.changes {
            let rows = form.groups.entry(change.group.clone()).or_default();
            rows.entry(change.row).or_default().items.insert(change.item.clone(), change.state(event));
        }
        for voided in &self.voids {
            form.groups.entry(voided.group.clone()).or_default().entry(voided.row).or_default().void = true;
        }
    }
}

/// Changes a form and keeps the sums of its subject's visit in step.
pub(crate) fn change_form(
    state: &mut dyn State,
    study: &str,
    place: &Place,
    event: u64,
    change: impl FnOnce(&mut FormState),
) -> Result<(), Failure> {
    let at = place.key(study);
    let mut form: FormState = state.read(space::FORM, &at)?.unwrap_or_default();
    let before = form.counts();
    change(&mut form);
    if form.events.last() != Some(&event) {
        form.events.push(event);
    }
    state.set(space::FORM, &at, &form)?;
    let after = form.counts();
    if before == after {
        return Ok(());
    }
    state.change(space::SUBJECT, &key(&[study, &place.subject]), |subject: &mut Subject| {
        visit_of(subject, &place.visit, place.visit_repeat).sums.exchange(&before, &after);
    })
}

/// The visit's summary, made when this is the first that is known of it.
fn visit_of<'s>(subject: &'s mut Subject, visit: &str, repeat: u32) -> &'s mut VisitSummary {
    let found = subject.visits.iter().position(|v| v.visit == visit && v.repeat == repeat);
    let index = found.unwrap_or_else(|| {
        subject.visits.push(VisitSummary { visit: visit.to_owned(), repeat, ..VisitSummary::default() });
        subject.visits.len() - 1
    });
    &mut subject.visits[index]
}

/// Applies an event of this room; false when it is of another.
pub(crate) fn project(event: &Event, state: &mut dyn State) -> Result<bool, Failure> {
    match event.kind.as_str() {
        "form.saved/1" => {
            let saved: FormSaved = payload(event)?;
            change_form(state, &saved.study, &saved.place, event.seq, |form| {
                saved.apply(form, event.seq, event.time_ms)
            })?;
        }
        "subject.enrolled/1" => enrolled(event, state)?,
        "subject.withdrawn/1" => {
            let withdrawn: Withdrawn = payload(event)?;
            state.change(space::SUBJECT, &key(&[&withdrawn.study, &withdrawn.subject]), |subject: &mut Subject| {
                subject.status = SubjectStatus::Withdrawn;
            })?;
        }
        "visit.added/1" => {
            let added: VisitAdded = payload(event)?;
            state.change(space::SUBJECT, &key(&[&added.study, &added.subject]), |subject: &mut Subject| {
                visit_of(subject, &added.visit, added.visit_repeat).date.clone_from(&added.date);
            })?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

fn enrolled(event: &Event, state: &mut dyn State) -> Result<(), Failure> {
    let enrolled: Enrolled = payload(event)?;
    let subject = Subject {
        id: enrolled.subject.clone(),
        site: enrolled.site.clone(),
        enrolled_ms: event.time_ms,
        status: SubjectStatus::Enrolled,
        visits: Vec::new(),
    };
    state.set(space::SUBJECT, &key(&[&enrolled.study, &enrolled.subject]), &subject)?;
    state.change(space::SITE, &key(&[&enrolled.study, &enrolled.site]), |site: &mut study::Site| {
        site.last_subject = site.last_subject.max(enrolled.number);
    })
}

/// Nothing recorded: the counts of a form that is not there.
#[cfg(test)]
pub(crate) const NOTHING: super::state::Counts =
    super::state::Counts { saved: 0, complete: 0, signed: 0, frozen: 0, items: 0, verified: 0, open: 0, answered: 0 };

#[cfg(test)]
mod tests {
    use super::*;

    fn saved(text: &str) -> FormSaved {
        FormSaved {
            study: "S".to_owned(),
            place: Place::first("1", "V1", "VS"),
            version: 1,
            changes: vec![Change {
                group: "vs".into(),
                row: 1,
                item: "SYSBP".into(),
                text: text.into(),
                ..Change::default()
            }],
            ..FormSaved::default()
        }
    }

    #[test]
    fn a_change_takes_the_verification_of_its_item_alone() {
        let mut form = FormState::default();
        let mut first = saved("120");
        first.changes.push(Change {
            group: "vs".into(),
            row: 1,
            item: "DIABP".into(),
            text: "80".into(),
            ..Change::default()
        });
        assert_eq!(form.counts(), NOTHING);
        first.apply(&mut form, 5, 0);
        for item in form.groups.get_mut("vs").unwrap().get_mut(&1).unwrap().items.values_mut() {
            item.verified = 6;
        }
        assert_eq!(form.counts().verified, 2);
        saved("130").apply(&mut form, 7, 0);
        assert_eq!(form.counts().verified, 1);
        assert_eq!(form.item("vs", 1, "DIABP").unwrap().verified, 6);
    }

    #[test]
    fn an_event_says_no_more_than_it_must() {
        let text = serde_json::to_string(&saved("120")).unwrap();
        assert_eq!(
            text,
            "{\"study\":\"S\",\"subject\":\"1\",\"visit\":\"V1\",\"visit_repeat\":1,\"form\":\"VS\",\"form_repeat\":1,\"version\":1,\
             \"changes\":[{\"group\":\"vs\",\"row\":1,\"item\":\"SYSBP\",\"text\":\"120\"}]}"
        );
    }
}
