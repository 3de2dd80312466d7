//! Does exposure rise in proportion to dose?
//!
//! Power model: `ln Y = α + β ln dose`, with a fixed or a random effect for each subject. Exposure is proportional where β = 1.
//! With r the ratio of the highest to the lowest dose and L to U the 90% confidence interval of β, doses are concluded to be
//! proportional over the range when (Smith et al. 2000)
//! ```text
//! 1 + ln θL / ln r  <  L  and  U  <  1 + ln θH / ln r          θL, θH = 0.80, 1.25
//! ```
//! and not proportional when the interval lies wholly outside; between, the study does not tell. Also given are
//! ```text
//! Rdnm = r^(β−1)                                  ratio of dose-normalised means, highest to lowest dose
//! ρ1 = θH^(1 / max(1 − L, U − 1))                 largest dose ratio over which proportionality is concluded
//! ρ2 = θH^(1 / max(L − 1, 1 − U))                 dose ratio beyond which it is excluded; none while L ≤ 1 ≤ U
//! ```
//! (θL is taken as 1/θH in ρ1 and ρ2, as Smith does.)
//!
//! Where packages differ: for a random subject effect the degrees of freedom are by containment (SAS, nlme) or Satterthwaite's
//! (lmerTest); where each subject takes each dose both equal the fixed model's. A subject with one dose tells of β only in the random
//! model, by comparison between subjects. Hummel et al. (2009) propose θL, θH = 0.5, 2 for exploration.
//!
//! Sources: Smith BP, Vandenhende FR, DeSante KA et al. (2000) *Pharm Res* 17:1278; Gough K et al. (1995) *Drug Inf J* 29:1039;
//! Hummel J et al. (2009) *Pharm Stat* 8:38.

use croft_num::dist::{Continuous, DomainError, StudentsT};
use croft_num::math::{exp, ln};
use croft_stat::absorbed::{self, AbsorbedError};
use croft_stat::mixed::{Block, Covariance, DfMethod, MixedError, MixedModel};
use std::collections::BTreeMap;

/// One exposure of one subject.
#[derive(Clone, Debug, PartialEq)]
pub struct DoseExposure {
    /// whose
    pub subject: String,
    /// the dose, positive
    pub dose: f64,
    /// exposure (AUC, Cmax), positive
    pub exposure: f64,
}

/// How subjects enter the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubjectEffect {
    /// A fixed effect for each: only comparisons within subjects count.
    Fixed,
    /// A random intercept, by REML.
    Random(SlopeDf),
}

/// Degrees of freedom of the slope in the random model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlopeDf {
    /// Observations less subjects less one, where doses vary within subjects; else subjects less two.
    Containment,
    /// Satterthwaite's.
    Satterthwaite,
}

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ProportionalityOptions {
    /// fixed or random subjects
    pub subjects: SubjectEffect,
    /// θL, of the ratio of dose-normalised means
    pub lower: f64,
    /// θH
    pub upper: f64,
    /// level of each one-sided test; 0.05 is a 90% confidence interval
    pub alpha: f64,
}

impl Default for ProportionalityOptions {
    /// Random intercept with containment, 0.80 to 1.25, 90% interval (Smith et al. 2000).
    fn default() -> Self {
        Self { subjects: SubjectEffect::Random(SlopeDf::Containment), lower: 0.8, upper: 1.25, alpha: 0.05 }
    }
}

/// An estimate with its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// estimate
    pub estimate: f64,
    /// lower end
    pub lower: f64,
    /// upper end
    pub upper: f64,
}

/// Smith's conclusion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conclusion {
    /// The interval lies within the criterion.
    Proportional,
    /// The interval lies wholly outside.
    NotProportional,
    /// The interval crosses a limit.
    Inconclusive,
}

/// What a slope and its interval say about a range of doses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SmithCriterion {
    /// β with its interval
    pub slope: Interval,
    /// the limits of β
    pub limits: (f64, f64),
    /// ratio of dose-normalised means
    pub rdnm: Interval,
    /// largest dose ratio over which proportionality is concluded; `None` when it is unlimited (L = U = 1)
    pub rho1: Option<f64>,
    /// dose ratio beyond which it is excluded; `None` while the interval holds 1
    pub rho2: Option<f64>,
    /// the conclusion over the doses given
    pub conclusion: Conclusion,
}

/// A fitted power model.
#[derive(Clone, Debug, PartialEq)]
pub struct DoseProportionality {
    /// the criterion and what follows
    pub criterion: SmithCriterion,
    /// standard error of β
    pub standard_error: f64,
    /// degrees of freedom of β
    pub df: f64,
    /// residual variance of ln exposure
    pub residual_variance: f64,
    /// variance between subjects in the random model
    pub subject_variance: Option<f64>,
    /// the variance between subjects was estimated as zero
    pub at_boundary: bool,
    /// subjects
    pub subjects: usize,
    /// observations
    pub observations: usize,
    /// ratio of the highest to the lowest dose
    pub dose_ratio: f64,
    /// what was asked
    pub options: ProportionalityOptions,
}

/// Why no power model can be fitted.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum ProportionalityError {
    /// A dose or exposure that has no logarithm.
    #[error("observation {index} (subject {subject}): {what} {value} is not a positive number")]
    NotPositive {
        /// position, from 1
        index: usize,
        /// whose
        subject: String,
        /// dose or exposure
        what: &'static str,
        /// what was given
        value: f64,
    },
    /// One dose only.
    #[error("all {observations} observations are of one dose: there is no slope to estimate")]
    OneDose {
        /// how many there are
        observations: usize,
    },
    /// No subject has two doses, so that a fixed subject effect leaves nothing.
    #[error("no subject has two doses: a fixed effect for each subject explains everything")]
    NothingWithin,
    /// Limits that are no interval around 1.
    #[error("the limits {lower} to {upper} of the ratio of dose-normalised means do not enclose 1")]
    Limits {
        /// θL
        lower: f64,
        /// θH
        upper: f64,
    },
    /// A level outside (0, 0.5).
    #[error("alpha is {value}; it must lie between 0 and 0.5")]
    Alpha {
        /// what was given
        value: f64,
    },
    /// A slope, interval or dose ratio that cannot be.
    #[error(
        "the slope {estimate} with the interval {lower} to {upper} over a dose ratio of {dose_ratio} is not possible"
    )]
    Slope {
        /// β
        estimate: f64,
        /// L
        lower: f64,
        /// U
        upper: f64,
        /// r
        dose_ratio: f64,
    },
    /// The model with fixed subjects.
    #[error("the model with fixed subject effects cannot be fitted")]
    Fixed(#[from] AbsorbedError),
    /// The model with random subjects.
    #[error("the model with random subject effects cannot be fitted")]
    Random(#[from] MixedError),
    /// A quantile.
    #[error("the confidence interval cannot be computed")]
    Domain(#[from] DomainError),
}

impl ProportionalityError {
    /// What the reader of the message can do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NotPositive { .. } => "leave out placebo doses and values below quantification, with a reason",
            Self::OneDose { .. } => "look whether the dose column was read, and is not the dose-normalised one",
            Self::NothingWithin => "use the model with random subjects",
            Self::Limits { .. } => "usual limits are 0.80 to 1.25; 0.5 to 2 for exploration",
            Self::Alpha { .. } => "0.05 gives a 90% confidence interval",
            Self::Slope { .. } => "check that the interval encloses the slope and the dose ratio is above 1",
            Self::Fixed(_) | Self::Random(_) => "more subjects or doses are needed",
            Self::Domain(_) => "more observations are needed to estimate the variance",
        }
    }
}

/// What a slope and its interval say about a range of doses: Smith's criterion, ρ1, ρ2 and Rdnm.
///
/// `dose_ratio` is the highest dose over the lowest. Exact arithmetic up to rounding.
///
/// # Errors
/// Limits that do not enclose 1, an interval that does not enclose the slope, a dose ratio of at most 1.
///
/// # Examples
/// Smith et al. (2000), Cmax: slope 0.7615 (0.679, 0.844), doses 25 to 250.
/// ```
/// use croft_pk::dose_proportionality::{Conclusion, Interval, smith_criterion};
/// let slope = Interval { estimate: 0.7615, lower: 0.679, upper: 0.844 };
/// let found = smith_criterion(slope, 10.0, 0.8, 1.25)?;
/// assert!((found.limits.0 - 0.903).abs() < 5e-4 && (found.limits.1 - 1.097).abs() < 5e-4);
/// assert_eq!(found.conclusion, Conclusion::NotProportional);
/// # Ok::<(), croft_pk::dose_proportionality::ProportionalityError>(())
/// ```
pub fn smith_criterion(
    slope: Interval,
    dose_ratio: f64,
    lower: f64,
    upper: f64,
) -> Result<SmithCriterion, ProportionalityError> {
    if !(lower > 0.0 && lower < 1.0 && upper > 1.0 && upper.is_finite()) {
        return Err(ProportionalityError::Limits { lower, upper });
    }
    let ordered = slope.lower <= slope.estimate && slope.estimate <= slope.upper;
    if !(ordered && slope.lower.is_finite() && slope.upper.is_finite() && dose_ratio > 1.0 && dose_ratio.is_finite()) {
        let Interval { estimate, lower, upper } = slope;
        return Err(ProportionalityError::Slope { estimate, lower, upper, dose_ratio });
    }
    let span = ln(dose_ratio);
    let limits = (1.0 + ln(lower) / span, 1.0 + ln(upper) / span);
    let conclusion = if limits.0 < slope.lower && slope.upper < limits.1 {
        Conclusion::Proportional
    } else if slope.upper < limits.0 || limits.1 < slope.lower {
        Conclusion::NotProportional
    } else {
        Conclusion::Inconclusive
    };
    let normalised = |beta: f64| exp((beta - 1.0) * span);
    let reach = |distance: f64| (distance > 0.0).then(|| exp(ln(upper) / distance)).filter(|rho| rho.is_finite());
    Ok(SmithCriterion {
        slope,
        limits,
        rdnm: Interval {
            estimate: normalised(slope.estimate),
            lower: normalised(slope.lower),
            upper: normalised(slope.upper),
        },
        rho1: reach((1.0 - slope.lower).max(slope.upper - 1.0)),
        rho2: reach((slope.lower - 1.0).max(1.0 - slope.upper)),
        conclusion,
    })
}

/// Fits the power model and judges proportionality over the doses given.
///
/// Exposures are log-normal with one residual variance; missing observations are left out of the list. Cost: linear in the
/// observations with fixed subjects; a REML fit with random ones.
///
/// # Errors
/// Values without a logarithm, one dose, no comparison within subjects (fixed effects), too few observations.
///
/// Test: `dose-proportionality` of the reference set (nlme, lmerTest, lm on Bradstreet & Short 2001).
pub fn dose_proportionality(
    observations: &[DoseExposure],
    options: &ProportionalityOptions,
) -> Result<DoseProportionality, ProportionalityError> {
    if !(options.alpha > 0.0 && options.alpha < 0.5) {
        return Err(ProportionalityError::Alpha { value: options.alpha });
    }
    let data = Logs::new(observations)?;
    let fit = match options.subjects {
        SubjectEffect::Fixed => data.fixed()?,
        SubjectEffect::Random(df) => data.random(df)?,
    };
    let half = StudentsT::new(fit.df)?.quantile_upper(options.alpha)? * fit.standard_error;
    let slope = Interval { estimate: fit.slope, lower: fit.slope - half, upper: fit.slope + half };
    Ok(DoseProportionality {
        criterion: smith_criterion(slope, data.dose_ratio, options.lower, options.upper)?,
        standard_error: fit.standard_error,
        df: fit.df,
        residual_variance: fit.residual_variance,
        subject_variance: fit.subject_variance,
        at_boundary: fit.at_boundary,
        subjects: data.by_subject.len(),
        observations: observations.len(),
        dose_ratio: data.dose_ratio,
        options: *options,
    })
}

/// A fitted slope.
struct Slope {
    slope: f64,
    standard_error: f64,
    df: f64,
    residual_variance: f64,
    subject_variance: Option<f64>,
    at_boundary: bool,
}

/// Logarithms of dose and exposure by subject.
struct Logs {
    by_subject: Vec<Vec<(f64, f64)>>,
    dose_ratio: f64,
}

impl Logs {
    fn new(observations: &[DoseExposure]) -> Result<Self, ProportionalityError> {
        let mut by_subject: BTreeMap<&str, Vec<(f64, f64)>> = BTreeMap::new();
        let (mut lowest, mut highest) = (f64::INFINITY, 0.0_f64);
        for (i, observation) in observations.iter().enumerate() {
            for (what, value) in [("dose", observation.dose), ("exposure", observation.exposure)] {
                if !(value > 0.0 && value.is_finite()) {
                    let subject = observation.subject.clone();
                    return Err(ProportionalityError::NotPositive { index: i + 1, subject, what, value });
                }
            }
            lowest = lowest.min(observation.dose);
            highest = highest.max(observation.dose);
            by_subject.entry(&observation.subject).or_default().push((ln(observation.dose), ln(observation.exposure)));
        }
        if lowest >= highest {
            return Err(ProportionalityError::OneDose { observations: observations.len() });
        }
        Ok(Self { by_subject: by_subject.into_values().collect(), dose_ratio: highest / lowest })
    }

    /// Whether some subject has two doses.
    fn varies_within(&self) -> bool {
        self.by_subject.iter().any(|points| points.iter().any(|p| (p.0 - points[0].0).abs() > 0.0))
    }

    fn observations(&self) -> usize {
        self.by_subject.iter().map(Vec::len).sum()
    }

    fn fixed(&self) -> Result<Slope, ProportionalityError> {
        if !self.varies_within() {
            return Err(ProportionalityError::NothingWithin);
        }
        let flat = || self.by_subject.iter().enumerate().flat_map(|(i, points)| points.iter().map(move |p| (i, p)));
        let subject: Vec<usize> = flat().map(|(i, _)| i).collect();
        let doses: Vec<f64> = flat().map(|(_, p)| p.0).collect();
        let response: Vec<f64> = flat().map(|(_, p)| p.1).collect();
        let fit = absorbed::fit(&subject, &[doses], &response)?;
        let (Some(slope), Some(standard_error)) = (fit.coefficients[0], fit.standard_error(0)) else {
            return Err(ProportionalityError::NothingWithin);
        };
        Ok(Slope {
            slope,
            standard_error,
            df: fit.residual_df as f64,
            residual_variance: fit.variance(),
            subject_variance: None,
            at_boundary: false,
        })
    }

    fn random(&self, df: SlopeDf) -> Result<Slope, ProportionalityError> {
        let blocks: Vec<Block> = self
            .by_subject
            .iter()
            .map(|points| Block {
                response: points.iter().map(|p| p.1).collect(),
                fixed: points.iter().map(|p| vec![1.0, p.0]).collect(),
                random: vec![vec![1.0]; points.len()],
                residual_group: vec![0; points.len()],
            })
            .collect();
        let fit = MixedModel::new(&blocks, Covariance::Diagonal)?.fit()?;
        let method = match df {
            SlopeDf::Satterthwaite => DfMethod::Satterthwaite,
            SlopeDf::Containment => {
                let (observations, subjects) = (self.observations() as f64, self.by_subject.len() as f64);
                DfMethod::Given(if self.varies_within() { observations - subjects - 1.0 } else { subjects - 2.0 })
            }
        };
        let contrast = fit.contrast(&[0.0, 1.0], method)?;
        Ok(Slope {
            slope: contrast.estimate,
            standard_error: contrast.standard_error,
            df: contrast.df,
            residual_variance: fit.residual_variances[0],
            subject_variance: Some(fit.g[0][0]),
            at_boundary: !fit.boundaries.is_empty(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observation(subject: &str, dose: f64, exposure: f64) -> DoseExposure {
        DoseExposure { subject: subject.into(), dose, exposure }
    }

    /// Four subjects, three doses, exact slope 1.1 with a wobble that sums to zero within subjects.
    fn crossover() -> Vec<DoseExposure> {
        let mut rows = Vec::new();
        for (i, level) in [1.0, 2.0, 4.0, 3.0].into_iter().enumerate() {
            for (j, dose) in [5.0, 25.0, 125.0].into_iter().enumerate() {
                let wobble = [0.02, -0.04, 0.02][(i + j) % 3];
                rows.push(observation(&format!("S{i}"), dose, level * exp(1.1 * ln(dose) + wobble)));
            }
        }
        rows
    }

    #[test]
    fn complete_data_give_the_same_slope_in_each_model() {
        let with = |subjects| {
            let options = ProportionalityOptions { subjects, ..ProportionalityOptions::default() };
            dose_proportionality(&crossover(), &options).unwrap()
        };
        let fixed = with(SubjectEffect::Fixed);
        let random = with(SubjectEffect::Random(SlopeDf::Containment));
        assert!((fixed.criterion.slope.estimate - random.criterion.slope.estimate).abs() < 1e-8);
        assert!((fixed.standard_error - random.standard_error).abs() < 1e-7);
        assert!((fixed.df - random.df).abs() < 1e-12 && (fixed.df - 7.0).abs() < 1e-12);
    }

    #[test]
    fn stretching_all_doses_changes_nothing() {
        let options = ProportionalityOptions::default();
        let rows = crossover();
        let other: Vec<_> = rows.iter().map(|o| DoseExposure { dose: o.dose * 1000.0, ..o.clone() }).collect();
        let (a, b) = (dose_proportionality(&rows, &options).unwrap(), dose_proportionality(&other, &options).unwrap());
        assert!((a.criterion.slope.estimate - b.criterion.slope.estimate).abs() < 1e-9);
        assert!((a.dose_ratio - b.dose_ratio).abs() < 1e-9);
    }

    #[test]
    fn one_dose_a_subject_needs_the_random_model() {
        let rows: Vec<_> =
            crossover().into_iter().enumerate().map(|(i, o)| observation(&i.to_string(), o.dose, o.exposure)).collect();
        let options = ProportionalityOptions { subjects: SubjectEffect::Fixed, ..ProportionalityOptions::default() };
        assert_eq!(dose_proportionality(&rows, &options), Err(ProportionalityError::NothingWithin));
    }

    #[test]
    fn what_has_no_logarithm_or_slope_is_refused() {
        let options = ProportionalityOptions::default();
        let mut rows = crossover();
        rows[3].exposure = 0.0;
        let refused = dose_proportionality(&rows, &options);
        assert!(matches!(refused, Err(ProportionalityError::NotPositive { index: 4, what: "exposure", .. })));
        let same: Vec<_> = crossover().into_iter().map(|o| DoseExposure { dose: 5.0, ..o }).collect();
        assert!(matches!(
            dose_proportionality(&same, &options),
            Err(ProportionalityError::OneDose { observations: 12 })
        ));
        assert!(matches!(dose_proportionality(&[], &options), Err(ProportionalityError::OneDose { observations: 0 })));
    }

    #[test]
    fn an_interval_around_one_excludes_no_dose_ratio() {
        let slope = Interval { estimate: 1.0, lower: 0.95, upper: 1.05 };
        let found = smith_criterion(slope, 10.0, 0.8, 1.25).unwrap();
        assert_eq!((found.conclusion, found.rho2), (Conclusion::Proportional, None));
        assert!(found.rho1.unwrap() > 10.0);
        assert!(smith_criterion(slope, 1.0, 0.8, 1.25).is_err());
    }
}
