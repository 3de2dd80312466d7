//! What is asked for.

use super::criteria::{Metric, Regulator};
use super::design::{Design, DesignKind};
use super::error::BeError;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How the question is answered; see the table in [`super`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Average bioequivalence, fixed limits.
    Abe,
    /// EMA's method A with limits by CV_wR.
    AbelA,
    /// EMA's method B with limits by CV_wR.
    AbelB,
    /// FDA's mixed model for replicate designs, fixed limits ("method C").
    C,
    /// FDA's reference-scaled average bioequivalence.
    Rsabe,
    /// Narrow therapeutic index drugs.
    Ntid,
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Abe => "average bioequivalence",
            Self::AbelA => "ABEL by method A",
            Self::AbelB => "ABEL by method B",
            Self::C => "method C",
            Self::Rsabe => "reference-scaled average bioequivalence",
            Self::Ntid => "the assessment of a narrow therapeutic index drug",
        })
    }
}

/// Degrees of freedom of a mixed model's interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Df {
    /// Those of the residual when subjects are fixed: SAS `DDFM=CONTAIN`.
    Containment,
    /// Satterthwaite's.
    Satterthwaite,
    /// Kenward and Roger's, with their standard error.
    KenwardRoger,
}

/// How the variances of two parallel groups are treated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ParallelVariance {
    /// A variance each, Welch's degrees of freedom.
    #[default]
    Welch,
    /// One common variance.
    Pooled,
}

/// Options of an analysis. A result carries them with the defaults filled in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BeOptions {
    /// The method.
    pub method: Method,
    /// Degrees of freedom of methods B (default containment, as in EMA's Q&A) and C (default Satterthwaite, as in FDA's guidance).
    pub df: Option<Df>,
    /// Whose rules decide; by default FDA's for C, RSABE and NTID, else EMA's.
    pub regulator: Option<Regulator>,
    /// The kind of parameter, where the regulator's rule depends on it. Left out, the parameter is taken to be one that the rule is for.
    pub metric: Option<Metric>,
    /// Variances of parallel groups.
    pub parallel: ParallelVariance,
    /// Level of each one-sided test: the interval is 1 − 2α.
    pub alpha: f64,
}

impl BeOptions {
    /// The defaults for a method.
    pub fn new(method: Method) -> Self {
        Self { method, df: None, regulator: None, metric: None, parallel: ParallelVariance::Welch, alpha: 0.05 }
    }

    /// Fills in the defaults and checks that method, regulator and design go together.
    pub(super) fn resolved(&self, design: &Design) -> Result<Self, BeError> {
        let mut options = self.clone();
        if !(self.alpha > 0.0 && self.alpha < 0.5) {
            return Err(BeError::Alpha { alpha: self.alpha });
        }
        let method = self.method;
        let (regulator, df) = match method {
            Method::Abe => (Regulator::Ema, None),
            Method::AbelA => (Regulator::Ema, None),
            Method::AbelB => (Regulator::Ema, Some(Df::Containment)),
            Method::C => (Regulator::Fda, Some(Df::Satterthwaite)),
            Method::Rsabe | Method::Ntid => (Regulator::Fda, None),
        };
        let regulator = self.regulator.unwrap_or(regulator);
        options.regulator = Some(regulator);
        options.df = df.map(|default| self.df.unwrap_or(default));
        let expands = matches!(method, Method::AbelA | Method::AbelB);
        let fits = match method {
            Method::Rsabe => regulator == Regulator::Fda,
            Method::Ntid => regulator != Regulator::Gcc,
            _ => !(expands && regulator == Regulator::Fda),
        };
        if !fits {
            return Err(BeError::NotOfRegulator { method, regulator });
        }
        let scaled = expands || method == Method::Rsabe || (method == Method::Ntid && regulator == Regulator::Fda);
        if (scaled || method == Method::C) && design.kind == DesignKind::Parallel {
            return Err(BeError::NeedsCrossover { method, design: design.to_string() });
        }
        if (scaled || method == Method::C) && !design.replicates_reference() {
            return Err(BeError::NeedsReplicate { method, design: design.to_string() });
        }
        Ok(options)
    }
}
