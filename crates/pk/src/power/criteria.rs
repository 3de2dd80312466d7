//! What do regulators ask of highly variable drugs and of drugs with a narrow therapeutic index?
//!
//! | regulator | method | scaled above CVwR | constant | cap at CVwR | point estimate | analysis |
//! |---|---|---|---|---|---|---|
//! | EMA (also WHO, ASEAN, ANVISA, EAEU) | expanded limits | 30% | 0.760 | 50% (69.84-143.19%) | 80-125% | ANOVA |
//! | Health Canada | expanded limits (AUC only) | 30% | 0.760 | 57.382% (66.7-150.0%) | 80-125% | contrasts for the mixed model |
//! | GCC | wider fixed limits 75-133.33% | 30% | - | 30% | 80-125% | ANOVA |
//! | FDA, highly variable | linearised scaled criterion | swR 0.294 | ln 1.25 / 0.25 | none | 80-125% | contrasts |
//! | FDA, narrow therapeutic index | the same, always scaled | - | ln(1/0.9) / 0.10 | unscaled 80-125% too | - | contrasts; ratio swT/swR at most 2.5 |
//!
//! Sources: EMA, CPMP/EWP/QWP/1401/98 Rev. 1/Corr (2010), 4.1.10; Health Canada, *Comparative Bioavailability
//! Standards* (2018), 2.1.1.8; GCC, *Guidelines for Bioequivalence* 3.1 (2022); FDA, product guidances on
//! progesterone (2011, highly variable) and warfarin (2012, narrow therapeutic index).

use super::variability::log_variance;
use croft_num::math::{exp, ln};

/// How a study is judged whose limits depend on the variability of the reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScaledMethod {
    /// Average bioequivalence with expanded limits: the confidence interval within `exp(∓ k · swR)`.
    ExpandedLimits,
    /// The upper 95% bound of `(μT − μR)² − k² σ²wR` (linearised, Howe's approximation) is at most zero.
    LinearisedCriterion,
}

/// A regulator's scaled criterion; see the table above.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScaledCriterion {
    /// who asks
    pub regulator: &'static str,
    /// how it is judged
    pub method: ScaledMethod,
    /// within-subject variance of the reference above which limits are scaled
    pub switch_variance: f64,
    /// regulatory constant k
    pub constant: f64,
    /// within-subject variance of the reference above which limits widen no further
    pub cap_variance: f64,
    /// the point estimate must lie within the unscaled limits
    pub constrains_point_estimate: bool,
    /// the unscaled interval must also lie within the unscaled limits
    pub asks_average_too: bool,
    /// largest upper confidence limit of swT/swR
    pub ratio_limit: Option<f64>,
    /// judged from one contrast a subject rather than from the analysis of variance
    pub from_contrasts: bool,
    /// unscaled limits, as ratios
    pub lower: f64,
    /// unscaled limits, as ratios
    pub upper: f64,
}

/// Limits of bioequivalence as ratios.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExpandedLimits {
    /// lower limit
    pub lower: f64,
    /// upper limit
    pub upper: f64,
}

impl ScaledCriterion {
    /// EMA's average bioequivalence with expanded limits.
    pub fn ema() -> Self {
        Self {
            regulator: "EMA",
            method: ScaledMethod::ExpandedLimits,
            switch_variance: log_variance(0.30),
            constant: 0.760,
            cap_variance: log_variance(0.50),
            constrains_point_estimate: true,
            asks_average_too: false,
            ratio_limit: None,
            from_contrasts: false,
            lower: 0.80,
            upper: 1.25,
        }
    }

    /// Health Canada's expanded limits. The mixed model it asks for is approximated by subject contrasts.
    pub fn health_canada() -> Self {
        Self { regulator: "HC", cap_variance: log_variance(0.573_82), from_contrasts: true, ..Self::ema() }
    }

    /// The Gulf states' fixed wider limits, 75.00-133.33% above a CVwR of 30%.
    pub fn gcc() -> Self {
        let switch_variance = log_variance(0.30);
        let constant = ln(1.0 / 0.75) / switch_variance.sqrt();
        Self { regulator: "GCC", constant, cap_variance: switch_variance, ..Self::ema() }
    }

    /// FDA's reference-scaled average bioequivalence of highly variable drugs.
    pub fn fda() -> Self {
        Self {
            regulator: "FDA",
            method: ScaledMethod::LinearisedCriterion,
            constant: ln(1.25) / 0.25,
            cap_variance: f64::INFINITY,
            from_contrasts: true,
            ..Self::ema()
        }
    }

    /// FDA's criteria for drugs with a narrow therapeutic index.
    pub fn fda_ntid() -> Self {
        Self {
            switch_variance: 0.0,
            constant: ln(1.0 / 0.9) / 0.10,
            constrains_point_estimate: false,
            asks_average_too: true,
            ratio_limit: Some(2.5),
            ..Self::fda()
        }
    }

    /// The limits that follow from a CV of the reference ("implied" ones for a linearised criterion).
    ///
    /// # Examples
    /// EMA guideline 4.1.10, table: CVwR 35% gives 77.23-129.48%.
    /// ```
    /// let limits = croft_pk::power::ScaledCriterion::ema().limits(0.35);
    /// assert!((limits.lower - 0.7723).abs() < 5e-5 && (limits.upper - 1.2948).abs() < 5e-5);
    /// ```
    pub fn limits(&self, cv_wr: f64) -> ExpandedLimits {
        let variance = log_variance(cv_wr);
        if variance <= self.switch_variance {
            return ExpandedLimits { lower: self.lower, upper: self.upper };
        }
        let half = self.constant * variance.min(self.cap_variance).sqrt();
        ExpandedLimits { lower: exp(-half), upper: exp(half) }
    }
}
