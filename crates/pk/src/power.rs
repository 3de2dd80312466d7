//! How many subjects does a bioequivalence study need, and how likely is it to succeed?
//!
//! | question | function |
//! |---|---|
//! | power of the two one-sided tests (TOST) | [`tost_power`] |
//! | smallest balanced number of subjects for TOST | [`tost_sample_size`] |
//! | the same for reference-scaled methods (ABEL, RSABE, NTID), by simulation | [`scaled_power`], [`scaled_sample_size`] |
//! | type I error of scaled methods, adjusted alpha | [`type_one_error`], [`adjusted_alpha`] |
//! | non-inferiority | [`noninferiority_power`], [`noninferiority_sample_size`] |
//! | ratio of means on the original scale (Fieller) | [`ratio_of_means_power`], [`ratio_of_means_sample_size`] |
//! | power when the CV is only an estimate | [`expected_power`], [`expected_sample_size`] |
//! | dose proportionality | [`proportionality_power`], [`proportionality_sample_size`] |
//! | CV from a published interval, interval from a CV, pooled CVs and their limits | [`cv_from_interval`], [`interval_from_cv`], [`pooled_cv`], [`cv_limits`] |
//!
//! A coefficient of variation (CV) is a fraction, 0.3 for 30%; a number of subjects is the total over all
//! sequences or groups; `theta0` is the ratio of test to reference which is assumed to be true.
//! On the logarithmic scale a CV is the standard deviation `sqrt(ln(1 + CV²))`.

mod chi;
mod criteria;
mod design;
mod error;
mod expected;
mod noninferiority;
mod proportionality;
mod ratio_of_means;
mod replicate;
mod scaled;
mod search;
mod simulation;
mod tost;
mod type_one;
mod variability;

pub use criteria::{ExpandedLimits, ScaledCriterion, ScaledMethod};
pub use design::{DESIGNS, Design, DesignFacts, DfRule, Subjects};
pub use error::PowerError;
pub use expected::{Prior, expected_power, expected_sample_size};
pub use noninferiority::{NonInferiority, noninferiority_power, noninferiority_sample_size};
pub use proportionality::{DoseDesign, Proportionality, proportionality_power, proportionality_sample_size};
pub use ratio_of_means::{RatioDesign, RatioOfMeans, ratio_of_means_power, ratio_of_means_sample_size};
pub use scaled::{ScaledPower, ScaledStudy, scaled_power, scaled_sample_size};
pub use search::SampleSize;
pub use simulation::{Effort, Statistics};
pub use tost::{AverageBe, PowerMethod, Scale, tost_p_values, tost_power, tost_sample_size};
pub use type_one::{AdjustedAlpha, adjusted_alpha, adjusted_alpha_worst_case, type_one_error};
pub use variability::{
    CvLimits, CvSource, cv_from_interval, cv_from_upper_limit, cv_limits, interval_from_cv, log_variance, pooled_cv,
    variance_to_cv,
};

pub(crate) use search::{SearchRange, smallest};
pub(crate) use simulation::{Tally, simulate};
pub(crate) use tost::power_with_df;
