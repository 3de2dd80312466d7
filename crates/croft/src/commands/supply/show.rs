//! What is where: plan, depots, shipments, kits, accounts.

use super::{Account, Kits, Of};
use crate::columns::{Columns, terminal_width};
use crate::commands::vault::write_new;
use crate::output::{Failure, Outcome, print_json};
use croft_record::export::rfc3339;
use croft_record::supply::{Kit, KitState, ShipmentState};
use serde_json::{Value, json};

/// A state as people say it.
pub fn state_word(state: KitState) -> &'static str {
    match state {
        KitState::InDepot => "in depot",
        KitState::InTransit => "in transit",
        KitState::AtSite => "at site",
        KitState::Quarantined => "quarantined",
        KitState::Dispensed => "dispensed",
        KitState::Returned => "returned",
        KitState::Destroyed => "destroyed",
        KitState::Lost => "lost",
    }
}

fn print(table: &Columns) {
    table.lines(terminal_width()).iter().for_each(|line| outln!("{line}"));
}

/// Plan, depots, shipments.
pub fn overview(of: &Of, as_json: bool) -> Result<Outcome, Failure> {
    let (record, caller, _) = of.proved()?;
    let study = &of.study;
    let (plan, depots, shipments) =
        record.view(&caller, |r| Ok((r.supply_plan(study)?, r.depots(study)?, r.shipments(study)?)))?;
    if as_json {
        print_json(&json!({ "plan": plan, "depots": depots, "shipments": shipments }));
        return Ok(Outcome::Done);
    }
    match plan {
        None => outln!("the supply of {study} is not planned"),
        Some(plan) => {
            outln!("sent     at {} usable kits of an arm or fewer, up to {}", plan.trigger, plan.level);
            outln!("lead     {} days", plan.lead_days);
            outln!("margins  {} days when dispensed, {} when sent", plan.dispense_margin_days, plan.ship_margin_days);
            outln!("visits   {}", plan.visits.join(", "));
        }
    }
    depots.iter().for_each(|depot| outln!("depot    {} {}", depot.id, depot.name));
    let mut table = Columns::new(&[">shipment", "from", "to", ">kits", "sent", "received", ""]);
    for shipment in &shipments {
        let amiss = match (shipment.state, shipment.excursion) {
            (ShipmentState::Sent, _) => "on the way",
            (ShipmentState::Received, true) => "excursion",
            (ShipmentState::Received, false) => "",
        };
        table.row([
            shipment.number.to_string(),
            shipment.from.to_string(),
            shipment.to.to_string(),
            shipment.kits.len().to_string(),
            rfc3339(shipment.sent_ms),
            shipment.received_ms.map(rfc3339).unwrap_or_default(),
            amiss.to_owned(),
        ]);
    }
    if !table.is_empty() {
        outln!();
        print(&table);
    }
    Ok(Outcome::Done)
}

/// Kits, all or some.
pub fn kits(args: &Kits, as_json: bool) -> Result<Outcome, Failure> {
    let (record, caller, _) = args.of.proved()?;
    let mut kits = record.view(&caller, |r| r.kits(&args.of.study))?;
    kits.retain(|kit| {
        args.at.as_ref().is_none_or(|at| kit.keeper == *at)
            && args.state.is_none_or(|state| kit.state == state)
            && args.expires_by.as_ref().is_none_or(|day| kit.expires <= *day)
    });
    if as_json {
        print_json(&json!({ "kits": kits }));
        return Ok(Outcome::Done);
    }
    let mut table = Columns::new(&["kit", "lot", "expires", "place", "state", "subject", "visit", ">returned"]);
    for kit in &kits {
        table.row([
            kit.number.clone(),
            kit.lot.clone(),
            kit.expires.clone(),
            kit.keeper.to_string(),
            state_word(kit.state).to_owned(),
            kit.subject.clone().unwrap_or_default(),
            kit.visit.clone().unwrap_or_default(),
            kit.returned_units.map(|units| units.to_string()).unwrap_or_default(),
        ]);
    }
    if !table.is_empty() {
        print(&table);
    }
    eprintln!("{}", super::kits(kits.len()));
    Ok(Outcome::Done)
}

/// The accounts of all places that the caller may see.
pub fn account(args: &Account, as_json: bool) -> Result<Outcome, Failure> {
    let (record, caller, _) = args.of.proved()?;
    let study = &args.of.study;
    let (kits, accounts) = record.view(&caller, |r| Ok((r.kits(study)?, r.kit_accounts(study)?)))?;
    if let Some(path) = &args.log {
        write_new(path, &log(&kits)?)?;
    }
    let balances = accounts.values().all(|account| account.balance() == 0);
    if as_json {
        let facts: Vec<Value> = accounts
            .iter()
            .map(|(keeper, a)| json!({ "keeper": keeper.to_string(), "account": a, "balance": a.balance() }))
            .collect();
        print_json(&json!({ "accounts": facts, "file": args.log }));
    } else {
        let mut table = Columns::new(&[
            "place",
            ">came",
            ">went",
            ">on the way",
            ">at hand",
            ">quarantined",
            ">dispensed",
            ">returned",
            ">destroyed",
            ">lost",
            ">balance",
        ]);
        for (keeper, a) in &accounts {
            let counts =
                [a.came, a.went, a.on_the_way, a.at_hand, a.quarantined, a.dispensed, a.returned, a.destroyed, a.lost];
            let [b, c, d, e, f, g, h, i, j] = counts.map(|count| count.to_string());
            table.row([keeper.to_string(), b, c, d, e, f, g, h, i, j, a.balance().to_string()]);
        }
        if table.is_empty() {
            outln!("no kit is registered");
        } else {
            print(&table);
        }
        if let Some(path) = &args.log {
            eprintln!("wrote {} ({})", path.display(), super::kits(kits.len()));
        }
    }
    Ok(if balances { Outcome::Done } else { Outcome::Findings })
}

/// What was done with each kit, a row a step.
fn log(kits: &[Kit]) -> Result<String, Failure> {
    let heads = ["KIT", "LOT", "EXPIRES", "EVENT", "TIME", "BY", "DEED", "STATE", "PLACE", "SUBJECT", "VISIT", "UNITS"];
    let rows = kits.iter().flat_map(|kit| {
        kit.steps.iter().map(move |step| {
            let given = step.state == KitState::Dispensed;
            let back = step.state == KitState::Returned;
            let own = |yes: bool, text: &Option<String>| text.clone().filter(|_| yes).unwrap_or_default();
            [
                kit.number.clone(),
                kit.lot.clone(),
                kit.expires.clone(),
                step.event.to_string(),
                rfc3339(step.at_ms),
                step.by.clone(),
                step.deed.map_or("registered", croft_record::supply::Deed::words).to_owned(),
                state_word(step.state).to_owned(),
                step.keeper.to_string(),
                own(given || back, &kit.subject),
                own(given || back, &kit.visit),
                kit.returned_units.filter(|_| back).map(|units| units.to_string()).unwrap_or_default(),
            ]
        })
    });
    csv(heads, rows)
}

/// A table as CSV.
pub fn csv<const N: usize, T: AsRef<[u8]>>(
    heads: [&str; N],
    rows: impl Iterator<Item = [T; N]>,
) -> Result<String, Failure> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(heads).map_err(Failure::failure)?;
    for row in rows {
        writer.write_record(row).map_err(Failure::failure)?;
    }
    String::from_utf8(writer.into_inner().map_err(Failure::failure)?).map_err(Failure::failure)
}
