//! The checked tree as SQLite's SQL.
//!
//! Written from the tree, never from the statement's text, so nothing that the gate has not understood reaches the
//! database. Each relation goes by a name of its own (`r7`), each column by its relation, and every number that a
//! decimal cannot be trusted to carry is bound as a parameter: the bits are those that the gate read.

use crate::functions;
use crate::plan::{
    Aggregate, Body, Bound, Expr, Field, Frame, Join, Joined, Node, Operator, Order, Plan, Query, Relation, Select,
    SetOp, Source, Window,
};
use std::fmt::Write;

/// Name of the column that holds the row's place in its dataset.
pub(crate) const ROW: &str = "__row";

/// SQL and its parameters, `?1` first.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Rendered {
    pub(crate) sql: String,
    pub(crate) numbers: Vec<f64>,
}

/// Writes a whole plan.
pub(crate) fn render(plan: &Plan) -> Rendered {
    let mut writer = Writer { plan, out: Rendered::default() };
    for (index, cte) in plan.ctes.iter().enumerate() {
        writer.put(if index == 0 { "WITH " } else { ", " });
        let _ = write!(writer.out.sql, "s{index} AS (");
        writer.query(cte);
        writer.put(")");
    }
    writer.put(if plan.ctes.is_empty() { "" } else { " " });
    writer.query(&plan.root);
    writer.out
}

/// A name in double quotes.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A name that no table of a study has: SQLite keeps names that begin with `sqlite_` for itself.
pub(crate) fn table_name(name: &str) -> String {
    quoted(&format!("t_{name}"))
}

struct Writer<'p> {
    plan: &'p Plan,
    out: Rendered,
}

impl Writer<'_> {
    fn put(&mut self, text: &str) {
        self.out.sql.push_str(text);
    }

    fn query(&mut self, query: &Query) {
        self.body(&query.body, &query.fields);
        if let Some(limit) = query.limit {
            self.put(" ORDER BY ");
            self.orders(&query.order);
            // Further columns break ties that would be harmless, so that even then the same rows are kept.
            for index in 0..query.visible() {
                let _ = write!(self.out.sql, ", {}", index + 1);
            }
            let _ = write!(self.out.sql, " LIMIT {}", limit.min(i64::MAX as u64));
        }
    }

    fn body(&mut self, body: &Body, fields: &[Field]) {
        match body {
            Body::Select(select) => self.select(select, fields),
            Body::Set { op, left, right } => {
                self.body(left, fields);
                self.put(match op {
                    SetOp::UnionAll => " UNION ALL ",
                    SetOp::Union => " UNION ",
                    SetOp::Except => " EXCEPT ",
                    SetOp::Intersect => " INTERSECT ",
                });
                self.side(right, fields);
            }
        }
    }

    /// SQLite works set operations off from left to right; a nested one is enclosed to keep its place.
    fn side(&mut self, body: &Body, fields: &[Field]) {
        match body {
            Body::Select(select) => self.select(select, fields),
            Body::Set { .. } => {
                self.put("SELECT * FROM (");
                self.body(body, fields);
                self.put(")");
            }
        }
    }

    fn select(&mut self, select: &Select, fields: &[Field]) {
        self.put(if select.distinct { "SELECT DISTINCT " } else { "SELECT " });
        for (index, item) in select.items.iter().enumerate() {
            self.comma(index);
            self.expr(item);
            if let Some(field) = fields.get(index).filter(|f| !f.name.is_empty()) {
                let _ = write!(self.out.sql, " AS {}", quoted(&field.name));
            }
        }
        for (index, from) in select.from.iter().enumerate() {
            self.from(index, from);
        }
        if let Some(filter) = &select.filter {
            self.put(" WHERE ");
            self.expr(filter);
        }
        if !select.group_by.is_empty() {
            self.put(" GROUP BY ");
            self.exprs(&select.group_by);
        }
        if let Some(having) = &select.having {
            self.put(" HAVING ");
            self.expr(having);
        }
    }

    fn from(&mut self, index: usize, from: &Joined) {
        self.put(match (index, from.join) {
            (0, _) => " FROM ",
            // CROSS JOIN would forbid SQLite to choose the order of the tables.
            (_, Join::Cross | Join::Inner) => " JOIN ",
            (_, Join::Left) => " LEFT JOIN ",
        });
        match &self.plan.relations[from.relation].source {
            Source::Table(name) => {
                let name = table_name(name);
                self.put(&name);
            }
            Source::Cte(index) => {
                let _ = write!(self.out.sql, "s{index}");
            }
            Source::Derived(query) => {
                self.put("(");
                self.query(query);
                self.put(")");
            }
        }
        let _ = write!(self.out.sql, " AS r{}", from.relation);
        if let Some(on) = &from.on {
            self.put(" ON ");
            self.expr(on);
        }
    }

    fn comma(&mut self, index: usize) {
        if index > 0 {
            self.put(", ");
        }
    }

    fn exprs(&mut self, exprs: &[Expr]) {
        for (index, expr) in exprs.iter().enumerate() {
            self.comma(index);
            self.expr(expr);
        }
    }

    fn orders(&mut self, orders: &[Order]) {
        for (index, order) in orders.iter().enumerate() {
            self.comma(index);
            self.expr(&order.expr);
            self.put(if order.descending { " DESC" } else { " ASC" });
            self.put(if order.nulls_first { " NULLS FIRST" } else { " NULLS LAST" });
        }
    }

    fn number(&mut self, x: f64) {
        if x.fract() == 0.0 && x.abs() < 1e15 && !(x == 0.0 && x.is_sign_negative()) {
            let _ = write!(self.out.sql, "{x:.1}");
            return;
        }
        let known = self.out.numbers.iter().position(|n| n.to_bits() == x.to_bits());
        let index = known.unwrap_or_else(|| {
            self.out.numbers.push(x);
            self.out.numbers.len() - 1
        });
        let _ = write!(self.out.sql, "?{}", index + 1);
    }

    fn column(&mut self, relation: usize, field: usize) {
        let Relation { fields, .. } = &self.plan.relations[relation];
        let _ = write!(self.out.sql, "r{relation}.{}", quoted(&fields[field].name));
    }

    /// Each expression in parentheses of its own: precedence cannot differ.
    fn expr(&mut self, expr: &Expr) {
        match &expr.node {
            Node::Null => self.put("NULL"),
            Node::Num(x) => self.number(*x),
            Node::Text(text) => {
                let _ = write!(self.out.sql, "'{}'", text.replace('\'', "''"));
            }
            Node::Bool(value) => self.put(if *value { "TRUE" } else { "FALSE" }),
            Node::Column { relation, field } => self.column(*relation, *field),
            Node::Output(index) => {
                let _ = write!(self.out.sql, "{}", index + 1);
            }
            Node::Row(relation) => {
                let _ = write!(self.out.sql, "r{relation}.{ROW}");
            }
            _ => {
                self.put("(");
                self.compound(expr);
                self.put(")");
            }
        }
    }

    fn compound(&mut self, expr: &Expr) {
        match &expr.node {
            Node::Not(inner) => {
                self.put("NOT ");
                self.expr(inner);
            }
            Node::Negative(inner) => {
                self.put("- ");
                self.expr(inner);
            }
            Node::Binary { op, left, right } => {
                self.expr(left);
                self.put(operator(*op));
                self.expr(right);
            }
            Node::IsNull { expr, negated } => {
                self.expr(expr);
                self.put(if *negated { " IS NOT NULL" } else { " IS NULL" });
            }
            Node::IsBool { expr, value, negated } => {
                self.expr(expr);
                self.put(if *negated { " IS NOT " } else { " IS " });
                self.put(if *value { "TRUE" } else { "FALSE" });
            }
            Node::Between { expr, low, high, negated } => {
                self.expr(expr);
                self.put(if *negated { " NOT BETWEEN " } else { " BETWEEN " });
                self.expr(low);
                self.put(" AND ");
                self.expr(high);
            }
            Node::InList { expr, list, negated } => {
                self.expr(expr);
                self.put(if *negated { " NOT IN (" } else { " IN (" });
                self.exprs(list);
                self.put(")");
            }
            Node::InQuery { expr, query, negated } => {
                self.expr(expr);
                self.put(if *negated { " NOT IN (" } else { " IN (" });
                self.query(query);
                self.put(")");
            }
            Node::Exists { query, negated } => {
                self.put(if *negated { "NOT EXISTS (" } else { "EXISTS (" });
                self.query(query);
                self.put(")");
            }
            Node::Scalar(query) => self.query(query),
            Node::Case { operand, branches, otherwise } => {
                self.put("CASE");
                if let Some(operand) = operand {
                    self.put(" ");
                    self.expr(operand);
                }
                for (when, then) in branches {
                    self.put(" WHEN ");
                    self.expr(when);
                    self.put(" THEN ");
                    self.expr(then);
                }
                if let Some(otherwise) = otherwise {
                    self.put(" ELSE ");
                    self.expr(otherwise);
                }
                self.put(" END");
            }
            Node::Call { function, args } => {
                self.put(function);
                self.put("(");
                self.exprs(args);
                self.put(")");
            }
            Node::Aggregate(aggregate) => self.aggregate(aggregate),
            Node::Window(window) => self.window(window),
            _ => self.expr(expr),
        }
    }

    /// SQLite counts in integers; here every number is a double.
    fn counted(&mut self, function: &str, inside: impl FnOnce(&mut Self)) {
        let counts = matches!(function, "count" | "row_number" | "rank" | "dense_rank");
        self.put(if counts { "CAST(" } else { "" });
        inside(self);
        self.put(if counts { " AS REAL)" } else { "" });
    }

    fn aggregate(&mut self, aggregate: &Aggregate) {
        self.counted(aggregate.function, |w| {
            w.put(aggregate.function);
            w.put(if aggregate.distinct { "(DISTINCT " } else { "(" });
            if aggregate.args.is_empty() {
                w.put("*");
            }
            w.exprs(&aggregate.args);
            if !aggregate.order.is_empty() {
                w.put(" ORDER BY ");
                w.orders(&aggregate.order);
            }
            w.put(")");
            w.filter(aggregate.filter.as_ref());
        });
    }

    fn filter(&mut self, filter: Option<&Expr>) {
        if let Some(filter) = filter {
            self.put(" FILTER (WHERE ");
            self.expr(filter);
            self.put(")");
        }
    }

    fn window(&mut self, window: &Window) {
        self.counted(window.function, |w| {
            w.put(window.function);
            w.put("(");
            if window.args.is_empty() && window.function == "count" {
                w.put("*");
            }
            for (index, arg) in window.args.iter().enumerate() {
                w.comma(index);
                match (index, &arg.node) {
                    // The distance of lag and lead, checked to be a whole number.
                    (1, Node::Num(n)) if matches!(window.function, "lag" | "lead") => {
                        let _ = write!(w.out.sql, "{n:.0}");
                    }
                    _ => w.expr(arg),
                }
            }
            w.put(")");
            w.filter(window.filter.as_ref());
            w.put(" OVER (");
            if !window.partition.is_empty() {
                w.put("PARTITION BY ");
                w.exprs(&window.partition);
            }
            if !window.order.is_empty() {
                w.put(" ORDER BY ");
                w.orders(&window.order);
            }
            if let Some(frame) = window.frame {
                w.frame(frame);
            }
            w.put(")");
        });
    }

    fn frame(&mut self, frame: Frame) {
        self.put(if frame.rows { " ROWS BETWEEN " } else { " RANGE BETWEEN " });
        self.bound(frame.start);
        self.put(" AND ");
        self.bound(frame.end);
    }

    fn bound(&mut self, bound: Bound) {
        let _ = match bound {
            Bound::UnboundedPreceding => write!(self.out.sql, "UNBOUNDED PRECEDING"),
            Bound::Preceding(n) => write!(self.out.sql, "{n} PRECEDING"),
            Bound::CurrentRow => write!(self.out.sql, "CURRENT ROW"),
            Bound::Following(n) => write!(self.out.sql, "{n} FOLLOWING"),
            Bound::UnboundedFollowing => write!(self.out.sql, "UNBOUNDED FOLLOWING"),
        };
    }
}

fn operator(op: Operator) -> &'static str {
    match op {
        Operator::Add => " + ",
        Operator::Subtract => " - ",
        Operator::Multiply => " * ",
        Operator::Divide => " / ",
        Operator::Concat => " || ",
        Operator::Equal => " = ",
        Operator::NotEqual => " <> ",
        Operator::Less => " < ",
        Operator::LessOrEqual => " <= ",
        Operator::Greater => " > ",
        Operator::GreaterOrEqual => " >= ",
        Operator::And => " AND ",
        Operator::Or => " OR ",
        Operator::IsDistinct => " IS DISTINCT FROM ",
        Operator::IsNotDistinct => " IS NOT DISTINCT FROM ",
    }
}

/// Whether a statement that was written here may call this function.
pub(crate) fn may_call(name: &str) -> bool {
    const OWN: [&str; 3] = ["croft_row", "croft_union", "croft_gather"];
    functions::all().iter().any(|f| f.inner_name().eq_ignore_ascii_case(name)) || OWN.contains(&name)
}
