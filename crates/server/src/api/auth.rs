//! Whose program is it? The key or session that it bears, how often it may ask, and the ways to the record.

use crate::app::{App, blocking};
use crate::context::Context;
use crate::problem::Problem;
use crate::rate::API_KEY;
use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use croft_record::access::apikey::resume_key;
use croft_record::access::credential::{Proof, prove_again};
use croft_record::access::session;
use croft_record::vault::Vault;
use croft_record::{Caller, Command, Reading, Refusal};
use std::collections::BTreeMap;

/// A program that has proved for whom it acts.
pub(crate) struct Program {
    pub app: App,
    pub caller: Caller,
    /// The secret that it bears: to end its session.
    pub secret: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Program {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let context = Context::from_request_parts(parts, state).await?;
        // Schemes are named without regard to case (RFC 9110, 11.1).
        let sent =
            parts.headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).and_then(|v| v.split_once(' '));
        let bearer = sent.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, secret)| secret);
        let secret = bearer.map(str::trim).filter(|s| !s.is_empty()).ok_or_else(Problem::sign_in_first)?.to_owned();
        let app = context.app.clone();
        // Wrong secrets are bounded by the address they come from, right ones by the account they act for.
        let (record, asked) = (app.record().clone(), secret.clone());
        let found = blocking(move || {
            if let Some(session) = session::resume(&record, &asked)? {
                return Ok(Some(session.caller(0)));
            }
            Ok(resume_key(&record, &asked)?)
        })
        .await?;
        let name = found.as_ref().map_or_else(
            || format!("address {}", context.address),
            |caller| format!("{} {}", caller.account, caller.session),
        );
        app.rates().take("key", &name, API_KEY, app.now_ms()).map_err(Problem::too_often)?;
        let caller = found.ok_or_else(Problem::sign_in_first)?;
        Ok(Self { app, caller, secret })
    }
}

impl Program {
    /// Looks at one consistent state of the record.
    pub async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Reading<'_>) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Problem> {
        let (app, caller) = (self.app.clone(), self.caller.clone());
        blocking(move || Ok(app.record().view(&caller, look)?)).await
    }

    /// Does something; durable when it answers.
    pub async fn execute<C: Command>(&self, command: C) -> Result<C::Done, Problem> {
        let (tell, told) = tokio::sync::oneshot::channel();
        self.app.record().execute_then(&self.caller, command, move |done| {
            // Nobody listens any more when the answer took too long; it is done all the same.
            let _ = tell.send(done);
        });
        Ok(told.await.map_err(|_| Problem::internal("the writer has ended"))??)
    }

    /// The vault: for the handlers of randomisation and of codes alone.
    pub fn vault(&self) -> Result<&Vault, Problem> {
        self.app.vault()
    }

    /// Proves again who acts, for a signature.
    pub async fn prove(&self, password: String, code: String) -> Result<Proof, Problem> {
        let (app, caller) = (self.app.clone(), self.caller.clone());
        blocking(move || Ok(prove_again(app.record(), &caller, &password, &code)?)).await
    }
}

/// The query of an address; names that nobody reads are refused.
pub(crate) struct Asked(Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or("");
        Ok(Self(form_urlencoded::parse(query.as_bytes()).into_owned().collect()))
    }
}

impl Asked {
    /// Values by name.
    pub fn of(self, known: &[&str]) -> Result<BTreeMap<String, String>, Problem> {
        if let Some((strange, _)) = self.0.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            return Err(Problem::bad_request(format!("the query has no `{strange}`"))
                .hint(format!("it takes: {}", known.join(", "))));
        }
        Ok(self.0.into_iter().collect())
    }
}

/// A number of a query.
pub(crate) fn number<N: std::str::FromStr>(
    values: &BTreeMap<String, String>,
    name: &str,
) -> Result<Option<N>, Problem> {
    let read =
        |text: &String| text.parse().map_err(|_| Problem::bad_request(format!("`{name}` is no number of its kind")));
    values.get(name).map(read).transpose()
}
