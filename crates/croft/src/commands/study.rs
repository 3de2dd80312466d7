//! `croft new`, `build`, `verify`, `trace`, `status`: the study folder.

use crate::output::{Failure, Outcome};

#[derive(clap::Subcommand)]
pub enum Command {
    /// Write a study folder from a template
    New {},
}

pub fn run(_command: Command, _json: bool) -> Result<Outcome, Failure> {
    Err(Failure::failure("being written"))
}
