//! How is a table written for Word?
//!
//! Columns are as wide as in the PDF. The three horizontal rules are borders of the head and of the last row. Numbers stand on a decimal tab: in a cell Word sets
//! a number on it without a tab character.

use super::{Docx, inlines, twips};
use crate::block::{Align, Body, Cell, Content, Display, DisplayKind, HeadCell, Row, RowKind, Table};
use crate::layout::table::{Sheet, sheet};
use std::fmt::Write;

/// Which rules a row has.
#[derive(Clone, Copy, Default)]
struct Rules {
    above: bool,
    below: bool,
}

impl Rules {
    fn borders(self) -> String {
        if !self.above && !self.below {
            return String::new();
        }
        let above =
            if self.above { "<w:top w:val=\"single\" w:sz=\"6\" w:space=\"0\" w:color=\"000000\"/>" } else { "" };
        let below =
            if self.below { "<w:bottom w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"000000\"/>" } else { "" };
        format!("<w:tcBorders>{above}{below}</w:tcBorders>")
    }
}

impl Docx<'_> {
    /// A display's table.
    pub(super) fn display_table(&mut self, display: &Display, table: &Table, width: f32) {
        let sheet = sheet(self.fonts, display, table, width, f32::MAX);
        self.table(table, display.kind, &sheet, width);
    }

    /// A table of the document itself.
    pub(super) fn plain_table(&mut self, table: &Table, width: f32) {
        let display = Display {
            name: String::new(),
            kind: DisplayKind::Table,
            number: None,
            title: Vec::new(),
            population: None,
            body: Body::Table(Table::default()),
            footnotes: Vec::new(),
            fingerprint: None,
            landscape: None,
        };
        self.display_table(&display, table, width);
        self.paragraph("TableEnd", "", "");
    }

    fn table(&mut self, table: &Table, kind: DisplayKind, sheet: &Sheet, width: f32) {
        if table.columns.is_empty() {
            return;
        }
        let edges = edges(sheet, table.columns.len(), width);
        let style = if kind == DisplayKind::Listing { "ListingText" } else { "TableText" };
        let mut out = format!(
            "<w:tbl><w:tblPr><w:tblW w:w=\"{}\" w:type=\"dxa\"/><w:tblLayout w:type=\"fixed\"/>\
             <w:tblCellMar><w:left w:w=\"40\" w:type=\"dxa\"/><w:right w:w=\"40\" w:type=\"dxa\"/></w:tblCellMar></w:tblPr><w:tblGrid>",
            twips(width)
        );
        for column in &edges {
            let _ = write!(out, "<w:gridCol w:w=\"{column}\"/>");
        }
        out.push_str("</w:tblGrid>\n");
        let last = table.head.len().saturating_sub(1);
        for (r, head) in table.head.iter().enumerate() {
            out.push_str(&self.head_row(table, &edges, head, style, Rules { above: r == 0, below: r == last }));
        }
        for (i, row) in table.rows.iter().enumerate() {
            let rules = Rules { above: i == 0 && table.head.is_empty(), below: i + 1 == table.rows.len() };
            out.push_str(&self.row(table, sheet, &edges, (i, row), style, rules));
        }
        // A table without rows is no table to Word.
        if table.head.is_empty() && table.rows.is_empty() {
            return;
        }
        out.push_str("</w:tbl>\n");
        self.out.push_str(&out);
        self.open = true;
    }

    fn head_row(&mut self, table: &Table, edges: &[i32], head: &[HeadCell], style: &str, rules: Rules) -> String {
        let mut out = "<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>".to_owned();
        let mut at = 0;
        for cell in head {
            let span = cell.span.max(1);
            let align = match table.columns.get(at).map(|c| c.align) {
                _ if span > 1 => "center",
                Some(Align::Decimal | Align::Center) => "center",
                Some(Align::Right) => "right",
                _ => "left",
            };
            let says = cell.content.iter().any(|i| !matches!(i, crate::block::Inline::Text(t) if t.is_empty()));
            let rules = Rules { below: rules.below || (span > 1 && says), ..rules };
            let runs =
                inlines::Runs { bookmarks: &self.bookmarks, parts: &mut self.parts }.write(&cell.content, "<w:b/>");
            let _ = write!(
                out,
                "<w:tc><w:tcPr>{}{}{}<w:vAlign w:val=\"bottom\"/></w:tcPr><w:p><w:pPr><w:pStyle w:val=\"{style}\"/><w:keepNext/><w:jc w:val=\"{align}\"/></w:pPr>{runs}</w:p></w:tc>",
                width_of(edges, at, span),
                spanned(span),
                rules.borders()
            );
            at += span;
        }
        out.push_str("</w:tr>\n");
        out
    }

    fn row(
        &mut self,
        table: &Table,
        sheet: &Sheet,
        edges: &[i32],
        (index, row): (usize, &Row),
        style: &str,
        rules: Rules,
    ) -> String {
        let mut out = "<w:tr><w:trPr><w:cantSplit/></w:trPr>".to_owned();
        if row.kind == RowKind::Group {
            let cell = row.cells.first().cloned().unwrap_or_default();
            let runs = self.content(&cell, "<w:b/>");
            let _ = writeln!(
                out,
                "<w:tc><w:tcPr>{}{}{}</w:tcPr><w:p><w:pPr><w:pStyle w:val=\"{style}\"/><w:keepNext/><w:spacing w:before=\"60\"/>{}</w:pPr>{runs}</w:p></w:tc></w:tr>",
                width_of(edges, 0, edges.len()),
                spanned(edges.len()),
                rules.borders(),
                step(row.indent)
            );
            return out;
        }
        let before = if row.kind == RowKind::Start && index > 0 { "<w:spacing w:before=\"60\"/>" } else { "" };
        for column in 0..edges.len() {
            let cell = row.cells.get(column).cloned().unwrap_or_default();
            let runs = if table.is_repeat(index, column) { String::new() } else { self.content(&cell, "") };
            // What the schema puts before the indent goes before it: tabs, spacing.
            let (tabs, rest) = alignment(table, sheet, edges, column, &cell, row.indent);
            let _ = write!(
                out,
                "<w:tc><w:tcPr>{}{}</w:tcPr><w:p><w:pPr><w:pStyle w:val=\"{style}\"/>{tabs}{before}{rest}</w:pPr>{runs}</w:p></w:tc>",
                width_of(edges, column, 1),
                rules.borders()
            );
        }
        out.push_str("</w:tr>\n");
        out
    }

    fn content(&mut self, cell: &Cell, dress: &str) -> String {
        let mut runs = inlines::Runs { bookmarks: &self.bookmarks, parts: &mut self.parts };
        let mut text = match &cell.content {
            Content::Plain(text) => inlines::dressed(text, dress),
            Content::Rich(inlines) => runs.write(inlines, dress),
        };
        if let Some(mark) = cell.mark {
            text.push_str(&inlines::dressed(&mark.to_string(), "<w:vertAlign w:val=\"superscript\"/>"));
        }
        text
    }
}

/// Widths of columns, whose edges lie in the middle of the gaps.
fn edges(sheet: &Sheet, columns: usize, width: f32) -> Vec<i32> {
    let edge = |column: usize| match (sheet.columns.get(column), sheet.columns.get(column + 1)) {
        (Some(here), Some(next)) => twips((here.x + here.width + next.x) / 2.0),
        _ => twips(width),
    };
    let mut left = 0;
    let of = |column| {
        let right = edge(column);
        let own = (right - left).max(1);
        left = right;
        own
    };
    (0..columns).map(of).collect()
}

fn width_of(edges: &[i32], at: usize, span: usize) -> String {
    let width: i32 = edges.iter().skip(at).take(span).sum();
    format!("<w:tcW w:w=\"{width}\" w:type=\"dxa\"/>")
}

fn spanned(span: usize) -> String {
    if span > 1 { format!("<w:gridSpan w:val=\"{span}\"/>") } else { String::new() }
}

fn step(indent: u8) -> String {
    if indent == 0 { String::new() } else { format!("<w:ind w:left=\"{}\"/>", 200 * i32::from(indent)) }
}

/// Tabs, and what follows them among a paragraph's properties.
fn alignment(table: &Table, sheet: &Sheet, edges: &[i32], column: usize, cell: &Cell, indent: u8) -> (String, String) {
    let justified = |how: &str| (String::new(), format!("<w:jc w:val=\"{how}\"/>"));
    let align = table.columns.get(column).map_or(Align::Left, |c| c.align);
    let decimal = sheet.columns.get(column).and_then(|c| Some((c, c.decimal?)));
    let number = cell.undressed().is_some_and(|t| t.contains(|c: char| c.is_ascii_digit()));
    match (align, decimal) {
        (Align::Decimal, Some((place, (before, after)))) if number => {
            let left: i32 = edges.iter().take(column).sum();
            let point = place.x + (place.width - before - after) / 2.0 + before;
            // The cell's own margin is 40.
            let position = (twips(point) - left - 40).max(1);
            (format!("<w:tabs><w:tab w:val=\"decimal\" w:pos=\"{position}\"/></w:tabs>"), String::new())
        }
        (Align::Decimal | Align::Center, _) => justified("center"),
        (Align::Right, _) => justified("right"),
        (Align::Left, _) => (String::new(), if column == 0 { step(indent) } else { String::new() }),
    }
}
