//! Which forms wait for a signature, and the page on which one is given: what it covers, what it means, and the proof of who signs.

use super::place::{Inside, Rights, form_address, form_name, inside, sign_address, subject_address, visit_name};
use super::signing;
use crate::app::App;
use crate::components::{self, Column, Errors, Field, Row, Status, Table};
use crate::context::{Context, Signed};
use crate::enter::{self, Posted};
use crate::flash::Tone;
use crate::layout::Page;
use crate::nav::{Address, StudyPart};
use crate::problem::Problem;
use crate::redirect::Redirect;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Form, Router};
use croft_record::access::Operation;
use croft_record::capture::read::MatrixFilter;
use croft_record::capture::{FormState, Place, Subject};
use croft_record::sign::{Covers, Sign};
use croft_record::{Reading, Refusal};
use maud::{Markup, html};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/studies/{study}/signatures", get(show))
        .route("/studies/{study}/subjects/{subject}/sign", get(ask).post(sign))
}

/// Subjects with something to sign.
struct Due {
    inside: Inside,
    subjects: Vec<Subject>,
}

impl Due {
    /// O(subjects).
    fn gather(r: &Reading<'_>, study: &str) -> Result<Self, Refusal> {
        let inside = inside(r, study, StudyPart::Signatures)?;
        let sites: Vec<String> = inside.sites_for(r, Operation::Sign).iter().map(|site| site.id.clone()).collect();
        let mut subjects = r.matrix(study, &MatrixFilter { limit: usize::MAX, ..MatrixFilter::default() })?;
        subjects.retain(|s| sites.contains(&s.site) && s.visits.iter().any(|v| v.sums.signed < v.sums.saved));
        Ok(Self { inside, subjects })
    }
}

async fn show(c: Signed, Path(study): Path<String>) -> Result<Page, Problem> {
    let due = c.look(move |r| Due::gather(r, &study)).await?;
    let definition = due.inside.current.as_deref();
    let (id, words) = (due.inside.id(), c.words);
    let rows = due.subjects.iter().flat_map(|subject| {
        subject.visits.iter().filter(|v| v.sums.signed < v.sums.saved).map(move |visit| {
            let sums = visit.sums;
            let ready = sums.complete == sums.saved;
            let sign = sign_address(id, &subject.id, Some((&visit.visit, visit.repeat)), None);
            Row::new(html! { a href=(subject_address(id, &subject.id)) { (subject.id) } })
                .text(&subject.site)
                .text(visit_name(definition, &visit.visit, visit.repeat))
                .text(sums.saved - sums.signed)
                .text(sums.open + sums.answered)
                .cell(html! { @if ready { a href=(sign) { (t!(words, "sign-visit")) span.unseen { " " (subject.id) " " (visit.visit) } } }
                    @else { span.quiet { (t!(words, "sign-not-ready", count = sums.saved - sums.complete)) } } })
        })
    });
    let table = Table::new(t!(c, "part-signatures"))
        .hide_caption()
        .column(Column::name(t!(c, "subject")))
        .column(Column::text(t!(c, "site")))
        .column(Column::text(t!(c, "visit")))
        .column(Column::number(t!(c, "sign-forms")))
        .column(Column::number(t!(c, "form-queries")))
        .column(Column::text(t!(c, "sign-next")))
        .rows(rows)
        .empty(components::empty(&t!(c, "sign-none"), html! { p { (t!(c, "sign-none-hint")) } }));
    Ok(Page::new(&c, t!(c, "part-signatures")).study(due.inside.bar.clone()).wide().body(table.render(&c)))
}

/// What is to be signed, with the forms that are covered.
struct Asked {
    inside: Inside,
    forms: Vec<(Place, FormState)>,
    may: bool,
}

/// What a page's address or form names.
fn covers(subject: &str, names: &[(String, String)]) -> Covers {
    let text = |name| enter::value(names, name).to_owned();
    let number = |name| enter::value(names, name).parse().unwrap_or(1);
    let (visit, form) = (text("visit"), text("form"));
    let subject = subject.to_owned();
    match (visit.is_empty(), form.is_empty()) {
        (true, _) => Covers::Subject { subject },
        (false, true) => Covers::Visit { subject, visit, visit_repeat: number("visit_repeat") },
        (false, false) => Covers::Form(Place {
            subject,
            visit,
            visit_repeat: number("visit_repeat"),
            form,
            form_repeat: number("form_repeat"),
        }),
    }
}

fn holds(covers: &Covers, place: &Place) -> bool {
    match covers {
        Covers::Form(form) => form == place,
        Covers::Visit { visit, visit_repeat, .. } => *visit == place.visit && *visit_repeat == place.visit_repeat,
        Covers::Subject { .. } => true,
    }
}

async fn ask(c: Signed, Path((study, subject)): Path<(String, String)>) -> Result<Page, Problem> {
    let names: Posted = Address::of(&c.path, &c.query).pairs().to_vec();
    page(&c, study, subject, &names, Errors::none()).await
}

async fn page(c: &Signed, study: String, subject: String, names: &Posted, errors: Errors) -> Result<Page, Problem> {
    let what = covers(&subject, names);
    let (id, who, of) = (study.clone(), subject.clone(), what.clone());
    let asked = c
        .look(move |r| {
            let inside = inside(r, &id, StudyPart::Signatures)?;
            let (row, _) = r.subject(&id, &who)?;
            let mut forms = r.forms(&id, &who)?;
            forms.retain(|(place, _)| holds(&of, place));
            let may = Rights::at(r, &id, &row.site).has(Operation::Sign) && !inside.study.is_locked();
            Ok(Asked { inside, forms, may })
        })
        .await?;
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok(Page::new(c, t!(c, "sign-title", subject = &subject))
        .study(asked.inside.bar.clone())
        .above(StudyPart::Signatures.address(&study), t!(c, "part-signatures"))
        .above(subject_address(&study, &subject), subject.clone())
        .status(status)
        .body(html! {
            (components::error_summary(c, &errors))
            (forms(c, &asked))
            @if asked.may && !asked.forms.is_empty() { (sign_form(c, &asked, &subject, names, &errors)) }
        }))
}

fn forms(c: &Context, asked: &Asked) -> Markup {
    let definition = asked.inside.current.as_deref();
    let rows = asked.forms.iter().map(|(place, state)| {
        let counts = state.counts();
        let status = if state.complete { Status::Done } else { Status::Started };
        Row::new(html! { a href=(form_address(asked.inside.id(), place)) { (form_name(definition, &place.form, place.form_repeat)) } })
            .text(visit_name(definition, &place.visit, place.visit_repeat))
            .cell(components::status(c, status))
            .text(counts.items)
            .text(counts.open + counts.answered)
    });
    Table::new(t!(c, "sign-covers"))
        .column(Column::text(t!(c, "form")))
        .column(Column::text(t!(c, "visit")))
        .column(Column::text(t!(c, "query-status")))
        .column(Column::number(t!(c, "form-items")))
        .column(Column::number(t!(c, "form-queries")))
        .rows(rows)
        .empty(components::empty(&t!(c, "sign-nothing"), html! {}))
        .render(c)
}

fn sign_form(c: &Context, asked: &Asked, subject: &str, names: &Posted, errors: &Errors) -> Markup {
    let meaning = Some(enter::value(names, "meaning"))
        .filter(|m| !m.is_empty())
        .map_or_else(|| t!(c, "sign-meaning-default"), str::to_owned);
    let fields = html! {
        @for name in ["visit", "visit_repeat", "form", "form_repeat"] {
            @if !enter::value(names, name).is_empty() { input type="hidden" name=(name) value=(enter::value(names, name)); }
        }
        (Field::new("meaning", t!(c, "sign-meaning")).hint(t!(c, "sign-meaning-hint")).value(meaning).errors(errors).required().area(2))
        (signing::fields(c, errors))
        (components::actions(components::button(&t!(c, "sign-deed", count = asked.forms.len()))))
    };
    components::group(
        &t!(c, "sign"),
        components::form(c, &sign_address(asked.inside.id(), subject, None, None), fields),
    )
}

async fn sign(
    c: Signed,
    Path((study, subject)): Path<(String, String)>,
    Form(posted): Form<Posted>,
) -> Result<Result<Redirect, Page>, Problem> {
    let meaning = enter::value(&posted, "meaning").replace("\r\n", "\n");
    let done = match signing::prove(&c, &posted).await? {
        Ok(signature) => {
            c.execute(Sign { study: study.clone(), covers: covers(&subject, &posted), meaning, signature }).await
        }
        Err(refusal) => Err(refusal),
    };
    match done {
        Ok(_) => Ok(Ok(Redirect::to(&c, &subject_address(&study, &subject)).say(Tone::Done, t!(c, "signed-now")))),
        Err(refusal) => {
            let [password, code] = signing::names(&c);
            let names = [password, code, ("meaning", t!(c, "sign-meaning"))];
            Ok(Err(page(&c, study, subject, &posted, signing::errors(refusal, &names)?).await?))
        }
    }
}
