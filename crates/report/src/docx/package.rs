//! How do the parts become one file?
//!
//! An archive of parts with their kinds and relations (ECMA-376 part 2). Members stand in a fixed order and bear no time.

use super::inlines::escape;
use super::{Parts, field_begin, run, styles, twips};
use crate::block::Document;
use crate::layout::MARGIN;
use crate::pdf::Meta;
use std::fmt::Write as _;
use std::io::{Cursor, Write as _};
use zip::write::SimpleFileOptions;

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

/// Namespaces of a part with text.
const NAMES: &str = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\" xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing\"";

const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// Puts the parts of a document into one file.
pub(super) fn package(document: &Document, meta: &Meta, body: &str, parts: &Parts) -> Vec<u8> {
    let mut files: Vec<(String, Vec<u8>)> = vec![
        ("[Content_Types].xml".into(), types().into_bytes()),
        ("_rels/.rels".into(), root_relations().into_bytes()),
        ("docProps/core.xml".into(), core(document, meta).into_bytes()),
        ("docProps/app.xml".into(), app(meta).into_bytes()),
        ("word/document.xml".into(), text(body).into_bytes()),
        ("word/_rels/document.xml.rels".into(), relations(parts).into_bytes()),
        ("word/styles.xml".into(), styles::styles(&document.language).into_bytes()),
        ("word/numbering.xml".into(), styles::numbering(&parts.lists).into_bytes()),
        ("word/settings.xml".into(), settings().into_bytes()),
        ("word/footnotes.xml".into(), notes(&parts.notes).into_bytes()),
        ("word/header1.xml".into(), header(document, false).into_bytes()),
        ("word/header2.xml".into(), header(document, true).into_bytes()),
        ("word/footer1.xml".into(), footer().into_bytes()),
    ];
    for (i, figure) in parts.figures.iter().enumerate() {
        files.push((format!("word/media/figure{}.emf", i + 1), figure.clone()));
    }
    archive(&files)
}

/// Writing to memory cannot fail, and no member is near the limits of the format.
fn archive(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let options = SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated)
        .last_modified_time(zip::DateTime::default());
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        let written = archive.start_file(name, options).and_then(|()| Ok(archive.write_all(bytes)?));
        assert!(written.is_ok(), "an archive in memory takes every member: {written:?}");
    }
    match archive.finish() {
        Ok(cursor) => cursor.into_inner(),
        Err(error) => unreachable!("an archive in memory can be finished: {error}"),
    }
}

fn text(body: &str) -> String {
    format!("{HEAD}<w:document {NAMES}><w:body>\n{body}</w:body></w:document>\n")
}

fn types() -> String {
    let word = "application/vnd.openxmlformats-officedocument.wordprocessingml";
    let mut out = format!(
        "{HEAD}<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
         <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Default Extension=\"xml\" ContentType=\"application/xml\"/><Default Extension=\"emf\" ContentType=\"image/x-emf\"/>"
    );
    for (part, kind) in [
        ("document", "document.main"),
        ("styles", "styles"),
        ("numbering", "numbering"),
        ("settings", "settings"),
        ("footnotes", "footnotes"),
        ("header1", "header"),
        ("header2", "header"),
        ("footer1", "footer"),
    ] {
        let _ = write!(out, "<Override PartName=\"/word/{part}.xml\" ContentType=\"{word}.{kind}+xml\"/>");
    }
    out.push_str(
        "<Override PartName=\"/docProps/core.xml\" ContentType=\"application/vnd.openxmlformats-package.core-properties+xml\"/>\
         <Override PartName=\"/docProps/app.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.extended-properties+xml\"/></Types>\n",
    );
    out
}

fn root_relations() -> String {
    format!(
        "{HEAD}<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
         <Relationship Id=\"rId1\" Type=\"{RELATIONS}/officeDocument\" Target=\"word/document.xml\"/>\
         <Relationship Id=\"rId2\" Type=\"http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties\" Target=\"docProps/core.xml\"/>\
         <Relationship Id=\"rId3\" Type=\"{RELATIONS}/extended-properties\" Target=\"docProps/app.xml\"/></Relationships>\n"
    )
}

fn relations(parts: &Parts) -> String {
    let mut out =
        format!("{HEAD}<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">");
    let mut relation = |id: &str, kind: &str, target: &str, more: &str| {
        let _ = write!(out, "<Relationship Id=\"{id}\" Type=\"{RELATIONS}/{kind}\" Target=\"{target}\"{more}/>");
    };
    for (id, kind, target) in [
        ("rIdStyles", "styles", "styles.xml"),
        ("rIdNumbering", "numbering", "numbering.xml"),
        ("rIdSettings", "settings", "settings.xml"),
        ("rIdNotes", "footnotes", "footnotes.xml"),
        ("rIdHeader", "header", "header1.xml"),
        ("rIdHeaderWide", "header", "header2.xml"),
        ("rIdFooter", "footer", "footer1.xml"),
    ] {
        relation(id, kind, target, "");
    }
    for i in 1..=parts.figures.len() {
        relation(&format!("rIdFigure{i}"), "image", &format!("media/figure{i}.emf"), "");
    }
    for (i, href) in parts.links.iter().enumerate() {
        relation(&format!("rIdLink{}", i + 1), "hyperlink", &escape(href), " TargetMode=\"External\"");
    }
    out.push_str("</Relationships>\n");
    out
}

fn core(document: &Document, meta: &Meta) -> String {
    let t = meta.created;
    let time = format!("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", t.year, t.month, t.day, t.hour, t.minute, t.second);
    format!(
        "{HEAD}<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:dcterms=\"http://purl.org/dc/terms/\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\
         <dc:title>{}</dc:title><dc:subject>{}</dc:subject><dc:creator>{}</dc:creator><cp:keywords>{}</cp:keywords><dc:language>{}</dc:language>\
         <dcterms:created xsi:type=\"dcterms:W3CDTF\">{time}</dcterms:created><dcterms:modified xsi:type=\"dcterms:W3CDTF\">{time}</dcterms:modified></cp:coreProperties>\n",
        escape(&document.title),
        escape(&meta.subject),
        escape(&meta.author),
        escape(&meta.keywords.join(", ")),
        escape(if document.language.is_empty() { "en" } else { &document.language }),
    )
}

fn app(meta: &Meta) -> String {
    format!(
        "{HEAD}<Properties xmlns=\"http://schemas.openxmlformats.org/officeDocument/2006/extended-properties\"><Application>{}</Application></Properties>\n",
        escape(&meta.creator)
    )
}

fn settings() -> String {
    format!(
        "{HEAD}<w:settings {NAMES}><w:defaultTabStop w:val=\"720\"/><w:footnotePr><w:footnote w:id=\"0\"/><w:footnote w:id=\"1\"/></w:footnotePr>\
         <w:compat><w:compatSetting w:name=\"compatibilityMode\" w:uri=\"http://schemas.microsoft.com/office/word\" w:val=\"15\"/></w:compat></w:settings>\n"
    )
}

fn notes(notes: &[String]) -> String {
    let mut out = format!(
        "{HEAD}<w:footnotes {NAMES}>\
         <w:footnote w:type=\"separator\" w:id=\"0\"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>\
         <w:footnote w:type=\"continuationSeparator\" w:id=\"1\"><w:p><w:r><w:continuationSeparator/></w:r></w:p></w:footnote>\n"
    );
    for (i, runs) in notes.iter().enumerate() {
        let _ = writeln!(
            out,
            "<w:footnote w:id=\"{}\"><w:p><w:pPr><w:pStyle w:val=\"FootnoteText\"/></w:pPr><w:r><w:rPr><w:rStyle w:val=\"FootnoteReference\"/></w:rPr><w:footnoteRef/></w:r><w:r><w:t xml:space=\"preserve\"> </w:t></w:r>{runs}</w:p></w:footnote>",
            i + 2
        );
    }
    out.push_str("</w:footnotes>\n");
    out
}

/// Study, title and version over a rule; a watermark's words above them. Tabs stand where the page is wide.
fn header(document: &Document, landscape: bool) -> String {
    let (width, height) = document.paper.size();
    let text = if landscape { height } else { width } - 2.0 * MARGIN;
    let watermark = document
        .watermark
        .as_ref()
        .map(|words| format!("<w:p><w:pPr><w:pStyle w:val=\"Watermark\"/></w:pPr>{}</w:p>", run(words)));
    format!(
        "{HEAD}<w:hdr {NAMES}>{}<w:p><w:pPr><w:pStyle w:val=\"Header\"/><w:tabs><w:tab w:val=\"center\" w:pos=\"{}\"/><w:tab w:val=\"right\" w:pos=\"{}\"/></w:tabs></w:pPr>{}<w:r><w:tab/></w:r>{}<w:r><w:tab/></w:r>{}</w:p></w:hdr>\n",
        watermark.unwrap_or_default(),
        twips(text / 2.0),
        twips(text),
        run(&document.study),
        run(&short(&document.title)),
        run(&document.version)
    )
}

/// A title that fits between study and version.
fn short(title: &str) -> String {
    match title.char_indices().nth(70) {
        Some((at, _)) => format!("{}…", title[..at].trim_end()),
        None => title.to_owned(),
    }
}

fn footer() -> String {
    let field = |name: &str| {
        format!("{}<w:r><w:t>1</w:t></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r>", field_begin(name))
    };
    format!(
        "{HEAD}<w:ftr {NAMES}><w:p><w:pPr><w:pStyle w:val=\"Footer\"/></w:pPr>{}{}{}{}</w:p></w:ftr>\n",
        run("Page "),
        field("PAGE"),
        run(" of "),
        field("NUMPAGES")
    )
}
