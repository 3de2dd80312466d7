//! Minimum from values, gradients and Hessians, each variable perhaps bounded.
//!
//! Projected Newton (Bertsekas 1982, SIAM Journal on Control and Optimization 20:221–246): variables at a bound whose gradient points
//! outward are held; the others take a Newton step, cut back onto the bounds, with Armijo's rule along the bent path. A Hessian
//! that is not positive definite gets a multiple of the identity added until its Cholesky decomposition exists (Nocedal &
//! Wright 2006, algorithm 3.3). A variance component estimated as zero is such a held variable: see [`Minimum::x`] against the bound.

use super::{Minimum, OptError, Options, StopRule, scaled_gradient, scaled_step};
use nalgebra::{Cholesky, DMatrix, DVector};

const HALVINGS_MAX: usize = 60;
const ARMIJO: f64 = 1e-4;

/// Value, gradient and Hessian at a point.
#[derive(Clone, Debug, PartialEq)]
pub struct Quadratic {
    /// f(x)
    pub value: f64,
    /// ∇f(x)
    pub gradient: DVector<f64>,
    /// ∇²f(x)
    pub hessian: DMatrix<f64>,
}

/// Lower and upper bounds, one each a variable; infinite where there is none.
#[derive(Clone, Debug, PartialEq)]
pub struct Bounds {
    /// Lower bounds.
    pub lower: DVector<f64>,
    /// Upper bounds.
    pub upper: DVector<f64>,
}

impl Bounds {
    /// No bounds on n variables.
    pub fn none(n: usize) -> Self {
        Self { lower: DVector::from_element(n, f64::NEG_INFINITY), upper: DVector::from_element(n, f64::INFINITY) }
    }

    fn project(&self, x: &DVector<f64>) -> DVector<f64> {
        DVector::from_fn(x.len(), |i, _| x[i].min(self.upper[i]).max(self.lower[i]))
    }

    /// Variables that are not held at a bound by the gradient.
    fn free(&self, x: &DVector<f64>, gradient: &DVector<f64>) -> Vec<usize> {
        let held = |i: usize| x[i] <= self.lower[i] && gradient[i] > 0.0 || x[i] >= self.upper[i] && gradient[i] < 0.0;
        (0..x.len()).filter(|i| !held(*i)).collect()
    }
}

/// Minimises `f` within `bounds` from `start`, which is first cut back onto the bounds.
///
/// # Errors
/// When the value at the start is not finite, lengths do not fit, no descent is found, or the iterations are spent.
pub fn newton(
    f: impl Fn(&DVector<f64>) -> Quadratic,
    start: &DVector<f64>,
    bounds: &Bounds,
    options: &Options,
) -> Result<Minimum, OptError> {
    for bound in [&bounds.lower, &bounds.upper] {
        if bound.len() != start.len() {
            return Err(OptError::LengthMismatch { what: "bounds", found: bound.len(), expected: start.len() });
        }
    }
    let mut x = bounds.project(start);
    let mut at = f(&x);
    let mut evaluations = 1;
    if !is_sound(&at) {
        return Err(OptError::StartOutside { value: at.value });
    }
    let state = |x: &DVector<f64>, value, iterations, evaluations, stopped_by| Minimum {
        x: x.clone(),
        value,
        iterations,
        evaluations,
        stopped_by,
    };
    for iteration in 0..options.iterations_max {
        let free = bounds.free(&x, &at.gradient);
        let gradient = DVector::from_iterator(free.len(), free.iter().map(|i| at.gradient[*i]));
        let here = DVector::from_iterator(free.len(), free.iter().map(|i| x[*i]));
        if scaled_gradient(&here, at.value, &gradient) <= options.gradient_tolerance {
            return Ok(state(&x, at.value, iteration, evaluations, StopRule::GradientFlat));
        }
        let step = newton_step(&at.hessian, &gradient, &free);
        if -0.5 * step.dot(&gradient) <= options.value_tolerance * at.value.abs() {
            return Ok(state(&x, at.value, iteration, evaluations, StopRule::ValueFlat));
        }
        let mut full = DVector::zeros(x.len());
        for (k, i) in free.iter().enumerate() {
            full[*i] = step[k];
        }
        match descend(&f, &x, &at, &full, bounds, &mut evaluations) {
            Some((next, there)) => {
                let moved = scaled_step(&x, &(&next - &x));
                (x, at) = (next, there);
                if moved <= options.step_tolerance * 1e-3 {
                    return Ok(state(&x, at.value, iteration + 1, evaluations, StopRule::StepSmall));
                }
            }
            None => {
                return Err(OptError::Stalled {
                    last: Box::new(state(&x, at.value, iteration, evaluations, StopRule::StepSmall)),
                });
            }
        }
    }
    Err(OptError::NotConverged {
        last: Box::new(state(&x, at.value, options.iterations_max, evaluations, StopRule::StepSmall)),
    })
}

fn is_sound(at: &Quadratic) -> bool {
    at.value.is_finite() && at.gradient.iter().chain(at.hessian.iter()).all(|v| v.is_finite())
}

/// −H⁻¹g over the free variables, H made positive definite.
fn newton_step(hessian: &DMatrix<f64>, gradient: &DVector<f64>, free: &[usize]) -> DVector<f64> {
    let h = DMatrix::from_fn(free.len(), free.len(), |i, j| hessian[(free[i], free[j])]);
    let size = h.iter().fold(0.0f64, |most, v| most.max(v.abs())).max(1e-300);
    let smallest = (0..free.len()).fold(f64::INFINITY, |least, i| least.min(h[(i, i)]));
    let mut ridge = if smallest > 0.0 { 0.0 } else { 1e-3 * size - smallest };
    for _ in 0..100 {
        let trial = &h + DMatrix::identity(free.len(), free.len()) * ridge;
        if let Some(found) = Cholesky::new(trial) {
            return -found.solve(gradient);
        }
        ridge = (2.0 * ridge).max(1e-8 * size);
    }
    -gradient / size
}

/// The first point of the path, halving the step, that satisfies Armijo's rule.
fn descend(
    f: &impl Fn(&DVector<f64>) -> Quadratic,
    x: &DVector<f64>,
    at: &Quadratic,
    step: &DVector<f64>,
    bounds: &Bounds,
    evaluations: &mut usize,
) -> Option<(DVector<f64>, Quadratic)> {
    let mut length = 1.0;
    for _ in 0..HALVINGS_MAX {
        let next = bounds.project(&(x + length * step));
        let foreseen = at.gradient.dot(&(&next - x));
        let there = f(&next);
        *evaluations += 1;
        if is_sound(&there) && there.value <= at.value + ARMIJO * foreseen && there.value < at.value {
            return Some((next, there));
        }
        length *= 0.5;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::{exp, ln};

    fn quadratic(x: &DVector<f64>) -> Quadratic {
        let hessian = DMatrix::from_row_slice(2, 2, &[4.0, 1.0, 1.0, 3.0]);
        let b = DVector::from_vec(vec![1.0, -2.0]);
        Quadratic { value: 0.5 * (x.transpose() * &hessian * x)[0] - b.dot(x), gradient: &hessian * x - b, hessian }
    }

    #[test]
    fn a_quadratic_takes_one_step() {
        let found = newton(quadratic, &DVector::zeros(2), &Bounds::none(2), &Options::default()).unwrap();
        assert!((found.x[0] - 5.0 / 11.0).abs() < 1e-14 && (found.x[1] + 9.0 / 11.0).abs() < 1e-14);
        assert_eq!(found.iterations, 1);
    }

    #[test]
    fn a_variable_is_held_at_its_bound() {
        let bounds = Bounds { lower: DVector::from_vec(vec![f64::NEG_INFINITY, 0.0]), ..Bounds::none(2) };
        let found = newton(quadratic, &DVector::from_element(2, 5.0), &bounds, &Options::default()).unwrap();
        assert!((found.x[0] - 0.25).abs() < 1e-14 && found.x[1].abs() <= 0.0);
    }

    #[test]
    fn a_concave_start_is_left_downhill() {
        // −ln cosh-like: f = ln(1 + x²) is concave beyond 1
        let f = |x: &DVector<f64>| {
            let s = 1.0 + x[0] * x[0];
            let bend = (2.0 - 2.0 * x[0] * x[0]) / (s * s);
            Quadratic {
                value: ln(s),
                gradient: DVector::from_element(1, 2.0 * x[0] / s),
                hessian: DMatrix::from_element(1, 1, bend),
            }
        };
        let found = newton(f, &DVector::from_element(1, 7.0), &Bounds::none(1), &Options::default()).unwrap();
        assert!(found.x[0].abs() < 1e-8, "{found:?}");
    }

    #[test]
    fn a_value_without_minimum_does_not_converge() {
        let f = |x: &DVector<f64>| {
            let e = exp(-x[0]);
            Quadratic { value: e, gradient: DVector::from_element(1, -e), hessian: DMatrix::from_element(1, 1, e) }
        };
        let options =
            Options { gradient_tolerance: 0.0, value_tolerance: 0.0, iterations_max: 20, ..Options::default() };
        assert!(matches!(
            newton(f, &DVector::zeros(1), &Bounds::none(1), &options),
            Err(OptError::NotConverged { .. })
        ));
    }
}
