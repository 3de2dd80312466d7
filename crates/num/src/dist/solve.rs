//! Which argument of a monotone tail has a given probability.
//!
//! Solved as ln tail(x) = ln p, in the logarithm of x for laws on the positive line: there a power law, which is what
//! both ends of chi-squared, F, beta and t are, is a straight line, and Newton's step is exact. Steps that leave the
//! bracket known so far are replaced by bisection, so that the search always ends.

use crate::math::{asinh, exp, sinh};

/// A tail at x: its logarithm, and d ln tail / d ln x (negative for an upper tail).
#[derive(Clone, Copy, Debug)]
pub(super) struct LnTail {
    pub value: f64,
    pub slope: f64,
}

const STEPS_MAX: usize = 300;
/// After a step as small as this the next would be below one rounding: half its square times the bend of the tail, which for
/// shapes up to 10¹² is below 10⁵.
const LAST_STEP: f64 = 3e-11;

/// The positive x where `tail(x).value == ln_p`, from a guess. `rising` says that the tail grows with x. Where that x leaves
/// the range of numbers: 0 or infinity.
///
/// Bounded by 300 evaluations; usual cost 3 to 6. Ends when a step no longer changes x, or the bracket is two neighbours.
pub(super) fn solve_positive(guess: f64, ln_p: f64, rising: bool, tail: impl Fn(f64) -> LnTail) -> f64 {
    let x = search_positive(guess, ln_p, rising, &tail);
    let is_beyond = |edge: f64| (tail(edge).value < ln_p) == rising;
    if x > 1e290 && is_beyond(f64::MAX) {
        return f64::INFINITY;
    }
    if x < 1e-290 && !is_beyond(f64::MIN_POSITIVE) {
        return 0.0;
    }
    x
}

fn search_positive(guess: f64, ln_p: f64, rising: bool, tail: &impl Fn(f64) -> LnTail) -> f64 {
    let (mut low, mut high) = (0.0, f64::INFINITY);
    let mut x = if guess.is_finite() { guess.clamp(1e-300, 1e300) } else { 1.0 };
    for _ in 0..STEPS_MAX {
        let at = tail(x);
        let off = at.value - ln_p;
        if off.abs() <= 0.0 {
            return x;
        }
        if (off > 0.0) == rising {
            high = x;
        } else {
            low = x;
        }
        let step = (-off / at.slope).clamp(-50.0, 50.0);
        let newton = if step.abs() < 1e-3 { x + x * (step + 0.5 * step * step) } else { x * exp(step) };
        let next = if newton > low && newton < high { newton } else { between(low, high) };
        if (next - x).abs() <= 2e-16 * x || next <= low || next >= high {
            return if newton.is_finite() && newton >= low && newton <= high { newton } else { x };
        }
        if step.abs() < LAST_STEP && next.to_bits() == newton.to_bits() {
            return next;
        }
        x = next;
    }
    x
}

/// A point strictly between two positive bounds, halving the distance of their logarithms.
fn between(low: f64, high: f64) -> f64 {
    match (low <= 0.0, high.is_infinite()) {
        (true, true) => 1.0,
        (true, false) => high * 1e-8,
        (false, true) => (low * 1e8).min(f64::MAX),
        (false, false) if high / low < 4.0 => 0.5 * (low + high),
        (false, false) => low.sqrt() * high.sqrt(),
    }
}

/// A tail at x: its logarithm, and d ln tail / dx (negative for an upper tail).
#[derive(Clone, Copy, Debug)]
pub(super) struct LnSlope {
    pub value: f64,
    pub slope: f64,
}

/// The x, of either sign, where `tail(x).value == ln_p`, from a guess; Newton in asinh x, on which power tails on both sides are
/// straight. `rising` says that the tail grows with x. Bounded by 300 evaluations.
pub(super) fn solve_real(guess: f64, ln_p: f64, rising: bool, tail: impl Fn(f64) -> LnSlope) -> f64 {
    let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
    let mut x = if guess.is_finite() { guess } else { 0.0 };
    let mut reach = 1.0;
    for _ in 0..STEPS_MAX {
        let at = tail(x);
        let off = at.value - ln_p;
        if off.abs() <= 0.0 {
            return x;
        }
        if (off > 0.0) == rising {
            high = x;
        } else {
            low = x;
        }
        let stretch = (1.0 + x * x).sqrt();
        let step = -off / (at.slope * stretch);
        let newton = if step.abs() < 1e-4 { x + step * stretch } else { sinh(asinh(x) + step.clamp(-5.0, 5.0)) };
        let next = if newton > low && newton < high {
            newton
        } else if high.is_infinite() {
            reach *= 2.0;
            sinh(asinh(x) + reach)
        } else if low.is_infinite() {
            reach *= 2.0;
            sinh(asinh(x) - reach)
        } else {
            0.5 * (low + high)
        };
        if (next - x).abs() <= 2e-16 * x.abs() || next <= low || next >= high {
            return x;
        }
        if step.abs() < LAST_STEP && next.to_bits() == newton.to_bits() {
            return next;
        }
        x = next;
    }
    x
}
