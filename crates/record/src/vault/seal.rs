//! How does something stand in the record that blinded people must not read?
//!
//! As [`Coded`]: JSON, padded with blanks to a length that does not depend on what it says, sealed under the study's key and the name of what it is.
//! Two allocations have the same length whatever their arms; what was sealed for one subject does not open in the place of another.

use crate::refusal::Refusal;
use croft_ledger::{LedgerError, Sealed, SealingKey};
use data_encoding::BASE64;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Length of one code before sealing.
pub const CODE_BYTES: usize = 256;
/// What is long is padded to a multiple of this.
pub const BLOCK_BYTES: usize = 8192;

/// Something sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coded {
    /// The number of the study's key.
    pub key: u32,
    /// Nonce and sealed bytes, base64.
    pub bytes: String,
}

/// The keys of one study, the newest of the highest number.
pub struct StudyKeys {
    keys: BTreeMap<u32, SealingKey>,
}

impl StudyKeys {
    pub(super) fn new(keys: BTreeMap<u32, SealingKey>) -> Self {
        Self { keys }
    }

    /// Seals one code: every one has the same length.
    pub(crate) fn seal_code(&self, name: &str, value: &impl Serialize) -> Result<Coded, Refusal> {
        let bytes = json(value)?;
        if bytes.len() > CODE_BYTES {
            return Err(Refusal::state(
                "a treatment's code is too long to be sealed",
                "shorten the codes of arms and kits",
            ));
        }
        self.seal(name, bytes, CODE_BYTES)
    }

    /// Seals something long.
    pub(super) fn seal_block(&self, name: &str, value: &impl Serialize) -> Result<Coded, Refusal> {
        self.seal(name, json(value)?, BLOCK_BYTES)
    }

    fn seal(&self, name: &str, mut bytes: Vec<u8>, unit: usize) -> Result<Coded, Refusal> {
        bytes.resize(bytes.len().next_multiple_of(unit), b' ');
        let (number, key) = self.keys.last_key_value().ok_or(LedgerError::Unsealable)?;
        Ok(Coded { key: *number, bytes: BASE64.encode(&key.seal(name, &bytes)?.0) })
    }

    /// A number that goes with what was sealed, and that only who has its key can reckon.
    pub(super) fn rank(&self, name: &str, coded: &Coded) -> Result<u64, Refusal> {
        Ok(self.keys.get(&coded.key).ok_or(LedgerError::Unsealable)?.rank(name))
    }

    /// Opens what was sealed under this name.
    pub(super) fn open<T: DeserializeOwned>(&self, name: &str, coded: &Coded) -> Result<T, Refusal> {
        let key = self.keys.get(&coded.key).ok_or(LedgerError::Unsealable)?;
        let sealed = BASE64.decode(coded.bytes.as_bytes()).map_err(|_| LedgerError::Unsealable)?;
        let bytes = key.open(name, &Sealed(sealed))?;
        // What was sealed is JSON, or another program wrote it. The message says nothing of its content.
        serde_json::from_slice(&bytes)
            .map_err(|_| Refusal::Damaged("a sealed code is not what the program seals".to_owned()))
    }
}

fn json(value: &impl Serialize) -> Result<Vec<u8>, Refusal> {
    serde_json::to_vec(value).map_err(|_| Refusal::Damaged("a code cannot be written".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> StudyKeys {
        StudyKeys::new(BTreeMap::from([(1, SealingKey::fresh().unwrap()), (2, SealingKey::fresh().unwrap())]))
    }

    #[test]
    fn codes_have_one_length_whatever_they_say() {
        let keys = keys();
        let lengths: Vec<usize> = ["A", "PLACEBO", "a rather long name of an arm"]
            .iter()
            .map(|arm| keys.seal_code("x", arm).unwrap().bytes.len())
            .collect();
        assert!(lengths.windows(2).all(|two| two[0] == two[1]), "{lengths:?}");
        assert!(keys.seal_code("x", &"a".repeat(300)).is_err());
        assert_eq!(keys.seal_code("x", &"A").unwrap().key, 2, "the newest key seals");
    }

    #[test]
    fn a_code_opens_under_its_own_name_alone() {
        let keys = keys();
        let code = keys.seal_code("allocation S1 001", &"A").unwrap();
        assert_eq!(keys.open::<String>("allocation S1 001", &code).unwrap(), "A");
        assert!(keys.open::<String>("allocation S1 002", &code).is_err());
        assert!(keys.open::<String>("allocation S1 001", &Coded { key: 3, ..code.clone() }).is_err());
        assert!(keys.open::<u32>("allocation S1 001", &code).unwrap_err().to_string().contains("cannot be read"));
    }
}
