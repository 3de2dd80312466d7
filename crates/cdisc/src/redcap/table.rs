//! Tables with named columns, and why one cannot be read.

/// Why a file of REDCap cannot be read or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RedcapError {
    /// Not UTF-8.
    #[error("line {line} is not UTF-8 text")]
    NotUtf8 {
        /// The line.
        line: u64,
    },
    /// Nothing in it.
    #[error("the file is empty")]
    Empty,
    /// A needed column is not there.
    #[error("there is no column `{column}`; the first line has {found}")]
    NoColumn {
        /// The column.
        column: &'static str,
        /// What there is.
        found: String,
    },
    /// A column that such a file does not have.
    #[error("the column `{column}` is not one of such a file")]
    UnknownColumn {
        /// The column.
        column: String,
    },
    /// The same column twice.
    #[error("two columns are called `{column}`")]
    DuplicateColumn {
        /// The column.
        column: String,
    },
    /// A row with more or fewer cells.
    #[error("line {line} has {found} cells, the first line has {expected}")]
    Cells {
        /// The line.
        line: u64,
        /// Cells there.
        found: usize,
        /// Cells in the first line.
        expected: usize,
    },
    /// Not delimited text.
    #[error("line {line} cannot be read: {what}")]
    Malformed {
        /// The line.
        line: u64,
        /// What is wrong.
        what: String,
    },
}

impl RedcapError {
    /// What to do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NotUtf8 { .. } => {
                "export it from REDCap again; a spreadsheet program saves it as UTF-8 under \"CSV UTF-8\""
            }
            Self::Empty | Self::Cells { .. } | Self::Malformed { .. } => "export it from REDCap again",
            Self::NoColumn { .. } | Self::UnknownColumn { .. } | Self::DuplicateColumn { .. } => {
                "keep the first line as REDCap writes it"
            }
        }
    }
}

/// A table as it stands: names, and rows with the line that each begins on.
pub(super) struct Table {
    pub(super) names: Vec<String>,
    pub(super) rows: Vec<(u64, Vec<String>)>,
}

impl Table {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, RedcapError> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        if let Err(error) = std::str::from_utf8(bytes) {
            let line = bytes[..error.valid_up_to()].iter().filter(|b| **b == b'\n').count() as u64 + 1;
            return Err(RedcapError::NotUtf8 { line });
        }
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
        let names: Vec<String> = reader.headers().map_err(malformed)?.iter().map(|n| n.trim().to_owned()).collect();
        if names.iter().all(String::is_empty) {
            return Err(RedcapError::Empty);
        }
        for (i, name) in names.iter().enumerate() {
            if names[..i].contains(name) {
                return Err(RedcapError::DuplicateColumn { column: name.clone() });
            }
        }
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(malformed)?;
            let line = record.position().map_or(0, csv::Position::line);
            if record.len() != names.len() {
                return Err(RedcapError::Cells { line, found: record.len(), expected: names.len() });
            }
            rows.push((line, record.iter().map(str::to_owned).collect()));
        }
        Ok(Self { names, rows })
    }

    /// Where each of the columns is; those that are not needed may be absent.
    pub(super) fn columns<const N: usize>(
        &self,
        names: [&'static str; N],
        needed: usize,
    ) -> Result<[Option<usize>; N], RedcapError> {
        let at = names.map(|name| self.names.iter().position(|n| n == name));
        match (0..needed.min(N)).find(|i| at[*i].is_none()) {
            Some(i) => Err(RedcapError::NoColumn { column: names[i], found: self.names.join(", ") }),
            None => Ok(at),
        }
    }
}

fn malformed(error: csv::Error) -> RedcapError {
    let line = error.position().map_or(0, csv::Position::line);
    RedcapError::Malformed { line, what: error.to_string() }
}

/// Delimited text with a first line of names.
pub(super) fn write<'a>(names: &[&str], rows: impl Iterator<Item = Vec<&'a str>>) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    // Writing to memory does not fail, and each row has as many cells as there are names.
    let _ = writer.write_record(names);
    for row in rows {
        let _ = writer.write_record(row);
    }
    writer.into_inner().unwrap_or_default()
}
