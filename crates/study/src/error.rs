//! What can be wrong with a study folder, where, and what to do next.

use std::path::PathBuf;

/// Why a study folder could not be read, built or traced.
#[derive(Debug, thiserror::Error)]
pub enum StudyError {
    /// A text of the study does not have the form it should.
    #[error(transparent)]
    Design(#[from] croft_design::DesignError),
    /// A study definition in USDM cannot be taken in or given out.
    #[error(transparent)]
    Protocol(#[from] crate::protocol::ProtocolError),
    /// A file or folder could not be read or written.
    #[error("{} cannot be {action}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// `read`, `written`, `listed` …
        action: &'static str,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A text file of the folder does not have the form it should.
    #[error("{file}: {message}")]
    Text {
        /// The file, relative to the study folder.
        file: String,
        /// What is wrong, with line or key.
        message: String,
        /// What to do next.
        hint: String,
    },
    /// A row of a data file does not fit.
    #[error("{file}, row {row}: {message}")]
    Row {
        /// The file, relative to the study folder.
        file: String,
        /// The row, counted from 1 after the header.
        row: usize,
        /// What is wrong.
        message: String,
        /// What to do next.
        hint: String,
    },
    /// A frozen file is not what was frozen.
    #[error("{file} is not the file that was frozen: its SHA-256 is {found}, the snapshot's manifest says {expected}")]
    Frozen {
        /// The file, relative to the study folder.
        file: String,
        /// Hash now.
        found: String,
        /// Hash when frozen.
        expected: String,
    },
    /// A data file stands in the folder, and the snapshot's manifest does not name it.
    #[error("{file} was never frozen: the snapshot's manifest does not name it")]
    NotFrozen {
        /// The file, relative to the study folder.
        file: String,
    },
    /// A statement of the study's SQL was refused or failed.
    #[error("{file}: {message}")]
    Sql {
        /// The statement's file, relative to the study folder.
        file: String,
        /// Every reason, one a line.
        message: String,
    },
    /// A step reads what no other step makes.
    #[error("{step} reads {missing}, and nothing makes it")]
    NoSource {
        /// The step's file.
        step: String,
        /// The table it asks for.
        missing: String,
    },
    /// Steps read each other in a circle.
    #[error("these steps read each other in a circle: {steps}")]
    Circle {
        /// Their names, in order.
        steps: String,
    },
    /// A method could not analyse what it was given.
    #[error("{file}: {message}")]
    Method {
        /// The analysis' file, relative to the study folder.
        file: String,
        /// What happened.
        message: String,
        /// What to do next.
        hint: String,
    },
    /// Something that was asked for by name is not there.
    #[error("there is no {what} `{name}`")]
    Unknown {
        /// `display`, `template`, `cell` …
        what: &'static str,
        /// The name asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// The folder that was named holds no study.
    #[error("{} is not a study folder: it has no study.toml", .0.display())]
    NotAStudy(PathBuf),
    /// A folder was to be written where a file is.
    #[error("{} is a file, not a folder", .0.display())]
    NotAFolder(PathBuf),
    /// The folder to be written exists already.
    #[error("{} exists and is not empty", .0.display())]
    NotEmpty(PathBuf),
}

impl StudyError {
    /// Whether the reader can mend it: all but what the system refused for a reason other than the path.
    pub fn is_misuse(&self) -> bool {
        use std::io::ErrorKind::{IsADirectory, NotADirectory, NotFound};
        match self {
            Self::File { source, .. } => matches!(source.kind(), NotFound | NotADirectory | IsADirectory),
            _ => true,
        }
    }

    /// What the reader of the message can do next.
    pub fn hint(&self) -> String {
        match self {
            Self::Design(error) => error.hint().to_owned(),
            Self::Protocol(error) => error.hint().to_owned(),
            Self::File { .. } => "check the path and the rights on it".to_owned(),
            Self::Text { hint, .. } | Self::Row { hint, .. } | Self::Method { hint, .. } => hint.clone(),
            Self::Frozen { file, .. } => format!(
                "put the frozen file back, or, where the change is meant, freeze again: croft freeze DIR --by NAME --at TIME --reason \"why {file} changed\""
            ),
            Self::NotFrozen { .. } => {
                "freeze it with the others: croft freeze DIR --by NAME --at TIME --reason WHY; or take it out of data/"
                    .to_owned()
            }
            Self::Sql { .. } => "change the statement as said; the functions are listed in docs/sql.md".to_owned(),
            Self::NoSource { .. } => {
                "check the table's name: item groups come from forms/, datasets from tabulate/, derive/ and data/"
                    .to_owned()
            }
            Self::Circle { .. } => "let one of them read what the other reads instead".to_owned(),
            Self::Unknown { known, .. } => format!("there are: {known}"),
            Self::NotAStudy(path) => format!("croft new TEMPLATE {} writes one", path.display()),
            Self::NotAFolder(_) | Self::NotEmpty(_) => "name a new or an empty folder".to_owned(),
        }
    }
}
