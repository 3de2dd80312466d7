//! Which source rows stand behind one row of a result?
//!
//! The statement is run again for one key, rewritten so that each row carries the set of source rows that made it
//! (why-provenance: Buneman, Khanna, Tan 2001, ICDT, LNCS 1973:316). Nothing is stored per row beforehand.
//!
//! ```text
//! table            its own row
//! join             the rows of both sides
//! GROUP BY         the rows of the whole group
//! window           the row itself and the rows of its frame; for ranks, of the partition up to it; for lag and lead, those between
//! DISTINCT, UNION  the rows of every duplicate
//! EXCEPT           the rows of the left side
//! subquery         the rows that it read for this row; of IN, those equal to the value (or null)
//! ```
//! So deleting any source row that is not named leaves the traced row as it is, provided that the statement's subqueries and right
//! sides of EXCEPT, where they find nothing, would still find nothing with fewer rows. That fails only for conditions that
//! fewer rows can make true (NOT EXISTS or an aggregate inside a subquery that found nothing): the trace says why a value is as
//! it is, and does not list what is absent.

mod functions;
mod rewrite;

pub(crate) use functions::register;

use crate::checked::Checked;
use crate::output::{self, shown_cell};
use crate::plan::{At, Expr, Join, Joined, Node, Operator, Plan, Query, Select, Source, Type};
use crate::render;
use crate::session::{RunError, Session};
use croft_core::{Cell, Missing};
use sqlparser::tokenizer::Location;
use std::collections::BTreeSet;
use std::sync::Arc;

/// One source row behind a row of a result.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceRow {
    /// The table's name.
    pub table: String,
    /// Its row, counted from 0 in the order of the dataset.
    pub row: usize,
    /// The table's columns that the statement reads, in the order of their names. [`Checked::columns`] tells which of them enter
    /// which column of the result.
    pub columns: Arc<[String]>,
}

impl Session {
    /// The source rows behind the row of the result that has this key, by table and row.
    ///
    /// `key` holds a value for each of the statement's keys in their order, or, when none were declared, for each column of the
    /// result; then equal rows are traced together.
    ///
    /// Cost: that of running the statement, unless the key can be pushed down to the tables; sets of rows besides.
    pub fn trace(&self, checked: &Checked, key: &[Cell<'_>]) -> Result<Vec<SourceRow>, RunError> {
        self.prepare_tables(checked)?;
        let fields = if checked.keys.is_empty() { checked.output_fields() } else { checked.keys.clone() };
        let shown: Vec<String> = key.iter().map(|&cell| shown_cell(cell)).collect();
        let no_such_row = || RunError::NoSuchRow { key: shown.join(", ") };
        if key.len() != fields.len() {
            return Err(no_such_row());
        }
        let tables = Tables::of(checked);
        let plan = with_key(rewrite::carry_rows(checked.plan.clone(), &tables.names), &fields, key);
        let mut found: Option<BTreeSet<u64>> = None;
        self.for_each_row(&render::render(&plan), |row| {
            let rows = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
            found.get_or_insert_default().extend(functions::decode(rows));
            Ok(())
        })?;
        let rows = found.ok_or_else(no_such_row)?;
        Ok(tables.rows(rows.into_iter()))
    }

    /// The source rows behind every row of the result, in the order of [`Session::run`].
    ///
    /// One run for all rows: cheaper than [`Session::trace`] as soon as many rows are asked about. Memory grows with the number of
    /// source rows times the rows of the result that each stands behind.
    pub fn trace_all(&self, checked: &Checked) -> Result<Vec<Vec<SourceRow>>, RunError> {
        self.prepare_tables(checked)?;
        let tables = Tables::of(checked);
        let plan = rewrite::carry_rows(checked.plan.clone(), &tables.names);
        let last = plan.root.fields.len() - 1;
        let mut rows = output::Collector::new(checked, self.row_limit());
        let mut sets: Vec<Vec<u8>> = Vec::new();
        self.for_each_row(&render::render(&plan), |row| {
            sets.push(row.get_ref(last)?.as_blob().map_err(rusqlite::Error::from)?.to_vec());
            rows.push(row)
        })?;
        Ok(rows.order()?.into_iter().map(|row| tables.rows(functions::decode(&sets[row]))).collect())
    }
}

/// The tables in the order by which source rows name them, with the columns that are read of each.
struct Tables<'c> {
    names: Vec<&'c str>,
    columns: Vec<Arc<[String]>>,
}

impl<'c> Tables<'c> {
    fn of(checked: &'c Checked) -> Self {
        let names: Vec<&str> = checked.tables().into_iter().collect();
        let reads = checked.reads();
        let of_table = |name: &&str| reads.iter().filter(|s| s.table == **name).map(|s| s.column.clone()).collect();
        let columns = names.iter().map(of_table).collect();
        Self { names, columns }
    }

    fn rows(&self, ids: impl Iterator<Item = u64>) -> Vec<SourceRow> {
        let row = |id| {
            let (table, row) = functions::split(id);
            Some(SourceRow {
                table: (*self.names.get(table)?).to_owned(),
                row,
                columns: Arc::clone(&self.columns[table]),
            })
        };
        ids.filter_map(row).collect()
    }
}

/// `select rows from (plan) where key = …`
fn with_key(mut plan: Plan, key_fields: &[usize], key: &[Cell<'_>]) -> Plan {
    let relation = plan.relations.len();
    let fields = plan.root.fields.clone();
    let rows = fields.len() - 1;
    let mut conditions = Vec::new();
    for (&field, &cell) in key_fields.iter().zip(key) {
        let column = part(Node::Column { relation, field }, fields[field].ty);
        match cell {
            Cell::Num(x) => conditions.push(equal(column, Node::Num(x), Type::Num)),
            Cell::Text(text) => conditions.push(equal(column, Node::Text(text.to_owned()), Type::Char)),
            Cell::MissingNum(_) | Cell::Null => {
                conditions.push(part(Node::IsNull { expr: Box::new(column), negated: false }, Type::Bool));
            }
        }
        if let (Cell::MissingNum(kind), Some(field)) = (cell, fields[field].companion)
            && kind != Missing::ORDINARY
        {
            let companion = part(Node::Column { relation, field }, Type::Char);
            conditions.push(equal(companion, Node::Text(kind.letter().to_string()), Type::Char));
        }
    }
    let root = Query {
        body: crate::plan::Body::Select(Box::new(Select {
            distinct: false,
            items: vec![part(Node::Column { relation, field: rows }, Type::Rows)],
            from: vec![Joined { relation, join: Join::Cross, on: None }],
            filter: conditions.into_iter().reduce(and),
            grouped: false,
            group_by: Vec::new(),
            having: None,
        })),
        order: Vec::new(),
        limit: None,
        fields: vec![rewrite::rows_field()],
    };
    let traced = std::mem::replace(&mut plan.root, root);
    plan.relations.push(crate::plan::Relation {
        alias: "traced".to_owned(),
        source: Source::Derived(Box::new(traced)),
        fields,
    });
    plan
}

/// An expression that the gate did not read.
fn part(node: Node, ty: Type) -> Expr {
    Expr { node, ty, at: At(Location::new(1, 1)) }
}

fn binary(op: Operator, left: Expr, right: Expr) -> Expr {
    part(Node::Binary { op, left: Box::new(left), right: Box::new(right) }, Type::Bool)
}

fn equal(column: Expr, value: Node, ty: Type) -> Expr {
    binary(Operator::Equal, column, part(value, ty))
}

fn and(left: Expr, right: Expr) -> Expr {
    binary(Operator::And, left, right)
}
