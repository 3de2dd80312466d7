//! Datasets as a workbook: a sheet each, texts and numbers, the same bytes each time.
//!
//! Texts are strings whatever they look like, so that `007` and `MAR1` stay what they are; numeric dates are ISO 8601 texts;
//! an ordinary missing number is a blank cell, a special one its letter. There are no styles but the bold first row, which stays in sight.

use super::XlsxError;
use crate::csv::number_text;
use croft_core::{Cell, DataType, Dataset, Kind, Missing};
use std::fmt::Write as _;
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;

const ROWS: usize = 1_048_576;
const COLUMNS: usize = 16_384;
const CHARACTERS: usize = 32_767;
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

/// Writes a workbook of one sheet. Limits of Excel (1,048,576 rows, 16,384 columns, 32,767 characters a cell) are errors, not cuts.
pub fn write(dataset: &Dataset, out: impl Write) -> Result<(), XlsxError> {
    write_book(std::slice::from_ref(dataset), out)
}

/// Writes a workbook with a sheet for each dataset, in their order, within the same limits.
pub fn write_book(datasets: &[Dataset], mut out: impl Write) -> Result<(), XlsxError> {
    datasets.iter().try_for_each(check_limits)?;
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml";
    let mut content_types = format!(
        "{HEAD}<Types xmlns=\"{PACKAGE}/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Default Extension=\"xml\" ContentType=\"application/xml\"/>\
         <Override PartName=\"/xl/workbook.xml\" ContentType=\"{kind}.sheet.main+xml\"/>"
    );
    let mut sheets = String::new();
    let mut targets = Vec::new();
    let mut parts = Vec::new();
    for (i, (dataset, name)) in datasets.iter().zip(sheet_names(datasets)).enumerate() {
        let number = i + 1;
        let _ = write!(
            content_types,
            "<Override PartName=\"/xl/worksheets/sheet{number}.xml\" ContentType=\"{kind}.worksheet+xml\"/>"
        );
        let _ = write!(sheets, "<sheet name=\"{}\" sheetId=\"{number}\" r:id=\"rId{number}\"/>", escaped(&name));
        targets.push(("worksheet", format!("worksheets/sheet{number}.xml")));
        parts.push((format!("xl/worksheets/sheet{number}.xml"), sheet(dataset)));
    }
    let _ = write!(content_types, "<Override PartName=\"/xl/styles.xml\" ContentType=\"{kind}.styles+xml\"/></Types>");
    targets.push(("styles", "styles.xml".to_owned()));
    let workbook =
        format!("{HEAD}<workbook xmlns=\"{MAIN}\" xmlns:r=\"{RELATIONS}\"><sheets>{sheets}</sheets></workbook>");
    let head = [
        ("[Content_Types].xml", content_types),
        ("_rels/.rels", relations(&[("officeDocument", "xl/workbook.xml".to_owned())])),
        ("xl/workbook.xml", workbook),
        ("xl/_rels/workbook.xml.rels", relations(&targets)),
        ("xl/styles.xml", styles()),
    ];
    let head = head.into_iter().map(|(name, text)| (name.to_owned(), text));
    let parts: Vec<(String, String)> = head.chain(parts).collect();
    let failed = |source| XlsxError::Write { source };
    let packed = pack(&parts).map_err(|error| failed(error.into()))?;
    out.write_all(&packed).and_then(|()| out.flush()).map_err(failed)
}

fn relations(targets: &[(&str, String)]) -> String {
    let mut text = format!("{HEAD}<Relationships xmlns=\"{PACKAGE}/relationships\">");
    for (i, (kind, target)) in targets.iter().enumerate() {
        let _ = write!(text, "<Relationship Id=\"rId{}\" Type=\"{RELATIONS}/{kind}\" Target=\"{target}\"/>", i + 1);
    }
    text + "</Relationships>"
}

/// The sheets' names: Excel takes no two that differ in case alone, and at most 31 characters.
fn sheet_names(datasets: &[Dataset]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for dataset in datasets {
        let whole = sheet_name(&dataset.name);
        let taken = |name: &str| names.iter().any(|n| n.to_lowercase() == name.to_lowercase());
        let numbered = |n: usize| {
            let end = format!("~{n}");
            whole.chars().take(31 - end.len()).collect::<String>() + &end
        };
        let name = if taken(&whole) { (2..).map(numbered).find(|n| !taken(n)).unwrap_or(whole) } else { whole };
        names.push(name);
    }
    names
}

/// The parts in a zip archive without times, owners, or anything else of the machine.
fn pack(parts: &[(String, String)]) -> zip::result::ZipResult<Vec<u8>> {
    let options = SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated)
        .last_modified_time(zip::DateTime::default())
        .unix_permissions(0o644);
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        archive.start_file(name.as_str(), options)?;
        archive.write_all(text.as_bytes())?;
    }
    Ok(archive.finish()?.into_inner())
}

fn check_limits(dataset: &Dataset) -> Result<(), XlsxError> {
    let beyond = |what: String| Err(XlsxError::Limit { dataset: dataset.name.clone(), what });
    if dataset.rows() >= ROWS {
        return beyond(format!("{} rows and a line of names, over {ROWS}", dataset.rows()));
    }
    if dataset.variables().len() > COLUMNS {
        return beyond(format!("{} columns, over {COLUMNS}", dataset.variables().len()));
    }
    for (variable, column) in dataset.variables().iter().zip(dataset.columns()) {
        for row in 0..column.len() {
            if let Cell::Text(text) = column.get(row)
                && text.encode_utf16().count() > CHARACTERS
            {
                return beyond(format!("a text of over {CHARACTERS} characters in row {}, {}", row + 1, variable.name));
            }
        }
    }
    Ok(())
}

fn styles() -> String {
    let fonts = "<fonts count=\"2\"><font><sz val=\"11\"/><name val=\"Calibri\"/></font><font><b/><sz val=\"11\"/><name val=\"Calibri\"/></font></fonts>";
    let fills = "<fills count=\"2\"><fill><patternFill patternType=\"none\"/></fill><fill><patternFill patternType=\"gray125\"/></fill></fills>";
    let borders = "<borders count=\"1\"><border><left/><right/><top/><bottom/><diagonal/></border></borders>";
    let base = "<cellStyleXfs count=\"1\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\"/></cellStyleXfs>";
    let formats = "<cellXfs count=\"2\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\"/>\
                   <xf numFmtId=\"0\" fontId=\"1\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyFont=\"1\"/></cellXfs>";
    format!("{HEAD}<styleSheet xmlns=\"{MAIN}\">{fonts}{fills}{borders}{base}{formats}</styleSheet>")
}

fn sheet(dataset: &Dataset) -> String {
    let mut text = format!(
        "{HEAD}<worksheet xmlns=\"{MAIN}\"><sheetViews><sheetView workbookViewId=\"0\"><pane ySplit=\"1\" topLeftCell=\"A2\" \
         activePane=\"bottomLeft\" state=\"frozen\"/></sheetView></sheetViews><sheetData>"
    );
    let letters: Vec<String> = (0..dataset.variables().len()).map(|i| super::letters(i as u32)).collect();
    text.push_str("<row r=\"1\">");
    for (letters, variable) in letters.iter().zip(dataset.variables()) {
        string(&mut text, letters, 1, &variable.name, " s=\"1\"");
    }
    text.push_str("</row>");
    for row in 0..dataset.rows() {
        let number = row + 2;
        let _ = write!(text, "<row r=\"{number}\">");
        for ((letters, variable), column) in letters.iter().zip(dataset.variables()).zip(dataset.columns()) {
            match column.get(row) {
                Cell::Null | Cell::MissingNum(Missing::ORDINARY) | Cell::Text("") => {}
                Cell::Text(value) => string(&mut text, letters, number, value, ""),
                Cell::MissingNum(kind) => string(&mut text, letters, number, &kind.to_string(), ""),
                Cell::Num(x) if is_time(variable.kind, variable.data_type) => {
                    string(&mut text, letters, number, &number_text(x, variable.data_type), "");
                }
                Cell::Num(x) => {
                    let _ = write!(text, "<c r=\"{letters}{number}\"><v>{}</v></c>", number_text(x, DataType::Float));
                }
            }
        }
        text.push_str("</row>");
    }
    text + "</sheetData></worksheet>"
}

fn is_time(kind: Kind, data_type: DataType) -> bool {
    kind == Kind::Num && matches!(data_type, DataType::Date | DataType::Time | DataType::Datetime)
}

fn string(text: &mut String, letters: &str, row: usize, value: &str, style: &str) {
    let _ = write!(
        text,
        "<c r=\"{letters}{row}\" t=\"inlineStr\"{style}><is><t xml:space=\"preserve\">{}</t></is></c>",
        escaped(value)
    );
}

/// XML's own characters, and control characters as SpreadsheetML writes them: `_x0007_` (ECMA-376 part 1, 22.9.2.19).
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (i, c) in text.char_indices() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' => out.push(c),
            '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}' => {
                let _ = write!(out, "_x{:04X}_", c as u32);
            }
            '_' if looks_escaped(&text[i..]) => out.push_str("_x005F_"),
            _ => out.push(c),
        }
    }
    out
}

fn looks_escaped(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 7 && bytes[1] == b'x' && bytes[6] == b'_' && bytes[2..6].iter().all(u8::is_ascii_hexdigit)
}

/// A name that Excel takes: at most 31 characters, none of `[]:*?/\`.
fn sheet_name(name: &str) -> String {
    let name: String = name.chars().filter(|c| !"[]:*?/\\".contains(*c)).take(31).collect();
    if name.is_empty() { "Sheet1".to_owned() } else { name }
}
