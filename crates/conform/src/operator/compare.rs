//! Equality, order, lengths and parts of texts.
//!
//! | left | right | `equal_to` | `not_equal_to` |
//! |---|---|---|---|
//! | missing | missing | no | no |
//! | missing | a value | no | yes |
//! | a value | missing | no | yes |
//! | a | b | a = b | a ≠ b |

use super::{Asked, Fault, Side};
use crate::column::Column;
use crate::pattern::Pattern;
use crate::value::Value;

/// Which end of a text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Prefix,
    Suffix,
}

/// Missing, or a list of nothing but missing values.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::List(items) => items.iter().all(Value::is_missing),
        other => other.is_missing(),
    }
}

pub(super) fn equal(asked: &Asked<'_>, differ: bool) -> Result<Vec<bool>, Fault> {
    let condition = asked.condition;
    let prepared = |value: &Value| -> Value {
        let mut value = value.clone();
        if condition.round_values
            && let Some(x) = value.as_number()
        {
            value = Value::number(round_half_even(x));
        }
        if condition.type_insensitive {
            value = as_text(&value);
        }
        value
    };
    let plain = !condition.round_values && !condition.type_insensitive;
    let answer = |a: &Value, b: &Value| {
        let same = if plain { a == b } else { prepared(a) == prepared(b) };
        (same != differ) && !(is_nothing(a) && is_nothing(b))
    };
    with_side(asked, answer)
}

/// Half to even, as the published engine rounds.
fn round_half_even(x: f64) -> f64 {
    let floor = x.floor();
    let half_way = (x - floor - 0.5).abs() < f64::EPSILON;
    if half_way { if (floor / 2.0).fract() == 0.0 { floor } else { floor + 1.0 } } else { (x + 0.5).floor() }
}

/// A value as the text it reads as: `1.0`, `"1.0"` and `1` are `1`.
pub(crate) fn as_text(value: &Value) -> Value {
    match value {
        Value::Text(text) => match value.as_number() {
            Some(x) => Value::text(&x.to_string()),
            None => Value::text(text.trim()),
        },
        other => other.pattern_text().map_or(Value::Missing, |text| Value::text(&text)),
    }
}

/// Asks about the target and the operand, row by row; a column named by a cell is looked up in its row. A cell that names
/// no column of the dataset names nothing, which is a value to compare with as any other: the other rows still count.
fn with_side(asked: &Asked<'_>, answer: impl Fn(&Value, &Value) -> bool) -> Result<Vec<bool>, Fault> {
    let target = asked.target()?;
    if asked.condition.reference {
        let Side::Column(names) = asked.side()? else { return Err(asked.unfit("needs a column that names columns")) };
        let mut mask = Vec::with_capacity(asked.frame.rows());
        for row in 0..asked.frame.rows() {
            let column = names.value(row).as_text().and_then(|name| asked.frame.column(name));
            mask.push(answer(target.value(row), column.map_or(&Value::Missing, |column| column.value(row))));
        }
        return Ok(mask);
    }
    Ok(match asked.side()? {
        Side::Column(other) => target.test_with(other, answer),
        Side::One(value) => target.test(|v| answer(v, &value)),
        Side::Many(values) => {
            let list = Value::list(values);
            target.test(|v| answer(v, &list))
        }
    })
}

/// Texts in lower case; anything else counts as missing, and missing equals missing here.
pub(super) fn equal_without_case(asked: &Asked<'_>, differ: bool) -> Result<Vec<bool>, Fault> {
    let lower = |value: &Value| {
        let value = if asked.condition.type_insensitive { as_text(value) } else { value.clone() };
        value.as_text().map(str::to_lowercase)
    };
    with_side(asked, |a, b| ((lower(a) == lower(b)) != differ) && !(is_nothing(a) && is_nothing(b)))
}

/// Numbers, or texts that read as numbers; anything else answers no.
pub(super) fn ordered(asked: &Asked<'_>, holds: impl Fn(f64, f64) -> bool) -> Result<Vec<bool>, Fault> {
    let target = asked.target()?;
    let answer = |a: &Value, b: &Value| a.as_number().zip(b.as_number()).is_some_and(|(a, b)| holds(a, b));
    Ok(match asked.side()? {
        Side::Column(other) => target.test_with(other, answer),
        Side::One(value) => target.test(|v| answer(v, &value)),
        Side::Many(_) => return Err(asked.unfit("compares with one value")),
    })
}

/// So many characters of a text's start or end.
pub(super) fn part_of(text: &str, part: Part, length: usize) -> &str {
    let count = text.chars().count();
    let skip = match part {
        Part::Prefix => length.min(count),
        Part::Suffix => count.saturating_sub(length),
    };
    let at = text.char_indices().nth(skip).map_or(text.len(), |(at, _)| at);
    match part {
        Part::Prefix => &text[..at],
        Part::Suffix => &text[at..],
    }
}

/// How long the part is that a condition speaks of.
pub(super) fn part_length(asked: &Asked<'_>, part: Part) -> Result<usize, Fault> {
    match part {
        Part::Prefix => asked.number(asked.condition.prefix, "prefix"),
        Part::Suffix => asked.number(asked.condition.suffix, "suffix"),
    }
}

/// The start or end of a text equals the operand; `DOMAIN` as operand is the domain that the names stand for.
pub(super) fn part_equals(asked: &Asked<'_>, part: Part) -> Result<Vec<bool>, Fault> {
    let target = asked.target()?;
    let length = part_length(asked, part)?;
    let answer =
        |a: &Value, b: &Value| a.as_text().zip(b.as_text()).is_some_and(|(a, b)| part_of(a, part, length) == b);
    let domain = part == Part::Prefix
        && matches!(&asked.condition.operand, crate::rule::Operand::One(v) if v.as_text() == Some("DOMAIN"));
    if domain {
        let prefix = Value::text(asked.prefix);
        return Ok(target.test(|v| answer(v, &prefix)));
    }
    Ok(match asked.side()? {
        Side::Column(other) => target.test_with(other, answer),
        Side::One(value) => target.test(|v| answer(v, &value)),
        Side::Many(_) => return Err(asked.unfit("compares with one value")),
    })
}

/// The target equals the part of the operand that a pattern finds.
pub(super) fn equals_string_part(asked: &Asked<'_>) -> Result<Vec<bool>, Fault> {
    let target = asked.target()?;
    let Some(pattern) = asked.condition.regex.as_deref() else { return Err(asked.unfit("needs `regex`")) };
    let pattern = Pattern::new(pattern).map_err(Fault::Unfit)?;
    let part = |value: &Value| match value.as_text().and_then(|text| pattern.part(text)) {
        Some(part) => Value::text(part),
        None => Value::Missing,
    };
    let parts = match asked.side()? {
        Side::Column(other) => other.map(part),
        Side::One(value) => Column::constant(part(&value), asked.frame.rows()),
        Side::Many(_) => return Err(asked.unfit("compares with one value")),
    };
    let text = |value: &Value| if asked.condition.type_insensitive { as_text(value) } else { value.clone() };
    Ok(target.test_with(&parts, |a, b| !is_nothing(a) && text(a) == text(b)))
}

/// The text begins (or ends) with the operand; with any of its values, if it is a column.
pub(super) fn begins(asked: &Asked<'_>, holds: impl Fn(&str, &str) -> bool) -> Result<Vec<bool>, Fault> {
    let target = asked.target()?;
    let parts: Vec<Value> = match asked.side()? {
        Side::Column(other) => other.present().into_iter().cloned().collect(),
        Side::One(value) => vec![value],
        Side::Many(values) => values,
    };
    let parts: Vec<&str> = parts.iter().filter_map(Value::as_text).collect();
    Ok(target.test(|v| v.as_text().is_some_and(|text| parts.iter().any(|part| holds(text, part)))))
}

/// Characters of a text, items of a list.
fn size(value: &Value) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "a text has fewer than 2^53 characters")]
    match value {
        Value::Text(text) => Some(text.chars().count() as f64),
        Value::List(items) => Some(items.len() as f64),
        _ => None,
    }
}

/// The length of the target against a number, or against the length of another text.
pub(super) fn length(asked: &Asked<'_>, holds: impl Fn(f64, f64) -> bool) -> Result<Vec<bool>, Fault> {
    let target = asked.target()?;
    let answer = |a: &Value, b: &Value| {
        let limit = match b {
            Value::Number(_) | Value::Integer(_) => b.as_number(),
            other => size(other),
        };
        size(a).zip(limit).is_some_and(|(a, b)| holds(a, b))
    };
    Ok(match asked.side()? {
        Side::Column(other) => target.test_with(other, answer),
        Side::One(value) => target.test(|v| answer(v, &value)),
        Side::Many(_) => return Err(asked.unfit("compares with one length")),
    })
}

/// The two parts around a separator have equal length; a text without separator passes.
pub(super) fn split_parts(asked: &Asked<'_>) -> Result<Vec<bool>, Fault> {
    let separator = asked.condition.separator.as_deref().unwrap_or("/");
    let passes = |value: &Value| {
        let Some(text) = value.pattern_text() else { return true };
        let parts: Vec<usize> = text.split(separator).map(|part| part.chars().count()).collect();
        match parts.as_slice() {
            [_] => true,
            [a, b] => a == b,
            _ => false,
        }
    };
    Ok(asked.target()?.test(passes))
}
