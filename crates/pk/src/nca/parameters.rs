//! What parameters are there, and what is each?
//!
//! One table registers every parameter: its CDISC code and name (by route where the standard has one a route), label, kind of unit,
//! formula, the parameters it is computed from, the samples it reads itself, and for which matrix, routes and regimens it is defined.
//! Output order, units, tracing and the documentation page come from it; nothing else lists parameters.
//!
//! Codes are those of the CDISC SDTM controlled terminology, code lists PKPARMCD (C85839) and PKPARM (C85493); a parameter that the lists
//! do not have (intercept and predicted C_last, effect areas) has a code of croft's own and says so ([`Names::is_cdisc`]).
//! The formulas are those of Gabrielsson, Weiner, "Pharmacokinetic and Pharmacodynamic Data Analysis", 5th ed. (2016), section 2.8,
//! and Phoenix WinNonlin User's Guide 8.3, "NCA parameter formulas".

use super::profile::{Dosing, Regimen, Route};
use serde::{Deserialize, Serialize};
use std::str::FromStr;
use std::sync::LazyLock;

mod table;
pub use table::{PARAMETERS, Parameter};

/// What a parameter is measured in; [`crate::nca::units`] makes the unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum UnitKind {
    Conc,
    ConcPerDose,
    Time,
    PerTime,
    ConcTime,
    ConcTimePerDose,
    ConcTime2,
    /// dose / (concentration time)
    Clearance,
    /// dose / concentration
    Volume,
    Percent,
    /// No unit.
    Ratio,
    /// A number of points.
    Count,
    /// A logarithm of a concentration.
    Log,
    /// Recovered amount: urine concentration times volume.
    Amount,
    /// Amount per time.
    Rate,
    /// Volume of urine.
    UrineVolume,
    /// Amount / (plasma concentration time).
    RenalClearance,
    /// Unit of the effect.
    Response,
    ResponseTime,
}

/// Routes for which a parameter is defined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Routes {
    All,
    Extravascular,
    Intravenous,
    Bolus,
}

impl Routes {
    /// Whether the route is among them.
    pub fn contain(self, route: Route) -> bool {
        match self {
            Self::All => true,
            Self::Extravascular => route == Route::Extravascular,
            Self::Intravenous => route != Route::Extravascular,
            Self::Bolus => route == Route::Bolus,
        }
    }
}

/// Regimens for which a parameter is defined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Regimens {
    Any,
    SingleDose,
    SteadyState,
}

/// What was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matrix {
    /// Concentration in plasma, blood, serum, tissue.
    Plasma,
    /// Collected urine.
    Urine,
    /// Either; for urine "concentration" reads "excretion rate".
    PlasmaOrUrine,
    /// An effect.
    Effect,
}

/// The samples that a parameter reads itself; what its dependencies read comes in addition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reads {
    /// None of its own.
    Nothing,
    /// The maximum (or minimum).
    Peak,
    /// All of the dosing interval.
    Interval,
    /// Those up to the first measurable one.
    Lag,
    /// The last measurable one.
    Last,
    /// The first two.
    Start,
    /// From the dose to t_last.
    ToLast,
    /// To t_last and one beyond.
    ToAll,
    /// Those of the terminal regression.
    Window,
    /// Those of the dosing interval and the one after it.
    Tau,
    /// All collections.
    Collections,
}

/// A parameter's code and name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Names {
    /// Code and name after an extravascular dose, a bolus, an infusion.
    by_route: [(&'static str, &'static str); 3],
    /// Whether the CDISC code lists have it.
    pub is_cdisc: bool,
}

impl Names {
    fn at(&self, route: Route) -> (&'static str, &'static str) {
        match route {
            Route::Extravascular => self.by_route[0],
            Route::Bolus => self.by_route[1],
            Route::Infusion { .. } => self.by_route[2],
        }
    }
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The parameter.
    pub parameter: Parameter,
    /// PPTESTCD and PPTEST.
    pub names: Names,
    /// Label in words.
    pub label: &'static str,
    /// Kind of unit.
    pub unit: UnitKind,
    /// Routes.
    pub routes: Routes,
    /// Regimens.
    pub regimens: Regimens,
    /// Matrix.
    pub matrix: Matrix,
    /// Samples it reads itself.
    pub reads: Reads,
    /// Parameters it is computed from; they stand before it.
    pub depends: &'static [Parameter],
    /// In addition after a single dose.
    pub depends_single: &'static [Parameter],
    /// In addition at steady state.
    pub depends_steady: &'static [Parameter],
    /// Formula in words and symbols.
    pub formula: &'static str,
}

impl Entry {
    /// The parameters that this one is computed from.
    pub fn dependencies(&self, regimen: Regimen) -> impl Iterator<Item = Parameter> {
        let more = match regimen {
            Regimen::SingleDose => self.depends_single,
            Regimen::SteadyState { .. } => self.depends_steady,
        };
        self.depends.iter().chain(more).copied()
    }

    /// Whether the matrix is this parameter's.
    pub fn is_of(&self, matrix: Matrix) -> bool {
        self.matrix == matrix
            || (self.matrix == Matrix::PlasmaOrUrine && matches!(matrix, Matrix::Plasma | Matrix::Urine))
    }

    /// Whether the parameter is defined for the dosing.
    pub fn is_defined_for(&self, dosing: &Dosing) -> bool {
        self.routes.contain(dosing.route)
            && match self.regimens {
                Regimens::Any => true,
                Regimens::SingleDose => dosing.tau().is_none(),
                Regimens::SteadyState => dosing.tau().is_some(),
            }
    }
}

impl Parameter {
    /// Its row in the table.
    pub fn entry(self) -> &'static Entry {
        &PARAMETERS[self as usize]
    }

    /// PPTESTCD: `CLFO` after an extravascular dose, `CLO` after an intravenous one.
    pub fn code(self, route: Route) -> &'static str {
        self.entry().names.at(route).0
    }

    /// PPTEST.
    pub fn name(self, route: Route) -> &'static str {
        self.entry().names.at(route).1
    }

    /// The parameters of a matrix, in the order of output.
    pub fn of(matrix: Matrix) -> impl Iterator<Item = Self> {
        PARAMETERS.iter().filter(move |e| e.is_of(matrix)).map(|e| e.parameter)
    }
}

impl FromStr for Parameter {
    type Err = String;

    /// By PPTESTCD, any route's.
    fn from_str(code: &str) -> Result<Self, String> {
        let has = |e: &&Entry| e.names.by_route.iter().any(|(c, _)| *c == code);
        PARAMETERS.iter().find(has).map(|e| e.parameter).ok_or_else(|| format!("no parameter has the code `{code}`"))
    }
}

/// A set of parameters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Parameter>", into = "Vec<Parameter>")]
pub struct ParameterSet(u128);

impl ParameterSet {
    /// Adds one.
    pub fn insert(&mut self, parameter: Parameter) {
        self.0 |= 1 << parameter as u32;
    }

    /// Whether it is in.
    pub fn contains(&self, parameter: Parameter) -> bool {
        self.0 >> parameter as u32 & 1 == 1
    }

    /// All parameters of a matrix. Computed once: a batch of profiles asks for it each time.
    pub fn all_of(matrix: Matrix) -> Self {
        static PLASMA: LazyLock<ParameterSet> = LazyLock::new(|| Parameter::of(Matrix::Plasma).collect());
        match matrix {
            Matrix::Plasma => *PLASMA,
            other => Parameter::of(other).collect(),
        }
    }

    /// Whether the set is closed: a matrix's parameters need no others.
    fn is_all_plasma(self) -> bool {
        self == Self::all_of(Matrix::Plasma)
    }

    /// The set with all that its members are computed from. Dependencies stand before, so one pass backward is enough.
    pub fn with_dependencies(mut self, regimen: Regimen) -> Self {
        if self.is_all_plasma() {
            return self;
        }
        for entry in PARAMETERS.iter().rev() {
            if self.contains(entry.parameter) {
                for needed in entry.dependencies(regimen) {
                    self.insert(needed);
                }
            }
        }
        self
    }
}

impl FromIterator<Parameter> for ParameterSet {
    fn from_iter<I: IntoIterator<Item = Parameter>>(parameters: I) -> Self {
        let mut set = Self::default();
        parameters.into_iter().for_each(|p| set.insert(p));
        set
    }
}

impl From<Vec<Parameter>> for ParameterSet {
    fn from(parameters: Vec<Parameter>) -> Self {
        parameters.into_iter().collect()
    }
}

impl From<ParameterSet> for Vec<Parameter> {
    fn from(set: ParameterSet) -> Self {
        PARAMETERS.iter().map(|e| e.parameter).filter(|&p| set.contains(p)).collect()
    }
}

/// The table as a page of the documentation, in Markdown.
pub fn documentation() -> String {
    use std::fmt::Write as _;
    let mut page = String::from("# Noncompartmental parameters\n");
    for (title, matrix) in [("Plasma", Matrix::Plasma), ("Urine", Matrix::Urine), ("Effect", Matrix::Effect)] {
        let _ =
            write!(page, "\n## {title}\n\n| Code | Name | Label | Formula | Computed from |\n|---|---|---|---|---|\n");
        for entry in PARAMETERS.iter().filter(|e| e.is_of(matrix)) {
            let list = |which: fn(&(&'static str, &'static str)) -> &'static str| {
                let mut all: Vec<_> = entry.names.by_route.iter().map(which).collect();
                all.dedup();
                all.join(", ")
            };
            let needs = entry.depends.iter().chain(entry.depends_single).chain(entry.depends_steady);
            let needs: Vec<_> = needs.map(|p| p.code(Route::Extravascular)).collect();
            let own = if entry.names.is_cdisc { "" } else { " (croft's own)" };
            let (codes, names, needs) = (list(|n| n.0), list(|n| n.1), needs.join(", "));
            let _ = writeln!(page, "| {codes}{own} | {names} | {} | {} | {needs} |", entry.label, entry.formula);
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_stands_in_the_order_of_the_enum_and_dependencies_come_first() {
        for (at, entry) in PARAMETERS.iter().enumerate() {
            assert_eq!(entry.parameter as usize, at);
            for needed in entry.depends.iter().chain(entry.depends_single).chain(entry.depends_steady) {
                assert!((*needed as usize) < at, "{:?} needs {needed:?}, which comes after it", entry.parameter);
            }
        }
        assert!(PARAMETERS.len() <= 128, "ParameterSet has 128 bits");
    }

    #[test]
    fn codes_are_unique_and_fit_pptestcd() {
        for route in [Route::Extravascular, Route::Bolus, Route::Infusion { duration: 1.0 }] {
            let mut codes: Vec<_> = PARAMETERS.iter().map(|e| e.parameter.code(route)).collect();
            assert!(codes.iter().all(|c| c.len() <= 8), "PPTESTCD has 8 characters");
            codes.sort_unstable();
            codes.dedup();
            assert_eq!(codes.len(), PARAMETERS.len());
        }
        assert!(PARAMETERS.iter().all(|e| e.names.by_route.iter().all(|(_, name)| name.len() <= 40)));
    }

    #[test]
    fn a_request_brings_what_it_needs() {
        let asked: ParameterSet = [Parameter::VzObs].into_iter().collect();
        let all = asked.with_dependencies(Regimen::SingleDose);
        for needed in [Parameter::ClObs, Parameter::AucInfObs, Parameter::LambdaZ, Parameter::CLast, Parameter::AucLast]
        {
            assert!(all.contains(needed));
        }
        assert!(!all.contains(Parameter::AumcLast));
        assert_eq!("VZO".parse(), Ok(Parameter::VzObs));
        assert_eq!("VZFO".parse(), Ok(Parameter::VzObs));
    }
}
