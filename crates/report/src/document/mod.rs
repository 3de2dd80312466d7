//! How does a Markdown file become a document?
//!
//! A file `document/NAME.md` is Markdown with tables and footnotes. TOML front matter stands between lines of `+++`:
//! ```text
//! +++
//! title = "Clinical study report"
//! subtitle = "{{study.title}}"
//! study = "{{study.id}}"
//! version = "Version 1.0"
//! paper = "a4"                       # or letter
//! fields = [["Sponsor", "{{study.sponsor}}"], ["Date", "{{lock.date}}"]]   # on the title page
//! +++
//! ```
//! | written | means |
//! |---|---|
//! | `![[pk-summary]]` alone in a paragraph | the display of that name |
//! | `{{be.CMAX.PE_PCT\|.2}}`, `{{study.title}}` | a result or variable, see [`crate::value`] |
//! | `[](#pk-summary)`, `[](#methods)` | "Table 2", "Section 5.1", linked; with words between the brackets those words |
//! | `{{contents}}`, `{{tables}}`, `{{figures}}`, `{{listings}}` alone | lists with page numbers |
//! | `{{pagebreak}}` alone | a new page |
//! | `# Methods {#methods}` | a heading with an identifier of its own |
//! | `# Listings {.appendix}`, `# Synopsis {.unnumbered}` | "Appendix A", no number |
//! | `C~max~`, `10^3^`, `text[^1]` | lowered, raised, a footnote |
//! | `> …` | set apart: what an author has still to write |
//!
//! In a Markdown table a bar inside a value is written `\|`. Raw HTML and pictures are refused: a figure is a display.

mod number;
mod read;
mod typography;

use crate::block::{Display, Document, Paper, TitlePage, plain};
use crate::display::Inputs;
use crate::value::{self, ValueError};
use crate::{block::Block, inline};
use std::collections::BTreeMap;

/// A parsed document, before values and displays are put in.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    name: String,
    front: Front,
    parts: Vec<Part>,
}

/// What stands before the text.
#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Front {
    title: String,
    subtitle: Option<String>,
    #[serde(default)]
    study: String,
    #[serde(default)]
    version: String,
    language: Option<String>,
    paper: Option<PaperKey>,
    #[serde(default)]
    fields: Vec<(String, String)>,
    #[serde(default)]
    title_page: Option<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum PaperKey {
    A4,
    Letter,
}

/// A block with the line it stands on.
#[derive(Clone, Debug, PartialEq)]
struct Part {
    line: usize,
    what: What,
}

#[derive(Clone, Debug, PartialEq)]
enum What {
    Block(Block),
    Heading { level: u8, id: Option<String>, appendix: bool, numbered: bool, content: Vec<crate::block::Inline> },
    Embed(String),
}

/// Why a document cannot be made.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum DocumentError {
    /// The front matter is missing or wrong.
    #[error("document/{document}.md, front matter: {message}")]
    Front {
        /// The document's name.
        document: String,
        /// What is wrong.
        message: String,
    },
    /// Something in the text that documents do not have.
    #[error("document/{document}.md, line {line}: {what}")]
    Unsupported {
        /// The document's name.
        document: String,
        /// The line, counted from 1.
        line: usize,
        /// What it is.
        what: String,
    },
    /// A display that does not exist.
    #[error("document/{document}.md, line {line}: there is no display `{name}` (there are: {known})")]
    NoDisplay {
        /// The document's name.
        document: String,
        /// The line, counted from 1.
        line: usize,
        /// The display's name.
        name: String,
        /// The displays that exist.
        known: String,
    },
    /// An identifier given twice.
    #[error("document/{document}.md, line {line}: `{id}` already names something above")]
    Twice {
        /// The document's name.
        document: String,
        /// The line, counted from 1.
        line: usize,
        /// The identifier.
        id: String,
    },
    /// A reference to nothing.
    #[error("document/{document}.md, line {line}: the reference `#{target}` leads nowhere")]
    NoTarget {
        /// The document's name.
        document: String,
        /// The line, counted from 1.
        line: usize,
        /// The identifier.
        target: String,
    },
    /// A value in braces cannot be shown.
    #[error("document/{document}.md, line {line}")]
    Value {
        /// The document's name.
        document: String,
        /// The line, counted from 1; 0 is the front matter.
        line: usize,
        /// Why.
        #[source]
        cause: ValueError,
    },
}

impl DocumentError {
    /// What to do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Front { .. } => "begin the file with +++, TOML keys with at least `title`, and +++",
            Self::Unsupported { .. } => {
                "write it in Markdown; pictures are displays of type figure, embedded by ![[name]]"
            }
            Self::NoDisplay { .. } => "use the name of a file in display/, without .toml",
            Self::Twice { .. } => {
                "embed a display once and refer to it by [](#name) elsewhere; give headings other identifiers"
            }
            Self::NoTarget { .. } => {
                "refer to a display embedded in this document, or to a heading by its {#identifier}"
            }
            Self::Value { cause, .. } => cause.hint(),
        }
    }
}

/// Reads a document; `name` is the file's name without `.md`.
pub fn parse(name: &str, markdown: &str) -> Result<Draft, DocumentError> {
    let (front, parts) = read::read(name, markdown)?;
    let front = front.ok_or_else(|| DocumentError::Front {
        document: name.to_owned(),
        message: "the file does not begin with it".to_owned(),
    })?;
    let front = toml::from_str(&front)
        .map_err(|e| DocumentError::Front { document: name.to_owned(), message: e.to_string().trim().to_owned() })?;
    Ok(Draft { name: name.to_owned(), front, parts })
}

impl Draft {
    /// The document's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Names of the displays embedded, in order.
    pub fn displays(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match &part.what {
            What::Embed(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// Puts in values and displays, numbers headings and displays, resolves references.
    pub fn render(&self, inputs: &Inputs<'_>, displays: &BTreeMap<String, Display>) -> Result<Document, DocumentError> {
        let front = |text: &str| {
            value::fill(inline::parse(text), inputs)
                .map(|inlines| plain(&inlines))
                .map_err(|cause| DocumentError::Value { document: self.name.clone(), line: 0, cause })
        };
        let mut fields = Vec::new();
        for (label, text) in &self.front.fields {
            fields.push((label.clone(), front(text)?));
        }
        let subtitle = self.front.subtitle.as_deref().map(front).transpose()?;
        let title_page = self.front.title_page.unwrap_or(subtitle.is_some() || !fields.is_empty());
        Ok(Document {
            title: front(&self.front.title)?,
            study: front(&self.front.study)?,
            version: front(&self.front.version)?,
            language: self.front.language.clone().unwrap_or_else(|| "en".to_owned()),
            paper: match self.front.paper {
                Some(PaperKey::Letter) => Paper::Letter,
                _ => Paper::A4,
            },
            title_page: title_page.then_some(TitlePage { subtitle, fields }),
            watermark: None,
            blocks: number::assemble(self, inputs, displays)?,
        })
    }
}

#[cfg(test)]
mod tests;
