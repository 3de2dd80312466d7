//! Sorting, next records, groups of rows. O(rows · log rows) each.

use super::unique::{operand_column, within};
use super::{Asked, Fault, named};
use crate::column::Column;
use crate::date::Date;
use crate::frame::groups;
use crate::pattern::Pattern;
use crate::rule::{Operand, SortKey};
use crate::value::Value;
use rustc_hash::{FxHashMap, FxHashSet};

/// The rows of each group, in row order; rows with a missing key are in none.
fn rows_by_group(columns: &[&Column], rows: usize) -> Vec<Vec<u32>> {
    let groups = groups(columns, rows);
    let mut lists: Vec<Vec<u32>> = groups.sizes.iter().map(|&size| Vec::with_capacity(size as usize)).collect();
    for (row, &group) in (0..).zip(&groups.of_row) {
        lists[group as usize].push(row);
    }
    let complete = |list: &Vec<u32>| {
        list.first().is_some_and(|&row| columns.iter().all(|column| !column.value(row as usize).is_missing()))
    };
    lists.retain(complete);
    lists
}

/// Within groups of the operand's columns the target's values stand in ascending order.
pub(super) fn is_ordered_set(asked: &Asked<'_>) -> Result<Vec<bool>, Fault> {
    let target = asked.target()?;
    let names = asked.names();
    let columns = names.iter().map(|name| asked.column(name)).collect::<Result<Vec<_>, _>>()?;
    let mut mask = vec![true; asked.frame.rows()];
    for list in rows_by_group(&columns, asked.frame.rows()) {
        let mut sorted = list.clone();
        sorted.sort_by_key(|&row| target.value(row as usize));
        for (&row, &other) in list.iter().zip(&sorted) {
            mask[row as usize] = target.value(row as usize) == target.value(other as usize);
        }
    }
    Ok(mask)
}

/// The target's values stand in order over the whole dataset.
pub(super) fn is_ordered_by(asked: &Asked<'_>) -> Result<Vec<bool>, Fault> {
    let target = asked.target()?;
    let mut sorted: Vec<&Value> = (0..asked.frame.rows()).map(|row| target.value(row)).collect();
    sorted.sort();
    if asked.condition.descending {
        sorted.reverse();
    }
    Ok(sorted.iter().enumerate().map(|(row, value)| target.value(row) == *value).collect())
}

/// In the order of `ordering`, the target's value is the operand's value of the group's next record. The last passes.
pub(super) fn has_next_corresponding_record(asked: &Asked<'_>) -> Result<Vec<bool>, Fault> {
    let target = asked.target()?;
    let next = operand_column(asked)?;
    let order = ordering(asked)?.ok_or_else(|| asked.unfit("needs `ordering`"))?;
    let mut mask = vec![true; asked.frame.rows()];
    for mut list in rows_by_group(&within(asked)?, asked.frame.rows()) {
        list.sort_by_key(|&row| order.value(row as usize));
        for pair in list.windows(2) {
            mask[pair[0] as usize] = target.value(pair[0] as usize) == next.value(pair[1] as usize);
        }
    }
    Ok(mask)
}

fn ordering<'a>(asked: &Asked<'a>) -> Result<Option<&'a Column>, Fault> {
    let name = asked.condition.ordering.as_deref();
    name.map(|name| asked.column(&named(name, asked.prefix))).transpose()
}

/// The target's value occurs in more rows of its group than the operand says (1 without operand).
pub(super) fn present_on_multiple_rows(asked: &Asked<'_>) -> Result<Vec<bool>, Fault> {
    let target = asked.target()?;
    let least = match &asked.condition.operand {
        Operand::One(value) => value.as_number().unwrap_or(1.0).max(1.0),
        _ => 1.0,
    };
    let mut columns = within(asked)?;
    columns.push(target);
    let groups = groups(&columns, asked.frame.rows());
    Ok(groups.of_row.iter().map(|&group| f64::from(groups.sizes[group as usize]) > least).collect())
}

/// In groups of the operand's column, in the order of `ordering`: the target is empty, and the row is not the last.
pub(super) fn empty_except_last_row(asked: &Asked<'_>) -> Result<Vec<bool>, Fault> {
    let target = asked.target()?;
    let order = ordering(asked)?;
    let mut mask = vec![false; asked.frame.rows()];
    for mut list in rows_by_group(&[operand_column(asked)?], asked.frame.rows()) {
        if let Some(order) = order {
            list.sort_by_key(|&row| order.value(row as usize));
        }
        list.pop();
        for row in list {
            mask[row as usize] = target.value(row as usize).is_empty();
        }
    }
    Ok(mask)
}

/// Of the numbered columns (TSVAL, TSVAL1, TSVAL2) a later one is filled where the one before it is empty.
pub(super) fn inconsistent_enumerated_columns(asked: &Asked<'_>) -> Result<Vec<bool>, Fault> {
    let name = asked.target_name()?;
    let numbered =
        |column: &&str| column.strip_prefix(&*name).is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()));
    let mut names: Vec<&str> = asked.frame.names().filter(numbered).collect();
    names.sort_by_key(|name| (name.len(), *name));
    let filled: Vec<Vec<bool>> = names
        .iter()
        .filter_map(|name| asked.frame.column(name))
        .map(|column| column.test(|v| !v.is_missing()))
        .collect();
    let broken = |row: usize| filled.windows(2).any(|pair| pair[1][row] && !pair[0][row]);
    Ok((0..asked.frame.rows()).map(broken).collect())
}

/// In each group, sorted by the target (a sequence number), the sort columns stand in order. A row fails if it stands
/// elsewhere when sorted by them, if a missing value stands on the wrong side, or if its date is a less exact form of
/// another's, so that their order cannot be told.
pub(super) fn target_is_sorted_by(asked: &Asked<'_>) -> Result<Vec<bool>, Fault> {
    let Operand::Sorted(keys) = &asked.condition.operand else {
        return Err(asked.unfit("needs variables with directions"));
    };
    let mut target = asked.target()?.clone();
    if let Some(pattern) = asked.condition.regex.as_deref() {
        let pattern = Pattern::new(pattern).map_err(Fault::Unfit)?;
        target = target.map(|value| number_in(value, &pattern));
    }
    let mut mask = vec![true; asked.frame.rows()];
    let lists = rows_by_group(&within(asked)?, asked.frame.rows());
    for key in keys {
        let column = asked.column(&named(&key.name, asked.prefix))?;
        for list in &lists {
            let mut list = list.clone();
            list.sort_by_key(|&row| target.value(row as usize));
            for row in out_of_order(&list, &target, column, key) {
                mask[row as usize] = false;
            }
        }
    }
    Ok(mask)
}

/// The number that a pattern's group finds in a value, or the text.
fn number_in(value: &Value, pattern: &Pattern) -> Value {
    let part = value.pattern_text().and_then(|text| pattern.part(&text).map(Value::text)).unwrap_or(Value::Missing);
    part.as_number().map_or(part, Value::number)
}

/// The rows of one group, sorted by the target, that break the order of a column.
fn out_of_order(list: &[u32], target: &Column, column: &Column, key: &SortKey) -> Vec<u32> {
    let value = |row: u32| column.value(row as usize);
    let mut broken = Vec::new();
    let (missing, filled): (Vec<u32>, Vec<u32>) = list.iter().partition(|&&row| value(row).is_missing());
    if misplaced(list, |row| value(row).is_missing(), key.missing_last) {
        broken.extend(missing);
    }
    let ambiguous = ambiguous_dates(&filled, column);
    let clear: Vec<u32> = filled.iter().copied().filter(|row| !ambiguous.contains(row)).collect();
    broken.extend(&ambiguous);
    let mut sorted = clear.clone();
    sorted.sort_by(|&a, &b| if key.ascending { value(a).cmp(value(b)) } else { value(b).cmp(value(a)) });
    for (&row, &expected) in clear.iter().zip(&sorted) {
        if target.value(row as usize) != target.value(expected as usize) {
            broken.push(row);
        }
    }
    // A neighbour on the wrong side breaks the order too, even where the row itself stands right.
    let against = |before: u32, after: u32| {
        if key.ascending { value(before) > value(after) } else { value(before) < value(after) }
    };
    let comparable = |row: u32| value(row).as_text().is_none_or(|text| Date::read(text).is_some());
    for (i, &row) in filled.iter().enumerate() {
        let before = i > 0 && against(filled[i - 1], row);
        let after = filled.get(i + 1).is_some_and(|&next| against(row, next));
        if (before || after) && comparable(row) {
            broken.push(row);
        }
    }
    broken
}

/// Whether a missing value stands before (or, if they belong first, after) a filled one.
fn misplaced(list: &[u32], missing: impl Fn(u32) -> bool, missing_last: bool) -> bool {
    let first = |wanted: bool| list.iter().position(|&row| missing(row) == wanted);
    let last = |wanted: bool| list.iter().rposition(|&row| missing(row) == wanted);
    if missing_last {
        first(true).zip(last(false)).is_some_and(|(first, last)| first < last)
    } else {
        last(true).zip(first(false)).is_some_and(|(last, first)| last > first)
    }
}

/// Rows whose date is a shorter form of another row's date in the group, and those others.
fn ambiguous_dates(list: &[u32], column: &Column) -> FxHashSet<u32> {
    let mut by_text: FxHashMap<&str, Vec<u32>> = FxHashMap::default();
    for &row in list {
        if let Some(text) = column.value(row as usize).as_text().filter(|text| Date::read(text).is_some()) {
            by_text.entry(text).or_default().push(row);
        }
    }
    let mut found = FxHashSet::default();
    for (text, rows) in &by_text {
        // Dates are ASCII, and shorter forms end where a part ends.
        for end in (4..text.len()).filter(|&end| text.is_char_boundary(end)) {
            if let Some(shorter) = by_text.get(&text[..end]) {
                found.extend(rows.iter().chain(shorter).copied());
            }
        }
    }
    found
}
