//! The published files: each is read with the facts of its folder's `expected.json` and written back.
//!
//! Expected facts: pyreadstat 1.3.7 (ReadStat); see the folders' READMEs. Counts and hashes are exact; sums agree to 1e-12, since
//! another order of adding moves the last digits.

#![allow(clippy::unwrap_used, reason = "tests panic with a sentence")]

mod ars;
mod dataset_json;
mod library;
mod terminology;
mod xpt;

use std::path::{Path, PathBuf};

/// A file's bytes, unpacked when it is stored as `.xz`.
fn bytes(path: &Path) -> Vec<u8> {
    let bytes = std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    if croft_cdisc::xz::is_xz(&bytes) { croft_cdisc::xz::unpack(&bytes).unwrap() } else { bytes }
}

fn json(path: &Path) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// The folders with transport files and expected facts.
const FOLDERS: [&str; 8] = [
    "pilot-sdtm",
    "pilot-adam",
    "datasetjson-1.1/sdtm",
    "datasetjson-1.1/adam",
    "datasetjson-1.1/send",
    "send/pc201708",
    "send/cber-poc-study2",
    "send/pds2014-tumor",
];

fn folder(name: &str) -> Option<PathBuf> {
    croft_testkit::reference(&format!("cdisc/{name}"))
}
