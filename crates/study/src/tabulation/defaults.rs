//! Which datasets has a study by default? A statement for each domain that its forms and `study.toml` give and no file makes.

use super::dictionary::Dictionary;
use super::mapping::Mapping;
use super::records::{self, Record};
use super::write::{Epochs, Study, demographics, design, elements, exposure, findings, general, related, visits};
use crate::error::StudyError;
use crate::statement::{self, Statement};
use crate::tables::Table;
use croft_cdisc::library::Class;
use croft_core::Kind;
use croft_design::definition::Definition;
use croft_design::forms::Form;
use croft_query::columns_named;
use std::collections::{BTreeMap, BTreeSet};

/// The file that a default statement would be; it does not exist.
pub fn file(dataset: &str) -> String {
    format!("default/{}.sql", dataset.to_ascii_lowercase())
}

/// What the default statements of a study follow from, besides the guide and the mapping.
#[derive(Clone, Copy)]
pub struct Given<'a> {
    /// `study.toml`
    pub definition: &'a Definition,
    /// `forms/*.toml`
    pub forms: &'a [Form],
    /// The files of those.
    pub form_files: &'a [String],
    /// `tabulate/*.csv`
    pub kept: &'a [Table],
    /// Datasets that something else makes.
    pub made: &'a BTreeSet<&'a str>,
    /// The columns of a DM among those.
    pub subjects: Option<&'a BTreeSet<String>>,
    /// Whether the table of allocations holds arms.
    pub coded: bool,
}

/// The default statements of the datasets that are not `made` otherwise, in order of their names. None where the study has no forms: then its datasets are
/// received, or written in whole.
pub fn statements(dictionary: &Dictionary, mapping: &Mapping, given: &Given<'_>) -> Result<Vec<Statement>, StudyError> {
    let Given { definition, made, subjects, coded, .. } = *given;
    let records = records::records(dictionary, mapping, given.forms, given.form_files)?;
    if records.is_empty() {
        return Ok(Vec::new());
    }
    let kept = columns_of(given.kept);
    let mut study =
        Study { dictionary: *dictionary, definition, records, kept, epochs: Epochs::Unknown, subjects, coded };
    let with_elements = elements::statement(&study);
    let elements_made = made.contains("SE") || (with_elements.is_some() && !made.contains("DM"));
    study.epochs = if elements_made && study.dated("RFPENDTC") { Epochs::Elements } else { by_dates(&study) };
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    // Who writes DM writes the subjects' elements and visits, and the design, in whole too: a default would add to what was decided.
    if !made.contains("DM") {
        let mut put = |domain: &str, text: Option<String>| {
            texts.extend(
                text.filter(|_| dictionary.guide.dataset(domain).is_some()).map(|text| (domain.to_owned(), text)),
            );
        };
        put("SE", with_elements);
        put("SV", visits::statement(&study));
        for domain in ["TA", "TE", "TI", "TS", "TV"] {
            put(domain, design::statement(&study, domain));
        }
    }
    texts.extend(related::comments(&study).map(|text| ("CO".to_owned(), text)));
    texts.extend(related::relations(&study).map(|text| ("RELREC".to_owned(), text)));
    let domains: BTreeSet<&str> = study.records.iter().map(|r: &Record<'_>| r.domain.as_str()).collect();
    for domain in domains {
        let text = match dictionary.class(domain) {
            _ if domain == "DM" => demographics::statement(&study),
            Some(Class::Findings | Class::FindingsAbout) => findings::statement(&study, domain),
            _ => general::statement(&study, domain),
        };
        texts.insert(domain.to_owned(), text);
        texts.extend(related::qualifiers(&study, domain).map(|text| (format!("SUPP{domain}"), text)));
    }
    if let Some(collected) = texts.get("EC").filter(|_| coded && !made.contains("EC") && !texts.contains_key("EX")) {
        let columns = columns_named(&statement::parse(&file("EC"), collected)?.sql).unwrap_or_default();
        texts.extend(exposure::statement(&study, &columns).map(|text| ("EX".to_owned(), text)));
    }
    texts
        .into_iter()
        .filter(|(dataset, _)| !made.contains(dataset.as_str()))
        .map(|(dataset, text)| Ok(Statement { by_default: true, ..statement::parse(&file(&dataset), &text)? }))
        .collect()
}

/// The kept tables' columns, and whether each holds numbers.
fn columns_of(kept: &[Table]) -> BTreeMap<String, BTreeMap<String, bool>> {
    kept.iter()
        .map(|table| {
            let columns = table.data.variables().iter().map(|v| (v.name.clone(), v.kind == Kind::Num));
            (table.data.name.clone(), columns.collect())
        })
        .collect()
}

/// Epochs by dates, where every arm has one epoch before treatment, one with it and at most one after it.
fn by_dates(study: &Study<'_>) -> Epochs {
    let definition = study.definition;
    let has_treatment = |step: &String| {
        let element = step.split_once(':').map_or("", |(_, element)| element);
        definition.elements.iter().any(|e| e.code == element && e.treatment.is_some())
    };
    let epoch = |step: &String| step.split_once(':').map_or(step.as_str(), |(epoch, _)| epoch).to_owned();
    let shape = |path: &[String]| -> Option<(String, String, Option<String>)> {
        match path {
            [a, b] if !has_treatment(a) && has_treatment(b) => Some((epoch(a), epoch(b), None)),
            [a, b, c] if !has_treatment(a) && has_treatment(b) && !has_treatment(c) => {
                Some((epoch(a), epoch(b), Some(epoch(c))))
            }
            _ => None,
        }
    };
    let dosed = demographics::given(study).is_some()
        && ["RFICDTC", "RFXSTDTC", "RFXENDTC", "RFPENDTC"].into_iter().all(|date| study.dated(date));
    let mut shapes = definition.cells.iter().map(|c| shape(&c.path));
    match shapes.next() {
        Some(Some((before, under, after))) if dosed => {
            let first = Some((before.clone(), under.clone(), after.clone()));
            if shapes.all(|s| s == first) { Epochs::Dates { before, under, after } } else { Epochs::Unknown }
        }
        _ => Epochs::Unknown,
    }
}
