//! The scheme designer: designs compared by whoever may seal schemes, sealed from the page, and nothing of it for anybody else.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod house;
#[path = "../../record/tests/vault_scene/mod.rs"]
mod vault_scene;

use axum::body::Body;
use axum::http::{Request, header};
use croft_record::Caller;
use house::{House, PASSWORD, text};
use vault_scene::{STUDY, definition};

fn people(name: &str) -> House {
    let house = House::of(name, STUDY, definition());
    for (login, role) in [
        ("urs", "unblinded_statistician"),
        ("stan", "statistician"),
        ("ida", "investigator"),
        ("sue", "supply_manager"),
        ("dora", "data_manager"),
        ("pia", "project_manager"),
        ("mona", "monitor"),
        ("spo", "sponsor"),
        ("aud", "auditor"),
    ] {
        house.person(login, role, Some(STUDY), None);
    }
    house.person("adm", "administrator", None, None);
    house
}

fn at(query: &str) -> String {
    format!("/studies/{STUDY}/randomisation/designer{query}")
}

async fn get(house: &House, secret: &str, path: &str) -> (u16, String) {
    let request = Request::get(path).header(header::HOST, "localhost");
    let request = request.header(header::COOKIE, format!("croft-session={secret}")).body(Body::empty()).unwrap();
    let answer = house.send(request).await;
    (answer.status().as_u16(), text(answer).await)
}

async fn post(house: &House, secret: &str, path: &str, fields: &[(&str, &str)]) -> (u16, String) {
    let (_, page) = get(house, secret, path).await;
    let token = page.split("name=\"csrf\" value=\"").nth(1).map_or("", |rest| rest.split('"').next().unwrap());
    let body = form_urlencoded::Serializer::new(String::new()).append_pair("csrf", token).extend_pairs(fields).finish();
    let request = Request::post(path)
        .header(header::HOST, "localhost")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::COOKIE, format!("croft-session={secret}"));
    let answer = house.send(request.body(Body::from(body)).unwrap()).await;
    (answer.status().as_u16(), text(answer).await)
}

/// What stands in a field of several lines.
fn area(page: &str, name: &str) -> String {
    let rest = page.split(&format!("name=\"{name}\"")).nth(1).unwrap();
    let content = rest.split_once('>').unwrap().1.split("</textarea>").next().unwrap();
    content.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

#[tokio::test]
async fn designs_are_compared_and_one_is_sealed() {
    let house = people("designer");
    let urs = house.sign_in("urs").await;
    // The page is reached before there is a scheme.
    let (_, overview) = get(&house, &urs, &format!("/studies/{STUDY}/randomisation")).await;
    assert!(overview.contains("/randomisation/designer"), "{overview}");
    // Three designs, one of them simulated: said which, with the seed.
    let query = "?n=24&ratio=1:1&trials=300&seed=7&strata=sex:+F,+M&a=permuted_block&a_lengths=8&b=big_stick&b_tolerance=3&c=minimisation&c_factors=age:+young,+old";
    let (status, page) = get(&house, &urs, &at(query)).await;
    assert_eq!(status, 200, "{page}");
    for told in [
        "permuted blocks, lengths 8",
        "big stick, tolerance 3",
        "by 300 simulated trials, seed 7",
        "exactly",
        "one of 2 strata",
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }
    assert_eq!(page.matches("<svg class=\"chart\"").count(), 3, "{page}");
    // Blackwell & Hodges 1957: a block of 2m = 8 lets ½ + (2^8 / 70 − 1) / 16 of the guesses be right.
    assert!(page.contains("66.61"), "{page}");
    // The scheme of the first is there to be sealed; a setup with it, as far as the forms tell.
    let (scheme, setup) = (area(&page, "scheme"), area(&page, "setup"));
    assert!(scheme.contains("kind = \"permuted_block\"") && scheme.contains("VERUM"), "{scheme}");
    assert!(setup.contains("from = \"baseline.SEX\""), "{setup}");
    let (_, other) = get(&house, &urs, &at(&format!("{query}&take=b"))).await;
    assert!(area(&other, "scheme").contains("kind = \"big_stick\""));
    let fields = [("scheme", scheme.as_str()), ("setup", &setup), ("note", "main"), ("password", "wrong")];
    let (status, again) = post(&house, &urs, &at(query), &fields).await;
    assert!(status == 422 && again.contains("Password") && area(&again, "scheme") == scheme, "{status} {again}");
    let damaged = scheme.replace("[8]", "[7]");
    let (status, again) =
        post(&house, &urs, &at(query), &[("scheme", damaged.as_str()), ("setup", &setup), ("password", PASSWORD)])
            .await;
    assert!(status == 422 && again.contains("multiple of 2"), "{status} {again}");
    let fields = [("scheme", scheme.as_str()), ("setup", &setup), ("note", "main"), ("password", PASSWORD)];
    assert_eq!(post(&house, &urs, &at(query), &fields).await.0, 303);
    let facts = house.record.view(&Caller::system(), |r| r.randomisation(STUDY)).unwrap().unwrap();
    assert_eq!((facts.schemes.len(), facts.schemes[0].by.as_str()), (1, "urs"));
    assert_eq!(facts.schemes[0].factors[0].levels, ["F", "M"]);
}

#[tokio::test]
async fn what_costs_too_much_or_cannot_be_is_told_at_its_field() {
    let house = people("designer-wrong");
    let urs = house.sign_in("urs").await;
    for (query, told) in [
        ("?n=100000", "from 1 to 500"),
        ("?n=500&trials=1000000", "at most 2000 trials"),
        ("?a=permuted_block&a_lengths=7", "multiple of 2"),
        ("?ratio=1:1:1:1", "VERUM, PLACEBO"),
        ("?a=urn&a_initial=-1", "whole number"),
        ("?a=%3Cscript%3E", "choose one of the list"),
    ] {
        let (status, page) = get(&house, &urs, &at(query)).await;
        assert!(status == 422 && page.contains(told), "{query}: {status} {page}");
        assert!(!page.contains("<script>"), "{query}");
    }
}

#[tokio::test]
async fn who_may_not_seal_sees_nothing_of_it() {
    let house = people("designer-denied");
    for login in ["stan", "ida", "sue", "dora", "pia", "mona", "spo", "aud", "adm"] {
        let secret = house.sign_in(login).await;
        let (status, page) = get(&house, &secret, &at("?n=10&a=big_stick")).await;
        assert!(matches!(status, 403 | 404), "{login}: {status}");
        assert!(!page.contains("VERUM") && !page.contains("tolerance"), "{login}: {page}");
        let fields = [("scheme", "x"), ("setup", "x"), ("password", PASSWORD)];
        let (status, _) = post(&house, &secret, &at(""), &fields).await;
        assert!(matches!(status, 403 | 404), "{login}: {status}");
    }
    let facts = house.record.view(&Caller::system(), |r| r.randomisation(STUDY)).unwrap();
    assert!(facts.is_none(), "nothing was sealed");
}
