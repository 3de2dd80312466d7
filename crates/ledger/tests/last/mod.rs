//! A ledger whose state is the last payload of each stream, for tests that are about something else.

#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use croft_ledger::*;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub const LAST: Space = Space("last");

/// Keeps the last payload of each stream; refuses the kind `refused/1`.
pub struct Last;

impl Projector for Last {
    fn version(&self) -> u32 {
        1
    }

    fn spaces(&self) -> Vec<Space> {
        vec![LAST]
    }

    fn apply(&self, event: &Event, state: &mut dyn State) -> Result<(), ProjectError> {
        if event.kind == "refused/1" {
            return Err(ProjectError::new("as asked"));
        }
        state.put(LAST, event.stream.as_bytes(), event.payload.as_bytes())?;
        Ok(())
    }
}

/// Opens the ledger with its keys in a folder.
pub fn open(place: &Place, folder: &Path) -> Result<Ledger, LedgerError> {
    let clock = Arc::new(SystemClock);
    Ledger::open(Options { place: place.clone(), keys: folder.join("keys"), clock, projector: Arc::new(Last) })
}

/// An empty folder of this name.
pub fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}
