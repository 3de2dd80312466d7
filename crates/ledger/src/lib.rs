//! Events in a hash chain, their storage and its proof.
//!
//! A ledger holds one append-only table of events. Each event bears the hash of the one before it in its chain, so that no event can be
//! changed, removed or put in without every later hash being wrong; the last hash of each chain is signed at each commit and
//! written down outside the database, so that a tail that was cut off, or an old copy put back, is found too. The current state is a
//! projection: ordered maps from bytes to bytes, made by a [`Projector`] from the events, and made again equal by a rebuild.
//!
//! ```
//! use croft_ledger::*;
//! use std::sync::Arc;
//!
//! /// Counts the events of each stream.
//! struct Counts;
//! const COUNTS: Space = Space("counts");
//! impl Projector for Counts {
//!     fn version(&self) -> u32 { 1 }
//!     fn spaces(&self) -> Vec<Space> { vec![COUNTS] }
//!     fn apply(&self, event: &Event, state: &mut dyn State) -> Result<(), ProjectError> {
//!         let n = state.get(COUNTS, event.stream.as_bytes())?.map_or(0, |b| b[0]);
//!         state.put(COUNTS, event.stream.as_bytes(), &[n + 1])?;
//!         Ok(())
//!     }
//! }
//!
//! let folder = std::env::temp_dir().join(format!("croft-ledger-doc-{}", std::process::id()));
//! std::fs::create_dir_all(&folder).unwrap();
//! let place = Place::Sqlite(folder.join("croft.db"));
//! let ledger = Ledger::open(Options {
//!     place: place.clone(),
//!     keys: folder.join("keys"),
//!     clock: Arc::new(ManualClock::new(0)),
//!     projector: Arc::new(Counts),
//! }).unwrap();
//! let seq = ledger.write(|tx| {
//!     let event = tx.append(NewEvent {
//!         chain: "S1".into(), stream: "1001".into(), kind: "noted/1".into(), payload: "{}".into(), actor: "anna".into(), ..NewEvent::default()
//!     })?;
//!     Ok::<u64, LedgerError>(event.seq)
//! }).unwrap();
//! assert_eq!(seq, 1);
//! let count = ledger.read(|view| view.get(COUNTS, b"1001")).unwrap();
//! assert_eq!(count, Some(vec![1]));
//! drop(ledger);
//! assert!(verify(&place, &folder.join("keys"), Some(&Counts)).unwrap().is_whole());
//! # std::fs::remove_dir_all(folder).unwrap();
//! ```
//!
//! The crate knows nothing of studies: what events mean is its callers' matter. It alone, with the program itself, touches the
//! database, the key files and the system's clock.

mod anchor;
mod backup;
mod clock;
mod error;
mod event;
mod file;
mod keys;
mod ledger;
mod overlay;
mod rebuild;
mod state;
mod store;
mod verify;
mod writer;

pub use backup::{backup, restore};
pub use clock::{Clock, ManualClock, SystemClock};
pub use error::LedgerError;
pub use event::{Event, FORMAT, Hash, NewEvent};
pub use file::{export_events, verify_file};
pub use keys::{Sealed, SealingKey};
pub use ledger::{Ledger, Options};
pub use state::{Head, Place, ProjectError, Projector, Space, State, View};
pub use verify::{Fault, FaultKind, Report, verify};
pub use writer::Tx;
