//! Why was something not done, and what can its asker do next?
//!
//! A refusal is an answer to a person at a screen or a program at the interface: it names the place and the remedy, and it never
//! holds a value that the asker may not see.

use crate::access::Operation;
use croft_ledger::LedgerError;
use serde::Serialize;

/// Something wrong at one place of what was handed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Field, item or file: `demographics/1/SEX`, `study.toml:12`.
    pub place: String,
    /// What is wrong.
    pub message: String,
    /// What to do next.
    pub hint: String,
}

impl Fault {
    /// One fault.
    pub fn new(place: impl Into<String>, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { place: place.into(), message: message.into(), hint: hint.into() }
    }
}

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The caller's grants do not allow it.
    #[error("this account may not {} here", .operation.words())]
    Denied {
        /// What was asked.
        operation: Operation,
    },
    /// There is none, or the caller may not know that there is one.
    #[error("there is no {what} `{name}`")]
    Absent {
        /// `study`, `subject`, `form` …
        what: &'static str,
        /// As asked.
        name: String,
    },
    /// What was handed in does not fit.
    #[error("{}", first(.faults))]
    Invalid {
        /// Every fault that was found.
        faults: Vec<Fault>,
    },
    /// Somebody else was quicker.
    #[error("{message}")]
    Conflict {
        /// What changed in the meantime.
        message: String,
        /// The places that both changed.
        places: Vec<String>,
    },
    /// The state of the thing does not allow it: frozen, locked, closed, signed.
    #[error("{message}")]
    State {
        /// What stands in the way.
        message: String,
        /// What to do next.
        hint: String,
    },
    /// The record could not be read or written.
    #[error("the record cannot be used")]
    Ledger(#[from] LedgerError),
    /// The system gives no random numbers: no secret and no salt can be made.
    #[error("the system gives no random numbers ({0})")]
    Random(String),
    /// A row of the state is not what the program wrote: the record must be verified and rebuilt.
    #[error("the state of the record cannot be read ({0})")]
    Damaged(String),
}

fn first(faults: &[Fault]) -> String {
    match faults {
        [] => "what was handed in does not fit".to_owned(),
        [one] => format!("{}: {}", one.place, one.message),
        [one, rest @ ..] => format!("{}: {} (and {} more)", one.place, one.message, rest.len()),
    }
}

impl Refusal {
    /// One fault.
    pub fn invalid(place: impl Into<String>, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Invalid { faults: vec![Fault::new(place, message, hint)] }
    }

    /// The same of another place: what is wrong with `from` is wrong with `to`.
    #[must_use]
    pub fn at(mut self, from: &str, to: &str) -> Self {
        if let Self::Invalid { faults } = &mut self {
            faults.iter_mut().filter(|fault| fault.place == from).for_each(|fault| fault.place = to.to_owned());
        }
        self
    }

    /// The state of a thing is in the way.
    pub fn state(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::State { message: message.into(), hint: hint.into() }
    }

    /// There is none.
    pub fn absent(what: &'static str, name: impl Into<String>) -> Self {
        Self::Absent { what, name: name.into() }
    }

    /// What the asker can do next.
    pub fn hint(&self) -> String {
        match self {
            Self::Denied { .. } => "ask the administrator for the role that this needs".to_owned(),
            Self::Absent { .. } => "check the name; names are case-sensitive".to_owned(),
            Self::Invalid { faults } => faults.first().map(|f| f.hint.clone()).unwrap_or_default(),
            Self::Conflict { .. } => "look at what the other person entered, then save again".to_owned(),
            Self::State { hint, .. } => hint.clone(),
            Self::Ledger(error) => error.hint().to_owned(),
            Self::Random(_) => {
                "nothing was recorded; mend the system's source of random numbers, then try again".to_owned()
            }
            Self::Damaged(_) => {
                "run `croft audit verify` on the record, and restore a backup if it finds damage".to_owned()
            }
        }
    }

    /// The status of an HTTP answer.
    pub fn status(&self) -> u16 {
        match self {
            Self::Denied { .. } => 403,
            Self::Absent { .. } => 404,
            Self::Invalid { .. } => 422,
            Self::Conflict { .. } => 409,
            Self::State { .. } => 409,
            Self::Ledger(_) | Self::Random(_) => 503,
            Self::Damaged(_) => 500,
        }
    }

    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Denied { .. } => "denied",
            Self::Absent { .. } => "absent",
            Self::Invalid { .. } => "invalid",
            Self::Conflict { .. } => "conflict",
            Self::State { .. } => "state",
            Self::Ledger(_) | Self::Random(_) => "unavailable",
            Self::Damaged(_) => "damaged",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Refusal;

    #[test]
    fn want_of_chance_is_not_damage() {
        let refusal = Refusal::Random("no entropy".to_owned());
        assert_eq!((refusal.status(), refusal.code()), (503, "unavailable"));
        assert!(refusal.to_string().contains("random numbers (no entropy)"));
        assert!(!refusal.hint().contains("backup"), "nobody restores a backup for it");
    }
}
