//! What do regulators ask of highly variable drugs and of drugs with a narrow therapeutic index?
//!
//! The rules are those of [`crate::be::criteria`] (dated, with their sources), brought to the few numbers that a simulated study is judged by:
//!
//! | regulator | method | scaled above | constant | cap at CVwR | analysis |
//! |---|---|---|---|---|---|
//! | EMA (also WHO, ASEAN, ANVISA, EAEU) | expanded limits | CVwR 30% | 0.760 | 50% (69.84-143.19%) | analysis of variance |
//! | Health Canada | expanded limits (AUC only) | CVwR 30% | 0.760 | 57.382% (66.7-150.0%) | contrasts, for its mixed model |
//! | GCC (to version 3.0) | wider fixed limits 75-133.33% | CVwR 30% | - | 30% | analysis of variance |
//! | FDA, highly variable | linearised criterion | swR 0.294 | ln 1.25 / 0.25 | none | contrasts |
//! | FDA, narrow therapeutic index | the same, always scaled | - | ln(1/0.9) / 0.10 | none, but 80-125% too | contrasts; swT/swR at most 2.5 |
//!
//! Confidence intervals are not rounded in simulated studies.

use super::variability::log_variance;
use crate::be::Regulator;
use crate::be::criteria::{Criterion, Rule, find};
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
    /// What a regulator's rule asks of a simulated study; `None` for rules without scaling.
    pub fn of(rule: &Criterion) -> Option<Self> {
        let [lower, upper] = rule.limits_pct.map(|percent| percent / 100.0);
        let switch_variance = rule.switch_cv_pct.map(|percent| log_variance(percent / 100.0));
        let expanded = Self {
            regulator: rule.regulator.name(),
            method: ScaledMethod::ExpandedLimits,
            switch_variance: switch_variance.unwrap_or(0.0),
            constant: 0.0,
            cap_variance: f64::INFINITY,
            constrains_point_estimate: rule.pe_limits_pct.is_some(),
            asks_average_too: false,
            ratio_limit: None,
            from_contrasts: rule.regulator == Regulator::Hc,
            lower,
            upper,
        };
        let linearised = Self { method: ScaledMethod::LinearisedCriterion, from_contrasts: true, ..expanded };
        match rule.rule {
            Rule::Abe | Rule::Narrow => None,
            Rule::Abel => {
                let cap_variance = log_variance(rule.cap_cv_pct? / 100.0);
                Some(Self { constant: rule.k?, cap_variance, ..expanded })
            }
            Rule::Widened => {
                // Fixed limits are expanded ones whose cap is where they begin.
                let (variance, [widened, _]) = (switch_variance?, rule.widened_limits_pct?);
                Some(Self { constant: ln(100.0 / widened) / variance.sqrt(), cap_variance: variance, ..expanded })
            }
            Rule::Rsabe => {
                let switch = rule.switch_s_w?;
                Some(Self { switch_variance: switch * switch, constant: ln(1.25) / rule.sigma_w0?, ..linearised })
            }
            Rule::Ntid => Some(Self {
                constant: ln(1.0 / 0.9) / rule.sigma_w0?,
                asks_average_too: true,
                ratio_limit: Some(rule.ratio_upper_limit?),
                ..linearised
            }),
        }
    }

    /// The latest rule of this kind of a regulator.
    fn latest(regulator: Regulator, rule: Rule) -> Self {
        find(regulator, rule, None)
            .and_then(Self::of)
            .unwrap_or_else(|| panic!("the table of criteria must have {rule:?} of {}", regulator.name()))
    }

    /// EMA's average bioequivalence with expanded limits.
    pub fn ema() -> Self {
        Self::latest(Regulator::Ema, Rule::Abel)
    }

    /// Health Canada's expanded limits. The mixed model it asks for is approximated by subject contrasts.
    pub fn health_canada() -> Self {
        Self::latest(Regulator::Hc, Rule::Abel)
    }

    /// The Gulf states' fixed wider limits, 75.00-133.33% above a CVwR of 30%.
    pub fn gcc() -> Self {
        Self::latest(Regulator::Gcc, Rule::Widened)
    }

    /// FDA's reference-scaled average bioequivalence of highly variable drugs.
    pub fn fda() -> Self {
        Self::latest(Regulator::Fda, Rule::Rsabe)
    }

    /// FDA's criteria for drugs with a narrow therapeutic index.
    pub fn fda_ntid() -> Self {
        Self::latest(Regulator::Fda, Rule::Ntid)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scaled_rule_of_the_table_can_be_simulated() {
        for rule in crate::be::criteria::all() {
            let scaled = ScaledCriterion::of(rule);
            assert_eq!(scaled.is_none(), matches!(rule.rule, Rule::Abe | Rule::Narrow), "{}", rule.id);
            assert!(scaled.is_none_or(|criterion| criterion.constant > 0.0), "{}", rule.id);
        }
    }
}
