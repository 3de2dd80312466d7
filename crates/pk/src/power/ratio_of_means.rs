//! Equivalence of the ratio of two means of normal data on the original scale.
//!
//! Fieller's confidence interval of μT/μR lies within θ1 to θ2 exactly when Sasabuchi's two one-sided tests both reject:
//! ```text
//! T1 = (ȲT − θ1 ȲR) / se(θ1) > t        T2 = (ȲT − θ2 ȲR) / se(θ2) < −t
//! ```
//! Both share the estimate of the variance, so (T1, T2) is bivariate noncentral t with n − 2 degrees of freedom,
//! noncentralities `(θ0 − θi) / √(V(θi, θi) / n)` and correlation `V(θ1, θ2) / √(V(θ1, θ1) V(θ2, θ2))`, where in
//! units of μR
//! ```text
//! parallel:   V(a, b) = 2 CV² (1 + a b)
//! 2x2:        V(a, b) = CVw² (1 + a b) + CVb² (1 − a)(1 − b)
//! ```
//! Where packages differ: PowerTOST integrates by a randomised rule with an error of some 1e-5; here by quadrature.
//!
//! Sources: Fieller EC (1954) *J R Stat Soc B* 16:175; Sasabuchi S (1980) *Biometrika* 67:429; Hauschke D, Kieser M,
//! Diletti E, Burke M (1999) *Stat Med* 18:93; Hauschke D, Steinijans V, Pigeot I (2007), ch. 10.

use super::chi::mean_over_sd;
use super::design::Design;
use super::error::PowerError;
use super::search::{SampleSize, SearchRange, smallest};
use super::tost::{Analysis, large_sample};
use croft_num::dist::{BivariateNormal, Continuous, Normal, StudentsT};

/// Design and variabilities, in units of the reference mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RatioDesign {
    /// Two groups; the CV is the total one.
    Parallel {
        /// CV within a group
        cv: f64,
    },
    /// TR | RT.
    Crossover {
        /// CV within subjects
        cv_within: f64,
        /// CV between subjects
        cv_between: f64,
    },
}

/// A planned comparison of means by their ratio.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RatioOfMeans {
    /// design and variabilities
    pub design: RatioDesign,
    /// assumed ratio
    pub theta0: f64,
    /// lower limit of the ratio
    pub lower: f64,
    /// upper limit of the ratio
    pub upper: f64,
    /// level of each one-sided test
    pub alpha: f64,
}

impl RatioOfMeans {
    /// Ratio 0.95, limits 0.80 to 1.25, alpha 0.025: this is a method for clinical endpoints.
    pub fn new(design: RatioDesign) -> Self {
        Self { design, theta0: 0.95, lower: 0.8, upper: 1.25, alpha: 0.025 }
    }

    fn check(&self) -> Result<(), PowerError> {
        let (within, between) = match self.design {
            RatioDesign::Parallel { cv } => (cv, 0.0),
            RatioDesign::Crossover { cv_within, cv_between } => (cv_within, cv_between),
        };
        if !(within > 0.0 && within.is_finite()) {
            return Err(PowerError::Variability { value: within });
        }
        if !(between >= 0.0 && between.is_finite()) {
            return Err(PowerError::Variability { value: between });
        }
        if !(self.theta0 > 0.0 && self.theta0.is_finite()) {
            return Err(PowerError::Theta0 { value: self.theta0 });
        }
        if !(self.lower > 0.0 && self.lower < self.upper && self.upper.is_finite()) {
            return Err(PowerError::Limits { lower: self.lower, upper: self.upper });
        }
        if !(self.alpha > 0.0 && self.alpha < 0.5) {
            return Err(PowerError::Alpha { value: self.alpha });
        }
        Ok(())
    }

    /// n times the covariance of `ȲT − a ȲR` and `ȲT − b ȲR`, balanced groups.
    fn covariance(&self, a: f64, b: f64) -> f64 {
        match self.design {
            RatioDesign::Parallel { cv } => 2.0 * cv * cv * (1.0 + a * b),
            RatioDesign::Crossover { cv_within, cv_between } => {
                cv_within * cv_within * (1.0 + a * b) + cv_between * cv_between * (1.0 - a) * (1.0 - b)
            }
        }
    }
}

/// Power to show that the ratio of means lies within the limits; `subjects` in all, the same number in each group.
///
/// Normal data on the original scale, the same variances for test and reference, complete. The result's absolute
/// error is some 1e-9. Cost: some 100 µs.
///
/// # Errors
/// Values outside their domains; fewer than four subjects.
///
/// Test: CVw 0.2, CVb 0.4, 28 subjects, 2x2: 0.80776 (PowerTOST).
pub fn ratio_of_means_power(plan: &RatioOfMeans, subjects: u32) -> Result<f64, PowerError> {
    plan.check()?;
    let design = match plan.design {
        RatioDesign::Parallel { .. } => Design::Parallel,
        RatioDesign::Crossover { .. } => Design::Crossover2x2,
    };
    if subjects < 4 {
        return Err(PowerError::TooFewSubjects { subjects, design });
    }
    let (n, df) = (f64::from(subjects), f64::from(subjects) - 2.0);
    let t = StudentsT::new(df)?.quantile_upper(plan.alpha)?;
    let (lower, upper) = (plan.covariance(plan.lower, plan.lower), plan.covariance(plan.upper, plan.upper));
    let delta1 = (plan.theta0 - plan.lower) / (lower / n).sqrt();
    let delta2 = (plan.theta0 - plan.upper) / (upper / n).sqrt();
    let both = BivariateNormal::new(plan.covariance(plan.lower, plan.upper) / (lower * upper).sqrt())?;
    let power = mean_over_sd(df, |s| {
        let (a, b) = (t * s - delta1, -t * s - delta2);
        // P(Z1 > a, Z2 < b)
        Ok((Normal::STANDARD.cdf(b) - both.cdf(a, b)).max(0.0))
    })?;
    Ok(power.clamp(0.0, 1.0))
}

/// The smallest even number of subjects with at least the target power.
///
/// # Errors
/// [`PowerError::OutsideLimits`] when theta0 is not inside the limits; as [`ratio_of_means_power`].
///
/// Test: CVw 0.2, CVb 0.4, 2x2, target 0.8: 28 subjects (PowerTOST).
pub fn ratio_of_means_sample_size(plan: &RatioOfMeans, target: f64) -> Result<SampleSize, PowerError> {
    plan.check()?;
    if !(plan.lower < plan.theta0 && plan.theta0 < plan.upper) {
        return Err(PowerError::OutsideLimits { theta0: plan.theta0, lower: plan.lower, upper: plan.upper });
    }
    if !(target > 0.0 && target < 1.0) {
        return Err(PowerError::Target { value: target });
    }
    let sd = plan.covariance(plan.lower, plan.upper).max(plan.covariance(plan.lower, plan.lower)).sqrt();
    let analysis = Analysis { sd, theta0: plan.theta0, lower: plan.lower, upper: plan.upper };
    let range = SearchRange { start: large_sample(analysis, 1.0, plan.alpha, target)?, step: 2, least: 4 };
    smallest(range, target, |n| ratio_of_means_power(plan, n))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn between_subject_variability_costs_power() {
        let power = |cv_between| {
            let design = RatioDesign::Crossover { cv_within: 0.2, cv_between };
            ratio_of_means_power(&RatioOfMeans::new(design), 24).unwrap()
        };
        assert!(power(0.8) < power(0.4));
        // PowerTOST manual: power.RatioF(CV = 0.2, CVb = 0.4, n = 24) gives 0.7315357 by a randomised rule.
        assert!((power(0.4) - 0.731_535_7).abs() < 2e-5, "{}", power(0.4));
    }

    #[test]
    fn a_ratio_at_the_limit_is_refused() {
        let plan = RatioOfMeans { theta0: 0.8, ..RatioOfMeans::new(RatioDesign::Parallel { cv: 0.2 }) };
        assert!(matches!(ratio_of_means_sample_size(&plan, 0.8), Err(PowerError::OutsideLimits { .. })));
    }
}
