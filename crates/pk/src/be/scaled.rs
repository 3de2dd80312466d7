//! FDA's reference-scaled criteria: highly variable drugs (RSABE) and narrow therapeutic index drugs (NTID).
//!
//! Both bound (μ_T − μ_R)² − θ σ²_wR from above at level 1 − α and ask that the bound be at most zero:
//! ```text
//! x  = d² − se²              C_x = max(|lo|, |hi|)²                 d, se and interval of ilat
//! y  = −θ s²_wR              C_y = y df / χ²(1 − α; df)             s²_wR = MS(dlat)/2
//! bound = x + y + √((C_x − x)² + (C_y − y)²)
//! θ = (ln 1.25 / 0.25)² for RSABE,  (ln(1/0.9) / 0.10)² for NTID
//! ```
//! (Hyslop, Hsuan & Holder 2000, Stat Med 19:2885–2897, after Howe 1974, JASA 69:789–794; subtracting se² makes d² unbiased. FDA, Draft Guidance on
//! Progesterone, 2011; Draft Guidance on Warfarin Sodium, 2012.)
//!
//! * RSABE holds when s_wR ≥ 0.294: bound ≤ 0 and the point estimate within 80.00–125.00 %. Below 0.294 FDA asks for unscaled average
//!   bioequivalence by the mixed model (method C); the result then says so and carries that analysis.
//! * NTID asks for bound ≤ 0, the unscaled interval (method C) within 80.00–125.00 %, and an upper bound of σ_wT/σ_wR of at most 2.5:
//! ```text
//! (s_wT/s_wR) / √F(1 − α)  …  (s_wT/s_wR) / √F(α)       quantiles of F(df_T, df_R)
//! ```
//! FDA's code covers designs in which every sequence has the reference twice and the test once or twice.
//!
//! # Where packages differ
//! s_wR comes from these contrasts, not from REML and not from EMA's model of the reference data. The estimate and interval that
//! a result shows are those of ilat; those of the mixed model stand in `unscaled`.

use super::contrasts::{self, Contrast};
use super::criteria::{self, Criterion, Rule};
use super::data::{BeData, Treatment};
use super::decide::{Condition, Decision};
use super::error::BeError;
use super::options::{BeOptions, Method};
use super::result::{self, BeResult, Estimate, LeftOut};
use super::variability::{self, Within};
use croft_core::{Finding, Severity};
use croft_num::dist::{ChiSquared, Continuous, FisherF};
use croft_num::math::ln;
use serde::{Deserialize, Serialize};

/// The scaled criterion and its parts, named as in FDA's code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScaledFacts {
    /// Within-subject standard deviation of the reference, from dlat.
    pub s_wr: f64,
    /// Coefficient of variation of the reference, in percent.
    pub cv_wr_pct: f64,
    /// Subjects with every period.
    pub n_ilat: usize,
    /// Degrees of freedom of ilat.
    pub df_ilat: usize,
    /// Subjects with both reference values.
    pub n_dlat: usize,
    /// Degrees of freedom of dlat.
    pub df_dlat: usize,
    /// θ
    pub theta: f64,
    /// d² − se²
    pub x: f64,
    /// Bound of x.
    pub bound_x: f64,
    /// −θ s²_wR
    pub y: f64,
    /// Bound of y.
    pub bound_y: f64,
    /// Upper bound of the criterion: at most 0 is wanted.
    pub criterion_bound: f64,
    /// Whether s_wR is large enough for scaling (always, for NTID).
    pub eligible: bool,
}

/// The comparison of variabilities.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct NtidFacts {
    /// Within-subject standard deviation of the test, from dlatT.
    pub s_wt: f64,
    /// Degrees of freedom.
    pub df_dlat_t: usize,
    /// s_wT / s_wR
    pub ratio: f64,
    /// Lower end of the 1 − 2α interval of the ratio.
    pub ratio_lo: f64,
    /// Its upper end.
    pub ratio_hi: f64,
}

/// FDA's RSABE.
pub(super) fn rsabe(data: &BeData, options: &BeOptions) -> Result<BeResult, BeError> {
    let (criterion, theta) = criterion(options, Rule::Rsabe, ln(1.25))?;
    let parts = Parts::new(data, options)?;
    let mut facts = parts.facts(theta, options.alpha)?;
    facts.eligible = criterion.switch_s_w.is_none_or(|switch| facts.s_wr >= switch);
    let mut findings = parts.findings(data);
    let (decision, unscaled) = if facts.eligible {
        let limits = criterion.pe_limits_pct.unwrap_or(criterion.limits_pct);
        let conditions = vec![
            Condition::at_most("criterion bound", facts.criterion_bound, 0.0),
            Condition::within_rounded("point estimate", [parts.estimate.pe_pct; 2], limits, criterion.round_decimals),
        ];
        (Decision::all(conditions), None)
    } else {
        findings.push(
            Finding::new("BE-NOT-SCALED", Severity::Note, data.dataset(), format!(
                "s_wR {:.4} is below {}: scaling is not allowed, unscaled average bioequivalence by the mixed model (method C) decides",
                facts.s_wr,
                criterion.switch_s_w.unwrap_or_default(),
            ))
            .hint("FDA, Draft Guidance on Progesterone: the unscaled procedure below s_wR 0.294"),
        );
        unscaled_part(data, options, &mut findings)
    };
    let model = "intra-subject contrasts (complete subjects for the ratio, all subjects with two reference values for s_wR) on sequence";
    Ok(parts.result(data, options, model, Shown { criterion, facts, ntid: None, decision, unscaled, findings }))
}

/// FDA's assessment of a narrow therapeutic index drug.
pub(super) fn ntid(data: &BeData, options: &BeOptions) -> Result<BeResult, BeError> {
    let (criterion, theta) = criterion(options, Rule::Ntid, -ln(0.9))?;
    let parts = Parts::new(data, options)?;
    let facts = parts.facts(theta, options.alpha)?;
    let mut findings = parts.findings(data);
    let ntid = compare_variances(data, &parts.dlat, options.alpha)?;
    let (abe, unscaled) = unscaled_part(data, options, &mut findings);
    let limit = criterion.ratio_upper_limit.unwrap_or(f64::MAX);
    let mut conditions = vec![Condition::at_most("criterion bound", facts.criterion_bound, 0.0)];
    conditions.extend(abe.conditions);
    match &ntid {
        Some(ntid) => conditions.push(Condition::at_most("upper bound of s_wT/s_wR", ntid.ratio_hi, limit)),
        None => {
            conditions.push(Condition::not_shown("upper bound of s_wT/s_wR"));
            findings.push(
                Finding::new(
                    "BE-NO-SWT",
                    Severity::Warning,
                    data.dataset(),
                    "s_wT cannot be estimated: no sequence has the test twice",
                )
                .hint("FDA asks for a fully replicated crossover for narrow therapeutic index drugs"),
            );
        }
    }
    let decision = Decision::all(conditions);
    let model = "intra-subject contrasts on sequence; unscaled interval by the mixed model (method C)";
    Ok(parts.result(data, options, model, Shown { criterion, facts, ntid, decision, unscaled, findings }))
}

fn criterion(options: &BeOptions, rule: Rule, ln_limit: f64) -> Result<(Criterion, f64), BeError> {
    let regulator = options.regulator.unwrap_or(criteria::Regulator::Fda);
    let missing = BeError::NotOfRegulator { method: options.method, regulator };
    let criterion = criteria::find(regulator, rule, options.metric).cloned().ok_or(missing.clone())?;
    let sigma = criterion.sigma_w0.ok_or(missing)?;
    Ok((criterion, (ln_limit / sigma) * (ln_limit / sigma)))
}

/// The unscaled analysis by method C and its decision; when it cannot be had, why.
fn unscaled_part(data: &BeData, options: &BeOptions, findings: &mut Vec<Finding>) -> (Decision, Option<Box<BeResult>>) {
    let unscaled = BeOptions { method: Method::C, ..options.clone() };
    match super::analyse(data, &unscaled) {
        Ok(result) => {
            findings.extend(result.findings.iter().filter(|f| !data.findings().contains(f)).cloned());
            (result.decision.clone(), Some(Box::new(result)))
        }
        Err(error) => {
            let cause = std::error::Error::source(&error).map(|c| format!(": {c}")).unwrap_or_default();
            findings.push(
                Finding::new(
                    "BE-NO-UNSCALED",
                    Severity::Warning,
                    data.dataset(),
                    format!("no unscaled analysis: {error}{cause}"),
                )
                .hint(error.hint()),
            );
            (Decision::all(vec![Condition::not_shown("90 % confidence interval")]), None)
        }
    }
}

/// The contrasts and the estimate from them.
struct Parts {
    ilat: Contrast,
    dlat: Contrast,
    estimate: Estimate,
    left_out: Vec<LeftOut>,
}

/// What the two methods fill in differently.
struct Shown {
    criterion: Criterion,
    facts: ScaledFacts,
    ntid: Option<NtidFacts>,
    decision: Decision,
    unscaled: Option<Box<BeResult>>,
    findings: Vec<Finding>,
}

impl Parts {
    fn new(data: &BeData, options: &BeOptions) -> Result<Self, BeError> {
        let design = data.design();
        let tests: Vec<usize> = design.sequences.iter().map(|s| s.times(Treatment::Test)).collect();
        let covered = design.sequences.iter().all(|s| s.times(Treatment::Reference) == 2)
            && matches!(tests[0], 1 | 2)
            && tests.iter().all(|&t| t == tests[0]);
        if !covered {
            return Err(BeError::NotCovered { method: options.method, design: design.to_string() });
        }
        let needed = design.sequences.len() + 1;
        let too_few = |what, found| BeError::TooFewSubjects { what, found, needed };
        let ilat = contrasts::ilat(data).ok_or_else(|| too_few("subjects with every period", complete(data)))?;
        let dlat = contrasts::dlat(data, Treatment::Reference)
            .ok_or_else(|| too_few("subjects with two reference values", complete(data)))?;
        if dlat.variance <= 0.0 || ilat.variance <= 0.0 {
            return Err(BeError::NoVariance);
        }
        let estimate = Estimate::new(ilat.mean, ilat.se, ilat.df as f64, options.alpha)?;
        let left_out = left_out(data, &ilat);
        Ok(Self { ilat, dlat, estimate, left_out })
    }

    fn facts(&self, theta: f64, alpha: f64) -> Result<ScaledFacts, BeError> {
        let e = &self.estimate;
        let half = e.ln_se * result::t_quantile(e.df, alpha)?;
        let variance = self.dlat.variance / 2.0;
        let df = self.dlat.df as f64;
        let chi2 = ChiSquared::new(df).and_then(|c| c.quantile_upper(alpha)).map_err(BeError::Quantile)?;
        let x = e.ln_difference * e.ln_difference - e.ln_se * e.ln_se;
        let farthest = (e.ln_difference - half).abs().max((e.ln_difference + half).abs());
        let bound_x = farthest * farthest;
        let y = -theta * variance;
        let bound_y = y * df / chi2;
        let (dx, dy) = (bound_x - x, bound_y - y);
        Ok(ScaledFacts {
            s_wr: variance.sqrt(),
            cv_wr_pct: variability::cv_pct(variance),
            n_ilat: self.ilat.subjects,
            df_ilat: self.ilat.df,
            n_dlat: self.dlat.subjects,
            df_dlat: self.dlat.df,
            theta,
            x,
            bound_x,
            y,
            bound_y,
            criterion_bound: x + y + (dx * dx + dy * dy).sqrt(),
            eligible: true,
        })
    }

    fn findings(&self, data: &BeData) -> Vec<Finding> {
        let mut findings = data.findings().to_vec();
        if self.ilat.empty_sequences > 0 {
            findings.push(
                Finding::new(
                    "BE-EMPTY-SEQUENCE",
                    Severity::Warning,
                    data.dataset(),
                    format!(
                        "{} sequence(s) have no complete subject: the mean is over the others",
                        self.ilat.empty_sequences
                    ),
                )
                .hint("period effects are not balanced out; prefer the mixed model"),
            );
        }
        findings
    }

    fn result(self, data: &BeData, options: &BeOptions, model: &str, shown: Shown) -> BeResult {
        let mut variability = variability::Variability {
            reference: Some(Within::new(self.dlat.variance / 2.0, self.dlat.df as f64)),
            ..Default::default()
        };
        if let Some(ntid) = &shown.ntid {
            variability.test = Some(Within::new(ntid.s_wt * ntid.s_wt, ntid.df_dlat_t as f64));
            variability.ratio = Some(variability::Ratio { ratio: ntid.ratio, upper: ntid.ratio_hi });
        }
        BeResult {
            dataset: data.dataset().to_owned(),
            parameter: data.parameter().to_owned(),
            options: options.clone(),
            design: data.design().clone(),
            counts: result::counts(data, &self.ilat.used, self.left_out),
            model: model.to_owned(),
            estimate: self.estimate,
            anova: Vec::new(),
            variability,
            outliers: super::outliers::find(data),
            mixed: None,
            scaled: Some(shown.facts),
            ntid: shown.ntid,
            unscaled: shown.unscaled,
            criterion: shown.criterion,
            decision: shown.decision,
            rows: {
                let both = self.ilat.used.iter().chain(&self.dlat.used).copied().collect::<Vec<_>>();
                result::rows(&both)
            },
            findings: shown.findings,
        }
    }
}

fn complete(data: &BeData) -> usize {
    let full = |values: &&[super::Observation]| values.len() == data.design().periods.len();
    data.by_subject().iter().filter(|v| full(v)).count()
}

fn left_out(data: &BeData, ilat: &Contrast) -> Vec<LeftOut> {
    let used: std::collections::BTreeSet<usize> = ilat.used.iter().map(|o| o.subject).collect();
    let out = |(subject, name): (usize, &String)| {
        (!used.contains(&subject)).then(|| LeftOut {
            subject: name.clone(),
            reason: "no value in some period; kept for s_wR when both reference values are there".to_owned(),
        })
    };
    data.subjects().iter().enumerate().filter_map(out).collect()
}

fn compare_variances(data: &BeData, reference: &Contrast, alpha: f64) -> Result<Option<NtidFacts>, BeError> {
    let Some(test) = contrasts::dlat(data, Treatment::Test) else { return Ok(None) };
    let ratio = (test.variance / reference.variance).sqrt();
    let f = FisherF::new(test.df as f64, reference.df as f64).map_err(BeError::Quantile)?;
    let upper_f = f.quantile_upper(alpha).map_err(BeError::Quantile)?;
    let lower_f = f.quantile(alpha).map_err(BeError::Quantile)?;
    Ok(Some(NtidFacts {
        s_wt: (test.variance / 2.0).sqrt(),
        df_dlat_t: test.df,
        ratio,
        ratio_lo: ratio / upper_f.sqrt(),
        ratio_hi: ratio / lower_f.sqrt(),
    }))
}
