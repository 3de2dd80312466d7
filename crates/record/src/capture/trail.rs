//! What happened on a form, from its first save to now, by whom and why?
//!
//! The events that concern the form, read once and in their order: what [`Reading::history`] tells of one item, told of all of them. Names are
//! those printed, since a copy is read where nobody knows an account.

use super::project::{Change, FormSaved, Voided};
use super::state::{FormState, Place};
use crate::access;
use crate::door::Reading;
use crate::refusal::Refusal;
use crate::verify::At;
use croft_ledger::Event;
use serde::Deserialize;
use std::collections::BTreeMap;

/// One thing that was done on a form.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the words say it")]
pub struct Deed {
    pub event: u64,
    pub at_ms: i64,
    pub offset_min: i32,
    /// The name as printed.
    pub by: String,
    pub role: String,
    pub reason: String,
    pub what: Done,
}

/// What was done.
#[derive(Clone, Debug)]
pub enum Done {
    /// Values changed, or rows were voided.
    Saved(Box<FormSaved>),
    /// Items were compared with their source, or the mark was taken back.
    Verified {
        /// The items.
        items: Vec<At>,
        /// Marked, or taken back.
        verified: bool,
    },
    /// The form takes no changes any more, or takes them again.
    Frozen(bool),
    /// A query was opened: its number is that of the event.
    Asked,
    /// Said of a query, or of a signature: told where those are.
    Other,
}

impl Done {
    /// The changes of a save.
    pub fn changes(&self) -> &[Change] {
        if let Self::Saved(saved) = self { &saved.changes } else { &[] }
    }

    /// The rows that a save voided.
    pub fn voids(&self) -> &[Voided] {
        if let Self::Saved(saved) = self { &saved.voids } else { &[] }
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Told {
    role: String,
    items: Vec<At>,
    verified: bool,
    frozen: bool,
}

impl Reading<'_> {
    /// Everything that was done on a form, oldest first. O(events of the form).
    pub fn trail(&self, study: &str, place: &Place, form: &FormState) -> Result<Vec<Deed>, Refusal> {
        self.readable_subject(study, &place.subject)?;
        let mut names = BTreeMap::new();
        let mut deeds = Vec::new();
        for seq in &form.events {
            let event = self.event(study, *seq)?;
            if !names.contains_key(&event.actor) {
                names.insert(event.actor.clone(), self.printed_name(&event.actor)?);
            }
            deeds.push(deed(event, &names)?);
        }
        Ok(deeds)
    }

    /// The name as printed of whoever acted.
    pub fn printed_name(&self, account: &str) -> Result<String, Refusal> {
        access::printed_name(self.view, account)
    }
}

fn deed(event: Event, names: &BTreeMap<String, String>) -> Result<Deed, Refusal> {
    let damaged = |e: serde_json::Error| Refusal::Damaged(format!("event {} of {}: {e}", event.seq, event.chain));
    let told: Told = serde_json::from_str(&event.payload).map_err(damaged)?;
    let what = match event.kind.as_str() {
        "form.saved/1" => Done::Saved(Box::new(serde_json::from_str(&event.payload).map_err(damaged)?)),
        "items.verified/1" => Done::Verified { items: told.items, verified: told.verified },
        "forms.frozen/1" => Done::Frozen(told.frozen),
        "query.opened/1" => Done::Asked,
        _ => Done::Other,
    };
    Ok(Deed {
        event: event.seq,
        at_ms: event.time_ms,
        offset_min: event.offset_min,
        by: names.get(&event.actor).cloned().unwrap_or_default(),
        role: told.role,
        reason: event.reason,
        what,
    })
}
