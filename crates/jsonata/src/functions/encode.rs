//! Base64 and percent-encoding.

use super::{fail, take};
use crate::error::Result;
use crate::evaluate::Evaluator;
use crate::value::Value;

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Applies to the text of the argument; nothing stays nothing.
fn mapped<'d>(
    e: &mut Evaluator<'d>,
    arguments: Vec<Value<'d>>,
    f: impl FnOnce(&str) -> Option<String>,
    wrong: &'static str,
) -> Result<Value<'d>> {
    let [value] = take(arguments);
    let Some(text) = value.as_str() else { return Ok(Value::Undefined) };
    e.spend(text.len() / 4)?;
    match f(text) {
        Some(text) => Ok(Value::text(text)),
        None => fail("D3140", wrong),
    }
}

/// Characters are bytes here, so none may be above U+00FF.
pub(super) fn base64_encode<'d>(e: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    let encode = |text: &str| {
        let bytes = text.chars().map(|c| u8::try_from(c as u32).ok()).collect::<Option<Vec<u8>>>()?;
        let mut encoded = String::new();
        for chunk in bytes.chunks(3) {
            let bits = chunk.iter().fold(0_u32, |bits, b| bits << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
            for i in 0..4 {
                let digit = BASE64[(bits >> (18 - 6 * i)) as usize & 63];
                encoded.push(if i <= chunk.len() { char::from(digit) } else { '=' });
            }
        }
        Some(encoded)
    };
    mapped(e, arguments, encode, "only characters up to U+00FF are encoded")
}

pub(super) fn base64_decode<'d>(e: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    let decode = |text: &str| {
        let mut decoded = String::new();
        let (mut bits, mut count) = (0_u32, 0);
        for c in text.bytes().filter(|c| *c != b'=' && !c.is_ascii_whitespace()) {
            let digit = BASE64.iter().position(|&b| b == c)?;
            bits = bits << 6 | digit as u32;
            count += 6;
            if count >= 8 {
                count -= 8;
                decoded.push(char::from((bits >> count) as u8));
                bits &= (1 << count) - 1;
            }
        }
        Some(decoded)
    };
    mapped(e, arguments, decode, "the text is not Base64")
}

/// What stays as it is in a component; and, besides, in a whole address.
const COMPONENT: &str = "-_.!~*'()";
const ADDRESS: &str = ";/?:@&=+$,#";

fn encoded(text: &str, kept: &str) -> String {
    let mut encoded = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || COMPONENT.contains(c) || kept.contains(c) {
            encoded.push(c);
            continue;
        }
        c.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| encoded.push_str(&format!("%{byte:02X}")));
    }
    encoded
}

fn decoded(text: &str, kept: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        if first != b'%' {
            bytes.push(first);
            rest = after;
            continue;
        }
        let digits = std::str::from_utf8(after.get(..2)?).ok()?;
        let byte = u8::from_str_radix(digits, 16).ok()?;
        if byte.is_ascii() && kept.contains(char::from(byte)) {
            bytes.push(b'%');
            rest = after;
            continue;
        }
        bytes.push(byte);
        rest = &after[2..];
    }
    String::from_utf8(bytes).ok()
}

const WRONG: &str = "the text is no percent-encoded UTF-8";

pub(super) fn encode_url<'d>(e: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    mapped(e, arguments, |text| Some(encoded(text, ADDRESS)), WRONG)
}

pub(super) fn encode_url_component<'d>(
    e: &mut Evaluator<'d>,
    arguments: Vec<Value<'d>>,
    _: &Value<'d>,
) -> Result<Value<'d>> {
    mapped(e, arguments, |text| Some(encoded(text, "")), WRONG)
}

pub(super) fn decode_url<'d>(e: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    mapped(e, arguments, |text| decoded(text, ADDRESS), WRONG)
}

pub(super) fn decode_url_component<'d>(
    e: &mut Evaluator<'d>,
    arguments: Vec<Value<'d>>,
    _: &Value<'d>,
) -> Result<Value<'d>> {
    mapped(e, arguments, |text| decoded(text, ""), WRONG)
}
