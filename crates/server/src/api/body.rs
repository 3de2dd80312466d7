//! What may a body hold? Each body is one struct, from which the reader of JSON and the description are both made.

use crate::problem::Problem;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Knows its JSON schema (2020-12, as OpenAPI 3.1 takes it).
pub(crate) trait Schema {
    /// The schema.
    fn schema() -> Value;
    /// Whether it must be there.
    const REQUIRED: bool = true;
}

impl Schema for String {
    fn schema() -> Value {
        json!({ "type": "string" })
    }
}

impl Schema for bool {
    fn schema() -> Value {
        json!({ "type": "boolean" })
    }
}

impl Schema for u32 {
    fn schema() -> Value {
        json!({ "type": "integer", "minimum": 0, "maximum": u32::MAX })
    }
}

impl Schema for u64 {
    fn schema() -> Value {
        json!({ "type": "integer", "minimum": 0 })
    }
}

impl Schema for i64 {
    fn schema() -> Value {
        json!({ "type": "integer" })
    }
}

impl<T: Schema> Schema for Option<T> {
    fn schema() -> Value {
        T::schema()
    }
    const REQUIRED: bool = false;
}

impl<T: Schema> Schema for Vec<T> {
    fn schema() -> Value {
        json!({ "type": "array", "items": T::schema() })
    }
}

impl<T: Schema> Schema for BTreeMap<String, T> {
    fn schema() -> Value {
        json!({ "type": "object", "additionalProperties": T::schema() })
    }
}

/// A body: its fields with their words. What is an `Option` may be left out; what is not named is refused.
macro_rules! body {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $kind:ty = $words:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(super) struct $name { $(pub $field: $kind),* }

        impl $crate::api::body::Schema for $name {
            fn schema() -> serde_json::Value {
                let mut properties = serde_json::Map::new();
                let mut required: Vec<&str> = Vec::new();
                $(
                    let mut schema = <$kind as $crate::api::body::Schema>::schema();
                    schema["description"] = $words.into();
                    properties.insert(stringify!($field).to_owned(), schema);
                    if <$kind as $crate::api::body::Schema>::REQUIRED {
                        required.push(stringify!($field));
                    }
                )*
                serde_json::json!({
                    "type": "object", "properties": properties, "required": required, "additionalProperties": false
                })
            }
        }
    };
}
pub(super) use body;

/// A JSON body, read whole; what is wrong with it says where.
pub(crate) struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;
    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("");
        if kind.split(';').next().map(str::trim) != Some("application/json") {
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "the body is not application/json"));
        }
        let bytes = axum::body::Bytes::from_request(request, state)
            .await
            .map_err(|rejection| Problem::new(rejection.status(), rejection.body_text()))?;
        serde_json::from_slice(&bytes).map(Self).map_err(|error| {
            // The words name a field or a place, never what stood there.
            let words = match error.classify() {
                serde_json::error::Category::Data => {
                    format!("the body does not fit: {}", without_values(&error.to_string()))
                }
                _ => format!("the body is no JSON (line {}, column {})", error.line(), error.column()),
            };
            Problem::bad_request(words).hint("see /api/openapi.json")
        })
    }
}

/// `invalid type: string "secret", expected u32`: what stood there is left out.
fn without_values(words: &str) -> String {
    let Some((before, rest)) = words.split_once("invalid ") else { return words.to_owned() };
    let after = rest.find(", expected").map_or("", |at| &rest[at..]);
    let kind: String = rest.chars().take_while(|c| *c != ':').collect();
    format!("{before}invalid {kind}{after}")
}

#[cfg(test)]
mod tests {
    use super::*;

    body! {
        /// A body of a test.
        Note { text: String = "what is said", times: Option<u32> = "how often" }
    }

    #[test]
    fn the_description_is_of_the_struct_that_is_read() {
        let schema = Note::schema();
        assert_eq!(schema["required"], json!(["text"]));
        assert_eq!(schema["properties"]["times"]["type"], "integer");
        let note: Note = serde_json::from_str(r#"{"text": "a"}"#).unwrap();
        assert_eq!((note.text.as_str(), note.times), ("a", None));
        assert!(serde_json::from_str::<Note>(r#"{"text": "a", "more": 1}"#).is_err());
    }

    #[test]
    fn a_value_that_was_sent_is_not_sent_back() {
        let error = serde_json::from_str::<Note>(r#"{"text": "a", "times": "hunter2"}"#).err().unwrap();
        let words = without_values(&error.to_string());
        assert!(!words.contains("hunter2") && words.contains("expected u32"), "{words}");
    }
}
