//! How do interventions, epochs, elements, arms and cells go into a document?

use super::{Ids, Items, Put, put_rule, set};
use crate::definition::{Arm, Definition, Element, StudyCell, Treatment};
use crate::protocol::facts::quantity;
use crate::protocol::json::{DESIGN, VERSION, find, find_mut, list, list_mut, text, texts};
use crate::protocol::read::ProtocolError;
use crate::protocol::skeleton::named;
use crate::protocol::terms::{self, List};
use crate::protocol::view::Seen;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

impl Put<'_> {
    pub(super) fn treatments(&mut self) -> Result<Ids, ProtocolError> {
        let (seen, wanted) = (self.seen, self.wanted);
        let make = |t: &Treatment, id: &str| {
            let mut object = named("StudyIntervention", id, &t.code, &t.label);
            object.insert("description".to_owned(), json!(t.name));
            object.insert("codes".to_owned(), json!([]));
            object.insert("minimumResponseDuration".to_owned(), Value::Null);
            object.insert("administrations".to_owned(), json!([]));
            object
        };
        let ids = self.items(
            VERSION,
            "studyInterventions",
            &seen.treatments,
            &wanted.treatments,
            Items {
                class: "StudyIntervention",
                code: |t| &t.code,
                chained: false,
                make: &make,
                edit: &mut |object, old, new| {
                    set(object, "label", &old.label, &new.label);
                    set(object, "description", &old.name, &new.name);
                },
            },
        )?;
        for treatment in &wanted.treatments {
            let old = seen.treatments.iter().find(|s| s.item.code == treatment.code).map(|s| &s.item);
            if let (Some(id), false) = (ids.get(&treatment.code), old == Some(treatment)) {
                self.treatment(id, old, treatment)?;
            }
        }
        let before: Vec<&str> = seen.treatments.iter().map(|t| t.id.as_str()).collect();
        let after: Vec<&str> = wanted.treatments.iter().filter_map(|t| ids.get(&t.code)).map(String::as_str).collect();
        if before != after {
            self.design()?.insert("studyInterventionIds".to_owned(), json!(after));
        }
        Ok(ids)
    }

    /// Role, dose, form and route: a treatment's members that are objects of their own.
    fn treatment(&mut self, id: &str, old: Option<&Treatment>, new: &Treatment) -> Result<(), ProtocolError> {
        let about = format!("treatment {}", new.code);
        if old.is_none_or(|o| o.role != new.role) {
            let role = match new.role.as_str() {
                "" if new.name.to_lowercase().contains("placebo") => "Placebo",
                "" => {
                    self.remark(
                        &about,
                        "its role is not said: the document says `Experimental Intervention`; set `role`",
                    );
                    "Experimental Intervention"
                }
                said => said,
            };
            let code = self.code(terms::INTERVENTION_ROLE, &format!("{id}_role"), &about, role);
            if let Some(object) = find_mut(self.document, id) {
                object.insert("role".to_owned(), code);
            }
        }
        let same = |part: fn(&Treatment) -> (Option<f64>, &str, &str)| old.is_some_and(|o| part(o) == part(new));
        let alias = |put: &mut Self, list: List, member: &str, word: &str| match word {
            "" => Value::Null,
            word => {
                let code = put.code(list, &format!("{id}_{member}_code"), &about, word);
                terms::alias(&format!("{id}_{member}"), code)
            }
        };
        let dose = match (same(|t| (t.dose, &t.dose_unit, "")), new.dose) {
            (true, _) => None,
            (false, None) => Some(Value::Null),
            (false, Some(dose)) => {
                let unit = alias(self, terms::UNIT, "dose_unit", &new.dose_unit);
                Some(quantity(&format!("{id}_dose"), dose, Some(unit).filter(|u| !u.is_null())))
            }
        };
        let route = (!same(|t| (None, &t.route, ""))).then(|| alias(self, terms::ROUTE, "route", &new.route));
        let form = (!same(|t| (None, &t.form, ""))).then(|| alias(self, terms::FORM, "form", &new.form));
        if dose.is_none() && route.is_none() && form.is_none() {
            return Ok(());
        }
        let product = match form.filter(|f| !f.is_null()) {
            Some(form) => Some(self.product(id, new, form)?),
            None => None,
        };
        let Some(object) = find_mut(self.document, id) else { return Ok(()) };
        let administrations = list_mut(object, "administrations");
        let says = |value: &Option<Value>| value.as_ref().is_some_and(|v| !v.is_null());
        if administrations.is_empty() && !says(&dose) && !says(&route) && product.is_none() {
            return Ok(());
        }
        if administrations.is_empty() {
            let mut given = named(
                "Administration",
                &format!("{id}_administration"),
                &format!("{} administration", new.code),
                &new.label,
            );
            given.insert(
                "duration".to_owned(),
                json!({
                    "id": format!("{id}_duration"), "extensionAttributes": [], "text": null, "quantity": null,
                    "durationWillVary": false, "reasonDurationWillVary": null, "instanceType": "Duration"
                }),
            );
            for member in ["dose", "route", "frequency", "administrableProductId", "medicalDeviceId"] {
                given.insert(member.to_owned(), Value::Null);
            }
            administrations.push(Value::Object(given));
        }
        if let Some(given) = administrations.first_mut().and_then(Value::as_object_mut) {
            for (member, value) in
                [("dose", dose), ("route", route), ("administrableProductId", product.map(Value::from))]
            {
                if let Some(value) = value {
                    given.insert(member.to_owned(), value);
                }
            }
        }
        Ok(())
    }

    /// The product of a treatment, with its form; made where there is none.
    fn product(&mut self, intervention: &str, treatment: &Treatment, form: Value) -> Result<String, ProtocolError> {
        let given = find(self.document, intervention)
            .map_or(&Value::Null, |i| list(i, "administrations").first().unwrap_or(&Value::Null));
        let known = text(given, "administrableProductId").to_owned();
        if let Some(product) = find_mut(self.document, &known) {
            product.insert("administrableDoseForm".to_owned(), form);
            return Ok(known);
        }
        let id = self.fresh("AdministrableProduct", &treatment.code);
        let mut product = named("AdministrableProduct", &id, &treatment.code, &treatment.name);
        product.insert("administrableDoseForm".to_owned(), form);
        let designation = terms::fixed(terms::DESIGNATION, &format!("{id}_designation"), "C202579");
        product.insert("productDesignation".to_owned(), designation);
        for member in ["pharmacologicClass", "sourcing"] {
            product.insert(member.to_owned(), Value::Null);
        }
        for member in ["properties", "identifiers", "ingredients"] {
            product.insert(member.to_owned(), json!([]));
        }
        list_mut(self.version()?, "administrableProducts").push(Value::Object(product));
        Ok(id)
    }

    pub(super) fn epochs(&mut self) -> Result<Ids, ProtocolError> {
        let shown = epoch_names(&self.seen.definition());
        let wanted = epoch_names(self.wanted);
        // An epoch that study.toml never showed stays.
        let seen: Vec<Seen<String>> = self.seen.epochs.iter().filter(|e| shown.contains(&e.item)).cloned().collect();
        // The order of the document's epochs holds as long as no other is named.
        let mut ordered: Vec<String> = seen.iter().map(|e| e.item.clone()).filter(|e| wanted.contains(e)).collect();
        if ordered.len() != wanted.len() {
            ordered = wanted;
        }
        let treated: BTreeSet<String> = treated_epochs(self.wanted);
        let kinds: BTreeMap<String, Value> = ordered
            .iter()
            .filter(|name| seen.iter().all(|s| s.item != **name))
            .map(|name| (name.clone(), self.epoch_type(name, treated.contains(name))))
            .collect();
        let make = |name: &String, id: &str| {
            let mut object = named("StudyEpoch", id, name, name);
            object.insert("type".to_owned(), kinds.get(name).cloned().unwrap_or_default());
            object.insert("previousId".to_owned(), Value::Null);
            object.insert("nextId".to_owned(), Value::Null);
            object
        };
        self.items(
            DESIGN,
            "epochs",
            &seen,
            &ordered,
            Items { class: "StudyEpoch", code: |name| name, chained: true, make: &make, edit: &mut |_, _, _| {} },
        )
    }

    /// The type of a new epoch: its name without a number, where that is a term; `TREATMENT` where a treatment is given in it.
    fn epoch_type(&mut self, name: &str, treated: bool) -> Value {
        let id = format!("Code_epoch_{}", name.replace(|c: char| !c.is_ascii_alphanumeric(), "_"));
        let bare = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == ' ');
        match terms::code(terms::EPOCH, &id, bare) {
            Some(code) => code,
            None => self.code(terms::EPOCH, &id, &format!("epoch {name}"), if treated { "TREATMENT" } else { name }),
        }
    }

    pub(super) fn elements(&mut self, treatments: &Ids) -> Result<Ids, ProtocolError> {
        let (seen, wanted) = (self.seen, self.wanted);
        let given = |element: &Element| -> Value {
            let id = element.treatment.as_ref().and_then(|code| treatments.get(code));
            json!(id.into_iter().collect::<Vec<_>>())
        };
        let make = |element: &Element, id: &str| {
            let mut object = named("StudyElement", id, &element.code, &element.name);
            put_rule(&mut object, "transitionStartRule", id, "start", &element.start);
            put_rule(&mut object, "transitionEndRule", id, "end", &element.end);
            object.insert("studyInterventionIds".to_owned(), given(element));
            object
        };
        self.items(
            DESIGN,
            "elements",
            &seen.elements,
            &wanted.elements,
            Items {
                class: "StudyElement",
                code: |e| &e.code,
                chained: false,
                make: &make,
                edit: &mut |object, old, new| {
                    let id = object.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
                    set(object, "label", &old.name, &new.name);
                    if old.start != new.start {
                        put_rule(object, "transitionStartRule", &id, "start", &new.start);
                    }
                    if old.end != new.end {
                        put_rule(object, "transitionEndRule", &id, "end", &new.end);
                    }
                    if old.treatment != new.treatment {
                        object.insert("studyInterventionIds".to_owned(), given(new));
                    }
                },
            },
        )
    }

    pub(super) fn arms(&mut self) -> Result<Ids, ProtocolError> {
        let (seen, wanted) = (self.seen, self.wanted);
        let treated = |arm: &Arm| {
            let path = wanted.cells.iter().filter(|c| c.arm == arm.code).flat_map(|c| &c.path);
            let elements = path.filter_map(|step| step.split_once(':')).map(|(_, element)| element);
            elements.into_iter().any(|code| wanted.elements.iter().any(|e| e.code == code && e.treatment.is_some()))
        };
        let make = |arm: &Arm, id: &str| {
            let mut object = named("StudyArm", id, &arm.code, &arm.name);
            let kind = if treated(arm) { "C15538" } else { "C174270" };
            object.insert("type".to_owned(), terms::fixed(terms::ARM_TYPE, &format!("{id}_type"), kind));
            let origin = terms::fixed(terms::DATA_ORIGIN, &format!("{id}_origin"), "C188866");
            object.insert("dataOriginDescription".to_owned(), json!(text(&origin, "decode")));
            object.insert("dataOriginType".to_owned(), origin);
            object.insert("populationIds".to_owned(), json!([]));
            object
        };
        self.items(
            DESIGN,
            "arms",
            &seen.arms,
            &wanted.arms,
            Items {
                class: "StudyArm",
                code: |a| &a.code,
                chained: false,
                make: &make,
                edit: &mut |object, old, new| set(object, "label", &old.name, &new.name),
            },
        )
    }

    /// The cells of an arm whose path differs are made anew, those that say the same keeping their identifiers.
    pub(super) fn cells(&mut self, arms: &Ids, epochs: &Ids, elements: &Ids) -> Result<(), ProtocolError> {
        let (seen, wanted) = (self.seen, self.wanted);
        let path = |cells: &[StudyCell], arm: &str| -> Vec<String> {
            cells.iter().filter(|c| c.arm == arm).flat_map(|c| c.path.clone()).collect()
        };
        let gone =
            seen.arms.iter().filter(|a| !arms.contains_key(&a.item.code)).map(|a| (a.item.code.clone(), a.id.clone()));
        let all: Vec<(String, String)> = gone.chain(arms.clone()).collect();
        for (arm, arm_id) in all {
            let now = path(&wanted.cells, &arm);
            let stays = arms.contains_key(&arm);
            if stays && path(&seen.cells, &arm) == now {
                continue;
            }
            let mut steps: Vec<(String, Vec<String>)> = Vec::new();
            for (epoch, element) in now.iter().filter(|_| stays).filter_map(|step| step.split_once(':')) {
                let (Some(epoch), Some(element)) = (epochs.get(epoch), elements.get(element)) else { continue };
                match steps.last_mut().filter(|(e, _)| e == epoch) {
                    Some((_, elements)) => elements.push(element.clone()),
                    None => steps.push((epoch.clone(), vec![element.clone()])),
                }
            }
            let mut kept: Vec<Value> = Vec::new();
            let cells = list_mut(self.design()?, "studyCells");
            cells.retain(|cell| {
                let of_arm = text(cell, "armId") == arm_id;
                if of_arm {
                    kept.push(cell.clone());
                }
                !of_arm
            });
            for (i, (epoch, elements)) in steps.into_iter().enumerate() {
                let says = |cell: &Value| {
                    text(cell, "epochId") == epoch && texts(cell, "elementIds").eq(elements.iter().map(String::as_str))
                };
                let cell = match kept.iter().position(says) {
                    Some(at) => kept.remove(at),
                    None => {
                        let id = self.fresh("StudyCell", &format!("{arm}_{}", i + 1));
                        json!({ "id": id, "extensionAttributes": [], "armId": arm_id, "epochId": epoch, "elementIds": elements, "instanceType": "StudyCell" })
                    }
                };
                list_mut(self.design()?, "studyCells").push(cell);
            }
        }
        Ok(())
    }
}

/// Names of epochs in the order of the arms' paths, then of the visits.
fn epoch_names(definition: &Definition) -> Vec<String> {
    let steps = definition.cells.iter().flat_map(|c| &c.path).filter_map(|step| step.split_once(':')).map(|(e, _)| e);
    let visits = definition.visits.iter().map(|v| v.epoch.as_str()).filter(|e| !e.is_empty());
    let mut names: Vec<String> = Vec::new();
    for name in steps.chain(visits) {
        if !names.iter().any(|n| n == name) {
            names.push(name.to_owned());
        }
    }
    names
}

/// Epochs in which a treatment is given.
fn treated_epochs(definition: &Definition) -> BTreeSet<String> {
    let steps = definition.cells.iter().flat_map(|c| &c.path).filter_map(|step| step.split_once(':'));
    let treated = |code: &str| definition.elements.iter().any(|e| e.code == code && e.treatment.is_some());
    steps.filter(|(_, element)| treated(element)).map(|(epoch, _)| epoch.to_owned()).collect()
}
