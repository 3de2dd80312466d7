//! Making the state anew from the events, and comparing.

use crate::error::LedgerError;
use crate::event::{Event, Hash};
use crate::overlay::Batch;
use crate::state::{Projector, Space, State};
use crate::store::Storage;
use crate::store::sqlite::Sqlite;
use sha2::{Digest, Sha256};
use std::ops::ControlFlow;

/// Events between two writes of a rebuild.
const STRIDE: usize = 2_000;

/// Makes the state anew when another version of the projector made it, or a rebuild was cut short.
pub(crate) fn when_stale(store: &dyn Storage, projector: &dyn Projector) -> Result<(), LedgerError> {
    let now = projector.version().to_string();
    if store.meta("projector")?.as_deref() == Some(&now) {
        return Ok(());
    }
    store.set_meta("projector", "rebuilding")?;
    for space in projector.spaces() {
        store.clear(space.0)?;
    }
    replay(store, store, projector)?;
    store.set_meta("projector", &now)
}

/// Applies every event of one store to the state of another. O(events).
fn replay(from: &dyn Storage, to: &dyn Storage, projector: &dyn Projector) -> Result<(), LedgerError> {
    let mut failed = None;
    let mut pending = Replay { store: to, batch: Batch::default() };
    let mut count = 0;
    from.all_events(&mut |event: Event| {
        count += 1;
        let applied = projector.apply(&event, &mut pending).map_err(LedgerError::from);
        let written = applied.and_then(|()| if count % STRIDE == 0 { pending.flush() } else { Ok(()) });
        failed = written.err();
        if failed.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    match failed {
        Some(error) => Err(error),
        None => pending.flush(),
    }
}

struct Replay<'a> {
    store: &'a dyn Storage,
    batch: Batch,
}

impl Replay<'_> {
    fn flush(&mut self) -> Result<(), LedgerError> {
        self.store.commit(&std::mem::take(&mut self.batch), &[])
    }
}

impl State for Replay<'_> {
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Vec<u8>>, LedgerError> {
        match self.batch.row(space, key) {
            Some(row) => Ok(row.clone()),
            None => self.store.get(space.0, key),
        }
    }

    fn put(&mut self, space: Space, key: &[u8], value: &[u8]) -> Result<(), LedgerError> {
        self.batch.rows.insert((space.0, key.to_vec()), Some(value.to_vec()));
        Ok(())
    }

    fn delete(&mut self, space: Space, key: &[u8]) -> Result<(), LedgerError> {
        self.batch.rows.insert((space.0, key.to_vec()), None);
        Ok(())
    }
}

/// SHA-256 over every row that events make: space, key and value, each after its length, in order. O(rows).
pub(crate) fn digest(store: &dyn Storage, projector: &dyn Projector) -> Result<Hash, LedgerError> {
    let mut spaces: Vec<&str> = projector.spaces().iter().map(|s| s.0).collect();
    spaces.sort_unstable();
    let mut hash = Sha256::new();
    for space in spaces {
        let mut part = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        };
        part(space.as_bytes());
        // No key begins with this many high bytes: keys are texts.
        store.scan(space, &[], &[0xff; 16], &mut |key, value| {
            part(key);
            part(value);
            ControlFlow::Continue(())
        })?;
    }
    Ok(Hash(hash.finalize().into()))
}

/// The digest that the state has when it is made anew, in a store of its own.
pub(crate) fn digest_of_rebuild(store: &dyn Storage, projector: &dyn Projector) -> Result<Hash, LedgerError> {
    let scratch = Sqlite::scratch()?;
    replay(store, &scratch, projector)?;
    digest(&scratch, projector)
}
