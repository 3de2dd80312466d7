//! Every parser is listed, and survives a short run.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use croft_fuzz::run::{Until, run_all};
use croft_fuzz::targets;
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

#[test]
fn each_entry_point_in_the_sources_is_a_target() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut written = BTreeSet::new();
    for folder in std::fs::read_dir(crates).unwrap() {
        let source = folder.unwrap().path().join("src");
        let code = std::fs::read_to_string(source.join("fuzz.rs"));
        let Ok(code) = code.or_else(|_| std::fs::read_to_string(source.join("fuzz/mod.rs"))) else { continue };
        for line in code.lines() {
            if let Some(rest) = line.strip_prefix("pub fn fuzz_") {
                written.insert(rest.split('(').next().unwrap().to_owned());
            }
        }
    }
    let listed: BTreeSet<_> = targets().iter().map(|t| t.name.to_owned()).collect();
    assert_eq!(listed, written, "crates/fuzz/src/targets.rs lists each `fuzz_…` of the crates");
}

/// 300 spoilt inputs each; with `CROFT_FUZZ_SECONDS`, as in continuous integration, for so long.
#[test]
fn each_target_survives_its_seeds_and_spoilt_copies() {
    let seconds = std::env::var("CROFT_FUZZ_SECONDS").ok().map(|s| s.parse().unwrap());
    let until = seconds.map_or(Until::Inputs(300), |s| Until::Elapsed(Duration::from_secs(s)));
    for target in targets() {
        assert!(!target.seeds.is_empty(), "{} has no seeds", target.name);
    }
    let failed = run_all(targets(), 7, until, |target, outcome| {
        println!("{}: {} inputs, slowest {:?}", target.name, outcome.inputs, outcome.slowest);
        if let Some(input) = &outcome.failure {
            println!("{} FAILED on {}\n{}", target.name, input.escape_ascii(), outcome.panic);
        }
    });
    assert_eq!(failed, 0, "targets that failed are told above");
}
