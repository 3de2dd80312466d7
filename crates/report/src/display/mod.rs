//! What does a display show?
//!
//! A file `display/NAME.toml` describes a table, a listing or a figure: which results or rows it takes, how they are
//! laid out and printed. It computes nothing: a number that is not in the results cannot be shown.
//!
//! Keys of every display:
//! ```toml
//! type = "table"                          # or listing, figure
//! title = "Pharmacokinetic parameters of {{study.drug}}"
//! number = "14.2.1"                       # else the document that embeds it numbers it
//! population = "Pharmacokinetic population"
//! footnotes = ["SD: standard deviation."]
//! orientation = "landscape"               # else whichever fits
//! ```
//! Titles, labels and footnotes take `C~max~`, `10^3^`, `*italic*`, `**bold**` and `{{values}}`.
//! The keys of each type are told in [`table`], [`listing`] and [`plot`].

pub mod error;
pub mod listing;
pub mod plot;
pub mod table;

pub use error::DisplayError;

use crate::block::{self, Body, DisplayKind, Inline};
use crate::{inline, value};
use croft_core::{AnalysisResult, Dataset};
use serde::Deserialize;
use std::collections::BTreeMap;

/// What displays and documents read.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// All analysis results; a cell's source counts in them.
    pub results: &'a [AnalysisResult],
    /// Datasets by name.
    pub datasets: &'a BTreeMap<String, Dataset>,
    /// Variables for `{{name}}`: `study.title`, `study.id`, …
    pub variables: &'a BTreeMap<String, String>,
}

/// A parsed display file.
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    name: String,
    common: Common,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Table(Box<table::Keys>),
    Listing(Box<listing::Keys>),
    Figure(Box<plot::Keys>),
}

/// Keys of every display.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Common {
    title: String,
    number: Option<String>,
    population: Option<String>,
    #[serde(default)]
    footnotes: Vec<String>,
    orientation: Option<Orientation>,
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Orientation {
    Portrait,
    Landscape,
}

const COMMON_KEYS: [&str; 5] = ["title", "number", "population", "footnotes", "orientation"];

/// Reads a display file; `name` is the file's name without `.toml`.
pub fn parse(name: &str, text: &str) -> Result<Definition, DisplayError> {
    let syntax = |message: String| DisplayError::Syntax { display: name.to_owned(), message };
    let mut rest: toml::Table = toml::from_str(text).map_err(|e| syntax(e.to_string().trim().to_owned()))?;
    let mut common = toml::Table::new();
    for key in COMMON_KEYS {
        if let Some(value) = rest.remove(key) {
            common.insert(key.to_owned(), value);
        }
    }
    let kind = match rest.remove("type") {
        Some(toml::Value::String(kind)) => kind,
        _ => return Err(syntax("the key `type` is missing: table, listing or figure".to_owned())),
    };
    let kind = match kind.as_str() {
        "table" => Kind::Table(Box::new(keys(name, rest)?)),
        "listing" => Kind::Listing(Box::new(keys(name, rest)?)),
        "figure" => Kind::Figure(Box::new(plot::parse(name, rest)?)),
        other => return Err(syntax(format!("type = \"{other}\": a display is a table, listing or figure"))),
    };
    Ok(Definition { name: name.to_owned(), common: keys(name, common)?, kind })
}

fn keys<T: serde::de::DeserializeOwned>(name: &str, table: toml::Table) -> Result<T, DisplayError> {
    T::deserialize(toml::Value::Table(table)).map_err(|e| DisplayError::Syntax {
        display: name.to_owned(),
        message: e.to_string().trim().replace('\n', ", "),
    })
}

impl Definition {
    /// The display's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is a table, listing or figure.
    pub fn kind(&self) -> DisplayKind {
        match self.kind {
            Kind::Table(_) => DisplayKind::Table,
            Kind::Listing(_) => DisplayKind::Listing,
            Kind::Figure(_) => DisplayKind::Figure,
        }
    }

    /// Datasets that it reads directly; a table reads only results.
    pub fn datasets(&self) -> Vec<&str> {
        match &self.kind {
            Kind::Table(_) => Vec::new(),
            Kind::Listing(keys) => vec![&keys.dataset],
            Kind::Figure(keys) => keys.datasets(),
        }
    }

    /// Shows the inputs. The result's fingerprint is left to who knows the inputs' hashes.
    pub fn render(&self, inputs: &Inputs<'_>) -> Result<block::Display, DisplayError> {
        let at = Place { display: &self.name, inputs };
        let mut footnotes = Vec::new();
        for note in &self.common.footnotes {
            footnotes.push(at.label("footnotes", note)?);
        }
        let (body, more) = match &self.kind {
            Kind::Table(keys) => {
                let (table, notes) = table::render(keys, &at)?;
                (Body::Table(table), notes)
            }
            Kind::Listing(keys) => {
                let (table, notes) = listing::render(keys, &at)?;
                (Body::Table(table), notes)
            }
            Kind::Figure(keys) => plot::render(keys, &at)?,
        };
        footnotes.extend(more);
        Ok(block::Display {
            name: self.name.clone(),
            kind: self.kind(),
            number: self.common.number.clone(),
            title: at.label("title", &self.common.title)?,
            population: match &self.common.population {
                Some(text) => Some(block::plain(&at.label("population", text)?)),
                None => None,
            },
            body,
            footnotes,
            fingerprint: None,
            landscape: self.common.orientation.map(|o| o == Orientation::Landscape),
        })
    }
}

/// The display being rendered and its inputs: what every error names.
pub(crate) struct Place<'a> {
    pub(crate) display: &'a str,
    pub(crate) inputs: &'a Inputs<'a>,
}

impl<'a> Place<'a> {
    /// A dressed label with its values filled in.
    pub(crate) fn label(&self, key: &str, text: &str) -> Result<Vec<Inline>, DisplayError> {
        value::fill(inline::parse(text), self.inputs).map_err(|cause| DisplayError::Value {
            display: self.display.to_owned(),
            key: key.to_owned(),
            cause,
        })
    }

    /// An error about a key.
    pub(crate) fn problem(&self, key: &str, problem: impl Into<String>) -> DisplayError {
        DisplayError::Key { display: self.display.to_owned(), key: key.to_owned(), problem: problem.into() }
    }

    /// A dataset by name.
    pub(crate) fn dataset(&self, key: &str, name: &str) -> Result<&'a Dataset, DisplayError> {
        self.inputs
            .datasets
            .get(name)
            .ok_or_else(|| self.unknown(key, "dataset", name, self.inputs.datasets.keys().map(String::as_str)))
    }

    /// A dataset's column by its variable's name.
    pub(crate) fn column<'d>(
        &self,
        key: &str,
        data: &'d Dataset,
        name: &str,
    ) -> Result<&'d croft_core::Column, DisplayError> {
        data.column(name)
            .ok_or_else(|| self.unknown(key, "variable", name, data.variables().iter().map(|v| v.name.as_str())))
    }

    /// An error about a name that is not among those known.
    pub(crate) fn unknown<'n>(
        &self,
        key: &str,
        kind: &'static str,
        name: &str,
        known: impl Iterator<Item = &'n str>,
    ) -> DisplayError {
        let known: Vec<&str> = known.collect();
        DisplayError::Unknown {
            display: self.display.to_owned(),
            key: key.to_owned(),
            kind,
            name: name.to_owned(),
            known: if known.is_empty() { "none".to_owned() } else { known.join(", ") },
        }
    }
}

#[cfg(test)]
mod tests;
