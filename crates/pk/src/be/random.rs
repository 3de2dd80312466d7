//! Crossover with random subject effects: EMA's method B and FDA's method C.
//!
//! Fixed effects are sequence, period and treatment in both.
//! ```text
//! B   one random effect a subject, one residual variance
//! C   a random effect a subject and treatment, G = [σ²_T, σ_TR; σ_TR, σ²_R] (FA0(2)), residual variances σ²_wT and σ²_wR
//! ```
//! (EMA/618604/2008; FDA, Statistical Approaches to Establishing Bioequivalence, 2001, appendix E.) SPSS's heterogeneous compound
//! symmetry is the same family as FA0(2) for two effects, written as two variances and a correlation.
//!
//! # Where packages differ
//! In a partial replicate design nobody receives the test twice, so that σ²_T + σ²_wT is identified and its parts are not: SAS, Phoenix and SPSS
//! end with whatever split the search met, often with a warning about the Hessian. The likelihood, the ratio and the interval do not
//! depend on the split; here the split is reported as not identified and no σ²_wT is given.

use super::data::{BeData, Observation, Treatment};
use super::error::BeError;
use super::options::{BeOptions, Df};
use super::result::Estimate;
use croft_core::{Finding, Severity};
use croft_stat::absorbed;
use croft_stat::mixed::{Block, Boundary, Covariance, DfMethod, MixedFit, MixedModel};
use serde::{Deserialize, Serialize};

/// The mixed model's own results.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MixedFacts {
    /// −2 REML log-likelihood with all constants, as SAS and SPSS print it.
    pub minus_two_reml: f64,
    /// Variance between subjects: of the subject effect (B), of the test (C).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variance_between_test: Option<f64>,
    /// Variance between subjects: of the subject effect (B), of the reference (C).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variance_between_reference: Option<f64>,
    /// Correlation of a subject's test and reference effects (C).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correlation: Option<f64>,
    /// Residual variance: common (B), of the test (C; none when it is not identified).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variance_within_test: Option<f64>,
    /// Residual variance: common (B), of the reference (C).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variance_within_reference: Option<f64>,
    /// What is special about the optimum, in words; empty for an ordinary one.
    pub boundaries: Vec<String>,
    /// Steps of the search.
    pub iterations: usize,
    /// Starting points.
    pub starts: usize,
    /// Starting points that led to this optimum.
    pub starts_at_optimum: usize,
    /// By how much the Kuhn–Tucker conditions are missed.
    pub kkt_violation: f64,
}

pub(super) struct Random {
    pub estimate: Estimate,
    pub facts: MixedFacts,
    pub findings: Vec<Finding>,
}

/// Method B.
pub(super) fn method_b(data: &BeData, options: &BeOptions) -> Result<Random, BeError> {
    let design = FixedDesign::new(data)?;
    let blocks = blocks(data, &design, |_| vec![1.0], |_| 0);
    let fit = MixedModel::new(&blocks, Covariance::Diagonal)?.fit()?;
    let estimate = estimate(data, &design, &fit, options)?;
    let between = Some(fit.g[0][0]);
    let within = Some(fit.residual_variances[0]);
    let mut facts = facts(&fit);
    facts.variance_between_test = between;
    facts.variance_between_reference = between;
    facts.variance_within_test = within;
    facts.variance_within_reference = within;
    facts.boundaries = fit.boundaries.iter().map(|b| boundary_of_b(b).to_owned()).collect();
    Ok(Random { estimate, findings: findings(data, &facts), facts })
}

/// Method C.
pub(super) fn method_c(data: &BeData, options: &BeOptions) -> Result<Random, BeError> {
    let design = FixedDesign::new(data)?;
    let blocks = blocks(
        data,
        &design,
        |t| match t {
            Treatment::Test => vec![1.0, 0.0],
            Treatment::Reference => vec![0.0, 1.0],
        },
        position,
    );
    let fit = MixedModel::new(&blocks, Covariance::Unstructured)?.fit()?;
    let estimate = estimate(data, &design, &fit, options)?;
    let split = |treatment: Treatment| {
        !fit.boundaries
            .iter()
            .any(|b| matches!(b, Boundary::NotIdentified { groups, .. } if groups.contains(&position(treatment))))
    };
    let (t, r) = (split(Treatment::Test), split(Treatment::Reference));
    let mut facts = facts(&fit);
    facts.variance_between_test = t.then_some(fit.g[0][0]);
    facts.variance_between_reference = r.then_some(fit.g[1][1]);
    facts.variance_within_test = t.then_some(fit.residual_variances[0]);
    facts.variance_within_reference = r.then_some(fit.residual_variances[1]);
    let scale = (fit.g[0][0] * fit.g[1][1]).sqrt();
    facts.correlation = (t && r && scale > 0.0).then(|| fit.g[0][1] / scale);
    facts.boundaries = fit.boundaries.iter().map(boundary_of_c).collect();
    Ok(Random { estimate, findings: findings(data, &facts), facts })
}

fn position(treatment: Treatment) -> usize {
    match treatment {
        Treatment::Test => 0,
        Treatment::Reference => 1,
    }
}

fn facts(fit: &MixedFit) -> MixedFacts {
    MixedFacts {
        minus_two_reml: fit.minus_two_log_likelihood,
        variance_between_test: None,
        variance_between_reference: None,
        correlation: None,
        variance_within_test: None,
        variance_within_reference: None,
        boundaries: Vec::new(),
        iterations: fit.iterations,
        starts: fit.starts,
        starts_at_optimum: fit.starts_at_optimum,
        kkt_violation: fit.kkt_violation,
    }
}

fn findings(data: &BeData, facts: &MixedFacts) -> Vec<Finding> {
    let finding =
        |text: &String| Finding::new("BE-BOUNDARY", Severity::Note, data.dataset(), format!("mixed model: {text}"));
    facts.boundaries.iter().map(finding).collect()
}

fn boundary_of_b(boundary: &Boundary) -> &'static str {
    match boundary {
        Boundary::RandomVariance { .. } => "the variance between subjects is estimated as zero",
        Boundary::ResidualVariance { .. } => "the residual variance is estimated as zero",
        Boundary::NotIdentified { .. } => "variances between and within subjects cannot be told apart",
        Boundary::Correlation { .. } | Boundary::Singular => "the covariance of the random effects is singular",
    }
}

fn boundary_of_c(boundary: &Boundary) -> String {
    let product = |i: usize| if i == 0 { "test" } else { "reference" };
    let products = |list: &[usize]| list.iter().map(|&i| product(i)).collect::<Vec<_>>().join(" and ");
    match boundary {
        Boundary::RandomVariance { effect } => {
            format!("the variance of the {} between subjects is estimated as zero", product(*effect))
        }
        Boundary::Correlation { sign, .. } => {
            format!("the correlation of test and reference between subjects is estimated as {sign}")
        }
        Boundary::Singular => "the covariance of the random effects is singular".to_owned(),
        Boundary::ResidualVariance { group } => {
            format!("the within-subject variance of the {} is estimated as zero", product(*group))
        }
        Boundary::NotIdentified { effects, groups } => format!(
            "the data identify only combinations of the variances of {} between and {} within subjects; likelihood, ratio and interval do not depend on the split",
            products(effects),
            products(groups),
        ),
    }
}

fn estimate(data: &BeData, design: &FixedDesign, fit: &MixedFit, options: &BeOptions) -> Result<Estimate, BeError> {
    let method = match options.df {
        Some(Df::Satterthwaite) => DfMethod::Satterthwaite,
        Some(Df::KenwardRoger) => DfMethod::KenwardRoger,
        Some(Df::Containment) | None => DfMethod::Given(containment(data)? as f64),
    };
    let mut contrast = vec![0.0; design.width()];
    contrast[design.width() - 1] = 1.0;
    let treatment = fit.contrast(&contrast, method)?;
    Estimate::new(treatment.estimate, treatment.standard_error, treatment.df, options.alpha)
}

/// Degrees of freedom left when subjects are fixed.
fn containment(data: &BeData) -> Result<usize, BeError> {
    let values = data.observations();
    let mut columns = super::fixed::period_columns(values);
    columns.push(values.iter().map(|o| if o.treatment == Treatment::Test { 1.0 } else { 0.0 }).collect());
    let subject: Vec<usize> = values.iter().map(|o| o.subject).collect();
    let response: Vec<f64> = values.iter().map(|o| o.ln_value).collect();
    Ok(absorbed::fit(&subject, &columns, &response)?.residual_df)
}

/// Rows of X: intercept, sequences, periods, treatment; columns that others explain are left out.
struct FixedDesign {
    sequences: Vec<usize>,
    periods: Vec<usize>,
    keep: Vec<bool>,
}

impl FixedDesign {
    fn new(data: &BeData) -> Result<Self, BeError> {
        let values = data.observations();
        let mut design = Self {
            sequences: occurring(values.iter().map(|o| o.sequence)),
            periods: occurring(values.iter().map(|o| o.period)),
            keep: Vec::new(),
        };
        let width = design.sequences.len() + design.periods.len();
        design.keep = vec![true; width];
        let rows: Vec<Vec<f64>> = values.iter().map(|o| design.row(o)).collect();
        design.keep = croft_stat::absorbed::independent_columns(&rows, width);
        if design.keep.last() == Some(&true) { Ok(design) } else { Err(super::fixed::not_estimable(data)) }
    }

    fn width(&self) -> usize {
        self.keep.iter().filter(|&&k| k).count()
    }

    fn row(&self, o: &Observation) -> Vec<f64> {
        let indicator = |is: bool| if is { 1.0 } else { 0.0 };
        let all = std::iter::once(1.0)
            .chain(self.sequences.iter().skip(1).map(|&s| indicator(o.sequence == s)))
            .chain(self.periods.iter().skip(1).map(|&p| indicator(o.period == p)))
            .chain(std::iter::once(indicator(o.treatment == Treatment::Test)));
        all.zip(&self.keep).filter(|(_, keep)| **keep).map(|(x, _)| x).collect()
    }
}

fn occurring(values: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut values: Vec<usize> = values.collect();
    values.sort_unstable();
    values.dedup();
    values
}

fn blocks(
    data: &BeData,
    design: &FixedDesign,
    random: impl Fn(Treatment) -> Vec<f64>,
    group: impl Fn(Treatment) -> usize,
) -> Vec<Block> {
    let block = |values: &[Observation]| Block {
        response: values.iter().map(|o| o.ln_value).collect(),
        fixed: values.iter().map(|o| design.row(o)).collect(),
        random: values.iter().map(|o| random(o.treatment)).collect(),
        residual_group: values.iter().map(|o| group(o.treatment)).collect(),
    };
    data.by_subject().into_iter().filter(|v| !v.is_empty()).map(block).collect()
}
