//! How is a profile analysed? The options, and the conventions that set them by name.
//!
//! Where packages differ, and what [`Convention`] sets:
//!
//! | | `croft` | `winnonlin` | `pknca` |
//! |---|---|---|---|
//! | rule for areas | linear-up log-down | linear | linear-up log-down |
//! | BLQ rule | drop-middle | zero | drop-middle |
//! | no sample at the dose | inserted | inserted | not inserted: areas are not calculable |
//! | C0 of a bolus when the sample at the dose is 0 | 0 | 0 | back-extrapolated |
//! | C_max in the lambda_z fit | bolus only | bolus only | never |
//! | windows that set the best adjusted R² | declining | declining | all |
//! | partial area beyond t_last | goes on with lambda_z | goes on with lambda_z | stops at t_last |
//! | times are reported | since the dose | on the clock of the data | since the dose |
//!
//! Inserted at the dose: 0 for a single extravascular dose or infusion; the smallest concentration of the interval at steady state;
//! for a bolus the back-extrapolated C0.
//! Sources: Phoenix WinNonlin User's Guide 8.3, "NCA computation rules"; Denney, Duvvuri, Buckeridge (2015),
//! J Pharmacokinet Pharmacodyn 42:S65, and the documentation of PKNCA 0.12.

use super::blq::BlqRule;
use super::parameters::ParameterSet;
use super::profile::Dosing;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// How the area between two neighbouring samples is taken; the formulas are in [`crate::nca::auc`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AucRule {
    /// Straight lines.
    Linear,
    /// Straight lines while the curve rises, exponentials while it falls.
    LinearUpLogDown,
    /// Straight lines up to T_max, exponentials after it, up or down.
    LinearLog,
}

impl AucRule {
    const NAMES: [(&str, Self); 3] =
        [("linear", Self::Linear), ("linear-up-log-down", Self::LinearUpLogDown), ("linear-log", Self::LinearLog)];

    /// The rule's name.
    pub fn name(self) -> &'static str {
        Self::NAMES[self as usize].0
    }
}

impl FromStr for AucRule {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = Self::NAMES.iter().find(|(n, _)| *n == name).map(|(_, rule)| *rule);
        found.ok_or_else(|| {
            format!("no rule for areas is named `{name}`; there are linear, linear-up-log-down, linear-log")
        })
    }
}

/// Whose conventions are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Convention {
    /// This program's own.
    Croft,
    /// Phoenix WinNonlin's.
    Winnonlin,
    /// PKNCA's.
    Pknca,
}

impl Convention {
    /// The options that the convention stands for.
    pub fn options(self) -> Options {
        let croft = Options {
            convention: Self::Croft,
            rule: AucRule::LinearUpLogDown,
            blq: BlqRule::DropMiddle,
            start: StartRule::Insert,
            c0: C0Rule::FirstAtDose,
            beyond_last: BeyondLast::LambdaZ,
            clock: Clock::SinceDose,
            lambda_z: LambdaZOptions {
                choice: LambdaZChoice::BestFit,
                min_points: 3,
                max_points: None,
                earliest: None,
                peak: PeakRule::Bolus,
                tolerance: 1e-4,
                windows: Windows::Declining,
            },
            quality: Quality::default(),
            partial: Vec::new(),
            parameters: None,
        };
        match self {
            Self::Croft => croft,
            Self::Winnonlin => {
                Options { convention: self, rule: AucRule::Linear, blq: BlqRule::Zero, clock: Clock::Recorded, ..croft }
            }
            Self::Pknca => Options {
                convention: self,
                start: StartRule::AsRecorded,
                c0: C0Rule::FirstPositive,
                beyond_last: BeyondLast::Stop,
                lambda_z: LambdaZOptions { peak: PeakRule::Never, windows: Windows::All, ..croft.lambda_z },
                ..croft
            },
        }
    }
}

impl FromStr for Convention {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "croft" => Ok(Self::Croft),
            "winnonlin" => Ok(Self::Winnonlin),
            "pknca" => Ok(Self::Pknca),
            _ => Err(format!("no convention is named `{name}`; there are croft, winnonlin, pknca")),
        }
    }
}

/// What stands at the time of the dose when no sample was drawn there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StartRule {
    /// 0 (single dose), the interval's minimum (steady state), C0 (bolus).
    Insert,
    /// Nothing: an area that starts at the dose is then not calculable.
    AsRecorded,
}

/// Which sample gives C0 after a bolus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum C0Rule {
    /// The sample at the dose whatever it is, else back-extrapolation, else the first sample.
    FirstAtDose,
    /// The sample at the dose if it is positive, else back-extrapolation, else the first sample.
    FirstPositive,
}

/// What a partial area does after the last measurable sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BeyondLast {
    /// It goes on along the regression for lambda_z.
    LambdaZ,
    /// It stops.
    Stop,
}

/// On which clock times are reported (T_max, t_last, limits of lambda_z), and limits of partial areas are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Clock {
    /// Since the dose.
    SinceDose,
    /// As in the data.
    Recorded,
}

impl Clock {
    /// What is added to a time since the dose to report it.
    pub fn offset(self, dosing: &Dosing) -> f64 {
        match self {
            Self::SinceDose => 0.0,
            Self::Recorded => dosing.time,
        }
    }
}

/// How lambda_z is estimated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LambdaZOptions {
    /// Best fit, or by hand.
    pub choice: LambdaZChoice,
    /// Fewest points of a window, at least 3.
    pub min_points: usize,
    /// Most points of a best-fit window.
    pub max_points: Option<usize>,
    /// A best-fit window starts no earlier than this, on the reported clock.
    pub earliest: Option<f64>,
    /// Whether C_max may be in the window.
    pub peak: PeakRule,
    /// Windows whose adjusted R² is this near the best compete by length.
    pub tolerance: f64,
    /// Which windows set the best adjusted R².
    pub windows: Windows,
}

/// The points of the regression.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LambdaZChoice {
    /// By the rule.
    BestFit,
    /// These samples, by their times on the reported clock.
    Points {
        /// The times.
        times: Vec<f64>,
        /// Why, in the analyst's words.
        reason: String,
    },
    /// All measurable samples from `first` to `last`, on the reported clock.
    Range {
        /// Earliest time.
        first: f64,
        /// Latest time.
        last: f64,
        /// Why, in the analyst's words.
        reason: String,
    },
}

/// Whether C_max may be in a best-fit window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PeakRule {
    /// No route.
    Never,
    /// After a bolus, where the peak is already decline.
    Bolus,
    /// Every route.
    Always,
}

/// Which windows set the best adjusted R².
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Windows {
    /// Those with a falling line.
    Declining,
    /// All; when a rising one is better than each falling one by more than the tolerance, there is no lambda_z.
    All,
}

/// Limits beyond which a result is flagged. A flag never removes a value.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quality {
    /// Least adjusted R² of the regression.
    pub r2_adjusted: f64,
    /// Least span of the window in half-lives.
    pub span: f64,
    /// Most extrapolated area, percent of AUC to infinity.
    pub extrapolated_pct: f64,
    /// Most back-extrapolated area of a bolus, percent of AUC to infinity.
    pub back_extrapolated_pct: f64,
}

impl Default for Quality {
    /// 0.9, 2, 20 %, 20 %: PKNCA's defaults; 20 % extrapolation is also the limit of EMA CPMP/EWP/QWP/1401/98 Rev. 1, section 4.1.8.
    fn default() -> Self {
        Self { r2_adjusted: 0.9, span: 2.0, extrapolated_pct: 20.0, back_extrapolated_pct: 20.0 }
    }
}

/// An interval of time on the reported clock.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// From.
    pub from: f64,
    /// To, later than `from`.
    pub to: f64,
}

/// How a profile is analysed. Start from [`Convention::options`] and change what the plan changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Options {
    /// Where the options come from.
    pub convention: Convention,
    /// Rule for areas.
    pub rule: AucRule,
    /// Rule for samples below the limit of quantification.
    pub blq: BlqRule,
    /// What stands at the dose.
    pub start: StartRule,
    /// C0 of a bolus.
    pub c0: C0Rule,
    /// Partial areas beyond the last measurable sample.
    pub beyond_last: BeyondLast,
    /// Clock of reported times.
    pub clock: Clock,
    /// The terminal regression.
    pub lambda_z: LambdaZOptions,
    /// Limits of the flags.
    pub quality: Quality,
    /// Partial areas asked for.
    pub partial: Vec<Interval>,
    /// Parameters asked for; all when `None`.
    pub parameters: Option<ParameterSet>,
}

impl Default for Options {
    fn default() -> Self {
        Convention::Croft.options()
    }
}
