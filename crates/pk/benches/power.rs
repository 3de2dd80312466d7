//! Power and sample size. Peer: PowerTOST 1.5-7 in R 4.2.2, CPU seconds on the same kind of two-core machine under load.
//! Ours in the same measure (user time of 10⁷ simulated studies over ten): expanded limits 2x2x4 0.064 s, 2x3x3 0.046 s, linearised
//! criterion 2x2x4 0.049 s for 10⁶; on two idle cores half of that by the clock.

#![allow(clippy::unwrap_used, reason = "a bench, as a test, stops where its plan is wrong")]

use croft_pk::power::*;
use std::num::NonZeroUsize;

fn main() {
    divan::main();
}

fn scaled(
    design: Design,
    subjects: u32,
    criterion: ScaledCriterion,
    statistics: Statistics,
    threads: Option<usize>,
) -> ScaledPower {
    let study = ScaledStudy { statistics, ..ScaledStudy::new(design, 0.4, criterion) };
    let subjects = Subjects::total(design, subjects).unwrap();
    let effort = Effort { threads: threads.and_then(NonZeroUsize::new), ..Effort::new(1_000_000) };
    scaled_power(&study, &subjects, &effort).unwrap()
}

/// Peer: power.scABEL, 10⁶ simulations, 2x2x4, 34 subjects: 0.34-0.93 s. Target: under 0.05 s on two idle cores.
#[divan::bench]
fn expanded_limits_million_2x2x4() -> ScaledPower {
    scaled(Design::Replicate2x2x4, 34, ScaledCriterion::ema(), Statistics::KeyStatistics, None)
}

/// The same numbers on one thread.
#[divan::bench]
fn expanded_limits_million_2x2x4_one_thread() -> ScaledPower {
    scaled(Design::Replicate2x2x4, 34, ScaledCriterion::ema(), Statistics::KeyStatistics, Some(1))
}

/// Peer: power.scABEL, 2x3x3, 42 subjects: 0.33-0.50 s.
#[divan::bench]
fn expanded_limits_million_2x3x3() -> ScaledPower {
    scaled(Design::Partial2x3x3, 42, ScaledCriterion::ema(), Statistics::KeyStatistics, None)
}

/// Peer: power.scABEL.sdsims, which simulates subjects: 20-24 s for 10⁶ (2.0-2.4 s for 10⁵).
#[divan::bench]
fn expanded_limits_million_exact_2x3x3() -> ScaledPower {
    scaled(Design::Partial2x3x3, 42, ScaledCriterion::ema(), Statistics::Exact, None)
}

/// Peer: power.RSABE, 10⁶ simulations: 0.33 s.
#[divan::bench]
fn linearised_million_2x2x4() -> ScaledPower {
    scaled(Design::Replicate2x2x4, 24, ScaledCriterion::fda(), Statistics::KeyStatistics, None)
}

/// Peer: power.NTID, 10⁶ simulations: 0.35 s.
#[divan::bench]
fn narrow_index_million_2x2x4() -> ScaledPower {
    scaled(Design::Replicate2x2x4, 24, ScaledCriterion::fda_ntid(), Statistics::KeyStatistics, None)
}

/// Peer: sampleN.scABEL, CV 0.4, 10⁵ simulations: 0.08 s.
#[divan::bench]
fn expanded_limits_sample_size() -> SampleSize {
    let study = ScaledStudy::new(Design::Replicate2x2x4, 0.4, ScaledCriterion::ema());
    scaled_sample_size(&study, 0.8, &Effort::default()).unwrap()
}

/// Peer: scABEL.ad, CV 0.35, 34 subjects, 10⁶ simulations: 3.1-4.7 s.
#[divan::bench(sample_count = 5)]
fn adjusted_alpha_million() -> AdjustedAlpha {
    let study = ScaledStudy::new(Design::Replicate2x2x4, 0.35, ScaledCriterion::ema());
    let subjects = Subjects::total(study.design, 34).unwrap();
    adjusted_alpha(&study, &subjects, &Effort::new(1_000_000)).unwrap()
}

/// Peer: power.TOST (exact) 1000 times: 0.27 s.
#[divan::bench]
fn tost_power_1000() -> f64 {
    let subjects = Subjects::total(Design::Crossover2x2, 24).unwrap();
    (0..1000_u32)
        .map(|i| tost_power(&AverageBe::new(Design::Crossover2x2, 0.15 + f64::from(i) * 1e-4), &subjects).unwrap())
        .sum()
}

/// Peer: sampleN.TOST 100 times: 0.076 s.
#[divan::bench]
fn tost_sample_size_100() -> u32 {
    (0..100_u32)
        .map(|i| {
            let plan = AverageBe::new(Design::Crossover2x2, 0.15 + f64::from(i) * 1e-3);
            tost_sample_size(&plan, 0.8).unwrap().subjects
        })
        .sum()
}
