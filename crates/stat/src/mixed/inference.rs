//! How sure is an estimated contrast of fixed effects?
//!
//! ```text
//! Satterthwaite     se² = c'Φc             df = 2 (c'Φc)² / (g' C g)     C = 2 H⁻¹, H the observed Hessian of −2 l_R
//! Kenward–Roger     se² = c'Φ_A c          df = 2 (c'Φc)² / (g' W g)     W = 2 [tr(P A_k P A_l)]⁻¹
//! g_k = ∂(c'Φc)/∂θ_k         Φ_A = Φ + 2Φ {Σ W_kl (Q_kl − P_k Φ P_l)} Φ
//! ```
//! (Giesbrecht & Burns 1985, Biometrics 41:477–486; Fai & Cornelius 1996, J Stat Comput Simul 54:363–378; Kenward & Roger
//! 1997, Biometrics 53:983–997. For one contrast their approximation has scale 1 and the df above; second derivatives
//! of V are zero here.)

use super::model::{MixedError, MixedModel};
use super::objective::{self, Derivatives, Value};
use super::search::MixedFit;
use croft_num::linalg::{DMatrix, DVector, SymmetricEigen};

/// How degrees of freedom are found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum DfMethod {
    /// Satterthwaite's, from the observed information.
    Satterthwaite,
    /// Kenward and Roger's, with their adjusted standard error.
    KenwardRoger,
    /// These, for instance by containment.
    Given(f64),
}

/// An estimated contrast.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contrast {
    /// c'β̂
    pub estimate: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// Degrees of freedom; infinite when the variance is known without error.
    pub df: f64,
}

impl MixedFit {
    /// Estimates c'β with its standard error and degrees of freedom.
    ///
    /// # Errors
    /// When `c` has another length than the fixed effects.
    pub fn contrast(&self, c: &[f64], method: DfMethod) -> Result<Contrast, MixedError> {
        let expected = self.beta.len();
        if c.len() != expected {
            return Err(MixedError::ContrastLength { found: c.len(), expected });
        }
        let estimate = c.iter().zip(&self.beta).map(|(c, b)| c * b).sum();
        let c = DVector::from_column_slice(c);
        let phi_c = &self.phi * &c;
        let variance = c.dot(&phi_c);
        let gradient = DVector::from_iterator(
            self.derivatives.first.len(),
            self.derivatives.first.iter().map(|first| phi_c.dot(&(first * &phi_c))),
        );
        let (variance_used, df) = match method {
            DfMethod::Given(df) => (variance, df),
            DfMethod::Satterthwaite => {
                let working = self.jacobian.tr_mul(&gradient);
                let inverse = pseudo_inverse(&self.working_hessian);
                (variance, satterthwaite(variance, &working, &inverse))
            }
            DfMethod::KenwardRoger => {
                let adjusted = variance + c.dot(&(&self.adjustment * &c));
                (adjusted, satterthwaite(variance, &gradient, &self.expected_inverse))
            }
        };
        Ok(Contrast { estimate, standard_error: variance_used.sqrt() * self.scale, df })
    }
}

/// The inverse over the parameters that are kept, zero elsewhere.
pub(super) fn inverse_over(matrix: &DMatrix<f64>, keep: &[bool]) -> DMatrix<f64> {
    let kept: Vec<usize> = (0..keep.len()).filter(|&i| keep[i]).collect();
    let inner = pseudo_inverse(&DMatrix::from_fn(kept.len(), kept.len(), |i, j| matrix[(kept[i], kept[j])]));
    let mut inverse = DMatrix::zeros(keep.len(), keep.len());
    for (i, &a) in kept.iter().enumerate() {
        for (j, &b) in kept.iter().enumerate() {
            inverse[(a, b)] = inner[(i, j)];
        }
    }
    inverse
}

/// Φ_A − Φ = 2Φ {Σ W_kl (Q_kl − P_k Φ P_l)} Φ with W = 2 · `inverse`.
pub(super) fn kenward_roger(
    model: &MixedModel,
    at: &Value,
    derivatives: &Derivatives,
    inverse: &DMatrix<f64>,
) -> DMatrix<f64> {
    let mut core = objective::weighted_second(model, at, inverse);
    for (i, left) in derivatives.first.iter().enumerate() {
        for (j, right) in derivatives.first.iter().enumerate() {
            core -= left * &at.phi * right * inverse[(i, j)];
        }
    }
    &at.phi * core * &at.phi * 4.0
}

/// 2 v² / (g' 2M g); infinite when v does not depend on the parameters.
fn satterthwaite(variance: f64, gradient: &DVector<f64>, inverse: &DMatrix<f64>) -> f64 {
    let spread = 2.0 * gradient.dot(&(inverse * gradient));
    if spread > 0.0 { 2.0 * variance * variance / spread } else { f64::INFINITY }
}

/// Inverse over the space where the matrix, scaled to a unit diagonal, has eigenvalues that are not rounding.
fn pseudo_inverse(matrix: &DMatrix<f64>) -> DMatrix<f64> {
    let k = matrix.nrows();
    let size: Vec<f64> = (0..k).map(|i| matrix[(i, i)].abs().sqrt()).collect();
    let largest = size.iter().copied().fold(0.0, f64::max);
    let keep: Vec<usize> = (0..k).filter(|&i| size[i] > 1e-7 * largest).collect();
    let scaled =
        DMatrix::from_fn(keep.len(), keep.len(), |i, j| matrix[(keep[i], keep[j])] / (size[keep[i]] * size[keep[j]]));
    let mut inverse = DMatrix::zeros(k, k);
    let Some(eigen) = SymmetricEigen::try_new(scaled, 1e-15, 1000) else { return inverse };
    for v in 0..keep.len() {
        let lambda = eigen.eigenvalues[v];
        if lambda < 1e-9 {
            continue;
        }
        for (i, &a) in keep.iter().enumerate() {
            for (j, &b) in keep.iter().enumerate() {
                let product = eigen.eigenvectors[(i, v)] * eigen.eigenvectors[(j, v)];
                inverse[(a, b)] += product / (lambda * size[a] * size[b]);
            }
        }
    }
    inverse
}
