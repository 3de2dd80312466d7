//! The vault through pages and interface: subjects are randomised, kits dispensed, codes broken; and what blinded eyes get to see of it: no page, answer,
//! error, export, copy, file or line of the log tells a treatment.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod crawl;
mod errors;
mod eyes;
#[path = "../house/mod.rs"]
mod house;
mod pages;
mod scene;
#[path = "../../../record/tests/vault_scene/mod.rs"]
mod vault_scene;
