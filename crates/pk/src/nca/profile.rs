//! What was measured in one profile, and what was given?
//!
//! A [`Profile`] is proof that its times are finite and distinct and rise, that its concentrations are finite and
//! not negative, and that dose, dosing interval and infusion duration are positive. No function behind this door asks again.
//! Samples may come in any order: the door sorts them, and two samples at one time are an error
//! (a swapped tube and a repeated assay look alike; only the site knows which it was).
//!
//! A concentration of 0 means "below the limit of quantification" (BLQ), as data files of the trade write it; so does a
//! positive one below [`Profile::lloq`]. What a BLQ sample counts as is said by a [`crate::nca::BlqRule`].

use serde::{Deserialize, Serialize};

/// What the laboratory said about one sample.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Observed {
    /// A concentration, finite and not negative. 0 counts as BLQ.
    Conc(f64),
    /// Below the lower limit of quantification.
    Blq,
    /// No result: not drawn, lost, not reportable.
    Missing,
}

/// What an excluded sample is left out of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExcludedFrom {
    /// The whole analysis.
    Everything,
    /// The regression for lambda_z only; the sample stays in the areas.
    LambdaZ,
}

/// A sample left out by a person, who says why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exclusion {
    /// Left out of what.
    pub from: ExcludedFrom,
    /// Why, in the analyst's words; it goes into the result.
    pub reason: String,
}

/// One sample of a profile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// The caller's row, so that a result can be traced to its data. Not used in any computation.
    pub row: usize,
    /// Actual time, on the clock of the data.
    pub time: f64,
    /// What was measured.
    pub observed: Observed,
    /// Whether a person left it out.
    pub exclusion: Option<Exclusion>,
}

impl Sample {
    /// A measured sample.
    pub fn new(row: usize, time: f64, conc: f64) -> Self {
        Self { row, time, observed: Observed::Conc(conc), exclusion: None }
    }

    /// Whether the sample is left out of the whole analysis.
    pub fn is_excluded(&self) -> bool {
        self.exclusion.as_ref().is_some_and(|e| e.from == ExcludedFrom::Everything)
    }
}

/// How the dose reached the body.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Route {
    /// Oral, subcutaneous, intramuscular, ...: with absorption.
    Extravascular,
    /// Intravenous, at once.
    Bolus,
    /// Intravenous, at a constant rate.
    Infusion {
        /// How long, in the time unit of the profile.
        duration: f64,
    },
}

/// One dose, or an interval at steady state.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Regimen {
    /// One dose, nothing before it.
    SingleDose,
    /// A dose given every `tau`, long enough that intervals look alike.
    SteadyState {
        /// Dosing interval, in the time unit of the profile.
        tau: f64,
    },
}

/// What was given, when and how.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dosing {
    /// Amount. Without it clearances, volumes and dose-normalised parameters are not calculable.
    pub dose: Option<f64>,
    /// Time of the dose, on the clock of the data.
    pub time: f64,
    /// Route.
    pub route: Route,
    /// Single dose or steady state.
    pub regimen: Regimen,
}

impl Dosing {
    /// A single extravascular dose at time 0.
    pub fn oral(dose: f64) -> Self {
        Self { dose: Some(dose), time: 0.0, route: Route::Extravascular, regimen: Regimen::SingleDose }
    }

    /// The same dosing by another route.
    pub fn by(self, route: Route) -> Self {
        Self { route, ..self }
    }

    /// The same dosing, repeated every `tau` to steady state.
    pub fn every(self, tau: f64) -> Self {
        Self { regimen: Regimen::SteadyState { tau }, ..self }
    }

    /// The dosing interval at steady state.
    pub fn tau(&self) -> Option<f64> {
        match self.regimen {
            Regimen::SteadyState { tau } => Some(tau),
            Regimen::SingleDose => None,
        }
    }

    /// Duration of the infusion, 0 for other routes.
    pub fn duration(&self) -> f64 {
        match self.route {
            Route::Infusion { duration } => duration,
            _ => 0.0,
        }
    }
}

/// Why data are not a profile. Rows are the caller's ([`Sample::row`]).
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum ProfileError {
    #[error("no samples")]
    NoSamples,
    #[error("row {row}: time {time} is not a finite number")]
    TimeNotFinite { row: usize, time: f64 },
    #[error("row {row}: concentration {conc} is not a finite number")]
    ConcNotFinite { row: usize, conc: f64 },
    #[error("row {row}: negative concentration {conc} at time {time}")]
    NegativeConc { row: usize, time: f64, conc: f64 },
    #[error("rows {first_row} and {row}: two samples at time {time}")]
    DuplicateTime { first_row: usize, row: usize, time: f64 },
    #[error("{what} {value} is not a positive number")]
    NotPositive { what: &'static str, value: f64 },
    #[error("the time of the dose, {time}, is not a finite number")]
    DoseTimeNotFinite { time: f64 },
}

impl ProfileError {
    /// What the reader of the message can do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoSamples => "check the subject's rows, or leave the subject out with a reason",
            Self::TimeNotFinite { .. } => "enter the actual sampling time, or leave the sample out with a reason",
            Self::ConcNotFinite { .. } => {
                "enter the concentration, `BLQ`, or leave the cell empty when there is no result"
            }
            Self::NegativeConc { .. } => {
                "query the laboratory; a result below the limit of quantification is written `BLQ` or 0"
            }
            Self::DuplicateTime { .. } => {
                "query the site about the times, keep one assay result a sample, or group by period with `--by`"
            }
            Self::NotPositive { .. } => "give a number greater than 0, or leave the option out",
            Self::DoseTimeNotFinite { .. } => "give the time of the dose on the clock of the samples",
        }
    }

    /// The caller's row it is about, if it is about one.
    pub fn row(&self) -> Option<usize> {
        match *self {
            Self::TimeNotFinite { row, .. }
            | Self::ConcNotFinite { row, .. }
            | Self::NegativeConc { row, .. }
            | Self::DuplicateTime { row, .. } => Some(row),
            _ => None,
        }
    }
}

/// Samples of one subject after one dose, in order of time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Profile {
    samples: Vec<Sample>,
    dosing: Dosing,
    lloq: Option<f64>,
}

impl Profile {
    /// Checks and sorts. O(n log n), O(n) when the samples come in order.
    ///
    /// # Errors
    /// The first fault found, with the caller's row.
    pub fn new(mut samples: Vec<Sample>, dosing: Dosing) -> Result<Self, ProfileError> {
        if samples.is_empty() {
            return Err(ProfileError::NoSamples);
        }
        for sample in &samples {
            check_sample(sample)?;
        }
        check_dosing(&dosing)?;
        samples.sort_by(|a, b| a.time.total_cmp(&b.time));
        if let Some(pair) = samples.windows(2).find(|pair| pair[0].time >= pair[1].time) {
            let (first_row, row) = (pair[0].row.min(pair[1].row), pair[0].row.max(pair[1].row));
            return Err(ProfileError::DuplicateTime { first_row, row, time: pair[1].time });
        }
        Ok(Self { samples, dosing, lloq: None })
    }

    /// The same profile with the assay's lower limit of quantification.
    ///
    /// # Errors
    /// When the limit is not positive and finite.
    pub fn with_lloq(self, lloq: f64) -> Result<Self, ProfileError> {
        positive("lower limit of quantification", lloq)?;
        Ok(Self { lloq: Some(lloq), ..self })
    }

    /// The samples, in order of time.
    pub fn samples(&self) -> &[Sample] {
        &self.samples
    }

    /// What was given.
    pub fn dosing(&self) -> &Dosing {
        &self.dosing
    }

    /// The lower limit of quantification, when known.
    pub fn lloq(&self) -> Option<f64> {
        self.lloq
    }
}

fn check_sample(sample: &Sample) -> Result<(), ProfileError> {
    let Sample { row, time, .. } = *sample;
    if !time.is_finite() {
        return Err(ProfileError::TimeNotFinite { row, time });
    }
    match sample.observed {
        Observed::Conc(conc) if !conc.is_finite() => Err(ProfileError::ConcNotFinite { row, conc }),
        Observed::Conc(conc) if conc < 0.0 => Err(ProfileError::NegativeConc { row, time, conc }),
        _ => Ok(()),
    }
}

pub(crate) fn check_dosing(dosing: &Dosing) -> Result<(), ProfileError> {
    if !dosing.time.is_finite() {
        return Err(ProfileError::DoseTimeNotFinite { time: dosing.time });
    }
    if let Some(dose) = dosing.dose {
        positive("dose", dose)?;
    }
    if let Some(tau) = dosing.tau() {
        positive("dosing interval", tau)?;
    }
    if let Route::Infusion { duration } = dosing.route {
        positive("infusion duration", duration)?;
    }
    Ok(())
}

fn positive(what: &'static str, value: f64) -> Result<(), ProfileError> {
    if value.is_finite() && value > 0.0 { Ok(()) } else { Err(ProfileError::NotPositive { what, value }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_in_any_order_are_the_same_profile() {
        let forward = vec![Sample::new(1, 0.0, 0.0), Sample::new(2, 1.0, 5.0), Sample::new(3, 2.0, 3.0)];
        let backward = forward.iter().rev().cloned().collect();
        assert_eq!(Profile::new(forward, Dosing::oral(1.0)), Profile::new(backward, Dosing::oral(1.0)));
    }

    #[test]
    fn each_fault_names_its_row() {
        let fault = |samples| Profile::new(samples, Dosing::oral(1.0)).unwrap_err();
        assert_eq!(fault(vec![]), ProfileError::NoSamples);
        let twice = fault(vec![Sample::new(4, 1.0, 2.0), Sample::new(3, 1.0, 2.5)]);
        assert_eq!(twice, ProfileError::DuplicateTime { first_row: 3, row: 4, time: 1.0 });
        assert_eq!(twice.row(), Some(4));
        assert_eq!(fault(vec![Sample::new(7, 1.0, -0.1)]).row(), Some(7));
        assert_eq!(fault(vec![Sample::new(8, f64::NAN, 1.0)]).row(), Some(8));
        assert_eq!(fault(vec![Sample::new(9, 1.0, f64::INFINITY)]).row(), Some(9));
    }

    #[test]
    fn a_dosing_that_cannot_be_is_refused() {
        let sample = vec![Sample::new(1, 0.0, 1.0)];
        for dosing in [
            Dosing::oral(0.0),
            Dosing::oral(f64::NAN),
            Dosing::oral(1.0).every(-1.0),
            Dosing::oral(1.0).by(Route::Infusion { duration: 0.0 }),
        ] {
            assert!(matches!(Profile::new(sample.clone(), dosing), Err(ProfileError::NotPositive { .. })));
        }
    }
}
