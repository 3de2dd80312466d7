//! Why bioequivalence cannot be assessed.

use super::{Method, Regulator};
use croft_stat::absorbed::AbsorbedError;
use croft_stat::mixed::MixedError;
use std::fmt;

/// Where in the data something is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file or dataset.
    pub dataset: String,
    /// The row, as the caller numbered it.
    pub row: usize,
    /// The subject in that row.
    pub subject: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, row {}, subject {}", self.dataset, self.row, self.subject)
    }
}

/// Data that are no bioequivalence study, or a method that does not fit them.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[expect(missing_docs, reason = "each field is named in the message")]
pub enum BeError {
    #[error("{dataset}: no values")]
    Empty { dataset: String },
    #[error("{dataset}, row {row}: no {column}")]
    Blank { dataset: String, row: usize, column: &'static str },
    #[error("{place}: unknown treatment {found:?}; expected {test:?} (test) or {reference:?} (reference)")]
    UnknownTreatment { place: Box<Place>, found: String, test: String, reference: String },
    #[error("{place}: sequence {found:?}, but {expected:?} in row {first_row}")]
    TwoSequences { place: Box<Place>, found: String, expected: String, first_row: usize },
    #[error("{place}: treatment {found} in period {period}, but sequence {sequence:?} has {expected} there")]
    SequenceMismatch {
        place: Box<Place>,
        period: String,
        sequence: String,
        found: &'static str,
        expected: &'static str,
    },
    #[error("{place}: period {period} is beyond the end of sequence {sequence:?}")]
    PeriodBeyondSequence { place: Box<Place>, period: String, sequence: String },
    #[error("{place}: period {period:?} is given in row {first_row} already")]
    DuplicatePeriod { place: Box<Place>, period: String, first_row: usize },
    #[error("{place}: the subject is given in row {first_row} already, and no periods tell its values apart")]
    DuplicateSubject { place: Box<Place>, first_row: usize },
    #[error("{place}: value {value} is not a positive number")]
    NotPositive { place: Box<Place>, value: f64 },
    #[error("{dataset}: no values of the {missing}")]
    OneTreatment { dataset: String, missing: &'static str },
    #[error("alpha {alpha} is not between 0 and 0.5")]
    Alpha { alpha: f64 },
    #[error(
        "{method} needs a replicate design, in which subjects receive the reference more than once; this is {design}"
    )]
    NeedsReplicate { method: Method, design: String },
    #[error("{method} needs a crossover design; this is {design}")]
    NeedsCrossover { method: Method, design: String },
    #[error("{method} is not defined for {design}")]
    NotCovered { method: Method, design: String },
    #[error("{} has no rule for {method}", regulator.name())]
    NotOfRegulator { method: Method, regulator: Regulator },
    #[error("the difference of the treatments cannot be estimated from {design}: {reason}")]
    NotEstimable { design: String, reason: &'static str },
    #[error("{what}: only {found} of the {needed} subjects that are needed at least")]
    TooFewSubjects { what: &'static str, found: usize, needed: usize },
    #[error("the within-subject variance is zero: all subjects show exactly the same differences")]
    NoVariance,
    #[error("the fixed-effects model cannot be fitted")]
    Absorbed(#[from] AbsorbedError),
    #[error("the mixed model cannot be fitted")]
    Mixed(#[from] MixedError),
    #[error("a quantile is outside the range of the numbers")]
    Quantile(#[source] croft_num::dist::DomainError),
}

impl BeError {
    /// What the reader of the message can do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Empty { .. } => "give a row a subject and period, with a positive value",
            Self::Blank { .. } => "fill the cell; a missing result is an empty value, all other columns stay filled",
            Self::UnknownTreatment { .. } => {
                "rename the treatments, name them with --test and --reference, or leave out other treatments' rows"
            }
            Self::TwoSequences { .. } => {
                "a subject is randomised to one sequence: correct it, or give re-enrolled subjects their own number"
            }
            Self::SequenceMismatch { .. } => {
                "check the randomisation list: correct the sequence, or analyse the treatment actually given under its own sequence"
            }
            Self::PeriodBeyondSequence { .. } => "correct the period or the sequence",
            Self::DuplicatePeriod { .. } => "keep one value a subject and period",
            Self::DuplicateSubject { .. } => {
                "add the columns `sequence` and `period` for a crossover, or keep one value a subject"
            }
            Self::NotPositive { .. } => {
                "the analysis takes logarithms: leave the value empty when there is none, and state why"
            }
            Self::OneTreatment { .. } => {
                "both treatments are needed; name them with --test and --reference when they are not T and R"
            }
            Self::Alpha { .. } => "0.05 gives the usual 90 % confidence interval",
            Self::NeedsReplicate { .. } => "use the method abe",
            Self::NeedsCrossover { .. } => "use the method abe",
            Self::NotCovered { .. } => "use the method abe, c or abel-a",
            Self::NotOfRegulator { .. } => "abel-a and abel-b are for ema, hc and gcc; rsabe is for fda",
            Self::NotEstimable { .. } => "subjects must receive both treatments, over periods in different orders",
            Self::TooFewSubjects { .. } => {
                "the scaled methods need complete subjects in each sequence: use the method abe or c"
            }
            Self::NoVariance => "check that the values are measured ones",
            Self::Absorbed(e) => e.hint(),
            Self::Mixed(e) => e.hint(),
            Self::Quantile(_) => "use an alpha nearer to 0.05",
        }
    }
}
