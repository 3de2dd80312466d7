//! How wide is each column?
//!
//! By content: no column is narrower than its longest word; where the page is wider than all contents the rest is
//! shared equally, so that the three rules run over the whole width and columns stand evenly; where it is narrower,
//! columns give up width between their content and their longest word alike. Columns with a `width` share by it.

use super::text::extent;
use crate::block::{Align, Content, RowKind, Table};
use crate::decimal;
use crate::font::{Fonts, Style};

/// Indent of a step of the first column.
pub(super) const INDENT: f32 = 10.0;

/// A column's place.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct GridColumn {
    /// Left end, from the table's.
    pub(crate) x: f32,
    /// Width.
    pub(crate) width: f32,
    /// Widest text before and after the decimal point; none when its texts are set otherwise.
    pub(crate) decimal: Option<(f32, f32)>,
}

/// The columns, and whether their longest words fit.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Grid {
    pub(super) columns: Vec<GridColumn>,
    pub(super) fits: bool,
}

struct Extent {
    narrow: f32,
    whole: f32,
    decimal: Option<(f32, f32)>,
}

pub(super) fn grid(fonts: &Fonts, table: &Table, size: f32, width: f32, gap: f32) -> Grid {
    let extents: Vec<Extent> = (0..table.columns.len()).map(|i| column_extent(fonts, table, i, size)).collect();
    let room = width - gap * (extents.len().saturating_sub(1)) as f32;
    let narrow: f32 = extents.iter().map(|e| e.narrow).sum();
    let whole: f32 = extents.iter().map(|e| e.whole).sum();
    let asked: Vec<Option<f32>> = table.columns.iter().map(|c| c.width.filter(|w| *w > 0.0)).collect();
    let widths = match asked.iter().any(Option::is_some) {
        true => shares(&extents, &asked, room),
        false if whole <= room => {
            let extra = (room - whole) / extents.len().max(1) as f32;
            extents.iter().map(|e| e.whole + extra).collect()
        }
        false => {
            // From longest words (0) to whole contents (1).
            let part = if whole > narrow { ((room - narrow) / (whole - narrow)).max(0.0) } else { 0.0 };
            let scale = if narrow > room { room / narrow } else { 1.0 };
            extents.iter().map(|e| (e.narrow + (e.whole - e.narrow) * part) * scale).collect()
        }
    };
    let mut x = 0.0;
    let mut columns = Vec::new();
    for (extent, width) in extents.iter().zip(widths) {
        let decimal = extent.decimal.filter(|(before, after)| before + after <= width + 0.5);
        columns.push(GridColumn { x, width, decimal });
        x += width + gap;
    }
    Grid { columns, fits: narrow <= room + 0.5 }
}

/// Columns with a share divide what those without leave.
fn shares(extents: &[Extent], asked: &[Option<f32>], room: f32) -> Vec<f32> {
    let total: f32 = asked.iter().flatten().sum();
    let free: f32 = extents.iter().zip(asked).filter(|(_, a)| a.is_none()).map(|(e, _)| e.whole).sum();
    let rest = (room - free.min(room * 0.6)).max(0.0);
    let scale = if free > room * 0.6 { room * 0.6 / free } else { 1.0 };
    extents.iter().zip(asked).map(|(e, a)| a.map_or(e.whole * scale, |a| rest * a / total)).collect()
}

fn column_extent(fonts: &Fonts, table: &Table, index: usize, size: f32) -> Extent {
    let column = &table.columns[index];
    let (mut narrow, mut whole) = (6.0f32, 6.0f32);
    let mut decimal = (0.0f32, 0.0f32);
    for row in table.rows.iter().filter(|r| r.kind != RowKind::Group) {
        let Some(cell) = row.cells.get(index) else { continue };
        let mark = if cell.mark.is_some() { size * 0.35 } else { 0.0 };
        let indent = if index == 0 { f32::from(row.indent) * INDENT } else { 0.0 };
        if let (Align::Decimal, Some(text)) = (column.align, cell.undressed()) {
            let (before, after) = decimal::split(&text);
            decimal.0 = decimal.0.max(fonts.width(Style::Regular, size, before));
            decimal.1 = decimal.1.max(fonts.width(Style::Regular, size, after) + mark);
            continue;
        }
        let (n, w) = match &cell.content {
            // Most cells of a listing are one word: its width is both.
            Content::Plain(text) if !text.contains([' ', '-', '/']) => {
                let width = fonts.width(Style::Regular, size, text);
                (width, width)
            }
            content => extent(fonts, content, Style::Regular, size),
        };
        narrow = narrow.max(n + mark + indent);
        whole = whole.max(w + mark + indent);
    }
    let body = decimal.0 + decimal.1;
    narrow = narrow.max(body);
    whole = whole.max(body);
    let (head_narrow, head_whole) = head_extent(fonts, table, index, size);
    // A head may take three lines before it widens its column.
    let head = head_narrow.max((head_whole / 2.0).min(head_whole));
    Extent {
        narrow: narrow.max(head_narrow),
        whole: whole.max(head),
        decimal: (column.align == Align::Decimal).then_some(decimal),
    }
}

/// The extent of the head cells that stand over one column alone.
fn head_extent(fonts: &Fonts, table: &Table, index: usize, size: f32) -> (f32, f32) {
    let mut extents = (0.0f32, 0.0f32);
    for row in &table.head {
        let mut at = 0;
        for cell in row {
            if at == index && cell.span == 1 {
                let (n, w) = extent(fonts, &Content::Rich(cell.content.clone()), Style::Bold, size);
                extents = (extents.0.max(n), extents.1.max(w));
            }
            at += cell.span;
        }
    }
    extents
}
