//! How is a table written as HTML?
//!
//! Numbers stand on the decimal point: a decimal cell is two boxes, as wide as the column's longest part before and
//! after the point; the widths are one style rule a column. A group column repeats its text in every row for who
//! filters or copies, so the page prints it once by leaving the repeated cells empty but for the first of a group.

use super::{Page, source_words};
use crate::block::{Align, Cell, Content, Row, RowKind, Table};
use crate::decimal;
use crate::figure::svg::escape;
use std::fmt::Write;

impl Page<'_> {
    /// Writes a table; `name` begins the identifiers of its cells, `labelled_by` is the caption's identifier.
    pub(super) fn table(&mut self, table: &Table, name: &str, labelled_by: Option<&str>) {
        self.column_styles(table, name);
        let label = labelled_by.map(|id| format!(" aria-labelledby=\"{id}\"")).unwrap_or_default();
        let _ = writeln!(self.out, "<div class=\"scroll\"><table id=\"{}\"{label}>", table_id(name));
        self.head(table);
        self.out.push_str("<tbody>\n");
        let mut previous: Option<&Row> = None;
        for (i, row) in table.rows.iter().enumerate() {
            self.row(table, name, i, row, previous);
            previous = Some(row);
        }
        self.out.push_str("</tbody>\n</table></div>\n");
    }

    fn column_styles(&mut self, table: &Table, name: &str) {
        for (i, column) in table.columns.iter().enumerate() {
            if column.align != Align::Decimal {
                continue;
            }
            let cells = table.rows.iter().filter(|r| r.kind != RowKind::Group).filter_map(|r| r.cells.get(i));
            let (before, after) = cells.fold((0, 0), |(a, b), cell| {
                let words = cell.words();
                let (x, y) = decimal::split(&words);
                (a.max(x.chars().count()), b.max(y.chars().count() + usize::from(cell.mark.is_some())))
            });
            let (id, n) = (table_id(name), i + 1);
            let _ = writeln!(
                self.table_styles,
                "#{id} .c{n} .a {{ min-width: {before}ch; }} #{id} .c{n} .b {{ min-width: {after}ch; }}"
            );
        }
    }

    fn head(&mut self, table: &Table) {
        self.out.push_str("<thead>\n");
        let last = table.head.len().saturating_sub(1);
        for (r, row) in table.head.iter().enumerate() {
            self.out.push_str("<tr>");
            let mut at = 0;
            for cell in row {
                let align = table.columns.get(at).map_or(Align::Left, |c| c.align);
                let class = match (r == last, align) {
                    (false, _) if !cell.content.is_empty() => " class=\"span\"",
                    (_, Align::Decimal | Align::Center) => " class=\"c\"",
                    (_, Align::Right) => " class=\"r\"",
                    _ => "",
                };
                let span = if cell.span > 1 { format!(" colspan=\"{}\"", cell.span) } else { String::new() };
                let scope = if cell.span > 1 { "colgroup" } else { "col" };
                // An empty head names nothing: a plain cell keeps it out of a screen reader's way.
                let tag = if cell.content.is_empty() { "td" } else { "th" };
                let scope = if tag == "th" { format!(" scope=\"{scope}\"") } else { String::new() };
                let _ = write!(self.out, "<{tag}{scope}{span}{class}>");
                self.inlines(&cell.content);
                let _ = write!(self.out, "</{tag}>");
                at += cell.span;
            }
            self.out.push_str("</tr>\n");
        }
        self.out.push_str("</thead>\n");
    }

    fn row(&mut self, table: &Table, name: &str, index: usize, row: &Row, previous: Option<&Row>) {
        if row.kind == RowKind::Group {
            let _ = write!(
                self.out,
                "<tr><th scope=\"rowgroup\" colspan=\"{}\" class=\"group i{}\">",
                table.columns.len().max(1),
                row.indent.min(3)
            );
            if let Some(cell) = row.cells.first() {
                self.content(cell);
            }
            self.out.push_str("</th></tr>\n");
            return;
        }
        self.out.push_str(if row.kind == RowKind::Start { "<tr class=\"start\">" } else { "<tr>" });
        let mut same_group = previous.is_some_and(|p| p.kind != RowKind::Group);
        for (i, (cell, column)) in row.cells.iter().zip(&table.columns).enumerate() {
            same_group = same_group && column.group;
            let repeated =
                same_group && previous.and_then(|p| p.cells.get(i)).is_some_and(|p| p.content == cell.content);
            same_group = repeated;
            let header = i == 0 && !repeated;
            self.cell(name, index, i, row.indent, column.align, cell, repeated, header);
        }
        self.out.push_str("</tr>\n");
    }

    #[expect(clippy::too_many_arguments, reason = "a cell's place and looks")]
    fn cell(
        &mut self,
        name: &str,
        row: usize,
        column: usize,
        indent: u8,
        align: Align,
        cell: &Cell,
        repeated: bool,
        header: bool,
    ) {
        let tag = if header { "th" } else { "td" };
        let mut class = match align {
            Align::Left => String::new(),
            Align::Center => "c".to_owned(),
            Align::Right => "r".to_owned(),
            Align::Decimal => format!("n c{}", column + 1),
        };
        if column == 0 && indent > 0 {
            let _ = write!(class, "{}i{}", if class.is_empty() { "" } else { " " }, indent.min(3));
        }
        let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
        let scope = if header { " scope=\"row\"" } else { "" };
        let sources = match cell.sources.is_empty() {
            true => String::new(),
            false => format!(" data-source=\"{}\"", source_words(&cell.sources)),
        };
        let _ = write!(self.out, "<{tag} id=\"{}--r{}c{}\"{scope}{class}{sources}>", escape(name), row + 1, column + 1);
        if !repeated {
            match cell.undressed().filter(|_| align == Align::Decimal) {
                Some(text) => self.decimal(&text, cell.mark),
                None => self.content(cell),
            }
        }
        let _ = write!(self.out, "</{tag}>");
    }

    fn decimal(&mut self, text: &str, mark: Option<char>) {
        if text.is_empty() && mark.is_none() {
            return;
        }
        let (before, after) = decimal::split(text);
        let mark = mark.map(|m| format!("<sup>{m}</sup>")).unwrap_or_default();
        let _ = write!(
            self.out,
            "<span class=\"a\">{}</span><span class=\"b\">{}{mark}</span>",
            escape(before),
            escape(after)
        );
    }

    fn content(&mut self, cell: &Cell) {
        match &cell.content {
            Content::Plain(text) => self.out.push_str(&escape(text)),
            Content::Rich(inlines) => self.inlines(inlines),
        }
        if let Some(mark) = cell.mark {
            let _ = write!(self.out, "<sup>{mark}</sup>");
        }
    }
}

/// An identifier that CSS can name without escapes.
fn table_id(name: &str) -> String {
    let clean: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect();
    format!("t-{clean}")
}
