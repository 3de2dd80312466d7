//! What is recorded? `forms/*.toml`, after ODM: forms, item groups, items, code lists.
//!
//! An item group becomes a table for SQL: the keys `SUBJECT`, `VISIT`, `VISITREP`, `FORM`, `FORMREP`, `SEQ`, then
//! per item `X` (normalised value), `X__text` (as entered), `X__unit`, `X__missing` (why absent).

use crate::definition::Definition;
use crate::error::DesignError;
use croft_core::{DataType, Kind, Variable};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One file of `forms/`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// Identifier, unique in the study.
    pub form: String,
    /// Its identifier in the ODM file or dictionary that it came from, when that is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oid: Option<String>,
    /// What site staff read.
    pub label: String,
    /// Codes of the visits at which it is filled.
    pub visits: Vec<String>,
    /// Whether it is filled at every visit that is a period of the study as well, however many there are.
    #[serde(default, skip_serializing_if = "is_false")]
    pub each_period: bool,
    /// Whether it can be filled more than once at a visit.
    #[serde(default, skip_serializing_if = "is_false")]
    pub repeating: bool,
    /// Filled only where this condition is true, an SQL expression over the subject's tables.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// Its item groups.
    #[serde(rename = "group", default)]
    pub groups: Vec<ItemGroup>,
}

impl Form {
    /// Names the visits that are periods one by one, in the order of the study's visits.
    pub fn plan(&mut self, definition: &Definition) {
        if !self.each_period {
            return;
        }
        let listed = std::mem::take(&mut self.visits);
        let planned = definition.visits.iter().filter(|v| v.period.is_some() || listed.contains(&v.code));
        self.visits = planned.map(|v| v.code.clone()).collect();
        // What the study does not know stays, to be told by whoever checks names.
        self.visits.extend(listed.into_iter().filter(|code| definition.visits.iter().all(|v| v.code != *code)));
    }
}

/// Items that are filled together, once or repeatedly.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ItemGroup {
    /// Identifier, unique in the study; the SQL table's name.
    pub name: String,
    /// Its identifier where it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oid: Option<String>,
    /// What site staff read.
    pub label: String,
    /// Whether it can be filled more than once on a form.
    #[serde(default, skip_serializing_if = "is_false")]
    pub repeating: bool,
    /// Who fills it when not the site: `laboratory`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Filled only where this condition is true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// The SDTM domain of its items where their names do not tell it, with what holds for all of its records: `LB where LBSPEC = BLOOD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sdtm: Option<String>,
    /// Its items.
    #[serde(rename = "item", default)]
    pub items: Vec<Item>,
    /// What must hold in each row.
    #[serde(rename = "check", default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Check>,
}

/// One field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Identifier, unique in its group; the SQL column's name.
    pub name: String,
    /// Its identifier where it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oid: Option<String>,
    /// What site staff read.
    pub label: String,
    /// How to fill it, when the label does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// What the value means.
    #[serde(rename = "type")]
    pub kind: ItemType,
    /// Unit of the value as collected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Units that may be chosen instead of `unit`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_units: Vec<String>,
    /// Most characters of a text, or digits of a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<u32>,
    /// Most digits after the decimal point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decimals: Option<u32>,
    /// Must be filled before a form is complete. It never prevents a save.
    #[serde(default, skip_serializing_if = "is_false")]
    pub required: bool,
    /// Source data verification is due under a plan of critical items.
    #[serde(default, skip_serializing_if = "is_false")]
    pub critical: bool,
    /// Identifies a person: kept encrypted and apart, never in an event or a snapshot.
    #[serde(default, skip_serializing_if = "is_false")]
    pub identifying: bool,
    /// Asked only where this condition is true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// Computed by this SQL expression, never typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub derive: Option<String>,
    /// Reasons why a value may be missing; without a list all of [`MISSING_CODES`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// Code list: code to decoded text, in the order in which they are offered.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub codes: IndexMap<String, String>,
    /// Where it goes in SDTM when its name does not tell it, one target or several: `VS.VSORRES where VSTESTCD = SYSBP`.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "one_or_many")]
    pub sdtm: Vec<String>,
    /// Why it goes nowhere in SDTM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_submitted: Option<String>,
}

/// A text, or a list of texts.
mod one_or_many {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        One(String),
        Many(Vec<String>),
    }

    pub(super) fn serialize<S: Serializer>(texts: &[String], serializer: S) -> Result<S::Ok, S::Error> {
        match texts {
            [one] => one.serialize(serializer),
            many => many.serialize(serializer),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
        Ok(match Written::deserialize(deserializer)? {
            Written::One(text) => vec![text],
            Written::Many(texts) => texts,
        })
    }
}

impl Item {
    /// An item without any of what may be said of it.
    pub fn new(name: &str, label: &str, kind: ItemType) -> Self {
        Self {
            name: name.to_owned(),
            oid: None,
            label: label.to_owned(),
            hint: None,
            kind,
            unit: None,
            other_units: Vec::new(),
            length: None,
            decimals: None,
            required: false,
            critical: false,
            identifying: false,
            when: None,
            derive: None,
            missing: Vec::new(),
            codes: IndexMap::new(),
            sdtm: Vec::new(),
            not_submitted: None,
        }
    }
}

/// What must hold in each row of a group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Identifier, unique in the study.
    pub name: String,
    /// The item that a query is put on.
    pub item: String,
    /// SQL condition over the row and the subject's tables. It fires where the condition is false, not where it is unknown.
    pub holds: String,
    /// What the person who entered the value reads.
    pub message: String,
    /// Whether it asks or refuses.
    #[serde(default, skip_serializing_if = "Severity::is_query")]
    pub severity: Severity,
    /// Worked examples, run before a version is published.
    #[serde(rename = "case", default, skip_serializing_if = "Vec::is_empty")]
    pub cases: Vec<Case>,
}

/// What a check does when it fires.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Asks: the value is saved and a query opened (ODM: Soft).
    #[default]
    Query,
    /// Refuses the save (ODM: Hard). A true outlier cannot be recorded then: use it for what cannot be true.
    Refuse,
}

impl Severity {
    fn is_query(&self) -> bool {
        *self == Self::Query
    }
}

/// A worked example of a check: values of one row, as they would be typed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Item to text as entered.
    pub values: BTreeMap<String, String>,
    /// Whether the check must fire.
    pub fires: bool,
}

/// Reasons why a value is missing: ODM's null flavors as site staff use them.
pub const MISSING_CODES: [(&str, &str); 6] = [
    ("ND", "Not done"),
    ("UNK", "Unknown"),
    ("NI", "No information"),
    ("NA", "Not applicable"),
    ("NASK", "Not asked"),
    ("ASKU", "Asked but unknown"),
];

/// Types of items, after ODM.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    Time,
}

fn is_false(value: &bool) -> bool {
    !*value
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
pub fn parse(file: &str, text: &str) -> Result<Form, DesignError> {
    let form: Form = toml::from_str(text).map_err(|e| DesignError::Text {
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

fn name_taken(file: &str, group: &str, item: &str) -> DesignError {
    DesignError::Text {
        file: file.to_owned(),
        message: format!("item `{item}` of group `{group}`: the name is taken"),
        hint: format!("names are unique in their group, hold no `__`, and are none of {}", KEYS.join(", ")),
    }
}
