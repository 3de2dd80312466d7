//! Who asks, in which language, and from where?
//!
//! The frame finds this out once a request. A handler takes a [`Context`] when anybody may ask, or [`Signed`] when somebody must have signed in;
//! without a session `Signed` sends a page to the sign-in form (and back afterwards), and answers 401 to a program.

use crate::app::{App, Person, blocking};
use crate::csrf;
use crate::flash::Flash;
use crate::problem::Problem;
use crate::session_cookie::Secret;
use crate::words::Words;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use croft_record::access::credential::{Proof, prove_again};
use croft_record::vault::{Given, Vault};
use croft_record::{Caller, Command, Reading, Refusal};
use maud::{Markup, html};
use std::net::IpAddr;
use std::ops::Deref;
use std::sync::Arc;

/// One request's circumstances; cheap to copy.
#[derive(Clone)]
pub struct Context(pub(crate) Arc<Circumstances>);

/// See [`Context`].
pub struct Circumstances {
    /// What all requests share.
    pub app: App,
    /// The language of the answer.
    pub words: Words,
    /// Light or dark, if it was chosen.
    pub theme: Option<Theme>,
    /// Whether single-letter keys act.
    pub keys: bool,
    /// Who has signed in.
    pub person: Option<Person>,
    /// Minutes east of UTC where the browser is.
    pub offset_min: i32,
    /// The path of the address.
    pub path: String,
    /// The query of the address, without `?`.
    pub query: String,
    /// From where.
    pub address: IpAddr,
    /// The number under which the log has this request.
    pub reference: String,
    /// Whether the browser came over TLS.
    pub secure: bool,
    /// Whether the caller is a program.
    pub wants_json: bool,
    /// What the last page left to be said.
    pub flash: Option<Flash>,
    pub(crate) secret: Option<Secret>,
    pub(crate) new_guest: bool,
}

/// The ground of pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// Dark on white.
    Light,
    /// Light on near-black.
    Dark,
}

impl Theme {
    /// As it stands in the cookie and in the page.
    pub fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Reads it.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Light, Self::Dark].into_iter().find(|theme| theme.name() == text)
    }
}

impl Deref for Context {
    type Target = Circumstances;
    fn deref(&self) -> &Circumstances {
        &self.0
    }
}

impl AsRef<Words> for Context {
    fn as_ref(&self) -> &Words {
        &self.0.words
    }
}

impl Context {
    /// The token that each form bears; [`crate::components::form()`] puts it in.
    pub fn csrf_token(&self) -> String {
        let Some(secret) = &self.secret else { return String::new() };
        csrf::token(secret, self.app.random()).unwrap_or_default()
    }

    /// A time as the reader's clock shows it, with its zone: `2026-03-16 10:04 UTC+01:00`.
    pub fn time(&self, at_ms: i64) -> Markup {
        let (text, machine) = (self.time_text(at_ms), utc(at_ms));
        html! { time datetime=(machine) { (text) } }
    }

    /// The same as text.
    pub fn time_text(&self, at_ms: i64) -> String {
        let offset = jiff::tz::Offset::from_seconds(self.offset_min * 60).unwrap_or(jiff::tz::Offset::UTC);
        let Ok(at) = jiff::Timestamp::from_millisecond(at_ms) else { return String::new() };
        let local = offset.to_datetime(at);
        let zone = zone_name(self.offset_min);
        let (date, hour, minute) = (local.date(), local.hour(), local.minute());
        format!("{date} {hour:02}:{minute:02} {zone}")
    }
}

/// `2026-03-16T09:04:00Z`; empty for a time that no calendar has.
pub fn utc(at_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(at_ms).map(|at| at.to_string()).unwrap_or_default()
}

/// `UTC`, `UTC+01:00`.
fn zone_name(offset_min: i32) -> String {
    if offset_min == 0 {
        return "UTC".to_owned();
    }
    let (sign, minutes) = (if offset_min < 0 { '-' } else { '+' }, offset_min.abs());
    format!("UTC{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

impl<S: Send + Sync> FromRequestParts<S> for Context {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let found = parts.extensions.get::<Self>().cloned();
        found.ok_or_else(|| Problem::internal("a route outside the frame"))
    }
}

/// A request of somebody who has signed in.
#[derive(Clone)]
pub struct Signed {
    context: Context,
    /// Who.
    pub person: Person,
}

impl Signed {
    /// Who acts, as the record asks it.
    pub fn caller(&self) -> Caller {
        Caller::new(&self.person.account, &self.person.session, self.offset_min)
    }

    /// Looks at one consistent state of the record, off the threads that serve connections.
    pub async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Reading<'_>) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Problem> {
        let (app, caller) = (self.app.clone(), self.caller());
        blocking(move || Ok(app.record().view(&caller, look)?)).await
    }

    /// Proves again who acts, for a signature. What is wrong with it is told at the field `password`.
    pub async fn prove(&self, password: &str, code: &str) -> Result<Result<Proof, Refusal>, Problem> {
        let (app, caller) = (self.app.clone(), self.caller());
        let (password, code) = (password.to_owned(), code.to_owned());
        blocking(move || Ok(prove_again(app.record(), &caller, &password, &code))).await
    }

    /// The vault: for the handlers of randomisation and of codes alone.
    pub(crate) fn vault(&self) -> Result<&Vault, Problem> {
        self.app.vault()
    }

    /// Randomises a subject; durable when it answers.
    pub(crate) async fn randomise(
        &self,
        study: &str,
        subject: &str,
        signature: Proof,
    ) -> Result<Result<Given, Refusal>, Problem> {
        let (tell, told) = tokio::sync::oneshot::channel();
        self.vault()?.randomise_then(&self.caller(), (study, subject), signature, move |done| {
            // Nobody listens any more when the answer took too long; it is done all the same.
            let _ = tell.send(done);
        });
        told.await.map_err(|_| Problem::internal("the writer has ended"))
    }

    /// Does something; durable when it answers. A refusal can be shown beside the fields: see [`crate::components::Errors::from_refusal`].
    pub async fn execute<C: Command>(&self, command: C) -> Result<C::Done, Refusal> {
        let (tell, told) = tokio::sync::oneshot::channel();
        self.app.record().execute_then(&self.caller(), command, move |done| {
            // Nobody listens any more when the answer took too long; it is done all the same.
            let _ = tell.send(done);
        });
        told.await.unwrap_or_else(|_| Err(Refusal::Damaged("the writer has ended".to_owned())))
    }
}

impl Deref for Signed {
    type Target = Context;
    fn deref(&self) -> &Context {
        &self.context
    }
}

impl AsRef<Words> for Signed {
    fn as_ref(&self) -> &Words {
        &self.context.0.words
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Signed {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let context = Context::from_request_parts(parts, state).await?;
        let Some(person) = context.person.clone() else {
            return Err(Problem { redirect: Some(sign_in_address(&context, parts)), ..Problem::sign_in_first() });
        };
        Ok(Self { context, person })
    }
}

/// The sign-in form, and where to go after it. What was being sent is lost, so only pages are gone back to.
fn sign_in_address(context: &Context, parts: &Parts) -> String {
    if parts.method != axum::http::Method::GET || context.path == "/" {
        return "/sign-in".to_owned();
    }
    let query = if context.query.is_empty() { String::new() } else { format!("?{}", context.query) };
    let next: String = form_urlencoded::byte_serialize(format!("{}{query}", context.path).as_bytes()).collect();
    format!("/sign-in?next={next}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_named_by_its_distance() {
        assert_eq!(zone_name(0), "UTC");
        assert_eq!(zone_name(60), "UTC+01:00");
        assert_eq!(zone_name(-210), "UTC-03:30");
    }
}
