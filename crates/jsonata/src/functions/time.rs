//! Times: milliseconds since 1970-01-01 UTC.

use super::fail;
use crate::error::Result;
use crate::evaluate::Evaluator;
use crate::value::Value;

/// The time that the caller gives.
fn present(evaluator: &Evaluator<'_>) -> Result<i64> {
    match evaluator.now {
        Some(now) => Ok(now),
        None => fail("D3143", "the time is not given to this evaluation"),
    }
}

pub(super) fn millis<'d>(e: &mut Evaluator<'d>, _: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    present(e).map(|now| Value::number(now as f64))
}
