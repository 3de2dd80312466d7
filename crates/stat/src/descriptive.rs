//! How are values summarised? Moments, geometric moments, order statistics.
//!
//! ```text
//! mean     = Σx / n                       sd = √(Σ(x − mean)² / (n − 1))      cv = 100·sd/mean
//! gmean    = exp(mean of ln x)            gcv = 100·√(exp(sd(ln x)²) − 1)     every x > 0
//! median, quartiles: with p·n = j + g,  x[j] and x[j+1] averaged when g = 0, else x[j+1]
//! ```
//! Where packages differ: quantiles. SAS (PCTLDEF=5, its default) and R's type 2 use the rule above and are the default
//! of clinical tables; R's own default is type 7 (Hyndman & Fan 1996, Am Stat 50:361, definitions 2 and 7).
//! The standard deviation is of the sample (n − 1). Cost: O(n log n), for the order statistics.

use croft_num::math::{exp, exp_m1, ln};
use croft_num::sum;

/// Summary statistics of a sample; what cannot be computed is absent.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "said in the module's documentation")]
pub struct Summary {
    pub n: usize,
    pub mean: Option<f64>,
    pub sd: Option<f64>,
    /// Percent; absent when the mean is zero.
    pub cv_pct: Option<f64>,
    /// Absent when a value is not positive.
    pub geometric_mean: Option<f64>,
    /// Percent; absent when a value is not positive.
    pub geometric_cv_pct: Option<f64>,
    pub min: Option<f64>,
    pub q1: Option<f64>,
    pub median: Option<f64>,
    pub q3: Option<f64>,
    pub max: Option<f64>,
}

/// Summarises finite values in any order.
pub fn summarise(values: &[f64]) -> Summary {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (mean, sd) = moments(&sorted);
    let logs: Option<Vec<f64>> = sorted.iter().map(|&x| (x > 0.0).then(|| ln(x))).collect();
    let (log_mean, log_sd) = logs.as_deref().map_or((None, None), moments);
    Summary {
        n: sorted.len(),
        mean,
        sd,
        cv_pct: mean.zip(sd).filter(|(m, _)| *m != 0.0).map(|(m, s)| 100.0 * s / m),
        geometric_mean: log_mean.map(exp),
        geometric_cv_pct: log_sd.map(|s| 100.0 * exp_m1(s * s).sqrt()),
        min: sorted.first().copied(),
        q1: quantile(&sorted, 1, 4),
        median: quantile(&sorted, 1, 2),
        q3: quantile(&sorted, 3, 4),
        max: sorted.last().copied(),
    }
}

/// Mean and standard deviation.
fn moments(values: &[f64]) -> (Option<f64>, Option<f64>) {
    (sum::mean(values), sum::variance(values).map(f64::sqrt))
}

/// The quantile `numerator/denominator` of ascending values, by SAS's fifth definition. Integers, so that `p·n` is exact.
fn quantile(sorted: &[f64], numerator: usize, denominator: usize) -> Option<f64> {
    let position = sorted.len() * numerator;
    let (whole, rest) = (position / denominator, position % denominator);
    match (whole, rest) {
        _ if sorted.is_empty() => None,
        (0, _) => Some(sorted[0]),
        (j, 0) => Some((sorted[j - 1] + sorted[j.min(sorted.len() - 1)]) / 2.0),
        (j, _) => Some(sorted[j.min(sorted.len() - 1)]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R 4.2: quantile(c(1, 2, 4, 8, 16, 32), c(.25, .5, .75), type = 2) gives 2, 6, 16; sd 12.0277…
    #[test]
    fn quartiles_follow_definition_five() {
        let s = summarise(&[32.0, 1.0, 4.0, 2.0, 16.0, 8.0]);
        assert_eq!((s.q1, s.median, s.q3), (Some(2.0), Some(6.0), Some(16.0)));
        assert_eq!((s.min, s.max, s.n), (Some(1.0), Some(32.0), 6));
    }

    #[test]
    fn geometric_moments_of_a_geometric_series() {
        // ln x = 0, ln 2 … 5 ln 2: mean 2.5 ln 2, variance 3.5 (ln 2)².
        let s = summarise(&[1.0, 2.0, 4.0, 8.0, 16.0, 32.0]);
        assert!((s.geometric_mean.unwrap() - 32f64.sqrt()).abs() < 1e-12);
        let variance = 3.5 * std::f64::consts::LN_2 * std::f64::consts::LN_2;
        assert!((s.geometric_cv_pct.unwrap() - 100.0 * exp_m1(variance).sqrt()).abs() < 1e-10);
    }

    #[test]
    fn what_cannot_be_computed_is_absent() {
        let one = summarise(&[3.0]);
        assert_eq!((one.mean, one.sd, one.median), (Some(3.0), None, Some(3.0)));
        assert_eq!(summarise(&[0.0, 1.0]).geometric_mean, None);
        assert_eq!(summarise(&[]).mean, None);
    }
}
