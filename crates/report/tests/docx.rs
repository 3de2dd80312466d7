//! A document for Word is an archive whose parts are well formed, fit each other, and are the same each time.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use croft_report::block::{
    Align, Block, Body, Cell, Column, ContentsOf, Display, DisplayKind, Document, HeadCell, Heading, Inline, Row,
    RowKind, Table, TitlePage,
};
use croft_report::docx::write;
use croft_report::pdf::Meta;
use std::collections::BTreeMap;
use std::io::{Cursor, Read};

fn text(words: &str) -> Vec<Inline> {
    vec![Inline::Text(words.to_owned())]
}

fn table() -> Table {
    let column = |name: &str, align| Column { name: name.into(), align, width: None, group: false };
    let row = |kind, name: &str, cells: Vec<Cell>| Row { kind, name: name.into(), indent: 0, cells };
    Table {
        columns: vec![column("", Align::Left), column("Test", Align::Decimal)],
        head: vec![vec![HeadCell { content: vec![], span: 1 }, HeadCell { content: text("Test <1>"), span: 1 }]],
        rows: vec![
            row(RowKind::Group, "Cmax", vec![Cell::text("Cmax")]),
            row(RowKind::Data, "n", vec![Cell::text("n & m"), Cell { mark: Some('a'), ..Cell::text("12.5") }]),
        ],
    }
}

fn document() -> Document {
    let display = |name: &str, landscape| Display {
        name: name.into(),
        kind: DisplayKind::Table,
        number: Some("1".into()),
        title: vec![Inline::Text("C".into()), Inline::Subscript(text("max")), Inline::Text(" of all".into())],
        population: Some("Everybody".into()),
        body: Body::Table(table()),
        footnotes: vec![text("A note: µ ≥ ½.")],
        fingerprint: Some("1a2b".into()),
        landscape,
    };
    let reference = Inline::Reference { target: "pk".into(), content: text("Table 1") };
    let link = Inline::Link { href: "https://example.org/?a=1&b=2".into(), content: text("there") };
    let item = |words: &str| vec![Block::Paragraph(text(words))];
    Document {
        title: "Report & more".into(),
        study: "S-1".into(),
        version: "v1".into(),
        language: "en".into(),
        title_page: Some(TitlePage { subtitle: Some("Sub".into()), fields: vec![("Study".into(), "S-1".into())] }),
        blocks: vec![
            Block::Contents(ContentsOf::Headings),
            Block::Heading(Heading { level: 1, number: Some("1".into()), id: "first".into(), content: text("First") }),
            Block::Paragraph(vec![
                reference,
                Inline::Note(text("Below.")),
                link,
                Inline::Strong(vec![Inline::Emphasis(text("x"))]),
            ]),
            Block::List { start: Some(3), items: vec![item("three"), item("four")] },
            Block::List { start: None, items: vec![item("point")] },
            Block::Quote(item("To be written")),
            Block::Code("a  b".into()),
            Block::Table(table()),
            Block::Display(Box::new(display("pk", Some(false)))),
            Block::Display(Box::new(display("wide", Some(true)))),
        ],
        ..Document::default()
    }
}

fn members(bytes: &[u8]) -> BTreeMap<String, String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut members = BTreeMap::new();
    for i in 0..archive.len() {
        let mut file = archive.by_index(i).unwrap();
        let name = file.name().unwrap().to_string();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        members.insert(name, String::from_utf8_lossy(&bytes).into_owned());
    }
    members
}

/// Every tag that is opened is closed in order.
fn assert_well_formed(name: &str, xml: &str) {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = xml;
    while let Some(at) = rest.find('<') {
        let end = rest[at..].find('>').unwrap_or_else(|| panic!("{name}: a tag without end")) + at;
        let tag = &rest[at + 1..end];
        rest = &rest[end + 1..];
        if tag.starts_with('?') || tag.ends_with('/') {
            continue;
        }
        match tag.strip_prefix('/') {
            Some(closed) => assert_eq!(open.pop(), Some(closed), "{name}"),
            None => open.push(tag.split(' ').next().unwrap()),
        }
    }
    assert!(open.is_empty(), "{name}: {open:?}");
}

#[test]
fn every_part_is_well_formed_and_every_relation_leads_somewhere() {
    let members = members(&write(&document(), &Meta::default()));
    for (name, xml) in members.iter().filter(|(name, _)| !name.ends_with(".emf")) {
        assert_well_formed(name, xml);
    }
    let (text, relations) = (&members["word/document.xml"], &members["word/_rels/document.xml.rels"]);
    let used = text.match_indices("r:id=\"").map(|(at, _)| text[at + 6..].split('"').next().unwrap());
    let mut checked = 0;
    for id in used {
        assert!(relations.contains(&format!("Id=\"{id}\"")), "{id}");
        checked += 1;
    }
    assert!(checked >= 6, "{checked}");
    let styles = &members["word/styles.xml"];
    let all = members.values().flat_map(|xml| {
        xml.match_indices("w:pStyle w:val=\"").map(|(at, _)| xml[at + 16..].split('"').next().unwrap())
    });
    for style in all {
        assert!(styles.contains(&format!("w:styleId=\"{style}\"")), "{style}");
    }
    for target in relations.match_indices("Target=\"").map(|(at, _)| relations[at + 8..].split('"').next().unwrap()) {
        assert!(target.starts_with("https:") || members.contains_key(&format!("word/{target}")), "{target}");
    }
}

#[test]
fn the_same_document_gives_the_same_bytes() {
    assert!(write(&document(), &Meta::default()) == write(&document(), &Meta::default()));
}

#[test]
fn a_document_is_what_it_was() {
    let members = members(&write(&document(), &Meta::default()));
    insta::assert_snapshot!(members["word/document.xml"]);
}
