//! `croft define make`: a define.xml 2.1 from a folder of datasets, with the study's identity and lock time from its folder.

use super::{each_dataset, open, write};
use crate::output::{Failure, Outcome, print_json};
use croft_cdisc::define::{self, build};
use croft_core::{Dataset, Finding, Severity};
use croft_study::sources::Sources;
use serde_json::json;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Make {
    /// Folder of the datasets: tabulation or analysis data, not both
    data: PathBuf,
    /// The study's folder: its identifier and title, and the time of its lock
    #[arg(long, value_name = "DIR")]
    study: Option<PathBuf>,
    /// Identifier of the study, where there is no study folder
    #[arg(long, value_name = "ID", conflicts_with = "study")]
    id: Option<String>,
    /// When the file is made, such as 2024-04-01T12:00:00Z; with a study folder the time of its lock
    #[arg(long, value_name = "TIME")]
    created: Option<String>,
    /// The file to write [default: define.xml in the folder of the datasets]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// The guides that croft's tables are of.
const TABULATION: (&str, &str) = ("SDTMIG", "3.4");
const ANALYSIS: (&str, &str) = ("ADaMIG", "1.3");

pub fn run(args: &Make, json: bool) -> Result<Outcome, Failure> {
    let mut study = identity(args)?;
    let mut all: Vec<Dataset> = Vec::new();
    each_dataset(&args.data, |data, _| all.push(data))?;
    all.sort_by(|a, b| a.name.cmp(&b.name));
    study.datasets = all.iter().map(|data| build::describe(data, Some("IG"))).collect();
    let analysis = study.datasets.iter().filter(|d| d.analysis).count();
    if analysis > 0 && analysis < all.len() {
        let cause = format!("{} holds tabulation and analysis data", args.data.display());
        return Err(
            Failure::misuse(cause).hint("a define.xml describes one of them: put each into a folder of its own")
        );
    }
    let (guide, version) = if analysis > 0 { ANALYSIS } else { TABULATION };
    study.standards = vec![build::Standard {
        id: "IG".to_owned(),
        name: guide.to_owned(),
        publishing_set: None,
        version: version.to_owned(),
    }];
    for (group, data) in study.datasets.iter_mut().zip(&all) {
        build::add_value_level(group, data);
    }
    build::add_codelists(&mut study, |name| all.iter().find(|data| data.name == name));
    let text = build::write(&study).map_err(|error| {
        let hint = error.hint();
        Failure::misuse(error).hint(hint)
    })?;
    let out = args.out.clone().unwrap_or_else(|| args.data.join("define.xml"));
    write(&out, &text)?;
    let stylesheet = out.with_file_name("define2-1.xsl");
    write(&stylesheet, define::STYLESHEET)?;
    let open: Vec<Finding> = define::check(&open(&out)?).into_iter().filter(|f| f.severity != Severity::Note).collect();
    let values: usize = study.datasets.iter().flat_map(|d| &d.items).map(|i| i.values.len()).sum();
    let variables: usize = study.datasets.iter().map(|d| d.items.len()).sum();
    if json {
        print_json(&json!({
            "file": out, "datasets": study.datasets.len(), "variables": variables, "values": values, "code_lists": study.codelists.len(), "open": open,
        }));
    } else {
        let standard = |s: &build::Standard| match &s.publishing_set {
            Some(set) => format!("{set} terminology {}", s.version),
            None => format!("{} {}", s.name, s.version),
        };
        outln!(
            "wrote {}: {} datasets, {variables} variables, {values} values, {} code lists; standards {}",
            out.display(),
            study.datasets.len(),
            study.codelists.len(),
            study.standards.iter().map(standard).collect::<Vec<_>>().join(", ")
        );
        if !open.is_empty() {
            outln!("{} things that data cannot say are open, such as origins and derivations", open.len());
            outln!("  hint: croft define check {}", out.display());
        }
    }
    Ok(Outcome::Done)
}

fn identity(args: &Make) -> Result<build::Study, Failure> {
    let mut study = build::Study {
        source_system: Some(("croft".to_owned(), env!("CARGO_PKG_VERSION").to_owned())),
        ..build::Study::default()
    };
    if let Some(folder) = &args.study {
        let sources = Sources::read(folder)?;
        let identity = &sources.definition.study;
        study.id.clone_from(&identity.id);
        study.description.clone_from(&identity.title);
        study.creation_date_time.clone_from(&sources.snapshot.frozen.locked_at);
    } else {
        let Some(id) = &args.id else {
            return Err(
                Failure::misuse("a define.xml names its study").hint("give --study with the study's folder, or --id")
            );
        };
        study.id.clone_from(id);
        study.description.clone_from(id);
    }
    study.name.clone_from(&study.id);
    study.protocol.clone_from(&study.id);
    if let Some(created) = &args.created {
        study.creation_date_time.clone_from(created);
    }
    if study.creation_date_time.is_empty() {
        return Err(
            Failure::misuse("a define.xml says when it was made").hint("give --created, such as 2024-04-01T12:00:00Z")
        );
    }
    Ok(study)
}
