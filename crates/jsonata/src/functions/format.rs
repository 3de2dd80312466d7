use super::fail;
use crate::error::Result;
use crate::evaluate::Evaluator;
use crate::value::Value;
pub(super) fn format_number<'d>(_: &mut Evaluator<'d>, _: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> { fail("D0", "x") }
