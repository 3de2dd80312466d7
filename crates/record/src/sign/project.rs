//! Events of signatures, and the state that they make.

use super::{Covers, Signature};
use crate::capture::{Place, change_form};
use crate::key::{Key, key};
use crate::project::{Change as _, Failure, failure, payload};
use crate::space;
use croft_ledger::{Event, State};
use serde::{Deserialize, Serialize};

/// `signed/1`
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Signed {
    pub study: String,
    pub covers: Covers,
    pub forms: Vec<Place>,
    /// The signer's name as printed.
    pub name: String,
    pub meaning: String,
    pub queries: Vec<u64>,
    pub digest: String,
}

/// `signature.voided/1`
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Voided {
    pub study: String,
    pub signature: u64,
    /// The form whose change made it void.
    pub form: Place,
}

#[derive(Deserialize)]
struct Role {
    role: String,
}

/// Applies an event of this room; false when it is of another.
pub(crate) fn project(event: &Event, state: &mut dyn State) -> Result<bool, Failure> {
    match event.kind.as_str() {
        "signed/1" => signed(event, state)?,
        "signature.voided/1" => voided(event, state)?,
        _ => return Ok(false),
    }
    Ok(true)
}

fn signed(event: &Event, state: &mut dyn State) -> Result<(), Failure> {
    let signed: Signed = payload(event)?;
    let Role { role } = payload(event)?;
    for place in &signed.forms {
        change_form(state, &signed.study, place, event.seq, |form| form.signatures.push(event.seq))?;
    }
    let signature = Signature {
        number: event.seq,
        covers: signed.covers,
        forms: signed.forms,
        account: event.actor.clone(),
        name: signed.name,
        role,
        meaning: signed.meaning,
        at_ms: event.time_ms,
        offset_min: event.offset_min,
        queries: signed.queries,
        digest: signed.digest,
        void: None,
    };
    let of_subject = key(&[&signed.study, signature.covers.subject()]).number(event.seq);
    state.set(space::SIGNATURE_SUBJECT, &of_subject, &())?;
    state.set(space::SIGNATURE, &Key::default().text(&signed.study).number(event.seq), &signature)
}

fn voided(event: &Event, state: &mut dyn State) -> Result<(), Failure> {
    let voided: Voided = payload(event)?;
    let at = Key::default().text(&voided.study).number(voided.signature);
    let mut signature: Signature = state
        .read(space::SIGNATURE, &at)?
        .ok_or_else(|| failure(format!("there is no signature {} of {}", voided.signature, voided.study)))?;
    signature.void = Some((event.seq, event.time_ms));
    for place in &signature.forms {
        change_form(state, &voided.study, place, event.seq, |form| form.signatures.retain(|n| *n != voided.signature))?;
    }
    state.set(space::SIGNATURE, &at, &signature)
}
