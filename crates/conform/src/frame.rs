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
}

/// Row lists composed with one list, each once however many columns share it.
struct Through<'r> {
    rows: &'r Arc<Vec<u32>>,
    composed: Vec<(*const Vec<u32>, Arc<Vec<u32>>)>,
}

impl<'r> Through<'r> {
    fn new(rows: &'r Arc<Vec<u32>>) -> Self {
        Self { rows, composed: Vec::new() }
    }

    /// The rows of the list within a slot's rows.
    fn slot(&mut self, slot: &Slot) -> Slot {
        let rows = match &slot.rows {
            None => Arc::clone(self.rows),
            Some(mine) => match self.composed.iter().find(|(known, _)| *known == Arc::as_ptr(mine)) {
                Some((_, composed)) => Arc::clone(composed),
                None => {
                    let at = |&row: &u32| if row == NO_ROW { NO_ROW } else { mine[row as usize] };
                    let composed: Arc<Vec<u32>> = Arc::new(self.rows.iter().map(at).collect());
                    self.composed.push((Arc::as_ptr(mine), Arc::clone(&composed)));
                    composed
                }
            },
        };
        Slot { source: slot.source.clone(), rows: Some(rows), read: OnceLock::new() }
    }
}

/// Where the rows of a frame come from.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The dataset of each row.
    dataset: Column,
    /// Rows of their datasets, from 0; `None`: each row is the row of the same place.
    rows: Option<Arc<Vec<u32>>>,
}

impl Origin {
    /// The dataset that a row comes from.
    pub fn dataset(&self, row: usize) -> &Value {
        self.dataset.value(row)
    }

    /// The record of its dataset, from 1, that a row comes from.
    pub fn record(&self, row: usize) -> Option<u64> {
        match &self.rows {
            None => u64::try_from(row + 1).ok(),
            Some(rows) => rows.get(row).filter(|&&row| row != NO_ROW).map(|&row| u64::from(row) + 1),
        }
    }

    fn take(&self, rows: &Arc<Vec<u32>>) -> Self {
        let of = match &self.rows {
            None => Arc::clone(rows),
            Some(mine) => {
                Arc::new(rows.iter().map(|&row| if row == NO_ROW { NO_ROW } else { mine[row as usize] }).collect())
            }
        };
        Self { dataset: self.dataset.gather(rows), rows: Some(of) }
    }

    fn append(&self, other: &Self) -> Self {
        let rows = |origin: &Self| -> Vec<u32> {
            match &origin.rows {
                Some(rows) => rows.to_vec(),
                None => (0..).take(origin.dataset.len()).collect(),
            }
        };
        let both = [rows(self), rows(other)].concat();
        Self { dataset: self.dataset.append(&other.dataset), rows: Some(Arc::new(both)) }
    }
}

/// Named columns of equal length.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    rows: usize,
    names: Vec<Arc<str>>,
    slots: BTreeMap<Arc<str>, Slot>,
    /// Which dataset each row came from, and which record of it.
    pub origin: Option<Origin>,
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
        let mut through = Through::new(&rows);
        for name in &self.names {
            frame.put(Arc::clone(name), through.slot(&self.slots[name]));
        }
        frame.origin = self.origin.as_ref().map(|origin| origin.take(&rows));
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
        let mut through = Through::new(&theirs);
        for name in &other.names {
            if shared.contains(&&**name) {
                continue;
            }
            let slot = through.slot(&other.slots[name]);
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
        frame.origin = self.origin.as_ref().zip(other.origin.as_ref()).map(|(mine, theirs)| mine.append(theirs));
        frame
    }

    /// Says where the rows come from: all from one dataset, record 1 first.
    pub fn tag(&mut self, dataset: &str) {
        self.origin = Some(Origin { dataset: Column::constant(Value::text(dataset), self.rows), rows: None });
    }
}

/// The positions where a mask is true.
pub fn chosen(mask: &[bool]) -> Vec<u32> {
    (0..).zip(mask).filter_map(|(row, &take)| take.then_some(row)).collect()
}

/// Finds which earlier row a row agrees with: by a hash of its codes, then by the codes themselves. One look-up a row,
/// whatever the number of columns.
#[derive(Default)]
struct Seen {
    /// The first group of each hash.
    groups: FxHashMap<u64, u32>,
    /// Another group of the same hash.
    next: Vec<u32>,
}

impl Seen {
    /// The group of this hash that `agrees`.
    fn find(&self, hash: u64, agrees: impl Fn(u32) -> bool) -> Option<u32> {
        let mut group = self.groups.get(&hash).copied()?;
        while !agrees(group) {
            group = Some(self.next[group as usize]).filter(|&next| next != NO_ROW)?;
        }
        Some(group)
    }

    /// Adds a group, the next in number.
    fn add(&mut self, hash: u64) -> u32 {
        let group = u32::try_from(self.next.len()).unwrap_or(NO_ROW);
        self.next.push(self.groups.insert(hash, group).unwrap_or(NO_ROW));
        group
    }
}

/// Mixes one more code into the hash of each row.
fn mix(hashes: &mut [u64], codes: impl Iterator<Item = u32>) {
    for (hash, code) in hashes.iter_mut().zip(codes) {
        *hash = (hash.rotate_left(5) ^ u64::from(code)).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
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
    let mut hashes = vec![0u64; rows];
    columns.iter().for_each(|column| mix(&mut hashes, column.codes()));
    let mut seen = Seen::default();
    let (mut of_row, mut sizes, mut first) = (Vec::with_capacity(rows), Vec::new(), Vec::new());
    for (row, hash) in hashes.into_iter().enumerate() {
        let agrees = |group: u32| {
            let other = first[group as usize] as usize;
            columns.iter().all(|column| column.code(row) == column.code(other))
        };
        let group = seen.find(hash, agrees).unwrap_or_else(|| {
            first.push(u32::try_from(row).unwrap_or(NO_ROW));
            sizes.push(0);
            seen.add(hash)
        });
        sizes[group as usize] += 1;
        of_row.push(group);
    }
    Groups { of_row, sizes, first }
}

/// For each left row the right rows that agree with it on all key pairs (missing agrees with missing).
pub struct Matches {
    /// The key of each left row; [`NO_ROW`]: the right does not have it.
    left: Vec<u32>,
    /// Where the rows of each key begin in `right`.
    starts: Vec<u32>,
    /// Right rows by key.
    right: Vec<u32>,
}

impl Matches {
    /// Matches rows by keys. O((left + right) · keys).
    pub fn new(left: &[&Column], left_rows: usize, right: &[&Column], right_rows: usize) -> Self {
        let keys = groups(right, right_rows);
        let count = keys.first.len();
        let mut hashes = vec![0u64; count];
        for column in right {
            mix(&mut hashes, keys.first.iter().map(|&row| column.code(row as usize)));
        }
        let mut seen = Seen::default();
        for hash in hashes {
            seen.add(hash);
        }
        // The left's codes in the right's words; a value that the right lacks has none.
        let in_right = |(mine, theirs): (&&Column, &&Column)| -> Vec<u32> {
            let code: FxHashMap<&Value, u32> = theirs.values().iter().zip(0..).collect();
            mine.values().iter().map(|value| code.get(value).copied().unwrap_or(NO_ROW)).collect()
        };
        let translated: Vec<Vec<u32>> = left.iter().zip(right).map(in_right).collect();
        let mut codes = vec![0u32; left.len()];
        let mut hash = [0u64];
        let mut key_of = |row: usize| {
            hash[0] = 0;
            for ((code, column), words) in codes.iter_mut().zip(left).zip(&translated) {
                *code = words[column.code(row) as usize];
                if *code == NO_ROW {
                    return NO_ROW;
                }
                mix(&mut hash, std::iter::once(*code));
            }
            let agrees = |group: u32| {
                let other = keys.first[group as usize] as usize;
                codes.iter().zip(right).all(|(&code, column)| code == column.code(other))
            };
            seen.find(hash[0], agrees).unwrap_or(NO_ROW)
        };
        let left_key: Vec<u32> = (0..left_rows).map(&mut key_of).collect();
        let right_key = keys.of_row;
        // Rows sorted by key, by counting.
        let mut starts = vec![0u32; count + 1];
        for &key in &right_key {
            starts[key as usize + 1] += 1;
        }
        for key in 0..count {
            starts[key + 1] += starts[key];
        }
        let mut next = starts.clone();
        let mut rows = vec![0u32; right_rows];
        for (row, &key) in (0..).zip(&right_key) {
            rows[next[key as usize] as usize] = row;
            next[key as usize] += 1;
        }
        Self { left: left_key, starts, right: rows }
    }

    /// The right rows of a left row.
    pub fn of(&self, left_row: usize) -> &[u32] {
        match self.left[left_row] {
            NO_ROW => &[],
            key => &self.right[self.starts[key as usize] as usize..self.starts[key as usize + 1] as usize],
        }
    }

    /// Pairs in left order; with `keep`, a left row without match is paired with [`NO_ROW`].
    pub fn pairs(&self, keep: bool) -> (Vec<u32>, Vec<u32>) {
        let (mut mine, mut theirs) = (Vec::new(), Vec::new());
        for (row, left) in (0..).zip(0..self.left.len()) {
            let found = self.of(left);
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
