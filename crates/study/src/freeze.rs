//! How does a snapshot become frozen? Its manifest names each file's hash, who froze it and when.
//!
//! A folder whose data came from outside (recorded values, or whole datasets), or were corrected there, is frozen again with a reason; the new manifest
//! keeps the hash of the one that it replaces, so that no freeze is silent. The codes of a study come in by [`unblind`], and the lock stays as it was.

use crate::error::StudyError;
use crate::lock_time::LockTime;
use crate::simulate::Simulated;
use crate::snapshot::{self, Allocation, AuditEntry, Frozen, Refreeze, Unblinded, Value};
use crate::sources::ALLOCATIONS;
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
    let mut files = vec![("values.csv", values), ("audit.csv", audit)];
    if !simulated.allocations.is_empty() {
        files.push((ALLOCATIONS, snapshot::to_csv(&simulated.allocations)));
    }
    let frozen = Frozen {
        format: 1,
        study: study.to_owned(),
        locked_at: simulated.locked_at.clone(),
        locked_by: "Mara Lindqvist, data manager (simulated)".to_owned(),
        source: source.to_owned(),
        files: files.iter().map(|(name, bytes)| ((*name).to_owned(), sha256_hex(bytes))).collect(),
        unblinded: None,
        history: Vec::new(),
    };
    let manifest = ("data/manifest.json".to_owned(), manifest_text(&frozen));
    files.into_iter().map(|(name, bytes)| (format!("data/{name}"), bytes)).chain([manifest]).collect()
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
    if root.join("data").join(ALLOCATIONS).exists() {
        snapshot::read_allocations(&hashed(ALLOCATIONS)?)?;
    }
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
        unblinded: before.as_ref().and_then(|b| b.unblinded.clone()),
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
    /// Randomised subjects in the order of randomisation, without arms.
    pub allocations: Vec<Allocation>,
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
/// lock again writes the same bytes, but is refused where its codes have come in: it would take them away.
pub fn from_record(root: &Path, study: &str, lock: &FromRecord) -> Result<(), StudyError> {
    LockTime::parse(&lock.locked_at)?;
    let mut files = vec![("values.csv", snapshot::to_csv(&lock.values)), ("audit.csv", snapshot::to_csv(&lock.audit))];
    if !lock.allocations.is_empty() {
        files.push((ALLOCATIONS, snapshot::to_csv(&lock.allocations)));
    }
    let old = sources::read_if_there(root, "data/manifest.json")?;
    let before = old.as_deref().map(|bytes| snapshot::read_manifest(bytes, study)).transpose()?;
    let by = Freeze { by: lock.locked_by.clone(), at: lock.locked_at.clone(), reason: lock.reason.clone() };
    check_order(&by, before.as_ref(), &lock.audit)?;
    if before.as_ref().is_some_and(|b| b.source == lock.source && b.unblinded.is_some()) {
        let message = "the folder holds this lock already, with its codes".to_owned();
        return Err(refused(message, "build it; to begin anew, lock into another folder"));
    }
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
        unblinded: None,
        history,
    };
    for (name, bytes) in &files {
        template::write(root, &format!("data/{name}"), bytes)?;
    }
    template::write(root, "data/manifest.json", &manifest_text(&frozen))
}

/// Puts the arm of each randomised subject into the folder; how many there are. They must be the subjects of its snapshot; the manifest says who unblinded
/// the study when, and keeps the hash of the one before. The lock stays: it is the data's. The same codes again write the same bytes.
pub fn unblind(root: &Path, study: &str, arms: &BTreeMap<String, String>, by: &Unblinded) -> Result<usize, StudyError> {
    const HINT: &str = "put the record as it was locked into this folder again: croft lock";
    let bytes = sources::read(root, "data/manifest.json")?;
    let before = snapshot::read_manifest(&bytes, study)?;
    let file = format!("data/{ALLOCATIONS}");
    let there = sources::read(root, &file)?;
    if before.files.get(ALLOCATIONS) != Some(&sha256_hex(&there)) {
        return Err(StudyError::NotFrozen { file });
    }
    let refused = |message: String| StudyError::Text { file: file.clone(), message, hint: HINT.to_owned() };
    let rows = snapshot::read_allocations(&there)?;
    if let Some(subject) = arms.keys().find(|subject| rows.iter().all(|row| row.subject != **subject)) {
        return Err(refused(format!("subject {subject} has a code, and is not in the snapshot")));
    }
    let mut codes = rows.clone();
    for row in &mut codes {
        let arm = arms.get(&row.subject).filter(|arm| !arm.is_empty());
        row.arm.clone_from(arm.ok_or_else(|| refused(format!("subject {} has no code", row.subject)))?);
    }
    if before.unblinded.as_ref() == Some(by) && rows == codes {
        return Ok(codes.len());
    }
    let coded = snapshot::to_csv(&codes);
    let mut frozen = before.clone();
    frozen.files.insert(ALLOCATIONS.to_owned(), sha256_hex(&coded));
    frozen.unblinded = Some(by.clone());
    frozen.history.push(Refreeze {
        locked_at: before.locked_at.clone(),
        locked_by: before.locked_by.clone(),
        reason: format!("unblinded at {}: {} asked, {} agreed", by.at, by.asked_by, by.agreed_by),
        replaced_locked_at: before.locked_at,
        replaced_locked_by: before.locked_by,
        replaced: sha256_hex(&bytes),
    });
    template::write(root, &file, &coded)?;
    template::write(root, "data/manifest.json", &manifest_text(&frozen))?;
    Ok(codes.len())
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
