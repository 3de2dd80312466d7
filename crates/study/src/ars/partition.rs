//! Which records does an analysis take, and how do its groups divide them?
//!
//! Groups that are listed are all there, also those without records: a table shows their zero. Groups that the data give are the values that occur among the chosen records; of several
//! such groupings the combinations that occur. A record may be in two groups where these overlap; one without a group takes no part in the results by group.

use super::clause::{Clause, Clauses, Reason, column, subjects};
use croft_cdisc::ars::{Analysis, GroupingFactor, ReportingEvent};
use croft_core::{Cell, Dataset};
use std::collections::{BTreeMap, BTreeSet};

/// More combinations than a report can hold.
const MOST_COMBINATIONS: usize = 1_000_000;

/// One grouping of an analysis with its levels.
pub(super) struct Axis<'a> {
    pub grouping: &'a GroupingFactor,
    /// Whether each level has results of its own.
    pub by_result: bool,
    pub levels: Vec<Level<'a>>,
    /// Levels of each row of the dataset.
    members: Vec<Vec<u32>>,
}

/// A listed group by its id, or a value of the data.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level<'a> {
    Group(&'a str),
    Value(String),
}

/// The records of an analysis.
pub(super) struct Partition<'a> {
    pub dataset: String,
    pub data: &'a Dataset,
    /// Chosen rows, ascending.
    pub rows: Vec<usize>,
    pub axes: Vec<Axis<'a>>,
    /// Rows by levels of the axes that have results of their own.
    cells: BTreeMap<Vec<u32>, Vec<usize>>,
    /// Every combination with results of its own, in the order of the groupings.
    pub combinations: Vec<Vec<u32>>,
}

/// The clauses that choose an analysis's records.
pub(super) struct Choice<'a> {
    pub set: Option<Clause<'a>>,
    pub subset: Option<Clause<'a>>,
}

pub(super) fn choice<'a>(event: &'a ReportingEvent, analysis: &Analysis) -> Result<Choice<'a>, Reason> {
    let find = |id: &Option<String>, list: &'a [croft_cdisc::ars::NamedClause], what: &str| match id {
        None => Ok(None),
        Some(id) => match list.iter().find(|c| c.id == *id) {
            Some(clause) => Clauses::named(clause).map(Some),
            None => Err(format!("there is no {what} `{id}`")),
        },
    };
    Ok(Choice {
        set: find(&analysis.analysis_set_id, &event.analysis_sets, "analysis set")?,
        subset: find(&analysis.data_subset_id, &event.data_subsets, "data subset")?,
    })
}

impl<'a> Partition<'a> {
    pub fn new(clauses: Clauses<'a>, analysis: &'a Analysis) -> Result<Self, Reason> {
        let event = clauses.event;
        let dataset = analysis.dataset.as_deref().ok_or("the analysis names no dataset")?.to_ascii_uppercase();
        let data = clauses.dataset(&dataset)?;
        let choice = choice(event, analysis)?;
        let mut chosen = vec![true; data.rows()];
        for clause in [choice.set, choice.subset].into_iter().flatten() {
            let met = clauses.rows(clause, &dataset)?;
            chosen.iter_mut().zip(met).for_each(|(chosen, met)| *chosen &= met);
        }
        let rows: Vec<usize> = (0..data.rows()).filter(|&row| chosen[row]).collect();
        let mut ordered: Vec<_> = analysis.ordered_groupings.iter().collect();
        ordered.sort_by_key(|g| g.order);
        let mut axes = Vec::new();
        for named in ordered {
            let id = &named.grouping_id;
            let grouping = event.grouping(id).ok_or_else(|| format!("there is no grouping `{id}`"))?;
            axes.push(axis(clauses, grouping, named.results_by_group, &dataset, data, &rows)?);
        }
        let mut partition = Self { dataset, data, rows, axes, cells: BTreeMap::new(), combinations: Vec::new() };
        partition.fill()?;
        Ok(partition)
    }

    pub fn by_result(&self) -> impl Iterator<Item = &Axis<'a>> {
        self.axes.iter().filter(|axis| axis.by_result)
    }

    fn fill(&mut self) -> Result<(), Reason> {
        let axes: Vec<&Axis<'a>> = self.axes.iter().filter(|axis| axis.by_result).collect();
        let mut cells: BTreeMap<Vec<u32>, Vec<usize>> = BTreeMap::new();
        for &row in &self.rows {
            let mut keys: Vec<Vec<u32>> = vec![Vec::new()];
            for axis in &axes {
                keys = keys
                    .iter()
                    .flat_map(|key| axis.members[row].iter().map(move |level| [key.as_slice(), &[*level]].concat()))
                    .collect();
            }
            for key in keys {
                cells.entry(key).or_default().push(row);
            }
        }
        // Values of the data come as they occur together, listed groups each with each.
        let from_data: Vec<bool> = axes.iter().map(|axis| axis.grouping.data_driven).collect();
        let occurring: BTreeSet<Vec<u32>> = cells
            .keys()
            .map(|key| key.iter().zip(&from_data).filter(|(_, data)| **data).map(|(level, _)| *level).collect())
            .collect();
        let listed = axes.iter().filter(|axis| !axis.grouping.data_driven);
        let product = listed.map(|axis| axis.levels.len()).try_fold(occurring.len().max(1), usize::checked_mul);
        if product.is_none_or(|all| all > MOST_COMBINATIONS) {
            return Err(format!("there are more than {MOST_COMBINATIONS} combinations of groups"));
        }
        let mut combinations = BTreeSet::new();
        let occurring = if from_data.contains(&true) { occurring } else { BTreeSet::from([Vec::new()]) };
        for values in &occurring {
            let mut keys: Vec<Vec<u32>> = vec![Vec::new()];
            let mut values = values.iter();
            for axis in &axes {
                let levels: Vec<u32> = if axis.grouping.data_driven {
                    values.next().copied().into_iter().collect()
                } else {
                    (0..axis.levels.len() as u32).collect()
                };
                keys =
                    keys.iter().flat_map(|key| levels.iter().map(move |l| [key.as_slice(), &[*l]].concat())).collect();
            }
            combinations.extend(keys);
        }
        self.cells = cells;
        self.combinations = combinations.into_iter().collect();
        Ok(())
    }

    /// Rows of a combination; none where it does not occur.
    pub fn cell(&self, key: &[u32]) -> &[usize] {
        self.cells.get(key).map_or(&[], Vec::as_slice)
    }

    /// Distinct subjects among rows.
    pub fn count_subjects(&self, rows: &[usize]) -> Result<usize, Reason> {
        Ok(self.subjects_of(rows)?.len())
    }

    pub fn subjects_of(&self, rows: &[usize]) -> Result<BTreeSet<&'a str>, Reason> {
        let column = subjects(self.data)?;
        Ok(rows.iter().filter_map(|&row| column.get(row).text()).filter(|s| !s.is_empty()).collect())
    }
}

impl<'a> Axis<'a> {
    /// Levels of a row of the dataset.
    pub fn levels_of(&self, row: usize) -> &[u32] {
        &self.members[row]
    }

    /// The position of a level.
    pub fn position(&self, level: &Level<'_>) -> Option<u32> {
        self.levels.iter().position(|l| l == level).and_then(|i| u32::try_from(i).ok())
    }
}

/// The levels of every row by a grouping, over all rows of a dataset; values of the data only from the chosen rows.
fn axis<'a>(
    clauses: Clauses<'a>,
    grouping: &'a GroupingFactor,
    by_result: bool,
    dataset: &str,
    data: &'a Dataset,
    rows: &[usize],
) -> Result<Axis<'a>, Reason> {
    if grouping.data_driven {
        let values = values(clauses, grouping, dataset, data)?;
        let distinct: BTreeSet<&String> = rows.iter().filter_map(|&row| values[row].as_ref()).collect();
        let mut distinct: Vec<&String> = distinct.into_iter().collect();
        // Numbers rise as numbers; text is in its order already.
        distinct.sort_by(|a, b| match (a.parse::<f64>(), b.parse::<f64>()) {
            (Ok(a), Ok(b)) => a.total_cmp(&b),
            (a, b) => b.is_ok().cmp(&a.is_ok()),
        });
        let index: BTreeMap<&String, u32> = distinct.iter().zip(0..).map(|(value, i)| (*value, i)).collect();
        let members =
            values.iter().map(|v| v.as_ref().and_then(|v| index.get(v)).copied().into_iter().collect()).collect();
        let levels = distinct.iter().map(|value| Level::Value((*value).clone())).collect();
        return Ok(Axis { grouping, by_result, levels, members });
    }
    let (levels, members) = listed(clauses, grouping, dataset, data.rows())?;
    Ok(Axis { grouping, by_result, levels, members })
}

/// Listed groups and, for each row of a dataset, those it is in.
pub(super) fn listed<'a>(
    clauses: Clauses<'a>,
    grouping: &'a GroupingFactor,
    dataset: &str,
    rows: usize,
) -> Result<(Vec<Level<'a>>, Vec<Vec<u32>>), Reason> {
    if grouping.groups.is_empty() {
        return Err(format!("the grouping `{}` has no groups", grouping.id));
    }
    let mut groups: Vec<_> = grouping.groups.iter().collect();
    groups.sort_by_key(|g| g.order);
    let mut members = vec![Vec::new(); rows];
    for (group, level) in groups.iter().zip(0_u32..) {
        let met = clauses.rows(Clauses::named(group)?, dataset)?;
        met.iter().enumerate().filter(|(_, met)| **met).for_each(|(row, _)| members[row].push(level));
    }
    Ok((groups.iter().map(|g| Level::Group(&g.id)).collect(), members))
}

/// The grouping variable's value for each row, from the dataset itself or from the one record that its subject has elsewhere.
fn values(
    clauses: Clauses<'_>,
    grouping: &GroupingFactor,
    dataset: &str,
    data: &Dataset,
) -> Result<Vec<Option<String>>, Reason> {
    let id = &grouping.id;
    let variable =
        grouping.grouping_variable.as_deref().ok_or_else(|| format!("the grouping `{id}` names no variable"))?;
    let from = grouping.grouping_dataset.as_deref().unwrap_or(dataset).to_ascii_uppercase();
    let source = clauses.dataset(&from)?;
    let column = column(source, variable)?;
    if from == dataset {
        return Ok((0..data.rows()).map(|row| text(column.get(row))).collect());
    }
    let keys = subjects(source)?;
    let mut by_subject: BTreeMap<&str, Option<String>> = BTreeMap::new();
    for row in 0..source.rows() {
        let Some(subject) = keys.get(row).text() else { continue };
        if by_subject.insert(subject, text(column.get(row))).is_some() {
            return Err(format!(
                "{from} has several records of one subject, so its {variable} cannot group records of {dataset}"
            ));
        }
    }
    let ours = subjects(data)?;
    Ok((0..data.rows()).map(|row| by_subject.get(ours.get(row).text()?).cloned().flatten()).collect())
}

/// A value as a group's name; a missing one is none.
fn text(cell: Cell<'_>) -> Option<String> {
    match cell {
        Cell::Num(x) => Some(super::pattern::plain(x)),
        Cell::Text(t) => Some(t.trim_end_matches(' ').to_owned()).filter(|t| !t.is_empty()),
        Cell::MissingNum(_) | Cell::Null => None,
    }
}
