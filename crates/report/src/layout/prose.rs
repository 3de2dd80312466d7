//! How is running text set?
//!
//! Paragraphs keep two lines together at their beginning and at their end; list labels hang; what is set apart has a
//! bar at its left.

use super::flow::Flow;
use super::text::Line;
use super::{BODY, LEADING, MARGIN, MEASURE, Meaning, NodeKind, Placed, Run};
use crate::block::{Block, Inline};
use crate::font::Style;

/// Sets blocks at an indent.
pub(super) struct Prose<'p, 'a, 'f> {
    flow: &'p mut Flow<'a, 'f>,
    indent: f32,
}

impl<'p, 'a, 'f> Prose<'p, 'a, 'f> {
    pub(super) fn new(flow: &'p mut Flow<'a, 'f>) -> Self {
        Self { flow, indent: 0.0 }
    }

    fn width(&self) -> f32 {
        self.flow.width().min(MEASURE) - self.indent
    }

    /// Sets a block; `parent` is the node that holds it.
    pub(super) fn block(&mut self, block: &Block, parent: Option<usize>) {
        match block {
            Block::Paragraph(inlines) => {
                let node = self.flow.node(NodeKind::Paragraph, parent);
                self.paragraph(inlines, node);
                self.flow.y += 5.0;
            }
            Block::List { start, items } => self.list(*start, items, parent),
            Block::Quote(blocks) => self.quote(blocks, parent),
            Block::Code(code) => self.code(code, parent),
            // Tables and displays stand at the top level of a document; Markdown cannot nest them here but in
            // quotations and items, where their words are kept as paragraphs.
            Block::Table(table) => {
                for row in &table.rows {
                    let words: Vec<String> = row.cells.iter().map(|c| c.words().into_owned()).collect();
                    let node = self.flow.node(NodeKind::Paragraph, parent);
                    self.paragraph(&[Inline::Text(words.join("  "))], node);
                }
                self.flow.y += 5.0;
            }
            Block::Heading(_) | Block::Display(_) | Block::Contents(_) | Block::PageBreak => {}
        }
    }

    fn paragraph(&mut self, inlines: &[Inline], node: usize) {
        let width = self.width();
        let lines = self.flow.breaker.lines(inlines, Style::Regular, BODY, width);
        self.lines(lines, node, LEADING);
    }

    /// Sets lines, two at a time where a page ends.
    fn lines(&mut self, lines: Vec<Line>, node: usize, leading: f32) {
        let count = lines.len();
        for (i, line) in lines.into_iter().enumerate() {
            let left = count - i;
            // The first line brings the second along, and the last but one the last.
            let together = if (i == 0 && count > 1) || (left == 2 && count > 2) { 2.0 } else { 1.0 };
            let needed = leading * together + self.flow.notes_cost(&line.notes);
            self.flow.ensure(needed);
            self.flow.claim_notes(&line.notes);
            self.flow.y += leading;
            let y = self.flow.y - leading * 0.25;
            let x = MARGIN + self.indent;
            self.flow.put(Placed::Text { x, y, runs: line.runs, meaning: Meaning::Node(node) });
        }
    }

    fn list(&mut self, start: Option<u64>, items: &[Vec<Block>], parent: Option<usize>) {
        const HANG: f32 = 16.0;
        let list = self.flow.node(NodeKind::List { numbered: start.is_some() }, parent);
        for (i, item) in items.iter().enumerate() {
            let node = self.flow.node(NodeKind::Item, Some(list));
            let label_node = self.flow.node(NodeKind::ItemLabel, Some(node));
            let body = self.flow.node(NodeKind::ItemBody, Some(node));
            self.flow.ensure(LEADING * 2.0);
            let label = match start {
                Some(first) => format!("{}.", first + i as u64),
                None => "•".to_owned(),
            };
            let width = self.flow.fonts.width(Style::Regular, BODY, &label);
            let run = Run { x: 0.0, width, style: Style::Regular, size: BODY, rise: 0.0, text: label, link: None };
            let y = self.flow.y + LEADING * 0.75;
            let x = MARGIN + self.indent + if start.is_some() { 0.0 } else { 3.0 };
            self.flow.put(Placed::Text { x, y, runs: vec![run], meaning: Meaning::Node(label_node) });
            self.indent += HANG;
            for block in item {
                self.block(block, Some(body));
                self.flow.y -= 3.0;
            }
            self.indent -= HANG;
        }
        self.flow.y += 5.0;
    }

    fn quote(&mut self, blocks: &[Block], parent: Option<usize>) {
        const SHIFT: f32 = 12.0;
        let node = self.flow.node(NodeKind::Quote, parent);
        self.indent += SHIFT;
        for block in blocks {
            self.flow.ensure(LEADING * 2.0);
            let (page, top) = (self.flow.page_count(), self.flow.y);
            self.block(block, Some(node));
            let x = MARGIN + self.indent - SHIFT + 2.0;
            // A block that went over to another page has its bar there alone.
            let top = if self.flow.page_count() == page { top } else { MARGIN - 4.0 };
            let height = self.flow.y - top - 3.0;
            self.flow.put(Placed::Bar { x, y: top + 1.0, height });
        }
        self.indent -= SHIFT;
    }

    fn code(&mut self, code: &str, parent: Option<usize>) {
        let node = self.flow.node(NodeKind::Code, parent);
        let width = self.width();
        for line in code.lines() {
            let lines = super::text::plain_lines(self.flow.fonts, line, Style::Mono, 8.0, width);
            self.lines(lines, node, 11.0);
        }
        self.flow.y += 5.0;
    }
}
