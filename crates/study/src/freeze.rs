//! How does a snapshot become frozen? Its manifest names each file's hash, who froze it and when.
//!
//! A folder whose data came from outside, or were corrected there, is frozen again with a reason; the new manifest
//! keeps the hash of the one that it replaces, so that no freeze is silent.

use crate::error::StudyError;
use crate::lock_time::LockTime;
use crate::simulate::Simulated;
use crate::snapshot::{self, Frozen, Refreeze};
use crate::{sources, template};
use croft_core::manifest::sha256_hex;
use std::collections::BTreeMap;
use std::path::Path;

/// The files that a snapshot consists of.
const FILES: [&str; 2] = ["values.csv", "audit.csv"];

/// Who freezes, when and why.
#[derive(Clone, Debug)]
pub struct Freeze {
    /// A person's name.
    pub by: String,
    /// RFC 3339 in UTC.
    pub at: String,
    /// Why the data changed.
    pub reason: String,
}

/// The files of `data/` for simulated values.
pub fn simulated(study: &str, simulated: &Simulated, source: &str) -> BTreeMap<String, Vec<u8>> {
    let values = snapshot::to_csv(&simulated.values);
    let audit = snapshot::to_csv(&simulated.audit);
    let frozen = Frozen {
        format: 1,
        study: study.to_owned(),
        locked_at: simulated.locked_at.clone(),
        locked_by: "Mara Lindqvist, data manager (simulated)".to_owned(),
        source: source.to_owned(),
        files: [("values.csv", &values), ("audit.csv", &audit)]
            .map(|(name, bytes)| (name.to_owned(), sha256_hex(bytes)))
            .into(),
        history: Vec::new(),
    };
    BTreeMap::from([
        ("data/values.csv".to_owned(), values),
        ("data/audit.csv".to_owned(), audit),
        ("data/manifest.json".to_owned(), manifest_text(&frozen)),
    ])
}

fn manifest_text(frozen: &Frozen) -> Vec<u8> {
    let text = serde_json::to_string_pretty(frozen).expect("plain data is always written");
    (text + "\n").into_bytes()
}

/// Freezes the data files of a folder as they are now. Returns the files whose hash changed.
pub fn freeze(root: &Path, study: &str, by: &Freeze) -> Result<Vec<String>, StudyError> {
    LockTime::parse(&by.at)?;
    let refused = |message: String, hint: &str| StudyError::Text {
        file: "data/manifest.json".to_owned(),
        message,
        hint: hint.to_owned(),
    };
    if by.by.trim().is_empty() || by.reason.trim().is_empty() {
        return Err(refused(
            "a freeze needs a person and a reason".to_owned(),
            "say who freezes with --by, and why with --reason",
        ));
    }
    snapshot::read_values(&sources::read(root, "data/values.csv")?)?;
    snapshot::read_audit(&sources::read(root, "data/audit.csv")?)?;
    let mut files = BTreeMap::new();
    for name in FILES {
        files.insert(name.to_owned(), sha256_hex(&sources::read(root, &format!("data/{name}"))?));
    }
    let old = sources::read(root, "data/manifest.json").ok();
    let before = match old.as_deref().map(serde_json::from_slice::<Frozen>) {
        None => None,
        Some(Ok(before)) => Some(before),
        Some(Err(e)) => {
            return Err(refused(
                format!("the manifest to be replaced cannot be read: {e}"),
                "put it back: its history must not be lost",
            ));
        }
    };
    if let Some(b) = before.as_ref().filter(|b| by.at < b.locked_at) {
        let message = format!("{} is before the last lock, {}", by.at, b.locked_at);
        return Err(refused(message, "a lock is not set back: give the time at which the data are frozen"));
    }
    let changed = files
        .iter()
        .filter(|(name, hash)| before.as_ref().and_then(|b| b.files.get(*name)) != Some(hash))
        .map(|(name, _)| name.clone())
        .collect();
    let mut history = before.as_ref().map_or_else(Vec::new, |b| b.history.clone());
    if let Some(bytes) = &old {
        history.push(Refreeze {
            locked_at: by.at.clone(),
            locked_by: by.by.clone(),
            reason: by.reason.clone(),
            replaced: sha256_hex(bytes),
        });
    }
    let frozen = Frozen {
        format: 1,
        study: study.to_owned(),
        locked_at: by.at.clone(),
        locked_by: by.by.clone(),
        source: before.map_or_else(|| "files".to_owned(), |b| b.source),
        files,
        history,
    };
    template::write(root, "data/manifest.json", &manifest_text(&frozen))?;
    Ok(changed)
}
