//! The words that every part of croft shares.
//!
//! Datasets with the semantics of the trade ([`Dataset`]), why a value is absent
//! ([`Missing`]), analysis results ([`AnalysisResult`]) and findings about data ([`Finding`]).
//! This crate knows no other crate of croft, does no I/O and reads no clock.

pub mod dataset;
pub mod finding;
pub mod missing;
pub mod result;

pub use dataset::{Cell, Column, DataType, Dataset, Kind, NumColumn, TextColumn, Variable};
pub use finding::{Finding, Severity};
pub use missing::Missing;
pub use result::{AnalysisResult, Group, RowSet, StatValue};
