//! What an import tells: what came in, what has no place, why it was refused.

use crate::definition::{Files, Problem};
use serde::Serialize;

/// Something that the reader should know of what was read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Note {
    /// The line of the file; 0: not of one place.
    pub line: u32,
    /// The identifier of what it is about, as the file has it.
    pub oid: String,
    /// What is so.
    pub message: String,
    /// What can be done; empty: nothing needs to be.
    pub hint: String,
}

impl Note {
    /// About one place.
    pub(super) fn new(line: u32, oid: &str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { line, oid: oid.to_owned(), message: message.into(), hint: hint.into() }
    }
}

/// A definition that came in.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// The study's text, and under `source/` what it was made from.
    pub files: Files,
    /// What has no place, or another than it had, in the order of the file.
    pub notes: Vec<Note>,
}

/// Why a file could not be taken over at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// The document has data, or nothing, but no definition.
    #[error("the document defines no study: {found}")]
    NoDefinition {
        /// What it has.
        found: &'static str,
    },
    /// It has several, or none of the name that was asked for.
    #[error("the document has no version `{asked}` of a definition; it has {found}")]
    NoVersion {
        /// As asked.
        asked: String,
        /// The versions that there are.
        found: String,
    },
    /// Two definitions of one identifier: what refers to it could mean either.
    #[error("line {line}: {what} {oid} is defined twice")]
    Twice {
        /// The second one's line.
        line: u32,
        /// Its element.
        what: &'static str,
        /// The identifier.
        oid: String,
    },
    /// It begins from a version that stands elsewhere.
    #[error("line {line}: the version begins from version {version} of study {study}, which is not in the document")]
    Elsewhere {
        /// Where it says so.
        line: u32,
        /// The study.
        study: String,
        /// The version.
        version: String,
    },
    /// Groups that hold each other.
    #[error("line {line}: item group {oid} holds itself, through others")]
    Endless {
        /// Where.
        line: u32,
        /// The group.
        oid: String,
    },
    /// More groups than a study can have, by groups within groups.
    #[error("the definition has more than {limit} item groups once each stands on its forms")]
    TooMany {
        /// The limit.
        limit: usize,
    },
    /// No study identifier.
    #[error("`{id}` is no study identifier")]
    Study {
        /// As given.
        id: String,
    },
    /// A dictionary that defines nothing, or the same field twice.
    #[error("line {line}: {message}")]
    Dictionary {
        /// Where.
        line: u64,
        /// What is wrong.
        message: String,
    },
    /// The text that was made is not a sound definition.
    #[error("the definition that it makes is not sound: {}", first(.0))]
    Unsound(Vec<Problem>),
    /// The text could not be written.
    #[error("the study's text cannot be written: {0}")]
    Text(String),
}

fn first(problems: &[Problem]) -> String {
    match problems {
        [] => "nobody knows why".to_owned(),
        [one] => one.to_string(),
        [one, rest @ ..] => format!("{one} (and {} more)", rest.len()),
    }
}

impl ImportError {
    /// What to do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoDefinition { .. } => {
                "import the definition first, or let one be inferred from the data (all values as text, no checks)"
            }
            Self::NoVersion { .. } => "name one of the versions",
            Self::Twice { .. } | Self::Endless { .. } | Self::Dictionary { .. } => {
                "correct it where the file comes from, or in the file"
            }
            Self::Elsewhere { .. } => "export the definition as one document",
            Self::TooMany { .. } => "export fewer forms at a time",
            Self::Study { .. } => "use letters, digits and hyphens, such as CRB101",
            Self::Unsound(_) => {
                "correct the definition where it comes from; the place is in the text that was made from it"
            }
            Self::Text(_) => "remove what cannot be written from the definition where it comes from",
        }
    }
}
