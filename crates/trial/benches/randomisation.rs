//! Lists, the next allocation, and properties. Peers in R 4.2.2 make sequences by enumeration or simulation (randomizeR) and allocate one subject
//! at a time from the whole history (Minirand).

#![allow(clippy::unwrap_used, reason = "a bench, as a test, stops where its plan is wrong")]

use croft_trial::randomisation::minimisation::*;
use croft_trial::randomisation::properties::{Effort, Properties, properties};
use croft_trial::randomisation::*;

fn main() {
    divan::main();
}

fn scheme(design: Design) -> Randomisation {
    let arms = ["A", "B"].map(|code| Arm { code: code.into(), ratio: 1 }).into();
    let scheme = Scheme { study: "S".into(), version: 1, arms, design, factors: Vec::new(), strata: Vec::new() };
    Randomisation::new(scheme).unwrap()
}

fn list(bencher: divan::Bencher<'_, '_>, design: Design) {
    let randomisation = scheme(design);
    bencher.bench(|| List::make(&randomisation, &Seed::new([1; 32]), Length::Exactly(10_000)).unwrap());
}

#[divan::bench]
fn list_of_10_000_in_blocks(bencher: divan::Bencher<'_, '_>) {
    list(bencher, Design::RandomBlock { lengths: vec![2, 4, 6], weights: vec![] });
}

#[divan::bench]
fn list_of_10_000_big_stick(bencher: divan::Bencher<'_, '_>) {
    list(bencher, Design::BigStick { tolerance: 3 });
}

#[divan::bench]
fn list_of_10_000_maximal_procedure(bencher: divan::Bencher<'_, '_>) {
    list(bencher, Design::MaximalProcedure { subjects: 10_000, tolerance: 3 });
}

#[divan::bench]
fn digest_of_10_000(bencher: divan::Bencher<'_, '_>) {
    let randomisation = scheme(Design::BigStick { tolerance: 3 });
    let list = List::make(&randomisation, &Seed::new([1; 32]), Length::Exactly(10_000)).unwrap();
    bencher.bench(|| list.digest());
}

/// The next allocation from a history of 5,000, as when nothing is kept in memory.
#[divan::bench]
fn next_after_5_000_in_blocks(bencher: divan::Bencher<'_, '_>) {
    let randomisation = scheme(Design::PermutedBlock { lengths: vec![4] });
    let list = List::make(&randomisation, &Seed::new([1; 32]), Length::Exactly(5_000)).unwrap();
    let history: Vec<usize> = list.slots.iter().map(|slot| randomisation.arm(&slot.arm).unwrap()).collect();
    bencher.bench(|| randomisation.next(&Seed::new([1; 32]), "", &history).unwrap());
}

fn minimisation() -> Minimisation {
    let factor = |at: usize| BalancedFactor {
        name: format!("F{at}"),
        levels: (0..4).map(|level| level.to_string()).collect(),
        weight: 1.0,
        prevalence: Vec::new(),
    };
    let factors = (0..6).map(factor).collect();
    Minimisation { factors, measure: Measure::Range, probability: 0.8, ties: Share::Equal, others: Share::Equal }
}

fn subject(n: usize) -> Subject {
    Subject { levels: (1..=6).map(|factor| (n / factor) % 4).collect(), arm: n % 2 }
}

/// Minimisation from a history of 5,000 subjects with 6 factors, as when nothing is kept in memory.
#[divan::bench]
fn minimise_after_5_000(bencher: divan::Bencher<'_, '_>) {
    let randomisation = scheme(Design::Minimisation(minimisation()));
    let history: Vec<Subject> = (0..5_000).map(subject).collect();
    bencher.bench(|| randomisation.minimise(&Seed::new([1; 32]), "", &history, &[0, 1, 2, 3, 0, 1]).unwrap());
}

/// The same from a tally that is kept.
#[divan::bench]
fn minimise_from_a_tally_of_5_000(bencher: divan::Bencher<'_, '_>) {
    let minimisation = minimisation();
    let minimiser = Minimiser { minimisation: &minimisation, ratio: &[1, 1] };
    let history: Vec<Subject> = (0..5_000).map(subject).collect();
    let tally = minimiser.tally(&history).unwrap();
    bencher.bench(|| minimiser.next(&tally, &[0, 1, 2, 3, 0, 1], 0.3).unwrap());
}

fn of(design: Design, subjects: u32) -> Properties {
    properties(&Rule::new(&[1, 1], &design).unwrap(), subjects, &Effort::default()).unwrap()
}

#[divan::bench(sample_count = 10)]
fn properties_of_1_000_simple_exact() -> Properties {
    of(Design::Simple {}, 1_000)
}

#[divan::bench(sample_count = 10)]
fn properties_of_1_000_big_stick_exact() -> Properties {
    of(Design::BigStick { tolerance: 3 }, 1_000)
}

#[divan::bench(sample_count = 10)]
fn properties_of_1_000_random_blocks_exact() -> Properties {
    of(Design::RandomBlock { lengths: vec![4, 6], weights: vec![] }, 1_000)
}

#[divan::bench(sample_count = 3)]
fn properties_of_200_minimised_simulated() -> Properties {
    of(Design::Minimisation(minimisation()), 200)
}
