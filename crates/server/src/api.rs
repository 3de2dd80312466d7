//! The interface for programs: JSON over HTTP under `/api/v1`, described by OpenAPI 3.1 at `/api/openapi.json`.
//!
//! One table holds every route with its words, its body and its handler; the router and the description are made from it, so that neither has what
//! the other lacks. A program sends `Authorization: Bearer SECRET`, a key that an account made or the secret of a session. What it may do is what the account
//! may, and for a key no more than the key's own operations: the record asks, as for people. Errors are RFC 9457 problems.

mod auth;
mod body;
mod capture;
mod clean;
mod house;
mod openapi;
mod studies;
mod supply;
mod vault;

use crate::app::App;
use axum::Router;
use axum::routing::{MethodRouter, get};

use auth::{Asked, number};

/// Where the interface stands.
const BASE: &str = "/api/v1";

/// A route: what it is for, what it takes, who answers.
struct Route {
    method: Method,
    path: &'static str,
    summary: &'static str,
    /// The schema of the body.
    body: Option<fn() -> serde_json::Value>,
    /// Names of the address's query.
    query: Vec<Named>,
    /// Names of the answer.
    answer: Vec<Named>,
    /// Whether it answers with an archive of files.
    archive: bool,
    /// Whether it can be asked without a key.
    open: bool,
    handler: MethodRouter<App>,
}

/// The methods that are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Method {
    Get,
    Post,
    Put,
    Delete,
}

impl Method {
    fn name(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Post => "post",
            Self::Put => "put",
            Self::Delete => "delete",
        }
    }
}

impl Route {
    fn new(method: Method, path: &'static str, summary: &'static str, handler: MethodRouter<App>) -> Self {
        Self {
            method,
            path,
            summary,
            body: None,
            query: Vec::new(),
            answer: Vec::new(),
            archive: false,
            open: false,
            handler,
        }
    }

    fn takes<B: body::Schema>(mut self) -> Self {
        self.body = Some(B::schema);
        self
    }

    fn asks(mut self, query: impl Into<Vec<Named>>) -> Self {
        self.query = query.into();
        self
    }

    fn gives(mut self, answer: impl Into<Vec<Named>>) -> Self {
        self.answer = answer.into();
        self
    }

    fn gives_archive(mut self) -> Self {
        self.archive = true;
        self
    }

    fn open(mut self) -> Self {
        self.open = true;
        self
    }
}

/// A name in a query or an answer: its type in JSON, and what it is.
#[derive(Clone, Copy, Debug)]
struct Named {
    name: &'static str,
    kind: &'static str,
    words: &'static str,
}

const fn text(name: &'static str, words: &'static str) -> Named {
    Named { name, kind: "string", words }
}

const fn whole(name: &'static str, words: &'static str) -> Named {
    Named { name, kind: "integer", words }
}

const fn flag(name: &'static str, words: &'static str) -> Named {
    Named { name, kind: "boolean", words }
}

const fn list(name: &'static str, words: &'static str) -> Named {
    Named { name, kind: "array", words }
}

const fn object(name: &'static str, words: &'static str) -> Named {
    Named { name, kind: "object", words }
}

/// Every route.
fn table() -> Vec<Route> {
    [house::table(), studies::table(), capture::table(), clean::table(), vault::table(), supply::table()]
        .into_iter()
        .flatten()
        .collect()
}

/// The interface.
pub(crate) fn routes() -> Router<App> {
    let described = openapi::describe(&table()).to_string();
    let document = get(async move || ([(axum::http::header::CONTENT_TYPE, "application/json")], described.clone()));
    let router = Router::new().route("/api/openapi.json", document);
    table().into_iter().fold(router, |router, route| router.route(&format!("{BASE}{}", route.path), route.handler))
}
