//! What do a dataset's variables mean? Labels, types and code lists from the statement's heading, the standard, or the variable copied;
//! origins from the lineage of each column.

use crate::statement::Statement;
use crate::tables::copy_cells;
use crate::world::{Maker, World};
use croft_cdisc::library::{Class, Library};
use croft_cdisc::model;
use croft_core::{Cell, DataType, Dataset, Kind, Variable};
use std::collections::{BTreeMap, BTreeSet};

/// Source columns of each column: table and variable.
pub type Lineage = BTreeMap<String, BTreeSet<(String, String)>>;

/// What is known about a dataset besides its values.
pub struct Description<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its heading, when a statement makes it.
    pub statement: Option<&'a Statement>,
    /// Variables that name a row.
    pub keys: Vec<String>,
    /// Where its columns come from.
    pub lineage: Lineage,
    /// The column that a column repeats unchanged, where it does.
    pub copied: BTreeMap<String, (String, String)>,
}

impl Description<'_> {
    /// The same values with all that is known about them, nulls for empty texts.
    pub fn apply(&self, data: &Dataset, world: &World) -> Dataset {
        let variables: Vec<Variable> = data.variables().iter().map(|v| self.variable(v, world)).collect();
        let mut described = Dataset::new(self.name, &self.label(), variables);
        described.keys = self.keys.clone();
        copy_cells(&mut described, data);
        match self.statement.and_then(|s| s.sequence.as_ref()) {
            Some((sequence, within)) => numbered(&described, sequence, within),
            None => described,
        }
    }

    fn label(&self) -> String {
        match self.statement {
            Some(s) if !s.label.is_empty() => s.label.clone(),
            _ => model::dataset(self.name).map_or_else(String::new, |d| d.label.clone()),
        }
    }

    fn variable(&self, found: &Variable, world: &World) -> Variable {
        let heading = self.statement.and_then(|s| s.variables.get(&found.name));
        let standard = model::variable(self.name, &found.name);
        let mut variable = match (heading, standard) {
            (Some(said), _) => Variable {
                format: said.format.clone().or_else(|| date_format(found.kind, said.data_type)),
                ..Variable::new(&found.name, &said.label, found.kind, said.data_type)
            },
            (None, Some(standard)) => Variable { kind: found.kind, ..standard.to_variable() },
            (None, None) => match self.copied_variable(&found.name, world) {
                Some(copied) => Variable { name: found.name.clone(), kind: found.kind, ..copied.clone() },
                None => self
                    .of_structure(found)
                    .unwrap_or_else(|| Variable::new(&found.name, "", found.kind, DataType::Text)),
            },
        };
        if variable.kind == Kind::Num && matches!(variable.data_type, DataType::Text) {
            variable.data_type = DataType::Float;
        }
        let said = heading.and_then(|said| said.length).filter(|_| found.kind == Kind::Char);
        variable.length = said.or(found.length);
        variable.origin = Some(self.origin(&found.name, world).to_owned());
        variable
    }

    /// The variable that this one repeats unchanged.
    fn copied_variable<'w>(&self, name: &str, world: &'w World) -> Option<&'w Variable> {
        let (table, column) = self.copied.get(name)?;
        let source = world.datasets.get(table)?;
        source.variables().get(source.index_of(column)?)
    }

    /// What the structure that the heading names says of a variable: `ASTDT` of an occurrence data structure.
    fn of_structure(&self, found: &Variable) -> Option<Variable> {
        let structure = match Class::named(&self.statement?.class)? {
            Class::SubjectLevelAnalysisDataset => "ADSL",
            Class::BasicDataStructure => "BDS",
            Class::OccurrenceDataStructure => "OCCDS",
            _ => return None,
        };
        let known = Library::of("adamig", "1.3")?.dataset(structure)?;
        let known = known.variables.iter().find(|v| v.name == found.name)?;
        let data_type = match (found.kind, &known.name) {
            (Kind::Char, _) => DataType::Text,
            (Kind::Num, name) if name.ends_with("DTM") => DataType::Datetime,
            (Kind::Num, name) if name.ends_with("DT") => DataType::Date,
            (Kind::Num, name) if name.ends_with("TM") => DataType::Time,
            (Kind::Num, name) if name.ends_with("DY") => DataType::Integer,
            (Kind::Num, _) => DataType::Float,
        };
        Some(Variable {
            format: date_format(found.kind, data_type),
            ..Variable::new(&found.name, known.label, found.kind, data_type)
        })
    }

    /// Origin in the words of define.xml 2.1.
    fn origin(&self, name: &str, world: &World) -> &'static str {
        let described = self.statement.is_some_and(|s| {
            s.methods.contains_key(name) || s.sequence.as_ref().is_some_and(|(sequence, _)| sequence == name)
        });
        let no_source = self.lineage.get(name).is_none_or(BTreeSet::is_empty);
        match self.copied.get(name).and_then(|(table, _)| world.makers.get(table)) {
            _ if self.statement.is_none() || described => "Derived",
            // A result in standard units is derived, though nothing had to be converted.
            Some(Maker::Record { .. }) if ["STRESC", "STRESN", "STRESU"].iter().any(|s| name.ends_with(s)) => "Derived",
            Some(Maker::Record { .. }) => "Collected",
            Some(Maker::Definition) => "Protocol",
            Some(Maker::Kept(_) | Maker::Allocations) => "Assigned",
            Some(_) if crate::package::is_analysis(self.name) => "Predecessor",
            Some(_) => self.origin_of_source(name, world),
            None if no_source => "Assigned",
            None => "Derived",
        }
    }

    /// A domain's variable that repeats another domain's has that one's origin.
    fn origin_of_source(&self, name: &str, world: &World) -> &'static str {
        let found = self.copied_variable(name, world).and_then(|v| v.origin.as_deref());
        ["Collected", "Protocol", "Assigned"].into_iter().find(|o| found == Some(o)).unwrap_or("Derived")
    }
}

/// How a numeric date is shown unless its heading says otherwise.
fn date_format(kind: Kind, data_type: DataType) -> Option<String> {
    let format = match data_type {
        _ if kind == Kind::Char => return None,
        DataType::Date => "DATE9.",
        DataType::Time => "TIME8.",
        DataType::Datetime => "DATETIME20.",
        _ => return None,
    };
    Some(format.to_owned())
}

/// The same dataset with its rows numbered from 1 within each value of a variable.
fn numbered(data: &Dataset, sequence: &str, within: &str) -> Dataset {
    let mut counts: BTreeMap<String, f64> = BTreeMap::new();
    let mut numbered = Dataset::new(&data.name, &data.label, data.variables().to_vec());
    numbered.keys.clone_from(&data.keys);
    let at = data.index_of(sequence);
    for row in 0..data.rows() {
        let group = data.cell(row, within).and_then(Cell::text).unwrap_or("").to_owned();
        let count = counts.entry(group).and_modify(|n| *n += 1.0).or_insert(1.0);
        let cells = data.columns().iter().enumerate();
        numbered.push_row(cells.map(|(i, column)| if Some(i) == at { Cell::Num(*count) } else { column.get(row) }));
    }
    numbered
}
