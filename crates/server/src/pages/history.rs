//! Who, when, why, and what before? The history of one item, with its queries and its verification.
//!
//! It is a page of its own that the script opens beside the form.

use super::form::Sheet;
use super::place::{FormPath, form_address, form_name, subject_address};
use super::thread;
use crate::app::App;
use crate::components::{self, Column, Row, Table};
use crate::context::{Context, Signed};
use crate::enter::{self, Posted, Spot};
use crate::flash::Tone;
use crate::layout::Page;
use crate::problem::Problem;
use crate::redirect::Redirect;
use axum::extract::Path;
use axum::routing::post;
use axum::{Form, Router};
use croft_record::Refusal;
use croft_record::access::Operation;
use croft_record::capture::read::Happened;
use croft_record::query::Open;
use maud::{Markup, html};

pub(crate) fn routes() -> Router<App> {
    let form = "/studies/{study}/subjects/{subject}/visits/{visit}/{visit_repeat}/forms/{form}/{form_repeat}";
    Router::new().route(&format!("{form}/ask"), post(ask))
}

/// Opens a query on an item, or on the whole form.
async fn ask(c: Signed, Path(path): Path<FormPath>, Form(posted): Form<Posted>) -> Result<Redirect, Problem> {
    let spot = Spot::parse(enter::value(&posted, "at")).unwrap_or_default();
    let open = Open {
        study: path.study.clone(),
        place: path.place(),
        group: spot.group,
        row: spot.row,
        item: spot.item,
        text: enter::value(&posted, "text").replace("\r\n", "\n"),
    };
    let to = form_address(&path.study, &path.place());
    Ok(match c.execute(open).await {
        Ok(number) => Redirect::to(&c, &format!("{to}#query-{number}")).say(Tone::Done, t!(c, "query-opened")),
        Err(Refusal::Invalid { .. }) => Redirect::to(&c, &to).say(Tone::Failed, t!(c, "query-says-nothing")),
        Err(refusal) => return Err(refusal.into()),
    })
}

/// The page of an item.
pub(crate) async fn show(c: &Signed, path: FormPath, spot: Spot) -> Result<Page, Problem> {
    let (study, place, at) = (path.study.clone(), path.place(), spot.clone());
    let (sheet, happened) = c
        .look(move |r| {
            let sheet = Sheet::gather(r, &study, &place)?;
            if sheet.item(&at.group, &at.item).is_none() {
                return Err(Refusal::absent("item", at.path()));
            }
            let happened = r.history(&study, &place, &at.group, at.row, &at.item)?;
            Ok((sheet, happened))
        })
        .await?;
    let place = &sheet.view.place;
    let label = sheet.item(&spot.group, &spot.item).map_or(spot.item.clone(), |item| item.label.clone());
    let form = form_name(Some(&sheet.view.definition), &place.form, place.form_repeat);
    Ok(Page::new(c, t!(c, "history-of", item = &label))
        .study(sheet.inside.bar.clone())
        .above(subject_address(&path.study, &place.subject), place.subject.clone())
        .above(form_address(&path.study, place), form)
        .body(body(c, &sheet, &spot, &happened)))
}

/// What the page says under its heading.
pub(crate) fn body(c: &Context, sheet: &Sheet, spot: &Spot, happened: &[Happened]) -> Markup {
    let address = form_address(sheet.inside.id(), &sheet.view.place);
    let open = !sheet.inside.study.is_locked();
    let recorded = sheet.state(spot);
    html! {
        (table(c, happened))
        @for query in sheet.queries.iter().filter(|q| q.group == spot.group && q.row == spot.row && q.item == spot.item) {
            (thread::list(c, &sheet.rights, std::iter::once(query)))
            (thread::forms(c, sheet.inside.id(), std::slice::from_ref(query), &address))
        }
        @if let (true, Some(item)) = (open && sheet.rights.has(Operation::Verify), recorded.filter(|item| !item.is_blank())) {
            (components::form(c, &format!("{address}/verify"), html! {
                input type="hidden" name="at" value=(spot.path());
                input type="hidden" name="base" value=(sheet.view.state.event);
                @if item.verified > 0 { (components::named_button("deed", "unverify", &t!(c, "item-unverify"))) }
                @else { (components::named_button("deed", "verify", &t!(c, "item-verify"))) }
            }))
        }
        @if open && sheet.rights.has(Operation::QueryOpen) { (thread::ask(c, &format!("{address}/ask"), &spot.path())) }
        p { a href={ (address) "#" (components::field_id(&spot.field('v'))) } { (t!(c, "history-back")) } }
    }
}

fn table(c: &Context, happened: &[Happened]) -> Markup {
    let rows = happened.iter().rev().map(|h| {
        let value = |text: &str| html! { (text) @if !h.unit.is_empty() && !text.is_empty() { " " (h.unit) } };
        Row::new(c.time(h.at_ms))
            .text(action(c, h.action))
            .cell(value(&h.before))
            .cell(html! { (value(&h.after)) @if !h.missing.is_empty() { " " (h.missing) } })
            .cell(html! { (h.by) @if !h.role.is_empty() { ", " (h.role) } })
            .text(&h.reason)
            .text(h.event)
    });
    Table::new(t!(c, "history"))
        .hide_caption()
        .column(Column::text(t!(c, "history-when")))
        .column(Column::text(t!(c, "history-what")))
        .column(Column::text(t!(c, "history-before")))
        .column(Column::text(t!(c, "history-after")))
        .column(Column::text(t!(c, "history-who")))
        .column(Column::text(t!(c, "history-why")))
        .column(Column::number(t!(c, "history-event")))
        .rows(rows)
        .empty(components::empty(&t!(c, "history-empty"), html! {}))
        .render(c)
}

/// The word for what happened.
fn action(c: &Context, action: &str) -> String {
    match action {
        "enter" => t!(c, "did-enter"),
        "amend" => t!(c, "did-amend"),
        "import" => t!(c, "did-import"),
        "derive" => t!(c, "did-derive"),
        "void" => t!(c, "did-void"),
        "verify" => t!(c, "did-verify"),
        "unverify" => t!(c, "did-unverify"),
        "query" => t!(c, "did-ask"),
        "answer" => t!(c, "did-answer"),
        "close query" => t!(c, "did-close"),
        "reopen query" => t!(c, "did-reopen"),
        "cancel query" => t!(c, "did-cancel"),
        other => other.to_owned(),
    }
}
