//! How do kits come to subjects, and is every one accounted for?
//!
//! | room | question |
//! |---|---|
//! | [`kit`] | what can become of a kit? |
//! | [`plan`] | how are sites supplied? |
//! | [`register`] | how do kits come in? |
//! | [`ship`] | how do they travel? |
//! | [`hold`] | what else becomes of them? |
//! | [`dispense`] | which kit does a subject get? |
//! | [`resupply`] | what should be sent where? |
//! | [`account`] | is every kit accounted for? |
//!
//! A kit's number, lot, expiry, keeper and history are open to whoever handles it. What is in it is sealed like a subject's allocation, and only the vault
//! compares the two: who dispenses is told a number, who ships is told numbers. Lot and expiry are of a packaging run, the same for all arms.

pub mod account;
pub mod dispense;
pub mod hold;
pub mod kit;
pub mod plan;
mod project;
pub mod register;
pub mod resupply;
pub mod ship;

pub use account::{Account, accounts};
pub use hold::MoveKits;
pub use kit::{Deed, Keeper, Kit, KitState};
pub use plan::{PlanSupply, SupplyPlan};
pub use project::Depot;
pub(crate) use project::project;
pub use register::{NewKits, OpenDepot, PackedKit};
pub use resupply::Proposal;
pub use ship::{Receive, Ship, Shipment, ShipmentState};

use crate::access::Operation;
use crate::door::{self, Reading, Work};
use crate::key::key;
use crate::refusal::Refusal;
use crate::space;
use croft_core::date::CivilDate;
use croft_ledger::View;
use std::ops::ControlFlow;

pub(crate) fn depot(view: &dyn View, study: &str, id: &str) -> Result<Depot, Refusal> {
    door::row(view, space::DEPOT, &key(&[study, id]))?.ok_or_else(|| Refusal::absent("depot", id))
}

pub(crate) fn kit_row(view: &dyn View, study: &str, number: &str) -> Result<Kit, Refusal> {
    door::row(view, space::KIT, &key(&[study, number]))?.ok_or_else(|| Refusal::absent("kit", number))
}

pub(crate) fn plan_row(view: &dyn View, study: &str) -> Result<SupplyPlan, Refusal> {
    door::row(view, space::SUPPLY_PLAN, &key(&[study]))?.ok_or_else(|| {
        Refusal::state(format!("the supply of study {study} is not planned"), "the supply manager plans it first")
    })
}

fn cannot(kit: &Kit, deed: Deed) -> Refusal {
    let state = serde_json::to_value(kit.state).ok().and_then(|v| v.as_str().map(|s| s.replace('_', " ")));
    Refusal::state(
        format!("kit {} is {} and cannot be {}", kit.number, state.unwrap_or_default(), deed.words()),
        "look at the kit's history",
    )
}

/// The day of a time, in UTC.
fn day_of(at_ms: i64) -> CivilDate {
    crate::capture::local_day(at_ms, 0)
}

/// The day so many days from today, where the caller is; as texts of days compare.
fn day_after(work: &Work<'_, '_>, days: i64) -> String {
    let today = crate::capture::local_day(work.now_ms(), work.caller.offset_min);
    today.plus_days(days).map(|day| day.to_string()).unwrap_or_default()
}

impl Reading<'_> {
    /// The shipments of a study that the caller may see, in the order in which they were sent.
    pub fn shipments(&self, study: &str) -> Result<Vec<Shipment>, Refusal> {
        self.study(study)?;
        let mut found: Vec<Shipment> = Vec::new();
        self.rows(space::SHIPMENT, key(&[study]).range(), |_, shipment| {
            found.push(shipment);
            ControlFlow::Continue(())
        })?;
        found.retain(|shipment| {
            [&shipment.from, &shipment.to]
                .iter()
                .any(|keeper| self.may(Operation::SupplyRead, &ship::scope(study, keeper)))
        });
        Ok(found)
    }

    /// The depots of a study.
    pub fn depots(&self, study: &str) -> Result<Vec<Depot>, Refusal> {
        self.study(study)?;
        let mut found = Vec::new();
        self.rows(space::DEPOT, key(&[study]).range(), |_, depot: Depot| {
            found.push(depot);
            ControlFlow::Continue(())
        })?;
        Ok(found)
    }

    /// How a study is supplied, if that is planned.
    pub fn supply_plan(&self, study: &str) -> Result<Option<SupplyPlan>, Refusal> {
        self.study(study)?;
        self.row(space::SUPPLY_PLAN, &key(&[study]))
    }
}
