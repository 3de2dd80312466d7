//! How is text written as RTF?
//!
//! ASCII as it is, everything else as `\uN?` (a UTF-16 unit as a signed number, then a sign for programs that do not
//! know it). Control words end in a blank, which belongs to them.

use crate::block::Inline;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Text with everything that RTF would read as its own made harmless.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '{' | '}' => {
                out.push('\\');
                out.push(c);
            }
            '\u{a0}' => out.push_str("\\~"),
            '\n' => out.push_str("\\line "),
            '\t' => out.push_str("\\tab "),
            c if c.is_ascii_control() => {}
            c if c.is_ascii() => out.push(c),
            c => {
                let mut units = [0u16; 2];
                for unit in c.encode_utf16(&mut units) {
                    let _ = write!(out, "\\u{}?", unit.cast_signed());
                }
            }
        }
    }
    out
}

/// Writes inlines; names of bookmarks are found by identifier.
pub(super) struct Inlines<'a> {
    pub(super) bookmarks: &'a BTreeMap<String, String>,
}

impl Inlines<'_> {
    pub(super) fn write(&self, inlines: &[Inline]) -> String {
        inlines.iter().map(|inline| self.inline(inline)).collect()
    }

    fn inline(&self, inline: &Inline) -> String {
        match inline {
            Inline::Text(text) | Inline::Value { text, .. } => escape(text),
            Inline::Strong(c) => format!("{{\\b {}}}", self.write(c)),
            Inline::Emphasis(c) => format!("{{\\i {}}}", self.write(c)),
            Inline::Subscript(c) => format!("{{\\sub {}}}", self.write(c)),
            Inline::Superscript(c) => format!("{{\\super {}}}", self.write(c)),
            Inline::Code(text) => format!("{{\\f1\\fs18 {}}}", escape(text)),
            Inline::Link { href, content } => link(&format!("\"{}\"", address(href)), &self.write(content)),
            Inline::Reference { target, content } => match self.bookmarks.get(target) {
                Some(name) => link(&format!("\\\\l \"{name}\""), &self.write(content)),
                None => self.write(content),
            },
            Inline::Note(content) => format!(
                "{{\\super\\chftn}}{{\\footnote\\pard\\plain\\f0\\fs17 {{\\super\\chftn}} {}}}",
                self.write(content)
            ),
            Inline::Break => "\\line ".to_owned(),
        }
    }
}

fn link(instruction: &str, shown: &str) -> String {
    format!("{{\\field{{\\*\\fldinst HYPERLINK {instruction}}}{{\\fldrslt {{\\cf1 {shown}}}}}}}")
}

/// An address within the quotes of a field.
fn address(href: &str) -> String {
    escape(&href.replace('"', "%22").replace('\\', "/").replace('{', "%7B").replace('}', "%7D"))
}
