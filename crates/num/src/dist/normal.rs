//! The normal law.
//!
//! ```text
//! pdf(x) = exp(−z²/2) / (σ√(2π))        sf(x) = ½ erfc(z/√2)        z = (x − μ)/σ
//! ```
//! Beyond |z| = 1 the tail is density times Mills' ratio ½√(2π) erfcx(z/√2), with z² split exactly, so that the
//! relative error does not grow with z². Quantile: algorithm AS 241, PPND16 (Wichura 1988, Applied Statistics
//! 37:477–484), its published relative accuracy 1e-16.

use super::{Continuous, DomainError, finite, positive, probability};
use crate::math::{exp, ln, ln_1p};
use crate::quad::Curve;
use crate::special::{LN_SQRT_2PI, erfc, erfcx, square_split};
use std::f64::consts::{FRAC_1_SQRT_2, PI, SQRT_2};

const LAW: &str = "normal";
/// √(π/2)
const SQRT_FRAC_PI_2: f64 = 1.253_314_137_315_500_3;

/// Normal law with mean μ and standard deviation σ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Normal {
    mean: f64,
    sd: f64,
}

impl Normal {
    /// Mean 0, standard deviation 1.
    pub const STANDARD: Self = Self { mean: 0.0, sd: 1.0 };

    /// Normal law with mean and standard deviation.
    ///
    /// # Errors
    /// When the mean is not finite or the standard deviation not positive and finite.
    pub fn new(mean: f64, sd: f64) -> Result<Self, DomainError> {
        Ok(Self { mean: finite(LAW, "mean", mean)?, sd: positive(LAW, "standard deviation", sd)? })
    }

    fn z(&self, x: f64) -> f64 {
        (x - self.mean) / self.sd
    }
}

impl Continuous for Normal {
    fn ln_pdf(&self, x: f64) -> f64 {
        let z = self.z(x);
        -0.5 * z * z - LN_SQRT_2PI - ln(self.sd)
    }

    fn pdf(&self, x: f64) -> f64 {
        density(self.z(x)) / self.sd
    }

    fn cdf(&self, x: f64) -> f64 {
        upper(-self.z(x))
    }

    fn sf(&self, x: f64) -> f64 {
        upper(self.z(x))
    }

    fn ln_cdf(&self, x: f64) -> f64 {
        ln_upper(-self.z(x))
    }

    fn ln_sf(&self, x: f64) -> f64 {
        ln_upper(self.z(x))
    }

    fn quantile(&self, p: f64) -> Result<f64, DomainError> {
        Ok(self.mean + self.sd * standard_quantile(probability(LAW, p)?))
    }

    fn quantile_upper(&self, q: f64) -> Result<f64, DomainError> {
        Ok(self.mean - self.sd * standard_quantile(probability(LAW, q)?))
    }
}

/// φ(z), the exponent split so that no digit is lost at large z.
pub(crate) fn density(z: f64) -> f64 {
    let (high, low) = square_split(z);
    exp(-0.5 * high) * (1.0 - 0.5 * low) / (2.0 * PI).sqrt()
}

/// P(Z > z)
pub(crate) fn upper(z: f64) -> f64 {
    if z < 1.0 {
        return 0.5 * erfc(z * FRAC_1_SQRT_2);
    }
    if z > 40.0 {
        return 0.0;
    }
    density(z) * SQRT_FRAC_PI_2 * erfcx(z * FRAC_1_SQRT_2)
}

/// ln P(Z > z)
pub(crate) fn ln_upper(z: f64) -> f64 {
    if z < -1.0 {
        return ln_1p(-upper(-z));
    }
    if z < 1.0 {
        return ln(upper(z));
    }
    if z == f64::INFINITY {
        return f64::NEG_INFINITY;
    }
    ln(0.5 * erfcx(z / SQRT_2)) - 0.5 * z * z
}

/// ln P(Z ≤ u) with its derivative φ(u)/Φ(u).
pub(crate) fn ln_lower_curve(u: f64) -> Curve {
    if u > -1.0 {
        let above = 0.5 * erfc(u * FRAC_1_SQRT_2);
        let slope = exp(-0.5 * u * u - LN_SQRT_2PI) / (1.0 - above);
        return Curve { value: ln_1p(-above), slope };
    }
    let scaled = erfcx(-u * FRAC_1_SQRT_2);
    Curve { value: ln(0.5 * scaled) - 0.5 * u * u, slope: 1.0 / (SQRT_FRAC_PI_2 * scaled) }
}

/// AS 241, PPND16: the z with P(Z ≤ z) = p, 0 ≤ p ≤ 1.
pub(crate) fn standard_quantile(p: f64) -> f64 {
    let off = p - 0.5;
    if off.abs() <= 0.425 {
        let r = 0.180_625 - off * off;
        return off * ratio(&CENTRE, r);
    }
    let tail = if off < 0.0 { p } else { 1.0 - p };
    if tail <= 0.0 {
        return if off < 0.0 { f64::NEG_INFINITY } else { f64::INFINITY };
    }
    let r = (-ln(tail)).sqrt();
    let z = if r <= 5.0 { ratio(&SHOULDER, r - 1.6) } else { ratio(&FAR, r - 5.0) };
    if off < 0.0 { -z } else { z }
}

fn ratio(table: &[[f64; 8]; 2], x: f64) -> f64 {
    let at = |c: &[f64; 8]| c.iter().rev().fold(0.0, |sum, c| sum * x + c);
    at(&table[0]) / at(&table[1])
}

// Wichura (1988), coefficients a/b, c/d, e/f: numerator, denominator, ascending powers; as rounded to double.
const CENTRE: [[f64; 8]; 2] = [
    [
        3.387_132_872_796_366_5,
        133.141_667_891_784_38,
        1_971.590_950_306_551_3,
        13_731.693_765_509_46,
        45_921.953_931_549_87,
        67_265.770_927_008_7,
        33_430.575_583_588_13,
        2_509.080_928_730_122_7,
    ],
    [
        1.0,
        42.313_330_701_600_91,
        687.187_007_492_057_9,
        5_394.196_021_424_751,
        21_213.794_301_586_597,
        39_307.895_800_092_71,
        28_729.085_735_721_943,
        5_226.495_278_852_854,
    ],
];
const SHOULDER: [[f64; 8]; 2] = [
    [
        1.423_437_110_749_683_5,
        4.630_337_846_156_546,
        5.769_497_221_460_691,
        3.647_848_324_763_204_5,
        1.270_458_252_452_368_4,
        0.241_780_725_177_450_6,
        0.022_723_844_989_269_184,
        0.000_774_545_014_278_341_4,
    ],
    [
        1.0,
        2.053_191_626_637_759,
        1.676_384_830_183_803_8,
        0.689_767_334_985_1,
        0.148_103_976_427_480_08,
        0.015_198_666_563_616_457,
        0.000_547_593_808_499_534_5,
        1.050_750_071_644_416_9e-09,
    ],
];
const FAR: [[f64; 8]; 2] = [
    [
        6.657_904_643_501_103,
        5.463_784_911_164_114,
        1.784_826_539_917_291_3,
        0.296_560_571_828_504_87,
        0.026_532_189_526_576_124,
        0.001_242_660_947_388_078_4,
        2.711_555_568_743_487_6e-05,
        2.010_334_399_292_288_1e-07,
    ],
    [
        1.0,
        0.599_832_206_555_888,
        0.136_929_880_922_735_8,
        0.014_875_361_290_850_615,
        0.000_786_869_131_145_613_3,
        1.846_318_317_510_054_8e-05,
        1.421_511_758_316_446e-07,
        2.044_263_103_389_939_7e-15,
    ],
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_of_the_normal_law() {
        let n = Normal::STANDARD;
        assert!((n.quantile(0.975).unwrap() - 1.959_963_984_540_054).abs() < 1e-15);
        assert!((n.quantile(1e-300).unwrap() + 37.047_096_299_361_2).abs() < 1e-13);
        assert!((n.cdf(-37.5) / 4.605_353_009_581_964e-308 - 1.0).abs() < 1e-13);
        assert!((n.ln_sf(1e5) + 5e9 + 12.431_863).abs() < 1e-4);
    }

    #[test]
    fn a_standard_deviation_of_zero_is_refused_by_name() {
        let error = Normal::new(1.0, 0.0).unwrap_err();
        assert_eq!(error.to_string(), "normal: standard deviation = 0 is not a positive number");
    }
}
