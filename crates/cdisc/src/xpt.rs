//! How are SAS transport files read and written?
//!
//! Version 5 (SAS technical note TS-140) is what regulators take: names of 8 characters, labels of 40, texts of 200 bytes.
//! Version 8 has names of 32 and labels of 256. Both hold IBM doubles  and texts padded with blanks in observations of
//! fixed length, in one or more members. [`Reader`] goes over the file once in bounded memory, row by row; [`read`] gathers
//! datasets; [`write()`] writes one.
//!
//! Conventions
//! - A text's trailing blanks are padding: transport files cannot tell `""` from null or `"a "` from `"a"`. Leading blanks stay.
//! - The last record is padded with blanks. When observations are shorter than 80 bytes, the padding may look like observations of
//!   blanks: blank observations that lie wholly within the last record's last 79 bytes are taken for padding. Version 8 counts its observations,
//!   so there nothing is ambiguous. The writer warns (`XPT-BLANK-ROW`) when a version 5 reader will lose rows to this.
//! - No clock: created and modified stamps are inputs ([`WriteOptions`]).
//! - A file that was read and is written with [`WriteOptions::like`] has the same bytes, stamps and names of systems included, where its variables stand
//!   in the order of their positions and its headers are padded evenly. What differs then: numbers of more than 53 bits (they are rounded), and bytes behind a
//!   name's padding. Of 137 published files of eight writers 136 come back byte for byte; in one, 6 numbers lose their 56th bit.
//!
//! Where packages differ: ReadStat drops every blank row at the end and repeats the format as informat; haven and pyreadstat stop
//! at text that is not UTF-8 without naming the cell; here the error names dataset, row and variable, and an encoding can be named.

mod format;
pub(crate) mod ibm;
mod layout;
mod read;
mod source;
mod text;
mod write;

pub use layout::Filler;
pub use read::{Contents, Member, ReadOptions, Reader, Row, read};
pub use write::{WriteOptions, check, write};

use croft_core::Finding;
use std::fmt;

/// The layout of a transport file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Version {
    /// Names of 8 bytes, labels of 40: what regulators take.
    #[default]
    V5,
    /// Names of 32 bytes, labels of 256, counted observations.
    V8,
}

/// When something was made, as SAS writes it: `02JAN24:13:05:00`. Kept byte by byte, since files hold all sorts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp(pub(crate) [u8; 16]);

impl Stamp {
    /// 1 January 1960, midnight: the zero of SAS dates, used when nothing is given.
    pub const ZERO: Self = Self(*b"01JAN60:00:00:00");

    /// A date and time; `None` when a field is out of range. The year keeps its last two digits, as the format has it.
    pub fn new(year: u16, month: u8, day: u8, hour: u8, minute: u8, second: u8) -> Option<Self> {
        const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
        let name = MONTHS.get(usize::from(month).checked_sub(1)?)?;
        if !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        let text = format!("{day:02}{name}{:02}:{hour:02}:{minute:02}:{second:02}", year % 100);
        text.into_bytes().try_into().ok().map(Self)
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(String::from_utf8_lossy(&self.0).trim_end())
    }
}

/// Who wrote the library and when: bytes as they stand, to be written back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Program version, `9.4`.
    pub sas_version: [u8; 8],
    /// Operating system, `Linux`.
    pub os: [u8; 8],
    /// Created.
    pub created: Stamp,
    /// Last modified.
    pub modified: Stamp,
}

/// A dataset as read, with what the dataset itself does not hold.
#[derive(Clone, Debug)]
pub struct Read {
    /// The data.
    pub dataset: croft_core::Dataset,
    /// Type, stamps and layout of its member.
    pub member: Member,
    /// What is remarkable about it.
    pub findings: Vec<Finding>,
}

/// Why a transport file cannot be read or written. Rows count from 1, offsets from 0.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum XptError {
    #[error("the file is empty")]
    Empty,
    #[error("this is a SAS CPORT file, not a transport file of the XPORT engine")]
    Cport,
    #[error("this is not a SAS transport file: it does not begin with a library header record")]
    NotTransport,
    #[error("the file ends at byte {offset}, within {what}")]
    Truncated { offset: u64, what: String },
    #[error("the header at byte {offset} is damaged: {what}")]
    Damaged { offset: u64, what: &'static str },
    #[error(
        "dataset {dataset}, row {row}, variable {variable}: the text is not {charset} (byte 0x{byte:02X} at {offset})"
    )]
    Undecodable { dataset: String, row: u64, variable: String, charset: String, byte: u8, offset: u64 },
    #[error("the {what} at byte {offset} is not {charset}")]
    UndecodableName { what: &'static str, offset: u64, charset: String },
    #[error(
        "dataset {dataset}, row {row}, variable {variable}: {value:e} is too large for a transport file (limit 7.2e75)"
    )]
    TooLarge { dataset: String, row: usize, variable: String, value: f64 },
    #[error(
        "dataset {dataset}, row {row}, variable {variable}: {value:e} is too near zero for a transport file (limit 5.4e-79)"
    )]
    TooSmall { dataset: String, row: usize, variable: String, value: f64 },
    #[error("dataset {dataset}, row {row}, variable {variable}: {value} does not fit {length} bytes without loss")]
    TooPrecise { dataset: String, row: usize, variable: String, value: f64, length: usize },
    #[error(
        "dataset {dataset}, row {row}, variable {variable}: a text of {bytes} bytes is longer than the variable's {length}"
    )]
    TextTooLong { dataset: String, row: usize, variable: String, bytes: usize, length: usize },
    #[error("dataset {dataset}, row {row}, variable {variable}: the text has a character that {charset} lacks")]
    Unencodable { dataset: String, row: usize, variable: String, charset: String },
    #[error("{what} `{name}` cannot be written to version {version} transport: {rule}")]
    Limit { what: &'static str, name: String, version: u8, rule: String },
    #[error("reading failed at byte {offset}")]
    Read { offset: u64, source: std::io::Error },
    #[error("writing failed")]
    Write { source: std::io::Error },
}

impl XptError {
    /// What the reader can do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Empty => "get the file again from its source: a transport file holds at least 880 bytes",
            Self::Cport => "export it in SAS with `libname out xport 'file.xpt'` and PROC COPY, not PROC CPORT",
            Self::NotTransport => "check what the file is; croft reads xpt, json, ndjson, dsjc, csv and xlsx",
            Self::Truncated { .. } => "the transfer was cut short: get the file again and compare its size",
            Self::Damaged { .. } => {
                "the transfer may have changed bytes (text mode): get the file again in binary mode"
            }
            Self::Undecodable { .. } | Self::UndecodableName { .. } => {
                "name the file's encoding, for example `--encoding windows-1252`"
            }
            Self::TooLarge { .. } | Self::TooSmall { .. } => {
                "give the number in another unit, or write Dataset-JSON, which holds it"
            }
            Self::TooPrecise { .. } => "give the variable a length of 8",
            Self::TextTooLong { .. } => "give the variable a length that holds its longest text",
            Self::Unencodable { .. } => "write UTF-8, or replace the character",
            Self::Limit { .. } => "rename or shorten it, or write version 8 (`--version 8`)",
            Self::Read { .. } | Self::Write { .. } => "check the disk and the permissions",
        }
    }
}
