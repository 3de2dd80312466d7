//! Randomisation through pages and interface; and every page, answer, export and file, as each blinded role sees it, without a treatment.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod house;
#[path = "../../record/tests/vault_scene/mod.rs"]
mod vault_scene;

use axum::body::Body;
use axum::http::{Request, header};
use croft_record::Caller;
use croft_record::access::Proof;
use croft_record::capture::{Enrol, Entered, Place, Save};
use croft_record::supply::{Keeper, NewKits, OpenDepot, PlanSupply, Receive, Ship, SupplyPlan};
use croft_record::vault::NewScheme;
use house::{House, PASSWORD};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use std::collections::{BTreeSet, VecDeque};
use std::io::Read as _;
use vault_scene::{STUDY, definition};

const SCHEME: &str = r#"
study = "CRV301"
arms = [{ code = "VERUM" }, { code = "PLACEBO" }]
factors = [{ name = "sex", levels = ["F", "M"] }]
design = { kind = "random_block", lengths = [2, 4] }
"#;

const SETUP: &str = r#"
number = "R{number:4}"
require = [{ says = "All criteria are met", item = "baseline.ELIG", is = ["Y"] }]
factor = [{ name = "sex", from = "baseline.SEX" }]
record = { visit = "BL", form = "RND", number = "randomisation.RNDNUM", date = "randomisation.RNDDAT" }
"#;

/// Words that stand in the definition and nowhere else as long as the study is blind.
const ARMS: [&str; 2] = ["VERUM", "PLACEBO"];

/// A sealed study with people; nobody is randomised.
fn house(name: &str) -> House {
    let house = House::of(name, STUDY, definition());
    for (login, role, site) in [
        ("ida", "investigator", Some("101")),
        ("nora", "coordinator", Some("101")),
        ("mona", "monitor", None),
        ("dora", "data_manager", None),
        ("stan", "statistician", None),
        ("mel", "medical_monitor", None),
        ("pia", "project_manager", None),
        ("spo", "sponsor", None),
        ("aud", "auditor", None),
        ("ins", "inspector", None),
        ("urs", "unblinded_statistician", None),
        ("sue", "supply_manager", None),
        ("dep", "depot", None),
        ("phil", "pharmacist", Some("101")),
    ] {
        house.person(login, role, Some(STUDY), site);
    }
    house.person("adm", "administrator", None, None);
    let (scheme, setup) = (SCHEME.to_owned(), SETUP.to_owned());
    let new = NewScheme { study: STUDY.into(), scheme, setup, note: "main".into(), signature: Proof::system() };
    house.vault.seal_scheme(&Caller::system(), new).unwrap();
    house
}

fn subject(house: &House, sex: &str) -> String {
    let subject = house.does(Enrol { study: STUDY.into(), site: "101".into(), subject: None });
    let field = |item: &str, text: &str| Entered {
        group: "baseline".into(),
        row: 1,
        item: item.into(),
        text: text.into(),
        ..Entered::default()
    };
    let entries = vec![field("ELIG", "Y"), field("SEX", sex)];
    let place = Place::first(&subject, "BL", "BL");
    house.does(Save { study: STUDY.into(), place, entries, ..Save::default() });
    subject
}

/// Status, kind and bytes of an answer to the holder of a session.
async fn ask(house: &House, secret: &str, path: &str, form: Option<&[(&str, &str)]>) -> (u16, String, Vec<u8>) {
    let mut body = String::new();
    if let Some(fields) = form {
        let (_, _, page) = Box::pin(ask(house, secret, path, None)).await;
        let page = String::from_utf8_lossy(&page).into_owned();
        let token = page.split("name=\"csrf\" value=\"").nth(1).map_or("", |rest| rest.split('"').next().unwrap());
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("csrf", token).extend_pairs(fields);
        body = form.finish();
    }
    let request = Request::builder()
        .method(if form.is_some() { "POST" } else { "GET" })
        .uri(path)
        .header(header::HOST, "localhost")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::COOKIE, format!("croft-session={secret}"));
    let answer = house.send(request.body(Body::from(body)).unwrap()).await;
    let kind = answer.headers().get(header::CONTENT_TYPE).map_or("", |k| k.to_str().unwrap()).to_owned();
    let status = answer.status().as_u16();
    (status, kind, answer.into_body().collect().await.unwrap().to_bytes().to_vec())
}

async fn page(house: &House, secret: &str, path: &str, form: Option<&[(&str, &str)]>) -> (u16, String) {
    let (status, _, bytes) = ask(house, secret, path, form).await;
    (status, String::from_utf8_lossy(&bytes).into_owned())
}

#[tokio::test]
async fn a_subject_is_randomised_and_a_code_broken_through_the_pages() {
    let house = house("vault-pages");
    let first = subject(&house, "F");
    let ida = house.sign_in("ida").await;
    let at = format!("/studies/{STUDY}/subjects/{first}");
    let (status, shown) = page(&house, &ida, &at, None).await;
    assert!(status == 200 && shown.contains(&format!("{at}/randomise")), "the subject's page leads to it");
    let (status, shown) = page(&house, &ida, &format!("{at}/randomise"), None).await;
    assert!(status == 200 && shown.contains("All criteria are met") && shown.contains("sex"), "{shown}");
    let to = format!("{at}/randomise");
    let (status, shown) = page(&house, &ida, &to, Some(&[("password", "wrong")])).await;
    assert!(status == 422 && shown.contains("Password"), "{status}");
    let (status, _) = page(&house, &ida, &to, Some(&[("password", PASSWORD)])).await;
    assert_eq!(status, 303);
    let (_, shown) = page(&house, &ida, &at, None).await;
    assert!(shown.contains("R0001") && shown.contains(&format!("{at}/code-break")));
    let (_, shown) = page(&house, &ida, &to, None).await;
    assert!(shown.contains("randomised already: R0001"));
    // The code is broken by the investigator and by nobody else.
    let broken = format!("{at}/code-break");
    let nora = house.sign_in("nora").await;
    assert_eq!(page(&house, &nora, &broken, None).await.0, 403);
    let (status, shown) = page(&house, &ida, &broken, Some(&[("password", PASSWORD), ("reason", "")])).await;
    assert!(status == 422 && shown.contains("is empty"));
    let fields = [("password", PASSWORD), ("reason", "Suspected overdose")];
    let (status, shown) = page(&house, &ida, &broken, Some(&fields)).await;
    assert!(status == 200 && ARMS.iter().any(|arm| shown.contains(arm)), "{shown}");
    let spo = house.sign_in("spo").await;
    let (_, shown) = page(&house, &spo, &format!("/studies/{STUDY}/randomisation"), None).await;
    assert!(shown.contains("Suspected overdose") && ARMS.iter().all(|arm| !shown.contains(arm)));
    // Codes are read by the unblinded statistician, who says what for.
    let urs = house.sign_in("urs").await;
    let codes = format!("/studies/{STUDY}/randomisation/codes");
    let (status, shown) = page(&house, &urs, &codes, Some(&[("password", PASSWORD), ("what", "interim")])).await;
    assert!(status == 200 && ARMS.iter().any(|arm| shown.contains(arm)));
    assert_eq!(page(&house, &ida, &codes, None).await.0, 403);
}

#[tokio::test]
async fn programs_do_the_same_and_are_refused_the_same() {
    let house = house("vault-api");
    let first = subject(&house, "M");
    let (ida, spo) = (house.sign_in("ida").await, house.sign_in("spo").await);
    let at = format!("/studies/{STUDY}/subjects/{first}");
    let (status, ready) = house.call(&ida, "GET", &format!("{at}/randomisation"), &Value::Null).await;
    assert!(status == 200 && ready["conditions"][0]["met"] == true, "{ready}");
    let proof = json!({ "password": PASSWORD });
    assert_eq!(house.call(&spo, "POST", &format!("{at}/randomisation"), &proof).await.0, 403);
    let (status, given) = house.call(&ida, "POST", &format!("{at}/randomisation"), &proof).await;
    assert!(status == 200 && given["number"] == "R0001", "{given}");
    let reason = json!({ "password": PASSWORD, "reason": "overdose" });
    assert_eq!(house.call(&spo, "POST", &format!("{at}/code-break"), &reason).await.0, 403);
    let (status, told) = house.call(&ida, "POST", &format!("{at}/code-break"), &reason).await;
    assert!(status == 200 && told["treatments"].as_array().unwrap().len() == 1, "{told}");
    let (status, facts) = house.call(&spo, "GET", &format!("/studies/{STUDY}/randomisation"), &Value::Null).await;
    assert!(status == 200 && facts["code_breaks"].as_array().unwrap().len() == 1);
    let text = facts.to_string();
    assert!(!text.contains("VERUM") && !text.contains("PLACEBO") && !text.contains("lengths"), "{text}");
    assert_eq!(house.call(&ida, "POST", &format!("/studies/{STUDY}/randomisation/codes"), &reason).await.0, 403);
    let urs = house.sign_in("urs").await;
    let (status, codes) = house.call(&urs, "POST", &format!("/studies/{STUDY}/randomisation/codes"), &reason).await;
    assert!(status == 200 && codes["codes"].as_array().unwrap().len() == 1);
}

/// A planned supply: kits of both arms at site 101 and in the depot.
fn supplied(house: &House) {
    let depot = Keeper::Depot("D".into());
    house.does(OpenDepot { study: STUDY.into(), depot: "D".into(), name: "Central".into() });
    let visits = vec!["BL".to_owned()];
    let plan =
        SupplyPlan { trigger: 2, level: 4, lead_days: 7, dispense_margin_days: 14, ship_margin_days: 30, visits };
    house.does(PlanSupply { study: STUDY.into(), plan });
    let arms = ARMS.map(|arm| (arm.to_owned(), 12)).into();
    let (lot, expires) = ("L1".to_owned(), "2027-12-31".to_owned());
    let new = NewKits { study: STUDY.into(), depot: "D".into(), lot, expires, arms };
    let packed = house.vault.register_kits(&Caller::system(), new).unwrap();
    let of = |arm: &str| {
        packed.iter().filter(|kit| kit.arm == arm).take(8).map(|kit| kit.number.clone()).collect::<Vec<_>>()
    };
    let kits = ARMS.iter().flat_map(|arm| of(arm)).collect();
    let shipment = house.does(Ship { study: STUDY.into(), from: depot, to: Keeper::Site("101".into()), kits });
    house.does(Receive { study: STUDY.into(), shipment, ..Receive::default() });
}

#[tokio::test]
async fn kits_come_to_subjects_through_pages_and_interface() {
    let house = house("vault-supply");
    let (sue, dep, phil) = (house.sign_in("sue").await, house.sign_in("dep").await, house.sign_in("phil").await);
    let at = format!("/studies/{STUDY}/supply");
    let post = async |secret: &str, path: &str, body: Value| house.call(secret, "POST", path, &body).await;
    let depot = json!({ "depot": "D", "name": "Central" });
    assert_eq!(post(&dep, &format!("{at}/depots"), depot.clone()).await.0, 403);
    assert_eq!(post(&sue, &format!("{at}/depots"), depot).await.0, 200);
    let plan = json!({ "trigger": 1, "level": 2, "lead_days": 7, "dispense_margin_days": 14, "ship_margin_days": 30, "visits": ["BL"] });
    assert_eq!(post(&sue, &format!("{at}/plan"), plan).await.0, 200);
    let kits = json!({ "depot": "D", "lot": "L1", "expires": "2027-12-31", "arms": { "VERUM": 5, "PLACEBO": 5 } });
    assert_eq!(post(&dep, &format!("{at}/kits"), kits.clone()).await.0, 403, "who ships is blinded");
    let (status, packed) = post(&sue, &format!("{at}/kits"), kits).await;
    assert!(status == 200 && packed["kits"].as_array().unwrap().len() == 10, "{packed}");
    // The depot sends what should be sent; the page tells it numbers.
    let (_, shown) = page(&house, &dep, &at, None).await;
    assert!(shown.contains("Send 4 kits to 101") && ARMS.iter().all(|arm| !shown.contains(arm)), "{shown}");
    let (_, proposed) = house.call(&dep, "GET", &format!("{at}/depots/D/proposals"), &Value::Null).await;
    let kits = proposed["proposals"][0]["kits"].clone();
    let shipment = json!({ "from": "depot D", "to": "site 101", "kits": kits });
    assert_eq!(post(&phil, &format!("{at}/shipments"), shipment.clone()).await.0, 403);
    let (status, sent) = post(&dep, &format!("{at}/shipments"), shipment).await;
    assert_eq!(status, 200, "{sent}");
    let receive = format!("{at}/shipments/{}", sent["shipment"]);
    let (status, shown) = page(&house, &phil, &receive, None).await;
    assert!(status == 200 && shown.contains("Receive the shipment"));
    let fields = [("excursion", "yes"), ("held", ""), ("lost", ""), ("note", "")];
    let (status, shown) = page(&house, &phil, &receive, Some(&fields)).await;
    assert!(status == 422 && shown.contains("is empty"), "an excursion is described");
    assert_eq!(page(&house, &phil, &receive, Some(&[("held", ""), ("lost", ""), ("note", "")])).await.0, 303);
    let first = subject(&house, "F");
    let given = format!("/studies/{STUDY}/subjects/{first}/dispense");
    let (status, shown) = page(&house, &phil, &given, None).await;
    assert!(status == 200 && shown.contains("is not randomised"));
    house.vault.randomise(&Caller::system(), STUDY, &first, Proof::system()).unwrap();
    assert_eq!(page(&house, &phil, &given, Some(&[("visit", "BL"), ("count", "1")])).await.0, 303);
    let (_, shown) = page(&house, &phil, &given, None).await;
    assert!(shown.contains("Given so far"));
    let (_, answer) = house.call(&phil, "GET", &at, &Value::Null).await;
    assert!(answer["accounts"].as_array().unwrap().iter().all(|a| a["balance"] == 0), "{answer}");
    let dispensing = json!({ "visit": "BL" });
    let (status, more) = post(&phil, &format!("/studies/{STUDY}/subjects/{first}/dispensing"), dispensing).await;
    assert!(status == 200 && more["kits"].as_array().unwrap().len() == 1, "{more}");
    let (status, refused) =
        post(&phil, &format!("/studies/{STUDY}/subjects/{first}/dispensing"), json!({ "visit": "BL", "count": 9 }))
            .await;
    assert!(status == 409 && refused.to_string().contains("no kit that can be dispensed"), "{refused}");
}

/// How often the arms' codes stand in the record's files, but for its keys.
fn in_files(house: &House) -> usize {
    let mut found = 0;
    for entry in std::fs::read_dir(&house.folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            found +=
                ARMS.iter().map(|arm| bytes.windows(arm.len()).filter(|w| *w == arm.as_bytes()).count()).sum::<usize>();
        }
    }
    found
}

/// What an archive or a file holds, as text.
fn contents(bytes: &[u8]) -> Vec<(String, String)> {
    let Ok(mut archive) = zip::ZipArchive::new(std::io::Cursor::new(bytes)) else {
        return vec![(String::new(), String::from_utf8_lossy(bytes).into_owned())];
    };
    let mut all = Vec::new();
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).unwrap();
        let name = file.name().unwrap().into_owned();
        let mut inner = Vec::new();
        file.read_to_end(&mut inner).unwrap();
        all.extend(contents(&inner).into_iter().map(|(below, text)| (format!("{name}/{below}"), text)));
    }
    all
}

#[tokio::test]
async fn no_page_answer_export_or_file_tells_a_blinded_eye_the_treatment() {
    let house = house("vault-crawl");
    let subjects: Vec<String> = (0..8).map(|at| subject(&house, ["F", "M"][at % 2])).collect();
    let before = in_files(&house);
    assert!(before > 0, "the definition holds the arms' codes");
    for subject in &subjects {
        house.vault.randomise(&Caller::system(), STUDY, subject, Proof::system()).unwrap();
    }
    supplied(&house);
    for subject in &subjects {
        house.vault.dispense(&Caller::system(), (STUDY, subject, "BL"), 1).unwrap();
    }
    assert_eq!(in_files(&house), before, "no file of the record tells more than the definition");
    let mut pages = 0;
    for login in ["ida", "nora", "mona", "dora", "stan", "mel", "pia", "spo", "aud", "ins", "dep", "phil", "adm"] {
        let secret = house.sign_in(login).await;
        let mut seen = BTreeSet::from(["/work".to_owned(), "/studies".to_owned(), format!("/studies/{STUDY}")]);
        let mut queue: VecDeque<String> = seen.iter().cloned().collect();
        while let Some(path) = queue.pop_front() {
            let (status, kind, bytes) = ask(&house, &secret, &path, None).await;
            assert!(status < 500, "{login} {path}: {status}");
            pages += 1;
            // The definition says which arms there are, and every role may read it.
            if !path.contains("/definition") {
                for (name, text) in contents(&bytes) {
                    // So does the event that published it.
                    let of_event = path.contains("/audit/events/") && text.contains("version.published");
                    let lines = text.lines().filter(|line| !of_event && !line.contains("version.published/1"));
                    let text: String = lines.collect();
                    for arm in ARMS {
                        assert!(!text.contains(arm), "{login} sees {arm} in {path} {name}");
                    }
                }
            }
            if !kind.starts_with("text/html") {
                continue;
            }
            let text = String::from_utf8_lossy(&bytes).into_owned();
            for part in text.split("href=\"").skip(1) {
                let link = part.split(['"', '#']).next().unwrap().replace("&amp;", "&");
                let inside = link.starts_with(&format!("/studies/{STUDY}")) || link == "/people";
                if inside && seen.len() < 400 && seen.insert(link.clone()) {
                    queue.push_back(link);
                }
            }
        }
        for path in [
            "events",
            "events?chain=access",
            "randomisation",
            "access",
            "queries",
            "supply",
            "supply/depots/D/proposals",
        ] {
            let (_, answer) = house.call(&secret, "GET", &format!("/studies/{STUDY}/{path}"), &Value::Null).await;
            // The feed holds the published definition too; all else is looked through.
            let events = answer["events"].as_array().cloned().unwrap_or_else(|| vec![answer.clone()]);
            for event in events.iter().filter(|e| e["kind"] != "version.published/1") {
                for arm in ARMS {
                    assert!(!event.to_string().contains(arm), "{login} sees {arm} in the answer to {path}");
                }
            }
        }
    }
    assert!(pages > 200, "{pages} pages were looked at");
    // Exports, as a data manager makes them.
    let dora = house.sign_in("dora").await;
    for format in ["csv", "xlsx", "dataset-json", "history", "odm-2.0", "odm-2.0-audit", "casebook"] {
        let data = format!("/studies/{STUDY}/data");
        let (status, _, bytes) = ask(&house, &dora, &data, Some(&[("format", format), ("site", "")])).await;
        assert_eq!(status, 200, "{format}: {}", String::from_utf8_lossy(&bytes));
        for (name, text) in contents(&bytes) {
            for arm in ARMS {
                assert!(!text.contains(arm), "{format} {name} holds {arm}");
            }
        }
    }
}
