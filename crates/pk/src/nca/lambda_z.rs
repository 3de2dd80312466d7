//! The terminal slope: which points, and how well do they fit?
//!
//! lambda_z is minus the slope of the least-squares line of ln C on t, all weights 1.
//!
//! **Best fit.** Windows end at the last measurable sample and start at each earlier measurable one after T_max (at T_max too where
//! [`PeakRule`] says so), not before the end of an infusion, with at least `min_points` points. Each has
//! ```text
//! adjusted R² = 1 − (1 − R²)(n − 1)/(n − 2)
//! ```
//! Of the windows that fall and are within the tolerance (10⁻⁴) of the best adjusted R², the longest is taken.
//! The tolerance is a ceiling on what may be lost for more points, not a score per point: a long window far below the best never wins.
//!
//! Where packages differ: Phoenix WinNonlin and NonCompart let C_max in after a bolus, PKNCA does not (subject 4 of the
//! indometacin data: 11 points against 10, lambda_z 6 % apart). In PKNCA a rising window can set the best adjusted R²,
//! and then there is no lambda_z ([`Windows::All`]). An optional largest number of points and earliest start, as Phoenix's, bound the windows.
//!
//! **By hand.** The points, or all measurable samples in a range, are given with a reason that stays in the result.
//!
//! Sources: Phoenix WinNonlin User's Guide 8.3, "Lambda Z or Slope Estimation settings"; PKNCA 0.12, "half-life calculation".
//! Cost O(n): the sums grow by one point a window (West 1979, Comm ACM 22:532); the chosen window is fitted again around its means.

use super::curve::Curve;
use super::options::{LambdaZChoice, LambdaZOptions, PeakRule, Windows};
use super::parameters::Parameter;
use super::profile::{Dosing, Route};
use super::reason::Reason;
use croft_num::math::{exp, ln};
use serde::{Deserialize, Serialize};

/// The fitted terminal line. Times are since the dose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LambdaZFit {
    /// First-order rate constant, positive.
    pub lambda_z: f64,
    /// ln C of the line at the dose.
    pub intercept: f64,
    /// R².
    pub r2: f64,
    /// Adjusted R².
    pub r2_adjusted: f64,
    /// Correlation of t and ln C, negative.
    pub correlation: f64,
    /// Time of the first point.
    pub first: f64,
    /// Time of the last point.
    pub last: f64,
    /// The samples used, by position in the profile.
    pub samples: Vec<usize>,
    /// Why the points were chosen by hand; none for the best fit.
    pub reason: Option<String>,
}

impl LambdaZFit {
    /// The line's concentration at `t` since the dose.
    pub fn predict(&self, t: f64) -> f64 {
        exp(self.intercept - self.lambda_z * t)
    }

    /// Number of points.
    pub fn n(&self) -> usize {
        self.samples.len()
    }

    /// A parameter of the terminal regression; `clock` is what is added to times since the dose to report them.
    pub(crate) fn parameter(&self, parameter: Parameter, clock: f64) -> Result<f64, Reason> {
        let half_life = std::f64::consts::LN_2 / self.lambda_z;
        match parameter {
            Parameter::LambdaZ => Ok(self.lambda_z),
            Parameter::HalfLife => Ok(half_life),
            Parameter::LambdaZPoints => Ok(self.n() as f64),
            Parameter::LambdaZLower => Ok(self.first + clock),
            Parameter::LambdaZUpper => Ok(self.last + clock),
            Parameter::LambdaZSpan => Ok((self.last - self.first) / half_life),
            Parameter::RSquared => Ok(self.r2),
            Parameter::RSquaredAdjusted => Ok(self.r2_adjusted),
            Parameter::Correlation => Ok(self.correlation),
            Parameter::LambdaZIntercept => Ok(self.intercept + self.lambda_z * clock),
            _ => Err(Reason::NotGiven),
        }
    }
}

/// A point of the regression: time since the dose, ln C, its sample.
#[derive(Clone, Copy)]
struct LogPoint {
    t: f64,
    y: f64,
    sample: usize,
}

/// Fits the terminal line. `clock` is what is added to times since the dose to report them.
///
/// # Errors
/// Why there is none.
pub fn fit(curve: &Curve, dosing: &Dosing, options: &LambdaZOptions, clock: f64) -> Result<LambdaZFit, Reason> {
    let last = curve.last.ok_or(Reason::NoMeasurable)?;
    match &options.choice {
        LambdaZChoice::BestFit => {
            let earliest = earliest_start(curve, dosing, options, clock);
            let points = measured(curve, last, |t| t >= earliest.0 && (t > earliest.1 || earliest.2));
            best_fit(&points, options)
        }
        LambdaZChoice::Points { times, reason } => {
            let points = measured(curve, last, |t| times.iter().any(|&chosen| same_time(t + clock, chosen)));
            let absent = |&chosen: &f64| !points.iter().any(|p| same_time(p.t + clock, chosen));
            if times.iter().any(absent) {
                return Err(Reason::ChosenPointAbsent);
            }
            by_hand(&points, options, reason)
        }
        LambdaZChoice::Range { first, last: until, reason } => {
            let points = measured(curve, last, |t| t + clock >= *first && t + clock <= *until);
            by_hand(&points, options, reason)
        }
    }
}

/// Times typed by a person equal those of the data up to rounding in the change of clock.
fn same_time(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0)
}

/// Least time, peak time, whether the peak may be in.
fn earliest_start(curve: &Curve, dosing: &Dosing, options: &LambdaZOptions, clock: f64) -> (f64, f64, bool) {
    let peak = curve.peak.map_or(f64::NEG_INFINITY, |i| curve.points[i].time);
    let with_peak = match options.peak {
        PeakRule::Never => false,
        PeakRule::Bolus => dosing.route == Route::Bolus,
        PeakRule::Always => true,
    };
    let not_before = options.earliest.map_or(f64::NEG_INFINITY, |t| t - clock);
    (peak.max(dosing.duration()).max(not_before), peak, with_peak)
}

/// The measured points up to `last` that are not left out of the fit and that `keep` takes, by time since the dose.
fn measured(curve: &Curve, last: usize, keep: impl Fn(f64) -> bool) -> Vec<LogPoint> {
    let mut points = Vec::with_capacity(last + 1);
    for p in &curve.points[..=last] {
        if let Some(sample) = p.sample.filter(|_| p.measured && !p.not_in_fit && keep(p.time)) {
            points.push(LogPoint { t: p.time, y: ln(p.conc), sample });
        }
    }
    points
}

fn best_fit(points: &[LogPoint], options: &LambdaZOptions) -> Result<LambdaZFit, Reason> {
    let min = options.min_points.max(3);
    if points.len() < min {
        return Err(Reason::TooFewPoints);
    }
    let longest = options.max_points.unwrap_or(points.len()).max(min).min(points.len());
    let best = windows(points, longest, min)
        .filter(|w| options.windows == Windows::All || w.falls)
        .map(|w| w.r2_adjusted)
        .fold(f64::NEG_INFINITY, f64::max);
    let chosen = windows(points, longest, min).filter(|w| w.falls && w.r2_adjusted >= best - options.tolerance).last();
    let chosen = chosen.ok_or(Reason::SlopeNotNegative)?;
    line(&points[points.len() - chosen.n..])
}

fn by_hand(points: &[LogPoint], options: &LambdaZOptions, reason: &str) -> Result<LambdaZFit, Reason> {
    if points.len() < options.min_points.max(3) {
        return Err(Reason::TooFewPoints);
    }
    let mut fit = line(points)?;
    fit.reason = Some(reason.to_owned());
    Ok(fit)
}

/// A window that ends at the last point.
struct Window {
    n: usize,
    r2_adjusted: f64,
    falls: bool,
}

/// The windows of `min` to `longest` points, shortest first; one with level points has no R² and is left out.
fn windows(points: &[LogPoint], longest: usize, min: usize) -> impl Iterator<Item = Window> {
    let mut sums = Sums::default();
    points.iter().rev().take(longest).filter_map(move |p| {
        sums.add(p.t, p.y);
        let r2_adjusted = sums.r2_adjusted()?;
        (sums.n >= min).then_some(Window { n: sums.n, r2_adjusted, falls: sums.ty < 0.0 })
    })
}

/// Sums of squares and products around the means, grown by one point at a time.
#[derive(Clone, Copy, Default)]
struct Sums {
    n: usize,
    t_mean: f64,
    y_mean: f64,
    tt: f64,
    ty: f64,
    yy: f64,
}

impl Sums {
    fn add(&mut self, t: f64, y: f64) {
        self.n += 1;
        let n = self.n as f64;
        let (dt, dy) = (t - self.t_mean, y - self.y_mean);
        self.t_mean += dt / n;
        self.y_mean += dy / n;
        let weight = (n - 1.0) / n;
        self.tt += weight * dt * dt;
        self.ty += weight * dt * dy;
        self.yy += weight * dy * dy;
    }

    fn r2(&self) -> Option<f64> {
        let denominator = self.tt * self.yy;
        (denominator > 0.0).then(|| (self.ty * self.ty / denominator).min(1.0))
    }

    fn r2_adjusted(&self) -> Option<f64> {
        let n = self.n as f64;
        self.r2().filter(|_| self.n > 2).map(|r2| 1.0 - (1.0 - r2) * (n - 1.0) / (n - 2.0))
    }
}

/// The least-squares line, its sums taken around the means.
fn line(points: &[LogPoint]) -> Result<LambdaZFit, Reason> {
    let n = points.len() as f64;
    let t_mean = points.iter().map(|p| p.t).sum::<f64>() / n;
    let y_mean = points.iter().map(|p| p.y).sum::<f64>() / n;
    let mut sums = Sums { n: points.len(), t_mean, y_mean, ..Sums::default() };
    for p in points {
        let (dt, dy) = (p.t - t_mean, p.y - y_mean);
        sums.tt += dt * dt;
        sums.ty += dt * dy;
        sums.yy += dy * dy;
    }
    let lambda_z = -sums.ty / sums.tt;
    let (Some(r2), Some(r2_adjusted)) = (sums.r2(), sums.r2_adjusted()) else {
        return Err(Reason::SlopeNotNegative);
    };
    if lambda_z <= 0.0 {
        return Err(Reason::SlopeNotNegative);
    }
    let intercept = y_mean + lambda_z * t_mean;
    if !(lambda_z.is_finite() && intercept.is_finite()) {
        return Err(Reason::Overflow);
    }
    Ok(LambdaZFit {
        lambda_z,
        intercept,
        r2,
        r2_adjusted,
        correlation: -r2.sqrt(),
        first: points[0].t,
        last: points[points.len() - 1].t,
        samples: points.iter().map(|p| p.sample).collect(),
        reason: None,
    })
}
