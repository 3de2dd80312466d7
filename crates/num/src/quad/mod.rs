//! How large is the area under a function.
//!
//! [`integrate`] is adaptive: Gauss–Kronrod pairs of 10 and 21 points (Kronrod 1965; Piessens et al. 1983, *QUADPACK*), the
//! panel with the largest error halved until the sum of errors is small enough. [`gauss_legendre`] gives the nodes of a fixed rule.
//! [`ln_log_concave`] integrates exp(g) for concave g with a small *relative* error however small the area is: it finds the
//! peak first. Tails of distributions are such areas.

mod kronrod;
mod legendre;
mod log_concave;

pub use legendre::gauss_legendre;
pub use log_concave::{Curve, Peak, ln_log_concave};

use crate::sum::Neumaier;
use kronrod::{Panel, panel};

/// Panels that an adaptive integral may use.
const PANELS_MAX: usize = 1000;

/// An area found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Integral {
    /// The area.
    pub value: f64,
    /// Estimated absolute error; the true one is usually far smaller.
    pub error: f64,
    /// Evaluations of the function.
    pub evaluations: usize,
}

/// Why there is no area.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum QuadError {
    /// The function is not a finite number somewhere.
    #[error("the function is not a finite number between {low} and {high}")]
    NotANumber {
        /// Lower end of the panel.
        low: f64,
        /// Upper end of the panel.
        high: f64,
    },
    /// The bound on panels was reached.
    #[error("no convergence: {} ± {} after {} evaluations", last.value, last.error, last.evaluations)]
    NotConverged {
        /// The last state.
        last: Integral,
    },
    /// Fewer than two break points.
    #[error("an integral needs at least two break points, {found} given")]
    NoInterval {
        /// Points given.
        found: usize,
    },
}

impl QuadError {
    /// What the reader of the message can do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NotANumber { .. } => "break the interval at the singular point, or integrate a transformed function",
            Self::NotConverged { .. } => "give break points where the function bends, or a larger tolerance",
            Self::NoInterval { .. } => "give the lower and the upper end",
        }
    }
}

/// ∫ f over the interval from the first break point to the last, to `relative` of its value or to `absolute`.
///
/// The break points are in order and say where the function bends; the ends may be infinite: there x = c ± t/(1−t).
/// At most 1,000 panels of 21 points. The ends themselves are never evaluated.
///
/// # Errors
/// When the function is not finite somewhere, or the bound is reached before the tolerance (with the last state).
pub fn integrate(f: impl Fn(f64) -> f64, breaks: &[f64], absolute: f64, relative: f64) -> Result<Integral, QuadError> {
    if breaks.len() < 2 {
        return Err(QuadError::NoInterval { found: breaks.len() });
    }
    let mut pieces = Vec::new();
    for pair in breaks.windows(2) {
        pieces.extend(Piece::cover(pair[0], pair[1]));
    }
    let mut panels: Vec<(Piece, Panel)> =
        pieces.into_iter().map(|piece| Ok((piece, piece.measure(&f)?))).collect::<Result<_, QuadError>>()?;
    loop {
        let state = total(&panels);
        if state.error <= absolute.max(relative * state.value.abs()) {
            return Ok(state);
        }
        let worst = worst(&panels);
        if panels.len() >= PANELS_MAX || panels[worst].0.is_narrow() {
            return Err(QuadError::NotConverged { last: state });
        }
        let (left, right) = panels[worst].0.halves();
        panels[worst] = (left, left.measure(&f)?);
        panels.push((right, right.measure(&f)?));
    }
}

fn total(panels: &[(Piece, Panel)]) -> Integral {
    let (mut value, mut error) = (Neumaier::default(), 0.0);
    for (_, panel) in panels {
        value.add(panel.value);
        error += panel.error;
    }
    Integral { value: value.total(), error, evaluations: panels.len() * kronrod::POINTS }
}

fn worst(panels: &[(Piece, Panel)]) -> usize {
    (1..panels.len()).fold(0, |worst, i| if panels[i].1.error > panels[worst].1.error { i } else { worst })
}

/// A part of the line: from low to high in x, or in t where x = origin ± t/(1−t).
#[derive(Clone, Copy, Debug)]
struct Piece {
    low: f64,
    high: f64,
    map: Map,
}

#[derive(Clone, Copy, Debug)]
enum Map {
    Identity,
    Up { origin: f64 },
    Down { origin: f64 },
}

impl Piece {
    /// The pieces from `low` to `high`, none for an empty interval.
    fn cover(low: f64, high: f64) -> Vec<Self> {
        let up = |origin| Self { low: 0.0, high: 1.0, map: Map::Up { origin } };
        let down = |origin| Self { low: 0.0, high: 1.0, map: Map::Down { origin } };
        match (low.is_infinite(), high.is_infinite()) {
            (false, false) if low < high => vec![Self { low, high, map: Map::Identity }],
            (false, true) if high > 0.0 => vec![up(low)],
            (true, false) if low < 0.0 => vec![down(high)],
            (true, true) if low < high => vec![down(0.0), up(0.0)],
            _ => Vec::new(),
        }
    }

    fn measure(&self, f: impl Fn(f64) -> f64) -> Result<Panel, QuadError> {
        let measured = match self.map {
            Map::Identity => panel(&f, self.low, self.high),
            Map::Up { origin } => panel(|t| f(origin + t / (1.0 - t)) / ((1.0 - t) * (1.0 - t)), self.low, self.high),
            Map::Down { origin } => panel(|t| f(origin - t / (1.0 - t)) / ((1.0 - t) * (1.0 - t)), self.low, self.high),
        };
        if measured.value.is_finite() {
            Ok(measured)
        } else {
            Err(QuadError::NotANumber { low: self.low, high: self.high })
        }
    }

    fn halves(&self) -> (Self, Self) {
        let middle = 0.5 * (self.low + self.high);
        (Self { high: middle, ..*self }, Self { low: middle, ..*self })
    }

    fn is_narrow(&self) -> bool {
        self.high - self.low <= 1e-14 * self.low.abs().max(self.high.abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::{cos, exp, ln};
    use std::f64::consts::PI;

    #[test]
    fn areas_with_closed_forms() {
        let gauss = integrate(|x| exp(-x * x), &[f64::NEG_INFINITY, f64::INFINITY], 0.0, 1e-13).unwrap();
        assert!((gauss.value - PI.sqrt()).abs() < 1e-14);
        let wave = integrate(|x| cos(50.0 * x), &[0.0, 1.0], 1e-14, 0.0).unwrap();
        assert!((wave.value - crate::math::sin(50.0) / 50.0).abs() < 1e-15);
        let corner = integrate(f64::abs, &[-1.0, 0.0, 2.0], 0.0, 1e-14).unwrap();
        assert!((corner.value - 2.5).abs() < 1e-15 && corner.evaluations == 42);
        let singular = integrate(|x| -ln(x), &[0.0, 1.0], 0.0, 1e-12).unwrap();
        assert!((singular.value - 1.0).abs() < 1e-12);
    }

    #[test]
    fn failures_carry_the_last_state() {
        assert!(matches!(integrate(|x| 1.0 / x, &[0.0, 1.0], 0.0, 1e-12), Err(QuadError::NotConverged { .. })));
        assert!(matches!(integrate(|_| f64::NAN, &[0.0, 1.0], 0.0, 1e-12), Err(QuadError::NotANumber { .. })));
        assert!(integrate(exp, &[1.0], 0.0, 1e-12).is_err());
        assert!(integrate(exp, &[1.0, 1.0], 0.0, 1e-12).unwrap().value.abs() <= 0.0);
    }
}
