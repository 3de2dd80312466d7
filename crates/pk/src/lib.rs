//! Noncompartmental analysis, bioequivalence, power, dose proportionality.
