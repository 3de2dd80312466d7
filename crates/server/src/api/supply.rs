//! Kits: sent, received, dispensed, accounted for.

use super::auth::Program;
use super::body::{Body, body};
use super::{Method, Route, list, object, text, whole};
use crate::app::blocking;
use crate::problem::Problem;
use axum::Json;
use axum::extract::Path;
use axum::routing::{get, post};
use croft_record::supply::{Deed, Keeper, MoveKits, NewKits, OpenDepot, PlanSupply, Receive, Ship, SupplyPlan};
use serde_json::{Value, json};
use std::collections::BTreeMap;

body! {
    /// A depot.
    NewDepot { depot: String = "its code", name: String = "its name" }
}
body! {
    /// A plan.
    NewPlan {
        trigger: u32 = "a site is supplied at no more kits of an arm than this", level: u32 = "up to this many", lead_days: u32 = "from a request to its arrival",
        dispense_margin_days: u32 = "a dispensed kit can be used this much longer", ship_margin_days: u32 = "a sent kit can be used this much longer",
        visits: Vec<String> = "visits at which a kit is dispensed",
    }
}
body! {
    /// Kits that were packed.
    PackedKits { depot: String = "the depot that has them", lot: String = "the packaging run", expires: String = "the last day of use", arms: BTreeMap<String, u32> = "how many of each arm" }
}
body! {
    /// A shipment.
    NewShipment { from: String = "`depot ID` or `site ID`", to: String = "`depot ID` or `site ID`", kits: Vec<String> = "numbers" }
}
body! {
    /// What arrived.
    Arrived { held: Option<Vec<String>> = "damaged kits", lost: Option<Vec<String>> = "missing kits", excursion: Option<bool> = "whether it was too warm or too cold", note: Option<String> = "what was seen" }
}
body! {
    /// What is done with kits.
    KitsDeed { keeper: String = "`depot ID` or `site ID`", deed: String = "quarantine, release, return, destroy or lose", kits: Vec<String> = "numbers", returned_units: Option<u32> = "for a return", reason: String = "why" }
}
body! {
    /// What is dispensed.
    NewDispensing { visit: String = "the visit", count: Option<u32> = "kits; none: 1" }
}

pub(super) fn table() -> Vec<Route> {
    use Method::{Get, Post};
    vec![
        Route::new(Get, "/studies/{study}/supply", "Plan, depots, kits, shipments, accounts", get(supply)).gives([
            object("plan", "how sites are supplied; null: not planned"),
            list("depots", "depots"),
            list("kits", "number, lot, expiry, keeper, state and history"),
            list("shipments", "in the order in which they were sent"),
            list("accounts", "keeper, counts and balance"),
        ]),
        Route::new(Post, "/studies/{study}/supply/depots", "Open a depot", post(open)).takes::<NewDepot>(),
        Route::new(Post, "/studies/{study}/supply/plan", "Plan the supply", post(plan)).takes::<NewPlan>(),
        Route::new(
            Post,
            "/studies/{study}/supply/kits",
            "Register kits; their numbers with what is in them",
            post(register),
        )
        .gives([list("kits", "number and arm, for the labels")])
        .takes::<PackedKits>(),
        Route::new(Post, "/studies/{study}/supply/shipments", "Send kits", post(send))
            .gives([whole("shipment", "its number")])
            .takes::<NewShipment>(),
        Route::new(Post, "/studies/{study}/supply/shipments/{shipment}", "Receive a shipment", post(receive))
            .takes::<Arrived>(),
        Route::new(Post, "/studies/{study}/supply/moves", "Hold, release, take back, destroy, tell lost", post(moves))
            .takes::<KitsDeed>(),
        Route::new(
            Get,
            "/studies/{study}/supply/depots/{depot}/proposals",
            "What the depot should send now",
            get(propose),
        )
        .gives([list("proposals", "site, kits, and whether the depot has too few")]),
        Route::new(
            Post,
            "/studies/{study}/subjects/{subject}/dispensing",
            "Dispense kits to a subject",
            post(dispense),
        )
        .gives([list("kits", "numbers"), text("subject", "the subject")])
        .takes::<NewDispensing>(),
    ]
}

fn keeper(text: &str) -> Result<Keeper, Problem> {
    match text.split_once(' ') {
        Some(("depot", id)) => Ok(Keeper::Depot(id.to_owned())),
        Some(("site", id)) => Ok(Keeper::Site(id.to_owned())),
        _ => Err(Problem::invalid("a place is `depot ID` or `site ID`")),
    }
}

async fn supply(p: Program, Path(study): Path<String>) -> Result<Json<Value>, Problem> {
    let look = p.look(move |r| {
        let (plan, depots) = (r.supply_plan(&study)?, r.depots(&study)?);
        Ok((plan, depots, r.kits(&study)?, r.shipments(&study)?, r.kit_accounts(&study)?))
    });
    let (plan, depots, kits, shipments, accounts) = look.await?;
    let accounts: Vec<Value> = accounts
        .iter()
        .map(|(keeper, account)| json!({ "keeper": keeper.to_string(), "account": account, "balance": account.balance() }))
        .collect();
    Ok(Json(json!({ "plan": plan, "depots": depots, "kits": kits, "shipments": shipments, "accounts": accounts })))
}

async fn open(p: Program, Path(study): Path<String>, Body(body): Body<NewDepot>) -> Result<Json<Value>, Problem> {
    p.execute(OpenDepot { study, depot: body.depot, name: body.name }).await?;
    Ok(Json(json!({})))
}

async fn plan(p: Program, Path(study): Path<String>, Body(body): Body<NewPlan>) -> Result<Json<Value>, Problem> {
    let plan = SupplyPlan {
        trigger: body.trigger,
        level: body.level,
        lead_days: body.lead_days,
        dispense_margin_days: body.dispense_margin_days,
        ship_margin_days: body.ship_margin_days,
        visits: body.visits,
    };
    p.execute(PlanSupply { study, plan }).await?;
    Ok(Json(json!({})))
}

async fn register(p: Program, Path(study): Path<String>, Body(body): Body<PackedKits>) -> Result<Json<Value>, Problem> {
    let new = NewKits { study, depot: body.depot, lot: body.lot, expires: body.expires, arms: body.arms };
    let (vault, caller) = (p.vault()?.clone(), p.caller.clone());
    let kits = blocking(move || Ok(vault.register_kits(&caller, new)?)).await?;
    let kits: Vec<Value> = kits.iter().map(|kit| json!({ "number": kit.number, "arm": kit.arm })).collect();
    Ok(Json(json!({ "kits": kits })))
}

async fn send(p: Program, Path(study): Path<String>, Body(body): Body<NewShipment>) -> Result<Json<Value>, Problem> {
    let (from, to) = (keeper(&body.from)?, keeper(&body.to)?);
    let number = p.execute(Ship { study, from, to, kits: body.kits }).await?;
    Ok(Json(json!({ "shipment": number })))
}

async fn receive(
    p: Program,
    Path((study, shipment)): Path<(String, u64)>,
    Body(body): Body<Arrived>,
) -> Result<Json<Value>, Problem> {
    let command = Receive {
        study,
        shipment,
        held: body.held.unwrap_or_default(),
        lost: body.lost.unwrap_or_default(),
        excursion: body.excursion.unwrap_or_default(),
        note: body.note.unwrap_or_default(),
    };
    p.execute(command).await?;
    Ok(Json(json!({})))
}

async fn moves(p: Program, Path(study): Path<String>, Body(body): Body<KitsDeed>) -> Result<Json<Value>, Problem> {
    let deed: Deed = serde_json::from_value(json!(body.deed)).map_err(|_| Problem::invalid("there is no such deed"))?;
    let keeper = keeper(&body.keeper)?;
    let (kits, returned_units, reason) = (body.kits, body.returned_units, body.reason);
    p.execute(MoveKits { study, keeper, deed, kits, returned_units, reason }).await?;
    Ok(Json(json!({})))
}

async fn propose(p: Program, Path((study, depot)): Path<(String, String)>) -> Result<Json<Value>, Problem> {
    let (vault, caller) = (p.vault()?.clone(), p.caller.clone());
    let proposals = blocking(move || Ok(vault.resupply(&caller, &study, &depot)?)).await?;
    Ok(Json(json!({ "proposals": proposals })))
}

async fn dispense(
    p: Program,
    Path((study, subject)): Path<(String, String)>,
    Body(body): Body<NewDispensing>,
) -> Result<Json<Value>, Problem> {
    let (vault, caller, id) = (p.vault()?.clone(), p.caller.clone(), subject.clone());
    let count = body.count.unwrap_or(1);
    let kits = blocking(move || Ok(vault.dispense(&caller, (&study, &id, &body.visit), count)?)).await?;
    Ok(Json(json!({ "kits": kits, "subject": subject })))
}
