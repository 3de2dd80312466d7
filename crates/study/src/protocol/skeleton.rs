//! What does a document begin with when none came in? The objects that every definition has, empty; [`super::put`] fills them.
//!
//! The model asks for a few things that `study.toml` may not say. They are not made up: a text is empty, and a remark says so.

use super::json::Object;
use super::terms;
use crate::definition::Definition;
use serde_json::{Value, json};

/// The version of the program, as the document names it.
const PROGRAM: &str = env!("CARGO_PKG_VERSION");

/// A document of the study without anything that [`super::put`] puts in.
pub(super) fn skeleton(definition: &Definition) -> Value {
    let study = &definition.study;
    let sponsor = json!({
        "id": "Organization_sponsor", "extensionAttributes": [], "name": name(&study.sponsor, "Sponsor"), "label": null,
        "type": terms::fixed(terms::ORGANIZATION, "Code_sponsor_type", "C54149"),
        "identifierScheme": "", "identifier": "", "managedSites": [], "instanceType": "Organization"
    });
    let role = json!({
        "id": "StudyRole_sponsor", "extensionAttributes": [], "name": "Sponsor", "label": "Sponsor", "description": null,
        "code": terms::fixed(terms::ROLE, "Code_sponsor_role", "C70793"), "appliesToIds": ["StudyVersion_1"],
        "assignedPersons": [], "organizationIds": ["Organization_sponsor"], "masking": null, "notes": [],
        "instanceType": "StudyRole"
    });
    let identifier = json!({
        "id": "StudyIdentifier_sponsor", "extensionAttributes": [], "text": "", "scopeId": "Organization_sponsor",
        "instanceType": "StudyIdentifier"
    });
    let version = json!({
        "id": "StudyVersion_1", "extensionAttributes": [], "versionIdentifier": "", "rationale": study.rationale,
        "documentVersionIds": [], "dateValues": [], "amendments": [], "businessTherapeuticAreas": [],
        "studyIdentifiers": [identifier], "referenceIdentifiers": [], "studyDesigns": [design()], "titles": [],
        "eligibilityCriterionItems": [], "narrativeContentItems": [], "abbreviations": [], "roles": [role],
        "organizations": [sponsor], "studyInterventions": [], "administrableProducts": [], "medicalDevices": [],
        "productOrganizationRoles": [], "biomedicalConcepts": [], "bcCategories": [], "bcSurrogates": [],
        "dictionaries": [], "conditions": [], "notes": [], "instanceType": "StudyVersion"
    });
    json!({
        "study": {
            "id": null, "name": study.id, "description": null, "label": null, "versions": [version], "documentedBy": [],
            "instanceType": "Study"
        },
        "usdmVersion": "4.0.0", "systemName": "croft", "systemVersion": PROGRAM
    })
}

fn design() -> Value {
    let population = json!({
        "id": "StudyDesignPopulation_1", "extensionAttributes": [], "name": "Study population", "label": null,
        "description": null, "includesHealthySubjects": false, "plannedEnrollmentNumber": null,
        "plannedCompletionNumber": null, "plannedSex": [], "criterionIds": [], "plannedAge": null, "notes": [],
        "cohorts": [], "instanceType": "StudyDesignPopulation"
    });
    json!({
        "id": "InterventionalStudyDesign_1", "extensionAttributes": [], "name": "Study design", "label": null,
        "description": null, "studyType": terms::fixed(terms::STUDY_TYPE, "Code_STYPE", "C98388"), "studyPhase": null,
        "therapeuticAreas": [], "characteristics": [], "encounters": [], "activities": [], "arms": [], "studyCells": [],
        "rationale": "", "epochs": [], "elements": [], "estimands": [], "indications": [], "studyInterventionIds": [],
        "objectives": [], "population": population, "scheduleTimelines": [timeline("main", "Main timeline", true)],
        "biospecimenRetentions": [], "documentVersionIds": [], "eligibilityCriteria": [], "analysisPopulations": [],
        "notes": [], "subTypes": [], "model": null, "intentTypes": [], "blindingSchema": null,
        "instanceType": "InterventionalStudyDesign"
    })
}

/// A timeline without instances.
pub(super) fn timeline(id: &str, name: &str, main: bool) -> Value {
    json!({
        "id": format!("ScheduleTimeline_{id}"), "extensionAttributes": [], "name": name, "label": name, "description": null,
        "mainTimeline": main, "entryCondition": "", "entryId": "",
        "exits": [{ "id": format!("ScheduleTimelineExit_{id}"), "extensionAttributes": [], "instanceType": "ScheduleTimelineExit" }],
        "timings": [], "instances": [], "plannedDuration": null, "instanceType": "ScheduleTimeline"
    })
}

/// A name that the model wants and the study may not say.
fn name<'a>(said: &'a str, other: &'a str) -> &'a str {
    if said.is_empty() { other } else { said }
}

/// A new object: its class, identifier, name and label. What every class has beside them is the caller's.
pub(super) fn named(class: &str, id: &str, name: &str, label: &str) -> Object {
    let object = json!({
        "id": id, "extensionAttributes": [], "name": name, "label": label, "description": null, "notes": [],
        "instanceType": class
    });
    match object {
        Value::Object(members) => members,
        _ => Object::new(),
    }
}
