//! How do programs come in? By keys that are shown once, reach no further than their owner, and end. A key makes no keys.

use super::account::account;
use super::operation::{Operation, Scope};
use super::secret;
use crate::door::{self, Caller, Command, Record, Work};
use crate::key::Key;
use crate::refusal::Refusal;
use crate::space;
use croft_ledger::View;
use serde::{Deserialize, Serialize};

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

    fn scope(&self, _view: &dyn View) -> Result<Scope, Refusal> {
        Ok(Scope::organisation())
    }

    fn run(self, work: &mut Work<'_, '_>) -> Result<String, Refusal> {
        // A key makes no keys: the new one could do more than it, and outlive it.
        if work.caller.is_limited() {
            return Err(Refusal::Denied { operation: Self::OPERATION });
        }
        let login = work.account().to_owned();
        account(work.tx, &login)?;
        let now_ms = work.now_ms();
        if self.name.trim().is_empty() || self.may.is_empty() {
            return Err(Refusal::invalid(
                "key",
                "has no name or no operations",
                "say what it is for and what it may do",
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

/// The caller that a key proves, limited to what the key may.
pub fn resume_key(record: &Record, secret: &str) -> Result<Option<Caller>, Refusal> {
    let name = secret::hashed(secret);
    let now_ms = record.ledger().now_ms();
    let found: Option<ApiKey> =
        record.ledger().read(|view| door::row(view, space::API_KEY, &Key::default().text(&name)))?;
    let found = found.filter(|key| now_ms < key.until_ms);
    Ok(found.map(|key| Caller::new(&key.account, format!("key {}", key.name), 0).limited_to(key.may)))
}
