//! What can become of a kit? A strict machine: what is not in the table of moves does not happen.
//!
//! ```text
//!              ship            receive                 dispense            return
//! in depot ─────────▶ in transit ─────────▶ at site ─────────▶ dispensed ─────────▶ returned
//!    │  ▲                 │  │                │  ▲
//!    │  └── release ──┐   │  └── hold ──▶ quarantined ── release
//!    └── quarantine ─▶┘   └── lose ──▶ lost         └── destroy ──▶ destroyed
//! ```
//! A site may send kits back or on. Expiry is no state: a kit that expires too soon is at hand, and is neither sent nor dispensed.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Where a kit stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words say it")]
pub enum KitState {
    InDepot,
    InTransit,
    AtSite,
    Quarantined,
    Dispensed,
    Returned,
    Destroyed,
    Lost,
}

impl KitState {
    /// Every state.
    pub const ALL: [Self; 8] = [
        Self::InDepot,
        Self::InTransit,
        Self::AtSite,
        Self::Quarantined,
        Self::Dispensed,
        Self::Returned,
        Self::Destroyed,
        Self::Lost,
    ];
}

/// What is done with a kit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// Sent, by a depot or a site.
    Ship,
    /// Arrived as it should.
    Receive,
    /// Arrived, and must not be used until somebody has looked: damaged, or too warm on the way.
    Hold,
    /// Must not be used until somebody has looked.
    Quarantine,
    /// Looked at, and fit for use.
    Release,
    /// Given to a subject.
    Dispense,
    /// Brought back by the subject.
    Return,
    /// Destroyed.
    Destroy,
    /// Nowhere to be found.
    Lose,
}

impl Deed {
    /// Every deed.
    pub const ALL: [Self; 9] = [
        Self::Ship,
        Self::Receive,
        Self::Hold,
        Self::Quarantine,
        Self::Release,
        Self::Dispense,
        Self::Return,
        Self::Destroy,
        Self::Lose,
    ];

    /// Words that complete "a kit that is … cannot be …".
    pub fn words(self) -> &'static str {
        match self {
            Self::Ship => "sent",
            Self::Receive => "received",
            Self::Hold => "received and held",
            Self::Quarantine => "quarantined",
            Self::Release => "released",
            Self::Dispense => "dispensed",
            Self::Return => "returned",
            Self::Destroy => "destroyed",
            Self::Lose => "told lost",
        }
    }
}

/// A place that keeps kits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keeper {
    /// A depot.
    Depot(String),
    /// A site.
    Site(String),
}

impl Keeper {
    /// As one segment of a key.
    pub(super) fn segment(&self) -> String {
        match self {
            Self::Depot(depot) => format!("depot {depot}"),
            Self::Site(site) => format!("site {site}"),
        }
    }

    /// Its state of a kit that is at hand.
    pub(super) fn at_hand(&self) -> KitState {
        match self {
            Self::Depot(_) => KitState::InDepot,
            Self::Site(_) => KitState::AtSite,
        }
    }
}

impl fmt::Display for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.segment())
    }
}

/// The state after a deed, where `keeper` has or gets the kit; `None`: it cannot be done.
pub fn after(state: KitState, deed: Deed, keeper: &Keeper) -> Option<KitState> {
    use Deed as D;
    use KitState as S;
    let at_hand = state == keeper.at_hand();
    Some(match (state, deed) {
        (S::InDepot | S::AtSite, D::Ship) if at_hand => S::InTransit,
        (S::InTransit, D::Receive) => keeper.at_hand(),
        (S::InTransit, D::Hold) => S::Quarantined,
        (S::InDepot | S::AtSite, D::Quarantine) if at_hand => S::Quarantined,
        (S::Quarantined, D::Release) => keeper.at_hand(),
        (S::AtSite, D::Dispense) if at_hand => S::Dispensed,
        (S::Dispensed, D::Return) => S::Returned,
        (S::InDepot | S::AtSite, D::Destroy) if at_hand => S::Destroyed,
        (S::Quarantined | S::Returned, D::Destroy) => S::Destroyed,
        (S::InDepot | S::AtSite, D::Lose) if at_hand => S::Lost,
        (S::InTransit | S::Quarantined | S::Dispensed | S::Returned, D::Lose) => S::Lost,
        _ => return None,
    })
}

/// A kit as everybody may see it. What is in it stands elsewhere, sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kit {
    /// Its number, drawn at random.
    pub number: String,
    /// The packaging run: the same for kits of all arms.
    pub lot: String,
    /// The last day on which it may be used, ISO 8601.
    pub expires: String,
    /// Where it stands.
    pub state: KitState,
    /// Who has it; on the way: who gets it; dispensed: who gave it.
    pub keeper: Keeper,
    /// The shipment that it is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipment: Option<u64>,
    /// The subject that it was dispensed to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The visit at which it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit: Option<String>,
    /// Units that came back, as counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returned_units: Option<u32>,
    /// What was done with it, in order.
    pub steps: Vec<Step>,
}

/// Something that was done with a kit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The event.
    pub event: u64,
    /// When.
    pub at_ms: i64,
    /// By whom.
    pub by: String,
    /// What; `None`: it was registered.
    pub deed: Option<Deed>,
    /// The state after it.
    pub state: KitState,
    /// Who has it after it.
    pub keeper: Keeper,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_gone_stays_gone_and_only_a_site_dispenses() {
        let (depot, site) = (Keeper::Depot("D".into()), Keeper::Site("101".into()));
        for state in [KitState::Destroyed, KitState::Lost] {
            for deed in Deed::ALL {
                assert_eq!(after(state, deed, &site), None, "{state:?} {deed:?}");
                assert_eq!(after(state, deed, &depot), None, "{state:?} {deed:?}");
            }
        }
        for state in KitState::ALL {
            let given = after(state, Deed::Dispense, &site);
            assert_eq!(given.is_some(), state == KitState::AtSite, "{state:?}");
            assert_eq!(after(state, Deed::Dispense, &depot), None, "{state:?}");
        }
        let moves: usize = [&depot, &site]
            .iter()
            .map(|k| {
                KitState::ALL.iter().flat_map(|s| Deed::ALL.map(|d| after(*s, d, k))).filter(Option::is_some).count()
            })
            .sum();
        assert_eq!(moves, 29, "the table of moves has changed: change its picture and the documentation too");
    }
}
