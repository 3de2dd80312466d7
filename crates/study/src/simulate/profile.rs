//! Concentrations of one subject after one dose: one compartment, first-order absorption after a lag.
//!
//! ```text
//! C(t) = F·D·ka / (V·(ka − k)) · (exp(−k·(t − lag)) − exp(−ka·(t − lag))),   k = CL/V
//! ```
//! Parameters are log-normal around typical values of an oral small molecule, with a part that stays with the subject
//! and a part that changes with each dose. The figures are invented; nothing is estimated from them.

use croft_num::math::{exp, ln_1p};
use croft_num::random::Stream;

/// What stays with a subject.
pub struct Individual {
    clearance_l_h: f64,
    volume_l: f64,
    absorption_per_h: f64,
}

/// How a product differs from the reference.
#[derive(Clone, Copy)]
pub struct Product {
    pub relative_bioavailability: f64,
    pub relative_absorption: f64,
}

/// What one administration makes of it.
pub struct Occasion {
    amount_ug: f64,
    clearance_l_h: f64,
    volume_l: f64,
    absorption_per_h: f64,
    lag_h: f64,
}

/// exp of a normal deviate whose log-normal has this coefficient of variation.
fn log_normal(stream: &mut Stream, cv: f64) -> f64 {
    let sd = ln_1p(cv * cv).sqrt();
    exp(sd * stream.normal())
}

impl Individual {
    pub fn draw(stream: &mut Stream) -> Self {
        Self {
            clearance_l_h: 11.0 * log_normal(stream, 0.28),
            volume_l: 80.0 * log_normal(stream, 0.16),
            absorption_per_h: 1.3 * log_normal(stream, 0.30),
        }
    }

    pub fn occasion(&self, product: Product, dose_mg: f64, within_cv: f64, stream: &mut Stream) -> Occasion {
        Occasion {
            amount_ug: 1000.0 * dose_mg * product.relative_bioavailability * log_normal(stream, within_cv),
            clearance_l_h: self.clearance_l_h * log_normal(stream, 0.08),
            volume_l: self.volume_l * log_normal(stream, 0.06),
            absorption_per_h: self.absorption_per_h * product.relative_absorption * log_normal(stream, 0.25),
            lag_h: 0.18 * log_normal(stream, 0.30),
        }
    }
}

impl Occasion {
    /// ng/mL, as the laboratory finds it: with 5 % assay error.
    pub fn measured(&self, time_h: f64, stream: &mut Stream) -> f64 {
        let error = log_normal(stream, 0.05);
        let since = time_h - self.lag_h;
        if since <= 0.0 {
            return 0.0;
        }
        let k = self.clearance_l_h / self.volume_l;
        let ka = self.absorption_per_h;
        let scale = self.amount_ug * ka / (self.volume_l * (ka - k));
        scale * (exp(-k * since) - exp(-ka * since)) * error
    }
}
