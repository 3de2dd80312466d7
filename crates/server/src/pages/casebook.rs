//! A subject's casebook, to be read and kept: a PDF with all changes, or without them for whoever may not read the audit trail.

use crate::app::{App, blocking};
use crate::context::Signed;
use crate::nav::segment;
use crate::problem::Problem;
use axum::Router;
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use croft_casebook::{CasebookError, Options, completed};
use croft_record::access::{Operation, Scope};
use croft_record::export::{ExportError, Extent, Made};
use croft_record::{Caller, Record};
use sha2::{Digest, Sha256};

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/studies/{study}/subjects/{subject}/casebook.pdf", get(show))
}

async fn show(c: Signed, Path((study, subject)): Path<(String, String)>) -> Result<Response, Problem> {
    let (record, caller) = (c.app.record().clone(), c.caller());
    let disposition = format!("inline; filename=\"{}-{}.pdf\"", segment(&study), segment(&subject));
    let bytes = blocking(move || make(&record, &caller, &study, &subject)).await?;
    Ok(([(header::CONTENT_TYPE, "application/pdf".to_owned()), (header::CONTENT_DISPOSITION, disposition)], bytes)
        .into_response())
}

/// The casebook; noted before it is handed out.
fn make(record: &Record, caller: &Caller, study: &str, subject: &str) -> Result<Vec<u8>, Problem> {
    let (site, bytes) = record.view(caller, |reading| {
        let (found, _) = reading.leaving_subject(study, subject)?;
        let audit = reading.may(Operation::AuditRead, &Scope::site(study, &found.site));
        Ok((found.site, completed(reading, study, subject, Options { audit, ..Options::default() })))
    })?;
    let bytes = bytes.map_err(problem)?;
    let sha256 = data_encoding::HEXLOWER.encode(&Sha256::digest(&bytes));
    let what = format!("casebook of {subject}");
    record.execute(caller, Made { extent: Extent::site(study, &site), what, rows: 1, sha256 })?;
    Ok(bytes)
}

pub(crate) fn problem(error: CasebookError) -> Problem {
    match error {
        CasebookError::Export(ExportError::Refused(refusal)) => Problem::from(refusal),
        other => Problem::internal(other),
    }
}
