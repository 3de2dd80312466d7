//! The elements of ODM, of all versions in one: what a version does not have is absent.

pub mod admin;
pub mod data;
pub mod protocol;
pub mod study;
pub mod text;
