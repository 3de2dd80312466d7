//! Reading JSON, NDJSON and DSJC.

use super::cells::{Filling, Reading, RowSeed, RowsSeed};
use super::meta::{ColumnMeta, JsonType, Meta};
use super::{JsonError, Packing};
use croft_core::{DataType, Dataset, Finding, Kind, Severity, Variable};
use serde::de::{DeserializeSeed, Error as _, MapAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;
use std::io::{BufRead, BufReader, Read};

/// A file as read.
#[derive(Clone, Debug)]
pub struct Document {
    /// The data.
    pub dataset: Dataset,
    /// What stands beside them.
    pub meta: Meta,
    /// What is remarkable.
    pub findings: Vec<Finding>,
    /// How it was packed (DSJC only).
    pub packing: Option<Packing>,
}

/// Reads a JSON file: one object with its rows. Rows go straight into columns when `columns` stands before `rows`, as it
/// mostly does; memory is that of the text and the data.
pub fn read_json(bytes: &[u8]) -> Result<Document, JsonError> {
    let text = utf8(bytes)?;
    let mut gathered = Gathered::default();
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let outcome = serde::Deserializer::deserialize_map(&mut deserializer, ObjectVisitor(&mut gathered));
    if let Err(error) = outcome.and_then(|()| deserializer.end()) {
        return Err(gathered.failure().unwrap_or_else(|| syntax(&error, 0)));
    }
    let Gathered { attributes, filling, rows, .. } = gathered;
    let mut filling = match filling {
        Some(filling) => filling,
        None => filling_for(&attributes)?,
    };
    if let Some(rows) = rows {
        let outcome = RowsSeed(&mut filling).deserialize(rows);
        outcome.map_err(|error| filling.failure.take().unwrap_or_else(|| syntax(&error, 0)))?;
    }
    finish(attributes, filling)
}

/// Reads NDJSON: metadata on the first line, a row on each other. Memory is that of a line and the data.
pub fn read_ndjson(reader: impl BufRead) -> Result<Document, JsonError> {
    let mut lines = Lines { reader, number: 0, line: Vec::new() };
    let Some(head) = lines.next()? else { return Err(JsonError::Empty) };
    let attributes: Map<String, Value> = serde_json::from_str(head).map_err(|e| syntax(&e, 0))?;
    let mut filling = filling_for(&attributes)?;
    while let Some(line) = lines.next()? {
        let mut deserializer = serde_json::Deserializer::from_str(line);
        let outcome = RowSeed(&mut filling).deserialize(&mut deserializer).and_then(|()| deserializer.end());
        if let Err(error) = outcome {
            return Err(filling.failure.take().unwrap_or_else(|| syntax(&error, lines.number - 1)));
        }
    }
    finish(attributes, filling)
}

/// Reads DSJC: NDJSON in a zlib stream, as specified, or a gzip stream, as published.
pub fn read_dsjc(reader: impl Read) -> Result<Document, JsonError> {
    let mut reader = BufReader::new(reader);
    let head = reader.fill_buf().map_err(|source| JsonError::Read { source })?;
    let packing = match *head {
        [] => return Err(JsonError::Empty),
        [0x1f, 0x8b, ..] => Packing::Gzip,
        // RFC 1950: method 8 in the low bits, and both bytes together a multiple of 31.
        [a, b, ..] if a & 0x0f == 8 && (u16::from(a) << 8 | u16::from(b)).is_multiple_of(31) => Packing::Zlib,
        _ => return Err(JsonError::NotPacked),
    };
    let read = match packing {
        Packing::Gzip => read_ndjson(BufReader::new(flate2::bufread::MultiGzDecoder::new(reader))),
        Packing::Zlib => read_ndjson(BufReader::new(flate2::bufread::ZlibDecoder::new(reader))),
    };
    let mut document = read.map_err(|error| match error {
        JsonError::Read { source } => JsonError::Packed { source },
        other => other,
    })?;
    document.packing = Some(packing);
    if packing == Packing::Gzip {
        let text = "the file is a gzip stream; the specification says zlib, which is what croft writes";
        document.findings.push(Finding::new("JSON-PACKING", Severity::Note, &document.dataset.name, text));
    }
    Ok(document)
}

fn utf8(bytes: &[u8]) -> Result<&str, JsonError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = bytes[..error.valid_up_to()].iter().filter(|&&b| b == b'\n').count() + 1;
        JsonError::NotUtf8 { line }
    })?;
    if text.trim().is_empty() { Err(JsonError::Empty) } else { Ok(text) }
}

fn syntax(error: &serde_json::Error, lines_before: usize) -> JsonError {
    let place = format!(" at line {} column {}", error.line(), error.column());
    let message = error.to_string();
    let message = message.strip_suffix(&place).unwrap_or(&message).to_owned();
    JsonError::Syntax { line: error.line() + lines_before, column: error.column(), message }
}

/// Lines that are not blank.
/// Bytes of a line at most. A packed file of a few kilobytes may unpack to a line without end.
const LONGEST_LINE: u64 = 64 << 20;

struct Lines<R> {
    reader: R,
    number: usize,
    line: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    fn next(&mut self) -> Result<Option<&str>, JsonError> {
        loop {
            self.line.clear();
            let read = self.reader.by_ref().take(LONGEST_LINE + 1).read_until(b'\n', &mut self.line);
            if read.map_err(|source| JsonError::Read { source })? == 0 {
                return Ok(None);
            }
            self.number += 1;
            if self.line.len() as u64 > LONGEST_LINE {
                return Err(JsonError::LineTooLong { line: self.number });
            }
            if !self.line.trim_ascii().is_empty() {
                break;
            }
        }
        let line = self.line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.line);
        std::str::from_utf8(line).map(Some).map_err(|_| JsonError::NotUtf8 { line: self.number })
    }
}

/// What the members of the object gave so far.
#[derive(Default)]
struct Gathered {
    attributes: Map<String, Value>,
    filling: Option<Filling>,
    /// Rows that came before the columns.
    rows: Option<Value>,
    failure: Option<JsonError>,
}

impl Gathered {
    fn failure(&mut self) -> Option<JsonError> {
        self.failure.take().or_else(|| self.filling.as_mut()?.failure.take())
    }
}

struct ObjectVisitor<'g>(&'g mut Gathered);

impl<'de> Visitor<'de> for ObjectVisitor<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a Dataset-JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(key) = members.next_key::<String>()? {
            if key != "rows" {
                self.0.attributes.insert(key, members.next_value()?);
            } else if self.0.attributes.contains_key("columns") {
                match filling_for(&self.0.attributes) {
                    Ok(filling) => members.next_value_seed(RowsSeed(self.0.filling.insert(filling)))?,
                    Err(error) => {
                        self.0.failure = Some(error);
                        return Err(A::Error::custom("the columns cannot be used"));
                    }
                }
            } else {
                self.0.rows = Some(members.next_value()?);
            }
        }
        Ok(())
    }
}

fn lacks(attribute: &'static str) -> JsonError {
    JsonError::Lacks { attribute }
}

fn columns(attributes: &Map<String, Value>) -> Result<Vec<ColumnMeta>, JsonError> {
    let all = attributes.get("columns").and_then(Value::as_array).ok_or(lacks("columns"))?;
    all.iter().map(column).collect()
}

fn column(value: &Value) -> Result<ColumnMeta, JsonError> {
    let text = |attribute: &'static str| value.get(attribute).and_then(Value::as_str).ok_or(lacks(attribute));
    let name = text("name")?;
    text("itemOID")?;
    text("label")?;
    let found = text("dataType")?;
    if serde_json::from_value::<JsonType>(found.into()).is_err() {
        return Err(JsonError::DataType { name: name.to_owned(), found: found.to_owned() });
    }
    serde_json::from_value(value.clone()).map_err(|error| JsonError::Syntax {
        line: 0,
        column: 0,
        message: format!("column {name}: {error}"),
    })
}

fn filling_for(attributes: &Map<String, Value>) -> Result<Filling, JsonError> {
    let columns = columns(attributes)?;
    let readings: Vec<_> = columns.iter().map(|c| Reading::of(c.data_type, c.target_data_type)).collect();
    let variables = columns.iter().zip(&readings).map(|(column, reading)| variable(column, *reading)).collect();
    let mut dataset = Dataset::new("", "", variables);
    let mut keys: Vec<_> = columns.iter().filter_map(|c| Some((c.key_sequence?, c.name.clone()))).collect();
    keys.sort_by_key(|(sequence, _)| *sequence);
    dataset.keys = keys.into_iter().map(|(_, name)| name).collect();
    Ok(Filling::new(dataset, readings))
}

fn variable(column: &ColumnMeta, reading: Reading) -> Variable {
    let data_type = match column.data_type {
        JsonType::String => DataType::Text,
        JsonType::Integer => DataType::Integer,
        JsonType::Decimal => DataType::Decimal,
        JsonType::Float => DataType::Float,
        JsonType::Double => DataType::Double,
        JsonType::Boolean => DataType::Boolean,
        JsonType::Datetime => DataType::Datetime,
        JsonType::Date => DataType::Date,
        JsonType::Time => DataType::Time,
        JsonType::Uri => DataType::Uri,
    };
    let mut variable = Variable::new(&column.name, &column.label, reading.kind(), data_type);
    // A number's length counts digits here, not the bytes of a transport file.
    variable.length = column.length.filter(|_| reading.kind() == Kind::Char && data_type != DataType::Decimal);
    variable.format = column.display_format.clone();
    variable
}

fn finish(mut attributes: Map<String, Value>, filling: Filling) -> Result<Document, JsonError> {
    let columns = columns(&attributes)?;
    let text = |attribute: &'static str| {
        attributes.get(attribute).and_then(Value::as_str).map(str::to_owned).ok_or(lacks(attribute))
    };
    text("datasetJSONCreationDateTime")?;
    text("datasetJSONVersion")?;
    text("itemGroupOID")?;
    let (name, label) = (text("name")?, text("label")?);
    let records = attributes.get("records").and_then(Value::as_u64).ok_or(lacks("records"))?;
    for own in ["columns", "records", "name", "label"] {
        attributes.shift_remove(own);
    }
    let mut meta: Meta = serde_json::from_value(Value::Object(attributes)).map_err(|error| syntax(&error, 0))?;
    meta.columns = columns;
    let rows = filling.rows() as u64;
    let Filling { mut dataset, mut findings, .. } = filling;
    dataset.name = name;
    dataset.label = label;
    findings.iter_mut().for_each(|finding| finding.dataset.clone_from(&dataset.name));
    if records != rows {
        let text = format!("the metadata say {records} records, the file has {rows} rows");
        findings.push(Finding::new("JSON-RECORDS", Severity::Error, &dataset.name, text));
    }
    Ok(Document { dataset, meta, findings, packing: None })
}
