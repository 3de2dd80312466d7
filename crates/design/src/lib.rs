//! A study as text: what it is, what is recorded in it, and the form in which a record is frozen.
//!
//! | room | question |
//! |---|---|
//! | [`definition`] | what is this study? `study.toml` |
//! | [`forms`] | what is recorded? `forms/*.toml`, after ODM |
//! | [`protocol`] | what shall it find out, and what is done at which visit? parts of `study.toml` |
//! | [`entry`] | what was meant by what was typed? |
//! | [`snapshot`] | what was recorded, as frozen at the lock? `data/` |
//!
//! The record and the road both know this text, and neither knows the other. Everything here works on texts and bytes in
//! memory: who opens files is said by the caller.

pub mod definition;
pub mod entry;
pub mod error;
pub mod forms;
pub mod protocol;
pub mod snapshot;

pub use error::DesignError;
