//! One kit: where it is, and what was done with it, by whom and when. What is in it is not here.

use super::place::{Inside, inside};
use super::supply::{given_to, opens, place_name, state_word};
use crate::app::App;
use crate::components::{self, Column, Row, Table};
use crate::context::{Context, Signed};
use crate::layout::Page;
use crate::nav::{StudyPart, segment};
use crate::problem::Problem;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use croft_record::supply::{Deed, Depot, Kit};
use croft_record::{Reading, Refusal};
use maud::{Markup, html};
use std::collections::BTreeSet;

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/studies/{study}/supply/kits/{number}", get(show))
}

pub(super) fn address(study: &str, number: &str) -> String {
    format!("{}/kits/{}", StudyPart::Supply.address(study), segment(number))
}

struct One {
    inside: Inside,
    kit: Kit,
    depots: Vec<Depot>,
    opens: BTreeSet<String>,
}

impl One {
    fn gather(r: &Reading<'_>, study: &str, number: &str) -> Result<Self, Refusal> {
        let inside = inside(r, study, StudyPart::Supply)?;
        let kit = r.kits(study)?.into_iter().find(|kit| kit.number == number);
        let kit = kit.ok_or_else(|| Refusal::absent("kit", number))?;
        Ok(Self { kit, depots: r.depots(study)?, opens: opens(r, &inside), inside })
    }
}

async fn show(c: Signed, Path((study, number)): Path<(String, String)>) -> Result<Page, Problem> {
    let one = c.look(move |r| One::gather(r, &study, &number)).await?;
    let kit = &one.kit;
    let mut facts = vec![
        (t!(c, "supply-state"), html! { (state_word(&c, kit.state)) }),
        (t!(c, "supply-place"), html! { (place_name(&one.depots, &one.inside, &kit.keeper)) }),
        (t!(c, "supply-lot"), html! { (kit.lot) }),
        (t!(c, "supply-expires"), html! { (kit.expires) }),
    ];
    if kit.subject.is_some() {
        facts.push((t!(c, "subject"), given_to(one.inside.id(), &one.opens, kit)));
    }
    if let Some(units) = kit.returned_units {
        facts.push((t!(c, "supply-units"), html! { (units) }));
    }
    let id = one.inside.id();
    Ok(Page::new(&c, t!(c, "supply-kit-title", number = &kit.number))
        .study(one.inside.bar.clone())
        .above(StudyPart::Supply.address(id), t!(c, "part-supply"))
        .body(html! {
            (components::facts(&facts))
            h2 { (t!(c, "supply-history")) }
            (history(&c, &one))
        }))
}

fn history(c: &Context, one: &One) -> Markup {
    let rows = one.kit.steps.iter().map(|step| {
        Row::new(c.time(step.at_ms))
            .text(deed_word(c, step.deed))
            .text(place_name(&one.depots, &one.inside, &step.keeper))
            .text(state_word(c, step.state))
            .text(&step.by)
    });
    Table::new(t!(c, "supply-history"))
        .hide_caption()
        .column(Column::name(t!(c, "supply-when")))
        .column(Column::text(t!(c, "supply-deed")))
        .column(Column::text(t!(c, "supply-place")))
        .column(Column::text(t!(c, "supply-state")))
        .column(Column::text(t!(c, "supply-by")))
        .rows(rows)
        .render(c)
}

fn deed_word(c: &Context, deed: Option<Deed>) -> String {
    match deed {
        None => t!(c, "supply-registered"),
        Some(Deed::Ship) => t!(c, "supply-sent-on"),
        Some(Deed::Receive) => t!(c, "supply-received"),
        Some(Deed::Hold) => t!(c, "supply-held-at-receipt"),
        Some(Deed::Quarantine) => t!(c, "supply-quarantined"),
        Some(Deed::Release) => t!(c, "supply-released"),
        Some(Deed::Dispense) => t!(c, "supply-dispensed"),
        Some(Deed::Return) => t!(c, "supply-returned"),
        Some(Deed::Destroy) => t!(c, "supply-destroyed"),
        Some(Deed::Lose) => t!(c, "supply-lost"),
    }
}
