//! Which format is this file in, and how does a dataset go from one to another?
//!
//! The name's extension decides: `xpt`, `json`, `ndjson`, `dsjc`, `csv`, `tsv`, `xlsx`; an xz archive of any of them is unpacked first. [`load`] reads bytes,
//! [`save`] gives bytes; opening files is the caller's. Each dataset comes with what its file said beside it ([`Source`]), so that a conversion loses
//! no more than the target format must, and says what.
//!
//! On the way into a transport file
//! - decimals that Dataset-JSON carries as text become numbers, if all of them are;
//! - numeric dates without a display format get `DATE9.`, `TIME8.`, `DATETIME20.`, for a number alone does not say what it is;
//! - stamps come from the source (an XPT member's, a JSON file's creation), or from [`SaveOptions::stamp`], or are 1 January 1960: there is no clock.

use crate::charset::Charset;
use crate::csv::{self, CsvError, CsvOptions};
use crate::dataset_json::{self, JsonError, Meta, Packing};
use crate::xlsx::{self, XlsxError, XlsxOptions};
use crate::xpt::{self, Member, ReadOptions, Stamp, Version, WriteOptions, XptError};
use crate::xz::{self, XzError};
use croft_core::{Column, DataType, Dataset, Finding, Kind, Missing, NumColumn, Severity};
use std::borrow::Cow;

/// A file format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "named by their extensions")]
pub enum Format {
    Xpt,
    Json,
    Ndjson,
    Dsjc,
    Csv,
    Tsv,
    Xlsx,
}

impl Format {
    /// The format of a file of this name, `dm.xpt` or `lb.xpt.xz`.
    pub fn of(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let name = name.strip_suffix(".xz").unwrap_or(&name);
        match name.rsplit_once('.')?.1 {
            "xpt" => Some(Self::Xpt),
            "json" => Some(Self::Json),
            "ndjson" => Some(Self::Ndjson),
            "dsjc" => Some(Self::Dsjc),
            "csv" => Some(Self::Csv),
            "tsv" => Some(Self::Tsv),
            "xlsx" => Some(Self::Xlsx),
            _ => None,
        }
    }

    /// Its extension.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Xpt => "xpt",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Dsjc => "dsjc",
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Xlsx => "xlsx",
        }
    }
}

/// How a file is read.
#[derive(Clone, Debug, Default)]
pub struct LoadOptions {
    /// Encoding of an XPT or CSV file; the others say theirs.
    pub charset: Option<Charset>,
    /// The dataset (XPT) or sheet (XLSX) wanted; `None`: all of a library, the first sheet.
    pub member: Option<String>,
    /// Delimiter of a CSV file, when it is not a comma.
    pub delimiter: Option<u8>,
    /// Whether a CSV file has no line of names.
    pub no_header: bool,
    /// Columns of a CSV or XLSX file that must be numbers.
    pub numeric: Vec<String>,
}

/// A dataset and where it comes from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The data.
    pub dataset: Dataset,
    /// What the file said beside them.
    pub source: Source,
    /// What is remarkable.
    pub findings: Vec<Finding>,
}

/// What a file says beside its data.
#[derive(Clone, Debug)]
pub enum Source {
    /// A transport file's member.
    Xpt(Box<Member>),
    /// A Dataset-JSON file's metadata, and how it was packed.
    Json(Box<Meta>, Option<Packing>),
    /// A text file: nothing but names.
    Csv,
    /// A workbook with these sheets.
    Xlsx(Vec<String>),
}

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum LoadError {
    #[error("the name `{name}` has no known extension")]
    Format { name: String },
    #[error("there is no dataset `{name}`; there are {present}")]
    NoMember { name: String, present: String },
    #[error(transparent)]
    Xz(#[from] XzError),
    #[error(transparent)]
    Xpt(#[from] XptError),
    #[error(transparent)]
    Json(#[from] JsonError),
    #[error(transparent)]
    Csv(#[from] CsvError),
    #[error(transparent)]
    Xlsx(#[from] XlsxError),
}

impl LoadError {
    /// What the reader can do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Format { .. } => "croft reads xpt, json, ndjson, dsjc, csv, tsv and xlsx, each also as .xz",
            Self::NoMember { .. } => "name one of them with `--member`",
            Self::Xz(_) => "get the file again from its source",
            Self::Xpt(error) => error.hint(),
            Self::Json(error) => error.hint(),
            Self::Csv(error) => error.hint(),
            Self::Xlsx(error) => error.hint(),
        }
    }
}

/// Reads a file's bytes; `name` gives the format, and a CSV dataset's name.
pub fn load(name: &str, bytes: &[u8], options: &LoadOptions) -> Result<Vec<Loaded>, LoadError> {
    let format = Format::of(name).ok_or_else(|| LoadError::Format { name: name.to_owned() })?;
    let bytes = if xz::is_xz(bytes) { Cow::Owned(xz::unpack(bytes)?) } else { Cow::Borrowed(bytes) };
    let all = match format {
        Format::Xpt => load_xpt(&bytes, options)?,
        Format::Json => vec![from_json(dataset_json::read_json(&bytes)?)],
        Format::Ndjson => vec![from_json(dataset_json::read_ndjson(&bytes[..])?)],
        Format::Dsjc => vec![from_json(dataset_json::read_dsjc(&bytes[..])?)],
        Format::Csv => vec![load_csv(name, &bytes, options, b',')?],
        Format::Tsv => vec![load_csv(name, &bytes, options, b'\t')?],
        Format::Xlsx => {
            let options = XlsxOptions { sheet: options.member.clone(), numeric: options.numeric.clone() };
            let read = xlsx::read(&bytes, &options)?;
            return Ok(vec![Loaded {
                dataset: read.dataset,
                source: Source::Xlsx(read.sheets),
                findings: read.findings,
            }]);
        }
    };
    let Some(wanted) = &options.member else { return Ok(all) };
    let present = all.iter().map(|l| l.dataset.name.clone()).collect::<Vec<_>>().join(", ");
    let found: Vec<_> = all.into_iter().filter(|l| l.dataset.name.eq_ignore_ascii_case(wanted)).collect();
    if found.is_empty() { Err(LoadError::NoMember { name: wanted.clone(), present }) } else { Ok(found) }
}

fn load_xpt(bytes: &[u8], options: &LoadOptions) -> Result<Vec<Loaded>, LoadError> {
    let contents = xpt::read(bytes, &ReadOptions { charset: options.charset })?;
    let loaded = |read: xpt::Read| Loaded {
        dataset: read.dataset,
        source: Source::Xpt(Box::new(read.member)),
        findings: read.findings,
    };
    Ok(contents.into_iter().map(loaded).collect())
}

fn from_json(document: dataset_json::Document) -> Loaded {
    let source = Source::Json(Box::new(document.meta), document.packing);
    Loaded { dataset: document.dataset, source, findings: document.findings }
}

fn load_csv(name: &str, bytes: &[u8], options: &LoadOptions, delimiter: u8) -> Result<Loaded, LoadError> {
    let csv_options = CsvOptions {
        delimiter: options.delimiter.unwrap_or(delimiter),
        header: !options.no_header,
        charset: options.charset,
        numeric: options.numeric.clone(),
    };
    let mut read = csv::read(bytes, &csv_options)?;
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    read.dataset.name = file.split('.').next().unwrap_or(file).to_uppercase();
    read.findings.iter_mut().for_each(|finding| finding.dataset.clone_from(&read.dataset.name));
    if let Some(charset) = options.charset.filter(|_| !bytes.is_ascii()) {
        let text = format!("the file is not ASCII and was read as {}", charset.name());
        read.findings.push(Finding::new("CSV-ENCODING", Severity::Warning, &read.dataset.name, text));
    }
    Ok(Loaded { dataset: read.dataset, source: Source::Csv, findings: read.findings })
}

/// How a file is written.
#[derive(Clone, Debug, Default)]
pub struct SaveOptions {
    /// Version of a transport file; `None`: the source's, or 5.
    pub version: Option<Version>,
    /// Encoding of a transport file; `None`: the one named for reading a transport file, or UTF-8.
    pub charset: Option<Charset>,
    /// When the file is made, as ISO 8601 `2024-01-02T13:05:00`; `None`: as the source says.
    pub stamp: Option<String>,
}

/// Why a file cannot be written.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum SaveError {
    #[error("`{0}` is no date and time like 2024-01-02T13:05:00")]
    Stamp(String),
    #[error(transparent)]
    Xpt(#[from] XptError),
    #[error(transparent)]
    Json(#[from] JsonError),
    #[error(transparent)]
    Csv(#[from] CsvError),
    #[error(transparent)]
    Xlsx(#[from] XlsxError),
}

impl SaveError {
    /// What the reader can do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Stamp(_) => "give year, month, day, T, hour, minute and second",
            Self::Xpt(error) => error.hint(),
            Self::Json(error) => error.hint(),
            Self::Csv(error) => error.hint(),
            Self::Xlsx(error) => error.hint(),
        }
    }
}

/// A dataset as the bytes of a file, and what the format could not keep or regulators will not like.
pub fn save(
    dataset: &Dataset,
    source: &Source,
    format: Format,
    options: &SaveOptions,
) -> Result<(Vec<u8>, Vec<Finding>), SaveError> {
    let mut bytes = Vec::new();
    let findings = match format {
        Format::Xpt => {
            let (dataset, mut findings) = for_transport(dataset);
            let options = transport_options(source, options)?;
            findings.extend(xpt::check(&dataset, &options));
            xpt::write(&dataset, &options, &mut bytes)?;
            findings
        }
        Format::Json => dataset_json::write_json(dataset, &meta(source, options)?, &mut bytes)?,
        Format::Ndjson => dataset_json::write_ndjson(dataset, &meta(source, options)?, &mut bytes)?,
        Format::Dsjc => dataset_json::write_dsjc(dataset, &meta(source, options)?, &mut bytes)?,
        Format::Csv => csv::write(dataset, b',', &mut bytes).map(|()| Vec::new())?,
        Format::Tsv => csv::write(dataset, b'\t', &mut bytes).map(|()| Vec::new())?,
        Format::Xlsx => xlsx::write(dataset, &mut bytes).map(|()| Vec::new())?,
    };
    Ok((bytes, findings))
}

fn transport_options(source: &Source, options: &SaveOptions) -> Result<WriteOptions, SaveError> {
    let mut write = match source {
        Source::Xpt(member) => WriteOptions::like(member),
        Source::Json(meta, _) => {
            WriteOptions::new(Version::V5, parse_stamp(&meta.creation_date_time).unwrap_or(Stamp::ZERO))
        }
        Source::Csv | Source::Xlsx(_) => WriteOptions::new(Version::V5, Stamp::ZERO),
    };
    write.version = options.version.unwrap_or(write.version);
    write.charset = options.charset.unwrap_or(write.charset);
    if let Some(text) = &options.stamp {
        let stamp = parse_stamp(text).ok_or_else(|| SaveError::Stamp(text.clone()))?;
        for origin in [&mut write.library, &mut write.origin] {
            origin.created = stamp;
            origin.modified = stamp;
        }
    }
    Ok(write)
}

/// `2024-01-02T13:05:00`, whatever follows the seconds.
fn parse_stamp(text: &str) -> Option<Stamp> {
    let (date, time) = (text.get(..10)?, text.get(11..19)?);
    let day = crate::sas_time::parse_date(date).filter(|_| text.as_bytes()[10] == b'T')?;
    let second = crate::sas_time::parse_time(time)? as u32;
    let (year, month, day) = crate::sas_time::civil(day as i64);
    let parts = [second / 3600, second / 60 % 60, second % 60].map(|n| n as u8);
    Stamp::new(year as u16, month, day, parts[0], parts[1], parts[2])
}

fn meta(source: &Source, options: &SaveOptions) -> Result<Meta, SaveError> {
    let given = options.stamp.as_deref();
    if let Some(text) = given.filter(|text| parse_stamp(text).is_none()) {
        return Err(SaveError::Stamp(text.to_owned()));
    }
    let mut meta = match source {
        Source::Json(meta, _) => (**meta).clone(),
        Source::Xpt(member) => Meta::new(&stamp_text(member.origin.modified)),
        Source::Csv | Source::Xlsx(_) => Meta::new("1960-01-01T00:00:00"),
    };
    if let Some(text) = given {
        meta.creation_date_time = text.to_owned();
    }
    Ok(meta)
}

/// A member's stamp in ISO 8601; years 60 to 99 are of the last century, as in SAS's default cut-off. 1960 where it is none.
fn stamp_text(stamp: Stamp) -> String {
    let text = stamp.to_string();
    let parsed = || {
        let month = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
            .iter()
            .position(|name| text.get(2..5) == Some(name))?;
        let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<u32>().ok();
        let (day, year) = (number(0..2)?, number(5..7)?);
        let century = if year >= 60 { 1900 } else { 2000 };
        let iso = format!("{:04}-{:02}-{day:02}T{}", century + year, month + 1, text.get(8..16)?);
        parse_stamp(&iso).map(|_| iso)
    };
    parsed().unwrap_or_else(|| "1960-01-01T00:00:00".to_owned())
}

/// The dataset as a transport file can say it.
fn for_transport(dataset: &Dataset) -> (Cow<'_, Dataset>, Vec<Finding>) {
    let mut findings = Vec::new();
    let mut changed = Cow::Borrowed(dataset);
    for (i, variable) in dataset.variables().iter().enumerate() {
        if let (DataType::Decimal, Column::Char(texts)) = (variable.data_type, &dataset.columns()[i]) {
            match decimals(texts) {
                Ok(numbers) => {
                    let changed = changed.to_mut();
                    changed.columns_mut()[i] = Column::Num(numbers);
                    changed.variables_mut()[i].kind = Kind::Num;
                    changed.variables_mut()[i].length = None;
                }
                Err((row, text)) => {
                    let message = "a decimal is no number, so the column is written as text";
                    let finding = Finding::new("XPT-DECIMAL", Severity::Warning, &dataset.name, message);
                    findings.push(finding.at(row + 1, &variable.name, &text));
                }
            }
        }
        if variable.kind == Kind::Num && variable.format.is_none() {
            let format = match variable.data_type {
                DataType::Date => "DATE9.",
                DataType::Time => "TIME8.",
                DataType::Datetime => "DATETIME20.",
                _ => continue,
            };
            changed.to_mut().variables_mut()[i].format = Some(format.to_owned());
        }
    }
    (changed, findings)
}

fn decimals(texts: &croft_core::TextColumn) -> Result<NumColumn, (usize, String)> {
    let mut numbers = NumColumn::default();
    for (row, text) in texts.iter().map(Option::unwrap_or_default).enumerate() {
        if text.is_empty() {
            numbers.push_missing(Missing::ORDINARY);
            continue;
        }
        let digits = text.replace(',', "");
        match digits.parse().ok().filter(|x: &f64| x.is_finite()) {
            Some(x) => numbers.push(x),
            None => return Err((row, text.to_owned())),
        }
    }
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use croft_core::{Cell, Variable};

    #[test]
    fn the_extension_names_the_format() {
        assert_eq!(Format::of("a/lb.XPT.xz"), Some(Format::Xpt));
        assert_eq!(Format::of("x.dsjc"), Some(Format::Dsjc));
        assert_eq!(Format::of("sas7bdat"), None);
        assert_eq!(Format::of("x.sas7bdat"), None);
    }

    #[test]
    fn stamps_go_both_ways() {
        let stamp = parse_stamp("2024-01-02T13:05:00+01:00").unwrap();
        assert_eq!(stamp.to_string(), "02JAN24:13:05:00");
        assert_eq!(stamp_text(stamp), "2024-01-02T13:05:00");
        assert_eq!(parse_stamp("2024-02-30T00:00:00").map(|s| s.to_string()), None);
        assert_eq!(parse_stamp("2024-01-02"), None);
    }

    #[test]
    fn a_dataset_keeps_its_values_through_every_format() {
        let mut data = Dataset::new("PC", "", vec![Variable::char("USUBJID", ""), Variable::num("AVAL", "")]);
        data.push_row([Cell::Text("S01"), Cell::Num(4.9e-7)]);
        data.push_row([Cell::Text("S02"), Cell::MissingNum(Missing::ORDINARY)]);
        let all = [Format::Xpt, Format::Json, Format::Ndjson, Format::Dsjc, Format::Csv, Format::Tsv, Format::Xlsx];
        for format in all {
            let (bytes, findings) = save(&data, &Source::Csv, format, &SaveOptions::default()).unwrap();
            assert_eq!(findings, []);
            let loaded = load(&format!("pc.{}", format.extension()), &bytes, &LoadOptions::default()).unwrap();
            assert_eq!(loaded[0].dataset.name, "PC");
            assert_eq!(loaded[0].dataset.columns(), data.columns(), "{format:?}");
        }
    }

    #[test]
    fn decimals_become_numbers_and_dates_get_a_format() {
        let date = Variable::new("ADT", "", Kind::Num, DataType::Date);
        let decimal = Variable::new("AVAL", "", Kind::Char, DataType::Decimal);
        let mut data = Dataset::new("A", "", vec![date, decimal]);
        data.push_row([Cell::Num(1.0), Cell::Text("1.300")]);
        data.push_row([Cell::Num(2.0), Cell::Text("")]);
        let (bytes, _) = save(&data, &Source::Csv, Format::Xpt, &SaveOptions::default()).unwrap();
        let read = load("a.xpt", &bytes, &LoadOptions::default()).unwrap().remove(0).dataset;
        assert_eq!(read.cell(0, "AVAL"), Some(Cell::Num(1.3)));
        assert_eq!(read.cell(1, "AVAL"), Some(Cell::MissingNum(Missing::ORDINARY)));
        assert_eq!(read.variables()[0].format.as_deref(), Some("DATE9."));
    }
}
