//! Reads documents, whole or subject by subject.

use super::element::Element;
use super::error::OdmError;
use super::model::data::{ClinicalData, SubjectData};
use super::node::Content;
use super::xml_read::{Limits, Reader, Tag};
use super::{Header, Odm, Version};
use std::io::BufRead;
use std::ops::ControlFlow;

/// What takes the subjects, with what was read of the document and of their clinical data before them.
type Taker<'t> = &'t mut dyn FnMut(&Odm, &ClinicalData, SubjectData) -> ControlFlow<()>;

/// A whole document.
pub fn read(bytes: &[u8]) -> Result<Odm, OdmError> {
    read_with(bytes, Limits::default())
}

/// A whole document, within limits.
pub fn read_with(input: impl BufRead, limits: Limits) -> Result<Odm, OdmError> {
    document(input, limits, None)
}

/// A document of any size: each subject is handed over once it is read, and not kept. Definitions stand before data, so they are known by then.
/// What is given back is the document without its subjects, or what had been read of it when `take` broke off.
pub fn read_subjects(
    input: impl BufRead,
    limits: Limits,
    mut take: impl FnMut(&Odm, &ClinicalData, SubjectData) -> ControlFlow<()>,
) -> Result<Odm, OdmError> {
    document(input, limits, Some(&mut take))
}

fn document(input: impl BufRead, limits: Limits, mut take: Option<Taker<'_>>) -> Result<Odm, OdmError> {
    let mut reader = Reader::new(input, limits)?;
    let root = reader.root()?;
    let mut odm = Odm { version: version(&root, &reader)?, ..Odm::default() };
    reader.odm = odm.version.namespace().to_owned();
    odm.header = Header::start(&root, &reader)?;
    odm.namespaces = Reader::declared(&root);
    let mut text = String::new();
    while let Some(child) = reader.child(&mut text)? {
        odm.header.take_text(&mut text, true);
        if part(&mut odm, child, &mut reader, &mut take)?.is_break() {
            return Ok(odm);
        }
    }
    odm.header.take_text(&mut text, true);
    reader.finish()?;
    Ok(odm)
}

fn version(root: &Tag, reader: &Reader<'_>) -> Result<Version, OdmError> {
    let (namespace, local) = reader.resolve(root)?;
    if local != "ODM" {
        return Err(OdmError::NotOdm { place: root.place, found: local });
    }
    let known = Version::ALL.into_iter().find(|v| v.namespace() == namespace);
    known.ok_or(OdmError::UnknownVersion { place: root.place, namespace })
}

fn part(
    odm: &mut Odm,
    tag: Tag,
    reader: &mut Reader<'_>,
    take: &mut Option<Taker<'_>>,
) -> Result<ControlFlow<()>, OdmError> {
    match tag.odm_name() {
        Some("Description") if odm.description.is_none() => odm.description = Some(Element::read(tag, reader)?),
        Some("Study") => odm.studies.push(Element::read(tag, reader)?),
        Some("AdminData") => odm.admin_data.push(Element::read(tag, reader)?),
        Some("ReferenceData") => odm.reference_data.push(Element::read(tag, reader)?),
        Some("ClinicalData") => return clinical_data(odm, &tag, reader, take),
        Some("Association") => odm.associations.push(Element::read(tag, reader)?),
        _ => odm.header.extra.content.push(Content::Element(reader.node(&tag)?)),
    }
    Ok(ControlFlow::Continue(()))
}

fn clinical_data(
    odm: &mut Odm,
    tag: &Tag,
    reader: &mut Reader<'_>,
    take: &mut Option<Taker<'_>>,
) -> Result<ControlFlow<()>, OdmError> {
    let mut data = ClinicalData::start(tag, reader)?;
    let mut text = String::new();
    let mut flow = ControlFlow::Continue(());
    while let Some(child) = reader.child(&mut text)? {
        data.take_text(&mut text, true);
        match take {
            Some(take) if child.odm_name() == Some("SubjectData") => {
                flow = take(odm, &data, SubjectData::read(child, reader)?);
                if flow.is_break() {
                    break;
                }
            }
            _ => data.take(child, reader)?,
        }
    }
    data.take_text(&mut text, true);
    odm.clinical_data.push(data);
    Ok(flow)
}
