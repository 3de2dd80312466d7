//! What a fuzzer may throw at this room: each function must never panic, whatever the bytes.

use crate::capture::{FormSaved, FormState, Place};
use crate::check::{Row, RowsError, SubjectRows};
use crate::definition::Compiled;
use crate::import;
use croft_core::date::CivilDate;
use croft_design::entry::{Typed, normalise};
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

/// A form's text: its expressions pass the gate or are refused, its worked examples run, and it is evaluated one way or the other alike.
pub fn fuzz_compile(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let study = "[study]\nid = \"S\"\ntitle = \"S\"\n[[visit]]\nnumber = 1\ncode = \"V1\"\nname = \"V1\"\nday = 1\nepoch = \"T\"\nstart = \"x\"\n";
    let file = |(name, text): (&str, &str)| (name.to_owned(), text.to_owned());
    let Ok(compiled) = Compiled::compile(&[("study.toml", study), ("forms/f.toml", text)].map(file).into()) else {
        return;
    };
    compiled.run_cases();
    let Some(form) = compiled.forms.first() else { return };
    let Ok(today) = CivilDate::new(2024, 3, 5) else { return };
    let place = Place::first("1", "V1", &form.form);
    if let Ok(outcome) = compiled.evaluate(&place, true, today, &NoRows) {
        let again = compiled.evaluate(&place, true, today, &NoRows).ok();
        assert_eq!(again, Some(outcome), "the same form has the same outcome");
    }
}

/// A subject of whom nothing is known.
struct NoRows;

impl SubjectRows for NoRows {
    fn rows(&self, _group: &str) -> Result<Vec<Row>, RowsError> {
        Ok(Vec::new())
    }
}

/// The payload of a save: what it says of a form can be counted, and is read again as it was written.
pub fn fuzz_saved(data: &[u8]) {
    let Ok(saved) = serde_json::from_slice::<FormSaved>(data) else { return };
    let mut form = FormState::default();
    saved.apply(&mut form, 1, 0);
    let counts = form.counts();
    let read = serde_json::to_vec(&form).ok().and_then(|bytes| serde_json::from_slice::<FormState>(&bytes).ok());
    assert_eq!(read.map(|f| f.counts()), Some(counts), "a form is read as it was written");
}

/// An ODM document: its definition, or one inferred from its data, compiles or is refused, and its data are planned.
pub fn fuzz_import_odm(data: &[u8]) {
    let Ok(document) = croft_cdisc::odm::read(data) else { return };
    let inferred = import::odm::infer(&document);
    let Ok(imported) = import::odm::definition(inferred.as_ref().unwrap_or(&document), None, "S", None) else { return };
    let Ok(compiled) = Compiled::compile(&imported.files) else { return };
    let options = import::data::Options {
        study: "S".to_owned(),
        site: "1".to_owned(),
        country: "XXX".to_owned(),
        source: String::new(),
    };
    import::data::plan(&document, &compiled, &import::data::units(&document), &options);
}

/// A data dictionary: it is a definition, or is refused.
pub fn fuzz_import_redcap(data: &[u8]) {
    let Ok(dictionary) = croft_cdisc::redcap::Dictionary::read(data) else { return };
    let project = import::redcap::Project { dictionary, ..import::redcap::Project::default() };
    let _ = import::redcap::definition(&project, "S", "S");
}
