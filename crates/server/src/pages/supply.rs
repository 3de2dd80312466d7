//! The supply desk: what is at hand and on the way, what should be sent, what a subject is given. Kits have numbers here and nothing else.

use super::place::{Inside, Rights, inside, subject_address};
use super::signing;
use crate::app::{App, blocking};
use crate::components::{self, Choice, Column, Errors, Field, Row, Table};
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
use croft_record::access::{Operation, Scope};
use croft_record::capture::Subject;
use croft_record::supply::{
    Account, Deed, Depot, Keeper, Kit, KitState, MoveKits, Proposal, Receive, Ship, Shipment, ShipmentState, SupplyPlan,
};
use croft_record::vault::RandomisedFacts;
use croft_record::{Reading, Refusal};
use maud::{Markup, html};
use std::collections::{BTreeMap, BTreeSet};

/// Kits that the desk lists one by one; the accounts count all.
const LISTED: usize = 500;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/studies/{study}/supply", get(show))
        .route("/studies/{study}/supply/send", post(send))
        .route("/studies/{study}/supply/move", post(move_kits))
        .route("/studies/{study}/supply/shipments/{number}", get(show_shipment).post(receive))
        .route("/studies/{study}/subjects/{subject}/dispense", get(show_dispense).post(dispense))
}

/// What the desk shows.
struct Desk {
    inside: Inside,
    plan: Option<SupplyPlan>,
    depots: Vec<Depot>,
    kits: Vec<Kit>,
    accounts: BTreeMap<Keeper, Account>,
    shipments: Vec<Shipment>,
    /// Places that the caller may send from, and handle kits at.
    sends: Vec<Keeper>,
    handles: Vec<Keeper>,
    /// Sites whose subjects the caller may open.
    opens: BTreeSet<String>,
}

impl Desk {
    /// O(kits of the study).
    fn gather(r: &Reading<'_>, study: &str) -> Result<Self, Refusal> {
        let inside = inside(r, study, StudyPart::Supply)?;
        let depots = r.depots(study)?;
        let kits = r.kits(study)?;
        let places = |operation: Operation| -> Vec<Keeper> {
            let of_study = r.may(operation, &Scope::study(study));
            let depots = depots.iter().filter(|_| of_study).map(|depot| Keeper::Depot(depot.id.clone()));
            let sites = inside.sites_for(r, operation).into_iter().map(|site| Keeper::Site(site.id.clone()));
            depots.chain(sites).collect()
        };
        Ok(Self {
            plan: r.supply_plan(study)?,
            accounts: r.kit_accounts(study)?,
            shipments: r.shipments(study)?,
            sends: places(Operation::SupplyShip),
            handles: places(Operation::SupplyReceive),
            opens: opens(r, &inside),
            kits,
            depots,
            inside,
        })
    }
}

/// Sites whose subjects the caller may open.
pub(super) fn opens(r: &Reading<'_>, inside: &Inside) -> BTreeSet<String> {
    inside.sites_for(r, Operation::Read).into_iter().map(|site| site.id.clone()).collect()
}

/// The subject that a kit was given to, and the way to it for who may go there.
pub(super) fn given_to(study: &str, opens: &BTreeSet<String>, kit: &Kit) -> Markup {
    let may_open = matches!(&kit.keeper, Keeper::Site(site) if opens.contains(site));
    html! { @if let Some(subject) = &kit.subject {
        @if may_open { a href=(subject_address(study, subject)) { (subject) } } @else { (subject) }
        " " (kit.visit.as_deref().unwrap_or_default())
    } }
}

async fn show(c: Signed, Path(study): Path<String>) -> Result<Page, Problem> {
    desk(&c, study, &Vec::new(), Errors::none()).await
}

async fn desk(c: &Signed, study: String, posted: &Posted, errors: Errors) -> Result<Page, Problem> {
    let id = study.clone();
    let desk = c.look(move |r| Desk::gather(r, &id)).await?;
    let proposals = proposals(c, &study, &desk).await?;
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok(Page::new(c, t!(c, "part-supply"))
        .study(desk.inside.bar.clone())
        .status(status)
        .wide()
        .body(body(c, &desk, &proposals, posted, &errors)))
}

/// What each depot should send, for who may send from it.
async fn proposals(c: &Signed, study: &str, desk: &Desk) -> Result<Vec<(String, Proposal)>, Problem> {
    if desk.plan.is_none() {
        return Ok(Vec::new());
    }
    let mut all = Vec::new();
    for depot in
        desk.sends.iter().filter_map(|keeper| if let Keeper::Depot(depot) = keeper { Some(depot) } else { None })
    {
        let (vault, caller) = (c.vault()?.clone(), c.caller());
        let (study, id) = (study.to_owned(), depot.clone());
        let found = blocking(move || Ok(vault.resupply(&caller, &study, &id)?)).await?;
        all.extend(found.into_iter().map(|proposal| (depot.clone(), proposal)));
    }
    Ok(all)
}

fn body(c: &Context, desk: &Desk, proposals: &[(String, Proposal)], posted: &Posted, errors: &Errors) -> Markup {
    html! {
        (components::error_summary(c, errors))
        @if desk.plan.is_none() { (components::notice(c, Tone::Note, html! { (t!(c, "supply-unplanned")) })) }
        (proposed(c, desk, proposals))
        h2 { (t!(c, "supply-accounts")) }
        @if desk.accounts.is_empty() { p.quiet { (t!(c, "supply-no-kits")) } } @else { (accounts_table(c, desk)) }
        @if !desk.shipments.is_empty() { h2 { (t!(c, "supply-shipments")) } (shipments_table(c, desk)) }
        @if !desk.kits.is_empty() { h2 { (t!(c, "supply-kits")) } (kits_table(c, desk)) }
        @if !desk.sends.is_empty() && !desk.kits.is_empty() { (send_form(c, desk, posted, errors)) }
        @if !desk.handles.is_empty() && !desk.kits.is_empty() { (move_form(c, desk, posted, errors)) }
    }
}

fn proposed(c: &Context, desk: &Desk, proposals: &[(String, Proposal)]) -> Markup {
    let address = format!("{}/send", StudyPart::Supply.address(desk.inside.id()));
    html! { @if !proposals.is_empty() {
        h2 { (t!(c, "supply-proposed")) }
        @for (depot, proposal) in proposals {
            (components::group(&t!(c, "supply-to-site", site = &proposal.site), html! {
                @if proposal.short { (components::notice(c, Tone::Warning, html! { (t!(c, "supply-short")) })) }
                @if !proposal.kits.is_empty() { (components::form(c, &address, html! {
                    input type="hidden" name="from" value=(Keeper::Depot(depot.clone()));
                    input type="hidden" name="to" value=(Keeper::Site(proposal.site.clone()));
                    input type="hidden" name="kits" value=(proposal.kits.join(" "));
                    p { (proposal.kits.join(", ")) }
                    (components::actions(components::button(&t!(c, "supply-send-these", count = proposal.kits.len(), site = &proposal.site))))
                })) }
            }))
        }
    } }
}

fn accounts_table(c: &Context, desk: &Desk) -> Markup {
    let rows = desk.accounts.iter().map(|(keeper, a)| {
        let counts =
            [a.came, a.went, a.on_the_way, a.at_hand, a.quarantined, a.dispensed, a.returned, a.destroyed, a.lost];
        let row = Row::new(html! { (name(desk, keeper)) });
        counts.iter().fold(row, |row, count| row.text(count)).text(a.balance())
    });
    let columns = [
        t!(c, "supply-came"),
        t!(c, "supply-went"),
        t!(c, "supply-on-the-way"),
        t!(c, "supply-at-hand"),
        t!(c, "supply-quarantined"),
        t!(c, "supply-dispensed"),
        t!(c, "supply-returned"),
        t!(c, "supply-destroyed"),
        t!(c, "supply-lost"),
        t!(c, "supply-balance"),
    ];
    let table = Table::new(t!(c, "supply-accounts")).hide_caption().column(Column::text(t!(c, "supply-place")));
    columns.into_iter().fold(table, |table, column| table.column(Column::number(column))).rows(rows).render(c)
}

fn name(desk: &Desk, keeper: &Keeper) -> String {
    place_name(&desk.depots, &desk.inside, keeper)
}

/// What people call a place.
pub(super) fn place_name(depots: &[Depot], inside: &Inside, keeper: &Keeper) -> String {
    match keeper {
        Keeper::Depot(id) => {
            depots.iter().find(|d| d.id == *id).map_or_else(|| id.clone(), |d| format!("{id} {}", d.name))
        }
        Keeper::Site(id) => {
            inside.sites.iter().find(|s| s.id == *id).map_or_else(|| id.clone(), |s| format!("{id} {}", s.name))
        }
    }
}

fn shipments_table(c: &Context, desk: &Desk) -> Markup {
    let address = StudyPart::Supply.address(desk.inside.id());
    let rows = desk.shipments.iter().rev().map(|shipment| {
        let state = match shipment.state {
            ShipmentState::Sent => t!(c, "supply-on-the-way"),
            ShipmentState::Received if shipment.excursion => t!(c, "supply-received-excursion"),
            ShipmentState::Received => t!(c, "supply-received"),
        };
        Row::new(html! { a href=(format!("{address}/shipments/{}", shipment.number)) { (shipment.number) } })
            .text(name(desk, &shipment.from))
            .text(name(desk, &shipment.to))
            .text(shipment.kits.len())
            .cell(c.time(shipment.sent_ms))
            .text(state)
    });
    Table::new(t!(c, "supply-shipments"))
        .hide_caption()
        .column(Column::text(t!(c, "supply-shipment")))
        .column(Column::name(t!(c, "supply-from")))
        .column(Column::name(t!(c, "supply-to")))
        .column(Column::number(t!(c, "supply-kits")))
        .column(Column::name(t!(c, "supply-sent")))
        .column(Column::text(t!(c, "supply-state")))
        .rows(rows)
        .render(c)
}

fn kits_table(c: &Context, desk: &Desk) -> Markup {
    let study = desk.inside.id();
    let rows = desk.kits.iter().take(LISTED).map(|kit| {
        Row::new(html! { a href=(super::kit::address(study, &kit.number)) { (kit.number) } })
            .text(&kit.lot)
            .text(&kit.expires)
            .text(name(desk, &kit.keeper))
            .text(state_word(c, kit.state))
            .cell(given_to(study, &desk.opens, kit))
    });
    let rest = desk.kits.len().saturating_sub(LISTED);
    html! {
        (Table::new(t!(c, "supply-kits"))
            .hide_caption()
            .column(Column::text(t!(c, "supply-kit")))
            .column(Column::name(t!(c, "supply-lot")))
            .column(Column::name(t!(c, "supply-expires")))
            .column(Column::name(t!(c, "supply-place")))
            .column(Column::name(t!(c, "supply-state")))
            .column(Column::name(t!(c, "subject")))
            .rows(rows)
            .render(c))
        @if rest > 0 { p.quiet { (t!(c, "supply-more", count = rest)) } }
    }
}

pub(super) fn state_word(c: &Context, state: KitState) -> String {
    match state {
        KitState::InDepot => t!(c, "supply-in-depot"),
        KitState::InTransit => t!(c, "supply-on-the-way"),
        KitState::AtSite => t!(c, "supply-at-site"),
        KitState::Quarantined => t!(c, "supply-quarantined"),
        KitState::Dispensed => t!(c, "supply-dispensed"),
        KitState::Returned => t!(c, "supply-returned"),
        KitState::Destroyed => t!(c, "supply-destroyed"),
        KitState::Lost => t!(c, "supply-lost"),
    }
}

fn choices(desk: &Desk, keepers: &[Keeper]) -> Vec<Choice> {
    keepers.iter().map(|keeper| Choice::new(keeper.to_string(), name(desk, keeper))).collect()
}

fn send_form(c: &Context, desk: &Desk, posted: &Posted, errors: &Errors) -> Markup {
    let everywhere: Vec<Keeper> = desk
        .depots
        .iter()
        .map(|depot| Keeper::Depot(depot.id.clone()))
        .chain(desk.inside.sites.iter().map(|site| Keeper::Site(site.id.clone())))
        .collect();
    let address = format!("{}/send", StudyPart::Supply.address(desk.inside.id()));
    components::group(
        &t!(c, "supply-send"),
        components::form(
            c,
            &address,
            html! {
                (Field::new("from", t!(c, "supply-from")).value(enter::value(posted, "from")).errors(errors).select(&choices(desk, &desk.sends)))
                (Field::new("to", t!(c, "supply-to")).value(enter::value(posted, "to")).errors(errors).select(&choices(desk, &everywhere)))
                (Field::new("kits", t!(c, "supply-kits")).hint(t!(c, "supply-kits-hint")).value(enter::value(posted, "kits")).errors(errors).required().area(2))
                (components::actions(components::button(&t!(c, "supply-send"))))
            },
        ),
    )
}

fn move_form(c: &Context, desk: &Desk, posted: &Posted, errors: &Errors) -> Markup {
    let deeds = [
        Choice::new("quarantine", t!(c, "supply-deed-quarantine")),
        Choice::new("release", t!(c, "supply-deed-release")),
        Choice::new("return", t!(c, "supply-deed-return")),
        Choice::new("destroy", t!(c, "supply-deed-destroy")),
        Choice::new("lose", t!(c, "supply-deed-lose")),
    ];
    let address = format!("{}/move", StudyPart::Supply.address(desk.inside.id()));
    components::group(
        &t!(c, "supply-move"),
        components::form(
            c,
            &address,
            html! {
                (Field::new("keeper", t!(c, "supply-place")).value(enter::value(posted, "keeper")).errors(errors).select(&choices(desk, &desk.handles)))
                (Field::new("deed", t!(c, "supply-deed")).value(enter::value(posted, "deed")).errors(errors).select(&deeds))
                (Field::new("moved", t!(c, "supply-kits")).hint(t!(c, "supply-kits-hint")).value(enter::value(posted, "moved")).errors(errors).required().area(2))
                (Field::new("returned_units", t!(c, "supply-units")).hint(t!(c, "supply-units-hint")).value(enter::value(posted, "returned_units")).errors(errors).input_mode("numeric").size(8).text())
                (Field::new("reason", t!(c, "supply-why")).value(enter::value(posted, "reason")).errors(errors).required().text())
                (components::actions(components::button(&t!(c, "supply-move-deed"))))
            },
        ),
    )
}

/// A place as a form names it.
fn keeper(text: &str) -> Result<Keeper, Refusal> {
    match text.split_once(' ') {
        Some(("depot", id)) => Ok(Keeper::Depot(id.to_owned())),
        Some(("site", id)) => Ok(Keeper::Site(id.to_owned())),
        _ => Err(Refusal::invalid("from", "is no place", "choose one of the list")),
    }
}

/// Numbers with anything but digits between them.
fn numbers(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

fn names(c: &Context) -> [(&'static str, String); 7] {
    [
        ("from", t!(c, "supply-from")),
        ("to", t!(c, "supply-to")),
        ("kits", t!(c, "supply-kits")),
        ("deed", t!(c, "supply-deed")),
        ("returned_units", t!(c, "supply-units")),
        ("reason", t!(c, "supply-why")),
        ("note", t!(c, "supply-seen")),
    ]
}

async fn send(
    c: Signed,
    Path(study): Path<String>,
    Form(posted): Form<Posted>,
) -> Result<Result<Redirect, Page>, Problem> {
    let places =
        keeper(enter::value(&posted, "from")).and_then(|from| Ok((from, keeper(enter::value(&posted, "to"))?)));
    let done = match places {
        Ok((from, to)) => {
            let kits = numbers(enter::value(&posted, "kits"));
            c.execute(Ship { study: study.clone(), from, to, kits }).await
        }
        Err(refusal) => Err(refusal),
    };
    match done {
        Ok(number) => {
            let to = StudyPart::Supply.address(&study);
            Ok(Ok(Redirect::to(&c, &to).say(Tone::Done, t!(c, "supply-sent-now", number = number))))
        }
        Err(refusal) => Ok(Err(desk(&c, study, &posted, signing::errors(refusal, &names(&c))?).await?)),
    }
}

async fn move_kits(
    c: Signed,
    Path(study): Path<String>,
    Form(posted): Form<Posted>,
) -> Result<Result<Redirect, Page>, Problem> {
    let deed = match enter::value(&posted, "deed") {
        "quarantine" => Deed::Quarantine,
        "release" => Deed::Release,
        "return" => Deed::Return,
        "destroy" => Deed::Destroy,
        "lose" => Deed::Lose,
        _ => return Err(Problem::bad_request("there is no such deed")),
    };
    let done = match keeper(enter::value(&posted, "keeper")) {
        Ok(keeper) => {
            let command = MoveKits {
                study: study.clone(),
                keeper,
                deed,
                kits: numbers(enter::value(&posted, "moved")),
                returned_units: enter::value(&posted, "returned_units").trim().parse().ok(),
                reason: enter::value(&posted, "reason").trim().to_owned(),
            };
            c.execute(command).await.map_err(|refusal| refusal.at("kits", "moved"))
        }
        Err(refusal) => Err(refusal),
    };
    match done {
        Ok(()) => {
            let to = StudyPart::Supply.address(&study);
            Ok(Ok(Redirect::to(&c, &to).say(Tone::Done, t!(c, "supply-moved"))))
        }
        Err(refusal) => {
            let [a, b, d, e, f, g, h] = names(&c);
            let all = [a, b, d, e, f, g, h, ("moved", t!(c, "supply-kits"))];
            Ok(Err(desk(&c, study, &posted, signing::errors(refusal, &all)?).await?))
        }
    }
}

async fn show_shipment(c: Signed, Path((study, number)): Path<(String, u64)>) -> Result<Page, Problem> {
    shipment_page(&c, study, number, &Vec::new(), Errors::none()).await
}

async fn shipment_page(
    c: &Signed,
    study: String,
    number: u64,
    posted: &Posted,
    errors: Errors,
) -> Result<Page, Problem> {
    let id = study.clone();
    let desk = c.look(move |r| Desk::gather(r, &id)).await?;
    let Some(shipment) = desk.shipments.iter().find(|s| s.number == number) else { return Err(Problem::not_found()) };
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let receives = shipment.state == ShipmentState::Sent && desk.handles.contains(&shipment.to);
    let address = format!("{}/shipments/{number}", StudyPart::Supply.address(&study));
    Ok(Page::new(c, t!(c, "supply-shipment-title", number = number))
        .study(desk.inside.bar.clone())
        .above(StudyPart::Supply.address(&study), t!(c, "part-supply"))
        .status(status)
        .body(html! {
            (components::error_summary(c, &errors))
            (components::facts(&[
                (t!(c, "supply-from"), html! { (name(&desk, &shipment.from)) }),
                (t!(c, "supply-to"), html! { (name(&desk, &shipment.to)) }),
                (t!(c, "supply-sent"), c.time(shipment.sent_ms)),
                (t!(c, "supply-received"), html! { @if let Some(at) = shipment.received_ms { (c.time(at)) } @else { "–" } }),
                (t!(c, "supply-kits"), html! { @for (at, kit) in shipment.kits.iter().enumerate() {
                    @if at > 0 { ", " } a href=(super::kit::address(&study, kit)) { (kit) }
                } }),
            ]))
            @if receives { (components::group(&t!(c, "supply-receive"), components::form(c, &address, html! {
                p.hint { (t!(c, "supply-receive-hint")) }
                (Field::new("excursion", t!(c, "supply-excursion")).value(enter::value(posted, "excursion")).errors(&errors).checkbox())
                (Field::new("held", t!(c, "supply-held")).hint(t!(c, "supply-kits-hint")).value(enter::value(posted, "held")).errors(&errors).text())
                (Field::new("lost", t!(c, "supply-missing")).hint(t!(c, "supply-kits-hint")).value(enter::value(posted, "lost")).errors(&errors).text())
                (Field::new("note", t!(c, "supply-seen")).value(enter::value(posted, "note")).errors(&errors).area(2))
                (components::actions(components::button(&t!(c, "supply-receive"))))
            }))) }
        }))
}

async fn receive(
    c: Signed,
    Path((study, number)): Path<(String, u64)>,
    Form(posted): Form<Posted>,
) -> Result<Result<Redirect, Page>, Problem> {
    let command = Receive {
        study: study.clone(),
        shipment: number,
        held: numbers(enter::value(&posted, "held")),
        lost: numbers(enter::value(&posted, "lost")),
        excursion: !enter::value(&posted, "excursion").is_empty(),
        note: enter::value(&posted, "note").trim().to_owned(),
    };
    match c.execute(command).await {
        Ok(()) => {
            let to = StudyPart::Supply.address(&study);
            Ok(Ok(Redirect::to(&c, &to).say(Tone::Done, t!(c, "supply-received-now", number = number))))
        }
        Err(refusal) => {
            let all =
                [("held", t!(c, "supply-held")), ("lost", t!(c, "supply-missing")), ("note", t!(c, "supply-seen"))];
            Ok(Err(shipment_page(&c, study, number, &posted, signing::errors(refusal, &all)?).await?))
        }
    }
}

/// What the page of one subject shows.
struct Giving {
    inside: Inside,
    subject: Subject,
    rights: Rights,
    plan: Option<SupplyPlan>,
    randomised: Option<RandomisedFacts>,
    given: Vec<Kit>,
}

impl Giving {
    fn gather(r: &Reading<'_>, study: &str, id: &str) -> Result<Self, Refusal> {
        let (subject, _) = r.subject(study, id)?;
        let given = r.kits(study)?.into_iter().filter(|kit| kit.subject.as_deref() == Some(id)).collect();
        Ok(Self {
            inside: inside(r, study, StudyPart::Subjects)?,
            rights: Rights::at(r, study, &subject.site),
            plan: r.supply_plan(study)?,
            randomised: r.randomised_subject(study, id)?,
            subject,
            given,
        })
    }
}

async fn show_dispense(c: Signed, Path((study, subject)): Path<(String, String)>) -> Result<Page, Problem> {
    dispense_page(&c, study, subject, &Vec::new(), Errors::none()).await
}

async fn dispense_page(
    c: &Signed,
    study: String,
    subject: String,
    posted: &Posted,
    errors: Errors,
) -> Result<Page, Problem> {
    let (study_id, id) = (study.clone(), subject.clone());
    let giving = c.look(move |r| Giving::gather(r, &study_id, &id)).await?;
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let address = format!("{}/dispense", subject_address(&study, &subject));
    let visits: Vec<Choice> = giving.plan.iter().flat_map(|plan| &plan.visits).map(|v| Choice::new(v, v)).collect();
    Ok(Page::new(c, t!(c, "dispense-title", subject = &giving.subject.id))
        .study(giving.inside.bar.clone())
        .above(subject_address(&study, &subject), t!(c, "subject-title", subject = &subject))
        .status(status)
        .body(html! {
            (components::error_summary(c, &errors))
            @if !giving.given.is_empty() {
                h2 { (t!(c, "dispense-given")) }
                ul.plain { @for kit in &giving.given { li { (kit.number) " · " (kit.visit.as_deref().unwrap_or_default()) " · " (state_word(c, kit.state)) } } }
            }
            @if giving.randomised.is_none() { p { (t!(c, "dispense-not-randomised")) } }
            @else if giving.plan.is_none() { p { (t!(c, "supply-unplanned")) } }
            @else if giving.rights.has(Operation::Dispense) {
                (components::form(c, &address, html! {
                    (Field::new("visit", t!(c, "visit")).value(enter::value(posted, "visit")).errors(&errors).select(&visits))
                    (Field::new("count", t!(c, "dispense-count")).value(if posted.is_empty() { "1" } else { enter::value(posted, "count") }).errors(&errors).input_mode("numeric").size(4).text())
                    (components::actions(components::button(&t!(c, "dispense-deed"))))
                }))
            }
        }))
}

async fn dispense(
    c: Signed,
    Path((study, subject)): Path<(String, String)>,
    Form(posted): Form<Posted>,
) -> Result<Result<Redirect, Page>, Problem> {
    let (visit, count) =
        (enter::value(&posted, "visit").to_owned(), enter::value(&posted, "count").trim().parse().unwrap_or(0));
    let (vault, caller) = (c.vault()?.clone(), c.caller());
    let (study_id, id) = (study.clone(), subject.clone());
    let done = blocking(move || Ok(vault.dispense(&caller, (&study_id, &id, &visit), count))).await?;
    match done {
        Ok(kits) => {
            let to = format!("{}/dispense", subject_address(&study, &subject));
            Ok(Ok(Redirect::to(&c, &to).say(Tone::Done, t!(c, "dispense-done", kits = kits.join(", ")))))
        }
        Err(refusal) => {
            let all = [("visit", t!(c, "visit")), ("count", t!(c, "dispense-count"))];
            Ok(Err(dispense_page(&c, study, subject, &posted, signing::errors(refusal, &all)?).await?))
        }
    }
}
