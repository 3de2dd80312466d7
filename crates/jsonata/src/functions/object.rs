//! Objects, types and conditions.

use super::list::call;
use super::{fail, take};
use crate::error::Result;
use crate::evaluate::Evaluator;
use crate::transform::copied;
use crate::value::{Key, Marks, Members, Value};
use indexmap::IndexSet;

pub(super) fn boolean<'d>(e: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    let [value] = take(arguments);
    Ok(if value.is_undefined() { value } else { Value::Bool(e.truth(&value)?) })
}

pub(super) fn not<'d>(e: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    let [value] = take(arguments);
    Ok(if value.is_undefined() { value } else { Value::Bool(!e.truth(&value)?) })
}

pub(super) fn exists<'d>(_: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    let [value] = take(arguments);
    Ok(Value::Bool(!value.is_undefined()))
}

pub(super) fn kind<'d>(_: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    let [value] = take(arguments);
    Ok(Value::str(match value {
        Value::Undefined => return Ok(Value::Undefined),
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::Text(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
        Value::Function(_) => "function",
    }))
}

pub(super) fn error<'d>(_: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    let [message] = take(arguments);
    fail("D3137", message.as_str().unwrap_or("the expression says that this is an error"))
}

pub(super) fn assert<'d>(e: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    let [condition, message] = take(arguments);
    match e.truth(&condition)? {
        true => Ok(Value::Undefined),
        false => fail("D3141", message.as_str().unwrap_or("what the expression asserts does not hold")),
    }
}

pub(super) fn eval<'d>(_: &mut Evaluator<'d>, _: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    fail("D3120", "text is not evaluated as an expression here")
}

pub(super) fn chance<'d>(_: &mut Evaluator<'d>, _: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    fail("D3143", "results must not depend on chance")
}

pub(super) fn clone<'d>(e: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    let [value] = take(arguments);
    copied(e, &value)
}

fn collect_keys<'d>(e: &mut Evaluator<'d>, value: &Value<'d>, keys: &mut IndexSet<Key<'d>>) -> Result<()> {
    e.spend(1)?;
    match value {
        Value::Object(object) => {
            e.spend(object.len() / 4)?;
            keys.extend(object.entries().into_iter().map(|(key, _)| key));
        }
        Value::Array(array) => array.iter().try_for_each(|item| collect_keys(e, &item, keys))?,
        _ => {}
    }
    Ok(())
}

pub(crate) fn key_value(key: Key<'_>) -> Value<'_> {
    match key {
        Key::Borrowed(key) => Value::str(key),
        Key::Owned(key) => Value::text(key),
    }
}

pub(super) fn keys<'d>(e: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    let [value] = take(arguments);
    let mut keys = IndexSet::new();
    collect_keys(e, &value, &mut keys)?;
    Ok(Value::marked(keys.into_iter().map(key_value).collect(), Marks::SEQUENCE))
}

pub(super) fn lookup<'d>(e: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    let [value, key] = take(arguments);
    match key.as_str() {
        Some(key) => e.member(&value, key),
        None => Ok(Value::Undefined),
    }
}

fn spread_into<'d>(e: &mut Evaluator<'d>, value: Value<'d>, into: &mut Vec<Value<'d>>) -> Result<()> {
    e.spend(1)?;
    match value {
        Value::Array(array) => array.iter().try_for_each(|item| spread_into(e, item, into))?,
        Value::Object(object) => {
            for (key, value) in object.entries() {
                let mut members = Members::default();
                members.insert(key, value);
                into.push(Value::object(members));
            }
        }
        Value::Undefined => {}
        other => into.push(other),
    }
    Ok(())
}

pub(super) fn spread<'d>(e: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    let [value] = take(arguments);
    match value {
        Value::Array(_) | Value::Object(_) => {
            let mut into = Vec::new();
            spread_into(e, value, &mut into)?;
            Ok(Value::marked(into, Marks::SEQUENCE))
        }
        other => Ok(other),
    }
}

pub(super) fn merge<'d>(e: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    let [value] = take(arguments);
    if value.is_undefined() {
        return Ok(value);
    }
    let mut members = Members::default();
    for item in value.into_items() {
        if let Value::Object(object) = item {
            e.spend(object.len())?;
            object.entries().into_iter().for_each(|(key, value)| members.insert(key, value));
        }
    }
    Ok(Value::object(members))
}

pub(super) fn each<'d>(e: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    let [subject, function] = take(arguments);
    let (Value::Object(object), Value::Function(function)) = (&subject, &function) else { return Ok(Value::Undefined) };
    let mut results = Vec::new();
    for (key, value) in object.entries() {
        let result = call(e, function, [value, key_value(key), subject.clone()])?;
        if !result.is_undefined() {
            results.push(result);
        }
    }
    e.made(Value::marked(results, Marks::SEQUENCE))
}

pub(super) fn sift<'d>(e: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    let [subject, function] = take(arguments);
    let (Value::Object(object), Value::Function(function)) = (&subject, &function) else { return Ok(Value::Undefined) };
    let mut members = Members::default();
    for (key, value) in object.entries() {
        let answer = call(e, function, [value.clone(), key_value(key.clone()), subject.clone()])?;
        if e.truth(&answer)? {
            members.insert(key, value);
        }
    }
    Ok(if members.members.is_empty() { Value::Undefined } else { Value::object(members) })
}
