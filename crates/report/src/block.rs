//! What does a document consist of?
//!
//! One model for every writer: prose (headings, paragraphs, lists), [`Display`]s (tables, listings, figures) with
//! title, population, footnotes and fingerprint, and what a writer makes from the whole (contents, title page).
//! The PDF, RTF and HTML writers read only this, so that a study has one truth in three dresses.
//!
//! A table cell keeps where its text came from ([`CellSource`]): `croft trace` lists the cells by row and
//! column label ([`Table::addresses`]) and walks back from there.

use crate::figure::Figure;
use std::borrow::Cow;
use std::sync::Arc;

/// Text inside a line.
#[derive(Clone, Debug, PartialEq)]
pub enum Inline {
    /// Plain text.
    Text(String),
    /// Bold.
    Strong(Vec<Inline>),
    /// Italic.
    Emphasis(Vec<Inline>),
    /// Fixed-width, for names of variables and files.
    Code(String),
    /// Lowered: C~max~.
    Subscript(Vec<Inline>),
    /// Raised.
    Superscript(Vec<Inline>),
    /// A link out of the document.
    Link {
        /// The address.
        href: String,
        /// What is shown.
        content: Vec<Inline>,
    },
    /// A link to a heading or display of this document.
    Reference {
        /// Its identifier.
        target: String,
        /// What is shown; empty until the document is numbered.
        content: Vec<Inline>,
    },
    /// One analysis result or variable in running text.
    Value {
        /// As shown.
        text: String,
        /// Where it came from.
        sources: Vec<CellSource>,
    },
    /// A note of the prose, set at the foot of its page.
    Note(Vec<Inline>),
    /// A forced line break.
    Break,
}

/// The words of a run of inlines, without its dress. Notes are left out.
pub fn plain(inlines: &[Inline]) -> String {
    let mut text = String::new();
    push_plain(inlines, &mut text);
    text
}

fn push_plain(inlines: &[Inline], out: &mut String) {
    for inline in inlines {
        match inline {
            Inline::Text(t) | Inline::Code(t) | Inline::Value { text: t, .. } => out.push_str(t),
            Inline::Strong(c) | Inline::Emphasis(c) | Inline::Subscript(c) | Inline::Superscript(c) => {
                push_plain(c, out)
            }
            Inline::Link { content, .. } | Inline::Reference { content, .. } => push_plain(content, out),
            Inline::Note(_) => {}
            Inline::Break => out.push(' '),
        }
    }
}

/// One block of a document.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// A heading.
    Heading(Heading),
    /// A paragraph.
    Paragraph(Vec<Inline>),
    /// A list; numbered from `start` when there is one.
    List {
        /// First number, or a bulleted list.
        start: Option<u64>,
        /// Each item's blocks.
        items: Vec<Vec<Block>>,
    },
    /// Set apart by a rule at its left: quotations, and what an author has still to write.
    Quote(Vec<Block>),
    /// Fixed-width lines, kept as they are.
    Code(String),
    /// A table written in the document itself.
    Table(Table),
    /// A table, listing or figure made from the study's results.
    Display(Box<Display>),
    /// A list of headings or displays with page numbers.
    Contents(ContentsOf),
    /// What follows begins on a new page.
    PageBreak,
}

/// A heading; numbers are given when a document is rendered.
#[derive(Clone, Debug, PartialEq)]
pub struct Heading {
    /// 1 to 6.
    pub level: u8,
    /// `2.1`, `Appendix A`; none for an unnumbered heading.
    pub number: Option<String>,
    /// Identifier for links, unique in the document.
    pub id: String,
    /// What it says.
    pub content: Vec<Inline>,
}

/// What a contents block lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentsOf {
    /// Headings to level 3.
    Headings,
    /// Displays of one kind.
    Displays(DisplayKind),
}

/// The three kinds of display.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the trade's words")]
pub enum DisplayKind {
    Table,
    Listing,
    Figure,
}

impl DisplayKind {
    /// `Table`, `Listing`, `Figure`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Table => "Table",
            Self::Listing => "Listing",
            Self::Figure => "Figure",
        }
    }
}

/// A table, listing or figure with everything that belongs to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Display {
    /// Its name: the file's, without `.toml`.
    pub name: String,
    /// Which of the three it is.
    pub kind: DisplayKind,
    /// `14.2.1`; given by the display, or by the document that embeds it.
    pub number: Option<String>,
    /// What is shown.
    pub title: Vec<Inline>,
    /// Who is in it: `Pharmacokinetic population`.
    pub population: Option<String>,
    /// The table or the figures.
    pub body: Body,
    /// Under the display, in order. Marks of cells (`a`, `b`) are among them.
    pub footnotes: Vec<Vec<Inline>>,
    /// Short hash of the display's own inputs, set by who knows them.
    pub fingerprint: Option<String>,
    /// `Some(true)` landscape, `Some(false)` portrait, `None`: whichever fits.
    pub landscape: Option<bool>,
}

impl Display {
    /// `Table 14.2.1`, or only `Table` while it has no number.
    pub fn label(&self) -> String {
        match &self.number {
            Some(number) => format!("{}\u{a0}{number}", self.kind.word()),
            None => self.kind.word().to_owned(),
        }
    }

    /// The table that the display is, or that holds a figure's data.
    pub fn table(&self) -> &Table {
        match &self.body {
            Body::Table(table) | Body::Figures { data: table, .. } => table,
        }
    }
}

/// What a display holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// A table or listing.
    Table(Table),
    /// Figures, each as high as a page allows, and their data.
    Figures {
        /// One or more pictures, in order.
        figures: Vec<Figure>,
        /// The numbers drawn.
        data: Table,
    },
}

/// How a column's texts stand under each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "said by the names")]
pub enum Align {
    Left,
    Center,
    Right,
    /// On the decimal point of the first number.
    Decimal,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// The label by which a cell is addressed; unique in the table.
    pub name: String,
    /// How its texts stand.
    pub align: Align,
    /// Share of the width relative to the other columns; `None`: by content.
    pub width: Option<f32>,
    /// A text that the rows of a group share: printed once, and again with "(continued)" after a page break.
    pub group: bool,
}

/// A cell of the head, over one or more columns.
#[derive(Clone, Debug, PartialEq)]
pub struct HeadCell {
    /// What it says.
    pub content: Vec<Inline>,
    /// Columns covered, at least 1.
    pub span: usize,
}

/// Columns, head and rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// The columns.
    pub columns: Vec<Column>,
    /// Head rows from the top; spans add up to the columns in each.
    pub head: Vec<Vec<HeadCell>>,
    /// The rows.
    pub rows: Vec<Row>,
}

/// What a row is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowKind {
    /// A label over the rows that follow; repeated with "(continued)" after a page break.
    Group,
    /// Values.
    Data,
    /// Values, first of a group that has no label row of its own: a little space goes before it.
    Start,
}

/// A row of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What it is for.
    pub kind: RowKind,
    /// The label by which its cells are addressed; unique among the table's rows with values.
    pub name: String,
    /// Steps by which the first cell is indented.
    pub indent: u8,
    /// One cell a column; a group row has one cell in all.
    pub cells: Vec<Cell>,
}

/// A cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cell {
    /// What it says.
    pub content: Content,
    /// Letter of a footnote, raised after the text.
    pub mark: Option<char>,
    /// Where the text came from, in the order of the values shown. Empty for labels.
    pub sources: Vec<CellSource>,
}

/// A cell's text: plain for the thousands, dressed for the few.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "said above")]
pub enum Content {
    Plain(String),
    Rich(Vec<Inline>),
}

impl Default for Content {
    fn default() -> Self {
        Self::Plain(String::new())
    }
}

impl Cell {
    /// A cell with this text and no source.
    pub fn text(text: impl Into<String>) -> Self {
        Self { content: Content::Plain(text.into()), ..Self::default() }
    }

    /// A cell with dressed text and no source.
    pub fn rich(content: Vec<Inline>) -> Self {
        Self { content: Content::Rich(content), ..Self::default() }
    }

    /// Its words when nothing in it is dressed.
    pub fn undressed(&self) -> Option<Cow<'_, str>> {
        match &self.content {
            Content::Plain(text) => Some(Cow::Borrowed(text)),
            Content::Rich(inlines) => {
                let bare = inlines.iter().all(|i| matches!(i, Inline::Text(_) | Inline::Value { .. }));
                bare.then(|| Cow::Owned(plain(inlines)))
            }
        }
    }

    /// Its words.
    pub fn words(&self) -> Cow<'_, str> {
        match &self.content {
            Content::Plain(text) => Cow::Borrowed(text),
            Content::Rich(inlines) => Cow::Owned(plain(inlines)),
        }
    }
}

/// Where a shown value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CellSource {
    /// An analysis result, by its position in the results given.
    Result(usize),
    /// A value of a dataset.
    Row {
        /// The dataset's name.
        dataset: Arc<str>,
        /// Its row, counted from 0.
        row: usize,
        /// The variable.
        variable: Arc<str>,
    },
}

/// One cell by its address, with what it says and where that came from.
#[derive(Clone, Debug, PartialEq)]
pub struct Addressed<'a> {
    /// The row's label.
    pub row: &'a str,
    /// The column's label.
    pub column: &'a str,
    /// The cell.
    pub cell: &'a Cell,
}

impl Table {
    /// Whether a cell of a group column says what the row above says, and is left empty where both are seen.
    pub(crate) fn is_repeat(&self, row: usize, column: usize) -> bool {
        let Some(previous) = row.checked_sub(1).map(|r| &self.rows[r]) else { return false };
        let here = &self.rows[row];
        previous.kind != RowKind::Group
            && self.columns[..=column].iter().all(|c| c.group)
            && here.cells.iter().zip(&previous.cells).take(column + 1).all(|(a, b)| a.content == b.content)
    }

    /// Every cell that has a source, by `ROW/COLUMN` labels, in reading order.
    pub fn addresses(&self) -> impl Iterator<Item = Addressed<'_>> {
        self.rows.iter().flat_map(move |row| {
            row.cells
                .iter()
                .zip(&self.columns)
                .filter(|(cell, _)| !cell.sources.is_empty())
                .map(move |(cell, column)| Addressed { row: &row.name, column: &column.name, cell })
        })
    }

    /// The cell with this address, written `ROW/COLUMN` as [`Table::addresses`] lists it.
    pub fn find(&self, address: &str) -> Option<Addressed<'_>> {
        self.addresses().find(|a| {
            address.strip_prefix(a.row).and_then(|rest| rest.strip_prefix('/')).is_some_and(|column| column == a.column)
        })
    }
}

/// Paper sizes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "names of paper sizes")]
pub enum Paper {
    #[default]
    A4,
    Letter,
}

impl Paper {
    /// Width and height of the upright page in points.
    pub fn size(self) -> (f32, f32) {
        match self {
            Self::A4 => (595.28, 841.89),
            Self::Letter => (612.0, 792.0),
        }
    }
}

/// A document, numbered and with everything embedded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    /// Its title.
    pub title: String,
    /// Study identifier for the running head.
    pub study: String,
    /// Version or status for the running head: `Version 1.0, draft`.
    pub version: String,
    /// Language tag, `en`.
    pub language: String,
    /// Page size.
    pub paper: Paper,
    /// Title page, when there is one.
    pub title_page: Option<TitlePage>,
    /// Words set across the top of every page, such as that treatment codes are dummies.
    pub watermark: Option<String>,
    /// The document.
    pub blocks: Vec<Block>,
}

/// The first page: what this is, in a few lines.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TitlePage {
    /// Under the title.
    pub subtitle: Option<String>,
    /// Labels and values: study, sponsor, version, date.
    pub fields: Vec<(String, String)>,
}

impl Document {
    /// A document that is one display: what a reviewer opens beside the report.
    pub fn of_display(display: Display, study: &str, version: &str) -> Self {
        Self {
            title: format!("{}: {}", display.label().replace('\u{a0}', " "), plain(&display.title)),
            study: study.to_owned(),
            version: version.to_owned(),
            language: "en".to_owned(),
            blocks: vec![Block::Display(Box::new(display))],
            ..Self::default()
        }
    }

    /// The displays, in order.
    pub fn displays(&self) -> impl Iterator<Item = &Display> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Display(display) => Some(display.as_ref()),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source() -> Vec<CellSource> {
        vec![CellSource::Result(3)]
    }

    #[test]
    fn a_cell_is_found_by_its_labels_even_when_they_hold_slashes() {
        let column = |name: &str| Column { name: name.into(), align: Align::Decimal, width: None, group: false };
        let table = Table {
            columns: vec![column(""), column("T/R")],
            head: vec![],
            rows: vec![Row {
                kind: RowKind::Data,
                name: "AUC (h·ng/mL)".into(),
                indent: 0,
                cells: vec![Cell::text("AUC"), Cell { sources: source(), ..Cell::text("98.1") }],
            }],
        };
        let found = table.find("AUC (h·ng/mL)/T/R").unwrap();
        assert_eq!((found.cell.words().as_ref(), &found.cell.sources), ("98.1", &source()));
        assert!(table.find("AUC/T/R").is_none());
    }
}
