//! What people take along from the pages: a subject's casebook, the investigator's copy, and nothing for whoever may not.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod house;

use axum::body::Body;
use axum::http::{Request, header};
use croft_record::Caller;
use croft_record::capture::Enrol;
use house::{House, STUDY};
use http_body_util::BodyExt;

/// Status, kind and bytes of an answer to the holder of a session.
async fn ask(house: &House, secret: &str, path: &str, form: Option<String>) -> (u16, String, Vec<u8>) {
    let request = Request::builder()
        .method(if form.is_some() { "POST" } else { "GET" })
        .uri(path)
        .header(header::HOST, "localhost")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::COOKIE, format!("croft-session={secret}"));
    let answer = house.send(request.body(Body::from(form.unwrap_or_default())).unwrap()).await;
    let kind = answer.headers().get(header::CONTENT_TYPE).map_or("", |k| k.to_str().unwrap()).to_owned();
    let status = answer.status().as_u16();
    (status, kind, answer.into_body().collect().await.unwrap().to_bytes().to_vec())
}

/// Makes an export as the page's form does.
async fn export(house: &House, secret: &str, format: &str, site: &str) -> (u16, String, Vec<u8>) {
    let data = format!("/studies/{STUDY}/data");
    let (_, _, page) = ask(house, secret, &data, None).await;
    let page = String::from_utf8(page).unwrap();
    let token =
        page.split("name=\"csrf\" value=\"").nth(1).map_or("", |rest| rest.split('"').next().unwrap()).to_owned();
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs([("csrf", token.as_str()), ("format", format), ("site", site)]);
    ask(house, secret, &data, Some(form.finish())).await
}

#[tokio::test]
async fn an_investigator_takes_the_casebooks_of_the_own_site_and_of_no_other() {
    let house = House::new("copies");
    house.person("ida", "investigator", Some(STUDY), Some("101"));
    house.person("nora", "coordinator", Some(STUDY), Some("101"));
    for site in ["101", "102"] {
        house.does(Enrol { study: STUDY.into(), site: site.into(), subject: None });
    }
    let subject = |id: &str| format!("/studies/{STUDY}/subjects/{id}");
    let book = |id: &str| format!("{}/casebook.pdf", subject(id));
    let ida = house.sign_in("ida").await;
    let (status, _, page) = ask(&house, &ida, &subject("101-001"), None).await;
    assert!(status == 200 && String::from_utf8(page).unwrap().contains(&book("101-001")), "the page leads to it");
    let (status, kind, pdf) = ask(&house, &ida, &book("101-001"), None).await;
    assert_eq!((status, kind.as_str()), (200, "application/pdf"));
    assert!(pdf.starts_with(b"%PDF-1.7"));
    assert_eq!(ask(&house, &ida, &book("102-001"), None).await.0, 404);
    let (status, kind, _) = export(&house, &ida, "site-copy", "101").await;
    assert_eq!((status, kind.as_str()), (200, "application/zip"));
    for (format, site) in [("site-copy", "102"), ("inspection-copy", ""), ("casebook", "")] {
        assert_eq!(export(&house, &ida, format, site).await.0, 403, "{format} of {site:?}");
    }
    let nora = house.sign_in("nora").await;
    assert_eq!(ask(&house, &nora, &book("101-001"), None).await.0, 403, "a coordinator exports nothing");
    let looks = house.record.view(&Caller::system(), |r| r.feed(STUDY, true, 0, 1000)).unwrap();
    let made: Vec<_> = looks.iter().filter(|e| e.kind == "export.made/1").map(|e| e.payload.as_str()).collect();
    assert!(made.len() == 2 && made[0].contains("casebook of 101-001") && made[1].contains("site-copy"), "{made:?}");
}
