//! Exactly, for two equal arms, over the distribution of |D|.
//!
//! With the block at hand known from n alone, the law depends on n and D, and all designs treat their arms alike; so |D| is a Markov chain: from
//! 0 it goes to 1, from d > 0 to d + 1 with the probability `away(n, d)`, else to d − 1. E(D) = 0 by symmetry.
//!
//! E(max |D|) = Σ_m P(max ≥ m), m ≥ 1: each term from the chain with an exit above m − 1. The mass that leaves is summed, not what stays
//! subtracted from 1, so that small terms keep their digits; the sum ends where a term is below 1e-17.

use super::{CERTAIN, Estimate, Left, Method, Properties, Step};
use crate::randomisation::design::Design;
use crate::randomisation::law::{Block, Rule};

/// Most cells of the table of probabilities: some 32 MB, and n = 2,000 for designs without a bound on D.
const MOST_CELLS: u64 = 4_100_000;

/// Whether |D| is a Markov chain here, of a size that can be walked.
pub fn serves(rule: &Rule, subjects: u32) -> bool {
    rule.arms() == 2
        && rule.equal()
        && !matches!(rule.design(), Design::RandomBlock { .. } | Design::Minimisation(_))
        && u64::from(subjects) * u64::from(widest(rule, subjects) + 1) <= MOST_CELLS
}

/// The largest |D| that can be.
fn widest(rule: &Rule, subjects: u32) -> u32 {
    let bound = match rule.design() {
        Design::PermutedBlock { lengths } | Design::TruncatedBinomial { lengths } => {
            lengths.iter().max().map_or(subjects, |longest| longest / 2)
        }
        Design::RandomAllocation { subjects } => subjects / 2,
        Design::ToleranceCoin { tolerance, .. }
        | Design::BigStick { tolerance }
        | Design::MaximalProcedure { tolerance, .. } => *tolerance,
        _ => subjects,
    };
    bound.min(subjects)
}

/// `away(n, d)` for n = 0, …, subjects − 1 and d = 0, …, widest, row by row. Cells that cannot be reached hold numbers without meaning.
fn away(rule: &Rule, subjects: u32) -> Vec<f64> {
    let widest = widest(rule, subjects);
    let mut table = Vec::with_capacity((subjects * (widest + 1)) as usize);
    let mut block: Option<Block> = None;
    let mut begun = 0;
    let mut law = [0.0; 2];
    for n in 0..subjects {
        if block.as_ref().is_none_or(|block| n - begun >= block.length)
            && let Some(next) = rule.openings(block.as_ref())
        {
            block = next.into_iter().next().map(|(block, _)| block);
            begun = n;
        }
        for d in 0..=widest {
            let split = |all: u32| [(all + d) / 2, all.saturating_sub(d) / 2];
            let held = split(n - begun);
            let at_hand = block.as_ref().map(|block| (block.length, &held[..]));
            rule.law(&split(n), at_hand, &mut law);
            table.push(law[0]);
        }
    }
    table
}

/// Steps the distribution of |D|; what goes beyond its end leaves and is given back.
fn step(now: &[f64], next: &mut [f64], row: &[f64]) -> f64 {
    next.fill(0.0);
    let mut left = 0.0;
    for (d, (&mass, &p)) in now.iter().zip(row).enumerate() {
        if mass <= 0.0 {
            continue;
        }
        let p = if d == 0 { 1.0 } else { p };
        match next.get_mut(d + 1) {
            Some(cell) => *cell += mass * p,
            None => left += mass * p,
        }
        if d > 0
            && let Some(cell) = next.get_mut(d - 1)
        {
            *cell += mass * (1.0 - p);
        }
    }
    left
}

/// The properties.
pub fn properties(rule: &Rule, subjects: u32) -> Properties {
    let width = widest(rule, subjects) as usize + 1;
    let table = away(rule, subjects);
    let mut now = vec![0.0; width];
    let mut next = now.clone();
    now[0] = 1.0;
    let (mut converging, mut diverging, mut forced) = (0.0, 0.0, 0.0);
    let mut steps = Vec::with_capacity(subjects as usize);
    for (n, row) in (1..=subjects).zip(table.chunks_exact(width)) {
        let mut right = 0.0;
        for (d, (&mass, &p)) in now.iter().zip(row).enumerate() {
            if d == 0 {
                right += mass * 0.5;
                diverging += mass * 0.5;
            } else {
                right += mass * (1.0 - p);
                diverging += mass * p;
                if !(1.0 - CERTAIN..CERTAIN).contains(&p) {
                    forced += mass;
                }
            }
        }
        converging += right;
        step(&now, &mut next, row);
        std::mem::swap(&mut now, &mut next);
        let abs_imbalance = now.iter().enumerate().map(|(d, mass)| d as f64 * mass).sum();
        steps.push(Step { subject: n, correct_guess: right, abs_imbalance });
    }
    let n = f64::from(subjects);
    let masses = now.iter().enumerate().filter(|(_, mass)| **mass > 0.0);
    let left = masses.map(|(d, &probability)| Left { abs_imbalance: d as f64, probability }).collect();
    let squares: f64 = now.iter().enumerate().map(|(d, mass)| (d * d) as f64 * mass).sum();
    Properties {
        subjects,
        method: Method::Exact,
        correct_guesses_convergence: Estimate::exact(converging / n),
        correct_guesses_divergence: Estimate::exact(diverging / n),
        forced: Estimate::exact(forced / n),
        final_imbalance: Some(Estimate::exact(0.0)),
        abs_final_imbalance: Estimate::exact(steps.last().map_or(0.0, |step| step.abs_imbalance)),
        max_abs_imbalance: Estimate::exact(expected_maximum(&table, width)),
        loss: Estimate::exact(squares / n),
        steps,
        left,
        levels: Vec::new(),
    }
}

fn expected_maximum(table: &[f64], width: usize) -> f64 {
    let mut sum = 0.0;
    let (mut now, mut next) = (Vec::new(), Vec::new());
    for m in 1..=width {
        now.clear();
        now.resize(m, 0.0);
        next.resize(m, 0.0);
        now[0] = 1.0;
        let mut left = 0.0;
        for row in table.chunks_exact(width) {
            left += step(&now, &mut next, row);
            std::mem::swap(&mut now, &mut next);
        }
        if left < 1e-17 {
            break;
        }
        sum += left;
    }
    sum
}
