//! Area under the concentration-time curve, and under its first moment, between two points.
//!
//! Between `(t1, c1)` and `(t2, c2)`, with `h = t2 − t1` and `x = ln(c1/c2)`:
//! ```text
//! linear:       AUC  = h (c1 + c2)/2
//!               AUMC = h (t1 c1 + t2 c2)/2
//! logarithmic:  AUC  = h (c1 − c2)/x
//!               AUMC = t1 AUC + h² c2 (eˣ − 1 − x)/x²
//! ```
//! The logarithmic AUMC is the exact moment of the exponential through both points, in a form that does not cancel
//! (the textbook form `(t1 c1 − t2 c2)/k + (c1 − c2)/k²`, `k = x/h`, loses all digits as the points level out).
//!
//! Where packages differ: the logarithmic form needs two positive, different concentrations. At equal neighbours and beside a zero
//! the linear form is used here and in Phoenix. NonCompart 0.8 gives no area at all to a drop to zero;
//! PKNCA 0.12.1 gives NaN for two equal maxima under linear-log. The linear AUMC is the trapezium of `t·c`, as everywhere, though
//! a straight line's exact moment is a little different.
//!
//! Sources: Gabrielsson, Weiner, "Pharmacokinetic and Pharmacodynamic Data Analysis", 5th ed. (2016), section 2.8;
//! Purves (1992), J Pharmacokinet Biopharm 20:211-226.
//! Tested against Phoenix WinNonlin, PKNCA and NonCompart (tests/nca_reference.rs).

use super::options::AucRule;
use croft_num::math::{exp, exp_m1, ln, ln_1p};

/// A point of the curve that is integrated: time since the dose, concentration.
pub(crate) type At = (f64, f64);

/// How one segment is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Segment {
    /// A straight line.
    Linear,
    /// An exponential.
    Log,
}

/// Area and first moment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Area {
    /// Area under the curve.
    pub auc: f64,
    /// Area under `t·c`, `t` since the dose.
    pub aumc: f64,
}

impl std::ops::AddAssign for Area {
    fn add_assign(&mut self, other: Self) {
        self.auc += other.auc;
        self.aumc += other.aumc;
    }
}

/// How the rule draws the segment from `c1` to `c2`; `after_peak` says that it lies after T_max.
pub fn segment(rule: AucRule, after_peak: bool, c1: f64, c2: f64) -> Segment {
    let log = match rule {
        AucRule::Linear => false,
        AucRule::LinearUpLogDown => c2 < c1,
        AucRule::LinearLog => after_peak,
    };
    if log && c1 > 0.0 && c2 > 0.0 { Segment::Log } else { Segment::Linear }
}

/// Area and first moment between two points. Cost: one logarithm when logarithmic.
pub fn area(how: Segment, (t1, c1): At, (t2, c2): At) -> Area {
    let h = t2 - t1;
    match how {
        Segment::Linear => Area { auc: h * (c1 + c2) / 2.0, aumc: h * (t1 * c1 + t2 * c2) / 2.0 },
        Segment::Log => {
            let x = log_ratio(c1, c2);
            if x == 0.0 {
                return area(Segment::Linear, (t1, c1), (t2, c2));
            }
            let auc = h * (c1 - c2) / x;
            Area { auc, aumc: t1 * auc + h * h * c2 * moment(x) }
        }
    }
}

/// The concentration at `t` within the segment.
pub fn interpolate(how: Segment, (t1, c1): At, (t2, c2): At, t: f64) -> f64 {
    let fraction = (t - t1) / (t2 - t1);
    match how {
        Segment::Linear => c1 + (c2 - c1) * fraction,
        Segment::Log => c1 * exp(-log_ratio(c1, c2) * fraction),
    }
}

/// ln(c1/c2), exact also for near ties.
fn log_ratio(c1: f64, c2: f64) -> f64 {
    let relative = (c1 - c2) / c2;
    if relative.abs() < 0.5 { ln_1p(relative) } else { ln(c1 / c2) }
}

/// (eˣ − 1 − x)/x²: by its series near 0, where the closed form cancels.
fn moment(x: f64) -> f64 {
    if x.abs() > 0.5 {
        return (exp_m1(x) - x) / (x * x);
    }
    MOMENT_SERIES.iter().rev().fold(0.0, |sum, coefficient| sum * x + coefficient)
}

/// 1/(k + 2)!: at 0.5 the first term left out is below half a unit in the last place.
const MOMENT_SERIES: [f64; 12] = {
    let mut series = [0.5; 12];
    let mut k = 1;
    while k < series.len() {
        series[k] = series[k - 1] / (k + 2) as f64;
        k += 1;
    }
    series
};

#[cfg(test)]
mod tests {
    use super::*;
    use croft_testkit::assert_close;

    #[test]
    fn the_logarithmic_forms_are_exact_for_an_exponential() {
        // C = 10 e^(-0.1 t): ∫ C = 100 (e^(-0.1 a) − e^(-0.1 b)); ∫ t C = [-(10 t + 100) 10 e^(-0.1 t)]
        let c = |t: f64| 10.0 * exp(-0.1 * t);
        for (a, b) in [(0.0, 1e-6), (0.0, 0.3), (1.0, 4.0), (4.0, 6.0), (2.0, 60.0)] {
            let got = area(Segment::Log, (a, c(a)), (b, c(b)));
            let primitive = |t: f64| -(10.0 * t + 100.0) * c(t);
            // the reference itself cancels for the shortest segment
            let digits: f64 = if b - a < 1e-3 { 1e-2 } else { 1e-12 };
            assert_close("auc", got.auc, 10.0 * c(a) * -exp_m1(-0.1 * (b - a)), 1e-9);
            assert_close("aumc", got.aumc, primitive(b) - primitive(a), digits.max(1e-12 * 100.0 / got.aumc));
        }
    }

    #[test]
    fn near_ties_approach_the_linear_rule() {
        for off in [1e-3, 1e-6, 1e-9, 1e-12, 1e-15] {
            let (p, q) = ((3.0, 5.0 * (1.0 + off)), (7.0, 5.0));
            let (log, linear) = (area(Segment::Log, p, q), area(Segment::Linear, p, q));
            assert_close("auc", log.auc, linear.auc, off * off + 1e-15);
            assert_close("aumc", log.aumc, linear.aumc, off + 1e-15);
        }
    }

    #[test]
    fn ties_and_zeros_are_linear_by_every_rule() {
        for rule in [AucRule::Linear, AucRule::LinearUpLogDown, AucRule::LinearLog] {
            let tie = area(segment(rule, true, 4.0, 4.0), (1.0, 4.0), (3.0, 4.0));
            assert_eq!(tie, Area { auc: 8.0, aumc: 16.0 });
            assert_eq!(segment(rule, true, 4.0, 0.0), Segment::Linear);
            assert_eq!(segment(rule, true, 0.0, 4.0), Segment::Linear);
        }
        assert_eq!(segment(AucRule::LinearLog, true, 3.0, 4.0), Segment::Log);
        assert_eq!(segment(AucRule::LinearLog, false, 4.0, 3.0), Segment::Linear);
        assert_eq!(segment(AucRule::LinearUpLogDown, false, 4.0, 3.0), Segment::Log);
    }
}
