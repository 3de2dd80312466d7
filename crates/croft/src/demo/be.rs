//! The bioequivalence study, from its first subject to its lock: every value that its simulator knows, typed by who would type it.

use super::staff::{Staff, segment};
use crate::output::Failure;
use croft_study::simulate::Act;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const MINUTE_MS: i64 = 60_000;
const MONITOR: &str = "tomas.vesely";
const INVESTIGATOR: &str = "daniel.okafor";
const MANAGER: &str = "mara.lindqvist";
const MEANING: &str = "I have reviewed these data and confirm that they are accurate and complete.";

/// The account of a person by the name that the simulator prints.
fn account(name: &str) -> String {
    name.to_lowercase().replace(' ', ".")
}

/// The day of a time, as the record reads it.
fn day(at_ms: i64) -> String {
    croft_server::utc(at_ms).chars().take(10).collect()
}

/// A form's address.
fn form(study: &str, act: &Act) -> String {
    let p = &act.place;
    let (subject, visit, form) = (segment(&p.subject), segment(&p.visit), segment(&p.form));
    format!("/studies/{study}/subjects/{subject}/visits/{visit}/{}/forms/{form}/{}", p.visit_repeat, p.form_repeat)
}

/// Records, cleans, signs and locks; `locked_ms` is when.
pub async fn record(staff: &mut Staff, study: &str, site: &str, acts: &[Act], locked_ms: i64) -> Result<(), Failure> {
    let mut last: BTreeMap<String, usize> = BTreeMap::new();
    for (n, act) in acts.iter().enumerate() {
        last.insert(form(study, act), n);
    }
    let (mut enrolled, mut dated) = (BTreeSet::new(), BTreeSet::new());
    for (n, act) in acts.iter().enumerate() {
        let who = account(&act.actor);
        if !enrolled.contains(&act.place.subject) {
            staff.at(act.at_ms - 5 * MINUTE_MS);
            let body = json!({ "site": site, "subject": act.place.subject });
            staff.call("nora.sarin", "POST", &format!("/studies/{study}/subjects"), &body).await?;
            enrolled.insert(act.place.subject.clone());
        }
        // What a monitor saw beside the worksheet is why a value is corrected.
        let asked = if act.reason.is_empty() || act.import { None } else { Some(ask(staff, study, act).await?) };
        staff.at(act.at_ms);
        save(staff, &who, study, act, last.get(&form(study, act)) == Some(&n)).await?;
        if dated.insert((act.place.subject.clone(), act.place.visit.clone())) {
            let path = format!("/studies/{study}/subjects/{}/visits", segment(&act.place.subject));
            staff
                .call("nora.sarin", "POST", &path, &json!({ "visit": act.place.visit, "date": day(act.at_ms) }))
                .await?;
        }
        if let Some(query) = asked {
            settle(staff, study, &who, &query).await?;
        }
        if let Some(how) = leaves(act) {
            let path = format!("/studies/{study}/subjects/{}/withdrawal", segment(&act.place.subject));
            staff.call(INVESTIGATOR, "POST", &path, &json!({ "reason": how })).await?;
        }
    }
    clean(staff, study, &last.keys().cloned().collect::<Vec<_>>(), &enrolled, locked_ms).await
}

async fn save(staff: &mut Staff, who: &str, study: &str, act: &Act, complete: bool) -> Result<(), Failure> {
    let entries: Vec<Value> = act
        .fields
        .iter()
        .map(|f| json!({ "group": act.place.group, "row": act.place.group_repeat, "item": f.item, "text": f.text, "unit": f.unit, "missing": f.missing }))
        .collect();
    let body = json!({ "complete": complete, "entries": entries, "reason": act.reason, "import": act.import });
    staff.call(who, "PUT", &form(study, act), &body).await.map(|_| ())
}

/// How somebody left, when the form of the end of participation says so.
fn leaves(act: &Act) -> Option<&str> {
    let how = act.fields.iter().find(|f| f.item == "DSDECOD")?;
    (how.text != "COMPLETED").then_some(how.text.as_str())
}

async fn ask(staff: &mut Staff, study: &str, act: &Act) -> Result<String, Failure> {
    staff.at(act.at_ms - 30 * MINUTE_MS);
    let p = &act.place;
    let item = act.fields.first().map_or("", |f| f.item.as_str());
    let body = json!({
        "subject": p.subject, "visit": p.visit, "visit_repeat": p.visit_repeat, "form": p.form, "form_repeat": p.form_repeat,
        "group": p.group, "row": p.group_repeat, "item": item, "text": "The worksheet reads otherwise. Please check against the source.",
    });
    let asked = staff.call(MONITOR, "POST", &format!("/studies/{study}/queries"), &body).await?;
    Ok(asked["query"].to_string())
}

async fn settle(staff: &mut Staff, study: &str, who: &str, query: &str) -> Result<(), Failure> {
    let path = format!("/studies/{study}/queries/{query}");
    staff.at(staff.now_ms() + MINUTE_MS);
    staff.call(who, "POST", &format!("{path}/answer"), &json!({ "text": "Corrected as on the worksheet." })).await?;
    staff.at(staff.now_ms() + 10 * MINUTE_MS);
    staff.call(MONITOR, "POST", &format!("{path}/close"), &json!({ "text": "Seen, thank you." })).await?;
    Ok(())
}

/// Verification of every form, a signature for every subject, the lock.
async fn clean(
    staff: &mut Staff,
    study: &str,
    forms: &[String],
    subjects: &BTreeSet<String>,
    locked_ms: i64,
) -> Result<(), Failure> {
    staff.at(locked_ms - 26 * 60 * MINUTE_MS);
    for form in forms {
        staff.at(staff.now_ms() + 2_000);
        staff.call(MONITOR, "POST", &format!("{form}/verification"), &json!({ "verified": true })).await?;
    }
    staff.at(locked_ms - 2 * 60 * MINUTE_MS);
    for subject in subjects {
        staff.at(staff.now_ms() + MINUTE_MS);
        let body = json!({ "covers": { "subject": subject }, "meaning": MEANING });
        staff.signs(INVESTIGATOR, &format!("/studies/{study}/signatures"), body).await?;
    }
    staff.at(locked_ms);
    staff.signs(MANAGER, &format!("/studies/{study}/lock"), json!({})).await.map(|_| ())
}
