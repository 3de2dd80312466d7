//! Subjects, visits and forms.

use super::auth::Program;
use super::body::{Body, body};
use super::{Asked, Method, Route, list, number, object, text, whole};
use crate::pages::place::FormPath;
use crate::problem::Problem;
use axum::Json;
use axum::extract::Path;
use axum::routing::{get, post, put};
use croft_record::capture::read::MatrixFilter;
use croft_record::capture::{AddVisit, Enrol, Entered, FormState, ItemState, RowState, Save, VoidRow, Withdraw};
use croft_record::verify::{At, Verify};
use serde_json::{Map, Value, json};

/// Subjects of one answer at most.
const MOST_SUBJECTS: usize = 1000;
/// A form's path, and a path below it.
macro_rules! form {
    ($tail:literal) => {
        concat!("/studies/{study}/subjects/{subject}/visits/{visit}/{visit_repeat}/forms/{form}/{form_repeat}", $tail)
    };
}

body! {
    /// A new subject.
    NewSubject { site: String = "the site", subject: Option<String> = "its number; none: the next one of the site" }
}
body! {
    /// A visit that takes place.
    NewVisit { visit: String = "its code", date: String = "as a person types it" }
}
body! {
    /// Why a subject leaves.
    Leaving { reason: String = "why" }
}
body! {
    /// A typed field.
    Typed {
        group: String = "its group", row: Option<u32> = "its row; none: 1", item: String = "its name", text: Option<String> = "as a person types it",
        unit: Option<String> = "none: the item's own", missing: Option<String> = "why there is no value", reason: Option<String> = "why it is changed",
    }
}
body! {
    /// A row that was entered by mistake.
    Voided { group: String = "its group", row: u32 = "its number", reason: String = "why" }
}
body! {
    /// A form, or some of its fields.
    Form {
        version: Option<u32> = "the version that was filled; none: the form's own, or the newest", base: Option<u64> = "the form's last event that was seen; none: no guard",
        complete: Option<bool> = "whether it is complete", entries: Vec<Typed> = "fields; those not named stay as they are", voids: Option<Vec<Voided>> = "rows entered by mistake",
        reason: Option<String> = "why recorded values are changed", import: Option<bool> = "whether the values come from a file",
    }
}
body! {
    /// An item of a form.
    Where { group: String = "its group", row: u32 = "its row", item: String = "its name" }
}
body! {
    /// Items that were compared with their source.
    Compared { items: Option<Vec<Where>> = "none: all that are due", verified: bool = "marks, or takes the mark back", base: Option<u64> = "the form's last event that was seen" }
}

pub(super) fn table() -> Vec<Route> {
    use Method::{Get, Post, Put};
    vec![
        Route::new(Get, "/studies/{study}/subjects", "Subjects by visits, in the order of their numbers", get(matrix))
            .gives([list("subjects", "each with its visits and their sums")])
            .asks([
                text("site", "of this site"),
                text("holds", "whose number holds this"),
                text("after", "behind this number"),
                whole("limit", "at most so many, up to 1000"),
            ]),
        Route::new(Post, "/studies/{study}/subjects", "Enrol a subject", post(enrol))
            .gives([text("subject", "its number")])
            .takes::<NewSubject>(),
        Route::new(Get, "/studies/{study}/subjects/{subject}", "A subject with its forms", get(subject)).gives([
            object("subject", "the subject with its visits"),
            list("forms", "place, version and sums of each"),
        ]),
        Route::new(Post, "/studies/{study}/subjects/{subject}/visits", "Add a visit, or date one", post(add_visit))
            .gives([whole("visit_repeat", "how often the visit has taken place")])
            .takes::<NewVisit>(),
        Route::new(
            Post,
            "/studies/{study}/subjects/{subject}/withdrawal",
            "Record that a subject leaves",
            post(withdraw),
        )
        .takes::<Leaving>(),
        Route::new(Get, form!(""), "A form as it stands", get(form)).gives([
            object("place", "where it stands"),
            whole("version", "under which it is filled"),
            object("form", "state, and groups by name, rows by number, items by name"),
        ]),
        Route::new(Put, form!(""), "Save fields of a form", put(save))
            .gives([
                whole("event", "its number; null when nothing was changed"),
                whole("changed", "items"),
                list("opened", "queries that checks opened"),
                list("closed", "queries that checks closed"),
                object("counts", "the sums of the form"),
            ])
            .takes::<Form>(),
        Route::new(Get, form!("/history"), "What happened to an item", get(history))
            .gives([list("history", "what happened, the newest first")])
            .asks([text("group", "its group"), whole("row", "its row"), text("item", "its name")]),
        Route::new(Post, form!("/verification"), "Mark items as compared with their source", post(verify))
            .gives([whole("marks", "items marked")])
            .takes::<Compared>(),
    ]
}

async fn matrix(p: Program, Path(study): Path<String>, asked: Asked) -> Result<Json<Value>, Problem> {
    let mut asked = asked.of(&["site", "holds", "after", "limit"])?;
    let limit = number(&asked, "limit")?.unwrap_or(MOST_SUBJECTS).min(MOST_SUBJECTS);
    let holds = asked.remove("holds").unwrap_or_default();
    let filter = MatrixFilter { site: asked.remove("site"), after: asked.remove("after"), holds, limit };
    Ok(Json(json!({ "subjects": p.look(move |r| r.matrix(&study, &filter)).await? })))
}

async fn enrol(p: Program, Path(study): Path<String>, Body(body): Body<NewSubject>) -> Result<Json<Value>, Problem> {
    let id = p.execute(Enrol { study, site: body.site, subject: body.subject }).await?;
    Ok(Json(json!({ "subject": id })))
}

async fn subject(p: Program, Path((study, subject)): Path<(String, String)>) -> Result<Json<Value>, Problem> {
    let (subject, forms) = p.look(move |r| r.subject(&study, &subject)).await?;
    let forms: Vec<Value> = forms
        .iter()
        .map(|f| json!({ "place": f.place, "version": f.version, "saved_ms": f.saved_ms, "counts": f.counts }))
        .collect();
    Ok(Json(json!({ "subject": subject, "forms": forms })))
}

async fn add_visit(
    p: Program,
    Path((study, subject)): Path<(String, String)>,
    Body(b): Body<NewVisit>,
) -> Result<Json<Value>, Problem> {
    let repeat = p.execute(AddVisit { study, subject, visit: b.visit, date: b.date }).await?;
    Ok(Json(json!({ "visit_repeat": repeat })))
}

async fn withdraw(
    p: Program,
    Path((study, subject)): Path<(String, String)>,
    Body(b): Body<Leaving>,
) -> Result<Json<Value>, Problem> {
    p.execute(Withdraw { study, subject, reason: b.reason }).await?;
    Ok(Json(json!({})))
}

async fn form(p: Program, Path(path): Path<FormPath>) -> Result<Json<Value>, Problem> {
    let place = path.place();
    let view = p.look(move |r| r.form(&path.study, &place)).await?;
    Ok(Json(json!({ "place": view.place, "version": view.version, "form": stands(&view.state) })))
}

/// What stands in a form, in the interface's own words: groups, rows, items.
fn stands(form: &FormState) -> Value {
    let item = |item: &ItemState| json!({ "text": item.text, "value": item.value(), "unit": item.unit, "missing": item.missing, "event": item.event, "verified": item.verified > 0 });
    let row = |row: &RowState| json!({ "void": row.void, "items": row.items.iter().map(|(name, i)| (name.clone(), item(i))).collect::<Map<_, _>>() });
    let groups: Map<String, Value> = form
        .groups
        .iter()
        .map(|(name, rows)| {
            (name.clone(), Value::Object(rows.iter().map(|(number, r)| (number.to_string(), row(r))).collect()))
        })
        .collect();
    json!({
        "version": form.version, "complete": form.complete, "frozen": form.frozen, "event": form.event, "saved_ms": form.saved_ms,
        "queries": form.queries.keys().collect::<Vec<_>>(), "signatures": form.signatures, "groups": groups,
    })
}

async fn save(p: Program, Path(path): Path<FormPath>, Body(body): Body<Form>) -> Result<Json<Value>, Problem> {
    let entered = |t: Typed| Entered {
        group: t.group,
        row: t.row.unwrap_or(1),
        item: t.item,
        text: t.text.unwrap_or_default(),
        unit: t.unit.unwrap_or_default(),
        missing: t.missing.unwrap_or_default(),
        reason: t.reason.unwrap_or_default(),
    };
    let voided = |v: Voided| VoidRow { group: v.group, row: v.row, reason: v.reason };
    let command = Save {
        place: path.place(),
        study: path.study,
        version: body.version.unwrap_or(0),
        base: body.base,
        complete: body.complete.unwrap_or(false),
        entries: body.entries.into_iter().map(entered).collect(),
        voids: body.voids.unwrap_or_default().into_iter().map(voided).collect(),
        reason: body.reason.unwrap_or_default(),
        import: body.import.unwrap_or(false),
    };
    let saved = p.execute(command).await?;
    Ok(Json(
        json!({ "event": saved.event, "changed": saved.changed, "opened": saved.opened, "closed": saved.closed, "counts": saved.counts }),
    ))
}

async fn history(p: Program, Path(path): Path<FormPath>, asked: Asked) -> Result<Json<Value>, Problem> {
    let mut asked = asked.of(&["group", "row", "item"])?;
    let row = number(&asked, "row")?.unwrap_or(1);
    let (group, item) = (asked.remove("group").unwrap_or_default(), asked.remove("item").unwrap_or_default());
    let happened = p.look(move |r| r.history(&path.study, &path.place(), &group, row, &item)).await?;
    let told: Vec<Value> = happened
        .iter()
        .map(|h| {
            json!({ "event": h.event, "at_ms": h.at_ms, "offset_min": h.offset_min, "by": h.by, "role": h.role, "action": h.action,
                "before": h.before, "after": h.after, "unit": h.unit, "missing": h.missing, "reason": h.reason })
        })
        .collect();
    Ok(Json(json!({ "history": told })))
}

async fn verify(p: Program, Path(path): Path<FormPath>, Body(body): Body<Compared>) -> Result<Json<Value>, Problem> {
    let items =
        body.items.map(|items| items.into_iter().map(|w| At { group: w.group, row: w.row, item: w.item }).collect());
    let place = path.place();
    let marks = p.execute(Verify { study: path.study, place, items, verified: body.verified, base: body.base }).await?;
    Ok(Json(json!({ "marks": marks })))
}
