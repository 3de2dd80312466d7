//! Crossover with all effects fixed: sequence, subject within sequence, period, treatment.
//!
//! ```text
//! ln y_ijk = μ + sequence_i + subject_k(i) + period_j + treatment_(ij) + e_ijk
//! ```
//! Subjects are absorbed ([`croft_stat::absorbed`]), sequence with them. This is the classical analysis of a 2x2 crossover (Schuirmann
//! 1987, J Pharmacokinet Biopharm 15:657–680) and EMA's method A for replicate designs (EMA/618604/2008).
//!
//! In the analysis of variance sequence is tested against subject(sequence), the rest against the residual. Sums of squares of period and treatment
//! are adjusted for all other effects (SAS type III); those of sequence and subject(sequence) are sequential, which is the same
//! when every subject has the same number of values.

use super::data::{BeData, Observation, Treatment};
use super::design::DesignKind;
use super::error::BeError;
use super::options::BeOptions;
use super::result::{AnovaRow, Estimate, LeftOut};
use super::variability::Within;
use croft_num::dist::{Continuous, FisherF};
use croft_num::sum;
use croft_stat::absorbed::{self, AbsorbedFit};

/// The analysis of the values that were used.
pub(super) struct Fixed {
    pub estimate: Estimate,
    pub anova: Vec<AnovaRow>,
    pub common: Within,
    pub used: Vec<Observation>,
    pub left_out: Vec<LeftOut>,
}

pub(super) fn analyse(data: &BeData, options: &BeOptions) -> Result<Fixed, BeError> {
    let (used, left_out) = evaluable(data);
    let fit = fit(data, &used)?;
    let treatment = fit.coefficients.len() - 1;
    let (Some(difference), Some(se)) = (fit.coefficients[treatment], fit.standard_error(treatment)) else {
        return Err(not_estimable(data));
    };
    if fit.residual_ss <= 1e-24 * sum_of_squares(&used) {
        return Err(BeError::NoVariance);
    }
    let df = fit.residual_df as f64;
    Ok(Fixed {
        estimate: Estimate::new(difference, se, df, options.alpha)?,
        anova: anova(data, &used, &fit)?,
        common: Within::new(fit.variance(), df),
        used,
        left_out,
    })
}

pub(super) fn not_estimable(data: &BeData) -> BeError {
    BeError::NotEstimable {
        design: data.design().to_string(),
        reason: "within subjects, treatments and periods cannot be told apart",
    }
}

/// In a 2x2 crossover subjects with both treatments; in other crossovers every value.
fn evaluable(data: &BeData) -> (Vec<Observation>, Vec<LeftOut>) {
    let mut used = Vec::with_capacity(data.observations().len());
    let mut left_out = Vec::new();
    for (subject, values) in data.subjects().iter().zip(data.by_subject()) {
        let reason = match values.len() {
            0 => "no value",
            1 if data.design().kind == DesignKind::Crossover => "a value in one period only",
            _ => {
                used.extend_from_slice(values);
                continue;
            }
        };
        left_out.push(LeftOut { subject: subject.clone(), reason: reason.to_owned() });
    }
    (used, left_out)
}

fn fit(data: &BeData, used: &[Observation]) -> Result<AbsorbedFit, BeError> {
    let mut columns = period_columns(used);
    columns.push(treatment_column(used));
    if used.is_empty() {
        return Err(not_estimable(data));
    }
    Ok(absorbed::fit(&subjects(used), &columns, &responses(used))?)
}

/// Indicators of every period that occurs but the first.
pub(super) fn period_columns(values: &[Observation]) -> Vec<Vec<f64>> {
    let mut periods: Vec<usize> = values.iter().map(|o| o.period).collect();
    periods.sort_unstable();
    periods.dedup();
    let indicator = |&period: &usize| values.iter().map(|o| if o.period == period { 1.0 } else { 0.0 }).collect();
    periods.iter().skip(1).map(indicator).collect()
}

fn treatment_column(values: &[Observation]) -> Vec<f64> {
    values.iter().map(|o| if o.treatment == Treatment::Test { 1.0 } else { 0.0 }).collect()
}

fn subjects(values: &[Observation]) -> Vec<usize> {
    values.iter().map(|o| o.subject).collect()
}

fn responses(values: &[Observation]) -> Vec<f64> {
    values.iter().map(|o| o.ln_value).collect()
}

fn sum_of_squares(values: &[Observation]) -> f64 {
    values.iter().map(|o| o.ln_value * o.ln_value).sum()
}

fn anova(data: &BeData, used: &[Observation], full: &AbsorbedFit) -> Result<Vec<AnovaRow>, BeError> {
    let treatment = full.coefficients.len() - 1;
    // The same model with treatment first, so that what the periods add is adjusted for it.
    let mut columns = vec![treatment_column(used)];
    columns.extend(period_columns(used));
    let periods_last = absorbed::fit(&subjects(used), &columns, &responses(used))?;
    let (sequence_ss, sequences) = sequence_ss(used);
    let (subject_ss, subjects) = subject_ss(used);
    let residual = Line { ss: full.residual_ss, df: full.residual_df };
    let between = Line { ss: subject_ss - sequence_ss, df: subjects - sequences };
    let period_ss: f64 = periods_last.sequential_ss.iter().skip(1).sum();
    let mut rows = Vec::new();
    if data.design().sequences.len() > 1 && sequences > 1 {
        rows.push(Line { ss: sequence_ss, df: sequences - 1 }.row("sequence", Some((&between, "subject(sequence)")))?);
    }
    rows.push(between.row("subject(sequence)", Some((&residual, "residual")))?);
    rows.push(Line { ss: period_ss, df: periods_last.rank() - 1 }.row("period", Some((&residual, "residual")))?);
    rows.push(Line { ss: full.sequential_ss[treatment], df: 1 }.row("treatment", Some((&residual, "residual")))?);
    rows.push(residual.row("residual", None)?);
    Ok(rows)
}

/// Sum of squares between the means of sequences, and how many sequences there are.
fn sequence_ss(used: &[Observation]) -> (f64, usize) {
    between_ss(used, |o| o.sequence)
}

fn subject_ss(used: &[Observation]) -> (f64, usize) {
    between_ss(used, |o| o.subject)
}

fn between_ss(used: &[Observation], group: impl Fn(&Observation) -> usize) -> (f64, usize) {
    let grand = sum::mean(&responses(used)).unwrap_or(0.0);
    let groups = used.iter().map(&group).max().map_or(0, |g| g + 1);
    let mut totals = vec![(0.0, 0.0); groups];
    for o in used {
        let total = &mut totals[group(o)];
        total.0 += o.ln_value - grand;
        total.1 += 1.0;
    }
    let filled = totals.iter().filter(|t| t.1 > 0.0);
    (filled.clone().map(|(s, n)| s * s / n).sum(), filled.count())
}

struct Line {
    ss: f64,
    df: usize,
}

impl Line {
    fn ms(&self) -> f64 {
        if self.df == 0 { 0.0 } else { self.ss / self.df as f64 }
    }

    fn row(&self, source: &str, against: Option<(&Line, &str)>) -> Result<AnovaRow, BeError> {
        let mut row = AnovaRow {
            source: source.to_owned(),
            df: self.df,
            ss: self.ss,
            ms: self.ms(),
            f: None,
            p: None,
            against: None,
        };
        if let Some((error, name)) = against
            && self.df > 0
            && error.df > 0
            && error.ss > 0.0
        {
            let f = self.ms() / error.ms();
            let law = FisherF::new(self.df as f64, error.df as f64).map_err(BeError::Quantile)?;
            row.f = Some(f);
            row.p = Some(law.sf(f));
            row.against = Some(name.to_owned());
        }
        Ok(row)
    }
}

/// The whole model and its values, for its residuals.
pub(super) fn residual_model(data: &BeData) -> Result<(AbsorbedFit, Vec<Observation>), BeError> {
    let (used, _) = evaluable(data);
    Ok((fit(data, &used)?, used))
}
