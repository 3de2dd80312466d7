//! Method `dose-proportionality`: does exposure grow as the dose does? The power model of [`croft_pk::dose_proportionality`].
//!
//! Statistics `N_SUBJ`, `N_OBS`, `SLOPE`, `CI_LO`, `CI_HI`, `DF`, `LIMIT_LO`, `LIMIT_HI`, `RDNM`, `RDNM_LO`, `RDNM_HI`, `RHO1`,
//! `RHO2` and `DECISION` (`proportional`, `not proportional`, `inconclusive`) after Smith et al. 2000. A row without a
//! value is left out.

use super::Request;
use crate::error::StudyError;
use croft_core::{AnalysisResult, Cell, StatValue};
use croft_pk::dose_proportionality::{Conclusion, DoseExposure, ProportionalityOptions, dose_proportionality};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Options {
    subject: String,
    dose: String,
    value: String,
}

pub fn run(request: &Request<'_>) -> Result<Vec<AnalysisResult>, StudyError> {
    let options: Options = request.options()?;
    let mut results = Vec::new();
    for ((parameter, levels), rows) in request.partition()? {
        let (observations, used) = observations(request, &options, &rows)?;
        let fit = dose_proportionality(&observations, &ProportionalityOptions::default())
            .map_err(|e| request.fault(format!("{parameter}: {e}"), e.hint()))?;
        let criterion = &fit.criterion;
        let decision = match criterion.conclusion {
            Conclusion::Proportional => "proportional",
            Conclusion::NotProportional => "not proportional",
            Conclusion::Inconclusive => "inconclusive",
        };
        let part = request.result(&parameter, request.groups(&levels), &used);
        let infinite = "the slope's interval includes no other value";
        results.extend([
            part.num("N_SUBJ", fit.subjects as f64, ""),
            part.num("N_OBS", fit.observations as f64, ""),
            part.num("SLOPE", criterion.slope.estimate, ""),
            part.num("CI_LO", criterion.slope.lower, ""),
            part.num("CI_HI", criterion.slope.upper, ""),
            part.num("DF", fit.df, ""),
            part.num("LIMIT_LO", criterion.limits.0, ""),
            part.num("LIMIT_HI", criterion.limits.1, ""),
            part.num("RDNM", criterion.rdnm.estimate, ""),
            part.num("RDNM_LO", criterion.rdnm.lower, ""),
            part.num("RDNM_HI", criterion.rdnm.upper, ""),
            part.maybe("RHO1", criterion.rho1, infinite, ""),
            part.maybe("RHO2", criterion.rho2, infinite, ""),
            part.with("DECISION", StatValue::Text(decision.to_owned()), ""),
        ]);
    }
    Ok(results)
}

/// Rows with a dose and a value, and which they are.
fn observations(
    request: &Request<'_>,
    options: &Options,
    rows: &[usize],
) -> Result<(Vec<DoseExposure>, Vec<usize>), StudyError> {
    let (subject, dose) = (request.column(&options.subject)?, request.column(&options.dose)?);
    let value = request.column(&options.value)?;
    let mut observations = Vec::with_capacity(rows.len());
    let mut used = Vec::with_capacity(rows.len());
    for &row in rows {
        if let (Cell::Text(subject), Cell::Num(dose), Cell::Num(exposure)) =
            (subject.get(row), dose.get(row), value.get(row))
        {
            observations.push(DoseExposure { subject: subject.to_owned(), dose, exposure });
            used.push(row);
        }
    }
    Ok((observations, used))
}
