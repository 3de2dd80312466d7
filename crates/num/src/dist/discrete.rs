//! What laws over whole numbers share: the trait, and the search for a quantile.

use super::{DomainError, probability};
use crate::math::exp;

/// A law over whole numbers from 0.
pub trait Discrete {
    /// ln P(X = k); −∞ outside the support.
    fn ln_pmf(&self, k: u64) -> f64;
    /// P(X = k)
    fn pmf(&self, k: u64) -> f64 {
        exp(self.ln_pmf(k))
    }
    /// P(X ≤ k)
    fn cdf(&self, k: u64) -> f64;
    /// P(X > k), accurate where it is small. Mind that k itself is not in it.
    fn sf(&self, k: u64) -> f64;
    /// ln P(X ≤ k), also where it underflows.
    fn ln_cdf(&self, k: u64) -> f64;
    /// ln P(X > k), also where it underflows.
    fn ln_sf(&self, k: u64) -> f64;
    /// The smallest k with P(X ≤ k) ≥ p. A probability that falls short of p by rounding only, 64 units in the last place, has reached it.
    ///
    /// # Errors
    /// When p is not between 0 and 1.
    fn quantile(&self, p: f64) -> Result<u64, DomainError>;
    /// The smallest k with P(X > k) ≤ q, with the same allowance.
    ///
    /// # Errors
    /// When q is not between 0 and 1.
    fn quantile_upper(&self, q: f64) -> Result<u64, DomainError>;
}

/// 64 units in the last place.
const ALLOWANCE: f64 = 64.0 * f64::EPSILON;

/// Support, mean and standard deviation: where to look for a quantile.
#[derive(Clone, Copy, Debug)]
pub(super) struct Where {
    pub law: &'static str,
    pub least: u64,
    pub most: u64,
    pub mean: f64,
    pub sd: f64,
}

/// [`Discrete::quantile`] for a law whose support and spread are known.
pub(super) fn quantile(law: &impl Discrete, at: Where, p: f64) -> Result<u64, DomainError> {
    let p = probability(at.law, p)?;
    if p <= 0.0 {
        return Ok(at.least);
    }
    if p >= 1.0 {
        return Ok(at.most);
    }
    let z = super::normal::standard_quantile(p);
    Ok(first(at, z, |k| law.cdf(k) >= p * (1.0 - ALLOWANCE)))
}

/// [`Discrete::quantile_upper`] likewise.
pub(super) fn quantile_upper(law: &impl Discrete, at: Where, q: f64) -> Result<u64, DomainError> {
    let q = probability(at.law, q)?;
    if q <= 0.0 {
        return Ok(at.most);
    }
    if q >= 1.0 {
        return Ok(at.least);
    }
    let z = -super::normal::standard_quantile(q);
    Ok(first(at, z, |k| law.sf(k) <= q * (1.0 + ALLOWANCE)))
}

/// The first k of the support from which `reached` holds: outward from the normal guess in doubled steps, then by halving.
fn first(at: Where, z: f64, reached: impl Fn(u64) -> bool) -> u64 {
    let guess = (at.mean + z * at.sd).max(0.0) as u64;
    let guess = guess.clamp(at.least, at.most);
    let mut step = (0.2 * at.sd) as u64 + 1;
    let (mut low, mut high);
    if reached(guess) {
        high = guess;
        loop {
            if high == at.least {
                return high;
            }
            low = high.saturating_sub(step).max(at.least);
            if !reached(low) {
                break;
            }
            high = low;
            step = step.saturating_mul(2);
        }
    } else {
        low = guess;
        loop {
            if low == at.most {
                return low;
            }
            high = low.saturating_add(step).min(at.most);
            if reached(high) {
                break;
            }
            low = high;
            step = step.saturating_mul(2);
        }
    }
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if reached(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    high
}
