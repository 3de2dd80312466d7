//! `croft supply` through the built binary: kits registered, sent, received, dispensed, brought back, destroyed, accounted for.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod vault_house;

use croft_ledger::{Place, SystemClock};
use croft_record::access::credential::set_password_by_link;
use croft_record::access::{CreateAccount, GiveGrant, RecordTraining};
use croft_record::{Caller, Record};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use vault_house::{PASSWORD, STUDY, croft, prepare};

/// A study with a supply manager and a monitor beside the people of the vault, and its sealed scheme.
struct Desk {
    folder: PathBuf,
    subjects: Vec<String>,
}

impl Desk {
    fn new(name: &str) -> Self {
        let (folder, subjects) = prepare(&format!("supply-{name}"));
        people(&folder);
        let desk = Self { folder, subjects };
        let (scheme, setup) = (desk.file("scheme.toml"), desk.file("setup.toml"));
        desk.command("vault", "stat", &["seal", "--scheme", &scheme, "--setup", &setup], 0);
        desk
    }

    fn file(&self, name: &str) -> String {
        self.folder.join(name).to_str().unwrap().to_owned()
    }

    /// What a command said on both streams; it must end with this code. The first word is the subcommand.
    #[track_caller]
    fn command(&self, family: &str, by: &str, words: &[&str], code: i32) -> String {
        let dir = self.folder.to_str().unwrap();
        let arguments = [&[family, words[0], dir, "--study", STUDY, "--by", by], &words[1..]].concat();
        let output = croft(&arguments, &format!("{PASSWORD}\n"));
        let told = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {told}");
        told
    }

    #[track_caller]
    fn supply(&self, by: &str, words: &[&str]) -> String {
        self.command("supply", by, words, 0)
    }

    #[track_caller]
    fn refused(&self, by: &str, words: &[&str]) -> String {
        self.command("supply", by, words, 2)
    }

    #[track_caller]
    fn json(&self, by: &str, words: &[&str]) -> Value {
        serde_json::from_str(&self.supply(by, &[words, &["--json"]].concat())).unwrap()
    }

    /// Depot, plan, and kits of both arms; their numbers by arm.
    fn stocked(&self, each: u32) -> [Vec<String>; 2] {
        self.supply("sup", &["depot", "CENTRAL", "--name", "Central depot"]);
        let plan = ["plan", "--trigger", "1", "--level", "3", "--lead", "7", "--ship-margin", "30", "--visit", "BL"];
        self.supply("sup", &plan);
        let (verum, placebo) = (format!("VERUM={each}"), format!("PLACEBO={each}"));
        let labels = self.file("labels.csv");
        let register = ["register", "--depot", "CENTRAL", "--lot", "L1", "--expires", "2099-12-31"];
        let told =
            self.supply("sup", &[&register[..], &["--arm", &verum, "--arm", &placebo, "--out", &labels]].concat());
        assert!(told.contains(&format!("{} kits of lot L1 are registered", 2 * each)), "{told}");
        let table = std::fs::read_to_string(&labels).unwrap();
        ["VERUM", "PLACEBO"].map(|arm| {
            let rows = table.lines().skip(1).filter_map(|line| line.split_once(','));
            rows.filter(|(_, of)| *of == arm).map(|(kit, _)| kit.to_owned()).collect()
        })
    }
}

fn people(dir: &Path) {
    let record = Record::open(Place::Sqlite(dir.join("croft.db")), &dir.join("keys"), Arc::new(SystemClock)).unwrap();
    let system = Caller::system();
    for (login, role) in [("sup", "supply_manager"), ("mon", "monitor")] {
        let account = CreateAccount { login: login.into(), name: login.to_uppercase(), email: String::new() };
        let link = record.execute(&system, account).unwrap();
        set_password_by_link(&record, &link.0, PASSWORD).unwrap();
        let study = Some(STUDY.to_owned());
        record
            .execute(&system, GiveGrant { account: login.into(), role: role.into(), study, ..GiveGrant::default() })
            .unwrap();
        let training = RecordTraining { account: login.into(), study: Some(STUDY.into()), title: "Protocol".into() };
        record.execute(&system, training).unwrap();
    }
}

#[test]
fn kits_come_go_and_are_accounted_for() {
    let desk = Desk::new("story");
    assert!(desk.refused("dep", &["depot", "D2", "--name", "Other"]).contains("may not plan the supply"));
    let [verum, placebo] = desk.stocked(6);
    assert_eq!((verum.len(), placebo.len()), (6, 6));
    // The first shipment by hand: one kit is damaged on the way.
    let mut first = [&verum[..2], &placebo[..2]].concat();
    first.sort();
    let kits: Vec<&str> = first.iter().map(String::as_str).collect();
    let send = ["send", "--from", "depot:CENTRAL", "--to", "site:101"];
    let sent = desk.json("dep", &[&send[..], &kits].concat());
    let number = sent["shipment"].to_string();
    let damaged = ["receive", &number, "--held", kits[0]];
    assert!(desk.refused("inv", &damaged).contains("say what was seen"), "what is amiss is told");
    desk.supply("inv", &[&damaged[..], &["--note", "a corner is crushed"]].concat());
    assert!(desk.refused("inv", &["receive", &number]).contains("received already"));
    // The held kit is looked at by who may; the site may not release what it holds.
    let release = ["release", "--at", "site:101", "--reason", "only the outer carton", kits[0]];
    assert!(desk.refused("inv", &release).contains("may not release"));
    desk.supply("sup", &release);
    // A subject is given a kit, and brings it back.
    let subject = &desk.subjects[0];
    assert!(desk.refused("inv", &["dispense", subject, "--visit", "BL"]).contains("not randomised"));
    desk.command("vault", "inv", &["randomise", subject], 0);
    let given = desk.json("inv", &["dispense", subject, "--visit", "BL"]);
    let kit = given["kits"][0].as_str().unwrap();
    assert!(first.iter().any(|number| number == kit));
    desk.supply("inv", &["return", kit, "--site", "101", "--units", "12"]);
    let returned = desk.supply("mon", &["kits", "--state", "returned"]);
    assert!(returned.contains(kit) && returned.contains(subject.as_str()), "{returned}");
    let to_the_depot = desk.supply("dep", &["kits", "--state", "returned"]);
    assert!(to_the_depot.contains(kit) && !to_the_depot.contains(subject.as_str()), "{to_the_depot}");
    desk.supply("inv", &["destroy", "--at", "site:101", "--reason", "certificate 1", kit]);
    let gone = desk.refused("inv", &["quarantine", "--at", "site:101", "--reason", "x", kit]);
    assert!(gone.contains("is destroyed and cannot be quarantined"), "{gone}");
    // The accounts balance, and the log has every step.
    let log = desk.file("log.csv");
    let accounts = desk.json("mon", &["account", "--log", &log]);
    for account in accounts["accounts"].as_array().unwrap() {
        assert_eq!(account["balance"], 0, "{accounts}");
    }
    let site = &accounts["accounts"][1];
    assert_eq!(
        (&site["keeper"], &site["account"]["came"], &site["account"]["destroyed"]),
        (&"site 101".into(), &4.into(), &1.into())
    );
    let log = std::fs::read_to_string(log).unwrap();
    let steps: Vec<&str> = log.lines().filter(|line| line.starts_with(kit)).collect();
    let deeds: Vec<&str> =
        steps.iter().map(|line| line.split(',').nth(6).unwrap()).filter(|d| !d.contains("release")).collect();
    for deed in ["registered", "sent", "dispensed", "returned", "destroyed"] {
        assert!(deeds.contains(&deed), "{steps:?}");
    }
    assert!(steps.iter().any(|line| line.ends_with(&format!("{subject},BL,12"))), "{steps:?}");
    for word in ["VERUM", "PLACEBO"] {
        assert!(!log.contains(word), "{log}");
    }
}

#[test]
fn a_site_is_supplied_to_its_level_by_what_expires_last_enough() {
    let desk = Desk::new("resupply");
    desk.stocked(4);
    assert!(desk.refused("mon", &["propose", "--depot", "CENTRAL"]).contains("may not send kits"));
    let proposed = desk.json("dep", &["propose", "--depot", "CENTRAL"]);
    // No kit at hand: up to the level of three of each arm.
    assert_eq!(proposed["proposals"][0]["kits"].as_array().unwrap().len(), 6, "{proposed}");
    let sent = desk.json("dep", &["propose", "--depot", "CENTRAL", "--send"]);
    let number = sent["shipments"]["101"].to_string();
    assert!(desk.supply("dep", &["propose", "--depot", "CENTRAL"]).contains("every site has enough"));
    // Too warm on the way: all are held, do not count, and are asked for again.
    desk.supply("inv", &["receive", &number, "--excursion", "--note", "31 degrees for six hours"]);
    assert!(desk.supply("mon", &["show"]).contains("excursion"));
    let again = desk.supply("dep", &["propose", "--depot", "CENTRAL"]);
    assert!(again.contains("site 101: 2 kits") && again.contains("fewer than are needed"), "{again}");
    // A lot that expires within the margin is registered, and neither proposed nor sent.
    let today = desk.json("mon", &["kits"]);
    assert_eq!(today["kits"].as_array().unwrap().len(), 8);
    let soon = ["register", "--depot", "CENTRAL", "--lot", "L0", "--expires", "2020-01-31", "--arm", "VERUM=1"];
    desk.supply("sup", &[&soon[..], &["--out", &desk.file("old.csv")]].concat());
    let old = desk.json("mon", &["kits", "--expires-by", "2030-01-01"]);
    let old = old["kits"][0]["number"].as_str().unwrap();
    let refused = desk.refused("dep", &["send", "--from", "depot:CENTRAL", "--to", "site:101", old]);
    assert!(refused.contains("too soon to be sent"), "{refused}");
}

#[test]
fn what_is_no_command_is_told_with_its_remedy() {
    let desk = Desk::new("misuse");
    desk.stocked(1);
    let labels = desk.file("labels.csv");
    let register = ["register", "--depot", "CENTRAL", "--lot", "L2", "--expires", "2099-12-31", "--out"];
    assert!(
        desk.refused("sup", &[&register[..], &[&labels, "--arm", "VERUM=1"]].concat()).contains("is there already")
    );
    let new = desk.file("new.csv");
    let strange = desk.refused("sup", &[&register[..], &[&new, "--arm", "OTHER=1"]].concat());
    assert!(strange.contains("no arm `OTHER`") && strange.contains("VERUM, PLACEBO"), "{strange}");
    assert!(!Path::new(&new).exists(), "nothing was registered, so there is no file of it");
    let place = desk.refused("dep", &["send", "--from", "CENTRAL", "--to", "site:101", "1234567"]);
    assert!(place.contains("`depot:ID` or `site:ID`"), "{place}");
    let unknown = desk.refused("dep", &["send", "--from", "depot:CENTRAL", "--to", "site:101", "1234567"]);
    assert!(unknown.contains("kit") && unknown.contains("1234567"), "{unknown}");
    assert!(desk.refused("mon", &["kits", "--state", "gone"]).contains("in-depot, in-transit"));
}
