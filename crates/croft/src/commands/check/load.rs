//! Which files are checked, and how are they read?
//!
//! A folder's data files (xpt, Dataset-JSON, csv, xlsx; also packed), its define.xml, a USDM document. Transport files are read row by
//! row, several at a time. A csv file may be described by `_variables.csv` and `_datasets.csv` beside it, as in published test cases.

use crate::output::Failure;
use croft_cdisc::charset::Charset;
use croft_cdisc::files::{self, Format, LoadOptions};
use croft_cdisc::usdm;
use croft_cdisc::xpt::ReadOptions;
use croft_conform::study::Table;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What was read.
#[derive(Default)]
pub struct Loaded {
    /// Datasets in order of file name.
    pub tables: Vec<Table>,
    /// A USDM document.
    pub document: Option<serde_json::Value>,
    /// define.xml, if one lies beside the data.
    pub define: Option<PathBuf>,
    /// What the report must say of the reading.
    pub notes: Vec<String>,
}

/// What `_variables.csv` says of the variables of a csv file, and `_datasets.csv` of the datasets.
#[derive(Default)]
struct Described {
    /// By dataset in lower case: variable, label, type, length.
    variables: BTreeMap<String, Vec<[String; 4]>>,
    /// Labels by dataset in lower case.
    labels: BTreeMap<String, String>,
}

/// Reads files and folders.
pub fn load(paths: &[PathBuf], encoding: Option<&str>, threads: usize) -> Result<Loaded, Failure> {
    let charset = encoding.map(Charset::named).transpose().map_err(|error| {
        let hint = error.hint();
        Failure::misuse(error).hint(hint)
    })?;
    let mut loaded = Loaded::default();
    let mut files = Vec::new();
    let mut described = Described::default();
    for path in paths {
        if path.is_dir() {
            let entries = fs::read_dir(path).map_err(|error| cannot(path, "cannot be opened", &error))?;
            let mut inside: Vec<PathBuf> =
                entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.is_file()).collect();
            inside.sort();
            described.read(path)?;
            files.extend(inside.into_iter().filter(|path| is_data(path)).map(|path| (path, true)));
            let define = path.join("define.xml");
            loaded.define = loaded.define.or_else(|| define.is_file().then_some(define));
        } else if path.exists() {
            files.push((path.clone(), false));
        } else {
            return Err(Failure::misuse(format!("{} is not there", path.display()))
                .hint("give a folder of datasets, or dataset files"));
        }
    }
    if files.is_empty() {
        return Err(Failure::misuse("there is no dataset to check")
            .hint("give a folder with xpt, json, ndjson, dsjc, csv or xlsx files"));
    }
    let results: Mutex<BTreeMap<usize, Result<OneFile, Failure>>> = Mutex::default();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some((path, found)) = files.get(index) else { return };
                    let read = one(path, *found, charset, &described);
                    if let Ok(mut results) = results.lock() {
                        results.insert(index, read);
                    }
                }
            });
        }
    });
    for read in results.into_inner().unwrap_or_default().into_values() {
        let read = read?;
        loaded.notes.extend(read.notes);
        loaded.tables.extend(read.tables);
        loaded.document = loaded.document.or(read.document);
    }
    if let Some(document) = &loaded.document {
        let entities = usdm::entities(document);
        loaded.tables.extend(entities.iter().map(|entity| Table::of_entity(entity, "usdm.json")));
    }
    Ok(loaded)
}

/// What one file gave.
#[derive(Default)]
struct OneFile {
    tables: Vec<Table>,
    document: Option<serde_json::Value>,
    notes: Vec<String>,
}

fn is_data(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    !name.starts_with('_') && !name.starts_with('.') && Format::of(&name).is_some()
}

/// Reads a file; one that was found in a folder may be something else than data.
fn one(path: &Path, found: bool, charset: Option<Charset>, described: &Described) -> Result<OneFile, Failure> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let size = fs::metadata(path).map_err(|error| cannot(path, "cannot be opened", &error))?.len();
    if name.to_ascii_lowercase().ends_with(".xpt") {
        return transport(path, &name, size, charset);
    }
    let bytes = fs::read(path).map_err(|error| cannot(path, "cannot be opened", &error))?;
    if name.to_ascii_lowercase().ends_with(".json")
        && let Ok(document) = serde_json::from_slice::<serde_json::Value>(&bytes)
        && usdm::is_usdm(&document)
    {
        return Ok(OneFile { document: Some(document), ..OneFile::default() });
    }
    if found && is_other_json(&name, &bytes) {
        let note = format!("{name} is JSON and no dataset: it was left out");
        return Ok(OneFile { notes: vec![note], ..OneFile::default() });
    }
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().to_lowercase()).unwrap_or_default();
    let declared = described.variables.get(&stem);
    let numeric = declared
        .map(|variables| variables.iter().filter(|v| v[2].eq_ignore_ascii_case("num")).map(|v| v[0].clone()).collect());
    let options = |charset| LoadOptions {
        charset,
        member: None,
        delimiter: None,
        no_header: false,
        numeric: numeric.clone().unwrap_or_default(),
    };
    let (all, note) = match files::load(&name, &bytes, &options(charset)) {
        Err(error) if charset.is_none() => match files::load(&name, &bytes, &options(western())) {
            Ok(all) => (Ok(all), Some(not_utf8(&name))),
            Err(_) => (Err(error), None),
        },
        read => (read, None),
    };
    let all = all.map_err(|error| {
        let hint = error.hint();
        cannot(path, "cannot be read", &error).hint(hint)
    })?;
    let tables = all.into_iter().map(|loaded| {
        let mut table = Table::of(&loaded.dataset, &name, size);
        if let Some(variables) = declared {
            described.apply(&stem, variables, &mut table);
        }
        table
    });
    Ok(OneFile { tables: tables.collect(), document: None, notes: note.into_iter().collect() })
}

/// Whether this is whole JSON that says nothing of being Dataset-JSON. A dataset that is cut short or damaged is none such.
fn is_other_json(name: &str, bytes: &[u8]) -> bool {
    let json = name.to_ascii_lowercase().ends_with(".json");
    let of_dataset = |key: &String| ["datasetJSONVersion", "itemGroupOID", "columns", "rows"].contains(&key.as_str());
    json && serde_json::from_slice::<serde_json::Value>(bytes)
        .is_ok_and(|value| value.as_object().is_none_or(|object| !object.keys().any(of_dataset)))
}

/// Windows-1252: what transport files hold that are not UTF-8.
fn western() -> Option<Charset> {
    Charset::named("windows-1252").ok()
}

fn not_utf8(name: &str) -> String {
    format!("{name} is not UTF-8 and was read as windows-1252; name another encoding with `--encoding`")
}

fn transport(path: &Path, name: &str, size: u64, charset: Option<Charset>) -> Result<OneFile, Failure> {
    let read = |charset: Option<Charset>| {
        let file = File::open(path).map_err(|error| cannot(path, "cannot be opened", &error))?;
        Ok::<_, Failure>(Table::read_xpt(BufReader::with_capacity(1 << 20, file), name, size, &ReadOptions { charset }))
    };
    let (tables, note) = match read(charset)? {
        Err(error) if charset.is_none() => match read(western())? {
            Ok(tables) => (Ok(tables), Some(not_utf8(name))),
            Err(_) => (Err(error), None),
        },
        tables => (tables, None),
    };
    let tables = tables.map_err(|error| {
        let hint = error.hint();
        cannot(path, "cannot be read", &error).hint(hint)
    })?;
    Ok(OneFile { tables, document: None, notes: note.into_iter().collect() })
}

fn cannot(path: &Path, what: &str, error: &dyn std::fmt::Display) -> Failure {
    Failure::misuse(format!("{} {what}: {error}", path.display()))
}

impl Described {
    /// Reads the two description files of a folder, where they are.
    fn read(&mut self, folder: &Path) -> Result<(), Failure> {
        for line in rows(&folder.join("_variables.csv"))? {
            let cell = |name: &str| line.get(name).cloned().unwrap_or_default();
            let dataset = stem(&cell("dataset"));
            self.variables.entry(dataset).or_default().push([
                cell("variable"),
                cell("label"),
                cell("type"),
                cell("length"),
            ]);
        }
        for line in rows(&folder.join("_datasets.csv"))? {
            let cell = |name: &str| line.get(name).cloned().unwrap_or_default();
            self.labels.insert(stem(&cell("Filename")), cell("Label"));
        }
        Ok(())
    }

    fn apply(&self, stem: &str, variables: &[[String; 4]], table: &mut Table) {
        if let Some(label) = self.labels.get(stem) {
            table.label.clone_from(label);
        }
        for variable in table.variables_mut() {
            if let Some([_, label, kind, length]) = variables.iter().find(|described| described[0] == variable.name) {
                variable.label.clone_from(label);
                variable.data_type.clone_from(kind);
                variable.length = length.trim().parse().ok();
            }
        }
    }
}

fn stem(file: &str) -> String {
    file.rsplit_once('.').map_or(file, |(stem, _)| stem).to_lowercase()
}

/// The lines of a csv file by column; none if the file is not there.
fn rows(path: &Path) -> Result<Vec<BTreeMap<String, String>>, Failure> {
    if !path.is_file() {
        return Ok(Vec::new());
    }
    let mut reader = csv::Reader::from_path(path).map_err(|error| cannot(path, "cannot be opened", &error))?;
    let rows: Result<_, _> = reader.deserialize().collect();
    rows.map_err(|error| cannot(path, "cannot be read", &error))
}
