//! What do all requests share?

use crate::config::Config;
use crate::problem::Problem;
use crate::random::Random;
use crate::rate::Rates;
use crate::session_cookie::Secret;
use croft_record::access::session;
use croft_record::vault::Vault;
use croft_record::{Record, Refusal};
use std::sync::Arc;

/// A person who has signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The account.
    pub account: String,
    /// The name as it is shown.
    pub name: String,
    /// The session as it stands in events; not the secret.
    pub session: String,
}

/// What all requests share; cheap to copy.
#[derive(Clone)]
pub struct App(Arc<Shared>);

struct Shared {
    config: Config,
    record: Record,
    vault: Option<Vault>,
    random: Arc<dyn Random>,
    rates: Rates,
}

impl App {
    /// An app over a record. Its time is the record's.
    pub fn new(config: Config, record: Record, random: Arc<dyn Random>) -> Self {
        Self(Arc::new(Shared { config, record, vault: None, random, rates: Rates::default() }))
    }

    /// The same with the record's vault: without it nobody is randomised and no code is read here.
    pub fn with_vault(config: Config, record: Record, vault: Vault, random: Arc<dyn Random>) -> Self {
        Self(Arc::new(Shared { config, record, vault: Some(vault), random, rates: Rates::default() }))
    }

    /// The vault, for the handlers of randomisation and of codes alone.
    pub(crate) fn vault(&self) -> Result<&Vault, Problem> {
        let closed =
            || Refusal::state("the vault is not open on this server", "start the server with the vault's key at hand");
        self.0.vault.as_ref().ok_or_else(|| closed().into())
    }

    /// The record. Handlers of people who have signed in use [`crate::Signed::look`] and [`crate::Signed::execute`].
    pub fn record(&self) -> &Record {
        &self.0.record
    }

    /// What the server was told.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// The time in milliseconds since 1970 in UTC.
    pub fn now_ms(&self) -> i64 {
        self.0.record.ledger().now_ms()
    }

    /// Where secrets come from.
    pub fn random(&self) -> &dyn Random {
        self.0.random.as_ref()
    }

    /// How often whom has tried.
    pub fn rates(&self) -> &Rates {
        &self.0.rates
    }

    /// Asks whose session a secret proves, off the threads that serve connections. Asking counts as use of it.
    pub(crate) async fn person(&self, secret: Secret) -> Result<Option<Person>, Problem> {
        let app = self.clone();
        blocking(move || {
            let record = app.record();
            let Some(session) = session::resume(record, &secret.text())? else { return Ok(None) };
            let account = record.view(&session.caller(0), |r| r.own_account())?;
            Ok(Some(Person { account: account.login, name: account.name, session: session.name }))
        })
        .await
    }
}

/// Does work that waits for a disk or computes for long, off the threads that serve connections.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| Err(Problem::internal("work ended in a panic")))
}
