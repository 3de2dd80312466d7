//! How does what is recorded leave the record, for others to read and keep?
//!
//! Each export is a function of one consistent state: it reads through a [`Reading`], writes to whatever the caller opened, and gives the
//! same bytes for the same state. What does not fit in memory is written subject by subject. Times in files are those of events; the only
//! other time is that of the newest event, so that the clock is in no file.
//!
//! | file | room |
//! |---|---|
//! | CSV, a file an item group | [`csv`] |
//! | XLSX, Dataset-JSON | [`dataset`] |
//! | values, changes, queries, marks, signatures as CSV | [`history`] |
//! | ODM 1.3.2 and 2.0, with audit records where they are asked for | [`odm`] |
//! | events as JSON lines | [`events`] |
//!
//! **Who may.** Every export asks [`Operation::Export`] for the study, or for the one site that leaves; what shows who did what asks
//! [`Operation::AuditRead`] too. Values that identify a person leave in none of these. An export that was handed out is recorded in the study's access log ([`Made`]): what, how many rows, and its SHA-256.

pub mod csv;
pub mod dataset;
pub mod events;
pub mod files;
pub mod history;
mod made;
pub mod odm;
mod rows;
mod time;
mod who;

pub use files::{Files, Folded, Hashed};
pub use made::Made;
pub(crate) use made::project;
pub use rows::{GroupTable, tables};
pub use time::{rfc3339, stamp};

use crate::Caller;
use crate::access::{Operation, Scope};
use crate::door::{Reading, Record};
use crate::refusal::Refusal;
use croft_cdisc::dataset_json::JsonError;
use croft_cdisc::odm::{StreamError, WriteError};
use croft_cdisc::xlsx::XlsxError;
use croft_ledger::Event;
use serde::de::DeserializeOwned;

/// What part of the record leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extent {
    /// The study.
    pub study: String,
    /// Only this site.
    pub site: Option<String>,
}

impl Extent {
    /// A whole study.
    pub fn study(id: &str) -> Self {
        Self { study: id.to_owned(), site: None }
    }

    /// One site of a study.
    pub fn site(study: &str, site: &str) -> Self {
        Self { study: study.to_owned(), site: Some(site.to_owned()) }
    }

    /// Where rights are asked.
    pub(crate) fn scope(&self) -> Scope {
        match &self.site {
            Some(site) => Scope::site(&self.study, site),
            None => Scope::study(&self.study),
        }
    }
}

/// Why an export was not made.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum ExportError {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("the export cannot be written")]
    Write(#[from] std::io::Error),
    #[error("group {group} cannot be written as Dataset-JSON")]
    DatasetJson { group: String, source: JsonError },
    #[error("the study cannot be written as a workbook")]
    Xlsx(#[from] XlsxError),
    #[error("the study cannot be written as ODM")]
    Odm(#[from] WriteError),
}

impl ExportError {
    /// What to do next.
    pub fn hint(&self) -> String {
        match self {
            Self::Refused(refusal) => refusal.hint(),
            Self::Write(_) => "check the disk and the permissions".to_owned(),
            Self::DatasetJson { source, .. } => source.hint().to_owned(),
            Self::Odm(source) => source.hint().to_owned(),
            Self::Xlsx(_) => "export CSV instead: it has no such limit".to_owned(),
        }
    }
}

impl From<StreamError> for ExportError {
    fn from(error: StreamError) -> Self {
        match error {
            StreamError::Content(source) => Self::Odm(source),
            StreamError::Output(source) => Self::Write(source),
        }
    }
}

impl Record {
    /// Looks at one consistent state to export it.
    pub fn export<T>(
        &self,
        caller: &Caller,
        look: impl FnOnce(&Reading<'_>) -> Result<T, ExportError>,
    ) -> Result<T, ExportError> {
        self.view(caller, |reading| Ok(look(reading)))?
    }
}

impl Reading<'_> {
    /// Asks whether this part may leave.
    pub(crate) fn may_leave(&self, extent: &Extent) -> Result<(), Refusal> {
        self.allow(Operation::Export, &extent.scope()).map(drop)
    }

    /// Asks whether this part may leave with who did what.
    pub(crate) fn may_leave_with_audit(&self, extent: &Extent) -> Result<(), Refusal> {
        self.may_leave(extent)?;
        self.allow(Operation::AuditRead, &extent.scope()).map(drop)
    }
}

/// What an event says.
fn payload<T: DeserializeOwned>(event: &Event) -> Result<T, Refusal> {
    serde_json::from_str(&event.payload)
        .map_err(|e| Refusal::Damaged(format!("event {} of {}: {e}", event.seq, event.chain)))
}
