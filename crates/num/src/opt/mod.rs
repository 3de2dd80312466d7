//! Where is a function of several variables smallest.
//!
//! | what is known | method |
//! |---|---|
//! | values only, possibly rough | [`nelder_mead`] |
//! | values and gradient | [`bfgs`] |
//! | residuals and their Jacobian (a sum of squares) | [`levenberg_marquardt`] |
//! | values, gradient and Hessian, perhaps with bounds | [`newton`] |
//!
//! Each has a bound on iterations, a stop rule, and an outcome: a [`Minimum`] that says by which rule it stopped, or an
//! [`OptError`] that carries the last state, so that the caller can show how far it came. A value that is infinite or not a
//! number counts as outside the domain: the step is shortened; only at the start is it an error.
//! [`gradient`], [`hessian`] and [`jacobian`] differentiate numerically where no formula is at hand.

mod bfgs;
mod derivative;
mod levenberg_marquardt;
mod nelder_mead;
mod newton;

pub use bfgs::bfgs;
pub use derivative::{gradient, hessian, jacobian};
pub use levenberg_marquardt::{LeastSquaresMinimum, levenberg_marquardt};
pub use nelder_mead::nelder_mead;
pub use newton::{Bounds, Quadratic, newton};

use nalgebra::DVector;

/// When to stop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Iterations allowed.
    pub iterations_max: usize,
    /// Largest |gᵢ| · max(|xᵢ|, 1) / max(|f|, 1) that counts as flat; for Nelder–Mead unused.
    pub gradient_tolerance: f64,
    /// Relative decrease of the value that counts as none: foreseen by the model (BFGS, Newton, Levenberg–Marquardt) or spread
    /// over the simplex (Nelder–Mead).
    pub value_tolerance: f64,
    /// Relative step or size of the simplex that counts as none.
    pub step_tolerance: f64,
}

impl Default for Options {
    /// 1,000 iterations; gradient 1e-9, value 1e-15, step 1e-10.
    fn default() -> Self {
        Self { iterations_max: 1000, gradient_tolerance: 1e-9, value_tolerance: 1e-15, step_tolerance: 1e-10 }
    }
}

/// By which rule an iteration ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopRule {
    /// The scaled gradient, over the free variables, is within the tolerance.
    GradientFlat,
    /// No decrease worth the name is foreseen or left.
    ValueFlat,
    /// Step or simplex is within the tolerance.
    StepSmall,
}

/// The state of an iteration, in the end the minimum.
#[derive(Clone, Debug, PartialEq)]
pub struct Minimum {
    /// Where.
    pub x: DVector<f64>,
    /// The value there.
    pub value: f64,
    /// Iterations spent.
    pub iterations: usize,
    /// Evaluations of the function spent.
    pub evaluations: usize,
    /// By which rule it ended; of no meaning in the last state of an error.
    pub stopped_by: StopRule,
}

/// Why no minimum was found.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum OptError {
    /// The function has no finite value at the start.
    #[error("the function is {value} at the start")]
    StartOutside {
        /// The value there.
        value: f64,
    },
    /// Lengths do not fit.
    #[error("{what}: {found} given for {expected} variables")]
    LengthMismatch {
        /// What was given.
        what: &'static str,
        /// Its length.
        found: usize,
        /// The number of variables.
        expected: usize,
    },
    /// The bound on iterations was reached.
    #[error("no convergence in {} iterations; last value {}", last.iterations, last.value)]
    NotConverged {
        /// The last state.
        last: Box<Minimum>,
    },
    /// No step in a direction of descent makes the value smaller, though the stop rule is not met.
    #[error("no descent found after {} iterations; last value {}", last.iterations, last.value)]
    Stalled {
        /// The last state.
        last: Box<Minimum>,
    },
}

impl OptError {
    /// What the reader of the message can do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::StartOutside { .. } => "give starting values for which the model is defined",
            Self::LengthMismatch { .. } => "give one entry a variable",
            Self::NotConverged { .. } => "allow more iterations, scale the variables, or start nearer",
            Self::Stalled { .. } => "check the derivatives, scale the variables, or start elsewhere",
        }
    }

    /// How far the iteration came.
    pub fn last(&self) -> Option<&Minimum> {
        match self {
            Self::NotConverged { last } | Self::Stalled { last } => Some(last),
            Self::StartOutside { .. } | Self::LengthMismatch { .. } => None,
        }
    }
}

/// max |gᵢ| · max(|xᵢ|, 1) / max(|f|, 1) (Dennis & Schnabel 1983, §7.2)
fn scaled_gradient(x: &DVector<f64>, value: f64, gradient: &DVector<f64>) -> f64 {
    let most = x.iter().zip(gradient.iter()).fold(0.0f64, |most, (x, g)| most.max(g.abs() * x.abs().max(1.0)));
    most / value.abs().max(1.0)
}

/// max |sᵢ| / max(|xᵢ|, 1)
fn scaled_step(x: &DVector<f64>, step: &DVector<f64>) -> f64 {
    x.iter().zip(step.iter()).fold(0.0f64, |most, (x, s)| most.max(s.abs() / x.abs().max(1.0)))
}
