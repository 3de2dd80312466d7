//! A form of a subject: what stands in it, and what a person types into it.
//!
//! The page reads like the paper form. It is one HTML form that works without script; what the record refuses comes back with all that was typed,
//! each fault beside its field, and asks for the reasons of change that it needs. Queries are answered where they stand.

mod fields;
mod sheet;

pub(crate) use sheet::Sheet;

use super::place::{FormPath, form_address, form_name, sign_address, subject_address, visit_name};
use super::thread;
use crate::app::App;
use crate::components::{self, Errors, Field, Status};
use crate::context::Signed;
use crate::csrf;
use crate::enter::{self, Filled, Posted, Spot};
use crate::flash::Tone;
use crate::layout::Page;
use crate::nav::Address;
use crate::problem::Problem;
use crate::redirect::Redirect;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use croft_record::Refusal;
use croft_record::access::Operation;
use croft_record::capture::{KeepDraft, Saved};
use croft_record::verify::{At, Verify};
use fields::Drawing;
use maud::{Markup, html};
use std::collections::BTreeSet;

pub(crate) fn routes() -> Router<App> {
    const FORM: &str = "/studies/{study}/subjects/{subject}/visits/{visit}/{visit_repeat}/forms/{form}/{form_repeat}";
    Router::new()
        .route(FORM, get(show).post(save))
        .route(&format!("{FORM}/draft"), post(keep_draft))
        .route(&format!("{FORM}/verify"), post(verify))
}

async fn show(c: Signed, Path(path): Path<FormPath>) -> Result<Page, Problem> {
    let address = Address::of(&c.path, &c.query);
    if let Some(spot) = address.get("history").and_then(Spot::parse) {
        return super::history::show(&c, path, spot).await;
    }
    let sheet = gather(&c, &path).await?;
    let typed = sheet.drafted();
    Ok(page(&c, &sheet, typed.as_ref(), &Errors::none(), &BTreeSet::new()))
}

async fn gather(c: &Signed, path: &FormPath) -> Result<Sheet, Problem> {
    let (study, place) = (path.study.clone(), path.place());
    c.look(move |r| Sheet::gather(r, &study, &place)).await
}

async fn save(
    c: Signed,
    Path(path): Path<FormPath>,
    Form(posted): Form<Posted>,
) -> Result<Result<Redirect, Page>, Problem> {
    let filled = enter::parse(&posted);
    match c.execute(filled.save(&path.study, &path.place())).await {
        Ok(saved) => Ok(Ok(saved_to(&c, &path, &saved, enter::value(&posted, "go")).await?)),
        Err(refusal) => Ok(Err(again(&c, &path, filled, refusal).await?)),
    }
}

/// Back to the form, or on to the next one.
async fn saved_to(c: &Signed, path: &FormPath, saved: &Saved, go: &str) -> Result<Redirect, Problem> {
    let mut to = form_address(&path.study, &path.place());
    if go == "next" {
        to = gather(c, path).await?.next_address();
    }
    let text = match (saved.event, saved.opened.len()) {
        (None, _) => t!(c, "form-nothing-new"),
        (Some(_), 0) => t!(c, "form-saved", count = saved.changed),
        (Some(_), queries) => t!(c, "form-saved-queries", count = saved.changed, queries = queries),
    };
    let tone = if saved.opened.is_empty() { Tone::Done } else { Tone::Warning };
    Ok(Redirect::to(c, &to).say(tone, text))
}

/// The form again, with all that was typed and what is wrong with it.
async fn again(c: &Signed, path: &FormPath, filled: Filled, refusal: Refusal) -> Result<Page, Problem> {
    let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY);
    let sheet = gather(c, path).await?;
    let mut errors = Errors::none();
    let mut conflicts = BTreeSet::new();
    match &refusal {
        Refusal::Invalid { faults } => {
            for fault in faults {
                errors.add_to(field_of(&fault.place), name_of(c, &sheet, &fault.place), components::sentence(fault));
            }
        }
        Refusal::Conflict { message, places } => {
            errors.add("", message.clone());
            for spot in places.iter().filter_map(|place| Spot::parse(place)) {
                errors.add(spot.field('v'), t!(c, "form-conflict"));
                conflicts.insert(spot);
            }
        }
        Refusal::State { message, hint } => errors.add("", format!("{message}: {hint}")),
        _ => return Err(refusal.into()),
    }
    Ok(page(c, &sheet, Some(&filled), &errors, &conflicts).status(status))
}

/// The form's field of a place that the record names.
fn field_of(place: &str) -> String {
    match (Spot::parse(place), place.split_once('/')) {
        (Some(spot), _) => spot.field('v'),
        (None, Some((group, row))) => format!("void:{group}/{row}"),
        (None, None) if matches!(place, "reason" | "complete") => place.to_owned(),
        (None, None) => String::new(),
    }
}

/// What people call a place that the record names: the item's label, in a repeating group with its row.
fn name_of(c: &Signed, sheet: &Sheet, place: &str) -> String {
    match Spot::parse(place) {
        Some(spot) => match sheet.item(&spot.group, &spot.item) {
            Some(item) if sheet.repeats(&spot.group) => t!(c, "cell-name", item = &item.label, row = spot.row),
            Some(item) => item.label.clone(),
            None => place.to_owned(),
        },
        None if place == "reason" => t!(c, "form-reason"),
        None if place == "complete" => t!(c, "form-complete"),
        None => String::new(),
    }
}

/// Keeps what was typed so far; the script sends it while somebody types.
async fn keep_draft(c: Signed, Path(path): Path<FormPath>, Form(posted): Form<Posted>) -> Result<Response, Problem> {
    let filled = enter::parse(&posted);
    let discard = enter::value(&posted, "discard") == "yes";
    let entries = if discard { Vec::new() } else { filled.entries() };
    let at_ms =
        c.execute(KeepDraft { study: path.study.clone(), place: path.place(), base: filled.base, entries }).await?;
    if discard {
        return Ok(Redirect::to(&c, &form_address(&path.study, &path.place())).into_response());
    }
    Ok(Json(serde_json::json!({ "saved_ms": at_ms, "text": c.time_text(at_ms) })).into_response())
}

/// Marks items as compared with their source, or takes the mark back: the ones named by `at`, or all that are due.
async fn verify(c: Signed, Path(path): Path<FormPath>, Form(posted): Form<Posted>) -> Result<Redirect, Problem> {
    let named: Vec<At> = enter::values(&posted, "at")
        .filter_map(Spot::parse)
        .map(|spot| At { group: spot.group, row: spot.row, item: spot.item })
        .collect();
    let command = Verify {
        study: path.study.clone(),
        place: path.place(),
        items: (!named.is_empty()).then_some(named),
        verified: enter::value(&posted, "deed") != "unverify",
        base: enter::value(&posted, "base").parse().ok(),
    };
    let count = c.execute(command).await?;
    let to = form_address(&path.study, &path.place());
    Ok(Redirect::to(&c, &to).say(Tone::Done, t!(c, "form-verified", count = count)))
}

/// The whole page.
fn page(c: &Signed, sheet: &Sheet, typed: Option<&Filled>, errors: &Errors, conflicts: &BTreeSet<Spot>) -> Page {
    let place = &sheet.view.place;
    let (id, definition) = (sheet.inside.id(), Some(sheet.view.definition.as_ref()));
    let title = form_name(definition, &place.form, place.form_repeat);
    let visit = visit_name(definition, &place.visit, place.visit_repeat);
    let mut page = Page::new(c, format!("{title} · {visit} · {}", place.subject))
        .study(sheet.inside.bar.clone())
        .above(format!("/studies/{}/subjects", crate::nav::segment(id)), t!(c, "part-subjects"))
        .above(subject_address(id, &place.subject), place.subject.clone())
        .beside_title(form_states(c, sheet))
        .wide()
        .body(body(c, sheet, typed, errors, conflicts));
    if sheet.view.state.event > 0 {
        page = page.saved_at(sheet.view.state.saved_ms);
    }
    page
}

/// What the form as a whole is: complete, signed, frozen, locked.
fn form_states(c: &Signed, sheet: &Sheet) -> Markup {
    let state = &sheet.view.state;
    let states = [
        (state.event == 0, Status::Empty),
        (state.event > 0 && !state.complete, Status::Started),
        (state.complete, Status::Done),
        (!state.signatures.is_empty(), Status::Signed),
        (state.frozen, Status::Frozen),
        (sheet.inside.study.is_locked(), Status::Locked),
    ];
    html! { @for (_, status) in states.iter().filter(|(holds, _)| *holds) { (components::status(c, *status)) " " } }
}

/// What the page says under its heading.
pub(crate) fn body(
    c: &crate::Context,
    sheet: &Sheet,
    typed: Option<&Filled>,
    errors: &Errors,
    conflicts: &BTreeSet<Spot>,
) -> Markup {
    let drawing = Drawing { c, sheet, typed, errors, conflicts };
    let place = &sheet.view.place;
    let address = form_address(sheet.inside.id(), place);
    let locked = sheet.inside.study.is_locked();
    html! {
        (components::error_summary(c, errors))
        @if locked { (components::notice(c, Tone::Note, html! { (t!(c, "form-locked")) })) }
        @else if sheet.view.state.frozen { (components::notice(c, Tone::Note, html! { (t!(c, "form-frozen")) })) }
        @if sheet.is_not_asked("", 0, "") { (components::notice(c, Tone::Note, html! { (t!(c, "form-not-asked")) })) }
        (draft_notice(c, sheet, typed.is_some() && errors.is_empty(), &address))
        @if sheet.is_open() {
            form #entry.entry method="post" action=(address) data-autosave={ (address) "/draft" } novalidate {
                input type="hidden" name=(csrf::FIELD) value=(c.csrf_token());
                input type="hidden" name="base" value=(drawing.base());
                input type="hidden" name="version" value=(sheet.view.version);
                (thread::list(c, &sheet.rights, sheet.queries.iter().filter(|q| q.item.is_empty())))
                (drawing.groups())
                (drawing.reason())
                (complete(c, sheet, typed))
                (components::actions(html! {
                    (components::button(&t!(c, "form-save")))
                    (components::named_button("go", "next", &t!(c, "form-save-next")))
                }))
            }
        } @else {
            (thread::list(c, &sheet.rights, sheet.queries.iter().filter(|q| q.item.is_empty())))
            (drawing.groups())
        }
        (thread::forms(c, sheet.inside.id(), &sheet.queries, &address))
        (deeds(c, sheet, &address))
        (signatures(c, sheet))
        (siblings(c, sheet))
        (components::keys(&[("Enter", t!(c, "form-key-next"))]))
    }
}

fn complete(c: &crate::Context, sheet: &Sheet, typed: Option<&Filled>) -> Markup {
    let is = typed.map_or(sheet.view.state.complete, |t| t.complete);
    Field::new("complete", t!(c, "form-complete"))
        .hint(t!(c, "form-complete-hint"))
        .value(if is { "yes" } else { "" })
        .checkbox()
}

/// What was typed before and never saved.
fn draft_notice(c: &crate::Context, sheet: &Sheet, taken: bool, address: &str) -> Markup {
    let Some(draft) = sheet.draft.as_ref().filter(|_| sheet.is_open()) else { return html! {} };
    let discard = components::form(
        c,
        &format!("{address}/draft"),
        html! {
            input type="hidden" name="discard" value="yes";
            (components::quiet_button(&t!(c, "form-draft-discard")))
        },
    );
    if taken {
        return components::notice(
            c,
            Tone::Note,
            html! { (t!(c, "form-draft-taken")) " " (c.time(draft.at_ms)) ". " (discard) },
        );
    }
    let told = draft.fields.iter().map(|field| {
        let label = sheet.item(&field.group, &field.item).map_or(field.item.clone(), |item| item.label.clone());
        (label, html! { (field.text) " " (field.unit) " " (field.missing) })
    });
    let told: Vec<(String, Markup)> = told.collect();
    html! { @if !draft.fields.is_empty() {
        details { summary { (t!(c, "form-draft-old")) " " (c.time(draft.at_ms)) } (components::facts(&told)) (discard) }
    } }
}

/// What else can be done with the form.
fn deeds(c: &crate::Context, sheet: &Sheet, address: &str) -> Markup {
    let (place, id, state) = (&sheet.view.place, sheet.inside.id(), &sheet.view.state);
    if sheet.inside.study.is_locked() || state.event == 0 {
        return html! {};
    }
    let may = |operation| sheet.rights.has(operation);
    let due = sheet.due();
    let freeze = if state.frozen { Operation::Unfreeze } else { Operation::Freeze };
    html! {
        div.deeds {
            @if may(Operation::Verify) && due > 0 {
                (components::form(c, &format!("{address}/verify"), html! {
                    input type="hidden" name="base" value=(state.event);
                    (components::quiet_button(&t!(c, "form-verify-all", count = due)))
                }))
            }
            @if may(Operation::Sign) && state.complete && state.signatures.is_empty() {
                (components::link_button(
                    &sign_address(id, &place.subject, Some((&place.visit, place.visit_repeat)), Some((&place.form, place.form_repeat))),
                    &t!(c, "form-sign")))
            }
            @if may(freeze) {
                (components::link_button(&super::lock::freeze_address(id, place, !state.frozen),
                    &if state.frozen { t!(c, "form-unfreeze") } else { t!(c, "form-freeze") }))
            }
            @if may(Operation::QueryOpen) {
                details { summary { (t!(c, "form-ask")) } (thread::ask(c, &format!("{address}/ask"), "")) }
            }
        }
    }
}

fn signatures(c: &crate::Context, sheet: &Sheet) -> Markup {
    html! {
        @for signature in &sheet.signatures {
            p.signature {
                (components::glyph(Status::Signed)) (t!(c, "signed-by", name = &signature.name)) ", " (signature.role) ", "
                (c.time(signature.at_ms)) ": " q { (signature.meaning) }
            }
        }
    }
}

/// The forms of the visit, in order; this one marked.
fn siblings(c: &crate::Context, sheet: &Sheet) -> Markup {
    let id = sheet.inside.id();
    let views: Vec<_> = sheet
        .siblings
        .iter()
        .map(|place| {
            let name = form_name(Some(&sheet.view.definition), &place.form, place.form_repeat);
            (form_address(id, place), name, *place == sheet.view.place)
        })
        .collect();
    components::tabs(&t!(c, "form-siblings"), &views)
}
