//! Power and sample size of one one-sided test: non-inferiority, or non-superiority.
//!
//! With a margin below 1 (below 0 for differences) a higher response is better and the hypothesis to reject is that
//! the ratio is at most the margin; with a margin above, a lower response is better and it is that the ratio is at
//! least the margin. With `δ = (θ0 − margin)/se` the power is the upper tail of the noncentral t at the critical
//! value (lower tail for a margin above).
//!
//! Source: Julious SA (2004) *Stat Med* 23:1921, sections 5 and 6.

use super::design::Subjects;
use super::error::PowerError;
use super::search::{SampleSize, SearchRange, smallest};
use super::tost::{AverageBe, Scale};
use super::{Design, DfRule};
use croft_num::dist::{Continuous, NoncentralT, Normal, StudentsT};

/// A planned test of non-inferiority (margin below 1) or non-superiority (margin above 1).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NonInferiority {
    /// the design
    pub design: Design,
    /// CV, or standard deviation on [`Scale::Difference`]
    pub variability: f64,
    /// assumed ratio or difference
    pub theta0: f64,
    /// the margin: a ratio, or a difference
    pub margin: f64,
    /// one-sided level
    pub alpha: f64,
    /// ratios or differences
    pub scale: Scale,
    /// degrees of freedom of the analysis
    pub df_rule: DfRule,
}

impl NonInferiority {
    /// Ratio 0.95, margin 0.8, alpha 0.025.
    pub fn new(design: Design, cv: f64) -> Self {
        Self {
            design,
            variability: cv,
            theta0: 0.95,
            margin: 0.8,
            alpha: 0.025,
            scale: Scale::Ratio,
            df_rule: DfRule::Anova,
        }
    }

    /// `(θ0 − margin) / σ`, positive when the alternative is true.
    fn standardised(&self) -> Result<f64, PowerError> {
        let (neutral, lower, upper) = match self.scale {
            Scale::Ratio => (1.0, self.margin, self.margin * 2.0),
            Scale::Difference => (0.0, self.margin, self.margin + 1.0),
        };
        // The checks are those of a bioequivalence plan whose lower limit is the margin.
        let plan = AverageBe {
            variability: self.variability,
            theta0: self.theta0,
            lower,
            upper,
            alpha: self.alpha,
            scale: self.scale,
            ..AverageBe::new(self.design, self.variability)
        };
        let analysis = plan.checked()?;
        let distance = (analysis.theta0 - analysis.lower) / analysis.sd;
        Ok(if self.margin < neutral { distance } else { -distance })
    }
}

/// Power of the one-sided test.
///
/// Normal response with one residual variance on the scale of the analysis; complete data. Cost: some µs.
///
/// # Errors
/// Values outside their domains; no degrees of freedom.
///
/// Test: CV 0.3, 24 subjects, 2x2, ratio 0.95, margin 0.8, alpha 0.025: 0.4916748 (PowerTOST manual).
pub fn noninferiority_power(plan: &NonInferiority, subjects: &Subjects) -> Result<f64, PowerError> {
    let standardised = plan.standardised()?;
    let total = subjects.sum();
    let df = plan
        .design
        .degrees_of_freedom(plan.df_rule, total)
        .ok_or(PowerError::TooFewSubjects { subjects: total, design: plan.design })?;
    let t = StudentsT::new(df)?.quantile_upper(plan.alpha)?;
    Ok(NoncentralT::new(df, standardised / subjects.variance_factor().sqrt())?.sf(t))
}

/// The smallest balanced number of subjects with at least the target power of the one-sided test.
///
/// # Errors
/// [`PowerError::OutsideLimits`] when theta0 is not on the right side of the margin.
///
/// Test: CV 0.25, 2x2, defaults otherwise, target 0.8: 36 subjects, power 0.8203300706 (PowerTOST).
pub fn noninferiority_sample_size(plan: &NonInferiority, target: f64) -> Result<SampleSize, PowerError> {
    let standardised = plan.standardised()?;
    if standardised <= 0.0 {
        return Err(PowerError::OutsideLimits { theta0: plan.theta0, lower: plan.margin, upper: f64::INFINITY });
    }
    if !(target > 0.0 && target < 1.0) {
        return Err(PowerError::Target { value: target });
    }
    let facts = plan.design.facts();
    let z = Normal::STANDARD.quantile_upper(plan.alpha)? - Normal::STANDARD.quantile_upper(target)?;
    let root = z.max(0.0) / standardised;
    let mut least = plan.design.least_subjects();
    while plan.design.degrees_of_freedom(plan.df_rule, least).is_none() {
        least += facts.sequences;
    }
    let range = SearchRange { start: facts.balanced_constant() * root * root, step: facts.sequences, least };
    smallest(range, target, |n| noninferiority_power(plan, &Subjects::total(plan.design, n)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_power_is_that_of_the_manual() {
        let plan = NonInferiority::new(Design::Crossover2x2, 0.3);
        let power = noninferiority_power(&plan, &Subjects::total(plan.design, 24).unwrap()).unwrap();
        assert!((power - 0.491_674_8).abs() < 5e-8, "{power}");
    }

    #[test]
    fn a_margin_above_one_mirrors_one_below() {
        let subjects = Subjects::total(Design::Crossover2x2, 24).unwrap();
        let below = NonInferiority::new(Design::Crossover2x2, 0.3);
        let above = NonInferiority { theta0: 1.0 / 0.95, margin: 1.25, ..below };
        let (a, b) =
            (noninferiority_power(&below, &subjects).unwrap(), noninferiority_power(&above, &subjects).unwrap());
        assert!((a - b).abs() < 1e-12);
    }

    #[test]
    fn theta0_beyond_the_margin_has_no_sample_size() {
        let plan = NonInferiority { theta0: 0.8, ..NonInferiority::new(Design::Crossover2x2, 0.3) };
        assert!(matches!(noninferiority_sample_size(&plan, 0.8), Err(PowerError::OutsideLimits { .. })));
    }
}
