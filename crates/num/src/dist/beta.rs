//! The beta law, of proportions.
//!
//! ```text
//! pdf(x) = x^(a−1) (1−x)^(b−1) / B(a, b)        cdf(x) = I_x(a, b)        0 ≤ x ≤ 1
//! ```
//! Source: DLMF §8.17. The quantile solves the smaller tail by Newton in the logarithm of the odds x/(1−x), on
//! which both ends are straight lines, so that neither an x of 1e-300 nor a complement of 1e-300 is lost inside.

use super::solve::{LnTail, solve_positive};
use super::{Continuous, DomainError, probability, shape};
use crate::dist::normal::standard_quantile;
use crate::math::{exp, ln};
use crate::special::{Tail, beta_tail, ln_beta, ln_beta_front};

const LAW: &str = "beta";

/// Beta law with parameters a and b.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beta {
    a: f64,
    b: f64,
}

impl Beta {
    /// Beta law with parameters a and b.
    ///
    /// # Errors
    /// When one of them is out of range.
    pub fn new(a: f64, b: f64) -> Result<Self, DomainError> {
        Ok(Self { a: shape(LAW, "a", a)?, b: shape(LAW, "b", b)? })
    }

    fn tail(&self, x: f64) -> Tail {
        if x.is_nan() {
            return Tail::NAN;
        }
        let x = x.clamp(0.0, 1.0);
        beta_tail(self.a, self.b, x, 1.0 - x)
    }
}

impl Continuous for Beta {
    fn ln_pdf(&self, x: f64) -> f64 {
        if x.is_nan() {
            return x;
        }
        if !(0.0..=1.0).contains(&x) {
            return f64::NEG_INFINITY;
        }
        let edge = if x <= 0.0 {
            Some(self.a)
        } else if x >= 1.0 {
            Some(self.b)
        } else {
            None
        };
        match edge.map(|power| (power, power.total_cmp(&1.0))) {
            None => ln_beta_front(self.a, self.b, x, 1.0 - x) - ln(x) - crate::math::ln_1p(-x),
            Some((_, std::cmp::Ordering::Less)) => f64::INFINITY,
            Some((_, std::cmp::Ordering::Equal)) => -ln_beta(self.a, self.b),
            Some((_, std::cmp::Ordering::Greater)) => f64::NEG_INFINITY,
        }
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
        let odds = odds_quantile(self.a, self.b, probability(LAW, p)?);
        Ok(if odds.is_infinite() { 1.0 } else { odds / (1.0 + odds) })
    }

    fn quantile_upper(&self, q: f64) -> Result<f64, DomainError> {
        // P(X > x) = q is P(1 − X < 1 − x) = q, and 1 − X is Beta(b, a)
        Ok(1.0 / (1.0 + odds_quantile(self.b, self.a, probability(LAW, q)?)))
    }
}

/// The odds x/(1−x) where Beta(a, b) has lower tail p.
pub(super) fn odds_quantile(a: f64, b: f64, p: f64) -> f64 {
    if p <= 0.0 {
        return 0.0;
    }
    if p >= 1.0 {
        return f64::INFINITY;
    }
    let (target, rising) = if p <= 0.5 { (p, true) } else { (1.0 - p, false) };
    let ln_p = ln(target);
    solve_positive(odds_guess(a, b, p), ln_p, rising, |odds| {
        let (x, y) = (odds / (1.0 + odds), 1.0 / (1.0 + odds));
        let tail = beta_tail(a, b, x, y);
        // dx = y² d(odds), so that d ln tail / d ln odds = x y pdf / tail, and x y pdf is the front
        let front = ln_beta_front(a, b, x, y);
        if rising {
            let value = tail.ln_lower();
            LnTail { value, slope: exp(front - value) }
        } else {
            let value = tail.ln_upper();
            LnTail { value, slope: -exp(front - value) }
        }
    })
}

/// Ends: first term of the series. Middle: Carter's normal approximation of Fisher's z (Abramowitz & Stegun 26.5.22).
fn odds_guess(a: f64, b: f64, p: f64) -> f64 {
    let ln_b = ln_beta(a, b);
    let low = exp((ln(p) + ln(a) + ln_b) / a);
    if low * (b + 1.0) < 0.2 * (a + 1.0) && low < 0.2 {
        return low / (1.0 - low);
    }
    let high = exp((crate::math::ln_1p(-p) + ln(b) + ln_b) / b);
    if high * (a + 1.0) < 0.2 * (b + 1.0) && high < 0.2 {
        return (1.0 - high) / high;
    }
    if a <= 0.6 || b <= 0.6 {
        return a / b;
    }
    let z = -standard_quantile(p);
    let (u, v) = (1.0 / (2.0 * a - 1.0), 1.0 / (2.0 * b - 1.0));
    let (u, v) = if a > 1.0 && b > 1.0 { (u, v) } else { (0.5 / a, 0.5 / b) };
    let h = 2.0 / (u + v);
    let lambda = (z * z - 3.0) / 6.0;
    let root = (h + lambda).max(0.1 * h).sqrt();
    let w = z * root / h - (v - u) * (lambda + 5.0 / 6.0 - 2.0 / (3.0 * h));
    a / b * exp((-2.0 * w).clamp(-600.0, 600.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_uniform_law_is_its_own_quantile() {
        let law = Beta::new(1.0, 1.0).unwrap();
        for p in [1e-300, 0.1, 0.5, 0.9] {
            assert!((law.quantile(p).unwrap() / p - 1.0).abs() < 3e-13, "{p}");
        }
    }

    #[test]
    fn clopper_and_pearson_limits() {
        // Newcombe (1998), Statistics in Medicine 17:857, table I method 5: 81/263, 95 % limits 0.2527, 0.3676
        let lower = Beta::new(81.0, 183.0).unwrap().quantile(0.025).unwrap();
        let upper = Beta::new(82.0, 182.0).unwrap().quantile(0.975).unwrap();
        assert!((lower - 0.2527).abs() < 5e-5 && (upper - 0.3676).abs() < 5e-5, "{lower} {upper}");
    }
}
