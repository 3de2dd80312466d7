//! The formal expressions of a definition, as SQL: when is an item not collected, what is it computed from?
//!
//! ODM leaves the language of a `FormalExpression` open and names it in `Context`. Two occur in practice and are translated:
//! ```text
//! OpenEDC   !(Gender == "Female")      Weight / Height ^ 2      (WHO.Q-WHO.1 + WHO.Q-WHO.2) * 4
//! XPath     ../ItemData[@ItemOID='I_SEX'][@Value='M']      …/ItemData[@ItemOID='X']/@Value='Y' and …
//! ```
//! In OpenEDC an item is named by its OID, or by a path of OIDs joined with `-` (visit, form, group, item); OIDs may contain `-` themselves, so the longest name that
//! the study has is taken. Of XPath those paths are read that lead from an item to another by `..`, `FormData`, `ItemGroupData`, `ItemData` with their OIDs in
//! brackets, with comparisons of `@Value`, `and`, `or`, `not(…)`. A path to a value that is not there is an empty set, and a comparison with it false: the same missing
//! rule as OpenEDC's ([`crate::expression`]).

mod xpath;

use super::{FormalExpression, MetaDataVersion};
use crate::expression::parse::{Dialect, parse};
use crate::expression::{Column, Expr, ExpressionError, Function};

/// An item, as an expression names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reference {
    /// By its OID, or OIDs joined with `-`.
    Name(String),
    /// By a path.
    Path {
        /// The form, where the path names it.
        form: Option<String>,
        /// The group, where the path names it.
        group: Option<String>,
        /// The item.
        item: String,
    },
}

impl Reference {
    /// As one name.
    pub fn name(&self) -> String {
        match self {
            Self::Name(name) => name.clone(),
            Self::Path { form, group, item } => {
                let parts = [form.as_deref(), group.as_deref(), Some(item.as_str())];
                parts.into_iter().flatten().collect::<Vec<_>>().join("-")
            }
        }
    }
}

/// Where a reference leads in a version: OIDs, as far as the reference names them.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// The visit.
    pub event: Option<String>,
    /// The form.
    pub form: Option<String>,
    /// The group.
    pub group: Option<String>,
    /// The item.
    pub item: String,
}

/// Finds the item that a reference means; `None` when the version has none.
pub fn locate(version: &MetaDataVersion, reference: &Reference) -> Option<Location> {
    match reference {
        Reference::Path { form, group, item } => {
            let known = version.items.iter().any(|i| i.oid == *item);
            let location = Location { event: None, form: form.clone(), group: group.clone(), item: item.clone() };
            known.then_some(location)
        }
        Reference::Name(name) => by_name(version, name),
    }
}

fn by_name(version: &MetaDataVersion, name: &str) -> Option<Location> {
    if version.items.iter().any(|i| i.oid == name) {
        return Some(Location { item: name.to_owned(), ..Location::default() });
    }
    let item = version.items.iter().filter_map(|i| Some((name.strip_suffix(&i.oid)?.strip_suffix('-')?, &i.oid)));
    item.filter_map(|(rest, item)| {
        let mut location = Location { item: item.clone(), ..Location::default() };
        let rest = take(rest, version.item_groups.iter().map(|g| &g.oid), &mut location.group);
        let rest = take(rest, version.forms.iter().map(|f| &f.oid), &mut location.form);
        let rest = take(rest, version.events.iter().map(|e| &e.oid), &mut location.event);
        rest.is_empty().then_some(location)
    })
    .max_by_key(|location| location.item.len())
}

/// Takes the longest of the names off the end.
fn take<'a>(rest: &'a str, names: impl Iterator<Item = &'a String>, into: &mut Option<String>) -> &'a str {
    let ends = |name: &&String| rest == *name || rest.strip_suffix(name.as_str()).is_some_and(|r| r.ends_with('-'));
    let Some(name) = names.filter(ends).max_by_key(|n| n.len()) else { return rest };
    *into = Some(name.clone());
    rest[..rest.len() - name.len()].trim_end_matches('-')
}

/// Parses an expression in the language that its context names. `is_item` says whether the study has an item of this name: OIDs joined with `-` could be
/// subtractions too.
pub fn parse_expression(
    expression: &FormalExpression,
    is_item: &dyn Fn(&Reference) -> bool,
) -> Result<Expr<Reference>, ExpressionError> {
    let context = expression.context.as_deref().unwrap_or_default();
    match context.to_ascii_lowercase().as_str() {
        "openedc" => parse(&OpenEdc { is_item }, expression.source()),
        "xpath" => xpath::parse(expression.source()),
        _ => Err(ExpressionError::Language { context: context.to_owned() }),
    }
}

/// A condition as SQL, true or false, never unknown. `resolve` says where an item's values are.
pub fn condition(
    expression: &FormalExpression,
    resolve: &dyn Fn(&Reference) -> Option<Column>,
) -> Result<String, ExpressionError> {
    parse_expression(expression, &|r| resolve(r).is_some())?.condition_sql(resolve, &Reference::name)
}

/// A computed value as SQL; missing where one of its operands is.
pub fn value(
    expression: &FormalExpression,
    resolve: &dyn Fn(&Reference) -> Option<Column>,
) -> Result<Column, ExpressionError> {
    parse_expression(expression, &|r| resolve(r).is_some())?.value_sql(resolve, &Reference::name)
}

struct OpenEdc<'a> {
    is_item: &'a dyn Fn(&Reference) -> bool,
}

impl Dialect for OpenEdc<'_> {
    type Ref = Reference;

    /// The longest name of an item, ending where a name can end.
    fn reference(&self, text: &str, _: usize) -> Result<Option<(Reference, usize)>, ExpressionError> {
        let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-');
        if !text.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            return Ok(None);
        }
        let mut end = text.find(|c: char| !part(c)).unwrap_or(text.len());
        // A name of OIDs has few parts; the bound keeps long runs of `-` from costing their square.
        for _ in 0..16 {
            let reference = Reference::Name(text[..end].to_owned());
            if (self.is_item)(&reference) {
                return Ok(Some((reference, end)));
            }
            match text[..end].rfind('-') {
                Some(at) => end = at,
                None => break,
            }
        }
        Ok(None)
    }

    fn function(&self, name: &str) -> Option<Function> {
        Function::named(name)
    }

    fn bare(&self, _: &str) -> Option<Expr<Reference>> {
        None
    }
}
