//! How does a recorded value read?
//!
//! As entered first; what it was read as stands behind it where that differs, the meaning of a code before it. Where there is no value, the
//! reason stands in words. What identifies a person is kept apart: a copy says that something is recorded, and not what.

use croft_design::forms::{Item, MISSING_CODES};
use croft_record::capture::{Before, Change, ItemState};
use croft_record::lock::snapshot::SEALED;

/// What stands where a value identifies a person.
pub(crate) const APART: &str = "kept apart: it identifies a person";

/// A recorded item, without unit.
pub(crate) fn answer(item: Option<&Item>, state: &ItemState) -> String {
    let value = if state.missing.is_empty() { Some(state.value()) } else { None };
    read(item, &state.text, value, &state.missing)
}

/// With the unit behind a value.
pub(crate) fn answer_with_unit(item: Option<&Item>, state: &ItemState) -> String {
    with_unit(answer(item, state), &state.text, &state.unit, &state.missing)
}

/// What a change put there.
pub(crate) fn after(item: Option<&Item>, change: &Change) -> String {
    let value = change.value.as_deref().or(Some(change.text.as_str())).filter(|_| change.missing.is_empty());
    with_unit(read(item, &change.text, value, &change.missing), &change.text, &change.unit, &change.missing)
}

/// What stood there before a change.
pub(crate) fn before(item: Option<&Item>, before: &Before) -> String {
    let value = Some(before.text.as_str()).filter(|_| before.missing.is_empty());
    with_unit(read(item, &before.text, value, &before.missing), &before.text, &before.unit, &before.missing)
}

fn with_unit(words: String, text: &str, unit: &str, missing: &str) -> String {
    if unit.is_empty() || text.is_empty() || !missing.is_empty() { words } else { format!("{words} {unit}") }
}

fn read(item: Option<&Item>, text: &str, value: Option<&str>, missing: &str) -> String {
    if missing == SEALED || item.is_some_and(|i| i.identifying && !text.is_empty()) {
        return APART.to_owned();
    }
    if !missing.is_empty() {
        let words = MISSING_CODES.iter().find(|(code, _)| *code == missing).map_or(missing, |(_, words)| words);
        let reason = if words == missing { missing.to_owned() } else { format!("{words} ({missing})") };
        return if text.is_empty() { format!("no value: {reason}") } else { format!("{text} (no value: {reason})") };
    }
    let value = value.unwrap_or(text);
    match item.and_then(|i| i.codes.get(value)) {
        Some(label) if label == value => text.to_owned(),
        Some(label) if text == value || text == label => format!("{label} ({value})"),
        Some(label) => format!("{text} (read as {label}, {value})"),
        None if value == text => text.to_owned(),
        None => format!("{text} (read as {value})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use croft_design::forms::ItemType;

    fn state(text: &str, value: &str, missing: &str) -> ItemState {
        ItemState::new(text.into(), value.into(), "mmHg".into(), missing.into(), 1)
    }

    #[test]
    fn a_value_is_told_as_entered_and_as_read() {
        let mut sex = Item::new("SEX", "Sex", ItemType::Text);
        sex.codes.insert("M".into(), "Male".into());
        assert_eq!(answer(Some(&sex), &state("M", "M", "")), "Male (M)");
        assert_eq!(answer(Some(&sex), &state("m", "M", "")), "m (read as Male, M)");
        assert_eq!(answer(Some(&sex), &state("X", "X", "")), "X");
        assert_eq!(answer_with_unit(None, &state("120", "120", "")), "120 mmHg");
        assert_eq!(answer_with_unit(None, &state("3mar24", "2024-03-03", "")), "3mar24 (read as 2024-03-03) mmHg");
        assert_eq!(answer_with_unit(None, &state("", "", "ND")), "no value: Not done (ND)");
        assert_eq!(answer(None, &state("", "", "LOST")), "no value: LOST");
    }

    #[test]
    fn what_identifies_a_person_is_never_told() {
        let mut initials = Item::new("INITIALS", "Initials", ItemType::Text);
        assert_eq!(answer_with_unit(Some(&initials), &state("sha256:ab", "sha256:ab", SEALED)), APART);
        initials.identifying = true;
        let before_sealing = Before { text: "Q-X-Z".into(), ..Before::default() };
        assert_eq!(before(Some(&initials), &before_sealing), APART);
        let change = Change { text: "Q-X-Z".into(), ..Change::default() };
        assert_eq!(after(Some(&initials), &change), APART);
    }
}
