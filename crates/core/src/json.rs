//! How is JSON written so that equal facts are equal bytes?
//!
//! Canonical text: object keys sorted by their UTF-8 bytes, no spaces, numbers in the shortest form that reads back
//! exactly, strings escaped only where JSON demands it. It is what is hashed in manifests and compared in results.
//!
//! Where standards differ: RFC 8785 (JCS) sorts keys by UTF-16 units and writes every number as an ECMAScript double;
//! integers here keep all 64 bits, and an integral double keeps its point (`1.0`).

use serde_json::Value;
use std::fmt::Write as _;

/// The canonical text of a value.
pub fn canonical(value: &Value) -> String {
    let mut text = String::new();
    write_value(value, &mut text);
    text
}

fn write_value(value: &Value, text: &mut String) {
    match value {
        Value::Array(items) => {
            text.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    text.push(',');
                }
                write_value(item, text);
            }
            text.push(']');
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by_key(|(key, _)| key.as_str());
            text.push('{');
            for (i, (key, member)) in members.into_iter().enumerate() {
                if i > 0 {
                    text.push(',');
                }
                write_scalar(&Value::String(key.clone()), text);
                text.push(':');
                write_value(member, text);
            }
            text.push('}');
        }
        scalar => write_scalar(scalar, text),
    }
}

fn write_scalar(value: &Value, text: &mut String) {
    // Writing to a String cannot fail.
    let _ = write!(text, "{value}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn equal_facts_are_equal_bytes() {
        let a: Value = serde_json::from_str(r#"{ "b": [1, 2.50, null], "a": {"z": "é\n\"", "y": true} }"#).unwrap();
        let b = json!({"a": {"y": true, "z": "é\n\""}, "b": [1, 2.5, null]});
        assert_eq!(canonical(&a), r#"{"a":{"y":true,"z":"é\n\""},"b":[1,2.5,null]}"#);
        assert_eq!(canonical(&a), canonical(&b));
    }

    #[test]
    fn numbers_read_back_exactly() {
        for x in [0.1 + 0.2, 1e-320, f64::MAX, 1.0] {
            let text = canonical(&json!(x));
            assert_eq!(text.parse::<f64>().unwrap().to_bits(), x.to_bits(), "{text}");
        }
        assert_eq!(canonical(&json!(u64::MAX)), "18446744073709551615");
    }
}
