//! Events of supply, and the state that they make.

use super::kit::{Deed, Keeper, Kit, KitState, Step, after};
use super::plan::SupplyPlan;
use super::ship::{Shipment, ShipmentState};
use crate::key::{Key, key};
use crate::project::{Change as _, Failure, failure, payload};
use crate::space;
use crate::vault::seal::Coded;
use croft_ledger::{Event, State};
use serde::{Deserialize, Serialize};

/// `depot.opened/1`
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct DepotOpened {
    pub study: String,
    pub depot: String,
    pub name: String,
}

/// `supply.planned/1`
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SupplyPlanned {
    pub study: String,
    pub plan: SupplyPlan,
}

/// `kits.registered/1`
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct KitsRegistered {
    pub study: String,
    pub depot: String,
    pub lot: String,
    pub expires: String,
    pub kits: Vec<NewKit>,
}

/// A kit of a registration: its number, and sealed what is in it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct NewKit {
    pub kit: String,
    pub code: Coded,
}

/// `shipment.sent/1`; its number is the event's.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ShipmentSent {
    pub study: String,
    pub from: Keeper,
    pub to: Keeper,
    pub kits: Vec<String>,
}

/// `shipment.received/1`
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ShipmentReceived {
    pub study: String,
    pub shipment: u64,
    pub accepted: Vec<String>,
    pub held: Vec<String>,
    pub lost: Vec<String>,
    /// Whether it was too warm or too cold on the way.
    pub excursion: bool,
}

/// `kits.moved/1`: everything else that is done with kits.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct KitsMoved {
    pub study: String,
    pub deed: Deed,
    pub kits: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returned_units: Option<u32>,
}

/// A depot: key (study, depot).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the words say it")]
pub struct Depot {
    pub id: String,
    pub name: String,
}

/// Applies an event of this room; false when it is of another.
pub(crate) fn project(event: &Event, state: &mut dyn State) -> Result<bool, Failure> {
    match event.kind.as_str() {
        "depot.opened/1" => {
            let opened: DepotOpened = payload(event)?;
            let at = key(&[&opened.study, &opened.depot]);
            state.set(space::DEPOT, &at, &Depot { id: opened.depot, name: opened.name })?;
        }
        "supply.planned/1" => {
            let planned: SupplyPlanned = payload(event)?;
            state.set(space::SUPPLY_PLAN, &key(&[&planned.study]), &planned.plan)?;
        }
        "kits.registered/1" => registered(event, state)?,
        "shipment.sent/1" => sent(event, state)?,
        "shipment.received/1" => received(event, state)?,
        "kits.moved/1" => {
            let moved: KitsMoved = payload(event)?;
            for number in &moved.kits {
                moves(event, state, &moved.study, number, moved.deed, None, |kit| {
                    if moved.deed == Deed::Dispense {
                        kit.subject.clone_from(&moved.subject);
                        kit.visit.clone_from(&moved.visit);
                    }
                    if moved.deed == Deed::Return {
                        kit.returned_units = moved.returned_units;
                    }
                })?;
            }
        }
        _ => return Ok(false),
    }
    Ok(true)
}

fn registered(event: &Event, state: &mut dyn State) -> Result<(), Failure> {
    let new: KitsRegistered = payload(event)?;
    let keeper = Keeper::Depot(new.depot);
    for NewKit { kit, code } in new.kits {
        let at = key(&[&new.study, &kit]);
        state.set(space::KIT_CODE, &at, &code)?;
        let step = Step {
            event: event.seq,
            at_ms: event.time_ms,
            by: event.actor.clone(),
            deed: None,
            state: KitState::InDepot,
            keeper: keeper.clone(),
        };
        state.set(space::KIT_AT, &key(&[&new.study, &keeper.segment(), &kit]), &())?;
        let row = Kit {
            number: kit,
            lot: new.lot.clone(),
            expires: new.expires.clone(),
            state: KitState::InDepot,
            keeper: keeper.clone(),
            shipment: None,
            subject: None,
            visit: None,
            returned_units: None,
            steps: vec![step],
        };
        state.set(space::KIT, &at, &row)?;
    }
    Ok(())
}

fn sent(event: &Event, state: &mut dyn State) -> Result<(), Failure> {
    let sent: ShipmentSent = payload(event)?;
    for number in &sent.kits {
        moves(event, state, &sent.study, number, Deed::Ship, Some(&sent.to), |kit| kit.shipment = Some(event.seq))?;
    }
    let shipment = Shipment {
        number: event.seq,
        from: sent.from,
        to: sent.to,
        kits: sent.kits,
        state: ShipmentState::Sent,
        sent_ms: event.time_ms,
        received_ms: None,
        excursion: false,
    };
    state.set(space::SHIPMENT, &Key::default().text(&sent.study).number(event.seq), &shipment)
}

fn received(event: &Event, state: &mut dyn State) -> Result<(), Failure> {
    let received: ShipmentReceived = payload(event)?;
    let parts = [(Deed::Receive, &received.accepted), (Deed::Hold, &received.held), (Deed::Lose, &received.lost)];
    for (deed, kits) in parts {
        for number in kits {
            moves(event, state, &received.study, number, deed, None, |kit| kit.shipment = None)?;
        }
    }
    let at = Key::default().text(&received.study).number(received.shipment);
    state.change(space::SHIPMENT, &at, |shipment: &mut Shipment| {
        shipment.state = ShipmentState::Received;
        shipment.received_ms = Some(event.time_ms);
        shipment.excursion = received.excursion;
    })
}

/// Moves one kit; `to` is its new keeper, where it gets one.
fn moves(
    event: &Event,
    state: &mut dyn State,
    study: &str,
    number: &str,
    deed: Deed,
    to: Option<&Keeper>,
    more: impl FnOnce(&mut Kit),
) -> Result<(), Failure> {
    let at = key(&[study, number]);
    let mut kit: Kit = state
        .read(space::KIT, &at)?
        .ok_or_else(|| failure(format!("event {} moves the unknown kit {number}", event.seq)))?;
    let next = after(kit.state, deed, &kit.keeper)
        .ok_or_else(|| failure(format!("event {}: kit {number} cannot be {}", event.seq, deed.words())))?;
    if let Some(to) = to {
        state.unset(space::KIT_AT, &key(&[study, &kit.keeper.segment(), number]))?;
        state.set(space::KIT_AT, &key(&[study, &to.segment(), number]), &())?;
        kit.keeper = to.clone();
    }
    kit.state = next;
    kit.steps.push(Step {
        event: event.seq,
        at_ms: event.time_ms,
        by: event.actor.clone(),
        deed: Some(deed),
        state: next,
        keeper: kit.keeper.clone(),
    });
    more(&mut kit);
    state.set(space::KIT, &at, &kit)
}
