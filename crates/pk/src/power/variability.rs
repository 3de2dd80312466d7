//! What is the CV, how well is it known, and what interval follows from it?
//!
//! For log-normal data a CV and the variance σ² of the logarithms give one another:
//! `σ² = ln(1 + CV²)`, `CV = √(exp(σ²) − 1)`. A confidence interval published with its design and numbers of subjects
//! holds the residual variance: its half width on the log scale is `t · σ √(b Σ 1/nᵢ)`.
//!
//! Sources: Hauschke D, Steinijans V, Pigeot I (2007) *Bioequivalence Studies in Drug Development*, ch. 2, 3;
//! Zou GY, Huo CY, Taleban J (2009) *Environmetrics* 20:172 (limits of a variance); Patterson S, Jones B (2017)
//! *Bioequivalence and Statistics in Clinical Pharmacology*, 2nd ed., sec. 5.7 (pooling).

use super::design::{DfRule, Subjects};
use super::error::PowerError;
use croft_num::dist::{ChiSquared, Continuous, StudentsT};
use croft_num::math::{exp, exp_m1, ln, ln_1p};

/// Variance of the logarithms of log-normal values with this CV: `ln(1 + CV²)`.
pub fn log_variance(cv: f64) -> f64 {
    ln_1p(cv * cv)
}

/// CV of log-normal values whose logarithms have this variance: `√(exp(σ²) − 1)`.
pub fn variance_to_cv(variance: f64) -> f64 {
    exp_m1(variance).sqrt()
}

fn degrees_of_freedom(subjects: &Subjects) -> Result<f64, PowerError> {
    subjects
        .design()
        .degrees_of_freedom(DfRule::Anova, subjects.sum())
        .ok_or(PowerError::TooFewSubjects { subjects: subjects.sum(), design: subjects.design() })
}

fn check_alpha(alpha: f64) -> Result<(), PowerError> {
    if alpha > 0.0 && alpha < 0.5 { Ok(()) } else { Err(PowerError::Alpha { value: alpha }) }
}

/// The residual CV behind a published confidence interval of a ratio, of level `1 − 2 alpha`.
///
/// The interval comes from the usual analysis of the design with these complete subjects. Cost: 1 µs.
///
/// # Errors
/// [`PowerError::Limits`] unless `0 < lower < upper`.
///
/// Test: `CV_from_CI.csv` of the reference set (PowerTOST).
pub fn cv_from_interval(lower: f64, upper: f64, subjects: &Subjects, alpha: f64) -> Result<f64, PowerError> {
    check_alpha(alpha)?;
    if !(lower > 0.0 && lower < upper && upper.is_finite()) {
        return Err(PowerError::Limits { lower, upper });
    }
    let t = StudentsT::new(degrees_of_freedom(subjects)?)?.quantile_upper(alpha)?;
    let se = ln(upper / lower) / (2.0 * t);
    Ok(variance_to_cv(se * se / subjects.variance_factor()))
}

/// The confidence interval of level `1 − 2 alpha` around a point estimate, for a residual CV.
///
/// # Errors
/// Values outside their domains.
///
/// Test: `CI_from_CV_PE.csv` of the reference set (PowerTOST).
pub fn interval_from_cv(ratio: f64, cv: f64, subjects: &Subjects, alpha: f64) -> Result<(f64, f64), PowerError> {
    check_alpha(alpha)?;
    if !(ratio > 0.0 && ratio.is_finite()) {
        return Err(PowerError::Theta0 { value: ratio });
    }
    check_cv(cv)?;
    let t = StudentsT::new(degrees_of_freedom(subjects)?)?.quantile_upper(alpha)?;
    let half = t * (log_variance(cv) * subjects.variance_factor()).sqrt();
    Ok((ratio * exp(-half), ratio * exp(half)))
}

fn check_cv(cv: f64) -> Result<(), PowerError> {
    if cv > 0.0 && cv.is_finite() { Ok(()) } else { Err(PowerError::Variability { value: cv }) }
}

/// A CV from one study and the degrees of freedom it was estimated with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CvSource {
    /// the CV
    pub cv: f64,
    /// its degrees of freedom
    pub df: f64,
}

/// The CV of several studies together: variances of the logarithms, weighted by degrees of freedom.
///
/// The studies share one true variance. Returned with the sum of the degrees of freedom.
///
/// # Errors
/// An empty list, or values that are not positive.
///
/// Test: CVs 0.12, 0.18, 0.15 with 10, 14, 22 degrees of freedom give 0.1540500 (PowerTOST).
pub fn pooled_cv(studies: &[CvSource]) -> Result<CvSource, PowerError> {
    let (mut sum, mut df) = (0.0, 0.0);
    for study in studies {
        check_cv(study.cv)?;
        check_df(study.df)?;
        sum += study.df * log_variance(study.cv);
        df += study.df;
    }
    check_df(df)?;
    Ok(CvSource { cv: variance_to_cv(sum / df), df })
}

fn check_df(df: f64) -> Result<(), PowerError> {
    if df > 0.0 && df.is_finite() {
        Ok(())
    } else {
        Err(PowerError::NotPositive { what: "the number of degrees of freedom", value: df })
    }
}

/// Confidence limits of a CV.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CvLimits {
    /// lower limit
    pub lower: f64,
    /// upper limit
    pub upper: f64,
}

/// One-sided lower and upper confidence limits of a CV, each with error probability `alpha`
/// (together a two-sided interval of level `1 − 2 alpha`), from the chi-squared distribution of the variance.
///
/// # Errors
/// Values outside their domains.
///
/// Test: CV 0.3 with 22 degrees of freedom, alpha 0.05: upper limit 0.4075525 (PowerTOST manual, `CVCL`).
pub fn cv_limits(source: CvSource, alpha: f64) -> Result<CvLimits, PowerError> {
    check_alpha(alpha)?;
    check_cv(source.cv)?;
    check_df(source.df)?;
    let chi_squared = ChiSquared::new(source.df)?;
    let sum_of_squares = source.df * log_variance(source.cv);
    Ok(CvLimits {
        lower: variance_to_cv(sum_of_squares / chi_squared.quantile_upper(alpha)?),
        upper: variance_to_cv(sum_of_squares / chi_squared.quantile(alpha)?),
    })
}

/// The CV of the reference which a published upper expanded limit implies: `swR = ln(U) / constant`.
///
/// `constant` is 0.760 for the EMA's limits. Beyond the cap the CV cannot be known; the function does not cap.
///
/// # Errors
/// [`PowerError::Limits`] unless the limit is above 1 and the constant positive.
///
/// Test: U = 1.4319 gives CVwR 0.49999 (PowerTOST, `CVwRfromU`).
pub fn cv_from_upper_limit(upper: f64, constant: f64) -> Result<f64, PowerError> {
    if !(upper > 1.0 && upper.is_finite()) {
        return Err(PowerError::Limits { lower: 1.0 / upper, upper });
    }
    if !(constant > 0.0 && constant.is_finite()) {
        return Err(PowerError::NotPositive { what: "the regulatory constant", value: constant });
    }
    let sd = ln(upper) / constant;
    Ok(variance_to_cv(sd * sd))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::power::Design;

    #[test]
    fn a_cv_and_its_interval_give_one_another() {
        let subjects = Subjects::by_sequence(Design::Replicate2x2x3, &[11, 9]).unwrap();
        let (lower, upper) = interval_from_cv(0.97, 0.31, &subjects, 0.05).unwrap();
        let cv = cv_from_interval(lower, upper, &subjects, 0.05).unwrap();
        assert!((cv - 0.31).abs() < 1e-12);
    }

    #[test]
    fn the_limits_of_a_cv_are_those_of_the_manual() {
        let limits = cv_limits(CvSource { cv: 0.3, df: 22.0 }, 0.05).unwrap();
        assert!((limits.upper - 0.407_552_5).abs() < 5e-8, "{limits:?}");
        assert!(limits.lower < 0.3);
    }

    #[test]
    fn nothing_to_pool_is_an_error() {
        assert!(matches!(pooled_cv(&[]), Err(PowerError::NotPositive { .. })));
        assert!(pooled_cv(&[CvSource { cv: -0.1, df: 10.0 }]).is_err());
    }
}
