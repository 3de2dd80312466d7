//! The pages as people use them, in a real browser: a study is designed, recorded, cleaned, signed, locked, built and traced; the same without
//! scripts; every page is accessible and readable on a tablet.
//!
//! `CROFT_PICTURES=FOLDER` keeps a picture of each page that is looked at.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(clippy::disallowed_methods, reason = "a server is another program: a wait for it is bounded by a clock")]

mod designer;
mod looks;
mod scene;
mod story;
mod vault;
#[path = "../vault_house/mod.rs"]
mod vault_house;
