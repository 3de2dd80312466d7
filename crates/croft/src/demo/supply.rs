//! Randomisation and supply of the Phase II study: a scheme sealed, kits packed, sent, received, given, brought back and destroyed; a box that was too
//! warm on its way, and one code broken at night.
//!
//! Who acts, when, why and with how many kits follows from this script. Arms and kit numbers do not: the vault draws them anew in each demonstration, as
//! it does in a study. What is sent is balanced and ample, so that whatever is drawn there is a kit for every subject.

use super::phase2::{STUDY, Site, TODAY_MS, site};
use super::staff::{Staff, segment};
use crate::output::Failure;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const DAY_MS: i64 = 86_400_000;
const STATISTICIAN: &str = "vera.holm";
const SUPPLY: &str = "otto.berg";
const DEPOT_STAFF: &str = "sven.dahl";
const DEPOT: &str = "CENTRAL";
/// Who had to be operated on: third site, by order of entry.
const CODE_BROKEN: usize = 8;

const SCHEME: &str = r#"
study = "CRB204"
arms = [{ code = "A" }, { code = "P" }]
factors = [{ name = "site", levels = ["101", "201", "301"] }]
design = { kind = "random_block", lengths = [4, 6] }
"#;

const SETUP: &str = r#"
number = "R{number:4}"
caps = { study = 60, site = 24 }
require = [{ says = "All criteria are met", item = "consent.IEYN", is = ["Y"] }]
factor = [{ name = "site", from = "SITE" }]
record = { visit = "BL", form = "RND", number = "randomisation.RNDNUM", date = "randomisation.RNDDAT" }
"#;

/// What happens at a time of its own; what goes with a visit is called by the visit.
enum Act {
    Seal,
    Open,
    /// Lot, last day of use, kits of each arm.
    Stock(&'static str, &'static str, usize),
    /// To each site so many kits of each arm.
    Send(usize),
    /// Site and what was seen.
    Receive(&'static str, Seen),
    /// Site, deed, how many of those that were held, why.
    Held(&'static str, &'static str, usize, &'static str),
    DestroyReturned(&'static str, &'static str),
    Break,
}

enum Seen {
    Well,
    Warm(&'static str),
    Damaged(&'static str),
    Missing(&'static str),
}

/// Days before today, time of the day in minutes, what.
static ACTS: [(i64, i64, Act); 19] = [
    (108, 540, Act::Seal),
    (108, 600, Act::Open),
    (107, 560, Act::Stock("TV26-01", "2027-03-31", 48)),
    (106, 630, Act::Send(8)),
    (102, 555, Act::Receive("101", Seen::Well)),
    (102, 580, Act::Receive("201", Seen::Well)),
    (101, 545, Act::Receive("301", Seen::Damaged("One carton is torn open on one side"))),
    (98, 600, Act::Held("301", "destroy", 1, "Damaged on the way; destroyed at the site, certificate 301-1")),
    (49, 640, Act::Send(6)),
    (46, 550, Act::Receive("101", Seen::Missing("One kit of the list is not in the box; the depot is told"))),
    (46, 570, Act::Receive("201", Seen::Warm("The logger shows 31.2 °C for six hours on 16 May"))),
    (45, 560, Act::Receive("301", Seen::Well)),
    (43, 620, Act::Held("201", "release", 9, "Stability data allow 40 °C for 72 hours: fit for use")),
    (42, 540, Act::Held("201", "destroy", 2, "Stood next to the logger and are wet; destroyed, certificate 201-1")),
    (41, 1300, Act::Break),
    (24, 600, Act::Stock("TV26-02", "2027-09-30", 30)),
    (10, 600, Act::DestroyReturned("101", "Counted by the monitor; destroyed at the site, certificate 101-1")),
    (9, 600, Act::DestroyReturned("301", "Counted by the monitor; destroyed at the site, certificate 301-2")),
    (3, 620, Act::Send(1)),
];

/// Where the supply stands.
#[derive(Default)]
pub struct Supply {
    done: usize,
    /// By arm, the kits that the depot has: what the supply manager knows.
    depot: BTreeMap<String, Vec<String>>,
    /// By site, shipments that nobody has received: number and kits.
    on_the_way: BTreeMap<&'static str, (u64, Vec<String>)>,
    /// By site, what was held at receipt.
    held: BTreeMap<&'static str, Vec<String>>,
    /// By site, what came back.
    returned: BTreeMap<&'static str, Vec<String>>,
    /// By subject, the kit that it has.
    given: BTreeMap<String, String>,
}

fn supply(path: &str) -> String {
    format!("/studies/{STUDY}/supply{path}")
}

fn subject(id: &str, path: &str) -> String {
    format!("/studies/{STUDY}/subjects/{}{path}", segment(id))
}

impl Supply {
    /// Does what is due before this time.
    pub async fn up_to(
        &mut self,
        staff: &mut Staff,
        now_ms: i64,
        ids: &BTreeMap<usize, String>,
    ) -> Result<(), Failure> {
        while let Some((days, minutes, act)) = ACTS.get(self.done) {
            let midnight = TODAY_MS - TODAY_MS.rem_euclid(DAY_MS);
            let at_ms = midnight - days * DAY_MS + minutes * 60_000;
            if at_ms >= now_ms {
                return Ok(());
            }
            staff.at(at_ms);
            self.done += 1;
            self.act(staff, act, ids).await?;
        }
        Ok(())
    }

    async fn act(
        &mut self,
        staff: &mut Staff,
        act: &'static Act,
        ids: &BTreeMap<usize, String>,
    ) -> Result<(), Failure> {
        match act {
            Act::Seal => {
                let body = json!({ "scheme": SCHEME, "setup": SETUP, "note": "Randomisation plan, final version 1.0" });
                staff.signs(STATISTICIAN, &format!("/studies/{STUDY}/randomisation/schemes"), body).await?;
            }
            Act::Open => {
                let depot = json!({ "depot": DEPOT, "name": "Central depot" });
                staff.call(SUPPLY, "POST", &supply("/depots"), &depot).await?;
                let plan = json!({
                    "trigger": 5, "level": 8, "lead_days": 7, "dispense_margin_days": 35, "ship_margin_days": 90,
                    "visits": ["BL", "W4", "W8"],
                });
                staff.call(SUPPLY, "POST", &supply("/plan"), &plan).await?;
            }
            Act::Stock(lot, expires, each) => self.stock(staff, lot, expires, *each).await?,
            Act::Send(each) => self.send(staff, *each).await?,
            Act::Receive(site, seen) => self.receive(staff, site, seen).await?,
            Act::Held(site, deed, count, reason) => {
                let held = self.held.entry(site).or_default();
                let kits: Vec<String> = held.drain(..held.len().min(*count)).collect();
                self.moves(staff, SUPPLY, site, (deed, &kits, None), reason).await?;
            }
            Act::DestroyReturned(at, reason) => {
                let kits = self.returned.remove(at).unwrap_or_default();
                self.moves(staff, site(at).coordinator, at, ("destroy", &kits, None), reason).await?;
            }
            Act::Break => {
                let id = ids.get(&CODE_BROKEN).map_or("", String::as_str);
                let reason = "Appendicitis, to be operated on tonight: the anaesthetist asks what the subject takes";
                staff.signs(site("301").investigator, &subject(id, "/code-break"), json!({ "reason": reason })).await?;
            }
        }
        Ok(())
    }

    async fn stock(&mut self, staff: &mut Staff, lot: &str, expires: &str, each: usize) -> Result<(), Failure> {
        let new = json!({ "depot": DEPOT, "lot": lot, "expires": expires, "arms": { "A": each, "P": each } });
        let packed = staff.call(SUPPLY, "POST", &supply("/kits"), &new).await?;
        for kit in packed["kits"].as_array().into_iter().flatten() {
            let word = |name: &str| kit[name].as_str().unwrap_or_default().to_owned();
            self.depot.entry(word("arm")).or_default().push(word("number"));
        }
        Ok(())
    }

    /// The depot sends what the supply manager lists: as many of each arm, in the order of their numbers.
    async fn send(&mut self, staff: &mut Staff, each: usize) -> Result<(), Failure> {
        for at in ["101", "201", "301"] {
            let mut kits: Vec<String> = self
                .depot
                .values_mut()
                .flat_map(|kits| kits.drain(..each.min(kits.len())).collect::<Vec<_>>())
                .collect();
            kits.sort();
            let body = json!({ "from": format!("depot {DEPOT}"), "to": format!("site {at}"), "kits": kits });
            staff.at(staff.now_ms() + 6 * 60_000);
            let sent = staff.call(DEPOT_STAFF, "POST", &supply("/shipments"), &body).await?;
            self.on_the_way.insert(at, (sent["shipment"].as_u64().unwrap_or_default(), kits));
        }
        Ok(())
    }

    async fn receive(&mut self, staff: &mut Staff, at: &'static str, seen: &Seen) -> Result<(), Failure> {
        let Some((number, kits)) = self.on_the_way.remove(at) else { return Ok(()) };
        let first = || kits.iter().take(1).cloned().collect::<Vec<_>>();
        let (mut body, held) = match seen {
            Seen::Well => (json!({}), Vec::new()),
            Seen::Warm(note) => (json!({ "excursion": true, "note": note }), kits.clone()),
            Seen::Damaged(note) => (json!({ "held": first(), "note": note }), first()),
            Seen::Missing(note) => (json!({ "lost": first(), "note": note }), Vec::new()),
        };
        if body["note"].is_null() {
            body["note"] = "Complete and cool".into();
        }
        self.held.entry(at).or_default().extend(held);
        staff.call(site(at).coordinator, "POST", &supply(&format!("/shipments/{number}")), &body).await.map(drop)
    }

    async fn moves(
        &self,
        staff: &mut Staff,
        who: &str,
        at: &str,
        (deed, kits, units): (&str, &[String], Option<u32>),
        reason: &str,
    ) -> Result<(), Failure> {
        let body = json!({
            "keeper": format!("site {at}"), "deed": deed, "kits": kits, "returned_units": units, "reason": reason,
        });
        staff.call(who, "POST", &supply("/moves"), &body).await.map(drop)
    }

    /// The subject is randomised: number and day go into its form.
    pub async fn randomise(&self, staff: &mut Staff, site: &Site, id: &str) -> Result<(), Failure> {
        staff.signs(site.investigator, &subject(id, "/randomisation"), json!({})).await.map(drop)
    }

    /// The subject brings back what it has, with so many tablets in it.
    pub async fn take_back(&mut self, staff: &mut Staff, site: &Site, id: &str, units: u32) -> Result<(), Failure> {
        let Some(kit) = self.given.remove(id) else { return Ok(()) };
        let kits = [kit];
        self.moves(staff, site.coordinator, site.code, ("return", &kits, Some(units)), "Brought to the visit").await?;
        self.returned.entry(site.code).or_default().extend(kits);
        Ok(())
    }

    /// The subject is given a kit at a visit; its number.
    pub async fn dispense(&mut self, staff: &mut Staff, site: &Site, id: &str, visit: &str) -> Result<String, Failure> {
        let body = json!({ "visit": visit });
        let given: Value = staff.call(site.coordinator, "POST", &subject(id, "/dispensing"), &body).await?;
        let kit = given["kits"][0].as_str().unwrap_or_default().to_owned();
        self.given.insert(id.to_owned(), kit.clone());
        Ok(kit)
    }
}
