//! Studies, versions of their definition, sites, the access list, and the feed of events.

use super::auth::Program;
use super::body::{Body, body};
use super::{Asked, Method, Route, flag, list, number, object, text, whole};
use crate::app::blocking;
use crate::pages::data;
use crate::problem::Problem;
use axum::Json;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::{delete, get, post};
use croft_record::export::Extent;
use croft_record::study::{CloseSite, CreateStudy, OpenSite, Publish, preview};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Events of one answer of the feed at most.
const MOST_EVENTS: usize = 1000;

body! {
    /// A new study.
    NewStudy { id: String = "letters, digits and hyphens", title: String = "what people read" }
}
body! {
    /// A version, whole.
    NewVersion {
        files: BTreeMap<String, String> = "study.toml and forms/*.toml, name to text", note: String = "what the version is for",
        password: String = "the caller's, who signs by it", code: Option<String> = "the code of a device",
    }
}
body! {
    /// Texts that may become a version.
    Texts { files: BTreeMap<String, String> = "study.toml and forms/*.toml, name to text" }
}
body! {
    /// A site.
    NewSite { site: String = "its code", name: String = "its name", country: String = "ISO 3166-1 alpha-3" }
}

body! {
    /// What leaves.
    NewExport {
        format: String = "csv, xlsx, dataset-json, odm-1.3.2, odm-2.0, odm-1.3.2-audit, odm-2.0-audit, history, events, casebook, blank, site-copy or inspection-copy",
        site: Option<String> = "none: the whole study",
    }
}

pub(super) fn table() -> Vec<Route> {
    use Method::{Delete, Get, Post};
    vec![
        Route::new(Get, "/studies", "The studies in which the caller has a part", get(studies))
            .gives([list("studies", "each with its versions and its lock")]),
        Route::new(Post, "/studies", "Create a study and its training twin", post(create))
            .gives([text("study", "its identifier")])
            .takes::<NewStudy>(),
        Route::new(Get, "/studies/{study}", "A study, with its versions and its lock", get(study)).gives([
            text("id", "its identifier"),
            text("title", "what people read"),
            flag("training", "whether nothing in it is real"),
            whole("created_ms", "when it was created"),
            list("versions", "published versions, the newest last"),
            object("lock", "whether data may change; since when and by whom not"),
        ]),
        Route::new(Post, "/studies/{study}/versions", "Publish a version, signed", post(publish))
            .gives([whole("version", "its number")])
            .takes::<NewVersion>(),
        Route::new(
            Post,
            "/studies/{study}/versions/preview",
            "What publishing these texts would change, or what is wrong with them",
            post(look_ahead),
        )
        .gives([
            list("faults", "place, message and hint of what is wrong"),
            list("changes", "what changes, from and to"),
        ])
        .takes::<Texts>(),
        Route::new(Get, "/studies/{study}/versions/{version}", "The texts of a version", get(version))
            .gives([object("files", "name to text")]),
        Route::new(Get, "/studies/{study}/sites", "Sites", get(sites))
            .gives([list("sites", "each with its name, country and whether it is open")]),
        Route::new(Post, "/studies/{study}/sites", "Open a site", post(open_site)).takes::<NewSite>(),
        Route::new(Delete, "/studies/{study}/sites/{site}", "Close a site to enrolment", delete(close_site))
            .asks([text("reason", "why")]),
        Route::new(Get, "/studies/{study}/access", "Who may do what at a time", get(access))
            .gives([list("access", "account, name and grant")])
            .asks([whole("at_ms", "milliseconds since 1970 UTC; none: now")]),
        Route::new(
            Post,
            "/studies/{study}/exports",
            "Make an export: an archive of files with their hashes; that it was made is an event of the access log",
            post(make_export),
        )
        .takes::<NewExport>()
        .gives_archive(),
        Route::new(
            Get,
            "/studies/{study}/events",
            "The feed: events behind a number, in the order of the chain",
            get(events),
        )
        .gives([
            list("events", "in the order of the chain"),
            whole("after", "the last number: ask with it for the next ones"),
        ])
        .asks([
            whole("after", "the last number that is known; none: from the beginning"),
            whole("limit", "at most so many, up to 1000"),
            text("chain", "`access`: who read what, instead of changes"),
        ]),
    ]
}

async fn studies(p: Program) -> Result<Json<Value>, Problem> {
    Ok(Json(json!({ "studies": p.look(|r| r.studies()).await? })))
}

async fn create(p: Program, Body(body): Body<NewStudy>) -> Result<Json<Value>, Problem> {
    p.execute(CreateStudy { id: body.id.clone(), title: body.title }).await?;
    Ok(Json(json!({ "study": body.id })))
}

async fn study(p: Program, Path(study): Path<String>) -> Result<Json<Value>, Problem> {
    Ok(Json(json!(p.look(move |r| r.study(&study)).await?)))
}

async fn publish(p: Program, Path(study): Path<String>, Body(body): Body<NewVersion>) -> Result<Json<Value>, Problem> {
    let signature = p.prove(body.password, body.code.unwrap_or_default()).await?;
    let number = p.execute(Publish { study, files: body.files, note: body.note, signature }).await?;
    Ok(Json(json!({ "version": number })))
}

async fn look_ahead(p: Program, Path(study): Path<String>, Body(body): Body<Texts>) -> Result<Json<Value>, Problem> {
    let found = p.look(move |r| preview(r, &study, &body.files)).await?;
    let changes: Vec<Value> =
        found.changes.iter().map(|c| json!({ "what": c.what, "from": c.from, "to": c.to })).collect();
    Ok(Json(json!({ "faults": found.faults, "changes": changes })))
}

async fn version(p: Program, Path((study, version)): Path<(String, u32)>) -> Result<Json<Value>, Problem> {
    Ok(Json(json!({ "files": p.look(move |r| r.version_files(&study, version)).await? })))
}

async fn sites(p: Program, Path(study): Path<String>) -> Result<Json<Value>, Problem> {
    Ok(Json(json!({ "sites": p.look(move |r| r.sites(&study)).await? })))
}

async fn open_site(p: Program, Path(study): Path<String>, Body(b): Body<NewSite>) -> Result<Json<Value>, Problem> {
    p.execute(OpenSite { study, site: b.site, name: b.name, country: b.country }).await?;
    Ok(Json(json!({})))
}

async fn close_site(
    p: Program,
    Path((study, site)): Path<(String, String)>,
    asked: Asked,
) -> Result<Json<Value>, Problem> {
    let reason = asked.of(&["reason"])?.remove("reason").unwrap_or_default();
    p.execute(CloseSite { study, site, reason }).await?;
    Ok(Json(json!({})))
}

async fn access(p: Program, Path(study): Path<String>, asked: Asked) -> Result<Json<Value>, Problem> {
    let at_ms = number(&asked.of(&["at_ms"])?, "at_ms")?;
    let lines = p.look(move |r| r.access_list(Some(&study), at_ms.unwrap_or(r.now_ms))).await?;
    Ok(Json(json!({ "access": lines })))
}

async fn make_export(p: Program, Path(study): Path<String>, Body(body): Body<NewExport>) -> Result<Response, Problem> {
    let extent = Extent { study, site: body.site };
    let name = data::name_of(&extent, &body.format);
    let (app, caller) = (p.app.clone(), p.caller.clone());
    let bytes = blocking(move || data::archive(app.record(), &caller, extent, &body.format)).await?;
    Ok(data::attached(&name, bytes))
}

async fn events(p: Program, Path(study): Path<String>, asked: Asked) -> Result<Json<Value>, Problem> {
    let asked = asked.of(&["after", "limit", "chain"])?;
    let after: u64 = number(&asked, "after")?.unwrap_or(0);
    let limit = number(&asked, "limit")?.unwrap_or(MOST_EVENTS).min(MOST_EVENTS);
    let looks = match asked.get("chain").map(String::as_str) {
        None => false,
        Some("access") => true,
        Some(_) => return Err(Problem::bad_request("`chain` is `access` or left out")),
    };
    let events = p.look(move |r| r.feed(&study, looks, after, limit)).await?;
    let next = events.last().map_or(after, |event| event.seq);
    Ok(Json(json!({ "events": events, "after": next })))
}
