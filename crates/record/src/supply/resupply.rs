//! What should be sent where? For each site and arm: what is at hand and on the way, against the level of the plan and against what the coming visits need.
//!
//! ```text
//! need  = visits at which a kit is dispensed, of the site's subjects of the arm, from today through the lead time
//!       + new subjects that are expected in the lead time, by the arm's share of those so far
//! send  = level − stock          when stock ≤ trigger
//!         need − stock           when that is more
//! ```
//! stock counts what is fit for use at the end of the lead time. New subjects are expected as the site randomised in the last 90 days. Who asks is told numbers of kits
//! and never how many are of which arm. Cost: O(kits + randomised subjects) for all sites together.

use super::dispense::kits_of;
use super::kit::{Keeper, Kit, KitState};
use super::plan::SupplyPlan;
use crate::access::{Operation, Scope};
use crate::capture::{Subject, SubjectStatus};
use crate::door::{self, Caller, Reading};
use crate::key::key;
use crate::refusal::Refusal;
use crate::space;
use crate::study::Site;
use crate::vault::Vault;
use crate::vault::draw::StudyVault;
use crate::vault::state::Randomised;
use croft_core::date::CivilDate;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

/// Days back over which a site's pace is reckoned.
const PACE_DAYS: i64 = 90;
const DAY_MS: i64 = 86_400_000;

/// A shipment that should be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Proposal {
    /// To which site.
    pub site: String,
    /// The kits.
    pub kits: Vec<String>,
    /// Whether the depot has less than is needed.
    pub short: bool,
}

impl Vault {
    /// The shipments that a depot should send now.
    pub fn resupply(&self, caller: &Caller, study: &str, depot: &str) -> Result<Vec<Proposal>, Refusal> {
        let vault = self.opened(study)?;
        self.record().view(caller, |reading| {
            reading.allow(Operation::SupplyShip, &Scope::study(study))?;
            proposals(reading, &vault, study, depot)
        })
    }
}

/// What is known of the study, gathered once.
struct Ground<'a> {
    plan: SupplyPlan,
    vault: &'a StudyVault,
    today: CivilDate,
    /// The last day on which a kit that counts must be fit for use.
    until: String,
    arms: Vec<String>,
    /// By site and arm: visits that need a kit in the lead time.
    visits: BTreeMap<(String, String), u32>,
    /// By site: subjects randomised lately.
    lately: BTreeMap<String, u32>,
    /// By arm: subjects so far, of all sites.
    so_far: BTreeMap<String, u32>,
}

fn proposals(reading: &Reading<'_>, vault: &StudyVault, study: &str, depot: &str) -> Result<Vec<Proposal>, Refusal> {
    super::depot(reading.view, study, depot)?;
    let ground = Ground::gather(reading, vault, study)?;
    // What can be sent, by arm: what expires first goes first, and of one day in an order that only the vault knows.
    let mut spare: BTreeMap<String, Vec<(String, u64, String)>> = BTreeMap::new();
    let margin = i64::from(ground.plan.ship_margin_days);
    let sendable = ground.today.plus_days(margin).map(|day| day.to_string()).unwrap_or_default();
    for kit in kits_of(reading.view, study, &Keeper::Depot(depot.to_owned()))? {
        let secret = vault.kit(reading.view, &kit.number)?;
        if kit.state == KitState::InDepot && kit.expires >= sendable {
            spare.entry(secret.arm.to_string()).or_default().push((kit.expires, secret.rank, kit.number));
        }
    }
    spare.values_mut().for_each(|kits| {
        kits.sort();
        kits.reverse();
    });
    let mut sites: Vec<Site> = Vec::new();
    reading.rows(space::SITE, key(&[study]).range(), |_, site: Site| {
        sites.push(site);
        ControlFlow::Continue(())
    })?;
    let mut all = Vec::new();
    for site in sites.iter().filter(|site| site.open) {
        let stock = ground.stock(&kits_of(reading.view, study, &Keeper::Site(site.id.clone()))?, reading)?;
        let mut proposal = Proposal { site: site.id.clone(), kits: Vec::new(), short: false };
        for arm in &ground.arms {
            let wanted = ground.wanted(&site.id, arm, stock.get(arm).copied().unwrap_or_default());
            for _ in 0..wanted {
                match spare.get_mut(arm).and_then(Vec::pop) {
                    Some((_, _, number)) => proposal.kits.push(number),
                    None => proposal.short = true,
                }
            }
        }
        if !proposal.kits.is_empty() || proposal.short {
            // In the order of their numbers: the order in which they were chosen would part the arms.
            proposal.kits.sort();
            all.push(proposal);
        }
    }
    Ok(all)
}

impl<'a> Ground<'a> {
    fn gather(reading: &Reading<'_>, vault: &'a StudyVault, study: &str) -> Result<Self, Refusal> {
        let plan = super::plan_row(reading.view, study)?;
        let found = crate::study::study(reading.view, study)?;
        let (_, definition) = reading.current_version(&found)?;
        let definition = &definition.definition;
        let today = super::day_of(reading.now_ms);
        let lead = i64::from(plan.lead_days);
        let end = today.plus_days(lead).unwrap_or(today);
        let until = end.plus_days(i64::from(plan.dispense_margin_days)).map(|day| day.to_string()).unwrap_or_default();
        let days: Vec<(&String, i64)> = plan
            .visits
            .iter()
            .filter_map(|code| Some((code, i64::from(definition.visits.iter().find(|v| v.code == *code)?.day))))
            .collect();
        let first = days.iter().map(|(_, day)| *day).min().unwrap_or(1);
        let mut ground = Self {
            arms: definition.arms.iter().map(|arm| arm.code.clone()).collect(),
            plan: plan.clone(),
            vault,
            today,
            until,
            visits: BTreeMap::new(),
            lately: BTreeMap::new(),
            so_far: BTreeMap::new(),
        };
        let mut given: BTreeSet<(String, String)> = BTreeSet::new();
        reading.rows(space::KIT, key(&[study]).range(), |_, kit: Kit| {
            if let (Some(subject), Some(visit)) = (kit.subject, kit.visit) {
                given.insert((subject, visit));
            }
            ControlFlow::Continue(())
        })?;
        let mut rows: Vec<Randomised> = Vec::new();
        reading.rows(space::RANDOMISED, key(&[study]).range(), |_, row| {
            rows.push(row);
            ControlFlow::Continue(())
        })?;
        for row in rows {
            let arm = vault.allocation(&row.subject, &row.code)?.arm;
            *ground.so_far.entry(arm.clone()).or_default() += 1;
            if row.at_ms >= reading.now_ms - PACE_DAYS * DAY_MS {
                *ground.lately.entry(row.site.clone()).or_default() += 1;
            }
            let subject: Option<Subject> = door::row(reading.view, space::SUBJECT, &key(&[study, &row.subject]))?;
            if subject.is_none_or(|subject| subject.status == SubjectStatus::Withdrawn) {
                continue;
            }
            let begin = super::day_of(row.at_ms);
            for (visit, day) in &days {
                let due = begin.plus_days(day - first);
                let is_open = !given.contains(&(row.subject.clone(), (*visit).clone()));
                if is_open && due.is_some_and(|due| due >= today && due <= end) {
                    *ground.visits.entry((row.site.clone(), arm.clone())).or_default() += 1;
                }
            }
        }
        Ok(ground)
    }

    /// By arm, the kits at hand and on the way that are fit for use at the end of the lead time.
    fn stock(&self, kits: &[Kit], reading: &Reading<'_>) -> Result<BTreeMap<String, u32>, Refusal> {
        let mut stock: BTreeMap<String, u32> = BTreeMap::new();
        for kit in kits {
            let arm = self.vault.kit(reading.view, &kit.number)?.arm;
            if matches!(kit.state, KitState::AtSite | KitState::InTransit) && kit.expires >= self.until {
                *stock.entry(arm.to_string()).or_default() += 1;
            }
        }
        Ok(stock)
    }

    /// How many kits of an arm a site should be sent.
    fn wanted(&self, site: &str, arm: &str, stock: u32) -> u32 {
        let visits = self.visits.get(&(site.to_owned(), arm.to_owned())).copied().unwrap_or_default();
        let need = visits + self.expected(site, arm);
        let by_level = if stock <= self.plan.trigger { self.plan.level - stock.min(self.plan.level) } else { 0 };
        by_level.max(need.saturating_sub(stock))
    }

    /// New subjects of an arm that are expected at a site in the lead time, rounded up: the site's pace, and the arm's share with one subject of each
    /// arm more than there are, so that an arm which chance has passed over is supplied too.
    fn expected(&self, site: &str, arm: &str) -> u32 {
        let lately = u64::from(self.lately.get(site).copied().unwrap_or_default());
        let of_arm = u64::from(self.so_far.get(arm).copied().unwrap_or_default()) + 1;
        let of_all = self.so_far.values().copied().map(u64::from).sum::<u64>() + self.arms.len() as u64;
        let days = u64::from(self.plan.lead_days);
        let expected = (lately * days * of_arm).div_ceil((PACE_DAYS as u64 * of_all).max(1));
        u32::try_from(expected).unwrap_or(u32::MAX)
    }
}
