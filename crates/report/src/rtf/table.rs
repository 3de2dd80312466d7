//! How is a table written as RTF?
//!
//! A row is `\trowd`, a right edge (`\cellx`) a cell, then the cells' texts. Edges lie in the middle of the gaps between
//! columns as the PDF has them. The three horizontal rules are borders of the head rows and of the last row.

use super::{Rtf, text::escape, twips};
use crate::block::{Align, Body, Cell, Content, Display, DisplayKind, HeadCell, Paper, Row, RowKind, Table};
use crate::decimal;
use crate::font::{Fonts, Style};
use crate::layout::table::{Sheet, Slice, sheet};
use crate::layout::{MARGIN, table::too_wide};
use std::fmt::Write;

/// Whether a display stands on landscape pages.
pub(super) fn is_landscape(fonts: &Fonts, display: &Display, paper: Paper) -> bool {
    display.landscape.unwrap_or_else(|| match &display.body {
        Body::Table(table) => too_wide(fonts, table, display.kind, paper.size().0 - 2.0 * MARGIN),
        Body::Figures { .. } => false,
    })
}

/// Which rules a row has.
#[derive(Clone, Copy, Default)]
struct Rules {
    above: bool,
    below: bool,
}

impl Rtf<'_> {
    /// A display's table, a page a slice.
    pub(super) fn display_table(&mut self, display: &Display, table: &Table, landscape: bool, mark: &str) {
        let (width, height) = self.document.paper.size();
        let (width, height) = if landscape { (height, width) } else { (width, height) };
        let text = width - 2.0 * MARGIN;
        // Times New Roman runs a little wider than the PDF's face: a tenth of the page is left for that.
        let room = (height - 2.0 * MARGIN) * 0.86;
        let sheet = sheet(self.fonts, display, table, text, room);
        let pages = sheet.slices.len();
        for (i, slice) in sheet.slices.iter().enumerate() {
            let start = if i == 0 { mark } else { "\\page " };
            let words = if pages > 1 { format!("page {} of {pages}", i + 1) } else { String::new() };
            let _ = writeln!(self.out, "\\pard\\plain\\qr\\f0\\fs17 {start}{words}\\par");
            self.slice(table, display.kind, &sheet, slice, i > 0, text);
        }
        // A section must not end in a table.
        self.out.push_str("\\pard\\plain\\fs2\\par\n");
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
        let sheet = sheet(self.fonts, &display, table, width, f32::MAX);
        if let Some(slice) = sheet.slices.first() {
            self.slice(table, DisplayKind::Table, &sheet, slice, false, width);
        }
        self.out.push_str("\\pard\\plain\\fs12\\par\n");
    }

    fn slice(&mut self, table: &Table, kind: DisplayKind, sheet: &Sheet, slice: &Slice, continued: bool, width: f32) {
        let size = if kind == DisplayKind::Listing { 17 } else { 18 };
        let last = table.head.len().saturating_sub(1);
        for (r, head) in table.head.iter().enumerate() {
            self.head_row(table, sheet, head, size, Rules { above: r == 0, below: r == last }, width);
        }
        for &label in &slice.repeated {
            self.group_row(&table.rows[label], size, true, width);
        }
        let end = slice.rows.end;
        for index in slice.rows.clone() {
            let row = &table.rows[index];
            let rules = Rules { above: false, below: index + 1 == end };
            match row.kind {
                RowKind::Group => self.group_row(row, size, false, width),
                RowKind::Data | RowKind::Start => {
                    let top = continued && index == slice.rows.start;
                    self.row(table, sheet, index, top, size, rules, width);
                }
            }
        }
    }

    /// The right edge of a column, in twips.
    fn edge(sheet: &Sheet, column: usize, width: f32) -> i32 {
        match (sheet.columns.get(column), sheet.columns.get(column + 1)) {
            (Some(here), Some(next)) => twips((here.x + here.width + next.x) / 2.0),
            _ => twips(width),
        }
    }

    fn left(sheet: &Sheet, column: usize, width: f32) -> i32 {
        if column == 0 { 0 } else { Self::edge(sheet, column - 1, width) }
    }

    fn borders(rules: Rules) -> String {
        let above = if rules.above { "\\clbrdrt\\brdrs\\brdrw15" } else { "" };
        let below = if rules.below { "\\clbrdrb\\brdrs\\brdrw10" } else { "" };
        format!("{above}{below}")
    }

    fn head_row(&mut self, table: &Table, sheet: &Sheet, head: &[HeadCell], size: i32, rules: Rules, width: f32) {
        let mut definition = "\\trowd\\trgaph0\\trleft0\\trhdr\\trkeep".to_owned();
        let mut cells = String::new();
        let mut at = 0;
        for cell in head {
            let span_rule = cell.span > 1 && !rules.below;
            let borders = Self::borders(Rules { below: rules.below || span_rule, ..rules });
            let _ = write!(definition, "\\clvertalb{borders}\\cellx{}", Self::edge(sheet, at + cell.span - 1, width));
            let align = match table.columns.get(at).map(|c| c.align) {
                _ if cell.span > 1 => "\\qc",
                Some(Align::Decimal | Align::Center) => "\\qc",
                Some(Align::Right) => "\\qr",
                _ => "\\ql",
            };
            let text = self.inlines(&cell.content);
            let _ = writeln!(cells, "\\pard\\plain\\intbl\\keepn{align}\\sb40\\sa30\\f0\\fs{size}\\b {text}\\cell");
            at += cell.span;
        }
        let _ = write!(self.out, "{definition}\n{cells}\\row\n");
    }

    fn group_row(&mut self, row: &Row, size: i32, continued: bool, width: f32) {
        let text = row.cells.first().map(|c| self.content(c)).unwrap_or_default();
        let more = if continued { "{\\b0\\i  (continued)}" } else { "" };
        let _ = write!(
            self.out,
            "\\trowd\\trgaph0\\trleft0\\trkeep\\cellx{}\n\\pard\\plain\\intbl\\keepn\\li{}\\sb60\\f0\\fs{size}\\b {text}{more}\\cell\n\\row\n",
            twips(width),
            i32::from(row.indent) * 200
        );
    }

    #[expect(clippy::too_many_arguments, reason = "a row's place and looks")]
    fn row(&mut self, table: &Table, sheet: &Sheet, index: usize, top: bool, size: i32, rules: Rules, width: f32) {
        let row = &table.rows[index];
        let mut definition = "\\trowd\\trgaph0\\trleft0\\trkeep".to_owned();
        let mut cells = String::new();
        let before = if row.kind == RowKind::Start && index > 0 { 60 } else { 0 };
        for (i, cell) in row.cells.iter().enumerate() {
            let _ = write!(definition, "{}\\cellx{}", Self::borders(rules), Self::edge(sheet, i, width));
            let repeat = table.is_repeat(index, i);
            let align = self.alignment(table, sheet, i, cell, row.indent, width);
            let text = match (repeat, top) {
                (true, false) => String::new(),
                (true, true) if i == 0 => format!("{}\\line {{\\i (continued)}}", self.content(cell)),
                _ => self.content(cell),
            };
            let _ = writeln!(cells, "\\pard\\plain\\intbl{align}\\sb{before}\\f0\\fs{size} {text}\\cell");
        }
        let _ = write!(self.out, "{definition}\n{cells}\\row\n");
    }

    /// Numbers stand on a decimal tab where the PDF has their point.
    fn alignment(&self, table: &Table, sheet: &Sheet, column: usize, cell: &Cell, indent: u8, width: f32) -> String {
        let place = &sheet.columns[column];
        let number = cell.undressed().is_some_and(|t| t.contains(|c: char| c.is_ascii_digit()));
        match (table.columns[column].align, place.decimal) {
            (Align::Decimal, Some((before, after))) if number => {
                let point = place.x + (place.width - before - after) / 2.0 + before;
                format!("\\ql\\tqdec\\tx{}", (twips(point) - Self::left(sheet, column, width)).max(0))
            }
            (Align::Decimal, Some((before, after))) => {
                // Words end where whole numbers end.
                let words = cell.undressed().map(|t| self.fonts.width(Style::Regular, 9.0, decimal::split(&t).0));
                let start = place.x + (place.width - before - after) / 2.0 + before - words.unwrap_or(0.0);
                format!("\\ql\\li{}", (twips(start) - Self::left(sheet, column, width)).max(0))
            }
            (Align::Decimal | Align::Center, _) => "\\qc".to_owned(),
            (Align::Right, _) => "\\qr".to_owned(),
            (Align::Left, _) => {
                let gap = if column == 0 { 0 } else { twips(place.x) - Self::left(sheet, column, width) };
                let indent = if column == 0 { i32::from(indent) * 200 } else { 0 };
                format!("\\ql\\li{}", gap + indent)
            }
        }
    }

    fn content(&self, cell: &Cell) -> String {
        let mut text = match &cell.content {
            Content::Plain(text) => escape(text),
            Content::Rich(inlines) => self.inlines(inlines),
        };
        if let Some(mark) = cell.mark {
            let _ = write!(text, "{{\\super {mark}}}");
        }
        text
    }
}
