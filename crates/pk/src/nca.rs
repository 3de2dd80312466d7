//! Noncompartmental analysis: what does a concentration-time profile say about exposure and disposition, without a model?
//!
//! [`Profile`] is the door: samples and dosing, checked. [`Options`] say how; [`Convention`] names ready sets of them (`croft`, `winnonlin`,
//! `pknca`). [`analyse`] gives an [`NcaResult`]; [`parameters`] is the table of what can be asked for.
//! ```
//! use croft_pk::nca::{Dosing, Options, Parameter, Profile, Sample, analyse};
//! let samples = [(0.0, 0.0), (1.0, 8.0), (2.0, 6.0), (4.0, 3.0), (8.0, 0.75)];
//! let samples = samples.iter().enumerate().map(|(row, &(time, conc))| Sample::new(row, time, conc)).collect();
//! let profile = Profile::new(samples, Dosing::oral(100.0))?;
//! let result = analyse(&profile, &Options::default());
//! assert_eq!(result.value(Parameter::CMax), Some(8.0));
//! # Ok::<(), croft_pk::nca::ProfileError>(())
//! ```

pub mod auc;
pub mod blq;
pub mod curve;
mod effect;
mod evaluate;
pub mod lambda_z;
pub mod options;
pub mod parameters;
mod plasma;
mod profile;
mod reason;
mod result;
pub mod sparse;
pub mod units;
mod urine;

pub use blq::BlqRule;
pub use curve::SampleUse;
pub use effect::{EffectOptions, EffectProfile, EffectResult, Response, analyse_effect};
pub use lambda_z::LambdaZFit;
pub use options::{
    AucRule, BeyondLast, C0Rule, Clock, Convention, Interval, LambdaZChoice, LambdaZOptions, Options, PeakRule,
    Quality, StartRule, Windows,
};
pub use parameters::{Matrix, Parameter, ParameterSet, UnitKind};
pub use plasma::analyse;
pub use profile::{Dosing, ExcludedFrom, Exclusion, Observed, Profile, ProfileError, Regimen, Route, Sample};
pub use reason::{Outcome, Reason};
pub use result::{Flag, FlagKind, NcaResult, ParameterValue, PartialArea};
pub use urine::{Collection, UrineError, UrineProfile, UrineResult, analyse_urine};
