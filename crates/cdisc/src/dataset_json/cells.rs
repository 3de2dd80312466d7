//! One row's values on their way from JSON into columns.

use super::JsonError;
use super::meta::{JsonType, TargetType};
use crate::sas_time;
use croft_core::{Cell, Column, DataType, Dataset, Finding, Kind, Missing, Severity, TextColumn};
use serde::de::{DeserializeSeed, IgnoredAny, SeqAccess, Visitor};
use std::fmt;

/// How a column's JSON values become cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    Text,
    Number,
    Boolean,
    Date,
    Time,
    Datetime,
}

impl Reading {
    pub(crate) fn of(data_type: JsonType, target: Option<TargetType>) -> Self {
        match (data_type, target) {
            (JsonType::Date, Some(TargetType::Integer)) => Self::Date,
            (JsonType::Time, Some(TargetType::Integer)) => Self::Time,
            (JsonType::Datetime, Some(TargetType::Integer)) => Self::Datetime,
            (JsonType::Integer | JsonType::Float | JsonType::Double, _) => Self::Number,
            (JsonType::Boolean, _) => Self::Boolean,
            _ => Self::Text,
        }
    }

    pub(crate) fn kind(self) -> Kind {
        if self == Self::Text { Kind::Char } else { Kind::Num }
    }

    fn parse(self, text: &str) -> Option<f64> {
        match self {
            Self::Date => sas_time::parse_date(text),
            Self::Time => sas_time::parse_time(text),
            Self::Datetime => sas_time::parse_datetime(text),
            _ => None,
        }
    }
}

/// The dataset being filled.
pub(crate) struct Filling {
    pub dataset: Dataset,
    pub readings: Vec<Reading>,
    pub findings: Vec<Finding>,
    /// Columns in which a finding about decimals or text was made already.
    odd: Vec<bool>,
    rows: usize,
    /// Why the last row could not be taken; serde's error carries only words.
    pub failure: Option<JsonError>,
}

impl Filling {
    pub(crate) fn new(dataset: Dataset, readings: Vec<Reading>) -> Self {
        let odd = vec![false; readings.len()];
        Self { dataset, readings, findings: Vec::new(), odd, rows: 0, failure: None }
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    fn fail<E: serde::de::Error>(&mut self, error: JsonError) -> E {
        self.failure = Some(error);
        E::custom("a row cannot be taken")
    }

    fn bad<E: serde::de::Error>(&mut self, column: usize, message: String) -> E {
        let name = self.dataset.variables()[column].name.clone();
        self.fail(JsonError::Cell { row: self.rows + 1, column: name, message })
    }

    fn remark(&mut self, column: usize, rule: &str, value: &str, message: &str) {
        if std::mem::replace(&mut self.odd[column], true) {
            return;
        }
        let name = self.dataset.variables()[column].name.clone();
        let finding = Finding::new(rule, Severity::Warning, &self.dataset.name, message);
        self.findings.push(finding.at(self.rows + 1, &name, value));
    }

    fn number<E: serde::de::Error>(&mut self, column: usize, x: f64) -> Result<(), E> {
        if self.readings[column] != Reading::Number {
            return Err(self.bad(column, format!("the number {x} stands where a text is declared")));
        }
        if x.fract() != 0.0 && self.dataset.variables()[column].data_type == DataType::Integer {
            self.remark(
                column,
                "JSON-INTEGER",
                &x.to_string(),
                "a column declared integer holds decimals; they are kept",
            );
        }
        self.dataset.columns_mut()[column].push(Cell::Num(x));
        Ok(())
    }

    fn whole<E: serde::de::Error>(&mut self, column: usize, x: i128) -> Result<(), E> {
        let nearest = x as f64;
        if nearest as i128 != x {
            let message = "the integer is beyond the exact range of a double and was rounded";
            self.remark(column, "JSON-PRECISION", &x.to_string(), message);
        }
        self.number(column, nearest)
    }

    fn text<E: serde::de::Error>(&mut self, column: usize, text: &str) -> Result<(), E> {
        match self.readings[column] {
            Reading::Text => {}
            Reading::Number if self.all_null(column) => self.turn_to_text(column, text),
            Reading::Number | Reading::Boolean => {
                return Err(self.bad(column, format!("the text {text:?} stands where a number is declared")));
            }
            reading => {
                let Some(x) = reading.parse(text) else {
                    let message = format!("{text:?} is no complete ISO 8601 {reading:?}, so it has no number");
                    return Err(self.bad(column, message.to_lowercase()));
                };
                self.dataset.columns_mut()[column].push(Cell::Num(x));
                return Ok(());
            }
        }
        self.dataset.columns_mut()[column].push(Cell::Text(text));
        Ok(())
    }

    fn all_null(&self, column: usize) -> bool {
        (0..self.rows).all(|row| self.dataset.columns()[column].get(row).is_missing())
    }

    /// A column declared a number whose first value is a text: it is read as text, rather than lost.
    fn turn_to_text(&mut self, column: usize, text: &str) {
        self.remark(column, "JSON-TEXT-IN-NUMBER", text, "a column declared a number holds text; it is read as text");
        let mut texts = TextColumn::default();
        (0..self.rows).for_each(|_| texts.push_null());
        self.dataset.columns_mut()[column] = Column::Char(texts);
        self.dataset.variables_mut()[column].kind = Kind::Char;
        self.readings[column] = Reading::Text;
    }

    fn null(&mut self, column: usize) {
        let column = &mut self.dataset.columns_mut()[column];
        match column.kind() {
            Kind::Num => column.push(Cell::MissingNum(Missing::ORDINARY)),
            Kind::Char => column.push(Cell::Null),
        }
    }
}

/// Takes one row.
pub(crate) struct RowSeed<'f>(pub &'f mut Filling);

impl<'de> DeserializeSeed<'de> for RowSeed<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for RowSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a row: an array of values")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<(), A::Error> {
        let expected = self.0.readings.len();
        let mut found = 0;
        while found < expected && values.next_element_seed(CellSeed { filling: self.0, column: found })?.is_some() {
            found += 1;
        }
        while values.next_element::<IgnoredAny>()?.is_some() {
            found += 1;
        }
        if found != expected {
            let row = self.0.rows + 1;
            return Err(self.0.fail(JsonError::RowLength { row, found, expected }));
        }
        self.0.rows += 1;
        Ok(())
    }
}

/// Takes all rows.
pub(crate) struct RowsSeed<'f>(pub &'f mut Filling);

impl<'de> DeserializeSeed<'de> for RowsSeed<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for RowsSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("rows: an array of arrays")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<(), A::Error> {
        while rows.next_element_seed(RowSeed(self.0))?.is_some() {}
        Ok(())
    }
}

struct CellSeed<'f> {
    filling: &'f mut Filling,
    column: usize,
}

impl<'de> DeserializeSeed<'de> for CellSeed<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for CellSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a number, true, false or null")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        self.filling.text(self.column, text)
    }

    fn visit_f64<E: serde::de::Error>(self, x: f64) -> Result<(), E> {
        if !x.is_finite() {
            return Err(E::custom("a number is beyond the range of a double"));
        }
        self.filling.number(self.column, x)
    }

    fn visit_i64<E: serde::de::Error>(self, x: i64) -> Result<(), E> {
        self.filling.whole(self.column, i128::from(x))
    }

    fn visit_u64<E: serde::de::Error>(self, x: u64) -> Result<(), E> {
        self.filling.whole(self.column, i128::from(x))
    }

    fn visit_bool<E: serde::de::Error>(self, x: bool) -> Result<(), E> {
        if self.filling.readings[self.column] != Reading::Boolean {
            return Err(self.filling.bad(self.column, format!("{x} stands where no boolean is declared")));
        }
        self.filling.dataset.columns_mut()[self.column].push(Cell::Num(f64::from(u8::from(x))));
        Ok(())
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        self.filling.null(self.column);
        Ok(())
    }
}
