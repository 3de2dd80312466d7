//! Whatever is asked wrongly, and whatever stands in the way: no answer tells a treatment, and it is the same answer whatever the treatment.

use crate::eyes::{Secrets, log};
use crate::house::{House, PASSWORD};
use crate::scene::{
    SCHEME, SETUP, STUDY, arms, arrive, blinded, house, packed, page, planned, seal, subject, subject_at,
};
use croft_record::Caller;
use croft_record::access::Proof;
use croft_record::lock::LockStudy;
use croft_record::supply::{Deed, Keeper, MoveKits};
use croft_record::vault::CloseStratum;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// A list that ends after two subjects a stratum.
const SHORT: &str = r#"
study = "CRV301"
arms = [{ code = "VERUM" }, { code = "PLACEBO" }]
factors = [{ name = "sex", levels = ["F", "M"] }]
design = { kind = "random_allocation", subjects = 2 }
"#;

/// Everything that can be asked of a randomised study, each wrong in some way: path and body.
fn wrong_requests(done: &str, others: &[String]) -> Vec<(String, Value)> {
    let proof = json!({ "password": PASSWORD });
    let reason = json!({ "password": PASSWORD, "reason": "curious" });
    let mut all = Vec::new();
    let mut to = |path: String, body: &Value| all.push((format!("/studies/{STUDY}{path}"), body.clone()));
    to(format!("/subjects/{done}/randomisation"), &proof);
    for other in others {
        to(format!("/subjects/{other}/randomisation"), &proof);
        to(format!("/subjects/{other}/dispensing"), &json!({ "visit": "BL" }));
        to(format!("/subjects/{other}/code-break"), &reason);
    }
    for (visit, count) in [("BL", 0), ("BL", 99), ("EOT", 1)] {
        to(format!("/subjects/{done}/dispensing"), &json!({ "visit": visit, "count": count }));
    }
    to(format!("/subjects/{done}/code-break"), &json!({ "password": PASSWORD, "reason": " " }));
    to(format!("/subjects/{done}/code-break"), &json!({ "password": "not it", "reason": "overdose" }));
    to("/randomisation/codes".into(), &json!({ "password": "not it either", "reason": "curious" }));
    to("/randomisation/schemes".into(), &json!({ "password": PASSWORD, "scheme": "arms = 7", "setup": "" }));
    to("/randomisation/strata".into(), &json!({ "stratum": "X", "closed": true, "reason": "x" }));
    to("/unblinding/ask".into(), &reason);
    to("/unblinding/agree".into(), &proof);
    let (depot, site) = ("depot D", "site 101");
    to("/supply/depots".into(), &json!({ "depot": "a b", "name": "x" }));
    to("/supply/kits".into(), &json!({ "depot": "D", "lot": "L", "expires": "soon", "arms": { "C": 1 } }));
    to("/supply/shipments".into(), &json!({ "from": depot, "to": site, "kits": ["0000000"] }));
    to("/supply/shipments".into(), &json!({ "from": site, "to": depot, "kits": [] }));
    to("/supply/shipments/99999".into(), &json!({}));
    for deed in ["release", "return", "dispense", "open"] {
        let body = json!({ "keeper": site, "deed": deed, "kits": ["0000000"], "reason": "x" });
        to("/supply/moves".into(), &body);
    }
    all
}

/// Asks all of it as each blinded role; how many answers were looked at.
pub async fn refused(house: &House, secrets: &Secrets, done: &str, others: &[String]) -> usize {
    let mut answers = 0;
    for role in blinded() {
        let secret = house.sign_in(role).await;
        for (path, body) in wrong_requests(done, others) {
            let (status, text) = house.raw(&secret, "POST", &path, &body).await;
            assert!((400..500).contains(&status), "{role} {path} {body}: {status} {text}");
            assert_eq!(secrets.seen_in(&text), None, "{role} {path}: {text}");
            answers += 1;
        }
    }
    answers
}

/// What an answer says, without whom it says it of.
fn said(answer: (u16, String), subject: &str) -> (u16, String) {
    let mut value: Value = serde_json::from_str(&answer.1).unwrap();
    if let Some(object) = value.as_object_mut() {
        object.remove("reference");
        object.remove("kits");
    }
    (answer.0, value.to_string().replace(subject, "?"))
}

#[tokio::test]
async fn what_stands_in_the_way_is_told_and_never_the_arm() {
    let house = house("vault-way");
    planned(&house);
    let unready = subject_at(&house, "101", "N", "");
    let far = subject_at(&house, "102", "Y", "F");
    let investigator = house.sign_in("investigator").await;
    let proof = json!({ "password": PASSWORD });
    let mut told = BTreeMap::new();
    let mut ask = async |what: &'static str, subject: &str| {
        let path = format!("/studies/{STUDY}/subjects/{subject}/randomisation");
        let (status, text) = house.raw(&investigator, "POST", &path, &proof).await;
        assert!((400..500).contains(&status), "{what}: {status} {text}");
        assert_eq!(Secrets::of(&house).seen_in(&text), None, "{what}: {text}");
        told.insert(what, text);
    };
    let randomised = |sex: &str| {
        let id = subject(&house, sex);
        house.vault.randomise(&Caller::system(), STUDY, &id, Proof::system()).unwrap();
        id
    };
    let first = randomised("F");
    ask("randomised already", &first).await;
    ask("is not met", &unready).await;
    ask("may not randomise subjects here", &far).await;
    ask("may not randomise subjects here", "101-99999").await;
    let next = subject(&house, "F");
    let close = |closed: bool| {
        house.does(CloseStratum { study: STUDY.into(), stratum: "F".into(), closed, reason: "enough".into() });
    };
    close(true);
    ask("the stratum F is closed", &next).await;
    close(false);
    for (caps, what) in [
        ("study = 1", "the study has its 1 subjects"),
        ("site = 1", "the site has its 1 subjects"),
        ("stratum = 0", "the stratum has its 0 subjects"),
    ] {
        seal(&house, SCHEME, &format!("caps = {{ {caps} }}\n{SETUP}"));
        ask(what, &next).await;
    }
    // The list's end is told to whoever comes, and not how it ended.
    seal(&house, SHORT, SETUP);
    randomised("F");
    randomised("F");
    ask("no more subjects can be randomised here", &next).await;
    for (what, text) in told {
        assert!(text.contains(what), "{what}: {text}");
    }
    assert_eq!(Secrets::of(&house).seen_in(&log()), None);
}

#[tokio::test]
async fn whatever_is_missing_at_a_site_is_told_the_same_whatever_the_arm() {
    let house = house("vault-missing");
    planned(&house);
    house.person("far", "pharmacist", Some(STUDY), Some("102"));
    house.person("away", "investigator", Some(STUDY), Some("102"));
    // 101 has kits of one arm alone, 102 of the other.
    let (verum, placebo): (Vec<_>, Vec<_>) =
        packed(&house, 3, "2027-12-31").into_iter().partition(|k| k.arm == "VERUM");
    let numbers =
        |kits: Vec<croft_record::supply::PackedKit>| kits.into_iter().map(|kit| kit.number).collect::<Vec<_>>();
    let (verum, placebo) = (numbers(verum), numbers(placebo));
    arrive(&house, "101", verum.clone());
    arrive(&house, "102", placebo.clone());
    let (near, far) = (house.sign_in("investigator").await, house.sign_in("away").await);
    let proof = json!({ "password": PASSWORD });
    // Who is randomised is told a number, also where the site has nothing of the arm: stock is not looked at.
    let mut given = BTreeSet::new();
    let mut of: BTreeMap<(&str, String), String> = BTreeMap::new();
    for at in 0..64 {
        let (site, secret) = [("101", &near), ("102", &far)][at % 2];
        let id = subject_at(&house, site, "Y", ["F", "M"][at / 2 % 2]);
        let path = format!("/studies/{STUDY}/subjects/{id}/randomisation");
        let (status, text) = house.raw(secret, "POST", &path, &proof).await;
        given.insert((status, text.replace(&id, "?").replace(&format!("R{:04}", at + 1), "R")));
        let arm = arms(&house)[&id].clone();
        of.entry((site, arm)).or_insert(id);
        if of.len() == 4 {
            break;
        }
    }
    assert_eq!((given.len(), of.len()), (1, 4), "{given:?} {of:?}");
    let dispense = async |site: &str, arm: &str| {
        let id = &of[&(site, arm.to_owned())];
        let secret = house.sign_in(if site == "101" { "pharmacist" } else { "far" }).await;
        let path = format!("/studies/{STUDY}/subjects/{id}");
        let asked = house.raw(&secret, "POST", &format!("{path}/dispensing"), &json!({ "visit": "BL" })).await;
        let fields = [("visit", "BL"), ("count", "1")];
        let (status, shown) = page(&house, &secret, &format!("{path}/dispense"), Some(&fields)).await;
        (said(asked, id), status, shown.contains("has no kit that can be dispensed to this subject now"))
    };
    let (none_of_placebo, none_of_verum) = (dispense("101", "PLACEBO").await, dispense("102", "VERUM").await);
    assert_eq!(none_of_placebo, none_of_verum);
    assert_eq!((none_of_placebo.0.0, none_of_placebo.2), (409, true), "{none_of_placebo:?}");
    let (verum_given, placebo_given) = (dispense("101", "VERUM").await, dispense("102", "PLACEBO").await);
    assert_eq!(verum_given, placebo_given);
    assert_eq!(verum_given.0.0, 200, "{verum_given:?}");
    // What is there and must not be given is missing in the same words.
    for (site, kits) in [("101", verum), ("102", placebo)] {
        let at_hand = house.record.view(&Caller::system(), |r| r.kits(STUDY)).unwrap();
        let at_hand = at_hand.into_iter().filter(|kit| kits.contains(&kit.number) && kit.subject.is_none());
        let kits: Vec<String> = at_hand.map(|kit| kit.number).collect();
        let (keeper, deed, reason) = (Keeper::Site(site.into()), Deed::Quarantine, "warm".to_owned());
        house.does(MoveKits { study: STUDY.into(), keeper, deed, kits, returned_units: None, reason });
    }
    for (site, arm) in [("101", "VERUM"), ("102", "PLACEBO")] {
        assert_eq!(dispense(site, arm).await, none_of_verum, "held kits of {arm}");
    }
    assert_eq!(Secrets::of(&house).seen_in(&log()), None);
}

#[tokio::test]
async fn one_person_alone_does_not_unblind_and_is_not_told() {
    let house = house("vault-two");
    let first = subject(&house, "F");
    house.vault.randomise(&Caller::system(), STUDY, &first, Proof::system()).unwrap();
    house.does(LockStudy { study: STUDY.into(), in_spite: "a test".into(), signature: Proof::system() });
    let secrets = Secrets::of(&house);
    let reason = json!({ "password": PASSWORD, "reason": "final analysis" });
    let asked = house.sign_in("unblinded_statistician").await;
    assert_eq!(house.raw(&asked, "POST", &format!("/studies/{STUDY}/unblinding/ask"), &reason).await.0, 200);
    let agree = format!("/studies/{STUDY}/unblinding/agree");
    let right = json!({ "password": PASSWORD });
    for (role, body) in [
        ("unblinded_statistician", &right),
        ("project_manager", &json!({ "password": "a wrong second" })),
        ("sponsor", &right),
    ] {
        let secret = house.sign_in(role).await;
        let (status, text) = house.raw(&secret, "POST", &agree, body).await;
        assert!((400..500).contains(&status), "{role}: {status} {text}");
        assert_eq!(secrets.seen_in(&text), None, "{role}: {text}");
    }
    let facts = house.record.view(&Caller::system(), |r| r.randomisation(STUDY)).unwrap().unwrap();
    assert!(matches!(facts.unblinding, croft_record::vault::state::Unblinding::Asked { .. }));
}
