//! What a fuzzer may throw at this room: each function must never panic, whatever the bytes.

use crate::entry::{Typed, normalise};
use croft_core::date::CivilDate;
use croft_design::forms::{Item, ItemType};

/// A typed field: reading never fails, and what was read is read as itself.
pub fn fuzz_entry(data: &[u8]) {
    let Some((kind, text)) = data.split_first() else { return };
    let kinds = [
        ItemType::Text,
        ItemType::Integer,
        ItemType::Float,
        ItemType::Date,
        ItemType::PartialDate,
        ItemType::Datetime,
        ItemType::PartialDatetime,
        ItemType::Time,
    ];
    let item = Item::new("X", "", kinds[usize::from(*kind) % kinds.len()]);
    let Ok(today) = CivilDate::new(2024, 3, 5) else { return };
    let typed = Typed { text: String::from_utf8_lossy(text).into_owned(), ..Typed::default() };
    let once = normalise(&item, &typed, today);
    if !once.value.is_empty() {
        let again = normalise(&item, &Typed { text: once.value.clone(), ..Typed::default() }, today);
        assert_eq!(again.value, once.value, "{typed:?}");
    }
}
