//! Who may do what: every operation by every role at every place, and how people come in.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use croft_ledger::{ManualClock, Place as Where};
use croft_record::access::apikey::{MakeKey, resume_key};
use croft_record::access::credential::{confirm_codes, new_codes};
use croft_record::access::{
    CreateAccount, Denied, GiveGrant, NotProved, Operation, Proof, RecordTraining, ResetPassword, RevokeGrant, Scope,
    SwitchAccount, allowed, prove, prove_again, resume, roles, set_password_by_link, sign_in, sign_out,
};
use croft_record::study::{CreateStudy, OpenSite};
use croft_record::{Caller, Command, Record, Refusal};
use std::path::PathBuf;
use std::sync::Arc;

const BEGIN: i64 = 1_768_989_600_000;
const HOUR: i64 = 3_600_000;
const PASSWORD: &str = "kettle orbit mango";

struct Scene {
    folder: PathBuf,
    clock: Arc<ManualClock>,
    record: Option<Record>,
}

impl Scene {
    /// Two studies with two sites each.
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("croft-access-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let clock = Arc::new(ManualClock::new(BEGIN));
        let record = Record::open(Where::Sqlite(folder.join("croft.db")), &folder.join("keys"), clock.clone()).unwrap();
        let scene = Self { folder, clock, record: Some(record) };
        for study in ["S1", "S2"] {
            scene.does(CreateStudy { id: study.into(), title: study.into() }).unwrap();
            for (site, country) in [("101", "GBR"), ("201", "FRA")] {
                let (site, country) = (site.to_owned(), country.to_owned());
                scene.does(OpenSite { study: study.into(), name: site.clone(), site, country }).unwrap();
            }
        }
        scene
    }

    fn record(&self) -> &Record {
        self.record.as_ref().unwrap()
    }

    fn does<C: Command>(&self, command: C) -> Result<C::Done, Refusal> {
        self.record().execute(&Caller::system(), command)
    }

    fn account(&self, login: &str) {
        let create =
            CreateAccount { login: login.into(), name: login.to_uppercase(), email: format!("{login}@example.org") };
        let link = self.does(create).unwrap();
        assert_eq!(set_password_by_link(self.record(), &link.0, PASSWORD).unwrap(), login);
    }

    fn asks(&self, login: &str, operation: Operation, scope: &Scope, at: i64) -> Result<String, Denied> {
        let found = self.record().ledger().read(|view| allowed(view, login, operation, scope, at)).unwrap();
        found.map(|a| a.role)
    }

    fn events(&self, chain: &str, kind: &str) -> usize {
        let mut count = 0;
        self.record()
            .ledger()
            .read(|view| {
                view.events(chain, 1, &mut |event| {
                    count += usize::from(event.kind == kind);
                    std::ops::ControlFlow::Continue(())
                })
            })
            .unwrap();
        count
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.record.take();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

#[test]
fn every_operation_by_every_role_is_allowed_exactly_as_the_table_says() {
    let scene = Scene::new("table");
    let mut checked = 0;
    for (name, role) in roles() {
        let login = format!("who-{}", name.replace('_', "-"));
        scene.account(&login);
        let grant = GiveGrant {
            account: login.clone(),
            role: name.clone(),
            study: Some("S1".into()),
            site: Some("101".into()),
            from_ms: Some(BEGIN),
            to_ms: Some(BEGIN + HOUR),
            ..GiveGrant::default()
        };
        scene.does(grant).unwrap();
        let places = [
            (Scope::site("S1", "101"), true),
            (Scope::site("S1", "201"), false),
            (Scope::site("S2", "101"), false),
            (Scope::study("S1"), false),
            (Scope::organisation(), false),
        ];
        for trained in [false, true] {
            if trained {
                let (account, title) = (login.clone(), "Protocol".to_owned());
                scene.does(RecordTraining { account, study: Some("S1".into()), title }).unwrap();
            }
            for operation in Operation::ALL {
                for (scope, here) in &places {
                    for (at, now) in
                        [(BEGIN, true), (BEGIN - 1, false), (BEGIN + HOUR - 1, true), (BEGIN + HOUR, false)]
                    {
                        let expected = *here && now && role.may.contains(operation) && (trained || !role.training);
                        let got = scene.asks(&login, *operation, scope, at);
                        assert_eq!(got.is_ok(), expected, "{name} {operation:?} {scope:?} trained {trained}");
                        assert_eq!(got.is_ok().then(|| got.unwrap()), expected.then(|| name.clone()));
                        checked += 1;
                    }
                }
            }
        }
    }
    assert_eq!(checked, roles().len() * Operation::ALL.len() * 5 * 4 * 2);
    println!("checked {checked} combinations");
}

#[test]
fn a_grant_for_a_country_reaches_its_sites_and_no_others() {
    let scene = Scene::new("country");
    scene.account("mona");
    let grant = GiveGrant {
        account: "mona".into(),
        role: "sponsor".into(),
        study: Some("S1".into()),
        country: Some("FRA".into()),
        ..GiveGrant::default()
    };
    let number = scene.does(grant).unwrap();
    let may = |scope: &Scope| scene.asks("mona", Operation::Read, scope, BEGIN + 1).is_ok();
    assert!(may(&Scope::site("S1", "201")));
    assert!(!may(&Scope::site("S1", "101")) && !may(&Scope::study("S1")));
    scene.clock.advance(10);
    scene.does(RevokeGrant { account: "mona".into(), grant: number, reason: "left".into() }).unwrap();
    assert_eq!(scene.asks("mona", Operation::Read, &Scope::site("S1", "201"), BEGIN + 10), Err(Denied::NoGrant));
    // What was so before stays known.
    let then = scene.record().view(&Caller::system(), |r| r.access_list(Some("S1"), BEGIN + 5)).unwrap();
    let now = scene.record().view(&Caller::system(), |r| r.access_list(Some("S1"), BEGIN + 10)).unwrap();
    assert_eq!((then.len(), now.len()), (1, 0));
}

#[test]
fn what_is_refused_is_recorded_and_nobody_raises_themselves() {
    let scene = Scene::new("refused");
    scene.account("anna");
    let anna = Caller::new("anna", "s", 0);
    let create = || CreateStudy { id: "S9".into(), title: "mine".into() };
    assert!(matches!(scene.record().execute(&anna, create()), Err(Refusal::Denied { .. })));
    scene.does(GiveGrant { account: "anna".into(), role: "administrator".into(), ..GiveGrant::default() }).unwrap();
    scene.record().execute(&anna, create()).unwrap();
    assert_eq!(scene.events("org:access", "refused/1"), 1);
    let more = GiveGrant { account: "anna".into(), role: "data_manager".into(), ..GiveGrant::default() };
    assert!(matches!(scene.record().execute(&anna, more), Err(Refusal::State { .. })));
    let last = SwitchAccount { login: "anna".into(), disabled: true, reason: "left".into() };
    assert!(matches!(scene.does(last.clone()), Err(Refusal::State { .. })), "the last administrator stays");
    scene.account("bert");
    scene.does(GiveGrant { account: "bert".into(), role: "administrator".into(), ..GiveGrant::default() }).unwrap();
    scene.does(last).unwrap();
    assert!(matches!(scene.record().execute(&anna, create()), Err(Refusal::Denied { .. })));
}

#[test]
fn wrong_attempts_count_and_make_wait() {
    let scene = Scene::new("brute");
    scene.account("anna");
    let attempt = |password: &str| prove(scene.record(), "anna", password, "").unwrap();
    for _ in 0..5 {
        assert!(matches!(attempt("wrong wrong wrong"), Err(NotProved::Wrong)));
    }
    assert!(matches!(attempt(PASSWORD), Err(NotProved::Wait { .. })), "even the right one waits");
    assert_eq!(scene.events("org", "sign_in.failed/1"), 5);
    assert_eq!(scene.events("org", "account.waits/1"), 1);
    scene.clock.advance(60_001);
    assert!(attempt(PASSWORD).is_ok());
    assert!(matches!(prove(scene.record(), "nobody", PASSWORD, "").unwrap(), Err(NotProved::Wrong)));
}

#[test]
fn a_link_works_once_and_not_for_ever() {
    let scene = Scene::new("link");
    scene.account("anna");
    let reset = || scene.does(ResetPassword { login: "anna".into() }).unwrap().0;
    let first = reset();
    let second = reset();
    let set = |link: &str| set_password_by_link(scene.record(), link, "another long secret");
    assert!(set(&first).is_err(), "a later link replaces an earlier one");
    assert!(set_password_by_link(scene.record(), &second, "short").is_err());
    set(&second).unwrap();
    assert!(set(&second).is_err(), "once");
    let third = reset();
    scene.clock.advance(4 * 24 * HOUR);
    assert!(set(&third).is_err(), "it has an end");
}

#[test]
fn sessions_end_and_a_new_password_ends_them_all() {
    let scene = Scene::new("session");
    scene.account("anna");
    let proof = || prove(scene.record(), "anna", PASSWORD, "").unwrap().unwrap();
    let (one, two) = (sign_in(scene.record(), &proof()).unwrap(), sign_in(scene.record(), &proof()).unwrap());
    assert_ne!(one, two);
    let alive = |secret: &str| resume(scene.record(), secret).unwrap().is_some();
    assert!(alive(&one) && alive(&two) && !alive("guess"));
    sign_out(scene.record(), &one).unwrap();
    assert!(!alive(&one) && alive(&two));
    scene.clock.advance(29 * 60_000);
    assert!(alive(&two), "used within half an hour");
    // Use is noted behind the asker's back: one more write, and it is.
    scene.record().ledger().write(|_| Ok::<(), Refusal>(())).unwrap();
    scene.clock.advance(29 * 60_000);
    assert!(alive(&two), "use counts");
    scene.clock.advance(31 * 60_000);
    assert!(!alive(&two));
    let three = sign_in(scene.record(), &proof()).unwrap();
    let link = scene.does(ResetPassword { login: "anna".into() }).unwrap();
    set_password_by_link(scene.record(), &link.0, "another long secret").unwrap();
    assert!(!alive(&three));
}

#[test]
fn a_code_is_taken_once_and_a_recovery_code_too() {
    let scene = Scene::new("codes");
    scene.account("anna");
    let proof = prove(scene.record(), "anna", PASSWORD, "").unwrap().unwrap();
    let codes = new_codes("anna").unwrap();
    let code = |at_ms: i64| {
        let secret: [u8; 20] = data_encoding::BASE32_NOPAD.decode(codes.secret.as_bytes()).unwrap().try_into().unwrap();
        totp_rs::Builder::new().with_secret(secret).build().unwrap().generate((at_ms / 1000) as u64).to_string()
    };
    let recovery = confirm_codes(scene.record(), &proof, &codes.secret, &code(BEGIN)).unwrap();
    let attempt = |code: &str| prove(scene.record(), "anna", PASSWORD, code).unwrap();
    assert!(matches!(attempt(""), Err(NotProved::CodeNeeded)));
    assert!(matches!(attempt(&code(BEGIN)), Err(NotProved::WrongCode)), "it confirmed the set-up already");
    scene.clock.advance(30_000);
    assert!(attempt(&code(BEGIN + 30_000)).is_ok());
    assert!(matches!(attempt(&code(BEGIN + 30_000)), Err(NotProved::WrongCode)));
    assert!(attempt(&recovery[3]).is_ok());
    assert!(matches!(attempt(&recovery[3]), Err(NotProved::WrongCode)));
}

#[test]
fn a_proof_is_of_its_own_account_and_fresh() {
    let scene = Scene::new("proof");
    for login in ["anna", "bert"] {
        scene.account(login);
        scene.does(GiveGrant { account: login.into(), role: "study_designer".into(), ..GiveGrant::default() }).unwrap();
    }
    let anna = Caller::new("anna", "s", 0);
    let proof = prove_again(scene.record(), &anna, PASSWORD, "").unwrap();
    let publish = |proof: &Proof| croft_record::study::Publish {
        study: "S1".into(),
        files: [("study.toml".to_owned(), "[study]\nid = \"S1\"\ntitle = \"One\"\n".to_owned())].into(),
        note: "first".into(),
        signature: proof.clone(),
    };
    let bert = Caller::new("bert", "s", 0);
    assert!(matches!(scene.record().execute(&bert, publish(&proof)), Err(Refusal::State { .. })));
    scene.clock.advance(121_000);
    assert!(matches!(scene.record().execute(&anna, publish(&proof)), Err(Refusal::State { .. })));
    let fresh = prove_again(scene.record(), &anna, PASSWORD, "").unwrap();
    assert_eq!(scene.record().execute(&anna, publish(&fresh)).unwrap(), 1);
}

#[test]
fn a_key_makes_no_keys() {
    let scene = Scene::new("keys");
    scene.account("anna");
    scene.does(GiveGrant { account: "anna".into(), role: "study_designer".into(), ..GiveGrant::default() }).unwrap();
    let key = |may: &[Operation], until_ms| MakeKey { name: "warehouse".into(), may: may.to_vec(), until_ms };
    let anna = Caller::new("anna", "s", 0);
    let secret = scene.record().execute(&anna, key(&[Operation::StudyRead], BEGIN + HOUR)).unwrap();
    let program = resume_key(scene.record(), &secret).unwrap().unwrap();
    for (may, until_ms) in [
        (&[Operation::StudyRead, Operation::StudyPublish][..], BEGIN + HOUR),
        (&[Operation::StudyRead], BEGIN + 100 * HOUR),
        (&[Operation::StudyRead], BEGIN + HOUR),
    ] {
        let made = scene.record().execute(&program, key(may, until_ms));
        assert!(matches!(made, Err(Refusal::Denied { .. })), "{may:?} until {until_ms}");
    }
    assert_eq!(scene.events("org", "key.made/1"), 1);
    scene.clock.advance(HOUR);
    assert!(resume_key(scene.record(), &secret).unwrap().is_none(), "it has ended");
}

/// The page of the documentation says what the table of roles says.
#[test]
fn the_documentation_lists_every_role_and_operation() {
    let page = include_str!("../../../docs/access.md");
    for (name, role) in croft_record::access::roles() {
        let trained = if role.training { "yes" } else { "" };
        let line = format!("| {} | `{name}` | {} | {trained} |", role.label, role.about);
        assert!(page.contains(&line), "docs/access.md lacks: {line}");
    }
    for operation in croft_record::access::Operation::ALL {
        // The order of roles in the page is that of the table.
        let table: toml::Table = toml::from_str(include_str!("../data/roles.toml")).unwrap();
        let holders: Vec<&str> = table
            .iter()
            .filter(|(name, _)| croft_record::access::roles()[*name].may.contains(operation))
            .map(|(name, _)| name.as_str())
            .collect();
        let line = format!("| `{}` | {} | {} |", operation.name(), operation.words(), holders.join(", "));
        assert!(page.contains(&line), "docs/access.md lacks: {line}");
    }
}
