//! Queries, signatures, freezing and locking.

use super::auth::Program;
use super::body::{Body, body};
use super::{Asked, Method, Route, list, number, object, text, whole};
use crate::problem::Problem;
use axum::Json;
use axum::extract::Path;
use axum::routing::{get, post};
use croft_record::capture::Place;
use croft_record::lock::{AgreeUnlock, AskUnlock, Freeze, LockStudy, Part};
use croft_record::query::read::Filter;
use croft_record::query::{Answer, Cancel, Close, Open, Reopen, Status};
use croft_record::sign::{Covers, Sign};
use serde_json::{Value, json};

/// Queries of one answer at most.
const MOST_QUERIES: usize = 1000;

body! {
    /// A question.
    Question {
        subject: String = "the subject", visit: String = "the visit", visit_repeat: Option<u32> = "none: 1", form: String = "the form", form_repeat: Option<u32> = "none: 1",
        group: Option<String> = "none: the whole form", row: Option<u32> = "the row", item: Option<String> = "none: the whole row", text: String = "the question",
    }
}
body! {
    /// What is said.
    Said { text: String = "the words" }
}
body! {
    /// What is signed or frozen: a subject, one of its visits, or one form; for freezing also a whole site.
    Covered {
        subject: Option<String> = "the subject", visit: Option<String> = "none: all of the subject", visit_repeat: Option<u32> = "none: 1",
        form: Option<String> = "none: all of the visit", form_repeat: Option<u32> = "none: 1", site: Option<String> = "a whole site, for freezing",
    }
}
body! {
    /// A signature.
    NewSignature { covers: Covered = "what is signed", meaning: String = "what it means", password: String = "the caller's", code: Option<String> = "the code of a device" }
}
body! {
    /// Freezes or unfreezes.
    NewFreeze { part: Covered = "what", frozen: bool = "freezes, or takes it back", reason: Option<String> = "why; needed to unfreeze" }
}
body! {
    /// Locks.
    NewLock { in_spite: Option<String> = "why, although something stands in the way", password: String = "the caller's", code: Option<String> = "the code of a device" }
}
body! {
    /// Why.
    Why { reason: String = "why" }
}
body! {
    /// A proof.
    Proof { password: String = "the caller's", code: Option<String> = "the code of a device" }
}

pub(super) fn table() -> Vec<Route> {
    use Method::{Get, Post};
    vec![
        Route::new(Get, "/studies/{study}/queries", "Queries in the order in which they were opened", get(queries))
            .gives([list("queries", "each with what was said in it")])
            .asks([
                text("status", "open, answered, closed or cancelled"),
                text("site", "of this site"),
                text("subject", "of this subject"),
                whole("after", "behind this number"),
                whole("limit", "at most so many, up to 1000"),
            ]),
        Route::new(Post, "/studies/{study}/queries", "Open a query", post(open))
            .gives([whole("query", "its number")])
            .takes::<Question>(),
        Route::new(Get, "/studies/{study}/queries/{number}", "A query with what was said in it", get(query)).gives([
            whole("number", "the event that opened it"),
            text("subject", "the subject"),
            text("status", "open, answered, closed or cancelled"),
            text("check", "the check that asked; empty: a person"),
            list("thread", "what was said, in order"),
        ]),
        Route::new(Post, "/studies/{study}/queries/{number}/answer", "Answer a query", post(answer)).takes::<Said>(),
        Route::new(Post, "/studies/{study}/queries/{number}/close", "Close a query", post(close)).takes::<Said>(),
        Route::new(Post, "/studies/{study}/queries/{number}/reopen", "Reopen a query", post(reopen)).takes::<Said>(),
        Route::new(Post, "/studies/{study}/queries/{number}/cancel", "Cancel a query", post(cancel)).takes::<Said>(),
        Route::new(
            Get,
            "/studies/{study}/subjects/{subject}/signatures",
            "Signatures on a subject's data",
            get(signatures),
        )
        .gives([list("signatures", "each with its meaning, forms and state")]),
        Route::new(Post, "/studies/{study}/signatures", "Sign", post(sign))
            .gives([whole("signature", "its number")])
            .takes::<NewSignature>(),
        Route::new(Post, "/studies/{study}/freezes", "Freeze or unfreeze", post(freeze))
            .gives([whole("forms", "how many were concerned")])
            .takes::<NewFreeze>(),
        Route::new(Get, "/studies/{study}/obstacles", "What stands in the way of a lock", get(obstacles))
            .gives([object("counts", "kind to number"), list("obstacles", "kind, place and number of each")]),
        Route::new(Post, "/studies/{study}/lock", "Lock the study", post(lock))
            .gives([whole("event", "its number")])
            .takes::<NewLock>(),
        Route::new(Post, "/studies/{study}/unlock-request", "Ask for a locked study to be unlocked", post(ask_unlock))
            .takes::<Why>(),
        Route::new(
            Post,
            "/studies/{study}/unlock-approval",
            "Agree to unlock, as another person than who asked",
            post(agree_unlock),
        )
        .takes::<Proof>(),
    ]
}

async fn queries(p: Program, Path(study): Path<String>, asked: Asked) -> Result<Json<Value>, Problem> {
    let mut asked = asked.of(&["status", "site", "subject", "after", "limit"])?;
    let known = [Status::Open, Status::Answered, Status::Closed, Status::Cancelled];
    let status = match asked.remove("status") {
        None => None,
        Some(word) => Some(
            known
                .into_iter()
                .find(|s| s.word() == word)
                .ok_or_else(|| Problem::bad_request("`status` is none that a query has"))?,
        ),
    };
    let limit = number(&asked, "limit")?.unwrap_or(MOST_QUERIES).min(MOST_QUERIES);
    let after = number(&asked, "after")?;
    let filter = Filter { status, site: asked.remove("site"), subject: asked.remove("subject"), after, limit };
    Ok(Json(json!({ "queries": p.look(move |r| r.queries(&study, &filter)).await? })))
}

async fn query(p: Program, Path((study, number)): Path<(String, u64)>) -> Result<Json<Value>, Problem> {
    Ok(Json(json!(p.look(move |r| r.query(&study, number)).await?)))
}

async fn open(p: Program, Path(study): Path<String>, Body(q): Body<Question>) -> Result<Json<Value>, Problem> {
    let place = Place {
        subject: q.subject,
        visit: q.visit,
        visit_repeat: q.visit_repeat.unwrap_or(1),
        form: q.form,
        form_repeat: q.form_repeat.unwrap_or(1),
    };
    let group = q.group.unwrap_or_default();
    let row = q.row.unwrap_or(u32::from(!group.is_empty()));
    let number = p.execute(Open { study, place, group, row, item: q.item.unwrap_or_default(), text: q.text }).await?;
    Ok(Json(json!({ "query": number })))
}

/// Says something in a query.
macro_rules! says {
    ($($name:ident = $command:ident),*) => { $(
        async fn $name(p: Program, Path((study, query)): Path<(String, u64)>, Body(said): Body<Said>) -> Result<Json<Value>, Problem> {
            p.execute($command { study, query, text: said.text }).await?;
            Ok(Json(json!({})))
        }
    )* };
}
says!(answer = Answer, close = Close, reopen = Reopen, cancel = Cancel);

async fn signatures(p: Program, Path((study, subject)): Path<(String, String)>) -> Result<Json<Value>, Problem> {
    Ok(Json(json!({ "signatures": p.look(move |r| r.signatures(&study, &subject)).await? })))
}

/// A subject, a visit, or a form.
enum Extent {
    Subject(String),
    Visit(String, String, u32),
    Form(Place),
}

fn extent(c: Covered) -> Result<Extent, Problem> {
    let (visit_repeat, form_repeat) = (c.visit_repeat.unwrap_or(1), c.form_repeat.unwrap_or(1));
    match (c.subject, c.visit, c.form) {
        (Some(subject), None, None) => Ok(Extent::Subject(subject)),
        (Some(subject), Some(visit), None) => Ok(Extent::Visit(subject, visit, visit_repeat)),
        (Some(subject), Some(visit), Some(form)) => {
            Ok(Extent::Form(Place { subject, visit, visit_repeat, form, form_repeat }))
        }
        _ => Err(Problem::invalid("it names no subject, or a form without its visit")),
    }
}

async fn sign(p: Program, Path(study): Path<String>, Body(body): Body<NewSignature>) -> Result<Json<Value>, Problem> {
    if body.covers.site.is_some() {
        return Err(Problem::invalid("a whole site cannot be signed at once"));
    }
    let covers = match extent(body.covers)? {
        Extent::Subject(subject) => Covers::Subject { subject },
        Extent::Visit(subject, visit, visit_repeat) => Covers::Visit { subject, visit, visit_repeat },
        Extent::Form(place) => Covers::Form(place),
    };
    let signature = p.prove(body.password, body.code.unwrap_or_default()).await?;
    let number = p.execute(Sign { study, covers, meaning: body.meaning, signature }).await?;
    Ok(Json(json!({ "signature": number })))
}

async fn freeze(
    p: Program,
    Path(study): Path<String>,
    Body(mut body): Body<NewFreeze>,
) -> Result<Json<Value>, Problem> {
    let part = match (body.part.site.take(), &body.part.subject) {
        (Some(site), None) => Part::Site { site },
        (Some(_), Some(_)) => return Err(Problem::invalid("it names a site and a subject")),
        (None, _) => match extent(body.part)? {
            Extent::Subject(subject) => Part::Subject { subject },
            Extent::Visit(subject, visit, visit_repeat) => Part::Visit { subject, visit, visit_repeat },
            Extent::Form(place) => Part::Form(place),
        },
    };
    let forms = p.execute(Freeze { study, part, frozen: body.frozen, reason: body.reason.unwrap_or_default() }).await?;
    Ok(Json(json!({ "forms": forms })))
}

async fn obstacles(p: Program, Path(study): Path<String>) -> Result<Json<Value>, Problem> {
    let found = p.look(move |r| r.obstacles(&study)).await?;
    let each: Vec<Value> =
        found.0.iter().map(|o| json!({ "kind": o.kind, "place": o.place, "count": o.count })).collect();
    Ok(Json(json!({ "counts": found.counts(), "obstacles": each })))
}

async fn lock(p: Program, Path(study): Path<String>, Body(body): Body<NewLock>) -> Result<Json<Value>, Problem> {
    let signature = p.prove(body.password, body.code.unwrap_or_default()).await?;
    let event = p.execute(LockStudy { study, in_spite: body.in_spite.unwrap_or_default(), signature }).await?;
    Ok(Json(json!({ "event": event })))
}

async fn ask_unlock(p: Program, Path(study): Path<String>, Body(body): Body<Why>) -> Result<Json<Value>, Problem> {
    p.execute(AskUnlock { study, reason: body.reason }).await?;
    Ok(Json(json!({})))
}

async fn agree_unlock(p: Program, Path(study): Path<String>, Body(body): Body<Proof>) -> Result<Json<Value>, Problem> {
    let signature = p.prove(body.password, body.code.unwrap_or_default()).await?;
    p.execute(AgreeUnlock { study, signature }).await?;
    Ok(Json(json!({})))
}
