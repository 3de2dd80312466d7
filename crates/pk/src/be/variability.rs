//! How variable is a product within a subject?
//!
//! s²_wR is the residual mean square of the reference's values alone, with fixed sequence, subject(sequence) and period; s²_wT likewise for the
//! test (EMA Q&A, EMA/618604/2008, question on replicate designs; EMA/582648/2016, annex). Subjects with one value of the product say nothing.
//! ```text
//! CV = 100 √(exp(s²) − 1)
//! s_wT/s_wR upper bound  =  (s_wT/s_wR) / √F(α; df_T, df_R)
//! ```
//! The bound is one-sided 1 − α, the upper end of a two-sided 1 − 2α interval (Schütz et al. 2020, AAPS J 22:44).
//!
//! # Where packages differ
//! FDA's s_wR is the residual of the difference of two reference values on sequence ([`super::scaled`]); in an incomplete or
//! three-sequence study it is not the same number.

use super::data::{BeData, Observation, Treatment};
use super::error::BeError;
use croft_num::dist::{Continuous, FisherF};
use croft_num::math::{exp_m1, ln_1p};
use croft_stat::absorbed::{self, AbsorbedFit};
use serde::{Deserialize, Serialize};

/// Variability as far as the design tells.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Variability {
    /// Within-subject, of the reference alone (replicate designs).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<Within>,
    /// Within-subject, of the test alone (full replicate designs).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test: Option<Within>,
    /// s_wT / s_wR.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ratio: Option<Ratio>,
    /// Within-subject, common to both (fixed-effects model of a crossover).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub common: Option<Within>,
    /// Between subjects within treatment, T then R (parallel designs: total variability).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<[Within; 2]>,
}

/// A variance of logarithms.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Within {
    /// Standard deviation of ln.
    pub s: f64,
    /// Coefficient of variation in percent.
    pub cv_pct: f64,
    /// Degrees of freedom.
    pub df: f64,
}

impl Within {
    pub(super) fn new(variance: f64, df: f64) -> Self {
        Self { s: variance.sqrt(), cv_pct: cv_pct(variance), df }
    }
}

/// s_wT / s_wR with its upper bound.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ratio {
    /// The ratio.
    pub ratio: f64,
    /// One-sided upper bound.
    pub upper: f64,
}

/// Coefficient of variation, in percent, of a lognormal variable whose logarithm has this variance.
pub fn cv_pct(variance: f64) -> f64 {
    100.0 * exp_m1(variance).sqrt()
}

/// Variance of the logarithm for a coefficient of variation in percent.
pub fn variance_of_cv(cv_pct: f64) -> f64 {
    ln_1p((cv_pct / 100.0) * (cv_pct / 100.0))
}

/// s_wR, s_wT and their ratio from each product's values alone; empty where nobody received a product twice.
pub(super) fn replicate(data: &BeData, alpha: f64) -> Result<Variability, BeError> {
    let within = |treatment| {
        one_product(data.observations(), treatment).map(|(fit, _)| Within::new(fit.variance(), fit.residual_df as f64))
    };
    let reference = within(Treatment::Reference);
    let test = within(Treatment::Test);
    let ratio = match (test, reference) {
        (Some(t), Some(r)) if r.s > 0.0 => Some(ratio(t, r, alpha)?),
        _ => None,
    };
    Ok(Variability { reference, test, ratio, ..Variability::default() })
}

fn ratio(test: Within, reference: Within, alpha: f64) -> Result<Ratio, BeError> {
    let ratio = test.s / reference.s;
    let f = FisherF::new(test.df, reference.df).and_then(|f| f.quantile(alpha)).map_err(BeError::Quantile)?;
    Ok(Ratio { ratio, upper: ratio / f.sqrt() })
}

/// The fixed-effects model of one product's values, and those values. `None` when no variance can be estimated.
pub(super) fn one_product(
    observations: &[Observation],
    treatment: Treatment,
) -> Option<(AbsorbedFit, Vec<Observation>)> {
    let values: Vec<Observation> = observations.iter().filter(|o| o.treatment == treatment).copied().collect();
    let subject: Vec<usize> = values.iter().map(|o| o.subject).collect();
    let response: Vec<f64> = values.iter().map(|o| o.ln_value).collect();
    let fit = absorbed::fit(&subject, &super::fixed::period_columns(&values), &response).ok()?;
    Some((fit, values))
}
