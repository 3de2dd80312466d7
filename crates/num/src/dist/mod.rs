//! What is the chance of a value beyond x, and which x has a given chance.
//!
//! One type a law, its parameters checked once, when it is made; after that no method fails but a quantile whose
//! probability is not one. Every law has both tails, plain and logarithmic: `sf` is not `1 − cdf`, and
//! `quantile_upper(q)` takes the upper tail, so that a p-value of 1e-300 keeps its digits.
//!
//! ```
//! use croft_num::dist::{Continuous, StudentsT};
//! let t = StudentsT::new(22.0)?;
//! assert!((t.quantile(0.95)? - 1.717_144_374_380_243).abs() < 1e-14);
//! # Ok::<(), croft_num::dist::DomainError>(())
//! ```
//! A NaN argument gives NaN, and nothing else does. Measured errors: `docs/accuracy.md`.

mod beta;
mod binomial;
mod bivariate_normal;
mod chi_mixture;
mod chi_squared;
mod discrete;
mod fisher_f;
mod gamma;
mod hypergeometric;
mod negative_binomial;
mod noncentral_chi_squared;
mod noncentral_f;
mod noncentral_t;
pub(crate) mod normal;
mod poisson;
mod poisson_mixture;
mod solve;
mod studentized_range;
mod students_t;

pub use beta::Beta;
pub use binomial::Binomial;
pub use bivariate_normal::BivariateNormal;
pub use chi_squared::ChiSquared;
pub use discrete::Discrete;
pub use fisher_f::FisherF;
pub use gamma::Gamma;
pub use hypergeometric::Hypergeometric;
pub use negative_binomial::NegativeBinomial;
pub use noncentral_chi_squared::NoncentralChiSquared;
pub use noncentral_f::NoncentralF;
pub use noncentral_t::NoncentralT;
pub use normal::Normal;
pub use poisson::Poisson;
pub use studentized_range::StudentizedRange;
pub use students_t::StudentsT;

pub(crate) use noncentral_t::ln_lower_truncated;

/// The traits, for `use croft_num::dist::prelude::*`.
pub mod prelude {
    pub use super::{Continuous, Discrete};
}

use crate::math::{exp, ln_1p};

/// A parameter or probability outside the range where the law is defined.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("{law}: {parameter} = {value} is not {requirement}")]
pub struct DomainError {
    /// The law, as it is called in print.
    pub law: &'static str,
    /// The parameter or probability that does not fit.
    pub parameter: &'static str,
    /// Its value.
    pub value: f64,
    /// What it must be.
    pub requirement: &'static str,
}

impl DomainError {
    /// What the reader of the message can do next.
    pub fn hint(&self) -> String {
        format!(
            "give {} that is {}; look for an empty or constant group of data behind it",
            self.parameter, self.requirement
        )
    }
}

/// A law with a density.
pub trait Continuous {
    /// ln of the density at x; −∞ outside the support.
    fn ln_pdf(&self, x: f64) -> f64;
    /// Density at x.
    fn pdf(&self, x: f64) -> f64 {
        exp(self.ln_pdf(x))
    }
    /// P(X ≤ x)
    fn cdf(&self, x: f64) -> f64;
    /// P(X > x), accurate where it is small.
    fn sf(&self, x: f64) -> f64;
    /// ln P(X ≤ x), also where it underflows.
    fn ln_cdf(&self, x: f64) -> f64;
    /// ln P(X > x), also where it underflows.
    fn ln_sf(&self, x: f64) -> f64;
    /// The x with P(X ≤ x) = p.
    ///
    /// # Errors
    /// When p is not between 0 and 1.
    fn quantile(&self, p: f64) -> Result<f64, DomainError>;
    /// The x with P(X > x) = q.
    ///
    /// # Errors
    /// When q is not between 0 and 1.
    fn quantile_upper(&self, q: f64) -> Result<f64, DomainError>;
}

/// ln ½ and above: here the logarithm of a tail is better formed from the other tail.
const NEAR_ONE: f64 = -std::f64::consts::LN_2;

/// The logarithm of a tail, from that of the other tail where it is near certainty.
fn complement_near_one(ln_tail: f64, ln_other: impl Fn() -> f64) -> f64 {
    if ln_tail < NEAR_ONE { ln_tail } else { ln_1p(-exp(ln_other().min(NEAR_ONE))) }
}

/// Checks that a parameter is positive and finite.
fn positive(law: &'static str, parameter: &'static str, value: f64) -> Result<f64, DomainError> {
    if value > 0.0 && value.is_finite() {
        return Ok(value);
    }
    Err(DomainError { law, parameter, value, requirement: "a positive number" })
}

/// Checks that degrees of freedom or a shape lie within the range for which the kernels are made and tested.
fn shape(law: &'static str, parameter: &'static str, value: f64) -> Result<f64, DomainError> {
    if (1e-9..=1e12).contains(&value) {
        return Ok(value);
    }
    Err(DomainError { law, parameter, value, requirement: "between 1e-9 and 1e12" })
}

/// Checks that a parameter is finite.
fn finite(law: &'static str, parameter: &'static str, value: f64) -> Result<f64, DomainError> {
    if value.is_finite() {
        return Ok(value);
    }
    Err(DomainError { law, parameter, value, requirement: "a finite number" })
}

/// Checks a noncentrality that is a sum of squares.
fn noncentrality(law: &'static str, value: f64) -> Result<f64, DomainError> {
    if (0.0..=1e9).contains(&value) {
        return Ok(value);
    }
    Err(DomainError { law, parameter: "noncentrality", value, requirement: "between 0 and 1e9" })
}

/// Checks that a probability is one.
fn probability(law: &'static str, value: f64) -> Result<f64, DomainError> {
    if (0.0..=1.0).contains(&value) {
        return Ok(value);
    }
    Err(DomainError { law, parameter: "probability", value, requirement: "between 0 and 1" })
}
