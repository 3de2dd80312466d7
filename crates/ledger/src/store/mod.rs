//! Where events and state are kept: SQLite or PostgreSQL, behind one small face.

pub(crate) mod postgres;
pub(crate) mod sqlite;

use crate::anchor::SignedHead;
use crate::error::LedgerError;
use crate::overlay::Batch;
use crate::state::{EachEvent, EachRow, Head, Place};

/// The version of the tables.
pub(crate) const TABLES: &str = "1";

/// A connection to the database. One writes; others each read a consistent state between `begin` and `end`.
pub(crate) trait Storage: Send {
    fn get(&self, space: &str, key: &[u8]) -> Result<Option<Vec<u8>>, LedgerError>;
    fn scan(&self, space: &str, from: &[u8], to: &[u8], each: &mut EachRow<'_>) -> Result<(), LedgerError>;
    fn events(&self, chain: &str, from_seq: u64, each: &mut EachEvent<'_>) -> Result<(), LedgerError>;
    /// All events of all chains in the order of their commits.
    fn all_events(&self, each: &mut EachEvent<'_>) -> Result<(), LedgerError>;
    fn heads(&self) -> Result<Vec<SignedHead>, LedgerError>;
    /// The end of a chain by its last event, whatever the signed heads say.
    fn last_event(&self, chain: &str) -> Result<Option<Head>, LedgerError>;
    fn chains(&self) -> Result<Vec<String>, LedgerError>;
    fn identity(&self, id: &str) -> Result<Option<Vec<u8>>, LedgerError>;
    fn identities(&self, each: &mut dyn FnMut(&str, &[u8])) -> Result<(), LedgerError>;
    fn spaces(&self) -> Result<Vec<String>, LedgerError>;
    fn meta(&self, name: &str) -> Result<Option<String>, LedgerError>;
    fn set_meta(&self, name: &str, value: &str) -> Result<(), LedgerError>;
    /// Removes every row of a space.
    fn clear(&self, space: &str) -> Result<(), LedgerError>;
    /// Writes all of it durably, or nothing.
    fn commit(&self, batch: &Batch, heads: &[SignedHead]) -> Result<(), LedgerError>;
    /// Whether the connection is gone: nothing more comes of this store.
    fn is_lost(&self) -> bool;
    /// Begins to read one consistent state.
    fn begin(&self) -> Result<(), LedgerError>;
    /// Ends it.
    fn end(&self) -> Result<(), LedgerError>;
}

/// Who opens the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// The writer: makes the tables when they are not there, and holds the lease.
    Write,
    /// A reader.
    Read,
}

/// Opens the database.
pub(crate) fn open(place: &Place, mode: Mode) -> Result<Box<dyn Storage>, LedgerError> {
    Ok(match place {
        Place::Sqlite(path) => Box::new(sqlite::Sqlite::open(path, mode)?),
        Place::Postgres(url) => Box::new(postgres::Postgres::open(url, mode)?),
    })
}
