//! Which arm keeps the factors of the subjects balanced?
//!
//! Pocock & Simon 1975 (Biometrics 31:103–115). For a new subject with level ℓ_i of factor i, and n_ik earlier subjects of that level in arm
//! k, suppose the subject went to arm a: x_k = (n_ik + [k = a]) / r_k. The imbalance if a is chosen is
//! ```text
//! G(a) = Σ_i w_i · V(x_1, …, x_K)         V: range max − min, standard deviation (divisor K − 1), or variance (divisor K − 1)
//! ```
//! Arms with the least G are preferred: together they have probability p, the others 1 − p. When all are alike, all share 1. The first
//! subject of all is drawn by the ratio.
//!
//! Where packages differ: the R package Minirand shares p among arms that tie equally even where the ratio is not, and so does the default
//! here ([`Share::Equal`]); [`Share::Ratio`] shares by the ratio. SAS macros of the literature use the range mostly; Minirand offers the three.
//! With more than two arms, p below (K − 1)/K can leave the one arm that is worse more probable than each of those that tie.
//!
//! Counts that differ by rounding alone tie: G within 1e-9 of the least, relative to the largest.
//!
//! Worked example tested: Korean J Anesthesiol 2019 (PMC6547231) table 4.

use super::choose;
use super::design::{Share, fraction};
use super::error::RandomisationError;
use super::law::check_weights;
use super::scheme::{check_factors, probability};
use serde::{Deserialize, Serialize};

/// How the spread of counts over arms is measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Largest less smallest.
    #[default]
    Range,
    /// Standard deviation of the sample.
    StandardDeviation,
    /// Variance of the sample.
    Variance,
}

impl Measure {
    /// The measure of numbers by arm; 0 for fewer than two.
    pub fn of(self, x: &[f64]) -> f64 {
        match self {
            Self::Range => {
                let ends = x.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), &x| (a.min(x), b.max(x)));
                if x.is_empty() { 0.0 } else { ends.1 - ends.0 }
            }
            Self::StandardDeviation => Self::Variance.of(x).sqrt(),
            Self::Variance if x.len() < 2 => 0.0,
            Self::Variance => {
                let n = x.len() as f64;
                let mean = x.iter().sum::<f64>() / n;
                x.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0)
            }
        }
    }
}

/// A factor that is balanced.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BalancedFactor {
    /// Its name.
    pub name: String,
    /// Its levels.
    pub levels: Vec<String>,
    /// Its weight w.
    #[serde(default = "unit_weight")]
    pub weight: f64,
    /// How frequent the levels are expected to be, in any unit; used by the simulation of properties only. None: all alike.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prevalence: Vec<f64>,
}

fn unit_weight() -> f64 {
    1.0
}

/// Settings of a minimisation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Minimisation {
    /// The factors.
    pub factors: Vec<BalancedFactor>,
    /// How the spread over arms is measured.
    #[serde(default)]
    pub measure: Measure,
    /// Probability of the preferred arm, 1/K to 1. With 1 only ties leave anything to chance.
    #[serde(deserialize_with = "fraction")]
    pub probability: f64,
    /// How preferred arms that tie share p.
    #[serde(default)]
    pub ties: Share,
    /// How the other arms share 1 − p.
    #[serde(default)]
    pub others: Share,
}

impl Minimisation {
    pub(super) fn check(&self, arms: usize) -> Result<(), RandomisationError> {
        if self.factors.is_empty() {
            return Err(RandomisationError::Empty { field: "design.factors".into() });
        }
        check_factors("design.factors", self.factors.iter().map(|f| (&f.name, &f.levels)))?;
        let weights: Vec<f64> = self.factors.iter().map(|factor| factor.weight).collect();
        check_weights("design.factors.weight", &weights, weights.len())?;
        for (at, factor) in self.factors.iter().enumerate() {
            let field = format!("design.factors[{at}].prevalence");
            check_weights(&field, &factor.prevalence, factor.levels.len())?;
        }
        let least = 1.0 / arms as f64;
        probability("design.probability", self.probability, least, &format!("a probability from 1/{arms} to 1"))
    }

    pub(super) fn settings(&self) -> String {
        let measure = match self.measure {
            Measure::Range => "range",
            Measure::StandardDeviation => "standard deviation",
            Measure::Variance => "variance",
        };
        let factors: Vec<String> = self.factors.iter().map(|f| format!("{} ({})", f.name, f.weight)).collect();
        format!("p {:.4}, {measure}, {}", self.probability, factors.join(", "))
    }

    /// Positions of levels given by name, one a factor.
    ///
    /// # Errors
    /// When one is missing or unknown.
    pub fn levels(&self, names: &[&str]) -> Result<Vec<usize>, RandomisationError> {
        self.expect(names.len())?;
        let place = |(factor, name): (&BalancedFactor, &&str)| {
            let unknown =
                || RandomisationError::UnknownLevel { factor: factor.name.clone(), level: (*name).to_owned() };
            factor.levels.iter().position(|level| level == name).ok_or_else(unknown)
        };
        self.factors.iter().zip(names).map(place).collect()
    }

    fn expect(&self, given: usize) -> Result<(), RandomisationError> {
        let expected = self.factors.len();
        if given == expected {
            return Ok(());
        }
        Err(RandomisationError::EntryCount { field: "levels of the subject".into(), given, expected })
    }
}

/// A subject that was allocated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Its level of each factor, by position.
    pub levels: Vec<usize>,
    /// Its arm, by position.
    pub arm: usize,
}

/// How many subjects of each level are in each arm: all that minimisation needs of the past. The order of the subjects does not matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// By factor, level, arm.
    counts: Vec<Vec<Vec<u32>>>,
    subjects: usize,
    arms: usize,
}

impl Tally {
    /// No subject yet.
    pub fn new(minimisation: &Minimisation, arms: usize) -> Self {
        let counts = minimisation.factors.iter().map(|f| vec![vec![0; arms]; f.levels.len()]).collect();
        Self { counts, subjects: 0, arms }
    }

    /// Adds an allocated subject, at a cost of one step a factor.
    ///
    /// # Errors
    /// When a level or the arm is none of the scheme's; the tally is then as before.
    pub fn add(&mut self, levels: &[usize], arm: usize) -> Result<(), RandomisationError> {
        if arm >= self.arms {
            return Err(RandomisationError::UnknownArm { arm, arms: self.arms });
        }
        self.known(levels)?;
        for (factor, &level) in self.counts.iter_mut().zip(levels) {
            if let Some(count) = factor.get_mut(level).and_then(|arms| arms.get_mut(arm)) {
                *count += 1;
            }
        }
        self.subjects += 1;
        Ok(())
    }

    fn known(&self, levels: &[usize]) -> Result<(), RandomisationError> {
        if levels.len() != self.counts.len() {
            let (given, expected) = (levels.len(), self.counts.len());
            return Err(RandomisationError::EntryCount { field: "levels of the subject".into(), given, expected });
        }
        for (at, (factor, &level)) in self.counts.iter().zip(levels).enumerate() {
            if level >= factor.len() {
                let (factor, level) = (format!("number {}", at + 1), format!("number {}", level + 1));
                return Err(RandomisationError::UnknownLevel { factor, level });
            }
        }
        Ok(())
    }

    /// How many subjects.
    pub fn subjects(&self) -> usize {
        self.subjects
    }

    /// Subjects of a level by arm; empty for a level that there is not.
    pub fn of(&self, factor: usize, level: usize) -> &[u32] {
        self.counts.get(factor).and_then(|levels| levels.get(level)).map_or(&[], Vec::as_slice)
    }
}

/// A minimisation with the ratio of its arms: the formulas above.
#[derive(Clone, Copy, Debug)]
pub struct Minimiser<'s> {
    /// Its settings.
    pub minimisation: &'s Minimisation,
    /// The arms' ratio.
    pub ratio: &'s [u32],
}

impl<'s> Minimiser<'s> {
    /// Of a proven design.
    ///
    /// # Errors
    /// When it is another design.
    pub fn new(rule: &'s super::Rule) -> Result<Self, RandomisationError> {
        match rule.design() {
            super::Design::Minimisation(minimisation) => Ok(Self { minimisation, ratio: rule.ratio() }),
            other => Err(RandomisationError::NotMinimisation { design: other.name() }),
        }
    }

    /// The tally of a history, at a cost of one step a subject and factor.
    ///
    /// # Errors
    /// When a subject has an unknown level or arm.
    pub fn tally(&self, history: &[Subject]) -> Result<Tally, RandomisationError> {
        let mut tally = Tally::new(self.minimisation, self.ratio.len());
        for subject in history {
            tally.add(&subject.levels, subject.arm)?;
        }
        Ok(tally)
    }

    /// G(a) for each arm a: the imbalance over the subject's levels if it went there.
    ///
    /// # Errors
    /// When a level is unknown.
    pub fn imbalances(&self, tally: &Tally, levels: &[usize]) -> Result<Vec<f64>, RandomisationError> {
        tally.known(levels)?;
        let mut x = vec![0.0; self.ratio.len()];
        let imbalance = |arm: usize| {
            let mut sum = 0.0;
            for (at, (factor, &level)) in self.minimisation.factors.iter().zip(levels).enumerate() {
                for (k, (x, &count)) in x.iter_mut().zip(tally.of(at, level)).enumerate() {
                    let count = count + u32::from(k == arm);
                    *x = f64::from(count) / f64::from(self.ratio.get(k).copied().unwrap_or(1));
                }
                sum += factor.weight * self.minimisation.measure.of(&x);
            }
            sum
        };
        Ok((0..self.ratio.len()).map(imbalance).collect())
    }

    /// Which arms have the least imbalance.
    pub fn preferred(imbalances: &[f64]) -> Vec<bool> {
        let least = imbalances.iter().copied().fold(f64::INFINITY, f64::min);
        let largest = imbalances.iter().copied().fold(0.0, f64::max);
        imbalances.iter().map(|&g| g - least <= 1e-9 * largest).collect()
    }

    /// Probability of each arm for a subject of these levels.
    ///
    /// # Errors
    /// When a level is unknown.
    pub fn probabilities(&self, tally: &Tally, levels: &[usize]) -> Result<Vec<f64>, RandomisationError> {
        let preferred = Self::preferred(&self.imbalances(tally, levels)?);
        let all = |_: usize| true;
        if tally.subjects == 0 {
            return Ok(self.shared(1.0, Share::Ratio, all));
        }
        if preferred.iter().all(|&is| is) {
            return Ok(self.shared(1.0, self.minimisation.ties, all));
        }
        let is = |arm: usize| preferred.get(arm).copied().unwrap_or(false);
        let p = self.minimisation.probability;
        let first = self.shared(p, self.minimisation.ties, is);
        let rest = self.shared(1.0 - p, self.minimisation.others, |arm| !is(arm));
        Ok(first.iter().zip(&rest).map(|(a, b)| a + b).collect())
    }

    /// A probability shared among some arms.
    fn shared(&self, p: f64, share: Share, among: impl Fn(usize) -> bool) -> Vec<f64> {
        let part = |(arm, &ratio): (usize, &u32)| match (among(arm), share) {
            (false, _) => 0.0,
            (true, Share::Equal) => 1.0,
            (true, Share::Ratio) => f64::from(ratio),
        };
        let parts: Vec<f64> = self.ratio.iter().enumerate().map(part).collect();
        let sum: f64 = parts.iter().sum();
        parts.iter().map(|part| p * part / sum).collect()
    }

    /// The arm of a subject of these levels, given a draw from (0, 1). Costs one step a factor and pair of arms.
    ///
    /// # Errors
    /// When a level is unknown, or the draw outside (0, 1).
    pub fn next(&self, tally: &Tally, levels: &[usize], draw: f64) -> Result<usize, RandomisationError> {
        if !(draw > 0.0 && draw < 1.0) {
            return Err(RandomisationError::Draw { draw });
        }
        Ok(choose(&self.probabilities(tally, levels)?, draw))
    }

    /// Σ_i w_i Σ_ℓ V over all levels of all factors: the imbalance of a trial so far.
    pub fn total(&self, tally: &Tally) -> f64 {
        let scaled = |counts: &Vec<u32>| {
            let x: Vec<f64> = counts.iter().zip(self.ratio).map(|(&n, &r)| f64::from(n) / f64::from(r)).collect();
            self.minimisation.measure.of(&x)
        };
        let of_factor = |levels: &Vec<Vec<u32>>| levels.iter().map(scaled).sum::<f64>();
        self.minimisation.factors.iter().zip(&tally.counts).map(|(f, levels)| f.weight * of_factor(levels)).sum()
    }
}
