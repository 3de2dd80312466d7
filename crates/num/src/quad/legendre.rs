//! The nodes and weights of Gauss–Legendre rules.
//!
//! Node k of n is a zero of the Legendre polynomial Pₙ, found by Newton's method from Tricomi's approximation
//! cos(π(k − ¼)/(n + ½)); its weight is 2 / ((1−x²) Pₙ′(x)²). DLMF 3.5.15–19, 18.16.

use crate::math::cos;
use std::f64::consts::PI;

/// Nodes, ascending, and weights of the n-point rule on (−1, 1), exact for polynomials up to degree 2n − 1.
///
/// Absolute error under 1e-15; n² operations.
pub fn gauss_legendre(n: usize) -> Vec<(f64, f64)> {
    let mut rule = vec![(0.0, 0.0); n];
    for k in 0..n.div_ceil(2) {
        let mut x = cos(PI * (k as f64 + 0.75) / (n as f64 + 0.5));
        let mut slope = 1.0;
        for _ in 0..20 {
            let (value, derivative) = legendre(n, x);
            slope = derivative;
            let step = value / derivative;
            x -= step;
            if step.abs() < 1e-15 {
                slope = legendre(n, x).1;
                break;
            }
        }
        if 2 * k + 1 == n {
            x = 0.0;
            slope = legendre(n, x).1;
        }
        let weight = 2.0 / ((1.0 - x * x) * slope * slope);
        rule[k] = (-x, weight);
        rule[n - 1 - k] = (x, weight);
    }
    rule
}

/// Pₙ(x) and its derivative, |x| < 1, by the three-term recurrence DLMF 18.9.1.
fn legendre(n: usize, x: f64) -> (f64, f64) {
    let (mut before, mut value) = (1.0, x);
    for k in 2..=n {
        let k = k as f64;
        (before, value) = (value, ((2.0 * k - 1.0) * x * value - (k - 1.0) * before) / k);
    }
    (value, n as f64 * (x * value - before) / (x * x - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_nodes_as_printed() {
        // Abramowitz & Stegun, table 25.4
        let rule = gauss_legendre(5);
        assert!((rule[4].0 - 0.906_179_845_938_664).abs() < 1e-15 && (rule[4].1 - 0.236_926_885_056_189).abs() < 1e-15);
        assert!((rule[2].1 - 0.568_888_888_888_889).abs() < 1e-15);
    }

    #[test]
    fn a_rule_is_exact_for_its_degree() {
        for n in [1, 2, 7, 20, 64] {
            let rule = gauss_legendre(n);
            let degree = 2 * n - 2;
            let got: f64 = rule.iter().map(|(x, w)| w * crate::math::pow(x.abs(), degree as f64)).sum();
            assert!((got * (degree + 1) as f64 / 2.0 - 1.0).abs() < 1e-13, "{n}: {got}");
        }
        assert!(gauss_legendre(0).is_empty());
    }
}
