//! Elements, attributes, text: just what define.xml needs.

use std::fmt::Write as _;

/// A document being written, two blanks a level.
pub(crate) struct Xml {
    text: String,
    open: Vec<&'static str>,
    /// The first character that XML 1.0 cannot carry, and the element it stands in.
    pub bad: Option<(String, u32)>,
}

/// Attributes: those without a value are left out.
pub(crate) type Attributes<'a> = &'a [(&'a str, Option<&'a str>)];

impl Xml {
    pub(crate) fn new(prolog: &str) -> Self {
        Self { text: prolog.to_owned(), open: Vec::new(), bad: None }
    }

    /// Opens an element.
    pub(crate) fn open(&mut self, name: &'static str, attributes: Attributes<'_>) {
        self.start(name, attributes);
        self.text.push_str(">\n");
        self.open.push(name);
    }

    /// Closes the element opened last.
    pub(crate) fn close(&mut self) {
        if let Some(name) = self.open.pop() {
            self.indent();
            let _ = writeln!(self.text, "</{name}>");
        }
    }

    /// An element without content.
    pub(crate) fn empty(&mut self, name: &'static str, attributes: Attributes<'_>) {
        self.start(name, attributes);
        self.text.push_str("/>\n");
    }

    /// An element with text.
    pub(crate) fn text(&mut self, name: &'static str, attributes: Attributes<'_>, text: &str) {
        self.start(name, attributes);
        self.text.push('>');
        self.escaped(name, text, false);
        let _ = writeln!(self.text, "</{name}>");
    }

    /// `<Description>` with its text.
    pub(crate) fn description(&mut self, text: &str) {
        self.open("Description", &[]);
        self.text("TranslatedText", &[("xml:lang", Some("en"))], text);
        self.close();
    }

    pub(crate) fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.close();
        }
        self.text
    }

    fn indent(&mut self) {
        self.text.extend(std::iter::repeat_n("  ", self.open.len()));
    }

    fn start(&mut self, name: &'static str, attributes: Attributes<'_>) {
        self.indent();
        let _ = write!(self.text, "<{name}");
        for (attribute, value) in attributes {
            if let Some(value) = value {
                let _ = write!(self.text, " {attribute}=\"");
                self.escaped(name, value, true);
                self.text.push('"');
            }
        }
    }

    fn escaped(&mut self, place: &str, text: &str, attribute: bool) {
        for c in text.chars() {
            match c {
                '&' => self.text.push_str("&amp;"),
                '<' => self.text.push_str("&lt;"),
                '>' => self.text.push_str("&gt;"),
                '"' if attribute => self.text.push_str("&quot;"),
                // Parsers turn these into blanks within attributes unless they are written as references.
                '\n' | '\t' if attribute => {
                    let _ = write!(self.text, "&#{};", c as u32);
                }
                '\n' | '\t' => self.text.push(c),
                '\r' => self.text.push_str("&#13;"),
                '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}' => {
                    self.bad.get_or_insert_with(|| (place.to_owned(), c as u32));
                }
                _ => self.text.push(c),
            }
        }
    }
}
