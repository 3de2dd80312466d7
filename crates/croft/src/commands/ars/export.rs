//! `croft ars export`: a study folder's analyses, results and displays as a reporting event.

use crate::output::{Failure, Outcome, print_finding, print_json};
use croft_cdisc::ars as model;
use croft_study::ars;
use serde_json::json;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Args {
    /// Study folder
    dir: PathBuf,
    /// File to write; without it the reporting event goes to standard output
    #[arg(long, value_name = "FILE.json")]
    out: Option<PathBuf>,
}

pub fn run(args: &Args, json: bool) -> Result<Outcome, Failure> {
    let exported = ars::export(&args.dir)?;
    let event = &exported.event;
    let results: usize = event.analyses.iter().map(|a| a.results.len()).sum();
    let Some(path) = &args.out else {
        out!("{}", model::write(event));
        exported.remarks.iter().for_each(print_finding);
        return Ok(Outcome::Done);
    };
    super::write(path, model::write(event).as_bytes())?;
    if json {
        print_json(&json!({
            "dir": args.dir, "out": path, "id": event.id, "analyses": event.analyses.len(), "results": results,
            "methods": event.methods.len(), "outputs": event.outputs.len(), "remarks": exported.remarks,
        }));
    } else {
        exported.remarks.iter().for_each(print_finding);
        outln!(
            "{}: {} analyses with {results} results, {} methods, {} outputs",
            event.id,
            event.analyses.len(),
            event.methods.len(),
            event.outputs.len()
        );
        eprintln!("wrote {}", path.display());
    }
    Ok(Outcome::Done)
}
