//! What do the documents say? Each file of `document/` with displays and results put in, as PDF, RTF, DOCX and HTML.

use crate::cache::{Files, Steps};
use crate::definition::Definition;
use crate::error::StudyError;
use crate::lock_time::LockTime;
use crate::nca_step::NcaStep;
use crate::protocol;
use crate::sources::{Sources, TextFile};
use crate::verdict::Verdict;
use croft_core::manifest::sha256_hex;
use croft_report::block::{Display, Document};
use croft_report::display::Inputs;
use croft_report::document::{self, DocumentError};
use croft_report::{docx, html, pdf, rtf};
use std::collections::BTreeMap;

/// Facts of the study that displays and documents may name in double braces.
pub fn variables(
    sources: &Sources,
    program: &str,
    methods: &BTreeMap<String, NcaStep>,
    verdict: &Verdict,
) -> BTreeMap<String, String> {
    let frozen = &sources.snapshot.frozen;
    let mut facts = planned(&sources.definition, program);
    let mut put = |name: &str, value: &str| {
        facts.insert(name.to_owned(), value.to_owned());
    };
    put("lock.time", &frozen.locked_at);
    put("lock.source", &frozen.source);
    put("lock.by", &frozen.locked_by);
    put("codes.words", &sources.codes.words(&sources.snapshot));
    put("verdict.words", &verdict.words);
    if let Some(nca) = methods.values().next() {
        put("nca.blq", nca.blq_words());
        put("nca.rule", nca.rule_words());
    }
    facts
}

/// The facts that are known before anything was recorded.
pub fn planned(d: &Definition, program: &str) -> BTreeMap<String, String> {
    let mut facts = BTreeMap::new();
    let mut put = |name: String, value: &str| {
        facts.insert(name, value.to_owned());
    };
    put("study.id".into(), &d.study.id);
    put("study.title".into(), &d.study.title);
    put("study.short_title".into(), &d.study.short_title);
    put("study.sponsor".into(), &d.study.sponsor);
    put("study.version".into(), &d.study.version);
    put("study.rationale".into(), &d.study.rationale);
    put("study.phase".into(), &d.study.phase);
    put("study.analyte".into(), &d.study.analyte);
    put("program.version".into(), program);
    let times = &d.schedule.blood_samples_h;
    put("study.sample_times".into(), &list(times.iter().map(|t| format!("{t}"))));
    put("study.samples_after_dose".into(), &times.iter().filter(|t| **t > 0.0).count().to_string());
    put("study.last_sample_h".into(), &times.last().map_or_else(String::new, |t| format!("{t}")));
    for t in &d.treatments {
        put(format!("treatment.{}.name", t.code), &t.name);
        put(format!("treatment.{}.dose", t.code), &t.dose.map_or_else(String::new, |dose| dose.to_string()));
        put(format!("treatment.{}.dose_unit", t.code), &t.dose_unit);
    }
    for population in &d.populations {
        put(format!("population.{}", population.flag), &format!("{}.", population.definition));
    }
    estimand(d, &mut put);
    facts
}

fn estimand(definition: &Definition, put: &mut impl FnMut(String, &str)) {
    if let Some(e) = definition.estimands.first() {
        put("estimand.treatment".into(), &e.treatment);
        put("estimand.population".into(), &e.population);
        put("estimand.variable".into(), &e.variable);
        put("estimand.intercurrent_events".into(), &e.intercurrent_events);
        put("estimand.summary".into(), &e.summary);
    }
}

/// `0, 0.5 and 1`.
fn list(items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.collect();
    match items.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => String::new(),
    }
}

/// Writes every document. What a document says is put together each time; its files are made when that changed.
pub fn write(
    sources: &Sources,
    inputs: &Inputs<'_>,
    displays: &BTreeMap<String, Display>,
    lock: LockTime,
    steps: &mut Steps<'_>,
) -> Result<(), StudyError> {
    for file in &sources.document {
        let mut finished = finished(&sources.definition, file, inputs, displays)?;
        finished.watermark = sources.codes.watermark();
        let page = html::write(&finished);
        let step_inputs = BTreeMap::from([
            (file.file.clone(), sha256_hex(file.text.as_bytes())),
            ("said".to_owned(), sha256_hex(page.as_bytes())),
            ("lock".to_owned(), sources.snapshot.frozen.locked_at.clone()),
        ]);
        let meta = meta(&sources.definition, lock, &sha256_hex(page.as_bytes()));
        steps.run("document", &file.stem, step_inputs, || dressed(&finished, page, &meta, file))?;
    }
    Ok(())
}

/// The files of a document that says nothing recorded, before there is a lock.
pub fn planned_files(
    definition: &Definition,
    file: &TextFile,
    displays: &BTreeMap<String, Display>,
) -> Result<Files, StudyError> {
    let variables = planned(definition, crate::road::PROGRAM);
    let inputs = Inputs { results: &[], datasets: &BTreeMap::new(), variables: &variables };
    let finished = finished(definition, file, &inputs, displays)?;
    let page = html::write(&finished);
    let meta = meta_of(definition, &sha256_hex(page.as_bytes()));
    dressed(&finished, page, &meta, file)
}

fn finished(
    definition: &Definition,
    file: &TextFile,
    inputs: &Inputs<'_>,
    displays: &BTreeMap<String, Display>,
) -> Result<Document, StudyError> {
    let draft = document::parse(&file.stem, &with_words(definition, displays, &file.text))
        .map_err(|e| fault(&file.file, &e))?;
    draft.render(inputs, displays).map_err(|e| fault(&file.file, &e))
}

fn dressed(finished: &Document, page: String, meta: &pdf::Meta, file: &TextFile) -> Result<Files, StudyError> {
    let pdf = pdf::write(finished, meta).map_err(|e| StudyError::Method {
        file: file.file.clone(),
        message: e.to_string(),
        hint: e.hint().to_owned(),
    })?;
    Ok(Files::from([
        (format!("document/{}.pdf", file.stem), pdf),
        (format!("document/{}.rtf", file.stem), rtf::write(finished, meta)),
        (format!("document/{}.docx", file.stem), docx::write(finished, meta)),
        (format!("document/{}.html", file.stem), page.into_bytes()),
    ]))
}

/// What a file says about itself; `identity` is the hash of its content.
pub fn meta(definition: &Definition, lock: LockTime, identity: &str) -> pdf::Meta {
    pdf::Meta { created: lock.timestamp(), ..meta_of(definition, identity) }
}

fn meta_of(definition: &Definition, identity: &str) -> pdf::Meta {
    pdf::Meta {
        author: definition.study.sponsor.clone(),
        subject: definition.study.title.clone(),
        keywords: vec![definition.study.id.clone(), definition.study.kind.clone()],
        creator: crate::road::PROGRAM.to_owned(),
        created: pdf::Timestamp::default(),
        identity: identity.to_owned(),
    }
}

/// The study's own sentences and lists are Markdown: they are put in before the document is read.
fn with_words(definition: &Definition, displays: &BTreeMap<String, Display>, text: &str) -> String {
    let mut text = protocol::fill_words(definition, displays, text);
    for (name, words) in &definition.words {
        text = text.replace(&format!("{{{{words.{name}}}}}"), words);
    }
    text
}

fn fault(file: &str, error: &DocumentError) -> StudyError {
    let mut message = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        message.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    let message =
        message.strip_prefix(file).map_or(message.clone(), |m| m.trim_start_matches([',', ':', ' ']).to_owned());
    StudyError::Text { file: file.to_owned(), message, hint: error.hint().to_owned() }
}
