//! How are sites supplied? Levels, lead time, margins before expiry, the visits at which kits are dispensed.

use crate::access::{Operation, Scope};
use crate::door::{Command, Work};
use crate::refusal::Refusal;
use croft_ledger::View;
use serde::{Deserialize, Serialize};

/// The plan of a study's supply; the same for every arm, so that it tells nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SupplyPlan {
    /// A site is supplied when it has no more usable kits of an arm than this.
    pub trigger: u32,
    /// Up to this many.
    pub level: u32,
    /// Days from a shipment's request to its arrival, at most.
    pub lead_days: u32,
    /// A kit is dispensed only if it can be used this many days longer.
    pub dispense_margin_days: u32,
    /// A kit is sent only if it can be used this many days longer.
    pub ship_margin_days: u32,
    /// The visits at which a kit is dispensed.
    pub visits: Vec<String>,
}

/// Plans the supply of a study.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the words say it")]
pub struct PlanSupply {
    pub study: String,
    pub plan: SupplyPlan,
}

impl Command for PlanSupply {
    type Done = ();
    const OPERATION: Operation = Operation::SupplyManage;

    fn scope(&self, _view: &dyn View) -> Result<Scope, Refusal> {
        Ok(Scope::study(&self.study))
    }

    fn run(self, work: &mut Work<'_, '_>) -> Result<(), Refusal> {
        let study = work.open_study(&self.study)?;
        let (_, definition) = work.current_version(&study)?;
        if self.plan.level <= self.plan.trigger {
            return Err(Refusal::invalid(
                "level",
                "is not above the trigger",
                "supply up to more than what triggers it",
            ));
        }
        for (at, visit) in self.plan.visits.iter().enumerate() {
            if definition.visit(visit).is_none() {
                let message = format!("there is no visit `{visit}`");
                return Err(Refusal::invalid(format!("visits[{at}]"), message, "name visits of study.toml"));
            }
        }
        let planned = super::project::SupplyPlanned { study: self.study.clone(), plan: self.plan };
        work.append(&self.study, "supply", "supply.planned/1", &planned, "")?;
        Ok(())
    }
}
