//! How do blocks follow each other over the pages?
//!
//! Blocks are placed from the top; headings wait until what follows them is known, so that they go with it: onto its
//! page and into its orientation. Displays that are wider than the upright page stand on landscape pages of their own;
//! prose after them begins a new upright page.

use super::prose::Prose;
use super::table::{self, Nodes, Prepared};
use super::text::Breaker;
use super::{BODY, Bookmark, Entry, Item, LEADING, Layout, MARGIN, Meaning, Node, NodeKind, Page, Placed};
use crate::block::{Block, Body, ContentsOf, Display, DisplayKind, Document, Heading, Table, TitlePage, plain};
use crate::figure::Figure;
use crate::font::{Fonts, Style};
use std::collections::BTreeMap;

/// Space above the text area on every page: below the running head.
const TOP: f32 = MARGIN - 4.0;
/// Space between displays and what surrounds them.
const APART: f32 = 14.0;

/// When a table that does not fit where it is goes to a new page.
#[derive(Clone, Copy, PartialEq)]
enum Moves {
    Never,
    /// When there is little room left.
    FromLittleRoom,
    /// Also when it then is in one piece.
    ToStandWhole,
}

pub(super) struct Flow<'a, 'f> {
    pub(super) fonts: &'f Fonts,
    document: &'a Document,
    pages: Vec<Page<'a>>,
    pub(super) nodes: Vec<Node>,
    anchors: BTreeMap<String, (usize, f32)>,
    bookmarks: Vec<Bookmark>,
    tables: Vec<Prepared<'a>>,
    entries: Vec<Entry>,
    pub(super) breaker: Breaker<'f>,
    /// Height of the notes that wait at the foot of the page, and the notes.
    notes_height: f32,
    notes: Vec<usize>,
    pub(super) y: f32,
    /// Headings that go with what comes next.
    waiting: Vec<&'a Heading>,
}

/// Places all blocks.
pub(super) fn flow<'a>(document: &'a Document, fonts: &Fonts) -> Layout<'a> {
    let mut flow = Flow {
        fonts,
        document,
        pages: Vec::new(),
        nodes: Vec::new(),
        anchors: BTreeMap::new(),
        bookmarks: Vec::new(),
        tables: Vec::new(),
        entries: Vec::new(),
        breaker: Breaker::new(fonts),
        notes_height: 0.0,
        notes: Vec::new(),
        y: TOP,
        waiting: Vec::new(),
    };
    match &document.title_page {
        Some(title_page) => flow.title_page(title_page),
        None => flow.new_page(false),
    }
    for block in &document.blocks {
        flow.block(block);
    }
    flow.place_waiting(false, 0.0);
    flow.end_page();
    // A page that was begun for more and holds nothing is no page.
    if flow.pages.len() > 1 && flow.page().items.is_empty() {
        flow.pages.pop();
    }
    Layout {
        document,
        pages: flow.pages,
        nodes: flow.nodes,
        anchors: flow.anchors,
        bookmarks: flow.bookmarks,
        tables: flow.tables,
        entries: flow.entries,
    }
}

impl<'a> Flow<'a, '_> {
    fn page(&self) -> &Page<'a> {
        &self.pages[self.pages.len() - 1]
    }

    pub(super) fn page_count(&self) -> usize {
        self.pages.len()
    }

    fn is_landscape(&self) -> bool {
        self.page().width > self.page().height
    }

    /// Width of the text area.
    pub(super) fn width(&self) -> f32 {
        self.page().width - 2.0 * MARGIN
    }

    /// Lowest place for text on this page.
    fn bottom(&self) -> f32 {
        self.page().height - MARGIN + 8.0 - self.notes_height
    }

    pub(super) fn room(&self) -> f32 {
        self.bottom() - self.y
    }

    fn full_room(&self) -> f32 {
        self.page().height - MARGIN + 8.0 - TOP
    }

    fn new_page(&mut self, landscape: bool) {
        if !self.pages.is_empty() {
            self.end_page();
        }
        let (width, height) = self.document.paper.size();
        let (width, height) = if landscape { (height, width) } else { (width, height) };
        self.pages.push(Page { width, height, bare: false, items: Vec::new() });
        self.y = TOP;
    }

    /// Sets the notes called on this page at its foot.
    fn end_page(&mut self) {
        let notes = std::mem::take(&mut self.notes);
        if notes.is_empty() {
            return;
        }
        let mut y = self.page().height - MARGIN + 8.0 - self.notes_height + 8.0;
        self.put(Placed::Rule { x: MARGIN, y, length: 90.0, width: 0.4 });
        for note in notes {
            let node = self.node(NodeKind::Note, None);
            for line in self.note_lines(note) {
                y += 10.4;
                self.put(Placed::Text { x: MARGIN, y, runs: line.runs, meaning: Meaning::Node(node) });
            }
        }
        self.notes_height = 0.0;
    }

    fn note_lines(&self, note: usize) -> Vec<super::text::Line> {
        let number = crate::block::Inline::Superscript(vec![crate::block::Inline::Text((note + 1).to_string())]);
        let mut text = vec![number, crate::block::Inline::Text("\u{a0}".to_owned())];
        text.extend(self.breaker.notes[note].iter().cloned());
        Breaker::new(self.fonts).lines(&text, Style::Regular, 8.5, self.width().min(super::MEASURE))
    }

    /// Keeps room for the notes called in a line.
    pub(super) fn claim_notes(&mut self, notes: &[usize]) {
        for &note in notes {
            let lines = self.note_lines(note).len();
            self.notes_height += lines as f32 * 10.4 + if self.notes.is_empty() { 14.0 } else { 0.0 };
            self.notes.push(note);
        }
    }

    /// Height that the notes of a line would take.
    pub(super) fn notes_cost(&self, notes: &[usize]) -> f32 {
        let lines: usize = notes.iter().map(|&n| self.note_lines(n).len()).sum();
        if notes.is_empty() { 0.0 } else { lines as f32 * 10.4 + if self.notes.is_empty() { 14.0 } else { 0.0 } }
    }

    pub(super) fn put(&mut self, placed: Placed<'a>) {
        let last = self.pages.len() - 1;
        self.pages[last].items.push(Item::Placed(placed));
    }

    pub(super) fn node(&mut self, kind: NodeKind, parent: Option<usize>) -> usize {
        self.nodes.push(Node { kind, parent });
        self.nodes.len() - 1
    }

    fn anchor(&mut self, id: &str) {
        let place = (self.pages.len() - 1, (self.y - 6.0).max(0.0));
        self.anchors.insert(id.to_owned(), place);
    }

    fn block(&mut self, block: &'a Block) {
        match block {
            Block::Heading(heading) => self.waiting.push(heading),
            Block::PageBreak => {
                self.place_waiting(false, 0.0);
                if self.y > TOP {
                    self.new_page(false);
                }
            }
            Block::Table(table) => self.plain_table(table),
            Block::Display(display) => self.display(display),
            Block::Contents(of) => self.contents(*of),
            prose => {
                self.place_waiting(false, 3.0 * LEADING);
                Prose::new(self).block(prose, None);
                self.y += 4.0;
            }
        }
    }

    /// A new page when this is landscape or the room is less than needed.
    pub(super) fn ensure(&mut self, needed: f32) {
        if self.room() < needed && self.y > TOP {
            let landscape = self.is_landscape();
            self.new_page(landscape);
        }
    }

    /// Places waiting headings where at least `follows` fits below them, in this orientation.
    fn place_waiting(&mut self, landscape: bool, follows: f32) {
        if landscape != self.is_landscape() && (!self.waiting.is_empty() || follows > 0.0) {
            self.new_page(landscape);
        }
        let waiting = std::mem::take(&mut self.waiting);
        let heights: f32 = waiting.iter().map(|h| heading_height(h.level)).sum();
        if self.room() < heights + follows && self.y > TOP {
            self.new_page(landscape);
        }
        for heading in waiting {
            self.heading(heading);
        }
    }

    fn heading(&mut self, heading: &'a Heading) {
        let (size, above, below) = heading_type(heading.level);
        let mut content = Vec::new();
        let mut words = String::new();
        if let Some(number) = &heading.number {
            content.push(crate::block::Inline::Text(format!("{number}\u{2002}")));
            words = format!("{number} ");
        }
        content.extend(heading.content.iter().cloned());
        words.push_str(&plain(&heading.content));
        if self.y > TOP {
            self.y += above;
        }
        self.anchor(&heading.id);
        self.bookmarks.push(Bookmark { level: heading.level, title: words.clone(), target: heading.id.clone() });
        let node = self.node(NodeKind::Heading(heading.level, words), None);
        let style = if heading.level >= 4 { Style::BoldItalic } else { Style::Bold };
        let width = self.width().min(super::MEASURE);
        for line in self.breaker.lines(&content, style, size, width) {
            self.claim_notes(&line.notes);
            self.y += size * 1.25;
            let y = self.y - size * 0.28;
            self.put(Placed::Text { x: MARGIN, y, runs: line.runs, meaning: Meaning::Node(node) });
        }
        self.y += below;
    }

    fn title_page(&mut self, title_page: &'a TitlePage) {
        self.new_page(false);
        if let Some(page) = self.pages.last_mut() {
            page.bare = true;
        }
        let width = self.width();
        self.y = self.page().height * 0.24;
        let title = [crate::block::Inline::Text(self.document.title.clone())];
        let node = self.node(NodeKind::Paragraph, None);
        for line in Breaker::new(self.fonts).lines(&title, Style::Bold, 24.0, width) {
            self.y += 30.0;
            let y = self.y;
            self.put(Placed::Text { x: MARGIN, y, runs: line.runs, meaning: Meaning::Node(node) });
        }
        if let Some(subtitle) = &title_page.subtitle {
            let node = self.node(NodeKind::Paragraph, None);
            self.y += 10.0;
            let text = [crate::block::Inline::Text(subtitle.clone())];
            for line in Breaker::new(self.fonts).lines(&text, Style::Regular, 14.0, width) {
                self.y += 19.0;
                let y = self.y;
                self.put(Placed::Text { x: MARGIN, y, runs: line.runs, meaning: Meaning::Node(node) });
            }
        }
        self.y += 40.0;
        if title_page.fields.is_empty() {
            return self.new_page(false);
        }
        let y = self.y;
        self.put(Placed::Rule { x: MARGIN, y, length: width, width: 0.6 });
        self.y += 8.0;
        let widest = title_page.fields.iter().map(|(label, _)| self.fonts.width(Style::Regular, 11.0, label));
        let tab = widest.fold(90.0, f32::max) + 18.0;
        for (label, value) in &title_page.fields {
            let node = self.node(NodeKind::Paragraph, None);
            for (x, text, room) in [(0.0, label, tab), (tab, value, width - tab)] {
                let mut y = self.y;
                for line in super::text::plain_lines(self.fonts, text, Style::Regular, 11.0, room) {
                    y += 16.0;
                    let runs = line.runs;
                    self.put(Placed::Text { x: MARGIN + x, y, runs, meaning: Meaning::Node(node) });
                }
                if x > 0.0 {
                    self.y = y + 2.0;
                }
            }
        }
        self.new_page(false);
    }

    fn contents(&mut self, of: ContentsOf) {
        let document = self.document;
        let found: Vec<Entry> = document
            .blocks
            .iter()
            .filter_map(|block| match (of, block) {
                (ContentsOf::Headings, Block::Heading(h)) if h.level <= 3 => Some(Entry {
                    indent: f32::from(h.level - 1) * 16.0,
                    number: h.number.clone().unwrap_or_default(),
                    title: plain(&h.content),
                    target: h.id.clone(),
                }),
                (ContentsOf::Displays(kind), Block::Display(d)) if d.kind == kind => {
                    Some(Entry { indent: 0.0, number: d.label(), title: plain(&d.title), target: d.name.clone() })
                }
                _ => None,
            })
            .collect();
        self.place_waiting(false, LEADING * 3.0);
        let list = self.node(NodeKind::Contents, None);
        for entry in found {
            self.ensure(LEADING + 2.0);
            if entry.indent < 1.0 && of == ContentsOf::Headings && self.y > TOP {
                self.y += 3.0;
            }
            self.y += LEADING;
            let node = self.node(NodeKind::ContentsItem, Some(list));
            let (entry_at, y) = (self.entries.len(), self.y - 3.0);
            self.entries.push(entry);
            let last = self.pages.len() - 1;
            self.pages[last].items.push(Item::Entry { entry: entry_at, y, meaning: Meaning::Node(node) });
        }
        self.y += 8.0;
    }

    fn plain_table(&mut self, table: &'a Table) {
        let (width, _) = self.document.paper.size();
        let root = self.nodes.len();
        let nodes = Nodes { root, caption: root, note: root };
        let probe = table::prepare(self.fonts, None, table, MARGIN, width - 2.0 * MARGIN, nodes);
        let waits = !self.waiting.is_empty();
        let headings: f32 = self.waiting.iter().map(|h| heading_height(h.level)).sum();
        let whole = probe.whole_height() + 2.0;
        let little_left = self.room() < self.full_room() * 0.45;
        // A heading goes to the next page with its table where that stands whole there.
        let together = waits && little_left && headings + whole <= self.full_room();
        let some_rows = (5.0 * LEADING).max(probe.frame_height() + 3.0 * LEADING);
        self.place_waiting(false, if together { whole } else { some_rows });
        let root = self.node(NodeKind::Table, None);
        self.y += 2.0;
        // Under a heading it stays where that is: a heading does not stand alone.
        let moves = if waits { Moves::Never } else { Moves::FromLittleRoom };
        self.place_table(probe.with_nodes(Nodes { root, caption: root, note: root }), moves);
        self.y += 6.0;
    }

    fn display(&mut self, display: &'a Display) {
        let landscape = display.landscape.unwrap_or_else(|| match &display.body {
            Body::Table(table) => {
                let (width, _) = self.document.paper.size();
                table::too_wide(self.fonts, table, display.kind, width - 2.0 * MARGIN)
            }
            Body::Figures { .. } => false,
        });
        // Listings begin a page; others go on where they fit.
        if display.kind == DisplayKind::Listing && self.y > TOP {
            self.new_page(landscape);
        }
        match &display.body {
            Body::Table(table) => self.display_table(display, table, landscape),
            Body::Figures { figures, .. } => self.display_figures(display, figures, landscape),
        }
        self.y += APART;
    }

    fn display_table(&mut self, display: &'a Display, table: &'a Table, landscape: bool) {
        let (width, height) = self.document.paper.size();
        let width = if landscape { height } else { width } - 2.0 * MARGIN;
        let listing = display.kind == DisplayKind::Listing;
        let root = self.nodes.len();
        let probe =
            table::prepare(self.fonts, Some(display), table, MARGIN, width, Nodes { root, caption: root, note: root });
        let whole = probe.whole_height();
        let waits = !self.waiting.is_empty();
        let headings: f32 = self.waiting.iter().map(|h| heading_height(h.level)).sum();
        let together = headings + whole + APART <= self.full_room();
        let needed = if together { whole + APART } else { probe.frame_height() + 80.0 };
        self.place_waiting(landscape, needed);
        if self.y > TOP && !waits {
            self.y += APART - 6.0;
        }
        self.anchor_display(display);
        let root = self.node(if listing { NodeKind::Paragraph } else { NodeKind::Table }, None);
        let (caption, note) = match listing {
            true => (root, root),
            false => (self.node(NodeKind::Caption, Some(root)), self.node(NodeKind::Note, None)),
        };
        // Under a heading it stays where it is and is split: a heading does not stand alone.
        let moves = if waits { Moves::Never } else { Moves::ToStandWhole };
        self.place_table(probe.with_nodes(Nodes { root, caption, note }), moves);
    }

    fn anchor_display(&mut self, display: &Display) {
        self.anchor(&display.name);
        let title = format!("{} {}", display.label().replace('\u{a0}', " "), plain(&display.title));
        // Below every heading: displays stand under the one they follow, and beside each other.
        self.bookmarks.push(Bookmark { level: 7, title, target: display.name.clone() });
    }

    fn place_table(&mut self, mut prepared: Prepared<'a>, moves: Moves) {
        let fits_here = prepared.whole_height() <= self.room();
        let fits_page = prepared.whole_height() <= self.full_room();
        let little_left = self.room() < self.full_room() * 0.45;
        let better = match moves {
            Moves::Never => false,
            Moves::FromLittleRoom => little_left,
            Moves::ToStandWhole => fits_page || little_left,
        };
        if !fits_here && self.y > TOP && better {
            let landscape = self.is_landscape();
            self.new_page(landscape);
        }
        prepared.paginate(self.fonts, self.room(), self.full_room());
        let table = self.tables.len();
        for slice in 0..prepared.slices.len() {
            if slice > 0 {
                let landscape = self.is_landscape();
                self.new_page(landscape);
            }
            let (last, y) = (self.pages.len() - 1, self.y);
            self.pages[last].items.push(Item::Slice { table, slice, y });
            self.y += prepared.slice_height(self.fonts, slice);
        }
        self.tables.push(prepared);
    }

    fn display_figures(&mut self, display: &'a Display, figures: &'a [Figure], landscape: bool) {
        let (width, height) = self.document.paper.size();
        let width = if landscape { height } else { width } - 2.0 * MARGIN;
        let title = table::title_lines(self.fonts, display, width);
        let population = display
            .population
            .as_deref()
            .map_or_else(Vec::new, |p| super::text::plain_lines(self.fonts, p, Style::Italic, 9.5, width));
        let notes = table::note_lines(self.fonts, display, width);
        let frame = table::caption_height(&title, &population) + table::notes_height(&notes) + 4.0;
        for (i, figure) in figures.iter().enumerate() {
            let most = if landscape { self.document.paper.size().0 } else { self.document.paper.size().1 };
            let room = most - 2.0 * MARGIN + 12.0 - frame - if i == 0 { 40.0 } else { 0.0 };
            let scale = (width / figure.width).min(room / figure.height).min(1.15);
            let needed = frame + figure.height * scale;
            if i == 0 {
                let waits = !self.waiting.is_empty();
                self.place_waiting(landscape, needed + APART);
                if self.y > TOP && !waits {
                    self.y += APART - 6.0;
                }
                self.anchor_display(display);
            } else {
                self.new_page(landscape);
            }
            let root = self.node(NodeKind::Figure(figure.alt.clone()), None);
            let caption = self.node(NodeKind::Caption, Some(root));
            let note = self.node(NodeKind::Note, None);
            let mut out = Vec::new();
            let y = table::place_caption(
                self.fonts,
                &title,
                &population,
                (i, figures.len()),
                MARGIN,
                self.y,
                width,
                Meaning::Node(caption),
                &mut out,
            );
            let x = MARGIN + (width - figure.width * scale) / 2.0;
            out.push(Placed::Figure { x, y, scale, figure, meaning: Meaning::Node(root) });
            let below = y + figure.height * scale;
            self.y = table::place_notes(&notes, MARGIN, below, Meaning::Node(note), &mut out);
            out.into_iter().for_each(|placed| self.put(placed));
        }
    }
}

/// Size, space above and below a heading.
fn heading_type(level: u8) -> (f32, f32, f32) {
    match level {
        1 => (16.0, 20.0, 8.0),
        2 => (13.0, 16.0, 5.0),
        3 => (11.5, 12.0, 4.0),
        _ => (BODY, 10.0, 3.0),
    }
}

fn heading_height(level: u8) -> f32 {
    let (size, above, below) = heading_type(level);
    size * 1.25 + above + below
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::{Cell, Column, Inline, Row, RowKind};

    #[test]
    fn a_heading_goes_to_the_page_of_its_table() {
        let fonts = Fonts::new();
        let column = Column { name: "x".into(), align: crate::block::Align::Left, width: None, group: false };
        let row = |n: usize| Row { kind: RowKind::Data, name: n.to_string(), indent: 0, cells: vec![Cell::text("x")] };
        let rows: Vec<Row> = (0..14).map(row).collect();
        let table = Table { columns: vec![column], head: vec![], rows };
        let content = vec![Inline::Text("Changes".into())];
        let heading = Heading { level: 4, number: None, id: "changes".into(), content };
        let mut checked = 0;
        for lines in 20..48 {
            let line = Block::Paragraph(vec![Inline::Text("A line.".into())]);
            let mut blocks = vec![line; lines];
            blocks.extend([Block::Heading(heading.clone()), Block::Table(table.clone())]);
            let document = Document { blocks, ..Document::default() };
            let layout = flow(&document, &fonts);
            let first = layout.pages.iter().position(|p| p.items.iter().any(|i| matches!(i, Item::Slice { .. })));
            assert_eq!(Some(layout.anchors["changes"].0), first, "after {lines} lines");
            checked += usize::from(first == Some(1));
        }
        assert!(checked > 3, "the table was moved in {checked} cases");
    }
}
