//! What an analysis gives back: plain data.

use super::criteria::Criterion;
use super::data::{BeData, Observation};
use super::decide::Decision;
use super::design::Design;
use super::error::BeError;
use super::options::BeOptions;
use super::outliers::OutlierFacts;
use super::random::MixedFacts;
use super::scaled::{NtidFacts, ScaledFacts};
use super::variability::Variability;
use croft_core::{Finding, RowSet};
use croft_num::dist::{Continuous, StudentsT};
use croft_num::math::exp;
use serde::{Deserialize, Serialize};

/// Everything that was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BeResult {
    /// File or dataset.
    pub dataset: String,
    /// What is compared.
    pub parameter: String,
    /// Options, defaults filled in.
    pub options: BeOptions,
    /// The design found in the data.
    pub design: Design,
    /// Who was analysed and who was not.
    pub counts: Counts,
    /// The model in words.
    pub model: String,
    /// Ratio of geometric means with its interval.
    pub estimate: Estimate,
    /// Analysis of variance; empty where the model has none.
    pub anova: Vec<AnovaRow>,
    /// Variances and their comparison.
    pub variability: Variability,
    /// Reference values that stand apart, in replicate designs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outliers: Option<OutlierFacts>,
    /// The mixed model, methods B and C.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mixed: Option<MixedFacts>,
    /// FDA's scaled criterion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scaled: Option<ScaledFacts>,
    /// FDA's comparison of variabilities for narrow therapeutic index drugs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ntid: Option<NtidFacts>,
    /// The unscaled analysis that RSABE falls back to, or that NTID asks for besides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unscaled: Option<Box<BeResult>>,
    /// The rule that decides.
    pub criterion: Criterion,
    /// The decision, condition by condition.
    pub decision: Decision,
    /// Rows that the estimate used, as the caller numbered them.
    pub rows: RowSet,
    /// Remarks.
    pub findings: Vec<Finding>,
}

/// How many were analysed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Counts {
    /// Subjects in the data.
    pub subjects: usize,
    /// Values in the data.
    pub observations: usize,
    /// Subjects analysed.
    pub subjects_used: usize,
    /// Values analysed.
    pub observations_used: usize,
    /// Subjects left out and why.
    pub left_out: Vec<LeftOut>,
}

/// A subject that was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// The subject.
    pub subject: String,
    /// Why.
    pub reason: String,
}

/// An estimated ratio T/R.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// Difference of the means of logarithms, T − R.
    pub ln_difference: f64,
    /// Its standard error.
    pub ln_se: f64,
    /// Degrees of freedom of the interval.
    pub df: f64,
    /// Point estimate of the ratio of geometric means, in percent.
    pub pe_pct: f64,
    /// Lower confidence limit, in percent.
    pub ci_lo_pct: f64,
    /// Upper confidence limit, in percent.
    pub ci_hi_pct: f64,
}

impl Estimate {
    /// The ratio and its 1 − 2α interval from a difference on the logarithmic scale.
    pub(super) fn new(ln_difference: f64, ln_se: f64, df: f64, alpha: f64) -> Result<Self, BeError> {
        let half = ln_se * t_quantile(df, alpha)?;
        let pct = |x: f64| 100.0 * exp(x);
        Ok(Self {
            ln_difference,
            ln_se,
            df,
            pe_pct: pct(ln_difference),
            ci_lo_pct: pct(ln_difference - half),
            ci_hi_pct: pct(ln_difference + half),
        })
    }
}

/// Upper quantile of Student's t.
pub(super) fn t_quantile(df: f64, alpha: f64) -> Result<f64, BeError> {
    StudentsT::new(df).and_then(|t| t.quantile_upper(alpha)).map_err(BeError::Quantile)
}

/// One line of an analysis of variance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnovaRow {
    /// `sequence`, `subject(sequence)`, `period`, `treatment`, `residual`.
    pub source: String,
    /// Degrees of freedom.
    pub df: usize,
    /// Sum of squares.
    pub ss: f64,
    /// Mean square.
    pub ms: f64,
    /// F statistic; none for the residual and where the denominator has no degrees of freedom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub f: Option<f64>,
    /// Upper tail probability of F.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p: Option<f64>,
    /// The line that F is tested against.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub against: Option<String>,
}

/// The counts when `used` is what the model saw.
pub(super) fn counts(data: &BeData, used: &[Observation], left_out: Vec<LeftOut>) -> Counts {
    let mut subjects: Vec<usize> = used.iter().map(|o| o.subject).collect();
    subjects.dedup();
    Counts {
        subjects: data.subjects().len(),
        observations: data.observations().len(),
        subjects_used: subjects.len(),
        observations_used: used.len(),
        left_out,
    }
}

/// Subjects of whom no value is known.
pub(super) fn without_values(data: &BeData) -> Vec<LeftOut> {
    let subjects = data.subjects().iter().zip(data.by_subject());
    let empty = subjects.filter(|(_, values)| values.is_empty());
    empty.map(|(subject, _)| LeftOut { subject: subject.clone(), reason: "no value".to_owned() }).collect()
}

/// Rows of these values.
pub(super) fn rows(used: &[Observation]) -> RowSet {
    RowSet::new(used.iter().map(|o| o.row).collect())
}
