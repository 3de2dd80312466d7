//! A sealed study with people, kits and a log, and how its pages and its interface are asked.

use crate::eyes;
use crate::house::House;
pub use crate::vault_scene::STUDY;
use crate::vault_scene::definition;
use axum::body::Body;
use axum::http::{Request, header};
use croft_record::Caller;
use croft_record::access::{Operation, Proof, roles};
use croft_record::capture::{Enrol, Entered, Place, Save};
use croft_record::supply::{Keeper, NewKits, OpenDepot, PackedKit, PlanSupply, Receive, Ship, SupplyPlan};
use croft_record::vault::NewScheme;
use http_body_util::BodyExt;
use std::collections::BTreeMap;

pub const SCHEME: &str = r#"
study = "CRV301"
arms = [{ code = "VERUM" }, { code = "PLACEBO" }]
factors = [{ name = "sex", levels = ["F", "M"] }]
design = { kind = "random_block", lengths = [2, 4] }
"#;

pub const SETUP: &str = r#"
number = "R{number:4}"
require = [{ says = "All criteria are met", item = "baseline.ELIG", is = ["Y"] }]
factor = [{ name = "sex", from = "baseline.SEX" }]
record = { visit = "BL", form = "RND", number = "randomisation.RNDNUM", date = "randomisation.RNDDAT" }
"#;

/// Words that stand in the definition and nowhere else as long as the study is blind.
pub const ARMS: [&str; 2] = ["VERUM", "PLACEBO"];

/// A sealed study with one person of each role, called as the role is; those of sites at site 101. Nobody is randomised. What is logged is kept.
pub fn house(name: &str) -> House {
    eyes::log();
    let house = House::of(name, STUDY, definition());
    for role in roles().keys() {
        let site = roles()[role].may.contains(&Operation::Dispense).then_some("101");
        let study = (role != "administrator").then_some(STUDY);
        house.person(role, role, study, site);
    }
    seal(&house, SCHEME, SETUP);
    house
}

/// Seals a scheme, a further one if there is one.
pub fn seal(house: &House, scheme: &str, setup: &str) {
    let (scheme, setup) = (scheme.to_owned(), setup.to_owned());
    let new = NewScheme { study: STUDY.into(), scheme, setup, note: "main".into(), signature: Proof::system() };
    house.vault.seal_scheme(&Caller::system(), new).unwrap();
}

/// Those who are blind: every role but the two that are not.
pub fn blinded() -> Vec<&'static str> {
    let unblinded = ["unblinded_statistician", "supply_manager"];
    roles().keys().map(String::as_str).filter(|role| !unblinded.contains(role)).collect()
}

/// A subject of site 101 who can be randomised.
pub fn subject(house: &House, sex: &str) -> String {
    subject_at(house, "101", "Y", sex)
}

/// A subject of whom is recorded what is not blank.
pub fn subject_at(house: &House, site: &str, eligible: &str, sex: &str) -> String {
    let subject = house.does(Enrol { study: STUDY.into(), site: site.into(), subject: None });
    let field = |item: &str, text: &str| Entered {
        group: "baseline".into(),
        row: 1,
        item: item.into(),
        text: text.into(),
        ..Entered::default()
    };
    let entries: Vec<Entered> = [("ELIG", eligible), ("SEX", sex)]
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(item, text)| field(item, text))
        .collect();
    let place = Place::first(&subject, "BL", "BL");
    house.does(Save { study: STUDY.into(), place, entries, ..Save::default() });
    subject
}

/// Status, kind and bytes of an answer to the holder of a session.
pub async fn ask(house: &House, secret: &str, path: &str, form: Option<&[(&str, &str)]>) -> (u16, String, Vec<u8>) {
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

pub async fn page(house: &House, secret: &str, path: &str, form: Option<&[(&str, &str)]>) -> (u16, String) {
    let (status, _, bytes) = ask(house, secret, path, form).await;
    (status, String::from_utf8_lossy(&bytes).into_owned())
}

/// Sends the form of a page, which goes to another address.
pub async fn form(house: &House, secret: &str, of: &str, to: &str, fields: &[(&str, &str)]) -> (u16, String) {
    let (_, shown) = page(house, secret, of, None).await;
    let token = shown.split("name=\"csrf\" value=\"").nth(1).map_or("", |rest| rest.split('"').next().unwrap());
    let mut body = form_urlencoded::Serializer::new(String::new());
    let body = body.append_pair("csrf", token).extend_pairs(fields).finish();
    let request = Request::post(to)
        .header(header::HOST, "localhost")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::COOKIE, format!("croft-session={secret}"));
    let answer = house.send(request.body(Body::from(body)).unwrap()).await;
    let status = answer.status().as_u16();
    let bytes = answer.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8_lossy(&bytes).into_owned())
}

/// The depot `D`, and a plan.
pub fn planned(house: &House) {
    house.does(OpenDepot { study: STUDY.into(), depot: "D".into(), name: "Central".into() });
    let visits = vec!["BL".to_owned()];
    let plan =
        SupplyPlan { trigger: 2, level: 4, lead_days: 7, dispense_margin_days: 14, ship_margin_days: 30, visits };
    house.does(PlanSupply { study: STUDY.into(), plan });
}

/// Kits of each arm in the depot, with what is in them.
pub fn packed(house: &House, of_each: u32, expires: &str) -> Vec<PackedKit> {
    let arms = ARMS.map(|arm| (arm.to_owned(), of_each)).into();
    let (depot, lot, expires) = ("D".to_owned(), "L1".to_owned(), expires.to_owned());
    let new = NewKits { study: STUDY.into(), depot, lot, expires, arms };
    house.vault.register_kits(&Caller::system(), new).unwrap()
}

/// Sends kits to a site, which receives them; the shipment.
pub fn arrive(house: &House, site: &str, kits: Vec<String>) -> u64 {
    let (from, to) = (Keeper::Depot("D".into()), Keeper::Site(site.into()));
    let shipment = house.does(Ship { study: STUDY.into(), from, to, kits });
    house.does(Receive { study: STUDY.into(), shipment, ..Receive::default() });
    shipment
}

/// The arm of each subject, as the unblinded know it.
pub fn arms(house: &House) -> BTreeMap<String, String> {
    let codes = house.vault.codes(&Caller::system(), STUDY, "a test", Proof::system()).unwrap().codes;
    codes.into_iter().map(|code| (code.subject, code.arm)).collect()
}
