//! Least sum of squared residuals of a nonlinear model.
//!
//! Levenberg (1944) and Marquardt (1963): each step solves the linear least squares problem of the Jacobian with damping rows
//! √λ D below it, D the largest column lengths met (Moré 1978), by QR: the normal equations are never formed. λ follows
//! Nielsen's rule (1999, IMM-REP-1999-05). Ends when the step or the foreseen decrease is within its tolerance, or the
//! residuals are at right angles to all columns (Moré's orthogonality test).

use super::{Minimum, OptError, Options, StopRule, scaled_step};
use crate::linalg::least_squares;
use nalgebra::{DMatrix, DVector};

/// A minimum of a sum of squares.
#[derive(Clone, Debug, PartialEq)]
pub struct LeastSquaresMinimum {
    /// The parameters; `value` is half the sum of squares.
    pub minimum: Minimum,
    /// Residuals there.
    pub residuals: DVector<f64>,
    /// Jacobian of the residuals there: of it comes the covariance of the parameters.
    pub jacobian: DMatrix<f64>,
}

/// Minimises ½ |r(x)|² from `start`; `residuals` gives r, `jacobian` its derivatives, a row a residual
/// ([`super::jacobian`] where there is no formula).
///
/// # Errors
/// When residuals at the start are not finite, no descent is found, or the iterations are spent.
pub fn levenberg_marquardt(
    residuals: impl Fn(&DVector<f64>) -> DVector<f64>,
    jacobian: impl Fn(&DVector<f64>) -> DMatrix<f64>,
    start: &DVector<f64>,
    options: &Options,
) -> Result<LeastSquaresMinimum, OptError> {
    let mut x = start.clone();
    let mut r = residuals(&x);
    let mut j = jacobian(&x);
    let mut value = 0.5 * r.norm_squared();
    let mut evaluations = 1;
    if !value.is_finite() || j.iter().any(|v| !v.is_finite()) {
        return Err(OptError::StartOutside { value });
    }
    let mut scale = column_lengths(&j);
    let (mut damping, mut growth) = (1e-3, 2.0);
    let state = |x: &DVector<f64>, value, iterations, evaluations, stopped_by| Minimum {
        x: x.clone(),
        value,
        iterations,
        evaluations,
        stopped_by,
    };
    for iteration in 0..options.iterations_max {
        let done = |x, value, rule, r, j| {
            Ok(LeastSquaresMinimum {
                minimum: state(x, value, iteration, evaluations, rule),
                residuals: r,
                jacobian: j,
            })
        };
        if is_orthogonal(&j, &r, options.gradient_tolerance) {
            return done(&x, value, StopRule::GradientFlat, r, j);
        }
        let step = damped_step(&j, &r, &scale, damping);
        if scaled_step(&x, &step) <= options.step_tolerance * 1e-3 {
            return done(&x, value, StopRule::StepSmall, r, j);
        }
        let next = &x + &step;
        let next_r = residuals(&next);
        let next_value = 0.5 * next_r.norm_squared();
        // ½|r|² − ½|r + J s|² = −½ |J s|² − rᵀ J s
        let js = &j * &step;
        let foreseen = -(0.5 * js.norm_squared() + r.dot(&js));
        if foreseen <= options.value_tolerance * value {
            return done(&x, value, StopRule::ValueFlat, r, j);
        }
        evaluations += 1;
        let gain = (value - next_value) / foreseen;
        let next_j = if next_value < value { Some(jacobian(&next)) } else { None };
        match next_j.filter(|j| j.iter().all(|v| v.is_finite())) {
            Some(accepted) if gain > 0.0 => {
                (x, r, j, value) = (next, next_r, accepted, next_value);
                scale = scale.zip_map(&column_lengths(&j), f64::max);
                let off = 2.0 * gain - 1.0;
                damping *= (1.0 - off * off * off).max(1.0 / 3.0);
                growth = 2.0;
            }
            _ => {
                damping *= growth;
                growth *= 2.0;
                if damping > 1e300 {
                    let last = Box::new(state(&x, value, iteration, evaluations, StopRule::StepSmall));
                    return Err(OptError::Stalled { last });
                }
            }
        }
    }
    let last = Box::new(state(&x, value, options.iterations_max, evaluations, StopRule::StepSmall));
    Err(OptError::NotConverged { last })
}

fn column_lengths(j: &DMatrix<f64>) -> DVector<f64> {
    DVector::from_iterator(j.ncols(), j.column_iter().map(|c| if c.norm() > 0.0 { c.norm() } else { 1.0 }))
}

/// The cosine between the residuals and each column is within the tolerance, or the residuals are nil.
fn is_orthogonal(j: &DMatrix<f64>, r: &DVector<f64>, tolerance: f64) -> bool {
    let length = r.norm();
    length <= 1e-300 || j.column_iter().all(|c| c.dot(r).abs() <= tolerance * c.norm() * length)
}

/// The s that minimises |J s + r|² + λ |D s|².
fn damped_step(j: &DMatrix<f64>, r: &DVector<f64>, scale: &DVector<f64>, damping: f64) -> DVector<f64> {
    let (m, n) = j.shape();
    let mut design = DMatrix::zeros(m + n, n);
    design.view_mut((0, 0), (m, n)).copy_from(j);
    for i in 0..n {
        design[(m + i, i)] = damping.sqrt() * scale[i];
    }
    let target = DVector::from_fn(m + n, |row, _| if row < m { -r[row] } else { 0.0 });
    match least_squares(&design, &target, 0.0) {
        Ok(fit) => DVector::from_iterator(n, fit.coefficients.iter().map(|c| c.unwrap_or(0.0))),
        Err(_) => DVector::zeros(n),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::{exp, pow};

    #[test]
    fn misra1a_agrees_with_the_certified_values() {
        // NIST Statistical Reference Datasets, Misra1a (lower difficulty): y = b1 (1 − exp(−b2 x))
        let x = [77.6, 114.9, 141.1, 190.8, 239.9, 289.0, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760.0];
        let y = [10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.40, 75.47, 81.78];
        let residuals = |b: &DVector<f64>| DVector::from_fn(14, |i, _| y[i] - b[0] * (1.0 - exp(-b[1] * x[i])));
        let jacobian = |b: &DVector<f64>| super::super::jacobian(residuals, b);
        for start in [vec![500.0, 1e-4], vec![250.0, 5e-4]] {
            let found =
                levenberg_marquardt(residuals, jacobian, &DVector::from_vec(start), &Options::default()).unwrap();
            let b = &found.minimum.x;
            assert!((b[0] / 2.389_421_291_8e2 - 1.0).abs() < 1e-6, "{found:?}");
            assert!((b[1] / 5.501_564_318_1e-4 - 1.0).abs() < 1e-6);
            assert!((2.0 * found.minimum.value / 1.245_513_889_4e-1 - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn powells_singular_function_reaches_zero() {
        // Moré, Garbow & Hillstrom (1981), problem 13
        let r = |x: &DVector<f64>| {
            DVector::from_vec(vec![
                x[0] + 10.0 * x[1],
                5.0f64.sqrt() * (x[2] - x[3]),
                pow(x[1] - 2.0 * x[2], 2.0),
                10.0f64.sqrt() * pow(x[0] - x[3], 2.0),
            ])
        };
        let start = DVector::from_vec(vec![3.0, -1.0, 0.0, 1.0]);
        let found = levenberg_marquardt(r, |x| super::super::jacobian(r, x), &start, &Options::default());
        let value = match &found {
            Ok(found) => found.minimum.value,
            Err(error) => error.last().unwrap().value,
        };
        assert!(value < 1e-12, "{value}");
    }
}
