//! Averages over the sampling distribution of a standard deviation.

use super::error::PowerError;
use croft_num::math::{exp, ln, ln_1p};
use croft_num::quad::gauss_legendre;
use croft_num::special::ln_gamma;
use std::sync::LazyLock;

static RULE: LazyLock<Vec<(f64, f64)>> = LazyLock::new(|| gauss_legendre(16));

/// Mean of `value(s / σ)` where `ν s²/σ²` is chi-squared with ν degrees of freedom.
///
/// Gauss-Legendre panels of width one over ±7 around √ν: a chi variable has a variance below one half for ν > 2, and
/// what lies beyond is below 1e-12 for any ν. The value may bend within a panel, not jump.
pub(crate) fn mean_over_sd(df: f64, mut value: impl FnMut(f64) -> Result<f64, PowerError>) -> Result<f64, PowerError> {
    let root = df.sqrt();
    let (from, to) = ((root - 7.0).max(0.0), root + 7.0);
    let density = Chi::new(df);
    let panels = (to - from).ceil();
    let half = (to - from) / panels / 2.0;
    let mut sum = 0.0;
    for panel in 0..panels as u32 {
        let centre = from + half * (2.0 * f64::from(panel) + 1.0);
        for (node, weight) in RULE.iter() {
            let y = centre + half * node;
            let mass = weight * half * density.at(y);
            if mass > 1e-18 {
                sum += mass * value(y / root)?;
            }
        }
    }
    Ok(sum)
}

/// The density of a chi variable, around its mode so that large degrees of freedom lose no digits.
struct Chi {
    mode: f64,
    ln_at_mode: f64,
    power: f64,
}

impl Chi {
    fn new(df: f64) -> Self {
        let power = df - 1.0;
        let mode = power.max(1.0).sqrt();
        let ln_constant = (1.0 - df / 2.0) * std::f64::consts::LN_2 - ln_gamma(df / 2.0);
        Self { mode, ln_at_mode: ln_constant + power * ln(mode) - mode * mode / 2.0, power }
    }

    fn at(&self, y: f64) -> f64 {
        let off = y - self.mode;
        exp(self.ln_at_mode + self.power * ln_1p(off / self.mode) - off * (self.mode + off / 2.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_of_a_standard_deviation_are_known() {
        for df in [1.0, 2.0, 5.0, 22.0, 1000.0, 1e6] {
            let one = mean_over_sd(df, |_| Ok(1.0)).unwrap();
            let square = mean_over_sd(df, |s| Ok(s * s)).unwrap();
            assert!((one - 1.0).abs() < 1e-9, "{df}: {one}");
            assert!((square - 1.0).abs() < 1e-9, "{df}: {square}");
        }
    }
}
