//! Which variable does each field of the forms become? The annotated case report form, `acrf.pdf`: every item with its target, or the reason why it has none.
//!
//! It is made from the coverage of a build, so it says what the datasets hold, whether a default or a written statement made them. The form is the one on
//! which was recorded: its groups, labels, codes and units, in their order.

use super::coverage::{Coverage, CoveredItem, Status};
use super::target::Target;
use crate::definition::Definition;
use crate::forms::{Form, Item, ItemGroup};
use croft_report::block::{
    Align, Block, Cell, Column, ContentsOf, Document, HeadCell, Heading, Inline, Paper, Row, RowKind, Table, TitlePage,
};
use croft_report::pdf;
use std::collections::{BTreeMap, BTreeSet};

/// The document. O(items).
pub fn document(definition: &Definition, forms: &[Form], coverage: &Coverage) -> Document {
    let mut blocks = vec![
        Block::Paragraph(vec![Inline::Strong(vec![Inline::Text("Contents".to_owned())])]),
        Block::Contents(ContentsOf::Headings),
    ];
    for (at, form) in forms.iter().enumerate() {
        blocks.push(Block::PageBreak);
        blocks.push(heading(1, format!("form-{at}"), &form.label));
        blocks.push(Block::Paragraph(vec![
            Inline::Code(form.form.clone()),
            Inline::Text(format!("  Filled at: {}.", visits(definition, form))),
        ]));
        for (n, group) in form.groups.iter().enumerate() {
            blocks.push(heading(2, format!("form-{at}-{n}"), &group.label));
            blocks.push(items(form, group, coverage));
        }
    }
    let fields = [
        ("Study", definition.study.id.clone()),
        ("Sponsor", definition.study.sponsor.clone()),
        ("Guide", coverage.guide.clone()),
        (
            "Items",
            format!(
                "{} mapped, {} not submitted, {} unmapped",
                coverage.count(Status::Mapped),
                coverage.count(Status::NotSubmitted),
                coverage.count(Status::Unmapped)
            ),
        ),
    ];
    let fields = fields.into_iter().filter(|(_, value)| !value.is_empty());
    Document {
        title: "Annotated case report form".to_owned(),
        study: definition.study.id.clone(),
        version: coverage.guide.clone(),
        language: "en".to_owned(),
        paper: Paper::A4,
        title_page: Some(TitlePage {
            subtitle: Some(definition.study.title.clone()),
            fields: fields.map(|(label, value)| (label.to_owned(), value)).collect(),
        }),
        watermark: None,
        blocks,
    }
}

/// The name of an item's row.
fn place(form: &str, group: &str, item: &str) -> String {
    format!("{form}.{group}.{item}")
}

/// The pages of the document on which a variable is collected; physical ones, from 1.
pub struct Annotations {
    pages: BTreeMap<(String, String), BTreeSet<u32>>,
}

impl Annotations {
    /// Those of a document, as it is laid out for PDF. O(items) and the layout.
    pub fn of(document: &Document, coverage: &Coverage) -> Self {
        let rows = pdf::row_pages(document);
        let mut pages: BTreeMap<(String, String), BTreeSet<u32>> = BTreeMap::new();
        for item in coverage.items.iter().filter(|item| !item.derived) {
            let page = rows.get(place(&item.form, &item.group, &item.item).as_str());
            for target in &item.targets {
                let Target::Variable { dataset, variable, .. } = target else { continue };
                // A supplemental qualifier is a record: its value stands in QVAL.
                let variable = if dataset.starts_with("SUPP") { "QVAL" } else { variable };
                pages.entry((dataset.clone(), variable.to_owned())).or_default().extend(page);
            }
        }
        Self { pages }
    }

    /// The pages of a variable, in order; `None` when no item is collected into it.
    pub fn pages(&self, dataset: &str, variable: &str) -> Option<Vec<u32>> {
        let pages = self.pages.get(&(dataset.to_owned(), variable.to_owned()))?;
        Some(pages.iter().copied().collect())
    }
}

fn heading(level: u8, id: String, text: &str) -> Block {
    Block::Heading(Heading { level, number: None, id, content: vec![Inline::Text(text.to_owned())] })
}

fn visits(definition: &Definition, form: &Form) -> String {
    let mut planned = form.clone();
    planned.plan(definition);
    let name =
        |code: &String| definition.visits.iter().find(|v| v.code == *code).map_or(code.clone(), |v| v.name.clone());
    planned.visits.iter().map(name).collect::<Vec<_>>().join(", ")
}

fn items(form: &Form, group: &ItemGroup, coverage: &Coverage) -> Block {
    let column =
        |name: &str, width: f32| Column { name: name.to_owned(), align: Align::Left, width: Some(width), group: false };
    let columns = vec![
        column("Item", 34.0),
        column("Answer", 26.0),
        column(if coverage.guide.starts_with("SEND") { "SEND" } else { "SDTM" }, 40.0),
    ];
    let head = columns.iter().map(|c| HeadCell { content: vec![Inline::Text(c.name.clone())], span: 1 }).collect();
    let found = |item: &Item| {
        coverage.items.iter().find(|c| c.form == form.form && c.group == group.name && c.item == item.name)
    };
    let rows = group.items.iter().map(|item| Row {
        kind: RowKind::Data,
        name: place(&form.form, &group.name, &item.name),
        indent: 0,
        cells: vec![question(item), answer(item), target(found(item))],
    });
    Block::Table(Table { columns, head: vec![head], rows: rows.collect() })
}

fn question(item: &Item) -> Cell {
    Cell::rich(vec![Inline::Text(item.label.clone()), Inline::Break, Inline::Code(item.name.clone())])
}

fn answer(item: &Item) -> Cell {
    let lines: Vec<String> = if item.derive.is_some() {
        vec!["computed".to_owned()]
    } else if item.codes.is_empty() {
        vec![item.unit.clone().unwrap_or_default()]
    } else {
        let line =
            |(code, words): (&String, &String)| if code == words { code.clone() } else { format!("{code}: {words}") };
        item.codes.iter().map(line).collect()
    };
    let lines: Vec<Vec<Inline>> = lines.into_iter().map(|line| vec![Inline::Text(line)]).collect();
    Cell::rich(lines.join(&Inline::Break))
}

fn target(item: Option<&CoveredItem>) -> Cell {
    let Some(item) = item else { return Cell::text("") };
    let content = match item.status {
        Status::Mapped => {
            let name = |target: &Target| {
                let mut words = vec![Inline::Code(target.to_string())];
                if item.derived {
                    words.push(Inline::Text(" (derived)".to_owned()));
                }
                words
            };
            item.targets.iter().map(name).collect::<Vec<_>>().join(&Inline::Break)
        }
        Status::NotSubmitted => vec![
            Inline::Strong(vec![Inline::Text("[NOT SUBMITTED]".to_owned())]),
            Inline::Text(format!(" {}", item.reason)),
        ],
        Status::Unmapped => vec![Inline::Strong(vec![Inline::Text("[UNMAPPED]".to_owned())])],
    };
    Cell::rich(content)
}
