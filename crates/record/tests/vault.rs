//! The vault: who gets what is decided once, known to nobody who must not know it, and told to those who must.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod vault_scene;

use croft_ledger::{ManualClock, Place as Where, verify};
use croft_record::access::Proof;
use croft_record::capture::{Enrol, Entered, Place, Save};
use croft_record::lock::LockStudy;
use croft_record::study::{CreateStudy, OpenSite, Publish};
use croft_record::vault::{AgreeUnblind, AskUnblind, Break, CloseStratum, Given, MasterKeys, NewScheme, Vault};
use croft_record::{Caller, Projection, Record, Refusal};
use croft_trial::randomisation::{Length, List, Randomisation, Scheme, Seed};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use vault_scene::{STUDY, definition};

/// 2026-01-21T10:00:00Z
const BEGIN: i64 = 1_768_989_600_000;

const SCHEME: &str = r#"
study = "any"
arms = [{ code = "VERUM" }, { code = "PLACEBO" }]
factors = [{ name = "sex", levels = ["F", "M"] }]
design = { kind = "random_block", lengths = [2, 4] }
"#;

const MINIMISED: &str = r#"
study = "any"
arms = [{ code = "VERUM" }, { code = "PLACEBO" }]
[design]
kind = "minimisation"
probability = 0.8
factors = [{ name = "sex", levels = ["F", "M"] }, { name = "site", levels = ["101", "102"] }]
"#;

const SETUP: &str = r#"
number = "R{number:4}"
require = [{ says = "All criteria are met", item = "baseline.ELIG", is = ["Y"] }]
factor = [{ name = "sex", from = "baseline.SEX" }]
record = { visit = "BL", form = "RND", number = "randomisation.RNDNUM", date = "randomisation.RNDDAT" }
"#;

struct Scene {
    folder: PathBuf,
    clock: Arc<ManualClock>,
    vault: Option<Vault>,
    record: Option<Record>,
}

impl Scene {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("croft-vault-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let clock = Arc::new(ManualClock::new(BEGIN));
        let mut scene = Self { folder, clock, vault: None, record: None };
        scene.open();
        let files = definition();
        scene.does(CreateStudy { id: STUDY.into(), title: "A study".into() }).unwrap();
        scene.does(Publish { study: STUDY.into(), files, note: "first".into(), signature: Proof::system() }).unwrap();
        for site in ["101", "102"] {
            let (site, name, country) = (site.to_owned(), "Clinic".to_owned(), "GBR".to_owned());
            scene.does(OpenSite { study: STUDY.into(), site, name, country }).unwrap();
        }
        scene
    }

    fn open(&mut self) {
        self.vault = None;
        self.record = None;
        let place = Where::Sqlite(self.folder.join("croft.db"));
        let record = Record::open(place, &self.folder.join("keys"), self.clock.clone()).unwrap();
        let masters = MasterKeys::in_folder(&self.folder.join("keys/vault")).unwrap();
        self.vault = Some(Vault::new(&record, masters));
        self.record = Some(record);
    }

    fn record(&self) -> &Record {
        self.record.as_ref().unwrap()
    }

    fn vault(&self) -> &Vault {
        self.vault.as_ref().unwrap()
    }

    fn does<C: croft_record::Command>(&self, command: C) -> Result<C::Done, Refusal> {
        self.clock.advance(60_000);
        self.record().execute(&Caller::system(), command)
    }

    fn seal(&self, scheme: &str, setup: &str) -> Result<u32, Refusal> {
        let (scheme, setup) = (scheme.to_owned(), setup.to_owned());
        let new = NewScheme { study: STUDY.into(), scheme, setup, note: "first".into(), signature: Proof::system() };
        self.vault().seal_scheme(&Caller::system(), new)
    }

    /// A subject at a site with what is recorded of it.
    fn subject(&self, site: &str, eligible: &str, sex: &str) -> String {
        let subject = self.does(Enrol { study: STUDY.into(), site: site.into(), subject: None }).unwrap();
        let field = |item: &str, text: &str| Entered {
            group: "baseline".into(),
            row: 1,
            item: item.into(),
            text: text.into(),
            ..Entered::default()
        };
        let entries = vec![field("ELIG", eligible), field("SEX", sex)];
        let place = Place::first(&subject, "BL", "BL");
        self.does(Save { study: STUDY.into(), place, entries, ..Save::default() }).unwrap();
        subject
    }

    fn randomise(&self, subject: &str) -> Result<Given, Refusal> {
        self.clock.advance(1000);
        self.vault().randomise(&Caller::system(), STUDY, subject, Proof::system())
    }

    fn codes(&self) -> Vec<(String, String, Vec<String>)> {
        let codes = self.vault().codes(&Caller::system(), STUDY, "test", Proof::system()).unwrap();
        codes.codes.into_iter().map(|code| (code.subject, code.arm, code.levels)).collect()
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.vault.take();
        self.record.take();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

#[test]
fn each_stratum_follows_its_list_and_the_number_is_recorded() {
    let scene = Scene::new("lists");
    assert_eq!(scene.seal(SCHEME, SETUP).unwrap(), 1);
    let mut numbers = BTreeSet::new();
    for at in 0..30 {
        let subject = scene.subject(["101", "102"][at % 2], "Y", ["F", "M", "M"][at % 3]);
        let ready = scene.record().view(&Caller::system(), |r| r.ready(STUDY, &subject)).unwrap();
        assert!(ready.is_ready(), "{ready:?}");
        let given = scene.randomise(&subject).unwrap();
        assert!(numbers.insert(given.number.clone()));
        let place = Place::first(&subject, "BL", "RND");
        let form = scene.record().view(&Caller::system(), |r| r.form(STUDY, &place)).unwrap();
        assert_eq!(form.state.item("randomisation", 1, "RNDNUM").unwrap().text, given.number);
        assert_eq!(form.state.item("randomisation", 1, "RNDDAT").unwrap().text, "2026-01-21");
    }
    // What was given is what the sealed scheme and seed make, place by place.
    let codes = scene.vault().codes(&Caller::system(), STUDY, "test", Proof::system()).unwrap();
    let (_, secret) = &codes.schemes[0];
    let randomisation = Randomisation::new(Scheme::from_toml(&secret.scheme).unwrap()).unwrap();
    let list = List::make(&randomisation, &Seed::from_hex(&secret.seed).unwrap(), Length::Exactly(30)).unwrap();
    for sex in ["F", "M"] {
        let given: Vec<&str> = codes.codes.iter().filter(|c| c.levels == [sex]).map(|c| c.arm.as_str()).collect();
        let listed: Vec<&str> = list.slots.iter().filter(|s| s.stratum == sex).map(|s| s.arm.as_str()).collect();
        assert_eq!(given, listed[..given.len()], "{sex}");
    }
}

#[test]
fn who_is_not_ready_is_told_everything_that_stands_in_the_way() {
    let scene = Scene::new("ready");
    let unready = scene.subject("101", "N", "");
    let refusal = scene.randomise(&unready).unwrap_err();
    assert!(refusal.to_string().contains("has no randomisation scheme"), "{refusal}");
    scene.seal(SCHEME, &format!("caps = {{ study = 3, site = 2 }}\n{SETUP}")).unwrap();
    let Refusal::Invalid { faults } = scene.randomise(&unready).unwrap_err() else { panic!("it must be invalid") };
    let places: Vec<&str> = faults.iter().map(|fault| fault.place.as_str()).collect();
    assert_eq!(places, ["All criteria are met", "sex"]);
    let (one, two, three) =
        (scene.subject("101", "Y", "F"), scene.subject("101", "Y", "M"), scene.subject("101", "Y", "F"));
    scene.randomise(&one).unwrap();
    assert!(scene.randomise(&one).unwrap_err().to_string().contains("randomised already: R0001"));
    scene.randomise(&two).unwrap();
    assert!(scene.randomise(&three).unwrap_err().to_string().contains("the site has its 2 subjects"));
    scene
        .does(CloseStratum { study: STUDY.into(), stratum: "F".into(), closed: true, reason: "enough women".into() })
        .unwrap();
    let other = scene.subject("102", "Y", "F");
    assert!(scene.randomise(&other).unwrap_err().to_string().contains("the stratum F is closed"));
    let open = CloseStratum { study: STUDY.into(), stratum: "F".into(), closed: false, reason: "again".into() };
    scene.does(open).unwrap();
    scene.randomise(&other).unwrap();
    let last = scene.subject("102", "Y", "M");
    assert!(scene.randomise(&last).unwrap_err().to_string().contains("the study has its 3 subjects"));
    let unknown = CloseStratum { study: STUDY.into(), stratum: "X".into(), closed: true, reason: "x".into() };
    assert_eq!(scene.does(unknown).unwrap_err().code(), "absent");
}

#[test]
fn a_scheme_that_does_not_fit_the_study_is_refused_with_its_place() {
    let scene = Scene::new("misfit");
    let wrong = |scheme: &str, setup: &str| {
        let Refusal::Invalid { faults } = scene.seal(scheme, setup).unwrap_err() else { panic!("it must be invalid") };
        format!("{}: {}", faults[0].place, faults[0].message)
    };
    assert_eq!(wrong(&SCHEME.replace("PLACEBO", "OTHER"), SETUP), "arms[1].code: study.toml has no arm `OTHER`");
    assert!(wrong(&SCHEME.replace("random_block", "raffle"), SETUP).starts_with("scheme: "));
    assert!(
        wrong(SCHEME, &SETUP.replace("baseline.SEX", "baseline.NONE")).contains("there is no item `baseline.NONE`")
    );
    assert!(wrong(SCHEME, &SETUP.replace("{number:4}", "")).contains("makes no numbers"));
    assert!(wrong(SCHEME, "number = \"R{number}\"").contains("the setup has the factors none, the scheme sex"));
    assert!(wrong(SCHEME, "nonsense = 1").starts_with("setup: "));
}

#[test]
fn minimisation_goes_on_from_the_record_after_a_restart() {
    let scene_setup = SETUP.replace(
        r#"factor = [{ name = "sex", from = "baseline.SEX" }]"#,
        r#"factor = [{ name = "sex", from = "baseline.SEX" }, { name = "site", from = "SITE" }]"#,
    );
    let mut scene = Scene::new("minimised");
    scene.seal(MINIMISED, &scene_setup).unwrap();
    for at in 0..24 {
        let subject = scene.subject(["101", "102"][at % 2], "Y", ["F", "M", "M"][at % 3]);
        scene.randomise(&subject).unwrap();
        if at % 7 == 3 {
            scene.open();
        }
    }
    let codes = scene.vault().codes(&Caller::system(), STUDY, "test", Proof::system()).unwrap();
    let (_, secret) = &codes.schemes[0];
    let randomisation = Randomisation::new(Scheme::from_toml(&secret.scheme).unwrap()).unwrap();
    let seed = Seed::from_hex(&secret.seed).unwrap();
    let mut history = Vec::new();
    for code in &codes.codes {
        let levels = vec![usize::from(code.levels[0] == "M"), usize::from(code.levels[1] == "102")];
        let drawn = randomisation.minimise(&seed, "", &history, &levels).unwrap();
        assert_eq!(code.arm, randomisation.code(drawn.arm));
        history.push(croft_trial::randomisation::minimisation::Subject { levels, arm: drawn.arm });
    }
    let verum = codes.codes.iter().filter(|code| code.arm == "VERUM").count();
    assert!((8..=16).contains(&verum), "{verum} of 24");
}

#[test]
fn a_code_is_broken_for_one_subject_with_a_reason_and_the_register_holds_no_arm() {
    let scene = Scene::new("break");
    scene.seal(SCHEME, SETUP).unwrap();
    let (one, two) = (scene.subject("101", "Y", "F"), scene.subject("101", "Y", "F"));
    scene.randomise(&one).unwrap();
    let wish = |subject: &str, reason: &str| Break {
        study: STUDY.into(),
        subject: subject.into(),
        reason: reason.into(),
        signature: Proof::system(),
    };
    let system = Caller::system();
    assert!(scene.vault().break_code(&system, wish(&one, " ")).unwrap_err().to_string().contains("reason"));
    let refusal = scene.vault().break_code(&system, wish(&two, "overdose")).unwrap_err();
    assert!(refusal.to_string().contains("is not randomised"));
    let told = scene.vault().break_code(&system, wish(&one, "Suspected overdose at night")).unwrap();
    let (_, arm, _) = &scene.codes()[0];
    assert_eq!(told.arm, *arm);
    assert_eq!(told.treatments.len(), 1);
    assert_eq!(format!("{told:?}"), "Told(not shown)");
    let breaks = scene.record().view(&system, |r| r.code_breaks(STUDY)).unwrap();
    assert_eq!((breaks.len(), breaks[0].reason.as_str()), (1, "Suspected overdose at night"));
    let shown = serde_json::to_string(&breaks).unwrap();
    assert!(!shown.contains("VERUM") && !shown.contains("PLACEBO"), "{shown}");
}

#[test]
fn nothing_in_the_record_tells_the_arm() {
    let scene = Scene::new("blind");
    scene.seal(SCHEME, SETUP).unwrap();
    let subjects: Vec<String> = (0..12).map(|at| scene.subject("101", "Y", ["F", "M"][at % 2])).collect();
    for subject in &subjects {
        scene.randomise(subject).unwrap();
    }
    let codes = scene.codes();
    assert!(codes.iter().any(|c| c.1 == "VERUM") && codes.iter().any(|c| c.1 == "PLACEBO"));
    // Events and rows, as whoever has the database sees them: the arms' codes stand in the definition alone.
    let mut events = Vec::new();
    scene
        .record()
        .ledger()
        .read(|view| {
            for chain in view.chains()? {
                view.events(&chain, 1, &mut |event| {
                    events.push((event.kind.clone(), event.payload.clone()));
                    std::ops::ControlFlow::Continue(())
                })?;
            }
            Ok::<(), croft_ledger::LedgerError>(())
        })
        .unwrap();
    let randomised: Vec<&String> = events.iter().filter(|e| e.0 == "subject.randomised/1").map(|e| &e.1).collect();
    assert_eq!(randomised.len(), 12);
    let lengths: BTreeSet<usize> = randomised
        .iter()
        .map(|payload| {
            let payload: serde_json::Value = serde_json::from_str(payload).unwrap();
            payload["code"]["bytes"].as_str().unwrap().len()
        })
        .collect();
    assert_eq!(lengths.len(), 1, "every sealed code has one length");
    for (kind, payload) in events.iter().filter(|e| e.0 != "version.published/1") {
        for word in ["VERUM", "PLACEBO", "random_block", "lengths"] {
            assert!(!payload.contains(word), "{kind} holds {word}");
        }
    }
    // What the views give, and a reopened record whose master key is gone.
    let facts =
        scene.record().view(&Caller::system(), |r| Ok((r.randomisation(STUDY)?, r.randomised(STUDY)?))).unwrap();
    let shown = serde_json::to_string(&facts).unwrap();
    assert!(!shown.contains("VERUM") && !shown.contains("random_block"), "{shown}");
}

#[test]
fn only_who_may_reads_codes_and_each_reading_is_an_event() {
    let scene = Scene::new("rights");
    scene.seal(SCHEME, SETUP).unwrap();
    let subject = scene.subject("101", "Y", "F");
    scene.randomise(&subject).unwrap();
    let nobody = Caller::new("nobody", "s", 0);
    assert_eq!(scene.vault().codes(&nobody, STUDY, "x", Proof::system()).unwrap_err().code(), "denied");
    assert_eq!(scene.vault().randomise(&nobody, STUDY, &subject, Proof::system()).unwrap_err().code(), "denied");
    let wish = Break { study: STUDY.into(), subject, reason: "x".into(), signature: Proof::system() };
    assert_eq!(scene.vault().break_code(&nobody, wish).unwrap_err().code(), "denied");
    let before = events(&scene, "codes.read/1");
    scene.codes();
    assert_eq!(events(&scene, "codes.read/1"), before + 1);
}

fn events(scene: &Scene, kind: &str) -> usize {
    let mut count = 0;
    let seen = scene.record().ledger().read(|view| {
        view.events(STUDY, 1, &mut |event| {
            count += usize::from(event.kind == kind);
            std::ops::ControlFlow::Continue(())
        })
    });
    seen.unwrap();
    count
}

#[test]
fn keys_are_changed_lost_and_recovered() {
    let mut scene = Scene::new("keys");
    scene.seal(SCHEME, SETUP).unwrap();
    let subject = scene.subject("101", "Y", "F");
    scene.randomise(&subject).unwrap();
    let codes = scene.codes();
    let system = Caller::system();
    // A further key of the study: old codes open, new ones are sealed under it.
    assert_eq!(scene.vault().add_key(&system, STUDY).unwrap(), 2);
    let other = scene.subject("101", "Y", "M");
    scene.randomise(&other).unwrap();
    assert_eq!(scene.codes().len(), 2);
    // Another master key.
    let mut vault = scene.vault.take().unwrap();
    assert_eq!(vault.change_master_key(&system).unwrap(), 1);
    scene.vault = Some(vault);
    assert_eq!(scene.codes()[0], codes[0]);
    scene.open();
    assert_eq!(scene.codes()[0], codes[0]);
    // The recovery file brings a lost key back, and nothing else does.
    let folder = scene.folder.join("keys/vault");
    let phrase = "nine grey herons at the weir";
    let recovery = MasterKeys::in_folder(&folder).unwrap().recovery(phrase).unwrap();
    assert!(MasterKeys::in_folder(&folder).unwrap().recovery("short").is_err());
    std::fs::remove_dir_all(&folder).unwrap();
    scene.open();
    let refusal = scene.vault().codes(&system, STUDY, "x", Proof::system()).unwrap_err();
    assert!(refusal.to_string().contains("the vault of CRV301 is closed"), "{refusal}");
    assert!(recovery.restore("another phrase altogether", &folder).unwrap_err().to_string().contains("passphrase"));
    recovery.restore(phrase, &folder).unwrap();
    scene.open();
    assert_eq!(scene.codes()[0], codes[0]);
    // Keys that are handed in.
    assert!(MasterKeys::given("abc").is_err());
    let files = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let all = files.map(|file| std::fs::read_to_string(file).unwrap()).collect::<Vec<_>>().join(",");
    let vault = Vault::new(scene.record(), MasterKeys::given(&all).unwrap());
    assert_eq!(vault.codes(&system, STUDY, "x", Proof::system()).unwrap().codes.len(), 2);
}

#[test]
fn the_emergency_list_opens_without_the_record() {
    let scene = Scene::new("emergency");
    scene.seal(SCHEME, SETUP).unwrap();
    let subject = scene.subject("101", "Y", "F");
    let given = scene.randomise(&subject).unwrap();
    let phrase = "nine grey herons at the weir";
    let list = scene.vault().emergency_list(&Caller::system(), STUDY, phrase, Proof::system()).unwrap();
    let text = serde_json::to_string(&list).unwrap();
    assert!(!text.contains("VERUM") && !text.contains("PLACEBO"));
    let read: croft_record::vault::EmergencyList = serde_json::from_str(&text).unwrap();
    let (_, arm, _) = &scene.codes()[0];
    assert_eq!(read.open(phrase, &subject).unwrap().arm, *arm);
    assert_eq!(read.open(phrase, &given.number).unwrap().subject, subject);
    assert_eq!(read.open(phrase, "R9999").unwrap_err().code(), "absent");
    assert!(read.open("not the phrase at all", &subject).is_err());
    // Lists that are made one after the other grow by as much whatever the arm.
    let length = || {
        let list = scene.vault().emergency_list(&Caller::system(), STUDY, phrase, Proof::system()).unwrap();
        let text = list.sealed.bytes;
        text.len() / 4 * 3 - text.matches('=').count()
    };
    let mut lengths = vec![length()];
    for _ in 0..3 {
        let subject = scene.subject("101", "Y", "F");
        scene.randomise(&subject).unwrap();
        lengths.push(length());
    }
    let codes = scene.codes();
    assert!(codes.iter().any(|code| code.1 != *arm), "both arms are in the block: {codes:?}");
    let steps: BTreeSet<usize> = lengths.windows(2).map(|two| two[1] - two[0]).collect();
    assert_eq!(steps.len(), 1, "{lengths:?}");
}

#[test]
fn two_people_unblind_a_locked_study() {
    let scene = Scene::new("unblind");
    scene.seal(SCHEME, SETUP).unwrap();
    let subject = scene.subject("101", "Y", "F");
    scene.randomise(&subject).unwrap();
    let ask = || AskUnblind { study: STUDY.into(), reason: "final analysis".into(), signature: Proof::system() };
    assert!(scene.does(ask()).unwrap_err().to_string().contains("is not locked"));
    let in_spite = "the test goes on".to_owned();
    scene.does(LockStudy { study: STUDY.into(), in_spite, signature: Proof::system() }).unwrap();
    assert!(scene.vault().unblinded(&Caller::system(), STUDY).err().unwrap().to_string().contains("is blind"));
    let agree = || AgreeUnblind { study: STUDY.into(), signature: Proof::system() };
    assert!(scene.does(agree()).unwrap_err().to_string().contains("nobody has asked"));
    scene.does(ask()).unwrap();
    assert!(scene.does(agree()).unwrap_err().to_string().contains("who asked cannot agree"));
    assert_eq!(events(&scene, "study.unblinded/1"), 0);
}

#[test]
fn the_record_stays_whole() {
    let mut scene = Scene::new("whole");
    scene.seal(SCHEME, SETUP).unwrap();
    for at in 0..5 {
        let subject = scene.subject("101", "Y", ["F", "M"][at % 2]);
        scene.randomise(&subject).unwrap();
    }
    scene.vault = None;
    scene.record = None;
    let place = Where::Sqlite(scene.folder.join("croft.db"));
    let report = verify(&place, &scene.folder.join("keys"), Some(&Projection)).unwrap();
    assert!(report.is_whole() && report.state_compared, "{:?}", report.faults);
}
