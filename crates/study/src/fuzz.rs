//! Entry points for fuzzing: each takes any bytes and must return.

use crate::analyse::{self, Analysis};
use crate::definition::Definition;
use crate::nca_step::NcaStep;
use crate::{forms, snapshot, statement, tables};

/// `study.toml`
pub fn fuzz_definition(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(definition) = Definition::parse(text)
    {
        definition.tables();
    }
}

/// `forms/*.toml`
pub fn fuzz_form(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(form) = forms::parse("forms/fuzz.toml", text)
    {
        form.groups.iter().for_each(|group| drop(group.variables()));
    }
}

/// `data/values.csv`: what is read is written and read again, equal.
pub fn fuzz_values(data: &[u8]) {
    if let Ok(values) = snapshot::read_values(data) {
        let again = snapshot::read_values(&snapshot::to_csv(&values));
        assert!(again.is_ok_and(|again| again == values), "values survive writing");
    }
}

/// The heading of `tabulate/*.sql` and `derive/*.sql`
pub fn fuzz_statement(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        drop(statement::parse("derive/fuzz.sql", text));
    }
}

/// `derive/*.csv`, and a received dataset in the same form
pub fn fuzz_table(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        drop(tables::kept("derive/fuzz.csv", "fuzz", text));
    }
    drop(tables::received("fuzz.csv", data));
}

/// `analyse/*.toml` and `derive/*.toml`
pub fn fuzz_analysis(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        drop(Analysis::parse("analyse/fuzz.toml", text));
        drop(NcaStep::parse("derive/fuzz.toml", text));
    }
}

/// Kept results: what is read is written and read again, equal.
pub fn fuzz_results(data: &[u8]) {
    if let Ok(results) = analyse::from_lines("analyse/fuzz.ndjson", data) {
        let again = analyse::from_lines("analyse/fuzz.ndjson", &analyse::to_lines(&results));
        assert!(again.is_ok_and(|again| again == results), "results survive writing");
    }
}
