//! What goes to the regulator? Datasets with their define.xml, the programs, the report, the results: one folder with a
//! manifest of hashes.
//!
//! ```text
//! package/
//!   m5/datasets/STUDY/tabulations/sdtm/        dm.xpt … acrf.pdf define.xml define2-1.xsl
//!   m5/datasets/STUDY/analysis/adam/datasets/  adsl.xpt … define.xml define2-1.xsl
//!   m5/datasets/STUDY/analysis/adam/programs/  the statements and analyses, as text
//!   m5/53-clin-stud-rep/…/STUDY/               report.pdf
//!   m4/datasets/STUDY/tabulations/send/        the tabulation of a nonclinical study; its report in m4/42-stud-rep/STUDY/
//!   results/results.csv                        every result (ARD)
//!   manifest.json                              SHA-256 of each file above, of the snapshot and of the definition
//! ```
//! Folders after the FDA's Study Data Technical Conformance Guide (chapter 7) and the ICH M4 granularity; the eCTD backbone
//! is not made here. Datasets that were received are inputs: they are named by their hashes, and whoever made them submits them.

mod define;
mod results;

use crate::cache::{Files, Steps};
use crate::datasets::{Made, transport_file};
use crate::error::StudyError;
use crate::sources::Sources;
use crate::tabulation::annotated::Annotations;
use crate::tabulation::mapping;
use crate::world::Maker;
use croft_cdisc::model;
use croft_core::manifest::sha256_hex;
use croft_core::{AnalysisResult, StatValue};
use croft_report::block::Display;
use std::collections::BTreeMap;

/// The guide that the analysis datasets of a study follow.
const ADAMIG: (&str, &str) = ("adamig", "1.3");

/// Datasets that are submitted together, with one define.xml.
pub struct Part {
    /// `tabulation` or `analysis`.
    pub name: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// The guide that the datasets follow, as the rules name it.
    pub product: &'static str,
    /// Its version.
    pub version: &'static str,
    /// Its folder, below `out/`.
    pub folder: String,
}

/// Puts the package together from what the stages before it made: its files, and the parts that hold datasets.
pub fn assemble(
    sources: &Sources,
    made: &Made,
    annotations: Option<&Annotations>,
    results: &[AnalysisResult],
    displays: &BTreeMap<String, Display>,
    steps: &mut Steps<'_>,
) -> Result<(Files, Vec<Part>), StudyError> {
    let mut contents = Files::new();
    let dictionary = mapping::dictionary(&sources.definition)?;
    let layout = Layout::of(sources, dictionary.is_send());
    let has_rows = |name: &str| made.world.datasets.get(name).is_some_and(|data| data.rows() > 0);
    // A dataset without records is not submitted: define.xml says that there is none.
    for name in made.order.iter().filter(|name| has_rows(name)) {
        let from = transport_file(stage(made, name), name);
        let folder = if is_analysis(name) { &layout.adam } else { &layout.tabulation };
        let to = format!("{folder}/{}.xpt", name.to_ascii_lowercase());
        contents.insert(to, steps.file(&from).to_vec());
    }
    let mut parts = Vec::new();
    for (folder, analysis) in [(&layout.tabulation, false), (&layout.adam, true)] {
        if !made.order.iter().any(|name| is_analysis(name) == analysis) {
            continue;
        }
        let tabulation = if dictionary.is_send() { "SEND" } else { "SDTM" };
        let (name, title, (product, version)) = if analysis {
            ("analysis", "ADaM", ADAMIG)
        } else {
            ("tabulation", tabulation, (dictionary.guide.product, dictionary.guide.version))
        };
        parts.push(Part { name, title, product, version, folder: folder.clone() });
        let annotations = annotations.filter(|_| !analysis);
        let mut study = define::describe(sources, made, annotations, (product, version), analysis);
        if let Some(annotations) = annotations {
            contents.insert(format!("{folder}/acrf.pdf"), steps.file(crate::road::ANNOTATED).to_vec());
            define::add_annotated(&mut study, annotations);
        }
        if analysis {
            // From `m5/datasets/STUDY/analysis/adam/datasets` five folders up.
            let report = sources.document.iter().find(|file| file.stem == "report");
            let report = report.and_then(|_| layout.report.strip_prefix("package/m5/"));
            let report = report.map(|folder| format!("../../../../../{folder}/report.pdf"));
            results::add(&mut study, sources, results, displays, report.as_deref())?;
        }
        contents.insert(format!("{folder}/define.xml"), define::write(&study)?.into_bytes());
        contents.insert(format!("{folder}/define2-1.xsl"), croft_cdisc::define::STYLESHEET.as_bytes().to_vec());
    }
    for (file, text) in programs(sources) {
        contents.insert(format!("{}/{}", layout.programs, file.replace('/', "-")), text.as_bytes().to_vec());
    }
    for file in &sources.document {
        let pdf = format!("document/{}.pdf", file.stem);
        contents.insert(format!("{}/{}.pdf", layout.report, file.stem), steps.file(&pdf).to_vec());
    }
    contents.insert("package/results/results.csv".to_owned(), results_csv(results));
    contents.insert("package/manifest.json".to_owned(), manifest(sources, &contents));
    let inputs = contents.iter().map(|(file, bytes)| (file.clone(), sha256_hex(bytes))).collect();
    let contents = steps.run("package", "package", inputs, || Ok(contents))?;
    Ok((contents, parts))
}

struct Layout {
    tabulation: String,
    adam: String,
    programs: String,
    report: String,
}

impl Layout {
    fn of(sources: &Sources, is_send: bool) -> Self {
        let id = sources.definition.study.id.to_ascii_lowercase();
        if is_send {
            // ICH M4 module 4; FDA Study Data Technical Conformance Guide, file directory structure. In which section of 4.2 a study belongs its folder does
            // not say: the report stands above them.
            let data = format!("package/m4/datasets/{id}");
            return Self {
                tabulation: format!("{data}/tabulations/send"),
                adam: format!("{data}/analysis/adam/datasets"),
                programs: format!("{data}/misc"),
                report: format!("package/m4/42-stud-rep/{id}"),
            };
        }
        let data = format!("package/m5/datasets/{id}");
        // ICH M4 section 5.3.1.2 holds comparative bioavailability and bioequivalence reports, 5.3.3.1 pharmacokinetics in healthy subjects.
        let section = match sources.definition.study.kind.as_str() {
            "bioequivalence" => "531-rep-biopharm-stud/5312-compar-ba-be-stud-rep",
            _ => "533-rep-human-pk-stud/5331-healthy-subj-pk-init-tol-stud-rep",
        };
        Self {
            tabulation: format!("{data}/tabulations/sdtm"),
            adam: format!("{data}/analysis/adam/datasets"),
            programs: format!("{data}/analysis/adam/programs"),
            report: format!("package/m5/53-clin-stud-rep/{section}/{id}"),
        }
    }
}

fn stage(made: &Made, dataset: &str) -> &'static str {
    match made.world.makers.get(dataset) {
        Some(Maker::Statement { stage, .. }) => stage,
        _ => "derive",
    }
}

/// Whether a dataset is analysis data: the standard's word, else what its name begins with.
pub(crate) fn is_analysis(dataset: &str) -> bool {
    model::dataset(dataset).map_or_else(|| dataset.starts_with("AD"), |d| d.analysis)
}

/// Everything that computes, as text.
fn programs(sources: &Sources) -> impl Iterator<Item = (&str, &str)> {
    let statements = sources.tabulate.iter().chain(&sources.derive).map(|s| (s.file.as_str(), s.sql.as_str()));
    let texts = sources
        .kept_texts
        .iter()
        .chain(&sources.methods)
        .chain(&sources.analyse)
        .map(|f| (f.file.as_str(), f.text.as_str()));
    statements.chain(texts)
}

/// The results as one table, a row a result.
fn results_csv(results: &[AnalysisResult]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = [
        "analysis",
        "method",
        "dataset",
        "groups",
        "parameter",
        "statistic",
        "value",
        "reason",
        "unit",
        "options",
        "rows",
    ];
    let mut write = |fields: [&str; 11]| writer.write_record(fields).expect("memory takes every byte");
    write(header);
    for r in results {
        let groups: Vec<String> = r.groups.iter().map(|g| format!("{}={}", g.variable, g.value)).collect();
        let (value, reason) = match &r.value {
            StatValue::Num(x) => (format!("{x}"), ""),
            StatValue::Text(text) => (text.clone(), ""),
            StatValue::NotCalculable(reason) => (String::new(), reason.as_str()),
        };
        write([
            &r.analysis,
            &r.method,
            &r.dataset,
            &groups.join("; "),
            &r.parameter,
            &r.statistic,
            &value,
            reason,
            &r.unit,
            &r.options,
            &r.rows.to_string(),
        ]);
    }
    writer.into_inner().expect("memory takes every byte")
}

fn manifest(sources: &Sources, contents: &Files) -> Vec<u8> {
    let frozen = &sources.snapshot.frozen;
    let files: BTreeMap<&str, String> = contents
        .iter()
        .map(|(file, bytes)| (file.strip_prefix("package/").unwrap_or(file), sha256_hex(bytes)))
        .collect();
    let manifest = serde_json::json!({
        "study": sources.definition.study.id,
        "program": crate::road::PROGRAM,
        "locked_at": frozen.locked_at,
        "definition": sources.definition_hash,
        "snapshot": frozen.files,
        "codes": sources.codes.word(),
        "files": files,
    });
    (format!("{manifest:#}") + "\n").into_bytes()
}
