//! Supply: kits travel, are dispensed and come back; whatever happens, every kit is accounted for and none is given that must not be.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod vault_scene;

use croft_ledger::{ManualClock, Place as Where, verify};
use croft_record::access::Proof;
use croft_record::capture::Enrol;
use croft_record::study::{CreateStudy, OpenSite, Publish};
use croft_record::supply::kit::after;
use croft_record::supply::{
    Deed, Keeper, Kit, KitState, MoveKits, NewKits, OpenDepot, PlanSupply, Receive, Ship, SupplyPlan, accounts,
};
use croft_record::vault::{MasterKeys, NewScheme, Vault};
use croft_record::{Caller, Projection, Record, Refusal};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use vault_scene::{STUDY, definition};

/// 2026-01-21T10:00:00Z
const BEGIN: i64 = 1_768_989_600_000;
const DAY_MS: i64 = 86_400_000;

const SCHEME: &str = r#"
study = "any"
arms = [{ code = "VERUM" }, { code = "PLACEBO" }]
design = { kind = "permuted_block", lengths = [2] }
"#;

struct Scene {
    folder: PathBuf,
    clock: Arc<ManualClock>,
    record: Option<Record>,
    vault: Option<Vault>,
}

impl Scene {
    /// A sealed study with depot `D` and sites 101 and 102, whose supply is planned.
    fn new(name: &str) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("croft-supply-{name}-{}-{count}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let clock = Arc::new(ManualClock::new(BEGIN));
        let record = Record::open(Where::Sqlite(folder.join("croft.db")), &folder.join("keys"), clock.clone()).unwrap();
        let vault = Vault::new(&record, MasterKeys::in_folder(&folder.join("keys/vault")).unwrap());
        let scene = Self { folder, clock, record: Some(record), vault: Some(vault) };
        let (files, note) = (definition(), "first".to_owned());
        scene.does(CreateStudy { id: STUDY.into(), title: "A study".into() }).unwrap();
        scene.does(Publish { study: STUDY.into(), files, note, signature: Proof::system() }).unwrap();
        for site in ["101", "102"] {
            let (site, name, country) = (site.to_owned(), "Clinic".to_owned(), "GBR".to_owned());
            scene.does(OpenSite { study: STUDY.into(), site, name, country }).unwrap();
        }
        let (scheme, setup, note) = (SCHEME.to_owned(), "number = \"R{number}\"".to_owned(), String::new());
        let new = NewScheme { study: STUDY.into(), scheme, setup, note, signature: Proof::system() };
        scene.vault().seal_scheme(&Caller::system(), new).unwrap();
        scene.does(OpenDepot { study: STUDY.into(), depot: "D".into(), name: "Central".into() }).unwrap();
        let plan = SupplyPlan {
            trigger: 1,
            level: 3,
            lead_days: 7,
            dispense_margin_days: 14,
            ship_margin_days: 30,
            visits: vec!["BL".to_owned()],
        };
        scene.does(PlanSupply { study: STUDY.into(), plan }).unwrap();
        scene
    }

    fn record(&self) -> &Record {
        self.record.as_ref().unwrap()
    }

    fn vault(&self) -> &Vault {
        self.vault.as_ref().unwrap()
    }

    fn does<C: croft_record::Command>(&self, command: C) -> Result<C::Done, Refusal> {
        self.clock.advance(1000);
        self.record().execute(&Caller::system(), command)
    }

    /// Kits of both arms in the depot: number to arm.
    fn kits(&self, of_each: u32, expires: &str) -> BTreeMap<String, String> {
        let arms = BTreeMap::from([("VERUM".to_owned(), of_each), ("PLACEBO".to_owned(), of_each)]);
        let (depot, lot, expires) = ("D".to_owned(), "L1".to_owned(), expires.to_owned());
        let new = NewKits { study: STUDY.into(), depot, lot, expires, arms };
        let packed = self.vault().register_kits(&Caller::system(), new).unwrap();
        packed.into_iter().map(|kit| (kit.number, kit.arm)).collect()
    }

    fn all(&self) -> Vec<Kit> {
        self.record().view(&Caller::system(), |r| r.kits(STUDY)).unwrap()
    }

    fn kit(&self, number: &str) -> Kit {
        self.all().into_iter().find(|kit| kit.number == number).unwrap()
    }

    fn ship(&self, kits: &[String], to: &Keeper) -> Result<u64, Refusal> {
        let (from, to, kits) = (Keeper::Depot("D".into()), to.clone(), kits.to_vec());
        self.does(Ship { study: STUDY.into(), from, to, kits })
    }

    fn arrive(&self, kits: &[String], site: &str) {
        let shipment = self.ship(kits, &Keeper::Site(site.into())).unwrap();
        self.does(Receive { study: STUDY.into(), shipment, ..Receive::default() }).unwrap();
    }

    fn randomised(&self, site: &str) -> String {
        let subject = self.does(Enrol { study: STUDY.into(), site: site.into(), subject: None }).unwrap();
        self.vault().randomise(&Caller::system(), STUDY, &subject, Proof::system()).unwrap();
        subject
    }

    fn arm(&self, subject: &str) -> String {
        let codes = self.vault().codes(&Caller::system(), STUDY, "test", Proof::system()).unwrap().codes;
        codes.into_iter().find(|code| code.subject == subject).unwrap().arm
    }

    fn dispense(&self, subject: &str) -> Result<Vec<String>, Refusal> {
        self.clock.advance(1000);
        self.vault().dispense(&Caller::system(), (STUDY, subject, "BL"), 1)
    }

    fn moves(&self, keeper: Keeper, deed: Deed, kits: &[String]) -> Result<(), Refusal> {
        let returned_units = (deed == Deed::Return).then_some(3);
        let (study, reason) = (STUDY.to_owned(), "a test".to_owned());
        self.does(MoveKits { study, keeper, deed, kits: kits.to_vec(), returned_units, reason })
    }

    /// Every kit is accounted for, and has come to where it is by moves of the table.
    fn is_sound(&self) {
        let kits = self.all();
        for (keeper, account) in accounts(&kits) {
            assert_eq!(account.balance(), 0, "{keeper}: {account:?}");
        }
        for kit in &kits {
            let mut state = kit.steps[0].state;
            let mut keeper = kit.steps[0].keeper.clone();
            for step in &kit.steps[1..] {
                let deed = step.deed.unwrap();
                assert_eq!(after(state, deed, &keeper), Some(step.state), "{}: {deed:?}", kit.number);
                (state, keeper) = (step.state, step.keeper.clone());
            }
            assert_eq!((state, &keeper), (kit.state, &kit.keeper));
        }
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.vault.take();
        self.record.take();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn site(id: &str) -> Keeper {
    Keeper::Site(id.to_owned())
}

#[test]
fn a_subject_is_given_a_kit_of_its_arm_that_expires_first() {
    let scene = Scene::new("dispense");
    let (late, soon) = (scene.kits(2, "2027-06-30"), scene.kits(2, "2026-12-31"));
    let all: Vec<String> = late.keys().chain(soon.keys()).cloned().collect();
    scene.arrive(&all, "101");
    for _ in 0..4 {
        let subject = scene.randomised("101");
        let arm = scene.arm(&subject);
        let given = scene.dispense(&subject).unwrap();
        let kit = scene.kit(&given[0]);
        assert_eq!((kit.state, kit.subject.as_deref()), (KitState::Dispensed, Some(subject.as_str())));
        assert_eq!(soon.get(&given[0]), Some(&arm), "the kit is of the arm, and expires first");
    }
    // Two more of each arm, which expire later.
    let subject = scene.randomised("101");
    let given = scene.dispense(&subject).unwrap();
    assert_eq!(late.get(&given[0]), Some(&scene.arm(&subject)));
    scene.moves(site("101"), Deed::Return, &given).unwrap();
    assert_eq!(scene.kit(&given[0]).returned_units, Some(3));
    scene.is_sound();
}

/// Whoever sees which kits are at hand and which is given could say: a kit that was passed over is of the other arm.
#[test]
fn a_kit_passed_over_tells_nothing() {
    let scene = Scene::new("passed");
    let arms = scene.kits(40, "2027-06-30");
    let mut at_hand: BTreeSet<String> = arms.keys().cloned().collect();
    scene.arrive(&at_hand.iter().cloned().collect::<Vec<_>>(), "101");
    let (mut said, mut right) = (0, 0);
    for _ in 0..40 {
        let subject = scene.randomised("101");
        let given = scene.dispense(&subject).unwrap().remove(0);
        at_hand.remove(&given);
        let passed = at_hand.iter().filter(|kit| **kit < given);
        said += passed.clone().count();
        right += passed.filter(|kit| arms[*kit] != arms[&given]).count();
    }
    // Half of what is said is right, give or take 0.06 (kits are 80); all of it, were kits taken in the order of their numbers.
    assert!(said > 200 && right * 100 < said * 80, "{right} of {said}");
}

#[test]
fn what_is_held_or_expires_too_soon_is_not_dispensed() {
    let scene = Scene::new("held");
    let kits: Vec<String> = scene.kits(2, "2026-03-15").into_keys().collect();
    scene.arrive(&kits, "101");
    let subject = scene.randomised("101");
    scene.moves(site("101"), Deed::Quarantine, &kits).unwrap();
    assert!(scene.dispense(&subject).unwrap_err().to_string().contains("no kit that can be dispensed"));
    scene.moves(site("101"), Deed::Release, &kits).unwrap();
    // 2026-03-02 is 13 days before the last day: less than the margin.
    scene.clock.advance(40 * DAY_MS);
    assert!(scene.dispense(&subject).unwrap_err().to_string().contains("no kit that can be dispensed"));
    let back = Ship { study: STUDY.into(), from: site("101"), to: site("102"), kits: kits.clone() };
    assert!(scene.does(back).unwrap_err().to_string().contains("too soon to be sent"));
    let depot = Keeper::Depot("D".into());
    scene.does(Ship { study: STUDY.into(), from: site("101"), to: depot.clone(), kits: kits.clone() }).unwrap();
    let shipment = scene.record().view(&Caller::system(), |r| r.shipments(STUDY)).unwrap()[1].number;
    scene.does(Receive { study: STUDY.into(), shipment, ..Receive::default() }).unwrap();
    scene.moves(depot, Deed::Destroy, &kits).unwrap();
    scene.is_sound();
}

#[test]
fn a_shipment_that_was_too_warm_is_held_whole_and_what_is_missing_is_lost() {
    let scene = Scene::new("warm");
    let kits: Vec<String> = scene.kits(2, "2027-06-30").into_keys().collect();
    let shipment = scene.ship(&kits, &site("101")).unwrap();
    let receive = |lost: &[&String], excursion: bool, note: &str| Receive {
        study: STUDY.into(),
        shipment,
        held: Vec::new(),
        lost: lost.iter().map(|kit| (*kit).clone()).collect(),
        excursion,
        note: note.into(),
    };
    assert!(scene.does(receive(&[], true, "")).unwrap_err().to_string().contains("note"));
    let strange = "0000000".to_owned();
    assert!(scene.does(receive(&[&strange], false, "x")).unwrap_err().to_string().contains("is not in shipment"));
    scene.does(receive(&[&kits[0]], true, "12 °C for three hours; one missing")).unwrap();
    let states: Vec<KitState> = kits.iter().map(|kit| scene.kit(kit).state).collect();
    assert_eq!(states, [KitState::Lost, KitState::Quarantined, KitState::Quarantined, KitState::Quarantined]);
    assert!(scene.does(receive(&[], false, "")).unwrap_err().to_string().contains("received already"));
    scene.is_sound();
}

#[test]
fn a_site_is_supplied_up_to_its_level_of_each_arm() {
    let scene = Scene::new("resupply");
    let arms = scene.kits(100, "2027-06-30");
    let propose = || scene.vault().resupply(&Caller::system(), STUDY, "D").unwrap();
    let first = propose();
    assert_eq!(first, propose(), "who asks again learns no more");
    assert_eq!(first.iter().map(|p| (p.site.as_str(), p.kits.len())).collect::<Vec<_>>(), [("101", 6), ("102", 6)]);
    for proposal in &first {
        let of = |arm: &str| proposal.kits.iter().filter(|kit| arms[*kit] == arm).count();
        assert_eq!((of("VERUM"), of("PLACEBO")), (3, 3));
        let mut sorted = proposal.kits.clone();
        sorted.sort();
        assert_eq!(sorted, proposal.kits, "the order of a list tells nothing");
        // Were they taken in the order of their numbers, kits passed over would be of the other arm. By chance: 1 in 160,000.
        let lowest: Vec<&String> = arms.iter().filter(|kit| kit.1 == "VERUM").map(|kit| kit.0).take(3).collect();
        assert!(!lowest.iter().all(|kit| proposal.kits.contains(kit)));
        scene.ship(&proposal.kits, &site(&proposal.site)).unwrap();
    }
    assert!(propose().is_empty(), "what is on the way counts");
    for shipment in scene.record().view(&Caller::system(), |r| r.shipments(STUDY)).unwrap() {
        scene.does(Receive { study: STUDY.into(), shipment: shipment.number, ..Receive::default() }).unwrap();
    }
    // Two subjects of one arm bring its stock to the trigger.
    let mut given = 0;
    while given < 2 {
        let subject = scene.randomised("101");
        if scene.arm(&subject) == "VERUM" {
            scene.dispense(&subject).unwrap();
            given += 1;
        }
    }
    let next = propose();
    assert_eq!(next.len(), 1, "{next:?}");
    assert!(next[0].kits.iter().filter(|kit| arms[*kit] == "VERUM").count() >= 2);
    assert!(!format!("{next:?}").contains("VERUM"), "a proposal tells numbers");
}

#[test]
fn numbers_tell_nothing_and_kits_have_codes_of_one_length() {
    let scene = Scene::new("numbers");
    let kits = scene.kits(200, "2027-06-30");
    let arms: Vec<&str> = kits.values().map(String::as_str).collect();
    let runs = arms.windows(2).filter(|two| two[0] != two[1]).count();
    // Wald and Wolfowitz: 400 kits in random order change arm 200 times give or take 10.
    assert!((150..=250).contains(&runs), "{runs}");
    let mut lengths = BTreeSet::new();
    scene
        .record()
        .ledger()
        .read(|view| {
            view.events(STUDY, 1, &mut |event| {
                if event.kind == "kits.registered/1" {
                    assert!(!event.payload.contains("VERUM") && !event.payload.contains("PLACEBO"));
                    let payload: serde_json::Value = serde_json::from_str(&event.payload).unwrap();
                    lengths.extend(
                        payload["kits"].as_array().unwrap().iter().map(|k| k["code"]["bytes"].as_str().unwrap().len()),
                    );
                }
                std::ops::ControlFlow::Continue(())
            })
        })
        .unwrap();
    assert_eq!(lengths.len(), 1);
}

#[test]
fn the_state_is_what_the_events_make() {
    let mut scene = Scene::new("rebuild");
    let kits: Vec<String> = scene.kits(2, "2027-06-30").into_keys().collect();
    scene.arrive(&kits, "101");
    let subject = scene.randomised("101");
    scene.dispense(&subject).unwrap();
    scene.vault = None;
    scene.record = None;
    let report =
        verify(&Where::Sqlite(scene.folder.join("croft.db")), &scene.folder.join("keys"), Some(&Projection)).unwrap();
    assert!(report.is_whole() && report.state_compared, "{:?}", report.faults);
}

/// Something that somebody tries, sensible or not.
#[derive(Clone, Debug)]
enum Try {
    Ship(usize, usize),
    Receive(usize, bool, usize),
    Move(usize, usize, usize),
    Dispense(usize),
    Wait(i64),
}

fn tries() -> impl Strategy<Value = Vec<Try>> {
    let one = prop_oneof![
        (0..12_usize, 0..3_usize).prop_map(|(kit, to)| Try::Ship(kit, to)),
        (0..8_usize, any::<bool>(), 0..12_usize).prop_map(|(s, warm, lost)| Try::Receive(s, warm, lost)),
        (0..12_usize, 0..3_usize, 0..5_usize).prop_map(|(kit, keeper, deed)| Try::Move(kit, keeper, deed)),
        (0..4_usize).prop_map(Try::Dispense),
        (0..40_i64).prop_map(Try::Wait),
    ];
    proptest::collection::vec(one, 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_every_kit_is_accounted_for(tries in tries()) {
        let scene = Scene::new("history");
        let kits: Vec<String> = scene.kits(3, "2026-04-30").into_keys().chain(scene.kits(3, "2027-04-30").into_keys()).collect();
        let subjects: Vec<String> = (0..4).map(|at| scene.randomised(["101", "102"][at % 2])).collect();
        let keepers = [Keeper::Depot("D".into()), site("101"), site("102")];
        for one in tries {
            let before: BTreeMap<String, Kit> = scene.all().into_iter().map(|kit| (kit.number.clone(), kit)).collect();
            let outcome = match one {
                Try::Ship(kit, to) => {
                    let from = before[&kits[kit]].keeper.clone();
                    let (to, kits) = (keepers[to].clone(), vec![kits[kit].clone()]);
                    scene.does(Ship { study: STUDY.into(), from, to, kits }).map(drop)
                }
                Try::Receive(at, excursion, lost) => {
                    let shipments = scene.record().view(&Caller::system(), |r| r.shipments(STUDY)).unwrap();
                    let Some(shipment) = shipments.get(at).map(|s| s.number) else { continue };
                    let lost = vec![kits[lost].clone()].into_iter().filter(|k| shipments[at].kits.contains(k) && lost % 2 == 0).collect();
                    let (study, note) = (STUDY.to_owned(), "seen".to_owned());
                    scene.does(Receive { study, shipment, held: Vec::new(), lost, excursion, note })
                }
                Try::Move(kit, keeper, deed) => {
                    let deed = [Deed::Quarantine, Deed::Release, Deed::Return, Deed::Destroy, Deed::Lose][deed];
                    scene.moves(keepers[keeper].clone(), deed, &[kits[kit].clone()])
                }
                Try::Dispense(subject) => scene.dispense(&subjects[subject]).map(|given| {
                    for number in given {
                        let kit = &before[&number];
                        assert_eq!(kit.state, KitState::AtSite, "only a kit at hand at a site is dispensed");
                        let now = scene.record().ledger().now_ms();
                        assert!(days(&kit.expires) >= (now - BEGIN) / DAY_MS + 14, "a kit that expires too soon is dispensed");
                    }
                }),
                Try::Wait(days) => {
                    scene.clock.advance(days * DAY_MS);
                    Ok(())
                }
            };
            if outcome.is_err() {
                let now: BTreeMap<String, Kit> = scene.all().into_iter().map(|kit| (kit.number.clone(), kit)).collect();
                assert_eq!(now, before, "what is refused changes nothing");
            }
            scene.is_sound();
        }
    }
}

/// Days from the beginning of the scene to the day named.
fn days(text: &str) -> i64 {
    let day = |text: &str| croft_core::PartialDate::parse(text).unwrap().date().unwrap().days_since_1960();
    day(text) - day("2026-01-21")
}
