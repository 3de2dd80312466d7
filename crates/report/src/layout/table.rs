//! Which rows of a table stand on which page, and where?

use super::grid::{Grid, GridColumn, INDENT, grid};
use super::text::{Breaker, Line, cell_lines, plain_lines};
use super::{Meaning, Node, NodeKind, Placed, Run, table_type};
use crate::block::{Align, Cell, Display, DisplayKind, Inline, Row, RowKind, Table};
use crate::decimal;
use crate::font::{Fonts, Style};
use std::ops::Range;

/// Type size and leading of titles.
const TITLE: (f32, f32) = (10.0, 12.8);
/// Type size and leading of footnotes.
const NOTE: (f32, f32) = (8.0, 10.0);
/// Between top rule, head, rule and rows.
const HEAD_PAD: f32 = 3.0;
/// Room left of the title for "page x of y".
const PAGE_ROOM: f32 = 64.0;

/// Rows that stand on one page.
#[derive(Clone, Debug, PartialEq)]
pub struct Slice {
    /// The rows.
    pub rows: Range<usize>,
    /// Group rows repeated above them.
    pub repeated: Vec<usize>,
}

/// A table measured for its page width.
pub(super) struct Prepared<'a> {
    pub(super) display: Option<&'a Display>,
    table: &'a Table,
    grid: Grid,
    size: f32,
    leading: f32,
    width: f32,
    left: f32,
    title: Vec<Line>,
    population: Vec<Line>,
    head: Vec<Vec<HeadLines>>,
    notes: Vec<Vec<Line>>,
    heights: Vec<f32>,
    pub(super) slices: Vec<Slice>,
    /// Node of the table, or of the text of a listing.
    root: usize,
    caption: usize,
    note: usize,
}

struct HeadLines {
    x: f32,
    width: f32,
    span: usize,
    align: Align,
    lines: Vec<Line>,
}

impl<'a> Prepared<'a> {
    /// The names of the rows of a slice.
    pub(super) fn row_names(&self, slice: usize) -> impl Iterator<Item = &'a str> {
        let table = self.table;
        self.slices[slice].rows.clone().map(|row| table.rows[row].name.as_str())
    }
}

impl HeadLines {
    /// Where a line of this width begins within the cell.
    fn offset(&self, width: f32) -> f32 {
        match self.align {
            Align::Left => 0.0,
            Align::Right => self.width - width,
            Align::Center | Align::Decimal => (self.width - width) / 2.0,
        }
    }
}

/// The nodes that a table's texts belong to.
#[derive(Clone, Copy)]
pub(super) struct Nodes {
    pub(super) root: usize,
    pub(super) caption: usize,
    pub(super) note: usize,
}

/// Whether a table needs a page wider than this.
pub(crate) fn too_wide(fonts: &Fonts, table: &Table, kind: DisplayKind, width: f32) -> bool {
    let (size, _) = table_type(kind);
    !grid(fonts, table, size, width, gap(table, kind)).fits
}

fn gap(table: &Table, kind: DisplayKind) -> f32 {
    if kind == DisplayKind::Listing || table.columns.len() > 8 { 8.0 } else { 12.0 }
}

/// Measures a table.
pub(super) fn prepare<'a>(
    fonts: &Fonts,
    display: Option<&'a Display>,
    table: &'a Table,
    left: f32,
    width: f32,
    nodes: Nodes,
) -> Prepared<'a> {
    let kind = display.map_or(DisplayKind::Table, |d| d.kind);
    let (mut size, mut leading) = table_type(kind);
    let gap = gap(table, kind);
    let mut columns = grid(fonts, table, size, width, gap);
    // A table too wide even for its page is set smaller before words are broken.
    while !columns.fits && size > 6.6 {
        (size, leading) = (size - 0.5, leading - 0.6);
        columns = grid(fonts, table, size, width, gap);
    }
    let mut prepared = Prepared {
        display,
        table,
        grid: columns,
        size,
        leading,
        width,
        left,
        title: display.map_or_else(Vec::new, |d| title_lines(fonts, d, width)),
        population: display
            .and_then(|d| d.population.as_deref())
            .map_or_else(Vec::new, |p| plain_lines(fonts, p, Style::Italic, 9.5, width)),
        head: Vec::new(),
        notes: display.map_or_else(Vec::new, |d| note_lines(fonts, d, width)),
        heights: Vec::new(),
        slices: Vec::new(),
        root: nodes.root,
        caption: nodes.caption,
        note: nodes.note,
    };
    prepared.head = prepared.head_lines(fonts);
    prepared.heights = (0..table.rows.len()).map(|i| prepared.row_height(fonts, i, false)).collect();
    prepared
}

/// A title's lines: label in bold, the rest in bold too, beside room for the table's page.
pub(super) fn title_lines(fonts: &Fonts, display: &Display, width: f32) -> Vec<Line> {
    let mut title = vec![Inline::Text(format!("{}\u{2003}", display.label()))];
    title.extend(display.title.iter().cloned());
    Breaker::new(fonts).lines(&title, Style::Bold, TITLE.0, width - PAGE_ROOM)
}

/// Footnotes' lines, the fingerprint last.
pub(super) fn note_lines(fonts: &Fonts, display: &Display, width: f32) -> Vec<Vec<Line>> {
    let mut notes: Vec<Vec<Line>> = display
        .footnotes
        .iter()
        .map(|note| Breaker::new(fonts).lines(note, Style::Regular, NOTE.0, width.min(super::MEASURE + 40.0)))
        .collect();
    if let Some(fingerprint) = &display.fingerprint {
        notes.push(plain_lines(fonts, &format!("Inputs {fingerprint}"), Style::Regular, NOTE.0, width));
    }
    notes
}

/// Height of footnotes below a display.
pub(super) fn notes_height(notes: &[Vec<Line>]) -> f32 {
    let lines: usize = notes.iter().map(Vec::len).sum();
    if lines == 0 { 0.0 } else { lines as f32 * NOTE.1 + 5.0 }
}

/// Height of a title and population.
pub(super) fn caption_height(title: &[Line], population: &[Line]) -> f32 {
    if title.is_empty() { 0.0 } else { title.len() as f32 * TITLE.1 + population.len() as f32 * 12.0 + 5.0 }
}

/// Places footnotes; gives the height below them.
pub(super) fn place_notes<'a>(
    notes: &[Vec<Line>],
    x: f32,
    mut y: f32,
    meaning: Meaning,
    out: &mut Vec<Placed<'a>>,
) -> f32 {
    y += 5.0;
    for line in notes.iter().flatten() {
        y += NOTE.1;
        out.push(Placed::Text { x, y: y - 2.0, runs: line.runs.clone(), meaning });
    }
    y
}

/// Places title, population and "page x of y"; gives the height below them.
#[expect(clippy::too_many_arguments, reason = "a caption's parts and place")]
pub(super) fn place_caption<'a>(
    fonts: &Fonts,
    title: &[Line],
    population: &[Line],
    (page, pages): (usize, usize),
    x: f32,
    mut y: f32,
    width: f32,
    meaning: Meaning,
    out: &mut Vec<Placed<'a>>,
) -> f32 {
    let mut place = |y: f32, x: f32, runs: Vec<Run>, meaning| out.push(Placed::Text { x, y, runs, meaning });
    for (i, line) in title.iter().enumerate() {
        y += TITLE.1;
        place(y - 3.0, x, line.runs.clone(), meaning);
        if page > 0 && i + 1 == title.len() {
            place(
                y - 3.0,
                x + line.width,
                vec![run(fonts, " (continued)", Style::Regular, TITLE.0)],
                Meaning::Artifact,
            );
        }
        if pages > 1 && i == 0 {
            let words = run(fonts, &format!("page {} of {pages}", page + 1), Style::Regular, 8.5);
            place(y - 3.0, x + width - words.width, vec![words], Meaning::Artifact);
        }
    }
    for line in population {
        y += 12.0;
        place(y - 3.0, x, line.runs.clone(), meaning);
    }
    y + 5.0
}

fn run(fonts: &Fonts, text: &str, style: Style, size: f32) -> Run {
    Run { x: 0.0, width: fonts.width(style, size, text), style, size, rise: 0.0, text: text.to_owned(), link: None }
}

impl<'a> Prepared<'a> {
    /// The same table, its texts belonging to these nodes.
    pub(super) fn with_nodes(self, nodes: Nodes) -> Self {
        Self { root: nodes.root, caption: nodes.caption, note: nodes.note, ..self }
    }

    fn is_listing(&self) -> bool {
        self.display.is_some_and(|d| d.kind == DisplayKind::Listing)
    }

    fn row_pad(&self) -> f32 {
        if self.is_listing() { 1.4 } else { 2.2 }
    }

    fn head_lines(&self, fonts: &Fonts) -> Vec<Vec<HeadLines>> {
        let columns = &self.grid.columns;
        let mut head = Vec::new();
        for row in &self.table.head {
            let mut cells = Vec::new();
            let mut at = 0;
            for cell in row {
                let last = (at + cell.span).min(columns.len()).saturating_sub(1);
                let (Some(from), Some(to)) = (columns.get(at), columns.get(last)) else { break };
                let align = if cell.span > 1 { Align::Center } else { self.table.columns[at].align };
                let width = to.x + to.width - from.x;
                let lines = Breaker::new(fonts).lines(&cell.content, Style::Bold, self.size, width);
                cells.push(HeadLines { x: from.x, width, span: cell.span, align, lines });
                at += cell.span;
            }
            head.push(cells);
        }
        head
    }

    fn head_height(&self) -> f32 {
        let rows: f32 = self.head.iter().map(|row| self.head_row_height(row)).sum();
        rows + 2.0 * HEAD_PAD
    }

    fn head_row_height(&self, row: &[HeadLines]) -> f32 {
        row.iter().map(|c| c.lines.len()).max().unwrap_or(1).max(1) as f32 * self.leading + 2.0
    }

    /// The lines of each cell of a row; `top` says that the row is the first on a continued page.
    fn row_lines(&self, fonts: &Fonts, index: usize, top: bool) -> Vec<Vec<Line>> {
        let row = &self.table.rows[index];
        if row.kind == RowKind::Group {
            let width = self.width - f32::from(row.indent) * INDENT;
            return row.cells.iter().map(|c| cell_lines(fonts, &c.content, Style::Bold, self.size, width)).collect();
        }
        let mut out = Vec::with_capacity(row.cells.len());
        for (i, (cell, place)) in row.cells.iter().zip(&self.grid.columns).enumerate() {
            let repeat = self.table.is_repeat(index, i);
            if repeat && !top {
                out.push(Vec::new());
                continue;
            }
            let indent = if i == 0 { f32::from(row.indent) * INDENT } else { 0.0 };
            let mut lines = if place.decimal.is_some() && cell.undressed().is_some() {
                cell_lines(fonts, &cell.content, Style::Regular, self.size, f32::MAX)
            } else {
                cell_lines(fonts, &cell.content, Style::Regular, self.size, place.width - indent)
            };
            if repeat && i == 0 {
                lines.extend(plain_lines(fonts, "(continued)", Style::Italic, self.size, place.width.max(60.0)));
            }
            out.push(lines);
        }
        out
    }

    fn row_height(&self, fonts: &Fonts, index: usize, top: bool) -> f32 {
        let lines = self.row_lines(fonts, index, top).iter().map(Vec::len).max().unwrap_or(1).max(1);
        lines as f32 * self.leading + self.row_pad()
    }

    /// Space before a row that begins a group.
    fn space_before(&self, index: usize) -> f32 {
        let row = &self.table.rows[index];
        let apart = match row.kind {
            RowKind::Start => self.is_listing(),
            RowKind::Group => index > 0 && self.table.rows[index - 1].kind != RowKind::Group,
            RowKind::Data => false,
        };
        if apart { 3.0 } else { 0.0 }
    }

    /// Height of everything but the rows.
    pub(super) fn frame_height(&self) -> f32 {
        caption_height(&self.title, &self.population) + self.head_height() + notes_height(&self.notes) + 4.0
    }

    /// Height of the whole on one page.
    pub(super) fn whole_height(&self) -> f32 {
        let rows: f32 = (0..self.heights.len()).map(|i| self.heights[i] + self.space_before(i)).sum();
        self.frame_height() + rows
    }

    /// Height of a slice with its frame.
    pub(super) fn slice_height(&self, fonts: &Fonts, slice: usize) -> f32 {
        let Slice { rows, repeated } = &self.slices[slice];
        let above: f32 = repeated.iter().map(|&i| self.heights[i]).sum();
        self.frame_height() + above + self.rows_height(fonts, rows.clone(), slice > 0)
    }

    fn rows_height(&self, fonts: &Fonts, rows: Range<usize>, continued: bool) -> f32 {
        let first = rows.start;
        rows.map(|i| match i == first {
            true if continued => self.row_height(fonts, i, true),
            true => self.heights[i],
            false => self.heights[i] + self.space_before(i),
        })
        .sum()
    }

    /// Cuts the rows into slices, the first for the room left on its page, the others for full pages.
    pub(super) fn paginate(&mut self, fonts: &Fonts, first: f32, full: f32) {
        let mut slices = Vec::new();
        let mut start = 0;
        while start < self.heights.len() || slices.is_empty() {
            let repeated = if start == 0 { Vec::new() } else { self.labels_over(start) };
            let above: f32 = repeated.iter().map(|&i| self.heights[i]).sum();
            let room = if slices.is_empty() { first } else { full } - self.frame_height() - above;
            let end = self.end_of_slice(fonts, start, room);
            slices.push(Slice { rows: start..end, repeated });
            start = end;
        }
        self.slices = slices;
    }

    /// Group rows whose group goes on at a row: going up, each label that stands further left than all below it.
    fn labels_over(&self, start: usize) -> Vec<usize> {
        let mut labels = Vec::new();
        let mut limit = self.table.rows[start].indent;
        for (index, row) in self.table.rows[..start].iter().enumerate().rev() {
            if limit == 0 {
                break;
            }
            if row.indent < limit {
                limit = row.indent;
                if row.kind == RowKind::Group {
                    labels.push(index);
                }
            }
        }
        labels.reverse();
        labels
    }

    /// Where a page that begins at `start` ends: as far as it holds, and not where a break would look wrong.
    fn end_of_slice(&self, fonts: &Fonts, start: usize, room: f32) -> usize {
        let count = self.heights.len();
        let mut used = 0.0;
        let mut end = start;
        while end < count {
            let height = match end == start {
                true if start > 0 => self.row_height(fonts, end, true),
                true => self.heights[end],
                false => self.heights[end] + self.space_before(end),
            };
            if used + height > room && end > start {
                break;
            }
            used += height;
            end += 1;
        }
        if end >= count {
            return count;
        }
        // Back to a good break: a new group best when little room is lost, else any break that leaves no row alone.
        let allowed: Vec<usize> = (start + 2..=end).rev().filter(|&i| self.may_break(start, i)).collect();
        let lost = |at: usize| self.heights[at..end].iter().sum::<f32>();
        let group = allowed.iter().copied().find(|&i| self.begins_group(i)).filter(|&i| lost(i) < room * 0.2);
        group.or(allowed.first().copied().filter(|&i| lost(i) < room * 0.5)).unwrap_or(end)
    }

    fn begins_group(&self, index: usize) -> bool {
        self.table.rows[index].kind != RowKind::Data
    }

    fn may_break(&self, start: usize, at: usize) -> bool {
        let rows = &self.table.rows;
        let data = |i: usize| rows.get(i).is_some_and(|r| r.kind == RowKind::Data);
        let label_last = rows[at - 1].kind == RowKind::Group;
        let alone_after = data(at) && !data(at + 1);
        let alone_before = data(at) && at > start && !data(at - 1);
        let remainder_alone = rows.len() - at < 2;
        !(label_last || alone_after || alone_before || remainder_alone)
    }

    /// Draws a slice.
    pub(super) fn draw(&self, slice: usize, y: f32, fonts: &Fonts, nodes: &mut Vec<Node>, out: &mut Vec<Placed<'a>>) {
        let meaning = |node: usize, first: bool| if first { Meaning::Node(node) } else { Meaning::Artifact };
        let (first, listing) = (slice == 0, self.is_listing());
        let last = slice + 1 == self.slices.len();
        let caption = meaning(if listing { self.root } else { self.caption }, first || listing);
        let place = (slice, self.slices.len());
        let mut y = match self.title.is_empty() {
            true => y,
            false => place_caption(fonts, &self.title, &self.population, place, self.left, y, self.width, caption, out),
        };
        self.rule(y, 0.9, out);
        y = self.draw_head(y + HEAD_PAD, first, nodes, out);
        self.rule(y, 0.5, out);
        y += 1.0;
        let body = if listing { self.root } else { self.body_node(nodes) };
        let Slice { rows, repeated } = &self.slices[slice];
        for &label in repeated {
            y = self.draw_label(label, y, true, None, fonts, out);
        }
        for index in rows.clone() {
            if index > rows.start {
                y += self.space_before(index);
            }
            let top = !first && index == rows.start;
            y = self.draw_row(index, top, y, body, fonts, nodes, out);
        }
        y += 2.0;
        self.rule(y, 0.9, out);
        let note = if listing { Meaning::Node(self.root) } else { meaning(self.note, last) };
        place_notes(&self.notes, self.left, y, note, out);
    }

    fn body_node(&self, nodes: &mut Vec<Node>) -> usize {
        let found = nodes.iter().rposition(|n| n.kind == NodeKind::TableBody && n.parent == Some(self.root));
        found.unwrap_or_else(|| push_node(nodes, NodeKind::TableBody, self.root))
    }

    fn rule(&self, y: f32, width: f32, out: &mut Vec<Placed<'a>>) {
        out.push(Placed::Rule { x: self.left, y, length: self.width, width });
    }

    fn draw_head(&self, mut y: f32, first: bool, nodes: &mut Vec<Node>, out: &mut Vec<Placed<'a>>) -> f32 {
        let listing = self.is_listing();
        let tagged = first && !listing;
        let head = if tagged { push_node(nodes, NodeKind::TableHead, self.root) } else { self.root };
        for row in &self.head {
            let height = self.head_row_height(row);
            let node = if tagged { push_node(nodes, NodeKind::Row, head) } else { self.root };
            for cell in row {
                let meaning = match (tagged, listing) {
                    (true, _) => Meaning::Node(push_node(nodes, NodeKind::HeadCell, node)),
                    (false, true) => Meaning::Node(self.root),
                    (false, false) => Meaning::Artifact,
                };
                // Heads stand on the rule below them.
                let mut baseline = y + height - 4.0 - (cell.lines.len() as f32 - 1.0) * self.leading;
                for line in &cell.lines {
                    let x = self.left + cell.x + cell.offset(line.width);
                    out.push(Placed::Text { x, y: baseline, runs: line.runs.clone(), meaning });
                    baseline += self.leading;
                }
                if cell.span > 1 {
                    out.push(Placed::Rule { x: self.left + cell.x, y: y + height, length: cell.width, width: 0.4 });
                }
            }
            y += height;
        }
        y + HEAD_PAD
    }

    fn draw_label(
        &self,
        index: usize,
        y: f32,
        continued: bool,
        node: Option<usize>,
        fonts: &Fonts,
        out: &mut Vec<Placed<'a>>,
    ) -> f32 {
        let x = self.left + f32::from(self.table.rows[index].indent) * INDENT;
        let mut baseline = y + self.leading - 2.0;
        let lines: Vec<Line> = self.row_lines(fonts, index, false).into_iter().flatten().collect();
        let meaning = match node {
            Some(node) => Meaning::Node(node),
            None if self.is_listing() => Meaning::Node(self.root),
            None => Meaning::Artifact,
        };
        let count = lines.len();
        for (i, line) in lines.into_iter().enumerate() {
            let end = x + line.width;
            out.push(Placed::Text { x, y: baseline, runs: line.runs, meaning });
            if continued && i + 1 == count {
                let words = run(fonts, " (continued)", Style::Italic, self.size);
                out.push(Placed::Text { x: end, y: baseline, runs: vec![words], meaning: Meaning::Artifact });
            }
            baseline += self.leading;
        }
        y + self.heights[index]
    }

    #[expect(clippy::too_many_arguments, reason = "a row's place and where it is written")]
    fn draw_row(
        &self,
        index: usize,
        top: bool,
        y: f32,
        body: usize,
        fonts: &Fonts,
        nodes: &mut Vec<Node>,
        out: &mut Vec<Placed<'a>>,
    ) -> f32 {
        let row = &self.table.rows[index];
        let listing = self.is_listing();
        let node = if listing { body } else { push_node(nodes, NodeKind::Row, body) };
        if row.kind == RowKind::Group {
            let cell = if listing { body } else { push_node(nodes, NodeKind::RowHeadCell, node) };
            return self.draw_label(index, y, false, Some(cell), fonts, out);
        }
        let lines = self.row_lines(fonts, index, top);
        let height = lines.iter().map(Vec::len).max().unwrap_or(1).max(1) as f32 * self.leading + self.row_pad();
        for (i, (cell, lines)) in row.cells.iter().zip(lines).enumerate() {
            let meaning = match (listing, i) {
                (true, _) => body,
                (false, 0) => push_node(nodes, NodeKind::RowHeadCell, node),
                (false, _) => push_node(nodes, NodeKind::Cell, node),
            };
            self.draw_cell(row, i, cell, lines, y, Meaning::Node(meaning), fonts, out);
        }
        y + height
    }

    #[expect(clippy::too_many_arguments, reason = "a cell's place and where it is written")]
    fn draw_cell(
        &self,
        row: &Row,
        column: usize,
        cell: &Cell,
        lines: Vec<Line>,
        y: f32,
        meaning: Meaning,
        fonts: &Fonts,
        out: &mut Vec<Placed<'a>>,
    ) {
        let place = &self.grid.columns[column];
        let indent = if column == 0 { f32::from(row.indent) * INDENT } else { 0.0 };
        let mut baseline = y + self.leading - 2.0;
        let count = lines.len();
        for (i, mut line) in lines.into_iter().enumerate() {
            let x = match (self.table.columns[column].align, place.decimal, cell.undressed()) {
                (Align::Decimal, Some((before, after)), Some(text)) => {
                    let whole = fonts.width(Style::Regular, self.size, decimal::split(&text).0);
                    (place.width - before - after) / 2.0 + before - whole
                }
                (Align::Decimal | Align::Center, ..) => (place.width - line.width) / 2.0,
                (Align::Right, ..) => place.width - line.width,
                (Align::Left, ..) => indent,
            };
            if let Some(mark) = cell.mark.filter(|_| i + 1 == count) {
                let mut mark = run(fonts, &mark.to_string(), Style::Regular, self.size * 0.72);
                (mark.x, mark.rise) = (line.width + 0.5, self.size * 0.33);
                line.runs.push(mark);
            }
            if line.runs.iter().any(|r| !r.text.is_empty()) {
                out.push(Placed::Text { x: self.left + place.x + x, y: baseline, runs: line.runs, meaning });
            }
            baseline += self.leading;
        }
    }
}

/// A table cut for a writer that sets it itself.
pub(crate) struct Sheet {
    pub(crate) columns: Vec<GridColumn>,
    pub(crate) slices: Vec<Slice>,
}

/// Measures and cuts a table for pages of this width and height.
pub(crate) fn sheet(fonts: &Fonts, display: &Display, table: &Table, width: f32, height: f32) -> Sheet {
    let nodes = Nodes { root: 0, caption: 0, note: 0 };
    let mut prepared = prepare(fonts, Some(display), table, 0.0, width, nodes);
    prepared.paginate(fonts, height, height);
    Sheet { columns: prepared.grid.columns, slices: prepared.slices }
}

pub(super) fn push_node(nodes: &mut Vec<Node>, kind: NodeKind, parent: usize) -> usize {
    nodes.push(Node { kind, parent: Some(parent) });
    nodes.len() - 1
}
