//! How a Poisson-weighted sum of tails is formed so that both tails keep their relative accuracy.
//!
//! A noncentral chi-squared or F law is a mixture of central ones whose first parameter a + j has a Poisson weight in j. Neighbouring tails differ
//! by one simple term, their *step*: lower(j) − lower(j+1) = step(j), and upper(j+1) = upper(j) + step(j). Lower tails are formed
//! from the top of the needed j downward, upper tails from the bottom upward, so that only positive terms are added; Ding (1992)
//! and Benton & Krishnamoorthy (2003, Computational Statistics & Data Analysis 43:249–267) start at the mode likewise.
//! All weights are relative to the largest, so that nothing under- or overflows.

use crate::math::ln;

/// The central laws of a mixture.
pub(super) trait Steps {
    /// ln step(j)
    fn ln_step(&self, j: f64) -> f64;
    /// step(j+1) / step(j)
    fn step_ratio(&self, j: f64) -> f64;
    /// lower(j) / step(j)
    fn lower_in_steps(&self, j: f64) -> f64;
    /// upper(j) / step(j)
    fn upper_in_steps(&self, j: f64) -> f64;
}

/// Terms that a sum may have: enough for noncentralities of 10¹⁰.
const TERMS_MAX: usize = 4_000_000;
/// Terms smaller than this, relative to the largest, are left out.
const NEGLIGIBLE: f64 = 1e-20;

/// ln Σ Poisson(j; mean) weight(j) step(j) for a smooth weight, here (a + j): the density.
pub(super) fn ln_density(steps: &impl Steps, mean: f64, weight: impl Fn(f64) -> f64) -> f64 {
    let peak = peak(steps, mean);
    let term = |j: f64| mean / (j + 1.0) * steps.step_ratio(j);
    let mut sum = weight(peak);
    let mut at = 1.0;
    let mut j = peak;
    for _ in 0..TERMS_MAX {
        at *= term(j);
        j += 1.0;
        sum += at * weight(j);
        if at * weight(j) < NEGLIGIBLE * sum {
            break;
        }
    }
    (at, j) = (1.0, peak);
    while j > 0.0 && at * weight(j) > NEGLIGIBLE * sum {
        j -= 1.0;
        at /= term(j);
        sum += at * weight(j);
    }
    scale(steps, mean, peak) + ln(sum)
}

/// ln of the lower tail of the mixture.
pub(super) fn ln_lower(steps: &impl Steps, mean: f64) -> f64 {
    let peak = peak(steps, mean).min(mean.floor());
    let term = |j: f64| mean / (j + 1.0) * steps.step_ratio(j);
    // upwards until the terms are negligible: lower(j+1)/lower(j) is below 1 and below the ratio of steps
    let (mut j, mut weight, mut bound) = (peak, 1.0, 1.0);
    for _ in 0..TERMS_MAX {
        weight *= term(j);
        bound *= mean / (j + 1.0) * steps.step_ratio(j).min(1.0);
        j += 1.0;
        if bound < NEGLIGIBLE && j > mean {
            break;
        }
        if bound < NEGLIGIBLE * 1e-10 {
            break;
        }
    }
    let mut lower = steps.lower_in_steps(j);
    let mut sum = 0.0;
    let mut largest = 0.0f64;
    loop {
        let part = weight * lower;
        sum += part;
        largest = largest.max(part);
        if j <= 0.0 || (j < peak && part < NEGLIGIBLE * largest) {
            break;
        }
        j -= 1.0;
        // lower(j) = lower(j+1) + step(j), both in units of step(j)
        lower = 1.0 + lower * steps.step_ratio(j);
        weight /= term(j);
    }
    scale(steps, mean, peak) + ln(sum)
}

/// ln of the upper tail of the mixture.
pub(super) fn ln_upper(steps: &impl Steps, mean: f64) -> f64 {
    let peak = peak(steps, mean).max(mean.floor());
    let term = |j: f64| mean / (j + 1.0) * steps.step_ratio(j);
    // downwards until the terms are negligible: upper(j−1)/upper(j) is below 1
    let (mut j, mut weight, mut bound) = (peak, 1.0, 1.0);
    while j > 0.0 && bound > NEGLIGIBLE {
        j -= 1.0;
        weight /= term(j);
        bound *= (j + 1.0) / mean / steps.step_ratio(j).max(1.0);
    }
    let mut upper = steps.upper_in_steps(j);
    let mut sum = 0.0;
    let mut largest = 0.0f64;
    for _ in 0..TERMS_MAX {
        let part = weight * upper;
        sum += part;
        largest = largest.max(part);
        if j > peak && part < NEGLIGIBLE * largest {
            break;
        }
        weight *= term(j);
        upper = (upper + 1.0) / steps.step_ratio(j);
        j += 1.0;
    }
    scale(steps, mean, peak) + ln(sum)
}

/// ln of the weight that is called 1.
fn scale(steps: &impl Steps, mean: f64, peak: f64) -> f64 {
    let poisson = if peak > 0.0 { crate::special::ln_gamma_front(peak, mean) } else { -mean };
    poisson + steps.ln_step(peak)
}

/// The whole j where Poisson(j) step(j) is largest, by halving on the ratio of neighbours, which falls with j.
fn peak(steps: &impl Steps, mean: f64) -> f64 {
    let rises = |j: f64| mean / (j + 1.0) * steps.step_ratio(j) > 1.0;
    let (mut low, mut high) = (0.0, 1.0);
    if !rises(0.0) {
        return 0.0;
    }
    while rises(high) && high < 1e15 {
        (low, high) = (high, 2.0 * high);
    }
    while high - low > 1.0 {
        let middle = (0.5 * (low + high)).floor();
        if rises(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}
