//! Which styles does a document for Word have, and how are its lists counted?
//!
//! Sizes and spaces are those of the PDF (see [`crate::layout`]). Faces are those that every Word has.

use super::inlines::escape;
use super::twips;
use crate::block::Paper;
use crate::layout::MARGIN;
use std::fmt::Write;

/// A paragraph's style: identifier, name, parent, paragraph properties, run properties.
type Style = (&'static str, &'static str, &'static str, &'static str, &'static str);

const STYLES: [Style; 20] = [
    ("BodyText", "Body Text", "Normal", "<w:spacing w:after=\"100\" w:line=\"276\" w:lineRule=\"auto\"/>", ""),
    ("Title", "Title", "Normal", "<w:spacing w:before=\"2400\" w:after=\"200\"/>", "<w:b/><w:sz w:val=\"48\"/>"),
    ("Subtitle", "Subtitle", "Normal", "<w:spacing w:after=\"600\"/>", "<w:sz w:val=\"28\"/>"),
    (
        "TitleField",
        "Title Field",
        "Normal",
        "<w:tabs><w:tab w:val=\"left\" w:pos=\"2600\"/></w:tabs><w:spacing w:after=\"80\"/><w:ind w:left=\"2600\" w:hanging=\"2600\"/>",
        "<w:sz w:val=\"22\"/>",
    ),
    ("PageBreak", "Page Break", "Normal", "<w:spacing w:after=\"0\"/>", "<w:sz w:val=\"2\"/>"),
    (
        "SectionEnd",
        "Section End",
        "Normal",
        "<w:spacing w:before=\"0\" w:after=\"0\" w:line=\"20\" w:lineRule=\"exact\"/>",
        "<w:sz w:val=\"2\"/>",
    ),
    ("TableEnd", "Table End", "Normal", "<w:spacing w:after=\"60\"/>", "<w:sz w:val=\"12\"/>"),
    ("ListParagraph", "List Paragraph", "BodyText", "<w:spacing w:after=\"60\"/>", ""),
    (
        "Quote",
        "Quote",
        "BodyText",
        "<w:pBdr><w:left w:val=\"single\" w:sz=\"12\" w:space=\"8\" w:color=\"808080\"/></w:pBdr><w:ind w:left=\"240\"/>",
        "",
    ),
    (
        "Code",
        "Code",
        "Normal",
        "<w:spacing w:after=\"0\"/>",
        "<w:rFonts w:ascii=\"Courier New\" w:hAnsi=\"Courier New\" w:cs=\"Courier New\"/><w:sz w:val=\"16\"/>",
    ),
    ("TableText", "Table Text", "Normal", "<w:spacing w:before=\"20\" w:after=\"20\"/>", "<w:sz w:val=\"18\"/>"),
    ("ListingText", "Listing Text", "Normal", "<w:spacing w:before=\"10\" w:after=\"10\"/>", "<w:sz w:val=\"17\"/>"),
    ("Population", "Population", "Normal", "<w:keepNext/><w:spacing w:after=\"60\"/>", "<w:i/><w:sz w:val=\"19\"/>"),
    ("TableNote", "Table Note", "Normal", "<w:spacing w:before=\"20\" w:after=\"0\"/>", "<w:sz w:val=\"16\"/>"),
    ("Figure", "Figure", "Normal", "<w:spacing w:after=\"60\"/><w:jc w:val=\"center\"/>", ""),
    ("FootnoteText", "footnote text", "Normal", "<w:spacing w:after=\"0\"/>", "<w:sz w:val=\"17\"/>"),
    (
        "Header",
        "header",
        "Normal",
        "<w:pBdr><w:bottom w:val=\"single\" w:sz=\"4\" w:space=\"1\" w:color=\"000000\"/></w:pBdr>",
        "<w:sz w:val=\"17\"/>",
    ),
    ("Footer", "footer", "Normal", "<w:jc w:val=\"right\"/>", "<w:sz w:val=\"17\"/>"),
    (
        "Watermark",
        "Watermark",
        "Normal",
        "<w:jc w:val=\"center\"/>",
        "<w:b/><w:color w:val=\"B00020\"/><w:sz w:val=\"18\"/>",
    ),
    (
        "TOCHeading",
        "TOC Heading",
        "Normal",
        "<w:keepNext/><w:spacing w:before=\"240\" w:after=\"100\"/>",
        "<w:b/><w:sz w:val=\"26\"/>",
    ),
];

/// Half points of headings, by level.
const HEADINGS: [u32; 6] = [32, 26, 23, 21, 21, 21];

pub(super) fn styles(language: &str) -> String {
    let language = if language.is_empty() { "en" } else { language };
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<w:styles xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\">\
         <w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii=\"Times New Roman\" w:hAnsi=\"Times New Roman\" w:eastAsia=\"Times New Roman\" w:cs=\"Times New Roman\"/><w:sz w:val=\"21\"/><w:lang w:val=\"{}\"/></w:rPr></w:rPrDefault>\
         <w:pPrDefault><w:pPr><w:widowControl/></w:pPr></w:pPrDefault></w:docDefaults>\n\
         <w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\"><w:name w:val=\"Normal\"/></w:style>\n\
         <w:style w:type=\"character\" w:default=\"1\" w:styleId=\"DefaultParagraphFont\"><w:name w:val=\"Default Paragraph Font\"/></w:style>\n\
         <w:style w:type=\"character\" w:styleId=\"Hyperlink\"><w:name w:val=\"Hyperlink\"/><w:rPr><w:color w:val=\"003399\"/></w:rPr></w:style>\n\
         <w:style w:type=\"character\" w:styleId=\"FootnoteReference\"><w:name w:val=\"footnote reference\"/><w:rPr><w:vertAlign w:val=\"superscript\"/></w:rPr></w:style>\n\
         <w:style w:type=\"character\" w:styleId=\"CodeText\"><w:name w:val=\"Code Text\"/><w:rPr><w:rFonts w:ascii=\"Courier New\" w:hAnsi=\"Courier New\" w:cs=\"Courier New\"/><w:sz w:val=\"18\"/></w:rPr></w:style>\n",
        escape(language)
    );
    let mut paragraph = |id: &str, name: &str, parent: &str, next: &str, properties: &str, runs: &str| {
        let _ = writeln!(
            out,
            "<w:style w:type=\"paragraph\" w:styleId=\"{id}\"><w:name w:val=\"{name}\"/><w:basedOn w:val=\"{parent}\"/>{next}<w:qFormat/><w:pPr>{properties}</w:pPr><w:rPr>{runs}</w:rPr></w:style>"
        );
    };
    for (id, name, parent, properties, runs) in STYLES {
        paragraph(id, name, parent, "", properties, runs);
    }
    for (i, size) in HEADINGS.into_iter().enumerate() {
        let level = i + 1;
        let properties = format!(
            "<w:keepNext/><w:keepLines/><w:tabs><w:tab w:val=\"left\" w:pos=\"720\"/></w:tabs><w:spacing w:before=\"240\" w:after=\"100\"/><w:outlineLvl w:val=\"{i}\"/>"
        );
        let runs = format!("<w:b/><w:sz w:val=\"{size}\"/>");
        paragraph(
            &format!("Heading{level}"),
            &format!("heading {level}"),
            "Normal",
            "<w:next w:val=\"BodyText\"/>",
            &properties,
            &runs,
        );
    }
    for kind in ["Table", "Listing", "Figure"] {
        let properties = "<w:keepNext/><w:spacing w:before=\"160\" w:after=\"60\"/>";
        paragraph(
            &format!("{kind}Caption"),
            &format!("{kind} Caption"),
            "Normal",
            "",
            properties,
            "<w:b/><w:sz w:val=\"20\"/>",
        );
    }
    let right = twips(Paper::A4.size().0 - 2.0 * MARGIN);
    for level in 1..=3 {
        let left = 320 * (level - 1);
        let properties = format!(
            "<w:tabs><w:tab w:val=\"left\" w:pos=\"{}\"/><w:tab w:val=\"right\" w:leader=\"dot\" w:pos=\"{right}\"/></w:tabs><w:spacing w:after=\"40\"/><w:ind w:left=\"{left}\"/>",
            left + 640
        );
        paragraph(&format!("TOC{level}"), &format!("toc {level}"), "Normal", "", &properties, "");
    }
    let properties = format!(
        "<w:tabs><w:tab w:val=\"right\" w:leader=\"dot\" w:pos=\"{right}\"/></w:tabs><w:spacing w:after=\"40\"/>"
    );
    paragraph("TableofFigures", "table of figures", "Normal", "", &properties, "");
    out.push_str("</w:styles>\n");
    out
}

/// One bulleted list for all, and a numbered one for each that begins anew.
pub(super) fn numbering(starts: &[u64]) -> String {
    let mut out = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<w:numbering xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\">".to_owned();
    for (id, format) in [(0, "bullet"), (1, "decimal")] {
        let _ = write!(out, "<w:abstractNum w:abstractNumId=\"{id}\"><w:multiLevelType w:val=\"hybridMultilevel\"/>");
        for level in 0..9 {
            let text = if format == "bullet" { "•".to_owned() } else { format!("%{}.", level + 1) };
            let _ = write!(
                out,
                "<w:lvl w:ilvl=\"{level}\"><w:start w:val=\"1\"/><w:numFmt w:val=\"{format}\"/><w:lvlText w:val=\"{text}\"/><w:lvlJc w:val=\"left\"/><w:pPr><w:ind w:left=\"{}\" w:hanging=\"360\"/></w:pPr></w:lvl>",
                360 * (level + 1)
            );
        }
        out.push_str("</w:abstractNum>");
    }
    out.push_str("<w:num w:numId=\"1\"><w:abstractNumId w:val=\"0\"/></w:num>");
    for (i, start) in starts.iter().enumerate() {
        // A list continues no other: each level begins at its own number.
        let _ = write!(out, "<w:num w:numId=\"{}\"><w:abstractNumId w:val=\"1\"/>", i + 2);
        for level in 0..9 {
            let _ = write!(
                out,
                "<w:lvlOverride w:ilvl=\"{level}\"><w:startOverride w:val=\"{}\"/></w:lvlOverride>",
                (*start).min(32_767)
            );
        }
        out.push_str("</w:num>");
    }
    out.push_str("</w:numbering>\n");
    out
}
