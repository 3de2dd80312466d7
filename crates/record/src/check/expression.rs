//! How is one expression of a form worked out: on its row, or by the database?

use super::Row;
use super::table::CellOf;
use croft_design::forms::Item;
use croft_query::functions::Arg;
use croft_query::{Checked, RowExpr, Seen};

/// A condition, computation or check, ready to be worked out.
pub(crate) struct Expression {
    /// As the database runs it.
    pub statement: Checked,
    /// The tables that it reads.
    pub tables: Vec<String>,
    on_row: Option<OnRow>,
}

/// An expression that looks at nothing but its row, which needs no database.
struct OnRow {
    expr: RowExpr,
    /// Where each of its columns stands.
    cells: Vec<CellOf>,
}

impl Expression {
    /// A condition on rows of a table with these items.
    pub fn condition(statement: Checked, items: &[Item]) -> Self {
        let expr = statement.row_condition();
        Self::new(statement, expr, items)
    }

    /// A computation on rows of a table with these items, as the column `X`.
    pub fn computation(statement: Checked, items: &[Item]) -> Self {
        let expr = statement.row_column("X");
        Self::new(statement, expr, items)
    }

    fn new(statement: Checked, expr: Option<RowExpr>, items: &[Item]) -> Self {
        let tables = statement.tables().into_iter().map(str::to_owned).collect();
        let on_row = expr.map(|expr| {
            let cells = expr.columns().iter().map(|column| CellOf::named(column, items)).collect();
            OnRow { expr, cells }
        });
        Self { statement, tables, on_row }
    }

    /// Whether it looks at nothing but its row.
    pub fn is_on_row(&self) -> bool {
        self.on_row.is_some()
    }

    /// What it gives on a row; none: the database must be asked.
    pub fn on<'a>(&'a self, subject: &'a str, row: &'a Row) -> Option<Seen<'a>> {
        let OnRow { expr, cells } = self.on_row.as_ref()?;
        expr.on(&|at| cells.get(at).map_or(Arg::Null, |cell| cell.of(subject, row)))
    }
}
