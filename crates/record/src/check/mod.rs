//! What follows from what was entered: which items are asked, what is computed, which checks fire?
//!
//! Logic is three-valued: a condition on a value that is missing is unknown. A check fires where it is definitely broken; an item is asked only where its
//! condition is definitely true. Computed values are worked out first, each behind those that it reads, then skips, then checks.
//!
//! Some checks need no SQL and are made on every item: `croft.format` and its like where the text could not be read, `croft.future` for a date behind today,
//! `croft.required` on a form that is said to be complete, `croft.not_asked` where a value stands and its condition is not true.

#[cfg(test)]
mod agreement;
pub(crate) mod database;
mod evaluate;
pub(crate) mod expression;
pub(crate) mod table;

pub use croft_design::entry::Entry;
pub use croft_design::forms::Severity;
use std::collections::BTreeMap;

/// One occurrence of an item group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Code of the visit.
    pub visit: String,
    /// Which of its repeats, counted from 1.
    pub visit_repeat: u32,
    /// The form.
    pub form: String,
    /// Which of its repeats, counted from 1.
    pub form_repeat: u32,
    /// Which of the group's repeats, counted from 1.
    pub seq: u32,
    /// By item; what was never entered is not there.
    pub values: BTreeMap<String, Entry>,
}

/// The rows of one subject, as they would be after the save that is being looked at, of all visits.
pub trait SubjectRows {
    /// The rows of a group. Asked only for groups that are read.
    fn rows(&self, group: &str) -> Result<Vec<Row>, RowsError>;
}

/// The rows could not be read.
#[derive(Debug, thiserror::Error)]
#[error("the rows of group {group} could not be read")]
pub struct RowsError {
    /// The group.
    pub group: String,
    /// Why.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

/// Why an evaluation gave no outcome.
#[derive(Debug, thiserror::Error)]
pub enum EvaluateError {
    /// The definition has no such form.
    #[error("there is no form {form}")]
    NoForm {
        /// As asked.
        form: String,
    },
    /// The subject's rows could not be read.
    #[error(transparent)]
    Rows(#[from] RowsError),
    /// A statement stopped.
    #[error("the expressions of form {form} could not be evaluated: {source}")]
    Run {
        /// The form.
        form: String,
        /// Why.
        #[source]
        source: croft_query::RunError,
    },
}

/// What follows from a form's values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// Every derived item of every row.
    pub derived: Vec<Derived>,
    /// What is not asked here.
    pub not_asked: Vec<NotAsked>,
    /// Checks that are definitely broken.
    pub fired: Vec<Fired>,
}

/// A computed value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Derived {
    /// Its group.
    pub group: String,
    /// Its row.
    pub seq: u32,
    /// Its item.
    pub item: String,
    /// Canonical text; none: unknown.
    pub value: Option<String>,
    /// Its unit, as the item has it.
    pub unit: String,
}

/// A group or item that is not asked here.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NotAsked {
    /// The group; empty: the whole form.
    pub group: String,
    /// The row; 0: the whole group.
    pub seq: u32,
    /// The item; empty: the whole group.
    pub item: String,
}

/// A check that is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fired {
    /// The check.
    pub check: String,
    /// The group.
    pub group: String,
    /// The row.
    pub seq: u32,
    /// The item that the query is put on.
    pub item: String,
    /// What the person who entered the value reads.
    pub message: String,
    /// Whether it asks or refuses.
    pub severity: Severity,
}

impl EvaluateError {
    /// What the reader of the message can do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoForm { .. } => "look at the definition's forms",
            Self::Rows(_) => "try again; if it happens again, verify the record",
            Self::Run { source, .. } => source.hint(),
        }
    }
}
