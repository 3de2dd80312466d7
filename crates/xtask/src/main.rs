//! Developer tasks: `cargo xtask TASK`.

mod budget;
mod fuzz;
mod library;

use std::process::{Command, ExitCode};

const USAGE: &str = "cargo xtask TASK
  smoke-fuzz [--seconds N] [--seed N] [TARGET ...]   seeded mutations through the parsers, stable toolchain
  fuzz TARGET [--seconds N]                          the coverage-guided fuzzer on one parser (cargo-fuzz, nightly)
  torture [--kills N] [--seed N]                     kill -9 a writing record N times (200), on SQLite and PostgreSQL
  library FROM                                       the tables of the standards, from a folder of CSV files
  budget                                             libraries of the default build, against the stated number";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.split_first().map(|(task, rest)| (task.as_str(), rest)) {
        Some(("smoke-fuzz", rest)) => fuzz::smoke(rest),
        Some(("fuzz", [target, rest @ ..])) => fuzz::coverage_guided(target, rest),
        Some(("torture", rest)) => torture(rest),
        Some(("library", [from])) => library::write(from),
        Some(("budget", [])) => budget::check(),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

/// The ledger's own test of kills, as often as is asked.
fn torture(arguments: &[String]) -> Result<(), String> {
    let (mut kills, mut seed) = ("200".to_owned(), None);
    let mut rest = arguments.iter();
    while let Some(name) = rest.next() {
        let value = rest.next().filter(|v| v.parse::<u64>().is_ok()).ok_or_else(|| format!("{name} takes a number"))?;
        match name.as_str() {
            "--kills" => kills = value.clone(),
            "--seed" => seed = Some(value.clone()),
            _ => return Err(format!("there is no option {name}")),
        }
    }
    let mut command = cargo();
    command.args([
        "test",
        "--release",
        "-p",
        "croft-ledger",
        "--test",
        "torture",
        "--",
        "--nocapture",
        "--test-threads=1",
    ]);
    command.env("CROFT_TORTURE_KILLS", kills);
    if let Some(seed) = seed {
        command.env("CROFT_TORTURE_SEED", seed);
    }
    finish(command)
}

/// The cargo that runs this, in the workspace's folder.
fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    command
}

/// Runs to the end; the error names what failed.
fn finish(mut command: Command) -> Result<(), String> {
    let shown = format!("{command:?}");
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{shown} ended with {status}")),
        Err(e) => Err(format!("{shown} cannot be started: {e}")),
    }
}
