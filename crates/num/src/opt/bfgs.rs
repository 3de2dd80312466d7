//! Minimum from values and gradients.
//!
//! The BFGS update of the inverse Hessian (Nocedal & Wright 2006, §6.1) with a line search for the weak Wolfe conditions by
//! bracketing and bisection (Lewis & Overton 2013, Mathematical Programming 141:135–163, algorithm 2.6), which also ends on
//! functions with corners. Ends when the scaled gradient is flat, or when the decrease ½ gᵀHg that the model foresees is below
//! the value's last digits.

use super::{Minimum, OptError, Options, StopRule, scaled_gradient};
use nalgebra::{DMatrix, DVector};

const LINE_STEPS_MAX: usize = 60;
/// Share of the foreseen decrease that a step must give.
const ARMIJO: f64 = 1e-4;
/// Share of the slope that may be left.
const WOLFE: f64 = 0.9;

struct Point {
    x: DVector<f64>,
    value: f64,
    gradient: DVector<f64>,
}

/// Minimises `f`, which gives value and gradient, from `start`.
///
/// # Errors
/// When the value at the start is not finite, no descent is found, or the iterations are spent.
pub fn bfgs(
    f: impl Fn(&DVector<f64>) -> (f64, DVector<f64>),
    start: &DVector<f64>,
    options: &Options,
) -> Result<Minimum, OptError> {
    let n = start.len();
    let (value, gradient) = f(start);
    if !value.is_finite() || gradient.iter().any(|g| !g.is_finite()) {
        return Err(OptError::StartOutside { value });
    }
    let mut at = Point { x: start.clone(), value, gradient };
    let mut inverse = DMatrix::identity(n, n);
    let mut is_fresh = true;
    let mut evaluations = 1;
    let state = |at: &Point, iterations, evaluations, stopped_by| Minimum {
        x: at.x.clone(),
        value: at.value,
        iterations,
        evaluations,
        stopped_by,
    };
    for iteration in 0..options.iterations_max {
        if scaled_gradient(&at.x, at.value, &at.gradient) <= options.gradient_tolerance {
            return Ok(state(&at, iteration, evaluations, StopRule::GradientFlat));
        }
        let mut direction = -(&inverse * &at.gradient);
        if direction.dot(&at.gradient) >= 0.0 {
            inverse = DMatrix::identity(n, n);
            is_fresh = true;
            direction = -at.gradient.clone();
        }
        let foreseen = -0.5 * direction.dot(&at.gradient);
        if !is_fresh && foreseen <= options.value_tolerance * at.value.abs() {
            return Ok(state(&at, iteration, evaluations, StopRule::ValueFlat));
        }
        let first = if is_fresh { (1.0 / at.gradient.norm()).min(1.0) } else { 1.0 };
        let Some(next) = line_search(&f, &at, &direction, first, &mut evaluations) else {
            if is_fresh {
                return Err(OptError::Stalled {
                    last: Box::new(state(&at, iteration, evaluations, StopRule::StepSmall)),
                });
            }
            inverse = DMatrix::identity(n, n);
            is_fresh = true;
            continue;
        };
        update(&mut inverse, &(&next.x - &at.x), &(&next.gradient - &at.gradient), is_fresh);
        is_fresh = false;
        at = next;
    }
    Err(OptError::NotConverged { last: Box::new(state(&at, options.iterations_max, evaluations, StopRule::StepSmall)) })
}

/// A step along `direction` with the weak Wolfe conditions, or the best decrease where rounding hides the second.
fn line_search(
    f: &impl Fn(&DVector<f64>) -> (f64, DVector<f64>),
    at: &Point,
    direction: &DVector<f64>,
    first: f64,
    evaluations: &mut usize,
) -> Option<Point> {
    let slope = direction.dot(&at.gradient);
    let (mut low, mut high, mut length) = (0.0, f64::INFINITY, first);
    let mut best: Option<Point> = None;
    for _ in 0..LINE_STEPS_MAX {
        let x = &at.x + length * direction;
        let (value, gradient) = f(&x);
        *evaluations += 1;
        let is_sound = value.is_finite() && gradient.iter().all(|g| g.is_finite());
        if !is_sound || value > at.value + ARMIJO * length * slope {
            high = length;
        } else {
            let is_flat_enough = direction.dot(&gradient) >= WOLFE * slope;
            low = length;
            if value < at.value {
                best = Some(Point { x, value, gradient });
            }
            if is_flat_enough && best.is_some() {
                return best;
            }
        }
        length = if high.is_finite() { 0.5 * (low + high) } else { 2.0 * length };
        if high - low <= 1e-16 * high {
            break;
        }
    }
    best
}

/// H ← (I − ρ s yᵀ) H (I − ρ y sᵀ) + ρ s sᵀ; a first H is scaled by sᵀy / yᵀy (Nocedal & Wright, eq. 6.17, 6.20).
fn update(inverse: &mut DMatrix<f64>, s: &DVector<f64>, y: &DVector<f64>, is_first: bool) {
    let curvature = s.dot(y);
    if curvature <= 1e-14 * s.norm() * y.norm() {
        return;
    }
    if is_first {
        *inverse *= curvature / y.norm_squared();
    }
    let rho = 1.0 / curvature;
    let hy = &*inverse * y;
    let scale = rho * (1.0 + rho * y.dot(&hy));
    *inverse -= rho * (&hy * s.transpose() + s * hy.transpose());
    *inverse += scale * s * s.transpose();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rosenbrock(x: &DVector<f64>) -> (f64, DVector<f64>) {
        let (a, b) = (1.0 - x[0], x[1] - x[0] * x[0]);
        let gradient = DVector::from_vec(vec![-2.0 * a - 400.0 * x[0] * b, 200.0 * b]);
        (a * a + 100.0 * b * b, gradient)
    }

    #[test]
    fn rosenbrocks_valley() {
        let found = bfgs(rosenbrock, &DVector::from_vec(vec![-1.2, 1.0]), &Options::default()).unwrap();
        assert!((found.x[0] - 1.0).abs() < 1e-8 && (found.x[1] - 1.0).abs() < 1e-8);
        assert!(found.iterations < 60, "{}", found.iterations);
    }

    #[test]
    fn a_slope_without_end_does_not_converge() {
        let error =
            bfgs(|x| (-x[0], DVector::from_element(1, -1.0)), &DVector::zeros(1), &Options::default()).unwrap_err();
        assert!(error.last().is_some());
        let error = bfgs(|_| (f64::NAN, DVector::zeros(1)), &DVector::zeros(1), &Options::default()).unwrap_err();
        assert!(matches!(error, OptError::StartOutside { .. }));
    }
}
