//! REDCap: what does a project's data dictionary define?
//!
//! A project leaves REDCap as comma-separated text: the data dictionary (one row a field, 18 columns), its arms, events, which form belongs to which event, its
//! repeating forms, and its data quality rules. [`Dictionary`] reads and writes the first, cell by cell equal; [`events`] the others. Branching logic, calculations
//! and rules are in a language of their own, which [`logic`] turns into the study's SQL.
//!
//! | column | accessor |
//! |---|---|
//! | Field Type | [`Field::kind`] |
//! | Choices, Calculations, OR Slider Labels | [`Field::choices`], [`Field::calculation`], [`Field::slider_labels`] |
//! | Text Validation Type, Min, Max | [`Field::validation`], [`Field::value_kind`] |
//! | Identifier?, Required Field? | [`Field::is_identifier`], [`Field::is_required`] |
//! | Field Annotation | [`Field::action_tags`] |
//!
//! In data a checkbox is one column for each choice, `name___code`; a form's state is in `form_complete` (0 incomplete, 1 unverified, 2 complete).
//! Branching logic says when a field is shown; ODM's condition says when it is not collected: one is the other's negation.

mod dictionary;
pub mod events;
mod field;
pub mod logic;
mod table;

pub use dictionary::{Dictionary, check};
pub use field::{ActionTag, Choice, Field, FieldKind, Validation};
pub use table::RedcapError;
