//! What does a checked statement say?
//!
//! The gate turns text into this tree, which can hold nothing but the admitted subset: every name is resolved to a
//! relation and a column, every expression has a type. What follows (running, lineage, trace) reads the tree and
//! never the text. Relations live in one list and are named by their place in it, so that shadowed names and
//! correlated subqueries need no scoping rules after the gate; common table expressions likewise.

use croft_core::Kind;
use sqlparser::tokenizer::Location;

/// The type of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Num,
    Char,
    /// True, false or unknown: the result of a comparison.
    Bool,
    /// A bare `null`, which fits every type.
    Null,
    /// Something refused already: it fits everywhere, so that one mistake is told once.
    Refused,
    /// Source rows; only in traces.
    Rows,
}

impl From<Kind> for Type {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Num => Self::Num,
            Kind::Char => Self::Char,
        }
    }
}

impl Type {
    /// What two expressions have in common that stand in one place (branches of CASE, sides of a comparison).
    pub(crate) fn unify(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Refused, t) | (t, Self::Refused) | (Self::Null, t) | (t, Self::Null) => Some(t),
            (a, b) if a == b => Some(a),
            _ => None,
        }
    }

    /// The word used in messages.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Num => "a number",
            Self::Char => "a text",
            Self::Bool => "a condition",
            Self::Null => "null",
            Self::Refused => "something refused",
            Self::Rows => "source rows",
        }
    }
}

/// A place in the statement. Two expressions that differ only in place are equal.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At(pub(crate) Location);

impl PartialEq for At {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// Place in [`Plan::relations`].
pub(crate) type RelationId = usize;

/// A whole statement.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Plan {
    pub(crate) relations: Vec<Relation>,
    /// In order of definition: each reads only earlier ones.
    pub(crate) ctes: Vec<Query>,
    pub(crate) root: Query,
}

/// One item of a FROM clause.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Relation {
    /// The name it goes by in the statement.
    pub(crate) alias: String,
    pub(crate) source: Source,
    pub(crate) fields: Vec<Field>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Source {
    /// A table of the catalog, by the catalog's spelling.
    Table(String),
    /// Place in [`Plan::ctes`].
    Cte(usize),
    Derived(Box<Query>),
}

/// One column of a relation or a query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) ty: Type,
    /// Place of the column that holds this number's missing kind.
    pub(crate) companion: Option<usize>,
    /// Left out of `select *`.
    pub(crate) hidden: bool,
}

impl Field {
    pub(crate) fn visible(name: &str, ty: Type) -> Self {
        Self { name: name.to_owned(), ty, companion: None, hidden: false }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Query {
    pub(crate) body: Body,
    /// Means something only with a limit; empty otherwise.
    pub(crate) order: Vec<Order>,
    pub(crate) limit: Option<u64>,
    pub(crate) fields: Vec<Field>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Body {
    Select(Box<Select>),
    Set { op: SetOp, left: Box<Body>, right: Box<Body> },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SetOp {
    UnionAll,
    Union,
    Except,
    Intersect,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Select {
    pub(crate) distinct: bool,
    /// One a field of the query.
    pub(crate) items: Vec<Expr>,
    pub(crate) from: Vec<Joined>,
    pub(crate) filter: Option<Expr>,
    /// Whether rows are gathered: GROUP BY, or aggregates over everything.
    pub(crate) grouped: bool,
    pub(crate) group_by: Vec<Expr>,
    pub(crate) having: Option<Expr>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Joined {
    pub(crate) relation: RelationId,
    pub(crate) join: Join,
    pub(crate) on: Option<Expr>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Join {
    /// The first relation, or a cross join.
    Cross,
    Inner,
    Left,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Order {
    pub(crate) expr: Expr,
    pub(crate) descending: bool,
    pub(crate) nulls_first: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Expr {
    pub(crate) node: Node,
    pub(crate) ty: Type,
    pub(crate) at: At,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    Null,
    Num(f64),
    Text(String),
    Bool(bool),
    Column {
        relation: RelationId,
        field: usize,
    },
    /// A column of the query's own result; only in its ORDER BY.
    Output(usize),
    Not(Box<Expr>),
    Negative(Box<Expr>),
    Binary {
        op: Operator,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    IsNull {
        expr: Box<Expr>,
        negated: bool,
    },
    IsBool {
        expr: Box<Expr>,
        value: bool,
        negated: bool,
    },
    Between {
        expr: Box<Expr>,
        low: Box<Expr>,
        high: Box<Expr>,
        negated: bool,
    },
    InList {
        expr: Box<Expr>,
        list: Vec<Expr>,
        negated: bool,
    },
    InQuery {
        expr: Box<Expr>,
        query: Box<Query>,
        negated: bool,
    },
    Exists {
        query: Box<Query>,
        negated: bool,
    },
    Scalar(Box<Query>),
    Case {
        operand: Option<Box<Expr>>,
        branches: Vec<(Expr, Expr)>,
        otherwise: Option<Box<Expr>>,
    },
    /// A function by the name that SQLite knows it by.
    Call {
        function: &'static str,
        args: Vec<Expr>,
    },
    Aggregate(Box<Aggregate>),
    Window(Box<Window>),
    /// The source row that a table contributes; only in traces.
    Row(RelationId),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Aggregate {
    pub(crate) function: &'static str,
    /// Empty: `count(*)`.
    pub(crate) args: Vec<Expr>,
    pub(crate) distinct: bool,
    pub(crate) filter: Option<Expr>,
    pub(crate) order: Vec<Order>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Window {
    pub(crate) function: &'static str,
    pub(crate) args: Vec<Expr>,
    pub(crate) filter: Option<Expr>,
    pub(crate) partition: Vec<Expr>,
    pub(crate) order: Vec<Order>,
    pub(crate) frame: Option<Frame>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// ROWS, else RANGE.
    pub(crate) rows: bool,
    pub(crate) start: Bound,
    pub(crate) end: Bound,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bound {
    UnboundedPreceding,
    Preceding(u32),
    CurrentRow,
    Following(u32),
    UnboundedFollowing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Concat,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    And,
    Or,
    IsDistinct,
    IsNotDistinct,
}

impl Expr {
    /// The parts, own level only: subqueries are not entered.
    pub(crate) fn children(&self) -> Vec<&Expr> {
        match &self.node {
            Node::Null | Node::Num(_) | Node::Text(_) | Node::Bool(_) => vec![],
            Node::Column { .. } | Node::Output(_) | Node::Row(_) | Node::Exists { .. } | Node::Scalar(_) => vec![],
            Node::Not(e) | Node::Negative(e) | Node::IsNull { expr: e, .. } => vec![e],
            Node::IsBool { expr, .. } | Node::InQuery { expr, .. } => vec![expr],
            Node::Binary { left, right, .. } => vec![left, right],
            Node::Between { expr, low, high, .. } => vec![expr, low, high],
            Node::InList { expr, list, .. } => std::iter::once(&**expr).chain(list).collect(),
            Node::Case { operand, branches, otherwise } => operand
                .as_deref()
                .into_iter()
                .chain(branches.iter().flat_map(|(when, then)| [when, then]))
                .chain(otherwise.as_deref())
                .collect(),
            Node::Call { args, .. } => args.iter().collect(),
            Node::Aggregate(a) => a.args.iter().chain(&a.filter).chain(a.order.iter().map(|o| &o.expr)).collect(),
            Node::Window(w) => {
                w.args.iter().chain(&w.filter).chain(&w.partition).chain(w.order.iter().map(|o| &o.expr)).collect()
            }
        }
    }

    /// The subquery that this very expression holds.
    pub(crate) fn subquery(&self) -> Option<&Query> {
        match &self.node {
            Node::InQuery { query, .. } | Node::Exists { query, .. } | Node::Scalar(query) => Some(query),
            _ => None,
        }
    }

    /// This expression and all its parts, subqueries not entered.
    pub(crate) fn walk(&self, visit: &mut dyn FnMut(&Expr)) {
        visit(self);
        for child in self.children() {
            child.walk(visit);
        }
    }

    /// The relation and field, when this is nothing but a column.
    pub(crate) fn column(&self) -> Option<(RelationId, usize)> {
        match self.node {
            Node::Column { relation, field } => Some((relation, field)),
            _ => None,
        }
    }
}

impl Body {
    /// The selects of a body, left to right.
    pub(crate) fn selects(&self) -> Vec<&Select> {
        match self {
            Self::Select(select) => vec![select],
            Self::Set { left, right, .. } => {
                let mut all = left.selects();
                all.extend(right.selects());
                all
            }
        }
    }
}

impl Select {
    /// Every expression of this select, own level only.
    pub(crate) fn exprs(&self) -> impl Iterator<Item = &Expr> {
        self.items
            .iter()
            .chain(self.from.iter().filter_map(|f| f.on.as_ref()))
            .chain(&self.filter)
            .chain(&self.group_by)
            .chain(&self.having)
    }
}

impl Query {
    /// Every expression of this query, own level only.
    pub(crate) fn exprs(&self) -> impl Iterator<Item = &Expr> {
        self.body.selects().into_iter().flat_map(Select::exprs).chain(self.order.iter().map(|o| &o.expr))
    }

    /// The relations of its FROM clauses.
    pub(crate) fn relations(&self) -> impl Iterator<Item = RelationId> {
        self.body.selects().into_iter().flat_map(|s| s.from.iter().map(|f| f.relation))
    }

    /// Columns that `select *` from it gives.
    pub(crate) fn visible(&self) -> usize {
        self.fields.iter().filter(|f| !f.hidden).count()
    }
}

impl Plan {
    /// Visits each expression of the query at any depth: subqueries and derived tables too.
    pub(crate) fn each_expr(relations: &[Relation], query: &Query, visit: &mut dyn FnMut(&Expr)) {
        for expr in query.exprs() {
            expr.walk(&mut |e| {
                visit(e);
                if let Some(inner) = e.subquery() {
                    Self::each_expr(relations, inner, visit);
                }
            });
        }
        for id in query.relations() {
            if let Source::Derived(inner) = &relations[id].source {
                Self::each_expr(relations, inner, visit);
            }
        }
    }
}
