//! Intra-subject contrasts and their means over sequences.
//!
//! ```text
//! ilat   mean of a subject's T values − mean of its R values     subjects with every period of their sequence
//! dlat   first R − second R                                      subjects with both, complete or not
//! dlatT  first T − second T                                      likewise
//! ```
//! on the logarithmic scale; each is fitted on sequence. The mean is over sequences, unweighted, whatever their sizes (SAS: `intercept 1 seq 1/s …`).
//!
//! # Where packages differ
//! Leaving incomplete subjects out of dlat too changes s_wR: 0.4464 to 0.4517 in EMA's data set I. FDA's code (progesterone guidance, 2011) builds
//! dlat before it merges, so that every subject with both reference values counts.

use super::data::{BeData, Observation, Treatment};
use super::design::Sequence;
use croft_num::sum;

/// A contrast of some subjects.
pub(super) struct Contrast {
    /// Mean over sequences.
    pub mean: f64,
    /// Its standard error.
    pub se: f64,
    /// Residual mean square.
    pub variance: f64,
    /// Residual degrees of freedom.
    pub df: usize,
    /// Subjects.
    pub subjects: usize,
    /// Sequences without a subject that could be used.
    pub empty_sequences: usize,
    /// Values that went in.
    pub used: Vec<Observation>,
}

/// T against R of complete subjects.
pub(super) fn ilat(data: &BeData) -> Option<Contrast> {
    contrast(
        data,
        |values, sequence| {
            let complete = values.len() == sequence.treatments.iter().flatten().count();
            let mean = |treatment| {
                let of: Vec<f64> = of(values, treatment).map(|o| o.ln_value).collect();
                sum::mean(&of)
            };
            if complete { Some(mean(Treatment::Test)? - mean(Treatment::Reference)?) } else { None }
        },
        |_| true,
    )
}

/// First against second value of a treatment.
pub(super) fn dlat(data: &BeData, treatment: Treatment) -> Option<Contrast> {
    contrast(
        data,
        |values, _| {
            let mut of = of(values, treatment);
            Some(of.next()?.ln_value - of.next()?.ln_value)
        },
        |o| o.treatment == treatment,
    )
}

fn of(values: &[Observation], treatment: Treatment) -> impl Iterator<Item = &Observation> {
    values.iter().filter(move |o| o.treatment == treatment)
}

fn contrast(
    data: &BeData,
    value: impl Fn(&[Observation], &Sequence) -> Option<f64>,
    keep: impl Fn(&Observation) -> bool,
) -> Option<Contrast> {
    let sequences = &data.design().sequences;
    let mut by_sequence = vec![Vec::new(); sequences.len()];
    let mut used = Vec::new();
    for values in data.by_subject() {
        let Some(first) = values.first() else { continue };
        if let Some(x) = value(values, &sequences[first.sequence]) {
            by_sequence[first.sequence].push(x);
            used.extend(values.iter().filter(|o| keep(o)).copied());
        }
    }
    let filled: Vec<&Vec<f64>> = by_sequence.iter().filter(|v| !v.is_empty()).collect();
    let subjects: usize = filled.iter().map(|v| v.len()).sum();
    let df = subjects.checked_sub(filled.len()).filter(|&df| df > 0)?;
    let means: Vec<f64> = filled.iter().filter_map(|v| sum::mean(v)).collect();
    let squares: Vec<f64> =
        filled.iter().zip(&means).flat_map(|(v, m)| v.iter().map(move |x| (x - m) * (x - m))).collect();
    let variance = sum::sum(squares) / df as f64;
    let weights: f64 = filled.iter().map(|v| 1.0 / v.len() as f64).sum();
    let s = filled.len() as f64;
    Some(Contrast {
        mean: sum::mean(&means)?,
        se: (variance * weights).sqrt() / s,
        variance,
        df,
        subjects,
        empty_sequences: sequences.len() - filled.len(),
        used,
    })
}
