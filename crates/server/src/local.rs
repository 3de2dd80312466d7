//! How does a program in the same process speak to the interface? By the same requests, without a network between.
//!
//! What is asked goes through the whole frame and the rights, as if it had come over a wire.

use crate::app::App;
use axum::Router;
use axum::body::Body;
use axum::http::{Request, header};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

/// The server within reach.
#[derive(Clone)]
pub struct Local(Router);

impl Local {
    /// The pages and the interface of an app.
    pub fn new(app: App) -> Self {
        Self(crate::app(app))
    }

    /// Calls the interface: a path under `/api/v1`, a key or none, a body or null. Answers the status and the JSON.
    pub async fn call(&self, secret: &str, method: &str, path: &str, body: &Value) -> Result<(u16, Value), LocalError> {
        let mut request =
            Request::builder().method(method).uri(format!("/api/v1{path}")).header(header::HOST, "localhost");
        if !secret.is_empty() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {secret}"));
        }
        let content = if body.is_null() { String::new() } else { body.to_string() };
        let request = request.header(header::CONTENT_TYPE, "application/json").body(Body::from(content));
        let request = request.map_err(|error| LocalError(error.to_string()))?;
        let Ok(answer) = self.0.clone().oneshot(request).await;
        let status = answer.status().as_u16();
        let bytes = answer.into_body().collect().await.map_err(|error| LocalError(error.to_string()))?.to_bytes();
        Ok((status, serde_json::from_slice(&bytes).unwrap_or(Value::Null)))
    }
}

/// The request could not be made, or its answer not read.
#[derive(Debug, thiserror::Error)]
#[error("the server in this process could not be asked: {0}")]
pub struct LocalError(String);
