//! The words that every part of croft shares.
//!
//! Datasets with the semantics of the trade ([`Dataset`]), why a value is absent ([`Missing`]), partial dates
//! ([`date`]), rounding for display ([`round`](mod@round)), units ([`unit`](mod@unit)),
//! identifiers ([`id`]), analysis results ([`AnalysisResult`]),
//! findings about data ([`Finding`]), hashes and manifests ([`manifest`]).
//! This crate knows no other crate of croft, does no I/O and reads no clock.

pub mod dataset;
pub mod date;
pub mod finding;
pub mod fuzz;
pub mod id;
pub mod json;
pub mod manifest;
pub mod missing;
pub mod result;
pub mod round;
pub mod unit;

pub use dataset::{Cell, Column, DataType, Dataset, Kind, NumColumn, TextColumn, Variable};
pub use date::PartialDate;
pub use finding::{Finding, Severity};
pub use id::{SiteId, StudyId, SubjectId};
pub use manifest::Manifest;
pub use missing::Missing;
pub use result::{AnalysisResult, Group, RowSet, StatValue};
pub use round::Rounding;
pub use unit::{Quantity, Unit};
