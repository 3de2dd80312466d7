//! The Poisson law: how many events, when μ are expected.
//!
//! ```text
//! pmf(k) = μ^k e^(−μ) / k!        cdf(k) = Q(k+1, μ)        sf(k) = P(k+1, μ)
//! ```
//! Source: DLMF 8.4.10; the probability of a single k with Stirling's remainder (Loader 2000).

use super::discrete::{Where, quantile, quantile_upper};
use super::{Discrete, DomainError, positive};
use crate::special::{Tail, gamma_tail, ln_gamma_front};

const LAW: &str = "Poisson";

/// Poisson law with mean μ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Poisson {
    mean: f64,
}

impl Poisson {
    /// Poisson law with mean μ.
    ///
    /// # Errors
    /// When μ is not positive and finite.
    pub fn new(mean: f64) -> Result<Self, DomainError> {
        Ok(Self { mean: positive(LAW, "mean", mean)? })
    }

    fn tail(&self, k: u64) -> Tail {
        gamma_tail(k as f64 + 1.0, self.mean)
    }

    fn place(&self) -> Where {
        Where { law: LAW, least: 0, most: u64::MAX, mean: self.mean, sd: self.mean.sqrt() }
    }
}

impl Discrete for Poisson {
    fn ln_pmf(&self, k: u64) -> f64 {
        if k == 0 { -self.mean } else { ln_gamma_front(k as f64, self.mean) }
    }

    fn cdf(&self, k: u64) -> f64 {
        self.tail(k).upper()
    }

    fn sf(&self, k: u64) -> f64 {
        self.tail(k).lower()
    }

    fn ln_cdf(&self, k: u64) -> f64 {
        self.tail(k).ln_upper()
    }

    fn ln_sf(&self, k: u64) -> f64 {
        self.tail(k).ln_lower()
    }

    fn quantile(&self, p: f64) -> Result<u64, DomainError> {
        quantile(self, self.place(), p)
    }

    fn quantile_upper(&self, q: f64) -> Result<u64, DomainError> {
        quantile_upper(self, self.place(), q)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::exp;

    #[test]
    fn few_events() {
        let law = Poisson::new(2.0).unwrap();
        assert!((law.cdf(1) - 3.0 * exp(-2.0)).abs() < 1e-15);
        assert!((law.pmf(3) - 4.0 / 3.0 * exp(-2.0)).abs() < 1e-15);
        assert_eq!((law.quantile(0.4).unwrap(), law.quantile(0.41).unwrap()), (1, 2));
        assert_eq!(law.quantile(1.0).unwrap(), u64::MAX);
    }
}
