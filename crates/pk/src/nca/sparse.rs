//! What is the exposure when no animal gives a whole profile?
//!
//! In toxicokinetics an animal is sampled once (serial, destructive sampling) or at some of the times (batch sampling). The area of the
//! mean profile and its standard error are
//! ```text
//! AUC = Σ w_j x̄_j        w_1 = (t_2 − t_1)/2, w_j = (t_{j+1} − t_{j−1})/2, w_J = (t_J − t_{J−1})/2
//! var = Σ_ij w_i w_j r_ij c_ij / (n_i n_j)
//! c_ij = Σ (x_ik − x̄_i)(x_jk − x̄_j) / ((r_ij − 1) + (1 − r_ij/n_i)(1 − r_ij/n_j))      over the r_ij animals sampled at both times
//! df  = var² / Σ_b v_b²/(m_b − 1)
//! ```
//! where `v_b` is the share of `var` of batch b, the `m_b` animals sampled at the same times. With one sample an animal `r_ij = 0` off the diagonal and each time is
//! a batch: this is Bailer's variance, and the degrees of freedom are Nedelman and Jia's. With complete batches they are Holder's, with overlapping ones Jaki and Wolfsegger's.
//! Bailer's interval takes the normal distribution, Nedelman and Jia's Student's t.
//!
//! Assumes independent animals and the linear rule. A time needs 2 animals. Times are since the dose.
//!
//! Where packages differ: the estimated covariance can exceed what two variances allow (Cauchy-Schwarz); it is clipped to `±√(c_ii c_jj)`, as in
//! PKNCA, and the number of clipped pairs is told. PKNCA 0.12 gives no degrees of freedom for batches; the package PK 1.3-6 gives these.
//!
//! Sources: Bailer (1988), J Pharmacokinet Biopharm 16:303-309; Nedelman, Gibiansky, Lau (1995), Pharm Res 12:124-128;
//! Nedelman, Jia (1998), J Biopharm Stat 8:317-328; Holder, Hsuan, Dixit (1999), J Biopharm Stat 9:451-464; Holder (2001), J Biopharm Stat 11:75-79;
//! Jaki, Wolfsegger (2012), Stat Med 31:1059-1073.
//! Cost O(J² N) for J times and N animals. Tested against PK 1.3-6 and the published examples (tests/nca/sparse.rs).

mod derived;

pub use derived::{SparseEstimate, SparseParameter, TailOptions, VarianceDivisor, derived_parameters};

use super::reason::{Outcome, Reason};
use croft_num::dist::{Continuous, Normal, StudentsT};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One sample of one animal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SparseSample {
    /// The caller's row.
    pub row: usize,
    /// The animal.
    pub animal: String,
    /// Time since the dose.
    pub time: f64,
    /// Concentration, not negative; BLQ as 0.
    pub conc: f64,
}

/// Why data are not a sparse design.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum SparseError {
    #[error("row {row}: time {time} or concentration {conc} is negative or not a finite number")]
    NotANumber { row: usize, time: f64, conc: f64 },
    #[error("rows {first_row} and {row}: animal {animal} has two samples at time {time}")]
    Duplicate { first_row: usize, row: usize, animal: String, time: f64 },
    #[error("{found} sampling time(s): an area needs at least 2")]
    TooFewTimes { found: usize },
    #[error("time {time}: {found} animal(s), a variance needs at least 2")]
    TooFewAnimals { time: f64, found: usize },
    #[error("a tail of {tail} times: the regression needs at least 2 and the design has {times}")]
    Tail { tail: usize, times: usize },
    #[error("time {time} is in the tail and an animal has no measurable concentration there")]
    ZeroInTail { time: f64 },
    #[error("the tail does not fall")]
    TailNotFalling,
    #[error("dose {dose} is not a positive number")]
    Dose { dose: f64 },
    #[error("the confidence level {level} does not lie between 0 and 1")]
    Level { level: f64 },
}

impl SparseError {
    /// What the reader of the message can do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NotANumber { .. } => "leave out samples without result; write a result below quantification as 0",
            Self::Duplicate { .. } => "keep one result a sample, or give each animal its own identifier",
            Self::TooFewTimes { .. } => "an area needs a second sampling time",
            Self::TooFewAnimals { .. } => {
                "leave the time out with a reason, or report the means without standard error"
            }
            Self::Tail { .. } | Self::ZeroInTail { .. } | Self::TailNotFalling => {
                "choose the number of tail times so that all are measurable and fall, or report the area to the last time"
            }
            Self::Dose { .. } => "give the dose as a number greater than 0",
            Self::Level { .. } => "give a level such as 0.95",
        }
    }
}

/// A serial or batch design: concentration by time and animal.
#[derive(Clone, Debug, PartialEq)]
pub struct SparseDesign {
    times: Vec<f64>,
    /// One row an animal, one column a time.
    conc: Vec<Vec<Option<f64>>>,
}

impl SparseDesign {
    /// Checks and arranges the samples, which may come in any order.
    ///
    /// # Errors
    /// The first fault found, with the caller's row.
    pub fn new(samples: &[SparseSample]) -> Result<Self, SparseError> {
        for &SparseSample { row, time, conc, .. } in samples {
            if !(time.is_finite() && conc.is_finite() && conc >= 0.0) {
                return Err(SparseError::NotANumber { row, time, conc });
            }
        }
        let mut times: Vec<f64> = samples.iter().map(|s| s.time).collect();
        times.sort_by(f64::total_cmp);
        times.dedup_by(|a, b| *a <= *b);
        if times.len() < 2 {
            return Err(SparseError::TooFewTimes { found: times.len() });
        }
        let mut animals: BTreeMap<&str, Vec<Option<(f64, usize)>>> = BTreeMap::new();
        for s in samples {
            let at = times.partition_point(|&t| t < s.time);
            let slot = &mut animals.entry(&s.animal).or_insert_with(|| vec![None; times.len()])[at];
            if let Some((_, first_row)) = *slot {
                let animal = s.animal.clone();
                return Err(SparseError::Duplicate { first_row, row: s.row, animal, time: s.time });
            }
            *slot = Some((s.conc, s.row));
        }
        let conc: Vec<Vec<Option<f64>>> =
            animals.into_values().map(|a| a.into_iter().map(|slot| slot.map(|(conc, _)| conc)).collect()).collect();
        for (j, &time) in times.iter().enumerate() {
            let found = conc.iter().filter(|a| a[j].is_some()).count();
            if found < 2 {
                return Err(SparseError::TooFewAnimals { time, found });
            }
        }
        Ok(Self { times, conc })
    }

    /// The sampling times.
    pub fn times(&self) -> &[f64] {
        &self.times
    }

    /// Weights of the linear rule.
    fn weights(&self) -> Vec<f64> {
        let t = &self.times;
        let last = t.len() - 1;
        (0..=last).map(|j| (t[(j + 1).min(last)] - t[j.saturating_sub(1)]) / 2.0).collect()
    }

    fn column(&self, j: usize) -> Column {
        Column(self.conc.iter().map(|animal| animal[j]).collect())
    }

    /// Batches: animals sampled at the same times. Each gives its number of animals and its times.
    fn batches(&self) -> BTreeMap<Vec<bool>, usize> {
        let mut batches = BTreeMap::new();
        for animal in &self.conc {
            *batches.entry(animal.iter().map(Option::is_some).collect()).or_insert(0) += 1;
        }
        batches
    }
}

/// What was measured (or its logarithm) at one time, by animal.
struct Column(Vec<Option<f64>>);

impl Column {
    fn n(&self) -> usize {
        self.0.iter().flatten().count()
    }

    fn mean(&self) -> f64 {
        self.0.iter().flatten().sum::<f64>() / self.n() as f64
    }

    /// Animals in both, and Holder's covariance; none when the denominator is 0 (no or one common animal).
    fn covariance(&self, other: &Self) -> (usize, Option<f64>) {
        let (mean, other_mean) = (self.mean(), other.mean());
        let (mut r, mut products) = (0, 0.0);
        for (x, y) in self.0.iter().zip(&other.0) {
            if let (Some(x), Some(y)) = (x, y) {
                r += 1;
                products += (x - mean) * (y - other_mean);
            }
        }
        let common = r as f64;
        let denominator = (common - 1.0) + (1.0 - common / self.n() as f64) * (1.0 - common / other.n() as f64);
        (r, (r > 0 && denominator > 0.0).then(|| products / denominator))
    }
}

/// Covariances of a set of columns, within what the variances allow.
struct Covariances {
    /// `c_ij`.
    covariance: Vec<Vec<f64>>,
    /// `r_ij`.
    common: Vec<Vec<usize>>,
    /// Pairs that were clipped.
    clipped: usize,
}

impl Covariances {
    fn new(columns: &[Column]) -> Self {
        let n = columns.len();
        let variance: Vec<f64> = columns.iter().map(|c| c.covariance(c).1.unwrap_or(0.0)).collect();
        let mut covariance = vec![vec![0.0; n]; n];
        let mut common = vec![vec![0; n]; n];
        let mut clipped = 0;
        for i in 0..n {
            covariance[i][i] = variance[i];
            common[i][i] = columns[i].n();
            for j in 0..i {
                let (r, c) = columns[i].covariance(&columns[j]);
                let bound = (variance[i] * variance[j]).sqrt();
                let c = c.unwrap_or(0.0);
                // a pair of columns of the same animals can stand at the bound and above it by rounding only
                clipped += usize::from(c.abs() > bound * (1.0 + 1e-12));
                covariance[i][j] = c.clamp(-bound, bound);
                covariance[j][i] = covariance[i][j];
                common[i][j] = r;
                common[j][i] = r;
            }
        }
        Self { covariance, common, clipped }
    }
}

/// A two-sided confidence interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// Lower limit.
    pub lower: f64,
    /// Upper limit.
    pub upper: f64,
}

impl Limits {
    fn around(estimate: f64, half: f64) -> Self {
        Self { lower: estimate - half, upper: estimate + half }
    }
}

/// The area of the mean profile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SparseAuc {
    /// AUC from the first to the last time, linear rule.
    pub auc: f64,
    /// Its standard error.
    pub se: f64,
    /// Satterthwaite's degrees of freedom; not calculable when a batch has one animal or nothing varies.
    pub df: Outcome,
    /// Confidence level of the intervals.
    pub level: f64,
    /// Bailer's interval, by the normal distribution.
    pub by_z: Limits,
    /// Nedelman and Jia's (batch: Holder's) interval, by Student's t.
    pub by_t: Result<Limits, Reason>,
    /// Mean concentration at each time.
    pub means: Vec<f64>,
    /// Pairs of times whose covariance was clipped.
    pub clipped: usize,
}

/// The area of the mean profile with its standard error. `level` lies between 0 and 1 (0.95).
///
/// # Errors
/// When `level` does not.
pub fn sparse_auc(design: &SparseDesign, level: f64) -> Result<SparseAuc, SparseError> {
    let z = z_quantile(level)?;
    let columns: Vec<Column> = (0..design.times.len()).map(|j| design.column(j)).collect();
    let weights = design.weights();
    let means: Vec<f64> = columns.iter().map(Column::mean).collect();
    let auc = weights.iter().zip(&means).map(|(w, m)| w * m).sum();
    let covariances = Covariances::new(&columns);
    let scaled: Vec<f64> = weights.iter().zip(&columns).map(|(w, c)| w / c.n() as f64).collect();
    let share = |times: &[bool], animals: usize| {
        let mut sum = 0.0;
        for (i, wi) in scaled.iter().enumerate().filter(|(i, _)| times[*i]) {
            for (j, wj) in scaled.iter().enumerate().filter(|(j, _)| times[*j]) {
                sum += wi * wj * covariances.covariance[i][j];
            }
        }
        sum * animals as f64
    };
    let shares: Vec<(f64, usize)> = design.batches().into_iter().map(|(times, m)| (share(&times, m), m)).collect();
    let variance = shares.iter().map(|(v, _)| v).sum::<f64>().max(0.0);
    let se = variance.sqrt();
    let df = degrees_of_freedom(variance, &shares);
    let t_quantile = |df: f64| StudentsT::new(df).and_then(|law| law.quantile_upper((1.0 - level) / 2.0));
    let by_t = df.get().and_then(|df| t_quantile(df).map_err(|_| Reason::ZeroDenominator));
    let by_t = by_t.map(|t| Limits::around(auc, t * se));
    let by_z = Limits::around(auc, z * se);
    Ok(SparseAuc { auc, se, df, level, by_z, by_t, means, clipped: covariances.clipped })
}

/// The normal quantile of a two-sided interval.
fn z_quantile(level: f64) -> Result<f64, SparseError> {
    let inside = level > 0.0 && level < 1.0;
    let quantile = Normal::STANDARD.quantile_upper((1.0 - level) / 2.0);
    quantile.ok().filter(|_| inside).ok_or(SparseError::Level { level })
}

fn degrees_of_freedom(variance: f64, shares: &[(f64, usize)]) -> Outcome {
    let mut denominator = 0.0;
    for &(share, animals) in shares {
        if animals < 2 {
            return Outcome::NotCalculable(Reason::TooFewAnimals);
        }
        denominator += share * share / (animals as f64 - 1.0);
    }
    super::reason::ratio(variance * variance, denominator).into()
}
