//! What an attacker would try at the pages: forged forms, planted sessions, other people's things, paths, scripts, guesses, and the log.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod house;

use axum::body::Body;
use axum::http::{Request, Response, header};
use house::{House, PASSWORD, STUDY, text};
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Arc, Mutex};

/// A browser: it keeps cookies and sends them back.
struct Browser<'h> {
    house: &'h House,
    cookies: BTreeMap<String, String>,
}

impl<'h> Browser<'h> {
    fn new(house: &'h House) -> Self {
        Self { house, cookies: BTreeMap::new() }
    }

    async fn send(
        &mut self,
        method: &str,
        path: &str,
        kind: &str,
        body: String,
        more: &[(&str, &str)],
    ) -> Response<Body> {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "localhost")
            .header(header::COOKIE, cookies.join("; "));
        if !kind.is_empty() {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        for (name, value) in more {
            request = request.header(*name, *value);
        }
        let answer = self.house.send(request.body(Body::from(body)).unwrap()).await;
        for line in answer.headers().get_all(header::SET_COOKIE) {
            let (name, rest) = line.to_str().unwrap().split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    async fn get(&mut self, path: &str) -> (u16, String) {
        let answer = self.send("GET", path, "", String::new(), &[]).await;
        (answer.status().as_u16(), text(answer).await)
    }

    /// A form as a page of ours sends it: with the token that the page bears.
    async fn post(&mut self, page: &str, path: &str, fields: &[(&str, &str)]) -> (u16, String) {
        let (_, html) = self.get(page).await;
        let token =
            html.split("name=\"csrf\" value=\"").nth(1).map_or("", |rest| rest.split('"').next().unwrap()).to_owned();
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.append_pair("csrf", &token).extend_pairs(fields);
        let answer = self.send("POST", path, "application/x-www-form-urlencoded", body.finish(), &[]).await;
        (answer.status().as_u16(), text(answer).await)
    }

    async fn sign_in(&mut self, account: &str) {
        let (status, html) =
            self.post("/sign-in", "/sign-in", &[("account", account), ("password", PASSWORD), ("next", "/work")]).await;
        assert_eq!(status, 303, "{html}");
    }
}

async fn staffed(name: &str) -> House {
    let house = House::new(name);
    house.person("nora", "coordinator", Some(STUDY), Some("101"));
    house.person("far", "coordinator", Some(STUDY), Some("102"));
    house.person("mara", "data_manager", Some(STUDY), None);
    house
}

const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn a_form_from_elsewhere_does_nothing() {
    let house = staffed("attack-csrf").await;
    let mut nora = Browser::new(&house);
    nora.sign_in("nora").await;
    let path = format!("/studies/{STUDY}/subjects");
    let body = "site=101".to_owned();
    for (kind, body, more) in [
        (FORM, body.clone(), vec![]),
        (FORM, format!("{body}&csrf=AAAA"), vec![]),
        ("text/plain", body.clone(), vec![]),
        ("application/json", "{\"site\":\"101\"}".to_owned(), vec![]),
        (FORM, body.clone(), vec![("origin", "https://evil.example")]),
    ] {
        let answer = nora.send("POST", &path, kind, body, &more).await;
        assert!(matches!(answer.status().as_u16(), 403 | 415), "{kind} {more:?}: {}", answer.status());
    }
    // The right token from another site's page is refused as well.
    let (_, html) = nora.get(&path).await;
    let token = html.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let body = format!("csrf={token}&site=101");
    let answer = nora.send("POST", &path, FORM, body.clone(), &[("sec-fetch-site", "cross-site")]).await;
    assert_eq!(answer.status().as_u16(), 403);
    // And of another browser's session.
    let mut far = Browser::new(&house);
    far.sign_in("far").await;
    assert_eq!(far.send("POST", &path, FORM, body.clone(), &[]).await.status().as_u16(), 403);
    assert_eq!(nora.send("POST", &path, FORM, body, &[]).await.status().as_u16(), 303, "her own page's form is taken");
}

#[tokio::test]
async fn a_session_that_was_planted_or_has_ended_is_worth_nothing() {
    let house = staffed("attack-fixation").await;
    let mut nora = Browser::new(&house);
    nora.get("/sign-in").await;
    let planted = "A".repeat(43);
    nora.cookies.insert("croft-session".to_owned(), planted.clone());
    nora.sign_in("nora").await;
    let own = nora.cookies["croft-session"].clone();
    assert_ne!(own, planted, "signing in makes a new secret");
    assert_eq!(nora.get("/work").await.0, 200);
    let mut thief = Browser::new(&house);
    thief.cookies.insert("croft-session".to_owned(), planted);
    assert_eq!(thief.get("/work").await.0, 303);
    let (status, _) = nora.post("/preferences", "/sign-out", &[]).await;
    let _ = status;
    let (status, _) = nora.post("/work", "/sign-out", &[]).await;
    assert!(matches!(status, 303 | 403));
    thief.cookies.insert("croft-session".to_owned(), own);
    assert_eq!(thief.get("/work").await.0, 303, "what was signed out of is over");
}

#[tokio::test]
async fn an_address_leads_to_nothing_that_is_not_ones_own() {
    let house = staffed("attack-idor").await;
    let mut nora = Browser::new(&house);
    nora.sign_in("nora").await;
    nora.post(
        &format!("/studies/{STUDY}/subjects"),
        &format!("/studies/{STUDY}/subjects"),
        &[("site", "101"), ("subject", "")],
    )
    .await;
    let mut far = Browser::new(&house);
    far.sign_in("far").await;
    let subject = format!("/studies/{STUDY}/subjects/101-001");
    for path in [
        subject.clone(),
        format!("{subject}/visits/SCR/1/forms/DM/1"),
        format!("{subject}/visits/SCR/1/forms/DM/1?history=demographics%2F1%2FSEX"),
        format!("{subject}/log/adverse_events"),
        format!("{subject}/sign"),
        format!("/studies/{STUDY}/audit"),
        format!("/studies/{STUDY}/audit.jsonl"),
        format!("/studies/{STUDY}/access"),
        format!("/studies/{STUDY}/inspection"),
        "/people".to_owned(),
        "/people/nora".to_owned(),
        "/studies/NOSUCH".to_owned(),
        format!("{subject}%2f..%2f..%2fNOSUCH"),
    ] {
        let (status, html) = far.get(&path).await;
        assert!(matches!(status, 403 | 404), "{path}: {status}");
        assert!(!html.contains("101-001 ·"), "{path}");
        let mut nobody = Browser::new(&house);
        assert_eq!(nobody.get(&path).await.0, 303, "{path} asks to sign in first");
    }
    let (_, listed) = far.get(&format!("/studies/{STUDY}/subjects")).await;
    assert!(!listed.contains("101-001"));
}

#[tokio::test]
async fn paths_scripts_and_hosts_are_met_with_nothing() {
    let house = staffed("attack-paths").await;
    let mut nora = Browser::new(&house);
    nora.sign_in("nora").await;
    for path in [
        "/assets/../Cargo.toml",
        "/assets/..%2f..%2fetc%2fpasswd",
        "/assets/%2e%2e/%2e%2e/etc/passwd",
        "/.git/config",
        "/croft.db",
        "/keys/signing.key",
    ] {
        assert!(matches!(nora.get(path).await.0, 400 | 404), "{path}");
    }
    // What was typed comes back as text.
    let page = format!("/studies/{STUDY}/queries?subject=%3Cscript%3Ealert(1)%3C%2Fscript%3E&status=%22onload=");
    let (_, html) = nora.get(&page).await;
    assert!(!html.contains("<script>alert") && html.contains("&lt;script&gt;"), "{html}");
    // An address that leads away is not gone to.
    for next in ["https://evil.example", "//evil.example", "/\\evil.example", "/%5cevil.example"] {
        let mut other = Browser::new(&house);
        let (_, html) = other.get("/sign-in").await;
        let token = html.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.append_pair("csrf", &token)
            .append_pair("account", "nora")
            .append_pair("password", PASSWORD)
            .append_pair("next", next);
        let answer = other.send("POST", "/sign-in", FORM, body.finish(), &[]).await;
        let to = answer.headers()[header::LOCATION].to_str().unwrap().to_owned();
        assert!(to.starts_with('/') && !to.starts_with("//") && !to.starts_with("/\\"), "{next} -> {to}");
    }
    // Nothing that comes in is unpacked: a packed body is no form and no JSON, however small it is.
    let packed = [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3][..], &[0; 64]].concat();
    for (path, kind) in [("/sign-in", FORM), ("/api/v1/sign-in", "application/json")] {
        let request = Request::post(path)
            .header(header::HOST, "localhost")
            .header(header::CONTENT_TYPE, kind)
            .header(header::CONTENT_ENCODING, "gzip");
        let status = house.send(request.body(Body::from(packed.clone())).unwrap()).await.status();
        assert!(status.is_client_error(), "{path}: {status}");
    }
    let request = Request::builder().uri("/sign-in").header(header::HOST, "evil.example").body(Body::empty()).unwrap();
    assert!(house.send(request).await.status().is_client_error(), "another host's name");
    let answer = nora.send("GET", "/work", "", String::new(), &[]).await;
    let policy = answer.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    for name in ["x-content-type-options", "x-frame-options", "referrer-policy", "cache-control"] {
        assert!(answer.headers().contains_key(name), "{name}");
    }
    let cookies: Vec<_> = answer.headers().get_all(header::SET_COOKIE).iter().collect();
    assert!(cookies.iter().all(|c| c.to_str().unwrap().contains("SameSite")));
}

/// What is written to the log.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_secret_and_no_value_is_in_the_log() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .with_ansi(false)
        .finish();
    // For all threads: what the other tests send must not be in it either.
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let house = staffed("attack-log").await;
    let mut nora = Browser::new(&house);
    nora.sign_in("nora").await;
    let subjects = format!("/studies/{STUDY}/subjects");
    nora.post(&subjects, &subjects, &[("site", "101"), ("subject", "")]).await;
    let form = format!("{subjects}/101-001/visits/SCR/1/forms/DM/1");
    nora.post(
        &form,
        &form,
        &[
            ("v:demographics/1/RFICDAT", "21jan26"),
            ("v:demographics/1/BRTHDAT", "17mar1995"),
            ("v:demographics/1/SEX", "F"),
        ],
    )
    .await;
    nora.post("/sign-in", "/sign-in", &[("account", "nora"), ("password", "a wrong one that nobody has")]).await;
    nora.get("/link/a-link-that-is-a-secret-of-somebody-else-000").await;
    let secret = house.sign_in("far").await;
    house.call(&secret, "GET", "/me", &serde_json::Value::Null).await;
    let written = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(written.contains("request"), "the log has lines: {written}");
    for hidden in [
        PASSWORD,
        "a wrong one",
        "17mar1995",
        "21jan26",
        "a-link-that-is-a-secret",
        &secret,
        &nora.cookies["croft-session"],
        "101-001",
    ] {
        assert!(!written.contains(hidden), "the log holds {hidden}");
    }
}
