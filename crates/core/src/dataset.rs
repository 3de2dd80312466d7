//! What is a dataset?
//!
//! Columns of numbers or text with the metadata that the trade keeps for them: name, label,
//! length, display format, code list, origin. A number is present or is missing for one of 28
//! reasons ([`Missing`]). A text is present (perhaps empty) or null; transport files cannot tell
//! the two apart, Dataset-JSON can, so both are kept.
//!
//! Text is stored in one buffer a column: 60,000 rows of 20 short texts are 20 allocations,
//! not 1.2 million. Reading a cell costs O(1); columns grow only at the end.

use crate::missing::Missing;
use serde::{Deserialize, Serialize};

/// How a column is stored: SAS knows these two, and so do transport files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// IEEE doubles or one of 28 missing kinds.
    Num,
    /// UTF-8 text or null.
    Char,
}

/// What a column means: the data types of Dataset-JSON 1.1 and define.xml 2.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the words of the standard")]
pub enum DataType {
    Text,
    Integer,
    Float,
    Double,
    Decimal,
    Boolean,
    Date,
    Time,
    Datetime,
    PartialDate,
    PartialTime,
    PartialDatetime,
    IncompleteDatetime,
    DurationDatetime,
    Uri,
}

/// One column's metadata.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variable {
    /// CDISC name, `USUBJID`.
    pub name: String,
    /// Label, at most 40 characters in a v5 transport file.
    pub label: String,
    /// Storage.
    pub kind: Kind,
    /// Meaning.
    pub data_type: DataType,
    /// Bytes reserved for a text, or for a number in a transport file (3 to 8). `None`: the longest value.
    pub length: Option<u32>,
    /// Digits after the decimal point (define.xml `SignificantDigits`).
    pub significant_digits: Option<u32>,
    /// Display format as SAS writes it: `DATE9.`, `8.2`, `$20.`.
    pub format: Option<String>,
    /// Read format as SAS writes it.
    pub informat: Option<String>,
    /// Code list's identifier in controlled terminology, or the study's own.
    pub codelist: Option<String>,
    /// Where values come from (define.xml 2.1): `Collected`, `Derived`, `Assigned`, `Protocol`, `Predecessor`.
    pub origin: Option<String>,
}

impl Variable {
    /// A text variable without further metadata.
    pub fn char(name: &str, label: &str) -> Self {
        Self::new(name, label, Kind::Char, DataType::Text)
    }

    /// A floating-point variable without further metadata.
    pub fn num(name: &str, label: &str) -> Self {
        Self::new(name, label, Kind::Num, DataType::Float)
    }

    /// A variable without further metadata.
    pub fn new(name: &str, label: &str, kind: Kind, data_type: DataType) -> Self {
        Self {
            name: name.to_owned(),
            label: label.to_owned(),
            kind,
            data_type,
            length: None,
            significant_digits: None,
            format: None,
            informat: None,
            codelist: None,
            origin: None,
        }
    }
}

/// One value, borrowed from its column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// A number.
    Num(f64),
    /// An absent number and why.
    MissingNum(Missing),
    /// A text, perhaps empty.
    Text(&'a str),
    /// An absent text.
    Null,
}

impl<'a> Cell<'a> {
    /// The number, if this is one.
    pub fn num(self) -> Option<f64> {
        match self {
            Cell::Num(x) => Some(x),
            _ => None,
        }
    }

    /// The text, if this is one.
    pub fn text(self) -> Option<&'a str> {
        match self {
            Cell::Text(s) => Some(s),
            _ => None,
        }
    }

    /// Whether a SAS user would call it missing: no number, no text, or a blank text.
    pub fn is_missing(self) -> bool {
        match self {
            Cell::Num(_) => false,
            Cell::MissingNum(_) | Cell::Null => true,
            Cell::Text(s) => s.is_empty(),
        }
    }
}

/// Numbers and missing kinds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NumColumn {
    values: Vec<f64>,
    missing: Vec<Option<Missing>>,
}

impl NumColumn {
    /// Appends a number. It must be finite: a door turns anything else into a missing kind or an error.
    pub fn push(&mut self, value: f64) {
        assert!(value.is_finite(), "a dataset holds finite numbers; {value} must be handled at the door");
        self.values.push(value);
        self.missing.push(None);
    }

    /// Appends a missing number.
    pub fn push_missing(&mut self, kind: Missing) {
        self.values.push(0.0);
        self.missing.push(Some(kind));
    }

    /// The number, or why there is none.
    pub fn get(&self, row: usize) -> Result<f64, Missing> {
        match self.missing[row] {
            None => Ok(self.values[row]),
            Some(kind) => Err(kind),
        }
    }

    /// Rows.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

/// Texts and nulls, in one buffer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextColumn {
    bytes: String,
    ends: Vec<usize>,
    /// Rows that are null, ascending. Few in practice: transport files have none.
    nulls: Vec<usize>,
}

impl TextColumn {
    /// Appends a text.
    pub fn push(&mut self, text: &str) {
        self.bytes.push_str(text);
        self.ends.push(self.bytes.len());
    }

    /// Appends a null.
    pub fn push_null(&mut self) {
        self.nulls.push(self.ends.len());
        self.ends.push(self.bytes.len());
    }

    /// The text, or `None` for null.
    pub fn get(&self, row: usize) -> Option<&str> {
        let start = if row == 0 { 0 } else { self.ends[row - 1] };
        let end = self.ends[row];
        if start == end && self.nulls.binary_search(&row).is_ok() { None } else { Some(&self.bytes[start..end]) }
    }

    /// The texts and nulls in order.
    pub fn iter(&self) -> impl Iterator<Item = Option<&str>> {
        (0..self.len()).map(|row| self.get(row))
    }

    /// Rows.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Bytes of the longest text.
    pub fn longest(&self) -> usize {
        let mut start = 0;
        let mut longest = 0;
        for &end in &self.ends {
            longest = longest.max(end - start);
            start = end;
        }
        longest
    }
}

/// A column's values.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "as in `Kind`")]
pub enum Column {
    Num(NumColumn),
    Char(TextColumn),
}

impl Column {
    /// An empty column of this kind.
    pub fn empty(kind: Kind) -> Self {
        match kind {
            Kind::Num => Self::Num(NumColumn::default()),
            Kind::Char => Self::Char(TextColumn::default()),
        }
    }

    /// Its storage.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Num(_) => Kind::Num,
            Self::Char(_) => Kind::Char,
        }
    }

    /// One value.
    pub fn get(&self, row: usize) -> Cell<'_> {
        match self {
            Self::Num(c) => match c.get(row) {
                Ok(x) => Cell::Num(x),
                Err(kind) => Cell::MissingNum(kind),
            },
            Self::Char(c) => c.get(row).map_or(Cell::Null, Cell::Text),
        }
    }

    /// Appends a value of the column's kind. `Null` in a number column is the ordinary missing.
    ///
    /// # Panics
    /// When the kinds differ: the caller decided the column's kind from the same source.
    pub fn push(&mut self, cell: Cell<'_>) {
        match (self, cell) {
            (Self::Num(c), Cell::Num(x)) => c.push(x),
            (Self::Num(c), Cell::MissingNum(kind)) => c.push_missing(kind),
            (Self::Num(c), Cell::Null) => c.push_missing(Missing::ORDINARY),
            (Self::Char(c), Cell::Text(s)) => c.push(s),
            (Self::Char(c), Cell::Null) => c.push_null(),
            (column, cell) => panic!("a {:?} column takes no {cell:?}", column.kind()),
        }
    }

    /// Rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Num(c) => c.len(),
            Self::Char(c) => c.len(),
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A named table of typed columns of equal length.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    /// `DM`, `ADSL`, …
    pub name: String,
    /// Label, at most 40 characters in a v5 transport file.
    pub label: String,
    /// Variables whose values together name a row, in order; empty when not declared.
    pub keys: Vec<String>,
    variables: Vec<Variable>,
    columns: Vec<Column>,
}

impl Dataset {
    /// A dataset with these variables and no rows.
    pub fn new(name: &str, label: &str, variables: Vec<Variable>) -> Self {
        let columns = variables.iter().map(|v| Column::empty(v.kind)).collect();
        Self { name: name.to_owned(), label: label.to_owned(), keys: Vec::new(), variables, columns }
    }

    /// Appends one row, a cell a variable in their order.
    ///
    /// # Panics
    /// When the number or the kind of the cells differs from the variables.
    pub fn push_row<'a>(&mut self, cells: impl IntoIterator<Item = Cell<'a>>) {
        let mut given = 0;
        for cell in cells {
            assert!(given < self.columns.len(), "{}: more cells than variables", self.name);
            self.columns[given].push(cell);
            given += 1;
        }
        assert_eq!(given, self.columns.len(), "{}: a row needs one cell a variable", self.name);
    }

    /// Rows.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, Column::len)
    }

    /// The variables, in column order.
    pub fn variables(&self) -> &[Variable] {
        &self.variables
    }

    /// The variables' metadata, to amend. Storage kinds must stay as they are.
    pub fn variables_mut(&mut self) -> &mut [Variable] {
        &mut self.variables
    }

    /// The columns, in the order of the variables.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The columns, to append to; a reader fills them one by one.
    pub fn columns_mut(&mut self) -> &mut [Column] {
        &mut self.columns
    }

    /// Position of a variable by its exact name.
    pub fn index_of(&self, name: &str) -> Option<usize> {
        self.variables.iter().position(|v| v.name == name)
    }

    /// A column by its variable's exact name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.index_of(name).map(|i| &self.columns[i])
    }

    /// One value by row and variable name; `None` when there is no such variable.
    pub fn cell(&self, row: usize, name: &str) -> Option<Cell<'_>> {
        self.column(name).map(|c| c.get(row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_and_empty_text_stay_apart() {
        let mut column = TextColumn::default();
        column.push("");
        column.push_null();
        column.push("Ä");
        assert_eq!(column.iter().collect::<Vec<_>>(), [Some(""), None, Some("Ä")]);
        assert_eq!(column.longest(), 2);
    }

    #[test]
    fn a_row_is_read_back_as_it_was_pushed() {
        let mut data =
            Dataset::new("PC", "Concentrations", vec![Variable::char("USUBJID", ""), Variable::num("PCSTRESN", "")]);
        data.push_row([Cell::Text("01"), Cell::Num(1.5)]);
        data.push_row([Cell::Null, Cell::MissingNum(Missing::from_letter('B').unwrap())]);
        assert_eq!(data.rows(), 2);
        assert_eq!(data.cell(0, "PCSTRESN"), Some(Cell::Num(1.5)));
        assert_eq!(data.cell(1, "USUBJID"), Some(Cell::Null));
        assert_eq!(data.cell(1, "NOPE"), None);
    }

    #[test]
    #[should_panic(expected = "one cell a variable")]
    fn a_short_row_is_refused() {
        Dataset::new("X", "", vec![Variable::num("A", "")]).push_row([]);
    }
}
