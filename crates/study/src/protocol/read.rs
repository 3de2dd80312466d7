//! Is this a study definition that can be taken in?
//!
//! USDM 4: JSON, one study, every object with an identifier of its own, every reference leading somewhere. What breaks one of these is an error with its
//! JSONPath. What differs from the schema otherwise is for `croft check`: a definition in work is taken in as it is.

use super::json::{path_of, text};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Why a study definition cannot be taken in or given out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProtocolError {
    /// The bytes are no JSON.
    #[error("line {line}, column {column}: this is no JSON: {message}")]
    NoJson {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
        /// What the reader says.
        message: String,
    },
    /// The JSON is something else.
    #[error("$: this is no study definition: it holds no `study`")]
    NoStudy,
    /// Another version of the model.
    #[error("$.usdmVersion: the document is of USDM `{found}`, and versions 4.x are read")]
    Version {
        /// What it says; empty when it says none.
        found: String,
    },
    /// A part that cannot be done without.
    #[error("{path}: there is no such part, and a study definition needs it")]
    Absent {
        /// Its JSONPath.
        path: String,
    },
    /// An object without an identifier.
    #[error("{path}: the {class} has no `id`")]
    NoId {
        /// Its JSONPath.
        path: String,
        /// Its class.
        class: String,
    },
    /// Two objects of one identifier.
    #[error("{path}: the id `{id}` is taken by {first}")]
    Twice {
        /// Where it is used again.
        path: String,
        /// The identifier.
        id: String,
        /// Where it is used first.
        first: String,
    },
    /// A reference to nothing.
    #[error("{path}: it refers to `{id}`, and no object has this id")]
    Dangling {
        /// JSONPath of the reference.
        path: String,
        /// What it names.
        id: String,
    },
    /// Timings that depend on each other.
    #[error("{path}: these timings depend on each other in a circle: {ids}")]
    Circle {
        /// JSONPath of the timeline.
        path: String,
        /// The instances, in order.
        ids: String,
    },
    /// The study no longer has an item that the kept document refers to.
    #[error("study.toml no longer has what {path} of protocol/usdm.json refers to (`{id}`)")]
    StillNamed {
        /// JSONPath of the reference.
        path: String,
        /// The identifier.
        id: String,
    },
}

impl ProtocolError {
    /// What the reader of the message can do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoJson { .. } => "export the document again, whole, as UTF-8",
            Self::NoStudy => "name a USDM document: an object with `study` and `usdmVersion`",
            Self::Version { .. } => "export the study as USDM 4.0, or convert the document",
            Self::Absent { .. } => "complete the document: croft check FILE lists what its schema misses",
            Self::NoId { .. } => "give the object an id that no other has",
            Self::Twice { .. } => "give each object an id of its own",
            Self::Dangling { .. } => "add the object, or take the reference out",
            Self::Circle { .. } => "let one of the timings refer to an instance whose time is known without it",
            Self::StillNamed { .. } => "put the item back, or take the reference out of protocol/usdm.json",
        }
    }
}

/// Reads a document and checks that it holds together.
pub(super) fn read(bytes: &[u8]) -> Result<Value, ProtocolError> {
    let document: Value = serde_json::from_slice(bytes).map_err(|e| ProtocolError::NoJson {
        line: e.line(),
        column: e.column(),
        message: e.to_string(),
    })?;
    if !document.get("study").is_some_and(Value::is_object) {
        return Err(ProtocolError::NoStudy);
    }
    let version = text(&document, "usdmVersion");
    if version != "4" && !version.starts_with("4.") {
        return Err(ProtocolError::Version { found: version.to_owned() });
    }
    for pointer in ["/study/versions/0", "/study/versions/0/studyDesigns/0"] {
        if !document.pointer(pointer).is_some_and(Value::is_object) {
            return Err(ProtocolError::Absent { path: path_of(pointer) });
        }
    }
    let ids = identifiers(&document)?;
    match dangling(&document, &ids).into_iter().next() {
        Some((path, id)) => Err(ProtocolError::Dangling { path, id }),
        None => Ok(document),
    }
}

/// Every identifier with its place.
pub(super) fn identifiers(document: &Value) -> Result<BTreeMap<&str, String>, ProtocolError> {
    let mut ids = BTreeMap::new();
    walk(document, &mut "$".to_owned(), &mut |path, value| {
        let Some(class) = value.get("instanceType").and_then(Value::as_str) else { return Ok(()) };
        match value.get("id").and_then(Value::as_str).filter(|id| !id.is_empty()) {
            Some(id) => match ids.insert(id, path.to_owned()) {
                Some(first) => Err(ProtocolError::Twice { path: path.to_owned(), id: id.to_owned(), first }),
                None => Ok(()),
            },
            // The study itself has none before it is registered.
            None if class == "Study" => Ok(()),
            None => Err(ProtocolError::NoId { path: path.to_owned(), class: class.to_owned() }),
        }
    })?;
    Ok(ids)
}

/// References that lead nowhere: members whose name ends in `Id` or `Ids`.
pub(super) fn dangling(document: &Value, ids: &BTreeMap<&str, String>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let walked = walk(document, &mut "$".to_owned(), &mut |path, value| {
        for (member, referred) in value.as_object().into_iter().flatten() {
            if !(member.ends_with("Id") || member.ends_with("Ids")) {
                continue;
            }
            let all = match referred {
                Value::Array(items) => items.as_slice(),
                one => std::slice::from_ref(one),
            };
            for (i, id) in all.iter().enumerate().filter_map(|(i, id)| Some((i, id.as_str()?))) {
                if !id.is_empty() && !ids.contains_key(id) {
                    let index = if referred.is_array() { format!("[{i}]") } else { String::new() };
                    found.push((format!("{path}.{member}{index}"), id.to_owned()));
                }
            }
        }
        Ok(())
    });
    debug_assert!(walked.is_ok(), "the visitor never refuses");
    found
}

type Visit<'a, 'v> = &'a mut dyn FnMut(&str, &'v Value) -> Result<(), ProtocolError>;

/// Calls a function on every object, with its JSONPath. The JSON reader has bounded the depth.
fn walk<'v>(value: &'v Value, path: &mut String, visit: Visit<'_, 'v>) -> Result<(), ProtocolError> {
    let length = path.len();
    match value {
        Value::Object(members) => {
            visit(path, value)?;
            for (member, inner) in members {
                path.push('.');
                path.push_str(member);
                walk(inner, path, visit)?;
                path.truncate(length);
            }
        }
        Value::Array(items) => {
            for (i, inner) in items.iter().enumerate() {
                let _ = write!(path, "[{i}]");
                walk(inner, path, visit)?;
                path.truncate(length);
            }
        }
        _ => {}
    }
    Ok(())
}
