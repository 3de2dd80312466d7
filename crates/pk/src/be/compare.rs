//! What would each regulator decide?
//!
//! One data set, each regulator's own method: EMA, Health Canada and GCC by method A with widened limits, FDA by reference scaling, where the
//! design replicates the reference; average bioequivalence elsewhere. The methods differ, so point estimates may too.

use super::criteria::{Metric, Regulator};
use super::data::BeData;
use super::error::BeError;
use super::options::{BeOptions, Method, ParallelVariance};
use super::result::BeResult;

/// One regulator's answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The regulator.
    pub regulator: Regulator,
    /// The analysis, or why there is none.
    pub result: Result<BeResult, BeError>,
}

/// Every regulator's answer for these data.
pub fn compare(data: &BeData, metric: Option<Metric>, parallel: ParallelVariance, alpha: f64) -> Vec<Answer> {
    let answer = |regulator| {
        let options =
            |method| BeOptions { regulator: Some(regulator), metric, parallel, alpha, ..BeOptions::new(method) };
        let replicate = data.design().replicates_reference();
        let method = match regulator {
            _ if !replicate => Method::Abe,
            Regulator::Fda => Method::Rsabe,
            _ => Method::AbelA,
        };
        let result = match super::analyse(data, &options(method)) {
            // A replicate design that FDA's scaling does not cover is still one for its mixed model.
            Err(BeError::NotCovered { .. }) => super::analyse(data, &options(Method::C)),
            other => other,
        };
        Answer { regulator, result }
    };
    Regulator::ALL.into_iter().map(answer).collect()
}
