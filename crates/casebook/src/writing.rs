//! How is what was recorded set as text: times, characters, tables?
//!
//! People type what they like, and a copy must not fail for it: a character that the file's fonts lack is written by its number, `[U+4E2D]`;
//! other control characters than the end of a line become blanks. What was typed stands unchanged in the data files.

use crate::CasebookError;
use croft_record::export::{rfc3339, stamp};
use croft_report::block::{Align, Block, Cell, Column, Document, HeadCell, Heading, Inline, Row, RowKind, Table};
use croft_report::font::{Fonts, Style};
use croft_report::pdf::{self, Meta, Timestamp};

/// Longest text of one cell: a longer one goes on in the rows below, so that no row is higher than a page.
const LONGEST: usize = 900;

/// The fonts of the files, asked which characters they have.
#[derive(Default)]
pub(crate) struct Pen {
    fonts: Fonts,
}

impl Pen {
    /// Text of prose and cells.
    pub fn words(&self, text: &str) -> String {
        self.covered(text, |c| self.fonts.has(Style::Regular, c) || self.fonts.has(Style::Mono, c))
    }

    /// Text of headings, which stand in the contents and running heads too.
    pub fn title(&self, text: &str) -> String {
        self.covered(text, |c| self.fonts.has(Style::Regular, c) && self.fonts.has(Style::Bold, c)).replace('\n', " ")
    }

    fn covered(&self, text: &str, has: impl Fn(char) -> bool) -> String {
        let mut out = String::with_capacity(text.len());
        for c in text.replace("\r\n", "\n").chars() {
            match c {
                '\n' => out.push('\n'),
                '\r' => out.push('\n'),
                ' '..='~' => out.push(c),
                c if c.is_control() => out.push(' '),
                c if has(c) => out.push(c),
                c => out.push_str(&format!("[U+{:04X}]", c as u32)),
            }
        }
        out
    }

    /// Width of the widest piece of a cell's text that does not break, in points.
    pub fn widest_word(&self, text: &str, head: bool) -> f32 {
        let style = if head { Style::Bold } else { Style::Regular };
        text.split([' ', '\n']).map(|word| self.fonts.width(style, TABLE_SIZE, word)).fold(0.0, f32::max)
    }
}

/// Type size of tables.
const TABLE_SIZE: f32 = 9.0;

/// A plain cell.
pub(crate) fn cell(pen: &Pen, text: &str) -> Cell {
    Cell::text(pen.words(text))
}

/// A paragraph of plain words.
pub(crate) fn paragraph(pen: &Pen, text: &str) -> Block {
    Block::Paragraph(vec![Inline::Text(pen.words(text))])
}

/// A heading without number.
pub(crate) fn heading(pen: &Pen, level: u8, id: String, text: &str) -> Block {
    Block::Heading(Heading { level, number: None, id, content: vec![Inline::Text(pen.title(text))] })
}

/// A table of plain columns: label, share of the width, whether its texts are printed once for the rows that share them.
pub(crate) struct Grid {
    table: Table,
}

impl Grid {
    pub fn new(columns: &[(&str, f32, bool)]) -> Self {
        let column = |&(name, width, group): &(&str, f32, bool)| Column {
            name: name.to_owned(),
            align: Align::Left,
            width: (width > 0.0).then_some(width),
            group,
        };
        let head =
            columns.iter().map(|(name, ..)| HeadCell { content: vec![Inline::Text((*name).to_owned())], span: 1 });
        let table = Table { columns: columns.iter().map(column).collect(), head: vec![head.collect()], rows: vec![] };
        Self { table }
    }

    /// A label over the rows that follow.
    pub fn label(&mut self, cell: Cell) {
        self.push(RowKind::Group, vec![cell]);
    }

    /// A row of values. What is long in it goes on in rows below.
    pub fn row(&mut self, cells: Vec<Cell>) {
        let long = |c: &Cell| c.words().len() > LONGEST;
        if !cells.iter().any(long) {
            return self.push(RowKind::Data, cells);
        }
        let mut columns: Vec<Vec<Cell>> = cells.into_iter().map(parts).collect();
        let most = columns.iter().map(Vec::len).max().unwrap_or(0);
        for n in 0..most {
            let next = columns.iter_mut().map(|c| c.get_mut(n).map(std::mem::take).unwrap_or_default());
            let next = next.collect();
            self.push(RowKind::Data, next);
        }
    }

    fn push(&mut self, kind: RowKind, cells: Vec<Cell>) {
        let name = self.table.rows.len().to_string();
        self.table.rows.push(Row { kind, name, indent: 0, cells });
    }

    pub fn is_empty(&self) -> bool {
        self.table.rows.is_empty()
    }

    pub fn block(self) -> Block {
        Block::Table(self.table)
    }
}

/// A long cell in pieces that end at a blank where there is one.
fn parts(cell: Cell) -> Vec<Cell> {
    let text = cell.words().into_owned();
    if text.len() <= LONGEST {
        return vec![cell];
    }
    let mut found = Vec::new();
    let mut piece = String::new();
    for word in text.split_inclusive([' ', '\n']) {
        if !piece.is_empty() && piece.len() + word.len() > LONGEST {
            found.push(Cell::text(piece.trim_end()));
            piece.clear();
        }
        for c in word.chars() {
            if piece.len() >= LONGEST {
                found.push(Cell::text(std::mem::take(&mut piece)));
            }
            piece.push(c);
        }
    }
    found.push(Cell::text(piece));
    found
}

/// `2026-01-21 10:05:00`, UTC; the column's head or the words after it say so.
pub(crate) fn utc(ms: i64) -> String {
    let text = rfc3339(ms).replace('T', " ");
    let text = text.trim_end_matches('Z');
    text.split_once('.').map_or(text, |(whole, _)| whole).to_owned()
}

/// The same where it happened: `2026-01-21 12:05:00 +02:00`.
pub(crate) fn local(ms: i64, offset_min: i32) -> String {
    let text = stamp(ms, offset_min).replace('T', " ");
    match text.strip_suffix('Z') {
        Some(utc) => format!("{} +00:00", utc.split_once('.').map_or(utc, |(whole, _)| whole)),
        None => {
            let (time, zone) = text.split_at(text.len().saturating_sub(6));
            format!("{} {zone}", time.split_once('.').map_or(time, |(whole, _)| whole))
        }
    }
}

/// `1 form`, `3 forms`.
pub(crate) fn count(n: usize, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
}

/// Writes a document, with the time of the state that it shows.
pub(crate) fn write(document: &Document, what: &str, time_ms: i64, identity: String) -> Result<Vec<u8>, CasebookError> {
    let meta = Meta {
        author: String::new(),
        subject: what.to_owned(),
        keywords: vec![document.study.clone(), "casebook".to_owned()],
        creator: concat!("croft ", env!("CARGO_PKG_VERSION")).to_owned(),
        created: timestamp(time_ms),
        identity,
    };
    pdf::write(document, &meta).map_err(|source| CasebookError::Pdf { document: what.to_owned(), source })
}

fn timestamp(ms: i64) -> Timestamp {
    let part = |n: i8| u8::try_from(n).unwrap_or(0);
    jiff::Timestamp::from_millisecond(ms).map_or_else(
        |_| Timestamp::default(),
        |time| {
            let t = jiff::tz::TimeZone::UTC.to_datetime(time);
            Timestamp {
                year: u16::try_from(t.year()).unwrap_or(1970),
                month: part(t.month()),
                day: part(t.day()),
                hour: part(t.hour()),
                minute: part(t.minute()),
                second: part(t.second()),
            }
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_without_glyph_is_named_and_a_known_one_kept() {
        let pen = Pen::default();
        assert_eq!(pen.words("37 °C, µg, ☐, naïve\tx\r\ny"), "37 °C, µg, ☐, naïve x\ny");
        assert_eq!(pen.words("中"), "[U+4E2D]");
        assert_eq!(pen.title("a\nb ☐"), "a b [U+2610]");
    }

    #[test]
    fn a_long_text_loses_no_word() {
        let text = "word ".repeat(700) + &"x".repeat(2000);
        let pieces = parts(Cell::text(text.clone()));
        assert!(pieces.len() > 4 && pieces.iter().all(|p| p.words().len() <= LONGEST));
        let joined: String = pieces.iter().map(|p| p.words().replace(' ', "")).collect();
        assert_eq!(joined, text.replace(' ', ""));
    }

    #[test]
    fn times_are_told_in_utc_and_where_it_was() {
        let ms = 1_768_989_600_250;
        assert_eq!(utc(ms), "2026-01-21 10:00:00");
        assert_eq!(local(ms, 120), "2026-01-21 12:00:00 +02:00");
        assert_eq!(local(ms, 0), "2026-01-21 10:00:00 +00:00");
        assert_eq!((count(1, "day"), count(2, "day")), ("1 day".into(), "2 days".into()));
    }
}
