//! How small an area is under a peak that may lie anywhere.
//!
//! For concave g, exp(g) has one peak and falls off at least exponentially on both sides. The peak is found where g′ changes its
//! sign, then the points on both sides where exp(g) has fallen by e⁻³⁸; between these, and with the peak as unit, the area is
//! an ordinary adaptive integral. So an area of e⁻⁵⁰⁰⁰ keeps its relative accuracy: only its logarithm is formed.

use super::integrate;
use crate::math::{exp, ln};

/// A concave function at a point, with its derivative.
#[derive(Clone, Copy, Debug)]
pub struct Curve {
    /// g(x); −∞ where the integrand vanishes.
    pub value: f64,
    /// g′(x)
    pub slope: f64,
}

/// What is left out on each side, relative to the peak: e⁻³⁸ = 3e-17.
const DROP: f64 = 38.0;
const STEPS_MAX: usize = 200;

/// Where to look for a peak, and how wide it is expected to be.
#[derive(Clone, Copy, Debug)]
pub struct Peak {
    /// A point inside the interval.
    pub start: f64,
    /// A width of the right order.
    pub width: f64,
    /// Where g bends within less than the width of the peak, and within how much: a layer too thin for the nodes to find.
    pub bend: Option<(f64, f64)>,
}

/// ln ∫ exp(g(x)) dx from `low` to `high`, for concave g.
///
/// Relative error of the area some 1e-14 where g is smooth. 100 to 300 evaluations of g. −∞ for an empty interval.
/// Both ends may be infinite; then g must fall towards them.
pub fn ln_log_concave(g: impl Fn(f64) -> Curve, low: f64, high: f64, look: Peak) -> f64 {
    let Peak { start, width, bend } = look;
    if low >= high {
        return f64::NEG_INFINITY;
    }
    // the search ends a little beside a peak that lies on an end, and g may be steep there
    let found = find_peak(&g, low, high, start, width);
    let candidates = [found, low, high].into_iter().filter(|x| x.is_finite()).map(|x| (x, g(x).value));
    let (peak, top) = candidates.fold((found, f64::NEG_INFINITY), |best, at| if at.1 > best.1 { at } else { best });
    if top == f64::NEG_INFINITY {
        return top;
    }
    let left = find_foot(&g, peak, low, -width, top);
    let right = find_foot(&g, peak, high, width, top);
    let scaled = |x: f64| exp(g(x).value - top);
    let mut breaks = vec![left, left + 0.64 * (peak - left), peak, peak + 0.36 * (right - peak), right];
    if let Some((at, within)) = bend {
        breaks.extend([at - 8.0 * within, at, at + 8.0 * within].into_iter().filter(|x| *x > left && *x < right));
        breaks.sort_by(f64::total_cmp);
    }
    // the estimate of QUADPACK is pessimistic for such smooth peaks: the error reached is some 1e-14
    let area = integrate(scaled, &breaks, 0.0, 1e-11);
    let value = match area {
        Ok(area) => area.value,
        // rounding alone keeps the estimate above the tolerance; the last state is the best there is
        Err(super::QuadError::NotConverged { last }) => last.value,
        Err(_) => return f64::NAN,
    };
    top + ln(value)
}

/// Where g′ changes its sign, to about a hundredth of the width of the peak; an end where it does not.
fn find_peak(g: &impl Fn(f64) -> Curve, low: f64, high: f64, start: f64, width: f64) -> f64 {
    let (mut below, mut above) = (low, high);
    let (mut x, mut stride, mut steepness) = (start, width, f64::INFINITY);
    for _ in 0..STEPS_MAX {
        let at = g(x);
        if at.slope.abs() * width < 1e-2 || above - below < 1e-3 * width {
            break;
        }
        if at.slope > 0.0 {
            below = x;
        } else {
            above = x;
        }
        stride *= 2.0;
        let near = if x + 1e-4 * width < high { 1e-4 * width } else { -1e-4 * width };
        let bend = (g(x + near).slope - at.slope) / near;
        let newton = x - at.slope / bend;
        // where g bends like an exponential Newton's steps are all of one length: then widen or halve instead
        let settles = at.slope.abs() < 0.125 * steepness;
        steepness = at.slope.abs();
        let next = if settles && bend < 0.0 && newton > below && newton < above {
            newton
        } else if at.slope > 0.0 && above.is_infinite() {
            x + stride
        } else if at.slope <= 0.0 && below.is_infinite() {
            x - stride
        } else {
            0.5 * (below + above)
        };
        if (next - x).abs() <= 1e-3 * width.min(stride) || (next - x).abs() <= 1e-15 * x.abs() {
            return next;
        }
        x = next;
    }
    x
}

/// The point on the side of `step` where g has fallen by `DROP`, or the end if that comes first. Concavity makes doubled steps safe.
fn find_foot(g: &impl Fn(f64) -> Curve, peak: f64, end: f64, step: f64, top: f64) -> f64 {
    let fallen = |x: f64| top - g(x).value > DROP;
    let (mut inside, mut outside) = (peak, end);
    let mut step = step;
    for _ in 0..STEPS_MAX {
        let next = peak + step;
        let at_end = if step > 0.0 { next >= end } else { next <= end };
        outside = if at_end { end } else { next };
        if fallen(outside) {
            break;
        }
        if at_end {
            return end;
        }
        inside = next;
        step *= 2.0;
    }
    // four halvings once a point inside is known; before, as many as a steep side needs
    let mut left = 4;
    for _ in 0..STEPS_MAX {
        let middle = 0.5 * (inside + outside);
        if fallen(middle) {
            outside = middle;
            left -= i32::from((inside - peak).abs() > 0.0);
        } else {
            inside = middle;
            left -= 1;
        }
        if left <= 0 || (outside - peak).abs() <= 1e-15 * peak.abs() {
            break;
        }
    }
    outside
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ln ∫ exp(−(x−m)²/2s² − offset)
    fn gauss(mean: f64, sd: f64, offset: f64) -> impl Fn(f64) -> Curve {
        move |x| {
            let z = (x - mean) / sd;
            Curve { value: -0.5 * z * z - offset, slope: -z / sd }
        }
    }

    #[test]
    fn a_peak_far_from_the_start_and_of_another_width_is_found() {
        for (mean, sd, offset) in [(0.0, 1.0, 0.0), (300.0, 0.01, 5000.0), (-1e6, 2e3, -40.0)] {
            let got = ln_log_concave(
                gauss(mean, sd, offset),
                f64::NEG_INFINITY,
                f64::INFINITY,
                Peak { start: 0.0, width: 1.0, bend: None },
            );
            let expected = ln(sd) + crate::special::LN_SQRT_2PI - offset;
            assert!((got - expected).abs() < 1e-13 * expected.abs().max(1.0), "{mean} {sd}: {got} {expected}");
        }
    }

    #[test]
    fn a_peak_outside_the_interval_leaves_the_tail() {
        let got =
            ln_log_concave(gauss(0.0, 1.0, 0.0), 20.0, f64::INFINITY, Peak { start: 21.0, width: 0.1, bend: None });
        let expected = crate::dist::Normal::STANDARD;
        let expected = crate::dist::Continuous::ln_sf(&expected, 20.0) + crate::special::LN_SQRT_2PI;
        assert!((got - expected).abs() < 1e-12, "{got} {expected}");
    }
}
