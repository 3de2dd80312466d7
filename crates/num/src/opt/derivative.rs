//! Derivatives without a formula.
//!
//! Central differences with one step of Richardson's extrapolation: (4 D(h/2) − D(h)) / 3, error of order h⁴, with
//! h = ε^(1/5) max(|x|, 0.001) for first and ε^(1/6) max(|x|, 0.1) for second derivatives (Dennis & Schnabel 1983, §5.4). About eleven
//! digits of a gradient and eight of a Hessian, where the function itself has full precision and the variables are neither
//! much smaller than these floors nor zero with a typical size far from 1: scale them.

use nalgebra::{DMatrix, DVector};

/// ε^(1/5)
const STEP_FIRST: f64 = 7.4e-4;
/// ε^(1/6)
const STEP_SECOND: f64 = 2.5e-3;

/// Gradient of `f` at `x`: 4 evaluations a variable.
pub fn gradient(f: impl Fn(&DVector<f64>) -> f64, x: &DVector<f64>) -> DVector<f64> {
    DVector::from_fn(x.len(), |i, _| {
        let h = STEP_FIRST * x[i].abs().max(1e-3);
        let slope = |h: f64| (f(&moved(x, &[(i, h)])) - f(&moved(x, &[(i, -h)]))) / (2.0 * h);
        (4.0 * slope(0.5 * h) - slope(h)) / 3.0
    })
}

/// Jacobian of `f` at `x`, a row a component: 4 evaluations a variable.
pub fn jacobian(f: impl Fn(&DVector<f64>) -> DVector<f64>, x: &DVector<f64>) -> DMatrix<f64> {
    let columns: Vec<DVector<f64>> = (0..x.len())
        .map(|i| {
            let h = STEP_FIRST * x[i].abs().max(1e-3);
            let slope = |h: f64| (f(&moved(x, &[(i, h)])) - f(&moved(x, &[(i, -h)]))) / (2.0 * h);
            (4.0 * slope(0.5 * h) - slope(h)) / 3.0
        })
        .collect();
    if columns.is_empty() { DMatrix::zeros(f(x).len(), 0) } else { DMatrix::from_columns(&columns) }
}

/// Hessian of `f` at `x`, symmetric: 4n² + 4n evaluations for n variables.
pub fn hessian(f: impl Fn(&DVector<f64>) -> f64, x: &DVector<f64>) -> DMatrix<f64> {
    let n = x.len();
    let centre = f(x);
    let steps: Vec<f64> = x.iter().map(|x| STEP_SECOND * x.abs().max(0.1)).collect();
    let bend = |i: usize, j: usize, scale: f64| {
        let (hi, hj) = (scale * steps[i], scale * steps[j]);
        if i == j {
            return (f(&moved(x, &[(i, hi)])) - 2.0 * centre + f(&moved(x, &[(i, -hi)]))) / (hi * hi);
        }
        let corner = |a: f64, b: f64| f(&moved(x, &[(i, a * hi), (j, b * hj)]));
        (corner(1.0, 1.0) - corner(1.0, -1.0) - corner(-1.0, 1.0) + corner(-1.0, -1.0)) / (4.0 * hi * hj)
    };
    let mut found = DMatrix::zeros(n, n);
    for i in 0..n {
        for j in 0..=i {
            let value = (4.0 * bend(i, j, 0.5) - bend(i, j, 1.0)) / 3.0;
            found[(i, j)] = value;
            found[(j, i)] = value;
        }
    }
    found
}

fn moved(x: &DVector<f64>, by: &[(usize, f64)]) -> DVector<f64> {
    let mut x = x.clone();
    for (i, h) in by {
        x[*i] += h;
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::exp;

    #[test]
    fn derivatives_of_a_known_function() {
        let f = |x: &DVector<f64>| exp(x[0]) * x[1] * x[1];
        let x = DVector::from_vec(vec![0.5, 3.0]);
        let e = exp(0.5);
        let g = gradient(f, &x);
        assert!((g[0] / (9.0 * e) - 1.0).abs() < 1e-10 && (g[1] / (6.0 * e) - 1.0).abs() < 1e-10);
        let h = hessian(f, &x);
        assert!((h[(0, 1)] / (6.0 * e) - 1.0).abs() < 1e-7 && (h[(1, 1)] / (2.0 * e) - 1.0).abs() < 1e-7);
        let j = jacobian(|x| DVector::from_vec(vec![f(x), x[0]]), &x);
        assert!((j[(0, 0)] - g[0]).abs() < 1e-12 && (j[(1, 0)] - 1.0).abs() < 1e-10 && j[(1, 1)].abs() < 1e-10);
    }
}
