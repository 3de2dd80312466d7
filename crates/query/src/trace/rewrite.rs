//! The rewriting: each query gets one more column, the set of source rows behind each of its rows.

use super::{and, binary, part};
use crate::plan::{
    Aggregate, Body, Bound, Expr, Field, Frame, Join, Joined, Node, Operator, Plan, Query, Relation, RelationId,
    Select, SetOp, Source, Type, Window,
};

/// The column of source rows.
pub(super) fn rows_field() -> Field {
    Field { name: "__rows".to_owned(), ty: Type::Rows, companion: None, hidden: true }
}

/// The plan with the column of source rows last in every query.
pub(super) fn carry_rows(plan: Plan, tables: &[&str]) -> Plan {
    let Plan { mut relations, ctes, root } = plan;
    // First every relation gets the column, since queries name each other's columns by their places.
    for relation in &mut relations {
        if !matches!(relation.source, Source::Table(_)) {
            relation.fields.push(rows_field());
        }
    }
    let own = relations.len();
    let mut rewriter = Rewriter { relations, tables };
    for id in 0..own {
        if let Source::Derived(query) = &rewriter.relations[id].source {
            let traced = rewriter.query((**query).clone());
            rewriter.relations[id].source = Source::Derived(Box::new(traced));
        }
    }
    let ctes = ctes.into_iter().map(|cte| rewriter.query(cte)).collect();
    let root = rewriter.query(root);
    Plan { relations: rewriter.relations, ctes, root }
}

struct Rewriter<'t> {
    relations: Vec<Relation>,
    tables: &'t [&'t str],
}

impl Rewriter<'_> {
    fn query(&mut self, query: Query) -> Query {
        let Query { body, order, limit, mut fields } = query;
        let ordering: Vec<Expr> = order.iter().map(|o| o.expr.clone()).collect();
        let body = self.body(body, &fields, &ordering);
        fields.push(rows_field());
        Query { body, order, limit, fields }
    }

    fn body(&mut self, body: Body, fields: &[Field], ordering: &[Expr]) -> Body {
        match body {
            Body::Select(select) if select.distinct => {
                let all = Select { distinct: false, ..*select };
                let inner = self.body(Body::Select(Box::new(all)), fields, &[]);
                self.one_of_equals(inner, fields, None)
            }
            Body::Select(select) => self.select(*select, ordering),
            Body::Set { op: SetOp::UnionAll, left, right } => {
                let (left, right) = (self.body(*left, fields, &[]), self.body(*right, fields, &[]));
                union_all(left, right)
            }
            Body::Set { op, left, right } => {
                let (left, right) = (self.body(*left, fields, &[]), self.body(*right, fields, &[]));
                match op {
                    SetOp::UnionAll | SetOp::Union => self.one_of_equals(union_all(left, right), fields, None),
                    SetOp::Intersect | SetOp::Except => {
                        let both = union_all(self.marked(left, fields, 1.0), self.marked(right, fields, 2.0));
                        self.one_of_equals(both, fields, Some(op))
                    }
                }
            }
        }
    }

    /// A new relation that reads a rewritten body.
    fn derived(&mut self, body: Body, fields: Vec<Field>) -> RelationId {
        let query = Query { body, order: Vec::new(), limit: None, fields: fields.clone() };
        self.relations.push(Relation { alias: "step".to_owned(), source: Source::Derived(Box::new(query)), fields });
        self.relations.len() - 1
    }

    /// The body with a number that tells its side, after the source rows.
    fn marked(&mut self, body: Body, fields: &[Field], side: f64) -> Body {
        let mut inner = fields.to_vec();
        inner.push(rows_field());
        let relation = self.derived(body, inner.clone());
        let mut items = columns(relation, &inner);
        items.push(part(Node::Num(side), Type::Num));
        select_from(relation, items)
    }

    /// Equal rows made one, their source rows gathered; of two sides, those rows that the operation keeps.
    fn one_of_equals(&mut self, body: Body, fields: &[Field], sides: Option<SetOp>) -> Body {
        let mut inner = fields.to_vec();
        inner.push(rows_field());
        if sides.is_some() {
            inner.push(Field::visible("__side", Type::Num));
        }
        let relation = self.derived(body, inner);
        let mut items = columns(relation, fields);
        let group_by = items.clone();
        items.push(gather(part(Node::Column { relation, field: fields.len() }, Type::Rows)));
        let side = |function| {
            let column = part(Node::Column { relation, field: fields.len() + 1 }, Type::Num);
            aggregate(function, column, Type::Num)
        };
        let is = |function, value| binary(Operator::Equal, side(function), part(Node::Num(value), Type::Num));
        let having = sides.map(|op| match op {
            SetOp::Except => is("max", 1.0),
            _ => and(is("min", 1.0), is("max", 2.0)),
        });
        Body::Select(Box::new(Select {
            distinct: false,
            items,
            from: vec![Joined { relation, join: Join::Cross, on: None }],
            filter: None,
            grouped: true,
            group_by,
            having,
        }))
    }

    fn select(&mut self, mut select: Select, ordering: &[Expr]) -> Body {
        let mut of_row: Vec<Expr> = select.from.iter().map(|f| self.rows_of(f.relation)).collect();
        let (mut per_row, mut per_group) = (Vec::new(), Vec::new());
        let whole = select.from.iter().filter_map(|f| f.on.as_ref()).chain(&select.filter).chain(&select.group_by);
        for expr in whole.chain(ordering) {
            collect_subqueries(expr, true, &mut per_row, &mut per_group);
        }
        for expr in select.items.iter().chain(&select.having) {
            collect_subqueries(expr, !select.grouped, &mut per_row, &mut per_group);
        }
        of_row.extend(per_row.into_iter().map(|e| self.rows_of_subquery(e)));
        let row = union(of_row);
        let base = if select.grouped {
            let mut of_group = vec![gather(row)];
            of_group.extend(per_group.into_iter().map(|e| self.rows_of_subquery(e)));
            union(of_group)
        } else {
            row
        };
        let mut parts = vec![base.clone()];
        for item in &select.items {
            item.walk(&mut |e| {
                if let Node::Window(window) = &e.node {
                    parts.push(gather_window(&base, window));
                }
            });
        }
        select.items.push(union(parts));
        Body::Select(Box::new(select))
    }

    /// What one relation of a FROM contributes to a row.
    fn rows_of(&self, relation: RelationId) -> Expr {
        let Relation { source, fields, .. } = &self.relations[relation];
        match source {
            Source::Table(name) => {
                let table = self.tables.iter().position(|t| t == name).unwrap_or(self.tables.len());
                let args = vec![part(Node::Num(table as f64), Type::Num), part(Node::Row(relation), Type::Num)];
                part(Node::Call { function: "croft_row", args }, Type::Rows)
            }
            Source::Cte(_) | Source::Derived(_) => part(Node::Column { relation, field: fields.len() - 1 }, Type::Rows),
        }
    }

    /// What the subquery of an expression read, as another subquery in the same place.
    fn rows_of_subquery(&mut self, expr: Expr) -> Expr {
        let (query, value) = match expr.node {
            Node::Scalar(query) | Node::Exists { query, .. } => (query, None),
            Node::InQuery { expr, query, .. } => (query, Some(*expr)),
            other => return part(other, Type::Rows),
        };
        let traced = self.query(*query);
        let fields = traced.fields.clone();
        let ty = fields[0].ty;
        let rows = fields.len() - 1;
        let source = Source::Derived(Box::new(traced));
        self.relations.push(Relation { alias: "read".to_owned(), source, fields });
        let relation = self.relations.len() - 1;
        let first = || part(Node::Column { relation, field: 0 }, ty);
        let is_null = |e| part(Node::IsNull { expr: Box::new(e), negated: false }, Type::Bool);
        let or = |a, b| binary(Operator::Or, a, b);
        // Aggregates and windows of the outer query cannot be asked about from inside: then all rows are named.
        let filter = value
            .filter(is_plain)
            .map(|value| or(binary(Operator::Equal, first(), value.clone()), or(is_null(first()), is_null(value))));
        let items = vec![gather(part(Node::Column { relation, field: rows }, Type::Rows))];
        let Body::Select(mut select) = select_from(relation, items) else { return expr_of_nothing() };
        select.filter = filter;
        select.grouped = true;
        let query = Query { body: Body::Select(select), order: Vec::new(), limit: None, fields: vec![rows_field()] };
        part(Node::Scalar(Box::new(query)), Type::Rows)
    }
}

fn expr_of_nothing() -> Expr {
    union(Vec::new())
}

fn is_plain(expr: &Expr) -> bool {
    let mut plain = true;
    expr.walk(&mut |e| plain &= !matches!(e.node, Node::Aggregate(_) | Node::Window(_)));
    plain
}

/// The subqueries of an expression: those worked out for each row, and those worked out for each group.
fn collect_subqueries(expr: &Expr, in_row: bool, per_row: &mut Vec<Expr>, per_group: &mut Vec<Expr>) {
    if expr.subquery().is_some() {
        if in_row { per_row.push(expr.clone()) } else { per_group.push(expr.clone()) }
    }
    let in_row = in_row || matches!(expr.node, Node::Aggregate(_));
    for child in expr.children() {
        collect_subqueries(child, in_row, per_row, per_group);
    }
}

fn union_all(left: Body, right: Body) -> Body {
    Body::Set { op: SetOp::UnionAll, left: Box::new(left), right: Box::new(right) }
}

fn select_from(relation: RelationId, items: Vec<Expr>) -> Body {
    Body::Select(Box::new(Select {
        distinct: false,
        items,
        from: vec![Joined { relation, join: Join::Cross, on: None }],
        filter: None,
        grouped: false,
        group_by: Vec::new(),
        having: None,
    }))
}

fn columns(relation: RelationId, fields: &[Field]) -> Vec<Expr> {
    fields.iter().enumerate().map(|(field, f)| part(Node::Column { relation, field }, f.ty)).collect()
}

fn aggregate(function: &'static str, of: Expr, ty: Type) -> Expr {
    let aggregate = Aggregate { function, args: vec![of], distinct: false, filter: None, order: Vec::new() };
    part(Node::Aggregate(Box::new(aggregate)), ty)
}

fn gather(of: Expr) -> Expr {
    aggregate("croft_gather", of, Type::Rows)
}

/// The union of sets. SQLite takes a hundred arguments, so many are united in steps.
fn union(mut sets: Vec<Expr>) -> Expr {
    const MOST: usize = 50;
    while sets.len() > MOST {
        let rest = sets.split_off(MOST);
        sets = vec![call_union(sets)];
        sets.extend(rest);
    }
    match sets.len() {
        1 => sets.remove(0),
        _ => call_union(sets),
    }
}

fn call_union(args: Vec<Expr>) -> Expr {
    part(Node::Call { function: "croft_union", args }, Type::Rows)
}

/// The rows that a window function looks at, gathered by a window of its own.
fn gather_window(base: &Expr, window: &Window) -> Expr {
    let away = |default: u32| match window.args.get(1).map(|e| &e.node) {
        Some(Node::Num(n)) => *n as u32,
        _ => default,
    };
    let frame = match window.function {
        "row_number" => Some(Frame { rows: true, start: Bound::UnboundedPreceding, end: Bound::CurrentRow }),
        "rank" | "dense_rank" => Some(Frame { rows: false, start: Bound::UnboundedPreceding, end: Bound::CurrentRow }),
        "lag" => Some(Frame { rows: true, start: Bound::Preceding(away(1)), end: Bound::CurrentRow }),
        "lead" => Some(Frame { rows: true, start: Bound::CurrentRow, end: Bound::Following(away(1)) }),
        _ => window.frame,
    };
    let gathered = Window {
        function: "croft_gather",
        args: vec![base.clone()],
        filter: None,
        partition: window.partition.clone(),
        order: window.order.clone(),
        frame,
    };
    part(Node::Window(Box::new(gathered)), Type::Rows)
}
