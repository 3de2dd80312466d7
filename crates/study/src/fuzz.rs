//! Entry points for fuzzing: each takes any bytes and must return.

use crate::analyse::{self, Analysis};
use crate::ars;
use crate::definition::Definition;
use crate::nca_step::NcaStep;
use crate::tabulation::{Target, defaults, mapping};
use crate::{forms, protocol, snapshot, statement, tables};
use croft_core::{Cell, Dataset, Severity, Variable};

/// `study.toml`
pub fn fuzz_definition(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(definition) = Definition::parse(text)
    {
        definition.tables();
    }
}

/// A reporting event, run on a dataset of a few rows, compared, shown.
pub fn fuzz_ars_run(data: &[u8]) {
    let Ok(event) = croft_cdisc::ars::read(data) else { return };
    let texts = ["USUBJID", "SAFFL", "TRT", "SEX"].map(|name| Variable::char(name, ""));
    let variables = texts.into_iter().chain([Variable::num("AGE", "")]).collect();
    let mut adsl = Dataset::new("ADSL", "", variables);
    for (subject, arm, sex, age) in
        [("1", "A", "M", 70.0), ("2", "A", "F", 61.0), ("3", "B", "M", 55.0), ("4", "B", "", 72.0)]
    {
        adsl.push_row([Cell::Text(subject), Cell::Text("Y"), Cell::Text(arm), Cell::Text(sex), Cell::Num(age)]);
    }
    let datasets = ars::Datasets::from([("ADSL".to_owned(), adsl)]);
    let run = ars::run(&event, &datasets);
    let compared = ars::compare(&event, &datasets, &run);
    let absent: usize = compared.not_computed.iter().map(|n| n.results).sum();
    assert_eq!(compared.in_file, compared.equal + compared.differences.len() + absent, "each result has one outcome");
    let computed = run.applied_to(&event);
    let again = ars::compare(&computed, &datasets, &ars::run(&computed, &datasets));
    // Ids that name two things leave open which result is whose.
    let is_sound = croft_cdisc::ars::check(&event).iter().all(|f| f.severity != Severity::Error);
    assert!(!is_sound || again.differences.is_empty(), "a run agrees with itself");
    let _ = (ars::html(&computed, None), ars::text(&computed, None), ars::csv(&event, &run));
}

/// `forms/*.toml`
pub fn fuzz_form(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(form) = forms::parse("forms/fuzz.toml", text)
    {
        form.groups.iter().for_each(|group| drop(group.variables()));
    }
}

/// An annotation of an item: what is read is shown so that it reads as itself. A form: each of its items is mapped, and the default statements that
/// follow have a heading that is read.
pub fn fuzz_tabulation(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(definition) = Definition::parse("[study]\nid = \"X\"\ntitle = \"x\"\n") else { return };
    let Ok(dictionary) = mapping::dictionary(&definition) else { return };
    if let Ok(target) = Target::parse(text, &dictionary) {
        assert_eq!(Target::parse(&target.to_string(), &dictionary), Ok(target), "an annotation survives showing");
    }
    if let Ok(form) = forms::parse("forms/fuzz.toml", text) {
        let (forms, files) = ([form], ["forms/fuzz.toml".to_owned()]);
        if let Ok(mapping) = mapping::map(&dictionary, &forms, &files) {
            let made = std::collections::BTreeSet::new();
            for coded in [false, true] {
                let given = defaults::Given {
                    definition: &definition,
                    forms: &forms,
                    form_files: &files,
                    kept: &[],
                    made: &made,
                    subjects: None,
                    coded,
                };
                drop(defaults::statements(&dictionary, &mapping, &given));
            }
        }
    }
}

/// `data/allocations.csv`: what is read is written and read again, equal.
pub fn fuzz_allocations(data: &[u8]) {
    if let Ok(rows) = snapshot::read_allocations(data) {
        let again = snapshot::read_allocations(&snapshot::to_csv(&rows));
        assert!(again.is_ok_and(|again| again == rows), "allocations survive writing");
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

/// A study definition in USDM: what is taken in is given out, equal.
pub fn fuzz_protocol(data: &[u8]) {
    if let Ok(imported) = protocol::import(data) {
        let kept: serde_json::Value = serde_json::from_slice(data).unwrap_or_default();
        let exported = protocol::export(&imported.definition, &[], Some(data));
        assert!(exported.is_ok_and(|e| e.document == kept), "a definition survives being taken in and given out");
    }
}
