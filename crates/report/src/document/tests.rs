use super::*;
use crate::block::{Body, ContentsOf, DisplayKind, Inline, Table};

const TEXT: &str = r#"+++
title = "Report of {{study.id}}"
study = "{{study.id}}"
fields = [["Sponsor", "{{study.sponsor}}"]]
+++

# Synopsis {.unnumbered}

{{contents}}

# Methods {#methods}

See [](#pk) and [](#methods). C~max~ is *large*[^1].

[^1]: A note of {{study.id}}.

## Subjects

- one
- two

| A | B |
|---|--:|
| x | 1.5 |

![[pk]]

# Listings {.appendix}

## Raw

<!-- a remark
over two lines -->

> To be written.
"#;

fn display(name: &str) -> Display {
    Display {
        name: name.into(),
        kind: DisplayKind::Table,
        number: None,
        title: vec![],
        population: None,
        body: Body::Table(Table::default()),
        footnotes: vec![],
        fingerprint: None,
        landscape: None,
    }
}

fn render(text: &str) -> Result<Document, DocumentError> {
    let variables = BTreeMap::from([
        ("study.id".to_owned(), "BE-01".to_owned()),
        ("study.sponsor".to_owned(), "Example".to_owned()),
    ]);
    let inputs = Inputs { results: &[], datasets: &BTreeMap::new(), variables: &variables };
    let displays = BTreeMap::from([("pk".to_owned(), display("pk"))]);
    parse("report", text)?.render(&inputs, &displays)
}

#[test]
fn a_document_is_numbered_filled_and_linked() {
    let document = render(TEXT).unwrap();
    assert_eq!(document.title, "Report of BE-01");
    assert_eq!(document.title_page.unwrap().fields, [("Sponsor".to_owned(), "Example".to_owned())]);
    let numbers: Vec<_> = document
        .blocks
        .iter()
        .filter_map(|b| match b {
            Block::Heading(h) => Some((h.number.clone().unwrap_or_default(), h.id.as_str())),
            _ => None,
        })
        .collect();
    let expected =
        [("", "synopsis"), ("1", "methods"), ("1.1", "subjects"), ("Appendix\u{a0}A", "listings"), ("A.1", "raw")];
    assert_eq!(numbers, expected.map(|(n, i)| (n.to_owned(), i)));
    assert!(document.blocks.contains(&Block::Contents(ContentsOf::Headings)));
    let Some(Block::Paragraph(run)) = document.blocks.iter().find(|b| matches!(b, Block::Paragraph(_))) else {
        panic!("no paragraph")
    };
    assert_eq!(plain(run), "See Table\u{a0}1 and Section\u{a0}1. Cmax is large.");
    let notes: Vec<_> =
        run.iter().filter_map(|i| if let Inline::Note(n) = i { Some(plain(n)) } else { None }).collect();
    assert_eq!(notes, ["A note of BE-01."]);
}

#[test]
fn errors_name_the_document_and_the_line() {
    let with = |body: &str| render(&format!("+++\ntitle = \"T\"\n+++\n\n{body}\n")).unwrap_err().to_string();
    assert_eq!(with("![[pq]]"), "document/report.md, line 5: there is no display `pq` (there are: pk)");
    assert_eq!(with("a [](#b)"), "document/report.md, line 5: the reference `#b` leads nowhere");
    assert_eq!(with("![[pk]]\n\n![[pk]]"), "document/report.md, line 7: `pk` already names something above");
    assert_eq!(with("x\n\n<b>y</b>"), "document/report.md, line 7: raw HTML `<b>`");
    assert_eq!(with("![x](y.png)"), "document/report.md, line 5: a picture");
    assert_eq!(with("{{a.b.c}}"), "document/report.md, line 5");
    assert!(render("# no front").unwrap_err().to_string().contains("does not begin"));
    assert!(render("+++\nx = 1\n+++\n").unwrap_err().to_string().contains("front matter"));
}
