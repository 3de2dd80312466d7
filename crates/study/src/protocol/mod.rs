//! How does a study speak with those who plan in USDM? Study definitions (CDISC Unified Study Definitions Model, 4.0) in and out of the folder.
//!
//! ```text
//! protocol/usdm.json ──[view]──▶ what study.toml can say of it ──compared with──▶ study.toml ──[put]──▶ the document with the differences
//! ```
//!
//! A definition says far more than `study.toml` has places for. So the document that came in is kept whole, byte for byte, in `protocol/usdm.json`, and an
//! export is that document with the differences put in: where `study.toml` says what the document says, nothing is touched. Two laws follow, and are tested:
//! an import followed by an export gives an equal document, and what an edit of `study.toml` changed is read from the export.
//! A study written by hand has no kept document; its export begins with an empty one (`skeleton`), by the same way.
//!
//! | room | question |
//! |---|---|
//! | `read` | is this a definition that can be taken in? |
//! | `view`, `timing` | what can `study.toml` say of it? |
//! | `put` | how is a difference put into a document? |
//! | `terms` | which code of CDISC's terminology is this word? |
//! | `schedule` | the schedule of activities as a table |
//! | `words`, `m11` | what a protocol document says of the study, and a document to begin with |
//!
//! What has no place on the other side is a [`Remark`]: nothing is lost in silence.

mod facts;
mod json;
pub(crate) mod m11;
mod put;
mod read;
mod schedule;
mod skeleton;
mod terms;
mod timeline;
mod timing;
mod view;
mod words;

pub use read::ProtocolError;
pub(crate) use words::fill as fill_words;

use crate::definition::Definition;
use crate::error::StudyError;
use crate::forms::Form;
use crate::{sources, template};
use croft_report::block::Display;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::Path;

/// Where the document that came in is kept.
pub const KEPT: &str = "protocol/usdm.json";

/// Where a protocol document begins.
pub const DOCUMENT: &str = "document/protocol.md";

/// What has no place on the other side, or needs a look.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Remark {
    /// What it is about: an item of the study, or a place of the document.
    pub about: String,
    /// What there is to say.
    pub message: String,
}

/// A definition that came in.
#[derive(Clone, Debug)]
pub struct Imported {
    /// What `study.toml` says of it.
    pub definition: Definition,
    /// What has no place there.
    pub remarks: Vec<Remark>,
}

/// A definition to go out.
#[derive(Clone, Debug)]
pub struct Exported {
    /// The document.
    pub document: Value,
    /// What has no place in it.
    pub remarks: Vec<Remark>,
}

/// Reads a study definition.
///
/// # Errors
/// When it is not a USDM 4 document whose parts name each other rightly.
pub fn import(bytes: &[u8]) -> Result<Imported, ProtocolError> {
    let document = read::read(bytes)?;
    let seen = view::view(&document)?;
    Ok(Imported { definition: seen.definition(), remarks: seen.remarks })
}

/// The study as a USDM 4 document: the kept one with what `study.toml` says otherwise, or, without one, a new one.
///
/// # Errors
/// When the kept document cannot be read, or the study leaves out what others of its parts refer to.
pub fn export(definition: &Definition, forms: &[Form], kept: Option<&[u8]>) -> Result<Exported, StudyError> {
    let activities = croft_design::protocol::schedule(definition, forms)?;
    let mut document = match kept {
        Some(bytes) => read::read(bytes)?,
        None => skeleton::skeleton(definition),
    };
    let seen = view::view(&document)?;
    let remarks = put::put(&mut document, &seen, definition, &activities, kept.is_none())?;
    Ok(Exported { document, remarks })
}

/// Reads a document and writes a study folder from it: `study.toml`, the document itself, and a protocol document to begin with.
///
/// # Errors
/// When the document cannot be read, or the folder exists and is not empty.
pub fn import_into(bytes: &[u8], root: &Path) -> Result<Imported, StudyError> {
    let imported = import(bytes)?;
    if root.exists() && !root.is_dir() {
        return Err(StudyError::NotAFolder(root.to_path_buf()));
    }
    if root.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(StudyError::NotEmpty(root.to_path_buf()));
    }
    let text = toml::to_string_pretty(&imported.definition).map_err(|e| StudyError::Text {
        file: "study.toml".to_owned(),
        message: e.to_string(),
        hint: "report this with the document: every definition that can be read can be written".to_owned(),
    })?;
    let head = format!(
        "# What this study is, taken in from a study definition; what has no place here is kept in {KEPT}.\n\n"
    );
    template::write(root, "study.toml", format!("{head}{text}").as_bytes())?;
    template::write(root, KEPT, bytes)?;
    let scheduled = !add_schedule(&imported.definition, &[], &mut BTreeMap::new())?.is_empty();
    template::write(root, DOCUMENT, m11::document(&imported.definition, scheduled).text.as_bytes())?;
    Ok(imported)
}

/// The study of a folder as a USDM 4 document. Bytes are those that came in when `study.toml` says nothing else.
///
/// # Errors
/// When the folder or its kept document cannot be read.
pub fn export_from(root: &Path) -> Result<(Vec<u8>, Exported), StudyError> {
    let definition = Definition::parse(&sources::read_definition(root)?.text)?;
    let forms = sources::read_forms(root)?;
    let kept = sources::read_if_there(root, KEPT)?;
    let exported = export(&definition, &forms, kept.as_deref())?;
    let bytes = match kept {
        Some(bytes) if serde_json::from_slice::<Value>(&bytes).is_ok_and(|kept| kept == exported.document) => bytes,
        _ => format!("{:#}\n", exported.document).into_bytes(),
    };
    Ok((bytes, exported))
}

/// What [`write_document`] did.
#[derive(Clone, Debug)]
pub struct Written {
    /// Whether a document to begin with was written; it is never written over one that is there.
    pub begun: bool,
    /// Sections that it leaves to their author, when it was begun.
    pub gaps: Vec<String>,
    /// The files made of the document, below `out/`.
    pub files: Vec<String>,
}

/// Makes the protocol document as files for people, before anything is recorded; begins it where there is none.
///
/// A study's document bears the time of its lock. A protocol is read before there is one, so its files bear none (the first of January 1970) until a build.
///
/// # Errors
/// When the folder cannot be read or written, or the document names what the study does not have.
pub fn write_document(root: &Path) -> Result<Written, StudyError> {
    let definition = Definition::parse(&sources::read_definition(root)?.text)?;
    let forms = sources::read_forms(root)?;
    let mut written = Written { begun: false, gaps: Vec::new(), files: Vec::new() };
    let mut displays = BTreeMap::new();
    let scheduled = !add_schedule(&definition, &forms, &mut displays)?.is_empty();
    if sources::read_if_there(root, DOCUMENT)?.is_none() {
        let draft = m11::document(&definition, scheduled);
        template::write(root, DOCUMENT, draft.text.as_bytes())?;
        written.begun = true;
        written.gaps = draft.gaps;
    }
    let text = sources::read_text(root, DOCUMENT)?;
    for (file, bytes) in crate::document::planned_files(&definition, &text, &displays)? {
        template::write(&root.join("out"), &file, &bytes)?;
        written.files.push(file);
    }
    Ok(written)
}

/// Adds the schedule of activities to the displays that documents may embed, unless the study has displays of these names. Answers its names.
pub(crate) fn add_schedule(
    definition: &Definition,
    forms: &[Form],
    displays: &mut BTreeMap<String, Display>,
) -> Result<Vec<String>, StudyError> {
    let activities = croft_design::protocol::schedule(definition, forms)?;
    if displays.contains_key(schedule::NAME) {
        return Ok(Vec::new());
    }
    let mut names = Vec::new();
    for (name, display) in schedule::display(definition, &activities) {
        if let Entry::Vacant(place) = displays.entry(name) {
            names.push(place.key().clone());
            place.insert(display);
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests;
