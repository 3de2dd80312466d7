//! How is a rule's YAML turned into the JSON it stands for?
//!
//! Published rules use the core of YAML: mappings, sequences, scalars, block texts. Anchors and aliases are refused: they can
//! stand for a document of any size, and no rule needs them.

use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Map, Number, Value};

/// Why a text is not a rule's YAML.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum YamlError {
    /// It is not YAML.
    #[error("line {line}, column {column}: {message}")]
    Syntax {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// The reader's words.
        message: String,
    },
    /// It holds no document, or several.
    #[error("the file holds {0} documents; a rule is one")]
    Documents(usize),
    /// An alias, or a value that JSON does not know.
    #[error("{0}: write the value out; anchors, aliases and tagged values are not read")]
    Unsupported(String),
}

/// Reads one document.
pub fn to_json(text: &str) -> Result<Value, YamlError> {
    if let Some((line, _)) = (1..).zip(text.lines()).find(|(_, line)| holds_alias(line)) {
        return Err(YamlError::Unsupported(format!("line {line}")));
    }
    let documents = Yaml::load_from_str(text).map_err(|error| YamlError::Syntax {
        line: error.marker().line(),
        column: error.marker().col() + 1,
        message: error.info().to_owned(),
    })?;
    match documents.as_slice() {
        [document] => json(document),
        _ => Err(YamlError::Documents(documents.len())),
    }
}

/// Whether a line's value is an alias or starts an anchor. A text that begins with `*` or `&` must be quoted in YAML anyway.
fn holds_alias(line: &str) -> bool {
    let line = line.trim_start().trim_start_matches("- ");
    let value = line.split_once(": ").map_or(line, |(_, value)| value).trim_start();
    let mut letters = value.chars();
    matches!(letters.next(), Some('*' | '&')) && letters.next().is_some_and(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn json(node: &Yaml<'_>) -> Result<Value, YamlError> {
    Ok(match node {
        Yaml::Value(scalar) => match scalar {
            Scalar::Null => Value::Null,
            Scalar::Boolean(b) => Value::Bool(*b),
            Scalar::Integer(i) => Value::from(*i),
            Scalar::FloatingPoint(x) => Number::from_f64(x.into_inner()).map_or(Value::Null, Value::Number),
            Scalar::String(s) => Value::String(s.to_string()),
        },
        Yaml::Sequence(items) => items.iter().map(json).collect::<Result<_, _>>()?,
        Yaml::Mapping(pairs) => {
            let mut object = Map::new();
            for (key, value) in pairs {
                let key = match json(key)? {
                    Value::String(s) => s,
                    Value::Null => "null".to_owned(),
                    other => other.to_string(),
                };
                object.insert(key, json(value)?);
            }
            Value::Object(object)
        }
        other => return Err(YamlError::Unsupported(format!("{other:?}").chars().take(60).collect())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_rule_reads_as_the_json_it_stands_for() {
        let text = "Check:\n  all:\n    - name: AESEV\n      operator: is_contained_by\n      value: [MILD, 'Y', 2]\n    - operator: exists\nOutcome:\n  Message: |-\n    two\n    lines\n";
        let expected = json!({
            "Check": {"all": [{"name": "AESEV", "operator": "is_contained_by", "value": ["MILD", "Y", 2]}, {"operator": "exists"}]},
            "Outcome": {"Message": "two\nlines"}
        });
        assert_eq!(to_json(text), Ok(expected));
    }

    #[test]
    fn a_broken_or_swelling_text_is_refused_with_its_place() {
        assert!(
            matches!(to_json("a: [1, 2\nb: 3"), Err(YamlError::Syntax { line: 2, .. })),
            "{:?}",
            to_json("a: [1, 2\nb: 3")
        );
        assert!(matches!(to_json("a: &x [1]\nb: [*x, *x]"), Err(YamlError::Unsupported(_))));
        assert_eq!(to_json("a: 1\n---\nb: 2"), Err(YamlError::Documents(2)));
    }
}
