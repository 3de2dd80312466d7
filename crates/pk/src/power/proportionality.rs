//! Power and sample size to show dose proportionality.
//!
//! In the power model `ln Y = α + β ln dose` doses are proportional when the confidence interval of β lies within
//! `1 + ln θ1 / ln r` to `1 + ln θ2 / ln r`, r the ratio of the highest to the lowest dose (Smith 2000). That is a pair
//! of one-sided tests of β, whose estimate has the variance
//! ```text
//! crossover:  σ² / (n Σ (xj − x̄)²)            xj = ln dose j, each subject takes each dose
//! parallel:   σ² / Σ nj (xj − x̄)²             nj subjects on dose j, x̄ their weighted mean
//! ```
//! with `n (k − 1) − k` (periods in the model) and `n − 2` degrees of freedom.
//!
//! Where packages differ: PowerTOST takes the noncentral t; here by default Owen's Q, which agrees to six digits where
//! the power is of interest. Incomplete block designs are not covered.
//!
//! Sources: Smith BP et al. (2000) *Pharm Res* 17:1278; Sethuraman VS et al. (2007) *Pharm Stat* 6:35;
//! Hummel J et al. (2009) *Pharm Stat* 8:38 (wider limits 0.5 to 2 for exploration).

use super::error::PowerError;
use super::search::{SampleSize, SearchRange, smallest};
use super::tost::{Analysis, PowerMethod, large_sample, power_of_two_tests};
use super::variability::log_variance;
use croft_num::math::ln;

/// How subjects and doses meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DoseDesign {
    /// Each subject takes each dose (Latin square).
    Crossover,
    /// One dose a subject, groups as equal as they go.
    Parallel,
}

/// A planned study of dose proportionality.
#[derive(Clone, Debug, PartialEq)]
pub struct Proportionality {
    /// the doses, all positive, at least two different ones
    pub doses: Vec<f64>,
    /// within-subject CV (crossover) or total CV (parallel)
    pub cv: f64,
    /// true slope β
    pub slope: f64,
    /// lower limit of the ratio of dose-normalised means
    pub lower: f64,
    /// upper limit of the ratio of dose-normalised means
    pub upper: f64,
    /// level of each one-sided test
    pub alpha: f64,
    /// crossover or parallel
    pub design: DoseDesign,
    /// how power is computed
    pub method: PowerMethod,
}

impl Proportionality {
    /// A crossover with limits 0.80 to 1.25, alpha 0.05 and a true ratio of dose-normalised means of 0.95.
    pub fn new(doses: &[f64], cv: f64) -> Self {
        let span = span(doses).unwrap_or(1.0);
        Self {
            doses: doses.to_vec(),
            cv,
            slope: 1.0 + ln(0.95) / span,
            lower: 0.8,
            upper: 1.25,
            alpha: 0.05,
            design: DoseDesign::Crossover,
            method: PowerMethod::Exact,
        }
    }

    fn analysis(&self) -> Result<Analysis, PowerError> {
        let span = span(&self.doses).ok_or(PowerError::Doses { given: self.doses.len() })?;
        if !(self.cv > 0.0 && self.cv.is_finite()) {
            return Err(PowerError::Variability { value: self.cv });
        }
        if !self.slope.is_finite() {
            return Err(PowerError::Theta0 { value: self.slope });
        }
        if !(self.lower > 0.0 && self.lower < self.upper && self.upper.is_finite()) {
            return Err(PowerError::Limits { lower: self.lower, upper: self.upper });
        }
        if !(self.alpha > 0.0 && self.alpha < 0.5) {
            return Err(PowerError::Alpha { value: self.alpha });
        }
        Ok(Analysis {
            sd: log_variance(self.cv).sqrt(),
            theta0: self.slope,
            lower: 1.0 + ln(self.lower) / span,
            upper: 1.0 + ln(self.upper) / span,
        })
    }

    /// Corrected sum of squares of the log doses over all observations of `subjects`.
    fn sum_of_squares(&self, subjects: u32) -> f64 {
        let k = self.doses.len() as u32;
        let count = |j: usize| match self.design {
            DoseDesign::Crossover => f64::from(subjects),
            DoseDesign::Parallel => f64::from(subjects / k + u32::from((j as u32) < subjects % k)),
        };
        let points: Vec<(f64, f64)> = self.doses.iter().enumerate().map(|(j, &d)| (count(j), ln(d))).collect();
        let total: f64 = points.iter().map(|p| p.0).sum();
        let mean = points.iter().map(|(n, x)| n * x).sum::<f64>() / total;
        points.iter().map(|(n, x)| n * (x - mean) * (x - mean)).sum()
    }

    fn degrees_of_freedom(&self, subjects: u32) -> f64 {
        let (n, k) = (f64::from(subjects), self.doses.len() as f64);
        match self.design {
            DoseDesign::Crossover => n * (k - 1.0) - k,
            DoseDesign::Parallel => n - 2.0,
        }
    }
}

/// ln(highest dose / lowest dose), when there are two different positive doses.
fn span(doses: &[f64]) -> Option<f64> {
    if doses.iter().any(|d| !(*d > 0.0 && d.is_finite())) {
        return None;
    }
    let highest = doses.iter().copied().reduce(f64::max)?;
    let lowest = doses.iter().copied().reduce(f64::min)?;
    (highest > lowest).then(|| ln(highest / lowest))
}

/// Power to conclude dose proportionality with this many subjects in all.
///
/// Log-normal response, one residual variance, complete data. Cost: some 10 µs.
///
/// # Errors
/// [`PowerError::Doses`], values outside their domains, too few subjects.
///
/// Test: CV 0.2, doses 1, 2, 8, slope 1.02, 18 subjects, crossover, noncentral t: 0.8545279771 (PowerTOST).
pub fn proportionality_power(plan: &Proportionality, subjects: u32) -> Result<f64, PowerError> {
    let analysis = plan.analysis()?;
    let df = plan.degrees_of_freedom(subjects);
    let squares = plan.sum_of_squares(subjects);
    if df < 1.0 || squares <= 0.0 {
        return Err(PowerError::NotPositive { what: "the number of degrees of freedom", value: df });
    }
    power_of_two_tests(plan.method, plan.alpha, df, analysis, analysis.sd / squares.sqrt())
}

/// The smallest number of subjects, the same on each dose or sequence, with at least the target power.
///
/// # Errors
/// [`PowerError::OutsideLimits`] when the true slope is not inside the limits of the slope.
///
/// Test: CV 0.4, doses 5, 50, 500, slope 1, limits 0.5 to 2, parallel: 18 subjects (PowerTOST).
pub fn proportionality_sample_size(plan: &Proportionality, target: f64) -> Result<SampleSize, PowerError> {
    let analysis = plan.analysis()?;
    if !(analysis.lower < analysis.theta0 && analysis.theta0 < analysis.upper) {
        let (lower, upper) = (analysis.lower, analysis.upper);
        return Err(PowerError::OutsideLimits { theta0: plan.slope, lower, upper });
    }
    if !(target > 0.0 && target < 1.0) {
        return Err(PowerError::Target { value: target });
    }
    let step = plan.doses.len() as u32;
    let per_subject = plan.sum_of_squares(step) / f64::from(step);
    let start = large_sample(analysis, 1.0 / per_subject, plan.alpha, target)?;
    let least = (1..).map(|i| i * step).find(|&n| plan.degrees_of_freedom(n) >= 1.0).unwrap_or(step);
    smallest(SearchRange { start, step, least }, target, |n| proportionality_power(plan, n))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_dose_has_no_slope() {
        for doses in [&[][..], &[5.0], &[5.0, 5.0], &[5.0, -1.0], &[5.0, f64::NAN]] {
            let plan = Proportionality { slope: 1.0, ..Proportionality::new(doses, 0.2) };
            assert!(matches!(proportionality_power(&plan, 12), Err(PowerError::Doses { .. })), "{doses:?}");
        }
    }

    #[test]
    fn a_full_set_of_groups_adds_power_and_uneven_ones_are_allowed() {
        let plan = Proportionality { design: DoseDesign::Parallel, ..Proportionality::new(&[1.0, 10.0, 100.0], 0.3) };
        let power = |n| proportionality_power(&plan, n).unwrap();
        assert!(power(15) < power(18) && power(16) < power(18));
    }
}
