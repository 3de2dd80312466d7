//! A record with a double-blind study, people and subjects, for tests of the vault.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

#[path = "../../../record/tests/vault_scene/mod.rs"]
mod vault_scene;

use croft_ledger::{Place as Where, SystemClock};
use croft_record::access::credential::set_password_by_link;
use croft_record::access::{CreateAccount, GiveGrant, Proof, RecordTraining};
use croft_record::capture::{Enrol, Entered, Place, Save};
use croft_record::study::{CreateStudy, OpenSite, Publish};
use croft_record::supply::{NewKits, OpenDepot, PlanSupply, SupplyPlan};
use croft_record::vault::{MasterKeys, Vault};
use croft_record::{Caller, Record};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
pub use vault_scene::STUDY;
use vault_scene::definition;

pub const PASSWORD: &str = "an otter reads the tide tables";

const SCHEME: &str = r#"
study = "CRV301"
arms = [{ code = "VERUM" }, { code = "PLACEBO" }]
factors = [{ name = "sex", levels = ["F", "M"] }]
design = { kind = "random_block", lengths = [2, 4] }
"#;

const SETUP: &str = r#"
number = "R{number:4}"
require = [{ says = "All criteria are met", item = "baseline.ELIG", is = ["Y"] }]
factor = [{ name = "sex", from = "baseline.SEX" }]
record = { visit = "BL", form = "RND", number = "randomisation.RNDNUM", date = "randomisation.RNDDAT" }
"#;

/// What the built binary answers to these arguments and this input.
#[allow(dead_code, reason = "each test uses its part")]
pub fn croft(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_croft"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that is misused ends before it reads: then nobody is there to write to.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

/// A depot with kits of both arms, and a plan by which a site is supplied.
#[allow(dead_code, reason = "each test uses its part")]
pub fn supply(dir: &Path) {
    let record = Record::open(Where::Sqlite(dir.join("croft.db")), &dir.join("keys"), Arc::new(SystemClock)).unwrap();
    let vault = Vault::new(&record, MasterKeys::in_folder(&dir.join("keys/vault")).unwrap());
    let system = Caller::system();
    let depot = OpenDepot { study: STUDY.into(), depot: "D".into(), name: "Central".into() };
    record.execute(&system, depot).unwrap();
    let visits = vec!["BL".to_owned()];
    let plan = SupplyPlan { trigger: 2, level: 3, lead_days: 0, dispense_margin_days: 0, ship_margin_days: 0, visits };
    record.execute(&system, PlanSupply { study: STUDY.into(), plan }).unwrap();
    let arms = ["VERUM", "PLACEBO"].map(|arm| (arm.to_owned(), 10)).into();
    let (depot, lot, expires) = ("D".to_owned(), "L1".to_owned(), "2099-12-31".to_owned());
    vault.register_kits(&system, NewKits { study: STUDY.into(), depot, lot, expires, arms }).unwrap();
}

/// A record with a study, people of six roles, and subjects of site 101.
pub fn prepare(name: &str) -> (PathBuf, Vec<String>) {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("vault").join(name);
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).unwrap();
    let record = Record::open(Where::Sqlite(dir.join("croft.db")), &dir.join("keys"), Arc::new(SystemClock)).unwrap();
    let system = Caller::system();
    record.execute(&system, CreateStudy { id: STUDY.into(), title: "A study".into() }).unwrap();
    let (files, note) = (definition(), "first".to_owned());
    record.execute(&system, Publish { study: STUDY.into(), files, note, signature: Proof::system() }).unwrap();
    let (site, name, country) = ("101".to_owned(), "Clinic".to_owned(), "GBR".to_owned());
    record.execute(&system, OpenSite { study: STUDY.into(), site, name, country }).unwrap();
    for (login, role) in [
        ("stat", "unblinded_statistician"),
        ("inv", "investigator"),
        ("adm", "administrator"),
        ("dep", "depot"),
        ("spo", "sponsor"),
        ("dm", "data_manager"),
    ] {
        let account = CreateAccount { login: login.into(), name: login.to_uppercase(), email: String::new() };
        let link = record.execute(&system, account).unwrap();
        set_password_by_link(&record, &link.0, PASSWORD).unwrap();
        let study = (role != "administrator").then(|| STUDY.to_owned());
        let grant = GiveGrant { account: login.into(), role: role.into(), study, ..GiveGrant::default() };
        record.execute(&system, grant).unwrap();
        let training = RecordTraining { account: login.into(), study: Some(STUDY.into()), title: "Protocol".into() };
        record.execute(&system, training).unwrap();
    }
    let mut subjects = Vec::new();
    for sex in ["F", "M", "F", "M"] {
        let enrol = Enrol { study: STUDY.into(), site: "101".into(), subject: None };
        let subject = record.execute(&system, enrol).unwrap();
        let field = |item: &str, text: &str| Entered {
            group: "baseline".into(),
            row: 1,
            item: item.into(),
            text: text.into(),
            ..Entered::default()
        };
        let entries = vec![field("ELIG", "Y"), field("SEX", sex)];
        let place = Place::first(&subject, "BL", "BL");
        record.execute(&system, Save { study: STUDY.into(), place, entries, ..Save::default() }).unwrap();
        subjects.push(subject);
    }
    std::fs::write(dir.join("scheme.toml"), SCHEME).unwrap();
    std::fs::write(dir.join("setup.toml"), SETUP).unwrap();
    (dir, subjects)
}
