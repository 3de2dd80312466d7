//! Distinct values, counts, smallest and largest, of a dataset or of groups. O(rows) each.

use super::{At, Made};
use crate::column::Column;
use crate::date::Date;
use crate::frame::{Frame, Groups, chosen, groups};
use crate::operator::{Fault, shortened};
use crate::pattern::Pattern;
use crate::value::Value;
use std::collections::BTreeMap;

/// Groups of a table's rows and the frame of their keys.
fn grouped(at: &At<'_>, frame: &Frame) -> Result<(Vec<String>, Groups), Fault> {
    let keys = at.group();
    let column = |key: &String| frame.column(key).ok_or_else(|| Fault::NoColumn(key.clone()));
    let columns = keys.iter().map(column).collect::<Result<Vec<_>, _>>()?;
    let groups = groups(&columns, frame.rows());
    Ok((keys, groups))
}

/// The keys of each group, and a value for it.
fn frame_of_groups(at: &At<'_>, frame: &Frame, keys: &[String], groups: &Groups, values: Column) -> Frame {
    let mut result = Frame::of_rows(groups.first.len());
    for key in keys {
        if let Some(column) = frame.column(key) {
            result.set(key, column.gather(&groups.first));
        }
    }
    result.set(&at.operation.id, values);
    result
}

/// The distinct values in order of appearance, missing ones left out; of each group, if there are groups.
pub(super) fn distinct(at: &At<'_>) -> Result<Made, Fault> {
    let frame = at.source()?;
    let name = at.target()?;
    let mut column = frame.column(&name).ok_or_else(|| Fault::NoColumn(name.clone()))?.clone();
    if at.operation.reference {
        column = names_that_exist(at, &frame, &column);
    }
    if at.operation.group.is_empty() {
        let values = column.present().into_iter().filter(|value| !value.is_missing()).cloned();
        return Ok(Made::Constant(Value::list(values)));
    }
    let (keys, groups) = grouped(at, &frame)?;
    let mut lists: Vec<Vec<Value>> = vec![Vec::new(); groups.first.len()];
    let mut seen = rustc_hash::FxHashSet::default();
    for (&group, code) in groups.of_row.iter().zip(column.codes()) {
        if seen.insert((group, code)) && !column.values()[code as usize].is_missing() {
            lists[group as usize].push(column.values()[code as usize].clone());
        }
    }
    let lists: Column = lists.into_iter().map(Value::list).collect();
    let mut result = frame_of_groups(at, &frame, &keys, &groups, lists);
    // A record without a key is in no group.
    let complete: Vec<bool> = (0..result.rows())
        .map(|row| keys.iter().all(|key| result.column(key).is_some_and(|column| !column.value(row).is_missing())))
        .collect();
    if complete.contains(&false) {
        result = result.take(chosen(&complete));
    }
    Ok(Made::Grouped(result))
}

/// A cell that names a variable of the dataset that its record refers to (RDOMAIN), else missing.
fn names_that_exist(at: &At<'_>, frame: &Frame, names: &Column) -> Column {
    let Some(domains) = frame.column("RDOMAIN") else { return Column::constant(Value::Missing, frame.rows()) };
    let exists = |domain: &Value, name: &Value| {
        let table = at.study.tables.iter().find(|table| Some(table.name.as_str()) == domain.as_text());
        table.zip(name.as_text()).is_some_and(|(table, name)| table.has(name))
    };
    let mask = names.test_with(domains, |name, domain| exists(domain, name));
    (0..frame.rows()).map(|row| if mask[row] { names.value(row).clone() } else { Value::Missing }).collect()
}

/// The number of records that the filter keeps; of each group of the unfiltered records, if there are groups.
pub(super) fn record_count(at: &At<'_>) -> Result<Made, Fault> {
    let (_, whole) = at.source_table()?;
    let kept = at.filter(&whole)?;
    let count = |n: usize| Value::Integer(i64::try_from(n).unwrap_or(i64::MAX));
    if at.operation.group.is_empty() {
        return Ok(Made::Constant(count(kept.iter().filter(|&&keep| keep).count())));
    }
    let mut frame = (*whole).clone();
    // Keys by their first ten characters, say: the record's own key takes the count of the shortened one.
    let keys = at.group();
    let columns = keys.iter().map(|key| whole.column(key).ok_or_else(|| Fault::NoColumn(key.clone())));
    let columns = columns.collect::<Result<Vec<_>, _>>()?;
    let counted = match at.operation.regex.as_deref() {
        None => groups(&columns, whole.rows()),
        Some(pattern) => {
            let pattern = Pattern::new(pattern).map_err(Fault::Unfit)?;
            let short: Vec<Column> = columns.iter().map(|column| shortened(column, &pattern)).collect();
            groups(&short.iter().collect::<Vec<_>>(), whole.rows())
        }
    };
    let mut sizes = vec![0usize; counted.first.len()];
    for (&group, &keep) in counted.of_row.iter().zip(&kept) {
        sizes[group as usize] += usize::from(keep);
    }
    if at.looks_here() && at.operation.group_aliases.is_empty() {
        // The records counted are those looked at: each takes the count of its group.
        let by_group: Vec<u32> = counted.of_row;
        let sizes: Column = sizes.into_iter().map(count).collect();
        return Ok(Made::Column(sizes.gather(&by_group)));
    }
    let own = groups(&columns, whole.rows());
    let size_of = |&row: &u32| count(sizes[counted.of_row[row as usize] as usize]);
    let values: Column = own.first.iter().map(size_of).collect();
    frame.origin = None;
    Ok(Made::Grouped(frame_of_groups(at, &frame, &keys, &own, values)))
}

/// Which end.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Extreme {
    Least,
    Most,
}

/// The smallest or largest value, as it is written; of dates by time, and what is no date does not count. Of equal ones the
/// first.
pub(super) fn extreme(at: &At<'_>, which: Extreme) -> Result<Made, Fault> {
    let frame = at.source()?;
    let name = at.target()?;
    let column = frame.column(&name).ok_or_else(|| Fault::NoColumn(name.clone()))?;
    let values = column.values();
    let dates = matches!(at.operation.kind, super::OperationKind::MinDate | super::OperationKind::MaxDate);
    let instant = |value: &Value| value.as_text().and_then(Date::read).map(|date| date.at(7));
    let instants: Vec<Option<i128>> = if dates { values.iter().map(instant).collect() } else { Vec::new() };
    let counts = |code: usize| if dates { instants[code].is_some() } else { !values[code].is_missing() };
    let better = |code: usize, best: usize| {
        let order = if dates { instants[code].cmp(&instants[best]) } else { values[code].cmp(&values[best]) };
        if which == Extreme::Least { order.is_lt() } else { order.is_gt() }
    };
    let take = |best: &mut Option<usize>, code: u32| {
        let code = code as usize;
        if counts(code) && best.is_none_or(|best| better(code, best)) {
            *best = Some(code);
        }
    };
    let value = |best: Option<usize>| best.map_or(Value::Missing, |code| values[code].clone());
    if at.operation.group.is_empty() {
        let mut best = None;
        column.codes().for_each(|code| take(&mut best, code));
        return Ok(Made::Constant(value(best)));
    }
    let (keys, groups) = grouped(at, &frame)?;
    let mut found: Vec<Option<usize>> = vec![None; groups.first.len()];
    for (&group, code) in groups.of_row.iter().zip(column.codes()) {
        take(&mut found[group as usize], code);
    }
    let found: Column = found.into_iter().map(value).collect();
    Ok(Made::Grouped(frame_of_groups(at, &frame, &keys, &groups, found)))
}

/// The mean of the numbers.
pub(super) fn mean(at: &At<'_>) -> Result<Made, Fault> {
    let frame = at.source()?;
    let name = at.target()?;
    let column = frame.column(&name).ok_or_else(|| Fault::NoColumn(name.clone()))?;
    let average = |sum: f64, n: u32| if n == 0 { Value::Missing } else { Value::number(sum / f64::from(n)) };
    if at.operation.group.is_empty() {
        let numbers = (0..frame.rows()).filter_map(|row| column.value(row).as_number());
        let (sum, n) = numbers.fold((0.0, 0u32), |(sum, n), x| (sum + x, n + 1));
        return Ok(Made::Constant(average(sum, n)));
    }
    let (keys, groups) = grouped(at, &frame)?;
    let mut sums: BTreeMap<u32, (f64, u32)> = BTreeMap::new();
    for (row, &group) in groups.of_row.iter().enumerate() {
        if let Some(x) = column.value(row).as_number() {
            let entry = sums.entry(group).or_default();
            *entry = (entry.0 + x, entry.1 + 1);
        }
    }
    let groups_in_order = 0..u32::try_from(groups.first.len()).unwrap_or(u32::MAX);
    let values: Column =
        groups_in_order.map(|group| sums.get(&group).map_or(Value::Missing, |&(sum, n)| average(sum, n))).collect();
    Ok(Made::Grouped(frame_of_groups(at, &frame, &keys, &groups, values)))
}
