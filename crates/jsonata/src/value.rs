//! Values while an expression is evaluated.
//!
//! What stands in the document is borrowed from it and never copied; what the expression makes is counted and shared. "Nothing" (JSONata's `undefined`) is
//! a value of its own, [`Value::Undefined`], and not null.

use crate::evaluate::Function;
use indexmap::IndexMap;
use serde_json::Value as Json;
use std::borrow::Cow;
use std::cmp::Ordering;
use std::rc::Rc;

/// Arrays and objects nest no deeper than this: they are dropped recursively.
pub const MAX_NESTING: u32 = 500;

/// A value; what is cheap to copy is copied, the rest is shared.
#[derive(Clone)]
pub enum Value<'d> {
    /// Nothing: a path that leads nowhere.
    Undefined,
    /// JSON's null.
    Null,
    /// A boolean.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text.
    Text(Text<'d>),
    /// A list.
    Array(Array<'d>),
    /// An object.
    Object(Object<'d>),
    /// A function.
    Function(Rc<Function<'d>>),
}

/// A number. One of the document that is written with a point (`10.0`) leaves with it; the language knows no difference.
#[derive(Clone, Copy)]
pub struct Number {
    value: f64,
    has_point: bool,
}

/// A text of the document or of the expression, or one that was made.
#[derive(Clone)]
pub enum Text<'d> {
    /// Of the document or the expression.
    Borrowed(&'d str),
    /// Made.
    Shared(Rc<str>),
}

impl Text<'_> {
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Borrowed(text) => text,
            Self::Shared(text) => text,
        }
    }
}

/// A list of the document, or one that was made.
#[derive(Clone)]
pub enum Array<'d> {
    /// Of the document.
    Borrowed(&'d [Json]),
    /// Made.
    Shared(Rc<Items<'d>>),
}

/// A list that was made, with what decides how it joins others.
#[derive(Clone)]
pub struct Items<'d> {
    pub(crate) items: Vec<Value<'d>>,
    pub(crate) marks: Marks,
    pub(crate) depth: u32,
}

/// How a list behaves where results are joined.
#[derive(Clone, Copy, Default)]
pub struct Marks {
    /// The result of a path: one item stands for itself, none for nothing.
    pub(crate) sequence: bool,
    /// …but one item stays a list (`[]`).
    pub(crate) keep_singleton: bool,
    /// Written as `[…]` at the end of a path: not joined with its neighbours.
    pub(crate) constructed: bool,
    /// Holds the document itself, which is a list.
    pub(crate) wrapper: bool,
}

impl Marks {
    pub(crate) const SEQUENCE: Self =
        Self { sequence: true, keep_singleton: false, constructed: false, wrapper: false };
}

/// An object of the document, or one that was made.
#[derive(Clone)]
pub enum Object<'d> {
    /// Of the document.
    Borrowed(&'d serde_json::Map<String, Json>),
    /// Made.
    Shared(Rc<Members<'d>>),
}

pub(crate) type Key<'d> = Cow<'d, str>;

/// An object that was made: members in the order of their making.
#[derive(Clone, Default)]
pub struct Members<'d> {
    pub(crate) members: IndexMap<Key<'d>, Value<'d>>,
    pub(crate) depth: u32,
}

impl<'d> Members<'d> {
    pub(crate) fn insert(&mut self, key: Key<'d>, value: Value<'d>) {
        self.depth = self.depth.max(value.depth() + 1);
        self.members.insert(key, value);
    }
}

impl<'d> Value<'d> {
    /// A value of the document.
    pub fn of(json: &'d Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(b) => Self::Bool(*b),
            Json::Number(n) => Self::Number(Number::of(n)),
            Json::String(text) => Self::Text(Text::Borrowed(text)),
            Json::Array(items) => Self::Array(Array::Borrowed(items)),
            Json::Object(members) => Self::Object(Object::Borrowed(members)),
        }
    }

    pub(crate) fn number(value: f64) -> Self {
        Self::Number(Number { value, has_point: false })
    }

    pub(crate) fn text(text: impl Into<Rc<str>>) -> Self {
        Self::Text(Text::Shared(text.into()))
    }

    pub(crate) fn str(text: &'d str) -> Self {
        Self::Text(Text::Borrowed(text))
    }

    pub(crate) fn array(items: Vec<Self>) -> Self {
        Self::marked(items, Marks::default())
    }

    pub(crate) fn marked(items: Vec<Self>, marks: Marks) -> Self {
        let depth = items.iter().map(Self::depth).max().map_or(0, |d| d + 1);
        Self::Array(Array::Shared(Rc::new(Items { items, marks, depth })))
    }

    /// The result of a path: nothing, one value or several.
    pub(crate) fn sequence(items: Vec<Self>) -> Self {
        Self::marked(items, Marks::SEQUENCE).collapsed(false)
    }

    pub(crate) fn object(members: Members<'d>) -> Self {
        Self::Object(Object::Shared(Rc::new(members)))
    }

    /// A sequence of one item is the item and of none nothing, unless it is kept.
    pub(crate) fn collapsed(self, keep: bool) -> Self {
        let Self::Array(Array::Shared(mut list)) = self else { return self };
        if !list.marks.sequence {
            return Self::Array(Array::Shared(list));
        }
        if list.items.is_empty() {
            return Self::Undefined;
        }
        if keep && !list.marks.keep_singleton {
            Rc::make_mut(&mut list).marks.keep_singleton = true;
        }
        if list.items.len() == 1 && !list.marks.keep_singleton {
            return list.items[0].clone();
        }
        Self::Array(Array::Shared(list))
    }

    /// How deeply arrays, objects and closures nest in what was made.
    pub(crate) fn depth(&self) -> u32 {
        match self {
            Self::Array(Array::Shared(list)) => list.depth,
            Self::Object(Object::Shared(object)) => object.depth,
            Self::Function(function) => function.depth(),
            _ => 0,
        }
    }

    pub(crate) fn is_undefined(&self) -> bool {
        matches!(self, Self::Undefined)
    }

    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text.as_str()),
            _ => None,
        }
    }

    pub(crate) fn marks(&self) -> Marks {
        match self {
            Self::Array(Array::Shared(list)) => list.marks,
            _ => Marks::default(),
        }
    }

    /// The items of a list; any other value by itself; of nothing none.
    pub(crate) fn into_items(self) -> Vec<Self> {
        match self {
            Self::Undefined => Vec::new(),
            Self::Array(array) => array.into_items(),
            other => vec![other],
        }
    }

    /// What `$boolean` makes of it. Lists within lists are looked into as far as there is `work` left.
    pub(crate) fn truth(&self, work: &mut u64) -> bool {
        *work = work.saturating_sub(1);
        match self {
            Self::Undefined | Self::Null | Self::Function(_) => false,
            Self::Bool(b) => *b,
            Self::Number(n) => n.get() != 0.0,
            Self::Text(text) => !text.as_str().is_empty(),
            Self::Array(array) => *work > 0 && array.iter().any(|item| item.truth(work)),
            Self::Object(object) => object.len() > 0,
        }
    }

    /// Equal in kind and content; functions only to themselves. Unequal when no `work` is left.
    pub(crate) fn same(&self, other: &Self, work: &mut u64) -> bool {
        *work = work.saturating_sub(1);
        match (self, other) {
            _ if *work == 0 => false,
            (Self::Null, Self::Null) | (Self::Undefined, Self::Undefined) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Number(a), Self::Number(b)) => a.get().partial_cmp(&b.get()) == Some(Ordering::Equal),
            (Self::Text(a), Self::Text(b)) => a.as_str() == b.as_str(),
            (Self::Array(a), Self::Array(b)) => {
                a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| a.same(&b, work))
            }
            (Self::Object(a), Self::Object(b)) => a.same(b, work),
            (Self::Function(a), Self::Function(b)) => Rc::ptr_eq(a, b),
            _ => false,
        }
    }

    /// As JSON, whole numbers as integers; `None` for nothing, for a function, and when no `work` is left.
    pub(crate) fn to_json(&self, work: &mut u64) -> Option<Json> {
        *work = work.saturating_sub(1);
        if *work == 0 {
            return None;
        }
        Some(match self {
            Self::Undefined | Self::Function(_) => return None,
            Self::Null => Json::Null,
            Self::Bool(b) => Json::Bool(*b),
            Self::Number(n) => n.to_json(),
            Self::Text(text) => {
                *work = work.saturating_sub(text.as_str().len() as u64 / 16);
                Json::String(text.as_str().to_owned())
            }
            Self::Array(array) => Json::Array(array.iter().map(|i| i.to_json(work).unwrap_or(Json::Null)).collect()),
            Self::Object(object) => {
                let members = object.entries().into_iter();
                Json::Object(members.filter_map(|(k, v)| Some((k.into_owned(), v.to_json(work)?))).collect())
            }
        })
    }
}

impl Number {
    pub(crate) fn get(self) -> f64 {
        self.value
    }

    fn of(number: &serde_json::Number) -> Self {
        Self { value: number.as_f64().unwrap_or(f64::MAX), has_point: number.is_f64() }
    }

    fn to_json(self) -> Json {
        const WHOLE: f64 = 9_007_199_254_740_992.0;
        let is_whole = self.value.fract() == 0.0 && self.value.abs() <= WHOLE;
        if is_whole && !self.has_point { Json::from(self.value as i64) } else { Json::from(self.value) }
    }
}

impl<'d> Array<'d> {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Borrowed(items) => items.len(),
            Self::Shared(list) => list.items.len(),
        }
    }

    pub(crate) fn get(&self, index: usize) -> Option<Value<'d>> {
        match self {
            Self::Borrowed(items) => items.get(index).map(Value::of),
            Self::Shared(list) => list.items.get(index).cloned(),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Value<'d>> + '_ {
        (0..self.len()).filter_map(|i| self.get(i))
    }

    pub(crate) fn into_items(self) -> Vec<Value<'d>> {
        match self {
            Self::Borrowed(items) => items.iter().map(Value::of).collect(),
            Self::Shared(list) => Rc::try_unwrap(list).map_or_else(|list| list.items.clone(), |list| list.items),
        }
    }
}

impl<'d> Object<'d> {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Borrowed(members) => members.len(),
            Self::Shared(object) => object.members.len(),
        }
    }

    pub(crate) fn get(&self, key: &str) -> Value<'d> {
        match self {
            Self::Borrowed(members) => members.get(key).map_or(Value::Undefined, Value::of),
            Self::Shared(object) => object.members.get(key).cloned().unwrap_or(Value::Undefined),
        }
    }

    pub(crate) fn entries(&self) -> Vec<(Key<'d>, Value<'d>)> {
        match self {
            Self::Borrowed(members) => members.iter().map(|(k, v)| (Cow::Borrowed(k.as_str()), Value::of(v))).collect(),
            Self::Shared(object) => object.members.iter().map(|(k, v)| (k.clone(), v.clone())).collect(),
        }
    }

    fn same(&self, other: &Self, work: &mut u64) -> bool {
        if self.len() != other.len() {
            return false;
        }
        if let (Self::Borrowed(a), Self::Borrowed(b)) = (self, other)
            && std::ptr::eq(*a, *b)
        {
            return true;
        }
        self.entries().iter().all(|(key, value)| {
            let there = other.get(key);
            !there.is_undefined() && value.same(&there, work)
        })
    }
}
