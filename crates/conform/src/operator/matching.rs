//! Patterns. A missing value neither matches nor fails to match: both answers are no.

use super::compare::{Part, part_length, part_of};
use super::{Asked, Fault};
use crate::pattern::Pattern;
use crate::rule::Operand;
use crate::value::Value;

/// What of the text is looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Where {
    /// The pattern stands at the text's start.
    Start,
    /// The pattern stands anywhere in the first characters.
    Prefix,
    /// The pattern stands anywhere in the last characters.
    Suffix,
}

pub(super) fn matches(asked: &Asked<'_>, place: Where, wanted: bool) -> Result<Vec<bool>, Fault> {
    let target = asked.target()?;
    let Operand::One(Value::Text(pattern)) = &asked.condition.operand else {
        return Err(asked.unfit("needs a pattern"));
    };
    let pattern = Pattern::new(&super::named(pattern, asked.prefix)).map_err(Fault::Unfit)?;
    let found: Box<dyn Fn(&str) -> bool> = match place {
        Where::Start => Box::new(|text| pattern.matches(text)),
        Where::Prefix => {
            let length = part_length(asked, Part::Prefix)?;
            Box::new(move |text| pattern.is_in(part_of(text, Part::Prefix, length)))
        }
        Where::Suffix => {
            let length = part_length(asked, Part::Suffix)?;
            Box::new(move |text| pattern.is_in(part_of(text, Part::Suffix, length)))
        }
    };
    Ok(target.test(|value| value.pattern_text().is_some_and(|text| found(&text) == wanted)))
}
