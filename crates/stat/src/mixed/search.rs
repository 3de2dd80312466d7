//! The search for the optimum, and what kind of optimum it is.
//!
//! Working parameters are the lower-triangular elements of L with G = LL' (SAS's FA0) and the residual standard deviations,
//! so that every point is admissible. Each step is Newton's with the exact Hessian inside a trust region, negative
//! curvature turned round (Dauphin et al. 2014, NeurIPS 27:2933–2941, "saddle-free Newton"; Conn, Gould & Toint 2000,
//! Trust-Region Methods, chapter 7). A zero on L's diagonal or a zero deviation is always stationary in the working parameters:
//! if the curvature there is negative the search steps off it, and what remains satisfies the Kuhn–Tucker
//! conditions in the natural parameters, which are checked at the end:
//! ```text
//! D = ∂f/∂G ⪰ 0,  tr(DG) = 0       ∂f/∂σ² ≥ 0,  σ² ∂f/∂σ² = 0
//! ```

use super::inference;
use super::model::{Covariance, MixedError, MixedModel, Structure};
use super::objective::{self, Derivatives, Value};
use croft_num::linalg::{Cholesky, DMatrix, DVector, Dyn, SymmetricEigen};

/// Steps from one start before it is given up.
const MAX_STEPS: usize = 200;
/// A point is stationary when the step that is left would lower f by less than this.
const DECREMENT: f64 = 1e-13;
/// A variance smaller than this share of the total is zero, a correlation nearer to 1 than this is 1.
const BOUNDARY: f64 = 1e-7;
/// Eigenvalues smaller than this share of the largest belong to combinations that the data do not identify.
const UNIDENTIFIED: f64 = 1e-9;

/// Where the optimum is not an inner, well-defined point. Random effects and groups are numbered from 0.
#[derive(Clone, Debug, PartialEq)]
pub enum Boundary {
    /// The variance of a random effect is zero.
    RandomVariance {
        /// The effect.
        effect: usize,
    },
    /// Two random effects are perfectly correlated.
    Correlation {
        /// The earlier effect.
        first: usize,
        /// The later effect.
        second: usize,
        /// 1 or −1.
        sign: i8,
    },
    /// G is singular in another way.
    Singular,
    /// The residual variance of a group is zero.
    ResidualVariance {
        /// The group.
        group: usize,
    },
    /// The data identify only combinations of these parameters: their values can be traded against each other
    /// without changing the likelihood, the estimates of fixed effects or their intervals.
    NotIdentified {
        /// Random effects whose variances are concerned.
        effects: Vec<usize>,
        /// Groups whose residual variances are concerned.
        groups: Vec<usize>,
    },
}

/// A fitted model.
#[derive(Clone, Debug)]
pub struct MixedFit {
    /// −2 REML log-likelihood, constants included.
    pub minus_two_log_likelihood: f64,
    /// Estimates of the fixed effects.
    pub beta: Vec<f64>,
    /// Covariance matrix of the random effects.
    pub g: Vec<Vec<f64>>,
    /// Residual variances by group.
    pub residual_variances: Vec<f64>,
    /// What is special about the optimum; empty for an inner point.
    pub boundaries: Vec<Boundary>,
    /// Steps over all starts.
    pub iterations: usize,
    /// Starts tried.
    pub starts: usize,
    /// Starts that ended at this optimum (within 1e-6 of its −2 log-likelihood).
    pub starts_at_optimum: usize,
    /// Largest violation of the Kuhn–Tucker conditions, on the scale of f and of variances relative to the total.
    pub kkt_violation: f64,
    pub(super) scale: f64,
    pub(super) phi: DMatrix<f64>,
    pub(super) derivatives: Derivatives,
    /// ∂θ/∂φ, natural by working parameters.
    pub(super) jacobian: DMatrix<f64>,
    /// Observed Hessian of f in the working parameters.
    pub(super) working_hessian: DMatrix<f64>,
    /// [tr(P A_k P A_l)]⁻¹ over the parameters inside the boundary, zero elsewhere.
    pub(super) expected_inverse: DMatrix<f64>,
    /// Kenward and Roger's addition to Φ.
    pub(super) adjustment: DMatrix<f64>,
}

impl MixedModel {
    /// Fits the model by REML. Deterministic: the starts are fixed.
    ///
    /// # Errors
    /// [`MixedError::NotConverged`] when no start leads to a point that satisfies the conditions of an optimum,
    /// [`MixedError::Unbounded`] when a residual variance vanishes with the likelihood growing.
    ///
    /// Tested in `croft-pk` on the 30 replicate data sets of Schütz et al. (2020, AAPS J 22:44).
    pub fn fit(&self) -> Result<MixedFit, MixedError> {
        let structure = self.structure;
        let mut best: Option<Point> = None;
        let mut ends = Vec::new();
        let mut iterations = 0;
        let starts = starts(structure);
        for start in &starts {
            let Some(end) = descend(self, start) else { continue };
            iterations += end.steps;
            ends.push(end.value.objective);
            let better = match &best {
                None => true,
                Some(b) if b.converged != end.converged => {
                    end.converged && end.value.objective < b.value.objective + 1e-6
                }
                Some(b) => end.value.objective < b.value.objective,
            };
            if better {
                best = Some(end);
            }
        }
        let best = best.ok_or(MixedError::NotConverged { iterations, objective: f64::MAX, gradient: f64::MAX })?;
        let kkt_violation = kkt_violation(structure, &best.natural, &best.derivatives.gradient);
        if !best.converged || kkt_violation > 1e-4 * self.responses as f64 {
            return Err(self.failure(&best, iterations));
        }
        let starts_at_optimum = ends.iter().filter(|&&f| f - best.value.objective < 1e-6).count();
        let boundaries = boundaries(structure, &best.natural, &best.derivatives.expected);
        let free = free(structure, &best.natural);
        let expected_inverse = inference::inverse_over(&best.derivatives.expected, &free);
        let adjustment = inference::kenward_roger(self, &best.value, &best.derivatives, &expected_inverse);
        let variance = self.scale * self.scale;
        let g = structure.g(&best.natural);
        Ok(MixedFit {
            minus_two_log_likelihood: best.value.objective,
            beta: best.value.beta.iter().map(|b| b * self.scale).collect(),
            g: (0..structure.random).map(|a| (0..structure.random).map(|b| g[(a, b)] * variance).collect()).collect(),
            residual_variances: best.natural[structure.first_residual()..].iter().map(|s| s * variance).collect(),
            boundaries,
            iterations,
            starts: starts.len(),
            starts_at_optimum,
            kkt_violation,
            scale: self.scale,
            phi: best.value.phi,
            derivatives: best.derivatives,
            jacobian: best.jacobian,
            working_hessian: best.hessian,
            expected_inverse,
            adjustment,
        })
    }

    fn failure(&self, best: &Point, iterations: usize) -> MixedError {
        let residuals = &best.natural[self.structure.first_residual()..];
        match residuals.iter().position(|&s| s < 1e-6) {
            Some(group) => MixedError::Unbounded { group },
            None => {
                MixedError::NotConverged { iterations, objective: best.value.objective, gradient: best.gradient.amax() }
            }
        }
    }
}

/// A point of the search with everything that is known there.
struct Point {
    working: DVector<f64>,
    natural: Vec<f64>,
    value: Value,
    derivatives: Derivatives,
    jacobian: DMatrix<f64>,
    gradient: DVector<f64>,
    hessian: DMatrix<f64>,
    steps: usize,
    converged: bool,
}

impl Point {
    fn at(model: &MixedModel, working: DVector<f64>, value: Value) -> Self {
        let structure = model.structure;
        let natural = natural(structure, &working);
        let derivatives = objective::derivatives(model, &value);
        let jacobian = jacobian(structure, &working);
        let gradient = jacobian.tr_mul(&derivatives.gradient);
        let bend = curvature(structure, &derivatives.gradient);
        let hessian = jacobian.tr_mul(&derivatives.observed) * &jacobian + bend;
        Self { working, natural, value, derivatives, jacobian, gradient, hessian, steps: 0, converged: false }
    }
}

/// Goes down from a start to a second-order stationary point. `None` when the likelihood is not defined at the start.
fn descend(model: &MixedModel, start: &DVector<f64>) -> Option<Point> {
    let structure = model.structure;
    let value = objective::value(model, &natural(structure, start))?;
    let mut point = Point::at(model, start.clone(), value);
    let mut radius = 0.5;
    for steps in 0..MAX_STEPS {
        point.steps = steps;
        let Some(eigen) = SymmetricEigen::try_new(point.hessian.clone(), 1e-15, 1000) else { break };
        let (step, decrement) = newton_step(&eigen, &point.gradient);
        let flat = decrement < DECREMENT;
        let candidates = match escape(&eigen, radius) {
            Some(off) if flat => vec![&point.working + &off, &point.working - off],
            _ if flat => {
                point.converged = true;
                break;
            }
            _ => vec![&point.working + &step * (radius / step.norm()).min(1.0)],
        };
        let tried = candidates.into_iter().filter_map(|working| {
            let value = objective::value(model, &natural(structure, &working))?;
            Some((working, value))
        });
        let Some((working, value)) = tried.min_by(|a, b| a.1.objective.total_cmp(&b.1.objective)) else {
            radius *= 0.25;
            continue;
        };
        let gain = point.value.objective - value.objective;
        let moved = &working - &point.working;
        let predicted = -(point.gradient.dot(&moved) + 0.5 * moved.dot(&(&point.hessian * &moved)));
        // Below this the differences of f are rounding: the gradient decides.
        let noise = 1e-12 * point.value.objective.abs().max(1.0);
        if predicted.abs() < 100.0 * noise && gain > -100.0 * noise {
            let next = Point::at(model, working, value);
            if next.gradient.norm() >= point.gradient.norm() {
                point.converged = true;
                break;
            }
            point = next;
            continue;
        }
        let ratio = gain / predicted;
        if gain > 0.0 && (ratio > 0.1 || predicted <= 0.0) {
            if ratio > 0.75 && moved.norm() > 0.8 * radius {
                radius = (2.0 * radius).min(4.0);
            }
            point = Point::at(model, working, value);
        } else {
            radius = 0.25 * moved.norm().min(radius);
            if radius < 1e-10 {
                break;
            }
        }
    }
    Some(point)
}

/// Newton's step with the curvature's absolute value, and the fall of f that it promises (twice).
fn newton_step(eigen: &SymmetricEigen<f64, Dyn>, gradient: &DVector<f64>) -> (DVector<f64>, f64) {
    let floor = 1e-8 * eigen.eigenvalues.amax().max(1e-8);
    let along = eigen.eigenvectors.tr_mul(gradient);
    let mut step = along.clone();
    let mut decrement = 0.0;
    for (s, &lambda) in step.iter_mut().zip(&eigen.eigenvalues) {
        let curvature = lambda.abs().max(floor);
        decrement += *s * *s / curvature;
        *s /= -curvature;
    }
    (&eigen.eigenvectors * step, decrement)
}

/// The direction of the most negative curvature, when there is any to speak of.
fn escape(eigen: &SymmetricEigen<f64, Dyn>, radius: f64) -> Option<DVector<f64>> {
    let lowest = eigen.eigenvalues.imin();
    let negative = eigen.eigenvalues[lowest] < -1e-7 * eigen.eigenvalues.amax().max(1.0);
    negative.then(|| eigen.eigenvectors.column(lowest) * (0.25 * radius))
}

/// Starting points on the scale where the total variance is 1: the share of the subjects, their correlation, and
/// unequal residual variances.
fn starts(structure: Structure) -> Vec<DVector<f64>> {
    let several = structure.random > 1 || structure.groups > 1;
    let simple: &[(f64, f64)] = &[(0.7, 0.9), (0.1, 0.0)];
    let more: &[(f64, f64)] = &[(0.7, 0.9), (0.5, 0.0), (0.9, 0.99), (0.1, 0.5)];
    let mut starts: Vec<_> =
        (if several { more } else { simple }).iter().map(|&(share, r)| start(structure, share, r, None)).collect();
    if structure.groups > 1 {
        starts.extend((0..structure.groups).map(|group| start(structure, 0.5, 0.7, Some(group))));
    }
    starts
}

/// One start; the residual variance of group `small` is a tenth of the others'.
fn start(structure: Structure, share: f64, correlation: f64, small: Option<usize>) -> DVector<f64> {
    let q = structure.random;
    let g = DMatrix::from_fn(q, q, |a, b| if a == b { share } else { share * correlation });
    let l = Cholesky::new(g).map(|c| c.l()).unwrap_or_else(|| DMatrix::identity(q, q));
    let random = structure.elements().into_iter().map(|(a, b)| match structure.covariance {
        Covariance::Diagonal => share.sqrt(),
        Covariance::Unstructured => l[(a, b)],
    });
    let residual = (0..structure.groups).map(|g| (1.0 - share) * if Some(g) == small { 0.1 } else { 1.0 });
    DVector::from_iterator(structure.len(), random.chain(residual.map(f64::sqrt)))
}

/// L from working parameters.
fn factor(structure: Structure, working: &DVector<f64>) -> DMatrix<f64> {
    let mut l = DMatrix::zeros(structure.random, structure.random);
    for (&(a, b), &value) in structure.elements().iter().zip(working.iter()) {
        l[(a, b)] = value;
    }
    l
}

fn natural(structure: Structure, working: &DVector<f64>) -> Vec<f64> {
    let l = factor(structure, working);
    let g = &l * l.transpose();
    let elements = structure.elements().into_iter().map(|(a, b)| g[(a, b)]);
    elements.chain(working.iter().skip(structure.first_residual()).map(|s| s * s)).collect()
}

/// ∂θ/∂φ: ∂G_cd/∂L_ab = δ_ca L_db + δ_da L_cb, ∂σ²/∂s = 2s.
fn jacobian(structure: Structure, working: &DVector<f64>) -> DMatrix<f64> {
    let l = factor(structure, working);
    let elements = structure.elements();
    let mut jacobian = DMatrix::zeros(structure.len(), structure.len());
    for (i, &(c, d)) in elements.iter().enumerate() {
        for (j, &(a, b)) in elements.iter().enumerate() {
            let first = if c == a { l[(d, b)] } else { 0.0 };
            let second = if d == a { l[(c, b)] } else { 0.0 };
            jacobian[(i, j)] = first + second;
        }
    }
    for i in structure.first_residual()..structure.len() {
        jacobian[(i, i)] = 2.0 * working[i];
    }
    jacobian
}

/// Σ_k ∂f/∂θ_k ∂²θ_k/∂φ∂φ': ∂²G_cd/∂L_ab∂L_ef = δ_bf (δ_ca δ_de + δ_ce δ_da), ∂²σ²/∂s² = 2.
fn curvature(structure: Structure, gradient: &DVector<f64>) -> DMatrix<f64> {
    let elements = structure.elements();
    let mut curvature = DMatrix::zeros(structure.len(), structure.len());
    for (k, &(c, d)) in elements.iter().enumerate() {
        for (i, &(a, b)) in elements.iter().enumerate() {
            for (j, &(e, f)) in elements.iter().enumerate() {
                let times = u8::from(c == a && d == e) + u8::from(c == e && d == a);
                if b == f {
                    curvature[(i, j)] += gradient[k] * f64::from(times);
                }
            }
        }
    }
    for i in structure.first_residual()..structure.len() {
        curvature[(i, i)] = 2.0 * gradient[i];
    }
    curvature
}

/// By how much the Kuhn–Tucker conditions are missed.
fn kkt_violation(structure: Structure, natural: &[f64], gradient: &DVector<f64>) -> f64 {
    let q = structure.random;
    let mut d = DMatrix::zeros(q, q);
    for (k, (a, b)) in structure.elements().into_iter().enumerate() {
        let half = if a == b { gradient[k] } else { 0.5 * gradient[k] };
        d[(a, b)] = half;
        d[(b, a)] = half;
    }
    let complementary = d.dot(&structure.g(natural)).abs();
    let lowest = if q == 0 { 0.0 } else { d.symmetric_eigenvalues().min() };
    let residual = (structure.first_residual()..structure.len())
        .map(|i| (-gradient[i]).max((gradient[i] * natural[i]).abs()))
        .fold(0.0, f64::max);
    complementary.max(-lowest).max(residual)
}

/// Which natural parameters are not pinned by the boundary. A singular G pins none of its elements by itself: its working parameters decide.
fn free(structure: Structure, natural: &[f64]) -> Vec<bool> {
    let variances = (0..structure.random).map(|a| structure.g(natural)[(a, a)] >= BOUNDARY).collect::<Vec<_>>();
    let elements = structure.elements().into_iter().map(|(a, b)| variances[a] && variances[b]);
    elements.chain(natural[structure.first_residual()..].iter().map(|&s| s >= BOUNDARY)).collect()
}

fn boundaries(structure: Structure, natural: &[f64], expected: &DMatrix<f64>) -> Vec<Boundary> {
    let g = structure.g(natural);
    let q = structure.random;
    let mut found: Vec<_> =
        (0..q).filter(|&a| g[(a, a)] < BOUNDARY).map(|effect| Boundary::RandomVariance { effect }).collect();
    let positive: Vec<usize> = (0..q).filter(|&a| g[(a, a)] >= BOUNDARY).collect();
    let mut correlated = false;
    for (i, &second) in positive.iter().enumerate() {
        for &first in &positive[..i] {
            let correlation = g[(first, second)] / (g[(first, first)] * g[(second, second)]).sqrt();
            if correlation.abs() > 1.0 - BOUNDARY {
                found.push(Boundary::Correlation { first, second, sign: if correlation > 0.0 { 1 } else { -1 } });
                correlated = true;
            }
        }
    }
    if positive.len() > 2 && !correlated {
        let inner = DMatrix::from_fn(positive.len(), positive.len(), |i, j| g[(positive[i], positive[j])]);
        if inner.symmetric_eigenvalues().min() < BOUNDARY * inner.trace() {
            found.push(Boundary::Singular);
        }
    }
    let residuals = natural[structure.first_residual()..].iter().enumerate();
    found.extend(residuals.filter(|&(_, &s)| s < BOUNDARY).map(|(group, _)| Boundary::ResidualVariance { group }));
    found.extend(not_identified(structure, expected));
    found
}

/// Parameters in the null space of the expected information, scaled to a unit diagonal.
fn not_identified(structure: Structure, expected: &DMatrix<f64>) -> Option<Boundary> {
    let k = structure.len();
    let size: Vec<f64> = (0..k).map(|i| expected[(i, i)].max(f64::MIN_POSITIVE).sqrt()).collect();
    let scaled = DMatrix::from_fn(k, k, |i, j| expected[(i, j)] / (size[i] * size[j]));
    let eigen = SymmetricEigen::try_new(scaled, 1e-15, 1000)?;
    let null: Vec<usize> = (0..k).filter(|&i| eigen.eigenvalues[i] < UNIDENTIFIED * k as f64).collect();
    let concerned = |i: usize| null.iter().any(|&v| eigen.eigenvectors[(i, v)].abs() > 1e-4);
    let elements = structure.elements();
    let mut effects: Vec<usize> =
        elements.iter().enumerate().filter(|&(i, _)| concerned(i)).flat_map(|(_, &(a, b))| [a, b]).collect();
    effects.sort_unstable();
    effects.dedup();
    let first = structure.first_residual();
    let groups: Vec<usize> = (0..structure.groups).filter(|g| concerned(first + g)).collect();
    (!null.is_empty()).then_some(Boundary::NotIdentified { effects, groups })
}
