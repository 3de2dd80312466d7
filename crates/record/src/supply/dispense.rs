//! Which kit does a subject get? One of its arm, at its site, fit for use long enough; of several the one that expires first, and of those that expire on
//! one day any: they are taken in an order that only the vault knows. The answer is a number.

use super::kit::{Deed, Keeper, Kit, KitState};
use super::project::KitsMoved;
use crate::access::{Operation, Scope};
use crate::capture::{Subject, SubjectStatus, enrol};
use crate::door::{self, Caller, Command, Work};
use crate::key::{key, segments};
use crate::refusal::Refusal;
use crate::space;
use crate::vault::Vault;
use crate::vault::draw::StudyVault;
use crate::vault::state::Randomised;
use croft_ledger::View;
use std::ops::ControlFlow;
use std::sync::Arc;

struct Dispense {
    study: String,
    subject: String,
    visit: String,
    count: u32,
    vault: Arc<StudyVault>,
}

impl Vault {
    /// Dispenses kits to a subject at a visit; their numbers.
    pub fn dispense(
        &self,
        caller: &Caller,
        (study, subject, visit): (&str, &str, &str),
        count: u32,
    ) -> Result<Vec<String>, Refusal> {
        let vault = self.opened(study)?;
        let (study, subject, visit) = (study.to_owned(), subject.to_owned(), visit.to_owned());
        self.record().execute(caller, Dispense { study, subject, visit, count, vault })
    }
}

impl Command for Dispense {
    type Done = Vec<String>;
    const OPERATION: Operation = Operation::Dispense;

    fn scope(&self, view: &dyn View) -> Result<Scope, Refusal> {
        enrol::scope(view, &self.study, &self.subject)
    }

    fn run(self, work: &mut Work<'_, '_>) -> Result<Vec<String>, Refusal> {
        work.open_study(&self.study)?;
        let subject: Subject = enrol::subject(work.tx, &self.study, &self.subject)?;
        if subject.status == SubjectStatus::Withdrawn {
            return Err(Refusal::state(format!("subject {} has left the study", subject.id), "nothing is dispensed"));
        }
        let plan = super::plan_row(work.tx, &self.study)?;
        if !plan.visits.contains(&self.visit) {
            let message = format!("nothing is dispensed at `{}`", self.visit);
            return Err(Refusal::invalid(
                "visit",
                message,
                format!("kits are dispensed at {}", plan.visits.join(", ")),
            ));
        }
        if self.count == 0 {
            return Err(Refusal::invalid("count", "is none", "say how many kits are dispensed"));
        }
        let row: Randomised =
            door::row(work.tx, space::RANDOMISED, &key(&[&self.study, &self.subject]))?.ok_or_else(|| {
                Refusal::state(format!("subject {} is not randomised", self.subject), "randomise it first")
            })?;
        let allocation = self.vault.allocation(&self.subject, &row.code)?;
        let until = super::day_after(work, i64::from(plan.dispense_margin_days));
        let keeper = Keeper::Site(subject.site);
        let mut at_hand = Vec::new();
        for kit in kits_of(work.tx, &self.study, &keeper)? {
            // Every kit at hand is opened and put in order, whatever is in it, so that the answer takes the same time.
            let secret = self.vault.kit(work.tx, &kit.number)?;
            let fit = kit.state == KitState::AtSite && kit.expires >= until && *secret.arm == *allocation.arm;
            at_hand.push((kit.expires, secret.rank, kit.number, fit));
        }
        at_hand.sort();
        let kits = at_hand.into_iter().filter(|kit| kit.3).take(self.count as usize).map(|kit| kit.2);
        let kits: Vec<String> = kits.collect();
        if kits.len() < self.count as usize {
            return Err(Refusal::state(
                "the site has no kit that can be dispensed to this subject now",
                "ask for a shipment; kits that are quarantined or expire too soon do not count",
            ));
        }
        let moved = KitsMoved {
            study: self.study.clone(),
            deed: Deed::Dispense,
            kits: kits.clone(),
            subject: Some(self.subject.clone()),
            visit: Some(self.visit),
            returned_units: None,
        };
        work.append(&self.study, &self.subject, "kits.moved/1", &moved, "")?;
        Ok(kits)
    }
}

/// The kits that a keeper has or gets, by number.
pub(super) fn kits_of(view: &dyn View, study: &str, keeper: &Keeper) -> Result<Vec<Kit>, Refusal> {
    let mut numbers = Vec::new();
    door::rows(view, space::KIT_AT, key(&[study, &keeper.segment()]).range(), |at, ()| {
        numbers.extend(segments(at).pop());
        ControlFlow::Continue(())
    })?;
    numbers.iter().map(|number| super::kit_row(view, study, number)).collect()
}
