//! What croft's tests share: where reference data are, how near is near enough, counted tables, a browser.
//!
//! Only for `[dev-dependencies]`: it reads files and panics with a sentence, as tests do.

pub mod browser;
#[cfg(unix)]
pub mod postgres;

use serde::de::DeserializeOwned;
use std::path::PathBuf;

/// A folder or file of the reference data, `reference("pk-be/nca-theoph")`.
///
/// Looks in `$CROFT_REFERENCE`, then in `../shared/reference` beside the workspace. Where it is absent the
/// test prints that it skipped and returns early; with `CROFT_REFERENCE_REQUIRED=1` (CI) absence is a failure.
pub fn reference(path: &str) -> Option<PathBuf> {
    let root = std::env::var_os("CROFT_REFERENCE").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/reference")),
        PathBuf::from,
    );
    let found = root.join(path);
    if found.exists() {
        return Some(found);
    }
    assert!(
        std::env::var_os("CROFT_REFERENCE_REQUIRED").is_none(),
        "no reference data at {}: set CROFT_REFERENCE",
        found.display()
    );
    eprintln!("skipped: no reference data ({path})");
    None
}

/// All rows of a CSV file, each as a `T`.
///
/// # Panics
/// When the file cannot be read or a row does not fit.
pub fn csv_rows<T: DeserializeOwned>(path: impl Into<PathBuf>) -> Vec<T> {
    let path = path.into();
    let mut reader = csv::Reader::from_path(&path).unwrap_or_else(|e| panic!("{} cannot be read: {e}", path.display()));
    reader
        .deserialize()
        .enumerate()
        .map(|(i, row)| row.unwrap_or_else(|e| panic!("{}, row {}: {e}", path.display(), i + 1)))
        .collect()
}

/// Asserts that two numbers agree within a relative tolerance (absolute where the expected one is zero).
#[track_caller]
pub fn assert_close(what: &str, got: f64, expected: f64, relative: f64) {
    let allowed = if expected == 0.0 { relative } else { relative * expected.abs() };
    let off = (got - expected).abs();
    assert!(off <= allowed, "{what}: got {got:e}, expected {expected:e}, off by {off:e}, allowed {allowed:e}");
}

/// Asserts that a counted table was walked in full: a shrunken table must not pass in silence.
#[track_caller]
pub fn assert_checked(what: &str, checked: usize, expected: usize) {
    println!("{what}: {checked} checked");
    assert_eq!(checked, expected, "{what}: the number of cases checked changed");
}
