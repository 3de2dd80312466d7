//! REDCap's branching logic, calculations and rules, as SQL.
//!
//! ```text
//! [sex] = "0" and [given_birth] = "1"        a field
//! [race(3)] = "1"                            a choice of a checkbox: the column race___3
//! [visit_1_arm_1][weight]                    a field of another event
//! [weight][2]   [weight][previous-instance]  of another instance
//! [event-name] = "visit_1_arm_1"             a smart variable
//! round(([weight]*10000)/(([height])^(2)),1) a calculation
//! ```
//! Missing: `""` is missing; a computation with a missing operand is missing, but `sum`, `mean`, `min` … leave missing operands out; a comparison with a missing value
//! is false, `<>` true ([`crate::expression`]). Rounding is half away from zero on the decimal value; `datediff` gives fractions of units.
//!
//! Where an item is, the caller says, smart variables included; one that the caller does not know is reported, with what depends on the moment or the
//! person who looks (`[user-name]`, "today"): a derivation must give the same result for everyone at any time.

use super::dictionary::Dictionary;
use super::field::{Field, FieldKind, checkbox_column};
use crate::expression::parse::{Dialect, parse as parse_tree};
use crate::expression::{Column, Expr, ExpressionError, Function, Kind};

/// A field, as logic names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// The event's unique name, or a smart variable such as `previous-event-name`; `None` for the present one.
    pub event: Option<String>,
    /// The field, or a smart variable.
    pub field: String,
    /// The code of a checkbox's choice.
    pub code: Option<String>,
    /// The instance: a number, or a smart variable such as `last-instance`; `None` for the present one.
    pub instance: Option<String>,
    /// What is taken of the field, `label` in `[sex:label]`.
    pub part: Option<String>,
}

impl Reference {
    /// Whether it names no field but one of REDCap's smart variables: fields have no `-` in their names.
    pub fn is_smart(&self) -> bool {
        self.field.contains('-')
    }

    /// The column of the data: `sex`, or of a checkbox's choice `race___3`.
    pub fn column(&self) -> String {
        self.code.as_ref().map_or_else(|| self.field.clone(), |code| checkbox_column(&self.field, code))
    }

    /// As written.
    pub fn text(&self) -> String {
        let bracket = |part: &Option<String>| part.as_ref().map_or_else(String::new, |p| format!("[{p}]"));
        let code = self.code.as_ref().map_or_else(String::new, |code| format!("({code})"));
        let part = self.part.as_ref().map_or_else(String::new, |part| format!(":{part}"));
        format!("{}[{}{code}{part}]{}", bracket(&self.event), self.field, bracket(&self.instance))
    }
}

/// Parses logic.
pub fn parse(text: &str) -> Result<Expr<Reference>, ExpressionError> {
    parse_tree(&Redcap, text)
}

/// Logic as a condition in SQL, true or false, never unknown.
pub fn condition(text: &str, resolve: &dyn Fn(&Reference) -> Option<Column>) -> Result<String, ExpressionError> {
    known(text, resolve)?.condition_sql(resolve, &Reference::text)
}

/// A calculation as a value in SQL.
pub fn value(text: &str, resolve: &dyn Fn(&Reference) -> Option<Column>) -> Result<Column, ExpressionError> {
    known(text, resolve)?.value_sql(resolve, &Reference::text)
}

/// The tree, all of whose references are known.
fn known(text: &str, resolve: &dyn Fn(&Reference) -> Option<Column>) -> Result<Expr<Reference>, ExpressionError> {
    let tree = parse(text)?;
    for (reference, at) in tree.references_at() {
        if resolve(reference).is_none() {
            let why = "the caller has no column for it";
            return Err(match unsupported(reference) {
                Some(why) => ExpressionError::Unsupported { at, what: reference.text(), why },
                None if reference.event.is_some() || reference.instance.is_some() => {
                    ExpressionError::Unsupported { at, what: reference.text(), why }
                }
                None => ExpressionError::UnknownItem { at, name: reference.text() },
            });
        }
    }
    Ok(tree)
}

/// Why a reference that no column was found for cannot have one.
fn unsupported(reference: &Reference) -> Option<&'static str> {
    let smart = reference.field.as_str();
    if reference.part.is_some() {
        return Some("only the value of a field has a column, not its label");
    }
    let of_person = ["user-", "record-dag", "survey-", "form-url", "form-link"];
    if of_person.iter().any(|p| smart.starts_with(p)) {
        return Some("it depends on who looks, or on an address of REDCap");
    }
    reference.is_smart().then_some("this smart variable has no counterpart")
}

/// What of a field's branching logic and calculation cannot be translated, within one event: names of the dictionary are known.
pub(super) fn untranslated(dictionary: &Dictionary, field: &Field) -> Vec<(&'static str, ExpressionError)> {
    let resolve = |reference: &Reference| own_column(dictionary, reference);
    let branching = field.branching().and_then(|text| condition(text, &resolve).err()).map(|e| ("branching logic", e));
    let calculation = field.calculation().and_then(|text| value(text, &resolve).err()).map(|e| ("calculation", e));
    branching.into_iter().chain(calculation).collect()
}

/// A field of the dictionary, of any event and instance; a form's state.
fn own_column(dictionary: &Dictionary, reference: &Reference) -> Option<Column> {
    if reference.part.as_deref().is_some_and(|part| part != "value") {
        return None;
    }
    if reference.field.strip_suffix("_complete").is_some_and(|form| dictionary.forms().contains(&form)) {
        return Some(Column { sql: reference.column(), kind: Kind::Text });
    }
    let field = dictionary.field(&reference.field)?;
    let is_checkbox = field.kind() == FieldKind::Checkbox;
    let fits = match &reference.code {
        Some(code) => is_checkbox && field.choices().iter().any(|c| c.code == *code),
        None => !is_checkbox,
    };
    let kind = field.value_kind()?;
    fits.then(|| Column { sql: reference.column(), kind })
}

struct Redcap;

impl Dialect for Redcap {
    type Ref = Reference;

    fn reference(&self, text: &str, at: usize) -> Result<Option<(Reference, usize)>, ExpressionError> {
        if !text.starts_with('[') {
            return Ok(None);
        }
        let mut parts = Vec::new();
        let mut length = 0;
        while parts.len() < 3 && text[length..].starts_with('[') {
            let inner = &text[length + 1..];
            let end = inner.find(']').ok_or_else(|| syntax(at, "`]`", "none"))?;
            if inner[..end].contains('[') {
                return Err(syntax(at, "`]`", "`[`"));
            }
            parts.push(inner[..end].trim());
            length += end + 2;
            // `[event][field][field]` is two references without an operator; the third is none of an instance.
            if parts.len() == 3 && !is_instance(parts[2]) {
                length -= end + 2;
                parts.pop();
                break;
            }
        }
        let (event, field, instance) = match parts.as_slice() {
            [field] => (None, *field, None),
            [field, instance] if is_instance(instance) => (None, *field, Some(*instance)),
            [event, field] => (Some(*event), *field, None),
            [event, field, instance] => (Some(*event), *field, Some(*instance)),
            _ => return Err(syntax(at, "a field", "none")),
        };
        let reference = Reference {
            event: event.map(str::to_owned),
            instance: instance.map(str::to_owned),
            ..named(field).ok_or_else(|| syntax(at, "the name of a field", field))?
        };
        Ok(Some((reference, length)))
    }

    fn function(&self, name: &str) -> Option<Function> {
        match name.to_ascii_lowercase().as_str() {
            "isblankormissingcode" => Some(Function::IsBlank),
            "exp" => Some(Function::Exp),
            "power" => Some(Function::Power),
            "avg" => Some(Function::Mean),
            _ => Function::named(name),
        }
    }

    fn bare(&self, name: &str) -> Option<Expr<Reference>> {
        match name.to_ascii_lowercase().as_str() {
            "true" | "false" => Some(Expr::Text(name.to_ascii_lowercase())),
            "nan" | "null" => Some(Expr::Text(String::new())),
            _ => None,
        }
    }
}

fn syntax(at: usize, expected: &'static str, found: &str) -> ExpressionError {
    ExpressionError::Syntax { at, expected, found: format!("`{found}`") }
}

fn is_instance(part: &str) -> bool {
    (!part.is_empty() && part.bytes().all(|b| b.is_ascii_digit())) || part.ends_with("-instance")
}

/// `name`, `name(code)`, `name:part`, `name(code):part`.
fn named(text: &str) -> Option<Reference> {
    let (text, part) = match text.split_once(':') {
        Some((text, part)) => (text, Some(part.trim().to_owned())),
        None => (text, None),
    };
    let (name, code) = match text.split_once('(') {
        Some((name, code)) => (name.trim(), Some(code.trim().strip_suffix(')')?.trim().to_owned())),
        None => (text.trim(), None),
    };
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let valid = !name.is_empty() && name.chars().all(allowed);
    valid.then(|| Reference { field: name.to_owned(), code, part, ..Reference::default() })
}
