//! Calls: functions of a row, aggregates, windows.

use super::names::refused;
use super::refusal::Refusal;
use super::{Allowed, Gate};
use crate::functions::{self, Function, Gives, Kind, Use};
use crate::plan::{Aggregate, At, Bound, Expr, Frame, Node, Operator, Order, Type, Window};
use sqlparser::ast::{self, Spanned};
use sqlparser::tokenizer::Location;

/// What a call says beside its arguments.
struct Parts<'q> {
    args: Vec<&'q ast::Expr>,
    star: bool,
    distinct: bool,
    order: Vec<&'q ast::OrderByExpr>,
}

impl Gate<'_> {
    pub(super) fn call(&mut self, call: &ast::Function, at: Location) -> Expr {
        let name = match &call.name.0[..] {
            [part] => part.as_ident().map(|i| i.value.clone()),
            _ => None,
        };
        let Some(name) = name else {
            self.refuse(at, Refusal::UnknownFunction { name: call.name.to_string(), instead: None });
            return refused(at);
        };
        if name.eq_ignore_ascii_case("missing_reason") {
            return self.missing_reason(call, at);
        }
        let Some(function) = functions::find(&name) else {
            let instead = functions::instead_of(&name);
            self.refuse(at, Refusal::UnknownFunction { name, instead });
            return refused(at);
        };
        let Some(parts) = self.parts(call, function, at) else { return refused(at) };
        match (function.used, &call.over) {
            (Use::Row, None) => self.row_call(function, &parts.args, at),
            (Use::Row, Some(_)) => {
                self.not_admitted(at, format!("OVER after {}", function.name), "it works on one row: leave OVER out");
                refused(at)
            }
            (Use::Group { .. }, None) => self.aggregate(function, &parts, call.filter.as_deref(), at),
            (Use::Group { over: false }, Some(_)) => {
                let what = format!("{} over a window", function.name);
                self.not_admitted(at, what, "aggregate in a WITH step and join it");
                refused(at)
            }
            (Use::Group { over: true } | Use::Over, Some(ast::WindowType::WindowSpec(spec))) => {
                self.window(function, &parts, call.filter.as_deref(), spec, at)
            }
            (_, Some(ast::WindowType::NamedWindow(_))) => {
                self.not_admitted(at, "a named window", "write the window out in OVER (…)");
                refused(at)
            }
            (Use::Over, None) => {
                self.not_admitted(
                    at,
                    format!("{} without OVER", function.name),
                    "add OVER (partition by … order by …)",
                );
                refused(at)
            }
        }
    }

    /// The call's parts, where they are of the plain kind.
    fn parts<'q>(&mut self, call: &'q ast::Function, function: &Function, at: Location) -> Option<Parts<'q>> {
        let odd = call.uses_odbc_syntax
            || !matches!(call.parameters, ast::FunctionArguments::None)
            || !call.within_group.is_empty()
            || call.null_treatment.is_some();
        if odd {
            self.not_admitted(at, format!("this form of {}", function.name), "call it as name(arguments)");
        }
        let mut parts = Parts { args: Vec::new(), star: false, distinct: false, order: Vec::new() };
        let list = match &call.args {
            ast::FunctionArguments::List(list) => list,
            _ => {
                self.not_admitted(at, format!("{} without parentheses", function.name), "call it as name(arguments)");
                return None;
            }
        };
        parts.distinct = list.duplicate_treatment == Some(ast::DuplicateTreatment::Distinct);
        for arg in &list.args {
            match arg {
                ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(expr)) => parts.args.push(expr),
                ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Wildcard) => parts.star = true,
                _ => {
                    self.not_admitted(at, "a named argument", "give the arguments in their order");
                    return None;
                }
            }
        }
        for clause in &list.clauses {
            match clause {
                ast::FunctionArgumentClause::OrderBy(items) => parts.order.extend(items),
                _ => self.not_admitted(at, format!("an addition inside {}(…)", function.name), "leave it out"),
            }
        }
        if parts.star && (function.name != "count" || !parts.args.is_empty()) {
            self.not_admitted(at, format!("{}(*)", function.name), "give it an argument");
            return None;
        }
        let needs_no_order = function.name != "string_agg" && !parts.order.is_empty();
        if needs_no_order {
            self.not_admitted(
                at,
                format!("ORDER BY inside {}(…)", function.name),
                "its result does not depend on an order: leave it out",
            );
        }
        if parts.distinct && (function.name != "count" || parts.star) {
            self.not_admitted(
                at,
                format!("DISTINCT inside {}(…)", function.name),
                "select distinct values in a WITH step first",
            );
        }
        Some(parts)
    }

    /// A function of the row that the parser knows by a syntax of its own.
    pub(super) fn named_call(&mut self, name: &str, args: &[&ast::Expr], at: Location) -> Expr {
        match functions::find(name) {
            Some(function) => self.row_call(function, args, at),
            None => refused(at),
        }
    }

    fn row_call(&mut self, function: &'static Function, args: &[&ast::Expr], at: Location) -> Expr {
        let Some((args, ty)) = self.arguments(function, args, at) else { return refused(at) };
        self.check_pattern(function, &args);
        Expr { node: Node::Call { function: function.inner_name(), args }, ty, at: At(at) }
    }

    /// A regular expression written in the statement is compiled once here, so that a bad one has a place.
    fn check_pattern(&mut self, function: &Function, args: &[Expr]) {
        if function.name != "matches" {
            return;
        }
        if let Some(Expr { node: Node::Text(pattern), at, .. }) = args.get(1)
            && let Err(problem) = functions::compile_pattern(pattern)
        {
            let instead = "correct the pattern; groups (…), classes […], repeats * + ? {n,m}, ends ^ $ are known";
            self.refuse(at.0, Refusal::Argument { function: "matches".to_owned(), problem, instead });
        }
    }

    fn arguments(&mut self, function: &Function, args: &[&ast::Expr], at: Location) -> Option<(Vec<Expr>, Type)> {
        let lowered: Vec<Expr> = args.iter().map(|e| self.expr(e)).collect();
        if !function.accepts(lowered.len()) {
            let (wanted, found) = (function.arity(), lowered.len());
            self.refuse(at, Refusal::Arguments { function: function.signature(), wanted, found });
            return None;
        }
        let mut same = Type::Null;
        for (index, arg) in lowered.iter().enumerate() {
            let kind = function.params.get(index).or(function.params.last()).map_or(Kind::Same, |p| p.1);
            let (fits, wanted) = match kind {
                Kind::Num => (arg.ty.unify(Type::Num).is_some(), "a number"),
                Kind::Char => (arg.ty.unify(Type::Char).is_some(), "a text"),
                Kind::Same if arg.ty == Type::Bool => (function.name == "count", "a number or a text"),
                Kind::Same => {
                    let first = same.word();
                    same = same.unify(arg.ty).unwrap_or(Type::Bool);
                    let fits = same != Type::Bool;
                    if !fits {
                        same = Type::Refused;
                    }
                    (fits, first)
                }
            };
            if !fits {
                let (function, found) = (function.name.to_owned(), arg.ty.word());
                self.refuse(arg.at.0, Refusal::ArgumentType { function, position: index + 1, wanted, found });
            }
        }
        let ty = match function.gives {
            Gives::Num => Type::Num,
            Gives::Char => Type::Char,
            Gives::Bool => Type::Bool,
            Gives::Same => same,
        };
        Some((lowered, ty))
    }

    fn aggregate(
        &mut self,
        function: &'static Function,
        parts: &Parts<'_>,
        filter: Option<&ast::Expr>,
        at: Location,
    ) -> Expr {
        if let Err(place) = self.allowed.aggregates {
            self.refuse(at, Refusal::AggregatePlace { place });
        }
        let before = std::mem::replace(&mut self.allowed, Allowed::nothing_in("another aggregate"));
        let lowered = self.aggregate_inside(function, parts, filter, at);
        self.allowed = before;
        lowered
    }

    fn aggregate_inside(
        &mut self,
        function: &'static Function,
        parts: &Parts<'_>,
        filter: Option<&ast::Expr>,
        at: Location,
    ) -> Expr {
        let Some((args, ty)) = self.aggregate_arguments(function, parts, at) else { return refused(at) };
        self.check_own_aggregate(&args, at);
        let allowed = self.allowed;
        let filter = filter.map(|e| self.condition(e, "FILTER", allowed));
        let mut order = self.orders(parts.order.iter().copied());
        if function.name == "string_agg" {
            if parts.order.is_empty() {
                self.refuse(at, Refusal::Unordered { what: "string_agg".to_owned() });
            }
            // Ties are broken by the text itself, so that the result does not depend on chance.
            order.extend(args.first().map(|text| Order { expr: text.clone(), descending: false, nulls_first: true }));
        }
        let aggregate = Aggregate { function: function.inner_name(), args, distinct: parts.distinct, filter, order };
        Expr { node: Node::Aggregate(Box::new(aggregate)), ty, at: At(at) }
    }

    fn aggregate_arguments(
        &mut self,
        function: &Function,
        parts: &Parts<'_>,
        at: Location,
    ) -> Option<(Vec<Expr>, Type)> {
        if parts.star { Some((Vec::new(), Type::Num)) } else { self.arguments(function, &parts.args, at) }
    }

    /// An aggregate of outer columns only would belong to the outer query, which no reader expects.
    fn check_own_aggregate(&mut self, args: &[Expr], at: Location) {
        let own = self.scopes.last().map(|s| s.relations.clone()).unwrap_or_default();
        let (mut any, mut of_own) = (false, false);
        for arg in args {
            arg.walk(&mut |e| {
                if let Some((relation, _)) = e.column() {
                    any = true;
                    of_own |= own.contains(&relation);
                }
            });
        }
        if any && !of_own {
            self.refuse(at, Refusal::OuterAggregate);
        }
    }

    fn orders<'q>(&mut self, items: impl Iterator<Item = &'q ast::OrderByExpr>) -> Vec<Order> {
        let mut lowered = Vec::new();
        for item in items {
            let expr = self.expr(&item.expr);
            if matches!(expr.node, Node::Num(_)) {
                self.not_admitted(expr.at.0, "ordering by a number", "name the column");
            }
            lowered.push(self.order_item(item, expr));
        }
        lowered
    }

    fn window(
        &mut self,
        function: &'static Function,
        parts: &Parts<'_>,
        filter: Option<&ast::Expr>,
        spec: &ast::WindowSpec,
        at: Location,
    ) -> Expr {
        if let Err(place) = self.allowed.windows {
            self.refuse(at, Refusal::WindowPlace { place });
        }
        let inside = Allowed { aggregates: self.allowed.aggregates, windows: Err("another window") };
        let before = std::mem::replace(&mut self.allowed, inside);
        let lowered = self.window_inside(function, parts, filter, spec, at);
        self.allowed = before;
        lowered
    }

    fn window_inside(
        &mut self,
        function: &'static Function,
        parts: &Parts<'_>,
        filter: Option<&ast::Expr>,
        spec: &ast::WindowSpec,
        at: Location,
    ) -> Expr {
        let Some((args, ty)) = self.aggregate_arguments(function, parts, at) else { return refused(at) };
        if parts.distinct {
            self.not_admitted(at, "DISTINCT over a window", "count distinct values in a WITH step and join it");
        }
        if let Some(steps) = args.get(1)
            && !matches!(steps.node, Node::Num(n) if n >= 0.0 && n.fract() == 0.0 && n <= 1e6)
        {
            let problem = "the number of rows must be written as a whole number".to_owned();
            let refusal = Refusal::Argument { function: function.name.to_owned(), problem, instead: "write 1, 2, …" };
            self.refuse(steps.at.0, refusal);
        }
        let allowed = self.allowed;
        let filter = match filter {
            Some(e) if matches!(function.used, Use::Group { .. }) => Some(self.condition(e, "FILTER", allowed)),
            Some(_) => {
                self.not_admitted(at, format!("FILTER after {}", function.name), "use CASE in its argument");
                None
            }
            None => None,
        };
        if spec.window_name.is_some() {
            self.not_admitted(at, "a named window", "write the window out in OVER (…)");
        }
        let partition: Vec<Expr> = spec.partition_by.iter().map(|e| self.expr(e)).collect();
        let order = self.orders(spec.order_by.iter());
        let frame = spec.window_frame.as_ref().and_then(|f| self.frame(f, at));
        let ranking = function.used == Use::Over;
        if ranking && spec.order_by.is_empty() {
            self.refuse(at, Refusal::Unordered { what: function.name.to_owned() });
        }
        if function.name == "last_value" && frame.is_none() {
            self.refuse(at, Refusal::LastValueFrame);
        }
        let window = Window { function: function.inner_name(), args, filter, partition, order, frame };
        Expr { node: Node::Window(Box::new(window)), ty, at: At(at) }
    }

    fn frame(&mut self, frame: &ast::WindowFrame, at: Location) -> Option<Frame> {
        let rows = match frame.units {
            ast::WindowFrameUnits::Rows => true,
            ast::WindowFrameUnits::Range => false,
            ast::WindowFrameUnits::Groups => {
                self.not_admitted(at, "GROUPS frames", "use ROWS or RANGE");
                return None;
            }
        };
        let start = self.bound(&frame.start_bound, rows, at)?;
        let end = frame.end_bound.as_ref().map_or(Some(Bound::CurrentRow), |b| self.bound(b, rows, at))?;
        let backwards = start == Bound::UnboundedFollowing
            || end == Bound::UnboundedPreceding
            || matches!((start, end), (Bound::CurrentRow, Bound::Preceding(_)))
            || matches!((start, end), (Bound::Following(_), Bound::CurrentRow | Bound::Preceding(_)));
        if backwards {
            self.not_admitted(at, "a frame that ends before it starts", "exchange its two bounds");
            return None;
        }
        Some(Frame { rows, start, end })
    }

    fn bound(&mut self, bound: &ast::WindowFrameBound, rows: bool, at: Location) -> Option<Bound> {
        let (rows_away, before) = match bound {
            ast::WindowFrameBound::CurrentRow => return Some(Bound::CurrentRow),
            ast::WindowFrameBound::Preceding(None) => return Some(Bound::UnboundedPreceding),
            ast::WindowFrameBound::Following(None) => return Some(Bound::UnboundedFollowing),
            ast::WindowFrameBound::Preceding(Some(n)) => (n, true),
            ast::WindowFrameBound::Following(Some(n)) => (n, false),
        };
        if !rows {
            self.not_admitted(at, "RANGE with a distance", "use ROWS, or join on a range of values");
            return None;
        }
        let at = rows_away.span().start;
        match &**rows_away {
            ast::Expr::Value(v)
                if let ast::Value::Number(digits, _) = &v.value
                    && let Ok(n) = digits.parse::<u32>() =>
            {
                Some(if before { Bound::Preceding(n) } else { Bound::Following(n) })
            }
            _ => {
                self.not_admitted(at, "a frame's distance that is computed", "write a whole number");
                None
            }
        }
    }

    /// `missing_reason(X)`: null when X is there, else the letter of its missing kind.
    fn missing_reason(&mut self, call: &ast::Function, at: Location) -> Expr {
        let arg = match &call.args {
            ast::FunctionArguments::List(list) => match &list.args[..] {
                [ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(e))] => Some(self.expr(e)),
                _ => None,
            },
            _ => None,
        };
        let Some(arg) = arg else {
            let (function, wanted) = ("missing_reason(x number)".to_owned(), "1 argument".to_owned());
            self.refuse(at, Refusal::Arguments { function, wanted, found: 0 });
            return refused(at);
        };
        if arg.ty == Type::Refused {
            return refused(at);
        }
        let companion = arg.column().and_then(|(r, f)| Some((r, self.relations[r].fields[f].companion?)));
        let Some((relation, field)) = companion else {
            self.refuse(at, Refusal::MissingReason);
            return refused(at);
        };
        let part = |node, ty| Expr { node, ty, at: At(at) };
        let kind = part(Node::Column { relation, field }, Type::Char);
        let dot = part(Node::Text(".".to_owned()), Type::Char);
        let absent = part(Node::IsNull { expr: Box::new(arg), negated: false }, Type::Bool);
        let letter = part(Node::Call { function: "coalesce", args: vec![kind, dot] }, Type::Char);
        part(Node::Case { operand: None, branches: vec![(absent, letter)], otherwise: None }, Type::Char)
    }
}

/// Whether a column's equality to something fixes its value; used by the rules on ties.
pub(super) fn equality(expr: &Expr) -> Option<(&Expr, &Expr)> {
    match &expr.node {
        Node::Binary { op: Operator::Equal | Operator::IsNotDistinct, left, right } => Some((left, right)),
        _ => None,
    }
}
