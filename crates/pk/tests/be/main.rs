//! Bioequivalence: reference sets, laws, and unhappy input.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;
mod decisions;
mod laws;
mod method_c;
mod reference;
mod scaled;
