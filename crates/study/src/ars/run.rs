//! Runs analyses: every operation of the method for every combination of groups.
//!
//! Tests compare the groups of a grouping that has no results of its own (`resultsByGroup` false):
//!
//! - an analysis of variance takes one such grouping, and the numbers of the analysis variable in each group;
//! - a test of a table takes two, and counts subjects (records, where the variable is not `USUBJID`) in each combination;
//! - or it takes one, and compares who had a record with who had none. Those at risk are the subjects of the analysis set by group, as far as those parts of the data
//!   subset go that concern the set's own dataset: `ADAE.TRTEMFL EQ 'Y' AND ADSL.TRT01A IN (…)` counts events in the first, and compares only groups of the second.

mod plan;
mod tests_of_groups;

use super::clause::{Clauses, Reason};
use super::operation::{Computation, recognise};
use super::partition::{Level, Partition};
use super::pattern::{format, plain};
use croft_cdisc::ars::{Analysis, Operation, OperationResult, ReportingEvent, ResultGroup};
use croft_core::{Dataset, Finding, Severity};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Datasets by upper-case name.
pub type Datasets = BTreeMap<String, Dataset>;

/// One result.
#[derive(Clone, Debug, PartialEq)]
pub struct Computed {
    /// Id of the analysis.
    pub analysis: String,
    /// Id of the operation.
    pub operation: String,
    /// Its groups, as the standard writes them.
    pub groups: Vec<ResultGroup>,
    /// The number, or why there is none.
    pub value: Result<f64, String>,
    /// As the operation's pattern prints it; absent without a number, or where the pattern shows none.
    pub formatted: Option<String>,
}

impl Computed {
    /// As the standard keeps it: a result without a number has an empty raw value.
    pub fn to_result(&self) -> OperationResult {
        OperationResult {
            operation_id: self.operation.clone(),
            result_groups: self.groups.clone(),
            raw_value: Some(self.value.as_ref().map_or_else(|_| String::new(), |x| plain(*x))),
            formatted_value: self.formatted.clone(),
            ..OperationResult::default()
        }
    }
}

/// An operation, or a whole analysis, that was not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotRun {
    /// Id of the analysis.
    pub analysis: String,
    /// Id of the operation; `None`: all of the analysis.
    pub operation: Option<String>,
    /// Why.
    pub reason: String,
}

/// What a run found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Run {
    /// Results, in the order of analyses, operations and groups.
    pub results: Vec<Computed>,
    /// What was not run.
    pub not_run: Vec<NotRun>,
    /// What is remarkable about data and groups.
    pub remarks: Vec<Finding>,
}

impl Run {
    /// The event with these results in place of those that it had.
    pub fn applied_to(&self, event: &ReportingEvent) -> ReportingEvent {
        let mut by_analysis: BTreeMap<&str, Vec<OperationResult>> = BTreeMap::new();
        for result in &self.results {
            by_analysis.entry(&result.analysis).or_default().push(result.to_result());
        }
        let mut event = event.clone();
        for analysis in &mut event.analyses {
            analysis.results = by_analysis.remove(analysis.id.as_str()).unwrap_or_default();
        }
        event
    }
}

/// Runs every analysis of an event.
pub fn run(event: &ReportingEvent, datasets: &Datasets) -> Run {
    let mut runner = Runner::new(event, datasets);
    let mut run = Run::default();
    for analysis in &event.analyses {
        runner.analysis(analysis, &mut run);
    }
    run
}

/// An event over datasets, with what was divided already.
pub(super) struct Runner<'a> {
    clauses: Clauses<'a>,
    partitions: BTreeMap<&'a str, Result<Rc<Partition<'a>>, Reason>>,
}

impl<'a> Runner<'a> {
    pub fn new(event: &'a ReportingEvent, datasets: &'a Datasets) -> Self {
        Self { clauses: Clauses { event, datasets }, partitions: BTreeMap::new() }
    }

    fn partition(&mut self, analysis: &'a Analysis) -> Result<Rc<Partition<'a>>, Reason> {
        if let Some(known) = self.partitions.get(analysis.id.as_str()) {
            return known.clone();
        }
        let made = Partition::new(self.clauses, analysis).map(Rc::new);
        self.partitions.insert(&analysis.id, made.clone());
        made
    }

    fn analysis(&mut self, analysis: &'a Analysis, run: &mut Run) {
        let mut not_run = |operation: Option<&Operation>, reason: Reason| {
            run.not_run.push(NotRun {
                analysis: analysis.id.clone(),
                operation: operation.map(|o| o.id.clone()),
                reason,
            });
        };
        let event = self.clauses.event;
        let Some(method) = event.method(&analysis.method_id) else {
            return not_run(None, format!("there is no method `{}`", analysis.method_id));
        };
        let partition = match self.partition(analysis) {
            Ok(partition) => partition,
            Err(reason) => return not_run(None, reason),
        };
        let mut operations: Vec<&Operation> = method.operations.iter().collect();
        operations.sort_by_key(|o| o.order);
        let mut results = Vec::new();
        for operation in operations {
            let planned = recognise(method, operation)
                .map_err(|e| e.to_string())
                .and_then(|c| Ok((c, self.plan(analysis, operation, c, &partition, 0)?)));
            let (computation, plan) = match planned {
                Ok(planned) => planned,
                Err(reason) => {
                    not_run(Some(operation), reason);
                    continue;
                }
            };
            for key in &partition.combinations {
                let value = plan.value(&partition, Some(key));
                results.push(computed(analysis, operation, computation, groups(&partition, key), value));
            }
        }
        remarks(analysis, &partition, &mut run.remarks);
        let unprinted = results.iter().find(|r: &&Computed| r.value.is_ok() && r.formatted.is_none());
        if let Some(result) = unprinted {
            let message =
                format!("the result pattern of `{}` shows no number that croft can fill in", result.operation);
            let hint = "write it with X for digits, such as XX.X; raw values are there";
            run.remarks.push(Finding::new("ARS-PATTERN", Severity::Warning, &analysis.id, message).hint(hint));
        }
        run.results.extend(results);
    }

    /// The value for groups as a file writes them, also for a value of the data that does not occur.
    pub fn value_at(
        &mut self,
        analysis: &'a Analysis,
        operation: &'a Operation,
        wanted: &[ResultGroup],
    ) -> Result<Computed, Reason> {
        let method = self.clauses.event.method(&analysis.method_id).ok_or("there is no such method")?;
        let computation = recognise(method, operation).map_err(|e| e.to_string())?;
        let partition = self.partition(analysis)?;
        let plan = self.plan(analysis, operation, computation, &partition, 0)?;
        let mut key = Some(Vec::new());
        for axis in partition.by_result() {
            let group = wanted.iter().find(|g| g.grouping_id == axis.grouping.id);
            let level = match group {
                Some(ResultGroup { group_id: Some(id), .. }) => Level::Group(id),
                Some(ResultGroup { group_value: Some(value), .. }) => Level::Value(value.clone()),
                _ => return Err(format!("the result names no group of `{}`", axis.grouping.id)),
            };
            match axis.position(&level) {
                Some(position) => key.iter_mut().for_each(|key| key.push(position)),
                None if axis.grouping.data_driven => key = None,
                None => return Err(format!("the result's group of `{}` is not one of its groups", axis.grouping.id)),
            }
        }
        let value = plan.value(&partition, key.as_deref());
        Ok(computed(analysis, operation, computation, wanted.to_vec(), value))
    }
}

fn computed(
    analysis: &Analysis,
    operation: &Operation,
    computation: Computation,
    groups: Vec<ResultGroup>,
    value: Result<f64, Reason>,
) -> Computed {
    let value =
        value.and_then(|x| if x.is_finite() { Ok(x) } else { Err("the result is beyond all numbers".to_owned()) });
    let formatted =
        value.as_ref().ok().and_then(|value| format(operation.result_pattern.as_deref(), *value, computation));
    Computed { analysis: analysis.id.clone(), operation: operation.id.clone(), groups, value, formatted }
}

/// The groups of a combination; a grouping without results of its own is named without a group.
fn groups(partition: &Partition<'_>, key: &[u32]) -> Vec<ResultGroup> {
    let mut key = key.iter();
    let mut groups = Vec::new();
    for axis in &partition.axes {
        let mut group = ResultGroup { grouping_id: axis.grouping.id.clone(), ..ResultGroup::default() };
        if axis.by_result {
            match key.next().and_then(|at| axis.levels.get(*at as usize)) {
                Some(Level::Group(id)) => group.group_id = Some((*id).to_owned()),
                Some(Level::Value(value)) => group.group_value = Some(value.clone()),
                None => {}
            }
        }
        groups.push(group);
    }
    groups
}

/// Records in no group, and in several.
fn remarks(analysis: &Analysis, partition: &Partition<'_>, remarks: &mut Vec<Finding>) {
    for axis in &partition.axes {
        let count =
            |wanted: fn(usize) -> bool| partition.rows.iter().filter(|&&row| wanted(axis.levels_of(row).len())).count();
        let (none, several) = (count(|n| n == 0), count(|n| n > 1));
        let (grouping, records) = (&axis.grouping.id, partition.rows.len());
        if none > 0 {
            let message = format!("{none} of {records} records are in no group of `{grouping}`");
            remarks.push(Finding::new("ARS-NO-GROUP", Severity::Note, &analysis.id, message));
        }
        if several > 0 {
            let message = format!("{several} of {records} records are in more than one group of `{grouping}`");
            let hint = "each group counts them; groups do not add up to the whole";
            remarks.push(Finding::new("ARS-OVERLAP", Severity::Warning, &analysis.id, message).hint(hint));
        }
    }
}
