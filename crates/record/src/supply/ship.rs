//! How do kits travel? A shipment is sent by who has the kits, and received by who gets them: accepted, held, or lost, kit by kit.

use super::kit::{Deed, Keeper, Kit};
use super::project::{ShipmentReceived, ShipmentSent};
use crate::access::{Operation, Scope};
use crate::door::{self, Command, Work};
use crate::key::Key;
use crate::refusal::Refusal;
use crate::{space, study};
use croft_ledger::View;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A shipment: key (study, number).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the words say it")]
pub struct Shipment {
    pub number: u64,
    pub from: Keeper,
    pub to: Keeper,
    pub kits: Vec<String>,
    pub state: ShipmentState,
    pub sent_ms: i64,
    pub received_ms: Option<i64>,
    /// Whether it was too warm or too cold on the way.
    pub excursion: bool,
}

/// Where a shipment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words say it")]
pub enum ShipmentState {
    Sent,
    Received,
}

/// Sends kits.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the words say it")]
pub struct Ship {
    pub study: String,
    pub from: Keeper,
    pub to: Keeper,
    pub kits: Vec<String>,
}

/// Where rights are asked for what a keeper does.
pub(super) fn scope(study: &str, keeper: &Keeper) -> Scope {
    match keeper {
        Keeper::Depot(_) => Scope::study(study),
        Keeper::Site(site) => Scope::site(study, site),
    }
}

/// Whether the keeper is there.
pub(super) fn known(view: &dyn View, study_id: &str, keeper: &Keeper) -> Result<(), Refusal> {
    match keeper {
        Keeper::Site(site) => study::site(view, study_id, site).map(drop),
        Keeper::Depot(depot) => super::depot(view, study_id, depot).map(drop),
    }
}

/// Each kit once, each known, with the keeper, and able to be moved so.
pub(super) fn movable(
    work: &Work<'_, '_>,
    study: &str,
    keeper: &Keeper,
    kits: &[String],
    deed: Deed,
) -> Result<Vec<Kit>, Refusal> {
    if kits.is_empty() {
        return Err(Refusal::invalid("kits", "names none", "name the kits"));
    }
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for number in kits {
        if !seen.insert(number) {
            return Err(Refusal::invalid("kits", format!("{number} stands twice"), "name each kit once"));
        }
        let kit = super::kit_row(work.tx, study, number)?;
        if kit.keeper != *keeper {
            let message = format!("{number} is not with {keeper}");
            return Err(Refusal::invalid("kits", message, "look at the kit's history: who has it?"));
        }
        if super::kit::after(kit.state, deed, &kit.keeper).is_none() {
            return Err(super::cannot(&kit, deed));
        }
        found.push(kit);
    }
    Ok(found)
}

impl Command for Ship {
    /// The shipment's number.
    type Done = u64;
    const OPERATION: Operation = Operation::SupplyShip;

    fn scope(&self, _view: &dyn View) -> Result<Scope, Refusal> {
        Ok(scope(&self.study, &self.from))
    }

    fn run(self, work: &mut Work<'_, '_>) -> Result<u64, Refusal> {
        work.open_study(&self.study)?;
        known(work.tx, &self.study, &self.from)?;
        known(work.tx, &self.study, &self.to)?;
        if self.from == self.to {
            return Err(Refusal::invalid("to", "is where the kits are", "send them to another place"));
        }
        let kits = movable(work, &self.study, &self.from, &self.kits, Deed::Ship)?;
        // What goes to a site is to be used there; what goes back may have expired.
        if let Keeper::Site(_) = self.to {
            let plan = super::plan_row(work.tx, &self.study)?;
            let until = super::day_after(work, i64::from(plan.ship_margin_days));
            if let Some(kit) = kits.iter().find(|kit| kit.expires < until) {
                let message = format!("{} expires on {}, too soon to be sent", kit.number, kit.expires);
                return Err(Refusal::invalid("kits", message, "send kits that can be used longer; destroy this one"));
            }
        }
        let sent = ShipmentSent { study: self.study.clone(), from: self.from, to: self.to, kits: self.kits };
        Ok(work.append(&self.study, "supply", "shipment.sent/1", &sent, "")?.seq)
    }
}

/// Receives a shipment: every kit of it is accepted, held or lost.
#[derive(Clone, Debug, Default)]
pub struct Receive {
    /// The study.
    pub study: String,
    /// The shipment.
    pub shipment: u64,
    /// Damaged ones, which must not be used until somebody has looked.
    pub held: Vec<String>,
    /// Ones that were not in it.
    pub lost: Vec<String>,
    /// Whether it was too warm or too cold on the way: then all that arrived are held.
    pub excursion: bool,
    /// What was seen.
    pub note: String,
}

impl Command for Receive {
    type Done = ();
    const OPERATION: Operation = Operation::SupplyReceive;

    fn scope(&self, view: &dyn View) -> Result<Scope, Refusal> {
        Ok(scope(&self.study, &shipment(view, &self.study, self.shipment)?.to))
    }

    fn run(self, work: &mut Work<'_, '_>) -> Result<(), Refusal> {
        let shipment = shipment(work.tx, &self.study, self.shipment)?;
        if shipment.state == ShipmentState::Received {
            return Err(Refusal::state(
                format!("shipment {} is received already", shipment.number),
                "nothing needs to be done",
            ));
        }
        for (place, kits) in [("held", &self.held), ("lost", &self.lost)] {
            if let Some(strange) = kits.iter().find(|kit| !shipment.kits.contains(kit)) {
                let message = format!("{strange} is not in shipment {}", shipment.number);
                return Err(Refusal::invalid(place, message, "name kits of the shipment's list"));
            }
        }
        if let Some(both) = self.held.iter().find(|kit| self.lost.contains(kit)) {
            return Err(Refusal::invalid("lost", format!("{both} is held and lost"), "say one of them"));
        }
        if (self.excursion || !self.held.is_empty() || !self.lost.is_empty()) && self.note.trim().is_empty() {
            return Err(Refusal::invalid(
                "note",
                "is empty",
                "say what was seen: temperatures, damage, what was missing",
            ));
        }
        let arrived = shipment.kits.iter().filter(|kit| !self.lost.contains(kit));
        let (held, accepted): (Vec<String>, Vec<String>) =
            arrived.cloned().partition(|kit| self.excursion || self.held.contains(kit));
        let event = ShipmentReceived {
            study: self.study.clone(),
            shipment: self.shipment,
            accepted,
            held,
            lost: self.lost,
            excursion: self.excursion,
        };
        work.append(&self.study, "supply", "shipment.received/1", &event, self.note.trim())?;
        Ok(())
    }
}

pub(super) fn shipment(view: &dyn View, study: &str, number: u64) -> Result<Shipment, Refusal> {
    let at = Key::default().text(study).number(number);
    door::row(view, space::SHIPMENT, &at)?.ok_or_else(|| Refusal::absent("shipment", number.to_string()))
}
