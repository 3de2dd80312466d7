//! What does one version of a study's definition ask for, and is it sound?
//!
//! A version is the text of `study.toml` and `forms/*.toml` as it stood when it was published. [`Compiled::compile`]
//! reads the text, checks that its parts name each other rightly, and compiles every condition, derivation and check, so
//! that what is wrong is told to the author before publishing and not to a site afterwards. All problems are collected.

mod cases;
mod diff;
mod effect;
mod names;
pub(crate) mod program;
pub(crate) mod reach;

use crate::check::database::Sessions;
use crate::check::table::Layout;
pub use cases::CaseResult;
pub use diff::{Change, diff};
pub use effect::{Concern, Consequence, Effect, effect};
use program::Program;

use croft_design::definition::{Definition, Visit};
use croft_design::forms::{Form, Item, ItemGroup};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The text of a definition: path in the study's folder (`study.toml`, `forms/dm.toml`) to content.
pub type Files = BTreeMap<String, String>;

/// What is wrong in the text of a definition.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Problem {
    /// Path in the study's folder.
    pub file: String,
    /// Line, counted from 1, where it is known.
    pub line: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do next.
    pub hint: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.file, self.message),
            None => write!(f, "{}: {}", self.file, self.message),
        }
    }
}

/// A version of a definition, ready to be used. It does not change: share it in an `Arc`.
pub struct Compiled {
    /// `study.toml`.
    pub definition: Definition,
    /// `forms/*.toml`, in the order of the files' names.
    pub forms: Vec<Form>,
    /// What is evaluated on each form.
    pub(crate) programs: BTreeMap<String, Program>,
    /// Where expressions run that look beyond their row.
    pub(crate) sessions: Sessions,
    /// What those that look beyond their row see of each group.
    pub(crate) layouts: BTreeMap<String, Layout>,
    /// The forms whose rows a form's expressions read.
    forms_read: BTreeMap<String, BTreeSet<String>>,
}

impl Compiled {
    /// Reads and compiles the text of a definition, or says everything that is wrong in it.
    ///
    /// Files other than `study.toml` and `forms/*.toml` (a source document) are kept with the version and not read here.
    pub fn compile(files: &Files) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut definition = None;
        let mut forms: Vec<(&str, Form)> = Vec::new();
        for (file, text) in files {
            let read = match file.as_str() {
                "study.toml" => Definition::parse(text).map(|d| definition = Some(d)),
                name if name.starts_with("forms/") && name.ends_with(".toml") => {
                    croft_design::forms::parse(file, text).map(|f| forms.push((file, f)))
                }
                _ => Ok(()),
            };
            problems.extend(read.err().map(|e| Problem::new(file, text, "", &e.to_string(), e.hint())));
        }
        let Some(definition) = definition else {
            if !files.contains_key("study.toml") {
                problems.push(Problem::new("study.toml", "", "", "is missing", "a definition begins with study.toml"));
            }
            return Err(problems);
        };
        forms.iter_mut().for_each(|(_, form)| form.plan(&definition));
        names::check(files, &definition, &forms, &mut problems);
        let only: Vec<&Form> = forms.iter().map(|(_, f)| f).collect();
        let mut programs = BTreeMap::new();
        if problems.is_empty() {
            match program::catalog(&definition, &only) {
                Ok(catalog) => {
                    for (file, form) in &forms {
                        let found = program::compile(&catalog, form, file, &files[*file], &mut problems);
                        programs.insert(form.form.clone(), found);
                    }
                }
                Err(error) => problems.push(Problem::new("forms", "", "", &error.to_string(), error.hint())),
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let layouts = reach::layouts(&only, &programs);
        let forms_read = programs.iter().map(|(form, p)| (form.clone(), reach::forms_read(&only, p))).collect();
        let forms = forms.into_iter().map(|(_, form)| form).collect();
        Ok(Self { definition, forms, programs, sessions: Sessions::default(), layouts, forms_read })
    }

    /// A form by its identifier.
    pub fn form(&self, form: &str) -> Option<&Form> {
        self.forms.iter().find(|f| f.form == form)
    }

    /// A group of a form.
    pub fn group(&self, form: &str, group: &str) -> Option<&ItemGroup> {
        self.form(form)?.groups.iter().find(|g| g.name == group)
    }

    /// An item of a group of a form.
    pub fn item(&self, form: &str, group: &str, item: &str) -> Option<&Item> {
        self.group(form, group)?.items.iter().find(|i| i.name == item)
    }

    /// A visit by its code.
    pub fn visit(&self, code: &str) -> Option<&Visit> {
        self.definition.visits.iter().find(|v| v.code == code)
    }

    /// The forms that are filled at a visit, in the order of the files' names.
    pub fn forms_at(&self, visit: &str) -> impl Iterator<Item = &Form> {
        self.forms.iter().filter(move |f| f.visits.iter().any(|v| v == visit))
    }
}

impl Problem {
    /// A problem at the line where `word` stands in the text, when it is given and stands there.
    pub(crate) fn new(file: &str, text: &str, word: &str, message: &str, hint: &str) -> Self {
        let line = (!word.is_empty()).then(|| text.lines().position(|l| l.contains(word))).flatten().map(|n| n + 1);
        let own = format!("{file}: ");
        let message = message.strip_prefix(&own).unwrap_or(message);
        Self { file: file.to_owned(), line, message: message.to_owned(), hint: hint.to_owned() }
    }

    /// File and, where it is known, line.
    pub fn place(&self) -> String {
        self.line.map_or_else(|| self.file.clone(), |line| format!("{}:{line}", self.file))
    }
}

/// SHA-256 over the files: names and texts, each after its length.
pub fn digest(files: &Files) -> String {
    let mut bytes = Vec::new();
    for part in files.iter().flat_map(|(name, text)| [name, text]) {
        bytes.extend((part.len() as u64).to_be_bytes());
        bytes.extend(part.as_bytes());
    }
    croft_core::manifest::sha256_hex(&bytes)
}
