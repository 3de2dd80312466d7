//! What is to be compared with its source, form by form, and the forms that are verified as a whole from the list.

use super::place::{Inside, form_address, form_name, inside, subject_address, visit_name};
use crate::app::App;
use crate::components::{self, Choice, Column, Field, Pager, Row, Status, Table, chart};
use crate::context::{Context, Signed};
use crate::layout::Page;
use crate::nav::{Address, StudyPart};
use crate::problem::Problem;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use croft_record::access::Operation;
use croft_record::verify::FormDue;
use croft_record::{Reading, Refusal};
use maud::{Markup, html};

/// Forms on one page, about: a subject's forms stay together.
const PAGE: usize = 100;

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/studies/{study}/verification", get(show))
}

/// What the page shows.
struct Due {
    inside: Inside,
    forms: Vec<FormDue>,
    next: Option<String>,
    sites: Vec<(String, String)>,
}

impl Due {
    /// O(values of the subjects on the page).
    fn gather(r: &Reading<'_>, study: &str, site: Option<&str>, after: Option<&str>) -> Result<Self, Refusal> {
        let inside = inside(r, study, StudyPart::Verification)?;
        let forms = r.verification(study, site, after, PAGE)?;
        let last = forms.last().map(|f| f.place.subject.clone());
        let more = match &last {
            Some(last) => !r.verification(study, site, Some(last), 1)?.is_empty(),
            None => false,
        };
        let sites = inside.sites_for(r, Operation::Verify).iter().map(|s| (s.id.clone(), s.name.clone())).collect();
        Ok(Self { inside, forms, next: last.filter(|_| more), sites })
    }
}

async fn show(c: Signed, Path(study): Path<String>) -> Result<Page, Problem> {
    let address = Address::of(&c.path, &c.query);
    let site = address.get("site").map(str::to_owned);
    let after = address.get("after").map(str::to_owned);
    let all = address.get("show") == Some("all");
    let chosen = site.clone().unwrap_or_default();
    let due = c.look(move |r| Due::gather(r, &study, site.as_deref(), after.as_deref())).await?;
    Ok(Page::new(&c, t!(c, "part-verification"))
        .study(due.inside.bar.clone())
        .wide()
        .body(html! { p { (t!(c, "verification-means")) } (filter(&c, &due, &chosen, all)) (table(&c, &due, all)) }))
}

fn filter(c: &Context, due: &Due, site: &str, all: bool) -> Markup {
    let mut sites = vec![Choice::new("", t!(c, "all-sites"))];
    sites.extend(due.sites.iter().map(|(id, name)| Choice::new(id, format!("{id} {name}"))));
    let shown = [Choice::new("due", t!(c, "verification-due")), Choice::new("all", t!(c, "matrix-all"))];
    components::filter_form(
        &StudyPart::Verification.address(due.inside.id()),
        &[],
        html! {
            (Field::new("site", t!(c, "site")).value(site).select(&sites))
            (Field::new("show", t!(c, "query-status")).value(if all { "all" } else { "due" }).select(&shown))
            (components::quiet_button(&t!(c, "filter")))
        },
    )
}

fn table(c: &Context, due: &Due, all: bool) -> Markup {
    let definition = due.inside.current.as_deref();
    let id = due.inside.id();
    let rows = due.forms.iter().filter(|f| all || f.verified < f.due).map(|form| {
        let place = &form.place;
        Row::new(html! { a href=(subject_address(id, &place.subject)) { (place.subject) } })
            .text(&form.site)
            .text(visit_name(definition, &place.visit, place.visit_repeat))
            .cell(
                html! { a href=(form_address(id, place)) { (form_name(definition, &place.form, place.form_repeat)) } },
            )
            .text(form.due)
            .cell(if form.due > 0 && form.verified == form.due {
                components::status(c, Status::Verified)
            } else {
                chart::progress(form.verified as u64, form.due as u64)
            })
    });
    Table::new(t!(c, "part-verification"))
        .hide_caption()
        .grid()
        .column(Column::text(t!(c, "subject")))
        .column(Column::text(t!(c, "site")))
        .column(Column::text(t!(c, "visit")))
        .column(Column::text(t!(c, "form")))
        .column(Column::number(t!(c, "verification-items")))
        .column(Column::text(t!(c, "form-items-verified")))
        .rows(rows)
        .pager(Pager { next: due.next.clone(), ..Pager::default() })
        .empty(components::empty(&t!(c, "verification-none"), html! { p { (t!(c, "verification-none-hint")) } }))
        .render(c)
}
