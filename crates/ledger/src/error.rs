//! What can go wrong with the ledger, and what to do next.

/// Why the ledger could not be read or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// The database refused or could not be reached.
    #[error("the database could not {action}: {cause}")]
    Database {
        /// `open`, `read`, `commit` …
        action: &'static str,
        /// What it said.
        cause: String,
    },
    /// The disk is full: nothing of this save was recorded, everything acknowledged before is there.
    #[error("the disk is full; nothing of this was recorded")]
    DiskFull,
    /// The connection was lost: whether this save was recorded will be known when it is back.
    #[error("the connection to the database was lost: {cause}")]
    ConnectionLost {
        /// What the system said.
        cause: String,
    },
    /// Another process writes.
    #[error("another program writes to this record ({holder})")]
    Held {
        /// The lock's name.
        holder: String,
    },
    /// The database does not promise that what it acknowledges is on the disk.
    #[error("the database is not durable: {setting} is {found}")]
    NotDurable {
        /// The setting.
        setting: &'static str,
        /// Its value.
        found: String,
    },
    /// The keys of the record are not there or do not fit.
    #[error("the keys in {folder}: {message}")]
    Keys {
        /// The folder.
        folder: String,
        /// What is wrong.
        message: String,
    },
    /// A file cannot be read or written.
    #[error("{path}: {cause}")]
    File {
        /// The file.
        path: String,
        /// What the system said.
        cause: String,
    },
    /// The place of the record is not one.
    #[error("`{place}` is no place for a record: {message}")]
    Place {
        /// As given.
        place: String,
        /// What is wrong.
        message: String,
    },
    /// The state could not follow an event.
    #[error("the state cannot follow: {0}")]
    Project(String),
    /// An event was made that cannot be kept.
    #[error("the event's {field} {message}")]
    BadEvent {
        /// The field.
        field: &'static str,
        /// What is wrong with it.
        message: &'static str,
    },
    /// Something sealed could not be opened: another key, or changed bytes.
    #[error("what was sealed cannot be opened")]
    Unsealable,
    /// A work broke a promise of the program's own. Nothing of it was recorded.
    #[error("the program failed while writing; nothing of this was recorded")]
    Panicked,
    /// The ledger is closed.
    #[error("the record is closed")]
    Closed,
    /// The database is of another program version.
    #[error("the database has format {found}, this program reads {expected}")]
    Format {
        /// Its format.
        found: String,
        /// Ours.
        expected: String,
    },
}

impl LedgerError {
    /// What the reader of the message can do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Database { .. } => {
                "check the path or address and the rights on it; `croft audit verify` tells whether the record is whole"
            }
            Self::DiskFull => "free space on the disk, then save again",
            Self::ConnectionLost { .. } => {
                "the program connects again by itself; look whether the save is there before you repeat it"
            }
            Self::Held { .. } => "stop the other program, or go through its address",
            Self::NotDurable { .. } => "set it back to its durable value; the record is not written otherwise",
            Self::Keys { .. } => {
                "put the keys folder of this record back; without it the record can be read but not continued"
            }
            Self::File { .. } => "check the path and the rights on it",
            Self::Place { .. } => "give a folder, a file, or postgres://user@localhost/database",
            Self::Project(_) => "run `croft audit verify`; a program of the version that wrote the event reads it",
            Self::BadEvent { .. } => "this is a mistake of the program: please report it",
            Self::Unsealable => "use the keys with which it was sealed",
            Self::Panicked => "try again; if it happens again, please report it",
            Self::Closed => "start the program again",
            Self::Format { .. } => "use the program version that made it, or a later one",
        }
    }
}
