use super::*;
use crate::block::{Align, Cell, Column, DisplayKind, HeadCell, Row, RowKind, Table};

fn text(words: &str) -> Vec<Inline> {
    vec![Inline::Text(words.to_owned())]
}

fn table(rows: usize) -> Table {
    let column = |name: &str, align| Column { name: name.into(), align, width: None, group: false };
    let mut out = vec![Row { kind: RowKind::Group, name: "Cmax".into(), indent: 0, cells: vec![Cell::text("Cmax")] }];
    for i in 0..rows {
        let mut value = Cell::text(format!("{i}.5"));
        if i == 1 {
            value = Cell { mark: Some('a'), ..Cell::text("NC") };
        }
        out.push(Row {
            kind: RowKind::Data,
            name: format!("{i}"),
            indent: 1,
            cells: vec![Cell::text(format!("line {i}")), value],
        });
    }
    Table {
        columns: vec![column("", Align::Left), column("Test", Align::Decimal)],
        head: vec![vec![HeadCell { content: vec![], span: 1 }, HeadCell { content: text("Test"), span: 1 }]],
        rows: out,
    }
}

fn document(rows: usize) -> Document {
    let display = Display {
        name: "pk".into(),
        kind: DisplayKind::Table,
        number: Some("1".into()),
        title: crate::inline::parse("C~max~ {of} all"),
        population: Some("Everybody".into()),
        body: Body::Table(table(rows)),
        footnotes: vec![text("A note: µ ≥ ½.")],
        fingerprint: Some("1a2b".into()),
        landscape: None,
    };
    let reference = Inline::Reference { target: "pk".into(), content: text("Table 1") };
    Document {
        title: "Report".into(),
        study: "S-1".into(),
        version: "v1".into(),
        language: "en".into(),
        blocks: vec![
            Block::Heading(Heading { level: 1, number: Some("1".into()), id: "first".into(), content: text("First") }),
            Block::Paragraph(vec![reference, Inline::Note(text("Below.")), Inline::Text(" 1\u{a0}mg".into())]),
            Block::Display(Box::new(display)),
        ],
        ..Document::default()
    }
}

#[test]
fn a_file_is_written_as_it_was() {
    let rtf = String::from_utf8(write(&document(3), &Meta::default())).unwrap();
    insta::assert_snapshot!(rtf);
}

#[test]
fn braces_close_and_every_page_repeats_its_group() {
    let rtf = String::from_utf8(write(&document(150), &Meta::default())).unwrap();
    assert!(rtf.is_ascii());
    let mut depth = 0i32;
    let mut previous = ' ';
    for c in rtf.chars() {
        if previous != '\\' {
            depth += i32::from(c == '{') - i32::from(c == '}');
        }
        assert!(depth >= 0);
        previous = if previous == '\\' && c == '\\' { ' ' } else { c };
    }
    assert_eq!(depth, 0);
    let pages = rtf.matches("\\page ").count() + 1;
    assert!(pages >= 3);
    assert_eq!(rtf.matches("(continued)").count(), pages - 1);
    assert!(rtf.contains(&format!("page {pages} of {pages}")));
    assert_eq!(rtf.matches("\\trhdr").count(), pages);
}
