//! By simulated trials, each with a stream of its own.
//!
//! What is summed over a trial's guesses is the probability of being right given the allocations so far, not whether the drawn arm was it: the
//! same mean with less noise.

use super::{CERTAIN, Effort, Estimate, LevelImbalance, Method, Properties, Step, guesses, left, loss, range, signed};
use crate::randomisation::allocator::Allocator;
use crate::randomisation::choose;
use crate::randomisation::design::Design;
use crate::randomisation::error::RandomisationError;
use crate::randomisation::law::Rule;
use crate::randomisation::minimisation::{BalancedFactor, Minimiser, Tally};
use croft_num::random::Stream;
use std::collections::BTreeMap;

/// Mean and standard error of numbers that come one by one (Welford 1962, Technometrics 4:419–420).
#[derive(Clone, Copy, Default)]
struct Moments {
    n: f64,
    mean: f64,
    squares: f64,
}

impl Moments {
    fn add(&mut self, x: f64) {
        self.n += 1.0;
        let off = x - self.mean;
        self.mean += off / self.n;
        self.squares += off * (x - self.mean);
    }

    fn estimate(&self) -> Estimate {
        let standard_error = (self.squares / (self.n - 1.0) / self.n).sqrt();
        Estimate { value: self.mean, standard_error: Some(standard_error) }
    }
}

/// One trial as it goes.
struct Trial<'r> {
    rule: &'r Rule,
    counts: Vec<u32>,
    converging: f64,
    diverging: f64,
    forced: f64,
    most: f64,
}

impl<'r> Trial<'r> {
    fn new(rule: &'r Rule) -> Self {
        Self { rule, counts: vec![0; rule.arms()], converging: 0.0, diverging: 0.0, forced: 0.0, most: 0.0 }
    }

    /// A subject that had this law and went to this arm.
    fn subject(&mut self, law: &[f64], arm: usize, step: &mut Step) {
        let (convergence, divergence) = guesses(&self.counts, self.rule.ratio(), law);
        self.converging += convergence;
        self.diverging += divergence;
        if law.iter().any(|&p| p >= CERTAIN) {
            self.forced += 1.0;
        }
        if let Some(count) = self.counts.get_mut(arm) {
            *count += 1;
        }
        let now = range(&self.counts, self.rule.ratio());
        self.most = self.most.max(now);
        step.correct_guess += convergence;
        step.abs_imbalance += now;
    }
}

/// What is summed over trials.
struct Sums {
    /// Convergence, divergence, forced, signed, absolute, maximal, loss.
    measures: [Moments; 7],
    steps: Vec<Step>,
    /// Trials by the bits of V at their end.
    left: BTreeMap<u64, f64>,
}

impl Sums {
    fn new(subjects: u32) -> Self {
        let step = |subject| Step { subject, correct_guess: 0.0, abs_imbalance: 0.0 };
        Self { measures: [Moments::default(); 7], steps: (1..=subjects).map(step).collect(), left: BTreeMap::new() }
    }

    fn add(&mut self, trial: &Trial<'_>, subjects: u32) {
        let n = f64::from(subjects);
        let ratio = trial.rule.ratio();
        let values = [
            trial.converging / n,
            trial.diverging / n,
            trial.forced / n,
            signed(&trial.counts, ratio).unwrap_or(0.0),
            range(&trial.counts, ratio),
            trial.most,
            loss(&trial.counts, trial.rule, subjects),
        ];
        for (moments, value) in self.measures.iter_mut().zip(values) {
            moments.add(value);
        }
        *self.left.entry(range(&trial.counts, ratio).to_bits()).or_default() += 1.0;
    }

    fn properties(mut self, rule: &Rule, effort: &Effort, levels: Vec<LevelImbalance>) -> Properties {
        let trials = f64::from(effort.trials);
        for step in &mut self.steps {
            step.correct_guess /= trials;
            step.abs_imbalance /= trials;
        }
        self.left.values_mut().for_each(|count| *count /= trials);
        let [convergence, divergence, forced, signed, absolute, most, loss] = self.measures.map(|m| m.estimate());
        Properties {
            subjects: self.steps.len() as u32,
            method: Method::Simulated { trials: effort.trials, seed: effort.seed },
            correct_guesses_convergence: convergence,
            correct_guesses_divergence: divergence,
            forced,
            final_imbalance: (rule.arms() == 2).then_some(signed),
            abs_final_imbalance: absolute,
            max_abs_imbalance: most,
            loss,
            steps: self.steps,
            left: left(self.left),
            levels,
        }
    }
}

fn stream(effort: &Effort, what: &str, trial: u32) -> Stream {
    Stream::new(effort.seed, "", &format!("properties of a randomisation, {what}"), &trial.to_string())
}

/// The properties by simulation.
///
/// # Errors
/// When the design ends before so many subjects.
pub fn properties(rule: &Rule, subjects: u32, effort: &Effort) -> Result<Properties, RandomisationError> {
    if let Design::Minimisation(minimisation) = rule.design() {
        return minimised(rule, &minimisation.factors, subjects, effort);
    }
    let mut sums = Sums::new(subjects);
    for number in 0..effort.trials {
        let mut trial = Trial::new(rule);
        let mut allocator = Allocator::new(rule, stream(effort, "arms", number), stream(effort, "lengths", number));
        for step in &mut sums.steps {
            let arm = allocator.allocate()?.arm;
            trial.subject(allocator.law(), arm, step);
        }
        sums.add(&trial, subjects);
    }
    Ok(sums.properties(rule, effort, Vec::new()))
}

/// Subjects come with levels drawn by their prevalence, each factor by itself.
fn minimised(
    rule: &Rule,
    factors: &[BalancedFactor],
    subjects: u32,
    effort: &Effort,
) -> Result<Properties, RandomisationError> {
    let minimiser = Minimiser::new(rule)?;
    let prevalence: Vec<Vec<f64>> = factors.iter().map(prevalence).collect();
    let mut sums = Sums::new(subjects);
    let mut of_levels: Vec<Vec<Moments>> = factors.iter().map(|f| vec![Moments::default(); f.levels.len()]).collect();
    for number in 0..effort.trials {
        let mut trial = Trial::new(rule);
        let mut tally = Tally::new(minimiser.minimisation, rule.arms());
        let (mut arms, mut people) = (stream(effort, "arms", number), stream(effort, "subjects", number));
        for step in &mut sums.steps {
            let levels: Vec<usize> = prevalence.iter().map(|p| choose(p, people.uniform())).collect();
            let law = minimiser.probabilities(&tally, &levels)?;
            let arm = choose(&law, arms.uniform());
            tally.add(&levels, arm)?;
            trial.subject(&law, arm, step);
        }
        sums.add(&trial, subjects);
        for (at, levels) in of_levels.iter_mut().enumerate() {
            for (level, moments) in levels.iter_mut().enumerate() {
                moments.add(range(tally.of(at, level), rule.ratio()));
            }
        }
    }
    let levels = factors.iter().zip(&of_levels).flat_map(|(factor, moments)| {
        factor.levels.iter().zip(moments).map(|(level, moments)| LevelImbalance {
            factor: factor.name.clone(),
            level: level.clone(),
            abs_imbalance: moments.estimate(),
        })
    });
    let levels = levels.collect();
    Ok(sums.properties(rule, effort, levels))
}

/// Shares of a factor's levels, with sum 1.
fn prevalence(factor: &BalancedFactor) -> Vec<f64> {
    let parts = if factor.prevalence.is_empty() { vec![1.0; factor.levels.len()] } else { factor.prevalence.clone() };
    let sum: f64 = parts.iter().sum();
    parts.iter().map(|part| part / sum).collect()
}
