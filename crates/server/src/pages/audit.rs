//! What happened in a study, and who did it? The events themselves, searched from the newest back, the looks at data, and the chain's own proof.

use super::place::{Inside, inside};
use crate::app::App;
use crate::components::{self, Column, Field, Pager, Row, Table};
use crate::context::{Context, Signed};
use crate::layout::Page;
use crate::nav::{Address, StudyPart, segment};
use crate::problem::Problem;
use axum::Router;
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use croft_ledger::Event;
use croft_record::access::{Operation, Scope};
use croft_record::audit::{AuditFilter, AuditPage};
use croft_record::{Reading, Refusal};
use maud::{Markup, html};

/// Events on one page.
const PAGE: usize = 100;
/// Events that one export holds; a longer one goes on from `before`.
const EXPORT: usize = 50_000;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/studies/{study}/audit", get(show))
        .route("/studies/{study}/audit/events/{number}", get(event))
        .route("/studies/{study}/audit.jsonl", get(export))
        .route("/studies/{study}/inspection", get(inspection))
}

/// What was asked for in the address.
fn filter(address: &Address, limit: usize) -> AuditFilter {
    let text = |name| address.get(name).unwrap_or("").trim().to_owned();
    AuditFilter {
        looks: address.get("chain") == Some("looks"),
        stream: text("stream"),
        item: text("item"),
        actor: text("actor"),
        kind: text("kind"),
        before: address.get("after").and_then(|n| n.parse().ok()),
        limit,
    }
}

async fn show(c: Signed, Path(study): Path<String>) -> Result<Page, Problem> {
    let address = Address::of(&c.path, &c.query);
    let filter = filter(&address, PAGE);
    let asked = filter.clone();
    let (inside, page) = c.look(move |r| Ok((inside(r, &study, StudyPart::Audit)?, r.audit(&study, &asked)?))).await?;
    let id = inside.id();
    let export = {
        let query = if c.query.is_empty() { String::new() } else { format!("?{}", c.query) };
        format!("/studies/{}/audit.jsonl{query}", segment(id))
    };
    Ok(Page::new(&c, t!(c, "part-audit"))
        .study(inside.bar.clone())
        .beside_title(components::link_button(&export, &t!(c, "audit-export")))
        .wide()
        .body(html! {
            p { (t!(c, "audit-means")) " " code { "croft audit verify" } }
            (filter_form(&c, id, &filter))
            (table(&c, id, &filter, &page))
            @if page.stopped { p.quiet { (t!(c, "audit-stopped")) } }
        }))
}

fn filter_form(c: &Context, id: &str, filter: &AuditFilter) -> Markup {
    let chains =
        [components::Choice::new("", t!(c, "audit-changes")), components::Choice::new("looks", t!(c, "audit-looks"))];
    components::filter_form(
        &StudyPart::Audit.address(id),
        &[],
        html! {
            (Field::new("chain", t!(c, "audit-chain")).value(if filter.looks { "looks" } else { "" }).select(&chains))
            (Field::new("stream", t!(c, "subject")).value(&filter.stream).size(12).text())
            (Field::new("item", t!(c, "item")).value(&filter.item).size(10).text())
            (Field::new("actor", t!(c, "account")).value(&filter.actor).size(16).text())
            (Field::new("kind", t!(c, "audit-kind")).value(&filter.kind).size(16).text())
            (components::quiet_button(&t!(c, "filter")))
        },
    )
}

fn table(c: &Context, id: &str, filter: &AuditFilter, page: &AuditPage) -> Markup {
    let looks = if filter.looks { "?chain=looks" } else { "" };
    let rows = page.events.iter().map(|event| {
        let address = format!("/studies/{}/audit/events/{}{looks}", segment(id), event.seq);
        Row::new(html! { a href=(address) { (event.seq) } })
            .cell(c.time(event.time_ms))
            .text(actor(event))
            .text(&event.stream)
            .text(&event.kind)
            .text(&event.reason)
            .cell(html! { code { (event.hash.to_string().get(..12).unwrap_or("")) } })
    });
    Table::new(t!(c, "part-audit"))
        .hide_caption()
        .grid()
        .column(Column::number(t!(c, "history-event")))
        .column(Column::text(t!(c, "history-when")))
        .column(Column::text(t!(c, "history-who")))
        .column(Column::text(t!(c, "audit-stream")))
        .column(Column::text(t!(c, "audit-kind")))
        .column(Column::text(t!(c, "history-why")))
        .column(Column::text(t!(c, "audit-hash")))
        .rows(rows)
        .pager(Pager { next: page.next.map(|n| n.to_string()), ..Pager::default() })
        .empty(components::empty(&t!(c, "audit-none"), html! {}))
        .render(c)
}

/// Whoever acted, and for whom.
fn actor(event: &Event) -> String {
    if event.on_behalf.is_empty() { event.actor.clone() } else { format!("{} ({})", event.actor, event.on_behalf) }
}

/// One event, whole.
async fn event(c: Signed, Path((study, number)): Path<(String, u64)>) -> Result<Page, Problem> {
    let looks = Address::of(&c.path, &c.query).get("chain") == Some("looks");
    let filter = AuditFilter { looks, before: number.checked_add(1), limit: 1, ..AuditFilter::default() };
    let (inside, page) = c.look(move |r| Ok((inside(r, &study, StudyPart::Audit)?, r.audit(&study, &filter)?))).await?;
    let event = page.events.into_iter().next().filter(|e| e.seq == number).ok_or_else(Problem::not_found)?;
    let payload = serde_json::from_str::<serde_json::Value>(&event.payload);
    let payload =
        payload.and_then(|value| serde_json::to_string_pretty(&value)).unwrap_or_else(|_| event.payload.clone());
    let text = |t: &str| html! { (t) };
    Ok(Page::new(&c, t!(c, "audit-event", number = number.to_string()))
        .study(inside.bar.clone())
        .above(StudyPart::Audit.address(inside.id()), t!(c, "part-audit"))
        .body(html! {
            (components::facts(&[
                (t!(c, "history-when"), c.time(event.time_ms)),
                (t!(c, "history-who"), text(&actor(&event))),
                (t!(c, "audit-session"), text(&event.session)),
                (t!(c, "audit-stream"), text(&event.stream)),
                (t!(c, "audit-kind"), text(&event.kind)),
                (t!(c, "history-why"), text(&event.reason)),
                (t!(c, "audit-program"), text(&event.program)),
                (t!(c, "audit-hash"), html! { code { (event.hash.to_string()) } }),
                (t!(c, "audit-before"), html! { code { (event.prev.to_string()) } }),
            ]))
            h2 { (t!(c, "audit-payload")) }
            pre tabindex="0" { (payload) }
        }))
}

/// The events that the address asks for, one JSON object a line in the order of the chain, as `croft audit verify FILE` reads them.
async fn export(c: Signed, Path(study): Path<String>) -> Result<Response, Problem> {
    let filter = filter(&Address::of(&c.path, &c.query), EXPORT);
    let name = study.clone();
    let page = c.look(move |r| r.audit(&study, &filter)).await?;
    let mut lines = String::new();
    for event in page.events.iter().rev() {
        lines.push_str(&serde_json::to_string(event).map_err(Problem::internal)?);
        lines.push('\n');
    }
    let disposition = format!("attachment; filename=\"{name}-audit.jsonl\"");
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson".to_owned()), (header::CONTENT_DISPOSITION, disposition)], lines)
        .into_response())
}

/// What an inspector asks for first, with the way to each.
struct Room {
    inside: Inside,
    audit: bool,
    access: bool,
    exports: bool,
}

/// The inspection room: a guest who reads everything and changes nothing finds all of a study from here.
async fn inspection(c: Signed, Path(study): Path<String>) -> Result<Page, Problem> {
    let room = c
        .look(move |r: &Reading<'_>| -> Result<Room, Refusal> {
            let inside = inside(r, &study, StudyPart::Audit)?;
            let may = |operation| r.may(operation, &Scope::study(&study));
            r.allow(Operation::Read, &Scope::study(&study))?;
            Ok(Room {
                audit: may(Operation::AuditRead),
                access: may(Operation::AccountList),
                exports: may(Operation::Export),
                inside,
            })
        })
        .await?;
    let id = room.inside.id();
    let line = |shown: bool, part: StudyPart, words: String| html! { @if shown { li { a href=(part.address(id)) { (part.name(&c.words)) } ": " (words) } } };
    Ok(Page::new(&c, t!(c, "inspection")).study(room.inside.bar.clone()).body(html! {
        p { (t!(c, "inspection-means")) }
        ul {
            (line(true, StudyPart::Definition, t!(c, "inspection-definition")))
            (line(true, StudyPart::Subjects, t!(c, "inspection-subjects")))
            (line(true, StudyPart::Queries, t!(c, "inspection-queries")))
            (line(room.access, StudyPart::Access, t!(c, "inspection-access")))
            (line(room.audit, StudyPart::Audit, t!(c, "inspection-audit")))
            (line(room.exports, StudyPart::Data, t!(c, "inspection-data")))
            @if room.exports && room.audit && room.access {
                li { a href={ (StudyPart::Data.address(id)) "?format=inspection-copy" } { (t!(c, "export-inspection-copy")) } }
            }
        }
        p { (t!(c, "inspection-verify")) " " code { "croft audit verify" } }
    }))
}
