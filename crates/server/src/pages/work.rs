//! What waits for me? Over all studies of the reader: queries to answer or to close, forms to sign, items to verify; and the list of studies.

use super::place::{Inside, anywhere, inside};
use super::{notices, queries};
use crate::app::App;
use crate::components::{self, Column, Errors, Field, Row, Status, Table};
use crate::context::{Context, Signed};
use crate::enter::{self, Posted};
use crate::flash::Tone;
use crate::layout::Page;
use crate::nav::{Part, StudyPart};
use crate::problem::Problem;
use crate::redirect::Redirect;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Form, Router};
use croft_record::access::{Operation, Scope};
use croft_record::capture::Counts;
use croft_record::capture::read::MatrixFilter;
use croft_record::study::CreateStudy;
use croft_record::vault::state::CodeBreak;
use croft_record::{Reading, Refusal};
use maud::{Markup, html};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/", get(async |c: Signed| Redirect::to(&c, Part::Work.address())))
        .route("/work", get(show))
        .route("/studies", get(studies).post(create))
}

/// What waits in one study.
struct Waiting {
    inside: Inside,
    to_answer: usize,
    to_close: usize,
    to_sign: u32,
    to_verify: u32,
    unlock: bool,
    breaks: Vec<CodeBreak>,
}

impl Waiting {
    /// O(subjects + queries that wait).
    fn gather(r: &Reading<'_>, study: &str) -> Result<Self, Refusal> {
        let inside = inside(r, study, StudyPart::Home)?;
        let reads = anywhere(r, study, &inside.sites, Operation::Read);
        let (to_answer, to_close) = if reads { queries::waiting(r, &inside)? } else { (0, 0) };
        let may = |operation| reads && !inside.study.is_locked() && anywhere(r, study, &inside.sites, operation);
        let (signs, verifies) = (may(Operation::Sign), may(Operation::Verify));
        let mut sums = Counts::default();
        if signs || verifies {
            let subjects = r.matrix(study, &MatrixFilter { limit: usize::MAX, ..MatrixFilter::default() })?;
            sums = subjects.iter().flat_map(|s| &s.visits).fold(sums, |sum, visit| sum.plus(&visit.sums));
        }
        let unlock = matches!(&inside.study.lock, croft_record::study::Lock::Locked { unlock: Some(asked), .. } if asked.by != r.caller.account)
            && r.may(Operation::UnlockApprove, &Scope::study(study));
        Ok(Self {
            to_answer,
            to_close,
            to_sign: if signs { sums.complete.saturating_sub(sums.signed) } else { 0 },
            to_verify: if verifies { sums.items.saturating_sub(sums.verified) } else { 0 },
            unlock,
            breaks: r.code_breaks_to_acknowledge(study)?,
            inside,
        })
    }

    fn is_empty(&self) -> bool {
        self.to_answer + self.to_close == 0
            && self.to_sign + self.to_verify == 0
            && !self.unlock
            && self.breaks.is_empty()
    }
}

async fn show(c: Signed) -> Result<Page, Problem> {
    let (waiting, parts) = c
        .look(|r| {
            let studies = r.studies()?;
            let waiting: Result<Vec<Waiting>, Refusal> =
                studies.iter().map(|study| Waiting::gather(r, &study.id)).collect();
            Ok((waiting?, parts(r)))
        })
        .await?;
    let some: Vec<&Waiting> = waiting.iter().filter(|w| !w.is_empty()).collect();
    Ok(Page::new(&c, t!(c, "part-work")).parts(parts).here(Part::Work).wide().body(html! {
        @if some.is_empty() { (components::empty(&t!(c, "work-none"), html! { p { a href=(Part::Studies.address()) { (t!(c, "part-studies")) } } })) }
        @for waiting in some { (study_work(&c, waiting)) }
    }))
}

/// The parts of the house that the reader may see.
pub(crate) fn parts(r: &Reading<'_>) -> Vec<Part> {
    let people = r.may(Operation::AccountList, &Scope::organisation());
    let mut parts = vec![Part::Work, Part::Studies];
    parts.extend(people.then_some(Part::People));
    parts
}

fn study_work(c: &Context, waiting: &Waiting) -> Markup {
    let id = waiting.inside.id();
    let line = |count: u32, part: StudyPart, query: &str, words: String| {
        let address = format!("{}{query}", part.address(id));
        (count > 0).then(|| html! { li { a href=(address) { (words) } } })
    };
    let lines = [
        line(
            waiting.to_answer as u32,
            StudyPart::Queries,
            "?status=open",
            t!(c, "work-answer", count = waiting.to_answer),
        ),
        line(
            waiting.to_close as u32,
            StudyPart::Queries,
            "?status=answered",
            t!(c, "work-close", count = waiting.to_close),
        ),
        line(waiting.to_sign, StudyPart::Signatures, "", t!(c, "work-sign", count = waiting.to_sign)),
        line(waiting.to_verify, StudyPart::Verification, "", t!(c, "work-verify", count = waiting.to_verify)),
        line(u32::from(waiting.unlock), StudyPart::Lock, "", t!(c, "work-unlock")),
    ];
    html! {
        h2 { a href=(StudyPart::Home.address(id)) { (waiting.inside.bar.title) } @if waiting.inside.study.training { " " span.quiet { (t!(c, "training")) } } }
        (notices::code_breaks(c, id, &waiting.breaks))
        ul { @for line in lines.into_iter().flatten() { (line) } }
    }
}

async fn studies(c: Signed) -> Result<Page, Problem> {
    page(&c, &Vec::new(), Errors::none()).await
}

async fn page(c: &Signed, posted: &Posted, errors: Errors) -> Result<Page, Problem> {
    let (studies, creates, parts) = c
        .look(|r| {
            let found = r.studies()?.into_iter().map(|study| inside(r, &study.id, StudyPart::Home));
            let found: Result<Vec<Inside>, Refusal> = found.collect();
            Ok((found?, r.may(Operation::StudyCreate, &Scope::organisation()), parts(r)))
        })
        .await?;
    let rows = studies.iter().map(|inside| {
        let study = &inside.study;
        Row::new(html! { a href=(StudyPart::Home.address(&study.id)) { (study.id) } })
            .text(&study.title)
            .cell(html! { @if study.training { strong { (t!(c, "training-study")) } } @else { (t!(c, "real-study")) } })
            .text(&inside.bar.role)
            .text(study.current().map(|n| n.to_string()).unwrap_or_default())
            .text(inside.sites.len())
            .cell(html! { @if study.is_locked() { (components::status(c, Status::Locked)) } })
    });
    let table = Table::new(t!(c, "part-studies"))
        .hide_caption()
        .column(Column::name(t!(c, "study")))
        .column(Column::text(t!(c, "study-title")))
        .column(Column::text(t!(c, "study-kind")))
        .column(Column::name(t!(c, "role")))
        .column(Column::number(t!(c, "study-version")))
        .column(Column::number(t!(c, "home-sites")))
        .column(Column::text(t!(c, "site-state")))
        .rows(rows)
        .empty(components::empty(&t!(c, "studies-none"), html! { p { (t!(c, "hint-denied")) } }));
    let fields = html! {
        (Field::new("id", t!(c, "study-id")).hint(t!(c, "study-id-hint")).value(enter::value(posted, "id")).errors(&errors).required().size(20).text())
        (Field::new("title", t!(c, "study-title")).value(enter::value(posted, "title")).errors(&errors).required().text())
        (components::actions(components::button(&t!(c, "study-create"))))
    };
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok(Page::new(c, t!(c, "part-studies")).parts(parts).here(Part::Studies).wide().status(status).body(html! {
        (components::error_summary(c, &errors))
        (table.render(c))
        @if creates { (components::group(&t!(c, "study-create"), components::form(c, Part::Studies.address(), fields))) }
    }))
}

async fn create(c: Signed, Form(posted): Form<Posted>) -> Result<Result<Redirect, Page>, Problem> {
    let (id, title) = (enter::value(&posted, "id").trim().to_owned(), enter::value(&posted, "title").trim().to_owned());
    match c.execute(CreateStudy { id: id.clone(), title }).await {
        Ok(()) => {
            Ok(Ok(Redirect::to(&c, &StudyPart::Home.address(&id)).say(Tone::Done, t!(c, "study-created", study = &id))))
        }
        Err(refusal) => {
            let names = [("id", t!(c, "study-id")), ("title", t!(c, "study-title"))];
            Ok(Err(page(&c, &posted, super::signing::errors(refusal, &names)?).await?))
        }
    }
}
