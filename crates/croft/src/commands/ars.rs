//! `croft ars`: reporting events of CDISC's Analysis Results Standard: what is in one, run on data, a study folder as one.

mod export;
mod run;
mod show;

use crate::output::{Failure, Outcome};
use croft_cdisc::ars::{self, ReportingEvent};
use std::path::Path;

#[derive(clap::Subcommand)]
pub enum Command {
    /// Run the analyses of a reporting event on datasets, and compare with the results that it holds
    Run(run::Args),
    /// Show what a reporting event holds, what is wrong with it, and its outputs with their results
    Show(show::Args),
    /// Write a study folder's analyses, results and displays as a reporting event
    Export(export::Args),
}

pub fn run(command: Command, json: bool) -> Result<Outcome, Failure> {
    match command {
        Command::Run(args) => run::run(&args, json),
        Command::Show(args) => show::run(&args, json),
        Command::Export(args) => export::run(&args, json),
    }
}

fn read(path: &Path) -> Result<ReportingEvent, Failure> {
    let bytes = std::fs::read(path)
        .map_err(|error| Failure::misuse(format!("{} cannot be opened: {error}", path.display())))?;
    ars::read(&bytes).map_err(|error| {
        let (hint, source) = (error.hint(), std::error::Error::source(&error).map(ToString::to_string));
        let because = source.map_or_else(String::new, |source| format!(": {source}"));
        Failure::misuse(format!("{} cannot be read: {error}{because}", path.display())).hint(hint)
    })
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    crate::place::write_whole(path, bytes)
        .map_err(|error| Failure::failure(format!("{} cannot be written: {error}", path.display())))
}
