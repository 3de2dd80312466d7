//! Where does each item of the forms go in SDTM, or why nowhere? A plain table, one row an item.
//!
//! An item's annotation comes first (`sdtm`, `not_submitted`), then what its name says; what neither tells is unmapped. The domain of an item group,
//! in which names such as SYSBP have a meaning, is what its annotation says, else the domain to which most of its items belong by their names, else
//! by their annotations (of two the first in the alphabet), else the form's identifier where that is a domain.

use super::cdash::{self, Said};
use super::dictionary::Dictionary;
use super::target::{self, Target, TargetError};
use crate::error::StudyError;
use croft_design::definition::Definition;
use croft_design::forms::{Form, Item, ItemGroup};
use serde::Serialize;
use std::collections::BTreeMap;

/// Why an item that names a person goes nowhere.
const IDENTIFYING: &str = "identifies a person and is kept apart from the record";

/// The table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// The guide's name: `SDTMIG 3.4`.
    pub guide: String,
    /// Every item, in the order of the forms.
    pub items: Vec<ItemMapping>,
    /// Every item group, in the order of the forms.
    pub groups: Vec<GroupMapping>,
}

/// What an item group is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupMapping {
    /// The form's identifier.
    pub form: String,
    /// The group's name.
    pub group: String,
    /// Its domain, when there is one.
    pub domain: Option<String>,
    /// What its annotation says of all of its records.
    pub constants: Vec<(String, String)>,
}

/// One item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemMapping {
    /// The form's identifier.
    pub form: String,
    /// The group's name.
    pub group: String,
    /// The item's name.
    pub item: String,
    /// What site staff read.
    pub label: String,
    /// Where it goes.
    pub fate: Fate,
    /// What says so.
    pub basis: Basis,
}

/// What becomes of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It goes there; one target at least.
    Mapped(Vec<Target>),
    /// It goes nowhere, and why.
    NotSubmitted(String),
    /// Nothing says where it goes.
    Unmapped,
}

/// What says where an item goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Its annotation in the form.
    Annotation,
    /// Its name.
    Name,
    /// A statement of `tabulate/` that reads it.
    Statement,
    /// Nothing.
    None,
}

impl Fate {
    /// Its targets; none unless it is mapped.
    pub fn targets(&self) -> &[Target] {
        match self {
            Self::Mapped(targets) => targets,
            _ => &[],
        }
    }
}

impl Mapping {
    /// The row of an item.
    pub fn item(&self, form: &str, group: &str, item: &str) -> Option<&ItemMapping> {
        self.items.iter().find(|m| m.form == form && m.group == group && m.item == item)
    }

    /// What a group is about.
    pub fn group(&self, form: &str, group: &str) -> Option<&GroupMapping> {
        self.groups.iter().find(|g| g.form == form && g.group == group)
    }
}

/// The guide of a study with its terms.
pub fn dictionary(definition: &Definition) -> Result<Dictionary, StudyError> {
    Dictionary::of(definition).map_err(|(fact, versions)| StudyError::Text {
        file: "study.toml".to_owned(),
        message: format!("the fact {fact}, a version of the guide that croft does not have"),
        hint: format!("croft has {}", versions.join(", ")),
    })
}

/// Maps every item of these forms, which stand in these files. A wrong annotation is an error that names its place.
pub fn map(dictionary: &Dictionary, forms: &[Form], files: &[String]) -> Result<Mapping, StudyError> {
    let mut mapping = Mapping { guide: dictionary.guide.name(), items: Vec::new(), groups: Vec::new() };
    for (i, form) in forms.iter().enumerate() {
        let file = files.get(i).map_or("forms/", String::as_str);
        for group in &form.groups {
            let (group_mapping, annotated) = map_group(dictionary, form, group, file)?;
            for (item, targets) in group.items.iter().zip(annotated) {
                let (fate, basis) = fate(dictionary, item, targets, group_mapping.domain.as_deref());
                mapping.items.push(ItemMapping {
                    form: form.form.clone(),
                    group: group.name.clone(),
                    item: item.name.clone(),
                    label: item.label.clone(),
                    fate,
                    basis,
                });
            }
            mapping.groups.push(group_mapping);
        }
    }
    Ok(mapping)
}

/// A group's domain, and the targets that its items' annotations name.
fn map_group(
    dictionary: &Dictionary,
    form: &Form,
    group: &ItemGroup,
    file: &str,
) -> Result<(GroupMapping, Vec<Vec<Target>>), StudyError> {
    let mut annotated = Vec::new();
    for item in &group.items {
        if !item.sdtm.is_empty() && item.not_submitted.is_some() {
            let message = "says both where it goes (sdtm) and that it is not submitted".to_owned();
            return Err(fault(file, group, Some(item), message, "keep one of the two"));
        }
        if item.not_submitted.as_deref().is_some_and(|why| why.trim().is_empty()) {
            let message = "is not submitted, and the reason is empty".to_owned();
            return Err(fault(file, group, Some(item), message, "say why: not_submitted = \"…\""));
        }
        let read = item.sdtm.iter().map(|text| Target::parse(text, dictionary));
        let targets = read.collect::<Result<Vec<_>, _>>();
        annotated.push(targets.map_err(|e| refused(file, group, Some(item), &e))?);
    }
    let said = group.sdtm.as_deref().map(|text| target::parse_group(text, dictionary)).transpose();
    let said = said.map_err(|e| refused(file, group, None, &e))?;
    let (domain, constants) = match said {
        Some((domain, constants)) => (Some(domain), constants),
        None => (domain_of(dictionary, form, group, &annotated), Vec::new()),
    };
    let mapping = GroupMapping { form: form.form.clone(), group: group.name.clone(), domain, constants };
    Ok((mapping, annotated))
}

/// The domain to which most items of a group belong.
fn domain_of(dictionary: &Dictionary, form: &Form, group: &ItemGroup, annotated: &[Vec<Target>]) -> Option<String> {
    let items = || group.items.iter().zip(annotated);
    let by_name =
        items().filter(|(_, targets)| targets.is_empty()).filter_map(|(i, _)| cdash::domain_of(&i.name, dictionary));
    let by_annotation = items().filter_map(|(_, targets)| targets.iter().find_map(|t| t.domain().map(str::to_owned)));
    let count = |domains: &mut dyn Iterator<Item = String>| {
        let mut votes: BTreeMap<String, usize> = BTreeMap::new();
        domains.for_each(|domain| *votes.entry(domain).or_default() += 1);
        votes
    };
    let mut votes = count(&mut { by_name });
    if votes.is_empty() {
        votes = count(&mut { by_annotation });
    }
    // The first of those with the most votes: `max_by_key` would take the last.
    let most = votes.values().copied().max();
    let elected = votes.into_iter().find(|(_, n)| Some(*n) == most).map(|(domain, _)| domain);
    elected.or_else(|| dictionary.is_general(&form.form).then(|| form.form.clone()))
}

fn fate(dictionary: &Dictionary, item: &Item, annotated: Vec<Target>, domain: Option<&str>) -> (Fate, Basis) {
    if let Some(why) = &item.not_submitted {
        return (Fate::NotSubmitted(why.trim().to_owned()), Basis::Annotation);
    }
    if item.identifying {
        return (Fate::NotSubmitted(IDENTIFYING.to_owned()), Basis::Annotation);
    }
    if !annotated.is_empty() {
        return (Fate::Mapped(annotated), Basis::Annotation);
    }
    match cdash::by_name(&item.name, &item.label, domain, dictionary) {
        Some(Said::Targets(targets)) => (Fate::Mapped(targets), Basis::Name),
        Some(Said::NotSubmitted(why)) => (Fate::NotSubmitted(why.to_owned()), Basis::Name),
        None => (Fate::Unmapped, Basis::None),
    }
}

fn refused(file: &str, group: &ItemGroup, item: Option<&Item>, error: &TargetError) -> StudyError {
    fault(file, group, item, error.to_string(), error.hint())
}

fn fault(file: &str, group: &ItemGroup, item: Option<&Item>, message: String, hint: &str) -> StudyError {
    let place = match item {
        Some(item) => format!("group `{}`, item `{}`", group.name, item.name),
        None => format!("group `{}`", group.name),
    };
    StudyError::Text { file: file.to_owned(), message: format!("{place}: {message}"), hint: hint.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use croft_design::forms;

    fn mapped(form: &str) -> Result<Mapping, StudyError> {
        let definition = Definition::parse("[study]\nid = \"X\"\ntitle = \"x\"\n").unwrap();
        map(
            &dictionary(&definition).unwrap(),
            &[forms::parse("forms/x.toml", form).unwrap()],
            &["forms/x.toml".to_owned()],
        )
    }

    const FORM: &str = r#"
form = "VISIT"
label = "Visit"
visits = ["V1"]

[[group]]
name = "signs"
label = "Signs"

[[group.item]]
name = "VSDAT"
label = "Date"
type = "date"

[[group.item]]
name = "SYSBP"
label = "Systolic"
type = "integer"

[[group.item]]
name = "MOOD"
label = "Mood"
type = "text"
sdtm = ["QS.QSORRES where QSTESTCD = MOOD", "SUPPVS.MOOD"]

[[group.item]]
name = "INITIALS"
label = "Initials"
type = "text"
identifying = true

[[group.item]]
name = "ROOM"
label = "Room"
type = "text"
"#;

    #[test]
    fn each_item_has_its_fate_and_what_says_so() {
        let mapping = mapped(FORM).unwrap();
        assert_eq!(mapping.groups[0].domain.as_deref(), Some("VS"));
        let shown: Vec<(Basis, String)> = mapping
            .items
            .iter()
            .map(|m| {
                let fate = match &m.fate {
                    Fate::Mapped(targets) => targets.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
                    Fate::NotSubmitted(why) => why.clone(),
                    Fate::Unmapped => "?".to_owned(),
                };
                (m.basis, fate)
            })
            .collect();
        let expected = [
            (Basis::Name, "VS.VSDTC"),
            (Basis::Name, "VS.VSORRES where VSTESTCD = SYSBP"),
            (Basis::Annotation, "QS.QSORRES where QSTESTCD = MOOD; SUPPVS.MOOD"),
            (Basis::Annotation, IDENTIFYING),
            (Basis::None, "?"),
        ];
        assert_eq!(shown, expected.map(|(basis, text)| (basis, text.to_owned())));
    }

    #[test]
    fn a_group_can_say_its_domain_and_what_holds_for_it() {
        let form = FORM.replace("label = \"Signs\"", "label = \"Signs\"\nsdtm = \"LB where LBSPEC = BLOOD\"");
        let mapping = mapped(&form).unwrap();
        assert_eq!(mapping.groups[0].domain.as_deref(), Some("LB"));
        assert_eq!(mapping.groups[0].constants, [("LBSPEC".to_owned(), "BLOOD".to_owned())]);
        assert_eq!(mapping.item("VISIT", "signs", "SYSBP").unwrap().fate, Fate::Unmapped);
    }

    #[test]
    fn a_wrong_annotation_names_its_place_and_the_remedy() {
        let error = mapped(&FORM.replace("SUPPVS.MOOD", "SUPPQQ.MOOD")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "forms/x.toml: group `signs`, item `MOOD`: SDTMIG 3.4 has no dataset SUPPQQ that an item can go to"
        );
        assert!(error.hint().contains("not_submitted"));
        let both = FORM.replace("label = \"Mood\"", "label = \"Mood\"\nnot_submitted = \"x\"");
        assert!(mapped(&both).unwrap_err().to_string().contains("both"));
    }

    #[test]
    fn an_unknown_version_of_the_guide_is_refused() {
        let text = "[study]\nid = \"X\"\ntitle = \"x\"\n[[fact]]\ncode = \"SDTIGVER\"\nname = \"v\"\nvalue = \"9\"\n";
        let error = dictionary(&Definition::parse(text).unwrap()).unwrap_err();
        assert!(error.to_string().contains("SDTIGVER is 9") && error.hint().contains("3.4"), "{error}");
    }
}
