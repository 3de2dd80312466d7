//! Text in several languages, names elsewhere, codes.

use crate::odm::element::Element;
use crate::odm::error::OdmError;
use crate::odm::node::{Content, Extra, Place, text};
use crate::odm::xml_read::{Reader, Tag};
use crate::odm::xml_write::Writer;

elements! {
    /// An element of nothing but text.
    Text {
        text { text }
    }
    /// The same text in several languages.
    Texts {
        children { texts: many TranslatedText = "TranslatedText" }
    }
    /// What the thing is called elsewhere.
    Alias {
        attributes { context: String = "Context", name: String = "Name" }
    }
    /// A code of a terminology (2.0).
    Coding {
        attributes {
            code: String = "Code", system: String = "System", system_name: String = "SystemName", system_version: String = "SystemVersion",
            label: String = "Label", href: String = "href", reference: String = "ref", comment_oid: String = "CommentOID",
        }
    }
    /// A page or section of a document (2.0).
    DocumentRef {
        ids { leaf_id = "LeafID" }
        children { pages: many PdfPageRef = "PDFPageRef" }
    }
    /// Pages of a document.
    PdfPageRef {
        attributes {
            page_refs: String = "PageRefs", first_page: u32 = "FirstPage", last_page: u32 = "LastPage", kind: String = "Type", title: String = "Title",
        }
    }
    /// A document beside this one (2.0); `xlink:href` is among the extra attributes.
    Leaf {
        ids { id = "ID" }
        children { title: one Text = "Title" }
    }
}

impl Text {
    /// This text.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
}

impl std::ops::Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

/// Text in one language.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TranslatedText {
    /// `xml:lang`, where it is given.
    pub lang: Option<String>,
    /// The media type (2.0), `text/plain`.
    pub kind: Option<String>,
    /// Text, and in 2.0 markup, each blank as it stood.
    pub content: Vec<Content>,
    /// What else there is; its content is empty.
    pub extra: Extra,
    /// Where the element stood.
    pub place: Place,
}

impl TranslatedText {
    /// Plain text.
    pub fn new(lang: Option<&str>, text: &str) -> Self {
        let content = if text.is_empty() { Vec::new() } else { vec![Content::Text(text.to_owned())] };
        Self { lang: lang.map(str::to_owned), content, ..Self::default() }
    }

    /// The text without markup.
    pub fn text(&self) -> String {
        text(&self.content)
    }
}

impl Element for TranslatedText {
    fn read(tag: Tag, reader: &mut Reader<'_>) -> Result<Self, OdmError> {
        let mut this = Self { place: tag.place, ..Self::default() };
        for attribute in reader.attributes(&tag)? {
            match attribute.plain() {
                Some("xml:lang") => this.lang = Some(attribute.value),
                Some("Type") => this.kind = Some(attribute.value),
                _ => this.extra.attributes.push(attribute.into_extra()),
            }
        }
        this.content = reader.mixed()?;
        Ok(this)
    }

    fn write(&self, name: &str, out: &mut Writer) {
        out.start(name);
        if let Some(lang) = &self.lang {
            out.attribute("xml:lang", lang);
        }
        if let Some(kind) = &self.kind {
            out.attribute("Type", kind);
        }
        out.extra_attributes(&self.extra.attributes);
        if !self.content.is_empty() {
            out.inline();
        }
        out.pieces(&self.content);
        out.pieces(&self.extra.content);
        out.end();
    }
}

impl Texts {
    /// Plain text in one language.
    pub fn new(lang: Option<&str>, text: &str) -> Self {
        Self { texts: vec![TranslatedText::new(lang, text)], ..Self::default() }
    }

    /// The text in this language (`de` finds `de-CH`), else the one without a language, else the first.
    pub fn in_language(&self, lang: &str) -> Option<String> {
        let is = |t: &&TranslatedText| {
            t.lang.as_deref().is_some_and(|l| l.get(..lang.len()).is_some_and(|head| head.eq_ignore_ascii_case(lang)))
        };
        let plain = |t: &&TranslatedText| t.lang.as_deref().is_none_or(str::is_empty);
        let found = self.texts.iter().find(is).or_else(|| self.texts.iter().find(plain)).or(self.texts.first());
        found.map(TranslatedText::text)
    }
}
