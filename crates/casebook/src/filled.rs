//! What stands in a form, as a reader of the paper form would look for it?
//!
//! Each group is a table of its items in their order, with what was recorded. A group of short rows becomes one table, a line a row; a wide one
//! is told row by row. Voided rows are shown as void, with the reason: nothing that was recorded is left out.

use crate::answer::{answer, answer_with_unit};
use crate::book::{Book, named};
use crate::writing::{Grid, Pen, cell, heading};
use croft_design::forms::{Item, ItemGroup};
use croft_record::capture::{FormState, ItemState, Place, RowState, Voided};
use croft_report::block::{Block, Cell, Inline};
use std::collections::BTreeMap;

/// Width of an upright page's text, and between columns, in points.
const ROOM: f32 = 453.0;
const GAP: f32 = 12.0;
/// Longest text that a cell of a table of rows may hold, in characters.
const SHORT: usize = 60;

/// A form and the words for it.
pub(crate) struct Filled<'b> {
    pub book: &'b Book,
    pub pen: &'b Pen,
    pub place: &'b Place,
    pub form: &'b FormState,
    pub voids: Vec<Voided>,
}

/// An item, as its definition has it where there is one.
struct Asked<'b> {
    name: String,
    item: Option<&'b Item>,
}

impl Asked<'_> {
    fn label(&self) -> String {
        self.item.map_or_else(|| self.name.clone(), |i| i.label.clone())
    }
}

impl<'b> Filled<'b> {
    /// A table a group, in the order of the form; `id` begins the names of its headings.
    pub fn blocks(&self, id: &str) -> Vec<Block> {
        let version = self.form.version;
        let form = self.book.form(version, &self.place.form);
        let mut groups: Vec<(String, Option<&ItemGroup>)> =
            form.into_iter().flat_map(|f| &f.groups).map(|g| (g.name.clone(), Some(g))).collect();
        for name in self.form.groups.keys().filter(|n| !form.is_some_and(|f| f.groups.iter().any(|g| g.name == **n))) {
            groups.push((name.clone(), self.book.group(version, &self.place.form, name)));
        }
        let alone = groups.len() == 1;
        let mut blocks = Vec::new();
        for (n, (name, group)) in groups.into_iter().enumerate() {
            let label = group.map_or(name.as_str(), |g| g.label.as_str());
            if !(alone && form.is_some_and(|f| f.label == label)) {
                blocks.push(heading(self.pen, 4, format!("{id}-group-{n}"), label));
            }
            blocks.push(self.group(&name, group));
        }
        blocks
    }

    fn group(&self, name: &str, group: Option<&ItemGroup>) -> Block {
        let empty = BTreeMap::new();
        let rows = self.form.groups.get(name).unwrap_or(&empty);
        let asked = self.asked(name, group, rows);
        if group.is_some_and(|g| g.repeating) || rows.len() > 1 {
            if rows.is_empty() {
                return Block::Paragraph(vec![Inline::Emphasis(vec![Inline::Text(
                    "No rows are recorded.".to_owned(),
                )])]);
            }
            return self.side_by_side(name, &asked, rows).unwrap_or_else(|| self.below_each_other(name, &asked, rows));
        }
        let mut grid = Grid::new(&[("Item", 40.0, false), ("Value", 40.0, false), ("Marks", 20.0, false)]);
        let nothing = RowState::default();
        let (seq, row) = rows.iter().next().map_or((1, &nothing), |(seq, row)| (*seq, row));
        if row.void {
            grid.label(cell(self.pen, &self.void_words(name, seq)));
        }
        self.items(&mut grid, &asked, row);
        grid.block()
    }

    /// The items in the order of the version, behind them those that an earlier one asked.
    fn asked(&self, name: &str, group: Option<&'b ItemGroup>, rows: &BTreeMap<u32, RowState>) -> Vec<Asked<'b>> {
        let planned = group.into_iter().flat_map(|g| &g.items);
        let mut asked: Vec<Asked<'b>> =
            planned.map(|item| Asked { name: item.name.clone(), item: Some(item) }).collect();
        for item in rows.values().flat_map(|r| r.items.keys()) {
            if !asked.iter().any(|a| a.name == *item) {
                let known = self.book.item(self.form.version, &self.place.form, name, item);
                asked.push(Asked { name: item.clone(), item: known });
            }
        }
        asked
    }

    fn items(&self, grid: &mut Grid, asked: &[Asked<'_>], row: &RowState) {
        for a in asked {
            let state = row.items.get(&a.name);
            let value = match state.filter(|s| !s.is_blank()) {
                Some(state) => cell(self.pen, &answer_with_unit(a.item, state)),
                None => blank(state.is_some()),
            };
            grid.row(vec![cell(self.pen, &a.label()), value, Cell::text(marks(a.item, state))]);
        }
    }

    fn below_each_other(&self, name: &str, asked: &[Asked<'_>], rows: &BTreeMap<u32, RowState>) -> Block {
        let mut grid = Grid::new(&[("Item", 40.0, false), ("Value", 40.0, false), ("Marks", 20.0, false)]);
        for (seq, row) in rows {
            let mut label = format!("Row {seq}");
            if row.void {
                label = format!("{label}, {}", self.void_words(name, *seq));
            }
            grid.label(cell(self.pen, &label));
            self.items(&mut grid, asked, row);
        }
        grid.block()
    }

    /// One line a row, when that is narrow enough to be read on an upright page.
    fn side_by_side(&self, name: &str, asked: &[Asked<'_>], rows: &BTreeMap<u32, RowState>) -> Option<Block> {
        let units: Vec<Option<&str>> = asked.iter().map(|a| shared_unit(&a.name, rows)).collect();
        let mut lines = Vec::new();
        for (seq, row) in rows {
            let mut line = vec![seq.to_string()];
            for (a, unit) in asked.iter().zip(&units) {
                let words = row.items.get(&a.name).filter(|s| !s.is_blank()).map_or_else(String::new, |state| {
                    if unit.is_some() { answer(a.item, state) } else { answer_with_unit(a.item, state) }
                });
                line.push(self.pen.words(&words));
            }
            line.push(self.pen.words(&self.row_marks(name, *seq, asked, row)));
            lines.push(line);
        }
        let mut head = vec!["Row".to_owned()];
        head.extend(asked.iter().zip(&units).map(|(a, unit)| {
            let label = self.pen.title(&a.label());
            unit.map_or(label.clone(), |u| format!("{label} ({})", self.pen.title(u)))
        }));
        head.push("Marks".to_owned());
        let widest = |column: usize| {
            let cells = lines.iter().map(|l| self.pen.widest_word(&l[column], false));
            cells.fold(self.pen.widest_word(&head[column], true), f32::max) + GAP
        };
        let width: f32 = (0..head.len()).map(widest).sum();
        // A table that just fits has cells of one word a line: half as much again reads well.
        let values = lines.iter().flat_map(|l| &l[..l.len() - 1]);
        if width * 1.25 > ROOM || values.clone().any(|v| v.chars().count() > SHORT) {
            return None;
        }
        let columns: Vec<(&str, f32, bool)> = head.iter().map(|h| (h.as_str(), 0.0, false)).collect();
        let mut grid = Grid::new(&columns);
        for line in lines {
            grid.row(line.into_iter().map(Cell::text).collect());
        }
        Some(grid.block())
    }

    fn row_marks(&self, name: &str, seq: u32, asked: &[Asked<'_>], row: &RowState) -> String {
        if row.void {
            return self.void_words(name, seq);
        }
        let held: Vec<_> = asked.iter().filter(|a| row.items.get(&a.name).is_some_and(|s| !s.is_blank())).collect();
        let verified: Vec<_> = held.iter().filter(|a| row.items.get(&a.name).is_some_and(|s| s.verified > 0)).collect();
        let labels = |of: &[&&Asked<'_>]| of.iter().map(|a| a.label()).collect::<Vec<_>>().join(", ");
        match verified.len() {
            0 => String::new(),
            n if n == held.len() => "verified".to_owned(),
            _ => format!("verified: {}", labels(&verified)),
        }
    }

    fn void_words(&self, name: &str, seq: u32) -> String {
        let void = self.voids.iter().find(|v| v.group == name && v.row == seq);
        void.map_or_else(|| "VOID".to_owned(), |v| format!("VOID: {}", v.reason))
    }

    /// An item's label with its name, and its row where there are several.
    pub fn item_words(&self, group: &str, row: u32, item: &str) -> String {
        let version = self.form.version;
        let found = self.book.group(version, &self.place.form, group);
        let label = self.book.item(version, &self.place.form, group, item).map_or("", |i| i.label.as_str());
        let words = match (group, item) {
            ("", "") => return "the whole form".to_owned(),
            (group, "") => named(found.map_or("", |g| g.label.as_str()), group),
            (_, item) => named(label, item),
        };
        if found.is_some_and(|g| g.repeating) || row > 1 { format!("{words}, row {row}") } else { words }
    }
}

/// The unit that all values of an item have; it stands in the head then.
fn shared_unit<'r>(item: &str, rows: &'r BTreeMap<u32, RowState>) -> Option<&'r str> {
    let mut units = rows.values().filter_map(|r| r.items.get(item)).filter(|s| !s.text.is_empty()).map(|s| &s.unit);
    let first = units.next().filter(|u| !u.is_empty())?;
    units.all(|u| u == first).then_some(first.as_str())
}

/// An item that holds nothing: emptied again, or never recorded.
fn blank(was_recorded: bool) -> Cell {
    let words = if was_recorded { "emptied" } else { "not recorded" };
    Cell::rich(vec![Inline::Emphasis(vec![Inline::Text(words.to_owned())])])
}

fn marks(item: Option<&Item>, state: Option<&ItemState>) -> String {
    let mut words = Vec::new();
    if state.is_some_and(|s| s.verified > 0) {
        words.push("verified");
    }
    if item.is_some_and(|i| i.derive.is_some()) {
        words.push("computed");
    }
    words.join(", ")
}
