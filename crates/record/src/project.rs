//! Which state do the events make?
//!
//! Each room projects its own kinds of events; a kind that no room knows is an error, so that nothing is silently left out. Kinds bear
//! the version of their payload (`form.saved/1`): a later program reads an earlier one's events and never rewrites them.

use crate::key::Key;
use crate::{access, capture, export, lock, query, sign, space, study, supply, vault, verify};
use croft_ledger::{Event, ProjectError, Projector, Space, State};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What a projection answers when it cannot be made.
pub(crate) type Failure = ProjectError;

/// The state of the record, made from its events.
#[derive(Clone, Copy, Debug, Default)]
pub struct Projection;

impl Projector for Projection {
    /// Raised when the same events make other rows: the state is then rebuilt when the record is opened.
    fn version(&self) -> u32 {
        3
    }

    fn spaces(&self) -> Vec<Space> {
        space::PROJECTED.to_vec()
    }

    fn apply(&self, event: &Event, state: &mut dyn State) -> Result<(), ProjectError> {
        let rooms = [
            capture::project,
            access::project,
            query::project,
            verify::project,
            sign::project,
            lock::project,
            study::project,
            export::project,
            vault::project,
            supply::project,
        ];
        for room in rooms {
            if room(event, state)? {
                return Ok(());
            }
        }
        Err(failure(format!("no room knows events of kind {}", event.kind)))
    }
}

/// A failure in words.
pub(crate) fn failure(message: impl Into<String>) -> Failure {
    ProjectError::new(message.into())
}

/// An event's payload.
pub(crate) fn payload<T: DeserializeOwned>(event: &Event) -> Result<T, Failure> {
    serde_json::from_str(&event.payload)
        .map_err(|e| failure(format!("event {} of {} is no {}: {e}", event.seq, event.chain, event.kind)))
}

/// Reading and writing typed rows.
pub(crate) trait Change {
    /// The row, when there is one.
    fn read<T: DeserializeOwned>(&self, space: Space, key: &Key) -> Result<Option<T>, Failure>;
    /// Writes the row.
    fn set<T: Serialize>(&mut self, space: Space, key: &Key, row: &T) -> Result<(), Failure>;
    /// Changes the row, which must be there.
    fn change<T: DeserializeOwned + Serialize>(
        &mut self,
        space: Space,
        key: &Key,
        change: impl FnOnce(&mut T),
    ) -> Result<(), Failure> {
        let mut row: T = self
            .read(space, key)?
            .ok_or_else(|| failure(format!("{}: no row {}", space.0, String::from_utf8_lossy(key.bytes()))))?;
        change(&mut row);
        self.set(space, key, &row)
    }
    /// Removes the row.
    fn unset(&mut self, space: Space, key: &Key) -> Result<(), Failure>;
}

impl Change for dyn State + '_ {
    fn read<T: DeserializeOwned>(&self, space: Space, key: &Key) -> Result<Option<T>, Failure> {
        let Some(bytes) = self.get(space, key.bytes()).map_err(|e| failure(e.to_string()))? else { return Ok(None) };
        serde_json::from_slice(&bytes).map(Some).map_err(|e| failure(format!("{}: {e}", space.0)))
    }

    fn set<T: Serialize>(&mut self, space: Space, key: &Key, row: &T) -> Result<(), Failure> {
        let bytes = serde_json::to_vec(row).map_err(|e| failure(format!("{}: {e}", space.0)))?;
        self.put(space, key.bytes(), &bytes).map_err(|e| failure(e.to_string()))
    }

    fn unset(&mut self, space: Space, key: &Key) -> Result<(), Failure> {
        self.delete(space, key.bytes()).map_err(|e| failure(e.to_string()))
    }
}
