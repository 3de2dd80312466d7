//! The noncentral F law: what an F statistic follows when there is a difference.
//!
//! ```text
//! cdf(x) = Σⱼ e^(−λ/2) (λ/2)ʲ/j! · I_u(d₁/2 + j, d₂/2),   u = d₁x/(d₁x + d₂)
//! ```
//! Both tails are sums of positive terms of their own ([`super::poisson_mixture`]). λ is the sum of squared means over σ², as in R and SAS.

use super::poisson_mixture::{Steps, ln_density, ln_lower, ln_upper};
use super::solve::{LnTail, solve_positive};
use super::{Continuous, DomainError, FisherF, complement_near_one, probability, shape};
use crate::math::{exp, ln, ln_1p};
use crate::special::{beta_tail, ln_beta_front};

const LAW: &str = "noncentral F";

/// Noncentral F law with d₁ and d₂ degrees of freedom and noncentrality λ of the numerator.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NoncentralF {
    d1: f64,
    d2: f64,
    lambda: f64,
    central: FisherF,
}

impl NoncentralF {
    /// Noncentral F law.
    ///
    /// # Errors
    /// When degrees of freedom are not positive and finite, or λ is negative or not finite.
    pub fn new(d1: f64, d2: f64, lambda: f64) -> Result<Self, DomainError> {
        Ok(Self {
            d1: shape(LAW, "numerator degrees of freedom", d1)?,
            d2: shape(LAW, "denominator degrees of freedom", d2)?,
            lambda: super::noncentrality(LAW, lambda)?,
            central: FisherF::new(d1, d2)?,
        })
    }

    fn steps(&self, x: f64) -> BetaSteps {
        let (u, v) = self.central.parts(x);
        BetaSteps { a: 0.5 * self.d1, b: 0.5 * self.d2, u, v }
    }

    fn is_plain(&self, x: f64) -> bool {
        self.lambda <= 0.0 || x.is_nan() || x <= 0.0 || self.central.parts(x).1 <= 0.0
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
        // a central law of the same mean numerator and of matched degrees of freedom (Patnaik 1949)
        let inflation = 1.0 + self.lambda / self.d1;
        let df = (self.d1 + self.lambda) * (self.d1 + self.lambda) / (self.d1 + 2.0 * self.lambda);
        let near = FisherF::new(df, self.d2);
        let guess = near.and_then(|law| if lower { law.quantile(p) } else { law.quantile_upper(p) }).unwrap_or(1.0);
        solve_positive(inflation * guess, ln_p, lower, |x| {
            let value = if lower { self.ln_cdf(x) } else { self.ln_sf(x) };
            let slope = exp(self.ln_pdf(x) + ln(x) - value);
            LnTail { value, slope: if lower { slope } else { -slope } }
        })
    }
}

/// Central laws I_u(a + j, b): steps u^(a+j) v^b / ((a+j) B(a+j, b)).
struct BetaSteps {
    a: f64,
    b: f64,
    u: f64,
    v: f64,
}

impl Steps for BetaSteps {
    fn ln_step(&self, j: f64) -> f64 {
        ln_beta_front(self.a + j, self.b, self.u, self.v) - ln(self.a + j)
    }

    fn step_ratio(&self, j: f64) -> f64 {
        self.u * (self.a + self.b + j) / (self.a + j + 1.0)
    }

    fn lower_in_steps(&self, j: f64) -> f64 {
        exp(beta_tail(self.a + j, self.b, self.u, self.v).ln_lower() - self.ln_step(j))
    }

    fn upper_in_steps(&self, j: f64) -> f64 {
        exp(beta_tail(self.a + j, self.b, self.u, self.v).ln_upper() - self.ln_step(j))
    }
}

impl Continuous for NoncentralF {
    fn ln_pdf(&self, x: f64) -> f64 {
        if self.is_plain(x) {
            let central = self.central.ln_pdf(x);
            return if x.abs() <= 0.0 { central - 0.5 * self.lambda } else { central };
        }
        let steps = self.steps(x);
        // step(j) · (a+j) is u^(a+j) v^b / B(a+j, b), and u v pdf_u that; dF/du · du/dx = … u v / x
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
        if self.is_plain(x) { self.central.ln_cdf(x) } else { self.ln_tail(x, true) }
    }

    fn ln_sf(&self, x: f64) -> f64 {
        if self.is_plain(x) { self.central.ln_sf(x) } else { self.ln_tail(x, false) }
    }

    fn quantile(&self, p: f64) -> Result<f64, DomainError> {
        let p = probability(LAW, p)?;
        if self.lambda <= 0.0 || p <= 0.0 || p >= 1.0 {
            return self.central.quantile(p);
        }
        Ok(if p <= 0.5 { self.solve(p, ln(p), true) } else { self.solve(1.0 - p, ln_1p(-p), false) })
    }

    fn quantile_upper(&self, q: f64) -> Result<f64, DomainError> {
        let q = probability(LAW, q)?;
        if self.lambda <= 0.0 || q <= 0.0 || q >= 1.0 {
            return self.central.quantile_upper(q);
        }
        Ok(if q <= 0.5 { self.solve(q, ln(q), false) } else { self.solve(1.0 - q, ln_1p(-q), true) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dist::NoncentralT;

    #[test]
    fn one_numerator_degree_of_freedom_is_a_squared_noncentral_t() {
        for (df, delta, t) in [(10.0, 1.5, 2.0), (10.0, 1.5, 9.0), (120.0, 6.0, 2.0), (2.5, 0.2, 30.0)] {
            let (f, law) = (NoncentralF::new(1.0, df, delta * delta).unwrap(), NoncentralT::new(df, delta).unwrap());
            let outside = law.sf(t) + law.cdf(-t);
            assert!((f.sf(t * t) / outside - 1.0).abs() < 1e-12, "{df} {delta} {t}: {} {outside}", f.sf(t * t));
            assert!((f.cdf(t * t) + f.sf(t * t) - 1.0).abs() < 1e-13);
        }
    }
}
