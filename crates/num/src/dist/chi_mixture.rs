//! What is expected when the standard deviation is itself estimated.
//!
//! ```text
//! E[g(s)] = ∫ g(s) f(s) ds,   s = χ_ν / √ν
//! ```
//! Noncentral t, Owen's Q and the density of noncentral t are such expectations of a normal tail. The integrand is positive
//! and its logarithm concave, so that one integral around its peak ([`crate::quad::ln_log_concave`]) gives small and large values,
//! small and large ν alike with the same relative error: no alternating series, no recurrence over ν.
//!
//! With a = ν/2 and d = s − 1 the density of s is `2a/√(2πa) · e^(−σ(a)) · exp(a (2 (ln(1+d) − d) − d²)) / s`, σ Stirling's
//! remainder; d is the variable of integration, so that ν of 10⁶, where s hardly leaves 1, loses no digits. For ν < 4 the power at
//! s = 0 is not smooth; then ln s is the variable.

use crate::math::{exp, exp_m1, ln};
use crate::quad::{Curve, Peak, ln_log_concave};
use crate::special::{LN_SQRT_2PI, ln_1p_minus, stirling_error};

/// A value of s, with its excess over 1 known without rounding where s is near 1, and s itself where it is near 0.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    pub s: f64,
    pub excess: f64,
}

impl Scale {
    /// t s − δ
    pub(super) fn argument(self, t: f64, delta: f64) -> f64 {
        if self.s < 0.5 { t * self.s - delta } else { t * self.excess + (t - delta) }
    }
}

/// Below this ν the integration is over ln s.
const LOGARITHMIC_BELOW: f64 = 4.0;

/// ln ∫ s^power exp(ln g) f(s) ds for s up to 1 + `excess_max`, where `ln_g` gives value and derivative;
/// `bend` names an excess where ln g bends sharply, and within how much.
pub(super) fn ln_expectation(
    df: f64,
    power: f64,
    excess_max: f64,
    bend: Option<(f64, f64)>,
    ln_g: impl Fn(Scale) -> Curve,
) -> f64 {
    let a = 0.5 * df;
    let ln_norm = ln(2.0 * a) - 0.5 * ln(a) - LN_SQRT_2PI - stirling_error(a);
    let ln_area = if df < LOGARITHMIC_BELOW {
        logarithmic(a, power, excess_max, bend, ln_g)
    } else {
        linear(a, power, excess_max, bend, ln_g)
    };
    ln_norm + ln_area
}

fn linear(a: f64, power: f64, excess_max: f64, bend: Option<(f64, f64)>, ln_g: impl Fn(Scale) -> Curve) -> f64 {
    let curve = |d: f64| {
        let s = 1.0 + d;
        if s <= 0.0 {
            return Curve { value: f64::NEG_INFINITY, slope: f64::INFINITY };
        }
        let g = ln_g(Scale { s, excess: d });
        Curve {
            value: g.value + a * (2.0 * ln_1p_minus(d) - d * d) + (power - 1.0) * ln(s),
            slope: g.slope - 2.0 * a * d * (2.0 + d) / s + (power - 1.0) / s,
        }
    };
    let width = 0.5 / a.sqrt();
    let start = if excess_max > 0.0 { 0.0 } else { (excess_max - width).max(0.5 * (excess_max - 1.0)) };
    let bend = bend.filter(|(_, within)| *within < 0.3 * width);
    ln_log_concave(curve, -1.0, excess_max, Peak { start, width, bend })
}

fn logarithmic(a: f64, power: f64, excess_max: f64, bend: Option<(f64, f64)>, ln_g: impl Fn(Scale) -> Curve) -> f64 {
    let curve = |w: f64| {
        let (d, s) = (exp_m1(w), exp(w));
        let g = ln_g(Scale { s, excess: d });
        Curve {
            value: g.value + a * (2.0 * w - d * (2.0 + d)) + power * w,
            slope: s * g.slope - 2.0 * a * d * (2.0 + d) + power,
        }
    };
    let width = 0.5 / a.sqrt();
    let high = if excess_max.is_infinite() { f64::INFINITY } else { ln(1.0 + excess_max) };
    let start = if high > 0.0 { 0.0 } else { high - width };
    let bend = bend.map(|(at, within)| (ln(1.0 + at), within / (1.0 + at))).filter(|(at, _)| at.is_finite());
    ln_log_concave(curve, f64::NEG_INFINITY, high, Peak { start, width, bend })
}
