//! Which keys open the vault, and where are they?
//!
//! Each study has keys of its own, made by the record and kept in its events, wrapped under a master key. The master key is in neither database nor
//! backup: it lies in a file of the folder of keys, or is handed in by whoever starts the program (from the environment, or from a command that asks a
//! hardware store). So whoever has the database alone has no code.
//!
//! *Changing* it ([`MasterKeys::begin_change`], [`super::Vault::change_master_key`]) wraps every study's keys anew; the old one is kept, retired, until
//! nothing is wrapped under it. *Losing* it loses every code, unless its recovery file is at hand ([`Recovery`]): the key sealed under a passphrase,
//! to be kept outside the house.

use super::passphrase::{self, Locked};
use crate::refusal::Refusal;
use croft_ledger::{LedgerError, SealingKey};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const CURRENT: &str = "master.key";
const NEXT: &str = "next.key";

/// The master keys at hand.
#[derive(Clone)]
pub struct MasterKeys {
    current: Arc<SealingKey>,
    /// Every key at hand by its id, the current one among them.
    all: BTreeMap<String, Arc<SealingKey>>,
    folder: Option<PathBuf>,
}

/// The master keys sealed under a passphrase.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recovery {
    /// What the file is.
    pub croft: String,
    /// The id of the current key.
    pub key: String,
    /// Every key at hand, the current one first, each as 64 hexadecimal digits, sealed.
    pub sealed: Locked,
}

const RECOVERY: &str = "vault recovery 1";

impl MasterKeys {
    /// The keys in this folder; the first is made when there is none.
    pub fn in_folder(folder: &Path) -> Result<Self, LedgerError> {
        if !folder.join(CURRENT).exists() {
            SealingKey::fresh()?.keep(folder, CURRENT)?;
        }
        let mut all = BTreeMap::new();
        let names = std::fs::read_dir(folder).map_err(|e| told(folder, &e))?;
        for entry in names {
            let name = entry.map_err(|e| told(folder, &e))?.file_name();
            if let Some(name) = name.to_str().filter(|name| name.ends_with(".key")) {
                let key = SealingKey::kept(folder, name)?;
                all.insert(key.id(), Arc::new(key));
            }
        }
        // A change that was begun is ended first, so the next key is the one to wrap under.
        let name = if folder.join(NEXT).exists() { NEXT } else { CURRENT };
        let current = Arc::new(SealingKey::kept(folder, name)?);
        Ok(Self { current, all, folder: Some(folder.to_owned()) })
    }

    /// Keys that were handed in, the current one first, each as 64 hexadecimal digits, with blanks or commas between them.
    pub fn given(text: &str) -> Result<Self, Refusal> {
        let wrong = || {
            Refusal::invalid(
                "vault key",
                "is not 64 hexadecimal digits",
                "give the current key, then retired ones, with commas between them",
            )
        };
        let parts = text.split([',', ' ', '\n', '\t', '\r']).filter(|part| !part.is_empty());
        let keys = parts.map(|part| SealingKey::from_hex(part).map(Arc::new).ok_or_else(wrong));
        let keys = keys.collect::<Result<Vec<_>, _>>()?;
        let current = Arc::clone(keys.first().ok_or_else(wrong)?);
        let all = keys.into_iter().map(|key| (key.id(), key)).collect();
        Ok(Self { current, all, folder: None })
    }

    /// The key under which studies' keys are wrapped.
    pub(super) fn current(&self) -> &SealingKey {
        &self.current
    }

    /// The key of this id.
    pub(super) fn key(&self, id: &str) -> Option<&SealingKey> {
        self.all.get(id).map(Arc::as_ref)
    }

    /// Makes the next key, unless a change was begun and not ended: then that one.
    pub fn begin_change(&self) -> Result<Self, Refusal> {
        let Some(folder) = &self.folder else {
            return Err(Refusal::state(
                "the key of the vault was handed in, not kept here",
                "change it where it is kept, and hand in the new key first and the old one after it",
            ));
        };
        if !folder.join(NEXT).exists() {
            SealingKey::fresh()?.keep(folder, NEXT)?;
        }
        Ok(Self::in_folder(folder)?)
    }

    /// The next key becomes the current one; the one before is kept under its id.
    pub(super) fn end_change(&self) -> Result<Self, LedgerError> {
        let Some(folder) = &self.folder else { return Ok(self.clone()) };
        if folder.join(NEXT).exists() {
            let retired = format!("retired-{}.key", SealingKey::kept(folder, CURRENT)?.id());
            let moved = |from: &str, to: &str| {
                std::fs::rename(folder.join(from), folder.join(to)).map_err(|e| told(folder, &e))
            };
            moved(CURRENT, &retired)?;
            moved(NEXT, CURRENT)?;
        }
        Self::in_folder(folder)
    }

    /// Every key at hand sealed under a passphrase: codes that were sealed under retired ones open too.
    pub fn recovery(&self, phrase: &str) -> Result<Recovery, Refusal> {
        let current = self.current.id();
        let mut keys = self.current.to_hex();
        for (_, key) in self.all.iter().filter(|(id, _)| **id != current) {
            keys.push(' ');
            keys.push_str(&key.to_hex());
        }
        Ok(Recovery {
            croft: RECOVERY.to_owned(),
            key: current,
            sealed: passphrase::lock(phrase, RECOVERY, keys.as_bytes())?,
        })
    }
}

impl Recovery {
    /// Puts the keys back into a folder that has lost them; the id of the current one.
    pub fn restore(&self, phrase: &str, folder: &Path) -> Result<String, Refusal> {
        if self.croft != RECOVERY {
            return Err(Refusal::invalid(
                "file",
                "is no recovery file of a vault",
                "choose the file that was kept outside",
            ));
        }
        let bytes = passphrase::unlock(phrase, RECOVERY, &self.sealed)?;
        let keys = std::str::from_utf8(&bytes).map_err(|_| passphrase::wrong())?;
        for (at, text) in keys.split(' ').enumerate() {
            let key = SealingKey::from_hex(text).ok_or_else(passphrase::wrong)?;
            let there = SealingKey::kept(folder, CURRENT).map(|key| key.id());
            let retired = format!("retired-{}.key", key.id());
            match there {
                Ok(id) if id == key.id() => {}
                Err(_) if at == 0 => key.keep(folder, CURRENT)?,
                _ if folder.join(&retired).exists() => {}
                _ => key.keep(folder, &retired)?,
            }
        }
        Ok(self.key.clone())
    }
}

fn told(folder: &Path, error: &std::io::Error) -> LedgerError {
    LedgerError::Keys { folder: folder.display().to_string(), message: error.to_string() }
}
