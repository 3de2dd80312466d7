//! FROM: tables, WITH steps, subqueries and their joins.

use super::names::{Scope, same_name};
use super::refusal::Refusal;
use super::{Allowed, Gate};
use crate::plan::{Expr, Join, Joined, RelationId};
use sqlparser::ast::{self, Spanned};
use sqlparser::tokenizer::Location;

/// How many tables one FROM may join: SQLite's limit.
const MAX_JOINED: usize = 64;

impl Gate<'_> {
    pub(super) fn from(&mut self, from: &[ast::TableWithJoins], at: Location) -> Option<Vec<Joined>> {
        let [first] = from else {
            if from.is_empty() {
                return Some(Vec::new());
            }
            let at = from[1].relation.span().start;
            self.not_admitted(at, "a comma in FROM", "write CROSS JOIN, or JOIN … ON with the condition");
            return None;
        };
        if first.joins.len() >= MAX_JOINED {
            let size = first.joins.len() + 1;
            self.refuse(at, Refusal::TooLong { size, unit: "tables in one FROM", limit: MAX_JOINED });
            return None;
        }
        let mut lowered: Vec<Joined> = Vec::new();
        let relation = self.relation(&first.relation, at);
        let mut complete = relation.is_some();
        lowered.extend(relation.map(|relation| Joined { relation, join: Join::Cross, on: None }));
        for join in &first.joins {
            let Some(relation) = self.relation(&join.relation, at) else {
                complete = false;
                continue;
            };
            let alias = self.relations[relation].alias.clone();
            if lowered.iter().any(|f| same_name(&self.relations[f.relation].alias, &alias)) {
                self.refuse(join.relation.span().start, Refusal::AliasTwice { name: alias });
            }
            let mut visible: Vec<RelationId> = lowered.iter().map(|f| f.relation).collect();
            visible.push(relation);
            // Without one of the tables, an ON that names it would only repeat the refusal.
            let joined = if complete { self.join(join, visible) } else { Some((Join::Cross, None)) };
            if let Some((join, on)) = joined {
                lowered.push(Joined { relation, join, on });
            } else {
                complete = false;
            }
        }
        complete.then_some(lowered)
    }

    fn join(&mut self, join: &ast::Join, visible: Vec<RelationId>) -> Option<(Join, Option<Expr>)> {
        use ast::{JoinConstraint as Constraint, JoinOperator as Operator};
        let at = join.relation.span().start;
        if join.global {
            self.not_admitted(at, "GLOBAL", "leave it out");
        }
        let (kind, constraint) = match &join.join_operator {
            Operator::Join(c) | Operator::Inner(c) => (Join::Inner, c),
            Operator::Left(c) | Operator::LeftOuter(c) => (Join::Left, c),
            Operator::CrossJoin(Constraint::None) => return Some((Join::Cross, None)),
            Operator::Right(_) | Operator::RightOuter(_) => {
                self.not_admitted(at, "RIGHT JOIN", "exchange the two tables and use LEFT JOIN");
                return None;
            }
            Operator::FullOuter(_) => {
                self.not_admitted(
                    at,
                    "FULL JOIN",
                    "use a LEFT JOIN, then UNION ALL the rows of the other side without a partner",
                );
                return None;
            }
            _ => {
                self.not_admitted(at, "this kind of join", "use JOIN … ON, LEFT JOIN … ON or CROSS JOIN");
                return None;
            }
        };
        match constraint {
            Constraint::On(expr) => {
                self.scopes.push(Scope { relations: visible });
                let on = self.condition(expr, "ON", Allowed::nothing_in("ON"));
                self.scopes.pop();
                Some((kind, Some(on)))
            }
            Constraint::None => {
                self.not_admitted(at, "JOIN without ON", "add ON with the condition, or write CROSS JOIN");
                None
            }
            Constraint::Natural => {
                self.not_admitted(at, "NATURAL JOIN", "name the columns: ON a.X = b.X");
                None
            }
            _ => {
                self.not_admitted(at, "USING", "write ON a.X = b.X");
                None
            }
        }
    }

    fn relation(&mut self, factor: &ast::TableFactor, at: Location) -> Option<RelationId> {
        match factor {
            ast::TableFactor::Table {
                name,
                alias,
                args: None,
                with_hints,
                version: None,
                with_ordinality: false,
                partitions,
                json_path: None,
                sample: None,
                index_directives,
                inheritance: None,
            } if with_hints.is_empty() && partitions.is_empty() && index_directives.is_empty() => {
                if let Some(alias) = alias {
                    self.no_column_list(alias);
                }
                self.named_relation(name, alias.as_ref().map(|a| &a.name))
            }
            ast::TableFactor::Derived { lateral: false, subquery, alias, sample: None } => {
                let at = subquery.span().start;
                let query = self.query(subquery)?;
                let Some(alias) = alias else {
                    self.not_admitted(at, "a subquery in FROM without a name", "write (…) AS name");
                    return None;
                };
                self.no_column_list(alias);
                self.must_be_named(&query, at);
                Some(self.derived_relation(query, &alias.name))
            }
            other => {
                let at = if other.span().start.line > 0 { other.span().start } else { at };
                self.not_admitted(at, "this item of FROM", "name a table, a WITH step, or write (select …) AS name");
                None
            }
        }
    }
}
