//! `croft ars run`: the analyses of a reporting event on datasets.

use crate::output::{Failure, Outcome, print_finding, print_json};
use croft_cdisc::ars::{self as model, OperationResult, ReportingEvent, ResultGroup};
use croft_cdisc::files::{self, Format, LoadOptions};
use croft_study::ars::{self, Comparison, Computed, Datasets, Difference, Run};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub struct Args {
    /// The reporting event: a JSON file
    file: PathBuf,
    /// Folder of the datasets, or one of their files: xpt, json, ndjson, dsjc, csv, tsv, xlsx; may be given several times
    #[arg(long, value_name = "PATH", required = true)]
    data: Vec<PathBuf>,
    /// Write the reporting event with the computed results
    #[arg(long, value_name = "FILE.json")]
    results: Option<PathBuf>,
    /// Write the results as a table
    #[arg(long, value_name = "FILE.csv")]
    csv: Option<PathBuf>,
    /// Write the outputs with the computed results as one page that needs no script
    #[arg(long, value_name = "FILE.html")]
    html: Option<PathBuf>,
    /// Compare with the results that the reporting event holds
    #[arg(long)]
    compare: bool,
}

pub fn run(args: &Args, json: bool) -> Result<Outcome, Failure> {
    let event = super::read(&args.file)?;
    let datasets = load(&event, &args.data)?;
    let run = ars::run(&event, &datasets);
    let compared = args.compare.then(|| ars::compare(&event, &datasets, &run));
    let computed = run.applied_to(&event);
    if let Some(path) = &args.results {
        super::write(path, model::write(&computed).as_bytes())?;
    }
    if let Some(path) = &args.csv {
        super::write(path, &ars::csv(&event, &run))?;
    }
    if let Some(path) = &args.html {
        super::write(path, ars::html(&computed, None).as_bytes())?;
    }
    if json {
        print_json(&facts(args, &event, &datasets, &run, compared.as_ref()));
    } else {
        print(&event, &datasets, &run, compared.as_ref());
        for path in [&args.results, &args.csv, &args.html].into_iter().flatten() {
            eprintln!("wrote {}", path.display());
        }
    }
    let differs = compared.is_some_and(|c| !c.differences.is_empty() || !c.not_computed.is_empty());
    Ok(if differs || !run.not_run.is_empty() { Outcome::Findings } else { Outcome::Done })
}

/// The datasets that the event asks for: files of their names, and transport files with several datasets.
fn load(event: &ReportingEvent, paths: &[PathBuf]) -> Result<Datasets, Failure> {
    let needed = ars::needs(event);
    let mut files_found: Vec<PathBuf> = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files_found.push(path.clone());
            continue;
        }
        let listed = std::fs::read_dir(path)
            .map_err(|error| Failure::misuse(format!("{} cannot be listed: {error}", path.display())))?;
        let mut within: Vec<PathBuf> = listed.flatten().map(|entry| entry.path()).filter(|p| p.is_file()).collect();
        within.retain(|p| Format::of(&p.to_string_lossy()).is_some());
        within.sort();
        files_found.extend(within);
    }
    let stem = |path: &Path| {
        let name = path.file_name().map(|n| n.to_string_lossy().to_ascii_uppercase()).unwrap_or_default();
        name.split('.').next().unwrap_or_default().to_owned()
    };
    let mut datasets = Datasets::new();
    let named = files_found.iter().filter(|path| needed.contains_key(&stem(path)));
    let others = files_found.iter().filter(|path| {
        !needed.contains_key(&stem(path))
            && (Format::of(&path.to_string_lossy()) == Some(Format::Xpt) || paths.contains(path))
    });
    for path in named.chain(others) {
        if needed.keys().all(|name| datasets.contains_key(name)) {
            break;
        }
        let wanted = stem(path);
        if datasets.contains_key(&wanted) {
            continue;
        }
        for mut dataset in read(path)? {
            let own = dataset.name.to_ascii_uppercase();
            // Text files and sheets are named by their files.
            let name = if needed.contains_key(&own) { own } else { wanted.clone() };
            if needed.contains_key(&name) && !datasets.contains_key(&name) {
                dataset.name.clone_from(&name);
                datasets.insert(name, dataset);
            }
        }
    }
    if datasets.is_empty() {
        let names: Vec<&str> = needed.keys().map(String::as_str).collect();
        let places: Vec<String> = paths.iter().map(|p| p.display().to_string()).collect();
        return Err(Failure::misuse(format!("none of {} is in {}", names.join(", "), places.join(", ")))
            .hint("name the folder with files such as adsl.xpt, or the files themselves"));
    }
    Ok(datasets)
}

fn read(path: &Path) -> Result<Vec<croft_core::Dataset>, Failure> {
    let name = path.to_string_lossy();
    let bytes = std::fs::read(path).map_err(|error| Failure::misuse(format!("{name} cannot be opened: {error}")))?;
    let loaded = files::load(&name, &bytes, &LoadOptions::default()).map_err(|error| {
        let hint = error.hint();
        Failure::misuse(format!("{name} cannot be read: {error}")).hint(hint)
    })?;
    Ok(loaded.into_iter().map(|one| one.dataset).collect())
}

/// Groups as readers call them, outermost first.
fn groups(event: &ReportingEvent, groups: &[ResultGroup]) -> String {
    let named: Vec<String> = groups.iter().filter_map(|g| ars::group_name(event, g)).collect();
    if named.is_empty() { "all groups".to_owned() } else { named.join(" | ") }
}

fn print(event: &ReportingEvent, datasets: &Datasets, run: &Run, compared: Option<&Comparison>) {
    outln!("{}  {}", event.id, event.name);
    let read: Vec<String> = datasets.iter().map(|(name, data)| format!("{name} ({} rows)", data.rows())).collect();
    outln!("read {}", read.join(", "));
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for result in &run.results {
        let (all, without) = counts.entry(&result.analysis).or_default();
        *all += 1;
        *without += usize::from(result.value.is_err());
    }
    for analysis in &event.analyses {
        let Some((all, without)) = counts.get(analysis.id.as_str()) else { continue };
        let nc = if *without > 0 { format!(", {without} not calculable") } else { String::new() };
        outln!("  {:<36} {all:>5} results{nc}", analysis.id);
    }
    for not_run in &run.not_run {
        let what = not_run.operation.as_deref().unwrap_or("the analysis");
        outln!("not run: {}: {what}: {}", not_run.analysis, not_run.reason);
    }
    run.remarks.iter().for_each(print_finding);
    let without = run.results.iter().filter(|r| r.value.is_err()).count();
    outln!("{} results, {without} of them not calculable; {} not run", run.results.len(), run.not_run.len());
    if let Some(compared) = compared {
        print_comparison(event, compared);
    }
}

fn print_comparison(event: &ReportingEvent, compared: &Comparison) {
    for difference in &compared.differences {
        let Difference { in_file, computed, raw } = difference;
        let what = if *raw { "value" } else { "format" };
        outln!(
            "differs ({what}): {}: {}: {}: {}, computed {}",
            computed.analysis,
            computed.operation,
            groups(event, &in_file.result_groups),
            stated(in_file),
            found(computed)
        );
    }
    for not in &compared.not_computed {
        outln!("not computed: {}: {}: {} results: {}", not.analysis, not.operation, not.results, not.reason);
    }
    let absent: usize = compared.not_computed.iter().map(|n| n.results).sum();
    outln!(
        "{} results in the file: {} agree ({} of them at the digits that the file prints), {} differ, {absent} not computed; {} more were computed",
        compared.in_file,
        compared.equal,
        compared.as_printed,
        compared.differences.len(),
        compared.more
    );
}

fn stated(result: &OperationResult) -> String {
    let formatted = result.formatted_value.as_ref().map_or_else(String::new, |f| format!(" {f:?}"));
    format!("{}{formatted} in the file", result.raw_value.as_deref().unwrap_or("no value"))
}

fn found(computed: &Computed) -> String {
    let formatted = computed.formatted.as_ref().map_or_else(String::new, |f| format!(" {f:?}"));
    match &computed.value {
        Ok(value) => format!("{value}{formatted}"),
        Err(reason) => format!("nothing ({reason})"),
    }
}

fn facts(args: &Args, event: &ReportingEvent, datasets: &Datasets, run: &Run, compared: Option<&Comparison>) -> Value {
    let named = |groups: &[ResultGroup]| -> Vec<Value> {
        groups
            .iter()
            .map(|g| json!({ "grouping": g.grouping_id, "group": g.group_id, "value": g.group_value, "name": ars::group_name(event, g) }))
            .collect()
    };
    let results: Vec<Value> = run
        .results
        .iter()
        .map(|r| {
            json!({
                "analysis": r.analysis, "operation": r.operation, "groups": named(&r.groups), "value": r.value.as_ref().ok(),
                "why_not": r.value.as_ref().err(), "formatted": r.formatted,
            })
        })
        .collect();
    let not_run: Vec<Value> = run
        .not_run
        .iter()
        .map(|n| json!({ "analysis": n.analysis, "operation": n.operation, "why": n.reason }))
        .collect();
    let comparison = compared.map(|c| {
        let differences: Vec<Value> = c
            .differences
            .iter()
            .map(|d| {
                json!({
                    "analysis": d.computed.analysis, "operation": d.computed.operation, "groups": named(&d.in_file.result_groups),
                    "what": if d.raw { "value" } else { "format" }, "file_raw": d.in_file.raw_value, "file_formatted": d.in_file.formatted_value,
                    "value": d.computed.value.as_ref().ok(), "why_not": d.computed.value.as_ref().err(), "formatted": d.computed.formatted,
                })
            })
            .collect();
        let not_computed: Vec<Value> = c
            .not_computed
            .iter()
            .map(|n| json!({ "analysis": n.analysis, "operation": n.operation, "results": n.results, "why": n.reason }))
            .collect();
        json!({
            "in_file": c.in_file, "equal": c.equal, "as_printed": c.as_printed, "differences": differences, "not_computed": not_computed,
            "more": c.more,
        })
    });
    let read: BTreeMap<&str, usize> = datasets.iter().map(|(name, data)| (name.as_str(), data.rows())).collect();
    json!({
        "file": args.file, "id": event.id, "datasets": read, "results": results, "not_run": not_run, "remarks": run.remarks,
        "comparison": comparison,
    })
}
