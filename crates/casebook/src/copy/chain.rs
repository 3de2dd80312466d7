//! When were sites opened, data frozen, the study locked, and by whom?
//!
//! One walk over the study's events finds what concerns no single form. O(events of the study).

use super::Csv;
use crate::CasebookError;
use croft_record::Reading;
use croft_record::export::{Files, rfc3339};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Events read at once.
const WINDOW: usize = 2_000;

#[derive(Deserialize, Default)]
#[serde(default)]
struct Told {
    role: String,
    site: String,
    frozen: bool,
    forms: Vec<croft_record::capture::Place>,
    obstacles: BTreeMap<String, usize>,
    asked_by: String,
}

/// Writes `sites.csv`, `locks.csv` and `obstacles.csv`.
pub(super) fn write(reading: &Reading<'_>, study: &str, files: &mut dyn Files) -> Result<(), CasebookError> {
    let mut locks =
        Csv::begin(files, "locks.csv", &["EVENT", "TIME", "ACCOUNT", "NAME", "ROLE", "WHAT", "DETAIL", "REASON"])?;
    let mut moved: BTreeMap<String, [Vec<String>; 2]> = BTreeMap::new();
    let mut after = 0;
    loop {
        let events = reading.feed(study, false, after, WINDOW)?;
        let Some(last) = events.last().map(|e| e.seq) else { break };
        for event in events {
            let side = match event.kind.as_str() {
                "site.opened/1" => Some(0),
                "site.closed/1" => Some(1),
                "forms.frozen/1" | "study.locked/1" | "unlock.asked/1" | "study.unlocked/1" => None,
                _ => continue,
            };
            // An event that this version does not understand whole is still told with what it does.
            let told: Told = serde_json::from_str(&event.payload).unwrap_or_default();
            if let Some(side) = side {
                moved.entry(told.site).or_default()[side].push(rfc3339(event.time_ms));
                continue;
            }
            let (what, detail) = words(&event.kind, &told);
            let name = reading.printed_name(&event.actor)?;
            let (number, time) = (event.seq.to_string(), rfc3339(event.time_ms));
            locks.row(&[&number, &time, &event.actor, &name, &told.role, what, &detail, &event.reason])?;
        }
        after = last;
    }
    locks.end()?;
    let mut sites = Csv::begin(files, "sites.csv", &["SITE", "NAME", "COUNTRY", "STATE", "OPENED", "CLOSED"])?;
    for site in reading.sites(study)? {
        let [opened, closed] = moved.remove(&site.id).unwrap_or_default();
        let state = if site.open { "open" } else { "closed to new subjects" };
        sites.row(&[&site.id, &site.name, &site.country, state, &opened.join(" "), &closed.join(" ")])?;
    }
    sites.end()?;
    let columns = ["SUBJECT", "VISIT", "VISITREP", "FORM", "FORMREP", "IN_THE_WAY", "COUNT"];
    let mut obstacles = Csv::begin(files, "obstacles.csv", &columns)?;
    for obstacle in reading.obstacles(study)?.0 {
        let place = &obstacle.place;
        let numbers = [place.visit_repeat, place.form_repeat].map(|n| n.to_string());
        let count = obstacle.count.to_string();
        obstacles.row(&[&place.subject, &place.visit, &numbers[0], &place.form, &numbers[1], obstacle.kind, &count])?;
    }
    obstacles.end()?;
    Ok(())
}

fn words(kind: &str, told: &Told) -> (&'static str, String) {
    let places = || {
        let forms = told
            .forms
            .iter()
            .map(|p| format!("{}/{}/{}/{}/{}", p.subject, p.visit, p.visit_repeat, p.form, p.form_repeat));
        forms.collect::<Vec<_>>().join(" ")
    };
    let in_the_way = || told.obstacles.iter().map(|(kind, n)| format!("{kind}: {n}")).collect::<Vec<_>>().join(", ");
    match kind {
        "forms.frozen/1" if told.frozen => ("frozen", places()),
        "forms.frozen/1" => ("unfrozen", places()),
        "study.locked/1" => ("study locked", in_the_way()),
        "unlock.asked/1" => ("unlocking asked for", String::new()),
        _ => ("study unlocked", format!("asked for by {}", told.asked_by)),
    }
}
