//! The faces of the ledger: state, views of it, and who makes it from events.

use crate::error::LedgerError;
use crate::event::{Event, Hash};
use std::ops::ControlFlow;
use std::path::PathBuf;

/// A named, ordered map from bytes to bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Space(pub &'static str);

/// Where a record is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// One SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL database by its address.
    Postgres(String),
}

impl Place {
    /// From an address: `postgres://…`, or a file.
    pub fn parse(text: &str) -> Self {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            Self::Postgres(text.to_owned())
        } else {
            Self::Sqlite(PathBuf::from(text))
        }
    }
}

/// The end of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The number of its last event.
    pub seq: u64,
    /// The hash of its last event.
    pub hash: Hash,
    /// The time of its last event.
    pub time_ms: i64,
}

/// What receives the rows, or the events, of a range; it says when it has enough.
pub type EachRow<'f> = dyn FnMut(&[u8], &[u8]) -> ControlFlow<()> + 'f;
/// The same for events.
pub type EachEvent<'f> = dyn FnMut(Event) -> ControlFlow<()> + 'f;

/// One consistent state of the record, to look at.
pub trait View {
    /// A row.
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Vec<u8>>, LedgerError>;
    /// The rows with `from <= key < to`, in the order of their keys.
    fn scan(&self, space: Space, from: &[u8], to: &[u8], each: &mut EachRow<'_>) -> Result<(), LedgerError>;
    /// The events of a chain from a number on.
    fn events(&self, chain: &str, from_seq: u64, each: &mut EachEvent<'_>) -> Result<(), LedgerError>;
    /// The end of a chain.
    fn head(&self, chain: &str) -> Result<Option<Head>, LedgerError>;
    /// The names of all chains, in order.
    fn chains(&self) -> Result<Vec<String>, LedgerError>;
    /// What identifies a person, when it is there and not erased.
    fn identity(&self, id: &str) -> Result<Option<Vec<u8>>, LedgerError>;
}

/// State that a projector reads and writes.
pub trait State {
    /// A row.
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Vec<u8>>, LedgerError>;
    /// Writes a row.
    fn put(&mut self, space: Space, key: &[u8], value: &[u8]) -> Result<(), LedgerError>;
    /// Removes a row.
    fn delete(&mut self, space: Space, key: &[u8]) -> Result<(), LedgerError>;
}

/// Why an event could not be projected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ProjectError(String);

impl ProjectError {
    /// In words.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl From<LedgerError> for ProjectError {
    fn from(error: LedgerError) -> Self {
        Self(error.to_string())
    }
}

impl From<ProjectError> for LedgerError {
    fn from(error: ProjectError) -> Self {
        Self::Project(error.0)
    }
}

/// Makes the state from the events: the same rows from the same events, always.
pub trait Projector: Send + Sync {
    /// Raised when the same events make other rows; the state is then made anew at opening.
    fn version(&self) -> u32;
    /// The spaces it writes. All others are working spaces: not made from events, and kept through a rebuild.
    fn spaces(&self) -> Vec<Space>;
    /// Lets the state follow an event.
    fn apply(&self, event: &Event, state: &mut dyn State) -> Result<(), ProjectError>;
}
