//! In what order are parameters computed, and which of them?
//!
//! Those asked for and those they depend on, in the order of the table, where dependencies stand first.
//! A parameter that is not defined for the dosing gets that as its reason; the others are left to the formula of their matrix.

use super::parameters::{Matrix, PARAMETERS, Parameter, ParameterSet, Regimens};
use super::profile::Dosing;
use super::reason::{Outcome, Reason};
use super::result::ParameterValue;

/// A number, or why there is none.
pub(crate) type Number = Result<f64, Reason>;

/// The parameters computed before this one.
pub(crate) type Before<'a> = &'a dyn Fn(Parameter) -> Number;

/// Computes the parameters of a matrix that were asked for.
pub(crate) fn evaluate(
    asked: ParameterSet,
    matrix: Matrix,
    dosing: &Dosing,
    compute: &dyn Fn(Parameter, Before<'_>) -> Number,
) -> Vec<ParameterValue> {
    let needed = asked.with_dependencies(dosing.regimen);
    let mut outcomes = [Outcome::NotCalculable(Reason::NotGiven); PARAMETERS.len()];
    let mut values = Vec::with_capacity(64);
    for entry in PARAMETERS.iter().filter(|e| needed.contains(e.parameter) && e.is_of(matrix)) {
        let parameter = entry.parameter;
        let result = match (entry.routes.contain(dosing.route), entry.regimens, dosing.tau()) {
            (false, ..) => Err(Reason::OtherRoute),
            (_, Regimens::SteadyState, None) => Err(Reason::NotSteadyState),
            (_, Regimens::SingleDose, Some(_)) => Err(Reason::SteadyState),
            _ => compute(parameter, &|p| outcomes[p as usize].get()),
        };
        let outcome = result.into();
        outcomes[parameter as usize] = outcome;
        if asked.contains(parameter) {
            values.push(ParameterValue { parameter, outcome });
        }
    }
    values
}
