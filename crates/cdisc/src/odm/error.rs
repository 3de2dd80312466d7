//! Why a document is refused.

use super::node::Place;

/// Why a document cannot be read. Each names the line and column at which reading stopped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OdmError {
    /// Not well-formed XML.
    #[error("{place}: not well-formed XML: {what}")]
    Malformed {
        /// Where.
        place: Place,
        /// What is wrong.
        what: String,
    },
    /// The document ends within an element.
    #[error("{place}: the document ends within <{element}>")]
    Unclosed {
        /// Where it ends.
        place: Place,
        /// The element that is still open.
        element: String,
    },
    /// Nothing but blanks and comments.
    #[error("{place}: there is no element in the document")]
    Empty {
        /// Where it ends.
        place: Place,
    },
    /// Something follows the root element.
    #[error("{place}: after </ODM> there is {found}")]
    Trailing {
        /// Where.
        place: Place,
        /// What.
        found: String,
    },
    /// Another vocabulary.
    #[error("{place}: the root element is <{found}>, not <ODM>")]
    NotOdm {
        /// Where.
        place: Place,
        /// Its name.
        found: String,
    },
    /// A namespace that no version of ODM has.
    #[error("{place}: the namespace `{namespace}` is of no ODM version that is read here")]
    UnknownVersion {
        /// Where.
        place: Place,
        /// The namespace.
        namespace: String,
    },
    /// A prefix that no `xmlns:` binds.
    #[error("{place}: the namespace prefix `{prefix}` of `{name}` is not declared")]
    Prefix {
        /// Where.
        place: Place,
        /// The prefix.
        prefix: String,
        /// The element's or attribute's name.
        name: String,
    },
    /// A reference to an entity other than the five of XML.
    #[error("{place}: the entity `&{name};` is not read")]
    Entity {
        /// Where.
        place: Place,
        /// The entity's name.
        name: String,
    },
    /// A character that XML 1.0 does not allow.
    #[error("{place}: the character U+{code:04X} is not allowed in XML")]
    Character {
        /// Where.
        place: Place,
        /// Its code point.
        code: u32,
    },
    /// Without this attribute nothing can refer to the element, or it to nothing.
    #[error("{place}: <{element}> has no {attribute}")]
    NoIdentity {
        /// Where.
        place: Place,
        /// The element.
        element: String,
        /// The attribute that is not there.
        attribute: &'static str,
    },
    /// Bytes that are no text in the document's encoding.
    #[error("{place}: bytes that are no text in {encoding}")]
    Bytes {
        /// Where, at the latest.
        place: Place,
        /// The encoding.
        encoding: String,
    },
    /// The declared encoding has no such name here.
    #[error("line 1: the encoding `{0}` is not known")]
    UnknownEncoding(String),
    /// Elements within elements beyond the limit.
    #[error("{place}: more than {limit} elements within each other")]
    TooDeep {
        /// Where.
        place: Place,
        /// The limit.
        limit: usize,
    },
    /// A tag, text or comment beyond the limit, or the document as a whole.
    #[error("{place}: {what} is longer than {limit} bytes")]
    TooLong {
        /// Where.
        place: Place,
        /// What is.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// The input failed.
    #[error("{place}: reading failed: {what}")]
    Input {
        /// How far reading came.
        place: Place,
        /// The system's words.
        what: String,
    },
}

impl OdmError {
    /// What to do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Malformed { .. } | Self::Unclosed { .. } | Self::Empty { .. } | Self::Trailing { .. } => {
                "ask the sender for a complete file; an XML editor shows the same place"
            }
            Self::NotOdm { .. } => "an ODM file begins with <ODM …>; define.xml does too, other CDISC files do not",
            Self::UnknownVersion { .. } => "ODM 1.1 (no namespace), 1.2, 1.3 to 1.3.2 and 2.0 are read",
            Self::Prefix { .. } => "declare it on the element or on <ODM>: xmlns:prefix=\"…\"",
            Self::Entity { .. } => {
                "write the text itself; entities of a DTD are never read, for they can name other files"
            }
            Self::Character { .. } => "remove the character where the text came from",
            Self::NoIdentity { .. } => "add the attribute; the schema requires it",
            Self::Bytes { .. } | Self::UnknownEncoding(_) => {
                "the first line must name the encoding that the file is in: <?xml version=\"1.0\" encoding=\"…\"?>"
            }
            Self::TooDeep { .. } | Self::TooLong { .. } => "no study needs this; if yours does, raise the limit",
            Self::Input { .. } => "read the file again",
        }
    }
}

/// Why a document cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// A character that XML 1.0 cannot carry.
    #[error("<{element}>: the character U+{code:04X} cannot be written in XML")]
    Character {
        /// The element whose text or attribute has it.
        element: String,
        /// Its code point.
        code: u32,
    },
    /// What the model calls a name is none.
    #[error("<{element}>: `{name}` cannot be the name of an element or attribute")]
    Name {
        /// The element.
        element: String,
        /// The name.
        name: String,
    },
}

impl WriteError {
    /// What to do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Character { .. } => "remove the character where the text came from",
            Self::Name { .. } => "names begin with a letter and have no blanks",
        }
    }
}
