//! Conditions of value-level metadata and analysis results: in words, and held against the rows of a dataset.

use super::{Index, RangeCheck, WhereClauseDef, WhereClauseRef};
use crate::odm::Comparator;
use croft_core::{Cell, Column, Dataset};

/// A condition in words: `PARAMCD = CMAX and AVISIT in (DAY 1, DAY 8)`.
pub fn words_of(clause: &WhereClauseDef, index: &Index<'_>) -> String {
    clause.checks.iter().map(|check| check_words(check, index)).collect::<Vec<_>>().join(" and ")
}

/// Conditions of which one must hold, in words, joined by `or`. References that lead nowhere are left out.
pub fn any_of(references: &[WhereClauseRef], index: &Index<'_>) -> String {
    let clauses = references.iter().filter_map(|r| index.where_clauses.get(r.where_clause_oid.as_str()));
    clauses.map(|clause| words_of(clause, index)).collect::<Vec<_>>().join(" or ")
}

fn check_words(check: &RangeCheck, index: &Index<'_>) -> String {
    let oid = check.item_oid.as_deref().unwrap_or_default();
    let name = index.items.get(oid).map_or(oid, |item| item.name());
    let values =
        || check.values.iter().map(|v| if v.is_empty() { "missing" } else { v }).collect::<Vec<_>>().join(", ");
    match &check.comparator {
        Some(Comparator::In) => format!("{name} in ({})", values()),
        Some(Comparator::NotIn) => format!("{name} not in ({})", values()),
        Some(comparator) => {
            let sign = match comparator {
                Comparator::Eq => "=",
                Comparator::Ne => "≠",
                Comparator::Lt => "<",
                Comparator::Le => "≤",
                Comparator::Gt => ">",
                Comparator::Ge => "≥",
                other => other.as_str(),
            };
            format!("{name} {sign} {}", values())
        }
        None => name.to_owned(),
    }
}

/// A condition with its columns looked up once.
pub(super) struct Compiled<'c> {
    checks: Vec<(&'c Column, &'c Comparator, Vec<&'c str>)>,
}

impl<'c> Compiled<'c> {
    /// `None`: it names a variable that the dataset does not have, or another dataset's, or compares with nothing.
    pub(super) fn of(clause: &'c WhereClauseDef, index: &Index<'c>, own: &[&str], data: &'c Dataset) -> Option<Self> {
        let compile = |check: &'c RangeCheck| {
            let oid = check.item_oid.as_deref()?;
            let column = data.column(index.items.get(oid)?.name()).filter(|_| own.contains(&oid))?;
            let values: Vec<&str> = check.values.iter().map(|v| v.text.as_str()).collect();
            (!values.is_empty()).then_some((column, check.comparator.as_ref()?, values))
        };
        let checks: Option<Vec<_>> = clause.checks.iter().map(compile).collect();
        checks.filter(|checks| !checks.is_empty()).map(|checks| Self { checks })
    }

    /// Whether a row meets it. A missing value equals the empty text, differs from every other, and is in no order.
    pub(super) fn holds(&self, row: usize) -> bool {
        self.checks.iter().all(|(column, comparator, values)| {
            let cell = column.get(row);
            let equal = |value: &&str| equals(cell, value);
            let order = || values.first().and_then(|value| compare(cell, value));
            match comparator {
                Comparator::Eq | Comparator::In => values.iter().any(equal),
                Comparator::Ne | Comparator::NotIn => !values.iter().any(equal),
                Comparator::Lt => order().is_some_and(std::cmp::Ordering::is_lt),
                Comparator::Le => order().is_some_and(std::cmp::Ordering::is_le),
                Comparator::Gt => order().is_some_and(std::cmp::Ordering::is_gt),
                Comparator::Ge => order().is_some_and(std::cmp::Ordering::is_ge),
                Comparator::Other(_) => false,
            }
        })
    }
}

fn equals(cell: Cell<'_>, value: &str) -> bool {
    match cell {
        Cell::Num(x) => value
            .trim()
            .parse::<f64>()
            .is_ok_and(|y| rounded(x).partial_cmp(&rounded(y)).is_some_and(std::cmp::Ordering::is_eq)),
        Cell::Text(text) => text.trim_end() == value.trim_end(),
        _ => value.trim().is_empty(),
    }
}

fn compare(cell: Cell<'_>, value: &str) -> Option<std::cmp::Ordering> {
    match cell {
        Cell::Num(x) => rounded(x).partial_cmp(&rounded(value.trim().parse().ok()?)),
        Cell::Text(text) if !text.is_empty() => Some(text.cmp(value)),
        _ => None,
    }
}

/// A number at 15 significant digits, which is what a transport file keeps for certain.
pub(super) fn rounded(x: f64) -> f64 {
    format!("{x:.14e}").parse().unwrap_or(x)
}
