//! What holds for every scheme.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use croft_trial::randomisation::minimisation::*;
use croft_trial::randomisation::verify::verify;
use croft_trial::randomisation::*;
use proptest::prelude::*;

/// Designs for two equal arms.
fn two_arms() -> impl Strategy<Value = Design> {
    prop_oneof![
        Just(Design::Simple {}),
        prop::collection::vec((1..6u32).prop_map(|m| 2 * m), 1..4)
            .prop_map(|lengths| Design::PermutedBlock { lengths }),
        prop::collection::vec((1..6u32).prop_map(|m| 2 * m), 1..4)
            .prop_map(|lengths| Design::RandomBlock { lengths, weights: vec![] }),
        Just(Design::RandomAllocation { subjects: 60 }),
        Just(Design::TruncatedBinomial { lengths: vec![10] }),
        (0.5..1.0).prop_map(|probability| Design::BiasedCoin { probability }),
        (0.5..1.0, 1..6u32).prop_map(|(probability, tolerance)| Design::ToleranceCoin { probability, tolerance }),
        (0..3u32, 1..3u32).prop_map(|(initial, added)| Design::Urn { initial, added }),
        (1..6u32).prop_map(|tolerance| Design::BigStick { tolerance }),
        (1..6u32).prop_map(|tolerance| Design::MaximalProcedure { subjects: 60, tolerance }),
    ]
}

/// A ratio with a design that allows it.
fn any_arms() -> impl Strategy<Value = (Vec<u32>, Design)> {
    prop::collection::vec(1..4u32, 2..5).prop_flat_map(|ratio| {
        let unit: u32 = ratio.iter().sum();
        let design = prop_oneof![
            Just(Design::Simple {}),
            prop::collection::vec((1..3u32).prop_map(move |m| m * unit), 1..3)
                .prop_map(|lengths| Design::PermutedBlock { lengths }),
            prop::collection::vec((1..3u32).prop_map(move |m| m * unit), 1..3)
                .prop_map(|lengths| Design::RandomBlock { lengths, weights: vec![] }),
            Just(Design::RandomAllocation { subjects: 10 * unit }),
        ];
        (Just(ratio), design)
    })
}

fn scheme(ratio: &[u32], design: Design) -> Randomisation {
    let arms = ratio.iter().enumerate().map(|(at, &ratio)| Arm { code: format!("ARM {at}"), ratio }).collect();
    let sites = Factor { name: "site".into(), levels: vec!["01".into(), "02".into()] };
    let scheme = Scheme { study: "S".into(), version: 1, arms, design, factors: vec![sites], strata: Vec::new() };
    Randomisation::new(scheme).unwrap()
}

fn tolerance(design: &Design) -> Option<u32> {
    match design {
        Design::PermutedBlock { lengths }
        | Design::RandomBlock { lengths, .. }
        | Design::TruncatedBinomial { lengths } => lengths.iter().max().map(|length| length / 2),
        Design::ToleranceCoin { tolerance, .. }
        | Design::BigStick { tolerance }
        | Design::MaximalProcedure { tolerance, .. } => Some(*tolerance),
        Design::RandomAllocation { subjects } => Some(subjects / 2),
        _ => None,
    }
}

/// The arms of a list's first stratum.
fn arms(list: &List, randomisation: &Randomisation) -> Vec<usize> {
    list.slots.iter().filter(|s| s.stratum == "01").map(|s| randomisation.arm(&s.arm).unwrap()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn imbalance_stays_within_the_tolerance(design in two_arms(), seed in any::<[u8; 32]>()) {
        let randomisation = scheme(&[1, 1], design.clone());
        let list = List::make(&randomisation, &Seed::new(seed), Length::Exactly(60)).unwrap();
        let mut difference = 0i64;
        for arm in arms(&list, &randomisation) {
            difference += if arm == 0 { 1 } else { -1 };
            if let Some(most) = tolerance(&design) {
                prop_assert!(difference.unsigned_abs() <= u64::from(most), "{design:?}");
            }
        }
        if matches!(design, Design::MaximalProcedure { .. } | Design::RandomAllocation { .. }) {
            prop_assert_eq!(difference, 0);
        }
    }

    #[test]
    fn probabilities_sum_to_one_along_every_list((ratio, design) in any_arms(), seed in any::<[u8; 32]>()) {
        let randomisation = scheme(&ratio, design);
        let list = List::make(&randomisation, &Seed::new(seed), Length::Exactly(20)).unwrap();
        let rule = &randomisation.strata()[0].rule;
        let mut walk = Walk::new(rule);
        let mut product = 1.0;
        let sequence = arms(&list, &randomisation);
        for &arm in &sequence {
            let law = walk.probabilities().unwrap();
            prop_assert!((law.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{:?}", law);
            prop_assert!(law.iter().all(|p| (0.0..=1.0 + 1e-12).contains(p)));
            product *= walk.take(arm).unwrap();
        }
        let p = sequence_probability(rule, &sequence).unwrap();
        prop_assert!((p - product).abs() <= 1e-12 * p);
    }

    #[test]
    fn the_sequences_that_are_possible_have_probability_one_in_all(design in two_arms()) {
        let rule = Rule::new(&[1, 1], &design).unwrap();
        let sum: f64 = sequences(&rule, 7, 200).unwrap().iter().map(|s| s.probability).sum();
        prop_assert!((sum - 1.0).abs() < 1e-12, "{}", sum);
    }

    #[test]
    fn two_arms_can_be_exchanged(design in two_arms(), seed in any::<[u8; 32]>()) {
        let randomisation = scheme(&[1, 1], design);
        let list = List::make(&randomisation, &Seed::new(seed), Length::Exactly(40)).unwrap();
        let rule = &randomisation.strata()[0].rule;
        let sequence = arms(&list, &randomisation);
        let exchanged: Vec<usize> = sequence.iter().map(|arm| 1 - arm).collect();
        let (p, q) = (sequence_ln_probability(rule, &sequence).unwrap(), sequence_ln_probability(rule, &exchanged).unwrap());
        prop_assert!((p - q).abs() < 1e-9, "{} {}", p, q);
    }

    #[test]
    fn a_list_is_the_beginning_of_a_longer_one((ratio, design) in any_arms(), seed in any::<[u8; 32]>(), n in 1..20u32) {
        let randomisation = scheme(&ratio, design);
        let make = |n| List::make(&randomisation, &Seed::new(seed), Length::Exactly(n)).unwrap();
        let (short, long) = (make(n), make(20));
        for slot in &short.slots {
            prop_assert!(long.slots.contains(slot));
        }
    }

    #[test]
    fn whole_blocks_keep_the_ratio_and_verify((ratio, design) in any_arms(), seed in any::<[u8; 32]>(), n in 1..20u32) {
        let randomisation = scheme(&ratio, design.clone());
        let list = List::make(&randomisation, &Seed::new(seed), Length::WholeBlocks(n)).unwrap();
        let given = GivenList::from_csv(list.to_csv().as_bytes()).unwrap();
        prop_assert_eq!(verify(&given, &randomisation).findings, vec![]);
        if !matches!(design, Design::Simple {}) {
            let sequence = arms(&list, &randomisation);
            let counts: Vec<usize> = (0..ratio.len()).map(|arm| sequence.iter().filter(|a| **a == arm).count()).collect();
            let rounds = counts[0] / ratio[0] as usize;
            prop_assert!(counts.iter().zip(&ratio).all(|(n, r)| *n == rounds * *r as usize), "{:?} {:?}", counts, ratio);
        }
    }

    #[test]
    fn one_wrong_arm_is_found_in_its_block(seed in any::<[u8; 32]>(), at in 0..80usize) {
        let randomisation = scheme(&[1, 1], Design::RandomBlock { lengths: vec![2, 4], weights: vec![] });
        let mut list = List::make(&randomisation, &Seed::new(seed), Length::WholeBlocks(40)).unwrap();
        let slot = &mut list.slots[at];
        slot.arm = if slot.arm == "ARM 0" { "ARM 1".into() } else { "ARM 0".into() };
        let (stratum, block) = (slot.stratum.clone(), slot.block.unwrap().number.to_string());
        let given = GivenList::from_csv(list.to_csv().as_bytes()).unwrap();
        let found = verify(&given, &randomisation).findings;
        prop_assert_eq!(found.len(), 1);
        prop_assert_eq!(&found[0].stratum, &stratum);
        let named = match &found[0].what {
            verify::Wrong::Unbalanced { block, .. } => block.as_str(),
            _ => "",
        };
        prop_assert_eq!(named, block);
    }

    /// What minimisation knows of the past is a tally: the order of the subjects does not matter.
    #[test]
    fn the_order_of_minimised_subjects_does_not_matter(
        subjects in prop::collection::vec((0..2usize, 0..3usize, 0..3usize), 0..30),
        turn in any::<prop::sample::Index>(),
        levels in (0..2usize, 0..3usize),
        measure in prop_oneof![Just(Measure::Range), Just(Measure::StandardDeviation), Just(Measure::Variance)],
        ties in prop_oneof![Just(Share::Equal), Just(Share::Ratio)],
        probability in 0.34..1.0,
    ) {
        let factor = |name: &str, levels: usize, weight| BalancedFactor {
            name: name.into(),
            levels: (0..levels).map(|level| level.to_string()).collect(),
            weight,
            prevalence: Vec::new(),
        };
        let factors = vec![factor("a", 2, 0.7), factor("b", 3, 0.3)];
        let minimisation = Minimisation { factors, measure, probability, ties, others: ties };
        let minimiser = Minimiser { minimisation: &minimisation, ratio: &[2, 2, 1] };
        let history: Vec<Subject> =
            subjects.iter().map(|&(a, b, arm)| Subject { levels: vec![a, b], arm }).collect();
        let mut turned = history.clone();
        if !turned.is_empty() {
            let by = turn.index(turned.len());
            turned.rotate_left(by);
            turned.reverse();
        }
        let law = |history: &[Subject]| {
            minimiser.probabilities(&minimiser.tally(history).unwrap(), &[levels.0, levels.1]).unwrap()
        };
        let found = law(&history);
        prop_assert_eq!(&found, &law(&turned));
        prop_assert!((found.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        prop_assert!(found.iter().all(|p| *p >= 0.0));
    }

    /// In blocks the order within those that are over does not matter.
    #[test]
    fn the_order_within_blocks_that_are_over_does_not_matter(seed in any::<[u8; 32]>()) {
        let randomisation = scheme(&[1, 1], Design::PermutedBlock { lengths: vec![4] });
        let list = List::make(&randomisation, &Seed::new(seed), Length::Exactly(6)).unwrap();
        let sequence = arms(&list, &randomisation);
        let mut other = sequence.clone();
        other[..4].reverse();
        let rule = &randomisation.strata()[0].rule;
        prop_assert_eq!(
            Walk::along(rule, &sequence).unwrap().probabilities(),
            Walk::along(rule, &other).unwrap().probabilities()
        );
    }
}
