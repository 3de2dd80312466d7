//! ODM: what is to be recorded in a study, and what was?
//!
//! The Operational Data Model of CDISC is how systems exchange study definitions, data, audit records and signatures. One [`Odm`] holds a document of
//! version 1.1, 1.2, 1.3 to 1.3.2 or 2.0; what a version does not have is absent in it. Everything in a document that the model has no place for,
//! such as elements and attributes of vendors, is kept in `extra` on its parent, and written again. Comments, processing instructions and
//! the document type are not kept.
//!
//! ```text
//! Odm
//! ├ studies: Study ─ versions: MetaDataVersion ─ events, forms, item_groups, items, code_lists, conditions, methods
//! ├ admin_data: AdminData ─ users, locations, signature_defs
//! ├ reference_data: ReferenceData ─ item_groups
//! └ clinical_data: ClinicalData ─ subjects: SubjectData ─ events ─ forms ─ item_groups ─ items: ItemData
//! ```
//!
//! An address in the data is (subject, visit, its repeat, form, its repeat, group, its repeat, item).
//!
//! Where versions differ: a form is a `FormDef` in 1.x and an item group of type `Form` in 2.0; a value is an attribute in 1.x and an element in 2.0;
//! names of the study are elements in 1.x and attributes in 2.0. The model keeps what stood there.
//!
//! Sources: CDISC ODM 1.1, 1.2, 1.3, 1.3.1, 1.3.2 and 2.0 (2023), their schemas and examples.

#[macro_use]
pub(crate) mod element;
mod check;
pub(crate) mod error;
pub mod expression;
pub mod model;
pub(crate) mod node;
mod read;
mod source;
mod stream;
mod values;
pub(crate) mod xml_read;
pub(crate) mod xml_write;

pub use check::check;
pub use error::{OdmError, WriteError};
pub use model::admin::*;
pub use model::data::*;
pub use model::protocol::*;
pub use model::study::*;
pub use model::text::*;
pub use node::{Content, Extra, ExtraAttribute, Node, Place};
pub use read::{read, read_subjects, read_with};
pub use stream::{Stream, StreamError};
pub use values::*;
pub use xml_read::Limits;

use xml_write::Writer;

/// The version of the standard that a document is written in: it has a namespace of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// 1.0 and 1.1, without a namespace.
    V1_1,
    /// 1.2.
    V1_2,
    /// 1.3, 1.3.1 and 1.3.2.
    #[default]
    V1_3,
    /// 2.0.
    V2_0,
}

impl Version {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::V1_1, Self::V1_2, Self::V1_3, Self::V2_0];

    /// Its namespace; empty for none.
    pub fn namespace(self) -> &'static str {
        match self {
            Self::V1_1 => "",
            Self::V1_2 => "http://www.cdisc.org/ns/odm/v1.2",
            Self::V1_3 => "http://www.cdisc.org/ns/odm/v1.3",
            Self::V2_0 => "http://www.cdisc.org/ns/odm/v2.0",
        }
    }
}

elements! {
    /// What the document says of itself.
    Header {
        attributes {
            description: String = "Description", file_type: FileType = "FileType", granularity: String = "Granularity", context: String = "Context",
            archival: YesNo = "Archival", file_oid: String = "FileOID", created: String = "CreationDateTime", prior_file_oid: String = "PriorFileOID",
            as_of: String = "AsOfDateTime", odm_version: String = "ODMVersion", originator: String = "Originator",
            source_system: String = "SourceSystem", source_system_version: String = "SourceSystemVersion", id: String = "ID",
        }
    }
}

/// A document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Odm {
    /// The version, from the namespace. `header.odm_version` has what the document says.
    pub version: Version,
    /// Prefixes and namespaces that the root declares.
    pub namespaces: Vec<(String, String)>,
    /// What the document says of itself; with what else stands in the root.
    pub header: Header,
    /// The description (2.0).
    pub description: Option<Texts>,
    /// Definitions.
    pub studies: Vec<Study>,
    /// People and places.
    pub admin_data: Vec<AdminData>,
    /// Data of no subject.
    pub reference_data: Vec<ReferenceData>,
    /// Data of subjects.
    pub clinical_data: Vec<ClinicalData>,
    /// What places in the data have to do with each other.
    pub associations: Vec<Association>,
}

impl Odm {
    /// All versions of all studies' definitions.
    pub fn meta_data_versions(&self) -> impl Iterator<Item = (&Study, &MetaDataVersion)> {
        self.studies.iter().flat_map(|s| s.versions.iter().map(move |v| (s, v)))
    }
}

/// The document as XML of its version, in UTF-8.
pub fn write(odm: &Odm) -> Result<String, WriteError> {
    use element::Element;
    let mut out = head(odm);
    odm.clinical_data.iter().for_each(|c| c.write("ClinicalData", &mut out));
    odm.associations.iter().for_each(|a| a.write("Association", &mut out));
    out.extra_content(&odm.header.extra);
    out.end();
    out.finish()
}

/// All that stands before the clinical data; the root is open.
fn head(odm: &Odm) -> Writer {
    use element::Element;
    let mut out = Writer::new(odm.version == Version::V2_0);
    out.start("ODM");
    out.bind("", odm.version.namespace());
    for (prefix, namespace) in &odm.namespaces {
        out.bind(prefix, namespace);
    }
    odm.header.write_attributes(&mut out);
    odm.description.iter().for_each(|d| d.write("Description", &mut out));
    odm.studies.iter().for_each(|s| s.write("Study", &mut out));
    odm.admin_data.iter().for_each(|a| a.write("AdminData", &mut out));
    odm.reference_data.iter().for_each(|r| r.write("ReferenceData", &mut out));
    out
}
