//! How is a cut tail found? The ends of the chains are signed and written down outside the database.
//!
//! At each commit the new end of each chain that grew is signed in the same transaction, and appended to `anchors.jsonl` in the folder
//! of keys: a line of JSON each. Whoever shortens the database must also have the file of anchors, which can be copied elsewhere as often as one
//! likes. Anchors are appended without waiting for the disk: they prove, the database keeps.

use crate::error::LedgerError;
use crate::event::Hash;
use crate::keys::{self, Keys};
use crate::state::Head;
use ed25519_dalek::VerifyingKey;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

/// A signed end of a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SignedHead {
    pub chain: String,
    pub seq: u64,
    pub hash: Hash,
    pub time_ms: i64,
    /// Ed25519, hexadecimal.
    pub signature: String,
}

impl SignedHead {
    pub fn sign(keys: &Keys, chain: &str, head: &Head) -> Self {
        let signature = keys.sign(&signed_bytes(chain, head));
        let signature = signature.iter().map(|b| format!("{b:02x}")).collect();
        Self { chain: chain.to_owned(), seq: head.seq, hash: head.hash, time_ms: head.time_ms, signature }
    }

    pub fn head(&self) -> Head {
        Head { seq: self.seq, hash: self.hash, time_ms: self.time_ms }
    }

    pub fn is_signed_by(&self, key: &VerifyingKey) -> bool {
        let digits = self.signature.as_bytes();
        let byte = |pair: &[u8]| std::str::from_utf8(pair).ok().and_then(|t| u8::from_str_radix(t, 16).ok());
        let bytes: Option<Vec<u8>> = digits.chunks(2).map(byte).collect();
        bytes.is_some_and(|b| keys::is_signed(key, &signed_bytes(&self.chain, &self.head()), &b))
    }
}

fn signed_bytes(chain: &str, head: &Head) -> Vec<u8> {
    let mut bytes = b"croft head 1".to_vec();
    bytes.extend((chain.len() as u64).to_be_bytes());
    bytes.extend(chain.as_bytes());
    bytes.extend(head.seq.to_be_bytes());
    bytes.extend(head.time_ms.to_be_bytes());
    bytes.extend(head.hash.0);
    bytes
}

/// The file of anchors, open for appending.
pub(crate) struct Anchors {
    file: File,
}

/// Where the anchors of a record are.
pub(crate) fn path(keys: &Path) -> PathBuf {
    keys.join("anchors.jsonl")
}

impl Anchors {
    /// Opens the file, left with the newest line of each chain.
    pub fn open(keys: &Path) -> Result<Self, LedgerError> {
        let path = path(keys);
        let told = |e: std::io::Error| LedgerError::File { path: path.display().to_string(), cause: e.to_string() };
        let newest = read(&path)?;
        let short = path.with_extension("new");
        let mut text = String::new();
        for head in newest.values() {
            text += &line(head);
        }
        std::fs::write(&short, text).map_err(told)?;
        std::fs::rename(&short, &path).map_err(told)?;
        let file = std::fs::OpenOptions::new().append(true).open(&path).map_err(told)?;
        Ok(Self { file })
    }

    /// Writes down the ends of chains. A failure costs a proof, not a record: it is not told to whoever saves.
    pub fn note(&mut self, heads: &[SignedHead]) {
        let text: String = heads.iter().map(line).collect();
        let _ = self.file.write_all(text.as_bytes());
    }
}

fn line(head: &SignedHead) -> String {
    serde_json::to_string(head).map(|json| json + "\n").unwrap_or_default()
}

/// The newest anchor of each chain; none when there is no file. A line cut short by a crash is passed over.
pub(crate) fn read(path: &Path) -> Result<BTreeMap<String, SignedHead>, LedgerError> {
    let told = |e: std::io::Error| LedgerError::File { path: path.display().to_string(), cause: e.to_string() };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(e) => return Err(told(e)),
    };
    let mut newest: BTreeMap<String, SignedHead> = BTreeMap::new();
    for text in BufReader::new(file).lines() {
        let Ok(head) = serde_json::from_str::<SignedHead>(&text.map_err(told)?) else { continue };
        if newest.get(&head.chain).is_none_or(|known| known.seq <= head.seq) {
            newest.insert(head.chain.clone(), head);
        }
    }
    Ok(newest)
}
