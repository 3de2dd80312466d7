//! What does a new study begin with? Templates are ordinary study folders, kept in the program.
//!
//! A template is one or more layers, later ones over earlier: what all studies share, then what is its own. A new folder
//! holds everything, so that it does not change when a later program's template does; its data are simulated.

use crate::definition::Definition;
use crate::error::StudyError;
use crate::freeze;
use crate::simulate;
use crate::sources;
use include_dir::{Dir, include_dir};
use std::collections::BTreeMap;
use std::path::Path;

static LAYERS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// A kind of study to begin with.
pub struct Template {
    /// Its name.
    pub name: &'static str,
    /// What it is, in one sentence.
    pub about: &'static str,
    layers: &'static [&'static str],
}

/// All templates.
pub const TEMPLATES: [Template; 4] = [
    Template {
        name: "be-2x2",
        about: "bioequivalence, two treatments, two sequences, two periods",
        layers: &["common", "be", "be-2x2"],
    },
    Template {
        name: "be-replicate",
        about: "bioequivalence of a highly variable drug, four-period full replicate, expanded limits",
        layers: &["common", "be", "be-replicate"],
    },
    Template {
        name: "single-dose-pk",
        about: "single ascending doses in parallel groups, dose proportionality",
        layers: &["common", "single-dose-pk"],
    },
    Template {
        name: "phase2-parallel",
        about: "two parallel groups in outpatients at several sites, double-blind, its treatments not yet known",
        layers: &["phase2-parallel"],
    },
];

/// The files of a new study folder, by path relative to it.
pub fn files(name: &str) -> Result<BTreeMap<String, Vec<u8>>, StudyError> {
    let template = TEMPLATES.iter().find(|t| t.name == name).ok_or_else(|| StudyError::Unknown {
        what: "template",
        name: name.to_owned(),
        known: TEMPLATES.map(|t| t.name).join(", "),
    })?;
    let mut files = BTreeMap::new();
    for layer in template.layers {
        let dir = LAYERS.get_dir(layer).expect("a template names layers that exist: tested");
        collect(dir, layer, &mut files);
    }
    let text = sources::utf8("study.toml", files.get("study.toml").cloned().unwrap_or_default())?;
    let definition = Definition::parse(&text)?;
    let mut forms = Vec::new();
    for (name, bytes) in files.iter().filter(|(name, _)| name.starts_with("forms/")) {
        forms.push(crate::forms::parse(name, &sources::utf8(name, bytes.clone())?)?);
    }
    let simulated = simulate::simulate(&definition, &forms)?;
    let seed = definition.study.simulation.as_ref().map_or(0, |s| s.seed);
    let source = format!("simulated by croft (template {name}, seed {seed})");
    files.extend(freeze::simulated(&definition.study.id, &simulated, &source));
    Ok(files)
}

fn collect(dir: &Dir<'_>, layer: &str, files: &mut BTreeMap<String, Vec<u8>>) {
    for file in dir.files() {
        let parts: Vec<_> = file.path().components().map(|c| c.as_os_str().to_string_lossy()).collect();
        let path = parts.join("/");
        let relative = path.strip_prefix(layer).map_or(path.as_str(), |p| p.trim_start_matches('/'));
        files.insert(relative.to_owned(), file.contents().to_vec());
    }
    for inner in dir.dirs() {
        collect(inner, layer, files);
    }
}

/// Writes a new study folder. It must not exist, or be empty.
pub fn create(name: &str, root: &Path) -> Result<usize, StudyError> {
    let files = files(name)?;
    if root.exists() && !root.is_dir() {
        return Err(StudyError::NotAFolder(root.to_path_buf()));
    }
    if root.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(StudyError::NotEmpty(root.to_path_buf()));
    }
    for (file, bytes) in &files {
        write(root, file, bytes)?;
    }
    Ok(files.len())
}

/// Writes one file of a folder, making the folders above it.
pub fn write(root: &Path, file: &str, bytes: &[u8]) -> Result<(), StudyError> {
    let path = root.join(file);
    let written = |source| StudyError::File { path: path.clone(), action: "written", source };
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(written)?;
    }
    std::fs::write(&path, bytes).map_err(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_is_complete_and_the_same_each_time() {
        for template in &TEMPLATES {
            let files_once = files(template.name).unwrap();
            for needed in
                ["study.toml", "data/values.csv", "data/manifest.json", "derive/adsl.sql", "document/report.md"]
            {
                assert!(files_once.contains_key(needed), "{} lacks {needed}", template.name);
            }
            assert_eq!(files_once, files(template.name).unwrap());
        }
    }

    /// The example in the repository is what the template writes: neither may change alone.
    #[test]
    fn the_example_is_the_template() {
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/be-crossover");
        let mut there = crate::sources::tree(&example).unwrap();
        there.retain(|file, _| !file.starts_with("out/"));
        let files = files("be-2x2").unwrap();
        assert_eq!(there.keys().collect::<Vec<_>>(), files.keys().collect::<Vec<_>>());
        for (file, bytes) in files {
            assert!(
                std::fs::read(&there[&file]).unwrap() == bytes,
                "examples/be-crossover/{file} differs: croft new be-2x2"
            );
        }
    }

    #[test]
    fn a_folder_in_use_is_left_alone() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert!(matches!(create("be-2x2", here), Err(StudyError::NotEmpty(_))));
    }
}
