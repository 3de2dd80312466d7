//! How does what is recorded become SDTM without a statement written by hand?
//!
//! | room | question |
//! |---|---|
//! | [`dictionary`] | what do the guide and its terminology say of a domain, a variable, a test, a term? |
//! | [`target`] | what does an annotation of an item say? |
//! | `cdash` | what does an item's name say? |
//! | [`mapping`] | where does each item of the forms go, or why nowhere? A plain table |
//! | [`records`] | which records of which domain does each item group give? |
//! | `express` | how does an item's value become a variable's? |
//! | `write` | how is the statement of a domain written? |
//! | [`defaults`] | which datasets has a study by default? |
//! | [`annotated`] | which variable does each field of the forms become? A document |
//! | [`coverage`] | is every recorded item in a dataset, and every required variable filled? |
//!
//! All of it is a function of `study.toml` and the forms. Sources: CDISC SDTMIG or SENDIG (the version that the study names) and SDTM, CDASHIG 2.x for
//! the names of items, and CDISC Controlled Terminology by NCI EVS.

pub mod annotated;
mod cdash;
pub mod coverage;
pub mod defaults;
pub mod dictionary;
mod express;
pub mod mapping;
pub mod records;
pub mod target;
mod write;

pub use mapping::{Fate, ItemMapping, Mapping};
pub use target::Target;
