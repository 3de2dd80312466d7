//! How do a study's events leave, so that anybody can prove them?

use super::{ExportError, Extent};
use crate::door::Reading;
use crate::refusal::Refusal;
use crate::study;
use croft_ledger::export_events;
use std::io::Write;

/// How the events of a file are verified without croft.
pub const VERIFY: &str = include_str!("verify.txt");

/// Writes the events of a study, one JSON object a line; gives their number. A chain is whole or proves nothing: there are no events of one site.
pub fn write(reading: &Reading<'_>, study: &str, out: &mut dyn Write) -> Result<u64, ExportError> {
    study::study(reading.view, study)?;
    reading.may_leave_with_audit(&Extent::study(study))?;
    let written = export_events(reading.view, study, out).map_err(Refusal::from)?;
    out.flush()?;
    Ok(written)
}

/// Writes the study's access log in the same way: who looked at what, and who took what out.
pub fn write_access(reading: &Reading<'_>, study: &str, out: &mut dyn Write) -> Result<u64, ExportError> {
    study::study(reading.view, study)?;
    reading.may_leave_with_audit(&Extent::study(study))?;
    let written = export_events(reading.view, &format!("{study}:access"), out).map_err(Refusal::from)?;
    out.flush()?;
    Ok(written)
}
