//! Parameters beyond the area, of a sparse design, with standard errors by the delta method.
//!
//! lambda is minus the slope of the mean of ln C (over animals) on t at the last `tail` times. With `A = AUC_inf`, `B = AUMC_inf`:
//! ```text
//! A = Σ w x̄ + x̄_J/λ      B = Σ t w x̄ + x̄_J t_J/λ + x̄_J/λ²
//! MRT = B/A      half-life = ln 2 · MRT      CL = dose/A      Vss = dose B/A²
//! ```
//! The standard error is `√(g' S g)`: g the gradient with respect to the means of C and of ln C, S their covariance as in [`crate::nca::sparse`].
//! The half-life is the non-compartmental one of the source, not ln 2/λ.
//!
//! Where packages differ: for batches the package PK 1.3-6 divides the covariance of each pair by the smallest number of animals at any time, not by
//! `n_i n_j/r_ij`; its standard errors are then larger. [`VarianceDivisor`] offers both; they agree when every time has the same animals, and for serial
//! designs with equal groups.
//!
//! Sources: Wolfsegger, Jaki (2009), J Pharmacokinet Pharmacodyn 36:479-494; Jaki, Wolfsegger (2012), Stat Med 31:1059-1073.

use super::{Column, Covariances, Limits, SparseDesign, SparseError};
use croft_num::math::ln;
use serde::{Deserialize, Serialize};

/// A parameter of a sparse design.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the formulas stand above")]
pub enum SparseParameter {
    AucLast,
    AucInf,
    AumcInf,
    Mrt,
    HalfLife,
    Clearance,
    Vss,
}

/// An estimate with its asymptotic interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SparseEstimate {
    /// Which.
    pub parameter: SparseParameter,
    /// Estimate.
    pub estimate: f64,
    /// Standard error.
    pub se: f64,
    /// Interval by the normal distribution.
    pub by_z: Limits,
}

/// What a pair's covariance is divided by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VarianceDivisor {
    /// `n_i n_j / r_ij`.
    Pair,
    /// The smallest number of animals at any time, as the package PK.
    SmallestTime,
}

/// How the tail is fitted and the error computed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TailOptions {
    /// Last times of the regression.
    pub tail: usize,
    /// Dose, for clearance and volume; left out without one.
    pub dose: Option<f64>,
    /// Confidence level.
    pub level: f64,
    /// Divisor of covariances.
    pub divisor: VarianceDivisor,
}

/// The parameters of a sparse design.
///
/// # Errors
/// The tail is too short, has a zero, or does not fall; the dose is not positive.
pub fn derived_parameters(design: &SparseDesign, options: &TailOptions) -> Result<Vec<SparseEstimate>, SparseError> {
    let times = design.times();
    let n = times.len();
    if options.tail < 2 || options.tail > n {
        return Err(SparseError::Tail { tail: options.tail, times: n });
    }
    if let Some(dose) = options.dose.filter(|d| !(d.is_finite() && *d > 0.0)) {
        return Err(SparseError::Dose { dose });
    }
    let plain: Vec<Column> = (0..n).map(|j| design.column(j)).collect();
    let logs: Vec<Column> = (n - options.tail..n).map(|j| logarithms(&plain[j], times[j])).collect::<Result<_, _>>()?;
    let fit = Moments::new(design, &plain, &logs)?;
    let columns: Vec<Column> = plain.into_iter().chain(logs).collect();
    let spread = spread(&columns, options.divisor);
    let z = super::z_quantile(options.level)?;
    let estimate = |(parameter, estimate, gradient): (SparseParameter, f64, Vec<f64>)| {
        let se = quadratic(&gradient, &spread).max(0.0).sqrt();
        SparseEstimate { parameter, estimate, se, by_z: Limits::around(estimate, z * se) }
    };
    let auc = super::sparse_auc(design, options.level)?;
    let last = SparseEstimate { parameter: SparseParameter::AucLast, estimate: auc.auc, se: auc.se, by_z: auc.by_z };
    Ok(std::iter::once(last).chain(fit.parameters(options.dose).into_iter().map(estimate)).collect())
}

fn logarithms(column: &Column, time: f64) -> Result<Column, SparseError> {
    if column.0.iter().flatten().any(|&c| c <= 0.0) {
        return Err(SparseError::ZeroInTail { time });
    }
    Ok(Column(column.0.iter().map(|c| c.map(ln)).collect()))
}

/// Covariance of the means.
fn spread(columns: &[Column], divisor: VarianceDivisor) -> Vec<Vec<f64>> {
    let covariances = Covariances::new(columns);
    let n: Vec<f64> = columns.iter().map(|c| c.n() as f64).collect();
    let smallest = n.iter().copied().fold(f64::INFINITY, f64::min);
    let mut spread = covariances.covariance;
    for (i, row) in spread.iter_mut().enumerate() {
        for (j, cell) in row.iter_mut().enumerate() {
            *cell *= match divisor {
                VarianceDivisor::Pair => covariances.common[i][j] as f64 / (n[i] * n[j]),
                VarianceDivisor::SmallestTime => 1.0 / smallest,
            };
        }
    }
    spread
}

fn quadratic(g: &[f64], matrix: &[Vec<f64>]) -> f64 {
    let row = |i: usize| matrix[i].iter().zip(g).map(|(m, x)| m * x).sum::<f64>();
    (0..g.len()).map(|i| g[i] * row(i)).sum()
}

/// Area and first moment to infinity with their gradients: first by the means of C, then by those of ln C in the tail.
struct Moments {
    a: f64,
    grad_a: Vec<f64>,
    b: f64,
    grad_b: Vec<f64>,
}

impl Moments {
    fn new(design: &SparseDesign, plain: &[Column], logs: &[Column]) -> Result<Self, SparseError> {
        let (t, w) = (design.times(), design.weights());
        let n = t.len();
        let tail = &t[n - logs.len()..];
        let t_mean = tail.iter().sum::<f64>() / tail.len() as f64;
        let tt: f64 = tail.iter().map(|t| (t - t_mean) * (t - t_mean)).sum();
        // lambda = −Σ u ȳ
        let u: Vec<f64> = tail.iter().map(|t| (t - t_mean) / tt).collect();
        let lambda = -u.iter().zip(logs).map(|(u, y)| u * y.mean()).sum::<f64>();
        if lambda <= 0.0 || !lambda.is_finite() {
            return Err(SparseError::TailNotFalling);
        }
        let x: Vec<f64> = plain.iter().map(Column::mean).collect();
        let (x_last, t_last) = (x[n - 1], t[n - 1]);
        let l2 = lambda * lambda;

        let a = dot(&w, &x) + x_last / lambda;
        let mut grad_a = w.clone();
        grad_a[n - 1] += 1.0 / lambda;
        grad_a.extend(u.iter().map(|u| u * x_last / l2));

        let tw: Vec<f64> = t.iter().zip(&w).map(|(t, w)| t * w).collect();
        let b = dot(&tw, &x) + x_last * t_last / lambda + x_last / l2;
        let mut grad_b = tw;
        grad_b[n - 1] += t_last / lambda + 1.0 / l2;
        grad_b.extend(u.iter().map(|u| u * x_last * (t_last + 2.0 / lambda) / l2));
        Ok(Self { a, grad_a, b, grad_b })
    }

    fn parameters(&self, dose: Option<f64>) -> Vec<(SparseParameter, f64, Vec<f64>)> {
        let Self { a, b, .. } = *self;
        let by = |da: f64, db: f64| self.grad_a.iter().zip(&self.grad_b).map(|(ga, gb)| da * ga + db * gb).collect();
        let ln2 = std::f64::consts::LN_2;
        let mut all = vec![
            (SparseParameter::AucInf, a, by(1.0, 0.0)),
            (SparseParameter::AumcInf, b, by(0.0, 1.0)),
            (SparseParameter::Mrt, b / a, by(-b / (a * a), 1.0 / a)),
            (SparseParameter::HalfLife, ln2 * b / a, by(-ln2 * b / (a * a), ln2 / a)),
        ];
        if let Some(dose) = dose {
            all.push((SparseParameter::Clearance, dose / a, by(-dose / (a * a), 0.0)));
            let vss = dose * b / (a * a);
            all.push((SparseParameter::Vss, vss, by(-2.0 * vss / a, dose / (a * a))));
        }
        all
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}
