//! How does a study of another system come in: its definition, and what was recorded there?
//!
//! | from | definition | data |
//! |---|---|---|
//! | ODM 1.1 to 2.0 | [`odm::definition`] | [`data::plan`], [`data::run`] |
//! | ODM data without a definition | [`odm::infer`] | the same |
//! | REDCap's data dictionary | [`redcap::definition`] | |
//!
//! What has a place in the study's text is put there; what has none is listed as a [`Note`], and stands in the document that is kept under
//! `source/` beside the text, so that an export can put it back. Identifiers of the other system are kept in `oid`; names that SQL
//! can read are made from them by one rule (`name`), so that the same document always makes the same text.
//!
//! Where systems differ: ODM says when an item is *not* collected, REDCap and croft when it is; one is the other's negation. A group that stands on several
//! forms is one group in ODM and as many groups here, since a group is a table.

mod column;
pub mod data;
mod name;
mod note;
pub mod odm;
pub mod redcap;
mod settle;
mod text;

pub use note::{ImportError, Imported, Note};
