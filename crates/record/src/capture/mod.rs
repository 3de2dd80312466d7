//! What is recorded of a subject, and how does it come in?
//!
//! A value stands at ODM's address: study, subject, visit and repeat, form and repeat, item group and row, item. Kept are the text
//! as it was entered, the normalised value, the unit, or why the value is missing. One save of one form is one event that lists its
//! changes with what stood before. Nothing is deleted: a value that is taken back, or a row that is voided, keeps its history.
//!
//! | room | question |
//! |---|---|
//! | [`state`] | what stands in a form, and how far is it? |
//! | [`enrol`] | how does a subject come in, and leave? |
//! | [`save`] | how do typed values become recorded ones? |
//! | `rows` | what do checks see of a subject? |
//! | [`draft`] | what did somebody type and not yet save? |
//! | [`read`] | what do people see: matrix, subject, form, history |

mod ask;
pub mod draft;
pub mod enrol;
mod project;
pub mod read;
mod rows;
pub mod save;
pub mod state;
pub mod trail;
pub mod visit;

pub use draft::{Draft, Drafted, KeepDraft};
pub use enrol::{Enrol, Withdraw};
pub use project::{Before, Change, FormSaved, Voided};
pub(crate) use project::{VisitAdded, change_form, project};
pub(crate) use rows::Forms;
pub(crate) use save::local_day;
pub use save::{Entered, Save, Saved, VoidRow};
pub use state::{
    Accepted, Counts, FormState, ItemState, Place, QueryMark, RowState, Subject, SubjectStatus, VisitSummary,
};
pub use visit::AddVisit;
