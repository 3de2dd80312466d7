//! Where do expressions run that look beyond their row?
//!
//! In an in-memory database that stays open with its statements prepared: a version of a definition keeps a few, one for each that is at work
//! at a time. Only tables that a statement reads are filled, with the columns that any reads, and anew for each evaluation, since each is of
//! another subject. An expression over its row comes here only when it cannot be answered there; it finds every column, in a database of its own.

use croft_core::Dataset;
use croft_query::{Limits, RunError, Session};
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// Databases that are kept open when nobody uses them.
const KEPT: usize = 3;

/// Some seconds at most: a save waits for its checks, and others wait for the save.
const LIMITS: Limits = Limits { steps: 500_000_000, rows: 100_000 };

/// The open databases of one version of a definition.
#[derive(Default)]
pub(crate) struct Sessions(Mutex<Vec<Session>>);

impl Sessions {
    fn take(&self) -> Result<Session, RunError> {
        // The list is whole after any panic: sessions are put in and taken in one step.
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        kept.map_or_else(|| Session::with_limits(LIMITS), Ok)
    }

    fn give_back(&self, session: Session) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < KEPT {
            kept.push(session);
        }
    }
}

/// The database of one evaluation: opened when it is first needed.
pub(super) struct Database<'s> {
    /// Where it is kept open; none: it is not.
    sessions: Option<&'s Sessions>,
    session: Option<Session>,
    /// Tables that hold what this evaluation knows.
    filled: BTreeSet<String>,
}

/// What stands in a table.
pub(super) enum Filling {
    /// The same for every subject.
    Fixed(Dataset),
    /// This evaluation's rows.
    Rows(Dataset),
}

impl<'s> Database<'s> {
    pub fn new(sessions: Option<&'s Sessions>) -> Self {
        Self { sessions, session: None, filled: BTreeSet::new() }
    }

    /// The rows of a table are others now.
    pub fn changed(&mut self, table: &str) {
        self.filled.remove(table);
    }

    /// The database, with these tables filled.
    pub fn with(&mut self, tables: &[String], filling: impl Fn(&str) -> Option<Filling>) -> Result<&Session, RunError> {
        let session = match self.session.take() {
            Some(open) => open,
            None => self.sessions.map_or_else(|| Session::with_limits(LIMITS), Sessions::take)?,
        };
        // A session that failed is dropped, not given back.
        let session = self.session.insert(session);
        for table in tables {
            if self.filled.contains(table) {
                continue;
            }
            let known = session.catalog().table(table).is_some();
            match filling(table) {
                Some(Filling::Rows(data)) if known => session.replace(&data)?,
                Some(Filling::Fixed(_)) if known => {}
                Some(Filling::Rows(data) | Filling::Fixed(data)) => session.add(&data)?,
                None => continue,
            }
            self.filled.insert(table.clone());
        }
        Ok(session)
    }

    /// Keeps the database for the next evaluation.
    pub fn close(self) {
        if let (Some(session), Some(sessions)) = (self.session, self.sessions) {
            sessions.give_back(session);
        }
    }
}
