//! What stands in a form, and how far is it?

use crate::key::{Key, key};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A form of a subject: all of its address but group, row and item.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the words are ODM's")]
pub struct Place {
    pub subject: String,
    pub visit: String,
    pub visit_repeat: u32,
    pub form: String,
    pub form_repeat: u32,
}

impl Place {
    /// The first occurrence of a form at the first occurrence of a visit.
    pub fn first(subject: &str, visit: &str, form: &str) -> Self {
        Self {
            subject: subject.to_owned(),
            visit: visit.to_owned(),
            visit_repeat: 1,
            form: form.to_owned(),
            form_repeat: 1,
        }
    }

    /// Its row in the state.
    pub(crate) fn key(&self, study: &str) -> Key {
        key(&[study, &self.subject, &self.visit])
            .number(u64::from(self.visit_repeat))
            .text(&self.form)
            .number(u64::from(self.form_repeat))
    }

    /// From the key of a row.
    pub(crate) fn from_key(bytes: &[u8]) -> Option<Self> {
        let segments = crate::key::segments(bytes);
        let [_, subject, visit, visit_repeat, form, form_repeat] = segments.as_slice() else { return None };
        Some(Self {
            subject: subject.clone(),
            visit: visit.clone(),
            visit_repeat: visit_repeat.parse().ok()?,
            form: form.clone(),
            form_repeat: form_repeat.parse().ok()?,
        })
    }
}

/// A subject: a row of the matrix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Its number in the study.
    pub id: String,
    /// Its site.
    pub site: String,
    /// When it was enrolled.
    pub enrolled_ms: i64,
    /// Whether it still takes part.
    pub status: SubjectStatus,
    /// What is recorded at each visit that has taken place, in the order of recording.
    pub visits: Vec<VisitSummary>,
}

/// Whether a subject takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words say it")]
pub enum SubjectStatus {
    Enrolled,
    Withdrawn,
}

/// A visit of a subject in the matrix: sums over its forms.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitSummary {
    /// Its code.
    pub visit: String,
    /// Which of several.
    pub repeat: u32,
    /// Its date, when one was given.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub date: String,
    /// Sums over its forms.
    pub sums: Counts,
}

/// How far one form, or all forms of a visit, are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the words say it")]
pub struct Counts {
    #[serde(skip_serializing_if = "is_zero")]
    pub saved: u32,
    #[serde(skip_serializing_if = "is_zero")]
    pub complete: u32,
    #[serde(skip_serializing_if = "is_zero")]
    pub signed: u32,
    #[serde(skip_serializing_if = "is_zero")]
    pub frozen: u32,
    /// Items that hold a value or a reason why there is none.
    #[serde(skip_serializing_if = "is_zero")]
    pub items: u32,
    /// Of these, verified against source.
    #[serde(skip_serializing_if = "is_zero")]
    pub verified: u32,
    /// Queries that wait for the site.
    #[serde(skip_serializing_if = "is_zero")]
    pub open: u32,
    /// Queries that wait for whoever asked.
    #[serde(skip_serializing_if = "is_zero")]
    pub answered: u32,
}

fn is_zero(n: &u32) -> bool {
    *n == 0
}

impl Counts {
    /// Takes one form's counts out of the sums and puts others in.
    pub(crate) fn exchange(&mut self, out: &Self, into: &Self) {
        let change = |sum: &mut u32, out: u32, into: u32| *sum = sum.saturating_sub(out).saturating_add(into);
        change(&mut self.saved, out.saved, into.saved);
        change(&mut self.complete, out.complete, into.complete);
        change(&mut self.signed, out.signed, into.signed);
        change(&mut self.frozen, out.frozen, into.frozen);
        change(&mut self.items, out.items, into.items);
        change(&mut self.verified, out.verified, into.verified);
        change(&mut self.open, out.open, into.open);
        change(&mut self.answered, out.answered, into.answered);
    }

    /// The sums of two.
    #[must_use]
    pub fn plus(mut self, other: &Self) -> Self {
        self.exchange(&Self::default(), other);
        self
    }
}

/// A form as it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormState {
    /// The version of the definition under which it was last saved.
    pub version: u32,
    /// Whether it was said to be complete.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub complete: bool,
    /// Whether it takes no changes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub frozen: bool,
    /// The last event that changed values.
    pub event: u64,
    /// When that was.
    pub saved_ms: i64,
    /// Every event that concerns it, in order.
    #[serde(default)]
    pub events: Vec<u64>,
    /// Group, row, item.
    #[serde(default)]
    pub groups: BTreeMap<String, BTreeMap<u32, RowState>>,
    /// Queries that are not closed: number to where they stand.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub queries: BTreeMap<u64, QueryMark>,
    /// Checks whose query a person closed, with the event of the value that they accepted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accepted: Vec<Accepted>,
    /// Signatures that stand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signatures: Vec<u64>,
}

/// A row of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowState {
    /// Whether it was voided: entered by mistake.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub void: bool,
    /// Its items.
    #[serde(default)]
    pub items: BTreeMap<String, ItemState>,
}

/// A recorded item. The names are short because there are millions of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemState {
    /// As entered.
    #[serde(rename = "t", default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// Normalised, when that differs from the text.
    #[serde(rename = "v", default, skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    /// Unit.
    #[serde(rename = "u", default, skip_serializing_if = "String::is_empty")]
    pub unit: String,
    /// Why there is no value.
    #[serde(rename = "m", default, skip_serializing_if = "String::is_empty")]
    pub missing: String,
    /// The event that set it.
    #[serde(rename = "e")]
    pub event: u64,
    /// The event that verified it against source; 0: none since its last change.
    #[serde(rename = "s", default, skip_serializing_if = "is_none")]
    pub verified: u64,
}

fn is_none(event: &u64) -> bool {
    *event == 0
}

impl ItemState {
    /// A recorded item.
    pub fn new(text: String, value: String, unit: String, missing: String, event: u64) -> Self {
        let value = if value == text { None } else { Some(value) };
        Self { text, value, unit, missing, event, verified: 0 }
    }

    /// The normalised value.
    pub fn value(&self) -> &str {
        self.value.as_deref().unwrap_or(&self.text)
    }

    /// Whether it holds neither a value nor a reason.
    pub fn is_blank(&self) -> bool {
        self.text.is_empty() && self.missing.is_empty()
    }
}

/// Where an open query stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the words are the address's")]
pub struct QueryMark {
    pub group: String,
    pub row: u32,
    pub item: String,
    /// The check that opened it; empty: a person.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub check: String,
    /// Whether it was answered and waits for whoever asked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub answered: bool,
}

/// A check that fired on a value which a person accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the words are the address's")]
pub struct Accepted {
    pub check: String,
    pub group: String,
    pub row: u32,
    pub item: String,
    /// The event of the value that was accepted: a later value is asked about again.
    pub value_event: u64,
}

impl FormState {
    /// The item, when it was ever recorded.
    pub fn item(&self, group: &str, row: u32, item: &str) -> Option<&ItemState> {
        self.groups.get(group)?.get(&row)?.items.get(item)
    }

    /// How far it is.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts {
            saved: u32::from(self.event > 0),
            complete: self.complete.into(),
            signed: u32::from(!self.signatures.is_empty()),
            frozen: self.frozen.into(),
            ..Counts::default()
        };
        for row in self.groups.values().flat_map(BTreeMap::values).filter(|r| !r.void) {
            for item in row.items.values().filter(|i| !i.is_blank()) {
                counts.items += 1;
                counts.verified += u32::from(item.verified > 0);
            }
        }
        for query in self.queries.values() {
            *(if query.answered { &mut counts.answered } else { &mut counts.open }) += 1;
        }
        counts
    }

    /// Whether a person accepted that this check fires on the value that stands there.
    pub(crate) fn is_accepted(&self, check: &str, group: &str, row: u32, item: &str) -> bool {
        let event = self.item(group, row, item).map_or(0, |i| i.event);
        self.accepted
            .iter()
            .any(|a| a.check == check && a.group == group && a.row == row && a.item == item && a.value_event == event)
    }

    /// The query that this check has open there.
    pub(crate) fn query_of(&self, check: &str, group: &str, row: u32, item: &str) -> Option<u64> {
        self.queries
            .iter()
            .find(|(_, q)| q.check == check && q.group == group && q.row == row && q.item == item)
            .map(|(number, _)| *number)
    }
}
