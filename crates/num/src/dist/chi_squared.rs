//! The chi-squared law: the sum of ν squared standard normal values.
//!
//! ```text
//! pdf(x) = x^(ν/2−1) e^(−x/2) / (2^(ν/2) Γ(ν/2))        cdf(x) = P(ν/2, x/2)
//! ```
//! Source: DLMF §8.2 (incomplete gamma function). ν need not be whole.

use super::{Continuous, DomainError, Gamma, shape};

/// Chi-squared law with ν degrees of freedom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChiSquared(Gamma);

impl ChiSquared {
    /// Chi-squared law with ν degrees of freedom.
    ///
    /// # Errors
    /// When ν is out of range.
    pub fn new(df: f64) -> Result<Self, DomainError> {
        shape("chi-squared", "degrees of freedom", df)?;
        Ok(Self(Gamma::new(0.5 * df, 2.0)?))
    }
}

impl Continuous for ChiSquared {
    fn ln_pdf(&self, x: f64) -> f64 {
        self.0.ln_pdf(x)
    }

    fn cdf(&self, x: f64) -> f64 {
        self.0.cdf(x)
    }

    fn sf(&self, x: f64) -> f64 {
        self.0.sf(x)
    }

    fn ln_cdf(&self, x: f64) -> f64 {
        self.0.ln_cdf(x)
    }

    fn ln_sf(&self, x: f64) -> f64 {
        self.0.ln_sf(x)
    }

    fn quantile(&self, p: f64) -> Result<f64, DomainError> {
        self.0.quantile(p)
    }

    fn quantile_upper(&self, q: f64) -> Result<f64, DomainError> {
        self.0.quantile_upper(q)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_degrees_of_freedom_have_a_closed_form() {
        let law = ChiSquared::new(2.0).unwrap();
        assert!((law.sf(6.0) / crate::math::exp(-3.0) - 1.0).abs() < 1e-15);
        // Pearson & Hartley (1954), Biometrika Tables vol. 1, table 8
        assert!((ChiSquared::new(7.0).unwrap().quantile(0.99).unwrap() - 18.4753).abs() < 5e-5);
    }
}
