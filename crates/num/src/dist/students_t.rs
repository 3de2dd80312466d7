//! Student's t law.
//!
//! ```text
//! pdf(t) = (1 + t²/ν)^(−(ν+1)/2) / (√ν B(½, ν/2))        sf(t) = ½ I_y(ν/2, ½), y = ν/(ν+t²), t ≥ 0
//! ```
//! Source: DLMF 8.17 with both arguments of the incomplete beta function exact. The quantile solves the smaller of tail
//! and centre, ½ − sf, by Newton in ln t, so that it is right near the median and at 1e-300. ν need not be whole.

use super::solve::{LnTail, solve_positive};
use super::{Continuous, DomainError, probability, shape};
use crate::dist::normal::{ln_upper, standard_quantile};
use crate::math::{exp, exp_m1, ln, ln_1p};
use crate::special::{Side, Tail, beta_tail, erf, ln_beta};
use std::f64::consts::{FRAC_1_SQRT_2, LN_2};

const LAW: &str = "Student's t";

/// Student's t law with ν degrees of freedom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StudentsT {
    df: f64,
    /// ln of √ν B(½, ν/2)
    ln_norm: f64,
}

impl StudentsT {
    /// Student's t law with ν degrees of freedom.
    ///
    /// # Errors
    /// When ν is out of range.
    pub fn new(df: f64) -> Result<Self, DomainError> {
        let df = shape(LAW, "degrees of freedom", df)?;
        Ok(Self { df, ln_norm: 0.5 * ln(df) + ln_beta(0.5, 0.5 * df) })
    }

    /// ln(1 + t²/ν), also where the square overflows.
    fn ln_spread(&self, t: f64) -> f64 {
        let ratio = t.abs() / self.df.sqrt();
        if ratio > 1e150 { 2.0 * ln(ratio) } else { ln_1p(t * t / self.df) }
    }

    /// P(|T| > t) as lower tail, P(|T| ≤ t) as upper.
    fn two_sided(&self, t: f64) -> Tail {
        let ratio = t.abs() / self.df.sqrt();
        if ratio.is_nan() {
            return Tail::NAN;
        }
        if ratio > 1e100 {
            // only the first term of the tail is left: ν^(ν/2−1) t^(−ν) · 2/B
            let ln_tail = LN_2 - self.ln_norm - self.df * ln(ratio) + 0.5 * ln(self.df) - ln(self.df);
            return Tail::new(Side::Lower, ln_tail, 1.0);
        }
        let square = ratio * ratio;
        if let Some(z) = self.equivalent_normal(square) {
            if z < 0.7 {
                return Tail::new(Side::Upper, 0.0, erf(z * FRAC_1_SQRT_2));
            }
            return Tail::new(Side::Lower, ln_upper(z) + LN_2, 1.0);
        }
        beta_tail(0.5 * self.df, 0.5, 1.0 / (1.0 + square), square / (1.0 + square))
    }

    /// The normal value with the same tail, for many degrees of freedom (Hill 1970, Communications of the ACM 13:617–619,
    /// algorithm 395): with w² = (ν − ½) ln(1 + t²/ν), b = 48 (ν − ½)², z = w + (w³ + 3w)/b − (4w⁷ + 33w⁵ + 240w³ + 855w)/(10 b²). From
    /// ν = 2·10⁵ on, and w below 40, the next term is below 1e-17.
    fn equivalent_normal(&self, square: f64) -> Option<f64> {
        if self.df < 2e5 {
            return None;
        }
        let a = self.df - 0.5;
        let w2 = a * ln_1p(square);
        if w2 > 1600.0 {
            return None;
        }
        let (w, b) = (w2.sqrt(), 48.0 * a * a);
        let second = (((4.0 * w2 + 33.0) * w2 + 240.0) * w2 + 855.0) / (10.0 * b);
        Some(w + w * (w2 + 3.0 - second) / b)
    }

    /// ln P(T > t), t ≥ 0.
    fn ln_upper_half(&self, t: f64) -> f64 {
        self.two_sided(t).ln_lower() - LN_2
    }

    /// The t ≥ 0 with P(T > t) = q ≤ ½, or with P(0 < T < t) = centre, whichever is the smaller.
    fn quantile_half(&self, q: f64, centre: f64) -> f64 {
        if q <= 0.0 {
            return f64::INFINITY;
        }
        if centre <= 0.0 {
            return 0.0;
        }
        let guess = self.guess(q);
        let ln_t_density = |t: f64| ln(t) - self.ln_norm - 0.5 * (self.df + 1.0) * self.ln_spread(t);
        if q < centre {
            solve_positive(guess, ln(q), false, |t| {
                let value = self.ln_upper_half(t);
                LnTail { value, slope: -exp(ln_t_density(t) - value) }
            })
        } else {
            solve_positive(guess.max(centre), ln(centre), true, |t| {
                let value = self.two_sided(t).ln_upper() - LN_2;
                LnTail { value, slope: exp(ln_t_density(t) - value) }
            })
        }
    }

    /// First guess: the Cornish-Fisher series in 1/ν (Abramowitz & Stegun 26.7.5); where that has not settled, the first
    /// term of the tail, sf(t) ≈ (1 + t²/ν)^(−ν/2) / (ν B), solved for t.
    fn guess(&self, q: f64) -> f64 {
        let n = self.df;
        let z = -standard_quantile(q);
        let square = z * z;
        if n < 2.0 || square * z > 4.0 * n {
            let ln_ratio = -ln(q) - self.ln_norm - 0.5 * ln(n);
            return (n * exp_m1((2.0 * ln_ratio / n).clamp(1e-6, 700.0))).sqrt();
        }
        z + z * (square + 1.0) / (4.0 * n) + z * ((5.0 * square + 16.0) * square + 3.0) / (96.0 * n * n)
    }
}

impl Continuous for StudentsT {
    fn ln_pdf(&self, t: f64) -> f64 {
        -self.ln_norm - 0.5 * (self.df + 1.0) * self.ln_spread(t)
    }

    fn cdf(&self, t: f64) -> f64 {
        self.sf(-t)
    }

    fn sf(&self, t: f64) -> f64 {
        let tail = 0.5 * self.two_sided(t).lower();
        if t < 0.0 { 1.0 - tail } else { tail }
    }

    fn ln_cdf(&self, t: f64) -> f64 {
        self.ln_sf(-t)
    }

    fn ln_sf(&self, t: f64) -> f64 {
        if t < 0.0 { ln_1p(-0.5 * self.two_sided(t).lower()) } else { self.ln_upper_half(t) }
    }

    fn quantile(&self, p: f64) -> Result<f64, DomainError> {
        Ok(-self.quantile_upper(probability(LAW, p)?)?)
    }

    fn quantile_upper(&self, q: f64) -> Result<f64, DomainError> {
        let q = probability(LAW, q)?;
        Ok(if q <= 0.5 { self.quantile_half(q, 0.5 - q) } else { -self.quantile_half(1.0 - q, q - 0.5) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    #[test]
    fn one_degree_of_freedom_is_cauchys_law() {
        let t = StudentsT::new(1.0).unwrap();
        // cot(πq)
        assert!((t.quantile_upper(1e-10).unwrap() / (1.0 / crate::math::tan(PI * 1e-10)) - 1.0).abs() < 1e-14);
        assert!((t.quantile_upper(1e-300).unwrap() / (1e300 / PI) - 1.0).abs() < 1e-12);
        assert!((t.quantile(0.75).unwrap() - 1.0).abs() < 2e-15);
    }

    #[test]
    fn two_degrees_of_freedom_have_a_closed_form() {
        let t = StudentsT::new(2.0).unwrap();
        for x in [1e-20f64, 0.3, 1.0, 5.0, 1e8, 1e120] {
            // sf = ½ (1 − x/√(2+x²)) = 1 / (2+x² + x√(2+x²))
            let root = (2.0 + x * x).sqrt();
            assert!((t.sf(x) * (root * (root + x)) - 1.0).abs() < 3e-13, "{x}: {}", t.sf(x));
        }
    }

    #[test]
    fn many_degrees_of_freedom_come_near_the_normal_law() {
        // Abramowitz & Stegun 26.7.5
        let t = StudentsT::new(1e6).unwrap();
        assert!((t.quantile(0.95).unwrap() - 1.644_855_150_727).abs() < 1e-11);
    }
}
