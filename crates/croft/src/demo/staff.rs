//! People at work: each signs in and sends what the interface takes. The requests go to the server itself, in this process.
//!
//! Time is the study's: a clock that the script sets. Somebody whose session has ended signs in again, as people do each morning.

use crate::output::Failure;
use croft_ledger::ManualClock;
use croft_server::Local;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The password of every account of a demonstration: printed, never for real use.
pub const PASSWORD: &str = "croft shows what it can do";
/// After so long somebody signs in anew: the record ends a session that stood unused for half an hour.
const SESSION_MS: i64 = 25 * 60_000;

/// Everybody who works in the demonstration.
pub struct Staff {
    server: Local,
    clock: Arc<ManualClock>,
    /// Account to the secret of its session, and when that began.
    sessions: BTreeMap<String, (String, i64)>,
    now_ms: i64,
}

impl Staff {
    pub fn new(server: Local, clock: Arc<ManualClock>, now_ms: i64) -> Self {
        clock.set(now_ms);
        Self { server, clock, sessions: BTreeMap::new(), now_ms }
    }

    /// Moves the time on; it never goes back.
    pub fn at(&mut self, now_ms: i64) {
        self.now_ms = self.now_ms.max(now_ms);
        self.clock.set(self.now_ms);
    }

    pub fn now_ms(&self) -> i64 {
        self.now_ms
    }

    /// Sets the password of an account by its link.
    pub async fn set_password(&self, link: &str) -> Result<(), Failure> {
        self.send("", "POST", &format!("/links/{link}"), &json!({ "password": PASSWORD })).await.map(|_| ())
    }

    /// What somebody does, and what the server answers.
    pub async fn call(&mut self, who: &str, method: &str, path: &str, body: &Value) -> Result<Value, Failure> {
        let secret = match self.sessions.get(who) {
            Some((secret, begun)) if self.now_ms < begun + SESSION_MS => secret.clone(),
            _ => {
                let answer =
                    self.send("", "POST", "/sign-in", &json!({ "account": who, "password": PASSWORD })).await?;
                let secret = answer["secret"].as_str().unwrap_or_default().to_owned();
                self.sessions.insert(who.to_owned(), (secret.clone(), self.now_ms));
                secret
            }
        };
        self.send(&secret, method, path, body).await
    }

    /// The same where the body holds the person's password again.
    pub async fn signs(&mut self, who: &str, path: &str, mut body: Value) -> Result<Value, Failure> {
        body["password"] = PASSWORD.into();
        self.call(who, "POST", path, &body).await
    }

    async fn send(&self, secret: &str, method: &str, path: &str, body: &Value) -> Result<Value, Failure> {
        let (status, answer) = self.server.call(secret, method, path, body).await.map_err(Failure::failure)?;
        if (200..300).contains(&status) {
            return Ok(answer);
        }
        let word = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        Err(Failure::failure(format!("{method} {path}: {status}: {} {}", word("title"), word("detail")))
            .hint(word("hint")))
    }
}

/// A name as one segment of an address.
pub fn segment(name: &str) -> String {
    name.bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.') {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}
