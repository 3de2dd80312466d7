//! Do the means of several groups differ? One-way analysis of variance.
//!
//! ```text
//! between = Σ nᵢ (x̄ᵢ − x̄)²     within = Σ Σ (xᵢⱼ − x̄ᵢ)²     F = between/(k − 1) ÷ within/(N − k)     p = P(F(k−1, N−k) > F)
//! ```
//! Source: Fisher (1925), Statistical Methods for Research Workers, ch. VII. Sums of squares are taken around the means, so a common shift of all values
//! loses no digits. The p-value is the upper tail itself. A group without values does not count as a group.
//! With two groups F is the square of Student's t with pooled variance, and p is its two-sided p-value. Cost: O(N).

use croft_num::dist::{Continuous, FisherF};
use croft_num::sum;

/// The test's statistic, its degrees of freedom and p-value.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(missing_docs, reason = "said in the module's documentation")]
pub struct OneWay {
    pub f: f64,
    pub df_between: usize,
    pub df_within: usize,
    pub p: f64,
}

/// Why there is no test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum OneWayError {
    #[error("{groups} group(s) with values: a comparison needs two")]
    OneGroup { groups: usize },
    #[error("each group has one value: nothing tells how much values vary within a group")]
    NoReplicates,
    #[error("within each group all values are equal: F has no denominator")]
    NoVariation,
}

/// Compares the means of groups of finite values.
///
/// # Errors
/// When fewer than two groups have values, or nothing varies within a group.
pub fn one_way<G: AsRef<[f64]>>(groups: &[G]) -> Result<OneWay, OneWayError> {
    let filled: Vec<&[f64]> = groups.iter().map(AsRef::as_ref).filter(|g| !g.is_empty()).collect();
    if filled.len() < 2 {
        return Err(OneWayError::OneGroup { groups: filled.len() });
    }
    let n: usize = filled.iter().map(|g| g.len()).sum();
    let (df_between, df_within) = (filled.len() - 1, n - filled.len());
    if df_within == 0 {
        return Err(OneWayError::NoReplicates);
    }
    let means: Vec<f64> = filled.iter().filter_map(|g| sum::mean(g)).collect();
    // Around the first mean, so that a large common level does not eat the digits of the differences.
    let origin = means[0];
    let share = |g: &[f64]| g.len() as f64 / n as f64;
    let grand = sum::sum(filled.iter().zip(&means).map(|(g, m)| share(g) * (m - origin)));
    let square = |x: f64| x * x;
    let between = sum::sum(filled.iter().zip(&means).map(|(g, m)| g.len() as f64 * square(m - origin - grand)));
    let within = sum::sum(filled.iter().zip(&means).flat_map(|(g, m)| g.iter().map(move |x| square(x - m))));
    if within <= 0.0 {
        return Err(OneWayError::NoVariation);
    }
    let f = between / df_between as f64 / (within / df_within as f64);
    let law = FisherF::new(df_between as f64, df_within as f64).expect("both degrees of freedom are positive");
    Ok(OneWay { f, df_between, df_within, p: law.sf(f) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use croft_testkit::assert_close;

    const CONTROL: [f64; 10] = [4.17, 5.58, 5.18, 6.11, 4.50, 4.61, 5.17, 4.53, 5.33, 5.14];
    const FIRST: [f64; 10] = [4.81, 4.17, 4.41, 3.59, 5.87, 3.83, 6.03, 4.89, 4.32, 4.69];
    const SECOND: [f64; 10] = [6.31, 5.12, 5.54, 5.50, 5.37, 5.29, 4.92, 6.15, 5.80, 5.26];

    /// Dobson (1983), An Introduction to Statistical Modelling, plant weights; R's `anova(lm(weight ~ group, PlantGrowth))` prints
    /// F = 4.8461, p = 0.01591 with 2 and 27 degrees of freedom.
    #[test]
    fn plant_weights() {
        let test = one_way(&[CONTROL, FIRST, SECOND]).unwrap();
        assert_eq!((test.df_between, test.df_within), (2, 27));
        assert!((test.f - 4.8461).abs() < 5e-5, "{}", test.f);
        assert!((test.p - 0.01591).abs() < 5e-6, "{}", test.p);
    }

    #[test]
    fn a_common_shift_and_an_empty_group_change_nothing() {
        let plain = one_way(&[CONTROL, FIRST, SECOND]).unwrap();
        let far = |g: [f64; 10]| g.map(|x| x + 1e6).to_vec();
        let shifted = one_way(&[far(CONTROL), vec![], far(FIRST), far(SECOND)]).unwrap();
        // The shifted values themselves keep some 1e-10 of their digits.
        assert_close("F", shifted.f, plain.f, 1e-7);
        assert_eq!(shifted.df_within, plain.df_within);
    }

    #[test]
    fn what_cannot_be_tested_says_why() {
        assert_eq!(one_way(&[vec![1.0, 2.0], vec![]]), Err(OneWayError::OneGroup { groups: 1 }));
        assert_eq!(one_way(&[vec![1.0], vec![2.0]]), Err(OneWayError::NoReplicates));
        assert_eq!(one_way(&[vec![1.0, 1.0], vec![2.0, 2.0]]), Err(OneWayError::NoVariation));
    }
}
