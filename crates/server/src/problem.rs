//! What does a caller hear when something cannot be done?
//!
//! A page in words for people, `application/problem+json` (RFC 9457) for programs; both name the place, what to do next and the request's reference
//! number, under which the log has it. Neither shows how the program is made. A handler returns a [`Problem`]; the frame writes the answer,
//! since it knows the language and who asks. Answers of the libraries below (a body of the wrong type, a method that a route does not know)
//! are dressed in the same way.

use crate::context::Context;
use crate::layout::Page;
use crate::words::Words;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use croft_record::Refusal;
use maud::html;

/// Why a request is not answered as it was meant.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The status of the answer.
    pub status: StatusCode,
    /// What and where, in a sentence; may be empty where the title says it all.
    pub detail: String,
    /// What to do next; may be empty.
    pub hint: String,
    /// The fields that are wrong, by name, for programs.
    pub fields: Vec<(String, String)>,
    /// For the log alone: what failed inside.
    pub cause: String,
    /// Seconds until it makes sense to try again.
    pub retry_after_s: Option<u64>,
    /// Where to go instead: a page that asks to sign in.
    pub(crate) redirect: Option<String>,
}

impl Problem {
    /// A problem of this status.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            status,
            detail: detail.into(),
            hint: String::new(),
            fields: Vec::new(),
            cause: String::new(),
            retry_after_s: None,
            redirect: None,
        }
    }

    /// There is no such thing, or the caller may not know of it.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "")
    }

    /// The caller may not.
    pub fn denied(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, detail)
    }

    /// The request makes no sense.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// The values do not fit.
    pub fn invalid(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
    }

    /// Something inside failed; only the log says what.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        Self { cause: cause.to_string(), ..Self::new(StatusCode::INTERNAL_SERVER_ERROR, "") }
    }

    /// Too often; again after so many seconds.
    pub fn too_often(seconds: u64) -> Self {
        Self { retry_after_s: Some(seconds), ..Self::new(StatusCode::TOO_MANY_REQUESTS, "") }
    }

    /// Nobody has signed in. A page sends to the sign-in form and back, the interface answers 401.
    pub fn sign_in_first() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "")
    }

    /// What to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// A field that is wrong.
    #[must_use]
    pub fn field(mut self, name: impl Into<String>, message: impl Into<String>) -> Self {
        self.fields.push((name.into(), message.into()));
        self
    }

    pub(crate) fn title(&self, words: &Words) -> String {
        match self.status.as_u16() {
            400 => t!(words, "problem-bad-request"),
            401 => t!(words, "problem-sign-in-first"),
            403 => t!(words, "problem-denied"),
            404 => t!(words, "problem-not-found"),
            405 => t!(words, "problem-method"),
            408 => t!(words, "problem-slow"),
            409 => t!(words, "problem-conflict"),
            413 => t!(words, "problem-too-large"),
            415 => t!(words, "problem-media-type"),
            422 => t!(words, "problem-invalid"),
            423 => t!(words, "problem-locked"),
            429 => t!(words, "problem-too-often"),
            503 => t!(words, "problem-unavailable"),
            _ if self.status.is_client_error() => t!(words, "problem-bad-request"),
            _ => t!(words, "problem-internal"),
        }
    }

    /// The hint, or the usual one of its status.
    fn remedy(&self, words: &Words) -> String {
        if !self.hint.is_empty() {
            return self.hint.clone();
        }
        match (self.status.as_u16(), self.retry_after_s) {
            (429, Some(seconds)) => t!(words, "hint-too-often", seconds = seconds),
            (401, _) => t!(words, "hint-sign-in-first"),
            (403, _) => t!(words, "hint-denied"),
            (404, _) => t!(words, "hint-not-found"),
            (500.., _) => t!(words, "hint-internal"),
            _ => t!(words, "hint-go-back"),
        }
    }

    /// The answer as this caller reads it.
    pub(crate) fn answer(&self, context: &Context) -> Response {
        let mut response = if context.wants_json { self.json(context) } else { self.page(context) };
        if let Some(seconds) = self.retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }

    fn json(&self, context: &Context) -> Response {
        let fields: Vec<_> =
            self.fields.iter().map(|(name, message)| serde_json::json!({ "name": name, "message": message })).collect();
        let mut body = serde_json::json!({
            "type": "about:blank",
            "title": self.title(&context.words),
            "status": self.status.as_u16(),
            "detail": self.detail,
            "hint": self.remedy(&context.words),
            "reference": context.reference,
        });
        if !fields.is_empty() {
            body["fields"] = fields.into();
        }
        (self.status, [(header::CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response()
    }

    fn page(&self, context: &Context) -> Response {
        let title = self.title(&context.words);
        let body = html! {
            @if !self.detail.is_empty() { p.lead { (self.detail) } }
            @if !self.fields.is_empty() {
                ul { @for (name, message) in &self.fields { li { (name) ": " (message) } } }
            }
            p { (self.remedy(&context.words)) }
            p.quiet { (t!(context, "problem-reference")) " " code { (context.reference) } }
            p { a href="/" { (t!(context, "problem-home")) } }
        };
        Page::new(context, title).status(self.status).body(body).into_response()
    }
}

impl From<Refusal> for Problem {
    /// A refusal as an answer. What failed inside goes to the log alone.
    fn from(refusal: Refusal) -> Self {
        let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if status.is_server_error() {
            let source = std::error::Error::source(&refusal).map(|cause| format!(": {cause}")).unwrap_or_default();
            return Self { cause: format!("{refusal}{source}"), ..Self::new(status, "") }.hint(refusal.hint());
        }
        let mut problem = Self::new(status, refusal.to_string()).hint(refusal.hint());
        if let Refusal::Invalid { faults } = &refusal {
            problem.fields = faults.iter().map(|fault| (fault.place.clone(), fault.message.clone())).collect();
        }
        problem
    }
}

impl IntoResponse for Problem {
    /// A bare answer that carries the problem to the frame.
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
