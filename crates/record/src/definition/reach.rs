//! Whose outcome may a change alter, and what must be read to know it?
//!
//! An expression over its own row follows its row alone. Others read columns of groups, at any visit of the subject: a change of such a
//! column, or a row that appears or is voided, may alter their outcome; nothing else does.

use super::Compiled;
use super::program::Program;
use crate::capture::{FormSaved, FormState};
use crate::check::table::Layout;
use croft_design::forms::Form;
use std::collections::{BTreeMap, BTreeSet};

/// What a save changed, as expressions see it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Touched {
    /// Groups of which a row appeared or was voided.
    rows: BTreeSet<String>,
    /// Items whose values changed.
    items: BTreeSet<(String, String)>,
}

impl Touched {
    /// By a save of a form that stood like this before.
    pub fn of(event: &FormSaved, before: &FormState) -> Self {
        let mut touched = Self::default();
        for change in &event.changes {
            if before.groups.get(&change.group).is_none_or(|rows| !rows.contains_key(&change.row)) {
                touched.rows.insert(change.group.clone());
            }
            touched.items.insert((change.group.clone(), change.item.clone()));
        }
        touched.rows.extend(event.voids.iter().map(|v| v.group.clone()));
        touched
    }

    /// Whether an expression that reads this may have another outcome.
    fn concerns(&self, beyond: &BTreeMap<String, BTreeSet<String>>) -> bool {
        let of_item = |column: &str, item: &str| column.split("__").next() == Some(item);
        self.rows.iter().any(|group| beyond.contains_key(group))
            || self.items.iter().any(|(group, item)| {
                beyond.get(group).is_some_and(|columns| columns.iter().any(|column| of_item(column, item)))
            })
    }
}

impl Compiled {
    /// The forms with expressions beyond their row whose outcome may now be another.
    pub(crate) fn affected(&self, touched: &Touched) -> BTreeSet<&str> {
        self.programs.iter().filter(|(_, p)| touched.concerns(&p.beyond)).map(|(form, _)| form.as_str()).collect()
    }

    /// The forms whose rows a form's expressions read.
    pub(crate) fn forms_read(&self, form: &str) -> impl Iterator<Item = &str> {
        self.forms_read.get(form).into_iter().flatten().map(String::as_str)
    }
}

/// The forms whose groups a program's expressions read beyond their row.
pub(super) fn forms_read(forms: &[&Form], program: &Program) -> BTreeSet<String> {
    let read = |f: &&&Form| f.groups.iter().any(|g| program.beyond.contains_key(&g.name));
    forms.iter().filter(read).map(|f| f.form.clone()).collect()
}

/// What the expressions of all forms see of each group beyond their row.
pub(super) fn layouts(forms: &[&Form], programs: &BTreeMap<String, Program>) -> BTreeMap<String, Layout> {
    let mut read: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (group, columns) in programs.values().flat_map(|p| &p.beyond) {
        read.entry(group).or_default().extend(columns.iter().cloned());
    }
    let groups = forms.iter().flat_map(|f| &f.groups);
    groups.filter_map(|g| Some((g.name.clone(), Layout::narrow(g, read.get(g.name.as_str())?)))).collect()
}
