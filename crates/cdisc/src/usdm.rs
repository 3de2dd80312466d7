//! USDM: what do the rules see of a study definition?
//!
//! The Unified Study Definitions Model (CDISC, versions 3.0 and 4.0) is one JSON document, a tree of objects that refer to one another by id.
//! Rules of the type "Record Data" are written for tables, so [`entities`] lays the tree out as one dataset for each class of object.
//!
//! Rules of the type "JSONata" see the tree itself, with the place of each object ([`located`]); what they find is read by [`issues`].
//!
//! Rules of the type "JSON Schema Check" see where the document is not as the model prescribes ([`check`] with the [`schema`] of a version).
//!
//! Apart from that schema nothing here knows the model's classes: an object says itself what it is (`instanceType`).

mod entities;
mod issue;
mod schema;

pub use entities::{Cell, EntityDataset, EntityRow, METADATA_COLUMNS, entities};
pub use issue::{IssueError, RuleIssue, issues, located, shown};
pub use schema::{SchemaError, SchemaIssue, check, schema};

use serde_json::Value;

/// Whether a document is a study definition: it holds a `study`, and is not Dataset-JSON.
pub fn is_usdm(document: &Value) -> bool {
    document.get("study").is_some() && document.get("datasetJSONVersion").is_none()
}
