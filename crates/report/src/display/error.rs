//! Why can a display not be shown?

use crate::value::ValueError;

/// Names the display's file, the key in it, and what to do.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum DisplayError {
    /// The file is not TOML, or a key is unknown or of the wrong type.
    #[error("display/{display}.toml: {message}")]
    Syntax {
        /// The display's name.
        display: String,
        /// The TOML reader's message, with line and column.
        message: String,
    },
    /// A key says something that cannot be understood.
    #[error("display/{display}.toml, {key}: {problem}")]
    Key {
        /// The display's name.
        display: String,
        /// Where in the file.
        key: String,
        /// What is wrong.
        problem: String,
    },
    /// A dataset, variable or level is named that is not there.
    #[error("display/{display}.toml, {key}: there is no {kind} `{name}` (there are: {known})")]
    Unknown {
        /// The display's name.
        display: String,
        /// Where in the file.
        key: String,
        /// What kind of thing is named.
        kind: &'static str,
        /// The name.
        name: String,
        /// Those that are there.
        known: String,
    },
    /// No result fits a filter.
    #[error("display/{display}.toml, {key}: no result has {filter}")]
    NoResult {
        /// The display's name.
        display: String,
        /// Where in the file.
        key: String,
        /// The filter, or its term that no result fulfils.
        filter: String,
    },
    /// Several results fit where one number is shown.
    #[error("display/{display}.toml, {key}: {found} results fit {filter}; they differ in {differ}")]
    Several {
        /// The display's name.
        display: String,
        /// Where in the file.
        key: String,
        /// The row, column and statistic.
        filter: String,
        /// How many.
        found: usize,
        /// The fields in which they differ.
        differ: String,
    },
    /// A value in double braces cannot be shown.
    #[error("display/{display}.toml, {key}")]
    Value {
        /// The display's name.
        display: String,
        /// Where in the file.
        key: String,
        /// Why.
        #[source]
        cause: ValueError,
    },
}

impl DisplayError {
    /// What to do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Syntax { .. } => "correct the file at the line named; the manual's page on displays lists the keys",
            Self::Key { .. } => "correct the key as the message says",
            Self::Unknown { .. } => "use one of the names listed, as it is spelled there",
            Self::NoResult { .. } => "compare the filter with the results of the analysis: codes are compared exactly",
            Self::Several { .. } => {
                "add the fields that differ to `where` of the row or column; an empty value means \"no such group\""
            }
            Self::Value { cause, .. } => cause.hint(),
        }
    }
}
