//! Is the test product bioequivalent to the reference?
//!
//! [`analyse`] takes a checked study ([`BeData`]) and options ([`BeOptions`]) and gives back everything that a report shows
//! ([`BeResult`]): what was analysed and left out, the ratio of geometric means T/R with its 90 % confidence interval, within-subject variability, limits and
//! decision with the dated rule behind them. All methods work on ln of the values; the interval is
//! ```text
//! exp(d ± t(1 − α, df) · se)        d = μ̂_T − μ̂_R        α = 0.05
//! ```
//! | method | model | for |
//! |---|---|---|
//! | [`Method::Abe`] | parallel: two groups, Welch or pooled; crossover: fixed effects sequence, subject(sequence), period, treatment | all |
//! | [`Method::AbelA`] | the same, limits by CV_wR | EMA, Health Canada, GCC |
//! | [`Method::AbelB`] | subject(sequence) random, REML | EMA, Health Canada, GCC |
//! | [`Method::C`] | random T and R effects a subject, correlated, residual variance a treatment, REML | FDA |
//! | [`Method::Rsabe`] | intra-subject contrasts, reference-scaled criterion | FDA |
//! | [`Method::Ntid`] | the same for narrow therapeutic index drugs; narrow limits elsewhere | FDA; EMA, Health Canada |
//!
//! Incomplete subjects: a subject with values in one period only says nothing about the treatments where its effect is fixed; in a 2x2
//! crossover it is left out (EMA, CPMP/EWP/QWP/1401/98 Rev. 1, section 4.1.8: subjects without evaluable data for both products), in a replicate
//! crossover every value is used (EMA Q&A, EMA/618604/2008, question on replicate designs). Methods B and C use all values.

pub mod compare;
mod contrasts;
pub mod criteria;
pub mod data;
mod decide;
pub mod design;
mod error;
mod fixed;
mod options;
pub mod outliers;
mod parallel;
mod random;
mod result;
pub mod scaled;
pub mod variability;

pub use criteria::{Criterion, Metric, Regulator, Rule};
pub use data::{BeData, Observation, Record, Treatment, TreatmentNames};
pub use decide::{Condition, Decision, limits_pct};
pub use design::{Design, DesignKind, Sequence};
pub use error::{BeError, Place};
pub use options::{BeOptions, Df, Method, ParallelVariance};
pub use random::MixedFacts;
pub use result::{AnovaRow, BeResult, Counts, Estimate, LeftOut};
pub use scaled::{NtidFacts, ScaledFacts};
pub use variability::Variability;

/// Assesses bioequivalence.
///
/// # Errors
/// When the method does not fit the design or the regulator, or the data cannot carry the model; see [`BeError`].
///
/// Tested against the published data sets named in the crate's reference tests.
pub fn analyse(data: &BeData, options: &BeOptions) -> Result<BeResult, BeError> {
    let options = options.resolved(data.design())?;
    match options.method {
        Method::Rsabe => scaled::rsabe(data, &options),
        Method::Ntid if options.regulator == Some(Regulator::Fda) => scaled::ntid(data, &options),
        _ => decide::average(data, &options),
    }
}
