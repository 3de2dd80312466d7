//! Runs the targets for some seconds each, two at a time.
//!
//! `croft-fuzz [--seconds N] [--seed N] [--seeds-into DIR] [TARGET ...]`. What failed is kept in `target/fuzz/`. Exit codes: 0 all survived, 1 one
//! did not, 2 misuse.

use croft_fuzz::run::{Until, run_all};
use croft_fuzz::{Outcome, Target, targets};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

struct Arguments {
    seconds: u64,
    seed: u64,
    seeds_into: Option<String>,
    names: Vec<String>,
}

fn main() -> ExitCode {
    let arguments = match arguments(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(message) => return misuse(&message),
    };
    let mut chosen = targets();
    if let Some(unknown) = arguments.names.iter().find(|n| chosen.iter().all(|t| t.name != **n)) {
        let known: Vec<_> = chosen.iter().map(|t| t.name).collect();
        return misuse(&format!("no target `{unknown}`; there are {}", known.join(", ")));
    }
    chosen.retain(|t| arguments.names.is_empty() || arguments.names.iter().any(|n| n == t.name));
    if let Some(folder) = &arguments.seeds_into {
        return write_seeds(&chosen, Path::new(folder));
    }
    // A panic is told once, with its input; the targets' own messages would drown it.
    std::panic::set_hook(Box::new(|_| ()));
    let failed = run_all(chosen, arguments.seed, Until::Elapsed(Duration::from_secs(arguments.seconds)), tell);
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn misuse(message: &str) -> ExitCode {
    eprintln!("error: {message}\n  hint: croft-fuzz [--seconds N] [--seed N] [--seeds-into DIR] [TARGET ...]");
    ExitCode::from(2)
}

fn arguments(mut given: impl Iterator<Item = String>) -> Result<Arguments, String> {
    let mut read = Arguments { seconds: 10, seed: 1, seeds_into: None, names: Vec::new() };
    while let Some(word) = given.next() {
        let mut value = || given.next().ok_or_else(|| format!("`{word}` needs a value"));
        let number = |text: String| text.parse().map_err(|_| format!("`{text}` is no whole number"));
        match word.as_str() {
            "--seconds" => read.seconds = number(value()?)?,
            "--seed" => read.seed = number(value()?)?,
            "--seeds-into" => read.seeds_into = Some(value()?),
            flag if flag.starts_with('-') => return Err(format!("unknown option `{flag}`")),
            _ => read.names.push(word),
        }
    }
    Ok(read)
}

fn tell(target: &Target, outcome: &Outcome) {
    let slowest = outcome.slowest.as_secs_f64() * 1e3;
    println!("{:<16} {:>9} inputs, slowest {slowest:.1} ms", target.name, outcome.inputs);
    let Some(input) = &outcome.failure else { return };
    let path = format!("target/fuzz/{}-{}", target.name, &croft_core::manifest::sha256_hex(input)[..12]);
    let kept = std::fs::create_dir_all("target/fuzz").and_then(|()| std::fs::write(&path, input));
    let place = kept.map_or_else(|e| format!("not kept: {e}"), |()| format!("kept in {path}"));
    eprintln!(
        "{}: FAILED on {} bytes ({place})\n  {}\n  {}",
        target.name,
        input.len(),
        input.escape_ascii(),
        outcome.panic
    );
    eprintln!("  hint: make it a test of the crate: `fuzz_{}(b\"…\")`", target.name);
}

fn write_seeds(chosen: &[Target], folder: &Path) -> ExitCode {
    let write = || -> std::io::Result<()> {
        std::fs::create_dir_all(folder)?;
        for target in chosen {
            for (i, seed) in target.seeds.iter().enumerate() {
                std::fs::write(folder.join(format!("{}-{i}", target.name)), seed)?;
            }
        }
        Ok(())
    };
    match write() {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("error: the seeds cannot be written to {}: {e}", folder.display());
            ExitCode::from(3)
        }
    }
}
