//! Would the result depend on chance?
//!
//! Three places where SQLite quietly takes some row: a bare column beside GROUP BY, an order that leaves ties under
//! LIMIT or a ranking window, and a subquery for a value that gives several rows. Each is refused unless it can be
//! shown that only one row is in question. Shown means: starting from the columns at hand (those ordered by, or none),
//! equalities of the statement fix further columns, and a table is fixed once all its declared keys are; when every
//! table of the FROM is fixed there are no ties. Which tables' keys the proof relied on is noted: the session
//! checks, before it runs the statement, that those keys are in truth unique.

use super::Gate;
use super::calls::equality;
use super::refusal::Refusal;
use crate::plan::{Body, Expr, Frame, Join, Node, Operator, Plan, Query, RelationId, Select, SetOp, Source, Window};
use sqlparser::tokenizer::Location;
use std::collections::BTreeSet;

type Column = (RelationId, usize);

impl Gate<'_> {
    /// Outside of aggregates, a grouped select may only use what it groups by.
    pub(super) fn check_grouped(&mut self, select: &Select, own: &[RelationId]) {
        let mut bare = Vec::new();
        for expr in select.items.iter().chain(&select.having) {
            self.find_bare(expr, &select.group_by, own, &mut bare);
        }
        for (column, at) in bare {
            let relation = &self.relations[column.0];
            let name = relation.fields[column.1].name.clone();
            self.refuse(at, Refusal::BareColumn { name });
        }
    }

    fn find_bare(&self, expr: &Expr, group_by: &[Expr], own: &[RelationId], bare: &mut Vec<(Column, Location)>) {
        if group_by.contains(expr) || matches!(expr.node, Node::Aggregate(_)) {
            return;
        }
        if let Some(column) = expr.column()
            && own.contains(&column.0)
        {
            bare.push((column, expr.at.0));
        }
        if let Some(query) = expr.subquery() {
            Plan::each_expr(&self.relations, query, &mut |inner| {
                if let Some(column) = inner.column()
                    && own.contains(&column.0)
                    && !group_by.contains(inner)
                {
                    bare.push((column, inner.at.0));
                }
            });
        }
        for child in expr.children() {
            self.find_bare(child, group_by, own, bare);
        }
    }

    /// Windows whose result depends on which row comes first must leave no ties.
    pub(super) fn check_windows(&mut self, select: &Select) {
        let mut found = Vec::new();
        for item in &select.items {
            item.walk(&mut |e| {
                if let Node::Window(window) = &e.node
                    && depends_on_ties(window)
                {
                    found.push((window.clone(), e.at.0));
                }
            });
        }
        for (window, at) in found {
            let by: Vec<&Expr> = window.partition.iter().chain(window.order.iter().map(|o| &o.expr)).collect();
            let what = if matches!(window.function, "croft_sum" | "croft_avg")
                || matches!(window.function, "count" | "min" | "max")
            {
                "a frame of ROWS".to_owned()
            } else {
                window.function.trim_start_matches("croft_").to_owned()
            };
            self.must_fix(select, &by, what, at);
        }
    }

    fn must_fix(&mut self, select: &Select, by: &[&Expr], what: String, at: Location) {
        let mut proof = Proof { gate: self, relied: BTreeSet::new() };
        let left = if select.grouped {
            let mut left = select.group_by.iter().filter(|g| !by.contains(g) && !is_constant(g, select)).peekable();
            left.peek().is_some().then(|| left.filter_map(|g| proof.name_of(g)).collect())
        } else {
            let start = by.iter().filter_map(|e| e.column()).collect();
            proof.unfixed(select, start)
        };
        let relied = proof.relied;
        match left {
            None => self.relied.extend(relied),
            Some(add) => {
                let add = (!add.is_empty()).then(|| add.join(", "));
                self.refuse(at, Refusal::Tied { what, add });
            }
        }
    }

    /// A LIMIT keeps rows that its ORDER BY puts first without ties.
    pub(super) fn check_limit(&mut self, query: &Query, keys: &[usize]) {
        if query.limit.is_none_or(|n| n == 0) {
            return;
        }
        let at = query.body.selects().first().and_then(|s| s.items.first()).map_or(Location::new(1, 1), |e| e.at.0);
        if query.order.is_empty() {
            self.refuse(at, Refusal::Unordered { what: "LIMIT".to_owned() });
            return;
        }
        let outputs: BTreeSet<usize> = query
            .order
            .iter()
            .filter_map(|o| match o.expr.node {
                Node::Output(index) => Some(index),
                _ => None,
            })
            .collect();
        let every = (0..query.visible()).all(|i| outputs.contains(&i));
        let declared = !keys.is_empty() && keys.iter().all(|k| outputs.contains(k));
        if every || declared {
            return;
        }
        if let Body::Select(select) = &query.body
            && !select.grouped
            && !select.distinct
        {
            let by: Vec<&Expr> = query
                .order
                .iter()
                .map(|o| match o.expr.node {
                    Node::Output(index) => &select.items[index],
                    _ => &o.expr,
                })
                .collect();
            self.must_fix(select, &by, "LIMIT".to_owned(), at);
            return;
        }
        let mut proof = Proof { gate: self, relied: BTreeSet::new() };
        if proof.body_fixed(&query.body, &outputs) {
            let relied = proof.relied;
            self.relied.extend(relied);
        } else {
            self.refuse(at, Refusal::Tied { what: "LIMIT".to_owned(), add: None });
        }
    }

    /// A subquery that stands for a value gives at most one row.
    pub(super) fn check_single_row(&mut self, query: &Query, at: Location) {
        let mut proof = Proof { gate: self, relied: BTreeSet::new() };
        if proof.query_fixed(query, &BTreeSet::new()) {
            let relied = proof.relied;
            self.relied.extend(relied);
        } else {
            self.refuse(at, Refusal::ManyRows);
        }
    }
}

fn depends_on_ties(window: &Window) -> bool {
    match window.function {
        "row_number" | "lag" | "lead" | "first_value" | "last_value" | "croft_last_known" => true,
        "rank" | "dense_rank" => false,
        _ => window.frame.is_some_and(|Frame { rows, .. }| rows) && !whole_partition(window.frame),
    }
}

fn whole_partition(frame: Option<Frame>) -> bool {
    use crate::plan::Bound::{UnboundedFollowing, UnboundedPreceding};
    frame.is_some_and(|f| f.start == UnboundedPreceding && f.end == UnboundedFollowing)
}

/// Whether the expression has one value for the whole select: literals and outer columns.
fn is_constant(expr: &Expr, select: &Select) -> bool {
    let mut constant = true;
    expr.walk(&mut |e| {
        let own = e.column().is_some_and(|(r, _)| select.from.iter().any(|f| f.relation == r));
        constant &= !own && e.subquery().is_none() && !matches!(e.node, Node::Aggregate(_) | Node::Window(_));
    });
    constant
}

/// One attempt to show that rows are fixed.
struct Proof<'p, 'c> {
    gate: &'p Gate<'c>,
    /// Tables whose declared keys were taken to be unique.
    relied: BTreeSet<String>,
}

impl Proof<'_, '_> {
    /// `None` when these columns leave no two rows of the FROM; else key columns that would.
    fn unfixed(&mut self, select: &Select, start: BTreeSet<Column>) -> Option<Vec<String>> {
        let mut known = start;
        let mut fixed: BTreeSet<RelationId> = BTreeSet::new();
        let equalities = equalities(select);
        loop {
            let before = (known.len(), fixed.len());
            for (from, to) in &equalities {
                if from.column().is_some_and(|c| known.contains(&c)) || is_constant(from, select) {
                    known.insert(*to);
                }
            }
            for relation in select.from.iter().map(|f| f.relation) {
                if fixed.contains(&relation) {
                    continue;
                }
                let fields = known.iter().filter(|(r, _)| *r == relation).map(|&(_, f)| f).collect();
                if self.relation_fixed(relation, &fields) {
                    fixed.insert(relation);
                    known.extend((0..self.gate.relations[relation].fields.len()).map(|f| (relation, f)));
                }
            }
            if before == (known.len(), fixed.len()) {
                break;
            }
        }
        let loose: Vec<RelationId> = select.from.iter().map(|f| f.relation).filter(|r| !fixed.contains(r)).collect();
        (!loose.is_empty()).then(|| loose.into_iter().flat_map(|r| self.missing_keys(r, &known)).collect())
    }

    fn missing_keys(&self, relation: RelationId, known: &BTreeSet<Column>) -> Vec<String> {
        let Source::Table(name) = &self.gate.relations[relation].source else { return Vec::new() };
        let Some(table) = self.gate.catalog.table(name) else { return Vec::new() };
        let alias = &self.gate.relations[relation].alias;
        let has = |key: &str| known.iter().any(|&(r, f)| r == relation && self.gate.relations[r].fields[f].name == key);
        table.keys.iter().filter(|key| !has(key)).map(|key| format!("{alias}.{key}")).collect()
    }

    fn name_of(&self, expr: &Expr) -> Option<String> {
        expr.column().map(|(r, f)| self.gate.relations[r].fields[f].name.clone())
    }

    fn relation_fixed(&mut self, relation: RelationId, fields: &BTreeSet<usize>) -> bool {
        let gate = self.gate;
        match &gate.relations[relation].source {
            Source::Cte(index) => self.query_fixed(&gate.ctes[*index], fields),
            Source::Derived(query) => self.query_fixed(query, fields),
            Source::Table(name) => {
                let keys = gate.catalog.table(name).map_or(&[][..], |t| &t.keys);
                let has = |key: &String| fields.iter().any(|&f| gate.relations[relation].fields[f].name == *key);
                let all = !keys.is_empty() && keys.iter().all(has);
                if all {
                    self.relied.insert(name.clone());
                }
                all
            }
        }
    }

    /// Whether no two rows of the query agree in these fields.
    fn query_fixed(&mut self, query: &Query, fields: &BTreeSet<usize>) -> bool {
        query.limit.is_some_and(|n| n <= 1) || self.body_fixed(&query.body, fields)
    }

    fn body_fixed(&mut self, body: &Body, fields: &BTreeSet<usize>) -> bool {
        match body {
            Body::Select(select) => self.select_fixed(select, fields),
            Body::Set { op: SetOp::UnionAll, .. } => self.union_all_fixed(body, fields),
            Body::Set { op: SetOp::Union, left, .. } => {
                let width = left.selects().first().map_or(0, |s| s.items.len());
                (0..width).all(|i| fields.contains(&i)) || self.union_all_fixed(body, fields)
            }
            Body::Set { left, .. } => {
                let width = left.selects().first().map_or(0, |s| s.items.len());
                (0..width).all(|i| fields.contains(&i)) || self.body_fixed(left, fields)
            }
        }
    }

    /// Each part is fixed, and a constant column tells the parts apart (such as PARAMCD).
    fn union_all_fixed(&mut self, body: &Body, fields: &BTreeSet<usize>) -> bool {
        fn only_unions(body: &Body) -> bool {
            match body {
                Body::Select(_) => true,
                Body::Set { op, left, right } => {
                    matches!(op, SetOp::UnionAll | SetOp::Union) && only_unions(left) && only_unions(right)
                }
            }
        }
        let parts = body.selects();
        let told_apart = fields.iter().any(|&field| {
            let texts: Option<BTreeSet<&str>> = parts
                .iter()
                .map(|s| match s.items.get(field).map(|e| &e.node) {
                    Some(Node::Text(text)) => Some(text.as_str()),
                    _ => None,
                })
                .collect();
            texts.is_some_and(|texts| texts.len() == parts.len())
        });
        only_unions(body) && told_apart && parts.into_iter().all(|part| self.select_fixed(part, fields))
    }

    fn select_fixed(&mut self, select: &Select, fields: &BTreeSet<usize>) -> bool {
        let given: Vec<&Expr> = fields.iter().filter_map(|&f| select.items.get(f)).collect();
        let covers = |wanted: &Expr| given.contains(&wanted) || is_constant(wanted, select);
        if select.grouped {
            return select.group_by.iter().all(covers);
        }
        if select.distinct && select.items.iter().all(covers) {
            return true;
        }
        let numbered = given.iter().any(|e| match &e.node {
            Node::Window(w) => w.function == "row_number" && w.partition.iter().all(covers),
            _ => false,
        });
        let start = given.iter().filter_map(|e| e.column()).collect();
        numbered || self.unfixed(select, start).is_none()
    }
}

/// What the select's conditions make equal: when the first is known, the second column is.
fn equalities(select: &Select) -> Vec<(&Expr, Column)> {
    let mut found = Vec::new();
    for from in &select.from {
        // A LEFT JOIN keeps left rows that do not match: its ON says nothing about them.
        let only = (from.join == Join::Left).then_some(from.relation);
        if let Some(on) = &from.on {
            collect(on, only, select, &mut found);
        }
    }
    if let Some(filter) = &select.filter {
        collect(filter, None, select, &mut found);
    }
    found
}

fn collect<'e>(expr: &'e Expr, only: Option<RelationId>, select: &Select, found: &mut Vec<(&'e Expr, Column)>) {
    if let Node::Binary { op: Operator::And, left, right } = &expr.node {
        collect(left, only, select, found);
        collect(right, only, select, found);
    } else if let Some((left, right)) = equality(expr) {
        for (from, to) in [(left, right), (right, left)] {
            let own = |c: &Column| select.from.iter().any(|f| f.relation == c.0);
            if let Some(column) = to.column().filter(own)
                && only.is_none_or(|relation| relation == column.0)
            {
                found.push((from, column));
            }
        }
    }
}
