//! Where is the record? `DIR` holds `croft.db`, `keys/` and `studies/ID/`; a database by its address stands in `DIR/croft.toml`'s place.

use crate::output::Failure;
use croft_ledger::{Clock, LedgerError, Place};
use croft_record::access::credential::{NotProved, Proof, prove};
use croft_record::{Record, Refusal};
use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A record's folder.
pub struct Home {
    /// The folder.
    pub dir: PathBuf,
    /// The database.
    pub place: Place,
}

impl Home {
    /// The record in this folder; `database` is the address of a PostgreSQL database that holds it instead of `croft.db`.
    pub fn new(dir: &Path, database: Option<&str>) -> Self {
        let place = database.map_or_else(|| Place::Sqlite(dir.join("croft.db")), Place::parse);
        Self { dir: dir.to_owned(), place }
    }

    /// The folder of keys: never in the database, never in a backup.
    pub fn keys(&self) -> PathBuf {
        self.dir.join("keys")
    }

    /// Opens the record that is there.
    pub fn open(&self, clock: Arc<dyn Clock>) -> Result<Record, Failure> {
        if let Place::Sqlite(file) = &self.place
            && !file.is_file()
        {
            return Err(Failure::misuse(format!("{} holds no record: there is no croft.db", self.dir.display()))
                .hint("name the folder that `croft import` or `croft serve` made"));
        }
        self.make(clock)
    }

    /// Opens the record, made when there is none.
    pub fn make(&self, clock: Arc<dyn Clock>) -> Result<Record, Failure> {
        std::fs::create_dir_all(&self.dir).map_err(Failure::failure)?;
        Ok(Record::open(self.place.clone(), &self.keys(), clock)?)
    }
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        let hint = error.hint();
        Self::failure(error).hint(hint)
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let hint = refusal.hint();
        let failure = if refusal.status() < 500 { Self::misuse(refusal) } else { Self::failure(refusal) };
        failure.hint(hint)
    }
}

/// Who acts has proved it, from lines that were read.
pub struct Proved {
    /// The proof.
    pub proof: Proof,
    /// The third line: a passphrase, where one is needed.
    pub phrase: String,
}

/// Proves who acts: password on the first line, the code of a device on the second, where the account asks for one.
pub fn prove_from(record: &Record, login: &str, input: impl BufRead) -> Result<Proved, Failure> {
    let mut lines = input.lines();
    let mut line = || lines.next().transpose().map(Option::unwrap_or_default).map_err(Failure::failure);
    let (password, code, phrase) = (line()?, line()?, line()?);
    let proof = prove(record, login, &password, code.trim())?.map_err(|why| {
        Failure::misuse(match why {
            NotProved::CodeNeeded => "the account asks for a code as well",
            NotProved::WrongCode => "the code is wrong, or was used already",
            NotProved::Wait { .. } => "too many wrong tries; wait",
            NotProved::Wrong => "account and password do not fit together",
        })
    })?;
    Ok(Proved { proof, phrase })
}
