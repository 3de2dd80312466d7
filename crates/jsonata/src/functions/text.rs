//! Texts and regular expressions. Positions count characters.

use super::{fail, optional_number, take};
use crate::error::Result;
use crate::evaluate::{Evaluator, Function, FunctionKind};
use crate::regex::Regex;
use crate::value::{Marks, Members, Text, Value};
use std::rc::Rc;

/// A number as JSON has it, at 15 significant digits unless it is whole.
pub(crate) fn number_text(n: f64) -> String {
    let n = if n.fract() == 0.0 { n } else { format!("{n:.14e}").parse().unwrap_or(n) };
    let size = n.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        let text = format!("{n:e}");
        return match text.split_once('e') {
            Some((digits, exponent)) if !exponent.starts_with('-') => format!("{digits}e+{exponent}"),
            _ => text,
        };
    }
    if n == 0.0 { "0".to_owned() } else { n.to_string() }
}

/// What `$string` makes of a value.
pub(crate) fn written<'d>(e: &mut Evaluator<'d>, value: &Value<'d>, pretty: bool) -> Result<String> {
    let mut text = String::new();
    match value {
        Value::Text(t) => text.push_str(t.as_str()),
        Value::Function(_) => {}
        value if value.marks().wrapper => {
            let inner = value.clone().into_items().into_iter().next().unwrap_or(Value::Undefined);
            write_json(e, &inner, pretty, 0, &mut text)?;
        }
        value => write_json(e, value, pretty, 0, &mut text)?,
    }
    e.spend(text.len() / 16)?;
    Ok(text)
}

fn write_json<'d>(
    e: &mut Evaluator<'d>,
    value: &Value<'d>,
    pretty: bool,
    depth: usize,
    into: &mut String,
) -> Result<()> {
    e.spend(1 + into.len() / (1 << 20))?;
    let line = |into: &mut String, depth: usize| {
        if pretty {
            into.push('\n');
            into.extend(std::iter::repeat_n(' ', 2 * depth));
        }
    };
    match value {
        Value::Undefined | Value::Null => into.push_str("null"),
        Value::Bool(b) => into.push_str(if *b { "true" } else { "false" }),
        Value::Number(n) => into.push_str(&number_text(n.get())),
        Value::Text(text) => push_quoted(text.as_str(), into),
        Value::Function(_) => into.push_str("\"\""),
        Value::Array(array) => {
            into.push('[');
            for (i, item) in array.iter().enumerate() {
                if i > 0 {
                    into.push(',');
                }
                line(into, depth + 1);
                write_json(e, &item, pretty, depth + 1, into)?;
            }
            if array.len() > 0 {
                line(into, depth);
            }
            into.push(']');
        }
        Value::Object(object) => {
            into.push('{');
            for (i, (key, member)) in object.entries().into_iter().enumerate() {
                if i > 0 {
                    into.push(',');
                }
                line(into, depth + 1);
                push_quoted(&key, into);
                into.push_str(if pretty { ": " } else { ":" });
                write_json(e, &member, pretty, depth + 1, into)?;
            }
            if object.len() > 0 {
                line(into, depth);
            }
            into.push('}');
        }
    }
    Ok(())
}

fn push_quoted(text: &str, into: &mut String) {
    into.push_str(&serde_json::Value::from(text).to_string());
}

pub(super) fn string<'d>(e: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    let [value, pretty] = take(arguments);
    match value {
        Value::Undefined | Value::Text(_) => Ok(value),
        value => written(e, &value, matches!(pretty, Value::Bool(true))).map(Value::text),
    }
}

/// Applies to the text of the first argument; nothing stays nothing.
fn mapped<'d>(e: &mut Evaluator<'d>, value: &Value<'d>, f: impl FnOnce(&str) -> Value<'d>) -> Result<Value<'d>> {
    match value {
        Value::Text(text) => {
            e.spend(text.as_str().len() / 16)?;
            Ok(f(text.as_str()))
        }
        _ => Ok(Value::Undefined),
    }
}

pub(super) fn length<'d>(e: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    let [value] = take(arguments);
    mapped(e, &value, |text| Value::number(text.chars().count() as f64))
}

pub(super) fn lowercase<'d>(e: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    let [value] = take(arguments);
    mapped(e, &value, |text| Value::text(text.to_lowercase()))
}

pub(super) fn uppercase<'d>(e: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    let [value] = take(arguments);
    mapped(e, &value, |text| Value::text(text.to_uppercase()))
}

pub(super) fn trim<'d>(e: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    let [value] = take(arguments);
    mapped(e, &value, |text| {
        let words = text.split([' ', '\t', '\n', '\r']).filter(|word| !word.is_empty());
        Value::text(words.collect::<Vec<_>>().join(" "))
    })
}

pub(super) fn substring<'d>(e: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    let [value, start, length] = take(arguments);
    let start = optional_number(&start).unwrap_or(0.0);
    mapped(e, &value, |text| {
        let count = text.chars().count() as f64;
        let start = if count + start < 0.0 { 0.0 } else { start };
        let absolute = |place: f64| if place < 0.0 { (count + place).max(0.0) } else { place.min(count) };
        let end = match optional_number(&length) {
            Some(length) if length <= 0.0 => return Value::str(""),
            Some(length) if start >= 0.0 => start + length,
            Some(length) => count + start + length,
            None => count,
        };
        let (from, to) = (absolute(start.trunc()) as usize, absolute(end.trunc()) as usize);
        Value::text(text.chars().skip(from).take(to.saturating_sub(from)).collect::<String>())
    })
}

pub(super) fn substring_before<'d>(
    e: &mut Evaluator<'d>,
    arguments: Vec<Value<'d>>,
    _: &Value<'d>,
) -> Result<Value<'d>> {
    let [value, mark] = take(arguments);
    let mark = mark.as_str().unwrap_or_default();
    mapped(e, &value, |text| Value::text(text.split_once(mark).map_or(text, |(before, _)| before)))
}

pub(super) fn substring_after<'d>(
    e: &mut Evaluator<'d>,
    arguments: Vec<Value<'d>>,
    _: &Value<'d>,
) -> Result<Value<'d>> {
    let [value, mark] = take(arguments);
    let mark = mark.as_str().unwrap_or_default();
    mapped(e, &value, |text| Value::text(text.split_once(mark).map_or(text, |(_, after)| after)))
}

pub(super) fn pad<'d>(e: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    let [value, width, filler] = take(arguments);
    let width = optional_number(&width).unwrap_or(0.0).trunc();
    let missing = |text: &str| (width.abs() - text.chars().count() as f64).max(0.0);
    let needed = value.as_str().map_or(0.0, missing);
    if needed > 1e7 {
        return fail("L0003", "the text would become too long");
    }
    e.spend(needed as usize / 4)?;
    let filler = filler.as_str().filter(|f| !f.is_empty()).unwrap_or(" ").to_owned();
    mapped(e, &value, |text| {
        let padding: String = filler.chars().cycle().take(needed as usize).collect();
        Value::text(if width > 0.0 { format!("{text}{padding}") } else { format!("{padding}{text}") })
    })
}

pub(super) fn join<'d>(e: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    let [list, separator] = take(arguments);
    if list.is_undefined() {
        return Ok(list);
    }
    let items = list.into_items();
    let texts: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
    let joined = texts.join(separator.as_str().unwrap_or_default());
    e.spend(joined.len() / 16)?;
    Ok(Value::text(joined))
}

/// One match of a pattern in a text: places are bytes.
struct Found<'d> {
    start: usize,
    end: usize,
    groups: Vec<Value<'d>>,
}

fn characters(text: &str, byte: usize) -> usize {
    text.get(..byte).map_or(0, |before| before.chars().count())
}

fn next_match<'d>(e: &mut Evaluator<'d>, regex: &Regex, text: &str, from: usize) -> Result<Option<Found<'d>>> {
    let Some(groups) = e.find(regex, text, from)? else { return Ok(None) };
    let mut groups = groups.into_iter();
    let whole = groups.next().flatten().unwrap_or(from..from);
    if whole.is_empty() {
        return fail("D1004", "the regular expression matches a text of no length");
    }
    let groups = groups.map(|g| g.map_or(Value::Undefined, |g| Value::text(&text[g]))).collect();
    Ok(Some(Found { start: whole.start, end: whole.end, groups }))
}

/// All matches, up to a number of them. The matcher is a regular expression, or a function that behaves as one.
fn matches<'d>(
    e: &mut Evaluator<'d>,
    matcher: &Rc<Function<'d>>,
    text: &str,
    limit: Option<usize>,
) -> Result<Vec<Found<'d>>> {
    let limit = limit.unwrap_or(usize::MAX);
    let mut found = Vec::new();
    if let FunctionKind::Regex(regex) = &matcher.kind {
        let mut from = 0;
        while found.len() < limit && (from < text.len() || from == 0) {
            let Some(next) = next_match(e, regex, text, from)? else { break };
            from = next.end;
            found.push(next);
        }
        return Ok(found);
    }
    let mut answer = e.apply(matcher, vec![Value::text(text)], &Value::Undefined)?;
    while found.len() < limit {
        let object = match answer {
            Value::Undefined => break,
            Value::Object(object) => object,
            _ => return fail("T1010", "the matching function gives no object of a match"),
        };
        let byte = |value: Value<'_>| {
            let place = optional_number(&value)?;
            text.char_indices().map(|(i, _)| i).chain([text.len()]).nth(place.max(0.0) as usize)
        };
        let (Some(start), Some(end)) = (byte(object.get("start")), byte(object.get("end"))) else {
            return fail("T1010", "the matching function gives no object of a match");
        };
        if end < start {
            return fail("T1010", "the matching function gives a match that ends before it starts");
        }
        found.push(Found { start, end, groups: object.get("groups").into_items() });
        answer = match object.get("next") {
            Value::Function(next) => e.apply(&next, Vec::new(), &Value::Undefined)?,
            _ => Value::Undefined,
        };
    }
    Ok(found)
}

/// What a regular expression gives when it is called: its match, and a function for the next.
pub(crate) fn match_object<'d>(
    e: &mut Evaluator<'d>,
    regex: &'d Regex,
    text: Text<'d>,
    from: usize,
) -> Result<Value<'d>> {
    if from > 0 && from >= text.as_str().len() {
        return Ok(Value::Undefined);
    }
    let Some(found) = next_match(e, regex, text.as_str(), from)? else { return Ok(Value::Undefined) };
    let mut members = Members::default();
    let whole = text.as_str();
    members.insert("match".into(), Value::text(&whole[found.start..found.end]));
    members.insert("start".into(), Value::number(characters(whole, found.start) as f64));
    members.insert("end".into(), Value::number(characters(whole, found.end) as f64));
    members.insert("groups".into(), Value::array(found.groups));
    members.insert("next".into(), Function::value(FunctionKind::Next { regex, text, from: found.end }));
    Ok(Value::object(members))
}

/// A limit of matches, which must not be negative.
fn limit_of(value: &Value<'_>, code: &'static str) -> Result<Option<usize>> {
    match value {
        Value::Number(n) if n.get() < 0.0 => fail(code, "the number of matches must not be negative"),
        Value::Number(n) => Ok(Some(n.get().ceil() as usize)),
        _ => Ok(None),
    }
}

pub(super) fn contains<'d>(e: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    let [value, token] = take(arguments);
    let Value::Text(text) = &value else { return Ok(Value::Undefined) };
    match &token {
        Value::Text(token) => {
            e.spend(text.as_str().len() / 16)?;
            Ok(Value::Bool(text.as_str().contains(token.as_str())))
        }
        Value::Function(matcher) => Ok(Value::Bool(!matches(e, matcher, text.as_str(), Some(1))?.is_empty())),
        _ => Ok(Value::Undefined),
    }
}

pub(super) fn find_matches<'d>(e: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    let [value, matcher, limit] = take(arguments);
    let (Value::Text(text), Value::Function(matcher)) = (&value, &matcher) else { return Ok(Value::Undefined) };
    let limit = limit_of(&limit, "D3040")?;
    let text = text.as_str();
    let (mut counted, mut index) = (0, 0);
    let mut results = Vec::new();
    for found in matches(e, matcher, text, limit)? {
        index += text.get(counted..found.start).map_or(0, |between| between.chars().count());
        counted = found.start;
        let mut members = Members::default();
        members.insert("match".into(), Value::text(&text[found.start..found.end]));
        members.insert("index".into(), Value::number(index as f64));
        members.insert("groups".into(), Value::array(found.groups));
        results.push(Value::object(members));
    }
    Ok(Value::marked(results, Marks::SEQUENCE))
}

pub(super) fn split<'d>(e: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    let [value, separator, given] = take(arguments);
    let Value::Text(text) = &value else { return Ok(Value::Undefined) };
    let limit = limit_of(&given, "D3020")?;
    let text = text.as_str();
    e.spend(text.len() / 4)?;
    let most = limit.unwrap_or(usize::MAX);
    let whole = optional_number(&given).map_or(usize::MAX, |n| n as usize);
    let parts: Vec<Value<'d>> = match &separator {
        Value::Function(matcher) => {
            let mut start = 0;
            let mut parts = Vec::new();
            for found in matches(e, matcher, text, limit)? {
                parts.push(text.get(start..found.start).unwrap_or_default());
                start = found.end;
            }
            parts.push(text.get(start..).unwrap_or_default());
            parts.into_iter().take(most).map(Value::text).collect()
        }
        separator => match separator.as_str().unwrap_or_default() {
            "" => text.chars().take(whole).map(|c| Value::text(c.to_string())).collect(),
            separator => text.split(separator).take(whole).map(Value::text).collect(),
        },
    };
    Ok(Value::array(parts))
}

/// A replacement with `$0`, `$1`, … and `$$` filled in. A number that no group has is read with fewer digits.
fn filled(replacement: &str, matched: &str, groups: &[Value<'_>]) -> String {
    let mut text = String::new();
    let mut rest = replacement;
    let digits = if groups.is_empty() { 1 } else { groups.len().ilog10() as usize + 1 };
    while let Some((before, after)) = rest.split_once('$') {
        text.push_str(before);
        if let Some(after) = after.strip_prefix('$') {
            text.push('$');
            rest = after;
            continue;
        }
        if let Some(after) = after.strip_prefix('0') {
            text.push_str(matched);
            rest = after;
            continue;
        }
        let count = after.bytes().take(digits).take_while(u8::is_ascii_digit).count();
        let number = |count: usize| after.get(..count).and_then(|digits| digits.parse::<usize>().ok());
        let (count, group) = match number(count) {
            Some(group) if digits > 1 && group > groups.len() && count > 1 => (count - 1, number(count - 1)),
            group => (count, group),
        };
        match group {
            Some(group) => {
                text.push_str(groups.get(group.wrapping_sub(1)).and_then(|g| g.as_str()).unwrap_or_default());
                rest = after.get(count..).unwrap_or_default();
            }
            None => {
                text.push('$');
                rest = after;
            }
        }
    }
    text.push_str(rest);
    text
}

pub(super) fn replace<'d>(e: &mut Evaluator<'d>, arguments: Vec<Value<'d>>, _: &Value<'d>) -> Result<Value<'d>> {
    let [value, pattern, replacement, limit] = take(arguments);
    let Value::Text(text) = &value else { return Ok(Value::Undefined) };
    let text = text.as_str();
    if pattern.as_str() == Some("") {
        return fail("D3010", "what is replaced must not be an empty text");
    }
    let limit = limit_of(&limit, "D3011")?;
    e.spend(text.len() / 4)?;
    let matcher = match &pattern {
        Value::Function(matcher) => matcher,
        pattern => {
            let Some(pattern) = pattern.as_str() else { return Ok(Value::Undefined) };
            let Some(replacement) = replacement.as_str() else {
                return fail("D3012", "a text can be replaced by a text only");
            };
            let replaced = text.replacen(pattern, replacement, limit.unwrap_or(usize::MAX));
            e.spend(replaced.len() / 16)?;
            return Ok(Value::text(replaced));
        }
    };
    let mut result = String::new();
    let (mut from, mut counted, mut index) = (0, 0, 0);
    for found in matches(e, matcher, text, limit)? {
        let matched = text.get(found.start..found.end).unwrap_or_default();
        result.push_str(text.get(from..found.start).unwrap_or_default());
        match &replacement {
            Value::Text(replacement) => result.push_str(&filled(replacement.as_str(), matched, &found.groups)),
            Value::Function(function) => {
                index += text.get(counted..found.start).map_or(0, |between| between.chars().count());
                counted = found.start;
                let mut members = Members::default();
                members.insert("match".into(), Value::text(matched));
                members.insert("start".into(), Value::number(index as f64));
                members.insert("end".into(), Value::number((index + matched.chars().count()) as f64));
                members.insert("groups".into(), Value::array(found.groups.clone()));
                match e.apply(function, vec![Value::object(members)], &Value::Undefined)? {
                    Value::Text(made) => result.push_str(made.as_str()),
                    _ => return fail("D3012", "a match is replaced by something that is no text"),
                }
            }
            _ => return fail("D3012", "a text can be replaced by a text only"),
        }
        from = found.end;
        e.spend(1)?;
    }
    result.push_str(text.get(from..).unwrap_or_default());
    e.spend(result.len() / 16)?;
    Ok(Value::text(result))
}
