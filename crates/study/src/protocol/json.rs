//! How is a part of a document reached? Readers that give nothing where a document is not as the model says.

use super::read::ProtocolError;
use serde_json::{Map, Value};

/// An object's members.
pub(super) type Object = Map<String, Value>;

/// A text; empty where there is none.
pub(super) fn text<'a>(holder: &'a Value, member: &str) -> &'a str {
    holder.get(member).and_then(Value::as_str).unwrap_or("")
}

/// A list; empty where there is none.
pub(super) fn list<'a>(holder: &'a Value, member: &str) -> &'a [Value] {
    holder.get(member).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// A list to be changed, made where there is none.
pub(super) fn list_mut<'a>(holder: &'a mut Object, member: &str) -> &'a mut Vec<Value> {
    let place = holder.entry(member.to_owned()).or_insert_with(|| Value::Array(Vec::new()));
    if !place.is_array() {
        *place = Value::Array(Vec::new());
    }
    match place {
        Value::Array(items) => items,
        _ => unreachable!("the place was made a list above"),
    }
}

/// The texts of a list.
pub(super) fn texts<'a>(holder: &'a Value, member: &str) -> impl Iterator<Item = &'a str> {
    list(holder, member).iter().filter_map(Value::as_str)
}

/// The first of these members that holds words.
pub(super) fn words<'a>(holder: &'a Value, members: &[&str]) -> &'a str {
    members.iter().map(|m| text(holder, m)).find(|t| !t.trim().is_empty()).unwrap_or("")
}

/// The object with this identifier, anywhere below.
pub(super) fn find<'a>(value: &'a Value, id: &str) -> Option<&'a Value> {
    match value {
        Value::Object(members) if members.get("id").and_then(Value::as_str) == Some(id) => Some(value),
        Value::Object(members) => members.values().find_map(|v| find(v, id)),
        Value::Array(items) => items.iter().find_map(|v| find(v, id)),
        _ => None,
    }
}

/// The same, to be changed.
pub(super) fn find_mut<'a>(value: &'a mut Value, id: &str) -> Option<&'a mut Object> {
    match value {
        Value::Object(members) => {
            if members.get("id").and_then(Value::as_str) == Some(id) {
                return Some(members);
            }
            members.values_mut().find_map(|v| find_mut(v, id))
        }
        Value::Array(items) => items.iter_mut().find_map(|v| find_mut(v, id)),
        _ => None,
    }
}

/// The study version that is read and written: the first.
pub(super) const VERSION: &str = "/study/versions/0";

/// The study design that is read and written: the first.
pub(super) const DESIGN: &str = "/study/versions/0/studyDesigns/0";

/// An object by its JSON Pointer, to be changed.
pub(super) fn object_mut<'a>(document: &'a mut Value, pointer: &str) -> Result<&'a mut Object, ProtocolError> {
    document
        .pointer_mut(pointer)
        .and_then(Value::as_object_mut)
        .ok_or_else(|| ProtocolError::Absent { path: path_of(pointer) })
}

/// `/study/versions/0` as JSONPath, `$.study.versions[0]`.
pub(super) fn path_of(pointer: &str) -> String {
    pointer.split('/').skip(1).fold("$".to_owned(), |path, part| match part.parse::<usize>() {
        Ok(index) => format!("{path}[{index}]"),
        Err(_) => format!("{path}.{part}"),
    })
}

/// Items in the order of `previousId` and `nextId`, where these make one chain through all; else as they stand.
pub(super) fn chained(items: &[Value]) -> Vec<&Value> {
    let standing: Vec<&Value> = items.iter().collect();
    let by_id: std::collections::BTreeMap<&str, &Value> = items.iter().map(|i| (text(i, "id"), i)).collect();
    let mut firsts = items.iter().filter(|i| text(i, "previousId").is_empty());
    let (Some(first), None) = (firsts.next(), firsts.next()) else { return standing };
    let mut order = vec![first];
    while let Some(next) = order.last().and_then(|last| by_id.get(text(last, "nextId")))
        && order.len() <= items.len()
    {
        order.push(next);
    }
    if order.len() == items.len() { order } else { standing }
}

/// Words of a text that may be marked up as HTML: tags taken out, entities read, blanks made one.
pub(super) fn plain(marked: &str) -> String {
    if !marked.contains(['<', '&']) {
        return marked.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    let mut out = String::with_capacity(marked.len());
    let mut rest = marked;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let is_tag = after.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!');
        match after.find('>').filter(|_| is_tag) {
            Some(end) => {
                let tag = &after[..end];
                match named(tag) {
                    Some(name) => out.push_str(&format!("[{name}]")),
                    None if tag.starts_with(['/', 'b', 'l', 'p', 'd', 'u', 'o', 't']) => out.push(' '),
                    None => {}
                }
                rest = &after[end + 1..];
            }
            None => {
                out.push('<');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    let entities = [
        ("&nbsp;", " "),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&apos;", "'"),
        ("&amp;", "&"),
    ];
    let read = entities.iter().fold(out, |text, (entity, sign)| text.replace(entity, sign));
    read.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The name of a place that is filled from elsewhere: `<usdm:tag name="min_age"/>`.
fn named(tag: &str) -> Option<&str> {
    let inner = tag.strip_prefix("usdm:tag").or_else(|| tag.strip_prefix("usdm:ref"))?;
    let (_, after) = inner.split_once("name=\"").or_else(|| inner.split_once("attribute=\""))?;
    after.split_once('"').map(|(name, _)| name)
}

/// Words for a place that held `before`: marked up where that was, and where they would be read as marks.
pub(super) fn marked(before: &str, words: &str) -> String {
    let escaped = || words.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    match before.contains('<') {
        true => format!("<p>{}</p>", escaped()),
        false if plain(words) != words.split_whitespace().collect::<Vec<_>>().join(" ") => escaped(),
        false => words.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_taken_out_and_places_stay_named() {
        assert_eq!(plain("<p>Aged <usdm:tag name=\"min_age\"/> &gt; or</p><p>so</p>"), "Aged [min_age] > or so");
        assert_eq!(plain("a < b &amp; c"), "a < b & c");
    }
}
