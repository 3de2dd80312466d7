//! Pages and HTTP API over all rooms.
//!
//! What do people and programs see of croft over HTTP? Pages that work without script and are smoother with it; an interface for programs.
//! No rule of a study lives here: a page asks the record and shows what it says.
//!
//! # How a page is made
//!
//! A module in `pages/` has `routes()` and handlers. A handler takes a [`Context`] (anybody) or [`Signed`] (somebody who has signed in), and gives
//! a [`Page`], a [`Redirect`] after something was done, or a [`Problem`]:
//!
//! ```
//! use axum::extract::{Path, State};
//! use axum::{Form, Router, routing::get};
//! use croft_server::components::{self, Column, Errors, Field, Row, Table};
//! use croft_server::{App, Page, Problem, Redirect, Signed, Tone, t};
//! use maud::html;
//!
//! fn routes() -> Router<App> {
//!     Router::new().route("/studies/{study}/notes", get(show).post(add))
//! }
//!
//! async fn show(c: Signed, Path(study): Path<String>) -> Result<Page, Problem> {
//!     Ok(page(&c, &study, "", &Errors::none()))
//! }
//!
//! #[derive(serde::Deserialize)]
//! struct Note { text: String }
//!
//! async fn add(c: Signed, Path(study): Path<String>, Form(note): Form<Note>) -> Result<Result<Redirect, Page>, Problem> {
//!     let mut errors = Errors::none();
//!     if note.text.is_empty() {
//!         errors.add("text", "Write the note");
//!         return Ok(Err(page(&c, &study, &note.text, &errors)));
//!     }
//!     Ok(Ok(Redirect::to(&c, &format!("/studies/{study}/notes")).say(Tone::Done, "The note is kept")))
//! }
//!
//! fn page(c: &Signed, study: &str, text: &str, errors: &Errors) -> Page {
//!     let table = Table::new("Notes").column(Column::text("Who")).column(Column::text("Note"));
//!     let fields = html! {
//!         (Field::new("text", "Note").value(text).errors(errors).area(3))
//!         (components::actions(components::button("Keep the note")))
//!     };
//!     Page::new(c, "Notes").above("/studies", t!(c, "part-studies")).body(html! {
//!         (components::error_summary(c, errors))
//!         (components::form(c, &format!("/studies/{study}/notes"), fields))
//!         (table.row(Row::new(html! { "ada" }).text("first")).render(c))
//!     })
//! }
//! ```
//!
//! What the frame does by itself, so that no page can forget it: CSRF (the token of [`components::form()`] is checked before the handler), the
//! security headers, bounds on bodies and times, errors in one form for people and programs, the log without values. Work that waits for the disk
//! runs in [`blocking`]. A route that takes uploads says `.layer(upload_limit(&app))`. Words come from `words/en.ftl` by [`t!`]; the style sheet forbids
//! inline styles and scripts (the content security policy refuses them).
//!
//! # What the script does
//!
//! `assets/croft.js` acts on attributes, so that pages need none of their own: `data-opens="ID"` opens a dialog, `data-panel` opens a link's page
//! beside this one, `data-grid` moves by arrow keys, `data-autosave="ADDRESS"` on a form sends drafts and tells "saved" in the head, `data-all="NAME"` on a box
//! ticks all boxes of that name, `data-copy` on a button copies the table before it. `?` lists the keys, Ctrl+K finds.

#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used))]

#[macro_use]
pub mod words;
mod api;
mod app;
mod assets;
pub mod components;
mod config;
mod context;
mod csrf;
mod enter;
mod flash;
mod frame;
mod layout;
mod local;
pub mod nav;
mod origin;
mod pages;
mod problem;
pub mod random;
pub mod rate;
mod redirect;
mod serve;
pub mod session_cookie;

pub use app::{App, Person, blocking};
pub use config::{Config, ConfigError, Limits};
pub use context::{Circumstances, Context, Signed, Theme, utc};
pub use csrf::{FIELD as CSRF_FIELD, HEADER as CSRF_HEADER};
pub use flash::{Flash, Tone};
pub use frame::{Peer, frame};
pub use layout::{Blinding, Page, StudyBar, fragment};
pub use local::{Local, LocalError};
pub use problem::Problem;
pub use redirect::{Redirect, is_local};
pub use serve::serve;

use axum::Router;
use axum::extract::DefaultBodyLimit;

/// All pages and the interface for programs, in their frame.
pub fn app(app: App) -> Router {
    frame(app, pages::routes().merge(api::routes()))
}

/// For a route that takes uploads: `post(..).layer(upload_limit(&app))`.
pub fn upload_limit(app: &App) -> DefaultBodyLimit {
    DefaultBodyLimit::max(app.config().limits.upload)
}
