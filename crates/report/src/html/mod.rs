//! How is a document written as a page?
//!
//! One self-contained file: no script, no request, no style attribute (a strict content policy shows it as it is).
//! Tables have captions, header cells with scope, and an identifier for each cell: `NAME--r3c2` counts rows and columns
//! from 1. `data-source` tells where a cell's text came from (`result:12`, or `ADPC:7:AVAL` with the row counted from 1);
//! `croft trace` speaks the same words. Figures are inline SVG, with their data in a table that unfolds.

mod table;

use crate::block::{Block, Body, CellSource, ContentsOf, Display, Document, Inline, TitlePage, plain};
use crate::figure::svg;
use std::fmt::Write;

pub use crate::figure::svg::escape;

const STYLE: &str = include_str!("style.css");

/// Writes the page.
pub fn write(document: &Document) -> String {
    let mut page = Page { out: String::new(), document, notes: Vec::new(), table_styles: String::new(), tables: 0 };
    page.body();
    let language = if document.language.is_empty() { "en" } else { &document.language };
    format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n<style>\n{STYLE}{}</style>\n</head>\n<body>\n{}</body>\n</html>\n",
        escape(language),
        escape(&document.title),
        page.table_styles,
        page.out
    )
}

/// A page being written. Writing to a String cannot fail, so the results of `write!` are dropped.
struct Page<'a> {
    out: String,
    document: &'a Document,
    /// Notes of the prose, set at the end.
    notes: Vec<String>,
    /// Widths of decimal columns, one rule a column.
    table_styles: String,
    tables: usize,
}

impl Page<'_> {
    fn body(&mut self) {
        let document = self.document;
        if let Some(words) = &document.watermark {
            let _ = writeln!(self.out, "<div class=\"watermark\">{}</div>", escape(words));
        }
        let _ = writeln!(
            self.out,
            "<header class=\"top\"><span>{}</span><span class=\"end\">{}</span></header>\n<main>",
            escape(&document.study),
            escape(&document.version)
        );
        if let Some(title_page) = &document.title_page {
            self.title_page(title_page);
        } else if !matches!(document.blocks.as_slice(), [Block::Display(_)]) {
            let _ = writeln!(self.out, "<h1 class=\"title\">{}</h1>", escape(&document.title));
        }
        for block in &document.blocks {
            self.block(block);
        }
        self.endnotes();
        self.out.push_str("</main>\n");
    }

    fn title_page(&mut self, title_page: &TitlePage) {
        let _ = writeln!(self.out, "<h1 class=\"title\">{}</h1>", escape(&self.document.title));
        if let Some(subtitle) = &title_page.subtitle {
            let _ = writeln!(self.out, "<p class=\"subtitle\">{}</p>", escape(subtitle));
        }
        self.out.push_str("<dl class=\"fields\">\n");
        for (label, value) in &title_page.fields {
            let _ = writeln!(self.out, "<dt>{}</dt><dd>{}</dd>", escape(label), escape(value));
        }
        self.out.push_str("</dl>\n");
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Heading(heading) => {
                let level = heading.level.clamp(1, 6);
                let _ = write!(self.out, "<h{level} id=\"{}\">", escape(&heading.id));
                if let Some(number) = &heading.number {
                    let _ = write!(self.out, "<span class=\"number\">{}</span>", escape(number));
                }
                self.inlines(&heading.content);
                let _ = writeln!(self.out, "</h{level}>");
            }
            Block::Paragraph(inlines) => {
                self.out.push_str("<p>");
                self.inlines(inlines);
                self.out.push_str("</p>\n");
            }
            Block::List { start, items } => self.list(*start, items),
            Block::Quote(blocks) => {
                self.out.push_str("<blockquote>\n");
                for block in blocks {
                    self.block(block);
                }
                self.out.push_str("</blockquote>\n");
            }
            Block::Code(code) => {
                let lines: Vec<String> = code.lines().map(escape).collect();
                let _ = writeln!(self.out, "<pre><code>{}</code></pre>", lines.join("\n"));
            }
            Block::Table(table) => {
                self.tables += 1;
                let id = format!("table-{}", self.tables);
                self.table(table, &id, None);
            }
            Block::Display(display) => self.display(display),
            Block::Contents(of) => self.contents(*of),
            Block::PageBreak => {}
        }
    }

    fn list(&mut self, start: Option<u64>, items: &[Vec<Block>]) {
        let tag = match start {
            Some(1) => "<ol>".to_owned(),
            Some(n) => format!("<ol start=\"{n}\">"),
            None => "<ul>".to_owned(),
        };
        let _ = writeln!(self.out, "{tag}");
        for item in items {
            self.out.push_str("<li>");
            match item.as_slice() {
                [Block::Paragraph(inlines)] => self.inlines(inlines),
                blocks => blocks.iter().for_each(|b| self.block(b)),
            }
            self.out.push_str("</li>\n");
        }
        self.out.push_str(if start.is_some() { "</ol>\n" } else { "</ul>\n" });
    }

    fn display(&mut self, display: &Display) {
        let id = escape(&display.name);
        let _ = write!(
            self.out,
            "<section class=\"display\" id=\"{id}\" aria-labelledby=\"{id}--title\">\n<p class=\"caption\" id=\"{id}--title\"><span class=\"number\">{}</span>",
            escape(&display.label())
        );
        self.inlines(&display.title);
        self.out.push_str("</p>\n");
        if let Some(population) = &display.population {
            let _ = writeln!(self.out, "<p class=\"population\">{}</p>", escape(population));
        }
        match &display.body {
            Body::Table(table) => self.table(table, &display.name, Some(&format!("{id}--title"))),
            Body::Figures { figures, data } => {
                for (i, figure) in figures.iter().enumerate() {
                    let _ = writeln!(
                        self.out,
                        "<div class=\"figure\">{}</div>",
                        svg::write(figure, &format!("{id}--f{}", i + 1))
                    );
                }
                self.out.push_str("<details><summary>Data of this figure</summary>\n");
                self.table(data, &display.name, Some(&format!("{id}--title")));
                self.out.push_str("</details>\n");
            }
        }
        self.footnotes(display);
        self.out.push_str("</section>\n");
    }

    fn footnotes(&mut self, display: &Display) {
        if display.footnotes.is_empty() && display.fingerprint.is_none() {
            return;
        }
        self.out.push_str("<div class=\"notes\">\n");
        for note in &display.footnotes {
            self.out.push_str("<p>");
            self.inlines(note);
            self.out.push_str("</p>\n");
        }
        if let Some(fingerprint) = &display.fingerprint {
            let _ = writeln!(self.out, "<p>Inputs {}</p>", escape(fingerprint));
        }
        self.out.push_str("</div>\n");
    }

    fn contents(&mut self, of: ContentsOf) {
        let label = match of {
            ContentsOf::Headings => "Contents".to_owned(),
            ContentsOf::Displays(kind) => format!("{}s", kind.word()),
        };
        let _ = writeln!(self.out, "<nav class=\"contents\" aria-label=\"{label}\">\n<ol>");
        for block in &self.document.blocks {
            let (level, id, number, title) = match (of, block) {
                (ContentsOf::Headings, Block::Heading(h)) if h.level <= 3 => {
                    (h.level, &h.id, h.number.clone(), plain(&h.content))
                }
                (ContentsOf::Displays(kind), Block::Display(d)) if d.kind == kind => {
                    (1, &d.name, Some(d.label()), plain(&d.title))
                }
                _ => continue,
            };
            let number = number.map(|n| format!("<span class=\"number\">{}</span>", escape(&n))).unwrap_or_default();
            let _ = writeln!(
                self.out,
                "<li class=\"l{level}\"><a href=\"#{}\">{number}{}</a></li>",
                escape(id),
                escape(&title)
            );
        }
        self.out.push_str("</ol>\n</nav>\n");
    }

    fn endnotes(&mut self) {
        if self.notes.is_empty() {
            return;
        }
        self.out.push_str("<section class=\"endnotes\" aria-label=\"Notes\">\n<ol>\n");
        for (i, note) in std::mem::take(&mut self.notes).iter().enumerate() {
            let n = i + 1;
            let _ = writeln!(self.out, "<li id=\"note-{n}\">{note} <a href=\"#note-mark-{n}\">back</a></li>");
        }
        self.out.push_str("</ol>\n</section>\n");
    }

    fn inlines(&mut self, inlines: &[Inline]) {
        for inline in inlines {
            self.inline(inline);
        }
    }

    fn wrapped(&mut self, tag: &str, inlines: &[Inline]) {
        let _ = write!(self.out, "<{tag}>");
        self.inlines(inlines);
        let _ = write!(self.out, "</{tag}>");
    }

    fn inline(&mut self, inline: &Inline) {
        match inline {
            Inline::Text(text) => self.out.push_str(&escape(text)),
            Inline::Strong(c) => self.wrapped("strong", c),
            Inline::Emphasis(c) => self.wrapped("em", c),
            Inline::Subscript(c) => self.wrapped("sub", c),
            Inline::Superscript(c) => self.wrapped("sup", c),
            Inline::Code(code) => {
                let _ = write!(self.out, "<code>{}</code>", escape(code));
            }
            Inline::Link { href, content } => {
                let _ = write!(self.out, "<a href=\"{}\">", escape(&safe(href)));
                self.inlines(content);
                self.out.push_str("</a>");
            }
            Inline::Reference { target, content } => {
                let _ = write!(self.out, "<a href=\"#{}\">", escape(target));
                self.inlines(content);
                self.out.push_str("</a>");
            }
            Inline::Value { text, sources } if sources.is_empty() => self.out.push_str(&escape(text)),
            Inline::Value { text, sources } => {
                let _ = write!(self.out, "<span data-source=\"{}\">{}</span>", source_words(sources), escape(text));
            }
            Inline::Note(content) => {
                let start = self.out.len();
                self.inlines(content);
                let note = self.out.split_off(start);
                self.notes.push(note);
                let n = self.notes.len();
                let _ = write!(self.out, "<sup><a id=\"note-mark-{n}\" href=\"#note-{n}\">{n}</a></sup>");
            }
            Inline::Break => self.out.push_str("<br>"),
        }
    }
}

/// An address that cannot run a script.
fn safe(href: &str) -> String {
    let scheme = href.split(':').next().filter(|_| href.contains(':')).map(str::to_ascii_lowercase);
    match scheme.as_deref() {
        None | Some("http" | "https" | "mailto") => href.to_owned(),
        Some(_) => String::new(),
    }
}

/// Sources as the attribute holds them, separated by blanks.
fn source_words(sources: &[CellSource]) -> String {
    let words: Vec<String> = sources
        .iter()
        .map(|source| match source {
            CellSource::Result(index) => format!("result:{index}"),
            CellSource::Row { dataset, row, variable } => {
                format!("{}:{}:{}", escape(dataset), row + 1, escape(variable))
            }
        })
        .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests;
