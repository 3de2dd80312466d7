//! What does SQL see of a group's rows?

use super::Row;
use croft_core::{Cell, Dataset, Kind, Variable};
use croft_design::forms::{Item, ItemGroup, KEYS};
use croft_query::functions::Arg;
use std::collections::BTreeSet;

/// A group's table, or those of its columns that anything reads.
pub(crate) struct Layout {
    name: String,
    label: String,
    variables: Vec<Variable>,
    cells: Vec<CellOf>,
}

impl Layout {
    /// Every column of a group.
    pub fn whole(group: &ItemGroup) -> Self {
        Self::with(group, |_| true)
    }

    /// The keys, and these columns.
    pub fn narrow(group: &ItemGroup, columns: &BTreeSet<String>) -> Self {
        // A number's column has its missing reason beside it.
        let read = |name: &str| {
            columns.contains(name) || name.strip_suffix("__missing").is_some_and(|item| columns.contains(item))
        };
        Self::with(group, |name| KEYS.contains(&name) || read(name))
    }

    fn with(group: &ItemGroup, wanted: impl Fn(&str) -> bool) -> Self {
        let variables: Vec<Variable> = group.variables().into_iter().filter(|v| wanted(&v.name)).collect();
        let cells = variables.iter().map(|v| CellOf::named(&v.name, &group.items)).collect();
        Self { name: group.name.clone(), label: group.label.clone(), variables, cells }
    }

    /// These rows of a subject.
    pub fn dataset(&self, subject: &str, rows: &[Row]) -> Dataset {
        let mut data = Dataset::new(&self.name, &self.label, self.variables.clone());
        data.keys = KEYS.map(str::to_owned).to_vec();
        for row in rows {
            data.push_row(self.cells.iter().map(|cell| match cell.of(subject, row) {
                Arg::Null => Cell::Null,
                Arg::Num(x) => Cell::Num(x),
                Arg::Text(text) => Cell::Text(text),
            }));
        }
        data
    }
}

/// Where a column of a group's table stands in a recorded row.
pub(super) enum CellOf {
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

impl CellOf {
    pub fn named(column: &str, items: &[Item]) -> Self {
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

    pub fn of<'a>(&self, subject: &'a str, row: &'a Row) -> Arg<'a> {
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
fn finite(value: &str) -> Option<f64> {
    value.parse().ok().filter(|x: &f64| x.is_finite())
}
