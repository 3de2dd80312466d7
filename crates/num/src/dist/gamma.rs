//! The gamma law, of waiting times and of sums of squares.
//!
//! ```text
//! pdf(x) = x^(k−1) e^(−x/θ) / (θ^k Γ(k))        cdf(x) = P(k, x/θ)        k shape, θ scale
//! ```
//! Source: DLMF §8.2. Packages differ in the second parameter: here it is the scale (mean kθ), not the rate.
//! Quantile: Newton on the logarithm of the smaller tail, from Wilson & Hilferty's (1931) cube-root normal guess, or at the
//! lower end from the first term of the series.

use super::solve::{LnTail, solve_positive};
use super::{Continuous, DomainError, positive, probability};
use crate::dist::normal::standard_quantile;
use crate::math::{exp, ln, ln_1p};
use crate::special::{gamma_tail, ln_gamma, ln_gamma_front};

const LAW: &str = "gamma";

/// Gamma law with shape k and scale θ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gamma {
    shape: f64,
    scale: f64,
}

impl Gamma {
    /// Gamma law with shape and scale.
    ///
    /// # Errors
    /// When one of them is out of range.
    pub fn new(shape: f64, scale: f64) -> Result<Self, DomainError> {
        Ok(Self { shape: super::shape(LAW, "shape", shape)?, scale: positive(LAW, "scale", scale)? })
    }

    fn standardised(&self, x: f64) -> f64 {
        (x / self.scale).max(0.0)
    }
}

impl Continuous for Gamma {
    fn ln_pdf(&self, x: f64) -> f64 {
        ln_density(self.shape, x / self.scale) - ln(self.scale)
    }

    fn cdf(&self, x: f64) -> f64 {
        gamma_tail(self.shape, self.standardised(x)).lower()
    }

    fn sf(&self, x: f64) -> f64 {
        gamma_tail(self.shape, self.standardised(x)).upper()
    }

    fn ln_cdf(&self, x: f64) -> f64 {
        gamma_tail(self.shape, self.standardised(x)).ln_lower()
    }

    fn ln_sf(&self, x: f64) -> f64 {
        gamma_tail(self.shape, self.standardised(x)).ln_upper()
    }

    fn quantile(&self, p: f64) -> Result<f64, DomainError> {
        Ok(self.scale * quantile_lower(self.shape, probability(LAW, p)?))
    }

    fn quantile_upper(&self, q: f64) -> Result<f64, DomainError> {
        Ok(self.scale * quantile_upper(self.shape, probability(LAW, q)?))
    }
}

/// ln of the density with scale 1.
pub(super) fn ln_density(shape: f64, x: f64) -> f64 {
    if x.is_nan() {
        return x;
    }
    if x < 0.0 || x == f64::INFINITY {
        return f64::NEG_INFINITY;
    }
    if x <= 0.0 {
        return match shape.total_cmp(&1.0) {
            std::cmp::Ordering::Less => f64::INFINITY,
            std::cmp::Ordering::Equal => 0.0,
            std::cmp::Ordering::Greater => f64::NEG_INFINITY,
        };
    }
    ln_gamma_front(shape, x) + ln(shape) - ln(x)
}

/// The x of scale 1 with lower tail p.
pub(super) fn quantile_lower(shape: f64, p: f64) -> f64 {
    if p <= 0.0 {
        return 0.0;
    }
    if p > 0.5 {
        return quantile_upper_tail(shape, 1.0 - p);
    }
    quantile_lower_tail(shape, ln(p), p)
}

/// The x of scale 1 with upper tail q.
pub(super) fn quantile_upper(shape: f64, q: f64) -> f64 {
    if q <= 0.0 {
        return f64::INFINITY;
    }
    if q > 0.5 {
        return if q >= 1.0 { 0.0 } else { quantile_lower_tail(shape, ln_1p(-q), 1.0 - q) };
    }
    quantile_upper_tail(shape, q)
}

fn quantile_lower_tail(shape: f64, ln_p: f64, p: f64) -> f64 {
    solve_positive(lower_guess(shape, ln_p, p), ln_p, true, |x| {
        let value = gamma_tail(shape, x).ln_lower();
        LnTail { value, slope: exp(ln_gamma_front(shape, x) - value) * shape }
    })
}

fn quantile_upper_tail(shape: f64, q: f64) -> f64 {
    if q <= 0.0 {
        return f64::INFINITY;
    }
    let ln_q = ln(q);
    let guess = wilson_hilferty(shape, -standard_quantile(q)).max(if shape < 1.0 { 1e-3 * shape } else { 0.0 });
    solve_positive(guess, ln_q, false, |x| {
        let value = gamma_tail(shape, x).ln_upper();
        LnTail { value, slope: -exp(ln_gamma_front(shape, x) - value) * shape }
    })
}

/// k (1 − 1/(9k) + z/(3√k))³ (Wilson & Hilferty 1931)
fn wilson_hilferty(shape: f64, z: f64) -> f64 {
    let root = 1.0 - 1.0 / (9.0 * shape) + z / (3.0 * shape.sqrt());
    (shape * root * root * root).max(0.0)
}

/// The better of the cube-root guess and the first term x^k/Γ(k+1) = p, mended by its next factor e^(−x k/(k+1)).
fn lower_guess(shape: f64, ln_p: f64, p: f64) -> f64 {
    let first = exp((ln_p + ln_gamma(shape + 1.0)) / shape);
    if first < 0.3 * (shape + 1.0) {
        return first * exp(first / (shape + 1.0));
    }
    let guess = wilson_hilferty(shape, standard_quantile(p));
    if guess > 0.0 { guess } else { first }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_of_one_is_the_exponential_law() {
        let law = Gamma::new(1.0, 2.0).unwrap();
        for q in [1e-300, 1e-20, 0.05, 0.5, 0.95, 1.0 - 1e-12] {
            let x = law.quantile_upper(q).unwrap();
            assert!((x / (-2.0 * ln(q)) - 1.0).abs() < 4e-15, "{q}: {x}");
        }
        assert!((law.pdf(0.0) - 0.5).abs() < 1e-16);
    }
}
