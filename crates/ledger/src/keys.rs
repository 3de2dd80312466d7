//! The keys of a record, and sealing with them.
//!
//! The folder of keys lies beside the database and never in it or in a backup: `signing.key` (Ed25519, signs the ends of chains),
//! `signing.pub` (to hand to whoever verifies), `identity.key` (seals what identifies people). Files are readable by their owner alone. They are made
//! when the record is; a record whose keys are gone can still be verified and read, but not continued under a new key without anybody
//! noticing, so opening it is refused.
//!
//! Sealing is XChaCha20-Poly1305 with a random nonce of 24 bytes before the sealed bytes; a name goes in as associated data, so that
//! what was sealed under one name cannot be put in the place of another.

use crate::error::LedgerError;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use ed25519_dalek::{Signer, SigningKey, Verifier, VerifyingKey};
use sha2::{Digest, Sha256};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const NONCE: usize = 24;

/// The keys of one record.
pub(crate) struct Keys {
    folder: PathBuf,
    signing: SigningKey,
    identity: SealingKey,
}

/// A key that seals bytes.
pub struct SealingKey(Zeroizing<[u8; 32]>);

/// Sealed bytes: a nonce and the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed(pub Vec<u8>);

impl SealingKey {
    /// A key of these bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// A fresh key.
    pub fn fresh() -> Result<Self, LedgerError> {
        Ok(Self::new(random()?))
    }

    /// Seals bytes under a name.
    pub fn seal(&self, name: &str, bytes: &[u8]) -> Result<Sealed, LedgerError> {
        let nonce: [u8; NONCE] = random()?;
        let payload = Payload { msg: bytes, aad: name.as_bytes() };
        let sealed = self.cipher().encrypt(&XNonce::from(nonce), payload).map_err(|_| LedgerError::Unsealable)?;
        Ok(Sealed([nonce.as_slice(), &sealed].concat()))
    }

    /// Opens what was sealed under this name.
    pub fn open(&self, name: &str, sealed: &Sealed) -> Result<Vec<u8>, LedgerError> {
        let (nonce, rest) = sealed.0.split_at_checked(NONCE).ok_or(LedgerError::Unsealable)?;
        let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| LedgerError::Unsealable)?;
        let payload = Payload { msg: rest, aad: name.as_bytes() };
        self.cipher().decrypt(&XNonce::from(nonce), payload).map_err(|_| LedgerError::Unsealable)
    }

    /// A key of 64 hexadecimal digits, as a command or the environment gives it.
    pub fn from_hex(text: &str) -> Option<Self> {
        crate::event::Hash::parse(text.trim()).map(|hash| Self::new(hash.0))
    }

    /// The key as 64 hexadecimal digits.
    pub fn to_hex(&self) -> Zeroizing<String> {
        Zeroizing::new(crate::event::Hash(*self.0).to_string())
    }

    /// By what the key can be told from others, without telling it: the beginning of a hash of it.
    pub fn id(&self) -> String {
        let hash = Sha256::new().chain_update(b"croft key id\0").chain_update(self.0.as_slice()).finalize();
        hash.iter().take(8).map(|b| format!("{b:02x}")).collect()
    }

    /// A number that goes with a name, which nobody can reckon without the key: things put in the order of such numbers are in an order that tells nothing.
    pub fn rank(&self, name: &str) -> u64 {
        let hash = Sha256::new().chain_update(b"croft rank\0").chain_update(self.0.as_slice()).chain_update(name);
        hash.finalize().iter().take(8).fold(0, |rank, byte| rank << 8 | u64::from(*byte))
    }

    /// Seals another key under a name.
    pub fn wrap(&self, name: &str, key: &Self) -> Result<Sealed, LedgerError> {
        self.seal(name, key.0.as_slice())
    }

    /// Opens a key that was sealed under this name.
    pub fn unwrap(&self, name: &str, sealed: &Sealed) -> Result<Self, LedgerError> {
        let bytes = Zeroizing::new(self.open(name, sealed)?);
        bytes.as_slice().try_into().map(Self::new).map_err(|_| LedgerError::Unsealable)
    }

    /// Keeps the key in a file that was not there, readable by its owner alone; the folder is made when there is none.
    pub fn keep(&self, folder: &Path, name: &str) -> Result<(), LedgerError> {
        make_folder(folder)?;
        write_key(folder, name, &self.0)
    }

    /// The key that a file keeps.
    pub fn kept(folder: &Path, name: &str) -> Result<Self, LedgerError> {
        read_key(folder, name).map(|bytes| Self::new(*bytes))
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(self.0.as_slice().try_into().expect("a key has 32 bytes"))
    }
}

/// Random bytes of the system.
fn random<const N: usize>() -> Result<[u8; N], LedgerError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(|e| LedgerError::Database { action: "draw random bytes", cause: e.to_string() })?;
    Ok(bytes)
}

impl Keys {
    /// The keys in this folder; made when the record is new and there are none.
    pub fn open(folder: &Path, record_is_new: bool) -> Result<Self, LedgerError> {
        let there = folder.join("signing.key").exists();
        if !there && !record_is_new {
            return Err(told(folder, "signing.key is missing, and the record was made with one"));
        }
        if !there {
            make_folder(folder)?;
            let signing = SigningKey::from_bytes(&random()?);
            write_key(folder, "identity.key", &random::<32>()?)?;
            write_key(folder, "signing.pub", signing.verifying_key().as_bytes())?;
            write_key(folder, "signing.key", signing.as_bytes())?;
        }
        let signing = SigningKey::from_bytes(&*read_key(folder, "signing.key")?);
        let identity = SealingKey::new(*read_key(folder, "identity.key")?);
        Ok(Self { folder: folder.to_owned(), signing, identity })
    }

    /// Where they are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Signs bytes.
    pub fn sign(&self, bytes: &[u8]) -> [u8; 64] {
        self.signing.sign(bytes).to_bytes()
    }

    /// Seals what identifies people.
    pub fn identity(&self) -> &SealingKey {
        &self.identity
    }
}

/// The public key of a record.
pub(crate) fn public_key(folder: &Path) -> Result<VerifyingKey, LedgerError> {
    let bytes = read_key(folder, "signing.pub")?;
    VerifyingKey::from_bytes(&bytes).map_err(|_| told(folder, "signing.pub is no Ed25519 key"))
}

/// Whether a signature is by this key.
pub(crate) fn is_signed(key: &VerifyingKey, bytes: &[u8], signature: &[u8]) -> bool {
    signature.try_into().is_ok_and(|s: [u8; 64]| key.verify(bytes, &s.into()).is_ok())
}

fn told(folder: &Path, message: impl Into<String>) -> LedgerError {
    LedgerError::Keys { folder: folder.display().to_string(), message: message.into() }
}

fn make_folder(folder: &Path) -> Result<(), LedgerError> {
    fs::create_dir_all(folder).map_err(|e| told(folder, e.to_string()))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).map_err(|e| told(folder, e.to_string()))?;
    }
    Ok(())
}

/// Writes 32 bytes as hexadecimal into a file that was not there, readable by its owner alone.
fn write_key(folder: &Path, name: &str, bytes: &[u8; 32]) -> Result<(), LedgerError> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let text = Zeroizing::new(format!("{}\n", crate::event::Hash(*bytes)));
    let write = || -> std::io::Result<()> {
        let mut file = options.open(folder.join(name))?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    write().map_err(|e| told(folder, format!("{name}: {e}")))
}

fn read_key(folder: &Path, name: &str) -> Result<Zeroizing<[u8; 32]>, LedgerError> {
    let text = fs::read_to_string(folder.join(name)).map(Zeroizing::new);
    let text = text.map_err(|e| told(folder, format!("{name}: {e}")))?;
    let hash = crate::event::Hash::parse(text.trim()).ok_or_else(|| told(folder, format!("{name} is not a key")))?;
    Ok(Zeroizing::new(hash.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_under_its_name_and_no_other() {
        let key = SealingKey::fresh().unwrap();
        let sealed = key.seal("1001/name", b"Anna Berg").unwrap();
        assert_eq!(key.open("1001/name", &sealed).unwrap(), b"Anna Berg");
        assert_eq!(key.open("1002/name", &sealed), Err(LedgerError::Unsealable));
        let mut changed = sealed.clone();
        changed.0[30] ^= 1;
        assert_eq!(key.open("1001/name", &changed), Err(LedgerError::Unsealable));
        assert_eq!(key.open("1001/name", &Sealed(vec![1, 2])), Err(LedgerError::Unsealable));
        assert_ne!(key.seal("1001/name", b"Anna Berg").unwrap(), sealed, "each sealing has its own nonce");
    }

    #[test]
    fn a_key_is_wrapped_by_another_and_known_by_its_id() {
        let (outer, inner) = (SealingKey::fresh().unwrap(), SealingKey::fresh().unwrap());
        let wrapped = outer.wrap("study S1", &inner).unwrap();
        assert_eq!(outer.unwrap("study S1", &wrapped).unwrap().id(), inner.id());
        assert!(outer.unwrap("study S2", &wrapped).is_err());
        assert!(inner.unwrap("study S1", &wrapped).is_err());
        assert_ne!(outer.id(), inner.id());
        let hex = "00".repeat(32);
        assert_eq!(SealingKey::from_hex(&hex).unwrap().id(), SealingKey::new([0; 32]).id());
        assert!(SealingKey::from_hex("00").is_none());
    }
}
