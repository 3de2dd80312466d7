//! What do the analyses of a reporting event find in these datasets?
//!
//! [`croft_cdisc::ars`] holds the model; here it is run ([`run()`]), compared with the results that a file brought ([`compare()`]), shown ([`html()`], [`text()`]), and a study folder
//! is written as one ([`export()`]).
//!
//! The standard says which records, groups and operations; it has no formal meaning for an operation. [`OPERATIONS`] is the table of those that croft
//! recognises by their names; an operation that is not in it is not run, and is told by name. [`format()`] is how a result is printed.
//!
//! ```text
//! analysis set, data subset, groups ── clause ──▶ rows of the analysis dataset, by combination of groups ── operation ──▶ raw value ── pattern ──▶ formatted value
//! ```
//! Nothing here opens a file but [`export()`], which reads a study folder.

mod clause;
mod comparison;
mod export;
mod needs;
mod operation;
mod partition;
mod pattern;
mod render;
mod run;
mod text;

pub use comparison::{Comparison, Difference, NotComputed, compare};
pub use export::{Exported, export};
pub use needs::needs;
pub use operation::{Computation, OPERATIONS, Recognised, Statistic, TESTS, Test, Unrecognised, recognise};
pub use pattern::format;
pub use render::{analyses_of, group_name};
pub use run::{Computed, Datasets, NotRun, Run, run};
pub use text::{csv, text};

/// Every output with its results as one page that needs no script, or the one of an id.
pub fn html(event: &croft_cdisc::ars::ReportingEvent, only: Option<&str>) -> String {
    croft_report::html::write(&render::document(event, only))
}
