//! What the model has no place for: kept on the parent, in order, under its own name.

use std::fmt;

/// Line and column, from 1. Two models are equal wherever their parts stood, so places always compare as equal.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place {
    /// The line.
    pub line: u32,
    /// The character in the line.
    pub column: u32,
}

impl PartialEq for Place {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Place {}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// Attributes and content of an element that the model has no place for: of vendors, of later versions, of mistakes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extra {
    /// Attributes, as they stood.
    pub attributes: Vec<ExtraAttribute>,
    /// Elements, and text where none belongs, as they stood.
    pub content: Vec<Content>,
}

impl Extra {
    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.attributes.is_empty() && self.content.is_empty()
    }

    /// The value of a vendor's attribute, `("http://www.mdsol.com/ns/odm/metadata", "AuditSubCategoryName")`.
    pub fn attribute(&self, namespace: &str, local: &str) -> Option<&str> {
        self.attributes.iter().find(|a| a.namespace == namespace && a.local == local).map(|a| a.value.as_str())
    }

    /// A vendor's elements of this name.
    pub fn elements<'a>(&'a self, namespace: &'a str, local: &'a str) -> impl Iterator<Item = &'a Node> {
        self.content.iter().filter_map(move |c| match c {
            Content::Element(node) if node.namespace == namespace && node.local == local => Some(node),
            _ => None,
        })
    }
}

/// An attribute under its own name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExtraAttribute {
    /// The namespace; empty for none.
    pub namespace: String,
    /// The prefix it had; empty for none.
    pub prefix: String,
    /// The name without prefix.
    pub local: String,
    /// The value.
    pub value: String,
}

/// An element under its own name, with all that is in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Node {
    /// The namespace; empty for none.
    pub namespace: String,
    /// The prefix it had; empty for none.
    pub prefix: String,
    /// The name without prefix.
    pub local: String,
    /// Its attributes.
    pub attributes: Vec<ExtraAttribute>,
    /// Its content.
    pub content: Vec<Content>,
    /// Where it stood.
    pub place: Place,
}

impl Node {
    /// All text within.
    pub fn text(&self) -> String {
        text(&self.content)
    }

    /// The value of an attribute in no namespace.
    pub fn attribute(&self, local: &str) -> Option<&str> {
        self.attributes.iter().find(|a| a.namespace.is_empty() && a.local == local).map(|a| a.value.as_str())
    }
}

/// A piece of mixed content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// An element.
    Element(Node),
    /// Text.
    Text(String),
}

/// The text of mixed content, without its markup.
pub fn text(content: &[Content]) -> String {
    let mut all = String::new();
    collect(content, &mut all);
    all
}

fn collect(content: &[Content], all: &mut String) {
    for piece in content {
        match piece {
            Content::Text(text) => all.push_str(text),
            Content::Element(node) => collect(&node.content, all),
        }
    }
}
