//! Why is a parameter not calculable?
//!
//! A parameter that has no value has a [`Reason`] with a stable code: it is never 0 and never blank. A parameter that
//! needs another one which has no value inherits its reason.

use serde::{Deserialize, Serialize};

/// Why there is no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Reason {
    /// No sample is left after the rules.
    NoSamples,
    /// No sample is measurable.
    NoMeasurable,
    /// The BLQ rule needs the lower limit of quantification.
    LloqUnknown,
    /// No sample at the dose, and the convention inserts none.
    NoStart,
    /// Too few points for the regression.
    TooFewPoints,
    /// The best line does not fall.
    SlopeNotNegative,
    /// A time chosen by hand has no measurable sample.
    ChosenPointAbsent,
    /// No dose was given.
    NoDose,
    /// Another route's parameter.
    OtherRoute,
    /// Needs a dosing interval at steady state.
    NotSteadyState,
    /// At steady state another parameter takes its place.
    SteadyState,
    /// The interval starts before the first point.
    BeforeStart,
    /// The interval ends before it starts.
    EmptyInterval,
    /// Divides by zero.
    ZeroDenominator,
    /// Too large for a number.
    Overflow,
    /// The quantity it compares with was not given.
    NotGiven,
    /// A sampling batch with one animal.
    TooFewAnimals,
}

impl Reason {
    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::NoSamples => "NO_SAMPLES",
            Self::NoMeasurable => "NO_MEASURABLE",
            Self::LloqUnknown => "LLOQ_UNKNOWN",
            Self::NoStart => "NO_START",
            Self::TooFewPoints => "TOO_FEW_POINTS",
            Self::SlopeNotNegative => "SLOPE_NOT_NEGATIVE",
            Self::ChosenPointAbsent => "CHOSEN_POINT_ABSENT",
            Self::NoDose => "NO_DOSE",
            Self::OtherRoute => "OTHER_ROUTE",
            Self::NotSteadyState => "NOT_STEADY_STATE",
            Self::SteadyState => "STEADY_STATE",
            Self::BeforeStart => "BEFORE_START",
            Self::EmptyInterval => "EMPTY_INTERVAL",
            Self::ZeroDenominator => "ZERO_DENOMINATOR",
            Self::Overflow => "OVERFLOW",
            Self::NotGiven => "NOT_GIVEN",
            Self::TooFewAnimals => "TOO_FEW_ANIMALS",
        }
    }

    /// The reason in words.
    pub fn text(self) -> &'static str {
        match self {
            Self::NoSamples => "no sample is left after exclusions and the BLQ rule",
            Self::NoMeasurable => "no measurable concentration",
            Self::LloqUnknown => "the BLQ rule needs the lower limit of quantification",
            Self::NoStart => "no sample at the time of the dose, and the convention inserts none",
            Self::TooFewPoints => "too few measurable samples for the terminal regression",
            Self::SlopeNotNegative => "the terminal regression does not fall",
            Self::ChosenPointAbsent => "a chosen time has no measurable sample",
            Self::NoDose => "no dose given",
            Self::OtherRoute => "not a parameter of this route",
            Self::NotSteadyState => "needs a dosing interval at steady state",
            Self::SteadyState => "at steady state the dosing interval's parameter takes its place",
            Self::BeforeStart => "the interval starts before the first point of the curve",
            Self::EmptyInterval => "the interval does not end after its start",
            Self::ZeroDenominator => "division by zero",
            Self::Overflow => "too large for a number",
            Self::NotGiven => "the quantity it is compared with was not given",
            Self::TooFewAnimals => "a batch of one animal has no variance",
        }
    }

    /// Whether the parameter was not to be expected for this route, regimen or request: no remark is due.
    pub fn is_by_design(self) -> bool {
        matches!(self, Self::OtherRoute | Self::NotSteadyState | Self::SteadyState | Self::NotGiven)
    }
}

/// A parameter's value, or why it has none.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A finite number at full precision.
    Value(f64),
    /// Not calculable.
    NotCalculable(Reason),
}

impl Outcome {
    /// The number, if there is one.
    pub fn value(self) -> Option<f64> {
        self.get().ok()
    }

    /// The number, or the reason.
    ///
    /// # Errors
    /// The reason why there is no number.
    pub fn get(self) -> Result<f64, Reason> {
        match self {
            Self::Value(x) => Ok(x),
            Self::NotCalculable(reason) => Err(reason),
        }
    }
}

impl From<Result<f64, Reason>> for Outcome {
    fn from(result: Result<f64, Reason>) -> Self {
        match result {
            Ok(x) if x.is_finite() => Self::Value(x),
            Ok(_) => Self::NotCalculable(Reason::Overflow),
            Err(reason) => Self::NotCalculable(reason),
        }
    }
}

/// `a / b`, or the reason.
pub(crate) fn ratio(a: f64, b: f64) -> Result<f64, Reason> {
    if b == 0.0 { Err(Reason::ZeroDenominator) } else { Ok(a / b) }
}
