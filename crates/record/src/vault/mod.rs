//! Who gets which treatment, and how does nobody know it who must not?
//!
//! Blinded code cannot know. What a [`Record`] gives to look at holds treatment codes sealed; only a [`Vault`] can open them, and only what needs one is
//! handed one. Its answers are numbers, except to those whose operation is to read codes, and each such answer is an event.
//!
//! | room | question |
//! |---|---|
//! | [`master`] | which keys open the vault, and where are they? |
//! | [`seal`] | how does something stand in the record that blinded people must not read? |
//! | [`setup`] | what may everybody know? |
//! | [`scheme`] | how does a scheme come in, and how is it changed? |
//! | [`draw`] | which arm does the next subject get? |
//! | [`randomise`] | how is a subject randomised? |
//! | [`code_break`] | how does an investigator learn what one subject takes? |
//! | [`notice`] | who is told that a code was broken? |
//! | [`codes`] | how do unblinded people read codes? |
//! | [`remake`] | is what was given what the sealed schemes give? |
//! | [`unblind`] | when does a study cease to be blind? |
//!
//! **What is where.** Events hold: the setup, the factors, each subject's number, levels and place in the order, in clear; schemes with their seeds and every
//! allocation, sealed under the study's key, each of one length. The study's keys stand in its events too, wrapped under the master key, which is in
//! neither database nor backup. The randomisation number says the order of randomisation and nothing else. A design's words (that a block is
//! full, that a list has ended) never reach who randomises.

/// What must not be shown by accident, in a log or a message, shows its name alone.
macro_rules! not_shown {
    ($($name:ident),+) => {
        $(impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(not shown)"))
            }
        })+
    };
}

pub mod code_break;
pub mod codes;
pub mod draw;
pub mod master;
pub mod notice;
pub mod passphrase;
mod project;
pub mod randomise;
pub mod remake;
pub mod scheme;
pub mod seal;
pub mod setup;
pub mod state;
pub mod unblind;

pub use code_break::{Break, Told};
pub use codes::{Code, Codes, EmergencyList};
pub use draw::StudyVault;
pub use master::{MasterKeys, Recovery};
pub use notice::AcknowledgeBreak;
pub(crate) use project::project;
pub use randomise::{Given, RandomisedFacts, Ready, VaultFacts};
pub use remake::Remade;
pub use scheme::{CloseStratum, NewScheme};
pub use unblind::{AgreeUnblind, AskUnblind};

use crate::access::{Operation, Scope};
use crate::door::{self, Caller, Command, Record, Work};
use crate::key::{Key, key};
use crate::refusal::Refusal;
use crate::space;
use croft_ledger::{LedgerError, Sealed, SealingKey, View};
use data_encoding::BASE64;
use project::{Keyed, Rewrapped};
use seal::StudyKeys;
use state::{SchemeFacts, VaultState, Wrapped};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};

/// A record together with the keys of its vault.
#[derive(Clone)]
pub struct Vault {
    record: Record,
    masters: MasterKeys,
    opened: Arc<Mutex<BTreeMap<String, Arc<StudyVault>>>>,
}

impl Vault {
    /// The vault of a record.
    pub fn new(record: &Record, masters: MasterKeys) -> Self {
        Self { record: record.clone(), masters, opened: Arc::default() }
    }

    /// The record that it is the vault of.
    pub(crate) fn record(&self) -> &Record {
        &self.record
    }

    /// A study's vault, opened once and shared.
    pub(crate) fn opened(&self, study: &str) -> Result<Arc<StudyVault>, Refusal> {
        if let Some(found) = self.lock().get(study) {
            return Ok(Arc::clone(found));
        }
        let state = self.record.view(&Caller::system(), |reading| state(reading.view, study))?;
        let keys = self.keys(study, &state)?;
        let opened = Arc::new(StudyVault::new(study, keys));
        Ok(Arc::clone(self.lock().entry(study.to_owned()).or_insert(opened)))
    }

    /// The same, made when the study has none: whoever may seal a scheme has one made.
    fn opened_or_made(&self, caller: &Caller, study: &str) -> Result<Arc<StudyVault>, Refusal> {
        let there = self.record.view(&Caller::system(), |reading| {
            Ok(door::row::<VaultState>(reading.view, space::VAULT, &key(&[study]))?.is_some())
        })?;
        if !there {
            self.add_key(caller, study)?;
        }
        self.opened(study)
    }

    /// Gives a study a further key: what is sealed from now on is sealed under it.
    pub fn add_key(&self, caller: &Caller, study: &str) -> Result<u32, Refusal> {
        let key = Arc::new(SealingKey::fresh()?);
        let command = AddKey { study: study.to_owned(), key, masters: self.masters.clone() };
        let number = self.record.execute(caller, command)?;
        self.lock().remove(study);
        Ok(number)
    }

    /// Wraps the keys of every study under the current master key, and retires the one before; how many studies. A change that was cut short is ended
    /// by the next one.
    pub fn change_master_key(&mut self, caller: &Caller) -> Result<usize, Refusal> {
        self.record.view(caller, |reading| reading.allow(Operation::VaultKeep, &Scope::organisation()))?;
        self.masters = self.masters.begin_change()?;
        let mut studies = Vec::new();
        self.record.view(&Caller::system(), |reading| {
            reading.rows(space::VAULT, Key::default().range(), |at, _: VaultState| {
                studies.push(String::from_utf8_lossy(at).into_owned());
                ControlFlow::Continue(())
            })
        })?;
        for study in &studies {
            self.record.execute(caller, Rewrap { study: study.clone(), masters: self.masters.clone() })?;
        }
        self.masters = self.masters.end_change()?;
        self.lock().clear();
        Ok(studies.len())
    }

    fn keys(&self, study: &str, state: &VaultState) -> Result<StudyKeys, Refusal> {
        Ok(StudyKeys::new(unwrapped(&self.masters, study, state)?))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Arc<StudyVault>>> {
        // The map is whole after any panic: entries are put in in one step.
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The name under which the content of a kit is sealed.
pub(crate) fn kit_name(study: &str, kit: &str) -> String {
    format!("kit\u{0}{study}\u{0}{kit}")
}

/// The name under which a study's key is wrapped.
fn key_name(study: &str, number: u32) -> String {
    format!("vault key\u{0}{study}\u{0}{number}")
}

fn wrapped(masters: &MasterKeys, study: &str, number: u32, key: &SealingKey) -> Result<Wrapped, Refusal> {
    let sealed = masters.current().wrap(&key_name(study, number), key)?;
    Ok(Wrapped { master: masters.current().id(), bytes: BASE64.encode(&sealed.0) })
}

fn unwrapped(masters: &MasterKeys, study: &str, state: &VaultState) -> Result<BTreeMap<u32, SealingKey>, Refusal> {
    let mut keys = BTreeMap::new();
    for (number, wrapped) in &state.keys {
        let master = masters.key(&wrapped.master).ok_or_else(|| {
            Refusal::state(
                format!(
                    "the vault of {study} is closed: its key is wrapped under {}, which is not at hand",
                    wrapped.master
                ),
                "put the master key back, from its recovery file if need be: croft vault recover",
            )
        })?;
        let sealed = BASE64.decode(wrapped.bytes.as_bytes()).map_err(|_| LedgerError::Unsealable)?;
        keys.insert(*number, master.unwrap(&key_name(study, *number), &Sealed(sealed))?);
    }
    Ok(keys)
}

struct AddKey {
    study: String,
    key: Arc<SealingKey>,
    masters: MasterKeys,
}

impl Command for AddKey {
    type Done = u32;
    const OPERATION: Operation = Operation::SchemeSeal;

    fn scope(&self, _view: &dyn View) -> Result<Scope, Refusal> {
        Ok(Scope::study(&self.study))
    }

    fn run(self, work: &mut Work<'_, '_>) -> Result<u32, Refusal> {
        crate::study::study(work.tx, &self.study)?;
        let state: VaultState = door::row(work.tx, space::VAULT, &key(&[&self.study]))?.unwrap_or_default();
        let number = state.keys.last_key_value().map_or(0, |(number, _)| *number) + 1;
        let wrapped = wrapped(&self.masters, &self.study, number, &self.key)?;
        let keyed = Keyed { study: self.study.clone(), number, wrapped };
        work.append(&self.study, "randomisation", "vault.keyed/1", &keyed, "")?;
        Ok(number)
    }
}

struct Rewrap {
    study: String,
    masters: MasterKeys,
}

impl Command for Rewrap {
    type Done = ();
    const OPERATION: Operation = Operation::VaultKeep;

    fn scope(&self, _view: &dyn View) -> Result<Scope, Refusal> {
        Ok(Scope::organisation())
    }

    fn run(self, work: &mut Work<'_, '_>) -> Result<(), Refusal> {
        let state = state(work.tx, &self.study)?;
        let mut keys = BTreeMap::new();
        for (number, key) in unwrapped(&self.masters, &self.study, &state)? {
            keys.insert(number, wrapped(&self.masters, &self.study, number, &key)?);
        }
        let rewrapped = Rewrapped { study: self.study.clone(), keys };
        work.append(&self.study, "randomisation", "vault.rewrapped/1", &rewrapped, "")?;
        Ok(())
    }
}

/// The state of a study's vault, or that there is none.
pub(crate) fn state(view: &dyn View, study: &str) -> Result<VaultState, Refusal> {
    door::row(view, space::VAULT, &key(&[study]))?.ok_or_else(|| no_scheme(study))
}

fn no_scheme(study: &str) -> Refusal {
    Refusal::state(
        format!("study {study} has no randomisation scheme"),
        "the unblinded statistician seals one: croft vault seal",
    )
}

impl VaultState {
    /// The newest scheme.
    pub fn scheme(&self) -> Result<&SchemeFacts, Refusal> {
        self.schemes.last().ok_or_else(|| no_scheme("here"))
    }
}
