//! Puts elements, attributes and text into a document, two blanks a level.

use super::error::WriteError;
use super::node::{Content, Extra, ExtraAttribute, Node};
use super::xml_read::{illegal, is_name};
use std::fmt::Write as _;

pub(crate) struct Writer {
    text: String,
    /// Open elements, how many namespaces were bound before each, and whether anything is in them.
    open: Vec<(String, usize, bool)>,
    /// Prefixes and namespaces in scope, the nearest last.
    bound: Vec<(String, String)>,
    /// Depth from which on blanks would change the text.
    inline: Option<usize>,
    /// Whether the document is of version 2.
    pub(crate) is_v2: bool,
    failed: Option<WriteError>,
}

const XML: &str = "http://www.w3.org/XML/1998/namespace";

impl Writer {
    pub(crate) fn new(is_v2: bool) -> Self {
        let text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
        let bound = vec![("xml".to_owned(), XML.to_owned()), (String::new(), String::new())];
        Self { text, open: Vec::new(), bound, inline: None, is_v2, failed: None }
    }

    /// `<?xml-stylesheet …?>`, before the root.
    pub(crate) fn stylesheet(&mut self, content: &str) {
        self.check(content);
        let _ = writeln!(self.text, "<?xml-stylesheet {}?>", content.replace("?>", "").trim());
    }

    pub(crate) fn finish(mut self) -> Result<String, WriteError> {
        self.text.push('\n');
        self.failed.map_or(Ok(self.text), Err)
    }

    /// What was written since the last time; elements stay open.
    pub(crate) fn drain(&mut self) -> Result<String, WriteError> {
        self.failed.clone().map_or_else(|| Ok(std::mem::take(&mut self.text)), Err)
    }

    fn fail(&mut self, error: WriteError) {
        self.failed.get_or_insert(error);
    }

    /// Opens an element of ODM, or under a prefix that is bound one of an extension: `def:leaf`.
    pub(crate) fn start(&mut self, name: &str) {
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        self.begin(prefix, local);
    }

    fn begin(&mut self, prefix: &str, name: &str) {
        self.content();
        if self.inline.is_none() && !self.open.is_empty() {
            self.indent();
        }
        if !is_name(name) || !(prefix.is_empty() || is_name(prefix)) {
            self.fail(WriteError::Name { element: name.to_owned(), name: format!("{prefix}:{name}") });
        }
        let name = qualified(prefix, name);
        self.text.push('<');
        self.text.push_str(&name);
        self.open.push((name, self.bound.len(), false));
    }

    /// Makes sure that the start tag is closed, since something comes into it.
    fn content(&mut self) {
        if let Some((_, _, filled)) = self.open.last_mut()
            && !*filled
        {
            *filled = true;
            self.text.push('>');
        }
    }

    fn indent(&mut self) {
        self.text.push('\n');
        for _ in 0..self.open.len() {
            self.text.push_str("  ");
        }
    }

    /// Closes the element opened last.
    pub(crate) fn end(&mut self) {
        let Some((name, bound, filled)) = self.open.pop() else { return };
        if filled {
            if self.inline.is_none() {
                self.indent();
            }
            let _ = write!(self.text, "</{name}>");
        } else {
            self.text.push_str("/>");
        }
        self.bound.truncate(bound);
        if self.inline.is_some_and(|depth| self.open.len() < depth) {
            self.inline = None;
        }
    }

    /// From here to the end of the open element no blanks are added.
    pub(crate) fn inline(&mut self) {
        self.inline.get_or_insert(self.open.len());
    }

    pub(crate) fn attribute(&mut self, name: &str, value: &str) {
        self.check(value);
        let _ = write!(self.text, " {name}=\"");
        self.escape(value, true);
        self.text.push('"');
    }

    /// Binds a prefix, or with an empty one the default namespace, on the open element.
    pub(crate) fn bind(&mut self, prefix: &str, namespace: &str) {
        let in_scope = self.bound.iter().rev().find(|(p, _)| p == prefix);
        if in_scope.is_some_and(|(_, n)| n == namespace) {
            return;
        }
        let name = if prefix.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{prefix}") };
        self.attribute(&name, namespace);
        self.bound.push((prefix.to_owned(), namespace.to_owned()));
    }

    pub(crate) fn text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        self.content();
        self.inline();
        self.check(text);
        self.escape(text, false);
    }

    fn check(&mut self, text: &str) {
        if let Some(character) = illegal(text) {
            let element = self.open.last().map_or_else(String::new, |(name, _, _)| name.clone());
            self.fail(WriteError::Character { element, code: u32::from(character) });
        }
    }

    fn escape(&mut self, text: &str, attribute: bool) {
        let mut rest = text;
        while let Some(at) = rest.find(['&', '<', '>', '"', '\r', '\n', '\t']) {
            self.text.push_str(&rest[..at]);
            match rest.as_bytes()[at] {
                b'&' => self.text.push_str("&amp;"),
                b'<' => self.text.push_str("&lt;"),
                b'>' => self.text.push_str("&gt;"),
                b'"' if attribute => self.text.push_str("&quot;"),
                b'\r' => self.text.push_str("&#13;"),
                b'\n' if attribute => self.text.push_str("&#10;"),
                b'\t' if attribute => self.text.push_str("&#9;"),
                other => self.text.push(char::from(other)),
            }
            rest = &rest[at + 1..];
        }
        self.text.push_str(rest);
    }

    pub(crate) fn extra_attributes(&mut self, attributes: &[ExtraAttribute]) {
        for a in attributes.iter().filter(|a| !a.prefix.is_empty()) {
            self.bind(&a.prefix, &a.namespace);
        }
        for a in attributes {
            if !is_name(&a.local) {
                self.fail(WriteError::Name { element: a.local.clone(), name: a.local.clone() });
            }
            self.attribute(&qualified(&a.prefix, &a.local), &a.value);
        }
    }

    pub(crate) fn extra_content(&mut self, extra: &Extra) {
        self.pieces(&extra.content);
    }

    pub(crate) fn pieces(&mut self, content: &[Content]) {
        if content.iter().any(|c| matches!(c, Content::Text(_))) {
            self.inline();
        }
        for piece in content {
            match piece {
                Content::Text(text) => self.text(text),
                Content::Element(node) => self.node(node),
            }
        }
    }

    pub(crate) fn node(&mut self, node: &Node) {
        self.begin(&node.prefix, &node.local);
        self.bind(&node.prefix, &node.namespace);
        self.extra_attributes(&node.attributes);
        self.pieces(&node.content);
        self.end();
    }
}

fn qualified(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}:{name}") }
}
