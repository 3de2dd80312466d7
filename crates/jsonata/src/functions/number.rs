//! Numbers.

use super::{fail, optional_number, take};
use crate::error::Result;
use crate::evaluate::Evaluator;
use crate::value::Value;

/// Applies to the number of an argument; nothing stays nothing.
fn mapped<'d>(arguments: Vec<Value<'d>>, f: impl FnOnce(f64) -> Result<f64>) -> Result<Value<'d>> {
    let [value] = take(arguments);
    match value {
        Value::Number(n) => f(n.get()).map(Value::number),
        _ => Ok(Value::Undefined),
    }
}

pub(super) fn abs<'d>(_: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    mapped(arguments, |n| Ok(n.abs()))
}

pub(super) fn floor<'d>(_: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    mapped(arguments, |n| Ok(n.floor()))
}

pub(super) fn ceil<'d>(_: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    mapped(arguments, |n| Ok(n.ceil()))
}

pub(super) fn sqrt<'d>(_: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    mapped(arguments, |n| match n < 0.0 {
        true => fail("D3060", format!("{n} has no square root")),
        false => Ok(n.sqrt()),
    })
}

pub(super) fn power<'d>(_: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    let [base, exponent] = take(arguments);
    let (Value::Number(base), Value::Number(exponent)) = (base, exponent) else { return Ok(Value::Undefined) };
    let (base, exponent) = (base.get(), exponent.get());
    let result = croft_num::math::pow(base, exponent);
    match result.is_finite() {
        true => Ok(Value::number(result)),
        false => fail("D3061", format!("{base} to the power of {exponent} is no number")),
    }
}

/// To a number of decimals, on the decimal number as written, half to even.
pub(crate) fn rounded(n: f64, decimals: i32) -> f64 {
    let result = match decimals {
        0 => n.round_ties_even(),
        _ => shifted(shifted(n, decimals).round_ties_even(), -decimals),
    };
    if result == 0.0 { 0.0 } else { result }
}

/// Times a power of ten, on the decimal number: no error of multiplication.
fn shifted(n: f64, by: i32) -> f64 {
    let text = format!("{n:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent = exponent.parse::<i32>().unwrap_or(0).saturating_add(by);
    format!("{digits}e{exponent}").parse().unwrap_or(f64::NAN)
}

pub(super) fn round<'d>(_: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    let [value, decimals] = take(arguments);
    let Some(n) = optional_number(&value) else { return Ok(Value::Undefined) };
    let decimals = optional_number(&decimals).unwrap_or(0.0).clamp(-400.0, 400.0) as i32;
    let result = rounded(n, decimals);
    Ok(Value::number(if result.is_finite() { result } else { n }))
}

pub(super) fn format_base<'d>(_: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    let [value, radix] = take(arguments);
    let Some(n) = optional_number(&value) else { return Ok(Value::Undefined) };
    let radix = optional_number(&radix).unwrap_or(10.0).round_ties_even();
    if !(2.0..=36.0).contains(&radix) {
        return fail("D3100", format!("the base must be from 2 to 36, and not {radix}"));
    }
    let n = n.round_ties_even();
    if n.abs() >= 9e15 {
        return fail("D3100", format!("{n} has too many digits for another base"));
    }
    let (mut rest, radix) = (n.abs() as u64, radix as u64);
    let mut digits = Vec::new();
    loop {
        digits.push(char::from_digit((rest % radix) as u32, 36).unwrap_or('0'));
        rest /= radix;
        if rest == 0 {
            break;
        }
    }
    let sign = if n < 0.0 { "-" } else { "" };
    Ok(Value::text(format!("{sign}{}", digits.iter().rev().collect::<String>())))
}

pub(super) fn number<'d>(_: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    let [value] = take(arguments);
    match &value {
        Value::Number(_) | Value::Undefined => Ok(value),
        Value::Bool(b) => Ok(Value::number(f64::from(u8::from(*b)))),
        Value::Text(text) => match parsed(text.as_str()) {
            Some(n) => Ok(Value::number(n)),
            None => fail("D3030", format!("{:?} is no number", text.as_str())),
        },
        _ => fail("D3030", "only texts and booleans become numbers"),
    }
}

fn parsed(text: &str) -> Option<f64> {
    let radix = |prefix: [&str; 2], radix| {
        let digits = prefix.iter().find_map(|p| text.strip_prefix(p))?;
        let all = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
        let add = |sum: f64, c: char| sum * f64::from(radix) + f64::from(c.to_digit(radix).unwrap_or(0));
        all.then(|| digits.chars().fold(0.0, add))
    };
    if let Some(n) = radix(["0x", "0X"], 16).or_else(|| radix(["0o", "0O"], 8)).or_else(|| radix(["0b", "0B"], 2)) {
        return Some(n);
    }
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (&unsigned[..at], Some(&unsigned[at + 1..])),
        None => (unsigned, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let mantissa_is = match mantissa.split_once('.') {
        Some((whole, part)) => digits(whole) && digits(part),
        None => digits(mantissa),
    };
    let exponent_is = exponent.is_none_or(|e| digits(e.strip_prefix(['+', '-']).unwrap_or(e)));
    let n = text.parse::<f64>().ok()?;
    (mantissa_is && exponent_is && n.is_finite()).then_some(n)
}

fn numbers(value: &Value<'_>) -> Option<Vec<f64>> {
    match value {
        Value::Array(array) => Some(array.iter().filter_map(|item| optional_number(&item)).collect()),
        _ => None,
    }
}

fn folded<'d>(
    evaluator: &mut Evaluator<'d>,
    arguments: Vec<Value<'d>>,
    f: impl FnOnce(&[f64]) -> Option<f64>,
) -> Result<Value<'d>> {
    let [value] = take(arguments);
    let Some(numbers) = numbers(&value) else { return Ok(Value::Undefined) };
    evaluator.spend(numbers.len() / 4)?;
    match f(&numbers) {
        Some(n) if !n.is_finite() => fail("D1001", "the numbers are too large together"),
        Some(n) => Ok(Value::number(n)),
        None => Ok(Value::Undefined),
    }
}

pub(super) fn sum<'d>(e: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    folded(e, arguments, |all| Some(all.iter().fold(0.0, |sum, n| sum + n)))
}

pub(super) fn average<'d>(e: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    folded(e, arguments, |all| (!all.is_empty()).then(|| all.iter().fold(0.0, |sum, n| sum + n) / all.len() as f64))
}

pub(super) fn max<'d>(e: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    folded(e, arguments, |all| all.iter().copied().reduce(f64::max))
}

pub(super) fn min<'d>(e: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    folded(e, arguments, |all| all.iter().copied().reduce(f64::min))
}
