//! What was meant by what was typed?
//!
//! The text is kept to the character. The value is canonical: a decimal with a point, a date in ISO 8601, the code of a list. What cannot be understood
//! is recorded all the same, without a value, and a query asks about it: the record keeps what was written, and a true outlier is never lost.
//!
//! People type as they always did: `3mar24`, `0303`, `UNK`, `12,5`, `y`. Where two readings are possible the rule is written here: a day comes before
//! a month (`03/04/2024` is the third of April); a year of two digits is of this century up to ten years ahead, and of the last one beyond;
//! a comma is a decimal comma when no more than one stands in the number and no point does; separators of thousands are not read.

mod date;
mod number;

use crate::forms::{Item, ItemType, MISSING_CODES};
use croft_core::date::CivilDate;
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

/// Reads what was typed into a field of an item; `today` completes dates without a year. O(length).
pub fn normalise(item: &Item, typed: &Typed, today: CivilDate) -> Normalised {
    let text = typed.text.trim();
    let unit = if typed.unit.is_empty() { item.unit.clone().unwrap_or_default() } else { typed.unit.clone() };
    let mut now = Normalised { text: typed.text.clone(), unit, ..Normalised::default() };
    if text.is_empty() {
        now.text.clear();
    }
    if let Some(code) = missing_code(item, &typed.missing).or_else(|| typed_reason(item, text)) {
        now.missing = code;
        now.problem = missing_problem(item, &now.missing);
        return now;
    }
    if !typed.missing.is_empty() {
        now.problem = Some(problem(
            "missing",
            format!("`{}` is no reason for a missing value", typed.missing),
            "choose one that is offered",
        ));
        now.missing.clone_from(&typed.missing);
        return now;
    }
    if text.is_empty() {
        now.unit.clear();
        return now;
    }
    if let Some(found) = unit_problem(item, &now.unit) {
        now.problem = Some(found);
    }
    match value_of(item, text, today) {
        Ok(value) => now.value = value,
        Err(found) => now.problem = Some(found),
    }
    now
}

fn problem(check: &'static str, message: impl Into<String>, hint: impl Into<String>) -> EntryProblem {
    EntryProblem { check, message: message.into(), hint: hint.into() }
}

fn value_of(item: &Item, text: &str, today: CivilDate) -> Result<String, EntryProblem> {
    if !item.codes.is_empty() {
        return code(item, text);
    }
    match item.kind {
        ItemType::Text => match item.length {
            Some(length) if text.chars().count() > length as usize => {
                Err(problem("length", format!("is longer than {length} characters"), "shorten it"))
            }
            _ => Ok(text.to_owned()),
        },
        ItemType::Integer | ItemType::Float => number::read(item, text),
        ItemType::Date => date::read(text, today, false).and_then(|d| date::complete(&d)),
        ItemType::PartialDate => date::read(text, today, false),
        ItemType::Datetime => date::read(text, today, true).and_then(|d| date::complete(&d)),
        ItemType::PartialDatetime => date::read(text, today, true),
        ItemType::Time => {
            date::time(text).ok_or_else(|| problem("format", "is not a time", "write it like 08:30 or 0830"))
        }
    }
}

/// A code by itself, by what it means, or by the beginning of either, where only one begins so.
fn code(item: &Item, text: &str) -> Result<String, EntryProblem> {
    if item.codes.contains_key(text) {
        return Ok(text.to_owned());
    }
    let small = text.to_lowercase();
    let matches = |fits: &dyn Fn(&str) -> bool| -> Vec<&String> {
        item.codes
            .iter()
            .filter(|(code, label)| fits(&code.to_lowercase()) || fits(&label.to_lowercase()))
            .map(|(c, _)| c)
            .collect()
    };
    for found in [matches(&|word| word == small), matches(&|word| word.starts_with(&small))] {
        if let [one] = found.as_slice() {
            return Ok((*one).clone());
        }
    }
    let offered = item.codes.keys().take(12).map(String::as_str).collect::<Vec<_>>().join(", ");
    Err(problem("code", "is not one of the item's codes", format!("the codes are: {offered}")))
}

/// A reason that was typed into the field itself. Free text may be any word (`Na` is sodium), and a code of the item's own is a value: there a
/// reason must be chosen.
fn typed_reason(item: &Item, text: &str) -> Option<String> {
    let own = item.codes.keys().any(|code| code.eq_ignore_ascii_case(text));
    let free = item.kind == ItemType::Text && item.codes.is_empty();
    if own || free { None } else { missing_code(item, text) }
}

/// The reason that a word names, among those that the item may have.
fn missing_code(item: &Item, word: &str) -> Option<String> {
    let word = word.trim();
    let fits = |code: &str| code.eq_ignore_ascii_case(word);
    if item.missing.is_empty() {
        return MISSING_CODES.iter().map(|(code, _)| *code).find(|code| fits(code)).map(str::to_owned);
    }
    item.missing.iter().find(|code| fits(code)).cloned()
}

fn missing_problem(item: &Item, code: &str) -> Option<EntryProblem> {
    let known = item.missing.is_empty() || item.missing.iter().any(|c| c == code);
    (!known).then(|| {
        problem("missing", format!("`{code}` is not a reason that this item may have"), "choose one that is offered")
    })
}

fn unit_problem(item: &Item, unit: &str) -> Option<EntryProblem> {
    let known = item.unit.as_deref().unwrap_or_default() == unit || item.other_units.iter().any(|u| u == unit);
    (!known).then(|| problem("unit", format!("`{unit}` is not a unit of this item"), "choose one that is offered"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(kind: ItemType) -> Item {
        Item::new("X", "X", kind)
    }

    fn read(item: &Item, text: &str) -> (String, String, Option<&'static str>) {
        let today = CivilDate::new(2024, 3, 5).unwrap();
        let now = normalise(item, &Typed { text: text.into(), ..Typed::default() }, today);
        assert_eq!(now.text, if text.trim().is_empty() { "" } else { text }, "the text is kept");
        (now.value, now.missing, now.problem.map(|p| p.check))
    }

    #[test]
    fn codes_are_known_by_themselves_their_meaning_and_their_beginning() {
        let mut sex = item(ItemType::Text);
        sex.codes =
            [("M", "Male"), ("F", "Female"), ("U", "Unknown")].map(|(c, l)| (c.to_owned(), l.to_owned())).into();
        for (typed, code) in [("M", "M"), ("m", "M"), ("female", "F"), ("fem", "F"), ("u", "U")] {
            assert_eq!(read(&sex, typed), (code.into(), String::new(), None), "{typed}");
        }
        assert_eq!(read(&sex, "x"), (String::new(), String::new(), Some("code")));
        let mut grade = item(ItemType::Text);
        grade.codes = [("1", "Mild"), ("2", "Moderate")].map(|(c, l)| (c.to_owned(), l.to_owned())).into();
        assert_eq!(read(&grade, "m").2, Some("code"), "two begin so");
        // A code of the list is a value, even where the same word is a reason elsewhere.
        let mut answer = item(ItemType::Text);
        answer.codes = [("Y", "Yes"), ("NA", "Not applicable")].map(|(c, l)| (c.to_owned(), l.to_owned())).into();
        assert_eq!(read(&answer, "NA"), ("NA".into(), String::new(), None));
    }

    #[test]
    fn reasons_are_taken_on_any_type() {
        for kind in [ItemType::Float, ItemType::Date, ItemType::Time] {
            assert_eq!(read(&item(kind), "unk"), (String::new(), "UNK".into(), None));
        }
        assert_eq!(read(&item(ItemType::Text), "Na"), ("Na".into(), String::new(), None), "sodium");
        let mut some = item(ItemType::Float);
        some.missing = vec!["BLQ".into()];
        assert_eq!(read(&some, "blq"), (String::new(), "BLQ".into(), None));
        assert_eq!(read(&some, "UNK").2, Some("format"));
        let typed = Typed { text: "<0.5".into(), missing: "BLQ".into(), ..Typed::default() };
        let now = normalise(&some, &typed, CivilDate::new(2024, 3, 5).unwrap());
        assert_eq!((now.text.as_str(), now.value.as_str(), now.missing.as_str()), ("<0.5", "", "BLQ"));
    }

    #[test]
    fn units_are_those_of_the_item() {
        let mut weight = item(ItemType::Float);
        weight.unit = Some("kg".into());
        weight.other_units = vec!["lb".into()];
        let with = |unit: &str| {
            let typed = Typed { text: "70".into(), unit: unit.into(), ..Typed::default() };
            let now = normalise(&weight, &typed, CivilDate::new(2024, 3, 5).unwrap());
            (now.unit, now.problem.map(|p| p.check))
        };
        assert_eq!(with(""), ("kg".into(), None));
        assert_eq!(with("lb"), ("lb".into(), None));
        assert_eq!(with("stone"), ("stone".into(), Some("unit")));
    }
}
