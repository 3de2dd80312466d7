//! How much, and how long, was an effect above or below a level?
//!
//! The response is joined by straight lines; where a line crosses the baseline or the threshold, the crossing divides it exactly, so that
//! areas and times on either side add up. With baseline B and threshold T, the area between them is
//! ```text
//! B < T:   area above B − area above T          B > T:   area below B − area below T
//! ```
//! Logarithmic lines are not offered: responses may be zero or negative. A part of the curve that lies on a level is neither above nor below it.
//! When the first sample comes after `start`, the baseline stands at `start`, as in Phoenix.
//! Source: Phoenix WinNonlin User's Guide 8.3, "Drug effect model 220". Cost O(n).
//! Tested against the values quoted with Phoenix's names in MetidaNCA (tests/nca/effect.rs).

use super::evaluate::{Before, Number, evaluate};
use super::parameters::{Matrix, Parameter, ParameterSet};
use super::profile::{Dosing, ProfileError, Regimen, Route};
use super::reason::{Outcome, Reason};
use super::result::ParameterValue;
use serde::{Deserialize, Serialize};

/// One response.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Response {
    /// The caller's row.
    pub row: usize,
    /// Time.
    pub time: f64,
    /// Response, any finite number.
    pub value: f64,
}

/// Responses of one subject, in order of time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EffectProfile {
    responses: Vec<Response>,
}

impl EffectProfile {
    /// Checks and sorts.
    ///
    /// # Errors
    /// No responses, a number that is not finite, two responses at one time.
    pub fn new(mut responses: Vec<Response>) -> Result<Self, ProfileError> {
        if responses.is_empty() {
            return Err(ProfileError::NoSamples);
        }
        for &Response { row, time, value } in &responses {
            if !time.is_finite() {
                return Err(ProfileError::TimeNotFinite { row, time });
            }
            if !value.is_finite() {
                return Err(ProfileError::ConcNotFinite { row, conc: value });
            }
        }
        responses.sort_by(|a, b| a.time.total_cmp(&b.time));
        if let Some(pair) = responses.windows(2).find(|pair| pair[0].time >= pair[1].time) {
            return Err(ProfileError::DuplicateTime { first_row: pair[0].row, row: pair[1].row, time: pair[1].time });
        }
        Ok(Self { responses })
    }
}

/// The levels that the response is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct EffectOptions {
    /// Baseline.
    pub baseline: f64,
    /// Threshold; its parameters are not calculable without one.
    pub threshold: Option<f64>,
    /// Where the curve starts; the first sample when `None`.
    pub start: Option<f64>,
}

/// The analysis of one subject's responses.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EffectResult {
    /// The parameters, in the order of the table.
    pub values: Vec<ParameterValue>,
    /// How it was analysed.
    pub options: EffectOptions,
}

impl EffectResult {
    /// A parameter's value, or why it has none.
    pub fn get(&self, parameter: Parameter) -> Outcome {
        let found = self.values.iter().find(|v| v.parameter == parameter);
        found.map_or(Outcome::NotCalculable(Reason::NotGiven), |v| v.outcome)
    }
}

/// Analyses one subject's responses.
pub fn analyse_effect(profile: &EffectProfile, options: &EffectOptions) -> EffectResult {
    let mut points: Vec<(f64, f64)> = profile.responses.iter().map(|r| (r.time, r.value)).collect();
    let sampled = points.clone();
    if let Some(start) = options.start {
        points.retain(|p| p.0 >= start);
        if points.first().is_none_or(|p| p.0 > start) {
            points.insert(0, (start, options.baseline));
        }
    }
    let baseline = sides(&points, options.baseline);
    let threshold = options.threshold.map(|level| sides(&points, level)).ok_or(Reason::NotGiven);
    let compute = |parameter: Parameter, of: Before<'_>| -> Number {
        use Parameter as P;
        let between = |above_b, above_t, below_b, below_t| {
            let rises = options.baseline < options.threshold.ok_or(Reason::NotGiven)?;
            let (outer, inner) = if rises { (above_b, above_t) } else { (below_b, below_t) };
            Ok(of(outer)? - of(inner)?)
        };
        match parameter {
            P::ResponseMax => extreme(&sampled, |a, b| a > b).map(|p| p.1),
            P::ResponseMaxTime => extreme(&sampled, |a, b| a > b).map(|p| p.0),
            P::ResponseMin => extreme(&sampled, |a, b| a < b).map(|p| p.1),
            P::ResponseMinTime => extreme(&sampled, |a, b| a < b).map(|p| p.0),
            P::AucAboveBaseline => Ok(baseline.area_above),
            P::AucBelowBaseline => Ok(baseline.area_below),
            P::AucNetBaseline => Ok(of(P::AucAboveBaseline)? - of(P::AucBelowBaseline)?),
            P::AucAboveThreshold => threshold.map(|s| s.area_above),
            P::AucBelowThreshold => threshold.map(|s| s.area_below),
            P::AucNetThreshold => Ok(of(P::AucAboveThreshold)? - of(P::AucBelowThreshold)?),
            P::AucBetween => {
                between(P::AucAboveBaseline, P::AucAboveThreshold, P::AucBelowBaseline, P::AucBelowThreshold)
            }
            P::TimeAboveBaseline => Ok(baseline.time_above),
            P::TimeBelowBaseline => Ok(baseline.time_below),
            P::TimeAboveThreshold => threshold.map(|s| s.time_above),
            P::TimeBelowThreshold => threshold.map(|s| s.time_below),
            P::TimeBetween => {
                between(P::TimeAboveBaseline, P::TimeAboveThreshold, P::TimeBelowBaseline, P::TimeBelowThreshold)
            }
            _ => Err(Reason::NotGiven),
        }
    };
    let asked = ParameterSet::all_of(Matrix::Effect);
    let undosed = Dosing { dose: None, time: 0.0, route: Route::Extravascular, regimen: Regimen::SingleDose };
    EffectResult { values: evaluate(asked, Matrix::Effect, &undosed, &compute), options: *options }
}

/// Areas and times on the two sides of a level.
#[derive(Clone, Copy, Debug, Default)]
struct Sides {
    area_above: f64,
    area_below: f64,
    time_above: f64,
    time_below: f64,
}

impl Sides {
    /// A triangle or trapezium that does not cross the level: its width, its mean distance from the level.
    fn add(&mut self, width: f64, distance: f64) {
        if distance > 0.0 {
            self.area_above += width * distance;
            self.time_above += width;
        } else if distance < 0.0 {
            self.area_below -= width * distance;
            self.time_below += width;
        }
    }
}

fn sides(points: &[(f64, f64)], level: f64) -> Sides {
    let mut sides = Sides::default();
    for pair in points.windows(2) {
        let width = pair[1].0 - pair[0].0;
        let (d1, d2) = (pair[0].1 - level, pair[1].1 - level);
        if d1 * d2 < 0.0 {
            let to_crossing = width * d1 / (d1 - d2);
            sides.add(to_crossing, d1 / 2.0);
            sides.add(width - to_crossing, d2 / 2.0);
        } else {
            sides.add(width, (d1 + d2) / 2.0);
        }
    }
    sides
}

/// The first point that none surpasses.
fn extreme(points: &[(f64, f64)], surpasses: fn(f64, f64) -> bool) -> Result<(f64, f64), Reason> {
    let best = points.iter().copied().reduce(|best, p| if surpasses(p.1, best.1) { p } else { best });
    best.ok_or(Reason::NoSamples)
}
