//! The noncentral chi-squared law: the sum of squares of normal values whose means are not zero.
//!
//! ```text
//! cdf(x) = Σⱼ e^(−λ/2) (λ/2)ʲ/j! · P(ν/2 + j, x/2)        λ sum of squared means
//! ```
//! Both tails are sums of positive terms of their own ([`super::poisson_mixture`]). Mean ν + λ, variance 2(ν + 2λ).
//! Where packages differ: λ is the sum of squared means here, as in R and SAS, not half of it.

use super::poisson_mixture::{Steps, ln_density, ln_lower, ln_upper};
use super::solve::{LnTail, solve_positive};
use super::{ChiSquared, Continuous, DomainError, Gamma, complement_near_one, probability, shape};
use crate::math::{exp, ln, ln_1p};
use crate::special::{gamma_tail, ln_gamma_front};

const LAW: &str = "noncentral chi-squared";

/// Noncentral chi-squared law with ν degrees of freedom and noncentrality λ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NoncentralChiSquared {
    df: f64,
    lambda: f64,
    central: ChiSquared,
}

impl NoncentralChiSquared {
    /// Noncentral chi-squared law.
    ///
    /// # Errors
    /// When ν is not positive and finite, or λ is negative or not finite.
    pub fn new(df: f64, lambda: f64) -> Result<Self, DomainError> {
        Ok(Self {
            df: shape(LAW, "degrees of freedom", df)?,
            lambda: super::noncentrality(LAW, lambda)?,
            central: ChiSquared::new(df)?,
        })
    }

    fn steps(&self, x: f64) -> GammaSteps {
        GammaSteps { a: 0.5 * self.df, y: 0.5 * x }
    }

    fn is_plain(&self, x: f64) -> bool {
        self.is_central() || x.is_nan() || x <= 0.0 || x == f64::INFINITY
    }

    fn is_central(&self) -> bool {
        self.lambda <= 0.0
    }

    /// ln of the lower or upper tail, 0 < x < ∞.
    fn ln_tail(&self, x: f64, lower: bool) -> f64 {
        let (steps, mean) = (self.steps(x), 0.5 * self.lambda);
        if lower {
            complement_near_one(ln_lower(&steps, mean), || ln_upper(&steps, mean))
        } else {
            complement_near_one(ln_upper(&steps, mean), || ln_lower(&steps, mean))
        }
    }

    fn solve(&self, p: f64, ln_p: f64, lower: bool) -> f64 {
        let (mean, variance) = (self.df + self.lambda, 2.0 * (self.df + 2.0 * self.lambda));
        // gamma law of the same mean and variance (Patnaik 1949)
        let near = Gamma::new(mean * mean / variance, variance / mean);
        let guess = near.and_then(|law| if lower { law.quantile(p) } else { law.quantile_upper(p) }).unwrap_or(mean);
        solve_positive(guess, ln_p, lower, |x| {
            let value = if lower { self.ln_cdf(x) } else { self.ln_sf(x) };
            let slope = exp(self.ln_pdf(x) + ln(x) - value);
            LnTail { value, slope: if lower { slope } else { -slope } }
        })
    }
}

/// Central laws P(a + j, y): steps yᵃ⁺ʲ e⁻ʸ / Γ(a+j+1).
struct GammaSteps {
    a: f64,
    y: f64,
}

impl Steps for GammaSteps {
    fn ln_step(&self, j: f64) -> f64 {
        ln_gamma_front(self.a + j, self.y)
    }

    fn step_ratio(&self, j: f64) -> f64 {
        self.y / (self.a + j + 1.0)
    }

    fn lower_in_steps(&self, j: f64) -> f64 {
        exp(gamma_tail(self.a + j, self.y).ln_lower() - self.ln_step(j))
    }

    fn upper_in_steps(&self, j: f64) -> f64 {
        exp(gamma_tail(self.a + j, self.y).ln_upper() - self.ln_step(j))
    }
}

impl Continuous for NoncentralChiSquared {
    fn ln_pdf(&self, x: f64) -> f64 {
        if self.is_plain(x) {
            let central = self.central.ln_pdf(x);
            return if x.abs() <= 0.0 { central - 0.5 * self.lambda } else { central };
        }
        let steps = self.steps(x);
        ln_density(&steps, 0.5 * self.lambda, |j| steps.a + j) - ln(x)
    }

    fn cdf(&self, x: f64) -> f64 {
        if self.is_plain(x) {
            return self.central.cdf(x);
        }
        exp(ln_lower(&self.steps(x), 0.5 * self.lambda)).min(1.0)
    }

    fn sf(&self, x: f64) -> f64 {
        if self.is_plain(x) {
            return self.central.sf(x);
        }
        exp(ln_upper(&self.steps(x), 0.5 * self.lambda)).min(1.0)
    }

    fn ln_cdf(&self, x: f64) -> f64 {
        if self.is_plain(x) {
            return self.central.ln_cdf(x);
        }
        self.ln_tail(x, true)
    }

    fn ln_sf(&self, x: f64) -> f64 {
        if self.is_plain(x) {
            return self.central.ln_sf(x);
        }
        self.ln_tail(x, false)
    }

    fn quantile(&self, p: f64) -> Result<f64, DomainError> {
        let p = probability(LAW, p)?;
        if self.is_central() || p <= 0.0 || p >= 1.0 {
            return self.central.quantile(p);
        }
        Ok(if p <= 0.5 { self.solve(p, ln(p), true) } else { self.solve(1.0 - p, ln_1p(-p), false) })
    }

    fn quantile_upper(&self, q: f64) -> Result<f64, DomainError> {
        let q = probability(LAW, q)?;
        if self.is_central() || q <= 0.0 || q >= 1.0 {
            return self.central.quantile_upper(q);
        }
        Ok(if q <= 0.5 { self.solve(q, ln(q), false) } else { self.solve(1.0 - q, ln_1p(-q), true) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dist::normal::upper;

    #[test]
    fn one_degree_of_freedom_is_a_squared_normal_value() {
        for (m, x) in [(0.5f64, 2.0f64), (3.0, 1.0), (3.0, 40.0), (30.0, 700.0), (30.0, 1200.0)] {
            let law = NoncentralChiSquared::new(1.0, m * m).unwrap();
            let root = x.sqrt();
            let (lower, above) = (upper(m - root) - upper(m + root), upper(root - m) + upper(root + m));
            assert!((law.cdf(x) / lower - 1.0).abs() < 1e-12, "{m} {x}: {} {lower}", law.cdf(x));
            assert!((law.sf(x) / above - 1.0).abs() < 1e-12, "{m} {x}: {} {above}", law.sf(x));
        }
    }
}
