//! How does a snapshot become frozen? Its manifest names each file's hash, who froze it and when.
//!
//! A folder whose data came from outside (recorded values, or whole datasets), or were corrected there, is frozen again with a reason; the new manifest
//! keeps the hash of the one that it replaces, so that no freeze is silent.

use crate::error::StudyError;
use crate::lock_time::LockTime;
use crate::simulate::Simulated;
use crate::snapshot::{self, AuditEntry, Frozen, Refreeze, Value};
use crate::{sources, tables, template};
use croft_core::manifest::sha256_hex;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::path::Path;

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

/// Freezes the data files of a folder as they are now. Returns the files whose hash changed; where none did, nothing is
/// written. Refused: no person or reason, data that a build could not read, a time before the last lock or event.
pub fn freeze(root: &Path, study: &str, by: &Freeze) -> Result<Vec<String>, StudyError> {
    LockTime::parse(&by.at)?;
    if by.by.trim().is_empty() || by.reason.trim().is_empty() {
        let hint = "say who freezes with --by, and why with --reason";
        return Err(refused("a freeze needs a person and a reason".to_owned(), hint));
    }
    let received = sources::received_files(root)?;
    let recorded = sources::RECORD_FILES.iter().any(|name| root.join("data").join(name).exists());
    let mut files = BTreeMap::new();
    let mut hashed = |name: &str| -> Result<Vec<u8>, StudyError> {
        let bytes = sources::read(root, &format!("data/{name}"))?;
        files.insert(name.to_owned(), sha256_hex(&bytes));
        Ok(bytes)
    };
    // A folder whose data were all received has no record.
    let events = if recorded || received.is_empty() {
        snapshot::read_values(&hashed("values.csv")?)?;
        snapshot::read_audit(&hashed("audit.csv")?)?
    } else {
        Vec::new()
    };
    for name in &received {
        tables::received(name, &hashed(name)?)?;
    }

    let old = sources::read_if_there(root, "data/manifest.json")?;
    let before = old.as_deref().map(|bytes| snapshot::read_manifest(bytes, study)).transpose()?;
    check_order(by, before.as_ref(), &events)?;
    let known = |name: &str| before.as_ref().and_then(|b| b.files.get(name));
    let gone = before.iter().flat_map(|b| b.files.keys()).filter(|name| !files.contains_key(*name));
    let changed: Vec<String> = files
        .iter()
        .filter(|(name, hash)| known(name) != Some(hash))
        .map(|(name, _)| name)
        .chain(gone)
        .cloned()
        .collect();
    if changed.is_empty() {
        return Ok(changed);
    }

    let mut history = before.as_ref().map_or_else(Vec::new, |b| b.history.clone());
    if let (Some(bytes), Some(replaced)) = (&old, &before) {
        history.push(Refreeze {
            locked_at: by.at.clone(),
            locked_by: by.by.clone(),
            reason: by.reason.clone(),
            replaced_locked_at: replaced.locked_at.clone(),
            replaced_locked_by: replaced.locked_by.clone(),
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

/// What a lock of the record hands over.
#[derive(Clone, Debug)]
pub struct FromRecord {
    /// Values in the order of their addresses.
    pub values: Vec<Value>,
    /// Changes in the order of events.
    pub audit: Vec<AuditEntry>,
    /// When it was locked, RFC 3339 in UTC.
    pub locked_at: String,
    /// Who locked it.
    pub locked_by: String,
    /// Where it hangs in the record: chain, event, hash.
    pub source: String,
    /// Why an earlier lock is replaced, when there is one.
    pub reason: String,
}

/// Writes a locked record into the folder's `data/`. A lock that stands there is replaced by a later one and kept in the history; the same
/// lock again writes the same bytes.
pub fn from_record(root: &Path, study: &str, lock: &FromRecord) -> Result<(), StudyError> {
    LockTime::parse(&lock.locked_at)?;
    let files = [("values.csv", snapshot::to_csv(&lock.values)), ("audit.csv", snapshot::to_csv(&lock.audit))];
    let old = sources::read_if_there(root, "data/manifest.json")?;
    let before = old.as_deref().map(|bytes| snapshot::read_manifest(bytes, study)).transpose()?;
    let by = Freeze { by: lock.locked_by.clone(), at: lock.locked_at.clone(), reason: lock.reason.clone() };
    check_order(&by, before.as_ref(), &lock.audit)?;
    let mut history = before.as_ref().map_or_else(Vec::new, |b| b.history.clone());
    if let (Some(bytes), Some(replaced)) = (&old, &before)
        && replaced.source != lock.source
    {
        history.push(Refreeze {
            locked_at: lock.locked_at.clone(),
            locked_by: lock.locked_by.clone(),
            reason: lock.reason.clone(),
            replaced_locked_at: replaced.locked_at.clone(),
            replaced_locked_by: replaced.locked_by.clone(),
            replaced: sha256_hex(bytes),
        });
    }
    let frozen = Frozen {
        format: 1,
        study: study.to_owned(),
        locked_at: lock.locked_at.clone(),
        locked_by: lock.locked_by.clone(),
        source: lock.source.clone(),
        // What was received stands beside the record and stays frozen as it was.
        files: before
            .into_iter()
            .flat_map(|b| b.files)
            .filter(|(name, _)| tables::is_received(name))
            .chain(files.iter().map(|(name, bytes)| ((*name).to_owned(), sha256_hex(bytes))))
            .collect(),
        history,
    };
    for (name, bytes) in &files {
        template::write(root, &format!("data/{name}"), bytes)?;
    }
    template::write(root, "data/manifest.json", &manifest_text(&frozen))
}

/// A lock comes after the lock it replaces and after every event that it locks, or at the same time.
fn check_order(by: &Freeze, before: Option<&Frozen>, events: &[AuditEntry]) -> Result<(), StudyError> {
    const HINT: &str = "a lock is not set back: give the time at which the data are frozen";
    let at = instant(&by.at)?;
    if let Some(last) = before
        && at < instant(&last.locked_at)?
    {
        return Err(refused(format!("{} is before the last lock, {}", by.at, last.locked_at), HINT));
    }
    for (i, event) in events.iter().enumerate() {
        let time = event.time.parse::<Timestamp>().map_err(|_| StudyError::Row {
            file: "data/audit.csv".to_owned(),
            row: i + 1,
            message: format!("the time `{}` of event {} is not RFC 3339 in UTC", event.time, event.event),
            hint: "write it like 2026-03-16T10:00:00Z".to_owned(),
        })?;
        if at < time {
            return Err(refused(format!("{} is before event {}, {}", by.at, event.event, event.time), HINT));
        }
    }
    Ok(())
}

fn instant(text: &str) -> Result<Timestamp, StudyError> {
    text.parse().map_err(|_| refused(format!("`{text}` is not a time"), "write it like 2026-03-16T10:00:00Z"))
}

fn refused(message: String, hint: &str) -> StudyError {
    StudyError::Text { file: "data/manifest.json".to_owned(), message, hint: hint.to_owned() }
}
