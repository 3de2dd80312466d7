//! `croft define`: what a define.xml says, whether it is valid and agrees with the data, what differs between two, and one made from data.

mod make;

use crate::output::{Failure, Outcome, print_json, severity_word};
use clap::Subcommand;
use croft_cdisc::define::{self, Define, Difference};
use croft_cdisc::files::{self, Format, LoadOptions};
use croft_core::{Dataset, Finding, Severity};
use serde_json::json;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Show what a define.xml defines, or write it as a page for a browser
    Show(Show),
    /// Is it valid, does it say what the standard asks for, does it agree with the data?
    Check(Check),
    /// Make one from a folder of datasets
    Make(make::Make),
    /// What differs between two
    Diff(Diff),
}

#[derive(clap::Args)]
struct Show {
    /// The define.xml, of version 2.0 or 2.1
    file: PathBuf,
    /// Write it as one page that needs no script and no stylesheet
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

#[derive(clap::Args)]
struct Check {
    /// The define.xml, of version 2.0 or 2.1
    file: PathBuf,
    /// Folder of the datasets that it describes: xpt, json, ndjson, dsjc, csv, tsv, xlsx
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

#[derive(clap::Args)]
struct Diff {
    /// The earlier define.xml
    before: PathBuf,
    /// The later one
    after: PathBuf,
}

pub fn run(args: Args, json: bool) -> Result<Outcome, Failure> {
    match args.command {
        Command::Show(args) => show(&args, json),
        Command::Check(args) => check(&args, json),
        Command::Make(args) => make::run(&args, json),
        Command::Diff(args) => diff(&args, json),
    }
}

fn open(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| Failure::misuse(format!("{} cannot be opened: {error}", path.display())))
}

fn read(path: &Path) -> Result<Define, Failure> {
    define::read(&open(path)?).map_err(|error| {
        let hint = error.hint();
        Failure::misuse(format!("{} cannot be read: {error}", path.display())).hint(hint)
    })
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(path, text)
        .map_err(|error| Failure::failure(format!("{} cannot be written: {error}", path.display())))
}

fn show(args: &Show, json: bool) -> Result<Outcome, Failure> {
    let define = read(&args.file)?;
    if let Some(path) = &args.html {
        write(path, &define::html(&define))?;
        if !json {
            eprintln!("wrote {}", path.display());
            return Ok(Outcome::Done);
        }
    }
    let (index, m) = (define.index(), &define.metadata);
    let values = |dataset| index.variables(dataset).iter().map(|v| index.values(v.definition).len()).sum::<usize>();
    let results: usize = define.displays().iter().map(|d| d.results.len()).sum();
    if json {
        let datasets: Vec<_> = m
            .datasets
            .iter()
            .map(|d| {
                let variables: Vec<_> = index
                    .variables(d)
                    .iter()
                    .map(|v| {
                        let item = v.definition;
                        json!({
                            "name": v.name(), "label": v.label(), "type": v.data_type().map(|t| t.as_str()), "length": item.length,
                            "significant_digits": item.significant_digits, "mandatory": v.is_mandatory(), "code_list": item.code_list_oid(),
                            "origin": item.origins.first().and_then(|o| o.kind.as_deref()), "values": index.values(item).len(),
                        })
                    })
                    .collect();
                json!({
                    "name": d.name(), "label": d.label(), "class": d.class(), "structure": d.structure, "keys": index.keys(d), "file": d.href(),
                    "no_data": d.has_no_data(), "variables": variables,
                })
            })
            .collect();
        print_json(&json!({
            "file": args.file, "version": define.version.number(), "study": define.study.oid,
            "standards": define.standards().iter().map(|s| json!({ "name": s.name, "publishing_set": s.publishing_set, "version": s.version })).collect::<Vec<_>>(),
            "datasets": datasets, "code_lists": m.code_lists.len(), "methods": m.methods.len(), "comments": m.comments.len(),
            "documents": m.documents.len(), "displays": define.displays().len(), "results": results,
        }));
        return Ok(Outcome::Done);
    }
    let study = define.study.names.as_ref().and_then(|n| n.study_name.as_deref()).unwrap_or(&define.study.oid);
    outln!("{study}   Define-XML {}", define.version.number());
    for standard in define.standards().iter() {
        let parts = [standard.name.as_deref(), standard.publishing_set.as_deref(), standard.version.as_deref()];
        outln!("{}", parts.into_iter().flatten().collect::<Vec<_>>().join(" "));
    }
    outln!();
    outln!("{:<9}{:>5} {:>7}  {:<34} label", "dataset", "vars", "values", "keys");
    for dataset in &m.datasets {
        let variables = index.variables(dataset).len();
        outln!(
            "{:<9}{variables:>5} {:>7}  {:<34} {}",
            dataset.name(),
            values(dataset),
            index.keys(dataset).join(" "),
            dataset.label()
        );
    }
    outln!();
    outln!(
        "{} code lists, {} methods, {} comments, {} documents, {} displays with {results} analysis results",
        m.code_lists.len(),
        m.methods.len(),
        m.comments.len(),
        m.documents.len(),
        define.displays().len()
    );
    Ok(Outcome::Done)
}

fn check(args: &Check, json: bool) -> Result<Outcome, Failure> {
    let bytes = open(&args.file)?;
    let mut findings = define::check(&bytes);
    let mut compared = Vec::new();
    if let (Some(folder), Ok(define)) = (&args.data, define::read(&bytes)) {
        let names = each_dataset(folder, |data, remarks| {
            findings.extend(remarks);
            findings.extend(define::compare(&define, &data));
        })?;
        let told: Vec<&str> = names.iter().map(String::as_str).collect();
        findings.extend(define::compare_presence(&define, &told));
        compared = names;
    }
    let count = |severity| findings.iter().filter(|f| f.severity == severity).count();
    let (errors, warnings, notes) = (count(Severity::Error), count(Severity::Warning), count(Severity::Note));
    if json {
        print_json(&json!({
            "file": args.file, "datasets": compared, "errors": errors, "warnings": warnings, "notes": notes, "findings": findings,
        }));
    } else {
        for finding in &findings {
            print_finding(finding);
        }
        let against =
            if args.data.is_some() { format!(", held against {} datasets", compared.len()) } else { String::new() };
        outln!("{}{against}: {errors} errors, {warnings} warnings, {notes} notes", args.file.display());
    }
    Ok(if errors > 0 { Outcome::Findings } else { Outcome::Done })
}

/// A finding and what to do. The message of one about the file itself says the line.
fn print_finding(finding: &Finding) {
    let word = severity_word(finding.severity);
    if finding.dataset == "define.xml" {
        outln!("{word}: {}: {}", finding.rule, finding.message);
    } else {
        outln!("{word}: {finding}");
    }
    if let Some(hint) = &finding.hint {
        outln!("  hint: {hint}");
    }
}

/// Hands over each dataset of a folder, one at a time, in the order of the files' names; of a dataset that is there in several formats the first.
/// Gives the names back.
fn each_dataset(folder: &Path, mut take: impl FnMut(Dataset, Vec<Finding>)) -> Result<Vec<String>, Failure> {
    let listed = std::fs::read_dir(folder)
        .map_err(|error| Failure::misuse(format!("{} cannot be listed: {error}", folder.display())))?;
    let mut paths: Vec<PathBuf> = listed.flatten().map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    paths.retain(|path| Format::of(&path.to_string_lossy()).is_some());
    paths.sort();
    let mut names: Vec<String> = Vec::new();
    for path in paths {
        let name = path.to_string_lossy();
        let bytes = open(&path)?;
        let loaded = files::load(&name, &bytes, &LoadOptions::default()).map_err(|error| {
            let hint = error.hint();
            Failure::misuse(format!("{name} cannot be read: {error}")).hint(hint)
        })?;
        for one in loaded {
            let name = one.dataset.name.to_ascii_uppercase();
            if !names.contains(&name) {
                names.push(name);
                take(one.dataset, one.findings);
            }
        }
    }
    if names.is_empty() {
        return Err(Failure::misuse(format!("{} holds no dataset", folder.display()))
            .hint("name the folder with the xpt, json, ndjson, dsjc, csv or xlsx files"));
    }
    Ok(names)
}

fn diff(args: &Diff, json: bool) -> Result<Outcome, Failure> {
    let changes = define::diff(&read(&args.before)?, &read(&args.after)?);
    if json {
        let told: Vec<_> = changes
            .iter()
            .map(|c| match &c.difference {
                Difference::Added => json!({ "what": c.what, "name": c.name, "difference": "added" }),
                Difference::Removed => json!({ "what": c.what, "name": c.name, "difference": "removed" }),
                Difference::Changed(facts) => json!({
                    "what": c.what, "name": c.name, "difference": "changed",
                    "facts": facts.iter().map(|(about, before, after)| json!({ "about": about, "before": before, "after": after })).collect::<Vec<_>>(),
                }),
            })
            .collect();
        print_json(&json!({ "before": args.before, "after": args.after, "changes": told }));
    } else {
        for change in &changes {
            match &change.difference {
                Difference::Added => outln!("added    {} {}", change.what, change.name),
                Difference::Removed => outln!("removed  {} {}", change.what, change.name),
                Difference::Changed(facts) => {
                    outln!("changed  {} {}", change.what, change.name);
                    for (about, before, after) in facts {
                        outln!("           {about}: {} -> {}", quoted(before), quoted(after));
                    }
                }
            }
        }
        eprintln!("{} differences", changes.len());
    }
    Ok(if changes.is_empty() { Outcome::Done } else { Outcome::Findings })
}

fn quoted(words: &str) -> String {
    if words.is_empty() { "nothing".to_owned() } else { format!("{words:?}") }
}
