//! How balanced and how predictable is a design?
//!
//! For n subjects of one stratum, N_k in arm k, x_k = N_k / r_k, and V = max x − min x (|D| for two equal arms):
//!
//! | property | formula | source |
//! |---|---|---|
//! | correct guesses, convergence | share of subjects whose arm a guesser names who bets on an arm with the least x so far, at a tie on any of them | Blackwell & Hodges 1957, Ann Math Statist 28:449–460 |
//! | correct guesses, divergence | the same for a bet on an arm with the largest x | ibid. |
//! | forced | share of subjects whose arm has probability 1 (for random blocks: known the block at hand) | |
//! | final imbalance | E(x₁ − x₂), two arms only | |
//! | absolute final imbalance | E(V) after n, and the distribution of V | |
//! | maximal absolute imbalance | E(max V over 1 … n) | |
//! | loss | E Σ_k (N_k − nρ_k)² / (nρ_k), ρ = r / Σr; D²/n for two equal arms: the subjects that imbalance costs | Burman 1996; Atkinson 2002, Stat Med 21:2161–2184 |
//!
//! How they are found, and the result says which:
//! - two equal arms, blocks of known length or none: exactly, over the distribution of |D| (`two_arms`; the designs treat their arms alike);
//! - else exactly over all states of the design, where these are few enough (`chain`);
//! - else, and for minimisation, by simulation with a standard error.
//!
//! Tested against the R package randomizeR 3.0.2 (assess with corGuess, imbal) for nine designs.

mod chain;
mod simulate;
mod two_arms;

use super::error::RandomisationError;
use super::law::Rule;
use super::scheme::within;
use std::collections::BTreeMap;

/// Most subjects whose properties are asked for.
const MOST_SUBJECTS: u32 = 100_000;
/// A probability that leaves nothing to chance.
const CERTAIN: f64 = 1.0 - 1e-12;

/// How hard to try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// Simulated trials, where there is no exact answer.
    pub trials: u32,
    /// Seed of the simulation.
    pub seed: u64,
    /// Most steps of an exact computation over states; above, the answer is simulated.
    pub exact_steps: u64,
}

impl Default for Effort {
    fn default() -> Self {
        Self { trials: 10_000, seed: 20_261_130, exact_steps: 1_000_000 }
    }
}

/// A number, with its standard error where it was simulated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The number.
    pub value: f64,
    /// Its standard error; `None` where it is exact.
    pub standard_error: Option<f64>,
}

impl Estimate {
    fn exact(value: f64) -> Self {
        Self { value, standard_error: None }
    }
}

/// How the properties were found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// By summing over all that can happen.
    Exact,
    /// By simulated trials.
    Simulated {
        /// how many
        trials: u32,
        /// from which seed
        seed: u64,
    },
}

/// The design at one subject.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// The subject, from 1.
    pub subject: u32,
    /// Probability that the convergence guess is right for this subject.
    pub correct_guess: f64,
    /// E(V) after this subject.
    pub abs_imbalance: f64,
}

/// An imbalance that can be left at the end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Left {
    /// V after all subjects.
    pub abs_imbalance: f64,
    /// How probable it is; simulated: its share of the trials.
    pub probability: f64,
}

/// Imbalance in a level of a factor at the end of a minimised trial.
#[derive(Clone, Debug, PartialEq)]
pub struct LevelImbalance {
    /// The factor's name.
    pub factor: String,
    /// The level.
    pub level: String,
    /// E(V) of the level's subjects.
    pub abs_imbalance: Estimate,
}

/// The properties of a design.
#[derive(Clone, Debug, PartialEq)]
pub struct Properties {
    /// For how many subjects.
    pub subjects: u32,
    /// How they were found.
    pub method: Method,
    /// Expected proportion of correct guesses, convergence strategy.
    pub correct_guesses_convergence: Estimate,
    /// The same, divergence strategy.
    pub correct_guesses_divergence: Estimate,
    /// Expected proportion of forced allocations.
    pub forced: Estimate,
    /// E(x₁ − x₂); for two arms.
    pub final_imbalance: Option<Estimate>,
    /// E(V) after all subjects.
    pub abs_final_imbalance: Estimate,
    /// E(max V).
    pub max_abs_imbalance: Estimate,
    /// Expected loss.
    pub loss: Estimate,
    /// The design subject by subject.
    pub steps: Vec<Step>,
    /// The distribution of V after all subjects, the smallest first.
    pub left: Vec<Left>,
    /// For minimisation: what is left in each level.
    pub levels: Vec<LevelImbalance>,
}

/// The properties of a design for so many subjects of one stratum. Exactly for n = 1,000: below 1 ms where |D| is bounded, 0.1 s where it
/// is not. A simulated subject costs some 0.3 µs, by minimisation 1 µs.
///
/// # Errors
/// When the number of subjects is none that the design can have.
pub fn properties(rule: &Rule, subjects: u32, effort: &Effort) -> Result<Properties, RandomisationError> {
    within("subjects", subjects, 1, rule.design().most_subjects().unwrap_or(MOST_SUBJECTS))?;
    within("trials", effort.trials, 2, 10_000_000)?;
    if two_arms::serves(rule, subjects) {
        return Ok(two_arms::properties(rule, subjects));
    }
    if let Some(found) = chain::properties(rule, subjects, effort.exact_steps) {
        return Ok(found);
    }
    simulate::properties(rule, subjects, effort)
}

/// The same over all states of the design, whatever it is: `None` where that takes more steps, and for minimisation. Each of two ways is
/// the check of the other.
pub fn over_states(rule: &Rule, subjects: u32, most_steps: u64) -> Option<Properties> {
    chain::properties(rule, subjects, most_steps)
}

/// The same by simulation, whatever the design is.
///
/// # Errors
/// When the number of subjects or of trials is none that can be.
pub fn simulated(rule: &Rule, subjects: u32, effort: &Effort) -> Result<Properties, RandomisationError> {
    within("subjects", subjects, 1, rule.design().most_subjects().unwrap_or(MOST_SUBJECTS))?;
    within("trials", effort.trials, 2, 10_000_000)?;
    simulate::properties(rule, subjects, effort)
}

/// The distribution from masses by the bits of V: numbers that are not negative have the order of their bits. Values that differ by rounding alone,
/// as 5/3 − 4/3 and 1/3, are one.
fn left(masses: BTreeMap<u64, f64>) -> Vec<Left> {
    let mut found: Vec<Left> = Vec::new();
    for (v, probability) in masses {
        let abs_imbalance = f64::from_bits(v);
        match found.last_mut() {
            Some(last) if abs_imbalance - last.abs_imbalance < 1e-9 => last.probability += probability,
            _ => found.push(Left { abs_imbalance, probability }),
        }
    }
    found
}

/// max N/r − min N/r.
fn range(counts: &[u32], ratio: &[u32]) -> f64 {
    let x = counts.iter().zip(ratio).map(|(&n, &r)| f64::from(n) / f64::from(r));
    let (least, most) = x.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(x), b.max(x)));
    most - least
}

/// Probabilities that the convergence and the divergence guess are right, given the law.
fn guesses(counts: &[u32], ratio: &[u32], law: &[f64]) -> (f64, f64) {
    // a/b < c/d as a·d < c·b, without rounding
    let less = |(a, b): (u32, u32), (c, d): (u32, u32)| u64::from(a) * u64::from(d) < u64::from(c) * u64::from(b);
    let x = || counts.iter().copied().zip(ratio.iter().copied());
    let Some(first) = x().next() else { return (0.0, 0.0) };
    let (least, most) = x().fold((first, first), |(least, most), x| {
        (if less(x, least) { x } else { least }, if less(most, x) { x } else { most })
    });
    let (mut at_least, mut at_most) = ((0.0, 0.0), (0.0, 0.0));
    for (x, p) in x().zip(law) {
        if !less(least, x) {
            at_least = (at_least.0 + p, at_least.1 + 1.0);
        }
        if !less(x, most) {
            at_most = (at_most.0 + p, at_most.1 + 1.0);
        }
    }
    (at_least.0 / at_least.1, at_most.0 / at_most.1)
}

/// Σ (N_k − nρ_k)² / (nρ_k), n the subjects of the trial. Counts may lack whole rounds of the ratio.
fn loss(counts: &[u32], rule: &Rule, subjects: u32) -> f64 {
    let counted: f64 = counts.iter().map(|&n| f64::from(n)).sum();
    let (unit, n) = (f64::from(rule.unit()), f64::from(subjects));
    let part = |(&count, &r): (&u32, &u32)| {
        let rho = f64::from(r) / unit;
        let off = f64::from(count) - counted * rho;
        off * off / (n * rho)
    };
    counts.iter().zip(rule.ratio()).map(part).sum()
}

/// x₁ − x₂ where there are two arms.
fn signed(counts: &[u32], ratio: &[u32]) -> Option<f64> {
    match (counts, ratio) {
        ([a, b], [r, s]) => Some(f64::from(*a) / f64::from(*r) - f64::from(*b) / f64::from(*s)),
        _ => None,
    }
}
