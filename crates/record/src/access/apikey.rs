//! How do programs come in? By keys that are shown once, reach no further than their owner, and end. A key makes no keys, and ends none.

use super::operation::{Operation, Scope};
use super::secret;
use crate::door::{self, Caller, Command, Reading, Record, Work};
use crate::key::Key;
use crate::refusal::Refusal;
use crate::space;
use croft_ledger::View;
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;

/// A key, as it is kept: without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// The account for which it acts.
    pub account: String,
    /// What it is for.
    pub name: String,
    /// What it may do, where the account may.
    pub may: Vec<Operation>,
    /// When it ends.
    pub until_ms: i64,
}

/// Makes a key for the caller's own account.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "said at ApiKey")]
pub struct MakeKey {
    pub name: String,
    pub may: Vec<Operation>,
    pub until_ms: i64,
}

/// `key.made/1`
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Made {
    pub account: String,
    pub name: String,
    pub may: Vec<Operation>,
    pub until_ms: i64,
}

/// The longest life of a key.
const LONGEST_MS: i64 = 400 * 24 * 3_600_000;

impl Command for MakeKey {
    /// The secret, shown once.
    type Done = String;
    // Whoever has any part in any study may let a program act for them; it reaches no further than they do.
    const OPERATION: Operation = Operation::StudyRead;
    // A key makes no keys: the new one could do more than it, and outlive it.
    const OF_ONESELF: bool = true;

    fn scope(&self, _view: &dyn View) -> Result<Scope, Refusal> {
        Ok(Scope::organisation())
    }

    fn run(self, work: &mut Work<'_, '_>) -> Result<String, Refusal> {
        let login = work.account().to_owned();
        let now_ms = work.now_ms();
        if self.name.trim().is_empty() || self.may.is_empty() {
            return Err(Refusal::invalid(
                "key",
                "has no name or no operations",
                "say what it is for and what it may do",
            ));
        }
        if keys_of(work.tx, &login)?.iter().any(|(_, key)| key.name == self.name && now_ms < key.until_ms) {
            return Err(Refusal::invalid(
                "key",
                "is a name that another key of yours has",
                "end that one, or name this otherwise",
            ));
        }
        if self.until_ms <= now_ms || self.until_ms > now_ms + LONGEST_MS {
            return Err(Refusal::invalid("until", "is not within 400 days from now", "keys end; make another then"));
        }
        let secret = secret::fresh()?;
        let key = ApiKey { account: login.clone(), name: self.name, may: self.may, until_ms: self.until_ms };
        secret::put(work.tx, space::API_KEY, &secret::hashed(&secret), &key)?;
        let made = Made { account: login.clone(), name: key.name, may: key.may, until_ms: key.until_ms };
        work.append("org", &login, "key.made/1", &made, "")?;
        Ok(secret)
    }
}

/// Ends a key of the caller's own before its time. What it did stays recorded under its name.
#[derive(Clone, Debug)]
pub struct EndKey {
    /// Its name.
    pub name: String,
}

/// `key.ended/1`
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Ended {
    pub account: String,
    pub name: String,
}

impl Command for EndKey {
    type Done = ();
    const OPERATION: Operation = Operation::StudyRead;
    const OF_ONESELF: bool = true;

    fn scope(&self, _view: &dyn View) -> Result<Scope, Refusal> {
        Ok(Scope::organisation())
    }

    fn run(self, work: &mut Work<'_, '_>) -> Result<(), Refusal> {
        let login = work.account().to_owned();
        let now_ms = work.now_ms();
        let of_name = keys_of(work.tx, &login)?.into_iter().filter(|(_, key)| key.name == self.name);
        let (ended, acting): (Vec<_>, Vec<_>) = of_name.partition(|(_, key)| key.until_ms <= now_ms);
        if acting.is_empty() {
            return Err(Refusal::absent("key", self.name));
        }
        for (at, _) in ended.iter().chain(&acting) {
            work.tx.delete(space::API_KEY, at);
        }
        work.append("org", &login, "key.ended/1", &Ended { account: login.clone(), name: self.name }, "")?;
        Ok(())
    }
}

/// The keys of an account, with where they are kept. O(keys of all accounts).
fn keys_of(view: &dyn View, login: &str) -> Result<Vec<(Vec<u8>, ApiKey)>, Refusal> {
    let mut found = Vec::new();
    door::rows(view, space::API_KEY, Key::default().range(), |at, key: ApiKey| {
        if key.account == login {
            found.push((at.to_vec(), key));
        }
        ControlFlow::Continue(())
    })?;
    Ok(found)
}

impl Reading<'_> {
    /// The caller's keys that have not ended, by name. Their secrets are not kept.
    pub fn own_keys(&self) -> Result<Vec<ApiKey>, Refusal> {
        let mut keys: Vec<ApiKey> = keys_of(self.view, &self.caller.account)?.into_iter().map(|(_, key)| key).collect();
        keys.retain(|key| self.now_ms < key.until_ms);
        keys.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(keys)
    }
}

/// The caller that a key proves, limited to what the key may.
pub fn resume_key(record: &Record, secret: &str) -> Result<Option<Caller>, Refusal> {
    let name = secret::hashed(secret);
    let now_ms = record.ledger().now_ms();
    let found: Option<ApiKey> =
        record.ledger().read(|view| door::row(view, space::API_KEY, &Key::default().text(&name)))?;
    let found = found.filter(|key| now_ms < key.until_ms);
    Ok(found.map(|key| Caller::new(&key.account, format!("key {}", key.name), 0).limited_to(key.may)))
}
