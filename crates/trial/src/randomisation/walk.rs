//! The law of the next allocation given the allocations before, and of whole sequences.
//!
//! Where block lengths are drawn, a history can have come about by several divisions into blocks. Each that is possible is kept with
//! its probability given the history (Bayes), so that the law is exact without knowing the lengths: it is what a guesser who knows the
//! scheme and all allocations can know.

use super::choose;
use super::error::RandomisationError;
use super::law::{Block, Rule};
use croft_num::math::ln;

/// A sequence of arms with its probability.
#[derive(Clone, Debug, PartialEq)]
pub struct Sequence {
    /// Arms by position.
    pub arms: Vec<usize>,
    /// Its probability.
    pub probability: f64,
}

/// Walks along a history. A step costs as many operations as there are arms, times the blocks that may be at hand (one, but for random blocks).
#[derive(Clone, Debug)]
pub struct Walk<'r> {
    rule: &'r Rule,
    counts: Vec<u32>,
    /// Blocks that may be at hand, with their probabilities; `None` for designs without blocks.
    blocks: Option<Vec<(Block, f64)>>,
}

impl<'r> Walk<'r> {
    /// Before the first subject.
    pub fn new(rule: &'r Rule) -> Self {
        Self { rule, counts: vec![0; rule.arms()], blocks: rule.openings(None) }
    }

    /// After these subjects.
    ///
    /// # Errors
    /// When the design could not have made the history, or it names an unknown arm.
    pub fn along(rule: &'r Rule, history: &[usize]) -> Result<Self, RandomisationError> {
        let mut walk = Self::new(rule);
        for &arm in history {
            walk.take(arm)?;
        }
        Ok(walk)
    }

    /// Subjects allocated so far, by arm.
    pub fn counts(&self) -> &[u32] {
        &self.counts
    }

    /// How many subjects are allocated.
    pub fn subjects(&self) -> usize {
        self.counts.iter().map(|&count| count as usize).sum()
    }

    /// Probability of each arm for the next subject; the sum is 1.
    ///
    /// # Errors
    /// When the design has ended; for minimisation, which needs the subject's factors.
    pub fn probabilities(&self) -> Result<Vec<f64>, RandomisationError> {
        let mut law = vec![0.0; self.rule.arms()];
        match &self.blocks {
            None => self.rule.law(&self.counts, None, &mut law),
            Some(blocks) => {
                let mut part = vec![0.0; law.len()];
                for (block, weight) in blocks {
                    self.rule.law(&self.counts, Some((block.length, &block.filled)), &mut part);
                    for (p, q) in law.iter_mut().zip(&part) {
                        *p += weight * q;
                    }
                }
            }
        }
        if law.iter().any(|&p| p > 0.0) {
            return Ok(law);
        }
        match self.rule.design() {
            super::Design::Minimisation(_) => Err(RandomisationError::NeedsSubjects),
            _ => Err(RandomisationError::Exhausted { subjects: self.subjects() }),
        }
    }

    /// Goes on by a subject in this arm, and gives the probability that this had.
    ///
    /// # Errors
    /// When it had none, or there is no such arm.
    pub fn take(&mut self, arm: usize) -> Result<f64, RandomisationError> {
        let law = self.probabilities()?;
        let Some(&p) = law.get(arm) else {
            return Err(RandomisationError::UnknownArm { arm, arms: law.len() });
        };
        if p <= 0.0 {
            return Err(RandomisationError::Impossible { subject: self.subjects() + 1 });
        }
        if let Some(blocks) = self.blocks.take() {
            self.blocks = Some(self.blocks_after(blocks, arm, p));
        }
        if let Some(count) = self.counts.get_mut(arm) {
            *count += 1;
        }
        Ok(p)
    }

    /// The blocks that may be at hand after a subject in this arm, which had probability p: those that could give it, weighed by how likely
    /// they were to; a full one makes way for those that can follow.
    fn blocks_after(&self, blocks: Vec<(Block, f64)>, arm: usize, p: f64) -> Vec<(Block, f64)> {
        let mut law = vec![0.0; self.rule.arms()];
        let mut after: Vec<(Block, f64)> = Vec::with_capacity(blocks.len());
        let mut opened: Option<(Block, f64)> = None;
        for (block, weight) in blocks {
            self.rule.law(&self.counts, Some((block.length, &block.filled)), &mut law);
            let weight = weight * law.get(arm).copied().unwrap_or(0.0) / p;
            if weight <= 0.0 {
                continue;
            }
            let block = block.with(arm);
            if !block.is_full() {
                after.push((block, weight));
            } else if let Some((_, sum)) = &mut opened {
                *sum += weight;
            } else {
                opened = Some((block, weight));
            }
        }
        if let Some((full, weight)) = opened {
            let next = self.rule.openings(Some(&full)).unwrap_or_default();
            after.extend(next.into_iter().map(|(block, p)| (block, weight * p)));
        }
        after
    }
}

/// The next subject's arm, given the allocations before and a draw from (0, 1): arms in order divide the interval by their probabilities.
/// Costs a walk along the history.
///
/// # Errors
/// When the design could not have made the history or has ended, and for a draw outside (0, 1).
pub fn next_arm(rule: &Rule, history: &[usize], draw: f64) -> Result<usize, RandomisationError> {
    if !(draw > 0.0 && draw < 1.0) {
        return Err(RandomisationError::Draw { draw });
    }
    Ok(choose(&Walk::along(rule, history)?.probabilities()?, draw))
}

/// Probability of a sequence of arms: the product of the law's probabilities along it; 0 where the design cannot make it. Below 1e-300, as
/// beyond some thousand subjects, use [`sequence_ln_probability`].
///
/// # Errors
/// For an unknown arm, a sequence longer than the design, and minimisation.
pub fn sequence_probability(rule: &Rule, sequence: &[usize]) -> Result<f64, RandomisationError> {
    let mut product = 1.0;
    follow(rule, sequence, |p| product *= p).map(|possible| if possible { product } else { 0.0 })
}

/// Logarithm of [`sequence_probability`], −∞ where the design cannot make the sequence.
///
/// # Errors
/// As [`sequence_probability`].
pub fn sequence_ln_probability(rule: &Rule, sequence: &[usize]) -> Result<f64, RandomisationError> {
    let mut sum = 0.0;
    follow(rule, sequence, |p| sum += ln(p)).map(|possible| if possible { sum } else { f64::NEG_INFINITY })
}

/// Tells each probability along a sequence; whether it is possible to the end.
fn follow(rule: &Rule, sequence: &[usize], mut each: impl FnMut(f64)) -> Result<bool, RandomisationError> {
    let mut walk = Walk::new(rule);
    for &arm in sequence {
        match walk.take(arm) {
            Ok(p) => each(p),
            Err(RandomisationError::Impossible { .. }) => return Ok(false),
            Err(error) => return Err(error),
        }
    }
    Ok(true)
}

/// All sequences of so many subjects that the design can make, each with its probability, in the order of the arms.
///
/// # Errors
/// When there are more than `most`, or the design ends before.
pub fn sequences(rule: &Rule, subjects: usize, most: usize) -> Result<Vec<Sequence>, RandomisationError> {
    let mut open = vec![(Walk::new(rule), Sequence { arms: Vec::new(), probability: 1.0 })];
    for _ in 0..subjects {
        let mut longer = Vec::new();
        for (walk, sequence) in &open {
            for (arm, p) in walk.probabilities()?.into_iter().enumerate().filter(|(_, p)| *p > 0.0) {
                // every sequence so far can go on, so this bound is exact
                if longer.len() >= most {
                    return Err(RandomisationError::TooManySequences { most });
                }
                let mut walk = walk.clone();
                walk.take(arm)?;
                let arms = sequence.arms.iter().copied().chain([arm]).collect();
                longer.push((walk, Sequence { arms, probability: sequence.probability * p }));
            }
        }
        open = longer;
    }
    Ok(open.into_iter().map(|(_, sequence)| sequence).collect())
}
