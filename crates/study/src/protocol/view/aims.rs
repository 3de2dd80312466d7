//! Whom does a study take, and what shall it find out?

use super::{Codes, Seen, word};
use crate::definition::{Criterion, Estimand, Population};
use crate::protocol::json::{chained, find, list, plain, text, texts, words};
use crate::protocol::terms;
use croft_design::protocol::{Endpoint, Level, Objective};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn criteria(version: &Value, design: &Value) -> Vec<Seen<Criterion>> {
    let items: BTreeMap<&str, &Value> =
        list(version, "eligibilityCriterionItems").iter().map(|i| (text(i, "id"), i)).collect();
    let mut counts = BTreeMap::new();
    let criteria = chained(list(design, "eligibilityCriteria")).into_iter().map(|criterion| {
        let category = word(terms::CRITERION, criterion.get("category")).to_uppercase();
        let item = items.get(text(criterion, "criterionItemId"));
        let short: String = category.chars().filter(char::is_ascii_alphanumeric).take(4).collect();
        let count = counts.entry(short.clone()).or_insert(0);
        *count += 1;
        let item = Criterion {
            code: format!("{short}{count:02}"),
            text: plain(item.map_or("", |i| text(i, "text"))),
            category,
        };
        Seen { id: text(criterion, "id").to_owned(), item }
    });
    criteria.collect()
}

/// The level that a code says.
fn level(code: Option<&Value>) -> Level {
    let decode = code.map_or("", |c| text(c, "decode")).to_lowercase();
    match () {
        () if decode.contains("secondary") => Level::Secondary,
        () if decode.contains("explor") => Level::Exploratory,
        () => Level::Primary,
    }
}

pub(super) fn objectives(design: &Value) -> (Vec<Seen<Objective>>, BTreeMap<String, String>) {
    let mut codes = Codes::new("OBJ", 8);
    let mut ids = BTreeMap::new();
    let mut seen = Vec::new();
    for (i, objective) in list(design, "objectives").iter().enumerate() {
        let code = codes.code(text(objective, "name"), i + 1);
        let mut endpoints = Vec::new();
        for (j, endpoint) in list(objective, "endpoints").iter().enumerate() {
            let code = codes.code(text(endpoint, "name"), (i + 1) * 100 + j + 1);
            ids.insert(code.clone(), text(endpoint, "id").to_owned());
            endpoints.push(Endpoint { code, level: level(endpoint.get("level")), text: plain(text(endpoint, "text")) });
        }
        let item =
            Objective { code, level: level(objective.get("level")), text: plain(text(objective, "text")), endpoints };
        seen.push(Seen { id: text(objective, "id").to_owned(), item });
    }
    (seen, ids)
}

pub(super) fn populations(design: &Value) -> Vec<Seen<Population>> {
    let mut codes = Codes::new("POP", 8);
    let populations = list(design, "analysisPopulations").iter().enumerate().map(|(i, population)| {
        let item = Population {
            flag: codes.code(text(population, "name"), i + 1),
            name: words(population, &["label", "name"]).to_owned(),
            definition: plain(text(population, "text")),
        };
        Seen { id: text(population, "id").to_owned(), item }
    });
    populations.collect()
}

pub(super) fn estimands(document: &Value, design: &Value) -> Vec<Seen<Estimand>> {
    let found = |estimand: &Value, member: &str| find(document, text(estimand, member)).cloned().unwrap_or_default();
    let mut taken = BTreeSet::new();
    let estimands = list(design, "estimands").iter().map(|estimand| {
        let treatments: Vec<String> = texts(estimand, "interventionIds")
            .filter_map(|id| find(document, id))
            .map(|i| words(i, &["description", "label", "name"]).to_owned())
            .collect();
        let events: Vec<String> = list(estimand, "intercurrentEvents").iter().map(event).collect();
        let population = found(estimand, "analysisPopulationId");
        let mut name = words(estimand, &["label", "name"]).to_owned();
        while !taken.insert(name.clone()) {
            name.push('+');
        }
        let item = Estimand {
            name,
            treatment: treatments.join("; "),
            population: plain(words(&population, &["text", "description", "label", "name"])),
            variable: plain(text(&found(estimand, "variableOfInterestId"), "text")),
            intercurrent_events: events.join("; "),
            summary: plain(text(estimand, "populationSummary")),
        };
        Seen { id: text(estimand, "id").to_owned(), item }
    });
    estimands.collect()
}

/// An intercurrent event with its strategy: `EVENT: STRATEGY`.
fn event(event: &Value) -> String {
    let (what, strategy) = (plain(words(event, &["text", "label", "name"])), plain(text(event, "strategy")));
    if strategy.is_empty() { what } else { format!("{what}: {strategy}") }
}
