//! How long an answer takes does not depend on the arm.
//!
//! Subjects are randomised one after the other, so arms alternate at random, and whatever else the machine does meets both alike: under the null the
//! times of one arm are a random part of all times, whatever their distribution, and the rank-sum statistic needs no more than that. An answer is too slow for
//! one arm when the statistic is beyond 3.3 in a study and, on the same side, in another one after it. By chance that happens in one of 430,000 runs of the five
//! comparisons; in one of 24,000, were the deviation of the statistic 1.15, as it is at most when times alternate within blocks of four. With 110 times of each arm
//! it finds, nine times of ten, a delay by which a time of the slower arm is the longer one in 69 of 100 pairs: for a normal spread 0.7 standard deviations. A
//! busy machine widens the spread and so weakens the test; it does not raise false alarms.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod house;
#[path = "../../record/tests/vault_scene/mod.rs"]
mod vault_scene;

use croft_record::Caller;
use croft_record::access::Proof;
use croft_record::capture::{Enrol, Entered, Place, Save};
use croft_record::supply::{Keeper, NewKits, OpenDepot, PlanSupply, Receive, Ship, SupplyPlan};
use croft_record::vault::{Break, NewScheme};
use house::House;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Instant;
use vault_scene::{STUDY, definition};

/// What the statistic must not exceed twice, on the same side.
const BOUND: f64 = 3.3;
const SUBJECTS: usize = 228;
/// The first ones warm caches.
const WARM: usize = 8;

/// Wilcoxon's rank-sum statistic of two samples, standardised: of mean 0 and deviation 1 when both come from one distribution, whatever it is. Positive when the
/// second is longer. Ties have their mean rank (Hollander, Wolfe & Chicken 2014, Nonparametric Statistical Methods, section 4.1).
fn rank_sum(first: &[u64], second: &[u64]) -> f64 {
    let mut all: Vec<(u64, bool)> =
        first.iter().map(|t| (*t, false)).chain(second.iter().map(|t| (*t, true))).collect();
    all.sort_unstable();
    let (m, n, count) = (first.len() as f64, second.len() as f64, all.len() as f64);
    let (mut sum, mut before, mut tied) = (0.0, 0.0, 0.0);
    for ties in all.chunk_by(|a, b| a.0 == b.0) {
        let t = ties.len() as f64;
        sum += (before + (t + 1.0) / 2.0) * ties.iter().filter(|time| time.1).count() as f64;
        tied += t * t * t - t;
        before += t;
    }
    let variance = m * n / 12.0 * (count + 1.0 - tied / (count * (count - 1.0)));
    (sum - n * (count + 1.0) / 2.0) / variance.sqrt()
}

/// Whether the first of two studies gives cause for the second, and the second says the same.
fn is_slower(first: f64, second: impl FnOnce() -> f64) -> bool {
    first.abs() > BOUND && first.signum() * second() > BOUND
}

/// How far the times spread, but for this share of them at either end.
fn spread(times: &[u64], beyond: f64) -> u64 {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let out = (sorted.len() as f64 * beyond) as usize;
    sorted[sorted.len() - 1 - out] - sorted[out]
}

#[test]
fn the_statistic_is_that_of_the_book() {
    // By hand: ranks 4 + 5 + 6 = 15, expected 10.5, variance 5.25.
    assert!((rank_sum(&[1, 2, 3], &[4, 5, 6]) - 4.5 / 5.25_f64.sqrt()).abs() < 1e-12);
    // Ranks of the second: 3 + 5.5 + 7.5 + 7.5 = 23.5, expected 18; ties of 3, 2 and 2: variance 16 / 12 · (9 − 36 / 56).
    let variance = 16.0 / 12.0 * (9.0 - 36.0 / 56.0);
    assert!((rank_sum(&[1, 2, 2, 3], &[2, 3, 4, 4]) - 5.5 / f64::sqrt(variance)).abs() < 1e-12);
    assert!((rank_sum(&[2, 3, 4, 4], &[1, 2, 2, 3]) + 5.5 / f64::sqrt(variance)).abs() < 1e-12);
}

/// Times of a busy machine, by a generator that always gives the same ones (Marsaglia 2003, xorshift): most are short, some ten times as long.
struct Machine(u64);

impl Machine {
    fn time(&mut self) -> u64 {
        for (left, by) in [(true, 13), (false, 7), (true, 17)] {
            self.0 ^= if left { self.0 << by } else { self.0 >> by };
        }
        let uniform = (self.0 >> 11) as f64 / (1_u64 << 53) as f64;
        (1_000_000.0 + 100_000.0 / (uniform + 0.001)) as u64
    }

    fn sample(&mut self, delay: u64) -> Vec<u64> {
        (0..(SUBJECTS - WARM) / 2).map(|_| self.time() + delay).collect()
    }
}

#[test]
fn a_delay_is_found_and_chance_is_not() {
    let mut machine = Machine(0x9e37_79b9_7f4a_7c15);
    let middle_half = spread(&machine.sample(0), 0.25);
    // Of a normal statistic 0.27 % are beyond 3: 54 of 20,000, give or take 4 deviations of 7.3.
    let beyond = (0..20_000).filter(|_| rank_sum(&machine.sample(0), &machine.sample(0)).abs() > 3.0).count();
    assert!((25..=83).contains(&beyond), "{beyond}");
    let mut found = |delay: u64, tries: u32| {
        let mut study = || rank_sum(&machine.sample(0), &machine.sample(delay));
        (0..tries).filter(|_| is_slower(study(), &mut study)).count()
    };
    assert_eq!(found(0, 20_000), 0);
    assert_eq!(found(middle_half, 1_000), 1_000, "a delay as long as the middle half of the times spreads");
    let part = found(middle_half / 2, 1_000);
    assert!(part > 900, "half of that: {part} of 1,000");
}

/// A sealed and supplied study, and subjects who can be randomised.
fn supplied(house: &House) -> Vec<String> {
    house.person("pharmacist", "pharmacist", Some(STUDY), Some("101"));
    let scheme = "study = \"CRV301\"\narms = [{ code = \"VERUM\" }, { code = \"PLACEBO\" }]\ndesign = { kind = \"random_block\", lengths = [4, 8] }\n";
    let (scheme, setup, note) = (scheme.to_owned(), "number = \"R{number:4}\"".to_owned(), String::new());
    let new = NewScheme { study: STUDY.into(), scheme, setup, note, signature: Proof::system() };
    house.vault.seal_scheme(&Caller::system(), new).unwrap();
    house.does(OpenDepot { study: STUDY.into(), depot: "D".into(), name: "Central".into() });
    let visits = vec!["BL".to_owned()];
    let plan =
        SupplyPlan { trigger: 1, level: 2, lead_days: 7, dispense_margin_days: 14, ship_margin_days: 30, visits };
    house.does(PlanSupply { study: STUDY.into(), plan });
    let arms = BTreeMap::from(["VERUM", "PLACEBO"].map(|arm| (arm.to_owned(), SUBJECTS as u32 / 2 + 8)));
    let new = NewKits { study: STUDY.into(), depot: "D".into(), lot: "L".into(), expires: "2027-12-31".into(), arms };
    let kits = house.vault.register_kits(&Caller::system(), new).unwrap().into_iter().map(|kit| kit.number).collect();
    let (from, to) = (Keeper::Depot("D".into()), Keeper::Site("101".into()));
    let shipment = house.does(Ship { study: STUDY.into(), from, to, kits });
    house.does(Receive { study: STUDY.into(), shipment, ..Receive::default() });
    let subject = |_| {
        let subject = house.does(Enrol { study: STUDY.into(), site: "101".into(), subject: None });
        let field = |item: &str, text: &str| {
            let (group, item, text) = ("baseline".to_owned(), item.to_owned(), text.to_owned());
            Entered { group, row: 1, item, text, ..Entered::default() }
        };
        let entries = vec![field("ELIG", "Y"), field("SEX", "F")];
        let place = Place::first(&subject, "BL", "BL");
        house.does(Save { study: STUDY.into(), place, entries, ..Save::default() });
        subject
    };
    (0..SUBJECTS).map(subject).collect()
}

/// By what is asked: the times of both arms.
#[expect(clippy::disallowed_methods, reason = "how long answers take is measured")]
async fn study(name: &str) -> BTreeMap<&'static str, [Vec<u64>; 2]> {
    let house = House::of(name, STUDY, definition());
    let subjects = supplied(&house);
    let secret = house.sign_in("pharmacist").await;
    // What changes nothing is asked five times, and the shortest time taken: what else the machine does only adds.
    let ask = async |method: &str, path: String, body: Value, wanted: u16| {
        let mut shortest = u64::MAX;
        for _ in 0..if wanted == 200 && method == "POST" { 1 } else { 5 } {
            let begin = Instant::now();
            let (status, text) = house.raw(&secret, method, &path, &body).await;
            shortest = shortest.min(begin.elapsed().as_nanos() as u64);
            assert_eq!(status, wanted, "{path}: {text}");
        }
        shortest
    };
    // By what is asked: subject and time.
    let mut times: BTreeMap<&str, Vec<(&String, u64)>> = BTreeMap::new();
    for subject in &subjects {
        // So that nobody asks too often.
        house.clock.advance(1000);
        let at = format!("/studies/{STUDY}/subjects/{subject}");
        let begin = Instant::now();
        house.vault.randomise(&Caller::system(), STUDY, subject, Proof::system()).unwrap();
        let randomised = begin.elapsed().as_nanos() as u64;
        let again = ask("GET", format!("{at}/randomisation"), Value::Null, 200).await;
        let dispensed = ask("POST", format!("{at}/dispensing"), json!({ "visit": "BL" }), 200).await;
        let none = ask("POST", format!("{at}/dispensing"), json!({ "visit": "BL", "count": 999 }), 409).await;
        let (study, reason, signature) = (STUDY.to_owned(), " ".to_owned(), Proof::system());
        let wish = Break { study, subject: subject.clone(), reason, signature };
        let mut refused = u64::MAX;
        for _ in 0..5 {
            let begin = Instant::now();
            assert!(house.vault.break_code(&Caller::system(), wish.clone()).is_err());
            refused = refused.min(begin.elapsed().as_nanos() as u64);
        }
        for (what, took) in [
            ("randomised", randomised),
            ("randomised already", again),
            ("dispensed", dispensed),
            ("no kit", none),
            ("a code refused", refused),
        ] {
            times.entry(what).or_default().push((subject, took));
        }
    }
    let codes = house.vault.codes(&Caller::system(), STUDY, "a test", Proof::system()).unwrap().codes;
    let arms: BTreeMap<String, String> = codes.into_iter().map(|code| (code.subject, code.arm)).collect();
    let of = |times: &[(&String, u64)], arm: &str| -> Vec<u64> {
        times[WARM..].iter().filter(|(subject, _)| arms[*subject] == arm).map(|(_, took)| *took).collect()
    };
    times.iter().map(|(what, times)| (*what, [of(times, "VERUM"), of(times, "PLACEBO")])).collect()
}

#[tokio::test]
async fn answers_take_as_long_whatever_the_arm() {
    let mut second = None;
    for (what, [verum, placebo]) in study("vault-timing").await {
        let statistic = rank_sum(&verum, &placebo);
        // All but a tenth of the times lie closer together than this: as much later, one arm is found whatever the times are.
        let delay = spread(&[verum.clone(), placebo.clone()].concat(), 0.05).max(1);
        let later: Vec<u64> = placebo.iter().map(|took| took + delay).collect();
        let found = rank_sum(&verum, &later);
        eprintln!("{what}: {statistic:.2}; with a delay of {} µs {found:.1}", delay / 1000);
        assert!(found > BOUND, "{what}: a delay of {delay} ns would not be found: {found}");
        if statistic.abs() > BOUND {
            if second.is_none() {
                second = Some(study("vault-timing-again").await);
            }
            let [verum, placebo] = &second.as_ref().unwrap()[what];
            let again = rank_sum(verum, placebo);
            assert!(!is_slower(statistic, || again), "{what} takes one arm longer: {statistic}, {again}");
        }
    }
}
