//! The study folder and its road.
//!
//! **A study is a folder; a submission is a function of it.** The rooms, in the order of the road:
//!
//! | room | question |
//! |---|---|
//! | [`definition`], [`forms`] | what is this study, and what is recorded in it? |
//! | [`snapshot`], [`freeze`] | what was recorded, as frozen at the lock? |
//! | [`codes`] | which treatment codes does a build see: none, dummies, the true ones? |
//! | [`tables`] | which datasets came from outside, which tables do people keep? |
//! | [`tabulation`] | where does what is recorded go in SDTM, without a statement written by hand? |
//! | [`sources`], [`cache`] | what is a build a function of, and what of it is stale? |
//! | [`statement`], `datasets`, `nca_step` | tabulate and derive: datasets by SQL, or by a method |
//! | [`analyse`] | results from datasets |
//! | [`ars`] | reporting events of the Analysis Results Standard: run, compared, shown |
//! | [`protocol`] | study definitions of others in and out; the schedule of activities; a protocol document |
//! | [`road`] | build, verify, status: all of it in order, to a package |
//! | [`conformance`] | do the datasets of the package keep to the standards? |
//! | [`trace`] | from a number of a display back to who recorded what, and when |
//! | [`template`], [`simulate`] | what a new study begins with |
//!
//! Everything computed is a pure function of the folder and the program's version; only [`sources`], [`cache`],
//! [`template`] and [`road`] touch files. This crate knows the snapshot's form, not the server that records.

pub mod analyse;
pub mod ars;
pub mod cache;
pub mod codes;
pub mod conformance;
mod datasets;
mod describe;
mod display;
mod document;
pub mod error;
pub mod freeze;
pub mod fuzz;
mod lock_time;
mod nca_step;
mod package;
pub mod protocol;
pub mod road;
pub mod simulate;
pub mod sources;
pub mod statement;
pub mod tables;
pub mod tabulation;
pub mod template;
pub mod trace;
pub mod verdict;
pub mod world;

pub use cache::StepReport;
pub use croft_design::{definition, forms, snapshot};
pub use error::StudyError;
pub use freeze::{Freeze, FromRecord};
