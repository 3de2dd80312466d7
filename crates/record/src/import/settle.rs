//! Can every rule that was translated be compiled where it stands? One that cannot is taken out and told, so that it does not keep the study out.
//!
//! A translation that its translator holds good can still be none for the study's SQL: a text compared with a number, items that are computed
//! from each other. What is computed is neither required nor identifying: it is never typed.

use super::column::oid;
use super::note::Note;
use crate::definition::program::{FORM_ROW, form_row};
use croft_core::Kind;
use croft_design::definition::Definition;
use croft_design::forms::{Form, KEYS};
use croft_query::{Catalog, Checked, SqlError, Table, check, check_condition};
use std::collections::BTreeSet;

const HINT: &str = "write it in SQL in the form's file; the original stays under source/";

/// Takes out what does not compile.
pub(super) fn settle(definition: &Definition, forms: &mut [Form], notes: &mut Vec<Note>) {
    let Some(catalog) = catalog(definition, forms) else { return };
    let mut lost = |oid: &str, what: &str, why: String| {
        let message = format!("{what} was translated, but the translation cannot be used: {why}");
        notes.push(Note::new(0, oid, message, HINT));
    };
    for form in forms {
        let form_oid = oid(&form.oid, &form.form).to_owned();
        keep(
            &mut form.when,
            |sql| condition(&catalog, FORM_ROW, sql),
            |why| lost(&form_oid, "the form's condition", why),
        );
        let mut derived = Vec::new();
        for (g, group) in form.groups.iter_mut().enumerate() {
            let group_oid = oid(&group.oid, &group.name).to_owned();
            let table = group.name.clone();
            keep(
                &mut group.when,
                |sql| condition(&catalog, FORM_ROW, sql),
                |why| lost(&group_oid, "the group's condition", why),
            );
            for (i, item) in group.items.iter_mut().enumerate() {
                let item_oid = oid(&item.oid, &item.name).to_owned();
                keep(
                    &mut item.when,
                    |sql| condition(&catalog, &table, sql),
                    |why| lost(&item_oid, "the condition", why),
                );
                if item.identifying && item.derive.take().is_some() {
                    lost(&item_oid, "the computation", "what identifies a person is typed, not computed".to_owned());
                }
                let number = item.kind.kind() == Kind::Num;
                let mut statement = None;
                keep(
                    &mut item.derive,
                    |sql| derivation(&catalog, &table, sql, number).map(|found| statement = Some(found)),
                    |why| lost(&item_oid, "the computation", why),
                );
                if let Some(statement) = statement {
                    item.required = false;
                    derived.push((g, i, statement));
                }
            }
            group.checks.retain(|own| match condition(&catalog, &table, &format!("not ({}\n)", own.holds)) {
                Ok(()) => true,
                Err(why) => {
                    lost(&own.item, "a check", why);
                    false
                }
            });
        }
        for (g, i) in circles(form, derived) {
            let item = &mut form.groups[g].items[i];
            item.derive = None;
            lost(
                oid(&item.oid, &item.name),
                "the computation",
                "it is computed from itself, through others".to_owned(),
            );
        }
    }
}

/// The tables that expressions may read; none when a name cannot be one, which compiling tells.
fn catalog(definition: &Definition, forms: &[Form]) -> Option<Catalog> {
    let mut catalog = Catalog::new();
    for table in definition.tables() {
        catalog.add(&table).ok()?;
    }
    for group in forms.iter().flat_map(|f| &f.groups) {
        let keys = KEYS.map(str::to_owned).to_vec();
        catalog.add_table(Table { name: group.name.clone(), variables: group.variables(), keys }).ok()?;
    }
    catalog.add(&form_row()).ok()?;
    Some(catalog)
}

fn keep(rule: &mut Option<String>, check: impl FnOnce(&str) -> Result<(), String>, lost: impl FnOnce(String)) {
    if let Some(Err(why)) = rule.as_deref().map(check) {
        *rule = None;
        lost(why);
    }
}

fn first(errors: Vec<SqlError>) -> String {
    errors.first().map_or_else(|| "nobody knows why".to_owned(), SqlError::to_string)
}

fn condition(catalog: &Catalog, table: &str, sql: &str) -> Result<(), String> {
    let statement = format!("case when ({sql}\n) then 0 else 1 end = 1");
    check_condition(&statement, catalog, table).map(|_| ()).map_err(first)
}

fn derivation(catalog: &Catalog, table: &str, sql: &str, number: bool) -> Result<Checked, String> {
    let neutral = if number { "null + 0" } else { "nullif('', '')" };
    let statement = format!("select {}, coalesce(({sql}\n), {neutral}) as X from {table}", KEYS.join(", "));
    check(&statement, catalog, &KEYS).map_err(first)
}

/// Items that are computed from each other, or from those that are.
fn circles(form: &Form, mut waiting: Vec<(usize, usize, Checked)>) -> Vec<(usize, usize)> {
    let name = |g: usize, i: usize| (form.groups[g].name.clone(), form.groups[g].items[i].name.clone());
    let mut open: BTreeSet<(String, String)> = waiting.iter().map(|(g, i, _)| name(*g, *i)).collect();
    loop {
        let before = waiting.len();
        waiting.retain(|(g, i, statement)| {
            let reads = |s: croft_query::Source| {
                let column = s.column.split("__").next().unwrap_or_default().to_owned();
                open.contains(&(s.table, column))
            };
            let stays = statement.reads().into_iter().any(reads);
            if !stays {
                open.remove(&name(*g, *i));
            }
            stays
        });
        if waiting.len() == before {
            return waiting.into_iter().map(|(g, i, _)| (g, i)).collect();
        }
    }
}
