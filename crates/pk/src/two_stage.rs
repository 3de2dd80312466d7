//! Bioequivalence in two stages: when is a second stage needed, how large is it, and what does the design cost?
//!
//! A 2x2 crossover is run in `n1` subjects. Where its variance is larger than hoped, more subjects follow and all are
//! analysed together at a lowered level (Potvin et al. 2008):
//! ```text
//! method B   pass at α: done, bioequivalent. Else power (at α, planned ratio, observed variance) ≥ target: done, failed.
//!            Else a second stage.
//! method C   power at 5% ≥ target: judge at 5%, done. Else pass at α: done. Else a second stage.
//! ```
//! The second stage brings the total to the smallest even N whose power at α, with the planned ratio, the variance of the first
//! stage and N − 3 degrees of freedom, reaches the target. The final analysis at α has sequence, stage, sequence within
//! stage, subject, period within stage and treatment: the stages' estimates weighted by their subjects, the residual
//! sums of squares added, and one degree of freedom for the difference between the estimates: N − 3 in all.
//! α = 0.0294 in both stages (Pocock's level for a single interim look); the interval then has a level of 94.12%.
//!
//! Where packages differ: Potvin et al. computed power by the shifted central t; by default it is exact here. Some
//! programs re-estimate with N − 2 degrees of freedom; the numbers of subjects hardly ever differ.
//!
//! Sources: Potvin D et al. (2008) *Pharm Stat* 7:245; Montague TH et al. (2012) *Pharm Stat* 11:8 (ratio 0.9: method C
//! with α = 0.028, "method D"); Schütz H (2015) *Eur J Clin Pharmacol* 71:271; EMA Q&A EMA/618604/2008, 3.8.

mod simulate;

pub use simulate::{TwoStagePower, two_stage_power};

use crate::power::{AverageBe, Design, PowerError, PowerMethod, log_variance, power_with_df};
use croft_num::dist::{Continuous, StudentsT};
use croft_num::math::{exp, ln};

/// Which of Potvin's decision schemes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// The lowered level throughout.
    B,
    /// 5% where the first stage has enough power, else the lowered level.
    C,
}

/// A two-stage design.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TwoStage {
    /// the decision scheme
    pub scheme: Scheme,
    /// subjects of the first stage, even
    pub first_stage: u32,
    /// lowered level of both stages
    pub alpha: f64,
    /// level of a sufficient single stage in method C
    pub alpha_single: f64,
    /// ratio planned with
    pub planned_ratio: f64,
    /// target power
    pub target: f64,
    /// lower limit
    pub lower: f64,
    /// upper limit
    pub upper: f64,
    /// how power is computed
    pub method: PowerMethod,
    /// stop, and fail, where the total would exceed this
    pub most_subjects: Option<u32>,
}

impl TwoStage {
    /// The published settings: α 0.0294, ratio 0.95, target 0.8, limits 0.80 to 1.25; exact power, no largest total.
    pub fn new(scheme: Scheme, first_stage: u32) -> Self {
        Self {
            scheme,
            first_stage,
            alpha: 0.0294,
            alpha_single: 0.05,
            planned_ratio: 0.95,
            target: 0.8,
            lower: 0.8,
            upper: 1.25,
            method: PowerMethod::Exact,
            most_subjects: None,
        }
    }

    fn check(&self) -> Result<(), PowerError> {
        if self.first_stage < 4 || self.first_stage % 2 == 1 {
            return Err(PowerError::FirstStage { subjects: self.first_stage });
        }
        for alpha in [self.alpha, self.alpha_single] {
            if !(alpha > 0.0 && alpha < 0.5) {
                return Err(PowerError::Alpha { value: alpha });
            }
        }
        if !(self.target > 0.0 && self.target < 1.0) {
            return Err(PowerError::Target { value: self.target });
        }
        if !(self.lower > 0.0 && self.lower < self.upper && self.upper.is_finite()) {
            return Err(PowerError::Limits { lower: self.lower, upper: self.upper });
        }
        if !(self.lower < self.planned_ratio && self.planned_ratio < self.upper) {
            let (lower, upper) = (self.lower, self.upper);
            return Err(PowerError::OutsideLimits { theta0: self.planned_ratio, lower, upper });
        }
        Ok(())
    }

    /// Power at the planned ratio of a 2x2 crossover with this residual variance.
    fn power(&self, alpha: f64, subjects: u32, df: f64, variance: f64) -> Result<f64, PowerError> {
        let plan = AverageBe {
            theta0: self.planned_ratio,
            lower: self.lower,
            upper: self.upper,
            alpha,
            method: self.method,
            ..AverageBe::new(Design::Crossover2x2, 1.0)
        };
        power_with_df(&plan, df, (2.0 * variance / f64::from(subjects)).sqrt())
    }

    /// The level at which the scheme looks at power after the first stage.
    fn alpha_of_power(&self) -> f64 {
        match self.scheme {
            Scheme::B => self.alpha,
            Scheme::C => self.alpha_single,
        }
    }

    /// Power of a total of `subjects` in two stages, at the lowered level.
    fn total_power(&self, subjects: u32, variance: f64) -> Result<f64, PowerError> {
        self.power(self.alpha, subjects, f64::from(subjects) - 3.0, variance)
    }

    /// The smallest even total above the first stage that reaches the target.
    fn total(&self, variance: f64) -> Result<u32, PowerError> {
        let range = crate::power::SearchRange {
            start: f64::from(self.first_stage) + 2.0,
            step: 2,
            least: self.first_stage + 2,
        };
        Ok(crate::power::smallest(range, self.target, |n| self.total_power(n, variance))?.subjects)
    }
}

/// What a stage was estimated to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stage {
    /// subjects, an even number
    pub subjects: u32,
    /// estimated ratio of test to reference
    pub ratio: f64,
    /// residual CV
    pub cv: f64,
}

impl Stage {
    fn check(&self) -> Result<(), PowerError> {
        if !(self.ratio > 0.0 && self.ratio.is_finite()) {
            return Err(PowerError::Theta0 { value: self.ratio });
        }
        if !(self.cv > 0.0 && self.cv.is_finite()) {
            return Err(PowerError::Variability { value: self.cv });
        }
        Ok(())
    }
}

/// An interval and whether it lies within the limits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judged {
    /// point estimate
    pub ratio: f64,
    /// lower end of the interval of level `1 − 2 alpha`
    pub interval_lower: f64,
    /// upper end
    pub interval_upper: f64,
    /// level of each one-sided test
    pub alpha: f64,
    /// degrees of freedom
    pub df: f64,
    /// whether the interval lies within the limits
    pub passed: bool,
}

/// What follows after the first stage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Next {
    /// Bioequivalent; done.
    Pass,
    /// Not bioequivalent although the power sufficed; done.
    Fail,
    /// The total would exceed the largest allowed; done, not bioequivalent.
    Futile {
        /// the total that would be needed
        total: u32,
    },
    /// A second stage.
    SecondStage {
        /// its subjects
        subjects: u32,
    },
}

/// The interim analysis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interim {
    /// power of the first stage at the planned ratio and observed variance
    pub power: f64,
    /// its interval, at the level that applies
    pub judged: Judged,
    /// what follows
    pub next: Next,
}

/// The decision after the first stage.
///
/// Log-normal data of a complete 2x2 crossover, `stage.subjects` of them.
///
/// # Errors
/// Values outside their domains; an odd or too small first stage.
///
/// # Examples
/// Potvin et al. (2008), example 2: 12 subjects, ratio 1.0876, CV 18.213%; eight more are needed.
/// ```
/// use croft_pk::two_stage::{Next, Scheme, Stage, TwoStage, interim_analysis};
/// let stage = Stage { subjects: 12, ratio: 1.0876, cv: 0.18213 };
/// let interim = interim_analysis(&TwoStage::new(Scheme::B, 12), stage)?;
/// assert_eq!(interim.next, Next::SecondStage { subjects: 8 });
/// # Ok::<(), croft_pk::power::PowerError>(())
/// ```
pub fn interim_analysis(design: &TwoStage, stage: Stage) -> Result<Interim, PowerError> {
    let design = TwoStage { first_stage: stage.subjects, ..*design };
    design.check()?;
    stage.check()?;
    let variance = log_variance(stage.cv);
    let df = f64::from(stage.subjects) - 2.0;
    let power = design.power(design.alpha_of_power(), stage.subjects, df, variance)?;
    let enough = power >= design.target;
    let alpha = if enough { design.alpha_of_power() } else { design.alpha };
    let judged = judge(&design, alpha, ln(stage.ratio), 2.0 * variance / f64::from(stage.subjects), df)?;
    let next = if judged.passed {
        Next::Pass
    } else if enough {
        Next::Fail
    } else {
        let total = design.total(variance)?;
        match design.most_subjects {
            Some(most) if total > most => Next::Futile { total },
            _ => Next::SecondStage { subjects: total - stage.subjects },
        }
    };
    Ok(Interim { power, judged, next })
}

/// The analysis of both stages together, at the lowered level.
///
/// # Errors
/// Values outside their domains.
///
/// # Examples
/// Potvin et al. (2008), example 2: eight more subjects, ratio 0.9141, CV 25.618%; 94.12% interval 88.45-116.38%.
/// ```
/// use croft_pk::two_stage::{Scheme, Stage, TwoStage, final_analysis};
/// let first = Stage { subjects: 12, ratio: 1.0876, cv: 0.18213 };
/// let second = Stage { subjects: 8, ratio: 0.9141, cv: 0.25618 };
/// let judged = final_analysis(&TwoStage::new(Scheme::B, 12), first, second)?;
/// assert!(judged.passed);
/// assert!((judged.interval_lower - 0.8845).abs() < 5e-5 && (judged.interval_upper - 1.1638).abs() < 5e-5);
/// # Ok::<(), croft_pk::power::PowerError>(())
/// ```
pub fn final_analysis(design: &TwoStage, first: Stage, second: Stage) -> Result<Judged, PowerError> {
    let design = TwoStage { first_stage: first.subjects, ..*design };
    design.check()?;
    first.check()?;
    second.check()?;
    if second.subjects < 2 || second.subjects % 2 == 1 {
        return Err(PowerError::FirstStage { subjects: second.subjects });
    }
    let squares = |stage: &Stage| (f64::from(stage.subjects) - 2.0) * log_variance(stage.cv);
    let pooled = pool(
        (f64::from(first.subjects), ln(first.ratio), squares(&first)),
        (f64::from(second.subjects), ln(second.ratio), squares(&second)),
    );
    judge(&design, design.alpha, pooled.estimate, pooled.squared_error, pooled.df)
}

/// Both stages together.
struct Pooled {
    estimate: f64,
    squared_error: f64,
    df: f64,
}

/// Weighs estimates by subjects and adds what they differ by to the residual. Arguments: subjects, estimate, residual
/// sum of squares of each stage.
#[inline]
fn pool((n1, estimate1, squares1): (f64, f64, f64), (n2, estimate2, squares2): (f64, f64, f64)) -> Pooled {
    let total = n1 + n2;
    let difference = estimate1 - estimate2;
    let squares = squares1 + squares2 + difference * difference / (2.0 / n1 + 2.0 / n2);
    let df = total - 3.0;
    Pooled { estimate: (n1 * estimate1 + n2 * estimate2) / total, squared_error: squares / df * 2.0 / total, df }
}

fn judge(design: &TwoStage, alpha: f64, estimate: f64, squared_error: f64, df: f64) -> Result<Judged, PowerError> {
    let half = StudentsT::new(df)?.quantile_upper(alpha)? * squared_error.sqrt();
    let (low, high) = (estimate - half, estimate + half);
    let passed = low >= ln(design.lower) && high <= ln(design.upper);
    Ok(Judged { ratio: exp(estimate), interval_lower: exp(low), interval_upper: exp(high), alpha, df, passed })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_percent_needs_no_second_stage() {
        // Power2Stage manual, sampleN2.TOST(CV = 0.1, n1 = 12): power 0.973 at 0.0294 in the first stage.
        let stage = Stage { subjects: 12, ratio: 0.75, cv: 0.1 };
        let interim = interim_analysis(&TwoStage::new(Scheme::B, 12), stage).unwrap();
        assert_eq!(interim.next, Next::Fail);
        assert!((interim.power - 0.973).abs() < 0.0015, "{}", interim.power);
    }

    #[test]
    fn a_quarter_needs_twenty_two_more() {
        // Power2Stage manual, sampleN2.TOST(CV = 0.25, n1 = 12): 22 subjects, power 0.812.
        let design = TwoStage::new(Scheme::B, 12);
        let interim = interim_analysis(&design, Stage { subjects: 12, ratio: 0.95, cv: 0.25 }).unwrap();
        assert_eq!(interim.next, Next::SecondStage { subjects: 22 });
        let power = design.total_power(34, log_variance(0.25)).unwrap();
        assert!((power - 0.812).abs() < 0.0005, "{power}");
    }

    #[test]
    fn method_c_judges_at_five_percent_where_power_suffices() {
        let stage = Stage { subjects: 24, ratio: 1.02, cv: 0.15 };
        let judged = |scheme| interim_analysis(&TwoStage::new(scheme, 24), stage).unwrap().judged;
        assert!(judged(Scheme::C).alpha > 0.049 && judged(Scheme::B).alpha < 0.03);
        assert!(judged(Scheme::C).interval_upper < judged(Scheme::B).interval_upper);
    }

    #[test]
    fn a_largest_total_makes_futile() {
        let design = TwoStage { most_subjects: Some(30), ..TwoStage::new(Scheme::B, 12) };
        let interim = interim_analysis(&design, Stage { subjects: 12, ratio: 0.95, cv: 0.25 }).unwrap();
        assert_eq!(interim.next, Next::Futile { total: 34 });
    }

    #[test]
    fn an_odd_stage_is_refused() {
        let stage = Stage { subjects: 13, ratio: 0.95, cv: 0.25 };
        let refused = interim_analysis(&TwoStage::new(Scheme::B, 13), stage);
        assert!(matches!(refused, Err(PowerError::FirstStage { subjects: 13 })));
    }
}
