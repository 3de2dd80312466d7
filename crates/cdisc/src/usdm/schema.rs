//! Does a study definition have the shape that the model prescribes?
//!
//! [`schema`] gives the JSON Schema of a version of the model, built from croft's table of classes and attributes (`data/usdm_schema.csv`). [`check`] holds a
//! document against a schema and lists what differs, as the rules of the type "JSON Schema Check" see it: they ask for a `validator` (the keyword that is
//! broken) and show the attribute and a message.
//!
//! **Keywords**: `type`, `properties`, `required`, `additionalProperties`, `items`, `anyOf`, `enum`, `const`, `minLength`, `minItems`, `maxItems`, and `$ref` within
//! the schema. Others that assert something are an error ([`SchemaError::Keyword`]) and not silently true; `format` describes only, as in the reference engine.
//!
//! **What is listed**, as there: of several errors with one keyword at one place, the last; of an `anyOf` that nothing fits, the errors of its alternatives, without
//! those of a class that the object does not claim to be (its `instanceType` names another alternative) and without "is not null".
//! Values in messages are written as Python writes them; long ones are replaced by `[Value of attribute]`.

use super::issue::shown;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A place at which a document is not as its schema says.
#[derive(Clone, Debug, PartialEq)]
pub struct SchemaIssue {
    /// Where, as JSONPath: `$.study.versions[0].titles`.
    pub json_path: String,
    /// The attribute; of a missing or a surplus one, their names as a list.
    pub error_attribute: String,
    /// The value there, as JSON.
    pub error_value: String,
    /// The keyword that is broken: `required`.
    pub validator: &'static str,
    /// What the keyword asks for.
    pub validator_value: String,
    /// What is wrong.
    pub message: String,
    /// The class of the object that is at fault.
    pub dataset: String,
    /// Its id, if it has one.
    pub id: String,
    /// Its place, as JSON Pointer.
    pub path: String,
}

/// A schema that cannot be checked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// It uses a keyword that is not known here.
    #[error("the schema uses the keyword {keyword:?}, which is not supported")]
    Keyword {
        /// The keyword.
        keyword: String,
    },
    /// It refers to what it does not hold.
    #[error("the schema refers to {reference:?}, which it does not hold")]
    Reference {
        /// The reference.
        reference: String,
    },
    /// References go round in a circle, or the schema nests without end.
    #[error("the schema nests too deeply")]
    TooDeep,
}

impl SchemaError {
    /// What can be done.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Keyword { .. } => "check the document with the schema of a published version of the model",
            Self::Reference { .. } | Self::TooDeep => "correct the schema",
        }
    }
}

#[derive(Deserialize)]
struct AttributeRow {
    version: String,
    class: String,
    attribute: String,
    required: u8,
    holds: String,
}

static SCHEMAS: LazyLock<BTreeMap<String, Value>> = LazyLock::new(|| {
    let rows = crate::model::rows::<AttributeRow>("usdm_schema.csv", include_str!("../../data/usdm_schema.csv"));
    let mut versions: BTreeMap<String, Vec<AttributeRow>> = BTreeMap::new();
    rows.into_iter().for_each(|row| versions.entry(row.version.clone()).or_default().push(row));
    versions.into_iter().map(|(version, rows)| (version, built(&rows))).collect()
});

/// The schema of a version of the model, `3.0` or `4.0` (or `3-0`, `4-0`).
pub fn schema(version: &str) -> Option<&'static Value> {
    SCHEMAS.get(&version.replace('-', "."))
}

fn built(rows: &[AttributeRow]) -> Value {
    let mut classes: Map<String, Value> = Map::new();
    for row in rows {
        let class = classes.entry(row.class.clone()).or_insert_with(|| {
            let closed = row.class != "Wrapper";
            let mut class = json!({"properties": {}, "type": "object", "required": [], "title": row.class});
            if closed {
                class["additionalProperties"] = json!(false);
            }
            class
        });
        class["properties"][&row.attribute] = attribute(row);
        if let (1, Some(required)) = (row.required, class["required"].as_array_mut()) {
            required.push(json!(row.attribute));
        }
    }
    let mut wrapper = classes.shift_remove("Wrapper").unwrap_or_default();
    wrapper["$defs"] = Value::Object(classes);
    wrapper
}

fn attribute(row: &AttributeRow) -> Value {
    let mut first = row.attribute.chars();
    let title: String =
        first.next().into_iter().flat_map(char::to_uppercase).chain(first.as_str().to_lowercase().chars()).collect();
    let mut schema = match row.holds.strip_prefix('[') {
        Some(list) => {
            let (items, count) = list.split_once(']').unwrap_or((list, ""));
            let (min, max) = count.split_once("..").unwrap_or_default();
            let mut schema = json!({"items": single(items), "type": "array"});
            if let Ok(min) = min.parse::<u64>() {
                schema["minItems"] = json!(min);
            }
            if let Ok(max) = max.parse::<u64>() {
                schema["maxItems"] = json!(max);
            }
            schema
        }
        None if row.holds == "class" && row.version == "3.0" => json!({"const": row.class}),
        None if row.holds == "class" => json!({"type": "string", "enum": [row.class], "const": row.class}),
        None => single(&row.holds),
    };
    let holds_one_class = row.holds.chars().next().is_some_and(char::is_uppercase) && !row.holds.contains('|');
    if !holds_one_class {
        schema["title"] = json!(title);
    }
    schema
}

fn single(holds: &str) -> Value {
    let (holds, or_null) = holds.strip_suffix('?').map_or((holds, false), |holds| (holds, true));
    let mut alternatives: Vec<Value> = holds.split('|').map(one).collect();
    if or_null {
        alternatives.push(json!({"type": "null"}));
    }
    if alternatives.len() == 1 { alternatives.swap_remove(0) } else { json!({ "anyOf": alternatives }) }
}

fn one(holds: &str) -> Value {
    match holds {
        "text" => json!({"type": "string"}),
        "text+" => json!({"type": "string", "minLength": 1}),
        "date" | "uuid" => json!({"type": "string", "format": holds}),
        "boolean" | "integer" | "number" => json!({ "type": holds }),
        class => json!({ "$ref": format!("#/$defs/{class}") }),
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Part {
    Member(String),
    Item(usize),
}

/// A broken keyword, with those of its alternatives.
struct Broken<'s> {
    path: Vec<Part>,
    /// How many parts of the path are those of the error around it.
    outer: usize,
    keyword: &'static str,
    wanted: &'s Value,
    schema: &'s Map<String, Value>,
    message: String,
    /// The number of the alternative that it belongs to.
    alternative: Option<usize>,
    context: Vec<Broken<'s>>,
}

/// What a document has that its schema does not allow, in document order by place.
///
/// # Errors
/// When the schema is not one that can be checked.
pub fn check(document: &Value, schema: &Value) -> Result<Vec<SchemaIssue>, SchemaError> {
    let mut checker = Checker { root: schema, path: Vec::new(), depth: 0 };
    let mut broken = Vec::new();
    checker.check(document, schema, &mut broken)?;
    // One error for each keyword at each place: the last.
    let mut kept: Vec<Broken<'_>> = Vec::new();
    for error in broken {
        match kept.iter_mut().find(|k| k.keyword == error.keyword && k.path == error.path) {
            Some(old) => *old = error,
            None => kept.push(error),
        }
    }
    let mut issues = Vec::new();
    kept.iter().for_each(|error| list(document, error, &mut issues));
    Ok(issues)
}

struct Checker<'s> {
    root: &'s Value,
    path: Vec<Part>,
    depth: usize,
}

const MAX_DEPTH: usize = 400;

impl<'s> Checker<'s> {
    fn check(&mut self, value: &Value, schema: &'s Value, broken: &mut Vec<Broken<'s>>) -> Result<(), SchemaError> {
        let Some(rules) = schema.as_object() else { return Ok(()) };
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(SchemaError::TooDeep);
        }
        for (keyword, wanted) in rules {
            self.keyword(value, rules, keyword, wanted, broken)?;
        }
        self.depth -= 1;
        Ok(())
    }

    fn keyword(
        &mut self,
        value: &Value,
        rules: &'s Map<String, Value>,
        keyword: &str,
        wanted: &'s Value,
        broken: &mut Vec<Broken<'s>>,
    ) -> Result<(), SchemaError> {
        let shown_value = || literal(value);
        let count = wanted.as_u64().unwrap_or(0) as usize;
        let found = match keyword {
            "$ref" => {
                let target = self.target(wanted)?;
                return self.check(value, target, broken);
            }
            "properties" => {
                if let (Some(members), Some(properties)) = (value.as_object(), wanted.as_object()) {
                    for (name, schema) in properties {
                        if let Some(member) = members.get(name) {
                            self.within(Part::Member(name.clone()), member, schema, broken)?;
                        }
                    }
                }
                return Ok(());
            }
            "items" => {
                for (i, item) in value.as_array().into_iter().flatten().enumerate() {
                    self.within(Part::Item(i), item, wanted, broken)?;
                }
                return Ok(());
            }
            "anyOf" => return self.any_of(value, rules, wanted, broken),
            "required" => {
                let members = value.as_object();
                let names = wanted.as_array().into_iter().flatten().filter_map(Value::as_str);
                for name in names.filter(|name| members.is_some_and(|members| !members.contains_key(*name))) {
                    let message = format!("{} is a required property", literal(&json!(name)));
                    broken.push(self.error("required", wanted, rules, message));
                }
                return Ok(());
            }
            "additionalProperties" if *wanted == json!(false) => {
                ("additionalProperties", surplus(value, rules.get("properties")))
            }
            "additionalProperties" if *wanted == json!(true) => return Ok(()),
            "type" => (
                "type",
                (!has_type(value, wanted)).then(|| format!("{} is not of type {}", shown_value(), types(wanted))),
            ),
            "const" => ("const", (!equal(value, wanted)).then(|| format!("{} was expected", literal(wanted)))),
            "enum" => {
                let is_one = wanted.as_array().is_some_and(|all| all.iter().any(|one| equal(value, one)));
                ("enum", (!is_one).then(|| format!("{} is not one of {}", shown_value(), literal(wanted))))
            }
            "minLength" => {
                let short = value.as_str().is_some_and(|text| text.chars().count() < count);
                ("minLength", short.then(|| format!("{} {}", shown_value(), too_short(count))))
            }
            "minItems" => {
                let short = value.as_array().is_some_and(|items| items.len() < count);
                ("minItems", short.then(|| format!("{} {}", shown_value(), too_short(count))))
            }
            "maxItems" => {
                let long = value.as_array().is_some_and(|items| items.len() > count);
                let what = if count == 0 { "is expected to be empty" } else { "is too long" };
                ("maxItems", long.then(|| format!("{} {what}", shown_value())))
            }
            "$schema" | "$id" | "$comment" | "$defs" | "definitions" | "title" | "description" | "default"
            | "examples" | "format" => return Ok(()),
            other => return Err(SchemaError::Keyword { keyword: other.to_owned() }),
        };
        if let (keyword, Some(message)) = found {
            broken.push(self.error(keyword, wanted, rules, message));
        }
        Ok(())
    }

    fn within(
        &mut self,
        part: Part,
        value: &Value,
        schema: &'s Value,
        broken: &mut Vec<Broken<'s>>,
    ) -> Result<(), SchemaError> {
        self.path.push(part);
        self.check(value, schema, broken)?;
        self.path.pop();
        Ok(())
    }

    fn any_of(
        &mut self,
        value: &Value,
        rules: &'s Map<String, Value>,
        wanted: &'s Value,
        broken: &mut Vec<Broken<'s>>,
    ) -> Result<(), SchemaError> {
        let mut context = Vec::new();
        for (i, alternative) in wanted.as_array().into_iter().flatten().enumerate() {
            let mut inner = Vec::new();
            self.check(value, alternative, &mut inner)?;
            if inner.is_empty() {
                return Ok(());
            }
            for error in &mut inner {
                error.alternative = Some(i);
                error.outer = self.path.len();
            }
            context.append(&mut inner);
        }
        let message = format!("{} is not valid under any of the given schemas", literal(value));
        let mut error = self.error("anyOf", wanted, rules, message);
        error.context = context;
        broken.push(error);
        Ok(())
    }

    fn error(
        &self,
        keyword: &'static str,
        wanted: &'s Value,
        schema: &'s Map<String, Value>,
        message: String,
    ) -> Broken<'s> {
        Broken {
            path: self.path.clone(),
            outer: 0,
            keyword,
            wanted,
            schema,
            message,
            alternative: None,
            context: Vec::new(),
        }
    }

    fn target(&self, reference: &Value) -> Result<&'s Value, SchemaError> {
        let text = reference.as_str().unwrap_or_default();
        let pointer = text.strip_prefix('#');
        let target = pointer.and_then(|pointer| self.root.pointer(pointer));
        target.ok_or_else(|| SchemaError::Reference { reference: text.to_owned() })
    }
}

/// As Python's `repr` writes a value.
fn literal(value: &Value) -> String {
    let list = shown(&Value::Array(vec![value.clone()]));
    list[1..list.len() - 1].to_owned()
}

fn too_short(count: usize) -> &'static str {
    if count == 1 { "should be non-empty" } else { "is too short" }
}

fn types(wanted: &Value) -> String {
    let all: Vec<String> = match wanted {
        Value::Array(all) => all.iter().map(literal).collect(),
        one => vec![literal(one)],
    };
    all.join(", ")
}

fn has_type(value: &Value, wanted: &Value) -> bool {
    match wanted {
        Value::Array(all) => all.iter().any(|one| has_type(value, one)),
        one => match one.as_str() {
            Some("null") => value.is_null(),
            Some("boolean") => value.is_boolean(),
            Some("string") => value.is_string(),
            Some("array") => value.is_array(),
            Some("object") => value.is_object(),
            Some("number") => value.is_number(),
            Some("integer") => value.as_f64().is_some_and(|n| n.fract() == 0.0),
            _ => true,
        },
    }
}

fn equal(a: &Value, b: &Value) -> bool {
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => a.partial_cmp(&b).is_some_and(std::cmp::Ordering::is_eq),
        _ => a == b,
    }
}

fn surplus(value: &Value, properties: Option<&Value>) -> Option<String> {
    let known = |name: &String| properties.is_some_and(|all| all.get(name).is_some());
    let mut names: Vec<&String> = value.as_object()?.keys().filter(|name| !known(name)).collect();
    names.sort();
    let verb = if names.len() == 1 { "was" } else { "were" };
    let all: Vec<String> = names.iter().map(|name| literal(&json!(name))).collect();
    let all = all.join(", ");
    (!names.is_empty()).then(|| format!("Additional properties are not allowed ({all} {verb} unexpected)"))
}

/// The issues of an error, those of its alternatives in its place.
fn list(document: &Value, error: &Broken<'_>, issues: &mut Vec<SchemaIssue>) {
    if error.keyword != "anyOf" {
        issues.push(issue(document, error));
        return;
    }
    let classes: Vec<&str> = error
        .wanted
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|s| s.get("$ref")?.as_str()?.rsplit('/').next())
        .collect();
    let is_elsewhere = |inner: &Broken<'_>| {
        let within = &inner.path[inner.outer.min(inner.path.len())..];
        let instance = at(document, &inner.path).and_then(Value::as_str);
        let is_other_class = within == [Part::Member("instanceType".to_owned())]
            && inner.keyword == "const"
            && instance.is_some_and(|class| classes.contains(&class));
        is_other_class || (within.is_empty() && inner.keyword == "type" && inner.wanted == "null")
    };
    let skipped: Vec<Option<usize>> = error.context.iter().filter(|e| is_elsewhere(e)).map(|e| e.alternative).collect();
    error.context.iter().filter(|e| !skipped.contains(&e.alternative)).for_each(|e| list(document, e, issues));
}

fn at<'v>(document: &'v Value, path: &[Part]) -> Option<&'v Value> {
    path.iter().try_fold(document, |value, part| match part {
        Part::Member(name) => value.get(name),
        Part::Item(i) => value.get(i),
    })
}

fn issue(document: &Value, error: &Broken<'_>) -> SchemaIssue {
    let path = &error.path;
    let of_object = matches!(error.keyword, "required" | "additionalProperties");
    let holder = match path.as_slice() {
        _ if of_object => path.as_slice(),
        [before @ .., Part::Member(_), Part::Item(_)] | [before @ .., _] => before,
        [] => &[],
    };
    // How long the attribute is decides, as in the reference engine, whether a value is left out of the message.
    let (attribute, size) = match path.as_slice() {
        _ if of_object => {
            let names: Vec<Value> = quoted(&error.message).into_iter().map(Value::from).collect();
            let count = names.len();
            (shown(&Value::Array(names)), count)
        }
        [.., Part::Member(name), Part::Item(i)] => sized(format!("{name}[{i}]")),
        [.., Part::Member(name)] => sized(name.clone()),
        [.., Part::Item(i)] => sized(i.to_string()),
        [] => sized(String::new()),
    };
    let value = at(document, path).unwrap_or(&Value::Null);
    let text = shown(value);
    let message = match text.chars().count() > size + 11 {
        true => error.message.replace(&text, &format!("[Value of {attribute}]")),
        false => error.message.clone(),
    };
    let object = at(document, holder);
    let own = |name: &str| object.and_then(|o| o.get(name)).and_then(Value::as_str).filter(|text| !text.is_empty());
    let named = || error.schema.get("title").and_then(Value::as_str);
    let above = || {
        let holders = (0..holder.len()).rev();
        holders.filter_map(|length| at(document, &holder[..length])?.get("instanceType")?.as_str()).next()
    };
    SchemaIssue {
        json_path: json_path(path),
        error_attribute: attribute,
        error_value: value.to_string(),
        validator: error.keyword,
        validator_value: shown(error.wanted),
        message,
        dataset: own("instanceType").or_else(named).or_else(above).unwrap_or_default().to_owned(),
        id: own("id").unwrap_or_default().to_owned(),
        path: pointer(holder),
    }
}

fn sized(name: String) -> (String, usize) {
    let size = name.chars().count();
    (name, size)
}

/// What stands in single quotes, without spaces and commas.
fn quoted(message: &str) -> Vec<&str> {
    message.split('\'').skip(1).step_by(2).filter(|name| !name.is_empty() && !name.contains([' ', ','])).collect()
}

fn json_path(path: &[Part]) -> String {
    path.iter().fold("$".to_owned(), |text, part| match part {
        Part::Member(name) => format!("{text}.{name}"),
        Part::Item(i) => format!("{text}[{i}]"),
    })
}

fn pointer(path: &[Part]) -> String {
    let parts = path.iter().map(|part| match part {
        Part::Member(name) => format!("/{name}"),
        Part::Item(i) => format!("/{i}"),
    });
    let text: String = parts.collect();
    if text.is_empty() { "/".to_owned() } else { text }
}
