//! Method `dose-proportionality`.
use super::Request;
use crate::error::StudyError;
use croft_core::AnalysisResult;
pub fn run(_request: &Request<'_>) -> Result<Vec<AnalysisResult>, StudyError> {
    Ok(Vec::new())
}
