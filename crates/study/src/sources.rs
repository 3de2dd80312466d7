//! What is a build a function of? Every text and data file of the study folder, read once.

use crate::codes::{self, Codes};
use crate::definition::Definition;
use crate::error::StudyError;
use crate::forms::{self, Form};
use crate::nca_step::NcaStep;
use crate::snapshot::{self, Snapshot};
use crate::statement::{self, Statement};
use crate::tables::{self, Table};
use crate::tabulation::defaults::{self, Given};
use crate::tabulation::dictionary::Dictionary;
use crate::tabulation::mapping::{self, Mapping};
use croft_query::columns_named;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Where the snapshot's manifest stands.
const MANIFEST: &str = "data/manifest.json";

/// The files of the record's snapshot in `data/`.
pub const RECORD_FILES: [&str; 2] = ["values.csv", "audit.csv"];

/// The file of randomised subjects, which a snapshot may have besides.
pub const ALLOCATIONS: &str = "allocations.csv";

/// A text file of the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextFile {
    /// Path relative to the study folder, with `/`.
    pub file: String,
    /// File name without its extension.
    pub stem: String,
    /// Its content.
    pub text: String,
}

/// All that a build reads.
#[derive(Clone, Debug)]
pub struct Sources {
    /// `study.toml`
    pub definition: Definition,
    /// `forms/*.toml`
    pub forms: Vec<Form>,
    /// The files of those, in their order.
    pub form_files: Vec<String>,
    /// `data/`
    pub snapshot: Snapshot,
    /// Datasets received from outside, in `data/`.
    pub received: Vec<Table>,
    /// `tabulate/*.csv` and `derive/*.csv`
    pub kept: Vec<Table>,
    /// The texts of those.
    pub kept_texts: Vec<TextFile>,
    /// `tabulate/*.sql`, then the default statements of what these do not make.
    pub tabulate: Vec<Statement>,
    /// `derive/*.sql`
    pub derive: Vec<Statement>,
    /// `derive/*.toml`: datasets made by a method.
    pub methods: Vec<TextFile>,
    /// `analyse/*.toml`
    pub analyse: Vec<TextFile>,
    /// `display/*.toml`
    pub display: Vec<TextFile>,
    /// `document/*.md`
    pub document: Vec<TextFile>,
    /// `check/accepted.toml`: findings of rules that people accepted.
    pub accepted: Option<TextFile>,
    /// SHA-256 of `study.toml`.
    pub definition_hash: String,
    /// What is known of treatments. Dummies stand in the snapshot's allocations.
    pub codes: Codes,
}

impl Sources {
    /// Reads a study folder and checks that the snapshot is the one that was frozen; with the dummy codes that its `out/` was built with, if it was.
    pub fn read(root: &Path) -> Result<Self, StudyError> {
        // What is no study folder is told so first.
        read_definition(root)?;
        Self::read_with(root, codes::marked(root)?)
    }

    /// Reads a study folder, with dummy codes from this seed or without.
    pub fn read_with(root: &Path, dummy: Option<u64>) -> Result<Self, StudyError> {
        let study = read_definition(root)?;
        let definition = Definition::parse(&study.text)?;
        let form_texts = text_files(root, "forms", "toml")?;
        let forms = form_texts.iter().map(|f| forms::parse(&f.file, &f.text)).collect::<Result<Vec<_>, _>>()?;
        let (mut snapshot, received) = read_data(root, &definition.study.id)?;
        snapshot.check_against(&forms)?;
        let codes = codes::settle(&mut snapshot, &definition, dummy)?;
        let mut kept_texts = text_files(root, "tabulate", "csv")?;
        kept_texts.append(&mut text_files(root, "derive", "csv")?);
        let kept = kept_texts.iter().map(|f| tables::kept(&f.file, &f.stem, &f.text)).collect::<Result<Vec<_>, _>>()?;
        tables::all_named_once(&[received.as_slice(), kept.as_slice()].concat())?;
        let statements = |folder| -> Result<Vec<Statement>, StudyError> {
            text_files(root, folder, "sql")?.iter().map(|f| statement::parse(&f.file, &f.text)).collect()
        };
        let mut sources = Self {
            forms,
            form_files: form_texts.into_iter().map(|f| f.file).collect(),
            snapshot,
            received,
            kept,
            kept_texts,
            tabulate: statements("tabulate")?,
            derive: statements("derive")?,
            methods: text_files(root, "derive", "toml")?,
            analyse: text_files(root, "analyse", "toml")?,
            display: text_files(root, "display", "toml")?,
            document: text_files(root, "document", "md")?,
            accepted: text_files(root, "check", "toml")?.into_iter().find(|f| f.file == crate::conformance::ACCEPTED),
            definition_hash: croft_core::manifest::sha256_hex(study.text.as_bytes()),
            definition,
            codes,
        };
        let mut by_default = sources.defaults()?;
        sources.tabulate.append(&mut by_default);
        Ok(sources)
    }

    /// The guide, and where each item of the forms goes.
    pub fn mapping(&self) -> Result<(Dictionary, Mapping), StudyError> {
        let dictionary = mapping::dictionary(&self.definition)?;
        let mapping = mapping::map(&dictionary, &self.forms, &self.form_files)?;
        Ok((dictionary, mapping))
    }

    /// The columns of a DM that is received or made by a file. A statement that cannot be read has none here; the build says what is wrong with it.
    fn subjects(&self) -> Option<BTreeSet<String>> {
        if let Some(table) = self.received.iter().find(|t| t.data.name == "DM") {
            return Some(table.data.variables().iter().map(|v| v.name.clone()).collect());
        }
        let statement = self.tabulate.iter().find(|s| s.dataset == "DM")?;
        Some(columns_named(&statement.sql).unwrap_or_default())
    }

    /// Statements for the domains that no file makes or holds.
    fn defaults(&self) -> Result<Vec<Statement>, StudyError> {
        if self.forms.is_empty() {
            return Ok(Vec::new());
        }
        let (dictionary, mapping) = self.mapping()?;
        let methods = self
            .methods
            .iter()
            .map(|f| Ok(NcaStep::parse(&f.file, &f.text)?.dataset))
            .collect::<Result<Vec<_>, StudyError>>()?;
        let written = self.tabulate.iter().chain(&self.derive).map(|s| s.dataset.as_str());
        let received = self.received.iter().map(|t| t.data.name.as_str());
        let made: BTreeSet<&str> = written.chain(received).chain(methods.iter().map(String::as_str)).collect();
        let subjects = self.subjects();
        let given = Given {
            definition: &self.definition,
            forms: &self.forms,
            form_files: &self.form_files,
            kept: &self.kept,
            made: &made,
            subjects: subjects.as_ref(),
            coded: self.codes.are_there(),
        };
        defaults::statements(&dictionary, &mapping, &given)
    }
}

/// The text of `study.toml`, without which a folder is no study.
pub fn read_definition(root: &Path) -> Result<TextFile, StudyError> {
    read_text(root, "study.toml").map_err(|error| match error {
        StudyError::File { source, .. }
            if matches!(source.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) =>
        {
            StudyError::NotAStudy(root.to_path_buf())
        }
        other => other,
    })
}

/// `forms/*.toml`
pub fn read_forms(root: &Path) -> Result<Vec<Form>, StudyError> {
    Ok(text_files(root, "forms", "toml")?.iter().map(|f| forms::parse(&f.file, &f.text)).collect::<Result<_, _>>()?)
}

/// The files of `data/` that hold received datasets, named from there.
pub fn received_files(root: &Path) -> Result<Vec<String>, StudyError> {
    let folder = root.join("data");
    let all = if folder.is_dir() { tree(&folder)? } else { BTreeMap::new() };
    Ok(all.into_keys().filter(|name| tables::is_received(name)).collect())
}

/// The record's snapshot and the received datasets, each file being the one that was frozen. Where all data were received, the record is empty.
fn read_data(root: &Path, study: &str) -> Result<(Snapshot, Vec<Table>), StudyError> {
    let manifest = read_text(root, MANIFEST).map_err(|error| match error {
        StudyError::File { source, .. } if source.kind() == std::io::ErrorKind::NotFound => StudyError::Text {
            file: MANIFEST.to_owned(),
            message: "the data were never frozen: there is no manifest".to_owned(),
            hint: format!("croft freeze {} --by NAME --at TIME --reason \"first lock\" writes it", root.display()),
        },
        other => other,
    })?;
    let frozen = snapshot::read_manifest(manifest.text.as_bytes(), study)?;
    let frozen_file = |name: &str| -> Result<Vec<u8>, StudyError> {
        let file = format!("data/{name}");
        let bytes = read(root, &file)?;
        let found = croft_core::manifest::sha256_hex(&bytes);
        match frozen.files.get(name) {
            Some(expected) if *expected == found => Ok(bytes),
            Some(expected) => Err(StudyError::Frozen { file, found, expected: expected.clone() }),
            None => Err(StudyError::NotFrozen { file }),
        }
    };
    // A manifest that names no file of the record has none, unless one stands there: then it was never frozen.
    let recorded =
        RECORD_FILES.iter().any(|name| frozen.files.contains_key(*name) || root.join("data").join(name).exists());
    let (values, audit) = if recorded {
        (snapshot::read_values(&frozen_file("values.csv")?)?, snapshot::read_audit(&frozen_file("audit.csv")?)?)
    } else {
        (Vec::new(), Vec::new())
    };
    let randomised = frozen.files.contains_key(ALLOCATIONS) || root.join("data").join(ALLOCATIONS).exists();
    let allocations = if randomised { snapshot::read_allocations(&frozen_file(ALLOCATIONS)?)? } else { Vec::new() };
    let ours = |name: &String| RECORD_FILES.contains(&name.as_str()) || name == ALLOCATIONS;
    let named = frozen.files.keys().filter(|name| !ours(name)).cloned();
    let all: BTreeSet<String> = received_files(root)?.into_iter().chain(named).collect();
    let mut received = Vec::new();
    for name in all {
        received.append(&mut tables::received(&name, &frozen_file(&name)?)?);
    }
    Ok((Snapshot { frozen, values, audit, allocations }, received))
}

/// The bytes of one file of the folder.
pub fn read(root: &Path, file: &str) -> Result<Vec<u8>, StudyError> {
    let path = root.join(file);
    std::fs::read(&path).map_err(|source| StudyError::File { path, action: "read", source })
}

/// The bytes of one file of the folder; nothing where there is no such file.
pub fn read_if_there(root: &Path, file: &str) -> Result<Option<Vec<u8>>, StudyError> {
    match read(root, file) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(StudyError::File { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Bytes as text, or the place at which they are none.
pub fn utf8(file: &str, bytes: Vec<u8>) -> Result<String, StudyError> {
    String::from_utf8(bytes).map_err(|e| StudyError::Text {
        file: file.to_owned(),
        message: format!("byte {} is not UTF-8", e.utf8_error().valid_up_to()),
        hint: "save the file as UTF-8".to_owned(),
    })
}

/// A text file of the folder.
pub fn read_text(root: &Path, file: &str) -> Result<TextFile, StudyError> {
    let text = utf8(file, read(root, file)?)?;
    let stem = Path::new(file).file_stem().map_or_else(String::new, |s| s.to_string_lossy().into_owned());
    // A checkout may have changed line ends; a build must not notice.
    Ok(TextFile { file: file.to_owned(), stem, text: text.replace("\r\n", "\n") })
}

/// The files of one folder with this extension, by name; none when the folder is absent.
fn text_files(root: &Path, folder: &str, extension: &str) -> Result<Vec<TextFile>, StudyError> {
    let path = root.join(folder);
    if !path.is_dir() {
        return Ok(Vec::new());
    }
    let listed = |source| StudyError::File { path: path.clone(), action: "listed", source };
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(&path).map_err(listed)? {
        let entry = entry.map_err(listed)?.path();
        if entry.extension().is_some_and(|e| e == extension) {
            paths.push(entry);
        }
    }
    paths.sort();
    paths
        .iter()
        .filter_map(|p| p.file_name())
        .map(|name| read_text(root, &format!("{folder}/{}", name.to_string_lossy())))
        .collect()
}

/// Every file below a folder, by path relative to it, with `/`.
pub fn tree(root: &Path) -> Result<BTreeMap<String, PathBuf>, StudyError> {
    let mut found = BTreeMap::new();
    let mut open = vec![root.to_path_buf()];
    while let Some(folder) = open.pop() {
        let listed = |source| StudyError::File { path: folder.clone(), action: "listed", source };
        for entry in std::fs::read_dir(&folder).map_err(listed)? {
            let entry = entry.map_err(listed)?;
            let path = entry.path();
            // A link counts as a file and is never followed: what it leads to is not the folder's.
            if entry.file_type().map_err(listed)?.is_dir() {
                open.push(path);
            } else if let Ok(relative) = path.strip_prefix(root) {
                let parts: Vec<_> = relative.components().map(|c| c.as_os_str().to_string_lossy()).collect();
                found.insert(parts.join("/"), path.clone());
            }
        }
    }
    Ok(found)
}
