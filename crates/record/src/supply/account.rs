//! Is every kit accounted for? What a keeper received, and where it all is now; the balance is zero, or something is wrong.

use super::kit::{Deed, Keeper, Kit, KitState};
use crate::access::Operation;
use crate::door::Reading;
use crate::key::key;
use crate::refusal::Refusal;
use crate::space;
use serde::Serialize;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// A keeper's account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Account {
    /// Kits registered here, or sent here.
    pub came: u32,
    /// Sent on or back.
    pub went: u32,
    /// On the way here.
    pub on_the_way: u32,
    /// At hand, fit for use or expired.
    pub at_hand: u32,
    /// Must not be used until somebody has looked.
    pub quarantined: u32,
    /// With subjects.
    pub dispensed: u32,
    /// Brought back.
    pub returned: u32,
    /// Destroyed.
    pub destroyed: u32,
    /// Lost.
    pub lost: u32,
}

impl Account {
    /// What came less what became of it.
    pub fn balance(&self) -> i64 {
        let gone = [
            self.went,
            self.on_the_way,
            self.at_hand,
            self.quarantined,
            self.dispensed,
            self.returned,
            self.destroyed,
            self.lost,
        ];
        i64::from(self.came) - gone.iter().copied().map(i64::from).sum::<i64>()
    }
}

/// The accounts of all keepers of these kits. O(steps of all kits).
pub fn accounts<'k>(kits: impl IntoIterator<Item = &'k Kit>) -> BTreeMap<Keeper, Account> {
    let mut accounts: BTreeMap<Keeper, Account> = BTreeMap::new();
    for kit in kits {
        let mut before: Option<&Keeper> = None;
        for step in &kit.steps {
            match step.deed {
                None => accounts.entry(step.keeper.clone()).or_default().came += 1,
                Some(Deed::Ship) => {
                    if let Some(before) = before {
                        accounts.entry(before.clone()).or_default().went += 1;
                    }
                    accounts.entry(step.keeper.clone()).or_default().came += 1;
                }
                Some(_) => {}
            }
            before = Some(&step.keeper);
        }
        let now = accounts.entry(kit.keeper.clone()).or_default();
        let count = match kit.state {
            KitState::InDepot | KitState::AtSite => &mut now.at_hand,
            KitState::InTransit => &mut now.on_the_way,
            KitState::Quarantined => &mut now.quarantined,
            KitState::Dispensed => &mut now.dispensed,
            KitState::Returned => &mut now.returned,
            KitState::Destroyed => &mut now.destroyed,
            KitState::Lost => &mut now.lost,
        };
        *count += 1;
    }
    accounts
}

impl Reading<'_> {
    /// The kits of a study that the caller may see, by number. Whom one was given to is told to who may read that site's data: a depot need not know.
    pub fn kits(&self, study: &str) -> Result<Vec<Kit>, Refusal> {
        let mut found = self.every_kit(study)?;
        found.retain(|kit| self.may(Operation::SupplyRead, &super::ship::scope(study, &kit.keeper)));
        for kit in &mut found {
            if !self.may(Operation::Read, &super::ship::scope(study, &kit.keeper)) {
                (kit.subject, kit.visit) = (None, None);
            }
        }
        Ok(found)
    }

    /// The accounts of the places that the caller may see, each whole: kits that have left a place for one that the caller may not see are in it.
    pub fn kit_accounts(&self, study: &str) -> Result<BTreeMap<Keeper, Account>, Refusal> {
        let mut accounts = accounts(&self.every_kit(study)?);
        accounts.retain(|keeper, _| self.may(Operation::SupplyRead, &super::ship::scope(study, keeper)));
        Ok(accounts)
    }

    fn every_kit(&self, study: &str) -> Result<Vec<Kit>, Refusal> {
        self.study(study)?;
        let mut found: Vec<Kit> = Vec::new();
        self.rows(space::KIT, key(&[study]).range(), |_, kit| {
            found.push(kit);
            ControlFlow::Continue(())
        })?;
        Ok(found)
    }
}
