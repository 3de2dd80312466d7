//! ARS: which analyses does a reporting event hold, and what did they find?
//!
//! The Analysis Results Standard describes analyses before and after they are run: who is analysed ([`AnalysisSet`]), which records ([`DataSubset`]), by which
//! groups ([`GroupingFactor`]), with which operations ([`AnalysisMethod`]), what came out ([`OperationResult`]), and the displays that show it ([`Output`]).
//! A [`ReportingEvent`] is one JSON document as plain data.
//!
//! ```text
//! ReportingEvent
//! ├ main_list_of_contents        outputs and analyses in the order of the report, nested
//! ├ analysis_sets, data_subsets, analysis_groupings ─ groups      where clauses
//! ├ methods ─ operations         what is computed, in words: the standard has no formal meaning for them
//! ├ analyses ─ results           set, subset, groupings, method by id; one result an operation and combination of groups
//! └ outputs ─ displays ─ sections
//! ```
//!
//! Reading refuses what is not as the standard's schema has it and names the place as a JSON path (`$.analyses[3].methodId`).
//! A member that the standard does not name is kept and written again; [`check()`] tells of it. An empty list and `null` say the same as an absent member and
//! are not written; that and the order of members within an object are all that is not kept.
//!
//! Lists of contents and compound clauses nest by value, so they cannot be circular, but a clause may refer to another one by id: [`check()`] follows those.
//!
//! Source: CDISC Analysis Results Standard v1.0 (2024), logical model `ars_ldm` and its JSON schema.

mod check;
mod json;
mod model;
mod place;

pub use check::check;
pub use model::*;
pub use place::ArsError;

use json::Part;
use place::At;
use serde_json::Value;

/// Reads a reporting event.
///
/// # Errors
/// When the bytes are no JSON, or a member is missing or of another type than the standard has it.
pub fn read(bytes: &[u8]) -> Result<ReportingEvent, ArsError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let document: Value = serde_json::from_slice(bytes).map_err(ArsError::Json)?;
    ReportingEvent::read(&document, &At::ROOT)
}

/// A reporting event as its JSON document.
pub fn to_json(event: &ReportingEvent) -> Value {
    event.write()
}

/// Writes a reporting event, indented by two.
pub fn write(event: &ReportingEvent) -> String {
    format!("{:#}\n", to_json(event))
}
