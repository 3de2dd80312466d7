//! `croft tabulate --coverage` and `--show`: where each item of the forms goes, and by which statement.

use crate::output::{Failure, Outcome, Progress, print_json};
use croft_study::road;
use croft_study::tabulation::coverage::{Coverage, Status};
use serde_json::json;
use std::path::Path;

pub fn coverage(dir: &Path, as_json: bool) -> Result<Outcome, Failure> {
    let progress = Progress::start();
    let (study, coverage) = road::coverage(dir, &mut progress.steps())?;
    progress.end();
    if as_json {
        print_json(&json!({
            "study": study, "guide": coverage.guide, "items": coverage.items, "unfilled": coverage.unfilled,
            "unconverted": coverage.unconverted,
            "findings": coverage.findings(),
        }));
    } else {
        tell(&coverage);
    }
    let whole = coverage.findings().is_empty();
    Ok(if whole { Outcome::Done } else { Outcome::Findings })
}

/// Prints the statement that makes a dataset.
pub fn show(dir: &Path, dataset: &str, as_json: bool) -> Result<Outcome, Failure> {
    let statement = road::statement(dir, dataset)?;
    if as_json {
        print_json(&json!({
            "dataset": statement.dataset, "file": statement.file, "by_default": statement.by_default, "sql": statement.sql,
        }));
    } else {
        out!("{}", statement.sql);
    }
    Ok(Outcome::Done)
}

fn tell(coverage: &Coverage) {
    let count = |status| coverage.count(status);
    outln!(
        "{}: {} items, {} mapped, {} not submitted, {} unmapped",
        coverage.guide,
        coverage.items.len(),
        count(Status::Mapped),
        count(Status::NotSubmitted),
        count(Status::Unmapped)
    );
    let place = |i: &croft_study::tabulation::coverage::CoveredItem| format!("{} {}.{}", i.form, i.group, i.item);
    let width = coverage.items.iter().map(|i| place(i).chars().count()).max().unwrap_or_default();
    for item in &coverage.items {
        let goes = match item.status {
            Status::Mapped => item.targets_in_words(),
            Status::NotSubmitted => format!("not submitted: {}", item.reason),
            Status::Unmapped => "unmapped".to_owned(),
        };
        outln!("{:<width$} {:>7} values  {goes}", place(item), item.values);
    }
    for core in ["Req", "Exp"] {
        let of = coverage.unfilled.iter().filter(|u| u.core == core);
        let names: Vec<String> = of.map(|u| format!("{}.{}", u.dataset, u.variable)).collect();
        if !names.is_empty() {
            let word = if core == "Req" { "required" } else { "expected" };
            outln!("{word}, and filled by nothing: {}", names.join(", "));
        }
    }
    super::print_remarks(&coverage.findings());
}
