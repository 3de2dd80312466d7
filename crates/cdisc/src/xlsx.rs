//! What is on this sheet of a workbook, and how is a dataset written as one?
//!
//! One sheet is one dataset: names in its first row that is not blank, a row below it each. The cells' own types decide, column by column:
//! - Num when each cell is a number; dates and times (a number with a date format) become ISO 8601 text, true and false become text;
//! - otherwise Char. A number among texts is written with the fewest exact digits, and a finding says so;
//! - a blank cell is a missing number or an empty text; blank rows and columns are passed over.
//!
//! Columns that must be numbers are named in [`XlsxOptions::numeric`]; numbers stored as text are taken there, anything else is an error that
//! names the cell. Error values (`#N/A`) are errors. Formulas count by the value that was saved with them.
//!
//! Where packages differ: most read a date as a number of days since 1900 or 1904 and leave the choice to the reader; here the workbook's own setting counts.
//!
//! Source: ECMA-376 part 1, chapter 18 (SpreadsheetML).

mod write;

pub use write::{write, write_book};

use crate::csv::number_text;
use calamine::{Data, DataRef, Reader, Xlsx, XlsxError as Calamine};
use croft_core::{Cell, DataType, Dataset, Finding, Kind, Missing, Severity, Variable};
use std::collections::BTreeMap;
use std::io::{Cursor, Read};

/// What of a workbook is read.
#[derive(Clone, Debug, Default)]
pub struct XlsxOptions {
    /// The sheet's name; `None`: the first.
    pub sheet: Option<String>,
    /// Columns that must be numbers.
    pub numeric: Vec<String>,
}

/// A sheet as read.
#[derive(Clone, Debug)]
pub struct XlsxRead {
    /// The data; its name is the sheet's.
    pub dataset: Dataset,
    /// The sheet's row of each row of the dataset, from 1.
    pub sheet_rows: Vec<u32>,
    /// All sheets of the workbook.
    pub sheets: Vec<String>,
    /// What is remarkable.
    pub findings: Vec<Finding>,
}

/// Why a workbook cannot be read.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum XlsxError {
    #[error("this is not an XLSX workbook, or it is damaged")]
    Workbook { source: Box<Calamine> },
    #[error("the workbook is damaged: a cell stands at an impossible place")]
    Damaged,
    #[error("there is no sheet `{name}`; there are {present}")]
    NoSheet { name: String, present: String },
    #[error("sheet {sheet} is blank")]
    Blank { sheet: String },
    #[error("sheet {sheet}, cell {cell}: the column has no name in the first row")]
    UnnamedColumn { sheet: String, cell: String },
    #[error("sheet {sheet}: two columns are called `{name}`")]
    DuplicateColumn { sheet: String, name: String },
    #[error("sheet {sheet} has no column `{name}`; there are {present}")]
    NoColumn { sheet: String, name: String, present: String },
    #[error("sheet {sheet}, cell {cell}: {value:?} is not a number (column {column})")]
    NotANumber { sheet: String, cell: String, column: String, value: String },
    #[error("sheet {sheet}, cell {cell} holds the error {value}")]
    CellError { sheet: String, cell: String, value: String },
    #[error("dataset {dataset} has {what}, which no sheet holds")]
    Limit { dataset: String, what: String },
    #[error("the workbook unpacks to more than 1 GiB")]
    Unpacks,
    #[error("writing failed")]
    Write { source: std::io::Error },
}

impl XlsxError {
    /// What the reader can do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Workbook { .. } | Self::Damaged => "save it again as .xlsx (not .xls, not protected), or as CSV",
            Self::NoSheet { .. } => "name one of the sheets with `--member`",
            Self::Blank { .. } => "name another sheet with `--member`",
            Self::UnnamedColumn { .. } | Self::DuplicateColumn { .. } => "give each column a name of its own",
            Self::NoColumn { .. } => "name the column that holds it",
            Self::NotANumber { .. } => "write the number, or leave the cell empty",
            Self::Limit { .. } => "write CSV, JSON or XPT",
            Self::Unpacks => "save its sheets as CSV",
            Self::Write { .. } => "check the disk and the permissions",
            Self::CellError { .. } => "mend the formula, or leave the cell empty",
        }
    }
}

/// Reads a sheet. Memory is that of the sheet's filled cells.
pub fn read(bytes: &[u8], options: &XlsxOptions) -> Result<XlsxRead, XlsxError> {
    // Found by mutation: calamine's arithmetic overflows on some impossible cell addresses. What panics there is a damaged file here.
    let found = std::panic::catch_unwind(|| filled_cells(bytes, options)).unwrap_or(Err(XlsxError::Damaged))?;
    let (sheet, cells, sheets) = found;
    Grid { sheet, cells, findings: Vec::new() }.into_read(options, sheets)
}

/// Cells by row and column.
type Cells = BTreeMap<(u32, u32), Value>;

/// Bytes that a workbook may unpack to.
const LARGEST: u64 = 1 << 30;
/// Deflate packs no more than so many bytes into one (RFC 1951: 258 bytes in two bits).
const MOST_PACKED: u64 = 1032;

/// Whether an archive unpacks to more than this. What it says of its own sizes may be a lie: it is unpacked, into nothing. A small file cannot
/// hold as much, and is not looked at; nor is one that cannot be opened, which its reader tells.
fn unpacks_beyond(bytes: &[u8], largest: u64) -> bool {
    if (bytes.len() as u64).saturating_mul(MOST_PACKED) <= largest {
        return false;
    }
    let Ok(mut archive) = zip::ZipArchive::new(Cursor::new(bytes)) else { return false };
    let mut room = largest;
    for index in 0..archive.len() {
        let Ok(file) = archive.by_index(index) else { continue };
        // A damaged entry is the reader's to tell; what came out of it counts.
        let unpacked = std::io::copy(&mut file.take(room + 1), &mut std::io::sink()).unwrap_or(0);
        if unpacked > room {
            return true;
        }
        room -= unpacked;
    }
    false
}

/// The sheet's name, its filled cells, and all sheets' names.
fn filled_cells(bytes: &[u8], options: &XlsxOptions) -> Result<(String, Cells, Vec<String>), XlsxError> {
    let damaged = |source| XlsxError::Workbook { source: Box::new(source) };
    if unpacks_beyond(bytes, LARGEST) {
        return Err(XlsxError::Unpacks);
    }
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(damaged)?;
    let sheets = workbook.sheet_names();
    let sheet = match &options.sheet {
        Some(name) => sheets.iter().find(|s| *s == name),
        None => sheets.first(),
    };
    let Some(sheet) = sheet.cloned() else {
        let name = options.sheet.clone().unwrap_or_default();
        return Err(XlsxError::NoSheet { name, present: sheets.join(", ") });
    };
    let mut cells = Cells::new();
    let mut reader = workbook.worksheet_cells_reader(&sheet).map_err(damaged)?;
    while let Some(cell) = reader.next_cell().map_err(damaged)? {
        let position = cell.get_position();
        if let Some(value) = value(cell.get_value(), &sheet, position)? {
            cells.insert(position, value);
        }
    }
    Ok((sheet, cells, sheets))
}

/// A filled cell.
enum Value {
    Num(f64),
    Text(String),
    /// ISO 8601 text of a date, time, or date-time.
    Time(String, DataType),
}

impl Value {
    fn into_text(self) -> String {
        match self {
            Self::Num(x) => number_text(x, DataType::Float),
            Self::Text(text) | Self::Time(text, _) => text,
        }
    }
}

fn value(data: &DataRef<'_>, sheet: &str, position: (u32, u32)) -> Result<Option<Value>, XlsxError> {
    Ok(match Data::from(data.clone()) {
        Data::Empty => None,
        Data::Int(x) => Some(Value::Num(x as f64)),
        Data::Float(x) if x.is_finite() => Some(Value::Num(x)),
        Data::Float(x) => Some(Value::Text(x.to_string())),
        Data::Bool(x) => Some(Value::Text(x.to_string())),
        Data::String(text) if text.is_empty() => None,
        Data::String(text) => Some(Value::Text(text)),
        Data::DateTimeIso(text) => {
            let data_type = if text.contains('T') { DataType::Datetime } else { DataType::Date };
            Some(Value::Time(text, data_type))
        }
        Data::DurationIso(text) => Some(Value::Time(text, DataType::DurationDatetime)),
        Data::DateTime(time) => Some(date_value(&time)),
        Data::Error(error) => {
            let (sheet, cell, value) = (sheet.to_owned(), address(position), error.to_string());
            return Err(XlsxError::CellError { sheet, cell, value });
        }
    })
}

/// Serial numbers beyond the year 9999 are no dates; below 1 they are times of day.
fn date_value(time: &calamine::ExcelDateTime) -> Value {
    let serial = time.as_f64();
    if !(0.0..2_958_466.0).contains(&serial) || time.is_duration() {
        return Value::Num(serial);
    }
    let (year, month, day, hour, minute, second, milli) = time.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    let fraction = if milli == 0 { String::new() } else { format!(".{milli:03}") };
    let clock = format!("{hour:02}:{minute:02}:{second:02}{fraction}");
    if serial < 1.0 {
        Value::Time(clock, DataType::Time)
    } else if serial.fract() == 0.0 {
        Value::Time(date, DataType::Date)
    } else {
        Value::Time(format!("{date}T{clock}"), DataType::Datetime)
    }
}

/// `C5` of row 4 and column 2, counted from 0.
fn address((row, column): (u32, u32)) -> String {
    format!("{}{}", letters(column), u64::from(row) + 1)
}

/// `C` of column 2, counted from 0.
fn letters(column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = u64::from(column) + 1;
    while rest > 0 {
        letters.push(char::from(b'A' + ((rest - 1) % 26) as u8));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

/// The filled cells by row and column.
struct Grid {
    sheet: String,
    cells: Cells,
    findings: Vec<Finding>,
}

impl Grid {
    fn into_read(mut self, options: &XlsxOptions, sheets: Vec<String>) -> Result<XlsxRead, XlsxError> {
        let Some((&(head, _), _)) = self.cells.first_key_value() else {
            return Err(XlsxError::Blank { sheet: self.sheet });
        };
        let body = self.cells.split_off(&(head + 1, 0));
        let names = self.names(&body, options)?;
        let mut rows: Vec<u32> = body.keys().map(|&(row, _)| row).collect();
        rows.dedup();
        let place: BTreeMap<u32, usize> = rows.iter().enumerate().map(|(i, &row)| (row, i)).collect();
        let mut columns: BTreeMap<u32, Vec<Option<Value>>> = BTreeMap::new();
        for ((row, column), value) in body {
            columns.entry(column).or_insert_with(|| rows.iter().map(|_| None).collect())[place[&row]] = Some(value);
        }
        let mut variables = Vec::new();
        let mut typed = Vec::new();
        for (column, name) in names {
            let values = columns.remove(&column).unwrap_or_else(|| rows.iter().map(|_| None).collect());
            let must = options.numeric.contains(&name);
            let (variable, cells) = self.column(&name, column, values, &rows, must)?;
            variables.push(variable);
            typed.push(cells);
        }
        let mut dataset = Dataset::new(&self.sheet, "", variables);
        for (column, cells) in dataset.columns_mut().iter_mut().zip(&typed) {
            cells.iter().for_each(|cell| column.push(cell.borrow()));
        }
        let sheet_rows = rows.iter().map(|row| row + 1).collect();
        Ok(XlsxRead { dataset, sheet_rows, sheets, findings: self.findings })
    }

    /// Names by column. What stands below no name is an error.
    fn names(&mut self, body: &Cells, options: &XlsxOptions) -> Result<BTreeMap<u32, String>, XlsxError> {
        let head = std::mem::take(&mut self.cells);
        let names: BTreeMap<u32, String> =
            head.into_iter().map(|((_, column), value)| (column, value.into_text().trim().to_owned())).collect();
        if let Some((&position, _)) =
            body.iter().find(|((_, column), _)| names.get(column).is_none_or(String::is_empty))
        {
            return Err(XlsxError::UnnamedColumn { sheet: self.sheet.clone(), cell: address(position) });
        }
        let names: BTreeMap<u32, String> = names.into_iter().filter(|(_, name)| !name.is_empty()).collect();
        let mut seen: Vec<&String> = names.values().collect();
        seen.sort();
        if let Some(pair) = seen.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(XlsxError::DuplicateColumn { sheet: self.sheet.clone(), name: pair[0].clone() });
        }
        if let Some(name) = options.numeric.iter().find(|name| !names.values().any(|n| n == *name)) {
            let present = names.values().cloned().collect::<Vec<_>>().join(", ");
            return Err(XlsxError::NoColumn { sheet: self.sheet.clone(), name: name.clone(), present });
        }
        Ok(names)
    }

    fn column(
        &mut self,
        name: &str,
        column: u32,
        mut values: Vec<Option<Value>>,
        rows: &[u32],
        must: bool,
    ) -> Result<(Variable, Vec<Owned>), XlsxError> {
        if must {
            for (value, &row) in values.iter_mut().zip(rows) {
                let Some(Value::Text(text) | Value::Time(text, _)) = value else { continue };
                let Some(x) = text.trim().parse().ok().filter(|x: &f64| x.is_finite()) else {
                    let (cell, value) = (address((row, column)), text.clone());
                    let (sheet, column) = (self.sheet.clone(), name.to_owned());
                    return Err(XlsxError::NotANumber { sheet, cell, column, value });
                };
                *value = Some(Value::Num(x));
            }
        }
        let numbers = values.iter().flatten().filter(|v| matches!(v, Value::Num(_))).count();
        let filled = values.iter().flatten().count();
        if must || (filled > 0 && numbers == filled) {
            let whole = values.iter().flatten().all(|v| matches!(v, Value::Num(x) if x.fract() == 0.0));
            let data_type = if whole && filled > 0 { DataType::Integer } else { DataType::Float };
            let cell =
                |value: Option<Value>| if let Some(Value::Num(x)) = value { Owned::Num(x) } else { Owned::Missing };
            let variable = Variable::new(name, "", Kind::Num, data_type);
            return Ok((variable, values.into_iter().map(cell).collect()));
        }
        if let Some(i) = values.iter().position(|v| matches!(v, Some(Value::Num(_)))) {
            let shown = values[i].as_ref().map_or_else(String::new, |v| match v {
                Value::Num(x) => number_text(*x, DataType::Float),
                _ => String::new(),
            });
            let text = format!("{numbers} of {filled} cells are numbers among texts and are written as text");
            let finding = Finding::new("XLSX-MIXED", Severity::Warning, &self.sheet, text);
            self.findings.push(finding.at(i + 1, name, &shown));
        }
        let data_type = common_type(&values);
        let cell = |value: Option<Value>| Owned::Text(value.map_or_else(String::new, Value::into_text));
        Ok((Variable::new(name, "", Kind::Char, data_type), values.into_iter().map(cell).collect()))
    }
}

/// Dates stay dates when all are; dates among date-times are date-times.
fn common_type(values: &[Option<Value>]) -> DataType {
    let mut types: Vec<DataType> = Vec::new();
    for value in values.iter().flatten() {
        let data_type = if let Value::Time(_, data_type) = value { *data_type } else { DataType::Text };
        if !types.contains(&data_type) {
            types.push(data_type);
        }
    }
    match types[..] {
        [only] => only,
        [DataType::Date, DataType::Datetime] | [DataType::Datetime, DataType::Date] => DataType::Datetime,
        _ => DataType::Text,
    }
}

/// A cell of a column under way.
enum Owned {
    Num(f64),
    Missing,
    Text(String),
}

impl Owned {
    fn borrow(&self) -> Cell<'_> {
        match self {
            Self::Num(x) => Cell::Num(*x),
            Self::Missing => Cell::MissingNum(Missing::ORDINARY),
            Self::Text(text) => Cell::Text(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use zip::write::SimpleFileOptions;

    #[test]
    fn an_archive_is_known_by_what_it_unpacks_to_and_not_by_what_it_says() {
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for name in ["a", "b"] {
            archive.start_file(name, SimpleFileOptions::default()).unwrap();
            archive.write_all(&vec![0; 600_000]).unwrap();
        }
        let mut bytes = archive.finish().unwrap().into_inner();
        assert!(unpacks_beyond(&bytes, 1_000_000) && !unpacks_beyond(&bytes, 1_200_000));
        assert!(!unpacks_beyond(b"no archive", 1));
        // Sizes in the headers are made small: it unpacks to as much all the same, or is damaged to its reader.
        let size = 600_000_u32.to_le_bytes();
        while let Some(at) = bytes.windows(4).position(|window| window == size) {
            bytes[at..at + 4].copy_from_slice(&1_u32.to_le_bytes());
        }
        let told = XlsxOptions::default();
        assert!(unpacks_beyond(&bytes, 1_000_000) || read(&bytes, &told).is_err());
    }
}
