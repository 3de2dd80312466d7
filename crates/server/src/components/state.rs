//! A state is a shape and a word; the colour only helps.

use crate::context::Context;
use crate::flash::Tone;
use crate::layout::tone_word;
use maud::{Markup, html};

/// The states of a form, a visit, an item, a query, a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Nothing is recorded.
    Empty,
    /// Expected by now and not there.
    Overdue,
    /// Begun, not complete.
    Started,
    /// Complete.
    Done,
    /// Somebody must answer a query.
    QueryOpen,
    /// A query is answered and waits to be closed.
    QueryAnswered,
    /// A query is closed.
    QueryClosed,
    /// A query was withdrawn.
    Cancelled,
    /// Verified against the source.
    Verified,
    /// Signed.
    Signed,
    /// Frozen: no entry for now.
    Frozen,
    /// Locked.
    Locked,
    /// It was not done, and that is recorded.
    NotDone,
    /// Kept, and no longer counted.
    Voided,
}

impl Status {
    /// All of them, for legends.
    pub const ALL: [Self; 14] = [
        Self::Empty,
        Self::Overdue,
        Self::Started,
        Self::Done,
        Self::QueryOpen,
        Self::QueryAnswered,
        Self::QueryClosed,
        Self::Cancelled,
        Self::Verified,
        Self::Signed,
        Self::Frozen,
        Self::Locked,
        Self::NotDone,
        Self::Voided,
    ];

    fn class(self) -> &'static str {
        match self {
            Self::Empty => "g-empty",
            Self::Overdue => "g-overdue",
            Self::Started => "g-started",
            Self::Done => "g-done",
            Self::QueryOpen => "g-query",
            Self::QueryAnswered => "g-answered",
            Self::QueryClosed => "g-closed",
            Self::Cancelled => "g-cancelled",
            Self::Verified => "g-verified",
            Self::Signed => "g-signed",
            Self::Frozen => "g-frozen",
            Self::Locked => "g-locked",
            Self::NotDone => "g-not-done",
            Self::Voided => "g-voided",
        }
    }
}

/// The word of a state.
pub fn status_word(c: &Context, status: Status) -> String {
    match status {
        Status::Empty => t!(c, "status-empty"),
        Status::Overdue => t!(c, "status-overdue"),
        Status::Started => t!(c, "status-started"),
        Status::Done => t!(c, "status-done"),
        Status::QueryOpen => t!(c, "status-query-open"),
        Status::QueryAnswered => t!(c, "status-query-answered"),
        Status::QueryClosed => t!(c, "status-query-closed"),
        Status::Cancelled => t!(c, "status-cancelled"),
        Status::Verified => t!(c, "status-verified"),
        Status::Signed => t!(c, "status-signed"),
        Status::Frozen => t!(c, "status-frozen"),
        Status::Locked => t!(c, "status-locked"),
        Status::NotDone => t!(c, "status-not-done"),
        Status::Voided => t!(c, "status-voided"),
    }
}

/// The shape of a state, to stand before its word.
pub fn glyph(status: Status) -> Markup {
    html! { i.g.(status.class()) aria-hidden="true" {} }
}

/// Shape and word.
pub fn status(c: &Context, status: Status) -> Markup {
    html! { span.status { (glyph(status)) (status_word(c, status)) } }
}

/// A message within a page.
pub fn notice(c: &Context, tone: Tone, body: Markup) -> Markup {
    let (class, role) = match tone {
        Tone::Done => ("done", "status"),
        Tone::Warning => ("warning", "status"),
        Tone::Failed => ("failed", "alert"),
        Tone::Note => ("note", "status"),
    };
    html! { div.notice.(class) role=(role) { strong { (tone_word(c, tone)) } " " (body) } }
}

/// Where nothing is yet: what would stand here, and how to begin.
pub fn empty(title: &str, how_to_begin: Markup) -> Markup {
    html! { div.empty { p { strong { (title) } } (how_to_begin) } }
}
