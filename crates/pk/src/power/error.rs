//! Why a power or sample size cannot be given.

use super::design::Design;
use croft_num::dist::DomainError;

/// What stands in the way of a power or a sample size.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum PowerError {
    /// A CV or standard deviation that is not a positive number.
    #[error("the variability is {value}; it must be a positive number")]
    Variability {
        /// what was given
        value: f64,
    },
    /// A true ratio that is not a positive number (or a difference that is not a number).
    #[error("theta0 is {value}; a ratio must be a positive number")]
    Theta0 {
        /// what was given
        value: f64,
    },
    /// Limits that are no interval.
    #[error("the limits {lower} to {upper} are not an interval on this scale")]
    Limits {
        /// lower limit
        lower: f64,
        /// upper limit
        upper: f64,
    },
    /// A significance level outside (0, 0.5).
    #[error("alpha is {value}; it must lie between 0 and 0.5")]
    Alpha {
        /// what was given
        value: f64,
    },
    /// A target power outside (0, 1).
    #[error("the target power is {value}; it must lie between 0 and 1")]
    Target {
        /// what was given
        value: f64,
    },
    /// A design name that is not in the table.
    #[error("no design is called `{name}`")]
    UnknownDesign {
        /// what was given
        name: String,
    },
    /// Numbers by sequence that do not fit the design.
    #[error("{given} group sizes were given, the {design} design has {sequences} sequences or groups")]
    SequenceCount {
        /// how many were given
        given: usize,
        /// the design
        design: Design,
        /// how many it has
        sequences: u32,
    },
    /// Too few subjects to estimate anything.
    #[error("{subjects} subjects in the {design} design leave no degrees of freedom, or a sequence is empty")]
    TooFewSubjects {
        /// the total
        subjects: u32,
        /// the design
        design: Design,
    },
    /// The true ratio lies on or outside the limits: no number of subjects gives the power.
    #[error("theta0 {theta0} is not inside the limits {lower} to {upper}: no number of subjects reaches the power")]
    OutsideLimits {
        /// the true ratio
        theta0: f64,
        /// lower limit
        lower: f64,
        /// upper limit
        upper: f64,
    },
    /// The search ended without reaching the target.
    #[error("with {subjects} subjects the power is {power:.4}, below the target {target}; the search ends there")]
    TargetNotReached {
        /// where the search ended
        subjects: u32,
        /// the power there
        power: f64,
        /// the target
        target: f64,
    },
    /// A scaled method needs the reference given twice.
    #[error("{method} needs a replicate design (2x2x3, 2x2x4, 2x3x3; NTID without 2x3x3), not {design}")]
    NotReplicate {
        /// the method
        method: &'static str,
        /// the design
        design: Design,
    },
    /// A number that has to be positive is not.
    #[error("{what} is {value}; it must be a positive number")]
    NotPositive {
        /// its name
        what: &'static str,
        /// what was given
        value: f64,
    },
    /// A stage of a two-stage design that is odd or too small.
    #[error("a stage of {subjects} subjects cannot be spread over two sequences evenly, or is too small")]
    FirstStage {
        /// its subjects
        subjects: u32,
    },
    /// Doses from which no slope can be estimated.
    #[error("{given} doses were given; a power model needs at least two different positive doses")]
    Doses {
        /// how many were given
        given: usize,
    },
    /// An evaluation outside the domain of a distribution or function.
    #[error("a probability could not be computed")]
    Domain(#[from] DomainError),
}

impl PowerError {
    /// What the reader of the message can do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Variability { .. } => "give the CV as a fraction, 0.3 for 30%",
            Self::Theta0 { .. } => "give the true ratio as a fraction, 0.95 for 95%",
            Self::Limits { .. } => "give the lower limit first, 0.80-1.25 or 80-125",
            Self::Alpha { .. } => "average bioequivalence uses 0.05 for a 90% confidence interval",
            Self::Target { .. } => "usual targets are 0.8 and 0.9",
            Self::UnknownDesign { .. } => {
                "known designs: parallel, paired, 2x2, 2x2x2r, 3x3, 3x6x3, 4x4, 2x2x3, 2x2x4, 2x4x4, 2x3x3, 2x4x2"
            }
            Self::SequenceCount { .. } => "give one total, or one number for each sequence",
            Self::TooFewSubjects { .. } => "give at least one subject a sequence, and three in all",
            Self::OutsideLimits { .. } => "choose a theta0 inside the limits, or give the number of subjects",
            Self::TargetNotReached { .. } => "lower the target, or assume a theta0 nearer to 1",
            Self::NotReplicate { .. } => "plan a replicate design, or use the method tost",
            Self::NotPositive { .. } => "give a number above zero",
            Self::FirstStage { .. } => "give an even number, at least 4 in the first stage",
            Self::Doses { .. } => "list the planned doses, for example 5, 25, 100",
            Self::Domain(_) => "the assumptions are too extreme for this computation; check CV, alpha and subjects",
        }
    }
}
