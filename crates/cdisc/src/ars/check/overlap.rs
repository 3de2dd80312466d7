//! Can one record be in both of two groups?

use super::super::{Comparator, CompoundExpression, Condition, Logic, NamedClause};
use std::collections::BTreeSet;

/// Values of one variable that a clause lets through.
enum Values<'a> {
    Listed(BTreeSet<&'a str>),
    /// From and to, each with whether the bound belongs to it.
    Between((f64, bool), (f64, bool)),
}

/// Whether two clauses of one variable can hold for the same value: lists that share one, ranges that meet.
/// `false` also where their form does not tell; a run finds records in two groups whatever the form.
pub(super) fn overlap(a: &NamedClause, b: &NamedClause) -> bool {
    match (values(a), values(b)) {
        (Some((variable, a)), Some((other, b))) if variable == other => meet(&a, &b),
        _ => false,
    }
}

type Named<'a> = ((&'a str, &'a str), Values<'a>);

fn values(clause: &NamedClause) -> Option<Named<'_>> {
    match (&clause.condition, &clause.compound_expression) {
        (Some(condition), None) => of_condition(condition),
        (None, Some(compound)) => of_compound(compound),
        _ => None,
    }
}

fn of_condition(condition: &Condition) -> Option<Named<'_>> {
    let variable = (condition.dataset.as_deref()?, condition.variable.as_deref()?);
    let bound = || condition.value.first().and_then(|v| v.trim().parse::<f64>().ok()).filter(|x| x.is_finite());
    let (least, most) = ((f64::NEG_INFINITY, false), (f64::INFINITY, false));
    let values = match condition.comparator? {
        Comparator::Eq | Comparator::In => Values::Listed(condition.value.iter().map(String::as_str).collect()),
        Comparator::Gt => Values::Between((bound()?, false), most),
        Comparator::Ge => Values::Between((bound()?, true), most),
        Comparator::Lt => Values::Between(least, (bound()?, false)),
        Comparator::Le => Values::Between(least, (bound()?, true)),
        Comparator::Ne | Comparator::NotIn => return None,
    };
    Some((variable, values))
}

/// Ranges of one variable, all of which hold.
fn of_compound(compound: &CompoundExpression) -> Option<Named<'_>> {
    if compound.logical_operator != Logic::And {
        return None;
    }
    let mut parts = compound.where_clauses.iter().map(|c| of_condition(c.condition.as_ref()?));
    let (variable, first) = parts.next()??;
    let mut range = match first {
        Values::Between(from, to) => (from, to),
        Values::Listed(_) => return None,
    };
    for part in parts {
        match part? {
            (other, Values::Between(from, to)) if other == variable => range = narrowed(range, (from, to)),
            _ => return None,
        }
    }
    Some((variable, Values::Between(range.0, range.1)))
}

type Range = ((f64, bool), (f64, bool));

/// A bound that does not belong to a range is the narrower of two at the same number.
fn narrowed(a: Range, b: Range) -> Range {
    let tighter = |x: (f64, bool), y: (f64, bool), up: bool| match x.0.total_cmp(&y.0) {
        std::cmp::Ordering::Equal => (x.0, x.1 && y.1),
        order if (order == std::cmp::Ordering::Greater) == up => x,
        _ => y,
    };
    (tighter(a.0, b.0, true), tighter(a.1, b.1, false))
}

fn holds((from, to): Range) -> bool {
    match from.0.total_cmp(&to.0) {
        std::cmp::Ordering::Less => true,
        std::cmp::Ordering::Equal => from.1 && to.1,
        std::cmp::Ordering::Greater => false,
    }
}

fn meet(a: &Values<'_>, b: &Values<'_>) -> bool {
    let within = |listed: &BTreeSet<&str>, range: Range| {
        let numbers = listed.iter().filter_map(|v| v.trim().parse::<f64>().ok()).filter(|x| x.is_finite());
        numbers.into_iter().any(|x| holds(narrowed(((x, true), (x, true)), range)))
    };
    match (a, b) {
        (Values::Listed(a), Values::Listed(b)) => !a.is_disjoint(b),
        (Values::Between(from, to), Values::Between(other_from, other_to)) => {
            holds(narrowed((*from, *to), (*other_from, *other_to)))
        }
        (Values::Listed(listed), Values::Between(from, to)) | (Values::Between(from, to), Values::Listed(listed)) => {
            within(listed, (*from, *to))
        }
    }
}
