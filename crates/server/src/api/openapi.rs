//! The description of the interface: OpenAPI 3.1, made from the table of routes.

use super::{BASE, Named, Route};
use serde_json::{Map, Value, json};

/// The whole document.
pub(super) fn describe(routes: &[Route]) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for route in routes {
        let item = paths.entry(format!("{BASE}{}", route.path)).or_insert_with(|| json!({}));
        item[route.method.name()] = operation(route);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "croft",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "The record of a contract research organisation. What a caller may do is what the account may; see the roles.",
        },
        "paths": paths,
        "security": [{ "key": [] }],
        "components": {
            "securitySchemes": { "key": { "type": "http", "scheme": "bearer", "description": "A key that an account made, or the secret of a session" } },
            "schemas": { "Problem": problem() },
        },
    })
}

fn operation(route: &Route) -> Value {
    let mut parameters: Vec<Value> = names(route.path)
        .map(|name| {
            let number = name.ends_with("_repeat") || matches!(name, "number" | "version" | "grant");
            json!({ "name": name, "in": "path", "required": true, "schema": { "type": if number { "integer" } else { "string" } } })
        })
        .collect();
    let query = route
        .query
        .iter()
        .map(|n| json!({ "name": n.name, "in": "query", "description": n.words, "schema": { "type": n.kind } }));
    parameters.extend(query);
    let mut operation = json!({
        "summary": route.summary,
        "operationId": identifier(route),
        "parameters": parameters,
        "responses": {
            "200": { "description": "What was asked for, or what was done; durable when it answers", "content": answer(route) },
            "default": { "description": "Why not", "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } } },
        },
    });
    if let Some(body) = route.body {
        operation["requestBody"] = json!({ "required": true, "content": { "application/json": { "schema": body() } } });
    }
    if route.open {
        operation["security"] = json!([]);
    }
    operation
}

/// What an answer holds. A later version may add names, and takes none away.
fn answer(route: &Route) -> Value {
    if route.archive {
        return json!({ "application/zip": {} });
    }
    let named = |n: &Named| (n.name.to_owned(), json!({ "type": n.kind, "description": n.words }));
    let properties: Map<String, Value> = route.answer.iter().map(named).collect();
    json!({ "application/json": { "schema": { "type": "object", "properties": properties } } })
}

/// The names in braces.
fn names(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
}

/// `post_studies_study_subjects`: stable, and unlike every other.
fn identifier(route: &Route) -> String {
    let path: Vec<&str> = route.path.split('/').filter(|s| !s.is_empty()).map(|s| s.trim_matches(['{', '}'])).collect();
    format!("{}_{}", route.method.name(), path.join("_").replace('-', "_"))
}

fn problem() -> Value {
    json!({
        "type": "object",
        "properties": {
            "type": { "type": "string" }, "title": { "type": "string" }, "status": { "type": "integer" }, "detail": { "type": "string" },
            "hint": { "type": "string", "description": "what to do next" },
            "reference": { "type": "string", "description": "the number under which the log has the request" },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{Method, table};
    use std::collections::BTreeSet;

    #[test]
    fn every_route_is_described_once_and_every_name_of_its_path_too() {
        let routes = table();
        let document = describe(&routes);
        assert_eq!(document["openapi"], "3.1.0");
        let mut identifiers = BTreeSet::new();
        for route in &routes {
            let operation = &document["paths"][format!("{BASE}{}", route.path)][route.method.name()];
            assert!(identifiers.insert(operation["operationId"].as_str().unwrap().to_owned()), "{} twice", route.path);
            assert!(!route.summary.is_empty());
            let told = operation["parameters"].as_array().unwrap().iter().filter(|p| p["in"] == "path").count();
            assert_eq!(told, route.path.matches('{').count(), "{}", route.path);
            let changes = matches!(route.method, Method::Post | Method::Put);
            assert!(changes || route.body.is_none(), "{}", route.path);
        }
        assert!(identifiers.len() > 40, "{}", identifiers.len());
    }
}
