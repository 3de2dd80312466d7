//! How are Dataset-JSON files read and written?
//!
//! Dataset-JSON 1.1 (CDISC, 2024) holds one dataset a file: an object with metadata, `columns` and `rows`; as NDJSON the metadata on
//! the first line and a row a line; as DSJC a compressed NDJSON. Rows are read into a [`Dataset`](croft_core::Dataset); what a dataset does not hold (identifiers,
//! origin, vendor extensions) stands beside it in [`Meta`] and is written back.
//!
//! How values map
//! | column | in the file | in the dataset |
//! |---|---|---|
//! | string, URI; date, time, datetime | text, `""`, null | Char; empty and null stay apart |
//! | integer, float, double | number, null | Num |
//! | date, time, datetime with target `integer` | ISO 8601 text | Num: days or seconds since 1960 |
//! | decimal | text such as `"1.300"` | Char, digit for digit |
//! | boolean | true, false | Num: 1, 0 |
//!
//! Numbers are written with the fewest digits that read back to the same double, whole numbers without a point.
//!
//! Where packages differ
//! - DSJC: the specification says a bare zlib stream; all published examples are gzip. Both are read ([`Packing`] tells which), zlib is written.
//! - Some tools round small numbers (below about 5e-7 to zero) or print 15 digits; here reading and writing are exact.
//! - CDISC's own examples hold decimals in columns declared `integer`, and text in one: the values are kept, and a finding says so.
//! - A numeric date with a fraction or outside years 0 to 9999 has no ISO date: then the column is written as numbers, with a finding.
//! - The letter of a special missing number (`.A`) cannot be written: null, with a finding.
//!
//! Source: CDISC Dataset-JSON v1.1, Dataset-NDJSON v1.1, Compressed Dataset-JSON v1.1 (2025-12-11).

mod cells;
mod meta;
mod read;
mod write;

pub use meta::{ColumnMeta, JsonType, Meta, TargetType};
pub use read::{Document, read_dsjc, read_json, read_ndjson};
pub use write::{write_dsjc, write_json, write_ndjson};

/// How a DSJC file was packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// As the specification says.
    Zlib,
    /// As all published examples are.
    Gzip,
}

/// Why a Dataset-JSON file cannot be read or written. Rows count from 1.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum JsonError {
    #[error("the file is empty")]
    Empty,
    #[error("line {line}, column {column}: {message}")]
    Syntax { line: usize, column: usize, message: String },
    #[error("line {line} is not UTF-8 text")]
    NotUtf8 { line: usize },
    #[error("line {line} is longer than 64 MiB")]
    LineTooLong { line: usize },
    #[error("the metadata lack `{attribute}`")]
    Lacks { attribute: &'static str },
    #[error("column {name}: there is no data type `{found}`")]
    DataType { name: String, found: String },
    #[error("row {row} has {found} values, but there are {expected} columns")]
    RowLength { row: usize, found: usize, expected: usize },
    #[error("row {row}, column {column}: {message}")]
    Cell { row: usize, column: String, message: String },
    #[error("the compressed data cannot be unpacked")]
    Packed { source: std::io::Error },
    #[error("this is neither a zlib nor a gzip stream")]
    NotPacked,
    #[error("reading failed")]
    Read { source: std::io::Error },
    #[error("writing failed")]
    Write { source: std::io::Error },
}

impl JsonError {
    /// What the reader can do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Empty => "get the file again from its source",
            Self::Syntax { .. } => "the file is cut short or was edited by hand: get it again, or mend the place named",
            Self::NotUtf8 { .. } => "Dataset-JSON is always UTF-8: convert the file, or write it again from its source",
            Self::LineTooLong { .. } => "a row is never so long: get the file again from its source",
            Self::Lacks { .. } => "Dataset-JSON 1.1 requires it; files of version 1.0 nest datasets and are not read",
            Self::DataType { .. } => {
                "use string, integer, decimal, float, double, boolean, datetime, date, time or URI"
            }
            Self::RowLength { .. } | Self::Cell { .. } => "mend the row, or the column's data type",
            Self::Packed { .. } => "the transfer was cut short: get the file again",
            Self::NotPacked => "if the file is plain text, call it .ndjson",
            Self::Read { .. } | Self::Write { .. } => "check the disk and the permissions",
        }
    }
}
