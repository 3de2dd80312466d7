//! What did the analysis of one profile find?
//!
//! Plain data: values or reasons in the order of the parameter table, partial areas, the terminal regression, flags, what became of each
//! sample, and the options that made it all. [`NcaResult::samples_used`] answers which samples stand behind a parameter.

use super::curve::SampleUse;
use super::lambda_z::LambdaZFit;
use super::options::{Interval, Options};
use super::parameters::{Parameter, Reads};
use super::profile::Dosing;
use super::reason::{Outcome, Reason};
use serde::{Deserialize, Serialize};

/// A parameter and its value.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ParameterValue {
    /// Which.
    pub parameter: Parameter,
    /// Its value, or why it has none.
    pub outcome: Outcome,
}

/// A partial area.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PartialArea {
    /// Its interval, as asked for.
    pub interval: Interval,
    /// AUC from T1 to T2 (PPTESTCD `AUCINT`).
    pub outcome: Outcome,
}

/// A limit of quality that was passed. The value stays.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Flag {
    /// What is flagged.
    pub kind: FlagKind,
    /// What was found.
    pub value: f64,
    /// The limit.
    pub limit: f64,
}

/// What a flag is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FlagKind {
    /// Adjusted R² of the terminal regression is low.
    AdjustedR2,
    /// The terminal regression spans few half-lives.
    Span,
    /// Much of the AUC to infinity is extrapolated.
    Extrapolated,
    /// Much of the AUC to infinity is back-extrapolated to C0.
    BackExtrapolated,
}

impl Flag {
    /// The flag in words.
    pub fn text(&self) -> String {
        let Self { value, limit, .. } = self;
        match self.kind {
            FlagKind::AdjustedR2 => format!("adjusted R² {value:.4} is below {limit}: half-life is flagged"),
            FlagKind::Span => format!("lambda_z spans {value:.2} half-lives, fewer than {limit}: half-life is flagged"),
            FlagKind::Extrapolated => {
                format!("{value:.1} % of the AUC to infinity is extrapolated, more than {limit} %: it is flagged")
            }
            FlagKind::BackExtrapolated => {
                format!("{value:.1} % of the AUC to infinity is back-extrapolated, more than {limit} %: it is flagged")
            }
        }
    }
}

/// The analysis of one profile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NcaResult {
    /// The parameters that were asked for, in the order of the table.
    pub values: Vec<ParameterValue>,
    /// Partial areas, in the order asked for.
    pub partial: Vec<PartialArea>,
    /// The terminal regression, or why there is none; `NotGiven` when no parameter needed it.
    pub lambda_z: Result<LambdaZFit, Reason>,
    /// Limits of quality that were passed.
    pub flags: Vec<Flag>,
    /// What became of each sample, in the profile's order.
    pub samples: Vec<SampleUse>,
    /// The concentration at the dose, sampled or inserted.
    pub conc_at_dose: Option<f64>,
    /// What was given.
    pub dosing: Dosing,
    /// How it was analysed.
    pub options: Options,
    /// Places of landmarks among the samples, for tracing.
    pub(crate) landmarks: Landmarks,
}

/// Sample positions that parameters refer to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Landmarks {
    pub peak: Option<usize>,
    pub last: Option<usize>,
    /// The first sample after the dosing interval.
    pub after_tau: Option<usize>,
    /// Whether the interval ends beyond t_last.
    pub tau_beyond_last: bool,
    /// The first measurable sample.
    pub first: Option<usize>,
}

impl NcaResult {
    /// A parameter's value, or why it has none.
    pub fn get(&self, parameter: Parameter) -> Outcome {
        let found = self.values.binary_search_by_key(&parameter, |v| v.parameter);
        found.map_or(Outcome::NotCalculable(Reason::NotGiven), |at| self.values[at].outcome)
    }

    /// A parameter's number, if it has one.
    pub fn value(&self, parameter: Parameter) -> Option<f64> {
        self.get(parameter).value()
    }

    /// Positions in the profile of the samples behind a parameter, ascending. The reason for a missing value is read from the same samples.
    pub fn samples_used(&self, parameter: Parameter) -> Vec<usize> {
        let mut used = vec![false; self.samples.len()];
        self.mark(parameter, &mut used);
        (0..used.len()).filter(|&i| used[i]).collect()
    }

    /// Positions in the profile of the samples behind a partial area, ascending.
    pub fn samples_used_by_partial(&self, interval: &Interval, times: &[f64]) -> Vec<usize> {
        let on_clock = |t: f64| t - self.dosing.time + self.options.clock.offset(&self.dosing);
        let usable: Vec<usize> =
            (0..times.len().min(self.samples.len())).filter(|&i| self.samples[i].is_used()).collect();
        // the neighbours outside the interval take part in the interpolation at its ends
        let first = usable.iter().rposition(|&i| on_clock(times[i]) <= interval.from).unwrap_or(0);
        let last = usable.iter().position(|&i| on_clock(times[i]) >= interval.to).unwrap_or(usable.len().max(1) - 1);
        usable.get(first..=last).map(<[usize]>::to_vec).unwrap_or_default()
    }

    fn mark(&self, parameter: Parameter, used: &mut [bool]) {
        let entry = parameter.entry();
        for needed in entry.dependencies(self.dosing.regimen) {
            self.mark(needed, used);
        }
        let n = used.len();
        let marks = self.landmarks;
        let through = |end: Option<usize>| 0..end.map_or(n, |e| (e + 1).min(n));
        let range = match entry.reads {
            Reads::Nothing => 0..0,
            Reads::Lag => through(marks.first),
            Reads::Last => marks.last.map_or(0..0, |i| i..i + 1),
            Reads::Start => through(marks.first.map(|i| i + 1)),
            Reads::ToLast => through(marks.last),
            // the peak is the largest of all that were looked at
            Reads::Peak | Reads::Interval => through(marks.after_tau.map(|i| i.saturating_sub(1))),
            Reads::Tau => through(marks.after_tau),
            Reads::ToAll => through(marks.last.map(|i| i + 1)),
            Reads::Collections => 0..n,
            Reads::Window => 0..0,
        };
        range.filter(|&i| self.samples[i].is_used()).for_each(|i| used[i] = true);
        let reads_window = entry.reads == Reads::Window || (entry.reads == Reads::Tau && marks.tau_beyond_last);
        if let (true, Ok(fit)) = (reads_window, &self.lambda_z) {
            fit.samples.iter().for_each(|&i| used[i] = true);
        }
    }
}
