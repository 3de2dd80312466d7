//! Where imported rules lie, and which rules a check uses.
//!
//! One file a set (`cdisc-core.json`): its source, and the rules as they were published. The folder is that of `--rules-dir`, else
//! `croft/rules` in the system's folder for data of programs.

use crate::output::Failure;
use croft_conform::rule::{Rule, read};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// The folder of imported rules.
#[derive(Clone, clap::Args)]
pub struct RulesFolder {
    /// RulesFolder of imported rules [default: croft/rules in your folder for data of programs]
    #[arg(long, value_name = "DIR")]
    rules_dir: Option<PathBuf>,
}

/// A set of rules as it lies in its file.
#[derive(Serialize, Deserialize)]
pub struct RuleSet {
    /// What it is called, `cdisc-core`.
    pub name: String,
    /// Where it was imported from.
    pub source: String,
    /// The rules as published.
    pub rules: Vec<Value>,
}

/// A rule that could not be used, and why.
pub struct Unusable {
    /// The file, or the rule's number in it.
    pub place: String,
    /// What is wrong.
    pub error: read::RuleError,
}

/// Rules read from a set, and those that could not be.
#[derive(Default)]
pub struct Read {
    /// In order of id.
    pub rules: Vec<Rule>,
    /// What could not be read.
    pub unusable: Vec<Unusable>,
    /// Each set: its name, source and number of rules.
    pub sets: Vec<String>,
}

impl RulesFolder {
    /// The folder, whether or not it is there. `None`: none was given, and the system names none.
    pub fn path(&self) -> Option<PathBuf> {
        self.rules_dir.clone().or_else(|| Some(crate::place::data_folder()?.join("rules")))
    }

    /// The imported sets in order of name.
    pub fn sets(&self) -> Result<Vec<RuleSet>, Failure> {
        let Some(folder) = self.path() else { return Ok(Vec::new()) };
        let Ok(entries) = fs::read_dir(&folder) else {
            if self.rules_dir.is_some() {
                return Err(Failure::misuse(format!("the folder of rules {} cannot be read", folder.display()))
                    .hint("name another folder with `--rules-dir`, or import rules: croft rules import FOLDER"));
            }
            return Ok(Vec::new());
        };
        let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
        paths.sort();
        paths.iter().map(|path| set(path)).collect()
    }

    /// Every rule that comes with croft or was imported.
    pub fn read(&self) -> Result<Read, Failure> {
        let mut read = Read::default();
        let own = croft_conform::own::rules();
        read.sets.push(format!("croft {} ({} rules)", env!("CARGO_PKG_VERSION"), own.len()));
        read.rules.extend(own.iter().map(|own| own.rule.clone()));
        for set in self.sets()? {
            let place = |index: usize, rule: &Value| {
                let id = rule["Core"]["Id"].as_str().map_or_else(|| format!("rule {}", index + 1), str::to_owned);
                format!("{}: {id}", set.name)
            };
            read.sets.push(format!("{} ({} rules, from {})", set.name, set.rules.len(), set.source));
            for (index, rule) in set.rules.iter().enumerate() {
                match read::from_json(rule) {
                    Ok(rule) => read.rules.push(rule),
                    Err(error) => read.unusable.push(Unusable { place: place(index, rule), error }),
                }
            }
        }
        Ok(read.sorted())
    }
}

impl Read {
    fn sorted(mut self) -> Self {
        self.rules.sort_by(|a, b| a.id.cmp(&b.id));
        self
    }

    /// The rules of a folder, a file or an archive, as they are.
    pub fn of(path: &Path) -> Result<Self, Failure> {
        let (rules, _) = published(path)?;
        let mut read = Self::default();
        read.sets.push(format!("{} ({} rules)", path.display(), rules.len()));
        for (place, rule) in rules {
            match rule.and_then(|rule| read::from_json(&rule)) {
                Ok(rule) => read.rules.push(rule),
                Err(error) => read.unusable.push(Unusable { place, error }),
            }
        }
        Ok(read.sorted())
    }
}

fn set(path: &Path) -> Result<RuleSet, Failure> {
    let damaged = |error: String| {
        Failure::misuse(format!("the imported rules {}: {error}", path.display()))
            .hint("import them again: croft rules import FOLDER")
    };
    let text = fs::read_to_string(path).map_err(|error| damaged(error.to_string()))?;
    serde_json::from_str(&text).map_err(|error| damaged(error.to_string()))
}

/// A rule's place and its JSON form.
type Found = (String, Result<Value, read::RuleError>);

/// The rules below a folder, in an archive or in one file, in order of place; and how many other files were passed over.
pub fn published(path: &Path) -> Result<(Vec<Found>, usize), Failure> {
    let mut found = Vec::new();
    let mut passed_over = 0;
    let mut take = |place: String, bytes: &[u8]| match rule_in(bytes) {
        None => passed_over += 1,
        Some(rule) => found.push((place, rule)),
    };
    if path.is_dir() {
        walk(path, &mut take)?;
    } else if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zip")) {
        archive(path, &mut take)?;
    } else {
        let bytes = fs::read(path).map_err(|error| cannot_open(path, &error))?;
        take(path.display().to_string(), &bytes);
    }
    if found.is_empty() {
        return Err(Failure::misuse(format!("{} holds no rule", path.display()))
            .hint("a rule is a yml or json file with `Core`, `Check` and `Outcome`, as CDISC publish them"));
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    Ok((found, passed_over))
}

fn cannot_open(path: &Path, error: &std::io::Error) -> Failure {
    Failure::misuse(format!("{} cannot be opened: {error}", path.display()))
}

/// Whether a name may be a rule's: yml, yaml or json, also as xz.
fn may_be_rule(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let name = name.strip_suffix(".xz").unwrap_or(&name);
    [".yml", ".yaml", ".json"].iter().any(|extension| name.ends_with(extension))
}

fn walk(folder: &Path, take: &mut impl FnMut(String, &[u8])) -> Result<(), Failure> {
    let entries = fs::read_dir(folder).map_err(|error| cannot_open(folder, &error))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            walk(&path, take)?;
        } else if may_be_rule(&path.to_string_lossy()) {
            let bytes = fs::read(&path).map_err(|error| cannot_open(&path, &error))?;
            take(path.display().to_string(), &bytes);
        }
    }
    Ok(())
}

/// A rule's file is some kilobytes; the largest published one with its cases is under 20 MB.
const MOST_BYTES: u64 = 64 << 20;

fn archive(path: &Path, take: &mut impl FnMut(String, &[u8])) -> Result<(), Failure> {
    use std::io::Read as _;
    let file = fs::File::open(path).map_err(|error| cannot_open(path, &error))?;
    let broken = |error: &dyn std::fmt::Display| {
        Failure::misuse(format!("{} is no archive that can be read: {error}", path.display()))
    };
    let mut archive = zip::ZipArchive::new(file).map_err(|error| broken(&error))?;
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(|error| broken(&error))?;
        let name = entry.name().map_err(|error| broken(&error))?.into_owned();
        if entry.is_file() && may_be_rule(&name) {
            let mut bytes = Vec::new();
            entry.take(MOST_BYTES).read_to_end(&mut bytes).map_err(|error| broken(&error))?;
            take(name, &bytes);
        }
    }
    Ok(())
}

/// The rule that a file holds; `None` if it is no rule at all.
fn rule_in(bytes: &[u8]) -> Option<Result<Value, read::RuleError>> {
    let unpacked;
    let bytes = if croft_cdisc::xz::is_xz(bytes) {
        unpacked = croft_cdisc::xz::unpack(bytes).ok()?;
        &unpacked
    } else {
        bytes
    };
    let text = std::str::from_utf8(bytes).ok()?;
    if !(text.contains("Core") && text.contains("Check") && text.contains("Outcome")) {
        return None;
    }
    let rule = read::json(text);
    match rule {
        // A rule may stand with its test cases beside it.
        Ok(Value::Object(mut outer)) if outer.contains_key("rule") => Some(Ok(outer.remove("rule")?)),
        Ok(rule) if rule.get("Core").is_none() => None,
        other => Some(other),
    }
}
