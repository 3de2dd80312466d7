//! The `croft` command: reads arguments, calls the rooms below, prints what they found.
//!
//! No rule of a study lives here. Data goes to standard output, talk to standard error;
//! exit codes are 0 done, 1 findings, 2 misuse, 3 failure.

#[macro_use]
mod output;
mod columns;
mod commands;
mod demo;
mod place;
mod rules;
mod table;
mod terminology;
mod vault_key;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = commands::Cli::parse();
    match commands::run(cli) {
        Ok(outcome) => outcome.into(),
        Err(failure) => failure.report(),
    }
}
