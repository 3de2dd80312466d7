//! Signatures: what do a function's parameters take?
//!
//! `<s-nn?:s>` takes a text (`-`: the context, if it is left out), a number, perhaps another number, and gives a text. Types: `s` text, `n` number, `b`
//! boolean, `l` null, `a` array, `o` object, `f` function, `j` any JSON, `x` anything; `(sn)` one of them; `a<s>` an array of texts; `+` one or more. What is nothing
//! fits every type but a function. A single value fits where an array is asked for, and becomes one.

use crate::error::{Error, Result};
use crate::value::Value;
use std::collections::BTreeSet;

#[derive(Clone, Debug)]
pub(crate) struct Signature {
    parameters: Vec<Parameter>,
}

#[derive(Clone, Debug)]
struct Parameter {
    /// Letters of the types that fit.
    types: String,
    array: bool,
    /// Type of the items of an array.
    items: Option<char>,
    context: bool,
    optional: bool,
    repeated: bool,
}

/// What a value is called in signatures; `m`: nothing.
fn letter(value: &Value<'_>) -> char {
    match value {
        Value::Undefined => 'm',
        Value::Null => 'l',
        Value::Bool(_) => 'b',
        Value::Number(_) => 'n',
        Value::Text(_) => 's',
        Value::Array(_) => 'a',
        Value::Object(_) => 'o',
        Value::Function(_) => 'f',
    }
}

impl Signature {
    /// Reads one, with its angle brackets. Errors are placed relative to it.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let chars: Vec<char> = text.chars().collect();
        let mut parameters: Vec<Parameter> = Vec::new();
        let mut at = 1;
        while let Some(&c) = chars.get(at) {
            at += 1;
            let (types, array) = match c {
                ':' => break,
                's' | 'n' | 'b' | 'l' | 'o' => (format!("{c}m"), false),
                'a' => ("asnblfom".to_owned(), true),
                'f' => ("f".to_owned(), false),
                'j' => ("asnblom".to_owned(), false),
                'x' => ("asnblfom".to_owned(), false),
                '(' => {
                    let end = chars[at..].iter().position(|&c| c == ')').map_or(chars.len(), |i| at + i);
                    let choice: String = chars[at..end].iter().collect();
                    if choice.contains('<') {
                        let message = "a choice of types with type parameters is not supported";
                        return Err(Error::new("S0402", at, message));
                    }
                    at = end + 1;
                    (format!("{choice}m"), false)
                }
                '-' | '?' | '+' => {
                    if let Some(last) = parameters.last_mut() {
                        last.context |= c == '-';
                        last.optional |= c != '+';
                        last.repeated |= c == '+';
                    }
                    continue;
                }
                '<' => {
                    let end = closing(&chars, at);
                    let inner: String = chars[at..end].iter().collect();
                    at = end + 1;
                    match parameters.last_mut() {
                        Some(last) if last.array => last.items = inner.chars().next(),
                        Some(last) if last.types == "f" => {}
                        _ => {
                            let message = "type parameters belong to functions and arrays only";
                            return Err(Error::new("S0401", at, message));
                        }
                    }
                    continue;
                }
                _ => continue,
            };
            parameters.push(Parameter { types, array, items: None, context: false, optional: false, repeated: false });
        }
        Ok(Self { parameters })
    }

    /// The arguments as the function takes them.
    pub(crate) fn check<'d>(&self, arguments: Vec<Value<'d>>, context: &Value<'d>) -> Result<Vec<Value<'d>>> {
        let letters: Vec<char> = arguments.iter().map(letter).collect();
        let mut taken = Vec::new();
        if !self.fit(0, &letters, &mut taken, &mut BTreeSet::new()) {
            return Err(self.misfit(&letters));
        }
        let mut arguments = arguments.into_iter();
        let mut checked = Vec::new();
        for (number, (parameter, count)) in self.parameters.iter().zip(taken).enumerate() {
            if count == 0 && parameter.context && !parameter.repeated {
                if !parameter.types.contains(letter(context)) {
                    let message = format!("the context, which serves as argument {}, has another type", number + 1);
                    return Err(Error::here("T0411", message));
                }
                checked.push(if parameter.array { as_array(context.clone()) } else { context.clone() });
            } else if count == 0 {
                // What was skipped takes the next argument all the same, as in the reference implementation.
                checked.push(arguments.next().unwrap_or(Value::Undefined));
            }
            for argument in arguments.by_ref().take(count) {
                checked.push(parameter.taken(argument, number)?);
            }
        }
        Ok(checked)
    }

    /// How many arguments each parameter takes, as many as it can while the rest fit.
    fn fit(
        &self,
        number: usize,
        letters: &[char],
        taken: &mut Vec<usize>,
        failed: &mut BTreeSet<(usize, usize)>,
    ) -> bool {
        let Some(parameter) = self.parameters.get(number) else { return letters.is_empty() };
        if failed.contains(&(number, letters.len())) {
            return false;
        }
        let most = if parameter.repeated { letters.len() } else { 1 };
        let fitting = letters.iter().take(most).take_while(|&&c| parameter.types.contains(c)).count();
        let least = usize::from(!parameter.optional);
        for count in (least..=fitting).rev() {
            taken.push(count);
            if self.fit(number + 1, &letters[count..], taken, failed) {
                return true;
            }
            taken.pop();
        }
        failed.insert((number, letters.len()));
        false
    }

    fn misfit(&self, letters: &[char]) -> Error {
        let mut number = 0;
        let mut rest = letters;
        for parameter in &self.parameters {
            let fitting = rest.first().is_some_and(|&c| parameter.types.contains(c));
            if !fitting && !parameter.optional {
                break;
            }
            if fitting {
                rest = &rest[1..];
                number += 1;
            }
        }
        Error::here("T0410", format!("argument {} does not fit the function's signature", number + 1))
    }
}

impl Parameter {
    fn taken<'d>(&self, argument: Value<'d>, number: usize) -> Result<Value<'d>> {
        if !self.array || argument.is_undefined() {
            return Ok(argument);
        }
        if let Some(wanted) = self.items {
            let fits = match &argument {
                Value::Array(items) => {
                    let first = items.get(0).map(|item| letter(&item));
                    first.is_none_or(|first| first == wanted && items.iter().all(|item| letter(&item) == first))
                }
                single => letter(single) == wanted,
            };
            if !fits {
                let kind = match wanted {
                    's' => "texts",
                    'n' => "numbers",
                    'o' => "objects",
                    'b' => "booleans",
                    'a' => "arrays",
                    'f' => "functions",
                    _ => "such values",
                };
                return Err(Error::here("T0412", format!("argument {} must be an array of {kind}", number + 1)));
            }
        }
        Ok(as_array(argument))
    }
}

fn as_array(value: Value<'_>) -> Value<'_> {
    match value {
        Value::Array(_) | Value::Undefined => value,
        single => Value::array(vec![single]),
    }
}

fn closing(chars: &[char], from: usize) -> usize {
    let mut depth = 1;
    for (i, c) in chars.iter().enumerate().skip(from) {
        match c {
            '<' => depth += 1,
            '>' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return i;
        }
    }
    chars.len()
}
