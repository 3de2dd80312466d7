//! Where does a function of one variable cross zero.
//!
//! Brent's method (Brent 1973, *Algorithms for Minimization without Derivatives*, chapter 4): inverse quadratic
//! interpolation and secant steps, guarded by bisection, between two points of opposite sign. It needs no derivative and
//! always ends.

/// A zero found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Root {
    /// Where.
    pub x: f64,
    /// The function there.
    pub value: f64,
    /// Evaluations spent.
    pub evaluations: usize,
}

/// Why no zero was found.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum RootError {
    /// The ends do not bracket a zero.
    #[error("the function has the same sign at both ends: f({low}) = {at_low}, f({high}) = {at_high}")]
    NotBracketed {
        /// Lower end.
        low: f64,
        /// Function at the lower end.
        at_low: f64,
        /// Upper end.
        high: f64,
        /// Function at the upper end.
        at_high: f64,
    },
    /// The function is not a number somewhere.
    #[error("the function is not a number at {x}")]
    NotANumber {
        /// Where.
        x: f64,
    },
    /// The bound on evaluations was reached.
    #[error("no convergence in {evaluations} evaluations; last x = {x}, f(x) = {value}")]
    NotConverged {
        /// Last point.
        x: f64,
        /// Function there.
        value: f64,
        /// Evaluations spent.
        evaluations: usize,
    },
}

impl RootError {
    /// What the reader of the message can do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NotBracketed { .. } => "widen the interval until the function changes its sign",
            Self::NotANumber { .. } => "narrow the interval to where the function is defined",
            Self::NotConverged { .. } => "give a larger tolerance",
        }
    }
}

/// Evaluations allowed. Bisection of the whole range of doubles needs some 2,100; Brent's bound is its square, not met in practice.
const EVALUATIONS_MAX: usize = 3000;

/// The zero of `f` between `low` and `high`, to `tolerance` in x (0: to the last bit).
///
/// # Errors
/// When the ends do not bracket a zero, the function is not a number at a point, or the bound on evaluations is reached.
pub fn brent(mut f: impl FnMut(f64) -> f64, low: f64, high: f64, tolerance: f64) -> Result<Root, RootError> {
    let mut evaluations = 0;
    let mut at = |x: f64| {
        evaluations += 1;
        let value = f(x);
        if value.is_nan() { Err(RootError::NotANumber { x }) } else { Ok((value, evaluations)) }
    };
    let (mut a, mut b) = (low, high);
    let (mut fa, _) = at(a)?;
    let (mut fb, mut spent) = at(b)?;
    if fa > 0.0 && fb > 0.0 || fa < 0.0 && fb < 0.0 {
        return Err(RootError::NotBracketed { low, at_low: fa, high, at_high: fb });
    }
    let (mut c, mut fc) = (a, fa);
    let mut step = b - a;
    let mut before = step;
    while spent < EVALUATIONS_MAX {
        if fc.abs() < fb.abs() {
            (a, b, c) = (b, c, b);
            (fa, fb, fc) = (fb, fc, fb);
        }
        let enough = 2.0 * f64::EPSILON * b.abs() + 0.5 * tolerance;
        let half = 0.5 * (c - b);
        if half.abs() <= enough || fb.abs() <= 0.0 {
            return Ok(Root { x: b, value: fb, evaluations: spent });
        }
        let bisect = before.abs() < enough || fa.abs() <= fb.abs();
        let proposal = if bisect { None } else { interpolate([a, b, c], [fa, fb, fc], half, enough, before) };
        (before, step) = match proposal {
            Some(proposal) => (step, proposal),
            None => (half, half),
        };
        (a, fa) = (b, fb);
        b += if step.abs() > enough { step } else { enough.copysign(half) };
        (fb, spent) = at(b)?;
        if (fb > 0.0) == (fc > 0.0) {
            (c, fc) = (a, fa);
            step = b - a;
            before = step;
        }
    }
    Err(RootError::NotConverged { x: b, value: fb, evaluations: spent })
}

/// Brent's step by secant or inverse quadratic interpolation, where it is acceptable.
fn interpolate(x: [f64; 3], f: [f64; 3], half: f64, enough: f64, before: f64) -> Option<f64> {
    let ([a, b, c], [fa, fb, fc]) = (x, f);
    let s = fb / fa;
    let (p, q) = if (a - c).abs() <= 0.0 {
        (2.0 * half * s, 1.0 - s)
    } else {
        let (q, r) = (fa / fc, fb / fc);
        (s * (2.0 * half * q * (q - r) - (b - a) * (r - 1.0)), (q - 1.0) * (r - 1.0) * (s - 1.0))
    };
    let (p, q) = if p > 0.0 { (p, -q) } else { (-p, q) };
    let fits = 2.0 * p < 3.0 * half * q - (enough * q).abs() && p < (0.5 * before * q).abs();
    if fits { Some(p / q) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::{cos, exp};

    #[test]
    fn the_fixed_point_of_the_cosine() {
        // Dottie number, OEIS A003957
        let root = brent(|x| cos(x) - x, 0.0, 1.0, 0.0).unwrap();
        assert!((root.x - 0.739_085_133_215_160_6).abs() < 2e-16);
        assert!(root.evaluations < 12, "{}", root.evaluations);
    }

    #[test]
    fn a_flat_triple_zero_is_found() {
        let root = brent(|x| (x - 1.0) * (x - 1.0) * (x - 1.0), -3.0, 7.0, 1e-9).unwrap();
        assert!((root.x - 1.0).abs() < 1e-5);
    }

    #[test]
    fn failures_say_why() {
        assert!(matches!(brent(exp, 0.0, 1.0, 0.0), Err(RootError::NotBracketed { .. })));
        assert!(matches!(brent(|x| (x - 0.3).sqrt() - 0.1, 0.0, 1.0, 0.0), Err(RootError::NotANumber { .. })));
        assert!((brent(|x| x, 0.0, 1.0, 0.0).unwrap().x).abs() <= 0.0);
    }
}
