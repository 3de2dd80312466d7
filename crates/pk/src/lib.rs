//! Noncompartmental analysis, bioequivalence, power, dose proportionality.

pub mod nca;
