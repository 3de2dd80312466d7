use super::*;
use crate::block::{Align, Cell, Column, DisplayKind, HeadCell, Paper, Row, RowKind, Table};

fn document() -> Document {
    let cell = |text: &str, source: usize| Cell { sources: vec![CellSource::Result(source)], ..Cell::text(text) };
    let row = |kind, name: &str, cells| Row { kind, name: name.into(), indent: 0, cells };
    let column = |name: &str, align| Column { name: name.into(), align, width: None, group: false };
    let table = Table {
        columns: vec![column("", Align::Left), column("Test", Align::Decimal)],
        head: vec![vec![
            HeadCell { content: vec![], span: 1 },
            HeadCell { content: vec![Inline::Text("Test".into())], span: 1 },
        ]],
        rows: vec![
            row(RowKind::Group, "Cmax", vec![Cell::text("Cmax")]),
            row(RowKind::Data, "Cmax: Mean", vec![Cell::text("Mean"), cell("12.34 (1.2)", 0)]),
            row(RowKind::Data, "Cmax: n", vec![Cell::text("n"), Cell { mark: Some('a'), ..cell("NC", 1) }]),
        ],
    };
    let display = Display {
        name: "pk".into(),
        kind: DisplayKind::Table,
        number: Some("1".into()),
        title: crate::inline::parse("C~max~ & more"),
        population: Some("All <subjects>".into()),
        body: Body::Table(table),
        footnotes: vec![crate::inline::parse("^a^ Too few.")],
        fingerprint: Some("1a2b".into()),
        landscape: None,
    };
    Document {
        title: "Report".into(),
        study: "BE-01".into(),
        version: "1.0".into(),
        language: "en".into(),
        paper: Paper::A4,
        blocks: vec![
            Block::Contents(ContentsOf::Displays(DisplayKind::Table)),
            Block::Paragraph(vec![
                Inline::Text("a".into()),
                Inline::Note(vec![Inline::Text("b".into())]),
                Inline::Link { href: "javascript:x".into(), content: vec![] },
            ]),
            Block::Display(Box::new(display)),
        ],
        ..Document::default()
    }
}

#[test]
fn a_page_is_written_as_it_was() {
    let page = write(&document());
    let body = page.split("<body>").nth(1).unwrap();
    insta::assert_snapshot!(body);
}

#[test]
fn a_page_needs_nothing_from_outside_and_runs_nothing() {
    let page = write(&document());
    for unwanted in ["<script", " style=", "javascript:", "url(http", "@import"] {
        assert!(!page.contains(unwanted), "{unwanted}");
    }
}
