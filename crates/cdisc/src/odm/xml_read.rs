//! Pulls elements, attributes and text out of a document.
//!
//! Declarations of a DTD are passed over and their entities never read: a document that uses one is refused.

use super::error::OdmError;
use super::node::{Content, ExtraAttribute, Node, Place};
use super::source::{self, Counted};
use quick_xml::XmlVersion;
use quick_xml::errors::Error;
use quick_xml::escape::EscapeError;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{NamespaceResolver, QName, ResolveResult};
use std::borrow::Cow;
use std::cell::Cell;
use std::io::{self, BufRead};

/// How much of a document is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Elements within each other.
    pub depth: usize,
    /// Bytes of one tag, text or comment.
    pub piece: u64,
    /// Bytes of the document.
    pub document: u64,
}

impl Default for Limits {
    /// 64 elements within each other, 64 MiB a piece, 16 GiB a document.
    fn default() -> Self {
        Self { depth: 64, piece: 64 << 20, document: 16 << 30 }
    }
}

pub(crate) struct Reader<'a> {
    xml: quick_xml::Reader<Counted<'a>>,
    names: NamespaceResolver,
    buffer: Vec<u8>,
    /// Names of the open elements, for the message at an early end.
    open: Vec<String>,
    encoding: String,
    limits: Limits,
    /// The namespace of ODM in this document, once the root is known; empty for none.
    pub(crate) odm: String,
    /// Namespaces whose names are read as well, each with the prefix that stands for it in tables of elements.
    pub(crate) vocabulary: Vocabulary,
    /// Which of them were met, a bit each.
    seen: Cell<u32>,
    /// The content of `<?xml-stylesheet …?>` before the root.
    pub(crate) stylesheet: Option<String>,
}

/// Namespaces of an extension of ODM and the prefixes that its tables of elements call them by, whatever a document does.
pub(crate) type Vocabulary = &'static [(&'static str, &'static str)];

/// A start tag.
pub(crate) struct Tag {
    raw: BytesStart<'static>,
    /// Whether the element is of ODM itself.
    pub(crate) is_odm: bool,
    /// The name under its table's prefix, if it is of the vocabulary beside ODM.
    extension: Option<String>,
    pub(crate) place: Place,
}

impl Tag {
    /// The name, if it is of ODM, or under its table's prefix, if it is of the vocabulary beside ODM: `ItemDef`, `def:leaf`.
    pub(crate) fn odm_name(&self) -> Option<&str> {
        if self.is_odm { Some(self.raw.local_name().into_inner()) } else { self.extension.as_deref() }
    }

    /// The name as written.
    pub(crate) fn name(&self) -> &str {
        self.raw.name().into_inner()
    }
}

/// An attribute of a start tag.
pub(crate) struct Attr<'t> {
    name: &'t str,
    /// The name under its table's prefix, if it is of the vocabulary beside ODM.
    extension: Option<String>,
    namespace: String,
    pub(crate) value: String,
}

impl<'t> Attr<'t> {
    /// The name, unless it is of a namespace other than `xml`.
    pub(crate) fn plain(&self) -> Option<&'t str> {
        (self.namespace.is_empty() || self.name.starts_with("xml:")).then_some(self.name)
    }

    /// The name in tables of elements: plain, or of the vocabulary beside ODM under its table's prefix.
    pub(crate) fn known(&self) -> Option<&str> {
        self.plain().or(self.extension.as_deref())
    }

    /// As something the model has no place for.
    pub(crate) fn into_extra(self) -> ExtraAttribute {
        let (prefix, local) = self.name.split_once(':').unwrap_or(("", self.name));
        ExtraAttribute {
            namespace: self.namespace,
            prefix: prefix.to_owned(),
            local: local.to_owned(),
            value: self.value,
        }
    }
}

enum Piece {
    Start(Tag),
    Text(String),
    End,
    Eof,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(input: impl BufRead + 'a, limits: Limits) -> Result<Self, OdmError> {
        let (encoding, text) = source::open(input)?;
        let mut xml = quick_xml::Reader::from_reader(Counted::new(text));
        xml.config_mut().expand_empty_elements = true;
        xml.config_mut().check_comments = true;
        Ok(Self {
            xml,
            names: NamespaceResolver::default(),
            buffer: Vec::new(),
            open: Vec::new(),
            encoding,
            limits,
            odm: String::new(),
            vocabulary: &[],
            seen: Cell::new(0),
            stylesheet: None,
        })
    }

    /// The name under the prefix that tables of elements use for this namespace.
    fn extension(&self, namespace: &str, local: &str) -> Option<String> {
        let at = self.vocabulary.iter().position(|(known, _)| *known == namespace)?;
        self.seen.set(self.seen.get() | 1 << at);
        Some(format!("{}:{local}", self.vocabulary[at].1))
    }

    /// Namespaces of the vocabulary that some element or attribute so far was of.
    pub(crate) fn seen(&self) -> impl Iterator<Item = &'static str> {
        let seen = self.seen.get();
        self.vocabulary
            .iter()
            .enumerate()
            .filter(move |(at, _)| seen & (1 << at) != 0)
            .map(|(_, (namespace, _))| *namespace)
    }

    /// Where the reader is.
    pub(crate) fn place(&self) -> Place {
        self.xml.get_ref().place
    }

    /// The root's start tag.
    pub(crate) fn root(&mut self) -> Result<Tag, OdmError> {
        loop {
            match self.next()? {
                Piece::Start(tag) => return Ok(tag),
                Piece::Text(text) if text.trim().is_empty() => {}
                Piece::Text(_) | Piece::End => {
                    return Err(OdmError::Malformed {
                        place: self.place(),
                        what: "text before the first element".into(),
                    });
                }
                Piece::Eof => return Err(OdmError::Empty { place: self.place() }),
            }
        }
    }

    /// Makes sure that nothing follows the root.
    pub(crate) fn finish(&mut self) -> Result<(), OdmError> {
        let place = self.place();
        match self.next()? {
            Piece::Eof => Ok(()),
            Piece::Text(text) if text.trim().is_empty() => self.finish(),
            Piece::Text(_) | Piece::End => Err(OdmError::Trailing { place, found: "text".to_owned() }),
            Piece::Start(tag) => Err(OdmError::Trailing { place, found: format!("<{}>", tag.name()) }),
        }
    }

    /// The namespace and local name of an element.
    pub(crate) fn resolve(&self, tag: &Tag) -> Result<(String, String), OdmError> {
        Ok((self.namespace(tag.raw.name(), true, tag.place)?, tag.raw.local_name().into_inner().to_owned()))
    }

    /// Prefixes and namespaces declared on an element, without the default one and without `xml`, which is always there.
    pub(crate) fn declared(tag: &Tag) -> Vec<(String, String)> {
        let prefixed = |a: quick_xml::events::attributes::Attribute<'_>| {
            a.key
                .into_inner()
                .strip_prefix("xmlns:")
                .filter(|p| *p != "xml")
                .map(|p| (p.to_owned(), uri(&a.value).unwrap_or_default().into_owned()))
        };
        tag.raw.attributes().flatten().filter_map(prefixed).collect()
    }

    /// The attributes of an element, but for the declarations of namespaces.
    pub(crate) fn attributes<'t>(&self, tag: &'t Tag) -> Result<Vec<Attr<'t>>, OdmError> {
        let mut all = Vec::with_capacity(6);
        for attribute in tag.raw.attributes() {
            let attribute = attribute.map_err(|e| OdmError::Malformed { place: tag.place, what: e.to_string() })?;
            let name = attribute.key.into_inner();
            if attribute.value.contains('<') {
                return Err(OdmError::Malformed { place: tag.place, what: format!("`<` in the attribute {name}") });
            }
            if name == "xmlns" || name.starts_with("xmlns:") {
                continue;
            }
            check_name(name, tag.place)?;
            let namespace =
                if name.contains(':') { self.namespace(attribute.key, false, tag.place)? } else { String::new() };
            let value = attribute.normalized_value(XmlVersion::Explicit1_0).map_err(|e| escape_error(e, tag.place))?;
            check_characters(&value, tag.place)?;
            let extension = name.split_once(':').and_then(|(_, local)| self.extension(&namespace, local));
            all.push(Attr { name, extension, namespace, value: value.into_owned() });
        }
        Ok(all)
    }

    fn namespace(&self, name: QName<'_>, element: bool, place: Place) -> Result<String, OdmError> {
        match self.names.resolve(name, element).0 {
            ResolveResult::Bound(namespace) => {
                let uri = uri(namespace.into_inner()).map_err(|e| escape_error(e.into(), place))?;
                Ok(uri.into_owned())
            }
            ResolveResult::Unbound => Ok(String::new()),
            ResolveResult::Unknown(prefix) => {
                Err(OdmError::Prefix { place, prefix, name: name.into_inner().to_owned() })
            }
        }
    }

    /// The next child of the open element, or `None` at its end. Text on the way is added to `text`.
    pub(crate) fn child(&mut self, text: &mut String) -> Result<Option<Tag>, OdmError> {
        loop {
            match self.next()? {
                Piece::Start(tag) => return Ok(Some(tag)),
                Piece::Text(piece) => text.push_str(&piece),
                Piece::End => return Ok(None),
                Piece::Eof => {
                    let element = self.open.pop().unwrap_or_default();
                    return Err(OdmError::Unclosed { place: self.place(), element });
                }
            }
        }
    }

    /// A whole element as it stands.
    pub(crate) fn node(&mut self, tag: &Tag) -> Result<Node, OdmError> {
        let (namespace, local) = self.resolve(tag)?;
        let prefix = tag.name().split_once(':').map_or("", |(prefix, _)| prefix);
        let prefix = if tag.is_odm { String::new() } else { prefix.to_owned() };
        let attributes = self.attributes(tag)?.into_iter().map(Attr::into_extra).collect();
        let content = self.content()?;
        Ok(Node { namespace, prefix, local, attributes, content, place: tag.place })
    }

    /// The content of the open element. Blanks between elements are left out where there is no other text.
    fn content(&mut self) -> Result<Vec<Content>, OdmError> {
        let mut content = self.mixed()?;
        let blank = |c: &Content| matches!(c, Content::Text(text) if text.trim().is_empty());
        let is_text = |c: &Content| matches!(c, Content::Text(_));
        if content.iter().any(|c| !is_text(c)) && content.iter().all(|c| !is_text(c) || blank(c)) {
            content.retain(|c| !is_text(c));
        }
        Ok(content)
    }

    /// The content of the open element, each blank of it.
    pub(crate) fn mixed(&mut self) -> Result<Vec<Content>, OdmError> {
        let mut content = Vec::new();
        loop {
            let mut text = String::new();
            let child = self.child(&mut text)?;
            if !text.is_empty() {
                content.push(Content::Text(text));
            }
            match child {
                Some(tag) => content.push(Content::Element(self.node(&tag)?)),
                None => return Ok(content),
            }
        }
    }

    fn next(&mut self) -> Result<Piece, OdmError> {
        loop {
            self.buffer.clear();
            let place = self.xml.get_ref().place;
            let taken = self.xml.get_ref().taken;
            self.xml.get_mut().until = (taken + self.limits.piece).min(self.limits.document);
            let mut buffer = std::mem::take(&mut self.buffer);
            let read = self.xml.read_event_into(&mut buffer);
            let piece = match read {
                Ok(event) => self.piece(event, place),
                Err(error) => Err(self.failed(error, place)),
            };
            self.buffer = buffer;
            let piece = piece?;
            if let Some((place, code)) = self.xml.get_ref().bad {
                return Err(OdmError::Character { place, code });
            }
            if let Some(piece) = piece {
                return Ok(piece);
            }
        }
    }

    /// What an event means; `None` for comments and the like.
    fn piece(&mut self, event: Event<'_>, place: Place) -> Result<Option<Piece>, OdmError> {
        let malformed = |what: String| OdmError::Malformed { place, what };
        Ok(Some(match event {
            Event::Start(start) | Event::Empty(start) => Piece::Start(self.start(start, place)?),
            Event::End(_) => {
                self.names.pop();
                self.open.pop();
                Piece::End
            }
            Event::Text(text) => {
                if text.contains("]]>") {
                    return Err(malformed("`]]>` in text".to_owned()));
                }
                let text = text.xml10_content();
                check_characters(&text, place)?;
                Piece::Text(text.into_owned())
            }
            Event::CData(text) => {
                let text = text.xml10_content();
                check_characters(&text, place)?;
                Piece::Text(text.into_owned())
            }
            Event::GeneralRef(reference) => {
                let character = reference.resolve_char_ref().map_err(|e| malformed(e.to_string()))?;
                let text = match character {
                    Some(character) => character.to_string(),
                    None => quick_xml::escape::resolve_predefined_entity(&reference)
                        .ok_or_else(|| OdmError::Entity { place, name: reference.to_string() })?
                        .to_owned(),
                };
                check_characters(&text, place)?;
                Piece::Text(text)
            }
            Event::Eof => Piece::Eof,
            Event::PI(instruction) => {
                if self.open.is_empty() && self.stylesheet.is_none() && instruction.target() == "xml-stylesheet" {
                    self.stylesheet = Some(instruction.content().to_owned());
                }
                return Ok(None);
            }
            Event::Comment(_) | Event::Decl(_) | Event::DocType(_) => return Ok(None),
        }))
    }

    fn start(&mut self, start: BytesStart<'_>, place: Place) -> Result<Tag, OdmError> {
        let raw = start.into_owned();
        check_name(raw.name().into_inner(), place)?;
        if self.open.len() >= self.limits.depth {
            return Err(OdmError::TooDeep { place, limit: self.limits.depth });
        }
        self.names.push(&raw).map_err(|e| OdmError::Malformed { place, what: e.to_string() })?;
        self.open.push(raw.name().into_inner().to_owned());
        let (is_odm, extension) = match self.names.resolve_element(raw.name()).0 {
            ResolveResult::Bound(namespace) => {
                let uri = uri(namespace.into_inner()).map_err(|e| escape_error(e.into(), place))?;
                if uri == self.odm {
                    (true, None)
                } else {
                    (false, self.extension(&uri, raw.local_name().into_inner()))
                }
            }
            ResolveResult::Unbound => (self.odm.is_empty(), None),
            ResolveResult::Unknown(prefix) => {
                return Err(OdmError::Prefix { place, prefix, name: raw.name().into_inner().to_owned() });
            }
        };
        Ok(Tag { raw, is_odm, extension, place })
    }

    fn failed(&self, error: Error, place: Place) -> OdmError {
        match error {
            Error::Io(io) if io.kind() == io::ErrorKind::FileTooLarge => {
                let whole = self.xml.get_ref().taken > self.limits.document;
                let (what, limit) =
                    if whole { ("the document", self.limits.document) } else { ("one tag or text", self.limits.piece) };
                OdmError::TooLong { place, what, limit }
            }
            Error::Io(io) if io.kind() == io::ErrorKind::InvalidData => {
                OdmError::Bytes { place: self.place(), encoding: self.encoding.clone() }
            }
            Error::Io(io) => OdmError::Input { place, what: io.to_string() },
            Error::Encoding(_) => OdmError::Bytes { place, encoding: self.encoding.clone() },
            other => OdmError::Malformed { place, what: other.to_string() },
        }
    }
}

/// A namespace as declared, its references read: the resolver keeps it as it is written.
fn uri(declared: &str) -> Result<Cow<'_, str>, EscapeError> {
    quick_xml::escape::unescape(declared)
}

fn escape_error(error: Error, place: Place) -> OdmError {
    match error {
        Error::Escape(EscapeError::UnrecognizedEntity(_, name)) => OdmError::Entity { place, name },
        other => OdmError::Malformed { place, what: other.to_string() },
    }
}

/// Letters, digits, `_`, `-`, `.` and one colon between two names.
fn check_name(name: &str, place: Place) -> Result<(), OdmError> {
    if name.split(':').count() <= 2 && name.split(':').all(is_name) {
        Ok(())
    } else {
        Err(OdmError::Malformed { place, what: format!("`{name}` is no name") })
    }
}

/// Whether this can be the name of an element or attribute.
pub(crate) fn is_name(name: &str) -> bool {
    let mut characters = name.chars();
    let first = characters.next().is_some_and(|c| c.is_alphabetic() || c == '_');
    first && characters.all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '\u{b7}'))
}

/// The first character that XML 1.0 does not allow.
pub(crate) fn illegal(text: &str) -> Option<char> {
    let allowed = |c: char| !matches!(c, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}');
    text.chars().find(|c| !allowed(*c))
}

fn check_characters(text: &str, place: Place) -> Result<(), OdmError> {
    illegal(text).map_or(Ok(()), |c| Err(OdmError::Character { place, code: u32::from(c) }))
}
