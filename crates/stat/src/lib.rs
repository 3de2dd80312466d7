//! Estimators and tests: linear and mixed models.
//!
//! [`absorbed`] fits fixed-effects models in which every subject has an effect of its own; [`mixed`] fits models with
//! random subject effects by restricted maximum likelihood. Neither knows what a treatment or a trial is.

pub mod absorbed;
pub mod descriptive;
pub mod mixed;
