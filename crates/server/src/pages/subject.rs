//! A subject: its visits in time, the forms of each, who signed, and what can be done.

use super::matrix::visit_status;
use super::place::{Inside, Rights, form_address, form_name, inside, sign_address, subject_address, visit_name};
use crate::app::App;
use crate::components::{self, Choice, Column, Errors, Field, Row, Status, Table};
use crate::context::{Context, Signed};
use crate::enter::{self, Posted};
use crate::flash::Tone;
use crate::layout::Page;
use crate::nav::StudyPart;
use crate::problem::Problem;
use crate::redirect::Redirect;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Form, Router};
use croft_core::PartialDate;
use croft_core::date::CivilDate;
use croft_design::definition::{Visit, VisitKind};
use croft_record::access::Operation;
use croft_record::capture::read::FormSummary;
use croft_record::capture::{AddVisit, Counts, Place, Subject, SubjectStatus, VisitSummary, Withdraw};
use croft_record::definition::Compiled;
use croft_record::sign::Signature;
use croft_record::{Reading, Refusal};
use maud::{Markup, html};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/studies/{study}/subjects/{subject}", get(show))
        .route("/studies/{study}/subjects/{subject}/visits", post(add_visit))
        .route("/studies/{study}/subjects/{subject}/withdraw", post(withdraw))
}

/// What the page shows.
pub(crate) struct Chart {
    pub inside: Inside,
    pub subject: Subject,
    pub forms: Vec<FormSummary>,
    pub signatures: Vec<Signature>,
    pub rights: Rights,
    pub now_ms: i64,
    /// Whether the study randomises, and the subject's number if it is randomised.
    pub randomised: Option<Option<String>>,
    /// Whether kits are dispensed.
    pub supplied: bool,
}

impl Chart {
    /// O(forms of the subject + signatures of the study).
    pub fn gather(r: &Reading<'_>, study: &str, id: &str) -> Result<Self, Refusal> {
        let (subject, forms) = r.subject(study, id)?;
        let inside = inside(r, study, StudyPart::Subjects)?;
        let rights = Rights::at(r, study, &subject.site);
        let signatures = r.signatures(study, id)?;
        let randomised = match r.randomisation(study)? {
            None => None,
            Some(_) => Some(r.randomised_subject(study, id)?.map(|one| one.number)),
        };
        let supplied = r.supply_plan(study)?.is_some();
        Ok(Self { inside, subject, forms, signatures, rights, now_ms: r.now_ms, randomised, supplied })
    }

    fn may(&self, operation: Operation) -> bool {
        !self.inside.study.is_locked() && self.rights.has(operation)
    }
}

async fn show(c: Signed, Path((study, subject)): Path<(String, String)>) -> Result<Page, Problem> {
    page(&c, study, subject, &Vec::new(), Errors::none()).await
}

async fn page(c: &Signed, study: String, subject: String, posted: &Posted, errors: Errors) -> Result<Page, Problem> {
    let chart = c.look(move |r| Chart::gather(r, &study, &subject)).await?;
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok(Page::new(c, t!(c, "subject-title", subject = &chart.subject.id))
        .study(chart.inside.bar.clone())
        .above(StudyPart::Subjects.address(chart.inside.id()), t!(c, "part-subjects"))
        .beside_title(super::study_home::lock_state(c, &chart.inside))
        .wide()
        .status(status)
        .body(body(c, &chart, posted, &errors)))
}

async fn add_visit(
    c: Signed,
    Path((study, subject)): Path<(String, String)>,
    Form(posted): Form<Posted>,
) -> Result<Result<Redirect, Page>, Problem> {
    let (visit, date) = (enter::value(&posted, "visit").to_owned(), enter::value(&posted, "date").trim().to_owned());
    let command = AddVisit { study: study.clone(), subject: subject.clone(), visit: visit.clone(), date };
    match c.execute(command).await {
        Ok(repeat) => {
            let code: String = form_urlencoded::byte_serialize(visit.as_bytes()).collect();
            let to = format!("{}#visit-{code}-{repeat}", subject_address(&study, &subject));
            Ok(Ok(Redirect::to(&c, &to).say(Tone::Done, t!(c, "visit-added"))))
        }
        Err(refusal) => {
            let errors = Errors::from_refusal(refusal, &names(&c))?;
            Ok(Err(page(&c, study, subject, &posted, errors).await?))
        }
    }
}

async fn withdraw(
    c: Signed,
    Path((study, subject)): Path<(String, String)>,
    Form(posted): Form<Posted>,
) -> Result<Result<Redirect, Page>, Problem> {
    let reason = enter::value(&posted, "reason").to_owned();
    match c.execute(Withdraw { study: study.clone(), subject: subject.clone(), reason }).await {
        Ok(()) => Ok(Ok(Redirect::to(&c, &subject_address(&study, &subject)).say(Tone::Done, t!(c, "withdrawn")))),
        Err(refusal) => {
            let errors = Errors::from_refusal(refusal, &names(&c))?;
            Ok(Err(page(&c, study, subject, &posted, errors).await?))
        }
    }
}

fn names(c: &Context) -> [(&'static str, String); 2] {
    [("date", t!(c, "visit-date")), ("reason", t!(c, "withdraw-why"))]
}

/// What the page says under its heading.
pub(crate) fn body(c: &Context, chart: &Chart, posted: &Posted, errors: &Errors) -> Markup {
    let definition = chart.inside.current.as_deref();
    html! {
        (components::error_summary(c, errors))
        (facts(c, chart))
        @if let Some(definition) = definition {
            (timeline(c, chart, definition))
            @for (visit, repeat) in visits(chart, definition) { (visit_section(c, chart, definition, visit, repeat)) }
            (logs(c, chart, definition))
            (deeds(c, chart, definition, posted, errors))
        }
        (signatures(c, chart))
    }
}

fn facts(c: &Context, chart: &Chart) -> Markup {
    let subject = &chart.subject;
    let state = match subject.status {
        SubjectStatus::Enrolled => t!(c, "subject-enrolled"),
        SubjectStatus::Withdrawn => t!(c, "subject-withdrawn"),
    };
    let sums = subject.visits.iter().fold(Counts::default(), |sum, v| sum.plus(&v.sums));
    let mut pairs = vec![
        (t!(c, "subject-state"), html! { (state) }),
        (t!(c, "site"), html! { (subject.site) }),
        (t!(c, "home-enrolled"), c.time(subject.enrolled_ms)),
    ];
    if let Some(number) = &chart.randomised {
        let number = number.clone().unwrap_or_else(|| t!(c, "rnd-not-yet"));
        pairs.push((t!(c, "rnd-number"), html! { (number) }));
    }
    pairs.push((t!(c, "home-queries-open"), html! { (sums.open) }));
    pairs.push((t!(c, "home-queries-answered"), html! { (sums.answered) }));
    components::facts(&pairs)
}

/// The visits in the order of the definition, each with its repeats; unscheduled ones when they took place.
fn visits<'d>(chart: &Chart, definition: &'d Compiled) -> Vec<(&'d Visit, u32)> {
    let mut found = Vec::new();
    for visit in &definition.definition.visits {
        let mut repeats: Vec<u32> =
            chart.subject.visits.iter().filter(|v| v.visit == visit.code).map(|v| v.repeat).collect();
        repeats.sort_unstable();
        if repeats.is_empty() && visit.kind != VisitKind::Unscheduled {
            repeats.push(1);
        }
        found.extend(repeats.into_iter().map(|repeat| (visit, repeat)));
    }
    found
}

/// Days counted without a day 0, as the trade counts them, as a distance from day 1.
fn offset_of(day: i32) -> i64 {
    i64::from(if day > 0 { day - 1 } else { day })
}

/// When a visit is due: its planned date by the dates of other visits, with its window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Due {
    pub planned: CivilDate,
    pub from: CivilDate,
    pub to: CivilDate,
}

/// The planned date of a visit, reckoned from the dated visit nearest to day 1.
pub(crate) fn due(definition: &Compiled, subject: &Subject, visit: &Visit) -> Option<Due> {
    if visit.kind != VisitKind::Scheduled {
        return None;
    }
    let dated = |summary: &VisitSummary| {
        let planned =
            definition.visit(&summary.visit).filter(|v| v.kind == VisitKind::Scheduled && summary.repeat == 1)?;
        let date = PartialDate::parse(&summary.date).ok()?.date()?;
        Some((offset_of(planned.day), date))
    };
    let (offset, date) = subject.visits.iter().filter_map(dated).min_by_key(|(offset, _)| offset.abs())?;
    let planned = date.plus_days(offset_of(visit.day) - offset)?;
    let (before, after) = (visit.days_before.unwrap_or(0), visit.days_after.unwrap_or(0));
    Some(Due { planned, from: planned.plus_days(-i64::from(before))?, to: planned.plus_days(i64::from(after))? })
}

fn iso(date: CivilDate) -> String {
    format!("{:04}-{:02}-{:02}", date.year(), date.month(), date.day())
}

/// Today, in the reader's zone.
fn today(c: &Context, now_ms: i64) -> Option<CivilDate> {
    let days = (now_ms + i64::from(c.offset_min) * 60_000).div_euclid(86_400_000);
    CivilDate::new(1970, 1, 1).ok()?.plus_days(days)
}

fn timeline(c: &Context, chart: &Chart, definition: &Compiled) -> Markup {
    let today = today(c, chart.now_ms);
    let rows = visits(chart, definition).into_iter().filter(|(visit, _)| visit.kind != VisitKind::Common).map(|(visit, repeat)| {
        let summary = chart.subject.visits.iter().find(|v| v.visit == visit.code && v.repeat == repeat);
        let due = due(definition, &chart.subject, visit);
        let expected = definition.forms_at(&visit.code).filter(|f| f.when.is_none()).count() as u32;
        let sums = summary.map(|s| s.sums).unwrap_or_default();
        let late = visit.days_after.is_some() && sums.saved == 0 && due.zip(today).is_some_and(|(due, today)| today > due.to);
        let status = if late { Status::Overdue } else { visit_status(&sums, expected) };
        let date = summary.map_or("", |s| s.date.as_str());
        let outside = due.zip(PartialDate::parse(date).ok().and_then(|d| d.date())).is_some_and(|(due, at)| at < due.from || at > due.to);
        let windowed = visit.days_before.is_some() || visit.days_after.is_some();
        let code: String = form_urlencoded::byte_serialize(visit.code.as_bytes()).collect();
        Row::new(html! { a href={ "#visit-" (code) "-" (repeat) } { (visit_name(Some(definition), &visit.code, repeat)) } })
            .text(if visit.kind == VisitKind::Scheduled { visit.day.to_string() } else { String::new() })
            .text(due.map(|d| iso(d.planned)).unwrap_or_default())
            .text(due.filter(|_| windowed).map(|d| format!("{} – {}", iso(d.from), iso(d.to))).unwrap_or_default())
            .cell(html! { (date) @if outside && windowed { " " span.quiet { (t!(c, "visit-outside")) } } })
            .cell(components::status(c, status))
    });
    let rows: Vec<Row> = rows.collect();
    if rows.is_empty() {
        return html! {};
    }
    Table::new(t!(c, "subject-visits"))
        .column(Column::text(t!(c, "visit")))
        .column(Column::number(t!(c, "visit-day")))
        .column(Column::text(t!(c, "visit-planned")))
        .column(Column::text(t!(c, "visit-window")))
        .column(Column::text(t!(c, "visit-date")))
        .column(Column::text(t!(c, "query-status")))
        .rows(rows)
        .render(c)
}

fn form_status(counts: &Counts) -> Status {
    match counts {
        s if s.open > 0 => Status::QueryOpen,
        s if s.answered > 0 => Status::QueryAnswered,
        s if s.saved == 0 => Status::Empty,
        s if s.frozen > 0 => Status::Frozen,
        s if s.signed > 0 => Status::Signed,
        s if s.complete == 0 => Status::Started,
        s if s.items > 0 && s.items == s.verified => Status::Verified,
        _ => Status::Done,
    }
}

/// A visit with its forms.
fn visit_section(c: &Context, chart: &Chart, definition: &Compiled, visit: &Visit, repeat: u32) -> Markup {
    let study = chart.inside.id();
    let of = |form: &str| {
        let here =
            |f: &&FormSummary| f.place.visit == visit.code && f.place.visit_repeat == repeat && f.place.form == form;
        chart.forms.iter().filter(here).collect::<Vec<_>>()
    };
    let mut rows = Vec::new();
    for form in definition.forms_at(&visit.code) {
        let filled = of(&form.form);
        let next = filled.iter().map(|f| f.place.form_repeat).max().unwrap_or(0) + 1;
        for summary in &filled {
            rows.push(form_row(c, study, definition, &summary.place, &summary.counts));
        }
        if filled.is_empty() || (form.repeating && chart.may(Operation::Enter)) {
            let place = Place {
                subject: chart.subject.id.clone(),
                visit: visit.code.clone(),
                visit_repeat: repeat,
                form: form.form.clone(),
                form_repeat: next,
            };
            rows.push(form_row(c, study, definition, &place, &Counts::default()));
        }
    }
    let name = visit_name(Some(definition), &visit.code, repeat);
    let code: String = form_urlencoded::byte_serialize(visit.code.as_bytes()).collect();
    let signable = chart.may(Operation::Sign)
        && chart.subject.visits.iter().any(|v| {
            v.visit == visit.code && v.repeat == repeat && v.sums.complete > 0 && v.sums.signed < v.sums.saved
        });
    let sign = sign_address(study, &chart.subject.id, Some((&visit.code, repeat)), None);
    html! {
        section id={ "visit-" (code) "-" (repeat) } {
            div.title-line { h2 { (name) } @if signable { (components::link_button(&sign, &t!(c, "sign-visit"))) } }
            (Table::new(t!(c, "visit-forms", visit = &name)).hide_caption()
                .column(Column::text(t!(c, "form")))
                .column(Column::text(t!(c, "query-status")))
                .column(Column::number(t!(c, "form-items")))
                .column(Column::number(t!(c, "form-items-verified")))
                .column(Column::number(t!(c, "form-queries")))
                .rows(rows)
                .empty(html! { p.quiet { (t!(c, "visit-no-forms")) } })
                .render(c))
        }
    }
}

fn form_row(c: &Context, study: &str, definition: &Compiled, place: &Place, counts: &Counts) -> Row {
    let number = |n: u32| if n == 0 { String::new() } else { n.to_string() };
    Row::new(
        html! { a href=(form_address(study, place)) { (form_name(Some(definition), &place.form, place.form_repeat)) } },
    )
    .cell(components::status(c, form_status(counts)))
    .text(number(counts.items))
    .text(number(counts.verified))
    .text(number(counts.open + counts.answered))
}

/// The groups that repeat, each as one table over all visits.
fn logs(c: &Context, chart: &Chart, definition: &Compiled) -> Markup {
    let groups: Vec<_> =
        definition.forms.iter().flat_map(|form| &form.groups).filter(|g| g.repeating && g.source.is_none()).collect();
    html! {
        @if !groups.is_empty() {
            h2 { (t!(c, "logs")) }
            ul { @for group in groups {
                li { a href=(super::log::log_address(chart.inside.id(), &chart.subject.id, &group.name)) { (group.label) } }
            } }
        }
    }
}

fn deeds(c: &Context, chart: &Chart, definition: &Compiled, posted: &Posted, errors: &Errors) -> Markup {
    let address = subject_address(chart.inside.id(), &chart.subject.id);
    let planned = definition.definition.visits.iter().filter(|v| v.kind != VisitKind::Common);
    let choices: Vec<Choice> = planned.map(|v| Choice::new(&v.code, &v.name)).collect();
    let first =
        definition.definition.visits.iter().find(|v| v.kind == VisitKind::Unscheduled).map_or("", |v| v.code.as_str());
    let chosen = Some(enter::value(posted, "visit")).filter(|v| !v.is_empty()).unwrap_or(first);
    let sums = chart.subject.visits.iter().fold(Counts::default(), |sum, v| sum.plus(&v.sums));
    let part = |frozen| super::lock::freeze_subject_address(chart.inside.id(), &chart.subject.id, frozen);
    html! {
        @if chart.may(Operation::Enter) && !choices.is_empty() {
            (components::group(&t!(c, "visit-add"), components::form(c, &format!("{address}/visits"), html! {
                (Field::new("visit", t!(c, "visit")).value(chosen).select(&choices))
                (Field::new("date", t!(c, "visit-date")).hint(t!(c, "visit-date-hint")).value(enter::value(posted, "date")).errors(errors).size(12).text())
                (components::actions(components::quiet_button(&t!(c, "visit-add"))))
            })))
        }
        div.actions {
            @if chart.may(Operation::Randomise) && chart.randomised == Some(None) && chart.subject.status == SubjectStatus::Enrolled {
                (components::link_button(&format!("{address}/randomise"), &t!(c, "rnd-title", subject = &chart.subject.id)))
            }
            @if chart.may(Operation::Dispense) && chart.supplied && matches!(chart.randomised, Some(Some(_))) {
                (components::link_button(&format!("{address}/dispense"), &t!(c, "dispense-title", subject = &chart.subject.id)))
            }
            @if chart.rights.has(Operation::CodeBreak) && matches!(chart.randomised, Some(Some(_))) {
                (components::link_button(&format!("{address}/code-break"), &t!(c, "break-title", subject = &chart.subject.id)))
            }
            @if chart.rights.has(Operation::Export) { (components::link_button(&format!("{address}/casebook.pdf"), &t!(c, "casebook"))) }
            @if chart.may(Operation::Sign) && sums.complete > 0 && sums.signed < sums.saved {
                (components::link_button(&sign_address(chart.inside.id(), &chart.subject.id, None, None), &t!(c, "sign-subject")))
            }
            @if chart.may(Operation::Freeze) && sums.frozen < sums.saved { (components::link_button(&part(true), &t!(c, "freeze-subject"))) }
            @if chart.may(Operation::Unfreeze) && sums.frozen > 0 { (components::link_button(&part(false), &t!(c, "unfreeze-subject"))) }
        }
        @if chart.may(Operation::Withdraw) && chart.subject.status == SubjectStatus::Enrolled {
            details open[errors.of("reason").is_some()] {
                summary { (t!(c, "withdraw")) }
                (components::form(c, &format!("{address}/withdraw"), html! {
                    p { (t!(c, "withdraw-means")) }
                    (Field::new("reason", t!(c, "withdraw-why")).value(enter::value(posted, "reason")).errors(errors).required().text())
                    (components::actions(components::danger_button(&t!(c, "withdraw-subject", subject = &chart.subject.id))))
                }))
            }
        }
    }
}

fn signatures(c: &Context, chart: &Chart) -> Markup {
    let rows = chart.signatures.iter().rev().map(|s| {
        Row::new(html! { (s.name) }).text(&s.role).cell(c.time(s.at_ms)).text(&s.meaning).text(s.forms.len()).cell(
            match s.void {
                None => components::status(c, Status::Signed),
                Some((_, at_ms)) => html! { (components::status(c, Status::Voided)) " " (c.time(at_ms)) },
            },
        )
    });
    html! { @if !chart.signatures.is_empty() {
        (Table::new(t!(c, "part-signatures"))
            .column(Column::text(t!(c, "signer")))
            .column(Column::text(t!(c, "role")))
            .column(Column::text(t!(c, "history-when")))
            .column(Column::text(t!(c, "sign-meaning")))
            .column(Column::number(t!(c, "sign-forms")))
            .column(Column::text(t!(c, "query-status")))
            .rows(rows)
            .render(c))
    } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_no_day_nought() {
        assert_eq!(offset_of(1) - offset_of(-1), 1);
        assert_eq!(offset_of(8) - offset_of(1), 7);
        assert_eq!(offset_of(1) - offset_of(-14), 14);
    }
}
