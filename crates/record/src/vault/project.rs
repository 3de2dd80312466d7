//! Events of the vault, and the state that they make.

use super::seal::Coded;
use super::setup::Setup;
use super::state::{
    Acknowledged, CodeBreak, FactorFacts, Randomised, SchemeFacts, SealedScheme, Unblinding, VaultState, Wrapped,
};
use crate::key::{Key, key};
use crate::project::{Change as _, Failure, payload};
use crate::space;
use croft_ledger::{Event, State};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `vault.keyed/1`: the study has a further key.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Keyed {
    pub study: String,
    pub number: u32,
    pub wrapped: Wrapped,
}

/// `vault.rewrapped/1`: its keys are wrapped under another master key.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Rewrapped {
    pub study: String,
    pub keys: BTreeMap<u32, Wrapped>,
}

/// `scheme.sealed/1`
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SchemeSealed {
    pub study: String,
    pub version: u32,
    pub note: String,
    pub setup: Setup,
    pub factors: Vec<FactorFacts>,
    pub digest: String,
    pub sealed: Coded,
}

/// `stratum.closed/1`, or opened again.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct StratumClosed {
    pub study: String,
    pub stratum: String,
    pub closed: bool,
}

/// `subject.randomised/1`
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SubjectRandomised {
    pub study: String,
    pub subject: String,
    pub site: String,
    pub number: String,
    pub version: u32,
    pub levels: Vec<String>,
    pub stratum: String,
    pub order: u32,
    pub code: Coded,
}

/// `code.broken/1`
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CodeBroken {
    pub study: String,
    pub subject: String,
    pub site: String,
    pub name: String,
}

/// `code_break.acknowledged/1`: somebody who was told of a code break took note.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct BreakAcknowledged {
    pub study: String,
    /// The event of the break.
    pub event: u64,
}

/// `codes.read/1`: somebody who may looked at codes.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CodesRead {
    pub study: String,
    pub what: String,
    pub codes: usize,
}

/// `unblinding.asked/1`
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct UnblindingAsked {
    pub study: String,
    pub name: String,
}

/// `study.unblinded/1`
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct StudyUnblinded {
    pub study: String,
    pub asked_by: String,
    pub name: String,
}

/// What is counted: all of the study, those of a site, those of a stratum of a scheme.
pub(crate) fn count_keys(study: &str, site: &str, version: u32, stratum: &str) -> [Key; 3] {
    [
        key(&[study, "study"]),
        key(&[study, "site", site]),
        key(&[study, "stratum"]).number(u64::from(version)).text(stratum),
    ]
}

/// Applies an event of this room; false when it is of another.
pub(crate) fn project(event: &Event, state: &mut dyn State) -> Result<bool, Failure> {
    match event.kind.as_str() {
        "vault.keyed/1" => {
            let keyed: Keyed = payload(event)?;
            let at = key(&[&keyed.study]);
            let mut vault: VaultState = state.read(space::VAULT, &at)?.unwrap_or_default();
            vault.keys.insert(keyed.number, keyed.wrapped);
            state.set(space::VAULT, &at, &vault)?;
        }
        "vault.rewrapped/1" => {
            let rewrapped: Rewrapped = payload(event)?;
            state.change(space::VAULT, &key(&[&rewrapped.study]), |vault: &mut VaultState| {
                vault.keys = rewrapped.keys
            })?;
        }
        "scheme.sealed/1" => {
            let sealed: SchemeSealed = payload(event)?;
            let at = key(&[&sealed.study]).number(u64::from(sealed.version));
            state.set(space::SCHEME, &at, &SealedScheme { sealed: sealed.sealed })?;
            state.change(space::VAULT, &key(&[&sealed.study]), |vault: &mut VaultState| {
                vault.schemes.push(SchemeFacts {
                    version: sealed.version,
                    note: sealed.note,
                    setup: sealed.setup,
                    factors: sealed.factors,
                    digest: sealed.digest,
                    sealed_ms: event.time_ms,
                    by: event.actor.clone(),
                });
                vault.closed.clear();
            })?;
        }
        "stratum.closed/1" => {
            let closed: StratumClosed = payload(event)?;
            state.change(space::VAULT, &key(&[&closed.study]), |vault: &mut VaultState| {
                vault.closed.retain(|stratum| *stratum != closed.stratum);
                if closed.closed {
                    vault.closed.push(closed.stratum);
                    vault.closed.sort();
                }
            })?;
        }
        "subject.randomised/1" => randomised(event, state)?,
        "code.broken/1" => {
            let broken: CodeBroken = payload(event)?;
            let at = key(&[&broken.study]).number(event.seq);
            let row = CodeBreak {
                subject: broken.subject,
                site: broken.site,
                by: event.actor.clone(),
                name: broken.name,
                at_ms: event.time_ms,
                reason: event.reason.clone(),
                event: event.seq,
                acknowledged: Vec::new(),
            };
            state.set(space::CODE_BREAK, &at, &row)?;
        }
        "code_break.acknowledged/1" => {
            let done: BreakAcknowledged = payload(event)?;
            let one = Acknowledged { by: event.actor.clone(), at_ms: event.time_ms };
            let at = key(&[&done.study]).number(done.event);
            state.change(space::CODE_BREAK, &at, |row: &mut CodeBreak| row.acknowledged.push(one))?;
        }
        "codes.read/1" => {}
        "unblinding.asked/1" => {
            let asked: UnblindingAsked = payload(event)?;
            let unblinding =
                Unblinding::Asked { by: event.actor.clone(), at_ms: event.time_ms, reason: event.reason.clone() };
            state
                .change(space::VAULT, &key(&[&asked.study]), |vault: &mut VaultState| vault.unblinding = unblinding)?;
        }
        "study.unblinded/1" => {
            let done: StudyUnblinded = payload(event)?;
            let unblinding =
                Unblinding::Done { asked_by: done.asked_by, agreed_by: event.actor.clone(), at_ms: event.time_ms };
            state.change(space::VAULT, &key(&[&done.study]), |vault: &mut VaultState| vault.unblinding = unblinding)?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

fn randomised(event: &Event, state: &mut dyn State) -> Result<(), Failure> {
    let done: SubjectRandomised = payload(event)?;
    for at in count_keys(&done.study, &done.site, done.version, &done.stratum) {
        let count: u32 = state.read(space::RANDOMISED_COUNT, &at)?.unwrap_or_default();
        state.set(space::RANDOMISED_COUNT, &at, &(count + 1))?;
    }
    let at = key(&[&done.study, &done.subject]);
    let row = Randomised {
        subject: done.subject,
        site: done.site,
        number: done.number,
        version: done.version,
        levels: done.levels,
        stratum: done.stratum,
        order: done.order,
        at_ms: event.time_ms,
        by: event.actor.clone(),
        code: done.code,
    };
    state.set(space::RANDOMISED, &at, &row)
}
