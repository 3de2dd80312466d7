//! Of which type is each expression?

use super::names::refused;
use super::refusal::Refusal;
use super::select::without_hidden;
use super::{Allowed, Gate};
use crate::plan::{At, Expr, Node, Operator, Query, Type};
use sqlparser::ast::{self, Spanned};
use sqlparser::tokenizer::Location;

impl Gate<'_> {
    pub(super) fn expr(&mut self, expr: &ast::Expr) -> Expr {
        let at = place(expr);
        if !self.deeper(at) {
            return refused(at);
        }
        let lowered = self.expr_inside(expr, at);
        self.depth -= 1;
        lowered
    }

    fn expr_inside(&mut self, expr: &ast::Expr, at: Location) -> Expr {
        use ast::Expr as E;
        let negated = |node: Node| Expr { node, ty: Type::Bool, at: At(at) };
        match expr {
            E::Identifier(name) => self.column(std::slice::from_ref(name)),
            E::CompoundIdentifier(parts) => self.column(parts),
            E::Nested(inner) => self.expr(inner),
            E::Value(value) => self.literal(&value.value, at),
            E::UnaryOp { op, expr } => self.unary(*op, expr, at),
            E::BinaryOp { left, op, right } => self.binary(left, op, right, at),
            E::IsDistinctFrom(l, r) => self.comparison(Operator::IsDistinct, l, r, at),
            E::IsNotDistinctFrom(l, r) => self.comparison(Operator::IsNotDistinct, l, r, at),
            E::IsNull(e) => negated(Node::IsNull { expr: Box::new(self.expr(e)), negated: false }),
            E::IsNotNull(e) => negated(Node::IsNull { expr: Box::new(self.expr(e)), negated: true }),
            E::IsTrue(e) => self.is_bool(e, true, false, at),
            E::IsNotTrue(e) => self.is_bool(e, true, true, at),
            E::IsFalse(e) => self.is_bool(e, false, false, at),
            E::IsNotFalse(e) => self.is_bool(e, false, true, at),
            E::IsUnknown(e) | E::IsNotUnknown(e) => {
                let inner = self.expr(e);
                self.must_be_condition(&inner, "what IS UNKNOWN asks about");
                let negated = matches!(expr, E::IsNotUnknown(_));
                Expr { node: Node::IsNull { expr: Box::new(inner), negated }, ty: Type::Bool, at: At(at) }
            }
            E::Between { expr, negated, low, high } => self.between(expr, low, high, *negated, at),
            E::In { expr, target, negated, global: false } => self.membership(expr, target, *negated, at),
            E::Exists { subquery, negated } => match self.subquery(subquery) {
                Some(query) => {
                    let node = Node::Exists { query: Box::new(query), negated: *negated };
                    Expr { node, ty: Type::Bool, at: At(at) }
                }
                None => refused(at),
            },
            E::Subquery(query) => self.scalar(query, at),
            E::Case { operand, conditions, else_result, .. } => {
                self.case(operand.as_deref(), conditions, else_result.as_deref(), at)
            }
            E::Cast { expr, data_type, .. } => self.cast(expr, data_type, at),
            E::Function(function) => self.call(function, at),
            E::Substring { expr, substring_from: Some(from), substring_for, .. } => {
                let args: Vec<&ast::Expr> = [&**expr, from].into_iter().chain(substring_for.as_deref()).collect();
                self.named_call("substr", &args, at)
            }
            E::Trim { trim_where, trim_what: None, expr, trim_characters: None } => {
                let name = match trim_where {
                    None | Some(ast::TrimWhereField::Both) => "trim",
                    Some(ast::TrimWhereField::Leading) => "ltrim",
                    Some(ast::TrimWhereField::Trailing) => "rtrim",
                };
                self.named_call(name, &[expr], at)
            }
            E::Ceil { expr, field: ast::CeilFloorKind::DateTimeField(ast::DateTimeField::NoDateTime) } => {
                self.named_call("ceil", &[expr], at)
            }
            E::Floor { expr, field: ast::CeilFloorKind::DateTimeField(ast::DateTimeField::NoDateTime) } => {
                self.named_call("floor", &[expr], at)
            }
            E::Like { .. } | E::ILike { .. } | E::SimilarTo { .. } | E::RLike { .. } => {
                self.refuse(at, Refusal::Like);
                refused(at)
            }
            other => {
                let text: String = other.to_string().chars().take(40).collect();
                self.not_admitted(at, format!("`{text}`"), "the manual's page on SQL lists what is");
                refused(at)
            }
        }
    }

    fn literal(&mut self, value: &ast::Value, at: Location) -> Expr {
        let (node, ty) = match value {
            ast::Value::Null => (Node::Null, Type::Null),
            ast::Value::Boolean(b) => (Node::Bool(*b), Type::Bool),
            ast::Value::SingleQuotedString(text) => (Node::Text(text.clone()), Type::Char),
            ast::Value::Number(digits, false) => match crate::functions::parse_number(digits) {
                Some(x) => (Node::Num(x), Type::Num),
                None => {
                    self.refuse(at, Refusal::Number { number: digits.clone() });
                    return refused(at);
                }
            },
            ast::Value::Placeholder(name) => {
                self.not_admitted(at, format!("the parameter {name}"), "write the value");
                return refused(at);
            }
            other => {
                self.not_admitted(
                    at,
                    format!("the literal {other}"),
                    "write texts in single quotes and numbers in decimal",
                );
                return refused(at);
            }
        };
        Expr { node, ty, at: At(at) }
    }

    fn unary(&mut self, op: ast::UnaryOperator, expr: &ast::Expr, at: Location) -> Expr {
        match op {
            ast::UnaryOperator::Not => {
                let inner = self.expr(expr);
                self.must_be_condition(&inner, "what NOT negates");
                Expr { node: Node::Not(Box::new(inner)), ty: Type::Bool, at: At(at) }
            }
            ast::UnaryOperator::Minus => {
                let inner = self.expr(expr);
                self.operand(&inner, Type::Num, "-");
                match inner.node {
                    Node::Num(x) => Expr { node: Node::Num(-x), ty: Type::Num, at: At(at) },
                    _ => Expr { node: Node::Negative(Box::new(inner)), ty: Type::Num, at: At(at) },
                }
            }
            ast::UnaryOperator::Plus => {
                let inner = self.expr(expr);
                self.operand(&inner, Type::Num, "+");
                inner
            }
            other => {
                self.not_admitted(at, format!("the operator {other}"), "use +, -, *, /, ||, comparisons, AND, OR, NOT");
                refused(at)
            }
        }
    }

    fn operand(&mut self, expr: &Expr, wanted: Type, operator: &'static str) {
        if expr.ty.unify(wanted).is_none() {
            let (wanted, found) = (wanted.word(), expr.ty.word());
            self.refuse(expr.at.0, Refusal::Operand { operator, wanted, found });
        }
    }

    fn binary(&mut self, left: &ast::Expr, op: &ast::BinaryOperator, right: &ast::Expr, at: Location) -> Expr {
        use ast::BinaryOperator as B;
        match op {
            B::Plus => self.same_operands(Operator::Add, left, right, Type::Num, "+", at),
            B::Minus => self.same_operands(Operator::Subtract, left, right, Type::Num, "-", at),
            B::Multiply => self.same_operands(Operator::Multiply, left, right, Type::Num, "*", at),
            B::Divide => self.same_operands(Operator::Divide, left, right, Type::Num, "/", at),
            B::StringConcat => self.same_operands(Operator::Concat, left, right, Type::Char, "||", at),
            B::And => self.same_operands(Operator::And, left, right, Type::Bool, "AND", at),
            B::Or => self.same_operands(Operator::Or, left, right, Type::Bool, "OR", at),
            B::Eq => self.comparison(Operator::Equal, left, right, at),
            B::NotEq => self.comparison(Operator::NotEqual, left, right, at),
            B::Lt => self.comparison(Operator::Less, left, right, at),
            B::LtEq => self.comparison(Operator::LessOrEqual, left, right, at),
            B::Gt => self.comparison(Operator::Greater, left, right, at),
            B::GtEq => self.comparison(Operator::GreaterOrEqual, left, right, at),
            B::Modulo => {
                self.not_admitted(at, "the operator %", "use mod(a, b)");
                refused(at)
            }
            other => {
                self.not_admitted(at, format!("the operator {other}"), "use +, -, *, /, ||, comparisons, AND, OR, NOT");
                refused(at)
            }
        }
    }

    fn same_operands(
        &mut self,
        op: Operator,
        left: &ast::Expr,
        right: &ast::Expr,
        ty: Type,
        word: &'static str,
        at: Location,
    ) -> Expr {
        let (left, right) = (self.expr(left), self.expr(right));
        self.operand(&left, ty, word);
        self.operand(&right, ty, word);
        Expr { node: Node::Binary { op, left: Box::new(left), right: Box::new(right) }, ty, at: At(at) }
    }

    fn comparison(&mut self, op: Operator, left: &ast::Expr, right: &ast::Expr, at: Location) -> Expr {
        let (left, right) = (self.expr(left), self.expr(right));
        self.comparable(&left, &right);
        if left.ty == Type::Null || right.ty == Type::Null {
            let distinct = matches!(op, Operator::IsDistinct | Operator::IsNotDistinct);
            if !distinct {
                self.not_admitted(at, "comparing with null (never true, never false)", "use IS NULL or IS NOT NULL");
            }
        }
        Expr { node: Node::Binary { op, left: Box::new(left), right: Box::new(right) }, ty: Type::Bool, at: At(at) }
    }

    fn comparable(&mut self, left: &Expr, right: &Expr) {
        if left.ty.unify(right.ty).is_none() {
            self.refuse(left.at.0, Refusal::Compared { left: left.ty.word(), right: right.ty.word() });
        }
    }

    fn is_bool(&mut self, expr: &ast::Expr, value: bool, negated: bool, at: Location) -> Expr {
        let inner = self.expr(expr);
        self.must_be_condition(&inner, "what IS TRUE or IS FALSE asks about");
        Expr { node: Node::IsBool { expr: Box::new(inner), value, negated }, ty: Type::Bool, at: At(at) }
    }

    fn between(&mut self, expr: &ast::Expr, low: &ast::Expr, high: &ast::Expr, negated: bool, at: Location) -> Expr {
        let (expr, low, high) = (self.expr(expr), self.expr(low), self.expr(high));
        self.comparable(&expr, &low);
        self.comparable(&expr, &high);
        let node = Node::Between { expr: Box::new(expr), low: Box::new(low), high: Box::new(high), negated };
        Expr { node, ty: Type::Bool, at: At(at) }
    }

    fn membership(&mut self, expr: &ast::Expr, target: &ast::InTarget, negated: bool, at: Location) -> Expr {
        let expr = self.expr(expr);
        let node = match target {
            ast::InTarget::List(list) => {
                let list: Vec<Expr> = list.iter().map(|item| self.expr(item)).collect();
                for item in &list {
                    if item.ty == Type::Null {
                        let instead = "leave it out and add OR X IS NULL if nulls are meant";
                        self.not_admitted(item.at.0, "null in a list (NOT IN is then never true)", instead);
                    }
                    self.comparable(&expr, item);
                }
                Node::InList { expr: Box::new(expr), list, negated }
            }
            ast::InTarget::Subquery(query) => {
                let Some(query) = self.subquery(query) else { return refused(at) };
                if let Some(ty) = self.one_column(&query, "the subquery of IN", at)
                    && expr.ty.unify(ty).is_none()
                {
                    self.refuse(expr.at.0, Refusal::Compared { left: expr.ty.word(), right: ty.word() });
                }
                Node::InQuery { expr: Box::new(expr), query: Box::new(query), negated }
            }
            ast::InTarget::Unnest(_) | ast::InTarget::Table { .. } => {
                self.not_admitted(at, "IN with a table's name", "write IN (select X from T)");
                return refused(at);
            }
        };
        Expr { node, ty: Type::Bool, at: At(at) }
    }

    /// A query inside an expression: it sees the columns around it, and its aggregates are its own.
    fn subquery(&mut self, query: &ast::Query) -> Option<Query> {
        let before = std::mem::replace(&mut self.allowed, Allowed::nothing_in("this place"));
        let lowered = self.query(query);
        self.allowed = before;
        lowered.map(without_hidden)
    }

    fn one_column(&mut self, query: &Query, what: &'static str, at: Location) -> Option<Type> {
        match &query.fields[..] {
            [only] => Some(only.ty),
            fields => {
                self.refuse(at, Refusal::OneColumn { what, found: fields.len() });
                None
            }
        }
    }

    fn scalar(&mut self, query: &ast::Query, at: Location) -> Expr {
        let Some(query) = self.subquery(query) else { return refused(at) };
        let Some(ty) = self.one_column(&query, "a subquery that stands for a value", at) else { return refused(at) };
        self.check_single_row(&query, at);
        Expr { node: Node::Scalar(Box::new(query)), ty, at: At(at) }
    }

    fn case(
        &mut self,
        operand: Option<&ast::Expr>,
        conditions: &[ast::CaseWhen],
        otherwise: Option<&ast::Expr>,
        at: Location,
    ) -> Expr {
        let operand = operand.map(|e| self.expr(e));
        let mut ty = Type::Null;
        let mut branches = Vec::new();
        for branch in conditions {
            let when = self.expr(&branch.condition);
            match &operand {
                Some(operand) => self.comparable(operand, &when),
                None => self.must_be_condition(&when, "what follows WHEN"),
            }
            let then = self.expr(&branch.result);
            ty = self.mixed(ty, &then, "CASE");
            branches.push((when, then));
        }
        let otherwise = otherwise.map(|e| self.expr(e));
        if let Some(otherwise) = &otherwise {
            ty = self.mixed(ty, otherwise, "CASE");
        }
        let node = Node::Case { operand: operand.map(Box::new), branches, otherwise: otherwise.map(Box::new) };
        Expr { node, ty, at: At(at) }
    }

    /// The common type of what came before and this expression.
    pub(super) fn mixed(&mut self, before: Type, expr: &Expr, place: &'static str) -> Type {
        before.unify(expr.ty).unwrap_or_else(|| {
            self.refuse(expr.at.0, Refusal::Mixed { place, left: before.word(), right: expr.ty.word() });
            Type::Refused
        })
    }

    /// `cast(null as …)` gives a null its type; every other cast is a function of our own.
    fn cast(&mut self, expr: &ast::Expr, data_type: &ast::DataType, at: Location) -> Expr {
        use ast::DataType as D;
        let is_null = matches!(expr, ast::Expr::Value(v) if v.value == ast::Value::Null);
        let ty = match data_type {
            D::Text | D::Varchar(_) | D::Char(_) | D::Character(_) | D::CharacterVarying(_) => Type::Char,
            D::Double(_) | D::DoublePrecision | D::Real | D::Float(_) | D::Numeric(_) | D::Float64 => Type::Num,
            _ => Type::Refused,
        };
        if !is_null || ty == Type::Refused {
            self.refuse(at, Refusal::Cast);
            return refused(at);
        }
        Expr { node: Node::Null, ty, at: At(at) }
    }
}

/// Where an expression begins, as far as the parser kept it.
fn place(expr: &ast::Expr) -> Location {
    let mut first = expr;
    while let ast::Expr::BinaryOp { left, .. } = first {
        first = left;
    }
    let start = first.span().start;
    if start.line > 0 { start } else { Location::new(1, 1) }
}
