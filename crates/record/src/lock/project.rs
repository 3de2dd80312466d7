//! Events of freezing, locking and unlocking, and the state that they make.

use crate::capture::{Place, change_form};
use crate::key::key;
use crate::project::{Change as _, Failure, payload};
use crate::space;
use crate::study::{Lock, Study, UnlockRequest};
use croft_ledger::{Event, State};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `forms.frozen/1`
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Frozen {
    pub study: String,
    pub forms: Vec<Place>,
    pub frozen: bool,
}

/// `study.locked/1`
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Locked {
    pub study: String,
    /// The name as printed of who locked.
    pub name: String,
    /// What stood in the way, by kind.
    pub obstacles: BTreeMap<String, usize>,
}

/// `unlock.asked/1`
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct UnlockAsked {
    pub study: String,
}

/// `study.unlocked/1`
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Unlocked {
    pub study: String,
    pub asked_by: String,
    pub name: String,
}

/// Applies an event of this room; false when it is of another.
pub(crate) fn project(event: &Event, state: &mut dyn State) -> Result<bool, Failure> {
    match event.kind.as_str() {
        "forms.frozen/1" => {
            let frozen: Frozen = payload(event)?;
            for place in &frozen.forms {
                change_form(state, &frozen.study, place, event.seq, |form| form.frozen = frozen.frozen)?;
            }
        }
        "study.locked/1" => {
            let locked: Locked = payload(event)?;
            let lock = Lock::Locked { at_ms: event.time_ms, by: locked.name, event: event.seq, unlock: None };
            state.change(space::STUDY, &key(&[&locked.study]), |study: &mut Study| study.lock = lock)?;
        }
        "unlock.asked/1" => {
            let asked: UnlockAsked = payload(event)?;
            state.change(space::STUDY, &key(&[&asked.study]), |study: &mut Study| {
                if let Lock::Locked { unlock, .. } = &mut study.lock {
                    *unlock = Some(UnlockRequest {
                        by: event.actor.clone(),
                        at_ms: event.time_ms,
                        reason: event.reason.clone(),
                    });
                }
            })?;
        }
        "study.unlocked/1" => {
            let unlocked: Unlocked = payload(event)?;
            state.change(space::STUDY, &key(&[&unlocked.study]), |study: &mut Study| study.lock = Lock::Open)?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}
