//! The ledger: opened once, shared by all, written by one thread.

use crate::anchor::Anchors;
use crate::clock::Clock;
use crate::error::LedgerError;
use crate::keys::Keys;
use crate::rebuild;
use crate::state::{Place, Projector, View};
use crate::store::{self, Mode, Storage};
use crate::writer::{Finish, Job, Stored, Tx, Writer};
use std::path::PathBuf;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// How a ledger is opened.
pub struct Options {
    /// Where it is.
    pub place: Place,
    /// The folder of its keys.
    pub keys: PathBuf,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Who makes the state.
    pub projector: Arc<dyn Projector>,
}

/// Works that may wait for the writer; whoever comes later waits to be let in.
const WAITING: usize = 1024;
/// Connections kept for readers.
const READERS: usize = 8;

/// The ledger. Clones are the same ledger.
#[derive(Clone)]
pub struct Ledger {
    shared: Arc<Shared>,
}

struct Shared {
    /// Dropped first, so that the writer ends.
    jobs: Option<SyncSender<Job>>,
    writer: Option<JoinHandle<()>>,
    readers: Mutex<Vec<Box<dyn Storage>>>,
    place: Place,
    keys: Arc<Keys>,
    clock: Arc<dyn Clock>,
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.jobs.take();
        if let Some(writer) = self.writer.take() {
            // The writer itself may hold the last clone, in a callback: it ends by itself then.
            if writer.thread().id() != std::thread::current().id() {
                let _ = writer.join();
            }
        }
    }
}

impl Ledger {
    /// Opens the ledger, made when there is none; a state of an older projector is made anew.
    pub fn open(options: Options) -> Result<Self, LedgerError> {
        let Options { place, keys, clock, projector } = options;
        let store = store::open(&place, Mode::Write)?;
        let heads = store.heads()?;
        let keys = Arc::new(Keys::open(&keys, heads.is_empty() && store.chains()?.is_empty())?);
        rebuild::when_stale(store.as_ref(), projector.as_ref())?;
        let again = place.clone();
        let writer = Writer {
            store,
            reopen: Box::new(move || store::open(&again, Mode::Write)),
            anchors: Anchors::open(keys.folder())?,
            keys: Arc::clone(&keys),
            clock: Arc::clone(&clock),
            projected: projector.spaces().iter().map(|s| s.0).collect(),
            projector,
            last_ms: heads.iter().map(|h| h.time_ms).max().unwrap_or(i64::MIN),
            heads: heads.into_iter().map(|h| (h.chain.clone(), h.head())).collect(),
        };
        let (jobs, waiting) = sync_channel::<Job>(WAITING);
        let thread = std::thread::Builder::new()
            .name("ledger".to_owned())
            .spawn(move || writer.run(&waiting))
            .map_err(|e| LedgerError::Database { action: "start its writer", cause: e.to_string() })?;
        let shared = Shared { jobs: Some(jobs), writer: Some(thread), readers: Mutex::default(), place, keys, clock };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Now, by the ledger's clock.
    pub fn now_ms(&self) -> i64 {
        self.shared.clock.now_ms()
    }

    /// Where it is.
    pub fn place(&self) -> &Place {
        &self.shared.place
    }

    /// The folder of its keys.
    pub fn keys(&self) -> &std::path::Path {
        self.shared.keys.folder()
    }

    /// Writes, and returns when it is durable. A work that fails leaves nothing.
    pub fn write<T, E>(&self, work: impl FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<LedgerError> + Send + 'static,
    {
        let (answer, answered) = sync_channel(1);
        self.write_then(work, move |done| {
            let _ = answer.send(done);
        });
        // The sender is dropped without an answer only when the work panicked.
        answered.recv().unwrap_or_else(|_| Err(LedgerError::Panicked.into()))
    }

    /// Writes, and calls back when it is durable. The callback runs on the writer's thread: it must hand on and return.
    pub fn write_then<T, E>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        reply: impl FnOnce(Result<T, E>) + Send + 'static,
    ) where
        T: Send + 'static,
        E: From<LedgerError> + Send + 'static,
    {
        let job: Job = Box::new(move |tx| {
            let done = work(tx);
            let keep = done.is_ok();
            let finish: Finish = Box::new(move |committed| match (done, committed) {
                (Ok(_), Err(error)) => reply(Err(error.into())),
                (done, _) => reply(done),
            });
            (keep, finish)
        });
        if let Some(jobs) = &self.shared.jobs {
            // The writer ends only with the last sender.
            let _ = jobs.send(job);
        }
    }

    /// Looks at one consistent state, on the caller's thread; neither waits for the writer nor holds it up.
    pub fn read<T, E: From<LedgerError>>(&self, look: impl FnOnce(&dyn View) -> Result<T, E>) -> Result<T, E> {
        // A kept connection may have been lost since it was last used: another is opened then.
        let kept = self.readers().pop().filter(|store| store.begin().is_ok());
        let store = match kept {
            Some(store) => store,
            None => {
                let store = store::open(&self.shared.place, Mode::Read)?;
                store.begin()?;
                store
            }
        };
        let seen = look(&Stored { store: store.as_ref(), keys: &self.shared.keys });
        // A connection that fails here is not used again.
        if store.end().is_ok() {
            let mut readers = self.readers();
            if readers.len() < READERS {
                readers.push(store);
            }
        }
        seen
    }

    fn readers(&self) -> std::sync::MutexGuard<'_, Vec<Box<dyn Storage>>> {
        self.shared.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A digest of all rows that are made from events, in the order of spaces and keys.
    pub fn digest(&self, projector: &dyn Projector) -> Result<crate::Hash, LedgerError> {
        let store = store::open(&self.shared.place, Mode::Read)?;
        store.begin()?;
        let digest = rebuild::digest(store.as_ref(), projector);
        store.end()?;
        digest
    }
}
