//! What is the probability of each arm for the next subject, given what matters of the past?
//!
//! What matters is the number allocated to each arm and, for designs in blocks, the block at hand: its length and what it holds so far.
//! Given these the past does not matter (the designs are Markov chains in them), so one function, [`Rule::law`], serves drawing,
//! probabilities, exact properties and simulation alike. The length of a random block is not seen in the allocations; [`super::Walk`]
//! averages over it.
//!
//! The maximal procedure: let w(m, d) be the number of ways to go m steps of ±1 from d to 0 without leaving [−b, b]; w(0, 0) = 1,
//! w(m, d) = w(m − 1, d + 1) + w(m − 1, d − 1). All sequences have one probability exactly when the step away from 0 has
//! w(m − 1, |d| + 1) / w(m, |d|). Only ratios within a row matter, so each row is scaled to a largest entry of 1.

use super::design::Design;
use super::error::RandomisationError;
use super::scheme::{probability, ratio_text, within};

/// The longest block, and the most subjects of a design that ends.
pub(crate) const LONGEST: u32 = 100_000;
/// The longest block of random length: the law given the history weighs each block that may be at hand.
const LONGEST_RANDOM: u32 = 1_000;
/// The most entries of the maximal procedure's table.
const LARGEST_TABLE: u64 = 20_000_000;

/// The block at hand.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Block {
    /// Its place in the design's list of lengths, from 0; always 0 where lengths are drawn.
    pub place: u32,
    /// Subjects that it takes.
    pub length: u32,
    /// Subjects that it holds, by arm.
    pub filled: Vec<u32>,
}

impl Block {
    /// How many subjects it holds.
    pub fn held(&self) -> u32 {
        self.filled.iter().sum()
    }

    /// Whether it is full, so that the next subject opens another.
    pub(crate) fn is_full(&self) -> bool {
        self.held() >= self.length
    }

    /// The block with a subject more in this arm.
    pub(crate) fn with(mut self, arm: usize) -> Self {
        if let Some(held) = self.filled.get_mut(arm) {
            *held += 1;
        }
        self
    }
}

/// A design proven for a ratio.
#[derive(Clone, Debug)]
pub struct Rule {
    ratio: Vec<u32>,
    unit: u32,
    design: Design,
    /// Rows m = 0, 1, … of the maximal procedure's w(m, d), d = 0, …, b.
    ways: Vec<f64>,
}

impl Rule {
    /// Proves a design for arms of this ratio.
    ///
    /// # Errors
    /// Names the setting that cannot be, or what the design is defined for.
    pub fn new(ratio: &[u32], design: &Design) -> Result<Self, RandomisationError> {
        if ratio.len() < 2 {
            return Err(RandomisationError::TooFewArms { given: ratio.len() });
        }
        for (at, &share) in ratio.iter().enumerate() {
            within(&format!("arms[{at}].ratio"), share, 1, 1_000)?;
        }
        let unit = ratio.iter().fold(0u32, |sum, &share| sum.saturating_add(share));
        let mut rule = Self { ratio: ratio.to_vec(), unit, design: design.clone(), ways: Vec::new() };
        rule.check()?;
        if let Design::MaximalProcedure { subjects, tolerance } = *design {
            rule.ways = ways(subjects, tolerance)?;
        }
        Ok(rule)
    }

    /// The design.
    pub fn design(&self) -> &Design {
        &self.design
    }

    /// The ratio.
    pub fn ratio(&self) -> &[u32] {
        &self.ratio
    }

    /// How many arms.
    pub fn arms(&self) -> usize {
        self.ratio.len()
    }

    /// Sum of the ratio.
    pub fn unit(&self) -> u32 {
        self.unit
    }

    pub(crate) fn equal(&self) -> bool {
        self.ratio.windows(2).all(|pair| pair[0] == pair[1])
    }

    fn check(&self) -> Result<(), RandomisationError> {
        match &self.design {
            Design::Simple {} => Ok(()),
            Design::PermutedBlock { lengths } => self.check_lengths(lengths, LONGEST),
            Design::RandomBlock { lengths, weights } => {
                self.check_lengths(lengths, LONGEST_RANDOM)?;
                check_weights("design.weights", weights, lengths.len())
            }
            Design::RandomAllocation { subjects } => self.check_length("design.subjects", *subjects, LONGEST),
            Design::TruncatedBinomial { lengths } => {
                self.two_equal_arms()?;
                self.check_lengths(lengths, LONGEST)
            }
            Design::BiasedCoin { probability: p } => {
                self.two_equal_arms()?;
                probability("design.probability", *p, 0.5, "a probability from 0.5 to 1")
            }
            Design::ToleranceCoin { probability: p, tolerance } => {
                self.two_equal_arms()?;
                probability("design.probability", *p, 0.5, "a probability from 0.5 to 1")?;
                within("design.tolerance", *tolerance, 1, LONGEST)
            }
            Design::Urn { initial, added } => {
                if !self.equal() {
                    return Err(self.not_defined("arms of equal ratio"));
                }
                within("design.initial", *initial, 0, 1_000_000)?;
                within("design.added", *added, 0, 1_000_000)?;
                if *initial == 0 && *added == 0 {
                    return within("design.added", 0, 1, 1_000_000);
                }
                Ok(())
            }
            Design::BigStick { tolerance } => {
                self.two_equal_arms()?;
                within("design.tolerance", *tolerance, 1, LONGEST)
            }
            Design::MaximalProcedure { subjects, tolerance } => {
                self.two_equal_arms()?;
                self.check_length("design.subjects", *subjects, LONGEST)?;
                within("design.tolerance", *tolerance, 1, LONGEST)
            }
            Design::Minimisation(minimisation) => minimisation.check(self.arms()),
        }
    }

    fn two_equal_arms(&self) -> Result<(), RandomisationError> {
        if self.ratio.len() == 2 && self.equal() { Ok(()) } else { Err(self.not_defined("two arms of equal ratio")) }
    }

    fn not_defined(&self, needs: &'static str) -> RandomisationError {
        let (design, arms, ratio) = (self.design.name(), self.arms(), ratio_text(&self.ratio));
        RandomisationError::NotDefined { design, needs, arms, ratio }
    }

    fn check_lengths(&self, lengths: &[u32], most: u32) -> Result<(), RandomisationError> {
        if lengths.is_empty() {
            return Err(RandomisationError::Empty { field: "design.lengths".into() });
        }
        for (at, &length) in lengths.iter().enumerate() {
            self.check_length(&format!("design.lengths[{at}]"), length, most)?;
        }
        Ok(())
    }

    fn check_length(&self, field: &str, length: u32, most: u32) -> Result<(), RandomisationError> {
        within(field, length, 1, most)?;
        if length.is_multiple_of(self.unit) {
            return Ok(());
        }
        let (ratio, unit) = (ratio_text(&self.ratio), self.unit);
        Err(RandomisationError::NotMultiple { field: field.into(), length, ratio, unit })
    }

    /// The blocks that can follow (after `None` the first), each with its probability; empty where the design has ended. `None` for
    /// designs without blocks.
    pub fn openings(&self, after: Option<&Block>) -> Option<Vec<(Block, f64)>> {
        let block = |place: u32, length: u32| Block { place, length, filled: vec![0; self.arms()] };
        match &self.design {
            Design::PermutedBlock { lengths } | Design::TruncatedBinomial { lengths } => {
                let place = after.map_or(0, |block| (block.place + 1) % lengths.len() as u32);
                Some(lengths.get(place as usize).map(|&length| (block(place, length), 1.0)).into_iter().collect())
            }
            Design::RandomBlock { lengths, weights } => {
                let weight = |at: usize| weights.get(at).copied().unwrap_or(1.0);
                let sum: f64 = (0..lengths.len()).map(weight).sum();
                let open = |(at, &length): (usize, &u32)| (block(0, length), weight(at) / sum);
                Some(lengths.iter().enumerate().map(open).filter(|(_, p)| *p > 0.0).collect())
            }
            Design::RandomAllocation { subjects } => {
                Some(if after.is_none() { vec![(block(0, *subjects), 1.0)] } else { Vec::new() })
            }
            _ => None,
        }
    }

    /// Probability of each arm, given the numbers allocated so far and, where the design has blocks, the length of the block at hand and
    /// what it holds. All zero where the design has ended, and for minimisation, which needs more.
    pub(crate) fn law(&self, counts: &[u32], block: Option<(u32, &[u32])>, out: &mut [f64]) {
        match (&self.design, block) {
            (Design::Simple {}, _) => {
                for (p, &share) in out.iter_mut().zip(&self.ratio) {
                    *p = f64::from(share) / f64::from(self.unit);
                }
            }
            (Design::Minimisation(_), _) => out.fill(0.0),
            (Design::TruncatedBinomial { .. }, Some((length, filled))) => truncated(length / 2, filled, out),
            (_, Some((length, filled))) => {
                let left = f64::from(length.saturating_sub(filled.iter().sum()).max(1));
                for ((p, &share), &held) in out.iter_mut().zip(&self.ratio).zip(filled) {
                    *p = f64::from((length / self.unit * share).saturating_sub(held)) / left;
                }
            }
            (Design::Urn { initial, added }, _) => {
                let n: f64 = counts.iter().map(|&count| f64::from(count)).sum();
                let (initial, added, arms) = (f64::from(*initial), f64::from(*added), counts.len() as f64);
                let balls = arms * initial + (arms - 1.0) * added * n;
                for (p, &count) in out.iter_mut().zip(counts) {
                    *p = if balls > 0.0 { (initial + added * (n - f64::from(count))) / balls } else { 1.0 / arms };
                }
            }
            _ => {
                let [first, second] = counts else { return out.fill(0.0) };
                let away = self.away(first + second, first.abs_diff(*second));
                let [p, q] = out else { return };
                (*p, *q) = match (away, first.cmp(second)) {
                    (None, _) => (0.0, 0.0),
                    (Some(_), std::cmp::Ordering::Equal) => (0.5, 0.5),
                    (Some(away), std::cmp::Ordering::Greater) => (away, 1.0 - away),
                    (Some(away), std::cmp::Ordering::Less) => (1.0 - away, away),
                };
            }
        }
    }

    /// Two equal arms without blocks: probability that |D| grows, after n subjects; `None` where the design has ended.
    fn away(&self, n: u32, difference: u32) -> Option<f64> {
        if difference == 0 && self.design.most_subjects().is_none_or(|most| n < most) {
            return Some(1.0);
        }
        match &self.design {
            Design::BiasedCoin { probability } => Some(1.0 - probability),
            Design::ToleranceCoin { probability, tolerance } => {
                Some(if difference >= *tolerance { 0.0 } else { 1.0 - probability })
            }
            Design::BigStick { tolerance } => Some(if difference >= *tolerance { 0.0 } else { 0.5 }),
            Design::MaximalProcedure { subjects, tolerance } => {
                let width = *tolerance as usize + 1;
                let row = (subjects.checked_sub(n)?.checked_sub(1)?) as usize * width;
                let at = |d: u32| self.ways.get(row + d as usize).copied().unwrap_or(0.0);
                let further = if difference < *tolerance { at(difference + 1) } else { 0.0 };
                let all = further + at(difference.checked_sub(1)?);
                // a history outside the tolerance, or too far from 0 to come back, has no way
                (all > 0.0).then(|| further / all)
            }
            _ => None,
        }
    }
}

/// Two arms of a truncated binomial.
fn truncated(half: u32, filled: &[u32], out: &mut [f64]) {
    if let ([p, q], [first, second]) = (out, filled) {
        (*p, *q) = match (*first < half, *second < half) {
            (true, true) => (0.5, 0.5),
            (true, false) => (1.0, 0.0),
            (false, true) => (0.0, 1.0),
            (false, false) => (0.0, 0.0),
        };
    }
}

/// Rows m = 0, …, n of w(m, d), d = 0, …, b, each scaled.
fn ways(subjects: u32, tolerance: u32) -> Result<Vec<f64>, RandomisationError> {
    let width = tolerance as usize + 1;
    let asked = (u64::from(subjects) + 1) * width as u64;
    if asked > LARGEST_TABLE {
        let what = "subjects times tolerance of the maximal procedure";
        return Err(RandomisationError::TooLarge { what, asked, most: LARGEST_TABLE });
    }
    let mut table = vec![0.0; asked as usize];
    table[0] = 1.0;
    for m in 1..=subjects as usize {
        let (before, now) = table[(m - 1) * width..(m + 1) * width].split_at_mut(width);
        let mut largest = 0.0f64;
        for (d, w) in now.iter_mut().enumerate() {
            let down = if d == 0 { before.get(1) } else { before.get(d - 1) };
            *w = before.get(d + 1).unwrap_or(&0.0) + down.unwrap_or(&0.0);
            largest = largest.max(*w);
        }
        for w in now {
            *w /= largest;
        }
    }
    Ok(table)
}

/// Weights of `expected` things: none at all, or one each, none negative, some positive.
pub(super) fn check_weights(field: &str, weights: &[f64], expected: usize) -> Result<(), RandomisationError> {
    if weights.is_empty() {
        return Ok(());
    }
    if weights.len() != expected {
        return Err(RandomisationError::EntryCount { field: field.into(), given: weights.len(), expected });
    }
    for (at, &weight) in weights.iter().enumerate() {
        if !(0.0..=1e9).contains(&weight) {
            let (field, value, requirement) = (format!("{field}[{at}]"), weight.to_string(), "0 to 1e9".to_owned());
            return Err(RandomisationError::OutOfRange { field, value, requirement });
        }
    }
    if weights.iter().all(|&weight| weight <= 0.0) {
        let requirement = "above 0 for one at least".to_owned();
        return Err(RandomisationError::OutOfRange { field: field.into(), value: "0".into(), requirement });
    }
    Ok(())
}
