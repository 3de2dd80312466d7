//! Secrets that are shown once and kept as hashes.

use crate::refusal::Refusal;
use croft_ledger::{Space, Tx};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// 256 random bits, as text for an address or a header.
pub(super) fn fresh() -> Result<String, Refusal> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|e| Refusal::Random(e.to_string()))?;
    Ok(data_encoding::BASE64URL_NOPAD.encode(&bytes))
}

/// How a secret is kept. It has 256 random bits, so one SHA-256 is enough: there is nothing to guess.
pub(super) fn hashed(secret: &str) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(secret.as_bytes()))
}

/// Writes a working row.
pub(super) fn put(tx: &mut Tx<'_>, space: Space, name: &str, row: &impl Serialize) -> Result<(), Refusal> {
    let bytes = serde_json::to_vec(row).map_err(|e| Refusal::Damaged(e.to_string()))?;
    tx.put(space, name.as_bytes(), &bytes);
    Ok(())
}
