//! A statement that passed the gate.

use crate::catalog::Catalog;
use crate::lineage::{self, ColumnLineage, Source};
use crate::plan::{Plan, Type};
use crate::render::{self, Rendered};
use croft_core::{DataType, Kind, Variable};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A checked statement: it can be run on every session whose tables have the same columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    pub(crate) plan: Plan,
    /// As the database reads it. Copies of a statement share it: a session knows by it what it has seen before.
    pub(crate) rendered: Arc<Rendered>,
    /// Fields of the result that are the declared keys, in order.
    pub(crate) keys: Vec<usize>,
    /// Tables whose declared keys must be unique, with the keys.
    pub(crate) relied: BTreeMap<String, Vec<String>>,
    /// Columns that are read, with their kinds.
    pub(crate) kinds: BTreeMap<Source, Kind>,
    variables: Vec<Variable>,
    columns: Vec<ColumnLineage>,
}

impl Checked {
    pub(crate) fn new(catalog: &Catalog, plan: Plan, keys: Vec<usize>, relied: BTreeSet<String>) -> Self {
        let columns = lineage::columns(&plan);
        let variables = variables(catalog, &plan, &columns);
        let relied = relied
            .into_iter()
            .map(|name| {
                let keys = catalog.table(&name).map(|t| t.keys.clone()).unwrap_or_default();
                (name, keys)
            })
            .collect();
        let kind = |s: &Source| catalog.table(&s.table).and_then(|t| t.variable(&s.column)).map(|v| v.kind);
        let kinds = lineage::reads(&plan).into_iter().filter_map(|s| kind(&s).map(|k| (s, k))).collect();
        let rendered = Arc::new(render::render(&plan));
        Self { plan, rendered, keys, relied, kinds, variables, columns }
    }

    /// How many columns a row of the result has, hidden ones included.
    pub(crate) fn width(&self) -> usize {
        self.plan.root.fields.len()
    }

    /// The tables that the statement reads, for build order and staleness.
    pub fn tables(&self) -> BTreeSet<&str> {
        lineage::tables(&self.plan)
    }

    /// For each column of the result, where its values come from.
    pub fn columns(&self) -> &[ColumnLineage] {
        &self.columns
    }

    /// Every column of every table that the statement reads, conditions included.
    pub fn reads(&self) -> BTreeSet<Source> {
        lineage::reads(&self.plan)
    }

    /// The result's variables: a column that is copied keeps its source's metadata.
    pub fn variables(&self) -> &[Variable] {
        &self.variables
    }

    /// Names of the result's keys, in order.
    pub fn keys(&self) -> Vec<&str> {
        self.keys.iter().map(|&k| self.plan.root.fields[k].name.as_str()).collect()
    }

    /// Fields of the result that become variables: visible, and not a companion of a number.
    pub(crate) fn output_fields(&self) -> Vec<usize> {
        output_fields(&self.plan)
    }
}

pub(crate) fn output_fields(plan: &Plan) -> Vec<usize> {
    let fields = &plan.root.fields;
    let is_companion = |index| fields.iter().any(|f| f.ty != Type::Char && f.companion == Some(index));
    (0..fields.len()).filter(|&i| !fields[i].hidden && !is_companion(i)).collect()
}

fn variables(catalog: &Catalog, plan: &Plan, columns: &[ColumnLineage]) -> Vec<Variable> {
    output_fields(plan)
        .into_iter()
        .zip(columns)
        .map(|(index, lineage)| {
            let field = &plan.root.fields[index];
            let copied = lineage.copied_from().and_then(|s| catalog.table(&s.table)?.variable(&s.column));
            match copied {
                Some(source) => Variable { name: field.name.clone(), origin: None, ..source.clone() },
                None if field.ty == Type::Num => Variable::new(&field.name, "", Kind::Num, DataType::Float),
                None => Variable::char(&field.name, ""),
            }
        })
        .collect()
}
