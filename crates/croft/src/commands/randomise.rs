//! `croft randomise`: designs compared, lists for planning and open-label trials, lists verified.

mod list;
mod page;
mod properties;
mod verify;

use crate::output::{Failure, Outcome};
use croft_trial::randomisation::{Randomisation, RandomisationError, Scheme, Seed};
use std::path::Path;

#[derive(clap::Subcommand)]
pub enum Command {
    /// Compare designs: correct guesses, imbalance, loss
    Properties(properties::Args),
    /// Make a list from a seed, for planning and open-label trials
    List(list::Args),
    /// Verify a list: blocks, scheme, seed
    Verify(verify::Args),
}

pub fn run(command: Command, json: bool) -> Result<Outcome, Failure> {
    match command {
        Command::Properties(args) => properties::run(&args, json),
        Command::List(args) => list::run(&args, json),
        Command::Verify(args) => verify::run(&args, json),
    }
}

fn refused(error: RandomisationError) -> Failure {
    let hint = error.hint();
    Failure::misuse(error).hint(hint)
}

/// What stands in a file that has to be there.
fn bytes(path: &Path, what: &str) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| {
        Failure::misuse(format!("{}: {error}", path.display())).hint(format!("give the path of {what}"))
    })
}

/// A scheme's file, proven.
fn scheme(path: &Path) -> Result<Randomisation, Failure> {
    let text = String::from_utf8(bytes(path, "a scheme in TOML")?)
        .map_err(|_| Failure::misuse(format!("{}: not UTF-8 text", path.display())).hint("save the scheme as UTF-8"))?;
    Scheme::from_toml(&text).and_then(Randomisation::new).map_err(|error| {
        let hint = error.hint();
        Failure::misuse(format!("{}: {error}", path.display())).hint(hint)
    })
}

/// A seed's file. What stands in it is not repeated in a message.
fn seed(path: &Path) -> Result<Seed, Failure> {
    let text = String::from_utf8(bytes(path, "a seed, or make one with --new-seed")?).unwrap_or_default();
    Seed::from_hex(&text).map_err(|error| {
        let hint = error.hint();
        Failure::misuse(format!("{}: {error}", path.display())).hint(hint)
    })
}
