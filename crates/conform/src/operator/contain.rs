//! Presence of columns, membership, lists.
//!
//! A missing value is contained by nothing, so `is_not_contained_by` holds for it: rules that do not mean this ask
//! `non_empty` first.

use super::compare::{Part, part_length, part_of};
use super::{Asked, Fault, Side, named};
use crate::column::Column;
use crate::rule::Operand;
use crate::value::Value;
use rustc_hash::FxHashSet;
use std::collections::BTreeSet;

/// The column is there, or a list in some cell names it (an operation's list of variables).
pub(super) fn exists(asked: &Asked<'_>) -> Result<Vec<bool>, Fault> {
    let name = asked.target_name()?;
    let listed = |frame: &crate::frame::Frame| {
        let wanted = Value::text(&name);
        let names: Vec<&str> = frame.names().collect();
        names
            .into_iter()
            .filter_map(|column| frame.column(column))
            .any(|column| column.present().into_iter().filter_map(Value::as_list).any(|items| items.contains(&wanted)))
    };
    Ok(vec![asked.frame.has(&name) || listed(asked.frame); asked.frame.rows()])
}

/// What a column's values are members of.
fn members(column: &Column) -> FxHashSet<Value> {
    column.present().into_iter().cloned().collect()
}

pub(super) fn is_contained(asked: &Asked<'_>) -> Result<Vec<bool>, Fault> {
    let target = asked.target()?;
    membership(asked, target)
}

/// Row by row against lists; otherwise against the set of all values.
fn membership(asked: &Asked<'_>, target: &Column) -> Result<Vec<bool>, Fault> {
    let within = |value: &Value, items: &[Value]| match value {
        Value::Missing => false,
        Value::List(mine) => mine.iter().any(|item| !item.is_missing() && items.contains(item)),
        other => items.contains(other),
    };
    Ok(match asked.side()? {
        Side::Column(other) if other.holds_lists() || target.holds_lists() => target.test_with(other, |a, b| match b {
            Value::List(items) => within(a, items),
            Value::Text(whole) => a.as_text().is_some_and(|part| whole.contains(part)),
            _ => false,
        }),
        Side::Column(other) => {
            let set = members(other);
            target.test(|v| !v.is_missing() && set.contains(v))
        }
        Side::One(Value::List(items)) => target.test(|v| within(v, &items)),
        Side::One(value) => target.test(|v| within(v, std::slice::from_ref(&value))),
        Side::Many(values) => {
            let set: FxHashSet<Value> = values.into_iter().collect();
            target.test(|v| match v {
                Value::List(items) => items.iter().any(|item| set.contains(item)),
                other => set.contains(other),
            })
        }
    })
}

pub(super) fn part_is_contained(asked: &Asked<'_>, part: Part) -> Result<Vec<bool>, Fault> {
    let length = part_length(asked, part)?;
    let parts =
        asked.target()?.map(|v| v.as_text().map_or(Value::Missing, |text| Value::text(part_of(text, part, length))));
    membership(asked, &parts)
}

fn lower(value: &Value) -> Value {
    match value {
        Value::Text(text) => Value::text(&text.to_lowercase()),
        Value::List(items) => Value::list(items.iter().map(lower)),
        other => other.clone(),
    }
}

pub(super) fn is_contained_without_case(asked: &Asked<'_>) -> Result<Vec<bool>, Fault> {
    let target = asked.target()?.map(lower);
    let contains = |items: &[Value], v: &Value| !v.is_missing() && items.contains(v);
    Ok(match asked.side()? {
        Side::Column(other) if other.holds_lists() => {
            target.test_with(&other.map(lower), |a, b| b.as_list().is_some_and(|items| contains(items, a)))
        }
        Side::Column(other) => {
            let set = members(&other.map(lower));
            target.test(|v| !v.is_missing() && set.contains(v))
        }
        Side::One(value) => {
            let value = lower(&value);
            let items = value.as_list().unwrap_or(std::slice::from_ref(&value));
            target.test(|v| contains(items, v))
        }
        Side::Many(values) => {
            let values: Vec<Value> = values.iter().map(lower).collect();
            target.test(|v| contains(&values, v))
        }
    })
}

/// The target's list holds the operand, or its text holds the operand's text.
pub(super) fn contains(asked: &Asked<'_>) -> Result<Vec<bool>, Fault> {
    let target = asked.target()?;
    let holds = |whole: &Value, part: &Value| match whole {
        _ if part.is_missing() => false,
        Value::List(items) => items.contains(part),
        Value::Text(text) => part.as_text().is_some_and(|part| text.contains(part)),
        other => other == part,
    };
    Ok(match asked.side()? {
        Side::Column(other) if target.holds_lists() => target.test_with(other, holds),
        Side::Column(other) => {
            let set = members(target);
            other.test(|v| !v.is_missing() && set.contains(v))
        }
        Side::One(value) => target.test(|v| holds(v, &value)),
        Side::Many(_) => return Err(asked.unfit("looks for one value")),
    })
}

pub(super) fn contains_without_case(asked: &Asked<'_>) -> Result<Vec<bool>, Fault> {
    let target = asked.target()?.map(lower);
    let holds = |whole: &Value, part: &Value| {
        let part = part.pattern_text().map(|text| text.to_lowercase());
        part.is_some_and(|part| !whole.is_missing() && whole.to_string().contains(&part))
    };
    Ok(match asked.side()? {
        Side::Column(other) => target.test_with(other, holds),
        Side::One(value) => target.test(|v| holds(v, &value)),
        Side::Many(_) => return Err(asked.unfit("looks for one value")),
    })
}

/// All values of the operand are among the target's: row by row for lists, else over the whole column.
pub(super) fn contains_all(asked: &Asked<'_>) -> Result<Vec<bool>, Fault> {
    let target = asked.target()?;
    if let Side::Column(other) = asked.side()?
        && target.holds_lists()
        && other.holds_lists()
    {
        return Ok(target.test_with(other, |whole, parts| {
            let whole = whole.as_list().unwrap_or_default();
            parts.as_list().unwrap_or_default().iter().all(|part| !part.is_missing() && whole.contains(part))
        }));
    }
    let wanted: Vec<Value> = match &asked.condition.operand {
        Operand::Many(values) => values.iter().flat_map(|value| flattened(asked, value)).collect(),
        Operand::One(value) => {
            let name = value.as_text().map(|name| named(name, asked.prefix)).unwrap_or_default();
            asked.column(&name)?.present().into_iter().cloned().collect()
        }
        Operand::Absent | Operand::Sorted(_) => return Err(asked.unfit("needs values")),
    };
    let set = if target.holds_lists() {
        target.present().into_iter().filter_map(Value::as_list).flatten().cloned().collect()
    } else {
        members(target)
    };
    Ok(vec![wanted.iter().all(|value| set.contains(value)); asked.frame.rows()])
}

/// A value, or the items of the list column that it names.
fn flattened(asked: &Asked<'_>, value: &Value) -> Vec<Value> {
    let name = value.as_text().map(|name| named(name, asked.prefix));
    let column = name.as_deref().and_then(|name| asked.frame.column(name)).filter(|column| !column.is_empty());
    match column.and_then(|column| column.value(0).as_list()) {
        Some(items) => items.to_vec(),
        None => vec![name.map_or_else(|| value.clone(), |name| Value::text(&name))],
    }
}

/// Values of a cell: a list's items, or the one value.
fn items(value: &Value) -> &[Value] {
    value.as_list().unwrap_or(std::slice::from_ref(value))
}

pub(super) fn shares(asked: &Asked<'_>, holds: impl Fn(usize) -> bool) -> Result<Vec<bool>, Fault> {
    let target = asked.target()?;
    let answer = |a: &Value, b: &Value| {
        let theirs: BTreeSet<&Value> = items(b).iter().collect();
        let mine: BTreeSet<&Value> = items(a).iter().collect();
        holds(mine.intersection(&theirs).count())
    };
    Ok(match asked.side()? {
        Side::Column(other) => target.test_with(other, answer),
        Side::One(value) => target.test(|v| answer(v, &value)),
        Side::Many(values) => {
            let list = Value::list(values);
            target.test(|v| answer(v, &list))
        }
    })
}

/// The target's items all stand in the operand's list, in its order.
pub(super) fn is_ordered_subset(asked: &Asked<'_>) -> Result<Vec<bool>, Fault> {
    let target = asked.target()?;
    let answer = |a: &Value, b: &Value| {
        let order = items(b);
        // The last place counts where an item stands twice.
        let place = |item: &Value| order.iter().rposition(|other| other == item);
        let places: Option<Vec<usize>> = items(a).iter().map(place).collect();
        places.is_some_and(|places| places.is_sorted())
    };
    Ok(match asked.side()? {
        Side::Column(other) => target.test_with(other, answer),
        Side::One(value) => target.test(|v| answer(v, &value)),
        Side::Many(values) => {
            let list = Value::list(values);
            target.test(|v| answer(v, &list))
        }
    })
}
