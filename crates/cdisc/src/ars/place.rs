//! Where in the document, and what is wrong there?

use std::fmt;

/// A place, as the way to it from the root.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    outer: Option<&'a At<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Root,
    Member(&'a str),
    Item(usize),
}

impl<'a> At<'a> {
    pub const ROOT: At<'static> = At { outer: None, step: Step::Root };

    pub fn member(&'a self, name: &'a str) -> At<'a> {
        At { outer: Some(self), step: Step::Member(name) }
    }

    pub fn item(&'a self, index: usize) -> At<'a> {
        At { outer: Some(self), step: Step::Item(index) }
    }
}

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(outer) = self.outer {
            outer.fmt(f)?;
        }
        match self.step {
            Step::Root => f.write_str("$"),
            Step::Member(name) if name.chars().all(|c| c.is_alphanumeric() || c == '_') => write!(f, ".{name}"),
            Step::Member(name) => write!(f, "[{name:?}]"),
            Step::Item(index) => write!(f, "[{index}]"),
        }
    }
}

/// Why a document is no reporting event.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum ArsError {
    #[error("the file is not JSON")]
    Json(#[source] serde_json::Error),
    #[error("{path}: {found} stands where {expected} is expected")]
    Type { path: String, found: &'static str, expected: &'static str },
    #[error("{path}: `{member}` is missing")]
    Missing { path: String, member: &'static str },
    #[error("{path}: `{value}` is not one of {allowed}")]
    Term { path: String, value: String, allowed: String },
}

impl ArsError {
    /// What the reader can do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Json(_) => "give the JSON file of a reporting event; the message names line and column",
            Self::Type { expected: "a text", .. } => {
                "the standard has texts there, also for numbers: put the value in quotes"
            }
            Self::Type { .. } => "mend the value at that path; the standard's JSON schema says what stands there",
            Self::Missing { .. } => "add the member: the standard requires it",
            Self::Term { .. } => "use one of the standard's words, in its spelling",
        }
    }
}
