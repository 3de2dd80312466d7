//! What was meant by what was typed?

use croft_core::date::CivilDate;
use croft_design::forms::Item;
use serde::{Deserialize, Serialize};

/// What a person typed into one field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Typed {
    /// The text.
    pub text: String,
    /// The unit that was chosen; empty: the item's own.
    pub unit: String,
    /// The reason that was chosen why there is no value; empty: none.
    pub missing: String,
}

/// A recorded value. Empty texts: not there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Entry {
    /// As entered, to the character.
    pub text: String,
    /// Canonical: decimal text, ISO 8601, code.
    pub value: String,
    /// Unit of the value.
    pub unit: String,
    /// Why there is no value.
    pub missing: String,
}

/// What was typed, understood as far as it can be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Normalised {
    /// As entered, to the character.
    pub text: String,
    /// Canonical text; empty when there is none or the text was not understood.
    pub value: String,
    /// Unit of the value.
    pub unit: String,
    /// Why there is no value.
    pub missing: String,
    /// Why the text is not an ordinary value of the item. It is recorded all the same.
    pub problem: Option<EntryProblem>,
}

/// Why a text is not an ordinary value of its item.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct EntryProblem {
    /// Which built-in check it is: `format`, `codes`, `length`, `decimals`, `unit`, `missing`, `future`.
    pub check: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do next.
    pub hint: String,
}

/// Reads what was typed into a field of an item; `today` completes dates without a year.
pub fn normalise(_item: &Item, typed: &Typed, _today: CivilDate) -> Normalised {
    let value = typed.text.trim().to_owned();
    Normalised {
        text: typed.text.clone(),
        value,
        unit: typed.unit.clone(),
        missing: typed.missing.clone(),
        problem: None,
    }
}
