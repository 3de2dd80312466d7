//! The functions that every expression finds: by name, what they take (a signature), and what they do.
//!
//! `$eval` is refused (text of a document must not become code); `$millis` says the time that the caller gives, and without one it is an error;
//! `$random` and `$shuffle` are errors: a result is a function of its inputs.
//!
//! Absent, and so an error where they are called: `$now`, `$fromMillis`, `$toMillis`, `$formatNumber`, `$formatInteger`, `$parseInteger`, whose picture strings are a
//! language of their own. No published rule calls them.

mod encode;
mod list;
mod number;
mod object;
pub(crate) mod text;
mod time;

use crate::error::{Error, Result};
use crate::evaluate::Evaluator;
use crate::signature::Signature;
use crate::value::Value;
use std::collections::BTreeMap;
use std::sync::LazyLock;

pub(crate) type NativeFunction = for<'d> fn(&mut Evaluator<'d>, Vec<Value<'d>>, &Value<'d>) -> Result<Value<'d>>;

pub(crate) struct Native {
    pub(crate) name: &'static str,
    pub(crate) signature: Signature,
    /// How many arguments it looks at when another function calls it for each item.
    pub(crate) arity: usize,
    pub(crate) function: NativeFunction,
}

type Row = (&'static str, &'static str, usize, NativeFunction);

const TABLE: [Row; 59] = [
    ("abs", "<n-:n>", 1, number::abs),
    ("append", "<xx:a>", 2, list::append),
    ("assert", "<bs?:x>", 2, object::assert),
    ("average", "<a<n>:n>", 1, number::average),
    ("base64decode", "<s-:s>", 1, encode::base64_decode),
    ("base64encode", "<s-:s>", 1, encode::base64_encode),
    ("boolean", "<x-:b>", 1, object::boolean),
    ("ceil", "<n-:n>", 1, number::ceil),
    ("clone", "<(oa)-:o>", 1, object::clone),
    ("contains", "<s-(sf):b>", 2, text::contains),
    ("count", "<a:n>", 1, list::count),
    ("decodeUrl", "<s-:s>", 1, encode::decode_url),
    ("decodeUrlComponent", "<s-:s>", 1, encode::decode_url_component),
    ("distinct", "<x:x>", 1, list::distinct),
    ("each", "<o-f:a>", 2, object::each),
    ("encodeUrl", "<s-:s>", 1, encode::encode_url),
    ("encodeUrlComponent", "<s-:s>", 1, encode::encode_url_component),
    ("error", "<s?:x>", 1, object::error),
    ("eval", "<sx?:x>", 2, object::eval),
    ("exists", "<x:b>", 1, object::exists),
    ("filter", "<af>", 2, list::filter),
    ("floor", "<n-:n>", 1, number::floor),
    ("formatBase", "<n-n?:s>", 2, number::format_base),
    ("join", "<a<s>s?:s>", 2, text::join),
    ("keys", "<x-:a<s>>", 1, object::keys),
    ("length", "<s-:n>", 1, text::length),
    ("lookup", "<x-s:x>", 2, object::lookup),
    ("lowercase", "<s-:s>", 1, text::lowercase),
    ("map", "<af>", 2, list::map),
    ("match", "<s-f<s:o>n?:a<o>>", 3, text::find_matches),
    ("max", "<a<n>:n>", 1, number::max),
    ("merge", "<a<o>:o>", 1, object::merge),
    ("millis", "<:n>", 0, time::millis),
    ("min", "<a<n>:n>", 1, number::min),
    ("not", "<x-:b>", 1, object::not),
    ("number", "<(nsb)-:n>", 1, number::number),
    ("pad", "<s-ns?:s>", 3, text::pad),
    ("power", "<n-n:n>", 2, number::power),
    ("random", "<:n>", 0, object::chance),
    ("reduce", "<afj?:j>", 3, list::reduce),
    ("replace", "<s-(sf)(sf)n?:s>", 4, text::replace),
    ("reverse", "<a:a>", 1, list::reverse),
    ("round", "<n-n?:n>", 2, number::round),
    ("shuffle", "<a:a>", 1, object::chance),
    ("sift", "<o-f?:o>", 2, object::sift),
    ("single", "<af?>", 2, list::single),
    ("sort", "<af?:a>", 2, list::sort),
    ("split", "<s-(sf)n?:a<s>>", 3, text::split),
    ("spread", "<x-:a<o>>", 1, object::spread),
    ("sqrt", "<n-:n>", 1, number::sqrt),
    ("string", "<x-b?:s>", 1, text::string),
    ("substring", "<s-nn?:s>", 3, text::substring),
    ("substringAfter", "<s-s:s>", 2, text::substring_after),
    ("substringBefore", "<s-s:s>", 2, text::substring_before),
    ("sum", "<a<n>:n>", 1, number::sum),
    ("trim", "<s-:s>", 1, text::trim),
    ("type", "<x:s>", 1, object::kind),
    ("uppercase", "<s-:s>", 1, text::uppercase),
    ("zip", "<a+>", 1, list::zip),
];

static NATIVES: LazyLock<BTreeMap<&'static str, Native>> = LazyLock::new(|| {
    let native = |&(name, signature, arity, function): &Row| {
        let signature = Signature::parse(signature).unwrap_or_else(|e| panic!("the signature of ${name}: {e}"));
        (name, Native { name, signature, arity, function })
    };
    TABLE.iter().map(native).collect()
});

pub(crate) fn native(name: &str) -> Option<&'static Native> {
    NATIVES.get(name)
}

pub(crate) fn is_known(name: &str) -> bool {
    NATIVES.contains_key(name)
}

/// The arguments in turn; those left out are nothing.
fn take<'d, const N: usize>(arguments: Vec<Value<'d>>) -> [Value<'d>; N] {
    let mut given = arguments.into_iter();
    std::array::from_fn(|_| given.next().unwrap_or(Value::Undefined))
}

/// The number of an argument; `None` when it was left out.
fn optional_number(value: &Value<'_>) -> Option<f64> {
    match value {
        Value::Number(n) => Some(n.get()),
        _ => None,
    }
}

fn fail<T>(code: &'static str, message: impl Into<String>) -> Result<T> {
    Err(Error::here(code, message))
}
