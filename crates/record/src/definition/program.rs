//! What is evaluated on a form: conditions, computations and checks, compiled by the gate of the study's SQL.
//!
//! An expression stands in a row of its group and sees its columns by name; subqueries see every group of the same subject, at all visits. A form's or a
//! group's `when` stands in [`FORM_ROW`], one row with the address of the form.

use super::Problem;
use crate::check::expression::Expression;
use croft_core::{DataType, Dataset, Kind, Variable};
use croft_design::definition::Definition;
use croft_design::forms::{Form, ItemGroup, KEYS, Severity};
use croft_query::{Catalog, CatalogError, SqlError, Table, check, check_condition};
use std::collections::{BTreeMap, BTreeSet};

/// The table of one row in which a form's or a group's condition stands.
pub(crate) const FORM_ROW: &str = "this_form";

/// What is evaluated on one form.
pub(crate) struct Program {
    /// In an order in which each finds what it reads.
    pub derivations: Vec<Derivation>,
    /// What is not asked, and where.
    pub skips: Vec<Skip>,
    /// What must hold.
    pub checks: Vec<CompiledCheck>,
    /// What is read by expressions that look beyond their row: table to columns.
    pub beyond: BTreeMap<String, BTreeSet<String>>,
}

/// A computed item.
pub(crate) struct Derivation {
    pub group: String,
    pub item: String,
    /// Keys of the row, and the value as `X`.
    pub value: Expression,
}

/// Where something is not asked: the rows of the statement's table for which the condition is not true.
pub(crate) struct Skip {
    /// Empty: the whole form.
    pub group: String,
    /// Empty: the whole group.
    pub item: String,
    pub not_true: Expression,
}

/// A check.
pub(crate) struct CompiledCheck {
    pub group: String,
    pub name: String,
    pub item: String,
    pub message: String,
    pub severity: Severity,
    /// True where it is definitely broken.
    pub broken: Expression,
}

/// Variables of the one-row table.
pub(crate) fn form_row() -> Dataset {
    let variables = KEYS[..5]
        .iter()
        .map(|key| match *key {
            "VISITREP" | "FORMREP" => Variable::new(key, "", Kind::Num, DataType::Integer),
            _ => Variable::char(key, ""),
        })
        .collect();
    Dataset::new(FORM_ROW, "", variables)
}

/// The tables that expressions may read.
pub(super) fn catalog(definition: &Definition, forms: &[&Form]) -> Result<Catalog, CatalogError> {
    let mut catalog = Catalog::new();
    for table in definition.tables() {
        catalog.add(&table)?;
    }
    for group in forms.iter().flat_map(|f| &f.groups) {
        let keys = KEYS.map(str::to_owned).to_vec();
        catalog.add_table(Table { name: group.name.clone(), variables: group.variables(), keys })?;
    }
    catalog.add(&form_row())?;
    Ok(catalog)
}

/// Compiles the expressions of a form; what is wrong is added to the problems.
pub(super) fn compile(catalog: &Catalog, form: &Form, file: &str, text: &str, problems: &mut Vec<Problem>) -> Program {
    let mut tell = |word: &str, what: &str, errors: Vec<SqlError>| {
        for error in errors {
            let message = format!("{what}: {error}");
            problems.push(Problem::new(file, text, word, &message, &error.hint()));
        }
    };
    let mut program =
        Program { derivations: Vec::new(), skips: Vec::new(), checks: Vec::new(), beyond: BTreeMap::new() };
    let not_true = |condition: &str| format!("case when ({condition}\n) then 0 else 1 end = 1");
    if let Some(when) = &form.when {
        match check_condition(&not_true(when), catalog, FORM_ROW) {
            Ok(found) => {
                let not_true = Expression::condition(found, &[]);
                program.skips.push(Skip { group: String::new(), item: String::new(), not_true });
            }
            Err(errors) => tell(first_line(when), &format!("the condition of form {}", form.form), errors),
        }
    }
    for group in &form.groups {
        if let Some(when) = &group.when {
            match check_condition(&not_true(when), catalog, FORM_ROW) {
                Ok(found) => {
                    let not_true = Expression::condition(found, &[]);
                    program.skips.push(Skip { group: group.name.clone(), item: String::new(), not_true });
                }
                Err(errors) => tell(first_line(when), &format!("the condition of group {}", group.name), errors),
            }
        }
        for item in &group.items {
            if let Some(when) = &item.when {
                match check_condition(&not_true(when), catalog, &group.name) {
                    Ok(found) => {
                        let not_true = Expression::condition(found, &group.items);
                        program.skips.push(Skip { group: group.name.clone(), item: item.name.clone(), not_true });
                    }
                    Err(errors) => tell(first_line(when), &format!("the condition of item {}", item.name), errors),
                }
            }
            if let Some(derive) = &item.derive {
                match derivation(catalog, group, &item.name, derive, item.kind.kind()) {
                    Ok(found) => program.derivations.push(found),
                    Err(errors) => tell(first_line(derive), &format!("the computation of item {}", item.name), errors),
                }
            }
        }
        for own in &group.checks {
            match check_condition(&format!("not ({}\n)", own.holds), catalog, &group.name) {
                Ok(found) => program.checks.push(CompiledCheck {
                    group: group.name.clone(),
                    name: own.name.clone(),
                    item: own.item.clone(),
                    message: own.message.clone(),
                    severity: own.severity,
                    broken: Expression::condition(found, &group.items),
                }),
                Err(errors) => tell(&own.name, &format!("check {}", own.name), errors),
            }
        }
    }
    if let Err(circle) = order(&mut program.derivations) {
        let message = format!("these items are computed from each other: {circle}");
        problems.push(Problem::new(file, text, "derive", &message, "compute one of them from what is entered"));
    }
    program.beyond = beyond(&program);
    program
}

/// What is read by expressions that look beyond their row.
fn beyond(program: &Program) -> BTreeMap<String, BTreeSet<String>> {
    let computed = program.derivations.iter().map(|d| &d.value);
    let expressions =
        computed.chain(program.skips.iter().map(|s| &s.not_true)).chain(program.checks.iter().map(|c| &c.broken));
    let mut beyond: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for expression in expressions.filter(|e| !e.is_on_row()) {
        for table in expression.tables.iter().filter(|t| !t.eq_ignore_ascii_case(FORM_ROW)) {
            beyond.entry(table.clone()).or_default();
        }
        for source in expression.statement.reads() {
            if let Some(columns) = beyond.get_mut(&source.table) {
                columns.insert(source.column);
            }
        }
    }
    beyond
}

/// The first line of an expression, by which its place in the file is found.
fn first_line(expression: &str) -> &str {
    expression.lines().find(|l| !l.trim().is_empty()).map_or("", str::trim)
}

fn derivation(
    catalog: &Catalog,
    group: &ItemGroup,
    item: &str,
    expression: &str,
    kind: Kind,
) -> Result<Derivation, Vec<SqlError>> {
    let keys = KEYS.join(", ");
    // A number's column takes a number and a text's a text: the gate refuses a mixture.
    let neutral = if kind == Kind::Num { "null + 0" } else { "nullif('', '')" };
    let sql = format!("select {keys}, coalesce(({expression}\n), {neutral}) as X from {}", group.name);
    let statement = check(&sql, catalog, &KEYS)?;
    let value = Expression::computation(statement, &group.items);
    Ok(Derivation { group: group.name.clone(), item: item.to_owned(), value })
}

/// Puts each derivation behind those whose items it reads. O(n²) in the derivations of one form.
fn order(derivations: &mut Vec<Derivation>) -> Result<(), String> {
    let mut waiting = std::mem::take(derivations);
    let own: BTreeMap<(String, String), ()> = waiting.iter().map(|d| ((d.group.clone(), d.item.clone()), ())).collect();
    let mut done: BTreeSet<(String, String)> = BTreeSet::new();
    while !waiting.is_empty() {
        let ready = |d: &Derivation| {
            d.value.statement.reads().iter().all(|s| {
                let column = s.column.split("__").next().unwrap_or_default().to_owned();
                let source = (s.table.clone(), column);
                !own.contains_key(&source) || done.contains(&source)
            })
        };
        let (now, later): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|d| ready(d));
        if now.is_empty() {
            let names = later.iter().map(|d| format!("{}.{}", d.group, d.item)).collect::<Vec<_>>().join(", ");
            return Err(names);
        }
        done.extend(now.iter().map(|d| (d.group.clone(), d.item.clone())));
        derivations.extend(now);
        waiting = later;
    }
    Ok(())
}
