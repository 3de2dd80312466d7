//! Events of people and access, and the state that they make.

use super::account::{Account, Created, Of};
use super::grant::{Given, Grant, Revoked, Trained, Training};
use crate::key::key;
use crate::project::{Change as _, Failure, payload};
use crate::space;
use croft_ledger::{Event, State};

/// Kinds that say that something happened and change no projection.
const STATELESS: [&str; 12] = [
    "refused/1",
    "data.read/1",
    "export.made/1",
    "sign_in.failed/1",
    "account.waits/1",
    "signed_in/1",
    "signed_out/1",
    "password.set/1",
    "password.reset/1",
    "codes.set/1",
    "key.made/1",
    "key.ended/1",
];

/// Applies an event of this room; false when it is of another.
pub(crate) fn project(event: &Event, state: &mut dyn State) -> Result<bool, Failure> {
    match event.kind.as_str() {
        "account.created/1" => {
            let created: Created = payload(event)?;
            let account = Account {
                login: created.account.clone(),
                name: created.name,
                created_ms: event.time_ms,
                disabled: false,
                switched_ms: Vec::new(),
                grants: Vec::new(),
                trainings: Vec::new(),
            };
            state.set(space::ACCOUNT, &key(&[&created.account]), &account)?;
        }
        "account.disabled/1" | "account.enabled/1" => {
            let of: Of = payload(event)?;
            change(state, &of.account, |account| {
                account.disabled = event.kind == "account.disabled/1";
                account.switched_ms.push(event.time_ms);
            })?;
        }
        "grant.given/1" => {
            let given: Given = payload(event)?;
            let grant = Grant {
                number: event.seq,
                role: given.role_given,
                study: given.study,
                site: given.site,
                country: given.country,
                from_ms: given.from_ms,
                to_ms: given.to_ms,
                given_by: event.actor.clone(),
            };
            change(state, &given.account, |account| account.grants.push(grant))?;
        }
        "grant.revoked/1" => {
            let revoked: Revoked = payload(event)?;
            change(state, &revoked.account, |account| {
                for grant in account.grants.iter_mut().filter(|g| g.number == revoked.grant) {
                    grant.to_ms = Some(event.time_ms);
                }
            })?;
        }
        "training.recorded/1" => {
            let trained: Trained = payload(event)?;
            let training = Training { study: trained.study, title: trained.title, at_ms: event.time_ms };
            change(state, &trained.account, |account| account.trainings.push(training))?;
        }
        kind => return Ok(STATELESS.contains(&kind)),
    }
    Ok(true)
}

fn change(state: &mut dyn State, login: &str, change: impl FnOnce(&mut Account)) -> Result<(), Failure> {
    state.change(space::ACCOUNT, &key(&[login]), change)
}
