//! When does a study close? What stands in the way, the lock, and how two people open it again; and the page that freezes a part of it.

use super::place::{Inside, form_address, form_name, inside, subject_address, visit_name};
use super::signing;
use crate::app::App;
use crate::components::{self, Column, Errors, Field, Row, Table};
use crate::context::{Context, Signed};
use crate::enter::{self, Posted};
use crate::flash::Tone;
use crate::layout::Page;
use crate::nav::{Address, StudyPart, segment};
use crate::problem::Problem;
use crate::redirect::Redirect;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Form, Router};
use croft_record::access::{Operation, Scope};
use croft_record::capture::Place;
use croft_record::lock::{AgreeUnlock, AskUnlock, Freeze, LockStudy, Obstacles, Part};
use croft_record::study::Lock;
use croft_record::{Reading, Refusal};
use maud::{Markup, html};

/// Obstacles that the page lists one by one; the counts are of all.
const LISTED: usize = 200;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/studies/{study}/lock", get(show).post(lock))
        .route("/studies/{study}/lock/ask", post(ask))
        .route("/studies/{study}/lock/agree", post(agree))
        .route("/studies/{study}/freeze", get(show_freeze).post(freeze))
}

/// What the page shows.
pub(crate) struct Closing {
    inside: Inside,
    obstacles: Obstacles,
    locks: bool,
    asks: bool,
    agrees: bool,
    freezes: Vec<String>,
    unfreezes: Vec<String>,
}

impl Closing {
    /// O(values of the study): everything that stands in the way is looked up anew.
    fn gather(r: &Reading<'_>, study: &str) -> Result<Self, Refusal> {
        let inside = inside(r, study, StudyPart::Lock)?;
        let may = |operation| r.may(operation, &Scope::study(study));
        let open = !inside.study.is_locked();
        let obstacles = if open && may(Operation::Read) { r.obstacles(study)? } else { Obstacles::default() };
        let at =
            |operation| inside.sites_for(r, operation).iter().filter(|_| open).map(|site| site.id.clone()).collect();
        Ok(Self {
            locks: open && may(Operation::Lock),
            asks: !open && may(Operation::UnlockRequest),
            agrees: !open && may(Operation::UnlockApprove),
            freezes: at(Operation::Freeze),
            unfreezes: at(Operation::Unfreeze),
            obstacles,
            inside,
        })
    }
}

async fn show(c: Signed, Path(study): Path<String>) -> Result<Page, Problem> {
    page(&c, study, &Vec::new(), Errors::none()).await
}

async fn page(c: &Signed, study: String, posted: &Posted, errors: Errors) -> Result<Page, Problem> {
    let closing = c.look(move |r| Closing::gather(r, &study)).await?;
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok(Page::new(c, t!(c, "part-lock"))
        .study(closing.inside.bar.clone())
        .beside_title(super::study_home::lock_state(c, &closing.inside))
        .status(status)
        .wide()
        .body(body(c, &closing, posted, &errors)))
}

fn names(c: &Context) -> [(&'static str, String); 4] {
    let [password, code] = signing::names(c);
    [password, code, ("in_spite", t!(c, "lock-in-spite")), ("reason", t!(c, "unlock-why"))]
}

async fn lock(
    c: Signed,
    Path(study): Path<String>,
    Form(posted): Form<Posted>,
) -> Result<Result<Redirect, Page>, Problem> {
    let in_spite = enter::value(&posted, "in_spite").trim().to_owned();
    let to = StudyPart::Lock.address(&study);
    let done = match signing::prove(&c, &posted).await? {
        Ok(signature) => c.execute(LockStudy { study: study.clone(), in_spite, signature }).await,
        Err(refusal) => Err(refusal),
    };
    match done {
        Ok(_) => Ok(Ok(Redirect::to(&c, &to).say(Tone::Done, t!(c, "locked-now", study = &study)))),
        Err(refusal) => Ok(Err(page(&c, study, &posted, signing::errors(refusal, &names(&c))?).await?)),
    }
}

async fn ask(
    c: Signed,
    Path(study): Path<String>,
    Form(posted): Form<Posted>,
) -> Result<Result<Redirect, Page>, Problem> {
    let reason = enter::value(&posted, "reason").trim().to_owned();
    match c.execute(AskUnlock { study: study.clone(), reason }).await {
        Ok(()) => Ok(Ok(Redirect::to(&c, &StudyPart::Lock.address(&study)).say(Tone::Done, t!(c, "unlock-asked-now")))),
        Err(refusal) => Ok(Err(page(&c, study, &posted, signing::errors(refusal, &names(&c))?).await?)),
    }
}

async fn agree(
    c: Signed,
    Path(study): Path<String>,
    Form(posted): Form<Posted>,
) -> Result<Result<Redirect, Page>, Problem> {
    let done = match signing::prove(&c, &posted).await? {
        Ok(signature) => c.execute(AgreeUnlock { study: study.clone(), signature }).await,
        Err(refusal) => Err(refusal),
    };
    match done {
        Ok(()) => {
            Ok(Ok(Redirect::to(&c, &StudyPart::Lock.address(&study))
                .say(Tone::Done, t!(c, "unlocked-now", study = &study))))
        }
        Err(refusal) => Ok(Err(page(&c, study, &posted, signing::errors(refusal, &names(&c))?).await?)),
    }
}

/// What the page says under its heading.
fn body(c: &Context, closing: &Closing, posted: &Posted, errors: &Errors) -> Markup {
    let id = closing.inside.id();
    html! {
        (components::error_summary(c, errors))
        @match &closing.inside.study.lock {
            Lock::Open => {
                (obstacles(c, closing))
                @if closing.locks { (lock_form(c, closing, posted, errors)) }
                (sites(c, closing))
            }
            Lock::Locked { unlock: None, .. } => {
                p { (t!(c, "lock-means")) }
                @if closing.asks { (components::group(&t!(c, "unlock-ask"), components::form(c, &format!("{}/ask", StudyPart::Lock.address(id)), html! {
                    p.hint { (t!(c, "unlock-two")) }
                    (Field::new("reason", t!(c, "unlock-why")).value(enter::value(posted, "reason")).errors(errors).required().area(2))
                    (components::actions(components::button(&t!(c, "unlock-ask"))))
                }))) }
            }
            Lock::Locked { unlock: Some(asked), .. } => {
                (components::notice(c, Tone::Note, html! { (t!(c, "unlock-waits", name = &asked.by)) " " (c.time(asked.at_ms)) ": " q { (asked.reason) } }))
                @if closing.agrees { (components::group(&t!(c, "unlock-agree"), components::form(c, &format!("{}/agree", StudyPart::Lock.address(id)), html! {
                    p.hint { (t!(c, "unlock-two")) }
                    (signing::fields(c, errors))
                    (components::actions(components::danger_button(&t!(c, "unlock-agree-deed", study = id))))
                }))) }
            }
        }
    }
}

fn obstacles(c: &Context, closing: &Closing) -> Markup {
    if closing.obstacles.is_empty() {
        return html! { p { (t!(c, "lock-clear")) } };
    }
    let definition = closing.inside.current.as_deref();
    let counts: Vec<(String, Markup)> =
        closing.obstacles.counts().iter().map(|(kind, n)| (kind_word(c, kind), html! { (n) })).collect();
    let rows = closing.obstacles.0.iter().take(LISTED).map(|o| {
        Row::new(html! { a href=(form_address(closing.inside.id(), &o.place)) {
            (o.place.subject) " · " (visit_name(definition, &o.place.visit, o.place.visit_repeat)) " · " (form_name(definition, &o.place.form, o.place.form_repeat)) } })
            .text(kind_word(c, o.kind))
            .text(o.count)
    });
    let rest = closing.obstacles.0.len().saturating_sub(LISTED);
    html! {
        h2 { (t!(c, "lock-obstacles")) }
        (components::facts(&counts))
        (Table::new(t!(c, "lock-obstacles")).hide_caption()
            .column(Column::text(t!(c, "form")))
            .column(Column::text(t!(c, "lock-what")))
            .column(Column::number(t!(c, "lock-count")))
            .rows(rows)
            .render(c))
        @if rest > 0 { p.quiet { (t!(c, "lock-more", count = rest)) } }
    }
}

fn kind_word(c: &Context, kind: &str) -> String {
    match kind {
        "open query" => t!(c, "obstacle-open-query"),
        "answered query" => t!(c, "obstacle-answered-query"),
        "form not complete" => t!(c, "obstacle-incomplete"),
        "form not signed" => t!(c, "obstacle-unsigned"),
        "items not verified" => t!(c, "obstacle-unverified"),
        "form not filled" => t!(c, "obstacle-unfilled"),
        other => other.to_owned(),
    }
}

fn lock_form(c: &Context, closing: &Closing, posted: &Posted, errors: &Errors) -> Markup {
    let id = closing.inside.id();
    let fields = html! {
        p { (t!(c, "lock-means")) }
        @if !closing.obstacles.is_empty() {
            (Field::new("in_spite", t!(c, "lock-in-spite")).hint(t!(c, "lock-in-spite-hint")).value(enter::value(posted, "in_spite")).errors(errors).required().area(2))
        }
        (signing::fields(c, errors))
        (components::actions(components::danger_button(&t!(c, "lock-deed", study = id))))
    };
    components::group(&t!(c, "lock-study"), components::form(c, &StudyPart::Lock.address(id), fields))
}

/// Freezing a whole site.
fn sites(c: &Context, closing: &Closing) -> Markup {
    let id = closing.inside.id();
    let link = |site: &str, frozen: bool| freeze_page(id, &[("site", site)], frozen);
    let rows = closing.inside.sites.iter().filter(|s| closing.freezes.contains(&s.id) || closing.unfreezes.contains(&s.id)).map(|site| {
        Row::new(html! { (site.id) " " (site.name) }).cell(html! {
            @if closing.freezes.contains(&site.id) { a href=(link(&site.id, true)) { (t!(c, "freeze")) span.unseen { " " (site.id) } } " " }
            @if closing.unfreezes.contains(&site.id) { a href=(link(&site.id, false)) { (t!(c, "unfreeze")) span.unseen { " " (site.id) } } }
        })
    });
    let rows: Vec<Row> = rows.collect();
    html! { @if !rows.is_empty() {
        h2 { (t!(c, "freeze-sites")) }
        (Table::new(t!(c, "freeze-sites")).hide_caption().column(Column::text(t!(c, "site"))).column(Column::text(t!(c, "freeze"))).rows(rows).render(c))
    } }
}

fn freeze_page(study: &str, pairs: &[(&str, &str)], frozen: bool) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("frozen", if frozen { "yes" } else { "no" });
    query.extend_pairs(pairs);
    format!("/studies/{}/freeze?{}", segment(study), query.finish())
}

/// The page that freezes a form, or takes it back.
pub(crate) fn freeze_address(study: &str, place: &Place, frozen: bool) -> String {
    let (visit_repeat, form_repeat) = (place.visit_repeat.to_string(), place.form_repeat.to_string());
    let pairs = [
        ("subject", place.subject.as_str()),
        ("visit", &place.visit),
        ("visit_repeat", &visit_repeat),
        ("form", &place.form),
        ("form_repeat", &form_repeat),
    ];
    freeze_page(study, &pairs, frozen)
}

/// The page that freezes all forms of a subject, or takes it back.
pub(crate) fn freeze_subject_address(study: &str, subject: &str, frozen: bool) -> String {
    freeze_page(study, &[("subject", subject)], frozen)
}

/// What is to be frozen, from the names of an address or a form.
fn part(get: impl Fn(&str) -> String) -> Result<Part, Problem> {
    let number = |name: &str| get(name).parse().unwrap_or(1);
    let (site, subject, visit, form) = (get("site"), get("subject"), get("visit"), get("form"));
    Ok(match (subject.is_empty(), visit.is_empty(), form.is_empty()) {
        (true, ..) if site.is_empty() => return Err(Problem::not_found()),
        (true, ..) => Part::Site { site },
        (false, true, _) => Part::Subject { subject },
        (false, false, true) => Part::Visit { subject, visit, visit_repeat: number("visit_repeat") },
        (false, false, false) => Part::Form(Place {
            subject,
            visit,
            visit_repeat: number("visit_repeat"),
            form,
            form_repeat: number("form_repeat"),
        }),
    })
}

async fn show_freeze(c: Signed, Path(study): Path<String>) -> Result<Page, Problem> {
    let address = Address::of(&c.path, &c.query);
    let names: Posted = address.pairs().to_vec();
    freeze_form(&c, study, &names, Errors::none()).await
}

async fn freeze_form(c: &Signed, study: String, names: &Posted, errors: Errors) -> Result<Page, Problem> {
    let part = part(|name| enter::value(names, name).to_owned())?;
    let frozen = enter::value(names, "frozen") != "no";
    let id = study.clone();
    let inside = c.look(move |r| inside(r, &id, StudyPart::Lock)).await?;
    let title = if frozen { t!(c, "freeze") } else { t!(c, "unfreeze") };
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let keep = ["frozen", "site", "subject", "visit", "visit_repeat", "form", "form_repeat"];
    let fields = html! {
        @for name in keep { @if !enter::value(names, name).is_empty() { input type="hidden" name=(name) value=(enter::value(names, name)); } }
        p { (if frozen { t!(c, "freeze-means") } else { t!(c, "unfreeze-means") }) }
        @if !frozen { (Field::new("reason", t!(c, "unfreeze-why")).value(enter::value(names, "reason")).errors(&errors).required().text()) }
        (components::actions(components::button(&format!("{title}: {}", part.words()))))
    };
    Ok(Page::new(c, title.clone()).study(inside.bar).status(status).body(html! {
        (components::error_summary(c, &errors))
        (components::form(c, &format!("/studies/{}/freeze", segment(&study)), fields))
    }))
}

async fn freeze(
    c: Signed,
    Path(study): Path<String>,
    Form(posted): Form<Posted>,
) -> Result<Result<Redirect, Page>, Problem> {
    let part = part(|name| enter::value(&posted, name).to_owned())?;
    let frozen = enter::value(&posted, "frozen") != "no";
    let to = match &part {
        Part::Form(place) => form_address(&study, place),
        Part::Visit { subject, .. } | Part::Subject { subject } => subject_address(&study, subject),
        Part::Site { .. } => StudyPart::Lock.address(&study),
    };
    let reason = enter::value(&posted, "reason").trim().to_owned();
    match c.execute(Freeze { study: study.clone(), part, frozen, reason }).await {
        Ok(count) if frozen => Ok(Ok(Redirect::to(&c, &to).say(Tone::Done, t!(c, "frozen-now", count = count)))),
        Ok(count) => Ok(Ok(Redirect::to(&c, &to).say(Tone::Done, t!(c, "unfrozen-now", count = count)))),
        Err(refusal) => Ok(Err(freeze_form(&c, study, &posted, signing::errors(refusal, &names(&c))?).await?)),
    }
}
