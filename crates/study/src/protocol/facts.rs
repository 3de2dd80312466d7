//! Which facts of the trial summary does a design say, and how are they put into one?
//!
//! | fact | USDM |
//! |---|---|
//! | `STYPE`, `INTMODEL`, `OBSMODEL` | the design's `studyType`, `model` |
//! | `TINDTP`, `TTYPE`, `THERAREA` | `intentTypes`, `subTypes`, `therapeuticAreas` |
//! | `RANDOM`, `ADAPT` | `characteristics` |
//! | `INTTYPE` | `type` of the interventions |
//! | `INDIC` | `indications` |
//! | `SEXPOP`, `AGEMIN`, `AGEMAX`, `PLANSUB`, `HLTSUBJI` | of the `population` |
//! | `REGID` | identifiers that others than the sponsor gave |
//!
//! `TPHASE`, `TBLIND`, `TITLE`, `SPONSOR` and `NARMS` are not facts of their own here: `study.toml` says them elsewhere.

use super::Remark;
use super::json::{Object, list, list_mut, plain, text, words};
use super::terms::{self, List};
use super::view::word;
use crate::definition::Fact;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Facts that `study.toml` says elsewhere, so that an export takes them from there.
const ELSEWHERE: [&str; 5] = ["TPHASE", "TBLIND", "TITLE", "SPONSOR", "NARMS"];

/// Lists of codes in the design, by the fact that each item makes.
const CODED: [(&str, &str, Option<List>); 3] = [
    ("TINDTP", "intentTypes", Some(terms::INTENT)),
    ("TTYPE", "subTypes", Some(terms::TRIAL_TYPE)),
    ("THERAREA", "therapeuticAreas", None),
];

/// Characteristics that are facts of their own.
const CHARACTERISTICS: [(&str, &str); 2] = [("RANDOM", "C46079"), ("ADAPT", "C98704")];

fn name_of(code: &str) -> &'static str {
    match code {
        "STYPE" => "Study Type",
        "INTMODEL" => "Intervention Model",
        "OBSMODEL" => "Observational Model",
        "TINDTP" => "Trial Intent Type",
        "TTYPE" => "Trial Type",
        "THERAREA" => "Therapeutic Area",
        "RANDOM" => "Trial is Randomized",
        "ADAPT" => "Adaptive Design",
        "INTTYPE" => "Intervention Type",
        "INDIC" => "Trial Disease/Condition Indication",
        "SEXPOP" => "Sex of Participants",
        "AGEMIN" => "Planned Minimum Age of Subjects",
        "AGEMAX" => "Planned Maximum Age of Subjects",
        "PLANSUB" => "Planned Number of Subjects",
        "HLTSUBJI" => "Healthy Subject Indicator",
        "REGID" => "Registry Identifier",
        _ => "",
    }
}

/// What the list that a code stands in decodes to, else the code's own words.
fn coded(list: Option<List>, code: &Value) -> String {
    match list {
        Some(list) => word(list, Some(code)),
        None => text(code, "decode").to_owned(),
    }
}

/// The facts that a document says, in a fixed order.
pub(super) fn facts(version: &Value, design: &Value) -> Vec<Fact> {
    let mut found: Vec<(&str, String)> = Vec::new();
    found.push(("STYPE", word(terms::STUDY_TYPE, design.get("studyType"))));
    let (model, list_of_models) = model(design);
    found.push((model, word(list_of_models, design.get("model"))));
    for (fact, member, codes) in CODED {
        found.extend(list(design, member).iter().map(|code| (fact, coded(codes, code))));
    }
    for (fact, code) in CHARACTERISTICS {
        if has_characteristic(design, code) {
            found.push((fact, "Y".to_owned()));
        }
    }
    let mut types: Vec<String> = list(version, "studyInterventions")
        .iter()
        .map(|i| word(terms::INTERVENTION_TYPE, i.get("type")))
        .filter(|t| !t.is_empty())
        .collect();
    types.sort();
    types.dedup();
    found.extend(types.into_iter().map(|t| ("INTTYPE", t)));
    found.extend(
        list(design, "indications").iter().map(|i| ("INDIC", plain(words(i, &["label", "description", "name"])))),
    );
    if let Some(population) = design.get("population").filter(|p| p.is_object()) {
        found.push(("SEXPOP", sex(population)));
        found.push(("AGEMIN", age(population, "minValue")));
        found.push(("AGEMAX", age(population, "maxValue")));
        let planned = population.get("plannedEnrollmentNumber").and_then(|q| q.get("value")).and_then(Value::as_f64);
        found.push(("PLANSUB", planned.map_or_else(String::new, |n| n.to_string())));
        let healthy = population.get("includesHealthySubjects").and_then(Value::as_bool);
        found.push(("HLTSUBJI", healthy.map_or("", |h| if h { "Y" } else { "N" }).to_owned()));
    }
    found.extend(registry(version).map(|i| ("REGID", text(i, "text").to_owned())));
    let said = found.into_iter().filter(|(_, value)| !value.is_empty());
    said.map(|(code, value)| Fact {
        code: code.to_owned(),
        name: name_of(code).to_owned(),
        value: Some(value),
        value_null: None,
    })
    .collect()
}

fn model(design: &Value) -> (&'static str, List) {
    if text(design, "instanceType") == "ObservationalStudyDesign" {
        ("OBSMODEL", terms::OBSERVATIONAL_MODEL)
    } else {
        ("INTMODEL", terms::INTERVENTION_MODEL)
    }
}

fn has_characteristic(design: &Value, code: &str) -> bool {
    list(design, "characteristics").iter().any(|c| text(c, "code") == code)
}

/// Identifiers of registries and agencies.
fn registry(version: &Value) -> impl Iterator<Item = &Value> {
    const OTHERS: [&str; 2] = ["C93453", "C188863"];
    let organizations = list(version, "organizations");
    list(version, "studyIdentifiers").iter().filter(move |identifier| {
        let scope = organizations.iter().find(|o| text(o, "id") == text(identifier, "scopeId"));
        scope.and_then(|o| o.get("type")).is_some_and(|t| OTHERS.contains(&text(t, "code")))
    })
}

/// C49636, or both sexes one by one, are `BOTH`.
fn sex(population: &Value) -> String {
    let codes: Vec<&str> = list(population, "plannedSex").iter().map(|c| text(c, "code")).collect();
    let has = |code: &str| codes.contains(&code);
    match (has("C49636") || (has("C16576") && has("C20197")), has("C16576"), has("C20197")) {
        (true, ..) => "BOTH",
        (_, true, _) => "F",
        (_, _, true) => "M",
        _ => "",
    }
    .to_owned()
}

/// Units of age: NCI code and letter of a duration.
const AGES: [(&str, char); 4] = [("C29848", 'Y'), ("C29846", 'M'), ("C29844", 'W'), ("C25301", 'D')];

fn age(population: &Value, member: &str) -> String {
    let Some(quantity) = population.get("plannedAge").and_then(|a| a.get(member)) else { return String::new() };
    let unit = quantity.get("unit").and_then(|u| u.get("standardCode")).map_or("", |c| text(c, "code"));
    let value = quantity.get("value").and_then(Value::as_f64);
    match (value, AGES.iter().find(|(code, _)| *code == unit)) {
        (Some(value), Some((_, letter))) => format!("P{value}{letter}"),
        _ => String::new(),
    }
}

/// Values by fact, without what has only a reason why there is none.
fn values(facts: &[Fact]) -> BTreeMap<&str, Vec<&str>> {
    let mut values: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for fact in facts {
        if let Some(value) = fact.value.as_deref().filter(|v| !v.is_empty()) {
            values.entry(&fact.code).or_default().push(value);
        }
    }
    values
}

/// Where facts go.
pub(super) struct Place<'a> {
    pub(super) version: &'a mut Object,
    pub(super) remarks: &'a mut Vec<Remark>,
}

impl Place<'_> {
    fn remark(&mut self, fact: &str, message: impl Into<String>) {
        self.remarks.push(Remark { about: format!("fact {fact}"), message: message.into() });
    }

    fn design(&mut self) -> Option<&mut Object> {
        self.version.get_mut("studyDesigns").and_then(|d| d.get_mut(0)).and_then(Value::as_object_mut)
    }

    /// Puts in the facts whose values differ from those seen.
    pub(super) fn put(&mut self, seen: &[Fact], wanted: &[Fact]) {
        let (before, after) = (values(seen), values(wanted));
        let all: std::collections::BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
        for fact in all {
            let none = Vec::new();
            let (was, now) = (before.get(fact).unwrap_or(&none), after.get(fact).unwrap_or(&none));
            if was != now {
                let limit = |code: &str| after.get(code).and_then(|v| v.first()).copied().unwrap_or("");
                self.fact(fact, was, now, [limit("AGEMIN"), limit("AGEMAX")]);
            }
        }
    }

    fn fact(&mut self, fact: &str, was: &[&str], now: &[&str], ages: [&str; 2]) {
        if let Some((_, member, codes)) = CODED.iter().find(|(f, ..)| *f == fact) {
            return self.coded_list(fact, member, *codes, now);
        }
        if let Some((_, code)) = CHARACTERISTICS.iter().find(|(f, _)| *f == fact) {
            return self.characteristic(fact, code, now.contains(&"Y"));
        }
        let first = now.first().copied().unwrap_or("");
        match fact {
            "STYPE" => self.single(fact, "studyType", terms::STUDY_TYPE, first),
            "INTMODEL" => self.single(fact, "model", terms::INTERVENTION_MODEL, first),
            "OBSMODEL" => self.single(fact, "model", terms::OBSERVATIONAL_MODEL, first),
            "INTTYPE" => self.intervention_type(now),
            "INDIC" => self.indications(now),
            "SEXPOP" | "AGEMIN" | "AGEMAX" | "PLANSUB" | "HLTSUBJI" => self.population(fact, first, ages),
            "REGID" => self.registry(was, now),
            _ if ELSEWHERE.contains(&fact) => {}
            _ => self.remark(fact, "has no place in the model: it stays in study.toml"),
        }
    }

    fn unknown(&mut self, fact: &str, value: &str) {
        self.remark(fact, format!("`{value}` is no term of its code list: the document does not say it"));
    }

    fn single(&mut self, fact: &str, member: &str, list: List, value: &str) {
        match terms::code(list, &format!("Code_{fact}"), value) {
            Some(code) => {
                if let Some(design) = self.design() {
                    design.insert(member.to_owned(), code);
                }
            }
            None if value.is_empty() => self.remark(fact, "study.toml no longer says it; the document keeps it"),
            None => self.unknown(fact, value),
        }
    }

    fn coded_list(&mut self, fact: &str, member: &str, codes: Option<List>, now: &[&str]) {
        let mut unknown = Vec::new();
        let Some(design) = self.design() else { return };
        let items = list_mut(design, member);
        let mut kept = std::mem::take(items);
        for (i, value) in now.iter().enumerate() {
            let id = format!("Code_{fact}_{}", i + 1);
            let old = kept.iter().position(|code| coded(codes, code) == *value).map(|at| kept.remove(at));
            let new = match codes {
                Some(list) => terms::code(list, &id, value),
                None => Some(terms::sponsor(&id, value)),
            };
            match old.or(new) {
                Some(code) => items.push(code),
                None => unknown.push((*value).to_owned()),
            }
        }
        unknown.iter().for_each(|value| self.unknown(fact, value));
    }

    fn characteristic(&mut self, fact: &str, code: &str, has: bool) {
        let Some(design) = self.design() else { return };
        let items = list_mut(design, "characteristics");
        items.retain(|c| text(c, "code") != code);
        if has {
            items.push(terms::fixed(terms::CHARACTERISTIC, &format!("Code_{fact}"), code));
        }
    }

    fn intervention_type(&mut self, now: &[&str]) {
        let [value] = now else {
            return self.remark("INTTYPE", "of several types, which intervention has which is for the document to say");
        };
        let mut unknown = false;
        for intervention in list_mut(self.version, "studyInterventions").iter_mut().filter_map(Value::as_object_mut) {
            let id = format!("{}_type", intervention.get("id").and_then(Value::as_str).unwrap_or_default());
            match terms::code(terms::INTERVENTION_TYPE, &id, value) {
                Some(code) => drop(intervention.insert("type".to_owned(), code)),
                None => unknown = true,
            }
        }
        if unknown {
            self.unknown("INTTYPE", value);
        }
    }

    fn indications(&mut self, now: &[&str]) {
        let Some(design) = self.design() else { return };
        let items = list_mut(design, "indications");
        let mut kept = std::mem::take(items);
        for (i, value) in now.iter().enumerate() {
            let says = |indication: &Value| plain(words(indication, &["label", "description", "name"])) == *value;
            items.push(match kept.iter().position(says) {
                Some(at) => kept.remove(at),
                None => json!({
                    "id": format!("Indication_INDIC_{}", i + 1), "extensionAttributes": [], "name": format!("INDIC{}", i + 1),
                    "label": value, "description": null, "codes": [], "isRareDisease": false, "notes": [], "instanceType": "Indication"
                }),
            });
        }
    }

    fn population(&mut self, fact: &str, value: &str, ages: [&str; 2]) {
        let Some(population) = self.design().and_then(|d| d.get_mut("population")).and_then(Value::as_object_mut)
        else {
            return;
        };
        let done = match fact {
            "HLTSUBJI" => {
                let said = matches!(value, "Y" | "N");
                if said {
                    population.insert("includesHealthySubjects".to_owned(), Value::Bool(value == "Y"));
                }
                said
            }
            "PLANSUB" => match value.parse::<u32>() {
                Ok(number) => {
                    population.insert(
                        "plannedEnrollmentNumber".to_owned(),
                        quantity("Quantity_PLANSUB", f64::from(number), None),
                    );
                    true
                }
                Err(_) => false,
            },
            "SEXPOP" => match ["BOTH", "F", "M"].contains(&value) {
                true => {
                    let of = |code: &str| terms::fixed(terms::SEX, &format!("Code_SEXPOP_{code}"), code);
                    let codes = match value {
                        "BOTH" => vec![of("C16576"), of("C20197")],
                        "F" => vec![of("C16576")],
                        _ => vec![of("C20197")],
                    };
                    population.insert("plannedSex".to_owned(), Value::Array(codes));
                    true
                }
                false => false,
            },
            _ => put_age(population, fact, value, ages),
        };
        if value.is_empty() {
            self.remark(fact, "study.toml no longer says it; the document keeps it");
        } else if !done {
            self.remark(fact, format!("`{value}` cannot be said in the document"));
        }
    }

    fn registry(&mut self, was: &[&str], now: &[&str]) {
        let gone: Vec<&str> = was.iter().filter(|v| !now.contains(v)).copied().collect();
        list_mut(self.version, "studyIdentifiers").retain(|i| !gone.contains(&text(i, "text")));
        for value in now.iter().filter(|v| !was.contains(v)) {
            if !(value.starts_with("NCT") && value.len() == 11) {
                self.remark("REGID", format!("`{value}` does not say whose it is: the document does not say it"));
                continue;
            }
            let organization = "Organization_ClinicalTrials.gov";
            let organizations = list_mut(self.version, "organizations");
            if organizations.iter().all(|o| text(o, "id") != organization) {
                organizations.push(json!({
                    "id": organization, "extensionAttributes": [], "name": "ClinicalTrials.gov", "label": "ClinicalTrials.gov",
                    "type": terms::fixed(terms::ORGANIZATION, "Code_ClinicalTrials.gov", "C93453"),
                    "identifierScheme": "USGOV", "identifier": "CT-GOV", "managedSites": [],
                    "instanceType": "Organization"
                }));
            }
            list_mut(self.version, "studyIdentifiers").push(json!({
                "id": format!("StudyIdentifier_{value}"), "extensionAttributes": [], "text": value, "scopeId": organization,
                "instanceType": "StudyIdentifier"
            }));
        }
    }
}

/// A `Quantity`; its unit is an `AliasCode`.
pub(super) fn quantity(id: &str, value: f64, unit: Option<Value>) -> Value {
    json!({ "id": id, "extensionAttributes": [], "value": value, "unit": unit, "instanceType": "Quantity" })
}

/// `P18Y` as a limit of the planned age. The model wants both limits or none.
fn put_age(population: &mut Object, fact: &str, value: &str, [least, most]: [&str; 2]) -> bool {
    let limit = |fact: &str, value: &str| {
        let (at, letter) = value.char_indices().last()?;
        let number: f64 = value[..at].strip_prefix('P')?.parse().ok()?;
        let (code, _) = AGES.iter().find(|(_, l)| *l == letter)?;
        let unit = terms::fixed(terms::AGE_UNIT, &format!("Code_{fact}_unit"), code);
        Some(quantity(&format!("Quantity_{fact}"), number, Some(terms::alias(&format!("AliasCode_{fact}_unit"), unit))))
    };
    let age = population.entry("plannedAge").or_insert(Value::Null);
    if let Some(age) = age.as_object_mut() {
        let Some(limit) = limit(fact, value) else { return false };
        age.insert(if fact == "AGEMIN" { "minValue" } else { "maxValue" }.to_owned(), limit);
        return true;
    }
    let (Some(least), Some(most)) = (limit("AGEMIN", least), limit("AGEMAX", most)) else { return false };
    *age = json!({
        "id": "Range_plannedAge", "extensionAttributes": [], "minValue": least, "maxValue": most, "isApproximate": false,
        "instanceType": "Range"
    });
    true
}
