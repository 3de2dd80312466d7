//! Which rows of a dataset does a where clause let through?
//!
//! A condition on a variable of the dataset itself is asked of each row. A clause that concerns one other dataset holds for every record of the subjects (`USUBJID`) who have a record there
//! that meets the *whole* clause; so `ADSL.SAFFL EQ 'Y'` chooses records of ADAE by their subject, and `ADAE.AESER EQ 'Y' AND ADAE.AEREL EQ 'PROBABLE'` asks for one record with both.
//! A compound clause over several datasets is put together from its parts.
//!
//! Values compare as numbers where the variable is numeric, else as text, blanks at the end aside. Where systems differ: a missing value is equal only to no value (`EQ` without one, or
//! with an empty one); it is unequal to every value, as in SAS; and it is neither greater nor less than any, where SAS has a missing number less than all others.

use croft_cdisc::ars::{Comparator, CompoundExpression, Condition, Logic, NamedClause, ReportingEvent, WhereClause};
use croft_core::{Cell, Column, Dataset};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// Why something could not be run: a sentence.
pub(super) type Reason = String;

/// The variable that says whose record it is.
pub(super) const SUBJECT: &str = "USUBJID";

/// How deep clauses may refer to one another.
const MOST_REFERENCES: usize = 64;

/// Clauses of an event over datasets, by upper-case name.
#[derive(Clone, Copy)]
pub(super) struct Clauses<'a> {
    pub event: &'a ReportingEvent,
    pub datasets: &'a BTreeMap<String, Dataset>,
}

/// A clause, named or within a compound.
#[derive(Clone, Copy)]
pub(super) enum Clause<'a> {
    Condition(&'a Condition),
    Compound(&'a CompoundExpression),
}

impl<'a> Clauses<'a> {
    pub fn dataset(&self, name: &str) -> Result<&'a Dataset, Reason> {
        let name = name.to_ascii_uppercase();
        self.datasets.get(&name).ok_or_else(|| format!("the dataset {name} is not among the data"))
    }

    pub fn named(clause: &'a NamedClause) -> Result<Clause<'a>, Reason> {
        match (&clause.condition, &clause.compound_expression) {
            (Some(condition), None) => Ok(Clause::Condition(condition)),
            (None, Some(compound)) => Ok(Clause::Compound(compound)),
            _ => Err(format!("the clause `{}` has no condition, or more than one", clause.id)),
        }
    }

    fn part(&self, clause: &'a WhereClause) -> Result<Clause<'a>, Reason> {
        match (&clause.condition, &clause.compound_expression, &clause.sub_clause_id) {
            (Some(condition), None, None) => Ok(Clause::Condition(condition)),
            (None, Some(compound), None) => Ok(Clause::Compound(compound)),
            (None, None, Some(id)) => match self.event.clause(id) {
                Some(named) => Self::named(named),
                None => Err(format!("there is no clause `{id}`")),
            },
            _ => Err("a part of a compound clause has no condition, or more than one".to_owned()),
        }
    }

    /// The datasets that a clause asks.
    pub fn asks(&self, clause: Clause<'a>) -> Result<BTreeSet<String>, Reason> {
        let mut names = BTreeSet::new();
        self.gather(clause, 0, &mut names)?;
        Ok(names)
    }

    fn gather(&self, clause: Clause<'a>, depth: usize, names: &mut BTreeSet<String>) -> Result<(), Reason> {
        if depth > MOST_REFERENCES {
            return Err("clauses refer to one another in a circle".to_owned());
        }
        match clause {
            Clause::Condition(condition) => {
                let name = condition.dataset.as_deref().ok_or("a condition names no dataset")?;
                names.insert(name.to_ascii_uppercase());
            }
            Clause::Compound(compound) => {
                for part in &compound.where_clauses {
                    self.gather(self.part(part)?, depth + 1, names)?;
                }
            }
        }
        Ok(())
    }

    /// Parts that must all hold.
    pub fn conjuncts(&self, clause: Clause<'a>) -> Result<Vec<Clause<'a>>, Reason> {
        match clause {
            Clause::Compound(compound) if compound.logical_operator == Logic::And => {
                let mut all = Vec::new();
                for part in &compound.where_clauses {
                    all.extend(self.conjuncts(self.part(part)?)?);
                }
                Ok(all)
            }
            other => Ok(vec![other]),
        }
    }

    /// For each row of a dataset, whether the clause lets it through.
    pub fn rows(&self, clause: Clause<'a>, dataset: &str) -> Result<Vec<bool>, Reason> {
        let asked = self.asks(clause)?;
        let dataset = dataset.to_ascii_uppercase();
        if asked.len() == 1 && !asked.contains(&dataset) {
            let other = asked.into_iter().next().unwrap_or_default();
            let met = self.rows(clause, &other)?;
            return self.of_subjects(&other, &met, &dataset);
        }
        match clause {
            Clause::Condition(condition) => self.condition(condition, &dataset),
            Clause::Compound(compound) => self.compound(compound, &dataset),
        }
    }

    /// Rows of the subjects who have a row that was met in another dataset.
    fn of_subjects(&self, other: &str, met: &[bool], dataset: &str) -> Result<Vec<bool>, Reason> {
        let theirs = subjects(self.dataset(other)?)?;
        let chosen: BTreeSet<&str> =
            (0..met.len()).filter(|&row| met[row]).filter_map(|row| theirs.get(row).text()).collect();
        let data = self.dataset(dataset)?;
        let ours = subjects(data)?;
        Ok((0..data.rows()).map(|row| ours.get(row).text().is_some_and(|s| chosen.contains(s))).collect())
    }

    fn compound(&self, compound: &'a CompoundExpression, dataset: &str) -> Result<Vec<bool>, Reason> {
        let mut parts = Vec::new();
        for part in &compound.where_clauses {
            parts.push(self.rows(self.part(part)?, dataset)?);
        }
        let rows = self.dataset(dataset)?.rows();
        let operator = compound.logical_operator;
        match (operator, &parts[..]) {
            (Logic::Not, [part]) => Ok(part.iter().map(|met| !met).collect()),
            (Logic::Not, _) => Err(format!("NOT takes one clause, not {}", parts.len())),
            (_, []) => Err(format!("{} without clauses", operator.word())),
            (Logic::And, parts) => Ok((0..rows).map(|row| parts.iter().all(|p| p[row])).collect()),
            (Logic::Or, parts) => Ok((0..rows).map(|row| parts.iter().any(|p| p[row])).collect()),
        }
    }

    fn condition(&self, condition: &Condition, dataset: &str) -> Result<Vec<bool>, Reason> {
        let data = self.dataset(dataset)?;
        let variable = condition.variable.as_deref().ok_or("a condition names no variable")?;
        let column = column(data, variable)?;
        let comparator = condition.comparator.ok_or("a condition names no comparator")?;
        let wanted = Wanted::new(column, comparator, &condition.value, &format!("{dataset}.{variable}"))?;
        Ok((0..data.rows()).map(|row| wanted.holds(column.get(row))).collect())
    }
}

/// A column that must be there, whatever the case of its name.
pub(super) fn column<'d>(data: &'d Dataset, variable: &str) -> Result<&'d Column, Reason> {
    let name = variable.to_ascii_uppercase();
    data.column(&name)
        .or_else(|| data.column(variable))
        .ok_or_else(|| format!("{} has no variable {name}", data.name.to_ascii_uppercase()))
}

/// The column of subjects.
pub(super) fn subjects(data: &Dataset) -> Result<&Column, Reason> {
    match column(data, SUBJECT)? {
        column @ Column::Char(_) => Ok(column),
        Column::Num(_) => Err(format!("{}.{SUBJECT} is numeric, and subjects are told apart by text", data.name)),
    }
}

/// A text without blanks at its end, as transport files keep it.
fn trimmed(text: &str) -> &str {
    text.trim_end_matches(' ')
}

enum Wanted<'a> {
    Numbers(Comparator, Vec<f64>, bool),
    Texts(Comparator, Vec<&'a str>),
}

impl<'a> Wanted<'a> {
    fn new(column: &Column, comparator: Comparator, values: &'a [String], named: &str) -> Result<Self, Reason> {
        let lists = matches!(comparator, Comparator::In | Comparator::NotIn);
        let fits = match comparator {
            _ if lists => !values.is_empty(),
            Comparator::Eq | Comparator::Ne => values.len() <= 1,
            _ => values.len() == 1,
        };
        if !fits {
            return Err(format!("{named} {} has {} values", comparator.word(), values.len()));
        }
        // No value at all asks whether there is one.
        let empty = values.is_empty() || values.iter().any(|v| trimmed(v).is_empty());
        match column {
            Column::Num(_) => {
                let stated = values.iter().filter(|v| !trimmed(v).is_empty());
                let numbers: Result<Vec<f64>, Reason> = stated
                    .map(|v| match v.trim().parse::<f64>() {
                        Ok(x) if x.is_finite() => Ok(x),
                        _ => Err(format!("{named} is numeric, and `{v}` is no number")),
                    })
                    .collect();
                Ok(Self::Numbers(comparator, numbers?, empty))
            }
            Column::Char(_) => {
                let mut texts: Vec<&str> = values.iter().map(|v| trimmed(v)).collect();
                if texts.is_empty() {
                    texts.push("");
                }
                Ok(Self::Texts(comparator, texts))
            }
        }
    }

    fn holds(&self, cell: Cell<'_>) -> bool {
        match self {
            Self::Numbers(comparator, numbers, empty) => match cell.num() {
                None => match comparator {
                    Comparator::Eq | Comparator::In => *empty,
                    Comparator::Ne | Comparator::NotIn => !empty,
                    _ => false,
                },
                Some(x) => compared(*comparator, numbers.iter().map(|y| order(x, *y))),
            },
            Self::Texts(comparator, texts) => {
                let text = trimmed(cell.text().unwrap_or_default());
                let ordered =
                    !matches!(comparator, Comparator::Eq | Comparator::In | Comparator::Ne | Comparator::NotIn);
                if text.is_empty() && ordered {
                    return false;
                }
                compared(*comparator, texts.iter().map(|t| text.cmp(t)))
            }
        }
    }
}

/// Numbers that differ in the sixteenth digit are equal: a transport file's are not those that were typed.
fn order(x: f64, y: f64) -> Ordering {
    if (x - y).abs() <= 1e-15 * x.abs().max(y.abs()) { Ordering::Equal } else { x.total_cmp(&y) }
}

fn compared(comparator: Comparator, mut orders: impl Iterator<Item = Ordering>) -> bool {
    match comparator {
        Comparator::Eq | Comparator::In => orders.any(Ordering::is_eq),
        Comparator::Ne | Comparator::NotIn => !orders.any(Ordering::is_eq),
        Comparator::Gt => orders.all(Ordering::is_gt),
        Comparator::Ge => orders.all(Ordering::is_ge),
        Comparator::Lt => orders.all(Ordering::is_lt),
        Comparator::Le => orders.all(Ordering::is_le),
    }
}
