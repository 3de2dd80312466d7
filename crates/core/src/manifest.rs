//! From what was this made, and is it still current?
//!
//! Each stage of a study's road leaves a manifest: the hashes of its inputs, its options, the program's version and
//! the hashes of its outputs. A stage is stale when any of the first three differ from what is there now;
//! [`Manifest::changes`] says which. Hashes are SHA-256 (FIPS 180-4), in small hexadecimal digits.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt;

/// SHA-256 of some bytes as 64 small hexadecimal digits. O(length).
pub fn sha256_hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// What a stage was made from and what it made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The stage: `tabulate`, `derive`, ….
    pub stage: String,
    /// The program's version.
    pub program: String,
    /// Hash of each input by its name (a path within the study folder, with `/`).
    pub inputs: BTreeMap<String, String>,
    /// The options, as given and by default.
    pub options: Value,
    /// Hash of each output by its name.
    pub outputs: BTreeMap<String, String>,
}

/// A text that is no manifest.
#[derive(Debug, thiserror::Error)]
#[error("this is no manifest")]
pub struct ManifestError {
    /// What the reader of JSON found, with line and column.
    #[source]
    cause: serde_json::Error,
}

impl ManifestError {
    /// What the reader of the message can do next.
    pub fn hint(&self) -> &'static str {
        "delete the output folder and build again"
    }
}

/// One difference between two manifests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Made by another version of the program.
    Program,
    /// Made with other options.
    Options,
    /// An input that was not there.
    InputAdded(String),
    /// An input that is gone.
    InputRemoved(String),
    /// An input with another hash.
    InputChanged(String),
    /// An output that was not there.
    OutputAdded(String),
    /// An output that is gone.
    OutputRemoved(String),
    /// An output with another hash.
    OutputChanged(String),
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Program => f.write_str("another version of the program"),
            Self::Options => f.write_str("other options"),
            Self::InputAdded(name) => write!(f, "input {name} is new"),
            Self::InputRemoved(name) => write!(f, "input {name} is gone"),
            Self::InputChanged(name) => write!(f, "input {name} changed"),
            Self::OutputAdded(name) => write!(f, "output {name} is new"),
            Self::OutputRemoved(name) => write!(f, "output {name} is gone"),
            Self::OutputChanged(name) => write!(f, "output {name} changed"),
        }
    }
}

impl Manifest {
    /// A manifest without inputs and outputs.
    pub fn new(stage: &str, program: &str, options: Value) -> Self {
        Self {
            stage: stage.to_owned(),
            program: program.to_owned(),
            inputs: BTreeMap::new(),
            options,
            outputs: BTreeMap::new(),
        }
    }

    /// Notes an input's bytes under a name.
    pub fn input(&mut self, name: &str, bytes: &[u8]) {
        self.inputs.insert(name.to_owned(), sha256_hex(bytes));
    }

    /// Notes an output's bytes under a name.
    pub fn output(&mut self, name: &str, bytes: &[u8]) {
        self.outputs.insert(name.to_owned(), sha256_hex(bytes));
    }

    /// Canonical JSON: equal manifests are equal bytes.
    pub fn to_json(&self) -> String {
        crate::json::canonical(&serde_json::json!({
            "stage": self.stage,
            "program": self.program,
            "inputs": self.inputs,
            "options": self.options,
            "outputs": self.outputs,
        }))
    }

    /// Reads what [`Manifest::to_json`] wrote.
    pub fn parse(json: &str) -> Result<Self, ManifestError> {
        serde_json::from_str(json).map_err(|cause| ManifestError { cause })
    }

    /// Hash of the canonical JSON.
    pub fn hash(&self) -> String {
        sha256_hex(self.to_json().as_bytes())
    }

    /// What differs from `self` to `now`: program and options, then inputs, then outputs, by name.
    pub fn changes(&self, now: &Self) -> Vec<Change> {
        let mut changes = Vec::new();
        if self.program != now.program {
            changes.push(Change::Program);
        }
        if crate::json::canonical(&self.options) != crate::json::canonical(&now.options) {
            changes.push(Change::Options);
        }
        compare(
            &self.inputs,
            &now.inputs,
            &mut changes,
            [Change::InputAdded, Change::InputRemoved, Change::InputChanged],
        );
        compare(
            &self.outputs,
            &now.outputs,
            &mut changes,
            [Change::OutputAdded, Change::OutputRemoved, Change::OutputChanged],
        );
        changes
    }
}

fn compare(
    before: &BTreeMap<String, String>,
    now: &BTreeMap<String, String>,
    changes: &mut Vec<Change>,
    [added, removed, changed]: [fn(String) -> Change; 3],
) {
    let mut names: Vec<_> = before.keys().chain(now.keys()).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        match (before.get(name), now.get(name)) {
            (None, Some(_)) => changes.push(added(name.clone())),
            (Some(_), None) => changes.push(removed(name.clone())),
            (a, b) if a != b => changes.push(changed(name.clone())),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// FIPS 180-4, the examples of NIST's "SHA-256" example document.
    #[test]
    fn hashes_agree_with_the_standards_examples() {
        assert_eq!(sha256_hex(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(
            sha256_hex(b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        );
    }

    fn manifest() -> Manifest {
        let mut made = Manifest::new("derive", "0.1.0", json!({"rule": "linear", "alpha": 0.05}));
        made.input("data/pc.csv", b"1");
        made.input("derive/adpc.sql", b"select 1");
        made.output("out/adam/adpc.xpt", b"x");
        made
    }

    #[test]
    fn a_manifest_is_read_back_and_equal_ones_are_equal_bytes() {
        let made = manifest();
        let read = Manifest::parse(&made.to_json()).unwrap();
        assert_eq!(read, made);
        assert_eq!(read.hash(), made.hash());
        assert!(made.to_json().starts_with(r#"{"inputs":{"data/pc.csv":"#));
        assert!(Manifest::parse("{}").is_err());
    }

    #[test]
    fn changes_are_named() {
        let before = manifest();
        assert_eq!(before.changes(&before), []);
        let mut now = manifest();
        now.program = "0.2.0".to_owned();
        now.options = json!({"alpha": 0.05, "rule": "log"});
        now.input("data/pc.csv", b"2");
        now.inputs.remove("derive/adpc.sql");
        now.input("study.toml", b"");
        now.outputs.clear();
        let shown: Vec<_> = before.changes(&now).iter().map(ToString::to_string).collect();
        assert_eq!(
            shown,
            [
                "another version of the program",
                "other options",
                "input data/pc.csv changed",
                "input derive/adpc.sql is gone",
                "input study.toml is new",
                "output out/adam/adpc.xpt is gone",
            ]
        );
    }

    #[test]
    fn the_order_of_options_is_no_change() {
        let mut now = manifest();
        now.options = json!({"alpha": 0.05, "rule": "linear"});
        assert_eq!(manifest().changes(&now), []);
        assert_eq!(manifest().hash(), now.hash());
    }
}
