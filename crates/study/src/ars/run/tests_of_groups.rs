//! Tables of counts for the tests that compare groups.

use super::super::clause::{Clause, Clauses, Reason, subjects};
use super::super::operation::{Computation, Test};
use super::super::partition::{Partition, choice, listed};
use super::plan::overlapping;
use croft_cdisc::ars::Analysis;
use croft_stat::association::{chi_square, fisher_exact};
use std::collections::{BTreeMap, BTreeSet};

/// How the table is counted.
pub(super) enum Counted<'a> {
    TwoWay(TwoWay),
    Occurrence(Occurrence<'a>),
}

/// Two groupings against each other.
pub(super) struct TwoWay {
    pub rows: usize,
    pub columns: usize,
    /// Whether subjects are counted, else records.
    pub by_subject: bool,
}

/// One grouping: those with a record against those without.
pub(super) struct Occurrence<'a> {
    /// Subjects at risk, by group.
    at_risk: Vec<BTreeSet<&'a str>>,
}

impl<'a> Occurrence<'a> {
    pub fn new(
        clauses: Clauses<'a>,
        analysis: &'a Analysis,
        partition: &Partition<'a>,
        axis: usize,
    ) -> Result<Self, Reason> {
        let grouping = partition.axes[axis].grouping;
        if grouping.data_driven {
            return Err(format!("the groups of `{}` come from the records, so nobody is without", grouping.id));
        }
        let choice = choice(clauses.event, analysis)?;
        let population = population(clauses, choice.set, grouping.grouping_dataset.as_deref())?;
        let data = clauses.dataset(&population)?;
        let mut chosen = vec![true; data.rows()];
        let mut restrict = |clause: Clause<'a>| -> Result<(), Reason> {
            let met = clauses.rows(clause, &population)?;
            chosen.iter_mut().zip(met).for_each(|(chosen, met)| *chosen &= met);
            Ok(())
        };
        if let Some(set) = choice.set {
            restrict(set)?;
        }
        // On the population's own records the subset is the event itself.
        if let Some(subset) = choice.subset.filter(|_| population != partition.dataset) {
            for part in clauses.conjuncts(subset)? {
                if clauses.asks(part)?.iter().all(|name| *name == population) {
                    restrict(part)?;
                }
            }
        }
        let (levels, members) = listed(clauses, grouping, &population, data.rows())?;
        let names = subjects(data)?;
        let mut at_risk = vec![BTreeSet::new(); levels.len()];
        let mut group_of: BTreeMap<&str, u32> = BTreeMap::new();
        for row in (0..data.rows()).filter(|&row| chosen[row]) {
            let Some(subject) = names.get(row).text() else { continue };
            for &level in &members[row] {
                if *group_of.entry(subject).or_insert(level) != level {
                    return Err(overlapping(&grouping.id));
                }
                at_risk[level as usize].insert(subject);
            }
        }
        Ok(Self { at_risk })
    }

    fn table(&self, partition: &Partition<'_>, rows: &[usize]) -> Result<Vec<Vec<u64>>, Reason> {
        let with = partition.subjects_of(rows)?;
        let count = |group: &BTreeSet<&str>| {
            let events = group.iter().filter(|s| with.contains(**s)).count() as u64;
            vec![events, group.len() as u64 - events]
        };
        Ok(self.at_risk.iter().map(count).collect())
    }
}

/// The dataset whose subjects are at risk: the one that the analysis set asks, else the grouping's.
fn population<'a>(clauses: Clauses<'a>, set: Option<Clause<'a>>, grouping: Option<&str>) -> Result<String, Reason> {
    if let Some(set) = set {
        let asked = clauses.asks(set)?;
        if asked.len() == 1
            && let Some(name) = asked.into_iter().next()
        {
            return Ok(name);
        }
    }
    grouping
        .map(str::to_ascii_uppercase)
        .ok_or_else(|| "nothing says of which dataset the subjects at risk are".to_owned())
}

impl TwoWay {
    fn table(&self, partition: &Partition<'_>, rows: &[usize]) -> Result<Vec<Vec<u64>>, Reason> {
        let (first, second) = (&partition.axes[self.rows], &partition.axes[self.columns]);
        let mut counts = vec![vec![0_u64; second.levels.len()]; first.levels.len()];
        let names = if self.by_subject { Some(subjects(partition.data)?) } else { None };
        let mut seen: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
        for &row in rows {
            let (i, j) = match (first.levels_of(row), second.levels_of(row)) {
                ([i], [j]) => (*i, *j),
                ([_, _, ..], _) => return Err(overlapping(&first.grouping.id)),
                (_, [_, _, ..]) => return Err(overlapping(&second.grouping.id)),
                _ => continue,
            };
            if let Some(names) = names {
                let Some(subject) = names.get(row).text() else { continue };
                match seen.insert(subject, (i, j)) {
                    None => {}
                    Some(before) if before == (i, j) => continue,
                    Some(_) => {
                        return Err(format!("{subject} is in two cells of the table, so its rows are not independent"));
                    }
                }
            }
            counts[i as usize][j as usize] += 1;
        }
        Ok(counts)
    }
}

impl Counted<'_> {
    pub fn value(&self, part: Computation, partition: &Partition<'_>, rows: &[usize]) -> Result<f64, Reason> {
        let table = match self {
            Self::TwoWay(table) => table.table(partition, rows)?,
            Self::Occurrence(table) => table.table(partition, rows)?,
        };
        let value = match part {
            Computation::PValue(Test::FisherExact) => fisher_exact(&table),
            Computation::TestStatistic(_) => chi_square(&table).map(|t| t.statistic),
            Computation::Degrees(_) => chi_square(&table).map(|t| t.df as f64),
            _ => chi_square(&table).map(|t| t.p),
        };
        value.map_err(|e| e.to_string())
    }
}
