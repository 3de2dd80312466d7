//! Subjects by visits: how far is everybody?
//!
//! One shape and word a cell, from the sums that each subject's row keeps; fifty subjects a page, so that a study of a thousand opens as fast as one of ten.

use super::place::{Inside, inside, subject_address};
use crate::app::App;
use crate::components::{self, Choice, Column, Errors, Field, Pager, Row, Status, Table};
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
use croft_design::definition::{Visit, VisitKind};
use croft_record::access::Operation;
use croft_record::capture::read::MatrixFilter;
use croft_record::capture::{Counts, Enrol, Subject, SubjectStatus};
use croft_record::definition::Compiled;
use croft_record::{Reading, Refusal};
use maud::{Markup, html};

/// Subjects on one page.
pub(crate) const PAGE: usize = 50;

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/studies/{study}/subjects", get(show).post(enrol))
}

/// What was asked for in the address.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    pub site: String,
    pub holds: String,
    /// `query`, `started`, `withdrawn`, or empty.
    pub status: String,
    pub after: Option<String>,
}

impl Wanted {
    fn of(address: &Address) -> Self {
        let text = |name| address.get(name).unwrap_or("").to_owned();
        Self {
            site: text("site"),
            holds: text("holds"),
            status: text("status"),
            after: address.get("after").map(str::to_owned),
        }
    }

    fn takes(&self, subject: &Subject) -> bool {
        let any = |wanted: fn(&Counts) -> bool| subject.visits.iter().any(|visit| wanted(&visit.sums));
        match self.status.as_str() {
            "query" => any(|sums| sums.open + sums.answered > 0),
            "started" => any(|sums| sums.complete < sums.saved),
            "withdrawn" => subject.status == SubjectStatus::Withdrawn,
            _ => true,
        }
    }
}

/// A page of the matrix.
pub(crate) struct Matrix {
    pub inside: Inside,
    pub subjects: Vec<Subject>,
    pub next: Option<String>,
    /// Open sites at which the caller may enrol.
    pub enrol_at: Vec<String>,
}

impl Matrix {
    /// O(subjects read until the page is full).
    pub fn gather(r: &Reading<'_>, study: &str, wanted: &Wanted) -> Result<Self, Refusal> {
        let inside = inside(r, study, StudyPart::Subjects)?;
        let mut filter = MatrixFilter {
            site: Some(wanted.site.clone()).filter(|site| !site.is_empty()),
            after: wanted.after.clone(),
            holds: wanted.holds.clone(),
            limit: 4 * PAGE,
        };
        let mut subjects: Vec<Subject> = Vec::new();
        while subjects.len() <= PAGE {
            let found = r.matrix(study, &filter)?;
            let last = found.last().map(|subject| subject.id.clone());
            let ended = found.len() < filter.limit;
            subjects.extend(found.into_iter().filter(|subject| wanted.takes(subject)));
            filter.after = last;
            if ended {
                break;
            }
        }
        let more = subjects.len() > PAGE;
        subjects.truncate(PAGE);
        let next = subjects.last().map(|subject| subject.id.clone()).filter(|_| more);
        let open = !inside.study.is_locked() && inside.current.is_some();
        let sites = if open { inside.sites_for(r, Operation::Enrol) } else { Vec::new() };
        let enrol_at = sites.into_iter().filter(|site| site.open).map(|site| site.id.clone()).collect();
        Ok(Self { inside, subjects, next, enrol_at })
    }
}

async fn show(c: Signed, Path(study): Path<String>) -> Result<Page, Problem> {
    let wanted = Wanted::of(&Address::of(&c.path, &c.query));
    page(&c, study, wanted, "", Errors::none()).await
}

async fn page(c: &Signed, study: String, wanted: Wanted, number: &str, errors: Errors) -> Result<Page, Problem> {
    let asked = wanted.clone();
    let matrix = c.look(move |r| Matrix::gather(r, &study, &asked)).await?;
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok(Page::new(c, t!(c, "part-subjects"))
        .study(matrix.inside.bar.clone())
        .beside_title(super::study_home::lock_state(c, &matrix.inside))
        .wide()
        .status(status)
        .body(body(c, &matrix, &wanted, number, &errors)))
}

async fn enrol(
    c: Signed,
    Path(study): Path<String>,
    Form(posted): Form<Posted>,
) -> Result<Result<Redirect, Page>, Problem> {
    let number = enter::value(&posted, "subject").trim().to_owned();
    let subject = Some(number.clone()).filter(|number| !number.is_empty());
    let site = enter::value(&posted, "site").to_owned();
    match c.execute(Enrol { study: study.clone(), site, subject }).await {
        Ok(id) => {
            Ok(Ok(Redirect::to(&c, &subject_address(&study, &id)).say(Tone::Done, t!(c, "enrolled", subject = &id))))
        }
        Err(refusal) => {
            let errors = Errors::from_refusal(refusal, &[("subject", t!(c, "subject-number"))])?;
            Ok(Err(page(&c, study, Wanted::default(), &number, errors).await?))
        }
    }
}

/// What the page says under its heading.
pub(crate) fn body(c: &Context, matrix: &Matrix, wanted: &Wanted, number: &str, errors: &Errors) -> Markup {
    let address = StudyPart::Subjects.address(matrix.inside.id());
    html! {
        (components::error_summary(c, errors))
        (filter(c, &address, matrix, wanted))
        (table(c, matrix))
        (legend(c))
        @if !matrix.enrol_at.is_empty() { (enrol_form(c, &address, matrix, number, errors)) }
    }
}

fn filter(c: &Context, address: &str, matrix: &Matrix, wanted: &Wanted) -> Markup {
    let mut sites = vec![Choice::new("", t!(c, "all-sites"))];
    sites.extend(matrix.inside.sites.iter().map(|site| Choice::new(&site.id, format!("{} {}", site.id, site.name))));
    let states = [
        Choice::new("", t!(c, "matrix-all")),
        Choice::new("query", t!(c, "matrix-with-queries")),
        Choice::new("started", t!(c, "matrix-incomplete")),
        Choice::new("withdrawn", t!(c, "subject-withdrawn")),
    ];
    components::filter_form(
        address,
        &[],
        html! {
            (Field::new("holds", t!(c, "subject-number")).value(&wanted.holds).size(12).text())
            (Field::new("site", t!(c, "site")).value(&wanted.site).select(&sites))
            (Field::new("status", t!(c, "query-status")).value(&wanted.status).select(&states))
            (components::quiet_button(&t!(c, "filter")))
        },
    )
}

/// The visits that have a column: scheduled ones and logs always, others when somebody on the page had one.
fn columns<'d>(definition: &'d Compiled, subjects: &[Subject]) -> Vec<&'d Visit> {
    let had = |visit: &Visit| subjects.iter().any(|s| s.visits.iter().any(|v| v.visit == visit.code));
    definition.definition.visits.iter().filter(|v| v.kind != VisitKind::Unscheduled || had(v)).collect()
}

fn table(c: &Context, matrix: &Matrix) -> Markup {
    let id = matrix.inside.id();
    let Some(definition) = &matrix.inside.current else {
        return components::empty(&t!(c, "home-no-version"), html! {});
    };
    let visits = columns(definition, &matrix.subjects);
    let table = Table::new(t!(c, "matrix-caption"))
        .hide_caption()
        .grid()
        .column(Column::name(t!(c, "subject")))
        .column(Column::text(t!(c, "site")))
        .column(Column::name(t!(c, "subject-state")));
    let table = visits.iter().fold(table, |table, visit| table.column(Column::name(&visit.name)));
    let rows = matrix.subjects.iter().map(|subject| {
        let address = subject_address(id, &subject.id);
        let state = match subject.status {
            SubjectStatus::Enrolled => t!(c, "subject-enrolled"),
            SubjectStatus::Withdrawn => t!(c, "subject-withdrawn"),
        };
        let row = Row::new(html! { a href=(address) { (subject.id) } }).text(&subject.site).text(state);
        visits.iter().fold(row, |row, visit| row.cell(cell(c, definition, subject, visit, &address)))
    });
    table
        .rows(rows)
        .pager(Pager { next: matrix.next.clone(), ..Pager::default() })
        .empty(components::empty(&t!(c, "matrix-empty"), html! { p { (t!(c, "matrix-empty-hint")) } }))
        .render(c)
}

/// A visit of a subject: the state that most needs somebody.
fn cell(c: &Context, definition: &Compiled, subject: &Subject, visit: &Visit, address: &str) -> Markup {
    let of_visit = || subject.visits.iter().filter(|v| v.visit == visit.code);
    let sums = of_visit().fold(Counts::default(), |sum, v| sum.plus(&v.sums));
    let expected =
        definition.forms_at(&visit.code).filter(|f| f.when.is_none()).count() as u32 * of_visit().count().max(1) as u32;
    let queries = sums.open + sums.answered;
    let code: String = form_urlencoded::byte_serialize(visit.code.as_bytes()).collect();
    html! {
        a href={ (address) "#visit-" (code) "-1" } {
            (components::status(c, visit_status(&sums, expected)))
            @if queries > 1 { " " span.quiet { (queries) } }
            @else if queries == 0 && sums.complete < expected && sums.saved > 0 { " " span.quiet { (sums.complete) "/" (expected) } }
        }
    }
}

/// The state of forms together, the one that most needs somebody first.
pub(crate) fn visit_status(sums: &Counts, expected: u32) -> Status {
    match sums {
        s if s.open > 0 => Status::QueryOpen,
        s if s.answered > 0 => Status::QueryAnswered,
        s if s.saved == 0 => Status::Empty,
        s if s.complete < expected.max(s.saved) => Status::Started,
        s if s.frozen == s.saved => Status::Frozen,
        s if s.signed == s.saved => Status::Signed,
        s if s.items > 0 && s.verified == s.items => Status::Verified,
        _ => Status::Done,
    }
}

fn legend(c: &Context) -> Markup {
    let shown = [
        Status::Empty,
        Status::Started,
        Status::Done,
        Status::QueryOpen,
        Status::QueryAnswered,
        Status::Verified,
        Status::Signed,
        Status::Frozen,
    ];
    html! { ul.legend aria-label=(t!(c, "legend")) { @for status in shown { li { (components::status(c, status)) } } } }
}

fn enrol_form(c: &Context, address: &str, matrix: &Matrix, number: &str, errors: &Errors) -> Markup {
    let name = |id: &str| matrix.inside.sites.iter().find(|s| s.id == id).map_or("", |s| s.name.as_str()).to_owned();
    let sites: Vec<Choice> = matrix.enrol_at.iter().map(|id| Choice::new(id, format!("{id} {}", name(id)))).collect();
    let fields = html! {
        (Field::new("site", t!(c, "site")).value(&matrix.enrol_at[0]).select(&sites))
        (Field::new("subject", t!(c, "subject-number")).hint(t!(c, "enrol-number-hint")).value(number).errors(errors).size(16).text())
        (components::actions(components::button(&t!(c, "matrix-enrol"))))
    };
    components::group(&t!(c, "matrix-enrol"), components::form(c, address, fields))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_shows_what_most_needs_somebody() {
        let sums =
            |saved, complete, signed, open| Counts { saved, complete, signed, open, items: 9, ..Counts::default() };
        assert_eq!(visit_status(&Counts::default(), 2), Status::Empty);
        assert_eq!(visit_status(&sums(1, 1, 0, 0), 2), Status::Started);
        assert_eq!(visit_status(&sums(2, 2, 0, 0), 2), Status::Done);
        assert_eq!(visit_status(&sums(2, 2, 2, 0), 2), Status::Signed);
        assert_eq!(visit_status(&sums(2, 2, 2, 1), 2), Status::QueryOpen);
        assert_eq!(visit_status(&Counts { verified: 9, ..sums(2, 2, 0, 0) }, 2), Status::Verified);
    }
}
