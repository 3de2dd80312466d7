//! Queries: WITH, SELECT, FROM, set operations, LIMIT.

use super::names::{Scope, same_name};
use super::refusal::Refusal;
use super::{Allowed, Gate};
use crate::catalog::MISSING_SUFFIX;
use crate::plan::{At, Body, Expr, Field, Join, Joined, Node, Order, Query, RelationId, Select, SetOp, Type};
use sqlparser::ast::{self, Spanned};
use sqlparser::tokenizer::Location;

/// How many selects one chain of UNION, EXCEPT and INTERSECT may have: SQLite's limit.
const MAX_PARTS: usize = 500;

/// How many columns a select may have: SQLite's limit, less room for companions.
const MAX_COLUMNS: usize = 900;

impl Gate<'_> {
    /// A whole query. `None` when it was refused so that nothing more can be said about it.
    pub(super) fn query(&mut self, query: &ast::Query) -> Option<Query> {
        let at = query.span().start;
        if !self.deeper(at) {
            return None;
        }
        self.cte_scopes.push(Vec::new());
        let lowered = self.query_inside(query, at);
        self.cte_scopes.pop();
        self.depth -= 1;
        lowered
    }

    fn query_inside(&mut self, query: &ast::Query, at: Location) -> Option<Query> {
        if let Some(with) = &query.with {
            self.with(with);
        }
        if query.fetch.is_some() || !query.locks.is_empty() || query.for_clause.is_some() {
            self.not_admitted(at, "FETCH or FOR after a query", "use LIMIT for the first rows");
        }
        if query.settings.is_some() || query.format_clause.is_some() || !query.pipe_operators.is_empty() {
            self.not_admitted(at, "SETTINGS, FORMAT or |>", "leave it out");
        }
        let (body, fields) = self.body(&query.body)?;
        let limit = self.limit(query.limit_clause.as_ref(), at);
        let mut order = query.order_by.as_ref().map_or_else(Vec::new, |o| self.order_of_result(o, &body, &fields));
        if limit.is_none() {
            // Checked, but without effect: what leaves a query is a set of rows, sorted at the end by the keys.
            order.clear();
        }
        let lowered = Query { body, order, limit, fields };
        if self.depth > 1 {
            // The outermost query is checked with its keys at hand.
            self.check_limit(&lowered, &[]);
        }
        Some(lowered)
    }

    fn with(&mut self, with: &ast::With) {
        if with.recursive {
            let at = with.with_token.0.span.start;
            self.not_admitted(at, "WITH RECURSIVE", "a recursion may never end: join a table of numbers or dates");
        }
        for cte in &with.cte_tables {
            let name = &cte.alias.name;
            let at = name.span.start;
            if cte.materialized.is_some() || cte.from.is_some() {
                self.not_admitted(at, "[NOT] MATERIALIZED", "leave it out");
            }
            self.no_column_list(&cte.alias);
            // It sees nothing of the queries around it, so it can stand before all of them.
            let outer = std::mem::take(&mut self.scopes);
            let weight = std::mem::take(&mut self.weight);
            let query = self.query(&cte.query);
            let own_weight = std::mem::replace(&mut self.weight, weight);
            self.scopes = outer;
            let Some(query) = query else { continue };
            self.must_be_named(&query, at);
            self.ctes.push(query);
            self.cte_weights.push(own_weight);
            let index = self.ctes.len() - 1;
            let scope = self.cte_scopes.last_mut().expect("pushed by query()");
            if scope.iter().any(|(n, _)| same_name(n, &name.value)) {
                self.refuse(at, Refusal::AliasTwice { name: name.value.clone() });
            } else {
                scope.push((name.value.clone(), index));
            }
        }
    }

    pub(super) fn no_column_list(&mut self, alias: &ast::TableAlias) {
        if !alias.columns.is_empty() || alias.at.is_some() {
            let at = alias.name.span.start;
            self.not_admitted(at, "a list of columns after an alias", "name the columns with AS in the query itself");
        }
    }

    /// The parts of `a union b union c …` are taken one after the other, since such chains are long.
    fn body(&mut self, body: &ast::SetExpr) -> Option<(Body, Vec<Field>)> {
        let mut chain = Vec::new();
        let mut first = body;
        while let ast::SetExpr::SetOperation { op, set_quantifier, left, right } = first {
            chain.push((op, set_quantifier, right));
            first = left;
        }
        if chain.len() >= MAX_PARTS {
            let refusal =
                Refusal::TooLong { size: chain.len() + 1, unit: "parts of one set operation", limit: MAX_PARTS };
            self.refuse(first.span().start, refusal);
            return None;
        }
        let mut lowered = self.operand_of_set(first);
        for (op, quantifier, right) in chain.into_iter().rev() {
            let at = right.span().start;
            let right = self.operand_of_set(right);
            let op = self.set_operator(*op, *quantifier, at)?;
            lowered = match (lowered, right) {
                (Some(left), Some(right)) => self.set_operation(op, left, right, at),
                _ => None,
            };
        }
        lowered
    }

    fn operand_of_set(&mut self, body: &ast::SetExpr) -> Option<(Body, Vec<Field>)> {
        let at = body.span().start;
        match body {
            ast::SetExpr::Select(select) => self.select(select, at),
            ast::SetExpr::Query(query) => {
                if query.with.is_some() || query.order_by.is_some() || query.limit_clause.is_some() {
                    self.not_admitted(at, "WITH, ORDER BY or LIMIT inside a set operation", "name that query in WITH");
                }
                if !self.deeper(at) {
                    return None;
                }
                let inner = self.body(&query.body);
                self.depth -= 1;
                inner
            }
            ast::SetExpr::SetOperation { .. } => {
                if !self.deeper(at) {
                    return None;
                }
                let inner = self.body(body);
                self.depth -= 1;
                inner
            }
            ast::SetExpr::Values(_) => {
                self.not_admitted(at, "VALUES", "write select … union all select …, or put the table into a data file");
                None
            }
            other => {
                let found = other.to_string().split_whitespace().next().unwrap_or("it").to_uppercase();
                self.refuse(at, Refusal::NotSelect { found });
                None
            }
        }
    }

    fn set_operator(&mut self, op: ast::SetOperator, quantifier: ast::SetQuantifier, at: Location) -> Option<SetOp> {
        use ast::{SetOperator as Op, SetQuantifier as Quantifier};
        match (op, quantifier) {
            (Op::Union, Quantifier::All) => Some(SetOp::UnionAll),
            (Op::Union, Quantifier::None | Quantifier::Distinct) => Some(SetOp::Union),
            (Op::Except, Quantifier::None | Quantifier::Distinct) => Some(SetOp::Except),
            (Op::Intersect, Quantifier::None | Quantifier::Distinct) => Some(SetOp::Intersect),
            _ => {
                self.not_admitted(at, format!("{op} {quantifier}"), "use UNION, UNION ALL, EXCEPT or INTERSECT");
                None
            }
        }
    }

    fn set_operation(
        &mut self,
        op: SetOp,
        (mut left, left_fields): (Body, Vec<Field>),
        (mut right, right_fields): (Body, Vec<Field>),
        at: Location,
    ) -> Option<(Body, Vec<Field>)> {
        let word = match op {
            SetOp::UnionAll => "UNION ALL",
            SetOp::Union => "UNION",
            SetOp::Except => "EXCEPT",
            SetOp::Intersect => "INTERSECT",
        };
        let left_visible: Vec<Field> = left_fields.iter().filter(|f| !f.hidden).cloned().collect();
        let right_visible: Vec<Field> = right_fields.iter().filter(|f| !f.hidden).cloned().collect();
        if left_visible.len() != right_visible.len() {
            let (left, right) = (left_visible.len(), right_visible.len());
            self.refuse(at, Refusal::SetWidth { op: word, left, right });
            return None;
        }
        let mut fields = Vec::new();
        for (l, r) in left_visible.iter().zip(&right_visible) {
            let ty = l.ty.unify(r.ty);
            if ty.is_none() {
                let (left, right) = (l.ty.word(), r.ty.word());
                self.refuse(at, Refusal::Mixed { place: word, left, right });
            }
            fields.push(Field::visible(&l.name, ty.unwrap_or(Type::Refused)));
        }
        link_companions(&mut fields);
        // Missing kinds are values of their own to UNION ALL only; elsewhere they would make equal rows differ.
        let carried: Vec<usize> = (0..fields.len())
            .filter(|&i| op == SetOp::UnionAll && fields[i].companion.is_none())
            .filter(|&i| left_fields[i].companion.is_some() || right_fields[i].companion.is_some())
            .collect();
        align(&mut left, &left_fields, &carried, fields.len());
        align(&mut right, &right_fields, &carried, fields.len());
        add_companion_fields(&mut fields, &carried);
        Some((Body::Set { op, left: Box::new(left), right: Box::new(right) }, fields))
    }

    fn select(&mut self, select: &ast::Select, at: Location) -> Option<(Body, Vec<Field>)> {
        self.select_extras(select, at);
        let from = self.from(&select.from, at)?;
        self.scopes.push(Scope { relations: from.iter().map(|f| f.relation).collect() });
        let lowered = self.select_in_scope(select, from);
        self.scopes.pop();
        Some(lowered)
    }

    fn select_in_scope(&mut self, select: &ast::Select, from: Vec<Joined>) -> (Body, Vec<Field>) {
        let filter = select.selection.as_ref().map(|e| self.condition(e, "WHERE", Allowed::nothing_in("WHERE")));
        let group_by = self.group_by(&select.group_by);
        let own = self.scopes.last().expect("pushed by select()").clone();
        let having = select
            .having
            .as_ref()
            .map(|e| self.condition(e, "HAVING", Allowed { aggregates: Ok(()), windows: Err("HAVING") }));
        let before = std::mem::replace(&mut self.allowed, Allowed { aggregates: Ok(()), windows: Ok(()) });
        let (items, mut fields) = self.items(&select.projection);
        self.allowed = before;
        let distinct = matches!(select.distinct, Some(ast::Distinct::Distinct));
        let grouped = !group_by.is_empty() || items.iter().chain(&having).any(has_aggregate);
        let mut lowered = Select { distinct, items, from, filter, grouped, group_by, having };
        if let (Some(having), true) = (&lowered.having, lowered.group_by.is_empty()) {
            let at = having.at.0;
            self.not_admitted(at, "HAVING without GROUP BY", "add GROUP BY, or filter in a step after this one");
        }
        if grouped {
            self.check_grouped(&lowered, &own.relations);
        } else if !distinct {
            self.carry_missing_kinds(&mut lowered, &mut fields);
        }
        self.check_windows(&lowered);
        (Body::Select(Box::new(lowered)), fields)
    }

    /// Adds the companions of plain number columns as hidden columns of the result.
    fn carry_missing_kinds(&self, select: &mut Select, fields: &mut Vec<Field>) {
        for index in 0..fields.len() {
            if fields[index].companion.is_some() || fields[index].hidden {
                continue;
            }
            let Some((relation, field)) = select.items[index].column() else { continue };
            let Some(companion) = self.relations[relation].fields[field].companion else { continue };
            let node = Node::Column { relation, field: companion };
            select.items.push(Expr { node, ty: Type::Char, at: select.items[index].at });
            add_companion_fields(fields, &[index]);
        }
    }

    fn select_extras(&mut self, select: &ast::Select, at: Location) {
        let extras = [
            (matches!(select.distinct, Some(ast::Distinct::On(_))), "DISTINCT ON", "use row_number() in a WITH step"),
            (select.top.is_some(), "TOP", "use LIMIT"),
            (select.into.is_some(), "INTO", "the file's name says where the result goes"),
            (select.qualify.is_some(), "QUALIFY", "filter in a step after this one"),
            (select.prewhere.is_some(), "PREWHERE", "use WHERE"),
            (!select.connect_by.is_empty(), "CONNECT BY", "join instead"),
            (!select.lateral_views.is_empty(), "LATERAL VIEW", "join instead"),
            (!select.cluster_by.is_empty(), "CLUSTER BY", "leave it out"),
            (!select.distribute_by.is_empty(), "DISTRIBUTE BY", "leave it out"),
            (!select.sort_by.is_empty(), "SORT BY", "leave it out"),
            (!select.named_window.is_empty(), "WINDOW", "write the window out in each OVER (…)"),
            (select.exclude.is_some(), "EXCLUDE", "name the columns that are wanted"),
            (select.value_table_mode.is_some(), "SELECT AS", "select columns"),
            (select.select_modifiers.is_some(), "a modifier of SELECT", "leave it out"),
            (!select.optimizer_hints.is_empty(), "an optimizer hint", "leave it out"),
            (select.flavor != ast::SelectFlavor::Standard, "FROM before SELECT", "write SELECT first"),
        ];
        for (found, what, instead) in extras {
            if found {
                self.not_admitted(at, what, instead);
            }
        }
    }

    fn group_by(&mut self, group_by: &ast::GroupByExpr) -> Vec<Expr> {
        match group_by {
            ast::GroupByExpr::Expressions(exprs, modifiers) => {
                if !modifiers.is_empty() {
                    let at = exprs.first().map_or(Location::new(1, 1), |e| e.span().start);
                    self.not_admitted(at, "a modifier of GROUP BY", "join several groupings with UNION ALL");
                }
                let before = std::mem::replace(&mut self.allowed, Allowed::nothing_in("GROUP BY"));
                let lowered: Vec<Expr> = exprs.iter().map(|e| self.expr(e)).collect();
                self.allowed = before;
                for expr in &lowered {
                    if matches!(expr.node, Node::Num(_)) {
                        let instead = "name the column or repeat the expression";
                        self.not_admitted(expr.at.0, "grouping by a column's number", instead);
                    }
                }
                lowered
            }
            ast::GroupByExpr::All(_) => {
                self.not_admitted(Location::new(1, 1), "GROUP BY ALL", "name the columns");
                Vec::new()
            }
        }
    }

    fn items(&mut self, projection: &[ast::SelectItem]) -> (Vec<Expr>, Vec<Field>) {
        let (mut items, mut fields): (Vec<Expr>, Vec<Field>) = (Vec::new(), Vec::new());
        for item in projection {
            match item {
                ast::SelectItem::UnnamedExpr(expr) => {
                    let written = match expr {
                        ast::Expr::Identifier(name) => name.value.clone(),
                        ast::Expr::CompoundIdentifier(parts) => parts.last().map_or(String::new(), |p| p.value.clone()),
                        _ => String::new(),
                    };
                    let expr = self.expr(expr);
                    let found = expr.column().map(|(r, f)| self.relations[r].fields[f].name.clone());
                    fields.push(Field::visible(&found.unwrap_or(written), expr.ty));
                    items.push(expr);
                }
                ast::SelectItem::ExprWithAlias { expr, alias } => {
                    let expr = self.expr(expr);
                    fields.push(Field::visible(&alias.value, expr.ty));
                    items.push(expr);
                }
                ast::SelectItem::Wildcard(options) => {
                    let at = options.wildcard_token.0.span.start;
                    self.wildcard(None, at, options, &mut items, &mut fields);
                }
                ast::SelectItem::QualifiedWildcard(kind, options) => {
                    let at = kind.span().start;
                    let name = match kind {
                        ast::SelectItemQualifiedWildcardKind::ObjectName(name) => name.to_string(),
                        ast::SelectItemQualifiedWildcardKind::Expr(expr) => expr.to_string(),
                    };
                    self.wildcard(Some(&name), at, options, &mut items, &mut fields);
                }
                other => {
                    let at = other.span().start;
                    self.not_admitted(at, "several aliases of one expression", "write expression AS NAME");
                }
            }
        }
        if fields.len() > MAX_COLUMNS {
            let at = items[MAX_COLUMNS].at.0;
            self.refuse(at, Refusal::TooLong { size: fields.len(), unit: "columns", limit: MAX_COLUMNS });
        }
        self.check_names(&items, &mut fields);
        (items, fields)
    }

    fn wildcard(
        &mut self,
        table: Option<&str>,
        at: Location,
        options: &ast::WildcardAdditionalOptions,
        items: &mut Vec<Expr>,
        fields: &mut Vec<Field>,
    ) {
        let plain =
            ast::WildcardAdditionalOptions { wildcard_token: options.wildcard_token.clone(), ..Default::default() };
        if *options != plain {
            self.not_admitted(at, "an addition to *", "name the columns that are wanted");
        }
        let relations = self.scopes.last().map(|s| s.relations.clone()).unwrap_or_default();
        let wanted: Vec<RelationId> = relations
            .into_iter()
            .filter(|&id| table.is_none_or(|t| same_name(t.trim_matches('"'), &self.relations[id].alias)))
            .collect();
        if wanted.is_empty() {
            match table {
                Some(table) => self.refuse(at, Refusal::UnknownTable { name: table.to_owned(), near: None }),
                None => self.not_admitted(at, "* without FROM", "name the columns that are wanted"),
            }
        }
        for relation in wanted {
            for (field, found) in self.relations[relation].fields.iter().enumerate().filter(|(_, f)| !f.hidden) {
                fields.push(Field::visible(&found.name, found.ty));
                items.push(Expr { node: Node::Column { relation, field }, ty: found.ty, at: At(at) });
            }
        }
    }

    /// Names are different, and `X__missing` goes with `X`.
    fn check_names(&mut self, items: &[Expr], fields: &mut [Field]) {
        for index in 0..fields.len() {
            let name = fields[index].name.clone();
            if name.is_empty() {
                continue;
            }
            if fields[..index].iter().any(|f| same_name(&f.name, &name)) {
                self.refuse(items[index].at.0, Refusal::ColumnTwice { name: name.clone() });
            }
            if name.starts_with("__") {
                let instead = "name it otherwise: such names are kept for the program";
                self.not_admitted(items[index].at.0, format!("the name {name}"), instead);
            }
            let explains = fields.iter().find(|f| same_name(&format!("{}{MISSING_SUFFIX}", f.name), &name));
            if fields[index].ty.unify(Type::Char).is_none() && explains.is_some_and(|f| f.ty == Type::Num) {
                let (operator, wanted, found) = ("a column __missing", "a text", fields[index].ty.word());
                self.refuse(items[index].at.0, Refusal::Operand { operator, wanted, found });
            }
        }
        link_companions(fields);
    }

    pub(super) fn must_be_named(&mut self, query: &Query, at: Location) {
        for field in &query.fields {
            if field.name.is_empty() {
                self.refuse(at, Refusal::Unnamed);
            }
        }
    }

    /// What becomes a dataset has named columns of numbers and texts.
    pub(super) fn check_output(&mut self, query: &Query, start: Location) {
        self.must_be_named(query, start);
        for (index, field) in query.fields.iter().enumerate() {
            let at = query.body.selects().first().and_then(|s| s.items.get(index)).map_or(start, |e| e.at.0);
            match field.ty {
                Type::Bool => self.refuse(at, Refusal::ConditionOut { name: field.name.clone() }),
                Type::Null => self.refuse(at, Refusal::UntypedNull { name: field.name.clone() }),
                _ => {}
            }
        }
    }

    fn limit(&mut self, limit: Option<&ast::LimitClause>, at: Location) -> Option<u64> {
        match limit? {
            ast::LimitClause::LimitOffset { limit: Some(limit), offset: None, limit_by } if limit_by.is_empty() => {
                let at = limit.span().start;
                if let ast::Expr::Value(v) = limit
                    && let ast::Value::Number(digits, _) = &v.value
                    && let Ok(n) = digits.parse()
                {
                    return Some(n);
                }
                self.not_admitted(at, "a LIMIT that is computed", "write a whole number");
            }
            _ => self.not_admitted(at, "OFFSET", "use row_number() in a WITH step and filter on it"),
        }
        None
    }

    /// ORDER BY of a query: columns of the result by name, or, over a plain select, any expression of its tables.
    fn order_of_result(&mut self, order: &ast::OrderBy, body: &Body, fields: &[Field]) -> Vec<Order> {
        let ast::OrderByKind::Expressions(items) = &order.kind else {
            self.not_admitted(Location::new(1, 1), "ORDER BY ALL", "name the columns");
            return Vec::new();
        };
        let mut lowered = Vec::new();
        for item in items {
            let output = match &item.expr {
                ast::Expr::Identifier(name) => fields.iter().position(|f| !f.hidden && same_name(&f.name, &name.value)),
                _ => None,
            };
            let at = item.expr.span().start;
            let expr = match (output, body) {
                (Some(index), _) => Expr { node: Node::Output(index), ty: fields[index].ty, at: At(at) },
                (None, Body::Select(select)) if !select.distinct && !select.grouped => {
                    self.scopes.push(Scope { relations: select.from.iter().map(|f| f.relation).collect() });
                    let before = std::mem::replace(&mut self.allowed, Allowed::nothing_in("ORDER BY"));
                    let expr = self.expr(&item.expr);
                    self.allowed = before;
                    self.scopes.pop();
                    self.no_position(&expr);
                    expr
                }
                _ => {
                    self.not_admitted(
                        at,
                        "ordering this result by an expression",
                        "select the expression under a name and order by the name",
                    );
                    continue;
                }
            };
            lowered.push(self.order_item(item, expr));
        }
        lowered
    }

    fn no_position(&mut self, expr: &Expr) {
        if matches!(expr.node, Node::Num(_)) {
            self.not_admitted(expr.at.0, "ordering by a column's number", "name the column");
        }
    }

    /// Direction and place of nulls of one item.
    pub(super) fn order_item(&mut self, item: &ast::OrderByExpr, expr: Expr) -> Order {
        let at = item.expr.span().start;
        if item.with_fill.is_some() {
            self.not_admitted(at, "WITH FILL", "leave it out");
        }
        let descending = match &item.options.sort {
            None | Some(ast::OrderBySort::Asc) => false,
            Some(ast::OrderBySort::Desc) => true,
            Some(ast::OrderBySort::Using(_)) => {
                self.not_admitted(at, "ORDER BY … USING", "write ASC or DESC");
                false
            }
        };
        if item.options.nulls_first.is_none() {
            self.refuse(at, Refusal::NullsUnplaced);
        }
        Order { expr, descending, nulls_first: item.options.nulls_first.unwrap_or(true) }
    }

    /// `select rowid from table where condition`, for a condition that stands alone.
    pub(super) fn rows_of(&mut self, table: &str, condition: &ast::Expr) -> Option<Query> {
        let ident = ast::Ident::new(table);
        let relation = self.named_relation(&ast::ObjectName::from(vec![ident]), None)?;
        self.scopes.push(Scope { relations: vec![relation] });
        let filter = self.condition(condition, "WHERE", Allowed::nothing_in("WHERE"));
        self.scopes.pop();
        let at = filter.at;
        let select = Select {
            distinct: false,
            items: vec![Expr { node: Node::Row(relation), ty: Type::Num, at }],
            from: vec![Joined { relation, join: Join::Cross, on: None }],
            filter: Some(filter),
            grouped: false,
            group_by: Vec::new(),
            having: None,
        };
        let fields = vec![Field::visible("row", Type::Num)];
        Some(Query { body: Body::Select(Box::new(select)), order: Vec::new(), limit: None, fields })
    }

    /// One table's rows, each as its place and what the expressions give.
    pub(super) fn columns_of(
        &mut self,
        table: &str,
        alias: &str,
        columns: impl FnOnce(&mut Self) -> Vec<Expr>,
    ) -> Option<Query> {
        let alias = ast::Ident::new(alias);
        let name = ast::ObjectName::from(vec![ast::Ident::new(table)]);
        let relation = self.named_relation(&name, Some(&alias))?;
        self.scopes.push(Scope { relations: vec![relation] });
        let mut items = vec![Expr { node: Node::Row(relation), ty: Type::Num, at: At(Location::new(1, 1)) }];
        items.extend(columns(self));
        self.scopes.pop();
        let field = |(index, item): (usize, &Expr)| {
            let ty = if item.ty == Type::Char { Type::Char } else { Type::Num };
            Field::visible(&format!("c{index}"), ty)
        };
        let fields = items.iter().enumerate().map(field).collect();
        let select = Select {
            distinct: false,
            items,
            from: vec![Joined { relation, join: Join::Cross, on: None }],
            filter: None,
            grouped: false,
            group_by: Vec::new(),
            having: None,
        };
        Some(Query { body: Body::Select(Box::new(select)), order: Vec::new(), limit: None, fields })
    }
}

/// Whether an aggregate stands in the expression, subqueries apart.
fn has_aggregate(expr: &Expr) -> bool {
    let mut found = false;
    expr.walk(&mut |e| found |= matches!(e.node, Node::Aggregate(_)));
    found
}

/// Ties `X__missing` that the statement names itself to the number `X`.
fn link_companions(fields: &mut [Field]) {
    for index in 0..fields.len() {
        if fields[index].ty.unify(Type::Num).is_some() {
            let companion = format!("{}{MISSING_SUFFIX}", fields[index].name);
            fields[index].companion =
                fields.iter().position(|f| same_name(&f.name, &companion) && f.ty.unify(Type::Char).is_some());
        }
    }
}

/// The query without the hidden columns, as a subquery inside an expression gives one column.
pub(super) fn without_hidden(mut query: Query) -> Query {
    let visible = query.visible();
    align(&mut query.body, &query.fields, &[], visible);
    query.fields.truncate(visible);
    query
}

fn add_companion_fields(fields: &mut Vec<Field>, of: &[usize]) {
    for &index in of {
        let name = format!("{}{MISSING_SUFFIX}", fields[index].name);
        fields[index].companion = Some(fields.len());
        fields.push(Field { name, ty: Type::Char, companion: None, hidden: true });
    }
}

/// Makes each select of a body give the visible columns and then the companions of the given ones.
fn align(body: &mut Body, fields: &[Field], carried: &[usize], visible: usize) {
    match body {
        Body::Select(select) => {
            let null = |at| Expr { node: Node::Null, ty: Type::Char, at };
            let companions: Vec<Expr> = carried
                .iter()
                .map(|&i| fields[i].companion.map_or_else(|| null(select.items[i].at), |c| select.items[c].clone()))
                .collect();
            select.items.truncate(visible);
            select.items.extend(companions);
        }
        Body::Set { left, right, .. } => {
            align(left, fields, carried, visible);
            align(right, fields, carried, visible);
        }
    }
}
