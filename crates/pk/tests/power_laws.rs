//! Laws that power obeys, and simulated subjects.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use croft_pk::power::*;
use proptest::prelude::*;

fn any_design() -> impl Strategy<Value = Design> {
    proptest::sample::select(DESIGNS.map(|facts| facts.design).to_vec())
}

fn power(plan: AverageBe, subjects: u32) -> f64 {
    tost_power(&plan, &Subjects::total(plan.design, subjects).unwrap()).unwrap()
}

proptest! {
    #[test]
    fn power_rises_with_subjects(design in any_design(), cv in 0.05..0.8, theta0 in 0.85..1.18, sets in 2u32..40) {
        let plan = AverageBe { theta0, ..AverageBe::new(design, cv) };
        let step = design.facts().sequences;
        let n = (sets * step).max(design.least_subjects());
        // Not a law where next to nothing passes: with few degrees of freedom a lucky small variance decides.
        let before = power(plan, n);
        prop_assert!(before < 0.1 || power(plan, n + step) >= before - 1e-12);
    }

    #[test]
    fn power_falls_with_variability(design in any_design(), cv in 0.05..0.8, theta0 in 0.85..1.18, n in 12u32..100) {
        let plan = |cv| AverageBe { theta0, ..AverageBe::new(design, cv) };
        prop_assert!(power(plan(cv * 1.05), n) <= power(plan(cv), n) + 1e-12);
    }

    #[test]
    fn a_ratio_and_its_inverse_have_the_same_power(design in any_design(), cv in 0.05..0.8, theta0 in 0.7..1.4, n in 12u32..100) {
        let plan = |theta0| AverageBe { theta0, ..AverageBe::new(design, cv) };
        prop_assert!((power(plan(theta0), n) - power(plan(1.0 / theta0), n)).abs() < 1e-11);
    }

    #[test]
    fn the_exact_power_is_at_least_its_approximations(cv in 0.05..1.0, theta0 in 0.8..1.25, n in 6u32..100) {
        let plan = |method| AverageBe { theta0, method, ..AverageBe::new(Design::Crossover2x2, cv) };
        prop_assert!(power(plan(PowerMethod::Exact), n) >= power(plan(PowerMethod::NoncentralT), n) - 1e-11);
    }

    #[test]
    fn a_found_number_is_the_smallest(design in any_design(), cv in 0.05..1.2, theta0 in 0.86..1.16, target in 0.5..0.95) {
        let plan = AverageBe { theta0, ..AverageBe::new(design, cv) };
        let found = tost_sample_size(&plan, target).unwrap();
        let step = design.facts().sequences;
        prop_assert!(found.power >= target && found.subjects.is_multiple_of(step));
        if found.subjects > design.least_subjects() {
            prop_assert!(power(plan, found.subjects - step) < target);
        }
    }

    #[test]
    fn an_interval_and_its_cv_give_one_another(design in any_design(), cv in 0.02..2.0, ratio in 0.5..2.0, n in 12u32..200) {
        let subjects = Subjects::total(design, n).unwrap();
        let (lower, upper) = interval_from_cv(ratio, cv, &subjects, 0.05).unwrap();
        prop_assert!((cv_from_interval(lower, upper, &subjects, 0.05).unwrap() / cv - 1.0).abs() < 1e-9);
    }

    #[test]
    fn no_input_panics(cv in any::<f64>(), theta0 in any::<f64>(), lower in any::<f64>(), upper in any::<f64>(), alpha in any::<f64>(), n in any::<u32>()) {
        for design in DESIGNS.map(|facts| facts.design) {
            let plan = AverageBe { theta0, lower, upper, alpha, ..AverageBe::new(design, cv) };
            if let Ok(subjects) = Subjects::total(design, n) {
                if let Ok(power) = tost_power(&plan, &subjects) {
                    prop_assert!((0.0..=1.0).contains(&power));
                }
                let _ = (cv_from_interval(lower, upper, &subjects, alpha), interval_from_cv(theta0, cv, &subjects, alpha));
            }
        }
    }
}

/// Expanded limits, ratio 0.95, subjects simulated and analysed one by one, 500,000 studies: Labes (2016), PowerTOST document
/// "Implementation of scaled ABE sims" 0.10, appendix, pages 14 and 15.
#[test]
fn exact_statistics_agree_with_simulated_subjects() {
    #[rustfmt::skip]
    let published: &[(Design, f64, f64, &[u32], f64)] = &[
        (Design::Partial2x3x3, 0.2, 0.2, &[4, 4, 4], 0.7522),
        (Design::Partial2x3x3, 0.3, 0.3, &[4, 4, 4], 0.4066),
        (Design::Partial2x3x3, 0.3, 0.3, &[8, 8, 8], 0.7790),
        (Design::Partial2x3x3, 0.3, 0.3, &[16, 16, 16], 0.9632),
        (Design::Partial2x3x3, 0.4, 0.4, &[8, 8, 8], 0.7398),
        (Design::Partial2x3x3, 0.5, 0.5, &[8, 8, 8], 0.7048),
        (Design::Partial2x3x3, 0.3, 0.5, &[4, 4, 4], 0.3762),
        (Design::Partial2x3x3, 0.3, 0.5, &[8, 8, 8], 0.8623),
        (Design::Partial2x3x3, 0.3, 0.5, &[16, 16, 16], 0.9934),
        (Design::Partial2x3x3, 0.5, 0.3, &[4, 4, 4], 0.1452),
        (Design::Partial2x3x3, 0.5, 0.3, &[8, 8, 8], 0.5179),
        (Design::Partial2x3x3, 0.5, 0.3, &[16, 16, 16], 0.8284),
        (Design::Replicate2x2x4, 0.2, 0.2, &[6, 6], 0.9024),
        (Design::Replicate2x2x4, 0.3, 0.3, &[6, 6], 0.6552),
        (Design::Replicate2x2x4, 0.3, 0.3, &[12, 12], 0.9120),
        (Design::Replicate2x2x4, 0.4090, 0.4090, &[12, 12], 0.8878),
        (Design::Replicate2x2x4, 0.5, 0.5, &[12, 12], 0.8787),
        (Design::Replicate2x2x4, 0.3, 0.5, &[6, 6], 0.6955),
        (Design::Replicate2x2x4, 0.3, 0.5, &[12, 12], 0.9603),
        (Design::Replicate2x2x4, 0.5, 0.3, &[6, 6], 0.3011),
        (Design::Replicate2x2x4, 0.5, 0.3, &[12, 12], 0.6974),
        (Design::Replicate2x2x3, 0.3, 0.3, &[12, 12], 0.7884),
        (Design::Replicate2x2x3, 0.3, 0.3, &[21, 15], 0.9080),
        (Design::Replicate2x2x3, 0.4, 0.4, &[21, 15], 0.8659),
        (Design::Replicate2x2x3, 0.5, 0.5, &[21, 15], 0.8468),
        (Design::Replicate2x2x3, 0.5, 0.5, &[15, 21], 0.8660),
        (Design::Replicate2x2x3, 0.5, 0.3, &[12, 12], 0.4857),
        (Design::Replicate2x2x3, 0.5, 0.3, &[21, 15], 0.6815),
        (Design::Replicate2x2x3, 0.5, 0.3, &[15, 21], 0.6987),
    ];
    for &(design, cv_wt, cv_wr, counts, expected) in published {
        let study = ScaledStudy {
            cv_wt,
            theta0: 0.95,
            statistics: Statistics::Exact,
            ..ScaledStudy::new(design, cv_wr, ScaledCriterion::ema())
        };
        let subjects = Subjects::by_sequence(design, counts).unwrap();
        let got = scaled_power(&study, &subjects, &Effort::new(500_000)).unwrap().power;
        // Four standard errors of the difference of two runs of 500,000.
        let allowed = 4.0 * (2.0 * expected * (1.0 - expected) / 500_000.0).sqrt() + 0.000_05;
        assert!((got - expected).abs() < allowed, "{design} {cv_wt} {cv_wr} {counts:?}: {got} vs {expected}");
    }
    croft_testkit::assert_checked("simulated subjects", published.len(), 29);
}

/// FDA's criterion, ratio 0.95, subjects simulated one by one, 100,000 studies: the same document, pages 16 and 17.
#[test]
fn the_linearised_criterion_agrees_with_simulated_subjects() {
    #[rustfmt::skip]
    let published: &[(Design, f64, f64, &[u32], f64)] = &[
        (Design::Partial2x3x3, 0.3, 0.3, &[4, 4, 4], 0.4123),
        (Design::Partial2x3x3, 0.5, 0.5, &[8, 8, 8], 0.8132),
        (Design::Partial2x3x3, 0.3, 0.5, &[8, 8, 8], 0.9406),
        (Design::Replicate2x2x4, 0.3, 0.3, &[12, 12], 0.9172),
        (Design::Replicate2x2x4, 0.5, 0.3, &[12, 12], 0.7264),
        (Design::Replicate2x2x3, 0.3, 0.3, &[12, 12], 0.7967),
        (Design::Replicate2x2x3, 0.5, 0.5, &[21, 15], 0.8969),
        // Unequal sequences with different variances, where PowerTOST's pooled contrast is off by 0.006 and 0.005.
        (Design::Replicate2x2x3, 0.5, 0.3, &[21, 15], 0.7278),
        (Design::Replicate2x2x3, 0.3, 0.5, &[21, 15], 0.9572),
    ];
    for &(design, cv_wt, cv_wr, counts, expected) in published {
        let study = ScaledStudy { cv_wt, theta0: 0.95, ..ScaledStudy::new(design, cv_wr, ScaledCriterion::fda()) };
        let subjects = Subjects::by_sequence(design, counts).unwrap();
        let got = scaled_power(&study, &subjects, &Effort::new(500_000)).unwrap().power;
        // Four standard errors of 100,000 studies, and those whose swR lies between 0.2936 and 0.294.
        let allowed = 4.0 * (expected * (1.0 - expected) / 100_000.0_f64).sqrt() + 0.001;
        assert!((got - expected).abs() < allowed, "{design} {cv_wt} {cv_wr} {counts:?}: {got} vs {expected}");
    }
    croft_testkit::assert_checked("simulated subjects, linearised", published.len(), 9);
}
