//! `croft supply`: depots, kits, shipments, what is dispensed and brought back, accounts; `docs/supply.md`.
//!
//! Who acts proves it as for `croft vault`: the password comes from the first line of standard input, the code of a device from the second. Kits have
//! numbers here; what is in them is told once, into a file, to who registers them.

mod show;

use super::vault::{Of, told, write_new};
use crate::output::{Failure, Outcome, print_json};
use crate::vault_key::vault;
use croft_record::supply::{
    Deed, Keeper, KitState, MoveKits, NewKits, OpenDepot, PlanSupply, Receive, Ship, SupplyPlan,
};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::PathBuf;

#[derive(clap::Subcommand)]
pub enum Command {
    /// Open a depot: supply managers
    Depot(Depot),
    /// Plan the supply: levels, lead time, margins before expiry, visits: supply managers
    Plan(Plan),
    /// Register kits that were packed, with random numbers: supply managers
    Register(Register),
    /// What each site should be sent now, by level and by forecast
    Propose(Propose),
    /// Send kits
    Send(Sending),
    /// Receive a shipment: accepted, held or lost, kit by kit
    Receive(Arrived),
    /// Dispense kits to a subject at a visit
    Dispense(Dispense),
    /// A kit that a subject brought back, with what was left in it
    Return(Return),
    /// Kits that must not be used until somebody has looked
    Quarantine(Move),
    /// Kits that were looked at and are fit for use
    Release(Move),
    /// Kits that were destroyed
    Destroy(Move),
    /// Kits that are nowhere to be found
    Lose(Move),
    /// Plan, depots and shipments
    Show(Of),
    /// Kits: where each is, and until when it can be used
    Kits(Kits),
    /// The accounts of all places; ends with 1 where one does not balance
    Account(Account),
}

#[derive(clap::Args)]
pub struct Depot {
    #[command(flatten)]
    of: Of,
    /// Its code
    depot: String,
    /// Its name
    #[arg(long)]
    name: String,
}

#[derive(clap::Args)]
pub struct Plan {
    #[command(flatten)]
    of: Of,
    /// A site is supplied when it has no more usable kits of an arm than this
    #[arg(long, value_name = "KITS")]
    trigger: u32,
    /// Up to this many
    #[arg(long, value_name = "KITS")]
    level: u32,
    /// Days from a shipment's request to its arrival, at most
    #[arg(long, value_name = "DAYS")]
    lead: u32,
    /// A kit is dispensed only if it can be used this many days longer
    #[arg(long, value_name = "DAYS", default_value_t = 0)]
    dispense_margin: u32,
    /// A kit is sent to a site only if it can be used this many days longer
    #[arg(long, value_name = "DAYS", default_value_t = 0)]
    ship_margin: u32,
    /// A visit at which a kit is dispensed; may be given more than once
    #[arg(long = "visit", value_name = "VISIT", required = true)]
    visits: Vec<String>,
}

#[derive(clap::Args)]
pub struct Register {
    #[command(flatten)]
    of: Of,
    /// The depot that has them
    #[arg(long)]
    depot: String,
    /// The packaging run: one for kits of all arms
    #[arg(long)]
    lot: String,
    /// The last day on which they may be used, as 2027-06-30
    #[arg(long, value_name = "DAY")]
    expires: String,
    /// How many kits of an arm, `CODE=N`; once for each arm
    #[arg(long = "arm", value_name = "CODE=N", required = true, value_parser = arm)]
    arms: Vec<(String, u32)>,
    /// Where to write numbers and contents, for the labels; it must not be there
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(clap::Args)]
pub struct Propose {
    #[command(flatten)]
    of: Of,
    /// The depot that would send them
    #[arg(long)]
    depot: String,
    /// Send what is proposed, a shipment for each site
    #[arg(long)]
    send: bool,
}

#[derive(clap::Args)]
pub struct Sending {
    #[command(flatten)]
    of: Of,
    /// Who has the kits: `depot:ID` or `site:ID`
    #[arg(long, value_name = "PLACE", value_parser = place)]
    from: Keeper,
    /// Who gets them
    #[arg(long, value_name = "PLACE", value_parser = place)]
    to: Keeper,
    /// Their numbers
    #[arg(required = true, value_name = "KIT")]
    kits: Vec<String>,
}

#[derive(clap::Args)]
pub struct Arrived {
    #[command(flatten)]
    of: Of,
    /// The shipment's number
    shipment: u64,
    /// A kit that is damaged: held until somebody has looked; may be given more than once
    #[arg(long, value_name = "KIT")]
    held: Vec<String>,
    /// A kit of the list that was not in it; may be given more than once
    #[arg(long, value_name = "KIT")]
    lost: Vec<String>,
    /// It was too warm or too cold on the way: all that arrived are held
    #[arg(long)]
    excursion: bool,
    /// What was seen; needed where anything was amiss
    #[arg(long, default_value = "")]
    note: String,
}

#[derive(clap::Args)]
pub struct Dispense {
    #[command(flatten)]
    of: Of,
    /// The subject
    subject: String,
    /// The visit
    #[arg(long)]
    visit: String,
    /// How many kits
    #[arg(long, default_value_t = 1)]
    count: u32,
}

#[derive(clap::Args)]
pub struct Move {
    #[command(flatten)]
    of: Of,
    /// Who has them: `depot:ID` or `site:ID`
    #[arg(long, value_name = "PLACE", value_parser = place)]
    at: Keeper,
    /// Their numbers
    #[arg(required = true, value_name = "KIT")]
    kits: Vec<String>,
    /// Why
    #[arg(long)]
    reason: String,
}

#[derive(clap::Args)]
pub struct Return {
    #[command(flatten)]
    of: Of,
    /// The site
    #[arg(long)]
    site: String,
    /// The kit's number
    kit: String,
    /// Units left in it, as counted
    #[arg(long)]
    units: u32,
    /// How it came back
    #[arg(long, default_value = "brought back by the subject")]
    reason: String,
}

#[derive(clap::Args)]
pub struct Kits {
    #[command(flatten)]
    of: Of,
    /// Only those of this place: `depot:ID` or `site:ID`
    #[arg(long, value_name = "PLACE", value_parser = place)]
    at: Option<Keeper>,
    /// Only those in this state: in-depot, in-transit, at-site, quarantined, dispensed, returned, destroyed, lost
    #[arg(long, value_parser = state)]
    state: Option<KitState>,
    /// Only those that may not be used after this day, as 2027-06-30
    #[arg(long, value_name = "DAY", value_parser = day)]
    expires_by: Option<String>,
}

#[derive(clap::Args)]
pub struct Account {
    #[command(flatten)]
    of: Of,
    /// Write what was done with each kit, a row a step, CSV; it must not be there
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
}

fn place(text: &str) -> Result<Keeper, String> {
    match text.split_once(':') {
        Some(("depot", id)) if !id.is_empty() => Ok(Keeper::Depot(id.to_owned())),
        Some(("site", id)) if !id.is_empty() => Ok(Keeper::Site(id.to_owned())),
        _ => Err("a place is `depot:ID` or `site:ID`".to_owned()),
    }
}

fn arm(text: &str) -> Result<(String, u32), String> {
    let parts = text.split_once('=').and_then(|(code, n)| Some((code.to_owned(), n.parse().ok()?)));
    parts.filter(|(code, _)| !code.is_empty()).ok_or_else(|| "write an arm's code and a number: A=40".to_owned())
}

fn state(text: &str) -> Result<KitState, String> {
    let found = KitState::ALL.into_iter().find(|state| show::state_word(*state) == text.replace('-', " "));
    found.ok_or_else(|| {
        format!("a kit is {}", KitState::ALL.map(|state| show::state_word(state).replace(' ', "-")).join(", "))
    })
}

fn day(text: &str) -> Result<String, String> {
    let day = croft_core::PartialDate::parse(text).ok().and_then(|date| date.date());
    day.filter(|day| day.to_string() == text)
        .map(|_| text.to_owned())
        .ok_or_else(|| "write it like 2027-06-30".to_owned())
}

pub fn run(command: Command, as_json: bool) -> Result<Outcome, Failure> {
    match command {
        Command::Depot(args) => {
            let (record, caller, _) = args.of.proved()?;
            let (study, depot) = (args.of.study, args.depot);
            record.execute(&caller, OpenDepot { study, depot: depot.clone(), name: args.name })?;
            told(as_json, &json!({ "depot": depot }), || format!("depot {depot} is open"))
        }
        Command::Plan(args) => {
            let (record, caller, _) = args.of.proved()?;
            let plan = SupplyPlan {
                trigger: args.trigger,
                level: args.level,
                lead_days: args.lead,
                dispense_margin_days: args.dispense_margin,
                ship_margin_days: args.ship_margin,
                visits: args.visits,
            };
            let study = args.of.study;
            record.execute(&caller, PlanSupply { study: study.clone(), plan: plan.clone() })?;
            told(as_json, &json!({ "study": study, "plan": plan }), || format!("the supply of {study} is planned"))
        }
        Command::Register(args) => register(args, as_json),
        Command::Propose(args) => propose(args, as_json),
        Command::Send(args) => {
            let (record, caller, _) = args.of.proved()?;
            let count = args.kits.len();
            let to = args.to.to_string();
            let ship = Ship { study: args.of.study, from: args.from, to: args.to, kits: args.kits };
            let number = record.execute(&caller, ship)?;
            told(as_json, &json!({ "shipment": number }), || format!("shipment {number}: {} to {to}", kits(count)))
        }
        Command::Receive(args) => {
            let (record, caller, _) = args.of.proved()?;
            let Arrived { of, shipment, held, lost, excursion, note } = args;
            record.execute(&caller, Receive { study: of.study, shipment, held, lost, excursion, note })?;
            told(as_json, &json!({ "shipment": shipment }), || format!("shipment {shipment} is received"))
        }
        Command::Dispense(args) => {
            let (record, caller, _) = args.of.proved()?;
            let at = (args.of.study.as_str(), args.subject.as_str(), args.visit.as_str());
            let kits = vault(&record)?.dispense(&caller, at, args.count)?;
            told(as_json, &json!({ "subject": args.subject, "visit": args.visit, "kits": kits }), || {
                format!("{} is given {} at {}", args.subject, kits.join(", "), args.visit)
            })
        }
        Command::Return(args) => {
            let (kits, at) = (vec![args.kit], Keeper::Site(args.site));
            moved(Move { of: args.of, at, kits, reason: args.reason }, Deed::Return, Some(args.units), as_json)
        }
        Command::Quarantine(args) => moved(args, Deed::Quarantine, None, as_json),
        Command::Release(args) => moved(args, Deed::Release, None, as_json),
        Command::Destroy(args) => moved(args, Deed::Destroy, None, as_json),
        Command::Lose(args) => moved(args, Deed::Lose, None, as_json),
        Command::Show(of) => show::overview(&of, as_json),
        Command::Kits(args) => show::kits(&args, as_json),
        Command::Account(args) => show::account(&args, as_json),
    }
}

/// `1 kit`, `2 kits`.
fn kits(count: usize) -> String {
    if count == 1 { "1 kit".to_owned() } else { format!("{count} kits") }
}

fn moved(args: Move, deed: Deed, returned_units: Option<u32>, as_json: bool) -> Result<Outcome, Failure> {
    let (record, caller, _) = args.of.proved()?;
    let Move { of, at: keeper, kits, reason } = args;
    let names = kits.join(", ");
    let facts = json!({ "deed": deed, "kits": kits });
    record.execute(&caller, MoveKits { study: of.study, keeper, deed, kits, returned_units, reason })?;
    told(as_json, &facts, || format!("{}: {names}", deed.words()))
}

/// Numbers with contents go into a file of the packer's, and to no screen.
fn register(args: Register, as_json: bool) -> Result<Outcome, Failure> {
    if args.out.exists() {
        return Err(Failure::misuse(format!("{} is there already", args.out.display()))
            .hint("name a file that is not there yet: numbers and contents are told only once"));
    }
    let mut arms = BTreeMap::new();
    for (code, count) in args.arms {
        if arms.insert(code.clone(), count).is_some() {
            return Err(Failure::misuse(format!("--arm {code} stands twice")).hint("give each arm once"));
        }
    }
    let (record, caller, _) = args.of.proved()?;
    let new = NewKits { study: args.of.study, depot: args.depot, lot: args.lot.clone(), expires: args.expires, arms };
    // A file that cannot be written is found before there are kits that nobody knows.
    write_new(&args.out, "")?;
    let packed = match vault(&record).and_then(|vault| Ok(vault.register_kits(&caller, new)?)) {
        Ok(packed) => packed,
        Err(failure) => {
            let _ = std::fs::remove_file(&args.out);
            return Err(failure);
        }
    };
    let rows = packed.iter().map(|kit| [kit.number.as_str(), &kit.arm]);
    let table = show::csv(["KIT", "ARMCD"], rows)?;
    std::fs::write(&args.out, table).map_err(|e| Failure::failure(format!("{}: {e}", args.out.display())))?;
    told(as_json, &json!({ "kits": packed.len(), "lot": args.lot, "file": args.out }), || {
        format!(
            "{} of lot {} are registered; numbers and contents: {}",
            kits(packed.len()),
            args.lot,
            args.out.display()
        )
    })
}

fn propose(args: Propose, as_json: bool) -> Result<Outcome, Failure> {
    let (record, caller, _) = args.of.proved()?;
    let study = args.of.study;
    let proposals = vault(&record)?.resupply(&caller, &study, &args.depot)?;
    let mut sent = BTreeMap::new();
    if args.send {
        for proposal in proposals.iter().filter(|proposal| !proposal.kits.is_empty()) {
            let (from, to) = (Keeper::Depot(args.depot.clone()), Keeper::Site(proposal.site.clone()));
            let ship = Ship { study: study.clone(), from, to, kits: proposal.kits.clone() };
            sent.insert(proposal.site.clone(), record.execute(&caller, ship)?);
        }
    }
    if as_json {
        print_json(&json!({ "proposals": proposals, "shipments": sent }));
        return Ok(Outcome::Done);
    }
    if proposals.is_empty() {
        outln!("every site has enough");
    }
    for proposal in &proposals {
        let done = sent.get(&proposal.site).map_or_else(String::new, |number| format!(", shipment {number}"));
        outln!("site {}: {}{done}", proposal.site, kits(proposal.kits.len()));
        if !proposal.kits.is_empty() {
            outln!("  {}", proposal.kits.join(" "));
        }
        if proposal.short {
            outln!("  the depot has fewer than are needed");
        }
    }
    Ok(Outcome::Done)
}
