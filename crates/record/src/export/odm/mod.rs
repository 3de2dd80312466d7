//! How does a study become an ODM document: definitions, values, and how each came about?
//!
//! ```text
//! ODM  FileType Snapshot | Transactional
//! ├ Study ─ MetaDataVersion V1, V2 …     every published version; units once for all (1.3.2)
//! ├ AdminData ─ User, Location, SignatureDef     users and signatures only with audit records
//! └ ClinicalData V1 ─ SubjectData ─ …    each value under the version of its form
//! ```
//! A **snapshot** has what stands: subjects in the order of their numbers, visits, forms and rows in the order of the definition; what is void or blank is left out. With
//! **audit records** the document is transactional: of each subject every event in the order in which it happened, a `FormData` each, with who, when (local time with its
//! offset), why, and the number of the event as `SourceID`. A change is `Insert`, `Update` or `Remove`; a voided row is `Remove`; what changes no value (marks,
//! queries, signatures, freezing) is `Context`. A query is told whole where it was opened, a signature where it was given.
//!
//! `Value` is the normalised value, so that it is of the item's type. What the standard has no word for is said in croft's own namespace, which
//! [`vendor`](crate::vendor) lists. OIDs are those of the document that a study came from, or names. What identifies a person never leaves: its place says `SEALED`.
//! A character that XML cannot carry becomes U+FFFD; the events have it. Worked examples of checks stay in the study's text.
//!
//! **Nothing in it is of the clock**: `CreationDateTime` is the time of the newest event, `FileOID` is the study with the hash of its chain. Memory: one subject, with its history where that
//! is asked for, and a few bytes for each subject.
//!
//! Where versions differ: in 2.0 a form is an item group of type `Form`, a unit is an item, and a query is an element of the standard.
//! Where systems differ: most leave the value as typed; some send an audit record a value and repeat the form around it.
//!
//! Sources: CDISC ODM 1.3.2 and 2.0, their schemas.

mod admin;
mod changes;
mod data;
mod definition;
mod oid;
mod snapshot;

use super::{ExportError, Extent, rfc3339};
use crate::door::Reading;
use crate::refusal::Refusal;
use crate::vendor::{NAMESPACE, PREFIX};
use croft_cdisc::odm::{
    BasicDefinitions, FileType, GlobalVariables, Header, MeasurementUnit, Odm, Stream, Study, Text, Texts,
    TranslatedText, Version,
};
use data::Under;
use std::collections::BTreeMap;
use std::io::Write;

/// Which ODM.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standard {
    /// 1.3.2.
    #[default]
    V1_3_2,
    /// 2.0.
    V2_0,
}

impl Standard {
    /// As documents name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::V1_3_2 => "1.3.2",
            Self::V2_0 => "2.0",
        }
    }

    /// From the name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::V1_3_2, Self::V2_0].into_iter().find(|s| s.name() == name)
    }

    fn version(self) -> Version {
        match self {
            Self::V1_3_2 => Version::V1_3,
            Self::V2_0 => Version::V2_0,
        }
    }
}

/// What is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// In which version of the standard.
    pub version: Standard,
    /// With audit records.
    pub audit: bool,
}

impl Options {
    /// The kind of export, for the access log: `odm 1.3.2`, `odm 2.0 with audit`.
    pub fn name(self) -> String {
        format!("odm {}{}", self.version.name(), if self.audit { " with audit" } else { "" })
    }
}

/// Writes the document; gives the number of subjects.
pub fn write(
    reading: &Reading<'_>,
    extent: &Extent,
    options: Options,
    out: &mut dyn Write,
) -> Result<u64, ExportError> {
    let study = reading.leaving(extent)?;
    if options.audit {
        reading.may_leave_with_audit(extent)?;
    }
    if study.versions.is_empty() {
        let message = format!("study {} has no published definition", study.id);
        return Err(Refusal::state(message, "publish a version first").into());
    }
    let standard = options.version.version();
    let mut compiled = Vec::new();
    for version in &study.versions {
        compiled.push((version, reading.version(&study.id, version.number)?));
    }
    let units = units(compiled.iter().flat_map(|(_, c)| &c.forms));
    let mut versions = BTreeMap::new();
    let mut definitions = Vec::new();
    for (version, compiled) in compiled {
        let (made, oids) = definition::version(version.number, &version.note, &compiled, &units, standard);
        let v2 = standard == Version::V2_0;
        versions.insert(version.number, Under { number: version.number, oid: made.oid.clone(), oids, compiled, v2 });
        definitions.push(made);
    }
    let admin = admin::admin(reading, extent, &study, options)?;
    let head = Odm {
        version: standard,
        namespaces: vec![(PREFIX.to_owned(), NAMESPACE.to_owned())],
        header: header(reading, extent, options)?,
        studies: vec![Study { versions: definitions, ..study_of(&study.id, &study.title, &units, standard) }],
        admin_data: vec![admin.data.clone()],
        ..Odm::default()
    };
    let mut stream = Stream::begin(&head, out)?;
    let mut subjects = 0;
    reading.each_subject(extent, &mut |subject, forms| {
        let parts = if options.audit {
            changes::subject(reading, &study.id, &subject, &forms, &versions, &admin)?
        } else {
            snapshot::subject(&subject, &forms, &versions)
        };
        for (version, part) in parts {
            stream.subject(&study.id, &version, &part)?;
        }
        subjects += 1;
        Ok(())
    })?;
    stream.finish()?;
    Ok(subjects)
}

fn header(reading: &Reading<'_>, extent: &Extent, options: Options) -> Result<Header, Refusal> {
    let head = reading.view.head(&extent.study)?;
    let hash = head.as_ref().map(|h| h.hash.to_string()).unwrap_or_default();
    let when = rfc3339(head.map_or(0, |h| h.time_ms));
    let site = extent.site.as_deref().map(|site| format!(".{site}")).unwrap_or_default();
    let kind = if options.audit { FileType::Transactional } else { FileType::Snapshot };
    Ok(Header {
        file_oid: Some(format!("{}{site}.{}.{hash}", extent.study, kind.as_str())),
        file_type: Some(kind),
        granularity: Some(if extent.site.is_some() { "SingleSite" } else { "All" }.to_owned()),
        created: Some(when.clone()),
        as_of: Some(when),
        odm_version: Some(options.version.name().to_owned()),
        originator: Some("croft".to_owned()),
        source_system: Some("croft".to_owned()),
        source_system_version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        ..Header::default()
    })
}

/// Units of all versions, with their OIDs.
fn units<'f>(forms: impl Iterator<Item = &'f croft_design::forms::Form>) -> BTreeMap<String, String> {
    let items = forms.flat_map(|f| &f.groups).flat_map(|g| &g.items);
    items.flat_map(definition::units_of).map(|unit| (unit.to_owned(), format!("MU.{unit}"))).collect()
}

fn study_of(id: &str, title: &str, units: &BTreeMap<String, String>, standard: Version) -> Study {
    let title = carried(if title.trim().is_empty() { id } else { title });
    if standard == Version::V2_0 {
        return Study {
            oid: id.to_owned(),
            study_name: Some(id.to_owned()),
            protocol_name: Some(title.clone()),
            description: Some(texts(true, &title)),
            ..Study::default()
        };
    }
    let unit = |(symbol, oid): (&String, &String)| MeasurementUnit {
        oid: oid.clone(),
        name: Some(carried(symbol)),
        symbol: Some(texts(false, symbol)),
        ..MeasurementUnit::default()
    };
    let units: Vec<_> = units.iter().map(unit).collect();
    Study {
        oid: id.to_owned(),
        global_variables: Some(GlobalVariables {
            study_name: Some(Text::new(id)),
            study_description: Some(Text::new(&title)),
            protocol_name: Some(Text::new(&title)),
            ..GlobalVariables::default()
        }),
        basic_definitions: (!units.is_empty()).then(|| BasicDefinitions { units, ..BasicDefinitions::default() }),
        ..Study::default()
    }
}

/// The text as XML can carry it.
fn carried(text: impl AsRef<str>) -> String {
    let legal = |c: char| matches!(c, '\t' | '\n' | '\r') || (c >= ' ' && !matches!(c, '\u{fffe}' | '\u{ffff}'));
    text.as_ref().chars().map(|c| if legal(c) { c } else { '\u{fffd}' }).collect()
}

/// A text of no stated language; 2.0 says that it is plain.
fn texts(v2: bool, text: &str) -> Texts {
    let kind = v2.then(|| "text/plain".to_owned());
    let text = TranslatedText { kind, ..TranslatedText::new(None, &carried(text)) };
    Texts { texts: vec![text], ..Texts::default() }
}
