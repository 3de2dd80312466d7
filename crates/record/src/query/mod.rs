//! What is asked about recorded values, and what became of it?
//!
//! ```text
//! open ──answer──▶ answered ──close──▶ closed
//!  │  ▲                │                  │
//!  │  └────reopen──────┴──────reopen──────┘
//!  ├──cancel──▶ cancelled
//!  └──(the check passes again)──▶ closed, by the program; what was said stays
//! ```
//! A query is opened by a check or a person. Only the side that asked closes it: a site's answer does not close a monitor's query.
//! A query's number is that of the event that opened it.

mod act;
mod project;
pub mod read;

pub use act::{Answer, Cancel, Close, Open, Reopen};
pub(crate) use project::{Opened, Said, project};

use crate::capture::Place;
use crate::door;
use crate::key::Key;
use crate::refusal::Refusal;
use crate::space;
use croft_ledger::View;
use serde::{Deserialize, Serialize};

/// Where a query stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Waits for the site.
    Open,
    /// Waits for whoever asked.
    Answered,
    /// Settled.
    Closed,
    /// Should not have been asked.
    Cancelled,
}

impl Status {
    /// As it stands in keys, addresses and files.
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Answered => "answered",
            Self::Closed => "closed",
            Self::Cancelled => "cancelled",
        }
    }

    /// From the word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Open, Self::Answered, Self::Closed, Self::Cancelled].into_iter().find(|s| s.word() == word)
    }
}

/// A query with all that was said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Query {
    /// The event that opened it.
    pub number: u64,
    /// The site of its subject.
    pub site: String,
    /// The form.
    #[serde(flatten)]
    pub place: Place,
    /// Group; empty: the query is on the whole form.
    pub group: String,
    /// Row.
    pub row: u32,
    /// Item; empty: on the whole row.
    pub item: String,
    /// The check that opened it; empty: a person.
    pub check: String,
    /// The role that asked; only it closes. `system` for a check, which data managers and monitors close.
    pub asked_by_role: String,
    /// Where it stands.
    pub status: Status,
    /// When it was opened; its age counts from here.
    pub opened_ms: i64,
    /// When it last changed.
    pub changed_ms: i64,
    /// All that was said, in order.
    pub thread: Vec<Message>,
}

/// Something said in a query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the words say it")]
pub struct Message {
    pub event: u64,
    pub at_ms: i64,
    pub by: String,
    pub role: String,
    pub status: Status,
    pub text: String,
}

/// The query, or that there is none.
pub(crate) fn query(view: &dyn View, study: &str, number: u64) -> Result<Query, Refusal> {
    find(view, study, number)?.ok_or_else(|| Refusal::absent("query", number.to_string()))
}

/// The query, if there is one of this number.
pub(crate) fn find(view: &dyn View, study: &str, number: u64) -> Result<Option<Query>, Refusal> {
    door::row(view, space::QUERY, &Key::default().text(study).number(number))
}
