//! EX of a study whose doses are recorded blind, once there are codes: each record of EC with the treatment of the subject's arm.
//!
//! | variable | from |
//! |---|---|
//! | `EXTRT` | the name of the arm's treatment: its only one, else that of its element in the record's epoch |
//! | `EXDOSE`, `EXDOSU` | what was taken, times the strength in `study.toml` where it was counted in tablets or the like; as collected where the units are the same |
//! | others | EC, else `study.toml` |
//!
//! The arm is the one to which the subject was randomised. That somebody was given another's kit is not seen here: then EX is written in `tabulate/`.

use super::Draft;
use super::Study;
use crate::tabulation::express::quoted;
use std::collections::{BTreeMap, BTreeSet};

/// The statement; none where the treatment of a record does not follow from the arm. `collected` are the columns of EC.
pub fn statement(study: &Study<'_>, collected: &BTreeSet<String>) -> Option<String> {
    let by_epoch = by_epoch(study)?;
    let has = |suffix: &str| collected.contains(&format!("EC{suffix}"));
    if by_epoch && !collected.contains("EPOCH") || !has("STDTC") {
        return None;
    }
    let mut draft = Draft::of_subjects("EX");
    draft.number();
    let epoch = if by_epoch { "c.EPOCH as EPOCH, " } else { "" };
    let group = if by_epoch { ", c.EPOCH" } else { "" };
    draft.steps.push((
        "step_treatments".to_owned(),
        format!(
            "select c.ARM as ARM, {epoch}max(l.TREATMENT) as TREATMENT\nfrom cells as c\ninner join elements as l on l.CODE = c.ELEMENT\nwhere l.TREATMENT is not null\ngroup by c.ARM{group}"
        ),
    ));
    draft.set("EXTRT", "t.NAME");
    draft.method("EXTRT", "The treatment of the arm to which the subject was randomised");
    if has("DOSE") {
        let units = if has("DOSU") { "d.ECDOSU" } else { "cast(null as text)" };
        draft.set("EXDOSE", &format!("case when {units} = t.DOSU then d.ECDOSE else d.ECDOSE * t.DOSE end"));
        draft.method(
            "EXDOSE",
            "What was taken, times the strength of the treatment where it was counted in dosage forms",
        );
    } else {
        draft.set("EXDOSE", "t.DOSE");
    }
    draft.set("EXDOSU", "t.DOSU");
    for (suffix, fact) in [("DOSFRM", "t.DOSFRM"), ("ROUTE", "t.ROUTE")] {
        let column = if has(suffix) { format!("coalesce(d.EC{suffix}, {fact})") } else { fact.to_owned() };
        draft.set(&format!("EX{suffix}"), &column);
    }
    for suffix in ["SPID", "DOSFRQ", "STDTC", "ENDTC", "STDY", "ENDY"].into_iter().filter(|s| has(s)) {
        draft.set(&format!("EX{suffix}"), &format!("d.EC{suffix}"));
    }
    if collected.contains("EPOCH") {
        draft.set("EPOCH", "d.EPOCH");
    }
    draft.keys.extend(["EXTRT", "EXSTDTC", "EXSPID"].map(str::to_owned));
    let same_epoch = if by_epoch { " and g.EPOCH = d.EPOCH" } else { "" };
    let taken =
        if has("OCCUR") { format!("\nwhere d.ECOCCUR is null or d.ECOCCUR <> {}", quoted("N")) } else { String::new() };
    draft.from = format!(
        "from EC as d\ninner join DM as m on m.USUBJID = d.USUBJID\ninner join allocations as k on k.SUBJECT = m.SUBJID\ninner join step_treatments as g on g.ARM = k.ARM{same_epoch}\ninner join treatments as t on t.CODE = g.TREATMENT{taken}"
    );
    Some(draft.text(&study.dictionary))
}

/// Whether the treatment depends on the epoch; none where an arm has no treatment, or two in one epoch.
fn by_epoch(study: &Study<'_>) -> Option<bool> {
    let definition = study.definition;
    let mut several = false;
    for arm in &definition.arms {
        let mut of_arm: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for step in definition.cells.iter().filter(|cell| cell.arm == arm.code).flat_map(|cell| &cell.path) {
            let (epoch, element) = step.split_once(':').unwrap_or(("", step));
            let element = definition.elements.iter().find(|e| e.code == element);
            if let Some(treatment) = element.and_then(|e| e.treatment.as_deref()) {
                of_arm.entry(epoch).or_default().insert(treatment);
            }
        }
        let all: BTreeSet<&str> = of_arm.values().flatten().copied().collect();
        if all.is_empty() || of_arm.values().any(|treatments| treatments.len() > 1) {
            return None;
        }
        several |= all.len() > 1;
    }
    Some(several)
}
