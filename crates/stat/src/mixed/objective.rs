//! The restricted likelihood and its exact derivatives in the natural parameters.
//!
//! With A_k = ∂V/∂θ_k constant, and u = V⁻¹(y − Xβ̂) = Py:
//! ```text
//! f        = −2 l_R
//! ∂f/∂k    = tr(P A_k) − u'A_k u
//! ∂²f/∂k∂l = −tr(P A_k P A_l) + 2 u'A_k P A_l u            observed (twice the information)
//! tr(P A_k P A_l)                                          expected (twice the information)
//! ```
//! (Searle, Casella & McCulloch 1992, Variance Components, section 6.6; Jennrich & Schluchter 1986, Biometrics 42:805–820.)
//! All are sums over patterns of small matrices; the terms with Φ = (X'V⁻¹X)⁻¹ come from P's second part.

use super::model::{MixedModel, Pattern};
use croft_num::linalg::{Cholesky, DMatrix, DVector};
use croft_num::math::ln;

const LN_2PI: f64 = 1.837_877_066_409_345_3;

/// The value at one point.
pub(super) struct Value {
    pub objective: f64,
    pub beta: DVector<f64>,
    /// Φ = (X'V⁻¹X)⁻¹
    pub phi: DMatrix<f64>,
    inverses: Vec<DMatrix<f64>>,
}

/// Derivatives at one point.
#[derive(Clone, Debug)]
pub(super) struct Derivatives {
    pub gradient: DVector<f64>,
    /// ∂²f/∂θ∂θ'
    pub observed: DMatrix<f64>,
    /// tr(P A_k P A_l)
    pub expected: DMatrix<f64>,
    /// X'V⁻¹A_kV⁻¹X: ∂Φ/∂θ_k = Φ · this · Φ.
    pub first: Vec<DMatrix<f64>>,
}

/// f at natural parameters; `None` where V or X'V⁻¹X is not positive definite.
pub(super) fn value(model: &MixedModel, natural: &[f64]) -> Option<Value> {
    let p = model.fixed;
    let mut log_det = 0.0;
    let mut information = DMatrix::zeros(p, p);
    let mut right = DVector::zeros(p);
    let mut inverses = Vec::with_capacity(model.patterns.len());
    for pattern in &model.patterns {
        let (inverse, pattern_log_det) = invert(pattern, natural)?;
        log_det += pattern.subjects * pattern_log_det;
        let weighted = &inverse * &pattern.x;
        information += weighted.tr_mul(&pattern.x) * pattern.subjects;
        right += weighted.tr_mul(&pattern.mean) * pattern.subjects;
        inverses.push(inverse);
    }
    let cholesky = Cholesky::new(information)?;
    let beta = cholesky.solve(&right);
    let mut quadratic = 0.0;
    for (pattern, inverse) in model.patterns.iter().zip(&inverses) {
        quadratic += inverse.dot(&moment(pattern, &beta));
    }
    let information_log_det = 2.0 * cholesky.l_dirty().diagonal().iter().map(|&d| ln(d)).sum::<f64>();
    let df = (model.responses - p) as f64;
    // The responses were divided by `scale`: undo it in the value.
    let objective = log_det + information_log_det + quadratic + df * LN_2PI + 2.0 * df * ln(model.scale);
    objective.is_finite().then(|| Value { objective, beta, phi: cholesky.inverse(), inverses })
}

/// Derivatives at a point where [`value`] was found.
pub(super) fn derivatives(model: &MixedModel, at: &Value) -> Derivatives {
    let k = model.structure.len();
    let p = model.fixed;
    let mut gradient = DVector::zeros(k);
    let mut first = vec![DMatrix::zeros(p, p); k];
    let mut traces: DMatrix<f64> = DMatrix::zeros(k, k);
    let mut quadratics: DMatrix<f64> = DMatrix::zeros(k, k);
    let mut cross: Vec<DVector<f64>> = vec![DVector::zeros(p); k];
    for (pattern, inverse) in model.patterns.iter().zip(&at.inverses) {
        let n = pattern.subjects;
        let weighted = inverse * &pattern.x;
        let off = &pattern.mean - &pattern.x * &at.beta;
        // Σ u u' over the pattern, and Σ u.
        let uu = inverse * moment(pattern, &at.beta) * inverse;
        let u = inverse * off * n;
        let va: Vec<DMatrix<f64>> = pattern.derivatives.iter().map(|a| inverse * a).collect();
        let av: Vec<DMatrix<f64>> = va.iter().map(DMatrix::transpose).collect();
        let aw: Vec<DMatrix<f64>> = pattern.derivatives.iter().map(|a| a * &weighted).collect();
        let vaw: Vec<DMatrix<f64>> = aw.iter().map(|aw| inverse * aw).collect();
        for (i, a) in pattern.derivatives.iter().enumerate() {
            gradient[i] += n * va[i].trace() - a.dot(&uu);
            first[i] += weighted.tr_mul(&aw[i]) * n;
            cross[i] += aw[i].tr_mul(&u);
            let auu = a * &uu;
            let aw_phi = &aw[i] * &at.phi;
            for j in 0..=i {
                // tr(V⁻¹A_iV⁻¹A_j) − 2 tr(Φ X'V⁻¹A_iV⁻¹A_jV⁻¹X)
                traces[(i, j)] += n * (va[i].dot(&av[j]) - 2.0 * aw_phi.dot(&vaw[j]));
                // u'A_iV⁻¹A_ju = tr(A_iV⁻¹A_j Σuu')
                quadratics[(i, j)] += auu.dot(&va[j]);
            }
        }
    }
    let phi_first: Vec<DMatrix<f64>> = first.iter().map(|f| &at.phi * f).collect();
    let mut observed = DMatrix::zeros(k, k);
    let mut expected = DMatrix::zeros(k, k);
    for i in 0..k {
        gradient[i] -= phi_first[i].trace();
        for j in 0..=i {
            let trace = traces[(i, j)] + phi_first[i].dot(&phi_first[j].transpose());
            let quadratic: f64 = quadratics[(i, j)] - cross[i].dot(&(&at.phi * &cross[j]));
            expected[(i, j)] = trace;
            expected[(j, i)] = trace;
            observed[(i, j)] = 2.0 * quadratic - trace;
            observed[(j, i)] = observed[(i, j)];
        }
    }
    Derivatives { gradient, observed, expected, first }
}

/// Σ weight_kl X'V⁻¹A_kV⁻¹A_lV⁻¹X, for Kenward and Roger's adjustment; `weights` is symmetric.
pub(super) fn weighted_second(model: &MixedModel, at: &Value, weights: &DMatrix<f64>) -> DMatrix<f64> {
    let mut sum = DMatrix::zeros(model.fixed, model.fixed);
    for (pattern, inverse) in model.patterns.iter().zip(&at.inverses) {
        let weighted = inverse * &pattern.x;
        let aw: Vec<DMatrix<f64>> = pattern.derivatives.iter().map(|a| a * &weighted).collect();
        for (k, left) in aw.iter().enumerate() {
            for (l, right) in aw.iter().enumerate() {
                sum += left.tr_mul(&(inverse * right)) * (pattern.subjects * weights[(k, l)]);
            }
        }
    }
    sum
}

/// V⁻¹ and ln|V| of a pattern.
fn invert(pattern: &Pattern, natural: &[f64]) -> Option<(DMatrix<f64>, f64)> {
    let n = pattern.mean.len();
    let mut v = DMatrix::zeros(n, n);
    for (a, &theta) in pattern.derivatives.iter().zip(natural) {
        v.zip_apply(a, |v, a| *v += theta * a);
    }
    let largest = v.diagonal().max();
    let cholesky = Cholesky::new(v)?;
    let diagonal = cholesky.l_dirty().diagonal();
    // A pivot this small is rounding: V is singular, the likelihood meaningless.
    if diagonal.iter().any(|&d| d * d <= 1e-13 * largest) {
        return None;
    }
    let log_det = 2.0 * diagonal.iter().map(|&d| ln(d)).sum::<f64>();
    Some((cholesky.inverse(), log_det))
}

/// Σ (y − Xβ)(y − Xβ)' over a pattern's subjects.
fn moment(pattern: &Pattern, beta: &DVector<f64>) -> DMatrix<f64> {
    let off = &pattern.mean - &pattern.x * beta;
    let mut moment = pattern.scatter.clone();
    moment.ger(pattern.subjects, &off, &off, 1.0);
    moment
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mixed::{Block, Covariance};

    /// Unbalanced subjects with two random effects and two residual groups.
    fn model() -> MixedModel {
        let subject = |s: usize| {
            let n = 2 + s % 3;
            let kind = |i: usize| (s + i) % 2;
            Block {
                response: (0..n).map(|i| ((7 * s + 3 * i + s * i) % 11) as f64 / 5.0).collect(),
                fixed: (0..n).map(|i| vec![1.0, i as f64, kind(i) as f64]).collect(),
                random: (0..n).map(|i| vec![1.0 - kind(i) as f64, kind(i) as f64]).collect(),
                residual_group: (0..n).map(kind).collect(),
            }
        };
        MixedModel::new(&(0..12).map(subject).collect::<Vec<_>>(), Covariance::Unstructured).unwrap()
    }

    #[test]
    fn derivatives_agree_with_differences() {
        let model = model();
        let at = [0.5, 0.2, 0.7, 0.4, 0.3];
        let exact = derivatives(&model, &value(&model, &at).unwrap());
        let step = 1e-5;
        for k in 0..at.len() {
            let moved = |by: f64| {
                let mut point = at;
                point[k] += by;
                value(&model, &point).unwrap()
            };
            let (up, down) = (moved(step), moved(-step));
            let slope = (up.objective - down.objective) / (2.0 * step);
            // Central differences: error of the order of step² and of rounding over step.
            assert!((slope - exact.gradient[k]).abs() < 1e-7 * (1.0 + slope.abs()), "{slope} {}", exact.gradient[k]);
            let bend = (derivatives(&model, &up).gradient - derivatives(&model, &down).gradient) / (2.0 * step);
            for l in 0..at.len() {
                let got = exact.observed[(k, l)];
                assert!((bend[l] - got).abs() < 1e-6 * (1.0 + got.abs()), "{} {got}", bend[l]);
            }
            let phi = (up.phi - down.phi) / (2.0 * step);
            let here = value(&model, &at).unwrap().phi;
            let got = &here * &exact.first[k] * &here;
            assert!((phi - got).amax() < 1e-7);
        }
    }
}
