//! Runs the fuzzers: seeded mutations on the stable toolchain, and cargo-fuzz on a nightly one.

use crate::{cargo, finish};
use std::path::Path;

/// `croft-fuzz` with these arguments, optimised but with overflow checks as in tests.
pub fn smoke(arguments: &[String]) -> Result<(), String> {
    let mut command = cargo();
    command.args(["run", "--quiet", "--package", "croft-fuzz", "--"]).args(arguments);
    finish(command)
}

/// cargo-fuzz on one target, begun from the seeds. Runs until stopped unless `--seconds` is given.
pub fn coverage_guided(target: &str, arguments: &[String]) -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let corpus = root.join("fuzz/corpus").join(target);
    smoke(&["--seeds-into".to_owned(), corpus.display().to_string(), target.to_owned()])?;
    // The same versions of all libraries as the workspace.
    std::fs::copy(root.join("Cargo.lock"), root.join("fuzz/Cargo.lock"))
        .map_err(|e| format!("Cargo.lock cannot be copied: {e}"))?;
    let mut command = std::process::Command::new("cargo");
    command.current_dir(&root).args(["+nightly", "fuzz", "run", "target"]).arg(&corpus);
    command.env("CROFT_FUZZ_TARGET", target);
    // Set by the cargo that runs this task; it would pin the nightly one to the wrong toolchain.
    command.env_remove("RUSTUP_TOOLCHAIN").env_remove("CARGO");
    match arguments {
        [] => {}
        [flag, seconds] if flag == "--seconds" && seconds.parse::<u64>().is_ok() => {
            command.args(["--", &format!("-max_total_time={seconds}")]);
        }
        _ => return Err("write `cargo xtask fuzz TARGET [--seconds N]`".to_owned()),
    }
    finish(command).map_err(|e| {
        format!("{e}\n  hint: `cargo install cargo-fuzz` and `rustup toolchain install nightly` provide it; findings are in fuzz/artifacts")
    })
}
