//! The negative binomial law: how many failures before the r-th success, or counts with more spread than Poisson's.
//!
//! ```text
//! pmf(k) = Γ(k+r) / (k! Γ(r)) p^r (1−p)^k        cdf(k) = I_p(r, k+1)        sf(k) = I_(1−p)(k+1, r)
//! ```
//! r need not be whole. Where packages differ: here X counts failures from 0. With a mean μ and a dispersion κ, variance μ + κμ²
//! ([`NegativeBinomial::with_mean`]; NB2 of Cameron & Trivedi), r = 1/κ and p = 1/(1 + κμ).

use super::discrete::{Where, quantile, quantile_upper};
use super::{Discrete, DomainError, positive, shape};
use crate::math::{ln, ln_1p};
use crate::special::{Tail, beta_tail, ln_beta_front};

const LAW: &str = "negative binomial";

/// Negative binomial law of size r and probability of success p.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NegativeBinomial {
    size: f64,
    /// p and 1 − p, each exact.
    success: f64,
    failure: f64,
}

impl NegativeBinomial {
    /// Failures before the r-th success of probability p.
    ///
    /// # Errors
    /// When r is not positive and finite, or p not above 0 and at most 1.
    pub fn new(size: f64, p: f64) -> Result<Self, DomainError> {
        let size = shape(LAW, "size", size)?;
        if p > 0.0 && p <= 1.0 {
            return Ok(Self { size, success: p, failure: 1.0 - p });
        }
        let requirement = "above 0 and at most 1";
        Err(DomainError { law: LAW, parameter: "probability of success", value: p, requirement })
    }

    /// Counts of mean μ and variance μ + κμ².
    ///
    /// # Errors
    /// When mean or dispersion is out of range.
    pub fn with_mean(mean: f64, dispersion: f64) -> Result<Self, DomainError> {
        let (mean, dispersion) = (positive(LAW, "mean", mean)?, positive(LAW, "dispersion", dispersion)?);
        let spread = positive(LAW, "mean times dispersion", mean * dispersion)?;
        let size = shape(LAW, "size", 1.0 / dispersion)?;
        Ok(Self { size, success: 1.0 / (1.0 + spread), failure: spread / (1.0 + spread) })
    }

    /// P(X ≤ k) as lower tail.
    fn tail(&self, k: u64) -> Tail {
        beta_tail(self.size, k as f64 + 1.0, self.success, self.failure)
    }

    fn place(&self) -> Where {
        let mean = self.size * self.failure / self.success;
        let most = if self.failure <= 0.0 { 0 } else { u64::MAX };
        Where { law: LAW, least: 0, most, mean, sd: (mean / self.success).sqrt() }
    }
}

impl Discrete for NegativeBinomial {
    fn ln_pmf(&self, k: u64) -> f64 {
        let ln_success = if self.failure < 0.5 { ln_1p(-self.failure) } else { ln(self.success) };
        if k == 0 {
            return self.size * ln_success;
        }
        if self.failure <= 0.0 {
            return f64::NEG_INFINITY;
        }
        ln_beta_front(self.size, k as f64, self.success, self.failure) - ln(k as f64)
    }

    fn cdf(&self, k: u64) -> f64 {
        self.tail(k).lower()
    }

    fn sf(&self, k: u64) -> f64 {
        self.tail(k).upper()
    }

    fn ln_cdf(&self, k: u64) -> f64 {
        self.tail(k).ln_lower()
    }

    fn ln_sf(&self, k: u64) -> f64 {
        self.tail(k).ln_upper()
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

    #[test]
    fn size_one_is_the_geometric_law() {
        let law = NegativeBinomial::new(1.0, 0.25).unwrap();
        assert!((law.pmf(3) - 0.25 * 0.421_875).abs() < 1e-16 && (law.sf(3) - 0.316_406_25).abs() < 1e-15);
        assert_eq!(law.quantile(0.25).unwrap(), 0);
    }

    #[test]
    fn little_dispersion_comes_near_poisson() {
        let (law, poisson) =
            (NegativeBinomial::with_mean(4.0, 1e-9).unwrap(), super::super::Poisson::new(4.0).unwrap());
        for k in [0, 3, 12] {
            assert!((law.pmf(k) / poisson.pmf(k) - 1.0).abs() < 1e-7, "{k}");
        }
        assert!(NegativeBinomial::new(2.0, 0.0).is_err() && NegativeBinomial::with_mean(1.0, 0.0).is_err());
    }
}
