//! May this statement run, and what exactly does it say?
//!
//! The gate lets through a portable, total subset of SQL and turns it into a typed tree. Everything it lets through
//! means the same in SQLite, PostgreSQL and DataFusion, up to the functions of croft's own table.
//!
//! Admitted: one SELECT with WITH; inner, left and cross joins with ON; WHERE, GROUP BY, HAVING; windows;
//! UNION \[ALL\], EXCEPT, INTERSECT; scalar, IN and EXISTS subqueries, correlated too; CASE, IN, BETWEEN, IS \[NOT\] NULL,
//! IS \[NOT\] DISTINCT FROM; comments. Unknown stays unknown: logic is three-valued throughout.
//!
//! Refused, each with its place and a remedy: whatever is silently wrong in SQLite or differs between databases.
//! Double-quoted texts, bare columns beside GROUP BY, LIMIT or a ranking window whose order leaves ties, ORDER BY that
//! does not place nulls, LIKE, CAST between text and number, comparing text with number, `%`, clock, chance, and all that writes.
//!
//! Texts are compared by their bytes: case counts, and so do blanks at the end. Numbers are doubles: `1 / 2` is 0.5 (`div` gives the whole part) and `x / 0` is null.

mod calls;
mod from;
mod names;
mod parse;
mod refusal;
mod rules;
mod select;
mod types;

pub use parse::{MAX_BYTES, MAX_DEPTH, MAX_TOKENS};
pub use refusal::{Listed, Refusal, SqlError};

use crate::catalog::Catalog;
use crate::checked::Checked;
use crate::plan::{Expr, Plan, Query, Relation, Type};
use croft_core::Kind;
use names::{CteScope, Scope};
use sqlparser::ast;
use sqlparser::tokenizer::Location;
use std::collections::BTreeSet;
use std::ops::ControlFlow;

/// Checks a statement against the tables it may read and the keys that its result must have.
///
/// All refusals that can be found are returned, in the order of the text; the tree only when there are none.
/// Cost: linear in the statement, but for resolving names among the tables of one FROM.
pub fn check(sql: &str, catalog: &Catalog, keys: &[&str]) -> Result<Checked, Vec<SqlError>> {
    with_room(|| check_inside(sql, catalog, keys))
}

/// The parser's tree of a long chain (`a + b + c …`) is as deep as the chain is long, and is walked and dropped by recursion.
fn with_room<T>(work: impl FnOnce() -> T) -> T {
    const STACK: usize = 64 * 1024 * 1024;
    stacker::grow(STACK, work)
}

fn check_inside(sql: &str, catalog: &Catalog, keys: &[&str]) -> Result<Checked, Vec<SqlError>> {
    let parsed = parse::query(sql).map_err(|e| vec![e])?;
    let mut gate = Gate::new(catalog);
    let root = gate.query(&parsed);
    let place = Location::new(1, 1);
    let mut key_fields = Vec::new();
    if let Some(root) = &root {
        gate.check_output(root, place);
        for key in keys {
            match root.fields.iter().position(|f| !f.hidden && f.name.eq_ignore_ascii_case(key)) {
                Some(index) => key_fields.push(index),
                None => gate.refuse(place, Refusal::KeyMissing { key: (*key).to_owned() }),
            }
        }
        gate.check_limit(root, &key_fields);
    }
    gate.finish(root, key_fields)
}

/// The tables that a statement names, as it spells them: before anything is known about them.
///
/// Names of common table expressions are left out. Used to find the order in which statements read each other.
pub fn tables_named(sql: &str) -> Result<BTreeSet<String>, SqlError> {
    with_room(|| tables_named_inside(sql))
}

fn tables_named_inside(sql: &str) -> Result<BTreeSet<String>, SqlError> {
    let parsed = parse::query(sql)?;
    let mut named = BTreeSet::new();
    let mut steps = BTreeSet::new();
    let _: ControlFlow<()> = ast::visit_relations(&parsed, |name| {
        let last = name.0.last().and_then(ast::ObjectNamePart::as_ident);
        named.extend(last.map(|ident| ident.value.clone()));
        ControlFlow::Continue(())
    });
    collect_steps(&parsed, &mut steps);
    named.retain(|name| !steps.contains(&name.to_ascii_uppercase()));
    Ok(named)
}

/// The columns that a statement gives, in capitals: before anything is known about the tables that it reads.
///
/// Those that a `*` stands for are not among them, nor those without a name. A union has the names of its first part.
pub fn columns_named(sql: &str) -> Result<BTreeSet<String>, SqlError> {
    with_room(|| {
        let parsed = parse::query(sql)?;
        let mut body = parsed.body.as_ref();
        loop {
            body = match body {
                ast::SetExpr::SetOperation { left, .. } => left,
                ast::SetExpr::Query(query) => &query.body,
                ast::SetExpr::Select(select) => break Ok(select.projection.iter().filter_map(column_named).collect()),
                _ => break Ok(BTreeSet::new()),
            };
        }
    })
}

fn column_named(item: &ast::SelectItem) -> Option<String> {
    let name = match item {
        ast::SelectItem::ExprWithAlias { alias, .. } => alias,
        ast::SelectItem::UnnamedExpr(ast::Expr::Identifier(name)) => name,
        ast::SelectItem::UnnamedExpr(ast::Expr::CompoundIdentifier(parts)) => parts.last()?,
        _ => return None,
    };
    Some(name.value.to_ascii_uppercase())
}

/// Names of the common table expressions of a query and of those within them, in capitals.
fn collect_steps(query: &ast::Query, steps: &mut BTreeSet<String>) {
    for cte in query.with.iter().flat_map(|with| &with.cte_tables) {
        steps.insert(cte.alias.name.value.to_ascii_uppercase());
        collect_steps(&cte.query, steps);
    }
}

/// Checks a condition on the rows of one table: a where-clause without the word WHERE.
///
/// The condition may hold subqueries on other tables. Run it with [`crate::Session::rows_where`].
pub fn check_condition(condition: &str, catalog: &Catalog, table: &str) -> Result<Checked, Vec<SqlError>> {
    with_room(|| {
        let parsed = parse::condition(condition).map_err(|e| vec![e])?;
        let mut gate = Gate::new(catalog);
        let root = gate.rows_of(table, &parsed);
        gate.finish(root, Vec::new())
    })
}

/// One expression of [`check_columns`].
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The expression, as it could stand in a SELECT or, for a condition, after WHERE.
    pub expression: &'a str,
    /// What it must be; none: a condition.
    pub kind: Option<Kind>,
}

/// Checks expressions on the rows of one table, which they may call by another name as well.
///
/// The result has the row's place, counted from 0, and then a column for each expression, a condition as 1, 0 or null; read it
/// with [`crate::Session::each_row`]. Each refusal comes with the number of its expression, and with its place in it.
pub fn check_columns(
    wanted: &[Wanted<'_>],
    catalog: &Catalog,
    table: &str,
    alias: &str,
) -> Result<Checked, Vec<(usize, SqlError)>> {
    with_room(|| {
        let mut refused = Vec::new();
        let mut parsed = Vec::new();
        for (index, one) in wanted.iter().enumerate() {
            match parse::condition(one.expression) {
                Ok(expr) => parsed.push((index, expr)),
                Err(error) => refused.push((index, error)),
            }
        }
        let mut gate = Gate::new(catalog);
        let root = gate.columns_of(table, alias, |gate| {
            let mut columns = Vec::new();
            for (index, expr) in &parsed {
                columns.push(gate.wanted(expr, wanted[*index].kind));
                refused.extend(std::mem::take(&mut gate.errors).into_iter().map(|error| (*index, error)));
            }
            columns
        });
        if refused.is_empty() {
            gate.finish(root, Vec::new()).map_err(|errors| errors.into_iter().map(|e| (0, e)).collect())
        } else {
            refused.sort_by_key(|(index, e)| (*index, e.line, e.column));
            Err(refused)
        }
    })
}

/// What may stand at the present place.
#[derive(Clone, Copy)]
struct Allowed {
    aggregates: Result<(), &'static str>,
    windows: Result<(), &'static str>,
}

impl Allowed {
    const fn nothing_in(place: &'static str) -> Self {
        Self { aggregates: Err(place), windows: Err(place) }
    }
}

/// The state of one check.
struct Gate<'a> {
    catalog: &'a Catalog,
    relations: Vec<Relation>,
    ctes: Vec<Query>,
    /// Tables read by each of them, WITH steps written out; and by what is being checked.
    cte_weights: Vec<usize>,
    weight: usize,
    /// Names of common table expressions that are visible, innermost last.
    cte_scopes: Vec<CteScope>,
    /// FROM clauses around the present place, innermost last.
    scopes: Vec<Scope>,
    allowed: Allowed,
    depth: usize,
    /// Tables whose declared keys must in truth be unique.
    relied: BTreeSet<String>,
    errors: Vec<SqlError>,
}

impl<'a> Gate<'a> {
    fn new(catalog: &'a Catalog) -> Self {
        Self {
            catalog,
            relations: Vec::new(),
            ctes: Vec::new(),
            cte_weights: Vec::new(),
            weight: 0,
            cte_scopes: Vec::new(),
            scopes: Vec::new(),
            allowed: Allowed::nothing_in("this place"),
            depth: 0,
            relied: BTreeSet::new(),
            errors: Vec::new(),
        }
    }

    fn refuse(&mut self, at: Location, refusal: Refusal) {
        let error = SqlError::new(at, refusal);
        if !self.errors.contains(&error) {
            self.errors.push(error);
        }
    }

    fn not_admitted(&mut self, at: Location, what: impl Into<String>, instead: &'static str) {
        self.refuse(at, Refusal::NotAdmitted { what: what.into(), instead });
    }

    /// Enters one level of nesting, or refuses and says so.
    fn deeper(&mut self, at: Location) -> bool {
        if self.depth >= MAX_DEPTH {
            self.refuse(at, Refusal::TooDeep { limit: MAX_DEPTH });
            return false;
        }
        self.depth += 1;
        true
    }

    /// A condition, in a place that takes neither aggregates nor windows.
    fn condition(&mut self, expr: &ast::Expr, place: &'static str, allowed: Allowed) -> Expr {
        let before = std::mem::replace(&mut self.allowed, allowed);
        let condition = self.expr(expr);
        self.allowed = before;
        self.must_be_condition(&condition, place);
        condition
    }

    /// An expression over one row, of the kind that is asked for.
    fn wanted(&mut self, expr: &ast::Expr, kind: Option<Kind>) -> Expr {
        let Some(kind) = kind else { return self.condition(expr, "this", Allowed::nothing_in("a condition")) };
        let before = std::mem::replace(&mut self.allowed, Allowed::nothing_in("a derivation"));
        let value = self.expr(expr);
        self.allowed = before;
        let type_wanted = Type::from(kind);
        if value.ty.unify(type_wanted).is_none() {
            self.refuse(value.at.0, Refusal::NotKind { wanted: type_wanted.word(), found: value.ty.word() });
        }
        value
    }

    fn must_be_condition(&mut self, expr: &Expr, place: &'static str) {
        if expr.ty.unify(Type::Bool).is_none() {
            self.refuse(expr.at.0, Refusal::NotCondition { place, found: expr.ty.word() });
        }
    }

    fn finish(mut self, root: Option<Query>, keys: Vec<usize>) -> Result<Checked, Vec<SqlError>> {
        match root {
            Some(root) if self.errors.is_empty() => {
                let plan = Plan { relations: self.relations, ctes: self.ctes, root };
                Ok(Checked::new(self.catalog, plan, keys, self.relied))
            }
            _ => {
                self.errors.sort_by_key(|e| (e.line, e.column));
                Err(self.errors)
            }
        }
    }
}
