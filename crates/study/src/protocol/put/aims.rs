//! How do criteria, objectives, populations and estimands go into a document?

use super::{Ids, Items, Put, put_text, set};
use crate::definition::{Criterion, Estimand, Population};
use crate::protocol::json::{DESIGN, Object, find, list, list_mut, text};
use crate::protocol::read::ProtocolError;
use crate::protocol::skeleton::named;
use crate::protocol::terms;
use crate::protocol::view::View;
use croft_design::protocol::{Endpoint, Level, Objective};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

impl Put<'_> {
    pub(super) fn criteria(&mut self) -> Result<(), ProtocolError> {
        let (seen, wanted) = (self.seen, self.wanted);
        let old = |code: &str| seen.criteria.iter().find(|s| s.item.code == code).map(|s| &s.item);
        let mut kinds: BTreeMap<String, Value> = BTreeMap::new();
        for new in wanted.criteria.iter().filter(|c| old(&c.code).is_none_or(|o| o.category != c.category)) {
            let code = self.code(
                terms::CRITERION,
                &format!("Code_criterion_{}", new.code),
                &format!("criterion {}", new.code),
                &new.category,
            );
            kinds.insert(new.code.clone(), code);
        }
        let make = |criterion: &Criterion, id: &str| {
            let mut object = named("EligibilityCriterion", id, &criterion.code, &criterion.code);
            object.insert("category".to_owned(), kinds.get(&criterion.code).cloned().unwrap_or_default());
            object.insert("identifier".to_owned(), json!(criterion.code));
            object.insert("criterionItemId".to_owned(), json!(format!("{id}_item")));
            object.insert("previousId".to_owned(), Value::Null);
            object.insert("nextId".to_owned(), Value::Null);
            object
        };
        let ids = self.items(
            DESIGN,
            "eligibilityCriteria",
            &seen.criteria,
            &wanted.criteria,
            Items {
                class: "EligibilityCriterion",
                code: |c| &c.code,
                chained: true,
                make: &make,
                edit: &mut |object, old, new| {
                    if old.category != new.category {
                        object.insert("category".to_owned(), kinds.get(&new.code).cloned().unwrap_or_default());
                    }
                },
            },
        )?;
        self.criterion_items(&ids)
    }

    /// Criteria's texts, which are objects of their own, and the population's list of criteria.
    fn criterion_items(&mut self, ids: &Ids) -> Result<(), ProtocolError> {
        let (seen, wanted) = (self.seen, self.wanted);
        let document = &*self.document;
        let mut changes: Vec<(String, &Criterion)> = Vec::new();
        for criterion in &wanted.criteria {
            let Some(id) = ids.get(&criterion.code) else { continue };
            let item = find(document, id).map_or("", |o| text(o, "criterionItemId")).to_owned();
            let old = seen.criteria.iter().find(|s| s.item.code == criterion.code);
            if old.is_none_or(|o| o.item.text != criterion.text) {
                changes.push((item, criterion));
            }
        }
        let present: BTreeSet<&str> = document
            .pointer(DESIGN)
            .map_or(&[][..], |d| list(d, "eligibilityCriteria"))
            .iter()
            .map(|c| text(c, "criterionItemId"))
            .collect();
        let present: BTreeSet<String> = present.into_iter().map(str::to_owned).collect();
        let gone: Vec<String> =
            seen.criteria.iter().filter(|s| !ids.contains_key(&s.item.code)).map(|s| s.id.clone()).collect();
        if changes.is_empty() && gone.is_empty() {
            return Ok(());
        }
        let items = list_mut(self.version()?, "eligibilityCriterionItems");
        if !gone.is_empty() {
            items.retain(|i| present.contains(text(i, "id")));
        }
        for (id, criterion) in changes {
            match items.iter_mut().find(|i| text(i, "id") == id).and_then(Value::as_object_mut) {
                Some(item) => put_text(item, "text", &criterion.text),
                None => {
                    let mut item =
                        named("EligibilityCriterionItem", &id, &format!("{} text", criterion.code), &criterion.code);
                    item.insert("text".to_owned(), json!(criterion.text));
                    item.insert("dictionaryId".to_owned(), Value::Null);
                    items.push(Value::Object(item));
                }
            }
        }
        let new: Vec<&String> = wanted
            .criteria
            .iter()
            .filter(|c| seen.criteria.iter().all(|s| s.item.code != c.code))
            .filter_map(|c| ids.get(&c.code))
            .collect();
        if let Some(population) = self
            .design()?
            .get_mut("population")
            .and_then(Value::as_object_mut)
            .filter(|_| !new.is_empty() || !gone.is_empty())
        {
            let list = list_mut(population, "criterionIds");
            list.retain(|id| !gone.iter().any(|g| id == g));
            list.extend(new.into_iter().map(|id| json!(id)));
        }
        Ok(())
    }

    pub(super) fn objectives(&mut self) -> Result<Ids, ProtocolError> {
        let (seen, wanted) = (self.seen, self.wanted);
        let make = |objective: &Objective, id: &str| {
            let mut object = named("Objective", id, &objective.code, &objective.code);
            object.insert("text".to_owned(), json!(objective.text));
            object.insert("dictionaryId".to_owned(), Value::Null);
            object.insert("level".to_owned(), objective_level(id, objective.level));
            let endpoints: Vec<Value> =
                objective.endpoints.iter().map(|e| new_endpoint(&endpoint_id(seen, &e.code), e)).collect();
            object.insert("endpoints".to_owned(), Value::Array(endpoints));
            object
        };
        self.items(
            DESIGN,
            "objectives",
            &seen.objectives,
            &wanted.objectives,
            Items {
                class: "Objective",
                code: |o| &o.code,
                chained: false,
                make: &make,
                edit: &mut |object, old, new| {
                    let id = object.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
                    if old.text != new.text {
                        put_text(object, "text", &new.text);
                    }
                    if old.level != new.level {
                        object.insert("level".to_owned(), objective_level(&id, new.level));
                    }
                    put_endpoints(list_mut(object, "endpoints"), seen, &old.endpoints, &new.endpoints);
                },
            },
        )?;
        let endpoints = wanted.objectives.iter().flat_map(|o| &o.endpoints);
        Ok(endpoints.map(|e| (e.code.clone(), endpoint_id(seen, &e.code))).collect())
    }

    pub(super) fn populations(&mut self) -> Result<Ids, ProtocolError> {
        let (seen, wanted) = (self.seen, self.wanted);
        let whole = self.design()?.get("population").map_or("", |p| text(p, "id")).to_owned();
        let make = |population: &Population, id: &str| {
            let mut object = named("AnalysisPopulation", id, &population.flag, &population.name);
            object.insert("text".to_owned(), json!(population.definition));
            object.insert("subsetOfIds".to_owned(), json!([whole]));
            object
        };
        self.items(
            DESIGN,
            "analysisPopulations",
            &seen.populations,
            &wanted.populations,
            Items {
                class: "AnalysisPopulation",
                code: |p| &p.flag,
                chained: false,
                make: &make,
                edit: &mut |object, old, new| {
                    set(object, "label", &old.name, &new.name);
                    if old.definition != new.definition {
                        put_text(object, "text", &new.definition);
                    }
                },
            },
        )
    }

    /// An estimand names an endpoint by its words, and its population by name or words; what it says beyond is a population of its own.
    pub(super) fn estimands(
        &mut self,
        treatments: &Ids,
        endpoints: &Ids,
        populations: &Ids,
    ) -> Result<(), ProtocolError> {
        let (seen, wanted) = (self.seen, self.wanted);
        let mut parts: BTreeMap<String, (String, String)> = BTreeMap::new();
        let mut possible: Vec<Estimand> = Vec::new();
        for estimand in &wanted.estimands {
            let old = seen.estimands.iter().find(|s| s.item.name == estimand.name).map(|s| &s.item);
            if old == Some(estimand) {
                possible.push(estimand.clone());
                continue;
            }
            let all = wanted.objectives.iter().flat_map(|o| &o.endpoints);
            let endpoint = all.into_iter().find(|e| e.text == estimand.variable).and_then(|e| endpoints.get(&e.code));
            let Some(endpoint) =
                endpoint.cloned().or_else(|| old.filter(|o| o.variable == estimand.variable).map(|_| String::new()))
            else {
                self.remark(format!("estimand {}", estimand.name), "its variable is the text of no endpoint: list it under an [[objective]]; until then the document does not say the estimand");
                if let Some(old) = old {
                    possible.push(old.clone());
                }
                continue;
            };
            let population = match old {
                Some(old) if old.population == estimand.population => String::new(),
                _ => self.estimand_population(estimand, populations)?,
            };
            parts.insert(estimand.name.clone(), (endpoint, population));
            possible.push(estimand.clone());
        }
        let interventions: Vec<&String> = wanted.treatments.iter().filter_map(|t| treatments.get(&t.code)).collect();
        let put = |object: &mut Object, old: Option<&Estimand>, new: &Estimand| {
            let id = object.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
            if old.is_none_or(|o| o.summary != new.summary) {
                put_text(object, "populationSummary", &new.summary);
            }
            let (endpoint, population) = parts.get(&new.name).cloned().unwrap_or_default();
            for (member, id) in [("variableOfInterestId", endpoint), ("analysisPopulationId", population)] {
                if !id.is_empty() {
                    object.insert(member.to_owned(), json!(id));
                }
            }
            if old.is_none_or(|o| o.intercurrent_events != new.intercurrent_events) {
                put_events(list_mut(object, "intercurrentEvents"), &id, &new.intercurrent_events);
            }
        };
        let make = |estimand: &Estimand, id: &str| {
            let mut object = named("Estimand", id, &estimand.name, &estimand.name);
            object.insert("interventionIds".to_owned(), json!(interventions));
            put(&mut object, None, estimand);
            object
        };
        let changed: Vec<String> = possible
            .iter()
            .filter(|e| seen.estimands.iter().any(|s| s.item.name == e.name && s.item.treatment != e.treatment))
            .map(|e| e.name.clone())
            .collect();
        self.items(
            DESIGN,
            "estimands",
            &seen.estimands,
            &possible,
            Items {
                class: "Estimand",
                code: |e| &e.name,
                chained: false,
                make: &make,
                edit: &mut |object, old, new| put(object, Some(old), new),
            },
        )?;
        for name in changed {
            self.remark(
                format!("estimand {name}"),
                "the words of its treatment are those of its interventions: change them there",
            );
        }
        Ok(())
    }

    fn estimand_population(&mut self, estimand: &Estimand, populations: &Ids) -> Result<String, ProtocolError> {
        let words = &estimand.population;
        let known = self.wanted.populations.iter().find(|p| [&p.flag, &p.name, &p.definition].contains(&words));
        if let Some(id) = known.and_then(|p| populations.get(&p.flag)) {
            return Ok(id.clone());
        }
        let id = self.fresh("AnalysisPopulation", &format!("of_{}", estimand.name));
        let mut object = named("AnalysisPopulation", &id, &format!("Population of {}", estimand.name), words);
        let design = self.design()?;
        let whole = design.get("population").map_or("", |p| text(p, "id")).to_owned();
        object.insert("text".to_owned(), json!(words));
        object.insert("subsetOfIds".to_owned(), json!([whole]));
        list_mut(design, "analysisPopulations").push(Value::Object(object));
        Ok(id)
    }
}

fn objective_level(id: &str, level: Level) -> Value {
    let code = match level {
        Level::Primary => "C85826",
        Level::Secondary => "C85827",
        Level::Exploratory => "C163559",
    };
    terms::fixed(terms::OBJECTIVE_LEVEL, &format!("{id}_level"), code)
}

fn endpoint_level(id: &str, level: Level) -> Value {
    let code = match level {
        Level::Primary => "C94496",
        Level::Secondary => "C139173",
        Level::Exploratory => "C170559",
    };
    terms::fixed(terms::ENDPOINT_LEVEL, &format!("{id}_level"), code)
}

fn endpoint_id(seen: &View, code: &str) -> String {
    seen.endpoints.get(code).cloned().unwrap_or_else(|| format!("Endpoint_{code}"))
}

fn new_endpoint(id: &str, endpoint: &Endpoint) -> Value {
    let mut object = named("Endpoint", id, &endpoint.code, &endpoint.code);
    object.insert("text".to_owned(), json!(endpoint.text));
    object.insert("dictionaryId".to_owned(), Value::Null);
    object.insert("purpose".to_owned(), json!(""));
    object.insert("level".to_owned(), endpoint_level(id, endpoint.level));
    Value::Object(object)
}

fn put_endpoints(list: &mut Vec<Value>, seen: &View, old: &[Endpoint], new: &[Endpoint]) {
    if old == new {
        return;
    }
    let mut kept = std::mem::take(list);
    for endpoint in new {
        let id = endpoint_id(seen, &endpoint.code);
        let Some(at) = kept.iter().position(|o| text(o, "id") == id) else {
            list.push(new_endpoint(&id, endpoint));
            continue;
        };
        let mut object = kept.remove(at);
        if let (Some(members), Some(old)) = (object.as_object_mut(), old.iter().find(|o| o.code == endpoint.code)) {
            if old.text != endpoint.text {
                put_text(members, "text", &endpoint.text);
            }
            if old.level != endpoint.level {
                members.insert("level".to_owned(), endpoint_level(&id, endpoint.level));
            }
        }
        list.push(object);
    }
}

/// `EVENT: STRATEGY; EVENT: STRATEGY` as intercurrent events; those there keep their identifiers.
fn put_events(list: &mut Vec<Value>, estimand: &str, words: &str) {
    let mut kept = std::mem::take(list).into_iter();
    for (i, part) in words.split(';').map(str::trim).filter(|p| !p.is_empty()).enumerate() {
        let (event, strategy) = part.split_once(':').map_or((part, ""), |(e, s)| (e.trim(), s.trim()));
        let mut object = match kept.next() {
            Some(Value::Object(members)) => members,
            _ => {
                let mut object = named(
                    "IntercurrentEvent",
                    &format!("{estimand}_event_{}", i + 1),
                    &format!("Event {}", i + 1),
                    event,
                );
                object.insert("dictionaryId".to_owned(), Value::Null);
                object
            }
        };
        object.insert("text".to_owned(), json!(event));
        object.insert("strategy".to_owned(), json!(strategy));
        list.push(Value::Object(object));
    }
}
