//! What does an expression give on one row, without a database?
//!
//! Most conditions and computations of a form look at nothing but the row in which they stand. Loading the row into a table to ask SQLite
//! costs more than the answer, so such an expression is worked out here, from the same typed tree and by the same functions.
//!
//! The rules are SQLite's as the gate admits them: three-valued logic; texts compared by their bytes; numbers in double precision, null where
//! the result is no number or the divisor zero. A property test holds the two against each other. What is not decided here is left to the
//! database, which alone words errors: subqueries, aggregates and windows, an expression that a function stops, a result that is not finite.
//! Every operand is worked out although SQLite may leave some out, so nothing that it would refuse is answered here.

use crate::checked::Checked;
use crate::functions::{self, Arg, Body, FunctionError, Use, Value};
use crate::plan::{self, Expr, Node, Operator, Query, Source, Type};
use std::borrow::Cow;
use std::cmp::Ordering;

/// What an expression gives.
#[derive(Clone, Debug, PartialEq)]
pub enum Seen<'a> {
    /// Null, or an unknown condition.
    Null,
    /// A number.
    Num(f64),
    /// A text.
    Text(Cow<'a, str>),
    /// A condition.
    Bool(bool),
}

/// An expression over one row of one table.
#[derive(Clone, Debug)]
pub struct RowExpr {
    table: String,
    columns: Vec<String>,
    root: Step,
}

impl RowExpr {
    /// The table.
    pub fn table(&self) -> &str {
        &self.table
    }

    /// The columns that it reads, as the table spells them.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// What it gives on the row whose cells `cell` hands out, by their place in [`Self::columns`]; none: ask the database.
    ///
    /// Numbers must be finite.
    pub fn on<'a>(&'a self, cell: &dyn Fn(usize) -> Arg<'a>) -> Option<Seen<'a>> {
        let seen = self.root.on(cell)?;
        match seen {
            Seen::Num(x) if !x.is_finite() => None,
            // A result has no minus zero.
            Seen::Num(x) => Some(Seen::Num(x + 0.0)),
            other => Some(other),
        }
    }
}

impl Checked {
    /// The condition of a statement made by [`crate::check_condition`], when it looks at nothing but its row.
    pub fn row_condition(&self) -> Option<RowExpr> {
        let select = self.one_table()?;
        self.row_expr(select.filter.as_ref()?)
    }

    /// A column of the result, when the statement gives one row for each row of one table and the column looks at nothing but that.
    pub fn row_column(&self, name: &str) -> Option<RowExpr> {
        let select = self.one_table().filter(|s| s.filter.is_none())?;
        let at = self.plan.root.fields.iter().position(|f| f.name == name)?;
        self.row_expr(select.items.get(at)?)
    }

    /// The select, when it goes over the rows of one table and leaves none out but by its condition.
    fn one_table(&self) -> Option<&plan::Select> {
        let Query { body: plan::Body::Select(select), limit: None, .. } = &self.plan.root else { return None };
        let plain = !select.distinct && !select.grouped && select.group_by.is_empty() && select.having.is_none();
        (plain && select.from.len() == 1).then_some(select)
    }

    fn row_expr(&self, expr: &Expr) -> Option<RowExpr> {
        let relation = self.one_table()?.from.first()?.relation;
        let Source::Table(table) = &self.plan.relations[relation].source else { return None };
        let mut reader = Reader { checked: self, relation, columns: Vec::new() };
        let root = reader.step(expr)?;
        let fields = &self.plan.relations[relation].fields;
        let columns = reader.columns.iter().map(|&field| fields[field].name.clone()).collect();
        Some(RowExpr { table: table.clone(), columns, root })
    }
}

type Function = fn(&[Arg<'_>]) -> Result<Value, FunctionError>;

#[derive(Clone, Debug)]
enum Step {
    Null,
    Num(f64),
    Text(String),
    Bool(bool),
    Column(usize),
    Not(Box<Step>),
    Negative(Box<Step>),
    Binary { op: Operator, left: Box<Step>, right: Box<Step> },
    IsNull { step: Box<Step>, negated: bool },
    IsBool { step: Box<Step>, value: bool, negated: bool },
    Between { step: Box<Step>, low: Box<Step>, high: Box<Step>, negated: bool },
    In { step: Box<Step>, list: Vec<Step>, negated: bool },
    Case { operand: Option<Box<Step>>, branches: Vec<(Step, Step)>, otherwise: Option<Box<Step>> },
    Coalesce(Vec<Step>),
    NullIf(Box<Step>, Box<Step>),
    Call { body: Function, strict: bool, args: Vec<Step> },
}

/// Reads a tree, as far as it can be worked out here.
struct Reader<'c> {
    checked: &'c Checked,
    relation: usize,
    /// Fields of the relation that are read.
    columns: Vec<usize>,
}

impl Reader<'_> {
    fn step(&mut self, expr: &Expr) -> Option<Step> {
        if matches!(expr.ty, Type::Refused | Type::Rows) {
            return None;
        }
        Some(match &expr.node {
            Node::Null => Step::Null,
            Node::Num(x) => Step::Num(*x),
            Node::Text(text) => Step::Text(text.clone()),
            Node::Bool(value) => Step::Bool(*value),
            Node::Column { relation, field } if *relation == self.relation => Step::Column(self.column(*field)),
            Node::Not(inner) => Step::Not(self.boxed(inner)?),
            Node::Negative(inner) => Step::Negative(self.boxed(inner)?),
            Node::Binary { op, left, right } => {
                Step::Binary { op: *op, left: self.boxed(left)?, right: self.boxed(right)? }
            }
            Node::IsNull { expr, negated } => Step::IsNull { step: self.boxed(expr)?, negated: *negated },
            Node::IsBool { expr, value, negated } => {
                Step::IsBool { step: self.boxed(expr)?, value: *value, negated: *negated }
            }
            Node::Between { expr, low, high, negated } => Step::Between {
                step: self.boxed(expr)?,
                low: self.boxed(low)?,
                high: self.boxed(high)?,
                negated: *negated,
            },
            Node::InList { expr, list, negated } => {
                Step::In { step: self.boxed(expr)?, list: self.all(list)?, negated: *negated }
            }
            Node::Case { operand, branches, otherwise } => {
                let branch = |(when, then): &(Expr, Expr)| Some((self.step(when)?, self.step(then)?));
                let branches = branches.iter().map(branch).collect::<Option<_>>()?;
                let operand = operand.as_ref().map(|o| self.boxed(o).ok_or(())).transpose().ok()?;
                let otherwise = otherwise.as_ref().map(|o| self.boxed(o).ok_or(())).transpose().ok()?;
                Step::Case { operand, branches, otherwise }
            }
            Node::Call { function, args } => self.call(function, args)?,
            _ => return None,
        })
    }

    fn boxed(&mut self, expr: &Expr) -> Option<Box<Step>> {
        self.step(expr).map(Box::new)
    }

    fn all(&mut self, exprs: &[Expr]) -> Option<Vec<Step>> {
        exprs.iter().map(|e| self.step(e)).collect()
    }

    fn column(&mut self, field: usize) -> usize {
        debug_assert!(field < self.checked.plan.relations[self.relation].fields.len());
        self.columns.iter().position(|f| *f == field).unwrap_or_else(|| {
            self.columns.push(field);
            self.columns.len() - 1
        })
    }

    fn call(&mut self, name: &str, args: &[Expr]) -> Option<Step> {
        let function = functions::find(name).filter(|f| f.used == Use::Row)?;
        let mut args = self.all(args)?;
        Some(match function.body {
            Body::Strict(body) => Step::Call { body, strict: true, args },
            Body::Nulls(body) => Step::Call { body, strict: false, args },
            Body::Native("coalesce") => Step::Coalesce(args),
            Body::Native("nullif") if args.len() == 2 => {
                let other = Box::new(args.pop()?);
                Step::NullIf(Box::new(args.pop()?), other)
            }
            Body::Native(_) | Body::Ours(_) => return None,
        })
    }
}

impl Step {
    fn on<'a>(&'a self, cell: &dyn Fn(usize) -> Arg<'a>) -> Option<Seen<'a>> {
        Some(match self {
            Self::Null => Seen::Null,
            Self::Num(x) => Seen::Num(*x),
            Self::Text(text) => Seen::Text(Cow::Borrowed(text)),
            Self::Bool(value) => Seen::Bool(*value),
            Self::Column(at) => match cell(*at) {
                Arg::Null => Seen::Null,
                Arg::Num(x) => Seen::Num(x),
                Arg::Text(text) => Seen::Text(Cow::Borrowed(text)),
            },
            Self::Not(step) => truth(step.on(cell)?.truth().map(|t| !t)),
            Self::Negative(step) => match step.on(cell)? {
                Seen::Num(x) => Seen::Num(0.0 - x),
                _ => Seen::Null,
            },
            Self::Binary { op, left, right } => binary(*op, left.on(cell)?, right.on(cell)?),
            Self::IsNull { step, negated } => Seen::Bool((step.on(cell)? == Seen::Null) != *negated),
            Self::IsBool { step, value, negated } => Seen::Bool((step.on(cell)?.truth() == Some(*value)) != *negated),
            Self::Between { step, low, high, negated } => {
                let (seen, low, high) = (step.on(cell)?, low.on(cell)?, high.on(cell)?);
                let inside = and(seen.order(&low).map(Ordering::is_ge), seen.order(&high).map(Ordering::is_le));
                truth(inside.map(|t| t != *negated))
            }
            Self::In { step, list, negated } => {
                let seen = step.on(cell)?;
                let mut found = Some(false);
                for item in list {
                    found = or(found, seen.order(&item.on(cell)?).map(Ordering::is_eq));
                }
                truth(found.map(|t| t != *negated))
            }
            Self::Case { operand, branches, otherwise } => {
                return case(operand.as_deref(), branches, otherwise.as_deref(), cell);
            }
            Self::Coalesce(steps) => {
                let seen = steps.iter().map(|s| s.on(cell)).collect::<Option<Vec<_>>>()?;
                seen.into_iter().find(|s| *s != Seen::Null).unwrap_or(Seen::Null)
            }
            Self::NullIf(step, other) => {
                let (seen, other) = (step.on(cell)?, other.on(cell)?);
                if seen.order(&other) == Some(Ordering::Equal) { Seen::Null } else { seen }
            }
            Self::Call { body, strict, args } => {
                let seen = args.iter().map(|a| a.on(cell)).collect::<Option<Vec<_>>>()?;
                let args: Vec<Arg<'_>> = seen.iter().map(Seen::arg).collect();
                if *strict && args.contains(&Arg::Null) {
                    return Some(Seen::Null);
                }
                match body(&args).ok()? {
                    Value::Num(x) if x.is_finite() => Seen::Num(x),
                    Value::Null | Value::Num(_) => Seen::Null,
                    Value::Text(text) => Seen::Text(Cow::Owned(text)),
                    Value::Bool(value) => Seen::Bool(value),
                }
            }
        })
    }
}

fn case<'a>(
    operand: Option<&'a Step>,
    branches: &'a [(Step, Step)],
    otherwise: Option<&'a Step>,
    cell: &dyn Fn(usize) -> Arg<'a>,
) -> Option<Seen<'a>> {
    let operand = match operand {
        Some(step) => Some(step.on(cell)?),
        None => None,
    };
    for (when, then) in branches {
        let when = when.on(cell)?;
        let taken = match &operand {
            Some(operand) => operand.order(&when) == Some(Ordering::Equal),
            None => when.truth() == Some(true),
        };
        if taken {
            return then.on(cell);
        }
    }
    otherwise.map_or(Some(Seen::Null), |step| step.on(cell))
}

impl Seen<'_> {
    /// As a condition.
    pub fn truth(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    fn arg(&self) -> Arg<'_> {
        match self {
            Self::Null => Arg::Null,
            Self::Num(x) if !x.is_finite() => Arg::Null,
            Self::Num(x) => Arg::Num(*x),
            Self::Text(text) => Arg::Text(text),
            Self::Bool(value) => Arg::Num(f64::from(u8::from(*value))),
        }
    }

    /// How two values of one kind stand to each other; none when one is null.
    fn order(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Num(a), Self::Num(b)) => a.partial_cmp(b),
            (Self::Text(a), Self::Text(b)) => Some(a.as_bytes().cmp(b.as_bytes())),
            (Self::Bool(a), Self::Bool(b)) => Some(a.cmp(b)),
            _ => None,
        }
    }
}

fn truth<'a>(value: Option<bool>) -> Seen<'a> {
    value.map_or(Seen::Null, Seen::Bool)
}

fn and(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    if a == Some(false) || b == Some(false) { Some(false) } else { Some(a? && b?) }
}

fn or(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    if a == Some(true) || b == Some(true) { Some(true) } else { Some(a? || b?) }
}

fn binary<'a>(op: Operator, left: Seen<'a>, right: Seen<'a>) -> Seen<'a> {
    use Operator as O;
    let compared = |is: fn(Ordering) -> bool| truth(left.order(&right).map(is));
    match op {
        O::And => truth(and(left.truth(), right.truth())),
        O::Or => truth(or(left.truth(), right.truth())),
        O::Equal => compared(Ordering::is_eq),
        O::NotEqual => compared(Ordering::is_ne),
        O::Less => compared(Ordering::is_lt),
        O::LessOrEqual => compared(Ordering::is_le),
        O::Greater => compared(Ordering::is_gt),
        O::GreaterOrEqual => compared(Ordering::is_ge),
        O::IsDistinct => Seen::Bool(left != right),
        O::IsNotDistinct => Seen::Bool(left == right),
        O::Concat => match (left, right) {
            (Seen::Text(a), Seen::Text(b)) => Seen::Text(a + b),
            _ => Seen::Null,
        },
        O::Add | O::Subtract | O::Multiply | O::Divide => match (left, right) {
            (Seen::Num(a), Seen::Num(b)) => number(op, a, b),
            _ => Seen::Null,
        },
    }
}

fn number<'a>(op: Operator, a: f64, b: f64) -> Seen<'a> {
    let x = match op {
        Operator::Add => a + b,
        Operator::Subtract => a - b,
        Operator::Multiply => a * b,
        _ if b == 0.0 => return Seen::Null,
        _ => a / b,
    };
    if x.is_nan() { Seen::Null } else { Seen::Num(x) }
}
