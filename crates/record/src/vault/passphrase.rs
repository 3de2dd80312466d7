//! Sealing under a passphrase, for files that leave the house: the recovery of the vault's key, the list for emergencies.
//!
//! The key is Argon2id of the passphrase (RFC 9106; memory and passes of its second recommended option, 64 MiB and three, in one lane), with a random salt that stands beside the sealed bytes.

use crate::refusal::Refusal;
use argon2::{Algorithm, Argon2, Params, Version};
use croft_ledger::{Sealed, SealingKey};
use data_encoding::BASE64;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
/// Fewest characters of a passphrase.
const SHORTEST: usize = 12;

/// Bytes sealed under a passphrase.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Locked {
    /// How the key is made: `argon2id`.
    pub kdf: String,
    /// Memory, KiB.
    pub memory_kib: u32,
    /// Passes.
    pub passes: u32,
    /// Salt, base64.
    pub salt: String,
    /// Sealed bytes, base64.
    pub bytes: String,
}

/// Seals bytes under a passphrase and the name of what they are.
pub(super) fn lock(phrase: &str, name: &str, bytes: &[u8]) -> Result<Locked, Refusal> {
    if phrase.chars().count() < SHORTEST {
        return Err(Refusal::invalid(
            "passphrase",
            format!("has fewer than {SHORTEST} characters"),
            "take several words that nobody would guess",
        ));
    }
    let mut salt = [0_u8; 16];
    getrandom::fill(&mut salt).map_err(|e| Refusal::Random(e.to_string()))?;
    let sealed = key(phrase, &salt, MEMORY_KIB, PASSES)?.seal(name, bytes)?;
    Ok(Locked {
        kdf: "argon2id".to_owned(),
        memory_kib: MEMORY_KIB,
        passes: PASSES,
        salt: BASE64.encode(&salt),
        bytes: BASE64.encode(&sealed.0),
    })
}

/// Opens what was sealed under this passphrase and name.
pub(super) fn unlock(phrase: &str, name: &str, locked: &Locked) -> Result<Zeroizing<Vec<u8>>, Refusal> {
    // What a file asks for is not spent unseen.
    if locked.kdf != "argon2id" || locked.memory_kib > 1024 * 1024 || locked.passes > 100 {
        return Err(Refusal::invalid(
            "file",
            "is sealed in a way that croft does not know",
            "open it with the croft that wrote it",
        ));
    }
    let salt = BASE64.decode(locked.salt.as_bytes()).map_err(|_| wrong())?;
    let sealed = BASE64.decode(locked.bytes.as_bytes()).map_err(|_| wrong())?;
    let key = key(phrase, &salt, locked.memory_kib, locked.passes)?;
    key.open(name, &Sealed(sealed)).map(Zeroizing::new).map_err(|_| wrong())
}

fn key(phrase: &str, salt: &[u8], memory_kib: u32, passes: u32) -> Result<SealingKey, Refusal> {
    let damaged = |e: argon2::Error| Refusal::invalid("file", e.to_string(), "the file is damaged: take another copy");
    let params = Params::new(memory_kib, passes, 1, Some(32)).map_err(damaged)?;
    let mut bytes = Zeroizing::new([0_u8; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(phrase.as_bytes(), salt, bytes.as_mut_slice())
        .map_err(damaged)?;
    Ok(SealingKey::new(*bytes))
}

/// The same answer for a wrong passphrase and a damaged file: they cannot be told apart.
pub(super) fn wrong() -> Refusal {
    Refusal::invalid(
        "passphrase",
        "does not open the file",
        "give the passphrase of this very file; or the file is damaged",
    )
}
