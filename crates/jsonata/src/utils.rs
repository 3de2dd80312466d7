//! `$utils`: the functions that the rules engine of CDISC adds to JSONata for its rules.
//!
//! Bind them with `bindings.libraries.insert("utils".into(), UTILS)`. What they do is described in that engine's rule documentation ("JSONata Functions"):
//!
//! - `$utils.parse_refs(from, to, within)` gives `within` with references followed: in each object, `from` (an id or a list of ids) is replaced by `to` with
//!   the objects of `within` that have these ids, and so on in those. An object that leads back to itself is shown as `{"circularReference": id}`.
//!   An id that no object has leaves nothing.
//! - `$utils.sift_tree(tree, value, include, prefix)` gives the branches of `tree` that lead to `value`, with the attributes named in `include`. With
//!   `prefix`, attribute names begin with the object's `instanceType`.

use crate::error::Result;
use crate::evaluate::{Evaluator, HostFunction};
use crate::value::{Key, Marks, Members, Value};
use std::collections::{BTreeMap, HashMap};

/// The library to bind as `utils`.
pub const UTILS: &[(&str, HostFunction)] = &[("parse_refs", parse_refs), ("sift_tree", sift_tree)];

fn argument<'d>(arguments: &[Value<'d>], index: usize) -> Value<'d> {
    arguments.get(index).cloned().unwrap_or(Value::Undefined)
}

fn parse_refs<'d>(e: &mut Evaluator<'d>, arguments: &[Value<'d>]) -> Result<Value<'d>> {
    let (from, to) = (argument(arguments, 0), argument(arguments, 1));
    let mut within = argument(arguments, 2);
    let (Some(from), Some(to)) = (from.as_str(), to.as_str()) else { return Ok(Value::Undefined) };
    // Each round follows the references that are there; what they lead to brings its own.
    while holds_attribute(e, &within, from)? {
        let mut round = Round { from, to, by_id: HashMap::new(), led_to: BTreeMap::new() };
        for object in within.clone().into_items() {
            if let Value::Object(members) = &object
                && let Some(id) = members.get("id").as_str()
            {
                round.by_id.entry(id.to_owned()).or_default().push(object.clone());
            }
        }
        within = round.followed(e, &within)?;
    }
    Ok(within)
}

fn holds_attribute<'d>(e: &mut Evaluator<'d>, value: &Value<'d>, name: &str) -> Result<bool> {
    e.spend(1)?;
    match value {
        Value::Array(array) => {
            for item in array.iter() {
                if holds_attribute(e, &item, name)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Value::Object(object) => {
            if !object.get(name).is_undefined() {
                return Ok(true);
            }
            for (_, member) in object.entries() {
                if holds_attribute(e, &member, name)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        _ => Ok(false),
    }
}

struct Round<'a, 'd> {
    from: &'a str,
    to: &'a str,
    by_id: HashMap<String, Vec<Value<'d>>>,
    /// What each id leads to, once it was asked for.
    led_to: BTreeMap<String, Value<'d>>,
}

impl<'d> Round<'_, 'd> {
    fn followed(&mut self, e: &mut Evaluator<'d>, value: &Value<'d>) -> Result<Value<'d>> {
        e.spend(1)?;
        match value {
            Value::Array(array) => {
                let mut items = Vec::with_capacity(array.len());
                for item in array.iter() {
                    items.push(self.followed(e, &item)?);
                }
                Ok(Value::array(items))
            }
            Value::Object(object) => {
                let mut members = Members::default();
                for (key, member) in object.entries() {
                    let member = self.followed(e, &member)?;
                    members.insert(key, member);
                }
                if let Some(references) = members.members.get(self.from).cloned() {
                    let mut objects = Vec::new();
                    for reference in references.into_items() {
                        let Some(id) = reference.as_str() else { continue };
                        let object = self.object(e, id, &reference)?;
                        objects.extend(Some(object).filter(|object| !object.is_undefined()));
                    }
                    let objects = Value::sequence(objects);
                    if !objects.is_undefined() {
                        members.insert(Key::Owned(self.to.to_owned()), objects);
                    }
                    if self.from != self.to {
                        members.members.shift_remove(self.from);
                    }
                }
                e.made(Value::object(members))
            }
            other => Ok(other.clone()),
        }
    }

    fn object(&mut self, e: &mut Evaluator<'d>, id: &str, reference: &Value<'d>) -> Result<Value<'d>> {
        if let Some(known) = self.led_to.get(id) {
            return Ok(known.clone());
        }
        let objects = Value::sequence(self.by_id.get(id).cloned().unwrap_or_default());
        let object = if leads_to(e, &objects, self.from, reference)? {
            let mut members = Members::default();
            members.insert("circularReference".into(), reference.clone());
            Value::object(members)
        } else {
            objects
        };
        self.led_to.insert(id.to_owned(), object.clone());
        Ok(object)
    }
}

/// Whether an attribute somewhere in a value holds a reference.
fn leads_to<'d>(e: &mut Evaluator<'d>, value: &Value<'d>, attribute: &str, reference: &Value<'d>) -> Result<bool> {
    e.spend(1)?;
    match value {
        Value::Array(array) => {
            for item in array.iter() {
                if leads_to(e, &item, attribute, reference)? {
                    return Ok(true);
                }
            }
        }
        Value::Object(object) => {
            for (key, member) in object.entries() {
                if key == attribute {
                    for held in member.clone().into_items() {
                        if e.same(&held, reference)? {
                            return Ok(true);
                        }
                    }
                }
                if leads_to(e, &member, attribute, reference)? {
                    return Ok(true);
                }
            }
        }
        _ => {}
    }
    Ok(false)
}

fn sift_tree<'d>(e: &mut Evaluator<'d>, arguments: &[Value<'d>]) -> Result<Value<'d>> {
    let prefix = e.truth(&argument(arguments, 3))?;
    let include = argument(arguments, 2).into_items();
    Sift { wanted: argument(arguments, 1), include, prefix }.sifted(e, &argument(arguments, 0))
}

struct Sift<'d> {
    wanted: Value<'d>,
    include: Vec<Value<'d>>,
    prefix: bool,
}

impl<'d> Sift<'d> {
    fn sifted(&self, e: &mut Evaluator<'d>, value: &Value<'d>) -> Result<Value<'d>> {
        e.spend(1)?;
        match value {
            Value::Array(array) => {
                let mut items = Vec::new();
                for item in array.iter() {
                    if self.leads_to_wanted(e, &item)? {
                        let item = self.sifted(e, &item)?;
                        items.extend(Some(item).filter(|item| !item.is_undefined()));
                    }
                }
                let found = Value::marked(items, Marks::SEQUENCE).collapsed(false);
                Ok(Value::array(found.into_items()))
            }
            Value::Object(object) => {
                let kind = object.get("instanceType");
                let kind = kind.as_str().filter(|_| self.prefix);
                let mut members = Members::default();
                let mut is_kept = false;
                for (key, member) in object.entries() {
                    let included = self.include.iter().any(|name| name.as_str() == Some(&key));
                    if !included && !self.leads_to_wanted(e, &member)? {
                        continue;
                    }
                    is_kept = true;
                    let member = if included { member } else { self.sifted(e, &member)? };
                    let key = match kind {
                        Some(kind) => Key::Owned(format!("{kind}.{key}")),
                        None => key,
                    };
                    if !member.is_undefined() {
                        members.insert(key, member);
                    }
                }
                if is_kept { e.made(Value::object(members)) } else { Ok(Value::Undefined) }
            }
            other => Ok(other.clone()),
        }
    }

    fn leads_to_wanted(&self, e: &mut Evaluator<'d>, value: &Value<'d>) -> Result<bool> {
        if self.wanted.is_undefined() {
            return Ok(false);
        }
        match value {
            Value::Array(array) => {
                e.spend(1)?;
                for item in array.iter() {
                    if self.leads_to_wanted(e, &item)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Value::Object(object) => {
                if e.same(value, &self.wanted)? {
                    return Ok(true);
                }
                for (_, member) in object.entries() {
                    if self.leads_to_wanted(e, &member)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            scalar => e.same(scalar, &self.wanted),
        }
    }
}
