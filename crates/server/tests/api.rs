//! The interface for programs, by its public face alone.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod house;

use axum::body::Body;
use axum::http::{Request, header};
use house::{House, PASSWORD, STUDY, text};
use http_body_util::BodyExt;
use serde_json::{Value, json};

const NONE: Value = Value::Null;

fn form(subject: &str) -> String {
    format!("/studies/{STUDY}/subjects/{subject}/visits/SCR/1/forms/DM/1")
}

fn entry(item: &str, text: &str) -> Value {
    json!({ "group": "demographics", "item": item, "text": text })
}

fn filled() -> Value {
    json!({ "complete": true, "entries": [
        entry("RFICDAT", "21jan26"), entry("BRTHDAT", "mar95"), entry("SEX", "M"), entry("RACE", "ASIAN"), entry("ETHNIC", "NOT HISPANIC OR LATINO"),
    ] })
}

#[tokio::test]
async fn a_subject_is_recorded_cleaned_signed_and_locked() {
    let house = House::new("api-story");
    for (login, role) in [
        ("nora", "coordinator"),
        ("daniel", "investigator"),
        ("mona", "monitor"),
        ("mara", "data_manager"),
        ("petra", "project_manager"),
    ] {
        house.person(login, role, Some(STUDY), None);
    }
    let nora = house.sign_in("nora").await;
    let (status, enrolled) =
        house.call(&nora, "POST", &format!("/studies/{STUDY}/subjects"), &json!({ "site": "101" })).await;
    assert_eq!((status, enrolled["subject"].as_str().unwrap()), (200, "101-001"));
    let (status, saved) = house.call(&nora, "PUT", &form("101-001"), &filled()).await;
    assert_eq!((status, saved["changed"].as_u64()), (200, Some(5)), "{saved}");
    let (_, stands) = house.call(&nora, "GET", &form("101-001"), &NONE).await;
    assert_eq!(stands["form"]["groups"]["demographics"]["1"]["items"]["RFICDAT"]["text"], "21jan26");

    let mona = house.sign_in("mona").await;
    let ask = json!({ "subject": "101-001", "visit": "SCR", "form": "DM", "group": "demographics", "item": "SEX", "text": "Please check" });
    let (status, asked) = house.call(&mona, "POST", &format!("/studies/{STUDY}/queries"), &ask).await;
    assert_eq!(status, 200, "{asked}");
    let query = format!("/studies/{STUDY}/queries/{}", asked["query"]);
    let (status, denied) = house.call(&nora, "POST", &format!("{query}/close"), &json!({ "text": "done" })).await;
    assert_eq!(status, 403, "{denied}");
    assert_eq!(house.call(&nora, "POST", &format!("{query}/answer"), &json!({ "text": "It is right" })).await.0, 200);
    assert_eq!(house.call(&mona, "POST", &format!("{query}/close"), &json!({ "text": "Thank you" })).await.0, 200);
    let (status, marks) =
        house.call(&mona, "POST", &format!("{}/verification", form("101-001")), &json!({ "verified": true })).await;
    assert_eq!((status, marks["marks"].as_u64()), (200, Some(5)), "{marks}");

    let daniel = house.sign_in("daniel").await;
    let sign =
        json!({ "covers": { "subject": "101-001" }, "meaning": "I have reviewed these data", "password": PASSWORD });
    let wrong = json!({ "covers": { "subject": "101-001" }, "meaning": "I have reviewed these data", "password": "not the password of it" });
    assert!(matches!(house.call(&daniel, "POST", &format!("/studies/{STUDY}/signatures"), &wrong).await.0, 401..=422));
    assert_eq!(house.call(&daniel, "POST", &format!("/studies/{STUDY}/signatures"), &sign).await.0, 200);

    let mara = house.sign_in("mara").await;
    let (_, obstacles) = house.call(&mara, "GET", &format!("/studies/{STUDY}/obstacles"), &NONE).await;
    assert!(obstacles["counts"]["form not filled"].as_u64().unwrap() > 0);
    let lock = json!({ "password": PASSWORD, "in_spite": "the study ended early" });
    assert_eq!(house.call(&mara, "POST", &format!("/studies/{STUDY}/lock"), &lock).await.0, 200);
    let (status, refused) =
        house.call(&nora, "PUT", &form("101-001"), &json!({ "entries": [entry("SEX", "F")], "reason": "wrong" })).await;
    assert_eq!(status, 409, "{refused}");
    assert_eq!(
        house
            .call(&mara, "POST", &format!("/studies/{STUDY}/unlock-request"), &json!({ "reason": "late data" }))
            .await
            .0,
        200
    );
    let proof = json!({ "password": PASSWORD });
    assert_ne!(
        house.call(&mara, "POST", &format!("/studies/{STUDY}/unlock-approval"), &proof).await.0,
        200,
        "one person alone"
    );
    let petra = house.sign_in("petra").await;
    assert_eq!(house.call(&petra, "POST", &format!("/studies/{STUDY}/unlock-approval"), &proof).await.0, 200);

    let (_, feed) = house.call(&mara, "GET", &format!("/studies/{STUDY}/events?after=2&limit=3"), &NONE).await;
    let numbers: Vec<u64> = feed["events"].as_array().unwrap().iter().map(|e| e["seq"].as_u64().unwrap()).collect();
    assert_eq!((numbers, feed["after"].as_u64()), (vec![3, 4, 5], Some(5)));
}

#[tokio::test]
async fn another_sites_things_are_out_of_reach_by_any_name() {
    let house = House::new("api-idor");
    house.person("nora", "coordinator", Some(STUDY), Some("101"));
    house.person("far", "coordinator", Some(STUDY), Some("102"));
    house.person("mona", "monitor", Some(STUDY), Some("101"));
    let (nora, far, mona) = (house.sign_in("nora").await, house.sign_in("far").await, house.sign_in("mona").await);
    house.call(&nora, "POST", &format!("/studies/{STUDY}/subjects"), &json!({ "site": "101" })).await;
    house.call(&nora, "PUT", &form("101-001"), &filled()).await;
    let ask = json!({ "subject": "101-001", "visit": "SCR", "form": "DM", "text": "Please check" });
    let (_, asked) = house.call(&mona, "POST", &format!("/studies/{STUDY}/queries"), &ask).await;
    let subject = format!("/studies/{STUDY}/subjects/101-001");
    let mut tried = 0;
    for (method, path, body) in [
        ("GET", subject.clone(), NONE),
        ("GET", form("101-001"), NONE),
        ("PUT", form("101-001"), filled()),
        ("GET", format!("{}/history?group=demographics&row=1&item=SEX", form("101-001")), NONE),
        ("POST", format!("{}/verification", form("101-001")), json!({ "verified": true })),
        ("POST", format!("{subject}/visits"), json!({ "visit": "P1", "date": "2026-01-21" })),
        ("POST", format!("{subject}/withdrawal"), json!({ "reason": "x" })),
        ("GET", format!("{subject}/signatures"), NONE),
        ("GET", format!("/studies/{STUDY}/queries/{}", asked["query"]), NONE),
        ("POST", format!("/studies/{STUDY}/queries/{}/answer", asked["query"]), json!({ "text": "x" })),
        ("GET", format!("/studies/{STUDY}/subjects?site=101"), NONE),
        ("POST", format!("/studies/{STUDY}/subjects"), json!({ "site": "101" })),
        ("GET", "/accounts".to_owned(), NONE),
        ("GET", format!("/studies/{STUDY}/events"), NONE),
        ("GET", format!("/studies/{STUDY}/obstacles"), NONE),
        ("GET", "/studies/OTHER".to_owned(), NONE),
    ] {
        let (status, answer) = house.call(&far, method, &path, &body).await;
        assert!(matches!(status, 403 | 404), "{method} {path}: {status} {answer}");
        assert!(!answer.to_string().contains("21jan26"));
        // Nobody learns from the answer whether the number that was tried is somebody's.
        if path.contains("/101-001") {
            let absent = path.replace("/101-001", "/101-777");
            let (other, told) = house.call(&far, method, &absent, &body).await;
            let bare = |answer: &Value| {
                let kept = ["title", "detail", "hint"].map(|name| answer[name].to_string());
                kept.join(" ").replace("101-001", "N").replace("101-777", "N")
            };
            assert_eq!((status, bare(&answer)), (other, bare(&told)), "{method} {path}");
        }
        let (status, _) = house.call("", method, &path, &body).await;
        assert_eq!(status, 401, "{method} {path} without a key");
        tried += 1;
    }
    assert_eq!(tried, 16);
    let (_, listed) = house.call(&far, "GET", &format!("/studies/{STUDY}/subjects"), &NONE).await;
    assert_eq!(listed["subjects"], json!([]));
}

#[tokio::test]
async fn a_key_reaches_no_further_than_its_operations_and_ends() {
    let house = House::new("api-key");
    house.person("quinn", "auditor", None, None);
    let quinn = house.sign_in("quinn").await;
    let until = house::BEGIN + 40 * 86_400_000;
    let key = json!({ "name": "warehouse", "may": ["study_read"], "until_ms": until });
    let (status, made) = house.call(&quinn, "POST", "/keys", &key).await;
    assert_eq!(status, 200, "{made}");
    let secret = made["secret"].as_str().unwrap().to_owned();
    assert_eq!(house.call(&secret, "GET", &format!("/studies/{STUDY}"), &NONE).await.0, 200);
    assert_eq!(house.call(&quinn, "GET", &format!("/studies/{STUDY}/events"), &NONE).await.0, 200);
    assert_eq!(
        house.call(&secret, "GET", &format!("/studies/{STUDY}/events"), &NONE).await.0,
        403,
        "the owner may, the key may not"
    );
    // A key makes and ends no keys, whatever it may.
    assert_eq!(house.call(&secret, "POST", "/keys", &key).await.0, 403);
    assert_eq!(house.call(&secret, "DELETE", "/keys/warehouse", &NONE).await.0, 403);
    assert_eq!(house.call(&quinn, "POST", "/keys", &key).await.0, 422, "the name is taken");
    // Whoever works at one site alone has keys too, and only their own.
    house.person("nora", "coordinator", Some(STUDY), Some("101"));
    let nora = house.sign_in("nora").await;
    let (status, hers) = house.call(&nora, "POST", "/keys", &key).await;
    assert_eq!(status, 200, "{hers}");
    let (_, listed) = house.call(&nora, "GET", "/keys", &NONE).await;
    assert_eq!((listed["keys"].as_array().unwrap().len(), &listed["keys"][0]["account"]), (1, &json!("nora")));
    assert!(!listed.to_string().contains(hers["secret"].as_str().unwrap()));
    assert_eq!(house.call(&nora, "DELETE", "/keys/warehouse", &NONE).await.0, 200);
    assert_eq!(house.call(&nora, "DELETE", "/keys/warehouse", &NONE).await.0, 404);
    let ended = hers["secret"].as_str().unwrap();
    assert_eq!(house.call(ended, "GET", &format!("/studies/{STUDY}"), &NONE).await.0, 401, "it was ended");
    assert_eq!(house.call(&secret, "GET", &format!("/studies/{STUDY}"), &NONE).await.0, 200, "another's is not");
    house.clock.advance(41 * 86_400_000);
    assert_eq!(house.call(&secret, "GET", &format!("/studies/{STUDY}"), &NONE).await.0, 401, "it has ended");
}

#[tokio::test]
async fn what_is_not_understood_is_refused_with_its_place() {
    let house = House::new("api-bad");
    house.person("nora", "coordinator", Some(STUDY), Some("101"));
    let nora = house.sign_in("nora").await;
    house.call(&nora, "POST", &format!("/studies/{STUDY}/subjects"), &json!({ "site": "101" })).await;
    let path = format!("/api/v1{}", form("101-001"));
    let raw = async |kind: &str, body: Vec<u8>| {
        let request = Request::builder()
            .method("PUT")
            .uri(&path)
            .header(header::HOST, "localhost")
            .header(header::CONTENT_TYPE, kind);
        let answer = house
            .send(request.header(header::AUTHORIZATION, format!("Bearer {nora}")).body(Body::from(body)).unwrap())
            .await;
        (answer.status().as_u16(), text(answer).await)
    };
    assert_eq!(raw("text/plain", b"{}".to_vec()).await.0, 415);
    assert_eq!(raw("application/json", b"{".to_vec()).await.0, 400);
    assert_eq!(raw("application/json", vec![0xff, 0xfe]).await.0, 400);
    assert_eq!(raw("application/json", "[".repeat(100_000).into_bytes()).await.0, 400, "nested without end");
    let (status, words) = raw("application/json", br#"{"entries": [], "sql": "1; drop table events"}"#.to_vec()).await;
    assert!(status == 400 && words.contains("unknown field"), "{words}");
    let (status, words) = raw("application/json", br#"{"entries": "hunter2"}"#.to_vec()).await;
    assert!(status == 400 && !words.contains("hunter2"), "{words}");
    let large = format!("{{\"entries\": [], \"reason\": \"{}\"}}", "x".repeat(2 << 20));
    assert_eq!(raw("application/json", large.into_bytes()).await.0, 413);
    let strange = json!({ "entries": [{ "group": "demographics' OR 1=1 --", "item": "SEX", "text": "M" }] });
    assert_eq!(raw("application/json", strange.to_string().into_bytes()).await.0, 422);
    assert_eq!(house.call(&nora, "GET", &format!("/studies/{STUDY}/subjects?limit=many"), &NONE).await.0, 400);
    assert_eq!(house.call(&nora, "GET", &format!("/studies/{STUDY}/subjects?order=1"), &NONE).await.0, 400);
}

#[tokio::test]
async fn the_description_is_there_for_everybody_and_names_what_answers() {
    let house = House::new("api-openapi");
    let request =
        Request::builder().uri("/api/openapi.json").header(header::HOST, "localhost").body(Body::empty()).unwrap();
    let document: Value = serde_json::from_str(&text(house.send(request).await).await).unwrap();
    let mut asked = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            let path = path
                .strip_prefix("/api/v1")
                .unwrap()
                .replace("{number}", "1")
                .replace("{grant}", "1")
                .replace("{version}", "1");
            let path = path.replace("{visit_repeat}", "1").replace("{form_repeat}", "1").replace(['{', '}'], "");
            let body = if method == "get" || method == "delete" { NONE } else { json!({}) };
            let (status, _) = house.call("", &method.to_uppercase(), &path, &body).await;
            let open = item[method]["security"] == json!([]);
            assert!(if open { status == 400 } else { status == 401 }, "{method} {path}: {status}");
            asked += 1;
        }
    }
    assert!(asked > 40, "{asked}");
}

#[tokio::test]
async fn passwords_are_not_guessed_at_leisure() {
    let house = House::new("api-brute");
    house.person("nora", "coordinator", Some(STUDY), Some("101"));
    let mut statuses = Vec::new();
    for n in 0..12 {
        let body = json!({ "account": "nora", "password": format!("guess number {n} of many") });
        statuses.push(house.call("", "POST", "/sign-in", &body).await.0);
    }
    assert!(statuses[..5].iter().all(|s| *s == 401), "{statuses:?}");
    assert!(statuses[6..].iter().all(|s| *s == 429), "{statuses:?}");
}

#[tokio::test]
async fn an_export_is_made_within_ones_rights_and_noted() {
    let house = House::new("api-export");
    house.person("dan", "data_manager", Some(STUDY), None);
    house.person("ivan", "investigator", Some(STUDY), Some("101"));
    house.person("nora", "coordinator", Some(STUDY), Some("101"));
    let ask = async |secret: &str, format: &str, site: Option<&str>| {
        let request = Request::post(format!("/api/v1/studies/{STUDY}/exports"))
            .header(header::HOST, "localhost")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, format!("Bearer {secret}"));
        let body = json!({ "format": format, "site": site });
        let answer = house.send(request.body(Body::from(body.to_string())).unwrap()).await;
        let kind = answer.headers()[header::CONTENT_TYPE].to_str().unwrap().to_owned();
        (answer.status().as_u16(), kind, answer.into_body().collect().await.unwrap().to_bytes())
    };
    let (dan, ivan, nora) = (house.sign_in("dan").await, house.sign_in("ivan").await, house.sign_in("nora").await);
    for format in
        ["csv", "xlsx", "dataset-json", "odm-1.3.2", "odm-2.0-audit", "history", "events", "casebook", "blank"]
    {
        let (status, kind, bytes) = ask(&dan, format, None).await;
        assert_eq!((status, kind.as_str(), &bytes[..2]), (200, "application/zip", &b"PK"[..]), "{format}");
    }
    assert_eq!(ask(&ivan, "site-copy", Some("101")).await.0, 200, "the investigator's own copy");
    for (secret, format, site, expected) in [
        (&ivan, "csv", None, 403),
        (&ivan, "site-copy", Some("102"), 403),
        (&nora, "csv", Some("101"), 403),
        (&dan, "inspection-copy", None, 403),
        (&dan, "paper", None, 422),
    ] {
        assert_eq!(ask(secret, format, site).await.0, expected, "{format} {site:?}");
    }
    let (_, looks) = house.call(&dan, "GET", &format!("/studies/{STUDY}/events?chain=access"), &NONE).await;
    let made = looks["events"].as_array().unwrap().iter().filter(|e| e["kind"] == "export.made/1").count();
    assert_eq!(made, 10, "what was made is noted, what was refused is not");
}
