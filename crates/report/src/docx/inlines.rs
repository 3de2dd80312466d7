//! How is running text written for Word?
//!
//! A run (`w:r`) has one dress; dress within dress adds to it. Characters that XML does not have are left out.

use super::Parts;
use crate::block::Inline;
use std::collections::BTreeMap;

/// Text with everything that XML would read as its own made harmless.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => out.push(' '),
            c if c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
    out
}

/// Writes inlines; names of bookmarks are found by identifier, notes and links go to their parts.
pub(super) struct Runs<'a> {
    pub(super) bookmarks: &'a BTreeMap<String, (usize, String)>,
    pub(super) parts: &'a mut Parts,
}

impl Runs<'_> {
    /// `dress` is what all runs have: elements of `w:rPr`.
    pub(super) fn write(&mut self, inlines: &[Inline], dress: &str) -> String {
        inlines.iter().map(|inline| self.inline(inline, dress)).collect()
    }

    fn inline(&mut self, inline: &Inline, dress: &str) -> String {
        let add = |more: &str| format!("{dress}{more}");
        match inline {
            Inline::Text(text) | Inline::Value { text, .. } => dressed(text, dress),
            Inline::Strong(c) => self.write(c, &add("<w:b/>")),
            Inline::Emphasis(c) => self.write(c, &add("<w:i/>")),
            Inline::Subscript(c) => self.write(c, &add("<w:vertAlign w:val=\"subscript\"/>")),
            Inline::Superscript(c) => self.write(c, &add("<w:vertAlign w:val=\"superscript\"/>")),
            Inline::Code(text) => dressed(text, &add("<w:rStyle w:val=\"CodeText\"/>")),
            Inline::Link { href, content } => {
                self.parts.links.push(href.clone());
                let number = self.parts.links.len();
                let runs = self.write(content, &add("<w:rStyle w:val=\"Hyperlink\"/>"));
                format!("<w:hyperlink r:id=\"rIdLink{number}\">{runs}</w:hyperlink>")
            }
            Inline::Reference { target, content } => {
                let runs = self.write(content, &add("<w:rStyle w:val=\"Hyperlink\"/>"));
                match self.bookmarks.get(target) {
                    Some((_, name)) => format!("<w:hyperlink w:anchor=\"{name}\">{runs}</w:hyperlink>"),
                    None => runs,
                }
            }
            Inline::Note(content) => {
                let runs = self.write(content, "");
                self.parts.notes.push(runs);
                // Notes 0 and 1 are Word's own separators.
                let number = self.parts.notes.len() + 1;
                format!(
                    "<w:r><w:rPr><w:rStyle w:val=\"FootnoteReference\"/></w:rPr><w:footnoteReference w:id=\"{number}\"/></w:r>"
                )
            }
            Inline::Break => "<w:r><w:br/></w:r>".to_owned(),
        }
    }
}

/// A run in this dress, its elements in the order that the schema asks for and each once.
pub(super) fn dressed(text: &str, dress: &str) -> String {
    const ORDER: [&str; 6] = [
        "<w:rStyle w:val=\"CodeText\"/>",
        "<w:rStyle w:val=\"Hyperlink\"/>",
        "<w:b/>",
        "<w:i/>",
        "<w:vertAlign w:val=\"subscript\"/>",
        "<w:vertAlign w:val=\"superscript\"/>",
    ];
    let mut elements: Vec<&str> = ORDER.into_iter().filter(|element| dress.contains(element)).collect();
    for name in ["<w:rStyle", "<w:vertAlign"] {
        if let [first, ..] = elements.iter().filter(|e| e.starts_with(name)).copied().collect::<Vec<_>>().as_slice() {
            elements.retain(|e| !e.starts_with(name) || e == first);
        }
    }
    let properties = if elements.is_empty() { String::new() } else { format!("<w:rPr>{}</w:rPr>", elements.concat()) };
    format!("<w:r>{properties}<w:t xml:space=\"preserve\">{}</w:t></w:r>", escape(text))
}
