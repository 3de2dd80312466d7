//! Tables are the main furniture: head and first column stand still, numbers stand at the right, pages are addresses.

use crate::context::Context;
use crate::nav::Address;
use maud::{Markup, html};

/// A column.
#[derive(Clone, Debug)]
pub struct Column {
    label: String,
    unit: Option<String>,
    /// Class of its cells in the style sheet.
    class: Option<&'static str>,
    hidden_label: bool,
}

impl Column {
    /// A column of text.
    pub fn text(label: impl Into<String>) -> Self {
        Self { label: label.into(), unit: None, class: None, hidden_label: false }
    }

    /// A column of names and codes, which are never broken over two lines.
    pub fn name(label: impl Into<String>) -> Self {
        Self { class: Some("name"), ..Self::text(label) }
    }

    /// A column of sentences, which get the room to be read.
    pub fn prose(label: impl Into<String>) -> Self {
        Self { class: Some("prose"), ..Self::text(label) }
    }

    /// A column of numbers, which stand at the right.
    pub fn number(label: impl Into<String>) -> Self {
        Self { class: Some("number"), ..Self::text(label) }
    }

    /// A column of boxes or buttons: its label is read and not shown.
    pub fn bare(label: impl Into<String>) -> Self {
        Self { hidden_label: true, ..Self::text(label) }
    }

    /// The unit, in the head.
    #[must_use]
    pub fn unit(mut self, unit: impl Into<String>) -> Self {
        self.unit = Some(unit.into());
        self
    }
}

/// A row: a head and cells.
#[derive(Clone, Debug)]
pub struct Row {
    head: Markup,
    cells: Vec<Markup>,
    class: Option<&'static str>,
    id: Option<String>,
}

impl Row {
    /// A row whose first cell names it.
    pub fn new(head: Markup) -> Self {
        Self { head, cells: Vec::new(), class: None, id: None }
    }

    /// The next cell.
    #[must_use]
    pub fn cell(mut self, cell: Markup) -> Self {
        self.cells.push(cell);
        self
    }

    /// The next cell, of text.
    #[must_use]
    pub fn text(self, text: impl std::fmt::Display) -> Self {
        let text = text.to_string();
        self.cell(html! { (text) })
    }

    /// A class of the style sheet: `voided`.
    #[must_use]
    pub fn class(mut self, class: &'static str) -> Self {
        self.class = Some(class);
        self
    }

    /// An id that links can lead to.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }
}

/// Where the next rows begin, and the ones before: the keys of this page's last and first row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pager {
    /// The last row's key, when rows follow: `?after=`.
    pub next: Option<String>,
    /// The first row's key, when rows come before: `?before=`.
    pub previous: Option<String>,
    /// How many there are in all, where that is known.
    pub total: Option<u64>,
}

/// A table.
///
/// ```
/// use croft_server::components::{Column, Row, Table};
/// # fn page(c: &croft_server::Context) -> maud::Markup {
/// Table::new("Queries by age")
///     .column(Column::name("Subject"))
///     .column(Column::number("Age").unit("days"))
///     .row(Row::new(maud::html! { a href="/x" { "101" } }).text(3))
///     .render(c)
/// # }
/// ```
pub struct Table {
    caption: String,
    caption_hidden: bool,
    columns: Vec<Column>,
    rows: Vec<Row>,
    pager: Option<Pager>,
    empty: Option<Markup>,
    grid: bool,
}

impl Table {
    /// A table; the caption says what is in it.
    pub fn new(caption: impl Into<String>) -> Self {
        Self {
            caption: caption.into(),
            caption_hidden: false,
            columns: Vec::new(),
            rows: Vec::new(),
            pager: None,
            empty: None,
            grid: false,
        }
    }

    /// The caption is read and not shown, where a heading says the same.
    #[must_use]
    pub fn hide_caption(mut self) -> Self {
        self.caption_hidden = true;
        self
    }

    /// The next column; the first one names the rows.
    #[must_use]
    pub fn column(mut self, column: Column) -> Self {
        self.columns.push(column);
        self
    }

    /// The next row.
    #[must_use]
    pub fn row(mut self, row: Row) -> Self {
        self.rows.push(row);
        self
    }

    /// More rows.
    #[must_use]
    pub fn rows(mut self, rows: impl IntoIterator<Item = Row>) -> Self {
        self.rows.extend(rows);
        self
    }

    /// Where the next rows are.
    #[must_use]
    pub fn pager(mut self, pager: Pager) -> Self {
        self.pager = Some(pager);
        self
    }

    /// What stands here while there are no rows; see [`super::empty`].
    #[must_use]
    pub fn empty(mut self, markup: Markup) -> Self {
        self.empty = Some(markup);
        self
    }

    /// Arrow keys move between the links of its cells: a matrix.
    #[must_use]
    pub fn grid(mut self) -> Self {
        self.grid = true;
        self
    }

    /// The table; its links keep what else stands in the address.
    pub fn render(&self, c: &Context) -> Markup {
        if let (true, Some(empty)) = (self.rows.is_empty(), &self.empty) {
            return empty.clone();
        }
        let here = Address::of(&c.path, &c.query);
        html! {
            div.table-frame role="region" tabindex="0" aria-label=(self.caption) data-grid[self.grid] {
                table {
                    caption.unseen[self.caption_hidden] { (self.caption) }
                    thead { tr { @for column in &self.columns { (column.head()) } } }
                    tbody { @for row in &self.rows { (self.line(row)) } }
                }
            }
            @if let Some(pager) = &self.pager { (pager.render(c, &here)) }
        }
    }

    fn line(&self, row: &Row) -> Markup {
        let class = |n: usize| self.columns.get(n).and_then(|column| column.class);
        html! {
            tr class=[row.class] id=[row.id.as_deref()] {
                th scope="row" class=[class(0)] { (row.head) }
                @for (n, cell) in row.cells.iter().enumerate() {
                    td class=[class(n + 1)] { (cell) }
                }
            }
        }
    }
}

impl Column {
    fn head(&self) -> Markup {
        html! {
            th scope="col" class=[self.class] {
                span.unseen[self.hidden_label] { (self.label) }
                @if let Some(unit) = &self.unit { " " span.unit-head { (unit) } }
            }
        }
    }
}

impl Pager {
    fn render(&self, c: &Context, here: &Address) -> Markup {
        let bare = here.clone().without("after").without("before");
        let previous = self.previous.as_ref().map(|key| bare.clone().with("before", key).to_string());
        let next = self.next.as_ref().map(|key| bare.clone().with("after", key).to_string());
        if previous.is_none() && next.is_none() && self.total.is_none() {
            return html! {};
        }
        html! {
            nav.pager aria-label=(t!(c, "pages")) {
                @if let Some(to) = previous { a.button href=(to) rel="prev" { (t!(c, "previous")) } }
                @if let Some(to) = next { a.button href=(to) rel="next" { (t!(c, "next")) } }
                @if let Some(total) = self.total { span.quiet { (t!(c, "in-all", count = total)) } }
            }
        }
    }
}
