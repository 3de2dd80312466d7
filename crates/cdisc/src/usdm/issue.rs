//! What a JSONata rule found: from the expression's result to rows of a report.
//!
//! The expression runs over the document as [`located`] gives it, with the library `$utils`. Its result is nothing (no finding), one object or a list
//! of objects, each a finding:
//!
//! | of the finding | is the object's |
//! |---|---|
//! | entity | `entity`, else `dataset`, else `instanceType` |
//! | instance | `instance_id`, else `id` |
//! | path | `path`, else `_path` |
//! | values | member of each of the rule's output variables, in their order |
//!
//! Values are shown as the reference engine's reports show them, which is how Python writes them ([`shown`]): `True`, `['a', 'b']`, nothing for null.

use serde_json::Value;

/// A finding of a JSONata rule.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleIssue {
    /// The class of the object that is at fault.
    pub entity: Option<String>,
    /// Its id.
    pub instance: Option<String>,
    /// Where it stands in the document: `/study/versions/0`.
    pub path: Option<String>,
    /// Output variable and its value as shown; empty for null and for what is absent.
    pub values: Vec<(String, String)>,
}

/// The result of a rule is not what findings are read from.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IssueError {
    /// Not a list of objects.
    #[error("the rule's expression gives {found}, and not a list of objects")]
    NotAList {
        /// What it gives.
        found: &'static str,
    },
    /// An item is no object.
    #[error("item {index} of the rule's result is {found}, and not an object")]
    NotAnObject {
        /// From 0.
        index: usize,
        /// What it is.
        found: &'static str,
    },
}

impl IssueError {
    /// What the author of the rule can do.
    pub fn hint(&self) -> &'static str {
        "let the expression construct an object for each finding, and nothing where all is well"
    }
}

/// The document with the place of each object in it, as member `_path` (JSON Pointer).
pub fn located(document: &Value) -> Value {
    fn place(value: &Value, path: String) -> Value {
        match value {
            Value::Object(members) => {
                let within = members.iter().filter(|(key, _)| *key != "_path");
                let mut placed: serde_json::Map<String, Value> =
                    within.map(|(key, member)| (key.clone(), place(member, format!("{path}/{key}")))).collect();
                placed.insert("_path".to_owned(), Value::String(path));
                Value::Object(placed)
            }
            Value::Array(items) => {
                Value::Array(items.iter().enumerate().map(|(i, item)| place(item, format!("{path}/{i}"))).collect())
            }
            other => other.clone(),
        }
    }
    place(document, String::new())
}

/// The findings of a rule.
///
/// # Errors
/// When the result is not made of objects.
pub fn issues(result: Option<&Value>, output_variables: &[String]) -> Result<Vec<RuleIssue>, IssueError> {
    let objects = match result {
        None | Some(Value::Null | Value::Bool(false)) => return Ok(Vec::new()),
        Some(Value::Object(members)) if members.is_empty() => return Ok(Vec::new()),
        Some(object @ Value::Object(_)) => std::slice::from_ref(object),
        Some(Value::Array(items)) => items.as_slice(),
        Some(other) => return Err(IssueError::NotAList { found: kind(other) }),
    };
    let issue = |(index, object): (usize, &Value)| match object {
        Value::Object(_) => Ok(issue(object, output_variables)),
        other => Err(IssueError::NotAnObject { index, found: kind(other) }),
    };
    objects.iter().enumerate().map(issue).collect()
}

fn issue(object: &Value, output_variables: &[String]) -> RuleIssue {
    let first = |names: &[&str]| {
        let found = names.iter().filter_map(|name| object.get(name)).find(|value| is_something(value));
        found.map(shown)
    };
    let value = |variable: &String| {
        let text = object.get(variable).map(shown).filter(|text| text != "null" && text != "None");
        (variable.clone(), text.unwrap_or_default())
    };
    RuleIssue {
        entity: first(&["entity", "dataset", "instanceType"]),
        instance: first(&["instance_id", "id"]),
        path: first(&["path", "_path"]),
        values: output_variables.iter().map(value).collect(),
    }
}

fn is_something(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Bool(false)) && value.as_str() != Some("")
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// A value as Python's `str` writes it.
pub fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => {
            let mut text = String::new();
            write_literal(other, &mut text);
            text
        }
    }
}

/// As Python's `repr` writes it.
fn write_literal(value: &Value, into: &mut String) {
    match value {
        Value::Null => into.push_str("None"),
        Value::Bool(true) => into.push_str("True"),
        Value::Bool(false) => into.push_str("False"),
        Value::Number(n) => match n.as_f64() {
            Some(float) if n.is_f64() => into.push_str(&float_literal(float)),
            _ => into.push_str(&n.to_string()),
        },
        Value::String(text) => write_quoted(text, into),
        Value::Array(items) => {
            into.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    into.push_str(", ");
                }
                write_literal(item, into);
            }
            into.push(']');
        }
        Value::Object(members) => {
            into.push('{');
            for (i, (key, member)) in members.iter().enumerate() {
                if i > 0 {
                    into.push_str(", ");
                }
                write_quoted(key, into);
                into.push_str(": ");
                write_literal(member, into);
            }
            into.push('}');
        }
    }
}

/// Shortest digits that read back; a point always; an exponent below 0.0001 and from 1e16.
fn float_literal(n: f64) -> String {
    if n == 0.0 || (1e-4..1e16).contains(&n.abs()) {
        let text = n.to_string();
        return if text.contains('.') { text } else { format!("{text}.0") };
    }
    let text = format!("{n:e}");
    match text.split_once('e') {
        Some((digits, exponent)) => {
            let (sign, size) = exponent.strip_prefix('-').map_or(('+', exponent), |size| ('-', size));
            format!("{digits}e{sign}{size:0>2}")
        }
        None => text,
    }
}

/// In single quotes, unless only double ones spare an escape.
fn write_quoted(text: &str, into: &mut String) {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    into.push(quote);
    for c in text.chars() {
        match c {
            '\\' => into.push_str("\\\\"),
            '\n' => into.push_str("\\n"),
            '\r' => into.push_str("\\r"),
            '\t' => into.push_str("\\t"),
            c if c == quote => {
                into.push('\\');
                into.push(c);
            }
            c if is_printed(c) => into.push(c),
            c if (c as u32) < 0x100 => into.push_str(&format!("\\x{:02x}", c as u32)),
            c if (c as u32) < 0x1_0000 => into.push_str(&format!("\\u{:04x}", c as u32)),
            c => into.push_str(&format!("\\U{:08x}", c as u32)),
        }
    }
    into.push(quote);
}

/// Whether Python writes a character as it is: not control and format characters, nor spaces but the usual one.
fn is_printed(c: char) -> bool {
    let unseen = matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    let private = matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}');
    c == ' ' || !(c.is_control() || c.is_whitespace() || unseen || private)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_shown_as_python_writes_them() {
        let cases = [
            (json!("a'b"), "a'b"),
            (json!(["a'b", "a\"b", "a'\"b", "é\u{a0}\n\\"]), r#"["a'b", 'a"b', 'a\'"b', 'é\xa0\n\\']"#),
            (json!({"k": [true, null, 1, 1.5]}), "{'k': [True, None, 1, 1.5]}"),
            (json!(10.0), "10.0"),
            (json!(1e16), "1e+16"),
            (json!(0.00001), "1e-05"),
            (json!(123456789012.25), "123456789012.25"),
        ];
        for (value, expected) in cases {
            assert_eq!(shown(&value), expected);
        }
    }

    #[test]
    fn each_object_of_a_result_is_an_issue() {
        let variables = ["name".to_owned(), "list".to_owned(), "absent".to_owned()];
        let result = json!([{"instanceType": "Activity", "id": "A", "path": "/study", "name": null, "list": ["x"]}]);
        let found = issues(Some(&result), &variables).unwrap();
        assert_eq!(found, issues(Some(&result[0]), &variables).unwrap());
        let values: Vec<_> = found[0].values.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(values, ["", "['x']", ""]);
        assert_eq!(found[0].entity.as_deref(), Some("Activity"));
        assert_eq!(found[0].path.as_deref(), Some("/study"));
        assert_eq!(issues(None, &variables), Ok(vec![]));
        assert_eq!(issues(Some(&json!([])), &variables), Ok(vec![]));
        assert_eq!(issues(Some(&json!("x")), &variables), Err(IssueError::NotAList { found: "a text" }));
        let wrong = Err(IssueError::NotAnObject { index: 0, found: "a number" });
        assert_eq!(issues(Some(&json!([1])), &variables), wrong);
    }

    #[test]
    fn every_object_knows_its_place() {
        let document = json!({"study": {"arms": [{"id": 1}], "_path": "old"}});
        let placed = located(&document);
        assert_eq!(placed["_path"], "");
        assert_eq!(placed["study"]["_path"], "/study");
        assert_eq!(placed["study"]["arms"][0], json!({"id": 1, "_path": "/study/arms/0"}));
    }
}
