//! What else becomes of kits: quarantined and released, brought back, destroyed, lost. Each with a reason.

use super::kit::{Deed, Keeper};
use super::project::KitsMoved;
use super::ship::{movable, scope};
use crate::access::{Operation, Scope};
use crate::door::{Command, Work};
use crate::refusal::Refusal;
use croft_ledger::View;

/// Does something with kits that a keeper has.
#[derive(Clone, Debug)]
pub struct MoveKits {
    /// The study.
    pub study: String,
    /// Who has them.
    pub keeper: Keeper,
    /// What is done: quarantine, release, return, destroy or lose.
    pub deed: Deed,
    /// The kits.
    pub kits: Vec<String>,
    /// Units that came back, for a return.
    pub returned_units: Option<u32>,
    /// Why.
    pub reason: String,
}

impl Command for MoveKits {
    type Done = ();
    const OPERATION: Operation = Operation::SupplyReceive;

    fn scope(&self, _view: &dyn View) -> Result<Scope, Refusal> {
        Ok(scope(&self.study, &self.keeper))
    }

    fn run(self, work: &mut Work<'_, '_>) -> Result<(), Refusal> {
        match self.deed {
            Deed::Quarantine | Deed::Return | Deed::Destroy | Deed::Lose => {}
            // Who may release is not who holds.
            Deed::Release => drop(work.allow(Operation::SupplyRelease, &self.scope(work.tx)?)?),
            Deed::Ship | Deed::Receive | Deed::Hold | Deed::Dispense => {
                return Err(Refusal::invalid("deed", "has a command of its own", "send, receive or dispense the kits"));
            }
        }
        if self.reason.trim().is_empty() {
            return Err(Refusal::invalid("reason", "is empty", "say why"));
        }
        let kits = movable(work, &self.study, &self.keeper, &self.kits, self.deed)?;
        if self.deed == Deed::Return && (kits.len() != 1 || self.returned_units.is_none()) {
            return Err(Refusal::invalid(
                "returned_units",
                "is needed, kit by kit",
                "count what came back in this kit",
            ));
        }
        let moved = KitsMoved {
            study: self.study.clone(),
            deed: self.deed,
            kits: self.kits,
            subject: None,
            visit: None,
            returned_units: self.returned_units.filter(|_| self.deed == Deed::Return),
        };
        work.append(&self.study, "supply", "kits.moved/1", &moved, self.reason.trim())?;
        Ok(())
    }
}
