//! Which steps are stale?
//!
//! A step is fresh when the manifest of its stage names the same program, the same input hashes and options, and its
//! outputs are still the bytes that it made. Only then are they taken from `out/`; everything else is made again.

use crate::error::StudyError;
use crate::sources;
use croft_core::manifest::{Manifest, sha256_hex};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;

fn manifest_file(stage: &str) -> String {
    format!("manifests/{stage}.json")
}

/// Outputs by path relative to `out/`.
pub type Files = BTreeMap<String, Vec<u8>>;

/// `out/manifests/STAGE.json`: a manifest a step.
type StageManifest = BTreeMap<String, Manifest>;

/// How a step came to its outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Freshness {
    /// Its inputs and outputs are those of the last build.
    Fresh,
    /// It was made, or must be.
    Stale,
}

/// What became of one step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the words say it")]
pub struct StepReport {
    pub stage: String,
    pub step: String,
    pub freshness: Freshness,
    /// Whether the outputs differ from those of the last build.
    pub changed: bool,
    /// Why it was stale.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub because: Vec<String>,
}

impl StepReport {
    /// Whether its outputs were taken from the last build.
    pub fn is_fresh(&self) -> bool {
        self.freshness == Freshness::Fresh
    }
}

/// Hears which step is at work: its stage and name.
pub type Progress<'a> = &'a mut dyn FnMut(&str, &str);

/// The steps of a build, with what the last one left behind.
pub struct Steps<'a> {
    progress: Progress<'a>,
    /// `out/`, or nothing when everything is to be made again.
    previous: Option<&'a Path>,
    program: String,
    files: Files,
    manifests: BTreeMap<&'static str, StageManifest>,
    before: BTreeMap<&'static str, StageManifest>,
    report: Vec<StepReport>,
}

impl<'a> Steps<'a> {
    /// Steps that take from `previous` what is fresh there.
    pub fn new(previous: Option<&'a Path>, program: &str, progress: Progress<'a>) -> Self {
        Self {
            progress,
            previous,
            program: program.to_owned(),
            files: Files::new(),
            manifests: BTreeMap::new(),
            before: BTreeMap::new(),
            report: Vec::new(),
        }
    }

    /// Runs one step, or takes its outputs when it is fresh. Returns the outputs.
    pub fn run(
        &mut self,
        stage: &'static str,
        step: &str,
        inputs: BTreeMap<String, String>,
        make: impl FnOnce() -> Result<Files, StudyError>,
    ) -> Result<Files, StudyError> {
        let now = Manifest {
            stage: stage.to_owned(),
            program: self.program.clone(),
            inputs,
            options: serde_json::Value::Null,
            outputs: BTreeMap::new(),
        };
        (self.progress)(stage, step);
        let before = self.last_manifest(stage, step);
        let because = stale_because(before.as_ref(), &now);
        let taken = before.as_ref().filter(|_| because.is_empty()).and_then(|manifest| self.take(manifest));
        let (made, report) = match taken {
            Some(files) => (files, StepReport::fresh(stage, step)),
            None => {
                let because =
                    if because.is_empty() { vec!["an output is gone or was edited".to_owned()] } else { because };
                (make()?, StepReport::stale(stage, step, because))
            }
        };
        let outputs: BTreeMap<String, String> =
            made.iter().map(|(name, bytes)| (name.clone(), sha256_hex(bytes))).collect();
        let changed = before.is_none_or(|manifest| manifest.outputs != outputs);
        self.report.push(StepReport { changed, ..report });
        self.manifests.entry(stage).or_default().insert(step.to_owned(), Manifest { outputs, ..now });
        self.files.extend(made.iter().map(|(name, bytes)| (name.clone(), bytes.clone())));
        Ok(made)
    }

    /// The bytes that an earlier step of this build made; empty when none did.
    pub fn file(&self, name: &str) -> &[u8] {
        self.files.get(name).map_or(&[], Vec::as_slice)
    }

    fn last_manifest(&mut self, stage: &'static str, step: &str) -> Option<Manifest> {
        let root = self.previous?;
        let manifests = self.before.entry(stage).or_insert_with(|| {
            // Without a manifest that can be read every step of the stage is stale, and is made again.
            let bytes = sources::read(root, &manifest_file(stage)).unwrap_or_default();
            serde_json::from_slice(&bytes).unwrap_or_default()
        });
        manifests.get(step).cloned()
    }

    /// The outputs of a step, if every one is still there with its hash.
    fn take(&self, manifest: &Manifest) -> Option<Files> {
        let root = self.previous?;
        manifest
            .outputs
            .iter()
            .map(|(name, hash)| {
                let bytes = sources::read(root, name).ok()?;
                (sha256_hex(&bytes) == *hash).then(|| (name.clone(), bytes))
            })
            .collect()
    }

    /// Every output, the stages' manifests among them, and what became of each step.
    pub fn finish(mut self) -> (Files, Vec<StepReport>) {
        for (stage, manifest) in &self.manifests {
            let text = serde_json::to_string_pretty(manifest).expect("plain data is always written");
            self.files.insert(manifest_file(stage), (text + "\n").into_bytes());
        }
        (self.files, self.report)
    }
}

impl Steps<'_> {
    /// As [`Steps::finish`], when only some steps of a stage ran: what the last build's manifests say of the others still holds.
    pub fn finish_part(mut self) -> (Files, Vec<StepReport>) {
        for (stage, manifest) in &mut self.manifests {
            for (step, before) in self.before.get(stage).into_iter().flatten() {
                manifest.entry(step.clone()).or_insert_with(|| before.clone());
            }
        }
        self.finish()
    }
}

impl StepReport {
    fn fresh(stage: &str, step: &str) -> Self {
        Self {
            stage: stage.to_owned(),
            step: step.to_owned(),
            freshness: Freshness::Fresh,
            changed: false,
            because: Vec::new(),
        }
    }

    fn stale(stage: &str, step: &str, because: Vec<String>) -> Self {
        Self { freshness: Freshness::Stale, because, ..Self::fresh(stage, step) }
    }
}

/// What differs in program, inputs and options from the last time; outputs are not compared.
fn stale_because(before: Option<&Manifest>, now: &Manifest) -> Vec<String> {
    let Some(before) = before else { return vec!["it was never made".to_owned()] };
    let comparable = Manifest { outputs: before.outputs.clone(), ..now.clone() };
    before.changes(&comparable).iter().map(ToString::to_string).collect()
}
