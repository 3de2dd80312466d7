//! Is the record whole? Told without the program that writes it.
//!
//! Every event is hashed again and compared; numbers run without gaps; each event names the hash of the one before it; the end of each chain is
//! signed, and is not behind the ends that were written down outside. The first bad event of each chain is named. With a projector, the stored
//! state is compared with one made anew. O(bytes of all events); SHA-256 is nearly all of it.

use crate::anchor::{self, SignedHead};
use crate::error::LedgerError;
use crate::event::{Event, FORMAT, Hash};
use crate::keys;
use crate::rebuild;
use crate::state::{Head, Place, Projector};
use crate::store::{self, Mode, Storage};
use ed25519_dalek::VerifyingKey;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::Path;

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The event's content is not what was hashed.
    Changed,
    /// Its number does not follow the one before it.
    Gap,
    /// It does not name the hash of the one before it: something was taken out, put in or exchanged.
    Link,
    /// Its time is before that of the one before it.
    Time,
    /// Its format is not one that this program knows.
    Format,
    /// The end of the chain is signed by no key of this record.
    Unsigned,
    /// The chain ends before its signed end: its tail was cut off.
    Cut,
    /// The chain ends, signed, before an end that was written down outside: an old copy was put back.
    Old,
    /// The chain's event at a written-down end is another one.
    Replaced,
    /// The state is not what the events make.
    State,
}

/// One fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The chain; empty for the state.
    pub chain: String,
    /// The first bad event.
    pub seq: u64,
    /// What is wrong.
    pub kind: FaultKind,
    /// In words.
    pub message: String,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Events by chain.
    pub chains: BTreeMap<String, u64>,
    /// Whether the ends of chains were compared with ends written down outside.
    pub anchored: bool,
    /// Whether the state was compared with one made anew.
    pub state_compared: bool,
    /// The first fault of each chain.
    pub faults: Vec<Fault>,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_whole(&self) -> bool {
        self.faults.is_empty()
    }

    /// All events.
    pub fn events(&self) -> u64 {
        self.chains.values().sum()
    }
}

/// Verifies a database. `keys` is the folder with `signing.pub` and, when there is one, `anchors.jsonl`.
pub fn verify(place: &Place, keys: &Path, projector: Option<&dyn Projector>) -> Result<Report, LedgerError> {
    let key = keys::public_key(keys)?;
    let anchors = anchor::read(&anchor::path(keys))?;
    let store = store::open(place, Mode::Read)?;
    store.begin()?;
    let mut report = chains(store.as_ref(), &key, &anchors)?;
    if let Some(projector) = projector
        && report.is_whole()
    {
        report.state_compared = true;
        if rebuild::digest(store.as_ref(), projector)? != rebuild::digest_of_rebuild(store.as_ref(), projector)? {
            report.faults.push(Fault {
                chain: String::new(),
                seq: 0,
                kind: FaultKind::State,
                message: "the stored state is not what the events make: it was changed behind the record's back"
                    .to_owned(),
            });
        }
    }
    store.end()?;
    Ok(report)
}

fn chains(
    store: &dyn Storage,
    key: &VerifyingKey,
    anchors: &BTreeMap<String, SignedHead>,
) -> Result<Report, LedgerError> {
    let signed: BTreeMap<String, SignedHead> = store.heads()?.into_iter().map(|h| (h.chain.clone(), h)).collect();
    let mut names: BTreeSet<String> = store.chains()?.into_iter().collect();
    names.extend(signed.keys().cloned());
    names.extend(anchors.keys().cloned());
    let mut report = Report { anchored: !anchors.is_empty(), ..Report::default() };
    for chain in names {
        let mut walk = Walk::new(&chain, anchors.get(&chain));
        store.events(&chain, 0, &mut |event| walk.step(&event))?;
        report.chains.insert(chain.clone(), walk.count);
        report.faults.extend(walk.finish(signed.get(&chain), anchors.get(&chain), key));
    }
    Ok(report)
}

/// One chain, event by event.
pub(crate) struct Walk<'a> {
    chain: &'a str,
    anchor: Option<&'a SignedHead>,
    last: Option<Head>,
    pub count: u64,
    pub fault: Option<Fault>,
}

impl<'a> Walk<'a> {
    pub fn new(chain: &'a str, anchor: Option<&'a SignedHead>) -> Self {
        Self { chain, anchor, last: None, count: 0, fault: None }
    }

    /// Behind this end.
    pub fn from(chain: &'a str, last: Option<Head>) -> Self {
        Self { last, ..Self::new(chain, None) }
    }

    pub fn step(&mut self, event: &Event) -> ControlFlow<()> {
        self.count += 1;
        let prev = self.last.map_or(Hash::default(), |h| h.hash);
        let due = self.last.map_or(1, |h| h.seq + 1);
        let found = if event.format != FORMAT {
            Some((FaultKind::Format, format!("its format is {}", event.format)))
        } else if event.computed_hash() != event.hash {
            Some((FaultKind::Changed, "its content is not what was hashed".to_owned()))
        } else if event.seq != due {
            Some((FaultKind::Gap, format!("number {due} is due")))
        } else if event.prev != prev {
            Some((FaultKind::Link, "it does not follow the event before it".to_owned()))
        } else if self.last.is_some_and(|h| event.time_ms < h.time_ms) {
            Some((FaultKind::Time, "it is earlier than the event before it".to_owned()))
        } else if self.anchor.is_some_and(|a| a.seq == event.seq && a.hash != event.hash) {
            Some((FaultKind::Replaced, "another event with this number was written down outside".to_owned()))
        } else {
            None
        };
        if let Some((kind, what)) = found {
            self.fail(event.seq, kind, &format!("event {} of {}: {what}", event.seq, self.chain));
            return ControlFlow::Break(());
        }
        self.last = Some(Head { seq: event.seq, hash: event.hash, time_ms: event.time_ms });
        ControlFlow::Continue(())
    }

    fn fail(&mut self, seq: u64, kind: FaultKind, message: &str) {
        self.fault = Some(Fault { chain: self.chain.to_owned(), seq, kind, message: message.to_owned() });
    }

    /// The end of the chain, against its signature and what was written down outside.
    fn finish(mut self, signed: Option<&SignedHead>, anchor: Option<&SignedHead>, key: &VerifyingKey) -> Option<Fault> {
        if self.fault.is_some() {
            return self.fault;
        }
        let (chain, end) = (self.chain, self.last.map_or(0, |h| h.seq));
        let next = end + 1;
        let Some(signed) = signed else {
            self.fail(end, FaultKind::Unsigned, &format!("the end of {chain} is not signed"));
            return self.fault;
        };
        if !signed.is_signed_by(key) {
            self.fail(
                signed.seq,
                FaultKind::Unsigned,
                &format!("the end of {chain} is signed by another key, or was changed"),
            );
        } else if signed.seq > end {
            self.fail(
                next,
                FaultKind::Cut,
                &format!("{chain} ends at {end}, and was signed at {}: events are cut off", signed.seq),
            );
        } else if self.last.is_some_and(|h| h != signed.head()) {
            self.fail(
                end,
                FaultKind::Unsigned,
                &format!("{chain} goes on to {end} behind its signed end {}", signed.seq),
            );
        } else if let Some(anchor) = anchor.filter(|a| a.seq > end) {
            let what = if anchor.is_signed_by(key) {
                "an old copy was put back, or events are cut off"
            } else {
                "the anchor is not signed by this record's key"
            };
            self.fail(
                next,
                FaultKind::Old,
                &format!("{chain} ends at {end}, and {} was written down outside: {what}", anchor.seq),
            );
        }
        self.fault
    }
}
