//! Dates and durations. A date is read once a distinct value. What is no date compares as no.

use super::{Asked, Fault, Side};
use crate::column::Column;
use crate::date::{Date, is_complete as is_complete_date, is_duration};
use crate::value::Value;
use std::cmp::Ordering;

/// No date; a missing value is none.
pub(super) fn invalid(asked: &Asked<'_>) -> Result<Vec<bool>, Fault> {
    Ok(asked.target()?.test(|value| value.as_text().is_none_or(|text| Date::read(text).is_none())))
}

pub(super) fn invalid_duration(asked: &Asked<'_>) -> Result<Vec<bool>, Fault> {
    let negative = asked.condition.negative;
    Ok(asked.target()?.test(|value| value.pattern_text().is_none_or(|text| !is_duration(&text, negative))))
}

pub(super) fn is_complete(asked: &Asked<'_>) -> Result<Vec<bool>, Fault> {
    Ok(asked.target()?.test(|value| value.as_text().is_some_and(is_complete_date)))
}

fn read(value: &Value) -> Option<Date> {
    value.as_text().and_then(Date::read)
}

/// Dates by code.
fn dates(column: &Column) -> Vec<Option<Date>> {
    column.values().iter().map(read).collect()
}

fn pairs(asked: &Asked<'_>, answer: impl Fn(&Date, &Date) -> bool) -> Result<Vec<bool>, Fault> {
    let target = asked.target()?;
    let mine = dates(target);
    let both = |a: Option<&Date>, b: Option<&Date>| a.zip(b).is_some_and(|(a, b)| answer(a, b));
    Ok(match asked.side()? {
        Side::Column(other) => {
            let theirs = dates(other);
            let codes = target.codes().zip(other.codes());
            codes.map(|(a, b)| both(mine[a as usize].as_ref(), theirs[b as usize].as_ref())).collect()
        }
        Side::One(value) => {
            let fixed = read(&value);
            target.codes().map(|a| both(mine[a as usize].as_ref(), fixed.as_ref())).collect()
        }
        Side::Many(_) => return Err(asked.unfit("compares with one date")),
    })
}

/// The part of a date that a condition names.
fn component(asked: &Asked<'_>) -> Result<Option<usize>, Fault> {
    let Some(name) = asked.condition.date_component.as_deref() else { return Ok(None) };
    let names = ["year", "month", "day", "hour", "minute", "second", "microsecond"];
    let index = names.iter().position(|known| *known == name);
    index.map(Some).ok_or_else(|| asked.unfit(&format!("knows no date component `{name}`")))
}

pub(super) fn compare(asked: &Asked<'_>, holds: impl Fn(Ordering) -> bool) -> Result<Vec<bool>, Fault> {
    match component(asked)? {
        Some(index) => pairs(asked, |a, b| holds(a.part(index).cmp(&b.part(index)))),
        None => pairs(asked, |a, b| a.compare(b).is_some_and(&holds)),
    }
}

/// Equal at equal precision. Dates of different precision are not equal.
pub(super) fn same(asked: &Asked<'_>, wanted: bool) -> Result<Vec<bool>, Fault> {
    match component(asked)? {
        Some(index) => pairs(asked, |a, b| (a.part(index) == b.part(index)) == wanted),
        None => pairs(asked, |a, b| {
            let comparable = a.precision() > 0 && b.precision() > 0;
            let equal = a.precision() == b.precision() && a.compare(b) == Some(Ordering::Equal);
            comparable && equal == wanted
        }),
    }
}
