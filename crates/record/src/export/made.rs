//! Who took what out of the record?

use super::Extent;
use crate::access::{Operation, Scope};
use crate::door::{Command, Work};
use crate::project::Failure;
use crate::refusal::Refusal;
use croft_ledger::{Event, State, View};
use serde::Serialize;

/// Records that an export was made. Whoever hands one out does this first.
#[derive(Clone, Debug)]
pub struct Made {
    /// What part.
    pub extent: Extent,
    /// `csv`, `odm 1.3.2`, `casebook of 101-001`.
    pub what: String,
    /// Rows, subjects, pages or events, whichever the kind counts.
    pub rows: u64,
    /// SHA-256 in hexadecimal: of the one file, or of the manifest of several.
    pub sha256: String,
}

#[derive(Serialize)]
struct Payload<'a> {
    study: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    site: Option<&'a str>,
    what: &'a str,
    rows: u64,
    sha256: &'a str,
}

impl Command for Made {
    type Done = u64;
    const OPERATION: Operation = Operation::Export;

    fn scope(&self, _view: &dyn View) -> Result<Scope, Refusal> {
        Ok(self.extent.scope())
    }

    fn run(self, work: &mut Work<'_, '_>) -> Result<u64, Refusal> {
        let Self { extent, what, rows, sha256 } = &self;
        let payload = Payload { study: &extent.study, site: extent.site.as_deref(), what, rows: *rows, sha256 };
        let chain = format!("{}:access", extent.study);
        Ok(work.append(&chain, "export", "export.made/1", &payload, "")?.seq)
    }
}

/// An export changes no state; false when the event is of another room.
pub(crate) fn project(event: &Event, _: &mut dyn State) -> Result<bool, Failure> {
    Ok(event.kind == "export.made/1")
}
