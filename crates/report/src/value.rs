//! How does one number stand in running text?
//!
//! Between double braces stands a variable or one analysis result:
//! ```text
//! {{study.title}}                            a variable of the study folder
//! {{be.CMAX.PE_PCT|.2}}                      analysis.parameter.statistic, two decimals
//! {{pk-summary.CMAX.MEAN|TRTA=T|3s}}         only the result of this group
//! {{population.SUBJECT.N|n subject subjects}}   "24 subjects", "1 subject"
//! ```
//! Parts after the first bar are group terms (`NAME=value`) or a [number format](crate::number), in any order.
//! Exactly one result must be meant.

use crate::block::{CellSource, Inline};
use crate::display::Inputs;
use crate::number::Spec;
use crate::select::{Filter, field};
use croft_core::{AnalysisResult, StatValue};

/// Why a value in braces cannot be shown.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ValueError {
    /// Braces without a partner.
    #[error("`{{{{{text}` has no closing braces")]
    Unclosed {
        /// What follows the braces.
        text: String,
    },
    /// Neither a variable nor an analysis, parameter and statistic.
    #[error("`{{{{{text}}}}}` is no variable and does not name an analysis, a parameter and a statistic")]
    Unknown {
        /// What stands in the braces.
        text: String,
    },
    /// The number format cannot be read.
    #[error("in `{{{{{text}}}}}` {problem}")]
    Format {
        /// What stands in the braces.
        text: String,
        /// What is wrong with the format.
        problem: String,
    },
    /// No result is meant.
    #[error("`{{{{{text}}}}}` matches no result")]
    NoResult {
        /// What stands in the braces.
        text: String,
    },
    /// Several results are meant.
    #[error("`{{{{{text}}}}}` matches {found} results; they differ in {differ}")]
    Several {
        /// What stands in the braces.
        text: String,
        /// How many.
        found: usize,
        /// The fields in which they differ.
        differ: String,
    },
}

impl ValueError {
    /// What to do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Unclosed { .. } => "close the value with `}}`",
            Self::Unknown { .. } => {
                "write {{analysis.parameter.statistic}}, or a variable of study.toml as in {{study.title}}"
            }
            Self::Format { .. } => "see the formats: .2, 3s, p3, `n subject subjects`",
            Self::NoResult { .. } => "compare with the analysis's results: `croft trace DIR` lists displays and cells",
            Self::Several { .. } => {
                "add a term for each field that differs, as in {{…|TRTA=T}}; an empty value means none"
            }
        }
    }
}

/// Replaces every `{{…}}` in dressed text by its value.
pub fn fill(inlines: Vec<Inline>, inputs: &Inputs<'_>) -> Result<Vec<Inline>, ValueError> {
    let mut out = Vec::with_capacity(inlines.len());
    for inline in inlines {
        match inline {
            Inline::Text(text) => fill_text(&text, inputs, &mut out)?,
            Inline::Strong(c) => out.push(Inline::Strong(fill(c, inputs)?)),
            Inline::Emphasis(c) => out.push(Inline::Emphasis(fill(c, inputs)?)),
            Inline::Subscript(c) => out.push(Inline::Subscript(fill(c, inputs)?)),
            Inline::Superscript(c) => out.push(Inline::Superscript(fill(c, inputs)?)),
            Inline::Note(c) => out.push(Inline::Note(fill(c, inputs)?)),
            Inline::Link { href, content } => out.push(Inline::Link { href, content: fill(content, inputs)? }),
            Inline::Reference { target, content } => {
                out.push(Inline::Reference { target, content: fill(content, inputs)? });
            }
            other => out.push(other),
        }
    }
    Ok(out)
}

fn fill_text(text: &str, inputs: &Inputs<'_>, out: &mut Vec<Inline>) -> Result<(), ValueError> {
    let mut rest = text;
    while let Some(at) = rest.find("{{") {
        if at > 0 {
            out.push(Inline::Text(rest[..at].to_owned()));
        }
        let inside = &rest[at + 2..];
        let end = inside.find("}}").ok_or_else(|| ValueError::Unclosed { text: inside.chars().take(40).collect() })?;
        out.push(resolve(inside[..end].trim(), inputs)?);
        rest = &inside[end + 2..];
    }
    if !rest.is_empty() {
        out.push(Inline::Text(rest.to_owned()));
    }
    Ok(())
}

/// The value that stands for the text between the braces.
pub fn resolve(text: &str, inputs: &Inputs<'_>) -> Result<Inline, ValueError> {
    if let Some(value) = inputs.variables.get(text) {
        return Ok(Inline::Value { text: value.clone(), sources: Vec::new() });
    }
    let (filter, spec) = parse(text)?;
    let found: Vec<usize> =
        inputs.results.iter().enumerate().filter(|(_, r)| filter.matches(r)).map(|(i, _)| i).collect();
    match found[..] {
        [] => Err(ValueError::NoResult { text: text.to_owned() }),
        [index] => {
            Ok(Inline::Value { text: shown(&inputs.results[index], &spec), sources: vec![CellSource::Result(index)] })
        }
        _ => Err(ValueError::Several {
            text: text.to_owned(),
            found: found.len(),
            differ: differences(&found.iter().map(|&i| &inputs.results[i]).collect::<Vec<_>>()),
        }),
    }
}

fn parse(text: &str) -> Result<(Filter, Spec), ValueError> {
    let unknown = || ValueError::Unknown { text: text.to_owned() };
    let mut parts = text.split('|').map(str::trim);
    let mut names = parts.next().unwrap_or("").splitn(3, '.');
    let (Some(analysis), Some(parameter), Some(statistic)) = (names.next(), names.next(), names.next()) else {
        return Err(unknown());
    };
    let mut filter =
        Filter::of("analysis", analysis.trim()).and("parameter", parameter.trim()).and("statistic", statistic.trim());
    let mut spec = Spec::Plain;
    for part in parts {
        match part.split_once('=') {
            Some((name, value)) => filter = filter.and(name.trim(), value.trim()),
            None => {
                spec = Spec::parse(part).map_err(|problem| ValueError::Format { text: text.to_owned(), problem })?;
            }
        }
    }
    Ok((filter, spec))
}

/// A result as it is printed in prose.
fn shown(result: &AnalysisResult, spec: &Spec) -> String {
    match &result.value {
        StatValue::Num(x) => spec.print(*x, 0),
        StatValue::Text(text) => text.clone(),
        StatValue::NotCalculable(reason) => {
            format!("not calculable ({})", reason.strip_prefix("NC: ").unwrap_or(reason))
        }
    }
}

/// The fields in which results differ, for a message.
pub(crate) fn differences(results: &[&AnalysisResult]) -> String {
    let mut names: Vec<&str> = vec!["analysis", "method", "dataset", "parameter", "statistic"];
    for result in results {
        for group in &result.groups {
            if !names.contains(&group.variable.as_str()) {
                names.push(&group.variable);
            }
        }
    }
    names.retain(|name| results.windows(2).any(|w| field(w[0], name) != field(w[1], name)));
    if names.is_empty() { "nothing: a result is given twice".to_owned() } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::select::tests::result;
    use std::collections::BTreeMap;

    #[test]
    fn prose_takes_variables_and_single_results() {
        let results =
            [result("CMAX", "MEAN", &[("TRTA", "T")], 12.345), result("CMAX", "MEAN", &[("TRTA", "R")], 11.0)];
        let variables = BTreeMap::from([("study.id".to_owned(), "BE-01".to_owned())]);
        let inputs = Inputs { results: &results, datasets: &BTreeMap::new(), variables: &variables };
        let text = |t: &str| fill(vec![Inline::Text(t.into())], &inputs).map(|i| crate::block::plain(&i));
        assert_eq!(text("In {{study.id}} {{pk.CMAX.MEAN|TRTA=T|.2}} ng/mL").unwrap(), "In BE-01 12.35 ng/mL");
        assert_eq!(
            text("{{pk.CMAX.MEAN}}"),
            Err(ValueError::Several { text: "pk.CMAX.MEAN".into(), found: 2, differ: "TRTA".into() })
        );
        assert_eq!(text("{{pk.CMAX.SD}}"), Err(ValueError::NoResult { text: "pk.CMAX.SD".into() }));
        assert_eq!(text("{{pk}}"), Err(ValueError::Unknown { text: "pk".into() }));
        assert!(matches!(text("{{pk.CMAX"), Err(ValueError::Unclosed { .. })));
        assert!(matches!(text("{{pk.CMAX.MEAN|TRTA=T|.x}}"), Err(ValueError::Format { .. })));
    }
}
