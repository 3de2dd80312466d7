//! Sequences of the reference set: their probabilities, and that draws follow them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use croft_num::dist::{ChiSquared, Continuous};
use croft_testkit::{assert_checked, assert_close, csv_rows, reference};
use croft_trial::randomisation::*;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Case {
    design: String,
    params: String,
    sequence: String,
    probability: f64,
}

fn arms(sequence: &str) -> Vec<usize> {
    sequence.bytes().map(|letter| usize::from(letter == b'B')).collect()
}

/// Probability by sequence.
type Law = BTreeMap<Vec<usize>, f64>;

/// Design and parameters, with what is expected of them.
fn cases() -> Option<BTreeMap<(String, String), Law>> {
    let file = reference("platform/randomisation")?.join("sequence-probabilities.csv");
    let mut cases: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
    for case in csv_rows::<Case>(file) {
        let of_design = cases.entry((case.design, case.params)).or_default();
        assert!(of_design.insert(arms(&case.sequence), case.probability).is_none());
    }
    Some(cases)
}

#[test]
fn every_sequence_has_its_published_probability_and_no_other_is_possible() {
    let Some(cases) = cases() else { return };
    let mut checked = 0;
    for ((name, params), expected) in &cases {
        let (rule, n) = common::design(name, params);
        let found = sequences(&rule, n, 1_000).unwrap();
        assert_eq!(found.len(), expected.len(), "{name} {params}");
        for sequence in found {
            let what = format!("{name} {params} {:?}", sequence.arms);
            let p = *expected.get(&sequence.arms).unwrap_or_else(|| panic!("{what} should not be possible"));
            assert_close(&what, sequence.probability, p, 1e-9);
            assert_close(&what, sequence_probability(&rule, &sequence.arms).unwrap(), p, 1e-9);
            assert_close(&what, sequence_ln_probability(&rule, &sequence.arms).unwrap(), croft_num::math::ln(p), 1e-9);
            checked += 1;
        }
        let sum: f64 = expected.values().sum();
        assert_close(&format!("{name} {params}"), sum, 1.0, 1e-9);
    }
    assert_checked("sequences", checked, 754);
    assert_checked("designs", cases.len(), 18);
}

#[test]
fn a_hundred_thousand_draws_fit_the_probabilities() {
    let Some(cases) = cases() else { return };
    let draws = 100_000u32;
    for ((name, params), expected) in &cases {
        let (rule, n) = common::design(name, params);
        let scheme = Scheme {
            study: "S".into(),
            version: 1,
            arms: ["A", "B"].map(|code| Arm { code: code.into(), ratio: 1 }).into(),
            design: rule.design().clone(),
            factors: Vec::new(),
            strata: Vec::new(),
        };
        let randomisation = Randomisation::new(scheme).unwrap();
        let mut counts: BTreeMap<Vec<usize>, u32> = BTreeMap::new();
        for draw in 0..draws {
            let mut seed = [7; 32];
            seed[..4].copy_from_slice(&draw.to_le_bytes());
            let mut allocator = randomisation.allocator(&Seed::new(seed), "").unwrap();
            let sequence = (0..n).map(|_| allocator.allocate().unwrap().arm).collect();
            *counts.entry(sequence).or_default() += 1;
        }
        assert!(counts.keys().all(|sequence| expected.contains_key(sequence)), "{name} {params}");
        let statistic: f64 = expected
            .iter()
            .map(|(sequence, p)| {
                let (seen, due) = (f64::from(counts.get(sequence).copied().unwrap_or(0)), p * f64::from(draws));
                (seen - due) * (seen - due) / due
            })
            .sum();
        let p = ChiSquared::new((expected.len() - 1) as f64).unwrap().sf(statistic);
        assert!(p > 1e-4, "{name} {params}: chi-squared {statistic}, p {p}");
    }
}

#[test]
fn random_blocks_average_over_the_lengths_that_are_not_seen() {
    // by hand: lengths 2 and 4 alike; after A the block is one of 2 (then B) or of 4 (then B with 2/3): both were equally likely to give A
    let rule = Rule::new(&[1, 1], &Design::RandomBlock { lengths: vec![2, 4], weights: vec![] }).unwrap();
    let law = Walk::along(&rule, &[0]).unwrap().probabilities().unwrap();
    assert_close("B after A", law[1], 0.5 * (1.0 + 2.0 / 3.0), 1e-12);
    // A A can only be a block of 4: B B follow for certain
    let law = Walk::along(&rule, &[0, 0]).unwrap().probabilities().unwrap();
    assert_eq!(law, [0.0, 1.0]);
    // four subjects: the divisions 2+2, 2+4, 4, each summed by hand for A B A B
    let p = sequence_probability(&rule, &[0, 1, 0, 1]).unwrap();
    let two = 0.5 * 0.5;
    let by_hand = 0.5 / 6.0 + two * two + two * 0.5 * (2.0 / 6.0);
    assert_close("A B A B", p, by_hand, 1e-12);
    let sum: f64 = sequences(&rule, 8, 1_000).unwrap().iter().map(|s| s.probability).sum();
    assert_close("sum", sum, 1.0, 1e-12);
}

#[test]
fn three_arms_and_unequal_ratios_keep_their_blocks() {
    let rule = Rule::new(&[2, 1, 1], &Design::PermutedBlock { lengths: vec![4] }).unwrap();
    // 4! / 2! orders, each alike
    let all = sequences(&rule, 4, 100).unwrap();
    assert_eq!(all.len(), 12);
    assert!(all.iter().all(|s| (s.probability - 1.0 / 12.0).abs() < 1e-15));
    let rule = Rule::new(&[1, 1, 1], &Design::Urn { initial: 1, added: 1 }).unwrap();
    // Wei: after one A, (1 + 0) : (1 + 1) : (1 + 1) of 5 balls
    let law = Walk::along(&rule, &[0]).unwrap().probabilities().unwrap();
    assert_close("A", law[0], 0.2, 1e-15);
    assert_close("B", law[1], 0.4, 1e-15);
}

#[test]
fn the_maximal_procedure_is_even_over_its_sequences_in_long_trials() {
    let rule = Rule::new(&[1, 1], &Design::MaximalProcedure { subjects: 16, tolerance: 3 }).unwrap();
    let all = sequences(&rule, 16, 20_000).unwrap();
    let even = 1.0 / all.len() as f64;
    assert!(all.iter().all(|s| (s.probability / even - 1.0).abs() < 1e-12));
    let in_bounds = |s: &Sequence| {
        let mut d = 0i32;
        s.arms.iter().all(|&arm| {
            d += if arm == 0 { 1 } else { -1 };
            d.abs() <= 3
        }) && d == 0
    };
    assert!(all.iter().all(in_bounds));
    // with the widest tolerance it is the random allocation rule
    let widest = Rule::new(&[1, 1], &Design::MaximalProcedure { subjects: 10, tolerance: 5 }).unwrap();
    assert_eq!(sequences(&widest, 10, 1_000).unwrap().len(), 252);
}
