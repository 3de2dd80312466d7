//! Workbooks: what is written is read back, and what a sheet does wrong is told by its cell.

#![allow(clippy::unwrap_used, reason = "tests panic with a sentence")]

use croft_cdisc::xlsx::{self, XlsxError, XlsxOptions};
use croft_core::{Cell, DataType, Dataset, Kind, Missing, Variable};
use std::io::{Cursor, Read, Write};

fn sample() -> Dataset {
    let mut data = Dataset::new(
        "PC",
        "Concentrations",
        vec![
            Variable::char("USUBJID", ""),
            Variable::num("AVAL", ""),
            Variable::new("ADT", "", Kind::Num, DataType::Date),
            Variable::char("NOTE", ""),
        ],
    );
    data.push_row([Cell::Text("007"), Cell::Num(0.1 + 0.2), Cell::Num(0.0), Cell::Text("a <b> & \"c\"\u{7}_x0041_")]);
    data.push_row([Cell::Text("008"), Cell::Num(-1e300), Cell::Num(1.0), Cell::Text("")]);
    data.push_row([Cell::Text("MAR1"), Cell::MissingNum(Missing::ORDINARY), Cell::Num(2.0), Cell::Text("  x ")]);
    data
}

fn written(data: &Dataset) -> Vec<u8> {
    let mut bytes = Vec::new();
    xlsx::write(data, &mut bytes).unwrap();
    bytes
}

/// The sample's workbook with another sheet inside.
fn with_sheet(rows: &str) -> Vec<u8> {
    let source = written(&sample());
    let mut archive = zip::ZipArchive::new(Cursor::new(source)).unwrap();
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for i in 0..archive.len() {
        let mut file = archive.by_index(i).unwrap();
        let (name, mut text) = (file.name().unwrap().into_owned(), String::new());
        file.read_to_string(&mut text).unwrap();
        if name.ends_with("sheet1.xml") {
            let (head, rest) = text.split_once("<sheetData>").unwrap();
            let (_, tail) = rest.split_once("</sheetData>").unwrap();
            text = format!("{head}<sheetData>{rows}</sheetData>{tail}");
        }
        out.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        out.write_all(text.as_bytes()).unwrap();
    }
    out.finish().unwrap().into_inner()
}

fn text(cell: &str, value: &str) -> String {
    format!(r#"<c r="{cell}" t="inlineStr"><is><t>{value}</t></is></c>"#)
}

#[test]
fn a_dataset_comes_back_from_its_workbook() {
    let read = xlsx::read(&written(&sample()), &XlsxOptions::default()).unwrap();
    assert_eq!(read.dataset.name, "PC");
    assert_eq!(read.findings, []);
    for (row, id) in ["007", "008", "MAR1"].into_iter().enumerate() {
        assert_eq!(read.dataset.cell(row, "USUBJID"), Some(Cell::Text(id)));
        assert_eq!(read.dataset.cell(row, "AVAL"), sample().cell(row, "AVAL"));
    }
    assert_eq!(read.dataset.cell(0, "ADT"), Some(Cell::Text("1960-01-01")));
    assert_eq!(read.dataset.cell(0, "NOTE"), sample().cell(0, "NOTE"));
    assert_eq!(read.dataset.cell(2, "NOTE"), Some(Cell::Text("  x ")));
}

#[test]
fn the_same_dataset_gives_the_same_bytes() {
    assert_eq!(written(&sample()), written(&sample()));
}

#[test]
fn blank_rows_are_passed_over_and_rows_keep_their_place() {
    let rows = format!(
        r#"<row r="2">{}{}</row><row r="3"><c r="A3"><v>1</v></c></row><row r="7"><c r="A7"><v>2</v></c>{}</row>"#,
        text("A2", "time"),
        text("B2", "note"),
        text("B7", "late"),
    );
    let read = xlsx::read(&with_sheet(&rows), &XlsxOptions::default()).unwrap();
    assert_eq!(read.dataset.rows(), 2);
    assert_eq!(read.sheet_rows, [3, 7]);
    assert_eq!(read.dataset.cell(1, "time"), Some(Cell::Num(2.0)));
    assert_eq!(read.dataset.cell(0, "note"), Some(Cell::Text("")));
}

#[test]
fn mixed_columns_are_text_and_told() {
    let rows = format!(
        r#"<row r="1">{}</row><row r="2"><c r="A2"><v>1.5</v></c></row><row r="3">{}</row>"#,
        text("A1", "conc"),
        text("A3", "BLQ")
    );
    let read = xlsx::read(&with_sheet(&rows), &XlsxOptions::default()).unwrap();
    assert_eq!(read.dataset.cell(0, "conc"), Some(Cell::Text("1.5")));
    assert_eq!(read.findings[0].rule, "XLSX-MIXED");
    let options = XlsxOptions { numeric: vec!["conc".into()], ..XlsxOptions::default() };
    let error = xlsx::read(&with_sheet(&rows), &options).unwrap_err();
    assert_eq!(error.to_string(), "sheet PC, cell A3: \"BLQ\" is not a number (column conc)");
}

#[test]
fn what_a_sheet_does_wrong_names_its_cell() {
    let error = |rows: &str| xlsx::read(&with_sheet(rows), &XlsxOptions::default()).unwrap_err().to_string();
    assert_eq!(error(""), "sheet PC is blank");
    let head = format!(r#"<row r="1">{}</row>"#, text("A1", "x"));
    assert_eq!(
        error(&format!(r#"{head}<row r="2"><c r="C2"><v>1</v></c></row>"#)),
        "sheet PC, cell C2: the column has no name in the first row"
    );
    assert_eq!(
        error(&format!(r#"{head}<row r="2"><c r="A2" t="e"><v>#N/A</v></c></row>"#)),
        "sheet PC, cell A2 holds the error #N/A"
    );
    let options = XlsxOptions { sheet: Some("AE".into()), ..XlsxOptions::default() };
    let error = xlsx::read(&written(&sample()), &options).unwrap_err();
    assert_eq!(error.to_string(), "there is no sheet `AE`; there are PC");
    assert!(matches!(xlsx::read(b"no zip", &XlsxOptions::default()), Err(XlsxError::Workbook { .. })));
}

#[test]
fn a_workbook_holds_a_sheet_for_each_dataset_under_names_that_excel_takes() {
    let sheet = |name: &str, text: &str| {
        let mut dataset = Dataset::new(name, "", vec![Variable::char("X", "")]);
        dataset.push_row([Cell::Text(text)]);
        dataset
    };
    let long = "a_name_of_more_than_thirty_one_characters";
    let sheets = [sheet("AE", "one"), sheet("ae", "two"), sheet(long, "three"), sheet(long, "four")];
    let mut book = Vec::new();
    croft_cdisc::xlsx::write_book(&sheets, &mut book).unwrap();
    let names = ["AE", "ae~2", "a_name_of_more_than_thirty_one_", "a_name_of_more_than_thirty_on~2"];
    for (name, text) in names.iter().zip(["one", "two", "three", "four"]) {
        let options = XlsxOptions { sheet: Some((*name).to_owned()), ..XlsxOptions::default() };
        let found = xlsx::read(&book, &options).unwrap();
        assert_eq!(found.sheets, names);
        assert_eq!(found.dataset.cell(0, "X"), Some(Cell::Text(text)));
    }
}
