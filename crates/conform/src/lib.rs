//! Does a study keep to the standards?
//!
//! Rules are read from the published CDISC CORE form ([`rule`]), run over the datasets of a study ([`run`]) column by column
//! ([`mod@column`], [`frame`]), and give findings ([`finding`]) that say where, what and why.
//!
//! ```text
//! rule ─▶ scope: does it look at this dataset?
//!      ─▶ view: which table ─▶ join: what stands beside ─▶ operation: columns added
//!      ─▶ operator: which rows answer yes ─▶ finding
//! ```
//!
//! After an edit, [`memory`] answers for what the edit did not touch.
//!
//! Nothing here opens files or reads a clock.

pub mod column;
pub mod date;
mod define;
mod document;
pub mod each;
pub mod finding;
pub mod frame;
pub mod fuzz;
mod join;
pub mod memory;
mod metadata;
pub mod operation;
pub mod operator;
pub mod own;
pub mod pattern;
pub mod report;
pub mod rule;
pub mod run;
mod scope;
pub mod study;
pub mod submission;
pub mod value;
mod view;
