//! Reads and writes the file.

use super::document::{Header, Metadata, Study};
use super::{Define, ReadError, Version};
use crate::odm::WriteError;
use crate::odm::element::Element;
use crate::odm::node::Content;
use crate::odm::xml_read::{Limits, Reader, Vocabulary};
use crate::odm::xml_write::Writer;

pub(super) const ODM: &str = "http://www.cdisc.org/ns/odm/v1.3";
pub(super) const ARM: &str = "http://www.cdisc.org/ns/arm/v1.0";
pub(super) const XLINK: &str = "http://www.w3.org/1999/xlink";

/// Names that the model's table of elements has a prefix for, whatever prefix a document uses.
pub(super) const VOCABULARY: Vocabulary =
    &[(Version::V2_0.namespace(), "def"), (Version::V2_1.namespace(), "def"), (ARM, "arm"), (XLINK, "xlink")];

/// No define.xml nests deeper than a tenth of this, and none is half as large.
pub(super) const LIMITS: Limits = Limits { depth: 64, piece: 16 << 20, document: 1 << 30 };

/// A define.xml of version 2.0 or 2.1.
pub fn read(bytes: &[u8]) -> Result<Define, ReadError> {
    let mut reader = Reader::new(bytes, LIMITS)?;
    reader.vocabulary = VOCABULARY;
    let root = reader.root()?;
    let (namespace, local) = reader.resolve(&root)?;
    if local != "ODM" {
        return Err(ReadError::NotDefine { place: root.place, found: local });
    }
    if namespace != ODM {
        return Err(ReadError::Version { place: root.place, namespace });
    }
    ODM.clone_into(&mut reader.odm);
    let declared = Reader::declared(&root);
    let mut header = Header::start(&root, &reader)?;
    let mut study: Option<Study> = None;
    let mut text = String::new();
    while let Some(child) = reader.child(&mut text)? {
        header.take_text(&mut text, true);
        if child.odm_name() == Some("Study") && study.is_none() {
            study = Some(Study::read(child, &mut reader)?);
        } else {
            header.extra.content.push(Content::Element(reader.node(&child)?));
        }
    }
    header.take_text(&mut text, true);
    reader.finish()?;
    let versions: Vec<Version> =
        Version::ALL.into_iter().filter(|v| reader.seen().any(|n| n == v.namespace())).collect();
    let version = match versions[..] {
        [version] => version,
        [] => return Err(ReadError::NoVersion { place: root.place, found: of_define(&declared) }),
        _ => return Err(ReadError::Mixed { place: root.place }),
    };
    let mut study = study.ok_or(ReadError::Lacks { place: root.place, what: "<Study>" })?;
    let metadata = study.metadata.take().ok_or(ReadError::Lacks { place: study.place, what: "<MetaDataVersion>" })?;
    let namespaces = declared.into_iter().filter(|(prefix, _)| !is_own(prefix)).collect();
    Ok(Define { version, stylesheet: reader.stylesheet.take(), namespaces, header, study, metadata })
}

/// The namespace of some define.xml that a document declares.
fn of_define(declared: &[(String, String)]) -> Option<String> {
    declared.iter().map(|(_, namespace)| namespace).find(|n| n.contains("/ns/def/")).cloned()
}

/// Prefixes that the writer binds itself.
fn is_own(prefix: &str) -> bool {
    VOCABULARY.iter().any(|(_, own)| *own == prefix)
}

/// The file, in UTF-8: elements in the schema's order, within it in the model's. The same model gives the same bytes.
pub fn write(define: &Define) -> Result<String, WriteError> {
    let mut out = Writer::new(false);
    if let Some(stylesheet) = &define.stylesheet {
        out.stylesheet(stylesheet);
    }
    out.start("ODM");
    out.bind("", ODM);
    out.bind("xlink", XLINK);
    out.bind("def", define.version.namespace());
    if define.metadata.result_displays.is_some() {
        out.bind("arm", ARM);
    }
    for (prefix, namespace) in &define.namespaces {
        out.bind(prefix, namespace);
    }
    define.header.write_attributes(&mut out);
    study(&define.study, &define.metadata, &mut out);
    out.extra_content(&define.header.extra);
    out.end();
    out.finish()
}

/// The study with its metadata in their place, which the model holds beside it.
fn study(study: &Study, metadata: &Metadata, out: &mut Writer) {
    out.start("Study");
    study.write_attributes(out);
    study.names.iter().for_each(|names| names.write("GlobalVariables", out));
    study.basic_definitions.iter().for_each(|basic| basic.write("BasicDefinitions", out));
    metadata.write("MetaDataVersion", out);
    out.extra_content(&study.extra);
    out.end();
}
