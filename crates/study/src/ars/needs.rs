//! Which datasets and variables does a reporting event ask for?

use croft_cdisc::ars::{CompoundExpression, Condition, NamedClause, ReportingEvent};
use std::collections::{BTreeMap, BTreeSet};

/// Variables by dataset, in upper case, as far as analyses, clauses and groupings name them.
pub fn needs(event: &ReportingEvent) -> BTreeMap<String, BTreeSet<String>> {
    let mut found = Found::default();
    for analysis in &event.analyses {
        found.add(analysis.dataset.as_deref(), analysis.variable.as_deref());
    }
    for grouping in &event.analysis_groupings {
        found.add(grouping.grouping_dataset.as_deref(), grouping.grouping_variable.as_deref());
        grouping.groups.iter().for_each(|g| found.clause(g));
    }
    event.analysis_sets.iter().chain(&event.data_subsets).for_each(|c| found.clause(c));
    found.0
}

#[derive(Default)]
struct Found(BTreeMap<String, BTreeSet<String>>);

impl Found {
    fn add(&mut self, dataset: Option<&str>, variable: Option<&str>) {
        let Some(dataset) = dataset else { return };
        let variables = self.0.entry(dataset.to_ascii_uppercase()).or_default();
        variables.extend(variable.map(str::to_ascii_uppercase));
    }

    fn clause(&mut self, clause: &NamedClause) {
        clause.condition.iter().for_each(|c| self.condition(c));
        clause.compound_expression.iter().for_each(|c| self.compound(c));
    }

    fn compound(&mut self, compound: &CompoundExpression) {
        for clause in &compound.where_clauses {
            clause.condition.iter().for_each(|c| self.condition(c));
            clause.compound_expression.iter().for_each(|c| self.compound(c));
        }
    }

    fn condition(&mut self, condition: &Condition) {
        self.add(condition.dataset.as_deref(), condition.variable.as_deref());
    }
}
