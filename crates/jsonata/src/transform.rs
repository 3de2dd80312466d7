//! `| pattern | update, delete |`: a copy of a value, changed where a pattern matches.
//!
//! The copy's objects are known by where they lie; what changes is noted beside it, and the result is built from both.

use crate::ast::Transform;
use crate::error::{Error, Result};
use crate::evaluate::{Evaluator, Frame};
use crate::value::{Array, Members, Object, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

pub(crate) fn transform<'d>(
    evaluator: &mut Evaluator<'d>,
    transform: &'d Transform,
    subject: Value<'d>,
    frame: &Rc<Frame<'d>>,
) -> Result<Value<'d>> {
    let copy = copied(evaluator, &subject)?;
    let matches = evaluator.eval(&transform.pattern, &copy, frame)?.into_items();
    let mut changed: BTreeMap<usize, Value<'d>> = BTreeMap::new();
    for matched in matches {
        let address = address(&matched);
        let mut current = address.and_then(|a| changed.get(&a).cloned()).unwrap_or(matched);
        match evaluator.eval(&transform.update, &current, frame)? {
            Value::Undefined => {}
            Value::Object(update) => {
                current = with(current, |members| {
                    update.entries().into_iter().for_each(|(key, value)| members.insert(key, value));
                })
            }
            _ => {
                let message = "the update of a transformation must be an object";
                return Err(Error::new("T2011", transform.update.position, message));
            }
        }
        if let Some(delete) = &transform.delete {
            let names = evaluator.eval(delete, &current, frame)?.into_items();
            if !names.iter().all(|name| name.as_str().is_some()) {
                let message = "what a transformation deletes must be texts";
                return Err(Error::new("T2012", delete.position, message));
            }
            current = with(current, |members| {
                names.iter().filter_map(Value::as_str).for_each(|name| drop(members.members.shift_remove(name)));
            });
        }
        if let Some(address) = address {
            changed.insert(address, current);
        }
    }
    rebuilt(evaluator, &copy, &changed, &mut BTreeSet::new())
}

fn address(value: &Value<'_>) -> Option<usize> {
    match value {
        Value::Object(Object::Shared(object)) => Some(Rc::as_ptr(object).cast::<u8>() as usize),
        _ => None,
    }
}

fn with<'d>(value: Value<'d>, change: impl FnOnce(&mut Members<'d>)) -> Value<'d> {
    match value {
        Value::Object(object) => {
            let mut members = Members::default();
            object.entries().into_iter().for_each(|(key, value)| members.insert(key, value));
            change(&mut members);
            Value::object(members)
        }
        other => other,
    }
}

/// All of a value anew, so that each object has a place of its own. Functions become empty texts, as in JSON.
pub(crate) fn copied<'d>(evaluator: &mut Evaluator<'d>, value: &Value<'d>) -> Result<Value<'d>> {
    evaluator.spend(1)?;
    Ok(match value {
        Value::Array(array) => {
            let mut items = Vec::with_capacity(array.len());
            for item in array.iter() {
                items.push(copied(evaluator, &item)?);
            }
            Value::array(items)
        }
        Value::Object(object) => {
            let mut members = Members::default();
            for (key, value) in object.entries() {
                let value = copied(evaluator, &value)?;
                members.insert(key, value);
            }
            Value::object(members)
        }
        Value::Function(_) => Value::str(""),
        other => other.clone(),
    })
}

fn rebuilt<'d>(
    evaluator: &mut Evaluator<'d>,
    value: &Value<'d>,
    changed: &BTreeMap<usize, Value<'d>>,
    within: &mut BTreeSet<usize>,
) -> Result<Value<'d>> {
    evaluator.spend(1)?;
    match value {
        Value::Array(Array::Shared(list)) => {
            let mut items = Vec::with_capacity(list.items.len());
            for item in &list.items {
                items.push(rebuilt(evaluator, item, changed, within)?);
            }
            evaluator.made(Value::marked(items, list.marks))
        }
        Value::Object(Object::Shared(_)) => {
            let own = address(value);
            // An object that was put into itself is shown there as it was.
            let is_new = own.is_some_and(|own| within.insert(own));
            let now = own.filter(|_| is_new).and_then(|own| changed.get(&own)).unwrap_or(value);
            let result = match now {
                Value::Object(object) if is_new => {
                    let mut members = Members::default();
                    for (key, member) in object.entries() {
                        let member = rebuilt(evaluator, &member, changed, within)?;
                        members.insert(key, member);
                    }
                    evaluator.made(Value::object(members))
                }
                other => Ok(other.clone()),
            };
            if let (Some(own), true) = (own, is_new) {
                within.remove(&own);
            }
            result
        }
        other => Ok(other.clone()),
    }
}
