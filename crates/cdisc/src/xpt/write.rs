//! Writing: the same bytes for the same data and options.

use super::format::Format;
use super::ibm::{self, IbmError};
use super::layout::{CARD, Filler, Namestr, RawFormat, header, padded};
use super::{Member, Origin, Stamp, Version, XptError};
use crate::charset::Charset;
use croft_core::{Column, Dataset, Finding, NumColumn, Severity, TextColumn, Variable};
use std::borrow::Cow;
use std::io::Write;

/// Bytes of observations put together before they are written.
const BLOCK: usize = 1 << 18;

/// How a dataset is written.
#[derive(Clone, Debug)]
pub struct WriteOptions {
    /// Layout.
    pub version: Version,
    /// Encoding of texts, names and labels.
    pub charset: Charset,
    /// Who wrote the library.
    pub library: Origin,
    /// Who wrote the member.
    pub origin: Origin,
    /// Dataset type, mostly empty.
    pub dataset_type: String,
    /// Whether each variable's format is right-justified; variables beyond the list are not.
    pub right_justified: Vec<bool>,
    /// What stands in unused bytes of the header.
    pub filler: Filler,
}

impl WriteOptions {
    /// UTF-8 with this stamp for all that is created and modified.
    pub fn new(version: Version, stamp: Stamp) -> Self {
        let origin = Origin { sas_version: *b"9.4     ", os: *b"croft   ", created: stamp, modified: stamp };
        let (library, dataset_type) = (origin, String::new());
        Self {
            version,
            charset: Charset::UTF_8,
            library,
            origin,
            dataset_type,
            right_justified: Vec::new(),
            filler: Filler::default(),
        }
    }

    /// As the member was when it was read.
    pub fn like(member: &Member) -> Self {
        Self {
            version: member.version,
            charset: member.charset.unwrap_or(Charset::UTF_8),
            library: member.library,
            origin: member.origin,
            dataset_type: member.dataset_type.clone(),
            right_justified: member.right_justified.clone(),
            filler: member.filler,
        }
    }
}

/// What will trouble a reviewer or a reader of the file, found without writing it.
///
/// Limits of the version are errors of [`write()`]; those of the FDA are findings: names in capitals of at most 8, labels of at most
/// 40, texts of at most 200 bytes, ASCII (Study Data Technical Conformance Guide, chapter 3). Cost: one look at each text.
pub fn check(dataset: &Dataset, options: &WriteOptions) -> Vec<Finding> {
    let mut findings = Vec::new();
    check_name(&mut findings, dataset, None, &dataset.name, &dataset.label);
    for (variable, column) in dataset.variables().iter().zip(dataset.columns()) {
        let name = &variable.name;
        check_name(&mut findings, dataset, Some(name), name, &variable.label);
        let Column::Char(texts) = column else { continue };
        let length = variable.length.map_or(texts.longest(), |n| n as usize);
        if length > 200 {
            let text = format!("the variable is {length} bytes long, over 200");
            findings.push(about(dataset, Some(name), "XPT-TEXT-LENGTH", Severity::Warning, text));
        }
        if let Some((row, text)) = first_text(texts, |t| !t.is_ascii()) {
            let finding =
                about(dataset, Some(name), "XPT-ASCII", Severity::Warning, "the text is not ASCII".to_owned());
            findings.push(finding.at(row + 1, name, text));
        }
    }
    let lost = rows_lost_to_padding(dataset);
    if options.version == Version::V5 && lost > 0 {
        let text = format!("the last {lost} row(s) are blank, short, and look like padding: readers will drop them");
        let finding = about(dataset, None, "XPT-BLANK-ROW", Severity::Warning, text);
        findings.push(finding.hint("write version 8, which counts its rows"));
    }
    findings
}

fn check_name(findings: &mut Vec<Finding>, dataset: &Dataset, variable: Option<&str>, name: &str, label: &str) {
    let mut add = |rule, severity, text| findings.push(about(dataset, variable, rule, severity, text));
    if name.len() > 8 {
        add("XPT-NAME-LENGTH", Severity::Warning, format!("the name has {} characters, over 8", name.len()));
    }
    if name.bytes().any(|b| b.is_ascii_lowercase()) {
        add("XPT-NAME-CASE", Severity::Warning, "the name is not in capitals".to_owned());
    }
    if label.len() > 40 {
        add("XPT-LABEL-LENGTH", Severity::Warning, format!("the label has {} bytes, over 40", label.len()));
    }
}

fn about(dataset: &Dataset, variable: Option<&str>, rule: &str, severity: Severity, text: String) -> Finding {
    let mut finding = Finding::new(rule, severity, &dataset.name, text);
    finding.variable = variable.map(str::to_owned);
    finding
}

fn first_text(texts: &TextColumn, is_it: impl Fn(&str) -> bool) -> Option<(usize, &str)> {
    texts.iter().enumerate().find_map(|(row, text)| text.filter(|t| is_it(t)).map(|t| (row, t)))
}

/// Blank rows at the end that lie within the last record's last 79 bytes.
fn rows_lost_to_padding(dataset: &Dataset) -> usize {
    let texts: Option<Vec<&TextColumn>> =
        dataset.columns().iter().map(|c| if let Column::Char(t) = c { Some(t) } else { None }).collect();
    let Some(texts) = texts.filter(|t| !t.is_empty()) else { return 0 };
    let lengths = dataset.variables().iter().zip(&texts);
    let width: usize = lengths.map(|(v, t)| v.length.map_or(t.longest(), |n| n as usize).max(1)).sum();
    let end = (dataset.rows() * width).next_multiple_of(CARD);
    let blank = |row: usize| texts.iter().all(|t| t.get(row).is_none_or(|s| s.trim_end_matches(' ').is_empty()));
    (0..dataset.rows()).rev().take_while(|&row| end - row * width < CARD && blank(row)).count()
}

/// Writes a library with this one dataset. Nothing is cut: what does not fit is an error.
///
/// A variable without a length gets that of its longest text (at least 1: SAS reads no empty column), a number 8.
/// Cost: one pass over the data to find lengths, one to write; memory for one block.
pub fn write(dataset: &Dataset, options: &WriteOptions, mut out: impl Write) -> Result<(), XptError> {
    let fields = fields(dataset, options)?;
    let mut head = Vec::new();
    library_header(&mut head, options);
    member_header(&mut head, dataset, options)?;
    variable_headers(&mut head, dataset, &fields, options);
    let failed = |source| XptError::Write { source };
    out.write_all(&head).map_err(failed)?;
    let width: usize = fields.iter().map(|f| f.namestr.length).sum();
    let mut written = 0;
    if let Some(rows_a_block) = BLOCK.checked_div(width) {
        let rows_a_block = rows_a_block.max(1);
        let mut block = Vec::new();
        for first in (0..dataset.rows()).step_by(rows_a_block) {
            let rows = first..(first + rows_a_block).min(dataset.rows());
            block.clear();
            block.resize(rows.len() * width, b' ');
            for (field, column) in fields.iter().zip(dataset.columns()) {
                field.put(column, rows.clone(), &mut block, width)?;
            }
            out.write_all(&block).map_err(failed)?;
            written += block.len();
        }
    }
    let padding = written.next_multiple_of(CARD) - written;
    out.write_all(&[b' '; CARD][..padding]).and_then(|()| out.flush()).map_err(failed)
}

const ZEROS: &str = "000000000000000000000000000000";

fn library_header(head: &mut Vec<u8>, options: &WriteOptions) {
    head.extend(header(options.version.words().library, ZEROS));
    head.extend(b"SAS     SAS     SASLIB  ");
    head.extend(options.library.sas_version);
    head.extend(options.library.os);
    head.extend([b' '; 24]);
    head.extend(options.library.created.0);
    head.extend(padded::<CARD>(&options.library.modified.0));
}

fn member_header(head: &mut Vec<u8>, dataset: &Dataset, options: &WriteOptions) -> Result<(), XptError> {
    let words = options.version.words();
    let (name_limit, gap) = if options.version == Version::V8 { (32, 0) } else { (8, 24) };
    let name = limited(&dataset.name, "the dataset's name", name_limit, &dataset.name, options)?;
    let label = limited(&dataset.label, "the label of dataset", 40, &dataset.name, options)?;
    let kind = limited(&options.dataset_type, "the type of dataset", 8, &dataset.name, options)?;
    head.extend(header(words.member, "000000000000000001600000000140"));
    head.extend(header(words.descriptor, ZEROS));
    head.extend(b"SAS     ");
    head.extend(&padded::<32>(&name)[..name_limit]);
    head.extend(b"SASDATA ");
    head.extend(options.origin.sas_version);
    head.extend(options.origin.os);
    head.extend(&[b' '; 24][..gap]);
    head.extend(options.origin.created.0);
    head.extend(padded::<32>(&options.origin.modified.0));
    head.extend(padded::<40>(&label));
    head.extend(padded::<8>(&kind));
    Ok(())
}

fn variable_headers(head: &mut Vec<u8>, dataset: &Dataset, fields: &[Field<'_>], options: &WriteOptions) {
    let words = options.version.words();
    head.extend(header(words.namestr, &format!("00000{:05}{:020}", fields.len(), 0)));
    for field in fields {
        head.extend(field.namestr.to_bytes(options.version));
    }
    pad(head);
    if options.version == Version::V8 {
        long_labels(head, fields);
        head.extend(header(words.observations, &format!("{:>15}", dataset.rows())));
    } else {
        head.extend(header(words.observations, ZEROS));
    }
}

/// Labels over 40 bytes stand apart; when a format's name is over 8, all of that section carries formats.
fn long_labels(head: &mut Vec<u8>, fields: &[Field<'_>]) {
    let long_format = |f: &Field<'_>| f.namestr.format.name.len() > 8 || f.namestr.informat.name.len() > 8;
    let formats = fields.iter().any(long_format);
    let long: Vec<_> = fields.iter().filter(|f| f.namestr.label.len() > 40 || long_format(f)).collect();
    if long.is_empty() {
        return;
    }
    head.extend(header(if formats { "LABELV9 " } else { "LABELV8 " }, &long.len().to_string()));
    for field in long {
        let Namestr { number, name, label, format, informat, .. } = &field.namestr;
        let shown = |f: &RawFormat| f.to_text().unwrap_or_default().into_bytes();
        let mut texts = vec![Cow::Borrowed(name), Cow::Borrowed(label)];
        if formats {
            texts.extend([Cow::Owned(shown(format)), Cow::Owned(shown(informat))]);
        }
        head.extend(number.to_be_bytes());
        texts.iter().for_each(|t| head.extend((t.len() as u16).to_be_bytes()));
        texts.iter().for_each(|t| head.extend(t.iter()));
    }
    pad(head);
}

fn pad(head: &mut Vec<u8>) {
    head.resize(head.len().next_multiple_of(CARD), b' ');
}

/// A name or label as bytes, or the rule that it breaks.
fn limited<'t>(
    text: &'t str,
    what: &'static str,
    limit: usize,
    name: &str,
    options: &WriteOptions,
) -> Result<Cow<'t, [u8]>, XptError> {
    let version = if options.version == Version::V8 { 8 } else { 5 };
    let broken = |rule: String| XptError::Limit { what, name: name.to_owned(), version, rule };
    let charset = options.charset;
    let bytes =
        charset.encode(text).ok_or_else(|| broken(format!("it has a character that {} lacks", charset.name())))?;
    if bytes.len() > limit {
        return Err(broken(format!("it has {} bytes, at most {limit} are allowed", bytes.len())));
    }
    Ok(bytes)
}

/// A variable and where it goes in an observation.
struct Field<'d> {
    dataset: &'d str,
    variable: &'d str,
    namestr: Namestr,
    charset: Charset,
}

fn fields<'d>(dataset: &'d Dataset, options: &WriteOptions) -> Result<Vec<Field<'d>>, XptError> {
    let mut position = 0;
    let mut fields = Vec::new();
    for (i, (variable, column)) in dataset.variables().iter().zip(dataset.columns()).enumerate() {
        let right_justified = options.right_justified.get(i).copied().unwrap_or(false);
        let namestr = namestr(variable, column, i, position, right_justified, options)?;
        position += namestr.length;
        fields.push(Field { dataset: &dataset.name, variable: &variable.name, namestr, charset: options.charset });
    }
    if fields.len() > 32_767 {
        let rule = format!("it has {} variables, at most 32767 are allowed", fields.len());
        return Err(XptError::Limit { what: "dataset", name: dataset.name.clone(), version: 8, rule });
    }
    Ok(fields)
}

fn namestr(
    variable: &Variable,
    column: &Column,
    i: usize,
    position: usize,
    right_justified: bool,
    options: &WriteOptions,
) -> Result<Namestr, XptError> {
    let (name_limit, label_limit) = if options.version == Version::V8 { (32, 256) } else { (8, 40) };
    let name = limited(&variable.name, "variable", name_limit, &variable.name, options)?;
    let label = limited(&variable.label, "the label of variable", label_limit, &variable.name, options)?;
    let length = match column {
        Column::Num(_) => variable.length.filter(|n| (2..=8).contains(n)).unwrap_or(8) as usize,
        Column::Char(texts) => variable.length.map_or_else(|| longest(texts, options.charset), |n| n as usize).max(1),
    };
    if length > i16::MAX as usize {
        let rule = format!("it is {length} bytes long, at most 32767 are allowed");
        return Err(limit_of(variable, "variable", options, rule));
    }
    Ok(Namestr {
        kind: variable.kind,
        length,
        number: (i + 1) as u16,
        name: name.into_owned(),
        label: label.into_owned(),
        format: raw_format(variable.format.as_deref(), "the format of variable", variable, options)?,
        right_justified,
        informat: raw_format(variable.informat.as_deref(), "the informat of variable", variable, options)?,
        position,
        filler: options.filler,
    })
}

fn limit_of(variable: &Variable, what: &'static str, options: &WriteOptions, rule: String) -> XptError {
    let version = if options.version == Version::V8 { 8 } else { 5 };
    XptError::Limit { what, name: variable.name.clone(), version, rule }
}

fn raw_format(
    text: Option<&str>,
    what: &'static str,
    variable: &Variable,
    options: &WriteOptions,
) -> Result<RawFormat, XptError> {
    let Some(text) = text.filter(|t| !t.trim().is_empty()) else { return Ok(RawFormat::default()) };
    let limit = if options.version == Version::V8 { 32 } else { 8 };
    match Format::parse(text) {
        Some(format) if format.name.len() <= limit => Ok(RawFormat::new(&format)),
        Some(_) => Err(limit_of(variable, what, options, format!("`{text}` has a name of over {limit} characters"))),
        None => Err(limit_of(variable, what, options, format!("`{text}` is not of the form NAMEw.d"))),
    }
}

/// Bytes of the longest text in this encoding.
fn longest(texts: &TextColumn, charset: Charset) -> usize {
    if charset == Charset::UTF_8 {
        return texts.longest();
    }
    let length = |text: &str| if text.is_ascii() { text.len() } else { charset.encode(text).map_or(0, |b| b.len()) };
    texts.iter().flatten().map(length).max().unwrap_or(0)
}

impl Field<'_> {
    /// Puts these rows of the variable into a block of blank observations.
    fn put(
        &self,
        column: &Column,
        rows: std::ops::Range<usize>,
        block: &mut [u8],
        width: usize,
    ) -> Result<(), XptError> {
        let cells = block.chunks_exact_mut(width).map(|row| &mut row[self.namestr.position..][..self.namestr.length]);
        match column {
            Column::Num(numbers) => rows.zip(cells).try_for_each(|(row, cell)| self.put_number(numbers, row, cell)),
            Column::Char(texts) => rows.zip(cells).try_for_each(|(row, cell)| self.put_text(texts, row, cell)),
        }
    }

    #[inline]
    fn put_number(&self, numbers: &NumColumn, row: usize, cell: &mut [u8]) -> Result<(), XptError> {
        let bytes = match numbers.get(row) {
            Ok(x) => ibm::encode_to(x, cell.len()).map_err(|e| self.number_error(e, row, x))?,
            Err(kind) => ibm::encode_missing(kind),
        };
        cell.copy_from_slice(&bytes[..cell.len()]);
        Ok(())
    }

    #[inline]
    fn put_text(&self, texts: &TextColumn, row: usize, cell: &mut [u8]) -> Result<(), XptError> {
        let Some(text) = texts.get(row) else { return Ok(()) };
        let bytes = if self.charset == Charset::UTF_8 || text.is_ascii() {
            Cow::Borrowed(text.as_bytes())
        } else {
            self.charset.encode(text).ok_or_else(|| self.unencodable(row))?
        };
        let cell_length = cell.len();
        match cell.get_mut(..bytes.len()) {
            Some(place) => place.copy_from_slice(&bytes),
            None => return Err(self.too_long(row, bytes.len(), cell_length)),
        }
        Ok(())
    }

    #[cold]
    fn number_error(&self, error: IbmError, row: usize, value: f64) -> XptError {
        let (dataset, variable, row) = (self.dataset.to_owned(), self.variable.to_owned(), row + 1);
        match error {
            IbmError::Overflow => XptError::TooLarge { dataset, row, variable, value },
            IbmError::Underflow => XptError::TooSmall { dataset, row, variable, value },
            IbmError::Inexact => XptError::TooPrecise { dataset, row, variable, value, length: self.namestr.length },
        }
    }

    #[cold]
    fn too_long(&self, row: usize, bytes: usize, length: usize) -> XptError {
        let (dataset, variable) = (self.dataset.to_owned(), self.variable.to_owned());
        XptError::TextTooLong { dataset, row: row + 1, variable, bytes, length }
    }

    #[cold]
    fn unencodable(&self, row: usize) -> XptError {
        let (dataset, variable) = (self.dataset.to_owned(), self.variable.to_owned());
        XptError::Unencodable { dataset, row: row + 1, variable, charset: self.charset.name() }
    }
}
