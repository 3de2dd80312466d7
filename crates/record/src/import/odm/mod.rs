//! What does an ODM document define, as the study's text?
//!
//! ```text
//! StudyEventDef                   visit: Scheduled, Unscheduled, Common; Repeating
//! FormDef, ItemGroupDef Type=Form form
//! ItemGroupDef                    group of a form; groups within groups (2.0) stand side by side
//! ItemDef                         item: type, length, decimals, units, codes; question as label
//! RangeCheck                      check: Soft asks, Hard refuses
//! CollectionExceptionCondition    when = not (condition)
//! MethodDef (Computation)         derive
//! ```
//! A document has one version of a definition as a rule. Of several the last is taken, or the one that is named; one that begins from another (`Include`) is
//! completed by it. Definitions that nothing refers to stay in the source.
//!
//! Where versions differ: in 1.x units are definitions of their own and forms are `FormDef`; in 2.0 a unit is an item, and a form is a group.
//! Where systems differ: libraries of forms have no visits, and REDCap's classic projects neither: their forms stand at one place `STUDY`, of type Common.
//! REDCap marks its events Common; they are visits with days of their own.

mod forms;
mod infer;
mod item;
mod left;
mod rules;
mod visits;

pub use infer::infer;
pub(super) use item::{TABLES, symbol};
pub(super) use rules::as_kind;

use super::note::{ImportError, Imported, Note};
use super::text;
use croft_cdisc::odm::{self, MetaDataVersion, Odm, Study, Text, Texts};

/// The namespace of REDCap's extensions.
const REDCAP: &str = "https://projectredcap.org";

/// The definition of a document, for the study `id`. `source` is the document's text, where it is at hand and holds no subjects' data;
/// `version` names one of several.
pub fn definition(odm: &Odm, source: Option<&str>, id: &str, version: Option<&str>) -> Result<Imported, ImportError> {
    let (study, version) = choose(odm, version)?;
    let version = complete(odm, study, version)?;
    twice(&version)?;
    let mut notes = Vec::new();
    let (visits, places) = visits::visits(odm, &version, &mut notes);
    let plan = forms::plan(&version, &places, &mut notes)?;
    let mut forms = item::forms(study, &version, &plan, &mut notes);
    rules::add(&version, &plan, &visits, &mut forms, &mut notes);
    left::over(odm, study, &version, &mut notes);
    let title = study.protocol().filter(|t| !t.trim().is_empty()).or(study.name()).unwrap_or(&study.oid);
    let definition = text::definition(id, title, visits)?;
    super::settle::settle(&definition, &mut forms, &mut notes);
    notes.sort();
    notes.dedup();
    let kept = match source {
        Some(source) => source.to_owned(),
        None => definition_alone(odm)?,
    };
    let files = text::files(&definition, &forms, vec![("odm.xml", kept)])?;
    Ok(Imported { files, notes })
}

/// The document without data of subjects: those do not belong in a definition.
fn definition_alone(document: &Odm) -> Result<String, ImportError> {
    let alone = Odm { clinical_data: Vec::new(), associations: Vec::new(), ..document.clone() };
    odm::write(&alone).map_err(|e| ImportError::Text(e.to_string()))
}

fn choose<'a>(odm: &'a Odm, asked: Option<&str>) -> Result<(&'a Study, &'a MetaDataVersion), ImportError> {
    let found = || {
        let all: Vec<&str> = odm.meta_data_versions().map(|(_, v)| v.oid.as_str()).collect();
        if all.is_empty() { "none".to_owned() } else { all.join(", ") }
    };
    match asked {
        Some(asked) => odm
            .meta_data_versions()
            .filter(|(_, v)| v.oid == asked)
            .last()
            .ok_or_else(|| ImportError::NoVersion { asked: asked.to_owned(), found: found() }),
        None => odm.meta_data_versions().last().ok_or(ImportError::NoDefinition {
            found: match (odm.clinical_data.is_empty(), odm.reference_data.is_empty()) {
                (false, _) => "it holds data of subjects",
                (true, false) => "it holds reference data",
                (true, true) => "it holds no version of a definition",
            },
        }),
    }
}

/// With what it takes from the versions that it begins from; its own definitions stand before theirs.
fn complete(odm: &Odm, study: &Study, version: &MetaDataVersion) -> Result<MetaDataVersion, ImportError> {
    let mut whole = version.clone();
    let mut seen = vec![(study.oid.clone(), version.oid.clone())];
    while let Some(include) = whole.include.take() {
        let name = (include.study_oid.clone(), include.version_oid.clone());
        let base = odm.meta_data_versions().find(|(s, v)| s.oid == name.0 && v.oid == name.1);
        let Some((_, base)) = base.filter(|_| !seen.contains(&name)) else {
            return Err(ImportError::Elsewhere { line: include.place.line, study: name.0, version: name.1 });
        };
        seen.push(name);
        macro_rules! add {
            ($($of:ident)*) => {$(
                for definition in &base.$of {
                    if !whole.$of.iter().any(|d| d.oid == definition.oid) {
                        whole.$of.push(definition.clone());
                    }
                }
            )*};
        }
        add!(value_lists where_clauses workflows event_groups events forms item_groups items code_lists conditions methods);
        if whole.protocol.is_none() {
            whole.protocol.clone_from(&base.protocol);
        }
        whole.include.clone_from(&base.include);
    }
    Ok(whole)
}

/// Two definitions of one identifier are refused: what refers to it could mean either.
fn twice(version: &MetaDataVersion) -> Result<(), ImportError> {
    macro_rules! unique {
        ($($what:literal $of:ident)*) => {$(
            let mut seen = std::collections::BTreeSet::new();
            for definition in &version.$of {
                if !seen.insert(definition.oid.as_str()) {
                    let (line, oid) = (definition.place.line, definition.oid.clone());
                    return Err(ImportError::Twice { line, what: $what, oid });
                }
            }
        )*};
    }
    unique!("StudyEventDef" events "FormDef" forms "ItemGroupDef" item_groups "ItemDef" items
        "CodeList" code_lists "ConditionDef" conditions "MethodDef" methods);
    Ok(())
}

/// English, or the text without a language, or the first; one line. Empty texts are none.
fn words(texts: Option<&Texts>) -> Option<String> {
    let found = text::one_line(&texts?.in_language("en")?);
    let other = || texts?.texts.iter().map(|t| text::one_line(&t.text())).find(|t| !t.is_empty());
    if found.is_empty() { other() } else { Some(found) }
}

/// Something that is referred to and not there.
fn dangling(line: u32, what: &str, oid: &str, lost: &str) -> Note {
    Note::new(line, oid, format!("{what} {oid} is not defined: {lost}"), "add the definition, or correct the reference")
}

/// In the order that the references say; those that say nothing come last, in their own order.
fn in_order<T>(mut refs: Vec<&T>, order: impl Fn(&T) -> Option<u32>) -> Vec<&T> {
    refs.sort_by_key(|r| order(r).unwrap_or(u32::MAX));
    refs
}

/// Makes texts of a single line; for definitions that are made, not read.
fn plain(text: &str) -> Text {
    Text::new(text)
}
