//! How are comma-separated files read and written?
//!
//! One dataset a file (RFC 4180): names on the first line, a row a line, fields in quotes where they hold a delimiter, a quote or a
//! line break. The file says nothing of types, so the whole column decides:
//! - a column is Num when each of its fields is blank, `.`, or a decimal number (`12`, `-0.5`, `1e-3`) that a double holds as written;
//! - otherwise it is Char. Identifiers with leading zeros (`007`) and integers beyond 2^53 are therefore text, as are `NA` and `<0.5`;
//! - a blank field is a missing number, or an empty text; `.` and `.A` to `.Z`, `._` are missing numbers, as SAS writes them.
//!
//! Columns that must be numbers are named in [`CsvOptions::numeric`]; a text there is an error that names row, line and column. Where one
//! text among numbers makes an undeclared column Char, a finding says so.
//!
//! Where packages differ: R turns `NA` into a missing value and `T` into a logical, spreadsheets turn `MAR1` into a date; nothing of the kind
//! happens here. Writing gives numbers their fewest exact digits, numeric dates in ISO 8601, special missing numbers their letter, lines ending in a line feed.

use crate::charset::Charset;
use crate::sas_time;
use croft_core::{Cell, Column, DataType, Dataset, Finding, Kind, Missing, NumColumn, Severity, TextColumn, Variable};
use std::io::Write;

/// Up to here every whole number is a double.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// How a file is laid out.
#[derive(Clone, Debug)]
pub struct CsvOptions {
    /// Between fields.
    pub delimiter: u8,
    /// Whether the first line holds names; otherwise they are `COL1`, `COL2`, …
    pub header: bool,
    /// Encoding. `None`: UTF-8, anything else is an error.
    pub charset: Option<Charset>,
    /// Columns that must be numbers.
    pub numeric: Vec<String>,
}

impl Default for CsvOptions {
    fn default() -> Self {
        Self { delimiter: b',', header: true, charset: None, numeric: Vec::new() }
    }
}

/// A file as read.
#[derive(Clone, Debug)]
pub struct CsvRead {
    /// The data; its name is the caller's to give.
    pub dataset: Dataset,
    /// The line of the file at which each row begins, from 1.
    pub lines: Vec<u64>,
    /// What is remarkable.
    pub findings: Vec<Finding>,
}

/// Why a file cannot be read or written. Rows count from 1 below the header, lines from 1.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum CsvError {
    #[error("the file is empty")]
    Empty,
    #[error("line {line} is not UTF-8 text (byte 0x{byte:02X})")]
    NotUtf8 { line: usize, byte: u8 },
    #[error("line {line} holds bytes that stand for nothing in {charset}")]
    Undecodable { line: usize, charset: String },
    #[error("line {line} has {found} fields, the first line has {expected}")]
    RowLength { line: u64, found: u64, expected: u64 },
    #[error("two columns are called `{name}`")]
    DuplicateColumn { name: String },
    #[error("column {position} has no name")]
    UnnamedColumn { position: usize },
    #[error("there is no column `{name}`; there are {present}")]
    NoColumn { name: String, present: String },
    #[error("row {row} (line {line}), column {column}: {value:?} is not a number")]
    NotANumber { row: usize, line: u64, column: String, value: String },
    #[error("line {line} cannot be read")]
    Syntax { line: u64, source: csv::Error },
    #[error("writing failed")]
    Write { source: std::io::Error },
}

impl CsvError {
    /// What the reader can do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Empty => "get the file again from its source; it needs a line of column names",
            Self::NotUtf8 { .. } | Self::Undecodable { .. } => {
                "name the file's encoding, for example `--encoding windows-1252`"
            }
            Self::RowLength { .. } => "put quotes around fields that hold the delimiter, or name another delimiter",
            Self::DuplicateColumn { .. } | Self::UnnamedColumn { .. } => "give each column a name of its own",
            Self::NoColumn { .. } => "name the column that holds it",
            Self::NotANumber { .. } => "write the number, leave the field empty, or say below quantification by a rule",
            Self::Syntax { .. } => "open the file at that line",
            Self::Write { .. } => "check the disk and the permissions",
        }
    }
}

/// Reads a file. Memory is that of the text and the data; each field is looked at twice.
pub fn read(bytes: &[u8], options: &CsvOptions) -> Result<CsvRead, CsvError> {
    let text = decode(bytes, options.charset)?;
    if text.trim().is_empty() {
        return Err(CsvError::Empty);
    }
    let mut reader =
        csv::ReaderBuilder::new().delimiter(options.delimiter).has_headers(options.header).from_reader(text.as_bytes());
    let names = names(&mut reader, options)?;
    let (columns, lines) = fields(&mut reader, names.len())?;
    let mut findings = Vec::new();
    let mut variables = Vec::new();
    let mut typed = Vec::new();
    for (name, texts) in names.iter().zip(columns) {
        let place = Place { name, lines: &lines };
        let must = options.numeric.contains(name);
        match decide(&texts, must, &place, &mut findings)? {
            Some(numbers) => {
                let whole = (0..numbers.len()).all(|row| numbers.get(row).is_ok_and(|x| x.fract() == 0.0));
                let data_type = if whole && !numbers.is_empty() { DataType::Integer } else { DataType::Float };
                variables.push(Variable::new(name, "", Kind::Num, data_type));
                typed.push(Column::Num(numbers));
            }
            None => {
                variables.push(Variable::char(name, ""));
                typed.push(Column::Char(texts));
            }
        }
    }
    if let [only] = &names[..]
        && let Some(other) = [';', '\t', '|'].into_iter().find(|&c| only.contains(c))
    {
        let text = format!("all of the first line is one column, but it holds {other:?}");
        findings.push(Finding::new("CSV-DELIMITER", Severity::Warning, "", text).hint("name the delimiter"));
    }
    let mut dataset = Dataset::new("", "", variables);
    dataset.columns_mut().iter_mut().zip(typed).for_each(|(column, values)| *column = values);
    Ok(CsvRead { dataset, lines, findings })
}

fn decode(bytes: &[u8], charset: Option<Charset>) -> Result<std::borrow::Cow<'_, str>, CsvError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let bad = match std::str::from_utf8(bytes) {
        Ok(text) if charset.is_none() || bytes.is_ascii() => return Ok(text.into()),
        Ok(_) => 0,
        Err(error) => error.valid_up_to(),
    };
    let line = bytes[..bad].iter().filter(|&&b| b == b'\n').count() + 1;
    let Some(charset) = charset else { return Err(CsvError::NotUtf8 { line, byte: bytes[bad] }) };
    charset.decode(bytes).ok_or_else(|| CsvError::Undecodable { line, charset: charset.name() })
}

fn names(reader: &mut csv::Reader<&[u8]>, options: &CsvOptions) -> Result<Vec<String>, CsvError> {
    let first = reader.headers().map_err(syntax)?;
    let names: Vec<String> = if options.header {
        first.iter().map(|name| name.trim().to_owned()).collect()
    } else {
        (1..=first.len()).map(|n| format!("COL{n}")).collect()
    };
    for (i, name) in names.iter().enumerate() {
        if name.is_empty() {
            return Err(CsvError::UnnamedColumn { position: i + 1 });
        }
        if names[..i].contains(name) {
            return Err(CsvError::DuplicateColumn { name: name.clone() });
        }
    }
    for name in &options.numeric {
        if !names.contains(name) {
            return Err(CsvError::NoColumn { name: name.clone(), present: names.join(", ") });
        }
    }
    Ok(names)
}

fn fields(reader: &mut csv::Reader<&[u8]>, number: usize) -> Result<(Vec<TextColumn>, Vec<u64>), CsvError> {
    let mut columns = vec![TextColumn::default(); number];
    let mut lines = Vec::new();
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(syntax)? {
        lines.push(record.position().map_or(0, csv::Position::line));
        columns.iter_mut().zip(&record).for_each(|(column, field)| column.push(field));
    }
    Ok((columns, lines))
}

fn syntax(error: csv::Error) -> CsvError {
    let line = error.position().map_or(0, csv::Position::line);
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            CsvError::RowLength { line, found: *len, expected: *expected_len }
        }
        _ => CsvError::Syntax { line, source: error },
    }
}

struct Place<'a> {
    name: &'a str,
    lines: &'a [u64],
}

/// A field of a column that may be a number.
enum Field {
    Number(f64),
    Missing(Missing),
    Text,
}

/// `must`: the column was declared a number, so that `007` is 7.
fn field(text: &str, must: bool) -> Field {
    let text = text.trim();
    if text.is_empty() {
        return Field::Missing(Missing::ORDINARY);
    }
    if let Some(letter) = text.strip_prefix('.')
        && let kind @ Some(_) = missing(letter)
    {
        return kind.map_or(Field::Text, Field::Missing);
    }
    let number = if must { decimal(text) } else { number(text) };
    number.map_or(Field::Text, Field::Number)
}

/// `.`, `._`, `.A` to `.Z`: what stands behind the point.
fn missing(letter: &str) -> Option<Missing> {
    let mut letters = letter.chars();
    match (letters.next(), letters.next()) {
        (None, _) => Some(Missing::ORDINARY),
        (Some(c), None) if c == '_' || c.is_ascii_uppercase() => Missing::from_letter(c),
        _ => None,
    }
}

/// A decimal number as people write it; no `inf`, no `nan`.
fn decimal(text: &str) -> Option<f64> {
    let legal = |b: u8| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'-' | b'+');
    text.bytes().all(legal).then(|| text.parse().ok().filter(|x: &f64| x.is_finite())).flatten()
}

/// Such a number, but without leading zeros, and no integer whose neighbours a double cannot tell apart.
fn number(text: &str) -> Option<f64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let padded = digits.len() > 1 && digits.starts_with('0') && digits.as_bytes()[1].is_ascii_digit();
    let x = decimal(text).filter(|_| !padded)?;
    let whole = digits.bytes().all(|b| b.is_ascii_digit());
    (!whole || x.abs() <= EXACT).then_some(x)
}

/// The numbers of a column, or `None` when it is text. A column of blanks is text: nothing says that it is not.
fn decide(
    texts: &TextColumn,
    must: bool,
    place: &Place<'_>,
    findings: &mut Vec<Finding>,
) -> Result<Option<NumColumn>, CsvError> {
    let mut numbers = NumColumn::default();
    let (mut present, mut first_text) = (0_usize, None);
    for (row, text) in texts.iter().map(Option::unwrap_or_default).enumerate() {
        match field(text, must) {
            Field::Number(x) => {
                present += 1;
                numbers.push(x);
            }
            Field::Missing(kind) => numbers.push_missing(kind),
            Field::Text if must => {
                let (column, value) = (place.name.to_owned(), text.to_owned());
                return Err(CsvError::NotANumber { row: row + 1, line: place.lines[row], column, value });
            }
            Field::Text => {
                first_text.get_or_insert((row, text));
                numbers.push_missing(Missing::ORDINARY);
            }
        }
    }
    match first_text {
        None => Ok((must || present > 0).then_some(numbers)),
        Some((row, text)) => {
            if present * 2 > texts.len() {
                let message = "the column is text because of this field; most others are numbers";
                let finding = Finding::new("CSV-MIXED", Severity::Warning, "", message);
                findings.push(finding.at(row + 1, place.name, text));
            }
            Ok(None)
        }
    }
}

/// Writes a dataset with a line of names.
pub fn write(dataset: &Dataset, delimiter: u8, out: impl Write) -> Result<(), CsvError> {
    let failed = |source: csv::Error| CsvError::Write { source: source.into() };
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(out);
    if dataset.variables().is_empty() {
        return Ok(());
    }
    writer.write_record(dataset.variables().iter().map(|v| &v.name)).map_err(failed)?;
    for row in 0..dataset.rows() {
        for (variable, column) in dataset.variables().iter().zip(dataset.columns()) {
            match column.get(row) {
                Cell::Text(text) => writer.write_field(text),
                Cell::Null => writer.write_field(""),
                Cell::MissingNum(Missing::ORDINARY) => writer.write_field(""),
                Cell::MissingNum(kind) => writer.write_field(kind.to_string()),
                Cell::Num(x) => writer.write_field(number_text(x, variable.data_type)),
            }
            .map_err(failed)?;
        }
        writer.write_record(None::<&[u8]>).map_err(failed)?;
    }
    writer.flush().map_err(|source| CsvError::Write { source })
}

/// A number as people read it: dates in ISO 8601 where they have one, otherwise the fewest exact digits.
pub fn number_text(x: f64, data_type: DataType) -> String {
    let date = match data_type {
        DataType::Date => sas_time::date_text(x),
        DataType::Time => sas_time::time_text(x),
        DataType::Datetime => sas_time::datetime_text(x),
        _ => None,
    };
    date.unwrap_or_else(|| {
        let plain = format!("{x}");
        if plain.len() > 21 || x.abs() > EXACT { format!("{x:e}") } else { plain }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read_text(text: &str) -> CsvRead {
        read(text.as_bytes(), &CsvOptions::default()).unwrap()
    }

    fn kinds(text: &str) -> Vec<Kind> {
        read_text(text).dataset.variables().iter().map(|v| v.kind).collect()
    }

    #[test]
    fn the_whole_column_decides_its_type() {
        let read = read_text("subject,time,conc\n01,0,.\n02,0.5,1e-3\n10,1,\n");
        let kinds: Vec<_> = read.dataset.variables().iter().map(|v| v.kind).collect();
        assert_eq!(kinds, [Kind::Char, Kind::Num, Kind::Num], "01 is a name, not a number");
        assert_eq!(read.dataset.cell(1, "conc"), Some(Cell::Num(0.001)));
        assert_eq!(read.dataset.cell(0, "conc"), Some(Cell::MissingNum(Missing::ORDINARY)));
        assert_eq!(read.lines, [2, 3, 4]);
    }

    #[test]
    fn what_a_double_would_change_is_text() {
        assert_eq!(kinds("a,b,c,d,e\n12345678901234567890,inf,NaN,0x10,1_000\n"), [Kind::Char; 5]);
        assert_eq!(kinds("a,b,c\n-0.5,+2,.5\n"), [Kind::Num; 3]);
        assert_eq!(kinds("a,b\n,\n,\n"), [Kind::Char; 2]);
    }

    #[test]
    fn a_text_in_a_declared_number_names_row_line_and_column() {
        let options = CsvOptions { numeric: vec!["conc".into()], ..CsvOptions::default() };
        let error = read(b"note,conc\n\"two\nlines\",1\nx,<0.5\n", &options).unwrap_err();
        assert_eq!(error.to_string(), "row 2 (line 4), column conc: \"<0.5\" is not a number");
        let error = read(b"note\nx\n", &options).unwrap_err();
        assert_eq!(error.to_string(), "there is no column `conc`; there are note");
    }

    #[test]
    fn one_text_among_numbers_is_told() {
        let read = read_text("x\n1\n2\nBLQ\n");
        assert_eq!(read.dataset.variables()[0].kind, Kind::Char);
        assert_eq!(read.findings[0].to_string().split(": ").next(), Some("CSV-MIXED"));
        assert_eq!((read.findings[0].row, read.findings[0].value.as_deref()), (Some(3), Some("BLQ")));
        assert_eq!(read_text("a;b\n1;2\n").findings[0].rule, "CSV-DELIMITER");
    }

    #[test]
    fn bytes_that_are_not_utf8_ask_for_an_encoding() {
        let bytes = b"name\ncaf\xe9\n";
        let error = read(bytes, &CsvOptions::default()).unwrap_err();
        assert_eq!(error.to_string(), "line 2 is not UTF-8 text (byte 0xE9)");
        assert!(error.hint().contains("--encoding"));
        let charset = Some(Charset::named("windows-1252").unwrap());
        let read = read(bytes, &CsvOptions { charset, ..CsvOptions::default() }).unwrap();
        assert_eq!(read.dataset.cell(0, "name"), Some(Cell::Text("café")));
    }

    #[test]
    fn broken_files_say_where() {
        let error = |text: &str| read(text.as_bytes(), &CsvOptions::default()).unwrap_err().to_string();
        assert_eq!(error(" \n"), "the file is empty");
        assert_eq!(error("a,b\n1,2\n3\n"), "line 3 has 1 fields, the first line has 2");
        assert_eq!(error("a,a\n"), "two columns are called `a`");
        assert_eq!(error("a,\n"), "column 2 has no name");
    }

    #[test]
    fn a_file_without_names_gets_them() {
        let options = CsvOptions { header: false, delimiter: b'\t', ..CsvOptions::default() };
        let read = read(b"x\t1\ny\t2\n", &options).unwrap();
        assert_eq!(read.dataset.cell(1, "COL2"), Some(Cell::Num(2.0)));
    }

    #[test]
    fn what_is_written_shows_dates_letters_and_all_digits() {
        let mut data = Dataset::new(
            "D",
            "",
            vec![Variable::char("T", ""), Variable::num("N", ""), Variable::new("DT", "", Kind::Num, DataType::Date)],
        );
        data.push_row([Cell::Text("a,\"b\""), Cell::Num(0.1 + 0.2), Cell::Num(0.0)]);
        data.push_row([Cell::Null, Cell::MissingNum(Missing::from_letter('B').unwrap()), Cell::Num(0.5)]);
        let mut bytes = Vec::new();
        write(&data, b',', &mut bytes).unwrap();
        let expected = "T,N,DT\n\"a,\"\"b\"\"\",0.30000000000000004,1960-01-01\n,.B,0.5\n";
        assert_eq!(String::from_utf8(bytes).unwrap(), expected);
    }

    proptest! {
        #[test]
        fn numbers_come_back_to_the_last_bit(values in prop::collection::vec(any::<f64>(), 1..9)) {
            let mut data = Dataset::new("D", "", vec![Variable::num("X", "")]);
            for &x in values.iter().filter(|x| x.is_finite()) {
                data.push_row([Cell::Num(x)]);
            }
            let mut bytes = Vec::new();
            write(&data, b',', &mut bytes).unwrap();
            prop_assume!(data.rows() > 0);
            let read = read(&bytes, &CsvOptions::default()).unwrap();
            for row in 0..data.rows() {
                let bits = |d: &Dataset| d.cell(row, "X").and_then(Cell::num).map(f64::to_bits);
                prop_assert_eq!(bits(&read.dataset), bits(&data));
            }
        }
    }
}
