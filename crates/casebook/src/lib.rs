//! What do people keep of the record, to be read without croft?
//!
//! | file | for whom |
//! |---|---|
//! | [`blank`]: the blank casebook of a definition version | who plans, reviews or annotates |
//! | [`completed`]: a subject's casebook, with every change, query and signature | investigator, monitor, inspector |
//! | [`site_copy`]: all of one site | the investigator, who keeps it (ICH E6(R3) 2.12.6, 4.2) |
//! | [`inspection_copy`]: all of a study | the inspector, the archive |
//!
//! Each is a function of one consistent state: the same state gives the same bytes, and no clock is in any file. The newest event of the study,
//! with its time and hash, says which state it was. Values that identify a person leave in none of them: where one is recorded, the file says so.
//!
//! **Who may.** [`Operation::Export`](croft_record::access::Operation::Export) for the site or study that leaves; where changes are told,
//! [`Operation::AuditRead`](croft_record::access::Operation::AuditRead) too. Whoever hands one out notes it with
//! [`Made`](croft_record::export::Made), as for every export.

mod answer;
mod blank;
mod book;
mod completed;
mod copy;
mod filled;
mod told;
mod writing;

pub use blank::{blank, blanks};
pub use completed::{Options, casebooks, casebooks_of, completed};
pub use copy::{inspection_copy, site_copy};

use croft_record::Refusal;
use croft_record::export::ExportError;
use croft_report::pdf::PdfError;

/// Why a copy was not made.
#[derive(Debug, thiserror::Error)]
pub enum CasebookError {
    /// The record refused, or a file could not be written.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// A document could not be set.
    #[error("{document} cannot be written")]
    Pdf {
        /// Which: `the casebook of 101-001`.
        document: String,
        /// Why not.
        source: PdfError,
    },
}

impl CasebookError {
    /// What to do next.
    pub fn hint(&self) -> String {
        match self {
            Self::Export(error) => error.hint(),
            Self::Pdf { source, .. } => source.hint().to_owned(),
        }
    }
}

impl From<Refusal> for CasebookError {
    fn from(refusal: Refusal) -> Self {
        Self::Export(ExportError::Refused(refusal))
    }
}

impl From<std::io::Error> for CasebookError {
    fn from(error: std::io::Error) -> Self {
        Self::Export(ExportError::Write(error))
    }
}
