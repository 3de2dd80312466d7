//! Which points does the analysis integrate, and what became of each sample?
//!
//! A [`Curve`] is the profile after its rules: time since the dose, samples before the dose and excluded ones left out, samples below
//! the limit of quantification replaced or dropped by the [`crate::nca::BlqRule`], and the concentration at the dose inserted when
//! no sample was drawn there ([`crate::nca::options`] says what is inserted). What happened to each sample is kept.

use super::auc::{self, Area, At, Segment};
use super::blq::CountsAs;
use super::options::{AucRule, C0Rule, Options, StartRule};
use super::profile::{ExcludedFrom, Observed, Profile, Regimen, Route, Sample};
use super::reason::Reason;
use serde::{Deserialize, Serialize};

/// What became of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SampleUse {
    /// Used as measured.
    Measured,
    /// Used as measured in areas, left out of the regression by a person.
    NotInFit,
    /// BLQ, counted as 0.
    BlqZero,
    /// BLQ, counted as half the lower limit of quantification.
    BlqHalfLloq,
    /// BLQ, counted as missing.
    BlqMissing,
    /// No result.
    NotMeasured,
    /// Drawn before the dose.
    BeforeDose,
    /// Left out by a person.
    Excluded,
}

impl SampleUse {
    /// Whether the sample is a point of the curve.
    pub fn is_used(self) -> bool {
        matches!(self, Self::Measured | Self::NotInFit | Self::BlqZero | Self::BlqHalfLloq)
    }
}

/// A point of the curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Time since the dose.
    pub time: f64,
    /// Concentration.
    pub conc: f64,
    /// Its sample; none when it was inserted at the dose.
    pub sample: Option<usize>,
    /// Whether it was measured above the limit of quantification.
    pub measured: bool,
    /// Whether a person left it out of the regression.
    pub not_in_fit: bool,
}

impl Point {
    fn at(&self) -> At {
        (self.time, self.conc)
    }
}

/// What is integrated.
#[derive(Clone, Debug)]
pub struct Curve {
    /// The points, in order of time.
    pub points: Vec<Point>,
    /// What became of each sample of the profile.
    pub uses: Vec<SampleUse>,
    /// Position of the last measured point.
    pub last: Option<usize>,
    /// Position of the first maximum, within the dosing interval at steady state; an inserted point is no maximum.
    pub peak: Option<usize>,
    /// Concentration at the dose, measured or inserted.
    pub at_dose: Option<f64>,
    rule: AucRule,
    /// Linear-log is logarithmic from here on.
    log_from: f64,
}

impl Curve {
    /// Applies the rules. O(n).
    ///
    /// # Errors
    /// No sample is left, or the BLQ rule needs a limit that the profile does not have.
    pub fn new(profile: &Profile, options: &Options) -> Result<Self, Reason> {
        let (mut points, uses) = counted(profile, options)?;
        if points.is_empty() {
            return Err(Reason::NoSamples);
        }
        if options.start == StartRule::Insert && points[0].time > 0.0 {
            let conc = conc_at_dose(&points, profile, options);
            points.insert(0, Point { time: 0.0, conc, sample: None, measured: false, not_in_fit: true });
        }
        let mut curve = Self::from_points(points, options.rule, profile.dosing().tau());
        curve.uses = uses;
        curve.at_dose = match profile.dosing().route {
            Route::Bolus => curve.c0(options.c0),
            _ => curve.points.first().filter(|p| p.time <= 0.0).map(|p| p.conc),
        };
        Ok(curve)
    }

    /// A curve of ready points (excretion rates come this way). `tau` bounds where the peak is sought.
    pub(crate) fn from_points(points: Vec<Point>, rule: AucRule, tau: Option<f64>) -> Self {
        let last = points.iter().rposition(|p| p.measured);
        let peak = peak(&points, tau);
        let log_from = match (peak, points.first()) {
            // the inserted C0 of a bolus can stand above each sample
            (Some(peak), Some(first)) if first.conc <= points[peak].conc => points[peak].time,
            _ => f64::NEG_INFINITY,
        };
        Self { points, uses: Vec::new(), last, peak, at_dose: None, rule, log_from }
    }

    /// C0: the sample at the dose, else back-extrapolated.
    fn c0(&self, rule: C0Rule) -> Option<f64> {
        let first = self.points.first()?;
        if first.time > 0.0 || (rule == C0Rule::FirstPositive && first.conc <= 0.0) {
            let after = self.points.iter().position(|p| p.time > 0.0)?;
            return Some(back_extrapolated(&self.points[after..]));
        }
        Some(first.conc)
    }

    /// How the segment after position `i` is drawn.
    pub fn segment(&self, i: usize) -> Segment {
        let (p, q) = (&self.points[i], &self.points[i + 1]);
        auc::segment(self.rule, p.time >= self.log_from, p.conc, q.conc)
    }

    /// Area from the first point to the point at `to`.
    pub fn area_to(&self, to: usize) -> Area {
        let mut sum = Area::default();
        for i in 0..to {
            sum += self.area_after(i);
        }
        sum
    }

    /// Area of the segment after position `i`.
    pub fn area_after(&self, i: usize) -> Area {
        auc::area(self.segment(i), self.points[i].at(), self.points[i + 1].at())
    }

    /// AUC to the last point, with the triangle from t_last to the next zero, and nothing after it.
    pub fn area_all(&self) -> Area {
        match self.last {
            Some(last) => self.area_to((last + 1).min(self.points.len() - 1)),
            None => Area::default(),
        }
    }

    /// Concentration at `t`, between the first point and t_last.
    pub fn conc_at(&self, t: f64) -> f64 {
        let after = self.points.partition_point(|p| p.time < t);
        match self.points.get(after) {
            Some(p) if p.time <= t || after == 0 => p.conc,
            Some(q) => auc::interpolate(self.segment(after - 1), self.points[after - 1].at(), q.at(), t),
            None => self.points[after - 1].conc,
        }
    }

    /// Area from `from` to `to`, both between the first point and t_last. Interpolates by the rule in force.
    pub fn area_between(&self, from: f64, to: f64) -> Area {
        let mut sum = Area::default();
        for i in 0..self.points.len() - 1 {
            let (p, q) = (&self.points[i], &self.points[i + 1]);
            if q.time <= from {
                continue;
            }
            if p.time >= to {
                break;
            }
            let how = self.segment(i);
            let cut = |t: f64| (t, auc::interpolate(how, p.at(), q.at(), t));
            let start = if p.time < from { cut(from) } else { p.at() };
            let end = if q.time > to { cut(to) } else { q.at() };
            sum += auc::area(how, start, end);
        }
        sum
    }
}

/// The points that the BLQ rule leaves, and what became of each sample.
fn counted(profile: &Profile, options: &Options) -> Result<(Vec<Point>, Vec<SampleUse>), Reason> {
    let samples = profile.samples();
    let zero = profile.dosing().time;
    let lloq = profile.lloq();
    let is_measured = |s: &Sample| {
        s.time >= zero
            && !s.is_excluded()
            && matches!(s.observed, Observed::Conc(c) if c > 0.0 && lloq.is_none_or(|l| c >= l))
    };
    let first = samples.iter().position(is_measured).unwrap_or(samples.len());
    let last = samples.iter().rposition(is_measured).unwrap_or(0);
    let blq = options.blq.entry();

    let mut points = Vec::with_capacity(samples.len() + 1);
    let mut uses = Vec::with_capacity(samples.len());
    for (i, sample) in samples.iter().enumerate() {
        let place = if i < first {
            blq.before
        } else if i < last {
            blq.between
        } else {
            blq.after
        };
        let (conc, used) = match sample.observed {
            _ if sample.time < zero => (None, SampleUse::BeforeDose),
            _ if sample.is_excluded() => (None, SampleUse::Excluded),
            Observed::Missing => (None, SampleUse::NotMeasured),
            Observed::Conc(c) if is_measured(sample) => {
                let kept = sample.exclusion.is_none();
                (Some(c), if kept { SampleUse::Measured } else { SampleUse::NotInFit })
            }
            Observed::Conc(_) | Observed::Blq => match place {
                CountsAs::Zero => (Some(0.0), SampleUse::BlqZero),
                CountsAs::Missing => (None, SampleUse::BlqMissing),
                CountsAs::HalfLloq => (Some(lloq.ok_or(Reason::LloqUnknown)? / 2.0), SampleUse::BlqHalfLloq),
            },
        };
        uses.push(used);
        if let Some(conc) = conc {
            let not_in_fit = sample.exclusion.as_ref().is_some_and(|e| e.from == ExcludedFrom::LambdaZ);
            let measured = matches!(used, SampleUse::Measured | SampleUse::NotInFit);
            points.push(Point { time: sample.time - zero, conc, sample: Some(i), measured, not_in_fit });
        }
    }
    Ok((points, uses))
}

/// Position of the first maximum among the sampled points, within `tau` when at steady state.
fn peak(points: &[Point], tau: Option<f64>) -> Option<usize> {
    let end = tau.unwrap_or(f64::INFINITY);
    let mut best: Option<usize> = None;
    for (i, p) in points.iter().enumerate().filter(|(_, p)| p.sample.is_some() && p.time <= end) {
        if best.is_none_or(|b| p.conc > points[b].conc) {
            best = Some(i);
        }
    }
    best
}

/// What is inserted at the dose.
fn conc_at_dose(points: &[Point], profile: &Profile, options: &Options) -> f64 {
    let dosing = profile.dosing();
    match (dosing.route, dosing.regimen) {
        (Route::Bolus, _) => back_extrapolated(points),
        (_, Regimen::SingleDose) => 0.0,
        (_, Regimen::SteadyState { tau }) => {
            debug_assert!(options.start == StartRule::Insert);
            points.iter().filter(|p| p.time <= tau).map(|p| p.conc).reduce(f64::min).unwrap_or(0.0)
        }
    }
}

/// Log-linear through the first two points after a bolus; the first point's concentration when they do not fall,
/// one is zero, or one was left out of the regression by a person (Phoenix's rule).
fn back_extrapolated(points: &[Point]) -> f64 {
    match points {
        [p, q, ..] if q.conc < p.conc && q.conc > 0.0 && !p.not_in_fit && !q.not_in_fit => {
            auc::interpolate(Segment::Log, p.at(), q.at(), 0.0)
        }
        [p, ..] => p.conc,
        [] => 0.0,
    }
}
