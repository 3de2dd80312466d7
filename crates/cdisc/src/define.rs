//! What does define.xml say about a study's datasets?
//!
//! Define-XML is the reviewer's table of contents: datasets with class, structure and keys; variables with type, length, origin, code list and
//! derivation; value-level metadata (one `PARAMCD`, one definition); documents; with the extension for analysis results, which display
//! shows what, computed from which rows by which program. A [`Define`] is a file of version 2.0 or 2.1 as plain data.
//!
//! ```text
//! Define
//! ├ header, study               what the document says of itself and of the study
//! └ metadata
//!   ├ standards, annotated_crf, supplemental_doc, documents
//!   ├ datasets: DatasetDef ─ items: ItemRef ──item_oid──▶ items: ItemDef ──▶ code_lists, value_lists, comments
//!   ├ value_lists ─ items: ItemRef ──▶ items, where_clauses        methods, comments
//!   └ result_displays ─ ResultDisplay ─ AnalysisResult
//! ```
//!
//! A definition may be referred to from several places, and a reference may lead nowhere: the model keeps both as they stand. [`Index`] follows
//! references, and [`Index::variables`] gives what most readers want: the variables of a dataset in order with all that is said of each.
//! What the model has no place for (elements of vendors, values that are not of their type) is kept in `extra` on its parent and written again;
//! comments and blank space between elements are not.
//!
//! [`build`] makes a define.xml from data. [`STYLESHEET`] renders it in a browser that still knows XSLT.
//!
//! Where versions differ: the class of a dataset is an attribute in 2.0 and an element in 2.1 ([`DatasetDef::class`] answers for both); the standard
//! is two attributes in 2.0 and a list in 2.1 ([`Define::standards`]); an origin has no source in 2.0.
//!
//! Sources: CDISC Define-XML Specification 2.0 (2013) and 2.1 (2019), Analysis Results Metadata Specification 1.0 (2015), their schemas and examples.

pub mod build;
mod check;
mod compare;
mod condition;
mod diff;
mod document;
mod html;
mod index;
mod read;
mod schema;

pub use check::check;
pub use compare::{compare, compare_presence};
pub use condition::words_of;
pub use diff::{Change, Difference, diff};
pub use document::*;
pub use html::html;
pub use index::{Index, Variable};
pub use read::{read, write};

use crate::odm::{OdmError, Place, Texts, YesNo};
use std::borrow::Cow;

/// An own stylesheet for Define-XML 2.1: save it beside define.xml as `define2-1.xsl`.
pub const STYLESHEET: &str = include_str!("../assets/define2-1.xsl");

/// The version of the standard that a file is written in: it has a namespace of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// 2.0.
    V2_0,
    /// 2.1.
    #[default]
    V2_1,
}

impl Version {
    /// Both.
    pub const ALL: [Self; 2] = [Self::V2_0, Self::V2_1];

    /// Its namespace.
    pub const fn namespace(self) -> &'static str {
        match self {
            Self::V2_0 => "http://www.cdisc.org/ns/def/v2.0",
            Self::V2_1 => "http://www.cdisc.org/ns/def/v2.1",
        }
    }

    /// `2.1`.
    pub fn number(self) -> &'static str {
        match self {
            Self::V2_0 => "2.0",
            Self::V2_1 => "2.1",
        }
    }
}

/// A define.xml.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Define {
    /// The version, from the namespace. `metadata.define_version` has what the document says.
    pub version: Version,
    /// What stands in `<?xml-stylesheet …?>`.
    pub stylesheet: Option<String>,
    /// Prefixes and namespaces that the root declares beside those of the standard.
    pub namespaces: Vec<(String, String)>,
    /// What the document says of itself.
    pub header: Header,
    /// The study. Its `metadata` is always empty: it stands in the next field.
    pub study: Study,
    /// All that is defined.
    pub metadata: Metadata,
}

impl Define {
    /// The standards followed: the list of 2.1, or the two attributes of 2.0 as a list of one.
    pub fn standards(&self) -> Cow<'_, [Standard]> {
        let metadata = &self.metadata;
        match &metadata.standard_list {
            Some(list) => Cow::Borrowed(&list.standards),
            None if metadata.standard_name.is_some() || metadata.standard_version.is_some() => {
                Cow::Owned(vec![Standard {
                    name: metadata.standard_name.clone(),
                    kind: Some("IG".to_owned()),
                    version: metadata.standard_version.clone(),
                    ..Standard::default()
                }])
            }
            None => Cow::Borrowed(&[]),
        }
    }

    /// The dataset of this name.
    pub fn dataset(&self, name: &str) -> Option<&DatasetDef> {
        self.metadata.datasets.iter().find(|d| d.name() == name)
    }

    /// The displays of the analysis results metadata.
    pub fn displays(&self) -> &[ResultDisplay] {
        self.metadata.result_displays.as_ref().map_or(&[], |d| &d.displays)
    }

    /// Follows references.
    pub fn index(&self) -> Index<'_> {
        Index::of(self)
    }
}

/// The English text, or what there is.
pub fn words(texts: Option<&Texts>) -> String {
    texts.and_then(|t| t.in_language("en")).unwrap_or_default()
}

/// Whether an attribute says `Yes`.
pub fn is_yes(attribute: Option<&YesNo>) -> bool {
    attribute == Some(&YesNo::Yes)
}

impl DatasetDef {
    /// Its name; empty where there is none.
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }

    /// Its label.
    pub fn label(&self) -> String {
        words(self.description.as_ref())
    }

    /// Its class, in the version's own wording: `FINDINGS`.
    pub fn class(&self) -> Option<&str> {
        self.class_v2_1.as_ref().and_then(|c| c.name.as_deref()).or(self.class_v2_0.as_deref())
    }

    /// Its subclasses (2.1).
    pub fn sub_classes(&self) -> impl Iterator<Item = &str> {
        self.class_v2_1.iter().flat_map(|c| &c.sub_classes).filter_map(|s| s.name.as_deref())
    }

    /// Whether it is declared to have no data.
    pub fn has_no_data(&self) -> bool {
        is_yes(self.has_no_data.as_ref())
    }

    /// The file it is in, as a path from define.xml.
    pub fn href(&self) -> Option<&str> {
        self.file.as_ref().and_then(|leaf| leaf.href.as_deref())
    }
}

impl ItemDef {
    /// Its name; empty where there is none.
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }

    /// Its label.
    pub fn label(&self) -> String {
        words(self.description.as_ref())
    }

    /// The identifier of its code list.
    pub fn code_list_oid(&self) -> Option<&str> {
        self.code_list.as_ref().map(|c| c.code_list_oid.as_str())
    }

    /// The identifier of its value-level metadata.
    pub fn value_list_oid(&self) -> Option<&str> {
        self.value_list.as_ref().map(|v| v.value_list_oid.as_str())
    }
}

/// The context of an [`Alias`](crate::odm::Alias) whose name is a code of the NCI Thesaurus.
pub const NCI_CODE: &str = "nci:ExtCodeID";

fn nci_code(aliases: &[crate::odm::Alias]) -> Option<&str> {
    aliases.iter().find(|a| a.context.as_deref() == Some(NCI_CODE)).and_then(|a| a.name.as_deref())
}

/// A term of a code list, decoded or not.
#[derive(Clone, Copy, Debug)]
pub struct Term<'d> {
    /// The value in the data.
    pub value: &'d str,
    /// What it stands for, for a decoded term.
    pub decode: Option<&'d Texts>,
    /// The code of the NCI Thesaurus.
    pub nci_code: Option<&'d str>,
    /// Whether the sponsor added it to an extensible list.
    pub is_extended: bool,
}

impl CodeList {
    /// Its name; empty where there is none.
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }

    /// The code of the NCI Thesaurus.
    pub fn nci_code(&self) -> Option<&str> {
        nci_code(&self.aliases)
    }

    /// Its terms in order; none for a dictionary elsewhere.
    pub fn terms(&self) -> impl Iterator<Item = Term<'_>> {
        let decoded = self.items.iter().map(|i| Term {
            value: &i.coded_value,
            decode: i.decode.as_ref(),
            nci_code: nci_code(&i.aliases),
            is_extended: is_yes(i.extended_value.as_ref()),
        });
        let bare = self.enumerated.iter().map(|i| Term {
            value: &i.coded_value,
            decode: None,
            nci_code: nci_code(&i.aliases),
            is_extended: is_yes(i.extended_value.as_ref()),
        });
        decoded.chain(bare)
    }
}

/// Why a file is not read. Each names the line and column.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Not XML that can be read, or an element without what identifies it.
    #[error(transparent)]
    Xml(#[from] OdmError),
    /// Another vocabulary.
    #[error("{place}: the root element is <{found}>, not <ODM>")]
    NotDefine {
        /// Where.
        place: Place,
        /// Its name.
        found: String,
    },
    /// ODM of a version that define.xml 2 does not build on.
    #[error(
        "{place}: <ODM> is of the namespace `{namespace}`, define.xml 2.0 and 2.1 are of `http://www.cdisc.org/ns/odm/v1.3`"
    )]
    Version {
        /// Where.
        place: Place,
        /// The namespace.
        namespace: String,
    },
    /// Nothing in it is of define.xml 2.0 or 2.1.
    #[error("{place}: no element or attribute is of define.xml 2.0 or 2.1{}", of(found.as_deref()))]
    NoVersion {
        /// Where the root is.
        place: Place,
        /// The namespace of some other define.xml.
        found: Option<String>,
    },
    /// Names of 2.0 and of 2.1 in one file.
    #[error("{place}: elements or attributes of define.xml 2.0 and of 2.1 stand in one file")]
    Mixed {
        /// Where the root is.
        place: Place,
    },
    /// An element without which there is nothing to read.
    #[error("{place}: there is no {what}")]
    Lacks {
        /// Where its parent is.
        place: Place,
        /// The element.
        what: &'static str,
    },
}

fn of(found: Option<&str>) -> String {
    found.map_or_else(String::new, |namespace| format!("; the file declares `{namespace}`"))
}

impl ReadError {
    /// Whether the file is of an earlier version of ODM, as define.xml 1.0 is.
    pub fn is_older(&self) -> bool {
        matches!(self, Self::Version { namespace, .. } if namespace.starts_with("http://www.cdisc.org/ns/odm/v1."))
    }

    /// What to do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Xml(error) => error.hint(),
            Self::NotDefine { .. } => "a define.xml begins with <ODM …>; is this another file of the package?",
            Self::Version { .. } | Self::NoVersion { .. } => {
                "define.xml 2.0 and 2.1 are read; have a file of version 1.0 made anew in 2.1, which regulators require by now"
            }
            Self::Mixed { .. } => "bind the prefix def: once, on <ODM>, to the namespace of the version in use",
            Self::Lacks { .. } => "ask the sender for a complete file",
        }
    }
}
