//! Who has signed in?
//!
//! A session is known by a secret of 256 random bits, kept as its hash. It ends 30 minutes after it was last used, and 12 hours after it began. Its use is
//! noted at most once a minute, so that looking at pages costs no durable write each. Signing in always makes a new one.

use super::account::{account, note};
use super::credential::Proof;
use super::secret;
use crate::door::{self, Caller, Record};
use crate::key::Key;
use crate::refusal::Refusal;
use crate::space;
use croft_ledger::{Tx, View};
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;

/// A session ends this long after its last use.
pub const IDLE_MS: i64 = 30 * 60_000;
/// A session ends this long after its beginning.
pub const ABSOLUTE_MS: i64 = 12 * 3_600_000;
/// Use is noted at most so often.
const NOTE_MS: i64 = 60_000;

/// A session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The account.
    pub account: String,
    /// Its name in events: not the secret, and not made from it.
    pub name: String,
    /// When it began.
    pub begun_ms: i64,
    /// When it was last used, about.
    pub used_ms: i64,
}

/// Begins a session for somebody who has proved who they are. Answers its secret.
pub fn sign_in(record: &Record, proof: &Proof) -> Result<String, Refusal> {
    let secret = secret::fresh()?;
    let name: String = secret::fresh()?.chars().take(12).collect();
    let row = secret::hashed(&secret);
    let login = proof.account().to_owned();
    record.ledger().write(move |tx| {
        account(tx, &login)?;
        let now_ms = tx.now_ms();
        let session = Session { account: login.clone(), name, begun_ms: now_ms, used_ms: now_ms };
        secret::put(tx, space::SESSION, &row, &session)?;
        note(tx, &login, "signed_in/1", &session.name)
    })?;
    Ok(secret)
}

/// The session that a secret proves, when it has not ended.
pub fn resume(record: &Record, secret: &str) -> Result<Option<Session>, Refusal> {
    let name = secret::hashed(secret);
    let now_ms = record.ledger().now_ms();
    let found: Option<Session> =
        record.ledger().read(|view| door::row(view, space::SESSION, &Key::default().text(&name)))?;
    let Some(mut session) = found.filter(|s| now_ms < s.used_ms + IDLE_MS && now_ms < s.begun_ms + ABSOLUTE_MS) else {
        return Ok(None);
    };
    if now_ms >= session.used_ms + NOTE_MS {
        session.used_ms = now_ms;
        let row = session.clone();
        record.ledger().write_then(
            move |tx| {
                // It may have been ended meanwhile.
                if tx.get(space::SESSION, name.as_bytes())?.is_some() {
                    secret::put(tx, space::SESSION, &name, &row)?;
                }
                Ok(())
            },
            |_: Result<(), Refusal>| {},
        );
    }
    Ok(Some(session))
}

impl Session {
    /// Who acts in it.
    pub fn caller(&self, offset_min: i32) -> Caller {
        Caller::new(&self.account, &self.name, offset_min)
    }
}

/// Ends a session.
pub fn sign_out(record: &Record, secret: &str) -> Result<(), Refusal> {
    let name = secret::hashed(secret);
    record.ledger().write(move |tx| {
        let found: Option<Session> = door::row(tx, space::SESSION, &Key::default().text(&name))?;
        let Some(session) = found else { return Ok(()) };
        tx.delete(space::SESSION, name.as_bytes());
        note(tx, &session.account, "signed_out/1", &session.name)
    })
}

/// Ends every session of an account.
pub(super) fn end_all(tx: &mut Tx<'_>, login: &str) -> Result<(), Refusal> {
    let mut ended = Vec::new();
    let (from, to) = Key::default().range();
    tx.scan(space::SESSION, &from, &to, &mut |name, bytes| {
        if serde_json::from_slice::<Session>(bytes).is_ok_and(|s| s.account == login) {
            ended.push(name.to_vec());
        }
        ControlFlow::Continue(())
    })?;
    for name in ended {
        tx.delete(space::SESSION, &name);
    }
    Ok(())
}
