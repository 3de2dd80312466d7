//! Exactly, over all states of a design.
//!
//! A state is what the law depends on (counts by arm, the block at hand) and the largest imbalance so far. Counts go without whole rounds of
//! the ratio: only n is lost, and n is known. The distribution over states is carried from subject to subject; where the states become too
//! many the answer is `None`.

use super::{CERTAIN, Estimate, Method, Properties, Step, guesses, left, loss, range, signed};
use crate::randomisation::design::Design;
use crate::randomisation::law::{Block, Rule};
use std::collections::BTreeMap;

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct State {
    counts: Vec<u32>,
    block: Option<Block>,
    /// Bits of the largest imbalance so far: numbers that are not negative have the order of their bits.
    most: u64,
}

/// The properties, where they take no more than so many steps.
pub fn properties(rule: &Rule, subjects: u32, most_steps: u64) -> Option<Properties> {
    if matches!(rule.design(), Design::Minimisation(_)) {
        return None;
    }
    let ratio = rule.ratio();
    let mut states = BTreeMap::new();
    open(rule, State { counts: vec![0; rule.arms()], block: None, most: 0 }, 1.0, &mut states);
    let (mut converging, mut diverging, mut forced) = (0.0, 0.0, 0.0);
    let mut law = vec![0.0; rule.arms()];
    let mut steps = Vec::new();
    let mut spent = 0u64;
    for n in 0..subjects {
        let (mut right, mut abs_imbalance) = (0.0, 0.0);
        let mut next = BTreeMap::new();
        for (state, mass) in &states {
            spent += rule.arms() as u64;
            if spent > most_steps {
                return None;
            }
            let block = state.block.as_ref().map(|block| (block.length, block.filled.as_slice()));
            rule.law(&full_counts(state, rule, n), block, &mut law);
            let (convergence, divergence) = guesses(&state.counts, ratio, &law);
            right += mass * convergence;
            diverging += mass * divergence;
            if law.iter().any(|&p| p >= CERTAIN) {
                forced += mass;
            }
            for (arm, p) in law.iter().enumerate().filter(|(_, p)| **p > 0.0) {
                let state = advance(state, arm, ratio);
                abs_imbalance += mass * p * range(&state.counts, ratio);
                open(rule, state, mass * p, &mut next);
            }
        }
        converging += right;
        steps.push(Step { subject: n + 1, correct_guess: right, abs_imbalance });
        states = next;
    }
    let mean = |of: &dyn Fn(&State) -> f64| states.iter().map(|(state, mass)| mass * of(state)).sum::<f64>();
    let mut masses: BTreeMap<u64, f64> = BTreeMap::new();
    for (state, mass) in &states {
        *masses.entry(range(&state.counts, ratio).to_bits()).or_default() += mass;
    }
    let n = f64::from(subjects);
    let final_imbalance =
        (rule.arms() == 2).then(|| Estimate::exact(mean(&|state| signed(&state.counts, ratio).unwrap_or(0.0))));
    Some(Properties {
        subjects,
        method: Method::Exact,
        correct_guesses_convergence: Estimate::exact(converging / n),
        correct_guesses_divergence: Estimate::exact(diverging / n),
        forced: Estimate::exact(forced / n),
        final_imbalance,
        abs_final_imbalance: Estimate::exact(mean(&|state| range(&state.counts, ratio))),
        max_abs_imbalance: Estimate::exact(mean(&|state| f64::from_bits(state.most))),
        loss: Estimate::exact(mean(&|state| loss(&state.counts, rule, subjects))),
        steps,
        left: left(masses),
        levels: Vec::new(),
    })
}

/// The counts with the whole rounds put back.
fn full_counts(state: &State, rule: &Rule, n: u32) -> Vec<u32> {
    let rounds = n.saturating_sub(state.counts.iter().sum()) / rule.unit();
    state.counts.iter().zip(rule.ratio()).map(|(count, share)| count + rounds * share).collect()
}

/// The state with a subject more in this arm.
fn advance(state: &State, arm: usize, ratio: &[u32]) -> State {
    let mut counts = state.counts.clone();
    if let Some(count) = counts.get_mut(arm) {
        *count += 1;
    }
    let rounds = counts.iter().zip(ratio).map(|(count, share)| count / share).min().unwrap_or(0);
    for (count, share) in counts.iter_mut().zip(ratio) {
        *count -= rounds * share;
    }
    let most = f64::from_bits(state.most).max(range(&counts, ratio)).to_bits();
    State { counts, block: state.block.clone().map(|block| block.with(arm)), most }
}

/// Puts a state with its mass among the states; where a block is due, once for each that can follow.
fn open(rule: &Rule, state: State, mass: f64, into: &mut BTreeMap<State, f64>) {
    if state.block.as_ref().is_none_or(Block::is_full)
        && let Some(next) = rule.openings(state.block.as_ref())
        && !next.is_empty()
    {
        for (block, p) in next {
            *into.entry(State { block: Some(block), ..state.clone() }).or_default() += mass * p;
        }
    } else {
        *into.entry(state).or_default() += mass;
    }
}
