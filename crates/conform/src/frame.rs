//! What does a rule look at?
//!
//! A frame: named columns of equal length, and for each row the dataset and record that it came from. A dataset's own
//! frame shares its columns; a join is two lists of row numbers, and a column is gathered through them only when a rule
//! reads it.
//!
//! Cost: a join is O(left + right + matches), whatever the number of columns; reading a gathered column the first time is O(rows).

use crate::column::{Column, NO_ROW};
use crate::value::Value;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// A column that is there, or will be when it is read.
#[derive(Clone, Debug)]
struct Slot {
    source: Column,
    /// Rows of `source`; `None`: all, in order.
    rows: Option<Arc<Vec<u32>>>,
    read: OnceLock<Column>,
}

impl Slot {
    fn column(&self) -> &Column {
        match &self.rows {
            None => &self.source,
            Some(rows) => self.read.get_or_init(|| self.source.gather(rows)),
        }
    }

    /// The rows of a list within this slot's rows.
    fn through(&self, rows: &Arc<Vec<u32>>) -> Self {
        let composed = match &self.rows {
            None => Arc::clone(rows),
            Some(mine) => {
                let at = |&row: &u32| if row == NO_ROW { NO_ROW } else { mine[row as usize] };
                Arc::new(rows.iter().map(at).collect())
            }
        };
        Self { source: self.source.clone(), rows: Some(composed), read: OnceLock::new() }
    }
}

/// Named columns of equal length.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    rows: usize,
    names: Vec<Arc<str>>,
    slots: BTreeMap<Arc<str>, Slot>,
    /// Which dataset each row came from, and which record of it (from 1).
    pub origin: Option<(Column, Column)>,
}

impl Frame {
    /// No columns yet, so many rows.
    pub fn of_rows(rows: usize) -> Self {
        Self { rows, ..Self::default() }
    }

    /// Rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Column names in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|name| &**name)
    }

    /// Whether there is such a column.
    pub fn has(&self, name: &str) -> bool {
        self.slots.contains_key(name)
    }

    /// A column.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.slots.get(name).map(Slot::column)
    }

    /// Adds a column, or replaces it in its place.
    pub fn set(&mut self, name: &str, column: Column) {
        debug_assert_eq!(column.len(), self.rows, "columns of a frame have equal length");
        self.put(name.into(), Slot { source: column, rows: None, read: OnceLock::new() });
    }

    fn put(&mut self, name: Arc<str>, slot: Slot) {
        if self.slots.insert(Arc::clone(&name), slot).is_none() {
            self.names.push(name);
        }
    }

    /// Removes a column.
    pub fn remove(&mut self, name: &str) {
        if self.slots.remove(name).is_some() {
            self.names.retain(|n| &**n != name);
        }
    }

    /// The frame with some columns renamed.
    pub fn renamed(&self, new_name: impl Fn(&str) -> Option<String>) -> Self {
        let mut frame = Self { rows: self.rows, origin: self.origin.clone(), ..Self::default() };
        for name in &self.names {
            let new = new_name(name).map_or_else(|| Arc::clone(name), Arc::from);
            frame.put(new, self.slots[name].clone());
        }
        frame
    }

    /// The given rows, in that order.
    pub fn take(&self, rows: Vec<u32>) -> Self {
        let rows = Arc::new(rows);
        let mut frame = Self::of_rows(rows.len());
        for name in &self.names {
            frame.put(Arc::clone(name), self.slots[name].through(&rows));
        }
        frame.origin = self.origin.as_ref().map(|(dataset, record)| (dataset.gather(&rows), record.gather(&rows)));
        frame
    }

    /// The rows where the mask is true.
    pub fn filter(&self, mask: &[bool]) -> Self {
        self.take(chosen(mask))
    }

    /// This frame, then the other beside it, row by row through the two lists. A name that both have, and that is no
    /// shared key, gets `.suffix` on the right.
    pub fn beside(&self, mine: Vec<u32>, other: &Self, theirs: Vec<u32>, shared: &[&str], suffix: &str) -> Self {
        debug_assert_eq!(mine.len(), theirs.len(), "a join pairs rows");
        let mut joined = self.take(mine);
        let theirs = Arc::new(theirs);
        for name in &other.names {
            if shared.contains(&&**name) {
                continue;
            }
            let slot = other.slots[name].through(&theirs);
            let name = if joined.has(name) { format!("{name}.{suffix}").into() } else { Arc::clone(name) };
            joined.put(name, slot);
        }
        joined
    }

    /// One frame under the other, with the columns of both; a cell that one lacks is missing.
    pub fn append(&self, other: &Self) -> Self {
        let mut frame = Self::of_rows(self.rows + other.rows);
        let absent = |rows| Column::constant(Value::Missing, rows);
        for name in self.names.iter().chain(other.names.iter().filter(|name| !self.has(name))) {
            let upper = self.column(name).cloned().unwrap_or_else(|| absent(self.rows));
            let lower = other.column(name).cloned().unwrap_or_else(|| absent(other.rows));
            frame.set(name, upper.append(&lower));
        }
        frame.origin = match (&self.origin, &other.origin) {
            (Some((a, i)), Some((b, j))) => Some((a.append(b), i.append(j))),
            _ => None,
        };
        frame
    }

    /// Says which dataset all rows come from, leaving their records to a column of the frame.
    pub fn tag_all(&mut self, dataset: &str) {
        let records = self.column("row_number").cloned().unwrap_or_else(|| Column::constant(Value::Missing, self.rows));
        self.origin = Some((Column::constant(Value::text(dataset), self.rows), records));
    }

    /// Says where the rows come from: all from one dataset, record 1 first.
    pub fn tag(&mut self, dataset: &str) {
        let records = (1..=self.rows).map(|i| Value::Integer(i64::try_from(i).unwrap_or(i64::MAX)));
        self.origin = Some((Column::constant(Value::text(dataset), self.rows), records.collect()));
    }
}

/// The positions where a mask is true.
pub fn chosen(mask: &[bool]) -> Vec<u32> {
    (0..).zip(mask).filter_map(|(row, &take)| take.then_some(row)).collect()
}

/// Rows that agree on some columns, numbered in order of first appearance.
pub struct Groups {
    /// The group of each row.
    pub of_row: Vec<u32>,
    /// Rows in each group.
    pub sizes: Vec<u32>,
    /// The first row of each group.
    pub first: Vec<u32>,
}

/// Groups rows that agree on all columns; missing is a value like others. O(rows · columns).
pub fn groups(columns: &[&Column], rows: usize) -> Groups {
    let mut of_row = vec![0u32; rows];
    let mut count = u32::from(rows > 0);
    for column in columns {
        let mut seen: FxHashMap<(u32, u32), u32> = FxHashMap::default();
        for (group, code) in of_row.iter_mut().zip(column.codes()) {
            let next = u32::try_from(seen.len()).unwrap_or(u32::MAX);
            *group = *seen.entry((*group, code)).or_insert(next);
        }
        count = u32::try_from(seen.len()).unwrap_or(u32::MAX);
    }
    let mut sizes = vec![0; count as usize];
    let mut first = vec![NO_ROW; count as usize];
    for (row, &group) in (0..).zip(&of_row) {
        sizes[group as usize] += 1;
        if first[group as usize] == NO_ROW {
            first[group as usize] = row;
        }
    }
    Groups { of_row, sizes, first }
}

/// For each left row the right rows that agree with it on all key pairs (missing agrees with missing).
pub struct Matches {
    /// The key of each left row, if the right has it.
    left: Vec<Option<u32>>,
    right: Vec<Vec<u32>>,
}

impl Matches {
    /// Matches rows by keys. O((left + right) · keys).
    pub fn new(left: &[&Column], left_rows: usize, right: &[&Column], right_rows: usize) -> Self {
        let mut right_key = vec![0u32; right_rows];
        let mut left_key: Vec<Option<u32>> = vec![Some(0); left_rows];
        let mut count = 1;
        for (mine, theirs) in left.iter().zip(right) {
            let mut seen: FxHashMap<(u32, u32), u32> = FxHashMap::default();
            for (key, code) in right_key.iter_mut().zip(theirs.codes()) {
                let next = u32::try_from(seen.len()).unwrap_or(u32::MAX);
                *key = *seen.entry((*key, code)).or_insert(next);
            }
            let their_code: FxHashMap<&Value, u32> = theirs.values().iter().zip(0..).collect();
            let translated: Vec<Option<u32>> = mine.values().iter().map(|v| their_code.get(v).copied()).collect();
            for (key, code) in left_key.iter_mut().zip(mine.codes()) {
                *key = key.zip(translated[code as usize]).and_then(|pair| seen.get(&pair).copied());
            }
            count = seen.len();
        }
        let mut rows: Vec<Vec<u32>> = vec![Vec::new(); count];
        for (row, &key) in (0..).zip(&right_key) {
            rows[key as usize].push(row);
        }
        Self { left: left_key, right: rows }
    }

    /// The right rows of a left row.
    pub fn of(&self, left_row: usize) -> &[u32] {
        self.left[left_row].map_or(&[], |key| &self.right[key as usize])
    }

    /// Pairs in left order; with `keep`, a left row without match is paired with [`NO_ROW`].
    pub fn pairs(&self, keep: bool) -> (Vec<u32>, Vec<u32>) {
        let (mut mine, mut theirs) = (Vec::new(), Vec::new());
        for (row, key) in (0..).zip(&self.left) {
            let found: &[u32] = key.map_or(&[], |key| &self.right[key as usize]);
            if found.is_empty() && keep {
                mine.push(row);
                theirs.push(NO_ROW);
            }
            mine.extend(std::iter::repeat_n(row, found.len()));
            theirs.extend(found);
        }
        (mine, theirs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(columns: &[(&str, &[&str])]) -> Frame {
        let mut frame = Frame::of_rows(columns[0].1.len());
        for (name, cells) in columns {
            frame.set(name, Column::of_texts(cells.iter().copied()));
        }
        frame
    }

    fn texts(frame: &Frame, name: &str) -> Vec<String> {
        let column = frame.column(name).expect("the column is there");
        (0..column.len()).map(|row| column.value(row).to_string()).collect()
    }

    #[test]
    fn a_join_repeats_left_rows_and_keeps_names_apart() {
        let ae = frame(&[("USUBJID", &["1", "2", "3"]), ("DOMAIN", &["AE", "AE", "AE"])]);
        let ds =
            frame(&[("USUBJID", &["1", "1", "2"]), ("DOMAIN", &["DS", "DS", "DS"]), ("DSDECOD", &["A", "B", "C"])]);
        let keys = |f: &Frame| f.column("USUBJID").cloned().expect("the key");
        let matches = Matches::new(&[&keys(&ae)], 3, &[&keys(&ds)], 3);
        let (mine, theirs) = matches.pairs(true);
        let joined = ae.beside(mine, &ds, theirs, &["USUBJID"], "DS");
        assert_eq!(joined.names().collect::<Vec<_>>(), ["USUBJID", "DOMAIN", "DOMAIN.DS", "DSDECOD"]);
        assert_eq!(texts(&joined, "USUBJID"), ["1", "1", "2", "3"]);
        assert_eq!(texts(&joined, "DSDECOD"), ["A", "B", "C", ""]);
    }

    #[test]
    fn groups_count_rows_that_agree() {
        let frame = frame(&[("A", &["x", "y", "x", "x"]), ("B", &["1", "1", "1", "2"])]);
        let columns: Vec<&Column> = ["A", "B"].iter().filter_map(|n| frame.column(n)).collect();
        let groups = groups(&columns, 4);
        assert_eq!(groups.of_row, [0, 1, 0, 2]);
        assert_eq!(groups.sizes, [2, 1, 1]);
        assert_eq!(groups.first, [0, 1, 3]);
    }

    #[test]
    fn a_frame_under_another_has_the_columns_of_both() {
        let both = frame(&[("A", &["x"])]).append(&frame(&[("B", &["y"])]));
        assert_eq!(texts(&both, "A"), ["x", ""]);
        assert_eq!(texts(&both, "B"), ["", "y"]);
    }
}
