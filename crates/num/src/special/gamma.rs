//! The gamma function and its logarithmic derivatives, and the two differences that keep digits at large arguments.
//!
//! ```text
//! Γ(x)  = ∫₀^∞ t^(x−1) e^(−t) dt            ψ(x) = d/dx ln Γ(x)            ψ′(x)
//! s(x)  = ln Γ(x) − (x − ½) ln x + x − ln √(2π)          Stirling's remainder
//! ```
//! Powers and factorials of large numbers are never formed as differences of large logarithms, which would lose one
//! digit for each digit of the logarithm; they are written with s(x) and ln(1+x) − x (Loader 2000, "Fast and accurate
//! computation of binomial probabilities").
//! Sources: DLMF §5.5 (recurrence, reflection), 5.11.1–2 and 5.15.8 (asymptotic series); Γ and ln Γ are `libm`'s.

use super::LN_SQRT_2PI;
use crate::math::{ln, ln_1p, sin, tan};
use std::f64::consts::PI;

/// Gamma function. Relative error under 1e-15 for positive x; NaN at negative integers.
pub fn gamma(x: f64) -> f64 {
    libm::tgamma(x)
}

/// ln |Γ(x)|. Relative error under 1e-15 for positive x, also around the zeros at 1 and 2; infinite at 0, −1, −2, …
pub fn ln_gamma(x: f64) -> f64 {
    libm::lgamma(x)
}

/// Digamma ψ(x) = d/dx ln Γ(x). Relative error under 1e-14, absolute near its zero at 1.4616…; NaN at 0, −1, −2, …
pub fn digamma(x: f64) -> f64 {
    if x <= 0.0 {
        if is_integer(x) || x.is_infinite() {
            return f64::NAN;
        }
        return digamma(1.0 - x) - PI / tan(PI * fraction(x));
    }
    let (mut at, mut below) = (x, 0.0);
    while at < 12.0 {
        below += 1.0 / at;
        at += 1.0;
    }
    // DLMF 5.11.2: B₂ₖ / (2k)
    const SERIES: [f64; 7] =
        [1.0 / 12.0, -1.0 / 120.0, 1.0 / 252.0, -1.0 / 240.0, 1.0 / 132.0, -691.0 / 32_760.0, 1.0 / 12.0];
    let inverse_square = 1.0 / (at * at);
    let tail = SERIES.iter().rev().fold(0.0, |sum, c| (sum + c) * inverse_square);
    ln(at) - 0.5 / at - tail - below
}

/// Trigamma ψ′(x), the derivative of digamma. Relative error under 1e-14; infinite at 0, −1, −2, …
pub fn trigamma(x: f64) -> f64 {
    if x <= 0.0 {
        if is_integer(x) {
            return f64::INFINITY;
        }
        let s = sin(PI * fraction(x));
        return PI * PI / (s * s) - trigamma(1.0 - x);
    }
    let (mut at, mut below) = (x, 0.0);
    while at < 12.0 {
        below += 1.0 / (at * at);
        at += 1.0;
    }
    // DLMF 5.15.8: B₂ₖ
    const SERIES: [f64; 7] = [1.0 / 6.0, -1.0 / 30.0, 1.0 / 42.0, -1.0 / 30.0, 5.0 / 66.0, -691.0 / 2730.0, 7.0 / 6.0];
    let inverse_square = 1.0 / (at * at);
    let tail = SERIES.iter().rev().fold(0.0, |sum, c| (sum + c) * inverse_square);
    1.0 / at + 0.5 * inverse_square + tail / at + below
}

fn is_integer(x: f64) -> bool {
    x.fract().abs() <= 0.0
}

fn fraction(x: f64) -> f64 {
    x - x.floor()
}

/// Stirling's remainder s(x) = ln Γ(x) − (x − ½) ln x + x − ln √(2π), x > 0. Absolute error under 1e-15 from x = 1 on.
pub(crate) fn stirling_error(x: f64) -> f64 {
    if x < 10.0 {
        return ln_gamma(x) - (x - 0.5) * ln(x) + x - LN_SQRT_2PI;
    }
    // DLMF 5.11.1: B₂ₖ / (2k (2k − 1))
    const SERIES: [f64; 8] = [
        1.0 / 12.0,
        -1.0 / 360.0,
        1.0 / 1260.0,
        -1.0 / 1680.0,
        1.0 / 1188.0,
        -691.0 / 360_360.0,
        1.0 / 156.0,
        -3617.0 / 122_400.0,
    ];
    let inverse_square = 1.0 / (x * x);
    SERIES.iter().rev().fold(0.0, |sum, c| sum * inverse_square + c) / x
}

/// ln(1 + x) − x without cancellation, x > −1.
///
/// Near zero with r = x/(2+x): ln(1+x) = 2 artanh(r) (DLMF 4.6.4), so that ln(1+x) − x = r (2r² (1/3 + r²/5 + …) − x).
pub(crate) fn ln_1p_minus(x: f64) -> f64 {
    if !(-0.6..=1.5).contains(&x) {
        return ln_1p(x) - x;
    }
    let r = x / (2.0 + x);
    let square = r * r;
    let (mut power, mut sum, mut odd) = (1.0, 1.0 / 3.0, 3.0);
    while power > 1e-17 {
        power *= square;
        odd += 2.0;
        sum += power / odd;
    }
    r * (2.0 * square * sum - x)
}

/// ln r − (r − 1) for r > 0, of which both r and its excess over 1 are known: the excess alone would lose an r near 0.
pub(crate) fn ln_less_excess(ratio: f64, excess: f64) -> f64 {
    if (-0.6..=1.5).contains(&excess) { ln_1p_minus(excess) } else { ln(ratio) - excess }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digamma_and_trigamma_at_one() {
        // DLMF 5.4.12 and 5.4.14: −γ and π²/6
        assert!((digamma(1.0) + 0.577_215_664_901_532_9).abs() < 2e-15);
        assert!((trigamma(1.0) - PI * PI / 6.0).abs() < 3e-15);
        // DLMF 5.4.13 and reflection at −1/2: ψ(−1/2) = ψ(3/2) − π/tan(−π/2)
        assert!((digamma(-0.5) - 0.036_489_973_978_576_52).abs() < 1e-14);
    }

    #[test]
    fn logarithm_less_its_argument_keeps_its_digits() {
        let x = 1e-8;
        let series = -x * x / 2.0 + x * x * x / 3.0;
        assert!((ln_1p_minus(x) / series - 1.0).abs() < 1e-15);
        for x in [-0.6, 1.5] {
            assert!((ln_1p_minus(x) / (ln_1p(x) - x) - 1.0).abs() < 1e-14, "{x}");
        }
    }
}
