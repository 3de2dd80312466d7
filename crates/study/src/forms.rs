//! What is recorded? `forms/*.toml`, after ODM: forms, item groups, items, code lists.
//!
//! An item group becomes a table for SQL: the keys `SUBJECT`, `VISIT`, `VISITREP`, `FORM`, `FORMREP`, `SEQ`, then
//! per item `X` (normalised value), `X__text` (as entered), `X__unit`, `X__missing` (why absent).

use crate::error::StudyError;
use croft_core::{DataType, Kind, Variable};
use serde::Deserialize;
use std::collections::BTreeMap;

/// One file of `forms/`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// Identifier, unique in the study.
    pub form: String,
    /// What site staff read.
    pub label: String,
    /// Codes of the visits at which it is filled.
    pub visits: Vec<String>,
    /// Its item groups.
    #[serde(rename = "group")]
    pub groups: Vec<ItemGroup>,
}

/// Items that are filled together, once or repeatedly.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ItemGroup {
    /// Identifier, unique in the study; the SQL table's name.
    pub name: String,
    /// What site staff read.
    pub label: String,
    /// Whether it can be filled more than once on a form.
    #[serde(default)]
    pub repeating: bool,
    /// Who fills it when not the site: `laboratory`.
    pub source: Option<String>,
    /// Its items.
    #[serde(rename = "item")]
    pub items: Vec<Item>,
}

/// One field.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Identifier, unique in its group; the SQL column's name.
    pub name: String,
    /// What site staff read.
    pub label: String,
    /// What the value means.
    #[serde(rename = "type")]
    pub kind: ItemType,
    /// Unit of the value as collected.
    pub unit: Option<String>,
    /// Code list: code to decoded text.
    #[serde(default)]
    pub codes: BTreeMap<String, String>,
}

/// Types of items, after ODM.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words say it")]
pub enum ItemType {
    Text,
    Integer,
    Float,
    Date,
    PartialDate,
    Datetime,
    PartialDatetime,
}

impl ItemType {
    /// How SQL holds it: dates are text in ISO 8601.
    pub fn kind(self) -> Kind {
        match self {
            Self::Integer | Self::Float => Kind::Num,
            _ => Kind::Char,
        }
    }
}

/// The key columns of every item group's table.
pub const KEYS: [&str; 6] = ["SUBJECT", "VISIT", "VISITREP", "FORM", "FORMREP", "SEQ"];

impl ItemGroup {
    /// The variables of the group's table.
    pub fn variables(&self) -> Vec<Variable> {
        let mut variables: Vec<Variable> = KEYS
            .iter()
            .map(|key| match *key {
                "VISITREP" | "FORMREP" | "SEQ" => Variable::new(key, "", Kind::Num, DataType::Integer),
                _ => Variable::char(key, ""),
            })
            .collect();
        for item in &self.items {
            variables.push(Variable::new(&item.name, &item.label, item.kind.kind(), DataType::Text));
            for companion in ["text", "unit", "missing"] {
                variables.push(Variable::char(&format!("{}__{companion}", item.name), ""));
            }
        }
        variables
    }
}

/// Reads one file of `forms/`.
pub fn parse(file: &str, text: &str) -> Result<Form, StudyError> {
    let form: Form = toml::from_str(text).map_err(|e| StudyError::Text {
        file: file.to_owned(),
        message: e.to_string().trim_end().to_owned(),
        hint: "croft new be-2x2 DIR writes complete forms".to_owned(),
    })?;
    for group in &form.groups {
        let mut seen = BTreeMap::new();
        for item in &group.items {
            if item.name.contains("__") || KEYS.contains(&item.name.as_str()) {
                return Err(name_taken(file, &group.name, &item.name));
            }
            if seen.insert(item.name.to_ascii_uppercase(), ()).is_some() {
                return Err(name_taken(file, &group.name, &item.name));
            }
        }
    }
    Ok(form)
}

fn name_taken(file: &str, group: &str, item: &str) -> StudyError {
    StudyError::Text {
        file: file.to_owned(),
        message: format!("item `{item}` of group `{group}`: the name is taken"),
        hint: format!("names are unique in their group, hold no `__`, and are none of {}", KEYS.join(", ")),
    }
}
