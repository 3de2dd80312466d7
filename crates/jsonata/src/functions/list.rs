//! Lists, and functions of functions over them.

use super::{fail, take};
use crate::error::Result;
use crate::evaluate::{Evaluator, Function};
use crate::value::{Marks, Value};
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

pub(super) fn count<'d>(_: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    let [value] = take(arguments);
    Ok(Value::number(match value {
        Value::Array(array) => array.len() as f64,
        _ => 0.0,
    }))
}

pub(super) fn append<'d>(e: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    let [first, second] = take(arguments);
    if first.is_undefined() {
        return Ok(second);
    }
    if second.is_undefined() {
        return Ok(first);
    }
    let mut items = first.into_items();
    items.extend(second.into_items());
    e.spend(items.len() / 4)?;
    e.made(Value::array(items))
}

pub(super) fn reverse<'d>(e: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    let [value] = take(arguments);
    match value {
        Value::Array(array) if array.len() > 1 => {
            e.spend(array.len() / 4)?;
            let mut items = array.into_items();
            items.reverse();
            Ok(Value::array(items))
        }
        other => Ok(other),
    }
}

pub(super) fn zip<'d>(e: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    let lists: Vec<Vec<Value<'d>>> = arguments.into_iter().map(Value::into_items).collect();
    let shortest = lists.iter().map(Vec::len).min().unwrap_or(0);
    e.spend(shortest * lists.len())?;
    let rows = (0..shortest).map(|i| Value::array(lists.iter().map(|list| list[i].clone()).collect()));
    e.made(Value::array(rows.collect()))
}

/// Equal values have equal hashes; members of objects count in any order.
fn hash_of<'d>(e: &mut Evaluator<'d>, value: &Value<'d>) -> Result<u64> {
    e.spend(1)?;
    let mut hasher = DefaultHasher::new();
    match value {
        Value::Undefined => 0_u8.hash(&mut hasher),
        Value::Null => 1_u8.hash(&mut hasher),
        Value::Bool(b) => (2_u8, b).hash(&mut hasher),
        Value::Number(n) => (3_u8, (n.get() + 0.0).to_bits()).hash(&mut hasher),
        Value::Text(text) => (4_u8, text.as_str()).hash(&mut hasher),
        Value::Array(array) => {
            (5_u8, array.len()).hash(&mut hasher);
            for item in array.iter() {
                hash_of(e, &item)?.hash(&mut hasher);
            }
        }
        Value::Object(object) => {
            let mut all = 0_u64;
            for (key, value) in object.entries() {
                let mut member = DefaultHasher::new();
                (key.as_ref(), hash_of(e, &value)?).hash(&mut member);
                all = all.wrapping_add(member.finish());
            }
            (6_u8, all).hash(&mut hasher);
        }
        Value::Function(function) => (7_u8, Rc::as_ptr(function).cast::<u8>() as usize).hash(&mut hasher),
    }
    Ok(hasher.finish())
}

pub(super) fn distinct<'d>(e: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    let [value] = take(arguments);
    let marks = if value.marks().sequence { Marks::SEQUENCE } else { Marks::default() };
    let Value::Array(array) = value else { return Ok(value) };
    if array.len() <= 1 {
        return Ok(Value::Array(array));
    }
    let mut seen: HashMap<u64, Vec<usize>> = HashMap::new();
    let mut kept: Vec<Value<'d>> = Vec::new();
    'items: for item in array.into_items() {
        let places = seen.entry(hash_of(e, &item)?).or_default();
        for &place in places.iter() {
            if e.same(&kept[place], &item)? {
                continue 'items;
            }
        }
        places.push(kept.len());
        kept.push(item);
    }
    Ok(Value::marked(kept, marks))
}

/// As many of the arguments as the function looks at, at least one.
pub(super) fn call<'d, const N: usize>(
    e: &mut Evaluator<'d>,
    function: &Rc<Function<'d>>,
    arguments: [Value<'d>; N],
) -> Result<Value<'d>> {
    let count = function.arity().max(1);
    e.apply(function, arguments.into_iter().take(count).collect(), &Value::Undefined)
}

/// A list and a function; nothing if there is no list.
fn list_and_function<'d>(arguments: Vec<Value<'d>>) -> Option<(Value<'d>, Vec<Value<'d>>, Option<Rc<Function<'d>>>)> {
    let [list, function] = take(arguments);
    let function = match function {
        Value::Function(function) => Some(function),
        _ => None,
    };
    match &list {
        Value::Array(array) => Some((list.clone(), array.clone().into_items(), function)),
        _ => None,
    }
}

pub(super) fn map<'d>(e: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    let Some((list, items, Some(function))) = list_and_function(arguments) else { return Ok(Value::Undefined) };
    let mut results = Vec::new();
    for (i, item) in items.into_iter().enumerate() {
        let result = call(e, &function, [item, Value::number(i as f64), list.clone()])?;
        if !result.is_undefined() {
            results.push(result);
        }
    }
    e.made(Value::marked(results, Marks::SEQUENCE))
}

pub(super) fn filter<'d>(e: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    let Some((list, items, Some(function))) = list_and_function(arguments) else { return Ok(Value::Undefined) };
    let mut kept = Vec::new();
    for (i, item) in items.into_iter().enumerate() {
        let answer = call(e, &function, [item.clone(), Value::number(i as f64), list.clone()])?;
        if e.truth(&answer)? {
            kept.push(item);
        }
    }
    Ok(Value::marked(kept, Marks::SEQUENCE))
}

pub(super) fn single<'d>(e: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    let Some((list, items, function)) = list_and_function(arguments) else { return Ok(Value::Undefined) };
    let mut found = None;
    for (i, item) in items.into_iter().enumerate() {
        let fits = match &function {
            Some(function) => {
                let answer = call(e, function, [item.clone(), Value::number(i as f64), list.clone()])?;
                e.truth(&answer)?
            }
            None => true,
        };
        if fits && found.is_some() {
            return fail("D3138", format!("the value at {i} fits too, and only one may"));
        }
        if fits {
            found = Some(item);
        }
    }
    match found {
        Some(value) => Ok(value),
        None => fail("D3139", "no value fits"),
    }
}

pub(super) fn reduce<'d>(e: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    let [list, function, start] = take(arguments);
    let (Value::Array(array), Value::Function(function)) = (&list, &function) else { return Ok(Value::Undefined) };
    let arity = function.arity();
    if arity < 2 {
        return fail("D3050", "the function must take at least two arguments");
    }
    let mut items = array.clone().into_items().into_iter().enumerate();
    let mut result = match start {
        Value::Undefined => items.next().map_or(Value::Undefined, |(_, first)| first),
        start => start,
    };
    for (i, item) in items {
        let arguments = [result, item, Value::number(i as f64), list.clone()];
        result = e.apply(function, arguments.into_iter().take(arity).collect(), &Value::Undefined)?;
    }
    Ok(result)
}

pub(super) fn sort<'d>(e: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    let Some((list, items, function)) = list_and_function(arguments) else { return Ok(Value::Undefined) };
    if items.len() <= 1 {
        return Ok(list);
    }
    let sorted = match function {
        Some(function) => e.merge_sort(items, &mut |e, a: &Value<'d>, b| {
            let answer = e.apply(&function, vec![a.clone(), b.clone()], &Value::Undefined)?;
            e.truth(&answer)
        })?,
        None => {
            let texts = items.iter().all(|item| matches!(item, Value::Text(_)));
            let numbers = items.iter().all(|item| matches!(item, Value::Number(_)));
            if !texts && !numbers {
                return fail("D3070", "without a function only texts or only numbers can be sorted");
            }
            e.merge_sort(items, &mut |_, a, b| {
                Ok(match (a, b) {
                    (Value::Number(a), Value::Number(b)) => a.get() > b.get(),
                    (a, b) => a.as_str() > b.as_str(),
                })
            })?
        }
    };
    Ok(Value::array(sorted))
}
