//! Paths: steps, predicates, orders, groups, and what steps carry along.
//!
//! A step is taken from each item that the step before gave, and what it gives is joined. Once a step binds (`@`, `#`) or a later `%` asks for its
//! context, the path carries tuples: each item with the bindings under which it was reached.

use crate::ast::{Group, Kind, Node, SortTerm, Stage, Symbol};
use crate::error::{Error, Result};
use crate::evaluate::{Evaluator, Frame};
use crate::value::{Key, Marks, Members, Value};
use indexmap::IndexMap;
use std::cmp::Ordering;
use std::rc::Rc;

/// What an expression gives: a value, or tuples for the path around it.
pub(crate) enum Flow<'d> {
    Value(Value<'d>),
    Tuples(Vec<Tuple<'d>>),
}

/// An item with the bindings under which it was reached.
#[derive(Clone)]
pub(crate) struct Tuple<'d> {
    pub(crate) at: Value<'d>,
    bound: Vec<(Symbol, Value<'d>)>,
}

impl<'d> Tuple<'d> {
    fn bind(&mut self, name: Symbol, value: Value<'d>) {
        match self.bound.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = value,
            None => self.bound.push((name, value)),
        }
    }

    fn frame(&self, outer: &Rc<Frame<'d>>) -> Result<Rc<Frame<'d>>> {
        Frame::within(outer, self.bound.clone())
    }
}

impl<'d> Evaluator<'d> {
    pub(crate) fn path(
        &mut self,
        node: &'d Node,
        steps: &'d [Node],
        keep_singleton: bool,
        input: &Value<'d>,
        frame: &Rc<Frame<'d>>,
    ) -> Result<Flow<'d>> {
        let starts_elsewhere =
            matches!(steps.first().map(|s| &s.kind), Some(Kind::Variable(_) | Kind::Context | Kind::Root));
        let mut items = match input {
            Value::Array(_) if !starts_elsewhere => input.clone(),
            _ => Value::marked(vec![input.clone()], Marks::SEQUENCE),
        };
        let mut tuples: Option<Vec<Tuple<'d>>> = None;
        let mut is_tuple = false;
        let mut result = Value::Undefined;
        for (i, step) in steps.iter().enumerate() {
            is_tuple |= step.tuple;
            if i == 0 && step.construct_array {
                result = self.eval(step, &items, frame)?;
            } else if is_tuple {
                tuples = Some(self.tuple_step(step, &items, tuples, frame)?);
                continue;
            } else {
                result = self.step(step, items, frame, i + 1 == steps.len())?;
            }
            match &result {
                Value::Undefined => break,
                Value::Array(array) if array.len() == 0 => break,
                _ => {}
            }
            items = result.clone();
        }
        let mut flow = Flow::Value(result);
        if let Some(tuples) = tuples {
            flow = if node.tuple || node.group.is_some() {
                Flow::Tuples(tuples)
            } else {
                Flow::Value(Value::marked(tuples.into_iter().map(|t| t.at).collect(), Marks::SEQUENCE))
            };
        }
        if let (true, Flow::Value(value)) = (keep_singleton, &mut flow) {
            let marks = value.marks();
            if marks.constructed && !marks.sequence {
                *value = Value::marked(vec![value.clone()], Marks::SEQUENCE);
            }
            if value.marks().sequence {
                *value = std::mem::replace(value, Value::Undefined).collapsed(true);
            }
        }
        if let Some(group) = &node.group {
            flow = Flow::Value(self.group(group, flow, frame)?);
        }
        Ok(flow)
    }

    /// One step from each item, its results joined.
    fn step(&mut self, step: &'d Node, items: Value<'d>, frame: &Rc<Frame<'d>>, last: bool) -> Result<Value<'d>> {
        if let Kind::Sort(terms) = &step.kind {
            let mut sorted = self.sorted(terms, items, frame)?;
            for stage in &step.stages {
                if let Stage::Filter(filter) = stage {
                    sorted = self.filter(filter, sorted, frame)?;
                }
            }
            return Ok(sorted);
        }
        let mut results = Vec::new();
        for item in items.into_items_of_step() {
            let mut value = match &step.kind {
                Kind::Name(name) => {
                    self.spend(1)?;
                    self.member(&item, name)?.collapsed(step.keep_array)
                }
                _ => self.eval(step, &item, frame)?,
            };
            for stage in &step.stages {
                if let Stage::Filter(filter) = stage {
                    value = self.filter(filter, value, frame)?;
                }
            }
            if !value.is_undefined() {
                results.push(value);
            }
        }
        if last && results.len() == 1 && matches!(results[0], Value::Array(_)) && !results[0].marks().sequence {
            return Ok(results.swap_remove(0));
        }
        let mut joined = Vec::with_capacity(results.len());
        for result in results {
            match result {
                Value::Array(_) if result.marks().constructed => joined.push(result),
                Value::Array(array) => joined.extend(array.into_items()),
                single => joined.push(single),
            }
        }
        self.spend(joined.len() / 8)?;
        Ok(Value::marked(joined, Marks::SEQUENCE))
    }

    fn tuple_step(
        &mut self,
        step: &'d Node,
        items: &Value<'d>,
        tuples: Option<Vec<Tuple<'d>>>,
        frame: &Rc<Frame<'d>>,
    ) -> Result<Vec<Tuple<'d>>> {
        let alone = |at| Tuple { at, bound: Vec::new() };
        if let Kind::Sort(terms) = &step.kind {
            let sorted = match tuples {
                Some(tuples) => self.sorted_tuples(terms, tuples, frame)?,
                None => {
                    let sorted = self.sorted(terms, items.clone(), frame)?.into_items();
                    let mut tuples: Vec<_> = sorted.into_iter().map(alone).collect();
                    if let Some(name) = step.index {
                        tuples.iter_mut().enumerate().for_each(|(i, t)| t.bind(name, Value::number(i as f64)));
                    }
                    tuples
                }
            };
            return self.stages(&step.stages, sorted, frame);
        }
        let tuples = match tuples {
            Some(tuples) => tuples,
            None => items.clone().into_items_of_step().into_iter().map(alone).collect(),
        };
        let mut results = Vec::new();
        for tuple in tuples {
            let inner = tuple.frame(frame)?;
            match self.flow(step, &tuple.at, &inner)? {
                Flow::Value(Value::Undefined) => {}
                Flow::Value(value) => {
                    for (i, item) in value.into_items().into_iter().enumerate() {
                        let mut next = tuple.clone();
                        match step.focus {
                            Some(name) => next.bind(name, item),
                            None => next.at = item,
                        }
                        if let Some(name) = step.index {
                            next.bind(name, Value::number(i as f64));
                        }
                        if let Some(slot) = step.ancestor {
                            next.bind(self.label(slot), tuple.at.clone());
                        }
                        results.push(next);
                    }
                }
                Flow::Tuples(inner) => {
                    for within in inner {
                        let mut next = tuple.clone();
                        within.bound.into_iter().for_each(|(name, value)| next.bind(name, value));
                        next.at = within.at;
                        results.push(next);
                    }
                }
            }
        }
        self.spend(results.len())?;
        self.stages(&step.stages, results, frame)
    }

    fn stages(&mut self, stages: &'d [Stage], tuples: Vec<Tuple<'d>>, frame: &Rc<Frame<'d>>) -> Result<Vec<Tuple<'d>>> {
        let mut tuples = tuples;
        for stage in stages {
            match stage {
                Stage::Filter(filter) => tuples = self.filter_tuples(filter, tuples, frame)?,
                Stage::Index(name) => {
                    tuples.iter_mut().enumerate().for_each(|(i, t)| t.bind(*name, Value::number(i as f64)));
                }
            }
        }
        Ok(tuples)
    }

    /// The items for which a predicate holds, or those at the positions that it gives.
    pub(crate) fn filter(&mut self, filter: &'d Node, value: Value<'d>, frame: &Rc<Frame<'d>>) -> Result<Value<'d>> {
        if value.is_undefined() {
            return Ok(Value::Undefined);
        }
        if let Some(index) = literal_index(filter) {
            let found = match &value {
                Value::Array(array) => position(index, array.len()).and_then(|i| array.get(i)),
                single => (position(index, 1) == Some(0)).then(|| single.clone()),
            };
            return Ok(match found {
                Some(Value::Array(array)) => Value::Array(array),
                found => Value::marked(found.into_iter().collect(), Marks::SEQUENCE),
            });
        }
        let items = value.into_items();
        let count = items.len();
        let mut kept = Vec::new();
        for (i, item) in items.into_iter().enumerate() {
            let answer = self.eval(filter, &item, frame)?;
            if self.keeps(&answer, i, count)? {
                kept.push(item);
            }
        }
        Ok(Value::marked(kept, Marks::SEQUENCE))
    }

    pub(crate) fn filter_tuples(
        &mut self,
        filter: &'d Node,
        tuples: Vec<Tuple<'d>>,
        frame: &Rc<Frame<'d>>,
    ) -> Result<Vec<Tuple<'d>>> {
        let count = tuples.len();
        if let Some(index) = literal_index(filter) {
            let mut tuples = tuples;
            return Ok(position(index, count).map(|i| tuples.swap_remove(i)).into_iter().collect());
        }
        let mut kept = Vec::new();
        for (i, tuple) in tuples.into_iter().enumerate() {
            let inner = tuple.frame(frame)?;
            let answer = self.eval(filter, &tuple.at, &inner)?;
            if self.keeps(&answer, i, count)? {
                kept.push(tuple);
            }
        }
        Ok(kept)
    }

    fn keeps(&mut self, answer: &Value<'d>, i: usize, count: usize) -> Result<bool> {
        Ok(match answer {
            Value::Bool(answer) => *answer,
            Value::Number(n) => position(n.get(), count) == Some(i),
            Value::Array(array) if array.len() > 0 && array.iter().all(|item| matches!(item, Value::Number(_))) => {
                self.spend(array.len())?;
                array.iter().any(|item| matches!(item, Value::Number(n) if position(n.get(), count) == Some(i)))
            }
            other => self.truth(other)?,
        })
    }

    fn sorted(&mut self, terms: &'d [SortTerm], items: Value<'d>, frame: &Rc<Frame<'d>>) -> Result<Value<'d>> {
        let list = items.clone().into_items();
        if list.len() <= 1 {
            return Ok(items);
        }
        let mut keyed = Vec::new();
        for item in list {
            let mut keys = Vec::new();
            for term in terms {
                keys.push(self.eval(&term.expression, &item, frame)?);
            }
            keyed.push((keys, item));
        }
        let keyed = self.merge_sort(keyed, &mut |_, a, b| goes_after(terms, &a.0, &b.0))?;
        Ok(Value::array(keyed.into_iter().map(|(_, item)| item).collect()))
    }

    fn sorted_tuples(
        &mut self,
        terms: &'d [SortTerm],
        tuples: Vec<Tuple<'d>>,
        frame: &Rc<Frame<'d>>,
    ) -> Result<Vec<Tuple<'d>>> {
        let mut keyed = Vec::new();
        for tuple in tuples {
            let inner = tuple.frame(frame)?;
            let mut keys = Vec::new();
            for term in terms {
                keys.push(self.eval(&term.expression, &tuple.at, &inner)?);
            }
            keyed.push((keys, tuple));
        }
        let keyed = self.merge_sort(keyed, &mut |_, a, b| goes_after(terms, &a.0, &b.0))?;
        Ok(keyed.into_iter().map(|(_, tuple)| tuple).collect())
    }

    /// Sorts by a question that can fail: does the first go after the second? Equal ones keep their order.
    pub(crate) fn merge_sort<T: Clone>(
        &mut self,
        items: Vec<T>,
        goes_after: &mut dyn FnMut(&mut Self, &T, &T) -> Result<bool>,
    ) -> Result<Vec<T>> {
        if items.len() <= 1 {
            return Ok(items);
        }
        self.spend(items.len())?;
        let mut left = items;
        let right = left.split_off(left.len() / 2);
        let left = self.merge_sort(left, goes_after)?;
        let right = self.merge_sort(right, goes_after)?;
        let mut merged = Vec::with_capacity(left.len() + right.len());
        let (mut i, mut j) = (0, 0);
        while let (Some(a), Some(b)) = (left.get(i), right.get(j)) {
            if goes_after(self, a, b)? {
                merged.push(b.clone());
                j += 1;
            } else {
                merged.push(a.clone());
                i += 1;
            }
        }
        merged.extend_from_slice(&left[i..]);
        merged.extend_from_slice(&right[j..]);
        Ok(merged)
    }

    /// An object: the key of each pair is asked of each item; items with one key are one group, of which the value is asked.
    pub(crate) fn group(&mut self, group: &'d Group, flow: Flow<'d>, frame: &Rc<Frame<'d>>) -> Result<Value<'d>> {
        let tuples = match flow {
            Flow::Tuples(tuples) => tuples,
            Flow::Value(value) => return self.group_items(group, value, frame),
        };
        let mut groups: IndexMap<Key<'d>, (usize, Vec<Tuple<'d>>)> = IndexMap::new();
        for tuple in tuples {
            let inner = tuple.frame(frame)?;
            for (pair, (key, _)) in group.pairs.iter().enumerate() {
                let Some(key) = self.key(key, &tuple.at, &inner)? else { continue };
                match groups.get_mut(&key) {
                    None => drop(groups.insert(key, (pair, vec![tuple.clone()]))),
                    Some((other, _)) if *other != pair => return Err(twice(&key).at(group.position)),
                    Some((_, all)) => all.push(tuple.clone()),
                }
            }
        }
        let mut members = Members::default();
        for (key, (pair, tuples)) in groups {
            let tuple = merged(tuples);
            let inner = tuple.frame(frame)?;
            let value = self.eval(&group.pairs[pair].1, &tuple.at, &inner)?;
            if !value.is_undefined() {
                members.insert(key, value);
            }
        }
        self.made(Value::object(members))
    }

    fn group_items(&mut self, group: &'d Group, value: Value<'d>, frame: &Rc<Frame<'d>>) -> Result<Value<'d>> {
        let mut items = match value {
            Value::Array(array) => array.into_items(),
            single => vec![single],
        };
        if items.is_empty() {
            items.push(Value::Undefined);
        }
        let mut members = Members::default();
        if let [item] = items.as_slice() {
            let mut pair_of: Vec<Key<'d>> = Vec::new();
            let mut values = Vec::new();
            for (key, value) in &group.pairs {
                let Some(key) = self.key(key, item, frame)? else { continue };
                if pair_of.contains(&key) {
                    return Err(twice(&key).at(group.position));
                }
                pair_of.push(key);
                values.push(value);
            }
            for (key, value) in pair_of.into_iter().zip(values) {
                let value = self.eval(value, item, frame)?;
                if !value.is_undefined() {
                    members.insert(key, value);
                }
            }
            return self.made(Value::object(members));
        }
        let mut groups: IndexMap<Key<'d>, (usize, Vec<Value<'d>>)> = IndexMap::new();
        for item in items {
            for (pair, (key, _)) in group.pairs.iter().enumerate() {
                let Some(key) = self.key(key, &item, frame)? else { continue };
                match groups.get_mut(&key) {
                    None => drop(groups.insert(key, (pair, vec![item.clone()]))),
                    Some((other, _)) if *other != pair => return Err(twice(&key).at(group.position)),
                    Some((_, all)) => all.push(item.clone()),
                }
            }
        }
        for (key, (pair, all)) in groups {
            let value = self.eval(&group.pairs[pair].1, &joined(all), frame)?;
            if !value.is_undefined() {
                members.insert(key, value);
            }
        }
        self.made(Value::object(members))
    }

    fn key(&mut self, node: &'d Node, item: &Value<'d>, frame: &Rc<Frame<'d>>) -> Result<Option<Key<'d>>> {
        use crate::value::Text;
        match self.eval(node, item, frame)? {
            Value::Undefined => Ok(None),
            Value::Text(Text::Borrowed(text)) => Ok(Some(text.into())),
            Value::Text(Text::Shared(text)) => Ok(Some(text.to_string().into())),
            _ => Err(Error::new("T1003", node.position, "the key of an object must be a text")),
        }
    }
}

impl<'d> Value<'d> {
    /// The items that a step is taken from: those of a list; nothing is a context too.
    fn into_items_of_step(self) -> Vec<Self> {
        match self {
            Value::Array(array) => array.into_items(),
            single => vec![single],
        }
    }
}

fn twice(key: &str) -> Error {
    Error::here("D1009", format!("two pairs of the object have the key {key:?}"))
}

/// One tuple for a group: each binding holds what all of them bind.
fn merged(tuples: Vec<Tuple<'_>>) -> Tuple<'_> {
    let mut at = Vec::new();
    let mut bound: Vec<(Symbol, Vec<Value<'_>>)> = Vec::new();
    for tuple in tuples {
        at.push(tuple.at);
        for (name, value) in tuple.bound {
            match bound.iter_mut().find(|(known, _)| *known == name) {
                Some((_, values)) => values.push(value),
                None => bound.push((name, vec![value])),
            }
        }
    }
    Tuple { at: joined(at), bound: bound.into_iter().map(|(name, values)| (name, joined(values))).collect() }
}

/// One value stands for itself; several are a list, and lists among them are joined.
fn joined(values: Vec<Value<'_>>) -> Value<'_> {
    let mut values: Vec<_> = values.into_iter().filter(|value| !value.is_undefined()).collect();
    match values.len() {
        0 => Value::Undefined,
        1 => values.swap_remove(0),
        _ => Value::array(values.into_iter().flat_map(Value::into_items).collect()),
    }
}

fn literal_index(filter: &Node) -> Option<f64> {
    match filter.kind {
        Kind::Number(n) if filter.predicates.is_empty() => Some(n),
        _ => None,
    }
}

/// Positions count from 0, and negative ones from the end; a broken one is rounded down.
fn position(index: f64, count: usize) -> Option<usize> {
    let index = index.floor();
    let index = if index < 0.0 { index + count as f64 } else { index };
    (index >= 0.0 && index < count as f64).then_some(index as usize)
}

/// Nothing goes to the end, whichever the direction.
fn goes_after(terms: &[SortTerm], a: &[Value<'_>], b: &[Value<'_>]) -> Result<bool> {
    for (term, (a, b)) in terms.iter().zip(a.iter().zip(b)) {
        let order = match (a, b) {
            (Value::Undefined, Value::Undefined) => continue,
            (Value::Undefined, _) => return Ok(true),
            (_, Value::Undefined) => return Ok(false),
            (Value::Number(a), Value::Number(b)) => a.get().partial_cmp(&b.get()).unwrap_or(Ordering::Equal),
            (Value::Text(a), Value::Text(b)) => a.as_str().cmp(b.as_str()),
            (Value::Number(_), Value::Text(_)) | (Value::Text(_), Value::Number(_)) => {
                let message = "an order-by compares numbers with texts";
                return Err(Error::new("T2007", term.expression.position, message));
            }
            _ => {
                let message = "an order-by must compare numbers or texts";
                return Err(Error::new("T2008", term.expression.position, message));
            }
        };
        let order = if term.descending { order.reverse() } else { order };
        if order != Ordering::Equal {
            return Ok(order == Ordering::Greater);
        }
    }
    Ok(false)
}
