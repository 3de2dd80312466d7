//! How likely is success when the CV, or the ratio, is itself only an estimate?
//!
//! The power is averaged over what an earlier study leaves open. With `m` degrees of freedom and observed variance σ̂²,
//! the posterior of σ² is inverse gamma (Jeffreys' prior), `σ² = m σ̂² / χ²m`; with a standard error `SEM` of the
//! observed difference, the posterior of the true difference is normal around it. Both together are normal-inverse-gamma.
//!
//! Averaging over a normal true difference needs no second integral: the estimate of the planned study is then normal
//! around the earlier estimate with variance `se² + SEM²`, independent of its own variance estimate.
//!
//! Where packages differ: Julious & Owen give an approximation by the noncentral t with `m` degrees of freedom, which
//! is offered by some programs; here the integral is taken, over the exact power (Owen's Q).
//!
//! Sources: Julious SA, Owen RJ (2006) *Pharm Stat* 5:29; O'Hagan A, Stevens JW, Campbell MJ (2005) *Pharm Stat* 4:187;
//! Bertsche A et al. (2017) *Biom J* 58:797; Held L, Sabanés Bové D (2014) *Applied Statistical Inference*, ex. 6.26.

use super::chi::mean_over_sd;
use super::design::Subjects;
use super::error::PowerError;
use super::search::{SampleSize, SearchRange, smallest};
use super::tost::{Analysis, AverageBe, large_sample, power_at_quantile};
use croft_num::dist::{Continuous, StudentsT};

/// What an earlier study leaves open.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Prior {
    /// The CV was estimated with these degrees of freedom; the ratio is taken as true.
    Cv {
        /// degrees of freedom
        df: f64,
    },
    /// The ratio was estimated with this standard error (log scale); the CV is taken as true.
    Theta0 {
        /// standard error of the difference
        standard_error: f64,
    },
    /// Both were estimated in one study.
    Both {
        /// degrees of freedom
        df: f64,
        /// standard error of the difference
        standard_error: f64,
    },
}

impl Prior {
    fn check(self) -> Result<(), PowerError> {
        let (df, standard_error) = match self {
            Self::Cv { df } => (df, 1.0),
            Self::Theta0 { standard_error } => (1.0, standard_error),
            Self::Both { df, standard_error } => (df, standard_error),
        };
        for (what, value) in [("the number of degrees of freedom", df), ("the standard error", standard_error)] {
            if !(value > 0.0 && value.is_finite()) {
                return Err(PowerError::NotPositive { what, value });
            }
        }
        Ok(())
    }
}

/// Expected power of the two one-sided tests.
///
/// The plan's variability and theta0 are the estimates of the earlier study. Assumptions as for
/// [`super::tost_power`]. Cost: some hundred powers where the CV is open.
///
/// # Errors
/// As [`super::tost_power`]; degrees of freedom or standard errors that are not positive.
///
/// Test: CV 0.25 with 22 degrees of freedom, 30 subjects, 2x2, ratio 0.95: 0.798537 (PowerTOST).
pub fn expected_power(plan: &AverageBe, prior: Prior, subjects: &Subjects) -> Result<f64, PowerError> {
    prior.check()?;
    let analysis = plan.checked()?;
    let total = subjects.sum();
    let df = plan
        .design
        .degrees_of_freedom(plan.df_rule, total)
        .ok_or(PowerError::TooFewSubjects { subjects: total, design: plan.design })?;
    let t = StudentsT::new(df)?.quantile_upper(plan.alpha)?;
    let factor = subjects.variance_factor().sqrt();
    let with = |sd: f64, prior_se: f64| {
        let se = sd * factor;
        let spread = (se * se + prior_se * prior_se).sqrt();
        let Analysis { theta0, lower, upper, .. } = analysis;
        power_at_quantile(plan.method, t * se / spread, df, (theta0 - lower) / spread, (theta0 - upper) / spread)
    };
    match prior {
        Prior::Theta0 { standard_error } => with(analysis.sd, standard_error),
        Prior::Cv { df } => mean_over_sd(df, |ratio| with(analysis.sd / ratio, 0.0)),
        // The earlier standard error is in proportion to the standard deviation.
        Prior::Both { df, standard_error } => {
            mean_over_sd(df, |ratio| with(analysis.sd / ratio, standard_error / ratio))
        }
    }
}

/// The smallest balanced number of subjects with at least the target expected power.
///
/// # Errors
/// [`PowerError::TargetNotReached`] where the prior is so vague that no number suffices: with an open ratio the
/// expected power is bounded below 1. As [`expected_power`].
///
/// Test: CV 0.25 with 10 degrees of freedom, 2x2, ratio 0.95, target 0.8: 34 subjects (PowerTOST).
pub fn expected_sample_size(plan: &AverageBe, prior: Prior, target: f64) -> Result<SampleSize, PowerError> {
    prior.check()?;
    let analysis = plan.checked()?;
    if !(analysis.lower < analysis.theta0 && analysis.theta0 < analysis.upper) {
        return Err(PowerError::OutsideLimits { theta0: plan.theta0, lower: plan.lower, upper: plan.upper });
    }
    if !(target > 0.0 && target < 1.0) {
        return Err(PowerError::Target { value: target });
    }
    let facts = plan.design.facts();
    let range = SearchRange {
        start: large_sample(analysis, facts.balanced_constant(), plan.alpha, target)?,
        step: facts.sequences,
        least: super::tost::least_subjects(plan),
    };
    smallest(range, target, |n| expected_power(plan, prior, &Subjects::total(plan.design, n)?))
}

#[cfg(test)]
mod tests {
    use super::super::{Design, tost_power};
    use super::*;

    #[test]
    fn a_certain_prior_gives_the_power_itself() {
        let plan = AverageBe::new(Design::Crossover2x2, 0.25);
        let subjects = Subjects::total(plan.design, 30).unwrap();
        let power = tost_power(&plan, &subjects).unwrap();
        let nearly = expected_power(&plan, Prior::Cv { df: 1e6 }, &subjects).unwrap();
        assert!((nearly - power).abs() < 1e-5, "{nearly} {power}");
        let nearly = expected_power(&plan, Prior::Theta0 { standard_error: 1e-6 }, &subjects).unwrap();
        assert!((nearly - power).abs() < 1e-9);
    }

    #[test]
    fn two_uncertainties_cost_more_than_one() {
        let plan = AverageBe::new(Design::Crossover2x2, 0.25);
        let subjects = Subjects::total(plan.design, 30).unwrap();
        let one = expected_power(&plan, Prior::Cv { df: 10.0 }, &subjects).unwrap();
        let two = expected_power(&plan, Prior::Both { df: 10.0, standard_error: 0.1 }, &subjects).unwrap();
        assert!(two < one && two > 0.0);
    }

    #[test]
    fn a_vague_prior_has_no_sample_size() {
        let plan = AverageBe::new(Design::Crossover2x2, 0.25);
        let found = expected_sample_size(&plan, Prior::Theta0 { standard_error: 0.3 }, 0.8);
        assert!(matches!(found, Err(PowerError::TargetNotReached { .. })));
    }
}
