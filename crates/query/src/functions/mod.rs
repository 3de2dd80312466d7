//! Which functions may a statement call, and what do they give?
//!
//! One table ([`all`]) holds each function: name, arguments, result, rule, source. The gate types calls by it, the
//! session registers it in SQLite, and the manual's page is printed from it ([`markdown`]), so the three cannot differ.
//!
//! Rules that hold for every function unless its line says otherwise:
//! - null in, null out;
//! - where there is no finite value (logarithm of zero, a result beyond the range of a double) the value is null,
//!   as for a division by zero;
//! - an argument that makes no sense at all (a text that is no number, an unknown unit, a malformed date) stops the
//!   statement with an error naming function and value.

mod aggregates;
mod clinical;
mod dates;
mod numbers;
mod page;
mod registry;
mod texts;
mod units;

pub(crate) use numbers::parse as parse_number;
pub use page::markdown;
pub(crate) use registry::register;
pub(crate) use texts::{compile as compile_pattern, shortest};

use std::sync::LazyLock;

/// How many arguments a function takes whose last may be repeated.
const MOST_ARGUMENTS: usize = 100;

/// A value given to a function.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Arg<'a> {
    /// Null.
    Null,
    /// A number.
    Num(f64),
    /// A text.
    Text(&'a str),
}

/// What a function gives.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Null.
    Null,
    /// A number. One that is not finite becomes null.
    Num(f64),
    /// A text.
    Text(String),
    /// True or false.
    Bool(bool),
}

impl From<Option<f64>> for Value {
    fn from(value: Option<f64>) -> Self {
        value.map_or(Self::Null, Self::Num)
    }
}

impl From<Option<String>> for Value {
    fn from(value: Option<String>) -> Self {
        value.map_or(Self::Null, Self::Text)
    }
}

/// Why a function stopped the statement.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{function}: {problem}")]
pub struct FunctionError {
    /// The function's name.
    pub function: &'static str,
    /// What is wrong with which value.
    pub problem: String,
}

/// What an argument must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A number.
    Num,
    /// A text.
    Char,
    /// Either, the same kind in all arguments marked so.
    Same,
}

/// What the function gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gives {
    /// A number.
    Num,
    /// A text.
    Char,
    /// A condition.
    Bool,
    /// The kind of its [`Kind::Same`] arguments.
    Same,
}

/// How a function is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// On values of one row.
    Row,
    /// On the rows of a group.
    Group {
        /// Also over a window.
        over: bool,
    },
    /// Only over a window.
    Over,
}

/// How it is computed.
#[derive(Clone, Copy)]
pub enum Body {
    /// By this function, which never sees a null.
    Strict(fn(&[Arg<'_>]) -> Result<Value, FunctionError>),
    /// By this function, nulls included.
    Nulls(fn(&[Arg<'_>]) -> Result<Value, FunctionError>),
    /// By SQLite's function of this name, whose result is exact.
    Native(&'static str),
    /// By one of our aggregates, registered under this name.
    Ours(&'static str),
}

/// One function.
#[derive(Clone, Copy)]
pub struct Function {
    /// As written in a statement.
    pub name: &'static str,
    /// How it is used.
    pub used: Use,
    /// Names and kinds of the arguments.
    pub params: &'static [(&'static str, Kind)],
    /// How many of the last arguments may be left out.
    pub optional: usize,
    /// Whether the last argument may be repeated.
    pub repeats: bool,
    /// Kind of the result.
    pub gives: Gives,
    /// The rule, in a sentence or two.
    pub doc: &'static str,
    /// Where the rule comes from.
    pub source: &'static str,
    /// How it is computed.
    pub body: Body,
}

impl Function {
    /// `round_half_away(x number [, digits number])`
    pub fn signature(&self) -> String {
        let needed = self.params.len() - self.optional;
        let mut text = format!("{}(", self.name);
        for (index, (name, kind)) in self.params.iter().enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            let kind = match kind {
                Kind::Num => " number",
                Kind::Char => " text",
                Kind::Same => "",
            };
            if index < needed {
                text.push_str(&format!("{comma}{name}{kind}"));
            } else {
                text.push_str(&format!(" [{comma}{name}{kind}]"));
            }
        }
        if self.repeats {
            text.push_str(", …");
        }
        text.push(')');
        text
    }

    /// How many arguments it takes, in words.
    pub(crate) fn arity(&self) -> String {
        let most = self.params.len();
        let least = most - self.optional;
        match (least, most) {
            _ if self.repeats => format!("{least} to {MOST_ARGUMENTS} arguments"),
            (1, 1) => "1 argument".to_owned(),
            (a, b) if a == b => format!("{a} arguments"),
            (a, b) => format!("{a} to {b} arguments"),
        }
    }

    /// Whether this many arguments are right.
    pub(crate) fn accepts(&self, given: usize) -> bool {
        given >= self.params.len() - self.optional
            && given <= if self.repeats { MOST_ARGUMENTS } else { self.params.len() }
    }

    /// What SQLite knows it by.
    pub(crate) fn inner_name(&self) -> &'static str {
        match self.body {
            Body::Strict(_) | Body::Nulls(_) => self.name,
            Body::Native(name) | Body::Ours(name) => name,
        }
    }
}

static ALL: LazyLock<Vec<&'static Function>> = LazyLock::new(|| {
    let mut all: Vec<&'static Function> = [
        numbers::FUNCTIONS,
        texts::FUNCTIONS,
        dates::FUNCTIONS,
        clinical::FUNCTIONS,
        units::FUNCTIONS,
        aggregates::FUNCTIONS,
    ]
    .into_iter()
    .flatten()
    .collect();
    all.sort_by_key(|f| f.name);
    all
});

/// Every function, by name.
pub fn all() -> &'static [&'static Function] {
    &ALL
}

/// A function by its name, case not regarded.
pub fn find(name: &str) -> Option<&'static Function> {
    let name = name.to_ascii_lowercase();
    ALL.binary_search_by_key(&name.as_str(), |f| f.name).ok().map(|i| ALL[i])
}

/// What to use in place of functions known from elsewhere.
pub(crate) fn instead_of(name: &str) -> Option<&'static str> {
    Some(match name.to_ascii_lowercase().as_str() {
        "now" | "current_timestamp" | "current_date" | "current_time" | "today" | "localtime" | "getdate" => {
            "there is no clock in a derivation: take a date from the data, such as the lock's or the data cutoff"
        }
        "random" | "rand" | "newid" | "randomblob" | "uuid" => {
            "there is no chance in a derivation: random numbers come from a seeded list in the data"
        }
        "round" => "round_half_away(x, digits) or round_half_even(x, digits): databases differ in what round does",
        "ifnull" | "nvl" | "isnull" => "use coalesce(a, b)",
        "iif" | "if" | "decode" => "use case when … then … else … end",
        "group_concat" | "listagg" => "use string_agg(text, separator order by … nulls first)",
        "concat" => "use a || b; with coalesce(b, '') where a null should count as empty",
        "date" | "datetime" | "julianday" | "strftime" | "time" => {
            "dates are ISO 8601 texts: see study_day, date_of, add_days, days_between, impute_date"
        }
        "mean" => "use avg(x)",
        "stddev" | "stddev_samp" | "std_dev" => "use std(x)",
        "log" => "use ln(x) or log10(x): databases differ in the base of log",
        "len" | "char_length" => "use length(text)",
        "to_number" | "input" => "use number(text)",
        "to_char" | "put" | "printf" | "format" => "use text(number, decimals)",
        "total" => "use coalesce(sum(x), 0)",
        "glob" | "regexp" | "regexp_like" => "use matches(text, regular expression)",
        "instr" | "position" | "index" => "use strpos(text, part)",
        "substring" => "use substr(text, from, length)",
        "power" => "use pow(x, y)",
        "propcase" => "use initcap(text)",
        "intck" | "datediff" => "use days_between(from, to), duration(from, to, unit) or age_in(birth, at, unit)",
        _ => return None,
    })
}

/// An argument that the gate has typed as a number.
fn num(arg: Arg<'_>) -> f64 {
    match arg {
        Arg::Num(x) => x,
        _ => unreachable!("the gate types arguments"),
    }
}

/// An argument that the gate has typed as a text.
fn text<'a>(arg: Arg<'a>) -> &'a str {
    match arg {
        Arg::Text(s) => s,
        _ => unreachable!("the gate types arguments"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_is_found_by_its_name_and_described() {
        for function in all() {
            assert_eq!(find(&function.name.to_uppercase()).map(|f| f.name), Some(function.name));
            assert!(function.doc.ends_with('.'), "{}", function.name);
            assert!(!function.source.is_empty(), "{}", function.name);
            assert!(instead_of(function.name).is_none(), "{} is both offered and replaced", function.name);
        }
        let mut names: Vec<_> = all().iter().map(|f| f.name).collect();
        names.dedup();
        assert_eq!(names.len(), all().len(), "no name twice");
    }

    #[test]
    fn a_signature_shows_what_may_be_left_out() {
        assert_eq!(find("text").unwrap().signature(), "text(x number [, decimals number])");
        assert_eq!(find("coalesce").unwrap().signature(), "coalesce(a, b, …)");
    }
}
