//! Two parallel groups.
//!
//! ```text
//! Welch   se² = s_T²/n_T + s_R²/n_R        df = se⁴ / [ (s_T²/n_T)²/(n_T − 1) + (s_R²/n_R)²/(n_R − 1) ]
//! pooled  se² = s² (1/n_T + 1/n_R)         df = n_T + n_R − 2
//! ```
//! Welch (1947, Biometrika 34:28–35) is the default: with unequal groups and variances the pooled interval is too short
//! or too long (Fuglsang, Schütz & Labes 2015, AAPS J 17:400–404).

use super::data::{BeData, Treatment};
use super::error::BeError;
use super::options::{BeOptions, ParallelVariance};
use super::result::Estimate;
use super::variability::Within;
use croft_num::sum;

pub(super) struct Parallel {
    pub estimate: Estimate,
    /// T, then R.
    pub total: [Within; 2],
}

pub(super) fn analyse(data: &BeData, options: &BeOptions) -> Result<Parallel, BeError> {
    let t = group(data, Treatment::Test, "the test group")?;
    let r = group(data, Treatment::Reference, "the reference group")?;
    if t.variance + r.variance <= 0.0 {
        return Err(BeError::NoVariance);
    }
    let (se2, df) = match options.parallel {
        ParallelVariance::Welch => {
            let (a, b) = (t.variance / t.n, r.variance / r.n);
            (a + b, (a + b) * (a + b) / (a * a / (t.n - 1.0) + b * b / (r.n - 1.0)))
        }
        ParallelVariance::Pooled => {
            let df = t.n + r.n - 2.0;
            let variance = ((t.n - 1.0) * t.variance + (r.n - 1.0) * r.variance) / df;
            (variance * (1.0 / t.n + 1.0 / r.n), df)
        }
    };
    Ok(Parallel {
        estimate: Estimate::new(t.mean - r.mean, se2.sqrt(), df, options.alpha)?,
        total: [Within::new(t.variance, t.n - 1.0), Within::new(r.variance, r.n - 1.0)],
    })
}

struct Group {
    n: f64,
    mean: f64,
    variance: f64,
}

fn group(data: &BeData, treatment: Treatment, what: &'static str) -> Result<Group, BeError> {
    let values: Vec<f64> =
        data.observations().iter().filter(|o| o.treatment == treatment).map(|o| o.ln_value).collect();
    let mean = match sum::mean(&values) {
        Some(mean) if values.len() > 1 => mean,
        _ => return Err(BeError::TooFewSubjects { what, found: values.len(), needed: 2 }),
    };
    let squares: Vec<f64> = values.iter().map(|x| (x - mean) * (x - mean)).collect();
    let n = values.len() as f64;
    Ok(Group { n, mean, variance: sum::sum(squares) / (n - 1.0) })
}
