//! Minimum by a simplex that walks downhill, from values alone.
//!
//! Nelder & Mead (1965, Computer Journal 7:308–313) in the form of Lagarias, Reeds, Wright & Wright (1998, SIAM Journal on
//! Optimization 9:112–147): reflection 1, expansion 2, contraction ½, shrinkage ½. In more than two variables the factors of
//! Gao & Han (2012, Computational Optimization and Applications 51:259–277), which depend on the number of variables.
//! Ends when both the spread of values and the size of the simplex are within their tolerances.

use super::{Minimum, OptError, Options, StopRule};
use nalgebra::DVector;

/// Minimises `f` from `start`, with first edges `steps`. Values that are not finite count as +∞.
///
/// # Errors
/// When the value at the start is not finite, lengths do not fit, or the iterations are spent.
pub fn nelder_mead(
    f: impl Fn(&DVector<f64>) -> f64,
    start: &DVector<f64>,
    steps: &DVector<f64>,
    options: &Options,
) -> Result<Minimum, OptError> {
    let n = start.len();
    if steps.len() != n {
        return Err(OptError::LengthMismatch { what: "steps", found: steps.len(), expected: n });
    }
    let value = f(start);
    if !value.is_finite() {
        return Err(OptError::StartOutside { value });
    }
    let mut simplex = Simplex::new(f, start, value, steps);
    for iteration in 0..options.iterations_max {
        simplex.sort();
        if simplex.is_small(options) {
            return Ok(simplex.state(iteration));
        }
        simplex.advance();
    }
    simplex.sort();
    Err(OptError::NotConverged { last: Box::new(simplex.state(options.iterations_max)) })
}

struct Simplex<F> {
    f: F,
    corners: Vec<(DVector<f64>, f64)>,
    evaluations: usize,
    factors: Factors,
}

struct Factors {
    expansion: f64,
    contraction: f64,
    shrinkage: f64,
}

impl<F: Fn(&DVector<f64>) -> f64> Simplex<F> {
    fn new(f: F, start: &DVector<f64>, value: f64, steps: &DVector<f64>) -> Self {
        let n = start.len().max(2) as f64;
        let factors = Factors { expansion: 1.0 + 2.0 / n, contraction: 0.75 - 0.5 / n, shrinkage: 1.0 - 1.0 / n };
        let mut simplex = Self { f, corners: vec![(start.clone(), value)], evaluations: 1, factors };
        for i in 0..start.len() {
            let mut corner = start.clone();
            corner[i] += if steps[i].abs() > 0.0 { steps[i] } else { 0.05 * start[i].abs().max(0.01) };
            let corner = simplex.at(corner);
            simplex.corners.push(corner);
        }
        simplex
    }

    fn at(&mut self, x: DVector<f64>) -> (DVector<f64>, f64) {
        self.evaluations += 1;
        let value = (self.f)(&x);
        (x, if value.is_nan() { f64::INFINITY } else { value })
    }

    fn sort(&mut self) {
        self.corners.sort_by(|a, b| a.1.total_cmp(&b.1));
    }

    /// Replaces the worst corner, or shrinks; corners are sorted, best first.
    fn advance(&mut self) {
        let n = self.corners.len() - 1;
        let (best, second_worst, (worst_x, worst)) =
            (self.corners[0].1, self.corners[n - 1].1, self.corners[n].clone());
        let centre = self.corners[..n].iter().fold(DVector::zeros(n), |sum, (x, _)| sum + x) / n as f64;
        let away = &centre - &worst_x;
        let reflected = self.at(&centre + &away);
        let replacement = if reflected.1 < best {
            let expanded = self.at(&centre + self.factors.expansion * &away);
            Some(if expanded.1 < reflected.1 { expanded } else { reflected })
        } else if reflected.1 < second_worst {
            Some(reflected)
        } else {
            let outside = reflected.1 < worst;
            let side = if outside { self.factors.contraction } else { -self.factors.contraction };
            let contracted = self.at(&centre + side * &away);
            if contracted.1 < worst.min(reflected.1) { Some(contracted) } else { None }
        };
        match replacement {
            Some(corner) => self.corners[n] = corner,
            None => self.shrink(),
        }
    }

    fn shrink(&mut self) {
        let best = self.corners[0].0.clone();
        for i in 1..self.corners.len() {
            let x = &best + self.factors.shrinkage * (&self.corners[i].0 - &best);
            self.corners[i] = self.at(x);
        }
    }

    fn is_small(&self, options: &Options) -> bool {
        let (best, value) = &self.corners[0];
        let spread = self.corners[self.corners.len() - 1].1 - value;
        let size =
            self.corners[1..].iter().fold(0.0f64, |most, (x, _)| most.max(super::scaled_step(best, &(x - best))));
        // a minimum of exactly 0 has no relative spread: values below the tolerance count as zero
        let least = options.value_tolerance.max(4.0 * f64::EPSILON);
        let is_flat = spread <= least * value.abs().max(least);
        is_flat && size <= options.step_tolerance || size <= f64::EPSILON
    }

    fn state(&self, iterations: usize) -> Minimum {
        let (x, value) = self.corners[0].clone();
        Minimum { x, value, iterations, evaluations: self.evaluations, stopped_by: StopRule::StepSmall }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rosenbrocks_valley() {
        // Rosenbrock (1960): minimum 0 at (1, 1)
        let f = |x: &DVector<f64>| {
            let (a, b) = (1.0 - x[0], x[1] - x[0] * x[0]);
            a * a + 100.0 * b * b
        };
        let start = DVector::from_vec(vec![-1.2, 1.0]);
        let found = nelder_mead(f, &start, &DVector::from_element(2, 0.1), &Options::default()).unwrap();
        assert!((found.x[0] - 1.0).abs() < 1e-7 && (found.x[1] - 1.0).abs() < 1e-7, "{found:?}");
        assert!(found.evaluations < 500);
    }

    #[test]
    fn a_region_without_values_is_avoided() {
        let f = |x: &DVector<f64>| if x[0] < 0.5 { f64::NAN } else { (x[0] - 0.7).abs() };
        let start = DVector::from_element(1, 3.0);
        let found = nelder_mead(f, &start, &DVector::from_element(1, 1.0), &Options::default()).unwrap();
        assert!((found.x[0] - 0.7).abs() < 1e-8);
    }

    #[test]
    fn too_few_iterations_give_the_last_state() {
        let options = Options { iterations_max: 3, ..Options::default() };
        let start = DVector::from_element(1, 3.0);
        let error = nelder_mead(|x| x[0] * x[0], &start, &DVector::from_element(1, 1.0), &options).unwrap_err();
        assert!(error.last().unwrap().value < 9.0);
    }
}
