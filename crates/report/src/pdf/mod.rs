//! How is a document written as PDF?
//!
//! PDF/A-2b (ISO 19005-2), checked by krilla's validator while it is written: fonts embedded as subsets with their
//! characters, colours by profile, metadata in XMP. Headings and displays are bookmarks, references and contents are
//! links that keep the reader's zoom, and a file with bookmarks opens with them shown. Prose, tables and figures are
//! tagged in reading order; a listing is one paragraph, since tags of every cell make the file fourteen times larger.
//!
//! The same document and the same [`Meta`] give the same bytes: the only time in the file is the one given.
//! Not done: linearisation ("fast web view").

mod draw;
mod page_mode;
mod structure;

use crate::block::Document;
use crate::font::{Fonts, Style};
use crate::layout::{self, Bookmark, Layout};
use draw::Pen;
use krilla::SerializeSettings;
use krilla::configure::{Archival, ConfigurationBuilder, PdfVersion};
use krilla::destination::XyzDestination;
use krilla::geom::Point;
use krilla::metadata::{DateTime, Metadata};
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::text::Font;
use std::collections::BTreeMap;

/// What stands in the file's metadata.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meta {
    /// Who wrote it: a person or an organisation.
    pub author: String,
    /// What it is about.
    pub subject: String,
    /// Words to find it by.
    pub keywords: Vec<String>,
    /// Program and version.
    pub creator: String,
    /// When it was made (UTC); the snapshot's lock, not the clock. PDF/A wants one.
    pub created: Timestamp,
    /// What makes this file's identity, such as the hash of its inputs.
    pub identity: String,
}

/// A time in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the parts of a time")]
pub struct Timestamp {
    pub year: u16,
    pub month: u8,
    pub day: u8,
    pub hour: u8,
    pub minute: u8,
    pub second: u8,
}

impl Default for Timestamp {
    /// The beginning of 1970: visibly no time at all.
    fn default() -> Self {
        Self { year: 1970, month: 1, day: 1, hour: 0, minute: 0, second: 0 }
    }
}

/// Why a document cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum PdfError {
    /// No bundled font has a character.
    #[error("no font has the character `{character}` (U+{:04X}) of \"{text}\"", *character as u32)]
    NoGlyph {
        /// The character.
        character: char,
        /// Where it stands.
        text: String,
    },
    /// The PDF would break a rule of PDF/A, or a limit.
    #[error("the PDF cannot be written: {problem}")]
    Invalid {
        /// What the validator says.
        problem: String,
    },
}

impl PdfError {
    /// What to do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoGlyph { .. } => {
                "write the character in another way: Latin, Greek, Cyrillic and the usual signs are there"
            }
            Self::Invalid { .. } => "report this with the document: every document should be a valid PDF/A-2b",
        }
    }
}

/// Writes the document.
pub fn write(document: &Document, meta: &Meta) -> Result<Vec<u8>, PdfError> {
    let fonts = Fonts::new();
    let layout = layout::lay_out(document, &fonts);
    write_layout(document, meta, layout, &fonts)
}

/// The physical page, from 1, of each row of the document's tables, by the row's name: for who refers to it from another file.
pub fn row_pages(document: &Document) -> BTreeMap<&str, u32> {
    layout::lay_out(document, &Fonts::new()).row_pages()
}

fn write_layout(document: &Document, meta: &Meta, mut layout: Layout<'_>, fonts: &Fonts) -> Result<Vec<u8>, PdfError> {
    let configuration = ConfigurationBuilder::new()
        .with_version(PdfVersion::Pdf17)
        .with_archival_validator(Archival::A2_B)
        .finish()
        .map_err(|e| PdfError::Invalid { problem: format!("{e:?}") })?;
    let settings = SerializeSettings { configuration, enable_tagging: true, ..SerializeSettings::default() };
    let mut pdf = krilla::Document::new_with(settings);
    let faces = faces()?;
    let mut tree = structure::Tree::default();
    for page in 0..layout.pages.len() {
        let placed = layout.placed(page, fonts);
        let (width, height) = (layout.pages[page].width, layout.pages[page].height);
        let settings = PageSettings::from_wh(width, height)
            .ok_or_else(|| PdfError::Invalid { problem: "a page has no size".to_owned() })?;
        let mut out = pdf.start_page_with(settings);
        let mut surface = out.surface();
        let mut pen = Pen::new(&mut surface, fonts, &faces, &mut tree);
        pen.page(&placed);
        let (links, failure) = pen.done();
        surface.finish();
        if let Some(failure) = failure {
            return Err(failure);
        }
        for link in links {
            link.add(&mut out, &layout, &mut tree);
        }
        out.finish();
    }
    pdf.set_outline(outline(&layout));
    pdf.set_tag_tree(tree.finish(&layout.nodes, language(document)));
    pdf.set_metadata(metadata(document, meta));
    let bookmarks = !layout.bookmarks.is_empty();
    let bytes =
        pdf.finish().map_err(|e| PdfError::Invalid { problem: format!("{e}: {e:?}").chars().take(400).collect() })?;
    Ok(if bookmarks { page_mode::show_outlines(bytes) } else { bytes })
}

fn faces() -> Result<BTreeMap<&'static str, Font>, PdfError> {
    let mut faces = BTreeMap::new();
    for style in Style::ALL {
        let font = Font::new(style.bytes().into(), 0)
            .ok_or_else(|| PdfError::Invalid { problem: format!("{style:?} is no font") })?;
        faces.insert(draw::face_key(style), font);
    }
    Ok(faces)
}

fn language(document: &Document) -> String {
    if document.language.is_empty() { "en".to_owned() } else { document.language.clone() }
}

fn metadata(document: &Document, meta: &Meta) -> Metadata {
    let mut out = Metadata::new().title(document.title.clone()).language(language(document));
    if !meta.author.is_empty() {
        out = out.authors(vec![meta.author.clone()]);
    }
    if !meta.subject.is_empty() {
        out = out.description(meta.subject.clone());
    }
    if !meta.keywords.is_empty() {
        out = out.keywords(meta.keywords.clone());
    }
    if !meta.creator.is_empty() {
        out = out.creator(meta.creator.clone()).producer(meta.creator.clone());
    }
    if !meta.identity.is_empty() {
        out = out.document_id(meta.identity.clone());
    }
    let t = meta.created;
    let time = DateTime::new(t.year).month(t.month).day(t.day).hour(t.hour).minute(t.minute).second(t.second);
    out.creation_date(time.utc_offset_hour(0).utc_offset_minute(0))
}

/// The place that an identifier names.
fn destination(layout: &Layout<'_>, target: &str) -> Option<XyzDestination> {
    layout.anchors.get(target).map(|&(page, y)| XyzDestination::new(page, Point::from_xy(0.0, y)))
}

fn outline(layout: &Layout<'_>) -> Outline {
    let mut outline = Outline::new();
    let mut at = 0;
    while let Some(bookmark) = layout.bookmarks.get(at) {
        let (node, next) = outline_node(layout, bookmark, at + 1);
        if let Some(node) = node {
            outline.push_child(node);
        }
        at = next;
    }
    outline
}

/// A bookmark with those deeper than it that follow, and the position after them.
fn outline_node(layout: &Layout<'_>, bookmark: &Bookmark, mut at: usize) -> (Option<OutlineNode>, usize) {
    let mut node = destination(layout, &bookmark.target)
        .map(|place| OutlineNode::new(bookmark.title.clone(), place).with_open(bookmark.level == 1));
    while let Some(child) = layout.bookmarks.get(at).filter(|b| b.level > bookmark.level) {
        let (child, next) = outline_node(layout, child, at + 1);
        if let (Some(node), Some(child)) = (&mut node, child) {
            node.push_child(child);
        }
        at = next;
    }
    (node, at)
}

#[cfg(test)]
mod tests;
