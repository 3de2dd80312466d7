//! What can `study.toml` say of a document? Each item with the identifier of the object that says it.
//!
//! | `study.toml` | USDM |
//! |---|---|
//! | `study.id` | `StudyIdentifier` of the sponsor |
//! | `study.title`, `short_title` | `StudyTitle`: official, brief |
//! | `study.sponsor` | `Organization` of the identifier |
//! | `study.version`, `rationale`, `phase`, `blinding` | `versionIdentifier`; of the design: `rationale`, `studyPhase`, `blindingSchema` |
//! | `treatment` | `StudyIntervention` with its first `Administration` |
//! | `arm`, `element`, `cell` | `StudyArm`, `StudyElement`, `StudyCell` with `StudyEpoch` |
//! | `visit` | `Encounter`, with its first instance of the main timeline and that one's `Timing` |
//! | `activity` | `Activity` without children; its group is the activity that holds it |
//! | `criterion` | `EligibilityCriterion` with its item |
//! | `objective` | `Objective` with `Endpoint`s |
//! | `population`, `estimand` | `AnalysisPopulation`, `Estimand` |
//! | `fact` | what the trial summary asks for ([`super::facts`]) |
//!
//! Codes are made from names: letters and digits of a short one, else a word with a number.

mod aims;
mod schedule;

pub(super) use schedule::main_timeline;

use super::json::{DESIGN, VERSION, chained, list, plain, text, texts, words};
use super::read::ProtocolError;
use super::terms::{self, List};
use super::{Remark, facts};
use crate::definition::{
    Arm, Capture, Criterion, Definition, Element, Estimand, Fact, Identity, Population, Schedule, StudyCell, Treatment,
    Visit,
};
use aims::{criteria, estimands, objectives, populations};
use croft_design::protocol::{Activity, Objective};
use schedule::{activities, visits};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// An item and the object that says it.
#[derive(Clone, Debug)]
pub(super) struct Seen<T> {
    /// The object's identifier.
    pub(super) id: String,
    /// The item.
    pub(super) item: T,
}

/// A document as `study.toml` sees it.
#[derive(Debug)]
pub(super) struct View {
    pub(super) study: Identity,
    /// Objects behind the identity: identifier and sponsor.
    pub(super) identifier: Option<String>,
    pub(super) sponsor: Option<String>,
    pub(super) treatments: Vec<Seen<Treatment>>,
    pub(super) arms: Vec<Seen<Arm>>,
    /// Names only: an epoch has no place of its own in `study.toml`.
    pub(super) epochs: Vec<Seen<String>>,
    pub(super) elements: Vec<Seen<Element>>,
    pub(super) cells: Vec<StudyCell>,
    pub(super) visits: Vec<Seen<Visit>>,
    pub(super) activities: Vec<Seen<Activity>>,
    pub(super) criteria: Vec<Seen<Criterion>>,
    pub(super) objectives: Vec<Seen<Objective>>,
    /// Code of each endpoint to its object.
    pub(super) endpoints: BTreeMap<String, String>,
    pub(super) populations: Vec<Seen<Population>>,
    pub(super) estimands: Vec<Seen<Estimand>>,
    pub(super) facts: Vec<Fact>,
    pub(super) remarks: Vec<Remark>,
}

impl View {
    pub(super) fn definition(&self) -> Definition {
        fn items<T: Clone>(seen: &[Seen<T>]) -> Vec<T> {
            seen.iter().map(|s| s.item.clone()).collect()
        }
        Definition {
            study: self.study.clone(),
            treatments: items(&self.treatments),
            arms: items(&self.arms),
            elements: items(&self.elements),
            cells: self.cells.clone(),
            visits: items(&self.visits),
            activities: items(&self.activities),
            schedule: Schedule::default(),
            capture: Capture::default(),
            criteria: items(&self.criteria),
            objectives: items(&self.objectives),
            facts: self.facts.clone(),
            populations: items(&self.populations),
            estimands: items(&self.estimands),
            words: BTreeMap::new(),
        }
    }
}

/// Codes of one kind, each given once.
struct Codes {
    taken: BTreeSet<String>,
    most: usize,
    word: &'static str,
}

impl Codes {
    fn new(word: &'static str, most: usize) -> Self {
        Self { taken: BTreeSet::new(), most, word }
    }

    /// From a name when that is short, else from the kind's word and a number.
    fn code(&mut self, name: &str, number: usize) -> String {
        let upper = name.to_ascii_uppercase();
        let parts: Vec<&str> = upper.split(|c: char| !c.is_ascii_alphanumeric()).filter(|p| !p.is_empty()).collect();
        let own = parts.join("_");
        let fits = !own.is_empty() && own.len() <= self.most && name.is_ascii();
        let numbered = (number..).map(|n| format!("{}{n}", self.word));
        let mut candidates = fits.then_some(own).into_iter().chain(numbered);
        let code = candidates.find(|c| !self.taken.contains(c)).unwrap_or_default();
        self.taken.insert(code.clone());
        code
    }
}

/// Looks at a document that [`super::read::read`] accepted.
pub(super) fn view(document: &Value) -> Result<View, ProtocolError> {
    let absent = |path: &str| ProtocolError::Absent { path: path.to_owned() };
    let version = document.pointer(VERSION).ok_or_else(|| absent(VERSION))?;
    let design = document.pointer(DESIGN).ok_or_else(|| absent(DESIGN))?;
    let mut remarks = Vec::new();
    several(document, &mut remarks);
    let (study, identifier, sponsor) = identity(version, design);
    let treatments = treatments(version, design);
    let epochs = epochs(design);
    let elements = elements(design, &treatments, &mut remarks);
    let arms = arms(design);
    let cells = cells(design, &arms, &epochs, &elements);
    let visits = visits(design, &epochs, &mut remarks)?;
    let activities = activities(design, &visits, &mut remarks);
    let (objectives, endpoints) = objectives(design);
    Ok(View {
        study,
        identifier,
        sponsor,
        arms,
        cells,
        activities,
        criteria: criteria(version, design),
        objectives,
        endpoints,
        populations: populations(design),
        estimands: estimands(document, design),
        facts: facts::facts(version, design),
        treatments,
        epochs,
        elements,
        visits,
        remarks,
    })
}

fn remark(remarks: &mut Vec<Remark>, about: impl Into<String>, message: impl Into<String>) {
    remarks.push(Remark { about: about.into(), message: message.into() });
}

fn several(document: &Value, remarks: &mut Vec<Remark>) {
    for (pointer, member, what) in [("/study", "versions", "version"), (VERSION, "studyDesigns", "design")] {
        let count = document.pointer(pointer).map_or(0, |holder| list(holder, member).len());
        if count > 1 {
            remark(remarks, what, format!("the first of {count} is read; the others are kept as they are"));
        }
    }
}

/// What stands in data for a code, or the code's own words.
pub(super) fn word(list: List, code: Option<&Value>) -> String {
    let Some(code) = code.filter(|c| c.is_object()) else { return String::new() };
    terms::submission(list, code).map_or_else(|| text(code, "decode").to_owned(), str::to_owned)
}

/// The same of an `AliasCode`.
pub(super) fn alias_word(list: List, alias: Option<&Value>) -> String {
    word(list, alias.and_then(|a| a.get("standardCode")))
}

/// Types of titles, by code and words: documents made before the codes were given have the words only.
pub(super) const OFFICIAL: (&str, &str) = ("C207616", "Official Study Title");
pub(super) const BRIEF: (&str, &str) = ("C207615", "Brief Study Title");

/// Whether a title is of a type.
pub(super) fn is_title(title: &Value, (code, words): (&str, &str)) -> bool {
    title.get("type").is_some_and(|t| text(t, "code") == code || text(t, "decode").eq_ignore_ascii_case(words))
}

const SPONSOR_ROLE: &str = "C70793";

fn identity(version: &Value, design: &Value) -> (Identity, Option<String>, Option<String>) {
    let organizations = list(version, "organizations");
    let by_role = list(version, "roles")
        .iter()
        .filter(|r| r.get("code").is_some_and(|c| text(c, "code") == SPONSOR_ROLE))
        .flat_map(|r| texts(r, "organizationIds"));
    let by_type = organizations
        .iter()
        .filter(|o| o.get("type").is_some_and(|c| [SPONSOR_ROLE, "C54149"].contains(&text(c, "code"))))
        .map(|o| text(o, "id"));
    let candidates: Vec<&str> = by_role.chain(by_type).collect();
    let identifiers = list(version, "studyIdentifiers");
    let of = |organization: &str| identifiers.iter().find(|i| text(i, "scopeId") == organization);
    let identifier = candidates.iter().find_map(|o| of(o)).or_else(|| identifiers.first());
    let sponsor_id = candidates.first().copied().or_else(|| identifier.map(|i| text(i, "scopeId")));
    let sponsor = sponsor_id.and_then(|id| organizations.iter().find(|o| text(o, "id") == id));
    let titles = list(version, "titles");
    let title = |kind| titles.iter().find(|t| is_title(t, kind));
    let official = title(OFFICIAL).or_else(|| titles.first());
    let id = study_id(identifier.map_or("", |i| text(i, "text")));
    let study = Identity {
        id,
        kind: String::new(),
        title: official.map_or("", |t| text(t, "text")).to_owned(),
        short_title: title(BRIEF).map_or("", |t| text(t, "text")).to_owned(),
        version: text(version, "versionIdentifier").to_owned(),
        rationale: plain(text(design, "rationale")),
        phase: alias_word(terms::PHASE, design.get("studyPhase")),
        blinding: alias_word(terms::BLINDING, design.get("blindingSchema")),
        sponsor: sponsor.map_or("", |o| words(o, &["label", "name"])).to_owned(),
        site: String::new(),
        country: String::new(),
        analyte: String::new(),
        analyte_code: String::new(),
        laboratory: String::new(),
        assay: String::new(),
        fasting: String::new(),
        specimen: String::new(),
        simulation: None,
    };
    let object = |o: &Value| text(o, "id").to_owned();
    (study, identifier.map(object), sponsor.map(object))
}

/// A study identifier as `study.toml` writes it: letters, digits, hyphens.
fn study_id(identifier: &str) -> String {
    let parts: Vec<&str> =
        identifier.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').filter(|p| !p.is_empty()).collect();
    if parts.is_empty() { "STUDY".to_owned() } else { parts.join("-") }
}

fn treatments(version: &Value, design: &Value) -> Vec<Seen<Treatment>> {
    let mut codes = Codes::new("T", 20);
    let chosen: BTreeSet<&str> = texts(design, "studyInterventionIds").collect();
    let all = list(version, "studyInterventions").iter();
    all.filter(|i| chosen.is_empty() || chosen.contains(text(i, "id")))
        .enumerate()
        .map(|(i, intervention)| {
            let given = list(intervention, "administrations").first();
            let dose = given.and_then(|a| a.get("dose")).filter(|d| d.is_object());
            let product = given.map_or("", |a| text(a, "administrableProductId"));
            let product = list(version, "administrableProducts").iter().find(|p| text(p, "id") == product);
            let label = words(intervention, &["label", "name"]);
            let item = Treatment {
                code: codes.code(text(intervention, "name"), i + 1),
                label: label.to_owned(),
                name: plain(words(intervention, &["description", "label", "name"])),
                dose: dose.and_then(|d| d.get("value")).and_then(Value::as_f64),
                dose_unit: alias_word(terms::UNIT, dose.and_then(|d| d.get("unit"))),
                form: alias_word(terms::FORM, product.and_then(|p| p.get("administrableDoseForm"))),
                route: alias_word(terms::ROUTE, given.and_then(|a| a.get("route"))),
                role: word(terms::INTERVENTION_ROLE, intervention.get("role")),
            };
            Seen { id: text(intervention, "id").to_owned(), item }
        })
        .collect()
}

fn arms(design: &Value) -> Vec<Seen<Arm>> {
    let mut codes = Codes::new("ARM", 20);
    let arms = list(design, "arms").iter().enumerate().map(|(i, arm)| {
        let item = Arm { code: codes.code(text(arm, "name"), i + 1), name: words(arm, &["label", "name"]).to_owned() };
        Seen { id: text(arm, "id").to_owned(), item }
    });
    arms.collect()
}

fn epochs(design: &Value) -> Vec<Seen<String>> {
    let mut taken = BTreeSet::new();
    let epochs = chained(list(design, "epochs")).into_iter().enumerate().map(|(i, epoch)| {
        let name = text(epoch, "name").to_uppercase().replace(':', " ");
        let mut own = if name.trim().is_empty() { format!("EPOCH {}", i + 1) } else { name };
        while !taken.insert(own.clone()) {
            own.push('+');
        }
        Seen { id: text(epoch, "id").to_owned(), item: own }
    });
    epochs.collect()
}

fn elements(design: &Value, treatments: &[Seen<Treatment>], remarks: &mut Vec<Remark>) -> Vec<Seen<Element>> {
    let mut codes = Codes::new("EL", 8);
    let mut elements = Vec::new();
    for (i, element) in list(design, "elements").iter().enumerate() {
        let rule = |member: &str| plain(element.get(member).map_or("", |r| text(r, "text")));
        let given: Vec<&str> = texts(element, "studyInterventionIds").collect();
        let code = codes.code(text(element, "name"), i + 1);
        if given.len() > 1 {
            remark(
                remarks,
                format!("element {code}"),
                format!("gives {} interventions; none is taken over", given.len()),
            );
        }
        let treatment = treatments.iter().find(|t| given == [t.id.as_str()]);
        let item = Element {
            name: words(element, &["label", "name"]).to_owned(),
            start: rule("transitionStartRule"),
            end: rule("transitionEndRule"),
            duration: None,
            treatment: treatment.map(|t| t.item.code.clone()),
            code,
        };
        elements.push(Seen { id: text(element, "id").to_owned(), item });
    }
    elements
}

fn cells(design: &Value, arms: &[Seen<Arm>], epochs: &[Seen<String>], elements: &[Seen<Element>]) -> Vec<StudyCell> {
    let path = |arm: &Seen<Arm>| -> Vec<String> {
        let mut path = Vec::new();
        for epoch in epochs {
            let cells = list(design, "studyCells").iter();
            for cell in cells.filter(|c| text(c, "armId") == arm.id && text(c, "epochId") == epoch.id) {
                let codes = texts(cell, "elementIds").filter_map(|id| elements.iter().find(|e| e.id == id));
                path.extend(codes.map(|e| format!("{}:{}", epoch.item, e.item.code)));
            }
        }
        path
    };
    let cells = arms.iter().map(|arm| StudyCell { arm: arm.item.code.clone(), path: path(arm) });
    cells.filter(|c| !c.path.is_empty()).collect()
}
