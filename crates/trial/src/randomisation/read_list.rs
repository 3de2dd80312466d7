//! Reading a list that somebody gives: CSV with a heading, parted by commas, semicolons or tabs.
//!
//! Columns, by name whatever the case: the arm (`arm` or `treatment`) must be there; `stratum`, `number`, `block` (or `block.id`) and
//! `block_length` (or `block.size`) may be. Others are passed over. These are croft's own names and those of the R package blockrand.

/// The most rows that are read.
const MOST_ROWS: usize = 10_000_000;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenRow {
    /// Its line in the file; the heading is 1.
    pub row: usize,
    /// Its stratum; empty where the list has no such column.
    pub stratum: String,
    /// Its number in the stratum.
    pub number: Option<u32>,
    /// Its block, as written.
    pub block: Option<String>,
    /// The length of its block, as stated.
    pub block_length: Option<u32>,
    /// The arm's code.
    pub arm: String,
}

/// A list as given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenList {
    /// Its rows in file order.
    pub rows: Vec<GivenRow>,
}

/// Why a file is no list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// Bytes that are no text.
    #[error("row {row}: not UTF-8 text")]
    NotText {
        /// its line
        row: usize,
    },
    /// Nothing under the heading.
    #[error("no rows under a heading")]
    NoRows,
    /// A column that has to be there.
    #[error("no column `arm` or `treatment` (found: {found})")]
    NoArm {
        /// the heading
        found: String,
    },
    /// Two columns for one thing.
    #[error("two columns for one thing: `{first}` and `{second}`")]
    ColumnTwice {
        /// one
        first: String,
        /// the other
        second: String,
    },
    /// A row that cannot be divided into cells.
    #[error("row {row}: {message}")]
    Row {
        /// its line
        row: usize,
        /// what the reader of CSV says
        message: String,
    },
    /// An empty cell where an arm is needed.
    #[error("row {row}: the arm is empty")]
    EmptyArm {
        /// its line
        row: usize,
    },
    /// A cell that is no number.
    #[error("row {row}, column `{column}`: `{value}` is not a whole number from 1")]
    NotNumber {
        /// its line
        row: usize,
        /// its column
        column: String,
        /// what it says
        value: String,
    },
    /// More rows than a list has.
    #[error("more than {most} rows")]
    TooLong {
        /// the bound
        most: usize,
    },
}

impl ListError {
    /// What the reader of the message can do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NotText { .. } => "save the file as CSV UTF-8",
            Self::NoRows => "give a CSV file with a heading and one row an allocation",
            Self::NoArm { .. } => "name the column of the arms `arm`",
            Self::ColumnTwice { .. } => "rename or remove one of them",
            Self::Row { .. } => "each row needs as many cells as the heading",
            Self::EmptyArm { .. } => "write the arm's code, or remove the row",
            Self::NotNumber { .. } => "write a whole number, or leave the cell empty",
            Self::TooLong { .. } => "verify the strata one by one",
        }
    }
}

/// The columns that are looked for, each with its names.
const COLUMNS: [&[&str]; 5] = [
    &["arm", "treatment"],
    &["stratum"],
    &["number"],
    &["block", "block.id", "block_id"],
    &["block_length", "block.size", "block_size"],
];

impl GivenList {
    /// Reads a list.
    ///
    /// # Errors
    /// Names the row and column that cannot be read.
    pub fn from_csv(bytes: &[u8]) -> Result<Self, ListError> {
        let line = |end: usize| 1 + bytes.iter().take(end).filter(|&&b| b == b'\n').count();
        let text = std::str::from_utf8(bytes).map_err(|e| ListError::NotText { row: line(e.valid_up_to()) })?;
        let text = text.trim_start_matches('\u{feff}');
        let first = text.lines().find(|line| !line.trim().is_empty()).ok_or(ListError::NoRows)?;
        let mark = [b',', b';', b'\t'].into_iter().max_by_key(|&mark| {
            let count = first.bytes().filter(|&b| b == mark).count();
            (count, mark == b',')
        });
        let mut reader =
            csv::ReaderBuilder::new().delimiter(mark.unwrap_or(b',')).trim(csv::Trim::All).from_reader(text.as_bytes());
        let mut lines = Lines { text: text.as_bytes(), at: 0, line: 1 };
        let headings = reader.headers().map_err(|error| lines.broken(&error))?.clone();
        let columns = columns(&headings)?;
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|error| lines.broken(&error))?;
            if record.iter().all(str::is_empty) {
                continue;
            }
            if rows.len() >= MOST_ROWS {
                return Err(ListError::TooLong { most: MOST_ROWS });
            }
            let row = lines.of(record.position().map_or(0, csv::Position::byte));
            rows.push(given_row(row, &record, &headings, columns)?);
        }
        if rows.is_empty() { Err(ListError::NoRows) } else { Ok(Self { rows }) }
    }

    /// The list in croft's own form.
    pub fn to_csv(&self) -> String {
        let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
        let number = |n: Option<u32>| n.map_or_else(String::new, |n| n.to_string());
        // writing to memory cannot fail
        let _ = writer.write_record(["stratum", "number", "block", "block_length", "arm"]);
        for row in &self.rows {
            let block = row.block.clone().unwrap_or_default();
            let cells = [&row.stratum, &number(row.number), &block, &number(row.block_length), &row.arm];
            let _ = writer.write_record(cells);
        }
        String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
    }
}

/// Counts lines along a text. The reader's own count is one behind where lines end with two characters.
struct Lines<'t> {
    text: &'t [u8],
    at: usize,
    line: usize,
}

impl Lines<'_> {
    /// The line of what begins at this byte or, past line ends, behind it. Bytes do not go back.
    fn of(&mut self, byte: u64) -> usize {
        let byte = usize::try_from(byte).unwrap_or(usize::MAX);
        while let Some(&now) = self.text.get(self.at)
            && (self.at < byte || matches!(now, b'\r' | b'\n'))
        {
            self.line += usize::from(now == b'\n');
            self.at += 1;
        }
        self.line
    }

    fn broken(&mut self, error: &csv::Error) -> ListError {
        let row = self.of(error.position().map_or(0, csv::Position::byte));
        let message = match error.kind() {
            csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                format!("{len} cells, the heading has {expected_len}")
            }
            _ => error.to_string(),
        };
        ListError::Row { row, message }
    }
}

/// Where each column stands.
fn columns(headings: &csv::StringRecord) -> Result<[Option<usize>; 5], ListError> {
    let mut found = [None; 5];
    for (names, place) in COLUMNS.iter().zip(&mut found) {
        for (at, heading) in headings.iter().enumerate() {
            if !names.iter().any(|name| heading.eq_ignore_ascii_case(name)) {
                continue;
            }
            if let Some(before) = place.replace(at) {
                let first = headings.get(before).unwrap_or_default().to_owned();
                return Err(ListError::ColumnTwice { first, second: heading.to_owned() });
            }
        }
    }
    if found.first().is_some_and(Option::is_none) {
        return Err(ListError::NoArm { found: headings.iter().collect::<Vec<_>>().join(", ") });
    }
    Ok(found)
}

fn given_row(
    row: usize,
    record: &csv::StringRecord,
    headings: &csv::StringRecord,
    [arm, stratum, number, block, block_length]: [Option<usize>; 5],
) -> Result<GivenRow, ListError> {
    let cell = |at: Option<usize>| at.and_then(|at| record.get(at)).filter(|cell| !cell.is_empty());
    let whole = |at: Option<usize>| match cell(at) {
        None => Ok(None),
        Some(text) => text.parse::<u32>().ok().filter(|&n| n > 0).map(Some).ok_or_else(|| ListError::NotNumber {
            row,
            column: at.and_then(|at| headings.get(at)).unwrap_or_default().to_owned(),
            value: text.to_owned(),
        }),
    };
    Ok(GivenRow {
        row,
        stratum: cell(stratum).unwrap_or_default().to_owned(),
        number: whole(number)?,
        block: cell(block).map(str::to_owned),
        block_length: whole(block_length)?,
        arm: cell(arm).ok_or(ListError::EmptyArm { row })?.to_owned(),
    })
}
