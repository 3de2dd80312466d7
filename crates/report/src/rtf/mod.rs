//! How is a document written as RTF, as SAS programmers know it?
//!
//! RTF 1.9. Real tables (`\trowd`, `\cellx`, head rows with `\trhdr`), no pictures of tables. Each display is a section
//! of its own: its titles stand in the page head and its footnotes in the page foot of every page, with
//! "Page PAGE of NUMPAGES" as fields. Rows are cut into pages here, as in the PDF but a little shorter, so that group
//! labels are repeated with "(continued)" and no row stands alone; Word then has nothing to break. Numbers stand on a
//! decimal tab. Headings carry outline levels, notes are footnotes, references are links to bookmarks, figures are
//! enhanced metafiles.
//!
//! Contents are links without page numbers: only the program that shows the file knows its pages (Word makes a numbered
//! table of contents from the outline levels).

mod table;
mod text;

use crate::block::{Block, Body, ContentsOf, Display, Document, Heading, Inline, TitlePage, plain};
use crate::figure::emf;
use crate::font::Fonts;
use crate::layout::MARGIN;
use crate::pdf::Meta;
use std::collections::BTreeMap;
use std::fmt::Write;
use text::{Inlines, escape};

/// Twentieths of a point.
fn twips(points: f32) -> i32 {
    (points * 20.0).round() as i32
}

/// Writes the document.
pub fn write(document: &Document, meta: &Meta) -> Vec<u8> {
    let fonts = Fonts::new();
    let mut rtf = Rtf { out: String::new(), document, bookmarks: bookmarks(document), fonts: &fonts, section: None };
    rtf.begin(meta);
    if let Some(title_page) = &document.title_page {
        rtf.title_page(title_page);
    }
    for block in &document.blocks {
        rtf.block(block, 0);
    }
    rtf.out.push_str("}\n");
    rtf.out.into_bytes()
}

/// Names of bookmarks by identifier: Word wants letters and digits only.
fn bookmarks(document: &Document) -> BTreeMap<String, String> {
    let ids = document.blocks.iter().filter_map(|block| match block {
        Block::Heading(heading) => Some(&heading.id),
        Block::Display(display) => Some(&display.name),
        _ => None,
    });
    ids.enumerate().map(|(i, id)| (id.clone(), format!("croft{}", i + 1))).collect()
}

/// What kind of section is open.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Section {
    Prose,
    Display,
}

/// A file being written. Writing to a String cannot fail, so the results of `write!` are dropped.
struct Rtf<'a> {
    out: String,
    document: &'a Document,
    bookmarks: BTreeMap<String, String>,
    fonts: &'a Fonts,
    section: Option<Section>,
}

impl Rtf<'_> {
    fn begin(&mut self, meta: &Meta) {
        let (width, height) = self.document.paper.size();
        let t = meta.created;
        let _ = write!(
            self.out,
            "{{\\rtf1\\ansi\\ansicpg1252\\deff0\\uc1\n{{\\fonttbl{{\\f0\\froman\\fcharset0 Times New Roman;}}{{\\f1\\fmodern\\fcharset0 Courier New;}}}}\n{{\\colortbl;\\red0\\green51\\blue153;\\red176\\green0\\blue32;}}\n{{\\info{{\\title {}}}{{\\author {}}}{{\\creatim\\yr{}\\mo{}\\dy{}\\hr{}\\min{}\\sec{}}}}}\n\\paperw{}\\paperh{}\\margl{m}\\margr{m}\\margt{m}\\margb{m}\\widowctrl\\ftnbj\n",
            escape(&self.document.title),
            escape(&meta.author),
            t.year,
            t.month,
            t.day,
            t.hour,
            t.minute,
            t.second,
            twips(width),
            twips(height),
            m = twips(MARGIN)
        );
    }

    fn inlines(&self, inlines: &[Inline]) -> String {
        Inlines { bookmarks: &self.bookmarks }.write(inlines)
    }

    /// Begins a section; head and foot hold what stands on each of its pages.
    fn begin_section(&mut self, kind: Section, landscape: bool, head: &str, foot: &str) {
        if self.section.is_some() {
            self.out.push_str("\\sect\n");
        }
        self.section = Some(kind);
        let (width, height) = self.document.paper.size();
        let (width, height) = if landscape { (height, width) } else { (width, height) };
        let _ = writeln!(
            self.out,
            "\\sectd\\sbkpage\\headery{}\\footery{}\\pgwsxn{}\\pghsxn{}{}",
            twips(32.0),
            twips(30.0),
            twips(width),
            twips(height),
            if landscape { "\\lndscpsxn" } else { "" }
        );
        let text = width - 2.0 * MARGIN;
        let watermark = self
            .document
            .watermark
            .as_ref()
            .map(|words| format!("\\pard\\plain\\qc\\f0\\fs18\\b\\cf2 {}\\par\n", escape(words)));
        let _ = write!(
            self.out,
            "{{\\header {}\\pard\\plain\\f0\\fs17\\brdrb\\brdrs\\brdrw5\\tqc\\tx{}\\tqr\\tx{} {}\\tab {}\\tab {}\\par\n{head}}}\n",
            watermark.unwrap_or_default(),
            twips(text / 2.0),
            twips(text),
            escape(&self.document.study),
            escape(&short(&self.document.title)),
            escape(&self.document.version)
        );
        let _ = writeln!(
            self.out,
            "{{\\footer {foot}\\pard\\plain\\qr\\f0\\fs17 Page {{\\field{{\\*\\fldinst PAGE}}{{\\fldrslt 1}}}} of {{\\field{{\\*\\fldinst NUMPAGES}}{{\\fldrslt 1}}}}\\par}}"
        );
    }

    fn prose(&mut self) {
        if self.section != Some(Section::Prose) {
            self.begin_section(Section::Prose, false, "", "");
        }
    }

    fn title_page(&mut self, title_page: &TitlePage) {
        self.prose();
        let _ = writeln!(self.out, "\\pard\\plain\\sb2400\\sa200\\f0\\fs48\\b {}\\par", escape(&self.document.title));
        if let Some(subtitle) = &title_page.subtitle {
            let _ = writeln!(self.out, "\\pard\\plain\\sa600\\f0\\fs28 {}\\par", escape(subtitle));
        }
        for (label, value) in &title_page.fields {
            let _ = writeln!(
                self.out,
                "\\pard\\plain\\sa80\\fi-2600\\li2600\\tx2600\\f0\\fs22 {}\\tab {}\\par",
                escape(label),
                escape(value)
            );
        }
        self.out.push_str("\\page\n");
    }

    fn block(&mut self, block: &Block, indent: i32) {
        match block {
            Block::Heading(heading) => self.heading(heading),
            Block::Paragraph(inlines) => {
                self.prose();
                let text = self.inlines(inlines);
                let _ = writeln!(self.out, "\\pard\\plain\\li{indent}\\sa100\\sl276\\slmult1\\f0\\fs21 {text}\\par");
            }
            Block::List { start, items } => self.list(*start, items, indent),
            Block::Quote(blocks) => self.quote(blocks, indent),
            Block::Code(code) => {
                self.prose();
                for line in code.lines() {
                    let _ = writeln!(self.out, "\\pard\\plain\\li{indent}\\f1\\fs16 {}\\par", escape(line));
                }
            }
            Block::Table(table) => {
                self.prose();
                let (width, _) = self.document.paper.size();
                self.plain_table(table, width - 2.0 * MARGIN);
            }
            Block::Display(display) => self.display(display),
            Block::Contents(of) => self.contents(*of),
            Block::PageBreak => {
                if self.section == Some(Section::Prose) {
                    self.out.push_str("\\page\n");
                }
            }
        }
    }

    fn bookmark(&self, id: &str) -> String {
        match self.bookmarks.get(id) {
            Some(name) => format!("{{\\*\\bkmkstart {name}}}{{\\*\\bkmkend {name}}}"),
            None => String::new(),
        }
    }

    fn heading(&mut self, heading: &Heading) {
        self.prose();
        let level = heading.level.clamp(1, 6);
        let size = match level {
            1 => 32,
            2 => 26,
            3 => 23,
            _ => 21,
        };
        let number = heading.number.as_ref().map(|n| format!("{}  ", escape(n))).unwrap_or_default();
        let (mark, text) = (self.bookmark(&heading.id), self.inlines(&heading.content));
        let _ = writeln!(
            self.out,
            "\\pard\\plain\\keepn\\sb240\\sa100\\outlinelevel{}\\f0\\fs{size}\\b {mark}{number}{text}\\par",
            level - 1
        );
    }

    fn list(&mut self, start: Option<u64>, items: &[Vec<Block>], indent: i32) {
        self.prose();
        let inner = indent + 320;
        for (i, item) in items.iter().enumerate() {
            let label = match start {
                Some(first) => format!("{}.", first + i as u64),
                None => escape("•"),
            };
            let (first, rest) = match item.as_slice() {
                [Block::Paragraph(inlines), rest @ ..] => (self.inlines(inlines), rest),
                rest => (String::new(), rest),
            };
            let _ = writeln!(
                self.out,
                "\\pard\\plain\\fi-320\\li{inner}\\tx{inner}\\sa60\\f0\\fs21 {label}\\tab {first}\\par"
            );
            for block in rest {
                self.block(block, inner);
            }
        }
    }

    fn quote(&mut self, blocks: &[Block], indent: i32) {
        self.prose();
        for block in blocks {
            match block {
                Block::Paragraph(inlines) => {
                    let text = self.inlines(inlines);
                    let _ = writeln!(
                        self.out,
                        "\\pard\\plain\\li{}\\brdrl\\brdrs\\brdrw20\\brsp100\\sa100\\f0\\fs21 {text}\\par",
                        indent + 240
                    );
                }
                other => self.block(other, indent + 240),
            }
        }
    }

    fn contents(&mut self, of: ContentsOf) {
        self.prose();
        let document = self.document;
        for block in &document.blocks {
            let (level, id, words) = match (of, block) {
                (ContentsOf::Headings, Block::Heading(h)) if h.level <= 3 => {
                    let number = h.number.as_ref().map(|n| format!("{n}  ")).unwrap_or_default();
                    (h.level, &h.id, format!("{number}{}", plain(&h.content)))
                }
                (ContentsOf::Displays(kind), Block::Display(d)) if d.kind == kind => {
                    (1, &d.name, format!("{}  {}", d.label(), plain(&d.title)))
                }
                _ => continue,
            };
            let entry = Inline::Reference { target: id.clone(), content: vec![Inline::Text(words)] };
            let text = self.inlines(&[entry]);
            let indent = i32::from(level - 1) * 320;
            let _ = writeln!(self.out, "\\pard\\plain\\li{indent}\\sa40\\f0\\fs21 {text}\\par");
        }
    }

    /// A display on pages of its own, titles above and footnotes below on each.
    fn display(&mut self, display: &Display) {
        let landscape = table::is_landscape(self.fonts, display, self.document.paper);
        let mut head = format!(
            "\\pard\\plain\\keepn\\sb160\\f0\\fs20\\b {}\\~\\~{}\\par\n",
            escape(&display.label()),
            self.inlines(&display.title)
        );
        if let Some(population) = &display.population {
            let _ = writeln!(head, "\\pard\\plain\\f0\\fs19\\i {}\\par", escape(population));
        }
        head.push_str("\\pard\\plain\\fs8\\par\n");
        let mut foot: String = display
            .footnotes
            .iter()
            .map(|note| format!("\\pard\\plain\\f0\\fs16 {}\\par\n", self.inlines(note)))
            .collect();
        if let Some(fingerprint) = &display.fingerprint {
            let _ = writeln!(foot, "\\pard\\plain\\f0\\fs16 Inputs {}\\par", escape(fingerprint));
        }
        self.begin_section(Section::Display, landscape, &head, &foot);
        let mark = self.bookmark(&display.name);
        match &display.body {
            Body::Table(table) => self.display_table(display, table, landscape, &mark),
            Body::Figures { figures, .. } => {
                for (i, figure) in figures.iter().enumerate() {
                    let mark = if i == 0 { mark.as_str() } else { "\\page " };
                    let _ = write!(self.out, "\\pard\\plain\\qc {mark}");
                    self.picture(figure, landscape);
                    self.out.push_str("\\par\n");
                }
            }
        }
    }

    fn picture(&mut self, figure: &crate::figure::Figure, landscape: bool) {
        let (width, height) = self.document.paper.size();
        let (width, height) = if landscape { (height, width) } else { (width, height) };
        // Titles and footnotes need room of their own in the page's head and foot.
        let scale =
            ((width - 2.0 * MARGIN) / figure.width).min((height - 2.0 * MARGIN - 110.0) / figure.height).min(1.1);
        let _ = writeln!(
            self.out,
            "{{\\pict\\emfblip\\picw{}\\pich{}\\picwgoal{}\\pichgoal{}",
            (figure.width * 2540.0 / 72.0).round(),
            (figure.height * 2540.0 / 72.0).round(),
            twips(figure.width * scale),
            twips(figure.height * scale)
        );
        for (i, byte) in emf::write(figure).iter().enumerate() {
            if i > 0 && i % 64 == 0 {
                self.out.push('\n');
            }
            let _ = write!(self.out, "{byte:02x}");
        }
        self.out.push('}');
    }
}

/// A title that fits between study and version.
fn short(title: &str) -> String {
    match title.char_indices().nth(70) {
        Some((at, _)) => format!("{}…", title[..at].trim_end()),
        None => title.to_owned(),
    }
}

#[cfg(test)]
mod tests;
