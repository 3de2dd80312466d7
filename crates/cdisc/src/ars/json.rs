//! How is a class of the model read from JSON and written again?
//!
//! The macro [`class!`] makes a plain structure with one field a member, and keeps what the standard does not name. A member is required (`T`), optional (`Option<T>`) or a list (`Vec<T>`).

use super::place::{ArsError, At};
use serde_json::{Map, Value};

/// What stands at one place.
pub(super) trait Part: Sized {
    fn read(value: &Value, at: &At<'_>) -> Result<Self, ArsError>;
    fn write(&self) -> Value;
    /// Places of members that the standard does not name.
    fn unknown(&self, _at: &At<'_>, _found: &mut Vec<String>) {}
}

/// A member of an object.
pub(super) trait Member: Sized {
    fn read_member(object: &Map<String, Value>, name: &'static str, at: &At<'_>) -> Result<Self, ArsError>;
    fn write_member(&self, name: &'static str, object: &mut Map<String, Value>);
    fn unknown_member(&self, name: &'static str, at: &At<'_>, found: &mut Vec<String>);
}

pub(super) fn wrong(value: &Value, at: &At<'_>, expected: &'static str) -> ArsError {
    let found = match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    ArsError::Type { path: at.to_string(), found, expected }
}

pub(super) fn object<'v>(value: &'v Value, at: &At<'_>) -> Result<&'v Map<String, Value>, ArsError> {
    value.as_object().ok_or_else(|| wrong(value, at, "an object"))
}

impl Part for String {
    fn read(value: &Value, at: &At<'_>) -> Result<Self, ArsError> {
        value.as_str().map(str::to_owned).ok_or_else(|| wrong(value, at, "a text"))
    }

    fn write(&self) -> Value {
        Value::String(self.clone())
    }
}

impl Part for i64 {
    fn read(value: &Value, at: &At<'_>) -> Result<Self, ArsError> {
        value.as_i64().ok_or_else(|| wrong(value, at, "a whole number"))
    }

    fn write(&self) -> Value {
        Value::from(*self)
    }
}

impl Part for bool {
    fn read(value: &Value, at: &At<'_>) -> Result<Self, ArsError> {
        value.as_bool().ok_or_else(|| wrong(value, at, "true or false"))
    }

    fn write(&self) -> Value {
        Value::from(*self)
    }
}

impl<T: Part> Part for Box<T> {
    fn read(value: &Value, at: &At<'_>) -> Result<Self, ArsError> {
        T::read(value, at).map(Self::new)
    }

    fn write(&self) -> Value {
        self.as_ref().write()
    }

    fn unknown(&self, at: &At<'_>, found: &mut Vec<String>) {
        self.as_ref().unknown(at, found);
    }
}

impl<T: Part> Member for T {
    fn read_member(object: &Map<String, Value>, name: &'static str, at: &At<'_>) -> Result<Self, ArsError> {
        match object.get(name) {
            None | Some(Value::Null) => Err(ArsError::Missing { path: at.to_string(), member: name }),
            Some(value) => T::read(value, &at.member(name)),
        }
    }

    fn write_member(&self, name: &'static str, object: &mut Map<String, Value>) {
        object.insert(name.to_owned(), self.write());
    }

    fn unknown_member(&self, name: &'static str, at: &At<'_>, found: &mut Vec<String>) {
        self.unknown(&at.member(name), found);
    }
}

impl<T: Part> Member for Option<T> {
    fn read_member(object: &Map<String, Value>, name: &'static str, at: &At<'_>) -> Result<Self, ArsError> {
        match object.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => T::read(value, &at.member(name)).map(Some),
        }
    }

    fn write_member(&self, name: &'static str, object: &mut Map<String, Value>) {
        if let Some(part) = self {
            part.write_member(name, object);
        }
    }

    fn unknown_member(&self, name: &'static str, at: &At<'_>, found: &mut Vec<String>) {
        if let Some(part) = self {
            part.unknown(&at.member(name), found);
        }
    }
}

impl<T: Part> Member for Vec<T> {
    fn read_member(object: &Map<String, Value>, name: &'static str, at: &At<'_>) -> Result<Self, ArsError> {
        let at = at.member(name);
        match object.get(name) {
            None | Some(Value::Null) => Ok(Self::new()),
            Some(Value::Array(items)) => items.iter().enumerate().map(|(i, item)| T::read(item, &at.item(i))).collect(),
            Some(other) => Err(wrong(other, &at, "a list")),
        }
    }

    fn write_member(&self, name: &'static str, object: &mut Map<String, Value>) {
        if !self.is_empty() {
            object.insert(name.to_owned(), self.iter().map(Part::write).collect());
        }
    }

    fn unknown_member(&self, name: &'static str, at: &At<'_>, found: &mut Vec<String>) {
        let at = at.member(name);
        self.iter().enumerate().for_each(|(i, item)| item.unknown(&at.item(i), found));
    }
}

/// A class: its name, its members as fields with their names in JSON.
macro_rules! class {
    ($(#[$about:meta])* $name:ident { $($field:ident: $type:ty = $json:literal,)* }) => {
        $(#[$about])*
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct $name {
            $(#[allow(missing_docs, reason = "the standard's members by their names")] pub $field: $type,)*
            /// Members that the standard does not name, as they were read.
            pub other: serde_json::Map<String, serde_json::Value>,
        }

        impl $crate::ars::json::Part for $name {
            fn read(
                value: &serde_json::Value,
                at: &$crate::ars::place::At<'_>,
            ) -> Result<Self, $crate::ars::place::ArsError> {
                let members = $crate::ars::json::object(value, at)?;
                const NAMED: &[&str] = &[$($json),*];
                let other = members.iter().filter(|(name, value)| !value.is_null() && !NAMED.contains(&name.as_str()));
                Ok(Self {
                    $($field: $crate::ars::json::Member::read_member(members, $json, at)?,)*
                    other: other.map(|(name, value)| (name.clone(), value.clone())).collect(),
                })
            }

            fn write(&self) -> serde_json::Value {
                let mut members = serde_json::Map::new();
                $($crate::ars::json::Member::write_member(&self.$field, $json, &mut members);)*
                members.extend(self.other.clone());
                serde_json::Value::Object(members)
            }

            fn unknown(&self, at: &$crate::ars::place::At<'_>, found: &mut Vec<String>) {
                found.extend(self.other.keys().map(|name| at.member(name).to_string()));
                $($crate::ars::json::Member::unknown_member(&self.$field, $json, at, found);)*
            }
        }
    };
}

pub(super) use class;

/// A closed list of words.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$said:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$said])* $variant,)*
        }

        impl $name {
            /// The standard's word.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }

        impl $crate::ars::json::Part for $name {
            fn read(
                value: &serde_json::Value,
                at: &$crate::ars::place::At<'_>,
            ) -> Result<Self, $crate::ars::place::ArsError> {
                match value.as_str() {
                    $(Some($word) => Ok(Self::$variant),)*
                    Some(other) => Err($crate::ars::place::ArsError::Term {
                        path: at.to_string(),
                        value: other.to_owned(),
                        allowed: [$($word),*].join(", "),
                    }),
                    None => Err($crate::ars::json::wrong(value, at, "a text")),
                }
            }

            fn write(&self) -> serde_json::Value {
                serde_json::Value::from(self.word())
            }
        }
    };
}

pub(super) use words;
