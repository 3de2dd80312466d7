use super::*;
use crate::block::{
    Align, Block, Body, Cell, Column, ContentsOf, Display, DisplayKind, HeadCell, Heading, Inline, Row, RowKind, Table,
};
use std::process::Command;

fn text(words: &str) -> Vec<Inline> {
    vec![Inline::Text(words.to_owned())]
}

/// A display of so many rows in groups of `group`.
fn display(kind: DisplayKind, rows: usize, group: usize) -> Display {
    let column = |name: &str, align, group| Column { name: name.into(), align, width: None, group };
    let listing = kind == DisplayKind::Listing;
    let mut out = Vec::new();
    for i in 0..rows {
        if !listing && i % group == 0 {
            let name = format!("Group {}", i / group + 1);
            out.push(Row { kind: RowKind::Group, name: name.clone(), indent: 0, cells: vec![Cell::text(name)] });
        }
        let kind = if listing && i % group == 0 { RowKind::Start } else { RowKind::Data };
        let label = if listing { format!("S{:03}", i / group + 1) } else { format!("line {}", i + 1) };
        let cells = vec![Cell::text(label), Cell::text(format!("{}.{}", i, i % 10))];
        out.push(Row { kind, name: format!("row {i}"), indent: u8::from(!listing), cells });
    }
    let head = vec![vec![HeadCell { content: text("Label"), span: 1 }, HeadCell { content: text("Value"), span: 1 }]];
    let columns = vec![column("Label", Align::Left, listing), column("Value", Align::Decimal, false)];
    Display {
        name: format!("{kind:?}"),
        kind,
        number: Some("1".into()),
        title: text("Title of it"),
        population: Some("Everybody".into()),
        body: Body::Table(Table { columns, head, rows: out }),
        footnotes: vec![text("A footnote.")],
        fingerprint: Some("1a2b".into()),
        landscape: None,
    }
}

fn document(blocks: Vec<Block>) -> Document {
    Document {
        title: "Title".into(),
        study: "S-1".into(),
        version: "v1".into(),
        language: "en".into(),
        blocks,
        ..Document::default()
    }
}

fn heading(words: &str, id: &str) -> Block {
    Block::Heading(Heading { level: 1, number: Some("1".into()), id: id.into(), content: text(words) })
}

fn sample() -> Document {
    let reference = Inline::Reference { target: "Table".into(), content: text("Table 1") };
    let note = Inline::Note(text("The note."));
    document(vec![
        Block::Contents(ContentsOf::Headings),
        heading("First", "first"),
        Block::Paragraph(vec![Inline::Text("See ".into()), reference, note, Inline::Text(" λ ≥ ½ ✓.".into())]),
        Block::List { start: Some(1), items: vec![vec![Block::Paragraph(text("item"))]] },
        Block::Quote(vec![Block::Paragraph(text("apart"))]),
        Block::Code("let x = 1;".into()),
        Block::Display(Box::new(display(DisplayKind::Table, 130, 7))),
        heading("Second", "second"),
        Block::Display(Box::new(display(DisplayKind::Listing, 200, 30))),
    ])
}

fn pages(bytes: &[u8], name: &str) -> Option<Vec<String>> {
    let path = std::env::temp_dir().join(format!("croft-report-{}-{name}.pdf", std::process::id()));
    std::fs::write(&path, bytes).unwrap();
    let output = Command::new("pdftotext").args(["-layout".as_ref(), path.as_os_str(), "-".as_ref()]).output();
    std::fs::remove_file(&path).unwrap();
    match output {
        Ok(output) => {
            let text = String::from_utf8(output.stdout).unwrap();
            Some(text.trim_end_matches('\u{c}').split('\u{c}').map(str::to_owned).collect())
        }
        Err(_) => {
            eprintln!("skipped: no pdftotext");
            None
        }
    }
}

#[test]
fn a_document_is_a_valid_archive_file_with_the_same_bytes_each_time() {
    let meta =
        Meta { created: Timestamp { year: 2026, month: 1, day: 2, hour: 3, minute: 4, second: 5 }, ..Meta::default() };
    let bytes = write(&sample(), &meta).unwrap();
    assert_eq!(bytes, write(&sample(), &meta).unwrap());
    let has = |wanted: &str| bytes.windows(wanted.len()).any(|w| w == wanted.as_bytes());
    assert!(has("%PDF-1.7") && has("/PageMode/UseOutlines") && has("<pdfaid:part>2") && has("/StructTreeRoot"));
}

#[test]
fn the_cross_reference_table_still_points_at_its_objects() {
    let bytes = write(&sample(), &Meta::default()).unwrap();
    let find = |wanted: &[u8]| bytes.windows(wanted.len()).rposition(|w| w == wanted).unwrap();
    let text = String::from_utf8_lossy(&bytes[find(b"startxref") + 10..]).into_owned();
    let table: usize = text.lines().next().unwrap().parse().unwrap();
    assert!(bytes[table..].starts_with(b"xref\n"));
    let header_end = table + 5 + bytes[table + 5..].iter().position(|&b| b == b'\n').unwrap() + 1;
    let mut checked = 0;
    for (number, entry) in bytes[header_end..].chunks(20).enumerate() {
        if entry.get(17) != Some(&b'n') {
            if !entry.starts_with(b"0") {
                break;
            }
            continue;
        }
        let place: usize = std::str::from_utf8(&entry[..10]).unwrap().parse().unwrap();
        assert!(bytes[place..].starts_with(format!("{number} 0 obj").as_bytes()), "object {number}");
        checked += 1;
    }
    assert!(checked > 20, "{checked}");
}

#[test]
fn every_page_of_a_table_says_what_it_is() {
    let Some(pages) = pages(&write(&sample(), &Meta::default()).unwrap(), "sample") else { return };
    let count = pages.len();
    for (i, page) in pages.iter().enumerate() {
        assert!(page.contains(&format!("Page {} of {count}", i + 1)), "{page}");
        assert!(page.contains("S-1"), "running head");
    }
    let of_table: Vec<&String> = pages.iter().filter(|p| p.contains("Table 1 ") && p.contains("Title of it")).collect();
    let parts = of_table.len();
    assert!(parts >= 3, "{parts}");
    for (i, page) in of_table.iter().enumerate() {
        assert!(page.contains(&format!("page {} of {parts}", i + 1)), "{page}");
        assert!(page.contains("Label") && page.contains("A footnote.") && page.contains("Everybody"));
        assert_eq!(page.contains("(continued)"), i > 0);
    }
    for page in pages.iter().filter(|p| p.contains("Listing 1")) {
        assert!(page.contains("S00"), "the subject stands on every page: {page}");
    }
    assert!(pages[0].contains("The note.") && pages[0].contains("✓"));
}

#[test]
fn a_row_is_found_on_the_page_that_it_is_said_to_be_on() {
    let mut document = sample();
    for block in &mut document.blocks {
        if let Block::Display(display) = block
            && let crate::block::Body::Table(table) = &mut display.body
        {
            for (at, row) in table.rows.iter_mut().enumerate() {
                row.name = format!("{}/{at}", display.name);
                row.cells[0].content = crate::block::Content::Plain(format!("row-{}-{at}-", display.name));
            }
        }
    }
    let found = row_pages(&document);
    assert!(found.len() >= 330, "{}", found.len());
    let Some(pages) = pages(&write(&document, &Meta::default()).unwrap(), "rows") else { return };
    for (name, page) in found {
        let words = format!("row-{}-", name.replace('/', "-"));
        assert!(pages[page as usize - 1].contains(&words), "{name} is not on page {page}");
    }
}

#[test]
fn no_row_stands_alone_whatever_the_length() {
    for rows in 30..75 {
        let kind = if rows % 2 == 0 { DisplayKind::Table } else { DisplayKind::Listing };
        let document = document(vec![Block::Display(Box::new(display(kind, rows, 9)))]);
        let fonts = Fonts::new();
        let mut layout = layout::lay_out(&document, &fonts);
        let mut seen = 0;
        for page in 0..layout.pages.len() {
            let here = layout
                .placed(page, &fonts)
                .iter()
                .filter(|p| match p {
                    layout::Placed::Text { runs, .. } => {
                        runs.iter().any(|r| r.text.contains('.') && r.text.starts_with(|c: char| c.is_ascii_digit()))
                    }
                    _ => false,
                })
                .count();
            assert!(here >= 2, "{rows} rows: {here} on page {}", page + 1);
            seen += here;
        }
        assert_eq!(seen, rows, "no row is lost or drawn twice");
    }
}

#[test]
fn a_character_that_no_font_has_is_an_error_that_names_it() {
    let document = document(vec![Block::Paragraph(text("before 語 after"))]);
    let error = write(&document, &Meta::default()).unwrap_err();
    assert!(error.to_string().contains("`語` (U+8A9E)"), "{error}");
}
