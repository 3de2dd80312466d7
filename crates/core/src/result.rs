//! What did an analysis find?
//!
//! One long table for all analyses, after CDISC's analysis results data (ARD) and standard (ARS):
//! a row is one statistic of one parameter in one group, with the method and options that made it and
//! the rows of the analysis dataset that it used. Displays read only this; quality control compares two of them.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A level of a grouping variable: `TRTA` = `Test`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[expect(missing_docs, reason = "said above")]
pub struct Group {
    pub variable: String,
    pub value: String,
}

/// A statistic's value, or why there is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatValue {
    /// A number at full precision; rounding is the display's.
    Num(f64),
    /// A word: a decision, a method name.
    Text(String),
    /// Not calculable, with the reason.
    NotCalculable(String),
}

impl StatValue {
    /// The number, if this is one.
    pub fn num(&self) -> Option<f64> {
        match self {
            Self::Num(x) => Some(*x),
            _ => None,
        }
    }
}

/// Rows of a dataset, counted from 0, kept as ranges.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct RowSet(Vec<(usize, usize)>);

impl RowSet {
    /// The rows of an ascending or unordered list; duplicates count once. O(n log n).
    pub fn new(mut rows: Vec<usize>) -> Self {
        rows.sort_unstable();
        let mut ranges: Vec<(usize, usize)> = Vec::new();
        for row in rows {
            match ranges.last_mut() {
                Some((_, last)) if row <= last.saturating_add(1) => *last = row,
                _ => ranges.push((row, row)),
            }
        }
        Self(ranges)
    }

    /// The rows, ascending.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().flat_map(|&(first, last)| first..=last)
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.0.iter().fold(0, |sum: usize, (first, last)| sum.saturating_add((last - first).saturating_add(1)))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for RowSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (first, last)) in self.0.iter().enumerate() {
            let comma = if i == 0 { "" } else { "," };
            if first == last { write!(f, "{comma}{first}")? } else { write!(f, "{comma}{first}-{last}")? }
        }
        Ok(())
    }
}

impl From<RowSet> for String {
    fn from(rows: RowSet) -> Self {
        rows.to_string()
    }
}

impl TryFrom<String> for RowSet {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let number = |s: &str| s.parse::<usize>().map_err(|_| format!("`{text}` is not a set of rows like `0-3,7`"));
        let mut ranges = Vec::new();
        for part in text.split(',').filter(|p| !p.is_empty()) {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            ranges.push((number(first)?, number(last)?));
        }
        let ascending = ranges.iter().all(|(a, b)| a <= b) && ranges.windows(2).all(|w| w[0].1 < w[1].0);
        if ascending { Ok(Self(ranges)) } else { Err(format!("the rows `{text}` do not ascend")) }
    }
}

/// One row of the results table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnalysisResult {
    /// The analysis, named by its file in `analyse/`.
    pub analysis: String,
    /// The registered method that computed it.
    pub method: String,
    /// The dataset analysed.
    pub dataset: String,
    /// Groups, outermost first; empty for an overall result.
    pub groups: Vec<Group>,
    /// Parameter code (`PARAMCD`) or the variable analysed.
    pub parameter: String,
    /// The statistic's code: `N`, `MEAN`, `PE_PCT`.
    pub statistic: String,
    /// Its value.
    pub value: StatValue,
    /// Unit of the value, empty when it has none.
    pub unit: String,
    /// Options of the method as canonical JSON: sorted keys, no spaces.
    pub options: String,
    /// Rows of the dataset that were used.
    pub rows: RowSet,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_kept_as_ranges_and_read_back() {
        let rows = RowSet::new(vec![7, 2, 0, 1, 2, 9]);
        assert_eq!(rows.to_string(), "0-2,7,9");
        assert_eq!(rows.len(), 5);
        assert_eq!(RowSet::try_from("0-2,7,9".to_owned()), Ok(rows));
        assert!(RowSet::try_from("3-1".to_owned()).is_err());
    }
}
