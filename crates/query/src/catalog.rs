//! Which tables may a statement read, and what is in them?
//!
//! Metadata only: names, kinds, keys. A statement can so be checked before any data are loaded, and the same
//! check holds for every snapshot with the same columns. Names are found without regard to case, as everywhere
//! in SQL, and written as the dataset spells them.
//!
//! Each number column `X` has a companion `X__missing` (text): the letter of its special missing kind, null when
//! the number is there or is missing in the ordinary way. It is named explicitly; `select *` leaves it out.
//! A dataset that has a variable of that name keeps its own.

use crate::plan::{Field, Type};
use croft_core::{Dataset, Kind, Variable};
use std::collections::BTreeMap;

/// What the name of a companion column ends with.
pub const MISSING_SUFFIX: &str = "__missing";

/// One table's metadata.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Name as the dataset spells it.
    pub name: String,
    /// Its columns.
    pub variables: Vec<Variable>,
    /// Variables whose values together name a row; empty when not declared.
    pub keys: Vec<String>,
}

/// Why a table cannot be read by SQL.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum CatalogError {
    /// Two tables of one name.
    #[error("there are two tables named {name}")]
    TableTwice {
        /// The name.
        name: String,
    },
    /// SQL cannot tell names apart that differ only in case.
    #[error("{table}: two variables are named {variable} when case is not regarded")]
    VariableTwice {
        /// The table.
        table: String,
        /// The variable.
        variable: String,
    },
    /// Empty, or with control characters, or beginning with two underscores, which the program keeps for itself.
    #[error("{name:?} cannot be the name of a table or a variable")]
    Name {
        /// The name.
        name: String,
    },
    /// A key that is no variable.
    #[error("{table}: the key {key} is not one of its variables")]
    Key {
        /// The table.
        table: String,
        /// The key.
        key: String,
    },
}

impl CatalogError {
    /// What the reader of the message can do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::TableTwice { .. } => "give each file in the folder its own dataset name",
            Self::VariableTwice { .. } => "rename one of the two variables in the source",
            Self::Name { .. } => "use letters, digits and underscores, a letter first",
            Self::Key { .. } => "correct the declared keys",
        }
    }
}

/// The tables that a statement may read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalog {
    /// By name in capitals.
    tables: BTreeMap<String, Table>,
}

impl Catalog {
    /// No tables.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a dataset's metadata.
    pub fn add(&mut self, data: &Dataset) -> Result<(), CatalogError> {
        self.add_table(Table { name: data.name.clone(), variables: data.variables().to_vec(), keys: data.keys.clone() })
    }

    /// Adds a table by its metadata.
    pub fn add_table(&mut self, table: Table) -> Result<(), CatalogError> {
        check_name(&table.name)?;
        let mut seen = std::collections::BTreeSet::new();
        for variable in &table.variables {
            check_name(&variable.name)?;
            if !seen.insert(variable.name.to_ascii_uppercase()) {
                return Err(CatalogError::VariableTwice { table: table.name, variable: variable.name.clone() });
            }
        }
        if let Some(key) = table.keys.iter().find(|key| !table.variables.iter().any(|v| v.name == **key)) {
            let key = key.clone();
            return Err(CatalogError::Key { table: table.name, key });
        }
        let name = table.name.to_ascii_uppercase();
        if self.tables.contains_key(&name) {
            return Err(CatalogError::TableTwice { name: table.name });
        }
        self.tables.insert(name, table);
        Ok(())
    }

    /// A table by its name, case not regarded.
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.get(&name.to_ascii_uppercase())
    }

    /// The tables in the order of their names.
    pub fn tables(&self) -> impl Iterator<Item = &Table> {
        self.tables.values()
    }
}

fn check_name(name: &str) -> Result<(), CatalogError> {
    if name.is_empty() || name.starts_with("__") || name.chars().any(char::is_control) {
        return Err(CatalogError::Name { name: name.to_owned() });
    }
    Ok(())
}

impl Table {
    /// A variable by its name, case not regarded.
    pub fn variable(&self, name: &str) -> Option<&Variable> {
        self.variables.iter().find(|v| v.name.eq_ignore_ascii_case(name))
    }

    /// Number variables with a companion column of our own, in order.
    pub(crate) fn companions(&self) -> impl Iterator<Item = (usize, String)> {
        self.variables.iter().enumerate().filter(|(_, v)| v.kind == Kind::Num).filter_map(|(index, variable)| {
            let name = format!("{}{MISSING_SUFFIX}", variable.name);
            self.variable(&name).is_none().then_some((index, name))
        })
    }

    /// The columns as a statement sees them: the variables, then the companions.
    pub(crate) fn fields(&self) -> Vec<Field> {
        let mut fields: Vec<Field> =
            self.variables.iter().map(|v| Field::visible(&v.name, Type::from(v.kind))).collect();
        for (index, name) in self.companions() {
            fields[index].companion = Some(fields.len());
            fields.push(Field { name, ty: Type::Char, companion: None, hidden: true });
        }
        fields
    }
}
