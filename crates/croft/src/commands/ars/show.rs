//! `croft ars show`: analyses, methods, outputs, gaps.

use crate::output::{Failure, Outcome, print_finding, print_json};
use croft_cdisc::ars::{ReportingEvent, check};
use croft_core::{Finding, Severity};
use croft_study::ars::{self, recognise};
use serde_json::json;
use std::collections::BTreeSet;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Args {
    /// The reporting event: a JSON file
    file: PathBuf,
    /// Print this output with its results as text, or `all`
    #[arg(long, value_name = "ID")]
    output: Option<String>,
    /// Write the outputs with their results as one page that needs no script
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

/// Operations that croft cannot run, analyses that no list of contents names, outputs that show nothing.
fn gaps(event: &ReportingEvent) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut gap = |rule: &str, about: &str, message: String, hint: &str| {
        found.push(Finding::new(rule, Severity::Note, about, message).hint(hint));
    };
    for method in &event.methods {
        for operation in &method.operations {
            if let Err(reason) = recognise(method, operation) {
                gap("ARS-OPERATION", &operation.id, reason.to_string(), "docs/ars.md lists the names that croft runs");
            }
        }
    }
    let shown: BTreeSet<&str> =
        event.outputs.iter().flat_map(|o| ars::analyses_of(event, o)).map(|a| a.id.as_str()).collect();
    for analysis in event.analyses.iter().filter(|a| !shown.contains(a.id.as_str())) {
        let message = "no output of the main list of contents shows the analysis".to_owned();
        gap("ARS-NOT-SHOWN", &analysis.id, message, "list it below an output");
    }
    for output in event.outputs.iter().filter(|o| ars::analyses_of(event, o).is_empty()) {
        let message = "the main list of contents names no analysis of the output".to_owned();
        gap("ARS-EMPTY-OUTPUT", &output.id, message, "list its analyses below it");
    }
    found
}

pub fn run(args: &Args, json: bool) -> Result<Outcome, Failure> {
    let event = super::read(&args.file)?;
    if let Some(id) = args.output.as_deref().filter(|id| *id != "all")
        && event.outputs.iter().all(|o| o.id != id)
    {
        let known: Vec<&str> = event.outputs.iter().map(|o| o.id.as_str()).collect();
        return Err(
            Failure::misuse(format!("there is no output `{id}`")).hint(format!("there are: {}", known.join(", ")))
        );
    }
    let only = args.output.as_deref().filter(|id| *id != "all");
    if let Some(path) = &args.html {
        super::write(path, ars::html(&event, only).as_bytes())?;
        if !json {
            eprintln!("wrote {}", path.display());
        }
    }
    let mut findings = check(&event);
    findings.extend(gaps(&event));
    let errors = findings.iter().filter(|f| f.severity == Severity::Error).count();
    if json {
        print_json(&facts(args, &event, &findings));
    } else if args.output.is_some() {
        out!("{}", ars::text(&event, only));
    } else {
        print(&event);
        findings.iter().for_each(print_finding);
        outln!("{} findings, {errors} of them errors", findings.len());
    }
    Ok(if errors > 0 { Outcome::Findings } else { Outcome::Done })
}

fn print(event: &ReportingEvent) {
    outln!("{}  {}", event.id, event.name);
    let results: usize = event.analyses.iter().map(|a| a.results.len()).sum();
    outln!(
        "{} analyses with {results} results, {} methods, {} analysis sets, {} data subsets, {} groupings, {} outputs",
        event.analyses.len(),
        event.methods.len(),
        event.analysis_sets.len(),
        event.data_subsets.len(),
        event.analysis_groupings.len(),
        event.outputs.len()
    );
    for (dataset, variables) in ars::needs(event) {
        outln!("reads {dataset}: {}", variables.into_iter().collect::<Vec<_>>().join(" "));
    }
    outln!();
    for method in &event.methods {
        outln!("method {}  {}", method.id, method.name);
        for operation in &method.operations {
            let runs = if recognise(method, operation).is_ok() { "" } else { "  (not run)" };
            let pattern = operation.result_pattern.as_deref().unwrap_or_default();
            outln!("  {:<32} {:<28} {pattern}{runs}", operation.id, operation.name);
        }
    }
    outln!();
    for output in &event.outputs {
        outln!("output {}  {}", output.id, output.name);
        for analysis in ars::analyses_of(event, output) {
            let groups: Vec<&str> = analysis.ordered_groupings.iter().map(|g| g.grouping_id.as_str()).collect();
            let of = [analysis.dataset.as_deref(), analysis.variable.as_deref()].into_iter().flatten();
            outln!(
                "  {:<36} {:<16} {:>5} results  by {}",
                analysis.id,
                of.collect::<Vec<_>>().join("."),
                analysis.results.len(),
                groups.join(", ")
            );
        }
    }
    outln!();
}

fn facts(args: &Args, event: &ReportingEvent, findings: &[Finding]) -> serde_json::Value {
    let methods = event.methods.iter().map(|method| {
        let operations = method.operations.iter().map(|o| {
            let runs = recognise(method, o).map_err(|e| e.to_string());
            json!({ "id": o.id, "name": o.name, "pattern": o.result_pattern, "runs": runs.is_ok(), "why_not": runs.err() })
        });
        json!({ "id": method.id, "name": method.name, "operations": operations.collect::<Vec<_>>() })
    });
    let analyses = event.analyses.iter().map(|a| {
        json!({
            "id": a.id, "name": a.name, "dataset": a.dataset, "variable": a.variable, "method": a.method_id, "set": a.analysis_set_id,
            "subset": a.data_subset_id, "groupings": a.ordered_groupings.iter().map(|g| &g.grouping_id).collect::<Vec<_>>(),
            "results": a.results.len(),
        })
    });
    let outputs = event.outputs.iter().map(|o| {
        let analyses: Vec<&str> = ars::analyses_of(event, o).iter().map(|a| a.id.as_str()).collect();
        json!({ "id": o.id, "name": o.name, "analyses": analyses })
    });
    json!({
        "file": args.file, "id": event.id, "name": event.name, "reads": ars::needs(event), "methods": methods.collect::<Vec<_>>(),
        "analyses": analyses.collect::<Vec<_>>(), "outputs": outputs.collect::<Vec<_>>(), "findings": findings,
    })
}
