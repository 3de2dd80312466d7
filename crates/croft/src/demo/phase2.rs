//! The Phase II study at work: three sites, 24 of 60 subjects, each as far as the calendar lets them be, randomised and supplied; some things asked, some
//! answered, some signed.
//!
//! It stays open, so that there is something to do for whoever looks at it.

use super::house;
use super::staff::{Staff, segment};
use super::supply::Supply;
use crate::output::Failure;
use croft_study::simulate::parallel::{self as subject, SUBJECTS, Sheet, Step, What};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The study.
pub const STUDY: &str = "CRB204";
/// The template that it follows.
pub const TEMPLATE: &str = "phase2-parallel";
const SEED: u64 = 204;
/// 2026-07-03T16:00:00Z: up to here it is recorded.
pub const TODAY_MS: i64 = 1_783_094_400_000;
const MINUTE_MS: i64 = 60_000;
const MONITOR: &str = "tomas.vesely";
const MANAGER: &str = "mara.lindqvist";
const TITLE: &str = "Tavorelan 20 mg or placebo in grade 1 hypertension";

pub struct Site {
    pub code: &'static str,
    pub coordinator: &'static str,
    pub investigator: &'static str,
}

const SITES: [Site; 3] = [
    Site { code: "101", coordinator: "nora.sarin", investigator: "daniel.okafor" },
    Site { code: "201", coordinator: "hana.sato", investigator: "julia.brunner" },
    Site { code: "301", coordinator: "jonas.weber", investigator: "marc.dupont" },
];

/// The site of a subject, by order of entry.
fn site_of(subject: usize) -> &'static Site {
    &SITES[subject % SITES.len()]
}

/// The site of this code.
pub fn site(code: &str) -> &'static Site {
    SITES.iter().find(|site| site.code == code).unwrap_or(&SITES[0])
}

/// Opens the study, whose definition these texts are, and records what has happened up to today.
pub async fn record(staff: &mut Staff, texts: &BTreeMap<String, String>) -> Result<(), Failure> {
    let sites = [
        ("101", "Northgate Clinical Unit", "GBR"),
        ("201", "Praxis am Markt", "AUT"),
        ("301", "Clinique des Tilleuls", "FRA"),
    ];
    house::study(staff, STUDY, TITLE, texts, &sites).await?;
    let mut steps: Vec<Step> = (0..SUBJECTS)
        .flat_map(|index| subject::steps(SEED, STUDY, index))
        .filter(|step| step.at_ms < TODAY_MS)
        .collect();
    // Stable: what one subject does at one time stays in its order.
    steps.sort_by_key(|step| step.at_ms);
    let mut ids = BTreeMap::new();
    let mut supply = Supply::default();
    for step in &steps {
        supply.up_to(staff, step.at_ms, &ids).await?;
        staff.at(step.at_ms);
        play(staff, step, &mut ids, &mut supply).await?;
    }
    supply.up_to(staff, TODAY_MS, &ids).await?;
    staff.at(TODAY_MS);
    verify(staff, &steps, &ids).await?;
    ask(staff, &ids).await?;
    sign(staff, &ids).await
}

type Ids = BTreeMap<usize, String>;

fn subject_path(ids: &Ids, subject: usize) -> String {
    format!("/studies/{STUDY}/subjects/{}", segment(ids.get(&subject).map_or("", String::as_str)))
}

fn form_path(ids: &Ids, subject: usize, sheet: &Sheet) -> String {
    format!("{}/visits/{}/{}/forms/{}/1", subject_path(ids, subject), sheet.visit, sheet.repeat, sheet.form)
}

async fn play(staff: &mut Staff, step: &Step, ids: &mut Ids, supply: &mut Supply) -> Result<(), Failure> {
    let site = site_of(step.subject);
    let answer = match &step.what {
        What::Enrol => {
            let path = format!("/studies/{STUDY}/subjects");
            let answer = staff.call(site.coordinator, "POST", &path, &json!({ "site": site.code })).await?;
            ids.insert(step.subject, answer["subject"].as_str().unwrap_or_default().to_owned());
            return Ok(());
        }
        What::Visit { visit, date } => {
            let path = format!("{}/visits", subject_path(ids, step.subject));
            staff.call(site.coordinator, "POST", &path, &json!({ "visit": visit, "date": date })).await
        }
        What::Leave(reason) => {
            let path = format!("{}/withdrawal", subject_path(ids, step.subject));
            staff.call(site.investigator, "POST", &path, &json!({ "reason": reason })).await
        }
        What::Save(sheet) => {
            let id = ids.get(&step.subject).map_or("", String::as_str);
            let mut body = body(sheet);
            match sheet.form {
                // The system gives number and day; the site confirms the form.
                "RND" => {
                    supply.randomise(staff, site, id).await?;
                    body["entries"] = json!([]);
                }
                "EX" => treat(staff, site, id, (sheet, &mut body), supply).await?,
                _ => {}
            }
            staff.call(site.coordinator, "PUT", &form_path(ids, step.subject, sheet), &body).await
        }
    };
    answer.map(|_| ())
}

/// What the form of treatment tells is done with kits as well: the one brought back, the one given, whose number goes into the form.
async fn treat(
    staff: &mut Staff,
    site: &Site,
    id: &str,
    (sheet, body): (&Sheet, &mut Value),
    supply: &mut Supply,
) -> Result<(), Failure> {
    let back = sheet.fields.iter().find(|field| field.item == "EXRET").and_then(|field| field.text.parse().ok());
    if let Some(units) = back {
        supply.take_back(staff, site, id, units).await?;
    }
    if let Some(at) = sheet.fields.iter().position(|field| field.item == "EXKIT") {
        body["entries"][at]["text"] = supply.dispense(staff, site, id, sheet.visit).await?.into();
    }
    Ok(())
}

fn body(sheet: &Sheet) -> Value {
    let typed =
        |f: &subject::Typed| json!({ "group": f.group, "row": f.row, "item": f.item, "text": f.text, "unit": f.unit });
    let entries: Vec<Value> = sheet.fields.iter().map(typed).collect();
    json!({ "entries": entries, "complete": sheet.complete, "reason": sheet.reason })
}

/// The monitor has compared the first visits of the first half with their sources.
async fn verify(staff: &mut Staff, steps: &[Step], ids: &Ids) -> Result<(), Failure> {
    let first = |step: &&Step| step.subject < SUBJECTS / 2;
    let mut forms: Vec<String> = Vec::new();
    for step in steps.iter().filter(first) {
        let What::Save(sheet) = &step.what else { continue };
        let path = form_path(ids, step.subject, sheet);
        if ["IC", "DM", "VS"].contains(&sheet.form) && ["SCR", "BL"].contains(&sheet.visit) && !forms.contains(&path) {
            forms.push(path);
        }
    }
    for form in forms {
        staff.at(staff.now_ms() + 5_000);
        staff.call(MONITOR, "POST", &format!("{form}/verification"), &json!({ "verified": true })).await?;
    }
    Ok(())
}

/// The monitor asks two things more; every other question is answered, and every other answer taken.
async fn ask(staff: &mut Staff, ids: &Ids) -> Result<(), Failure> {
    let queries = format!("/studies/{STUDY}/queries");
    for (subject, item, text) in [
        (0, "PULSE", "The source shows two readings. Which one was the seated one?"),
        (4, "WEIGHT", "Weighed with or without shoes? Please see the manual."),
    ] {
        staff.at(staff.now_ms() + 4 * MINUTE_MS);
        let id = ids.get(&subject);
        let question = json!({ "subject": id, "visit": "BL", "form": "VS", "group": "vitals", "row": 1, "item": item, "text": text });
        staff.call(MONITOR, "POST", &queries, &question).await?;
    }
    let open = staff.call(MONITOR, "GET", &format!("{queries}?status=open"), &Value::Null).await?;
    for (n, query) in open["queries"].as_array().into_iter().flatten().enumerate().filter(|(n, _)| n % 2 == 0) {
        let path = format!("{queries}/{}", query["number"]);
        let Some(site) = SITES.iter().find(|site| query["site"] == site.code) else { continue };
        staff.at(staff.now_ms() + 9 * MINUTE_MS);
        let answer = json!({ "text": "Compared with the source: it is as recorded." });
        staff.call(site.coordinator, "POST", &format!("{path}/answer"), &answer).await?;
        if n % 4 == 0 {
            staff.at(staff.now_ms() + 2 * MINUTE_MS);
            staff.call(MONITOR, "POST", &format!("{path}/close"), &json!({ "text": "Accepted." })).await?;
        }
    }
    Ok(())
}

/// Each investigator has signed the screening of the first two subjects; the one who was not eligible is frozen.
async fn sign(staff: &mut Staff, ids: &Ids) -> Result<(), Failure> {
    for subject in 0..2 * SITES.len() {
        staff.at(staff.now_ms() + MINUTE_MS);
        let signature = json!({
            "covers": { "subject": ids.get(&subject), "visit": "SCR" },
            "meaning": "I have reviewed these data and confirm that they are accurate and complete.",
        });
        staff.signs(site_of(subject).investigator, &format!("/studies/{STUDY}/signatures"), signature).await?;
    }
    let freeze = json!({ "part": { "subject": ids.get(&subject::NOT_ELIGIBLE) }, "frozen": true });
    staff.call(MANAGER, "POST", &format!("/studies/{STUDY}/freezes"), &freeze).await.map(|_| ())
}
