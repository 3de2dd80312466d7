//! `croft ct`: which terms does CDISC controlled terminology allow, what changed between versions, and how do others come in?

mod diff;
mod import;
mod show;

use crate::output::{Failure, Outcome};

#[derive(clap::Subcommand)]
pub enum Command {
    /// Show the packages at hand, the code lists of a package, the terms of a code list, or what holds a text
    Show(show::Args),
    /// Say what changed between two packages
    Diff(diff::Args),
    /// Install packages as NCI EVS publish them: text between tabs or ODM
    Import(import::Args),
}

pub fn run(command: Command, json: bool) -> Result<Outcome, Failure> {
    match command {
        Command::Show(args) => show::run(&args, json),
        Command::Diff(args) => diff::run(&args, json),
        Command::Import(args) => import::run(&args, json),
    }
}

fn yes_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

/// `1 term`, `2 terms`.
fn count(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}
