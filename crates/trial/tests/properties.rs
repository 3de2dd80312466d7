//! Properties of designs against the reference set, and the three ways of finding them against each other.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use croft_testkit::{assert_checked, csv_rows, reference};
use croft_trial::randomisation::minimisation::{BalancedFactor, Measure, Minimisation};
use croft_trial::randomisation::properties::*;
use croft_trial::randomisation::{Design, Rule, Share, sequences};
use serde::Deserialize;

#[derive(Deserialize)]
struct Expected {
    design: String,
    params: String,
    metric: String,
    value: f64,
    tolerance: f64,
}

#[test]
fn properties_agree_with_reference() {
    let Some(folder) = reference("platform/randomisation") else { return };
    let mut checked = 0;
    for row in csv_rows::<Expected>(folder.join("expected.csv")) {
        let (rule, n) = common::design(&row.design, &row.params);
        let effort = Effort::default();
        let exact = properties(&rule, n as u32, &effort).unwrap();
        let states = over_states(&rule, n as u32, 1_000_000).unwrap();
        assert_eq!((exact.method, states.method), (Method::Exact, Method::Exact));
        let found = |p: &Properties| match row.metric.as_str() {
            "n_reachable_sequences" => sequences(&rule, n, 1_000).unwrap().len() as f64,
            "sum_of_probabilities" => sequences(&rule, n, 1_000).unwrap().iter().map(|s| s.probability).sum(),
            "expected_correct_guesses_convergence" => p.correct_guesses_convergence.value,
            "expected_correct_guesses_divergence" => p.correct_guesses_divergence.value,
            "mean_final_imbalance" => p.final_imbalance.unwrap().value,
            "mean_abs_final_imbalance" => p.abs_final_imbalance.value,
            "mean_max_abs_imbalance" => p.max_abs_imbalance.value,
            "mean_loss" => p.loss.value,
            other => panic!("{other}"),
        };
        for way in [&exact, &states] {
            let got = found(way);
            let what = format!("{} {} {}: {got} for {}", row.design, row.params, row.metric, row.value);
            assert!((got - row.value).abs() <= row.tolerance.max(1e-9), "{what}");
        }
        checked += 1;
    }
    assert_checked("properties", checked, 108);
}

fn two_arms(design: Design) -> Rule {
    Rule::new(&[1, 1], &design).unwrap()
}

fn values(p: &Properties) -> [Estimate; 7] {
    [
        p.correct_guesses_convergence,
        p.correct_guesses_divergence,
        p.forced,
        p.final_imbalance.unwrap_or(Estimate { value: 0.0, standard_error: None }),
        p.abs_final_imbalance,
        p.max_abs_imbalance,
        p.loss,
    ]
}

/// Equal but for rounding where both are exact, else within 4 standard errors.
fn agree(what: &str, a: &Properties, b: &Properties) {
    for (at, (x, y)) in values(a).iter().zip(values(b)).enumerate() {
        let error = x.standard_error.or(y.standard_error).map_or(1e-11, |se| 4.0 * se + 1e-12);
        assert!((x.value - y.value).abs() <= error, "{what}, number {at}: {x:?} {y:?}");
    }
}

/// The distribution at the end: sums to 1, has the mean that is told, and is that of the other way but for rounding or 4 standard errors.
fn agree_at_the_end(what: &str, exact: &Properties, other: &Properties, trials: Option<f64>) {
    for p in [exact, other] {
        let sum: f64 = p.left.iter().map(|left| left.probability).sum();
        let mean: f64 = p.left.iter().map(|left| left.probability * left.abs_imbalance).sum();
        assert!((sum - 1.0).abs() < 1e-9, "{what}: {sum}");
        assert!((mean - p.abs_final_imbalance.value).abs() < 1e-9, "{what}: {mean} {:?}", p.abs_final_imbalance);
        assert!(p.left.windows(2).all(|two| two[0].abs_imbalance < two[1].abs_imbalance), "{what}: {:?}", p.left);
    }
    for left in &exact.left {
        let same = other.left.iter().find(|o| (o.abs_imbalance - left.abs_imbalance).abs() < 1e-9);
        let (p, q) = (left.probability, same.map_or(0.0, |same| same.probability));
        let error = trials.map_or(1e-11, |n| 4.0 * (p * (1.0 - p).max(0.0) / n).sqrt() + 4.0 / n);
        assert!((p - q).abs() <= error, "{what}: V = {}: {p} {q}", left.abs_imbalance);
    }
}

#[test]
fn the_three_ways_agree() {
    let n = 24;
    let designs = [
        Design::Simple {},
        Design::PermutedBlock { lengths: vec![4, 6, 2] },
        Design::RandomBlock { lengths: vec![2, 4, 6], weights: vec![1.0, 2.0, 1.0] },
        Design::RandomAllocation { subjects: n },
        Design::TruncatedBinomial { lengths: vec![12] },
        Design::BiasedCoin { probability: 2.0 / 3.0 },
        Design::ToleranceCoin { probability: 0.6, tolerance: 3 },
        Design::Urn { initial: 1, added: 2 },
        Design::BigStick { tolerance: 3 },
        Design::MaximalProcedure { subjects: n, tolerance: 3 },
    ];
    let effort = Effort { trials: 4_000, ..Effort::default() };
    for design in designs {
        let rule = two_arms(design);
        let what = rule.design().name();
        let exact = properties(&rule, n, &effort).unwrap();
        assert_eq!(exact.method, Method::Exact, "{what}");
        let over_states = over_states(&rule, n, 10_000_000).unwrap();
        agree(what, &exact, &over_states);
        agree_at_the_end(what, &exact, &over_states, None);
        let simulated = simulated(&rule, n, &effort).unwrap();
        agree(what, &exact, &simulated);
        agree_at_the_end(what, &exact, &simulated, Some(4_000.0));
        for (a, b) in exact.steps.iter().zip(&simulated.steps) {
            assert!((a.abs_imbalance - b.abs_imbalance).abs() < 0.2, "{what} {a:?} {b:?}");
            assert!((a.correct_guess - b.correct_guess).abs() < 0.05, "{what} {a:?} {b:?}");
        }
    }
    for (ratio, design) in [
        (vec![1, 1, 1], Design::PermutedBlock { lengths: vec![6] }),
        (vec![2, 1], Design::RandomBlock { lengths: vec![3, 6], weights: vec![] }),
        (vec![2, 2, 1], Design::Simple {}),
        (vec![1, 1, 1], Design::Urn { initial: 0, added: 1 }),
    ] {
        let rule = Rule::new(&ratio, &design).unwrap();
        let exact = properties(&rule, 18, &effort).unwrap();
        assert_eq!(exact.method, Method::Exact, "{design:?}");
        let simulated = simulated(&rule, 18, &effort).unwrap();
        agree(design.name(), &exact, &simulated);
        agree_at_the_end(design.name(), &exact, &simulated, Some(4_000.0));
    }
}

#[test]
fn a_thousand_subjects_have_the_limits_of_theory() {
    let effort = Effort::default();
    // simple: E|D| of a binomial, √(2n/π) (1 − 1/(4n)) to the order of n^-2
    let simple = properties(&two_arms(Design::Simple {}), 1_000, &effort).unwrap();
    assert_eq!(simple.method, Method::Exact);
    let n = 1_000.0;
    let expected = (2.0 * n / std::f64::consts::PI).sqrt() * (1.0 - 1.0 / (4.0 * n));
    assert!((simple.abs_final_imbalance.value - expected).abs() < 1e-5);
    assert!((simple.loss.value - 1.0).abs() < 1e-12);
    assert!((simple.correct_guesses_convergence.value - 0.5).abs() < 1e-12);
    // reflection principle: E max|D| of a random walk, √(πn/2) in the limit
    assert!((simple.max_abs_imbalance.value / (std::f64::consts::PI * n / 2.0).sqrt() - 1.0).abs() < 0.02);
    // Efron 1971: P(D = 0) tends to 1 − q/p at even n, so the guess is right with ½ + (p − q)/(4p)·… = ½ + (r − 1)/4r, r = p/q
    let coin = properties(&two_arms(Design::BiasedCoin { probability: 2.0 / 3.0 }), 1_000, &effort).unwrap();
    assert!((coin.steps.last().unwrap().correct_guess + coin.steps[998].correct_guess - 1.25).abs() < 1e-9);
    // big stick, Soares & Wu 1983: |D| is uniform over the circle of 2b states, forced for 1/(2b)
    let stick = properties(&two_arms(Design::BigStick { tolerance: 3 }), 1_000, &effort).unwrap();
    assert!((stick.forced.value - 1.0 / 6.0).abs() < 2e-3);
    // Blackwell & Hodges 1957: a block of 2m: ½ + (2^2m / (2m choose m) − 1) / 4m right
    let block = properties(&two_arms(Design::PermutedBlock { lengths: vec![8] }), 1_000, &effort).unwrap();
    assert!((block.correct_guesses_convergence.value - (0.5 + (256.0 / 70.0 - 1.0) / 16.0)).abs() < 1e-12);
}

#[test]
fn minimisation_is_simulated_and_the_same_seed_gives_the_same() {
    let factor = |name: &str, levels: &[&str], weight, prevalence: &[f64]| BalancedFactor {
        name: name.into(),
        levels: levels.iter().map(|&level| level.to_owned()).collect(),
        weight,
        prevalence: prevalence.to_vec(),
    };
    let design = |probability| {
        Design::Minimisation(Minimisation {
            factors: vec![factor("sex", &["F", "M"], 1.0, &[]), factor("age", &["<65", ">=65"], 2.0, &[0.9, 0.1])],
            measure: Measure::Range,
            probability,
            ties: Share::Equal,
            others: Share::Equal,
        })
    };
    let effort = Effort { trials: 500, ..Effort::default() };
    let strict = properties(&two_arms(design(0.95)), 100, &effort).unwrap();
    let loose = properties(&two_arms(design(0.55)), 100, &effort).unwrap();
    assert!(matches!(strict.method, Method::Simulated { trials: 500, .. }));
    assert_eq!(strict, properties(&two_arms(design(0.95)), 100, &effort).unwrap());
    assert_eq!(strict.levels.len(), 4);
    assert!(strict.levels.iter().zip(&loose.levels).all(|(a, b)| a.abs_imbalance.value < b.abs_imbalance.value));
    // with p = ½ minimisation is simple randomisation, but for the first subject
    let coin = properties(&two_arms(design(0.5)), 100, &Effort { trials: 4_000, ..effort }).unwrap();
    agree("p = 1/2", &coin, &properties(&two_arms(Design::Simple {}), 100, &effort).unwrap());
}

#[test]
fn subjects_beyond_the_design_are_refused() {
    let rule = two_arms(Design::RandomAllocation { subjects: 20 });
    let error = properties(&rule, 21, &Effort::default()).unwrap_err();
    assert!(error.to_string().contains("`subjects` is 21"), "{error}");
    assert!(properties(&rule, 0, &Effort::default()).is_err());
    assert!(properties(&two_arms(Design::Simple {}), 10, &Effort { trials: 1, ..Effort::default() }).is_err());
}
