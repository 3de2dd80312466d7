//! Keys, one-to-one relationships, consistency within groups. O(rows · columns) each.

use super::{Asked, Fault, named};
use crate::column::Column;
use crate::frame::groups;
use crate::pattern::Pattern;
use crate::rule::Operand;
use crate::value::Value;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// The row's values of the target and the operand's columns occur in no other row. Columns that are not there do not
/// count; a list column stands for the columns that it names.
pub(super) fn is_unique_set(asked: &Asked<'_>) -> Result<Vec<bool>, Fault> {
    let mut names = vec![asked.target_name()?.into_owned()];
    names.extend(asked.names());
    let mut columns: BTreeMap<String, &Column> = BTreeMap::new();
    for name in names {
        let Some(column) = asked.frame.column(&name) else { continue };
        match (!column.is_empty()).then(|| column.value(0)).and_then(Value::as_list) {
            Some(listed) => {
                for name in listed.iter().filter_map(Value::as_text) {
                    columns.extend(asked.frame.column(name).map(|column| (name.to_owned(), column)));
                }
            }
            None => {
                columns.insert(name, column);
            }
        }
    }
    if columns.is_empty() {
        return Err(Fault::NoColumn(asked.target_name()?.into_owned()));
    }
    let shortened: Vec<Column> = match asked.condition.regex.as_deref() {
        None => columns.values().map(|column| (*column).clone()).collect(),
        Some(pattern) => {
            let pattern = Pattern::new(pattern).map_err(Fault::Unfit)?;
            columns.values().map(|column| shortened(column, &pattern)).collect()
        }
    };
    let groups = groups(&shortened.iter().collect::<Vec<_>>(), asked.frame.rows());
    Ok(groups.of_row.iter().map(|&group| groups.sizes[group as usize] <= 1).collect())
}

/// Each text's part by the pattern, if the first text present matches it.
pub(crate) fn shortened(column: &Column, pattern: &Pattern) -> Column {
    let first = column.present().into_iter().find(|value| !value.is_missing());
    if !first.and_then(Value::as_text).is_some_and(|text| pattern.matches(text)) {
        return column.clone();
    }
    column.map(|value| match value.as_text() {
        Some(text) => pattern.part(text).map_or(Value::Missing, Value::text),
        None => value.clone(),
    })
}

/// A value of either side stands with two different values of the other (missing counts as different from a value).
pub(super) fn is_not_unique_relationship(asked: &Asked<'_>) -> Result<Vec<bool>, Fault> {
    let target = asked.target()?;
    let names = asked.names();
    let others = names.iter().map(|name| asked.column(name)).collect::<Result<Vec<_>, _>>()?;
    if others.is_empty() {
        return Err(asked.unfit("needs a second variable"));
    }
    let rows = asked.frame.rows();
    let left = groups(&[target], rows);
    let right = groups(&others, rows);
    let left_missing: Vec<bool> = left.first.iter().map(|&row| target.value(row as usize).is_missing()).collect();
    let some_missing = |row: u32| others.iter().any(|column| column.value(row as usize).is_missing());
    let right_missing: Vec<bool> = right.first.iter().map(|&row| some_missing(row)).collect();
    let left_broken = with_two(&left.of_row, &left_missing, &right.of_row, &right_missing);
    let right_broken = with_two(&right.of_row, &right_missing, &left.of_row, &left_missing);
    let broken = |row: usize| left_broken[left.of_row[row] as usize] || right_broken[right.of_row[row] as usize];
    Ok((0..rows).map(broken).collect())
}

/// Which keys stand with two values, or with a value and with nothing. A missing key is none.
fn with_two(keys: &[u32], key_missing: &[bool], values: &[u32], value_missing: &[bool]) -> Vec<bool> {
    #[derive(Clone, Copy, PartialEq)]
    enum Seen {
        Nothing,
        Gap,
        Value(u32),
    }
    let mut seen = vec![Seen::Nothing; key_missing.len()];
    let mut broken = vec![false; key_missing.len()];
    for (&key, &value) in keys.iter().zip(values) {
        let key = key as usize;
        let now = if value_missing[value as usize] { Seen::Gap } else { Seen::Value(value) };
        match seen[key] {
            Seen::Nothing => seen[key] = now,
            before if before != now => broken[key] = true,
            _ => {}
        }
    }
    broken.iter().zip(key_missing).map(|(&broken, &missing)| broken && !missing).collect()
}

/// Within groups of the operand's columns the target has several values: the rows that differ from the most frequent
/// value, or all rows of the group where two values are equally frequent.
pub(super) fn is_inconsistent(asked: &Asked<'_>) -> Result<Vec<bool>, Fault> {
    let mut target = asked.target()?.clone();
    if let Some(pattern) = asked.condition.regex.as_deref() {
        let pattern = Pattern::new(pattern).map_err(Fault::Unfit)?;
        target = target.map(|value| match value.pattern_text() {
            Some(text) => pattern.part(&text).map_or_else(|| value.clone(), Value::text),
            None => value.clone(),
        });
    }
    let names = asked.names();
    let columns: Vec<&Column> = names.iter().filter_map(|name| asked.frame.column(name)).collect();
    if columns.is_empty() {
        return Err(Fault::NoColumn(names.join(", ")));
    }
    let groups = groups(&columns, asked.frame.rows());
    let mut counts: FxHashMap<(u32, u32), u32> = FxHashMap::default();
    for pair in groups.of_row.iter().copied().zip(target.codes()) {
        *counts.entry(pair).or_default() += 1;
    }
    // Of each group: how often its most frequent value occurs, which it is, how many are as frequent, how many values.
    let mut most = vec![(0u32, 0u32, 0u32, 0u32); groups.sizes.len()];
    for (&(group, code), &count) in &counts {
        let entry = &mut most[group as usize];
        entry.3 += 1;
        match count.cmp(&entry.0) {
            std::cmp::Ordering::Greater => (entry.0, entry.1, entry.2) = (count, code, 1),
            std::cmp::Ordering::Equal => entry.2 += 1,
            std::cmp::Ordering::Less => {}
        }
    }
    let flagged = |(&group, code): (&u32, u32)| {
        let (_, usual, as_frequent, values) = most[group as usize];
        values > 1 && (as_frequent > 1 || code != usual)
    };
    Ok(groups.of_row.iter().zip(target.codes()).map(flagged).collect())
}

pub(super) fn has_different_values(asked: &Asked<'_>) -> Result<Vec<bool>, Fault> {
    Ok(vec![asked.target()?.present().len() > 1; asked.frame.rows()])
}

/// The columns that a condition groups by.
pub(super) fn within<'a>(asked: &Asked<'a>) -> Result<Vec<&'a Column>, Fault> {
    let names = &asked.condition.within;
    if names.is_empty() {
        return Err(asked.unfit("needs `within`"));
    }
    names.iter().map(|name| asked.column(&named(name, asked.prefix))).collect()
}

/// The column that a condition's single operand names.
pub(super) fn operand_column<'a>(asked: &Asked<'a>) -> Result<&'a Column, Fault> {
    match &asked.condition.operand {
        Operand::One(Value::Text(name)) => asked.column(&named(name, asked.prefix)),
        _ => Err(asked.unfit("needs the name of a variable")),
    }
}
