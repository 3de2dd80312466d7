//! Fisher's F law: the ratio of two independent mean squares.
//!
//! ```text
//! cdf(x) = I_u(d₁/2, d₂/2), u = d₁x/(d₁x + d₂)        sf(x) = I_(1−u)(d₂/2, d₁/2)
//! ```
//! Source: DLMF §8.17; both u and 1 − u are formed exactly, so that no tail is lost. Degrees of freedom need not be whole.

use super::beta::odds_quantile;
use super::{Continuous, DomainError, probability, shape};
use crate::math::ln;
use crate::special::{Tail, beta_tail, ln_beta, ln_beta_front};

const LAW: &str = "F";

/// F law with d₁ (numerator) and d₂ (denominator) degrees of freedom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FisherF {
    d1: f64,
    d2: f64,
}

impl FisherF {
    /// F law with numerator and denominator degrees of freedom.
    ///
    /// # Errors
    /// When one of them is out of range.
    pub fn new(d1: f64, d2: f64) -> Result<Self, DomainError> {
        Ok(Self {
            d1: shape(LAW, "numerator degrees of freedom", d1)?,
            d2: shape(LAW, "denominator degrees of freedom", d2)?,
        })
    }

    /// u = d₁x/(d₁x+d₂) and its complement, x ≥ 0.
    pub(super) fn parts(&self, x: f64) -> (f64, f64) {
        let odds = self.d1 / self.d2 * x;
        if odds > 1.0 {
            let inverse = 1.0 / odds;
            (1.0 / (1.0 + inverse), inverse / (1.0 + inverse))
        } else {
            (odds / (1.0 + odds), 1.0 / (1.0 + odds))
        }
    }

    fn tail(&self, x: f64) -> Tail {
        if x.is_nan() {
            return Tail::NAN;
        }
        let (u, v) = self.parts(x.max(0.0));
        beta_tail(0.5 * self.d1, 0.5 * self.d2, u, v)
    }
}

impl Continuous for FisherF {
    fn ln_pdf(&self, x: f64) -> f64 {
        if x.is_nan() {
            return x;
        }
        if x < 0.0 || x == f64::INFINITY {
            return f64::NEG_INFINITY;
        }
        if x <= 0.0 {
            return match self.d1.total_cmp(&2.0) {
                std::cmp::Ordering::Less => f64::INFINITY,
                std::cmp::Ordering::Equal => ln(self.d1 / self.d2) - ln_beta(1.0, 0.5 * self.d2),
                std::cmp::Ordering::Greater => f64::NEG_INFINITY,
            };
        }
        let (u, v) = self.parts(x);
        ln_beta_front(0.5 * self.d1, 0.5 * self.d2, u, v) - ln(x)
    }

    fn cdf(&self, x: f64) -> f64 {
        self.tail(x).lower()
    }

    fn sf(&self, x: f64) -> f64 {
        self.tail(x).upper()
    }

    fn ln_cdf(&self, x: f64) -> f64 {
        self.tail(x).ln_lower()
    }

    fn ln_sf(&self, x: f64) -> f64 {
        self.tail(x).ln_upper()
    }

    fn quantile(&self, p: f64) -> Result<f64, DomainError> {
        Ok(self.d2 / self.d1 * odds_quantile(0.5 * self.d1, 0.5 * self.d2, probability(LAW, p)?))
    }

    fn quantile_upper(&self, q: f64) -> Result<f64, DomainError> {
        // 1/X is F(d₂, d₁)
        Ok(self.d2 / self.d1 / odds_quantile(0.5 * self.d2, 0.5 * self.d1, probability(LAW, q)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_numerator_degrees_of_freedom_have_a_closed_form() {
        let law = FisherF::new(2.0, 10.0).unwrap();
        for x in [1e-8, 0.5, 4.0, 1e10, 1e40] {
            // sf = (1 + 2x/10)^(−5)
            let expected = crate::math::exp(-5.0 * crate::math::ln_1p(0.2 * x));
            assert!((law.sf(x) / expected - 1.0).abs() < 1e-13, "{x}");
        }
        assert!((law.quantile(0.95).unwrap() - 4.102_821_015_130_399).abs() < 1e-13);
        assert!((law.quantile_upper(0.05).unwrap() - 4.102_821_015_130_399).abs() < 1e-13);
    }
}
