//! Are the conditions met?
//!
//! The interval and the point estimate are rounded before they are compared: the lower bound should be "≥ 80.00 % when rounded to two decimal places and the
//! upper bound ≤ 125.00 % when rounded to two decimal places" (EMA, CPMP/EWP/QWP/1401/98 Rev. 1/Corr **, section 4.1.8); Health Canada gives its limits with
//! one decimal. Rounding is half away from zero. Expanded limits are rounded alike, since they are published so (69.84–143.19 %).
//! ```text
//! expanded   exp(∓ k s_wR)      switch < CV_wR, s_wR no larger than at the cap
//! ```

use super::criteria::{self, Criterion, Metric, Regulator, Rule};
use super::data::BeData;
use super::design::DesignKind;
use super::error::BeError;
use super::options::{BeOptions, Method, ParallelVariance};
use super::result::{self, BeResult, Estimate};
use super::variability::{self, Variability, Within};
use super::{fixed, outliers, parallel, random};
use croft_core::{Finding, Severity};
use croft_num::math::{exp, pow};
use serde::{Deserialize, Serialize};

/// The decision and what it rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// Whether every condition is met.
    pub pass: bool,
    /// The conditions.
    pub conditions: Vec<Condition>,
}

impl Decision {
    pub(super) fn all(conditions: Vec<Condition>) -> Self {
        Self { pass: conditions.iter().all(|c| c.met), conditions }
    }
}

/// One condition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Condition {
    /// What is judged.
    pub what: String,
    /// Its value, or its ends, as judged; empty when it could not be had.
    pub values: Vec<f64>,
    /// The lower limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lower: Option<f64>,
    /// The upper limit.
    pub upper: f64,
    /// Whether it is met.
    pub met: bool,
}

impl Condition {
    pub(super) fn within_rounded(what: &str, values: [f64; 2], limits: [f64; 2], decimals: u8) -> Self {
        let [lo, hi] = values.map(|x| round(x, decimals));
        let [lower, upper] = limits.map(|x| round(x, decimals));
        let values = if lo.total_cmp(&hi).is_eq() { vec![lo] } else { vec![lo, hi] };
        Self { what: what.to_owned(), values, lower: Some(lower), upper, met: lo >= lower && hi <= upper }
    }

    pub(super) fn at_most(what: &str, value: f64, upper: f64) -> Self {
        Self { what: what.to_owned(), values: vec![value], lower: None, upper, met: value <= upper }
    }

    pub(super) fn not_shown(what: &str) -> Self {
        Self { what: what.to_owned(), values: Vec::new(), lower: None, upper: 0.0, met: false }
    }
}

/// Half away from zero.
fn round(x: f64, decimals: u8) -> f64 {
    let unit = pow(10.0, f64::from(decimals));
    (x * unit).round() / unit
}

/// The limits that a criterion sets for this variability, in percent, unrounded.
pub fn limits_pct(criterion: &Criterion, cv_wr_pct: Option<f64>) -> [f64; 2] {
    let (Some(cv), Some(switch)) = (cv_wr_pct, criterion.switch_cv_pct) else { return criterion.limits_pct };
    if cv <= switch {
        return criterion.limits_pct;
    }
    match (criterion.k, criterion.cap_cv_pct, criterion.widened_limits_pct) {
        (Some(k), Some(cap), _) => {
            let s = variability::variance_of_cv(cv.min(cap)).sqrt();
            [100.0 * exp(-k * s), 100.0 * exp(k * s)]
        }
        (_, _, Some(widened)) => widened,
        _ => criterion.limits_pct,
    }
}

/// What a model gave.
struct Modelled {
    model: &'static str,
    estimate: Estimate,
    anova: Vec<result::AnovaRow>,
    common: Option<Within>,
    total: Option<[Within; 2]>,
    mixed: Option<random::MixedFacts>,
    used: Vec<super::Observation>,
    left_out: Vec<result::LeftOut>,
    findings: Vec<Finding>,
}

/// Every method but FDA's scaled ones.
pub(super) fn average(data: &BeData, options: &BeOptions) -> Result<BeResult, BeError> {
    let modelled = model(data, options)?;
    let mut findings = data.findings().to_vec();
    findings.extend(modelled.findings);
    let (criterion, note) = criterion(data, options)?;
    findings.extend(note);
    let mut variability = if data.design().kind == DesignKind::Parallel {
        Variability::default()
    } else {
        variability::replicate(data, options.alpha)?
    };
    variability.common = modelled.common;
    variability.total = modelled.total;
    let cv = variability.reference.map(|r| r.cv_pct);
    if criterion.switch_cv_pct.is_some() && cv.is_none() {
        findings.push(
            Finding::new(
                "BE-NO-CVWR",
                Severity::Warning,
                data.dataset(),
                "CV_wR cannot be estimated: limits are not widened",
            )
            .hint("subjects with two reference values are needed"),
        );
    }
    let decision = decide(&criterion, &modelled.estimate, cv, options.metric);
    Ok(BeResult {
        dataset: data.dataset().to_owned(),
        parameter: data.parameter().to_owned(),
        options: options.clone(),
        design: data.design().clone(),
        counts: result::counts(data, &modelled.used, modelled.left_out),
        model: modelled.model.to_owned(),
        estimate: modelled.estimate,
        anova: modelled.anova,
        variability,
        outliers: outliers::find(data),
        mixed: modelled.mixed,
        scaled: None,
        ntid: None,
        unscaled: None,
        criterion,
        decision,
        rows: result::rows(&modelled.used),
        findings,
    })
}

fn model(data: &BeData, options: &BeOptions) -> Result<Modelled, BeError> {
    if data.design().kind == DesignKind::Parallel {
        let parallel = parallel::analyse(data, options)?;
        return Ok(Modelled {
            model: match options.parallel {
                ParallelVariance::Welch => "two groups, unequal variances (Welch)",
                ParallelVariance::Pooled => "two groups, pooled variance",
            },
            estimate: parallel.estimate,
            anova: Vec::new(),
            common: None,
            total: Some(parallel.total),
            mixed: None,
            used: data.observations().to_vec(),
            left_out: result::without_values(data),
            findings: Vec::new(),
        });
    }
    let (model, random) = match options.method {
        Method::AbelB => (
            "mixed: sequence, period, treatment fixed; subject(sequence) random; REML",
            random::method_b(data, options)?,
        ),
        Method::C => (
            "mixed: sequence, period, treatment fixed; test and reference effects of a subject random and correlated (FA0(2)); residual variance by treatment; REML",
            random::method_c(data, options)?,
        ),
        _ => {
            let fixed = fixed::analyse(data, options)?;
            return Ok(Modelled {
                model: "fixed: sequence, subject(sequence), period, treatment",
                estimate: fixed.estimate,
                anova: fixed.anova,
                common: Some(fixed.common),
                total: None,
                mixed: None,
                used: fixed.used,
                left_out: fixed.left_out,
                findings: Vec::new(),
            });
        }
    };
    Ok(Modelled {
        model,
        estimate: random.estimate,
        anova: Vec::new(),
        common: None,
        total: None,
        mixed: Some(random.facts),
        used: data.observations().to_vec(),
        left_out: result::without_values(data),
        findings: random.findings,
    })
}

/// The rule for method, regulator and parameter; a remark when it is not the one that the method suggests.
fn criterion(data: &BeData, options: &BeOptions) -> Result<(Criterion, Option<Finding>), BeError> {
    let regulator = options.regulator.unwrap_or(Regulator::Ema);
    let missing = || BeError::NotOfRegulator { method: options.method, regulator };
    let rule = match options.method {
        Method::Ntid => Rule::Narrow,
        Method::AbelA | Method::AbelB if criteria::find(regulator, Rule::Abel, None).is_none() => Rule::Widened,
        Method::AbelA | Method::AbelB => Rule::Abel,
        _ => Rule::Abe,
    };
    if let Some(criterion) = criteria::find(regulator, rule, options.metric) {
        return Ok((criterion.clone(), None));
    }
    let elsewhere = criteria::find(regulator, rule, None).ok_or_else(missing)?;
    let usual = criteria::find(regulator, Rule::Abe, options.metric).ok_or_else(missing)?;
    let note = Finding::new(
        "BE-NOT-WIDENED",
        Severity::Note,
        data.dataset(),
        format!(
            "{} widens limits for {} only: the usual limits hold",
            regulator.name(),
            elsewhere
                .metrics
                .iter()
                .map(|m| if *m == Metric::Auc { "AUC" } else { "Cmax" })
                .collect::<Vec<_>>()
                .join(", "),
        ),
    );
    Ok((usual.clone(), Some(note)))
}

fn decide(criterion: &Criterion, estimate: &Estimate, cv_wr_pct: Option<f64>, metric: Option<Metric>) -> Decision {
    let decimals = criterion.round_decimals;
    let limits = limits_pct(criterion, cv_wr_pct);
    let point = [estimate.pe_pct; 2];
    if metric.is_some_and(|m| criterion.point_estimate_only.contains(&m)) {
        return Decision::all(vec![Condition::within_rounded("point estimate", point, criterion.limits_pct, decimals)]);
    }
    let interval = [estimate.ci_lo_pct, estimate.ci_hi_pct];
    let mut conditions = vec![Condition::within_rounded("confidence interval", interval, limits, decimals)];
    if let Some(limits) = criterion.pe_limits_pct {
        conditions.push(Condition::within_rounded("point estimate", point, limits, decimals));
    }
    Decision::all(conditions)
}

#[cfg(test)]
mod tests {
    use super::*;
    use croft_testkit::assert_close;

    #[test]
    fn an_interval_is_judged_as_rounded() {
        let limits = [80.0, 125.0];
        assert!(Condition::within_rounded("", [79.995_1, 125.004_9], limits, 2).met);
        assert!(!Condition::within_rounded("", [79.994_9, 110.0], limits, 2).met);
        assert!(Condition::within_rounded("", [79.96, 125.04], limits, 1).met);
    }

    #[test]
    fn expanded_limits_are_those_of_the_guidelines() {
        // EMA, section 4.1.10: table of CV_wR and limits. Health Canada's notice of 2016: 66.7 to 150.0 above 57.4 %.
        let table = [
            (30.0, 80.0, 125.0),
            (35.0, 77.23, 129.48),
            (40.0, 74.62, 134.02),
            (45.0, 72.15, 138.59),
            (50.0, 69.84, 143.19),
            (80.0, 69.84, 143.19),
        ];
        let ema = criteria::find(Regulator::Ema, Rule::Abel, None).unwrap();
        for (cv, lo, hi) in table {
            let limits = limits_pct(ema, Some(cv)).map(|x| round(x, 2));
            assert_close("lower", limits[0], lo, 1e-12);
            assert_close("upper", limits[1], hi, 1e-12);
        }
        let hc = limits_pct(criteria::find(Regulator::Hc, Rule::Abel, None).unwrap(), Some(60.0)).map(|x| round(x, 1));
        assert_close("Health Canada's lower cap", hc[0], 66.7, 1e-12);
        assert_close("Health Canada's upper cap", hc[1], 150.0, 1e-12);
        let gcc = limits_pct(criteria::find(Regulator::Gcc, Rule::Widened, None).unwrap(), Some(31.0));
        assert_close("GCC's lower limit", gcc[0], 75.0, 1e-12);
        assert_close("GCC's upper limit", gcc[1], 133.33, 1e-12);
    }
}
