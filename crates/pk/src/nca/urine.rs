//! What do urine collections say about excretion?
//!
//! A collection from `a` to `b` with volume V and concentration C has the amount `C V` and the excretion rate `C V / (b − a)`, placed at
//! the midpoint. The area under the rate curve (AURC) starts at (0, 0) at the dose. lambda_z is the best fit of ln(rate) on midpoints
//! (the rule of [`crate::nca::lambda_z`], the maximum rate left out whatever the route). Renal clearance is the amount over the plasma AUC of the same interval.
//!
//! Concentration times volume must be an amount in the unit of the dose (mg/mL and mL with mg).
//! Where packages differ: as in Phoenix, a collection without volume or without result is left out; a result below the limit of quantification
//! is a rate of 0. A missing collection leaves the recovered amount too small, so the number of collections used is reported.
//! Source: Phoenix WinNonlin User's Guide 8.3, "Urine models 210-212". Cost O(n).
//! Tested against Phoenix values and closed forms (tests/nca/urine.rs).

use super::curve::{Curve, Point};
use super::evaluate::{Before, Number, evaluate};
use super::lambda_z::{self, LambdaZFit};
use super::options::Options;
use super::parameters::{Matrix, Parameter, ParameterSet};
use super::profile::{Dosing, Observed, ProfileError, Route};
use super::reason::{Outcome, Reason, ratio};
use super::result::ParameterValue;
use serde::{Deserialize, Serialize};

/// One collection of urine.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Collection {
    /// The caller's row.
    pub row: usize,
    /// Start, on the clock of the data.
    pub start: f64,
    /// End.
    pub end: f64,
    /// Volume.
    pub volume: f64,
    /// Concentration.
    pub observed: Observed,
}

/// Why data are not a set of collections.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum UrineError {
    #[error("no collections")]
    NoCollections,
    #[error("row {row}: the collection from {start} to {end} does not end after its start")]
    NotAnInterval { row: usize, start: f64, end: f64 },
    #[error("row {row}: {what} {value} is negative or not a finite number")]
    NotAnAmount { row: usize, what: &'static str, value: f64 },
    #[error("rows {first_row} and {row}: collections overlap at {time}")]
    Overlap { first_row: usize, row: usize, time: f64 },
    #[error("row {row}: the collection starts at {start}, before the dose at {dose_time}, and ends after it")]
    AcrossDose { row: usize, start: f64, dose_time: f64 },
    #[error(transparent)]
    Dosing(#[from] ProfileError),
}

impl UrineError {
    /// What the reader of the message can do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoCollections => "check the subject's rows, or leave the subject out with a reason",
            Self::NotAnInterval { .. } | Self::Overlap { .. } => "query the site about start and end of the collection",
            Self::NotAnAmount { .. } => {
                "query the volume or the concentration; below quantification is written `BLQ` or 0"
            }
            Self::AcrossDose { .. } => "an emptying of the bladder at the dose separates the collections: query it",
            Self::Dosing(error) => error.hint(),
        }
    }
}

/// Collections of one subject after one dose, in order of time, not overlapping.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct UrineProfile {
    collections: Vec<Collection>,
    dosing: Dosing,
}

impl UrineProfile {
    /// Checks and sorts.
    ///
    /// # Errors
    /// The first fault found, with the caller's row.
    pub fn new(mut collections: Vec<Collection>, dosing: Dosing) -> Result<Self, UrineError> {
        super::profile::check_dosing(&dosing)?;
        if collections.is_empty() {
            return Err(UrineError::NoCollections);
        }
        for c in &collections {
            check_collection(c, &dosing)?;
        }
        collections.sort_by(|a, b| a.start.total_cmp(&b.start));
        if let Some(pair) = collections.windows(2).find(|pair| pair[1].start < pair[0].end) {
            return Err(UrineError::Overlap { first_row: pair[0].row, row: pair[1].row, time: pair[1].start });
        }
        Ok(Self { collections, dosing })
    }

    /// The collections, in order of time.
    pub fn collections(&self) -> &[Collection] {
        &self.collections
    }
}

fn check_collection(c: &Collection, dosing: &Dosing) -> Result<(), UrineError> {
    let Collection { row, start, end, volume, observed } = *c;
    if !(start.is_finite() && end.is_finite() && end > start) {
        return Err(UrineError::NotAnInterval { row, start, end });
    }
    if start < dosing.time && end > dosing.time {
        return Err(UrineError::AcrossDose { row, start, dose_time: dosing.time });
    }
    let amount = |what, value: f64| {
        if value.is_finite() && value >= 0.0 { Ok(()) } else { Err(UrineError::NotAnAmount { row, what, value }) }
    };
    amount("volume", volume)?;
    match observed {
        Observed::Conc(conc) => amount("concentration", conc),
        Observed::Blq | Observed::Missing => Ok(()),
    }
}

/// The analysis of one subject's urine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UrineResult {
    /// The parameters, in the order of the table.
    pub values: Vec<ParameterValue>,
    /// The terminal regression of ln(rate), or why there is none. Its samples are positions among the collections.
    pub lambda_z: Result<LambdaZFit, Reason>,
    /// Midpoint on the reported clock and rate of each collection; none when it was left out.
    pub rates: Vec<Option<(f64, f64)>>,
    /// How it was analysed.
    pub options: Options,
}

impl UrineResult {
    /// A parameter's value, or why it has none.
    pub fn get(&self, parameter: Parameter) -> Outcome {
        let found = self.values.binary_search_by_key(&parameter, |v| v.parameter);
        found.map_or(Outcome::NotCalculable(Reason::NotGiven), |at| self.values[at].outcome)
    }

    /// A parameter's number, if it has one.
    pub fn value(&self, parameter: Parameter) -> Option<f64> {
        self.get(parameter).value()
    }
}

/// Analyses one subject's urine. `plasma_auc` is over the interval of the collections, for renal clearance.
pub fn analyse_urine(profile: &UrineProfile, options: &Options, plasma_auc: Option<f64>) -> UrineResult {
    let dosing = &profile.dosing;
    let clock = options.clock.offset(dosing);
    let used: Vec<Option<Excreted>> = profile.collections.iter().map(|c| excreted(c, dosing)).collect();
    let curve = rate_curve(&used, options);
    // rates are taken as after extravascular dosing: no infusion time bounds the window, the maximum is not in it
    let as_oral = Dosing { route: Route::Extravascular, ..*dosing };
    let lambda_z = match &curve {
        Some(curve) => lambda_z::fit(curve, &as_oral, &options.lambda_z, clock),
        None => Err(Reason::NoSamples),
    };
    let engine = Engine { used: &used, curve: curve.as_ref(), fit: lambda_z.as_ref(), dosing, clock, plasma_auc };
    let compute = |parameter, of: Before<'_>| engine.compute(parameter, of);
    let asked = options.parameters.unwrap_or_else(|| ParameterSet::all_of(Matrix::Urine));
    let values = evaluate(asked, Matrix::Urine, dosing, &compute);
    let rates = used.iter().map(|u| u.map(|u| (u.midpoint + clock, u.rate))).collect();
    UrineResult { values, lambda_z, rates, options: options.clone() }
}

/// What one collection contains; `midpoint` is since the dose.
#[derive(Clone, Copy)]
struct Excreted {
    midpoint: f64,
    amount: f64,
    rate: f64,
    volume: f64,
}

fn excreted(c: &Collection, dosing: &Dosing) -> Option<Excreted> {
    let conc = match c.observed {
        Observed::Conc(conc) => conc,
        Observed::Blq => 0.0,
        Observed::Missing => return None,
    };
    if c.volume <= 0.0 || c.start < dosing.time {
        return None;
    }
    let amount = conc * c.volume;
    let midpoint = (c.start + c.end) / 2.0 - dosing.time;
    Some(Excreted { midpoint, amount, rate: amount / (c.end - c.start), volume: c.volume })
}

fn rate_curve(used: &[Option<Excreted>], options: &Options) -> Option<Curve> {
    let start = Point { time: 0.0, conc: 0.0, sample: None, measured: false, not_in_fit: true };
    let mut points = vec![start];
    for (at, u) in used.iter().enumerate() {
        if let Some(u) = u {
            let measured = u.rate > 0.0;
            points.push(Point { time: u.midpoint, conc: u.rate, sample: Some(at), measured, not_in_fit: false });
        }
    }
    (points.len() > 1).then(|| Curve::from_points(points, options.rule, None))
}

struct Engine<'a> {
    used: &'a [Option<Excreted>],
    curve: Option<&'a Curve>,
    fit: Result<&'a LambdaZFit, &'a Reason>,
    dosing: &'a Dosing,
    clock: f64,
    plasma_auc: Option<f64>,
}

impl Engine<'_> {
    fn compute(&self, parameter: Parameter, of: Before<'_>) -> Number {
        use Parameter as P;
        let extrapolated_pct = |whole| ratio(100.0 * (of(whole)? - of(P::AurcLast)?), of(whole)?);
        match parameter {
            P::AmountRecovered => self.total(|u| u.amount),
            P::PercentRecovered => ratio(100.0 * of(P::AmountRecovered)?, self.dose()?),
            P::UrineVolume => self.total(|u| u.volume),
            P::RateMax => self.at(self.curve()?.peak, |p| p.conc),
            P::RateMaxTime => self.at(self.curve()?.peak, |p| p.time + self.clock),
            P::RateLast => self.at(self.curve()?.last, |p| p.conc),
            P::RateLastTime => self.at(self.curve()?.last, |p| p.time + self.clock),
            P::RateLastPred => Ok(self.fit()?.predict(of(P::RateLastTime)? - self.clock)),
            P::RateLag => self.lag(),
            P::AurcLast => Ok(self.curve()?.last.map_or(0.0, |last| self.curve().map_or(0.0, |c| c.area_to(last).auc))),
            P::AurcLastByDose => ratio(of(P::AurcLast)?, self.dose()?),
            P::AurcAll => Ok(self.curve()?.area_all().auc),
            P::AurcInfObs => Ok(of(P::AurcLast)? + of(P::RateLast)? / of(P::LambdaZ)?),
            P::AurcInfPred => Ok(of(P::AurcLast)? + of(P::RateLastPred)? / of(P::LambdaZ)?),
            P::AurcPctExtrapObs => extrapolated_pct(P::AurcInfObs),
            P::AurcPctExtrapPred => extrapolated_pct(P::AurcInfPred),
            P::RenalClearance => ratio(of(P::AmountRecovered)?, self.plasma_auc.ok_or(Reason::NotGiven)?),
            terminal => self.fit()?.parameter(terminal, self.clock),
        }
    }

    fn curve(&self) -> Result<&Curve, Reason> {
        self.curve.ok_or(Reason::NoSamples)
    }

    fn fit(&self) -> Result<&LambdaZFit, Reason> {
        self.fit.map_err(|&reason| reason)
    }

    fn dose(&self) -> Number {
        self.dosing.dose.ok_or(Reason::NoDose)
    }

    fn total(&self, read: impl Fn(&Excreted) -> f64) -> Number {
        self.curve()?;
        Ok(self.used.iter().flatten().map(read).sum())
    }

    fn at(&self, position: Option<usize>, read: impl Fn(&Point) -> f64) -> Number {
        let points = &self.curve()?.points;
        position.map(|i| read(&points[i])).ok_or(Reason::NoMeasurable)
    }

    fn lag(&self) -> Number {
        let points = &self.curve()?.points;
        let first = points.iter().position(|p| p.measured).ok_or(Reason::NoMeasurable)?;
        Ok(points[first - 1].time + self.clock)
    }
}
