//! Where does each column come from?
//!
//! Read from the checked tree, so it holds for every row. A column's sources are the table columns whose values enter
//! its expression, through subqueries, derived tables, WITH steps and both sides of set operations. What only decides
//! which rows there are (WHERE, ON, HAVING, GROUP BY) is not a source of a column but is among `reads`.
//! Conditions inside an expression (CASE, FILTER, a scalar subquery's WHERE) do count: they decide the value.

use crate::plan::{Body, Expr, Node, Plan, Query, RelationId, Select, Source as From};
use std::collections::BTreeSet;

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Source {
    /// Table's name as the catalog spells it.
    pub table: String,
    /// Column's name.
    pub column: String,
}

/// How a column of the result comes to its values: what define.xml calls its origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Derivation {
    /// Taken over unchanged from one column (`Predecessor`).
    Copied,
    /// Computed from at least one column (`Derived`).
    Computed,
    /// Written in the statement (`Assigned`).
    Assigned,
}

/// Where one column of the result comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnLineage {
    /// The column's name.
    pub name: String,
    /// How its values come about.
    pub derivation: Derivation,
    /// Table columns that enter its values.
    pub sources: BTreeSet<Source>,
}

impl ColumnLineage {
    /// The one column that it repeats unchanged.
    pub fn copied_from(&self) -> Option<&Source> {
        self.sources.first().filter(|_| self.derivation == Derivation::Copied)
    }
}

/// The tables that a plan reads.
pub(crate) fn tables(plan: &Plan) -> BTreeSet<&str> {
    plan.relations
        .iter()
        .filter_map(|r| match &r.source {
            From::Table(name) => Some(name.as_str()),
            _ => None,
        })
        .collect()
}

/// Every table column named anywhere in the plan.
pub(crate) fn reads(plan: &Plan) -> BTreeSet<Source> {
    let mut found = BTreeSet::new();
    let mut visit = |expr: &Expr| {
        if let Some((relation, field)) = expr.column() {
            found.extend(table_column(plan, relation, field));
        }
    };
    Plan::each_expr(&plan.relations, &plan.root, &mut visit);
    for cte in &plan.ctes {
        Plan::each_expr(&plan.relations, cte, &mut visit);
    }
    found
}

/// The lineage of each column of the result.
pub(crate) fn columns(plan: &Plan) -> Vec<ColumnLineage> {
    crate::checked::output_fields(plan)
        .into_iter()
        .map(|index| {
            let mut sources = BTreeSet::new();
            field_sources(plan, &plan.root, index, &mut sources);
            let copied = copied(plan, &plan.root, index).is_some();
            let derivation = match copied {
                true => Derivation::Copied,
                false if sources.is_empty() && !counts_rows(plan, &plan.root, index) => Derivation::Assigned,
                false => Derivation::Computed,
            };
            ColumnLineage { name: plan.root.fields[index].name.clone(), derivation, sources }
        })
        .collect()
}

/// Whether the field depends on which rows there are although it names no column, as `count(*)` does.
fn counts_rows(plan: &Plan, query: &Query, field: usize) -> bool {
    let mut found = false;
    for item in query.body.selects().into_iter().filter_map(|s| s.items.get(field)) {
        item.walk(&mut |e| {
            found |= matches!(e.node, Node::Aggregate(_) | Node::Window(_)) || e.subquery().is_some();
            if let Some((relation, field)) = e.column() {
                found |= match &plan.relations[relation].source {
                    From::Table(_) => false,
                    From::Cte(index) => counts_rows(plan, &plan.ctes[*index], field),
                    From::Derived(query) => counts_rows(plan, query, field),
                };
            }
        });
    }
    found
}

/// A table's column; a companion counts as the number that it explains.
fn table_column(plan: &Plan, relation: RelationId, field: usize) -> Option<Source> {
    let relation = &plan.relations[relation];
    let From::Table(table) = &relation.source else { return None };
    let main = relation.fields.iter().position(|f| f.companion == Some(field) && relation.fields[field].hidden);
    Some(Source { table: table.clone(), column: relation.fields[main.unwrap_or(field)].name.clone() })
}

fn field_sources(plan: &Plan, query: &Query, field: usize, into: &mut BTreeSet<Source>) {
    for select in query.body.selects() {
        if let Some(item) = select.items.get(field) {
            expr_sources(plan, item, into);
        }
    }
}

fn expr_sources(plan: &Plan, expr: &Expr, into: &mut BTreeSet<Source>) {
    if let Some((relation, field)) = expr.column() {
        match &plan.relations[relation].source {
            From::Table(_) => into.extend(table_column(plan, relation, field)),
            From::Cte(index) => field_sources(plan, &plan.ctes[*index], field, into),
            From::Derived(query) => field_sources(plan, query, field, into),
        }
    }
    if let Some(query) = expr.subquery() {
        for inner in query.exprs() {
            expr_sources(plan, inner, into);
        }
    }
    for child in expr.children() {
        expr_sources(plan, child, into);
    }
}

/// The table column that a field repeats, when every branch repeats the same one.
fn copied(plan: &Plan, query: &Query, field: usize) -> Option<Source> {
    fn of_body(plan: &Plan, body: &Body, field: usize) -> Option<Source> {
        match body {
            Body::Select(select) => of_select(plan, select, field),
            Body::Set { left, right, .. } => {
                of_body(plan, left, field).filter(|l| of_body(plan, right, field).as_ref() == Some(l))
            }
        }
    }
    fn of_select(plan: &Plan, select: &Select, field: usize) -> Option<Source> {
        let Node::Column { relation, field } = select.items.get(field)?.node else { return None };
        match &plan.relations[relation].source {
            From::Table(_) => table_column(plan, relation, field),
            From::Cte(index) => copied(plan, &plan.ctes[*index], field),
            From::Derived(query) => copied(plan, query, field),
        }
    }
    of_body(plan, &query.body, field)
}
