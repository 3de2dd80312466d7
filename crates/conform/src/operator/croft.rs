//! Croft's own operators, for what the published ones cannot ask.
//!
//! | operator | holds where |
//! |---|---|
//! | `croft_varies_within` | the target is filled, and its group (`within`) has another value too; a group's column that is not there does not count |
//! | `croft_is_calculated` | target and formula (`value`) both have a number, and they agree |
//! | `croft_is_not_calculated` | both have a number, and they differ; with `as_rounded`, also after rounding the formula to the target's decimals |

use super::formula::Formula;
use super::{Asked, Fault, named};
use crate::column::Column;
use crate::frame::groups;
use crate::rule::Operand;
use crate::value::Value;

/// Rows whose value is one of several in their group. Missing values are none. O(rows · columns).
pub(super) fn varies_within(asked: &Asked<'_>) -> Result<Vec<bool>, Fault> {
    let target = asked.target()?;
    let names = &asked.condition.within;
    if names.is_empty() {
        return Err(asked.unfit("needs `within`"));
    }
    let columns: Vec<&Column> =
        names.iter().filter_map(|name| asked.frame.column(&named(name, asked.prefix))).collect();
    if columns.is_empty() {
        return Err(Fault::NoColumn(names.join(", ")));
    }
    let groups = groups(&columns, asked.frame.rows());
    let filled: Vec<bool> = target.values().iter().map(|value| !value.is_missing()).collect();
    let mut first: Vec<Option<u32>> = vec![None; groups.sizes.len()];
    let mut varies = vec![false; groups.sizes.len()];
    for (&group, code) in groups.of_row.iter().zip(target.codes()) {
        if filled[code as usize] {
            let group = group as usize;
            varies[group] |= *first[group].get_or_insert(code) != code;
        }
    }
    Ok(groups
        .of_row
        .iter()
        .zip(target.codes())
        .map(|(&group, code)| varies[group as usize] && filled[code as usize])
        .collect())
}

/// Numbers agree when they differ by less than this part of what the formula adds up: ten digits.
const TEN_DIGITS: f64 = 1e-10;

pub(super) fn is_calculated(asked: &Asked<'_>, wanted: bool) -> Result<Vec<bool>, Fault> {
    let target = asked.target()?;
    let Operand::One(Value::Text(text)) = &asked.condition.operand else {
        return Err(asked.unfit("needs a formula"));
    };
    let formula =
        Formula::read(text).map_err(|why| asked.unfit(&format!("cannot read the formula `{text}`: {why}")))?;
    let bound = formula.bind(&|name| asked.column(&named(name, asked.prefix)))?;
    let answer = |row: usize| {
        let found = target.value(row).as_number().zip(bound.at(row));
        found.is_some_and(|(given, result)| {
            let noise = TEN_DIGITS * result.size;
            let allowed = if asked.condition.as_rounded { half_unit(given) + noise } else { noise };
            ((given - result.value).abs() <= allowed) == wanted
        })
    };
    Ok((0..asked.frame.rows()).map(answer).collect())
}

/// Half a unit of the last decimal that a number is written with.
fn half_unit(given: f64) -> f64 {
    let decimals = given.to_string().split_once('.').map_or(0, |(_, part)| part.len());
    format!("5e-{}", decimals + 1).parse().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_unit_follows_the_decimals_written() {
        for (given, expected) in [(12.3, 0.05), (-0.01, 0.005), (12.0, 0.5)] {
            assert!((half_unit(given) - expected).abs() < 1e-12, "{given}");
        }
    }
}
