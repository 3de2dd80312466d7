//! Where clauses: whole, ordered, resolved, not circular; groups that do not overlap.

use super::super::{Comparator, CompoundExpression, Condition, Logic, NamedClause, WhereClause};
use super::{Check, Kind, overlap};

impl<'e> Check<'e> {
    pub(super) fn clauses(&mut self) {
        let event = self.event;
        self.named("$.analysisSets", Kind::AnalysisSet, &event.analysis_sets);
        self.named("$.dataSubsets", Kind::DataSubset, &event.data_subsets);
        for (i, grouping) in event.analysis_groupings.iter().enumerate() {
            let at = format!("$.analysisGroupings[{i}]");
            for (present, member) in
                [(&grouping.grouping_dataset, "groupingDataset"), (&grouping.grouping_variable, "groupingVariable")]
            {
                if grouping.data_driven && present.is_none() {
                    let message = format!("groups come from the data, but `{member}` is missing");
                    self.error(
                        "ARS-GROUPING",
                        &at,
                        message,
                        "name the dataset and variable whose values are the groups",
                    );
                }
            }
            if grouping.data_driven && !grouping.groups.is_empty() {
                let hint = "say dataDriven false, or remove the groups";
                self.warning("ARS-GROUPING", &at, "groups come from the data, and are listed too", hint);
            }
            if !grouping.data_driven && grouping.groups.is_empty() {
                self.error("ARS-GROUPING", &at, "the grouping has no groups", "list them, or say dataDriven true");
            }
            let groups = format!("{at}.groups");
            self.named(&groups, Kind::Group, &grouping.groups);
            self.order(&groups, grouping.groups.iter().map(|g| g.order));
            for (j, group) in grouping.groups.iter().enumerate() {
                for other in grouping.groups[..j].iter().filter(|other| overlap(other, group)) {
                    let message = format!("a record can be in this group and in `{}` as well", other.id);
                    let hint = "counts by group then add up to more than all; tests of groups are not run";
                    self.warning("ARS-OVERLAP", &format!("{groups}[{j}]"), message, hint);
                }
            }
        }
    }

    fn named(&mut self, path: &str, kind: Kind, clauses: &'e [NamedClause]) {
        for (i, clause) in clauses.iter().enumerate() {
            let at = format!("{path}[{i}]");
            match (&clause.condition, &clause.compound_expression) {
                (None, None) => {
                    let message = "the clause has neither a condition nor a compound expression";
                    self.error("ARS-CLAUSE", &at, message, "add one of the two");
                }
                (Some(_), Some(_)) => self.both(&at),
                (Some(condition), None) => self.condition(&at, condition),
                (None, Some(compound)) => self.compound(&at, kind, compound, clause.level),
            }
            if let Some(circle) = self.circle(clause) {
                let message = format!("the clause refers to itself: {}", circle.join(" -> "));
                self.error("ARS-CYCLE", &at, message, "write one of the conditions out");
            }
        }
    }

    fn both(&mut self, at: &str) {
        let message = "the clause has more than one of condition, compound expression and subClauseId";
        self.error("ARS-CLAUSE", at, message, "keep the one that is meant");
    }

    fn compound(&mut self, at: &str, kind: Kind, compound: &'e CompoundExpression, level: i64) {
        let path = format!("{at}.compoundExpression.whereClauses");
        let (operator, count) = (compound.logical_operator, compound.where_clauses.len());
        let fits = if operator == Logic::Not { count == 1 } else { count >= 2 };
        if !fits {
            let wanted = if operator == Logic::Not { "one clause" } else { "two or more" };
            let message = format!("{} takes {wanted}, not {count}", operator.word());
            self.error("ARS-CLAUSE", &path, message, "nest clauses to say what is combined with what");
        }
        self.order(&path, compound.where_clauses.iter().map(|c| c.order));
        for (i, clause) in compound.where_clauses.iter().enumerate() {
            self.where_clause(&format!("{path}[{i}]"), kind, clause, level + 1);
        }
    }

    fn where_clause(&mut self, at: &str, kind: Kind, clause: &'e WhereClause, level: i64) {
        if clause.level != level {
            let message = format!("a clause at depth {level} says level {}", clause.level);
            self.warning(
                "ARS-ORDER",
                &format!("{at}.level"),
                message,
                "count levels from that of the clause around it",
            );
        }
        match (&clause.condition, &clause.compound_expression, &clause.sub_clause_id) {
            (Some(condition), None, None) => self.condition(at, condition),
            (None, Some(compound), None) => self.compound(at, kind, compound, level),
            (None, None, Some(id)) => self.reference(kind, &format!("{at}.subClauseId"), id),
            (None, None, None) => {
                self.error(
                    "ARS-CLAUSE",
                    at,
                    "the clause is empty",
                    "add a condition, a compound expression or subClauseId",
                );
            }
            _ => self.both(at),
        }
    }

    fn condition(&mut self, at: &str, condition: &Condition) {
        let at = format!("{at}.condition");
        for (missing, member) in [
            (condition.dataset.is_none(), "dataset"),
            (condition.variable.is_none(), "variable"),
            (condition.comparator.is_none(), "comparator"),
        ] {
            if missing {
                self.error(
                    "ARS-CLAUSE",
                    &at,
                    format!("the condition has no {member}"),
                    "a condition is DATASET.VARIABLE COMPARATOR VALUE",
                );
            }
        }
        let (path, count) = (format!("{at}.value"), condition.value.len());
        match condition.comparator {
            Some(Comparator::In | Comparator::NotIn) if count == 0 => {
                self.error(
                    "ARS-CLAUSE",
                    &path,
                    "a list of values is compared with, and it is empty",
                    "list the values",
                );
            }
            // Without a value these ask whether there is one.
            Some(Comparator::Eq | Comparator::Ne) if count <= 1 => {}
            Some(comparator) if !matches!(comparator, Comparator::In | Comparator::NotIn) && count != 1 => {
                let message = format!("{} compares with one value, not with {count}", comparator.word());
                self.error("ARS-CLAUSE", &path, message, "use IN or NOTIN for several values");
            }
            _ => {}
        }
    }

    /// The way from a clause back to itself.
    fn circle(&self, clause: &'e NamedClause) -> Option<Vec<&'e str>> {
        let mut way = vec![clause.id.as_str()];
        let mut seen = std::collections::BTreeSet::new();
        self.leads_to(clause, &clause.id, &mut way, &mut seen).then_some(way)
    }

    fn leads_to(
        &self,
        clause: &'e NamedClause,
        goal: &str,
        way: &mut Vec<&'e str>,
        seen: &mut std::collections::BTreeSet<&'e str>,
    ) -> bool {
        let mut ids = Vec::new();
        if let Some(compound) = &clause.compound_expression {
            gather(compound, &mut ids);
        }
        for id in ids {
            way.push(id);
            let found = id == goal
                || seen.insert(id)
                    && self.event.clause(id).is_some_and(|clause| self.leads_to(clause, goal, way, seen));
            if found {
                return true;
            }
            way.pop();
        }
        false
    }
}

fn gather<'e>(compound: &'e CompoundExpression, ids: &mut Vec<&'e str>) {
    for clause in &compound.where_clauses {
        ids.extend(clause.sub_clause_id.as_deref());
        if let Some(inner) = &clause.compound_expression {
            gather(inner, ids);
        }
    }
}
