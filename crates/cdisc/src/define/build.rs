//! What does a define.xml need that is made from data?
//!
//! Define-XML 2.1 is the reviewer's table of contents: datasets with class, structure and keys; variables with type, length, origin,
//! code list and derivation; value-level metadata (one `PARAMCD`, one definition); documents. [`Study`] is all of it as plain data,
//! [`describe`] fills a dataset's part from its columns and the standard's [`model`](crate::model), [`write()`] gives the file.
//! [`STYLESHEET`](super::STYLESHEET) renders it in a browser.
//!
//! Conventions
//! - `Length` is that of the longest value: bytes of a text, digits of a number. Dates and durations have none.
//! - `SignificantDigits` is the largest number of decimals in the data.
//! - Identifiers follow one scheme: `IG.DM`, `IT.DM.AGE`, `VL.ADPC.AVAL`, `WC.…`, `CL.NY`, `MT.…`, `COM.…`, `LF.…`, `STD.…`. A reference to something that
//!   is not there is an error, not a broken link in the reviewer's browser.
//! - Elements come in the schema's order and, within it, in the model's: same model, same bytes. The time of creation is an input.
//!
//! Absent: Define-XML 2.0; the model of [`super`] has it.
//!
//! Source: CDISC Define-XML Specification 2.1 (2019); schema `define2-1-0.xsd`; terminology for origins, classes and standards: CDISC/NCI Define-XML CT.

mod collect;
mod describe;
mod results;
mod write;
mod xml;

pub use collect::{add_codelists, add_value_level};
pub use describe::{codelist, describe, describe_numbers};
pub use results::{AnalysisResult, ResultDisplay};
pub use write::write;

use croft_core::DataType;

/// A study's metadata.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Study {
    /// Identifier, `BE-001`; the file's and the metadata version's are made from it.
    pub id: String,
    /// Short name.
    pub name: String,
    /// What the study does.
    pub description: String,
    /// The sponsor's name of the protocol.
    pub protocol: String,
    /// When the file is made, ISO 8601 with time zone.
    pub creation_date_time: String,
    /// Program and its version.
    pub source_system: Option<(String, String)>,
    /// Implementation guides and terminologies.
    pub standards: Vec<Standard>,
    /// Annotated case report forms: identifiers of documents.
    pub annotated_crf: Vec<String>,
    /// Reviewer's guides and the like: identifiers of documents.
    pub supplements: Vec<String>,
    /// The datasets in the order that reviewers see.
    pub datasets: Vec<ItemGroup>,
    /// Code lists.
    pub codelists: Vec<CodeList>,
    /// Derivations.
    pub methods: Vec<Method>,
    /// Comments.
    pub comments: Vec<Comment>,
    /// Files beside define.xml that are not datasets.
    pub documents: Vec<Document>,
    /// Displays with the results that they show (analysis results metadata).
    pub displays: Vec<ResultDisplay>,
}

/// A standard that the datasets follow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standard {
    /// Identifier within the study, `SDTMIG`.
    pub id: String,
    /// Name in the terminology's words: `SDTMIG`, `ADaMIG`, `CDISC/NCI`.
    pub name: String,
    /// For a terminology, whose it is: `SDTM`, `ADaM`, `DEFINE-XML`. `None`: an implementation guide.
    pub publishing_set: Option<String>,
    /// `3.4`, or the terminology's date.
    pub version: String,
}

/// A dataset.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ItemGroup {
    /// `DM`, `ADSL`.
    pub name: String,
    /// Dataset label.
    pub label: String,
    /// Class: `FINDINGS`.
    pub class: String,
    /// Subclass of the basic data structure.
    pub subclass: Option<String>,
    /// What one row is.
    pub structure: String,
    /// Analysis (ADaM) rather than tabulation (SDTM).
    pub analysis: bool,
    /// Whether a subject may have more than one row.
    pub repeating: bool,
    /// Whether it holds no subjects.
    pub reference: bool,
    /// Whether it has no rows.
    pub no_data: bool,
    /// Key variables in order.
    pub keys: Vec<String>,
    /// Identifier of the standard followed; `None`: a dataset of the sponsor's own.
    pub standard: Option<String>,
    /// Identifier of a comment.
    pub comment: Option<String>,
    /// File beside define.xml, `dm.xpt`.
    pub file: String,
    /// Variables in column order.
    pub items: Vec<Item>,
}

/// A variable, or one of its values under a condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// `AGE`.
    pub name: String,
    /// Variable label.
    pub label: String,
    /// Meaning.
    pub data_type: DataType,
    /// Longest value; `None` for dates and durations.
    pub length: Option<u32>,
    /// Largest number of decimals.
    pub significant_digits: Option<u32>,
    /// SAS display format.
    pub format: Option<String>,
    /// Whether it is filled in each row.
    pub mandatory: bool,
    /// SDTM role.
    pub role: Option<String>,
    /// Whether the column is empty.
    pub no_data: bool,
    /// Whether it is beyond the standard.
    pub non_standard: bool,
    /// Identifier of a code list.
    pub codelist: Option<String>,
    /// Where the values come from.
    pub origin: Option<Origin>,
    /// Identifier of a derivation.
    pub method: Option<String>,
    /// Identifier of a comment.
    pub comment: Option<String>,
    /// Definitions under conditions: value-level metadata.
    pub values: Vec<Value>,
}

impl Item {
    /// An item with no more than its name, label and type.
    pub fn new(name: &str, label: &str, data_type: DataType) -> Self {
        Self {
            name: name.to_owned(),
            label: label.to_owned(),
            data_type,
            length: None,
            significant_digits: None,
            format: None,
            mandatory: false,
            role: None,
            no_data: false,
            non_standard: false,
            codelist: None,
            origin: None,
            method: None,
            comment: None,
            values: Vec::new(),
        }
    }
}

/// An item that holds where all conditions hold: `AVAL` where `PARAMCD` is `CMAX`.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// All must hold.
    pub conditions: Vec<Condition>,
    /// What then holds; its name is the variable's.
    pub item: Item,
}

/// A comparison with a variable of the same dataset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The variable compared.
    pub variable: String,
    /// How.
    pub comparator: Comparator,
    /// With what: one value, or several for `In` and `NotIn`.
    pub values: Vec<String>,
}

/// How a condition compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words of the standard")]
pub enum Comparator {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    In,
    NotIn,
}

/// Where values come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Kind.
    pub kind: OriginKind,
    /// Who.
    pub source: Option<OriginSource>,
    /// For a predecessor the variable it was copied from, `DM.AGE`.
    pub description: Option<String>,
    /// Pages of documents, such as the annotated form.
    pub documents: Vec<DocumentRef>,
}

impl Origin {
    /// An origin of this kind and source.
    pub fn new(kind: OriginKind, source: Option<OriginSource>) -> Self {
        Self { kind, source, description: None, documents: Vec::new() }
    }

    /// Copied from a variable, `DM.AGE`.
    pub fn predecessor(variable: &str) -> Self {
        Self { description: Some(variable.to_owned()), ..Self::new(OriginKind::Predecessor, None) }
    }
}

/// Kinds of origin (`ORIGINT`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words of the standard")]
pub enum OriginKind {
    Assigned,
    Collected,
    Derived,
    NotAvailable,
    Other,
    Predecessor,
    Protocol,
}

/// Sources of origin (`ORIGINS`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words of the standard")]
pub enum OriginSource {
    Investigator,
    Sponsor,
    Subject,
    Vendor,
}

/// A code list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CodeList {
    /// Identifier within the study, `NY`.
    pub id: String,
    /// Name, `No Yes Response`.
    pub name: String,
    /// Whether the coded values are numbers.
    pub numeric: bool,
    /// NCI code, when it is CDISC's.
    pub nci_code: Option<String>,
    /// Identifier of the terminology it belongs to; `None`: the sponsor's own.
    pub standard: Option<String>,
    /// Terms in use; empty for a dictionary.
    pub terms: Vec<Term>,
    /// A dictionary and its version, `MedDRA` `26.1`.
    pub dictionary: Option<(String, String)>,
}

/// A term of a code list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Term {
    /// Value in the data.
    pub value: String,
    /// What it stands for; either all terms of a list have one, or none.
    pub decode: Option<String>,
    /// NCI code.
    pub nci_code: Option<String>,
    /// Whether the sponsor added it to an extensible list.
    pub extended: bool,
}

/// A derivation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Method {
    /// Identifier within the study.
    pub id: String,
    /// Short name.
    pub name: String,
    /// Whether it imputes rather than computes.
    pub imputation: bool,
    /// In words.
    pub description: String,
    /// Language and text of an expression.
    pub expression: Option<(String, String)>,
    /// Documents that say more.
    pub documents: Vec<DocumentRef>,
}

/// A comment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comment {
    /// Identifier within the study.
    pub id: String,
    /// In words.
    pub text: String,
    /// Documents that say more.
    pub documents: Vec<DocumentRef>,
}

/// A file beside define.xml.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// Identifier within the study, `acrf`.
    pub id: String,
    /// Its path from define.xml.
    pub href: String,
    /// Its title.
    pub title: String,
}

/// A document, perhaps with pages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DocumentRef {
    /// Identifier of the document.
    pub document: String,
    /// Physical pages of a PDF.
    pub pages: Vec<u32>,
}

/// Why a model cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum DefineError {
    #[error("{from} refers to the {what} `{id}`, which the model does not hold")]
    Dangling { from: String, what: &'static str, id: String },
    #[error("there are two {what}s called `{id}`")]
    Twice { what: &'static str, id: String },
    #[error("{item} lacks {what}, which define.xml requires for its type")]
    Lacks { item: String, what: &'static str },
    #[error("{place} holds the character U+{code:04X}, which XML cannot carry")]
    Character { place: String, code: u32 },
}

impl DefineError {
    /// What to do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Dangling { .. } => "add it to the model, or take the reference out",
            Self::Twice { .. } => "give one of them another identifier",
            Self::Lacks { .. } => "describe the dataset from its data, or set it by hand",
            Self::Character { .. } => "take the control character out of the text",
        }
    }
}
