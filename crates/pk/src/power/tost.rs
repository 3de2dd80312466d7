//! Power of the two one-sided tests of average bioequivalence.
//!
//! A study passes when the confidence interval of level `1 − 2α` lies within the limits θ1 to θ2. On the scale of the
//! analysis (logarithms, or raw values for differences), with the standard error `se = σ √(b Σ 1/nᵢ)`, ν degrees of
//! freedom, `t` the upper α quantile of Student's t and `δ1 = (θ0 − θ1)/se`, `δ2 = (θ0 − θ2)/se`, the power is
//! ```text
//! Q(ν, −t, δ2; 0, R) − Q(ν, t, δ1; 0, R)         R = (δ1 − δ2) √ν / (2 t)
//! ```
//! with Owen's Q. Two approximations are kept for comparison with published tables:
//! ```text
//! noncentral t:       F(−t; ν, δ2) − F(t; ν, δ1)        drops the condition that the interval is short enough
//! shifted central t:  F(−t − δ2; ν) − F(t − δ1; ν)
//! ```
//! both set to 0 where negative.
//!
//! Where packages differ: textbooks before 2000 tabulate the shifted t; several commercial programs use the noncentral
//! t. Both understate the power of small, variable studies; from some 12 subjects and a power of 0.5 on the
//! noncentral t agrees with the exact value to many digits.
//!
//! Sources: Owen DB (1965) *Biometrika* 52:437 (Q); Phillips KF (1990) *J Pharmacokinet Biopharm* 18:137;
//! Diletti E, Hauschke D, Steinijans VW (1991) *Int J Clin Pharmacol Ther Toxicol* 29:1;
//! Schuirmann DJ (1987) *J Pharmacokinet Biopharm* 15:657 (the two tests);
//! Zhang P (2003) *J Biopharm Stat* 13:529 (start of the search).

use super::design::{Design, DfRule, Subjects};
use super::error::PowerError;
use super::search::{SampleSize, SearchRange, smallest};
use super::variability::log_variance;
use croft_num::dist::{Continuous, NoncentralT, Normal, StudentsT};
use croft_num::math::{exp, ln};
use croft_num::owen;

/// On which scale the comparison is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scale {
    /// Ratios of geometric means; the variability is a CV, values are analysed as logarithms.
    #[default]
    Ratio,
    /// Differences of means; the variability is a standard deviation in the unit of the difference.
    Difference,
}

/// How the power of the two one-sided tests is computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PowerMethod {
    /// Owen's Q: exact.
    #[default]
    Exact,
    /// Difference of two noncentral t probabilities.
    NoncentralT,
    /// Difference of two shifted central t probabilities.
    ShiftedT,
}

/// A planned comparison by average bioequivalence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AverageBe {
    /// the design
    pub design: Design,
    /// within-subject CV (total CV for parallel groups), or a standard deviation on [`Scale::Difference`]
    pub variability: f64,
    /// assumed ratio or difference
    pub theta0: f64,
    /// lower limit of bioequivalence
    pub lower: f64,
    /// upper limit of bioequivalence
    pub upper: f64,
    /// level of each of the two tests; 0.05 is a 90% confidence interval
    pub alpha: f64,
    /// ratios or differences
    pub scale: Scale,
    /// degrees of freedom of the analysis
    pub df_rule: DfRule,
    /// exact or approximate
    pub method: PowerMethod,
}

impl AverageBe {
    /// The usual plan: ratio 0.95, limits 0.80 to 1.25, alpha 0.05, exact.
    pub fn new(design: Design, cv: f64) -> Self {
        Self {
            design,
            variability: cv,
            theta0: 0.95,
            lower: 0.8,
            upper: 1.25,
            alpha: 0.05,
            scale: Scale::Ratio,
            df_rule: DfRule::Anova,
            method: PowerMethod::Exact,
        }
    }

    pub(crate) fn checked(&self) -> Result<Analysis, PowerError> {
        if !(self.alpha > 0.0 && self.alpha < 0.5) {
            return Err(PowerError::Alpha { value: self.alpha });
        }
        if !(self.variability > 0.0 && self.variability.is_finite()) {
            return Err(PowerError::Variability { value: self.variability });
        }
        let positive = self.scale == Scale::Difference || self.theta0 > 0.0;
        if !(self.theta0.is_finite() && positive) {
            return Err(PowerError::Theta0 { value: self.theta0 });
        }
        let on_scale = self.scale == Scale::Difference || self.lower > 0.0;
        if !(self.lower < self.upper && self.upper.is_finite() && self.lower.is_finite() && on_scale) {
            return Err(PowerError::Limits { lower: self.lower, upper: self.upper });
        }
        Ok(match self.scale {
            Scale::Ratio => Analysis {
                sd: log_variance(self.variability).sqrt(),
                theta0: ln(self.theta0),
                lower: ln(self.lower),
                upper: ln(self.upper),
            },
            Scale::Difference => {
                Analysis { sd: self.variability, theta0: self.theta0, lower: self.lower, upper: self.upper }
            }
        })
    }
}

/// A plan on the scale on which it is analysed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Analysis {
    pub sd: f64,
    pub theta0: f64,
    pub lower: f64,
    pub upper: f64,
}

/// Power of the two one-sided tests: the probability that the confidence interval lies within the limits.
///
/// The response is normal on the scale of the analysis, with one residual variance; the data are complete.
/// The result lies in `[0, 1]`; its absolute error is some 1e-11 (exact method). Cost: some 10 µs.
///
/// # Errors
/// Values outside their domains; no degrees of freedom.
///
/// # Examples
/// Hauschke, Steinijans & Pigeot (2007) table 5.1: CV 20%, ratio 0.95, 20 subjects have 80% power.
/// ```
/// use croft_pk::power::{AverageBe, Design, Subjects, tost_power};
/// let plan = AverageBe::new(Design::Crossover2x2, 0.20);
/// let power = tost_power(&plan, &Subjects::total(Design::Crossover2x2, 20)?)?;
/// assert!((power - 0.834680).abs() < 1e-6);
/// # Ok::<(), croft_pk::power::PowerError>(())
/// ```
pub fn tost_power(plan: &AverageBe, subjects: &Subjects) -> Result<f64, PowerError> {
    let analysis = plan.checked()?;
    let total = subjects.sum();
    let df = plan
        .design
        .degrees_of_freedom(plan.df_rule, total)
        .ok_or(PowerError::TooFewSubjects { subjects: total, design: plan.design })?;
    let se = analysis.sd * subjects.variance_factor().sqrt();
    power_of_two_tests(plan.method, plan.alpha, df, analysis, se)
}

/// The power of a plan whose analysis has these degrees of freedom and this standard error.
pub(crate) fn power_with_df(plan: &AverageBe, df: f64, se: f64) -> Result<f64, PowerError> {
    power_of_two_tests(plan.method, plan.alpha, df, plan.checked()?, se)
}

/// The power with a given standard error and degrees of freedom.
pub(crate) fn power_of_two_tests(
    method: PowerMethod,
    alpha: f64,
    df: f64,
    analysis: Analysis,
    se: f64,
) -> Result<f64, PowerError> {
    let t = StudentsT::new(df)?.quantile_upper(alpha)?;
    power_at_quantile(method, t, df, (analysis.theta0 - analysis.lower) / se, (analysis.theta0 - analysis.upper) / se)
}

/// The power from the critical value and the two noncentralities.
pub(crate) fn power_at_quantile(
    method: PowerMethod,
    t: f64,
    df: f64,
    delta1: f64,
    delta2: f64,
) -> Result<f64, PowerError> {
    let power = match method {
        PowerMethod::Exact => {
            let reach = (delta1 - delta2) * df.sqrt() / (2.0 * t);
            owen::q(df, -t, delta2, reach)? - owen::q(df, t, delta1, reach)?
        }
        PowerMethod::NoncentralT => NoncentralT::new(df, delta2)?.cdf(-t) - NoncentralT::new(df, delta1)?.cdf(t),
        PowerMethod::ShiftedT => {
            let student = StudentsT::new(df)?;
            student.cdf(-t - delta2) - student.cdf(t - delta1)
        }
    };
    Ok(power.clamp(0.0, 1.0))
}

/// The smallest balanced number of subjects with at least the target power.
///
/// Assumptions as for [`tost_power`]. At least one subject a sequence and three in all are considered; regulators ask
/// for 12 evaluable subjects whatever the power. Cost: two to ten evaluations of the power.
///
/// # Errors
/// [`PowerError::OutsideLimits`] when theta0 is not inside the limits; values outside their domains.
///
/// # Examples
/// Hauschke, Steinijans & Pigeot (2007) table 5.1: CV 20%, ratio 0.95, power 80%.
/// ```
/// use croft_pk::power::{AverageBe, Design, tost_sample_size};
/// let found = tost_sample_size(&AverageBe::new(Design::Crossover2x2, 0.20), 0.8)?;
/// assert_eq!(found.subjects, 20);
/// # Ok::<(), croft_pk::power::PowerError>(())
/// ```
pub fn tost_sample_size(plan: &AverageBe, target: f64) -> Result<SampleSize, PowerError> {
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
        least: least_subjects(plan),
    };
    smallest(range, target, |n| tost_power(plan, &Subjects::total(plan.design, n)?))
}

/// The fewest subjects with which the plan can be analysed.
pub(crate) fn least_subjects(plan: &AverageBe) -> u32 {
    let step = plan.design.facts().sequences;
    let mut least = plan.design.least_subjects();
    while plan.design.degrees_of_freedom(plan.df_rule, least).is_none() {
        least += step;
    }
    least
}

/// Zhang's large-sample formula: both tests share the error near the middle of the limits, one takes it at the edge.
pub(crate) fn large_sample(analysis: Analysis, bk: f64, alpha: f64, target: f64) -> Result<f64, PowerError> {
    let half = (analysis.upper - analysis.lower) / 2.0;
    let off_centre = (analysis.theta0 - (analysis.lower + half)).abs();
    let nearest = half - off_centre;
    let shared = exp(-7.06 * off_centre / half) / 2.0;
    let z = Normal::STANDARD.quantile_upper(alpha)?
        + Normal::STANDARD.quantile_upper((1.0 - shared) * (1.0 - target)).unwrap_or(0.0);
    let root = z.max(0.0) * analysis.sd / nearest;
    Ok(bk * root * root)
}

/// The p values of the two one-sided tests of an observed ratio: against the lower and against the upper limit.
///
/// `plan.theta0` is the observed point estimate, `plan.variability` the observed residual CV.
/// Bioequivalence is concluded at level alpha when both are at most alpha. Cost: 1 µs.
///
/// # Errors
/// Values outside their domains; no degrees of freedom.
///
/// Source: Schuirmann DJ (1987) *J Pharmacokinet Biopharm* 15:657.
pub fn tost_p_values(plan: &AverageBe, subjects: &Subjects) -> Result<(f64, f64), PowerError> {
    let analysis = plan.checked()?;
    let total = subjects.sum();
    let df = plan
        .design
        .degrees_of_freedom(plan.df_rule, total)
        .ok_or(PowerError::TooFewSubjects { subjects: total, design: plan.design })?;
    let se = analysis.sd * subjects.variance_factor().sqrt();
    let student = StudentsT::new(df)?;
    Ok((student.sf((analysis.theta0 - analysis.lower) / se), student.cdf((analysis.theta0 - analysis.upper) / se)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn power(plan: AverageBe, n: u32) -> f64 {
        tost_power(&plan, &Subjects::total(plan.design, n).unwrap()).unwrap()
    }

    #[test]
    fn at_a_limit_the_power_is_at_most_alpha() {
        for design in super::super::design::DESIGNS {
            let plan = AverageBe { theta0: 1.25, ..AverageBe::new(design.design, 0.1) };
            let error = power(plan, 120);
            assert!(error <= 0.05 + 1e-9 && error > 0.0499, "{}: {error}", design.name);
        }
    }

    #[test]
    fn exact_power_is_positive_where_the_approximations_are_zero() {
        let plan = AverageBe::new(Design::Crossover2x2, 0.45);
        assert!(power(plan, 12) > 0.0);
        assert!(power(AverageBe { method: PowerMethod::NoncentralT, ..plan }, 12) <= 0.0);
    }

    #[test]
    fn a_sample_size_above_ten_thousand_is_found() {
        // Julious 2004 table VIII: CV 80%, ratio 1.2, power 90%: 10172 with the noncentral t.
        let plan = AverageBe { theta0: 1.2, method: PowerMethod::NoncentralT, ..AverageBe::new(Design::Parallel, 0.8) };
        let found = tost_sample_size(&plan, 0.9).unwrap();
        assert!((10_170..=10_172).contains(&found.subjects), "{found:?}");
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let plan = AverageBe::new(Design::Crossover2x2, 0.3);
        let subjects = Subjects::total(plan.design, 24).unwrap();
        let refuse = |plan: AverageBe| tost_power(&plan, &subjects).unwrap_err();
        assert!(matches!(refuse(AverageBe { variability: 0.0, ..plan }), PowerError::Variability { .. }));
        assert!(matches!(refuse(AverageBe { variability: f64::NAN, ..plan }), PowerError::Variability { .. }));
        assert!(matches!(refuse(AverageBe { theta0: -1.0, ..plan }), PowerError::Theta0 { .. }));
        assert!(matches!(refuse(AverageBe { lower: 1.3, ..plan }), PowerError::Limits { .. }));
        assert!(matches!(refuse(AverageBe { alpha: 0.5, ..plan }), PowerError::Alpha { .. }));
        let outside = AverageBe { theta0: 1.25, ..plan };
        assert!(matches!(tost_sample_size(&outside, 0.8), Err(PowerError::OutsideLimits { .. })));
    }
}
