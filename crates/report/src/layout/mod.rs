//! On which page does what stand?
//!
//! Two passes. The first ([`flow`]) breaks prose into lines and tables into slices of rows, and knows at its end how
//! many pages there are, on which page each heading and display stands, and how many pages each table takes. The second
//! is the writer's: it asks for one page's texts and rules at a time ([`Layout::placed`]), so that a listing of a
//! thousand pages is never held as glyphs.
//!
//! Rules of the house: margins of 25 mm; body 10.5 pt on 14.2 pt, at most 95 characters a line; tables 9 pt, listings
//! 8.5 pt, with three horizontal rules; no heading at the foot of a page; no single line of a paragraph alone; a table
//! that fits a page is not broken; where one is broken, title, head and footnotes stand on each of its pages, group
//! labels are repeated with "(continued)", and no row stands alone on either side.

pub mod flow;
mod grid;
mod prose;
pub mod table;
pub mod text;

use crate::block::{DisplayKind, Document};
use crate::figure::Figure;
use crate::font::{Fonts, Style};
use std::collections::BTreeMap;

/// Margin on all sides: 25 mm.
pub const MARGIN: f32 = 70.87;
/// Type size of prose.
pub const BODY: f32 = 10.5;
/// From baseline to baseline in prose: 1.35 times the size.
pub const LEADING: f32 = 14.2;
/// Widest line of prose: about 95 characters.
pub const MEASURE: f32 = 432.0;

/// A run of text in one face on one line.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// From the line's left end.
    pub x: f32,
    /// Its width.
    pub width: f32,
    /// The face.
    pub style: Style,
    /// Type size.
    pub size: f32,
    /// Raised above the baseline; below zero lowered.
    pub rise: f32,
    /// What it says.
    pub text: String,
    /// Where a click leads.
    pub link: Option<Link>,
}

/// Where a click leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// To an identifier of this document.
    Inside(String),
    /// To an address.
    Outside(String),
}

/// What a text means: a node of the structure tree, or nothing that is read aloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Part of a node, by its position in [`Layout::nodes`].
    Node(usize),
    /// Running heads, repeated heads, rules.
    Artifact,
}

/// What a node of the structure tree is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words of tagged PDF")]
pub enum NodeKind {
    Heading(u8, String),
    Paragraph,
    Quote,
    Code,
    List { numbered: bool },
    Item,
    ItemLabel,
    ItemBody,
    Contents,
    ContentsItem,
    Caption,
    Table,
    TableHead,
    TableBody,
    Row,
    HeadCell,
    RowHeadCell,
    Cell,
    Figure(String),
    Note,
}

/// A node of the structure tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// Position of the node that holds it; none for the top.
    pub parent: Option<usize>,
}

/// Something with its place on a page.
#[derive(Clone, Debug, PartialEq)]
pub enum Placed<'a> {
    /// A line of text: its left end and baseline.
    Text {
        /// Left end.
        x: f32,
        /// Baseline.
        y: f32,
        /// Its runs.
        runs: Vec<Run>,
        /// What it means.
        meaning: Meaning,
    },
    /// A horizontal rule.
    Rule {
        /// Left end.
        x: f32,
        /// Height.
        y: f32,
        /// Length.
        length: f32,
        /// Thickness.
        width: f32,
    },
    /// A vertical bar at the left of what is set apart.
    Bar {
        /// Left.
        x: f32,
        /// Top.
        y: f32,
        /// Height.
        height: f32,
    },
    /// A figure.
    Figure {
        /// Left.
        x: f32,
        /// Top.
        y: f32,
        /// Its size relative to how it was drawn.
        scale: f32,
        /// The figure.
        figure: &'a Figure,
        /// What it means.
        meaning: Meaning,
    },
}

/// What stands on a page, as the first pass knows it.
#[derive(Clone, Debug, PartialEq)]
enum Item<'a> {
    Placed(Placed<'a>),
    /// Rows of a table: position among the layout's tables and among the table's slices, and the top.
    Slice {
        table: usize,
        slice: usize,
        y: f32,
    },
    /// A line of the contents: its entry and baseline.
    Entry {
        entry: usize,
        y: f32,
        meaning: Meaning,
    },
}

/// One page.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<'a> {
    /// Width in points.
    pub width: f32,
    /// Height in points.
    pub height: f32,
    /// Whether the running head is left out.
    pub bare: bool,
    items: Vec<Item<'a>>,
}

/// A line of a list of headings or displays.
#[derive(Clone, Debug, PartialEq)]
struct Entry {
    indent: f32,
    number: String,
    title: String,
    target: String,
}

/// A heading or display for the outline.
#[derive(Clone, Debug, PartialEq)]
pub struct Bookmark {
    /// Depth from 1.
    pub level: u8,
    /// What it says.
    pub title: String,
    /// Where it leads.
    pub target: String,
}

/// A document's pages.
pub struct Layout<'a> {
    /// The document.
    pub document: &'a Document,
    /// The pages.
    pub pages: Vec<Page<'a>>,
    /// The structure tree; parents stand before their children.
    pub nodes: Vec<Node>,
    /// Page (from 0) and height of each identifier.
    pub anchors: BTreeMap<String, (usize, f32)>,
    /// Headings and displays in order.
    pub bookmarks: Vec<Bookmark>,
    tables: Vec<table::Prepared<'a>>,
    entries: Vec<Entry>,
}

/// Breaks a document into pages.
pub fn lay_out<'a>(document: &'a Document, fonts: &Fonts) -> Layout<'a> {
    flow::flow(document, fonts)
}

impl<'a> Layout<'a> {
    /// Everything on a page, first below: the second pass. `page` counts from 0.
    pub fn placed(&mut self, page: usize, fonts: &Fonts) -> Vec<Placed<'a>> {
        let mut out = Vec::new();
        self.running(page, fonts, &mut out);
        let items = std::mem::take(&mut self.pages[page].items);
        for item in items {
            match item {
                Item::Placed(placed) => out.push(placed),
                Item::Slice { table, slice, y } => {
                    self.tables[table].draw(slice, y, fonts, &mut self.nodes, &mut out);
                }
                Item::Entry { entry, y, meaning } => self.entry(page, entry, y, meaning, fonts, &mut out),
            }
        }
        out
    }

    /// Running head and foot, watermark.
    fn running(&self, page: usize, fonts: &Fonts, out: &mut Vec<Placed<'a>>) {
        const SIZE: f32 = 8.5;
        let Page { width, height, bare, .. } = self.pages[page];
        let mut line = |text: &str, style: Style, y: f32, align: f32| {
            let length = fonts.width(style, SIZE, text);
            let x = MARGIN + (width - 2.0 * MARGIN - length) * align;
            let run = Run { x: 0.0, width: length, style, size: SIZE, rise: 0.0, text: text.to_owned(), link: None };
            if !text.is_empty() {
                out.push(Placed::Text { x, y, runs: vec![run], meaning: Meaning::Artifact });
            }
        };
        if let Some(words) = &self.document.watermark {
            line(words, Style::Bold, 26.0, 0.5);
        }
        line(&format!("Page {} of {}", page + 1, self.pages.len()), Style::Regular, height - 38.0, 1.0);
        if bare {
            return;
        }
        line(&self.document.study, Style::Regular, 44.0, 0.0);
        let title = text::shortened(fonts, Style::Regular, SIZE, &self.document.title, width - 2.0 * MARGIN - 150.0);
        line(&title, Style::Regular, 44.0, 0.5);
        line(&self.document.version, Style::Regular, 44.0, 1.0);
        out.push(Placed::Rule { x: MARGIN, y: 49.0, length: width - 2.0 * MARGIN, width: 0.4 });
    }

    /// A line of the contents: number, title, dots, page.
    fn entry(&self, page: usize, at: usize, y: f32, meaning: Meaning, fonts: &Fonts, out: &mut Vec<Placed<'a>>) {
        let entry = &self.entries[at];
        let width = self.pages[page].width - 2.0 * MARGIN;
        let target = self.anchors.get(&entry.target).map_or(0, |(page, _)| page + 1);
        let number = target.to_string();
        let number_width = fonts.width(Style::Regular, BODY, &number);
        let mut x = entry.indent;
        let mut runs = Vec::new();
        let mut push = |x: &mut f32, text: String, link: bool| {
            let length = fonts.width(Style::Regular, BODY, &text);
            runs.push(Run {
                x: *x,
                width: length,
                style: Style::Regular,
                size: BODY,
                rise: 0.0,
                text,
                link: link.then(|| Link::Inside(entry.target.clone())),
            });
            *x += length;
        };
        if !entry.number.is_empty() {
            push(&mut x, format!("{} ", entry.number), true);
            x = x.max(entry.indent + 24.0).max(x + 3.0);
        }
        let room = width - x - number_width - 16.0;
        push(&mut x, format!("{} ", text::shortened(fonts, Style::Regular, BODY, &entry.title, room)), true);
        // Dots stand on a grid from the right, so that they stand under each other.
        let dot = fonts.width(Style::Regular, BODY, " .");
        let dots = ((width - number_width - 8.0 - x) / dot).floor().max(0.0);
        let mut start = width - number_width - 6.0 - dots * dot;
        push(&mut start, " .".repeat(dots as usize), false);
        let mut end = width - number_width;
        push(&mut end, number, true);
        out.push(Placed::Text { x: MARGIN, y, runs, meaning });
    }

    /// The page, from 1, of each row of the tables, by the row's name.
    pub fn row_pages(&self) -> BTreeMap<&'a str, u32> {
        let mut found = BTreeMap::new();
        for (page, number) in self.pages.iter().zip(1..) {
            for item in &page.items {
                if let Item::Slice { table, slice, .. } = item {
                    found.extend(self.tables[*table].row_names(*slice).map(|name| (name, number)));
                }
            }
        }
        found
    }

    /// Pages that each display takes, by its name: for who writes them elsewhere.
    pub fn display_pages(&self) -> BTreeMap<&str, usize> {
        self.tables.iter().filter_map(|t| t.display.map(|d| (d.name.as_str(), t.slices.len()))).collect()
    }
}

/// Type size and leading of a display's table.
fn table_type(kind: DisplayKind) -> (f32, f32) {
    match kind {
        DisplayKind::Listing => (8.5, 10.8),
        DisplayKind::Table | DisplayKind::Figure => (9.0, 11.6),
    }
}
