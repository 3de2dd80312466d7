//! A study definition as datasets: one for each class of object, one row for each place where such an object stands or is referred to.
//!
//! **Which places.** Every attribute of every object is a place; an attribute that holds a list is one place for each item. The place
//! `study.versions[0].titles[1]` gives one row of the dataset `StudyTitle`.
//!
//! **Which dataset.** An object goes to the dataset of its `instanceType`, or, without one, to the class that the model gives the attribute, or to
//! the attribute's own name. Texts, numbers, booleans and nulls are rows too, of `string`, `number` (integers), `float`, `boolean` and `null`: rules
//! whose scope is all entities see them.
//!
//! **References.** A text in an attribute whose name ends in `Id` or `Ids` is followed: where an object with this id exists, the row shows that
//! object, in its dataset, with `rel_type` `reference`. All else is a `definition`. So an activity that three others name stands in four rows, which
//! differ in their parents. Of several objects with one id, the first in the document serves (within one branch, the innermost).
//!
//! **Columns.** First [`METADATA_COLUMNS`]; then attributes in the order of their first appearance:
//!
//! | column | holds |
//! |---|---|
//! | `parent_entity`, `parent_id` | class and id of the object that holds the place; `Wrapper` and `""` for the document itself |
//! | `parent_rel` | the attribute in which it holds it, without index |
//! | `rel_type` | `definition` or `reference` |
//! | `attribute` | a text, number or boolean as it is; a list or an object as whether it holds anything |
//! | `attribute.inner` | the same for an object within, at any depth; lists are not entered: their items have rows of their own |
//! | `value` | of a row that is no object: the value itself |
//!
//! An attribute that an object does not have is [`Cell::Absent`]; one that is `null` is [`Cell::Null`]. Rules take both as empty. An attribute
//! named as a metadata column replaces it.
//!
//! **Where the reference engine has quirks** that change no result of a published rule, they are kept: a parent without `instanceType` has no id, and
//! gives its attribute's class (or name with index) as entity. A list within a list, which the model does not have, is no row here.
//!
//! Cost: linear in the document, times the depth of objects within objects (they are shown in the rows of all their holders).

use serde::Deserialize;
use serde_json::{Map, Number, Value};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

/// The columns with which every dataset begins.
pub const METADATA_COLUMNS: [&str; 4] = ["parent_entity", "parent_id", "parent_rel", "rel_type"];

/// All places of one class.
#[derive(Clone, Debug, PartialEq)]
pub struct EntityDataset<'a> {
    /// The class, `StudyVersion`.
    pub name: String,
    /// Names, [`METADATA_COLUMNS`] first.
    pub columns: Vec<String>,
    /// In document order: an object's attributes before what they hold.
    pub rows: Vec<EntityRow<'a>>,
}

/// One place.
#[derive(Clone, Debug, PartialEq)]
pub struct EntityRow<'a> {
    /// Where: `/study/versions/0/titles/1`. Of a reference, where it refers from.
    pub path: String,
    /// As many as the dataset has columns.
    pub cells: Vec<Cell<'a>>,
}

/// What a row says of an attribute.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell<'a> {
    /// The object has no such attribute.
    Absent,
    /// It is null.
    Null,
    /// A text, which may be empty.
    Text(Cow<'a, str>),
    /// A number, with what was written: an integer is told from a decimal.
    Number(&'a Number),
    /// A boolean, or whether a list or an object holds anything.
    Boolean(bool),
}

impl<'a> Cell<'a> {
    fn of(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(b) => Self::Boolean(*b),
            Value::Number(n) => Self::Number(n),
            Value::String(text) => Self::Text(Cow::Borrowed(text)),
            Value::Array(items) => Self::Boolean(!items.is_empty()),
            Value::Object(members) => Self::Boolean(!members.is_empty()),
        }
    }
}

type Object = Map<String, Value>;

/// The datasets of a document, in the order of their first rows; none of what is no object.
pub fn entities(document: &Value) -> Vec<EntityDataset<'_>> {
    let mut layout = Layout::default();
    if let Value::Object(root) = document {
        note_ids(document, &mut layout.by_id);
        layout.attributes(root, "", true);
    }
    layout.tables.into_iter().map(Table::finish).collect()
}

/// Children are noted last to first, so that the first with an id stays.
fn note_ids<'a>(value: &'a Value, by_id: &mut HashMap<&'a str, &'a Object>) {
    match value {
        Value::Object(members) => {
            if let Some(id) = members.get("id").and_then(Value::as_str) {
                by_id.insert(id, members);
            }
            members.values().rev().for_each(|v| note_ids(v, by_id));
        }
        Value::Array(items) => items.iter().rev().for_each(|v| note_ids(v, by_id)),
        _ => {}
    }
}

#[derive(Default)]
struct Layout<'a> {
    by_id: HashMap<&'a str, &'a Object>,
    tables: Vec<Table<'a>>,
    table_of: HashMap<Cow<'a, str>, usize>,
}

impl<'a> Layout<'a> {
    /// The places of an object, then those within them.
    fn attributes(&mut self, holder: &'a Object, path: &str, is_root: bool) {
        for (attribute, value) in holder {
            let at = format!("{path}/{attribute}");
            match value {
                Value::Array(items) => {
                    for (i, item) in items.iter().enumerate() {
                        let place = Place { holder, is_root, attribute, index: Some(i) };
                        self.place(&place, item, format!("{at}/{i}"));
                    }
                }
                _ => self.place(&Place { holder, is_root, attribute, index: None }, value, at),
            }
        }
        for (attribute, value) in holder {
            self.within(value, &format!("{path}/{attribute}"));
        }
    }

    fn within(&mut self, value: &'a Value, path: &str) {
        match value {
            Value::Object(members) => self.attributes(members, path, false),
            Value::Array(items) => {
                for (i, item) in items.iter().enumerate() {
                    self.within(item, &format!("{path}/{i}"));
                }
            }
            _ => {}
        }
    }

    fn place(&mut self, place: &Place<'a>, value: &'a Value, path: String) {
        let attribute = place.attribute;
        let referred = match value {
            Value::String(id) if attribute.ends_with("Id") || attribute.ends_with("Ids") => {
                self.by_id.get(id.as_str()).copied().filter(|object| !object.is_empty())
            }
            _ => None,
        };
        let (entity, content) = match (referred, value) {
            (Some(object), _) | (None, Value::Object(object)) => {
                (entity_of(object, attribute), Content::Object(object))
            }
            (None, Value::Array(_)) => return,
            (None, Value::Null) => ("null", Content::Value(value)),
            (None, Value::Bool(_)) => ("boolean", Content::Value(value)),
            (None, Value::Number(n)) => (if n.is_f64() { "float" } else { "number" }, Content::Value(value)),
            (None, Value::String(_)) => ("string", Content::Value(value)),
        };
        let table = self.table(entity);
        let mut row = Row { path, cells: Vec::with_capacity(table.columns.len()) };
        let (parent, id) = place.parent();
        table.set(&mut row, "parent_entity", Cell::Text(parent));
        table.set(&mut row, "parent_id", id);
        table.set(&mut row, "parent_rel", Cell::Text(Cow::Borrowed(attribute)));
        let rel_type = if referred.is_some() { "reference" } else { "definition" };
        table.set(&mut row, "rel_type", Cell::Text(Cow::Borrowed(rel_type)));
        match content {
            Content::Object(object) => table.flatten(&mut row, object, ""),
            Content::Value(value) => table.set(&mut row, "value", Cell::of(value)),
        }
        table.rows.push(row);
    }

    fn table(&mut self, entity: &'a str) -> &mut Table<'a> {
        let entity = if entity.eq_ignore_ascii_case("code") { "Code" } else { entity };
        let index = match self.table_of.get(entity) {
            Some(&index) => index,
            None => {
                self.tables.push(Table::new(entity));
                self.table_of.insert(Cow::Borrowed(entity), self.tables.len() - 1);
                self.tables.len() - 1
            }
        };
        &mut self.tables[index]
    }
}

enum Content<'a> {
    Object(&'a Object),
    Value(&'a Value),
}

/// An attribute of an object, or an item of the list that it holds.
struct Place<'a> {
    holder: &'a Object,
    is_root: bool,
    attribute: &'a str,
    index: Option<usize>,
}

impl<'a> Place<'a> {
    fn parent(&self) -> (Cow<'a, str>, Cell<'a>) {
        let instance_type = self.holder.get("instanceType").and_then(Value::as_str).filter(|t| !t.is_empty());
        let id = match self.holder.get("id") {
            Some(id) if instance_type.is_some() => Cell::of(id),
            _ => Cell::Text(Cow::Borrowed("")),
        };
        let entity = match (self.is_root, instance_type, self.index) {
            (true, ..) => Cow::Borrowed("Wrapper"),
            (_, Some(t), _) => Cow::Borrowed(class(t).unwrap_or(t)),
            (_, None, Some(index)) => Cow::Owned(format!("{}[{index}]", self.attribute)),
            (_, None, None) => Cow::Borrowed(class(self.attribute).unwrap_or(self.attribute)),
        };
        (entity, if self.is_root { Cell::Text(Cow::Borrowed("")) } else { id })
    }
}

fn entity_of<'a>(object: &'a Object, attribute: &'a str) -> &'a str {
    let named = object.get("instanceType").and_then(Value::as_str).unwrap_or(attribute);
    class(named).unwrap_or(named)
}

/// What a table holds while it grows: rows are filled up at the end, when all columns are known.
struct Table<'a> {
    name: &'a str,
    columns: Vec<String>,
    column_of: HashMap<String, usize>,
    rows: Vec<Row<'a>>,
}

type Row<'a> = EntityRow<'a>;

impl<'a> Table<'a> {
    fn new(name: &'a str) -> Self {
        Self { name, columns: Vec::new(), column_of: HashMap::new(), rows: Vec::new() }
    }

    fn set(&mut self, row: &mut Row<'a>, column: &str, cell: Cell<'a>) {
        let index = match self.column_of.get(column) {
            Some(&index) => index,
            None => {
                self.columns.push(column.to_owned());
                self.column_of.insert(column.to_owned(), self.columns.len() - 1);
                self.columns.len() - 1
            }
        };
        if row.cells.len() <= index {
            row.cells.resize(index + 1, Cell::Absent);
        }
        row.cells[index] = cell;
    }

    fn flatten(&mut self, row: &mut Row<'a>, object: &'a Object, before: &str) {
        for (attribute, value) in object {
            let column = format!("{before}{attribute}");
            self.set(row, &column, Cell::of(value));
            if let Value::Object(within) = value {
                self.flatten(row, within, &format!("{column}."));
            }
        }
    }

    fn finish(mut self) -> EntityDataset<'a> {
        let width = self.columns.len();
        self.rows.iter_mut().for_each(|row| row.cells.resize(width, Cell::Absent));
        EntityDataset { name: self.name.to_owned(), columns: self.columns, rows: self.rows }
    }
}

#[derive(Deserialize)]
struct ClassRow {
    attribute: String,
    entity: String,
}

static CLASSES: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    crate::model::rows("usdm_entities.csv", include_str!("../../data/usdm_entities.csv"))
        .into_iter()
        .map(|row: ClassRow| (row.attribute, row.entity))
        .collect()
});

fn class(attribute: &str) -> Option<&'static str> {
    CLASSES.get(attribute).map(String::as_str)
}
