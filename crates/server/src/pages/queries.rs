//! Which questions wait, for whom, and since when? All queries of a study, and the one door through which something is said in one.

use super::place::{Inside, anywhere, form_address, form_name, inside, visit_name};
use super::thread;
use crate::app::App;
use crate::components::{self, Choice, Column, Field, Pager, Row, Table};
use crate::context::{Context, Signed};
use crate::enter::{self, Posted};
use crate::flash::Tone;
use crate::layout::Page;
use crate::nav::{Address, StudyPart};
use crate::problem::Problem;
use crate::redirect::{Redirect, is_local};
use axum::extract::Path;
use axum::routing::{get, post};
use axum::{Form, Router};
use croft_record::access::Operation;
use croft_record::query::read::Filter;
use croft_record::query::{Answer, Cancel, Close, Query, Reopen, Status};
use croft_record::{Reading, Refusal};
use maud::{Markup, html};

/// Queries on one page.
const PAGE: usize = 50;
const STATUSES: [Status; 4] = [Status::Open, Status::Answered, Status::Closed, Status::Cancelled];
const DAY_MS: i64 = 86_400_000;

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/studies/{study}/queries", get(show)).route("/studies/{study}/queries/{number}", post(say))
}

/// What was asked for in the address.
#[derive(Clone, Debug, Default)]
struct Wanted {
    status: String,
    site: String,
    subject: String,
    after: Option<u64>,
}

/// What the page shows.
struct Listed {
    inside: Inside,
    queries: Vec<Query>,
    next: Option<u64>,
    now_ms: i64,
}

impl Listed {
    fn gather(r: &Reading<'_>, study: &str, wanted: &Wanted) -> Result<Self, Refusal> {
        let inside = inside(r, study, StudyPart::Queries)?;
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let status = match wanted.status.as_str() {
            "all" => None,
            "" => Some(Status::Open),
            word => STATUSES.into_iter().find(|s| s.word() == word),
        };
        let filter = Filter {
            status,
            site: some(&wanted.site),
            subject: some(&wanted.subject),
            after: wanted.after,
            limit: PAGE + 1,
        };
        let mut queries = r.queries(study, &filter)?;
        let more = queries.len() > PAGE;
        queries.truncate(PAGE);
        let next = queries.last().map(|q| q.number).filter(|_| more);
        Ok(Self { inside, queries, next, now_ms: r.now_ms })
    }
}

async fn show(c: Signed, Path(study): Path<String>) -> Result<Page, Problem> {
    let address = Address::of(&c.path, &c.query);
    let text = |name| address.get(name).unwrap_or("").trim().to_owned();
    let wanted = Wanted {
        status: text("status"),
        site: text("site"),
        subject: text("subject"),
        after: address.get("after").and_then(|n| n.parse().ok()),
    };
    let asked = wanted.clone();
    let listed = c.look(move |r| Listed::gather(r, &study, &asked)).await?;
    Ok(Page::new(&c, t!(c, "part-queries"))
        .study(listed.inside.bar.clone())
        .wide()
        .body(html! { (filter(&c, &listed, &wanted)) (table(&c, &listed)) }))
}

fn status_word(c: &Context, status: Status) -> String {
    components::status_word(c, thread::state(status))
}

fn filter(c: &Context, listed: &Listed, wanted: &Wanted) -> Markup {
    let mut statuses: Vec<Choice> = STATUSES.into_iter().map(|s| Choice::new(s.word(), status_word(c, s))).collect();
    statuses.push(Choice::new("all", t!(c, "matrix-all")));
    let mut sites = vec![Choice::new("", t!(c, "all-sites"))];
    sites.extend(listed.inside.sites.iter().map(|s| Choice::new(&s.id, format!("{} {}", s.id, s.name))));
    let chosen = if wanted.status.is_empty() { Status::Open.word() } else { &wanted.status };
    components::filter_form(
        &StudyPart::Queries.address(listed.inside.id()),
        &[],
        html! {
            (Field::new("status", t!(c, "query-status")).value(chosen).select(&statuses))
            (Field::new("site", t!(c, "site")).value(&wanted.site).select(&sites))
            (Field::new("subject", t!(c, "subject-number")).value(&wanted.subject).size(12).text())
            (components::quiet_button(&t!(c, "filter")))
        },
    )
}

fn table(c: &Context, listed: &Listed) -> Markup {
    let definition = listed.inside.current.as_deref();
    let rows = listed.queries.iter().map(|query| {
        let place = &query.place;
        let address = format!("{}#query-{}", form_address(listed.inside.id(), place), query.number);
        let item = definition.and_then(|d| d.item(&place.form, &query.group, &query.item)).map_or(query.item.as_str(), |i| i.label.as_str());
        let last = query.thread.last();
        Row::new(html! { a href=(address) { (query.number) } })
            .cell(components::status(c, thread::state(query.status)))
            .text(&place.subject)
            .text(&query.site)
            .text(visit_name(definition, &place.visit, place.visit_repeat))
            .text(form_name(definition, &place.form, place.form_repeat))
            .text(item)
            .cell(html! { @if let Some(first) = query.thread.first() { (first.text) } })
            .cell(html! { @if let Some(last) = last.filter(|_| query.thread.len() > 1) { (last.text) " " span.quiet { (last.by) } } })
            .text((listed.now_ms - query.opened_ms).div_euclid(DAY_MS))
    });
    Table::new(t!(c, "part-queries"))
        .hide_caption()
        .grid()
        .column(Column::number(t!(c, "query")))
        .column(Column::name(t!(c, "query-status")))
        .column(Column::name(t!(c, "subject")))
        .column(Column::text(t!(c, "site")))
        .column(Column::text(t!(c, "visit")))
        .column(Column::text(t!(c, "form")))
        .column(Column::text(t!(c, "item")))
        .column(Column::prose(t!(c, "query-question")))
        .column(Column::text(t!(c, "query-last")))
        .column(Column::number(t!(c, "query-age")).unit("d"))
        .rows(rows)
        .pager(Pager { next: listed.next.map(|n| n.to_string()), ..Pager::default() })
        .empty(components::empty(&t!(c, "queries-none"), html! { p { (t!(c, "queries-none-hint")) } }))
        .render(c)
}

/// Answers, closes, reopens or cancels.
async fn say(
    c: Signed,
    Path((study, query)): Path<(String, u64)>,
    Form(posted): Form<Posted>,
) -> Result<Redirect, Problem> {
    let text = enter::value(&posted, "text").replace("\r\n", "\n").trim().to_owned();
    let next = enter::value(&posted, "next");
    let back = if is_local(next) { next.to_owned() } else { StudyPart::Queries.address(&study) };
    let done = match enter::value(&posted, "deed") {
        "answer" => c.execute(Answer { study, query, text }).await,
        "close" => c.execute(Close { study, query, text: or(text, t!(c, "query-closing")) }).await,
        "reopen" => c.execute(Reopen { study, query, text }).await,
        "cancel" => c.execute(Cancel { study, query, text }).await,
        _ => return Err(Problem::bad_request("")),
    };
    let to = format!("{back}#query-{query}");
    match done {
        Ok(()) => Ok(Redirect::to(&c, &to).say(Tone::Done, t!(c, "query-said", number = query.to_string()))),
        Err(Refusal::Invalid { .. }) => Ok(Redirect::to(&c, &to).say(Tone::Failed, t!(c, "query-says-nothing"))),
        Err(Refusal::State { message, hint }) => {
            Ok(Redirect::to(&c, &to).say(Tone::Failed, format!("{message}: {hint}")))
        }
        Err(refusal) => Err(refusal.into()),
    }
}

/// A query may be closed without a word; the thread then says so.
fn or(text: String, otherwise: String) -> String {
    if text.is_empty() { otherwise } else { text }
}

/// How many queries wait for somebody of this role: open ones for the site, answered ones for who asked.
pub(crate) fn waiting(r: &Reading<'_>, inside: &Inside) -> Result<(usize, usize), Refusal> {
    let id = inside.id();
    let count = |status| {
        let filter = Filter { status: Some(status), limit: usize::MAX, ..Filter::default() };
        r.queries(id, &filter).map(|found| found.len())
    };
    let answers = anywhere(r, id, &inside.sites, Operation::QueryAnswer);
    let closes = anywhere(r, id, &inside.sites, Operation::QueryClose);
    Ok((if answers { count(Status::Open)? } else { 0 }, if closes { count(Status::Answered)? } else { 0 }))
}
