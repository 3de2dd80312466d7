//! How is a column held, so that a rule costs one pass over small integers?
//!
//! A column is a code a row and the distinct values behind the codes. A question about values (does it match, is it empty,
//! is it a date) is asked once a distinct value and spread over the rows; a join or a group compares codes. Clinical data
//! repeat themselves: 64,403 rows of supplemental qualifiers hold a handful of names.
//!
//! Cost: building, one hash a row; [`Column::test`], one call a distinct value and one load a row; a constant column
//! holds no codes at all.

use crate::value::Value;
use croft_core::dataset;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Stands for "no such row" when rows are gathered: the cell becomes missing.
pub const NO_ROW: u32 = u32::MAX;

/// A column: codes and the distinct values they stand for.
#[derive(Clone, Debug)]
pub struct Column {
    codes: Codes,
    /// Distinct; a code is an index here.
    values: Arc<Vec<Value>>,
}

/// Codes as narrow as the number of distinct values allows: most columns need one byte a row.
#[derive(Clone, Debug)]
enum Codes {
    /// So many rows of the one value.
    All(usize),
    Byte(Arc<[u8]>),
    Short(Arc<[u16]>),
    Long(Arc<[u32]>),
}

impl Codes {
    /// Codes of a column with so many distinct values.
    fn of(codes: Vec<u32>, values: usize) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "a code is below the number of values")]
        match values {
            0..=1 => Self::All(codes.len()),
            2..=256 => Self::Byte(codes.iter().map(|&code| code as u8).collect()),
            257..=65_536 => Self::Short(codes.iter().map(|&code| code as u16).collect()),
            _ => Self::Long(codes.into()),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::All(rows) => *rows,
            Self::Byte(codes) => codes.len(),
            Self::Short(codes) => codes.len(),
            Self::Long(codes) => codes.len(),
        }
    }

    fn at(&self, row: usize) -> u32 {
        match self {
            Self::All(_) => 0,
            Self::Byte(codes) => u32::from(codes[row]),
            Self::Short(codes) => u32::from(codes[row]),
            Self::Long(codes) => codes[row],
        }
    }

    /// What a table says of each row's code.
    fn look_up<T: Copy>(&self, table: &[T]) -> Vec<T> {
        match self {
            Self::All(rows) => table.first().map(|&one| vec![one; *rows]).unwrap_or_default(),
            Self::Byte(codes) => codes.iter().map(|&code| table[usize::from(code)]).collect(),
            Self::Short(codes) => codes.iter().map(|&code| table[usize::from(code)]).collect(),
            Self::Long(codes) => codes.iter().map(|&code| table[code as usize]).collect(),
        }
    }
}

/// Collects values into a column; O(1) a value.
#[derive(Default)]
pub struct Builder {
    codes: Vec<u32>,
    values: Vec<Value>,
    seen: FxHashMap<Value, u32>,
}

impl Builder {
    /// Appends a value.
    pub fn push(&mut self, value: Value) {
        let code = match self.seen.get(&value) {
            Some(&code) => code,
            None => {
                let code = code(self.values.len());
                self.values.push(value.clone());
                self.seen.insert(value, code);
                code
            }
        };
        self.codes.push(code);
    }

    /// The column.
    pub fn finish(self) -> Column {
        Column::new(self.codes, self.values)
    }
}

/// Collects texts; a text that came before costs a look-up and no allocation.
#[derive(Default)]
pub struct TextBuilder {
    codes: Vec<u32>,
    values: Vec<Value>,
    seen: FxHashMap<Arc<str>, u32>,
}

impl TextBuilder {
    /// Appends a text; an empty one is missing.
    pub fn push(&mut self, text: &str) {
        let code = match self.seen.get(text) {
            Some(&code) => code,
            None => {
                let code = code(self.values.len());
                let text: Arc<str> = text.into();
                self.values.push(if text.is_empty() { Value::Missing } else { Value::Text(Arc::clone(&text)) });
                self.seen.insert(text, code);
                code
            }
        };
        self.codes.push(code);
    }

    /// The column.
    pub fn finish(self) -> Column {
        Column::new(self.codes, self.values)
    }
}

/// Collects numbers. Two look-ups: by bits, so that rounding happens once a distinct number, and by the rounded value.
#[derive(Default)]
pub struct NumberBuilder {
    codes: Vec<u32>,
    values: Vec<Value>,
    by_bits: FxHashMap<u64, u32>,
    by_value: FxHashMap<Value, u32>,
}

impl NumberBuilder {
    /// Appends a number; `None` is missing.
    pub fn push(&mut self, number: Option<f64>) {
        // A NaN's bits stand for missing: a dataset holds finite numbers.
        let bits = number.unwrap_or(f64::NAN).to_bits();
        let (values, by_value) = (&mut self.values, &mut self.by_value);
        let code = *self.by_bits.entry(bits).or_insert_with(|| {
            *by_value.entry(Value::number(f64::from_bits(bits))).or_insert_with_key(|value| {
                values.push(value.clone());
                code(values.len() - 1)
            })
        });
        self.codes.push(code);
    }

    /// The column.
    pub fn finish(self) -> Column {
        Column::new(self.codes, self.values)
    }
}

/// A column has fewer than 2^32 rows, so its codes fit.
fn code(index: usize) -> u32 {
    u32::try_from(index).expect("a column has fewer than 2^32 rows")
}

impl FromIterator<Value> for Column {
    fn from_iter<I: IntoIterator<Item = Value>>(values: I) -> Self {
        let mut builder = Builder::default();
        for value in values {
            builder.push(value);
        }
        builder.finish()
    }
}

impl Column {
    fn new(codes: Vec<u32>, values: Vec<Value>) -> Self {
        Self { codes: Codes::of(codes, values.len()), values: Arc::new(values) }
    }

    /// One value in every row.
    pub fn constant(value: Value, rows: usize) -> Self {
        Self { codes: Codes::All(rows), values: Arc::new(vec![value]) }
    }

    /// From a dataset's column: any missing kind and a blank text are missing.
    pub fn of(column: &dataset::Column) -> Self {
        match column {
            dataset::Column::Num(numbers) => Self::of_numbers((0..numbers.len()).map(|row| numbers.get(row).ok())),
            dataset::Column::Char(texts) => Self::of_texts(texts.iter().map(Option::unwrap_or_default)),
        }
    }

    /// From numbers; `None` is missing.
    pub fn of_numbers(numbers: impl Iterator<Item = Option<f64>>) -> Self {
        let mut builder = NumberBuilder::default();
        numbers.for_each(|number| builder.push(number));
        builder.finish()
    }

    /// From texts; an empty one is missing.
    pub fn of_texts<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let mut builder = TextBuilder::default();
        texts.for_each(|text| builder.push(text));
        builder.finish()
    }

    /// Rows.
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The code of a row: an index into [`Column::values`].
    pub fn code(&self, row: usize) -> u32 {
        self.codes.at(row)
    }

    /// The codes in row order.
    pub fn codes(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.len()).map(|row| self.codes.at(row))
    }

    /// The value of a row.
    pub fn value(&self, row: usize) -> &Value {
        &self.values[self.code(row) as usize]
    }

    /// The distinct values. A gathered column may list values that no row has any more.
    pub fn values(&self) -> &[Value] {
        &self.values
    }

    /// The distinct values that rows have, in order of first appearance.
    pub fn present(&self) -> Vec<&Value> {
        let mut seen = vec![false; self.values.len()];
        let mut found = Vec::new();
        for code in self.codes() {
            if !std::mem::replace(&mut seen[code as usize], true) {
                found.push(&self.values[code as usize]);
                if found.len() == self.values.len() {
                    break;
                }
            }
        }
        found
    }

    /// The given rows, in that order; [`NO_ROW`] gives missing.
    pub fn gather(&self, rows: &[u32]) -> Self {
        // Often all rows in their order, or one row again and again: then nothing is copied.
        if rows.len() == self.len() && rows.iter().zip(0..).all(|(&row, i)| row == i) {
            return self.clone();
        }
        if let Some(&first) = rows.first().filter(|&&row| row != NO_ROW)
            && rows.iter().all(|&row| row == first)
        {
            return Self::constant(self.value(first as usize).clone(), rows.len());
        }
        let lacks = rows.contains(&NO_ROW);
        if let (Codes::All(_), false) = (&self.codes, lacks) {
            return Self { codes: Codes::All(rows.len()), values: Arc::clone(&self.values) };
        }
        let mut values = Arc::clone(&self.values);
        let mut missing = 0;
        if lacks {
            missing = values.iter().position(Value::is_missing).unwrap_or_else(|| {
                Arc::make_mut(&mut values).push(Value::Missing);
                values.len() - 1
            });
        }
        let missing = code(missing);
        let codes: Vec<u32> =
            rows.iter().map(|&row| if row == NO_ROW { missing } else { self.code(row as usize) }).collect();
        // A value that no gathered row has stays in the list, so the number of values is the source's.
        Self { codes: Codes::of(codes, values.len()), values }
    }

    /// One column after another.
    pub fn append(&self, other: &Self) -> Self {
        let mut builder = Builder::default();
        for column in [self, other] {
            for row in 0..column.len() {
                builder.push(column.value(row).clone());
            }
        }
        builder.finish()
    }

    /// A new column from each distinct value; O(distinct) calls.
    pub fn map(&self, mut each: impl FnMut(&Value) -> Value) -> Self {
        let mut builder = Builder::default();
        let mut recoded = Vec::with_capacity(self.values.len());
        for value in self.values.iter() {
            builder.push(each(value));
            recoded.extend(builder.codes.pop());
        }
        let codes = Codes::of(self.codes.look_up(&recoded), builder.values.len());
        Self { codes, values: Arc::new(builder.values) }
    }

    /// Which rows hold a value that passes; O(distinct) calls.
    pub fn test(&self, mut passes: impl FnMut(&Value) -> bool) -> Vec<bool> {
        let passed: Vec<bool> = self.values.iter().map(&mut passes).collect();
        self.codes.look_up(&passed)
    }

    /// Which rows pass a question about two columns. A pair of values is asked once while it is the last one asked;
    /// two constant columns are asked once.
    pub fn test_with(&self, other: &Self, mut passes: impl FnMut(&Value, &Value) -> bool) -> Vec<bool> {
        if let Codes::All(_) = other.codes {
            let Some(value) = other.values.first() else { return Vec::new() };
            return self.test(|v| passes(v, value));
        }
        let mut last = None;
        let pairs = self.codes().zip(other.codes());
        let answers = pairs.map(|pair| match last {
            Some((seen, answer)) if seen == pair => answer,
            _ => {
                let answer = passes(&self.values[pair.0 as usize], &other.values[pair.1 as usize]);
                last = Some((pair, answer));
                answer
            }
        });
        answers.collect()
    }

    /// A new column from each pair of values, asked once a distinct pair.
    pub fn combine(&self, other: &Self, mut each: impl FnMut(&Value, &Value) -> Value) -> Self {
        if let Codes::All(_) = other.codes
            && let Some(value) = other.values.first()
        {
            return self.map(|mine| each(mine, value));
        }
        let mut asked: FxHashMap<(u32, u32), Value> = FxHashMap::default();
        let pairs = self.codes().zip(other.codes());
        let answer = |pair: (u32, u32)| {
            let fresh = || each(&self.values[pair.0 as usize], &other.values[pair.1 as usize]);
            asked.entry(pair).or_insert_with(fresh).clone()
        };
        pairs.map(answer).collect()
    }

    /// Whether the values present are lists (and there is one).
    pub fn holds_lists(&self) -> bool {
        let mut any = false;
        for value in self.present() {
            match value {
                Value::List(_) => any = true,
                Value::Missing => {}
                _ => return false,
            }
        }
        any
    }

    /// Bytes held, for the engine's account of memory.
    pub fn size(&self) -> usize {
        let codes = match &self.codes {
            Codes::All(_) => 0,
            Codes::Byte(codes) => codes.len(),
            Codes::Short(codes) => codes.len() * 2,
            Codes::Long(codes) => codes.len() * 4,
        };
        let texts: usize = self.values.iter().filter_map(Value::as_text).map(|t| t.len() + 16).sum();
        codes + texts + self.values.len() * size_of::<Value>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(texts: &[&str]) -> Column {
        Column::of_texts(texts.iter().copied())
    }

    #[test]
    fn rows_that_repeat_share_a_value() {
        let sex = column(&["F", "M", "F", "", "M"]);
        assert_eq!(sex.values().len(), 3);
        assert_eq!(sex.test(|v| v == &Value::text("F")), [true, false, true, false, false]);
    }

    #[test]
    fn a_gathered_row_that_is_not_there_is_missing() {
        let sex = column(&["F", "M"]).gather(&[1, NO_ROW, 1]);
        assert_eq!([sex.value(0), sex.value(1), sex.value(2)], [&Value::text("M"), &Value::Missing, &Value::text("M")]);
        let one = column(&["F", "F"]).gather(&[0, NO_ROW]);
        assert_eq!([one.value(0), one.value(1)], [&Value::text("F"), &Value::Missing]);
    }

    #[test]
    fn mapping_merges_values_that_become_equal() {
        let lower =
            column(&["a", "A", "b"]).map(|v| v.as_text().map_or(Value::Missing, |t| Value::text(&t.to_lowercase())));
        assert_eq!(lower.values().len(), 2);
        assert_eq!(lower.code(0), lower.code(1));
    }

    #[test]
    fn numbers_that_differ_by_noise_share_a_value() {
        let numbers = Column::of_numbers([Some(8.55), Some(8.549_999_999_999_999), None].into_iter());
        assert_eq!(numbers.code(0), numbers.code(1));
        assert!(numbers.value(2).is_missing());
    }
}
