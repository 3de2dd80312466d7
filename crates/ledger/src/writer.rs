//! How do saves become durable together?
//!
//! One thread writes. It takes every work that waits, runs them one after the other, each over what the ones before it wrote, and commits all
//! of them at once: the cost of making a commit durable is shared by as many as came in while the one before it was being written. A work
//! that fails leaves nothing; nobody is answered before the commit is on the disk.
//!
//! When the commit fails, every work of it is told so and nothing of it is kept. A lost connection is opened again for the next batch.

use crate::anchor::{Anchors, SignedHead};
use crate::clock::Clock;
use crate::error::LedgerError;
use crate::event::{Event, FORMAT, Hash, NewEvent};
use crate::keys::{Keys, Sealed};
use crate::overlay::{self, Batch};
use crate::state::{EachEvent, EachRow, Head, Projector, Space, State, View};
use crate::store::Storage;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

/// Answers whoever waits for a work, once its commit succeeded or failed.
pub(crate) type Finish = Box<dyn FnOnce(Result<(), LedgerError>) + Send>;
/// A work: runs, and says whether what it wrote is to be kept.
pub(crate) type Job = Box<dyn FnOnce(&mut Tx<'_>) -> (bool, Finish) + Send>;

/// Works in one commit, at most: bounds the memory of a batch and the wait of its first work.
const BATCH_WORKS: usize = 512;
/// Bytes of payload in one commit, about.
const BATCH_BYTES: usize = 16 << 20;
/// The program as events name it.
const PROGRAM: &str = concat!("croft ", env!("CARGO_PKG_VERSION"));

/// The writing thread's own.
pub(crate) struct Writer {
    pub store: Box<dyn Storage>,
    /// Opens the database again after the connection was lost.
    pub reopen: Box<dyn Fn() -> Result<Box<dyn Storage>, LedgerError> + Send>,
    pub keys: Arc<Keys>,
    pub anchors: Anchors,
    pub clock: Arc<dyn Clock>,
    pub projector: Arc<dyn Projector>,
    pub heads: BTreeMap<String, Head>,
    pub projected: BTreeSet<&'static str>,
    pub last_ms: i64,
}

impl Writer {
    /// Until the last sender is gone.
    pub fn run(mut self, jobs: &Receiver<Job>) {
        let mut broken: Option<LedgerError> = None;
        loop {
            let first = match jobs.recv_timeout(Duration::from_secs(3600)) {
                Ok(job) => job,
                Err(RecvTimeoutError::Timeout) => continue,
                Err(RecvTimeoutError::Disconnected) => return,
            };
            // A work that only read, or was refused for want of an answer, leaves no failed commit behind: the store itself is asked.
            if broken.is_some() || self.store.is_lost() {
                broken = self.mend().err();
            }
            match &broken {
                Some(error) => self.refuse(first, error.clone()),
                None => {
                    broken = self.batch(first, jobs).err().filter(|e| matches!(e, LedgerError::ConnectionLost { .. }))
                }
            }
        }
    }

    /// Runs the works that wait and commits them.
    fn batch(&mut self, first: Job, jobs: &Receiver<Job>) -> Result<(), LedgerError> {
        let mut batch = Batch::default();
        let mut finishes = Vec::new();
        let mut bytes = 0;
        // A clock that was set back does not set the record back.
        self.last_ms = self.last_ms.max(self.clock.now_ms());
        let mut next = Some(first);
        while let Some(job) = next {
            let own = self.one(job, &batch, &mut finishes);
            bytes += own.events.iter().map(|e| e.payload.len() + 200).sum::<usize>();
            batch.absorb(own);
            let full = finishes.len() >= BATCH_WORKS || bytes >= BATCH_BYTES;
            next = if full { None } else { jobs.try_recv().ok() };
        }
        let done = self.commit(&batch);
        for finish in finishes {
            finish(done.clone());
        }
        done
    }

    /// Runs one work; what it wrote, when it is to be kept.
    fn one(&self, job: Job, batch: &Batch, finishes: &mut Vec<Finish>) -> Batch {
        let mut tx = Tx { writer: self, batch, own: Batch::default() };
        let ran = catch_unwind(AssertUnwindSafe(|| job(&mut tx)));
        let own = std::mem::take(&mut tx.own);
        match ran {
            Ok((true, finish)) => {
                finishes.push(finish);
                own
            }
            Ok((false, finish)) => {
                // It wrote nothing, and what it read is committed or will be with this batch.
                finishes.push(finish);
                Batch::default()
            }
            // The work's own guard answered its caller.
            Err(_) => Batch::default(),
        }
    }

    fn commit(&mut self, batch: &Batch) -> Result<(), LedgerError> {
        if batch.is_empty() {
            return Ok(());
        }
        let heads: Vec<SignedHead> =
            batch.heads.iter().map(|(chain, head)| SignedHead::sign(&self.keys, chain, head)).collect();
        self.store.commit(batch, &heads)?;
        self.anchors.note(&heads);
        for (chain, head) in &batch.heads {
            self.heads.insert(chain.clone(), *head);
        }
        Ok(())
    }

    /// Opens the database again. What it holds now is what counts: the commit that failed may have succeeded after all.
    fn mend(&mut self) -> Result<(), LedgerError> {
        let store = (self.reopen)()?;
        self.heads = store.heads()?.into_iter().map(|h| (h.chain.clone(), h.head())).collect();
        self.store = store;
        Ok(())
    }

    fn refuse(&self, job: Job, error: LedgerError) {
        let empty = Batch::default();
        let mut tx = Tx { writer: self, batch: &empty, own: Batch::default() };
        if let Ok((_, finish)) = catch_unwind(AssertUnwindSafe(|| job(&mut tx))) {
            finish(Err(error));
        }
    }
}

/// A work's view of the record and its hand on it.
pub struct Tx<'a> {
    writer: &'a Writer,
    /// What earlier works of the same commit wrote.
    batch: &'a Batch,
    own: Batch,
}

impl Tx<'_> {
    /// Now, by the ledger's clock.
    pub fn now_ms(&self) -> i64 {
        self.writer.last_ms
    }

    /// Appends an event; the state follows at once.
    pub fn append(&mut self, new: NewEvent) -> Result<Event, LedgerError> {
        check(&new)?;
        let head = self.head(&new.chain)?;
        let mut event = Event {
            format: FORMAT,
            seq: head.map_or(0, |h| h.seq) + 1,
            time_ms: self.writer.last_ms.max(head.map_or(i64::MIN, |h| h.time_ms)),
            prev: head.map_or(Hash::default(), |h| h.hash),
            hash: Hash::default(),
            chain: new.chain,
            stream: new.stream,
            kind: new.kind,
            payload: new.payload,
            actor: new.actor,
            on_behalf: new.on_behalf,
            reason: new.reason,
            offset_min: new.offset_min,
            session: new.session,
            program: PROGRAM.to_owned(),
        };
        event.hash = event.computed_hash();
        let head = Head { seq: event.seq, hash: event.hash, time_ms: event.time_ms };
        self.own.heads.insert(event.chain.clone(), head);
        let projector = Arc::clone(&self.writer.projector);
        projector.apply(&event, self).map_err(|e| match self.writer.store.is_lost() {
            // The projector tells in words alone what its reads met.
            true => LedgerError::ConnectionLost { cause: e.to_string() },
            false => e.into(),
        })?;
        self.own.events.push(event.clone());
        Ok(event)
    }

    /// Writes a row of a working space.
    pub fn put(&mut self, space: Space, key: &[u8], value: &[u8]) {
        self.working(space);
        self.own.rows.insert((space.0, key.to_vec()), Some(value.to_vec()));
    }

    /// Removes a row of a working space.
    pub fn delete(&mut self, space: Space, key: &[u8]) {
        self.working(space);
        self.own.rows.insert((space.0, key.to_vec()), None);
    }

    fn working(&self, space: Space) {
        assert!(!self.writer.projected.contains(space.0), "{} is made from events alone", space.0);
    }

    /// Keeps what identifies a person, sealed and apart from all events.
    pub fn put_identity(&mut self, id: &str, bytes: &[u8]) -> Result<(), LedgerError> {
        let sealed = self.writer.keys.identity().seal(id, bytes)?;
        self.own.identities.insert(id.to_owned(), Some(sealed.0));
        Ok(())
    }

    /// Erases what identifies a person. Events that name the identifier stay whole.
    pub fn erase_identity(&mut self, id: &str) {
        self.own.identities.insert(id.to_owned(), None);
    }
}

/// Texts of an event that cannot be kept in every database.
fn check(new: &NewEvent) -> Result<(), LedgerError> {
    let bad = |field, message| Err(LedgerError::BadEvent { field, message });
    for (field, text) in [("chain", &new.chain), ("kind", &new.kind), ("actor", &new.actor)] {
        if text.is_empty() {
            return bad(field, "is empty");
        }
    }
    let texts = [
        ("chain", &new.chain),
        ("stream", &new.stream),
        ("kind", &new.kind),
        ("payload", &new.payload),
        ("actor", &new.actor),
        ("on_behalf", &new.on_behalf),
        ("reason", &new.reason),
        ("session", &new.session),
    ];
    match texts.iter().find(|(_, text)| text.contains('\0')) {
        Some((field, _)) => bad(field, "holds a zero byte"),
        None => Ok(()),
    }
}

impl View for Tx<'_> {
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Vec<u8>>, LedgerError> {
        for layer in [&self.own, self.batch] {
            if let Some(row) = layer.row(space, key) {
                return Ok(row.clone());
            }
        }
        self.writer.store.get(space.0, key)
    }

    fn scan(&self, space: Space, from: &[u8], to: &[u8], each: &mut EachRow<'_>) -> Result<(), LedgerError> {
        overlay::scan([self.batch, &self.own], space, (from, to), each, |each| {
            self.writer.store.scan(space.0, from, to, each)
        })
    }

    fn events(&self, chain: &str, from_seq: u64, each: &mut EachEvent<'_>) -> Result<(), LedgerError> {
        let mut stopped = false;
        self.writer.store.events(chain, from_seq, &mut |event| {
            let flow = each(event);
            stopped |= flow.is_break();
            flow
        })?;
        let waiting = self.batch.events.iter().chain(&self.own.events);
        for event in waiting.filter(|e| e.chain == chain && e.seq >= from_seq) {
            if stopped {
                break;
            }
            stopped = each(event.clone()).is_break();
        }
        Ok(())
    }

    fn head(&self, chain: &str) -> Result<Option<Head>, LedgerError> {
        let known = [&self.own.heads, &self.batch.heads, &self.writer.heads];
        Ok(known.iter().find_map(|heads| heads.get(chain)).copied())
    }

    fn chains(&self) -> Result<Vec<String>, LedgerError> {
        let all: BTreeSet<&String> =
            [&self.own.heads, &self.batch.heads, &self.writer.heads].into_iter().flat_map(BTreeMap::keys).collect();
        Ok(all.into_iter().cloned().collect())
    }

    fn identity(&self, id: &str) -> Result<Option<Vec<u8>>, LedgerError> {
        for layer in [&self.own, self.batch] {
            if let Some(sealed) = layer.identities.get(id) {
                return sealed.clone().map(|s| self.writer.keys.identity().open(id, &Sealed(s))).transpose();
            }
        }
        let sealed = self.writer.store.identity(id)?;
        sealed.map(|s| self.writer.keys.identity().open(id, &Sealed(s))).transpose()
    }
}

impl State for Tx<'_> {
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Vec<u8>>, LedgerError> {
        View::get(self, space, key)
    }

    fn put(&mut self, space: Space, key: &[u8], value: &[u8]) -> Result<(), LedgerError> {
        self.own.rows.insert((space.0, key.to_vec()), Some(value.to_vec()));
        Ok(())
    }

    fn delete(&mut self, space: Space, key: &[u8]) -> Result<(), LedgerError> {
        self.own.rows.insert((space.0, key.to_vec()), None);
        Ok(())
    }
}

/// A stored state alone, for readers.
pub(crate) struct Stored<'a> {
    pub store: &'a dyn Storage,
    pub keys: &'a Keys,
}

impl View for Stored<'_> {
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Vec<u8>>, LedgerError> {
        self.store.get(space.0, key)
    }

    fn scan(&self, space: Space, from: &[u8], to: &[u8], each: &mut EachRow<'_>) -> Result<(), LedgerError> {
        self.store.scan(space.0, from, to, each)
    }

    fn events(&self, chain: &str, from_seq: u64, each: &mut EachEvent<'_>) -> Result<(), LedgerError> {
        self.store.events(chain, from_seq, each)
    }

    fn head(&self, chain: &str) -> Result<Option<Head>, LedgerError> {
        self.store.last_event(chain)
    }

    fn chains(&self) -> Result<Vec<String>, LedgerError> {
        self.store.chains()
    }

    fn identity(&self, id: &str) -> Result<Option<Vec<u8>>, LedgerError> {
        self.store.identity(id)?.map(|s| self.keys.identity().open(id, &Sealed(s))).transpose()
    }
}
