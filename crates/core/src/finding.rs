//! What is remarkable about the data?
//!
//! A rule that is broken, a value out of range, an input that was read with a remark: findings are
//! records, not errors. They are collected, all of them, and mean the same in command line, page and report.

use serde::{Deserialize, Serialize};
use std::fmt;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Something to know.
    Note,
    /// Something to look at.
    Warning,
    /// Something to mend before the data are used.
    Error,
}

/// One remark about data, with its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The rule's stable code, `XPT-ENCODING`.
    pub rule: String,
    /// How much it weighs.
    pub severity: Severity,
    /// File or dataset it is about.
    pub dataset: String,
    /// Row, counted from 1, when it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<usize>,
    /// Variable, when it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variable: Option<String>,
    /// The value as found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// What is remarkable, in one sentence.
    pub message: String,
    /// What to do next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Finding {
    /// A finding about a whole dataset; narrow it with [`Finding::at`] and [`Finding::hint`].
    pub fn new(rule: &str, severity: Severity, dataset: &str, message: impl Into<String>) -> Self {
        Self {
            rule: rule.to_owned(),
            severity,
            dataset: dataset.to_owned(),
            row: None,
            variable: None,
            value: None,
            message: message.into(),
            hint: None,
        }
    }

    /// The same finding about one cell; `row` counts from 1.
    pub fn at(mut self, row: usize, variable: &str, value: &str) -> Self {
        self.row = Some(row);
        self.variable = Some(variable.to_owned());
        self.value = Some(value.to_owned());
        self
    }

    /// The same finding with what to do next.
    pub fn hint(mut self, hint: &str) -> Self {
        self.hint = Some(hint.to_owned());
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.dataset)?;
        if let Some(row) = self.row {
            write!(f, ", row {row}")?;
        }
        if let Some(variable) = &self.variable {
            write!(f, ", {variable}")?;
        }
        if let Some(value) = &self.value {
            write!(f, " = {value:?}")?;
        }
        write!(f, ": {}", self.message)
    }
}
