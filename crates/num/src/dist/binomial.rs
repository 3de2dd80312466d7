//! The binomial law: how many of n succeed.
//!
//! ```text
//! pmf(k) = C(n, k) p^k (1−p)^(n−k)        cdf(k) = I_(1−p)(n−k, k+1)        sf(k) = I_p(k+1, n−k)
//! ```
//! Source: DLMF 8.17.5. The probability of a single k is formed with Stirling's remainder (Loader 2000), the tails are incomplete
//! beta functions, each computed as itself.

use super::discrete::{Where, quantile, quantile_upper};
use super::{Discrete, DomainError};
use crate::math::{ln, ln_1p};
use crate::special::{Tail, beta_tail, ln_beta_front};

const LAW: &str = "binomial";

/// Binomial law of n trials with probability p each.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Binomial {
    n: u64,
    p: f64,
}

impl Binomial {
    /// Binomial law.
    ///
    /// # Errors
    /// When p is not between 0 and 1.
    pub fn new(n: u64, p: f64) -> Result<Self, DomainError> {
        if (0.0..=1.0).contains(&p) {
            return Ok(Self { n, p });
        }
        Err(DomainError { law: LAW, parameter: "probability of success", value: p, requirement: "between 0 and 1" })
    }

    /// P(X > k) as lower tail (in p), P(X ≤ k) as upper.
    fn tail(&self, k: u64) -> Tail {
        if k >= self.n {
            return Tail::ALL_ABOVE;
        }
        beta_tail((k + 1) as f64, (self.n - k) as f64, self.p, 1.0 - self.p)
    }

    fn place(&self) -> Where {
        let mean = self.n as f64 * self.p;
        let least = if self.p >= 1.0 { self.n } else { 0 };
        let most = if self.p <= 0.0 { 0 } else { self.n };
        Where { law: LAW, least, most, mean, sd: (mean * (1.0 - self.p)).sqrt() }
    }
}

impl Discrete for Binomial {
    fn ln_pmf(&self, k: u64) -> f64 {
        let (n, at, p) = (self.n as f64, k as f64, self.p);
        if k > self.n || p <= 0.0 && k > 0 || p >= 1.0 && k < self.n {
            return f64::NEG_INFINITY;
        }
        if k == 0 {
            return if p >= 1.0 { 0.0 } else { n * ln_1p(-p) };
        }
        if k == self.n {
            return n * ln(p);
        }
        // C(n, k) = n / (k (n−k) B(k, n−k))
        ln_beta_front(at, n - at, p, 1.0 - p) + ln(n / at / (n - at))
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

    #[test]
    fn ten_tosses() {
        let law = Binomial::new(10, 0.5).unwrap();
        assert!((law.pmf(5) - 252.0 / 1024.0).abs() < 1e-15);
        assert!((law.cdf(2) - 56.0 / 1024.0).abs() < 1e-15 && (law.sf(8) - 11.0 / 1024.0).abs() < 1e-16);
        assert_eq!(law.quantile(56.0 / 1024.0).unwrap(), 2);
        assert_eq!(law.quantile(0.06).unwrap(), 3);
        assert_eq!(law.quantile_upper(11.0 / 1024.0).unwrap(), 8);
        assert_eq!(law.quantile(1.0).unwrap(), 10);
    }

    #[test]
    fn certainty_is_a_law_too() {
        for (p, k) in [(0.0, 0), (1.0, 7)] {
            let law = Binomial::new(7, p).unwrap();
            assert!((law.pmf(k) - 1.0).abs() <= 0.0 && (law.cdf(k) - 1.0).abs() <= 0.0 && law.sf(k) <= 0.0);
            assert_eq!(law.quantile(0.5).unwrap(), k);
        }
        assert!(Binomial::new(3, -0.1).is_err() && Binomial::new(3, f64::NAN).is_err());
    }
}
