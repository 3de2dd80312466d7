//! `croft be`.

use crate::output::{Failure, Outcome};

#[derive(clap::Args)]
pub struct Args {}

pub fn run(_args: Args, _json: bool) -> Result<Outcome, Failure> {
    Err(Failure::failure("being written"))
}
