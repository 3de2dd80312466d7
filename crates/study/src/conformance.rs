//! Do the datasets keep to the standards? croft's own rules over what goes into the package, its define.xml checked and held against the data.
//!
//! ```text
//! out/check/tabulation.json, .html    SDTM against its guide
//! out/check/analysis.json, .html      ADaM against its guide
//! ```
//! The rules that a user imported are no part of a build, which is a function of the folder and the program: `croft check` runs them too.
//! What people looked at and accepted, with the reason, stands in `check/accepted.toml` of the study folder, for both commands.

use crate::cache::{Files, Steps};
use crate::datasets::Made;
use crate::error::StudyError;
use crate::package::Part;
use crate::sources::{Sources, TextFile};
use croft_cdisc::define;
use croft_cdisc::xpt::ReadOptions;
use croft_conform::own;
use croft_conform::report::accept::{Acceptance, Acceptances};
use croft_conform::report::{Against, Report, html};
use croft_conform::rule::Rule;
use croft_conform::run::{self, Options};
use croft_conform::study::{Study, Table};
use croft_core::manifest::sha256_hex;
use croft_core::{Dataset, Finding, Severity};
use std::collections::BTreeMap;

/// Where the accepted findings stand in a study folder.
pub const ACCEPTED: &str = "check/accepted.toml";

/// Findings of one rule that a report keeps; all are counted.
const MOST_FINDINGS: usize = 10_000;

/// The acceptances of a study folder's file.
pub fn acceptances(file: Option<&TextFile>) -> Result<Acceptances, StudyError> {
    let Some(file) = file else { return Ok(Acceptances::default()) };
    Acceptances::read(&file.text).map_err(|message| StudyError::Text {
        file: file.file.clone(),
        message,
        hint: "each [[accept]] names a rule and a reason: docs/check.md".to_owned(),
    })
}

/// Checks each part of the package; what is open, a finding a rule.
pub fn check(
    parts: &[Part],
    sources: &Sources,
    package: &Files,
    made: &Made,
    steps: &mut Steps<'_>,
) -> Result<Vec<Finding>, StudyError> {
    let accepted = sources.accepted.as_ref();
    let acceptances = acceptances(accepted)?;
    let mut findings = Vec::new();
    for part in parts {
        let files: BTreeMap<&str, &[u8]> = package
            .iter()
            .filter_map(|(file, bytes)| Some((file.strip_prefix(&part.folder)?.strip_prefix('/')?, bytes.as_slice())))
            .collect();
        let mut inputs: BTreeMap<String, String> =
            files.iter().map(|(file, bytes)| ((*file).to_owned(), sha256_hex(bytes))).collect();
        inputs.extend(accepted.map(|file| (file.file.clone(), sha256_hex(file.text.as_bytes()))));
        let output = format!("check/{}.json", part.name);
        let written = steps.run("check", part.name, inputs, || {
            let (study, report) = report(part, &files, &acceptances)?;
            let mut title = format!("{} against {}", part.title, report.against.standard);
            if let Some(words) = sources.codes.watermark() {
                title = format!("{words}. {title}");
            }
            let page = html::write(&report, Some(&study), &title);
            let mut text = serde_json::to_vec_pretty(&report).map_err(|e| fault(&output, &e))?;
            text.push(b'\n');
            Ok(Files::from([(output.clone(), text), (format!("check/{}.html", part.name), page.into_bytes())]))
        })?;
        findings.extend(described(&files, made));
        let report: Report = serde_json::from_slice(&written[&output]).map_err(|e| fault(&output, &e))?;
        findings.extend(open(part, &report));
    }
    Ok(findings)
}

/// What is wrong with a part's define.xml, by itself and held against the datasets.
fn described(files: &BTreeMap<&str, &[u8]>, made: &Made) -> Vec<Finding> {
    let Some(bytes) = files.get("define.xml") else { return Vec::new() };
    let mut findings = define::check(bytes);
    if let Ok(define) = define::read(bytes) {
        let datasets: Vec<_> =
            made.world.datasets.values().filter(|d| files.contains_key(file_of(d).as_str())).collect();
        findings.extend(datasets.iter().flat_map(|data| define::compare(&define, data)));
        let names: Vec<&str> = datasets.iter().map(|data| data.name.as_str()).collect();
        findings.extend(define::compare_presence(&define, &names));
    }
    findings.retain(|finding| finding.severity != Severity::Note);
    findings
}

fn file_of(data: &Dataset) -> String {
    format!("{}.xpt", data.name.to_ascii_lowercase())
}

fn fault(file: &str, error: &dyn std::fmt::Display) -> StudyError {
    StudyError::Method {
        file: file.to_owned(),
        message: error.to_string(),
        hint: "delete the output folder and build again".to_owned(),
    }
}

/// The report on one part. Its times are zero: they would differ each time.
fn report(
    part: &Part,
    files: &BTreeMap<&str, &[u8]>,
    acceptances: &Acceptances,
) -> Result<(Study, Report), StudyError> {
    let mut tables = Vec::new();
    for (file, bytes) in files.iter().filter(|(file, _)| file.ends_with(".xpt")) {
        let read = Table::read_xpt(*bytes, file, bytes.len() as u64, &ReadOptions::default());
        tables.extend(read.map_err(|e| fault(file, &e))?);
    }
    let mut study = Study::new(tables, part.product, part.version);
    let define = files.get("define.xml").map(|bytes| define::read(bytes)).transpose();
    study.define = define.map_err(|e| fault("define.xml", &e))?;
    let rules: Vec<&Rule> =
        own::rules().iter().map(|own| &own.rule).filter(|rule| run::meant_for(rule, &study)).collect();
    let options = Options { threads: threads(), most_findings: MOST_FINDINGS };
    let outcomes = run::run(&study, &rules, options, &|| 0.0);
    let against = Against {
        standard: format!("{}-{}", part.product, part.version),
        standard_from: "study.toml".to_owned(),
        terminology: study.package.clone(),
        define: study.define.is_some().then(|| "define.xml".to_owned()),
        rules: vec![format!("croft's own rules ({})", rules.len())],
    };
    let mut report = Report::new(&study, against, &rules, outcomes, env!("CARGO_PKG_VERSION"));
    let unmet = acceptances.apply(&mut report);
    report.notes.extend(unmet.iter().map(unused));
    Ok((study, report))
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn unused(one: &Acceptance) -> String {
    format!("{ACCEPTED} accepts findings of {} that are not there any more", one.rule)
}

/// A finding for each rule with findings that nobody accepted.
fn open(part: &Part, report: &Report) -> Vec<Finding> {
    let rules = report.rules.iter().filter(|rule| rule.count > rule.accepted);
    rules
        .map(|rule| {
            let datasets: Vec<&str> = {
                let mut names: Vec<&str> =
                    report.open().filter(|f| f.rule == rule.rule).map(|f| f.dataset.as_str()).collect();
                names.dedup();
                names
            };
            let open = rule.count - rule.accepted;
            let times = if open == 1 { String::new() } else { format!(" ({open} times)") };
            let message = format!("{}: {}{times}", datasets.join(", "), rule.message);
            let hint = format!(
                "out/check/{}.html shows each; mend the statement, or accept it with a reason in {ACCEPTED}",
                part.name
            );
            Finding::new(&rule.rule, Severity::Error, part.title, message).hint(&hint)
        })
        .collect()
}
