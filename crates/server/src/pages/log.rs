//! A log: every row of a group that repeats, of one subject, over all visits. Adverse events, medication, history.
//!
//! It is read here and entered in the form in which each row stands; the way to the next empty row is one link.

use super::place::{Inside, Rights, form_address, inside, subject_address, visit_name};
use crate::app::App;
use crate::components::{self, Column, Row, Status, Table};
use crate::context::{Context, Signed};
use crate::enter::Spot;
use crate::layout::Page;
use crate::nav::{StudyPart, segment};
use crate::problem::Problem;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use croft_design::forms::{Form, ItemGroup};
use croft_record::access::Operation;
use croft_record::capture::{FormState, ItemState, Place, RowState, Subject};
use croft_record::definition::Compiled;
use croft_record::lock::snapshot::SEALED;
use croft_record::{Reading, Refusal};
use maud::{Markup, html};

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/studies/{study}/subjects/{subject}/log/{group}", get(show))
}

/// The page of a log.
pub(crate) fn log_address(study: &str, subject: &str, group: &str) -> String {
    format!("{}/log/{}", subject_address(study, subject), segment(group))
}

/// What the page shows.
struct Log {
    inside: Inside,
    subject: Subject,
    forms: Vec<(Place, FormState)>,
    rights: Rights,
}

impl Log {
    /// O(values of the subject).
    fn gather(r: &Reading<'_>, study: &str, subject: &str) -> Result<Self, Refusal> {
        let inside = inside(r, study, StudyPart::Subjects)?;
        let (subject, _) = r.subject(study, subject)?;
        let forms = r.forms(study, &subject.id)?;
        let rights = Rights::at(r, study, &subject.site);
        Ok(Self { inside, subject, forms, rights })
    }
}

/// The first form that has a group of this name.
fn found<'d>(definition: &'d Compiled, group: &str) -> Option<(&'d Form, &'d ItemGroup)> {
    definition
        .forms
        .iter()
        .find_map(|form| form.groups.iter().find(|g| g.name == group && g.repeating).map(|g| (form, g)))
}

async fn show(c: Signed, Path((study, subject, name)): Path<(String, String, String)>) -> Result<Page, Problem> {
    let log = c.look(move |r| Log::gather(r, &study, &subject)).await?;
    let definition = log.inside.current.clone().ok_or_else(Problem::not_found)?;
    let (form, group) = found(&definition, &name).ok_or_else(Problem::not_found)?;
    let id = log.inside.id();
    Ok(Page::new(&c, format!("{} · {}", group.label, log.subject.id))
        .study(log.inside.bar.clone())
        .above(StudyPart::Subjects.address(id), t!(c, "part-subjects"))
        .above(subject_address(id, &log.subject.id), log.subject.id.clone())
        .wide()
        .body(html! { (table(&c, &log, &definition, form, group)) (add(&c, &log, &definition, form, group)) }))
}

fn table(c: &Context, log: &Log, definition: &Compiled, form: &Form, group: &ItemGroup) -> Markup {
    let several = log
        .forms
        .iter()
        .filter(|(place, state)| place.form == form.form && state.groups.contains_key(&group.name))
        .count()
        > 1;
    let table = Table::new(&group.label).hide_caption().column(Column::text(t!(c, "row-number")));
    let table = if several { table.column(Column::text(t!(c, "visit"))) } else { table };
    let table = group.items.iter().fold(table, |table, item| {
        let column = Column::text(&item.label);
        table.column(match item.unit.as_ref().filter(|_| item.other_units.is_empty()) {
            Some(unit) => column.unit(unit),
            None => column,
        })
    });
    let mut rows = Vec::new();
    for (place, state) in log.forms.iter().filter(|(place, _)| place.form == form.form) {
        let address = form_address(log.inside.id(), place);
        for (number, row) in state.groups.get(&group.name).into_iter().flatten() {
            let first = group.items.first().map_or(String::new(), |item| {
                components::field_id(&Spot::new(&group.name, *number, &item.name).field('v'))
            });
            let line = Row::new(
                html! { a href={ (address) "#" (first) } { (number) } @if row.void { " " (components::status(c, Status::Voided)) } },
            );
            let line =
                if several { line.text(visit_name(Some(definition), &place.visit, place.visit_repeat)) } else { line };
            let line = group
                .items
                .iter()
                .fold(line, |line, item| line.cell(cell(c, row, &item.name, &item.codes, item.other_units.is_empty())));
            rows.push(if row.void { line.class("voided") } else { line });
        }
    }
    table.rows(rows).empty(components::empty(&t!(c, "log-empty"), html! {})).render(c)
}

fn cell(c: &Context, row: &RowState, item: &str, codes: &indexmap::IndexMap<String, String>, one_unit: bool) -> Markup {
    let Some(state) = row.items.get(item) else { return html! {} };
    let unit = |state: &ItemState| if one_unit { String::new() } else { state.unit.clone() };
    html! {
        @if state.missing == SEALED { span.quiet { (t!(c, "item-hidden")) } }
        @else if !state.missing.is_empty() { span.quiet { (state.missing) } }
        @else { (codes.get(&state.text).unwrap_or(&state.text)) " " (unit(state)) }
    }
}

/// The way to the next empty row.
fn add(c: &Context, log: &Log, definition: &Compiled, form: &Form, group: &ItemGroup) -> Markup {
    if log.inside.study.is_locked() || !log.rights.has(Operation::Enter) || group.source.is_some() {
        return html! {};
    }
    let at = log.forms.iter().map(|(place, _)| place).rfind(|place| place.form == form.form).cloned();
    let planned =
        || definition.definition.visits.iter().find(|v| definition.forms_at(&v.code).any(|f| f.form == form.form));
    let place = at.or_else(|| planned().map(|visit| Place::first(&log.subject.id, &visit.code, &form.form)));
    html! { @if let Some(place) = place {
        @let next = log.forms.iter().find(|(p, _)| *p == place).and_then(|(_, f)| f.groups.get(&group.name)).and_then(|rows| rows.keys().max().copied()).unwrap_or(0) + 1;
        @let first = group.items.first().map_or(String::new(), |item| components::field_id(&Spot::new(&group.name, next, &item.name).field('v')));
        (components::actions(components::link_button(&format!("{}#{first}", form_address(log.inside.id(), &place)), &t!(c, "log-add"))))
    } }
}
