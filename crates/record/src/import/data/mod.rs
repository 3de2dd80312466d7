//! What was recorded elsewhere, as saves of forms here.
//!
//! A document's clinical data are planned first ([`plan`]: nothing is written, every place that the definition does not have is told with its line) and then
//! recorded ([`run`]). The order is the document's, which of a transactional document is the order of what happened; each save bears the original facts
//! in its reason, as `imported: U01 2010-07-26T14:19:37: Data Entry Error (82750)`: user, time, reason for change, source's number.
//!
//! ```text
//! SubjectData                  enrolment, at the site that is named or the one that is given
//! SubjectData Remove           withdrawal: nothing is deleted
//! FormData, ItemData           a save: values verbatim, empty ones clear what stood
//! ItemData Remove, IsNull      a save that clears the value; what stood stays in the history
//! ItemGroupData Remove         the row is voided
//! FormData, StudyEventData Remove   every row of it is voided
//! ItemData without a value     nothing: it carries what vendors say of the item
//! an item that is computed here     not saved, but compared; where they differ a query keeps the other system's value
//! ```
//! Repeat keys become numbers: `3` is 3, `VISIT[2]` is 2; any other key gets the next free number of its place, in the order of the document.
//! An audit record covers what is below it unless that has its own.

mod audit;
mod key;
mod plan;
mod run;

pub(super) use key::number_in;
pub use plan::{Act, Computed, Plan, SiteSeen, Step, plan, units};
pub use run::{Different, Report, run};

/// What the document does not say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The study here.
    pub study: String,
    /// The site of subjects for whom the document names none.
    pub site: String,
    /// The country of sites that are opened, ISO 3166-1 alpha-3.
    pub country: String,
    /// What stands as the reason of values without an audit record: the file's name.
    pub source: String,
}
