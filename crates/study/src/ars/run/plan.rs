//! How one operation is computed, settled once before it is asked for each combination of groups.

use super::super::clause::{Reason, SUBJECT, column};
use super::super::operation::{Computation, Statistic, Test, recognise};
use super::super::partition::{Level, Partition};
use super::Runner;
use super::tests_of_groups::{Counted, Occurrence, TwoWay};
use croft_cdisc::ars::{Analysis, Operation};
use croft_core::Column;
use croft_stat::descriptive::summarise;
use croft_stat::one_way::one_way;
use std::rc::Rc;

/// How deep operations may use the results of others.
const MOST_REFERENCES: usize = 8;

pub(super) enum Plan<'a> {
    Subjects,
    Records,
    /// Records whose variable has a value, or has none.
    Values {
        column: &'a Column,
        missing: bool,
    },
    Summary {
        statistic: Statistic,
        column: &'a Column,
        named: String,
    },
    Ratio {
        factor: f64,
        numerator: Box<Used<'a>>,
        denominator: Box<Used<'a>>,
    },
    Anova {
        part: Computation,
        axis: usize,
        column: &'a Column,
    },
    Table {
        part: Computation,
        counted: Counted<'a>,
    },
}

/// Another operation's result.
pub(super) struct Used<'a> {
    analysis: &'a str,
    partition: Rc<Partition<'a>>,
    plan: Plan<'a>,
}

impl<'a> Runner<'a> {
    pub(super) fn plan(
        &mut self,
        analysis: &'a Analysis,
        operation: &'a Operation,
        computation: Computation,
        partition: &Partition<'a>,
        depth: usize,
    ) -> Result<Plan<'a>, Reason> {
        let variable = || analysis.variable.as_deref().ok_or("the analysis names no variable");
        let is_subject = analysis.variable.as_deref().is_some_and(|v| v.eq_ignore_ascii_case(SUBJECT));
        let plan = match computation {
            Computation::Subjects => Plan::Subjects,
            Computation::Records => Plan::Records,
            Computation::Values if is_subject => Plan::Subjects,
            Computation::Values => Plan::Values { column: column(partition.data, variable()?)?, missing: false },
            Computation::Missing => Plan::Values { column: column(partition.data, variable()?)?, missing: true },
            Computation::Summary(statistic) => {
                let named = format!("{}.{}", partition.dataset, variable()?);
                Plan::Summary { statistic, column: numeric(partition, variable()?)?, named }
            }
            Computation::Percent | Computation::Proportion => {
                let factor = if computation == Computation::Percent { 100.0 } else { 1.0 };
                let numerator = Box::new(self.used(analysis, operation, "NUMERATOR", depth)?);
                let denominator = Box::new(self.used(analysis, operation, "DENOMINATOR", depth)?);
                for used in [&numerator, &denominator] {
                    used.fits(partition)?;
                }
                Plan::Ratio { factor, numerator, denominator }
            }
            Computation::PValue(Test::Anova)
            | Computation::TestStatistic(Test::Anova)
            | Computation::Degrees(Test::Anova)
            | Computation::DenominatorDegrees(_) => {
                let axis = match compared(partition)[..] {
                    [axis] => axis,
                    ref other => return Err(groupings("one-way analysis of variance", "one grouping", other.len())),
                };
                Plan::Anova { part: computation, axis, column: numeric(partition, variable()?)? }
            }
            Computation::PValue(test) | Computation::TestStatistic(test) | Computation::Degrees(test) => {
                let counted = match compared(partition)[..] {
                    [axis] => Counted::Occurrence(Occurrence::new(self.clauses, analysis, partition, axis)?),
                    [rows, columns] => Counted::TwoWay(TwoWay { rows, columns, by_subject: is_subject }),
                    ref other => return Err(groupings(test.word(), "one or two groupings", other.len())),
                };
                Plan::Table { part: computation, counted }
            }
        };
        // Counting subjects asks for the column that names them.
        if matches!(plan, Plan::Subjects) {
            partition.subjects_of(&[])?;
        }
        Ok(plan)
    }

    /// The operation that stands in a role, and the analysis that is meant.
    fn used(
        &mut self,
        analysis: &'a Analysis,
        operation: &'a Operation,
        role: &str,
        depth: usize,
    ) -> Result<Used<'a>, Reason> {
        if depth > MOST_REFERENCES {
            return Err("operations use one another's results in a circle".to_owned());
        }
        let event = self.clauses.event;
        let word = role.to_lowercase();
        let mut named = operation
            .referenced_operation_relationships
            .iter()
            .filter(|r| r.referenced_operation_role.controlled_term.as_deref() == Some(role));
        let relationship = named.next().ok_or_else(|| format!("`{}` names no {word}", operation.id))?;
        if named.next().is_some() {
            return Err(format!("`{}` names several operations as its {word}", operation.id));
        }
        let id = analysis
            .referenced_analysis_operations
            .iter()
            .find(|r| r.referenced_operation_relationship_id == relationship.id)
            .map(|r| r.analysis_id.as_str())
            .or(relationship.analysis_id.as_deref())
            .ok_or_else(|| format!("the analysis does not say whose result the {word} is"))?;
        let other =
            event.analysis(id).ok_or_else(|| format!("there is no analysis `{id}`, whose result is the {word}"))?;
        let method =
            event.method(&other.method_id).ok_or_else(|| format!("there is no method `{}`", other.method_id))?;
        let operation = &relationship.operation_id;
        let operation = method
            .operations
            .iter()
            .find(|o| o.id == *operation)
            .ok_or_else(|| format!("`{operation}`, the {word}, is no operation of the analysis `{id}`"))?;
        let computation = recognise(method, operation).map_err(|e| e.to_string())?;
        let partition = self.partition(other)?;
        let plan = self.plan(other, operation, computation, &partition, depth + 1)?;
        Ok(Used { analysis: &other.id, partition, plan })
    }
}

impl Used<'_> {
    /// Each of its groupings must be one of the asking analysis: else it has no one value.
    fn fits(&self, asking: &Partition<'_>) -> Result<(), Reason> {
        match self.partition.by_result().find(|axis| asking.by_result().all(|a| a.grouping.id != axis.grouping.id)) {
            None => Ok(()),
            Some(axis) => Err(format!(
                "the analysis `{}` has a result for each group of `{}`, by which this one is not grouped",
                self.analysis, axis.grouping.id
            )),
        }
    }

    fn value(&self, asking: &Partition<'_>, key: Option<&[u32]>) -> Result<f64, Reason> {
        let levels: Vec<(&str, Option<&Level<'_>>)> = match key {
            Some(key) => {
                let of = asking.by_result().zip(key);
                of.map(|(axis, level)| (axis.grouping.id.as_str(), axis.levels.get(*level as usize))).collect()
            }
            None => return self.plan.value(&self.partition, None),
        };
        let at = |axis: &super::super::partition::Axis<'_>| {
            let (_, level) = levels.iter().find(|(id, _)| *id == axis.grouping.id)?;
            axis.position((*level)?)
        };
        let own: Option<Vec<u32>> = self.partition.by_result().map(at).collect();
        self.plan.value(&self.partition, own.as_deref())
    }
}

/// Groupings without results of their own: those that a test compares.
fn compared(partition: &Partition<'_>) -> Vec<usize> {
    (0..partition.axes.len()).filter(|&i| !partition.axes[i].by_result).collect()
}

fn groupings(test: &str, wanted: &str, found: usize) -> Reason {
    format!("{test} compares {wanted} without results by group, and the analysis has {found}")
}

fn numeric<'a>(partition: &Partition<'a>, variable: &str) -> Result<&'a Column, Reason> {
    match column(partition.data, variable)? {
        column @ Column::Num(_) => Ok(column),
        Column::Char(_) => Err(format!("{}.{} is text, and numbers are asked for", partition.dataset, variable)),
    }
}

fn numbers(column: &Column, rows: &[usize]) -> Vec<f64> {
    rows.iter().filter_map(|&row| column.get(row).num()).collect()
}

impl Plan<'_> {
    /// The value for a combination of groups; `None` for one that does not occur in the data.
    pub fn value(&self, partition: &Partition<'_>, key: Option<&[u32]>) -> Result<f64, Reason> {
        let rows = key.map_or(&[][..], |key| partition.cell(key));
        match self {
            Self::Subjects => Ok(partition.count_subjects(rows)? as f64),
            Self::Records => Ok(rows.len() as f64),
            Self::Values { column, missing } => {
                Ok(rows.iter().filter(|&&row| column.get(row).is_missing() == *missing).count() as f64)
            }
            Self::Summary { statistic, column, named } => {
                let values = numbers(column, rows);
                summary(*statistic, &values).ok_or_else(|| match values.len() {
                    0 => format!("{named} has no value there"),
                    1 => format!("{named} has one value there, which has no spread"),
                    _ => format!("the values of {named} there have no such statistic"),
                })
            }
            Self::Ratio { factor, numerator, denominator } => {
                let below = denominator.value(partition, key)?;
                if below <= 0.0 {
                    return Err("the denominator is zero".to_owned());
                }
                Ok(factor * numerator.value(partition, key)? / below)
            }
            Self::Anova { part, axis, column } => {
                let axis = &partition.axes[*axis];
                let mut groups = vec![Vec::new(); axis.levels.len()];
                for &row in rows {
                    let Some(value) = column.get(row).num() else { continue };
                    match axis.levels_of(row) {
                        [] => {}
                        [level] => groups[*level as usize].push(value),
                        _ => return Err(overlapping(&axis.grouping.id)),
                    }
                }
                let test = one_way(&groups).map_err(|e| e.to_string())?;
                Ok(match part {
                    Computation::TestStatistic(_) => test.f,
                    Computation::Degrees(_) => test.df_between as f64,
                    Computation::DenominatorDegrees(_) => test.df_within as f64,
                    _ => test.p,
                })
            }
            Self::Table { part, counted } => counted.value(*part, partition, rows),
        }
    }
}

pub(super) fn overlapping(grouping: &str) -> Reason {
    format!("a record is in two groups of `{grouping}`, so they cannot be compared")
}

fn summary(statistic: Statistic, values: &[f64]) -> Option<f64> {
    let s = summarise(values);
    match statistic {
        Statistic::Mean => s.mean,
        Statistic::StandardDeviation => s.sd,
        Statistic::StandardError => s.sd.map(|sd| sd / (values.len() as f64).sqrt()),
        Statistic::Variance => s.sd.map(|sd| sd * sd),
        Statistic::CoefficientOfVariation => s.cv_pct,
        Statistic::GeometricMean => s.geometric_mean,
        Statistic::GeometricCv => s.geometric_cv_pct,
        Statistic::Median => s.median,
        Statistic::FirstQuartile => s.q1,
        Statistic::ThirdQuartile => s.q3,
        Statistic::InterquartileRange => s.q3.zip(s.q1).map(|(q3, q1)| q3 - q1),
        Statistic::Minimum => s.min,
        Statistic::Maximum => s.max,
        Statistic::Range => s.max.zip(s.min).map(|(max, min)| max - min),
        Statistic::Sum => (!values.is_empty()).then(|| croft_num::sum::sum(values.iter().copied())),
    }
}
