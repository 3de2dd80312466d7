//! `croft new`, `tabulate`, `derive`, `build`, `verify`, `status`, `trace`, `freeze`: the study folder and its road.

mod tabulate;

use crate::output::{Failure, Outcome, Progress, print_json};
use croft_study::{Freeze, StepReport, StudyError, road, template, trace};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

#[derive(clap::Subcommand)]
pub enum Command {
    /// Write a study folder from a template, with simulated data
    New {
        /// Template: be-2x2, be-replicate, single-dose-pk, phase2-parallel
        template: String,
        /// Folder to write; it must not exist or be empty
        dir: PathBuf,
    },
    /// Make the tabulation datasets, and nothing after them
    Tabulate {
        /// Study folder
        dir: PathBuf,
        /// Tell where each item of the forms goes, and which variables nothing fills; nothing is written
        #[arg(long)]
        coverage: bool,
        /// Print the statement that makes this dataset; saved as tabulate/NAME.sql it stands in the default's place
        #[arg(long, value_name = "DATASET", conflicts_with = "coverage")]
        show: Option<String>,
    },
    /// Make the datasets of derive/ with the tabulation datasets that they read, and nothing after them
    Derive {
        /// Study folder
        dir: PathBuf,
    },
    /// Compute what is stale: datasets, results, displays, documents, package
    Build {
        /// Study folder
        dir: PathBuf,
        /// Deal out false treatment codes in a blind study, and say so on every page [default seed: 1]
        #[arg(long, value_name = "SEED", num_args = 0..=1, default_missing_value = "1")]
        dummy_codes: Option<u64>,
    },
    /// Compute everything again and compare each byte with what was built
    Verify {
        /// Study folder
        dir: PathBuf,
    },
    /// Say which steps are stale
    Status {
        /// Study folder
        dir: PathBuf,
    },
    /// Follow a number of a display back to the recorded values: who entered them, when, and what was before
    Trace {
        /// Study folder
        dir: PathBuf,
        /// Display, named by its file; without it the displays are listed
        display: Option<String>,
        /// Cell, ROW/COLUMN as listed; without it the cells are listed
        cell: Option<String>,
        /// Print every recorded value on a line of its own
        #[arg(long)]
        values: bool,
    },
    /// Freeze the data files of a folder as they are now, with a reason
    Freeze {
        /// Study folder
        dir: PathBuf,
        /// Who freezes
        #[arg(long)]
        by: String,
        /// When, RFC 3339 in UTC: 2026-03-16T10:00:00Z
        #[arg(long)]
        at: String,
        /// Why the data changed
        #[arg(long)]
        reason: String,
    },
}

impl From<StudyError> for Failure {
    fn from(error: StudyError) -> Self {
        let hint = error.hint();
        let failure = if error.is_misuse() { Self::misuse(error) } else { Self::failure(error) };
        failure.hint(hint)
    }
}

pub fn run(command: Command, as_json: bool) -> Result<Outcome, Failure> {
    match command {
        Command::New { template, dir } => new(&template, &dir, as_json),
        Command::Tabulate { dir, coverage: true, .. } => tabulate::coverage(&dir, as_json),
        Command::Tabulate { dir, show: Some(dataset), .. } => tabulate::show(&dir, &dataset, as_json),
        Command::Tabulate { dir, .. } => make(&dir, "tabulate", as_json),
        Command::Derive { dir } => make(&dir, "derive", as_json),
        Command::Build { dir, dummy_codes } => build(&dir, dummy_codes, as_json),
        Command::Verify { dir } => verify(&dir, as_json),
        Command::Status { dir } => status(&dir, as_json),
        Command::Trace { dir, display, cell, values } => {
            follow(&dir, display.as_deref(), cell.as_deref(), values, as_json)
        }
        Command::Freeze { dir, by, at, reason } => freeze(&dir, Freeze { by, at, reason }, as_json),
    }
}

fn new(name: &str, dir: &Path, as_json: bool) -> Result<Outcome, Failure> {
    let files = template::create(name, dir)?;
    if as_json {
        print_json(&json!({ "template": name, "dir": dir, "files": files }));
    } else {
        outln!("wrote {files} files to {}", dir.display());
        eprintln!("next: croft build {}", dir.display());
    }
    Ok(Outcome::Done)
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long a build took is told to the person who waits, and goes nowhere else"
)]
pub fn build(dir: &Path, dummy_codes: Option<u64>, as_json: bool) -> Result<Outcome, Failure> {
    let started = Instant::now();
    let progress = Progress::start();
    let built = road::build_with(dir, dummy_codes, &mut progress.steps())?;
    progress.end();
    let seconds = started.elapsed().as_secs_f64();
    let memory = peak_memory_mib();
    print_remarks(&built.findings);
    let package = dir.join("out/package");
    if as_json {
        print_json(&json!({
            "study": built.study,
            "verdict": built.verdict,
            "codes": built.codes.word(),
            "package": package,
            "report": dir.join("out").join(&built.report),
            "steps": built.steps,
            "findings": built.findings,
            "seconds": seconds,
            "peak_memory_mib": memory,
        }));
    } else {
        outln!("{} {}", built.study, built.title);
        if let Some(words) = built.codes.watermark() {
            outln!("{words}");
        }
        print_stages(&built.steps);
        for line in &built.verdict.lines {
            outln!("{line}");
        }
        outln!("package  {}", package.display());
        if !built.report.is_empty() {
            outln!("report   {}", dir.join("out").join(&built.report).display());
        }
        let memory = memory.map_or_else(String::new, |m| format!(", peak memory {m:.0} MiB"));
        outln!("{seconds:.2} s{memory}");
    }
    Ok(if built.findings.is_empty() { Outcome::Done } else { Outcome::Findings })
}

/// One stage: its datasets, and how long each took.
#[expect(
    clippy::disallowed_methods,
    reason = "how long a dataset took is told to the person who waits, and goes nowhere else"
)]
fn make(dir: &Path, stage: &'static str, as_json: bool) -> Result<Outcome, Failure> {
    let started = Instant::now();
    let progress = Progress::start();
    let mut begun: Vec<(String, Instant)> = Vec::new();
    let made = {
        let mut tell = progress.steps();
        road::make(dir, stage, &mut |stage, step| {
            begun.push((step.to_owned(), Instant::now()));
            tell(stage, step);
        })?
    };
    progress.end();
    let ended = Instant::now();
    // A step lasts until the next one begins.
    let ends = begun.iter().skip(1).map(|(_, at)| *at).chain([ended]);
    let seconds: BTreeMap<&str, f64> =
        begun.iter().zip(ends).map(|((step, at), end)| (step.as_str(), (end - *at).as_secs_f64())).collect();
    let took = |dataset: &str| seconds.get(dataset).copied().unwrap_or_default();
    print_remarks(&made.findings);
    let total = started.elapsed().as_secs_f64();
    if as_json {
        let datasets = made.datasets.iter().map(|d| {
            json!({
                "dataset": d.dataset, "stage": d.stage, "file": dir.join("out").join(&d.file), "rows": d.rows,
                "variables": d.variables, "status": status_word(d.fresh), "seconds": took(&d.dataset),
            })
        });
        print_json(&json!({
            "study": made.study, "datasets": datasets.collect::<Vec<_>>(), "findings": made.findings, "seconds": total,
        }));
    } else {
        for d in &made.datasets {
            outln!(
                "{:<8} {:>8} rows {:>4} variables  {:<5} {:>7.2} s  {}",
                d.dataset,
                d.rows,
                d.variables,
                status_word(d.fresh),
                took(&d.dataset),
                dir.join("out").join(&d.file).display()
            );
        }
        outln!("{} datasets, {total:.2} s", made.datasets.len());
    }
    Ok(if made.findings.is_empty() { Outcome::Done } else { Outcome::Findings })
}

fn status_word(fresh: bool) -> &'static str {
    if fresh { "fresh" } else { "made" }
}

fn print_remarks(findings: &[croft_core::Finding]) {
    for finding in findings {
        eprintln!("remark: {finding}");
        if let Some(hint) = &finding.hint {
            eprintln!("  hint: {hint}");
        }
    }
}

/// A line a stage: how many steps were made, how many were fresh.
fn print_stages(steps: &[StepReport]) {
    let mut stages: Vec<(&str, usize, usize)> = Vec::new();
    for step in steps {
        let at = stages.iter().position(|(name, ..)| *name == step.stage).unwrap_or_else(|| {
            stages.push((&step.stage, 0, 0));
            stages.len() - 1
        });
        let (_, made, fresh) = &mut stages[at];
        *(if step.is_fresh() { fresh } else { made }) += 1;
    }
    for (stage, made, fresh) in stages {
        outln!("  {stage:<9} {made:>3} made, {fresh:>3} fresh");
    }
}

/// The most memory that this process held, where the system tells it.
fn peak_memory_mib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM:"))?;
    let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib / 1024.0)
}

fn verify(dir: &Path, as_json: bool) -> Result<Outcome, Failure> {
    let progress = Progress::start();
    let verified = road::verify(dir, &mut progress.steps())?;
    progress.end();
    if as_json {
        print_json(&json!({ "files": verified.files, "differences": verified.differences }));
    } else {
        for (file, difference) in &verified.differences {
            outln!("{file}: {difference}");
        }
        let same = verified.files - verified.differences.len().min(verified.files);
        outln!("{} files computed again, {same} equal byte for byte", verified.files);
    }
    if verified.differences.is_empty() {
        return Ok(Outcome::Done);
    }
    eprintln!("hint: croft build makes what is stale; what then still differs was edited in out/");
    Ok(Outcome::Findings)
}

fn status(dir: &Path, as_json: bool) -> Result<Outcome, Failure> {
    let steps = road::status(dir)?;
    let stale: Vec<_> = steps.iter().filter(|s| !s.is_fresh()).collect();
    if as_json {
        print_json(&json!({ "steps": steps }));
    } else {
        print_stages(&steps);
        for step in &stale {
            outln!("stale: {} {}: {}", step.stage, step.step, step.because.join("; "));
        }
    }
    Ok(if stale.is_empty() { Outcome::Done } else { Outcome::Findings })
}

fn freeze(dir: &Path, by: Freeze, as_json: bool) -> Result<Outcome, Failure> {
    let changed = road::freeze(dir, &by)?;
    if as_json {
        print_json(&json!({ "changed": changed }));
    } else if changed.is_empty() {
        outln!("no file changed since the last lock; nothing was written");
    } else {
        outln!("frozen anew: {}", changed.join(", "));
    }
    Ok(Outcome::Done)
}

fn follow(
    dir: &Path,
    display: Option<&str>,
    cell: Option<&str>,
    values: bool,
    as_json: bool,
) -> Result<Outcome, Failure> {
    let study = trace::Study::open(dir)?;
    let Some(display) = display else {
        let displays: BTreeMap<_, _> = study.displays().collect();
        if as_json {
            print_json(&json!({ "displays": displays }));
        } else {
            for (name, title) in displays {
                outln!("{name:<24} {title}");
            }
        }
        return Ok(Outcome::Done);
    };
    let Some(cell) = cell else {
        let cells = study.cells(display)?;
        if as_json {
            print_json(&json!({ "display": display, "cells": cells }));
        } else {
            for cell in cells {
                outln!("{}/{}\t{}", cell.row, cell.column, cell.text);
            }
        }
        return Ok(Outcome::Done);
    };
    let walk = study.trace(display, cell)?;
    if as_json {
        print_json(&serde_json::to_value(&walk).map_err(Failure::failure)?);
    } else {
        out!("{}", walk.tell(values));
    }
    Ok(Outcome::Done)
}
