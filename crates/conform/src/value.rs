//! What is one value, to a rule?
//!
//! Rules compare what a dataset holds with what a rule says, across storage types: a number of a transport file, an
//! integer of a JSON document, a text, a list that an operation made. One missing state is enough here: the
//! published rules treat a null and a blank text alike.
//!
//! Numbers compare at 15 significant digits, so that the noise of truncated IBM floats (8.549999999999999 for 8.55) is
//! no finding: [`Value::number`] rounds once, when the value enters.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// One value.
#[derive(Clone, Debug)]
pub enum Value {
    /// Null, blank, or a missing number.
    Missing,
    /// A number as datasets hold them, rounded to 15 significant digits.
    Number(f64),
    /// A count, or an integer of a JSON document.
    Integer(i64),
    /// True or false.
    Flag(bool),
    /// A text, never empty.
    Text(Arc<str>),
    /// A list: an attribute of a JSON document, or what an operation returned.
    List(Arc<[Value]>),
}

impl Value {
    /// A number, rounded to 15 significant digits; not finite means missing.
    pub fn number(x: f64) -> Self {
        if x.is_finite() { Self::Number(at_15_digits(x)) } else { Self::Missing }
    }

    /// A text; an empty one is missing.
    pub fn text(text: &str) -> Self {
        if text.is_empty() { Self::Missing } else { Self::Text(text.into()) }
    }

    /// A list.
    pub fn list(values: impl IntoIterator<Item = Value>) -> Self {
        Self::List(values.into_iter().collect())
    }

    /// A list of texts.
    pub fn texts<S: AsRef<str>>(texts: impl IntoIterator<Item = S>) -> Self {
        Self::list(texts.into_iter().map(|t| Self::text(t.as_ref())))
    }

    /// From a rule's literal or a JSON document; an object has no place in a column and is kept as its JSON text.
    pub fn from_json(json: &serde_json::Value) -> Self {
        use serde_json::Value as J;
        match json {
            J::Null => Self::Missing,
            J::Bool(b) => Self::Flag(*b),
            J::Number(n) => match n.as_i64() {
                Some(i) => Self::Integer(i),
                None => n.as_f64().map_or(Self::Missing, Self::number),
            },
            J::String(s) => Self::text(s),
            J::Array(items) => Self::list(items.iter().map(Self::from_json)),
            J::Object(_) => Self::text(&json.to_string()),
        }
    }

    /// As JSON, for reports.
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as J;
        match self {
            Self::Missing => J::Null,
            Self::Number(x) => J::from(*x),
            Self::Integer(i) => J::from(*i),
            Self::Flag(b) => J::Bool(*b),
            Self::Text(t) => J::String(t.to_string()),
            Self::List(items) => items.iter().map(Self::to_json).collect(),
        }
    }

    /// From JSON: the value that [`Self::to_json`] wrote so.
    fn of_json(json: &serde_json::Value) -> Self {
        use serde_json::Value as J;
        match json {
            J::Null | J::Object(_) => Self::Missing,
            J::Number(number) => {
                number.as_i64().map_or_else(|| number.as_f64().map_or(Self::Missing, Self::Number), Self::Integer)
            }
            J::Bool(flag) => Self::Flag(*flag),
            J::String(text) => Self::Text(text.as_str().into()),
            J::Array(items) => Self::List(items.iter().map(Self::of_json).collect()),
        }
    }

    /// Whether there is nothing: missing, an empty list, or a list of one missing value.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Missing => true,
            Self::List(items) => items.is_empty() || (items.len() == 1 && matches!(items[0], Self::Missing)),
            _ => false,
        }
    }

    /// Whether it is missing; an empty list is not.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Missing)
    }

    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(t) => Some(t),
            _ => None,
        }
    }

    /// The list, if it is one.
    pub fn as_list(&self) -> Option<&[Value]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    /// As a number: a number, or a text that reads as one.
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Self::Number(x) => Some(*x),
            #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
            Self::Integer(i) => Some(*i as f64),
            Self::Flag(b) => Some(f64::from(*b)),
            Self::Text(t) => t.trim().parse().ok().filter(|x: &f64| x.is_finite()).map(at_15_digits),
            _ => None,
        }
    }

    /// As a text for patterns: a whole number without its decimals. Nothing when missing or a list.
    pub fn pattern_text(&self) -> Option<std::borrow::Cow<'_, str>> {
        match self {
            Self::Text(t) => Some((&**t).into()),
            Self::Number(x) => Some(format!("{x}").into()),
            Self::Integer(i) => Some(i.to_string().into()),
            Self::Flag(b) => Some(if *b { "True" } else { "False" }.into()),
            Self::Missing | Self::List(_) => None,
        }
    }

    /// What equality across types looks at: numbers, counts and flags are one kind.
    fn numeric(&self) -> Option<f64> {
        match self {
            Self::Number(x) => Some(*x),
            #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
            Self::Integer(i) => Some(*i as f64),
            Self::Flag(b) => Some(f64::from(*b)),
            _ => None,
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Missing => 4,
            Self::Number(_) | Self::Integer(_) | Self::Flag(_) => 0,
            Self::Text(_) => 1,
            Self::List(_) => 2,
        }
    }
}

/// Two values are equal when they are equally missing, the same number whatever its storage, or the same text or list.
impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_json().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::of_json(&serde_json::Value::deserialize(deserializer)?))
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Value {}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Numbers, then texts, then lists; missing last.
impl Ord for Value {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::List(a), Self::List(b)) => a.cmp(b),
            _ => match (self.numeric(), other.numeric()) {
                // A number that enters is never -0.0 or NaN, so the total order is the usual one.
                (Some(a), Some(b)) => a.total_cmp(&b),
                _ => self.rank().cmp(&other.rank()),
            },
        }
    }
}

impl Hash for Value {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::Text(t) => t.hash(state),
            Self::List(items) => items.hash(state),
            Self::Missing => state.write_u8(0),
            _ => self.numeric().unwrap_or(0.0).to_bits().hash(state),
        }
    }
}

/// As the reports print it: a text bare, a list in brackets with its texts quoted.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => Ok(()),
            Self::Number(x) => write!(f, "{x:?}"),
            Self::Integer(i) => write!(f, "{i}"),
            Self::Flag(b) => f.write_str(if *b { "True" } else { "False" }),
            Self::Text(t) => f.write_str(t),
            Self::List(items) => {
                f.write_str("[")?;
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        f.write_str(", ")?;
                    }
                    match item {
                        Self::Text(t) if t.contains('\'') && !t.contains('"') => write!(f, "\"{t}\"")?,
                        Self::Text(t) => write!(f, "'{}'", t.replace('\\', "\\\\").replace('\'', "\\'"))?,
                        Self::Missing => f.write_str("None")?,
                        other => write!(f, "{other}")?,
                    }
                }
                f.write_str("]")
            }
        }
    }
}

/// The nearest number of 15 significant digits. Whole numbers below 10^15 have no more than 15 digits already.
fn at_15_digits(x: f64) -> f64 {
    if x.fract() == 0.0 && x.abs() < 1e15 {
        return x + 0.0; // -0.0 becomes 0.0
    }
    format!("{x:.14e}").parse().unwrap_or(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn float_noise_of_a_transport_file_is_no_difference() {
        assert_eq!(Value::number(8.549_999_999_999_999), Value::number(8.55));
        assert_ne!(Value::number(8.549_99), Value::number(8.55));
        assert_eq!(Value::number(0.1 + 0.2), Value::number(0.3));
    }

    #[test]
    fn a_count_equals_the_number_and_a_text_does_not() {
        assert_eq!(Value::Integer(3), Value::number(3.0));
        assert_ne!(Value::Integer(3), Value::text("3"));
        assert_eq!(Value::number(-0.0), Value::Integer(0));
    }

    #[test]
    fn a_list_prints_its_texts_quoted() {
        let list = Value::list([Value::text("AE"), Value::text("subject's"), Value::Missing, Value::Integer(2)]);
        assert_eq!(list.to_string(), "['AE', \"subject's\", None, 2]");
        assert_eq!(Value::number(1.0).to_string(), "1.0");
    }
}
