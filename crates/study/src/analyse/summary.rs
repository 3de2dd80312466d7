//! Method `summary`: how is a numeric variable distributed?
//!
//! Statistics `N`, `NMISS`, `MEAN`, `SD`, `CV_PCT`, `GMEAN`, `GCV_PCT`, `MIN`, `Q1`, `MEDIAN`, `Q3`, `MAX`, computed by
//! [`croft_stat::descriptive`]. Option `below` names a flag column: where it is `Y` a missing value counts as zero, as
//! concentrations below quantification are summarised, and `NBLQ` counts them.

use super::{Draft, Request};
use crate::error::StudyError;
use croft_core::{AnalysisResult, Cell};
use croft_stat::descriptive::summarise;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Options {
    /// The variables summarised.
    values: Vec<String>,
    /// A flag column that says which missing values are below quantification and count as zero.
    below: Option<String>,
}

pub fn run(request: &Request<'_>) -> Result<Vec<AnalysisResult>, StudyError> {
    let options: Options = request.options()?;
    let parts = request.partition()?;
    let mut results = Vec::new();
    for variable in &options.values {
        for ((parameter, levels), rows) in &parts {
            let name = if parameter.is_empty() { variable } else { parameter };
            let part = request.result(name, request.groups(levels), rows);
            let counted = values(request, variable, options.below.as_deref(), rows)?;
            push_statistics(&mut results, &part, &counted, rows.len(), &request.unit(rows));
        }
    }
    Ok(results)
}

struct Counted {
    values: Vec<f64>,
    /// How many of them stand for a result below quantification; `None` when there is no such flag.
    below: Option<usize>,
}

fn values(request: &Request<'_>, variable: &str, below: Option<&str>, rows: &[usize]) -> Result<Counted, StudyError> {
    let column = request.column(variable)?;
    let flag = below.map(|name| request.column(name)).transpose()?;
    let mut values = Vec::with_capacity(rows.len());
    let mut zeros = 0;
    for &row in rows {
        match column.get(row) {
            Cell::Num(x) => values.push(x),
            Cell::Text(text) => {
                return Err(request.fault(
                    format!("row {} of {} holds the text `{text}` in {variable}", row + 1, request.data.name),
                    "summarise a numeric variable",
                ));
            }
            _ if flag.is_some_and(|f| f.get(row).text() == Some("Y")) => {
                zeros += 1;
                values.push(0.0);
            }
            _ => {}
        }
    }
    Ok(Counted { values, below: flag.map(|_| zeros) })
}

fn push_statistics(results: &mut Vec<AnalysisResult>, part: &Draft, counted: &Counted, rows: usize, unit: &str) {
    let s = summarise(&counted.values);
    let few = if s.n == 0 { "no value" } else { "fewer than 2 values" };
    let not_positive = if s.n == 0 { "no value" } else { "a value is not positive" };
    results.push(part.num("N", s.n as f64, ""));
    results.push(part.num("NMISS", (rows - s.n) as f64, ""));
    if let Some(below) = counted.below {
        results.push(part.num("NBLQ", below as f64, ""));
    }
    results.push(part.maybe("MEAN", s.mean, "no value", unit));
    results.push(part.maybe("SD", s.sd, few, unit));
    results.push(part.maybe("CV_PCT", s.cv_pct, if s.sd.is_none() { few } else { "the mean is zero" }, "%"));
    results.push(part.maybe("GMEAN", s.geometric_mean, not_positive, unit));
    let geometric = if s.geometric_mean.is_some() { few } else { not_positive };
    results.push(part.maybe("GCV_PCT", s.geometric_cv_pct, geometric, "%"));
    for (statistic, value) in [("MIN", s.min), ("Q1", s.q1), ("MEDIAN", s.median), ("Q3", s.q3), ("MAX", s.max)] {
        results.push(part.maybe(statistic, value, "no value", unit));
    }
}
