//! What else does a page need? One style sheet and one script, from the program itself.
//!
//! Their addresses bear a hash of their content, so that browsers may keep them for ever and never show an old one.

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use std::sync::OnceLock;

struct Asset {
    name: String,
    content: &'static str,
    kind: &'static str,
}

fn assets() -> &'static [Asset; 3] {
    static ASSETS: OnceLock<[Asset; 3]> = OnceLock::new();
    ASSETS.get_or_init(|| {
        [
            asset("croft", "css", include_str!("../assets/croft.css"), "text/css; charset=utf-8"),
            asset("croft", "js", include_str!("../assets/croft.js"), "text/javascript; charset=utf-8"),
            asset("croft", "svg", include_str!("../assets/croft.svg"), "image/svg+xml"),
        ]
    })
}

fn asset(stem: &str, ending: &str, content: &'static str, kind: &'static str) -> Asset {
    let hash = HEXLOWER.encode(&Sha256::digest(content)[..8]);
    Asset { name: format!("{stem}-{hash}.{ending}"), content, kind }
}

/// The address of the style sheet.
pub fn css() -> String {
    format!("/assets/{}", assets()[0].name)
}

/// The address of the script.
pub fn js() -> String {
    format!("/assets/{}", assets()[1].name)
}

/// The address of the sign of croft.
pub fn icon() -> String {
    format!("/assets/{}", assets()[2].name)
}

pub(crate) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/assets/{name}", get(serve))
}

async fn serve(Path(name): Path<String>) -> Response {
    let Some(asset) = assets().iter().find(|asset| asset.name == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let keep = HeaderValue::from_static("public, max-age=31536000, immutable");
    ([(header::CONTENT_TYPE, HeaderValue::from_static(asset.kind)), (header::CACHE_CONTROL, keep)], asset.content)
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_with_its_style_and_script_stays_small() {
        let size = |n: usize| assets()[n].content.len();
        assert!(size(0) + size(1) < 48_000, "style {} + script {} bytes", size(0), size(1));
    }

    #[test]
    fn nothing_outside_is_asked_for() {
        for asset in &assets()[..2] {
            assert!(!asset.content.contains("http://") && !asset.content.contains("https://"), "{}", asset.name);
            assert!(!asset.content.contains("@import"), "{}", asset.name);
        }
    }
}
