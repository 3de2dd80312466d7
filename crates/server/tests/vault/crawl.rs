//! Every page, answer, export, error, copy, file and line of the log of a study at work, as each blinded role has them: none tells a treatment.

use crate::errors::refused;
use crate::eyes::{Secrets, log};
use crate::house::{House, PASSWORD};
use crate::scene::{STUDY, arrive, ask, blinded, house, packed, page, planned, subject, subject_at};
use axum::Router;
use croft_ledger::Place;
use croft_record::Caller;
use croft_record::access::Proof;
use croft_server::Limits;
use serde_json::{Value, json};
use std::collections::{BTreeSet, VecDeque};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// Asks over a wire, as the world does.
async fn over_a_wire(router: Router, secret: &str, path: &str, body: &Value) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut stream = tokio::net::TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = tokio::spawn(croft_server::serve(listener, router, Limits::default(), async { drop(stopped.await) }));
    let body = body.to_string();
    let request = format!(
        "POST /api/v1{path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nauthorization: Bearer {secret}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    stop.send(()).unwrap();
    server.await.unwrap();
    answer
}

/// Where secrets stand in a copy of the record.
fn in_copy(house: &House, secrets: &Secrets, name: &str) -> BTreeSet<String> {
    let folder = std::env::temp_dir().join(format!("croft-vault-copy-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    croft_ledger::backup(&Place::Sqlite(house.folder.join("croft.db")), &folder.join("copy.db")).unwrap();
    let found = secrets.in_files(&folder);
    std::fs::remove_dir_all(&folder).unwrap();
    found
}

/// Pages that are reached from the first ones.
async fn pages(house: &House, secrets: &Secrets, role: &str, secret: &str) -> usize {
    let mut seen = BTreeSet::from(["/work".to_owned(), "/studies".to_owned(), format!("/studies/{STUDY}")]);
    let mut queue: VecDeque<String> = seen.iter().cloned().collect();
    let mut pages = 0;
    while let Some(path) = queue.pop_front() {
        let (status, kind, bytes) = ask(house, secret, &path, None).await;
        assert!(status < 500, "{role} {path}: {status}");
        pages += 1;
        // The definition says which arms there are, and every role may read it; so does the event that published it.
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let of_event = path.contains("/audit/events/") && text.contains("version.published");
        if !path.contains("/definition") && !of_event {
            assert_eq!(secrets.seen_in_bytes(&bytes), None, "{role} {path}");
        }
        if !kind.starts_with("text/html") {
            continue;
        }
        for part in text.split("href=\"").skip(1) {
            let link = part.split(['"', '#']).next().unwrap().replace("&amp;", "&");
            let inside = link.starts_with(&format!("/studies/{STUDY}")) || link == "/people";
            if inside && seen.len() < 400 && seen.insert(link.clone()) {
                queue.push_back(link);
            }
        }
    }
    pages
}

/// Everything that the interface's description says can be read.
async fn answers(house: &House, secrets: &Secrets, role: &str, secret: &str, subject: &str, shipment: u64) -> usize {
    let (_, _, document) = ask(house, "", "/api/openapi.json", None).await;
    let document: Value = serde_json::from_slice(&document).unwrap();
    let mut told = 0;
    for (template, methods) in document["paths"].as_object().unwrap() {
        if methods.get("get").is_none() {
            continue;
        }
        let path = [
            ("study", STUDY),
            ("subject", subject),
            ("site", "101"),
            ("version", "1"),
            ("number", "1"),
            ("shipment", &shipment.to_string()),
            ("depot", "D"),
            ("account", role),
        ]
        .iter()
        .fold(template.replace("/api/v1", ""), |path, (name, value)| path.replace(&format!("{{{name}}}"), value));
        let asked: &[&str] = if path.ends_with("/events") { &["", "?chain=access"] } else { &[""] };
        for query in asked {
            let (status, text) = house.raw(secret, "GET", &format!("{path}{query}"), &Value::Null).await;
            assert!(status < 500, "{role} {path}: {status}");
            told += usize::from(status == 200);
            let answer: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
            let events = answer["events"].as_array().cloned().unwrap_or_else(|| vec![Value::from(text)]);
            for event in events.iter().filter(|event| event["kind"] != "version.published/1") {
                if !path.contains("/versions") {
                    assert_eq!(secrets.seen_in(&event.to_string()), None, "{role} {path}: {event}");
                }
            }
        }
    }
    told
}

/// What leaves the house in files, for who may take it.
async fn exports(house: &House, secrets: &Secrets, role: &str, secret: &str) -> usize {
    let mut made = 0;
    for format in [
        "csv",
        "xlsx",
        "dataset-json",
        "odm-1.3.2",
        "odm-2.0",
        "odm-1.3.2-audit",
        "odm-2.0-audit",
        "history",
        "events",
        "casebook",
        "blank",
        "site-copy",
        "inspection-copy",
    ] {
        for site in ["", "101"] {
            let fields = [("format", format), ("site", site)];
            let (status, _, bytes) = ask(house, secret, &format!("/studies/{STUDY}/data"), Some(&fields)).await;
            assert!(status < 500, "{role} {format}: {status}");
            if status == 200 {
                assert_eq!(secrets.seen_in_bytes(&bytes), None, "{role} {format}");
                made += 1;
            }
        }
    }
    made
}

#[tokio::test]
async fn nothing_tells_a_blinded_eye_the_treatment() {
    let house = house("vault-crawl");
    planned(&house);
    let secrets = Secrets::of(&house);
    let subjects: Vec<String> = (0..8).map(|at| subject(&house, ["F", "M"][at % 2])).collect();
    let (before, copied) = (secrets.in_files(&house.folder), in_copy(&house, &secrets, "before"));
    assert!(!before.is_empty() && !copied.is_empty(), "the definition holds the arms' codes");
    // A study at work: randomised, one subject of it over a wire; supplied and dispensed; a code broken, codes read.
    let investigator = house.sign_in("investigator").await;
    let (first, rest) = subjects.split_first().unwrap();
    let path = format!("/studies/{STUDY}/subjects/{first}/randomisation");
    let answer = over_a_wire(house.router(), &investigator, &path, &json!({ "password": PASSWORD })).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("R0001"), "{answer}");
    for subject in rest {
        house.vault.randomise(&Caller::system(), STUDY, subject, Proof::system()).unwrap();
    }
    let kits = packed(&house, 12, "2027-12-31").into_iter().map(|kit| kit.number).take(20).collect();
    let shipment = arrive(&house, "101", kits);
    let pharmacist = house.sign_in("pharmacist").await;
    for subject in &subjects {
        let fields = [("visit", "BL"), ("count", "1")];
        let path = format!("/studies/{STUDY}/subjects/{subject}/dispense");
        // One arm may have run out: the answer is looked at with the other refusals.
        let (status, shown) = page(&house, &pharmacist, &path, Some(&fields)).await;
        assert!([303, 409, 422].contains(&status) && secrets.seen_in(&shown).is_none(), "{status} {shown}");
    }
    let fields = [("password", PASSWORD), ("reason", "Suspected overdose")];
    let (status, told) =
        page(&house, &investigator, &format!("/studies/{STUDY}/subjects/{first}/code-break"), Some(&fields)).await;
    assert!(status == 200 && secrets.seen_in(&told).is_some(), "who breaks a code is told");
    let others = [subject_at(&house, "101", "N", ""), subject_at(&house, "102", "Y", ""), "101-99999".to_owned()];
    let refusals = refused(&house, &secrets, first, &others).await;
    assert!(refusals > 400, "{refusals} refusals were looked at");
    let new = |now: BTreeSet<String>, before: &BTreeSet<String>| now.difference(before).cloned().collect::<Vec<_>>();
    let none: [String; 0] = [];
    assert_eq!(
        new(secrets.in_files(&house.folder), &before),
        none,
        "no file of the record tells more than the definition"
    );
    assert_eq!(new(in_copy(&house, &secrets, "after"), &copied), none, "nor does a copy of it");
    let (mut seen, mut answered, mut made) = (0, 0, 0);
    for role in blinded() {
        let secret = house.sign_in(role).await;
        seen += pages(&house, &secrets, role, &secret).await;
        answered += answers(&house, &secrets, role, &secret, first, shipment).await;
        made += exports(&house, &secrets, role, &secret).await;
    }
    eprintln!("{seen} pages, {answered} answers, {made} exports, {refusals} refusals");
    assert!(seen > 300 && answered > 150 && made > 30, "{seen} pages, {answered} answers, {made} exports");
    let logged = log();
    assert!(logged.contains("/code-break") && logged.lines().count() > 2 * seen, "the log is at its most talkative");
    assert_eq!(secrets.seen_in(&logged), None, "the log");
}

#[test]
fn what_is_looked_for_is_found() {
    let house = house("vault-found");
    let secrets = Secrets::of(&house);
    assert_eq!(secrets.seen_in("R0001 is PLACEBO"), Some("PLACEBO"));
    let scheme = house.vault.codes(&Caller::system(), STUDY, "a test", Proof::system()).unwrap().schemes.remove(0).1;
    assert_eq!(secrets.seen_in(&format!("seed {}", scheme.seed)), Some(scheme.seed.as_str()));
    assert!(secrets.seen_in_bytes(b"kit 1234567 VERUM").is_some());
    assert!(secrets.seen_in_bytes(b"nothing").is_none());
    let before = secrets.in_files(&house.folder);
    let seed = data_encoding::HEXLOWER.decode(scheme.seed.as_bytes()).unwrap();
    std::fs::write(house.folder.join("planted"), [b"  ".as_slice(), &seed, b"VERUM"].concat()).unwrap();
    assert_eq!(secrets.in_files(&house.folder).difference(&before).count(), 2);
}
