//! Studies of other systems come in: every reference document as a definition, and their data as events.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "import/scene.rs"]
mod scene;

#[path = "import/definitions.rs"]
mod definitions;
#[path = "import/feeds.rs"]
mod feeds;
#[path = "import/redcap.rs"]
mod redcap;
