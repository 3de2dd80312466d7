//! How is a document written for Word?
//!
//! Office Open XML (ECMA-376, transitional), as a word processor writes it: headings, captions, lists and notes have styles of their own, so that a
//! sponsor's template restyles the whole document; heads of tables repeat on each page; the table of contents, its page numbers and "Page x of y" are
//! fields; figures are enhanced metafiles with their description; references are links to bookmarks.
//!
//! **Word breaks the pages.** So a group label is not repeated with "(continued)" as in the PDF and the RTF; a label is kept with the row below it, and no row is
//! broken. A display that needs a wide page stands in a landscape section of its own.
//!
//! **Numbers are words.** Headings and displays bear the numbers that the PDF bears: Word does not count them anew.
//!
//! **The same bytes.** The archive's members have a fixed order and no time; the only time is that of [`Meta`], in the core properties.

mod inlines;
mod package;
mod styles;
mod table;

use crate::block::{Block, Body, ContentsOf, Display, Document, Heading, Inline, Paper, TitlePage, plain};
use crate::figure::{Figure, emf};
use crate::font::Fonts;
use crate::layout::{MARGIN, lay_out, table::too_wide};
use crate::pdf::Meta;
use inlines::escape;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Twentieths of a point.
fn twips(points: f32) -> i32 {
    (points * 20.0).round() as i32
}

/// Writes the document.
pub fn write(document: &Document, meta: &Meta) -> Vec<u8> {
    let fonts = Fonts::new();
    let mut docx = Docx {
        out: String::new(),
        document,
        bookmarks: bookmarks(document),
        pages: lay_out(document, &fonts).anchors.into_iter().map(|(id, (page, _))| (id, page + 1)).collect(),
        fonts: &fonts,
        parts: Parts::default(),
        open: false,
        wide: false,
        bare: document.title_page.is_some(),
    };
    if let Some(title_page) = &document.title_page {
        docx.title_page(title_page);
    }
    for block in &document.blocks {
        docx.block(block, 0);
    }
    let section = docx.section(docx.wide, "");
    docx.out.push_str(&section);
    package::package(document, meta, &docx.out, &docx.parts)
}

/// Bookmarks by identifier: Word wants letters, digits and at most 40 of them.
fn bookmarks(document: &Document) -> BTreeMap<String, (usize, String)> {
    let ids = document.blocks.iter().filter_map(|block| match block {
        Block::Heading(heading) => Some(&heading.id),
        Block::Display(display) => Some(&display.name),
        _ => None,
    });
    ids.enumerate().map(|(i, id)| (id.clone(), (i + 1, format!("croft{}", i + 1)))).collect()
}

/// What stands in parts of their own beside the text.
#[derive(Default)]
struct Parts {
    /// Footnotes, as paragraphs.
    notes: Vec<String>,
    /// Addresses out of the document.
    links: Vec<String>,
    /// Figures as metafiles.
    figures: Vec<Vec<u8>>,
    /// The first number of each numbered list.
    lists: Vec<u64>,
}

/// A text being written. Writing to a String cannot fail, so the results of `write!` are dropped.
struct Docx<'a> {
    out: String,
    document: &'a Document,
    bookmarks: BTreeMap<String, (usize, String)>,
    /// Pages of the PDF: what the contents say until Word has counted its own.
    pages: BTreeMap<String, usize>,
    fonts: &'a Fonts,
    parts: Parts,
    /// Whether the open section holds anything.
    open: bool,
    /// Whether the open section is landscape.
    wide: bool,
    /// Whether the open section begins with a title page, which has no running head.
    bare: bool,
}

impl Docx<'_> {
    fn inlines(&mut self, inlines: &[Inline]) -> String {
        inlines::Runs { bookmarks: &self.bookmarks, parts: &mut self.parts }.write(inlines, "")
    }

    fn paragraph(&mut self, style: &str, properties: &str, runs: &str) {
        let _ = writeln!(self.out, "<w:p><w:pPr><w:pStyle w:val=\"{style}\"/>{properties}</w:pPr>{runs}</w:p>");
        self.open = true;
    }

    /// Width and height of the text on a page.
    fn text_size(&self, landscape: bool) -> (f32, f32) {
        let (width, height) = page_size(self.document.paper, landscape);
        (width - 2.0 * MARGIN, height - 2.0 * MARGIN)
    }

    /// Properties of a section; `kind` is how it begins.
    fn section(&mut self, landscape: bool, kind: &str) -> String {
        let (width, height) = page_size(self.document.paper, landscape);
        let orientation = if landscape { " w:orient=\"landscape\"" } else { "" };
        let bare = std::mem::take(&mut self.bare);
        let first = if bare { "<w:footerReference w:type=\"first\" r:id=\"rIdFooter\"/>" } else { "" };
        let (width, height, margin) = (twips(width), twips(height), twips(MARGIN));
        let head = if landscape { "rIdHeaderWide" } else { "rIdHeader" };
        format!(
            "<w:sectPr><w:headerReference w:type=\"default\" r:id=\"{head}\"/><w:footerReference w:type=\"default\" r:id=\"rIdFooter\"/>{first}{kind}\
             <w:pgSz w:w=\"{width}\" w:h=\"{height}\"{orientation}/>\
             <w:pgMar w:top=\"{margin}\" w:right=\"{margin}\" w:bottom=\"{margin}\" w:left=\"{margin}\" w:header=\"{}\" w:footer=\"{}\" w:gutter=\"0\"/>{}</w:sectPr>",
            twips(32.0),
            twips(30.0),
            if bare { "<w:titlePg/>" } else { "" }
        )
    }

    /// Ends the open section, if anything is in it, with an empty paragraph that bears its properties; the next one is as wide as asked for.
    fn begin_section(&mut self, wide: bool) {
        if self.open {
            let section = self.section(self.wide, "<w:type w:val=\"nextPage\"/>");
            let _ = writeln!(self.out, "<w:p><w:pPr><w:pStyle w:val=\"SectionEnd\"/>{section}</w:pPr></w:p>");
        }
        (self.open, self.wide) = (false, wide);
    }

    fn title_page(&mut self, title_page: &TitlePage) {
        let title = run(&self.document.title);
        self.paragraph("Title", "", &title);
        if let Some(subtitle) = &title_page.subtitle {
            self.paragraph("Subtitle", "", &run(subtitle));
        }
        for (label, value) in &title_page.fields {
            let runs = format!("<w:r><w:rPr><w:b/></w:rPr>{}</w:r><w:r><w:tab/></w:r>{}", words(label), run(value));
            self.paragraph("TitleField", "", &runs);
        }
        self.page_break();
    }

    fn page_break(&mut self) {
        self.paragraph("PageBreak", "", "<w:r><w:br w:type=\"page\"/></w:r>");
    }

    fn block(&mut self, block: &Block, depth: u8) {
        if self.wide && !matches!(block, Block::Display(_)) {
            self.begin_section(false);
        }
        match block {
            Block::Heading(heading) => self.heading(heading),
            Block::Paragraph(inlines) => {
                let runs = self.inlines(inlines);
                self.paragraph("BodyText", &indent(depth), &runs);
            }
            Block::List { start, items } => self.list(*start, items, depth),
            Block::Quote(blocks) => self.quote(blocks, depth),
            Block::Code(code) => {
                for line in code.lines() {
                    self.paragraph("Code", &indent(depth), &run(line));
                }
            }
            Block::Table(table) => {
                let (width, _) = self.text_size(false);
                self.plain_table(table, width);
            }
            Block::Display(display) => self.display(display),
            Block::Contents(of) => self.contents(*of),
            Block::PageBreak => self.page_break(),
        }
    }

    fn bookmark(&self, id: &str, runs: &str) -> String {
        match self.bookmarks.get(id) {
            Some((number, name)) => format!(
                "<w:bookmarkStart w:id=\"{number}\" w:name=\"{name}\"/>{runs}<w:bookmarkEnd w:id=\"{number}\"/>"
            ),
            None => runs.to_owned(),
        }
    }

    fn heading(&mut self, heading: &Heading) {
        let level = heading.level.clamp(1, 6);
        let number = heading.number.as_ref().map(|n| format!("{}<w:r><w:tab/></w:r>", run(n))).unwrap_or_default();
        let runs = format!("{number}{}", self.inlines(&heading.content));
        let runs = self.bookmark(&heading.id, &runs);
        self.paragraph(&format!("Heading{level}"), "", &runs);
    }

    fn list(&mut self, start: Option<u64>, items: &[Vec<Block>], depth: u8) {
        let number = match start {
            Some(first) => {
                self.parts.lists.push(first);
                self.parts.lists.len() + 1
            }
            None => 1,
        };
        // Word has nine levels.
        let level = depth.min(8);
        for item in items {
            let marked = format!("<w:numPr><w:ilvl w:val=\"{level}\"/><w:numId w:val=\"{number}\"/></w:numPr>");
            let (first, rest) = match item.as_slice() {
                [Block::Paragraph(inlines), rest @ ..] => (self.inlines(inlines), rest),
                rest => (String::new(), rest),
            };
            self.paragraph("ListParagraph", &marked, &first);
            for block in rest {
                self.block(block, depth.saturating_add(1));
            }
        }
    }

    fn quote(&mut self, blocks: &[Block], depth: u8) {
        for block in blocks {
            match block {
                Block::Paragraph(inlines) => {
                    let runs = self.inlines(inlines);
                    self.paragraph("Quote", "", &runs);
                }
                other => self.block(other, depth.saturating_add(1)),
            }
        }
    }

    /// A field that Word fills anew, with the entries as they are now in it: links with the page as a field.
    fn contents(&mut self, of: ContentsOf) {
        let instruction = match of {
            ContentsOf::Headings => "TOC \\o \"1-3\" \\h \\z \\u".to_owned(),
            ContentsOf::Displays(kind) => format!("TOC \\h \\z \\t \"{} Caption,1\"", kind.word()),
        };
        let document = self.document;
        let mut entries: Vec<(u8, String, String)> = Vec::new();
        for block in &document.blocks {
            match (of, block) {
                (ContentsOf::Headings, Block::Heading(h)) if h.level <= 3 => {
                    let number =
                        h.number.as_ref().map(|n| format!("{}<w:r><w:tab/></w:r>", run(n))).unwrap_or_default();
                    entries.push((h.level, h.id.clone(), format!("{number}{}", run(&plain(&h.content)))));
                }
                (ContentsOf::Displays(kind), Block::Display(d)) if d.kind == kind => {
                    let words = format!("{}  {}", d.label(), plain(&d.title));
                    entries.push((1, d.name.clone(), run(&words)));
                }
                _ => {}
            }
        }
        let count = entries.len();
        for (i, (level, id, runs)) in entries.into_iter().enumerate() {
            let anchor = self.bookmarks.get(&id).map_or("", |(_, name)| name.as_str()).to_owned();
            let begin = if i == 0 { field_begin(&instruction) } else { String::new() };
            let end = if i + 1 == count { "<w:r><w:fldChar w:fldCharType=\"end\"/></w:r>" } else { "" };
            let page = format!(
                "{}<w:r><w:t>{}</w:t></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r>",
                field_begin(&format!("PAGEREF {anchor} \\h")),
                self.pages.get(&id).copied().unwrap_or(1)
            );
            let link = format!(
                "<w:hyperlink w:anchor=\"{anchor}\" w:history=\"1\">{runs}<w:r><w:tab/></w:r>{page}</w:hyperlink>"
            );
            let style =
                if matches!(of, ContentsOf::Headings) { format!("TOC{level}") } else { "TableofFigures".to_owned() };
            self.paragraph(&style, "", &format!("{begin}{link}{end}"));
        }
    }

    fn display(&mut self, display: &Display) {
        let paper = self.document.paper;
        let landscape = display.landscape.unwrap_or_else(|| match &display.body {
            Body::Table(table) => too_wide(self.fonts, table, display.kind, paper.size().0 - 2.0 * MARGIN),
            Body::Figures { .. } => false,
        });
        if landscape || self.wide {
            self.begin_section(landscape);
        }
        let caption = format!(
            "{}<w:r><w:t xml:space=\"preserve\">\u{2003}</w:t></w:r>{}",
            run(&display.label()),
            self.inlines(&display.title)
        );
        let caption = self.bookmark(&display.name, &caption);
        self.paragraph(&format!("{}Caption", display.kind.word()), "", &caption);
        if let Some(population) = &display.population {
            self.paragraph("Population", "", &run(population));
        }
        let (width, height) = self.text_size(landscape);
        match &display.body {
            Body::Table(table) => self.display_table(display, table, width),
            Body::Figures { figures, .. } => {
                for figure in figures {
                    self.figure(figure, width, height);
                }
            }
        }
        for note in &display.footnotes {
            let runs = self.inlines(note);
            self.paragraph("TableNote", "", &runs);
        }
        if let Some(fingerprint) = &display.fingerprint {
            self.paragraph("TableNote", "", &run(&format!("Inputs {fingerprint}")));
        }
        if display.footnotes.is_empty() && display.fingerprint.is_none() {
            self.paragraph("TableEnd", "", "");
        }
    }

    /// A figure as wide as the text at most, and with room for its caption and notes.
    fn figure(&mut self, figure: &Figure, width: f32, height: f32) {
        self.parts.figures.push(emf::write(figure));
        let number = self.parts.figures.len();
        let scale = (width / figure.width).min((height - 110.0) / figure.height).min(1.1);
        // English metric units: 12,700 a point.
        let emu = |points: f32| (points * scale * 12_700.0).round() as i64;
        let (cx, cy) = (emu(figure.width), emu(figure.height));
        let drawing = format!(
            "<w:r><w:drawing><wp:inline distT=\"0\" distB=\"0\" distL=\"0\" distR=\"0\"><wp:extent cx=\"{cx}\" cy=\"{cy}\"/>\
             <wp:docPr id=\"{number}\" name=\"Figure {number}\" descr=\"{alt}\"/>\
             <a:graphic xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\"><a:graphicData uri=\"http://schemas.openxmlformats.org/drawingml/2006/picture\">\
             <pic:pic xmlns:pic=\"http://schemas.openxmlformats.org/drawingml/2006/picture\"><pic:nvPicPr><pic:cNvPr id=\"{number}\" name=\"figure{number}.emf\" descr=\"{alt}\"/><pic:cNvPicPr/></pic:nvPicPr>\
             <pic:blipFill><a:blip r:embed=\"rIdFigure{number}\"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>\
             <pic:spPr><a:xfrm><a:off x=\"0\" y=\"0\"/><a:ext cx=\"{cx}\" cy=\"{cy}\"/></a:xfrm><a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom></pic:spPr></pic:pic>\
             </a:graphicData></a:graphic></wp:inline></w:drawing></w:r>",
            alt = escape(&figure.alt)
        );
        self.paragraph("Figure", "<w:keepNext/>", &drawing);
    }
}

/// Width and height of a page in points.
fn page_size(paper: Paper, landscape: bool) -> (f32, f32) {
    let (width, height) = paper.size();
    if landscape { (height, width) } else { (width, height) }
}

fn indent(depth: u8) -> String {
    if depth == 0 { String::new() } else { format!("<w:ind w:left=\"{}\"/>", 360 * i32::from(depth)) }
}

/// The beginning of a field up to its result, which is to be made anew when the file is opened.
fn field_begin(instruction: &str) -> String {
    format!(
        "<w:r><w:fldChar w:fldCharType=\"begin\" w:dirty=\"true\"/></w:r><w:r><w:instrText xml:space=\"preserve\"> {} </w:instrText></w:r><w:r><w:fldChar w:fldCharType=\"separate\"/></w:r>",
        escape(instruction)
    )
}

fn words(text: &str) -> String {
    format!("<w:t xml:space=\"preserve\">{}</w:t>", escape(text))
}

/// Undressed words as a run.
fn run(text: &str) -> String {
    format!("<w:r>{}</w:r>", words(text))
}
