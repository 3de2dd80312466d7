//! Estimators and tests: linear and mixed models, tables of counts.
//!
//! [`absorbed`] fits fixed-effects models in which every subject has an effect of its own; [`mixed`] fits models with
//! random subject effects by restricted maximum likelihood; [`one_way`] compares the means of groups, [`association`] tests tables of counts.
//! None knows what a treatment or a trial is.

pub mod absorbed;
pub mod association;
pub mod descriptive;
pub mod mixed;
pub mod one_way;
