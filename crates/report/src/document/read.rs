//! How is Markdown read?
//!
//! pulldown-cmark gives events; a stack of open containers turns them into blocks. Paragraphs that hold nothing but
//! `![[name]]` or one of the words in double braces become embeds, contents and page breaks.

use super::{DocumentError, Part, What};
use crate::block::{Align, Block, Cell, Column, ContentsOf, DisplayKind, HeadCell, Inline, Row, RowKind, Table, plain};
use pulldown_cmark::{Alignment, CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use std::collections::BTreeMap;

const OPTIONS: Options = Options::ENABLE_TABLES
    .union(Options::ENABLE_FOOTNOTES)
    .union(Options::ENABLE_HEADING_ATTRIBUTES)
    .union(Options::ENABLE_PLUSES_DELIMITED_METADATA_BLOCKS)
    .union(Options::ENABLE_SMART_PUNCTUATION);

/// Containers that may be open at once: more is no document, and would exhaust the stack of who walks it.
const DEEPEST: usize = 64;

/// A container that is open.
enum Open {
    /// Blocks: the document itself, an item, a quotation, a footnote.
    Blocks(Vec<Block>),
    /// Inlines: a paragraph, a heading, a cell, a span.
    Inlines(Vec<Inline>),
    List(Option<u64>, Vec<Vec<Block>>),
    Table(Table),
    Row(Vec<Vec<Inline>>),
    Code(String),
    Front(String),
}

struct Reader<'a> {
    document: &'a str,
    text: &'a str,
    stack: Vec<Open>,
    parts: Vec<Part>,
    front: Option<String>,
    notes: BTreeMap<String, Vec<Inline>>,
    /// Names of the footnotes that are open.
    note_names: Vec<String>,
    headings: Vec<What>,
    links: Vec<String>,
    line: usize,
}

/// Reads front matter and blocks.
pub(super) fn read(document: &str, text: &str) -> Result<(Option<String>, Vec<Part>), DocumentError> {
    let mut reader = Reader {
        document,
        text,
        stack: vec![Open::Blocks(Vec::new())],
        parts: Vec::new(),
        front: None,
        notes: BTreeMap::new(),
        note_names: Vec::new(),
        headings: Vec::new(),
        links: Vec::new(),
        line: 1,
    };
    for (event, range) in Parser::new_ext(text, OPTIONS).into_offset_iter() {
        reader.line = 1 + text[..range.start].matches('\n').count();
        reader.event(event)?;
        reader.take_blocks();
    }
    let mut parts = reader.parts;
    put_notes(&mut parts, &reader.notes);
    Ok((reader.front, parts))
}

impl Reader<'_> {
    fn unsupported(&self, what: impl Into<String>) -> DocumentError {
        DocumentError::Unsupported { document: self.document.to_owned(), line: self.line, what: what.into() }
    }

    fn event(&mut self, event: Event<'_>) -> Result<(), DocumentError> {
        match event {
            Event::Start(tag) => return self.start(tag),
            Event::End(end) => self.end(end),
            Event::Text(text) => match self.stack.last_mut() {
                Some(Open::Code(code) | Open::Front(code)) => code.push_str(&text),
                _ => self.text(&text),
            },
            Event::Code(code) => self.inline(Inline::Code(code.into_string())),
            Event::SoftBreak => self.text(" "),
            Event::HardBreak => self.inline(Inline::Break),
            Event::FootnoteReference(name) => self.inline(Inline::Note(vec![Inline::Text(name.into_string())])),
            Event::Rule => self.block(Block::PageBreak),
            Event::Html(html) | Event::InlineHtml(html) => {
                let comment = html.trim_start().starts_with("<!--") || html.trim().is_empty();
                if !comment && !self.in_comment() {
                    return Err(self.unsupported(format!("raw HTML `{}`", html.trim())));
                }
            }
            Event::InlineMath(_) | Event::DisplayMath(_) | Event::TaskListMarker(_) => {}
        }
        Ok(())
    }

    /// A comment over several lines comes as one HTML event a line; its first line was let through.
    fn in_comment(&self) -> bool {
        let offset: usize = self.text.split_inclusive('\n').take(self.line - 1).map(str::len).sum();
        let before = &self.text[..offset];
        before.rfind("<!--").is_some_and(|open| !before[open..].contains("-->"))
    }

    fn start(&mut self, tag: Tag<'_>) -> Result<(), DocumentError> {
        let open = match tag {
            Tag::Heading { level, id, classes, .. } => {
                let has = |name: &str| classes.iter().any(|c| c.as_ref() == name);
                self.headings.push(What::Heading {
                    level: depth(level),
                    id: id.map(|i| i.into_string()),
                    appendix: has("appendix"),
                    numbered: !has("unnumbered"),
                    content: Vec::new(),
                });
                Open::Inlines(Vec::new())
            }
            Tag::Link { dest_url, .. } => {
                self.links.push(dest_url.into_string());
                Open::Inlines(Vec::new())
            }
            Tag::FootnoteDefinition(name) => {
                self.note_names.push(name.into_string());
                Open::Blocks(Vec::new())
            }
            Tag::BlockQuote(_) | Tag::Item => Open::Blocks(Vec::new()),
            Tag::List(start) => Open::List(start, Vec::new()),
            Tag::Table(aligns) => {
                Open::Table(Table { columns: aligns.into_iter().map(column).collect(), ..Table::default() })
            }
            Tag::TableHead | Tag::TableRow => Open::Row(Vec::new()),
            Tag::CodeBlock(CodeBlockKind::Fenced(_) | CodeBlockKind::Indented) => Open::Code(String::new()),
            Tag::MetadataBlock(_) => Open::Front(String::new()),
            Tag::Image { .. } => return Err(self.unsupported("a picture")),
            Tag::HtmlBlock => Open::Blocks(Vec::new()),
            _ => Open::Inlines(Vec::new()),
        };
        if self.stack.len() >= DEEPEST {
            return Err(self.unsupported(format!("text nested more than {DEEPEST} deep")));
        }
        self.stack.push(open);
        Ok(())
    }

    fn end(&mut self, end: TagEnd) {
        // Events of a parser nest, so the open container is the one that ends.
        let Some(open) = self.stack.pop() else { return };
        match (end, open) {
            (TagEnd::Heading(_), Open::Inlines(inlines)) => {
                if let Some(What::Heading { level, id, appendix, numbered, .. }) = self.headings.pop() {
                    let what = What::Heading { level, id, appendix, numbered, content: inlines };
                    self.parts.push(Part { line: self.line, what });
                }
            }
            (TagEnd::Emphasis, Open::Inlines(c)) => self.inline(Inline::Emphasis(c)),
            (TagEnd::Strong, Open::Inlines(c)) => self.inline(Inline::Strong(c)),
            (TagEnd::Link, Open::Inlines(content)) => {
                let href = self.links.pop().unwrap_or_default();
                self.inline(match href.strip_prefix('#') {
                    Some(target) => Inline::Reference { target: target.to_owned(), content },
                    None => Inline::Link { href, content },
                });
            }
            (TagEnd::TableCell, Open::Inlines(inlines)) => {
                if let Some(Open::Row(cells)) = self.stack.last_mut() {
                    cells.push(inlines);
                }
            }
            (TagEnd::TableHead, Open::Row(cells)) => self.table_head(cells),
            (TagEnd::TableRow, Open::Row(cells)) => self.table_row(cells),
            (TagEnd::Table, Open::Table(table)) => self.block(Block::Table(table)),
            (TagEnd::Item, Open::Blocks(blocks)) => {
                if let Some(Open::List(_, items)) = self.stack.last_mut() {
                    items.push(blocks);
                }
            }
            (TagEnd::List(_), Open::List(start, items)) => self.block(Block::List { start, items }),
            (TagEnd::BlockQuote(_), Open::Blocks(blocks)) => self.block(Block::Quote(blocks)),
            (TagEnd::FootnoteDefinition, Open::Blocks(blocks)) => {
                if let Some(name) = self.note_names.pop() {
                    self.notes.insert(name, joined(blocks));
                }
            }
            (TagEnd::CodeBlock, Open::Code(code)) => self.block(Block::Code(code.trim_end().to_owned())),
            (TagEnd::MetadataBlock(_), Open::Front(text)) => self.front = Some(text),
            (_, Open::Inlines(inlines)) => self.paragraph(inlines),
            _ => {}
        }
    }

    fn table_head(&mut self, cells: Vec<Vec<Inline>>) {
        if let Some(Open::Table(table)) = self.stack.last_mut() {
            for (column, cell) in table.columns.iter_mut().zip(&cells) {
                column.name = plain(cell);
            }
            table.head = vec![cells.into_iter().map(|content| HeadCell { content, span: 1 }).collect()];
        }
    }

    fn table_row(&mut self, cells: Vec<Vec<Inline>>) {
        if let Some(Open::Table(table)) = self.stack.last_mut() {
            let name = cells.first().map(|c| plain(c)).unwrap_or_default();
            let cells = cells.into_iter().map(Cell::rich).collect();
            table.rows.push(Row { kind: RowKind::Data, name, indent: 0, cells });
        }
    }

    fn text(&mut self, text: &str) {
        match self.stack.last_mut() {
            Some(Open::Inlines(inlines)) => match inlines.last_mut() {
                Some(Inline::Text(last)) => last.push_str(text),
                _ => inlines.push(Inline::Text(text.to_owned())),
            },
            // Tight list items hold text without a paragraph.
            Some(Open::Blocks(blocks)) => match blocks.last_mut() {
                Some(Block::Paragraph(inlines)) => match inlines.last_mut() {
                    Some(Inline::Text(last)) => last.push_str(text),
                    _ => inlines.push(Inline::Text(text.to_owned())),
                },
                _ => blocks.push(Block::Paragraph(vec![Inline::Text(text.to_owned())])),
            },
            _ => {}
        }
    }

    fn inline(&mut self, inline: Inline) {
        match self.stack.last_mut() {
            Some(Open::Inlines(inlines)) => inlines.push(inline),
            Some(Open::Blocks(blocks)) => match blocks.last_mut() {
                Some(Block::Paragraph(inlines)) => inlines.push(inline),
                _ => blocks.push(Block::Paragraph(vec![inline])),
            },
            _ => {}
        }
    }

    fn block(&mut self, block: Block) {
        if let Some(Open::Blocks(blocks)) = self.stack.last_mut() {
            blocks.push(block);
        }
    }

    /// A paragraph, or what a paragraph of one word in braces stands for.
    fn paragraph(&mut self, inlines: Vec<Inline>) {
        if inlines.is_empty() {
            return;
        }
        let [Inline::Text(text)] = inlines.as_slice() else { return self.block(Block::Paragraph(inlines)) };
        let text = text.trim();
        let top = self.stack.len() == 1;
        if let Some(name) = text.strip_prefix("![[").and_then(|t| t.strip_suffix("]]")).filter(|_| top) {
            self.parts.push(Part { line: self.line, what: What::Embed(name.trim().to_owned()) });
            return;
        }
        let block = match text {
            "{{contents}}" => Block::Contents(ContentsOf::Headings),
            "{{tables}}" => Block::Contents(ContentsOf::Displays(DisplayKind::Table)),
            "{{figures}}" => Block::Contents(ContentsOf::Displays(DisplayKind::Figure)),
            "{{listings}}" => Block::Contents(ContentsOf::Displays(DisplayKind::Listing)),
            "{{pagebreak}}" => Block::PageBreak,
            _ => Block::Paragraph(inlines),
        };
        self.block(block);
    }

    /// Moves finished blocks of the document itself to the parts, with their line.
    fn take_blocks(&mut self) {
        if let [Open::Blocks(blocks)] = self.stack.as_mut_slice() {
            for block in blocks.drain(..) {
                self.parts.push(Part { line: self.line, what: What::Block(block) });
            }
        }
    }
}

fn depth(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}

fn column(align: Alignment) -> Column {
    let align = match align {
        Alignment::Right => Align::Decimal,
        Alignment::Center => Align::Center,
        Alignment::None | Alignment::Left => Align::Left,
    };
    Column { name: String::new(), align, width: None, group: false }
}

/// A footnote's paragraphs as one.
fn joined(blocks: Vec<Block>) -> Vec<Inline> {
    let mut out = Vec::new();
    for block in blocks {
        if let Block::Paragraph(inlines) = block {
            if !out.is_empty() {
                out.push(Inline::Break);
            }
            out.extend(inlines);
        }
    }
    out
}

/// Puts the text of each footnote where it is referred to.
fn put_notes(parts: &mut [Part], notes: &BTreeMap<String, Vec<Inline>>) {
    for part in parts {
        match &mut part.what {
            What::Block(block) => super::number::each_run(block, &mut |inlines| put_in(inlines, notes)),
            What::Heading { content, .. } => put_in(content, notes),
            What::Embed(_) => {}
        }
    }
}

fn put_in(inlines: &mut [Inline], notes: &BTreeMap<String, Vec<Inline>>) {
    for inline in inlines {
        match inline {
            Inline::Note(content) => {
                if let Some(text) = notes.get(&plain(content)) {
                    *content = text.clone();
                }
            }
            Inline::Strong(c) | Inline::Emphasis(c) => put_in(c, notes),
            _ => {}
        }
    }
}
