//! How does a folder become a package? All stages in order; and, made again from nothing, the same bytes.
//!
//! ```text
//! sources ──▶ tabulate ──▶ derive ──▶ analyse ──▶ display ──▶ document ──▶ package ──▶ check
//! ```

use crate::analyse::{self, Analysis, Request};
use crate::cache::{Files, Progress, StepReport, Steps};
use crate::codes::Codes;
use crate::datasets::{self, Made, Wanted};
use crate::error::StudyError;
use crate::freeze::{self, Freeze};
use crate::lock_time::LockTime;
use crate::sources::{self, Sources};
use crate::statement::Statement;
use crate::tabulation::annotated::{self, Annotations};
use crate::tabulation::coverage::Coverage;
use crate::verdict::{Verdict, verdict};
use crate::{conformance, display, document, package, protocol, template};
use croft_core::manifest::sha256_hex;
use croft_core::{AnalysisResult, Finding};
use croft_report::block::Display;
use croft_report::display::Inputs;
use croft_report::{html, pdf};
use std::collections::BTreeMap;
use std::path::Path;

/// The version that manifests and documents name.
pub const PROGRAM: &str = concat!("croft ", env!("CARGO_PKG_VERSION"));

/// What a build made.
pub struct Built {
    /// Study identifier.
    pub study: String,
    /// The study's short title.
    pub title: String,
    /// What came out.
    pub verdict: Verdict,
    /// Remarks on the data.
    pub findings: Vec<Finding>,
    /// What became of each step.
    pub steps: Vec<StepReport>,
    /// The report's PDF, below `out/`.
    pub report: String,
    /// What was known of treatments.
    pub codes: Codes,
}

/// Everything computed, in memory.
pub(crate) struct Computed {
    pub(crate) made: Made,
    pub(crate) results: Vec<AnalysisResult>,
    pub(crate) displays: BTreeMap<String, Display>,
    verdict: Verdict,
    findings: Vec<Finding>,
    files: Files,
    steps: Vec<StepReport>,
}

/// Computes what is stale, takes what is fresh from `previous`.
pub(crate) fn compute(
    sources: &Sources,
    previous: Option<&Path>,
    progress: Progress<'_>,
) -> Result<Computed, StudyError> {
    let mut steps = Steps::new(previous, PROGRAM, progress);
    let locked_at = &sources.snapshot.frozen.locked_at;
    let lock = LockTime::parse(locked_at)?;
    let mut made = datasets::make(sources, Wanted::All, &mut steps, lock.stamp())?;
    let coverage = coverage_of(sources, &made)?;
    let mut annotations = None;
    if !sources.forms.is_empty() {
        let inputs = BTreeMap::from([("items".to_owned(), sha256_hex(&coverage.to_csv()))]);
        steps.run("tabulate", "coverage", inputs, || Ok(Files::from([(COVERAGE.to_owned(), coverage.to_csv())])))?;
        annotations = Some(annotate(sources, &coverage, lock, &mut steps)?);
    }
    let results = results(sources, &mut made, &mut steps)?;
    let verdict = verdict(&results);
    let variables = document::variables(sources, PROGRAM, &made.methods, &verdict);
    let inputs = Inputs { results: &results, datasets: &made.world.datasets, variables: &variables };
    let mut displays = display::show(sources, &inputs, lock, &mut steps)?;
    let planned = protocol::add_schedule(&sources.definition, &sources.forms, &mut displays)?;
    document::write(sources, &inputs, &displays, lock, &mut steps)?;
    displays.retain(|name, _| !planned.contains(name));
    let (package, parts) = package::assemble(sources, &made, annotations.as_ref(), &results, &displays, &mut steps)?;
    let mut checked = conformance::check(&parts, sources, &package, &made, &mut steps)?;
    let mut findings = sources.snapshot.audit_findings(&sources.forms);
    findings.append(&mut sources.snapshot.plan_findings(&sources.definition, &sources.forms));
    findings.extend(sources.received.iter().chain(&sources.kept).flat_map(|t| t.findings.clone()));
    findings.append(&mut made.findings);
    findings.append(&mut checked);
    findings.append(&mut coverage.findings());
    let (mut files, steps) = steps.finish();
    files.extend(sources.codes.mark());
    Ok(Computed { made, results, displays, verdict, findings, files, steps })
}

/// Writes the annotated case report form; what stands where in it.
fn annotate(
    sources: &Sources,
    coverage: &Coverage,
    lock: LockTime,
    steps: &mut Steps<'_>,
) -> Result<Annotations, StudyError> {
    let mut form = annotated::document(&sources.definition, &sources.forms, coverage);
    form.watermark = sources.codes.watermark();
    let identity = sha256_hex(html::write(&form).as_bytes());
    let inputs = BTreeMap::from([
        ("said".to_owned(), identity.clone()),
        ("lock".to_owned(), sources.snapshot.frozen.locked_at.clone()),
    ]);
    let meta = document::meta(&sources.definition, lock, &identity);
    steps.run("tabulate", "acrf", inputs, || {
        let bytes = pdf::write(&form, &meta).map_err(|e| StudyError::Method {
            file: ANNOTATED.to_owned(),
            message: e.to_string(),
            hint: e.hint().to_owned(),
        })?;
        Ok(Files::from([(ANNOTATED.to_owned(), bytes)]))
    })?;
    Ok(Annotations::of(&form, coverage))
}

/// The annotated case report form, below `out/`.
pub(crate) const ANNOTATED: &str = "tabulate/acrf.pdf";

/// The report of coverage, below `out/`.
const COVERAGE: &str = "tabulate/coverage.csv";

/// What became of each item of the forms. A study without forms has none.
fn coverage_of(sources: &Sources, made: &Made) -> Result<Coverage, StudyError> {
    let (dictionary, mapping) = sources.mapping()?;
    Ok(Coverage::of(sources, &dictionary, &mapping, made))
}

/// The report of coverage of a study folder; nothing is written.
pub fn coverage(root: &Path, progress: Progress<'_>) -> Result<(String, Coverage), StudyError> {
    let sources = Sources::read(root)?;
    let out = root.join("out");
    let mut steps = Steps::new(Some(&out), PROGRAM, progress);
    let lock = LockTime::parse(&sources.snapshot.frozen.locked_at)?;
    let made = datasets::make(&sources, Wanted::Stage("tabulate"), &mut steps, lock.stamp())?;
    Ok((sources.definition.study.id.clone(), coverage_of(&sources, &made)?))
}

/// The statement that makes a tabulation dataset of a study folder, written or by default.
pub fn statement(root: &Path, dataset: &str) -> Result<Statement, StudyError> {
    let sources = Sources::read(root)?;
    let known: Vec<String> = sources.tabulate.iter().map(|s| s.dataset.clone()).collect();
    let found = sources.tabulate.into_iter().find(|s| s.dataset.eq_ignore_ascii_case(dataset));
    found.ok_or_else(|| StudyError::Unknown {
        what: "tabulation dataset made by a statement",
        name: dataset.to_owned(),
        known: known.join(", "),
    })
}

/// Runs every analysis; the results of all, in the order of their files.
fn results(sources: &Sources, made: &mut Made, steps: &mut Steps<'_>) -> Result<Vec<AnalysisResult>, StudyError> {
    let mut all = Vec::new();
    for file in &sources.analyse {
        let analysis = Analysis::parse(&file.file, &file.text)?;
        let chosen = made.select(&file.file, &analysis.dataset, analysis.condition.as_deref())?;
        let mut inputs = made.world.hashes_of(chosen.tables.iter().map(String::as_str).chain(analysis.reads()));
        inputs.insert(file.file.clone(), sha256_hex(file.text.as_bytes()));
        let output = format!("analyse/{}.ndjson", file.stem);
        let files = steps.run("analyse", &file.stem, inputs, || {
            let request = Request {
                name: &file.stem,
                file: &file.file,
                analysis: &analysis,
                data: made.world.dataset(&analysis.dataset, &file.file)?,
                rows: chosen.rows,
                datasets: &made.world.datasets,
            };
            let results = analyse::run(&request)?;
            Ok(Files::from([(output.clone(), analyse::to_lines(&results))]))
        })?;
        all.extend(analyse::from_lines(&output, &files[&output])?);
    }
    Ok(all)
}

/// Builds a study folder: computes what is stale and writes what changed below `out/`.
pub fn build(root: &Path, progress: Progress<'_>) -> Result<Built, StudyError> {
    build_with(root, None, progress)
}

/// Builds a study folder with dummy codes from this seed, or without.
pub fn build_with(root: &Path, dummy: Option<u64>, progress: Progress<'_>) -> Result<Built, StudyError> {
    let sources = Sources::read_with(root, dummy)?;
    let out = root.join("out");
    let computed = compute(&sources, Some(&out), progress)?;
    clear(&out, &computed.files)?;
    write_changed(&out, &computed.files)?;
    Ok(Built {
        study: sources.definition.study.id.clone(),
        title: sources.definition.study.short_title.clone(),
        verdict: computed.verdict,
        findings: computed.findings,
        steps: computed.steps,
        report: computed.files.keys().find(|f| f.ends_with(".pdf")).cloned().unwrap_or_default(),
        codes: sources.codes,
    })
}

/// One dataset of a stage.
#[derive(Clone, Debug, serde::Serialize)]
pub struct MadeDataset {
    /// Its name.
    pub dataset: String,
    /// `tabulate` or `derive`.
    pub stage: String,
    /// Its transport file, below `out/`.
    pub file: String,
    /// Its rows.
    pub rows: usize,
    /// Its variables.
    pub variables: usize,
    /// Whether it was taken from the last build.
    pub fresh: bool,
}

/// What one stage made.
pub struct Stage {
    /// Study identifier.
    pub study: String,
    /// Its datasets and those that they needed, in the order in which they were made.
    pub datasets: Vec<MadeDataset>,
    /// Remarks on the data.
    pub findings: Vec<Finding>,
}

/// Makes the datasets of one folder, `tabulate` or `derive`, with what they need; everything else in `out/` is left as it is.
pub fn make(root: &Path, stage: &'static str, progress: Progress<'_>) -> Result<Stage, StudyError> {
    let sources = Sources::read(root)?;
    let out = root.join("out");
    refuse_link(&out)?;
    let mut steps = Steps::new(Some(&out), PROGRAM, progress);
    let lock = LockTime::parse(&sources.snapshot.frozen.locked_at)?;
    let made = datasets::make(&sources, Wanted::Stage(stage), &mut steps, lock.stamp())?;
    let (files, reports) = steps.finish_part();
    write_changed(&out, &files)?;
    let described = |report: &StepReport| {
        let data = made.world.datasets.get(&report.step)?;
        Some(MadeDataset {
            dataset: report.step.clone(),
            stage: report.stage.clone(),
            file: datasets::transport_file(&report.stage, &report.step),
            rows: data.rows(),
            variables: data.variables().len(),
            fresh: report.is_fresh(),
        })
    };
    let datasets = reports.iter().filter_map(described).collect();
    Ok(Stage { study: sources.definition.study.id.clone(), datasets, findings: made.findings })
}

/// Writes the files whose bytes differ from those there.
fn write_changed(out: &Path, files: &Files) -> Result<(), StudyError> {
    for (file, bytes) in files {
        let same = sources::read(out, file).is_ok_and(|there| there == *bytes);
        if !same {
            template::write(out, file, bytes)?;
        }
    }
    Ok(())
}

/// Removes from `out/` what nothing makes, and every link, so that nothing is written or removed beyond the folder.
fn clear(out: &Path, made: &Files) -> Result<(), StudyError> {
    refuse_link(out)?;
    if !out.is_dir() {
        return Ok(());
    }
    for (file, path) in sources::tree(out)? {
        if !made.contains_key(&file) || path.is_symlink() {
            std::fs::remove_file(&path).map_err(|source| StudyError::File { path, action: "removed", source })?;
        }
    }
    Ok(())
}

fn refuse_link(out: &Path) -> Result<(), StudyError> {
    if out.is_symlink() {
        return Err(StudyError::Text {
            file: "out".to_owned(),
            message: "it is a link, and what it leads to is not the study's to change".to_owned(),
            hint: "remove the link: a build makes the folder".to_owned(),
        });
    }
    Ok(())
}

/// How the files made again compare with those in `out/`.
pub struct Verified {
    /// Files made again.
    pub files: usize,
    /// Files that differ, with how.
    pub differences: BTreeMap<String, String>,
}

/// Computes everything from nothing and compares with `out/`, byte for byte.
pub fn verify(root: &Path, progress: Progress<'_>) -> Result<Verified, StudyError> {
    let sources = Sources::read(root)?;
    let out = root.join("out");
    let computed = compute(&sources, None, progress)?;
    let mut there = if out.is_dir() { sources::tree(&out)? } else { BTreeMap::new() };
    let mut differences = BTreeMap::new();
    for (file, bytes) in &computed.files {
        let difference = match there.remove(file) {
            None => Some("missing in out/".to_owned()),
            Some(path) if path.is_symlink() => Some("is a link, not a file".to_owned()),
            Some(_) => {
                let found = sources::read(&out, file)?;
                (found != *bytes).then(|| first_difference(&found, bytes))
            }
        };
        differences.extend(difference.map(|d| (file.clone(), d)));
    }
    differences.extend(there.into_keys().map(|file| (file, "nothing makes this file".to_owned())));
    Ok(Verified { files: computed.files.len(), differences })
}

fn first_difference(found: &[u8], expected: &[u8]) -> String {
    let at = found.iter().zip(expected).take_while(|(a, b)| a == b).count();
    format!("differs from byte {at} ({} bytes there, {} made again)", found.len(), expected.len())
}

/// What a build would make, without writing it.
pub fn status(root: &Path) -> Result<Vec<StepReport>, StudyError> {
    let sources = Sources::read(root)?;
    Ok(compute(&sources, Some(&root.join("out")), &mut |_, _| {})?.steps)
}

/// Freezes the data files as they are now. Returns those whose hash changed.
pub fn freeze(root: &Path, by: &Freeze) -> Result<Vec<String>, StudyError> {
    let definition = crate::definition::Definition::parse(&sources::read_definition(root)?.text)?;
    freeze::freeze(root, &definition.study.id, by)
}
