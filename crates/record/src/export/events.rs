//! How do a study's events leave, so that anybody can prove them?

use super::{ExportError, Extent, Files};
use crate::door::Reading;
use crate::refusal::Refusal;
use crate::study;
use croft_ledger::export_events;
use std::io::Write;

/// How the events of a file are verified without croft.
const VERIFY: &str = include_str!("verify.txt");

/// Writes `events.jsonl` and, beside it, `VERIFY.txt`: how the chain is proved without croft. Gives the number of events.
pub fn write_files(reading: &Reading<'_>, study: &str, files: &mut dyn Files) -> Result<u64, ExportError> {
    let written = write(reading, study, &mut *files.create("events.jsonl")?)?;
    let mut how = files.create("VERIFY.txt")?;
    how.write_all(VERIFY.as_bytes())?;
    how.flush()?;
    Ok(written)
}

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
