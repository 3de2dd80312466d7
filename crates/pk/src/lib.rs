//! Noncompartmental analysis, bioequivalence, power, dose proportionality.

pub mod be;
pub mod dose_proportionality;
pub mod fuzz;
pub mod nca;
pub mod power;
pub mod superposition;
pub mod two_stage;
