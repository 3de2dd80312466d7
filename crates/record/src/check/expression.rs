//! How is one expression of a form worked out: on its row, or by the database?

use super::Row;
use croft_core::Kind;
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

enum CellOf {
    Subject,
    Visit,
    VisitRepeat,
    Form,
    FormRepeat,
    Seq,
    Value {
        item: String,
        kind: Kind,
    },
    Text(String),
    Unit(String),
    Missing(String),
    /// Something that a recorded row never holds.
    Nothing,
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

    /// What it gives on a row; none: the database must be asked.
    pub fn on<'a>(&'a self, subject: &'a str, row: &'a Row) -> Option<Seen<'a>> {
        let OnRow { expr, cells } = self.on_row.as_ref()?;
        expr.on(&|at| cells.get(at).map_or(Arg::Null, |cell| cell.of(subject, row)))
    }
}

impl CellOf {
    fn named(column: &str, items: &[Item]) -> Self {
        let own = |name: &str| items.iter().find(|i| i.name == name);
        match column {
            "SUBJECT" => return Self::Subject,
            "VISIT" => return Self::Visit,
            "VISITREP" => return Self::VisitRepeat,
            "FORM" => return Self::Form,
            "FORMREP" => return Self::FormRepeat,
            "SEQ" => return Self::Seq,
            _ => {}
        }
        if let Some(item) = own(column) {
            return Self::Value { item: item.name.clone(), kind: item.kind.kind() };
        }
        match column.split_once("__") {
            Some((item, "text")) if own(item).is_some() => Self::Text(item.to_owned()),
            Some((item, "unit")) if own(item).is_some() => Self::Unit(item.to_owned()),
            Some((item, "missing")) if own(item).is_some() => Self::Missing(item.to_owned()),
            _ => Self::Nothing,
        }
    }

    fn of<'a>(&self, subject: &'a str, row: &'a Row) -> Arg<'a> {
        let text = |text: &'a str| if text.is_empty() { Arg::Null } else { Arg::Text(text) };
        let entry = |item: &String| row.values.get(item);
        match self {
            Self::Subject => Arg::Text(subject),
            Self::Visit => Arg::Text(&row.visit),
            Self::VisitRepeat => Arg::Num(f64::from(row.visit_repeat)),
            Self::Form => Arg::Text(&row.form),
            Self::FormRepeat => Arg::Num(f64::from(row.form_repeat)),
            Self::Seq => Arg::Num(f64::from(row.seq)),
            Self::Value { item, kind: Kind::Char } => entry(item).map_or(Arg::Null, |e| text(&e.value)),
            Self::Value { item, kind: Kind::Num } => {
                entry(item).and_then(|e| finite(&e.value)).map_or(Arg::Null, Arg::Num)
            }
            Self::Text(item) => entry(item).map_or(Arg::Null, |e| text(&e.text)),
            Self::Unit(item) => entry(item).map_or(Arg::Null, |e| text(&e.unit)),
            Self::Missing(item) => entry(item).map_or(Arg::Null, |e| text(&e.missing)),
            Self::Nothing => Arg::Null,
        }
    }
}

/// The number that a value is; what is no number is unknown in a column of numbers.
pub(super) fn finite(value: &str) -> Option<f64> {
    value.parse().ok().filter(|x: &f64| x.is_finite())
}
