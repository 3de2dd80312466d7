//! The study's text, as its files.

use super::note::ImportError;
use crate::definition::{Compiled, Files};
use croft_design::definition::{Capture, Definition, Identity, Schedule, Visit};
use croft_design::forms::Form;
use std::collections::BTreeMap;

/// A definition of nothing but its name and visits.
pub(super) fn definition(id: &str, title: &str, visits: Vec<Visit>) -> Result<Definition, ImportError> {
    if id.is_empty() || !id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        return Err(ImportError::Study { id: id.to_owned() });
    }
    let study = Identity {
        id: id.to_owned(),
        kind: String::new(),
        title: if title.trim().is_empty() { id.to_owned() } else { title.trim().to_owned() },
        short_title: String::new(),
        version: String::new(),
        rationale: String::new(),
        phase: String::new(),
        blinding: String::new(),
        sponsor: String::new(),
        site: String::new(),
        country: String::new(),
        analyte: String::new(),
        analyte_code: String::new(),
        laboratory: String::new(),
        assay: String::new(),
        fasting: String::new(),
        specimen: String::new(),
        simulation: None,
    };
    Ok(Definition {
        study,
        treatments: Vec::new(),
        arms: Vec::new(),
        elements: Vec::new(),
        cells: Vec::new(),
        visits,
        activities: Vec::new(),
        schedule: Schedule::default(),
        capture: Capture::default(),
        criteria: Vec::new(),
        objectives: Vec::new(),
        facts: Vec::new(),
        populations: Vec::new(),
        estimands: Vec::new(),
        words: BTreeMap::new(),
    })
}

/// The files, which compile. The forms' files are numbered in their order.
pub(super) fn files(
    definition: &Definition,
    forms: &[Form],
    sources: Vec<(&str, String)>,
) -> Result<Files, ImportError> {
    let written = |e: toml::ser::Error| ImportError::Text(e.to_string());
    let mut files = Files::new();
    files.insert("study.toml".to_owned(), toml::to_string(definition).map_err(written)?);
    let width = forms.len().to_string().len().max(2);
    for (number, form) in (1..).zip(forms) {
        let file = format!("forms/{number:0width$}-{}.toml", form.form);
        files.insert(file, toml::to_string(form).map_err(written)?);
    }
    files.extend(sources.into_iter().map(|(name, text)| (format!("source/{name}"), text)));
    Compiled::compile(&files).map_err(ImportError::Unsound)?;
    Ok(files)
}

/// One line without needless blanks.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A planned visit, of which no day is known.
pub(super) fn visit(number: u32, code: String, oid: &str, name: &str) -> Visit {
    let name = if name.trim().is_empty() { code.clone() } else { one_line(name) };
    Visit {
        number,
        oid: (oid != code).then(|| oid.to_owned()),
        code,
        name,
        day: 0,
        epoch: String::new(),
        start: String::new(),
        period: None,
        days_before: None,
        days_after: None,
        kind: Default::default(),
        repeating: false,
    }
}
